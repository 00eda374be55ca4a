"""What each verb does: the rooms joined, one function per verb. Nothing here prints.

Every function that may take longer than a second accepts `progress`, which is told the step at hand, how much
of it is done, and of how much where that is known.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol, TypeVar

from pydantic import Field

from analyzer.directory import Directory, Listing
from analyzer.errors import UnknownNameError, UserError
from analyzer.records import Export, Record, Skipped, Source, StatementRecord

if TYPE_CHECKING:
    from analyzer.corrections import Corrected, Correction, CorrectionEntry, Verb
    from analyzer.embeddings import Embedder
    from analyzer.evaluation import Evaluation
    from analyzer.fetching import Fetched
    from analyzer.people import PersonEntry
    from analyzer.sources.message import Message
    from analyzer.statements.statement import Statement
    from analyzer.store import Workspace
    from analyzer.summaries import CandidateSummary
    from analyzer.topics.clusters import Clustering
    from analyzer.topics.comparison import Comparison
    from analyzer.topics.filing import Filing as Filed
    from analyzer.topics.grouping import TopicListing
    from analyzer.topics.searching import SearchResult
    from analyzer.topics.trends import CommunityTrends, Measure

# Reasons to skip something that should have been readable, unlike a reply or a picture in a folder.
BROKEN = frozenset({"broken-message", "corrupt-gzip", "too-large", "unreadable"})
# Texts embedded between two reports of progress: a multiple of the embedder's batch.
CHUNK = 256


class Progress(Protocol):
    def __call__(self, step: str, done: int = 0, total: int | None = None) -> None: ...


def silent(step: str, done: int = 0, total: int | None = None) -> None:
    """Report nothing."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How sources are read.

    Attributes
    ----------
    keep_all : keep every message, also those that are no candidacy.
    min_confidence : roles, affiliations and focus areas below it are left out.
    fast : read in 8 bits.
    community, office, cycle : what the user knows of the election, and the sources do not say.
    """

    keep_all: bool = False
    min_confidence: float = 0.0
    fast: bool = False
    community: str | None = None
    office: str | None = None
    cycle: str | None = None


class Account(Record):
    """What became of every message that was read.

    `skipped` counts by reason, and `warnings` those of the statements that were kept; `broken` names the messages
    and files that could not be read. `workspace`, `added` and `held` (statements that are new to the workspace,
    and all that it holds now) are null where nothing is stored. `lost` are the numbers of corrections that no longer
    find what they correct.
    """

    messages: int
    statements: int
    skipped: dict[str, int]
    broken: list[str]
    warnings: dict[str, int]
    workspace: str | None = None
    added: int | None = None
    held: int | None = None
    lost: list[int] = Field(default_factory=list)


T = TypeVar("T")
Observer = Callable[["Statement | Skipped"], None]


def extract(
    sources: Sequence[str | Path],
    reading: Reading | None = None,
    *,
    progress: Progress = silent,
    observe: Observer | None = None,
    redact: bool = False,
    stdin: BinaryIO | None = None,
) -> tuple[Export, Account]:
    """Read sources and return the records of their statements.

    Parameters
    ----------
    observe : is shown each statement and each thing skipped, as soon as that is decided.
    redact : leave e-mail addresses and handles out of what is returned, here as everywhere.

    Raises
    ------
    SourceError
        If a source cannot be read at all.
    ModelError
        If the pipeline is missing or damaged.
    """
    from analyzer import pipeline
    from analyzer.exporting import document

    reading = reading or Reading()
    statements, skipped, messages = _decide(_open_sources(sources, stdin), reading, progress, observe)
    records = _settled(_extracted(statements, reading, progress), [])
    made = document(records, models=[pipeline.model(fast=reading.fast)], skipped=skipped)
    return _seen(made, redact), _account(messages, statements, skipped)


def analyze(
    sources: Sequence[str | Path],
    db: Path,
    reading: Reading | None = None,
    *,
    model: str | None = None,
    progress: Progress = silent,
    observe: Observer | None = None,
    stdin: BinaryIO | None = None,
) -> Account:
    """Read sources into a workspace, made where there is none; what it holds already stays as it is.

    Unless `reading` names the election: then what is read again takes that name.

    Parameters
    ----------
    model : embedding model, by name or folder; by default the workspace's, else `embeddings.DEFAULT_MODEL`.

    Raises
    ------
    SourceError, ModelError
        As `extract`.
    WorkspaceError
        If `db` is no workspace of this version, another program writes to it, or it has another model.
    """
    from analyzer import pipeline
    from analyzer.store import Workspace

    reading = reading or Reading()
    # All that the arguments can have wrong is found out before a workspace is made.
    items = _open_sources(sources, stdin)
    if model is not None:
        _embedder(model)
    extractor = pipeline.model(fast=reading.fast)
    with Workspace.open(db, create=True) as workspace:
        embedder = _embedder(model, workspace)
        workspace.set_pipeline(extractor)
        statements, skipped, messages = _decide(items, reading, progress, observe)
        # What the user says of the election is also said of statements that are known already.
        told = reading.community or reading.office or reading.cycle
        known = set() if told else workspace.known(statement.id for statement in statements)
        statements, skipped, gone = _unforgotten(workspace, statements, skipped)
        held = workspace.records()
        # Results are published after the statements, which are known by then.
        outcomes = {record.id: record.election.outcome for record in held}
        fresh = [
            statement
            for statement in statements
            if statement.id not in known
            or (statement.outcome is not None and statement.outcome.value != outcomes[statement.id])
        ]
        again = {statement.id for statement in fresh}
        records = _settled(
            _extracted(fresh, reading, progress), [record for record in held if record.id not in again]
        )
        kept = _known_by_no_key(workspace, records)
        _embed(kept, embedder, progress)
        progress("storing")
        added = workspace.add(kept, skipped)
        _file(workspace, embedder, progress)
        account = _account(messages, statements, skipped)
        gone += len(records) - len(kept)
        return account.model_copy(
            update={
                "workspace": str(db),
                "added": added,
                "held": len(held) + added,
                "statements": account.statements - (len(records) - len(kept)),
                "skipped": account.skipped | ({"forgotten": gone} if gone else {}),
                "lost": _corrected(workspace).lost if workspace.corrections() else [],
            },
        )


def listing(
    db: Path, *, election: str | None = None, candidate: str | None = None, redact: bool = False
) -> Listing:
    """Return what a workspace holds: elections, contests, candidates and counts.

    Raises
    ------
    WorkspaceError
        As every view: if there is no workspace, or it cannot be opened.
    UnknownNameError
        As every view: if a name fits nobody or several.
    """
    from analyzer.store import Workspace

    with Workspace.open(db, read_only=True) as workspace:
        directory = _directory(workspace)
        scope = directory.find_election(election) if election else None
        person = _person(directory, candidate, scope) if candidate else None
        found = directory.listing(scope, person, skipped=len(workspace.skipped()))
        return _seen(found, redact, directory)


def left_out(db: Path, *, redact: bool = False) -> list[Skipped]:
    """Return what was read into a workspace and left out, and why."""
    from analyzer.store import Workspace

    with Workspace.open(db, read_only=True) as workspace:
        return _seen(workspace.skipped(), redact)


def summarize(
    db: Path,
    candidates: Sequence[str] = (),
    *,
    election: str | None = None,
    redact: bool = False,
    progress: Progress = silent,
) -> list[CandidateSummary]:
    """Return a summary of each candidate (of those named, or all) in each election (or the one named)."""
    from analyzer import summaries

    with _opened(db, progress) as (directory, embedder):
        scope = directory.find_election(election) if election else None
        people = [_person(directory, name, scope) for name in candidates]
        records = [
            record
            for record in directory.in_scope(scope)
            if not people or directory.person(record).id in people
        ]
        progress("summarizing")
        return _seen(summaries.summarize(records, embedder, directory), redact, directory)


def cluster(
    db: Path,
    *,
    election: str | None = None,
    over_all: bool = False,
    redact: bool = False,
    progress: Progress = silent,
) -> list[Clustering]:
    """Return the groups of like-minded candidates of the election named, or of each; elections in order.

    Statements of no known election are grouped only where there are no others.

    Parameters
    ----------
    over_all : group all candidates at once, by the subjects of their statements.

    Raises
    ------
    UserError
        If an election is named, too.
    """
    from analyzer.topics import clusters, grouping

    if over_all and election:
        raise UserError("cluster: --over-all takes in every election: leave out --election")
    if over_all:
        with _filed(db, progress) as (directory, embedder, filing):
            found, records = grouping.topics(directory.records, embedder, filing)
            progress("grouping candidates")
            return _seen([clusters.over_all(records, found, directory)], redact, directory)
    with _opened(db, progress) as (directory, embedder):
        scopes: list[str | None] = [election_.id for election_ in directory.elections]
        if election:
            scopes = [directory.find_election(election)]
        clusterings = []
        for done, scope in enumerate(scopes or [None]):
            progress("grouping candidates", done, len(scopes) or None)
            clusterings.append(clusters.cluster(directory.in_scope(scope), embedder, directory))
        return _seen(clusterings, redact, directory)


def compare(
    db: Path,
    people: Sequence[str] = (),
    *,
    election: str | None = None,
    elections: Sequence[str] = (),
    redact: bool = False,
    progress: Progress = silent,
) -> list[Comparison]:
    """Compare candidates, two elections, or one candidate's statements across elections.

    Two or more candidates are compared within the election named, else within each election in which all of
    them stood, else, where there is none, over everything they wrote.

    Parameters
    ----------
    people : names of candidates; a single one is compared with themselves, election by election.
    elections : two elections, instead of people.

    Raises
    ------
    UserError
        If these arguments do not go together, or leave nothing to compare.
    """
    from analyzer.topics import comparison

    if bool(people) == bool(elections) or (elections and (len(elections) != 2 or election)):
        raise UserError("compare: give the names of candidates, or --elections and two elections")
    if len(people) == 1 and election:
        raise UserError(
            f"compare: within one election {people[0]} needs somebody to be compared with: "
            "name another candidate, or leave out --election"
        )
    with _opened(db, progress) as (directory, embedder):
        progress("comparing")
        if elections:
            one, other = (directory.find_election(name) for name in elections)
            found = [comparison.compare_elections(one, other, directory.records, embedder, directory)]
        elif len(people) == 1:
            person = directory.find_person(people[0]).id
            found = [comparison.compare_over_time(person, directory.records, embedder, directory)]
        else:
            scope = directory.find_election(election) if election else None
            ids = [_person(directory, name, scope) for name in people]
            found = [
                comparison.compare_candidates(ids, directory.in_scope(where), embedder, directory)
                for where in ([scope] if scope else _shared(directory, ids))
            ]
        return _seen(found, redact, directory)


def search(
    db: Path, text: str, *, limit: int = 10, redact: bool = False, progress: Progress = silent
) -> SearchResult:
    """Return who speaks about a subject, best sentence first.

    Raises
    ------
    UserError
        If there is nothing to search for.
    """
    from analyzer.topics import searching

    with _opened(db, progress) as (directory, embedder):
        progress("searching")
        found = searching.search(text, directory.records, embedder, directory, limit=limit)
        return _seen(found, redact, directory)


def trends(
    db: Path,
    *,
    election: str | None = None,
    community: str | None = None,
    topic: str | None = None,
    by: Measure = "statements",
    redact: bool = False,
    progress: Progress = silent,
) -> list[CommunityTrends]:
    """Return topics and candidates across the elections of each community, or of the one named.

    Parameters
    ----------
    election : an election or contest: as things stood then, with its community's earlier elections.
    community : instead of an election.
    topic : only this topic.

    Raises
    ------
    UserError
        If both a community and an election are named.
    """
    from analyzer.topics import filing as filing_
    from analyzer.topics import grouping
    from analyzer.topics import trends as across

    if election and community:
        raise UserError("trends: give --election or --community, not both: an election has its community")
    with _filed(db, progress) as (directory, embedder, filing):
        scope = directory.find_election(election) if election else None
        where = directory.find_community(community) if community else None
        wanted = filing_.find_topic(filing, topic) if topic is not None else None
        found, records = grouping.topics(directory.records, embedder, filing)
        progress("counting")
        view = across.trends(records, found, directory, by=by, scope=scope, community=where, topic=wanted)
        return _seen(view, redact, directory)


def people(
    db: Path, names: Sequence[str] = (), *, election: str | None = None, redact: bool = False
) -> list[PersonEntry]:
    """Return who is who (those named, or all), and by what evidence."""
    from analyzer.people import entries
    from analyzer.store import Workspace

    with Workspace.open(db, read_only=True) as workspace:
        directory = _directory(workspace)
        scope = directory.find_election(election) if election else None
        wanted = {_person(directory, name, scope) for name in names}
        part = directory.within(directory.in_scope(scope)) if scope else directory
        shown = [person for person in part.people if not names or person.id in wanted]
        return _seen(entries(part, shown), redact, directory)


def merge(db: Path, names: Sequence[str], *, redact: bool = False) -> tuple[Correction, list[PersonEntry]]:
    """Make several people one, and return the correction and who they are now.

    Raises
    ------
    UserError
        If these are not at least two people.
    """
    from analyzer.people import merged

    return _decided(db, lambda directory: merged(directory, names), redact)


def split(
    db: Path, name: str, parts: Sequence[str], *, redact: bool = False
) -> tuple[Correction, list[PersonEntry]]:
    """Make some statements of a person somebody else's, and return the correction and who these are now.

    Parameters
    ----------
    parts : which statements: their ids, an address that they give, or an election.

    Raises
    ------
    UserError
        If a part fits none of the person's statements, or all of them would go.
    """
    from analyzer.people import split as split_

    return _decided(db, lambda directory: split_(directory, name, parts), redact)


def forget(db: Path, name: str, *, progress: Progress = silent) -> Correction:
    """Remove a person: statements, vectors and what else only theirs is; the file is written anew without them.

    Salted hashes of their addresses, handles, names and statements are kept, so that analysing the sources again does
    not bring them back.
    """
    from analyzer import people as people_
    from analyzer.store import Workspace
    from analyzer.topics.filing import without

    with Workspace.open(db) as workspace:
        corrected = _corrected(workspace)
        directory = Directory(corrected.records, corrected.same, corrected.different)
        ids = set(directory.find_person(name).statements)
        stored = workspace.records()
        # As extracted and as corrected: either may be what is met again.
        theirs = [record for record in (*stored, *directory.records) if record.id in ids]
        kept = [record for record in stored if record.id not in ids]
        keys = {key for record in theirs for key in people_.keys(record)} | people_.traces(theirs)
        progress("removing")
        # Before the file is written anew, so that what only they said is not in it.
        filing = workspace.filing()
        if filing.phrases:
            workspace.save_filing(without(filing, kept))
        return workspace.forget(
            ids,
            keys,
            skipped=[
                item
                for item in workspace.skipped()
                if people_.skipped_keys(item) & keys or people_.names_any(item, theirs)
            ],
            vectors=_vector_keys(theirs) - _vector_keys(kept),
            corrections=people_.without(workspace.corrections(), ids),
        )


def correct(
    db: Path,
    statement: str,
    name: str,
    value: str | None,
    *,
    verb: Verb = "set",
    changes: Mapping[str, str] | None = None,
    where: Mapping[str, str] | None = None,
) -> CorrectionEntry:
    """Correct one value of a statement, and return the correction with its number.

    Parameters
    ----------
    statement : its id, or the beginning of it.
    name, value, verb, changes, where : as `corrections.proposed`.

    Raises
    ------
    UserError
        If there is no such statement, field or item, or the value is none of the field's.
    """
    from analyzer.corrections import CorrectionEntry, proposed
    from analyzer.people import find_statement
    from analyzer.store import Workspace

    with Workspace.open(db) as workspace:
        record = find_statement(_corrected(workspace).records, statement)
        made = proposed(record, name, value, verb=verb, changes=changes, where=where)
        made = workspace.save_correction(made)
        return CorrectionEntry(**made.model_dump(), found=True)


def corrections(db: Path, *, redact: bool = False) -> list[CorrectionEntry]:
    """Return all that users have corrected, by number, and whether each finds what it corrects."""
    from analyzer.corrections import CorrectionEntry
    from analyzer.store import Workspace

    with Workspace.open(db, read_only=True) as workspace:
        corrected = _corrected(workspace)
        found = [
            CorrectionEntry(**item.model_dump(), found=item.number not in corrected.lost)
            for item in workspace.corrections()
        ]
        return _seen(found, redact, Directory(corrected.records))


def undo(db: Path, number: int | None = None) -> Correction:
    """Take a correction back, by default the last one about people, and return it.

    Raises
    ------
    UserError
        If there is none.
    """
    from analyzer.store import Workspace

    with Workspace.open(db) as workspace:
        held = workspace.corrections()
        found = [item for item in held if (item.field is None if number is None else item.number == number)]
        if not found:
            which = "about people" if number is None else f"of number {number}"
            raise UserError(f"{db}: no correction {which}: 'candidacy correct --list' shows what there is")
        workspace.drop_correction(found[-1].number)
        return found[-1]


def evaluate(
    gold: Path,
    export: Path | None = None,
    *,
    min_confidence: float = 0.0,
    fast: bool = False,
    progress: Progress = silent,
) -> list[Evaluation]:
    """Measure what is extracted from annotated statements: all of them, then each community's.

    Parameters
    ----------
    gold : folder of ID.txt (statement) and ID.json (annotation).
    export : an export of these statements to measure; without it they are read and extracted now.

    Raises
    ------
    UserError
        If the folder holds no annotated statement, an annotation is none, or `export` is no export or comes with
        options of extraction.
    """
    from analyzer import evaluation

    if export is not None and (min_confidence or fast):
        raise UserError("--export is measured as it is: leave out --min-confidence and --fast")
    annotated = list(evaluation.annotated(gold))
    if export is None:
        paths = [path for _, path, _, _ in annotated]
        reading = Reading(keep_all=True, min_confidence=min_confidence, fast=fast)
        records = extract(paths, reading, progress=progress)[0].statements
    else:
        records = evaluation.exported(export)
    found: dict[str, StatementRecord] = {}
    for record in records:
        found.setdefault(Path(record.source.path).stem, record)
    progress("comparing")
    return evaluation.evaluate(
        [
            evaluation.Case(id_, community, path.read_text("utf-8", "replace"), annotation, found.get(id_))
            for id_, path, annotation, community in annotated
        ]
    )


@dataclass(frozen=True, slots=True)
class Filing:
    """What a user changes about topics: one of these, or nothing.

    Attributes
    ----------
    rename : the topic's new label.
    merge : topics whose phrases are filed under it, too.
    split, label : phrases of it that become a topic of their own, and what that is called.
    pin : a phrase that is filed under it.
    listed : file of topics to begin anew with.
    """

    rename: str | None = None
    merge: Sequence[str] = ()
    split: Sequence[str] = ()
    label: str | None = None
    pin: str | None = None
    listed: Path | None = None


def topics(
    db: Path,
    topic: str | None = None,
    *,
    election: str | None = None,
    change: Filing | None = None,
    redact: bool = False,
    progress: Progress = silent,
) -> TopicListing:
    """Return the topics of a workspace, or one of them, after changing what the user wants changed.

    Raises
    ------
    UserError
        If a change lacks a topic, or does not go together with another.
    """
    from analyzer.store import Workspace
    from analyzer.topics import filing as filing_
    from analyzer.topics.grouping import listing as listed

    change = change or Filing()
    made = [name for name in ("rename", "merge", "split", "pin", "listed") if getattr(change, name)]
    if len(made) > 1:
        raise UserError(f"topics: --{made[0]} and --{made[1]} do not go together: change one thing at a time")
    if bool(change.split) != bool(change.label):
        raise UserError("topics: --split needs --as, the label of the new topic, and the other way round")
    if made and made != ["listed"] and topic is None:
        raise UserError(f"topics: --{made[0]} needs a topic: name it first, as 'candidacy topics' shows it")
    progress("opening")
    with Workspace.open(db, read_only=not made) as workspace:
        embedder = _embedder(None, workspace)
        directory = _directory(workspace)
        records = directory.records
        _embed(records, embedder, progress)
        progress("grouping topics")
        filing = filing_.filed(records, embedder, workspace.filing())
        chosen = filing_.find_topic(filing, topic) if topic else None
        if change.listed is not None:
            filing = filing_.listed(_lines(change.listed), str(change.listed))
        elif chosen and change.rename:
            filing = filing_.renamed(filing, chosen, change.rename)
        elif chosen and change.merge:
            filing = filing_.merged(filing, [chosen, *(filing_.find_topic(filing, one) for one in change.merge)])
        elif chosen and change.split and change.label:
            filing = filing_.split(filing, chosen, change.split, change.label)
        elif chosen and change.pin:
            filing = filing_.pinned(filing, change.pin, chosen)
        if made:
            filing = filing_.filed(records, embedder, filing)
            workspace.save_filing(filing)
        scope = directory.find_election(election) if election else None
        found = listed(
            records, embedder, filing, directory, within=directory.in_scope(scope), topic=chosen
        )
        return _seen(found, redact, directory)


def fetch(
    url: str,
    folder: Path,
    *,
    since: date | None = None,
    rate: float | None = None,
    progress: Progress = silent,
    observe: Callable[[str], None] | None = None,
    redact: bool = False,
) -> Fetched:
    """Fetch a list archive into a folder that `analyze` reads; again, it fetches only what is new.

    For groups.io the API key is taken from the environment variable `fetching.TOKEN`.

    Parameters
    ----------
    since : leave out months that were over before this day.
    rate : requests a second, at most; by default `fetching.RATE`.
    observe : is told in one line what became of each file.

    Raises
    ------
    UserError
        If the URL is of no archive, the folder is of another one, or what fetching needs is not installed.
    FetchError
        If the archive does not answer. Single files that do not come are part of what is returned.
    """
    from analyzer import fetching

    found = fetching.fetch(
        url,
        folder,
        since=since,
        rate=rate or fetching.RATE,
        token=os.environ.get(fetching.TOKEN),
        progress=progress,
        observe=observe,
    )
    return _seen(found, redact)


def export(db: Path, *, redact: bool = False, progress: Progress = silent) -> Export:
    """Return everything a workspace holds, its focus areas sorted into topics."""
    from analyzer.exporting import document
    from analyzer.store import Workspace
    from analyzer.topics.grouping import topics

    progress("opening")
    with Workspace.open(db, read_only=True) as workspace:
        embedder = _embedder(None, workspace)
        corrected = _corrected(workspace)
        _embed(corrected.records, embedder, progress)
        progress("grouping topics")
        found, records = topics(corrected.records, embedder, workspace.filing())
        models = [model for model in (workspace.pipeline, workspace.model) if model]
        made = document(
            records,
            models=models,
            skipped=workspace.skipped(),
            topics=found,
            same=corrected.same,
            different=corrected.different,
        )
        return _seen(made, redact)


def _seen(view: T, redact: bool, directory: Directory | None = None) -> T:
    """Return a view, on request without e-mail addresses and handles."""
    if not redact:
        return view
    from analyzer.redaction import redacted

    return redacted(view, directory)


def _open_sources(sources: Sequence[str | Path], stdin: BinaryIO | None) -> Iterator[Message | Skipped]:
    from analyzer.sources import read

    return read(sources, stdin=stdin)


def _decide(
    items: Iterable[Message | Skipped], reading: Reading, progress: Progress, observe: Observer | None
) -> tuple[list[Statement], list[Skipped], int]:
    """Return the statements among messages, what is not one, and how many messages there were."""
    from analyzer.statements import from_messages

    count = 0

    def counted() -> Iterator[Message | Skipped]:
        nonlocal count
        for item in items:
            count += 1
            progress("reading", count)
            yield item

    statements: list[Statement] = []
    skipped: list[Skipped] = []
    progress("reading")
    for item in from_messages(
        counted(),
        keep_all=reading.keep_all,
        community=reading.community,
        office=reading.office,
        cycle=reading.cycle,
    ):
        if observe is not None:
            observe(item)
        if isinstance(item, Skipped):
            skipped.append(item)
        else:
            statements.append(item)
    return statements, skipped, count


def _extracted(
    statements: Sequence[Statement], reading: Reading, progress: Progress
) -> list[StatementRecord]:
    from analyzer import extraction, pipeline

    if not statements:
        return []
    progress("loading the pipeline")
    nlp = pipeline.load(exclude=list(pipeline.GENERAL), fast=reading.fast)
    records = []
    for record in extraction.extract(statements, nlp, min_confidence=reading.min_confidence):
        records.append(record)
        progress("extracting", len(records), len(statements))
    return records


def _settled(records: list[StatementRecord], known: list[StatementRecord]) -> list[StatementRecord]:
    from analyzer.elections import settle

    return settle(records, known)


def _account(messages: int, statements: Sequence[Statement], skipped: Sequence[Skipped]) -> Account:
    return Account(
        messages=messages,
        statements=len(statements),
        skipped=_ranked(item.code for item in skipped),
        broken=[place(item) for item in skipped if item.code in BROKEN],
        warnings=_ranked(warning.code for statement in statements for warning in statement.warnings),
    )


def _ranked(codes: Iterable[str]) -> dict[str, int]:
    """Return how often each code was met, the commonest first."""
    counts = Counter(codes)
    return {code: counts[code] for code in sorted(counts, key=lambda code: (-counts[code], code))}


def place(item: Skipped | Source) -> str:
    """Return where something stands: ``2025-March.txt[7]``, with the index that the records have, too."""
    inner = f"/{item.member}" if item.member else ""
    return f"{item.path}{inner}" + (f"[{item.index}]" if item.index is not None else "")


def _embedder(model: str | None, workspace: Workspace | None = None) -> Embedder:
    """Return the embedder of a model, by default the workspace's, which caches its vectors there."""
    from analyzer.embeddings import Embedder

    if model is not None and Path(model).expanduser().is_dir():
        # The workspace keeps the name, and must find the model from any directory.
        model = str(Path(model).expanduser().resolve())
    if workspace is None:
        return Embedder(model)
    embedder = Embedder(model or (workspace.model.name if workspace.model else None), cache=workspace)
    workspace.set_model(embedder.model)
    return embedder


