"""The vocabulary of offices: what bodies and posts are called, in any community."""

from __future__ import annotations

import re
from collections.abc import Sequence

# A body that is elected as a whole, whose name is the office.
_BODIES = ("committee", "board", "council", "board of directors", "board of trustees", "presidium", "bureau")
# A post that one person holds.
_POSTS = (
    "lead", "leader", "chair", "chairs", "chairperson", "chairman", "chairwoman", "co-chair", "cochair", "vice-chair",
    "director", "directors", "president", "vice-president", "secretary", "treasurer", "trustee", "trustees",
    "representative", "delegate", "ombudsperson", "ombudsman", "liaison", "coordinator", "officer", "auditor",
    "moderator", "arbitrator",
)  # fmt: skip
# Short forms. A form of one community alone has no place here.
_SHORT_BODIES = (
    "tc",
    "toc",
    "sc",
    "stc",
    "tsc",
    "tac",
    "gc",
    "gb",
    "pmc",
    "ac",
    "uc",
    "ec",
    "bod",
    "cocc",
    "tsg",
    "esc",
)
_SHORT_POSTS = ("ptl", "tl", "vp")
# What may stand before a body or a post and belongs to its name.
_JOINTS = frozenset({"of", "and", "&", "the"})
_BODY_QUALITIES = _JOINTS | {
    "technical", "steering", "oversight", "architecture", "governing", "governance", "executive", "advisory", "code",
    "conduct", "user", "users", "end", "security", "program", "programme", "community", "general", "nominating",
    "technology", "special", "contributor", "contributors", "developer", "developers", "ethics", "supervisory",
    "election",
}  # fmt: skip
_POST_QUALITIES = _JOINTS | {
    "project", "team", "tech", "technical", "group", "working", "vice", "co", "general", "executive", "deputy",
    "community", "interest", "special", "regional", "managing", "election",
}  # fmt: skip

_ADJECTIVES = {
    "arch": "Architecture", "architecture": "Architecture", "tech": "Technical", "technical": "Technical",
    "steering": "Steering", "gov": "Governance", "governance": "Governance", "governing": "Governing",
    "exec": "Executive", "executive": "Executive", "advisory": "Advisory", "oversight": "Oversight", "code": "Code",
    "conduct": "Conduct", "of": "of", "and": "and", "user": "User", "security": "Security", "board": "Board",
    "council": "Council", "committee": "Committee", "comm": "Committee", "cttee": "Committee",
    "directors": "Directors", "trustees": "Trustees", "project": "Project", "team": "Team", "lead": "Lead",
    "leader": "Leader", "chair": "Chair", "community": "Community", "representative": "Representative",
    "general": "General",
}  # fmt: skip

BODIES = frozenset(_BODIES) | frozenset(_SHORT_BODIES)
SHORT = frozenset(_SHORT_BODIES) | frozenset(_SHORT_POSTS)
POSTS = frozenset(_POSTS) | frozenset(_SHORT_POSTS)
QUALITIES = _BODY_QUALITIES | _POST_QUALITIES
_HEADS = BODIES | POSTS

# In running text, in lower case, only what is hardly ever anything else.
OFFICE_WORDS = (
    r"(?:committee|council(?:l?or)?|board of (?:directors|trustees)|board (?:member|seat)|(?:the|our|this|your|"
    r"foundation|directors|advisory|governing|technical|executive|community|supervisory) board|"
    r"steering|governing|ptl(?:ship)?|(?:project|team|technical|tech|group|sig|wg) lead(?:er)?(?:ship)?|co-?chairs?|"
    r"(?:vice[ -])?chair(?:person|man|woman)?|directors?|core team|release manager|spokesperson|delegate|ombuds\w+|"
    r"auditor|representatives?|(?:vice[ -])?president|secretary|treasurer|trustees?|tc|toc|tsc|pmc|"
    r"\w+ lead role|lead(?:er)?ship role|seats?)"
)

_TOKEN = re.compile(r"[^\s,;:()\[\]{}|/\"“”]+")


