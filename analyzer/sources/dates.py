"""Dates of mail, as aware datetimes in UTC.

References
----------
RFC 5322, section 3.3, and its obsolete zones; RFC 4155 (asctime in mbox separators).
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

# Zone names that mail carries beside the North American ones of RFC 5322; ambiguous ones as mail means them.
_ZONES = {
    "WET": "+0000", "WEST": "+0100", "BST": "+0100", "CET": "+0100", "MET": "+0100", "CEST": "+0200",
    "MEST": "+0200", "SAST": "+0200", "EET": "+0200", "EEST": "+0300", "MSK": "+0300", "IST": "+0530",
    "HKT": "+0800", "SGT": "+0800", "AWST": "+0800", "JST": "+0900", "KST": "+0900", "ACST": "+0930",
    "AEST": "+1000", "AEDT": "+1100", "NZST": "+1200", "NZDT": "+1300", "AKST": "-0900", "AKDT": "-0800",
    "HST": "-1000", "BRT": "-0300", "ART": "-0300",
}  # fmt: skip
_ZONE = re.compile(r"\b(" + "|".join(_ZONES) + r")\b")
_CLOCK12 = re.compile(r"\d\s*[ap]\.?m\b", re.IGNORECASE)
_COMMENT = re.compile(r"\([^()]*\)")


def parse_date(text: str) -> datetime | None:
    """Return the moment a date header or archive line names, in UTC; None if it is broken or incomplete.

    A date without a zone is taken for UTC. Dates before 1970 and after 2100 are broken.
    """
    text = " ".join(_COMMENT.sub(" ", text[:200]).split())
    text = _ZONE.sub(lambda match: _ZONES[match[1]], text)
    moment = None
    if not _CLOCK12.search(text):  # of which RFC 5322 knows nothing, and the standard library reads half
        with suppress(ValueError, TypeError, IndexError, OverflowError):
            moment = parsedate_to_datetime(text)
    moment = moment or _by_dateutil(text)
    if moment is None:
        return None
    try:
        moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        return None
    return moment if 1970 <= moment.year <= 2100 else None


def _by_dateutil(text: str) -> datetime | None:
    import warnings

    from dateutil import parser

    if not re.search(r"\d", text):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # dateutil fills what is missing from a default: two that differ show whether the day is complete.
            first, second = (
                parser.parse(text, default=datetime(year, year - 1999, year - 1999)) for year in (2000, 2004)
            )
    except (ValueError, OverflowError, TypeError, AttributeError, RecursionError):
        return None
    return first if first == second else None
