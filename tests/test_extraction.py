"""From statements to records: which of several sources wins, and what the evidence is."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc, SpanGroup

from analyzer import extraction
from analyzer.extraction import extract
from analyzer.pipeline import blocks, reader  # noqa: F401  (registers the extensions)
from analyzer.records import Block, Decision, Email, Source, Span, StatementRecord
from analyzer.statements.cleaning import clean
from analyzer.statements.statement import Hint, LabelledField, Statement

TEXT = (
    "Company: Brightwell Systems\n\n"
    "I am Ada Voss, maintainer of Gears at Brightwell Systems. I run for PTL of Gears. I want faster builds.\n\n"
    "Cheers,\nAda"
)
CONFIDENCE = {"faster builds": 0.6}


def find(doc: Doc, words: str) -> tuple[int, int]:
    span = doc.char_span(doc.text.index(words), doc.text.index(words) + len(words))
    assert span is not None
    return span.start, span.end


@Language.component("scripted_reader")
def scripted_reader(doc: Doc) -> Doc:
    """Annotates the words of TEXT as a perfect reader would."""

    def put(name: str, *found: tuple[str, str], **attrs: list[object]) -> None:
        here = [(words, label) for words, label in found if words in doc.text]
        spans = [doc[slice(*find(doc, words))] for words, _ in here]
        for span, (_, label) in zip(spans, here, strict=True):
            span.label_ = label
        sure = [CONFIDENCE.get(words, 0.9) for words, _ in here]
        doc.spans[name] = SpanGroup(
            doc, name=name, spans=spans, attrs={"confidences": sure, **{k: v[: len(spans)] for k, v in attrs.items()}}
        )

    put("candidate", ("Kofi Mensah", "NAME"), ("Ada Voss", "NAME"), ("Ada", "NAME"))
    put("office", ("PTL", "OFFICE"))
    put("community", ("Gears", "COMMUNITY"))
    gears = list(find(doc, "Gears")) if "Gears" in doc.text else None
    put("roles", ("maintainer", "current"), ("PTL", "sought"), organizations=[gears, gears])
    put("affiliations", ("Brightwell Systems", "employer"), statuses=["current"])
    put("focus_areas", ("faster builds", "goal"))
    put("key_sentences", ("I want faster builds.", "KEY"), ("I run for PTL of Gears.", "KEY"))
    return doc


@pytest.fixture(scope="module")
def nlp() -> Language:
    made = spacy.blank("en")
    made.add_pipe("candidacy_blocks")
    made.add_pipe("scripted_reader")
    return made


def statement(**changes: object) -> Statement:
    made = Statement(
        id="s1",
        source=Source(path="a.mbox", format="mbox", sha256="0"),
        text=TEXT,
        blocks=(Block(kind="field", start=0, end=27), Block(kind="paragraph", start=29, end=TEXT.index("\n\nCheers"))),
        submitted="2024-09-01T10:00:00Z",
        language="en",
        decision=Decision(label="candidacy", score=0.99),
        fields=(LabelledField("Company", "Brightwell Systems", 9, 27),),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def one(nlp: Language, made: Statement, least: float = 0.0) -> StatementRecord:
    (record,) = extract([made], nlp, min_confidence=least)
    return record


def test_what_the_text_says_is_evidence(nlp: Language) -> None:
    record = one(nlp, statement())
    assert (record.candidate.name, record.candidate.source) == ("Ada Voss", "text")
    assert [(r.title, r.organization, r.status) for r in record.roles] == [
        ("maintainer", "Gears", "current"),
        ("PTL", "Gears", "sought"),
    ]
    assert [(a.phrase, a.kind, a.sentence.text) for a in record.focus_areas] == [
        ("faster builds", "goal", "I want faster builds.")
    ]
    spans = [
        record.candidate.evidence,
        record.election.provenance["office"].evidence,
        *[r.evidence for r in record.roles],
        *[r.organization_evidence for r in record.roles],
        *[a.evidence for a in record.affiliations],
        *[s for a in record.focus_areas for s in (a.evidence, a.sentence)],
        *record.summary.sentences,
    ]
    assert all(s is not None and record.text[s.start : s.end] == s.text for s in spans)


def test_an_affiliation_in_a_labelled_field_says_so(nlp: Language) -> None:
    (found,) = one(nlp, statement()).affiliations
    assert (found.organization, found.relation, found.source) == ("Brightwell Systems", "employer", "field")


def test_the_summary_is_in_the_order_of_the_text_and_ranked_by_worth(nlp: Language) -> None:
    summary = one(nlp, statement()).summary
    assert [(s.rank, s.text) for s in summary.sentences] == [
        (2, "I run for PTL of Gears."),
        (1, "I want faster builds."),
    ]
    assert summary.text == "I run for PTL of Gears. I want faster builds."
    assert all(a.end <= b.start for a, b in pairwise(summary.sentences))


def test_a_name_in_a_field_wins_and_one_in_a_header_only_fills_a_gap(nlp: Language) -> None:
    field = one(nlp, statement(name=Hint("Ada B. Voss", "field")))
    assert (field.candidate.name, field.candidate.source) == ("Ada B. Voss", "field")
    for nickname in ("voss", "Voss, Ada", "ada"):
        header = one(nlp, statement(name=Hint(nickname, "header")))
        assert (header.candidate.name, header.candidate.source) == ("Ada Voss", "text")
    silent = one(nlp, statement(text="I want faster builds.", blocks=(), name=Hint("Ada Voss", "header")))
    assert (silent.candidate.name, silent.candidate.source) == ("Ada Voss", "header")
    assert silent.candidate.evidence is None


def test_whoever_the_text_names_beside_the_sender_is_not_the_candidate(nlp: Language) -> None:
    record = one(nlp, statement(name=Hint("Kofi Mensah", "header")))
    assert (record.candidate.name, record.candidate.source) == ("Kofi Mensah", "header")


def test_a_part_of_a_project_is_the_unit_of_the_community_around_it(nlp: Language) -> None:
    record = one(nlp, statement(community=Hint("Orrery", "folder")))
    assert (record.election.community, record.election.unit) == ("Orrery", "Gears")
    assert record.election.provenance["unit"].source == "text"
    assert record.election.provenance["community"].source == "folder"


def test_the_community_of_a_list_is_named_as_the_text_names_it(nlp: Language) -> None:
    record = one(nlp, statement(community=Hint("gears", "inferred")))
    assert (record.election.community, record.election.unit) == ("Gears", None)


def test_an_office_the_text_is_not_sure_of_gives_way_to_the_subjects(nlp: Language, monkeypatch: Any) -> None:
    told = statement(office=Hint("Steering Committee", "subject"))
    assert one(nlp, told).election.office == "PTL"
    monkeypatch.setitem(CONFIDENCE, "PTL", 0.4)
    assert one(nlp, told).election.provenance["office"].source == "subject"
    same = one(nlp, statement(office=Hint("project team lead", "subject"))).election
    assert (same.office, same.provenance["office"].source) == ("PTL", "text")


def test_the_user_wins(nlp: Language) -> None:
    record = one(nlp, statement(office=Hint("Steering Committee", "user")))
    assert record.election.office == "Steering Committee"
    assert record.election.provenance["office"].source == "user"


def test_the_office_stands_as_written_beside_its_canonical_form(nlp: Language) -> None:
    election = one(nlp, statement()).election
    assert (election.office, election.office_canonical) == ("PTL", "Project Team Lead")


def test_a_mail_domain_is_marked_and_says_little(nlp: Language) -> None:
    emails = (
        Email(address="ada@farlight.example", source="text"),
        Email(address="ada.voss@gmail.com", source="text"),
    )
    found = [a for a in one(nlp, statement(emails=emails)).affiliations if a.source == "email-domain"]
    assert [a.organization for a in found] == ["farlight.example"]
    assert all(a.evidence is None and a.confidence < 0.5 and a.relation == "other" for a in found)


@pytest.mark.parametrize("domain", ["adavoss.example", "mail.voss.example", "avoss.example"])
def test_a_domain_called_after_the_candidate_is_no_organization(nlp: Language, domain: str) -> None:
    emails = (Email(address=f"me@{domain}", source="header"),)
    assert not [a for a in one(nlp, statement(emails=emails)).affiliations if a.source == "email-domain"]


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("--Ada Voss", "Ada Voss"),
        ("/Ada", "Ada"),
        ("Ada Voss (", "Ada Voss"),
        ("Ada Voss(avoss", "Ada Voss"),
        ("Ada Voss Bio", "Ada Voss"),
        ("Ada Voss Candidate", "Ada Voss"),
        ("Ada (avoss) Voss", "Ada (avoss) Voss"),
        ("Sammy Voss Jr.", "Sammy Voss Jr."),
        ("Ada D'Bio", "Ada D'Bio"),
        ("Ádá Võss", "Ádá Võss"),
        ("Bio", "Bio"),
        ("42", "42"),
    ],
)
def test_a_name_has_no_signs_around_it_and_no_words_of_a_heading(written: str, name: str) -> None:
    text = f"I am {written}"
    span = extraction._name(Span(start=5, end=len(text), text=written))
    assert span.text == name == text[span.start : span.end]


def test_the_domain_of_an_organization_the_text_names_adds_nothing(nlp: Language) -> None:
    for domain in ("brightwell.example", "systems.example", "eu.brightwellsystems.example"):
        emails = (Email(address=f"ada@{domain}", source="header"),)
        assert [a.organization for a in one(nlp, statement(emails=emails)).affiliations] == ["Brightwell Systems"]


def test_the_organization_of_a_role_is_an_employer_if_they_write_from_its_domain(nlp: Language) -> None:
    emails = (Email(address="ada@gears.example", source="header"),)
    found = one(nlp, statement(emails=emails)).affiliations[-1]
    assert (found.organization, found.relation, found.status, found.source) == ("Gears", "employer", "current", "text")
    assert found.evidence is not None and TEXT[found.evidence.start : found.evidence.end] == "Gears"


class TestWhoWrites:
    """Somebody whom a text names, where an account or a file's name tells something of its writer."""

    PLATFORM = "I stand for PTL of Gears, because I want faster builds, and I have the time for it this year."

    def name(self, nlp: Language, text: str, account: str = "nightjar") -> str | None:
        cleaned = clean(text, "plain")
        made = statement(
            text=cleaned.text, blocks=cleaned.blocks, fields=cleaned.fields, handles=(("nickname", account),)
        )
        return one(nlp, made).candidate.name

    @pytest.mark.parametrize(
        "thanks",
        [
            "I would like to thank Kofi Mensah, who has been the PTL for several cycles and did a great job of it.",
            "Kofi Mensah and our team have done great work during the last cycles, of which I was a part, too.",
            "Our team now includes Kofi Mensah, and I look forward to what we are going to do together in a year.",
        ],
    )
    def test_whoever_is_spoken_of_does_not(self, nlp: Language, thanks: str) -> None:
        assert self.name(nlp, f"{thanks}\n\n{self.PLATFORM}\n") is None
        assert self.name(nlp, f"{self.PLATFORM}\n\n{thanks}\n\nAda\n") == "Ada", "who signs it does"
        assert self.name(nlp, f"{self.PLATFORM}\n\nThank you for reading,\nMany thanks to Kofi Mensah\n") is None

    @pytest.mark.parametrize(
        "text",
        [
            "I am Kofi Mensah, and I like gears.\n\n{}\n",
            "Hi all,\n\nI'm Kofi Mensah (nightjar on IRC), and I like gears.\n\n{}\n",
            "My name is Kofi Mensah.\n\n{}\n",
            "This is Kofi Mensah, writing to you again, and I like gears.\n\n{}\n",
            "{}\n\nRegards,\nKofi Mensah\n",
            "{}\n\n// Kofi Mensah\n",
            "Kofi Mensah (nightjar)\n\n{}\n",
            "Name: Kofi Mensah\n\n{}\n",
            "# Kofi Mensah for PTL of Gears\n\n{}\n",
        ],
    )
    def test_whoever_says_so_does(self, nlp: Language, text: str) -> None:
        assert self.name(nlp, text.format(self.PLATFORM)) == "Kofi Mensah"

    @pytest.mark.parametrize("account", ["kofi", "kmensah", "mensahk", "kofimensah", "kofi.mensah"])
    def test_whoever_an_account_is_like_does(self, nlp: Language, account: str) -> None:
        text = f"{self.PLATFORM}\n\nFor Gears, Kofi Mensah has always been there, and will always be there.\n"
        assert self.name(nlp, text, account) == "Kofi Mensah"
        assert one(nlp, statement(text=text, blocks=(), fields=())).candidate.name == "Kofi Mensah", "nothing is known"

    def test_a_greeting_is_no_signature(self, nlp: Language) -> None:
        assert self.name(nlp, f"Hi Kofi Mensah,\n\n{self.PLATFORM}\n") is None


