"""What is known of a statement before its text is understood: who, how to reach them, which contest.

Every hint says where it was read. What the candidate states in a labelled field comes first, then what they sign
with, the subject, the header, and last the file's place; what the user says about an election beats them all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from analyzer.records import Email, Outcome
from analyzer.sources.addresses import address
from analyzer.sources.message import Filed, Message
from analyzer.statements.cleaning import CleanText, name_like
from analyzer.statements.offices import find_office, per_unit
from analyzer.statements.places import Place, read_place
from analyzer.statements.statement import Hint, LabelledField
from analyzer.statements.subjects import Subject, is_reply, read_subject

# Formats that hold the messages of many people: their path is the archive's, not the statement's.
_CONTAINERS = {"mbox", "pipermail", "listserv", "maildir", "archive-page", "archive-html"}


@dataclass(frozen=True, slots=True)
class Context:
    """The hints of one statement; see `Statement`."""

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
    date: str | None = None


def gather(
    message: Message,
    cleaned: CleanText,
    *,
    community: str | None = None,
    office: str | None = None,
    cycle: str | None = None,
) -> Context:
    """Gather the hints of a statement.

    Parameters
    ----------
    community, office, cycle : what the user says, which wins.
    """
    fields = _Fields(cleaned)
    subject = read_subject(message.subject, message.list_name) if message.subject else Subject()
    inside = message.format not in _CONTAINERS
    place = read_place(message.member or message.path, message.folder) if inside else Place()
    filed = message.filed or Filed(statement=True)
    said = {
        key: Hint(value, "user") if value else None
        for key, value in (("community", community), ("office", office), ("cycle", cycle))
    }

    seat = (
        said["office"]
        or fields.office()
        or _hint(subject.office, "subject")
        or _hint(filed.office or _office_of(filed.title) or place.office, "folder")
    )
    whole = fields.hint("community") or fields.hint("organization of the election")
    project = fields.hint("project", "team")
    unit = _hint(subject.unit, "subject") or _hint(filed.unit or place.unit, "folder")
    if project and (whole or unit or (seat and per_unit(seat.value)) or place.community):
        unit = unit or (project if seat is None or per_unit(seat.value) else None)
    elif project:
        whole = project
    return Context(
        name=_name(message, cleaned, fields, subject, place),
        emails=tuple(_emails(message, cleaned, fields, place)),
        handles=tuple(sorted(_handles(cleaned, fields, place).items())),
        community=said["community"]
        or whole
        or _hint(subject.community, "subject")
        or _hint(filed.community or place.community, "folder")
        or _hint(_of_list(message.list_name) or _of_owner(filed.owner), "inferred"),
        unit=unit,
        office=seat,
        cycle=said["cycle"]
        or fields.hint("cycle", "term")
        or _hint(subject.cycle, "subject")
        or _hint(filed.cycle or place.cycle or (filed.begins or "")[:4], "folder"),
        outcome=fields.outcome() or _hint(filed.outcome, "results"),
        begins=_hint(filed.begins, "folder"),
        ends=_hint(filed.ends, "folder"),
        date=fields.date(),
    )


def _office_of(title: str | None) -> str | None:
    """Return the office in an election's title: ``Steering Committee`` of ``2023 Steering Committee Election``."""
    found = find_office(title) if title else None
    return title[found[1] : found[2]] if title and found else None


def _of_owner(owner: str | None) -> str | None:
    return owner.replace("-", " ").replace("_", " ") if owner else None


def _hint(value: str | None, source: str) -> Hint | None:
    return Hint(value, source) if value else None  # type: ignore[arg-type]  # the callers' literals


# --- fields -------------------------------------------------------------------------------------------

# Said where nothing is said.
_NOTHING = {"n/a", "na", "none", "-", "--", "tbd", "todo", "no", "nil", "unknown", "your name", "null", "?"}
_NAME_LABELS = ("full name", "name", "candidate name", "candidate", "nominee name", "nominee", "your name")
_EMAIL_LABELS = {"email", "e-mail", "mail", "email address", "e-mail address", "emails", "contact"}
_OFFICE_LABELS = ("running for", "office", "seat", "position", "role", "standing for", "candidate for", "nominated for")


