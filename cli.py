"""The command line: parse, call, print. What each verb does is in `analyzer.workflow`."""

from __future__ import annotations

import json
import os
import sys
import traceback
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from analyzer import __version__, display, workflow
from analyzer.errors import CandidacyError, FetchError, UserError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from analyzer.records import Skipped
    from analyzer.statements.statement import Statement

# What a process returns that Control-C ended; Typer makes it of a KeyboardInterrupt.
INTERRUPTED = 130
DB = Path("candidacy.duckdb")

# What other libraries read when they are imported. Nothing here uses the network or wants their chatter.
QUIET = {
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "TRANSFORMERS_NO_ADVISORY_WARNINGS": "1",
    "TOKENIZERS_PARALLELISM": "false",
}


def _examples(*lines: str) -> str:
    return "\n\n".join(["Examples:", *(f"  {line}" for line in lines)])


app = typer.Typer(
    name="candidacy",
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help=(
        "Reads the statements of people who stand for election in open-source projects: who they are, what "
        "they have done, for whom they work, what they want; and sets candidates and elections side by side."
    ),
    epilog=(
        "Two commands are enough to begin:\n\n"
        "  candidacy analyze archive/*.mbox\n\n"
        '  candidacy compare "Maren Oldervik" "Ren Watase"\n\n'
        "'candidacy VERB --help' explains each verb, with examples. Nothing is sent anywhere: all work is "
        "done on this machine. Only 'candidacy fetch' uses the network."
    ),
)


@dataclass
class Session:
    """What the options common to all verbs say."""

    verbose: bool = False
    debug: bool = False
    redact: bool = False


def _noted(ctx: typer.Context, param: typer.CallbackParam, value: bool) -> bool:
    """Note a common option, before or after the verb."""
    session = ctx.ensure_object(Session)
    setattr(session, param.name or "", value or getattr(session, param.name or ""))
    return value


class Format(StrEnum):
    text = "text"
    json = "json"


class SchemaFormat(StrEnum):
    json = "json"


class Measure(StrEnum):
    statements = "statements"
    platforms = "platforms"


class ExtractFormat(StrEnum):
    text = "text"
    json = "json"
    jsonl = "jsonl"
    csv = "csv"


class ExportFormat(StrEnum):
    json = "json"
    jsonl = "jsonl"
    csv = "csv"
    parquet = "parquet"


F = TypeVar("F", ExtractFormat, ExportFormat)
COMMON = "In every verb"
READING = "How sources are read"
CHANGES = "Changing topics"
CORRECTING = "To put right who is who"


def _flag(*names: str, help: str, panel: str | None = None, **more: Any) -> Any:
    return typer.Option(*names, help=help, rich_help_panel=panel, show_default=False, metavar=" ", **more)


def _value(name: str, metavar: str, help: str, panel: str | None = None, **more: Any) -> Any:
    return typer.Option(name, metavar=metavar, help=help, rich_help_panel=panel, **more)


Verbose = Annotated[
    bool, _flag("--verbose", "-v", help="List what was skipped, and why.", panel=COMMON, callback=_noted)
]
Debug = Annotated[
    bool,
    _flag(
        "--debug",
        help="Show where in the program an error arose.",
        panel=COMMON,
        callback=_noted,
        is_eager=True,
    ),
]
Redact = Annotated[
    bool, _flag("--redact", help="Leave e-mail addresses and handles out.", panel=COMMON, callback=_noted)
]
FormatOption = Annotated[
    Format, typer.Option("--format", help="'text' to read, 'json' for programs.", rich_help_panel=COMMON)
]
Db = Annotated[Path, _value("--db", "FILE", "The workspace.", COMMON)]
ElectionOption = Annotated[
    str | None,
    _value(
        "--election",
        "ELECTION",
        "Only this election or contest: its id, or words that only it has, such as 'tarnfold 2025'.",
    ),
]
Sources = Annotated[
    list[str],
    typer.Argument(
        metavar="SOURCE",
        help="Mailboxes (mbox, pipermail, Maildir, .eml), archive pages, text or Markdown files, or folders "
        "of these; gzipped ones, too; '-' reads standard input. The format is told from the content.",
    ),
]
KeepAll = Annotated[
    bool, _flag("--all", help="Keep every message, also replies, results and ordinary mail.", panel=READING)
]
Explain = Annotated[
    bool, _flag("--explain", help="Say of each message why it is a candidacy or not.", panel=READING)
]
MinConfidence = Annotated[
    float,
    _value("--min-confidence", "0..1", "Leave out what is less sure than this.", READING, min=0, max=1),
]
Fast = Annotated[
    bool,
    _flag("--fast", help="Read with a smaller network, in 8 bits: faster, and a little less exact.", panel=READING),
]
Community = Annotated[
    str | None, _value("--community", "NAME", "The community that votes, where you know it.", READING)
]
Office = Annotated[
    str | None, _value("--office", "NAME", "The office they stand for, where you know it.", READING)
]
Cycle = Annotated[
    str | None, _value("--cycle", "TEXT", "The election's date or number, such as '2025'.", READING)
]


