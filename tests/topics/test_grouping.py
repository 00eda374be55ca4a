"""Focus areas to topics over a whole workspace."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from platforms import WordEmbedder, model, statement, wishes

from analyzer.records import StatementRecord
from analyzer.topics import phrases
from analyzer.topics.filing import OTHER, Place, filed, slug
from analyzer.topics.grouping import topics


def workspace() -> list[StatementRecord]:
    return [
        wishes("Ada", "better documentation", "Rolling upgrades", "a travel fund"),
        wishes("Ben", "improving the docs", "rolling upgrade", "term limits"),
        wishes("Cleo", "documentation", "the rolling upgrades", community="Otherwold"),
        wishes("Dov", "Documentation in more languages", "documentation"),
        statement("Eda", "Vote for me."),
    ]


def test_phrases_that_mean_the_same_are_one_topic_and_what_is_like_no_other_is_said_to_be() -> None:
    found, _ = topics(workspace(), model())
    assert [(topic.id, topic.label, topic.statements) for topic in found] == [
        ("documentation", "documentation", 4),
        ("rolling-upgrades", "rolling upgrades", 3),
        (OTHER, "other", 2),
    ]
    assert found[0].phrases[0] == "documentation"
    assert set(found[0].phrases) == {
        "documentation",
        "better documentation",
        "improving the docs",
        "documentation in more languages",
    }
    assert set(found[-1].phrases) == {"term limits", "travel fund"}
    assert [topic.area for topic in found] == ["documentation", "rolling upgrades", None]


def test_every_focus_area_has_a_topic_and_nothing_else_is_changed() -> None:
    before = workspace()
    found, after = topics(before, model())
    ids = {topic.id for topic in found}
    assert len(ids) == len(found)
    for old, new in zip(before, after, strict=True):
        assert [area.topic for area in old.focus_areas] == [None] * len(old.focus_areas)
        assert {area.topic for area in new.focus_areas} <= ids
        assert all((area.topic_confidence == 0) == (area.topic == OTHER) for area in new.focus_areas)
        cleared = [area.model_copy(update={"topic": None, "topic_confidence": None}) for area in new.focus_areas]
        assert new.model_copy(update={"focus_areas": cleared}) == old
    counted = {topic.id: sum(topic.id in {a.topic for a in r.focus_areas} for r in after) for topic in found}
    assert counted == {topic.id: topic.statements for topic in found}


PHRASES = st.lists(
    st.sampled_from(
        ["faster builds", "Faster Builds", "C", "C++", "c#", "文档", "grants", "grant", "the grants", "builds", "--"]
    ),
    max_size=6,
)


@given(st.lists(PHRASES, max_size=5), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=60)
def test_ids_and_labels_are_distinct_and_the_order_of_statements_does_not_matter(
    lists: list[list[str]], random: st.DataObject
) -> None:
    records = [wishes(f"N{i}", *said) for i, said in enumerate(lists) if said]
    found, after = topics(records, WordEmbedder())
    assert len({topic.id for topic in found}) == len(found)
    assert len({topic.label for topic in found}) == len(found)
    assert all(topic.id and topic.label and topic.statements for topic in found)
    assert all(topic.label in topic.phrases for topic in found if topic.id != OTHER)
    assert all(area.topic for record in after for area in record.focus_areas)
    shuffled = list(records)
    random.shuffle(shuffled)
    assert topics(shuffled, WordEmbedder())[0] == found


def test_a_new_statement_leaves_topics_as_they_were() -> None:
    before = filed(workspace(), model())
    after = filed([*workspace(), wishes("Fay", "security audits", "user documentation")], model(), before)
    assert {key: after.phrases[key] for key in before.phrases} == dict(before.phrases)
    assert after.topics == before.topics
    assert after.phrases["user documentation"].topic == "documentation"
    assert after.phrases["security audit"].topic == OTHER


def test_what_two_people_say_in_the_same_words_is_a_topic() -> None:
    first = filed([*workspace(), wishes("Fay", "security audits")], model())
    after = filed([*workspace(), wishes("Fay", "security audits"), wishes("Gus", "a security audit")], model(), first)
    assert after.phrases["security audit"] == Place("security-audit", 1.0)


def test_what_was_like_no_other_finds_a_topic_once_something_like_it_is_said() -> None:
    before = filed(workspace(), model())
    after = filed([*workspace(), wishes("Fay", "a limit of terms", "limiting the terms of office")], model(), before)
    assert before.phrases["term limit"].topic == OTHER
    assert after.phrases["term limit"].topic == after.phrases["limit of term"].topic != OTHER


def test_no_focus_areas_make_no_topics() -> None:
    records = [statement("Eda", "Vote for me.")]
    assert topics(records, WordEmbedder()) == ([], records)
    assert topics([], WordEmbedder()) == ([], [])


def test_only_texts_that_the_workspace_embeds_are_asked_for() -> None:
    embedder = WordEmbedder()
    topics(workspace(), embedder)
    assert embedder.asked <= set(phrases.texts(workspace()))


@pytest.mark.parametrize(
    ("label", "id_"),
    [
        ("rolling upgrades", "rolling-upgrades"),
        ("C++ bindings", "c++-bindings"),
        ("déjà vu", "deja-vu"),
        ("文档", "wendang"),
        ("--", "topic"),
    ],
)
def test_ids_are_made_of_labels(label: str, id_: str) -> None:
    assert slug(label) == id_
