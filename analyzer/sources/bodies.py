"""The body of a message: which part is what the sender wrote, and its characters.

References
----------
RFC 2045 and 2046 (MIME), RFC 3676 (format=flowed), RFC 1847 (signed).
"""

from __future__ import annotations

import binascii
import quopri
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from email.message import Message as Mail
from functools import lru_cache

from analyzer.sources import charsets, headers, markup
from analyzer.sources.message import BodyFormat

_MOST_TEXTS = 50
_MAX_TEXT = 4 << 20
# No writer nests parts deeper; Python's parser would take them on until it runs out of stack.
_DEEPEST = 20
_STUB = re.compile(
    r"\b(?:view|read|see|display|open|show)\b.{0,80}\b(?:html|browser|web version|online)\b"
    r"|\bhtml\b.{0,60}\b(?:version|message|capable|compatible|enabled|reader|client|viewer|format|support)"
    r"|\b(?:not|n't) (?:support|display|show)\b.{0,40}\bhtml\b",
    re.IGNORECASE | re.DOTALL,
)
_STUB_WORDS = 60
_SHOWN = ("text/plain", "text/html", "text/markdown", "text/enriched")
_BASE64_LINE = re.compile(rb"[A-Za-z0-9+/]+={0,2}")
_SOFT_BREAK = re.compile(rb"^.{60,76}=\r?$", re.MULTILINE)
_ESCAPED = re.compile(rb"=[0-9A-F]{2}")


@dataclass(slots=True)
class Body:
    """A text of a message and how it is written; `defects` as in `Message`.

    `glance` is all of its words at little cost: of HTML, which `text` gives as Markdown, its text without tags.
    """

    glance: str = ""
    format: BodyFormat = "plain"
    defects: list[str] = field(default_factory=list)
    html: str | None = None
    parts: list[Body] = field(default_factory=list)

    @property
    def ready(self) -> bool:
        """Whether `text` is `glance`, with nothing left to make."""
        return self.html is None and all(part.ready for part in self.parts)

    def text(self) -> str:
        """Return the text."""
        if self.html is not None:
            return markup.to_markdown(markup.parse(self.html))
        if self.parts:
            return _joined(part.text() for part in self.parts)
        return self.glance


def _joined(texts: Iterable[str]) -> str:
    return "\n\n".join(text.strip("\n") for text in texts if text.strip())


def body_of(mail: Mail) -> Body:
    """Return what the sender of a message wrote.

    Of alternatives the plain text is taken, unless it is empty or only says that there is HTML; HTML becomes
    Markdown. Attachments are left out. A forwarded message is an attachment, too, where there is other text;
    where there is none, it is the body, under a header such as mail programs write above a forwarded message.
    """
    defects: list[str] = []
    written = [part for part in _texts(mail, defects, 0) if part.glance.strip()]
    if not written:
        forwarded = _forwarded(mail, 0)
        written = [forwarded] if forwarded else []
    if not written:
        return Body(defects=defects)
    formats = {part.format for part in written}
    kind: BodyFormat = "markdown" if "markdown" in formats else written[0].format
    return Body(
        _joined(part.glance for part in written),
        kind,
        defects + [defect for part in written for defect in part.defects],
        parts=written,
    )


def _texts(part: Mail, defects: list[str], depth: int) -> list[Body]:
    """Return the text parts that are shown, in order."""
    kind = part.get_content_type()
    payload = part.get_payload()
    if isinstance(payload, list):
        inner = [child for child in payload if isinstance(child, Mail)]
        if depth > _DEEPEST or kind == "message/rfc822" or part.get_content_maintype() == "message":
            return []
        if kind == "multipart/alternative":
            return _best([_texts(child, defects, depth + 1) for child in inner[:_MOST_TEXTS]])
        if kind in ("multipart/related", "multipart/signed"):
            inner = inner[:1]
        texts: list[Body] = []
        for child in inner:
            texts += _texts(child, defects, depth + 1)
            if len(texts) > _MOST_TEXTS:
                defects.append("cut-text")
                break
        return texts
    if part.get_content_maintype() == "multipart":
        # Declared as multipart, but its boundary never comes: what there is, is text.
        defects.append("broken-multipart")
    elif kind not in _SHOWN or (depth and _attached(part)):
        return []
    encoding = str(part.get("Content-Transfer-Encoding", ""))
    del part["Content-Transfer-Encoding"]  # the bytes as they stand: decoding must know what was broken
    data = part.get_payload(decode=True)
    return [_text(data if isinstance(data, bytes) else b"", _content(str(part.get("Content-Type", ""))), encoding)]


def _best(alternatives: list[list[Body]]) -> list[Body]:
    """Choose among alternatives: the plain one, unless another says what it does not."""
    written = [one for one in alternatives if any(body.glance.strip() for body in one)]
    plain = [one for one in written if all(body.format != "markdown" for body in one)]
    other = [one for one in written if one not in plain]
    if plain and other:
        text = "\n".join(body.glance for body in plain[0])
        words = len(text.split())
        if words <= _STUB_WORDS and (_STUB.search(text) or words < 3):
            richer = sum(len(body.text().split()) for body in other[-1])
            if richer > words:
                return other[-1]
    return (plain or other or [[]])[0]


