"""Which focus phrases mean the same."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from platforms import WordEmbedder, model, statement, wishes

from analyzer.topics import phrases

WORDS = st.lists(
    st.sampled_from(["faster", "builds", "docs", "release", "API", "the", "Tarnfold", "Ümlaut", "文档", "c++", "3"])
)


def test_a_phrase_said_twice_in_one_statement_is_one_mention_of_each_kind() -> None:
    record = statement(
        "Ada", "I want [better docs](goal). I wrote [Better docs](experience).", "Yes, [better docs](goal)!"
    )
    assert [(m.phrase, m.kind) for m in phrases.mentions([record])] == [
        ("better docs", "goal"),
        ("Better docs", "experience"),
    ]


def test_what_all_focus_areas_share_makes_none_alike() -> None:
    embedder = model()
    texts = ["help new contributors", "grow the community", "erasure codes for volumes", "storage that survives a disk"]
    raw, told = (rows @ rows.T for rows in (embedder.encode(texts), phrases.telling(texts, embedder)))
    assert np.allclose(told.diagonal(), 1, atol=1e-3)
    assert told[0, 1] < raw[0, 1] / 2, "both speak of the community, as everybody does"
    assert told[2, 3] - told[0, 1] > raw[2, 3] - raw[0, 1]


def test_the_vectors_of_another_model_stay_as_they_are() -> None:
    embedder = WordEmbedder()
    assert np.array_equal(phrases.telling(["faster builds"], embedder), embedder.encode(["faster builds"]))


def test_a_mention_shows_the_words_and_their_sentence_in_the_statement() -> None:
    record = statement("Ada", "Hello all. I want [better docs](goal) soon.")
    view = phrases.mentions([record])[0].view()
    for evidence in (view.evidence, view.sentence):
        assert evidence.statement == record.id
        assert record.text[evidence.start : evidence.end] == evidence.text
    assert view.sentence.text == "I want better docs soon."


@pytest.mark.parametrize(
    ("community", "unit", "phrase", "left"),
    [
        ("Tarn Fold", None, "stronger Tarn Fold isolation", "stronger isolation"),
        ("Tarn Fold", None, "stronger tarn-fold isolation", "stronger isolation"),
        ("Tarn Fold", None, "Tarn's stronger isolation", "stronger isolation"),
        ("Tarn Fold", None, "scale up and fold up", "scale up and fold up"),
        ("Tarn Fold Society", None, "grow the TFS grants", "grow the grants"),
        ("Tarnfold", None, "Tarnfold", "Tarnfold"),
        ("Tarnfold", None, "the Tarnfold", "the Tarnfold"),
        ("Tarnfold", None, "Tarnfolders", "Tarnfolders"),
        ("Tarnfold", "Nets", "Nets for fish, and nets for birds", "for fish, and nets for birds"),
        (".Fold", None, "better .Fold tools", "better tools"),
        (None, None, "Tarnfold upgrades", "Tarnfold upgrades"),
        # In an election of the council.
        ("Tarnfold", None, "Term limits for the Tarnfold Council", "Term limits"),
        ("Tarnfold", None, "make the council listen to everybody", "make listen to everybody"),
        ("Tarnfold", None, "the council", "the council"),
        ("Tarnfold", None, "councils of other projects", "councils of other projects"),
    ],
)
def test_the_name_of_the_own_community_is_no_likeness(
    community: str | None, unit: str | None, phrase: str, left: str
) -> None:
    record = statement("Ada", "Hello.", community=community, unit=unit)
    assert phrases.plain(phrase, record) == left


@pytest.mark.parametrize(
    ("phrase", "spelt"),
    [
        ("better docs", "better documentation"),
        ("Docs.", "documentation."),
        ("docs/tests and k8s perf", "documentation/tests and Kubernetes performance"),
        ("docs.example.org", "docs.example.org"),
        ("docstrings", "docstrings"),
    ],
)
def test_usual_abbreviations_are_spelt_out(phrase: str, spelt: str) -> None:
    assert phrases.plain(phrase, statement("Ada", "Hello.")) == spelt


def test_phrases_that_share_only_the_name_of_the_community_are_not_alike() -> None:
    shared = wishes("Ada", "more Tarnfold users", "a faster Tarnfold installer")
    alike = phrases.similarity(phrases.mentions([shared]), WordEmbedder())
    assert alike[0, 1] < 0.4


def test_texts_lists_every_text_that_a_similarity_needs() -> None:
    records = [wishes("Ada", "Tarnfold upgrades", "CI"), wishes("Ben", "upgrades")]
    embedder = WordEmbedder()
    phrases.similarity(phrases.mentions(records), embedder)
    assert embedder.asked == set(phrases.texts(records))


@given(st.lists(WORDS, max_size=8), st.booleans())
@settings(deadline=None, max_examples=60)
def test_similarity_is_symmetric_bounded_and_one_on_the_diagonal(lists: list[list[str]], contrast: bool) -> None:
    records = [wishes(f"N{i}", " ".join(words)) for i, words in enumerate(lists) if words]
    items = phrases.mentions(records)
    alike = phrases.similarity(items, WordEmbedder(), contrast=contrast)
    assert alike.shape == (len(items), len(items))
    assert (alike == alike.T).all()
    assert ((alike >= 0) & (alike <= 1)).all()
    assert (np.diag(alike) == 1).all()
    for i, one in enumerate(items):
        for j, other in enumerate(items):
            if phrases.key(one.phrase) == phrases.key(other.phrase):
                assert alike[i, j] == 1


def test_blocks_of_rows_give_the_whole_matrix(monkeypatch: pytest.MonkeyPatch) -> None:
    records = [
        wishes(f"N{i}", f"{word} upgrades", f"{word} docs") for i, word in enumerate(["fast", "slow", "new", "old"])
    ]
    items = phrases.mentions(records)
    whole = phrases.similarity(items, WordEmbedder())
    monkeypatch.setattr(phrases, "BLOCK", 3)
    assert np.allclose(whole, phrases.similarity(items, WordEmbedder()), atol=2e-5)


@given(st.integers(0, 12), st.integers(0, 1000), st.floats(0.05, 0.95))
@settings(deadline=None)
def test_every_phrase_is_in_exactly_one_group(count: int, seed: int, threshold: float) -> None:
    half = np.triu(np.random.default_rng(seed).random((count, count)), 1)
    alike = (half + half.T + np.eye(count)).astype(np.float32)
    found = phrases.groups(alike, threshold)
    assert sorted(index for group in found for index in group) == list(range(count))
    assert [group[0] for group in found] == sorted(group[0] for group in found)


def test_groups_join_what_is_alike_on_average_only() -> None:
    # 0 is like 1, 1 is like 2, but 0 is not like 2: no chain of three.
    alike = np.array([[1, 0.8, 0.1], [0.8, 1, 0.6], [0.1, 0.6, 1]], dtype=np.float32)
    assert phrases.groups(alike) == [[0, 1], [2]]


def test_the_real_model_knows_one_subject_in_other_words() -> None:
    record = wishes(
        "Ada", "better documentation", "improving the docs", "rolling upgrades", "upgrade without downtime", "grants"
    )
    items = phrases.mentions([record])
    found = phrases.groups(phrases.similarity(items, model()), phrases.SIMILAR)
    assert [[items[i].phrase for i in group] for group in found] == [
        ["better documentation", "improving the docs"],
        ["rolling upgrades", "upgrade without downtime"],
        ["grants"],
    ]


def test_the_label_of_a_subject_is_its_most_central_phrase() -> None:
    record = wishes("Ada", "faster builds on old laptops", "faster builds", "faster and cheaper builds")
    items = phrases.mentions([record])
    alike = phrases.similarity(items, WordEmbedder())
    subject = phrases.subject([0, 1, 2], items, alike, phrases.Labeller([record]))
    assert subject.label == "faster builds"
    assert subject.phrases[0].phrase == "faster builds on old laptops"


@pytest.mark.parametrize(
    ("phrase", "written"),
    [
        ("Better Documentation", "better documentation"),
        ("Documentation for Kelpgate", "documentation for Kelpgate"),
        ("CI", "CI"),
        ("OpenTarn upgrades", "OpenTarn upgrades"),
        ("Clear Locks", "Clear Locks"),
        ("clear locks", "clear locks"),
        ("C++ bindings", "C++ bindings"),
        ("Wadebench", "wadebench"),
        ("speed of Wadebench", "speed of Wadebench"),
        ('"grants"', "grants"),
        ("The travel fund", "travel fund"),
        ("Our docs", "docs"),
        ("the ", "the"),
        ("“kits", "kits"),
        ("talks (and", "talks and"),
        ("talks (and slides)", "talks (and slides)"),
        ("", ""),
    ],
)
def test_phrases_are_written_in_lower_case_but_for_names(phrase: str, written: str) -> None:
    record = statement(
        "Ada",
        "I wrote documentation that is better, and made clear what Clear Locks are and how locks of Kelpgate work.",
        headings=["My Better Documentation"],
    )
    assert phrases.Labeller([record])(phrase) == written


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Rolling upgrade", "rolling upgrades"),
        ("the release notes", "Release notes."),
        ("policies", "policy"),
        ("C++", "c++"),
    ],
)
def test_keys_are_equal_for_phrases_that_differ_in_number_case_and_articles(one: str, other: str) -> None:
    assert phrases.key(one) == phrases.key(other)


def test_keys_keep_apart_what_is_not_the_same() -> None:
    assert len({phrases.key(word) for word in ("C", "C++", "C#", "status", "statu", "bus", "class", "clas")}) == 8
