"""HTML to Markdown, for pages and for mail alike."""

from __future__ import annotations

import html as entities
import re
import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

# Beyond these, a page is a data dump, and parsing it would take minutes.
MAX_HTML = 1 << 20
_MOST_TAGS = 20_000
_BALLAST = re.compile(r"<(script|style|svg)\b.{0,1000000}?</\1\s*>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^<>]{0,2000}>")
_NEVER_TEXT = [
    "script", "style", "head", "title", "noscript", "template", "svg", "iframe", "object", "form", "button", "img",
]  # fmt: skip
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_ELEMENT = re.compile(r"<[/!?a-z][^<>]{0,2000}>", re.IGNORECASE)
# Many of what begins like a tag and is none take the parser quadratic time.
_STRAY = re.compile(r"<(?![/!?]?[a-z][^<>]{0,5000}>)", re.IGNORECASE)
_MOST_STRAYS = 200
# Within a word, these are no border of it.
_INLINE = re.compile(r"</?(?:a|abbr|b|code|em|font|i|s|small|span|strong|tt|u|wbr)\b[^<>]{0,2000}>", re.IGNORECASE)
_GAP = re.compile(r"\s{200,}")
_LIST_TAG = re.compile(r"<(/?)(ul|ol|li)\b[^<>]{0,500}>", re.IGNORECASE)
_SIGNATURE = re.compile(r"^\\?--[ \t]*$", re.MULTILINE)
_BLANKS = re.compile(r"\n[ \t]*(?:\n[ \t]*){2,}")


def parse(html: str) -> BeautifulSoup:
    """Parse HTML, however broken.

    Of a long page, the first `MAX_HTML` characters without scripts; of one with too many tags, the text alone.
    """
    from bs4 import BeautifulSoup

    if len(html) > MAX_HTML:
        html = _BALLAST.sub("", html[: 8 * MAX_HTML])[:MAX_HTML]
    html = _without_comments(html)
    if len(_STRAY.findall(html)) > _MOST_STRAYS:
        html = _STRAY.sub("&lt;", html)
    if html.count("<") > _MOST_TAGS:
        html = _TAG.sub(" ", html).replace("<", "&lt;")
    html = _GAP.sub(lambda gap: gap[0][:200], html)  # the converter's patterns are quadratic in white space
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # bs4 warns of text that looks like a file name, or of XML
        return BeautifulSoup(_closed_items(html), "html.parser")


def words(html: str) -> str:
    """Return the words of a text in HTML without parsing it: hidden ones may be among them, no shown one is missing."""
    text = _ELEMENT.sub(" ", _INLINE.sub("", html[: 8 * MAX_HTML]))
    return " ".join(entities.unescape(text).split()).replace("\xad", "")


def to_markdown(node: Tag) -> str:
    """Return the readable text of an element as Markdown; the element is changed on the way."""
    from markdownify import ATX, MarkdownConverter

    _drop(node.find_all(_NEVER_TEXT))
    _drop(node.find_all(style=_HIDDEN))
    try:
        text = str(MarkdownConverter(heading_style=ATX, bullets="-", escape_misc=True).convert_soup(node))
    except RecursionError:  # nested deeper than any writer means
        text = node.get_text("\n")
    text = _SIGNATURE.sub("-- ", text.replace("\xa0", " "))
    return _BLANKS.sub("\n\n", text).strip()


def _drop(tags: Iterable[Tag]) -> None:
    """Take elements out, in document order; those within another one go with it."""
    gone: set[int] = set()
    for tag in tags:
        if id(tag) not in gone:
            gone.update(id(inner) for inner in tag.descendants)
            tag.extract()


def _without_comments(html: str) -> str:
    """Take comments out; the parser takes quadratic time over many that do not end. Of such, only the mark goes."""
    out: list[str] = []
    at = 0
    while (start := html.find("<!--", at)) >= 0:
        end = html.find("-->", start + 2)
        if end < 0:
            return "".join([*out, html[at:].replace("<!--", " ")])
        out.append(html[at:start])
        at = end + 3
    return "".join([*out, html[at:]])


def _closed_items(html: str) -> str:
    """Write the end tags of list items, which HTML may leave out and the parser does not know of."""
    open_item = [False]  # for each list around here, whether it has an item open

    def mark(match: re.Match[str]) -> str:
        closes, name = bool(match[1]), match[2].lower()
        if name == "li":
            implied = open_item[-1] and not closes
            open_item[-1] = not closes
            return "</li>" + match[0] if implied else match[0]
        if not closes:
            open_item.append(False)
            return match[0]
        implied = len(open_item) > 1 and open_item.pop()
        return "</li>" + match[0] if implied else match[0]

    return _LIST_TAG.sub(mark, html)


def line(node: Tag | None) -> str | None:
    """Return the text of an element on one line, or None where there is none."""
    return (" ".join(node.get_text().split()) or None) if node is not None else None
