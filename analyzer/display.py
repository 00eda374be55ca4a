"""How results look on a screen: one function per view, and the few ways of printing.

The views become rich trees and tables that are readable at 80 columns. On a terminal they have colour; piped,
they are plain text. Everything that stood in a source is shown without control characters, so that no
statement can steer somebody's terminal.
"""

from __future__ import annotations

import re
import sys
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING

from rich import box, filesize
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from analyzer.records import Export, IdentityLink, Skipped, Span, StatementRecord
from analyzer.workflow import place

if TYPE_CHECKING:
    from analyzer.corrections import Correction, CorrectionEntry
    from analyzer.directory import ContestEntry, ElectionEntry, Listing
    from analyzer.evaluation import Evaluation, Figure
    from analyzer.fetching import Fetched
    from analyzer.field import ElectionField
    from analyzer.people import PersonEntry
    from analyzer.statements.statement import Statement
    from analyzer.summaries import CandidateSummary
    from analyzer.topics.clusters import Bond, Clustering
    from analyzer.topics.comparison import ComparedSubject, Comparison, HeldBy, SideSubject
    from analyzer.topics.grouping import TopicEntry, TopicListing
    from analyzer.topics.matching import MatchResult
    from analyzer.topics.platforms import PlatformDiff
    from analyzer.topics.searching import SearchResult
    from analyzer.topics.trends import CommunityTrends, Share, TopicTrend, Trend, Winners, WinnersTopic
    from analyzer.views import Phrase, Subject
    from analyzer.workflow import Account

# Longer lines are hard to read, however wide the terminal.
WIDEST = 100
# What one view shows of a long list; the rest is counted, and `--format json` has it.
SUBJECTS = 8
PHRASES = 20
TERMS = 5
# Characters of a sentence quoted for the sake of a phrase, and of one quoted for its own.
EXCERPT = 180
WHOLE = 400
# The same in a narrow column.
SHORT = 120
# Sides that stand beside each other.
COLUMNS = 3
# Elections that stand beside each other: the last ones, fewer beside a longer line of blocks.
ELECTIONS = 5
FEWER = 3
# Blocks of a line, each of one election or of as many as make the line no longer than this.
BLOCKS = "▁▂▃▄▅▆▇█"
LINE = 24
# Elections below each other, the last ones.
ROWS = 12
# People of whom every statement is shown.
CLOSER = 3
# Broken messages that the closing line names.
BROKEN = 3
# Work that is done before this many seconds have passed shows no bar.
PATIENCE = 1.0

KIND_WORDS = {"goal": "wants", "interest": "cares about", "experience": "has worked on"}
STATUS_WORDS = {"sought": "stands for", "current": "is", "past": "was"}
ORIGIN_WORDS = {
    "elsewhere": "not in the text",
    "email-domain": "as the e-mail domain suggests",
    "header": "as a header says",
}

# What stands under each side of a comparison, by the side's number.
Cells = Mapping[int, Sequence[RenderableType]]

# Control characters, escapes among them, and what reverses the direction of text.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


# --- printing -----------------------------------------------------------------------------------------


def show(view: RenderableType) -> None:
    """Print a view on stdout: in colour on a terminal, plain when piped."""
    console = Console(highlight=False)
    console.print(view, width=min(console.width, WIDEST))


def note(line: str) -> None:
    """Print one line on stderr."""
    sys.stderr.write(clean(line) + "\n")
    sys.stderr.flush()


class Progress:
    """A bar on stderr, for work that takes more than a second, where stderr is a terminal.

    A context manager, and a `workflow.Progress`.
    """

    def __init__(self) -> None:
        from rich import progress

        self._bar = progress.Progress(
            progress.SpinnerColumn(),
            progress.TextColumn("{task.description}", markup=False),
            progress.BarColumn(bar_width=30),
            progress.TextColumn("{task.fields[count]}", markup=False),
            console=Console(stderr=True, highlight=False),
            transient=True,
            redirect_stdout=False,
        )
        self._task = self._bar.add_task("", total=None, count="")
        self._step: str | None = None
        self._timer = threading.Timer(PATIENCE, self._bar.start)
        self._timer.daemon = True

    def __enter__(self) -> Progress:
        if sys.stderr.isatty():
            self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._timer.is_alive():
            self._timer.cancel()
            self._timer.join()  # it may just be drawing the bar that is to be removed
        if self._bar.live.is_started:
            self._bar.stop()

    def __call__(self, step: str, done: int = 0, total: int | None = None) -> None:
        if not self._timer.is_alive() and not self._bar.live.is_started:
            return
        if step != self._step:
            self._step = step
            self._bar.reset(self._task)
        count = f"{done} of {total}" if total else f"{done}" if done else ""
        self._bar.update(self._task, description=step, completed=done, total=total, count=count)

    def note(self, line: str) -> None:
        """Print one line on stderr, above the bar if there is one."""
        if self._bar.live.is_started:
            self._bar.console.print(Text(clean(line)), soft_wrap=True)
        else:
            note(line)


# --- what is said on stderr ---------------------------------------------------------------------------


def closing(account: Account) -> str:
    """Return the line that accounts for every message.

    Examples
    --------
    >>> from analyzer.workflow import Account
    >>> skipped = {"reply": 1, "duplicate": 1}
    >>> closing(Account(messages=4, statements=2, skipped=skipped, broken=[], warnings={"not-english": 1}))
    '4 messages read: 2 statements, 2 skipped (1 duplicate, 1 reply); warnings: 1 not-english'
    """
    parts = [_counted(account.statements, "statement")]
    if account.skipped:
        parts.append(f"{sum(account.skipped.values())} skipped ({_tally(account.skipped)})")
    line = f"{_counted(account.messages, 'message')} read: {', '.join(parts)}"
    if account.warnings:
        line += f"; warnings: {_tally(account.warnings)}"
    if account.broken:
        shown = ", ".join(account.broken[:BROKEN])
        more = len(account.broken) - BROKEN
        line += f"; could not be read: {shown}" + (f" and {more} more" if more > 0 else "")
    if account.workspace is not None:
        line += f"; {account.added} new, {account.held} in {account.workspace}"
    if account.lost:
        numbers = ", ".join(map(str, account.lost))
        line += f"; corrections that find nothing to correct: {numbers} ('candidacy correct --list' shows them)"
    return line


