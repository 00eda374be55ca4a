"""Cutting a stream into messages at the lines that part them, whatever the format calls such a line.

The stream is read in blocks, and only one message is ever in memory; of one that is too large, only its size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from analyzer.records import Skipped
from analyzer.sources.opening import MAX_MESSAGE, Place

_BLOCK = 1 << 18
# A line that parts messages, and what of the next one shows that it does; longer lines are no such line.
_LONGEST = 1000
_HEADER = 1 << 17
_BLANKS = (b"\r\n", b"\n")
_BOM = b"\xef\xbb\xbf"

Parts = Callable[[bytes, bytes, bool], bool]


@dataclass(slots=True)
class Entry:
    """One message as bytes, or only its size if it is too large; `counted` if it told its own length."""

    separator: bytes
    raw: bytes
    size: int
    counted: bool = False

    def refused(self, place: Place, index: int) -> Skipped | None:
        """Return why a message is not to be parsed."""
        if self.size > MAX_MESSAGE:
            said = f"message of {self.size >> 20} MiB; the limit is {MAX_MESSAGE >> 20} MiB"
            return place.skip("too-large", said, index)
        if not self.raw or self.raw.isspace():
            return place.skip("empty", "separator without a message", index)
        return None


class _Window:
    """The part of a stream that is looked at: all of the message at hand, and some of what follows."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.data = bytearray()
        self.ended = False

    def more(self) -> bool:
        """Read on; returns whether there was anything."""
        part = b"" if self.ended else self._stream.read(_BLOCK)
        self.ended = not part
        self.data += part
        return bool(part)

    def fill(self, size: int) -> None:
        """Read until there are so many bytes, if the stream has them."""
        while len(self.data) < size and self.more():
            pass

    def line(self, start: int) -> bytes:
        """Return the line that begins at `start`, or a beginning of it that is longer than `_LONGEST`."""
        self.fill(start + _LONGEST + 1)
        end = self.data.find(b"\n", start, start + _LONGEST + 1)
        return bytes(self.data[start : end + 1 if end >= 0 else start + _LONGEST + 1])


def split(
    stream: BinaryIO, mark: bytes, parts: Parts, *, length: Callable[[bytes], int | None] = lambda raw: None
) -> Iterator[Entry]:
    """Cut a stream into its messages, without the lines that part them and the blank line before each.

    Parameters
    ----------
    mark : what such a line begins with. The first line of the stream that is not blank is one, whatever it is.
    parts : whether a line parts messages, told the line, the next one, and whether a blank line is before it.
    length : where a message ends by its own account, told its beginning.
    """
    window = _Window(stream)
    window.fill(_LONGEST)
    if window.data.startswith(_BOM):
        del window.data[: len(_BOM)]
    while window.data and not window.data.strip():
        window.data.clear()
        window.more()
    del window.data[: len(window.data) - len(window.data.lstrip())]
    separator = window.line(0)
    del window.data[: len(separator)]
    while separator:
        end, dropped, counted = _end(window, mark, parts, length)
        size = dropped + end
        raw = bytes(window.data[:end]) if size <= MAX_MESSAGE else b""
        following = window.line(end)
        yield Entry(separator, raw if counted else _bare(raw), size, counted)
        del window.data[: end + len(following)]
        separator = following


def _end(
    window: _Window, mark: bytes, parts: Parts, length: Callable[[bytes], int | None]
) -> tuple[int, int, bool]:
    """Return where in the window the message at its start ends, how much of it was dropped, and whether it told so."""
    search = b"\n" + mark
    dropped = 0
    start = 0 if window.line(0).startswith(mark) else window.data.find(search) + 1
    at = 0
    told: int | None = -1
    while True:
        if start or (at == 0 and window.data.startswith(mark)):
            before = bytes(window.data[max(0, start - 3) : start])
            if _parting(window, start, mark, parts, after_blank=not before or before.endswith((b"\n\n", b"\n\r\n"))):
                if told == -1:
                    told = None if dropped else length(bytes(window.data[: min(start, _HEADER)]))
                if told is None or told <= start or (end := _told(window, told, mark, parts)) is None:
                    return start, dropped, False
                return end, 0, True
            at = start
        else:
            at = max(0, len(window.data) - len(search) + 1)
            if dropped + len(window.data) > MAX_MESSAGE:
                # Nothing of it is kept but the end, which may be the beginning of a line that parts.
                at = 2 * len(search)
                dropped += len(window.data) - at
                del window.data[:-at]
                at = 1
            if not window.more():
                return len(window.data), dropped, False
        start = window.data.find(search, at) + 1


def _told(window: _Window, end: int, mark: bytes, parts: Parts) -> int | None:
    """Return where a message ends by its own account, if a line that parts messages, or nothing, is there."""
    if end > MAX_MESSAGE:
        return None
    window.fill(end + _BLOCK)
    if end > len(window.data):
        return None
    following = bytes(window.data[end : end + 8])
    start = end + len(following) - len(following.lstrip(b"\r\n"))
    if start == len(window.data):
        return start
    line_ends = window.data[start - 1 : start] == b"\n"
    return start if line_ends and _parting(window, start, mark, parts, after_blank=True) else None


def _parting(window: _Window, start: int, mark: bytes, parts: Parts, *, after_blank: bool) -> bool:
    """Return whether the line that begins at `start` parts messages."""
    if not window.data.startswith(mark, start):
        return False
    line = window.line(start)
    return len(line) <= _LONGEST and parts(line, window.line(start + len(line)), after_blank)


def _bare(raw: bytes) -> bytes:
    """Return a message without the blank line at its end."""
    for blank in _BLANKS:
        if raw == blank or raw.endswith(b"\n" + blank):
            return raw[: -len(blank)]
    return raw
