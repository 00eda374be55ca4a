"""What the reader leaves on a document, from given readings and from the shipped weights."""

import pytest
import spacy
from spacy.tokens import Doc, DocBin

import analyzer
from analyzer.errors import ModelError
from analyzer.pipeline.reader import AFFILIATIONS, COMMUNITIES, FOCUS_AREAS, ORGANIZATIONS, TITLES, CandidacyReader
from analyzer.pipeline.reading import (
    AffiliationReading,
    FocusReading,
    LinkReading,
    OrganizationReading,
    Reading,
    Settings,
    Tagged,
    TitleReading,
)
from analyzer.records import Block

TEXT = (
    "Hello,\n\n"
    "My name is Ada Voss and I am a staff engineer at Brightwell Systems. "
    "I served as a member of the release team of the Orrery project.\n\n"
    "What about testing?\n\n"
    "I want faster builds and better documentation for newcomers.\n\n"
    "Cheers,\nAda"
)


def place(doc: Doc, words: str) -> tuple[int, int]:
    span = doc.char_span(doc.text.index(words), doc.text.index(words) + len(words))
    assert span is not None
    return span.start, span.end


@pytest.fixture
def doc() -> Doc:
    nlp = spacy.blank("en")
    nlp.add_pipe("candidacy_blocks")
    made = nlp.make_doc(TEXT)
    question = TEXT.index("What about")
    made._.blocks = (Block(kind="question", start=question, end=question + len("What about testing?")),)
    return nlp(made)


@pytest.fixture
def reader(doc: Doc) -> CandidacyReader:
    return CandidacyReader(doc.vocab, "reader", Settings())


def reading(doc: Doc) -> Reading:
    found = Reading()
    found.layers["candidate"] = [
        Tagged(*place(doc, "Ada Voss"), "NAME", 0.9),
        Tagged(len(doc) - 1, len(doc), "NAME", 0.99),
    ]
    found.focus_areas = [
        FocusReading(place(doc, words), "goal", (1.0, 0.8))
        for words in ("testing", "faster builds", "better documentation")
    ]
    found.titles = [
        TitleReading(place(doc, "staff engineer"), (1.0, 0.9), (LinkReading(0, 0.8, 0, (0.9, 0.1, 0.0)),)),
        TitleReading(place(doc, "member"), (1.0, 0.7), (LinkReading(-1, 0.6, 0, (0.2, 0.8, 0.0)),)),
    ]
    found.organizations = [OrganizationReading(place(doc, "Brightwell Systems"), (2.0, 3.0))]
    found.affiliations = [AffiliationReading(place(doc, "Brightwell Systems"), "employer", "current", (1.0, 2.0))]
    found.sentences = [(s.start, s.end, 1 / (1 + i)) for i, s in enumerate(doc.sents)]
    return found


def test_the_fullest_name_is_the_candidates(doc: Doc, reader: CandidacyReader) -> None:
    reader.set_annotations([doc], [reading(doc)])
    assert doc._.candidate.text == "Ada Voss"


def test_what_is_possible_is_left_with_what_speaks_for_it(doc: Doc, reader: CandidacyReader) -> None:
    reader.set_annotations([doc], [reading(doc)])
    titles, organizations, affiliations = (doc.spans[name] for name in (TITLES, ORGANIZATIONS, AFFILIATIONS))
    assert [t.text for t in titles] == ["staff engineer", "member"]
    assert titles.attrs["evidence"] == [[1.0, 0.9], [1.0, 0.7]]
    assert titles.attrs["links"] == [[[0, 0.8, 0, 0.9, 0.1, 0.0]], [[-1, 0.6, 0, 0.2, 0.8, 0.0]]]
    assert [o.text for o in organizations] == ["Brightwell Systems"]
    assert [(a.text, a.label_) for a in affiliations] == [("Brightwell Systems", "employer")]
    assert affiliations.attrs == {"statuses": ["current"], "evidence": [[1.0, 2.0]]}


