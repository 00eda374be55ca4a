"""What a user has corrected: kept apart from what was extracted, and applied whenever records are read.

A correction names the statements it is about by id, place and hash, and the value that it replaces by that value.
So it holds when the sources are analysed again, also by another version, whose ids and lists may differ. One that
no longer finds what it corrects changes nothing, and is reported. Later ones win over earlier ones.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Literal, get_args

from pydantic import Field

from analyzer.elections import placed
from analyzer.errors import UserError
from analyzer.organizations import canonical, canonical_office
from analyzer.records import (
    Affiliation,
    Email,
    FocusArea,
    FocusKind,
    Outcome,
    Provenance,
    R,
    Record,
    Relation,
    Role,
    Span,
    StatementRecord,
    Status,
)
from analyzer.sentences import sentences

Verb = Literal["set", "add", "remove", "merge", "split", "forget"]
Values = dict[str, str | None]

#: What a statement says once, by the name that a user gives it.
SINGLE = ("candidate", "community", "unit", "office", "cycle", "outcome", "submitted", "begins", "ends")
#: What it says in a list: the value that a user names an item by, and what else belongs to it.
LISTED: dict[str, tuple[str, ...]] = {
    "role": ("title", "organization", "status"),
    "affiliation": ("organization", "relation", "status"),
    "focus": ("phrase", "kind"),
    "email": ("address",),
    "handle": ("handle", "service"),
}
#: What an added item is unless the user says so.
USUAL: dict[str, Values] = {
    "role": {"organization": None, "status": "current"},
    "affiliation": {"relation": "employer", "status": "current"},
    "focus": {"kind": "goal"},
    "email": {},
    "handle": {"service": "nickname"},
}
# The words that some values are of.
_WORDS: dict[tuple[str, str], tuple[str, ...]] = {
    ("outcome", "outcome"): get_args(Outcome),
    ("role", "status"): get_args(Status),
    ("affiliation", "relation"): get_args(Relation),
    ("affiliation", "status"): ("current", "past"),
    ("focus", "kind"): get_args(FocusKind),
}
_DATES = ("submitted", "begins", "ends")
_DATE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?Z)?")
# What may stay empty.
_EMPTY = frozenset({("role", "organization")})


class Target(Record):
    """A statement as a correction remembers it: its id, and where it was found should the id change."""

    statement: str
    path: str
    member: str | None = None
    index: int | None = None
    section: str | None = None
    sha256: str


class Correction(Record):
    """One thing that a user has said, by its number.

    Attributes
    ----------
    field, item, values : of a statement's values: which; the listed item as it was; and what it shall be. An empty
        `values` leaves nothing.
    sides : the statements concerned: one, or for `merge` and `split` those of either side. `forget` keeps none.
    statements : how many statements `forget` removed.
    """

    number: int
    verb: Verb
    field: str | None = None
    item: Values | None = None
    values: Values = Field(default_factory=dict)
    sides: list[list[Target]] = Field(default_factory=list)
    statements: int | None = None


class CorrectionEntry(Correction):
    """A correction, and whether it found what it corrects."""

    found: bool


@dataclass(slots=True)
class Corrected:
    """Records as a user has them, what they say of who is who, and the numbers of corrections that found nothing."""

    records: list[StatementRecord]
    same: list[tuple[str, str]] = field(default_factory=list)
    different: list[tuple[str, str]] = field(default_factory=list)
    lost: list[int] = field(default_factory=list)


def target(record: StatementRecord) -> Target:
    """Return what a correction remembers of a statement."""
    source = record.source
    return Target(
        statement=record.id,
        path=source.path,
        member=source.member,
        index=source.index,
        section=source.section,
        sha256=source.sha256,
    )


def correct(
    records: Iterable[StatementRecord], corrections: Sequence[Correction], successors: Mapping[str, str] | None = None
) -> Corrected:
    """Apply corrections, in the order of their numbers.

    Parameters
    ----------
    successors : of statements that are no more, those that are kept in their place; what was said of them is said of
        these.
    """
    found = list(records)
    if not corrections:
        return Corrected(found)
    by_id = {record.id: position for position, record in enumerate(found)}
    locate = _Locator(found, successors or {})
    lost = []
    decided: list[tuple[Verb, list[list[str]]]] = []
    for correction in sorted(corrections, key=lambda item: item.number):
        sides = [[id_ for one in side if (id_ := locate(one))] for side in correction.sides]
        if correction.verb == "forget":
            continue
        if not all(sides):
            lost.append(correction.number)
        elif correction.field is None:
            decided.append((correction.verb, sides))
        else:
            position = by_id[sides[0][0]]
            made = changed(found[position], correction)
            if made is None:
                lost.append(correction.number)
            else:
                found[position] = made
    same, different = _settled(decided)
    return Corrected(found, same, different, lost)


class _Locator:
    """Finds the statement that a correction means: by id, else by its place and hash, else by its hash alone.

    Or the one that is kept in its place.
    """

    def __init__(self, records: Iterable[StatementRecord], successors: Mapping[str, str]) -> None:
        self._successors = successors
        self._found: dict[tuple[Any, ...], set[str]] = defaultdict(set)
        for record in records:
            for key in self._keys(target(record)):
                self._found[key].add(record.id)

    def __call__(self, wanted: Target) -> str | None:
        for key in (*self._keys(wanted), (self._successors.get(wanted.statement),)):
            if len(ids := self._found.get(key, ())) == 1:
                return next(iter(ids))
        return None

    @staticmethod
    def _keys(of: Target) -> tuple[tuple[Any, ...], ...]:
        whole = (of.path, of.member, of.index, of.section, of.sha256)
        return (of.statement,), whole, (of.section, of.sha256)


def _settled(decided: Sequence[tuple[Verb, list[list[str]]]]) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return which statements are one person's and which are not, where what was said last wins."""
    group: dict[str, set[str]] = {}
    apart: dict[str, set[str]] = defaultdict(set)
    same: list[tuple[str, str]] = []
    different: list[tuple[str, str]] = []

    def of(id_: str) -> set[str]:
        return group.setdefault(id_, {id_})

    def join(one: str, other: str) -> None:
        first, second = of(one), of(other)
        if first is second or any(not apart[id_].isdisjoint(second) for id_ in first):
            return
        first |= second
        group.update(dict.fromkeys(second, first))
        same.append((one, other))

    for verb, sides in reversed(decided):
        if verb == "merge":
            ids = sorted(chain.from_iterable(sides))
            for position, one in enumerate(ids):
                for other in ids[position + 1 :]:
                    join(one, other)
        else:
            part, rest = sides
            for one in part:
                join(part[0], one)
            for one, other in ((one, other) for one in part for other in rest if of(one) is not of(other)):
                apart[one].add(other)
                apart[other].add(one)
                different.append((one, other))
    return same, different


