"""Topics across elections: shares with intervals, rise and fall, first and last, winners against the rest."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from platforms import WordEmbedder, statement, wishes

from analyzer.directory import Directory, slug
from analyzer.records import StatementRecord, Topic
from analyzer.topics import filing, grouping, inference
from analyzer.topics.trends import FEWEST, CommunityTrends, TopicTrend, trends


def person(*key: object) -> str:
    """Return a name like no other: those that differ by a letter may be one person's."""
    letters = hashlib.sha256(repr(key).encode()).hexdigest().translate(str.maketrans("0123456789", "ghijklmnop"))
    return f"{letters[:8].title()} {letters[8:18].title()}"


def stood(name: str, year: int, *phrases: str, **changes: Any) -> StatementRecord:
    """Return the statement of somebody who wants these things; each phrase is a topic of its own."""
    made = {"election": f"tarnfold/{year}", "submitted": f"{year}-03-04T10:00:00Z"} | changes
    return filed(wishes(name, *phrases, **made) if phrases else statement(name, "Vote for me.", **made))


def filed(record: StatementRecord) -> StatementRecord:
    areas = [area.model_copy(update={"topic": slug(area.phrase)}) for area in record.focus_areas]
    return record.model_copy(update={"focus_areas": areas})


def topics(records: Sequence[StatementRecord]) -> list[Topic]:
    phrases = {area.topic: area.phrase for record in records for area in record.focus_areas if area.topic}
    return [
        Topic(id=id_, label=phrase, phrases=[phrase], statements=1) for id_, phrase in sorted(phrases.items())
    ]


def seen(*records: StatementRecord, **options: Any) -> CommunityTrends:
    [found] = trends(records, topics(records), **options)
    return found


def topic(view: CommunityTrends, id_: str) -> TopicTrend:
    return next(topic for topic in view.topics if topic.id == id_)


def counts(view: CommunityTrends, id_: str, by: str = "statements") -> list[tuple[int, int]]:
    shares = [getattr(cell, by) for cell in topic(view, id_).cells]
    return [(share.count, share.of) for share in shares]


# --- shares -------------------------------------------------------------------------------------------


def test_candidates_are_counted_and_not_statements() -> None:
    view = seen(
        stood("Ada", 2024, "reviews", "docs"),
        stood("Ada", 2024, "reviews", "grants", contest="tarnfold/2024/board"),
        stood("Ben", 2024, "docs"),
        stood("Ben", 2025, "reviews"),
    )
    assert counts(view, "reviews") == [(1, 2), (1, 1)]
    assert counts(view, "docs") == [(2, 2), (0, 1)]
    assert topic(view, "reviews").candidates == 2


def test_shares_have_their_interval() -> None:
    view = seen(*(stood(person(n), 2025, "reviews" if n < 3 else "docs") for n in range(12)))
    share = topic(view, "reviews").cells[0].statements
    assert (share.count, share.of, share.share) == (3, 12, 0.25)
    assert (share.low, share.high) == pytest.approx(inference.wilson(0.25, 12)[1:])


def test_of_whom_nothing_is_known_says_nothing_about_a_topic() -> None:
    view = seen(stood("Ada", 2025, "reviews"), stood("Ben", 2025, "docs"), stood("Cleo", 2025))
    assert counts(view, "reviews") == [(1, 2)]
    [field] = view.elections
    assert (field.candidates, field.speaking, field.platforms) == (3, 2, 2)


def test_a_platform_is_what_somebody_wants() -> None:
    record = filed(statement("Ada", "I want [docs](goal). I wrote [reviews](experience).", submitted="2025-03-04"))
    other = filed(statement("Ben", "I like [docs](interest) and [reviews](interest).", submitted="2025-03-04"))
    view = seen(record, other)
    assert counts(view, "reviews") == counts(view, "docs") == [(2, 2)]
    assert counts(view, "docs", "platforms") == [(1, 1)] and counts(view, "reviews", "platforms") == [(0, 1)]
    wanted = seen(record, other, by="platforms")
    assert [one.id for one in wanted.topics] == ["docs"] and wanted.total == 1


