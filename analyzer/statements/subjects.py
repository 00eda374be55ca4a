"""What a subject says of a candidacy: who, for which office of what, and when."""

from __future__ import annotations

import re
from dataclasses import dataclass

from analyzer.sources.message import Message
from analyzer.statements import wording
from analyzer.statements.cleaning import name_like
from analyzer.statements.offices import SHORT, STOPS, find_office, per_unit

_PREFIX = re.compile(
    r"^\s*(?:(?:re|fwd?|fw|aw|wg|sv|antw|tr|rv|vs|resending|resend|resent|corrected|correction|updated|update)\s*(?:\[\d+\]|"
    r"\(\d+\))?\s*[:：])",
    re.IGNORECASE,
)
_RE = re.compile(
    r"^\s*(?:\[[^\]]{0,40}\]\s*)*(?:re|aw|sv|antw|vs|ref|odp|res|答复|回复|回覆)\s*(?:\[\d+\]|\(\d+\))?\s*[:：]",
    re.IGNORECASE,
)
_TAG = re.compile(r"^\s*\[([^\[\]]{1,60})\]")
# Tags that say what a message is about and not whom.
_COMMON_TAGS = frozenset(
    {
        "all", "announce", "announcement", "campaign", "candidacy", "candidacies", "candidate", "community", "discuss",
        "election", "elections", "external", "governance", "info", "nomination", "nominations", "project", "ptls",
        "self-nomination", "statement", "vote", "voting", "resend", "resent", "correction", "corrected", "update",
        "updated", "v2",
    }
)  # fmt: skip
_TOPIC = re.compile(
    rf"\b(?:{wording.CANDIDACY}|candidate|nominations?|self[- ]?nominations?|nominat\w+|running|standing|statement|"
    rf"election|re-?election)\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<![\w.])((?:19|20)\d\d(?:\.\d{1,2}|-(?:0[1-9]|1[0-2]))?)(?![\w.]*\d)")
_FOR_CYCLE = re.compile(
    r"(?:\b(?:for|in|during) (?:the )?|\()([\w.]+)(?: (?:cycle|release|term|election))?\)?[\s|]*$", re.IGNORECASE
)
_NAMED_CYCLE = re.compile(r"\b([\w.]+) (?:cycle|release|term)\b", re.IGNORECASE)
_RELATIVE = {"next", "this", "the", "new", "coming", "upcoming", "another", "second", "third", "my", "previous", "last"}
_POSSESSIVE = re.compile(
    r"((?:[^\W\d_][\w.'’-]*\s+){0,4}[^\W\d_][\w.-]*)['’]s?\s+(?:self[- ]?)?(?:candida|nomina|statement|platform)",
    re.IGNORECASE,
)
_PARTS = re.compile(
    r"\s+[-–—|]+\s+|[:;,/|]\s*|[–—]|[()\[\]]|\b(?:for|of|by|from|to|as|in|the|a|an|is|are|again|my|i|i'm|"
    r"announcing)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a subject says, each as it is written there, or None."""

    name: str | None = None
    community: str | None = None
    unit: str | None = None
    office: str | None = None
    cycle: str | None = None


def is_reply(message: Message) -> bool:
    """Whether a message answers another one, by its headers or the start of its subject."""
    return bool(message.in_reply_to or (message.subject and _RE.match(message.subject)))


def bare(subject: str) -> str:
    """Return a subject without what mail programs put before it, and without its tags."""
    return _tags(subject, None)[1]


def read_subject(subject: str, list_name: str | None = None) -> Subject:
    """Read a subject such as ``[election][nova] PTL candidacy for Ussuri``.

    Parameters
    ----------
    list_name : the list's short name, whose tag is left out.
    """
    tags, rest = _tags(subject[:300], list_name)
    found = find_office(rest)
    office = community = unit = None
    before = ""
    if found:
        start, own, end = found
        office, before = rest[own:end], rest[start:own].strip()
    else:
        start = own = end = len(rest)
    topics = []
    for tag in tags:
        if tag.casefold() in SHORT:
            office = office or tag.upper()
        elif tag.casefold() not in _COMMON_TAGS and not _YEAR.fullmatch(tag):
            topics.append(tag)
    if office and per_unit(office):
        unit = before or (topics[0] if topics else None)
    elif before:
        community = before
    elsewhere = f"{rest[:start]} | {rest[end:]}"
    cycle, elsewhere = _cycle(elsewhere, tags, wants_unit=bool(office and per_unit(office) and not unit))
    if office and per_unit(office) and not unit:
        unit, elsewhere = _unit(elsewhere)
    about = bool(office) or bool(_TOPIC.search(rest))
    return Subject(_name(elsewhere) if about else None, community, unit, office, cycle)


def _tags(subject: str, list_name: str | None) -> tuple[list[str], str]:
    """Split off the tags in square brackets, and what mail programs put before them."""
    tags: list[str] = []
    rest = subject
    while True:
        if match := _PREFIX.match(rest):
            rest = rest[match.end() :]
        elif match := _TAG.match(rest):
            rest = rest[match.end() :]
            tag = " ".join(match.group(1).split())
            if not (list_name and tag.casefold() == list_name.casefold()) and not _is_list(tag):
                tags.append(tag)
        else:
            return tags, " ".join(rest.split())


def _is_list(tag: str) -> bool:
    return bool(re.search(r"-(?:dev|devel|discuss|users?|announce|general|members|list|l)$", tag, re.IGNORECASE))


def _cycle(text: str, tags: list[str], *, wants_unit: bool) -> tuple[str | None, str]:
    """Return the cycle and the text without it. "For X" at the end is one unless it must be the unit."""
    for pattern in (_YEAR, _NAMED_CYCLE):
        match = pattern.search(text)
        if match and match.group(1).casefold() not in _RELATIVE:
            return match.group(1), text[: match.start()] + " | " + text[match.end() :]
    for tag in tags:
        if _YEAR.fullmatch(tag):
            return tag, text
    match = _FOR_CYCLE.search(text)
    if match and not wants_unit and match.group(1)[:1].isupper() and match.group(1).casefold() not in _RELATIVE:
        return match.group(1), text[: match.start()]
    return None, text


def _unit(text: str) -> tuple[str | None, str]:
    """Return the unit after "for" ("PTL candidacy for Foo") and the text without it."""
    match = re.search(r"\b(?:for|of) (?:the )?([A-Z][\w.-]*(?: [A-Z][\w.-]*){0,2})", text)
    match = match or re.search(r"\|\s*([a-z][\w.-]*)\s*$", re.sub(r"[:–—]|\s-\s", "|", text))
    if match is None or match.group(1).casefold() in STOPS:
        return None, text
    return match.group(1), text[: match.start()] + " | " + text[match.end() :]


def _name(text: str) -> str | None:
    """Return a person's name: before "'s candidacy", else a part of the subject that is nothing else."""
    if match := _POSSESSIVE.search(text):
        words = match.group(1).split()
        while words and (
            words[0].casefold() in ("announcing", "announcement", "of", "re", "for", "on", "about")
            or not words[0][:1].isupper()
        ):
            words.pop(0)
        name = " ".join(words)
        return name if name_like(name) else None
    for part in _PARTS.split(_TOPIC.sub(" | ", text)):
        name = part.strip(" .!?\"'“”|-–—")
        if len(name.split()) >= 2 and name_like(name):
            return name
    return None
