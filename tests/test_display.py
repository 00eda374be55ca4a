"""How results look: readable at 80 columns, plain when piped, and no source can steer a terminal."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented import full, span, statement
from platforms import wishes
from rich.console import Console, RenderableType

from analyzer import display
from analyzer.directory import Directory
from analyzer.records import Export, Generator, Skipped, Span, StatementRecord, Topic, Warning_
from analyzer.summaries import CandidateSummary
from analyzer.topics.clusters import Bond, CandidateGroup, Clustering, Member, Pair
from analyzer.topics.comparison import Change, ComparedSubject, Comparison, Match, Parts, Side, SideSubject
from analyzer.topics.searching import Found, FoundSentence, SearchResult
from analyzer.topics.trends import trends
from analyzer.views import Evidence, Phrase, Subject, Who, affiliations, evidence, roles
from analyzer.workflow import Account


def plain(view: RenderableType, width: int = 80) -> str:
    """Return what a pipe gets."""
    target = io.StringIO()
    Console(file=target, highlight=False, width=width).print(view)
    return target.getvalue()


def export(*records: StatementRecord) -> Export:
    return Export(generator=Generator(version="0"), statements=list(records))


def summary(record: StatementRecord, subjects: list[Subject]) -> CandidateSummary:
    return CandidateSummary(
        candidate=Who(id="ines-moreau", name=record.candidate.name or ""),
        election=record.election.id,
        contests=[record.election.contest_id or ""],
        name="Tarnfold 2025-03, Council",
        submitted=record.submitted,
        outcome="not_elected",
        statements=[record.id],
        roles=roles([record]),
        affiliations=affiliations([record]),
        subjects=subjects,
        sentences=[evidence(record, sentence) for sentence in record.summary.sentences],
    )


def subject(label: str, *others: str, sentence: str = "") -> Subject:
    text = sentence or f"I want {label}."
    place = Evidence(statement="s", start=0, end=len(text), text=text)
    phrases = [
        Phrase(
            phrase=words,
            kind="goal",
            evidence=Evidence(statement="s", **span(text, words).model_dump()) if words in text else place,
            sentence=place,
        )
        for words in (label, *others)
    ]
    return Subject(label=label, kinds=["goal"], phrases=phrases)


# --- text ---------------------------------------------------------------------------------------------


@given(st.text(max_size=80))
def test_cleaned_text_is_one_line_without_control_characters(text: str) -> None:
    cleaned = display.clean(text)
    assert len(cleaned.splitlines()) <= 1
    assert not any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in cleaned)


def test_letters_of_all_languages_stay_as_they_are() -> None:
    assert display.clean("Wacław Łoś 王小明 नमस्ते 👩‍💻") == "Wacław Łoś 王小明 नमस्ते 👩‍💻"


def test_no_statement_can_steer_a_terminal() -> None:
    record = full("Eve \x1b[2J\x1b]0;owned\x07")
    view = display.digest(export(record))
    shown = io.StringIO()
    # Even on a terminal, the only escapes are the styles of this program.
    Console(file=shown, force_terminal=True, color_system="standard", width=80).print(view)
    assert (
        "\x1b[2J" not in shown.getvalue()
        and "\x1b]" not in shown.getvalue()
        and "\x07" not in shown.getvalue()
    )


def test_square_brackets_are_text_and_no_markup() -> None:
    assert "Ines [bold]Moreau[/bold]" in plain(display.digest(export(full("Ines [bold]Moreau[/bold]"))))


@given(st.data())
def test_an_excerpt_holds_its_phrase_and_is_no_longer_than_allowed(data: st.DataObject) -> None:
    words = data.draw(st.lists(st.text("abcdef", min_size=1, max_size=12), min_size=1, max_size=60))
    text = " ".join(words)
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, min(len(text), start + 40)))
    shift = data.draw(st.integers(0, 500))
    sentence = Span(start=shift, end=shift + len(text), text=text)
    phrase = Span(start=shift + start, end=shift + end, text=text[start:end])
    shown = display.excerpt(sentence, phrase, width=60).plain
    inner = shown.removeprefix("“").removesuffix("”").removeprefix("… ").removesuffix(" …")
    assert phrase.text in inner
    assert len(inner) <= max(60, len(phrase.text))
    assert inner.strip() in text


def test_a_long_sentence_is_cut_between_words() -> None:
    text = "We need many more people who answer questions kindly and review changes of newcomers soon."
    phrase = span(text, "review changes")
    shown = display.excerpt(Span(start=0, end=len(text), text=text), phrase, width=40).plain
    assert shown.startswith("“… ") and shown.endswith(" …”")
    assert set(shown.strip("“”… ").split()) <= set(text.split())


# --- views --------------------------------------------------------------------------------------------


def test_the_digest_of_a_statement_says_who_what_and_why() -> None:
    shown = plain(display.digest(export(full())))
    for expected in (
        "Ines Moreau · Council, Tarnfold, 2025-03",
        "2025-03-04T10:00:00Z · tarnfold/2025-March.txt[0]",
        "is: build engineer, Quillworks",
        "Quillworks (employer)",
        "moreau.example (as the e-mail domain suggests)",
        "Wants",
        "reviews within a day",
        "“I want reviews within a day.”",
    ):
        assert expected in shown
    assert "not a candidacy" not in shown


def test_the_digest_says_what_is_no_candidacy_and_what_to_beware_of() -> None:
    record = statement(None, warnings=[Warning_(code="not-english", message="the text is de")])
    record.decision.label = "reply"
    shown = plain(display.digest(export(record)))
    assert "unnamed" in shown and "not a candidacy: reply" in shown and "not-english: the text is de" in shown


def test_an_empty_digest_says_so() -> None:
    assert plain(display.digest(export())).strip() == "No statements found."


def test_the_listing_shows_elections_contests_and_candidates() -> None:
    records = [
        full("Ines Moreau"),
        full("Bo Lindqvist"),
        full("Ines Moreau", election_id="tarnfold/2026-03"),
        full("Aya Sato", contest_id=None),
        statement("Nobody Known", election_id=None),
    ]
    shown = plain(display.listing(Directory(records).listing(skipped=3)))
    assert "tarnfold/2025-03 · Tarnfold, 2025-03" in shown
    assert "Council: Bo Lindqvist, Ines Moreau" in shown
    assert "no office named: Aya Sato" in shown
    assert "3 candidates, 3 statements, 2025-03-04" in shown
    total = "5 statements by 4 candidates in 2 elections; 1 of no known election; 3 messages left out"
    assert " ".join(shown.split()).endswith(total)


def test_a_summary_shows_subjects_with_their_phrases_and_sentences() -> None:
    record = full()
    said = subject("reviews within a day", "quick reviews", sentence="I want reviews within a day.")
    shown = plain(display.summaries([summary(record, [said])]))
    assert "Ines Moreau · Tarnfold 2025-03, Council" in shown
    assert "tarnfold/2025-03 · 2025-03-04 · not elected" in shown
    assert "reviews within a day (wants)" in shown
    assert "also: quick reviews" in shown
    assert "“I want reviews within a day.”" in shown


@pytest.mark.parametrize(("number", "shown"), [(9, 9), (10, 8)])
def test_a_long_list_of_subjects_is_cut_only_where_that_spares_lines(number: int, shown: int) -> None:
    view = plain(display.summaries([summary(full(), [subject(f"subject {n}") for n in range(number)])]))
    assert view.count("(wants)") == shown
    assert ("and 2 more" in view) == (shown < number)


@pytest.mark.parametrize("width", [40, 80, 132])
def test_no_line_is_wider_than_the_screen_and_no_word_is_lost(width: int) -> None:
    name = "Wolfeschlegelsteinhausenbergerdorff " * 4
    record = full(name.strip())
    said = subject("a very long wish " * 12)
    for view in (display.digest(export(record)), display.summaries([summary(record, [said])])):
        lines = plain(view, width).splitlines()
        assert max(map(len, lines)) <= width
        assert "\x1b" not in "".join(lines)
        assert "".join(lines).count("Wolfeschlegelsteinhausenbergerdorff") >= 4


def who(name: str) -> Who:
    return Who(id=name.lower().replace(" ", "-"), name=name)


def compared(
    match: Match, *labels: str, sides: Sequence[int], change: Change | None = None
) -> ComparedSubject:
    return ComparedSubject(
        label=labels[0],
        match=match,
        change=change,
        similarity=0.6 if len(sides) > 1 else None,
        weight=0.5,
        agreement=0.2,
        sides=[
            SideSubject(
                side=side,
                label=label,
                kinds=["goal"],
                candidates=[who("Ines Moreau")],
                share=0.5,
                phrases=subject(label).phrases,
            )
            for side, label in zip(sides, labels, strict=True)
        ],
    )


def comparison(
    names: Sequence[str],
    subjects: list[ComparedSubject],
    kind: Literal["candidates", "elections", "over-time"] = "candidates",
    **changes: Any,
) -> Comparison:
    fields: dict[str, Any] = {
        "kind": kind,
        "sides": [
            Side(
                id=name,
                name=name,
                election="tarnfold/2025-03",
                submitted=None,
                statements=[],
                candidates=[who(name)],
                subjects=1,
            )
            for name in names
        ],
        "agreement": 0.25,
        "parts": Parts(all=0.2, some=0, similar=0.1, unique=0.7),
        "subjects": subjects,
        "roles": [],
        "affiliations": [],
    }
    return Comparison(**(fields | changes))


def test_two_candidates_stand_side_by_side() -> None:
    view = comparison(
        ["Ines Moreau", "Bo Lindqvist"],
        [
            compared("all", "quick reviews", "reviews in a day", sides=[0, 1]),
            compared("similar", "docs", "guides", sides=[0, 1]),
            compared("unique", "signed releases", sides=[0]),
            compared("unique", "a plugin index", sides=[1]),
        ],
    )
    shown = plain(display.comparisons([view]))
    assert "Ines Moreau and Bo Lindqvist · tarnfold/2025-03" in shown
    assert "They agree by 25%: 20% of what they say is the same, 10%" in shown
    lines = shown.splitlines()
    for left, right in (
        ("quick reviews", "reviews in a day"),
        ("docs", "guides"),
        ("signed", "a plugin index"),
    ):
        assert any(left in line and right in line for line in lines)
    order = [shown.index(heading) for heading in ("Both say", "Close to each other", "Only one says")]
    assert order == sorted(order)
    assert "“I want signed releases.”" in shown


def test_many_candidates_stand_below_each_other() -> None:
    names = ["Ines Moreau", "Bo Lindqvist", "Aya Sato", "Kwame Boateng"]
    view = comparison(
        names,
        [
            compared("some", "quick reviews", "reviews in a day", sides=[1, 3]),
            compared("unique", "a plugin index", sides=[2]),
        ],
    )
    shown = plain(display.comparisons([view]))
    assert "Ines Moreau, Bo Lindqvist, Aya Sato and Kwame Boateng" in shown
    assert shown.index("quick reviews") < shown.index("├── Bo") < shown.index("reviews in a day")
    assert "a plugin index" in shown


def test_a_person_over_time_keeps_changes_and_drops_subjects() -> None:
    view = comparison(
        ["Tarnfold 2024", "Tarnfold 2025"],
        [
            compared("all", "quick reviews", "quick reviews", sides=[0, 1], change="kept"),
            compared("unique", "signed releases", sides=[1], change="new"),
            compared("unique", "a plugin index", sides=[0], change="dropped"),
        ],
        "over-time",
    )
    view.sides[0].candidates = [who("Ines Moreau")]
    shown = plain(display.comparisons([view]))
    assert shown.startswith("Ines Moreau · ")
    order = [shown.index(heading) for heading in ("Kept", "New", "No longer said")]
    assert order == sorted(order) and "Put differently" not in shown


def test_elections_say_who_raises_a_subject() -> None:
    view = comparison(
        ["Tarnfold 2024", "Tarnfold 2025"],
        [compared("all", "reviews", "reviews", sides=[0, 1])],
        "elections",
    )
    assert "reviews · Ines Moreau (50%)" in plain(display.comparisons([view]))


def test_silence_is_not_called_disagreement() -> None:
    view = comparison(["Ines Moreau", "Bo Lindqvist"], [], agreement=None, parts=None)
    view.sides[1].subjects = 0
    shown = plain(display.comparisons([view]))
    assert "no subjects are known of Bo Lindqvist" in shown and "%" not in shown


def clustering(**changes: Any) -> Clustering:
    fields: dict[str, Any] = {
        "scope": "tarnfold/2025-03",
        "name": "Tarnfold 2025-03",
        "candidates": 5,
        "groups": [],
        "alone": [],
        "without_focus_areas": [],
        "silhouette": None,
        "threshold": None,
        "reason": None,
        "closest": [],
        "map": [],
        "trustworthiness": None,
    }
    return Clustering(**(fields | changes))


def test_groups_show_members_what_binds_them_and_how_well_they_hold() -> None:
    ines, bo, aya = who("Ines Moreau"), who("Bo Lindqvist"), who("Aya Sato")
    phrases = subject("reviews").phrases
    group = CandidateGroup(
        number=1,
        members=[Member(candidate=one, closeness=0.5, silhouette=0.4) for one in (ines, bo, aya)],
        typical=ines,
        silhouette=0.4,
        subjects=[
            Bond(label="reviews", kinds=["goal"], members=[ines, bo, aya], outside=0, phrases=phrases),
            Bond(label="docs", kinds=["goal"], members=[ines, bo], outside=2, phrases=phrases),
        ],
    )
    view = clustering(
        groups=[group],
        alone=[who("Kwame Boateng")],
        without_focus_areas=[who("Lea Roth")],
        silhouette=0.4,
        threshold=0.3,
        closest=[Pair(candidates=[ines, bo], likeness=0.625, subjects=["reviews"])],
    )
    shown = plain(display.clusterings([view]))
    for expected in (
        "Tarnfold 2025-03 · tarnfold/2025-03 · 5 candidates",
        "Group 1 · holds 0.40",
        "Ines Moreau (most typical), Bo Lindqvist, Aya Sato",
        "reviews: all of them",
        "docs: Ines Moreau, Bo Lindqvist · 2 outside",
        "In no group: Kwame Boateng",
        "Without focus areas: Lea Roth",
        "Ines Moreau and Bo Lindqvist (0.62): reviews",
        "by chance they would reach 0.30",
    ):
        assert expected in " ".join(shown.replace("│", " ").split())


def test_where_there_are_no_groups_the_reason_is_given() -> None:
    assert "no groups here: 3 candidates" in plain(
        display.clusterings([clustering(reason="no groups here: 3 candidates")])
    )


def search_result(total: int, *names: str) -> SearchResult:
    said = Evidence(statement="s", start=0, end=11, text="We do this.")
    sentence = FoundSentence(evidence=said, election="tarnfold/2025-03", score=0.7, meaning=0.7, words=0.7)
    candidates = [Found(candidate=who(name), score=0.7, sentences=[sentence]) for name in names]
    return SearchResult(query="releases", threshold=0.3, total=total, candidates=candidates)


def test_who_speaks_about_a_subject_is_quoted() -> None:
    shown = plain(display.found(search_result(3, "Ines Moreau", "Bo Lindqvist")))
    assert shown.index("Ines Moreau · 0.70") < shown.index("Bo Lindqvist · 0.70")
    assert "“We do this.” · tarnfold/2025-03" in shown
    assert "1 more candidate: --limit 3 shows all" in shown


def test_where_nobody_speaks_about_it_that_is_said() -> None:
    assert plain(display.found(search_result(0))) == "Nobody speaks about releases.\n"


# --- trends -------------------------------------------------------------------------------------------


def years(*said: tuple[int, dict[str, int], int], **changes: Any) -> list[StatementRecord]:
    """Return elections of a year each: how many of how many raise each topic; one of two is elected."""
    records = []
    for year, topics, of in said:
        for number in range(of):
            phrases = [topic for topic, count in topics.items() if number < count] or ["builds"]
            record = wishes(
                f"Person {'abcdefghijklmnop'[number]}{year % 100}",
                *phrases,
                election=f"tarnfold/{year}",
                submitted=f"{year}-03-04",
                **changes,
            )
            areas = [area.model_copy(update={"topic": area.phrase}) for area in record.focus_areas]
            records.append(record.model_copy(update={"focus_areas": areas}))
    return records


def told(records: Sequence[StatementRecord], limit: int = 15, **options: Any) -> str:
    ids = sorted({area.topic for record in records for area in record.focus_areas if area.topic})
    topics = [Topic(id=id_, label=id_, statements=1) for id_ in ids]
    shown = plain(display.trends(trends(records, topics, **options), limit))
    assert max(map(len, shown.splitlines())) <= 80
    return " ".join(shown.split())


def test_trends_show_shares_what_rises_and_who_stood() -> None:
    shown = told(years((2022, {}, 12), (2023, {}, 12), (2024, {"docs": 9}, 12), (2025, {"docs": 9, "ci": 1}, 12)))
    for expected in (
        "Tarnfold · 4 elections, 2022 to 2025",
        "docs ▁▁██ 0% 0% 75% 75% (47–91)",
        "docs rose from 0% (0–14) to 75% (55–88), q < 0.001",
        "builds fell from 100% (86–100) to 25% (12–45), q < 0.001",
        "From 2022–2023 to 2024–2025, with 95% intervals; q allows for 2 topics tested, and for candidates who raised "
        "1.0 topics then and 1.0 later.",
        "1 topic that fewer than 5 people raise is too rare to be tested.",
        "New in 2025: ci",
        "2022 12 – – 0 –",
        "2025 12 12 0 0 –",
    ):
        assert expected in shown
    assert "Winners" not in shown


def test_where_nothing_rises_the_nearest_is_shown() -> None:
    shown = told(years((2024, {"docs": 5}, 12), (2025, {"docs": 6}, 12)))
    assert "Nothing rose or fell beyond chance; of 2 topics tested nearest to it:" in shown
    assert re.search(r"(docs|builds) went from \d+% \(\d+–\d+\) to \d+% \(\d+–\d+\), q = 1.00", shown)


def test_topics_that_are_gone_are_named() -> None:
    shown = told(years((2022, {"docs": 6}, 12), *((year, {}, 12) for year in (2023, 2024, 2025))))
    assert "No longer raised: docs (last in 2022)" in shown


def test_a_long_history_fits_and_shows_its_end() -> None:
    subjects = {f"a rather long subject number {number}": 2 for number in range(20)}
    records = years(*((year, subjects, 4) for year in range(1990, 2020)))
    shown = told(records, limit=3)
    assert "all 30" in shown and "and 18 more: --limit 21 shows all" in shown
    assert "2019" in shown and "and 18 before" in shown
    assert re.search("[▁▂▃▄▅▆▇█]{15} ", shown), "fifteen blocks of two elections each"


def test_one_election_has_no_trend() -> None:
    shown = told(years((2025, {"docs": 3}, 6)))
    assert "Tarnfold · 1 election Topics" in shown and "One election only: no trend to see." in shown
    assert "docs 50% (19–81)" in shown


def test_one_topic_shows_who_raises_it_and_how() -> None:
    records = years((2023, {"docs": 4}, 12), (2024, {}, 12), (2025, {"docs": 1}, 12))
    shown = told(records, topic="docs")
    for expected in (
        "docs · 5 candidates █▁▃",
        "From 2023 to 2025 it went from 33% (14–61) to 8% (1–35), q = 0.",
        ": not beyond chance",
        "2025 · 8% (1–35), 1 of 12",
        "Person a25: “I want docs.”",
        "In 1 election raised by nobody: 2024",
    ):
        assert expected in shown.replace("│ ", "")
    assert shown.index("2025 · ") < shown.index("2023 · "), "the last election first"
    assert "docs: raised by none of these statements." in told(records[12:], topic="docs", scope="tarnfold/2024")


def test_winners_and_contests_that_say_nothing() -> None:
    won = years((2025, {"docs": 8}, 8), outcome="elected")
    lost = [
        record.model_copy(
            update={
                "id": f"lost-{record.id}",
                "candidate": record.candidate.model_copy(
                    update={"name": (record.candidate.name or "").replace("Person", "Rival")}
                ),
                "election": record.election.model_copy(update={"outcome": "not_elected"}),
            }
        )
        for record in years((2025, {}, 8))
    ]
    alone = years((2024, {"docs": 1}, 2), outcome="elected")
    shown = told([*won, *lost, *alone])
    assert "1 contest with 8 winners and 8 others; left out: 1 contest in which all were elected." in shown
    assert "docs: 100% (68–100) of the winners, 0% (0–32) of the others; +100 points within contests" in shown
    assert "No contest to learn from." in told(alone)


def test_an_election_of_unknown_time_is_named() -> None:
    lost = years((2025, {}, 3))
    for number, record in enumerate(lost):
        record.election.id, record.election.cycle, record.submitted = "tarnfold/tenth", "tenth", None
        record.id = f"lost-{number}"
    assert "Not known when it was, and in no trend: tenth." in told([*years((2024, {}, 6), (2025, {}, 6)), *lost])


def test_without_known_elections_there_is_nothing_to_show() -> None:
    assert plain(display.trends([], 15)).strip() == "No statements of a known election."


# --- stderr -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("account", "line"),
    [
        (
            {"messages": 12, "statements": 8, "skipped": {"duplicate": 1, "reply": 2, "results": 1}},
            "12 messages read: 8 statements, 4 skipped (2 reply, 1 duplicate, 1 results)",
        ),
        ({"messages": 1, "statements": 1}, "1 message read: 1 statement"),
        (
            {"messages": 1, "skipped": {"broken-message": 1}, "broken": ["a.mbox[0]"]},
            "1 message read: 0 statements, 1 skipped (1 broken-message); could not be read: a.mbox[0]",
        ),
        (
            {"messages": 5, "skipped": {"unreadable": 5}, "broken": list("abcde")},
            "5 messages read: 0 statements, 5 skipped (5 unreadable); could not be read: a, b, c and 2 more",
        ),
        (
            {"messages": 3, "statements": 3, "warnings": {"not-english": 2}},
            "3 messages read: 3 statements; warnings: 2 not-english",
        ),
        (
            {"messages": 1, "statements": 1, "workspace": "w.duckdb", "added": 0, "held": 7},
            "1 message read: 1 statement; 0 new, 7 in w.duckdb",
        ),
    ],
)
def test_the_closing_line_accounts_for_every_message(account: dict[str, Any], line: str) -> None:
    nothing = {"statements": 0, "skipped": {}, "broken": [], "warnings": {}}
    assert display.closing(Account(**(nothing | account))) == line


def test_what_was_skipped_is_named_with_its_place_and_reason() -> None:
    item = Skipped(path="2025-March.txt", index=7, code="reply", message="it quotes what it answers")
    assert list(display.complaints(item)) == ["skipped 2025-March.txt[7]: reply: it quotes what it answers"]


def test_notes_go_to_stderr_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    display.note("candidacy: first\nsecond\x1b[31m")
    assert capsys.readouterr() == ("", "candidacy: first second [31m\n")


def test_no_bar_where_stderr_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with display.Progress() as progress:
        progress("reading", 1)
        progress("extracting", 1, 2)
        progress.note("a line")
    assert capsys.readouterr() == ("", "a line\n")
