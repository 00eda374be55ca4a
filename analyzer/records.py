"""The records: pydantic models that are the JSON export.

This module stands at the bottom and imports nothing of the project. Field names are the published
contract: minor versions only add fields. Offsets count Unicode code points of `StatementRecord.text`.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer
from pydantic_core import PydanticSerializationError

SCHEMA_VERSION = "1.0"

Origin = Literal[
    "text", "field", "subject", "header", "email-domain", "folder", "results", "user", "inferred"
]
BlockKind = Literal["heading", "paragraph", "item", "field", "question", "greeting", "signature"]
Status = Literal["current", "past", "sought"]
Relation = Literal["employer", "founder", "academic", "representative", "other"]
FocusKind = Literal["goal", "interest", "experience"]
Outcome = Literal["elected", "not_elected", "withdrawn"]

Confidence = Annotated[float, Field(ge=0, le=1), PlainSerializer(lambda value: round(value, 3), return_type=float)]


class Record(BaseModel):
    """Base of all records: unknown fields are refused when written, so a misspelt one cannot pass."""

    model_config = ConfigDict(extra="forbid")


R = TypeVar("R", bound=Record)
_SURROGATE = re.compile("[\ud800-\udfff]")


def writable(record: R) -> R:
    """Return a record that UTF-8 can write: lone surrogates become U+FFFD, and every offset holds.

    They come from file names that are not UTF-8 and from broken headers.
    """
    try:
        record.model_dump_json()
    except PydanticSerializationError:
        return type(record).model_validate(_whole(record.model_dump()))
    return record


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_whole(key): _whole(item) for key, item in value.items()}
    return [_whole(item) for item in value] if isinstance(value, list) else value


class Span(Record):
    """A stretch of a statement's text, and that text: ``statement.text[start:end] == text``."""

    start: int = Field(ge=0)
    end: int = Field(ge=0)
    text: str


class Block(Record):
    """One structural unit of a statement: blocks do not overlap and stand in order."""

    kind: BlockKind
    start: int = Field(ge=0)
    end: int = Field(ge=0)


class Source(Record):
    """Where a statement was found. `path` is relative to the SOURCE argument, with forward slashes."""

    path: str
    member: str | None = None
    section: str | None = None
    index: int | None = None
    format: str
    message_id: str | None = None
    list: str | None = None
    subject: str | None = None
    sha256: str


class Decision(Record):
    """Whether a text is a candidacy, how sure, and the signals that spoke for and against."""

    label: str
    score: Confidence
    reasons: list[str] = Field(default_factory=list)


class Email(Record):
    address: str
    source: Origin


class Candidate(Record):
    """Who stands. `id` names the person; `name` is as written, or null where no source says it."""

    id: str | None = None
    name: str | None = None
    source: Origin | None = None
    emails: list[Email] = Field(default_factory=list)
    handles: dict[str, str] = Field(default_factory=dict)
    confidence: Confidence | None = None
    evidence: Span | None = None


class Provenance(Record):
    source: Origin
    evidence: Span | None = None


class Election(Record):
    """The election and contest a statement belongs to; `unit` is the part of the community the seat is in.

    `begins` and `ends` are the first and last day of voting.
    """

    id: str | None = None
    contest_id: str | None = None
    community: str | None = None
    community_canonical: str | None = None
    unit: str | None = None
    office: str | None = None
    office_canonical: str | None = None
    cycle: str | None = None
    begins: str | None = None
    ends: str | None = None
    outcome: Outcome | None = None
    provenance: dict[str, Provenance] = Field(default_factory=dict)


class Role(Record):
    """A position the candidate holds, held or seeks; `evidence` is the title's.

    Here and in `Affiliation` and `FocusArea`, `corrected` tells that a user has said something of it. Its source is
    ``user`` where its words do not stand in the text, and there is no evidence then.
    """

    title: str
    organization: str | None = None
    organization_canonical: str | None = None
    status: Status
    source: Origin = "text"
    confidence: Confidence
    corrected: bool = False
    evidence: Span | None = None
    organization_evidence: Span | None = None


