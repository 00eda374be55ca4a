"""Who won: results pages as people write them, and which statement file each name on them means.

A page is read into those it says were elected and the others it names; files are then matched to names. A file
that no name fits was not elected only if none of the winners left over could be its writer. Nothing here tells who
a statement's candidate is: only the outcome is looked up.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice

from analyzer.records import Outcome


@dataclass(frozen=True, slots=True)
class Listed:
    """Somebody a results page names: as written, and the accounts beside the name, in lower case."""

    name: str
    handles: frozenset[str] = frozenset()


@dataclass(slots=True)
class Tally:
    """What a results page says. `ranked` are those it lists without saying whether they won."""

    elected: list[Listed] = field(default_factory=list)
    ranked: list[Listed] = field(default_factory=list)
    withdrawn: list[Listed] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Identity:
    """What a file's name and first lines say of its writer: names as sets of words, accounts, addresses."""

    names: tuple[frozenset[str], ...]
    handles: frozenset[str]


# --- the page -----------------------------------------------------------------------------------------

_HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$")
_ITEM = re.compile(r"^\s*(?:[-*+]|\d{1,3}[.)])\s+(\S.*)$")
_WINNERS = re.compile(r"\bwinners?\b|\b(?:elected|admitted|appointed)\b", re.IGNORECASE)
_OTHERS = re.compile(r"\b(?:rankings?|ranked|nominations?|nominees|candidates|results)\b", re.IGNORECASE)
_NOT = re.compile(r"\bnot (?:re-?)?elected\b|\brest of\b|\bother candidates\b", re.IGNORECASE)
_WITHDREW = re.compile(r"\bwithdr(?:ew|awn|awal)\b", re.IGNORECASE)
# All who stood were taken, without a vote.
_ALL_IN = re.compile(
    r"\b(?:applicants|members|nominees|candidates)\s+(?:were|are|was)\s+(?:all\s+)?\(?(?:re-?\)?\s*)?"
    r"(?:admitted|elected|appointed)\b",
    re.IGNORECASE,
)
_WON = re.compile(
    r"\bnewly (?:re-?)?elected\b|\b(?:been|were|are|was) (?:re-?)?elected\b|\bplease welcome\b|"
    r"\bcongratulations to\b|\b(?:is|are) our new\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[^\s.].[.!?])\s+(?=[A-Z])")
_NAME = re.compile(
    r"[^\W\d_a-z][\w'’-]+(?: (?:[^\W\d_a-z]\.|(?:St|van|von|de|da|del|der|la|el|bin)\.?|[^\W\d_a-z][\w'’-]+)){1,5}"
)
_NO_NAME = frozenset(
    """committee board council election elections results result seat seats steering technical oversight governing
    member members year term congratulations foundation project community code conduct""".split()  # noqa: SIM905
)
_LINK = re.compile(r"\[([^\[\]]{0,200})\](?:\(([^()\s]{0,500})\))?")
_ACCOUNT = re.compile(r"github\.com/([\w-]+)/?$", re.IGNORECASE)
_MENTION = re.compile(r"\(\s*@?([\w-]{2,40})\s*\)|(?<![\w.])@([\w-]{2,40})")
# A page of results names a few dozen people; what names thousands is something else.
_LONGEST, _MOST, _PAGE = 300, 500, 100_000
_NUMBERS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
_SEATS = re.compile(
    rf"\bseats open:?\s*(?P<after>\d{{1,2}})|\b(?P<before>\d{{1,2}}|{'|'.join(_NUMBERS)})\b(?:\s*\(\d+\))?"
    r"[^.\n]{0,50}?\bseats?\b",
    re.IGNORECASE,
)


def read_results(text: str, around: str = "") -> Tally:
    """Read a results page.

    Parameters
    ----------
    around : the election's guide, which may say how many seats there were.
    """
    text, around = text[:_PAGE], around[:_PAGE]
    tally = Tally()
    into = tally.ranked
    for line in text.split("\n"):
        item = _ITEM.match(line)
        if item is None:
            if not line.strip():
                continue
            heading = _HEADING.match(line)
            if _WITHDREW.search(line):
                into = tally.withdrawn
            elif _NOT.search(line):
                into = tally.ranked
            elif (heading or line.rstrip().endswith((":", ": "))) and _WINNERS.search(line):
                into = tally.elected
            elif heading and _OTHERS.search(line):
                into = tally.ranked
            continue
        if len(into) < _MOST and (listed := _listed(item[1])):
            (tally.withdrawn if _WITHDREW.search(item[1]) else into).append(listed)
    if not tally.elected and not tally.ranked:
        tally.elected = list(islice(_in_prose(text), _MOST))
    elif not tally.elected and (_ALL_IN.search(text) or len(tally.ranked) <= _seats(text + "\n" + around)):
        tally.elected, tally.ranked = tally.ranked, []
    return tally