def _version(value: bool) -> None:
    if value:
        typer.echo(f"candidacy {__version__}")
        raise typer.Exit()


@app.callback(invoke_without_command=True)
def root(
    ctx: typer.Context,
    version: Annotated[
        bool, _flag("--version", help="Show the version.", callback=_version, is_eager=True)
    ] = False,
    redact: Redact = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


@app.command(
    epilog=_examples(
        "candidacy extract archive/2025-March.txt.gz",
        "candidacy extract mails/ --format csv -o records/",
        "cat inbox | candidacy extract - > records.json",
    )
)
def extract(
    ctx: typer.Context,
    sources: Sources,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write here (with csv: a folder of tables)."),
    ] = None,
    form: Annotated[
        ExtractFormat | None,
        typer.Option(
            "--format",
            help="On a terminal a digest to read ('text'), otherwise JSON.",
            show_default=False,
            rich_help_panel=COMMON,
        ),
    ] = None,
    keep_all: KeepAll = False,
    explain: Explain = False,
    min_confidence: MinConfidence = 0.0,
    fast: Fast = False,
    community: Community = None,
    office: Office = None,
    cycle: Cycle = None,
    redact: Redact = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """Read statements and show what is in them: roles, affiliations, focus areas. Nothing is stored.

    For one look at one file, or to hand the records to another program. Every
    value comes with the characters of the text it was read from.
    """
    session: Session = ctx.obj
    chosen = form or _format_of(output, ExtractFormat, "text" if sys.stdout.isatty() else "json")
    _check_output(output, chosen)
    reading = workflow.Reading(keep_all, min_confidence, fast, community, office, cycle)
    with display.Progress() as progress:
        export, account = workflow.extract(
            sources,
            reading,
            progress=progress,
            observe=_observer(session, explain, progress),
            redact=session.redact,
        )
    if chosen is ExtractFormat.text:
        display.show(display.digest(export))
    else:
        from analyzer import exporting

        exporting.write(export, chosen.value, output)
    display.note(display.closing(account))


@app.command(
    epilog=_examples(
        "candidacy analyze archive/*.mbox",
        "candidacy analyze news/ --db tarnfold.duckdb --community Tarnfold",
    )
)
def analyze(
    ctx: typer.Context,
    sources: Sources,
    db: Annotated[
        Path,
        typer.Option(
            "--db", metavar="FILE", help="The workspace; made where there is none.", rich_help_panel=COMMON
        ),
    ] = DB,
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            metavar="NAME",
            help="Embedding model: a folder, or a name in the local Hugging Face cache. A workspace keeps "
            "the one it was made with.",
            show_default=False,
        ),
    ] = None,
    keep_all: KeepAll = False,
    explain: Explain = False,
    min_confidence: MinConfidence = 0.0,
    fast: Fast = False,
    community: Community = None,
    office: Office = None,
    cycle: Cycle = None,
    form: FormatOption = Format.text,
    redact: Redact = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """Read statements into a workspace, where the other verbs find them.

    Run it again whenever there is new mail: only what is new is added, nothing is
    stored twice.
    """
    session: Session = ctx.obj
    reading = workflow.Reading(keep_all, min_confidence, fast, community, office, cycle)
    with display.Progress() as progress:
        account = workflow.analyze(
            sources,
            db,
            reading,
            model=model,
            progress=progress,
            observe=_observer(session, explain, progress),
        )
    if form is Format.json:
        _print_json(account)
    display.note(display.closing(account))