def _attached(part: Mail) -> bool:
    disposition = str(part.get("Content-Disposition", "")).strip().lower()
    return disposition.startswith("attachment") or bool(part.get_filename())


@dataclass(frozen=True, slots=True)
class _Content:
    """What a Content-Type field says."""

    kind: str
    charset: str | None
    format: BodyFormat


@lru_cache(maxsize=256)
def _content(field: str) -> _Content:
    """Read a Content-Type field; a mailbox has few that differ."""
    part = Mail()
    if field:
        part["Content-Type"] = field
    format_: BodyFormat = "plain"
    if (_parameter(part, "format") or "").lower() == "flowed":
        format_ = "delsp" if (_parameter(part, "delsp") or "").lower() == "yes" else "flowed"
    return _Content(part.get_content_type(), _parameter(part, "charset"), format_)


def simple_body(data: bytes, content_type: str, encoding: str) -> Body | None:
    """Return the body of a message that is one text, or None if it has parts, or is none.

    Parameters
    ----------
    data : what follows the header.
    content_type, encoding : the fields Content-Type and Content-Transfer-Encoding, "" where there is none.
    """
    content = _content(content_type)
    if content.kind not in _SHOWN or (content.kind == "text/plain" and "multipart" in content_type.lower()):
        return None
    body = _text(data, content, encoding)
    if body.html is None:
        body.glance = body.glance.strip("\n")
    return body


def _text(data: bytes, content: _Content, encoding: str) -> Body:
    cut = "cut-text" if len(data) > _MAX_TEXT else None
    data, broken = _transferred(data[:_MAX_TEXT], encoding)
    text, amiss = charsets.decode(data, content.charset)
    defects = [defect for defect in (cut, broken, amiss) if defect]
    if content.kind == "text/html":
        if len(text) > markup.MAX_HTML:
            defects.append("cut-text")
        return Body(markup.words(text), "markdown", defects, html=text)
    return Body(text, "markdown" if content.kind == "text/markdown" else content.format, defects)


def _parameter(part: Mail, name: str) -> str | None:
    """Return a parameter of the Content-Type, however it is written (RFC 2231 included)."""
    value = part.get_param(name)
    if isinstance(value, tuple):
        value = value[2]
    return value.strip() or None if isinstance(value, str) else None


def _transferred(data: bytes, encoding: str) -> tuple[bytes, str | None]:
    """Undo the transfer encoding; what is not encoded as it says stays as it is."""
    encoding = encoding.partition(";")[0].strip(" \t\"'").lower()
    if encoding == "quoted-printable":
        return quopri.decodestring(data), None
    if encoding == "base64":
        return _base64(data)
    if encoding in ("x-uuencode", "uuencode", "uue", "x-uue"):
        return _uuencoded(data)
    # Archives lose the header and keep the encoding: soft breaks at the right margin betray it.
    if b"=\n" in data or b"=\r\n" in data:
        breaks = len(_SOFT_BREAK.findall(data))
        if breaks >= 2 and _ESCAPED.search(data):
            return quopri.decodestring(data), "undeclared-quoted-printable"
    return data, None


def _base64(data: bytes) -> tuple[bytes, str | None]:
    """Decode base64 up to where it ends: lists write their footer below it in clear text."""
    lines = data.split(b"\n")
    used = 0
    packed: list[bytes] = []
    for at, line in enumerate(lines):
        bare = line.strip()
        if bare and not _BASE64_LINE.fullmatch(bare):
            break
        used = at + 1
        packed.append(bare.rstrip(b"="))
        if bare.endswith(b"="):
            break
    joined = b"".join(packed)
    rest = b"\n".join(lines[used:])
    if not joined:
        return data, "broken-base64" if data.strip() else None
    whole = len(joined) % 4 != 1
    joined = joined if whole else joined[:-1]
    out = binascii.a2b_base64(joined + b"=" * (-len(joined) % 4))
    if not rest.strip():
        return out, None if whole else "broken-base64"
    return out.rstrip(b"\n") + b"\n\n" + rest.lstrip(b"\r\n"), "broken-base64"


def _uuencoded(data: bytes) -> tuple[bytes, str | None]:
    out: list[bytes] = []
    started = False
    for line in data.splitlines():
        if line.startswith(b"begin "):
            started = True
        elif line.strip() == b"end":
            break
        elif started:
            try:
                out.append(binascii.a2b_uu(line))
            except binascii.Error:
                return data, "broken-uuencode"
    return (b"".join(out), None) if started else (data, "broken-uuencode")


def _forwarded(part: Mail, depth: int) -> Body | None:
    """Return the first message within a message, with a forwarded message's header above its text."""
    payload = part.get_payload()
    if not isinstance(payload, list) or depth > _DEEPEST:
        return None
    for child in payload:
        if not isinstance(child, Mail):
            continue
        if part.get_content_type() == "message/rfc822":
            body = body_of(child)
            if not body.glance:
                return None
            fields = ((name, headers.text_of(str(child.get(name, "")))[0]) for name in ("From", "Date", "Subject"))
            header = [f"{name}: {value}" for name, value in fields if value]
            above = "\n".join(["-------- Forwarded Message --------", *header])
            return Body(f"{above}\n\n{body.glance}", body.format, body.defects, parts=[Body(above), body])
        if found := _forwarded(child, depth + 1):
            return found
    return None
