"""How well records agree with annotations: the figures of the model card, for any folder of annotated statements.

A gold folder holds ID.txt (a statement) beside ID.json (its annotation: verbatim spans); an `index.jsonl` in it may
name the `source` (the community) of each. All figures are micro-averaged over statements; things of one statement are
paired one to one by an optimal assignment (Kuhn, 1955), and spellings are compared after folding case, hyphens,
camel case, punctuation and common endings.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError
from scipy.optimize import linear_sum_assignment

from analyzer.errors import UserError
from analyzer.records import Affiliation, Export, FocusKind, Record, Relation, Role, Span, StatementRecord, Status

#: Words that say nothing of a subject.
EMPTY = frozenset(
    {
        "a", "an", "the", "of", "in", "on", "for", "to", "and", "or", "with", "by", "at", "from", "into", "our", "my",
        "we", "i", "is", "are", "be", "as", "that", "this", "these", "those", "it", "its", "their", "more", "better",
        "new", "make", "making", "ensure", "improve", "improving", "improved", "improvement", "improvements",
        "increase", "increasing", "continue", "continuing", "support", "supporting", "help", "helping", "work",
        "working", "keep", "keeping", "focus", "focusing",
    }
)  # fmt: skip
LEGAL = re.compile(r"\b(inc|llc|ltd|gmbh|corp|corporation|co|company|foundation|ag|sa|plc)\b\.?", re.IGNORECASE)
ENDINGS = ("ization", "isation", "ations", "ation", "ings", "ing", "ies", "ers", "er", "ed", "es", "s", "e", "y")
#: Abbreviations of bodies and offices that annotations and records may each spell out.
SPELLED = {
    "ptl": "project team lead", "tc": "technical committee", "sc": "steering committee",
    "toc": "technical oversight committee", "gc": "governance committee", "ac": "architecture committee",
    "stc": "steering and technical committee", "cocc": "code of conduct committee",
    "psf": "python software foundation", "k8s": "kubernetes", "otel": "opentelemetry",
}  # fmt: skip
#: Words that make no name of an organization by themselves.
GENERIC = frozenset(
    {
        "a", "an", "the", "of", "and", "for", "in", "project", "team", "lead", "leader", "committee", "council",
        "board", "community", "university", "group", "foundation", "sig", "wg", "company",
    }
)  # fmt: skip
#: Key sentences that count, and the words a sentence has.
KEY_SENTENCES = 3
KEY_WORDS = range(4, 61)
#: Words of a key sentence's beginning that tell it from others.
OPENING = 6
#: Words of the longest evidence somebody would read.
LONGEST_EVIDENCE = 60


class _Loose(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class GoldName(_Loose):
    span: str


class GoldSought(_Loose):
    office: str | None = None
    community: str | None = None


class GoldRole(_Loose):
    title: str
    organization: str | None
    status: Status


class GoldAffiliation(_Loose):
    organization: str
    relation: Relation
    status: Status


class GoldFocusArea(_Loose):
    span: str
    kind: FocusKind


class Annotation(_Loose):
    """What a statement says, as verbatim spans."""

    candidate: GoldName | None
    sought: GoldSought
    roles: list[GoldRole]
    affiliations: list[GoldAffiliation]
    focus_areas: list[GoldFocusArea]
    key_sentences: list[str]


class Figure(Record):
    """One figure.

    For `f1`: `value` is the harmonic mean of `precision` and `recall`, `gold` and `found` count what was annotated
    and extracted. For `share`: `value` is the share among `gold` cases; the other fields are null.
    """

    name: str
    measure: Literal["f1", "share"]
    value: float
    precision: float | None = None
    recall: float | None = None
    gold: int
    found: int | None = None


class Evaluation(Record):
    """The figures of the statements of one community, or of all (`community` null)."""

    community: str | None
    statements: int
    figures: list[Figure]


@dataclass(frozen=True, slots=True)
class Case:
    """A statement with both readings; `record` is None where none was made of it."""

    id: str
    community: str | None
    text: str
    annotation: Annotation
    record: StatementRecord | None


# --- comparing spellings ------------------------------------------------------------------------------


def words(text: str | None) -> list[str]:
    return re.findall(r"[^\W_]+[+#]*", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text or "").casefold())


def stem(word: str) -> str:
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


_EMPTY_STEMS = {stem(word) for word in EMPTY} | EMPTY


def content(text: str) -> set[str]:
    """Stems of the words that say something; of all words where none does."""
    stems = {stem(w) for w in words(text)}
    return stems - _EMPTY_STEMS or stems


def jaccard(a: set[str], b: set[str]) -> float:
    return len(a & b) / len(a | b) if a | b else 0.0


def same_title(a: str, b: str) -> float:
    overlap = jaccard({stem(w) for w in words(a)}, {stem(w) for w in words(b)})
    return overlap if overlap >= 0.5 else 0.0


def organization_key(name: str | None) -> tuple[str, ...]:
    kept = words(LEGAL.sub(" ", name or "")) or words(name)
    spelled = [v for w in kept for v in SPELLED.get(w, w).split()]
    return tuple(stem(w) for w in spelled if w not in ("a", "an", "the"))


def same_organization(one: str | None, other: str | None) -> float:
    """Likeness of two names: equal but for legal suffixes, or one within the other with at most 3 words more.

    A bare generic name ("committee") may stand for a longer one only where it ends it.
    """
    a, b = organization_key(one), organization_key(other)
    if not a or not b:
        return 0.0
    if a == b or "".join(a) == "".join(b):
        return 1.0
    short, long = sorted((a, b), key=len)
    more = len(long) - len(short)
    if more > 3 or all(w in GENERIC for w in short):
        ends = long[-len(short) :] == short and short[-1] not in ("of", "and", "for", "in")
        return 0.5 if more <= 2 and ends else 0.0
    return 0.9 if any(long[i : i + len(short)] == short for i in range(more + 1)) else 0.0


def same_role(found: Role, wanted: GoldRole) -> float:
    """1 where title, organization (both none, or the same) and status agree."""
    if not same_title(found.title, wanted.title) or bool(found.organization) != bool(wanted.organization):
        return 0.0
    if found.organization and not same_organization(found.organization, wanted.organization):
        return 0.0
    return float(found.status == wanted.status)


def stated(record: StatementRecord) -> list[Affiliation]:
    """Return the affiliations that the text states; an address or a header only suggests one."""
    return [a for a in record.affiliations if a.source not in ("email-domain", "header")]


def same_subject(one: str, other: str) -> float:
    a, b = content(one), content(other)
    overlap = jaccard(a, b)
    return overlap if overlap >= 0.34 or (overlap >= 0.2 and (a <= b or b <= a)) else 0.0


# --- pairing and counting -----------------------------------------------------------------------------

P = TypeVar("P")
G = TypeVar("G")


def pair(found: Sequence[P], gold: Sequence[G], likeness: Callable[[P, G], float]) -> list[tuple[P, G, float]]:
    """Pairs of the one-to-one assignment with the greatest likeness, each with its likeness."""
    if not found or not gold:
        return []
    matrix = np.array([[likeness(f, g) for g in gold] for f in found])
    rows, columns = linear_sum_assignment(-matrix)
    return [(found[i], gold[j], float(matrix[i, j])) for i, j in zip(rows, columns, strict=True) if matrix[i, j] > 0]


class Tally:
    """Counts of one figure, over statements."""

    def __init__(self, measure: Literal["f1", "share"]) -> None:
        self.measure = measure
        self.right = 0.0
        self.found = 0
        self.gold = 0

    def add(self, right: float, found: int, gold: int) -> None:
        self.right += right
        self.found += found
        self.gold += gold

    def case(self, right: object) -> None:
        self.add(float(bool(right)), 1, 1)

    def figure(self, name: str) -> Figure:
        recall = self.right / self.gold if self.gold else 0.0
        if self.measure == "share":
            return Figure(name=name, measure="share", value=round(recall, 4), gold=self.gold)
        precision = self.right / self.found if self.found else 0.0
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        return Figure(
            name=name,
            measure="f1",
            value=round(f1, 4),
            precision=round(precision, 4),
            recall=round(recall, 4),
            gold=self.gold,
            found=self.found,
        )


SCORES = ("roles.title", "roles.full", "affiliations", "focus", "focus.exact", "focus.goal")
SHARES = (
    "affiliations.status", "affiliations.relation", "focus.kind", "candidate", "office", "community", "invented",
    "key_sentences", "grounded",
)  # fmt: skip


def figures(cases: Iterable[Case]) -> list[Figure]:
    """Return all figures of some statements. A statement without a record counts as one of which nothing was read."""
    tallies = {name: Tally("f1") for name in SCORES} | {name: Tally("share") for name in SHARES}
    for case in cases:
        _count_roles(tallies, case)
        _count_affiliations(tallies, case)
        _count_focus_areas(tallies, case)
        _count_election(tallies, case)
        _count_key_sentences(tallies, case)
        _count_evidence(tallies, case)
    return [tally.figure(name) for name, tally in tallies.items()]


def _count_roles(tallies: Mapping[str, Tally], case: Case) -> None:
    found = case.record.roles if case.record else []
    gold = case.annotation.roles

    titles = pair(found, gold, lambda role, wanted: same_title(role.title, wanted.title))
    tallies["roles.title"].add(len(titles), len(found), len(gold))
    tallies["roles.full"].add(len(pair(found, gold, same_role)), len(found), len(gold))


def _count_affiliations(tallies: Mapping[str, Tally], case: Case) -> None:
    found = stated(case.record) if case.record else []
    gold = case.annotation.affiliations
    pairs = pair(found, gold, lambda a, b: same_organization(a.organization, b.organization))
    tallies["affiliations"].add(len(pairs), len(found), len(gold))
    for one, other, _ in pairs:
        tallies["affiliations.status"].case(one.status == other.status)
        tallies["affiliations.relation"].case(one.relation == other.relation)


def _count_focus_areas(tallies: Mapping[str, Tally], case: Case) -> None:
    found = case.record.focus_areas if case.record else []
    gold = case.annotation.focus_areas
    pairs = pair(found, gold, lambda a, b: same_subject(a.phrase, b.span))
    tallies["focus"].add(len(pairs), len(found), len(gold))
    exact = sum(jaccard(content(a.phrase), content(b.span)) for a, b, _ in pairs)
    tallies["focus.exact"].add(exact, len(found), len(gold))
    for one, other, _ in pairs:
        tallies["focus.kind"].case(one.kind == other.kind)
    goals = [a for a in found if a.kind == "goal"]
    wanted = [b for b in gold if b.kind == "goal"]
    matched = pair(goals, wanted, lambda a, b: same_subject(a.phrase, b.span))
    tallies["focus.goal"].add(len(matched), len(goals), len(wanted))


def _count_election(tallies: Mapping[str, Tally], case: Case) -> None:
    annotation, record = case.annotation, case.record
    if annotation.candidate:
        name, wanted = set(words(record.candidate.name if record else None)), set(words(annotation.candidate.span))
        fuller, shorter = wanted <= name, name <= wanted and len(name) >= 2
        tallies["candidate"].case(name and len(name) <= len(wanted) + 3 and (fuller or shorter))
    election = record.election if record else None
    if annotation.sought.office:
        names = [election.office, election.office_canonical] if election else []
        tallies["office"].case(any(same_organization(n, annotation.sought.office) for n in names))
    else:
        source = election.provenance["office"].source if election and "office" in election.provenance else "text"
        tallies["invented"].case(election and election.office and source == "text")
    if annotation.sought.community:
        names = [election.community, election.unit, election.community_canonical] if election else []
        tallies["community"].case(any(same_organization(n, annotation.sought.community) for n in names))


def _count_key_sentences(tallies: Mapping[str, Tally], case: Case) -> None:
    sentences = [s.text for s in case.record.summary.sentences[:KEY_SENTENCES]] if case.record else []
    chosen = [w for s in sentences if len(w := words(s)) in KEY_WORDS]
    for sentence in case.annotation.key_sentences:
        start = words(sentence)[:OPENING]
        tallies["key_sentences"].case(
            any(start == w[i : i + len(start)] for w in chosen for i in range(OPENING))
        )


def _count_evidence(tallies: Mapping[str, Tally], case: Case) -> None:
    if case.record is None:
        return
    record = case.record
    said: list[tuple[str, Span | None]] = [
        *((r.title, r.evidence) for r in record.roles),
        *((a.organization, a.evidence) for a in stated(record)),
        *((f.phrase, f.evidence) for f in record.focus_areas),
    ]
    for value, evidence in said:
        tallies["grounded"].case(evidence and grounded(value, evidence, record.text, case.text))


def grounded(value: str, evidence: Span, text: str, source: str) -> bool:
    """Whether evidence is exactly its characters of the record's text, holds the value, and stands in the source."""
    quoted = words(evidence.text)
    if not evidence.text or text[evidence.start : evidence.end] != evidence.text or len(quoted) > LONGEST_EVIDENCE:
        return False
    return set(words(value)) <= set(quoted) and in_order(evidence.text if len(quoted) <= 25 else value, source)


