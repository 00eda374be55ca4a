"""One RFC 5322 message out of its bytes; what every kind of mailbox is made of.

References
----------
RFC 5322 (fields), RFC 2369 (List-Post), RFC 7960 (why lists rewrite From into "name via list").
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import Message as Mail
from email.parser import BytesHeaderParser, BytesParser
from email.policy import Compat32
from functools import partial
from typing import Any

from analyzer.sources import bodies, headers
from analyzer.sources.addresses import addresses, mailbox
from analyzer.sources.dates import parse_date
from analyzer.sources.message import Message
from analyzer.sources.opening import MAX_MESSAGE, Item, Opened, Place

_FIELD = re.compile(rb"^([!-9;-~]{1,80})[ \t]*:")
_FROM_LINE = re.compile(rb"\A(?:>?From [^\n]*\n)+")
# Fields that only mail has, and those that a statement may have as well.
_TRACES = {
    b"message-id",
    b"received",
    b"return-path",
    b"mime-version",
    b"delivered-to",
    b"x-mailer",
    b"list-id",
}
_COMMON = {
    b"date",
    b"subject",
    b"to",
    b"cc",
    b"reply-to",
    b"sender",
    b"content-type",
    b"in-reply-to",
    b"references",
}
_VIA = re.compile(r"\s+via\s+(\S.{0,100})$", re.IGNORECASE)
_MOST_BOUNDARIES = 100
_LONGEST_LINE = 1000


class _Raw(Compat32):
    """The lenient policy, handing out header values as they stand, with undecodable bytes as surrogates."""

    def header_fetch_parse(self, name: str, value: str) -> str:
        return value


_PARSER = BytesParser(policy=_Raw())
_HEADER_PARSER = BytesHeaderParser(policy=_Raw())
# A header of which nothing is broken, with the blank line that ends it.
_HEADER = re.compile(rb"(?:[!-9;-~]{1,200}:[^\n]*\n(?:[ \t][^\n]*\n)*)+\n")
_FIELDS = re.compile(rb"([!-9;-~]+):[ \t]*([^\n]*(?:\n[ \t][^\n]*)*)\n")


def recognise(opened: Opened) -> bool:
    """Return whether a file is one message: it begins with header fields, From among them or a mail's traces."""
    names = field_names(opened.head)
    found = set(names)
    if not found & (_TRACES | {b"from"}) or not names:
        return False
    return len(found & (_TRACES | _COMMON | {b"from"})) >= 2


def field_names(head: bytes) -> list[bytes]:
    """Return the names of the header fields some bytes begin with, in lower case; [] if they are not a header."""
    names: list[bytes] = []
    head = head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    for line in _FROM_LINE.sub(b"", head[: 1 << 16]).splitlines():
        if not line.strip():
            return names
        if names and line[:1] in (b" ", b"\t"):
            continue
        match = _FIELD.match(line)
        if not match:
            return []
        names.append(match[1].lower())
    return names


def messages(opened: Opened) -> list[Item]:
    """Read a file that is one message."""
    raw = opened.whole(MAX_MESSAGE).removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    return [parse(raw, opened.place, "maildir" if opened.place.maildir else "eml")]


def parse(
    raw: bytes,
    place: Place,
    kind: str,
    *,
    index: int | None = None,
    content: bytes | None = None,
    posted: Callable[[], datetime | None] = lambda: None,
    list_name: Callable[[], str | None] = lambda: None,
) -> Item:
    """Read one message; whatever is wrong with it becomes a `Skipped`, never an exception.

    Parameters
    ----------
    raw : the message as it stands in its mailbox; its hash is the message's.
    kind, index : format and position.
    content : the message to parse, where the mailbox's quoting had to be undone first.
    posted : tells a date to fall back on, the separator's.
    list_name : tells the list that all of the mailbox belongs to.

    Notes
    -----
    The message is begun with its subject and text (see `Message.begun`); most are no candidacy by these alone.
    """
    try:
        return _parse(raw, content or raw, place, kind, index, posted, list_name)
    except Exception as error:  # one broken message must not end a run of ten thousand
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        return place.skip("broken-message", f"message cannot be read ({reason})", index)


def _parse(
    raw: bytes,
    content: bytes,
    place: Place,
    kind: str,
    index: int | None,
    posted: Callable[[], datetime | None],
    list_name: Callable[[], str | None],
) -> Item:
    if content.startswith((b"From ", b">From ")):
        content = _FROM_LINE.sub(b"", content)
    found = _simple(content)
    if found is None:
        # Every boundary may cost the parser a look at every line; no letter has that many.
        if content.count(b"oundary=") > _MOST_BOUNDARIES:
            return place.skip("broken-message", f"message has more than {_MOST_BOUNDARIES} MIME boundaries", index)
        mail = _PARSER.parsebytes(content)
        if not mail.keys():
            return place.skip("broken-message", "message has no header", index)
        found = _Begun(mail, mail.get("Subject", ""), mail.get("In-Reply-To", ""), bodies.body_of(mail))
    body = found.body
    if not body.glance.strip():
        return place.skip("no-text", "message has no text, only attachments or nothing", index)
    known = {"body": body.glance} if body.ready else {}
    return Message.begun(
        partial(_rest, raw, found, posted, list_name),
        glance=None if body.ready else body.glance,
        path=place.path,
        folder=place.folder,
        member=place.member,
        index=index,
        format=kind,
        named=False,
        filed=None,
        body_format=body.format,
        subject=headers.text_of(found.subject)[0] or None,
        in_reply_to=headers.message_id(found.in_reply_to) if found.in_reply_to else None,
        **known,
    )