@contextmanager
def _opened(db: Path, progress: Progress) -> Iterator[tuple[Directory, Embedder]]:
    """Open a workspace for a view."""
    from analyzer.store import Workspace

    progress("opening")
    with Workspace.open(db, read_only=True) as workspace:
        yield _directory(workspace), _embedder(None, workspace)


@contextmanager
def _filed(db: Path, progress: Progress) -> Iterator[tuple[Directory, Embedder, Filed]]:
    """Open a workspace for a view of topics."""
    from analyzer.store import Workspace
    from analyzer.topics.filing import filed

    progress("opening")
    with Workspace.open(db, read_only=True) as workspace:
        directory, embedder = _directory(workspace), _embedder(None, workspace)
        _embed(directory.records, embedder, progress)
        progress("grouping topics")
        yield directory, embedder, filed(directory.records, embedder, workspace.filing())


def _decided(
    db: Path, decide: Callable[[Directory], Correction], redact: bool
) -> tuple[Correction, list[PersonEntry]]:
    """Store what a user says of people, and return it and who those concerned are now."""
    from analyzer.people import entries
    from analyzer.store import Workspace

    with Workspace.open(db) as workspace:
        made = workspace.save_correction(decide(_directory(workspace)))
        directory = _directory(workspace)
        concerned = {one.statement for side in made.sides for one in side}
        now = [person for person in directory.people if not concerned.isdisjoint(person.statements)]
        return made, _seen(entries(directory, now), redact, directory)