def in_order(part: str, whole: str) -> bool:
    """Whether the words of `part` stand in `whole` in their order, close together (markup may lie between)."""
    wanted, given = words(part), words(whole)
    reach = 4 * len(wanted) + 12
    for start in (i for i, word in enumerate(given) if wanted and word == wanted[0]):
        at = start
        for word in wanted:
            while at < len(given) and given[at] != word and at - start < reach:
                at += 1
            if at >= len(given) or given[at] != word:
                break
            at += 1
        else:
            return True
    return False


# --- gold folders -------------------------------------------------------------------------------------


def annotated(folder: Path) -> Iterator[tuple[str, Path, Annotation, str | None]]:
    """Yield id, statement file, annotation and community of each annotated statement of a gold folder.

    Raises
    ------
    UserError
        If the folder holds none, or an annotation is no annotation; names the file and the place in it.
    """
    sources: dict[str, str] = {}
    index = folder / "index.jsonl"
    if index.is_file():
        for number, line in enumerate(index.read_text(encoding="utf-8").splitlines(), 1):
            try:
                row = json.loads(line)
                sources[row["id"]] = row["source"]
            except (ValueError, KeyError, TypeError):
                raise UserError(
                    f"{index}, line {number}: no object with 'id' and 'source'; mend the line, or remove the file to "
                    "evaluate without communities"
                ) from None
    pairs = [(path, path.with_suffix(".txt")) for path in sorted(folder.glob("*.json"))]
    pairs = [(path, text) for path, text in pairs if text.is_file()]
    if not pairs:
        raise UserError(f"{folder}: no annotated statements; a gold folder holds ID.txt beside ID.json")
    for path, text in pairs:
        try:
            annotation = Annotation.model_validate_json(path.read_bytes())
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "the whole"
            raise UserError(f"{path}: no annotation; {where}: {first['msg']}") from None
        yield path.stem, text, annotation, sources.get(path.stem)


def exported(path: Path) -> list[StatementRecord]:
    """Return the statements of a JSON export.

    Raises
    ------
    UserError
        If the file is missing or no export.
    """
    try:
        return Export.model_validate_json(path.read_bytes()).statements
    except OSError as error:
        raise UserError(f"{path}: {error.strerror or error}; name a file that 'candidacy extract -o' wrote") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the whole"
        raise UserError(
            f"{path}: no export of this version; {where}: {first['msg']}; write it anew with 'candidacy extract -o'"
        ) from None


def evaluate(cases: Sequence[Case]) -> list[Evaluation]:
    """Return the figures of all statements, then of each community's."""
    scopes: list[str | None] = [None, *sorted({c.community for c in cases if c.community})]
    return [
        Evaluation(community=scope, statements=len(chosen), figures=figures(chosen))
        for scope in scopes
        if (chosen := [c for c in cases if scope in (None, c.community)])
    ]
