"""The program as its users meet it: help, errors, and the whole way from a mailbox to each answer.

Everything here runs the real entry point on small invented mailboxes; nothing of the program is replaced, but
where a test says so to provoke an error that no input can.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest
import typer.main

from analyzer import workflow
from analyzer.__main__ import program

ROOT = Path(__file__).resolve().parents[1]
cli = program()
COMMAND = typer.main.get_command(cli.app)
VERBS = (
    "extract", "analyze", "list", "summarize", "cluster", "compare", "diff", "match", "search", "topics", "trends",
    "export", "schema", "people", "correct", "fetch", "evaluate",
)  # fmt: skip
VIEWS = {
    "list": ["list"],
    "summarize": ["summarize"],
    "cluster": ["cluster"],
    "compare": ["compare", "Orla Venn", "Bastian Krull"],
    "diff": ["diff", "Orla Venn"],
    "search": ["search", "reproducible", "releases"],
    "topics": ["topics", "reviews"],
    "trends": ["trends", "--topic", "reproducible"],
}
HEAVY = {"duckdb", "requests", "sentence_transformers", "sklearn", "spacy", "tenacity", "torch", "transformers"}
ANSI = re.compile(r"\x1b")


class Result(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Result]


def assert_refused(result: Result, words: Sequence[str]) -> None:
    """One line on standard error says what is wrong, with these words; nothing else is written."""
    assert result.code == 2 and result.out == ""
    assert re.fullmatch(r"candidacy: .+\n", result.err)
    assert all(word in result.err for word in words)


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run the program in this process, in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def run_(*args: str | Path, stdin: bytes = b"") -> Result:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = cli.main([str(arg) for arg in args])
        captured = capfd.readouterr()
        return Result(code, captured.out, captured.err)

    return run_


def start(*args: str, cwd: Path, **more: Any) -> subprocess.CompletedProcess[str]:
    """Run the program as a process of its own, with an empty home and hardly an environment."""
    home = cwd / "empty-home"
    home.mkdir(exist_ok=True)
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), *args],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        **more,
    )


# --- help ---------------------------------------------------------------------------------------------


def test_these_are_the_verbs() -> None:
    assert tuple(COMMAND.commands) == VERBS


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_and_each_of_its_options_is_explained(verb: str) -> None:
    command = COMMAND.commands[verb]
    assert command.help
    assert f"candidacy {verb}" in (command.epilog or ""), "an example"
    unexplained = [param.name for param in command.params if not getattr(param, "help", None)]
    assert unexplained == []


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_is_in_the_readme(verb: str) -> None:
    assert f"candidacy {verb}" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_answers_in_json_leaves_out_addresses_and_tells_more(verb: str) -> None:
    options = {name for param in COMMAND.commands[verb].params for name in param.opts}
    assert {"--format", "--redact", "--verbose", "--debug"} <= options
    assert ("--db" in options) == (verb not in ("extract", "schema", "evaluate", "fetch"))


@pytest.mark.parametrize("verb", VERBS)
def test_help_is_plain_and_fits_80_columns(verb: str, run: Run) -> None:
    result = run(verb, "--help")
    assert result.code == 0 and result.err == ""
    assert not ANSI.search(result.out)
    assert max(map(len, result.out.splitlines())) <= 80


def test_without_a_verb_the_program_explains_itself(run: Run) -> None:
    result = run()
    assert result.code == 0 and "Two commands are enough to begin" in result.out
    assert all(verb in result.out for verb in VERBS)


def test_help_does_not_wait_for_heavy_libraries(tmp_path: Path) -> None:
    script = f"""
import sys
from analyzer.__main__ import main
for arguments in [["--help"], ["--version"], *([verb, "--help"] for verb in {VERBS})]:
    sys.argv = ["candidacy", *arguments]
    assert main() == 0
found = {HEAVY} & set(sys.modules)
sys.exit(f"imported {{found}}" if found else 0)
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_the_version_is_told(run: Run) -> None:
    result = run("--version")
    assert result.code == 0 and result.out.startswith("candidacy ")


