"""What each verb does: the rooms joined, one function per verb. Nothing here prints.

Every function that may take longer than a second accepts `progress`, which is told the step at hand, how much
of it is done, and of how much where that is known.
"""

from __future__ import annotations

import gc
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, TypeVar

from pydantic import Field

from analyzer.directory import Directory, Listing
from analyzer.errors import UnknownNameError, UserError
from analyzer.records import Election, Export, Record, Skipped, Source, StatementRecord

if TYPE_CHECKING:
    from spacy.language import Language

    from analyzer.corrections import Corrected, Correction, CorrectionEntry, Verb
    from analyzer.embeddings import Embedder
    from analyzer.evaluation import Evaluation
    from analyzer.fetching import Fetched
    from analyzer.people import PersonEntry
    from analyzer.sources.message import Message
    from analyzer.statements.duplicates import Change, Known
    from analyzer.statements.statement import Hint, Statement
    from analyzer.store import Workspace
    from analyzer.summaries import CandidateSummary
    from analyzer.topics.clusters import Clustering
    from analyzer.topics.comparison import Comparison
    from analyzer.topics.filing import Filing
    from analyzer.topics.grouping import TopicListing
    from analyzer.topics.matching import MatchResult
    from analyzer.topics.platforms import PlatformDiff
    from analyzer.topics.searching import SearchResult
    from analyzer.topics.trends import CommunityTrends, Measure

# Reasons to skip something that should have been readable, unlike a reply or a picture in a folder.
BROKEN = frozenset(
    {
        "broken-message", "corrupt-archive", "corrupt-gzip", "nested-archive", "too-large", "unreadable",
        "unsafe-archive",
    }
)  # fmt: skip
# Statements, and things skipped, that are stored at once: what a run that is killed has to do again.
STATEMENTS = 64
SKIPPED = 2000
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
    fast : read with the small network, in 8 bits.
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
    from analyzer.elections import settle
    from analyzer.exporting import document
    from analyzer.statements.duplicates import Known

    reading = reading or Reading()
    tally, extracted = _Tally(), _Extracted(reading, progress)
    known = Known(every=reading.keep_all)
    records: list[StatementRecord] = []
    skipped: list[Skipped] = []
    for statements, left_out in _chunks(_read(_open_sources(sources, stdin), reading, progress, observe, tally, known)):
        records += extracted(statements)
        skipped += left_out
        tally.add(statements, left_out)
    # What had been read already when a later message took its place.
    for change in known.changes(record.id for record in records) if not reading.keep_all else ():
        tally.change(change, records, skipped)
    made = document(settle(records), models=[pipeline.model(fast=reading.fast)], skipped=skipped)
    return _seen(made, redact), tally.account()


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

    What is read is stored on the way, so that no more than a chunk of it is ever held in memory. A run that was
    killed at any point is taken up by the next one: it reads the sources again, extracts what is missing, and ends in
    the workspace that a single run makes.

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
    from analyzer.statements.duplicates import Known
    from analyzer.store import Workspace
    from analyzer.topics.filing import filed

    reading = reading or Reading()
    # All that the arguments can have wrong is found out before a workspace is made.
    items = _open_sources(sources, stdin)
    if model is not None:
        _embedder(model)
    extractor = pipeline.model(fast=reading.fast)
    tally, extracted = _Tally(), _Extracted(reading, progress)
    with Workspace.open(db, create=True) as workspace:
        embedder = _embedder(model, workspace)
        workspace.set_pipeline(extractor)
        before = workspace.count()
        unforgotten = _Unforgotten(workspace)
        mails = Known(every=True) if reading.keep_all else Known(workspace.mails())
        for chunk, left_out in _chunks(_read(items, reading, progress, observe, tally, mails)):
            statements, skipped = unforgotten.read(chunk, left_out)
            known = workspace.known(statement.id for statement in statements)
            fresh = [s for s in statements if s.id not in known or _says_more(s, known[s.id])]
            records = list(extracted(fresh))
            kept = unforgotten.records(records)
            new = {statement.id for statement in fresh}
            again = [statement.source for statement in statements if statement.id not in new]
            changes = [] if reading.keep_all else mails.changes([*(r.id for r in kept), *(set(known) - new)])
            unused = _unused(workspace, [change.kept.id for change in changes if change.kept.by], kept)
            progress("storing")
            workspace.add(kept, skipped, again=again, changes=changes, vectors=unused, pending=True)
            tally.add(statements, skipped)
            tally.forget(len(chunk) - len(statements) + len(left_out) - len(skipped), len(records) - len(kept))
        # The pipeline goes before the embedding model comes: there need not be room for both.
        extracted.close()
        _settle(workspace, progress)
        _embed(_pending(workspace), embedder, progress)
        progress("grouping topics")
        corrected = _corrected(workspace)
        workspace.finish(filed(corrected.records, embedder, workspace.filing()))
        held = workspace.count()
    return tally.account(workspace=str(db), added=held - before, held=held, lost=corrected.lost)


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
        found = directory.listing(scope, person, skipped=workspace.count_skipped())
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


