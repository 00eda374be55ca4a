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

import numpy as np
from spacy.attrs import LOWER, SENT_START
from spacy.lang.en.stop_words import STOP_WORDS
from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup

from analyzer.organizations import canonical_office
from analyzer.pipeline.blocks import GROUP_PREFIXES, kinds_of
from analyzer.pipeline.employment import NEAR, Surroundings, form_of
from analyzer.pipeline.linear import SCALE, Array, LinearComponent, log_odds
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
#: What the network says of a stretch that it does not hold possible.
UNSAID = dict.fromkeys(EVIDENCE[:NETWORK], NEVER) | {"likely": 0.0, "sure": 0.0, "sought": 0.0}
Bounds = tuple[int, int]


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
    keys, kinds = doc.to_array(LOWER).tolist(), kinds_of(doc)
    mentions: dict[tuple[int, ...], list[Span]] = {}
    for start, end in sorted(said):
        if kinds[start] not in FOREIGN:
            mentions.setdefault(tuple(keys[start:end]), []).append(doc[start:end])
    standing: dict[int, list[int]] = {}
    for at, key in enumerate(keys):
        if kinds[at] not in FOREIGN:
            standing.setdefault(key, []).append(at)
    places = {name: [at for at in standing[name[0]] if tuple(keys[at : at + len(name)]) == name] for name in mentions}
    most = max(map(len, places.values()), default=0)
    surest = {name: log_odds(max(said[s.start, s.end]["likely"] for s in spans)) for name, spans in mentions.items()}
    surroundings = Surroundings(doc)
    names = []
    for name, spans in mentions.items():
        spans.sort(key=lambda s: (-said[s.start, s.end]["likely"], s.start))
        found = [doc[at : at + len(name)] for at in places[name]]
        evidence = {piece: max(said[s.start, s.end][piece] for s in spans) for piece in UNSAID}
        evidence |= _beside_office(spans, doc._.office)
        evidence["likely"] = surest[name]
        evidence["ahead"] = surest[name] - max((x for other, x in surest.items() if other != name), default=NEVER)
        evidence["often"] = math.log1p(len(found))
        evidence["less"] = math.log1p(len(found)) - math.log1p(most)
        evidence["first"] = min(span.start for span in spans) / len(doc)
        evidence["places"] = math.log1p(len(spans))
        evidence["part"] = float(any(set(name) < set(other) for other in mentions))
        evidence["whole"] = float(any(set(name) > set(other) for other in mentions))
        cycles = sum(not CYCLES.isdisjoint(surroundings.spelled[span.end : span.end + 2]) for span in found)
        evidence["cycle"] = cycles / len(found)
        evidence["group"] = float(spans[0][0].lower_ in GROUP_PREFIXES)
        names.append(
            Name(
                spans,
                [said[s.start, s.end]["likely"] for s in spans],
                form_of(spans[0].text).union(*(_around(span, surroundings) for span in found[:PLACES])),
                [evidence[piece] for piece in EVIDENCE],
            )
        )
    return names


def _around(span: Span, surroundings: Surroundings) -> set[str]:
    before, after = surroundings.words(span)
    return surroundings.beside(span) | {f"near {word}" for word in (*before[:NEAR], *after[:NEAR])}


def _beside_office(spans: Sequence[Span], office: Span | None) -> dict[str, float]:
    away = [max(s.start - office.end, office.start - s.end) for s in spans] if office is not None else [FAR]
    nearest = min(max(0, distance) for distance in away)
    return {
        "far": math.log1p(min(nearest, FAR)) / 2,
        "beside": float(nearest <= NEXT),
        "inside": float(min(away) < 0),
    }


def _said(doc: Doc) -> dict[Bounds, dict[str, float]]:
    """What the network says of each stretch that may be the community's name; "likely" is a probability yet."""
    said: dict[Bounds, dict[str, float]] = {}

    def add(start: int, end: int, **pieces: float) -> None:
        while start < end and doc[start].lower_ == "the":
            start += 1
        if start < end:
            known = said.setdefault((start, end), dict(UNSAID))
            known |= {piece: max(known[piece], value) for piece, value in pieces.items()}

    for span, (likely, sure) in _held(doc, COMMUNITIES):
        add(span.start, span.end, likely=likely, sure=sure)
    for (span, evidence), sought in zip(_held(doc, ORGANIZATIONS), _sought(doc), strict=True):
        whole, role, _, community = (value / SCALE for value in evidence)
        add(span.start, span.end, organization=whole, of_role=role, community_of_role=community, sought=sought)
    for span, (_, rating, *_, community) in _held(doc, AFFILIATIONS):
        add(span.start, span.end, affiliation=rating / SCALE, community_of_affiliation=community / SCALE)
    for start, end in _capitalised(doc):
        add(start, end)
    return said


def _sought(doc: Doc) -> list[float]:
    """How surely a title is sought in each organization."""
    found = [0.0] * len(doc.spans.get(ORGANIZATIONS, ()))
    if TITLES in doc.spans:
        group = doc.spans[TITLES].attrs
        for (_, rating, *_), links in zip(group["evidence"], group["links"], strict=True):
            for organization, likely, _, *statuses in links:
                if organization >= 0:
                    found[organization] = max(found[organization], likely * statuses[SOUGHT] * rating)
    return found


def _held(doc: Doc, name: str) -> Iterator[tuple[Span, Sequence[float]]]:
    """The spans of a group of what is possible, each with its evidence."""
    if name in doc.spans:
        group = doc.spans[name]
        yield from zip(group, group.attrs["evidence"], strict=True)


def _capitalised(doc: Doc) -> Iterator[Bounds]:
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