def test_the_program_runs_from_any_directory(tmp_path: Path) -> None:
    done = start("--help", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Usage: candidacy" in done.stdout


# --- errors -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["divine"], ["No such command", "candidacy --help"]),
        (["extract"], ["Missing argument", "candidacy extract --help"]),
        (["list", "--nonsense"], ["No such option", "candidacy list --help"]),
        (["list", "--format", "xml"], ["xml", "candidacy list --help"]),
        (["extract", "gone.mbox"], ["gone.mbox", "no such file"]),
        (["analyze", "gone.mbox"], ["gone.mbox", "no such file"]),
        (["extract", "blank.txt"], ["blank.txt", "empty"]),
        (["extract", "picture.png"], ["picture.png"]),
        (["extract", "some.txt", "--format", "csv"], ["-o"]),
        (["extract", "some.txt", "--format", "text", "-o", "x"], ["-o"]),
        (["extract", "some.txt", "-o", "x.parquet"], ["x.parquet", "candidacy export"]),
        (["extract", "some.txt", "-o", "nowhere/out.json"], ["nowhere", "no such folder"]),
        (["extract", "some.txt", "--min-confidence", "2"], ["--min-confidence"]),
        (["export", "--format", "parquet"], ["-o"]),
        (["list"], ["candidacy.duckdb", "candidacy analyze"]),
        (["list", "--db", "blank.txt"], ["blank.txt"]),
        (["list", "--db", "picture.png"], ["picture.png", "not a workspace"]),
        (["compare"], ["--elections"]),
        (["compare", "A", "--elections", "x", "y"], ["--elections"]),
        (["compare", "A", "--election", "x"], ["another candidate"]),
        (["trends", "--by", "mood"], ["mood", "candidacy trends --help"]),
        (["trends", "--election", "x", "--community", "y"], ["--election", "--community"]),
        (["schema", "nonsense"], ["nonsense"]),
    ],
)
def test_a_mistake_is_one_line_with_the_remedy(arguments: list[str], words: list[str], run: Run) -> None:
    Path("blank.txt").write_bytes(b"")
    Path("some.txt").write_text("I am standing for the council.", encoding="utf-8")
    Path("picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40)
    before = sorted(Path().iterdir())
    result = run(*arguments)
    assert_refused(result, words)
    assert sorted(Path().iterdir()) == before, "nothing is left behind"


def raising(error: BaseException) -> Callable[..., Any]:
    def fail(*args: Any, **more: Any) -> Any:
        raise error

    return fail


@pytest.mark.parametrize(
    "error", [ValueError("the moon\nis down"), KeyError("x"), OSError(28, "No space left")]
)
def test_an_unexpected_error_is_one_line_that_names_debug(
    error: Exception, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workflow, "listing", raising(error))
    result = run("list")
    assert result.code == 1 and result.out == ""
    assert re.fullmatch(r"candidacy: .+: run again with --debug to see where\n", result.err)


@pytest.mark.parametrize("arguments", [["--debug", "list"], ["list", "--debug"]])
def test_debug_shows_the_traceback_before_and_after_the_verb(
    arguments: list[str], run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workflow, "listing", raising(ValueError("the moon is down")))
    result = run(*arguments)
    assert result.code == 1
    assert "Traceback" in result.err and result.err.endswith("candidacy: the moon is down\n")


def test_control_c_ends_with_130(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workflow, "listing", raising(KeyboardInterrupt()))
    result = run("list")
    assert result == (130, "", "candidacy: interrupted\n")


def test_a_reader_who_leaves_early_is_no_error(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "cli.py"), "--help"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    complaint = process.stderr.read()
    process.stderr.close()
    assert process.wait(60) != 0
    assert complaint == b""


# --- from mail to answers -----------------------------------------------------------------------------

SPRING = """\
From orla@venn.example Mon Mar  4 09:00:00 2024
From: Orla Venn <orla@venn.example>
To: lumber-dev@lists.lumber.example
Subject: [lumber-dev] Candidacy for the Lumber Technical Council
Date: Mon, 4 Mar 2024 09:00:00 +0000
Message-ID: <one@venn.example>

Hello everyone,

I am Orla Venn and I would like to stand for the Technical Council of Lumber.

I am a staff engineer at Brightmoor, where I look after the build farm. I have been the
release manager of Lumber since 2021.

If elected I want to shorten the time that a change waits for review, and to make our
releases reproducible. I also care about documentation for newcomers.

Orla

From bastian@krull.example Tue Mar  5 10:00:00 2024
From: Bastian Krull <bastian@krull.example>
To: lumber-dev@lists.lumber.example
Subject: [lumber-dev] Candidacy for the Lumber Technical Council
Date: Tue, 5 Mar 2024 10:00:00 +0000
Message-ID: <two@krull.example>

Dear Lumber community,

my name is Bastian Krull and I am announcing my candidacy for the Technical Council.

I work for Ostermark Systems as a security engineer. Before that I was a maintainer of
the parser.

My goals are faster code reviews, a security response team, and signed packages.

Bastian Krull

From orla@venn.example Tue Mar  5 11:00:00 2024
From: Orla Venn <orla@venn.example>
To: lumber-dev@lists.lumber.example
Subject: Re: [lumber-dev] Candidacy for the Lumber Technical Council
Date: Tue, 5 Mar 2024 11:00:00 +0000
Message-ID: <three@venn.example>
In-Reply-To: <two@krull.example>

On Tue, 5 Mar 2024, Bastian Krull wrote:
> My goals are faster code reviews, a security response team, and signed packages.

+1, good luck!

From bastian@krull.example Wed Mar  6 10:00:00 2024
From: Bastian Krull <bastian@krull.example>
To: lumber-dev@lists.lumber.example
Subject: [lumber-dev] Candidacy for the Lumber Technical Council
Date: Wed, 6 Mar 2024 10:00:00 +0000
Message-ID: <four@krull.example>

Dear Lumber community,

my name is Bastian Krull and I am announcing my candidacy for the Technical Council.

I work for Ostermark Systems as a security engineer. Before that I was a maintainer of
the parser.

My goals are faster code reviews, a security response team, and signed packages.

Bastian Krull
"""

AUTUMN = """\
From orla@venn.example Mon Mar  3 09:00:00 2025
From: Orla Venn <orla@venn.example>
To: lumber-dev@lists.lumber.example
Subject: [lumber-dev] Candidacy for the Lumber Technical Council
Date: Mon, 3 Mar 2025 09:00:00 +0000
Message-ID: <five@venn.example>

Hello,

I am Orla Venn, and I am running again for the Technical Council of Lumber.

I am a principal engineer at Brightmoor.

This time I want to grow our team of reviewers and to keep the releases reproducible.

Orla

From bastian@larsen.example Tue Mar  4 09:00:00 2025
From: Bastian Larsen <bastian@larsen.example>
To: lumber-dev@lists.lumber.example
Subject: [lumber-dev] Candidacy for the Lumber Technical Council
Date: Tue, 4 Mar 2025 09:00:00 +0000
Message-ID: <six@larsen.example>

Hi all,

I am Bastian Larsen and I nominate myself for the Technical Council of Lumber.

I am a student at the University of Fennmark and maintain the plugins.

I would like to improve the plugin interface and to mentor new contributors.

Bastian Larsen
"""


@pytest.fixture
def mail(tmp_path: Path) -> Path:
    """A folder with two elections: three candidates, one of them in both; a reply and a resent mail."""
    folder = tmp_path / "mail"
    folder.mkdir()
    (folder / "2024-March.mbox").write_text(SPRING, encoding="utf-8")
    (folder / "2025-March.mbox").write_text(AUTUMN, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def analyzed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with both elections, made once, by the program as a process of its own."""
    folder = tmp_path_factory.mktemp("analyzed")
    (folder / "2024-March.mbox").write_text(SPRING, encoding="utf-8")
    (folder / "2025-March.mbox").write_text(AUTUMN, encoding="utf-8")
    done = start("analyze", "2024-March.mbox", "2025-March.mbox", cwd=folder)
    assert done.returncode == 0, done.stderr
    # Nothing but the closing line: no library's warnings, with an empty home and without a network.
    assert done.stderr == (
        "6 messages read: 4 statements, 2 skipped (1 duplicate, 1 reply); 4 new, 4 in candidacy.duckdb\n"
    )
    return folder / "candidacy.duckdb"


def spans(value: Any) -> Iterator[dict[str, Any]]:
    """Yield everything in a JSON value that has a start, an end and a text."""
    if isinstance(value, dict):
        if {"start", "end", "text"} <= value.keys():
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from spans(item)


def test_extract_gives_json_whose_evidence_stands_in_the_text(mail: Path, run: Run) -> None:
    result = run("extract", mail / "2024-March.mbox")
    assert result.code == 0
    assert result.err == "4 messages read: 2 statements, 2 skipped (1 duplicate, 1 reply)\n"
    statements = result.json["statements"]
    assert [s["candidate"]["name"] for s in statements] == ["Orla Venn", "Bastian Krull"]
    for statement in statements:
        found = list(spans({key: value for key, value in statement.items() if key != "blocks"}))
        assert found
        assert all(statement["text"][s["start"] : s["end"]] == s["text"] for s in found)
    assert run("extract", mail / "2024-March.mbox").out == result.out, "the same bytes again"


def test_extract_reads_standard_input(mail: Path, run: Run) -> None:
    result = run("extract", "-", "--format", "jsonl", stdin=(mail / "2025-March.mbox").read_bytes())
    assert result.code == 0
    header, *statements = map(json.loads, result.out.splitlines())
    assert header["schema_version"] and len(statements) == 2


def test_extract_shows_a_digest_to_readers(mail: Path, run: Run) -> None:
    result = run("extract", mail, "--format", "text")
    assert "Orla Venn · " in result.out and "Bastian Larsen · " in result.out
    assert not ANSI.search(result.out) and max(map(len, result.out.splitlines())) <= 80


@pytest.mark.parametrize(
    ("arguments", "name", "files"),
    [
        ([], "out.json", None),
        ([], "out.jsonl", None),
        (["--format", "csv"], "tables", {"statements.csv"}),
    ],
)
def test_extract_writes_files(
    arguments: list[str], name: str, files: set[str] | None, mail: Path, run: Run
) -> None:
    result = run("extract", mail, "-o", name, *arguments)
    assert (result.code, result.out) == (0, "")
    if files is None:
        lines = Path(name).read_text(encoding="utf-8").splitlines()
        assert json.loads(lines[0] if name.endswith("jsonl") else "\n".join(lines))["generator"]
    else:
        assert files <= {file.name for file in Path(name).iterdir()}
    assert sorted(path.name for path in Path().iterdir()) == sorted(["mail", name])


def test_all_keeps_what_is_no_candidacy(mail: Path, run: Run) -> None:
    labels = [s["decision"]["label"] for s in run("extract", mail, "--all").json["statements"]]
    assert "reply" in labels and labels.count("candidacy") >= 4


def test_explain_gives_reasons_for_every_message(mail: Path, run: Run) -> None:
    result = run("extract", mail, "--explain")
    lines = result.err.splitlines()
    for place in (*(f"2024-March.mbox[{n}]" for n in range(4)), *(f"2025-March.mbox[{n}]" for n in range(2))):
        assert any(line.startswith(f"{place}: ") for line in lines)
    assert result.json["statements"], "and the data stay on stdout"


def test_verbose_lists_what_was_skipped_and_why(mail: Path, run: Run) -> None:
    for arguments in (["--verbose", "extract", mail], ["extract", mail, "-v"]):
        lines = run(*arguments).err.splitlines()
        assert any(line.startswith("skipped 2024-March.mbox[2]: reply: ") for line in lines)
        assert any(line.startswith("skipped 2024-March.mbox[3]: duplicate: ") for line in lines)


def test_what_the_user_knows_is_taken_over(mail: Path, run: Run) -> None:
    told = ["--community", "Lumberyard", "--office", "Board", "--cycle", "Spring"]
    for statement in run("extract", mail, *told).json["statements"]:
        election = statement["election"]
        assert (election["community"], election["office"], election["cycle"]) == (
            "Lumberyard",
            "Board",
            "Spring",
        )
        assert {election["provenance"][key]["source"] for key in ("community", "office", "cycle")} == {"user"}


def test_unsure_findings_can_be_left_out(mail: Path, run: Run) -> None:
    for statement in run("extract", mail, "--min-confidence", "0.9").json["statements"]:
        found = [*statement["roles"], *statement["affiliations"], *statement["focus_areas"]]
        assert all(item["confidence"] >= 0.9 for item in found)


def test_a_broken_file_in_a_folder_stops_nothing_and_is_named(mail: Path, run: Run) -> None:
    packed = b"\x1f\x8b\x08\x00" + bytes(20)
    (mail / "2023-March.txt.gz").write_bytes(packed)
    result = run("extract", mail)
    assert result.code == 0 and len(result.json["statements"]) == 4
    assert re.match(r"7 messages read: 4 statements, 3 skipped \(", result.err)
    assert "could not be read: 2023-March.txt.gz" in result.err


def test_what_is_not_english_is_kept_and_warned_about(mail: Path, run: Run) -> None:
    german = (
        "Ich heiße Mareike Tolle und kandidiere für den Vorstand von Lumber. Ich möchte, dass unsere "
        "Veröffentlichungen pünktlich erscheinen und dass neue Mitglieder freundlich begrüßt werden.\n"
    )
    Path("tolle.txt").write_text(german, encoding="utf-8")
    result = run("extract", "tolle.txt")
    assert result.err == "1 message read: 1 statement; warnings: 1 not-english\n"
    (statement,) = result.json["statements"]
    assert statement["roles"] == statement["focus_areas"] == []


def test_analyze_adds_only_what_is_new(mail: Path, run: Run) -> None:
    first = run("analyze", mail / "2024-March.mbox", "--format", "json").json
    assert (first["statements"], first["added"], first["held"]) == (2, 2, 2)
    again = run("analyze", mail / "2024-March.mbox", "--format", "json").json
    assert (again["statements"], again["added"], again["held"]) == (2, 0, 2)
    more = run("analyze", mail, "--format", "json").json
    assert (more["statements"], more["added"], more["held"]) == (4, 2, 4)
    assert more["skipped"] == {"duplicate": 1, "reply": 1}


def test_results_that_come_later_reach_statements_that_are_known(tmp_path: Path, run: Run) -> None:
    folder = tmp_path / "kettle-elections" / "2024"
    folder.mkdir(parents=True)
    (folder / "rosa-lind.md").write_text("I have led the Kettle team for years. If elected, I will answer mail.\n")

    def outcome() -> str:
        run("analyze", folder.parent)
        [statement] = run("export").json["statements"]
        return str(statement["election"]["outcome"])

    assert outcome() == "None"
    (folder / "results.md").write_text("# Winners\n\n- Rosa Lind\n")
    assert outcome() == "elected"
    assert run("analyze", folder.parent, "--format", "json").json["added"] == 0


def test_another_model_is_refused(analyzed: Path, mail: Path, run: Run) -> None:
    result = run("analyze", mail, "--db", analyzed, "--model", "no/such-model")
    assert result.code != 0 and re.fullmatch(r"candidacy: no/such-model: .+\n", result.err)


def test_a_workspace_in_use_is_one_line(analyzed: Path, tmp_path: Path) -> None:
    import duckdb

    with duckdb.connect(str(analyzed)):
        done = start("list", "--db", str(analyzed), cwd=tmp_path)
    assert done.returncode == 2 and re.fullmatch(r"candidacy: .+locked.+\n", done.stderr)


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_is_readable_when_piped(view: str, analyzed: Path, run: Run) -> None:
    result = run(*VIEWS[view], "--db", analyzed)
    assert result.code == 0 and result.err == ""
    assert "Orla Venn" in result.out
    assert not ANSI.search(result.out) and max(map(len, result.out.splitlines())) <= 80


@pytest.mark.parametrize("view", [*VIEWS, "export"])
def test_every_view_gives_the_json_of_its_schema(view: str, analyzed: Path, run: Run) -> None:
    value = run(*VIEWS.get(view, [view]), "--db", analyzed, "--format", "json").json
    schema = run("schema", view).json
    assert schema["type"] == ("array" if isinstance(value, list) else "object")
    item_schema = schema
    if isinstance(value, list):
        value = value[0]
        item_schema = schema["$defs"][schema["items"]["$ref"].rpartition("/")[2]]
    assert set(value) == set(item_schema["properties"])


@pytest.mark.parametrize("view", [*VIEWS, "export", "extract"])
def test_redacted_output_has_no_addresses(view: str, analyzed: Path, mail: Path, run: Run) -> None:
    for form in ("json",) if view == "export" else ("json", "text"):
        arguments = [*VIEWS.get(view, [view]), "--format", form, "--redact"]
        result = run(*arguments, *(["-v", mail] if view == "extract" else ["--db", analyzed]))
        assert result.code == 0
        assert "venn.example" not in result.out.replace("lists.lumber.example", "") or "@" not in result.out
        assert not re.search(r"[\w.]+@[\w.]+", result.out + result.err)


# --- names and scopes ---------------------------------------------------------------------------------


def names(value: Any) -> list[str]:
    return [side["name"] for side in value["sides"]]


@pytest.mark.parametrize("typed", ["Orla Venn", "venn, orla", "ORLA", "orla@venn.example", "Orla Vemn"])
def test_names_are_matched_forgivingly(typed: str, analyzed: Path, run: Run) -> None:
    found = run("summarize", typed, "--db", analyzed, "--format", "json").json
    assert {summary["candidate"]["name"] for summary in found} == {"Orla Venn"}
    assert len(found) == 2, "one for each election"


def test_an_ambiguous_name_lists_the_choices(analyzed: Path, run: Run) -> None:
    result = run("summarize", "bastian", "--db", analyzed)
    assert result.code == 2 and re.fullmatch(r"candidacy: .+\n", result.err)
    assert "Bastian Krull" in result.err and "Bastian Larsen" in result.err


def test_within_one_election_part_of_a_name_may_be_enough(analyzed: Path, run: Run) -> None:
    result = run(
        "compare", "orla", "bastian", "--election", "lumber 2024", "--db", analyzed, "--format", "json"
    )
    assert names(result.json[0]) == ["Orla Venn", "Bastian Krull"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["summarize", "Zebulon Quist"], ["Zebulon Quist", "no such candidate"]),
        (["compare", "orla", "Zebulon Quist"], ["Zebulon Quist"]),
        (["search", " "], ["nothing to search for"]),
        (["compare", "orla", "venn"], ["twice"]),
        (["compare", "krull"], ["Bastian Krull"]),
        (["compare", "orla", "larsen", "--election", "lumber 2024"], ["Bastian Larsen", "2025"]),
        (["cluster", "--election", "timber 1999"], ["timber 1999", "no such election"]),
        (["cluster", "--election", "lumber"], ["several elections", "2024", "2025"]),
        (["compare", "--elections", "lumber 2024", "lumber 2024"], ["twice"]),
        (["trends", "--election", "timber 1999"], ["timber 1999", "no such election"]),
        (["trends", "--community", "timber"], ["timber", "no such community", "lumber"]),
        (["trends", "--topic", "quantum"], ["quantum", "no such topic"]),
    ],
)
def test_a_name_that_fits_nobody_is_one_line(
    arguments: list[str], words: list[str], analyzed: Path, run: Run
) -> None:
    result = run(*arguments, "--db", analyzed)
    assert_refused(result, words)


def test_a_person_alone_is_compared_over_time(analyzed: Path, run: Run) -> None:
    (found,) = run("compare", "orla", "--db", analyzed, "--format", "json").json
    assert found["kind"] == "over-time" and len(found["sides"]) == 2


def test_people_are_compared_where_all_of_them_stood(analyzed: Path, run: Run) -> None:
    (found,) = run("compare", "orla", "krull", "--db", analyzed, "--format", "json").json
    assert all("2024" in side["election"] for side in found["sides"])
    (apart,) = run("compare", "krull", "larsen", "--db", analyzed, "--format", "json").json
    assert names(apart) == ["Bastian Krull", "Bastian Larsen"]


def test_elections_are_compared(analyzed: Path, run: Run) -> None:
    arguments = ["compare", "--elections", "lumber 2024", "lumber 2025", "--db", analyzed, "--format", "json"]
    (found,) = run(*arguments).json
    assert found["kind"] == "elections" and [len(side["candidates"]) for side in found["sides"]] == [2, 2]


def test_candidates_are_matched_with_priorities(analyzed: Path, run: Run) -> None:
    Path("mine.txt").write_text("faster code reviews: 2\nmoon landings\n", encoding="utf-8")
    several = run("match", "mine.txt", "--db", analyzed)
    assert several.code == 2 and "--election" in several.err
    found = run("match", "mine.txt", "--election", "lumber 2025", "--db", analyzed, "--format", "json").json
    assert [one["weight"] for one in found["priorities"]] == [2, 1]
    assert {one["answers"][1]["verdict"] for one in found["candidates"]} == {"silent"}
    shown = run("match", "mine.txt", "--election", "lumber 2025", "--db", analyzed)
    assert shown.code == 0 and "? moon landings · silent" in shown.out
    missing = run("match", "yours.txt", "--election", "lumber 2025", "--db", analyzed)
    assert missing.code == 2 and missing.err.startswith("candidacy: yours.txt: cannot be read")


def test_every_election_is_clustered_by_itself(analyzed: Path, run: Run) -> None:
    both = run("cluster", "--db", analyzed, "--format", "json").json
    assert [view["candidates"] for view in both] == [2, 2]
    (one,) = run("cluster", "--election", "lumber 2025", "--db", analyzed, "--format", "json").json
    assert one == both[1]


def test_listing_narrows_to_an_election_or_a_candidate(analyzed: Path, run: Run) -> None:
    everything = run("list", "--db", analyzed, "--format", "json").json
    assert (everything["statements"], everything["people"], everything["skipped"]) == (4, 3, 2)
    assert run("list", "--election", "lumber 2024", "--db", analyzed, "--format", "json").json["people"] == 2
    hers = run("list", "--candidate", "orla", "--db", analyzed, "--format", "json").json
    assert (hers["statements"], hers["people"], len(hers["elections"])) == (2, 1, 2)


def test_verbose_tells_what_the_workspace_left_out(analyzed: Path, run: Run) -> None:
    for verb in ("list", "export"):
        lines = run(verb, "--db", analyzed, "--verbose").err.splitlines()
        assert [line.partition(": ")[0] for line in lines] == [
            "skipped 2024-March.mbox[2]",
            "skipped 2024-March.mbox[3]",
        ]


def test_search_finds_the_best_sentence_and_no_more_than_asked(analyzed: Path, run: Run) -> None:
    arguments = ["search", "signed", "packages", "--limit", "1", "--db", analyzed, "--format", "text"]
    result = run(*arguments)
    assert "Bastian Krull" in result.out and "Bastian Larsen" not in result.out


def test_trends_tell_what_is_too_rare(analyzed: Path, run: Run) -> None:
    result = run("trends", "--db", analyzed, "--limit", "1")
    assert result.code == 0 and result.err == ""
    assert "Lumber · 2 elections" in result.out and "--limit" in result.out
    assert "too rare to be tested" in result.out
    assert not ANSI.search(result.out) and max(map(len, result.out.splitlines())) <= 80


def test_trends_have_every_topic_in_json_whatever_the_limit(analyzed: Path, run: Run) -> None:
    (view,) = run("trends", "--db", analyzed, "--limit", "1", "--format", "json").json
    assert [field["candidates"] for field in view["elections"]] == [2, 2]
    assert [len(field["returners"] or []) for field in view["elections"]] == [0, 1]
    assert len(view["topics"]) == view["total"] > 1 and view["tested"] == 0
    said = run("export", "--db", analyzed).json["statements"]
    texts = {statement["id"]: statement["text"] for statement in said}
    found = [span for topic in view["topics"] for span in spans(topic)]
    assert found and all(texts[s["statement"]][s["start"] : s["end"]] == s["text"] for s in found)
    (goals,) = run("trends", "--by", "platforms", "--db", analyzed, "--format", "json").json
    assert goals["by"] == "platforms" and goals["total"] <= view["total"]


def test_trends_as_things_stood_at_an_election(analyzed: Path, run: Run) -> None:
    (view,) = run("trends", "--election", "lumber 2024", "--db", analyzed, "--format", "json").json
    assert [field["cycle"] for field in view["elections"]] == ["2024-03"]
    shown = run("trends", "--election", "lumber 2024", "--db", analyzed).out
    assert "One election only: no trend to see." in shown


def test_the_workspace_is_exported_with_topics(analyzed: Path, run: Run) -> None:
    result = run("export", "--db", analyzed)
    document = result.json
    assert result.err == "" and len(document["statements"]) == 4 and len(document["skipped"]) == 2
    topics = {topic["id"] for topic in document["topics"]}
    assert topics
    assert all(area["topic"] in topics for s in document["statements"] for area in s["focus_areas"])
    assert run("export", "--db", analyzed).out == result.out, "the same bytes again"
    assert run("export", "--db", analyzed, "-o", "tables", "--format", "parquet").code == 0
    assert Path("tables/statements.parquet").is_file()


# --- evaluate -----------------------------------------------------------------------------------------


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    folder = tmp_path / "gold"
    folder.mkdir()
    text = "I am Ada Voss, an engineer at Brightwell Systems, and I want faster builds for Orrery.\n"
    annotation = {
        "candidate": {"span": "Ada Voss"},
        "sought": {"office": None, "community": "Orrery"},
        "roles": [{"title": "engineer", "organization": "Brightwell Systems", "status": "current"}],
        "affiliations": [{"organization": "Brightwell Systems", "relation": "employer", "status": "current"}],
        "focus_areas": [{"span": "faster builds", "kind": "goal", "topic": "build speed"}],
        "key_sentences": [],
    }
    (folder / "a.txt").write_text(text, encoding="utf-8")
    (folder / "a.json").write_text(json.dumps(annotation), encoding="utf-8")
    (folder / "index.jsonl").write_text('{"id": "a", "source": "orrery"}\n', encoding="utf-8")
    return folder


def test_extraction_is_measured_on_annotations_anew_and_from_an_export(gold: Path, run: Run) -> None:
    assert run("extract", gold / "a.txt", "-o", "records.json").code == 0
    fresh = run("evaluate", gold, "--format", "json")
    again = run("evaluate", gold, "--export", "records.json", "--format", "json")
    assert (fresh.code, again.code) == (0, 0)
    assert fresh.out == again.out
    whole, orrery = json.loads(fresh.out)
    assert (whole["community"], orrery["community"], whole["statements"]) == (None, "orrery", 1)
    figures = {figure["name"]: figure["value"] for figure in whole["figures"]}
    assert figures["affiliations"] == figures["grounded"] == 1.0
    shown = run("evaluate", gold, "--export", "records.json")
    assert "affiliations" in shown.out and "orrery (1)" in shown.out


def test_an_export_is_measured_as_it_is(gold: Path, run: Run) -> None:
    result = run("evaluate", gold, "--export", "records.json", "--fast")
    assert result.code == 2 and "leave out" in result.err


def test_a_gold_folder_without_annotations_is_the_users_mistake(tmp_path: Path, run: Run) -> None:
    result = run("evaluate", tmp_path)
    assert result.code == 2 and "no annotated statements" in result.err and result.err.count("\n") == 1


# --- who is who, and corrections ----------------------------------------------------------------------


@pytest.fixture
def own(analyzed: Path, mail: Path, tmp_path: Path) -> Path:
    """A workspace of both elections that a test may change, beside the mail it was made of."""
    path = tmp_path / "own.duckdb"
    shutil.copy(analyzed, path)
    return path


def again(run: Run, mail: Path, db: Path) -> Result:
    """Analyse everything again, as if by another pipeline: each statement is read anew."""
    with duckdb.connect(str(db)) as connection:
        connection.execute("UPDATE statements SET pipeline = 'an earlier one'")
    result = run("analyze", mail / "2024-March.mbox", mail / "2025-March.mbox", "--db", db)
    assert result.code == 0, result.err
    return result


def test_people_are_shown_with_what_joins_their_statements(analyzed: Path, run: Run) -> None:
    shown = run("people", "orla", "--db", analyzed)
    assert "orla@venn.example" in shown.out and "Why they are one person's" in shown.out
    assert "address orla@venn.example" in shown.out
    (orla,) = run("people", "orla", "--db", analyzed, "--format", "json").json
    assert (orla["name"], orla["addresses"], len(orla["statements"])) == ("Orla Venn", ["orla@venn.example"], 2)
    (link,) = orla["evidence"]
    assert link["statements"] == [statement["id"] for statement in orla["statements"]]
    assert link["weight"] == pytest.approx(sum(reason["weight"] for reason in link["because"]))
    document = run("export", "--db", analyzed).json
    assert next(person for person in document["people"] if person["id"] == orla["id"])["evidence"] == orla["evidence"]
    hidden = run("people", "--redact", "--db", analyzed, "--format", "json").out
    assert "@" not in hidden and "Orla Venn" in hidden


def test_people_who_were_merged_split_and_left_alone_again(own: Path, mail: Path, run: Run) -> None:
    def now() -> list[tuple[str, int]]:
        return [
            (person["name"], len(person["statements"]))
            for person in run("people", "--db", own, "--format", "json").json
        ]

    before = now()
    assert before == [("Bastian Krull", 1), ("Bastian Larsen", 1), ("Orla Venn", 2)]
    merged = run("people", "--merge", "krull", "larsen", "--db", own)
    assert merged.code == 0 and "correction 1" in merged.err and "--undo 1" in merged.err
    again(run, mail, own)
    assert len(now()) == 2, "it holds when everything is read again"
    assert run("people", "--split", "krull", "lumber 2025", "--db", own).code == 0
    assert now() == before
    assert run("people", "--split", "orla", "orla@venn.example", "--db", own).err.count("leave at least one") == 1
    for _ in range(2):
        assert run("people", "--undo", "--db", own).code == 0
    assert now() == before
    assert run("people", "--undo", "--db", own).code == 2


def test_a_corrected_value_is_shown_exported_and_holds(own: Path, mail: Path, run: Run) -> None:
    (orla,) = run("people", "orla", "--db", own, "--format", "json").json
    id_ = orla["statements"][0]["id"]
    for arguments in (
        ["candidate", "Orla Venn-Hale"],
        ["outcome", "elected"],
        ["role", "release captain", "--add", "--set", "organization=Lumber", "--set", "status=past"],
    ):
        assert run("correct", id_, *arguments, "--db", own).code == 0
    again(run, mail, own)
    statement = next(s for s in run("export", "--db", own).json["statements"] if s["id"] == id_)
    assert (statement["candidate"]["name"], statement["candidate"]["source"]) == ("Orla Venn-Hale", "user")
    assert statement["candidate"]["evidence"] is None and statement["election"]["outcome"] == "elected"
    role = statement["roles"][-1]
    assert (role["title"], role["source"], role["evidence"]) == ("release captain", "user", None)
    assert [item["corrected"] for item in statement["roles"]].count(True) == 1 and role["corrected"]
    # Two spellings, and still one person: her address says so.
    (person,) = run("people", "Venn-Hale", "--db", own, "--format", "json").json
    assert len(person["statements"]) == 2
    assert "release captain" in run("summarize", "orla", "--db", own).out
    left = run("correct", "--undo", "1", "--db", own, "--format", "json").json
    listed = run("correct", "--list", "--db", own, "--format", "json").json
    assert left == listed
    assert [(item["number"], item["field"], item["found"]) for item in listed] == [
        (2, "outcome", True), (3, "role", True),
    ]  # fmt: skip


@pytest.mark.parametrize("latest_first", [False, True])
def test_a_mail_that_is_sent_again_in_another_month_takes_the_place_of_the_first(
    latest_first: bool, tmp_path: Path, run: Run
) -> None:
    db, first, later = tmp_path / "work.duckdb", tmp_path / "first.mbox", tmp_path / "later.mbox"
    first.write_text(SPRING.partition("From bastian")[0], encoding="utf-8")
    again = first.read_text(encoding="utf-8").replace("4 Mar 2024", "9 Mar 2024").replace("Mon,", "Sat,")
    again = again.replace("<one@", "<nine@").replace("releases reproducible", "releases and images reproducible")
    later.write_text(again, encoding="utf-8")
    boxes = [later, first] if latest_first else [first, later]
    assert "1 new, 1 in" in run("analyze", boxes[0], "--db", db).err
    id_ = run("export", "--db", db).json["statements"][0]["id"]
    assert run("correct", id_, "outcome", "elected", "--db", db).code == 0
    result = run("analyze", boxes[1], "--db", db)
    assert "0 new, 1 in" in result.err and "nothing to correct" not in result.err
    export = run("export", "--db", db).json
    [statement] = export["statements"]
    assert "images" in statement["text"] and statement["source"]["path"] == "later.mbox"
    assert statement["warnings"] == [{"code": "correction", "message": "corrects first.mbox, message 0"}]
    assert [(item["path"], item["code"]) for item in export["skipped"]] == [("first.mbox", "corrected")]
    assert statement["election"]["outcome"] == "elected", "what the user said of the first is true of the second"
    # Nothing of either is left when she is forgotten.
    assert run("people", "--forget", "orla", "--db", db).code == 0
    data = db.read_bytes()
    assert b"venn" not in data and b"Orla" not in data
    with duckdb.connect(str(db)) as connection:
        for table in ("statements", "mails", "vectors", "pending"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
    assert "1 forgotten" in run("analyze", first, "--db", db).err


def test_a_correction_without_a_target_is_reported_and_kept(own: Path, mail: Path, run: Run) -> None:
    (krull,) = run("people", "krull", "--db", own, "--format", "json").json
    made = run("correct", krull["statements"][0]["id"], "outcome", "elected", "--db", own)
    assert made.code == 0
    with duckdb.connect(str(own)) as connection:
        connection.execute("DELETE FROM statements WHERE id = ?", [krull["statements"][0]["id"]])
    result = run("analyze", mail / "2025-March.mbox", "--db", own)
    assert result.code == 0 and "find nothing to correct: 1" in result.err
    assert "finds nothing" in run("correct", "--list", "--db", own).out
    # It was not lost: with the statement it is back.
    assert "nothing to correct" not in again(run, mail, own).err
    assert [item["found"] for item in run("correct", "--list", "--db", own, "--format", "json").json] == [True]


def test_whoever_is_forgotten_does_not_come_back(own: Path, mail: Path, run: Run) -> None:
    assert b"Brightmoor" in own.read_bytes()
    result = run("people", "--forget", "orla", "--db", own)
    assert result.code == 0 and result.out == "" and "Sources" in result.err and "hashes" in result.err
    assert b"Brightmoor" not in own.read_bytes() and b"venn" not in own.read_bytes()
    assert "2 forgotten" in again(run, mail, own).err
    assert [person["name"] for person in run("people", "--db", own, "--format", "json").json] == [
        "Bastian Krull", "Bastian Larsen",
    ]  # fmt: skip
    later = AUTUMN.replace("2025", "2026").replace("five@", "seven@").replace("again", "once more")
    (mail / "later.mbox").write_text(later.partition("From bastian")[0], encoding="utf-8")
    assert "1 forgotten" in run("analyze", mail / "later.mbox", "--db", own).err, "nor with a new statement"
    assert b"Brightmoor" not in own.read_bytes() and b"venn" not in own.read_bytes()
    assert run("people", "--undo", "--db", own).code == 0
    assert run("people", "orla", "--db", own).code == 2
    again(run, mail, own)
    assert len(run("people", "orla", "--db", own, "--format", "json").json[0]["statements"]) == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["people", "--merge", "orla"], ["two or more"]),
        (["people", "--merge", "orla", "Orla Venn"], ["one person already"]),
        (["people", "--merge", "--split", "orla"], ["at a time"]),
        (["people", "--split", "orla", "1999"], ["candidacy people orla-venn"]),
        (["people", "--forget"], ["one name"]),
        (["people", "--undo", "orla"], ["leave the names out"]),
        (["people", "nobody"], ["no such candidate"]),
        (["correct"], ["--list"]),
        (["correct", "zzzz", "outcome", "elected"], ["candidacy people NAME"]),
        (["correct", "--list", "--undo", "3"], ["stand alone"]),
        (["correct", "--undo", "3"], ["number 3"]),
    ],
)
def test_a_mistake_about_people_or_corrections_changes_nothing(
    arguments: list[str], words: list[str], own: Path, run: Run
) -> None:
    result = run(*arguments, "--db", own)
    assert_refused(result, words)
    assert run("correct", "--list", "--db", own, "--format", "json").json == []
