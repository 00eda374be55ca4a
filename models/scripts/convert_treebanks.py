"""Treebanks (CoNLL-U, IOB) as spaCy corpora whose texts are the raw texts.

usage: convert_treebanks.py TREEBANKS OUT [--seed N]

TREEBANKS holds UD_English-EWT, UNER_English-EWT, WNUT17, wikigold and BTC. Written to OUT:
`syntax-{train,dev,test}.spacy`, `ner-{train,dev,test}.spacy`, `ner-wnut-test.spacy`.

The documents keep the treebank's own tokens. spaCy pairs each with the English tokenizer's reading of the same
text (`Example`, `spacy.training.Alignment`), so that training and scoring see the tokens of run time, and a
word that the two cut differently is left out of the loss. This needs the very text, which spaCy's own
CoNLL-U converter does not give: it puts spaces into multiword tokens ("do n't") and drops paragraph breaks.
"""

from __future__ import annotations

import argparse
import random
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from spacy.tokens import Doc, DocBin
from spacy.vocab import Vocab

SENTENCES_PER_DOC = 10
"""Long enough to learn where sentences end, short enough for well-mixed batches."""
WRAPPED_SHARE = 0.25
"""Share of the training documents whose lines are broken at `WRAP_AT` columns, as e-mail is."""
WRAP_AT = 72

ENTITY_LABELS = {
    "PER": "PERSON",
    "person": "PERSON",
    "ORG": "ORG",
    "corporation": "ORG",
    "group": "ORG",
    "LOC": "LOC",
    "location": "LOC",
}
"""Labels of UNER, wikigold and BTC (PER, ORG, LOC) and of WNUT17; every other label becomes O."""

SPACE_TAG = "_SP"
CLITICS = {"d", "ll", "m", "re", "s", "t", "ve"}
NO_SPACE_BEFORE = re.compile(r"[.,;!?]+|[:%)\]}…]|n['’]t|['’](d|ll|m|re|s|t|ve)", re.IGNORECASE)
NO_SPACE_AFTER = {"(", "[", "{", "$", "£", "€", "#", "@"}


@dataclass(slots=True)
class Token:
    """A syntactic word. `head` counts from 0 within the sentence; the root is its own head."""

    form: str
    lemma: str = ""
    upos: str = ""
    xpos: str = ""
    feats: str = ""
    head: int = 0
    deprel: str = ""
    space: bool = True
    """Whether a space follows in the text."""
    entity: str = "O"
    """IOB2 tag with one of the values of `ENTITY_LABELS`."""


@dataclass(slots=True)
class Sentence:
    """Tokens in order, and what begins with them."""

    tokens: list[Token] = field(default_factory=list)
    doc: str = ""
    """Identifier of the document it belongs to."""
    paragraph: bool = False
    """Whether a paragraph begins here."""


def read_conllu(lines: Iterable[str]) -> Iterator[Sentence]:
    """Sentences of a CoNLL-U file: https://universaldependencies.org/format.html

    Nodes of the enhanced graph ("8.1") are left out. The spacing of a multiword token ("1-2 don't") is that of
    its line: none within, `SpaceAfter=No` of the range after its last word.

    Raises
    ------
    ValueError
        When a multiword token is not spelled by its words, so that they have no place in the text.
    """
    sentence, doc, until, surface, surface_space = Sentence(), "", 0, "", True
    for number, line in enumerate([*lines, ""], 1):
        line = line.rstrip("\r\n")
        if not line:
            if sentence.tokens:
                sentence.doc = doc
                yield sentence
            sentence, until = Sentence(), 0
        elif line.startswith("#"):
            key, _, value = line[1:].partition("=")
            if key.split()[:1] == ["newdoc"]:
                doc, sentence.paragraph = value.strip(), True
            elif key.split()[:1] == ["newpar"]:
                sentence.paragraph = True
        else:
            place, form, lemma, upos, xpos, feats, head, deprel, _, misc = line.split("\t")
            space = "SpaceAfter=No" not in misc.split("|")
            if "." in place:
                continue
            if "-" in place:
                until, surface, surface_space = int(place.split("-")[1]), form, space
                continue
            index = int(place)
            if index < until:
                space = False
            elif index == until:
                space = surface_space
            if index <= until:
                if not surface.startswith(form):
                    raise ValueError(f"line {number}: multiword token is not spelled by its words")
                surface = surface[len(form) :]
                if index == until and surface:
                    raise ValueError(f"line {number}: multiword token is not spelled by its words")
            root = head == "0"
            sentence.tokens.append(
                Token(
                    form=form,
                    # "_" stands for "none", except as the lemma of the character itself.
                    lemma="" if lemma == "_" != form else lemma,
                    upos=upos,
                    xpos="" if xpos == "_" else xpos,
                    feats="" if feats == "_" else feats,
                    head=index - 1 if root else int(head) - 1,
                    deprel="ROOT" if root else deprel,
                    space=space,
                )
            )


