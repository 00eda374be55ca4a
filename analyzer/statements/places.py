"""What the folders and the name of a file say: of which election, of what part of it, and by whom it is.

Election repositories follow a few habits: ``<community>-election/candidates/<cycle>/<unit>/<who>``,
``elections/<body>-<date>/<who>``, ``elections/<body>/<year>/<who>``. Nothing here knows one by name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from analyzer.statements.cleaning import name_like
from analyzer.statements.offices import spelled

# A git host calls the folder in a download after the branch, tag or commit, too.
_COMMUNITY = re.compile(
    r"^([^\W_][\w.]*(?:[-_][\w.]+)*?)[-_](?:elections?|community|candidates|candidacies|nominations|governance|"
    r"statements|steering)(?:-(?:main|master|v?\d+(?:\.\d+)+|[0-9a-f]{7,40})){0,2}$",
    re.IGNORECASE,
)
_ELECTIONS = re.compile(
    r"^_?(?:elections?|candidates|candidacies|nominations|nominees|campaigns?|statements|voting|"
    r"votes?)$",
    re.IGNORECASE,
)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})[a-z]*"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_DATES = [
    re.compile(rf"(?<![^\W_]){pattern}(?![^\W_])", re.IGNORECASE)
    for pattern in (
        rf"{_YEAR}[-_.](?P<number>0[1-9]|1[0-2])(?:[-_.]\d\d)?",
        rf"{_YEAR}\.(?P<half>\d)",
        rf"{_YEAR}-(?:19|20)?(?P<until>\d\d)",
        rf"{_YEAR}[-_ ]?{_MONTH}",
        rf"{_MONTH}[-_ ]?{_YEAR}",
        rf"{_YEAR}[-_ ]?(?P<part>[hq][1-4]|spring|summer|autumn|fall|winter)",
        rf"(?P<part>[hq][1-4]|spring|summer|autumn|fall|winter)[-_ ]?{_YEAR}",
        _YEAR,
    )
]
_AROUND_NAME = re.compile(
    r"^(?:candidate|candidacy|nominee|nomination|statement|bio|vote[-_ ]for)[-_ .]+|[-_ .]+(?:bio|candidacy|"
    r"candidate|nomination|statement|profile)$",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")


@dataclass(frozen=True, slots=True)
class Place:
    """What the place of a file says, or None for each.

    `handle` is the file's name where it is one word that might be a nickname; `profile` tells whether the file
    is called ``candidate-<handle>``, as a tool does that knows people by their GitHub accounts; `inside` whether
    the folders are those of an election.
    """

    community: str | None = None
    unit: str | None = None
    office: str | None = None
    cycle: str | None = None
    name: str | None = None
    email: str | None = None
    handle: str | None = None
    profile: bool = False
    inside: bool = False


def read_place(path: str, folder: str | None = None) -> Place:
    """Read the path of a file, below the folder that the user named."""
    file = PurePosixPath(path)
    place = _who(file.name)
    folders = [part for part in ((folder,) if folder else ()) + file.parts[:-1] if part not in ("/", ".", "..")]
    inside = False  # below a folder that says "elections here"
    named = False  # below one that is named after the elections of somebody, and may hold much else
    seats: list[str] = []
    for part in folders:
        if (match := _COMMUNITY.match(part)) and not _date(match.group(1))[0]:
            place = replace(place, community=match.group(1).replace("-", " ").replace("_", " "))
            named = True
            continue
        if _ELECTIONS.match(part):
            inside = True
            # What lies below candidates/ is the election's own order: cycle, then unit.
            seats = [] if part.casefold().startswith("candida") else seats
            continue
        cycle, rest = _date(part)
        body = _COMMUNITY.match(rest)
        office = spelled(body.group(1) if body else rest) if rest else None
        if cycle and (inside or named or office or body or _ELECTIONS.match(rest)):
            community = body.group(1).replace("-", " ").replace("_", " ") if body and not office else place.community
            place = replace(place, cycle=cycle, office=office or place.office, community=community)
            inside = True
        elif inside:
            seats.append(part)
    place = replace(_seated(place, seats), inside=inside)
    # Outside elections a file's name says nothing: it may be a number, or "notes".
    return place if inside or place.profile else replace(place, handle=None)


def _seated(place: Place, seats: list[str]) -> Place:
    """Read the folders below "elections" that are no dates: an office, a unit, a cycle with a name of its own."""
    if len(seats) >= 2 and place.cycle is None and spelled(seats[0]) is None:
        place = replace(place, cycle=seats[0])
        seats = seats[1:]
    for seat in seats:
        office = spelled(seat)
        if office and place.office is None:
            place = replace(place, office=office)
        elif not office and place.unit is None:
            place = replace(place, unit=seat.replace("_", " "))
    return place


def _date(part: str) -> tuple[str | None, str]:
    """Return the date in a folder's name, as ``2022-03``, ``2024.1`` or ``2020``, and the rest of the name."""
    for pattern in _DATES:
        match = pattern.search(part)
        if match is None:
            continue
        found = match.groupdict()
        cycle = str(found["year"])
        if found.get("number"):
            cycle += f"-{found['number']}"
        elif found.get("half"):
            cycle += f".{found['half']}"
        elif found.get("until"):
            cycle = match.group()
        elif found.get("month"):
            cycle += f"-{_MONTHS.index(found['month'].casefold()) + 1:02d}"
        elif found.get("part"):
            cycle += f"-{found['part'].casefold()}"
        return cycle, (part[: match.start()] + part[match.end() :]).strip("-_ .")
    return None, part.strip("-_ .")


def _who(file: str) -> Place:
    """Read the name of a file: an address, a person's name, or one word."""
    if _ADDRESS.fullmatch(file) and not file.casefold().endswith((".txt", ".md", ".html", ".eml")):
        return Place(email=file)
    stem = PurePosixPath(file).stem
    if _ADDRESS.fullmatch(stem):
        return Place(email=stem)
    profile = bool(re.match(r"candidate-", stem, re.IGNORECASE))
    bare = _AROUND_NAME.sub("", _AROUND_NAME.sub("", stem))
    if not profile and (name := _as_name(bare)):
        return Place(name=name)
    if re.fullmatch(r"[\w.`^\[\]{}|\\-]{2,40}", bare) and re.search(r"[^\W\d_]", bare):
        return Place(handle=bare, profile=profile)
    return Place()


def _as_name(stem: str) -> str | None:
    """Return a name of two to four words: ``TaoPeng``, ``Ann_Bee``, ``ann-bee``; None for anything else."""
    if re.fullmatch(r"(?:[^\W\d_a-z][^\W\d_A-Z]+){2,4}", stem):
        stem = re.sub(r"(?<=.)(?=[^\W\d_a-z])", " ", stem)
    words = [word for word in re.split(r"[-_ .]+", stem) if word]
    if not 2 <= len(words) <= 4 or not all(word.isalpha() for word in words):
        return None
    if stem.islower():
        # A nickname of two parts is rather short ("ann_b").
        words = [word.capitalize() for word in words if len(word) > 2]
    name = " ".join(words)
    return name if len(words) > 1 and name_like(name) else None
