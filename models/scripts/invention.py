"""Invented mail of elections and of everything else, put together from the sentences in data/decision.

Every file there is a class of the decision. ``== kind`` begins a kind of mail, ``[subject]``, ``[opening]``,
``[middle]``, ``[closing]`` the sentences to choose from, one a line; ``/`` with blanks is a line break, ``{slot}`` a
name, number or date that is drawn for each mail. No sentence is anybody's.

The sentences fall into parts, so that what is measured can be written in sentences that nothing was trained on.
"""

from __future__ import annotations

import random
import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "data" / "decision"
PARTS = 5

_FIRST = (
    "Ada", "Bo", "Cleo", "Dag", "Esi", "Finn", "Gro", "Hana", "Ivo", "June", "Kofi", "Lena", "Milo", "Nia", "Otto",
    "Pia", "Ravi", "Sol", "Tess", "Uma", "Vito", "Wren", "Yara", "Zeno", "Wei", "Min-jun", "Søren", "Zoë", "Łukasz",
)  # fmt: skip
_LAST = (
    "Ashgrove", "Birchall", "Calder", "Dunmore", "Elphick", "Farrow", "Greaves", "Holloway", "Inskip", "Jessop",
    "Kestle", "Larkham", "Merrow", "Nakahara", "Oyelaran", "Pietrowicz", "Quispe", "Rautio", "Szabados", "Tanabe",
)  # fmt: skip
_SLOTS: dict[str, Sequence[str]] = {
    "office": (
        "Steering Committee", "Technical Committee", "technical committee", "Board of Directors", "board", "council",
        "Community Council", "PTL", "TC", "TOC", "project lead", "team lead", "treasurer", "secretary", "president",
        "Architecture Committee", "Technical Oversight Committee", "Code of Conduct Committee", "steering committee",
        "Governing Board", "advisory board", "presidium", "user committee", "chair", "vice president",
        "working group chair", "project leader", "documentation lead",
        "community representative", "Election Committee", "GB", "TSC",
    ),
    "community": (
        "Orrery", "Kelpgate", "Quillon", "Ambersett", "Vellum", "Northlight", "Tarnfold", "Hestrum", "Sable Linux",
        "the Fennel Foundation", "OpenLoom", "Marrow DB", "Pylon", "the Cobalt project", "Wickerware", "Larkspur",
    ),
    "company": (
        "Brightwell Systems", "Farlight", "Northgate Labs", "Tidewater Computing", "Umberfield University", "Acme",
        "Hollin & Co", "the university of Greymoor", "Ostrava Data", "a small company", "Kite Networks",
    ),
    "university": ("Umberfield University", "Greymoor", "the technical university of Velm", "IIT Sandhpur"),
    "unit": (
        "parser", "storage", "documentation", "release", "packaging", "Testing", "security", "web", "Networking",
        "infra", "Gears", "Compass", "translation", "QA", "the build farm", "Telemetry", "compiler", "API",
    ),
    "place": ("Lisbon", "Nairobi", "Velm", "Osaka", "Brno", "Asia", "Latin America", "Greymoor"),
    "cycle": ("2025", "Comet", "next", "Dawn", "2024.2", "coming", "Ember", "upcoming"),
    "month": ("January", "March", "May", "June", "September", "November"),
    "day": ("Monday", "Tuesday", "Thursday", "Friday"),
    "url": ("https://example.org/elections", "https://vote.example.net/2025", "http://example.com/wiki/Election"),
    "list": ("orrery-dev", "kelp-users", "discuss", "quillon-members", "announce"),
    "version": ("2.1", "4.0", "1.12.3", "0.9", "2025.1"),
}  # fmt: skip
_SLOT = re.compile(r"\{(\w+?)(_cap)?(\d?)\}")
_GREETINGS = (
    "Hi all,", "Hello everyone,", "Dear members,", "Hi,", "Hello,", "Dear all,", "Hi folks,", "Greetings!",
    "Hey everybody,", "Good morning,",
)  # fmt: skip


