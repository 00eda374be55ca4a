"""Invented statements, annotated in their own text, as annotated statements.

usage: marking.py INVENTED_DIR OUT_DIR
       marking.py --check FILE...

A file holds statements, each after a line `=== name`. What is annotated stands in brackets after a tag and a bar, one
within another where need be:

    ⟦c|Ada Brook⟧            the candidate                ⟦goal|rolling upgrades⟧   a focus area: goal, interest,
    ⟦o|Steering Council⟧     the office that is sought                              experience
    ⟦m|Ferrocode⟧            its community                ⟦k1⟧                      here the best key sentence begins
    ⟦t1 past|chair⟧ of the ⟦g1|Docs Team⟧                 a title, its status, and where it is held
    ⟦t2 past,3 current|member⟧ of ⟦g2|A⟧ and ⟦g3|B⟧       the same in two organizations
    ⟦t current|mentor⟧                                    a title that is held nowhere in particular
    ⟦a employer current|Quillon Labs⟧                     an affiliation, its relation and status

OUT_DIR gets NAME.txt and NAME.json of each, as ../shared/gold has them, and a line in its index.jsonl.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analyzer.pipeline.network import LAYERS, RELATIONS, STATUSES

BRACKET = re.compile(r"⟦([^|⟦⟧]*)(\||⟧)|⟧")
HEADING = re.compile(r"^=== +(\S+) *$", re.MULTILINE)
KINDS = LAYERS["focus_areas"]
GROUP = re.compile(r"g\d+(,\d+)*")
#: The source, in an index, of statements that nobody stood with.
SOURCE = "invented"


@dataclass(frozen=True, slots=True)
class Marked:
    """A tag and the stretch of the plain text it stands around."""

    tag: str
    start: int
    end: int


def statements(text: str) -> Iterator[tuple[str, str]]:
    """Name and marked text of each statement of a file."""
    pieces = HEADING.split(text)
    for name, body in zip(pieces[1::2], pieces[2::2], strict=True):
        yield name, body.strip("\n") + "\n"


def unmarked(text: str) -> tuple[str, list[Marked]]:
    """The text without brackets, and what they say.

    Raises
    ------
    ValueError
        If a bracket is never closed or never opened.
    """
    plain: list[str] = []
    marks: list[Marked] = []
    open_: list[tuple[str, int]] = []
    at = length = 0
    for bracket in BRACKET.finditer(text):
        plain.append(text[at : bracket.start()])
        length += len(plain[-1])
        at = bracket.end()
        if bracket.group(2) == "|":
            open_.append((bracket.group(1).strip(), length))
        elif bracket.group(2):
            marks.append(Marked(bracket.group(1).strip(), length, length))
        elif open_:
            tag, start = open_.pop()
            marks.append(Marked(tag, start, length))
        else:
            raise ValueError(f"a bracket is closed that was never opened: …{text[max(0, at - 40) : at]!r}")
    if open_:
        raise ValueError(f"a bracket is never closed: {open_[-1][0]!r}")
    plain.append(text[at:])
    return "".join(plain), sorted(marks, key=lambda m: (m.start, -m.end))


def holdings(tag: str) -> list[tuple[str, str]]:
    """Number of the organization ("" is none) and status of each role that a title's tag tells of.

    Raises
    ------
    ValueError
        If a status is none.
    """
    found: list[tuple[str, str]] = []
    status = ""
    for part in reversed(tag[1:].split(",")):
        number, said = re.fullmatch(r" *(\d*) *([a-z]*) *", part).groups()  # type: ignore[union-attr]
        status = said or status
        if status not in STATUSES:
            raise ValueError(f"no such status: {tag!r}")
        found.insert(0, (number, status))
    return found


def annotation(text: str, marks: list[Marked]) -> dict[str, Any]:
    """What the marks say, as an annotation of `../shared/gold`.

    Raises
    ------
    ValueError
        If a tag is none of those above, or a title's organization is nowhere.
    """

    def span(mark: Marked) -> str:
        words = " ".join(text[mark.start : mark.end].split())
        if not words:
            raise ValueError(f"{mark.tag!r} is around nothing")
        return words

    def sought(tag: str) -> str | None:
        return next((span(m) for m in marks if m.tag == tag), None)

    groups: dict[str, str] = {}
    for mark in marks:
        if GROUP.fullmatch(mark.tag):
            for number in mark.tag[1:].split(","):
                groups[number] = span(mark)
    names = sorted((span(m) for m in marks if m.tag == "c"), key=lambda name: -len(name.split()))
    roles, affiliations, focus, keys = [], [], [], []
    for mark in marks:
        if mark.tag in ("c", "o", "m") or GROUP.fullmatch(mark.tag):
            continue
        if re.fullmatch(r"t[\d ,a-z]*", mark.tag):
            for number, status in holdings(mark.tag):
                if number and number not in groups:
                    raise ValueError(f"{mark.tag!r}: no organization has this number")
                roles.append({"title": span(mark), "organization": groups.get(number), "status": status})
        elif found := re.fullmatch(r"a (\w+) (current|past)", mark.tag):
            if found.group(1) not in RELATIONS:
                raise ValueError(f"no such relation: {mark.tag!r}")
            affiliations.append(
                {"organization": span(mark), "relation": found.group(1), "status": found.group(2)}
            )
        elif mark.tag in KINDS:
            before = text[: mark.start].count(text[mark.start : mark.end])
            focus.append({"span": span(mark), "kind": mark.tag, "n": before + 1, "topic": ""})
        elif re.fullmatch(r"k[123]", mark.tag):
            keys.append((mark.tag, " ".join(text[mark.start :].split()[:9])))
        else:
            raise ValueError(f"no such tag: {mark.tag!r}")
    return {
        "candidate": {"span": names[0]} if names else None,
        "sought": {"office": sought("o"), "community": sought("m")},
        "roles": roles,
        "affiliations": affiliations,
        "focus_areas": focus,
        "key_sentences": [sentence for _, sentence in sorted(keys)],
    }


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("paths", nargs="+", type=Path)
    ap.add_argument("--check", action="store_true", help="only say what is wrong, and count")
    a = ap.parse_args()
    files = a.paths if a.check else sorted(a.paths[0].glob("*.txt"))
    wrong, seen, counts = 0, set[str](), dict.fromkeys(("roles", "affiliations", "focus_areas", "key_sentences"), 0)
    for file in files:
        for name, marked in statements(file.read_text(encoding="utf-8")):
            try:
                if name in seen:
                    raise ValueError("another statement has this name")
                text, marks = unmarked(marked)
                made = annotation(text, marks)
            except ValueError as error:
                wrong += 1
                print(f"{file}: {name}: {error}", file=sys.stderr)
                continue
            seen.add(name)
            for kind in counts:
                counts[kind] += len(made[kind])
            if not a.check:
                (a.paths[1] / f"{name}.txt").write_text(text, encoding="utf-8")
                (a.paths[1] / f"{name}.json").write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", "utf-8")
    if not a.check:
        index = a.paths[1] / "index.jsonl"
        rows = [line for line in index.read_text(encoding="utf-8").splitlines() if json.loads(line)["source"] != SOURCE]
        rows += [json.dumps({"id": name, "source": SOURCE, "group": name}) for name in sorted(seen)]
        index.write_text("\n".join(rows) + "\n", encoding="utf-8")
    print(f"{len(seen)} statements: {', '.join(f'{n} {kind}' for kind, n in counts.items())}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
