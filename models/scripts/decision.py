"""Train the first decision: is it a candidacy, and if not, what is it?

usage: decision.py CORPUS TREEBANK OUT [--folds] [--seed N]

CORPUS holds clones of election repositories (`annotations.clones` says where) and, in ``mail``, archives of lists
without elections. TREEBANK is UD_English-EWT, whose letters, posts and reviews are ordinary texts. Everything else is
put together from invented sentences (`invention`). Written to OUT: ``weights.npz`` and ``settings.json``, or with
``--folds`` ``figures.json``: each part of the statements (whole communities), of the lists and of the invented
sentences judged by weights that were trained on the others.

A statement is learned as a file where it lies, as a file among others, and as mails under invented subjects; quoted
by answers, it is a reply. Whoever writes it, and the community, is masked (`analyzer.statements.words`).
"""

from __future__ import annotations

import argparse
import email
import hashlib
import json
import random
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import invention
import marking
import numpy as np
from annotations import clones

from analyzer.embeddings import Embedder
from analyzer.records import Decision
from analyzer.sources import read
from analyzer.sources.message import Message
from analyzer.statements.cleaning import CleanText, clean
from analyzer.statements.decision import LABELS, Classifier, SecondOpinion, beginning, hopeless
from analyzer.statements.features import FILE_FORMATS, seen_words, signals
from analyzer.statements.offices import BODIES, POSTS, QUALITIES
from analyzer.statements.subjects import is_reply
from analyzer.statements.wording import has_stem
from analyzer.statements.words import TOKEN

INVENTED_STATEMENTS = Path(__file__).resolve().parents[2] / "data" / "invented"
# A statement that has the header of a mail above it.
_MAIL = re.compile(r"(?:From|To|Date|Subject|Message-ID): ", re.IGNORECASE)
#: Which statements, lists and treebank documents are judged by weights that were trained without them.
FOLDS: Sequence[Sequence[str]] = (
    ("openstack/election", "numpy-discussion"),
    ("kubernetes/community", "twisted-web"),
    ("knative/community", "imagej-devel"),
    ("kata-containers/community", "dapr/community", "other mail"),
    ("dotnet-foundation/election", "twisted-python"),
)
REPOSITORIES = tuple(name for fold in FOLDS for name in fold if "/" in name)
#: A word or phrase is learned if so many texts have it, of so many sources.
LEAST_TEXTS, LEAST_SOURCES = 5, 2
#: Invented mails for each sentence that one begins with: what is said in more ways is more common.
INVENTED = 10
#: Share of ordinary texts, which the first stage turns away, that is learned from.
ORDINARY = 0.4
#: Share of statements a part of which is made the answer to a question.
ANSWERED = 0.25
#: The source of examples that are never judged, and the part of those that are always learned from.
STATEMENTS, ALWAYS = "invented statements", -1
STRENGTH = 2.0
#: What a word or phrase counts beside a signal: there are many of them, and each is learned from fewer texts.
SCALES = {"says": 3.0, "shape": 1.0, "subject": 0.6, "answers": 0.4, "text": 0.15, "first": 0.3}
SCALE = 1 / 32
#: The second opinion: its penalty, what mails of single sentences weigh, what its log-odds count, and between which
#: probabilities it is asked for.
SECOND_STRENGTH, SECOND_SENTENCES, SECOND_SHARE, UNSURE = 4.0, 1.6, 0.6, (0.01, 0.93)
#: A candidacy that is lost in a month of mail is worse than one too many; in a folder both are as bad. An answer needs
#: less than other mail, because the second opinion doubts most of them.
MAIL_THRESHOLD, ANSWER_THRESHOLD, FILE_THRESHOLD = 0.35, 0.18, 0.6


@dataclass(slots=True)
class Example:
    """A text with its class; `source` is its community, list or collection, `part` the fold that it is judged in."""

    message: Message
    label: str
    source: str
    part: int
    among: bool = False
    cleaned: CleanText | None = None
    evidence: dict[str, str] | None = None

    @property
    def is_mail(self) -> bool:
        return self.message.format not in FILE_FORMATS


# --- texts --------------------------------------------------------------------------------------------


