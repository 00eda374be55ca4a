"""The spaCy pipeline: general layers (tags, trees, lemmas, names) and the domain layers of candidacies.

`load` gives an ``nlp``; ``spacy.load(model_path())`` gives the same one, since the factories are registered as
entry points of the distribution.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analyzer.errors import ModelError
from analyzer.records import Model
from analyzer.resources import shipped

if TYPE_CHECKING:
    from spacy.language import Language

NAME = "en_candidacy"
#: The components that annotate syntax and names, for whoever wants them; extraction does without.
GENERAL = ("tok2vec", "tagger", "morphologizer", "trainable_lemmatizer", "parser", "ner")
#: Those that read candidacies.
DOMAIN = (
    "candidacy_reader", "candidacy_community", "candidacy_positions", "candidacy_employment", "candidacy_incumbency",
    "candidacy_focus",
)  # fmt: skip


def model_path() -> Path:
    """Return the folder of the shipped pipeline, for `spacy.load`.

    Raises
    ------
    ModelError
        If it was not installed.
    """
    try:
        return shipped(f"models/{NAME}")
    except FileNotFoundError as error:
        raise ModelError(str(error)) from None


def load(path: str | Path | None = None, *, fast: bool = False, **options: Any) -> Language:
    """Return the pipeline, ready to read statements.

    Parameters
    ----------
    path : folder of another trained pipeline; the shipped one by default.
    fast : read with the small network, in 8 bits; the model card says what that costs.
    options : handed on to `spacy.load`, such as ``exclude`` or ``disable``.

    Raises
    ------
    ModelError
        If the pipeline or the embedding model it stands on is missing or damaged.
    """
    import spacy

    # In a checkout that is not installed, no entry point names the factories.
    from analyzer.pipeline import blocks, employment, focus, incumbency, positions, reader  # noqa: F401

    folder = Path(path) if path is not None else model_path()
    if not (folder / "config.cfg").is_file():
        raise ModelError(f"{folder}: not a spaCy pipeline: it holds no config.cfg")
    nlp = spacy.load(folder, **options)
    if fast:
        component = nlp.get_pipe("candidacy_reader")
        assert isinstance(component, reader.CandidacyReader)
        component.hurry()
    return nlp


@cache
def model(*, fast: bool = False) -> Model:
    """Return how the shipped pipeline is named in an export; its hash is over all its files, in order of name."""
    folder = model_path()
    digest = hashlib.sha256()
    for file in sorted(p for p in folder.rglob("*") if p.is_file()):
        digest.update(file.relative_to(folder).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    return Model(
        role="pipeline",
        name=f"{meta['lang']}_{meta['name']}-{meta['version']}",
        sha256=digest.hexdigest(),
        precision="int8" if fast else "float16",
    )
