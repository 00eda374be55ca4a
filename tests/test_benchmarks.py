"""What the benchmark of topics measures with: its figures mean what their definitions say, and its mask hides teams."""

import csv
import sys
from pathlib import Path
from typing import Any

import pytest

from analyzer.records import Block, Candidate, Decision, Election, Source, StatementRecord

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture
def benchmarks(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import identity
    import masked
    import measures

    yield type("Modules", (), {"identity": identity, "masked": masked, "measures": measures})
    for name in ("identity", "masked", "measures"):
        sys.modules.pop(name, None)


def test_words_always_together_cohere_fully_and_words_never_together_not_at_all(benchmarks: Any) -> None:
    reference = benchmarks.measures.Reference(
        ["rolling upgrades matter", "rolling upgrades again", "gate jobs", "gate jobs fail"]
    )
    assert reference.coherence([["rolling", "upgrades"]]) == pytest.approx(1)
    assert reference.coherence([["rolling", "gate"]]) == -1
    assert reference.coherence([["rolling", "upgrades"], ["rolling", "gate"]]) == pytest.approx(0)


def test_diversity_is_the_share_of_distinct_words(benchmarks: Any) -> None:
    assert benchmarks.measures.diversity([["a", "b"], ["a", "c"]]) == 0.75


def test_the_heaviest_words_of_a_class_are_its_own(benchmarks: Any) -> None:
    words = benchmarks.measures.class_words(
        [0, 0, 1], ["upgrade path path", "upgrade", "gate path"], ["gate", "path", "upgrade"]
    )
    assert [found[0] for found in words] == ["upgrade", "gate"]


def test_an_interval_of_rows_holds_nothing_where_both_groupings_are_one(benchmarks: Any) -> None:
    import numpy as np

    true, own = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, 1, 0, 2, 2])
    assert benchmarks.measures.interval_over_rows([true], [own], [own], count=20) == (0, 0)


def of_team(folder: str, text: str, name: str = "Ada Ashgrove", closing: str = "") -> StatementRecord:
    blocks = [Block(kind="paragraph", start=0, end=len(text))]
    if closing:
        blocks.append(Block(kind="signature", start=len(text) + 2, end=len(text) + 2 + len(closing)))
        text = f"{text}\n\n{closing}"
    return StatementRecord(
        id=folder,
        source=Source(path=f"candidates/zed/{folder}/quillsmith.txt", format="text", sha256="0" * 64),
        decision=Decision(label="candidacy", score=1),
        text=text,
        blocks=blocks,
        candidate=Candidate(name=name),
        election=Election(unit=folder),
    )


def test_the_mask_hides_teams_also_misspelt_and_people_and_leaves_words_of_the_language(benchmarks: Any) -> None:
    own = of_team(
        "Lanternfish",
        "I lead lanternfish, some say Lanternfsh; quillsmith, that is Ashgrove, writes to ada@example.org of storage.",
        closing="Ada of the evening",
    )
    masked = benchmarks.masked._Mask([own], [])(own)
    for hidden in ("anternf", "quillsmith", "Ashgrove", "example.org", "evening"):
        assert hidden not in masked
    assert masked.count("the project") == 2
    assert "storage" in masked


def test_every_annotated_topic_is_filed_under_a_subject_there_is() -> None:
    def rows(name: str) -> list[dict[str, str]]:
        with (BENCHMARKS / "gold_topics" / name).open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    topics = rows("topics.csv")
    assert {row["subject"] for row in topics} <= {row["id"] for row in rows("subjects.csv")}
    assert len({row["topic"] for row in topics}) == len(topics)


def test_people_are_those_who_share_a_key_over_however_many_steps(benchmarks: Any) -> None:
    found = benchmarks.identity.joined({"a": ["x"], "b": ["y"], "c": [], "d": ["z", "x"], "e": ["y", "z"]})
    assert len({found[id_] for id_ in "abde"}) == 1 and found["c"] != found["a"]


def test_pairs_are_counted_that_are_one_persons(benchmarks: Any) -> None:
    true = {"a": 1, "b": 1, "c": 1, "d": 2}
    assert benchmarks.identity.score(true, true) == (1, 1, 1)
    # One of three true pairs is found, and one that is none.
    precision, recall, f1 = benchmarks.identity.score({"a": 1, "b": 1, "c": 2, "d": 2}, true)
    assert (precision, recall, f1) == (pytest.approx(1 / 2), pytest.approx(1 / 3), pytest.approx(2 / 5))
