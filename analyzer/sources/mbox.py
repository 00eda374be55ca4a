"""Mailboxes in one file: mbox in its dialects, and pipermail's monthly text.

A message begins where a line looks like a separator (``From``, whom, when) and is followed by a header field;
not at every line that starts with "From ", as many a sentence does. A blank line before it is customary but
not needed. Where a Content-Length is right, what it spans is one message, whatever lines are in it.

References
----------
RFC 4155 (mbox and its separator), the mboxrd dialect (``>From`` quoting that can be undone), the mboxcl and mboxcl2
dialects (Content-Length, with and without that quoting).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache, partial

from analyzer.sources import cutting, headers, mail
from analyzer.sources.cutting import Entry
from analyzer.sources.dates import parse_date
from analyzer.sources.opening import Item, Opened

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
_LENGTH = re.compile(rb"^Content-[Ll]ength:[ \t]*(\d{1,12})[ \t]*\r?$", re.MULTILINE)
_BODY = re.compile(rb"\n\r?\n")
_LONGEST_SEPARATOR = 1000


def recognise(opened: Opened) -> bool:
    """Return whether a file begins as a mailbox does."""
    start = _START.match(opened.head)
    if not start:
        return False
    first, _, rest = opened.head[start.end() :].partition(b"\n")
    following = rest.partition(b"\n")[0]
    return is_separator(first, following, True) or bool(_PATCH.match(first))


def is_separator(line: bytes, following: bytes, after_blank: bool) -> bool:
    """Return whether a line that starts with "From " parts two messages; `following` is the next line."""
    if _PATCH.match(line):
        return False
    if _SEPARATOR.match(line):
        return not following or bool(_FIELD.match(following))
    return after_blank and bool(_UNDATED.match(line)) and bool(_MAIL_FIELD.match(following))


def messages(opened: Opened) -> Iterator[Item]:
    """Read the messages of a mailbox, in order; one that cannot be read is a `Skipped` with its index."""
    head = opened.head
    kind = "pipermail" if _PIPERMAIL.search(head) else "mbox"
    list_name = cache(partial(headers.common_prefix, head))
    for index, entry in enumerate(split(opened)):
        if (refused := entry.refused(opened.place, index)) is not None:
            yield refused
            continue
        yield mail.parse(
            entry.raw,
            opened.place,
            kind,
            index=index,
            content=entry.raw if entry.counted and b"\nFrom " in entry.raw else unquoted(entry.raw),
            posted=partial(_posted, entry.separator),
            list_name=list_name,
        )


def split(opened: Opened) -> Iterator[Entry]:
    """Cut a mailbox into its messages, without the separators and the blank line before each."""
    return cutting.split(opened.stream, b"From ", is_separator, length=content_length)


def content_length(raw: bytes) -> int | None:
    """Return where a message ends by its own account, the Content-Length of mboxcl; None if it has none.

    Programs that rewrite a message forget the field, so that it may lie: it only counts where it points at the end
    of the mailbox or at another separator.
    """
    if b"ontent-L" not in raw and b"ontent-l" not in raw:
        return None
    body = _BODY.search(raw)
    match = _LENGTH.search(raw, 0, body.start() + 1) if body is not None else None
    return body.end() + int(match[1]) if body is not None and match is not None else None


def unquoted(raw: bytes) -> bytes:
    """Undo ``>From`` quoting, one level of it, in the body of a message."""
    if b">From " not in raw:
        return raw
    return _QUOTED_FROM.sub(rb"\1", raw)


def _posted(separator: bytes) -> datetime | None:
    match = _SEPARATOR.match(separator)
    return parse_date(match[1].decode("ascii")) if match else None