# --- the values of a statement ------------------------------------------------------------------------


def proposed(
    record: StatementRecord,
    name: str,
    value: str | None,
    *,
    verb: Verb = "set",
    changes: Mapping[str, str] | None = None,
    where: Mapping[str, str] | None = None,
) -> Correction:
    """Return the correction that a user means, with the number 0.

    Parameters
    ----------
    name : one of `SINGLE` or `LISTED`.
    value : the new value; of a list, the item meant, or the one to add.
    verb : ``set``, ``add`` or ``remove``.
    changes : of a listed item, its new parts.
    where : parts that tell it from others of its name.

    Raises
    ------
    UserError
        If there is no such field, part or item, several items fit, or the value is none of the field's.
    """
    changes, where = dict(changes or {}), dict(where or {})
    if name not in LISTED and name not in SINGLE:
        raise UserError(f"{name}: no such field: give one of {', '.join([*SINGLE, *LISTED])}")
    if name in SINGLE:
        if changes or where or verb == "add":
            raise UserError(f"{name}: a statement has only one: give the new value, or --remove")
        if (value is None) != (verb == "remove"):
            raise UserError(f"{name}: give the new value, or --remove without one")
        values = {name: None if value is None else _valid(name, name, value)}
        return Correction(number=0, verb=verb, field=name, values=values, sides=[[target(record)]])
    if not value:
        raise UserError(f"{name}: give the {LISTED[name][0]} of the one meant")
    for part in (*changes, *where):
        if part not in LISTED[name]:
            raise UserError(f"{part}: a {name} has no such part: give one of {', '.join(LISTED[name])}")
    settled: Values = {part: _valid(name, part, new) for part, new in changes.items()}
    if verb == "add":
        item: Values | None = None
        settled = {LISTED[name][0]: _valid(name, LISTED[name][0], value), **USUAL[name], **settled}
    else:
        item = _meant(record, name, value, where)
        if verb == "remove" and changes:
            raise UserError(f"{name}: --remove takes no --set")
        if verb == "set" and not changes:
            raise UserError(f"{name}: say with --set what changes, such as '--set {LISTED[name][-1]}=…', or --remove")
        settled = {} if verb == "remove" else {**item, **settled}
    return Correction(number=0, verb=verb, field=name, item=item, values=settled, sides=[[target(record)]])