def _tally(counts: Mapping[str, int]) -> str:
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{count} {code}" for code, count in ranked)


def explained(item: Statement | Skipped) -> Iterator[str]:
    """Yield the lines that say why a message was taken for what it is, and what is wrong with it."""
    if isinstance(item, Skipped):
        yield f"{place(item)}: skipped, {item.code}: {item.message}"
        return
    reasons = "; ".join(item.decision.reasons) or "no particular reason"
    yield f"{place(item.source)}: {item.decision.label} ({item.decision.score:.2f}): {reasons}"
    yield from complaints(item)


def complaints(item: Statement | Skipped) -> Iterator[str]:
    """Yield a line for what was skipped, or for each warning about a statement."""
    if isinstance(item, Skipped):
        yield f"skipped {place(item)}: {item.code}: {item.message}"
    else:
        for warning in item.warnings:
            yield f"warning {place(item.source)}: {warning.code}: {warning.message}"


def done(item: Correction) -> str:
    """Return the line that says what a correction has done, and how it is taken back.

    Examples
    --------
    >>> from analyzer.corrections import Correction
    >>> done(Correction(number=3, verb="set", field="outcome", values={"outcome": "elected"}))
    "correction 3: outcome is “elected”: 'candidacy correct --undo 3' takes it back"
    """
    line = f"correction {item.number}: {said(item)}"
    if item.verb == "forget":
        return (
            f"{line}; what tells them is kept as hashes only, so that they stay away when sources are analyzed again. "
            "Sources, exports and others' statements that name them are as they were"
        )
    return f"{line}: 'candidacy correct --undo {item.number}' takes it back"


def undone(item: Correction) -> str:
    """Return the line that says what was taken back."""
    line = f"taken back: correction {item.number}: {said(item)}"
    return line + ("; analyze the sources again to have them back" if item.verb == "forget" else "")


def said(item: Correction) -> str:
    """Return a correction in words."""
    many = [_counted(len(side), "statement") for side in item.sides]
    if item.verb == "forget":
        return f"a person is forgotten, with {_counted(item.statements or 0, 'statement')}"
    if item.verb == "merge":
        return f"one person: {' and '.join(many)}"
    if item.verb == "split":
        return f"another person's: {many[0]} of {sum(map(len, item.sides))}"
    was, now = (", ".join(v for v in (values or {}).values() if v) for values in (item.item, item.values))
    if item.verb == "add":
        return f"{item.field} added: “{now}”"
    if item.item is None:
        return f"{item.field} is “{now}”" if now else f"{item.field} is not known"
    return f"{item.field} “{was}” is “{now}”" if now else f"{item.field} removed: “{was}”"


# --- the views ----------------------------------------------------------------------------------------


def digest(export: Export) -> RenderableType:
    """Return what `extract` shows on a screen: who stands for what, roles, affiliations, focus areas."""
    return _stacked(map(_digest, export.statements), "No statements found.")


def _digest(record: StatementRecord) -> Tree:
    election = record.election
    what = [election.office_canonical or election.office, election.unit]
    where = [election.community_canonical or election.community, election.cycle]
    standing = ", ".join(part for part in (*what, *where) if part)
    tree = _tree(record.candidate.name or "unnamed", standing)
    source = f"{record.submitted or 'no date'} · {place(record.source)}"
    if record.decision.label != "candidacy":
        source += f" · not a candidacy: {record.decision.label}"
    tree.add(_text(source, "dim"))
    _section(tree, "Roles", [_role(role.title, role.organization, role.status) for role in record.roles])
    _section(
        tree,
        "Affiliations",
        [
            _affiliation(item.organization, item.relation, item.status, [item.source])
            for item in record.affiliations
        ],
    )
    for kind, words in KIND_WORDS.items():
        phrases = [_text(area.phrase) for area in record.focus_areas if area.kind == kind]
        _section(tree, words[0].upper() + words[1:], phrases)
    _section(tree, "In their own words", [_quote(sentence) for sentence in record.summary.sentences])
    _section(tree, "Warnings", [_text(f"{item.code}: {item.message}") for item in record.warnings])
    return tree


def listing(view: Listing) -> RenderableType:
    """Return the elections of a workspace as trees, contests and candidates below them."""
    total = (
        f"{_counted(view.statements, 'statement')} by {_counted(view.people, 'candidate')} "
        f"in {_counted(len(view.elections), 'election')}"
    )
    if view.without_election:
        total += f"; {view.without_election} of no known election"
    if view.skipped:
        total += f"; {_counted(view.skipped, 'message')} left out"
    return Group(_stacked(map(_election, view.elections), ""), _text(total))


def _election(entry: ElectionEntry) -> Tree:
    tree = _tree(entry.id, ", ".join(part for part in (entry.community, entry.cycle) if part))
    days = sorted({day[:10] for day in (entry.first_submitted, entry.last_submitted) if day})
    counts = [_counted(len(entry.candidates), "candidate"), _counted(entry.statements, "statement")]
    tree.add(_text(", ".join([*counts, " to ".join(days)] if days else counts), "dim"))
    placed = {who.id for contest in entry.contests for who in contest.candidates}
    for contest in entry.contests:
        tree.add(_labelled(_contest(contest), [who.name for who in contest.candidates]))
    others = [who.name for who in entry.candidates if who.id not in placed]
    if others:
        tree.add(_labelled("no office named", others))
    return tree


def _contest(contest: ContestEntry) -> str:
    return ", ".join(part for part in (contest.office, contest.unit) if part) or contest.id


def people(view: Sequence[PersonEntry]) -> RenderableType:
    """Return who is who; of a few people, also each statement, and why it is theirs."""
    closer = len(view) <= CLOSER
    parts = [_person(entry, closer) for entry in view]
    return Group(_stacked(parts, "Nobody."), _text(_counted(len(view), "person", "people")))


def _person(entry: PersonEntry, closer: bool) -> Tree:
    tree = _tree(entry.name, entry.id)
    for label, values in (
        ("also", [name for name in entry.names if name != entry.name]),
        ("addresses", entry.addresses),
        ("handles", entry.handles),
        ("elections", entry.elections),
    ):
        if values:
            tree.add(_labelled(label, values))
    if not closer:
        kinds = Counter(link.because[0].kind for link in entry.evidence if link.because)
        if kinds:
            ranked = sorted(kinds.items(), key=lambda item: (-item[1], item[0]))
            tree.add(_labelled("known by", [f"{kind} ({count})" for kind, count in ranked]))
        return tree
    number = {statement.id: position for position, statement in enumerate(entry.statements, 1)}
    _section(
        tree,
        "Statements",
        [
            _labelled(f"{number[item.id]}. {item.title}", [item.name or "unnamed", item.id]).append(
                f" · {clean(item.place)}", "dim"
            )
            for item in entry.statements
        ],
    )
    _section(tree, "Why they are one person's", [_link(link, number) for link in entry.evidence])
    return tree