def _listed(item: str) -> Listed | None:
    """Read an item of a list, or None where it is no name ("Turnout: 44%")."""
    handles = set()
    for link in _LINK.finditer(item):
        if match := _ACCOUNT.search(link[2] or ""):
            handles.add(match[1].casefold())
    bare = _LINK.sub(r"\1", item).replace("`", "").replace("*", "")
    for mention in _MENTION.finditer(bare):
        handles.add((mention[1] or mention[2]).casefold())
    name = " ".join(re.split(r"[(@,–—]|\s-\s", bare, maxsplit=1)[0].split())
    if not name and not handles:
        return None
    words = _words(name)
    if len(item) > _LONGEST or ":" in name or len(words) > 6 or re.search(r"\d", name.partition(" ")[2]):
        return None
    if len(words) == 1 and " " not in name:
        handles.add(name.casefold())
    return Listed(name, frozenset(handles))


def _in_prose(text: str) -> Iterable[Listed]:
    """Yield the names in sentences that say who won."""
    for paragraph in re.split(r"\n\s*\n", text):
        flat = _LINK.sub(r"\1", " ".join(paragraph.split()))
        for sentence in _SENTENCE.split(flat):
            if _WON.search(sentence):
                for match in _NAME.finditer(sentence):
                    words = match[0].split()
                    while words and words[0].casefold() in ("congratulations", "please", "the", "and"):
                        words.pop(0)
                    if len(words) > 1 and not _NO_NAME & {word.casefold() for word in words}:
                        yield Listed(" ".join(words))


def _seats(text: str) -> int:
    match = _SEATS.search(text)
    if match is None:
        return 0
    number = (match["after"] or match["before"]).casefold()
    return _NUMBERS.index(number) + 1 if number in _NUMBERS else int(number)


# --- the files ----------------------------------------------------------------------------------------

_AROUND = re.compile(
    r"^(?:candidate|candidacy|nominee|nomination|statement|bio|vote[-_ ]for)[-_ .]+|[-_ .]+(?:bio|candidacy|"
    r"candidate|nomination|statement|profile)$",
    re.IGNORECASE,
)
_FIELD = re.compile(
    r"^[ \t>*#-]*(?P<label>full name|name|title|id|git ?hub[^:\n]{0,20}|irc|e-?mail)[^\w\n:]{0,3}:"
    r"[^\w\n]*(?P<value>\w.*)$",
    re.IGNORECASE | re.MULTILINE,
)
_URL = re.compile(r"github\.com/([\w-]+)", re.IGNORECASE)
_TAGS = re.compile(r"<[^<>]{0,300}>")
_HEAD = 3000


def identity(stem: str, text: str) -> Identity:
    """Return what a statement file tells of its writer, to be compared with names on a results page.

    Parameters
    ----------
    stem : the file's name without its ending; an address stays whole.
    """
    head = text[:_HEAD]
    names: list[str] = []
    handles: set[str] = set()
    bare = _AROUND.sub("", _AROUND.sub("", stem))
    handles.add(bare.casefold())
    names.append(re.sub(r"(?<=[a-z])(?=[A-Z])|[-_.]", " ", bare.partition("@")[0]))
    for match in _FIELD.finditer(head):
        label, value = match["label"].casefold(), match["value"]
        if label in ("full name", "name", "title"):
            names.append(re.split(r"[(<|@]", value, maxsplit=1)[0])
        else:
            accounts = re.findall(r"[\w.+-]+(?:@[\w.-]+)?", _LINK.sub(r"\1", value))
            handles.update(account.casefold() for account in accounts[:3])
    handles.update(match[1].casefold() for match in _URL.finditer(head[:600]))
    # A title is the first line that says something, in Markdown or HTML.
    for line in head.split("\n")[:12]:
        plain = _LINK.sub(r"\1", _TAGS.sub("", line)).strip(" #*_=-")
        if plain and ":" not in plain and len(plain.split()) <= 6:
            names.append(re.sub(r"\b(?:bio|profile)$", "", plain, flags=re.IGNORECASE))
            break
    found = dict.fromkeys(frozenset(words) for name in names if (words := _words(name)))
    return Identity(tuple(found), frozenset(handles - {""}))


