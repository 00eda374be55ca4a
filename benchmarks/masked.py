"""Statements of OpenStack's teams without what gives the team or the person away; and their focus areas.

Masked are the names of teams and of their projects, also misspelt or in the plural; names and handles of people;
addresses; signatures. The focus areas are those that the shipped pipeline finds in the masked text.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from analyzer import pipeline
from analyzer.directory import Directory
from analyzer.embeddings import default_model_path
from analyzer.records import StatementRecord
from analyzer.topics import phrases

#: Statements of fewer words, once masked, say too little.
LEAST_WORDS = 30
#: The committee is no team.
COMMITTEE = "tc"
#: A single word so like a team's name is that name misspelt (rapidfuzz, 0 to 100), from so many letters on.
MISSPELT, LETTERS = 85, 5
#: A word that so many statements of other communities say, in lower case, is one of the language.
KNOWN = 3
#: Masked statements read between two savings of their focus areas.
SAVED = 50
#: What else teams and their projects are called.
ALIASES = (
    "OSA",
    "QA",
    "infra",
    "docs",
    "sdks?",
    "charms",
    "chef",
    "puppet",
    "Ceilometer",
    "Aodh",
    "Gnocchi",
    "Panko",
    "RPM",
    "OSC",
    "i18n",
    r"oslo\.?\w*",
)
_ADDRESS = re.compile(r"\S+@\S+|\bIRC\b.*|https?://\S+")
_PARTS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+[a-z]*")
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Masked:
    """A masked statement; `focus` holds [start, end) of its focus areas.

    `person` is who the workspace knows wrote it; `file` the name of its file, a handle or an address, of which some
    people have several.
    """

    id: str
    team: str
    person: str
    file: str
    text: str
    focus: Sequence[tuple[int, int]] = ()


def statements(records: Sequence[StatementRecord], cache: Path) -> list[Masked]:
    """Return the masked statements of `LEAST_WORDS` and more for OpenStack's teams, with their focus areas.

    Parameters
    ----------
    cache : file that keeps the focus areas of masked texts, by pipeline: finding them takes minutes.
    """
    # Statements for a team lie in candidates/CYCLE/TEAM/: the folder says for which.
    own = [r for r in records if r.election.community_canonical == "OpenStack" and "candidates" in _path(r).parts]
    others = [r for r in records if r.election.community_canonical != "OpenStack"]
    mask = _Mask(own, others)
    people = Directory(own)
    found = [Masked(r.id, _team(_path(r).parts[-2]), people.person(r).id, _handle(r), mask(r)) for r in own]
    found = [one for one in found if one.team != COMMITTEE and len(one.text.split()) >= LEAST_WORDS]
    areas = focus_areas([one.text for one in found], cache)
    return [replace(one, focus=areas[one.text]) for one in found]


def parts(found: Sequence[Masked], largest: int = 25) -> dict[str, list[int]]:
    """Return which statements are of the largest teams, and which of the others that two people or more stood for."""
    count = Counter(one.team for one in found)
    large = {team for team, _ in count.most_common(largest)}
    people: dict[str, set[str]] = {}
    for one in found:
        people.setdefault(one.team, set()).add(one.person)
    return {
        "large": [i for i, one in enumerate(found) if one.team in large],
        "small": [i for i, one in enumerate(found) if one.team not in large and len(people[one.team]) >= 2],
    }


def draws(
    found: Sequence[Masked],
    among: Sequence[int],
    by: Literal["person", "file"] = "person",
    count: int = 20,
    seed: int = 0,
) -> list[NDArray[np.int64]]:
    """Return samples of statements, in each one statement per team and person, or name of the file."""
    chance = np.random.default_rng(seed)
    held: dict[tuple[str, str], list[int]] = {}
    for i in among:
        held.setdefault((found[i].team, getattr(found[i], by)), []).append(i)
    return [np.array([own[chance.integers(len(own))] for own in held.values()]) for _ in range(count)]


def focus_areas(texts: Iterable[str], cache: Path) -> Mapping[str, list[tuple[int, int]]]:
    """Return [start, end) of the focus areas of each text, by the shipped pipeline, from the cache where they are."""
    model = pipeline.model().sha256
    kept: dict[str, list[list[int]]] = json.loads(cache.read_text()) if cache.exists() else {}
    keys = {text: hashlib.sha256(f"{model}\n{text}".encode()).hexdigest() for text in texts}
    missing = sorted(text for text, key in keys.items() if key not in kept)
    if missing:
        print(f"finding focus areas in {len(missing)} masked statements, once")
        nlp = pipeline.load(exclude=list(pipeline.GENERAL))
        for number, doc in enumerate(nlp.pipe(missing, batch_size=SAVED), 1):
            spans = [area.phrase for area in doc._.focus_areas]
            kept[keys[doc.text]] = [[span.start_char, span.end_char] for span in spans]
            if number % SAVED == 0 or number == len(missing):
                cache.write_text(json.dumps(kept))
    return {text: [(start, end) for start, end in kept[key]] for text, key in keys.items()}


class _Mask:
    """Masks statements of teams; what is a word of the language is read off those of other communities."""

    def __init__(self, own: Sequence[StatementRecord], others: Sequence[StatementRecord]) -> None:
        said = Counter(word for r in others for word in {w for w in _WORD.findall(r.text) if w.islower()})
        self._language = {word for word, count in said.items() if count >= KNOWN}
        named = {_path(r).parts[-2] for r in own} | {r.election.unit for r in own if r.election.unit}
        spelt = {"[ _-]?".join(map(re.escape, _PARTS.findall(name))) for name in named} | set(ALIASES)
        self._teams = re.compile(rf"\b(?:python-)?(?:{_any(spelt)})(?:client)?\b", re.IGNORECASE)
        # "OpenStack" is no misspelling of "OpenStack-Helm".
        singles = {"".join(_PARTS.findall(name)).lower() for name in named}
        self._singles = sorted(name for name in singles if not name.startswith("openstack"))
        self._people = re.compile(rf"\b(?:{_any(map(re.escape, self._names(own)))})\b", re.IGNORECASE)
        # The tokenizer of the sentence model knows whole the commonest English words.
        self._english = set((default_model_path() / "vocab.txt").read_text("utf-8").split()) - set(self._singles)
        self._misspelt: dict[str, bool] = {}

    def __call__(self, record: StatementRecord) -> str:
        text = record.text
        for block in sorted(record.blocks, key=lambda block: -block.start):
            if block.kind == "signature":
                text = text[: block.start] + text[block.end :]
        text = self._people.sub("someone", _ADDRESS.sub(" ", text))
        text = self._teams.sub("the project", text)
        return _WORD.sub(lambda match: "the project" if self._is_misspelt(match.group()) else match.group(), text)

    def _names(self, own: Sequence[StatementRecord]) -> set[str]:
        """Return names, their parts, and handles, but those that are words of the language ("Will", "Page")."""
        names: set[str] = set()
        for r in own:
            names |= {*r.candidate.handles.values(), _handle(r)}
            if r.candidate.name:
                names |= {r.candidate.name, *(part for part in r.candidate.name.split() if len(part) > 2)}
        return {name for name in names if name and name.lower() not in self._language}

    def _is_misspelt(self, word: str) -> bool:
        word = word.lower()
        if word not in self._misspelt:
            self._misspelt[word] = (
                len(word) >= LETTERS
                and not {word, phrases.singular(word)} & self._english
                and any(fuzz.ratio(word, name) >= MISSPELT for name in self._singles)
            )
        return self._misspelt[word]


def _any(patterns: Iterable[str]) -> str:
    return "|".join(sorted(patterns, key=lambda pattern: (-len(pattern), pattern)))


def _path(record: StatementRecord) -> PurePosixPath:
    return PurePosixPath(record.source.path)


def _handle(record: StatementRecord) -> str:
    return _path(record).name.split("@")[0].removesuffix(".txt")


def _team(folder: str) -> str:
    return re.sub(r"[^a-z0-9]", "", folder.lower())