def _link(link: IdentityLink, number: Mapping[str, int]) -> Text:
    places = " and ".join(str(number.get(id_, id_)) for id_ in link.statements)
    line = _text(f"{places} ({link.weight:+.1f})", "bold")
    reasons = [
        f"{item.kind} {' / '.join(dict.fromkeys(value for value in item.values if value))} ({item.weight:+.1f})"
        if item.kind != "user"
        else "a user says so"
        for item in link.because
    ]
    return line.append(": " + clean("; ".join(reasons)), "not bold")


def corrections(view: Sequence[CorrectionEntry]) -> RenderableType:
    """Return the corrections, one a line, with the statements that they are of."""
    lines: list[RenderableType] = []
    for item in view:
        line = _text(f"{item.number}", "bold").append(f" {clean(said(item))}", "not bold")
        if item.field is not None:
            one = item.sides[0][0]
            line.append(f" · {one.statement} {clean(one.path)}", "dim")
        if not item.found:
            line.append(" · finds nothing to correct any more", "red")
        lines.append(line)
    return Group(*(lines or [_text("No corrections.")]))


def summaries(view: Sequence[CandidateSummary]) -> RenderableType:
    """Return each candidate's summary as a tree: roles, affiliations, subjects with quotations, sentences."""
    return _stacked(map(_summary, view), "No statements.")


def _summary(summary: CandidateSummary) -> Tree:
    tree = _tree(summary.candidate.name, summary.name)
    about = [summary.election, (summary.submitted or "")[:10], (summary.outcome or "").replace("_", " ")]
    if any(about):
        tree.add(_text(" · ".join(part for part in about if part), "dim"))
    _section(tree, "Roles", [_role(role.title, role.organization, role.status) for role in summary.roles])
    _section(
        tree,
        "Affiliations",
        [
            _affiliation(item.organization, item.relation, item.status, item.sources)
            for item in summary.affiliations
        ],
    )
    _section(tree, "Subjects", _few([_subject(subject) for subject in summary.subjects]))
    _section(tree, "In their own words", [_quote(sentence) for sentence in summary.sentences])
    return tree


def clusterings(view: Sequence[Clustering]) -> RenderableType:
    """Return the groups of each election, what binds them and how well they hold."""
    return _stacked(map(_clustering, view), "No statements.")


def _clustering(view: Clustering) -> Tree:
    about = [view.scope, _counted(view.candidates, "candidate")]
    tree = _tree(view.name or "All statements", " · ".join(part for part in about if part))
    if view.reason:
        tree.add(_text(view.reason))
    for group in view.groups:
        branch = tree.add(
            _text(f"Group {group.number}", "bold blue").append(f" · holds {group.silhouette:.3f}", "dim")
        )
        members = [
            member.candidate.name + (" (most typical)" if member.candidate == group.typical else "")
            for member in group.members
        ]
        branch.add(_text(", ".join(members), "bold"))
        for line in _few([_bond(bond, len(group.members)) for bond in group.subjects]):
            branch.add(line)
        if not group.subjects:
            branch.add(_text("no single subject of two members: their platforms as a whole are alike", "dim"))
    if view.alone:
        tree.add(_labelled("In no group", [who.name for who in view.alone]))
    if view.without_focus_areas:
        tree.add(_labelled("Without focus areas", [who.name for who in view.without_focus_areas]))
    pairs = [
        _labelled(f"{' and '.join(who.name for who in pair.candidates)} ({pair.likeness:.2f})", pair.subjects)
        if pair.subjects
        else _text(f"{' and '.join(who.name for who in pair.candidates)} ({pair.likeness:.2f})", "bold")
        for pair in view.closest
    ]
    _section(tree, "Closest pairs", pairs)
    if view.groups and view.silhouette is not None and view.threshold is not None:
        tree.add(
            _text(
                f"The groups hold {view.silhouette:.3f} on a scale to 1 (silhouette); "
                f"by chance they would reach {view.threshold:.3f}.",
                "dim",
            )
        )
    if view.trustworthiness is not None:
        tree.add(
            _text(
                "A map of the candidates is in --format json; of what is near on it, "
                f"{view.trustworthiness:.0%} is near in truth (trustworthiness).",
                "dim",
            )
        )
    return tree


def _bond(bond: Bond, members: int) -> Text:
    names = [who.name for who in bond.members]
    line = _labelled(bond.label, ["all of them"] if len(names) == members else names)
    return line.append(f" · {bond.outside} outside", "dim") if bond.outside else line


def comparisons(view: Sequence[Comparison]) -> RenderableType:
    """Return each comparison: how far the sides agree; subjects, roles and affiliations side by side."""
    return _stacked(map(_comparison, view), "Nothing to compare.")


CHANGE_WORDS = {"kept": "Still wanted", "changed": "Wanted otherwise", "new": "New", "dropped": "No longer a goal"}
HOW_WORDS = {"done": "as done", "under-way": "as under way", "experience": "as of their work"}


def diffs(view: Sequence[PlatformDiff]) -> RenderableType:
    """Return what became of each platform, and which goals are spoken of as done."""
    return _stacked(map(_diff, view), "Nothing to compare.")


def _diff(view: PlatformDiff) -> Tree:
    one, other = view.comparison.sides
    tree = _tree(view.person.name, f"from {one.name} to {other.name}")
    for change, title in CHANGE_WORDS.items():
        branches: list[RenderableType] = []
        for subject in view.comparison.subjects:
            if subject.change == change:
                kinds = {kind for side in subject.sides for kind in side.kinds}
                line = _text(subject.label, "bold").append("" if "goal" in kinds else " (an interest)", "dim")
                branch = Tree(line, guide_style="dim")
                for side in subject.sides:
                    if (phrase := _central(side.label, side.phrases)).sentence:
                        branch.add(excerpt(phrase.sentence, phrase.evidence))
                branches.append(branch)
        _section(tree, title, _few(branches))
    spoken: list[RenderableType] = []
    for item in view.reported:
        branch = Tree(_text(item.goal.phrase, "bold").append(f" · {HOW_WORDS[item.how]}", "cyan"), guide_style="dim")
        if item.goal.sentence:
            branch.add(_text("then:").append(" ").append_text(excerpt(item.goal.sentence, item.goal.evidence)))
        branch.add(_text("now:").append(" ").append_text(excerpt(item.sentence, item.said)))
        spoken.append(branch)
    _section(tree, "Earlier goals they speak of now", _few(spoken))
    return tree


