"""Phrases: what they find, and that no text makes a search for one go on for ever."""

from __future__ import annotations

import re
from collections.abc import Iterator
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest

from analyzer.statements import decision, features, wording

# Ways in which a search may go on from one letter; two gaps of ninety letters are more.
MOST = 2000
# The gaps of these end with a line that they begin with, or with a bracket that they cannot hold.
ENDED = {"decision._QUOTED", "decision._SIGNATURE", "features._MARKED", "features._LINK"}


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Yield every pattern that a mail is searched with."""
    for module in (wording, features, decision):
        for name, value in vars(module).items():
            group = value.items() if isinstance(value, dict) else value if isinstance(value, tuple) else ()
            found = [one for pair in group if isinstance(pair, tuple) for one in pair if isinstance(one, re.Pattern)]
            for number, pattern in enumerate([value] if isinstance(value, re.Pattern) else found):
                yield f"{module.__name__.rpartition('.')[2]}.{name}{number if found else ''}", pattern


def wide(parsed: Any) -> bool:
    """Whether a pattern takes any letter but a few: what a gap is made of."""
    for code, given in parsed:
        if code in (op.ANY, op.NOT_LITERAL) or (code is op.IN and given[0][0] is op.NEGATE):
            return True
        if code is op.BRANCH and any(wide(one) for one in given[1]):
            return True
        if code in (op.SUBPATTERN, op.MAX_REPEAT, op.MIN_REPEAT) and wide(given[-1]):
            return True
    return False


def ways(parsed: Any) -> int:
    """In how many ways a pattern may go on from one letter before it fails: the product of its gaps.

    What is atomic or looked ahead at is left in one way only, and so is a run of letters: it ends with the word.
    """
    product = 1
    for code, given in parsed:
        if code is op.BRANCH:
            product *= max(ways(one) for one in given[1])
        elif code is op.SUBPATTERN:
            product *= ways(given[-1])
        elif code in (op.MAX_REPEAT, op.MIN_REPEAT):
            least, most, item = given
            product *= ((20_000 if most is op.MAXREPEAT else most) - least + 1 if wide(item) else 1) * ways(item)
    return product


def test_every_phrase_is_among_the_patterns() -> None:
    found = {name for name, _ in patterns()}
    assert len(found) > len(wording.WORDS) + len(wording.SUBJECT)


def test_a_search_goes_on_in_few_ways_from_each_letter() -> None:
    counts = {name: ways(parser.parse(pattern.pattern, pattern.flags)) for name, pattern in patterns()}
    assert not {name: count for name, count in counts.items() if count > MOST and name not in ENDED}


def test_gaps_within_gaps_would_be_noticed() -> None:
    assert ways(parser.parse(r"i.{0,90}?want.{0,90}?be.{0,90}?chair")) > MOST
    assert ways(parser.parse(r"i(?>.{0,90}?want)(?>.{0,90}?be).{0,90}?chair")) <= MOST
    assert ways(parser.parse(r"open.*nominations")) > MOST


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("wants office", "i want to be able to go on serving on the technical committee", True),
        ("wants office", "i do not run for money, but i'd like to become chair of the farm group", True),
        ("wants office", "i want you to be on the technical committee", False),
        ("wants office", "i want to begin. the committee is late", False),
        ("stands", "i run tests all day and i'm running for the council", True),
        ("stands", "i apply for a grant and then run for treasurer", True),
        ("stands", "i am not running for the council", False),
        ("would do it", "i'd be happy to join the farm's technical committee", True),
        ("would do it", "i will keep the post for one more term", True),
        ("cheers", "yes\n  +1 from me", True),
        ("cheers", "c = a +1", False),
    ],
)  # fmt: skip
def test_phrases(name: str, text: str, found: bool) -> None:
    assert bool(wording.WORDS[name].search(text)) == found
