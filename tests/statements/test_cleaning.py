"""Cleaning: what a candidate wrote stays, as blocks; what clients, lists and archives added goes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.sources import read
from analyzer.sources.message import BodyFormat, Message
from analyzer.statements.cleaning import CleanText, clean, is_greeting, name_like

SHARED = Path(__file__).resolve().parents[3] / "shared"
PAGE = SHARED / "corpus" / "mail" / "000_803f5371319a3cdb.txt"
STATEMENT = "I am standing for the Orrery council because reviews take too long."


def blocks(cleaned: CleanText) -> list[tuple[str, str]]:
    return [(block.kind, cleaned.text[block.start : block.end]) for block in cleaned.blocks]


def kinds(body: str, body_format: BodyFormat = "plain") -> list[str]:
    return [kind for kind, _ in blocks(clean(body, body_format))]


class TestWhatIsNotTheCandidates:
    @pytest.mark.parametrize(
        ("rest", "what"),
        [
            ("-- \norrery gmbh\n+49 30 1234", "signature"),
            ("--\nA motto of somebody", "signature"),
            ("\n____________________________\norrery-dev mailing list\nhttps://lists.example.org/x", "footer"),
            ("\nMore information about the orrery-dev mailing list", "footer"),
            ('\n-- \nYou received this message because you are subscribed to the "orrery" group.', "footer"),
            ("\nSent from my phone\n", "footer"),
            ("\nOn Mon, 3 Mar 2025 at 10:00, Ole <ole@example.org> wrote:\n> the call\n> for nominations", "quote"),
            ("\n> the call\n> for nominations", "quote"),
            ("\n-----Original Message-----\nFrom: Ole\nSent: Today\nTo: list\nSubject: call\n\nIt is open.", "forward"),
            ("\nFrom: Ole <ole@example.org>\nSent: Monday\nTo: list\nSubject: call\n\nIt is open.", "forward"),
            ("\n-------------- next part --------------\nAn HTML attachment was scrubbed...\nURL: x\n", "attachment"),
        ],
    )  # fmt: skip
    def test_goes_and_is_counted(self, rest: str, what: str) -> None:
        cleaned = clean(f"{STATEMENT}\n{rest}")
        assert cleaned.text == STATEMENT
        assert cleaned.removed[what] > 0
        assert cleaned.kept == 1

    @pytest.mark.parametrize(
        "attribution",
        [
            "On Mon, Mar 3, 2025 at 10:00 AM Ole Berg <ole@example.org> wrote:",
            "On Mon, Mar 3, 2025 at 10:00 AM Ole Berg\n<ole@example.org> wrote:",
            "Am 03.03.2025 um 10:00 schrieb Ole Berg:",
            "Le lun. 3 mars 2025 à 10:00, Ole Berg <ole@example.org> a écrit :",
            "2025年3月3日 10:00 Ole Berg <ole@example.org> 写道：",
            "Ole Berg wrote:",
        ],
    )
    def test_a_line_that_says_who_is_quoted_goes_with_the_quotation(self, attribution: str) -> None:
        cleaned = clean(f"{STATEMENT}\n\n{attribution}\n> Nominations are open.")
        assert cleaned.text == STATEMENT
        assert cleaned.removed["attribution"] == 1

    def test_the_armour_of_a_signed_message_goes(self) -> None:
        cleaned = clean(
            f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{STATEMENT}\n\n- - dashes were escaped\n"
            "-----BEGIN PGP SIGNATURE-----\n\niQIzBAEBCgAdFiEE\n=abcd\n-----END PGP SIGNATURE-----\n"
        )
        assert blocks(cleaned) == [("paragraph", STATEMENT), ("item", "dashes were escaped")]

    def test_from_at_the_start_of_a_line_is_unstuffed(self) -> None:
        assert clean(">From the start I have kept the build farm running.").text.startswith("From the start")

    def test_a_message_that_is_all_quotation_has_no_text(self) -> None:
        cleaned = clean("> " + STATEMENT)
        assert (cleaned.text, cleaned.blocks, cleaned.kept) == ("", (), 0)

    def test_a_rule_in_the_middle_is_no_footer(self) -> None:
        long = "\n".join(f"I want thing number {n}, and then some more of it." for n in range(20))
        cleaned = clean(f"{STATEMENT}\n________________________\nwrite to orrery@lists.example.org\n{long}")
        assert "thing number 19" in cleaned.text

    def test_a_picture_made_of_characters_goes(self) -> None:
        assert clean(f"{STATEMENT}\n\n .:'''':.\n ;;''';;;\n '':::;''\n").text == STATEMENT


class TestStructure:
    def test_wrapped_lines_become_a_paragraph(self) -> None:
        body = (
            "I have kept the build farm of Orrery running since its very first days, and\n"
            "I would like to see that its reports are read by those who break things, not\n"
            "only by me.\n\nThat is all."
        )
        assert [kind for kind, _ in blocks(clean(body))] == ["paragraph", "paragraph"]
        assert "days, and I would" in clean(body).text

    def test_short_lines_were_meant(self) -> None:
        assert kinds("Orrery 2\nLantern 3\nKelp 4\n") == ["paragraph"] * 3

    def test_greeting_text_closing_and_name(self) -> None:
        cleaned = clean(f"Hi all,\n\n{STATEMENT}\n\nCheers,\nLine Aas (laas)\n")
        assert kinds(f"Hi all,\n\n{STATEMENT}\n\nCheers,\nLine Aas (laas)\n") == [
            "greeting",
            "paragraph",
            "signature",
            "signature",
        ]
        assert cleaned.signature_name == "Line Aas"

    @pytest.mark.parametrize(
        "closing",
        [
            "Thank you for your support,\nLine Aas",
            "Best regards, Line Aas",
            "Thanks!\nLine Aas\nline@example.org",
            "Line Aas\n\nIRC: laas\nProfile: https://example.org/members/aas\n\n[1] https://example.org/1",
            "Please consider me for the council. Thank you!\nLine Aas",
            "-- \nLine Aas, Orrery GmbH\n+49 30 1234",
            "Cheers,\nLine\n-- \nLine Aas | Orrery GmbH",
        ],
    )
    def test_the_name_under_a_statement(self, closing: str) -> None:
        assert clean(f"{STATEMENT}\n\n{closing}").signature_name == "Line Aas"

    def test_headings(self) -> None:
        body = (
            "BACKGROUND\n\nI build things.\n\nGoals\n-----\n\nMore tests.\n\n** Afterword **\n\nThat is it.\n\n"
            "What I want:\n\nLess noise."
        )
        assert [text for kind, text in blocks(clean(body)) if kind == "heading"] == [
            "BACKGROUND",
            "Goals",
            "Afterword",
            "What I want:",
        ]

    def test_list_items_lose_their_bullets(self) -> None:
        cleaned = clean(
            "I want:\n\n* fewer meetings, which take more of our time than\n  anything else\n* tests\n\n1) a\n2) b\n"
        )
        assert [text for kind, text in blocks(cleaned) if kind == "item"] == [
            "fewer meetings, which take more of our time than anything else", "tests", "a", "b",
        ]  # fmt: skip

    def test_numbers_without_a_blank_make_a_list_but_not_a_version(self) -> None:
        assert [t for k, t in blocks(clean("1.Tests for all\n2.keep the farm\n")) if k == "item"] == [
            "Tests for all",
            "keep the farm",
        ]
        assert kinds("3.Maintenance and nothing else is what I promise.\n") == ["paragraph"]

    def test_items_of_one_list_are_parted_by_a_single_break(self) -> None:
        assert clean("- one thing\n- another\n\nAnd then.").text == "one thing\nanother\n\nAnd then."

    def test_labelled_fields(self) -> None:
        cleaned = clean("Name: Line Aas\nEmail: line at example.org\nirc: laas\n\n" + STATEMENT)
        assert kinds("Name: Line Aas\nEmail: line at example.org\n\n" + STATEMENT) == ["field", "field", "paragraph"]
        assert [(f.label, f.value) for f in cleaned.fields] == [
            ("Name", "Line Aas"),
            ("Email", "line at example.org"),
            ("irc", "laas"),
        ]

    def test_a_heading_and_the_line_under_it_are_a_field(self) -> None:
        (field,) = clean("## Company Affiliation\n\nOrrery GmbH\n\n## Why\n\nBecause.", "markdown").fields
        assert (field.label, field.value) == ("Company Affiliation", "Orrery GmbH")

    def test_a_front_matter_is_fields_of_which_the_telling_ones_are_text(self) -> None:
        cleaned = clean("---\nname: Line Aas\nlayout: profile\nelected: true\n---\nI build things.")
        assert blocks(cleaned)[0] == ("field", "name: Line Aas")
        assert {f.label: f.start for f in cleaned.fields} == {"name": 6, "layout": None, "elected": None}

    def test_a_front_matter_between_long_dashes(self) -> None:
        cleaned = clean("-----------\nname: Line Aas\nID: laas\ninfo:\n  - employer: Orrery\n-----------\n\nText.")
        assert [f.label for f in cleaned.fields] == ["name", "ID", "employer"]

    def test_answered_questions_stay_as_questions(self) -> None:
        body = (
            "On Monday Ole wrote:\n> A long preface.\n>\n> What would you do first?\n\n"
            "I would close old bugs, all of them.\n\n> And then?\n\nI would rest for a week and read the mail.\n"
        )
        assert blocks(clean(body)) == [
            ("question", "What would you do first?"),
            ("paragraph", "I would close old bugs, all of them."),
            ("question", "And then?"),
            ("paragraph", "I would rest for a week and read the mail."),
        ]

    def test_a_question_nobody_answers_is_quotation(self) -> None:
        assert "question" not in kinds(f"{STATEMENT}\n\n> Shall we meet?\n")


class TestFormats:
    def test_flowed_text_is_joined_where_a_line_ends_in_a_space(self) -> None:
        assert clean("Short \nlines \nflow.\nThis stays.\n", "flowed").text == "Short lines flow.\nThis stays."

    def test_delsp_drops_the_space(self) -> None:
        assert clean("wo \nrd\n", "delsp").text == "word"

    def test_the_signature_of_flowed_text_is_no_soft_break(self) -> None:
        assert clean(f"{STATEMENT}\n-- \nA motto", "flowed").text == STATEMENT

    def test_markdown_loses_its_marks(self) -> None:
        body = (
            "# Line Aas\n\nI **maintain** the [farm](https://example.org) at `Orrery`.\n\n- one\n- two\n\n"
            "| Name | Line |\n|---|---|\n| Work | Orrery |\n\n![me](me.png)\n\n<!-- a template's hint -->\n"
        )
        assert blocks(clean(body, "markdown")) == [
            ("heading", "Line Aas"),
            ("paragraph", "I maintain the farm at Orrery."),
            ("item", "one"),
            ("item", "two"),
            ("field", "Name: Line"),
            ("field", "Work: Orrery"),
        ]

    def test_html_in_markdown(self) -> None:
        body = "<div><p>One &amp; two</p><ul><li>three<li>four</ul><style>p {}</style></div>\n"
        assert [text for _, text in blocks(clean(body, "markdown"))] == ["One & two", "three", "four"]

    def test_a_link_stands_apart_from_the_word_before_it(self) -> None:
        body = "# Ada\n\nI am an[ambassador](https://example.org), a [mentor](https://example.org) (a *[chair](x)*).\n"
        assert blocks(clean(body, "markdown"))[1][1] == "I am an ambassador, a mentor (a chair)."

    @pytest.mark.parametrize(
        ("source", "text"),
        [
            (r"I teach C\+\+ and C\#, not C++ or C#.", "I teach C ++ and C #, not C++ or C#."),
            ("In **20**+ years, with C&#43;&#43;.", "In 20 + years, with C ++."),
            (r"Find me in \#orrery \+ elsewhere\.", "Find me in #orrery + elsewhere."),
        ],
    )
    def test_a_sign_that_markup_parts_from_a_word_stays_apart(self, source: str, text: str) -> None:
        """The words of a text are words of its source, where "C" and "C++" are two."""
        assert clean(source, "markdown").text == text

    def test_links_of_restructuredtext(self) -> None:
        body = "I wrote the `ideas repo`_ and a `talk <https://example.org/t>`__.\n\n.. _ideas repo: https://example.org/i\n"
        assert blocks(clean(body)) == [
            ("paragraph", "I wrote the ideas repo and a talk."),
            ("item", "ideas repo: https://example.org/i"),
        ]

    @pytest.mark.parametrize("odd", ["\r\n", "\r", "\u2028", "\x0b", "\x85"])
    def test_every_line_break_is_one(self, odd: str) -> None:
        assert clean(f"Orrery council{odd}{odd}And more.").text == "Orrery council\n\nAnd more."

    def test_invisible_and_broken_characters(self) -> None:
        assert clean("\ufeffWe \u200bbu\xadild\x00 it\ud800.").text == "We build it\ufffd."


class TestSize:
    """Texts of which a step that is not linear would never see the end."""

    N = 150_000

    @pytest.mark.parametrize("body_format", ["plain", "flowed", "markdown"])
    @pytest.mark.parametrize(
        "unit",
        [
            "a",
            "> ",
            "word and\n",
            "-- \n",
            "---\n",
            "> q?\na\n",
            "[1] http://x\n",
            "Name: x\n",
            "From: x\n",
            "Hi all,\n",
        ],
    )
    def test_repetition(self, unit: str, body_format: BodyFormat) -> None:
        check_laws(clean(unit * (self.N // len(unit)), body_format))

    @pytest.mark.parametrize("unit", ["<a ", "<!-- ", "<![", "<p>x</p>\n", "&#x", "<script>", "![", "*a ", "`"])
    def test_broken_markup(self, unit: str) -> None:
        check_laws(clean("<div>" + unit * (50_000 // len(unit)), "markdown"))

    def test_a_paragraph_of_many_lines(self) -> None:
        assert len(clean("a word, and\n" * 20_000).text) == len("a word, and ") * 20_000 - 1


def check_laws(cleaned: CleanText) -> None:
    """Blocks are single lines in order, and hold every character that is no line break; offsets are right."""
    at = 0
    for block in cleaned.blocks:
        assert at <= block.start < block.end <= len(cleaned.text)
        assert cleaned.text[at : block.start].strip("\n") == ""
        line = cleaned.text[block.start : block.end]
        assert line == line.strip() and len(line.splitlines()) == 1
        at = block.end
    assert cleaned.text[at:] == ""
    for found in cleaned.fields:
        if found.start is not None:
            assert cleaned.text[found.start : found.end] == found.value
        assert found.label and found.value
    assert all(count > 0 for count in cleaned.removed.values())
    assert cleaned.signature_name is None or cleaned.signature_name in cleaned.text
    cleaned.text.encode("utf-8")


FRAGMENTS = st.sampled_from(
    [
        "Hi all,", "> quoted", ">> more", "> why?", "On Mon, Ole <o@x.org> wrote:", "-- ", "--", "---",
        "Name: Line", "* item", "1. item", "", "  indented", "# Head", "Head", "====", "```", "<b>x</b>", "<!-- c",
        "-->", "| a | b |", "|---|---|", "[1] http://x.y", "Cheers,", "Line", "-----BEGIN PGP SIGNED MESSAGE-----",
        "-----BEGIN PGP SIGNATURE-----", "-----END PGP SIGNATURE-----", "From: a@b", "Subject: x", "To: b",
        "-----Original Message-----", "________________________", "More information about the x-dev mailing list",
        "\x00 q?", "~~~~~~ question", "key: [a", "a-", "\u2028", "`a`_", ".. _a: b", "** A **", "1.One", "2.Two",
        "word " * 30, "a" * 90, "**bold**", "- [ ] task", ">From me", "A:",
    ]
)  # fmt: skip
BODIES = st.lists(
    st.one_of(FRAGMENTS, st.text(max_size=40), st.builds(str.__add__, FRAGMENTS, FRAGMENTS)), max_size=25
).map("\n".join)
BODY_FORMATS: st.SearchStrategy[BodyFormat] = st.sampled_from(["plain", "flowed", "delsp", "markdown"])


class TestLaws:
    @settings(deadline=None, max_examples=300)
    @given(BODIES, BODY_FORMATS)
    def test_of_any_text(self, body: str, body_format: BodyFormat) -> None:
        cleaned = clean(body, body_format)
        check_laws(cleaned)
        assert clean(body, body_format) == cleaned

    @settings(deadline=None)
    @given(st.lists(st.from_regex(r"\A[A-Z][a-z]{2,8}( [a-z]{3,8}){8,15}\.\Z"), min_size=1, max_size=4))
    def test_prose_that_is_clean_stays(self, paragraphs: list[str]) -> None:
        text = "\n\n".join(paragraphs)
        assert clean(text).text == text


@pytest.mark.parametrize(
    "line", ["Hi all,", "Dear members of the council,", "Hello everyone!", "Fellow stackers,", "大家好，"]
)
def test_greetings(line: str) -> None:
    assert is_greeting(line)


@pytest.mark.parametrize("line", ["Hi, I am Line.", "Hello world is what my first program printed", ""])
def test_no_greetings(line: str) -> None:
    assert not is_greeting(line)


@pytest.mark.parametrize(
    "name",
    ["Line Aas", "Ludwig van der Berg", "J. R. Aas", 'Line "laas" Aas', "渡瀬 蓮", "Aas, Line", "Line Aas (laas)"],
)
def test_names(name: str) -> None:
    assert name_like(name)


@pytest.mark.parametrize(
    "text", ["Thank you", "the committee", "My goals", "a b", "I want to serve you all again", "42", ""]
)
def test_no_names(text: str) -> None:
    assert not name_like(text)


@pytest.mark.skipif(not PAGE.is_file(), reason="needs ../shared/corpus")
def test_the_page_of_a_list_archive() -> None:
    (message,) = read([PAGE])
    assert isinstance(message, Message)
    cleaned = clean(message.body, message.body_format)
    for foreign in ("rich and strange", "More information about", "mailing list"):
        assert foreign not in cleaned.text
    assert blocks(cleaned)[-1] == ("signature", "Tao")
    assert [f.label for f in cleaned.fields] == ["Name", "Email"]
