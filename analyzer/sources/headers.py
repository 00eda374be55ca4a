"""Header fields: encoded words, message ids, the name of the list.

References
----------
RFC 2047 (encoded words), RFC 2919 (List-Id), RFC 2369 (List-Post), RFC 5322, section 3.6.4 (ids).
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from collections import Counter
from itertools import groupby

from analyzer.sources import charsets
from analyzer.sources.addresses import address

# Longer ones are forged or broken, and decoding must stay linear.
MAX_HEADER = 1 << 16
_FOLD = re.compile(r"\r?\n(?=[ \t])|[\r\n]+")
_WORD = re.compile(r"=\?([^?\s]{1,40})\?([bBqQ])\?(.{0,2000}?)\?=")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_ID = re.compile(r"<\s*([^<>]{1,998}?)\s*>")
_LIST_ID = re.compile(r"(?:^|<)\s*([\w+-][\w.+-]{0,200}?)(?:\.[\w-]+\.[\w.-]+)?\s*>?\s*$")
_PREFIX = re.compile(r"^\s*(?:(?:re|aw|fwd?|sv|antw)\s*(?:\[\d+\])?:\s*)*\[([A-Za-z][\w.+ -]{1,60})\]", re.IGNORECASE)
# Without a second witness, a [prefix] is a list's only if it ends as lists' names do.
_LIST_LIKE = re.compile(
    r"[\w.+-]*-(?:announce|arch|committers|community|contributors|core|council|dev|devel|developers?|discuss|"
    r"discussion|discussions|general|help|interest|list|maintainers|members|ml|project|sig|talk|tc|team|users?|wg)",
    re.IGNORECASE,
)
# What many lists put in brackets, and no list is called.
_TOPICS = {"announce", "bug", "election", "jira", "patch", "ptl", "result", "results", "rfc", "tc", "vote"}


def text_of(raw: str) -> tuple[str, str | None]:
    """Decode a header value as the parser left it (undecodable bytes as surrogates), and name what was amiss.

    The value is unfolded, encoded words are decoded, and control characters are gone.
    """
    if raw.isascii() and raw.isprintable() and "=?" not in raw and len(raw) <= MAX_HEADER:  # as nearly all are
        return " ".join(raw.split()), None
    text, defect = unfolded(raw)
    if "=?" in text:
        text, amiss = _encoded_words(text)
        defect = defect or amiss
    return " ".join(_CONTROL.sub("", text).split()), defect


def unfolded(raw: str) -> tuple[str, str | None]:
    """Return a header value on one line, its bytes decoded and its encoded words as they are."""
    defect = "long-header" if len(raw) > MAX_HEADER else None
    text = _FOLD.sub("", raw[:MAX_HEADER])
    if not text.isascii():
        text, amiss = charsets.decode(text.encode("utf-8", "surrogateescape"))
        defect = defect or amiss
    return text, defect


def _encoded_words(text: str) -> tuple[str, str | None]:
    """Decode encoded words where they stand, also inside of words and quotes, where RFC 2047 forbids them."""
    out: list[str] = []
    run: list[tuple[str, bytes]] = []  # words parted by white space only are one; a character may be split
    defect: str | None = None
    end = 0
    for match in _WORD.finditer(text):
        between = text[end : match.start()]
        if between.strip() or not run:
            defect = _flush(run, out) or defect
            out.append(between)
        # RFC 2231, section 5: a language may follow the charset.
        run.append((match[1].partition("*")[0].lower(), _word(match[2], match[3])))
        end = match.end()
    defect = _flush(run, out) or defect
    out.append(text[end:])
    return "".join(out), defect


def _word(encoding: str, text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    if encoding in "qQ":
        return quopri.decodestring(data.replace(b"_", b"=20"))
    data = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    try:
        return base64.b64decode(data + b"=" * (-len(data) % 4))
    except binascii.Error:  # one letter too many
        return base64.b64decode(data[:-1])


def _flush(run: list[tuple[str, bytes]], out: list[str]) -> str | None:
    defect: str | None = None
    for charset, words in groupby(run, key=lambda item: item[0]):
        text, amiss = charsets.decode(b"".join(word for _, word in words), charset)
        out.append(text)
        defect = defect or amiss
    run.clear()
    return defect


def message_id(raw: str) -> str | None:
    """Return the id of a Message-ID or In-Reply-To field, without its brackets."""
    text, _ = text_of(raw)
    if match := _ID.search(text):
        return match[1]
    first = text.strip("<> ").split(" ")[0]
    # An In-Reply-To may be prose ("Your message of ..."): a bare id has no space, or an @.
    return first if first and (" " not in text or "@" in first) else None


def message_ids(raw: str) -> tuple[str, ...]:
    """Return all ids of a References field, in order and once each."""
    text, _ = text_of(raw)
    ids = _ID.findall(text) or [word.strip("<>") for word in text.split() if "@" in word]
    return tuple(dict.fromkeys(ids))


def subject_prefix(subject: str) -> str | None:
    """Return what stands in the first brackets of a subject, such as ``kata-dev``."""
    match = _PREFIX.match(subject[:500])
    return match[1].strip() if match else None


def list_name(
    list_id: str | None = None,
    posts_to: tuple[str, ...] = (),
    subject: str | None = None,
    recipients: tuple[str, ...] = (),
) -> str | None:
    """Return the short name of a mailing list in lower case, or None where nothing shows it.

    Parameters
    ----------
    list_id : value of a List-Id field.
    posts_to : values of List-Post, X-BeenThere and their like; the first address counts.
    subject : its [prefix] counts if it is a recipient's name too, or ends as names of lists do.
    recipients : addresses of To and Cc.
    """
    if list_id and (match := _LIST_ID.search(list_id)):
        return match[1].lower()
    for value in posts_to:
        if (match := re.search(r"[\w.+=-]{1,100}@[\w.-]{1,200}", value)) and address(match[0]):
            return match[0].partition("@")[0].lower()
    prefix = (subject_prefix(subject) or "").lower() if subject else ""
    locals_ = {one.partition("@")[0].lower() for one in recipients}
    if prefix and " " not in prefix and (prefix in locals_ or _LIST_LIKE.fullmatch(prefix)):
        return prefix
    return None


def common_prefix(head: bytes) -> str | None:
    """Return the [prefix] that most subjects of a mailbox share: the list's name, in lower case."""
    subjects = re.findall(rb"\nSubject:[ \t]*(.{0,300})", head)
    counts = Counter((subject_prefix(text_of(s.decode("ascii", "surrogateescape"))[0]) or "").lower() for s in subjects)
    prefix, count = max(counts.items(), key=lambda item: (item[1], item[0]), default=("", 0))
    return (
        prefix
        if prefix and " " not in prefix and prefix not in _TOPICS and count >= 3 and 2 * count > len(subjects)
        else None
    )
