"""Files that are no text to read: pictures and packed files, and data and programs written as text."""

from __future__ import annotations

import csv
import json
import re

from analyzer.sources.opening import Opened

_MAGIC = (
    (b"%PDF-", "a PDF; save its text and give that"),
    (b"PK\x03\x04", "an office document or a program; save its text and give that"),
    (b"{\\rtf", "an RTF document; save it as plain text"),
    (b"\xd0\xcf\x11\xe0", "an office document; save it as plain text"),
    (b"BZh", "packed twice; unpack it first"),
    (b"\xfd7zXZ\x00", "packed twice; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a zstd file; unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z file; unpack it first"),
    (b"\x1f\x8b", "packed twice; unpack it first"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"%!PS", "a PostScript file; save its text and give that"),
    (b"SQLite format 3\x00", "a database"),
)
_MARKS = (b"\xff\xfe", b"\xfe\xff")
_CONTROL = bytes(c for c in range(32) if c not in b"\t\n\v\f\r\x1b")

_BLOCKS = re.compile(
    r"\A\s*(?:BEGIN:V(?:CARD|CALENDAR)|-----BEGIN (?:PGP PUBLIC KEY|PGP PRIVATE KEY|CERTIFICATE|[A-Z ]*PRIVATE KEY)"
    r"|<\?xml|<svg|<rss|<feed|diff --git )"
)
_CODE_LINE = re.compile(
    r"^\s*(?:(?:async )?(?:def|class)\s+\w+.*:\s*$|import [\w.]+(?: as \w+)?\s*;?$|from [\w.]+ import |"
    r"#include\s*[<\"]|"
    r"(?:async )?(?:function|func|fn)\s*\w*\s*\(|(?:var|let|const|local|my)\s+[\w{\[$@]+.*=|"
    r"(?:if|elif|for|while)\s.{1,80}\w[\])]*:\s*$|(?:else|try|finally)\s*:\s*$|return\b.{0,60}[\w)\]]$|"
    r"[A-Za-z_][\w.\[\]\"'-]*\s*=\s*\S.*$|[})\]]+[;,]?\s*$|(?://|/\*|#!).*|.*[;{}]\s*$|[\w.]+\(.*\)\s*$|"
    r"\[[\w. \"-]+\]\s*$)"
)
_DATA = {
    ".yaml",
    ".yml",
    ".json",
    ".jsonl",
    ".csv",
    ".tsv",
    ".toml",
    ".ini",
    ".cfg",
    ".conf",
    ".xml",
    ".lock",
    ".properties",
}
_CODE = {
    ".py", ".js", ".ts", ".go", ".rs", ".c", ".h", ".cc", ".cpp", ".java", ".rb", ".pl", ".sh", ".css", ".scss", ".php",
    ".sql", ".lua", ".tf", ".jsx", ".tsx", ".kt", ".swift", ".bat", ".ps1",
}  # fmt: skip
_PROSE = 25
_LONG_PROSE = 120
_DEEPEST = 100


def binary(head: bytes) -> str | None:
    """Return what kind of binary file some bytes begin, or None if they may be text."""
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head.startswith(_MARKS):  # UTF-16 and UTF-32 have their zeros for a reason
        return None
    if b"\0" in head:
        return "a binary file"
    sample = head[:8192]
    odd = len(sample) - len(sample.translate(None, _CONTROL))
    return "a binary file" if odd > len(sample) // 50 else None


def data(opened: Opened, text: str) -> str | None:
    """Return what kind of data or program a text is, or None if it is prose.

    Parameters
    ----------
    text : the file's first `opening.HEAD` bytes, decoded.

    Notes
    -----
    Content decides; the name's ending only where content leaves it open: labelled lines are YAML in a ``.yaml``
    file and a statement's fields elsewhere.
    """
    suffix = opened.place.suffix
    if not text.strip():
        return None
    if re.fullmatch(r"\s*[\w.~/-]+\s*", text, re.ASCII) and opened.complete and len(text) < 300:
        return "a single name or number"
    if _BLOCKS.match(text):
        return "data, not prose"
    if _is_json(text, opened.complete):
        return "JSON data"
    if _is_yaml(text, opened.complete, suffix):
        return "YAML data"
    if _is_table(text, suffix):
        return "a table of data"
    if _is_code(text, suffix):
        return "a program or configuration"
    return None


def _is_json(text: str, complete: bool) -> bool:
    text = text.strip()
    if text[0] not in "{[":
        return False
    try:
        json.loads(text if complete else text.split("\n", 1)[0])
        return True
    except (ValueError, RecursionError):
        pass
    try:  # one document a line
        json.loads(text.split("\n", 1)[0])
        return text[0] == "{"
    except (ValueError, RecursionError):
        return not complete and bool(re.match(r"[{\[]\s*(?:[{\[]\s*)*(?:\"[^\"\n]{0,200}\"\s*[:,]|-?\d+\s*,)", text))


def _is_yaml(text: str, complete: bool, suffix: str) -> bool:
    told = suffix in _DATA
    if not complete:  # cut before the last line that starts afresh
        text = text[: max(text.rfind("\n\n"), text.rfind("\n- "), 0)]
    if suffix in (".md", ".markdown"):  # front matter alone is a statement
        return False
    if not re.search(r"^(?:[ ]*- |\s*[\w\"'.-]+\s*:(?:\s|$))", text, re.MULTILINE):
        return False
    shape = _yaml_shape(text)
    if shape is None:
        begins = re.match(r"(?:[ \t]*#.*\n|\s*\n){0,50}(?:---\s*\n)?[\w-]+:(?:\s|$)", text)
        return suffix in (".yaml", ".yml") and begins is not None
    depth, words = shape
    if told:
        return depth > 0 and words < _LONG_PROSE
    marked = text.lstrip().startswith(("---", "%YAML"))
    return words < _PROSE and (depth >= 4 or (marked and depth > 0))


def _yaml_shape(text: str) -> tuple[int, int] | None:
    """Return how deep a YAML text is and how many words its longest value has; depth 0 if it is a single value.

    None if it is no YAML. Its events are counted and no document is built: a few lines of anchors may stand
    for millions of values.
    """
    import yaml

    depth = deepest = words = 0
    single = False
    try:
        for event in yaml.parse(text, Loader=getattr(yaml, "CLoader", yaml.Loader)):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                deepest = max(deepest, depth)
                if depth > _DEEPEST:
                    return None
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            elif isinstance(event, yaml.ScalarEvent):
                words = max(words, len(event.value.split()))
                single = single or (depth == 0 and bool(event.value))
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    return (0 if single else deepest), words


def _is_table(text: str, suffix: str) -> bool:
    lines = [line for line in text.split("\n")[:30] if line.strip()]
    if len(lines) < 2:
        return False
    least = 2 if suffix in (".csv", ".tsv") else 4
    for delimiter in ",;\t":
        try:
            rows = list(csv.reader(lines[:-1] if len(lines) > 3 else lines, delimiter=delimiter))
        except csv.Error:
            continue
        widths = {len(row) for row in rows}
        cells = [cell for row in rows for cell in row]
        if len(widths) == 1 and widths.pop() >= least and sum(len(c.split()) for c in cells) < 4 * len(cells):
            return least == 2 or len(rows) >= 3
    return False


def _is_code(text: str, suffix: str) -> bool:
    if text.startswith("#!"):
        return True
    lines = [line[:300] for line in text.split("\n")[:300] if line.strip()]
    if len(lines) < 5:
        return False
    share = sum(1 for line in lines if _CODE_LINE.match(line)) / len(lines)
    return share >= (0.25 if suffix in _CODE | _DATA else 0.6)