def test_every_cell_says_who_and_in_which_words() -> None:
    records = [stood("Ada", 2024, "reviews"), stood("Ada", 2025, "reviews", "docs"), stood("Ben", 2025, "docs")]
    view = seen(*records)
    texts = {record.id: record.text for record in records}
    for one in view.topics:
        for cell in one.cells:
            assert len(cell.raised) == cell.statements.count
            for raised in cell.raised:
                for phrase in raised.phrases:
                    for span in (phrase.evidence, phrase.sentence):
                        assert texts[span.statement][span.start : span.end] == span.text
    assert [raised.candidate.name for raised in topic(view, "docs").cells[1].raised] == ["Ada", "Ben"]


def test_topics_that_most_people_raise_come_first() -> None:
    # Ada says "builds" in three elections, which is one person's wish.
    view = seen(
        *(stood("Ada", year, "builds") for year in (2023, 2024, 2025)),
        stood("Ben", 2025, "docs", "grants"),
        stood("Cleo", 2025, "docs"),
    )
    assert [one.id for one in view.topics] == ["docs", "builds", "grants"]


def test_first_and_last_appearance() -> None:
    view = seen(
        stood("Ada", 2023, "reviews"),
        stood("Ben", 2024, "reviews", "docs"),
        stood("Cleo", 2025, "grants"),
    )
    found = {one.id: (one.first, one.last) for one in view.topics}
    assert found == {
        "reviews": ("tarnfold/2023", "tarnfold/2024"),
        "docs": ("tarnfold/2024", "tarnfold/2024"),
        "grants": ("tarnfold/2025", "tarnfold/2025"),
    }


# --- rise and fall ------------------------------------------------------------------------------------


def rising() -> list[StatementRecord]:
    """Return four elections of twelve people: "mentoring" goes from none to nine, "docs" stays at six."""
    return [
        stood(
            person(year, n),
            year,
            *(["mentoring"] if n < 3 * (year - 2022) else []),
            *(["docs"] if n % 2 else ["builds"]),
        )
        for year in range(2022, 2026)
        for n in range(12)
    ]


def test_what_rises_is_told_from_what_stays() -> None:
    view = seen(*rising())
    mentoring, docs = (topic(view, id_).trend for id_ in ("mentoring", "docs"))
    assert mentoring is not None and mentoring.change == "rose" and mentoring.q < 0.05
    assert docs is not None and docs.change is None and docs.q > 0.2
    # 0 and 3 of 24, then 6 and 9.
    assert (mentoring.earlier.count, mentoring.later.count, mentoring.later.of) == (3, 15, 24)
    assert [(half.first, half.last, half.candidacies) for half in view.halves] == [
        ("tarnfold/2022", "tarnfold/2023", 24),
        ("tarnfold/2024", "tarnfold/2025", 24),
    ]
    assert [half.breadth for half in view.halves] == pytest.approx([27 / 24, 39 / 24])
    gap = mentoring.difference
    assert gap.value == pytest.approx(0.5) and 0 < gap.low < gap.value < gap.high < 1


def test_what_rises_falls_where_time_runs_backwards() -> None:
    turned = [
        record.model_copy(
            update={
                "election": record.election.model_copy(
                    update={"id": f"tarnfold/{4047 - year}", "contest_id": None, "cycle": str(4047 - year)}
                ),
                "submitted": f"{4047 - year}-03-04",
            }
        )
        for record in rising()
        for year in [int((record.submitted or "")[:4])]
    ]
    trend = topic(seen(*turned), "mentoring").trend
    assert trend is not None and trend.change == "fell" and trend.difference.value == pytest.approx(-0.5)


