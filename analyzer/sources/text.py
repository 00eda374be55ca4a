"""Plain text and Markdown: a statement in a file of its own."""

from __future__ import annotations

import hashlib
import re

from analyzer.sources import charsets
from analyzer.sources.message import Message
from analyzer.sources.opening import Item, Opened

# What only somebody who writes Markdown writes; a bullet, a rule or an e-mail's "> " proves nothing.
_MARKS = re.compile(
    r"^#{1,6} +\S"  # ATX heading
    r"|\[[^\]\n]{1,200}\]\([^)\s]{1,500}\)"  # inline link
    r"|(?<![\w*])\*\*[^\s*][^*\n]{0,200}\*\*"  # strong
    r"|^(?:```|~~~)"  # fence
    r"|^\|? *:?-{3,}:? *\|",  # rule of a table
    re.MULTILINE,
)
_FRONT_MATTER = re.compile(r"\A\s*---[ \t]*\n(?:.*\n){0,120}?---[ \t]*\n")


def looks_like_markdown(text: str) -> bool:
    """Return whether a text is Markdown, going by marks that plain text hardly ever has."""
    return bool(_FRONT_MATTER.match(text[:20_000]) or _MARKS.search(text[:200_000]))


def messages(opened: Opened) -> list[Item]:
    """Read a text. Its name decides between plain text and Markdown only where its marks do not."""
    data = opened.whole()
    text, defect = charsets.decode(data)
    if not text.strip():
        return [opened.place.skip("no-text", "only blank lines")]
    markdown = looks_like_markdown(text) or opened.place.suffix in (".md", ".markdown", ".mdown")
    return [
        Message(
            path=opened.place.path,
            folder=opened.place.folder,
            member=opened.place.member,
            named=opened.place.named,
            format="markdown" if markdown else "text",
            body=text.strip("\n"),
            body_format="markdown" if markdown else "plain",
            sha256=hashlib.sha256(data).hexdigest(),
            defects=(defect,) if defect else (),
        )
    ]
