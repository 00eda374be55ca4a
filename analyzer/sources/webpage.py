"""A web page that is no archive's: its main text as Markdown."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING

from analyzer.sources import charsets, markup
from analyzer.sources.dates import parse_date
from analyzer.sources.message import Message
from analyzer.sources.opening import Item, Opened

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

# Markdown may begin with a paragraph or comment of HTML; only a document says what it is, or has a body.
_DOCUMENT = re.compile(
    rb"\A\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--.{0,4000}?-->\s*)*(?:<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>])",
    re.IGNORECASE | re.DOTALL,
)
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w:.-]{1,40})", re.IGNORECASE)
_NAVIGATION = ["nav", "aside"]


def is_html(head: bytes) -> bool:
    """Return whether some bytes begin an HTML document."""
    return bool(_DOCUMENT.match(head[:20_000].removeprefix(b"\xef\xbb\xbf")))


def declared_charset(data: bytes) -> str | None:
    """Return the charset that a page declares."""
    match = _CHARSET.search(data[:4096])
    return match[1].decode("ascii", "replace") if match else None


def recognise(opened: Opened) -> bool:
    """Return whether a file is an HTML document; a fragment counts only under a name that says so."""
    if is_html(opened.head):
        return True
    named = opened.place.suffix in (".html", ".htm", ".xhtml")
    return named and bool(re.search(rb"</(?:p|div|h[1-6]|ul|table|body)\s*>", opened.head, re.IGNORECASE))


def messages(opened: Opened) -> list[Item]:
    """Read a page: its main text, title, author and date of publication."""
    data = opened.whole()
    html, defect = charsets.decode(data, declared_charset(data))
    page = markup.parse(html)
    title = markup.line(page.find("title")) or markup.line(page.find("h1"))
    author, date = _meta(page, "author"), _meta(page, "article:published_time")
    text = markup.to_markdown(_main(page))
    if not text:
        return [opened.place.skip("no-text", "web page without text")]
    return [
        Message(
            path=opened.place.path,
            folder=opened.place.folder,
            member=opened.place.member,
            format="html",
            body=text,
            body_format="markdown",
            sha256=hashlib.sha256(data).hexdigest(),
            subject=title,
            sender_name=author,
            date=parse_date(date) if date else None,
            defects=(defect,) if defect else (),
        )
    ]


def _main(page: BeautifulSoup) -> Tag:
    """Return the element that holds the text, without what leads elsewhere."""
    for tag in page.find_all(_NAVIGATION):
        tag.extract()
    for name in ("main", "article"):
        found = page.find_all(name)
        if len(found) == 1 and found[0].get_text(strip=True):
            return found[0]
    body = page.find("body") or page
    for tag in body.find_all(["header", "footer"], recursive=False):
        tag.extract()
    return body


def _meta(page: BeautifulSoup, name: str) -> str | None:
    tag = page.find("meta", attrs={"name": name}) or page.find("meta", attrs={"property": name})
    content = tag.get("content") if tag is not None else None
    return " ".join(content.split()) or None if isinstance(content, str) else None