def test_the_middle_of_three_elections_is_in_neither_half() -> None:
    view = seen(*(record for record in rising() if record.election.cycle != "2022"))
    trend = topic(view, "mentoring").trend
    assert trend is not None
    assert [(half.first, half.last) for half in view.halves] == [("tarnfold/2023",) * 2, ("tarnfold/2025",) * 2]
    assert (trend.earlier.of, trend.later.of) == (12, 12)


def test_who_stands_again_makes_a_share_no_surer() -> None:
    records = [stood(person(n), year, "docs" if n < 2 else "builds") for year in range(2022, 2026) for n in range(5)]
    records += [stood("Ada", 2025, "docs"), stood("Ben", 2025, "docs"), stood("Cleo", 2025, "docs")]
    earlier = topic(seen(*records), "docs").trend
    assert earlier is not None
    assert (earlier.earlier.count, earlier.earlier.of) == (4, 10)
    assert (earlier.earlier.low, earlier.earlier.high) == pytest.approx(inference.wilson(0.4, 5)[1:])


def test_tests_are_corrected_for_all_topics() -> None:
    view = seen(*rising())
    found = [one.trend for one in view.topics if one.trend]
    assert [trend.q for trend in found] == pytest.approx(inference.corrected([trend.p for trend in found]))
    alone = seen(*rising(), topic="mentoring")
    assert alone.topics == [topic(view, "mentoring")], "also where only one is asked for"


def test_rare_topics_are_counted_and_not_tested() -> None:
    records = [stood(person(n), 2024 + n % 2, "docs", *(["grants"] if n < FEWEST - 1 else [])) for n in range(12)]
    records += [stood("Ada", 2025, "builds"), stood("Ada", 2024, "builds")]
    view = seen(*records)
    assert topic(view, "grants").trend is None and topic(view, "docs").trend is not None
    assert (view.tested, view.too_rare, view.total) == (1, 2, 3)


@pytest.mark.parametrize(
    ("records", "words"),
    [
        ([stood("Ada", 2025, "docs")], "one election only"),
        ([stood("Ada", 2024), stood("Ada", 2025, "docs")], "fewer than two elections say anything"),
        (
            [
                stood("Ada", 2025, "docs", election="tarnfold/ninth", submitted=None),
                stood("Ada", 2025, "docs", election="tarnfold/tenth", submitted=None),
            ],
            "not known when",
        ),
    ],
)
def test_where_there_is_no_trend_to_see_the_reason_is_given(records: list[StatementRecord], words: str) -> None:
    view = seen(*records)
    assert words in (view.reason or "") and view.tested == view.too_rare == 0
    assert topic(view, "docs").cells, "shares are there all the same"


def test_an_election_of_unknown_time_stands_last_and_in_no_trend() -> None:
    lost = stood("Ada", 2025, "mentoring", election="tarnfold/tenth", submitted=None)
    view, without = seen(*rising(), lost), seen(*rising())
    assert view.undated == ["tarnfold/tenth"] and view.elections[-1].election == "tarnfold/tenth"
    assert topic(view, "mentoring").trend == topic(without, "mentoring").trend
    assert topic(view, "mentoring").last == "tarnfold/2025"


# --- scopes -------------------------------------------------------------------------------------------


def test_each_community_has_its_own_view() -> None:
    records = [
        stood("Ada", 2024, "docs"),
        stood("Ben", 2025, "docs", community="Orrery", election="orrery/2025"),
        stood("Cleo", 2025, "docs", election=None, contest=None),
    ]
    found = trends(records, topics(records))
    assert [view.community for view in found] == ["Orrery", "Tarnfold"]
    assert trends(records, topics(records), community="tarnfold") == found[1:]
    assert trends([records[2]], topics(records)) == trends(records, topics(records), scope="tarnfold/1999") == []


def test_an_election_is_seen_with_those_before_it() -> None:
    records = rising()
    view = seen(*records, scope="tarnfold/2024")
    assert [field.election for field in view.elections] == ["tarnfold/2022", "tarnfold/2023", "tarnfold/2024"]
    assert view == seen(*(record for record in records if record.election.cycle != "2025"))


