"""`candidacy_incumbency`: whether candidates hold the office they stand for, or once held it.

An office that is sought and held is two roles of one name, and what says so may stand far from where the office is
named: "for another cycle", "if I am re-elected", "as I did in my first term". So it is decided for the statement as a
whole. A linear model scores what each sentence says for each of `STANDINGS`; their log-sum-exp is the statement's
score, a smooth maximum, since one sentence is enough (multiple-instance learning; Dietterich et al., 1997).

The words that name the office and its group are all one to the model. It learned from annotated statements and from
the sentences in ``data/incumbency`` (``models/scripts/incumbency.py``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
from spacy.language import Language
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc, Span

from analyzer.organizations import canonical_office
from analyzer.pipeline.blocks import kinds_of
from analyzer.pipeline.linear import CONTRACTED, Array, LinearComponent
from analyzer.pipeline.reader import FOREIGN, RoleMention, is_same_position, write_roles

STANDINGS = ("current", "past", "none")
#: What stands for the office and for its group among the words of a sentence.
OFFICE, GROUP = "{office}", "{group}"
#: Longest run of words that is a feature, and how far apart two words may stand that are one.
LONGEST, APART = 3, 4
_NUMBERS = frozenset(
    ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "several", "few", "couple"]
)
_ORDINALS = frozenset(["second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"])
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)")


def sentences(doc: Doc, offices: Iterable[Span], groups: Iterable[Span]) -> list[list[str]]:
    """Words of each sentence that the candidate says, with `OFFICE` and `GROUP` where the spans stand."""
    standing: dict[int, str] = {}
    for name, spans in ((GROUP, groups), (OFFICE, offices)):
        for span in spans:
            standing |= dict.fromkeys(range(span.start, span.end), "") | {span.start: name}
    kinds = kinds_of(doc)
    found = []
    for sentence in doc.sents:
        if kinds[sentence.start] not in FOREIGN:
            words = [standing[t.i] if t.i in standing else _word(t.lower_) for t in sentence]
            found.append([word for word in words if word])
    return [words for words in found if words]


def _word(word: str) -> str:
    """A word in the spelling that features have; empty for a sign."""
    word = word.replace("’", "'")
    if word in CONTRACTED:
        return CONTRACTED[word]
    if word.isdigit() or word in _NUMBERS:
        return "{number}"
    if word in _ORDINALS or _ORDINAL.fullmatch(word):
        return "{nth}"
    return word if word.isalpha() else ""


def features(words: Sequence[str]) -> set[str]:
    """Runs of up to `LONGEST` words of a sentence, and pairs of words up to `APART` apart ("my~term")."""
    found = {" ".join(words[i : i + n]) for n in range(1, LONGEST + 1) for i in range(len(words) - n + 1)}
    found |= {f"{words[i]}~{words[i + d]}" for d in range(2, APART + 1) for i in range(len(words) - d)}
    if OFFICE in words:
        found |= {f"{OFFICE}:{word}" for word in words if word != OFFICE}
    return found


def pooled(scores: Array, starts: Sequence[int]) -> Array:
    """Log-sum-exp over runs of rows, shape (runs, standings); `starts` are the first rows of the runs."""
    most = np.maximum.reduceat(scores, starts, axis=0)
    lengths = np.diff([*starts, len(scores)])
    return most + np.log(np.add.reduceat(np.exp(scores - np.repeat(most, lengths, axis=0)), starts, axis=0))


class Incumbency(LinearComponent):
    """Adds to the roles of a statement that its office is held, or was, and takes away what says otherwise.

    The outputs are `STANDINGS`; above them stands what is added to sentences and to statements, (2, standings).
    """

    def __call__(self, doc: Doc) -> Doc:
        sought = [role for role in doc._.roles if role.status == "sought"]
        if not sought:
            return doc
        office = max(sought, key=lambda role: role.confidence)
        likely = self.standing(doc, office)
        best = int(likely.argmax())
        held = [role for role in doc._.roles if role.status != "sought" and _is_same(role, office)]
        kept = [role for role in doc._.roles if role not in held]
        if STANDINGS[best] != "none":
            fitting = [role for role in held if role.status == STANDINGS[best]]
            sure = float(likely[best]) * office.confidence
            kept += fitting or [RoleMention(office.title, office.organization, STANDINGS[best], sure)]
        kept.sort(key=lambda r: (r.title.start, r.organization.start if r.organization else 0, r.status))
        write_roles(doc, kept)
        return doc

    def standing(self, doc: Doc, office: RoleMention) -> Array:
        """Probability of each of `STANDINGS`.

        Raises
        ------
        ModelError
            If the component holds no weights.
        """
        said = sentences(doc, *mentions(doc, office))
        rows = [self._sum(features(words), shared=True) + self._top[0] for words in said]
        scores = (pooled(np.array(rows), [0])[0] if rows else 0.0) + self._top[1]
        likely: Array = np.exp(scores - scores.max())
        return likely / likely.sum()


def mentions(doc: Doc, office: RoleMention) -> tuple[list[Span], list[Span]]:
    """Where a statement names an office, and where the group it is held in."""
    name = canonical_office(office.title.text).casefold()
    titles = [role.title for role in doc._.roles if canonical_office(role.title.text).casefold() == name]
    return _occurrences(doc, [*titles, office.title]), _occurrences(doc, [office.organization])


def _occurrences(doc: Doc, names: Iterable[Span | None]) -> list[Span]:
    matcher = PhraseMatcher(doc.vocab, attr="LOWER")
    matcher.add("name", [Doc(doc.vocab, words=[token.text for token in name]) for name in names if name is not None])
    return [doc[start:end] for _, start, end in matcher(doc)]


def _is_same(role: RoleMention, office: RoleMention) -> bool:
    names = [x.text if x is not None else "" for r in (role, office) for x in (r.title, r.organization)]
    return is_same_position(*names)


@Language.factory(
    "candidacy_incumbency",
    requires=["doc.spans", "doc._.roles", "token.is_sent_start"],
    assigns=["doc.spans"],
)
def make_incumbency(nlp: Language, name: str) -> Incumbency:
    return Incumbency(nlp.vocab, name)