def statements(corpus: Path) -> Iterator[tuple[str, Message]]:
    """Yield the statements and documents of every repository, each as the adapters read it."""
    for name in REPOSITORIES:
        clone = next((folder for folder in clones(corpus, name) if folder.is_dir()), None)
        if clone is None:
            sys.exit(f"{corpus}: no clone of {name}; make one in {corpus / name}")
        for item in read([clone]):
            if isinstance(item, Message) and item.filed is not None:
                yield name, item


def invented_statements(folder: Path = INVENTED_STATEMENTS) -> Iterator[Message]:
    """Yield the invented statements of communities unlike those in the corpus, with the subjects that they have."""
    for file in sorted(folder.glob("*.txt")):
        for name, marked in marking.statements(file.read_text(encoding="utf-8")):
            text, _ = marking.unmarked(marked)
            sent = email.message_from_string(text) if _MAIL.match(text) else None
            yield Message(
                path=f"{name}.txt", format="text", sha256="",
                body=text if sent is None else str(sent.get_payload()),
                subject=None if sent is None else sent["Subject"],
            )  # fmt: skip


def list_mail(corpus: Path) -> Iterator[tuple[str, Message]]:
    """Yield the messages of lists: none of them is a candidacy, but for the one page that is."""
    for item in read([corpus / "mail"]):
        if isinstance(item, Message) and item.format != "archive-page":
            lists = ("numpy-discussion", "twisted-web", "imagej-devel", "twisted-python")
            yield next((name for name in lists if item.path.startswith(name)), "other mail"), item


def treebank_texts(treebank: Path) -> Iterator[str]:
    """Yield the documents of a treebank, a paragraph a line."""
    for file in sorted(treebank.glob("*.conllu")):
        paragraphs: list[str] = []
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.startswith("# newdoc") and paragraphs:
                yield "\n\n".join(paragraphs) + "\n"
                paragraphs = []
            if line.startswith(("# newpar", "# newdoc")) or not paragraphs:
                paragraphs.append("") if not paragraphs or paragraphs[-1] else None
            if line.startswith("# text = "):
                paragraphs[-1] = f"{paragraphs[-1]} {line[9:]}".strip()
        if paragraphs:
            yield "\n\n".join(paragraphs) + "\n"


BLAND = (
    None, "hello", "Hello everyone", "hi", "election", "my statement", "statement", "for your consideration", "2025",
    "the next cycle", "about me", "next term", "me", "an announcement", "Announcement", "Hi from Osaka",
)  # fmt: skip


# Kinds of calls and nominations that candidacies, refusals and nominations answer, and kinds of these that do not.
_ALONE = ("for a team", "campaigns for another", "leaves an office", "will not run again")
_ASK = ("nominations open", "schedules", "nominates another", "lists of names", "in few words")


