"""How good topics are, beside BERTopic, TF-IDF and k-means on the same statements.

usage: python benchmarks/topics.py [teams] [quality] [stability] [people] [gold] [--db WORKSPACE] [--corpus FOLDER]
                                   [--gold FOLDER]

teams      whether statements that stand for the same team are found alike, with the names of teams masked
quality    coherence and diversity of the topics of a collection, the share in none, and five runs beside each other
stability  what adding a tenth of the statements, and leaving a tenth out, changes
people     whether a person's statement is most like their other one for the same team
gold       whether phrases that annotators gave one subject are in one topic

By default all of these. CORPUS (../shared/corpus) is analysed into a temporary workspace, or a copy is given with --db:
vectors and, beside it, focus areas of masked statements are kept there for the next run. Each table holds all sides,
made from the same texts in the same run. UMAP, within BERTopic, is given a seed (42), without which its figures
change from run to run. Needs the extra `benchmarks`.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import itertools
import json
import multiprocessing
import os
import re
import tempfile
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from masked import Masked, draws, parts, statements
from measures import Reference, class_words, diversity, interval, interval_over_rows
from numpy.typing import NDArray
from rapidfuzz import fuzz
from sklearn.cluster import AgglomerativeClustering, KMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import adjusted_mutual_info_score as ami
from sklearn.metrics import adjusted_rand_score as ari
from sklearn.preprocessing import normalize

from analyzer.embeddings import DEFAULT_SHA256, Embedder
from analyzer.records import Block, Candidate, Decision, Election, FocusArea, Source, Span, StatementRecord
from analyzer.sentences import sentences
from analyzer.store import Workspace
from analyzer.topics import filing as filing_
from analyzer.topics import phrases
from analyzer.topics.estimators import DiffusionMap
from analyzer.topics.filing import OTHER, Filing, filed
from analyzer.topics.terms import TERMS, terms
from analyzer.topics.wording import wording

SHARED = Path(__file__).parents[2] / "shared"
SUBJECTS = Path(__file__).parent / "gold_topics" / "topics.csv"
OURS = "ours"
Labels = NDArray[Any]


@dataclass
class Material:
    """A workspace's statements, its embedder, and the masked ones."""

    db: Path
    records: list[StatementRecord]
    embedder: Embedder

    def masked(self) -> list[Masked]:
        return statements(self.records, self.db.with_suffix(".masked.json"))


# Methods ------------------------------------------------------------------------------------------------------------


def ward(rows: Any, count: int) -> Labels:
    return np.asarray(AgglomerativeClustering(count, linkage="ward").fit_predict(rows))


def bertopic(texts: Sequence[str], vectors: Any) -> tuple[Any, Labels]:
    """Return a BERTopic of its defaults, but for the seed, and the topic of each text; -1 for none."""
    from bertopic import BERTopic  # type: ignore[import-untyped]
    from umap import UMAP  # type: ignore[import-untyped]

    # The parameters BERTopic gives UMAP where it makes one itself.
    reducer = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=42, n_jobs=1)
    model = BERTopic(umap_model=reducer)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        labels, _ = model.fit_transform(list(texts), vectors)
    return model, np.array(labels)


def reduced(model: Any, texts: Sequence[str], count: int) -> Labels:
    """Return topics after merging them into as many as `count`, the outliers one of them; as they are if fewer."""
    if len(set(model.topics_)) > count:
        model.reduce_topics(list(texts), nr_topics=count)
    return np.array(model.topics_)


@dataclass(frozen=True)
class Lexical:
    """A TF-IDF: Ward on its rows, after a singular value decomposition where `svd` says to how many components."""

    svd: int | None = 50
    most: float = 1.0
    ngrams: int = 1

    @property
    def name(self) -> str:
        said = [f"SVD {self.svd}" if self.svd else "no SVD"]
        said += [f"max_df {self.most}"] if self.most < 1 else []
        said += ["bigrams"] if self.ngrams > 1 else []
        return ", ".join(said)

    def rows(self, texts: Sequence[str]) -> Any:
        vectorizer = TfidfVectorizer(
            stop_words="english", sublinear_tf=True, min_df=2, max_df=self.most, ngram_range=(1, self.ngrams)
        )
        made = vectorizer.fit_transform(texts)
        if self.svd is None:
            return made.toarray()
        return normalize(TruncatedSVD(self.svd, random_state=0).fit_transform(made))


