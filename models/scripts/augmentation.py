"""Statements that could have been written: other names, one sentence more. So that no name is learned by heart.

The functions take an annotated statement as `gold.py` writes it, and return another with its offsets moved.
"""

from __future__ import annotations

import random
import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any

SYLLABLES = [
    "ar", "bel", "cor", "dan", "el", "fen", "gal", "hor", "in", "jo", "kal", "lum", "mer", "nor", "ol", "pra", "quin",
    "ros", "sil", "tan", "ul", "ver", "wen", "xan", "yor", "zen",
]  # fmt: skip
SUFFIXES = ["", "", "", " Labs", " Inc", " Systems", " Cloud", " GmbH", " Technologies", " University", " Ltd"]
#: Ways of saying for whom one works, the relation and the status. What stands in brackets is a title held there.
#: None of them names a subject that would be a focus area.
EMPLOYERS: list[tuple[str, str, str]] = [
    ("I work for {}.", "employer", "current"),
    ("I currently work at {}.", "employer", "current"),
    ("I am employed by {} at the moment.", "employer", "current"),
    ("My employer, {}, lets me spend my time on this.", "employer", "current"),
    ("I'm with {} since last spring.", "employer", "current"),
    ("I joined {} four years ago.", "employer", "current"),
    ("From next month on I'll be working for {}.", "employer", "current"),
    ("My day job is at {}.", "employer", "current"),
    ("We, at {}, are glad to be part of this.", "employer", "current"),
    ("Affiliation: {}", "employer", "current"),
    ("Employer: {}", "employer", "current"),
    ("Company: {}", "employer", "current"),
    ("affiliation: Independent ({} employee)", "employer", "current"),
    ("I am a [software engineer] at {}.", "employer", "current"),
    ("I'm a [senior developer] at {} by day.", "employer", "current"),
    ("As [engineering manager] at {} I am used to long days.", "employer", "current"),
    ("Currently I'm a [principal engineer] with {}.", "employer", "current"),
    ("I have been a [developer advocate] with {} for two years.", "employer", "current"),
    ("[Staff engineer], {}", "employer", "current"),
    ("Before that I worked for {}.", "employer", "past"),
    ("I spent six years at {}.", "employer", "past"),
    ("Previously I was a [system administrator] at {}.", "employer", "past"),
    ("Until last year I was employed by {}.", "employer", "past"),
    ("I used to work for {}, for a long time.", "employer", "past"),
    ("I am the [founder] of {}.", "founder", "current"),
    ("In 2015 I founded {}.", "founder", "current"),
    ("I co-founded {} and still run it.", "founder", "current"),
    ("I study at {}.", "academic", "current"),
    ("I am a [PhD student] at {}.", "academic", "current"),
    ("I graduated from {}.", "academic", "past"),
    ("I teach at {}.", "academic", "current"),
    ("I represent {} in the working group.", "representative", "current"),
]
#: Ways of naming a company without belonging to it, and of holding a title in a project, which employs nobody.
OTHERS = [
    "I am the [PTL] of {}.",
    "I'm also [team lead] in {}.",
    "I served as [chair] of {}.",
    "I have been a [maintainer] of {} since its first release.",
    "I am a [core reviewer] in {}.",
    "I am a [contributor] to {}.",
    "As [release manager] of the {} project I have learned patience.",
    "I was a [member] of {} for two terms.",
    "I joined the {} project four years ago.",
    "I started with {} as a newcomer to open source.",
    "Users such as {} are of the same opinion.",
    "I have met people from {} at every summit.",
    "My laptop is a {} one.",
    "I have a lot of respect for {}.",
    "Many of you will know me from the {} meetup.",
    "Vendors like {} are welcome, too.",
]
#: Offices that one person holds, and those that several hold together.
PERSONS = [
    "project leader", "Project Leader", "project lead", "team lead", "Team Lead", "tech lead", "chair",
    "Chair", "chairperson", "co-chair", "vice chair", "president", "President", "vice president", "treasurer",
    "Treasurer", "secretary", "director", "Director at large", "release manager", "Release Manager",
    "docs lead", "infrastructure lead", "lead maintainer", "maintainer representative",
    "community representative", "Community Representative", "committer representative", "trustee",
    "councillor", "coordinator", "chapter lead", "ombudsperson", "SIG lead", "working group chair", "WG chair",
    "security officer", "community manager", "general secretary", "DPL", "PTL", "APL",
]  # fmt: skip
BODIES = [
    "Steering Committee", "steering committee", "Steering Council", "steering council", "Board of Directors",
    "board of directors", "Board", "board", "Governing Board", "Executive Board", "Supervisory Board",
    "Advisory Board", "Board of Trustees", "Council", "council", "Community Council", "Core Council",
    "Leadership Council", "Developer Council", "Technical Committee", "technical committee",
    "Technical Steering Committee", "TSC", "Technical Oversight Committee", "TOC", "TC", "SC", "TAC",
    "Technical Advisory Council", "Technical Board", "Architecture Board", "architecture committee",
    "Core Team", "core team", "Leadership Team", "Project Management Committee", "PMC",
    "Engineering Steering Committee", "Packaging Committee", "Code of Conduct Committee", "User Committee",
    "Membership Committee", "Elections Committee", "Arbitration Committee", "Release Team", "Security Team",
    "Release Board", "Executive Committee", "executive committee", "Executive Council", "Committee",
    "presidium", "Secretariat",
]  # fmt: skip
#: Words that tell an office which several people hold together; where all letters are capitals, it is told by chance.
TOGETHER = re.compile(r"board|committee|council|team\b(?! lead)|steering|trustees|directors", re.IGNORECASE)
#: What follows the name of an invented community.
COMMUNITIES = ["", "", "", "", " Project", " Foundation", " Linux", " Software Foundation", " Alliance", " Community"]
#: Share of added sentences that say nothing of an employer.
OTHER_SHARE = 0.5