class Writer:
    """Writes mails around texts, in sentences of some parts."""

    def __init__(self, chance: random.Random, parts: Container[int]) -> None:
        self.chance, self.parts = chance, parts
        self.kinds: dict[str, list[invention.Kind]] = defaultdict(list)
        for kind in invention.kinds():
            self.kinds[kind.label].append(kind)

    def write(self, label: str, names: Container[str] | None = None) -> tuple[str | None, str]:
        """Write an invented mail of a class, if told so of some kinds only."""
        kinds = [kind for kind in self.kinds[label] if names is None or kind.name in names]
        while (made := invention.write(self.chance.choice(kinds), self.chance, self.parts)) is None:
            pass
        return made[0], made[1]

    def asks(self) -> tuple[str, str]:
        """Write a mail that candidates answer: a call or a nomination."""
        subject, body = self.write(self.chance.choice(("call", "call", "nomination")), _ASK)
        return subject or "nominations", body

    def subject(self, label: str, *, bland: float = 0.0) -> str | None:
        """Write a subject as mails of a class have it."""
        if self.chance.random() < bland:
            return self.chance.choice(BLAND)
        while not (subject := self.write(label)[0]):
            pass
        return subject

    def mail(self, subject: str | None, body: str, *, answers: bool = False, like: Message | None = None) -> Message:
        made = like or Message(path="list.mbox", format="mbox", body="", sha256="")
        reply = "<1@example.org>" if answers and self.chance.random() < 0.8 else None
        if answers and subject is not None:
            subject = f"{self.chance.choice(('Re: ', 'RE: ', 'Re: [list] ', 'AW: '))}{subject}"
        return Message(
            path=made.path if made.format != "markdown" else "list.mbox",
            format="mbox",
            body=body,
            body_format=made.body_format,
            sha256="",
            subject=subject,
            in_reply_to=reply,
        )

    def candidacy(self, statement: Message) -> Message:
        """Send a statement: under a subject of its own, or as an answer to the call for nominations."""
        body = statement.body
        if self.chance.random() < 0.08:
            subject, call = self.write("call", _ASK)
            if self.chance.random() < 0.5:
                body = f"{body}\n\n{self.quoted(call)}"
            return self.mail(subject or "Call for nominations", body, answers=True, like=statement)
        subject = self.subject("candidacy", bland=0.1)
        if subject and self.chance.random() < 0.06:
            subject = self.chance.choice(("Fwd: ", "[resend] ", "Resending: ", "Correction: ")) + subject
        return self.mail(subject, body, like=statement)

    def answer(self, body: str, subject: str | None, label: str = "reply") -> Message:
        """Answer a mail, quoting it in full, in parts, or not at all."""
        says = self.write(label)[1]
        way = self.chance.random()
        if way < 0.5:
            text = f"{says}\n{self.quoted(body)}"
        elif way < 0.75:
            text = f"{self.quoted(body)}\n{says}"
        elif way < 0.85:
            head, _, tail = body.partition("\n\n")
            text = f"{self.quoted(head)}\n{says}\n" + "\n".join(f"> {line}" for line in tail.splitlines()[:30])
        else:
            text = says
        return self.mail(subject or "candidacy", text, answers=True)

    def quoted(self, body: str) -> str:
        lines = "\n".join(f"> {line}" for line in body.splitlines())
        return f"On Mon, 3 Mar 2025 at 10:00, Ada Merrow <ada@example.org> wrote:\n{lines}\n"

    def answer_of(self, statement: str) -> Message | None:
        """Answer a question to candidates as one of them would: by a part of a statement, if it has parts."""
        middle = statement.split("\n\n")[1:-1]
        if len(middle) < 2:
            return None
        begin = self.chance.randrange(len(middle) - 1)
        text = "\n\n".join(middle[begin : begin + self.chance.randint(1, 3)])
        asked, question = self.write("question")
        return self.mail(asked or "A question", f"{self.quoted(question)}\n{text}\n", answers=True)

    def answer_to(self, body: str) -> Message:
        """Send a text as an answer to a call or a nomination."""
        asked, other = self.asks()
        way = self.chance.random()
        quoted = self.quoted(other)
        text = f"{body}\n{quoted}" if way < 0.5 else f"{quoted}\n{body}" if way < 0.8 else body
        return self.mail(asked, text, answers=True)

    def file(self, message: Message, body: str | None = None) -> Message:
        """Put a text into a folder that tells nothing, or among an election's."""
        folder = self.chance.choice(("texts", "elections/2025", "elections/council-2024", "docs", "notes/old"))
        number = self.chance.randint(1, 999)
        return replace(
            message, format="text", folder="somewhere", path=f"{folder}/{number}.txt", filed=None, subject=None,
            in_reply_to=None, body=message.body if body is None else body, member=None, index=None,
        )  # fmt: skip


def part_of(name: str) -> int:
    return next(part for part, names in enumerate(FOLDS) if name in names)


def statement_examples(writer: Writer, statement: Message, name: str, part: int, mails: int) -> Iterator[Example]:
    """Yield a statement as a file that lies anywhere, as mails, and what answers these."""
    chance = writer.chance
    yield Example(writer.file(statement), "candidacy", name, part, chance.random() < 0.3)
    for _ in range(mails):
        sent = writer.candidacy(statement)
        yield Example(sent, "candidacy", name, part)
        yield Example(writer.answer(statement.body, sent.subject), "reply", name, part)
    if chance.random() < 0.1:
        yield Example(writer.answer(statement.body, sent.subject, "question"), "question", name, part)
        yield Example(writer.answer(statement.body, sent.subject, "withdrawal"), "withdrawal", name, part)
    if chance.random() < ANSWERED and (said := writer.answer_of(statement.body)):
        yield Example(said, "reply", name, part)


