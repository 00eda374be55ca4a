"""`candidacy_employment`: which of the organizations that might be affiliations are.

Word by word, `candidacy_reader` is sure of what stands in a field or after "I work for", and passes over much of the
rest. Here whatever it holds possible is judged once more, each name by all its mentions: by what the network says of
them, by the words around them, and by how the name is made. Those are learned from annotated statements and from the
sentences in ``data/employment``, in which the name itself is unknown (``models/scripts/employment.py``), so that how
somebody tells where they work counts, and not which companies are known. Of a name's own words only those count that
many names share, such as "university" or "release".
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence

import numpy as np
from spacy.attrs import SENT_START
from spacy.language import Language
from spacy.tokens import Doc, Span

from analyzer.pipeline.blocks import kinds_of
from analyzer.pipeline.linear import BLANK, Array, LinearComponent, nearest, sides, spelled
from analyzer.pipeline.reader import AFFILIATIONS, AffiliationMention, distinct_organizations, write_affiliations

#: Probability from which an organization is an affiliation.
LEAST = 0.43
#: Words before and after a name that count, within its sentence, and those near by.
BEFORE, AFTER, NEAR = 12, 8, 6
#: What features of a name itself begin with, those of its words and those of its form.
WORD, FORM = "name ", "form "
#: Words of a name whose form counts.
LONG = 4


class Surroundings:
    """Features of names of a document: of what stands around each in its sentence, and of its own words and form."""

    def __init__(self, doc: Doc) -> None:
        self.spelled = spelled(doc)
        self._starts = [*np.flatnonzero(doc.to_array(SENT_START) == 1).tolist(), len(doc)]
        self._kinds = kinds_of(doc)

    def __call__(self, span: Span) -> set[str]:
        """The words at the sides of a name, those near by, those further off, the block's kind, and the name's own."""
        before, after = self.words(span)
        near = {f"near {word}" for word in before[:NEAR]}
        far = {f"before {word}" for word in before} | {f"after {word}" for word in after}
        return self.beside(span) | near | far | of_name(span.text)

    def beside(self, span: Span) -> set[str]:
        """The words at the sides of a name, and the block's kind."""
        before, after = self.words(span)
        kind = f"{'in' if before or after else 'alone in'} {self._kinds[span.start]}"
        return sides(before, after) | {f"{nearest(before)}<>{nearest(after)}", kind}

    def words(self, span: Span) -> tuple[list[str], list[str]]:
        """The words before and after a name in its sentence, the nearest first."""
        after_start = bisect_right(self._starts, span.start)
        first, end = self._starts[after_start - 1], self._starts[after_start]
        before = self._spelled(max(first, span.start - BEFORE), span.start)[::-1]
        return before, self._spelled(span.end, min(end, span.end + AFTER))

    def _spelled(self, start: int, end: int) -> list[str]:
        return [word for word in self.spelled[start:end] if word not in BLANK]


def of_name(name: str) -> set[str]:
    """The words of a name, the last of them, and its form."""
    words = name.casefold().split()
    return {f"{WORD}has {word}" for word in words} | {f"{WORD}ends {words[-1]}"} | form_of(name)


def form_of(name: str) -> set[str]:
    """How a name is written, word by word, and how long it is."""
    words = name.split()
    return {f"{FORM}{' '.join(map(_form, words[:LONG]))}", f"{FORM}{min(len(words), LONG)}"}


def _form(word: str) -> str:
    if word.islower():
        return "lower"
    if word.isupper() and len(word) > 1:
        return "upper"
    if word.istitle():
        return "title"
    return "mixed" if any(c.isalpha() for c in word) else "other"


def named(spans: Sequence[Span]) -> list[list[int]]:
    """Indices of the mentions of each name, in the order of the text."""
    names: dict[tuple[str, ...], list[int]] = {}
    for at, span in enumerate(spans):
        names.setdefault(tuple(span.text.casefold().split()), []).append(at)
    return list(names.values())


class Employment(LinearComponent):
    """Takes affiliations from what is possible, with the probability of each as its confidence.

    The one output says how the words around a name speak for an affiliation. Above it stand the weights of what
    the network says (`AffiliationReading.evidence`), of the words' output and of its positive part, and an intercept.
    """

    def __call__(self, doc: Doc) -> Doc:
        group = doc.spans.get(AFFILIATIONS)
        if not group:
            return doc
        spans, statuses = list(group), group.attrs["statuses"]
        likely = self.likely(doc, spans, group.attrs["evidence"])
        chosen = sorted((at for at, p in enumerate(likely) if p >= LEAST), key=lambda at: -likely[at])
        kept: list[int] = []
        for at in chosen:
            if not any(spans[at].start < spans[k].end and spans[k].start < spans[at].end for k in kept):
                kept.append(at)
        people = [(span.start, span.end) for span in doc.spans.get("candidate", ())]
        kept = distinct_organizations(doc, {at: (spans[at].start, spans[at].end) for at in sorted(kept)}, people)
        write_affiliations(
            doc, [AffiliationMention(spans[at], spans[at].label_, statuses[at], likely[at]) for at in kept]
        )
        return doc

    def likely(self, doc: Doc, spans: Sequence[Span], evidence: Sequence[Sequence[float]]) -> list[float]:
        """Probability of each mention's name to be an affiliation.

        Raises
        ------
        ModelError
            If the component holds no weights.
        """
        surroundings = Surroundings(doc)
        found = [0.0] * len(spans)
        for mentions in named(spans):
            words = max(float(self._sum(surroundings(spans[at]))[0]) for at in mentions)
            score = float(stacked(np.max([evidence[at] for at in mentions], axis=0), words) @ self._top[:, 0])
            for at in mentions:
                found[at] = 1 / (1 + math.exp(-score))
        return found


def stacked(evidence: Array, words: float) -> Array:
    """What the probability is made of, shape (evidence + 3,)."""
    return np.array([*evidence, words, max(words, 0.0), 1.0])


@Language.factory(
    "candidacy_employment",
    requires=["doc.spans", "token.is_sent_start"],
    assigns=["doc.spans"],
)
def make_employment(nlp: Language, name: str) -> Employment:
    return Employment(nlp.vocab, name)