VERDICT_MARKS = {"supports": "+", "opposes": "-", "unclear": "~", "silent": "?"}


def matched(view: MatchResult) -> RenderableType:
    """Return candidates by support, what each says to each priority, and how far silence leaves it open."""
    trees = []
    for one in view.candidates:
        about = f"support {one.support:+.2f}"
        if one.open:
            about += f", nothing clear on {one.open:.0%} (so between {one.lowest:+.2f} and {one.highest:+.2f})"
        tree = _tree(one.candidate.name, about)
        for answer in one.answers:
            line = _text(f"{VERDICT_MARKS[answer.verdict]} {answer.priority}", "bold")
            said = f"{answer.part:+.2f}" if answer.verdict in ("supports", "opposes") else answer.verdict
            line.append(f" · {said}", "dim")
            branch = tree.add(line)
            if answer.sentence:
                branch.add(excerpt(answer.sentence))
        trees.append(tree)
    return _stacked(trees, "No statements.")


def _comparison(view: Comparison) -> RenderableType:
    places = {side.election for side in view.sides}
    shared = next(iter(places)) if len(places) == 1 else None
    names = [side.name for side in view.sides]
    title = _text(", ".join(names[:-1]) + " and " + names[-1], "bold")
    if view.kind == "over-time":
        title = _text(view.sides[0].candidates[0].name, "bold")
    parts: list[RenderableType] = [
        title.append(f" · {shared}", "cyan") if shared else title,
        _agreement(view),
        "",
    ]
    for heading, subjects in _by_match(view):
        if subjects and len(view.sides) > COLUMNS:
            parts += [_subject_tree(view, heading, subjects), ""]
        elif subjects:
            parts += [_aspect(view, heading, _subject_rows(view, subjects)), ""]
    held = {
        "Roles": [(_role(row.title, row.organization, row.status), row.sides) for row in view.roles],
        "Affiliations": [
            (_affiliation(row.organization, row.relation, row.status, _sources(row.sides)), row.sides)
            for row in view.affiliations
        ],
    }
    for heading, rows in held.items():
        if rows:
            parts += [_aspect(view, heading, [_held_cells(view, rows)]), ""]
    return Group(*parts[:-1])


def _sources(held: Sequence[HeldBy]) -> list[str]:
    return ["text" if any(side.evidence for side in held) else "elsewhere"]


def _agreement(view: Comparison) -> Text:
    if view.agreement is None or view.parts is None:
        silent = [side.name for side in view.sides if not side.subjects]
        return _text(f"No measure of agreement: no subjects are known of {', '.join(silent)}.")
    line = Text(f"They agree by {view.agreement:.0%}: ")
    parts = [
        ("the same", view.parts.all),
        ("the same for some", view.parts.some),
        ("similar", view.parts.similar),
    ]
    shares = [f"{share:.0%} of what they say is {what}" for what, share in parts if share]
    return line.append(clean(", ".join([*shares, f"{view.parts.unique:.0%} is said by one only"])))


def _by_match(view: Comparison) -> list[tuple[str, list[ComparedSubject]]]:
    """Return subjects under headings, by how they match or, over time, change."""
    if view.kind == "over-time":
        headings = {"kept": "Kept", "changed": "Put differently", "new": "New", "dropped": "No longer said"}
        return [(words, [s for s in view.subjects if s.change == key]) for key, words in headings.items()]
    everybody = "Both" if len(view.sides) == 2 else "All"
    headings = {
        "all": f"{everybody} say",
        "some": "Some say",
        "similar": "Close to each other",
        "unique": "Only one says",
    }
    return [(words, [s for s in view.subjects if s.match == key]) for key, words in headings.items()]


def _subject_rows(view: Comparison, subjects: Sequence[ComparedSubject]) -> list[Cells]:
    """Return a row for each subject, a cell for each side; subjects of one side only share their rows."""
    single: dict[int, list[RenderableType]] = {}
    rows: list[Cells] = []
    for subject in subjects:
        if len(subject.sides) == 1:
            single.setdefault(subject.sides[0].side, []).append(_side_subject(view, subject.sides[0]))
        else:
            rows.append({said.side: [_side_subject(view, said)] for said in subject.sides})
    left = len(rows) - SUBJECTS
    if left > 1:
        rows = [*rows[:SUBJECTS], {0: [_text(f"and {left} more", "dim")]}]
    columns = {side: _few(cells) for side, cells in single.items()}
    for number in range(max(map(len, columns.values()), default=0)):
        rows.append({side: [cells[number]] for side, cells in columns.items() if number < len(cells)})
    return rows


def _subject_tree(view: Comparison, heading: str, subjects: Sequence[ComparedSubject]) -> Tree:
    """Return subjects with their sides below them, and those of one side only below their side."""
    tree = Tree(_text(heading, "bold blue"), guide_style="dim")
    matched = [subject for subject in subjects if len(subject.sides) > 1]
    for subject in matched[:SUBJECTS]:
        branch = tree.add(_text(subject.label, "bold"))
        for said in subject.sides:
            branch.add(Group(_text(view.sides[said.side].name, "cyan"), _side_subject(view, said)))
    if len(matched) > SUBJECTS:
        tree.add(_text(f"and {len(matched) - SUBJECTS} more", "dim"))
    for number, side in enumerate(view.sides):
        own = [said for s in subjects if len(s.sides) == 1 for said in s.sides if said.side == number]
        if own:
            branch = tree.add(_text(side.name, "cyan"))
            for line in _few([_side_subject(view, said) for said in own]):
                branch.add(line)
    return tree