def find_office(text: str) -> tuple[int, int, int] | None:
    """Find the first office that a subject or label names.

    Returns
    -------
    start of all that may belong to it, start of the office's own name, and its end: in "the Foo Project
    Technical Committee" these are the places of "Foo", "Technical", and the end. None if there is none.
    """
    tokens = list(_TOKEN.finditer(text))
    for at, token in enumerate(tokens):
        word = _plain(token.group())
        short = word in SHORT
        if word not in _HEADS or (short and not token.group()[:2].isupper() and len(tokens) > 1):
            continue
        last = _last(tokens, at)
        qualities = frozenset() if short else _BODY_QUALITIES if word in BODIES else _POST_QUALITIES
        first = own = at
        while first and text[tokens[first - 1].end() : tokens[first].start()].isspace():
            before = tokens[first - 1].group()
            quality = _plain(before) in qualities
            if not quality and not (before[:1].isupper() and _plain(before) not in STOPS):
                break
            first -= 1
            if quality and own == first + 1:
                own = first
        while own < at and _plain(tokens[own].group()) in _JOINTS:
            own += 1
        while first < own and _plain(tokens[first].group()) in _JOINTS:
            first += 1
        if own == at and word == "committee":
            own = first
        return tokens[first].start(), tokens[own].start(), tokens[last].end()
    return None


# Capitalised in many subjects, and part of no office.
STOPS = frozenset(
    {
        "candidacy", "candidature", "candidate", "candidates", "nomination", "self-nomination", "nominate",
        "nominating", "election", "elections", "announcing", "announcement", "announce", "running", "statement",
        "for", "to", "as", "my", "is", "with", "from", "by", "in", "on", "at", "standing", "application", "bid",
        "campaign", "platform", "manifesto", "vote", "of", "a", "an", "re", "self", "i", "i'm", "non-candidacy",
        "next", "seat", "cycle", "term", "interest",
    }
)  # fmt: skip


def _plain(word: str) -> str:
    return word.strip(".'’`*_-–—!?").casefold().removesuffix("'s").removesuffix("’s")


def _last(tokens: Sequence[re.Match[str]], at: int) -> int:
    """Return the last token of the office: "Board" goes on with "of Directors", "Committee" with "Member"."""
    words = [_plain(token.group()) for token in tokens[at : at + 3]]
    if words[1:] in (["of", "directors"], ["of", "trustees"]):
        return at + 2
    if len(words) > 1 and words[1] in ("chair", "representative", "president", "secretary", "treasurer"):
        return at + 1
    return at


def per_unit(office: str) -> bool:
    """Whether a community has many of an office, one for each of its parts."""
    words = office.casefold().split()
    return words[-1] in ("ptl", "tl", "lead", "liaison", "chair", "co-chair") or words[-2:] in (
        ["team", "leader"],
        ["group", "leader"],
    )


def spelled(slug: str) -> str | None:
    """Return the office that a folder's name means: ``arch-committee`` and ``TOC``; None if it means none.

    A body of which only the quality is named, such as ``steering``, is a committee.
    """
    words = [word for word in re.split(r"[-_ ]+", slug) if word]
    lower = [word.casefold() for word in words]
    if not words or not all(word in SHORT or word in _ADJECTIVES for word in lower):
        # A seat of a body: SC-EU.
        return "-".join(words) if lower and lower[0] in SHORT and len(words) == 2 and words[1].isupper() else None
    if len(words) == 1 and lower[0] in SHORT:
        return words[0].upper() if lower[0] != "bod" else words[0]
    if any(word in SHORT for word in lower):
        return None
    full = [_ADJECTIVES[word] for word in lower]
    if full[-1].casefold() in _HEADS or full[-1] in ("Directors", "Trustees"):
        return " ".join(full)
    alone = full == ["Code", "of", "Conduct"] or full[-1] in ("Steering", "Oversight")
    return " ".join([*full, "Committee"]) if alone else None
