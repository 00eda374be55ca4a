"""Gold annotations (verbatim spans) as offsets of the cleaned statements.

usage: gold.py GOLD_DIR OUT.jsonl

GOLD_DIR holds ID.txt (statement), ID.json (annotation) and index.jsonl (origin and `group` of each).
Each line of OUT.jsonl is one statement: its cleaned text and blocks as the analyser makes them, and every
annotation as offsets of that text. A span that the cleaned text does not hold is counted and left out.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from analyzer.sources import read
from analyzer.statements import from_messages
from analyzer.statements.statement import Statement

WORD = re.compile(r"[^\W_]+[+#]*")
Bounds = tuple[int, int]


def words(text: str) -> list[tuple[str, int, int]]:
    return [(m.group().casefold(), m.start(), m.end()) for m in WORD.finditer(text)]


class Finder:
    """Finds word sequences in a text, whatever stands between the words."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = words(text)
        self.at: dict[str, list[int]] = {}
        for i, (word, _, _) in enumerate(self.words):
            self.at.setdefault(word, []).append(i)

    def all(self, span: str) -> list[Bounds]:
        wanted = [w for w, _, _ in words(span)]
        if not wanted:
            return []
        found = []
        for i in self.at.get(wanted[0], ()):
            stretch = self.words[i : i + len(wanted)]
            if [w for w, _, _ in stretch] == wanted:
                found.append(self._with_signs(span, stretch[0][1], stretch[-1][2]))
        exact = [b for b in found if self.text[b[0] : b[1]] == span]
        return exact if exact and len(exact) < len(found) and span[:1].isupper() else found

    def _with_signs(self, span: str, start: int, end: int) -> Bounds:
        """Take in what stands around the words both in the span and here: the point of ".NET" and of "Inc."."""
        before = span[: next(WORD.finditer(span)).start()]
        after = span[[m.end() for m in WORD.finditer(span)][-1] :]
        if before and self.text[:start].endswith(before):
            start -= len(before)
        if after and self.text.startswith(after, end):
            end += len(after)
        return start, end

    def line(self, at: int) -> int:
        return self.text.count("\n", 0, at)


def place_role(finder: Finder, role: dict[str, Any], used: Counter[Bounds]) -> tuple[Bounds, Bounds | None] | None:
    """Offsets of a role's title and organization: the mentions that stand closest together."""
    titles = finder.all(role["title"])
    if not titles:
        return None
    if not role["organization"]:
        return min(titles, key=lambda b: (used[b], b[0])), None
    organizations = finder.all(role["organization"])
    if not organizations:
        return None

    def distance(title: Bounds, organization: Bounds) -> tuple[float, int]:
        gap = max(organization[0] - title[1], title[0] - organization[1])
        if gap < 0:
            gap = 10_000
        lines = abs(finder.line(title[0]) - finder.line(organization[0]))
        return gap + 60 * lines + 5 * used[title], title[0]

    return min(((t, o) for t in titles for o in organizations), key=lambda pair: distance(*pair))


def annotate(statement: Statement, gold: dict[str, Any], lost: Counter[str]) -> dict[str, Any]:
    """One statement's annotations as offsets.

    `ignore` lists further mentions of annotated things: neither right nor wrong, since the guidelines have
    each annotated once, at its clearest mention.
    """
    finder = Finder(statement.text)
    spans: dict[str, list[list[Any]]] = {
        k: [] for k in ("candidate", "office", "community", "affiliations", "focus_areas")
    }
    ignore: dict[str, list[Bounds]] = {k: [] for k in (*spans, "titles", "organizations")}
    roles = []

    if gold["candidate"]:
        name = gold["candidate"]["span"]
        mentions = finder.all(name)
        spans["candidate"] = [[a, b, "NAME"] for a, b in mentions]
        lost["candidate"] += not mentions
        for part in name.split():
            ignore["candidate"] += finder.all(part)
    for key in ("office", "community"):
        value = gold["sought"][key]
        if value:
            mentions = finder.all(value)
            lost[key] += not mentions
            spans[key] = [[*b, key.upper()] for b in mentions[:1]]
            ignore[key] += mentions[1:]
    used: Counter[Bounds] = Counter()
    for role in gold["roles"]:
        place = place_role(finder, role, used)
        if place is None:
            lost["roles"] += 1
            continue
        used[place[0]] += 1
        roles.append({"title": place[0], "organization": place[1], "status": role["status"]})
        ignore["titles"] += finder.all(role["title"])
        if role["organization"]:
            ignore["organizations"] += finder.all(role["organization"])
    for item in gold["affiliations"]:
        mentions = finder.all(item["organization"])
        lost["affiliations"] += not mentions
        for a, b in mentions[:1]:
            spans["affiliations"].append([a, b, item["relation"], item["status"]])
        ignore["affiliations"] += mentions[1:]
    for item in gold["focus_areas"]:
        mentions = finder.all(item["span"])
        lost["focus_areas"] += not mentions
        if mentions:
            a, b = mentions[min(item.get("n", 1), len(mentions)) - 1]
            spans["focus_areas"].append([a, b, item["kind"]])
            ignore["focus_areas"] += [m for m in mentions if m != (a, b)]
    keys = []
    for rank, sentence in enumerate(gold["key_sentences"]):
        mentions = finder.all(" ".join(w for w, _, _ in words(sentence)[:6]))
        lost["key_sentences"] += not mentions
        keys += [[a, rank] for a, _ in mentions[:1]]
    return {"spans": spans, "ignore": ignore, "roles": roles, "key_sentences": keys}


def main() -> None:
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    index = {r["id"]: r for r in map(json.loads, (folder / "index.jsonl").read_text(encoding="utf-8").splitlines())}
    lost: Counter[str] = Counter()
    out.parent.mkdir(parents=True, exist_ok=True)
    seen = 0
    files = sorted(folder / f"{id_}.txt" for id_ in index)
    with out.open("w", encoding="utf-8") as lines:
        for statement in from_messages(read(files), keep_all=True):
            if not isinstance(statement, Statement):
                continue
            stem = Path(statement.source.path).stem
            annotation = folder / f"{stem}.json"
            if stem not in index or not annotation.exists():
                continue
            seen += 1
            gold = json.loads(annotation.read_text(encoding="utf-8"))
            row = {
                "id": stem,
                "source": index[stem]["source"],
                "group": index[stem]["group"],
                "text": statement.text,
                "blocks": [b.model_dump() for b in statement.blocks],
                **annotate(statement, gold, lost),
            }
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")
    print(f"{seen} of {len(index)} statements; spans not found in the cleaned text: {dict(lost)}")


if __name__ == "__main__":
    main()
