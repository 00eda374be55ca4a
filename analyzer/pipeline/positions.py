"""`candidacy_positions`: which titles a candidate holds, held or seeks, and in which organizations.

Word by word, `candidacy_reader` sees of each mention of a title how it looks. Here whatever it holds possible is judged
for the statement as a whole: first each title by all its mentions, then each organization that the title may be held in
beside its rivals. What speaks for them is what the network says (`analyzer.pipeline.reading.TitleReading`) and the
words around title and organization, learned from annotated statements (``models/scripts/positions.py``). Names of
organizations are unknown to the model.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np
from spacy.attrs import SENT_START
from spacy.language import Language
from spacy.tokens import Doc, Span

from analyzer.organizations import canonical, canonical_office
from analyzer.pipeline.blocks import kinds_of, lines_of
from analyzer.pipeline.linear import (
    EDGE,
    SCALE,
    Array,
    LinearComponent,
    nearest,
    probability,
    sides,
    spelled,
    with_products,
)
from analyzer.pipeline.reader import ORGANIZATIONS, TITLES, RoleMention, is_same_position, write_roles
from analyzer.records import Status

#: Probability from which a title is one, and from which it is held in another organization than its likeliest one.
TITLE, MORE = 0.44, 0.45
#: Probability of title and organization together from which a role is one.
LEAST = 0.1
#: Words that count before and after a title, those near by, and those between it and an organization.
BEFORE, AFTER, NEAR, BETWEEN = 10, 8, 4, 25
#: Of words between so many are one feature.
PHRASE = 8
#: So many mentions say as much as any more.
OFTEN = 8
#: Words in names of organizations that are no names by themselves.
NOUNS = frozenset(
    ["board", "committee", "company", "conference", "council", "community", "cycle", "foundation", "group", "project",
     "release", "sig", "subproject", "team", "university", "wg", "working"]
)  # fmt: skip
STATUSES: tuple[Status, ...] = get_args(Status)
SOUGHT = STATUSES.index("sought")


@dataclass(slots=True)
class Link:
    """A mention of a title beside an organization (its index, -1 for none)."""

    title: int
    organization: int
    probability: float
    together: int
    statuses: Sequence[float]


@dataclass(slots=True)
class Position:
    """An organization that a title may be held in, or none: its surest link, words around all, and what speaks for it.

    `organization` is its name as it is compared, empty for none.
    """

    organization: str
    link: Link
    words: list[set[str]]
    evidence: list[float]


@dataclass(slots=True)
class Title:
    """A title that a statement names: its surest mention, words around all mentions, and what speaks for it."""

    mention: int
    words: list[set[str]]
    evidence: list[float]
    positions: list[Position]


class Surroundings:
    """Features of the words around titles, and of those between titles and organizations."""

    def __init__(self, doc: Doc, titles: Sequence[Span], organizations: Sequence[Span]) -> None:
        self._words = spelled(doc)
        self._lines = lines_of(doc)
        self._kinds = kinds_of(doc)
        starts = doc.to_array(SENT_START) == 1
        self._sentences = np.cumsum(starts).tolist()
        self._headings = [at for at, kind in enumerate(self._kinds) if kind == "heading"]
        self._titles, self._organizations = titles, organizations

    def title(self, at: int) -> set[str]:
        """The words at a title's sides and near by, its own, the heading above and the block's kind."""
        words, span = self._words, self._titles[at]
        sentence = self._sentences[span.start]
        first = max(0, span.start - BEFORE)
        while self._sentences[first] != sentence:
            first += 1
        end = min(len(words), span.end + AFTER)
        while end > span.end and self._sentences[end - 1] != sentence:
            end -= 1
        before, after = words[first : span.start][::-1], words[span.end : end]
        a, x = nearest(before), nearest(after)
        own = words[span.start : span.end]
        found = sides(before, after) | {f"{a}<>{x}", f"in {self._kinds[span.start]}"}
        found |= {f"before {word}" for word in before} | {f"after {word}" for word in after}
        found |= {f"near {word}" for word in before[:NEAR]} | {f"own {word}" for word in own}
        found |= {f"first {own[0]}", f"last {own[-1]}", f"whole {' '.join(own)}", f"{a}< {own[-1]}", f"{own[-1]} >{x}"}
        return found | {f"under {word}" for word in self._heading(span.start)}

    def link(self, at: int, organization: int) -> set[str]:
        """The words between a title and an organization, and at their sides; of none, those around the title."""
        words, span = self._words, self._titles[at]
        before, after, own = self._word(span.start - 1), self._word(span.end), words[span.end - 1]
        kind = self._kinds[span.start]
        if organization < 0:
            near = {f"none near {word}" for word in words[max(0, span.start - PHRASE) : span.start]}
            near |= {f"none <{before}", f"none <{self._word(span.start - 2)} {before}", f"none >{after}"}
            return near | {f"none >{after} {self._word(span.end + 1)}", f"none last {own}", f"none in {kind}"}
        name = self._organizations[organization]
        if name.start >= span.end:
            way, between = "right", words[span.end : name.start]
        elif name.end <= span.start:
            way, between = "left", words[name.end : span.start]
        else:
            way, between = "within", []
        head, tail = words[name.start], words[name.end - 1]
        there = self._lines[name.start] == self._lines[span.start]
        found = {
            f"{way} <{self._word(name.start - 1)}",
            f"{way} <{self._word(name.start - 2)} {self._word(name.start - 1)}",
            f"{way} >{self._word(name.end)}",
            f"{way} last {own}",
            f"{way} title <{before}",
            f"{way} title >{after}",
            f"{way} in {kind}, {self._kinds[name.start]}, {'this' if there else 'other'} line",
        }
        found |= {f"{way} {place} {word}" for place, word in (("head", head), ("tail", tail)) if word in NOUNS}
        if len(between) <= PHRASE:
            phrase = " ".join(between)
            found |= {f"{way} between {phrase}", f"{way} {own} between {phrase}"}
        if len(between) <= BETWEEN:
            found |= {f"{way} with {word}" for word in between}
        return found

    def distance(self, at: int, organization: int) -> int:
        """Words between a title and an organization."""
        title, name = self._titles[at], self._organizations[organization]
        return max(0, name.start - title.end, title.start - name.end)

    def is_in_line(self, at: int, organization: int) -> bool:
        return self._lines[self._titles[at].start] == self._lines[self._organizations[organization].start]

    def _word(self, at: int) -> str:
        return self._words[at] if 0 <= at < len(self._words) else EDGE

    def _heading(self, at: int) -> list[str]:
        above = bisect_right(self._headings, at)
        if not above:
            return []
        start = end = self._headings[above - 1]
        while start > 0 and self._lines[start - 1] == self._lines[end]:
            start -= 1
        return self._words[start : end + 1]


def titles_of(doc: Doc) -> list[Title]:
    """All that may be titles of a statement, with the organizations they may be held in, in the order of the text."""
    group = doc.spans.get(TITLES)
    if not group:
        return []
    spans, evidence, named = list(group), group.attrs["evidence"], doc.spans[ORGANIZATIONS]
    organizations, known = list(named), named.attrs["evidence"]
    around = Surroundings(doc, spans, organizations)
    # An office that is sought and named without a group is one of the community's.
    community = canonical(doc._.community.text).casefold() if doc._.community is not None else ""
    names = [canonical(o.text).casefold() for o in organizations]
    mentions: dict[str, list[int]] = {}
    for at, span in enumerate(spans):
        mentions.setdefault(canonical_office(span.text).casefold(), []).append(at)
    found = []
    for places in mentions.values():
        links: dict[str, list[Link]] = {}
        for at in places:
            for link in (Link(at, to, likely, together, st) for to, likely, together, *st in group.attrs["links"][at]):
                sought = link.statuses[SOUGHT] == max(link.statuses)
                held_in = names[link.organization] if link.organization >= 0 else community if sought else ""
                links.setdefault(held_in, []).append(link)
        base = {to: [evidence[x.title][RATING] * x.probability for x in some] for to, some in links.items()}
        positions = []
        for held_in, some in links.items():
            link = some[int(np.argmax(base[held_in]))]
            rivals = [max(base[other]) for other in base if other != held_in]
            speaking = [
                *_link_evidence(link, base[held_in], rivals, known, around),
                math.log(min(len(places), OFTEN)),
                link.statuses[SOUGHT],
                evidence[link.title][RATING],
            ]
            positions.append(Position(held_in, link, [around.link(x.title, x.organization) for x in some], speaking))
        surest = max(places, key=lambda at: evidence[at][RATING])
        speaking = [
            *_title_evidence(evidence[surest]),
            len(spans[surest]) / SCALE,
            math.log(min(len(places), OFTEN)),
            min(2.0, sum(evidence[at][RATING] for at in places) / SCALE),
            max(max(values) for values in base.values()),
        ]
        found.append(Title(surest, [around.title(at) for at in places], speaking, positions))
    return found


#: Where the rating stands in a title's evidence.
RATING = 1


def _title_evidence(evidence: Sequence[float]) -> list[float]:
    sure, rating, *telling, over = evidence
    return [sure, rating, _log(rating), *(x / SCALE for x in telling), over, over - rating]


def _link_evidence(
    link: Link,
    base: Sequence[float],
    rivals: Sequence[float],
    known: Sequence[Sequence[float]],
    around: Surroundings,
) -> list[float]:
    """What speaks for a position by its surest link.

    Parameters
    ----------
    base : probability of title and organization at each mention; `rivals` the highest of each other organization.
    known : evidence of each organization.
    """
    if link.organization >= 0:
        far = around.distance(link.title, link.organization)
        there = around.is_in_line(link.title, link.organization)
        name = [*(x / SCALE for x in known[link.organization]), math.log1p(far) / SCALE, 0.0, float(there)]
    else:
        name = [0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0]
    return [
        max(base),
        min(2.0, sum(base)),
        link.probability,
        _log(link.probability),
        *name,
        float(link.together > 0),
        link.together / SCALE,
        max(rivals, default=0.0),
        min(2.0, sum(rivals)),
        math.log(min(len(base), OFTEN)),
    ]


def _log(probability: float) -> float:
    return math.log(max(probability, 1e-3)) / SCALE


class Positions(LinearComponent):
    """Makes roles of titles that may be some, with the probability of title, organization and status as confidence.

    The one output says how the words speak for a title or for a link; the names of their features differ. Above it
    stand the weights of what `title_row` and `position_row` give, shape (rows, 2), the shorter one filled with zeros.
    """

    def __call__(self, doc: Doc) -> Doc:
        spans, organizations = list(doc.spans.get(TITLES, ())), list(doc.spans.get(ORGANIZATIONS, ()))
        roles: list[RoleMention] = []
        taken: list[Span] = []
        for title, likely, by_position in sorted(self.judged(doc), key=lambda x: -x[1]):
            order = sorted(range(len(by_position)), key=lambda k: -by_position[k])
            # Held in no organization, or in the likeliest one and in others.
            others = [k for k in order[1:] if by_position[k] >= MORE and title.positions[k].link.organization >= 0]
            none = title.positions[order[0]].link.organization < 0
            for k in order[:1] if none else [order[0], *others]:
                link, sure = title.positions[k].link, likely * by_position[k]
                span = spans[link.title]
                cut = any(span.start < t.end and t.start < span.end and span != t for t in taken)
                if sure >= LEAST and not cut:
                    taken.append(span)
                    organization = organizations[link.organization] if link.organization >= 0 else None
                    roles += [
                        RoleMention(span, organization, status, sure * p)
                        for status, p in zip(STATUSES, link.statuses, strict=True)
                        if p >= 0.5 or p == max(link.statuses)
                    ]
        write_roles(doc, _distinct([_in_community(doc, role) for role in roles]))
        return doc

    def judged(self, doc: Doc) -> list[tuple[Title, float, list[float]]]:
        """What likely is a title, with its probability, and that of each of its positions.

        Raises
        ------
        ModelError
            If the component holds no weights.
        """
        titles = titles_of(doc)
        if not titles:
            return []
        words = [max(float(self._sum(features)[0]) for features in title.words) for title in titles]
        rows = title_rows(titles, words)
        likely = probability(rows @ self._top[: rows.shape[1], 0]).tolist()
        # Of a title that is none nobody asks where it is held.
        some = [(title, p) for title, p in zip(titles, likely, strict=True) if p >= TITLE]
        if not some:
            return []
        beside = [[max(float(self._sum(f)[0]) for f in place.words) for place in title.positions] for title, _ in some]
        rows = position_rows([title for title, _ in some], beside)
        held = iter(probability(rows @ self._top[: rows.shape[1], 1]).tolist())
        return [(title, p, [next(held) for _ in title.positions]) for title, p in some]


def title_rows(titles: Sequence[Title], words: Sequence[float]) -> Array:
    """What titles' probabilities are made of, shape (titles, features); `words` is how they speak for each."""
    return with_products(np.array([[*t.evidence, w / SCALE] for t, w in zip(titles, words, strict=True)]))


