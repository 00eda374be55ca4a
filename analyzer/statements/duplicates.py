"""Copies: the same person's same text in the same contest, resent, cross-posted, or read from two places.

A text that was sent again with mistakes mended is a copy, too, and takes the place of the first.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import PurePosixPath

from analyzer.directory import name_key, slug
from analyzer.sources.message import Message
from analyzer.statements.statement import Statement

# Days within which the same mail is a copy, and after which it is said again in another election.
_SAME_ELECTION = 60
# Days within which a mail is corrected.
_CORRECTED = 14
# Share of its shingles that a correction has in common with what it corrects: of a mail that says to be a correction,
# and of one that does not.
_SAID, _UNSAID = 0.3, 0.7
# Words in a row that are compared, and the number of least hashes that stand for a text (Broder 1997).
_SHINGLE, _SKETCH = 3, 128
_CORRECTION = re.compile(
    r"\b(?:corrections?|corrected|corrigendum|erratum|updated?|revised|amended|resen[dt]|resending|re-?post(?:ed)?|fixed|"
    r"v ?[2-9]|version [2-9]|take [2-9]|again|this time)\b|\(\s*[2-9]\s*\)",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b(?:19|20)\d\d(?:\.\d)?\b")
_TERM = re.compile(r"\b(\w+(?:\.\d)?) (?:development |release )*(?:cycle|term|release)\b", re.IGNORECASE)


@dataclass(slots=True)
class Kept:
    """A statement that was kept: what tells its person and contest, and of its text a sketch."""

    id: str
    where: str
    name: tuple[str, ...]
    addresses: frozenset[str]
    day: date | None
    folder: str | None
    mail: bool
    sketch: frozenset[int]
    terms: frozenset[str]
    corrects: bool
    contest: dict[str, str] = field(default_factory=dict)


class Known:
    """The statements seen so far, by their text and by who wrote them."""

    def __init__(self) -> None:
        self._ids: dict[str, Kept] = {}
        self._mails: dict[str, Kept] = {}
        self._texts: dict[bytes, list[Kept]] = {}
        self._people: dict[object, list[Kept]] = {}

    def copy_of(self, statement: Statement, message: Message) -> Kept | None:
        """Return the kept statement of which this one is a copy; else remember it and return None."""
        new = _kept(statement, message)
        if new.id in self._ids:
            return self._ids[new.id]
        same_text = self._texts.setdefault(_digest(statement.text), [])
        old = next((old for old in same_text if _one_person(old, new) and _one_contest(old, new)), None)
        mail = message.message_id if message.section is None else None
        if old is None and mail in self._mails and _one_person(self._mails[mail], new):
            # An archive's month and its page may differ in what they hide of a mail, and are one mail all the same.
            old = self._mails[mail]
        if old is None:
            same_text.append(new)
        else:
            # What the copy says more of the contest is true of the kept one, too.
            old.contest = new.contest | old.contest
        self._ids[new.id] = old or new
        if mail:
            self._mails.setdefault(mail, old or new)
        return old

    def corrected_by(self, statement: Statement, message: Message) -> Kept | None:
        """Return the statement that this one, remembered already, corrects; None if there is none.

        Mails of one person in one contest, a few days apart, with most of their words in common.

        References
        ----------
        Broder 1997, On the resemblance and containment of documents.
        """
        new = self._ids[statement.id]
        if not new.mail or new.day is None:
            return None
        people = [key for key in (*new.addresses, new.name) if key]
        found = None
        for old in {id(old): old for key in people for old in self._people.get(key, ())}.values():
            if _one_contest(old, new) and _one_cycle(old, new) and _corrects(old, new):
                found = old
        for key in people:
            self._people.setdefault(key, []).append(new)
        if found is not None:
            for key in people:
                self._people[key] = [old for old in self._people[key] if old is not found]
        return found


def _kept(statement: Statement, message: Message) -> Kept:
    hints = {
        "community": statement.community,
        "unit": statement.unit,
        "office": statement.office,
        "cycle": statement.cycle,
    }
    path = PurePosixPath(message.member or message.path)
    where = message.path + (f", {message.member}" if message.member else "")
    file = message.format in ("text", "markdown", "html")
    subject = message.subject or ""
    return Kept(
        id=statement.id,
        where=where + (f", message {message.index}" if message.index is not None else ""),
        name=name_key(statement.name.value) if statement.name else (),
        addresses=frozenset(email.address.casefold() for email in statement.emails),
        day=date.fromisoformat(statement.submitted[:10]) if statement.submitted else None,
        folder=f"{message.folder}/{path.parent}" if file and not message.named else None,
        mail=not file,
        sketch=_sketch(statement.text),
        terms=frozenset(
            term.casefold()
            for text in (subject, statement.text)
            for term in (*_YEAR.findall(text), *_TERM.findall(text))
        ),
        corrects=_CORRECTION.search(f"{subject}\n{statement.text[:300]}") is not None,
        contest={
            key: slug(hint.value) for key, hint in hints.items() if hint is not None and hint.source != "inferred"
        },
    )


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _digest(text: str) -> bytes:
    """Return a digest of the words: copies differ in breaks, bullets and blanks."""
    return hashlib.sha256(" ".join(_words(text)).encode("utf-8")).digest()[:16]


def _sketch(text: str) -> frozenset[int]:
    """Return the least hashes of a text's shingles, of which texts that are alike share many."""
    words = _words(text)
    shingles = {" ".join(words[at : at + _SHINGLE]) for at in range(max(1, len(words) - _SHINGLE + 1))}
    digests = (hashlib.blake2b(shingle.encode("utf-8"), digest_size=8).digest() for shingle in shingles)
    return frozenset(sorted(int.from_bytes(digest, "big") for digest in digests)[:_SKETCH])


def _alike(one: frozenset[int], other: frozenset[int]) -> float:
    """Return about which share of all their shingles two texts have in common."""
    least = sorted(one | other)[:_SKETCH]
    return sum(digest in one and digest in other for digest in least) / len(least) if least else 0.0


def _corrects(old: Kept, new: Kept) -> bool:
    assert old.day is not None and new.day is not None
    if not 0 <= (new.day - old.day).days <= _CORRECTED:
        return False
    return _alike(old.sketch, new.sketch) >= (_SAID if new.corrects and not old.corrects else _UNSAID)


def _one_cycle(old: Kept, new: Kept) -> bool:
    """Whether two texts speak of the same years and terms, as far as both speak of any; not so if it was rewritten."""
    return old.terms <= new.terms or new.terms <= old.terms


def _one_person(old: Kept, new: Kept) -> bool:
    return bool(old.addresses & new.addresses) or old.name == new.name


def _one_contest(old: Kept, new: Kept) -> bool:
    """Whether nothing that is known of two contests tells them apart."""
    if any(old.contest.get(key, value) != value for key, value in new.contest.items()):
        return False
    if old.folder is not None and new.folder is not None:
        # Two files of a folder that tells no contest may well stand for two.
        return old.folder == new.folder and not {"unit", "office", "cycle"}.isdisjoint(new.contest)
    both = old.day is not None and new.day is not None
    return not both or abs((new.day - old.day).days) <= _SAME_ELECTION  # type: ignore[operator]
