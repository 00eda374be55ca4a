"""Focus phrases: how alike two are, and which of them mean the same.

Two phrases are as alike as a weighted sum of two cosines says: of their sentence vectors, each with a
little of the sentence around it, and of their character n-grams, which see a shared rare name that a
sentence vector blurs. The names of the own community and team are left out of both, and of the vectors what
all focus areas share (`telling`): what everybody says anyway is no likeness.

References
----------
Average linkage: Sokal and Michener (1958). Character n-grams for inflected words: McNamee and Mayfield
(2004), Information Retrieval 7. Plurals: Harman (1991), How effective is suffixing?, JASIS 42.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from analyzer.embeddings import Embedder
from analyzer.records import FocusArea, FocusKind, StatementRecord
from analyzer.resources import shipped
from analyzer.views import Phrase, Subject, evidence

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]

# Weights and thresholds were chosen on 5,840 annotated phrases of 562 statements: 1,500 pairs of one topic against
# 59,000 of different subjects (area under the ROC curve 0.96), of which 850 share a word (0.82).
PHRASE_SHARE = 0.8  # of the phrase in its vector; the rest is its sentence
LEXICAL_SHARE = 0.3  # of the n-grams in the similarity
SAME = 0.48  # 60 % of pairs of one topic reach this, 0.1 % of different ones, 7 % of those that share a word
SIMILAR = 0.4  # 70 %, 0.2 % and 14 %

KINDS: tuple[FocusKind, ...] = ("goal", "interest", "experience")
# A platform is what somebody wants; what they like and have done says less about it.
WEIGHTS: dict[FocusKind, float] = {"goal": 1.0, "interest": 0.5, "experience": 0.5}
# Rows of a similarity matrix that are made at once.
BLOCK = 1024

# What n-grams cannot see and the model hardly knows: without these 65 % of the pairs of one topic are `SAME`.
ABBREVIATIONS = {
    "a11y": "accessibility",
    "config": "configuration",
    "configs": "configurations",
    "deps": "dependencies",
    "devs": "developers",
    "doc": "documentation",
    "docs": "documentation",
    "i18n": "internationalization",
    "infra": "infrastructure",
    "k8s": "Kubernetes",
    "l10n": "localization",
    "o11y": "observability",
    "perf": "performance",
    "repo": "repository",
    "repos": "repositories",
    "spec": "specification",
    "specs": "specifications",
}
_SHORT = re.compile(rf"(?<![\w.-])(?:{'|'.join(ABBREVIATIONS)})(?![\w-]|\.\w)", re.IGNORECASE)

# Words of letters only, so that no part of "C++", "rust-vmm" or "python3" is one.
_PLAIN = re.compile(r"(?<![\w./+#-])[^\W\d_]+(?![\w+#]|[./-]\w)")
_ARTICLE = re.compile(r"^(?:a|an|the|our|my) +", re.IGNORECASE)
_JOINERS = frozenset({"of", "and", "for", "the", "in", "on", "to", "a"})


@dataclass(frozen=True, slots=True)
class Mention:
    """One focus area of one statement."""

    record: StatementRecord
    index: int

    @property
    def phrase(self) -> str:
        return self.record.focus_areas[self.index].phrase

    @property
    def kind(self) -> FocusKind:
        return self.record.focus_areas[self.index].kind

    @property
    def around(self) -> str:
        """The sentence around it (see `around`)."""
        return around(self.record.focus_areas[self.index])

    @property
    def plain(self) -> str:
        """The phrase as it is compared (see `plain`)."""
        return plain(self.phrase, self.record)

    def view(self) -> Phrase:
        area = self.record.focus_areas[self.index]
        return Phrase(
            phrase=area.phrase,
            kind=area.kind,
            evidence=evidence(self.record, area.evidence) if area.evidence else None,
            sentence=evidence(self.record, area.sentence) if area.sentence else None,
        )


def mentions(records: Iterable[StatementRecord]) -> list[Mention]:
    """Return the focus areas of statements, one for each phrase and kind of a statement, in its order."""
    found = []
    for record in records:
        seen = set()
        starts = [area.evidence.start if area.evidence else len(record.text) for area in record.focus_areas]
        for index in sorted(range(len(starts)), key=lambda i: (starts[i], i)):
            area = record.focus_areas[index]
            if (area.phrase.casefold(), area.kind) not in seen:
                seen.add((area.phrase.casefold(), area.kind))
                found.append(Mention(record, index))
    return found


def texts(records: Iterable[StatementRecord]) -> list[str]:
    """Return every text whose vector this room will ask for, but for the sentences of a search."""
    return [
        text
        for record in records
        for area in record.focus_areas
        for text in (plain(area.phrase, record), around(area))
    ]


def around(area: FocusArea) -> str:
    """Return the sentence that says a focus area, or the phrase itself where none does."""
    return area.sentence.text if area.sentence else area.phrase


def plain(phrase: str, record: StatementRecord) -> str:
    """Return a phrase as it is compared: usual abbreviations spelt out, and names of its own election gone.

    "stronger Kata Containers docs" in a Kata Containers election is "stronger documentation", and "term limits for the
    council" in one of the council "term limits". A phrase of nothing but such names stays as it is.
    """
    election = record.election
    pattern = _names(election.community, election.community_canonical, election.unit, election.office_canonical)
    if pattern is not None:
        left = " ".join(pattern.sub(" ", phrase).split()).strip(" -/,")
        phrase = _LOOSE.sub("", left) if content(left) else phrase
    return spelt_out(phrase)


def spelt_out(text: str) -> str:
    """Return a text with usual abbreviations spelt out."""
    return _SHORT.sub(lambda match: ABBREVIATIONS[match.group().lower()], text)


def features(items: Sequence[Mention], embedder: Embedder, *, contrast: bool = False) -> Any:
    """Return phrases as vectors whose dot products are their similarities, CSR matrix, float32.

    Parameters
    ----------
    contrast : bool
        Take away what all these phrases share (the mean of their vectors; n-grams weigh less the more
        phrases hold them), so that differences within one electorate show. Such similarities are smaller,
        and comparable only among themselves.
    """
    return joined(vectors(items, embedder), [item.plain for item in items], contrast=contrast)


def vectors(items: Sequence[Mention], embedder: Embedder) -> Matrix:
    """Return the vectors of phrases, each with a little of the sentence around it."""
    return mixed([item.plain for item in items], [item.around for item in items], embedder)


def mixed(texts: Sequence[str], around: Sequence[str], embedder: Embedder) -> Matrix:
    """Return the vectors of texts, each with a little of what stands around it."""
    import numpy as np

    made = PHRASE_SHARE * telling(texts, embedder) + (1 - PHRASE_SHARE) * telling(around, embedder)
    return made.astype(np.float32)


def telling(texts: Sequence[str], embedder: Embedder) -> Matrix:
    """Return the vectors of texts without what those of all focus areas share, of length one.

    Taken away are the mean of the vectors of a large collection, and the directions in which they spread most
    (``models/background.npz``). The vectors of another model than it was made with are left as they are.

    References
    ----------
    Mu and Viswanath (2018), All-but-the-top, ICLR.
    """
    import numpy as np

    vectors = embedder.encode(texts)
    background = _background()
    if embedder.sha256 != background.sha256:
        return vectors
    centred: Matrix = vectors - background.mean
    return scaled(np.asarray(centred - centred @ background.axes.T @ background.axes, dtype=np.float32))


class _Background(NamedTuple):
    mean: Matrix
    axes: Matrix
    sha256: str


@cache
def _background() -> _Background:
    import numpy as np

    with np.load(shipped("models/background.npz")) as kept:
        axes = kept["axes"].astype(np.float32)
        return _Background(kept["mean"].astype(np.float32), axes, str(kept["sha256"]))


def scaled(vectors: Matrix, *, contrast: bool = False) -> Matrix:
    """Return vectors with length one, with `contrast` after taking away their mean."""
    import numpy as np

    if contrast:
        vectors = vectors - vectors.mean(axis=0)
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    norms[norms < 1e-6] = 1
    return np.asarray(vectors / norms, dtype=np.float32)


def joined(
    vectors: Matrix, phrases: Sequence[str], *, contrast: bool = False, lexical: float = LEXICAL_SHARE
) -> Any:
    """Return sentence vectors and n-grams of phrases as one CSR matrix of rows of length (at most) one.

    Parameters
    ----------
    lexical : the share of the n-grams in the similarity.
    """
    import numpy as np
    from scipy import sparse
    from sklearn.feature_extraction.text import TfidfVectorizer

    parts = [sparse.csr_matrix((1 - lexical) ** 0.5 * scaled(vectors, contrast=contrast))]
    contents = [content(phrase) for phrase in phrases]
    if any(contents):
        # Padded, so that even a word of one letter has an n-gram.
        grams = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(2, 5), use_idf=contrast, sublinear_tf=True, dtype=np.float32
        ).fit_transform(contents)
        parts.append(lexical**0.5 * grams)
    return sparse.hstack(parts, format="csr", dtype=np.float32)


def blocks(rows: Any, others: Any = None) -> Iterator[tuple[int, Matrix]]:
    """Yield how alike rows of `features` are to others (or all of them to each other), `BLOCK` rows at a time.

    Columns that most rows fill are multiplied as a dense matrix, which is many times faster.

    Yields
    ------
    start, block : the index of the first row, and similarities of shape (rows of the block, all others).
    """
    import numpy as np

    others = rows if others is None else others
    filled = np.bincount(others.indices, minlength=others.shape[1]) > others.shape[0] / 2
    full, thin = np.flatnonzero(filled), np.flatnonzero(~filled)
    across_full = others[:, full].toarray().T
    across_thin = others[:, thin].T.tocsr()
    for start in range(0, rows.shape[0], BLOCK):
        some = rows[start : start + BLOCK]
        block = some[:, full].toarray() @ across_full
        block += (some[:, thin] @ across_thin).toarray()
        # Rounded, so that the last bits of a matrix product decide nothing.
        yield start, np.clip(block, 0, 1, out=block).round(5)


def similarity(items: Sequence[Mention], embedder: Embedder, *, contrast: bool = False) -> Matrix:
    """Return how alike phrases are, shape ``(len(items), len(items))``, symmetric, 0 to 1, ones on the diagonal.

    Parameters
    ----------
    contrast : bool
        See `features`.
    """
    import numpy as np

    result = np.zeros((len(items), len(items)), dtype=np.float32)
    if not items:
        return result
    for start, block in blocks(features(items, embedder, contrast=contrast)):
        result[start : start + len(block)] = block
    # The last bits of the two halves differ.
    upper = np.triu(result, 1)
    result = upper + upper.T
    same: dict[str, list[int]] = {}
    for index, item in enumerate(items):
        same.setdefault(key(item.phrase), []).append(index)
    for members in same.values():
        result[np.ix_(members, members)] = 1.0
    return result


def groups(alike: Matrix, threshold: float = SAME) -> list[list[int]]:
    """Return which phrases mean the same: average linkage, as long as the mean similarity is `threshold`.

    Every phrase is in exactly one group; groups stand in the order of their first phrase.
    """
    count = len(alike)
    if count < 2:
        return [[index] for index in range(count)]
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    tree = linkage(squareform(1 - alike, checks=False), method="average")
    labels = fcluster(tree, 1 - threshold, criterion="distance")
    found: dict[int, list[int]] = {}
    for index, label in enumerate(labels):
        found.setdefault(int(label), []).append(index)
    return sorted(found.values())


def central(members: Sequence[int], alike: Matrix) -> int:
    """Return the member most alike to all others (the medoid), the earliest of equals."""
    sums = alike[members][:, members].sum(axis=1, dtype=float).round(4)
    return members[int(sums.argmax())]


def subject(members: Sequence[int], items: Sequence[Mention], alike: Matrix, labeller: Labeller) -> Subject:
    """Return phrases that mean the same as one subject."""
    chosen = [items[index] for index in members]
    kinds = {item.kind for item in chosen}
    return Subject(
        label=labeller(items[central(members, alike)].phrase),
        kinds=[kind for kind in KINDS if kind in kinds],
        phrases=[item.view() for item in chosen],
    )


class Labeller:
    """Writes phrases as labels: in lower case but for names, no article before them, no quote left open.

    A name is what the statements mostly write with a capital within a sentence.
    A word is judged together with a neighbour that has a capital, too ("Clear Containers"), where the pair is
    met elsewhere. Capitals of headings and sentence beginnings say nothing; what is met nowhere else is a name
    unless it begins its phrase.
    """

    def __init__(self, records: Iterable[StatementRecord]) -> None:
        self._low: Counter[str] = Counter()
        self._high: Counter[str] = Counter()
        for record in records:
            for block in record.blocks:
                if block.kind not in ("paragraph", "item"):
                    continue
                before = None
                for match in _PLAIN.finditer(record.text, block.start, block.end):
                    word = match.group()
                    within = record.text[max(block.start, match.start() - 2) : match.start()]
                    if word.islower():
                        seen = self._low
                    elif len(within) == 2 and within[1] == " " and (within[0].islower() or within[0] == ","):
                        seen = self._high
                    else:
                        before = None  # the beginning of a sentence
                        continue
                    word = word.lower()
                    seen[word] += 1
                    if before and word not in _JOINERS:
                        seen[f"{before} {word}"] += 1
                    before = before if word in _JOINERS else word

    def __call__(self, phrase: str) -> str:
        """Return a phrase as a label; words like ``CI`` and ``OpenStack`` stay as they are."""
        phrase = _ARTICLE.sub("", _closed(phrase)) or phrase
        words = [match for match in _PLAIN.finditer(phrase) if match.group() not in _JOINERS]
        made = list(phrase)
        for place, match in enumerate(words):
            word = match.group()
            if not word.istitle() or len(word) < 2:
                continue
            pairs = [
                f"{one} {other}".lower()
                for start in (place, place - 1)
                if 0 <= start < len(words) - 1
                for one, other in [(words[start].group(), words[start + 1].group())]
                if one[0].isupper() and other[0].isupper()
            ]
            known = next((key for key in [*pairs, word.lower()] if self._low[key] or self._high[key]), None)
            named = match.start() > 0 if known is None else self._high[known] > self._low[known]
            if not named:
                made[match.start()] = word[0].lower()
        return "".join(made)


def content(phrase: str) -> str:
    """Return the words of a phrase that carry its meaning, in lower case."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    return " ".join(word for word in _words(phrase) if word not in ENGLISH_STOP_WORDS)