def _corrected(workspace: Workspace) -> Corrected:
    """Return a workspace's records as users have corrected them."""
    from analyzer.corrections import correct

    return correct(workspace.records(), workspace.corrections())


def _directory(workspace: Workspace) -> Directory:
    found = _corrected(workspace)
    return Directory(found.records, found.same, found.different)


def _unforgotten(
    workspace: Workspace, statements: list[Statement], skipped: list[Skipped]
) -> tuple[list[Statement], list[Skipped], int]:
    """Return what was read without what is known to be of people who were removed, and how much that was."""
    from analyzer.people import skipped_keys

    by_key = {f"statement {statement.id}": statement.id for statement in statements}
    gone = {by_key[key] for key in workspace.forgotten(by_key)}
    left_out = {position: skipped_keys(item) for position, item in enumerate(skipped)}
    known = workspace.forgotten({key for keys in left_out.values() for key in keys})
    hidden = {position for position, keys in left_out.items() if keys & known}
    return (
        [statement for statement in statements if statement.id not in gone],
        [item for position, item in enumerate(skipped) if position not in hidden],
        len(gone) + len(hidden),
    )


def _known_by_no_key(workspace: Workspace, records: list[StatementRecord]) -> list[StatementRecord]:
    """Return records without those of people who were removed."""
    from analyzer.people import keys

    by_record = {record.id: keys(record) for record in records}
    known = workspace.forgotten({key for found in by_record.values() for key in found})
    return [record for record in records if not by_record[record.id] & known]


