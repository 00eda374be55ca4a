"""`candidacy_community`: in which community the office is sought.

Word by word, `candidacy_reader` knows those communities best that it has seen. Here each name that might be the
community's is judged once more, by all places where it stands: by what the network says of it, by how often and where
it is named, how it stands to the office, and the words around it, learned from annotated and invented statements
(``models/scripts/community.py``). A committee or board is that of a whole community, of which its candidates speak most
often, whatever part of it they come from; a lead is that of a project: so all of this counts anew for each.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from spacy.attrs import LOWER, SENT_START
from spacy.lang.en.stop_words import STOP_WORDS
from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup

from analyzer.organizations import canonical_office
from analyzer.pipeline.blocks import GROUP_PREFIXES, kinds_of
from analyzer.pipeline.employment import NEAR, Surroundings, of_name
from analyzer.pipeline.linear import SCALE, Array, LinearComponent, log_odds, spelled
from analyzer.pipeline.positions import SOUGHT
from analyzer.pipeline.reader import AFFILIATIONS, COMMUNITIES, FOREIGN, ORGANIZATIONS, TITLES

#: Nouns of offices that several people hold together, and what their members are called.
COLLECTIVE = frozenset({"board", "committee", "council", "director", "directors", "trustee", "trustees"})
#: What a name is that stands before these: "for the Quartz cycle".
CYCLES = frozenset({"cycle", "cycles", "development", "period", "release", "releases", "series", "term", "timeframe"})
#: Words before and after an office among which a name is looked for that the network has not found, and words of one.
BEFORE, AFTER, LONGEST = 2, 4, 4
#: Places of a name that count for the words around it, and distance to which an office is near, and from which far.
PLACES, NEXT, FAR = 12, 3, 50
#: Log-odds of what the network does not hold possible.
NEVER = -8.0 / SCALE
#: What speaks for a name: first what the network says, then what the text does.
EVIDENCE = (
    # Log-odds of its surest mention, and how far they are above any other name's; whether it surely is the community.
    "likely", "ahead", "sure",
    # Log-odds to be an organization, a role's, and as such the community; an affiliation, and as such the community.
    "organization", "of_role", "community_of_role", "affiliation", "community_of_affiliation",
    # How surely a title is sought there.
    "sought",
    # How often it stands in the text, by how much less than the commonest, where first, in how many places proposed.
    "often", "less", "first", "places",
    # How far it is from the office, whether beside it, or in it.
    "far", "beside", "inside",
    # Whether another name holds its words, or it another's; how often it stands before "cycle"; whether it is a group.
    "part", "whole", "cycle", "group",
)  # fmt: skip
NETWORK = EVIDENCE.index("often")


@dataclass(slots=True)
class Name:
    """A name that may be the community's: its mentions, the surest first, the words around it, what speaks for it."""

    mentions: list[Span]
    confidences: list[float]
    words: set[str]
    evidence: list[float]


def names_of(doc: Doc) -> list[Name]:
    """All names of a statement that may be the community's, in the order of the text, with `EVIDENCE` for each."""
    said = _said(doc)
    keys = doc.to_array(LOWER).tolist()
    kinds, words = kinds_of(doc), spelled(doc)
    places: dict[int, list[int]] = {}
    for at, key in enumerate(keys):
        if kinds[at] not in FOREIGN:
            places.setdefault(key, []).append(at)
    mentions: dict[tuple[int, ...], list[Span]] = {}
    for start, end in sorted(said):
        if kinds[start] not in FOREIGN:
            mentions.setdefault(tuple(keys[start:end]), []).append(doc[start:end])
    office = doc._.office
    surroundings = Surroundings(doc)
    stands = {
        name: [at for at in places.get(name[0], ()) if tuple(keys[at : at + len(name)]) == name] for name in mentions
    }
    most = max((len(found) for found in stands.values()), default=0)
    surest = {name: log_odds(max(said[s.start, s.end][0] for s in spans)) for name, spans in mentions.items()}
    names = []
    for name, spans in mentions.items():
        spans.sort(key=lambda s: (-said[s.start, s.end][0], s.start))
        found = stands[name]
        distances = [max(s.start - office.end, office.start - s.end) for s in spans] if office is not None else []
        away = min((max(0, distance) for distance in distances), default=FAR)
        around = of_name(spans[0].text)
        for at in islice(found, PLACES):
            span = doc[at : at + len(name)]
            before, after = surroundings.words(span)
            around |= surroundings.beside(span) | {f"near {word}" for word in (*before[:NEAR], *after[:NEAR])}
        cycles = sum(not CYCLES.isdisjoint(words[at + len(name) : at + len(name) + 2]) for at in found)
        network = np.max([said[s.start, s.end] for s in spans], axis=0).tolist()
        rival = max((score for other, score in surest.items() if other != name), default=NEVER)
        own = set(name)
        names.append(
            Name(
                spans,
                [said[s.start, s.end][0] for s in spans],
                around,
                [
                    surest[name],
                    surest[name] - rival,
                    *network[1:],
                    math.log1p(len(found)),
                    math.log1p(len(found)) - math.log1p(most),
                    min(span.start for span in spans) / len(doc),
                    math.log1p(len(spans)),
                    math.log1p(min(away, FAR)) / 2,
                    float(bool(distances) and away <= NEXT),
                    float(any(distance < 0 for distance in distances)),
                    float(any(own < set(other) for other in mentions)),
                    float(any(own > set(other) for other in mentions)),
                    cycles / len(found),
                    float(spans[0][0].lower_ in GROUP_PREFIXES),
                ],
            )
        )
    return names


