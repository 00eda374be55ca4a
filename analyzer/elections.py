"""Which election a statement belongs to: its id and its contest's, settled over all statements at once.

One voter's list calls its community by many names ("Kata", "Kata Containers"), and most mails do not say when the
election is. So the statements of one origin (a mailing list, a repository) are taken together: they share the name
most of them use; where the list fell silent for `GAP_DAYS` an election ends, and those that name no cycle have that
of the others. Where all who name an office stand for the same one, so do those who name none.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from analyzer.directory import slug
from analyzer.organizations import canonical_office
from analyzer.records import Election, Provenance, StatementRecord
from analyzer.statements.offices import per_unit

#: Days without a candidacy that end an election: nominations last two or three weeks, and terms half a year or more.
GAP_DAYS = 45


def settle(records: Iterable[StatementRecord], known: Iterable[StatementRecord] = ()) -> list[StatementRecord]:
    """Return the records with `election.id` and `contest_id`, in their order.

    Parameters
    ----------
    known : records that have their ids already (those of the workspace); they keep them, and new ones join them.

    Notes
    -----
    A statement of which neither community nor cycle is known belongs to no election: its ids stay null.
    """
    new = list(records)
    settled = list(known)
    origins = _origins(new, settled)
    names = _names([*settled, *new], origins)
    cycles = _cycles(new, settled, origins)
    named = [_with_ids(record, names.get(origins[record.id]), cycles.get(record.id)) for record in new]
    return _with_offices(named, settled)


def placed(record: StatementRecord) -> StatementRecord:
    """Return a record whose ids follow from its community, unit, office and cycle as they are now."""
    cleared = record.election.model_copy(update={"id": None, "contest_id": None})
    return _with_ids(record.model_copy(update={"election": cleared}), cleared.community_canonical)


def _origins(new: Sequence[StatementRecord], known: Sequence[StatementRecord]) -> dict[str, str]:
    """Return the origin of each statement; those of "orrery" are of "orrery-project" where that is known."""
    settled = {record.id: _origin(record) for record in known}
    origins = dict(settled)
    for record in new:
        origin = _origin(record)
        longer = [other for other in settled.values() if other.startswith(f"{origin}-")]
        origins[record.id] = origin if origin in settled.values() or origin == "name:" else min(longer, default=origin)
    return origins


def _origin(record: StatementRecord) -> str:
    """Return what statements of one community share: their list, else the name that they have in common."""
    if record.source.list:
        return f"list:{record.source.list.casefold()}"
    election = record.election
    return f"name:{slug(election.community_canonical or election.community or '')}"


def _names(records: Sequence[StatementRecord], origins: Mapping[str, str]) -> dict[str, str]:
    """Return the name of the community of each origin: what a user said, else the commonest one, fuller ones first."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    told: dict[str, str] = {}
    for record in records:
        settled = record.election.community_canonical if record.election.id else None
        name = settled or record.election.community
        if not name:
            continue
        origin = origins[record.id]
        source = record.election.provenance["community"].source if "community" in record.election.provenance else None
        if source == "user":
            told[origin] = name
        # A name made from that of the list or folder is written without capitals; a configuration writes it in full.
        counts[origin][name] += 1 if source not in ("inferred", "folder") or name != name.lower() else 0
    return {
        origin: told.get(origin) or min(names, key=lambda name: (-names[name], -len(name), name))
        for origin, names in counts.items()
    }


def _cycles(
    new: Sequence[StatementRecord], known: Sequence[StatementRecord], origins: Mapping[str, str]
) -> dict[str, str]:
    """Return a cycle for each new statement that names none but has a date.

    It is what others of its time and origin state, else the month in which they began ("2022-03").
    """
    groups: dict[str, list[StatementRecord]] = defaultdict(list)
    for record in [*known, *new]:
        if record.submitted:
            groups[origins[record.id]].append(record)
    fresh = {record.id for record in new}
    cycles = {}
    for members in groups.values():
        members.sort(key=lambda record: (record.submitted or "", record.id))
        runs: list[list[StatementRecord]] = []
        for record in members:
            if not runs or (_day(record) - _day(runs[-1][-1])).days > GAP_DAYS:
                runs.append([])
            runs[-1].append(record)
        for run in runs:
            stated = Counter(record.election.cycle for record in run if record.election.cycle)
            settled = [record.election.cycle for record in run if record.id not in fresh and record.election.id]
            cycle = next(
                (c for c in settled if c),
                min(stated, key=lambda c: (-stated[c], c)) if stated else (run[0].submitted or "")[:7],
            )
            cycles.update({r.id: cycle for r in run if r.id in fresh and r.election.cycle is None})
    return cycles


def _day(record: StatementRecord) -> date:
    return date.fromisoformat((record.submitted or "")[:10])


def _with_ids(record: StatementRecord, community: str | None, cycle: str | None = None) -> StatementRecord:
    election = record.election
    community = community or election.community
    provenance = dict(election.provenance)
    if election.cycle is None and cycle is not None:
        provenance["cycle"] = Provenance(source="inferred")
    cycle = election.cycle or cycle
    if not community or not cycle:
        return record
    id_ = f"{slug(community)}/{slug(cycle)}"
    seat = [slug(election.unit or ""), slug(canonical_office(election.office) if election.office else "")]
    contest = "-".join(part for part in seat if part)
    settled = election.model_copy(
        update={
            "id": id_,
            "contest_id": f"{id_}/{contest}" if contest else None,
            "community_canonical": community,
            "cycle": cycle,
            "provenance": provenance,
        }
    )
    return record.model_copy(update={"election": settled})


def _with_offices(new: Sequence[StatementRecord], known: Sequence[StatementRecord]) -> list[StatementRecord]:
    """Return the records with the office of their election, if it has one only, where they name none.

    Not one of which each part of the community has its own: then nothing says of which part.
    """
    seats: dict[str, dict[tuple[str, str], Election]] = defaultdict(dict)
    for record in [*known, *new]:
        election = record.election
        said = "office" not in election.provenance or election.provenance["office"].source != "inferred"
        if election.id and election.office and said:
            seat = slug(election.unit or ""), slug(canonical_office(election.office))
            seats[election.id].setdefault(seat, election)
    return [_with_office(record, [*seats[record.election.id or ""].values()]) for record in new]


def _with_office(record: StatementRecord, seats: Sequence[Election]) -> StatementRecord:
    election = record.election
    if election.office is not None or len(seats) != 1 or election.unit or per_unit(seats[0].office or ""):
        return record
    inferred = election.model_copy(
        update={
            "office": seats[0].office,
            "office_canonical": canonical_office(seats[0].office) if seats[0].office else None,
            "contest_id": seats[0].contest_id,
            "provenance": {**election.provenance, "office": Provenance(source="inferred")},
        }
    )
    return record.model_copy(update={"election": inferred})
