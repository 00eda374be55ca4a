"""Mailboxes in one file: mbox in its dialects, and pipermail's monthly text.

A message begins where a line looks like a separator (``From``, whom, when) and is followed by a header field;
not at every line that starts with "From ", as many a sentence does. A blank line before it is customary but
not needed. The file is read line by line: only one message is ever in memory.

References
----------
RFC 4155 (mbox and its separator), the mboxrd dialect (``>From`` quoting that can be undone).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from analyzer.sources import headers, mail
from analyzer.sources.dates import parse_date
from analyzer.sources.opening import MAX_MESSAGE, Item, Opened

_DAY = rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},?\s+"
_MONTH = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.?"
_TIME = rb"\d{1,2}:\d{2}(?::\d{2})?"
_ZONE = rb"(?:\s+(?:[A-Z]{1,5}|[+-]\d{4}|\([A-Z]{1,5}\))){0,2}"
_YEAR = rb"(?:19|20)\d\d"
_DATE = (
    rb"(?:" + _DAY + rb")?(?:"
    + _MONTH + rb"\s+\d{1,2},?\s+" + _TIME + _ZONE + rb",?\s+" + _YEAR + _ZONE  # asctime
    + rb"|\d{1,2}\s+" + _MONTH + rb"\s+" + _YEAR + rb",?\s+" + _TIME + _ZONE  # RFC 5322
    + rb"|" + _YEAR + rb"-\d\d-\d\d[T ]" + _TIME + rb"(?:\.\d+)?\s*(?:Z|[+-]\d\d:?\d\d)?" + rb")"
)  # fmt: skip
_SEPARATOR = re.compile(rb"From (?:.{0,300}?\s)??(" + _DATE + rb")(?:\s+remote from \S+)?\s*$")
# Some archives leave the date out; then only an id or address alone will do, and a blank line before it.
_UNDATED = re.compile(rb"From (?:-?\d{6,}|[^\s@]{1,200}@[^\s@]{1,200}|MAILER-DAEMON|-)\s*$")
_PATCH = re.compile(rb"From [0-9a-f]{40} Mon Sep 17 00:00:00 2001\s*$")  # git's mark on a patch in a body
_FIELD = re.compile(rb"[A-Za-z][A-Za-z0-9_-]{0,75}[ \t]*:|>From ")
_MAIL_FIELD = re.compile(
    rb"(?:from|to|date|subject|message-id|received|return-path|delivered-to|x-[\w-]{1,60}|mime-version|sender|reply-to|"
    rb"newsgroups|path|content-type|status|list-id|in-reply-to|cc)[ \t]*:",
    re.IGNORECASE,
)
_START = re.compile(rb"(?:\xef\xbb\xbf)?(?:[ \t]*\r?\n)*(?=From )")
_QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)
_PIPERMAIL = re.compile(rb"^From \S+ at \S+  |^From: \S+ at \S+ \(.*\)\r?$", re.MULTILINE)
_BLANK = (b"\n", b"\r\n")
_LINE = 1 << 20
_LONGEST_SEPARATOR = 1000


@dataclass(slots=True)
class Entry:
    """One message of a mailbox as bytes, or only its size if it is too large."""

    separator: bytes
    raw: bytes | None
    size: int


def recognise(opened: Opened) -> bool:
    """Return whether a file begins as a mailbox does."""
    start = _START.match(opened.head)
    if not start:
        return False
    first, _, rest = opened.head[start.end() :].partition(b"\n")
    following = rest.partition(b"\n")[0]
    return is_separator(first, following, after_blank=True) or bool(_PATCH.match(first))


def is_separator(line: bytes, following: bytes, *, after_blank: bool) -> bool:
    """Return whether a line that starts with "From " parts two messages; `following` is the next line."""
    if len(line) > _LONGEST_SEPARATOR or _PATCH.match(line):
        return False
    if _SEPARATOR.match(line):
        return not following or bool(_FIELD.match(following))
    return after_blank and bool(_UNDATED.match(line)) and bool(_MAIL_FIELD.match(following))


def messages(opened: Opened) -> Iterator[Item]:
    """Read the messages of a mailbox, in order; one that cannot be read is a `Skipped` with its index."""
    head = opened.head
    kind = "pipermail" if _PIPERMAIL.search(head) else "mbox"
    list_name = headers.common_prefix(head)
    for index, entry in enumerate(split(opened)):
        if entry.raw is None:
            limit = MAX_MESSAGE >> 20
            yield opened.place.skip("too-large", f"message of {entry.size >> 20} MiB; the limit is {limit} MiB", index)
            continue
        if not entry.raw.strip():
            yield opened.place.skip("empty", "separator without a message", index)
            continue
        yield mail.parse(
            entry.raw,
            opened.place,
            kind,
            index=index,
            content=unquoted(entry.raw),
            posted=_posted(entry.separator),
            list_name=list_name,
        )


def split(opened: Opened) -> Iterator[Entry]:
    """Cut a mailbox into its messages, without the separators and the blank line before each."""
    stream = opened.stream
    separator = b""
    lines: list[bytes] = []
    size = 0
    after_blank = fresh = True  # fresh: at the start of a line, not in the middle of an endless one
    line = stream.readline(_LINE).removeprefix(b"\xef\xbb\xbf")
    while line and not line.strip():
        line = stream.readline(_LINE)
    while line:
        if fresh and line.startswith(b"From "):
            following = stream.readline(_LINE)
            # What made the file a mailbox is a separator: git's patches are messages if they are the mailbox.
            if not separator or is_separator(line, following, after_blank=after_blank):
                if separator:
                    yield _entry(separator, lines, size)
                separator, lines, size = line, [], 0
                after_blank, fresh, line = False, True, following
                continue
        else:
            following = stream.readline(_LINE)
        size += len(line)
        if size <= MAX_MESSAGE:
            lines.append(line)
        elif lines:
            lines = []
        after_blank = line in _BLANK
        fresh = line.endswith(b"\n")
        line = following
    if separator:
        yield _entry(separator, lines, size)


def unquoted(raw: bytes) -> bytes:
    """Undo ``>From`` quoting, one level of it, in the body of a message."""
    if b"\n>" not in raw:
        return raw
    return _QUOTED_FROM.sub(rb"\1", raw)


def _entry(separator: bytes, lines: list[bytes], size: int) -> Entry:
    if size > MAX_MESSAGE:
        return Entry(separator, None, size)
    if lines and lines[-1] in _BLANK:
        lines = lines[:-1]
    return Entry(separator, b"".join(lines), size)


def _posted(separator: bytes) -> datetime | None:
    match = _SEPARATOR.match(separator)
    return parse_date(match[1].decode("ascii")) if match else None