def _meant(record: StatementRecord, name: str, value: str, where: Mapping[str, str]) -> Values:
    """Return the item of a list that a user means: the whole value without regard to case, else a part of it."""
    key = LISTED[name][0]
    items = [item for item in items_of(record, name) if all(_alike(item[part], said) for part, said in where.items())]
    fitting = [item for item in items if _alike(item[key], value)]
    fitting = fitting or [item for item in items if value.casefold() in (item[key] or "").casefold()]
    distinct = [item for position, item in enumerate(fitting) if item not in fitting[:position]]
    if len(distinct) == 1:
        return distinct[0]
    if distinct:
        shown = "; ".join(", ".join(part for part in item.values() if part) for item in distinct[:5])
        raise UserError(f"{value}: several fit ({shown}): give more of it, or --where with a part: 'status=past'")
    there = "; ".join(dict.fromkeys(item[key] or "" for item in items[:8])) or "none"
    raise UserError(f"{value}: statement {record.id} has no such {name}: it has {there}")


def _alike(one: str | None, other: str) -> bool:
    return " ".join((one or "").split()).casefold() == " ".join(other.split()).casefold()


def _valid(name: str, part: str, value: str) -> str | None:
    value = " ".join(value.split())
    if not value and (name, part) in _EMPTY:
        return None
    known = _WORDS.get((name, part))
    if known and value not in known:
        raise UserError(f"{value or '(nothing)'}: no such {part}: give one of {', '.join(known)}")
    if part in _DATES and not _DATE.fullmatch(value):
        raise UserError(f"{value or '(nothing)'}: no date: write it as 2025-03-31 or 2025-03-31T09:00:00Z")
    if not value:
        raise UserError(f"{part}: cannot be empty: --remove takes it away")
    if part == "address" and not re.fullmatch(r"[^@\s]+@[^@\s]+", value):
        raise UserError(f"{value}: no e-mail address")
    return value


def items_of(record: StatementRecord, name: str) -> list[Values]:
    """Return the items of a list, each by its parts."""
    if name == "handle":
        return [{"handle": handle, "service": service} for service, handle in record.candidate.handles.items()]
    lists: dict[str, Sequence[Record]] = {
        "role": record.roles,
        "affiliation": record.affiliations,
        "focus": record.focus_areas,
        "email": record.candidate.emails,
    }
    return [{part: getattr(item, part) for part in LISTED[name]} for item in lists[name]]


def changed(record: StatementRecord, correction: Correction) -> StatementRecord | None:
    """Return a record with one value corrected, or None if what is to be corrected is not there."""
    name, values = correction.field or "", correction.values
    if name in SINGLE:
        return _with_value(record, name, values[name])
    items, chosen = items_of(record, name), set[int]()
    if correction.item is not None:
        chosen = _places(items, correction.item, LISTED[name][0])
    if not chosen:
        # What the user said may be what is read by now.
        if values and values in items:
            return record
        if correction.item is not None:
            return None
    if name == "handle":
        kept = {s: h for n, (s, h) in enumerate(record.candidate.handles.items()) if n not in chosen}
        if values:
            kept[values["service"] or ""] = values["handle"] or ""
        return _of_candidate(record, handles=kept)
    if name == "email":
        emails = _replaced(record.candidate.emails, chosen, values, lambda old: _email(values))
        return _of_candidate(record, emails=emails)
    if name == "role":
        roles = _replaced(record.roles, chosen, values, lambda old: _role(record, values, old))
        return record.model_copy(update={"roles": roles})
    if name == "affiliation":
        held = _replaced(record.affiliations, chosen, values, lambda old: _affiliation(record, values, old))
        return record.model_copy(update={"affiliations": held})
    areas = _replaced(record.focus_areas, chosen, values, lambda old: _focus(record, values, old))
    return record.model_copy(update={"focus_areas": areas})


