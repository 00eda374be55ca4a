"""Redaction: no address and no handle is left, and every offset still holds."""

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented import full, span, statement

from analyzer.directory import Directory
from analyzer.exporting import document
from analyzer.records import Decision, Record, Skipped, Span, StatementRecord, Summary, SummarySentence, Warning_
from analyzer.redaction import MASK, redacted
from analyzer.views import Evidence, Who, evidence

# Deliberately simpler than what the program looks for.
ADDRESS = re.compile(r"[^\W_]@|@[^\W_]|\w+ *[(\[](?:at|AT)[)\]] *\w+|\w at \w+ dot \w+|nobody at [\w.]+")


def text_of(text: str, **changes: Any) -> str:
    """Return a statement's text after redaction."""
    made = redacted(document([statement(text=text, **changes)], models=[])).statements[0].text
    assert len(made) == len(text)
    return made


def masked(text: str, *parts: str) -> str:
    for part in parts:
        assert part in text
        text = text.replace(part, MASK * len(part))
    return text


def spans(value: Any, text: str) -> list[tuple[dict[str, Any], str]]:
    """Return every span of statements in JSON, with the text it is of."""
    if isinstance(value, list):
        return [pair for item in value for pair in spans(item, text)]
    if not isinstance(value, dict):
        return []
    if "blocks" in value:
        text = value["text"]
    found = [(value, text)] if value.keys() >= {"start", "end", "text"} else []
    return found + [pair for item in value.values() for pair in spans(item, text)]


class TestAddresses:
    @pytest.mark.parametrize(
        "address",
        [
            "ines@moreau.example",
            "ines.m+list@mail.moreau.example",
            "ines@localhost",
            "inés@größe.example",
            "ines＠moreau.example",
            "ines%40moreau.example",
            "ines&#64;moreau.example",
            '"ines moreau"@moreau.example',
            "ines @ moreau.example",
            "ines (at) moreau.example",
            "ines [at] moreau [dot] example",
            "ines{AT}moreau{DOT}example",
            "ines(a)moreau.example",
            "ines AT moreau DOT example",
            "ines dot m at moreau dot example",
            "ines_at_moreau.example",
            "ines at moreau.example",
            "ines.m at mail.moreau.example",
        ],
    )
    def test_are_masked_however_they_are_written(self, address: str) -> None:
        for frame in ("{}", "Write to {}.", "Mail: <{}>, or call", "({})\nThanks", "“{}”!"):
            text = frame.format(address)
            assert text_of(text) == masked(text, address)

    @pytest.mark.parametrize(
        "text",
        [
            "I am an engineer at quillworks.example and work at tarnfold.example.",
            "The notes are at notes.tarnfold.example/2025/march.",
            "We met at noon, and 3 were at 1.5 times the load.",
            "The price is 5 @ 3 a piece.",
            "We choose option (a) first.",
            "Python at v3.11",
        ],
    )
    def test_what_only_looks_like_one_stays(self, text: str) -> None:
        assert text_of(text) == text

    def test_a_known_address_is_masked_where_its_form_alone_would_not_tell(self) -> None:
        text = "team at tarnfold.example"
        assert text_of(text) == text
        assert text_of(text, emails=["Team@Tarnfold.example"]) == masked(text, text)

    def test_are_masked_wherever_else_they_stand(self) -> None:
        mail = "ines@moreau.example"
        record = full(
            f"Ines Moreau <{mail}>",
            path=f"2025/council/{mail}",
            emails=[mail],
            decision=Decision(label="candidacy", score=1, reasons=[f"from {mail}"]),
            warnings=[Warning_(code="wrong-charset", message=f"{mail} says latin-1")],
        )
        source = record.source.model_copy(update={"subject": f"Candidacy of {mail}", "message_id": f"<1.{mail}>"})
        left_out = Skipped(path=f"{mail}/1.eml", member=mail, code="reply", message=f"answers {mail}")
        made = redacted(document([record.model_copy(update={"source": source})], models=[], skipped=[left_out]))
        assert not ADDRESS.search(made.model_dump_json())
        assert made.statements[0].candidate.emails == []
        assert made.statements[0].source.path == f"2025/council/{MASK * len(mail)}"
        assert made.skipped[0].path == f"{MASK * len(mail)}/1.eml"
        assert "moreau" not in made.people[0].id and made.people[0].id == made.statements[0].candidate.id


