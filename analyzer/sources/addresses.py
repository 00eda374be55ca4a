"""Who a message is from: names and addresses, also when an archive wrote ``name at host``."""

from __future__ import annotations

import re

_AT = re.compile(r"\s*(?:@|[\[({<]\s*(?:at|a|@)\s*[\])}>]|(?<=\S)[ \t]+at[ \t]+(?=\S)|\s*＠)\s*", re.IGNORECASE)
_DOT = re.compile(r"\s*[\[({]\s*dot\s*[\])}]\s*|(?<=\w)[ \t]+dot[ \t]+(?=\w)", re.IGNORECASE)
_DROPPED = str.maketrans("", "", '"“”\\<>')
_ADDRESS = re.compile(r"[^\s@<>(),:;\[\]]{1,200}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,10}")
_ANGLE = re.compile(r"<([^<>]{1,300})>")
_COMMENT = re.compile(r"^([^()]{0,300}?)\s*\((.{0,300})\)\s*$")
_BARE = re.compile(r"(?:^|\s)(\S{1,200}@\S{1,200}|[\w.+%=-]{1,100} at [\w-]+(?:\.[\w-]+){1,10})\s*$")
_QUOTED_PAIR = re.compile(r"\\(.)")
_LIMIT = 2000


def address(text: str) -> str | None:
    """Return the e-mail address that a text is, as plain ``name@host``, or None if it is no address.

    ``name at host.org``, ``name (at) host [dot] org`` and ``name(a)host.org`` are undone. A host without a
    dot counts only behind a real ``@``.
    """
    text = text.strip()[:_LIMIT].removeprefix("mailto:").translate(_DROPPED)
    plain = _AT.sub("@", _DOT.sub(".", text), count=1).rstrip(".")
    if not _ADDRESS.fullmatch(plain) or ("." not in plain.partition("@")[2] and "@" not in text):
        return None
    return plain


def addresses(text: str) -> tuple[str, ...]:
    """Return every address of a list of recipients, in order and once each."""
    found: dict[str, None] = {}
    for part in re.split(r"[,;]", text[: 50 * _LIMIT]):
        _, one = mailbox(part)
        if one:
            found.setdefault(one)
    return tuple(found)


def mailbox(text: str) -> tuple[str | None, str | None]:
    """Return name and address of a mailbox, the first if there are many; either may be None.

    Understands ``Name <name@host>``, ``name@host (Name)``, pipermail's ``name at host (Name)``, a name or an
    address alone, and the two side by side without brackets.
    """
    text = " ".join(text[:_LIMIT].split())
    for match in _ANGLE.finditer(text):
        if one := address(match[1]):
            return _name(text[: match.start()], one), one
    if comment := _COMMENT.match(text):
        for name, host in ((comment[2], comment[1]), (comment[1], comment[2])):
            if one := address(host):
                return _name(name, one), one
    if one := address(text):
        return None, one
    if (bare := _BARE.search(text)) and (one := address(bare[1])):
        return _name(text[: bare.start()], one), one
    return _name(text, None), None


def _name(text: str, one: str | None) -> str | None:
    """Return a display name without its quotes, or None where it says no more than the address."""
    text = text.strip(" \t,;")
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1]
    text = " ".join(_QUOTED_PAIR.sub(r"\1", text).split()).strip('" ')
    return None if not text or (one and address(text)) else text
