"""How well candidacies are found in a month of mixed mail, and how seldom one is found where there is none.

usage: python benchmarks/decision.py CORPUS TREEBANK [--most N] [--seed N] [--only PART] [--show]

For each part of the communities and lists (`FOLDS` of ``models/scripts/decision.py``) a classifier is trained
without them, and reads a month that is made of them: their statements under invented subjects, an answer to each that
quotes it, mails of officials and questions in sentences that the classifier has not seen either, and the part's real
lists. Every mail is written in one of the encodings and dialects of `DIALECTS`, half of them into an mbox, half into a
pipermail month, and read from there as any archive is. Printed are precision and recall by community, and false
candidacies by real list. Last, what the decision costs on real mail.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import textwrap
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage, MIMEPart
from email.policy import SMTPUTF8
from email.utils import format_datetime
from pathlib import Path

# Before this folder, which has a script of the same name.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "models" / "scripts"))

import decision as training

from analyzer.records import Decision
from analyzer.sources import read
from analyzer.sources.message import Message
from analyzer.statements.cleaning import clean
from analyzer.statements.decision import Classifier, decide, hopeless

DIALECTS = (
    "quoted-printable", "base64", "utf-8 in 8 bits", "latin-1 in 8 bits", "flowed", "HTML only", "HTML and text",
    "forwarded", "signed with PGP", "with the list's footer",
)  # fmt: skip
#: Mails of each of these classes for one statement.
OTHERS = {
    "call": 0.1,
    "ballot": 0.1,
    "results": 0.1,
    "nomination": 0.1,
    "withdrawal": 0.1,
    "question": 0.2,
    "traffic": 0.5,
}
FOOTER = "\n_______________________________________________\norrery-dev mailing list\norrery-dev@lists.example.org\nhttps://lists.example.org/listinfo/orrery-dev\n"


def wrapped(chance: random.Random, message: Message, number: int, dialect: str) -> EmailMessage:
    """Write a mail in a dialect."""
    name = f"{chance.choice(('Ada', 'Søren', 'Wei', 'Łukasz', 'June'))} {chance.choice(('Merrow', 'Ågård', 'Tanabe'))}"
    mail = EmailMessage(policy=SMTPUTF8.clone(max_line_length=998) if "8 bits" in dialect else SMTPUTF8)
    mail["From"] = f'"{name}" <sender{number}@example.org>'
    mail["To"] = "orrery-dev@lists.example.org"
    mail["Date"] = format_datetime(datetime(2025, 3, 1, tzinfo=UTC) + timedelta(minutes=17 * number))
    mail["Message-ID"] = f"<{number}@mixed.example.org>"
    mail["List-Id"] = "<orrery-dev.lists.example.org>"
    subject = " ".join((message.subject or "").split())
    if subject:
        mail["Subject"] = f"[orrery-dev] {subject}" if chance.random() < 0.3 else subject
    if message.in_reply_to:
        mail["In-Reply-To"] = message.in_reply_to
    body = message.body if message.body.endswith("\n") else message.body + "\n"
    if dialect == "flowed":
        text = "\n".join(_flowed(line) for line in body.splitlines()) + "\n"
        mail.set_content(text, cte="8bit")
        mail.set_param("format", "flowed")
    elif dialect in ("HTML only", "HTML and text"):
        page = _page(body)
        if dialect == "HTML only":
            mail.set_content(page, subtype="html")
        else:
            mail.set_content(body)
            mail.add_alternative(page, subtype="html")
    elif dialect == "latin-1 in 8 bits":
        mail.set_content(body.encode("latin-1", "replace").decode("latin-1"), charset="latin-1", cte="8bit")
    elif dialect == "forwarded":
        head = (
            f"From: {name} <sender{number}@example.org>\nDate: Mon, 3 Mar 2025 10:00:00 +0000\n"
            f"To: list@example.org\nSubject: {subject}\n"
        )
        mail.set_content(f"---------- Forwarded message ----------\n{head}\n{body}", cte="quoted-printable")
    elif dialect == "signed with PGP":
        dashed = "\n".join(f"- {line}" if line.startswith("-") else line for line in body.splitlines())
        mail.set_content(
            f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{dashed}\n-----BEGIN PGP SIGNATURE-----\n\n"
            "iQEzBAEBCAAdFiEE\n=abcd\n-----END PGP SIGNATURE-----\n"
        )
    elif dialect == "with the list's footer":
        mail.set_content(body + FOOTER)
    else:
        mail.set_content(body, cte={"quoted-printable": dialect, "base64": dialect}.get(dialect, "8bit"))
    return mail


def _flowed(line: str) -> str:
    """Break a line softly (RFC 3676)."""
    out, words = [""], line.split(" ")
    quoted = line.startswith(">")
    for word in words:
        if not quoted and len(out[-1]) + len(word) > 66 and out[-1].strip():
            out.append("")
        out[-1] += word + " "
    return "\n".join([*out[:-1], out[-1].rstrip()])


def _page(body: str) -> str:
    """Write a text as a mail program's HTML, quotations as such."""
    from html import escape

    parts, quoted = [], False
    for line in body.splitlines():
        is_quoted = line.startswith(">")
        if is_quoted != quoted:
            parts.append("<blockquote type='cite'>" if is_quoted else "</blockquote>")
            quoted = is_quoted
        parts.append(f"{escape(line.removeprefix('>').strip())}<br>")
    parts.append("</blockquote>" if quoted else "")
    return "<html><body><div>" + "\n".join(parts) + "</div></body></html>"