def invented_name(rng: random.Random, organization: bool) -> str:
    def word() -> str:
        return "".join(rng.choice(SYLLABLES) for _ in range(rng.randint(2, 3))).capitalize()

    if organization:
        return word() + rng.choice(SUFFIXES)
    return f"{word()} {word()}"


def add_employer(row: dict[str, Any], rng: random.Random, organizations: Sequence[str]) -> dict[str, Any]:
    """The same statement with one paragraph more: for whom the candidate works, or another organization's name."""
    paragraphs = [b["end"] for b in row["blocks"] if b["kind"] in ("paragraph", "greeting", "field")]
    if not paragraphs:
        return row
    at = rng.choice(paragraphs[:3] if rng.random() < 0.7 else paragraphs)
    name = rng.choice(organizations) if organizations and rng.random() < 0.7 else invented_name(rng, True)
    other = rng.random() < OTHER_SHARE
    sentence, relation, status = rng.choice(EMPLOYERS)
    if other:
        sentence = rng.choice(OTHERS)
        status = "past" if " was " in sentence or " served " in sentence else "current"
    title = sentence[sentence.index("[") + 1 : sentence.index("]")] if "[" in sentence else None
    sentence = sentence.replace("[", "").replace("]", "")
    start = at + 2
    named = start + sentence.index("{}")
    bounds = [named, named + len(name)]
    sentence = sentence.replace("{}", name)
    more = len(sentence) + 2
    made = _moved(row, row["text"][:at] + "\n\n" + sentence + row["text"][at:], lambda p, end: p + more * (p > at))
    kind = "field" if sentence.split()[0].endswith(":") else "paragraph"
    made["blocks"] = sorted(
        [*made["blocks"], {"kind": kind, "start": start, "end": start + len(sentence)}], key=lambda b: b["start"]
    )
    if not other:
        made["spans"]["affiliations"].append([*bounds, relation, status])
    if title is not None:
        first = start + sentence.index(title)
        made["roles"].append({"title": [first, first + len(title)], "organization": bounds, "status": status})
    return made


def _moved(row: dict[str, Any], text: str, place: Callable[[int, bool], int]) -> dict[str, Any]:
    """An annotated statement with another text; `place` says where a position is now, given whether it is an end."""

    def move(a: int, b: int) -> list[int]:
        return [place(a, False), place(b, True)]

    return {
        **row,
        "text": text,
        "blocks": [{**k, "start": place(k["start"], False), "end": place(k["end"], True)} for k in row["blocks"]],
        "spans": {k: [[*move(s[0], s[1]), *s[2:]] for s in v] for k, v in row["spans"].items()},
        "ignore": {k: [move(*m) for m in v] for k, v in row["ignore"].items()},
        "roles": [
            {**r, "title": move(*r["title"]), "organization": move(*r["organization"]) if r["organization"] else None}
            for r in row["roles"]
        ],
        "key_sentences": [[place(a, False), rank] for a, rank in row["key_sentences"]],
    }


