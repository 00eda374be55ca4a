"""Statements in files of their own, web pages, and what only looks like text."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyzer.records import Skipped
from analyzer.sources import read
from analyzer.sources.message import Message
from analyzer.sources.text import looks_like_markdown


def one(folder: Path, name: str, content: str | bytes) -> Message | Skipped:
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    [item] = read([folder])
    return item


def code(folder: Path, name: str, content: str) -> str:
    item = one(folder, name, content)
    return item.code if isinstance(item, Skipped) else item.format


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("# Rosa Lindqvist\n\nI stand.", True),
        ("---\nname: Rosa\n---\n\nI stand.", True),
        ("See [my page](https://kettle.example).", True),
        ("**Goals**\n", True),
        ("Hello,\n\n* docs\n- tests\n> quoted\n\n-- \nRosa", False),
        ("Item #1 of 2 * 3", False),
    ],
)
def test_markdown_is_told_by_its_marks(tmp_path: Path, text: str, markdown: bool) -> None:
    assert looks_like_markdown(text) is markdown
    item = one(tmp_path, "rosa", text)
    assert isinstance(item, Message)
    assert (item.format, item.body_format) == (("markdown", "markdown") if markdown else ("text", "plain"))


def test_a_name_that_says_markdown_decides_where_there_are_no_marks(tmp_path: Path) -> None:
    assert code(tmp_path, "rosa.md", "Rosa\n--\n\nI stand.") == "markdown"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text_in_any_charset(tmp_path: Path, encoding: str) -> None:
    item = one(tmp_path, "rosa.txt", "Grüße an alle:\r\n\r\nich kandidiere für den Rat.\r\n".encode(encoding))
    assert isinstance(item, Message)
    assert item.body == "Grüße an alle:\n\nich kandidiere für den Rat."
    assert item.defects == (("guessed-charset",) if encoding == "cp1252" else ())


def test_chinese_punctuation_in_english_text_is_read(tmp_path: Path) -> None:
    item = one(tmp_path, "li.txt", "It’s time，and I stand for the council.".encode("gb18030"))
    assert isinstance(item, Message)
    assert item.body == "It’s time，and I stand for the council."


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("election.yaml", "name: 2024 Council\nstart: 2024-05-01\nofficers:\n  - ida\n"),
        (
            "election.yaml",
            "# Kettle\nname: 2024\neligibility: All who have made ten changes within the year may vote here\n",
        ),
        (
            "noname",
            "candidates:\n  Core:\n  - elected: true\n    links:\n    - url: https://kettle.example\n",
        ),
        ("noname", "---\nrelease: 1.0\nseats: 4\n"),
        ("results.txt", '{"winner": "Rosa", "votes": 12}'),
        ("results.txt", '[\n {"winner": "Rosa"}\n]'),
        ("log.txt", '{"winner": "Rosa"}\n{"winner": "Ida"}\n'),
        ("votes.csv", "name,votes\nRosa,12\nIda,11\n"),
        ("votes.txt", "name,first,second,third\nRosa,1,2,3\nIda,3,2,1\nBo,2,1,3\n"),
        (
            "run.py",
            "import os\n\n\ndef main(argv):\n    for name in argv:\n        print(name)\n\n\nmain(os.argv)\n",
        ),
        ("script", "#!/bin/sh\necho hello\n"),
        ("app.js", "const a = 1;\nfunction go() {\n  return a;\n}\ngo();\n"),
        ("card", "BEGIN:VCARD\nFN:Rosa\nEND:VCARD\n"),
        ("feed", "<?xml version='1.0'?><rss><channel></channel></rss>"),
        ("link", "../2024/rosa.txt"),
    ],
)
def test_data_and_programs_are_no_statements(tmp_path: Path, name: str, content: str) -> None:
    assert code(tmp_path, name, content) == "data-file"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("rosa.txt", "Name: Rosa Lindqvist\nEmail: rosa at kettle.example\nOffice: Council\n"),
        ("rosa.txt", "Name: Rosa\nGoals:\n- better docs\n- faster tests\n"),
        ("rosa.txt", "- I stand for the council\n- I like tea\n"),
        ("rosa.md", "---\nname: Rosa\naffiliation: Kettle Works\n---\n"),
        ("rosa.md", "<p align=center>Rosa</p>\n\nI stand for the council.\n"),
        ("rosa.md", "<!-- copy this file -->\n\n# Rosa\n"),
        ("rosa@kettle.cc", "My goals are:\n\n* docs;\n* tests;\n* and for this role:\n* calm;\n\nRosa\n"),
        ("rosa.yaml", "statement: >\n" + "  I stand for the council, and this is why I do it.\n" * 20),
        ("rosa.txt", "I'm in!\n"),
        ("rosa.txt", "[tc] My candidacy\n\nI stand, {really}.\n"),
        ("rosa.txt", "From my first day on, I wanted to stand.\n"),
        ("rosa.txt", "  From ida@loom.example Tue Jun  4 09:00:00 2024\nSubject: an indented example\n"),
        (
            "rosa.txt",
            "Import what is good, export what is better.\nReturn to basics\nFor all of us:\nwith care:\nTea = good\n",
        ),
    ],
)
def test_statements_that_look_like_data_are_statements(tmp_path: Path, name: str, content: str) -> None:
    assert code(tmp_path, name, content) in ("text", "markdown")


def test_anchors_that_stand_for_millions_do_not_blow_up(tmp_path: Path) -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    lines += [
        f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    assert code(tmp_path, "bomb.yaml", "\n".join(lines)) == "data-file"


def test_a_web_page_is_its_main_text(tmp_path: Path) -> None:
    item = one(
        tmp_path,
        "page",
        """<!DOCTYPE html><html><head><meta charset="iso-8859-1"><title>Rosa for council</title>
        <meta name="author" content="Rosa Lindqvist">
        <meta property="article:published_time" content="2024-05-06T10:00:00+02:00"></head>
        <body><header>Kettle site</header><nav><a href="/">Home</a></nav>
        <main><h1>Rosa for council</h1><p>I stand for the <em>council</em>, voil\xe0.</p></main>
        <footer>Imprint</footer></body></html>""".encode("latin-1"),
    )
    assert isinstance(item, Message)
    assert (item.format, item.body_format, item.named) == ("html", "markdown", False)
    assert item.body == "# Rosa for council\n\nI stand for the *council*, voilà."
    assert (item.subject, item.sender_name, str(item.date)) == (
        "Rosa for council",
        "Rosa Lindqvist",
        "2024-05-06 08:00:00+00:00",
    )


def test_a_fragment_of_html_is_a_page_only_by_its_name(tmp_path: Path) -> None:
    assert code(tmp_path, "rosa.html", "<h1>Rosa</h1><p>I stand.</p>") == "html"
    (tmp_path / "rosa.html").unlink()
    assert code(tmp_path, "rosa.txt", "<h1>Rosa</h1><p>I stand.</p>") == "text"


def test_a_page_without_text_is_skipped(tmp_path: Path) -> None:
    assert code(tmp_path, "page.html", "<html><body><script>go()</script></body></html>") == "no-text"