_OUTCOMES: dict[str, Outcome] = {
    "elected": "elected", "true": "elected", "yes": "elected", "not elected": "not_elected",
    "not_elected": "not_elected", "false": "not_elected", "no": "not_elected", "withdrawn": "withdrawn",
    "withdrew": "withdrawn",
}  # fmt: skip


class _Fields:
    """The labelled fields of a text by their label; those with a place in the text before the hidden ones."""

    def __init__(self, cleaned: CleanText) -> None:
        self._by_label: dict[str, list[LabelledField]] = {}
        for field in sorted(cleaned.fields, key=lambda field: field.start is None):
            if field.value.strip().casefold().rstrip(".") not in _NOTHING:
                self._by_label.setdefault(" ".join(field.label.casefold().split()), []).append(field)

    def __iter__(self) -> Iterator[tuple[str, LabelledField]]:
        for label, fields in self._by_label.items():
            for field in fields:
                yield label, field

    def all(self, *labels: str) -> Iterator[LabelledField]:
        for label in labels:
            yield from self._by_label.get(label, ())

    def hint(self, *labels: str) -> Hint | None:
        return next((_of_field(field) for field in self.all(*labels) if len(field.value) <= 80), None)

    def office(self) -> Hint | None:
        """Return the office of a field such as ``Running for:``; a job title is none."""
        for field in self.all(*_OFFICE_LABELS):
            found = find_office(field.value)
            sure = field.label.casefold() in ("office", "running for", "standing for", "candidate for", "nominated for")
            if found and len(field.value) <= 80:
                return _of_field(field, found[1], found[2])
            if sure and len(field.value.split()) <= 8:
                return _of_field(field)
        return None

    def outcome(self) -> Hint | None:
        for field in self.all("outcome", "result", "elected"):
            outcome = _OUTCOMES.get(field.value.strip().casefold())
            if outcome and field.start is not None and field.value == outcome:
                return _of_field(field)
            if outcome:
                return Hint(outcome, "header")
        return None

    def date(self) -> str | None:
        """Return the day that a field ``date`` names, as ``2025-10-08``."""
        for field in self.all("date"):
            if match := re.fullmatch(r"((?:19|20)\d\d-\d\d-\d\d)(?:[T ].{0,30})?", field.value):
                with suppress(ValueError):  # the 31st of February
                    return date.fromisoformat(match[1]).isoformat()
        return None


def _of_field(field: LabelledField, start: int = 0, end: int | None = None) -> Hint:
    """Return a field's value, or a part of it; a field that is not part of the text stood in its header."""
    end = len(field.value) if end is None else end
    value = field.value[start:end]
    if field.start is None:
        return Hint(value, "header")
    return Hint(value, "field", field.start + start, field.start + end)


# --- who ----------------------------------------------------------------------------------------------

_ROLE_MAIL = {
    "elections",
    "election",
    "info",
    "admin",
    "noreply",
    "no-reply",
    "list",
    "board",
    "officers",
    "vote",
    "secretary",
    "bounce",
    "owner",
}
_VIA = re.compile(r"\s+(?:via|\(via)\s.*$", re.IGNORECASE)
_TAIL = re.compile(r"\s*(?:[(\[<{|/,;–—].*|\s-\s.*|@.*|\b(?:he|she|they)/.*)$", re.IGNORECASE)
_INNER = re.compile(r"^[^()]*\([^()]{1,30}\)\s+\S")


def _name(message: Message, cleaned: CleanText, fields: _Fields, subject: Subject, place: Place) -> Hint | None:
    """Return the best name that something outside running prose gives."""
    sender = _person(_VIA.sub("", message.sender_name or ""))
    # The subject of an answer names whom it answers.
    answers = is_reply(message)
    for field in fields.all(*_NAME_LABELS):
        if (bounds := _bounds(field.value)) is not None:
            return _of_field(field, *bounds)
    known = [name for name in (sender, subject.name, place.name, place.handle, place.email) if name]
    titles = [
        field
        for field in fields.all("title", "author")
        if (b := _bounds(field.value)) and " " in field.value[slice(*b)]
    ]
    for field in titles:
        if any(related(field.value, other) for other in known):
            return _of_field(field, *(_bounds(field.value) or (0, len(field.value))))
    signed = _signed(cleaned)
    if signed and " " in signed.value and (sender is None or " " not in sender or related(signed.value, sender)):
        return signed
    if heading := _heading(cleaned, known):
        return heading
    if subject.name and (not answers or (sender and related(subject.name, sender))):
        return Hint(subject.name, "subject")
    if sender and " " in sender:
        return Hint(sender, "header")
    if place.name:
        return Hint(place.name, "folder")
    return signed or (Hint(sender, "header") if sender else None)