@app.command("list", epilog=_examples("candidacy list", "candidacy list --candidate maren"))
def list_(
    ctx: typer.Context,
    election: ElectionOption = None,
    candidate: Annotated[
        str | None,
        typer.Option(
            "--candidate", metavar="NAME", help="Only what this candidate stood for: a name or part of one."
        ),
    ] = None,
    db: Db = DB,
    form: FormatOption = Format.text,
    redact: Redact = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """Show what the workspace holds: elections, contests, candidates and counts.

    The ids it shows are those that --election takes.
    """
    listing = workflow.listing(db, election=election, candidate=candidate, redact=ctx.obj.redact)
    _answer(ctx, listing, form, display.listing, db)


@app.command(epilog=_examples("candidacy summarize", "candidacy summarize 'Maren Oldervik' --election 2025"))
def summarize(
    ctx: typer.Context,
    candidates: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="CANDIDATE", help="Names or parts of names, each in quotes; all if none is given."
        ),
    ] = None,
    election: ElectionOption = None,
    db: Db = DB,
    form: FormatOption = Format.text,
    redact: Redact = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """Show who each candidate is and what they want, in their own words.

    Roles, affiliations, subjects with the sentences that say them. Somebody who
    stood several times has a summary for each election.
    """
    with display.Progress() as progress:
        found = workflow.summarize(
            db, candidates or (), election=election, redact=ctx.obj.redact, progress=progress
        )
    _answer(ctx, found, form, display.summaries, db)


@app.command(
    epilog=_examples(
        "candidacy cluster", "candidacy cluster --election 'tarnfold 2025'", "candidacy cluster --over-all"
    )
)
def cluster(
    ctx: typer.Context,
    election: ElectionOption = None,
    over_all: Annotated[
        bool, _flag("--over-all", help="Group all candidates at once, by the subjects of their statements.")
    ] = False,
    db: Db = DB,
    form: FormatOption = Format.text,
    redact: Redact = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """Group candidates who want similar things, and say what binds each group and how well it holds.

    Each election is grouped by itself. Name one with --election, or a contest of
    it, to see only that.
    """
    with display.Progress() as progress:
        found = workflow.cluster(
            db, election=election, over_all=over_all, redact=ctx.obj.redact, progress=progress
        )
    _answer(ctx, found, form, display.clusterings, db)


@app.command(
    epilog=_examples(
        "candidacy compare 'Maren Oldervik' watase",
        "candidacy compare 'Maren Oldervik'",
        "candidacy compare --elections 'tarnfold 2024' 'tarnfold 2025'",
    )
)
def compare(
    ctx: typer.Context,
    candidates: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="CANDIDATE",
            help="Two or more candidates, each name in quotes; or one, to be compared with themselves "
            "over time.",
        ),
    ] = None,
    elections: Annotated[
        tuple[str, str] | None,
        typer.Option("--elections", metavar="X Y", help="Compare two elections instead of candidates."),
    ] = None,
    election: ElectionOption = None,
    db: Db = DB,
    form: FormatOption = Format.text,
    redact: Redact = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """Set candidates or elections side by side: what they share, where they are close, what only one says.

    Candidates are compared in each election in which all of them stood, or, if
    there is none, over everything they wrote.
    """
    with display.Progress() as progress:
        found = workflow.compare(
            db,
            candidates or (),
            election=election,
            elections=elections or (),
            redact=ctx.obj.redact,
            progress=progress,
        )
    _answer(ctx, found, form, display.comparisons, db)


