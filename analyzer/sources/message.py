"""The message: what a source hands to the next room."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Self

from analyzer.records import Outcome

BodyFormat = Literal["plain", "flowed", "delsp", "markdown"]


@dataclass(frozen=True, slots=True)
class Section:
    """One candidate's part of a page that holds many."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Filed:
    """What the repository around a file says of it, beside what the file's own path says; None is not told.

    Attributes
    ----------
    statement : True if it is a candidate's statement, False if it is a document about an election.
    community, office, unit, cycle : as the repository writes them.
    title : what the election is called, which names its office (``2023 Steering Committee Election``).
    outcome : what its results say of this file's candidate.
    begins, ends : first and last day of voting, ``2024-05-06``.
    sections : the parts of a page that holds many candidates' statements.
    owner : the account that the clone comes from, for a community that nothing else names.
    """

    statement: bool
    community: str | None = None
    office: str | None = None
    unit: str | None = None
    cycle: str | None = None
    title: str | None = None
    outcome: Outcome | None = None
    begins: str | None = None
    ends: str | None = None
    sections: tuple[Section, ...] = ()
    owner: str | None = None


class _Begun:
    """What a message that is only begun is made whole of; see `Message.begun`."""

    __slots__ = ("_glance", "_rest")


@dataclass(frozen=True, slots=True)
class Message(_Begun):
    """One decoded message or document, before anything is known of its meaning.

    Attributes
    ----------
    path : relative to the SOURCE argument (its own name if that is a file), with forward slashes.
    folder : name of the SOURCE folder the path is relative to, or None where a file was named.
    member, section, index : file inside an archive; heading of its part of a page of several candidates; 0-based
        position inside a mailbox.
    format : what was recognised: ``eml``, ``mbox``, ``pipermail``, ``listserv``, ``maildir``,
        ``archive-page`` (saved as text), ``archive-html``, ``html``, ``text``, ``markdown``.
    named : the user named this very file, so it is a statement and needs no decision.
    body, body_format : the text, one ``\\n`` per line break. ``flowed``/``delsp`` is RFC 3676 text that
        still has its soft breaks; HTML has become ``markdown``.
    sender_name, sender_address : RFC 2047-decoded, obfuscation ("name at host") undone.
    list_name : short name of the mailing list (``kata-dev``), from headers or archive furniture.
    sha256 : of the raw bytes of this message or file.
    defects : codes of what had to be mended, such as ``wrong-charset``.
    filed : what the election repository around the file says of it.
    """

    path: str
    format: str
    body: str
    sha256: str
    folder: str | None = None
    member: str | None = None
    section: str | None = None
    index: int | None = None
    named: bool = False
    body_format: BodyFormat = "plain"
    subject: str | None = None
    sender_name: str | None = None
    sender_address: str | None = None
    date: datetime | None = None
    message_id: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    list_name: str | None = None
    to: tuple[str, ...] = ()
    defects: tuple[str, ...] = field(default=())
    filed: Filed | None = None

    @classmethod
    def begun(cls, rest: Callable[[], Mapping[str, Any]], *, glance: str | None = None, **known: Any) -> Self:
        """Make a message of the fields that are `known`; `rest` gives all others when one of them is asked for.

        Of a thousand messages of a list, subject and text tell that most are no candidacy, and nobody asks for
        their dates and senders.

        Parameters
        ----------
        glance : see the property; None where `body` is known.
        """
        message = object.__new__(cls)
        object.__setattr__(message, "_rest", rest)
        object.__setattr__(message, "_glance", glance)
        for name, value in known.items():
            object.__setattr__(message, name, value)
        return message

    @property
    def glance(self) -> str:
        """The words of the text, and perhaps others that are not shown: `body`, or less work where it is HTML."""
        try:
            found: str | None = object.__getattribute__(self, "_glance")
        except AttributeError:  # it was made whole
            found = None
        return self.body if found is None else found

    def __getattr__(self, name: str) -> Any:
        # Called for what is not there: a field of a message that was only begun.
        if name not in self.__dataclass_fields__:
            raise AttributeError(f"{type(self).__name__} has no {name}")
        for key, value in self._rest().items():
            object.__setattr__(self, key, value)
        return object.__getattribute__(self, name)