def corpus_examples(corpus: Path, treebank: Path, seed: int) -> list[Example]:
    """Make the examples of real texts and of invented statements.

    What is written around a text has the text's own part, so that no fold learns a sentence that it judges by.
    """
    found: list[Example] = []
    for name, message in statements(corpus):
        part = part_of(name)
        chance = random.Random(f"{seed} {message.path} {message.section}")
        writer = Writer(chance, [part])
        bare = replace(message, filed=None)
        assert message.filed is not None
        if not message.filed.statement:
            found += [Example(bare, "document", name, part), Example(writer.file(bare), "document", name, part)]
            found.append(Example(writer.mail(writer.subject("call"), bare.body, like=bare), "call", name, part))
            continue
        found.append(
            Example(message if chance.random() < 0.3 else bare, "candidacy", name, part, chance.random() < 0.4)
        )
        found += statement_examples(writer, bare, name, part, 1 if name == "openstack/election" else 3)
    for statement in invented_statements():
        chance = random.Random(f"{seed} {statement.path}")
        for part in range(invention.PARTS):
            writer = Writer(chance, [part])
            found += statement_examples(writer, statement, STATEMENTS, part, 1)
        if statement.subject:
            sent = writer.mail(statement.subject, statement.body)
            found.append(Example(sent, "candidacy", STATEMENTS, ALWAYS))
    chance = random.Random(seed)
    writers = [Writer(chance, [part]) for part in range(len(FOLDS))]
    for name, message in list_mail(corpus):
        if hopeless(message) is not None and chance.random() > ORDINARY:
            continue
        label = "results" if message.subject and "vote for" in message.subject.casefold() else "traffic"
        found.append(Example(message, label, name, part_of(name)))
        if chance.random() < 0.5:
            found.append(Example(writers[part_of(name)].file(message), "document", name, part_of(name)))
    for number, text in enumerate(treebank_texts(treebank)):
        if not has_stem(text.lower()) and chance.random() > ORDINARY:
            continue
        part = number % len(FOLDS)
        writer = writers[part]
        answers = chance.random() < 0.4
        found.append(
            Example(writer.mail(writer.subject("traffic"), text, answers=answers), "traffic", "treebank", part)
        )
        if chance.random() < 0.5:
            file = writer.file(Message(path="x.txt", format="text", body=text, sha256=""))
            found.append(Example(file, "document", "treebank", part))
    return found


def _answers(kind: invention.Kind, chance: random.Random) -> bool:
    """Whether a mail of a kind answers a call or a nomination this time."""
    if kind.label == "candidacy":
        return "subject" not in kind.sections
    return kind.label in ("nomination", "withdrawal") and kind.name not in _ALONE and chance.random() < 0.25


def invented_examples(parts: Sequence[int], seed: int, part: int) -> list[Example]:
    """Make invented mails of every class in sentences of some parts."""
    chance = random.Random(seed)
    writer = Writer(chance, parts)
    found = []
    for label, kinds in writer.kinds.items():
        for kind in kinds:
            for _ in range(INVENTED * len(kind.choose("opening", parts))):
                made = invention.write(kind, chance, parts)
                if made is None:
                    break
                subject, body, _ = made
                if label == "document":
                    message = writer.file(Message(path="x.txt", format="text", body=body, sha256=""))
                elif label == "reply":
                    asked, other = writer.write(
                        chance.choice(("candidacy", "candidacy", "question", "call", "nomination"))
                    )
                    message = writer.mail(asked or "candidacy", f"{body}\n{writer.quoted(other)}", answers=True)
                elif _answers(kind, chance):
                    message = writer.answer_to(body)
                else:
                    answers = label in ("question", "traffic", "nomination", "withdrawal") and chance.random() < 0.2
                    message = writer.mail(subject, body, answers=answers)
                    if chance.random() < 0.05:
                        message = replace(message, subject=None)
                found.append(Example(message, label, "invented", part))
                if chance.random() < 0.2:
                    as_file = label if label in ("candidacy", "withdrawal") else "document"
                    found.append(Example(writer.file(message, body), as_file, "invented", part))
    return found


