"""Who speaks about a subject."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from platforms import WordEmbedder, model, statement

from analyzer.errors import UserError
from analyzer.records import StatementRecord
from analyzer.topics.searching import SearchResult, by_word, search

RECORDS = [
    statement(
        "Ada Moor",
        "I want a handbook that a newcomer can follow. The release process should not depend on one person.",
        "My other hobby is sailing.",
    ),
    statement(
        "Ben Tarr", "We burn out our maintainers. I will ask employers for paid time.", headings=["Release process"]
    ),
    statement(
        "Cleo Vance",
        "Releases come late, and the process for releases is written down nowhere.",
        "Kelpgate needs an owner.",
        election="tarnfold/2024",
    ),
]


def names(result: SearchResult) -> list[str]:
    return [found.candidate.name for found in result.candidates]


def test_what_is_meant_is_found_in_other_words() -> None:
    result = search("documentation for beginners", RECORDS, model())
    assert names(result)[0] == "Ada Moor"
    best = result.candidates[0].sentences[0]
    assert best.evidence.text == "I want a handbook that a newcomer can follow."
    assert best.words == 0
    assert best.meaning > 0.4


def test_a_rare_name_is_found_by_its_word() -> None:
    result = search("Kelpgate", RECORDS, model())
    assert names(result) == ["Cleo Vance"]
    assert result.candidates[0].sentences[0].words > 0


def test_abbreviations_and_plurals_are_no_other_words() -> None:
    records = [statement("Ada", "I will write the documentation of every release.")]
    for query in ("docs of releases", "Doc, RELEASE!"):
        found = search(query, records, WordEmbedder())
        assert found.candidates[0].sentences[0].words == pytest.approx(
            search("documentation release", records, WordEmbedder()).candidates[0].sentences[0].words
        )


def test_candidates_stand_in_the_order_of_their_best_sentence() -> None:
    result = search("release process", RECORDS, model())
    assert {"Ada Moor", "Cleo Vance"} <= set(names(result))
    scores = [found.score for found in result.candidates]
    assert scores == sorted(scores, reverse=True)
    for found in result.candidates:
        assert found.score == found.sentences[0].score
        inner = [sentence.score for sentence in found.sentences]
        assert inner == sorted(inner, reverse=True)
        assert min(inner) >= result.threshold


def test_a_heading_says_less_than_a_sentence() -> None:
    records = [
        statement("Ada", "I will see to it.", headings=["Release process"]),
        statement("Ben", "I want a release process that does not depend on one person."),
    ]
    assert names(search("release process", records, model())) == ["Ben", "Ada"]


def test_evidence_is_in_the_statement_it_names() -> None:
    records = {record.id: record for record in RECORDS}
    for found in search("release process", RECORDS, model()).candidates:
        for sentence in found.sentences:
            record = records[sentence.evidence.statement]
            assert record.text[sentence.evidence.start : sentence.evidence.end] == sentence.evidence.text
            assert sentence.election == record.election.id


@pytest.mark.parametrize("query", ["vegetarian cooking", "zebra", "quantum gravity"])
def test_what_nobody_speaks_about_finds_nobody(query: str) -> None:
    result = search(query, RECORDS, model())
    assert (result.total, result.candidates) == (0, [])


@pytest.mark.parametrize("query", ["", "  \n", "?!", "…"])
def test_an_empty_query_is_a_mistake(query: str) -> None:
    with pytest.raises(UserError, match="nothing to search for"):
        search(query, RECORDS, WordEmbedder())


def test_no_candidates_wanted_is_a_mistake() -> None:
    with pytest.raises(UserError, match="0 candidates"):
        search("release", RECORDS, WordEmbedder(), limit=0)


def test_the_limit_is_of_candidates_and_the_rest_is_counted() -> None:
    records = [statement(f"N{i}", "The release process is slow.", submitted=f"2025-03-0{i + 1}") for i in range(5)]
    result = search("release process", records, WordEmbedder(), limit=2)
    assert result.total == 5
    assert names(result) == ["N0", "N1"]


def test_a_sentence_written_twice_is_shown_once_and_at_most_three_are_shown() -> None:
    text = "The release process is slow."
    more = "The release process is late. The release process is odd. A release process is good."
    records = [
        statement("Ada", text, submitted="2024-01-01"),
        statement("Ada", text, submitted="2025-01-01"),
        statement("Ada", more, submitted="2023-01-01"),
    ]
    (found,) = search("release process", records, WordEmbedder()).candidates
    shown = [sentence.evidence.text for sentence in found.sentences]
    assert len(shown) == len(set(shown)) == 3


def test_no_statements_find_nothing() -> None:
    assert search("release", [], WordEmbedder()).candidates == []
    assert search("release", [statement("Ada", "")], WordEmbedder()).total == 0


def test_the_order_of_statements_does_not_matter() -> None:
    def of(records: list[StatementRecord]) -> SearchResult:
        return search("release process", records, WordEmbedder())

    assert of(RECORDS) == of(RECORDS[::-1])


TEXTS = st.lists(st.text("ab ré docs.", max_size=12), max_size=6)


@given(st.text("ab ré docs.", max_size=10), TEXTS)
@settings(deadline=None)
def test_word_scores_are_shares_of_the_highest(query: str, texts: list[str]) -> None:
    scores = by_word(query, texts)
    assert scores.shape == (len(texts),)
    assert ((scores >= 0) & (scores < 1)).all()


def test_a_text_that_holds_more_and_rarer_words_of_the_query_scores_higher() -> None:
    texts = ["release process now", "release it now", "process it now", "process them now", "nothing of it now"]
    both, rare, common, _, none = by_word("release process", texts)
    assert both > rare > common > none == 0


def test_small_words_count_only_where_there_are_no_others() -> None:
    assert by_word("the release", ["the end", "release"])[0] == 0
    assert by_word("to be", ["to be", "release"])[0] > 0