def key(phrase: str) -> str:
    """Return what two phrases share that differ only in case, number, punctuation or articles."""
    return " ".join(singular(word) for word in _words(phrase) if word not in ("a", "an", "the", "our", "my"))


def singular(word: str) -> str:
    """Return an English word without the ending of a plural (Harman's S-stemmer)."""
    if word.endswith("ies") and not word.endswith(("eies", "aies")) and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("s") and not word.endswith(("us", "ss", "is")) and len(word) > 3:
        return word[:-1]
    return word


def _words(text: str) -> list[str]:
    return re.findall(r"\w+[+#]*", text.lower())


def _closed(phrase: str) -> str:
    """Return a phrase without quotes around all of it, and without quotes and brackets that have no partner."""
    for left, right in ('""', "“”", "()", "[]"):
        inner = phrase[1:-1]
        if left != "(" and phrase[:1] == left and phrase[-1:] == right and left not in inner and right not in inner:
            phrase = inner
        odd = phrase.count(left) % 2 if left == right else phrase.count(left) != phrase.count(right)
        if odd:
            phrase = phrase.replace(left, "").replace(right, "")
    return " ".join(phrase.split()) or phrase


# What is left at the end of a phrase whose last word is gone.
_LOOSE = re.compile(r"(?:\s+(?:a|an|at|by|for|from|in|of|on|the|to|with|within))+$", re.IGNORECASE)
# The last word of an office that is a body: who says "the council" means this one.
_BODY = re.compile(r"\b(?:board|commission|committee|council)$", re.IGNORECASE)


@lru_cache(maxsize=1024)
def _names(
    community: str | None, canonical: str | None, unit: str | None, office: str | None
) -> re.Pattern[str] | None:
    """Return what finds the names of a community and of a body it elects, in any case, and of its unit, as written."""
    found = []
    body = _BODY.search(office or "")
    bodies = (community, canonical, office if body else None)
    for name in sorted({name for name in bodies if name}, key=lambda name: (-len(name), name)):
        words = name.split()
        found.append("(?i:" + r"[\s_-]+".join(map(re.escape, words)) + ")")
        # In speech the first word or the initials stand for the whole: "Kata", "PSF".
        if len(words) > 1 and len(words[0]) > 2 and words[0][:1] != words[0][:1].lower():
            found.append(re.escape(words[0]))
        if len(words) > 2:
            found.append("".join(word[0] for word in words).upper())
    if body:
        found.append(rf"(?i:the\s+{body.group()})")
    if unit:
        found.append(re.escape(unit))
    return re.compile(rf"(?<!\w)(?:{'|'.join(found)})(?:['’]s)?(?!\w)") if found else None