def pipermail(mails: Sequence[EmailMessage]) -> str:
    """Write the month as pipermail does: no encodings, addresses disguised."""
    out = []
    for mail in mails:
        part: MIMEPart | None = mail.get_body(("plain", "html"))
        if part is None or part.get_content_type() == "text/html":
            continue
        sender = str(mail["From"].addresses[0].addr_spec).replace("@", " at ")
        stamp = mail["Date"].datetime.strftime("%a %b %d %H:%M:%S %Y")
        heads = [
            f"From {sender}  {stamp}",
            f"From: {sender} ({mail['From'].addresses[0].display_name})",
            f"Date: {mail['Date']}",
        ]
        heads += [f"Subject: {mail['Subject']}"] if mail["Subject"] else []
        heads += [f"In-Reply-To: {mail['In-Reply-To']}"] if mail["In-Reply-To"] else []
        text = str(part.get_content()).replace("\nFrom ", "\n>From ")
        out.append("\n".join([*heads, f"Message-ID: {mail['Message-ID']}", "", text, ""]))
    return "\n".join(out)


def month(
    statements: Sequence[tuple[str, Message]], parts: Sequence[int], chance: random.Random
) -> list[tuple[str, str, Message]]:
    """Return the mails of a mixed month: community, class, and the mail."""
    writer = training.Writer(chance, parts)
    mails: list[tuple[str, str, Message]] = []
    for community, statement in statements:
        sent = writer.candidacy(statement)
        mails.append((community, "candidacy", sent))
        mails.append((community, "reply", writer.answer(statement.body, sent.subject)))
    for label, share in OTHERS.items():
        for _ in range(round(share * len(statements))):
            subject, body = writer.write(label)
            mails.append(("invented", label, writer.mail(subject, body)))
    chance.shuffle(mails)
    return mails


def judged(folder: Path, classifier: Classifier) -> dict[str, tuple[Message, Decision]]:
    """Read archives and decide on every message."""
    found = {}
    for item in read([folder]):
        if isinstance(item, Message):
            decision = hopeless(item)
            if decision is None:
                cleaned = clean(item.body, item.body_format)
                decision = (
                    decide(item, cleaned, classifier=classifier) if cleaned.text else Decision(label="no-text", score=0)
                )
            found[(item.message_id or f"{item.path}{item.index}").strip("<> ")] = item, decision
    return found