def _edited(row: dict[str, Any], edits: Sequence[tuple[int, int, str]]) -> dict[str, Any]:
    """The same statement with other words in some stretches, given in order; what began or ended in one takes it in."""
    ends = [b for _, b, _ in edits]
    moves, out, at = [0], [], 0
    for a, b, new in edits:
        moves.append(moves[-1] + len(new) - (b - a))
        out += [row["text"][at:a], new]
        at = b
    out.append(row["text"][at:])

    def place(position: int, end: bool) -> int:
        k = bisect_right(ends, position)
        if k < len(edits) and edits[k][0] < position:
            return edits[k][0] + moves[k] + (len(edits[k][2]) if end else 0)
        return position + moves[k]

    return _moved(row, "".join(out), place)


def _bounds(row: dict[str, Any]) -> list[tuple[int, int]]:
    """Where anything that is annotated begins and ends."""
    found = [s[:2] for layer in (*row["spans"].values(), *row["ignore"].values()) for s in layer]
    found += [r[part] for r in row["roles"] for part in ("title", "organization") if r[part]]
    return [(a, b) for a, b in found]


def _replaced(row: dict[str, Any], changes: dict[str, str]) -> dict[str, Any]:
    """The same statement with other words for some; as it was, if they begin or end within something annotated."""
    text = row["text"]
    either = "|".join(re.escape(old) for old in sorted(changes, key=len, reverse=True))
    edits = [(m.start(), m.end(), changes[m[0]]) for m in re.finditer(rf"(?<!\w)(?:{either})(?!\w)", text)]
    # The edit that ends first after a place is the only one that may hold it.
    ends = [b for _, b, _ in edits]
    for place in (p for bounds in _bounds(row) for p in bounds):
        at = bisect_right(ends, place)
        if at < len(edits) and edits[at][0] < place:
            return row
    return _edited(row, edits)


def swap_office(row: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """The same statement for another office in another community, wherever the text names them."""
    text, changes = row["text"], {}
    for a, b, _ in row["spans"]["office"]:
        old = text[a:b]
        together = rng.random() < 0.5 if old.isupper() and old != "PTL" else bool(TOGETHER.search(old))
        changes[old] = rng.choice(BODIES if together else PERSONS)
    for a, b, _ in row["spans"]["community"]:
        old = text[a:b]
        if old[:1].isupper():
            new = invented_name(rng, True).split()[0]
            new = new[: rng.randint(3, 4)].upper() if rng.random() < 0.15 else new + rng.choice(COMMUNITIES)
            changes.setdefault(old, new)
    return _replaced(row, changes) if changes else row


def swap_names(
    row: dict[str, Any], rng: random.Random, names: Sequence[str], organizations: Sequence[str]
) -> dict[str, Any]:
    """The same statement by another person of another company and community, so that no name is learned."""
    text = row["text"]
    changes: dict[tuple[int, int], str] = {}

    def propose(bounds: tuple[int, int], new: str) -> None:
        if not any(bounds[0] < b and a < bounds[1] for a, b in changes):
            changes[bounds] = new

    mapping: dict[str, str] = {}

    def other(old: str, organization: bool) -> str:
        if old not in mapping:
            pool = organizations if organization else names
            mapping[old] = rng.choice(pool) if pool and rng.random() < 0.5 else invented_name(rng, organization)
        return mapping[old]

    for a, b, _ in row["spans"]["candidate"]:
        new = other(text[a:b], False).split()
        propose((a, b), " ".join(new))
        for part, (c, d) in (
            (p, m) for p in text[a:b].split() for m in row["ignore"]["candidate"] if text[m[0] : m[1]] == p
        ):
            propose((c, d), new[0] if part == text[a:b].split()[0] else new[-1])
    for a, b, *_ in row["spans"]["affiliations"]:
        for c, d in [(a, b), *row["ignore"]["affiliations"]]:
            if text[c:d] == text[a:b]:
                propose((c, d), other(text[a:b], True))
    if rng.random() < 0.5:
        known = [(r["organization"][0], r["organization"][1]) for r in row["roles"] if r["organization"]]
        known += [(s[0], s[1]) for s in row["spans"]["community"]]
        for a, b in known:
            # Only proper names of one word: "Release Team" says what it is.
            if text[a:b][:1].isupper() and " " not in text[a:b] and not text[a:b].isupper():
                new = invented_name(rng, True).split()[0]
                mapping.setdefault(text[a:b], new)
                for c, d in [(a, b), *row["ignore"]["organizations"], *row["ignore"]["community"]]:
                    if text[c:d] == text[a:b]:
                        propose((c, d), mapping[text[a:b]])
    if not changes:
        return row
    return _edited(row, sorted((a, b, new) for (a, b), new in changes.items()))
