"""A page of a list archive that was saved as text: title, sender, date, then the message.

Browsers and text browsers write pipermail's page so; links to the neighbouring messages may stand around
the body, and "More information about the ... mailing list" below it.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

from analyzer.sources import charsets, headers
from analyzer.sources.addresses import mailbox
from analyzer.sources.dates import parse_date
from analyzer.sources.message import Message
from analyzer.sources.opening import Item, Opened, Refusal

_SENDER = re.compile(r"^.{0,120}?<?[\w.+%'=-]+(?:@| at | \(at\) |\(a\))[\w-]+(?:\.[\w-]+)+>?(?: \(.{0,100}\))?$")
_DATE = re.compile(
    r"^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? .{0,20}\d{1,2}:\d\d(?::\d\d)?.{0,20}$"
    r"|^.{0,20}(?:19|20)\d\d,? \d{1,2}:\d\d(?::\d\d)?.{0,10}$"
)
_LINK = re.compile(
    r"^\W{0,10}(?:\[\d{1,4}\]\W{0,3})?(?:previous message|next message|messages sorted by)\b", re.IGNORECASE
)
_LINK_NUMBER = re.compile(r"\[\d{1,4}\]")  # as text browsers write
_ORDER = re.compile(r"\[ (?:date|thread|subject|author) \]")
_LAST_ORDER = re.compile(r"\[ author \]")
_RULE = re.compile(r"^\s*[_=-]{5,}\s*$")
_FOOTER = re.compile(
    r"^\W{0,10}(?:\[\d{1,4}\])?more information about the (\S{1,80})(?:\s+mailing(?:\s+list)?)?",
    re.IGNORECASE,
)
_FURNITURE = 25


@dataclass(slots=True)
class _Page:
    title: str
    sender: str
    date: datetime
    body: list[str]


def recognise(opened: Opened) -> bool:
    """Return whether a file begins with a title, a sender and a date, each on a line."""
    return _page(charsets.decode(opened.head[:20_000])[0].split("\n")) is not None


def messages(opened: Opened) -> list[Item]:
    """Read the message of a page."""
    data = opened.whole()
    text, defect = charsets.decode(data)
    page = _page(text.split("\n"))
    if page is None:
        raise Refusal("broken-message", "begins like an archive's page but cannot be decoded")
    body, list_name = _without_footer(page.body)
    name, sender = mailbox(page.sender)
    if not body:
        return [opened.place.skip("no-text", "archive page without a message")]
    return [
        Message(
            path=opened.place.path,
            folder=opened.place.folder,
            member=opened.place.member,
            format="archive-page",
            body="\n".join(body),
            sha256=hashlib.sha256(data).hexdigest(),
            subject=page.title,
            sender_name=name,
            sender_address=sender,
            date=page.date,
            list_name=list_name or headers.list_name(subject=page.title),
            defects=(defect,) if defect else (),
        )
    ]


def _page(lines: list[str]) -> _Page | None:
    """Take the head of a page off; None if it is not one. A title may take two lines."""
    at = [number for number, line in enumerate(lines[:20]) if line.strip()][:4]
    for title_lines in (1, 2):
        if len(at) < title_lines + 2:
            return None
        sender, date = (
            _LINK_NUMBER.sub("", lines[number].strip()[:200]) for number in at[title_lines : title_lines + 2]
        )
        moment = parse_date(date) if _DATE.match(date) else None
        if moment is not None and _SENDER.match(sender):
            title = " ".join(lines[number].strip() for number in at[:title_lines])
            body = _without_links(lines[at[title_lines + 1] + 1 :])
            return _Page(title[:500], sender, moment, body)
    return None


def _without_links(lines: list[str]) -> list[str]:
    """Drop the links to other messages above a body."""
    start = 0
    first = next((at for at, line in enumerate(lines[:6]) if _LINK.match(line[:300])), None)
    if first is not None:
        links = [at for at in range(first, min(first + 12, len(lines))) if _LINK.match(lines[at][:300])]
        last = next(
            (at for at in range(first, min(first + 12, len(lines))) if _LAST_ORDER.search(lines[at][:300])),
            None,
        )
        start = (links[-1] if last is None else last) + 1
    while start < len(lines) and (not lines[start].strip() or (start < _FURNITURE and _RULE.match(lines[start][:300]))):
        start += 1
    return lines[start:]


def _without_footer(lines: list[str]) -> tuple[list[str], str | None]:
    """Drop what stands below a body, and return the list's name that it tells."""
    name: str | None = None
    tail = max(0, len(lines) - _FURNITURE)
    end = len(lines)
    for at in range(len(lines) - 1, tail - 1, -1):
        if match := _FOOTER.match(lines[at][:300]):
            name, end = match[1].lower(), at
            break
    links = [at for at in range(max(0, end - _FURNITURE), end) if _LINK.match(lines[at][:300])]
    if links and (name or _ORDER.search("\n".join(lines[links[0] : end]))):
        end = links[0]
    while end and (not lines[end - 1].strip() or (name and _RULE.match(lines[end - 1][:300]))):
        end -= 1
    return lines[:end], name