def test_a_contest_is_seen_with_those_for_the_same_office() -> None:
    records = [
        stood("Ada", 2024, "docs"),
        stood("Ben", 2024, "docs", contest="tarnfold/2024/board"),
        stood("Cleo", 2025, "docs", contest="tarnfold/2025/board"),
        stood("Dov", 2026, "docs", contest="tarnfold/2026/board"),
    ]
    view = seen(*records, scope="tarnfold/2025/board")
    assert counts(view, "docs") == [(1, 1), (1, 1)] and view.office == "Council"
    assert [field.candidates for field in view.elections] == [1, 1]


def test_a_topic_is_shown_where_it_is_raised() -> None:
    records = [
        stood("Ada", 2024, "docs"),
        stood("Ben", 2025, "grants", community="Orrery", election="orrery/2025"),
    ]
    [view] = trends(records, topics(records), topic="docs")
    assert view.community == "Tarnfold" and [one.id for one in view.topics] == ["docs"]
    nowhere = trends(records, topics(records), topic="docs", community="orrery")
    assert [view.topics for view in nowhere] == [[]]


# --- winners ------------------------------------------------------------------------------------------


def contest(year: int, elected: Sequence[str], others: Sequence[str], **changes: Any) -> list[StatementRecord]:
    """Return the statements of a contest: a phrase of each of the elected, and of the others."""
    return [
        stood(person(changes.get("contest"), outcome, year, n), year, phrase, outcome=outcome, **changes)
        for outcome, phrases in (("elected", elected), ("not_elected", others))
        for n, phrase in enumerate(phrases)
    ]


def test_winners_are_set_against_the_rest() -> None:
    view = seen(*contest(2025, ["docs"] * 6 + ["builds"], ["docs"] * 2 + ["builds"] * 8))
    winners = view.winners
    assert winners is not None and (winners.contests, winners.elected, winners.others) == (1, 7, 10)
    docs = next(one for one in winners.topics if one.id == "docs")
    assert (docs.elected.count, docs.elected.of, docs.others.count, docs.others.of) == (6, 7, 2, 10)
    assert docs.p == pytest.approx(inference.exact([inference.Table(6, 7, 2, 10)]))
    assert docs.difference.value == pytest.approx(6 / 7 - 0.2) and docs.difference.low > 0
    assert [one.q for one in winners.topics] == pytest.approx(inference.corrected([o.p for o in winners.topics]))


def test_contests_are_compared_within_themselves() -> None:
    # All of the board want docs, of whom most are elected; hardly anybody on the council does.
    board = contest(2025, ["docs"] * 8, ["docs"] * 2, contest="tarnfold/2025/board")
    council = contest(2025, ["builds"] * 2, ["builds"] * 8)
    winners = seen(*board, *council).winners
    assert winners is not None and winners.contests == 2
    docs = next(one for one in winners.topics if one.id == "docs")
    assert docs.elected.share == 0.8 and docs.others.share == 0.2
    assert docs.p == pytest.approx(1.0) and docs.difference.value == pytest.approx(0.0)


def test_contests_that_say_nothing_are_left_out_and_counted() -> None:
    view = seen(
        *contest(2025, ["docs"] * 3, ["docs"] * 3),
        *contest(2024, ["docs"] * 2, [], contest="tarnfold/2024/board"),
        *contest(2024, ["docs"], [], contest="tarnfold/2024/web"),
        stood("Ada", 2024, "docs", contest="tarnfold/2024/open"),
        stood("Ben", 2023, outcome="elected", contest="tarnfold/2023/silent"),
        stood("Cleo", 2023, "docs", outcome="not_elected", contest="tarnfold/2023/silent"),
    )
    assert view.winners is not None
    assert (view.winners.contests, view.winners.uncontested, view.winners.unclear) == (1, 2, 2)


