"""What users correct: applied to records when they are read, whatever analysed them, and in any number."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from invented import EMBEDDINGS, PIPELINE, full, statement

from analyzer import workflow
from analyzer.corrections import LISTED, Correction, Verb, correct, proposed, target
from analyzer.directory import Directory
from analyzer.errors import UserError
from analyzer.exporting import as_json, document
from analyzer.records import StatementRecord
from analyzer.store import Workspace

INES = full("Ines Moreau", emails=["ines@moreau.example"], handles={"irc": "imo"})


def corrected(record: StatementRecord, name: str, value: str | None, **more: Any) -> StatementRecord:
    """Return a record with one correction applied."""
    (made,) = correct([record], [proposed(record, name, value, **more).model_copy(update={"number": 1})]).records
    return made


def refused(name: str, value: str | None, **more: Any) -> str:
    with pytest.raises(UserError) as caught:
        proposed(INES, name, value, **more)
    assert "\n" not in str(caught.value)
    return str(caught.value)


class TestValues:
    @pytest.mark.parametrize("name", ["Ines  Moreau", "Ines de Moreau"])
    def test_what_a_user_says_once_is_the_users_word(self, name: str) -> None:
        made = corrected(INES, "candidate", name).candidate
        assert (made.name, made.source, made.evidence) == (" ".join(name.split()), "user", None)

    @pytest.mark.parametrize(
        ("name", "value", "more"),
        [
            ("candidate", "Ines Moreau", {}),
            ("cycle", "2024-09", {}),
            ("role", "build engineer", {"changes": {"status": "past"}}),
            ("role", "build engineer", {"changes": {"title": "captain"}}),
            ("role", "captain", {"verb": "add"}),
            ("affiliation", "Quillworks", {"changes": {"relation": "founder"}}),
            ("affiliation", "moreau.example", {"changes": {"relation": "founder"}}),
            ("affiliation", "Acme", {"verb": "add"}),
            ("focus", "reviews within a day", {"changes": {"kind": "interest"}}),
            ("focus", "world peace", {"verb": "add"}),
        ],
    )
    def test_there_is_evidence_exactly_where_the_text_says_it_and_what_is_corrected_says_so(
        self, name: str, value: str, more: dict[str, Any]
    ) -> None:
        made = corrected(INES, name, value, **more)
        items = [*made.roles, *made.affiliations, *made.focus_areas]
        for item in (made.candidate, *made.election.provenance.values(), *items):
            assert (item.evidence is not None) == (item.source in ("text", "field"))
            assert item.evidence is None or made.text[item.evidence.start : item.evidence.end] == item.evidence.text
        before = [*INES.roles, *INES.affiliations, *INES.focus_areas]
        assert [item for item in items if item.corrected] == [item for item in items if item not in before]
        assert sum(item.corrected for item in items) == (name in LISTED)

    def test_an_election_has_the_ids_of_its_corrected_names(self) -> None:
        made = corrected(corrected(INES, "community", "Lumber"), "cycle", "2024-09")
        assert (made.election.id, made.election.contest_id) == ("lumber/2024-09", "lumber/2024-09/council")
        assert made.election.community_canonical == "Lumber"
        assert made.election.provenance["cycle"].source == "user"
        assert corrected(INES, "office", "TC").election.office_canonical == "Technical Committee"
        # Without a cycle there is no election that it belongs to.
        assert corrected(INES, "cycle", None, verb="remove").election.id is None

    def test_an_outcome_is_taken_away_and_that_is_a_users_word_too(self) -> None:
        assert corrected(INES, "outcome", "elected").election.outcome == "elected"
        made = corrected(INES, "outcome", None, verb="remove")
        assert made.election.outcome is None and made.election.provenance["outcome"].source == "user"

    def test_a_role_keeps_the_evidence_of_what_stays_as_it_is(self) -> None:
        old = INES.roles[0]
        (role,) = corrected(INES, "role", "BUILD  engineer", changes={"status": "past"}).roles
        assert (role.status, role.source, role.confidence, role.evidence) == ("past", "text", 1.0, old.evidence)
        assert role.organization_evidence == old.organization_evidence
        (role,) = corrected(INES, "role", "build", changes={"title": "build captain", "organization": ""}).roles
        assert (role.title, role.evidence, role.organization, role.organization_canonical) == (
            "build captain", None, None, None,
        )  # fmt: skip

    def test_items_are_added_and_removed(self) -> None:
        added = corrected(INES, "focus", "build farm", verb="add", changes={"kind": "experience"})
        area = added.focus_areas[-1]
        assert area.kind == "experience" and area.evidence is not None and area.sentence is not None
        assert area.sentence.text.startswith("I am a build engineer")
        assert corrected(added, "focus", "build farm", verb="add", changes={"kind": "experience"}) == added
        assert corrected(INES, "focus", "world peace", verb="add").focus_areas[-1].sentence is None
        assert corrected(INES, "focus", "reviews within a day", verb="remove").focus_areas == []
        employer = corrected(INES, "affiliation", "RedHat, Inc.", verb="add").affiliations[-1]
        assert (employer.canonical, employer.relation, employer.source) == ("Red Hat", "employer", "user")

    def test_accounts_are_corrected_like_all_else(self) -> None:
        made = corrected(INES, "email", "ines@moreau.example", changes={"address": "im@x.example"})
        assert [(email.address, email.source) for email in made.candidate.emails] == [("im@x.example", "user")]
        made = corrected(INES, "handle", "imo2", verb="add", changes={"service": "github"})
        assert made.candidate.handles == {"irc": "imo", "github": "imo2"}
        assert corrected(INES, "handle", "imo", verb="remove").candidate.handles == {}

    def test_of_two_alike_the_one_meant_must_be_told(self) -> None:
        twice = corrected(INES, "role", "build engineer", verb="add", changes={"organization": "Tarnfold"})
        with pytest.raises(UserError, match=r"several fit.*--where"):
            proposed(twice, "role", "build engineer", verb="remove")
        made = corrected(twice, "role", "build engineer", verb="remove", where={"organization": "tarnfold"})
        assert [role.organization for role in made.roles] == ["Quillworks"]

    @pytest.mark.parametrize(
        ("name", "value", "more", "words"),
        [
            ("shoe size", "42", {}, "no such field"),
            ("outcome", "won", {}, "elected, not_elected, withdrawn"),
            ("begins", "soon", {}, "2025-03-31"),
            ("candidate", None, {}, "--remove"),
            ("candidate", " ", {}, "cannot be empty"),
            ("candidate", "Ines", {"verb": "add"}, "only one"),
            ("role", "captain", {"verb": "remove"}, "it has build engineer"),
            ("role", "build engineer", {}, "--set"),
            ("role", "build engineer", {"changes": {"status": "former"}}, "current, past, sought"),
            ("role", "build engineer", {"changes": {"colour": "red"}}, "no such part"),
            ("email", "nonsense", {"verb": "add"}, "no e-mail address"),
        ],
    )
    def test_what_cannot_be_is_refused_with_what_can(
        self, name: str, value: str | None, more: dict[str, Any], words: str
    ) -> None:
        assert words in refused(name, value, **more)

    def test_a_record_with_users_words_is_shown_exported_and_read_again(self) -> None:
        made = corrected(corrected(INES, "focus", "world peace", verb="add"), "role", "captain", verb="add")
        export = document([made], models=[PIPELINE, EMBEDDINGS])
        assert as_json(type(export).model_validate_json(as_json(export))) == as_json(export)


class TestAnotherAnalysis:
    def test_a_statement_is_known_by_its_place_where_its_id_has_changed(self) -> None:
        said = proposed(INES, "role", "build engineer", changes={"status": "past"})
        again = INES.model_copy(update={"id": "another"})
        found = correct([again, statement(index=5)], [said])
        assert (found.lost, found.records[0].roles[0].status) == ([], "past")
        moved = again.model_copy(update={"source": again.source.model_copy(update={"path": "elsewhere.mbox"})})
        assert correct([moved], [said]).lost == []

    def test_an_item_is_known_by_its_words_not_by_its_position(self) -> None:
        said = proposed(INES, "affiliation", "Quillworks", verb="remove").model_copy(update={"number": 4})
        again = INES.model_copy(update={"affiliations": [*reversed(INES.affiliations)]})
        assert [item.organization for item in correct([again], [said]).records[0].affiliations] == ["moreau.example"]
        without = INES.model_copy(update={"affiliations": []})
        assert correct([without], [said]).lost == [4]

    def test_what_is_read_rightly_by_now_is_not_lost(self) -> None:
        said = proposed(INES, "role", "build engineer", changes={"title": "staff engineer"})
        once = correct([INES], [said]).records
        assert correct(once, [said]).lost == []

    def test_later_words_win_and_find_what_earlier_ones_made(self) -> None:
        first = proposed(INES, "role", "build engineer", changes={"title": "captain"})
        then = proposed(correct([INES], [first]).records[0], "role", "captain", changes={"status": "past"})
        numbered = [item.model_copy(update={"number": n}) for n, item in enumerate((first, then), 1)]
        (role,) = correct([INES], numbered[::-1]).records[0].roles
        assert (role.title, role.status) == ("captain", "past")
        # Without the first the second finds nothing, and says so.
        assert correct([INES], numbered[1:]).lost == [2]


CAST = [
    statement(name, index=n, election_id=f"tarnfold/{2020 + n}")
    for n, name in enumerate(["Ines Moreau", "Ines Moreau", "Tomas Brandt", "Yuki Sato", "Yuki Sato", "Ada Quist"])
]
TARGETS = [target(record) for record in CAST]
Sides = tuple[Verb, list[int], list[int]]


def partition(decisions: list[Sides]) -> set[frozenset[str]]:
    corrections = [
        Correction(number=n, verb=verb, sides=[[TARGETS[i] for i in one], [TARGETS[i] for i in other]])
        for n, (verb, one, other) in enumerate(decisions, 1)
    ]
    found = correct(CAST, corrections)
    assert found.lost == []
    return {frozenset(p.statements) for p in Directory(found.records, found.same, found.different).people}


@st.composite
def decisions(draw: st.DrawFn) -> list[Sides]:
    """Draw what a user could say: of people as they are after all that was said before."""
    said: list[Sides] = []
    for _ in range(draw(st.integers(0, 5))):
        now = sorted([sorted(i for i, r in enumerate(CAST) if r.id in group) for group in partition(said)])
        large = [group for group in now if len(group) > 1]
        if large and draw(st.booleans()):
            group = draw(st.sampled_from(large))
            part = draw(st.lists(st.sampled_from(group), min_size=1, max_size=len(group) - 1, unique=True))
            said.append(("split", sorted(part), [i for i in group if i not in part]))
        elif len(now) > 1:
            one, other = draw(st.lists(st.sampled_from(now), min_size=2, max_size=2, unique_by=tuple))
            said.append(("merge", one, other))
    return said


class TestPeople:
    @given(decisions(), st.data())
    @settings(deadline=None, max_examples=40)
    def test_what_was_said_last_holds(self, said: list[Sides], data: st.DataObject) -> None:
        if not said:
            return
        verb, one, other = said[-1]
        ids = [CAST[i].id for i in one], [CAST[i].id for i in other]
        groups = partition(said)
        if verb == "merge":
            assert any({*ids[0], *ids[1]} <= group for group in groups)
            # Which of the two is named first is of no matter.
            assert partition([*said[:-1], (verb, other, one)]) == groups
        else:
            assert any(set(ids[0]) <= group for group in groups)
            assert not any(group & set(ids[0]) and group & set(ids[1]) for group in groups)
        assert partition([*said, said[-1]]) == groups, "said twice is said once"

    @given(decisions())
    @settings(deadline=None, max_examples=25)
    def test_a_merge_undoes_the_split_before_it_and_the_other_way_round(self, said: list[Sides]) -> None:
        now = sorted([sorted(i for i, r in enumerate(CAST) if r.id in group) for group in partition(said)])
        assume(len(now) > 1)
        one, other = now[0], now[1]
        merged: list[Sides] = [*said, ("merge", one, other)]
        assert partition([*merged, ("split", one, other)]) == partition(said)

    def test_nothing_said_changes_nothing(self) -> None:
        assert partition([]) == {frozenset(p.statements) for p in Directory(CAST).people}


class TestWorkspace:
    @pytest.fixture
    def old(self, tmp_path: Path) -> Path:
        """A workspace as the first version made it: without any of the tables of corrections."""
        path = tmp_path / "old.duckdb"
        with Workspace.open(path, create=True) as workspace:
            workspace.add([INES])
        with duckdb.connect(str(path)) as connection:
            tables = {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
        assert tables.isdisjoint({"corrections", "forgotten"})
        return path

    def test_an_older_one_is_read_and_written_to(self, old: Path) -> None:
        assert workflow.corrections(old) == []
        assert [person.name for person in workflow.people(old)] == ["Ines Moreau"]
        with Workspace.open(old, read_only=True) as workspace:
            assert workspace.forgotten(["address ines@moreau.example"]) == set()
        assert workflow.correct(old, INES.id[:6], "outcome", "elected").number == 1
        assert [item.found for item in workflow.corrections(old)] == [True]

    def test_numbers_go_on_and_an_unknown_one_is_refused(self, old: Path) -> None:
        for value in ("elected", "withdrawn"):
            workflow.correct(old, INES.id, "outcome", value)
        workflow.undo(old, 1)
        assert [item.number for item in workflow.corrections(old)] == [2]
        with pytest.raises(UserError, match="number 1"):
            workflow.undo(old, 1)
        with pytest.raises(UserError, match="about people"):
            workflow.undo(old)

    def test_forgetting_takes_along_what_was_corrected_of_that_person_alone(self, old: Path) -> None:
        other = full("Tomas Brandt", index=1)
        with Workspace.open(old) as workspace:
            workspace.add([other])
        workflow.correct(old, INES.id, "candidate", "Ines Moreau-Secret")
        workflow.correct(old, other.id, "outcome", "elected")
        workflow.merge(old, ["Moreau-Secret", "Brandt"])
        workflow.undo(old)
        made = workflow.forget(old, "Moreau-Secret")
        assert [(item.field, item.verb) for item in workflow.corrections(old)] == [("outcome", "set"), (None, "forget")]
        assert made.statements == 1 and b"Secret" not in old.read_bytes()
        assert workflow.undo(old).verb == "forget"
        with Workspace.open(old) as workspace:
            assert workspace.forgotten([f"statement {INES.id}"]) == set()

    def test_no_guess_can_be_read_from_what_is_kept(self, old: Path) -> None:
        with Workspace.open(old) as workspace:
            workspace.add([full("Tomas Brandt", index=1)])
        workflow.forget(old, "Ines")
        data = old.read_bytes().lower()
        theirs = (b"ines moreau", b"ines@", INES.id.encode(), INES.source.sha256.encode())
        assert not any(word in data for word in theirs)
        with duckdb.connect(str(old), read_only=True) as connection:
            keys = connection.execute("SELECT key FROM forgotten").fetchall()
        assert len(keys) >= 4 and all(len(key) == 64 for (key,) in keys)
        assert not list(old.parent.glob(".*")), "no copy is left behind"


def test_a_scorer_takes_an_export_with_users_words(tmp_path: Path) -> None:
    score = Path(__file__).resolve().parents[2] / "shared" / "eval" / "score.py"
    if not score.is_file():
        pytest.skip("needs ../shared/eval/score.py")
    path = INES.source.model_copy(update={"path": "ines.txt"})
    record = INES.model_copy(update={"source": path})
    for name, value, more in (
        ("role", "captain", {"verb": "add", "changes": {"status": "sought"}}),
        ("role", "build engineer", {"changes": {"status": "past"}}),
        ("focus", "world peace", {"verb": "add"}),
        ("affiliation", "Acme", {"verb": "add"}),
    ):
        record = corrected(record, name, value, **more)
    (tmp_path / "export.json").write_bytes(as_json(document([record], models=[PIPELINE, EMBEDDINGS])))
    gold = {
        "candidate": {"span": "Ines Moreau"}, "sought": {}, "key_sentences": [],
        "roles": [{"title": "build engineer", "organization": "Quillworks", "status": "past"}],
        "affiliations": [{"organization": "Acme", "relation": "employer", "status": "current"}],
        "focus_areas": [{"span": "world peace", "kind": "goal"}],
    }  # fmt: skip
    (tmp_path / "gold").mkdir()
    (tmp_path / "gold" / "ines.txt").write_text(record.text, encoding="utf-8")
    (tmp_path / "gold" / "ines.json").write_text(json.dumps(gold), encoding="utf-8")
    command = [sys.executable, str(score), str(tmp_path / "gold"), str(tmp_path / "export.json"), "--json"]
    figures = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert [figures[name]["r"] for name in ("roles.full", "affiliations", "focus")] == [1, 1, 1]
