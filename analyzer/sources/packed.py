"""Zip and tar archives: their members, one after the other, as if they were the files of a folder.

Nothing is unpacked to disk but an archive that cannot be rewound (standard input, or an archive within another), to a
temporary file without a name, and what may tell of an election, to files that are called by numbers. An archive that
would fill the machine, or whose names lead out of it, is refused as a whole; a link or device in it is left out.

References
----------
PEP 706 (what extracting a tar must refuse), Fifield 2019, A better zip bomb (overlapping members).
"""

from __future__ import annotations

import io
import lzma
import re
import stat
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Self, cast

from analyzer.sources import opening
from analyzer.sources.opening import Item, Opened, Refusal

MAX_MEMBERS = 250_000
#: Of an archive with more texts, or bytes of them, nothing is looked up: an election repository has fewer.
MAX_TEXTS, MAX_TEXT_BYTES = 20_000, 64 << 20
_IN_MEMORY = 16 << 20
# A tar tells long names in members of their own, which are read as a whole.
_LONGEST_NAME = 1 << 16
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_TAR = b"ustar"
_NAMES = (b"L", b"K", b"x", b"g", b"X")
# What office programs and builds of software put first into their zip files.
_OFFICE = ("mimetype", "[Content_Types].xml", "_rels/", "word/", "xl/", "ppt/", "docProps/", "META-INF/")
_DRIVE = re.compile(r"^[A-Za-z]:")
_DELIVERED = re.compile(r"(?:^|/)(?:cur|new)/\d+\.[^/]+$")
_DAMAGES = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, ValueError)


class Exhausted(Refusal):
    """The refusal of a whole archive in the midst of its members."""


@dataclass(slots=True)
class Budget:
    """What an archive, with the archives in it, may still unpack to; the members of an archive in it are not free."""

    bytes: int = field(default_factory=lambda: opening.MAX_UNPACKED)
    members: int = field(default_factory=lambda: MAX_MEMBERS)

    def spend(self, size: int) -> None:
        self.bytes -= size
        if self.bytes < 0:
            raise Exhausted("too-large", opening.UNPACKS_TO_MORE.format(opening.MAX_UNPACKED >> 20))

    def member(self) -> None:
        self.members -= 1
        if self.members < 0:
            raise Exhausted("too-large", f"an archive of more than {MAX_MEMBERS} files; unpack it if you trust it")


@dataclass(slots=True)
class _Entry:
    """A file of an archive, or why it is not read."""

    name: str
    open: Callable[[], IO[bytes]]
    refusal: Refusal | None = None


def recognise(opened: Opened) -> bool:
    """Return whether a file is a zip that is no office document, or a tar."""
    if opened.head.startswith(_ZIP):
        name = opened.head[30:].decode("latin-1")
        return not name.startswith(_OFFICE)
    return opened.head[257:262] == _TAR


def check(opened: Opened) -> None:
    """Look at all members of an archive without reading them.

    Raises
    ------
    Refusal : ``too-large``, ``unsafe-archive``, ``corrupt-archive`` or ``empty``.
    """
    found = False
    for _ in _entries(opened, Budget()):
        found = True
    if not found:
        raise Refusal("empty", "an archive without files")


def messages(opened: Opened, budget: Budget, read: Callable[[Opened], Iterator[Item]]) -> Iterator[Item]:
    """Read the members of an archive with `read`, in the order they stand in.

    Raises
    ------
    Refusal : as `check`, when it is met; one of a member's own is a `Skipped`.
    """
    for entry in _entries(opened, budget):
        outer = opened.place.member
        place = replace(
            opened.place,
            member=f"{outer}/{entry.name}" if outer else entry.name,
            named=False,
            maildir=bool(_DELIVERED.search(entry.name)),
        )
        try:
            if entry.refusal is not None:
                raise entry.refusal
            yield from read(opening.begin(_Member(entry.open(), budget), place))
        except Exhausted:
            raise
        except Refusal as refusal:
            yield place.skip(refusal.code, refusal.message)
        except (*_DAMAGES, RuntimeError) as error:
            yield place.skip("corrupt-archive", f"cannot be unpacked ({opening.said(error)})")


@contextmanager
def texts(opened: Opened, endings: tuple[str, ...], size: int) -> Iterator[dict[str, Path]]:
    """Unpack an archive's texts into a temporary folder, for as long as the context lasts.

    Parameters
    ----------
    endings : of the names of the files that are unpacked.
    size : how many bytes of each.

    Yields
    ------
    The names of all members, each with the file that holds its text; there is none for those that are no texts. Of an
    archive that is refused, or holds more texts than `MAX_TEXTS` or `MAX_TEXT_BYTES`, nothing.
    """
    with tempfile.TemporaryDirectory(prefix="candidacy-") as folder:
        yield _unpacked(opened, endings, size, Path(folder))


def _unpacked(opened: Opened, endings: tuple[str, ...], size: int, folder: Path) -> dict[str, Path]:
    files: dict[str, Path] = {}
    count, left = 0, MAX_TEXT_BYTES
    try:
        for number, entry in enumerate(_entries(opened, Budget())):
            if entry.refusal is not None:
                continue
            files[entry.name] = folder / str(number)
            if entry.name.casefold().endswith(endings):
                with entry.open() as member:
                    data = member.read(size)
                count, left = count + 1, left - len(data)
                if count > MAX_TEXTS or left < 0:
                    return {}
                files[entry.name].write_bytes(data)
    except (Refusal, RuntimeError, *_DAMAGES):  # which is told when the members are read
        return {}
    return files


