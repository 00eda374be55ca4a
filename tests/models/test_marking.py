"""Statements that are annotated in their own text: what the brackets say, and what is refused."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.append(str(Path(__file__).parents[2] / "models" / "scripts"))

from marking import annotation, statements, unmarked

SCRIPTS = Path(__file__).parents[2] / "models" / "scripts"
INVENTED = Path(__file__).parents[2] / "data" / "invented"

MARKED = """\
=== demo-1
Hi, I'm ⟦c|Ada Brook⟧ (Ada), ⟦t1 current|staff engineer⟧ at ⟦a employer current|⟦g1|Quillon Labs⟧⟧.
I stand for the ⟦o|Steering Council⟧ of ⟦m|Ferrocode⟧. I was a ⟦t2,3 past|member⟧ of the ⟦g2|Docs Team⟧
and the ⟦g3|Release Team⟧ and am a ⟦t current|mentor⟧.
I write docs. ⟦k2⟧We need ⟦goal|docs⟧. ⟦k1⟧I ask for ⟦interest|shorter
releases⟧.

=== demo-2
I seek re-election as ⟦t1 sought,1 current|chair⟧ of ⟦g1|the board⟧.
"""


def made(marked: str) -> dict[str, object]:
    return annotation(*unmarked(marked))


def test_a_file_holds_statements_by_name() -> None:
    assert [name for name, _ in statements(MARKED)] == ["demo-1", "demo-2"]


def test_brackets_say_what_is_annotated_and_are_no_part_of_the_text() -> None:
    (_, first), (_, second) = statements(MARKED)
    assert "⟦" not in unmarked(first)[0] and "⟧" not in unmarked(first)[0]
    assert made(first) == {
        "candidate": {"span": "Ada Brook"},
        "sought": {"office": "Steering Council", "community": "Ferrocode"},
        "roles": [
            {"title": "staff engineer", "organization": "Quillon Labs", "status": "current"},
            {"title": "member", "organization": "Docs Team", "status": "past"},
            {"title": "member", "organization": "Release Team", "status": "past"},
            {"title": "mentor", "organization": None, "status": "current"},
        ],
        "affiliations": [{"organization": "Quillon Labs", "relation": "employer", "status": "current"}],
        "focus_areas": [
            # The second "docs" of the text is meant.
            {"span": "docs", "kind": "goal", "n": 2, "topic": ""},
            {"span": "shorter releases", "kind": "interest", "n": 1, "topic": ""},
        ],
        "key_sentences": ["I ask for shorter releases.", "We need docs. I ask for shorter releases."],
    }
    held = [(r["title"], r["status"]) for r in made(second)["roles"]]  # type: ignore[attr-defined]
    assert held == [("chair", "sought"), ("chair", "current")]


@pytest.mark.parametrize(
    "marked",
    [
        "⟦c|Ada",  # never closed
        "Ada⟧",  # never opened
        "⟦name|Ada⟧",  # no such tag
        "⟦t7 past|chair⟧",  # held in an organization that nobody named
        "⟦t former|chair⟧",  # no such status
        "⟦a client current|Quillon⟧",  # no such relation
        "⟦goal|⟧",  # around nothing
    ],
)
def test_what_is_not_understood_is_refused(marked: str) -> None:
    with pytest.raises(ValueError):
        made(marked)


@given(st.lists(st.tuples(st.sampled_from(["goal", "c", "m", "g1"]), st.text("ab \n", min_size=1)), max_size=8))
def test_without_its_brackets_a_text_is_what_it_was(parts: list[tuple[str, str]]) -> None:
    marked = "x".join(f"⟦{tag}|{words}⟧" for tag, words in parts)
    plain, marks = unmarked(marked)
    assert plain == "x".join(words for _, words in parts)
    assert sorted((m.tag, plain[m.start : m.end]) for m in marks) == sorted(parts)


def test_what_is_shipped_is_understood(tmp_path: Path) -> None:
    (tmp_path / "index.jsonl").write_text("", encoding="utf-8")
    run = subprocess.run(
        [sys.executable, SCRIPTS / "marking.py", INVENTED, tmp_path], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    index = [json.loads(line) for line in (tmp_path / "index.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {row["source"] for row in index} == {"invented"}
    for row in index:
        text = " ".join((tmp_path / f"{row['id']}.txt").read_text(encoding="utf-8").split())
        held = json.loads((tmp_path / f"{row['id']}.json").read_text(encoding="utf-8"))
        spans = [x["span"] for x in held["focus_areas"]] + [r["title"] for r in held["roles"]]
        assert not [span for span in spans if span not in text]
