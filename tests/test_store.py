"""The workspace: what it keeps, what it refuses, and that nothing is ever half written."""

import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented import EMBEDDINGS, PIPELINE, full, statement

from analyzer.errors import CandidacyError, WorkspaceError
from analyzer.records import Decision, Election, Skipped, StatementRecord, Warning_
from analyzer.statements.duplicates import Change, Kept
from analyzer.store import BATCH, Workspace
from analyzer.topics.filing import Filing

ROOT = Path(__file__).parents[1]


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """The path of a new workspace that holds two statements and a reply that was left out."""
    path = tmp_path / "candidacy.duckdb"
    with Workspace.open(path, create=True) as workspace:
        workspace.set_pipeline(PIPELINE)
        workspace.set_model(EMBEDDINGS)
        workspace.add([full("Ines Moreau"), statement("Tomas Brandt", index=1)], [reply(2)])
    return path


def reply(index: int, code: str = "reply", message: str = "answers somebody") -> Skipped:
    return Skipped(path="tarnfold/2025-March.txt", index=index, code=code, message=message)


def other_process(path: Path, code: str) -> subprocess.Popen[str]:
    """Start code that knows `path`, `Workspace`, and what the tests make statements of."""
    imports = "from pathlib import Path\nfrom analyzer.records import Skipped\nfrom analyzer.store import Workspace\n"
    imports += "from invented import *\n"
    program = f"{imports}path = Path({str(path)!r})\n"
    environment = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    return subprocess.Popen(
        [sys.executable, "-c", program + textwrap.dedent(code)],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def refusal(path: Path, **options: bool) -> str:
    """Return the line with which a file is refused."""
    with pytest.raises(WorkspaceError) as caught:
        Workspace.open(path, **options)
    line = str(caught.value)
    assert "\n" not in line and line.startswith(str(path))
    return line


class TestWhatItKeeps:
    def test_records_come_back_as_they_were(self, db: Path) -> None:
        with Workspace.open(db, read_only=True) as workspace:
            assert {record.candidate.name: record for record in workspace.records()} == {
                "Ines Moreau": StatementRecord.model_validate_json(full("Ines Moreau").model_dump_json()),
                "Tomas Brandt": StatementRecord.model_validate_json(
                    statement("Tomas Brandt", index=1).model_dump_json()
                ),
            }
            assert workspace.skipped() == [reply(2)]
            assert workspace.pipeline == PIPELINE
            assert workspace.model == EMBEDDINGS

    def test_records_stand_by_date_and_id_and_those_without_a_date_first(self, tmp_path: Path) -> None:
        dates = ["2025-03-04T10:00:00Z", None, "2025-03-04", "2024-01-01", None]
        records = [statement(f"Candidate {n}", submitted=date, index=n) for n, date in enumerate(dates)]
        with Workspace.open(tmp_path / "w.duckdb", create=True) as workspace:
            workspace.add(records)
            found = workspace.records()
        assert [record.submitted for record in found] == [
            None,
            None,
            "2024-01-01",
            "2025-03-04",
            "2025-03-04T10:00:00Z",
        ]
        assert found[0].id < found[1].id

    def test_skipped_things_stand_by_place(self, tmp_path: Path) -> None:
        items = [
            Skipped(path="b.txt", code="document", message="no message"),
            Skipped(path="a.mbox", index=10, code="reply", message="answers"),
            Skipped(path="a.mbox", index=9, code="reply", message="answers"),
            Skipped(path="a.mbox", member="inner", index=0, code="reply", message="answers"),
        ]
        with Workspace.open(tmp_path / "w.duckdb", create=True) as workspace:
            workspace.add([], items)
            assert workspace.skipped() == [items[2], items[1], items[3], items[0]]

    def test_columns_can_be_queried_without_this_program(self, db: Path) -> None:
        with duckdb.connect(str(db), read_only=True) as connection:
            rows = connection.execute(
                "SELECT candidate, community, election_id, contest_id, submitted, record->>'$.candidate.name'"
                " FROM statements ORDER BY candidate"
            ).fetchall()
        scope = ("Tarnfold", "tarnfold/2025-03", "tarnfold/2025-03/council", "2025-03-04T10:00:00Z")
        assert rows == [("Ines Moreau", *scope, "Ines Moreau"), ("Tomas Brandt", *scope, "Tomas Brandt")]

    @settings(max_examples=15, deadline=None)
    @given(
        text=st.text(alphabet=st.characters(codec=None), max_size=60),
        name=st.text(st.characters(codec=None), max_size=9),
    )
    def test_any_text_survives_but_for_lone_surrogates(
        self, tmp_path_factory: pytest.TempPathFactory, text: str, name: str
    ) -> None:
        record = statement(name, text, path=f"{name}.txt")
        with Workspace.open(tmp_path_factory.mktemp("w") / "w.duckdb", create=True) as workspace:
            workspace.add([record], [Skipped(path=name, code="binary", message=text)])
            [found] = workspace.records()
            [left_out] = workspace.skipped()
        clean = "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text)
        assert found.text == left_out.message == clean
        assert len(found.candidate.name or "") == len(name)

    def test_more_rows_than_one_insert_takes(self, tmp_path: Path) -> None:
        records = [statement(f"Candidate {n}", index=n) for n in range(2 * BATCH + 1)]
        with Workspace.open(tmp_path / "w.duckdb", create=True) as workspace:
            assert workspace.add(records, [reply(n) for n in range(5000, 5000 + BATCH + 1)]) == len(records)
            assert len(workspace.records()) == len(records)
            assert len(workspace.skipped()) == BATCH + 1


class TestAddingAgain:
    def test_adds_nothing(self, db: Path) -> None:
        with Workspace.open(db) as workspace:
            before = workspace.records(), workspace.skipped()
            assert workspace.add([statement("Tomas Brandt", index=1), full("Ines Moreau")], [reply(2)]) == 0
            assert (workspace.records(), workspace.skipped()) == before

    def test_counts_only_what_is_new(self, db: Path) -> None:
        with Workspace.open(db) as workspace:
            assert workspace.add([full("Ines Moreau"), statement("Yuki Sato", index=7)]) == 1

    def test_the_same_statement_twice_in_one_run_is_one(self, tmp_path: Path) -> None:
        with Workspace.open(tmp_path / "w.duckdb", create=True) as workspace:
            assert workspace.add([statement(), statement()], [reply(3), reply(3)]) == 1
            assert len(workspace.records()) == len(workspace.skipped()) == 1

    @pytest.mark.parametrize("change", [{"sha256": "c" * 64}, {"precision": "int8"}])
    def test_known_statements_are_those_of_the_present_pipeline(self, db: Path, change: dict[str, str]) -> None:
        ids = [full("Ines Moreau").id, "nobody's", "\ud800"]
        with Workspace.open(db) as workspace:
            assert workspace.known(ids) == {ids[0]: full("Ines Moreau").election}
            workspace.set_pipeline(PIPELINE.model_copy(update=change))
            assert workspace.known(ids) == {}

    def test_a_newer_pipeline_replaces_a_record(self, db: Path) -> None:
        newer = PIPELINE.model_copy(update={"sha256": "c" * 64})
        better = full("Ines Moreau").model_copy(update={"roles": []})
        with Workspace.open(db) as workspace:
            workspace.set_pipeline(newer)
            assert workspace.add([better]) == 0
            assert set(workspace.known([better.id])) == {better.id}
        with Workspace.open(db, read_only=True) as workspace:
            assert [r.roles for r in workspace.records() if r.id == better.id] == [[]]
            assert len(workspace.records()) == 2
            assert workspace.pipeline == newer

    def test_a_message_that_a_newer_pipeline_cleans_otherwise_stays_one_statement(self, db: Path) -> None:
        old = statement("Tomas Brandt", index=1)
        cleaned = old.model_copy(update={"id": "another", "text": old.text + " Thank you."})
        with Workspace.open(db) as workspace:
            workspace.set_pipeline(PIPELINE.model_copy(update={"sha256": "c" * 64}))
            assert workspace.add([cleaned]) == 0
            ids = {record.id for record in workspace.records()}
        assert ids == {"another", full("Ines Moreau").id}

    def test_two_statements_of_one_message_stay_two(self, tmp_path: Path) -> None:
        one = statement("Tomas Brandt")
        other = one.model_copy(update={"id": "another", "text": "Something else."})
        with Workspace.open(tmp_path / "w.duckdb", create=True) as workspace:
            workspace.set_pipeline(PIPELINE)
            assert workspace.add([one]) == 1
            assert workspace.add([other]) == 1

    def test_a_place_has_one_reason_to_be_skipped(self, db: Path) -> None:
        with Workspace.open(db) as workspace:
            workspace.add([], [reply(2, "traffic", "no candidacy")])
            assert workspace.skipped() == [reply(2, "traffic", "no candidacy")]

    def test_what_became_a_statement_is_skipped_no_more(self, db: Path) -> None:
        with Workspace.open(db) as workspace:
            kept = statement("Ada Weiss", index=2, decision=Decision(label="reply", score=0.9))
            workspace.add([kept])
            assert workspace.skipped() == []
            workspace.add([], [reply(2)])
            assert workspace.skipped() == []

    def test_a_resent_copy_is_listed_beside_the_statements(self, db: Path) -> None:
        with Workspace.open(db) as workspace:
            workspace.add([], [reply(1, "duplicate", "sent before")])
            assert workspace.skipped() == [reply(1, "duplicate", "sent before"), reply(2)]


class TestUnfinished:
    """Statements of a run that has not come to its end."""

    @pytest.fixture
    def waiting(self, db: Path) -> list[str]:
        records = [statement(name, index=n, election_id=None) for n, name in enumerate(["Yuki Sato", "Ada Weiss"], 20)]
        with Workspace.open(db) as workspace:
            workspace.set_pipeline(PIPELINE)
            workspace.add(records, pending=True)
        return sorted(record.id for record in records)

    def test_wait_for_elections_and_then_for_vectors(self, db: Path, waiting: list[str]) -> None:
        name, id_ = "Tarnfold", "tarnfold/2025-03"
        election = Election(id=id_, community=name, community_canonical=name, cycle="2025-03")
        with Workspace.open(db) as workspace:
            assert (workspace.pending(settled=False), workspace.pending(settled=True)) == (waiting, [])
            whole = {record.id: record for record in workspace.records(waiting)}
            workspace.settle(dict.fromkeys(waiting, election))
            assert (workspace.pending(settled=False), workspace.pending(settled=True)) == ([], waiting)
            assert {record.id: record for record in workspace.records(waiting)} == {
                id_: record.model_copy(update={"election": election}) for id_, record in whole.items()
            }
            workspace.finish(Filing())
            assert workspace.pending(settled=True) == []
            assert set(workspace.known(waiting)) == set(waiting), "they are still of the pipeline that made them"
        with duckdb.connect(str(db), read_only=True) as connection:
            elections = connection.execute("SELECT DISTINCT election_id, community FROM statements").fetchall()
        assert elections == [("tarnfold/2025-03", "Tarnfold")]

    def test_met_again_before_the_end_are_the_same(self, db: Path, waiting: list[str]) -> None:
        with Workspace.open(db) as workspace:
            before = workspace.records()
            assert workspace.add([r for r in before if r.id in waiting], pending=True) == 0
            assert workspace.records() == before and workspace.pending(settled=False) == waiting

    def test_outlines_hold_what_elections_go_by_and_no_text(self, db: Path, waiting: list[str]) -> None:
        with Workspace.open(db, read_only=True) as workspace:
            records, outlines = workspace.records(), workspace.outlines()
            assert [record.id for record in workspace.outlines(finished=True)] == [
                record.id for record in records if record.id not in waiting
            ]
        for record, outline in zip(records, outlines, strict=True):
            assert (outline.id, outline.submitted, outline.source, outline.election, outline.candidate) == (
                (record.id, record.submitted, record.source, record.election, record.candidate)
            )
            assert not outline.text and not outline.roles and not outline.focus_areas and not outline.summary.text

    def test_a_workspace_of_before_there_were_any_is_taken_as_finished(self, db: Path) -> None:
        with duckdb.connect(str(db)) as connection:
            connection.execute("DROP TABLE pending")
        with Workspace.open(db, read_only=True) as workspace:
            assert len(workspace.records()) == 2
        with Workspace.open(db) as workspace:
            assert workspace.pending(settled=False) == workspace.pending(settled=True) == []

    def test_a_workspace_of_before_mails_were_remembered_has_none(self, db: Path) -> None:
        with duckdb.connect(str(db)) as connection:
            connection.execute("DROP TABLE mails")
        with Workspace.open(db, read_only=True) as workspace:
            assert (workspace.mails(), workspace.successors()) == ([], {})
        with Workspace.open(db) as workspace:
            assert workspace._has("mails")

    def test_what_gives_way_is_removed_with_what_is_told_of_it(self, db: Path) -> None:
        with Workspace.open(db) as workspace:
            [new, old] = sorted(workspace.records(), key=lambda record: record.candidate.name or "")
            mails = {
                record.id: Kept(
                    **record.source.model_dump(include={"path", "member", "index", "sha256"}), id=record.id, mail=True,
                    mail_id=None, submitted=record.submitted, folder=None, name=(), addresses=(), contest={}, terms=(),
                    says_so=False, words=b"\xff", sketch=bytes(range(256)),
                )
                for record in (old, new)
            }  # fmt: skip
            mails[old.id].by, mails[new.id].corrects = new.id, old.id
            skipped, note = reply(1, "corrected"), Warning_(code="correction", message="corrects it")
            changes = [Change(mails[old.id], skipped, None), Change(mails[new.id], None, note)]
            assert workspace.add([], [reply(1, "traffic")], changes=changes) == -1
            [kept] = workspace.records()
            assert kept == new.model_copy(update={"warnings": [note]})
            assert skipped in workspace.skipped() and reply(1, "traffic") not in workspace.skipped()
            assert {kept.id: kept for kept in workspace.mails()} == mails
            assert workspace.successors() == {old.id: new.id}
            workspace.add([], changes=changes)
            assert workspace.records() == [kept]
            workspace._connection.execute("DELETE FROM statements")
            assert workspace.mails() == [], "of statements that are not here nothing is a copy"

    def test_where_a_known_statement_stands_nothing_is_skipped(self, db: Path) -> None:
        found = statement("Tomas Brandt", index=1)
        with Workspace.open(db) as workspace:
            workspace.add([], [reply(1, "document", "read without its subject")])
            workspace.add([], again=[found.source])
            assert workspace.skipped() == [reply(2)]

    def test_what_is_skipped_again_is_not_written_again(self, db: Path) -> None:
        many = [reply(n) for n in range(3, 900)]
        with Workspace.open(db) as workspace:
            workspace.add([], many)
            rows = "SELECT rowid FROM skipped ORDER BY rowid"
            before = workspace._rows(rows)
            workspace.add([], [*many[:-1], reply(899, "traffic", "no candidacy")])
            after = workspace._rows(rows)
            assert len(before) == len(after) == workspace.count_skipped() and len(set(after) - set(before)) == 1


class TestAllOrNothing:
    def test_an_error_on_the_way_leaves_the_workspace_as_it_was(self, db: Path) -> None:
        def broken() -> Iterator[StatementRecord]:
            yield statement("Yuki Sato", index=9)
            raise KeyboardInterrupt

        with Workspace.open(db) as workspace:
            with pytest.raises(KeyboardInterrupt):
                workspace.add(broken(), [reply(4)])
            assert len(workspace.records()) == 2
            assert workspace.add([statement("Yuki Sato", index=9)]) == 1

    def test_an_error_while_storing_takes_back_what_was_stored(self, db: Path) -> None:
        with Workspace.open(db) as workspace:
            workspace._connection.execute("DROP TABLE skipped")
            with pytest.raises(CandidacyError, match=r"candidacy\.duckdb: the workspace failed: .*skipped") as caught:
                workspace.add([statement("Yuki Sato", index=9)], [reply(4)])
            assert "\n" not in str(caught.value)
            assert len(workspace.records()) == 2

    @pytest.mark.skipif(os.name != "posix", reason="kills a process with SIGKILL")
    @pytest.mark.parametrize("when", ["while records come", "before the commit", "after the commit"])
    def test_a_killed_run_leaves_all_or_nothing(self, db: Path, when: str) -> None:
        killed = other_process(
            db,
            f"""
            import os, signal
            from contextlib import contextmanager
            def die(): os.kill(os.getpid(), signal.SIGKILL)
            def records():
                for n in range(1200):
                    if n == 1100 and {when!r} == "while records come": die()
                    yield statement(f"Candidate {{n}}", index=100 + n)
            workspace = Workspace.open(path)
            if {when!r} == "before the commit":
                class Connection:
                    def __init__(self, real): self.real = real
                    def __getattr__(self, name): return die if name == "commit" else getattr(self.real, name)
                workspace._connection = Connection(workspace._connection)
            workspace.add(records())
            die()
            """,
        )
        assert killed.wait() == -signal.SIGKILL
        # What was committed may still stand in the log beside the file; a reader sees it all the same.
        with Workspace.open(db, read_only=True) as workspace:
            assert len(workspace.records()) == (1202 if when == "after the commit" else 2)
        with Workspace.open(db) as workspace:
            assert workspace.add([statement("Yuki Sato", index=9)]) == 1

    @pytest.mark.skipif(os.name != "posix", reason="kills a process with SIGKILL")
    def test_killed_again_and_again_while_it_commits_it_opens_and_holds_whole_chunks(self, db: Path) -> None:
        chance = random.Random(0)
        before = 2
        for attempt in range(5):
            writer = other_process(
                db,
                f"""
                workspace = Workspace.open(path)
                # The log is written into the file every few commits, so that some are killed at that, too.
                workspace._connection.execute("SET checkpoint_threshold = '32KB'")
                for chunk in range(10**6):
                    names = [f"Candidate {attempt} {{chunk}} {{n}}" for n in range(3)]
                    left_out = [Skipped(path=f"{{name}}.txt", code="reply", message="") for name in names]
                    workspace.add([statement(name, path=f"{{name}} yes") for name in names], left_out, pending=True)
                    print(chunk, flush=True)
                """,
            )
            assert writer.stdout
            chunks = chance.randrange(3, 40)
            for _ in range(chunks):
                assert writer.stdout.readline()
            time.sleep(chance.random() / 50)
            writer.kill()
            more, _ = writer.communicate()
            told = chunks + more.count("\n")
            for read_only in (True, False):
                with Workspace.open(db, read_only=read_only) as workspace:
                    held = len(workspace.records())
                    # The last commit may have been killed before it could be told.
                    assert held - before in (3 * told, 3 * (told + 1))
                    assert len(workspace.skipped()) == workspace.count_skipped() == held - 1
                    assert len(workspace.pending(settled=False)) == held - 2
            before = held

    @pytest.mark.skipif(os.name != "posix", reason="kills a process with SIGKILL")
    def test_a_run_killed_while_it_makes_the_file_leaves_none(self, tmp_path: Path) -> None:
        path = tmp_path / "w.duckdb"
        killed = other_process(
            path,
            """
            import os, signal
            from analyzer import store
            store._check = lambda *args, **options: os.kill(os.getpid(), signal.SIGKILL)
            Workspace.open(path, create=True)
            """,
        )
        assert killed.wait() == -signal.SIGKILL
        assert not path.exists()
        with Workspace.open(path, create=True) as workspace:
            assert workspace.add([statement()]) == 1

    def test_a_new_workspace_leaves_nothing_beside_it(self, tmp_path: Path) -> None:
        Workspace.open(tmp_path / "w.duckdb", create=True).close()
        assert [file.name for file in tmp_path.iterdir()] == ["w.duckdb"]

    def test_a_run_killed_before_the_tables_were_made_is_no_obstacle(self, tmp_path: Path) -> None:
        path = tmp_path / "w.duckdb"
        duckdb.connect(str(path)).close()
        assert "holds nothing yet" in refusal(path, read_only=True)
        assert "candidacy analyze" in refusal(path)
        with Workspace.open(path, create=True) as workspace:
            assert workspace.add([statement()]) == 1


class TestRefusals:
    def test_there_is_none(self, tmp_path: Path) -> None:
        path = tmp_path / "none.duckdb"
        for options in ({}, {"read_only": True}, {"create": True, "read_only": True}):
            assert f"candidacy analyze SOURCE… --db {path}" in refusal(path, **options)
        assert not path.exists()

    def test_its_folder_is_missing(self, tmp_path: Path) -> None:
        assert "no folder" in refusal(tmp_path / "missing" / "w.duckdb", create=True)

    def test_a_folder(self, tmp_path: Path) -> None:
        assert "is a folder" in refusal(tmp_path, create=True)

    def test_a_file_as_folder(self, db: Path) -> None:
        assert "no folder" in refusal(db / "w.duckdb", create=True)

    def test_a_name_too_long(self, tmp_path: Path) -> None:
        assert "name too long" in refusal(tmp_path / ("w" * 300), create=True)

    @pytest.mark.parametrize("content", [b"", b"From ines Mon Mar  3 2025\n\nHello\n", bytes(range(256)) * 80])
    def test_a_file_that_is_not_duckdb(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "w.duckdb"
        path.write_bytes(content)
        assert "not a workspace" in refusal(path, create=True)
        assert path.read_bytes() == content

    def test_a_damaged_workspace(self, db: Path) -> None:
        content = db.read_bytes()
        db.write_bytes(content[:8192] + bytes(len(content) - 8192))
        with (
            pytest.raises(CandidacyError, match=r"^.*candidacy\.duckdb: .+$"),
            Workspace.open(db) as workspace,
        ):
            workspace.records()

    @pytest.mark.parametrize(
        "content",
        [
            "CREATE TABLE accounts (id INTEGER)",
            "CREATE TABLE meta (key VARCHAR, value VARCHAR); INSERT INTO meta VALUES ('version', '1')",
            "CREATE TABLE meta (id INTEGER)",
            "CREATE VIEW numbers AS SELECT 1",
        ],
    )
    def test_a_database_of_something_else(self, tmp_path: Path, content: str) -> None:
        path = tmp_path / "w.duckdb"
        with duckdb.connect(str(path)) as connection:
            connection.execute(content)
        before = path.read_bytes()
        for options in ({"create": True}, {"read_only": True}):
            assert "not a workspace of this program" in refusal(path, **options)
        assert path.read_bytes() == before

    def test_another_version(self, db: Path) -> None:
        with duckdb.connect(str(db)) as connection:
            connection.execute("UPDATE meta SET value = '7' WHERE key = 'candidacy-workspace'")
        line = refusal(db, create=True)
        assert "of version 7" in line and "reads version 1" in line and "another --db" in line

    def test_a_record_of_another_version(self, db: Path) -> None:
        with duckdb.connect(str(db)) as connection:
            connection.execute("UPDATE statements SET record = '{}' WHERE candidate = 'Ines Moreau'")
        with (
            Workspace.open(db, read_only=True) as workspace,
            pytest.raises(WorkspaceError, match=r"cannot read .*another --db"),
        ):
            workspace.records()

    def test_no_permission(self, locked: Path) -> None:
        for path in (locked / "w.duckdb", locked / "file"):
            assert "no permission" in refusal(path, create=True)
        assert "no permission" in refusal(locked / "file", read_only=True)

    def test_another_process_writes_to_it(self, db: Path) -> None:
        writer = other_process(db, "workspace = Workspace.open(path)\nprint('ready', flush=True)\ninput()")
        try:
            assert writer.stdout and writer.stdout.readline() == "ready\n"
            for options in ({}, {"read_only": True}, {"create": True}):
                line = refusal(db, **options)
                assert f"locked, for another process ({writer.pid})" in line and "another --db" in line
        finally:
            writer.communicate("\n")
        Workspace.open(db).close()

    def test_two_processes_may_read_and_none_may_write_meanwhile(self, db: Path) -> None:
        reader = other_process(
            db, "workspace = Workspace.open(path, read_only=True)\nprint('ready', flush=True)\ninput()"
        )
        try:
            assert reader.stdout and reader.stdout.readline() == "ready\n"
            with Workspace.open(db, read_only=True) as workspace:
                assert len(workspace.records()) == 2
            assert "locked" in refusal(db)
        finally:
            reader.communicate("\n")

    def test_this_process_has_it_open_already(self, db: Path) -> None:
        with Workspace.open(db, read_only=True):
            assert "locked" in refusal(db)

    def test_a_name_that_duckdb_has_another_meaning_for(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        with Workspace.open(Path(":memory:"), create=True) as workspace:
            workspace.add([statement()])
        assert (tmp_path / ":memory:").is_file()

    def test_a_reader_does_not_write(self, db: Path) -> None:
        with Workspace.open(db, read_only=True) as workspace:
            for write in (
                lambda: workspace.add([statement()]),
                lambda: workspace.set_pipeline(EMBEDDINGS),
            ):
                with pytest.raises(WorkspaceError, match="reading only"):
                    write()


class TestVectors:
    def test_are_kept_by_key_and_stored_once(self, db: Path) -> None:
        many = {f"{n:064x}": bytes([n % 256, 1]) for n in range(BATCH + 3)}
        with Workspace.open(db) as workspace:
            workspace.set_model(EMBEDDINGS)
            workspace.save_vectors(many)
            workspace.save_vectors(many)
            workspace.save_vectors({})
        with Workspace.open(db, read_only=True) as workspace:
            workspace.set_model(EMBEDDINGS)
            assert workspace.load_vectors([*many, "unknown"]) == many
            assert workspace.load_vectors([]) == {}

    def test_of_a_reader_live_as_long_as_it(self, db: Path) -> None:
        with Workspace.open(db, read_only=True) as workspace:
            workspace.set_model(EMBEDDINGS)
            workspace.save_vectors({"key": b"vector"})
            assert workspace.load_vectors(["key", "other"]) == {"key": b"vector"}
        with Workspace.open(db, read_only=True) as workspace:
            workspace.set_model(EMBEDDINGS)
            assert workspace.load_vectors(["key"]) == {}

    def test_of_two_models_never_mix(self, db: Path) -> None:
        other = EMBEDDINGS.model_copy(update={"name": "other-model", "sha256": "d" * 64})
        for read_only in (False, True):
            with (
                Workspace.open(db, read_only=read_only) as workspace,
                pytest.raises(WorkspaceError) as caught,
            ):
                workspace.set_model(other)
            line = str(caught.value)
            assert "some-model" in line and "other-model" in line and "'--model some-model'" in line and "--db" in line

    def test_the_same_weights_under_another_name_are_the_same_model(self, db: Path) -> None:
        with Workspace.open(db) as workspace:
            workspace.set_model(EMBEDDINGS.model_copy(update={"name": "/models/some"}))
            assert workspace.model == EMBEDDINGS

    def test_a_reader_may_use_a_model_where_none_is_stored(self, tmp_path: Path) -> None:
        path = tmp_path / "w.duckdb"
        Workspace.open(path, create=True).close()
        with Workspace.open(path, read_only=True) as workspace:
            assert workspace.model is None
            workspace.set_model(EMBEDDINGS)
            assert workspace.model == EMBEDDINGS
        with Workspace.open(path, read_only=True) as workspace:
            assert workspace.model is None

    def test_without_a_model_are_a_mistake_of_the_program(self, db: Path) -> None:
        with Workspace.open(db) as workspace:
            with pytest.raises(RuntimeError, match="set_model"):
                workspace.save_vectors({"key": b"vector"})
            with pytest.raises(RuntimeError, match="set_model"):
                workspace.load_vectors(["key"])
