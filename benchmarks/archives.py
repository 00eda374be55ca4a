"""How fast archives of ordinary mail are read, and decided to be no candidacies, against Python's `mailbox`.

usage: python benchmarks/archives.py [--messages N] [--repeat N] [--seed N] [--corpus FOLDER]

Each kind of mail is gone through in three ways, in turns, in one process: by `mailbox.mbox`, with the subject and the
text of every message; by `analyzer.sources.read`; and by that and `analyzer.statements.from_messages`. The kinds are
generated traffic of a list (plain text, replies with quotations, HTML with and without plain text beside it, base64,
attachments), and the monthly archives below `--corpus`, where there are any. The best of all turns counts. Printed
are megabytes a second and the two ratios: above 1 is faster than `mailbox`.
"""

from __future__ import annotations

import argparse
import mailbox
import random
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from analyzer.records import Skipped
from analyzer.sources import read
from analyzer.statements import from_messages

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus" / "mail"
WORDS = str.split("""
    the build parser fails since yesterday here with a timeout and I have no idea why it would do that again can you
    look at the log below patch branch merge test storage release works for me on my machine thanks please file an
    issue against the tracker number when it happens next time we should write documentation about this module first
""")
NAMES = ["Ada Ashgrove", "Bo Calder", "Cleo Dunmore", "Dag Elphick", "Esi Farrow", "Finn Greaves", "Grö Holloway"]


def prose(chance: random.Random, sentences: int) -> str:
    made = (" ".join(chance.choices(WORDS, k=chance.randint(6, 16))).capitalize() + "." for _ in range(sentences))
    lines, line = [], ""
    for word in " ".join(made).split():
        if len(line) + len(word) > 72:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    return "\n".join([*lines, line])


def mail(number: int, chance: random.Random, when: datetime) -> EmailMessage:
    """Return a message such as lists carry: two in three plain, the others as newer programs write them."""
    name = chance.choice(NAMES)
    message = EmailMessage()
    for hop in range(chance.randint(1, 4)):
        message.add_header("Received", f"from relay{hop}.example.org by list.example.org; {format_datetime(when)}")
    message["From"] = f"{name} <{name.split()[0].lower().encode('ascii', 'replace').decode()}@example.org>"
    message["To"] = "orrery-dev@example.org"
    reply = chance.random() < 0.7
    message["Subject"] = ("Re: " if reply else "") + f"[orrery-dev] build failure {number // 5}"
    message["Date"] = format_datetime(when)
    message["Message-ID"] = f"<{number}@example.org>"
    if reply:
        message["In-Reply-To"] = f"<{number - 1}@example.org>"
        message["References"] = " ".join(f"<{number - back}@example.org>" for back in range(4, 0, -1))
    message["List-Id"] = "The developers of Orrery <orrery-dev.example.org>"
    text = f"Hi all,\n\n{prose(chance, chance.randint(2, 12))}\n\nCheers,\n{name}\n"
    if reply:
        quoted = "\n".join(f"> {line}" for line in prose(chance, chance.randint(2, 15)).split("\n"))
        text = f"On {when:%d %b %Y}, somebody wrote:\n{quoted}\n\n{text}"
    html = "<html><body>" + "".join(f"<p>{part}</p>" for part in text.split("\n\n")) + "</body></html>"
    kind = chance.random()
    if kind < 0.66:
        message.set_content(text)
    elif kind < 0.76:
        message.set_content(text, charset="utf-8", cte="base64")
    elif kind < 0.92:
        message.set_content(text)
        message.add_alternative(html, subtype="html")
    elif kind < 0.95:
        message.set_content(html, subtype="html")
    else:
        message.set_content(text)
        message.add_attachment(chance.randbytes(20_000), maintype="application", subtype="octet-stream", filename="a")
    return message


def generate(path: Path, messages: int, seed: int) -> None:
    chance = random.Random(seed)
    when = datetime(2024, 9, 1, tzinfo=UTC)
    box = mailbox.mbox(path)
    for number in range(messages):
        when += timedelta(minutes=chance.randint(1, 200))
        box.add(mail(number, chance, when))
    box.close()


def by_mailbox(files: list[Path]) -> int:
    """Go through mailboxes as a program that uses `mailbox` does; return how many messages that were."""
    count = 0
    for file in files:
        for message in mailbox.mbox(file):
            count += 1
            str(message["Subject"])
            for part in message.walk():
                if part.get_content_maintype() == "text":
                    part.get_payload(decode=True)
    return count


def reading(files: list[Path]) -> int:
    return sum(1 for _ in read(files))


def deciding(files: list[Path]) -> int:
    return sum(1 for item in from_messages(read(files)) if isinstance(item, Skipped))


def best(ways: list[Callable[[list[Path]], int]], files: list[Path], repeat: int) -> list[tuple[float, int]]:
    """Return the least processor time of each way, and how many messages it saw; the ways take turns."""
    times = [float("inf")] * len(ways)
    counts = [0] * len(ways)
    for _ in range(repeat):
        for number, way in enumerate(ways):
            start = time.process_time()
            counts[number] = way(files)
            times[number] = min(times[number], time.process_time() - start)
    return list(zip(times, counts, strict=True))


def compare(kind: str, files: list[Path], repeat: int) -> None:
    deciding(files)  # whatever is loaded once is loaded now
    size = sum(file.stat().st_size for file in files) / 1e6
    (theirs, count), (read_, seen), (decided, skipped) = best([by_mailbox, reading, deciding], files, repeat)
    print(f"{kind}: {size:.1f} MB, {seen} messages ({count} by mailbox), {seen - skipped} taken for candidacies")
    print(f"  mailbox            {size / theirs:6.1f} MB/s")
    print(f"  reading            {size / read_:6.1f} MB/s   {theirs / read_:.2f}")
    print(f"  reading, deciding  {size / decided:6.1f} MB/s   {theirs / decided:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder) / "list.mbox", args.messages, args.seed)
        compare("generated", [Path(folder) / "list.mbox"], args.repeat)
    # Months, not single messages: what is measured is a long read.
    real = sorted(file for file in args.corpus.rglob("*.txt") if file.stat().st_size > 100_000)
    if real:
        compare("real", real, args.repeat)
    else:
        print(f"real: no monthly archives below {args.corpus}")


if __name__ == "__main__":
    main()
