"""Bytes in: files, standard input and what is packed with gzip, bzip2 or xz,
as one kind of stream that knows how it begins.

Nothing here knows what the bytes mean. A stream is read in blocks; only a single message or document is ever
held as a whole, up to a limit.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, BinaryIO

from analyzer.records import Skipped
from analyzer.sources.message import Message

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

HEAD = 1 << 18
MAX_MESSAGE = 64 << 20  # with its attachments
MAX_DOCUMENT = 4 << 20  # text alone: a thousand pages
MAX_UNPACKED = 4 << 30
# Mail packs to a tenth, the most monotonous log to a hundredth; nobody is harmed by what is small.
_MAX_RATIO = 250
_HARMLESS = 64 << 20
UNPACKS_TO_MORE = "unpacks to more than {} MiB; unpack it yourself if you trust it"
BOMB = f"a bomb: it unpacks to more than {_MAX_RATIO} times its size; do not trust it"
_PACKED = re.compile(r"\.(?:gz|bz2|xz)$")
_Unpacker = Callable[[BinaryIO], gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile]
_PACKERS: tuple[tuple[bytes, str, _Unpacker], ...] = (
    (b"\x1f\x8b\x08", "gzip", lambda file: gzip.GzipFile(fileobj=file, mode="rb")),
    (b"BZh", "bzip2", bz2.BZ2File),
    (b"\xfd7zXZ\x00", "xz", lzma.LZMAFile),
)

Item = Message | Skipped


class Refusal(Exception):
    """Something that is not read: `code` and `message` of a `Skipped`, or the text of a `SourceError`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: `path`, `folder`, `member` as in `Message`; `named` if the user named this very file."""

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
    head : the first bytes, unpacked if the file is packed.
    complete : `head` is all there is.
    stream : positioned at the start.
    packed : the file is packed, and `stream` unpacks it.
    raw : the file as it is, if it can be rewound.
    """

    place: Place
    head: bytes
    complete: bool
    stream: BinaryIO
    packed: bool = False
    raw: IO[bytes] | None = None

    def whole(self, limit: int = MAX_DOCUMENT) -> bytes:
        """Return all bytes; raises `Refusal` (``too-large``) if there are more than `limit`."""
        data = self.stream.read(limit + 1)
        if len(data) > limit:
            raise too_large(limit)
        return data


def too_large(limit: int) -> Refusal:
    return Refusal("too-large", f"larger than {limit >> 20} MiB and no mailbox; a statement is a page or two")


def index_page() -> Refusal:
    return Refusal("index-page", "index of an archive, without a message; give the pages, or the month as text")


@contextmanager
def open_file(file: Path, place: Place) -> Iterator[Opened]:
    """Open a file for reading, unpacked if it is packed; an `OSError` of opening is the caller's."""
    with file.open("rb") as raw:
        opened = begin(raw, place)
        opened.raw = raw
        yield opened


def begin(raw: io.RawIOBase | IO[bytes], place: Place) -> Opened:
    """Read the head of a byte stream that cannot be rewound, and give it back with the stream.

    Raises
    ------
    Refusal : ``corrupt-gzip``, ``corrupt-archive`` (bzip2, xz) or ``too-large`` (unpacked), here or while the stream
        is read.
    """
    head = _read_up_to(raw, HEAD)
    stream: io.BufferedReader = io.BufferedReader(_Joined(head, raw), HEAD)
    packed = False
    for magic, kind, unpack in _PACKERS:
        if head.startswith(magic):
            packed = True
            unpacked = _Unpacked(stream, kind, unpack)
            head = _read_up_to(unpacked, HEAD)
            stream = io.BufferedReader(_Joined(head, unpacked), HEAD)
            break
    return Opened(place, head, len(head) < HEAD, stream, packed)


def verify(opened: Opened) -> None:
    """Read a stream to its end, so that one that is corrupt or swollen is known before anything is made of it."""
    while opened.stream.read(HEAD):
        pass


def is_bomb(packed: int, unpacked: int) -> bool:
    """Return whether so many bytes in so few are no honest file."""
    return unpacked > _HARMLESS and unpacked > _MAX_RATIO * packed


def said(error: Exception) -> str:
    """Return what an error says, on one line."""
    return " ".join(str(error).split())[:200] or type(error).__name__


def _read_up_to(stream: io.RawIOBase | IO[bytes], size: int) -> bytes:
    parts: list[bytes] = []
    while size and (part := stream.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


class Stream(io.RawIOBase):
    """A stream to read from, made of what `_next` gives: some bytes, at most `size` of them, none at the end."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        into = memoryview(buffer).cast("B")
        part = self._next(len(into))
        into[: len(part)] = part
        return len(part)

    def _next(self, size: int) -> bytes | memoryview:
        raise NotImplementedError


class _Joined(Stream):
    """The bytes already read, then the rest of the stream."""

    def __init__(self, head: bytes, rest: io.RawIOBase | IO[bytes]) -> None:
        self._head = memoryview(head)
        self._rest = rest

    def _next(self, size: int) -> bytes | memoryview:
        if not self._head:
            return self._rest.read(size) or b""
        part, self._head = self._head[:size], self._head[size:]
        return part


class _Counted(Stream):
    """A stream that knows how much of it was read."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self._stream = stream
        self.size = 0

    def _next(self, size: int) -> bytes:
        part = self._stream.read(size)
        self.size += len(part)
        return part


class _Unpacked(Stream):
    """The unpacked bytes of a stream, at most `MAX_UNPACKED` of them."""

    def __init__(self, packed: io.BufferedReader, kind: str, unpack: _Unpacker) -> None:
        self._packed = _Counted(packed)
        self._file = unpack(io.BufferedReader(self._packed, HEAD))
        self._kind = kind
        self._size = 0

    def _next(self, size: int) -> bytes:
        try:
            part = self._file.read(size)
        except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
            code = "corrupt-gzip" if self._kind == "gzip" else "corrupt-archive"
            raise Refusal(code, f"damaged {self._kind} file ({said(error)}); fetch it again") from error
        self._size += len(part)
        if self._size > MAX_UNPACKED:
            raise Refusal("too-large", UNPACKS_TO_MORE.format(MAX_UNPACKED >> 20))
        if is_bomb(self._packed.size, self._size):
            raise Refusal("too-large", BOMB)
        return part
