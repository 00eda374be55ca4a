"""Invented mailboxes: candidacies among ordinary list mail, of any size, the same ones from the same seed."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

FIRST = [
    "Ada", "Bo", "Cleo", "Dag", "Esi", "Finn", "Gro", "Hana", "Ivo", "June", "Kofi", "Lena", "Milo", "Nia",
    "Otto", "Pia", "Ravi", "Sol", "Tess", "Uma", "Vito", "Wren", "Yara", "Zeno",
]  # fmt: skip
LAST = [
    "Ashgrove", "Birchall", "Calder", "Dunmore", "Elphick", "Farrow", "Greaves", "Holloway", "Inskip", "Jessop",
    "Kestle", "Larkham", "Merrow",
]  # fmt: skip
COMPANIES = [
    "Brightwell Systems",
    "Farlight",
    "Northgate Labs",
    "Quillon",
    "Tidewater Computing",
    "Umberfield University",
]
TEAMS = ["parser", "storage", "documentation", "release", "packaging", "testing", "security", "web"]
SUBJECTS = [
    "faster builds",
    "rolling upgrades",
    "documentation for newcomers",
    "onboarding new contributors",
    "a predictable release schedule",
    "fewer flaky tests",
    "mentoring",
    "transparent decisions",
    "long term support releases",
    "a smaller core",
    "accessibility of the web site",
    "reproducible packages",
    "the plugin interface",
    "reviewing old patches",
    "funding for travel",
]
SENTENCES = (
    "Over the next year I want to work on {subject}.",
    "I believe that {subject} matters more than anything else we could do.",
    "In the last cycle I worked on {subject} together with the {team} team.",
    "We have talked about {subject} for years, and I would like us to finish it.",
    "If elected I will report every month on {subject}.",
    "The {team} team has grown, and its reviews need more hands.",
)


TRAFFIC = (
    "The {team} build fails here since yesterday, and only on the slow machines.",
    "Has anybody seen this, or is it my setup?",
    "I have pushed a change for {subject}, and would be glad of a second pair of eyes.",
    "With the cache cleared it takes eleven minutes, without it forty.",
    "We could keep {subject} for the next cycle and see how it does until then.",
    "The {team} team meets on Thursday as usual, and minutes will follow.",
    "That is what the manual says, but not what the parser does.",
    "Thanks, that was it: the old header was still lying around.",
)
LOG = "[{number:06d}] worker {worker}: linking object {number:x} into the archive, {worker} left in the queue"
OFFICE = "Steering Committee"


def candidacy(chance: random.Random) -> str:
    """Return the text of a statement of about 300 words."""
    name, company = f"{chance.choice(FIRST)} {chance.choice(LAST)}", chance.choice(COMPANIES)
    lines = [
        "Hello everyone,",
        f"My name is {name} and I would like to announce my candidacy for the Steering Committee. I am an engineer "
        f"at {company} and a maintainer of the {chance.choice(TEAMS)} team.",
    ]
    for _ in range(5):
        picks = [
            chance.choice(SENTENCES).format(subject=chance.choice(SUBJECTS), team=chance.choice(TEAMS))
            for _ in range(4)
        ]
        lines.append(" ".join(picks))
    return "\n\n".join([*lines, f"Thank you for your consideration,\n{name}"])


def traffic(chance: random.Random) -> str:
    """Return the text of an ordinary mail: some paragraphs, an answered mail or a log."""

    def paragraph() -> str:
        return " ".join(
            chance.choice(TRAFFIC).format(subject=chance.choice(SUBJECTS), team=chance.choice(TEAMS)) for _ in range(4)
        )

    lines = [paragraph() for _ in range(chance.randint(1, 6))]
    if chance.random() < 0.5:
        quoted = "\n".join(f"> {paragraph()}" for _ in range(chance.randint(1, 8)))
        lines.insert(0, f"On Monday {chance.choice(FIRST)} {chance.choice(LAST)} wrote:\n{quoted}")
    if chance.random() < 0.3:
        start, worker = chance.randrange(1000), chance.randrange(8)
        lines.append("\n".join(LOG.format(number=start + n, worker=worker) for n in range(chance.randint(10, 120))))
    return "\n\n".join([*lines, chance.choice(FIRST)])


def mail(number: int, subject: str, body: str, when: datetime) -> bytes:
    """Return a message as it stands in an mbox."""
    sender = f"sender{number}@example.org"
    text = (
        f"From {sender} {when:%a %b} {when.day:2d} {when:%H:%M:%S %Y}\n"
        f"From: Sender {number} <{sender}>\nTo: orrery-dev@example.org\nSubject: {subject}\n"
        f"Date: {format_datetime(when)}\nMessage-ID: <{number}@example.org>\n"
        f"List-Id: <orrery-dev.example.org>\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n"
    )
    return f"{text}{body}\n\n".encode()


def messages(kinds: Iterable[bool], seed: int) -> Iterator[bytes]:
    """Yield a message for each kind: a candidacy where it is true, else ordinary mail, a minute after the last one."""
    chance = random.Random(seed)
    when = datetime(2024, 9, 1, tzinfo=UTC)
    for number, stands in enumerate(kinds):
        when += timedelta(minutes=1)
        if stands:
            yield mail(number, f"Candidacy for the {OFFICE}", candidacy(chance), when)
        else:
            yield mail(number, f"Re: build failure {chance.randrange(number + 1)}", traffic(chance), when)


def generate(path: Path, statements: int, others: int, seed: int) -> None:
    """Write a mailbox of so many candidacies among so many other mails, shuffled."""
    kinds = [True] * statements + [False] * others
    random.Random(seed).shuffle(kinds)
    with path.open("wb") as box:
        box.writelines(messages(kinds, seed))


def generate_size(path: Path, statements: int, size: int, seed: int) -> int:
    """Write a mailbox of `size` bytes with so many candidacies spread over it; return how many messages it holds."""
    written = count = stood = 0

    def kinds() -> Iterator[bool]:
        nonlocal stood
        while written < size:
            stands = stood < statements and written >= (stood + 0.5) * size / statements
            stood += stands
            yield stands

    with path.open("wb") as box:
        for message in messages(kinds(), seed):
            written += box.write(message)
            count += 1
    return count