LEXICAL = [
    *(Lexical(svd, most) for svd in (50, 100, 200, None) for most in (1.0, 0.3, 0.1)),
    Lexical(50, 1.0, 2),
    Lexical(50, 0.1, 2),
]


def sentence_means(found: Sequence[Masked], embedder: Embedder) -> Any:
    """Return the mean sentence vector of each statement less the mean over all."""
    split = [[span.text for span in sentences(record_of(one.id, one.text))] for one in found]
    vectors = vectors_of([text for texts in split for text in texts], embedder)
    owners = np.repeat(np.arange(len(found)), [len(texts) for texts in split])
    means = np.zeros((len(found), vectors.shape[1]))
    np.add.at(means, owners, vectors)
    means /= np.maximum(np.bincount(owners, minlength=len(found)), 1)[:, None]
    return normalize(means - means.mean(axis=0))


# teams --------------------------------------------------------------------------------------------------------------


def teams(material: Material) -> None:
    found = material.masked()
    texts = [one.text for one in found]
    places = DiffusionMap().fit_transform(wording(texts, [one.focus for one in found]))
    documents, means = vectors_of(texts, material.embedder), sentence_means(found, material.embedder)
    everywhere = {variant: variant.rows(texts) for variant in LEXICAL}
    ways: list[tuple[Literal["person", "file"], str]] = [
        ("person", "people as the workspace knows them"),
        ("file", "people by the names of their files, some there twice"),
    ]
    for (by, how), (part, among) in itertools.product(ways, parts(found).items()):
        samples = draws(found, among, by)
        truths = [np.array([found[i].team for i in sample]) for sample in samples]
        count = len(set(truths[0]))
        groupings: dict[str, list[Labels]] = {
            OURS: [ward(places[sample], count) for sample in samples]
        }
        for variant in LEXICAL:
            name = f"TF-IDF, {variant.name}, Ward"
            if (variant.svd or 0) < len(samples[0]):
                made = [ward(variant.rows([texts[i] for i in sample]), count) for sample in samples]
                groupings[f"{name}; fitted on the draw"] = made
            rows = everywhere[variant]
            groupings[f"{name}; fitted on all"] = [ward(rows[sample], count) for sample in samples]
        default, fewer = f"BERTopic {_version()}, defaults", f"BERTopic, reduced to {count}"
        groupings |= {default: [], fewer: []}
        for sample in samples:
            model, labels = bertopic([texts[i] for i in sample], documents[sample])
            groupings[default].append(labels)
            groupings[fewer].append(reduced(model, [texts[i] for i in sample], count))
        groupings["k-means, document vectors"] = [
            KMeans(count, n_init=10, random_state=0).fit_predict(documents[sample]) for sample in samples
        ]
        groupings["Ward, centred means of sentence vectors"] = [ward(means[sample], count) for sample in samples]
        _show_teams(f"{part} teams, {how}", groupings, truths, len(among), count)


def _show_teams(
    title: str, groupings: Mapping[str, Sequence[Labels]], truths: Sequence[Labels], statements: int, count: int
) -> None:
    figures = {
        name: np.array([[ami(true, own), ari(true, own)] for true, own in zip(truths, made, strict=True)])
        for name, made in groupings.items()
    }
    lexical = sorted((name for name in figures if name.startswith("TF-IDF")), key=lambda n: -figures[n][:, 0].mean())
    # Of the many variants, the usual one and the best of each way of fitting.
    usual = f"TF-IDF, {LEXICAL[0].name}, Ward; fitted on the draw"
    fitted = [next(name for name in lexical if name.endswith(way)) for way in ("the draw", "all")]
    shown = [name for name in figures if name not in lexical or name in {usual, *fitted}]
    print(f"\n### Teams masked: {title}\n")
    print(f"{count} teams, {statements} statements, {len(truths[0])} in a draw, {len(truths)} draws.\n")
    table(
        ["method", "AMI", "sd over draws", "ARI"],
        [
            [name, *(f"{value:.3f}" for value in (values[:, 0].mean(), values[:, 0].std(ddof=1), values[:, 1].mean()))]
            for name, values in ((name, figures[name]) for name in shown)
        ],
    )
    best = lexical[0]
    gain = figures[OURS][:, 0] - figures[best][:, 0]
    over_draws = interval(gain)
    over_rows = interval_over_rows(truths, groupings[OURS], groupings[best])
    print(
        f"\nOurs less the best of {len(lexical)} TF-IDF variants ({best}): {gain.mean():+.3f} AMI; 95 % interval "
        f"{_range(over_draws)} over draws (10,000 resamples), {_range(over_rows)} over people and teams "
        f"(1,000). The {len(lexical)} reach {figures[lexical[-1]][:, 0].mean():.3f} to "
        f"{figures[best][:, 0].mean():.3f}."
    )


