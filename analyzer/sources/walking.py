"""Folders: every file in them, in the same order everywhere."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from analyzer.sources.opening import Place, Refusal


@dataclass(frozen=True, slots=True)
class Found:
    """A file of a folder, or what stands in its place and why it is not read."""

    file: Path
    place: Place
    refusal: Refusal | None = None


def walk(folder: Path, name: str) -> Iterator[Found]:
    """Yield the files under a folder, sorted by name; hidden ones are left out.

    Parameters
    ----------
    folder : where to start.
    name : what the folder is called; `Place.folder` of all that is found.

    Notes
    -----
    Links to folders are not followed, so there are no loops. In a Maildir (a folder with ``cur`` and ``new``)
    the messages are those two folders' files, and hidden folders that are Maildirs are its subfolders.
    """
    stack = [(folder, "", False)]
    while stack:
        here, path, delivered = stack.pop()
        try:
            entries = sorted(os.scandir(here), key=lambda entry: os.fsencode(entry.name))
        except OSError as error:
            yield Found(here, Place(_printable(path) or ".", name), Refusal("unreadable", reason(error)))
            continue
        maildir = {"cur", "new"} <= {entry.name for entry in entries if entry.is_dir(follow_symlinks=False)}
        folders: list[tuple[Path, str, bool]] = []
        for entry in entries:
            inner = f"{path}/{entry.name}" if path else entry.name
            place = Place(_printable(inner), name, maildir=delivered)
            is_folder = entry.is_dir(follow_symlinks=False)
            if entry.name.startswith(".") and not (maildir and is_folder and _is_maildir(Path(entry.path))):
                continue
            if is_folder:
                if not (maildir and entry.name == "tmp"):
                    folders.append((Path(entry.path), inner, maildir and entry.name in ("cur", "new")))
            elif maildir:
                yield Found(Path(entry.path), place, Refusal("data-file", "the mail program's own bookkeeping"))
            else:
                yield _file(entry, place)
        stack += reversed(folders)


def _file(entry: os.DirEntry[str], place: Place) -> Found:
    file = Path(entry.path)
    try:
        mode = entry.stat().st_mode
    except OSError as error:
        return Found(file, place, Refusal("unreadable", reason(error)))
    if stat.S_ISDIR(mode):
        return Found(file, place, Refusal("not-a-file", "a link to a folder is not followed; name the folder itself"))
    if not stat.S_ISREG(mode):
        return Found(file, place, Refusal("not-a-file", "a pipe, socket or device, not a file"))
    return Found(file, place)


def reason(error: OSError) -> str:
    """Return what the system says is wrong, without the path."""
    return (error.strerror or type(error).__name__).lower()


def _is_maildir(folder: Path) -> bool:
    return (folder / "cur").is_dir() and (folder / "new").is_dir()


def _printable(path: str) -> str:
    """Return a path that UTF-8 can write; names on disk may be any bytes."""
    return os.fsencode(path).decode("utf-8", "replace").replace(os.sep, "/")
