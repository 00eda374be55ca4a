"""People as `candidacy people` shows them, what a user means by one or by statements of theirs, and forgetting one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from analyzer import identity
from analyzer.corrections import Correction, target
from analyzer.directory import Directory, name_key
from analyzer.errors import UnknownNameError, UserError
from analyzer.records import IdentityLink, PersonRecord, Record, Skipped, StatementRecord
from analyzer.views import election_name

_ADDRESS = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
# What tools put before a name to make the name of a file.
_AROUND = re.compile(r"^(candidate|nominee)[-_ ]")
# A beginning of an id that somebody might type for the whole.
_SHORTEST = 4


class PersonStatement(Record):
    """A statement of somebody: in which election, who it says stands, and where it was found."""

    id: str
    election: str | None
    title: str
    submitted: str | None
    name: str | None
    place: str


class PersonEntry(Record):
    """Somebody, by what names and accounts they are known, where they stood, and why these statements are theirs."""

    id: str
    name: str
    names: list[str]
    addresses: list[str]
    handles: list[str]
    elections: list[str]
    statements: list[PersonStatement]
    evidence: list[IdentityLink]


def entries(directory: Directory, people: Iterable[PersonRecord]) -> list[PersonEntry]:
    """Return people as they are shown, in their order; what of them lies outside the directory is left out."""
    by_id = {record.id: record for record in directory.records}
    found = []
    for person in people:
        records = [by_id[id_] for id_ in person.statements]
        emails = (email.address for record in records for email in record.candidate.emails)
        handles = (handle for record in records for _, handle in sorted(record.candidate.handles.items()))
        found.append(
            PersonEntry(
                id=person.id,
                name=person.name,
                names=person.names,
                addresses=_once(emails),
                handles=_once(handles),
                elections=list(dict.fromkeys(record.election.id for record in records if record.election.id)),
                statements=[
                    PersonStatement(
                        id=record.id,
                        election=record.election.id,
                        title=election_name(record.election.contest_id or record.election.id, record),
                        submitted=record.submitted,
                        name=record.candidate.name,
                        place=_place(record),
                    )
                    for record in records
                ],
                evidence=person.evidence,
            )
        )
    return found


def merged(directory: Directory, names: Sequence[str]) -> Correction:
    """Return the correction that makes several people one.

    Raises
    ------
    UserError
        If these are not at least two people.
    """
    people = {person.id: person for person in map(directory.find_person, names)}
    if len(names) < 2:
        raise UserError("--merge joins people: give the names of two or more")
    if len(people) < 2:
        (person,) = people.values()
        raise UserError(f"{', '.join(names)}: are one person already, {person.name} ({person.id})")
    by_id = {record.id: record for record in directory.records}
    sides = [[target(by_id[id_]) for id_ in person.statements] for person in people.values()]
    return Correction(number=0, verb="merge", sides=sides)


def split(directory: Directory, name: str, parts: Sequence[str]) -> Correction:
    """Return the correction that makes some statements of a person somebody else's.

    Parameters
    ----------
    parts : which statements: their ids (or the beginning of one), an address or handle that they give, or an election.

    Raises
    ------
    UserError
        If a part fits none of the person's statements, or all of them would go.
    """
    person = directory.find_person(name)
    by_id = {record.id: record for record in directory.records}
    records = [by_id[id_] for id_ in person.statements]
    if not parts:
        raise UserError(
            f"--split {name}: say which statements are somebody else's: ids, an address, a handle, or an election"
        )
    taken = {record.id for part in parts for record in _meant(records, part, person, directory)}
    rest = [record for record in records if record.id not in taken]
    if not rest:
        raise UserError(f"--split {name}: these are all statements of {person.name}: leave at least one")
    part = [record for record in records if record.id in taken]
    return Correction(number=0, verb="split", sides=[[target(r) for r in part], [target(r) for r in rest]])


def find_statement(records: Iterable[StatementRecord], text: str) -> StatementRecord:
    """Return the statement of an id, or of the beginning of one that no other has.

    Raises
    ------
    UserError
        If there is none, or are several.
    """
    typed = text.strip().casefold()
    found = [r for r in records if r.id == typed or (len(typed) >= _SHORTEST and r.id.startswith(typed))]
    found = [r for r in found if r.id == typed] or found
    if len(found) == 1:
        return found[0]
    if found:
        raise UserError(f"{text}: several statements begin so: {', '.join(r.id for r in found[:8])}: give more of it")
    raise UserError(f"{text or '(nothing)'}: no statement of this id: 'candidacy people NAME' shows the ids")


def _meant(
    records: Sequence[StatementRecord], part: str, person: PersonRecord, directory: Directory
) -> list[StatementRecord]:
    typed = part.strip().casefold()
    by_account = [
        record
        for record in records
        if typed in {email.address.casefold() for email in record.candidate.emails}
        or typed.removeprefix("@") in {handle.casefold() for handle in record.candidate.handles.values()}
    ]
    if by_account:
        return by_account
    try:
        return [find_statement(records, part)]
    except UserError:
        pass
    try:
        scope = directory.within(records).find_election(part)
    except UnknownNameError:
        scope = None
    found = [record for record in records if scope in (record.election.id, record.election.contest_id)] if scope else []
    if not found:
        raise UserError(
            f"{part}: no statement, address, handle or election of {person.name}: "
            f"'candidacy people {person.id}' shows them"
        )
    return found


def _once(values: Iterable[str]) -> list[str]:
    found: dict[str, str] = {}
    for value in values:
        found.setdefault(value.casefold(), value)
    return [found[key] for key in sorted(found)]


def _place(record: StatementRecord) -> str:
    source = record.source
    inner = f"/{source.member}" if source.member else ""
    return f"{source.path}{inner}" + (f"[{source.index}]" if source.index is not None else "")


# --- forgetting ---------------------------------------------------------------------------------------


def keys(record: StatementRecord) -> set[str]:
    """Return what tells whose statement this is when it, or another one of theirs, is met again.

    It is the statement itself, each address, and each handle and full name within its community.
    """
    claim = identity.claim(record)
    found = {f"statement {record.id}", f"source {record.source.sha256} {record.source.section or ''}"}
    found |= {f"address {address}" for address in claim.addresses}
    found |= {f"handle {claim.community} {handle}" for handle in claim.handles.values()}
    if len(claim.name) > 1:
        found.add(f"name {claim.community} {' '.join(sorted(claim.name))}")
    return found


def traces(records: Iterable[StatementRecord]) -> set[str]:
    """Return keys for what is left out when it is read, and may tell a person by the name of its file."""
    found = set()
    for record in records:
        claim = identity.claim(record)
        found |= {_file(handle) for handle in claim.handles.values()}
        found |= {_file(" ".join(claim.name))} if len(claim.name) > 1 else set()
    return found - {_file("")}


def skipped_keys(item: Skipped) -> set[str]:
    """Return the keys under which something that was left out may be a forgotten person's."""
    whole = f"{item.path} {item.member or ''} {item.message}"
    stems = (_AROUND.sub("", PurePosixPath(place).stem) for place in (item.path, item.member or ""))
    return {*(f"address {address.casefold()}" for address in _ADDRESS.findall(whole)), *map(_file, stems)} - {_file("")}


def _file(name: str) -> str:
    return f"file {' '.join(name_key(name))}"


def names_any(item: Skipped, records: Iterable[StatementRecord]) -> bool:
    """Whether something that was left out names the file of one of some statements."""
    return any(record.source.index is None and record.source.path in item.message for record in records)


def without(corrections: Iterable[Correction], ids: Iterable[str]) -> list[Correction]:
    """Return corrections without what they hold of some statements; those that are of these alone go."""
    gone = set(ids)
    kept = []
    for correction in corrections:
        sides = [[one for one in side if one.statement not in gone] for side in correction.sides]
        if correction.verb == "forget" or all(sides):
            kept.append(correction.model_copy(update={"sides": sides}))
    return kept