@app.command(
    epilog=_examples(
        "candidacy diff 'Maren Oldervik'", "candidacy diff maren --from 'tarnfold 2024' --to 'tarnfold 2025'"
    )
)
def diff(
    ctx: typer.Context,
    candidate: Annotated[str, typer.Argument(metavar="CANDIDATE", help="A name or part of one.")],
    earlier: Annotated[
        str | None,
        _value("--from", "ELECTION", "The earlier candidacy; by default the one before the later.", show_default=False),
    ] = None,
    later: Annotated[
        str | None, _value("--to", "ELECTION", "The later candidacy; by default the last.", show_default=False)
    ] = None,
    every: Annotated[bool, _flag("--all", help="From each candidacy to the next.")] = False,
    db: Db = DB,
    form: FormatOption = Format.text,
    redact: Redact = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """Show what became of a candidate's platform: what they still want, want otherwise, want no more, or want anew.

    And of which earlier goals they speak now as done or under way. That is what
    they say, not whether it is so.
    """
    with display.Progress() as progress:
        found = workflow.diff(
            db, candidate, earlier=earlier, later=later, every=every, redact=ctx.obj.redact, progress=progress
        )
    _answer(ctx, found, form, display.diffs, db)


@app.command(epilog=_examples("candidacy match priorities.txt --election 'tarnfold 2025'"))
def match(
    ctx: typer.Context,
    priorities: Annotated[
        Path,
        typer.Argument(
            metavar="PRIORITIES",
            help="A text file, one priority a line, in any words; 'better documentation: 2' counts double, "
            "'new features: -1' is something you are against.",
        ),
    ],
    election: ElectionOption = None,
    db: Db = DB,
    form: FormatOption = Format.text,
    redact: Redact = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """Rank candidates by how far they speak for your priorities, with the sentence behind each answer.

    Who says nothing to a priority is silent on it, and neither for nor against it.
    """
    with display.Progress() as progress:
        found = workflow.match(db, priorities, election=election, redact=ctx.obj.redact, progress=progress)
    _answer(ctx, found, form, display.matched, db)


@app.command(
    epilog=_examples(
        "candidacy search release process", "candidacy search 'funding for contributors' --limit 3"
    )
)
def search(
    ctx: typer.Context,
    text: Annotated[list[str], typer.Argument(metavar="TEXT", help="A subject, in any words.")],
    limit: Annotated[
        int, typer.Option("--limit", min=1, metavar="N", help="Show at most this many candidates.")
    ] = 10,
    db: Db = DB,
    form: FormatOption = Format.text,
    redact: Redact = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """Find who speaks about a subject, best sentence first, by meaning and by word together."""
    with display.Progress() as progress:
        found = workflow.search(db, " ".join(text), limit=limit, redact=ctx.obj.redact, progress=progress)
    _answer(ctx, found, form, display.found, db)


@app.command(
    epilog=_examples(
        "candidacy topics --election 'tarnfold 2025'",
        "candidacy topics documentation",
        "candidacy topics ci --rename 'Continuous integration'",
        "candidacy topics testing --merge 'test coverage' --merge 'functional tests'",
        "candidacy topics testing --split 'test days' --split 'test sprints' --as 'Test events'",
        "candidacy topics --topics mytopics.txt",
    )
)
def topics(
    ctx: typer.Context,
    topic: Annotated[
        str | None, typer.Argument(metavar="TOPIC", help="Show only this one, with every sentence: its id or label.")
    ] = None,
    election: ElectionOption = None,
    rename: Annotated[
        str | None, _value("--rename", "LABEL", "Call the topic this.", CHANGES, show_default=False)
    ] = None,
    merge: Annotated[
        list[str] | None,
        _value("--merge", "TOPIC", "File the phrases of this topic under TOPIC, too; may be repeated.", CHANGES),
    ] = None,
    split: Annotated[
        list[str] | None,
        _value("--split", "PHRASE", "Make this phrase of TOPIC a topic of its own; may be repeated.", CHANGES),
    ] = None,
    label: Annotated[
        str | None, _value("--as", "LABEL", "What the split off topic is called.", CHANGES, show_default=False)
    ] = None,
    pin: Annotated[
        str | None, _value("--pin", "PHRASE", "File this phrase under TOPIC, for good.", CHANGES, show_default=False)
    ] = None,
    listed: Annotated[
        Path | None,
        _value(
            "--topics",
            "FILE",
            "Begin anew with your own topics: a line each, 'label' or 'label: phrase; phrase'.",
            CHANGES,
            show_default=False,
        ),
    ] = None,
    db: Db = DB,
    form: FormatOption = Format.text,
    redact: Redact = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """Show what all statements are about: areas, their topics, and who raises them; or change the topics.

    Topics keep their names and phrases when statements are added. What you change
    stays as you want it.
    """
    change = workflow.TopicChange(rename, merge or (), split or (), label, pin, listed)
    with display.Progress() as progress:
        found = workflow.topics(
            db, topic, election=election, change=change, redact=ctx.obj.redact, progress=progress
        )
    _answer(ctx, found, form, display.topics, db)


@app.command(
    epilog=_examples(
        "candidacy trends --community tarnfold",
        "candidacy trends --topic 'release process' --by platforms",
    )
)
def trends(
    ctx: typer.Context,
    election: Annotated[
        str | None,
        _value(
            "--election",
            "ELECTION",
            "As things stood at this election: it and those before it. A contest, for one office only.",
        ),
    ] = None,
    community: Annotated[
        str | None, _value("--community", "NAME", "Only this community: its name or part of it.")
    ] = None,
    topic: Annotated[
        str | None,
        _value("--topic", "TOPIC", "Only this topic, with who raises it and how: its id, or words of its label."),
    ] = None,
    by: Annotated[
        Measure,
        typer.Option(
            "--by",
            help="Count candidates whose statements speak of a topic, or whose platforms do, that is, who have a "
            "goal in it.",
        ),
    ] = Measure.statements,
    limit: Annotated[
        int,
        typer.Option("--limit", min=1, metavar="N", help="Show at most this many topics; JSON has all of them."),
    ] = 15,
    db: Db = DB,
    form: FormatOption = Format.text,
    redact: Redact = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """Show how topics and the field of candidates change across elections, and what sets winners apart.

    Every share has an interval, every rise and fall a test that allows for there
    being many topics. Elections of one community make one view.
    """
    with display.Progress() as progress:
        found = workflow.trends(
            db,
            election=election,
            community=community,
            topic=topic,
            by=by.value,
            redact=ctx.obj.redact,
            progress=progress,
        )
    _answer(ctx, found, form, lambda view: display.trends(view, limit), db)


@app.command(
    epilog=_examples("candidacy export -o records.json", "candidacy export --format parquet -o tables/")
)
def export(
    ctx: typer.Context,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Write here (with csv and parquet: a folder of tables)."
        ),
    ] = None,
    form: Annotated[
        ExportFormat | None,
        typer.Option(
            "--format",
            help="As the name of FILE ends, otherwise JSON.",
            show_default=False,
            rich_help_panel=COMMON,
        ),
    ] = None,
    db: Db = DB,
    redact: Redact = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """Write the workspace as data: statements, people, elections, topics, and what was skipped."""
    session: Session = ctx.obj
    chosen = form or _format_of(output, ExportFormat, "json")
    _check_output(output, chosen)
    with display.Progress() as progress:
        document = workflow.export(db, redact=ctx.obj.redact, progress=progress)
    from analyzer import exporting

    exporting.write(document, chosen.value, output)
    if session.verbose:
        _list_skipped(document.skipped)


@app.command(epilog=_examples("candidacy schema", "candidacy schema compare"))
def schema(
    view: Annotated[
        str | None,
        typer.Argument(
            metavar="VIEW", help="A verb, for what its --format json gives; the export if none is given."
        ),
    ] = None,
    form: Annotated[
        SchemaFormat, typer.Option("--format", help="It is always JSON.", rich_help_panel=COMMON)
    ] = SchemaFormat.json,
    redact: Redact = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """Print the JSON Schema of the export, or of what a verb gives with --format json."""
    from analyzer import exporting

    _print_json(exporting.schema(view))


@app.command(
    epilog=_examples(
        "candidacy people",
        "candidacy people 'Maren Oldervik'",
        "candidacy people --merge 'Maren Oldervik' moldervik",
        "candidacy people --split 'Maren Oldervik' maren@other.example",
        "candidacy people --forget 'Maren Oldervik'",
    )
)
def people(
    ctx: typer.Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME", help="Names, parts of names, addresses, handles or ids; all if none is given."),
    ] = None,
    merge: Annotated[bool, _flag("--merge", help="The people named are one.", panel=CORRECTING)] = False,
    split: Annotated[
        bool,
        _flag(
            "--split",
            help="Of the first one named, these statements are somebody else's: ids, an address, a handle, or an "
            "election.",
            panel=CORRECTING,
        ),
    ] = False,
    forget: Annotated[
        bool,
        _flag(
            "--forget",
            help="Remove the person named, for good: statements, texts, vectors. They do not come back when sources "
            "are analyzed again.",
            panel=CORRECTING,
        ),
    ] = False,
    undo: Annotated[
        bool, _flag("--undo", help="Take back what was said last about people.", panel=CORRECTING)
    ] = False,
    candidate: Annotated[
        str | None, typer.Option("--candidate", metavar="NAME", help="Only this candidate, as a NAME.")
    ] = None,
    election: ElectionOption = None,
    db: Db = DB,
    form: FormatOption = Format.text,
    redact: Redact = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """Show who is who: names, addresses, handles, elections, and why statements are taken for one person's.

    What is wrong can be put right: two who are one, one who is two. That is kept
    apart from what was read, and holds when sources are analyzed again.
    """
    said, redacted = [*(names or ()), *([candidate] if candidate else ())], ctx.obj.redact
    if sum((merge, split, forget, undo)) > 1:
        raise UserError("people: give one of --merge, --split, --forget and --undo at a time")
    if election and (merge or split or forget or undo):
        raise UserError("people: --election only narrows what is shown: leave it out here")
    if undo:
        if said:
            raise UserError("people: --undo takes back what was said last, whoever it was about: leave the names out")
        display.note(display.undone(workflow.undo(db)))
    elif forget:
        if len(said) != 1:
            raise UserError("people: --forget removes one person: give one name")
        with display.Progress() as progress:
            removed = workflow.forget(db, said[0], progress=progress)
        display.note(display.done(removed))
    elif merge or split:
        if not said:
            raise UserError("people: say who: 'candidacy people' lists them")
        made, now = (
            workflow.merge(db, said, redact=redacted)
            if merge
            else workflow.split(db, said[0], said[1:], redact=redacted)
        )
        _answer(ctx, now, form, display.people, db)
        display.note(display.done(made))
    else:
        _answer(ctx, workflow.people(db, said, election=election, redact=redacted), form, display.people, db)


@app.command(
    epilog=_examples(
        "candidacy correct k3v9 candidate 'Maren Oldervik'",
        "candidacy correct k3v9 role 'documentation lead' --set status=past",
        "candidacy correct k3v9 focus accessibility --remove",
        "candidacy correct k3v9 affiliation 'Hestrum Data' --add --set relation=founder",
        "candidacy correct --list",
    )
)
def correct(
    ctx: typer.Context,
    statement: Annotated[
        str | None,
        typer.Argument(metavar="STATEMENT", help="Its id, or the beginning of it; 'candidacy people NAME' shows them."),
    ] = None,
    field: Annotated[
        str | None,
        typer.Argument(
            metavar="FIELD",
            help="candidate, community, unit, office, cycle, outcome, submitted, begins or ends; role, affiliation, "
            "focus, email or handle.",
        ),
    ] = None,
    value: Annotated[
        str | None,
        typer.Argument(
            metavar="VALUE", help="What it is; of those a statement has several of, the one meant, or the one to add."
        ),
    ] = None,
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="PART=VALUE",
            help="What it shall be: title, organization, status; relation; phrase, kind; service. May be repeated.",
        ),
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option("--where", metavar="PART=VALUE", help="Which one is meant, where several have the value."),
    ] = None,
    add: Annotated[bool, _flag("--add", help="Add it.")] = False,
    remove: Annotated[bool, _flag("--remove", help="Remove it.")] = False,
    list_all: Annotated[bool, _flag("--list", help="List all corrections, also those of people.")] = False,
    undo: Annotated[
        int | None, typer.Option("--undo", metavar="N", help="Take the correction of this number back.")
    ] = None,
    db: Db = DB,
    form: FormatOption = Format.text,
    redact: Redact = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """Correct what was read from a statement: who stands, for what, and each role, affiliation or focus area.

    Corrections are kept apart from what was read, shown in its place, and hold when
    sources are analyzed again. What is no longer what was read is marked so in the
    export. With --format json, --undo prints the corrections that are left.
    """
    if list_all or undo is not None:
        if statement is not None or (list_all and undo is not None):
            raise UserError("correct: --list and --undo stand alone")
        if undo is not None:
            display.note(display.undone(workflow.undo(db, undo)))
        if list_all or form is Format.json:
            _answer(ctx, workflow.corrections(db, redact=ctx.obj.redact), form, display.corrections, db)
        return
    if statement is None or field is None:
        raise UserError("correct: give a statement, a field and its value, or --list: see 'candidacy correct --help'")
    if add and remove:
        raise UserError("correct: give one of --add and --remove")
    made = workflow.correct(
        db,
        statement,
        field,
        value,
        verb="add" if add else "remove" if remove else "set",
        changes=_parts(changes, "--set"),
        where=_parts(where, "--where"),
        redact=ctx.obj.redact,
    )
    if form is Format.json:
        _print_json([made])
    display.note(display.done(made))


@app.command(
    epilog=_examples(
        "candidacy fetch https://lists.tarnfold.example/pipermail/council/ -o mail/",
        "candidacy fetch https://lists.tarnfold.example/g/council -o mail/ --since 2024-03",
        "candidacy analyze mail/",
    )
)
def fetch(
    ctx: typer.Context,
    url: Annotated[
        str,
        typer.Argument(
            metavar="URL",
            help="Any page of a pipermail archive (Mailman 2), a HyperKitty list (Mailman 3) or a groups.io group.",
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="DIR",
            help="The folder for its files; made where there is none.",
            show_default=False,
        ),
    ],
    since: Annotated[
        datetime | None,
        typer.Option(
            "--since",
            metavar="YYYY-MM[-DD]",
            formats=["%Y-%m", "%Y-%m-%d"],
            help="Leave out months that were over before this day.",
            show_default=False,
        ),
    ] = None,
    rate: Annotated[
        float,
        typer.Option("--rate", metavar="N", min=0.01, max=10, help="Ask the server at most N times a second."),
    ] = 1.0,
    form: FormatOption = Format.text,
    redact: Redact = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """Fetch the archive of a mailing list, as its server sends it, for 'candidacy analyze' to read.

    Run it again whenever you want what is new, or when it was interrupted: files
    that are here and have not changed are not fetched again. Files that do not come
    are named, and the exit code is 3. For groups.io, put an API key of yours into
    the environment variable GROUPSIO_TOKEN.
    """
    session: Session = ctx.obj
    with display.Progress() as progress:
        found = workflow.fetch(
            url,
            output,
            since=since.date() if since else None,
            rate=rate,
            progress=progress,
            observe=(lambda line: progress.note(_redacted(line, session))) if session.verbose else None,
            redact=session.redact,
        )
    if form is Format.json:
        _print_json(found)
    else:
        display.show(display.fetched(found))
    if found.failed:
        raise FetchError(f"{len(found.failed)} of its files did not come: run the same command again for them")


@app.command(
    epilog=_examples(
        "candidacy evaluate gold/",
        "candidacy evaluate gold/ --export records.json --format json",
    )
)
def evaluate(
    ctx: typer.Context,
    gold: Annotated[
        Path,
        typer.Argument(
            metavar="GOLD_DIR",
            help="A folder of statements (ID.txt), each with its annotation (ID.json); an index.jsonl in it may "
            "name the community of each.",
        ),
    ],
    export: Annotated[
        Path | None,
        typer.Option(
            "--export", metavar="FILE", help="Measure this JSON export instead of extracting anew.", show_default=False
        ),
    ] = None,
    min_confidence: MinConfidence = 0.0,
    fast: Fast = False,
    form: FormatOption = Format.text,
    redact: Redact = False,
    verbose: Verbose = False,
    debug: Debug = False,
) -> None:
    """Measure extraction on annotated statements: how much was found, and how much of what was found is right.

    Figures are micro-averaged over statements, for all of them and for each
    community. Statements that the shipped model was trained on say little of how it
    does on others; the model card tells that.
    """
    with display.Progress() as progress:
        figures = workflow.evaluate(
            gold, export, min_confidence=min_confidence, fast=fast, progress=progress
        )
    if form is Format.json:
        _print_json(figures)
    else:
        display.show(display.evaluations(figures))


def _parts(given: Sequence[str] | None, option: str) -> dict[str, str]:
    """Return what options of the form PART=VALUE say."""
    found = {}
    for text in given or ():
        part, sign, value = text.partition("=")
        if not sign or not part.strip():
            raise UserError(f"{option} {text}: write it as PART=VALUE, such as '{option} status=past'")
        found[part.strip()] = value
    return found


def _format_of(output: Path | None, formats: type[F], otherwise: str) -> F:
    """Return the format that a file's name asks for."""
    suffix = output.suffix.lower().removeprefix(".") if output else otherwise
    if suffix == ExportFormat.parquet and suffix not in list(formats):
        raise UserError(f"{output}: this verb writes no parquet: 'candidacy export' does, from a workspace")
    return formats(suffix if suffix in list(formats) else "json")


def _check_output(output: Path | None, form: StrEnum) -> None:
    """Find out before the work what would spoil it at its end."""
    if output is None:
        if form in ("csv", "parquet"):
            raise UserError(
                f"--format {form} makes one table per kind of thing: give a folder for them with -o"
            )
    elif form == "text":
        raise UserError("--format text is for the screen: with -o give json, jsonl or csv")
    elif not output.absolute().parent.is_dir():
        raise UserError(f"{output.parent}: no such folder: make it, or give another with -o")


def _print_json(value: Any) -> None:
    """Print a record, a list of records, or plain values on stdout."""
    from analyzer.exporting import as_json

    plain = isinstance(value, dict)
    data = json.dumps(value, indent=1, ensure_ascii=False).encode() + b"\n" if plain else as_json(value)
    sys.stdout.buffer.write(data)


def _answer(
    ctx: typer.Context, view: Any, form: Format, render: Callable[[Any], RenderableType], db: Path
) -> None:
    """Print a view."""
    session: Session = ctx.obj
    if form is Format.json:
        _print_json(view)
    else:
        display.show(render(view))
    if session.verbose:
        _list_skipped(workflow.left_out(db, redact=session.redact))


def _list_skipped(skipped: Sequence[Skipped]) -> None:
    for item in skipped:
        for line in display.complaints(item):
            display.note(line)


def _observer(session: Session, explain: bool, progress: display.Progress) -> workflow.Observer | None:
    """Return what reports on each message as it is read, or None if nobody wants to know."""
    if not (explain or session.verbose):
        return None

    def observe(item: Statement | Skipped) -> None:
        for line in display.explained(item) if explain else display.complaints(item):
            progress.note(_redacted(line, session))

    return observe


def _redacted(line: str, session: Session) -> str:
    if not session.redact:
        return line
    from analyzer.redaction import redacted

    return redacted(line)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code: 0, 1 for a failure, 2 for a mistake of the user's.

    Parameters
    ----------
    argv : the arguments; by default those of the process.
    """
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal that lacks a letter is no reason to fail
    session = Session()
    try:
        code = app(
            args=None if argv is None else list(argv),
            prog_name="candidacy",
            standalone_mode=False,
            obj=session,
        )
        sys.stdout.flush()
        if code == INTERRUPTED:
            display.note("candidacy: interrupted")
    except BrokenPipeError:
        # Whoever read our output has had enough; the interpreter must not flush into the closed pipe again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + 13
    except Exception as error:
        if session.debug:
            traceback.print_exc()
        line, code = _explained(error, session.debug)
        display.note(f"candidacy: {_redacted(line, session)}")
    return int(code or 0)


def _explained(error: Exception, debug: bool) -> tuple[str, int]:
    """Return the line and the exit code for an error."""
    if isinstance(error, CandidacyError):
        return str(error), error.exit_code
    if hasattr(error, "format_message"):  # Typer's own errors: a wrong option, a missing argument
        where = getattr(getattr(error, "ctx", None), "command_path", "candidacy")
        return f"{error.format_message().rstrip('.')}: see '{where} --help'", 2
    message = str(error).strip() or type(error).__name__
    if isinstance(error, OSError) and error.strerror:
        message = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return message + ("" if debug else ": run again with --debug to see where"), 1


if __name__ == "__main__":
    sys.exit(main())
