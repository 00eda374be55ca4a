"""Groups of like-minded candidates, and when there are none."""

from collections.abc import Sequence

import pytest
from platforms import WordEmbedder, model, statement, wishes

from analyzer.directory import Directory
from analyzer.records import StatementRecord
from analyzer.topics.clusters import FEWEST, Clustering, cluster, over_all
from analyzer.topics.grouping import topics

DOCS = [
    "documentation for newcomers",
    "translated tutorials",
    "mentoring of new contributors",
    "friendly reviews of first patches",
]
SPEED = ["lower tail latency", "performance regression tests", "faster rebuilds of disks", "smaller memory footprint"]
MONEY = ["sustainable funding", "legal home for the project", "published accounts", "paid maintenance work"]


def field() -> list[StatementRecord]:
    """Six candidates, two of each of three minds, none in the same words."""
    return [
        wishes("Ada Moor", *DOCS),
        wishes("Ben Tarr", "better docs for beginners", "tutorials in more languages", "mentors for new contributors"),
        wishes("Cleo Vance", *SPEED),
        wishes(
            "Dov Lindt", "tail latency of reads", "tests that catch performance regressions", "faster disk rebuilds"
        ),
        wishes("Eda Quill", *MONEY),
        wishes("Finn Ossel", "funding that lasts", "a foundation as legal home", "paying maintainers for their work"),
    ]


def names(result: Clustering) -> list[set[str]]:
    return [{member.candidate.name.split()[0] for member in group.members} for group in result.groups]


def test_candidates_of_one_mind_are_grouped_whatever_their_words() -> None:
    result = cluster(field(), model())
    assert sorted(map(sorted, names(result))) == [["Ada", "Ben"], ["Cleo", "Dov"], ["Eda", "Finn"]]
    assert result.reason is None
    assert result.alone == []
    assert result.silhouette is not None and result.threshold is not None
    assert result.silhouette > result.threshold > 0
    assert [group.number for group in result.groups] == [1, 2, 3]


def test_a_group_tells_what_binds_it() -> None:
    result = cluster(field(), model())
    group = next(group for group in result.groups if group.members[0].candidate.name in ("Ada Moor", "Ben Tarr"))
    assert group.typical == group.members[0].candidate
    bond = next(bond for bond in group.subjects if "documentation" in bond.label or "docs" in bond.label)
    assert {who.name for who in bond.members} == {"Ada Moor", "Ben Tarr"}
    assert bond.outside == 0
    assert {phrase.phrase for phrase in bond.phrases} == {"documentation for newcomers", "better docs for beginners"}
    for member in group.members:
        assert 0 < member.closeness <= 1
        assert -1 <= member.silhouette <= 1
    assert group.silhouette == pytest.approx(sum(m.silhouette for m in group.members) / 2)


def test_subjects_that_others_raise_too_stand_last_and_say_so() -> None:
    records = [
        wishes(name, *phrases, "code reviews within a day")
        for name, phrases in zip(
            ["Ada", "Ben", "Cleo", "Dov", "Eda", "Finn"], (DOCS, DOCS, SPEED, SPEED, MONEY, MONEY), strict=True
        )
    ]
    result = cluster(records, WordEmbedder())
    assert len(result.groups) == 3
    for group in result.groups:
        assert group.subjects[-1].label == "code reviews within a day"
        assert group.subjects[-1].outside == 4
        assert len(group.subjects) == 5


def test_platforms_without_anything_in_common_make_no_groups() -> None:
    result = cluster([wishes(f"N{i}", f"thing{i}", f"stuff{i}") for i in range(8)], WordEmbedder())
    assert result.groups == [] and result.alone == []
    assert result.reason is not None and result.reason.startswith("no groups here: ")


def test_when_all_say_the_same_there_are_no_groups() -> None:
    result = cluster([wishes(f"N{i}", *DOCS) for i in range(6)], WordEmbedder())
    assert result.groups == []
    assert result.reason is not None
    assert result.closest[0].likeness == pytest.approx(1)
    assert set(result.closest[0].subjects) == set(DOCS)