# --- features -----------------------------------------------------------------------------------------


# Of a file that does not say what it is and lies nowhere in particular, nobody can tell.
_NOWHERE = {"says:file", "says:no claim"}
_SOMEWHERE = {f"says:{name}" for name in ("election folder", "filed", "candidate file", "among statements")}


def prepared(examples: Iterable[Example]) -> list[Example]:
    """Clean the texts and find their signals; a text of which nothing is left teaches nothing."""
    kept = []
    for example in examples:
        example.cleaned = clean(example.message.body, example.message.body_format)
        if example.cleaned.text:
            example.evidence = signals(example.message, example.cleaned)
            if example.among:
                example.evidence["says:among statements"] = ""
            if (
                example.label != "candidacy"
                or not set(example.evidence) >= _NOWHERE
                or _SOMEWHERE & set(example.evidence)
            ):
                kept.append(example)
    return kept


def vocabulary(examples: Sequence[Example]) -> frozenset[str]:
    """Return the words that are no names: found in lower case, in several texts of several sources."""
    lower: Counter[str] = Counter()
    upper: Counter[str] = Counter()
    sources: dict[str, set[str]] = defaultdict(set)
    texts = [(e.source, e.cleaned.text if e.cleaned else "") for e in _once(examples)]
    texts += [(f"sentence {i}", sentence) for i, sentence in enumerate(invention.sentences())]
    for source, text in texts:
        begins = True
        small: set[str] = set()
        large: set[str] = set()
        for match in TOKEN.finditer(text[:20_000]):
            word = match.group()
            if word[0].isalpha():
                folded = word.casefold().replace("’", "'")
                if word[0].islower() or not word.isascii():
                    small.add(folded)
                elif not begins:
                    large.add(folded)
            begins = word in ".!?:\n"
        lower.update(small)
        upper.update(large)
        for word in small:
            sources[word].add(source)
    common = {
        word
        for word, count in lower.items()
        if count >= LEAST_TEXTS and len(sources[word]) >= LEAST_SOURCES and count > upper[word]
    }
    return frozenset(common | {"i"} | set(QUALITIES) | set(BODIES) | set(POSTS) | set(_ELECTION_WORDS))


_ELECTION_WORDS = ("candidacy", "candidate", "candidates", "election", "elections", "nomination", "nominations",
                   "statement", "committee", "board", "re", "vote", "results", "self")  # fmt: skip


def _once(examples: Iterable[Example]) -> Iterator[Example]:
    """Yield one example of each text."""
    seen: set[bytes] = set()
    for example in examples:
        key = hashlib.sha256((example.cleaned.text if example.cleaned else "").encode("utf-8", "replace")).digest()
        if key not in seen:
            seen.add(key)
            yield example


def all_features(example: Example, words: Collection[str]) -> set[str]:
    assert example.cleaned is not None and example.evidence is not None
    return {*example.evidence, *seen_words(example.message, example.cleaned, words)}


def chosen(examples: Sequence[Example], rows: Sequence[set[str]]) -> list[str]:
    """Return the features to learn: of several texts and several sources; of invented ones, several sentences."""
    counts: Counter[str] = Counter()
    sources: dict[str, set[str]] = defaultdict(set)
    for example, row in zip(examples, rows, strict=True):
        counts.update(row)
        if example.source != "invented":
            for name in row:
                sources[name].add(example.source)
    return sorted(
        name
        for name, count in counts.items()
        if count >= LEAST_TEXTS and (len(sources[name]) >= LEAST_SOURCES or name.startswith(("says:", "shape:")))
    )


# --- training -----------------------------------------------------------------------------------------


