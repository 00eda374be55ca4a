"""The export: what the document holds, that it is written whole or not at all, and its schema."""

import csv
import errno
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import duckdb
import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented import EMBEDDINGS, PIPELINE, full, statement

from analyzer import __version__, exporting, tables, workflow
from analyzer.directory import Directory
from analyzer.errors import UserError
from analyzer.exporting import FORMATS, MARK, VIEWS, as_json, document, redacted, schema, write
from analyzer.records import Export, Skipped, Topic, Warning_

FOLDERS = ("csv", "parquet")


def reply(index: int = 7, path: str = "tarnfold/2025-March.txt") -> Skipped:
    return Skipped(path=path, index=index, code="reply", message="answers “somebody”,\nat length")


@pytest.fixture(scope="module")
def export() -> Export:
    """A document with something of every kind."""
    records = [
        full("Ines Moreau", emails=["ines@moreau.example"], handles={"irc": "imo"}),
        full("Łukasz 'Ż' Żurawski, \"x\"", index=1, warnings=[Warning_(code="wrong-charset", message="was latin-2")]),
        statement(None, 'No name,\r\n"quotes" — and 😀\n', election_id=None, submitted=None, index=2),
        full("Moreau, Ines", index=3, election_id="tarnfold/2026-03"),
    ]
    topics = [Topic(id="t1", label="reviews", phrases=["reviews within a day", "faster reviews"], statements=2)]
    return document(records, models=[PIPELINE, EMBEDDINGS], skipped=[reply()], topics=topics)


def written(export: Export, format: str, target: Path) -> Path:
    write(export, format, target)
    return target


def content(target: Path) -> bytes | dict[str, bytes]:
    """Return the bytes of a file, or of every file of a folder."""
    if target.is_file():
        return target.read_bytes()
    return {str(path.relative_to(target)): path.read_bytes() for path in target.rglob("*") if path.is_file()}


