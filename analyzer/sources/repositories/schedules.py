"""When an election's polls opened and closed, as its guide for voters says."""

from __future__ import annotations

import re
from datetime import date, timedelta

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DAY = re.compile(
    rf"\b({'|'.join(_MONTHS)})[a-z]*\.?,?\s+(\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+((?:19|20)\d\d)\b)?", re.IGNORECASE
)
_POLLS = r"(?:voting|election|polls?|polling)"
_SPAN = re.compile(r"\b(?:voting|polls?|polling)\b", re.IGNORECASE)
_BEGINS = re.compile(rf"\b{_POLLS} (?:begins?|opens?|starts?)\b", re.IGNORECASE)
_ENDS = re.compile(rf"\b{_POLLS} (?:closes?|ends?)\b", re.IGNORECASE)
_LONGEST = timedelta(days=120)


def polls(text: str, year: int | None) -> tuple[str | None, str | None]:
    """Return the first and the last day of voting in a schedule, as ``2024-05-06``, or None for each.

    A schedule is lines such as ``May 6 - May 13, 2024: Voting open`` or ``| May 6 | Election Begins |``.

    Parameters
    ----------
    year : of the days that come without one.
    """
    begins = ends = None
    for line in text.split("\n"):
        days = [_day(match, year) for match in _DAY.finditer(line[:400])]
        # "September 3 - September 10, 2018" says the year once, and at the end.
        if len(days) == 2 and _SPAN.search(line):
            told = [match[3] for match in _DAY.finditer(line[:400])]
            late = int(told[1]) if told[1] else year
            first, last = (_day(match, late) for match in _DAY.finditer(line[:400]))
            begins, ends = begins or first, ends or last
        elif len(days) == 1 and _BEGINS.search(line):
            begins = begins or days[0]
        elif len(days) == 1 and _ENDS.search(line):
            ends = ends or days[0]
    if begins and ends and ends < begins:  # over New Year
        ends = ends.replace(year=begins.year + 1) if (ends.month, ends.day) != (2, 29) else None
    if begins and ends and ends - begins > _LONGEST:
        return None, None
    return (begins.isoformat() if begins else None, ends.isoformat() if ends else None)


def _day(match: re.Match[str], year: int | None) -> date | None:
    told = int(match[3]) if match[3] else year
    if told is None:
        return None
    try:
        return date(told, _MONTHS.index(match[1][:3].casefold()) + 1, int(match[2]))
    except ValueError:
        return None


def day(value: object) -> str | None:
    """Return the day of a date or time in a configuration, as ``2024-05-06``."""
    match = re.match(r"(\d{4})-(\d\d)-(\d\d)(?!\d)", str(value))
    try:
        return date(*(int(part) for part in match.groups())).isoformat() if match else None
    except ValueError:
        return None
