"""What users change about topics, and that it stays."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from platforms import WordEmbedder, model, wishes

from analyzer.errors import UnknownNameError, UserError
from analyzer.records import StatementRecord
from analyzer.topics import filing as f
from analyzer.topics.filing import OTHER, Filing, filed


def said() -> list[StatementRecord]:
    return [
        wishes("Ada", "better documentation", "rolling upgrades", "unit tests"),
        wishes("Ben", "improving the documentation", "rolling upgrades without downtime", "more unit tests"),
        wishes("Cleo", "documentation for beginners", "upgrades that roll", "tests of units and of the whole"),
    ]


def doubled() -> list[StatementRecord]:
    """So many more phrases that topics are found anew."""
    return [*said(), *(wishes(f"N{i}", f"subject {i} of its own", f"other matter {i}", f"thing {i}") for i in range(9))]


@pytest.fixture
def filing() -> Filing:
    return filed(said(), model())


def of(filing: Filing, phrase: str) -> str:
    return filing.phrases[f.key_of(phrase)].topic


def test_a_name_that_a_user_gives_stays(filing: Filing) -> None:
    topic = of(filing, "unit tests")
    named = f.renamed(filing, topic, "  Tests  ")
    assert named.topics[topic].label == "Tests" and named.topics[topic].given
    again = filed(doubled(), model(), named)
    assert again.fitted > named.fitted, "topics were found anew"
    assert again.topics[topic].label == "Tests"
    assert of(again, "more unit tests") == topic


def test_two_topics_have_not_one_label(filing: Filing) -> None:
    with pytest.raises(UserError, match="is the label of"):
        f.renamed(filing, of(filing, "unit tests"), filing.topics[of(filing, "rolling upgrades")].label)
    with pytest.raises(UserError, match="needs a word"):
        f.renamed(filing, of(filing, "unit tests"), " - ")


def test_merged_topics_stay_merged(filing: Filing) -> None:
    one, other = of(filing, "unit tests"), of(filing, "rolling upgrades")
    merged = f.merged(filing, [one, other])
    assert other not in merged.topics
    assert of(merged, "rolling upgrades") == of(merged, "unit tests") == one
    again = filed(doubled(), model(), merged)
    assert of(again, "rolling upgrades") == of(again, "unit tests") == one
    with pytest.raises(UserError, match="two topics or more"):
        f.merged(filing, [one, one])


def test_what_is_split_off_stays_apart(filing: Filing) -> None:
    topic = of(filing, "better documentation")
    apart = f.split(filing, topic, ["Documentation for beginners"], "First steps")
    assert of(apart, "documentation for beginners") == "first-steps"
    assert apart.topics["first-steps"].label == "First steps"
    assert of(apart, "better documentation") == topic
    again = filed(doubled(), model(), apart)
    assert of(again, "documentation for beginners") == "first-steps"
    assert of(again, "better documentation") == topic


def test_a_split_names_phrases_of_the_topic_and_leaves_some(filing: Filing) -> None:
    topic = of(filing, "better documentation")
    phrases = [key for key, place in filing.phrases.items() if place.topic == topic]
    with pytest.raises(UnknownNameError, match="filed under"):
        f.split(filing, topic, ["unit tests"], "Tests")
    with pytest.raises(UnknownNameError, match="nobody says so"):
        f.split(filing, topic, ["moon landing"], "Space")
    with pytest.raises(UserError, match="no phrase of it would be left"):
        f.split(filing, topic, phrases, "All")
    with pytest.raises(UserError, match="another topic's label"):
        f.split(filing, topic, phrases[:1], filing.topics[of(filing, "unit tests")].label)


def test_a_pinned_phrase_stays_and_draws_others_like_it(filing: Filing) -> None:
    topic = of(filing, "better documentation")
    pinned = f.pinned(filing, "release notes", topic)
    after = filed([*said(), wishes("Dov", "the release notes", "longer release notes")], model(), pinned)
    assert of(after, "release notes") == of(after, "longer release notes") == topic
    assert after.phrases["release note"].pinned and not after.phrases["longer release note"].pinned


def test_a_list_of_ones_own_is_begun_with(tmp_path: Path) -> None:
    lines = ["# What we want to know", "", "Docs: documentation; user guide", "Upgrades: rolling upgrades"]
    started = filed(said(), model(), f.listed(lines, "mine.txt"))
    assert {"docs", "upgrades"} <= set(started.topics)
    assert started.topics["docs"].label == "Docs"
    assert of(started, "better documentation") == of(started, "documentation for beginners") == "docs"
    assert of(started, "rolling upgrades without downtime") == "upgrades"
    # What no topic of the list is near is grouped as it is without one.
    assert of(started, "unit tests") == of(started, "more unit tests") not in ("docs", "upgrades", OTHER)
    again = filed(doubled(), model(), started)
    assert of(again, "better documentation") == "docs"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["Docs", "docs: manuals"], "mine.txt:2: docs: is there already"),
        (["Docs", ": manuals"], "mine.txt:2: no label"),
        (["# nothing"], "mine.txt: holds no topic"),
        (["other"], "is there already"),
    ],
)
def test_a_list_that_cannot_be_read_is_refused_with_its_line(lines: list[str], message: str) -> None:
    with pytest.raises(UserError, match=message):
        f.listed(lines, "mine.txt")


def test_topics_are_found_by_id_label_or_words_of_it(filing: Filing) -> None:
    topic = of(filing, "rolling upgrades")
    label = filing.topics[topic].label
    assert f.find_topic(filing, topic) == f.find_topic(filing, label.upper()) == topic
    assert f.find_topic(filing, "upgrades") == topic
    with pytest.raises(UnknownNameError, match="did you mean"):
        f.find_topic(filing, "roling upgrade")
    with pytest.raises(UnknownNameError, match="candidacy topics"):
        f.find_topic(filing, "xyzzy")


SAID = st.lists(
    st.lists(st.sampled_from(["fast builds", "faster builds", "C", "C++", "grants", "--", "文档", "travel grants"])),
    max_size=6,
)


@given(SAID, SAID)
@settings(deadline=None, max_examples=40)
def test_what_is_filed_stays_until_there_is_twice_as_much(first: list[list[str]], more: list[list[str]]) -> None:
    early = [wishes(f"A{i}", *phrases) for i, phrases in enumerate(first) if phrases]
    late = [*early, *(wishes(f"B{i}", *phrases) for i, phrases in enumerate(more) if phrases)]
    before = filed(early, WordEmbedder())
    after = filed(late, WordEmbedder(), before)
    assert {entry.key for entry in f.entries(late)} <= set(after.phrases)
    assert {place.topic for place in after.phrases.values()} <= {*after.topics, OTHER}
    assert filed(late, WordEmbedder(), after) == after
    if early and len(after.phrases) < f.GROWN * before.fitted:
        for key, place in before.phrases.items():
            assert place.topic == OTHER or after.phrases[key] == place
