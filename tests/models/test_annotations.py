"""Annotations as offsets: without a word of the text, whole on the way back, and refused where the text has changed."""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).parents[2] / "models" / "scripts"))

from annotations import clones, decoded, digest, pack, packed, unpack, unpacked

TEXT = """Hi,

I am Søren Vang, build engineer at Quillworks
Inc. and member of the review team and the release team.
I want faster reviews. Last year I worked on faster reviews, too; now
I want documentation
that newcomers can read.
"""
ANNOTATION: dict[str, Any] = {
    "candidate": {"span": "Søren Vang"},
    "sought": {"office": None, "community": None},
    "roles": [
        {"title": "build engineer", "organization": "Quillworks Inc.", "status": "current"},
        {"title": "member", "organization": "review team", "status": "current"},
        {"title": "member", "organization": "release team", "status": "current"},
    ],
    "affiliations": [{"organization": "Quillworks Inc.", "relation": "employer", "status": "current"}],
    "focus_areas": [
        {"span": "faster reviews", "kind": "experience", "topic": "reviews", "n": 2},
        {"span": "documentation that newcomers can read", "kind": "goal", "topic": "documentation", "n": 1},
    ],
    "key_sentences": ["I want documentation that newcomers can read"],
}


def gold_folder(folder: Path, path: str = "candidates/søren.txt") -> Path:
    folder.mkdir()
    (folder / "s1.txt").write_bytes(TEXT.encode())
    (folder / "s1.json").write_text(json.dumps(ANNOTATION), encoding="utf-8")
    origin = {"id": "s1", "source": "tarnfold", "repository": "tarnfold/election", "commit": "c" * 40, "path": path}
    (folder / "index.jsonl").write_text(json.dumps(origin | {"group": "g1"}) + "\n", encoding="utf-8")
    return folder


def test_offsets_point_at_the_spans_across_line_breaks() -> None:
    row = packed(TEXT, ANNOTATION, Counter())
    start, end = row["affiliations"][0]["organization"]
    assert TEXT[start:end] == "Quillworks\nInc."
    start, end = row["focus_areas"][0]["span"]
    assert TEXT[:start].count("faster reviews") == 1 and TEXT[start:end] == "faster reviews"


def test_nothing_is_lost_on_the_way_back() -> None:
    lost: Counter[str] = Counter()
    assert unpacked(TEXT, packed(TEXT, ANNOTATION, lost)) == ANNOTATION
    assert not +lost


def test_what_the_text_does_not_hold_is_counted() -> None:
    lost: Counter[str] = Counter()
    row = packed("Hi there.", ANNOTATION, lost)
    assert row["roles"] == row["focus_areas"] == [] and row["candidate"] is None
    assert (lost["roles"], lost["focus_areas"], lost["affiliations"], lost["candidate"]) == (3, 2, 1, 1)


def test_no_word_of_a_statement_is_published(tmp_path: Path) -> None:
    pack(gold_folder(tmp_path / "gold"), tmp_path / "out")
    published = (tmp_path / "out" / "tarnfold-election.jsonl").read_text(encoding="utf-8")
    assert not [word for word in ("Vang", "Quillworks", "engineer", "newcomers") if word in published]


@pytest.mark.parametrize("clone", ["tarnfold/election", "tarnfold-election", "election"])
def test_training_texts_are_rebuilt_from_clones(tmp_path: Path, clone: str) -> None:
    gold = gold_folder(tmp_path / "gold")
    pack(gold, tmp_path / "out")
    file = tmp_path / "clones" / clone / "candidates" / "søren.txt"
    file.parent.mkdir(parents=True)
    file.write_bytes(TEXT.encode("cp1252"))
    assert unpack(tmp_path / "out", tmp_path / "clones", tmp_path / "again") == (1, [])
    assert (tmp_path / "again" / "s1.txt").read_text(encoding="utf-8") == TEXT
    assert json.loads((tmp_path / "again" / "s1.json").read_text(encoding="utf-8")) == ANNOTATION
    assert (tmp_path / "again" / "index.jsonl").read_bytes() == (gold / "index.jsonl").read_bytes()


def test_a_clone_may_be_named_after_its_community() -> None:
    folders = [str(folder.relative_to("c")) for folder in clones(Path("c"), "kata-containers/community")]
    assert folders == ["kata-containers/community", "kata-containers-community", "kata-community", "community"]


def test_a_text_that_changed_or_is_not_there_is_left_out_with_a_word(tmp_path: Path) -> None:
    pack(gold_folder(tmp_path / "gold"), tmp_path / "out")
    count, missing = unpack(tmp_path / "out", tmp_path, tmp_path / "again")
    assert count == 0 and "no such file" in missing[0] and "c" * 40 in missing[0]
    file = tmp_path / "election" / "candidates" / "søren.txt"
    file.parent.mkdir(parents=True)
    file.write_text(TEXT + "PS: vote!\n", encoding="utf-8")
    count, missing = unpack(tmp_path / "out", tmp_path, tmp_path / "again")
    assert count == 0 and "not the annotated text" in missing[0]


def test_texts_are_told_apart_by_their_characters_not_their_encoding() -> None:
    assert digest(decoded(TEXT.encode("cp1252"))) == digest(decoded(TEXT.encode())) != digest(TEXT + " ")
