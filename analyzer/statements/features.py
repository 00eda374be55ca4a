"""What a decision looks at: the words of the subject and of the text's beginning, phrases, place, and shape.

A feature is there or not. It is called by its group and what was seen: ``subject:candidacy for``, ``says:announces``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from analyzer.sources.message import Message
from analyzer.statements import wording
from analyzer.statements.cleaning import CleanText, name_like
from analyzer.statements.places import read_place
from analyzer.statements.subjects import bare, is_reply
from analyzer.statements.words import grams, tokens

#: How a reader is told of each signal: a yes-or-no question about place, subject, phrases, form.
SIGNALS: Mapping[str, str] = {
    "file": "is a file of its own",
    "election folder": "lies in an election's folder",
    "among statements": "lies among statements",
    "filed": "is where its repository keeps statements",
    "candidate file": "is named as candidates' files are",
    "document file": "is named as documents about an election are",
    "no claim": "nothing says that the writer stands",
    "no refusal": "nothing says that the writer does not stand",
    "no election": "has no word of an election",
    "blank form": "has places to fill in",
    "reply": "answers another message",
    "election thread": "answers a message about an election",
    "answers call": "answers a call for nominations",
    "subject candidacy": "subject speaks of a candidacy",
    "subject platform": "subject is that of a platform",
    "subject election": "subject speaks of an election or office",
    "subject call": "subject calls for nominations",
    "subject results": "subject speaks of results",
    "subject ballot": "subject speaks of voting",
    "subject question": "subject asks a question",
    "subject withdrawal": "subject withdraws",
    "announces": "announces the writer's candidacy",
    "stands": "the writer stands for an office",
    "runs": "the writer runs or stands",
    "accepts": "the writer accepts a nomination",
    "would do it": "the writer would do it",
    "has plans": "speaks of what the writer wants to do",
    "wants office": "the writer wishes to serve",
    "own candidacy": "speaks of the writer's candidacy",
    "asks for votes": "asks for votes or consideration",
    "if elected": "says what the writer will do if elected",
    "in office": "says what the writer would do in office",
    "next term": "speaks of the next term",
    "election words": "speaks of an election",
    "office words": "names an office",
    "introduces": "the writer introduces themself",
    "name field": "has a field for the name",
    "nominee field": "has a field for the nominee",
    "name heading": "is headed by a name",
    "personal fields": "has fields for employer, address or handles",
    "platform headings": "has the headings of a platform",
    "calls": "calls for nominations",
    "lists candidates": "lists candidates",
    "tells results": "tells results",
    "calls to vote": "tells how or when to vote",
    "nominates": "proposes somebody else",
    "withdraws": "withdraws a candidacy",
    "will not run": "the writer will not stand",
    "cheers": "supports or thanks somebody else",
    "asks candidates": "asks candidates",
}

# What is hardly ever missing where somebody stands.
CLAIMS = frozenset(
    {
        "subject candidacy", "announces", "stands", "runs", "accepts", "would do it", "wants office", "own candidacy",
        "asks for votes", "if elected", "in office", "name field", "name heading", "personal fields",
        "platform headings",
    }
)  # fmt: skip
# What is hardly ever missing where somebody does not.
REFUSALS = frozenset({"subject withdrawal", "withdraws", "will not run"})
# Formats in which a file is one text, and nothing tells who sent it to whom.
FILE_FORMATS = frozenset({"text", "markdown", "html"})
#: Text behind this is not looked at: who stands says so before.
READ = 20_000
# Words of a subject, of a text, and of its beginning, that are looked at one by one, in pairs and threes.
_SUBJECT_WORDS, _TEXT_WORDS, _FIRST_WORDS = 20, 250, 30


def features(message: Message, cleaned: CleanText, known: Collection[str]) -> dict[str, str]:
    """Find the features of a message, each with the words it was seen in.

    Parameters
    ----------
    known : the words that are not masked (see `words.tokens`).
    """
    return signals(message, cleaned) | {name: "" for name in seen_words(message, cleaned, known)}


def signals(message: Message, cleaned: CleanText) -> dict[str, str]:
    """Find the signals of a message, each with the words it was seen in."""
    found = dict(
        [
            *_places(message, cleaned),
            *_subjects(message),
            *_words(message, cleaned),
            *_forms(cleaned, file=message.format in FILE_FORMATS),
        ]
    )
    if CLAIMS.isdisjoint(found):
        found["no claim"] = ""
    if REFUSALS.isdisjoint(found):
        found["no refusal"] = ""
    return {f"says:{name}": words for name, words in found.items()} | {
        f"shape:{name}": "" for name in _shape(message, cleaned)
    }


def seen_words(message: Message, cleaned: CleanText, known: Collection[str] | None) -> Iterator[str]:
    """Yield the words of subject and text, alone, in pairs and threes."""
    group = "answers" if is_reply(message) else "subject"
    subject = ["^", *tokens(bare((message.subject or "")[:300]), known, _SUBJECT_WORDS), "$"]
    yield from (f"{group}:{gram}" for gram in grams(subject))
    words = tokens(own(cleaned), known, _TEXT_WORDS)
    yield from (f"text:{gram}" for gram in grams(words))
    yield from (f"first:{gram}" for gram in grams(["^", *words[:_FIRST_WORDS]]))


def own(cleaned: CleanText) -> str:
    """Return what the writer says: no question that is answered, no greeting, not how it is signed."""
    left_out = ("question", "greeting", "signature")
    blocks = (b for b in cleaned.blocks if b.kind not in left_out and b.start < READ)
    return "\n".join(cleaned.text[b.start : b.end] for b in blocks)[:READ].replace("’", "'")


# --- the place ----------------------------------------------------------------------------------------

_CANDIDATE_FILE = re.compile(
    r"^(?:candidate|candidacy|nominee|nomination|bio)[-_. ]|[-_. ](?:bio|candidacy|candidate|nomination)$|"
    r"^[\w.+-]+@[\w-]+\.[\w.-]+$"
)
_DOCUMENT_FILE = re.compile(
    r"^elections?$|(?:^|[-_. ])(?:readme|results?|templates?|\w*template|voters?|guide|how-?to|rankings?|ballots?|"
    r"schedule|timeline|process|charter|eligible|guidelines?|desc|description|announcements?|contributing|license|changelog|index|"
    r"rules|faq|policy|minutes|agenda|officials?|instructions|overview)(?:$|[-_. ])"
)


def _places(message: Message, cleaned: CleanText) -> Iterator[tuple[str, str]]:
    if message.format in FILE_FORMATS:
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


# --- the words ----------------------------------------------------------------------------------------

# Only somebody who speaks to others can cheer, ask or propose.
_SPOKEN = {"cheers", "asks candidates"}


def _subjects(message: Message) -> Iterator[tuple[str, str]]:
    subject = wording.RELEASE_CANDIDATE.sub(" ", " ".join((message.subject or "")[:300].casefold().split()))
    if is_reply(message):
        if wording.SUBJECT["subject call"].search(subject):
            yield "answers call", ""
        if any(wording.SUBJECT[name].search(subject) for name in ("subject election", "subject candidacy")):
            yield "election thread", ""
        return
    for name, pattern in wording.SUBJECT.items():
        if match := pattern.search(subject):
            yield name, match.group()


def _words(message: Message, cleaned: CleanText) -> Iterator[tuple[str, str]]:
    file = message.format in FILE_FORMATS
    said = own(cleaned)
    text = wording.RELEASE_CANDIDATE.sub(" ", said.casefold())
    # Where no word of an election is, only "+1" is worth a look.
    about = wording.has_stem(text)
    if not about:
        yield "no election", ""
    about = about or wording.is_about((message.subject or "").casefold())
    # What a subject says of the writer counts as if the text said it.
    before = "" if file or is_reply(message) else bare((message.subject or "")[:300]).casefold().replace("’", "'")
    for name in wording.WORDS if file or about else ("cheers",):
        if file and name in _SPOKEN:
            continue
        match = wording.WORDS[name].search(text)
        if match is None and before and (name in CLAIMS or name in REFUSALS):
            match = wording.WORDS[name].search(before)
        if match:
            yield name, match.group()
    nominates = None if file else wording.NOMINATES.search(said)
    if match := nominates or (wording.NOMINATES_ANY.search(text) if about and not file else None):
        yield "nominates", match.group()
    if match := wording.BLANK.search(wording.COMMENT.sub(" ", said)):
        yield "blank form", match.group()


def _shape(message: Message, cleaned: CleanText) -> Iterator[str]:
    """Yield how long the text is, how much is quoted, and of whom it speaks."""
    kind = "file" if message.format in FILE_FORMATS else "reply" if is_reply(message) else "mail"
    said = own(cleaned)
    text = said.casefold()
    # Chinese and Japanese are written without blanks: about two of their letters are a word.
    size = len(text.split()) + sum(1 for letter in text if letter > "\u2e80") // 2
    yield f"{kind} of {_bounded(size, (12, 25, 50, 100, 200, 400, 800))} words"
    quoted = cleaned.removed.get("quote", 0)
    if quoted:
        yield f"quoted {_bounded(100 * quoted // (quoted + cleaned.kept), (20, 50, 80))} in a hundred"
    first = sum(1 for _ in wording.FIRST_PERSON.finditer(said))
    second = sum(1 for _ in wording.SECOND_PERSON.finditer(text))
    third = sum(1 for _ in wording.THIRD_PERSON.finditer(text))
    if not first and wording.FOREIGN_FIRST_PERSON.search(said):
        yield "first person in another language"
    else:
        yield f"{kind} of first person {_bounded(1000 * first // (size + 1), (1, 12, 25, 50))} in a thousand"
    if second > first and second >= 2:
        yield "second person before first"
    if third > first and third >= 2:
        yield "third person before first"
    if not first and _is_biography(text, size, third):
        yield f"{kind} about one person"
    if "?" in text:
        yield f"asks {_bounded(text.count('?'), (2, 4))} questions"


def _bounded(value: int, bounds: Sequence[int]) -> str:
    """Return between which bounds a number is."""
    above = [bound for bound in bounds if value >= bound]
    below = [bound for bound in bounds if value < bound]
    return f"{above[-1] if above else 0} to {below[0]}" if below else f"at least {above[-1]}"


def _is_biography(text: str, size: int, third: int) -> bool:
    """Whether a text speaks of one person and of what that person does in communities."""
    return third >= 2 and third * 60 >= size and wording.CAREER.search(text) is not None


# --- the form -----------------------------------------------------------------------------------------

_NAMES = {"name", "full name", "candidate", "candidate name", "your name"}
_NOMINEES = {"nominee", "nominee name", "nominated", "nominated by", "nominated for"}
_PERSONAL = {
    "email", "e-mail", "mail", "company", "affiliation", "affiliations", "employer", "current affiliation",
    "company affiliation", "github", "slack", "irc", "twitter", "id", "github id", "github handle", "launchpad",
    "discord", "running for", "standing for", "organization", "organisation", "works for", "linkedin", "mastodon",
}  # fmt: skip


# Markdown that was sent as HTML, or came through a program that knows none.
_LINK = re.compile(r"\\?\[([^\[\]]{1,80}?)\\?\]\\?\([^()\s]{0,300}\)")
_MARKED = re.compile(r"^\\?#{1,6} *(\S.*)", re.MULTILINE)


def _forms(cleaned: CleanText, *, file: bool) -> Iterator[tuple[str, str]]:
    labels = {field.label.casefold() for field in cleaned.fields if field.value}
    name = next((f.value for f in cleaned.fields if f.label.casefold() in _NAMES and name_like(f.value)), None)
    if name:
        yield "name field", name
    if labels & _NOMINEES:
        yield "nominee field", ", ".join(sorted(labels & _NOMINEES))
    if labels & _PERSONAL:
        yield "personal fields", ", ".join(sorted(labels & _PERSONAL))
    headings = [cleaned.text[block.start : block.end] for block in cleaned.blocks if block.kind == "heading"]
    headings += [heading.rstrip(" #") for heading in _MARKED.findall(cleaned.text[:READ])]
    # In a file the first heading is as often its title.
    top = None if file else next((block for block in cleaned.blocks if block.kind != "greeting"), None)
    heads = "" if top is None else _LINK.sub(r"\1", cleaned.text[top.start : top.end])
    if top is not None and (top.kind == "heading" or _MARKED.match(heads)):
        heads = heads.strip("\\# \n")
        if " " in heads and name_like(heads):
            yield "name heading", heads
    seen = [heading for heading in headings if wording.PLATFORM_HEADING.match(heading.casefold().replace("’", "'"))]
    if len(seen) >= 2 or any(re.search(r"\bI\b", heading.replace("’", "'")) for heading in seen):
        yield "platform headings", "; ".join(seen[:3])
