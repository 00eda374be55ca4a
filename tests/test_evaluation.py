"""The figures: what counts as found, that they are those of the scorer releases are judged by, and bad gold folders."""

import importlib.util
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented import full, statement

from analyzer.errors import UserError
from analyzer.evaluation import (
    Annotation,
    Case,
    Figure,
    annotated,
    evaluate,
    exported,
    figures,
    grounded,
    same_organization,
    same_subject,
    same_title,
)
from analyzer.records import Span, StatementRecord

SCORER = Path(__file__).parents[2] / "shared" / "eval" / "score.py"
GOLD: dict[str, Any] = {
    "candidate": {"span": "Ines Moreau"},
    "sought": {"office": None, "community": "Tarnfold"},
    "roles": [{"title": "build engineer", "organization": "Quillworks", "status": "current"}],
    "affiliations": [{"organization": "Quillworks", "relation": "employer", "status": "current"}],
    "focus_areas": [
        {"span": "build farm of Tarnfold", "kind": "experience", "topic": "build farm"},
        {"span": "reviews within a day", "kind": "goal", "topic": "reviews"},
    ],
    "key_sentences": ["I want reviews within a day."],
}


def case(record: StatementRecord | None, gold: dict[str, Any] = GOLD, community: str | None = None) -> Case:
    text = record.text if record else ""
    return Case("a", community, text, Annotation.model_validate(gold), record)


def figure(name: str, cases: Sequence[Case]) -> Figure:
    return next(f for f in figures(cases) if f.name == name)


class TestLikeness:
    @pytest.mark.parametrize(
        ("one", "other", "alike"),
        [
            ("core reviewer", "Core-Reviewers", True),
            ("PTL", "PTL", True),
            ("staff engineer", "engineer", True),
            ("chair", "member", False),
        ],
    )
    def test_titles(self, one: str, other: str, alike: bool) -> None:
        assert bool(same_title(one, other)) is alike

    @pytest.mark.parametrize(
        ("one", "other", "alike"),
        [
            ("Quillworks Inc.", "Quillworks", True),
            ("TC", "Technical Committee", True),
            ("Tarnfold Release Team", "Release Team", True),
            ("committee", "Tarnfold Release Committee", True),
            ("team", "Team of Tarnfold", False),
            ("Quillworks", "Quillmaker", False),
            ("", "Quillworks", False),
            (None, None, False),
        ],
    )
    def test_organizations(self, one: str | None, other: str | None, alike: bool) -> None:
        assert bool(same_organization(one, other)) is alike

    @pytest.mark.parametrize(
        ("one", "other", "alike"),
        [
            ("better documentation", "documentation", True),
            ("rolling upgrades", "upgrade rolling", True),
            ("docs", "reviews", False),
        ],
    )
    def test_subjects(self, one: str, other: str, alike: bool) -> None:
        assert bool(same_subject(one, other)) is alike

    @given(st.text(max_size=30), st.text(max_size=30))
    def test_likeness_is_mutual_and_of_each_text_with_itself(self, one: str, other: str) -> None:
        for likeness in (same_title, same_organization, same_subject):
            assert likeness(one, other) == likeness(other, one)
        if any(c.isalnum() and c.isascii() for c in one):
            assert same_title(one, one) == same_subject(one, one) == 1.0