@pytest.mark.parametrize(
    ("field", "names"),
    [
        ("Employer: Quillon Labs", ["Quillon Labs"]),
        ("Affiliations: Quillon Labs, Inc., University of Ostmark; Kite / Wrenfield", [
            "Quillon Labs, Inc.", "University of Ostmark", "Kite", "Wrenfield",
        ]),
        ("Company: Quillon, B.V.; Kite GmbH, Ostmark S.r.l.", ["Quillon, B.V.", "Kite GmbH", "Ostmark S.r.l."]),
        ("Company: Quillon(End User)", ["Quillon"]),
        ("Works for: Quillon (the cloud team), since 2019", ["Quillon"]),
        ("Employer: Independent (formerly at Quillon)", []),
        ("Employer: Quillon's cloud team", ["Quillon"]),
        ("Employer: n/a", []),
        ("Company: https://quillon.example", []),
        ("Employer: I left my last one in May and am looking for something with a garden", []),
        ("Team: Quillon", []),
    ],
)  # fmt: skip
def test_who_is_named_as_employer_in_a_field_is_one(nlp: Language, field: str, names: list[str]) -> None:
    text = f"{field}\n\nI want faster builds."
    label, value = field.split(": ", 1)
    labelled = LabelledField(label, value, len(label) + 2, len(field))
    found = one(nlp, statement(text=text, blocks=(), fields=(labelled,))).affiliations
    assert [(a.organization, a.relation, a.status, a.source) for a in found] == [
        (name, "employer", "current", "field") for name in names
    ]
    assert all(a.evidence and text[a.evidence.start : a.evidence.end] == a.organization for a in found)