def read_iob(lines: Iterable[str], *, word: int = 0, tag: int = 1) -> Iterator[Sentence]:
    """Sentences of a file with one word and its IOB or IOB2 tag per line.

    Columns `word` and `tag` are separated by tabs or else blanks; a line without them ends the sentence.
    Labels are mapped by `ENTITY_LABELS`. The spacing is that of the comment `# text = ...` where
    there is one, else a guess by English typography. User handles ("@somebody") are never entities.
    """
    sentence, doc, text = Sentence(), "", ""
    for number, line in enumerate([*lines, ""]):
        line = line.rstrip("\r\n")
        if line.startswith("# newdoc"):
            doc, sentence.paragraph = line.partition("=")[2].strip(), True
            continue
        if line.startswith("# text ="):
            text = line.partition("=")[2].strip()
            continue
        if line.startswith("# ") and "\t" not in line:
            continue
        cells = line.split("\t") if "\t" in line else line.split()
        if len(cells) > max(word, tag) and cells[word].strip():
            if cells[word] == "-DOCSTART-":
                doc, sentence.paragraph = f"doc-{number}", True
                continue
            sentence.tokens.append(Token(form=cells[word].strip(), entity=cells[tag].strip()))
        elif sentence.tokens:
            sentence.doc = doc
            map_entities(sentence.tokens)
            set_spaces(sentence.tokens, text)
            yield sentence
            sentence, text = Sentence(), ""


def map_entities(tokens: list[Token]) -> None:
    """Rewrite the tags of a sentence as IOB2 with our labels."""
    previous = ""
    for i, token in enumerate(tokens):
        position, _, label = token.entity.partition("-")
        handle = token.form.startswith("@") or (i > 0 and tokens[i - 1].form == "@")
        mapped = "" if handle else ENTITY_LABELS.get(label, "")
        begins = position == "B" or label != previous or token.entity == "O"
        # What follows a handle inside one annotation has lost its beginning.
        begins = begins or (i > 0 and tokens[i - 1].entity == "O")
        token.entity = f"{'B' if begins else 'I'}-{mapped}" if mapped else "O"
        previous = label


def set_spaces(tokens: list[Token], text: str = "") -> None:
    """Set where spaces follow: as in `text` when it spells the tokens, else by English typography."""
    at, found = 0, []
    for token in tokens:
        start = text.find(token.form, at)
        if start < 0 or text[at:start].strip():
            break
        at = start + len(token.form)
        found.append(at == len(text) or text[at].isspace())
    if len(found) == len(tokens):
        for token, space in zip(tokens, found, strict=True):
            token.space = space
        return
    forms = [token.form for token in tokens] + ["", ""]
    for i, token in enumerate(tokens[:-1]):
        one, two, three, four = forms[i], forms[i + 1], forms[i + 2], (forms[i + 3 : i + 4] or [""])[0]
        # Twitter tokenizers cut "it ' s" and "do n ' t".
        clitic = (two in {"'", "’"} and three in CLITICS) or (one in {"'", "’"} and two in CLITICS)
        clitic = clitic or (two == "n" and three in {"'", "’"} and four == "t")
        token.space = not (clitic or one in NO_SPACE_AFTER or NO_SPACE_BEFORE.fullmatch(two))


def documents(sentences: Iterable[Sentence], size: int = SENTENCES_PER_DOC) -> Iterator[list[Sentence]]:
    """Runs of at most `size` sentences of one document."""
    group: list[Sentence] = []
    for sentence in sentences:
        if group and (sentence.doc != group[0].doc or len(group) == size):
            yield group
            group = []
        group.append(sentence)
    if group:
        yield group