@dataclass
class Kind:
    """One kind of mail of a class: its sentences, each with the part it belongs to."""

    label: str
    name: str
    sections: dict[str, list[tuple[int, str]]] = field(default_factory=dict)

    def choose(self, section: str, parts: Container[int]) -> list[str]:
        return [line for part, line in self.sections.get(section, ()) if part in parts]


def kinds(folder: Path = FOLDER) -> list[Kind]:
    """Read the sentences of every class."""
    found: list[Kind] = []
    for file in sorted(folder.glob("*.txt")):
        lines: list[tuple[int, str]] = []
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.startswith("== "):
                found.append(Kind(file.stem, line[3:]))
            elif re.fullmatch(r"\[\w+\]", line):
                lines = found[-1].sections.setdefault(line[1:-1], [])
            elif line.strip():
                lines.append((len(lines) % PARTS, line))
    return found


def sentences(folder: Path = FOLDER) -> Iterator[str]:
    """Yield every sentence, its slots filled with the first that fits."""
    chance = random.Random(0)
    for kind in kinds(folder):
        for lines in kind.sections.values():
            yield from (_fill(line, _drawn(chance)) for _, line in lines)


def write(kind: Kind, chance: random.Random, parts: Container[int]) -> tuple[str | None, str, str] | None:
    """Write a mail of a kind in sentences of some parts: its subject, its body, and who signs it.

    None where these parts hold no sentence to begin with.
    """
    openings, middles, closings = (kind.choose(section, parts) for section in ("opening", "middle", "closing"))
    if not openings:
        return None
    slots = _drawn(chance)
    short = kind.label == "reply" and chance.random() < 0.6
    picked = [chance.choice(openings)]
    picked += chance.sample(middles, min(len(middles), chance.choice((0, 0, 1)) if short else chance.randint(1, 5)))
    if closings and chance.random() < 0.6:
        picked.append(chance.choice(closings))
    paragraphs = [_fill(line, slots) for line in picked]
    if chance.random() < 0.3:  # sentences in one paragraph
        paragraphs = [" ".join(paragraphs[:2]), *paragraphs[2:]]
    signs = _name(chance) if kind.label not in ("candidacy",) else slots["name"]
    if chance.random() < 0.6 and kind.label != "document":
        paragraphs.insert(0, chance.choice(_GREETINGS))
    if chance.random() < 0.6 and kind.label != "document":
        paragraphs.append(signs if chance.random() < 0.5 else signs.split()[0])
    subjects = kind.choose("subject", parts)
    subject = _fill(chance.choice(subjects), slots) if subjects else None
    return subject, "\n\n".join(paragraphs) + "\n", signs


def _name(chance: random.Random) -> str:
    return f"{chance.choice(_FIRST)} {chance.choice(_LAST)}"


def _drawn(chance: random.Random) -> dict[str, str]:
    """Draw a value for every slot that is the same throughout a mail."""
    slots = {name: chance.choice(values) for name, values in _SLOTS.items()}
    for number in ("", "2", "3", "4"):
        slots[f"name{number}"] = _name(chance)
    for slot in ("office", "community", "company", "unit"):
        slots |= {f"{slot}{number}": chance.choice(_SLOTS[slot]) for number in ("2", "3")}
    slots["first"], slots["first2"] = slots["name"].split()[0], slots["name2"].split()[0]
    slots["subj"], slots["pronoun"] = chance.choice((("she", "her"), ("he", "him")))
    slots["address"] = f"{slots['first'].lower()}@example.org"
    slots["year"] = str(chance.randint(2002, 2027))
    slots["number"], slots["number2"] = str(chance.randint(2, 90)), chance.choice(("two", "three", "four", "5", "7"))
    for date in ("date", "date2"):
        day, month = chance.randint(1, 30), chance.choice(_SLOTS["month"])
        slots[date] = chance.choice(
            (f"{month} {day}", f"{day} {month} {slots['year']}", f"{slots['day']}, {month} {day}")
        )
    return slots


def _fill(line: str, slots: dict[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        found = slots.get(match[1] + match[3], match[0])
        return found[0].upper() + found[1:] if match[2] else found

    return _SLOT.sub(value, line).replace(" / ", "\n").replace("/On ", "\nOn ").replace("/for ", "\nfor ")
