"""One page that holds all candidates: each under a heading with their name, or in a row of a table.

Only a page that is called so (``candidates.md``, ``nominees.md``) or has such a heading above the names is split: a
candidate's own statement has headings, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from analyzer.sources.message import Filed, Section
from analyzer.sources.repositories.layout import join, stem
from analyzer.sources.repositories.tree import Tree

if TYPE_CHECKING:
    from markdown_it.token import Token

_MANY = r"(?:candidates|nominees|nominations|candidacies|self-nominations|candidate[- ]statements)"
_FILE = re.compile(rf"(?:^|[-_. ]){_MANY}(?:$|[-_. ])", re.IGNORECASE)
_ABOVE = re.compile(rf"^(?:\W|\b(?:the|all|our|list|of|\d{{4}})\b)*{_MANY}\b", re.IGNORECASE)
_MARKDOWN = (".md", ".markdown")
_NAME = re.compile(
    r"^[^\W\d_a-z][\w.'’-]*(?: (?:van|von|de|da|del|der|la|el|bin|[\"“(]?[^\W\d_a-z][\w.'’\")”-]*)){1,4}"
    r"(?:\s*[(\[,–—-].{0,60})?$"
)
_NO_NAME = frozenset(
    """about work working group process election elections voting schedule committee board council statement
    statements platform background candidate candidates nomination nominations nominees goals experience open source
    next steps how to what why who when i my the more information contact questions results eligibility
    code""".split()  # noqa: SIM905
)
_LINK = re.compile(r"\[([^\[\]]{0,200})\](?:\([^()\s]{0,500}\)|\[[^\[\]]{0,200}\])?")
_NAME_COLUMN = {"name", "candidate", "nominee", "candidate name", "full name", "who"}
_LARGEST, _MOST = 500_000, 2000  # characters and headings of a page
_SHORTEST = 12  # words of a section, in the middle: a list of names with links is no page of statements


@dataclass(frozen=True, slots=True)
class _Heading:
    level: int
    text: str
    first: int
    after: int


def survey(tree: Tree) -> Mapping[str, Filed]:
    """Return the pages of several candidates, each with its sections."""
    filed = {}
    for folder, names in tree.folders.items():
        for name in names:
            path = join(folder, name)
            if name.casefold().endswith(_MARKDOWN) and (sections := _sections(tree.text(path), stem(name))):
                filed[path] = Filed(statement=True, sections=sections)
    return filed


def _sections(text: str, called: str) -> tuple[Section, ...]:
    named = bool(_FILE.search(called))
    if len(text) > _LARGEST or not (named or re.search(_MANY, text[:20_000], re.IGNORECASE)):
        return ()
    lines = text.split("\n")
    tokens = _parsed(text)
    headings = list(_headings(tokens))
    if len(headings) > _MOST:
        return ()
    for level in sorted({heading.level for heading in headings}):
        for group in _groups(headings, level, named):
            found = [heading for heading in group if _is_name(heading.text)]
            sections = [Section(heading.text, _below(lines, headings, heading)) for heading in found]
            if len(found) >= 2 and 5 * len(found) >= 4 * len(group) and _said(sections):
                return tuple(sections)
    return tuple(_rows(tokens)) if named else ()


def _parsed(text: str) -> Sequence[Token]:
    from markdown_it import MarkdownIt

    # Blocks alone: what is in a line stays as it is written.
    return MarkdownIt("commonmark").enable("table").disable("inline").parse(text)


def _headings(tokens: Sequence[Token]) -> Iterator[_Heading]:
    for token, inline in pairwise(tokens):
        if token.type == "heading_open" and token.level == 0 and token.map:
            yield _Heading(int(token.tag[1]), _plain(inline.content), *token.map)


def _groups(headings: list[_Heading], level: int, named: bool) -> Iterator[list[_Heading]]:
    """Yield the headings of one level that stand below one heading, where that speaks of candidates."""
    above: _Heading | None = None
    group: list[_Heading] = []
    for heading in [*headings, _Heading(0, "", 0, 0)]:
        if heading.level < level:
            if group and (named or (above and _ABOVE.search(above.text))):
                yield group
            above, group = heading, []
        elif heading.level == level:
            group.append(heading)


def _below(lines: list[str], headings: list[_Heading], heading: _Heading) -> str:
    """Return the text of a heading's section, with the heading."""
    end = next((h.first for h in headings if h.first > heading.first and h.level <= heading.level), len(lines))
    return "\n".join(lines[heading.first : end]).strip("\n")


def _said(sections: list[Section]) -> bool:
    sizes = sorted(len(section.text.split()) for section in sections)
    return sizes[len(sizes) // 2] >= _SHORTEST


def _is_name(text: str) -> bool:
    words = {word.casefold().strip("().,") for word in text.split()}
    return bool(_NAME.match(text)) and not words & _NO_NAME


def _plain(markdown: str) -> str:
    return " ".join(_LINK.sub(r"\1", markdown).strip(" *_`#").split())


def _rows(tokens: Sequence[Token]) -> Iterator[Section]:
    """Yield the rows of the first table that has a column of names: each cell as a labelled field."""
    table: list[list[str]] = []
    for at, token in enumerate(tokens):
        if token.type == "tr_open":
            table.append([])
        elif token.type in ("th_open", "td_open"):
            table[-1].append(tokens[at + 1].content.strip())
        elif token.type == "table_close":
            head, *rows = table
            column = next((place for place, label in enumerate(head) if _plain(label).casefold() in _NAME_COLUMN), None)
            if column is not None and len(rows) > 1 and all(_is_name(_plain(row[column])) for row in rows if row):
                found = [Section(_plain(row[column]), _fields(head, row)) for row in rows]
                if _said(found):
                    yield from found
                return
            table = []


def _fields(head: list[str], row: list[str]) -> str:
    """Return a row as text: short cells as ``label: value``, a cell of prose as a paragraph."""
    short, prose = [], []
    for label, cell in zip(head, row, strict=False):
        cell = re.sub(r"[ \t]*<br ?/?>[ \t]*", "\n", cell)
        if cell and (len(cell.split()) > _SHORTEST or "\n" in cell):
            prose.append(cell)
        elif cell:
            short.append(f"{_plain(label)}: {_plain(cell) if label == head[0] else cell}")
    return "\n\n".join(["\n".join(short), *prose])