def make_doc(
    sentences: list[Sentence], vocab: Vocab, *, layers: str, wrapped: bool = False, training: bool = False
) -> Doc:
    """One annotated document.

    Parameters
    ----------
    layers
        "syntax" (tags, morphology, lemmas, trees, sentences) or "ner".
    wrapped
        Break lines at `WRAP_AT` columns instead of leaving paragraphs on one line.
    training
        Annotate whitespace tokens (tag `_SP`, attached to the word before). For scoring they stay
        without annotation: spaCy's scorer counts a predicted one never, a gold one always.
    """
    words: list[str] = []
    spaces: list[bool] = []
    rows: list[Token] = []
    heads: list[int] = []
    column = 0

    def whitespace(text: str) -> None:
        spaces[-1] = False
        words.append(text)
        spaces.append(False)
        inside = rows[-1].entity
        blank = Token(text, entity=inside if inside == "O" else f"I{inside[1:]}")
        if training:
            blank = Token(text, text, "SPACE", SPACE_TAG, "", 0, "dep", False, blank.entity)
        rows.append(blank)
        heads.append(len(heads) - 1)

    for sentence in sentences:
        if words and sentence.paragraph:
            whitespace("\n\n")
            column = 0
        places: list[int] = []
        for token in sentence.tokens:
            if wrapped and words and spaces[-1] and column + len(token.form) > WRAP_AT:
                whitespace("\n")
                column = 0
            places.append(len(words))
            words.append(token.form)
            spaces.append(token.space)
            rows.append(token)
            heads.append(-1)
            column += len(token.form) + token.space
        for place, token in zip(places, sentence.tokens, strict=True):
            heads[place] = places[token.head]
    # A blank inside a name belongs to it; one after it does not.
    entities = [row.entity for row in rows]
    for i, row in enumerate(rows):
        if row.form.isspace() and (i + 1 == len(rows) or not entities[i + 1].startswith("I-")):
            entities[i] = "O"
    if layers == "ner":
        return Doc(vocab, words=words, spaces=spaces, ents=entities)
    return Doc(
        vocab,
        words=words,
        spaces=spaces,
        tags=[row.xpos for row in rows],
        pos=[row.upos for row in rows],
        morphs=[row.feats for row in rows],
        lemmas=[row.lemma for row in rows],
        heads=heads,
        deps=[row.deprel for row in rows],
    )


def write(groups: Iterable[list[Sentence]], path: Path, *, layers: str, seed: int, training: bool = False) -> None:
    """Write one corpus; a seeded share of a training corpus has wrapped lines."""
    chance = random.Random(seed)
    vocab, corpus = Vocab(), DocBin(store_user_data=False)
    for group in groups:
        wrapped = training and chance.random() < WRAPPED_SHARE
        corpus.add(make_doc(group, vocab, layers=layers, wrapped=wrapped, training=training))
    path.parent.mkdir(parents=True, exist_ok=True)
    corpus.to_disk(path)
    print(f"{path.name}: {len(corpus)} documents")


def part(name: str) -> str:
    """Part of the UNER corpus that a document belongs to, stable under reordering: 70 % train, 10 % dev, 20 % test."""
    draw = zlib.crc32(name.encode()) % 10
    return "test" if draw < 2 else "dev" if draw == 2 else "train"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("treebanks", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()

    def lines(path: str) -> list[str]:
        return (args.treebanks / path).read_text(encoding="utf-8").split("\n")

    def emit(name: str, groups: Iterable[list[Sentence]]) -> None:
        layers, training = name.split("-")[0], name.endswith("train")
        write(groups, args.out / f"{name}.spacy", layers=layers, seed=args.seed, training=training)

    for name in ("train", "dev", "test"):
        emit(f"syntax-{name}", documents(read_conllu(lines(f"UD_English-EWT/en_ewt-ud-{name}.conllu"))))

    uner: dict[str, list[list[Sentence]]] = {"train": [], "dev": [], "test": []}
    for name in ("dev", "test"):
        source = read_iob(lines(f"UNER_English-EWT/en_ewt-ud-{name}.iob2"), word=1, tag=2)
        for group in documents(source):
            uner[part(group[0].doc)].append(group)
    # E-mail and web text, the nearest to what is read: twice in every epoch.
    train = uner["train"] * 2
    train += documents(read_iob(lines("wikigold/wikigold.conll.txt")))
    # Posts are on their own: no document joins them.
    posts = ["WNUT17/wnut17train.conll", "WNUT17/emerging.dev.conll", *(f"BTC/{x}.conll" for x in "abefgh")]
    for path in posts:
        train += documents(read_iob(lines(path)), size=1)
    emit("ner-train", train)
    emit("ner-dev", uner["dev"])
    emit("ner-test", uner["test"])
    emit("ner-wnut-test", documents(read_iob(lines("WNUT17/emerging.test.annotated")), size=1))


if __name__ == "__main__":
    main()
