"""How fast `candidacy analyze` is, and how much memory it takes, on a generated mailbox.

usage: python benchmarks/analyze.py [--statements N] [--traffic N] [--seed N]

The mailbox holds N invented candidacies of about 300 words among ordinary list mail. The program is run as a user
runs it, twice: into a new workspace, and again into the same one, where nothing is new. Printed are statements
and megabytes a second, peak memory (the largest resident set of the process), and the ratio of the two runs.
"""

from __future__ import annotations

import argparse
import mailbox
import random
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

FIRST = [
    "Ada",
    "Bo",
    "Cleo",
    "Dag",
    "Esi",
    "Finn",
    "Gro",
    "Hana",
    "Ivo",
    "June",
    "Kofi",
    "Lena",
    "Milo",
    "Nia",
    "Otto",
    "Pia",
    "Ravi",
    "Sol",
    "Tess",
    "Uma",
    "Vito",
    "Wren",
    "Yara",
    "Zeno",
]
LAST = [
    "Ashgrove",
    "Birchall",
    "Calder",
    "Dunmore",
    "Elphick",
    "Farrow",
    "Greaves",
    "Holloway",
    "Inskip",
    "Jessop",
    "Kestle",
    "Larkham",
    "Merrow",
]
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


def candidacy(chance: random.Random) -> str:
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


def mail(number: int, subject: str, body: str, when: datetime) -> EmailMessage:
    message = EmailMessage()
    message["From"] = f"Sender {number} <sender{number}@example.org>"
    message["To"] = "orrery-dev@example.org"
    message["Subject"] = subject
    message["Date"] = format_datetime(when)
    message["Message-ID"] = f"<{number}@example.org>"
    message["List-Id"] = "<orrery-dev.example.org>"
    message.set_content(body)
    return message


def generate(path: Path, statements: int, traffic: int, seed: int) -> None:
    chance = random.Random(seed)
    kinds = ["statement"] * statements + ["traffic"] * traffic
    chance.shuffle(kinds)
    box = mailbox.mbox(path)
    when = datetime(2024, 9, 1, tzinfo=UTC)
    for number, kind in enumerate(kinds):
        when += timedelta(minutes=1)
        if kind == "statement":
            box.add(mail(number, "Candidacy for the Steering Committee", candidacy(chance), when))
        else:
            body = (
                f"The {chance.choice(TEAMS)} build fails here since yesterday. Has anybody seen this?\n\n"
                + "log line\n" * 40
            )
            box.add(mail(number, f"Re: build failure {number}", body, when))
    box.close()


def run(command: list[str]) -> tuple[float, float]:
    """Return the seconds and the peak megabytes of a command."""
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, capture_output=True); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code, *command], check=True, capture_output=True, text=True)
    kilobytes = int(done.stdout) / (1024 if sys.platform == "darwin" else 1)
    return time.perf_counter() - start, kilobytes / 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--statements", type=int, default=200)
    parser.add_argument("--traffic", type=int, default=800)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        box = Path(folder) / "list.mbox"
        generate(box, args.statements, args.traffic, args.seed)
        size = box.stat().st_size / 1e6
        command = [sys.executable, "-m", "analyzer", "analyze", str(box), "--db", str(Path(folder) / "work.duckdb")]
        print(f"{args.statements} statements among {args.statements + args.traffic} messages, {size:.1f} MB")
        times = []
        for name in ("new workspace", "same again"):
            seconds, memory = run(command)
            times.append(seconds)
            print(f"{name:15s} {seconds:7.1f} s  {args.statements / seconds:7.2f} statements/s  peak {memory:6.0f} MB")
        print(f"ratio again/new {times[1] / times[0]:7.2f}")


if __name__ == "__main__":
    main()
