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
    CandidacyNet,
    Window,
    collate,
    detections,
    detections_at,
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


@dataclass(frozen=True, slots=True, eq=False)
class Rated:
    """A stretch with its rating and its vector; `sure` says whether its tags alone make it what it may be."""

    tagged: Tagged
    sure: bool
    rating: float
    vector: torch.Tensor


@dataclass(frozen=True, slots=True)
class LinkReading:
    """An organization that a title may be held in, by its index, or none (-1), with its probability.

    `together` is how many organizations are enumerated with the likeliest one, where this is one of them, else 0.
    `statuses` holds the probability of each of `STATUSES` there.
    """

    organization: int
    probability: float
    together: int
    statuses: tuple[float, ...]

    def after(self, known: int) -> LinkReading:
        """The same where so many organizations come before those it was one of."""
        return replace(self, organization=self.organization + known) if self.organization >= 0 else self


@dataclass(frozen=True, slots=True)
class TitleReading:
    """A title, or what may be one.

    `evidence` holds whether its tags alone make it one, the rating, and log-odds: of its tags as a whole, of its most
    telling word to be of a title, of an organization, of the office, of the community; and the best rating of what
    overlaps it.
    """

    title: Bounds
    evidence: tuple[float, ...]
    links: tuple[LinkReading, ...]


@dataclass(frozen=True, slots=True)
class OrganizationReading:
    """An organization a title may be held in.

    `evidence` holds log-odds: of its tags as a whole, and of its most telling word to be of a role's organization, of
    an affiliation, of the community.
    """

    organization: Bounds
    evidence: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class AffiliationReading:
    """An organization that may be an affiliation.

    `evidence` holds whether it is one by its rating, and log-odds: of its rating, of its tags as a whole, and of its
    most telling word to be of an affiliation, of a role's organization, of the community.
    """

    organization: Bounds
    relation: str
    status: str
    evidence: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class FocusReading:
    """A phrase that may name a focus area.

    `evidence` holds whether its tags alone make it one, and whether they do only where more is read as one phrase; the
    rating; the confidence of its tags; the probability that one begins at its first word and that it does not go on
    after its last; the least and the mean probability of its words to be of one; and that of each kind.
    """

    phrase: Bounds
    kind: str
    evidence: tuple[float, ...]


