"""Sources: messages out of mailboxes, list archives, folders, zip and tar files, one module per format.

`read` is all that the next room needs. A format module has ``recognise(opened)``, which looks at a file's first
bytes, and ``messages(opened)``, which reads it; what no other module recognises is text.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from analyzer.errors import SourceError
from analyzer.records import Skipped
from analyzer.sources import (
    archive_html,
    archive_text,
    charsets,
    data_files,
    listserv,
    mail,
    mbox,
    mhonarc,
    packed,
    repositories,
    text,
    walking,
    webpage,
)
from analyzer.sources.message import BodyFormat, Filed, Message
from analyzer.sources.opening import (
    MAX_DOCUMENT,
    MAX_MESSAGE,
    Item,
    Opened,
    Place,
    Refusal,
    begin,
    open_file,
    too_large,
    verify,
)

__all__ = ["BodyFormat", "Message", "read"]

_Reader = Callable[[Opened], Iterable[Item]]
STDIN = "-"


@dataclass(frozen=True, slots=True)
class _Source:
    """A SOURCE argument that was found readable."""

    said: str
    file: Path | None = None
    folder: str | None = None
    opened: Opened | None = None


def read(sources: Sequence[str | Path], *, stdin: BinaryIO | None = None) -> Iterator[Message | Skipped]:
    """Read files, folders and standard input, whatever their format.

    Parameters
    ----------
    sources : paths; ``"-"`` is standard input. Folders are walked in sorted order, hidden files left out.
    stdin : the bytes of ``"-"``, `sys.stdin.buffer` by default.

    Returns
    -------
    Messages in the order of the sources, and a `Skipped` for every file of a folder and every message of a
    mailbox that is not read. Its codes: ``empty``, ``no-text``, ``binary``, ``data-file``, ``index-page``,
    ``unreadable``, ``not-a-file``, ``corrupt-gzip``, ``corrupt-archive``, ``unsafe-archive``, ``nested-archive``,
    ``too-large``, ``broken-message``; and ``adapter-failed`` for an adapter (see `analyzer.sources.repositories`)
    that broke.

    Raises
    ------
    SourceError : before anything is read, if a named file or folder is missing, unreadable or empty, or if a named
        file holds no mail and no text. Later only if a file changes or standard input breaks while it is read.
    """
    said = [str(source) for source in sources]
    if said.count(STDIN) > 1:
        raise SourceError("standard input (-) is given twice; give it once")
    return _read([_check(source, stdin) for source in said])


def _check(said: str, stdin: BinaryIO | None) -> _Source:
    if said == STDIN:
        return _check_stdin(stdin if stdin is not None else sys.stdin.buffer)
    file = Path(said)
    try:
        mode = file.stat().st_mode
        if stat.S_ISDIR(mode):
            return _check_folder(file, said)
        if not stat.S_ISREG(mode):
            raise SourceError(f"{said}: a pipe, socket or device, not a file; to read a pipe, give - as the source")
        place = _named(file)
        with open_file(file, place) as opened:
            if packed.recognise(opened):
                packed.check(opened)
            else:
                _recognise(opened, file)
            again = opened.packed and not packed.recognise(opened)
        if again:
            with open_file(file, place) as opened:
                verify(opened)
    except FileNotFoundError:
        raise SourceError(f"{said}: no such file or folder; check the path") from None
    except (OSError, ValueError) as error:
        why = walking.reason(error) if isinstance(error, OSError) else str(error)
        raise SourceError(f"{said}: cannot be read ({why}); check the path and its permissions") from None
    except Refusal as refusal:
        raise _error(said, refusal) from None
    return _Source(said, file=file)


def _check_stdin(stream: BinaryIO) -> _Source:
    try:
        opened = begin(stream, Place(STDIN, named=True))
        if packed.recognise(opened):
            packed.check(opened)
        else:
            _recognise(opened, None)
    except Refusal as refusal:
        raise _error("standard input", refusal) from None
    except OSError as error:
        raise SourceError(f"standard input: cannot be read ({walking.reason(error)})") from None
    return _Source(STDIN, opened=opened)


def _check_folder(folder: Path, said: str) -> _Source:
    name = folder.resolve().name or said
    first = next(walking.walk(folder, name), None)
    if first is None:
        raise SourceError(f"{said}: the folder is empty; give a folder with mailboxes or statements")
    if first.file == folder and first.refusal is not None:
        raise SourceError(f"{said}: cannot be read ({first.refusal.message}); check its permissions")
    return _Source(said, file=folder, folder=name)


def _named(file: Path) -> Place:
    return Place(os.fsencode(file.name).decode("utf-8", "replace"), named=True)


def _error(said: str, refusal: Refusal) -> SourceError:
    remedies = {
        "empty": "; give a mailbox, mail or statement",
        "no-text": "; give a mailbox, mail or statement",
        "binary": "; give a mailbox, mail, web page or text",
        "data-file": "; give a mailbox, mail, web page or text",
    }
    remedy = "" if ";" in refusal.message else remedies.get(refusal.code, "")
    return SourceError(f"{said}: {refusal.message}{remedy}")


def _read(sources: list[_Source]) -> Iterator[Item]:
    for source in sources:
        if source.opened is not None:
            yield from _named_items(source, source.opened, None)
        elif source.folder is None and source.file is not None:
            try:
                place = _named(source.file)
                with open_file(source.file, place) as opened:
                    filed: dict[str, Filed] = {}
                    if not packed.recognise(opened):  # an archive is asked about with what is in it
                        filed, failed = repositories.survey(source.file.parent, "", {place.path: source.file})
                        yield from failed
                    for item in _named_items(source, opened, source.file):
                        yield from _with_filed(item, filed.get(place.path))
            except OSError as error:
                raise SourceError(f"{source.said}: cannot be read any more ({walking.reason(error)})") from None
        elif source.file is not None:
            filed, failed = _filed(source.file, source.folder or "")
            yield from failed
            for found in walking.walk(source.file, source.folder or ""):
                for item in _found_items(found):
                    yield from _with_filed(item, filed.get(found.place.path))


def _filed(folder: Path, name: str) -> tuple[dict[str, Filed], list[Skipped]]:
    """Return what the election repositories in a folder say of their files."""
    found = {
        one.place.path: one.file
        for one in walking.walk(folder, name)
        if one.refusal is None and not one.place.maildir
    }
    return repositories.survey(folder, name, found)


def _with_filed(item: Item, filed: Filed | None) -> Iterator[Item]:
    """Yield a message with what is known of its file; a page of several candidates as one message for each."""
    if filed is None or not isinstance(item, Message) or item.format not in ("text", "markdown", "html"):
        yield item
        return
    whole = replace(item, filed=filed)
    if not filed.sections:
        yield whole
    for section in filed.sections:
        yield replace(whole, section=section.title, body=section.text)


def _named_items(source: _Source, opened: Opened, file: Path | None) -> Iterator[Item]:
    try:
        yield from _items(opened, file)
    except Refusal as refusal:
        raise _error(source.said, refusal) from None


def _found_items(found: walking.Found) -> Iterator[Item]:
    try:
        if found.refusal is not None:
            raise found.refusal
        with open_file(found.file, found.place) as opened:
            if packed.recognise(opened):
                packed.check(opened)
            yield from _items(opened, found.file)
    except Refusal as refusal:
        yield found.place.skip(refusal.code, refusal.message)
    except OSError as error:
        yield found.place.skip("unreadable", walking.reason(error))


def _items(opened: Opened, file: Path | None, within: tuple[packed.Budget, int] | None = None) -> Iterator[Item]:
    """Yield what is in a file; `within` is told what an archive around it may cost, and how many there are."""
    try:
        if packed.recognise(opened):
            budget, depth = within or (packed.Budget(), 0)
            if depth > 1:
                raise Refusal("nested-archive", "an archive within an archive within an archive; unpack the outer one")
            yield from _members(opened, budget, lambda inner: _items(inner, None, (budget, depth + 1)))
        else:
            yield from _recognise(opened, file)(opened)
    except (Refusal, OSError):
        raise
    except Exception as error:  # a page no parser can take must not end a run over a whole archive
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        raise Refusal("broken-message", f"cannot be read ({reason})") from error


def _members(
    opened: Opened, budget: packed.Budget, read: Callable[[Opened], Iterator[Item]]
) -> Iterator[Item]:
    """Yield what is in the members of an archive, with what an election repository that it holds says of them."""
    place = opened.place
    called = PurePosixPath(place.member or place.path).name.partition(".")[0]
    with packed.texts(opened, repositories.TOLD_BY, repositories.MOST) as files:
        filed, failed = repositories.survey(None, called, files)
    yield from (item.model_copy(update={"path": place.path, "member": place.member}) for item in failed)
    outer = f"{place.member}/" if place.member else ""
    for item in packed.messages(opened, budget, read):
        yield from _with_filed(item, filed.get((item.member or "").removeprefix(outer)))


def _recognise(opened: Opened, file: Path | None) -> _Reader:
    """Return the reader of a file's format; raises `Refusal` if there is nothing to read in it."""
    head = opened.head
    if not head:
        raise Refusal("empty", "the file is empty" if file else "there is nothing on it")
    if not head.strip() and opened.complete:
        raise Refusal("no-text", "only blank lines")
    if mbox.recognise(opened):
        return mbox.messages
    if listserv.recognise(opened):
        return listserv.messages
    if mail.recognise(opened) or opened.place.maildir:
        reader: _Reader = mail.messages
    else:
        if kind := data_files.binary(head):
            raise Refusal("binary", f"{kind}" if ";" in kind else f"{kind}, not text")
        reader = _document(opened)
    limit = MAX_MESSAGE if reader is mail.messages else MAX_DOCUMENT
    if file is not None and file.stat().st_size > limit:
        raise too_large(limit)
    return reader


def _document(opened: Opened) -> _Reader:
    """Return the reader of a page or text."""
    if mhonarc.recognise(opened):
        mhonarc.refuse_index(opened)
        return mhonarc.messages
    if archive_html.recognise(opened):
        archive_html.refuse_index(opened)
        return archive_html.messages
    if webpage.recognise(opened):
        return webpage.messages
    if archive_text.recognise(opened):
        return archive_text.messages
    if kind := data_files.data(opened, charsets.decode(opened.head)[0]):
        raise Refusal("data-file", f"{kind}, no mail and no statement")
    return text.messages
