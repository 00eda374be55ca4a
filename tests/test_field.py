"""The field of candidates: who is new, who returns, who had won, for whom they work."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from platforms import wishes

from analyzer.chronology import in_time
from analyzer.directory import Directory
from analyzer.field import ElectionField, fields
from analyzer.records import Affiliation, StatementRecord


def stood(name: str, year: int, outcome: str | None = None, *employers: str, **changes: Any) -> StatementRecord:
    record = wishes(
        name,
        f"reviews of {year}",
        election=f"tarnfold/{year}",
        submitted=f"{year}-03-04T10:00:00Z",
        outcome=outcome,
        **changes,
    )
    record.affiliations = [affiliation(employer) for employer in employers]
    return record


def affiliation(employer: str, **changes: Any) -> Affiliation:
    made: dict[str, Any] = {"organization": employer, "canonical": employer, "relation": "employer"}
    made |= {"status": "current", "source": "field", "confidence": 0.9}
    return Affiliation(**(made | changes))


def field(*records: StatementRecord) -> list[ElectionField]:
    directory = Directory(records)
    placed, unknown = in_time(directory.elections)
    held = {election.id: directory.in_scope(election.id) for election in directory.elections}
    return fields([*placed, *unknown], len(placed), held, directory)


def names(whos: Any) -> list[str] | None:
    return None if whos is None else [who.name for who in whos]


def test_of_the_first_election_nobody_knows_who_is_new() -> None:
    first, second, third = field(
        stood("Ada", 2023), stood("Ben", 2023), stood("Cleo", 2024), stood("Ada", 2025), stood("Dov", 2025)
    )
    assert (first.newcomers, first.returners) == (None, None)
    assert (names(second.newcomers), names(second.returners)) == (["Cleo"], [])
    assert (names(third.newcomers), names(third.returners)) == (["Dov"], ["Ada"])
    assert [one.candidates for one in (first, second, third)] == [2, 1, 2]


def test_who_had_won_the_same_office_and_wins_it_again() -> None:
    board = {"contest": "tarnfold/2025/board"}
    _, last = field(
        stood("Ada", 2024, "elected"),
        stood("Elof", 2024, "elected"),
        stood("Cleo", 2024, "not_elected"),
        stood("Dov", 2024, "elected"),
        stood("Ada", 2025, "elected"),
        stood("Elof", 2025, "not_elected"),
        stood("Cleo", 2025, "elected"),
        stood("Dov", 2025, "elected", **board),
    )
    assert names(last.elected) == ["Ada", "Cleo", "Dov"]
    assert names(last.elected_before) == ["Ada", "Elof"], "Dov stands for another office now"
    assert names(last.elected_again) == ["Ada"]


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (None, None, (None, None, None)),
        (None, "elected", (["Ada"], None, None)),
        ("elected", None, (None, ["Ada"], None)),
        ("not_elected", "elected", (["Ada"], [], [])),
    ],
)
def test_unknown_outcomes_are_null(before: str | None, now: str | None, expected: tuple[Any, ...]) -> None:
    _, last = field(stood("Ada", 2024, before), stood("Ada", 2025, now))
    assert tuple(map(names, (last.elected, last.elected_before, last.elected_again))) == expected


def test_an_election_of_unknown_time_has_neither_newcomers_nor_returners() -> None:
    undated = wishes("Ada", "reviews", election="tarnfold/tenth", submitted=None)
    *_, last = field(stood("Ada", 2024), stood("Ada", 2025), undated)
    assert last.election == "tarnfold/tenth" and (last.newcomers, last.returners) == (None, None)


def test_employers_and_their_concentration() -> None:
    [only] = field(
        stood("Ada", 2025, None, "Quillworks"),
        stood("Ben", 2025, None, "Quillworks"),
        stood("Cleo", 2025, None, "Hestrum Data"),
        stood("Dov", 2025, None, "Quillworks", "Ambersett"),
        stood("Eda", 2025),
    )
    found = only.employers
    assert (found.known, found.unknown) == (4, 1)
    assert [(one.organization, names(one.candidates)) for one in found.employers] == [
        ("Quillworks", ["Ada", "Ben", "Dov"]),
        ("Hestrum Data", ["Cleo"]),
        ("Ambersett", ["Dov"]),
    ]
    # 2.5 of 4, 1 of 4, and half of one.
    assert found.largest == pytest.approx(0.625)
    assert found.concentration == pytest.approx(0.625**2 + 0.25**2 + 0.125**2)


def test_past_and_other_affiliations_employ_nobody_and_known_addresses_do() -> None:
    ada, ben, cleo, dov = (stood(name, 2025) for name in ("Ada", "Ben", "Cleo", "Dov"))
    ada.affiliations = [affiliation("Quillworks", status="past"), affiliation("Fennmark", relation="academic")]
    domain = {"relation": "other", "source": "email-domain", "canonical": "Hestrum Data"}
    ben.affiliations = [affiliation("hestrum.example", **domain)]
    cleo.affiliations = [affiliation("cleo.example", **(domain | {"canonical": "cleo.example"}))]
    dov.affiliations = [affiliation("hestrum.example", **domain), affiliation("Ambersett")]
    [only] = field(ada, ben, cleo, dov)
    assert [(e.organization, names(e.candidates), e.by_address) for e in only.employers.employers] == [
        ("Ambersett", ["Dov"], 0),
        ("Hestrum Data", ["Ben"], 1),
    ], "what somebody says of themselves counts before their address"
    assert only.employers.unknown == 2


def test_where_no_employer_is_known_there_is_no_concentration() -> None:
    [only] = field(stood("Ada", 2025))
    assert (only.employers.known, only.employers.largest, only.employers.concentration) == (0, None, None)


@given(st.lists(st.lists(st.sampled_from("ABCD"), max_size=3, unique=True), min_size=1, max_size=8))
@settings(deadline=None)
def test_concentration_lies_between_its_bounds(employers: list[list[str]]) -> None:
    [only] = field(*(stood(f"N{number}", 2025, None, *own) for number, own in enumerate(employers)))
    found = only.employers
    assert found.known + found.unknown == len(employers)
    if found.largest is not None and found.concentration is not None:
        assert 1 / len(found.employers) - 1e-9 <= found.concentration <= found.largest + 1e-9 <= 1 + 1e-9