def weight(examples: Sequence[Example], *, sentences: float = 1.0) -> np.ndarray[Any, Any]:
    """Return a weight for each example: classes, and the sources of each, count by the root of their numbers.

    What is put together from sentences counts so many times as much.
    """
    groups = Counter((e.label, e.source) for e in examples)
    labels = Counter(e.label for e in examples)
    raw = np.array([1 / np.sqrt(groups[e.label, e.source]) / labels[e.label] ** 0.5 for e in examples])
    # A folder holds more documents than statements, unless it is an election's.
    raw *= np.array([2.0 if e.label == "document" else 1.0 for e in examples])
    raw *= np.array([sentences if e.source == "invented" else 1.0 for e in examples])
    return raw / raw.mean()


def train(examples: Sequence[Example]) -> Classifier:
    """Train weights on examples.

    References
    ----------
    Multinomial logistic regression with an L2 penalty, by L-BFGS: scikit-learn's `LogisticRegression`.
    """
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    words = vocabulary(examples)
    rows = [all_features(example, words) for example in examples]
    names = chosen(examples, rows)
    index = {name: i for i, name in enumerate(names)}
    pairs = [(r, index[name]) for r, row in enumerate(rows) for name in row if name in index]
    r, c = np.array(pairs).T
    scales = np.array([SCALES[name.partition(":")[0]] for name in names])
    matrix = csr_matrix((scales[c], (r, c)), shape=(len(rows), len(names)))
    y = np.array([LABELS.index(example.label) for example in examples])
    model = LogisticRegression(C=STRENGTH, max_iter=1000, tol=1e-4)
    model.fit(matrix, y, sample_weight=weight(examples))
    # Every label is among the examples, so that the columns are LABELS.
    weights = (model.coef_ * scales).T
    weights -= weights.mean(axis=1, keepdims=True)
    quantized = np.clip(np.round(weights / SCALE), -127, 127)
    kept = np.abs(quantized).max(axis=1) >= 2
    names = [name for name, keep in zip(names, kept, strict=True) if keep]
    return Classifier(
        words=words,
        rows={name: row for row, name in enumerate(names)},
        weights=(quantized[kept] * SCALE).astype(np.float32),
        bias=(model.intercept_ - model.intercept_.mean()).astype(np.float32),
        mail_threshold=MAIL_THRESHOLD,
        answer_threshold=ANSWER_THRESHOLD,
        file_threshold=FILE_THRESHOLD,
    )


@cache
def embedder() -> Embedder:
    """Return the default embedding model; its cache lasts as long as the process, for every part needs the same."""
    return Embedder()


@cache
def _invented_mails(part: int, seed: int) -> list[Example]:
    """Make invented mails of the sentences of one part, so that every fold shares most vectors with others."""
    return [e for e in prepared(invented_examples([part], seed, ALWAYS)) if e.is_mail]


def train_second(real: Sequence[Example], parts: Iterable[int], seed: int) -> SecondOpinion:
    """Train the second opinion: the same regression, over the sentence vectors of mails."""
    from sklearn.linear_model import LogisticRegression

    mails = [e for e in real if e.is_mail] + [e for part in parts for e in _invented_mails(part, seed + 2)]
    vectors = embedder().encode([beginning(e.message, e.cleaned) for e in mails if e.cleaned])
    replies = np.array([[float(is_reply(e.message))] for e in mails])
    model = LogisticRegression(C=SECOND_STRENGTH, max_iter=300, tol=1e-3)
    # Whoever stands in two lines is as much a candidate as who writes a statement.
    weights = weight(mails, sentences=SECOND_SENTENCES)
    model.fit(np.hstack([vectors, replies]), [LABELS.index(e.label) for e in mails], sample_weight=weights)
    # No mail is a document.
    matrix, bias = np.zeros((vectors.shape[1] + 1, len(LABELS))), np.full(len(LABELS), -20.0)
    matrix[:, model.classes_], bias[model.classes_] = model.coef_.T, model.intercept_
    return SecondOpinion(
        weights=matrix.astype(np.float16).astype(np.float32), bias=bias.astype(np.float32), share=SECOND_SHARE,
        unsure=UNSURE,
    )  # fmt: skip