@pytest.mark.parametrize(
    ("heading", "below", "names"),
    [
        ("Where I work", "Quillon Labs", ["Quillon Labs"]),
        ("Where I work?", "Quillon's Release Office", ["Quillon"]),
        ("Company Affiliation:", "University of Ostmark, Kite Inc.", ["University of Ostmark", "Kite Inc."]),
        ("Employer", "I work for Quillon.", []),
        ("Employer", "Independent", []),
        ("Where I have been", "Quillon", []),
    ],
)
def test_who_is_named_under_a_heading_of_employers_is_one(
    nlp: Language, heading: str, below: str, names: list[str]
) -> None:
    text = f"{heading}\n\n{below}\n\nI want faster builds."
    start = len(heading) + 2
    structure = (
        Block(kind="heading", start=0, end=len(heading)),
        Block(kind="paragraph", start=start, end=start + len(below)),
        Block(kind="paragraph", start=start + len(below) + 2, end=len(text)),
    )
    found = one(nlp, statement(text=text, blocks=structure, fields=())).affiliations
    assert [a.organization for a in found] == names
    assert all(a.evidence and text[a.evidence.start : a.evidence.end] == a.organization for a in found)


def test_a_name_in_a_field_is_taken_whole(nlp: Language) -> None:
    text = "Company: Brightwell Systems of Ostmark\n\nI want faster builds."
    labelled = LabelledField("Company", "Brightwell Systems of Ostmark", 9, 38)
    found = one(nlp, statement(text=text, blocks=(), fields=(labelled,))).affiliations
    assert [a.organization for a in found] == ["Brightwell Systems of Ostmark"]


def test_a_least_confidence_leaves_out_what_is_less_sure(nlp: Language) -> None:
    record = one(nlp, statement(), 0.7)
    assert not record.focus_areas
    assert len(record.roles) == 2


def test_another_language_is_kept_and_warned_about_but_not_analysed(nlp: Language) -> None:
    record = one(nlp, statement(language="de", name=Hint("Ada Voss", "header")))
    assert record.text == TEXT
    assert record.candidate.name == "Ada Voss"
    assert not (record.roles or record.affiliations or record.focus_areas or record.summary.sentences)
    assert [w.code for w in record.warnings] == ["not-english"]


def test_what_nobody_says_is_null_and_warned_about(nlp: Language) -> None:
    record = one(nlp, statement(text="I want faster builds.", blocks=(), fields=()))
    assert record.candidate.name is None and record.election.office is None
    assert {w.code for w in record.warnings} == {"no-candidate", "no-office"}


def test_records_stand_in_the_order_of_the_statements(nlp: Language) -> None:
    made = [replace(statement(), id=f"s{n}") for n in range(20)]
    assert [r.id for r in extract(iter(made), nlp)] == [s.id for s in made]
