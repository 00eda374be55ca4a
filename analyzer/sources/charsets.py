"""Characters out of bytes, whatever charset was declared, wrongly declared or not declared.

References
----------
WHATWG Encoding Standard (labels that mean a superset: ``iso-8859-1`` is read as windows-1252).
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

# What mail programs write, and the superset that holds what they mean.
_ALIASES = {
    "ascii": "ascii",
    "iso8859-1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
}
_LABELS = {
    "ks_c_5601-1987": "cp949",
    "x-sjis": "cp932",
    "x-gbk": "gb18030",
    "x-euc-jp": "euc_jp",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "iso-8859-8-i": "iso8859_8",
    "utf8mb4": "utf-8",
    "x-windows-949": "cp949",
    "visual": "iso8859_8",
}
# Python codecs that are text encodings in name only, or slow on purpose.
_REFUSED = {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"}
# What undeclared mail is written in; charset-normalizer picks among these.
_LIKELY = [
    "cp1252", "cp1250", "iso8859_2", "cp1251", "koi8_r", "gb18030", "big5", "cp932", "euc_jp", "cp949",
    "cp1253", "cp1254", "cp1255", "cp1256", "mac_roman",
]  # fmt: skip
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_FOREIGN = bytes(range(0x80, 0x100))
# What cp1252 makes of other charsets: signs in a row, capitals in words, signs that no letter is written with.
_ODD_WESTERN = re.compile(
    "[^\x00-\x7f\xc0-\xff‘’“”–—•…€£°«»©®·´\xa0ŠšŽžŒœŸªº¿¡]|[¡-¿]{2}|[a-zà-ÿ][À-Þ][a-zà-ÿ]|[\xc0-\xff]{4}|[£¡¿][a-zà-ÿ]"
)
# What gb18030 makes of them: ideographs among Latin letters.
_ODD_CHINESE = re.compile("[^\x00-\x7f\u2010-\u2027\u3000-\u3017\u4e00-\u9fff\uff00-\uff5e]|[a-z][\u4e00-\u9fff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SAMPLE = 1 << 16


def decode(data: bytes, declared: str | None = None) -> tuple[str, str | None]:
    """Decode text.

    Parameters
    ----------
    data : the bytes.
    declared : the charset somebody says it is; None where nobody does.

    Returns
    -------
    The text, without byte order mark and with ``\\n`` as its only line break, never with a surrogate, and
    what was amiss: ``wrong-charset`` (the declared one does not fit), ``unknown-charset`` (there is none
    of that name), ``guessed-charset`` (none was declared and it is not UTF-8), or None.
    """
    text, defect = _decode(data, declared)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii():
        text = _SURROGATE.sub("\ufffd", text)
    return text.replace("\0", ""), defect


def _decode(data: bytes, declared: str | None) -> tuple[str, str | None]:
    for mark, unicode in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(unicode, "replace"), None
    encoding = codec(declared) if declared else ""
    if data.isascii() and b"\x1b" not in data and encoding in ("", "ascii", "utf-8", "cp1252", None):
        return data.decode("ascii"), "unknown-charset" if encoding is None else None
    defect = "guessed-charset" if not declared else "unknown-charset" if encoding is None else "wrong-charset"
    if encoding and encoding not in ("ascii", "utf-8"):
        # Every byte is something in most one-byte charsets, but hardly any text of theirs is also UTF-8.
        if not data.isascii() and (text := _strict(data, "utf-8")) is not None:
            return text, "wrong-charset"
        if (text := _strict(data, encoding)) is not None:
            return text, None
    if (text := _strict(data, "utf-8")) is not None:
        if b"\x1b$" in data and (japanese := _strict(data, "iso2022_jp_2")) is not None:
            return japanese, defect
        return text, defect if declared and encoding != "utf-8" else None
    return _guess(data), defect


@lru_cache(maxsize=256)
def codec(label: str) -> str | None:
    """Return the Python codec to read a charset label with, or None where there is none."""
    label = label.strip(" \t\r\n\"'").lower()
    try:
        name = codecs.lookup(_LABELS.get(label, label)).name
        b"".decode(name)
    except (LookupError, ValueError, UnicodeError):
        return None
    return None if name in _REFUSED else _ALIASES.get(name, name)


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeError, LookupError):
        return None


def _guess(data: bytes) -> str:
    """Decode what is neither as declared nor UTF-8."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":
            return data.decode("utf-8", "replace")
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if sum(1 for character in text if character > "\x7f") - broken >= 3 * broken:
        return text
    # Statistics need more foreign characters than English text with a name or a dash in it has.
    sample = data[:_SAMPLE]
    foreign = len(sample) - len(sample.translate(None, _FOREIGN))
    if foreign < max(4, len(sample) // 6):
        western = _strict(data, "cp1252")
        if western is not None and not _ODD_WESTERN.search(western):
            return western
        chinese = _strict(data, "gb18030")
        if chinese is not None and not _ODD_CHINESE.search(chinese):
            return chinese
        if western is not None and foreign < 4:
            return western
    from charset_normalizer import from_bytes

    best = from_bytes(data[:_SAMPLE], cp_isolation=_LIKELY, threshold=0.4).best()
    return data.decode(best.encoding if best else "cp1252", "replace")
