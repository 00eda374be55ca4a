"""From words to a reading: runs the network over statements and decodes what its heads say.

Everything here is in word indices of a statement; `analyzer.pipeline.reader` turns it into spaCy spans.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch

from analyzer.pipeline.blocks import GENITIVES, GROUP_PREFIXES
from analyzer.pipeline.network import (
    LAYERS,
    RATED,
    RELATIONS,
    STATUSES,
    CandidacyNet,
    Window,
    collate,
    detections,
    runs,
)

#: Function words that stand between names, titles and subjects and belong to none.
LOOSE = frozenset(
    {
        "a", "an", "the", "of", "and", "or", "for", "to", "in", "at", "on", "by", "with", "from",
        "as", "our", "my", "your", "their", "its", "this", "that", "these", "those",
    }
)  # fmt: skip
#: What a contracted verb ends with, as the tokenizer cuts it.
NEGATIONS = frozenset({"n't", "n’t"})
#: Signs that belong to what they stand at: "C#", "SIG (Docs)".
SIGNS = frozenset("()[]#+")

Bounds = tuple[int, int]
Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Tagged:
    """A labelled stretch of words and how sure the network is of it."""

    start: int
    end: int
    label: str
    confidence: float


@dataclass(frozen=True, slots=True)
class RoleReading:
    title: Bounds
    organization: Bounds | None
    status: str
    confidence: float


@dataclass(frozen=True, slots=True)
class AffiliationReading:
    """An organization that is, or may be, an affiliation.

    `evidence` holds whether it is one by its rating, and log-odds: of its rating, of its tags as a whole, and of its
    most telling word to be of an affiliation, of a role's organization, of the community.
    """

    organization: Bounds
    relation: str
    status: str
    confidence: float
    evidence: tuple[float, ...] = ()


@dataclass(slots=True)
class Reading:
    """All the network says of one statement.

    `communities` holds what might be the community, and `possible` what might be an affiliation, however unlikely;
    `sentences` the score of each sentence to be a key sentence.
    """

    layers: dict[str, list[Tagged]] = field(default_factory=lambda: {name: [] for name in LAYERS})
    roles: list[RoleReading] = field(default_factory=list)
    affiliations: list[AffiliationReading] = field(default_factory=list)
    possible: list[AffiliationReading] = field(default_factory=list)
    communities: list[Tagged] = field(default_factory=list)
    sentences: list[tuple[int, int, float]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Settings:
    """How readily the decoder speaks, and what its confidences mean.

    `bias` is added to a layer's O score, `rating` is the least rating of a span of a rated layer. A title belongs to
    all organizations that are enumerated with its likeliest one and are at least `share` times as likely; a role less
    sure than `role` (title, organization and status together) is none. `calibration`
    holds, for roles, affiliations and focus areas, slope and intercept of the logistic curve (Platt, 1999) that makes
    of the network's confidence the share of such things that is right.
    """

    bias: dict[str, float] = field(default_factory=dict)
    rating: dict[str, float] = field(default_factory=dict)
    share: float = 0.3
    role: float = 0.0
    calibration: dict[str, list[float]] = field(default_factory=dict)

    def confidence(self, kind: str, confidence: float) -> float:
        """Return a calibrated confidence."""
        if kind not in self.calibration:
            return confidence
        slope, intercept = self.calibration[kind]
        return 1 / (1 + math.exp(-(slope * _logit(confidence) + intercept)))


def read_windows(
    net: CandidacyNet,
    statements: Iterable[Sequence[Window]],
    special: tuple[int, int, int],
    settings: Settings,
) -> Iterator[Reading]:
    """Read statements given as windows, in order; `special` are the ids of [CLS], [SEP] and [PAD].

    Each window is read by itself: padded to others, its last bits would depend on their lengths, and the
    same text might give another answer in another batch. On a processor this costs next to nothing.
    """
    net.eval()
    for document in statements:
        reading = Reading()
        total = sum(map(len, document))
        for window in document:
            with torch.inference_mode():
                words = net(collate([window], *special))
                tags = {name: logits[0].log_softmax(-1).numpy() for name, logits in net.tag_scores(words).items()}
                part = _decode(net, words[0], window, tags, total, settings)
            for name, found in part.layers.items():
                reading.layers[name] += found
            reading.roles += part.roles
            reading.affiliations += part.affiliations
            reading.possible += part.possible
            reading.communities += part.communities
            reading.sentences += part.sentences
        yield reading


def _decode(
    net: CandidacyNet,
    words: torch.Tensor,
    window: Window,
    scores: dict[str, Array],
    total: int,
    settings: Settings,
) -> Reading:
    reading = Reading()
    local: dict[str, list[Tagged]] = {}
    breaks = [i for i, word in enumerate(window.words) if word.isspace()]
    for name, values in scores.items():
        values[breaks, 1:] = -np.inf  # nothing that is extracted crosses a line, here or in `_possible`
        raw = detections(name, values, settings.bias.get(name, 0.0))
        if name in RATED and raw:
            ratings = net.ratings(words, [(a, b, c) for a, b, _, c in raw], window, name).sigmoid().tolist()
            raw = [(a, b, label, r) for (a, b, label, _), r in zip(raw, ratings, strict=True)]
            raw = [item for item in raw if item[3] >= settings.rating.get(name, 0.5)]
        local[name] = _whole_words(window, name, raw)
        if name == "community":
            guesses = _whole_words(window, name, detections(name, values, GUESS))
            reading.communities = [_shift(t, window.start) for t in guesses]
    local["organizations"] = _disjoint([_group(window, t, local["titles"]) for t in local["organizations"]])
    # "Contributor" is no title in "SIG Contributor Experience".
    groups = [t for t in local["organizations"] if window.words[t.start].lower() in GROUP_PREFIXES]
    local["titles"] = [t for t in local["titles"] if not any(t.start < g.end and g.start < t.end for g in groups)]
    functions = {i for name in ("titles", "office") for t in local[name] for i in range(t.start, t.end)}
    for name in NAMED:
        local[name] = _disjoint([_whole(window, t, functions) for t in local[name]])
    local["affiliations"] = [_owner(window, t) for t in local["affiliations"]]
    for name, found_ in local.items():
        reading.layers[name] = [_shift(t, window.start) for t in found_]
    reading.roles = _roles(net, words, window, local, settings)
    sure = local["affiliations"]
    reading.possible = _possible(net, words, window, scores, sure, functions)
    if sure:
        vectors = net.spans(words, [(t.start, t.end) for t in sure])
        reading.affiliations = _affiliations(net, vectors, window, sure)
    logits = net.sentence_scores(words[: len(window)], [window], [total]).sigmoid().tolist()
    for (a, b), score in zip(runs(window.sentences), logits, strict=True):
        reading.sentences.append((a + window.start, b + window.start, score))
    return reading


def _whole_words(window: Window, layer: str, found: Sequence[tuple[int, int, int, float]]) -> list[Tagged]:
    """Turn what was detected into spans that begin and end with whole words that belong to them, none in two."""
    spans = [(*_trimmed(window.words, a, b), LAYERS[layer][label], c) for a, b, label, c in _rejoined(window, found)]
    return _disjoint([_hyphenated(window, Tagged(*span)) for span in spans if span[0] < span[1]])


def _rejoined(
    window: Window, found: Sequence[tuple[int, int, int, float]]
) -> list[tuple[int, int, int, float]]:
    """Join what was cut at an opening bracket that the second part closes: "Arm Technology (Shanghai) Co. Ltd."."""
    out: list[tuple[int, int, int, float]] = []
    for a, b, label, confidence in found:
        open_ = next((i for i in range(a, b) if window.words[i] in "()"), b)
        if out and open_ < b and window.words[open_] == ")" and window.words[a - 1] == "(" and out[-1][1] == a - 1:
            first = out.pop()
            out.append((first[0], b, first[2], min(first[3], confidence)))
        else:
            out.append((a, b, label, confidence))
    return out


#: Added to the score of "nothing" where even an unlikely community is better than none: nearly every text names it.
GUESS = -5.0
#: Added where whatever may be an affiliation is looked for.
LOOKED_FOR = (0.0, -4.0, -8.0)
#: Signs that join parts of a word which the tokenizer cuts: "wg-reliability", "co-chair".
HYPHENS = frozenset("-\u2010\u2011_\\")


def _hyphenated(window: Window, tagged: Tagged) -> Tagged:
    """Take in the rest of a hyphenated word that a span begins or ends within."""
    words, glued = window.words, window.glued
    start, end = tagged.start, tagged.end
    while start > 1 and words[start - 1] in HYPHENS and glued[start] and glued[start - 1]:
        start -= 2
    while end + 1 < len(words) and words[end] in HYPHENS and glued[end] and glued[end + 1]:
        end += 2
    return Tagged(start, end, tagged.label, tagged.confidence)


def _group(window: Window, tagged: Tagged, titles: Sequence[Tagged]) -> Tagged:
    """Take in the capitalised words after a group's prefix: "SIG" of "SIG Contributor Experience Chair"."""
    words, end = window.words, tagged.end
    if words[end - 1].lower() in GROUP_PREFIXES:
        while end < len(words) and window.sentences[end] == window.sentences[end - 1] and words[end][0].isupper():
            end += 1
        end = next((t.start for t in titles if tagged.end <= t.start < end <= t.end), end)
    return Tagged(tagged.start, end, tagged.label, tagged.confidence)