def _entries(opened: Opened, budget: Budget) -> Iterator[_Entry]:
    if opened.raw is None or (opened.packed and opened.head.startswith(_ZIP)):
        opened.raw, opened.packed = _spooled(opened), False
    opened.raw.seek(0)
    try:
        if opened.head.startswith(_ZIP):
            found = _zip(opened.raw, budget)
        else:
            found = _tar(opening.begin(opened.raw, opened.place).stream, budget)
        for entry in found:
            budget.member()
            entry.name = _safe(entry.name)
            if not _hidden(entry.name):
                yield entry
    except _DAMAGES as error:
        raise Refusal("corrupt-archive", f"damaged archive ({opening.said(error)}); fetch it again") from error


def _spooled(opened: Opened) -> IO[bytes]:
    spool = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - as long as what it is opened for
    left = opening.MAX_UNPACKED
    while part := opened.stream.read(opening.HEAD):
        left -= len(part)
        if left < 0:
            raise Exhausted("too-large", opening.UNPACKS_TO_MORE.format(opening.MAX_UNPACKED >> 20))
        spool.write(part)
    return cast(IO[bytes], spool)


def _zip(raw: IO[bytes], budget: Budget) -> Iterator[_Entry]:
    size = raw.seek(0, io.SEEK_END)
    with zipfile.ZipFile(raw) as archive:
        infos = archive.infolist()
        total = sum(info.file_size for info in infos)
        if total > budget.bytes:
            raise Exhausted("too-large", opening.UNPACKS_TO_MORE.format(opening.MAX_UNPACKED >> 20))
        if opening.is_bomb(size, total):
            raise Exhausted("too-large", opening.BOMB)
        for info in infos:
            if info.is_dir():
                continue
            kind = stat.S_IFMT(info.external_attr >> 16)
            refusal = None
            if kind not in (0, stat.S_IFREG):
                refusal = _no_file(link=kind == stat.S_IFLNK)
            elif info.flag_bits & 1:
                refusal = Refusal("unreadable", "encrypted; unpack it with its password and give what is in it")
            yield _Entry(info.filename, partial(archive.open, info), refusal)


class _Header(tarfile.TarInfo):
    """A header that does not take a gigabyte for a name, and of which a broken one is not the end of the archive."""

    @classmethod
    def fromtarfile(cls, archive: tarfile.TarFile) -> Self:
        try:
            return super().fromtarfile(archive)
        except (tarfile.InvalidHeaderError, tarfile.TruncatedHeaderError) as error:  # type: ignore[attr-defined]
            raise tarfile.ReadError(str(error)) from None

    def _proc_member(self, archive: tarfile.TarFile) -> tarfile.TarInfo:
        if self.type in _NAMES and not 0 <= self.size <= _LONGEST_NAME:
            raise tarfile.ReadError("a name longer than any file system takes")
        return cast(tarfile.TarInfo, super()._proc_member(archive))  # type: ignore[misc]


def _tar(stream: IO[bytes], budget: Budget) -> Iterator[_Entry]:
    total = 0
    with tarfile.open(fileobj=stream, mode="r|", tarinfo=_Header) as archive:
        while (info := archive.next()) is not None:
            archive.members.clear()  # type: ignore[attr-defined]  # which it keeps, for nothing
            total += info.size
            if total > budget.bytes:
                raise Exhausted("too-large", opening.UNPACKS_TO_MORE.format(opening.MAX_UNPACKED >> 20))
            if info.isdir():
                continue
            refusal = None
            if not info.isreg() or info.issparse():
                refusal = _no_file(link=info.issym() or info.islnk())
            yield _Entry(info.name, partial(_extracted, archive, info), refusal)


def _extracted(archive: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    file = archive.extractfile(info)
    assert file is not None  # as it is a regular one
    return file


def _no_file(*, link: bool) -> Refusal:
    kind = "a link, which is not followed" if link else "a pipe or device, not a file"
    return Refusal("not-a-file", f"{kind}; unpack the archive if you need it")


def _safe(name: str) -> str:
    """Return a member's name with forward slashes; raises `Refusal` if it leads out of the archive."""
    name = name.replace("\\", "/").encode("utf-8", "replace").decode("utf-8")
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or _DRIVE.match(name) or "\0" in name:
        shown = "".join(letter if letter.isprintable() else "?" for letter in name[:100])
        raise Exhausted("unsafe-archive", f"an archive with a path that leads out of it ({shown}); do not trust it")
    return str(path)


def _hidden(name: str) -> bool:
    """Whether a member is none of those that a folder would show; a Maildir's subfolders are shown."""
    *folders, file = name.split("/")
    if file.startswith(".") or "__MACOSX" in folders:
        return True
    return any(folder.startswith(".") for folder in folders) and not _DELIVERED.search(name)


class _Member(opening.Stream):
    """The bytes of a member, paid for from a budget."""

    def __init__(self, file: IO[bytes], budget: Budget) -> None:
        self._file = file
        self._budget = budget

    def _next(self, size: int) -> bytes:
        try:
            part = self._file.read(size)
        except _DAMAGES as error:
            raise Refusal("corrupt-archive", f"damaged in its archive ({opening.said(error)})") from error
        self._budget.spend(len(part))
        return part
