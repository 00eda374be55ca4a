"""The statement: clean text and who, when, where; what the pipeline reads."""

from __future__ import annotations

from dataclasses import dataclass

from analyzer.records import Block, Decision, Email, Origin, Source, Warning_


@dataclass(frozen=True, slots=True)
class LabelledField:
    """A ``label: value`` of the statement, such as ``Company: Acme``.

    `start` and `end` delimit the value in the statement's text; both are None where the field stood
    in a header or front matter that is not part of the text.
    """

    label: str
    value: str
    start: int | None
    end: int | None


@dataclass(frozen=True, slots=True)
class Hint:
    """Something known about a statement before its text is understood, and where it was read.

    `start` and `end` delimit it in the statement's text where `source` is ``text`` or ``field``.
    """

    value: str
    source: Origin
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """A candidate's own words, cleaned.

    A line break in `text` is always the border of a block, and every block is one line: soft breaks are
    undone, markup is gone (a list item's bullet and a heading's marks too), and blocks of different
    paragraphs are parted by a blank line, items of one list by a single break. Every offset anywhere
    counts code points of `text`.

    `submitted` is RFC 3339 in UTC, or a date. `name`, `community`, `unit`, `office`, `cycle`, `outcome`,
    `begins`, `ends` (the days of voting) are hints from headers, subject, fields, folders and results pages, never
    from running prose.
    """

    id: str
    source: Source
    text: str
    blocks: tuple[Block, ...]
    submitted: str | None
    language: str | None
    decision: Decision
    fields: tuple[LabelledField, ...] = ()
    name: Hint | None = None
    emails: tuple[Email, ...] = ()
    handles: tuple[tuple[str, str], ...] = ()
    community: Hint | None = None
    unit: Hint | None = None
    office: Hint | None = None
    cycle: Hint | None = None
    outcome: Hint | None = None
    begins: Hint | None = None
    ends: Hint | None = None
    warnings: tuple[Warning_, ...] = ()
