"""Bytes in: files, standard input and gzip as one kind of stream that knows how it begins.

Nothing here knows what the bytes mean. A stream is read in blocks; only a single message or document is ever
held as a whole, up to a limit.
"""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

from analyzer.records import Skipped
from analyzer.sources.message import Message

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

HEAD = 1 << 18
MAX_MESSAGE = 64 << 20  # with its attachments
MAX_DOCUMENT = 4 << 20  # text alone: a thousand pages
MAX_UNPACKED = 1 << 30
_PACKED = re.compile(r"\.(?:gz|bz2|xz)$")
_GZIP = b"\x1f\x8b\x08"

Item = Message | Skipped


class Refusal(Exception):
    """Something that is not read: `code` and `message` of a `Skipped`, or the text of a `SourceError`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: `path`, `folder` and `member` as in `Message`; `named` if the user named this very file."""

    path: str
    folder: str | None = None
    named: bool = False
    maildir: bool = False
    member: str | None = None

    @property
    def suffix(self) -> str:
        """The file name's ending in lower case, that of the packed file for ``.gz``; "" for an address."""
        name = PurePosixPath(_PACKED.sub("", (self.member or self.path).lower())).name
        return "" if "@" in name else PurePosixPath(name).suffix

    def skip(self, code: str, message: str, index: int | None = None) -> Skipped:
        return Skipped(path=self.path, member=self.member, index=index, code=code, message=message)


@dataclass(slots=True)
class Opened:
    """A file that was begun: its first `HEAD` bytes, and all of it as a stream.

    Attributes
    ----------
    head : the first bytes, unpacked if the file is gzipped.
    complete : `head` is all there is.
    stream : positioned at the start.
    """

    place: Place
    head: bytes
    complete: bool
    stream: BinaryIO

    def whole(self, limit: int = MAX_DOCUMENT) -> bytes:
        """Return all bytes; raises `Refusal` (``too-large``) if there are more than `limit`."""
        data = self.stream.read(limit + 1)
        if len(data) > limit:
            raise too_large(limit)
        return data


def too_large(limit: int) -> Refusal:
    return Refusal("too-large", f"larger than {limit >> 20} MiB and no mailbox; a statement is a page or two")


@contextmanager
def open_file(file: Path, place: Place) -> Iterator[Opened]:
    """Open a file for reading, unpacked if it is gzipped; an `OSError` of opening is the caller's."""
    with file.open("rb", buffering=0) as raw:
        yield begin(raw, place)


def begin(raw: io.RawIOBase | BinaryIO, place: Place) -> Opened:
    """Read the head of a byte stream that cannot be rewound, and give it back with the stream.

    Raises
    ------
    Refusal : ``corrupt-gzip`` or ``too-large`` (unpacked), here or while the stream is read.
    """
    head = _read_up_to(raw, HEAD)
    stream: io.BufferedReader = io.BufferedReader(_Joined(head, raw), HEAD)
    if head.startswith(_GZIP):
        unpacked = _Unpacked(stream)
        head = _read_up_to(unpacked, HEAD)
        stream = io.BufferedReader(_Joined(head, unpacked), HEAD)
    return Opened(place, head, len(head) < HEAD, stream)


def verify_gzip(opened: Opened) -> None:
    """Read a stream to its end, so that a corrupt or swollen gzip is known before anything is made of it."""
    while opened.stream.read(HEAD):
        pass


def is_gzip(file: Path) -> bool:
    """Return whether a file starts like a gzip file."""
    with file.open("rb") as raw:
        return raw.read(len(_GZIP)) == _GZIP


def _read_up_to(stream: io.RawIOBase | BinaryIO, size: int) -> bytes:
    parts: list[bytes] = []
    while size and (part := stream.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


class _Joined(io.RawIOBase):
    """The bytes already read, then the rest of the stream."""

    def __init__(self, head: bytes, rest: io.RawIOBase | BinaryIO) -> None:
        self._head = memoryview(head)
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        into = memoryview(buffer).cast("B")
        part = self._head[: len(into)] if self._head else (self._rest.read(len(into)) or b"")
        into[: len(part)] = part
        self._head = self._head[len(part) :] if self._head else self._head
        return len(part)


class _Unpacked(io.RawIOBase):
    """The unpacked bytes of a gzip stream, at most `MAX_UNPACKED` of them."""

    def __init__(self, packed: io.BufferedReader) -> None:
        self._file = gzip.GzipFile(fileobj=packed, mode="rb")
        self._size = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        into = memoryview(buffer).cast("B")
        try:
            part = self._file.read(len(into))
        except (OSError, EOFError, zlib.error) as error:
            raise Refusal("corrupt-gzip", f"damaged gzip file ({error}); fetch it again") from error
        self._size += len(part)
        if self._size > MAX_UNPACKED:
            raise Refusal(
                "too-large",
                f"unpacks to more than {MAX_UNPACKED >> 30} GiB; unpack it yourself if you trust it",
            )
        into[: len(part)] = part
        return len(part)
