"""The folder an archive is kept in: whole files only, and a small state file that tells what came when.

A file gets its name only once all of it is written to disk, and the state is written before that: whenever a run
is killed, each name in the folder is a whole file, and a file that is not the one the state tells of is fetched
again. The state file is hidden, so that reading the folder leaves it out.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO

from pydantic import Field, ValidationError

from analyzer.errors import UserError
from analyzer.fetching.web import BLOCK, Answer
from analyzer.records import Record

STATE = ".candidacy-fetch.json"
VERSION = 1
_PART = ".candidacy-part-"


class Kept(Record):
    """A file that came.

    Attributes
    ----------
    etag, last_modified : as the server gave them.
    sha256 : of the file; null where the server had an empty mailbox, for which no file is kept.
    highest : the number of the last message, in archives that count them.
    """

    url: str
    etag: str | None = None
    last_modified: str | None = None
    sha256: str | None
    fetched: datetime
    highest: int | None = None

    @property
    def answer(self) -> Answer:
        return Answer(self.url, False, self.etag, self.last_modified)


class State(Record):
    """What the state file holds: `since` is the day from which a groups.io archive was fetched, null for all of it."""

    version: int = VERSION
    archive: str
    since: date | None = None
    files: dict[str, Kept] = Field(default_factory=dict)


class Folder:
    """A folder with one archive in it, made where there is none.

    Raises
    ------
    UserError
        If it cannot be written, or another archive is in it already.
    """

    def __init__(self, path: Path, archive: str) -> None:
        self.path = path
        with self.writing():
            path.mkdir(parents=True, exist_ok=True)
            for left in path.glob(f"{_PART}*"):
                left.unlink()
        self.state = self._read(archive)

    def held(self, name: str) -> Kept | None:
        """Return what is known of a file that is here as it came, or of an empty mailbox."""
        kept = self.state.files.get(name)
        if kept is None or (kept.sha256 is not None and self.digest(name) != kept.sha256):
            return None
        return kept

    def digest(self, name: str) -> str | None:
        """Return the SHA-256 of a file, or None if there is none."""
        try:
            with (self.path / name).open("rb") as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest()
        except FileNotFoundError:
            return None

    def is_foreign(self, name: str, sha256: str) -> bool:
        """Return whether something of this name is here that was not fetched and has other content."""
        if name in self.state.files and self.state.files[name].sha256 is not None:
            return False
        return os.path.lexists(self.path / name) and self.digest(name) != sha256

    @contextlib.contextmanager
    def part(self) -> Iterator[tuple[Path, BinaryIO]]:
        """Open a file under a name that nobody reads; it goes away unless it was kept."""
        path = self.path / f"{_PART}{secrets.token_hex(6)}"
        try:
            with path.open("x+b") as stream:
                yield path, stream
        finally:
            path.unlink(missing_ok=True)

    def keep(self, name: str, kept: Kept, part: Path | None) -> None:
        """Note what came, and give the file its name."""
        self.state.files[name] = kept
        self.write()
        if part is not None:
            part.replace(self.path / name)
            _sync(self.path)

    def drop(self, name: str) -> None:
        """Remove a file that came earlier, if it still is as it came."""
        if self.held(name):
            (self.path / name).unlink(missing_ok=True)
            del self.state.files[name]
            self.write()

    def write(self) -> None:
        """Write the state, whole or not at all."""
        with self.part() as (path, stream):
            stream.write(self.state.model_dump_json(indent=1).encode() + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
            path.replace(self.path / STATE)
        _sync(self.path)

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Turn the errors of writing into one line: a full disk fails every file."""
        try:
            yield
        except OSError as error:
            raise UserError(f"{self.path}: cannot be written: {error.strerror or error}") from error

    def _read(self, archive: str) -> State:
        file = self.path / STATE
        try:
            state = State.model_validate_json(file.read_bytes())
        except FileNotFoundError:
            return State(archive=archive)
        except OSError as error:
            raise UserError(f"{file}: cannot be read: {error.strerror or error}") from error
        except ValidationError:
            raise UserError(
                f"{file}: is damaged, or of another version of this program: remove it, and all is fetched again"
            ) from None
        if state.archive.partition(":")[2] != archive.partition(":")[2]:
            raise UserError(f"{self.path}: holds another archive, {state.archive}: give another folder with -o")
        return state


def finished(stream: BinaryIO) -> str:
    """Make sure that all of a file is on disk, and return its SHA-256."""
    stream.flush()
    os.fsync(stream.fileno())
    stream.seek(0)
    digest = hashlib.sha256()
    while block := stream.read(BLOCK):
        digest.update(block)
    return digest.hexdigest()


def _sync(folder: Path) -> None:
    """Make sure that the names in a folder are on disk."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
