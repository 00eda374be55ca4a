"""LISTSERV's logs: the mails of a list in one file, each under a line of equal signs.

A message begins where such a line is followed by the field that also begins the first message, ``Date`` as a rule;
rules that writers draw are followed by something else.

References
----------
LISTSERV's notebook logs (``listname logYYMM``), which other list managers of its time wrote as well.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache, partial

from analyzer.sources import cutting, mail
from analyzer.sources.opening import Item, Opened

_START = re.compile(rb"(?:\xef\xbb\xbf)?\s*(={20,}[ \t]*)\r?\n([A-Za-z-]{2,40}:)(?=[ \t])")
_FIRST = (b"date:", b"from:", b"received:", b"return-path:", b"reply-to:", b"sender:", b"subject:", b"message-id:")
_SENDER = re.compile(rb"\nSender:[^\n<]{0,300}(?:\n[ \t][^\n<]{0,300})?<?\b([\w.+-]{1,100})@", re.IGNORECASE)


def recognise(opened: Opened) -> bool:
    """Return whether a file begins as a log does: a line of equal signs, and the header of a mail."""
    start = _START.match(opened.head)
    if start is None or start[2].lower() not in _FIRST:
        return False
    names = set(mail.field_names(opened.head[start.start(2) :]))
    return len(names & {b"date", b"from", b"subject", b"sender", b"reply-to"}) >= 3


def messages(opened: Opened) -> Iterator[Item]:
    """Read the messages of a log, in order; one that cannot be read is a `Skipped` with its index."""
    start = _START.match(opened.head)
    assert start is not None  # as it was recognised
    rule, field = start[1].rstrip(), start[2].lower()

    def parts(line: bytes, following: bytes, after_blank: bool) -> bool:
        return line.rstrip() == rule and following[: len(field)].lower() == field

    list_name = cache(partial(_list_name, opened.head))
    for index, entry in enumerate(cutting.split(opened.stream, b"====", parts)):
        refused = entry.refused(opened.place, index)
        yield refused or mail.parse(entry.raw, opened.place, "listserv", index=index, list_name=list_name)


def _list_name(head: bytes) -> str | None:
    """Return the name before the @ of the address that most messages were sent by, in lower case."""
    senders = Counter(match.decode("ascii").lower() for match in _SENDER.findall(head) if match.isascii())
    name, count = max(senders.items(), key=lambda item: (item[1], item[0]), default=("", 0))
    return name if 2 * count > senders.total() else None
