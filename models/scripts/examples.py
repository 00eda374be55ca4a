"""Annotated statements as the network reads them, some of them as they could have been written.

usage: examples.py ANNOTATIONS.jsonl OUT.examples --names NER-TRAIN.spacy [--versions N] [--seed N]

OUT.examples holds, for each statement, itself and N other versions of it. Names that a version borrows come from
statements of the same community and the same part of the cross-validation, from NER-TRAIN.spacy, or are invented: what
`domain.py` leaves out has lent nothing to what it learns from.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import spacy
from augmentation import add_employer, swap_names, swap_office
from spacy.tokens import DocBin
from training import IGNORED, PARTS, Example, Versions, part_of, write_examples

from analyzer.pipeline.blocks import sentences_of
from analyzer.pipeline.network import LAYERS, word_pieces
from analyzer.pipeline.reader import windows_of
from analyzer.records import Block

#: Of the versions so many have other names, so many another office, and so many one sentence more.
SWAPPED, MOVED, ADDED = 0.7, 0.6, 0.4


class Preparer:
    """Turns annotated statements into examples, as the pipeline will see them."""

    def __init__(self) -> None:
        self.nlp = spacy.blank("en")
        self.nlp.add_pipe("candidacy_blocks")
        self.pieces, _ = word_pieces()

    def __call__(self, row: dict[str, Any]) -> Example:
        doc = self.nlp.make_doc(row["text"])
        doc._.blocks = tuple(Block(**b) for b in row["blocks"])
        for _, pipe in self.nlp.pipeline:
            doc = pipe(doc)
        sentences = sentences_of(doc)
        cut = windows_of(doc, self.pieces)

        def span(a: int, b: int) -> tuple[int, int] | None:
            found = doc.char_span(a, b, alignment_mode="expand")
            return (found.start, found.end) if found is not None else None

        tags = {name: np.zeros(len(doc), dtype=np.int8) for name in LAYERS}

        def mark(layer: str, bounds: tuple[int, int] | None, label: str | None) -> None:
            if bounds is None:
                return
            a, b = bounds
            if label is None:
                tags[layer][a:b][tags[layer][a:b] == 0] = IGNORED
                return
            k = LAYERS[layer].index(label)
            tags[layer][a] = 1 + 2 * k
            tags[layer][a + 1 : b] = 2 + 2 * k

        spans, roles = row["spans"], []
        for layer in ("candidate", "office", "community", "focus_areas"):
            # Longer ones first, so that of two that overlap the shorter stays whole.
            for a, b, label in sorted(spans[layer], key=lambda s: s[0] - s[1]):
                mark(layer, span(a, b), label)
        affiliations = []
        for a, b, relation, status in spans["affiliations"]:
            mark("affiliations", span(a, b), "ORG")
            bounds = span(a, b)
            if bounds:
                affiliations.append((*bounds, relation, status))
        fixed = {a[:2] for a in affiliations} | {
            bounds for s in spans["community"] if (bounds := span(s[0], s[1]))
        }
        for role in row["roles"]:
            title = span(*role["title"])
            organization = span(*role["organization"]) if role["organization"] else None
            if title is None:
                continue
            mark("titles", title, "TITLE")
            if organization:
                mark("organizations", organization, "ORG")
                fixed.add(organization)
            named = role["organization"] and row["text"][slice(*role["organization"])].casefold()
            roles.append((title, named, role["status"]))
        for layer, mentions in row["ignore"].items():
            for a, b in mentions:
                # A title elsewhere is none: it is the clearest mention that counts.
                if layer != "titles":
                    mark(layer, span(a, b), None)
        # A title is linked to any mention of its organization.
        repeated = {
            bounds
            for key in ("organizations", "affiliations", "community")
            for m in row["ignore"][key]
            if (bounds := span(*m))
        }
        mentions = sorted(repeated | fixed, key=lambda m: (m not in fixed, m[0] - m[1], m))
        linkable: list[tuple[int, int]] = []
        for a, b in mentions:
            if (a, b) in fixed or not any(a < d and c < b for c, d in linkable):
                linkable.append((a, b))
        roles = [
            (title, [m for m in linkable if doc[m[0] : m[1]].text.casefold() == named] if named else [], status)
            for title, named, status in roles
        ]
        keys: dict[int, float] = {}
        for at, rank in row["key_sentences"]:
            bounds = span(at, at + 1)
            if bounds:
                keys[sentences[bounds[0]]] = (1.0, 0.9, 0.8)[min(rank, 2)]
        return Example(row["id"], cut, len(doc), tags, roles, sorted(linkable), affiliations, keys)


def names_of(corpus: Path, label: str, longest: int) -> list[str]:
    """Names of a corpus of names, each once."""
    docs = DocBin().from_disk(corpus).get_docs(spacy.blank("en").vocab)
    found = {e.text for d in docs for e in d.ents if e.label_ == label and e.text[:1].isupper() and len(e) <= longest}
    return sorted(name for name in found if "\n" not in name)


def versions_of(
    rows: Sequence[dict[str, Any]], count: int, seed: int, people: Sequence[str], companies: Sequence[str]
) -> list[Versions]:
    """Each statement as it is, and `count` other versions of it."""
    prepare = Preparer()
    cells = defaultdict(list)
    for row in rows:
        cells[row["source"], part_of(row["group"], PARTS)].append(row)
    out = []
    for row in rows:
        rng = random.Random(f"{seed} {row['id']}")
        cell = cells[row["source"], part_of(row["group"], PARTS)]
        names = [r["text"][a:b] for r in cell for a, b, _ in r["spans"]["candidate"][:1]]
        own = [r["text"][s[0] : s[1]] for r in cell for s in r["spans"]["affiliations"]]
        versions = [prepare(row)]
        for _ in range(count):
            other = row
            if rng.random() < SWAPPED:
                other = swap_names(row, rng, names if rng.random() < 0.5 else people, own or companies)
            if rng.random() < MOVED:
                other = swap_office(other, rng)
            if rng.random() < ADDED:
                other = add_employer(other, rng, companies if rng.random() < 0.7 else own)
            versions.append(versions[0] if other is row else prepare(other))
        out.append(Versions(row["id"], row["source"], row["group"], versions))
    return out


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("annotations", type=Path)
    ap.add_argument("out", type=Path)
    ap.add_argument("--names", type=Path, required=True, help="corpus whose names are lent to statements")
    ap.add_argument("--versions", type=int, default=10)
    ap.add_argument("--seed", type=int, default=13)
    a = ap.parse_args()
    rows = [json.loads(line) for line in a.annotations.read_text(encoding="utf-8").splitlines()]
    people, companies = names_of(a.names, "PERSON", 3), names_of(a.names, "ORG", 4)
    made = versions_of(rows, a.versions, a.seed, people, companies)
    write_examples(a.out, made)
    print(f"{len(made)} statements in {sum(len(v.examples) for v in made)} versions", flush=True)


if __name__ == "__main__":
    main()