class Affiliation(Record):
    """An organization the candidate works or worked for, founded, studied at or represents."""

    organization: str
    canonical: str
    relation: Relation
    status: Literal["current", "past"]
    source: Origin
    confidence: Confidence
    corrected: bool = False
    evidence: Span | None = None


class FocusArea(Record):
    """A subject of the candidate's platform (`goal`), attention (`interest`) or work (`experience`)."""

    phrase: str
    kind: FocusKind
    source: Origin = "text"
    confidence: Confidence
    corrected: bool = False
    topic: str | None = None
    topic_confidence: Confidence | None = None
    evidence: Span | None = None
    sentence: Span | None = None


class SummarySentence(Span):
    rank: int = Field(ge=1)


class Summary(Record):
    """At most three of the statement's own sentences, in its order, and a paragraph composed of them."""

    text: str = ""
    sentences: list[SummarySentence] = Field(default_factory=list)


class Warning_(Record):
    code: str
    message: str


class Skipped(Record):
    """Something that was read and left out, and why."""

    path: str
    member: str | None = None
    index: int | None = None
    code: str
    message: str


class StatementRecord(Record):
    """All that is said about one statement."""

    id: str
    source: Source
    submitted: str | None = None
    language: str | None = None
    decision: Decision
    text: str
    blocks: list[Block]
    candidate: Candidate
    election: Election
    roles: list[Role] = Field(default_factory=list)
    affiliations: list[Affiliation] = Field(default_factory=list)
    focus_areas: list[FocusArea] = Field(default_factory=list)
    summary: Summary = Field(default_factory=Summary)
    same_text_as: str | None = None
    warnings: list[Warning_] = Field(default_factory=list)


class Contest(Record):
    id: str
    unit: str | None = None
    office: str | None = None
    candidates: int


class ElectionRecord(Record):
    """One election: a community's choice in one cycle, of one or more contests.

    `begins` and `ends` are the first and last day of voting in any of them.
    """

    id: str
    community: str | None = None
    cycle: str | None = None
    begins: str | None = None
    ends: str | None = None
    first_submitted: str | None = None
    last_submitted: str | None = None
    statements: int
    contests: list[Contest] = Field(default_factory=list)


class Agreement(Record):
    """What two statements say of their candidates: in what they agree or not, each one's value, and its weight.

    `kind` is what is compared (``address``, ``same name``, ``other community`` …), or ``user`` where a user joined
    them. `weight` is in bits: how much likelier it is among statements of one person than among those of two.
    """

    kind: str
    values: list[str]
    weight: float


class IdentityLink(Record):
    """Why two statements are one person's; `weight` is the sum of its reasons'."""

    statements: list[str]
    weight: float
    because: list[Agreement]


class PersonRecord(Record):
    """One person, every statement of theirs, and the links by which these were joined, strongest first."""

    id: str
    name: str
    names: list[str]
    statements: list[str]
    evidence: list[IdentityLink] = Field(default_factory=list)


class Topic(Record):
    """What phrases of many statements are about; `area` is the label of the wider field it belongs to.

    The topic ``other`` holds the phrases that are like no others.
    """

    id: str
    label: str
    area: str | None = None
    phrases: list[str] = Field(default_factory=list)
    statements: int


class Model(Record):
    role: str
    name: str
    sha256: str
    precision: str


class Generator(Record):
    name: str = "candidacy-analyzer"
    version: str
    models: list[Model] = Field(default_factory=list)


class Export(Record):
    """The whole document."""

    schema_version: str = SCHEMA_VERSION
    generator: Generator
    statements: list[StatementRecord] = Field(default_factory=list)
    elections: list[ElectionRecord] = Field(default_factory=list)
    people: list[PersonRecord] = Field(default_factory=list)
    topics: list[Topic] = Field(default_factory=list)
    skipped: list[Skipped] = Field(default_factory=list)
