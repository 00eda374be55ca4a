"""Putting right who is who and what was read: corrections stay apart, hold, and can be taken back."""

from pathlib import Path

import pytest
from platforms import statement

from analyzer import workflow
from analyzer.errors import UserError
from analyzer.records import StatementRecord
from analyzer.store import Workspace

ADA = statement("Ada Moor", "I lead the board. I want [faster builds](goal).", roles=[("board", None, "current")])
ADELE = statement("Adele Moorland", "I want [better docs](goal).", election="tarnfold/2024")
BEN = statement("Benedict Tarr", "I want [a travel fund](goal).")
LATER = statement("Benedict Tarr", "I want [term limits](goal).", election="tarnfold/2024")


@pytest.fixture
def db(tmp_path: Path) -> Path:
    path = tmp_path / "w.duckdb"
    store(path, ADA, ADELE, BEN, LATER)
    return path


def store(path: Path, *records: StatementRecord) -> None:
    with Workspace.open(path, create=True) as workspace:
        workspace.add(records)


def names(db: Path) -> list[str]:
    return sorted(person.name for person in workflow.people(db))


def listed(db: Path) -> int:
    return workflow.listing(db).statements


def test_people_are_merged_and_that_is_taken_back(db: Path) -> None:
    assert names(db) == ["Ada Moor", "Adele Moorland", "Benedict Tarr"]
    workflow.merge(db, ["Ada Moor", "Adele Moorland"])
    assert len(names(db)) == 2
    workflow.undo(db)
    assert names(db) == ["Ada Moor", "Adele Moorland", "Benedict Tarr"]
    with pytest.raises(UserError):
        workflow.merge(db, ["Ada Moor"])


def test_what_a_person_did_not_write_is_split_off_and_stays_so_when_read_again(db: Path) -> None:
    workflow.split(db, "Benedict Tarr", [LATER.id])
    assert len(names(db)) == 4
    store(db, ADA, ADELE, BEN, LATER)
    assert len(names(db)) == 4
    workflow.undo(db)
    assert len(names(db)) == 3


def test_a_value_is_corrected_beside_what_was_read(db: Path) -> None:
    workflow.correct(db, BEN.id, "candidate", "Benedikt Tarr")
    assert "Benedikt Tarr" in names(db)
    with Workspace.open(db, read_only=True) as workspace:
        assert next(r for r in workspace.records() if r.id == BEN.id).candidate.name == "Benedict Tarr"
    (one,) = workflow.corrections(db)
    assert one.found
    workflow.undo(db, one.number)
    assert "Benedikt Tarr" not in names(db)


def test_a_role_is_corrected_by_its_words(db: Path) -> None:
    workflow.correct(db, ADA.id, "role", "board", changes={"status": "past"})
    assert [item.found for item in workflow.corrections(db)] == [True]
    with pytest.raises(UserError):
        workflow.correct(db, ADA.id, "role", "captain", changes={"status": "past"})
    with pytest.raises(UserError):
        workflow.correct(db, ADA.id, "role", "board", changes={"status": "former"})


def test_a_correction_that_no_longer_finds_its_value_says_so(db: Path) -> None:
    workflow.correct(db, ADA.id, "role", "board", changes={"status": "past"})
    store(db, ADA.model_copy(update={"roles": []}))
    assert [item.found for item in workflow.corrections(db)] == [False]


def test_who_is_forgotten_is_gone_from_the_file_and_stays_away(db: Path) -> None:
    assert b"travel fund" in contents(db)
    workflow.forget(db, "Benedict Tarr")
    assert (listed(db), names(db)) == (2, ["Ada Moor", "Adele Moorland"])
    data = contents(db)
    assert b"travel fund" not in data and b"Benedict" not in data and b"term limits" not in data
    assert b"faster builds" in data
    with Workspace.open(db, read_only=True) as workspace:
        assert workspace.forgotten({f"statement {BEN.id}"}) == {f"statement {BEN.id}"}


def contents(db: Path) -> bytes:
    return b"".join(path.read_bytes() for path in db.parent.iterdir() if path.is_file())