def test_links_lead_to_the_organizations_of_their_own_window() -> None:
    link = LinkReading(1, 0.8, 0, (0.9, 0.1, 0.0))
    assert link.after(3).organization == 4
    assert LinkReading(-1, 0.8, 0, (0.9, 0.1, 0.0)).after(3).organization == -1


def test_communities_are_left_as_possible_and_which_surely_are(doc: Doc, reader: CandidacyReader) -> None:
    found = reading(doc)
    found.layers["community"] = [Tagged(*place(doc, "Orrery"), "COMMUNITY", 0.6)]
    found.communities = [Tagged(*place(doc, "release team"), "COMMUNITY", 0.1), *found.layers["community"]]
    reader.set_annotations([doc], [found])
    possible = doc.spans[COMMUNITIES]
    assert [(c.text, c.label_) for c in possible] == [("release team", "COMMUNITY"), ("Orrery", "COMMUNITY")]
    assert possible.attrs["evidence"] == [[0.1, 0.0], [0.6, 1.0]]
    assert doc._.community is None


def test_a_question_put_to_the_candidate_is_not_their_platform(doc: Doc, reader: CandidacyReader) -> None:
    reader.set_annotations([doc], [reading(doc)])
    assert [s.text for s in doc.spans[FOCUS_AREAS]] == ["faster builds", "better documentation"]


def test_key_sentences_are_whole_and_best_first(doc: Doc, reader: CandidacyReader) -> None:
    reader.set_annotations([doc], [reading(doc)])
    assert [s.text for s in doc._.key_sentences] == [
        "My name is Ada Voss and I am a staff engineer at Brightwell Systems.",
        "I served as a member of the release team of the Orrery project.",
        "I want faster builds and better documentation for newcomers.",
    ]


def test_annotations_survive_bytes(doc: Doc, reader: CandidacyReader) -> None:
    reader.set_annotations([doc], [reading(doc)])
    again = Doc(doc.vocab).from_bytes(doc.to_bytes())
    (binned,) = DocBin(docs=[doc], store_user_data=True).get_docs(doc.vocab)
    for other in (again, binned):
        assert said(other) == said(doc)


def test_without_weights_the_remedy_is_named(doc: Doc, reader: CandidacyReader) -> None:
    with pytest.raises(ModelError, match=r"analyzer\.load"):
        reader(doc)


def test_damaged_weights_are_a_model_error(tmp_path, reader: CandidacyReader) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "settings.json").write_text('{"bias": {}, "rating": {}}')
    (tmp_path / "weights.safetensors").write_bytes(b"not weights at all")
    with pytest.raises(ModelError, match="damaged"):
        reader.from_disk(tmp_path)


# --- the shipped pipeline -----------------------------------------------------------------------------


def said(doc: Doc) -> object:
    return (
        {name: [(s.start, s.end, s.label_) for s in group] for name, group in doc.spans.items()},
        {name: group.attrs for name, group in doc.spans.items()},
    )


@pytest.fixture(scope="module")
def nlp() -> spacy.Language:
    return analyzer.load()


def test_the_shipped_pipeline_reads_a_plain_statement(nlp: spacy.Language) -> None:
    doc = nlp(TEXT)
    assert doc._.candidate.text == "Ada Voss"
    assert ("staff engineer", "Brightwell Systems", "current") in [
        (r.title.text, r.organization and r.organization.text, r.status) for r in doc._.roles
    ]
    assert [(a.organization.text, a.relation) for a in doc._.affiliations] == [("Brightwell Systems", "employer")]
    assert any("documentation" in a.phrase.text and a.kind == "goal" for a in doc._.focus_areas)


def test_general_layers_are_there_too(nlp: spacy.Language) -> None:
    doc = nlp("She wants better documentation. Ada Voss lives in Berlin.")
    assert [t.pos_ for t in doc][:4] == ["PRON", "VERB", "ADJ", "NOUN"]
    assert doc[1].lemma_ == "want" and doc[1].dep_ == "ROOT"
    assert (doc[3].dep_, doc[3].head.text) == ("obj", "wants")
    assert ("Berlin", "LOC") in [(e.text, e.label_) for e in doc.ents]