def measured(
    part: int, classifier: Classifier, held: Sequence[tuple[str, Message]], lists: Sequence[Message], args: Arguments
) -> Counter[str]:
    """Write a part's month, read it back with weights that were trained without the part, and count."""
    chance = random.Random(f"{args.seed} {part}")
    chosen = []
    for name in training.FOLDS[part]:
        own = [one for one in held if one[0] == name]
        chosen += chance.sample(own, min(args.most, len(own)))
    mails = month(chosen, [part], chance)
    with tempfile.TemporaryDirectory() as name:
        write(Path(name), mails, chance)
        decisions = judged(Path(name), classifier)
    count: Counter[str] = Counter()
    unread = (None, Decision(label="not read", score=0))
    for i, (community, label, _) in enumerate(mails):
        message, decision = decisions.get(f"{i}@mixed.example.org", unread)
        is_, said = label == "candidacy", decision.label == "candidacy"
        count["found" if is_ and said else "lost" if is_ else "false" if said else "right"] += 1
        count["read"] += message is not None
        if is_ != said:
            _tell(community, label, message, decision, args)
    for message in lists:
        decision = hopeless(message) or decide(message, clean(message.body, message.body_format), classifier=classifier)
        count["real"] += 1
        count["real false"] += decision.label == "candidacy"
        if decision.label == "candidacy":
            _tell("real lists", "none", message, decision, args)
    return count


def _tell(community: str, label: str, message: Message | None, decision: Decision, args: Arguments) -> None:
    subject = message.subject if message else None
    print(f"    {label} taken for {decision.label} ({decision.score:.2f}): {community}, {str(subject)[:60]}")
    if args.show and message is not None:
        print(textwrap.indent(f"{'; '.join(decision.reasons[:8])}\n{message.body[:800]}\n", " " * 8))


def write(folder: Path, mails: Sequence[tuple[str, str, Message]], chance: random.Random) -> None:
    """Write a month: every other mail into a pipermail month, where that can hold it, the others into an mbox."""
    written = [wrapped(chance, m, i, chance.choice(DIALECTS)) for i, (_, _, m) in enumerate(mails)]
    text = pipermail(written[::2])
    (folder / "2025-March.txt").write_text(text, encoding="utf-8")
    with (folder / "list.mbox").open("wb") as file:
        for i, one in enumerate(written):
            if i % 2 or f"<{i}@mixed.example.org>" not in text:
                file.write(b"From x@example.org Sat Mar  1 10:00:00 2025\n")
                lines = one.as_bytes(policy=one.policy.clone(linesep="\n"))
                file.write(lines.replace(b"\nFrom ", b"\n>From ") + b"\n")


class Arguments(argparse.Namespace):
    """What the command line gives."""

    corpus: Path
    treebank: Path
    most: int
    seed: int
    only: list[int] | None
    show: bool


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("treebank", type=Path)
    parser.add_argument("--most", type=int, default=400, help="statements of each community")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int, action="append", help="a part, from 0; all if none is named")
    parser.add_argument("--show", action="store_true", help="print what was wrong, and why")
    args = parser.parse_args(namespace=Arguments())
    real = training.prepared(training.corpus_examples(args.corpus, args.treebank, args.seed))
    held = [
        (name, message)
        for name, message in training.statements(args.corpus)
        if message.filed is not None and message.filed.statement and clean(message.body, message.body_format).text
    ]
    mail = list(training.list_mail(args.corpus))
    total: Counter[str] = Counter()
    parts = range(len(training.FOLDS)) if args.only is None else args.only
    for part, classifier, _ in training.folds(real, args.seed, parts, judged_too=False):
        lists = [m for name, m in mail if name in training.FOLDS[part]]
        count = measured(part, classifier, held, lists, args)
        total += count
        _print(", ".join(training.FOLDS[part]), count)
    _print("all", total)
    start = time.perf_counter()
    early = [hopeless(m) for _, m in mail]
    first = time.perf_counter() - start
    for (_, m), one in zip(mail, early, strict=True):
        if one is None:
            decide(m, clean(m.body, m.body_format))
    both = time.perf_counter() - start
    kept = sum(one is None for one in early) / len(mail)
    print(
        f"real mail: {1e6 * first / len(mail):.0f} microseconds each in the first stage, which keeps {kept:.1%}; "
        f"{1e6 * both / len(mail):.0f} with the classifier"
    )


def _print(name: str, count: Counter[str]) -> None:
    found, false, lost = count["found"], count["false"], count["lost"]
    precision, recall = found / max(1, found + false), found / max(1, found + lost)
    print(
        f"{name}: {found + lost} candidacies among {count['read']} mails, precision {precision:.3f}, "
        f"recall {recall:.3f}; {count['real false']} false among {count['real']} real mails",
        flush=True,
    )


if __name__ == "__main__":
    main()