def _side_subject(view: Comparison, said: SideSubject) -> RenderableType:
    """Return a subject as a side puts it: in an election, who raises it; always a sentence that says it."""
    line = _text(said.label, "bold")
    if view.kind == "elections":
        names = ", ".join(who.name for who in said.candidates)
        line.append(f" · {clean(names)} ({said.share:.0%})", "dim")
    central = _central(said.label, said.phrases)
    return Group(line, excerpt(central.sentence, central.evidence, SHORT)) if central.sentence else line


def _held_cells(view: Comparison, rows: Sequence[tuple[Text, Sequence[HeldBy]]]) -> Cells:
    """Return what each side holds, as lines of its cell."""
    cells: dict[int, list[RenderableType]] = {}
    for line, held in rows:
        for side in held:
            names = ", ".join(who.name for who in side.candidates) if view.kind == "elections" else ""
            own = line.copy()
            cells.setdefault(side.side, []).append(own.append(f" · {clean(names)}", "dim") if names else own)
    return {side: _few(lines) for side, lines in cells.items()}


def _aspect(view: Comparison, heading: str, rows: Sequence[Cells]) -> RenderableType:
    """Return rows under a heading: sides beside each other if they are few, else below each other."""
    names = [side.name for side in view.sides]
    if len(names) <= COLUMNS:
        table = Table(box=box.SIMPLE, expand=True, show_edge=False, pad_edge=False, title_justify="left")
        for name in names:
            table.add_column(_text(name), ratio=1, header_style="bold")
        for at, row in enumerate(rows):
            below = "" if at + 1 < len(rows) else None
            cells = [
                [*row.get(side, ()), *([below] if below is not None else ())] for side in range(len(names))
            ]
            table.add_row(*(Group(*cell) for cell in cells))
        return Group(_text(heading, "bold blue"), table)
    tree = Tree(_text(heading, "bold blue"), guide_style="dim")
    for row in rows:
        for side, cell in row.items():
            branch = tree.add(_text(names[side], "cyan"))
            for line in cell:
                branch.add(line)
    return tree


def evaluations(view: Sequence[Evaluation]) -> RenderableType:
    """Return the figures as a table: all statements first, in detail, then a column for each community."""
    whole, *communities = view
    table = Table(box=box.SIMPLE_HEAD, title=_counted(whole.statements, "annotated statement"), title_justify="left")
    table.add_column("figure")
    for heading in ("all", "precision", "recall", "gold", "found"):
        table.add_column(heading, justify="right")
    for figure in whole.figures:
        table.add_row(figure.name, *_measured(figure))
    if not communities:
        return table
    beside = Table(box=box.SIMPLE_HEAD, title="by community", title_justify="left")
    beside.add_column("figure")
    for part in communities:
        beside.add_column(f"{clean(part.community or '')} ({part.statements})", justify="right")
    for i, figure in enumerate(whole.figures):
        beside.add_row(figure.name, *(_share(part.figures[i]) for part in communities))
    return Group(table, beside)


def _measured(figure: Figure) -> list[str]:
    ratios = ["" if value is None else f"{value:.2f}" for value in (figure.precision, figure.recall)]
    return [_share(figure), *ratios, str(figure.gold), "" if figure.found is None else str(figure.found)]


def _share(figure: Figure) -> str:
    return f"{figure.value:.2f}" if figure.gold else "–"


def trends(view: Sequence[CommunityTrends], limit: int) -> RenderableType:
    """Return the topics of each community across its elections, its candidates, and what its winners say.

    Parameters
    ----------
    limit : the most topics shown of a community.
    """
    return _stacked((_trends(community, limit) for community in view), "No statements of a known election.")


def _trends(view: CommunityTrends, limit: int) -> RenderableType:
    cycles = _cycles(view)
    count = _counted(len(view.elections), "election")
    placed = len(view.elections) - len(view.undated)
    if placed > 1:
        count += f", {_span(cycles, [view.elections[0].election, view.elections[placed - 1].election], ' to ')}"
    name = f"{view.community}, {view.office}" if view.office else view.community
    parts: list[RenderableType] = [_text(name, "bold").append(f" · {clean(count)}", "cyan")]
    if view.undated and view.reason is None:
        undated = ", ".join(cycles[id_] for id_ in view.undated)
        parts.append(_text(f"Not known when it was, and in no trend: {undated}.", "dim"))
    whose = "whose statements any subject is known" if view.by == "statements" else "whom any goal is known"
    if view.topic is not None:
        parts += ["", _one_topic(view, cycles)]
        return Group(*parts)
    if view.topics:
        parts += ["", _text("Topics", "bold blue"), _topic_table(view, cycles, limit)]
        parts.append(_text(f"Shares of the candidates of {whose}; the last with its interval (95%).", "dim"))
    else:
        parts += ["", _text(f"No topics are known of these {view.by}.")]
    parts += ["", _text("Rising and falling", "bold blue"), *_changes(view, cycles)]
    parts += ["", _text("Candidates", "bold blue"), *_field(view, cycles)]
    if view.winners is not None:
        parts += ["", _text("Winners against the rest", "bold blue"), *_winners(view.winners)]
    return Group(*parts)


def _cycles(view: CommunityTrends) -> dict[str, str]:
    """Return what to call each election of a community: its cycle."""
    return {field.election: clean(field.cycle or field.election.rpartition("/")[2]) for field in view.elections}


