"""`candidacy_reader`: the domain layers, read by a fine-tuned encoder.

On the `Doc` it leaves span groups and, built from them, extension attributes:

======================  ============================================  =============================
``doc.spans[…]``        label of a span                               ``doc._.…``
======================  ============================================  =============================
``candidate``           NAME                                          ``candidate``: span or None
``office``              OFFICE                                        ``office``: span or None
``organizations``       ORG (organizations of roles)
``key_sentences``       KEY, at most three                            ``key_sentences``: spans, best first
`COMMUNITIES`           COMMUNITY
`TITLES`                TITLE
`ORGANIZATIONS`         ORG; what titles may be held in
`AFFILIATIONS`          the relation
`FOCUS_AREAS`           the kind
======================  ============================================  =============================

The last five hold whatever is possible, however unlikely. Of them other components make what a statement says, as this
module writes and reads it:

======================  ============================================  =============================
``community``           COMMUNITY                                     ``community``: span or None
``roles``               the title's, by status                        ``roles``: `RoleMention`
``affiliations``        the relation                                  ``affiliations``: `AffiliationMention`
``focus_areas``         the kind                                      ``focus_areas``: `FocusMention`
======================  ============================================  =============================

`analyzer.pipeline.community` writes the community, `analyzer.pipeline.positions` roles, of which
`analyzer.pipeline.incumbency` judges that of the office once more, `analyzer.pipeline.employment` affiliations and
`analyzer.pipeline.focus` focus areas.

What a span group cannot say of its spans (confidence, evidence, a role's organization) stands in its ``attrs`` as plain
lists in the order of the spans, so that a `Doc` survives ``to_bytes`` and `DocBin` with all of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup

from analyzer.errors import ModelError
from analyzer.pipeline.blocks import GENITIVES, GROUP_PREFIXES, glued_of, kinds_of, lines_of, sentences_of

if TYPE_CHECKING:
    from spacy.vocab import Vocab

    from analyzer.pipeline.network import CandidacyNet, Window, WordPieces
    from analyzer.pipeline.reading import Reading, Settings

#: The groups of what may be the community, a title, with its links, an organization that these lead to, an affiliation,
#: a focus area.
COMMUNITIES, TITLES, ORGANIZATIONS = "possible_communities", "possible_titles", "possible_organizations"
AFFILIATIONS, FOCUS_AREAS = "possible_affiliations", "possible_focus_areas"
KEY_SENTENCES = 3
#: What begins the names of the small network's weights where both are kept together.
SMALL = "small."
#: Words a key sentence has: less says nothing, more is no sentence.
KEY_WORDS = range(4, 59)
#: What follows what a company does: "a software company".
KINDS_OF_COMPANY = frozenset({"company", "firm", "organization", "provider", "startup", "vendor"})
KINDS_OF_SCHOOL = frozenset({"college", "institute", "school", "university"})
#: Words that say of what follows in their line that it is an address.
MAIL = frozenset({"mail", "email", "e-mail"})
#: What an organization's department is called.
PARTS = frozenset({"department", "dept", "division", "faculty", "school"})
#: What is said in these blocks is not said by the candidate, or not of the platform.
FOREIGN = frozenset({"question"})


@dataclass(frozen=True, slots=True)
class RoleMention:
    title: Span
    organization: Span | None
    status: str
    confidence: float


@dataclass(frozen=True, slots=True)
class AffiliationMention:
    organization: Span
    relation: str
    status: str
    confidence: float


@dataclass(frozen=True, slots=True)
class FocusMention:
    phrase: Span
    kind: str
    confidence: float


def _group(doc: Doc, name: str) -> tuple[list[Span], dict[str, Any]]:
    if name not in doc.spans:
        return [], {}
    group = doc.spans[name]
    return list(group), group.attrs


def _first(name: str) -> Any:
    def getter(doc: Doc) -> Span | None:
        spans, _ = _group(doc, name)
        return spans[0] if spans else None

    return getter


def _roles(doc: Doc) -> list[RoleMention]:
    spans, attrs = _group(doc, "roles")
    return [
        RoleMention(span, doc[bounds[0] : bounds[1]] if bounds else None, span.label_, confidence)
        for span, bounds, confidence in zip(
            spans, attrs.get("organizations", ()), attrs.get("confidences", ()), strict=True
        )
    ]


def _affiliations(doc: Doc) -> list[AffiliationMention]:
    spans, attrs = _group(doc, "affiliations")
    return [
        AffiliationMention(span, span.label_, status, confidence)
        for span, status, confidence in zip(spans, attrs.get("statuses", ()), attrs.get("confidences", ()), strict=True)
    ]


def _focus_areas(doc: Doc) -> list[FocusMention]:
    spans, attrs = _group(doc, "focus_areas")
    return [
        FocusMention(span, span.label_, confidence)
        for span, confidence in zip(spans, attrs.get("confidences", ()), strict=True)
    ]


for _name, _getter in {
    "candidate": _first("candidate"),
    "office": _first("office"),
    "community": _first("community"),
    "roles": _roles,
    "affiliations": _affiliations,
    "focus_areas": _focus_areas,
    "key_sentences": lambda doc: _group(doc, "key_sentences")[0],
}.items():
    if not Doc.has_extension(_name):
        Doc.set_extension(_name, getter=_getter)


class CandidacyReader:
    """Reads statements with `CandidacyNet`.

    A statement is read by itself, never padded to others: the same text gives the same answer in any batch.
    The encoder's word embeddings are those of the default embedding package and are not stored again.

    Parameters
    ----------
    vocab : of the pipeline.
    settings : how readily the decoder speaks.
    """

    def __init__(self, vocab: Vocab, name: str, settings: Settings) -> None:
        self.vocab = vocab
        self.name = name
        self.settings = settings
        self._net: CandidacyNet | None = None
        self._fast: CandidacyNet | None = None
        self._small: dict[str, Any] = {}
        self._pieces: Any = None
        self._special = (0, 0, 0)

    def __call__(self, doc: Doc) -> Doc:
        self.set_annotations([doc], self.predict([doc]))
        return doc

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 8) -> Iterator[Doc]:
        docs = iter(stream)
        while batch := list(islice(docs, batch_size)):
            self.set_annotations(batch, self.predict(batch))
            yield from batch

    def predict(self, docs: Sequence[Doc]) -> list[Reading]:
        """Return a reading for each document.

        Raises
        ------
        ModelError
            If the component holds no weights.
        """
        from analyzer.pipeline.reading import read_windows

        net = self._fast or self._trained()
        windows = (windows_of(doc, self._pieces) for doc in docs)
        return list(read_windows(net, windows, self._special, self.settings))

    def set_annotations(self, docs: Sequence[Doc], readings: Sequence[Reading]) -> None:
        """Write readings as span groups; each thing once, at its surest mention, in the order of the text."""
        for doc, reading in zip(docs, readings, strict=True):
            kinds = kinds_of(doc)

            def own(start: int, kinds: list[Any] = kinds) -> bool:
                return kinds[start] not in FOREIGN

            def put(name: str, spans: list[Span], doc: Doc = doc, **attrs: Any) -> None:
                doc.spans[name] = SpanGroup(doc, name=name, spans=spans, attrs=attrs)

            possible = [x for x in reading.affiliations if own(x.organization[0])]
            for layer in ("candidate", "office"):
                found = [t for t in reading.layers[layer] if own(t.start)]
                # The fullest of the sure mentions, then the surest.
                found.sort(key=lambda t: (t.confidence < 0.5, -min(t.end - t.start, 2), -t.confidence, t.start))
                put(
                    layer,
                    [Span(doc, t.start, t.end, label=t.label) for t in found],
                    confidences=[t.confidence for t in found],
                )

            sure = {(t.start, t.end) for t in reading.layers["community"]}
            communities = [t for t in reading.communities if own(t.start)]
            put(
                COMMUNITIES,
                [Span(doc, t.start, t.end, label=t.label) for t in communities],
                evidence=[[t.confidence, float((t.start, t.end) in sure)] for t in communities],
            )

            organizations = [t for t in reading.layers["organizations"] if own(t.start)]
            put(
                "organizations",
                [Span(doc, t.start, t.end, label=t.label) for t in organizations],
                confidences=[t.confidence for t in organizations],
            )

            titles = [t for t in reading.titles if own(t.title[0])]
            put(
                TITLES,
                [Span(doc, *t.title, label="TITLE") for t in titles],
                evidence=[list(t.evidence) for t in titles],
                links=[[[x.organization, x.probability, x.together, *x.statuses] for x in t.links] for t in titles],
            )
            put(
                ORGANIZATIONS,
                [Span(doc, *o.organization, label="ORG") for o in reading.organizations],
                evidence=[list(o.evidence) for o in reading.organizations],
            )

            put(
                AFFILIATIONS,
                [Span(doc, *x.organization, label=x.relation) for x in possible],
                statuses=[x.status for x in possible],
                evidence=[list(x.evidence) for x in possible],
            )

            phrases = [x for x in reading.focus_areas if own(x.phrase[0])]
            put(
                FOCUS_AREAS,
                [Span(doc, *x.phrase, label=x.kind) for x in phrases],
                evidence=[list(x.evidence) for x in phrases],
            )

            best = _key_sentences(doc, reading, own)
            put("key_sentences", [span for span, _ in best], confidences=[score for _, score in best])

    # --- weights --------------------------------------------------------------------------------------

    def install(self, weights: dict[str, Any], small: dict[str, Any] | None = None) -> None:
        """Build the network around trained weights (all but the encoder's word embeddings).

        Parameters
        ----------
        small : weights of a network of fewer layers, for those in a hurry.
        """
        from analyzer.pipeline.network import assemble, word_pieces

        self._net, self._fast, self._small = assemble(weights), None, small or {}
        self._pieces, self._special = word_pieces()

    def hurry(self) -> None:
        """Read with the small network from now on, if there is one, and in 8 bits: faster, and less exact.

        What is saved stays as it was.

        Raises
        ------
        ModelError
            If the component holds no weights, or those of the small network do not fit.
        """
        from analyzer.pipeline.network import assemble, quantized

        net = self._trained()
        self._fast = quantized(assemble(self._small) if self._small else net)

    def _trained(self) -> CandidacyNet:
        if self._net is None:
            raise ModelError("candidacy_reader has no weights: load a trained pipeline with analyzer.load()")
        return self._net

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        import safetensors.torch

        from analyzer.pipeline.network import trained

        if self._net is None:
            return b""
        weights = trained(self._net) | {f"{SMALL}{name}": value for name, value in self._small.items()}
        return safetensors.torch.save({name: value.half().contiguous() for name, value in weights.items()})

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> CandidacyReader:
        import safetensors.torch

        if data:
            weights = safetensors.torch.load(data)
            small = {name: weights.pop(name) for name in [*weights] if name.startswith(SMALL)}
            self.install(weights, {name.removeprefix(SMALL): value for name, value in small.items()})
        return self

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "weights.safetensors").write_bytes(self.to_bytes())
        settings = json.dumps(asdict(self.settings), indent=1, sort_keys=True) + "\n"
        (folder / "settings.json").write_text(settings, encoding="utf-8")

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> CandidacyReader:
        from safetensors import SafetensorError

        from analyzer.pipeline.reading import Settings

        folder = Path(path)
        try:
            self.settings = Settings(**json.loads((folder / "settings.json").read_text(encoding="utf-8")))
            return self.from_bytes((folder / "weights.safetensors").read_bytes())
        except (OSError, ValueError, TypeError, KeyError, RuntimeError, SafetensorError) as error:
            raise ModelError(f"{folder}: damaged model: {error}: reinstall candidacy-analyzer") from error


def windows_of(doc: Doc, word_pieces: WordPieces) -> list[Window]:
    """Cut a document into what the network reads at once."""
    from analyzer.pipeline.network import KINDS, windows

    words = [token.text for token in doc]
    kinds = [KINDS.index(kind) for kind in kinds_of(doc)]
    return windows(words, word_pieces(words), kinds, sentences_of(doc), lines_of(doc), glued_of(doc))


def write_roles(doc: Doc, roles: Sequence[RoleMention]) -> None:
    """Leave roles on a document, as they can be read from ``doc._.roles`` again."""
    doc.spans["roles"] = SpanGroup(
        doc,
        name="roles",
        spans=[Span(doc, r.title.start, r.title.end, label=r.status) for r in roles],
        attrs={
            "organizations": [[r.organization.start, r.organization.end] if r.organization else None for r in roles],
            "confidences": [r.confidence for r in roles],
        },
    )


def write_focus_areas(doc: Doc, areas: Sequence[FocusMention]) -> None:
    """Leave focus areas on a document, as they can be read from ``doc._.focus_areas`` again."""
    doc.spans["focus_areas"] = SpanGroup(
        doc,
        name="focus_areas",
        spans=[Span(doc, x.phrase.start, x.phrase.end, label=x.kind) for x in areas],
        attrs={"confidences": [x.confidence for x in areas]},
    )


def write_affiliations(doc: Doc, items: Sequence[AffiliationMention]) -> None:
    """Leave affiliations on a document, as they can be read from ``doc._.affiliations`` again."""
    doc.spans["affiliations"] = SpanGroup(
        doc,
        name="affiliations",
        spans=[Span(doc, x.organization.start, x.organization.end, label=x.relation) for x in items],
        attrs={"statuses": [x.status for x in items], "confidences": [x.confidence for x in items]},
    )


def is_same_position(title: str, organization: str, other_title: str, other_organization: str) -> bool:
    """Whether two titles name one position: the same office, and organizations that are one as far as both are named.

    A longer name may be that of the same organization ("Heat", "the Heat project").
    """
    from analyzer.organizations import canonical, canonical_office

    if canonical_office(title).casefold() != canonical_office(other_title).casefold():
        return False
    if not organization or not other_organization:
        return True
    one, other = (set(canonical(name).casefold().split()) for name in (organization, other_organization))
    return one <= other or other <= one


def distinct_organizations(
    doc: Doc, items: Mapping[int, tuple[int, int]], names: Sequence[tuple[int, int]]
) -> list[int]:
    """Return the keys of each organization's first mention.

    A name that begins a longer one is that one cut short. What follows another organization and its genitive is a part
    of it ("Intel's Open Source Technology Center"), and so is a department; what lies in the candidate's `names`, is an
    account ("@ada"), an address, a working group or the community, or only says what kind of organization it is ("a
    software company", "a Heat oriented startup", "university"), is no organization's name.
    """
    community = doc._.community.text.casefold() if doc._.community is not None else None
    ends = {end for _, end in items.values()}
    found: dict[tuple[str, ...], int] = {}
    for key, (start, end) in items.items():
        text = doc[start:end].text
        first = doc[start].lower_
        part = start >= 2 and doc[start - 1].text in GENITIVES and start - 1 in ends
        part = part or (first in PARTS and start + 1 < end and doc[start + 1].lower_ == "of")
        person = any(a <= start and end <= b for a, b in names) or first.startswith("@")
        group = first in GROUP_PREFIXES or text.casefold() == community
        kind = text.islower() and (" " in text or (end < len(doc) and doc[end].text in KINDS_OF_COMPANY))
        kind = kind or doc[end - 1].text in KINDS_OF_COMPANY or text.casefold() in KINDS_OF_SCHOOL
        before = doc[doc[start].sent.start : start]
        group = group or ("." in text and any(token.lower_ in MAIL for token in before))
        if not part and not person and not group and not kind:
            found.setdefault(tuple(text.casefold().split()), key)
    return [
        key
        for words, key in found.items()
        if not any(len(words) < len(other) and other[: len(words)] == words for other in found)
    ]


def _key_sentences(doc: Doc, reading: Reading, own: Callable[[int], bool]) -> list[tuple[Span, float]]:
    """Return the sentences that score best, best first, none twice, and their scores."""
    chosen: dict[str, tuple[Span, float]] = {}
    for start, end, score in sorted(reading.sentences, key=lambda s: (-s[2], s[0])):
        while start < end and doc[start].is_space:
            start += 1
        while start < end and doc[end - 1].is_space:
            end -= 1
        span = Span(doc, start, end, label="KEY")
        if end > start and own(start) and len(span.text.split()) in KEY_WORDS:
            chosen.setdefault(span.text.casefold(), (span, score))
        if len(chosen) == KEY_SENTENCES:
            break
    return list(chosen.values())


@Language.factory(
    "candidacy_reader",
    default_config={"bias": {}, "rating": {}},
    requires=["doc._.blocks", "token.is_sent_start"],
    assigns=["doc.spans", "doc._.candidate", "doc._.office"],
)
def make_reader(nlp: Language, name: str, bias: dict[str, float], rating: dict[str, float]) -> CandidacyReader:
    from analyzer.pipeline.reading import Settings

    return CandidacyReader(nlp.vocab, name, Settings(dict(bias), dict(rating)))
