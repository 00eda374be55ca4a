"""`candidacy_blocks`: sentence borders from the statement's structure.

A line break of a statement is always the border of a block (see `analyzer.statements.statement`), so no
sentence crosses one. Within a line, closing punctuation before a word that does not start in lower case ends a
sentence. Later components (the parser) keep these borders.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from spacy.attrs import IDX, ORTH, SENT_START, SPACY
from spacy.language import Language
from spacy.tokens import Doc, Token

from analyzer.records import Block, BlockKind

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Words that begin the name of a group and are none by themselves: "SIG Docs".
GROUP_PREFIXES = frozenset({"sig", "wg"})
#: Endings that make a name the owner of what follows.
GENITIVES = frozenset({"'s", "’s"})
CLOSERS = frozenset("\"'”’»)]}")
TERMINATORS = frozenset({".", "!", "?", "…", "...", "。", "?!", "!?", "!!", "??", "!!!"})


def _get_blocks(doc: Doc) -> tuple[Block, ...]:
    return tuple(Block(kind=kind, start=start, end=end) for kind, start, end in doc.user_data.get("blocks", ()))


def _set_blocks(doc: Doc, blocks: Sequence[Block]) -> None:
    # Plain lists, so that a `Doc` with blocks can be written to bytes.
    doc.user_data["blocks"] = [[block.kind, block.start, block.end] for block in blocks]


if not Doc.has_extension("blocks"):
    Doc.set_extension("blocks", getter=_get_blocks, setter=_set_blocks)


def lines_as_blocks(text: str) -> tuple[Block, ...]:
    """Blocks of a text whose structure is not known: one paragraph a line."""
    blocks = []
    start = 0
    for line in text.split("\n"):
        if line.strip():
            blocks.append(Block(kind="paragraph", start=start, end=start + len(line)))
        start += len(line) + 1
    return tuple(blocks)


def kinds_of(doc: Doc) -> list[BlockKind]:
    """Kind of the block in which each token stands (``paragraph`` where none covers it)."""
    # Blocks and tokens as they are kept, and all at once: this is asked several times of every statement.
    blocks = doc.user_data.get("blocks", ())
    if not blocks:
        return ["paragraph"] * len(doc)
    kinds, starts, ends = zip(*blocks, strict=True)
    places = doc.to_array(IDX).astype(np.int64)
    at = np.searchsorted(ends, places, side="right")
    inside = np.array([*starts, np.iinfo(np.int64).max])[at] <= places
    return [kinds[i] if found else "paragraph" for i, found in zip(at.tolist(), inside.tolist(), strict=True)]


def lines_of(doc: Doc) -> list[int]:
    """Number of the line in which each token stands, counting from 0."""
    keys, places = np.unique(doc.to_array(ORTH), return_inverse=True)
    breaks = np.array([doc.vocab.strings[key].count("\n") for key in keys.tolist()], dtype=np.int64)[places]
    return (np.cumsum(breaks) - breaks).tolist()


def sentences_of(doc: Doc) -> list[int]:
    """Number of the sentence in which each token stands, counting from 0."""
    starts = doc.to_array(SENT_START) == 1
    starts[:1] = True
    return (np.cumsum(starts) - 1).tolist()


def glued_of(doc: Doc) -> list[bool]:
    """Whether no space parts each token from the one before."""
    spaced = doc.to_array(SPACY).astype(bool).tolist()
    return [not before for before in (True, *spaced[:-1])] if spaced else []


def _ends_sentence(token: Token) -> bool:
    """Whether a sentence ends with `token`, going by it, what stands before and what comes next in its line."""
    at = token.i
    while token.doc[at].text in CLOSERS and at > 0 and not token.doc[at - 1].whitespace_:
        at -= 1
    if token.doc[at].text not in TERMINATORS:
        return False
    following = token.nbor()
    if not token.whitespace_ or following.text in CLOSERS:
        return False
    return not following.text[0].islower()


class StatementBlocks:
    """Sets ``doc._.blocks`` where nobody did, and the sentence borders of every token."""

    def __call__(self, doc: Doc) -> Doc:
        if not doc._.blocks:
            doc._.blocks = lines_as_blocks(doc.text)
        starts = []
        new = True
        for token in doc:
            # Line breaks are tokens of their own; they stay with the sentence before them.
            starts.append(new and not token.is_space)
            if token.is_space and not token.text.count("\n"):
                continue
            new = token.is_space or (token.i + 1 < len(doc) and _ends_sentence(token))
        starts[:1] = [True][: len(doc)]
        # All at once: one by one each would ask of the whole document whether it has been parsed.
        borders = np.where(starts, 1, -1).astype(np.int64).astype(np.uint64)
        return doc.from_array([SENT_START], borders.reshape(-1, 1)) if starts else doc

    def to_disk(self, path: object, exclude: object = ()) -> None:
        """Nothing is learned, so nothing is kept."""

    def from_disk(self, path: object, exclude: object = ()) -> StatementBlocks:
        return self


@Language.factory("candidacy_blocks", assigns=["doc._.blocks", "token.is_sent_start"])
def make_blocks(nlp: Language, name: str) -> StatementBlocks:
    return StatementBlocks()
