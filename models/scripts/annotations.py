"""Annotations as offsets without text, and back: what may be published of them, and how to train from it.

usage: annotations.py pack FOLDER ANNOTATIONS
       annotations.py unpack ANNOTATIONS CLONES FOLDER

FOLDER holds ID.txt (statement), ID.json (annotation, verbatim spans) and index.jsonl (origin and `group` of each).
ANNOTATIONS holds a file for each public repository; each line in it names a file there (`commit`, `path`), the SHA-256
of its text in UTF-8, and each annotated thing as [start, end) in characters of that text. `unpack` looks for the file
in CLONES/owner/name, a clone's work tree at that commit, or where else `clones` says, and leaves out with a word what
is not there or has changed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from gold import Bounds, Finder, place_role

ORIGIN = ("id", "source", "repository", "commit", "path", "group")
#: Words of a key sentence that an annotation gives.
OPENING = 10


def decoded(content: bytes) -> str:
    """Return the text of a statement file: UTF-8, or else what Windows wrote in western Europe."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def packed(text: str, annotation: dict[str, Any], lost: Counter[str]) -> dict[str, Any]:
    """Return an annotation's verbatim spans as offsets of the statement's text; what it does not hold is counted."""
    finder = Finder(text)

    def find(span: str | None, what: str, n: int = 1) -> Bounds | None:
        mentions = finder.all(span) if span else []
        lost[what] += bool(span) and not mentions
        return mentions[min(n, len(mentions)) - 1] if mentions else None

    used: Counter[Bounds] = Counter()
    roles = []
    for role in annotation["roles"]:
        place = place_role(finder, role, used)
        lost["roles"] += place is None
        if place:
            used[place[0]] += 1
            roles.append({"title": place[0], "organization": place[1], "status": role["status"]})
    return {
        "candidate": find((annotation["candidate"] or {}).get("span"), "candidate"),
        "office": find(annotation["sought"]["office"], "office"),
        "community": find(annotation["sought"]["community"], "community"),
        "roles": roles,
        "affiliations": [
            {"organization": bounds, "relation": x["relation"], "status": x["status"]}
            for x in annotation["affiliations"]
            if (bounds := find(x["organization"], "affiliations"))
        ],
        "focus_areas": [
            {"span": bounds, "kind": x["kind"], "topic": x["topic"]}
            for x in annotation["focus_areas"]
            if (bounds := find(x["span"], "focus_areas", x.get("n", 1)))
        ],
        "key_sentences": [b for x in annotation["key_sentences"] if (b := find(x, "key_sentences"))],
    }


def unpacked(text: str, row: dict[str, Any]) -> dict[str, Any]:
    """Return the annotation with verbatim spans that `packed` made offsets of."""
    finder = Finder(text)

    def span(bounds: Sequence[int] | None) -> str | None:
        return " ".join(text[bounds[0] : bounds[1]].split()) if bounds else None

    def nth(bounds: Sequence[int]) -> int:
        mentions = finder.all(span(bounds) or "")
        return mentions.index((bounds[0], bounds[1])) + 1 if (bounds[0], bounds[1]) in mentions else 1

    return {
        "candidate": {"span": span(row["candidate"])} if row["candidate"] else None,
        "sought": {"office": span(row["office"]), "community": span(row["community"])},
        "roles": [{**r, "title": span(r["title"]), "organization": span(r["organization"])} for r in row["roles"]],
        "affiliations": [{**x, "organization": span(x["organization"])} for x in row["affiliations"]],
        "focus_areas": [{**x, "span": span(x["span"]), "n": nth(x["span"])} for x in row["focus_areas"]],
        "key_sentences": [" ".join((span(b) or "").split()[:OPENING]) for b in row["key_sentences"]],
    }


def pack(folder: Path, out: Path) -> Counter[str]:
    """Write the annotations of a folder as offsets, a file per repository; return how many of each kind were lost."""
    lost: Counter[str] = Counter()
    lines: dict[str, list[str]] = {}
    for entry in sorted(index(folder), key=lambda entry: (entry["repository"], entry["path"])):
        text = decoded((folder / f"{entry['id']}.txt").read_bytes())
        annotation = json.loads((folder / f"{entry['id']}.json").read_text(encoding="utf-8"))
        row = {key: entry[key] for key in ORIGIN} | {"sha256": digest(text)} | packed(text, annotation, lost)
        lines.setdefault(entry["repository"].replace("/", "-"), []).append(json.dumps(row, separators=(",", ":")))
    out.mkdir(parents=True, exist_ok=True)
    for name, rows in lines.items():
        (out / f"{name}.jsonl").write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    return +lost


def index(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "index.jsonl").read_text(encoding="utf-8").splitlines()]


def clones(root: Path, repository: str) -> Iterator[Path]:
    """Yield the folders a clone of ``kata-containers/community`` may lie in: ``kata-containers/community``, or side by
    side with others ``kata-containers-community``, ``kata-community`` or ``community``.
    """
    owner, _, name = repository.partition("/")
    yield from (root / owner / name, root / f"{owner}-{name}", root / f"{owner.partition('-')[0]}-{name}", root / name)


def unpack(annotations: Path, root: Path, folder: Path) -> tuple[int, list[str]]:
    """Write texts and verbatim annotations from clones; return how many, and what is missing and why."""
    folder.mkdir(parents=True, exist_ok=True)
    missing: list[str] = []
    kept: list[str] = []
    for path in sorted(annotations.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            found = next((f for c in clones(root, row["repository"]) if (f := c / row["path"]).is_file()), None)
            if found is None:
                missing.append(f"{row['repository']}/{row['path']}: no such file; clone it at {row['commit']}")
                continue
            text = decoded(found.read_bytes())
            if digest(text) != row["sha256"]:
                missing.append(f"{found}: not the annotated text; check out {row['commit']}")
                continue
            (folder / f"{row['id']}.txt").write_bytes(text.encode())
            annotation = json.dumps(unpacked(text, row), indent=1, ensure_ascii=False)
            (folder / f"{row['id']}.json").write_text(annotation + "\n", encoding="utf-8")
            kept.append(json.dumps({key: row[key] for key in ORIGIN}))
    (folder / "index.jsonl").write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")
    return len(kept), missing


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = ap.add_subparsers(dest="verb", required=True)
    one = verbs.add_parser("pack")
    one.add_argument("folder", type=Path)
    one.add_argument("out", type=Path)
    two = verbs.add_parser("unpack")
    two.add_argument("annotations", type=Path)
    two.add_argument("clones", type=Path)
    two.add_argument("folder", type=Path)
    a = ap.parse_args()
    if a.verb == "pack":
        print(f"spans not found in their texts: {dict(pack(a.folder, a.out))}")
        return
    count, missing = unpack(a.annotations, a.clones, a.folder)
    for line in missing:
        print(line)
    print(f"{count} statements written, {len(missing)} missing")


if __name__ == "__main__":
    main()
