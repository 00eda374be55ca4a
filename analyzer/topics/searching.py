"""Who speaks about a subject: sentences found by meaning and by word together.

A sentence's score is a weighted sum of two numbers between 0 and 1: the cosine of its vector to the query's, and
its BM25 score as a share of the highest that the query could reach; or the cosine alone, at a discount, where that
is more. Words are compared without plural endings and abbreviations. Sentences below a threshold are not shown, so
a query that nobody speaks about finds nothing.

References
----------
BM25: Robertson and Zaragoza (2009), Found. Trends Inf. Retr. 3. Sums of normalised scores, rather than of ranks:
Bruch, Gai and Ingber (2023), ACM Trans. Inf. Syst. 42.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from math import log
from typing import TYPE_CHECKING

from analyzer.directory import Directory
from analyzer.embeddings import Embedder
from analyzer.errors import UserError
from analyzer.records import Record, Span, StatementRecord
from analyzer.sentences import sentences
from analyzer.topics.phrases import content, singular, spelt_out
from analyzer.views import Evidence, Score, Who, evidence

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# On 200 subjects of 562 annotated statements, mean reciprocal rank 0.56 (0.55 by words alone, 0.46 by meaning).
MEANING_SHARE = 0.5  # of the cosine in the score; the rest is the words'
MEANING_ALONE = 0.65  # of the cosine, for what is said in other words: the score is the higher of the two
THRESHOLD = 0.33
# Headings and bare items name a subject, but say nothing about it: below so many words, a score counts less.
BRIEF = 4
BRIEF_SHARE = 0.6
SHOWN = 3  # sentences of one candidate
# The usual constants of BM25.
K1 = 1.2
B = 0.75


class FoundSentence(Record):
    """A sentence that speaks about the query; `meaning` and `words` are what its score is made of."""

    evidence: Evidence
    election: str | None
    score: Score
    meaning: Score
    words: Score


class Found(Record):
    """A candidate, and up to three of their sentences, best first; `score` is the best one's."""

    candidate: Who
    score: Score
    sentences: list[FoundSentence]


class SearchResult(Record):
    """Who speaks about the query, best sentence first.

    `total` counts all candidates with a sentence whose score is at least `threshold`, also those left out.
    """

    query: str
    threshold: Score
    total: int
    candidates: list[Found]


def search(
    text: str,
    records: Sequence[StatementRecord],
    embedder: Embedder,
    directory: Directory | None = None,
    *,
    limit: int = 10,
) -> SearchResult:
    """Return who speaks about a subject, best sentence first.

    Parameters
    ----------
    records : the statements to look through; equal sentences of one candidate are shown once.
    limit : the most candidates returned.

    Raises
    ------
    UserError
        If there is nothing to search for, or fewer than one candidate is wanted.
    """
    query = " ".join(text.split())
    if not re.search(r"\w", query):
        raise UserError("nothing to search for: say a subject, such as 'release process'")
    if limit < 1:
        raise UserError(f"{limit} candidates: ask for one at least")
    import numpy as np

    directory = directory or Directory(records)
    ordered = sorted(records, key=lambda record: (record.submitted or "", record.id))
    places: list[tuple[StatementRecord, Span]] = []
    seen = set()
    for record in ordered:
        who = directory.who(record).id
        for span in sentences(record):
            if (who, span.text) not in seen:
                seen.add((who, span.text))
                places.append((record, span))
    result = SearchResult(query=query, threshold=THRESHOLD, total=0, candidates=[])
    if not places:
        return result

    texts = [span.text for _, span in places]
    vectors = embedder.encode([spelt_out(query), *texts])
    # Rounded, so that the last bits of a matrix product do not order sentences.
    meaning = (vectors[1:] @ vectors[0]).clip(0, 1).astype(float).round(5)
    words = by_word(query, texts).round(5)
    brief = np.array([len(terms(text)) < BRIEF for text in texts])
    scores = np.maximum(MEANING_SHARE * meaning + (1 - MEANING_SHARE) * words, MEANING_ALONE * meaning)
    scores = np.where(brief, BRIEF_SHARE * scores, scores).round(5)
    found: dict[str, Found] = {}
    for place in sorted(range(len(places)), key=lambda place: (-scores[place], place)):
        if scores[place] < THRESHOLD:
            break
        record, span = places[place]
        candidate = directory.who(record)
        entry = found.setdefault(candidate.id, Found(candidate=candidate, score=float(scores[place]), sentences=[]))
        if len(entry.sentences) < SHOWN:
            entry.sentences.append(
                FoundSentence(
                    evidence=evidence(record, span),
                    election=record.election.id,
                    score=float(scores[place]),
                    meaning=float(meaning[place]),
                    words=float(words[place]),
                )
            )
    result.total = len(found)
    result.candidates = list(found.values())[:limit]
    return result


def by_word(query: str, texts: Sequence[str]) -> Floats:
    """Return the BM25 score of each text, as a share of the highest score this query can have, 0 to 1."""
    import numpy as np

    scores = np.zeros(len(texts))
    # Words such as "the" count only where there are no others.
    wanted = sorted(set(terms(content(query)) or terms(query)))
    if not wanted or not texts:
        return scores
    bags = [Counter(terms(text)) for text in texts]
    lengths = np.array([bag.total() for bag in bags], dtype=float)
    norms = K1 * (1 - B + B * lengths / max(lengths.mean(), 1))
    highest = 0.0
    for term in wanted:
        counts = np.array([bag[term] for bag in bags], dtype=float)
        holding = int((counts > 0).sum())
        rarity = log(1 + (len(texts) - holding + 0.5) / (holding + 0.5))
        scores += rarity * counts * (K1 + 1) / (counts + norms)
        highest += rarity * (K1 + 1)
    return scores / highest


def terms(text: str) -> list[str]:
    """Return the words of a text in lower case, without plural endings, usual abbreviations spelt out."""
    return [singular(word) for word in re.findall(r"\w+[+#]*", spelt_out(text).lower())]