def save(classifier: Classifier, out: Path, examples: Sequence[Example]) -> None:
    """Write weights, and of what they were trained."""
    second = classifier.second
    assert second is not None
    out.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        out / "weights.npz",
        weights=np.round(classifier.weights / SCALE).astype(np.int8),
        bias=classifier.bias,
        features=np.array("\n".join(classifier.rows)),
        words=np.array("\n".join(sorted(classifier.words))),
        second_weights=second.weights.astype(np.float16),
        second_bias=second.bias,
    )
    settings = {
        "labels": list(LABELS),
        "scale": SCALE,
        "mail_threshold": classifier.mail_threshold,
        "answer_threshold": classifier.answer_threshold,
        "file_threshold": classifier.file_threshold,
        "second_share": second.share,
        "unsure": list(second.unsure),
        "trained": {**Counter(f"{e.label}, {e.source if 'invented' in e.source else 'real'}" for e in examples)},
    }
    (out / "settings.json").write_text(json.dumps(settings, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def folds(
    real: Sequence[Example], seed: int, parts: Iterable[int] = range(len(FOLDS)), *, judged_too: bool = True
) -> Iterator[tuple[int, Classifier, list[Example]]]:
    """Yield, for each part, weights trained without it, and its examples if asked for."""
    for part in parts:
        others = [p for p in range(invention.PARTS) if p != part]
        made = prepared(invented_examples(others, seed, ALWAYS))
        judged = [e for e in real if e.part == part and e.source != STATEMENTS] if judged_too else []
        judged += prepared(invented_examples([part], seed + 1, part)) if judged_too else []
        known = [e for e in real if e.part != part]
        yield part, replace(train([*known, *made]), second=train_second(known, others, seed)), judged


def judge(classifier: Classifier, example: Example) -> Decision:
    """Decide as the program does: the first stage, then the weights."""
    cleaned = example.cleaned
    assert cleaned is not None
    return hopeless(example.message) or classifier.judge(
        dict.fromkeys(all_features(example, classifier.words), ""),
        lambda: embedder().encode([beginning(example.message, cleaned)])[0],
    )


def figures(judged: Sequence[tuple[Example, Decision]]) -> dict[str, Any]:
    """Return how often mails and files of each class, and of each source, are taken for what they are."""

    def row(cases: Sequence[tuple[Example, Decision]]) -> dict[str, int]:
        return {
            "texts": len(cases),
            "right": sum(e.label == d.label for e, d in cases),
            "candidacies": sum(d.label == "candidacy" for _, d in cases),
        }

    found: dict[str, Any] = {}
    for kind, formats in (("mails", False), ("files", True)):
        cases = [(e, d) for e, d in judged if (e.message.format in FILE_FORMATS) == formats]
        groups: dict[tuple[str, str], list[tuple[Example, Decision]]] = defaultdict(list)
        for e, d in cases:
            groups[e.label, e.source].append((e, d))
        found[kind] = {
            "precision": {
                label: sum(e.label == label for e, d in cases if d.label == label)
                / max(1, sum(d.label == label for _, d in cases))
                for label in LABELS
            },
            "classes": {f"{label}, {source}": row(groups[label, source]) for label, source in sorted(groups)},
        }
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("treebank", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--folds", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    start = time.perf_counter()
    real = prepared(corpus_examples(args.corpus, args.treebank, args.seed))
    print(f"{len(real)} real texts, {time.perf_counter() - start:.0f} s", file=sys.stderr)
    if args.folds:
        judged = []
        for part, classifier, cases in folds(real, args.seed):
            judged += [(example, judge(classifier, example)) for example in cases]
            print(f"without {', '.join(FOLDS[part])}: {time.perf_counter() - start:.0f} s", file=sys.stderr)
        (args.out / "figures.json").write_text(json.dumps(figures(judged), indent=1) + "\n", encoding="utf-8")
        return
    examples = [*real, *prepared(invented_examples(range(invention.PARTS), args.seed, ALWAYS))]
    second = train_second(real, range(invention.PARTS), args.seed)
    classifier = replace(train(examples), second=second)
    save(classifier, args.out, examples)
    print(f"{len(classifier.rows)} features, {time.perf_counter() - start:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
