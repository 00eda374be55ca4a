"""Copies: the same person's same text in the same contest, resent, cross-posted, or read from two places.

A text that was sent again with mistakes mended is a copy, too, and takes the place of the first.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath
from typing import Literal

from pydantic import ConfigDict

from analyzer.directory import name_key, slug
from analyzer.records import Record, Skipped, Warning_
from analyzer.sources.message import Message
from analyzer.statements.statement import Statement

#: Code of the warning that says what a statement corrects.
CORRECTION = "correction"
# Days within which the same mail is a copy, and after which it is said again in another election.
_SAME_ELECTION = 60
# Days within which a mail is corrected.
_CORRECTED = 14
# Share of its shingles that a correction has in common with what it corrects: of a mail that says to be a correction,
# and of one that does not.
_SAID, _UNSAID = 0.3, 0.7
# Words in a row that are compared, and the number of least hashes that stand for a text (Broder 1997), and their bytes.
_SHINGLE, _SKETCH, _HASH = 3, 128, 8
_CORRECTION = re.compile(
    r"\b(?:corrections?|corrected|corrigendum|erratum|updated?|revised|amended|resen[dt]|resending|re-?post(?:ed)?|fixed|"
    r"v ?[2-9]|version [2-9]|take [2-9]|again|this time)\b|\(\s*[2-9]\s*\)",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b(?:19|20)\d\d(?:\.\d)?\b")
_TERM = re.compile(r"\b(\w+(?:\.\d)?) (?:development |release )*(?:cycle|term|release)\b", re.IGNORECASE)


class Kept(Record):
    """A statement that was met first: what tells its person and contest, and of its text a sketch.

    Attributes
    ----------
    submitted, folder, mail_id : None where they are not known; `folder` is that of a file that nobody named.
    words : a digest of the text.
    sketch : see `_sketch`.
    terms : the years and terms it speaks of.
    says_so : it says to be a correction.
    contest : what is known of its contest, in the form that is compared.
    by, code : the statement that is kept in its place, if one is, and why.
    corrects : the last of those that it is kept in place of.
    """

    model_config = ConfigDict(extra="forbid", ser_json_bytes="base64", val_json_bytes="base64")

    id: str
    path: str
    member: str | None
    index: int | None
    sha256: str
    mail: bool
    mail_id: str | None
    submitted: str | None
    folder: str | None
    name: tuple[str, ...]
    addresses: tuple[str, ...]
    contest: dict[str, str]
    terms: tuple[str, ...]
    says_so: bool
    words: bytes
    sketch: bytes
    by: str | None = None
    code: Literal["corrected", "duplicate", "outdated"] = "corrected"
    corrects: str | None = None

    @property
    def where(self) -> str:
        member = f", {self.member}" if self.member else ""
        return self.path + member + (f", message {self.index}" if self.index is not None else "")

    @property
    def place(self) -> tuple[str, str | None, int | None, str]:
        return self.path, self.member, self.index, self.sha256

    @property
    def day(self) -> date | None:
        return date.fromisoformat(self.submitted[:10]) if self.submitted else None

    @property
    def sent(self) -> tuple[bool, str, str, str, int, str]:
        """What mails are sorted by: when they were sent, and for one second by where they are."""
        index = -1 if self.index is None else self.index
        return self.submitted is None, self.submitted or "", self.path, self.member or "", index, self.id


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a statement since it was read: why it is left out now, or what it is said to correct."""

    kept: Kept
    skipped: Skipped | None
    note: Warning_ | None