class TestHandles:
    @pytest.mark.parametrize(
        ("text", "handles"),
        [
            ("Find me as @imoreau.", ["@imoreau"]),
            ("IRC: imo\nSlack: @ines.m", ["imo", "@ines.m"]),
            ("IRC nick: imo, im2 (Libera)", ["imo", "im2"]),
            ("ircname: imo_", ["imo_"]),
            ("My IRC nick is smile.", ["smile"]),
            ("You know me, I'm imo on Libera.", ["imo"]),
            ("Ines Moreau (imo on IRC)", ["imo"]),
            ('known as "imo" on Freenode', ["imo"]),
            ("https://github.com/imoreau", ["imoreau"]),
            ("launchpad.net/~imo and linkedin.com/in/ines-moreau/", ["imo", "ines-moreau"]),
            ("https://stats.example/?user_id=imo&range=all", ["imo"]),
            ("Matrix: @ines:moreau.example", ["@ines:moreau.example"]),
        ],
    )
    def test_are_masked_where_they_are_marked(self, text: str, handles: list[str]) -> None:
        assert text_of(text) == masked(text, *handles)

    @pytest.mark.parametrize(
        "text",
        [
            "I am active on IRC, and (mostly on Slack) in discussions on IRC.",
            "We meet on IRC: the log is public.",
            "See github.com/tarnfold/build for the code.",
        ],
    )
    def test_what_only_looks_like_one_stays(self, text: str) -> None:
        assert text_of(text) == text

    @pytest.mark.parametrize(
        "given", ["imoreau", "@imoreau", "https://github.com/IMoreau/", "imoreau (away)", "x, imoreau"]
    )
    def test_that_a_statement_gives_are_masked_everywhere(self, given: str) -> None:
        own = statement("Ines Moreau", "Ask imoreau. IMoreau-bot is not mine.", handles={"github": given}, index=0)
        other = statement("Yuki Sato", "Thanks to imoreau, not to imoreaux.", path="votes/imoreau_2025.txt", index=1)
        made = redacted(document([own, other], models=[]))
        assert [record.text for record in made.statements] == [
            f"Ask {MASK * 7}. {MASK * 7}-bot is not mine.",
            f"Thanks to {MASK * 7}, not to imoreaux.",
        ]
        assert made.statements[1].source.path == f"votes/{MASK * 7}_2025.txt"
        assert made.statements[0].candidate.handles == {}

    def test_a_link_without_a_name_is_no_handle(self) -> None:
        assert text_of("We use forge.example.", handles={"forge": "https://forge.example/"}) == "We use forge.example."

    def test_with_odd_characters_are_masked_too(self) -> None:
        text = "Ask ines[m] or ask ines."
        assert text_of(text, handles={"irc": "ines[m]"}) == masked(text, "ines[m]")

    def test_that_are_part_of_a_name_stay_but_where_they_are_marked(self) -> None:
        text = "Ines, or ines, is @ines on IRC."
        made = redacted(document([statement("Ines Moreau", text, handles={"irc": "ines"})], models=[]))
        assert made.statements[0].text == masked(text, "@ines")
        assert made.statements[0].candidate.name == "Ines Moreau"
        assert made.people[0].id == "ines-moreau"

    def test_like_a_whole_name_leave_name_and_id_alone(self) -> None:
        made = redacted(document([statement("Ann-Lee", "I am ann-lee.", handles={"irc": "ann-lee"})], models=[]))
        assert (made.people[0].name, made.people[0].id) == ("Ann-Lee", "ann-lee")

    def test_that_are_ordinary_words_stay_in_the_statements_of_others(self) -> None:
        own = statement("Ines Moreau", "Call me rust.", handles={"irc": "rust"}, index=0)
        others = [statement(f"Candidate {n}", f"I write rust, number {n}.", index=n) for n in range(1, 6)]
        made = redacted(document([own, *others], models=[]))
        assert [record.text for record in made.statements] == [f"Call me {MASK * 4}.", *(r.text for r in others)]

    def test_never_break_what_has_few_values(self) -> None:
        record = full(handles={"irc": "mbox", "slack": "candidacy", "github": "current", "matrix": "goal"})
        made = redacted(document([record], models=[]))
        assert made.statements[0].source.format == "mbox"
        assert made.statements[0].decision.label == "candidacy"


class Appearance(Record):
    """A view, as the verbs make them."""

    candidate: Who
    statements: list[str]
    sentences: list[Evidence]


class TestPeople:
    def test_known_only_by_a_handle_or_address_get_another_id(self) -> None:
        records = [
            statement(None, handles={"irc": "imoreau"}, index=0),
            statement(None, emails=["tomas@brandt.example"], index=1),
            statement("Yuki Sato", index=2),
        ]
        export = document(records, models=[])
        assert {person.id for person in export.people} == {"imoreau", "tomas", "yuki-sato"}
        made = redacted(export)
        ids = {person.id for person in made.people}
        assert ids == {f"person-{records[0].id[:8]}", f"person-{records[1].id[:8]}", "yuki-sato"}
        assert {record.candidate.id for record in made.statements} == ids
        assert all(person.name in (person.id, "Yuki Sato") for person in made.people)

    def test_in_a_view_are_told_by_the_directory(self) -> None:
        text = "I want reviews. Write to ines at moreau.example soon."
        record = statement(None, text, handles={"irc": "imoreau"}, emails=["ines@moreau.example"])
        directory = Directory([record])
        view = Appearance(
            candidate=directory.who(record),
            statements=[record.id],
            # Alone, the first does not show that it is part of an address.
            sentences=[evidence(record, span(text, "Write to ines")), evidence(record, span(text, "I want reviews."))],
        )
        [made] = redacted([view], directory)
        new = f"person-{record.id[:8]}"
        assert made.candidate == Who(id=new, name=new)
        assert [sentence.text for sentence in made.sentences] == [f"Write to {MASK * 4}", "I want reviews."]
        assert made.statements == [record.id]


