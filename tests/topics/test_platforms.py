"""What became of a platform, and what is said of earlier goals."""

import pytest
from platforms import model, statement

from analyzer.directory import Directory
from analyzer.errors import UserError
from analyzer.records import StatementRecord
from analyzer.topics.platforms import PlatformDiff, diff


def stood(year: int, *paragraphs: str) -> StatementRecord:
    return statement(
        "Ada Moor", *paragraphs, election=f"tarnfold/{year}", submitted=f"{year}-03-04T10:00:00Z"
    )


FIRST = stood(
    2023,
    "I want [rolling upgrades without downtime](goal). I want [better documentation for newcomers](goal).",
    "I would like to see [a travel fund](goal). We should have [term limits](goal).",
)
SECOND = stood(
    2024,
    "We have finished the rolling upgrades without downtime, and last spring we merged their tests.",
    "I still want [better documentation for newcomers](goal), and [security audits](goal).",
    "The travel fund is no longer needed.",
)
THIRD = stood(2025, "I want [security audits](goal).")


def of(*records: StatementRecord, **choice: str | bool) -> list[PlatformDiff]:
    directory = Directory(records)
    (person,) = directory.people
    return diff(person.id, records, model(), directory, **choice)  # type: ignore[arg-type]


def test_goals_are_kept_dropped_and_new() -> None:
    (found,) = of(FIRST, SECOND)
    changes = {subject.label: subject.change for subject in found.comparison.subjects}
    assert changes == {
        "better documentation for newcomers": "kept",
        "rolling upgrades without downtime": "dropped",
        "travel fund": "dropped",
        "term limits": "dropped",
        "security audits": "new",
    }


def test_an_earlier_goal_that_is_spoken_of_as_done_is_shown_with_both_sentences() -> None:
    (found,) = of(FIRST, SECOND)
    (done,) = found.reported
    assert done.goal.phrase == "rolling upgrades without downtime" and done.how == "done"
    assert done.goal.sentence is not None and done.goal.sentence.text.startswith("I want rolling upgrades")
    assert done.sentence.text.startswith("We have finished")
    for evidence, record in ((done.goal.evidence, FIRST), (done.said, SECOND), (done.sentence, SECOND)):
        assert evidence is not None and record.text[evidence.start : evidence.end] == evidence.text


def test_what_is_only_wanted_again_is_not_done() -> None:
    (found,) = of(FIRST, stood(2024, "I would still like to improve the documentation for newcomers."))
    assert found.reported == []


def test_an_experience_area_answers_an_earlier_goal() -> None:
    (found,) = of(FIRST, stood(2024, "Travel funds: [a travel fund for speakers](experience)."))
    assert [(item.goal.phrase, item.how) for item in found.reported] == [("a travel fund", "experience")]


def test_the_last_two_candidacies_are_compared_or_those_named_or_each_with_the_next() -> None:
    def sides(**choice: str | bool) -> list[list[str]]:
        return [[side.id for side in one.comparison.sides] for one in of(FIRST, SECOND, THIRD, **choice)]

    assert sides() == [["tarnfold/2024", "tarnfold/2025"]]
    assert sides(earlier="tarnfold/2023") == [["tarnfold/2023", "tarnfold/2025"]]
    assert sides(later="tarnfold/2024") == [["tarnfold/2023", "tarnfold/2024"]]
    assert sides(every=True) == [["tarnfold/2023", "tarnfold/2024"], ["tarnfold/2024", "tarnfold/2025"]]
    with pytest.raises(UserError, match="did not stand in tarnfold/2020"):
        sides(earlier="tarnfold/2020")
    with pytest.raises(UserError, match="no candidacy before"):
        sides(later="tarnfold/2023")
    with pytest.raises(UserError, match="single candidacy"):
        of(FIRST)
