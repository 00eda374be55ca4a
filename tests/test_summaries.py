"""What each candidate says, in their own words."""

from platforms import WordEmbedder, model, statement, wishes

from analyzer.directory import Directory
from analyzer.records import StatementRecord, SummarySentence
from analyzer.sentences import sentences
from analyzer.summaries import summarize


def ada(**changes: object) -> StatementRecord:
    return statement(
        "Ada Moor",
        "I am a build engineer at Quillworks and stand for the council as a member.",
        "I have kept [the test suite](experience) alive. I want [better documentation](goal). "
        "I care about [rolling upgrades](interest). We need [docs for newcomers](goal) most of all.",
        roles=[("build engineer", "Quillworks", "current"), ("member", None, "sought")],
        employers=["Quillworks"],
        best=4,
        **changes,
    )


def test_a_summary_says_who_and_for_what_they_stand() -> None:
    (summary,) = summarize([ada(outcome="elected")], model())
    assert summary.candidate.name == "Ada Moor"
    assert (summary.election, summary.contests) == ("tarnfold/2025", ["tarnfold/2025/council"])
    assert summary.name == "Tarnfold 2025, Council"
    assert summary.submitted == "2025-03-04T10:00:00Z"
    assert summary.outcome == "elected"
    assert [(role.title, role.organization, role.status) for role in summary.roles] == [
        ("member", None, "sought"),
        ("build engineer", "Quillworks", "current"),
    ]
    assert [(item.organization, item.sources) for item in summary.affiliations] == [("Quillworks", ["text"])]


def test_phrases_that_mean_the_same_are_one_subject_and_goals_stand_first() -> None:
    (summary,) = summarize([ada()], model())
    assert [(subject.label, subject.kinds, len(subject.phrases)) for subject in summary.subjects] == [
        ("better documentation", ["goal"], 2),
        ("rolling upgrades", ["interest"], 1),
        ("test suite", ["experience"], 1),
    ]


def test_sentences_say_it_best_first() -> None:
    record = ada()
    found = sentences(record)
    record.summary.sentences = [
        SummarySentence(rank=2, **found[1].model_dump()),
        SummarySentence(rank=1, **found[4].model_dump()),
    ]
    (summary,) = summarize([record], WordEmbedder())
    assert [sentence.text for sentence in summary.sentences] == [found[4].text, found[1].text]


def test_all_evidence_is_in_the_statements() -> None:
    record = ada()
    (summary,) = summarize([record], WordEmbedder())
    evidence = [
        *summary.sentences,
        *(found for role in summary.roles for found in role.evidence),
        *(found for item in summary.affiliations for found in item.evidence),
        *(found for s in summary.subjects for p in s.phrases for found in (p.evidence, p.sentence)),
    ]
    assert len(evidence) == 1 + 2 + 1 + 2 * 4
    for found in evidence:
        assert found.statement == record.id
        assert record.text[found.start : found.end] == found.text


def test_one_summary_for_each_candidate_and_election() -> None:
    records = [
        ada(),
        ada(election="tarnfold/2023", submitted="2023-01-01"),
        wishes("Ben Tarr", "a travel fund"),
        wishes("Ben Tarr", "term limits", contest="tarnfold/2025/board", submitted="2025-03-01"),
    ]
    found = summarize(records, WordEmbedder())
    assert [(summary.candidate.id, summary.election, len(summary.statements)) for summary in found] == [
        ("ada-moor", "tarnfold/2023", 1),
        ("ada-moor", "tarnfold/2025", 1),
        ("ben-tarr", "tarnfold/2025", 2),
    ]
    ben = found[-1]
    assert ben.contests == ["tarnfold/2025/board", "tarnfold/2025/council"]
    assert ben.name == "Tarnfold 2025"
    assert ben.submitted == "2025-03-01"


def test_a_resent_statement_says_everything_once() -> None:
    once = summarize([ada()], WordEmbedder())[0]
    twice = summarize([ada(), ada(submitted="2025-03-05T10:00:00Z")], WordEmbedder())[0]
    assert len(twice.statements) == 2
    assert [role.title for role in twice.roles] == [role.title for role in once.roles]
    assert [subject.label for subject in twice.subjects] == [subject.label for subject in once.subjects]
    assert [sentence.text for sentence in twice.sentences] == [sentence.text for sentence in once.sentences]


def test_without_an_election_each_statement_stands_for_itself() -> None:
    found = summarize([ada(election=None), ada(election=None, submitted="2023-01-01")], WordEmbedder())
    assert [(summary.election, summary.contests, summary.name) for summary in found] == [
        (None, [], "2023-01-01"),
        (None, [], "2025-03-04"),
    ]


def test_somebody_who_says_nothing_has_an_empty_summary() -> None:
    (summary,) = summarize([statement(None, "Vote!", submitted=None, election=None)], WordEmbedder())
    assert summary.candidate.name == "unnamed"
    assert summary.name == "tarnfold.mbox"
    assert summary.subjects == summary.sentences == summary.roles == summary.affiliations == []


def test_a_wider_directory_names_the_candidate() -> None:
    part = ada()
    wider = Directory([part, ada(election="tarnfold/2023")])
    assert summarize([part], WordEmbedder(), wider) == summarize([part], WordEmbedder())


def test_nothing_makes_no_summary() -> None:
    assert summarize([], WordEmbedder()) == []