def diff(
    db: Path,
    name: str,
    *,
    earlier: str | None = None,
    later: str | None = None,
    every: bool = False,
    redact: bool = False,
    progress: Progress = silent,
) -> list[PlatformDiff]:
    """Return what became of a candidate's platform between two candidacies, or from each to the next.

    Raises
    ------
    UserError
        If there are no two candidacies, or elections are named beside `every`.
    """
    from analyzer.topics import platforms

    if every and (earlier or later):
        raise UserError("diff: --all takes in every candidacy: leave out --from and --to")
    with _opened(db, progress) as (directory, embedder):
        progress("comparing")
        found = platforms.diff(
            directory.find_person(name).id,
            directory.records,
            embedder,
            directory,
            earlier=directory.find_election(earlier) if earlier else None,
            later=directory.find_election(later) if later else None,
            every=every,
        )
        return _seen(found, redact, directory)


def match(
    db: Path,
    path: Path,
    *,
    election: str | None = None,
    redact: bool = False,
    progress: Progress = silent,
) -> MatchResult:
    """Return how far the candidates of an election speak for a voter's priorities.

    Parameters
    ----------
    path : file of priorities (`matching.priorities`).

    Raises
    ------
    UserError
        If the file is none, or no election is named where there are several.
    """
    from analyzer.topics import matching

    wanted = matching.priorities(_lines(path), str(path))
    with _opened(db, progress) as (directory, embedder):
        known = [one.id for one in directory.elections]
        if election is None and len(known) > 1:
            raise UserError(f"match: there are {len(known)} elections here: name one with --election")
        scope = directory.find_election(election) if election else next(iter(known), None)
        progress("matching")
        found = matching.match(wanted, directory.in_scope(scope), embedder, directory, election=scope)
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
    parts : which statements: their ids, an address or handle that they give, or an election.

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
        former = {id_ for id_, successor in workspace.successors().items() if successor in ids}
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
            corrections=people_.without(workspace.corrections(), ids | former),
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
    redact: bool = False,
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
        return _seen(CorrectionEntry(**made.model_dump(), found=True), redact, Directory([record]))


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
class TopicChange:
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
    change: TopicChange | None = None,
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

    change = change or TopicChange()
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