#: Layers whose spans end with the name they hold, if any.
NAMED = ("affiliations", "focus_areas")


def _whole(window: Window, tagged: Tagged, functions: set[int]) -> Tagged:
    """Stretch a span to the end of the proper name it ends in: "Brightwell" of "Brightwell Systems".

    A name goes on over capitalised words of its sentence, but not into a title ("Nova PTL").
    """
    words, end = window.words, tagged.end
    while (
        end < len(words)
        and end not in functions
        and end - 1 not in functions
        and window.sentences[end] == window.sentences[end - 1]
        and _is_capital(words[end - 1])
        and _is_capital(words[end])
        and not words[end - 1].endswith(".")
    ):
        end += 1
    return Tagged(tagged.start, end, tagged.label, tagged.confidence)


#: Words of a department that end what is read as an organization's name: "the Brell Cloud business unit".
UNITS = frozenset({"business", "department", "division", "group", "office", "team", "unit"})


def _owner(window: Window, tagged: Tagged) -> Tagged:
    """Leave out an organization's department: "Intel" of "Intel's Open Source Technology Center"."""
    words, start, end = window.words, tagged.start, tagged.end
    end = next((i for i in range(start + 1, end) if words[i] in GENITIVES), end)
    while end - 1 > start and words[end - 1] in UNITS:
        end -= 1
    return Tagged(start, end, tagged.label, tagged.confidence)