def position_rows(titles: Sequence[Title], words: Sequence[Sequence[float]]) -> Array:
    """What their positions' probabilities are made of, title by title, shape (positions, features)."""
    values = []
    for title, of_title in zip(titles, words, strict=True):
        for at, position in enumerate(title.positions):
            rival = max((w for k, w in enumerate(of_title) if k != at), default=0.0)
            values.append([*position.evidence, of_title[at] / SCALE, (of_title[at] - rival) / SCALE])
    return with_products(np.array(values))


def _in_community(doc: Doc, role: RoleMention) -> RoleMention:
    """An office that is sought and named without a group is one of the community's."""
    if role.status != "sought" or role.organization is not None:
        return role
    return RoleMention(role.title, doc._.community, role.status, role.confidence)


def _distinct(roles: Sequence[RoleMention]) -> list[RoleMention]:
    """Return each role once, at its surest mention, in the order of the text.

    A title that is named with its organization anywhere is not another role where it is named without, nor where the
    organization has a longer name; what is held now was not given up, so of "current" and "past" the surer one stays.
    A candidate stands for one office: the surest title that is sought, in all the organizations it is sought in there.
    """
    sought = max((role for role in roles if role.status == "sought"), key=lambda r: r.confidence, default=None)
    found: list[RoleMention] = []
    for role in sorted(roles, key=lambda r: (r.organization is None, -r.confidence, r.title.start)):
        title, organization = _texts(role)
        if role.status == "sought":
            known = sought is not None and role.title != sought.title
            known = known or any(r.status == "sought" and _texts(r)[1] == organization for r in found)
        else:
            known = any(r.status != "sought" and is_same_position(title, organization, *_texts(r)) for r in found)
        if not known:
            found.append(role)
    return sorted(found, key=lambda r: (r.title.start, r.organization.start if r.organization else 0, r.status))


def _texts(role: RoleMention) -> tuple[str, str]:
    return role.title.text, role.organization.text if role.organization is not None else ""


@Language.factory(
    "candidacy_positions",
    requires=["doc.spans", "token.is_sent_start"],
    assigns=["doc.spans", "doc._.roles"],
)
def make_positions(nlp: Language, name: str) -> Positions:
    return Positions(nlp.vocab, name)