@dataclass(slots=True)
class _Tally:
    """What an account says, counted on the way."""

    messages: int = 0
    statements: int = 0
    forgotten: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)
    warnings: Counter[str] = field(default_factory=Counter)

    def add(self, statements: Sequence[Statement], skipped: Sequence[Skipped]) -> None:
        self.statements += len(statements)
        self.warnings.update(warning.code for statement in statements for warning in statement.warnings)
        self.skipped.update(item.code for item in skipped)
        self.broken += [place(item) for item in skipped if item.code in BROKEN]

    def forget(self, read: int, statements: int) -> None:
        """Count what is of people who were removed: seen when it was read, or only in what a statement says."""
        self.forgotten += read + statements
        self.statements -= statements

    def change(self, change: Change, records: list[StatementRecord], skipped: list[Skipped]) -> None:
        """Leave out of what was read so far what has given way to another, and note of that what it corrects."""
        from analyzer.statements.duplicates import noted

        at = next((n for n, record in enumerate(records) if record.id == change.kept.id), None)
        if at is None:
            return
        if change.skipped is not None:
            del records[at]
            skipped.append(change.skipped)
            self.statements -= 1
            self.skipped[change.skipped.code] += 1
        else:
            warnings = noted(records[at].warnings, change.note)
            records[at] = records[at].model_copy(update={"warnings": warnings})

    def account(self, **stored: Any) -> Account:
        return Account(
            messages=self.messages,
            statements=self.statements,
            skipped=_ranked(self.skipped) | ({"forgotten": self.forgotten} if self.forgotten else {}),
            broken=self.broken,
            warnings=_ranked(self.warnings),
            **stored,
        )


def _read(
    items: Iterable[Message | Skipped],
    reading: Reading,
    progress: Progress,
    observe: Observer | None,
    tally: _Tally,
    known: Known,
) -> Iterator[Statement | Skipped]:
    """Yield the statements among messages, and what is not one, as they come."""
    from analyzer.statements import from_messages

    def counted() -> Iterator[Message | Skipped]:
        for item in items:
            tally.messages += 1
            progress("reading", tally.messages)
            yield item

    progress("reading")
    for item in from_messages(
        counted(),
        keep_all=reading.keep_all,
        community=reading.community,
        office=reading.office,
        cycle=reading.cycle,
        known=known,
    ):
        if observe is not None:
            observe(item)
        yield item


def _chunks(items: Iterable[Statement | Skipped]) -> Iterator[tuple[list[Statement], list[Skipped]]]:
    """Gather what is extracted and stored at once.

    Where a chunk ends depends on the items alone, so that a second run stores the same ones together; and what comes
    from one place (a page of several candidates) stays in one.
    """
    statements: list[Statement] = []
    skipped: list[Skipped] = []
    last = None
    for item in items:
        source = item if isinstance(item, Skipped) else item.source
        here = (source.path, source.member, source.index)
        if here != last and (len(statements) >= STATEMENTS or len(skipped) >= SKIPPED):
            yield statements, skipped
            statements, skipped = [], []
        last = here
        if isinstance(item, Skipped):
            skipped.append(item)
        else:
            statements.append(item)
    if statements or skipped:
        yield statements, skipped


class _Extracted:
    """Extracts statements; the pipeline is loaded when the first one comes."""

    def __init__(self, reading: Reading, progress: Progress) -> None:
        self._reading = reading
        self._progress = progress
        self._nlp: Language | None = None
        self._done = 0

    def __call__(self, statements: Sequence[Statement]) -> Iterator[StatementRecord]:
        from analyzer import extraction, pipeline

        if not statements:
            return
        if self._nlp is None:
            self._progress("loading the pipeline")
            self._nlp = pipeline.load(exclude=list(pipeline.GENERAL), fast=self._reading.fast)
        for record in extraction.extract(statements, self._nlp, min_confidence=self._reading.min_confidence):
            self._done += 1
            self._progress("extracting", self._done)
            yield record

    def close(self) -> None:
        """Give the pipeline's memory back at once: its parts refer to each other, and would wait for a collection."""
        if self._nlp is not None:
            self._nlp = None
            gc.collect()


def _says_more(statement: Statement, election: Election) -> bool:
    """Whether a statement that is known says of its election what its record does not.

    Results are published after the statements, which are known by then; and what the user says of the election is
    also said of statements that are known already.
    """
    if statement.outcome is not None and statement.outcome.value != election.outcome:
        return True
    for key in ("community", "office", "cycle"):
        hint: Hint | None = getattr(statement, key)
        if hint is None or hint.source != "user":
            continue
        found, origin = getattr(election, key), election.provenance.get(key)
        same = found == hint.value and origin is not None and origin.source == "user"
        # Where the text names the same office, its word for it stands.
        if not same and not (key == "office" and found and _one_office(found, hint.value)):
            return True
    return False