class TestFigures:
    def test_a_right_record_is_right(self) -> None:
        found = {f.name: f.value for f in figures([case(full())])}
        assert found["roles.full"] == found["affiliations"] == found["focus.goal"] == found["candidate"] == 1.0
        assert found["grounded"] == found["key_sentences"] == 1.0

    def test_what_was_missed_costs_recall_and_what_is_spurious_precision(self) -> None:
        focus = figure("focus", [case(full())])
        assert (focus.precision, focus.recall, focus.gold, focus.found) == (1.0, 0.5, 2, 1)
        assert figure("focus.goal", [case(full())]).value == 1.0

    def test_another_status_or_organization_is_another_role(self) -> None:
        for change in ({"status": "past"}, {"organization": None}, {"organization": "Brightwell"}):
            gold = GOLD | {"roles": [GOLD["roles"][0] | change]}
            found = {f.name: f.value for f in figures([case(full(), gold)])}
            assert (found["roles.title"], found["roles.full"]) == (1.0, 0.0)

    def test_an_affiliation_that_only_a_domain_suggests_is_not_counted(self) -> None:
        assert figure("affiliations", [case(full())]).found == 1

    def test_an_office_the_text_does_not_state_counts_as_invented_only_if_read_there(self) -> None:
        record = full()
        assert figure("invented", [case(record)]).value == 0.0
        record.election.provenance["office"].source = "text"
        assert figure("invented", [case(record)]).value == 1.0

    def test_a_statement_without_a_record_has_nothing_right(self) -> None:
        found = figures([case(None)])
        assert {f.value for f in found} == {0.0}
        assert next(f for f in found if f.name == "focus").gold == 2

    def test_evidence_has_to_stand_where_it_says(self) -> None:
        text = "I keep the build farm running."
        assert grounded("build farm", Span(start=11, end=21, text="build farm"), text, text)
        assert not grounded("build farm", Span(start=10, end=20, text="build farm"), text, text)
        assert not grounded("mail server", Span(start=11, end=21, text="build farm"), text, text)
        assert not grounded("build farm", Span(start=11, end=21, text="build farm"), text, "farm build")
        marked = "I keep the *build* _farm_ running."
        assert grounded("build farm", Span(start=11, end=21, text="build farm"), text, marked)

    def test_communities_are_told_apart(self) -> None:
        whole, first, second = evaluate(
            [case(full(), community="tarnfold"), case(statement(), community="brightwell"), case(full())]
        )
        assert (whole.community, whole.statements) == (None, 3)
        assert (first.community, first.statements) == ("brightwell", 1)
        assert (second.community, second.statements) == ("tarnfold", 1)


@pytest.mark.skipif(not SCORER.exists(), reason="the scorer that judges releases is not beside this checkout")
def test_the_figures_are_those_that_judge_releases() -> None:
    spec = importlib.util.spec_from_file_location("scorer", SCORER)
    assert spec and spec.loader
    scorer: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scorer)
    records = [full(), statement(), full("Tomas Brandt"), statement("Yuki Sato", "I want docs. I chair the C# SIG.")]
    golds = [GOLD, GOLD | {"roles": []}, GOLD | {"candidate": {"span": "Brandt, Tomas"}}, GOLD]
    theirs = scorer.score(
        [("a", r.text, r.model_dump(mode="json"), g) for r, g in zip(records, golds, strict=True)]
    )
    ours = figures([case(r, g) for r, g in zip(records, golds, strict=True)])
    assert {f.name: f.value for f in ours} == {k: v.get("f1", v.get("share")) for k, v in theirs.items()}


class TestGoldFolder:
    def write(self, folder: Path, gold: object = GOLD) -> Path:
        (folder / "a.txt").write_text(full().text, encoding="utf-8")
        (folder / "a.json").write_text(json.dumps(gold), encoding="utf-8")
        return folder

    def test_knows_the_community_of_each_statement(self, tmp_path: Path) -> None:
        self.write(tmp_path)
        assert [c for *_, c in annotated(tmp_path)] == [None]
        (tmp_path / "index.jsonl").write_text('{"id": "a", "source": "tarnfold"}\n', encoding="utf-8")
        assert [c for *_, c in annotated(tmp_path)] == ["tarnfold"]

    def test_one_without_statements_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "a.json").write_text("{}", encoding="utf-8")
        with pytest.raises(UserError, match="no annotated statements"):
            list(annotated(tmp_path))

    @pytest.mark.parametrize(
        ("gold", "place"),
        [([], "the whole"), (GOLD | {"roles": [{"title": 1}]}, "roles.0.title"), ({"candidate": None}, "sought")],
    )
    def test_a_broken_annotation_is_named_with_the_place(self, tmp_path: Path, gold: object, place: str) -> None:
        self.write(tmp_path, gold)
        with pytest.raises(UserError, match=f"a\\.json: no annotation; {place}"):
            list(annotated(tmp_path))

    def test_a_broken_index_is_named_with_the_line(self, tmp_path: Path) -> None:
        self.write(tmp_path)
        (tmp_path / "index.jsonl").write_text('{"id": "a", "source": "t"}\n7\n', encoding="utf-8")
        with pytest.raises(UserError, match=r"index\.jsonl, line 2"):
            list(annotated(tmp_path))

    def test_what_is_no_export_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "export.json").write_text('{"statements": 7}', encoding="utf-8")
        with pytest.raises(UserError, match="no export of this version"):
            exported(tmp_path / "export.json")
        with pytest.raises(UserError, match="No such file"):
            exported(tmp_path / "none.json")