def _is_capital(word: str) -> bool:
    return len(word) > 1 and word[0].isupper()


def _disjoint(found: Sequence[Tagged]) -> list[Tagged]:
    """Leave out spans that an earlier one has grown into."""
    kept: list[Tagged] = []
    for tagged in sorted(found, key=lambda t: t.start):
        if not kept or tagged.start >= kept[-1].end:
            kept.append(tagged)
    return kept


def _trimmed(words: Sequence[str], start: int, end: int) -> tuple[int, int]:
    """Leave out what no name, title or subject begins or ends with: determiners, conjunctions, prepositions, points.

    Nor does any end within a word, as with the "does" of "doesn't".
    """
    if start < end < len(words) and words[end].lower() in NEGATIONS:
        end -= 1
    while start < end and _is_loose(words[end - 1]):
        end -= 1
    while start < end and _is_loose(words[start]):
        start += 1
    return start, end


def _is_loose(word: str) -> bool:
    return word.lower() in LOOSE or (word not in SIGNS and not any(c.isalnum() for c in word))


def _shift(tagged: Tagged, by: int) -> Tagged:
    return Tagged(tagged.start + by, tagged.end + by, tagged.label, tagged.confidence)


def organization_bounds(layers: dict[str, list[Tagged]]) -> list[Bounds]:
    """Stretches a title may belong to: organizations of roles, affiliations, and the community."""
    names = ("organizations", "affiliations", "community")
    taken: list[Bounds] = []
    for name in names:
        for tagged in layers[name]:
            if not any(tagged.start < b and a < tagged.end for a, b in taken):
                taken.append((tagged.start, tagged.end))
    return sorted(taken)


def _roles(
    net: CandidacyNet,
    words: torch.Tensor,
    window: Window,
    layers: dict[str, list[Tagged]],
    settings: Settings,
) -> list[RoleReading]:
    titles = layers["titles"]
    if not titles:
        return []
    organizations = organization_bounds(layers)
    enumerations = {at: _enumerated(window.words, bounds) for at, bounds in enumerate(organizations)}
    # "The review team" in an enumeration of teams is no title, whatever its first word may be elsewhere.
    named = [bounds for more in enumerations.values() for bounds in more]
    titles = [t for t in titles if not any(a < t.end and t.start < b for a, b in named)]
    if not titles:
        return []
    links, statuses = net.pair_scores(words, [(t.start, t.end) for t in titles], organizations, window)
    links, statuses = links.softmax(-1), statuses.sigmoid()
    at = window.start
    roles = []
    for i, title in enumerate(titles):
        best = int(links[i].argmax())
        # A title is held in one organization, and in others that are named in one breath with it.
        together = _in_one_breath(window.words, organizations, best - 1) if best else {-1}
        chosen = [j + 1 for j in sorted(together) if links[i, j + 1] >= settings.share * links[i, best]]
        sure = float(links[i, chosen].sum())
        held: list[tuple[Bounds | None, float, int]] = []
        for j in chosen:
            likely = statuses[i, j].tolist()
            for status, probability in enumerate(likely):
                if probability == max(likely) or probability >= 0.5:
                    held.append((organizations[j - 1] if j else None, sure * probability, status))
        for more in enumerations.get(best - 1, ()):
            if not any(known and known[0] < more[1] and more[0] < known[1] for known, _, _ in held):
                held.append((more, *held[0][1:]))
        for bounds, probability, s in held:
            if title.confidence * probability < settings.role:
                continue
            roles.append(
                RoleReading(
                    (title.start + at, title.end + at),
                    (bounds[0] + at, bounds[1] + at) if bounds else None,
                    STATUSES[s],
                    title.confidence * probability,
                )
            )
    return roles


