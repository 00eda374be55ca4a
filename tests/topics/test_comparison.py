"""What sides share, and on what they differ."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from platforms import WordEmbedder, model, statement, wishes

from analyzer.directory import Directory
from analyzer.errors import UserError
from analyzer.records import StatementRecord
from analyzer.topics.comparison import (
    Comparison,
    compare_candidates,
    compare_elections,
    compare_over_time,
)


def table(comparison: Comparison) -> dict[str, list[list[str]]]:
    """The phrases of each matched subject, side by side, under its match (or change)."""
    found: dict[str, list[list[str]]] = {}
    for subject in comparison.subjects:
        found.setdefault(subject.change or subject.match, []).append(
            [f"{side.side}: {', '.join(phrase.phrase for phrase in side.phrases)}" for side in subject.sides]
        )
    return found


ADA = statement(
    "Ada Moor",
    "I am a build engineer at Quillworks and a maintainer of Kelpgate. I want [rolling upgrades](goal), "
    "[better documentation](goal) and [a travel fund](goal).",
    "I have worked on [the test suite](experience).",
    roles=[("build engineer", "Quillworks", "current"), ("maintainer", "Kelpgate", "current")],
    employers=["Quillworks"],
)
BEN = statement(
    "Ben Tarr",
    "I am a maintainer of Kelpgate at Quillworks. I want [improving the docs](goal) and [signed releases](goal).",
    "I care about [automated tests](interest).",
    roles=[("maintainer", "Kelpgate", "current")],
    employers=["Quillworks"],
)
CLEO = wishes("Cleo Vance", "documentation in more languages", "signed packages", "a code of conduct")


def test_two_candidates_side_by_side() -> None:
    found = table(compare_candidates(["ada-moor", "ben-tarr"], [ADA, BEN], model()))
    assert found["all"] == [["0: better documentation", "1: improving the docs"]]
    assert found["similar"] == [["0: the test suite", "1: automated tests"]]
    assert found["unique"] == [["0: rolling upgrades"], ["0: a travel fund"], ["1: signed releases"]]


def test_three_candidates_are_matched_on_what_all_and_what_some_say() -> None:
    found = table(compare_candidates(["ada-moor", "ben-tarr", "cleo-vance"], [ADA, BEN, CLEO], model()))
    assert found["all"] == [["0: better documentation", "1: improving the docs", "2: documentation in more languages"]]
    assert found["some"] == [["1: signed releases", "2: signed packages"]]
    assert ["2: a code of conduct"] in found["unique"]


def test_every_phrase_brings_its_evidence_from_its_own_side() -> None:
    records = {record.id: record for record in (ADA, BEN)}
    comparison = compare_candidates(["ada-moor", "ben-tarr"], [ADA, BEN], model())
    for subject in comparison.subjects:
        for side in subject.sides:
            for phrase in side.phrases:
                for found in (phrase.evidence, phrase.sentence):
                    assert found.statement in comparison.sides[side.side].statements
                    assert records[found.statement].text[found.start : found.end] == found.text


def test_the_agreement_is_the_sum_of_its_parts() -> None:
    comparison = compare_candidates(["ada-moor", "ben-tarr"], [ADA, BEN], model())
    # Ada: three goals and one experience, 3.5 in all; Ben: two goals and an interest, 2.5; each half of the whole.
    docs = comparison.subjects[0]
    assert docs.weight == pytest.approx(1 / 3.5 / 2 + 1 / 2.5 / 2, abs=1e-4)
    assert docs.agreement == docs.weight
    tests = comparison.subjects[1]
    assert tests.weight == pytest.approx(0.5 / 3.5 / 2 + 0.5 / 2.5 / 2, abs=1e-4)
    assert tests.agreement == pytest.approx(tests.weight / 2, abs=1e-4)
    assert comparison.agreement == pytest.approx(docs.agreement + tests.agreement, abs=1e-9)
    assert comparison.parts is not None
    assert comparison.parts.all == docs.weight
    assert comparison.parts.similar == tests.weight


SUBJECTS = st.lists(
    st.sampled_from(["faster builds", "fast docs", "grants", "release notes", "notes", "more grants now"]),
    min_size=1,
    max_size=6,
    unique=True,
)


@given(st.lists(SUBJECTS, min_size=2, max_size=4))
@settings(deadline=None, max_examples=60)
def test_weights_are_one_and_every_subject_of_a_side_is_in_one_row(sides: list[list[str]]) -> None:
    records = [wishes(f"Name{i}", *subjects) for i, subjects in enumerate(sides)]
    comparison = compare_candidates([f"name{i}" for i in range(len(sides))], records, WordEmbedder())
    assert sum(round(subject.weight * 10_000) for subject in comparison.subjects) == 10_000
    assert comparison.parts is not None
    assert sum(round(part * 10_000) for part in comparison.parts.model_dump().values()) == 10_000
    assert comparison.agreement == pytest.approx(sum(subject.agreement for subject in comparison.subjects), abs=1e-9)
    for number, subjects in enumerate(sides):
        said = [
            phrase.phrase
            for subject in comparison.subjects
            for side in subject.sides
            if side.side == number
            for phrase in side.phrases
        ]
        assert sorted(said) == sorted(subjects)
    for subject in comparison.subjects:
        numbers = [side.side for side in subject.sides]
        assert numbers == sorted(set(numbers))
        assert (subject.match == "unique") == (len(numbers) == 1) == (subject.similarity is None)
        assert 0 <= subject.agreement <= subject.weight


def test_two_sides_agree_as_much_the_other_way_round() -> None:
    one = compare_candidates(["ada-moor", "ben-tarr"], [ADA, BEN], model())
    other = compare_candidates(["ben-tarr", "ada-moor"], [ADA, BEN], model())
    assert one.agreement == other.agreement
    assert one.parts == other.parts


def test_equal_platforms_agree_fully_and_strangers_not_at_all() -> None:
    same = [wishes("Ada", "faster builds", "grants"), wishes("Ben", "grants", "faster builds")]
    assert compare_candidates(["ada", "ben"], same, WordEmbedder()).agreement == 1
    apart = [wishes("Ada", "faster builds"), wishes("Ben", "grants")]
    assert compare_candidates(["ada", "ben"], apart, WordEmbedder()).agreement == 0


def test_matching_is_optimal_and_not_greedy(monkeypatch: pytest.MonkeyPatch) -> None:
    import numpy as np

    from analyzer.topics import phrases

    # a is most like x, but only if it takes y, b has a partner, too.
    values = {("a", "x"): 0.9, ("a", "y"): 0.8, ("b", "x"): 0.85}

    def given_similarity(items: list[phrases.Mention], *_: object) -> np.ndarray:
        names = [item.phrase for item in items]
        return np.array(
            [[1.0 if i == j else values.get((i, j), values.get((j, i), 0.0)) for j in names] for i in names],
            dtype=np.float32,
        )

    monkeypatch.setattr(phrases, "similarity", given_similarity)
    records = [wishes("Ada", "a", "b"), wishes("Ben", "x", "y")]
    found = table(compare_candidates(["ada", "ben"], records, WordEmbedder()))
    assert sorted(found["all"]) == [["0: a", "1: y"], ["0: b", "1: x"]]


def test_a_silent_side_is_silence_and_not_disagreement() -> None:
    comparison = compare_candidates(["ada-moor", "gil-noone"], [ADA, statement("Gil Noone", "Vote for me.")], model())
    assert comparison.agreement is None and comparison.parts is None
    assert [side.subjects for side in comparison.sides] == [4, 0]
    assert {subject.match for subject in comparison.subjects} == {"unique"}
    assert {subject.weight for subject in comparison.subjects} == {0}


def test_roles_and_affiliations_stand_beside() -> None:
    comparison = compare_candidates(["ada-moor", "ben-tarr"], [ADA, BEN], WordEmbedder())
    assert [(row.title, row.organization, [held.side for held in row.sides]) for row in comparison.roles] == [
        ("maintainer", "Kelpgate", [0, 1]),
        ("build engineer", "Quillworks", [0]),
    ]
    (employer,) = comparison.affiliations
    assert [held.candidates[0].name for held in employer.sides] == ["Ada Moor", "Ben Tarr"]
    assert [held.evidence[0].text for held in employer.sides] == ["Quillworks", "Quillworks"]


@pytest.mark.parametrize(
    ("people", "message"),
    [
        ([], "two candidates or more"),
        (["ada-moor"], "two candidates or more"),
        (["ada-moor", "ada-moor"], "ada-moor: named twice"),
        (["ada-moor", "ben-tarr", "ada-moor"], "ada-moor: named twice"),
        (["ada-moor", "nobody"], "nobody: has no statement here"),
    ],
)
def test_candidates_that_cannot_be_compared(people: list[str], message: str) -> None:
    with pytest.raises(UserError, match=message) as raised:
        compare_candidates(people, [ADA, BEN], WordEmbedder())
    assert "\n" not in str(raised.value)


# --- elections ----------------------------------------------------------------------------------------


def two_elections() -> list[StatementRecord]:
    old, new = "tarnfold/2024", "tarnfold/2025"
    return [
        wishes("Ada Moor", "better documentation", "rolling upgrades", election=old, submitted="2024-03-01"),
        wishes("Ben Tarr", "improving the docs", "a travel fund", election=old, submitted="2024-03-02"),
        wishes("Cleo Vance", "documentation for newcomers", election=new),
        wishes("Dov Lindt", "signed releases", election=new),
        wishes("Ada Moor", "signed releases", "more signed releases", election=new),
        statement("Eda Quill", "Vote for me.", election=new),
    ]


def test_two_elections_count_the_candidates_who_raise_a_subject() -> None:
    comparison = compare_elections("tarnfold/2024", "tarnfold/2025", two_elections(), model())
    assert comparison.kind == "elections"
    assert [side.name for side in comparison.sides] == ["Tarnfold 2024", "Tarnfold 2025"]
    assert [len(side.candidates) for side in comparison.sides] == [2, 4]
    docs = comparison.subjects[0]
    assert docs.match == "all"
    assert [(len(side.candidates), side.share) for side in docs.sides] == [(2, 1.0), (1, 0.25)]
    signed = next(s for s in comparison.subjects if s.label == "signed releases")
    assert [who.name for who in signed.sides[0].candidates] == ["Ada Moor", "Dov Lindt"]
    assert signed.sides[0].share == 0.5


def test_contests_of_one_election_can_be_compared() -> None:
    records = [
        wishes("Ada", "faster builds", contest="tarnfold/2025/board"),
        wishes("Ben", "faster builds", contest="tarnfold/2025/council"),
    ]
    comparison = compare_elections("tarnfold/2025/board", "tarnfold/2025/council", records, WordEmbedder())
    assert comparison.agreement == 1
    assert [side.name for side in comparison.sides] == ["Tarnfold 2025, Council"] * 2


@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        ("tarnfold/2024", "tarnfold/2024", "named twice"),
        ("tarnfold/2024", "tarnfold/1999", "tarnfold/1999: no such election"),
        ("tarnfold/2025", "tarnfold/2025/council", "one is part of the other"),
    ],
)
def test_elections_that_cannot_be_compared(a: str, b: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        compare_elections(a, b, two_elections(), WordEmbedder())


# --- one person over time -----------------------------------------------------------------------------


def career() -> list[StatementRecord]:
    return [
        statement(
            "Ada Moor",
            "I have done [rolling upgrades](experience). I want [upgrades without downtime](goal) "
            "and [signed releases](goal). I want [better documentation](goal).",
            election="tarnfold/2025",
            submitted="2025-03-01",
        ),
        wishes(
            "Ada Moor",
            "signed releases",
            "a travel fund",
            "documented interfaces",
            election="tarnfold/2023",
            submitted="2023-03-01",
        ),
        wishes("Ben Tarr", "a travel fund", election="tarnfold/2023"),
    ]


def test_one_person_over_time() -> None:
    comparison = compare_over_time("ada-moor", career(), model())
    assert comparison.kind == "over-time"
    assert [side.id for side in comparison.sides] == ["tarnfold/2023", "tarnfold/2025"]
    assert table(comparison) == {
        "kept": [["0: signed releases", "1: signed releases"]],
        "changed": [["0: documented interfaces", "1: better documentation"]],
        "new": [["1: rolling upgrades, upgrades without downtime"]],
        "dropped": [["0: a travel fund"]],
    }


def test_statements_of_no_known_election_are_candidacies_of_their_own() -> None:
    records = [
        wishes("Ada Moor", "faster builds", election=None, submitted="2024-05-01T10:00:00Z"),
        wishes("Ada Moor", "faster builds", election=None, submitted="2023-05-01T10:00:00Z"),
    ]
    comparison = compare_over_time("ada-moor", records, WordEmbedder())
    assert [side.name for side in comparison.sides] == ["2023-05-01", "2024-05-01"]
    assert [subject.change for subject in comparison.subjects] == ["kept"]


def test_undated_candidacies_go_by_their_cycle() -> None:
    records = [wishes("Ada", "x", election=f"tarnfold/{year}", submitted=None) for year in (2022, 2020, 2021)]
    sides = compare_over_time("ada", records, WordEmbedder()).sides
    assert [side.id for side in sides] == ["tarnfold/2020", "tarnfold/2021", "tarnfold/2022"]


@pytest.mark.parametrize(
    ("person", "message"),
    [("ben-tarr", "Ben Tarr: has a single candidacy here"), ("nobody", "nobody: has no statement")],
)
def test_a_person_without_a_past_cannot_be_compared(person: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        compare_over_time(person, career(), WordEmbedder())


def test_the_order_of_statements_does_not_matter() -> None:
    records = two_elections()
    first = compare_elections("tarnfold/2024", "tarnfold/2025", records, WordEmbedder())
    for order in list(permutations(records))[::97]:
        assert compare_elections("tarnfold/2024", "tarnfold/2025", order, WordEmbedder()) == first


def test_a_wider_directory_names_the_people() -> None:
    records = [ADA, BEN]
    wider = Directory([*records, CLEO])
    assert compare_candidates(["ada-moor", "ben-tarr"], records, model(), wider) == compare_candidates(
        ["ada-moor", "ben-tarr"], records, model()
    )
