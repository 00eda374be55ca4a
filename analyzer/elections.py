"""Which election a statement belongs to: its id and its contest's, settled over all statements at once.

One voter's list calls its community by many names ("Kata", "Kata Containers"), and most mails do not say when the
election is. So the statements of one origin (a mailing list, a repository) are taken together: they share the name
most of them use, and those that name no cycle are parted where the list fell silent for `GAP_DAYS`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from analyzer.directory import slug
from analyzer.organizations import canonical_office
from analyzer.records import Provenance, StatementRecord

#: Days without a candidacy that end an election: nominations last two or three weeks, and terms half a year or more.
GAP_DAYS = 45


def settle(
    records: Iterable[StatementRecord], known: Iterable[StatementRecord] = ()
) -> list[StatementRecord]:
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
    names = _names([*settled, *new])
    cycles = _cycles(new, settled)
    return [_with_ids(record, names.get(_origin(record)), cycles.get(record.id)) for record in new]


def _origin(record: StatementRecord) -> str:
    """Return what statements of one community share: the list they were sent to, else what names the community."""
    if record.source.list:
        return f"list:{record.source.list.casefold()}"
    return f"name:{slug(record.election.community or '')}"


def _names(records: Sequence[StatementRecord]) -> dict[str, str]:
    """Return the name of the community of each origin: what a user said, else the commonest one, fuller ones first."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    told: dict[str, str] = {}
    for record in records:
        name = record.election.community_canonical or record.election.community
        if not name:
            continue
        origin = _origin(record)
        source = record.election.provenance["community"].source if "community" in record.election.provenance else None
        if source == "user":
            told[origin] = name
        # A name made from that of the list or folder is written without capitals and spaces.
        counts[origin][name] += 1 if source not in ("inferred", "folder") else 0
    return {
        origin: told.get(origin) or min(names, key=lambda name: (-names[name], -len(name), name))
        for origin, names in counts.items()
    }


def _cycles(new: Sequence[StatementRecord], known: Sequence[StatementRecord]) -> dict[str, str]:
    """Return a cycle ("2022-03") for each new statement that names none but has a date."""
    groups: dict[str, list[StatementRecord]] = defaultdict(list)
    fresh = {record.id for record in new}
    for record in [*known, *new]:
        if record.submitted and (record.election.cycle is None or record.id not in fresh):
            groups[_origin(record)].append(record)
    cycles = {}
    for members in groups.values():
        members.sort(key=lambda record: (record.submitted or "", record.id))
        run: list[StatementRecord] = []
        for record in members:
            if run and (_day(record) - _day(run[-1])).days > GAP_DAYS:
                cycles.update(_one_cycle(run, fresh))
                run = []
            run.append(record)
        cycles.update(_one_cycle(run, fresh))
    return cycles


def _one_cycle(run: Sequence[StatementRecord], fresh: set[str]) -> dict[str, str]:
    settled = next((r.election.id for r in run if r.id not in fresh and r.election.id), None)
    cycle = settled.partition("/")[2] if settled else (run[0].submitted or "")[:7]
    return {record.id: cycle for record in run if record.id in fresh and record.election.cycle is None}


def _day(record: StatementRecord) -> date:
    return date.fromisoformat((record.submitted or "")[:10])


def _with_ids(record: StatementRecord, community: str | None, cycle: str | None) -> StatementRecord:
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