#: Nouns that end the name of a group.
GROUPS = frozenset(
    ["team", "committee", "group", "council", "board", "sig", "subproject", "subcommittee", "wg", "taskforce"]
)
#: Words of the longest name that an enumeration is searched for.
LONGEST_NAME = 6


def _enumerated(words: Sequence[str], bounds: Bounds) -> list[Bounds]:
    """Bounds of the groups enumerated after one: "the A team, the B team and the C team"."""
    found: list[Bounds] = []
    noun, at = words[bounds[1] - 1].lower(), bounds[1]
    while noun in GROUPS:
        start, joined = at, False
        while start < len(words) and (words[start] in ",;&" or words[start].lower() in ("and", "or", "the")):
            joined = joined or words[start].lower() != "the"
            start += 1
        end = start
        while end < min(len(words), start + LONGEST_NAME) and words[end].lower() != noun and _in_name(words[end]):
            end += 1
        if not joined or end == start or end == len(words) or words[end].lower() != noun:
            break
        at = end + 1
        found.append((start, at))
    return found


def _in_name(word: str) -> bool:
    return word[0].isalnum() and word.lower() not in LOOSE


#: Words between the parts of an enumeration: "the A and B teams", "A, B as well as C".
JOINTS = LOOSE | frozenset(
    {"also", "both", "well", "team", "teams", "project", "projects", "group", "groups", "sig", "wg", "committee", "/"}
)


def _in_one_breath(words: Sequence[str], organizations: Sequence[Bounds], at: int) -> set[int]:
    """Indices of the organizations that are enumerated with the one at index `at`, itself included."""
    found = {at}
    for step in (1, -1):
        here = at
        while 0 <= here + step < len(organizations):
            (_, end), (start, _) = sorted([organizations[here], organizations[here + step]])
            between = words[end:start]
            if not between or not all(w.lower() in JOINTS or w in ",&;" for w in between):
                break
            here += step
            found.add(here)
    return found


def _affiliations(
    net: CandidacyNet, vectors: torch.Tensor, window: Window, found: list[Tagged]
) -> list[AffiliationReading]:
    """Relation and status of organizations, given the vectors of their spans."""
    relations = net.relation(vectors).argmax(-1).tolist()
    past = net.affiliation_status(vectors).argmax(-1).tolist()
    return [
        AffiliationReading(
            (t.start + window.start, t.end + window.start),
            RELATIONS[relation],
            ("current", "past")[status],
            t.confidence,
        )
        for t, relation, status in zip(found, relations, past, strict=True)
    ]


def _possible(
    net: CandidacyNet,
    words: torch.Tensor,
    window: Window,
    scores: dict[str, Array],
    sure: list[Tagged],
    functions: set[int],
) -> list[AffiliationReading]:
    """Whatever may be an affiliation, with what speaks for it; at most one for each stretch."""
    found: dict[Bounds, Tagged] = {}
    for bias in LOOKED_FOR:
        for tagged in _whole_words(window, "affiliations", detections("affiliations", scores["affiliations"], bias)):
            whole = _owner(window, _whole(window, tagged, functions))
            found.setdefault((whole.start, whole.end), whole)
    tags = [found[bounds] for bounds in sorted(found)]
    if not tags:
        return []
    vectors = net.spans(words, [(t.start, t.end) for t in tags])
    spans = [(t.start, t.end, t.confidence) for t in tags]
    ratings = net.ratings(words, spans, window, "affiliations", vectors).tolist()
    some = {name: np.log1p(-np.exp(scores[name][:, 0]) + 1e-6) - scores[name][:, 0] for name in EVIDENT}
    readings = _affiliations(net, vectors, window, tags)
    out = []
    for reading, rating, tagged in zip(readings, ratings, tags, strict=True):
        telling = [float(some[name][tagged.start : tagged.end].max()) for name in EVIDENT]
        rated = float(any(tagged.start < t.end and t.start < tagged.end for t in sure))
        out.append(replace(reading, evidence=(rated, rating, _logit(tagged.confidence), *telling)))
    return out


#: Layers whose words tell of an organization what it is.
EVIDENT = ("affiliations", "organizations", "community")


def _logit(probability: float) -> float:
    clipped = min(max(probability, 1e-4), 1 - 1e-4)
    return math.log(clipped / (1 - clipped))