def test_spacy_loads_it_by_its_own_means(nlp: spacy.Language) -> None:
    other = spacy.load(analyzer.model_path())
    assert other.pipe_names == nlp.pipe_names
    assert said(other(TEXT)) == said(nlp(TEXT))


def test_it_survives_disk(nlp: spacy.Language, tmp_path) -> None:  # type: ignore[no-untyped-def]
    nlp.to_disk(tmp_path / "model")
    assert said(spacy.load(tmp_path / "model")(TEXT)) == said(nlp(TEXT))


def test_the_same_text_gives_the_same_answer_in_any_batch(nlp: spacy.Language) -> None:
    others = ["Short.", TEXT.replace("faster builds", "a longer sentence about many other things") * 3, ""]
    alone = said(nlp(TEXT))
    for size in (1, 2, 4):
        docs = list(nlp.pipe([others[0], TEXT, others[1], TEXT, others[2]], batch_size=size))
        assert said(docs[1]) == said(docs[3]) == alone


def test_eight_bits_read_nearly_the_same_and_in_any_batch_the_same(nlp: spacy.Language) -> None:
    fast = analyzer.load(fast=True)
    alone = said(fast(TEXT))
    docs = list(fast.pipe(["Short.", TEXT, TEXT * 2, TEXT], batch_size=4))
    assert said(docs[1]) == said(docs[3]) == alone
    ours, theirs = ({s.text.casefold() for s in n(TEXT)._.key_sentences} for n in (nlp, fast))
    assert ours & theirs and fast(TEXT)._.candidate.text == "Ada Voss"


def test_eight_bits_are_not_what_is_saved(nlp: spacy.Language, tmp_path) -> None:  # type: ignore[no-untyped-def]
    fast = analyzer.load(fast=True)
    fast.to_disk(tmp_path / "model")
    assert said(spacy.load(tmp_path / "model")(TEXT)) == said(nlp(TEXT))
    assert said(analyzer.load(tmp_path / "model", fast=True)(TEXT)) == said(fast(TEXT))


def test_who_is_in_a_hurry_reads_with_fewer_layers(nlp: spacy.Language) -> None:
    hurried = analyzer.load(fast=True).get_pipe("candidacy_reader")
    whole = nlp.get_pipe("candidacy_reader")
    assert isinstance(hurried, CandidacyReader) and isinstance(whole, CandidacyReader)
    layers = [len(net.encoder.encoder.layer) for net in (hurried._fast, whole._net) if net is not None]
    assert layers[0] < layers[1]


def test_answers_to_forty_questions_are_the_candidates_and_the_questions_are_not(nlp: spacy.Language) -> None:
    question = "Number {}: would you rather pay for hosting the build farm in the moon base?"
    answer = "I want documentation that newcomers can read, and I care about release number {}. "
    parts = ["I stand for the council of the Orrery project.", *(
        part for n in range(40) for part in (question.format(n), (answer.format(n) * 24).strip())
    )]  # fmt: skip
    doc = nlp.make_doc("\n\n".join(parts))
    at, blocks = 0, []
    for part in parts:
        kind = "question" if part.startswith("Number") else "paragraph"
        blocks.append(Block(kind=kind, start=at, end=at + len(part)))  # type: ignore[arg-type]
        at += len(part) + 2
    doc._.blocks = tuple(blocks)
    assert len(doc) > 14_000
    (read,) = nlp.pipe([doc])
    phrases = {area.phrase.text for area in read._.focus_areas}
    assert any("documentation" in phrase for phrase in phrases)
    assert not [phrase for phrase in phrases if "moon" in phrase or "hosting" in phrase]
    assert not [s for s in read._.key_sentences if "moon" in s.text]


@pytest.mark.parametrize("text", ["", " ", "\n\n", "x" * 5000, "🙂 " * 300, "a\n" * 2000, "i̇́ ﷽ \u202e"])
def test_odd_texts_are_read_without_complaint(nlp: spacy.Language, text: str) -> None:
    doc = nlp(text)
    assert doc.text == text
    assert all("\n" not in span.text for name, group in doc.spans.items() for span in group)
