"""Weights of `candidacy_employment`: which of the organizations that a statement names are the candidate's.

usage: employment.py READER.json GOLD_DIR SENTENCES OUT_DIR --part K/N=WEIGHTS.pt...

Statements are read with weights of the domain layers that have not seen them (`domain.py --hold-out K/N`), as readily
as READER.json says. The words around each possible affiliation are learned from them and from SENTENCES
(`employer.txt`, `mentioned.txt`, where `{organization}` stands for the name), those in a name only if several invented
organizations have them, too; what the network says, and how much these words say on statements that they were not
learned from, is weighed then. OUT_DIR gets domain.employment.npz, which has seen everything, and for figures
partK.employment.npz and no-SOURCE.employment.npz, which have not seen that part or community.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import spacy
from annotations import index
from marking import SOURCE as INVENTED
from sklearn.linear_model import LogisticRegression
from spacy.tokens import Doc
from training import PARTS, part_of
from unseen import Words, arguments, read_unseen, save_all

from analyzer.evaluation import Annotation, same_organization
from analyzer.pipeline.employment import FORM, WORD, Employment, Surroundings, named, stacked
from analyzer.pipeline.reader import AFFILIATIONS

#: Names that stand in the sentences, one word and two.
NAMES = ("Zorvex", "Zorvex Labs")
#: How much a sentence counts beside a mention, and a mention that is no affiliation beside one that is.
SENTENCE, OTHER = 0.5, 0.7
#: Inverse of the strength of the penalties of the words' weights and of what is above them.
WORDS, ABOVE = 3.0, 0.3
#: A feature is in at least so many names, a word of a name in organizations of so many invented statements.
LEAST, SHARED = 2, 5


@dataclass(slots=True)
class Name:
    """An organization that a statement names: what surrounds its mentions, the network's evidence, and the truth."""

    source: str
    part: int
    mentions: list[set[str]]
    evidence: np.ndarray[Any, Any]
    right: bool


def shared_words(gold: Path) -> set[str]:
    """Words that several invented statements have in names of organizations: "university", "labs", "release"."""
    counts: Counter[str] = Counter()
    for row in index(gold):
        if row["source"] == INVENTED:
            annotation = Annotation.model_validate_json((gold / f"{row['id']}.json").read_bytes())
            names = {x.organization or "" for x in (*annotation.affiliations, *annotation.roles)}
            counts.update({word for name in names for word in name.casefold().split() if word.isalpha()})
    return {word for word, count in counts.items() if count >= SHARED}


def names_of(doc: Doc, row: dict[str, Any], annotation: Annotation, shared: set[str]) -> list[Name]:
    group = doc.spans.get(AFFILIATIONS)
    if not group:
        return []
    spans, evidence, surroundings = list(group), np.array(group.attrs["evidence"]), Surroundings(doc)

    def known(features: set[str]) -> set[str]:
        return {f for f in features if not f.startswith(WORD) or f.rpartition(" ")[2] in shared}

    return [
        Name(
            row["source"],
            part_of(row["group"], PARTS),
            [known(surroundings(spans[at])) for at in mentions],
            evidence[mentions].max(0),
            any(same_organization(spans[mentions[0]].text, a.organization) for a in annotation.affiliations),
        )
        for mentions in named(spans)
    ]


def invented(folder: Path) -> list[Name]:
    """The sentences of a folder, each a name with one mention and no evidence."""
    nlp = spacy.blank("en")
    nlp.add_pipe("candidacy_blocks")
    found = []
    for right, file in ((True, "employer.txt"), (False, "mentioned.txt")):
        for line in (folder / file).read_text(encoding="utf-8").splitlines():
            for name in NAMES:
                doc = nlp(line.format(organization=name))
                start = next(t.i for t in doc if t.text == NAMES[0])
                span = doc[start : start + len(name.split())]
                around = {f for f in Surroundings(doc)(span) if not f.startswith((WORD, FORM))}
                found.append(Name(INVENTED, -1, [around], np.zeros(0), right))
    return found


def words_of(names: Sequence[Name], sentences: Sequence[Name]) -> Words:
    """What the words around names say, learned from names in statements and from sentences."""
    both = [*((n, 1.0 if n.right else OTHER) for n in names), *((n, SENTENCE) for n in sentences)]
    return Words(
        [(n.source, n.mentions) for n, _ in both],
        [n.right for n, _ in both],
        [weight for _, weight in both],
        penalty=WORDS,
        least=LEAST,
    )


def trained(names: Sequence[Name], sentences: Sequence[Name]) -> Employment:
    rows, right = [], []
    for part in sorted({name.part for name in names}):
        words = words_of([n for n in names if n.part != part], sentences)
        for name in names:
            if name.part == part:
                rows.append(stacked(name.evidence, words(name.mentions)))
                right.append(name.right)
    above = LogisticRegression(C=ABOVE, max_iter=1000, fit_intercept=False).fit(np.array(rows), right)
    words = words_of(names, sentences)
    component = Employment(spacy.blank("en").vocab, "candidacy_employment")
    component.install(words.known, words.weights, above.coef_.T)
    return component


def main() -> None:
    a = arguments(__doc__, "sentences")
    shared = shared_words(a.gold)
    names = [name for read in read_unseen(a.reader, a.gold, a.part) for name in names_of(*read, shared)]
    sentences = invented(a.sentences)
    print(f"{len(names)} names, {sum(n.right for n in names)} of them right, {len(sentences)} sentences", flush=True)
    save_all(a.out, "employment", names, lambda kept: trained(kept, sentences))


if __name__ == "__main__":
    main()