# quality ------------------------------------------------------------------------------------------------------------


def quality(material: Material) -> None:
    records, embedder = material.records, material.embedder
    items = phrases.mentions(records)
    plain, around = [item.plain for item in items], [item.around for item in items]
    filing = filed(records, embedder)
    ours = np.array([filing.phrases[filing_.key_of(text)].topic for text in plain])
    distinct = sorted(set(around))
    references = Reference(distinct)
    whole = Reference([record.text for record in records], references.words)
    rows: list[list[str]] = []

    def row(name: str, labels: Labels, words: str, found: Sequence[Sequence[str]], other: float) -> None:
        kept = [references.known(topic)[:TERMS] for topic in found]
        figures = [references.coherence(kept), whole.coherence(kept), diversity(kept)]
        rows.append(
            [name, str(len(set(labels))), f"{100 * other:.1f} %", words, *(f"{value:.3f}" for value in figures)]
        )

    def rated(name: str, labels: Labels, texts: Sequence[str], contexts: Sequence[str], none: Any, model: Any) -> None:
        held = labels != none
        some, other = labels[held], 1 - float(held.mean())
        said = [text for text, yes in zip(texts, held, strict=True) if yes]
        near = [text for text, yes in zip(contexts, held, strict=True) if yes]
        if model is not None:
            names = sorted(set(some.tolist()))
            row(name, some, "BERTopic's own", [[word for word, _ in model.get_topic(i)] for i in names], other)
        row(name, some, "class TF-IDF", class_words(some, said, references.words), other)
        pairs: dict[str, list[tuple[str, str]]] = {}
        for label, text, sentence in zip(some.tolist(), said, near, strict=True):
            pairs.setdefault(str(label), []).append((text, sentence))
        row(name, some, "`terms`", list(terms(pairs, [record.text for record in records]).values()), other)

    rated("ours", ours, plain, around, OTHER, None)
    count = len(set(ours) - {OTHER})
    for name, texts, contexts in (("phrases", plain, around), ("sentences", distinct, distinct)):
        vectors = embedder.encode(texts)
        model, labels = bertopic(texts, vectors)
        rated(f"BERTopic, {name}", labels, texts, contexts, -1, model)
        if len(set(labels.tolist())) > count + 1:
            labels = reduced(model, texts, count + 1)
            rated(f"BERTopic, {name}, reduced to {count}", labels, texts, contexts, -1, model)
    print(f"\n### Topics of {len(records)} statements, {len(items)} focus areas, {len(distinct)} sentences\n")
    table(
        ["topics", "number", "other", "words by", "NPMI, sentences", "NPMI, statements", "diversity"],
        rows,
    )
    spread = np.unique([filing.topics[topic].area for topic in set(ours) - {OTHER}])
    print(f"\nOurs stand in {len(spread)} areas. {_five(material)}")


def _five(material: Material) -> str:
    """Say how many different results five runs have, each a new process with its own hash seed and order."""
    found = []
    before = os.environ.get("PYTHONHASHSEED")
    for seed in range(5):
        os.environ["PYTHONHASHSEED"] = str(seed + 1)
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
            texts = sorted(set(phrases.texts(material.records)))
            vectors = material.embedder.encode(texts)
            found.append(pool.submit(_digest, seed, material.records, dict(zip(texts, vectors, strict=True))).result())
    if before is None:
        del os.environ["PYTHONHASHSEED"]
    else:
        os.environ["PYTHONHASHSEED"] = before
    return f"Different results of five runs (new processes, statements in another order each): {len(set(found))}."