def _topic_table(view: CommunityTrends, cycles: Mapping[str, str], limit: int) -> RenderableType:
    """Return shares by topic and election: all elections as blocks, the last ones as figures."""
    columns = view.elections[-(ELECTIONS if len(view.elections) <= 2 * ELECTIONS else FEWER) :]
    several = len(view.elections) > 1
    table = Table(box=box.SIMPLE, expand=True, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("", ratio=1)
    if several:
        table.add_column(f"all {len(view.elections)}", header_style="dim", no_wrap=True)
    for field in columns:
        counted = field.speaking if view.by == "statements" else field.platforms
        heading = _text(cycles[field.election]).append(f"\nof {counted}", "dim")
        table.add_column(heading, justify="right", max_width=10, overflow="fold")
    table.add_column("", style="dim", no_wrap=True)
    for topic in view.topics[:limit]:
        shares = [getattr(cell, view.by) for cell in topic.cells]
        shown = shares[-len(columns) :]
        table.add_row(
            _text(topic.label),
            *([_blocks(shares)] if several else []),
            *(f"{share.share:.0%}" if share.of else "–" for share in shown),
            _range(shown[-1]) if shown[-1].of else "",
        )
    left = view.total - limit
    more = [_text(f"and {left} more: --limit {view.total} shows all", "dim")] if left > 0 else []
    return Group(table, *more)


def _blocks(shares: Sequence[Share]) -> str:
    """Return shares as a line of blocks, the highest a full one; a space where there is nobody to count.

    Examples
    --------
    >>> from analyzer.topics.trends import Share
    >>> counts = [(0, 9), (1, 4), (2, 4), (0, 0)]
    >>> _blocks([Share(count=n, of=of, share=n / of if of else 0, low=0, high=1) for n, of in counts])
    '▁▅█ '
    """
    size = -(-len(shares) // LINE)
    parts = [shares[start : start + size] for start in range(0, len(shares), size)]
    pooled = [(sum(s.count for s in part), sum(s.of for s in part)) for part in parts]
    highest = max((count / of for count, of in pooled if of), default=0.0) or 1.0
    top = len(BLOCKS) - 1
    return "".join(BLOCKS[round(count / of / highest * top)] if of else " " for count, of in pooled)


def _range(share: Share) -> str:
    return f"({100 * share.low:.0f}–{100 * share.high:.0f})"


def _span(cycles: Mapping[str, str], ids: Sequence[str], to: str = "–") -> str:
    """Return the first and last of some elections: ``2019–2024``, or ``2019`` alone."""
    return to.join(dict.fromkeys(cycles[id_] for id_ in ids))


def _changes(view: CommunityTrends, cycles: Mapping[str, str]) -> list[RenderableType]:
    """Return what rose and fell, what is new, what is gone, and what could not be tested."""
    if view.reason is not None:
        return [_text(f"{view.reason[0].upper()}{view.reason[1:]}.")]
    tested = sorted(
        ((topic, topic.trend) for topic in view.topics if topic.trend is not None),
        key=lambda item: (item[1].q, -abs(item[1].difference.value), item[0].id),
    )
    parts: list[RenderableType] = []
    moved = [item for item in tested if item[1].change is not None]
    if tested and not moved:
        topics = _counted(len(tested), "topic")
        parts.append(_text(f"Nothing rose or fell beyond chance; of {topics} tested nearest to it:"))
        parts.append(_change(*tested[0]))
    for words in ("rose", "fell"):
        lines: list[RenderableType] = [_change(topic, trend) for topic, trend in moved if trend.change == words]
        parts += _few(lines)
    if tested:
        earlier, later = (_span(cycles, [half.first, half.last]) for half in view.halves)
        broad = [f"{half.breadth:.1f}" for half in view.halves]
        number = _counted(len(tested), "topic")
        allowed = f"{number} tested, and for candidates who raised {broad[0]} topics then and {broad[1]} later"
        parts.append(_text(f"From {earlier} to {later}, with 95% intervals; q allows for {allowed}.", "dim"))
    if view.too_rare:
        topics = f"{_counted(view.too_rare, 'topic')} that fewer than 5 people raise"
        parts.append(_text(f"{topics} {'is' if view.too_rare == 1 else 'are'} too rare to be tested.", "dim"))
    return parts + _come_and_gone(view, cycles)


def _change(topic: TopicTrend, trend: Trend) -> Text:
    return _text(topic.label, "bold").append(f" {_changed(trend)}", "not bold")


def _changed(trend: Trend) -> str:
    words = trend.change or "went"
    sides = [f"{share.share:.0%} {_range(share)}" for share in (trend.earlier, trend.later)]
    return f"{words} from {sides[0]} to {sides[1]}, {_q(trend.q)}"


def _q(q: float) -> str:
    return f"q = {q:.2f}" if q >= 0.01 else f"q = {q:.3f}" if q >= 0.001 else "q < 0.001"


def _come_and_gone(view: CommunityTrends, cycles: Mapping[str, str]) -> list[RenderableType]:
    """Return topics first raised in the last election, and tested ones that the last two no longer have."""
    placed = [field.election for field in view.elections[: len(view.elections) - len(view.undated)]]
    last = placed[-1]
    fresh = [
        topic.label + (f" ({topic.candidates})" if topic.candidates > 1 else "")
        for topic in view.topics
        if topic.first == last
    ]
    gone = [
        f"{topic.label} (last in {cycles[topic.last]})"
        for topic in view.topics
        if topic.trend is not None and topic.last is not None and topic.last not in placed[-2:]
    ]
    parts: list[RenderableType] = []
    if fresh:
        parts.append(_labelled(f"New in {cycles[last]}", _first_few(fresh)))
    if gone:
        parts.append(_labelled("No longer raised", _first_few(gone)))
    return parts


def _first_few(names: Sequence[str]) -> list[str]:
    more = len(names) - SUBJECTS
    return [*names[:SUBJECTS], f"{more} more"] if more > 1 else list(names)


def _one_topic(view: CommunityTrends, cycles: Mapping[str, str]) -> RenderableType:
    """Return a topic with everybody who raises it, the last election first."""
    label = view.topic.label if view.topic is not None else ""
    if not view.topics:
        return _text(f"{label}: raised by none of these {view.by}.")
    topic = view.topics[0]
    shares = [getattr(cell, view.by) for cell in topic.cells]
    tree = _tree(topic.label, f"{_counted(topic.candidates, 'candidate')}  {_blocks(shares)}")
    if topic.trend is not None:
        earlier, later = (_span(cycles, [half.first, half.last]) for half in view.halves)
        beyond = "" if topic.trend.change else ": not beyond chance"
        tree.add(_text(f"From {earlier} to {later} it {_changed(topic.trend)}{beyond}"))
    else:
        tree.add(_text(view.reason or "raised by fewer than 5 people: too rare to be tested for a trend"))
    for item in view.winners.topics if view.winners is not None else []:
        tree.add(_winner(item, "it is raised by"))
    silent = [cycles[cell.election] for cell, share in zip(topic.cells, shares, strict=True) if not share.count]
    for cell, share in reversed(list(zip(topic.cells, shares, strict=True))):
        if not share.count:
            continue
        branch = tree.add(
            _text(cycles[cell.election], "bold blue").append(
                f" · {share.share:.0%} {_range(share)}, {share.count} of {share.of}", "dim"
            )
        )
        raised = [
            (entry.candidate.name, phrase)
            for entry in cell.raised
            if (phrase := next((p for p in entry.phrases if view.by == "statements" or p.kind == "goal"), None))
        ]
        for line in _few(
            [
                _text(f"{name}:").append(" ").append_text(excerpt(phrase.sentence, phrase.evidence))
                for name, phrase in raised
            ]
        ):
            branch.add(line)
    if silent:
        tree.add(_labelled(f"In {_counted(len(silent), 'election')} raised by nobody", silent))
    return tree


def _field(view: CommunityTrends, cycles: Mapping[str, str]) -> list[RenderableType]:
    """Return who stood in the last elections: how many, how many new, and for whom they work."""
    rows = view.elections[-ROWS:]
    outcomes = any(field.elected_before is not None for field in rows)
    table = Table(box=box.SIMPLE, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("")
    for heading in ("stood", "new", "again", *(["had won", "won again"] if outcomes else []), "employer\nknown"):
        table.add_column(heading, justify="right")
    table.add_column("largest")
    table.add_column("HHI", justify="right")
    for field in rows:
        won = [field.elected_before, field.elected_again] if outcomes else []
        counts = [field.newcomers, field.returners, *won]
        table.add_row(
            cycles[field.election],
            str(field.candidates),
            *("–" if whos is None else str(len(whos)) for whos in counts),
            *_employers(field),
        )
    parts: list[RenderableType] = [table]
    if len(view.elections) > ROWS:
        parts.append(_text(f"and {len(view.elections) - ROWS} before", "dim"))
    first = view.elections[0]
    if len(view.elections) > len(view.undated):
        note_ = f"New and again: as far as is known since {cycles[first.election]}. "
        if outcomes:
            note_ += "Had won: the same office. "
    else:
        note_ = ""
    guessed = sum(employer.by_address for field in rows for employer in field.employers.employers)
    if guessed:
        note_ += f"Of the employers {guessed} are told by an address alone. "
    parts.append(_text(f"{note_}HHI: 1 if all whose employer is known share it.", "dim"))
    return parts


def _employers(field: ElectionField) -> list[str]:
    known = field.employers
    if known.largest is None or known.concentration is None:
        return ["0", "", "–"]
    largest = known.employers[0]
    if known.known > 1 and len(largest.candidates) == 1:
        name = "all different"
    else:
        name = f"{clean(largest.organization)} ({known.largest:.0%})"
    return [str(known.known), name, f"{known.concentration:.2f}"]


def _winners(view: Winners) -> list[RenderableType]:
    """Return which topics tell the elected from the others of their contests, and what says nothing of it."""
    from analyzer.topics.trends import LEVEL

    left = []
    if view.uncontested:
        left.append(f"{_counted(view.uncontested, 'contest')} in which all were elected")
    if view.unclear:
        left.append(f"{view.unclear} of which too little is known")
    out = f"; left out: {' and '.join(left)}" if left else ""
    parts: list[RenderableType] = [
        _text(
            f"{_counted(view.contests, 'contest')} with {_counted(view.elected, 'winner')} and "
            f"{_counted(view.others, 'other')}{out}.",
            "dim",
        )
    ]
    clear = [item for item in view.topics if item.q <= LEVEL]
    parts += _few([_winner(item) for item in clear])
    if not view.contests:
        parts.append(_text("No contest to learn from."))
    elif not view.topics:
        parts.append(_text("No topic is raised by 5 of them: too few to tell winners from the others."))
    elif not clear:
        topics = _counted(len(view.topics), "topic")
        parts.append(_text(f"Nothing tells winners from the others beyond chance; of {topics} tested nearest to it:"))
        parts.append(_winner(view.topics[0]))
    return parts


def _winner(item: WinnersTopic, words: str = "") -> Text:
    line = _text(words) if words else _text(item.label, "bold")
    sides = [f"{share.share:.0%} {_range(share)}" for share in (item.elected, item.others)]
    gap = item.difference
    points = f"{100 * gap.value:+.0f} points within contests ({100 * gap.low:+.0f} to {100 * gap.high:+.0f})"
    joined = " " if words else ": "
    return line.append(
        f"{joined}{sides[0]} of the winners, {sides[1]} of the others; {points}, {_q(item.q)}", "not bold"
    )


def found(view: SearchResult) -> RenderableType:
    """Return who speaks about a subject, best sentence first."""
    if not view.candidates:
        return _text(f"Nobody speaks about {view.query}.")
    parts: list[RenderableType] = []
    for entry in view.candidates:
        tree = _tree(entry.candidate.name, f"{entry.score:.2f}")
        for sentence in entry.sentences:
            line = excerpt(sentence.evidence, width=WHOLE)
            tree.add(line.append(f" · {clean(sentence.election)}", "dim") if sentence.election else line)
        parts.append(tree)
    more = view.total - len(view.candidates)
    if more:
        parts.append(_text(f"{_counted(more, 'more candidate')}: --limit {view.total} shows all", "dim"))
    return _stacked(parts, "")


def fetched(view: Fetched) -> RenderableType:
    """Return what became of an archive's files: what came, what was here, what did not come and why."""
    tree = _tree(view.folder, view.archive)
    came = _counted(len(view.fetched), "file") + (f", {filesize.decimal(view.bytes)}" if view.fetched else "")
    tree.add(_labelled("fetched", [came]))
    if view.present:
        tree.add(_labelled("here already, unchanged", [_counted(len(view.present), "file")]))
    if view.empty:
        tree.add(_labelled("without mail on the server", [_counted(len(view.empty), "file")]))
    _section(tree, "did not come", [_labelled(item.name, [item.reason]) for item in view.failed])
    return tree


# --- parts --------------------------------------------------------------------------------------------


def clean(text: str) -> str:
    """Return a text as one line without anything that would steer a terminal.

    Examples
    --------
    >>> clean("red \\x1b[31mletters\\r\\nhere")
    'red [31mletters here'
    """
    return " ".join(_UNSEEN.sub(" ", text).split())


def excerpt(sentence: Span, phrase: Span | None = None, width: int = EXCERPT) -> Text:
    """Return a sentence in quotation marks, a long one cut at words around the phrase, which is in bold.

    `phrase` may lie anywhere; it is used where it stands within the sentence.
    """
    text = sentence.text
    start, end = 0, 0
    if phrase is not None and sentence.start <= phrase.start and phrase.end <= sentence.end:
        start, end = phrase.start - sentence.start, phrase.end - sentence.start
    first, last = 0, len(text)
    if len(text) > width:
        spare = max(width - (end - start), 0)
        first = max(0, min(start - spare // 2, len(text) - width))
        last = min(len(text), max(first + width, end))
        # Whole words: what the cut would halve is left out.
        if first:
            first = min((text.find(" ", first, start) + 1) or start, start)
        if last < len(text):
            last = max(text.rfind(" ", end, last), end) if end else max(text.rfind(" ", 0, last), 1)
    quoted = Text("“" + ("… " if first else ""))
    for begin, stop, style in (
        (first, start, ""),
        (max(start, first), end, "bold"),
        (max(end, first), last, ""),
    ):
        piece = _UNSEEN.sub(" ", text[begin:stop])
        quoted.append(piece, style)
    quoted.append((" …" if last < len(text) else "") + "”")
    return quoted


def topics(view: TopicListing) -> RenderableType:
    """Return topics by area; of a single one, its phrases and the sentences that say them."""
    if len(view.topics) == 1 and any(phrase.said for phrase in view.topics[0].phrases):
        return _topic(view.topics[0])
    if not view.topics:
        return "no focus areas here, and so no topics"
    areas: dict[str | None, list[TopicEntry]] = {}
    for entry in view.topics:
        areas.setdefault(entry.area, []).append(entry)
    parts: list[RenderableType] = []
    single = []
    for area, entries in areas.items():
        lines = [_topic_line(entry) for entry in entries]
        if area is None:
            continue
        if len(lines) == 1:
            single += lines
            continue
        tree = _tree(area, _counted(len(lines), "topic"))
        for line in lines:
            tree.add(line)
        parts += [tree, ""]
    parts += [*single, ""] if single else []
    left = f"{view.other:.0%} of {_counted(view.focus_areas, 'focus area')} are like no others"
    return Group(*parts, _text(left, "dim"))


def _topic_line(entry: TopicEntry) -> Text:
    line = _text(entry.label, "bold" if entry.named else "")
    line.append(f" · {_counted(entry.statements, 'statement')}", "cyan")
    words = [term for term in entry.terms if term not in entry.label.casefold()][:TERMS]
    return line.append(" · " + clean(", ".join(words)), "dim") if words else line


def _topic(entry: TopicEntry) -> RenderableType:
    about = [entry.area] if entry.area and entry.area != entry.label else []
    about += [_counted(entry.statements, "statement"), _counted(len(entry.candidates), "candidate")]
    tree = _tree(f"{entry.label} ({entry.id})", " · ".join(about))
    if entry.terms:
        tree.add(_text(", ".join(entry.terms), "dim"))
    names = {who.name: None for who in entry.candidates}
    _section(tree, "Raised by", [_text(", ".join(names))])
    lines: list[RenderableType] = []
    for phrase in entry.phrases:
        line = _text(phrase.phrase, "bold")
        line.append(f" · {phrase.count}×" if phrase.count > 1 else "", "cyan")
        line.append(" · pinned" if phrase.pinned else f" · {phrase.confidence:.0%}", "dim")
        branch = Tree(line, guide_style="dim")
        if (first := phrase.said[0]).sentence:
            branch.add(excerpt(first.sentence, first.evidence))
        lines.append(branch)
    _section(tree, "Phrases", _few(lines, PHRASES))
    return tree


def _stacked(views: Iterable[RenderableType], empty: str) -> RenderableType:
    """Return views below each other, a blank line after each."""
    parts: list[RenderableType] = []
    for view in views:
        parts += [view, ""]
    return Group(*(parts or ([empty] if empty else [])))


def _tree(title: str, detail: str) -> Tree:
    line = _text(title, "bold")
    if detail:
        line.append(" · " + clean(detail), "cyan")
    return Tree(line, guide_style="dim")


def _section(tree: Tree, title: str, lines: Sequence[RenderableType]) -> None:
    """Add lines under a title; a section without lines is left out."""
    if lines:
        branch = tree.add(_text(title, "bold blue"))
        for line in lines:
            branch.add(line)


def _few(lines: Sequence[RenderableType], most: int = SUBJECTS) -> list[RenderableType]:
    if len(lines) <= most + 1:  # "and 1 more" would take the line that it spares
        return list(lines)
    return [*lines[:most], _text(f"and {len(lines) - most} more", "dim")]


def _text(text: str, style: str = "") -> Text:
    return Text(clean(text), style)


def _labelled(label: str, values: Sequence[str]) -> Text:
    line = _text(label, "bold")
    return line.append(": " + clean(", ".join(values)), "not bold")


def _role(title: str, organization: str | None, status: str) -> Text:
    return _labelled(STATUS_WORDS[status], [title, organization] if organization else [title])


def _affiliation(organization: str, relation: str, status: str, sources: Sequence[str]) -> Text:
    about = [relation] if relation != "other" else []
    about += ["past"] if status == "past" else []
    if not {"text", "field"} & set(sources):
        about += [ORIGIN_WORDS.get(source, f"from: {source}") for source in sources]
    line = _text(organization)
    return line.append(f" ({', '.join(about)})", "dim") if about else line


def _quote(sentence: Span) -> Text:
    return excerpt(sentence, width=WHOLE)


def _subject(subject: Subject) -> RenderableType:
    """Return a subject: its label and kinds, the other words for it, and the sentence that says it."""
    label = clean(subject.label).casefold()
    central = _central(subject.label, subject.phrases)
    line = _text(subject.label, "bold")
    line.append(f" ({', '.join(KIND_WORDS[kind] for kind in subject.kinds)})", "dim")
    phrases = {clean(p.phrase).casefold(): clean(p.phrase) for p in reversed(subject.phrases)}
    others = [phrase for key, phrase in reversed(phrases.items()) if key != label]
    branch = Tree(line, guide_style="dim")
    if others:
        branch.add(_text("also: " + "; ".join(others)))
    if central.sentence:
        branch.add(excerpt(central.sentence, central.evidence))
    return branch


def _central(label: str, phrases: Sequence[Phrase]) -> Phrase:
    """Return the phrase that gave a subject its label."""
    wanted = clean(label).casefold()
    return next((phrase for phrase in phrases if clean(phrase.phrase).casefold() == wanted), phrases[0])


def _counted(number: int, thing: str, things: str = "") -> str:
    return f"{number} {thing if number == 1 else things or thing + 's'}"