def refusal(export: Export, format: str, target: Path | None, **options: Any) -> str:
    with pytest.raises(UserError) as caught:
        write(export, format, target, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


class TestDocument:
    def test_says_what_made_it(self, export: Export) -> None:
        assert export.generator.name == "candidacy-analyzer"
        assert export.generator.version == __version__
        assert export.generator.models == [PIPELINE, EMBEDDINGS]

    def test_the_version_is_that_of_the_distribution(self) -> None:
        try:
            installed = metadata.version("candidacy-analyzer")
        except metadata.PackageNotFoundError:
            pytest.skip("run from a checkout that is not installed")
        assert installed == __version__

    def test_keeps_the_order_of_the_records(self) -> None:
        records = [statement(name, index=n) for n, name in enumerate(["Yuki Sato", "Ines Moreau", "Tomas Brandt"])]
        assert [record.id for record in document(iter(records), models=[]).statements] == [r.id for r in records]

    def test_names_people_and_elections(self, export: Export) -> None:
        directory = Directory(export.statements)
        assert export.people == directory.people and len(export.people) == 2
        assert export.elections == directory.elections and len(export.elections) == 2
        ids = [record.candidate.id for record in export.statements]
        assert ids == ["ines-moreau", "x-lukasz-z-zurawski", None, "ines-moreau"]

    def test_leaves_the_records_it_was_given_alone(self) -> None:
        record = statement()
        document([record], models=[])
        assert record.candidate.id is None

    def test_links_equal_texts_of_different_contests_to_the_first(self) -> None:
        same = "I stand for both."
        records = [
            statement("Ines Moreau", same, contest_id="tarnfold/2025-03/docs", submitted="2025-03-05", index=1),
            statement("Ines Moreau", same, contest_id="tarnfold/2025-03/build", submitted="2025-03-04", index=2),
            statement("Ines Moreau", same, contest_id="tarnfold/2025-03/web", submitted=None, index=3),
            statement("Ines Moreau", "Something else.", index=4),
            statement("Yuki Sato", "", index=5),
            statement("Tomas Brandt", "", index=6),
        ]
        made = document(records, models=[]).statements
        target = records[2].id
        assert [record.same_text_as for record in made] == [target, target, None, None, None, None]

    def test_of_nothing_is_a_document_too(self) -> None:
        made = document([], models=[])
        assert (made.statements, made.people, made.elections, made.topics, made.skipped) == ([], [], [], [], [])

    def test_can_be_written_whatever_file_names_and_headers_hold(self, tmp_path: Path) -> None:
        broken = document([statement("\udce9", path="\udcff.txt")], models=[], skipped=[reply(path="\udcff")])
        for format in FORMATS:
            write(broken, format, tmp_path / format)
        assert broken.statements[0].source.path == "\ufffd.txt"


class TestFormats:
    def test_json_is_the_document(self, export: Export, tmp_path: Path) -> None:
        text = written(export, "json", tmp_path / "out.json").read_text(encoding="utf-8")
        assert text.endswith("}\n") and "Łukasz" in text
        assert Export.model_validate_json(text) == Export.model_validate_json(export.model_dump_json())

    def test_jsonl_is_the_document_without_lists_then_a_statement_a_line(self, export: Export, tmp_path: Path) -> None:
        head, *lines = written(export, "jsonl", tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
        whole = json.loads(export.model_dump_json())
        assert json.loads(head) == {key: whole[key] for key in ("schema_version", "generator")}
        assert [json.loads(line) for line in lines] == whole["statements"]

    @given(st.text(alphabet='a\n\r\x85\u2028\u2029\v\f\x1c"\\'))
    def test_a_statement_never_breaks_its_line(self, text: str) -> None:
        stream = io.BytesIO()
        exporting.write_jsonl(document([statement(text=text)], models=[]), stream)
        _, line = stream.getvalue().decode().splitlines()
        assert json.loads(line)["text"] == text

    def test_csv_holds_every_kind_of_thing(self, export: Export, tmp_path: Path) -> None:
        folder = written(export, "csv", tmp_path / "out")
        assert {path.name for path in folder.iterdir()} == {f"{name}.csv" for name in tables.TABLES} | {MARK}
        rows = {}
        for name in tables.TABLES:
            with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
                rows[name] = list(csv.DictReader(stream))
            assert rows[name], name
        first, _, last, _ = rows["statements"]
        record = export.statements[0]
        assert (first["id"], first["candidate"], first["text"]) == (record.id, "Ines Moreau", record.text)
        assert (first["decision_score"], first["path"], first["index"]) == ("0.988", record.source.path, "0")
        assert (last["candidate"], last["submitted"], last["text"]) == ("", "", export.statements[2].text)
        [role, *_] = rows["roles"]
        assert role["statement"] == record.id
        assert record.text[int(role["start"]) : int(role["end"])] == role["text"] == role["title"] == "build engineer"
        assert role["organization_text"] == "Quillworks"
        assert rows["emails"] == [{"statement": record.id, "address": "ines@moreau.example", "source": "header"}]
        assert rows["handles"] == [{"statement": record.id, "service": "irc", "handle": "imo"}]
        assert rows["contests"][0]["election"] == "tarnfold/2025-03"
        assert rows["topic_phrases"][1] == {"topic": "t1", "position": "1", "phrase": "faster reviews"}
        assert rows["skipped"] == [
            {"path": reply().path, "member": "", "index": "7", "code": "reply", "message": reply().message}
        ]

    def test_parquet_holds_the_same_with_types_and_nulls(self, export: Export, tmp_path: Path) -> None:
        by_csv, by_parquet = written(export, "csv", tmp_path / "c"), written(export, "parquet", tmp_path / "p")
        assert {path.name for path in by_parquet.iterdir()} == {f"{name}.parquet" for name in tables.TABLES} | {MARK}
        for name, table in tables.TABLES.items():
            read = duckdb.sql(f"SELECT * FROM '{by_parquet / name}.parquet'")
            assert dict(zip(read.columns, map(str, read.types), strict=True)) == table.columns
            with (by_csv / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
                _, *rows = csv.reader(stream)
            assert [["" if cell is None else str(cell) for cell in row] for row in read.fetchall()] == rows

    def test_empty_tables_keep_their_columns(self, tmp_path: Path) -> None:
        folder = written(document([], models=[]), "parquet", tmp_path / "out")
        for name, table in tables.TABLES.items():
            assert duckdb.sql(f"SELECT * FROM '{folder / name}.parquet'").columns == list(table.columns)

    def test_tables_leave_out_nothing_that_json_has(self, export: Export) -> None:
        """Every value of the document is in a cell, but for what is in the mark."""
        cells = {
            str(cell)
            for table in tables.TABLES.values()
            for row in table.rows(export.model_dump(mode="json"))
            for cell in row
        }

        def values(value: Any) -> list[str]:
            if isinstance(value, dict):
                return [found for item in value.values() for found in values(item)]
            if isinstance(value, list):
                return [found for item in value for found in values(item)]
            return [str(value)] if value not in (None, "") else []

        whole = export.model_dump(mode="json", exclude={"generator", "schema_version"})
        assert {value for value in values(whole) if value not in cells} == set()

    def test_many_rows(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tables, "BATCH", 64)
        many = document([statement(f"Candidate {n}", index=n) for n in range(tables.BATCH + 1)], models=[])
        folder = written(many, "parquet", tmp_path / "out")
        ids = duckdb.sql(f"SELECT id FROM '{folder}/statements.parquet'").fetchall()
        assert [id_ for (id_,) in ids] == [record.id for record in many.statements]

    @pytest.mark.parametrize("format", FORMATS)
    def test_the_same_export_is_the_same_bytes(self, export: Export, format: str, tmp_path: Path) -> None:
        again = Export.model_validate(export.model_dump())
        assert content(written(export, format, tmp_path / "a")) == content(written(again, format, tmp_path / "b"))

    def test_the_same_in_another_process_whatever_its_hashes_and_locale(self, export: Export, tmp_path: Path) -> None:
        saved = written(export, "json", tmp_path / "out.json")
        code = (
            "from pathlib import Path; from analyzer.exporting import *; from analyzer.records import Export\n"
            f"export = Export.model_validate_json(Path({str(saved)!r}).read_bytes())\n"
            "write(redacted(export), 'json', None)"
        )
        made = [
            subprocess.run(
                [sys.executable, "-c", code],
                capture_output=True,
                check=True,
                cwd=tmp_path,
                env={
                    "PYTHONPATH": str(Path(__file__).parents[1]),
                    "PYTHONHASHSEED": seed,
                    "LC_ALL": "C",
                    "PYTHONUTF8": "0",
                    "PYTHONIOENCODING": "ascii",
                },
            ).stdout
            for seed in ("1", "2")
        ]
        assert made[0] == made[1] == as_json(redacted(export))


class TestStandardOutput:
    def test_is_utf8_whatever_the_stream_says(self, export: Export) -> None:
        for format in ("json", "jsonl"):
            raw = io.BytesIO()
            stream = io.TextIOWrapper(raw, encoding="ascii")
            write(export, format, None, stream)
            assert "Łukasz" in raw.getvalue().decode("utf-8")

    @pytest.mark.parametrize("format", FOLDERS)
    def test_takes_no_tables(self, export: Export, format: str) -> None:
        assert "give a folder for them with -o" in refusal(export, format, None)

    def test_tells_a_full_disk(self, export: Export) -> None:
        class Full(io.BytesIO):
            def write(self, data: Any) -> int:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        assert "standard output: cannot be written: No space left" in refusal(export, "json", None, stdout=Full())

    def test_leaves_a_closed_pipe_to_the_caller(self, export: Export) -> None:
        class Closed(io.BytesIO):
            def write(self, data: Any) -> int:
                raise BrokenPipeError(errno.EPIPE, "Broken pipe")

        with pytest.raises(BrokenPipeError):
            write(export, "json", None, Closed())


class TestWholeOrNotAtAll:
    @pytest.mark.parametrize("format", FORMATS)
    def test_an_earlier_export_is_replaced(self, export: Export, format: str, tmp_path: Path) -> None:
        target = written(document([], models=[]), format, tmp_path / "out")
        write(export, format, target)
        assert content(target) == content(written(export, format, tmp_path / "new"))
        assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "out"]

    def test_tables_of_one_format_replace_those_of_the_other(self, export: Export, tmp_path: Path) -> None:
        target = written(export, "csv", tmp_path / "out")
        write(export, "parquet", target)
        assert content(target) == content(written(export, "parquet", tmp_path / "new"))

    def test_an_empty_folder_is_filled(self, export: Export, tmp_path: Path) -> None:
        (tmp_path / "out").mkdir()
        write(export, "csv", tmp_path / "out")
        assert (tmp_path / "out" / "statements.csv").exists()

    @pytest.mark.parametrize("format", FORMATS)
    @pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(errno.ENOSPC, "No space left on device")])
    @pytest.mark.parametrize("before", ["nothing", "an export"])
    def test_a_failure_leaves_what_was_there(
        self,
        export: Export,
        format: str,
        error: BaseException,
        before: str,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        target = tmp_path / "out"
        if before == "an export":
            write(document([], models=[]), format, target)
        held = content(tmp_path)
        name = f"write_{format}"
        real: Callable[..., None] = getattr(exporting, name)

        def failing(export: Export, place: Any) -> None:
            real(export, place)
            raise error

        monkeypatch.setattr(exporting, name, failing)
        with pytest.raises((KeyboardInterrupt, UserError)) as caught:
            write(export, format, target)
        assert isinstance(error, KeyboardInterrupt) or "out: cannot be written: No space left" in str(caught.value)
        assert content(tmp_path) == held
        assert [path.name for path in tmp_path.iterdir()] == ([] if before == "nothing" else ["out"])

    @pytest.mark.parametrize("format", FORMATS)
    def test_a_failure_to_put_it_in_place_leaves_what_was_there(
        self, export: Export, format: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        target = written(document([], models=[]), format, tmp_path / "out")
        held = content(tmp_path)
        real = Path.rename
        refused: list[Path] = []

        def move(self: Path, other: Path) -> Any:
            if other == target and not refused:
                refused.append(self)
                raise PermissionError(errno.EACCES, "Permission denied")
            return real(self, other)

        monkeypatch.setattr(Path, "rename", move)
        monkeypatch.setattr(Path, "replace", move)
        assert "out: cannot be written" in refusal(export, format, target)
        assert content(tmp_path) == held
        assert [path.name for path in tmp_path.iterdir()] == ["out"]

    @pytest.mark.parametrize("format", FOLDERS)
    @pytest.mark.parametrize(
        "files",
        [
            {"notes.txt": "mine"},
            {"statements.csv": "mine"},
            {"document.json": "{}", "statements.csv": "mine"},
            {"document.json": "[]"},
            {"document.json": '{"generator": {"name": "candidacy-analyzer"}}', "notes.txt": "mine"},
        ],
    )
    def test_a_folder_of_something_else_is_left_alone(
        self, export: Export, format: str, files: dict[str, str], tmp_path: Path
    ) -> None:
        target = tmp_path / "out"
        target.mkdir()
        for name, text in files.items():
            (target / name).write_text(text)
        assert "holds other things than an export" in refusal(export, format, target)
        assert {path.name: path.read_text() for path in target.iterdir()} == files

    def test_a_link_stays_a_link(self, export: Export, tmp_path: Path) -> None:
        (tmp_path / "real").mkdir()
        (tmp_path / "file").symlink_to(tmp_path / "real" / "out.json")
        (tmp_path / "folder").symlink_to(tmp_path / "real" / "tables")
        write(export, "json", tmp_path / "file")
        write(export, "json", tmp_path / "file")
        write(export, "csv", tmp_path / "folder")
        write(export, "csv", tmp_path / "folder")
        assert (tmp_path / "file").is_symlink() and (tmp_path / "folder").is_symlink()
        assert sorted(path.name for path in (tmp_path / "real").iterdir()) == ["out.json", "tables"]

    @pytest.mark.skipif(os.name != "posix", reason="modes of POSIX files")
    def test_a_replaced_file_keeps_its_mode_and_a_new_one_has_the_usual(self, export: Export, tmp_path: Path) -> None:
        usual = tmp_path / "usual"
        usual.touch()
        target = written(export, "json", tmp_path / "out.json")
        assert target.stat().st_mode == usual.stat().st_mode
        target.chmod(0o600)
        write(export, "json", target)
        assert target.stat().st_mode & 0o777 == 0o600

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a named pipe")
    def test_a_pipe_is_written_to_and_not_replaced(self, export: Export, tmp_path: Path) -> None:
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE) as reader:
            write(export, "json", pipe)
            assert reader.stdout and reader.stdout.read() == as_json(export)
        assert pipe.is_fifo()

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
    def test_a_full_device(self, export: Export) -> None:
        assert refusal(export, "json", Path("/dev/full")) == "/dev/full: cannot be written: No space left on device"


class TestRefusals:
    def test_a_format_that_is_none(self, export: Export, tmp_path: Path) -> None:
        assert refusal(export, "xml", tmp_path / "out") == "xml: no such format: give one of json, jsonl, csv, parquet"

    @pytest.mark.parametrize("format", ["json", "jsonl"])
    def test_a_folder_for_a_file(self, export: Export, format: str, tmp_path: Path) -> None:
        assert f"{tmp_path}: is a folder" in refusal(export, format, tmp_path)

    @pytest.mark.parametrize("format", FOLDERS)
    def test_a_file_for_a_folder(self, export: Export, format: str, tmp_path: Path) -> None:
        (tmp_path / "out").write_text("mine")
        assert f"out: is a file: -o takes the name of a folder for --format {format}" in refusal(
            export, format, tmp_path / "out"
        )
        assert (tmp_path / "out").read_text() == "mine"

    @pytest.mark.parametrize("format", FORMATS)
    def test_a_missing_folder_around_it(self, export: Export, format: str, tmp_path: Path) -> None:
        line = refusal(export, format, tmp_path / "missing" / "out")
        assert f"there is no folder {tmp_path / 'missing'}: make it first" in line

    @pytest.mark.parametrize("format", FORMATS)
    def test_a_name_too_long(self, export: Export, format: str, tmp_path: Path) -> None:
        assert "too long" in refusal(export, format, tmp_path / ("x" * 300))
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("format", FORMATS)
    def test_no_permission(self, export: Export, format: str, locked: Path) -> None:
        assert refusal(export, format, locked / "out") == f"{locked / 'out'}: cannot be written: Permission denied"

    def test_a_table_that_duckdb_cannot_write(self, export: Export, tmp_path: Path) -> None:
        with pytest.raises(OSError, match=r"^[^\n]+$"):
            tables.write_parquet(export, tmp_path / "missing")


class TestSchema:
    @pytest.mark.parametrize("view", [None, *VIEWS])
    def test_is_valid_draft_2020_12(self, view: str | None) -> None:
        made = schema(view)
        assert made["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        jsonschema.Draft202012Validator.check_schema(made)
        json.dumps(made)

    def test_an_unknown_view_lists_the_views(self) -> None:
        with pytest.raises(UserError) as caught:
            schema("everything")
        assert str(caught.value) == (
            "everything: no such view: give one of extract, export, analyze, list, summarize, cluster, compare, "
            "diff, match, search, topics, trends, people, correct, fetch, evaluate"
        )

    def test_exports_are_valid(self, export: Export) -> None:
        validator = jsonschema.Draft202012Validator(schema())
        for made in (export, redacted(export), document([], models=[])):
            validator.validate(json.loads(as_json(made)))

    def test_listings_are_valid(self, export: Export) -> None:
        listing = Directory(export.statements).listing(skipped=1)
        jsonschema.Draft202012Validator(schema("list")).validate(json.loads(as_json(listing)))

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            (["statements", 0, "roles", 0, "status"], "former"),
            (["statements", 0, "text"], None),
            (["statements", 0, "blocks", 0, "start"], -1),
            (["schema_version"], 1),
            (["people"], {}),
        ],
    )
    def test_what_breaks_the_contract_is_not(self, export: Export, path: list[Any], value: Any) -> None:
        data = json.loads(as_json(export))
        place = data
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value
        assert not jsonschema.Draft202012Validator(schema()).is_valid(data)

    def test_a_field_that_is_missing_breaks_the_contract_and_a_new_one_does_not(self, export: Export) -> None:
        validator = jsonschema.Draft202012Validator(schema())
        data = json.loads(as_json(export))
        data["statements"][0]["mood"] = "sunny"
        assert validator.is_valid(data)
        del data["statements"][0]["submitted"]
        assert not validator.is_valid(data)

    @pytest.mark.parametrize("view", VIEWS)
    def test_is_that_of_what_the_verb_returns(self, view: str) -> None:
        verb = {"list": "listing", "correct": "corrections"}.get(view, view)
        _, name, many = VIEWS[view]
        returned = getattr(workflow, verb).__annotations__["return"]
        assert returned in (f"list[{name}]" if many else name, f"tuple[{name}, Account]")


def test_lists_of_records_are_json_too(export: Export) -> None:
    made = json.loads(as_json(export.people))
    assert made == [json.loads(person.model_dump_json()) for person in export.people]
    assert as_json([]) == b"[]\n"


@settings(deadline=None, max_examples=25)
@given(names=st.lists(st.one_of(st.none(), st.text(min_size=1, max_size=8)), max_size=6), text=st.text(max_size=20))
def test_any_records_make_a_valid_document(names: list[str | None], text: str) -> None:
    records = [statement(name, text, index=n, submitted=None) for n, name in enumerate(names)]
    made = document(records, models=[])
    jsonschema.Draft202012Validator(schema()).validate(json.loads(as_json(made)))
    people = {person.id for person in made.people}
    assert {record.candidate.id for record in made.statements} - {None} == people
    assert sorted(id_ for person in made.people for id_ in person.statements) == sorted(
        record.id for record in made.statements if record.candidate.id
    )
