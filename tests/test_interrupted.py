"""A run that is killed at any point and started again ends in the workspace of a run that nobody disturbed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pytest

from analyzer.workflow import _chunks

pytestmark = pytest.mark.skipif(os.name != "posix", reason="kills processes with SIGKILL")

ROOT = Path(__file__).parents[1]
POINTS = 10

# Runs `analyze` again and again, each time in a fork that ends itself at one of its reports of progress. The models
# are the real ones, but loaded (and all libraries imported) once, before any fork. Chunks are small, so that a small
# mailbox has many.
DRIVER = """
import json, os, random, shutil, signal, sys
from pathlib import Path

import torch

from analyzer import embeddings, pipeline, workflow
from analyzer.store import Workspace

torch.set_num_threads(1)
workflow.STATEMENTS, workflow.SKIPPED, workflow.CHUNK = 3, 4, 8
nlp, model = pipeline.load(exclude=list(pipeline.GENERAL)), embeddings.Embedder()._load()
pipeline.load = lambda *args, **options: nlp
embeddings.Embedder._load = lambda self: model

def analyze(db, sources, stop=None, how="kill", reading=None):
    '''Analyze in a process of its own; return its reports of progress, unless it ended itself at the one numbered.'''
    told, tell = os.pipe()
    if not (child := os.fork()):
        steps = []
        def progress(step, done=0, total=None):
            steps.append(step)
            if len(steps) == stop and how == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            if len(steps) == stop:
                raise KeyboardInterrupt
        try:
            workflow.analyze(sources, db, reading, progress=progress)
            os.write(tell, json.dumps(steps).encode())
        except KeyboardInterrupt:
            os._exit(130)
        finally:
            os._exit(1 if stop is None and sys.exc_info()[0] else 0)
    os.close(tell)
    with os.fdopen(told) as pipe:
        answer = pipe.read()
    _, status = os.waitpid(child, 0)
    if stop is not None:
        expected = (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL) if how == "kill" else status
        assert expected and not answer, (stop, how, status)
        return []
    assert status == 0, status
    return json.loads(answer)

def held(db):
    with Workspace.open(db, read_only=True) as workspace:
        assert len(workspace.records()) == workspace.count()
        return {record.id for record in workspace.records()}

folder, points, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
os.chdir(folder)
export, _ = workflow.extract(["spring.mbox", "orrery-elections"])
workflow._embed(export.statements, embeddings.Embedder(), workflow.silent)
chance = random.Random(seed)
analyze(folder / "before.duckdb", ["spring.mbox"])
had = held(folder / "before.duckdb")
for name, runs in (
    ("together", [["spring.mbox", "again.mbox"]]),
    ("back to front", [["again.mbox", "spring.mbox"]]),
    ("in turn", [["spring.mbox"], ["again.mbox"]]),
    ("last first", [["again.mbox"], ["spring.mbox"]]),
    ("and again", [["spring.mbox"], ["again.mbox"], ["spring.mbox"], ["again.mbox"]]),
):
    for run in runs:
        analyze(folder / f"{name}.duckdb", run)