def _said(doc: Doc) -> dict[tuple[int, int], list[float]]:
    """What the network says of each stretch that may be the community's name: its confidence, and the rest."""
    said: dict[tuple[int, int], list[float]] = {}

    def add(start: int, end: int, values: dict[int, float]) -> None:
        while start < end and doc[start].lower_ == "the":
            start += 1
        if start < end:
            evidence = said.setdefault((start, end), [0.0, 0.0, *[NEVER] * 5, 0.0])
            for place, value in values.items():
                evidence[place] = max(evidence[place], value)

    for span, (likely, sure) in _held(doc, COMMUNITIES):
        add(span.start, span.end, {0: likely, 1: sure})
    sought = [0.0] * len(doc.spans.get(ORGANIZATIONS, ()))
    if TITLES in doc.spans:
        group = doc.spans[TITLES].attrs
        for evidence, links in zip(group["evidence"], group["links"], strict=True):
            for organization, likely, _, *statuses in links:
                if organization >= 0:
                    score = likely * statuses[SOUGHT] * evidence[1]
                    sought[int(organization)] = max(sought[int(organization)], score)
    for (span, evidence), score in zip(_held(doc, ORGANIZATIONS), sought, strict=True):
        whole, role, _, community = evidence
        add(span.start, span.end, {2: whole / SCALE, 3: role / SCALE, 4: community / SCALE, 7: score})
    for span, (_, rating, *_, community) in _held(doc, AFFILIATIONS):
        add(span.start, span.end, {5: rating / SCALE, 6: community / SCALE})
    for start, end in _beside(doc):
        add(start, end, {})
    return said


def _held(doc: Doc, name: str) -> Iterator[tuple[Span, Sequence[float]]]:
    """The spans of a group of what is possible, each with its evidence."""
    if name in doc.spans:
        group = doc.spans[name]
        yield from zip(group, group.attrs["evidence"], strict=True)


def _beside(doc: Doc) -> Iterator[tuple[int, int]]:
    """Capitalised words beside an office in its sentence: "Quillfeather" in "lead of the Quillfeather project"."""
    sentence = np.cumsum(doc.to_array(SENT_START) == 1).tolist()
    offices = [(span.start, span.end) for span in doc.spans.get("office", ())]
    taken = {at for start, end in offices for at in range(start, end)}

    def capital(at: int, near: int) -> bool:
        if not 0 <= at < len(doc) or sentence[at] != sentence[near] or at in taken:
            return False
        word = doc[at].text
        return word[0].isalpha() and word[0].isupper() and word.lower() not in STOP_WORDS

    for start, end in offices:
        for at in (*range(start - BEFORE, start), *range(end, end + AFTER + 1)):
            if capital(at, start):
                first = last = at
                while capital(first - 1, start):
                    first -= 1
                while capital(last + 1, start):
                    last += 1
                if last - first < LONGEST:
                    yield first, last + 1


def stacked(evidence: Sequence[float], office: Span | None) -> Array:
    """Evidence, and once more where the office is held together with others, and where it is held alone."""
    values = np.array(evidence)
    together = office is not None and is_collective(office.text)
    return np.concatenate([values, values * together, values * (office is not None and not together)])


def is_collective(office: str) -> bool:
    """Whether an office is that of one among several: a seat on a board, committee or council."""
    return not COLLECTIVE.isdisjoint(canonical_office(office).casefold().split())


class Community(LinearComponent):
    """Chooses the name that speaks most for being the community's.

    The one output says how the words around a name speak for it; above stand the weights of the evidence (`stacked`).
    """

    def __call__(self, doc: Doc) -> Doc:
        names = names_of(doc)
        best = max(names, key=lambda name: self.score(name, doc._.office), default=None)
        doc.spans["community"] = SpanGroup(
            doc,
            name="community",
            spans=[Span(doc, s.start, s.end, label="COMMUNITY") for s in best.mentions] if best else [],
            attrs={"confidences": best.confidences if best else []},
        )
        return doc

    def score(self, name: Name, office: Span | None) -> float:
        """How much speaks for a name; only which of a statement's names has most means something.

        Raises
        ------
        ModelError
            If the component holds no weights.
        """
        words = float(self._sum(name.words, shared=True)[0])
        return words + float(stacked(name.evidence, office) @ self._top[:, 0])


@Language.factory(
    "candidacy_community",
    requires=["doc.spans", "token.is_sent_start", "doc._.office"],
    assigns=["doc.spans", "doc._.community"],
)
def make_community(nlp: Language, name: str) -> Community:
    return Community(nlp.vocab, name)