class Known:
    """The statements met so far, by their text and by who wrote them.

    What becomes of mails does not depend on the order in which they are met: of equal ones the first that was sent
    is kept, and one that was sent again with changes gives way to the next one.

    Parameters
    ----------
    held : what `changes` gave in earlier runs: mails of which this run may meet a copy or a correction.
    every : nothing is to give way.
    """

    def __init__(self, held: Iterable[Kept] = (), *, every: bool = False) -> None:
        self._every = every
        self._all: dict[str, Kept] = {}
        self._original: dict[str, str] = {}
        self._mails: dict[str, Kept] = {}
        self._texts: dict[bytes, list[Kept]] = {}
        self._people: dict[object, list[Kept]] = {}
        self._held: dict[object, list[Kept]] = {}
        self._met: set[str] = set()
        self._stored: set[str] = set()
        self._unsaved: dict[str, Kept] = {}
        self._touched: set[str] = set()
        for kept in held:
            self._remember(kept)
            self._original[kept.id] = kept.id
            self._held.setdefault(kept.place, []).append(kept)
            self._stored.add(kept.id)

    def copy_of(self, statement: Statement, message: Message) -> Kept | None:
        """Return the statement of which this one is a copy; else remember it and return None."""
        new = _kept(statement, message)
        met = new.id in self._met
        self._met.add(new.id)
        if new.id in self._original:
            original = self._original[new.id]
            return self._all[original] if met or original != new.id else None
        # The same mail in its place, of which another version made another text.
        held = self._held.get(new.place, ())
        former = next((old for old in held if old.id != new.id and old.code == "corrected"), None)
        if former is not None:
            self._forget(former)
        old = self._like(new)
        if old is not None:
            # What the copy says more of the contest is true of the kept one, too.
            contest = new.contest | old.contest
            if old.mail and new.mail and new.sent < old.sent and not self._every:
                self._forget(old)
                self._hand_over(old, new, "duplicate")
                new.contest, old = contest, None
            elif contest != old.contest:
                old.contest = contest
                self._change(old)
        if former is not None:
            self._hand_over(former, old or new, "outdated")
        self._original[new.id] = (old or new).id
        if old is None:
            self._add(new)
        return old

    def left_out(self, id_: str) -> Skipped | None:
        """Return why a statement that was met is left out, if it is."""
        kept = self._all[id_]
        if kept.by is None or kept.code == "outdated":
            return None
        where = self._all[kept.by].where
        why = f"sent again with changes: {where} is kept in its place" if kept.code == "corrected" else same_as(where)
        return Skipped(path=kept.path, member=kept.member, index=kept.index, code=kept.code, message=why)

    def note(self, id_: str) -> Warning_ | None:
        """Return the note of what a statement corrects, if it does."""
        old = self._all[id_].corrects
        return Warning_(code=CORRECTION, message=f"corrects {self._all[old].where}") if old else None

    def touched(self) -> set[str]:
        """Return the ids of those of which `left_out` or `note` may say something else than before the last call."""
        touched, self._touched = self._touched, set()
        return touched

    def changes(self, stored: Iterable[str]) -> list[Change]:
        """Return what has become of mails since the last call, but for those that wait for one which is not stored.

        Parameters
        ----------
        stored : ids of statements that are stored by now, beside those of earlier calls.
        """
        self._stored.update(stored)
        ready = [kept for kept in self._unsaved.values() if [kept, *self._after(kept)][-1].id in self._stored]
        for kept in ready:
            del self._unsaved[kept.id]
        return [Change(kept, self.left_out(kept.id), self.note(kept.id)) for kept in ready]

    def _after(self, kept: Kept) -> list[Kept]:
        """Return the statements in a statement's place, one after the other: the last one is kept."""
        found = []
        while kept.by is not None:
            kept = self._all[kept.by]
            found.append(kept)
        return found

    def _like(self, new: Kept) -> Kept | None:
        """Return the statement that is known and of which a new one is a copy."""
        for old in self._texts.get(new.words, ()):
            # A file is a copy of what is read with it: an earlier run's mail does not say what a results page does.
            if (new.mail or old.id in self._met) and _one_person(old, new) and _one_contest(old, new):
                return old
        # An archive's month and its page may differ in what they hide of a mail, and are one mail all the same.
        mail = self._mails.get(new.mail_id or "")
        return mail if mail is not None and _one_person(mail, new) else None

    def _remember(self, kept: Kept) -> None:
        self._all[kept.id] = kept
        self._texts.setdefault(kept.words, []).append(kept)
        if kept.mail_id:
            self._mails.setdefault(kept.mail_id, kept)
        for key in _writer(kept):
            self._people.setdefault(key, []).append(kept)

    def _forget(self, kept: Kept) -> None:
        """Let nothing be compared with a statement any more."""
        self._texts[kept.words].remove(kept)
        if self._mails.get(kept.mail_id or "") is kept:
            del self._mails[kept.mail_id or ""]
        for key in _writer(kept):
            self._people[key].remove(kept)

    def _add(self, new: Kept) -> None:
        """Remember a statement, and find out which of its writer's it corrects, and by which it is corrected.

        Mails of one person in one contest, a few days apart, with most of their words in common.

        References
        ----------
        Broder 1997, On the resemblance and containment of documents.
        """
        others = [old for old in self._of_writer(new) if _one_contest(old, new) and _one_cycle(old, new)]
        self._remember(new)
        # What took the place of another has those that gave way to it, whenever they were sent.
        later = [old for old in others if _corrects(new, old) and new not in self._after(old)]
        new.by = min(later, key=lambda old: old.sent).id if later else None
        concerned = {new.id, new.by}
        for old in others:
            sooner = old.by is None or new.sent < self._all[old.by].sent
            if sooner and _corrects(old, new) and old not in self._after(new):
                concerned.add(old.by)
                old.by = new.id
                self._change(old)
        self._change(new)
        self._note(concerned)

    def _hand_over(self, old: Kept, new: Kept, code: Literal["duplicate", "outdated"]) -> None:
        """Let a statement take the place of one that nothing is compared with any more."""
        self._all[new.id] = new
        corrected_by, old.by, old.code, old.corrects = old.by, new.id, code, None
        self._original.update({id_: new.id for id_, original in self._original.items() if original == old.id})
        self._change(old)
        for other in self._of_writer(old):
            if other.by == old.id:
                other.by = new.id
                self._change(other)
        self._note({new.id, corrected_by})

    def _of_writer(self, kept: Kept) -> list[Kept]:
        return list({other.id: other for key in _writer(kept) for other in self._people.get(key, ())}.values())

    def _note(self, ids: Iterable[str | None]) -> None:
        """Find out what statements correct: the last of those that they are kept in place of."""
        for kept in (self._all[id_] for id_ in ids if id_ is not None):
            corrected = [other for other in self._of_writer(kept) if other.by == kept.id]
            last = max(corrected, key=lambda other: other.sent).id if corrected else None
            if last != kept.corrects:
                kept.corrects = last
                self._change(kept)

    def _change(self, kept: Kept) -> None:
        if kept.mail:
            self._unsaved[kept.id] = kept
            self._touched.add(kept.id)