def _places(items: Sequence[Values], wanted: Values, key: str) -> set[int]:
    """Return where an item stands in a list: all that are equal to it, else all of its name if these are alike."""
    equal = {n for n, item in enumerate(items) if item == wanted}
    named = {n for n, item in enumerate(items) if _alike(item[key], wanted[key] or "")}
    return equal or (named if len({tuple(items[n].values()) for n in named}) == 1 else set())


def _replaced(items: Sequence[R], chosen: set[int], values: Values, make: Callable[[R | None], R]) -> list[R]:
    """Return a list with the chosen items made anew, or without them where there are no values; else with one more."""
    if not chosen:
        return [*items, make(None)]
    made = [(make(item) if values else None) if n in chosen else item for n, item in enumerate(items)]
    return [item for item in made if item is not None]


def _of_candidate(record: StatementRecord, **changes: Any) -> StatementRecord:
    return record.model_copy(update={"candidate": record.candidate.model_copy(update=changes)})


def _with_value(record: StatementRecord, name: str, value: str | None) -> StatementRecord:
    if name == "candidate":
        return _of_candidate(record, name=value, source="user" if value else None, confidence=None, evidence=None)
    if name == "submitted":
        return record.model_copy(update={"submitted": value})
    update: dict[str, Any] = {name: value}
    if name == "office":
        update["office_canonical"] = canonical_office(value) if value else None
    if name == "community":
        update["community_canonical"] = value
    update["provenance"] = {**record.election.provenance, name: Provenance(source="user")}
    corrected = record.model_copy(update={"election": record.election.model_copy(update=update)})
    return placed(corrected) if name in ("community", "unit", "office", "cycle") else corrected


def _email(values: Values) -> Email:
    return Email(address=values["address"] or "", source="user")


def _role(record: StatementRecord, values: Values, old: Role | None) -> Role:
    title, organization = values["title"] or "", values["organization"]
    return Role(
        title=title,
        organization=organization,
        organization_canonical=canonical(organization) if organization else None,
        status=values["status"],  # type: ignore[arg-type]  # validated by the model
        organization_evidence=_kept(record, organization, old.organization_evidence if old else None),
        **_said(record, title, old),
    )


def _affiliation(record: StatementRecord, values: Values, old: Affiliation | None) -> Affiliation:
    organization = values["organization"] or ""
    return Affiliation(
        organization=organization,
        canonical=canonical(organization),
        relation=values["relation"],  # type: ignore[arg-type]  # validated by the model
        status=values["status"],  # type: ignore[arg-type]
        **_said(record, organization, old),
    )


def _focus(record: StatementRecord, values: Values, old: FocusArea | None) -> FocusArea:
    phrase = values["phrase"] or ""
    said = _said(record, phrase, old)
    evidence, sentence = said["evidence"], None
    if evidence is not None:
        sentence = next((s for s in sentences(record) if s.start <= evidence.start and evidence.end <= s.end), evidence)
    return FocusArea(
        phrase=phrase,
        kind=values["kind"],  # type: ignore[arg-type]  # validated by the model
        sentence=sentence,
        **said,
    )


def _said(record: StatementRecord, value: str, old: Role | Affiliation | FocusArea | None) -> dict[str, Any]:
    """Return what is said of an item that a user has corrected: it is the text's where its words stand there."""
    evidence = _kept(record, value, old.evidence if old else None)
    field = evidence is not None and old is not None and evidence == old.evidence and old.source == "field"
    source = "user" if evidence is None else "field" if field else "text"
    return {"source": source, "evidence": evidence, "confidence": 1.0, "corrected": True}


def _kept(record: StatementRecord, value: str | None, old: Span | None) -> Span | None:
    """Return where a value stands in the text, nearest to where the old one stood, or None."""
    if not value:
        return None
    if old is not None and _alike(old.text, value):
        return old
    return _words(record.text, value, old.start if old else 0)


def _words(text: str, value: str, near: int = 0) -> Span | None:
    """Return the words of a value where they stand in a text as whole words, nearest to a place."""
    pattern = r"(?<!\w)" + r"\s+".join(map(re.escape, value.split())) + r"(?!\w)"
    found: Iterator[re.Match[str]] = re.finditer(pattern, text, re.IGNORECASE)
    match = min(found, key=lambda m: (abs(m.start() - near), m.start()), default=None)
    return Span(start=match.start(), end=match.end(), text=match.group()) if match else None
