"""The order of a community's elections in time, as far as it is known.

The first day of voting or the first statement dates an election. Where not every election of a community has one,
the cycles tell the order: by the year in their name and what follows it ("2024.2", "2022-03", "Spring 2024"), or,
for cycles that go by other names, by the lexicon ("Zed" of OpenStack is 2022.2, and "Antelope" comes after it).
"""

from __future__ import annotations

import csv
import re
from calendar import month_abbr, month_name
from collections.abc import Sequence
from functools import cache

from analyzer.directory import slug
from analyzer.records import ElectionRecord
from analyzer.resources import shipped

#: Year, month and day; or year, number of the cycle in it, and nothing.
Time = tuple[int, int, int]

_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)(?:[-./ ]?[hq]?(\d{1,2})(?!\d))?", re.IGNORECASE)
_OTHERS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12, "sept": 9}
_WORDS = _OTHERS | {
    name.lower(): number for names in (month_name, month_abbr) for number, name in enumerate(names) if name
}


def in_time(elections: Sequence[ElectionRecord]) -> tuple[list[ElectionRecord], list[ElectionRecord]]:
    """Return the elections of one community in their order, and those whose time is not known, by their names.

    Examples
    --------
    >>> cycles = ["2023.1", "2022.2", "the tenth", "the 9th"]
    >>> elections = [ElectionRecord(id=cycle, cycle=cycle, statements=1) for cycle in cycles]
    >>> [[election.id for election in part] for part in in_time(elections)]
    [['2022.2', '2023.1'], ['the 9th', 'the tenth']]
    """
    dates = {election.id: _date(election) for election in elections}
    cycles = {election.id: _cycle(election) for election in elections}
    # One kind of time for all, if there is one: voting for the cycle of 2024 may be in 2023.
    first, second = (dates, cycles) if all(dates.values()) or not all(cycles.values()) else (cycles, dates)
    placed: list[tuple[Time, Time, ElectionRecord]] = []
    unknown = []
    for election in elections:
        time = first[election.id] or second[election.id]
        if time is None:
            unknown.append(election)
        else:
            placed.append((time, second[election.id] or time, election))
    placed.sort(key=lambda item: (item[0], item[1], item[2].id))
    return [election for _, _, election in placed], sorted(unknown, key=lambda election: _natural(election.id))


def _date(election: ElectionRecord) -> Time | None:
    day = election.begins or election.first_submitted
    found = re.match(r"(\d{4})-(\d\d)(?:-(\d\d))?", day or "")
    return (int(found[1]), int(found[2]), int(found[3] or 0)) if found else None


def _cycle(election: ElectionRecord) -> Time | None:
    cycle = election.cycle or ""
    number = _numbers().get((slug(election.community or ""), slug(cycle)), cycle)
    found = _YEAR.search(number)
    if not found:
        return None
    if found[2]:
        return int(found[1]), int(found[2]), 0
    words = re.findall(r"[a-z]+", number.lower())
    return int(found[1]), next((_WORDS[word] for word in words if word in _WORDS), 0), 0


@cache
def _numbers() -> dict[tuple[str, str], str]:
    with shipped("data/lexicons/cycles.csv").open(encoding="utf-8", newline="") as file:
        return {(slug(row["community"]), slug(row["cycle"])): row["number"] for row in csv.DictReader(file)}


def _natural(text: str) -> list[tuple[int, str]]:
    """Return what sorts a text by the numbers in it: "9th" before "10th"."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", text.casefold())]
