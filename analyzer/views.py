"""The small models every view is made of: who, in which election, and the words that say so."""

from __future__ import annotations

from typing import Annotated

from pydantic import PlainSerializer

from analyzer.organizations import canonical_office
from analyzer.records import Affiliation, FocusKind, Record, Role, Span, StatementRecord

Score = Annotated[float, PlainSerializer(lambda value: round(value, 4), return_type=float)]


class Who(Record):
    """A person: `id` as in `people[]`, `name` as written (a handle where no statement gives a name)."""

    id: str
    name: str


class Evidence(Span):
    """A stretch of one statement's text."""

    statement: str


class Phrase(Record):
    """A focus area where it stands: its words, and the sentence around them; neither, if only a user says so."""

    phrase: str
    kind: FocusKind
    evidence: Evidence | None
    sentence: Evidence | None


class Subject(Record):
    """Phrases that mean the same; `label` is the most central of them."""

    label: str
    kinds: list[FocusKind]
    phrases: list[Phrase]


class HeldRole(Record):
    """A role, each statement's own words behind it."""

    title: str
    organization: str | None
    status: str
    evidence: list[Evidence]


class HeldAffiliation(Record):
    """An affiliation; evidence is missing where it comes from outside the text (`sources` says whence)."""

    organization: str
    relation: str
    status: str
    sources: list[str]
    evidence: list[Evidence]


def evidence(record: StatementRecord, span: Span) -> Evidence:
    """Return a record's span as evidence that says which statement it stands in."""
    return Evidence(statement=record.id, start=span.start, end=span.end, text=span.text)


def roles(records: list[StatementRecord]) -> list[HeldRole]:
    """Return the roles of one candidate's statements, equal ones once, sought first, then current, then past."""
    found: dict[tuple[str, str, str], HeldRole] = {}
    for record in records:
        for role in record.roles:
            held = found.setdefault(
                role_key(role),
                HeldRole(
                    title=role.title,
                    organization=role.organization_canonical or role.organization,
                    status=role.status,
                    evidence=[],
                ),
            )
            if role.evidence:
                held.evidence.append(evidence(record, role.evidence))
    return sorted(found.values(), key=lambda held: ("sought", "current", "past").index(held.status))


def affiliations(records: list[StatementRecord]) -> list[HeldAffiliation]:
    """Return the affiliations of one candidate's statements, equal ones once, current ones first."""
    found: dict[tuple[str, str, str], HeldAffiliation] = {}
    for record in records:
        for item in record.affiliations:
            held = found.setdefault(
                affiliation_key(item),
                HeldAffiliation(
                    organization=item.canonical,
                    relation=item.relation,
                    status=item.status,
                    sources=[],
                    evidence=[],
                ),
            )
            if item.source not in held.sources:
                held.sources.append(item.source)
            if item.evidence:
                held.evidence.append(evidence(record, item.evidence))
    return sorted(found.values(), key=lambda held: held.status != "current")


def election_name(id_: str | None, record: StatementRecord) -> str:
    """Return what to call a record's election or contest: ``Kata Containers 2022-03, Architecture Committee``.

    The name of a contest says its office, and its unit if there is one; that of a record without an election is
    its date, else its path.
    """
    election = record.election
    if not id_ or id_ not in (election.id, election.contest_id):
        return record.submitted[:10] if record.submitted else record.source.path
    whole = " ".join(part for part in (election.community_canonical or election.community, election.cycle) if part)
    seat = [election.office_canonical or election.office, election.unit] if id_ == election.contest_id else []
    return ", ".join([whole or id_, " of ".join(part for part in seat if part)]).removesuffix(", ")


def role_key(role: Role | HeldRole) -> tuple[str, str, str]:
    """Return what makes two roles the same: title, organization and status, in any case, "TC" in full."""
    organization = getattr(role, "organization_canonical", None) or role.organization or ""
    return canonical_office(role.title).casefold(), canonical_office(organization).casefold(), role.status


def affiliation_key(item: Affiliation | HeldAffiliation) -> tuple[str, str, str]:
    """Return what makes two affiliations the same: organization, relation and status, without regard to case."""
    organization = item.canonical if isinstance(item, Affiliation) else item.organization
    return organization.casefold(), item.relation, item.status