@dataclass(slots=True)
class Reading:
    """All the network says of one statement.

    `communities`, `titles` and `organizations` (of roles), `affiliations` and `focus_areas` hold whatever might be one,
    however unlikely; `sentences` the score of each sentence to be a key sentence.
    """

    layers: dict[str, list[Tagged]] = field(default_factory=lambda: {name: [] for name in LAYERS})
    titles: list[TitleReading] = field(default_factory=list)
    organizations: list[OrganizationReading] = field(default_factory=list)
    focus_areas: list[FocusReading] = field(default_factory=list)
    affiliations: list[AffiliationReading] = field(default_factory=list)
    communities: list[Tagged] = field(default_factory=list)
    sentences: list[tuple[int, int, float]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Settings:
    """How readily the decoder speaks.

    `bias` is added to a layer's O score; a span of a rated layer surely is one from its `rating` on.
    """

    bias: dict[str, float] = field(default_factory=dict)
    rating: dict[str, float] = field(default_factory=dict)


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
            known = len(reading.organizations)
            reading.titles += [replace(t, links=tuple(x.after(known) for x in t.links)) for t in part.titles]
            reading.organizations += part.organizations
            reading.focus_areas += part.focus_areas
            reading.affiliations += part.affiliations
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
        values[breaks, 1:] = -np.inf  # nothing that is extracted crosses a line, here or below
        if name in RATED:  # of which all that is possible is looked for
            continue
        local[name] = _whole_words(window, name, detections(name, values, settings.bias.get(name, 0.0)))
        if name == "community":
            guesses = _whole_words(window, name, detections(name, values, GUESS))
            reading.communities = [_shift(t, window.start) for t in guesses]
    contexts = net.sentence_contexts(words, window)
    titles = _possible_titles(net, words, window, contexts, scores["titles"], settings)
    least = settings.rating.get("titles", 0.5)
    local["titles"] = [t.tagged for t in titles if t.sure and t.rating >= least]
    local["organizations"] = _disjoint([_group(window, t, local["titles"]) for t in local["organizations"]])
    # "Contributor" is no title in "SIG Contributor Experience".
    groups = [t for t in local["organizations"] if window.words[t.start].lower() in GROUP_PREFIXES]
    named = [t for t in local["titles"] if not any(t.start < g.end and g.start < t.end for g in groups)]
    functions = {i for t in (*named, *local["office"]) for i in range(t.start, t.end)}
    for name in ("candidate", "office", "community", "organizations"):
        reading.layers[name] = [_shift(t, window.start) for t in local[name]]
    reading.titles, reading.organizations = _possible_roles(net, words, window, contexts, scores, local, titles)
    areas = scores["focus_areas"]
    reading.focus_areas = _possible_focus_areas(net, words, window, contexts, areas, functions, settings)
    reading.affiliations = _possible_affiliations(net, words, window, contexts, scores, functions, settings)
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


def _possible_titles(
    net: CandidacyNet,
    words: torch.Tensor,
    window: Window,
    contexts: torch.Tensor,
    scores: Array,
    settings: Settings,
) -> list[Rated]:
    """Whatever may be a title."""
    biases = (settings.bias.get("titles", 0.0), *LOOKED_FOR_TITLES)
    found: dict[Bounds, tuple[Tagged, bool]] = {}
    for bias, detected in zip(biases, detections_at("titles", scores, biases), strict=True):
        for tagged in _whole_words(window, "titles", detected):
            found.setdefault((tagged.start, tagged.end), (tagged, bias == biases[0]))
    if not found:
        return []
    spans = [(t.start, t.end, t.confidence) for t, _ in found.values()]
    vectors = net.spans(words, [*found])
    ratings = net.ratings(words, spans, window, "titles", vectors, contexts).sigmoid().tolist()
    rated = zip(found.values(), ratings, vectors, strict=True)
    return [Rated(tagged, sure, rating, vector) for (tagged, sure), rating, vector in rated if rating >= LEAST_RATING]


def _possible_roles(
    net: CandidacyNet,
    words: torch.Tensor,
    window: Window,
    contexts: torch.Tensor,
    scores: dict[str, Array],
    layers: dict[str, list[Tagged]],
    rated: list[Rated],
) -> tuple[list[TitleReading], list[OrganizationReading]]:
    """Titles that may be some, and the organizations they may be held in, with what speaks for them."""
    if not rated:
        return [], []
    organizations = _possible_organizations(window, scores, layers, [t.tagged for t in rated if t.sure])
    # "The review team" in an enumeration of teams is no title, whatever its first word may be elsewhere.
    named = [bounds for o in organizations for bounds in _enumerated(window.words, (o.start, o.end))]
    rated = [t for t in rated if not any(a < t.tagged.end and t.tagged.start < b for a, b in named)]
    if not rated:
        return [], []
    names = ("titles", "organizations", "affiliations", "community", "office")
    some = {name: _log_odds(scores[name]) for name in names}

    def telling(tagged: Tagged, names: Sequence[str]) -> list[float]:
        return [float(some[name][tagged.start : tagged.end].max()) for name in names]

    bounds = [(t.tagged.start, t.tagged.end) for t in rated], [(t.start, t.end) for t in organizations]
    vectors = torch.stack([t.vector for t in rated])
    links, statuses = net.pair_scores(words, *bounds, window, vectors, contexts)
    likely, held = links.softmax(-1).tolist(), statuses.sigmoid().tolist()
    at = window.start
    titles = []
    for title, row, by_status in zip(rated, likely, held, strict=True):
        tagged = title.tagged
        others = [t for t in rated if t != title and t.tagged.start < tagged.end and tagged.start < t.tagged.end]
        told = telling(tagged, ("titles", "organizations", "office", "community"))
        over = max((t.rating for t in others), default=0.0)
        evidence = (float(title.sure), title.rating, _logit(tagged.confidence), *told, over)
        links_ = _links(window, row, by_status, bounds[1])
        titles.append(TitleReading((tagged.start + at, tagged.end + at), evidence, links_))
    return titles, [
        OrganizationReading(
            (t.start + at, t.end + at),
            (_logit(t.confidence), *telling(t, ("organizations", "affiliations", "community"))),
        )
        for t in organizations
    ]


def _links(
    window: Window, likely: Sequence[float], statuses: Sequence[Sequence[float]], organizations: Sequence[Bounds]
) -> tuple[LinkReading, ...]:
    """The organizations one title may be held in, given the probabilities of none and of each."""
    best = max(range(len(likely)), key=likely.__getitem__)
    together = {at + 1 for at in _in_one_breath(window.words, organizations, best - 1)} if best else {0}
    return tuple(
        LinkReading(j - 1, likely[j], len(together) if j in together else 0, tuple(statuses[j]))
        for j in range(len(likely))
        if likely[j] >= LEAST_LINK or j in together
    )


def _possible_organizations(
    window: Window, scores: dict[str, Array], layers: dict[str, list[Tagged]], titles: Sequence[Tagged]
) -> list[Tagged]:
    """Stretches a title may belong to, none in two: organizations of roles, affiliations, the community, and others."""
    found: list[Tagged] = []

    def add(more: Iterable[Tagged]) -> None:
        found.extend([t for t in more if not any(t.start < o.end and o.start < t.end for o in found)])

    add(layers["organizations"])
    add(_whole_words(window, "affiliations", detections("affiliations", scores["affiliations"], LOOKED_FOR[0])))
    add(layers["community"])
    looked_for = detections("organizations", scores["organizations"], LOOKED_FOR_ORGANIZATIONS)
    others = [_group(window, t, titles) for t in _whole_words(window, "organizations", looked_for)]
    add(t for t in _disjoint(others) if not any(t.start < x.end and x.start < t.end for x in titles))
    for tagged in [*found]:
        enumerated = _enumerated(window.words, (tagged.start, tagged.end))
        add(Tagged(a, b, tagged.label, tagged.confidence) for a, b in enumerated)
    return sorted(found, key=lambda t: t.start)


def _possible_focus_areas(
    net: CandidacyNet,
    words: torch.Tensor,
    window: Window,
    contexts: torch.Tensor,
    scores: Array,
    functions: set[int],
    settings: Settings,
) -> list[FocusReading]:
    """Whatever may name a focus area, in one place several phrases, with what speaks for them."""
    settled = settings.bias.get("focus_areas", 0.0)
    biases = (settled, *LOOKED_FOR_AREAS)
    found: dict[Bounds, tuple[Tagged, float]] = {}
    for bias, detected in zip(biases, detections_at("focus_areas", scores, biases), strict=True):
        for tagged in _whole_words(window, "focus_areas", detected):
            whole = _whole(window, tagged, functions)
            found.setdefault((whole.start, whole.end), (whole, bias))
    if not found:
        return []
    spans = [(t.start, t.end, t.confidence) for t, _ in found.values()]
    ratings = net.ratings(words, spans, window, "focus_areas", contexts=contexts).sigmoid().tolist()
    likely = np.exp(scores)
    # Numbers of Python: phrases are short, and a call of NumPy costs more than all their words.
    begins, goes_on = likely[:, 1::2].sum(1).tolist(), likely[:, 2::2].sum(1).tolist()
    any_, rows = (1 - likely[:, 0]).tolist(), scores.tolist()
    out = []
    for (tagged, bias), rating in zip(found.values(), ratings, strict=True):
        a, b = tagged.start, tagged.end
        if rating < LEAST_RATING:
            continue
        kinds = [rows[a][1 + k] + sum(row[2 + k] for row in rows[a + 1 : b]) for k in range(0, len(rows[a]) - 1, 2)]
        most = max(kinds)
        kinds = [math.exp(kind - most) for kind in kinds]
        evidence = (
            float(bias == settled),
            float(bias > settled),
            rating,
            tagged.confidence,
            begins[a],
            1 - goes_on[b] if b < len(window) else 1.0,
            min(any_[a:b]),
            sum(any_[a:b]) / (b - a),
            *(kind / sum(kinds) for kind in kinds),
        )
        out.append(FocusReading((a + window.start, b + window.start), tagged.label, evidence))
    return out


#: Added to the score of "nothing" where whatever may name a focus area is looked for.
LOOKED_FOR_AREAS = (0.5, -2.5)
#: Added to the score of "nothing" where whatever may be a title, or its organization, is looked for.
LOOKED_FOR_TITLES = (-4.0,)
LOOKED_FOR_ORGANIZATIONS = -4.0
#: A title less well rated is none, and to an organization less likely it does not belong.
LEAST_RATING, LEAST_LINK = 0.05, 0.003


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


def _possible_affiliations(
    net: CandidacyNet,
    words: torch.Tensor,
    window: Window,
    contexts: torch.Tensor,
    scores: dict[str, Array],
    functions: set[int],
    settings: Settings,
) -> list[AffiliationReading]:
    """Whatever may be an affiliation, with what speaks for it; at most one for each stretch."""
    found: dict[Bounds, Tagged] = {}
    first: set[Bounds] = set()
    for detected in detections_at("affiliations", scores["affiliations"], LOOKED_FOR):
        for tagged in _whole_words(window, "affiliations", detected):
            whole = _owner(window, _whole(window, tagged, functions))
            found.setdefault((whole.start, whole.end), whole)
        first = first or {*found}
    tags = [found[bounds] for bounds in sorted(found)]
    if not tags:
        return []
    vectors = net.spans(words, [(t.start, t.end) for t in tags])
    spans = [(t.start, t.end, t.confidence) for t in tags]
    ratings = net.ratings(words, spans, window, "affiliations", vectors, contexts).tolist()
    relations = net.relation(vectors).argmax(-1).tolist()
    past = net.affiliation_status(vectors).argmax(-1).tolist()
    least = _logit(settings.rating.get("affiliations", 0.5))
    sure = [(t.start, t.end) for t, r in zip(tags, ratings, strict=True) if (t.start, t.end) in first and r >= least]
    some = {name: _log_odds(scores[name]) for name in EVIDENT}
    out = []
    for tagged, rating, relation, status in zip(tags, ratings, relations, past, strict=True):
        telling = [float(some[name][tagged.start : tagged.end].max()) for name in EVIDENT]
        rated = float(any(tagged.start < b and a < tagged.end for a, b in sure))
        out.append(
            AffiliationReading(
                (tagged.start + window.start, tagged.end + window.start),
                RELATIONS[relation],
                ("current", "past")[status],
                (rated, rating, _logit(tagged.confidence), *telling),
            )
        )
    return out


#: Layers whose words tell of an organization what it is.
EVIDENT = ("affiliations", "organizations", "community")


def _log_odds(scores: Array) -> Array:
    """Log-odds of each word to be of any span of a layer, given its tags' log-probabilities."""
    odds: Array = np.log1p(-np.exp(scores[:, 0]) + 1e-6) - scores[:, 0]
    return odds


def _logit(probability: float) -> float:
    clipped = min(max(probability, 1e-4), 1 - 1e-4)
    return math.log(clipped / (1 - clipped))
