"""Weights of `candidacy_incumbency`: who holds the office they stand for.

usage: incumbency.py ANNOTATIONS.jsonl SENTENCES OUT.npz [--hold-out K/N | --without SOURCE]

ANNOTATIONS.jsonl is what `gold.py` wrote: of each statement with a role that is sought the roles say whether it is
held, was, or neither. SENTENCES holds `current.txt`, `past.txt` and `none.txt`: each of their sentences is learned by
itself and within statements of newcomers, where it decides. A feature counts if an invented text has it or texts of
two communities do, so that no project's or person's name is one.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import spacy
from marking import SOURCE as INVENTED
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from spacy.tokens import Doc
from training import is_held_out
from unseen import vocabulary

from analyzer.evaluation import same_organization, same_title
from analyzer.pipeline import blocks  # noqa: F401  (registers the factory)
from analyzer.pipeline.incumbency import STANDINGS, Incumbency, features, mentions, pooled, sentences
from analyzer.pipeline.reader import RoleMention, write_roles
from analyzer.records import Block

#: A feature is in at least so many texts.
LEAST = 3
#: Weight of the squares of the weights beside a text's mean loss.
PENALTY = 3e-6
#: Statements that each sentence is put into, and how much each of these counts.
WITHIN, COUNTED = 2, 0.5
STEPS = 80
#: What sentences say for the office and its group before these are masked.
NAMES = {"office": "steward", "group": "Assembly"}


@dataclass(slots=True)
class Text:
    """Features of each sentence, and how its candidate stands to the office."""

    source: str
    group: str
    standing: int
    sentences: list[set[str]]
    weight: float = 1.0


def annotated(nlp: spacy.Language, row: dict[str, Any]) -> Text | None:
    """A statement with a role that is sought; none where there is no such role."""
    doc = nlp.make_doc(row["text"])
    doc._.blocks = tuple(Block(**b) for b in row["blocks"])
    doc = nlp(doc)
    roles = []
    for role in row["roles"]:
        title = doc.char_span(*role["title"], alignment_mode="expand")
        organization = doc.char_span(*role["organization"], alignment_mode="expand") if role["organization"] else None
        if title is not None:
            roles.append(RoleMention(title, organization, role["status"], 1.0))
    write_roles(doc, roles)
    office = next((role for role in roles if role.status == "sought"), None)
    if office is None:
        return None
    held = {role.status for role in roles if is_office(role, office)}
    standing = next((k for k, name in enumerate(STANDINGS) if name in held), STANDINGS.index("none"))
    return Text(row["source"], row["group"], standing, [features(w) for w in sentences(doc, *mentions(doc, office))])


def is_office(role: RoleMention, office: RoleMention) -> bool:
    both = role.organization is not None and office.organization is not None
    return bool(same_title(role.title.text, office.title.text)) and not (
        both and not same_organization(role.organization.text, office.organization.text)  # type: ignore[union-attr]
    )


def invented(nlp: spacy.Language, folder: Path) -> list[Text]:
    """The sentences of a folder, each a text."""
    found = []
    for standing, name in enumerate(STANDINGS):
        for line in (folder / f"{name}.txt").read_text(encoding="utf-8").splitlines():
            doc: Doc = nlp(line.format(**NAMES))
            offices, groups = (
                [t.doc[t.i : t.i + 1] for t in doc if t.text == NAMES[key]] for key in ("office", "group")
            )
            (words,) = sentences(doc, offices, groups) or [[]]
            found.append(Text(INVENTED, "", standing, [features(words)], COUNTED))
    return found


def within(texts: Sequence[Text], lines: Sequence[Text], rng: random.Random) -> list[Text]:
    """Each sentence in statements of newcomers, where it says how the candidate stands to the office."""
    newcomers = [t for t in texts if STANDINGS[t.standing] == "none" and len(t.sentences) > 2]
    made = []
    for line in lines:
        for text in rng.choices(newcomers, k=WITHIN):
            at = rng.randrange(len(text.sentences) + 1)
            whole = [*text.sentences[:at], *line.sentences, *text.sentences[at:]]
            made.append(Text(INVENTED, "", line.standing, whole, COUNTED))
    return made


def fit(texts: Sequence[Text], known: Sequence[str]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Minimise the mean cross entropy of the texts, penalised, by L-BFGS (Liu & Nocedal, 1989).

    Returns
    -------
    weights of the features, shape (features, standings), and what is added to sentences and texts, (2, standings).
    """
    place = {feature: i for i, feature in enumerate(known)}
    rows = [sorted(place[f] for f in s if f in place) for text in texts for s in text.sentences]
    pointers = np.cumsum([0, *map(len, rows)])
    sizes = np.repeat([1 / max(1, len(row)) ** 0.5 for row in rows], [len(row) for row in rows])
    X = csr_matrix((sizes, np.concatenate(rows).astype(int), pointers), shape=(len(rows), len(known)))
    lengths = [len(text.sentences) for text in texts]
    starts = np.cumsum([0, *lengths[:-1]])
    target = np.eye(len(STANDINGS))[[text.standing for text in texts]]
    weight = np.array([text.weight for text in texts])[:, None]
    weight /= weight.sum()

    def loss(flat: np.ndarray[Any, Any]) -> tuple[float, np.ndarray[Any, Any]]:
        parameters = flat.reshape(-1, len(STANDINGS))
        weights, bias = parameters[:-2], parameters[-2:]
        scores = X @ weights + bias[0]
        whole = pooled(scores, starts)
        logits = whole + bias[1]
        logs = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
        value = -float((weight * target * logs).sum()) + PENALTY * float((weights**2).sum())
        slope = weight * (np.exp(logs) - target)
        by_sentence = np.repeat(slope, lengths, axis=0) * np.exp(scores - np.repeat(whole, lengths, axis=0))
        gradient = np.concatenate(
            [X.T @ by_sentence + 2 * PENALTY * weights, by_sentence.sum(0)[None], slope.sum(0)[None]]
        )
        return value, gradient.ravel()

    start = np.zeros((len(known) + 2) * len(STANDINGS))
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": STEPS}).x
    parameters = found.reshape(-1, len(STANDINGS))
    return parameters[:-2], parameters[-2:]


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("annotations", type=Path)
    ap.add_argument("sentences", type=Path)
    ap.add_argument("out", type=Path)
    ap.add_argument("--hold-out")
    ap.add_argument("--without")
    ap.add_argument("--seed", type=int, default=13)
    a = ap.parse_args()
    nlp = spacy.blank("en")
    nlp.add_pipe("candidacy_blocks")
    rows = map(json.loads, a.annotations.read_text(encoding="utf-8").splitlines())
    texts = [t for row in rows if (t := annotated(nlp, row)) is not None and t.sentences]
    kept = [t for t in texts if not is_held_out(t.source, t.group, a.hold_out, a.without)]
    lines = invented(nlp, a.sentences)
    known = vocabulary([(t.source, t.sentences) for t in (*kept, *lines)], LEAST)
    weights, bias = fit([*kept, *lines, *within(kept, lines, random.Random(a.seed))], known)
    component = Incumbency(nlp.vocab, "candidacy_incumbency")
    component.install(known, weights, bias)
    a.out.parent.mkdir(parents=True, exist_ok=True)
    a.out.write_bytes(component.to_bytes())
    print(f"{len(kept)} statements, {len(lines)} sentences, {len(known)} features -> {a.out}")


if __name__ == "__main__":
    main()