def test_who_withdrew_has_not_lost() -> None:
    gone = stood("Ada", 2025, "docs", outcome="withdrawn")
    view = seen(*contest(2025, ["docs"] * 2, []), gone)
    assert view.winners is not None and (view.winners.contests, view.winners.uncontested) == (0, 1)


def test_where_no_outcome_is_known_there_are_no_winners() -> None:
    assert seen(stood("Ada", 2025, "docs")).winners is None


# --- laws ---------------------------------------------------------------------------------------------

SAID = st.lists(
    st.tuples(
        st.sampled_from("ABCDEFG"),
        st.integers(2022, 2025),
        st.lists(st.sampled_from(["docs", "builds", "grants"]), max_size=3, unique=True),
        st.sampled_from([None, "elected", "not_elected", "withdrawn"]),
        st.sampled_from(["council", "board"]),
    ),
    min_size=1,
    max_size=24,
)


@given(SAID, st.sampled_from(["statements", "platforms"]), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=40)
def test_counts_add_up_and_the_order_of_statements_does_not_matter(said: Any, by: Any, random: Any) -> None:
    records = [
        stood(name, year, *phrases, outcome=outcome, contest=f"tarnfold/{year}/{office}", id=f"s{number}")
        for number, (name, year, phrases, outcome, office) in enumerate(said)
    ]
    view = seen(*records, by=by)
    people = Directory(records).by_person(records)
    assert sum(field.candidates for field in view.elections) == len(
        {(id_, record.election.id) for id_, own in people.items() for record in own}
    )
    assert view.total == len(view.topics) and view.tested + view.too_rare in (0, view.total)
    for one in view.topics:
        for cell, field in zip(one.cells, view.elections, strict=True):
            assert cell.election == field.election
            assert (cell.statements.of, cell.platforms.of) == (field.speaking, field.platforms)
            for share in (cell.statements, cell.platforms):
                assert 0 <= share.low <= share.share <= share.high <= 1 and share.count <= share.of
        if one.trend:
            assert one.trend.p <= one.trend.q <= 1
            assert one.trend.difference.low <= one.trend.difference.value <= one.trend.difference.high
    for field in view.elections[1:]:
        assert field.newcomers is not None and field.returners is not None
        assert len(field.newcomers) + len(field.returners) == field.candidates
    if view.winners:
        contests = {record.election.contest_id for record in records if record.election.outcome != "withdrawn"}
        assert view.winners.contests + view.winners.uncontested + view.winners.unclear == len(contests)
    random.shuffle(records)
    assert seen(*records, by=by) == view


def test_phrases_of_no_topic_are_no_topic_but_say_something() -> None:
    records = [
        wishes("Ada", "faster builds", "docs", election="tarnfold/2024", submitted="2024-03-04"),
        wishes("Ben", "grants", election="tarnfold/2024", submitted="2024-03-05"),
        wishes("Cleo", "docs", election="tarnfold/2025", submitted="2025-03-04"),
    ]
    own = filing.listed(["Docs: docs", "Builds: faster builds"], "topics.txt")
    found, filled = grouping.topics(records, WordEmbedder(), own)
    assert filing.OTHER in {one.id for one in found}
    [view] = trends(filled, found)
    assert [(one.id, one.label) for one in view.topics] == [("docs", "Docs"), ("builds", "Builds")]
    assert counts(view, "docs") == [(1, 2), (1, 1)]


def test_where_statements_grow_shorter_what_keeps_its_place_does_not_fall() -> None:
    # Of eight subjects each raised by half of the candidates at first, everybody raises only two at last.
    random = Random(3)
    subjects = [f"subject {number}" for number in range(8)]
    records = [
        stood(person(year, n), year, *random.sample(subjects, 5 - (year - 2022)))
        for year in range(2022, 2026)
        for n in range(40)
    ]
    view = seen(*records)
    assert [half.breadth for half in view.halves] == [4.5, 2.5]
    assert all(one.trend is not None and one.trend.difference.value < 0 for one in view.topics), "fewer raise any"
    assert [one.trend.change for one in view.topics if one.trend] == [None] * 8