def same_as(where: str) -> str:
    """Return why a copy is left out."""
    return f"the same statement as {where}, which is kept"


def noted(warnings: Iterable[Warning_], note: Warning_ | None) -> list[Warning_]:
    """Return the warnings of a statement with what it is said to correct, and nothing else of that kind."""
    others = [warning for warning in warnings if warning.code != CORRECTION]
    # What extraction has to say comes last.
    at = next((n for n, warning in enumerate(others) if warning.code.startswith("no-")), len(others))
    return [*others[:at], note, *others[at:]] if note else others


def _writer(kept: Kept) -> Iterator[object]:
    """Yield what tells the writer of a mail that may be corrected."""
    if kept.mail and kept.submitted:
        yield from (key for key in (*kept.addresses, kept.name) if key)


def _kept(statement: Statement, message: Message) -> Kept:
    hints = {
        "community": statement.community,
        "unit": statement.unit,
        "office": statement.office,
        "cycle": statement.cycle,
    }
    path = PurePosixPath(message.member or message.path)
    file = message.format in ("text", "markdown", "html")
    subject = message.subject or ""
    terms = {
        term.casefold()
        for text in (subject, statement.text)
        for term in (*_YEAR.findall(text), *_TERM.findall(text))
    }
    return Kept(
        id=statement.id,
        path=message.path,
        member=message.member,
        index=message.index,
        sha256=message.sha256,
        mail=not file,
        mail_id=message.message_id if message.section is None else None,
        submitted=statement.submitted,
        folder=f"{message.folder}/{path.parent}" if file and not message.named else None,
        name=name_key(statement.name.value) if statement.name else (),
        addresses=tuple(sorted({email.address.casefold() for email in statement.emails})),
        contest={
            key: slug(hint.value) for key, hint in hints.items() if hint is not None and hint.source != "inferred"
        },
        terms=tuple(sorted(terms)),
        says_so=_CORRECTION.search(f"{subject}\n{statement.text[:300]}") is not None,
        words=_digest(statement.text),
        sketch=_sketch(statement.text),
    )


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _digest(text: str) -> bytes:
    """Return a digest of the words: copies differ in breaks, bullets and blanks."""
    return hashlib.sha256(" ".join(_words(text)).encode("utf-8")).digest()[:16]


def _sketch(text: str) -> bytes:
    """Return the least hashes of a text's shingles, of which texts that are alike share many, one after the other."""
    words = _words(text)
    shingles = {" ".join(words[at : at + _SHINGLE]) for at in range(max(1, len(words) - _SHINGLE + 1))}
    digests = (hashlib.blake2b(shingle.encode("utf-8"), digest_size=_HASH).digest() for shingle in shingles)
    return b"".join(sorted(digests)[:_SKETCH])


def _alike(one: bytes, other: bytes) -> float:
    """Return about which share of all their shingles two texts have in common."""
    a, b = ({sketch[at : at + _HASH] for at in range(0, len(sketch), _HASH)} for sketch in (one, other))
    least = sorted(a | b)[:_SKETCH]
    return sum(digest in a and digest in b for digest in least) / len(least) if least else 0.0


def _corrects(old: Kept, new: Kept) -> bool:
    """Whether a mail is another one sent again with changes, if they are one person's in one contest."""
    if old.day is None or new.day is None or new.sent < old.sent or (new.day - old.day).days > _CORRECTED:
        return False
    return _alike(old.sketch, new.sketch) >= (_SAID if new.says_so and not old.says_so else _UNSAID)


def _one_cycle(old: Kept, new: Kept) -> bool:
    """Whether two texts speak of the same years and terms, as far as both speak of any; not so if it was rewritten."""
    return set(old.terms) <= set(new.terms) or set(new.terms) <= set(old.terms)


def _one_person(old: Kept, new: Kept) -> bool:
    return not set(old.addresses).isdisjoint(new.addresses) or old.name == new.name


def _one_contest(old: Kept, new: Kept) -> bool:
    """Whether nothing that is known of two contests tells them apart."""
    if any(old.contest.get(key, value) != value for key, value in new.contest.items()):
        return False
    if old.folder is not None and new.folder is not None:
        # Two files of a folder that tells no contest may well stand for two.
        return old.folder == new.folder and not {"unit", "office", "cycle"}.isdisjoint(new.contest)
    return old.day is None or new.day is None or abs((new.day - old.day).days) <= _SAME_ELECTION