class Vectors(Embedder):
    """The vectors of texts that are known."""

    sha256 = DEFAULT_SHA256

    def __init__(self, known: Mapping[str, Any]) -> None:
        self._known = known

    def encode(self, texts: Sequence[str]) -> Any:
        return np.array([self._known[text] for text in texts], dtype=np.float32).reshape(len(texts), -1)


def _digest(seed: int, records: Sequence[StatementRecord], vectors: Mapping[str, Any]) -> str:
    order = np.random.default_rng(seed).permutation(len(records))
    filing = filed([records[i] for i in order], Vectors(vectors))
    said = [sorted((key, repr(value)) for key, value in part.items()) for part in (filing.topics, filing.phrases)]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


# stability ----------------------------------------------------------------------------------------------------------


def stability(material: Material, tenths: int = 3) -> None:
    records, embedder = material.records, material.embedder
    full = filed(records, embedder)
    rows = filing_._rows(filing_.entries(records), embedder)
    keys = {entry.key: place for place, entry in enumerate(filing_.entries(records))}
    count = len(full.topics)
    means = _means(rows, count, 0)
    grown, refitted = [], []
    for seed in range(tenths):
        chance = np.random.default_rng(seed)
        left_out = set(chance.choice(len(records), len(records) // 10, replace=False).tolist())
        before = filed([record for i, record in enumerate(records) if i not in left_out], embedder)
        after = filed(records, embedder, before)
        grown.append([str(seed), *_kept(before, after)])
        common = sorted(before.phrases.keys() & full.phrases.keys())
        other = [keys[key] for key in common]
        again = _means(rows[other], count, seed + 1)
        settled = [key for key in common if OTHER not in (before.phrases[key].topic, full.phrases[key].topic)]
        figures = [
            ari(*([one.phrases[key].topic for key in some] for one in (full, before))) for some in (common, settled)
        ]
        refitted.append([str(seed), *(f"{figure:.3f}" for figure in (*figures, ari(means[other], again)))])
    print(f"\n### A tenth of {len(records)} statements added\n")
    table(["tenth", "phrases before", "stay", "stay, of those in a topic", "topics before", "keep id and label"], grown)
    print(f"\n### A tenth left out: adjusted Rand with the full fit, {len(keys)} phrases, {count} topics\n")
    table(["tenth", "ours", "ours, without other", "k-means, same vectors and number"], refitted)


def _means(rows: Any, count: int, seed: int) -> Labels:
    return np.asarray(KMeans(count, n_init=1, random_state=seed).fit_predict(rows))


def _kept(before: Filing, after: Filing) -> list[str]:
    """Return how many phrases and topics a filing has, and the shares that are as they were in a later one."""
    stays = {key: after.phrases[key].topic == place.topic for key, place in before.phrases.items()}
    settled = [stays[key] for key, place in before.phrases.items() if place.topic != OTHER]
    topics = [
        id_ in after.topics and after.topics[id_].label == heading.label for id_, heading in before.topics.items()
    ]
    return [
        str(len(stays)),
        f"{100 * np.mean(list(stays.values())):.2f} %",
        f"{100 * np.mean(settled):.2f} %",
        str(len(topics)),
        f"{100 * np.mean(topics):.2f} %",
    ]


# people -------------------------------------------------------------------------------------------------------------


#: Statements of one person so alike are copies (token_sort_ratio of rapidfuzz, 0 to 100).
COPY = 70


def people(material: Material) -> None:
    found = material.masked()
    texts, team = [one.text for one in found], np.array([one.team for one in found])
    held: dict[tuple[str, str], list[int]] = {}
    for place, one in enumerate(found):
        held.setdefault((one.team, one.person), []).append(place)
    pairs = [
        (first, second)
        for places in held.values()
        for first in places
        for second in places
        if first != second and fuzz.token_sort_ratio(texts[first], texts[second]) < COPY
    ]
    words = wording(texts, [one.focus for one in found])
    turns = TfidfVectorizer(sublinear_tf=True, min_df=2, ngram_range=(1, 3)).fit_transform(texts)
    usual = TfidfVectorizer(stop_words="english", sublinear_tf=True, min_df=2).fit_transform(texts)
    vectors = vectors_of(texts, material.embedder)
    alike = {
        "(a) ours: `wording`": (words @ words.T).toarray(),
        "(b) TF-IDF of 1- to 3-grams with stop words": (turns @ turns.T).toarray(),
        "TF-IDF of words": (usual @ usual.T).toarray(),
        "document vectors": vectors @ vectors.T,
    }
    ours, other = list(alike)[:2]
    alike["(c) (a) + (b), each in its standard deviations"] = _spread(alike[ours]) + _spread(alike[other])
    rows = []
    for name, values in sorted(alike.items(), key=lambda pair: not pair[0].startswith("(")):
        below = np.array([(values[i, j] > values[i, team != team[i]]).mean() for i, j in pairs])
        best: dict[int, float] = {}
        for (i, _), share in zip(pairs, below, strict=True):
            best[i] = max(best.get(i, 0.0), share)
        by_person: dict[str, list[float]] = {}
        for i, share in best.items():
            by_person.setdefault(found[i].person, []).append(float(share == 1))
        figures = [below.mean(), (below == 1).mean(), np.mean(np.array(list(best.values())) == 1)]
        figures.append(np.mean([np.mean(values) for values in by_person.values()]))
        rows.append([name, *(f"{100 * figure:.1f} %" for figure in figures)])
    print(
        f"\n### Same person: {len(pairs)} pairs of own statements for one team, {len({i for i, _ in pairs})} "
        f"statements, {len({found[i].person for i, _ in pairs})} people, among {len(found)} statements\n"
    )
    table(
        [
            "similarity",
            "(own, another team's) pairs ranked rightly",
            "own above all other teams', of own pairs",
            "best own above all, of statements",
            "the same, mean over people",
        ],
        rows,
    )


def _spread(values: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(values / values[~np.eye(len(values), dtype=bool)].std())


# gold ---------------------------------------------------------------------------------------------------------------


def gold(material: Material, folder: Path) -> None:
    with SUBJECTS.open(newline="", encoding="utf-8") as file:
        subjects = {row["topic"]: row["subject"] for row in csv.DictReader(file)}
    records, named = _gold(folder)
    areas = [(record, area) for record in records for area in record.focus_areas]
    plain = [phrases.plain(area.phrase, record) for record, area in areas]
    truth = np.array([subjects.get(" ".join(name.lower().split()), OTHER) for name in named])
    judged = truth != OTHER
    embedder = material.embedder
    vectors_of(phrases.texts(records), embedder)
    vectors = embedder.encode(plain)
    filing = filed(records, embedder)
    keys = [filing_.key_of(text) for text in plain]
    found = filing_.entries(records)
    place = {entry.key: i for i, entry in enumerate(found)}
    at = np.array([place[key] for key in keys])
    rows = filing_._rows(found, embedder)
    count = len(set(truth[judged]))
    groupings: dict[str, Labels] = {"ours": np.array([filing.phrases[key].topic for key in keys])}
    model, labels = bertopic(plain, vectors)
    groupings["BERTopic, defaults"] = labels
    groupings["BERTopic, outliers reduced"] = np.array(model.reduce_outliers(plain, labels.tolist()))
    groupings[f"BERTopic, reduced to {count}"] = reduced(model, plain, count)
    dense = normalize(TruncatedSVD(300, random_state=0).fit_transform(rows))
    for number in sorted({count, len(filing.topics)}):
        groupings[f"k-means, our vectors, {number}"] = _means(rows, number, 0)[at]
        groupings[f"Ward, our vectors (SVD 300), {number}"] = ward(dense, number)[at]
    print(f"\n### Annotated subjects: {int(judged.sum())} phrases of {len(records)} statements in {count} subjects\n")
    table(
        ["method", "topics", "other", "AMI", "ARI"],
        [
            [
                name,
                str(len(set(labels.tolist()) - {OTHER, -1})),
                f"{100 * np.mean(np.isin(labels, [OTHER, '-1'] if labels.dtype.kind == 'U' else [-1])):.1f} %",
                f"{ami(truth[judged], labels[judged]):.3f}",
                f"{ari(truth[judged], labels[judged]):.3f}",
            ]
            for name, labels in groupings.items()
        ],
    )


def _gold(folder: Path) -> tuple[list[StatementRecord], list[str]]:
    """Return annotated statements with their annotated focus areas, and the topic named for each."""
    records, named = [], []
    for path in sorted(folder.glob("*.json")):
        text = path.with_suffix(".txt").read_text("utf-8", "replace")
        noted = [area for area in json.loads(path.read_text("utf-8"))["focus_areas"] if area["topic"]]
        records.append(record_of(path.stem, text, [(area["span"], area["kind"]) for area in noted]))
        named += [area["topic"] for area in noted]
    return records, named


def record_of(id_: str, text: str, areas: Sequence[tuple[str, Any]] = ()) -> StatementRecord:
    """Return a statement of paragraphs, with focus areas (words, kind) each in its sentence."""
    blocks = [
        Block(kind="paragraph", start=match.start(), end=match.end())
        for match in re.finditer(r"\S(?:.|\n(?!\s*\n))*", text)
    ]
    record = StatementRecord(
        id=id_,
        source=Source(path=id_, format="text", sha256=hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()),
        decision=Decision(label="candidacy", score=1),
        text=text,
        blocks=blocks,
        candidate=Candidate(),
        election=Election(),
    )
    spans = sentences(record) if areas else []
    made = []
    for words, kind in areas:
        match = re.search(r"\s+".join(map(re.escape, words.split())), text)
        start, end = match.span() if match else (0, 0)
        phrase = Span(start=start, end=end, text=" ".join(words.split()))
        sentence = next((span for span in spans if span.start <= start < span.end), phrase)
        made.append(FocusArea(phrase=phrase.text, kind=kind, confidence=1, evidence=phrase, sentence=sentence))
    return record.model_copy(update={"focus_areas": made})


# The rest -----------------------------------------------------------------------------------------------------------


def vectors_of(texts: Sequence[str], embedder: Embedder, chunk: int = 512) -> Any:
    """Return the vectors of texts; a run that is cut off keeps those it has made."""
    ordered = sorted(set(texts), key=lambda text: (len(text), text))
    for start in range(0, len(ordered), chunk):
        embedder.encode(ordered[start : start + chunk])
    return embedder.encode(texts)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table of Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    print("\n".join(f"| {' | '.join(line)} |" for line in lines), flush=True)


def _range(bounds: tuple[float, float]) -> str:
    return f"{bounds[0]:+.3f} to {bounds[1]:+.3f}"


def _version() -> str:
    from importlib.metadata import version

    return version("bertopic")


@contextmanager
def opened(db: Path | None, corpus: Path) -> Iterator[Material]:
    """Open a workspace, by default a new one of a corpus."""
    from analyzer import workflow

    with tempfile.TemporaryDirectory() as folder:
        path = db or Path(folder) / "corpus.duckdb"
        if not path.exists():
            workflow.analyze([corpus], path)
        with Workspace.open(path) as workspace:
            embedder = Embedder(cache=workspace)
            workspace.set_model(embedder.model)
            yield Material(path, workspace.records(), embedder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = ("teams", "quality", "stability", "people", "gold")
    parser.add_argument("what", nargs="*", metavar="WHAT", help=", ".join(verbs))
    parser.add_argument("--db", type=Path)
    parser.add_argument("--corpus", type=Path, default=SHARED / "corpus")
    parser.add_argument("--gold", type=Path, default=SHARED / "gold")
    args = parser.parse_args()
    if unknown := sorted(set(args.what) - set(verbs)):
        parser.error(f"{unknown[0]}: no such part: choose from {', '.join(verbs)}")
    with opened(args.db, args.corpus) as material:
        for verb in args.what or verbs:
            started = time.perf_counter()
            if verb == "gold":
                gold(material, args.gold)
            else:
                {"teams": teams, "quality": quality, "stability": stability, "people": people}[verb](material)
            print(f"\n{verb}: {time.perf_counter() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