def test_evidence_that_cuts_an_address_is_masked_like_the_text() -> None:
    text = "I speak for moreau.example; write to ines@moreau.example."
    cut = Span(start=text.index("@") + 1, end=len(text) - 1, text="moreau.example")
    record = statement(text=text)
    record = record.model_copy(update={"candidate": record.candidate.model_copy(update={"evidence": cut})})
    [made] = redacted(document([record], models=[])).statements
    assert made.candidate.evidence and made.candidate.evidence.text == MASK * len(cut.text)
    assert made.text[cut.start : cut.end] == made.candidate.evidence.text


@pytest.mark.parametrize("value", [None, 3, True, "a text", ["ines@x.example", {"who": "@ines", "n": 1.5}], {}])
def test_plain_data_keeps_its_shape(value: Any) -> None:
    made = redacted(value)
    assert type(made) is type(value)
    assert not ADDRESS.search(json.dumps(made))
    if value and isinstance(value, list):
        assert made == [MASK * 14, {"who": MASK * 5, "n": 1.5}]


def test_what_holds_no_address_or_handle_stays_as_it_is() -> None:
    export = document([full("Ines Moreau"), full("Yuki Sato", index=1)], models=[])
    assert redacted(export) == type(export).model_validate(export.model_dump())


WORDS = st.sampled_from(
    [
        "I",
        "keep",
        "the",
        "build",
        "farm",
        "at",
        "on IRC",
        "write to",
        "email:",
        "IRC:",
        "—",
        "(",
        ")",
        "\n",
        "é😀",
        "@",
        ".",
    ]
)
LOCAL = st.from_regex(r"[a-z][a-z0-9._+-]{0,8}[a-z0-9]", fullmatch=True)
HOST = st.from_regex(r"[a-z][a-z0-9-]{0,6}[a-z0-9](\.[a-z]{2,6}){1,2}", fullmatch=True)
WRITTEN = st.builds(
    lambda local, host, form: form.format(local=local, host=host, spelled=host.replace(".", " dot ")),
    LOCAL,
    HOST,
    st.sampled_from(["{local}@{host}", "{local} (at) {host}", "{local}[at]{host}", "{local} at {spelled}", "@{local}"]),
)


@st.composite
def hostile(draw: st.DrawFn) -> StatementRecord:
    """A statement with addresses among its words, and evidence anywhere, also across their borders."""
    parts = draw(st.lists(st.one_of(WORDS, WRITTEN), min_size=1, max_size=12))
    text = draw(st.sampled_from([" ", " ", ", "])).join(parts)
    record = statement(
        draw(st.one_of(st.none(), st.just("Ines Moreau"), WRITTEN)),
        text,
        emails=draw(st.lists(st.builds("{}@{}".format, LOCAL, HOST), max_size=2)),
        handles=draw(st.dictionaries(st.just("irc"), LOCAL)),
        path=draw(st.one_of(st.just("a.txt"), WRITTEN)),
    )
    bounds = [sorted(draw(st.tuples(*[st.integers(0, len(text))] * 2))) for _ in range(3)]
    sentences = [
        SummarySentence(rank=rank, start=start, end=end, text=text[start:end])
        for rank, (start, end) in enumerate(bounds, 1)
    ]
    return record.model_copy(update={"summary": Summary(text=text, sentences=sentences)})


@settings(deadline=None, max_examples=60)
@given(st.lists(hostile(), min_size=1, max_size=3, unique_by=lambda record: record.id))
def test_no_address_is_left_and_every_evidence_holds(records: list[StatementRecord]) -> None:
    export = document(
        records, models=[], skipped=[Skipped(path=records[0].source.path, code="reply", message=records[0].text)]
    )
    made = redacted(export)
    written = made.model_dump_json()
    assert not ADDRESS.search(written)
    for record in records:
        for email in record.candidate.emails:
            assert email.address.casefold() not in written.casefold()
    for found, text in spans(made.model_dump(), ""):
        assert found["text"] == text[found["start"] : found["end"]]
    for before, after in zip(export.statements, made.statements, strict=True):
        assert len(after.text) == len(before.text)
        assert after.text.count("\n") == before.text.count("\n")
        assert after.id == before.id
    assert redacted(made) == made


def test_a_record_stays_a_record() -> None:
    class View(Record):
        who: str
        notes: list[str]

    made = redacted(View(who="@ines", notes=["nothing"]))
    assert made == View(who=MASK * 5, notes=["nothing"])
