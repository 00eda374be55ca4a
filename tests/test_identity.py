"""Whose statements these are: what joins them, what keeps them apart, and that the order does not matter."""

import csv
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from platforms import statement

from analyzer.identity import resolve, words
from analyzer.records import Email, StatementRecord
from analyzer.resources import shipped


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


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (by("Tao Venwick"), by("Tao L. Venwick", 2025)),
        (by("Tao Venwick", says="a", address="tao@x.example"), by("Tao", 2025, address="TAO@x.example")),
        (by("William Brandhaug"), by("Bill Brandhaug", 2025)),
        (by("Anna-Lena Quist"), by("AnnaLena Quist", 2025)),
        (by("Dr. Tao Venwick"), by("Tao Venwick (bergwulf)", 2025)),
        # A handle in the text, in the path, and as the link of a profile, and before the @.
        (by("Ottilie", handle="https://github.com/Bergwulf/"), by(None, 2025, handle="bergwulf")),
        (by("Ottilie", handle="bergwulf"), by(None, 2025, address="bergwulf@x.example")),
        (by(None, address="ottilie.brandhaug@x.example"), by("Ottilie Brandhaug", 2025)),
        (by("Ottilie Brandhaug"), by(None, 2025, handle="ottiliebrandhaug")),
        (by("Ottilie Brandhaug", unit="Build"), by(None, 2025, handle="obrandhaug", unit="Build")),
        (by("Ottilie Brandhaug", unit="Build"), by("Ottilie", 2025, unit="Build")),
        (by("Ottilie Brandhaug", community="Tarnfold"), by("Ottilie Brandhaug", 2025, community="Quillworks")),
    ],
)
def test_short_forms_and_accounts_are_evidence_too(one: StatementRecord, other: StatementRecord) -> None:
    assert together(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # People of a common name in communities that have nothing to do with each other.
        (by("Wei Zhang", address="wz@a.example"), by("Wei Zhang", 2025, address="zhang@b.example", community="Orrery")),
        (by("John Smith", community="Tarnfold"), by("John Smith", 2025, community="Orrery")),
        # Who stands against somebody is not that person.
        (
            by("Wei Zhang", address="wz@a.example", says="I want docs. I want builds."),
            by("Wei Zhang", address="zhang@b.example", says="I want travel. I want money."),
        ),
        (by("Ottilie"), by("Ottilie", 2025, community="Orrery")),
        (by("Ottilie", unit="Build"), by("Ottilie Brandhaug", 2025, unit="Docs")),
        (by("Marta Klein"), by("Maria Klein", 2025)),
        (by("Jane Smith", unit="Build"), by("John Smith", 2025, unit="Build")),
        (by("Ottilie", handle="N/A"), by("Benedikt", 2025, handle="n/a")),
        (by(None, unit="Build"), by(None, 2025, unit="Build")),
        (by(None, address="info@a.example"), by(None, 2025, address="info@b.example")),
    ],
)
def test_people_who_share_a_name_or_a_word_stay_apart(one: StatementRecord, other: StatementRecord) -> None:
    assert not together(one, other)


def test_a_statement_sent_again_from_another_address_is_the_same_persons() -> None:
    says = "I want docs. I want builds. I want money."
    again = f"{says} And a correction."
    one = by("Wei Zhang", address="wz@a.example", says=says)
    assert together(one, by("Wei Zhang", address="zhang@b.example", says=again))


def test_the_name_of_somebody_whom_a_statement_only_mentions_joins_nobody() -> None:
    """The handle is its owner's: whose name the text was misread for, it does not belong to."""
    hers = [by("Ottilie Brandhaug", year, handle="obrandhaug") for year in (2022, 2023)]
    misread = by("Tao Venwick", 2024, handle="obrandhaug")
    misread.candidate.source = "text"
    his = [by("Tao Venwick", year, handle="tvenwick") for year in (2022, 2023)]
    found = resolve([*his, misread, *hers])
    assert sorted(map(sorted, found.groups)) == sorted(
        [sorted(r.id for r in his), sorted(r.id for r in [*hers, misread])]
    )
    assert found.misread == {misread.id}


def test_rivals_of_one_name_are_not_joined_by_a_third_statement() -> None:
    rivals = [
        by("Wei Zhang", address="wz@a.example", says="I want docs. I want builds."),
        by("Wei Zhang", address="zhang@b.example", says="I want travel. I want money."),
    ]
    assert len(resolve([*rivals, by("Wei Zhang", 2025)]).groups) >= 2


def test_what_a_user_says_overrules_all_evidence() -> None:
    one, other = by("Tao Venwick"), by("Ottilie Brandhaug", 2025)
    twin = by("Tao Venwick", 2025)
    found = resolve([one, other], same=[(one.id, other.id)])
    assert len(found.groups) == 1
    assert [reason.kind for reason in found.links[0][0].because] == ["user"]
    assert len(resolve([one, twin], different=[(twin.id, one.id)]).groups) == 2


FIELD = [
    by("Tao Venwick", 2023, address="tao@venwick.example"),
    by("Venwick, Tao", 2024),
    by("T. Venwick", 2025, address="tao@venwick.example"),
    by("Ottilie Brandhaug", 2023, handle="obrand"),
    by("obrand", 2025, handle="obrand"),
    by(None, 2024, says="Nobody says who."),
]


CLAIMS = st.builds(
    by,
    st.sampled_from([None, "Tao Venwick", "Venwick, Tao", "Tao", "Wei Zhang", "Ottilie Brandhaug", "O. Brandhaug"]),
    st.integers(2022, 2025),
    address=st.sampled_from([None, "tao@venwick.example", "council@tarn.example", "wei.zhang@a.example"]),
    handle=st.sampled_from([None, "tvenwick", "bergwulf", "zhang"]),
    community=st.sampled_from(["Tarnfold", "Orrery"]),
    unit=st.sampled_from([None, "Build", "Docs"]),
    says=st.sampled_from(["I want docs. I want builds.", "I want travel. I want money."]),
)


@given(st.lists(CLAIMS, max_size=9, unique_by=lambda record: record.id), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=60)
def test_any_statements_are_joined_alike_in_any_order(records: list[StatementRecord], random: Random) -> None:
    found = resolve(records)
    shuffled = random.sample(records, len(records))
    assert resolve(shuffled) == found
    assert sorted(id_ for group in found.groups for id_ in group) == sorted(record.id for record in records)
    # The links are those of a tree: one fewer than the statements, and within the group.
    for group, links in zip(found.groups, found.links, strict=True):
        assert len(links) == len(group) - 1
        assert all(set(link.statements) <= set(group) for link in links)


@given(st.permutations(FIELD))
@settings(deadline=None, max_examples=25)
def test_the_order_of_statements_does_not_matter(records: list[StatementRecord]) -> None:
    assert sorted(map(sorted, resolve(records).groups)) == sorted(map(sorted, resolve(FIELD).groups))


def test_every_statement_is_somebodys() -> None:
    groups = resolve(FIELD).groups
    assert sorted(id_ for group in groups for id_ in group) == sorted(record.id for record in FIELD)
    assert len(groups) == 3


@pytest.mark.parametrize("name", ["given_names.csv", "surnames.csv"])
def test_every_line_of_the_lexicons_has_a_source_and_is_there_once(name: str) -> None:
    with shipped(f"data/lexicons/{name}").open(encoding="utf-8", newline="") as file:
        rows = [tuple(row.values()) for row in csv.DictReader(file)]
    assert all(row[-1].startswith("https://") for row in rows)
    assert len({row[0] for row in rows}) == len(rows)
    assert rows == sorted(rows, key=lambda row: words(row[0]))
