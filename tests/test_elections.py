"""Which election a statement belongs to, settled over all statements of one origin."""

from analyzer.elections import settle
from analyzer.records import Candidate, Decision, Election, Provenance, Source, StatementRecord


def record(
    id_: str,
    submitted: str | None = None,
    *,
    list_: str | None = "orrery-dev",
    community: str | None = None,
    said: str = "text",
    unit: str | None = None,
    office: str | None = "Steering Committee",
    cycle: str | None = None,
) -> StatementRecord:
    return StatementRecord(
        id=id_,
        source=Source(path="x.mbox", format="mbox", list=list_, sha256="0"),
        submitted=submitted,
        decision=Decision(label="candidacy", score=1),
        text="",
        blocks=[],
        candidate=Candidate(name="Ada Voss"),
        election=Election(
            community=community,
            unit=unit,
            office=office,
            cycle=cycle,
            provenance={"community": Provenance(source=said)} if community else {},  # type: ignore[arg-type]
        ),
    )


def ids(records: list[StatementRecord]) -> list[tuple[str | None, str | None]]:
    return [(r.election.id, r.election.contest_id) for r in records]


def test_one_list_calls_its_community_by_the_name_most_use() -> None:
    found = settle(
        [
            record("a", "2024-09-01", community="Orrery Project"),
            record("b", "2024-09-02", community="Orrery Project"),
            record("c", "2024-09-03", community="orrery", said="inferred"),
            record("d", "2024-09-04"),
        ]
    )
    assert {r.election.id for r in found} == {"orrery-project/2024-09"}
    assert [r.election.community for r in found] == ["Orrery Project", "Orrery Project", "orrery", None]
    assert {r.election.community_canonical for r in found} == {"Orrery Project"}


def test_a_name_that_a_repository_writes_in_full_counts_as_one_of_a_text() -> None:
    found = settle(
        [
            record("a", list_=None, community="Orrery", said="folder", cycle="2024"),
            record("b", list_=None, community="Orrery", said="folder", cycle="2024"),
            record("c", list_=None, community="orrery", said="text", cycle="2024"),
        ]
    )
    assert {r.election.community_canonical for r in found} == {"Orrery"}


def test_what_the_user_says_wins_over_what_most_write() -> None:
    found = settle(
        [
            record("a", "2024-09-01", community="Orrery", said="user"),
            record("b", "2024-09-02", community="The Orrery"),
            record("c", "2024-09-02", community="The Orrery"),
        ]
    )
    assert {r.election.id for r in found} == {"orrery/2024-09"}


def test_silence_parts_elections_that_nobody_names() -> None:
    found = settle(
        [
            record("a", "2024-09-28T10:00:00Z", community="Orrery"),
            record("b", "2024-10-03T10:00:00Z", community="Orrery"),
            record("c", "2025-03-01T10:00:00Z", community="Orrery"),
        ]
    )
    assert [r.election.cycle for r in found] == ["2024-09", "2024-09", "2025-03"]
    assert found[0].election.provenance["cycle"].source == "inferred"


def test_a_stated_cycle_stays() -> None:
    (found,) = settle([record("a", "2024-09-01", community="Orrery", cycle="Comet")])
    assert found.election.id == "orrery/comet"
    assert found.election.cycle == "Comet"
    assert "cycle" not in found.election.provenance


def test_those_who_name_no_cycle_have_that_of_the_others() -> None:
    found = settle(
        [
            record("a", "2024-09-01", community="Orrery"),
            record("b", "2024-09-03", community="Orrery", cycle="Comet"),
            record("c", "2025-09-03", community="Orrery"),
        ]
    )
    assert [r.election.cycle for r in found] == ["Comet", "Comet", "2025-09"]
    assert found[0].election.provenance["cycle"].source == "inferred"


def test_a_contest_is_a_unit_and_an_office_however_the_office_is_written() -> None:
    found = settle(
        [
            record("a", "2024-09-01", community="Orrery", unit="Gears", office="PTL"),
            record("b", "2024-09-01", community="Orrery", unit="Gears", office="Project Team Lead"),
            record("c", "2024-09-01", community="Orrery", office=None),
        ]
    )
    assert found[0].election.contest_id == found[1].election.contest_id == "orrery/2024-09/gears-project-team-lead"
    assert found[2].election.contest_id is None


def test_who_names_no_office_stands_for_the_only_one() -> None:
    found = settle(
        [
            record("a", "2024-09-01", community="Orrery", office="Council"),
            record("b", "2024-09-02", community="Orrery", office="council"),
            record("c", "2024-09-03", community="Orrery", office=None),
            record("d", "2025-09-03", community="Orrery", office=None),
        ]
    )
    assert [r.election.contest_id for r in found] == [*["orrery/2024-09/council"] * 3, None]
    assert found[2].election.provenance["office"].source == "inferred"


def test_who_names_no_office_where_there_are_two_stands_for_neither() -> None:
    offices = ["Council", "Treasurer", None]
    found = settle([record(str(n), "2024-09-01", community="Orrery", office=o) for n, o in enumerate(offices)])
    assert found[2].election.office is None and found[2].election.contest_id is None


def test_an_office_known_from_before_is_that_of_who_names_none() -> None:
    known = settle([record("a", "2024-09-28", community="Orrery", office="Council")])
    (found,) = settle([record("b", "2024-10-02", community="Orrery", office=None)], known)
    assert found.election.contest_id == "orrery/2024-09/council"


def test_new_statements_join_the_election_the_workspace_knows() -> None:
    known = settle([record("a", "2024-09-28", community="Orrery")])
    (found,) = settle([record("b", "2024-10-02", community="Orrery")], known)
    assert found.election.id == "orrery/2024-09"


def test_of_an_unknown_community_or_time_no_election_is_made_up() -> None:
    found = settle([record("a", "2024-09-01", list_=None), record("b", community="Orrery")])
    assert ids(found) == [(None, None), (None, None)]


def test_the_order_of_the_statements_does_not_matter() -> None:
    records = [
        record("a", "2024-09-01", community="Orrery"),
        record("b", "2024-09-02", community="Orrery Project"),
        record("c", "2025-09-02"),
    ]
    assert settle(records) == list(reversed(settle(list(reversed(records)))))


def of_folder(id_: str, community: str, said: str = "text") -> StatementRecord:
    made = record(id_, "2024-09-01", list_=None, community=community, said=said)
    return made.model_copy(update={"election": made.election.model_copy(update={"community_canonical": "orrery"})})


def test_statements_of_one_repository_share_the_name_most_of_them_use() -> None:
    found = settle(
        [of_folder("a", "Orrery Project"), of_folder("b", "Orrery Project"), of_folder("c", "orrery", "folder")]
    )
    assert {r.election.id for r in found} == {"orrery-project/2024-09"}


def test_a_repository_read_again_keeps_the_name_it_has() -> None:
    known = settle([of_folder("a", "Orrery Project")])
    (found,) = settle([of_folder("b", "orrery", "folder")], known)
    assert found.election.id == "orrery-project/2024-09"
