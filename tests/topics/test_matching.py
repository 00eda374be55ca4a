"""Which candidates speak for a voter's priorities."""

import pytest
from platforms import model, statement

from analyzer.directory import Directory
from analyzer.errors import UserError
from analyzer.records import StatementRecord
from analyzer.topics.matching import Matched, Priority, match, priorities

FIELD = [
    statement("Ada Moor", "I want [better documentation for newcomers](goal). Vote for me."),
    statement("Ben Tarr", "I have written [documentation for newcomers](experience) for years."),
    statement("Cleo Vance", "We should drop support for [documentation for newcomers](goal)."),
    statement("Dov Lindt", "I want [lower tail latency of reads](goal)."),
]


def ranked(*wanted: Priority, records: list[StatementRecord] = FIELD) -> list[Matched]:
    return match(wanted, records, model(), Directory(records)).candidates


def test_who_wants_it_stands_before_who_has_done_it_before_who_is_silent_before_who_is_against() -> None:
    found = ranked(Priority(text="documentation for newcomers", weight=1))
    assert [(one.candidate.name, one.answers[0].verdict) for one in found] == [
        ("Ada Moor", "supports"),
        ("Ben Tarr", "supports"),
        ("Dov Lindt", "silent"),
        ("Cleo Vance", "opposes"),
    ]
    assert [one.support for one in found] == [1, 0.5, 0, -1]


def test_silence_is_neither_for_nor_against_and_leaves_open_as_much_as_it_weighs() -> None:
    wanted = [Priority(text="documentation for newcomers", weight=3), Priority(text="tail latency", weight=1)]
    dov = next(one for one in ranked(*wanted) if one.candidate.name == "Dov Lindt")
    assert (dov.open, dov.support, dov.lowest, dov.highest) == (0.75, 0.25, -0.5, 1)
    assert [answer.sentence is None for answer in dov.answers] == [True, False]


def test_parts_add_up_and_every_sentence_stands_in_its_statement() -> None:
    texts = {record.id: record.text for record in FIELD}
    for one in ranked(Priority(text="documentation", weight=2), Priority(text="latency of reads", weight=-1)):
        assert one.support == pytest.approx(sum(answer.part for answer in one.answers))
        assert one.lowest <= one.support <= one.highest
        for answer in one.answers:
            if answer.sentence:
                place = answer.sentence
                assert texts[place.statement][place.start : place.end] == place.text


@pytest.mark.parametrize(
    ("text", "kind", "verdict"),
    [
        ("I have no time for [mentoring newcomers](interest).", "interest", "unclear"),
        ("I have no time for mentoring newcomers.", None, "unclear"),
        ("Mentoring newcomers is what I am here for.", None, "supports"),
        ("We should drop the mentoring of newcomers.", None, "opposes"),
        ("There is no doubt that mentoring newcomers pays.", None, "supports"),
        # Of two areas the one that the priority is about.
        ("I want [faster reviews](goal), and I have done much [mentoring of newcomers](experience).", "experience",
         "supports"),
    ],
)  # fmt: skip
def test_the_sentence_is_read_for_what_it_says_of_the_priority(text: str, kind: str | None, verdict: str) -> None:
    answer = ranked(Priority(text="mentoring newcomers", weight=1), records=[statement("Eda", text)])[0].answers[0]
    assert (answer.kind, answer.verdict) == (kind, verdict)


def test_what_the_voter_is_against_turns_the_order_round() -> None:
    found = ranked(Priority(text="documentation for newcomers", weight=-1))
    assert [one.candidate.name for one in found] == ["Cleo Vance", "Dov Lindt", "Ben Tarr", "Ada Moor"]


def test_priorities_are_lines_with_or_without_a_weight() -> None:
    lines = ["# mine", "", "better documentation", "  faster   reviews : 2.5", "new features: -1", "C++: the language"]
    assert [(one.text, one.weight) for one in priorities(lines, "mine.txt")] == [
        ("better documentation", 1),
        ("faster reviews", 2.5),
        ("new features", -1),
        ("C++: the language", 1),
    ]


@pytest.mark.parametrize(
    ("lines", "message"),
    [([": 2"], "mine.txt:1"), (["docs: 0"], "mine.txt:1: docs: 0"), (["# nothing"], "holds no priority")],
)
def test_a_line_without_words_or_weight_is_refused(lines: list[str], message: str) -> None:
    with pytest.raises(UserError, match=message):
        priorities(lines, "mine.txt")