def _embed(records: Sequence[StatementRecord], embedder: Embedder, progress: Progress) -> None:
    """Put the vectors of everything the views ask for into the embedder's cache."""
    from analyzer.embeddings import content_key

    texts = _texts(records)
    # In the embedder's own order, so that every batch is the same as if all were embedded at once.
    ordered = sorted(texts, key=lambda text: (len(text), content_key(text)))
    for start in range(0, len(ordered), CHUNK):
        progress("embedding", start, len(ordered))
        embedder.encode(ordered[start : start + CHUNK])


def _file(workspace: Workspace, embedder: Embedder, progress: Progress) -> None:
    """File the phrases that are new in a workspace under its topics."""
    from analyzer.topics.filing import filed

    progress("grouping topics")
    before = workspace.filing()
    filing = filed(_corrected(workspace).records, embedder, before)
    if filing != before:
        workspace.save_filing(filing)


def _lines(path: Path) -> list[str]:
    """Return the lines of a file that a user wrote."""
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: is not UTF-8 (byte {error.start}): save it as such") from error


def _texts(records: Sequence[StatementRecord]) -> set[str]:
    """Return everything of which the views ask for the vector."""
    from analyzer.sentences import sentences
    from analyzer.topics import phrases

    return {*phrases.texts(records), *(span.text for record in records for span in sentences(record))}