for name, count, reading in (
    ("plain", points, None),
    ("told", max(1, points // 5), workflow.Reading(community="Orrery Foundation")),
):
    sources = ["spring.mbox", "again.mbox", "autumn.mbox", "orrery-elections"]
    shutil.copy("before.duckdb", f"{name}.duckdb")
    steps = analyze(folder / f"{name}.duckdb", sources, reading=reading)
    for number, stop in enumerate(sorted(chance.sample(range(1, len(steps) + 1), count))):
        how = "interrupt" if number == count // 2 else "kill"
        db = folder / f"{name}-{number}.duckdb"
        shutil.copy("before.duckdb", db)
        analyze(db, sources, stop, how, reading)
        stored = held(db)
        again = analyze(db, sources, reading=reading)
        print(json.dumps({
            "scenario": name, "db": db.name, "stop": stop, "step": steps[stop - 1], "how": how,
            "stored": len(stored - had), "extracted": again.count("extracting"), "in all": steps.count("extracting"),
        }), flush=True)
"""


def mail(number: int, sender: str, subject: str, day: str, body: str, message_id: str | None = None) -> str:
    return (
        f"From {number}@mail.example Mon Mar  4 09:00:00 2024\nFrom: {sender}\nTo: orrery-dev@lists.orrery.example\n"
        f"Subject: [orrery-dev] {subject}\nDate: {day}\nMessage-ID: <{message_id or number}@mail.example>\n"
        f"List-Id: <orrery-dev.lists.orrery.example>\n\n{body}\n\n"
    )


def candidacy(number: int, name: str, day: str, goal: str, community: str = "Orrery", **more: str) -> str:
    text = (
        f"Hello,\n\nI am {name} and I announce my candidacy for the Steering Committee of {community}. I am a "
        f"maintainer of the gear train.\n\nIf elected, I will work on {goal}.\n\n{name}"
    )
    address = f"{name.split()[0].casefold()}@mail.example"
    return mail(number, f"{name} <{address}>", "Candidacy for the Steering Committee", day, text, **more)


@pytest.fixture(scope="module")
def interrupted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    """A folder with workspaces of runs that were ended and started again, and what is told of each.

    Mailboxes, the first of them in the workspace already, and an election repository. Among the mails are statements
    that were resent and corrected, one that stands in the archive twice, and ones that call their community otherwise.
    """
    folder = tmp_path_factory.mktemp("interrupted")
    chatter = [
        mail(100 + n, f"Sender {n} <s{n}@mail.example>", f"Re: gear {n}", "Tue, 1 Oct 2024 09:00:00 +0000", "Ok.")
        for n in range(19)
    ]
    spring = [
        candidacy(1, "Ada Voss", "Mon, 4 Mar 2024 09:00:00 +0000", "faster builds"),
        chatter.pop(),
        candidacy(2, "Bo Lind", "Tue, 5 Mar 2024 09:00:00 +0000", "better documentation", "the Orrery Project"),
    ]
    again = [
        candidacy(40, "Ada Voss", "Thu, 7 Mar 2024 09:00:00 +0000", "faster builds on every platform"),
        chatter.pop(),
        candidacy(41, "Bo Lind", "Fri, 8 Mar 2024 09:00:00 +0000", "better documentation", "the Orrery Project"),
        candidacy(42, "Ada Voss", "Sat, 9 Mar 2024 09:00:00 +0000", "faster builds on every platform we have"),
    ]
    names = ["Cleo Farrow", "Dag Inskip", "Esi Calder", "Finn Merrow", "Gro Kestle", "Hana Larkham", "Ivo Jessop"]
    goals = ["mentoring", "signed packages", "fewer flaky tests", "the plugin interface", "travel", "reviews", "gears"]
    autumn = [
        candidacy(
            10 + n, name, f"Tue, {n + 1} Oct 2024 09:00:00 +0000", goal, "the Orrery Project" if n > 2 else "Orrery"
        )
        for n, (name, goal) in enumerate(zip(names, goals, strict=True))
    ]
    resent = candidacy(30, names[0], "Thu, 10 Oct 2024 09:00:00 +0000", goals[0])
    mixed = [part for n in range(7) for part in (autumn[n], *chatter[2 * n : 2 * n + 2])]
    mixed += [resent, *chatter[14:], autumn[1]]
    (folder / "spring.mbox").write_text("".join(spring))
    (folder / "again.mbox").write_text("".join(again))
    (folder / "autumn.mbox").write_text("".join(mixed))
    repository = folder / "orrery-elections" / "2023"
    repository.mkdir(parents=True)
    for name in ("June Holloway", "Kofi Greaves"):
        statement = f"# {name}\n\nI am {name}. If elected, I will answer mail, and I want shorter meetings.\n"
        (repository / f"{name.lower().replace(' ', '-')}.md").write_text(statement)
    (repository / "results.md").write_text("# Winners\n\n- June Holloway\n")
    (repository / "README.md").write_text("# Orrery elections\n\nHow to vote.\n")
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, str(folder), str(POINTS), "0"],
        env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return folder, [json.loads(line) for line in done.stdout.splitlines()]


def tables(db: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return all that a workspace holds, row by row."""
    with duckdb.connect(str(db), read_only=True) as connection:
        names = [name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        return {name: sorted(connection.execute(f"FROM {name}").fetchall(), key=repr) for name in sorted(names)}


@pytest.mark.parametrize("scenario", ["plain", "told"])
def test_it_ends_in_the_workspace_of_an_undisturbed_run(
    scenario: str, interrupted: tuple[Path, list[dict[str, Any]]]
) -> None:
    folder, runs = interrupted
    undisturbed = tables(folder / f"{scenario}.duckdb")
    assert len(undisturbed["statements"]) == 11 and len(undisturbed["vectors"]) > 20 and not undisturbed["pending"]
    told = [run for run in runs if run["scenario"] == scenario]
    assert len(told) == (POINTS if scenario == "plain" else POINTS // 5)
    for run in told:
        assert tables(folder / run["db"]) == undisturbed, run


def test_statements_have_elections_and_copies_are_none(interrupted: tuple[Path, list[dict[str, Any]]]) -> None:
    folder, _ = interrupted
    found = tables(folder / "plain.duckdb")
    column = [json.loads(row[-1]) for row in found["statements"]]
    assert {record["election"]["id"] for record in column if record["source"]["list"]} == {
        "orrery-project/2024-03",
        "orrery-project/2024-10",
    }
    assert Counter(code for _, code, _ in found["skipped"] if code != "traffic") == {
        "duplicate": 3, "corrected": 2, "document": 2,
    }  # fmt: skip
    named = [json.loads(row[-1])["election"] for row in tables(folder / "told.duckdb")["statements"]]
    assert {election["community_canonical"] for election in named} == {"Orrery Foundation"}


@pytest.mark.parametrize("order", ["back to front", "in turn", "last first", "and again"])
def test_runs_one_after_the_other_end_where_one_over_all_does(
    order: str, interrupted: tuple[Path, list[dict[str, Any]]]
) -> None:
    folder, _ = interrupted
    together, found = tables(folder / "together.duckdb"), tables(folder / f"{order}.duckdb")
    for table in ("statements", "skipped", "mails", "pending"):
        assert found[table] == together[table]
    # The last bits of a vector depend on what it was calculated with.
    assert [key for key, _ in found["vectors"]] == [key for key, _ in together["vectors"]]
    ada = next(json.loads(row[-1]) for row in found["statements"] if row[5] == "Ada Voss")
    assert "every platform we have" in ada["text"]
    assert [warning["message"] for warning in ada["warnings"]] == ["corrects again.mbox, message 0"]
    left_out = {place: (code, json.loads(record)["message"]) for place, code, record in found["skipped"]}
    assert left_out['["spring.mbox", null, 0]'] == (
        "corrected", "sent again with changes: again.mbox, message 0 is kept in its place",
    )  # fmt: skip
    assert left_out['["again.mbox", null, 2]'] == (
        "duplicate", "the same statement as spring.mbox, message 2, which is kept",
    )  # fmt: skip


def test_what_was_stored_is_not_extracted_again(interrupted: tuple[Path, list[dict[str, Any]]]) -> None:
    _, runs = interrupted
    plain = [run for run in runs if run["scenario"] == "plain"]
    assert {run["how"] for run in plain} == {"kill", "interrupt"}
    assert any(0 < run["stored"] < run["in all"] for run in plain), "some were ended halfway"
    for run in plain:
        assert run["extracted"] == run["in all"] - run["stored"], run


def test_a_chunk_ends_where_the_items_say_and_keeps_one_place_together(monkeypatch: pytest.MonkeyPatch) -> None:
    from analyzer import workflow
    from analyzer.records import Skipped

    monkeypatch.setattr(workflow, "SKIPPED", 2)
    items = [Skipped(path=path, index=n, code="reply", message="") for n, path in enumerate("aab")]
    page = [Skipped(path="page.md", code=code, message="") for code in ("reply", "document", "empty", "no-text")]
    found = [skipped for _, skipped in _chunks([*items, *page, items[0]])]
    assert found == [items[:2], [items[2], *page], [items[0]]]