def _one_office(one: str, other: str) -> bool:
    from analyzer.organizations import canonical_office

    return canonical_office(one).casefold() == canonical_office(other).casefold()


def _settle(workspace: Workspace, progress: Progress) -> None:
    """Settle the elections of pending statements, over all that the workspace holds."""
    from analyzer.elections import settle

    waiting = set(workspace.pending(settled=False))
    if waiting:
        progress("settling elections")
        outlines = workspace.outlines()
        new = [record for record in outlines if record.id in waiting]
        known = [record for record in outlines if record.id not in waiting]
        workspace.settle({record.id: record.election for record in settle(new, known)})


def _unused(workspace: Workspace, gone: Sequence[str], added: Sequence[StatementRecord]) -> set[str]:
    """Return the keys of the vectors for which nothing is left when statements are removed."""
    found = workspace.records(gone) if gone else []
    if not found:
        return set()
    others = [record for record in workspace.records() if record.id not in gone]
    return _vector_keys(found) - _vector_keys([*others, *added])


def _pending(workspace: Workspace) -> Iterator[StatementRecord]:
    """Yield the statements whose vectors are missing, a few at a time."""
    waiting = workspace.pending(settled=True)
    for start in range(0, len(waiting), STATEMENTS):
        yield from workspace.records(waiting[start : start + STATEMENTS])


def _ranked(counts: Mapping[str, int]) -> dict[str, int]:
    """Return how often each code was met, the commonest first."""
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
def _filed(db: Path, progress: Progress) -> Iterator[tuple[Directory, Embedder, Filing]]:
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

    held = workspace.corrections()
    return correct(workspace.records(), held, workspace.successors() if held else None)


def _directory(workspace: Workspace) -> Directory:
    found = _corrected(workspace)
    return Directory(found.records, found.same, found.different)


class _Unforgotten:
    """Leaves out what is of people who were removed."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        anybody = any(correction.verb == "forget" for correction in workspace.corrections())
        # A name tells somebody within a community, whose name goes by the statements that are there already.
        self._held = workspace.outlines(finished=True) if anybody else None

    def read(
        self, statements: list[Statement], skipped: list[Skipped]
    ) -> tuple[list[Statement], list[Skipped]]:
        """Return what was read without what is known to be of people who were removed."""
        from analyzer.people import skipped_keys

        if self._held is None:
            return statements, skipped
        by_key = {f"statement {statement.id}": statement.id for statement in statements}
        gone = {by_key[key] for key in self._workspace.forgotten(by_key)}
        left_out = [(item, skipped_keys(item)) for item in skipped]
        known = self._workspace.forgotten({key for _, keys in left_out for key in keys})
        return (
            [statement for statement in statements if statement.id not in gone],
            [item for item, keys in left_out if not keys & known],
        )

    def records(self, records: list[StatementRecord]) -> list[StatementRecord]:
        """Return records without those that say they are of people who were removed."""
        from analyzer.elections import settle
        from analyzer.people import keys

        if self._held is None:
            return records
        settled = settle(records, [record for record in self._held if record.id not in {r.id for r in records}])
        by_record = {record.id: keys(record) | keys(one) for record, one in zip(records, settled, strict=True)}
        known = self._workspace.forgotten({key for found in by_record.values() for key in found})
        return [record for record in records if not by_record[record.id] & known]


def _embed(records: Iterable[StatementRecord], embedder: Embedder, progress: Progress) -> None:
    """Put the vectors of everything the views ask for into the embedder's cache."""
    from analyzer.embeddings import content_key

    texts: set[str] = set()
    for record in records:
        texts |= _texts([record])
    # In the embedder's own order, so that every batch is the same as if all were embedded at once; and in the same
    # chunks, each stored as a whole, in whatever run: the last bits of a vector depend on the batch.
    ordered = sorted(texts, key=lambda text: (len(text), content_key(text)))
    for start in range(0, len(ordered), CHUNK):
        progress("embedding", start, len(ordered))
        embedder.encode(ordered[start : start + CHUNK])


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