def _vector_keys(records: Sequence[StatementRecord]) -> set[str]:
    from analyzer.embeddings import content_key

    return {content_key(text) for text in _texts(records)}


def _person(directory: Directory, name: str, scope: str | None) -> str:
    """Return the id of the candidate meant, of an election or contest if there is one."""
    if scope is None:
        return directory.find_person(name).id
    records = directory.in_scope(scope)
    try:
        # A part of a name that several share may be enough within one election.
        found = directory.within(records).find_person(name)
    except UnknownNameError:
        person = directory.find_person(name)
        where = ", ".join(_elections_of(directory, person.id)) or "no election that is known"
        if any(directory.person(record).id == person.id for record in records):
            raise
        raise UnknownNameError(f"{name}: {person.name} stood in {where}, not in {scope}") from None
    return found.id


def _elections_of(directory: Directory, person: str) -> list[str]:
    records = directory.in_scope(person=person)
    return list(dict.fromkeys(record.election.id for record in records if record.election.id))


def _shared(directory: Directory, people: Sequence[str]) -> list[str | None]:
    """Return the elections all these people stood in, in order, or None for everything they wrote."""
    stood = [_elections_of(directory, person) for person in people]
    common = set(stood[0]).intersection(*stood[1:])
    return [id_ for id_ in (election.id for election in directory.elections) if id_ in common] or [None]