def _bounds(value: str) -> tuple[int, int] | None:
    """Return where the name stands in a field: not what follows in brackets, unless the name goes on behind."""
    end = len(value)
    if not _INNER.match(value) and (tail := _TAIL.search(value)):
        comma = re.match(r"[^,]+,\s*[^\W\d_][\w.'’-]*(?:\s[^\W\d_][\w.'’-]*)?$", value)
        end = tail.start() if not comma else end
    start = len(value[:end]) - len(value[:end].lstrip(" @\"'*"))
    end = len(value[:end].rstrip(" \"'*.,"))
    if end <= start or len(value[start:end].split()) > 6 or not re.match(r"[^\W\d_]", value[start:]) or "://" in value:
        return None
    return start, end


def _person(text: str) -> str | None:
    """Return a display name if it is a person's: ``Peng, Tao``, ``Ann Bee``; not ``The Elections Team``."""
    text = " ".join(text.strip(" \"'").split())
    bare = (
        _TAIL.sub("", text)
        if "," not in text or not re.fullmatch(r"[^\W\d_][\w'’ -]+, [^\W\d_][\w.'’ -]+", text)
        else text
    )
    return bare if bare and "@" not in bare and name_like(bare.replace(",", "")) else None


def _signed(cleaned: CleanText) -> Hint | None:
    """Return the name that the text is signed with, where it stands in the text."""
    name = cleaned.signature_name
    if not name:
        return None
    for block in reversed(cleaned.blocks):
        at = cleaned.text.find(name, block.start, block.end) if block.kind == "signature" else -1
        if at >= 0:
            return Hint(name, "text", at, at + len(name))
    return None


def _heading(cleaned: CleanText, known: Iterable[str]) -> Hint | None:
    """Return the name at the top of a profile if something else confirms it."""
    top = [*cleaned.blocks[:1], *[block for block in cleaned.blocks if block.kind == "heading"][:2]]
    for block in top:
        line = cleaned.text[block.start : block.end]
        bounds = _bounds(line)
        if bounds and " " in line[slice(*bounds)] and name_like(line[slice(*bounds)]):
            name = line[slice(*bounds)]
            if any(related(name, other) for other in known):
                return Hint(name, "text", block.start + bounds[0], block.start + bounds[1])
    return None


def related(one: str, other: str) -> bool:
    """Whether two names can be one person's: a word in common, or one run together (``annbee``, ``abee``)."""
    a, b = _words(one), _words(other)
    if any(len(word) > 1 and word in b for word in a):
        return True
    joined = "".join(b)
    if not a or not b:
        return False
    short = {a[0][0] + a[-1], a[0] + a[-1][0], a[-1] + a[0][0]} if len(a) > 1 else set()
    return "".join(a) == joined or joined in short or any(len(word) >= 4 and word in joined for word in a)


def _words(name: str) -> list[str]:
    from anyascii import anyascii

    return re.findall(r"[a-z0-9]+", anyascii(name).lower())


# --- addresses and handles ----------------------------------------------------------------------------

_PLAIN = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_SEVERAL = re.compile(r"[,;|]|\s/\s|\s{2,}|\s(?:and|or|&)\s")
_LISTS = re.compile(r"@(?:lists?|groups|googlegroups|mail-archive)\b|@[\w.-]*\blists?\.", re.IGNORECASE)
_CONTACT = re.compile(r"\b(?:e-?mail|contact|reach|write to|mailto)\b", re.IGNORECASE)


def _emails(message: Message, cleaned: CleanText, fields: _Fields, place: Place) -> Iterator[Email]:
    seen: set[str] = set()
    for one, source in (
        *((found, "field") for label, field in fields if label in _EMAIL_LABELS for found in _addresses(field.value)),
        *((found, "text") for found in _in_text(cleaned)),
        *((message.sender_address or "", "header"),),
        *((place.email or "", "folder"),),
    ):
        local = one.partition("@")[0].casefold()
        posting = message.list_name is not None and local == message.list_name.casefold()
        if one and one.casefold() not in seen and not posting and local not in _ROLE_MAIL and not _LISTS.search(one):
            seen.add(one.casefold())
            yield Email(address=one, source=source)  # type: ignore[arg-type]


