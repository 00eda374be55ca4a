"""Words of subjects and texts, without names.

A word that is not in the vocabulary is only told to be a name or another word, and the vocabulary holds no names: so
nothing can be learned of a community or a person.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import pairwise

from analyzer.statements.offices import SHORT

TOKEN = re.compile(r"https?://\S+|\S+@\S+\.\w+|[^\W\d_]+(?:['’][^\W\d_]+)?|\d[\d.,:/-]*|[+-]1\b|[.!?:\n]")
_STOPS = frozenset(".!?:\n")
NAME, OTHER = "Name", "…"


def tokens(text: str, known: Collection[str] | None, limit: int) -> list[str]:
    """Return the words of a text in lower case, those that are not known as `NAME` or `OTHER`.

    Parameters
    ----------
    known : words in lower case; None knows all but names: words in capitals that begin no sentence.
    limit : number of words after which the text ends.
    """
    found: list[str] = []
    begins = True
    for match in TOKEN.finditer(text):
        word = match.group()
        if word in _STOPS:
            begins = True
            if word != "\n" and found and found[-1] != ".":
                found.append("?" if word == "?" else ".")
            continue
        word = _masked(word, known, begins)
        if word != NAME or not found or found[-1] != NAME:
            found.append(word)
        begins = False
        if len(found) >= limit:
            break
    return found


def _masked(word: str, known: Collection[str] | None, begins: bool) -> str:
    first = word[0]
    if first.isdigit():
        return "year" if len(word) == 4 and word[:2] in ("19", "20") else "number"
    if first in "+-":
        return word
    if "://" in word or "@" in word:
        return "link" if "://" in word else "address"
    low = word.casefold().replace("’", "'")
    if word.isupper() and low in SHORT:
        return "office"
    if known is None:
        return NAME if first.isupper() and not begins and word != "I" else low
    if low in known:
        return low
    return NAME if first.isupper() else OTHER


def grams(words: list[str]) -> Iterator[str]:
    """Yield every word, and every two and three that stand together."""
    yield from words
    for one, two in pairwise(words):
        yield f"{one} {two}"
    for one, two, three in zip(words, words[1:], words[2:], strict=False):
        yield f"{one} {two} {three}"
