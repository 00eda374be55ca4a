"""Whose statements these are: what joins them, what keeps them apart, and that the order does not matter."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from platforms import statement

from analyzer.identity import resolve
from analyzer.records import Email, StatementRecord


def by(
    name: str | None, year: int = 2024, *, address: str | None = None, handle: str | None = None, **more: Any
) -> StatementRecord:
    record = statement(name, f"I stand in {year}. {more.pop('says', '')}", election=f"tarnfold/{year}", **more)
    emails = [Email(address=address, source="header")] if address else []
    handles = {"github": handle} if handle else {}
    candidate = record.candidate.model_copy(update={"emails": emails, "handles": handles})
    return record.model_copy(update={"candidate": candidate})


def together(*records: StatementRecord) -> bool:
    return len(resolve(records).groups) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (by("Tao Venwick"), by("Venwick, Tao", 2025)),
        (by("Tao Venwick"), by("Venwick Tao", 2025)),
        (by("Zoë Ångvall"), by("Zoe Angvall", 2025)),
        (by("Ottilie Brandhaug"), by("OTTILIE BRANDHAUG", 2025)),
        (by("Tao Venwick", address="tao@venwick.example"), by("T. Venwick", 2025, address="tao@venwick.example")),
        (by("Tao Venwick", handle="bergwulf"), by("bergwulf", 2025, handle="bergwulf")),
    ],
)
def test_one_person_however_they_write_themselves(one: StatementRecord, other: StatementRecord) -> None:
    assert together(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (by("Tao Venwick"), by("Ottilie Brandhaug", 2025)),
        (by("Tao Venwick", address="board@tarn.example"), by("Ottilie Brandhaug", address="board@tarn.example")),
        (by("Ottilie Brandhaug", handle="obrand"), by("Tao Venwick", handle="venwick")),
    ],
)
def test_other_names_stay_apart_at_one_address_too(
    one: StatementRecord, other: StatementRecord
) -> None:
    assert not together(one, other)


def test_every_link_says_what_joined_whom() -> None:
    one, other = (by("Ottilie Brandhaug", year, address="otti@brandhaug.example") for year in (2024, 2025))
    (links,) = resolve([one, other]).links
    (link,) = links
    assert set(link.statements) == {one.id, other.id}
    kinds = {reason.kind for reason in link.because}
    assert {"address", "same name"} <= kinds
    assert link.weight == pytest.approx(sum(reason.weight for reason in link.because), abs=0.05)


FIELD = [
    by("Tao Venwick", 2023, address="tao@venwick.example"),
    by("Venwick, Tao", 2024),
    by("T. Venwick", 2025, address="tao@venwick.example"),
    by("Ottilie Brandhaug", 2023, handle="obrand"),
    by("obrand", 2025, handle="obrand"),
    by(None, 2024, says="Nobody says who."),
]


@given(st.permutations(FIELD))
@settings(deadline=None, max_examples=25)
def test_the_order_of_statements_does_not_matter(records: list[StatementRecord]) -> None:
    assert sorted(map(sorted, resolve(records).groups)) == sorted(map(sorted, resolve(FIELD).groups))


def test_every_statement_is_somebodys() -> None:
    groups = resolve(FIELD).groups
    assert sorted(id_ for group in groups for id_ in group) == sorted(record.id for record in FIELD)
    assert len(groups) == 3
