"""Statements: messages become clean text with what is known of them, or are left out with the reason.

`from_messages` is the whole room. `cleaning` takes away what is not the candidate's, `decision` tells candidacies
from everything else, `context` gathers who, when and which election from around the text.
"""

from __future__ import annotations

import hashlib
from base64 import b32encode
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from analyzer.records import Decision, Skipped, Source, Warning_
from analyzer.sources.message import Message
from analyzer.statements.cleaning import CleanText, clean
from analyzer.statements.context import Context, gather
from analyzer.statements.decision import Folders, decide, hopeless
from analyzer.statements.duplicates import Known, noted, same_as
from analyzer.statements.language import language
from analyzer.statements.statement import Hint, LabelledField, Statement
from analyzer.statements.window import Window

__all__ = ["Hint", "LabelledField", "Statement", "from_messages"]


def from_messages(
    messages: Iterable[Message | Skipped],
    *,
    keep_all: bool = False,
    community: str | None = None,
    office: str | None = None,
    cycle: str | None = None,
    known: Known | None = None,
) -> Iterator[Statement | Skipped]:
    """Turn messages into statements, in their order, one at a time.

    Parameters
    ----------
    messages : what `analyzer.sources.read` yields; a `Skipped` passes through.
    keep_all : keep what is no candidacy, too, and every copy; the decision is made and recorded all the same.
    community, office, cycle : what the user says of all of them; wins over what headers, fields and folders say.
    known : the statements of earlier runs, and where those of this one are remembered.

    Yields
    ------
    A `Statement`, or a `Skipped` with a code: a label of `analyzer.statements.decision.LABELS` for what is no
    candidacy, ``no-text`` where nothing of a message is its writer's, ``duplicate`` for the same person's same text
    in the same contest, ``corrected`` for a mail that its writer sent again with changes: the later one is kept in
    its place. Never two statements with one id.

    Notes
    -----
    A statement that came by mail waits until the mail of `Window.DAYS` days is read, for it may be corrected.
    """
    window = Window()
    known = known or Known(every=keep_all)
    for id_, item in _decided(messages, window, known, keep_all, community, office, cycle):
        if id_ is None and not window:  # nearly always
            yield item
        else:
            yield from window.add(id_, item)
    yield from window.rest()


def _decided(
    messages: Iterable[Message | Skipped],
    window: Window,
    known: Known,
    keep_all: bool,
    community: str | None,
    office: str | None,
    cycle: str | None,
) -> Iterator[tuple[str | None, Statement | Skipped]]:
    """Yield a statement or a reason for every message, and the statement's id; what it corrects is replaced in the
    window.
    """
    folders = Folders()
    ids: set[str] = set()
    for message in messages:
        if isinstance(message, Skipped):
            yield None, message
            continue
        early = hopeless(message)
        if early is not None and not keep_all:
            yield None, _skip(message, early.label, _why(early))
            continue
        cleaned = clean(message.body, message.body_format)
        if not cleaned.text:
            why = "nothing in it is the writer's own: only quotations, signature or footer"
            yield None, _skip(message, "no-text", why)
            continue
        decision = early or decide(message, cleaned, among_statements=folders.among_statements(message))
        folders.add(message, decision)
        if decision.label != "candidacy" and not keep_all:
            yield None, _skip(message, decision.label, _why(decision))
            continue
        context = gather(message, cleaned, community=community, office=office, cycle=cycle)
        statement = _statement(message, cleaned, decision, context)
        copy = known.copy_of(statement, message)
        for id_ in known.touched():
            if (waiting := window.get(id_)) is not None:
                window.replace(id_, _told(waiting, id_, known, keep_all))
        if copy is None:
            ids.add(statement.id)
            yield statement.id, _told(statement, statement.id, known, keep_all)
        elif keep_all and statement.id not in ids:
            ids.add(statement.id)
            note = Warning_(code="duplicate", message=f"the same text as {copy.where}")
            yield statement.id, replace(statement, warnings=(*statement.warnings, note))
        else:
            yield None, _skip(message, "duplicate", same_as(copy.where))


def _told(item: Statement | Skipped, id_: str, known: Known, keep_all: bool) -> Statement | Skipped:
    """Return a statement with a note of the one that it takes the place of, or why it is left out itself."""
    skipped = known.left_out(id_)
    if skipped is not None and not keep_all:
        return skipped
    return replace(item, warnings=tuple(noted(item.warnings, known.note(id_)))) if isinstance(item, Statement) else item


def _statement(message: Message, cleaned: CleanText, decision: Decision, context: Context) -> Statement:
    spoken = language(cleaned.text)
    return Statement(
        id=_id(message, cleaned.text),
        source=Source(
            path=message.path,
            member=message.member,
            section=message.section,
            index=message.index,
            format=message.format,
            message_id=message.message_id,
            list=message.list_name,
            subject=message.subject,
            sha256=message.sha256,
        ),
        text=cleaned.text,
        blocks=cleaned.blocks,
        submitted=_submitted(message.date) or context.date,
        language=spoken,
        decision=decision,
        fields=cleaned.fields,
        name=context.name,
        emails=context.emails,
        handles=context.handles,
        community=context.community,
        unit=context.unit,
        office=context.office,
        cycle=context.cycle,
        outcome=context.outcome,
        begins=context.begins,
        ends=context.ends,
        warnings=tuple(_warnings(message, spoken)),
    )


def _id(message: Message, text: str) -> str:
    """Return an id from where the statement comes from and what it says: 16 characters, the same everywhere.

    The folder or archive a message was found in does not matter if it has a Message-ID.
    """
    place = [message.message_id.strip("<> ")] if message.message_id else [message.path, message.member or ""]
    place += [message.section] if message.section else []
    digest = hashlib.sha256("\0".join([*place, text]).encode("utf-8", "surrogatepass")).digest()
    return b32encode(digest[:10]).decode("ascii").lower()


def _submitted(date: datetime | None) -> str | None:
    """Return a time as RFC 3339 in UTC. One without an offset is taken for UTC, as archives write it."""
    if date is None:
        return None
    try:
        utc = date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
    except (OverflowError, ValueError):
        return None
    return utc.replace(microsecond=0).isoformat().replace("+00:00", "Z")


_DEFECTS = {
    "wrong-charset": "the declared character set was wrong, and another was used",
}


def _warnings(message: Message, spoken: str | None) -> Iterator[Warning_]:
    for defect in message.defects:
        yield Warning_(code=defect, message=_DEFECTS.get(defect, f"the message was mended: {defect.replace('-', ' ')}"))
    if spoken not in (None, "en"):
        yield Warning_(code="not-english", message=f"the text is {spoken}, and only English is analysed")


def _why(decision: Decision) -> str:
    reasons = "; ".join(decision.reasons[:4])
    return f"no candidacy ({decision.score:.2f}): {reasons}" if reasons else f"no candidacy ({decision.score:.2f})"


def _skip(message: Message, code: str, why: str) -> Skipped:
    return Skipped(path=message.path, member=message.member, index=message.index, code=code, message=why)
