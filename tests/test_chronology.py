"""The order of elections in time: by dates, else by what their cycles are called."""

import csv
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.chronology import in_time
from analyzer.records import ElectionRecord
from analyzer.resources import shipped


def election(cycle: str | None, community: str = "Tarnfold", **changes: str) -> ElectionRecord:
    return ElectionRecord(
        id=f"{community}/{cycle}".lower(), community=community, cycle=cycle, statements=1, **changes
    )


def order(*elections: ElectionRecord) -> tuple[list[str | None], list[str | None]]:
    """Return the cycles that can be placed in time, in order, and the others."""
    shuffled = list(elections)
    Random(7).shuffle(shuffled)
    placed, unknown = in_time(shuffled)
    return [one.cycle for one in placed], [one.cycle for one in unknown]


def test_dates_come_before_names() -> None:
    found = order(
        election("b", begins="2019-04-01"),
        election("a", first_submitted="2020-04-01T10:00:00Z"),
        election("2010", first_submitted="2021-04-01"),
    )
    assert found == (["b", "a", "2010"], [])


def test_the_first_day_of_voting_dates_an_election() -> None:
    first = election("a", begins="2020-02-01", first_submitted="2018-01-01")
    assert order(election("b", begins="2019-01-01"), first) == (["b", "a"], [])


@pytest.mark.parametrize(
    "cycles",
    [
        ["2022", "2023", "2024"],
        ["2018-09", "2019-03", "2019-10", "2020-02"],
        ["2023.2", "2024.1", "2024.2", "2024.10"],
        ["Spring 2023", "Autumn 2023", "Spring 2024"],
        ["May 2023", "Sept 2023", "January 2024"],
        ["2023H1", "2023H2", "2024 h1"],
        ["board-2023", "board-2024-06", "board-2024-11"],
    ],
)
def test_a_year_and_what_follows_it_place_a_cycle(cycles: list[str]) -> None:
    assert order(*(election(cycle) for cycle in cycles)) == (cycles, [])


def test_cycles_by_name_are_looked_up() -> None:
    # The alphabet began anew after Zed, and then numbers took the place of names.
    cycles = ["mitaka", "ocata", "Zed", "antelope", "bobcat", "2024.1", "2027.1"]
    last = {"2027.1": {"begins": "2026-08-26"}}
    assert order(*(election(cycle, "OpenStack", **last.get(cycle, {})) for cycle in cycles)) == (cycles, [])


def test_a_name_means_nothing_in_another_community() -> None:
    assert order(election("zed"), election("antelope")) == ([], ["antelope", "zed"])


def test_what_cannot_be_placed_is_said_and_goes_by_number() -> None:
    found = order(election("10th"), election("9th"), election("2024"), election("first"))
    assert found == (["2024"], ["9th", "10th", "first"])


def test_an_election_without_a_cycle_has_its_dates() -> None:
    assert order(election(None, begins="2020-01-01"), election("2019")) == (["2019", None], [])


CYCLES = st.sampled_from(["2019", "2020-03", "2020.2", "spring 2021", "nine", "10", "", "ussuri"])
DAYS = st.none() | st.dates().map(str)


@given(st.lists(st.tuples(CYCLES, DAYS), max_size=7), st.randoms(use_true_random=False))
@settings(deadline=None)
def test_every_election_is_there_once_whatever_their_order(
    made: list[tuple[str, str | None]], random: Random
) -> None:
    elections = [
        ElectionRecord(id=f"tarnfold/{number}", community="Tarnfold", cycle=cycle, begins=day, statements=1)
        for number, (cycle, day) in enumerate(made)
    ]
    placed, unknown = in_time(elections)
    assert sorted(one.id for one in [*placed, *unknown]) == sorted(one.id for one in elections)
    random.shuffle(elections)
    assert in_time(elections) == (placed, unknown)


def test_every_line_of_the_lexicon_has_a_source_and_a_time_of_its_own() -> None:
    with shipped("data/lexicons/cycles.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(row["source"].startswith("https://") for row in rows)
    assert len({(row["community"], row["number"]) for row in rows}) == len(rows)
    cycles = [row["cycle"] for row in rows]
    assert order(*(election(row["cycle"], row["community"]) for row in rows)) == (cycles, [])
