"""Candidacy or not: named signals, each with a weight, whose logistic sum is the score.

Every signal is a yes-or-no question about the subject, the place in the thread, how much is quoted, or the
writer's own words. `SIGNALS` is the whole model; a signal that speaks against a candidacy may say what the
text is instead. Ordinary mail is turned away by `hopeless` before its body is cleaned.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from analyzer.records import Decision
from analyzer.sources.message import Message
from analyzer.statements import wording
from analyzer.statements.cleaning import CleanText, name_like
from analyzer.statements.places import read_place

LABELS = (
    "candidacy", "reply", "question", "nomination", "call", "results", "ballot", "withdrawal", "document", "traffic",
)  # fmt: skip

# Log-odds of a text of which nothing is known, and the score from which it is a candidacy.
BIAS = -4.0
THRESHOLD = 0.5


@dataclass(frozen=True, slots=True)
class Signal:
    """What a signal weighs, how a reader is told of it, and what the text is if it speaks against."""

    weight: float
    says: str
    label: str | None = None


SIGNALS: Mapping[str, Signal] = {
    # Where it comes from.
    "file": Signal(3.0, "is a file of its own"),
    "election folder": Signal(3.0, "lies in an election's folder"),
    "filed": Signal(2.0, "is where its repository keeps statements"),
    "among statements": Signal(2.0, "lies among statements"),
    "candidate file": Signal(3.0, "is named as candidates' files are"),
    "document file": Signal(-9.0, "is named as documents about an election are", "document"),
    "blank form": Signal(-9.0, "has places to fill in", "document"),
    "reply": Signal(-3.0, "answers another message", "reply"),
    "election thread": Signal(0.0, "answers a message about an election"),
    "answers call": Signal(1.0, "answers a call for nominations"),
    "mostly quoted": Signal(-0.5, "quotes more than it says", "reply"),
    "short": Signal(-1.0, "says little", "reply"),
    # The subject, unless it is another message's.
    "subject candidacy": Signal(5.0, "subject speaks of a candidacy"),
    "subject election": Signal(1.0, "subject speaks of an election or office"),
    "subject call": Signal(-5.0, "subject calls for nominations", "call"),
    "subject results": Signal(-4.0, "subject speaks of results", "results"),
    "subject ballot": Signal(-5.0, "subject speaks of voting", "ballot"),
    "subject question": Signal(-3.0, "subject asks a question", "question"),
    "subject withdrawal": Signal(-9.0, "subject withdraws", "withdrawal"),
    # The words, for.
    "announces": Signal(8.0, "announces the writer's candidacy"),
    "stands": Signal(6.0, "the writer stands for an office"),
    "wants office": Signal(4.0, "the writer wishes to serve"),
    "own candidacy": Signal(2.0, "speaks of the writer's candidacy"),
    "asks for votes": Signal(1.5, "asks for votes or consideration"),
    "if elected": Signal(2.0, "says what the writer will do if elected"),
    "next term": Signal(0.5, "speaks of the next term"),
    "election words": Signal(0.5, "speaks of an election"),
    "office words": Signal(0.5, "names an office"),
    "introduces": Signal(1.0, "the writer introduces themself"),
    "name field": Signal(2.0, "has a field for the name"),
    "personal fields": Signal(1.5, "has fields for employer, address or handles"),
    "platform headings": Signal(2.5, "has the headings of a platform"),
    "first person": Signal(0.5, "is written in the first person"),
    "personal": Signal(2.0, "speaks of the writer throughout"),
    "biography": Signal(2.0, "is about one person"),
    # The words, against.
    "impersonal": Signal(-2.0, "never speaks of the writer"),
    "impersonal file": Signal(-1.0, "never speaks of the writer", "document"),
    "empty file": Signal(-3.0, "says nothing", "document"),
    "calls": Signal(-4.0, "calls for nominations", "call"),
    "lists candidates": Signal(-5.0, "lists candidates", "ballot"),
    "tells results": Signal(-4.0, "tells results", "results"),
    "calls to vote": Signal(-4.0, "tells how or when to vote", "ballot"),
    "nominates": Signal(-7.0, "proposes somebody else", "nomination"),
    "withdraws": Signal(-12.0, "withdraws a candidacy", "withdrawal"),
    "will not run": Signal(-6.0, "the writer will not stand", "withdrawal"),
    "cheers": Signal(-4.0, "supports or thanks somebody else", "reply"),
    "asks candidates": Signal(-4.0, "asks candidates", "question"),
    "addresses": Signal(-1.5, "speaks to others more than of the writer"),
}

# Formats in which a file is one text, and nothing tells who sent it to whom.
_FILE_FORMATS = {"text", "markdown", "html"}
# Text behind this is not looked at: who stands says so before.
_READ = 20_000


def decide(message: Message, cleaned: CleanText, *, among_statements: bool = False) -> Decision:
    """Decide whether a message is a candidacy, and if not, what it is.

    Parameters
    ----------
    among_statements : the other files of its folder are candidacies (see `Folders`).
    """
    if message.named:
        return Decision(label="candidacy", score=1.0, reasons=["named by the user"])
    if message.filed is not None and not message.filed.statement:
        return Decision(label="document", score=0.0, reasons=["its repository keeps no statements in such files"])
    found = signals(message, cleaned)
    return judge(found | {"among statements": ""} if among_statements else found)


class Folders:
    """What the files of each folder were found to be, in the order they came.

    A folder nearly all of whose files are candidacies is one of statements, and a file that hardly says so
    is one, too.
    """

    _ENOUGH, _NEARLY = 5, 0.8

    def __init__(self) -> None:
        self._seen: dict[tuple[str | None, str], tuple[int, int]] = {}

    def among_statements(self, message: Message) -> bool:
        """Whether a file lies among statements."""
        candidacies, files = self._seen.get(self._folder(message), (0, 0))
        return message.format in _FILE_FORMATS and files >= self._ENOUGH and candidacies >= self._NEARLY * files

    def add(self, message: Message, decision: Decision) -> None:
        """Remember what a file was found to be."""
        if message.format in _FILE_FORMATS and not message.named:
            candidacies, files = self._seen.get(self._folder(message), (0, 0))
            self._seen[self._folder(message)] = candidacies + (decision.label == "candidacy"), files + 1

    @staticmethod
    def _folder(message: Message) -> tuple[str | None, str]:
        return message.folder, str(PurePosixPath(message.member or message.path).parent)


def hopeless(message: Message) -> Decision | None:
    """Decide on mail that has not one word of elections; None if it has, or is no mail."""
    if message.named or message.format in _FILE_FORMATS:
        return None
    subject, body = (message.subject or "").lower(), message.body.lower()
    if wording.has_stem(subject) or wording.has_stem(body) or wording.PROFILE.search(body, 0, 3000):
        return None
    decision = judge({"reply": ""} if is_reply(message) else {})
    return Decision(label="traffic", score=decision.score, reasons=[*decision.reasons, "no word of an election"])


def signals(message: Message, cleaned: CleanText) -> dict[str, str]:
    """Find the signals of a message, each with the words it was seen in."""
    return dict([*_places(message, cleaned), *_subjects(message), *_words(message, cleaned), *_forms(cleaned)])


def judge(found: Mapping[str, str]) -> Decision:
    """Weigh signals, each given with the words it was seen in."""
    weights = {name: SIGNALS[name].weight for name in found}
    score = 1 / (1 + math.exp(-(BIAS + sum(weights.values()))))
    names = sorted(weights, key=lambda name: (-abs(weights[name]), name))
    return Decision(
        label="candidacy" if score >= THRESHOLD else _otherwise(weights),
        score=score,
        reasons=[f"{SIGNALS[name].says}{_quoted(found[name])} ({weights[name]:+g})" for name in names],
    )


def _otherwise(weights: Mapping[str, float]) -> str:
    """Return what a text is that is no candidacy: what most weight says."""
    if "file" in weights:
        return "withdrawal" if weights.keys() & {"withdraws", "will not run"} else "document"
    totals: dict[str, float] = {}
    for name, weight in weights.items():
        label = SIGNALS[name].label
        if label is not None and label != "document":
            totals[label] = totals.get(label, 0.0) - weight
    if not weights.keys() & {"election thread", "election words", "office words", "cheers"}:
        totals.pop("reply", None)
    return max(totals, key=lambda label: (totals[label], label)) if totals else "traffic"


def _quoted(words: str) -> str:
    words = " ".join(words.split())
    return f": “{words if len(words) <= 60 else words[:59] + '…'}”" if words else ""


# --- the place ----------------------------------------------------------------------------------------

_RE = re.compile(
    r"^\s*(?:\[[^\]]{0,40}\]\s*)*(?:re|aw|sv|antw|vs|ref|odp|res|答复|回复|回覆)\s*(?:\[\d+\]|\(\d+\))?\s*[:：]",
    re.IGNORECASE,
)
_CANDIDATE_FILE = re.compile(
    r"^(?:candidate|candidacy|nominee|nomination|bio)[-_. ]|[-_. ](?:bio|candidacy|candidate|nomination)$|"
    r"^[\w.+-]+@[\w-]+\.[\w.-]+$"
)
_DOCUMENT_FILE = re.compile(
    r"^elections?$|(?:^|[-_. ])(?:readme|results?|templates?|\w*template|voters?|guide|how-?to|rankings?|ballots?|"
    r"schedule|timeline|process|charter|eligible|guidelines?|desc|description|announcements?|contributing|license|changelog|index|"
    r"rules|faq|policy|minutes|agenda|officials?|instructions|overview)(?:$|[-_. ])"
)


def is_reply(message: Message) -> bool:
    """Whether a message answers another one, by its headers or the start of its subject."""
    return bool(message.in_reply_to or (message.subject and _RE.match(message.subject)))


def _places(message: Message, cleaned: CleanText) -> Iterator[tuple[str, str]]:
    if message.format in _FILE_FORMATS:
        yield "file", ""
        path = PurePosixPath(message.member or message.path)
        name = path.name.casefold()
        stem = name if "@" in name else path.stem.casefold()
        if _CANDIDATE_FILE.search(stem) and "template" not in stem:
            yield "candidate file", path.name
        elif _DOCUMENT_FILE.search(stem):
            yield "document file", path.name
        elif "templates" in (part.casefold() for part in path.parts[:-1]):
            yield "document file", "templates"
        if message.filed is not None:
            yield "filed", ""
        place = read_place(message.member or message.path, message.folder)
        if place.inside:
            yield "election folder", ""
    elif is_reply(message):
        yield "reply", ""
    quoted = cleaned.removed.get("quote", 0)
    if quoted > 4 and quoted > cleaned.kept:
        yield "mostly quoted", ""


# --- the words ----------------------------------------------------------------------------------------

# Only somebody who speaks to others can cheer, ask or propose.
_SPOKEN = {"cheers", "asks candidates", "addresses"}


def _subjects(message: Message) -> Iterator[tuple[str, str]]:
    subject = wording.RELEASE_CANDIDATE.sub(" ", " ".join((message.subject or "")[:300].casefold().split()))
    if is_reply(message):
        if wording.SUBJECT["subject call"].search(subject):
            yield "answers call", ""
        if any(
            pattern.search(subject)
            for pattern in (wording.SUBJECT["subject election"], wording.SUBJECT["subject candidacy"])
        ):
            yield "election thread", ""
        return
    against = False
    for name, pattern in wording.SUBJECT.items():
        match = pattern.search(subject)
        if match and not (against and name == "subject candidacy"):
            yield name, match.group()
            against = against or SIGNALS[name].weight < 0


def _words(message: Message, cleaned: CleanText) -> Iterator[tuple[str, str]]:
    file = message.format in _FILE_FORMATS
    own = "\n".join(cleaned.text[b.start : b.end] for b in cleaned.blocks if b.kind != "question" and b.start < _READ)
    own = own[:_READ].replace("’", "'")
    text = wording.RELEASE_CANDIDATE.sub(" ", own.casefold())
    # Where no word of an election is, only "+1" is worth a look.
    names = wording.WORDS if file or wording.has_stem(text) else ("cheers",)
    for name in names:
        if not (file and name in _SPOKEN) and (match := wording.WORDS[name].search(text)):
            yield name, match.group()
    if not file and (match := wording.NOMINATES.search(own)):
        yield "nominates", match.group()
    if match := wording.BLANK.search(wording.COMMENT.sub(" ", own)):
        yield "blank form", match.group()
    # Chinese and Japanese are written without blanks: about two of their letters are a word.
    size = len(text.split()) + sum(1 for letter in text if letter > "\u2e80") // 2
    first = sum(1 for _ in wording.FIRST_PERSON.finditer(own))
    second = sum(1 for _ in wording.SECOND_PERSON.finditer(text))
    if first >= 3 and first * 80 >= size:
        yield "first person", ""
    if file and first >= 2 and first * 60 >= size:
        yield "personal", ""
    if not first and not wording.FOREIGN_FIRST_PERSON.search(own):
        yield ("impersonal file" if file else "impersonal"), ""
    if file and not first and _is_biography(text, size):
        yield "biography", ""
    if size < 12 and not file and is_reply(message):
        yield "short", ""
    if size < 25 and file and not first and not cleaned.fields:
        yield "empty file", ""
    if second > first and second >= 2 and not file:
        yield "addresses", ""


def _is_biography(text: str, size: int) -> bool:
    """Whether a text speaks of one person and of what that person does in communities."""
    third = sum(1 for _ in wording.THIRD_PERSON.finditer(text))
    return third >= 2 and third * 60 >= size and wording.CAREER.search(text) is not None


# --- the form -----------------------------------------------------------------------------------------

_NAMES = {"name", "full name", "candidate", "candidate name", "nominee", "nominee name", "your name"}
_PERSONAL = {
    "email", "e-mail", "mail", "company", "affiliation", "affiliations", "employer", "current affiliation",
    "company affiliation", "github", "slack", "irc", "twitter", "id", "github id", "github handle", "launchpad",
    "discord", "organization", "organisation", "works for", "linkedin", "mastodon",
}  # fmt: skip


def _forms(cleaned: CleanText) -> Iterator[tuple[str, str]]:
    labels = {field.label.casefold() for field in cleaned.fields if field.value}
    name = next((f.value for f in cleaned.fields if f.label.casefold() in _NAMES and name_like(f.value)), None)
    if name:
        yield "name field", name
    if labels & _PERSONAL:
        yield "personal fields", ", ".join(sorted(labels & _PERSONAL))
    headings = [cleaned.text[block.start : block.end] for block in cleaned.blocks if block.kind == "heading"]
    seen = [heading for heading in headings if wording.PLATFORM_HEADING.match(heading.casefold().replace("’", "'"))]
    if len(seen) >= 2 or any(re.search(r"\bI\b", heading.replace("’", "'")) for heading in seen):
        yield "platform headings", "; ".join(seen[:3])
