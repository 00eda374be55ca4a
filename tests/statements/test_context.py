"""Hints: who, how to reach them, and which contest, from fields, subject, header, list and folders."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.sources import read
from analyzer.sources.message import Message
from analyzer.statements.cleaning import clean
from analyzer.statements.context import Context, gather
from analyzer.statements.offices import find_office, per_unit, spelled
from analyzer.statements.places import read_place
from analyzer.statements.statement import Hint
from analyzer.statements.subjects import read_subject

SHARED = Path(__file__).resolve().parents[3] / "shared"
PAGE = SHARED / "corpus" / "mail" / "000_803f5371319a3cdb.txt"
PROSE = "I have kept the build farm running since its first days."


def said(thing: Any) -> dict[str, Any]:
    """Return what a subject or place says, without what it leaves open."""
    return {key: value for key, value in asdict(thing).items() if value}


def mail(body: str = PROSE, **parts: Any) -> Message:
    return Message(path="orrery.mbox", format="mbox", index=0, body=body, sha256="0", **parts)


def file(path: str, body: str = PROSE, folder: str | None = "orrery-elections") -> Message:
    kind = "markdown" if path.endswith(".md") else "text"
    return Message(
        path=path,
        folder=folder,
        format=kind,
        body=body,
        body_format="markdown" if kind == "markdown" else "plain",
        sha256="0",
    )


def context(message: Message, **user: str) -> Context:
    cleaned = clean(message.body, message.body_format)
    found = gather(message, cleaned, **user)
    for hint in (found.name, found.community, found.unit, found.office, found.cycle, found.outcome):
        if hint is not None and hint.source in ("text", "field"):
            assert cleaned.text[hint.start : hint.end] == hint.value
        elif hint is not None:
            assert (hint.start, hint.end) == (None, None)
    return found


def told(hint: Hint | None) -> tuple[str, str] | None:
    return None if hint is None else (hint.value, hint.source)


class TestSubjects:
    @pytest.mark.parametrize(
        ("subject", "expected"),
        [
            (
                "[orrery-dev] Announcing Line Aas's candidacy for the Architecture Committee Election",
                {"name": "Line Aas", "office": "Architecture Committee"},
            ),
            ("[election][farm] PTL candidacy for Comet", {"unit": "farm", "office": "PTL", "cycle": "Comet"}),
            (
                "[election] [farm] Farm PTL candidacy for the Comet cycle",
                {"unit": "Farm", "office": "PTL", "cycle": "Comet"},
            ),
            ("Candidacy for Farm PTL (Comet)", {"unit": "Farm", "office": "PTL", "cycle": "Comet"}),
            ("[election] PTL candidacy for Farm", {"unit": "Farm", "office": "PTL"}),
            ("PTL candidacy: farm", {"unit": "farm", "office": "PTL"}),
            ("[resend] [farm] PTL candidacy", {"unit": "farm", "office": "PTL"}),
            ("Correction: TC candidacy", {"office": "TC"}),
            ("TC candidacy", {"office": "TC"}),
            ("[tc] candidacy", {"office": "TC"}),
            ("2024.1 PTL candidacy", {"office": "PTL", "cycle": "2024.1"}),
            ("Candidacy for the Orrery Steering Committee", {"community": "Orrery", "office": "Steering Committee"}),
            (
                "Line Aas for Steering Committee 2024",
                {"name": "Line Aas", "office": "Steering Committee", "cycle": "2024"},
            ),
            (
                "Self-nomination for Technical Committee - Line Aas",
                {"name": "Line Aas", "office": "Technical Committee"},
            ),
            (
                "Steering Committee candidacy – Ren Watase (渡瀬 蓮)",
                {"name": "Ren Watase", "office": "Steering Committee"},
            ),
            (
                "Line Aas' nomination for Orrery Foundation Board of Directors",
                {"name": "Line Aas", "community": "Orrery Foundation", "office": "Board of Directors"},
            ),
            ("Nomination: José Álvarez", {"name": "José Álvarez"}),
            ("candidacy (SC)", {"office": "SC"}),
            ("Statement of candidacy", {}),
            ("A question about New Releases", {}),
            ("", {}),
        ],
    )
    def test_conventions(self, subject: str, expected: dict[str, str]) -> None:
        assert said(read_subject(subject, "orrery-dev")) == expected

    def test_what_mail_programs_put_before_a_subject_does_not_matter(self) -> None:
        plain = read_subject("[farm] PTL candidacy")
        assert read_subject("Re: [orrery-dev] RE: [farm] PTL candidacy", "orrery-dev") == plain
        assert read_subject("Fwd: AW: [farm] PTL candidacy") == plain

    @given(st.text(max_size=150), st.one_of(st.none(), st.text(max_size=10)))
    def test_any_subject_is_read(self, subject: str, list_name: str | None) -> None:
        for value in said(read_subject(subject, list_name)).values():
            assert value.strip()


class TestOffices:
    @pytest.mark.parametrize(
        ("text", "whole", "own"),
        [
            ("the Orrery Technical Committee", "Orrery Technical Committee", "Technical Committee"),
            ("for Farm PTL", "Farm PTL", "PTL"),
            ("a seat on the Code of Conduct Committee", "Code of Conduct Committee", "Code of Conduct Committee"),
            ("the Diversity Committee", "Diversity Committee", "Diversity Committee"),
            ("Farm Project Team Lead", "Farm Project Team Lead", "Project Team Lead"),
            ("technical committee", "technical committee", "technical committee"),
        ],
    )
    def test_an_office_and_what_it_is_the_office_of(self, text: str, whole: str, own: str) -> None:
        found = find_office(text)
        assert found is not None
        start, inner, end = found
        assert (text[start:end], text[inner:end]) == (whole, own)

    @pytest.mark.parametrize("text", ["a new keyboard", "my sc file", "", "ac and dc"])
    def test_no_office(self, text: str) -> None:
        assert find_office(text) is None

    @pytest.mark.parametrize(
        ("slug", "office"),
        [
            ("arch-committee", "Architecture Committee"),
            ("steering", "Steering Committee"),
            ("code-of-conduct", "Code of Conduct Committee"),
            ("toc", "TOC"),
            ("SC-EU", "SC-EU"),
            ("board", "Board"),
            ("Farm", None),
            ("release_management", None),
            ("", None),
        ],
    )
    def test_offices_in_folder_names(self, slug: str, office: str | None) -> None:
        assert spelled(slug) == office

    def test_offices_of_which_there_are_many(self) -> None:
        assert per_unit("PTL") and per_unit("Project Team Lead") and not per_unit("Technical Committee")


class TestPlaces:
    @pytest.mark.parametrize(
        ("path", "expected"),
        [
            (
                "orrery-election/candidates/comet/Build_Farm/line@example.org",
                {"community": "orrery", "cycle": "comet", "unit": "Build Farm", "email": "line@example.org"},
            ),
            (
                "orrery-election/candidates/comet/TC/Line_Aas.txt",
                {"community": "orrery", "cycle": "comet", "office": "TC", "name": "Line Aas"},
            ),
            (
                "orrery-election/candidates/2024.1/Farm/laas.txt",
                {"community": "orrery", "cycle": "2024.1", "unit": "Farm", "handle": "laas"},
            ),
            (
                "orrery-community/elections/arch-committee-2022-03/LineAas.txt",
                {"community": "orrery", "cycle": "2022-03", "office": "Architecture Committee", "name": "Line Aas"},
            ),
            (
                "orrery-community/elections/steering/2020/line-aas.md",
                {"community": "orrery", "cycle": "2020", "office": "Steering Committee", "name": "Line Aas"},
            ),
            (
                "elections/2021-TOC/candidate-laas.md",
                {"cycle": "2021", "office": "TOC", "handle": "laas", "profile": True},
            ),
            ("elections/2020/SC/laas.md", {"cycle": "2020", "office": "SC", "handle": "laas"}),
            (
                "orrery-election/_campaign-2019/line-aas.md",
                {"community": "orrery", "cycle": "2019", "name": "Line Aas"},
            ),
            ("board-election-2021/line_bio.md", {"office": "Board", "cycle": "2021", "handle": "line"}),
            ("orrery-elections/march-2019/line.md", {"community": "orrery", "cycle": "2019-03", "handle": "line"}),
            ("orrery-elections/spring-2021/line.md", {"community": "orrery", "cycle": "2021-spring", "handle": "line"}),
            ("orrery-elections/2019-2020/line.md", {"community": "orrery", "cycle": "2019-2020", "handle": "line"}),
        ],
    )
    def test_conventions(self, path: str, expected: dict[str, Any]) -> None:
        assert said(read_place(path)) == expected | {"inside": True}

    def test_the_folder_that_the_user_named_counts(self) -> None:
        assert read_place("candidates/comet/Farm/l.txt", "orrery-election") == read_place(
            "orrery-election/candidates/comet/Farm/l.txt"
        )

    @pytest.mark.parametrize(
        "path", ["notes.txt", "2024/0030bdd.txt", "docs/team/intro.md", "mail/2022-March/000123.html"]
    )
    def test_elsewhere_a_path_says_nothing(self, path: str) -> None:
        assert said(read_place(path)) == {}

    @pytest.mark.parametrize(
        ("name", "person"), [("LineAas.txt", "Line Aas"), ("line-aas.md", "Line Aas"), ("j.r.txt", None)]
    )
    def test_a_name_as_the_name_of_a_file(self, name: str, person: str | None) -> None:
        assert read_place(name).name == person

    @given(st.text(st.characters(exclude_categories=["Cs"]), max_size=80))
    def test_any_path_is_read(self, path: str) -> None:
        read_place(path, "x")


class TestName:
    @pytest.mark.parametrize(
        ("message", "expected"),
        [
            (mail("Name: Line Aas\n\n" + PROSE, sender_name="Aas Line"), ("Line Aas", "field")),
            (mail("Name: Line (Lee) Aas\n\n" + PROSE), ("Line (Lee) Aas", "field")),
            (mail("Name: Line Aas (@laas)\n\n" + PROSE), ("Line Aas", "field")),
            (mail("Name: Aas, Line\n\n" + PROSE), ("Aas, Line", "field")),
            (mail(PROSE + "\n\nCheers,\nLine Aas (laas)", sender_name="laas"), ("Line Aas", "text")),
            (mail(PROSE + "\n\nCheers,\nLine", sender_name="Line Aas"), ("Line Aas", "header")),
            (mail(PROSE + "\n\nCheers,\nLine", subject="Candidacy: Line Aas"), ("Line Aas", "subject")),
            (mail(subject="candidacy", sender_name="Line Aas (Kelpgate)"), ("Line Aas", "header")),
            (mail(subject="candidacy", sender_name="Line Aas via orrery-dev"), ("Line Aas", "header")),
            (mail(subject="candidacy", sender_name="Aas, Line"), ("Aas, Line", "header")),
            (
                mail(subject="Re: Nomination: Ole Berg", sender_name="Line Aas", in_reply_to="<1@x>"),
                ("Line Aas", "header"),
            ),
            (mail(subject="candidacy", sender_name="The Election Team"), None),
            (mail(PROSE + "\n\nCheers,\nLine"), ("Line", "text")),
            (mail("Name: N/A\n\n" + PROSE), None),
            (file("2024/LineAas.txt"), ("Line Aas", "folder")),
            (file("2024/laas.md", "# Line Aas\n\n" + PROSE), ("Line Aas", "text")),
            (file("2024/ole.md", "# Build Farm\n\n" + PROSE), None),
            (file("2024/line-aas.md", "---\ntitle: Line Aas\n---\n" + PROSE), ("Line Aas", "field")),
            (file("2024/line-aas.md", "---\ntitle: Steering Committee\n---\n" + PROSE), ("Line Aas", "folder")),
        ],
    )
    def test_the_text_first_then_subject_header_and_folder(
        self, message: Message, expected: tuple[str, str] | None
    ) -> None:
        assert told(context(message).name) == expected

    def test_it_is_not_taken_out_of_running_text(self) -> None:
        assert context(mail("My name is Line Aas. " + PROSE)).name is None


class TestAddresses:
    def test_from_fields_text_header_and_the_name_of_a_file(self) -> None:
        message = mail(
            "Email: line at example.org, aas at kelpgate dot example\n\nCheers,\nLine Aas\nline.aas@example.com",
            sender_address="Line@example.org",
        )
        assert [(e.address, e.source) for e in context(message).emails] == [
            ("line@example.org", "field"),
            ("aas@kelpgate.example", "field"),
            ("line.aas@example.com", "text"),
        ]
        emails = context(file("candidates/comet/Farm/line@example.org")).emails
        assert [(e.address, e.source) for e in emails] == [("line@example.org", "folder")]
        assert [e.source for e in context(mail(sender_address="line@example.org")).emails] == ["header"]

    @pytest.mark.parametrize(
        "message",
        [
            mail("Questions go to elections@example.org or orrery@lists.example.org, not to ole@example.org."),
            mail(sender_address="orrery-dev@example.org", list_name="orrery-dev"),
            mail("Email: N/A\n\n" + PROSE),
        ],
    )
    def test_of_lists_officials_and_others_are_not_the_candidates(self, message: Message) -> None:
        assert context(message).emails == ()


class TestHandles:
    def test_from_fields(self) -> None:
        body = (
            "GitHub: https://github.com/laas/\nSlack: @line\nIRC: laas, laas_\nTwitter: N/A\nDiscord: aas#1234\n\n"
            + PROSE
        )
        assert context(mail(body)).handles == (
            ("discord", "aas#1234"),
            ("github", "laas"),
            ("irc", "laas"),
            ("slack", "line"),
        )

    def test_from_a_signature(self) -> None:
        assert context(mail(PROSE + "\n\nCheers,\nLine Aas (irc: laas)")).handles == (("irc", "laas"),)
        assert context(mail(PROSE + "\n\nCheers,\nLine Aas (laas)")).handles == (("nickname", "laas"),)
        assert context(mail(PROSE + "\n\nCheers,\nLine Aas (she)")).handles == ()

    def test_from_the_name_of_a_file(self) -> None:
        assert context(file("elections/2024/candidate-laas.md", "ID: laas\n\n" + PROSE)).handles == (
            ("github", "laas"),
        )
        assert context(file("candidates/comet/Farm/laas.txt")).handles == (("nickname", "laas"),)
        assert context(file("texts/0a1b.txt", folder="gold")).handles == ()


class TestContest:
    def test_fields(self) -> None:
        found = context(
            mail("Name: Line Aas\nRunning for: Orrery Steering Committee\nCommunity: Orrery\nCycle: 2024\n\n" + PROSE)
        )
        assert told(found.office) == ("Steering Committee", "field")
        assert told(found.community) == ("Orrery", "field")
        assert told(found.cycle) == ("2024", "field")

    def test_a_front_matter_that_is_not_text_is_a_header(self) -> None:
        found = context(
            file("a.md", "---\nname: Line Aas\noffice: Council\nelected: true\ndate: 2025-10-08\n---\n" + PROSE)
        )
        assert told(found.office) == ("Council", "header")
        assert told(found.outcome) == ("elected", "header")
        assert found.date == "2025-10-08"

    def test_a_job_is_no_office(self) -> None:
        assert context(mail("Name: Line Aas\nPosition: Senior engineer\n\n" + PROSE)).office is None

    def test_a_project_is_a_unit_only_where_something_else_is_the_community(self) -> None:
        whole = context(mail("Name: Line\nOffice: Council\nProject: Orrery\n\n" + PROSE))
        assert (told(whole.community), whole.unit) == (("Orrery", "field"), None)
        part = context(mail("Name: Line\nOffice: PTL\nProject: Farm\nCommunity: Orrery\n\n" + PROSE))
        assert (told(part.community), told(part.unit)) == (("Orrery", "field"), ("Farm", "field"))

    @pytest.mark.parametrize(
        ("list_name", "community"),
        [
            ("orrery-dev", "orrery"),
            ("orrery-dev-list", "orrery"),
            ("orrery-discuss", "orrery"),
            ("twisted-python", None),
            ("dev", None),
        ],
    )
    def test_a_list_is_named_after_its_community(self, list_name: str, community: str | None) -> None:
        expected = (community, "inferred") if community else None
        assert told(context(mail(list_name=list_name)).community) == expected

    def test_an_archive_lies_in_no_folder_of_an_election(self) -> None:
        message = Message(
            path="candidates/2022/Farm.mbox", folder="orrery-election", format="mbox", body=PROSE, sha256="0"
        )
        assert context(message) == Context()

    def test_what_the_user_says_wins(self) -> None:
        message = mail("Office: Council\nCommunity: Kelp\nCycle: 2020\n\n" + PROSE, subject="TC candidacy for Comet")
        found = context(message, community="Orrery", office="Board", cycle="2024")
        assert [told(h) for h in (found.community, found.office, found.cycle)] == [
            ("Orrery", "user"),
            ("Board", "user"),
            ("2024", "user"),
        ]


@settings(deadline=None)
@given(st.text(max_size=200), st.text(max_size=60), st.text(max_size=30), st.text(max_size=30))
def test_anything_is_read(body: str, subject: str, sender: str, path: str) -> None:
    context(mail(body, subject=subject, sender_name=sender, sender_address=sender, list_name=path))
    context(file(path or "x", body))


@pytest.mark.skipif(not PAGE.is_file(), reason="needs ../shared/corpus")
def test_the_page_of_a_list_archive() -> None:
    (message,) = read([PAGE])
    assert isinstance(message, Message)
    found = context(message)
    assert told(found.name) == ("Tao Peng", "field")
    assert [e.address for e in found.emails] == ["bergwolf@hyper.sh", "bergwolf@antgroup.com"]
    assert told(found.office) == ("Architecture Committee", "subject")
    assert told(found.community) == ("kata", "inferred")
    assert found.cycle is None
