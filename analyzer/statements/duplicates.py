"""Copies: the same person's same text in the same contest, resent, cross-posted, or read from two places."""

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


@dataclass(slots=True)
class Kept:
    """A statement that was kept: what tells its person and contest, and nothing of its text."""

    id: str
    where: str
    name: tuple[str, ...]
    addresses: frozenset[str]
    day: date | None
    folder: str | None
    contest: dict[str, str] = field(default_factory=dict)


class Known:
    """The statements seen so far, by their text."""

    def __init__(self) -> None:
        self._ids: dict[str, Kept] = {}
        self._texts: dict[bytes, list[Kept]] = {}

    def copy_of(self, statement: Statement, message: Message) -> Kept | None:
        """Return the kept statement of which this one is a copy; else remember it and return None."""
        new = _kept(statement, message)
        if new.id in self._ids:
            return self._ids[new.id]
        same_text = self._texts.setdefault(_digest(statement.text), [])
        for old in same_text:
            if _one_person(old, new) and _one_contest(old, new):
                # What the copy says more of the contest is true of the kept one, too.
                old.contest = new.contest | old.contest
                self._ids[new.id] = old
                return old
        same_text.append(new)
        self._ids[new.id] = new
        return None


def _kept(statement: Statement, message: Message) -> Kept:
    hints = {
        "community": statement.community,
        "unit": statement.unit,
        "office": statement.office,
        "cycle": statement.cycle,
    }
    path = PurePosixPath(message.member or message.path)
    where = message.path + (f", {message.member}" if message.member else "")
    return Kept(
        id=statement.id,
        where=where + (f", message {message.index}" if message.index is not None else ""),
        name=name_key(statement.name.value) if statement.name else (),
        addresses=frozenset(email.address.casefold() for email in statement.emails),
        day=date.fromisoformat(statement.submitted[:10]) if statement.submitted else None,
        folder=f"{message.folder}/{path.parent}"
        if message.format in ("text", "markdown", "html") and not message.named
        else None,
        contest={
            key: slug(hint.value) for key, hint in hints.items() if hint is not None and hint.source != "inferred"
        },
    )


def _digest(text: str) -> bytes:
    """Return a digest of the words: copies differ in breaks, bullets and blanks."""
    return hashlib.sha256(" ".join(re.findall(r"\w+", text.casefold())).encode("utf-8")).digest()[:16]


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