def outcomes(tally: Tally, files: Mapping[str, Identity]) -> dict[str, Outcome]:
    """Return the outcome of each file of which the page tells one, by the file's path."""
    kinds: Sequence[tuple[Outcome, list[Listed]]] = (
        ("withdrawn", tally.withdrawn), ("elected", tally.elected), ("not_elected", tally.ranked),
    )  # fmt: skip
    told: dict[Listed, Outcome] = {}
    for outcome, people in kinds:
        for listed in people:
            # A page may list all who stood, and then those of them who won.
            if not any(_same(listed, other) for other in told):
                told[listed] = outcome
    if not tally.elected:  # a ranking alone does not say how many seats there were
        told = {listed: outcome for listed, outcome in told.items() if outcome == "withdrawn"}
    found: dict[str, Listed] = {}
    taken: set[Listed] = set()
    # The name first: links on such pages are copied, and then lead to somebody else.
    for fits in (_name_fits, _handle_fits, _nearly_fits):
        pairs = [
            (path, listed)
            for path, who in sorted(files.items())
            for listed in told
            if path not in found and listed not in taken and fits(listed, who)
        ]
        of_path, of_listed = (Counter(pair[side] for pair in pairs) for side in (0, 1))
        sure = {path: listed for path, listed in pairs if of_path[path] == of_listed[listed] == 1}
        found |= sure
        taken |= set(sure.values())
    result = {path: told[listed] for path, listed in found.items()}
    left = [listed for listed in tally.elected if listed not in taken]
    if tally.elected:
        for path, who in files.items():
            if path not in result and not any(_may_be(listed, who) for listed in left):
                result[path] = "not_elected"
    return result


def _same(one: Listed, other: Listed) -> bool:
    a, b = frozenset(_words(one.name)), frozenset(_words(other.name))
    return a == b if a and b else bool(one.handles & other.handles)


def _name_fits(listed: Listed, who: Identity) -> bool:
    words = frozenset(_words(listed.name))
    if len(words) > 1 and any(
        words == name or (len(name) > 1 and (words < name or name < words)) for name in who.names
    ):
        return True
    ordered = _words(listed.name)
    joined = {"".join(ordered), "".join(reversed(ordered))}
    return len(ordered) > 1 and any(re.sub(r"[^a-z0-9]", "", handle) in joined for handle in who.handles)


def _handle_fits(listed: Listed, who: Identity) -> bool:
    return bool(listed.handles & who.handles)


def _nearly_fits(listed: Listed, who: Identity) -> bool:
    """Whether two names share a word, and the others are one name in two spellings: ``Dave`` and ``David``."""
    from rapidfuzz import fuzz

    words = frozenset(_words(listed.name))
    for name in who.names:
        shared = {word for word in words & name if len(word) > 2}
        one, other = "".join(sorted(words - shared)), "".join(sorted(name - shared))
        if shared and one and other and fuzz.ratio(one, other) >= 60:
            return True
    return False


def _may_be(listed: Listed, who: Identity) -> bool:
    """Whether a winner for whom there is no file could be the writer of this one, under another name."""
    words = {word for word in _words(listed.name) if len(word) > 2}
    if not any(len(name) > 1 for name in who.names):
        return True
    return any(words & name for name in who.names) or any(word in handle for word in words for handle in who.handles)


@lru_cache(maxsize=4096)
def _words(name: str) -> tuple[str, ...]:
    from anyascii import anyascii

    # A bracketed or trailing name in another script would be spelled out: "Paco Xu 徐俊杰".
    latin = re.sub(r"[\u2e80-\ud7ff]+", " ", name) if re.search(r"[A-Za-z]", name) else name
    return tuple(re.findall(r"[a-z0-9]+", anyascii(latin.replace("'", "").replace("’", "")).casefold()))