def test_one_dissenter_is_not_a_group() -> None:
    records = [wishes(f"N{i}", *DOCS, f"thing{i}") for i in range(5)]
    result = cluster([*records, wishes("Odd One", *SPEED)], WordEmbedder())
    assert all(len(group.members) > 1 for group in result.groups)
    assert "Odd One" not in {name for group in result.groups for name in (m.candidate.name for m in group.members)}


@pytest.mark.parametrize("count", range(FEWEST))
def test_too_few_candidates_make_no_groups(count: int) -> None:
    result = cluster([wishes(f"N{i}", *DOCS) for i in range(count)], WordEmbedder())
    assert result.groups == []
    assert result.reason is not None and f"{count} candidate" in result.reason
    assert len(result.closest) == max(0, count * (count - 1) // 2)


def test_candidates_without_focus_areas_stand_apart() -> None:
    result = cluster([*field(), statement("Gil Noone", "Vote for me.")], model())
    assert [who.name for who in result.without_focus_areas] == ["Gil Noone"]
    assert result.candidates == 7
    assert len(result.groups) == 3


def test_all_statements_of_a_person_are_one_platform() -> None:
    records = [*field()[1:], wishes("Ada Moor", *DOCS[:2]), wishes("Moor, Ada", *DOCS[2:])]
    assert {"Ada", "Ben"} in names(cluster(records, model()))


def test_goals_weigh_more_than_experience() -> None:
    def both(name: str, goals: Sequence[str], past: Sequence[str]) -> StatementRecord:
        said = [*(f"I want [{goal}](goal)." for goal in goals), *(f"I did [{work}](experience)." for work in past)]
        return statement(name, " ".join(said))

    records = [
        both("Ada", DOCS, SPEED),
        both("Ben", SPEED, DOCS),
        both("Cleo", DOCS, SPEED),
        both("Dov", SPEED, DOCS),
        both("Eda", DOCS, MONEY),
        both("Finn", SPEED, MONEY),
    ]
    result = cluster(records, WordEmbedder())
    closest = {frozenset(who.name for who in pair.candidates) for pair in result.closest[:2]}
    assert closest == {frozenset({"Ada", "Cleo"}), frozenset({"Ben", "Dov"})}


def test_what_no_phrase_says_counts_too() -> None:
    said = [
        "Newcomers need tutorials that start from one laptop. Translations help them, and so does mentoring.",
        "Our tail latency has grown with every single release. Disks and caches should not be so slow.",
        "Nobody pays for the machines that build our packages. Sponsors could give more money each year.",
    ]
    records = [statement(f"N{i}", f"I want [thing{i}](goal). {said[i % 3]}") for i in range(6)]
    result = cluster(records, WordEmbedder())
    assert sorted(map(sorted, names(result))) == [["N0", "N3"], ["N1", "N4"], ["N2", "N5"]]
    assert [group.subjects for group in result.groups] == [[], [], []]


def test_the_result_does_not_depend_on_the_order_of_statements_nor_change_between_runs() -> None:
    first = cluster(field(), WordEmbedder())
    assert cluster(field(), WordEmbedder()) == first
    assert cluster(field()[::-1], WordEmbedder()) == first


def test_another_seed_deals_platforms_out_otherwise() -> None:
    assert cluster(field(), WordEmbedder(), seed=1).threshold != cluster(field(), WordEmbedder()).threshold


@pytest.mark.parametrize(
    ("contests", "scope", "name"),
    [
        (("tarnfold/2025/council", "tarnfold/2025/council"), "tarnfold/2025/council", "Tarnfold 2025, Council"),
        (("tarnfold/2025/council", "tarnfold/2025/board"), "tarnfold/2025", "Tarnfold 2025"),
    ],
)
def test_the_scope_is_the_smallest_that_holds_all(contests: Sequence[str], scope: str, name: str) -> None:
    result = cluster([wishes(f"N{i}", "x", contest=contest) for i, contest in enumerate(contests)], WordEmbedder())
    assert (result.scope, result.name) == (scope, name)


def test_statements_of_several_elections_have_no_scope() -> None:
    records = [wishes("Ada", "x"), wishes("Ben", "y", election="tarnfold/2024")]
    assert cluster(records, WordEmbedder()).scope is None


def test_a_wider_directory_names_the_people() -> None:
    records = field()
    wider = Directory([*records, wishes("Ada J. Moor", "x")])
    assert names(cluster(records, model(), wider)) == names(cluster(records, model()))


def test_many_phrases_are_cut_to_what_fits_goals_first(monkeypatch: pytest.MonkeyPatch) -> None:
    from analyzer.topics import clusters

    monkeypatch.setattr(clusters, "MOST", 12)
    long = statement(
        "Ada",
        "I did [older work](experience). I did [other work](experience). I want [peace](goal).",
        "I want [quiet](goal). I want [rest](goal).",
    )
    records = [long, *(wishes(f"N{i}", "peace", "quiet", "rest") for i in range(3))]
    result = cluster(records, WordEmbedder())
    assert set(result.closest[0].subjects) == {"peace", "quiet", "rest"}
    assert result.closest[0].likeness == pytest.approx(1)


def test_evidence_of_bonds_is_in_the_statements() -> None:
    records = {record.id: record for record in field()}
    for group in cluster(list(records.values()), model()).groups:
        for bond in group.subjects:
            for phrase in bond.phrases:
                for found in (phrase.evidence, phrase.sentence):
                    assert records[found.statement].text[found.start : found.end] == found.text


def test_the_map_keeps_like_minds_together() -> None:
    result = cluster(field(), model())
    at = {place.candidate.name.split()[0]: (place.x, place.y) for place in result.map}
    groups = {place.candidate.name.split()[0]: place.group for place in result.map}

    def apart(one: str, other: str) -> float:
        return ((at[one][0] - at[other][0]) ** 2 + (at[one][1] - at[other][1]) ** 2) ** 0.5

    assert max(apart("Ada", "Ben"), apart("Cleo", "Dov"), apart("Eda", "Finn")) < apart("Ada", "Cleo")
    assert groups["Ada"] == groups["Ben"] != groups["Cleo"]
    assert result.trustworthiness is not None and 0.5 < result.trustworthiness <= 1
    assert cluster(field()[:2], model()).map == []


def subjects(name: str, *words: str, election: str) -> StatementRecord:
    sentences = " ".join(f"I want [{word}](goal) and nothing but {word}." for word in words)
    return statement(name, sentences, election=election)


def test_over_all_elections_candidates_are_grouped_by_the_subjects_of_their_statements() -> None:
    storage = ["erasure codes", "snapshots", "volumes", "replication", "scrubbing"]
    words = ["translations", "glossaries", "tutorials", "handbooks", "dictionaries"]
    records = [
        subjects(f"{who}{i}", *(said[j] for j in range(5) if j != i), election=f"tarnfold/202{i}")
        for who, said in (("Ada", storage), ("Ben", words))
        for i in range(5)
    ]
    found, filled = topics(records, model())
    result = over_all(filled, found, Directory(filled))
    assert sorted({name[:3] for name in group} for group in names(result)) == [{"Ada"}, {"Ben"}]
    assert result.silhouette is not None and result.threshold is not None and result.silhouette > result.threshold
    assert {bond.outside for group in result.groups for bond in group.subjects} == {0}
    assert len(result.map) == 10
    assert over_all(filled, found, Directory(filled)) == result


def test_over_all_there_are_no_groups_where_all_speak_of_the_same_or_of_nothing() -> None:
    same = [subjects(f"Ada{i}", "volumes", "snapshots", election=f"tarnfold/202{i}") for i in range(6)]
    found, filled = topics(same, model())
    assert "no groups here" in (over_all(filled, found, Directory(filled)).reason or "")
    silent = [statement(f"Ada{i}", "Vote for me.") for i in range(5)]
    assert "no groups here" in (over_all(silent, [], Directory(silent)).reason or "")