def _addresses(value: str) -> list[str]:
    """Return the addresses of a field, each of which may be written ``name at host dot org``."""
    found = []
    for part in _SEVERAL.split(value[:400]):
        one = address(part.strip(" <>()[]"))
        if one and "." in one.partition("@")[2]:
            found.append(one)
        else:
            found += _PLAIN.findall(part)
    return found


def _in_text(cleaned: CleanText) -> Iterator[str]:
    """Yield the addresses that a candidate signs with, or says to be theirs."""
    for block in cleaned.blocks:
        line = cleaned.text[block.start : block.end]
        if block.kind == "signature" and "@" not in line and " at " in line:
            yield from _addresses(line)
        elif block.kind in ("signature", "field") or (len(line) < 300 and _CONTACT.search(line)):
            yield from _PLAIN.findall(line)


_SITES = {
    "github": "github", "gitlab": "gitlab", "irc": "irc", "freenode": "irc", "oftc": "irc", "launchpad": "launchpad",
    "slack": "slack", "discord": "discord", "twitter": "twitter", "x": "twitter", "mastodon": "mastodon",
    "matrix": "matrix", "telegram": "telegram", "bluesky": "bluesky", "linkedin": "linkedin", "keybase": "keybase",
    "nick": "nickname", "nickname": "nickname", "handle": "nickname", "username": "nickname", "id": "nickname",
}  # fmt: skip
_HANDLE = re.compile(r"@?([\w`^{}|\\.-]{2,60}(?:@[\w.-]{3,60})?(?:#\d{4})?)$")
_NICK = re.compile(
    r"\(\s*(?:(irc|aka|github|nick|slack)\s*:?\s+)?@?([\w`^{}|\\-]{2,30})(?:\s+on\s+(irc|slack|github)\b.*?)?\s*\)",
    re.IGNORECASE,
)
_PRONOUN = {"he", "she", "they", "him", "her", "them", "ptl", "remote", "core"}


def _handles(cleaned: CleanText, fields: _Fields, place: Place) -> dict[str, str]:
    """Return the accounts that fields, a signature or the file's name give, by site."""
    handles: dict[str, str] = {}
    for label, field in fields:
        for word in re.split(r"[/,&\s]+", label):
            site = _SITES.get(word)
            handle = _handle(field.value)
            if site and handle and "@" not in handle.strip("@")[1:]:
                if site == "nickname" and place.profile and handle.casefold() == (place.handle or "").casefold():
                    site = "github"
                handles.setdefault(site, handle)
    for block in cleaned.blocks:
        if block.kind == "signature" and (match := _NICK.search(cleaned.text[block.start : block.end])):
            site = _SITES.get((match.group(1) or match.group(3) or "nickname").casefold(), "nickname")
            if match.group(2).casefold() not in _PRONOUN:
                handles.setdefault(site, match.group(2))
    if place.handle:
        handles.setdefault("github" if place.profile else "nickname", place.handle)
    return handles


def _handle(value: str) -> str | None:
    """Return the account that a field names: ``@ann``, or the last part of an address on the web."""
    value = value.strip()
    if "://" in value or re.match(r"(?:www\.)?[\w-]+\.(?:com|org|net|io)/", value):
        parts = [part for part in re.split(r"[/?#]", value.partition("://")[2] or value) if part]
        value = parts[-1] if len(parts) > 1 else ""
    value = re.split(r"[,;\s(]", value, maxsplit=1)[0] if value else ""
    match = _HANDLE.match(value)
    return match.group(1) if match else None


# --- the list -----------------------------------------------------------------------------------------

_PURPOSE = re.compile(
    r"[-_.](?:dev|devel|developers?|discuss|discussions?|users?|announce|general|list|ml|members|vote|voters|board|"
    r"council|core|community|"
    r"contributors|committers|maintainers|leads|forum|talk|elections?|tc|toc|steering|l)$",
    re.IGNORECASE,
)


def _of_list(list_name: str | None) -> str | None:
    """Return the community after which a list is named: ``kata-dev`` is Kata's; None if the name tells none."""
    if not list_name:
        return None
    bare = list_name
    while match := _PURPOSE.search(bare):
        bare = bare[: match.start()]
    return bare if bare and bare != list_name else None
