"""Join the trained parts into the pipeline that is shipped.

usage: package.py SYNTAX NER DOMAIN.pt READER.json OUT [--version V] [--figures FIGURES.json]

SYNTAX and NER are pipelines of `spacy train`; DOMAIN.pt holds the weights of the domain layers, DOMAIN.small.pt beside
it those of the small network, DOMAIN.positions.npz and the like those of the linear components; READER.json how readily
their decoder speaks; FIGURES.json what was measured (it becomes `performance` of the package's meta.json).
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

import spacy
import srsly
import torch
from evaluate import LINEAR
from spacy.strings import StringStore, hash_string

from analyzer.pipeline import blocks, employment, incumbency, reader  # noqa: F401  (registers the factories)
from analyzer.pipeline.linear import LinearComponent

SOURCES = [
    {"name": "UD English EWT", "url": "https://universaldependencies.org", "license": "CC BY-SA 4.0"},
    {"name": "UNER English EWT", "url": "https://www.universalner.org", "license": "CC BY-SA 4.0"},
    {"name": "WNUT17", "url": "https://noisy-text.github.io/2017", "license": "CC BY 4.0"},
    {"name": "wikigold", "url": "https://aclanthology.org/W09-3302", "license": "CC BY 4.0"},
    {"name": "Broad Twitter Corpus", "url": "https://aclanthology.org/C16-1111", "license": "CC BY 4.0"},
    {"name": "all-MiniLM-L6-v2", "url": "https://aclanthology.org/D19-1410", "license": "Apache-2.0"},
    {"name": "1,092 candidacy statements, annotated (data/annotations)", "url": "", "license": "Apache-2.0"},
    {"name": "invented statements (data/invented)", "url": "", "license": "Apache-2.0"},
    {"name": "invented sentences (data/employment, data/incumbency)", "url": "", "license": "Apache-2.0"},
]


def needed_strings(nlp: spacy.Language) -> list[str]:
    """The strings the pipeline writes: those of the language, of labels, and of the lemmatizer's edit trees.

    A vocabulary keeps every word of the training texts, and nothing reads them.
    """
    keep = set(spacy.blank("en").vocab.strings)
    for _, pipe in nlp.pipeline:
        for label in map(str, getattr(pipe, "labels", ())):
            keep.update([label, *label.split("|"), *(part for pair in label.split("|") for part in pair.split("="))])
    hashes = set()

    def collect(value: Any) -> None:
        if isinstance(value, dict):
            value = list(value.values())
        if isinstance(value, list | tuple):
            for item in value:
                collect(item)
        else:
            hashes.add(value)

    collect(srsly.msgpack_loads(nlp.get_pipe("trainable_lemmatizer").trees.to_bytes()))
    return sorted(keep | {string for string in nlp.vocab.strings if hash_string(string) in hashes})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("syntax", type=Path)
    parser.add_argument("ner", type=Path)
    parser.add_argument("domain", type=Path)
    parser.add_argument("reader", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--version", default="0.1.0")
    parser.add_argument("--figures", type=Path)
    args = parser.parse_args()

    syntax, ner = spacy.load(args.syntax), spacy.load(args.ner)
    nlp = spacy.blank("en")
    nlp.add_pipe("candidacy_blocks")
    for name in syntax.pipe_names:
        nlp.add_pipe(name, source=syntax)
    nlp.add_pipe("ner", source=ner)
    component = nlp.add_pipe("candidacy_reader", config=json.loads(args.reader.read_text(encoding="utf-8")))
    assert isinstance(component, reader.CandidacyReader)
    small = args.domain.with_suffix(".small.pt")
    component.install(torch.load(args.domain, weights_only=True), torch.load(small, weights_only=True))
    for name in LINEAR:
        linear = nlp.add_pipe(f"candidacy_{name}")
        assert isinstance(linear, LinearComponent)
        linear.from_bytes(args.domain.with_suffix(f".{name}.npz").read_bytes())
    nlp.meta.update(
        name="candidacy",
        version=args.version,
        description="Open-source candidacy statements: candidate, office, roles, affiliations, focus areas.",
        author="The candidacy-analyzer authors",
        license="CC BY-SA 4.0",
        sources=SOURCES,
        performance=json.loads(args.figures.read_text(encoding="utf-8")) if args.figures else {},
    )
    if args.out.exists():
        shutil.rmtree(args.out)
    nlp.to_disk(args.out)
    StringStore(needed_strings(nlp)).to_disk(args.out / "vocab" / "strings.json")
    size = sum(p.stat().st_size for p in args.out.rglob("*") if p.is_file())
    print(f"{args.out}: {nlp.pipe_names}, {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