@dataclass(slots=True)
class _Begun:
    """A message of which subject and body are known; `header` are its fields, or the bytes that they stand in."""

    header: Mail | bytes
    subject: str
    in_reply_to: str
    body: bodies.Body

    @property
    def mail(self) -> Mail:
        return _HEADER_PARSER.parsebytes(self.header) if isinstance(self.header, bytes) else self.header


def _simple(content: bytes) -> _Begun | None:
    """Read a message that is one text under a header without faults; None if it is not, and needs a parser."""
    if b"\r\n" in content[:_LONGEST_LINE]:
        content = content.replace(b"\r\n", b"\n")
    end = _HEADER.match(content)
    if end is None or b"\r" in end[0]:
        return None
    header = end[0]
    fields: dict[bytes, bytes] = {}
    for name, value in _FIELDS.findall(header):
        fields.setdefault(name.lower(), value)
    body = bodies.simple_body(
        content[end.end() :], _ascii(fields.get(b"content-type")), _ascii(fields.get(b"content-transfer-encoding"))
    )
    if body is None:
        return None
    return _Begun(header, _ascii(fields.get(b"subject")), _ascii(fields.get(b"in-reply-to")), body)


def _ascii(value: bytes | None) -> str:
    return value.decode("ascii", "surrogateescape") if value else ""


def _rest(
    raw: bytes, begun: _Begun, posted: Callable[[], datetime | None], list_name: Callable[[], str | None]
) -> Mapping[str, Any]:
    """Return the fields of a message that nobody needs to see that it is no candidacy."""
    mail, body = begun.mail, begun.body
    defects = list(body.defects)
    try:
        text = body.text().strip("\n")
    except Exception:  # HTML that no parser can take; its words are known without
        text = body.glance
        defects.append("broken-html")
    subject = _text(mail, "Subject", defects)
    name, sender = _sender(mail, defects)
    date = parse_date(mail.get("Date", ""))
    if date is None:
        defects.append("broken-date" if mail.get("Date", "").strip() else "missing-date")
        date = _received(mail) or posted()
    recipients = addresses(
        ", ".join(headers.unfolded(str(value))[0] for key in ("To", "Cc") for value in mail.get_all(key, []))
    )
    return {
        "section": None,
        "body": text,
        "sha256": hashlib.sha256(raw).hexdigest(),
        "sender_name": name,
        "sender_address": sender,
        "date": date,
        "message_id": headers.message_id(mail.get("Message-ID", "")),
        "references": headers.message_ids(mail.get("References", "")),
        "list_name": headers.list_name(headers.text_of(mail.get("List-Id", ""))[0], _posts_to(mail))
        or list_name()
        or headers.list_name(subject=subject, recipients=recipients),
        "to": recipients,
        "defects": tuple(dict.fromkeys(defects)),
    }


def _text(mail: Mail, key: str, defects: list[str]) -> str | None:
    text, defect = headers.text_of(mail.get(key, ""))
    if defect:
        defects.append(defect)
    return text or None


def _sender(mail: Mail, defects: list[str]) -> tuple[str | None, str | None]:
    """Return name and address of the writer, also where a list put its own address in the From field."""
    name, sender = _mailbox(mail, "From", defects)
    if name and (via := _VIA.search(name)):
        name = _VIA.sub("", name).strip("'\" ") or None
        for key in ("X-Original-From", "Reply-To"):
            _, other = _mailbox(mail, key, defects)
            if other and other != sender and other not in _posts_to(mail):
                return name, other
        if sender and sender.partition("@")[0].lower() == via[1].lower():
            return name, None
    if name is None and sender is None:
        return _mailbox(mail, "Sender", defects)
    return name, sender


def _mailbox(mail: Mail, key: str, defects: list[str]) -> tuple[str | None, str | None]:
    # The mailbox is taken apart before its encoded words are decoded: a decoded name may hold any character.
    raw, broken = headers.unfolded(str(mail.get(key, "")))
    name, sender = mailbox(raw)
    name, amiss = headers.text_of(name or "")
    defects.extend(defect for defect in (broken, amiss) if defect)
    if not name:
        return None, sender
    if sender is None:  # some programs encode the whole field
        inner, sender = mailbox(name)
        name = inner or ""
    return name.strip("\"' ") or None, sender


def _posts_to(mail: Mail) -> tuple[str, ...]:
    keys = ("List-Post", "X-BeenThere", "X-Mailing-List", "Mailing-List")
    return tuple(
        headers.text_of(str(mail.get(key, "")))[0].removeprefix("<mailto:").rstrip(">") for key in keys if mail.get(key)
    )


def _received(mail: Mail) -> datetime | None:
    for key in ("Received", "X-List-Received-Date", "Delivery-Date"):
        date = parse_date(str(mail.get(key, "")).rpartition(";")[2])
        if date is not None:
            return date
    return None
