"""Clean text: what a candidate wrote, without quotes, furniture and markup, as lines that are blocks.

Three steps. Lines that are not the candidate's (`_own_lines`) go first, whatever the format. Then a front
end reads the rest, `_plain` for plain text and `_markdown` for Markdown, into pieces: a kind and one line.
Both hand wrapped lines to `_paragraph`, which knows soft breaks from meant ones. Last, `_assemble` writes
the pieces out and counts their characters.

Every step is linear in the length of the text: patterns are anchored, and are tried on single lines that
are cut off before they are matched.

References
----------
RFC 3676 (format=flowed and delsp), RFC 4880 and RFC 9580 (clear-signed text), RFC 4155 and mboxrd
(``>From``), CommonMark 0.31.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import yaml

from analyzer.records import Block, BlockKind
from analyzer.sources.message import BodyFormat
from analyzer.statements.statement import LabelledField


@dataclass(frozen=True, slots=True)
class CleanText:
    """A text and its blocks.

    A line break in `text` is always the border of a block, every block is one line without a space at
    either end, and the blocks hold every character of `text` that is not a line break.

    Attributes
    ----------
    fields : the labelled fields, those of a front matter that are not part of the text included.
    removed : what was left out, as counts of lines by kind: ``quote``, ``attribution``, ``forward``,
        ``signature``, ``footer``, ``armour``, ``attachment``.
    signature_name : the name the text is signed with, as written.
    kept : number of the candidate's own lines; with ``removed["quote"]`` it tells how much is quoted.
    """

    text: str
    blocks: tuple[Block, ...]
    fields: tuple[LabelledField, ...] = ()
    removed: Mapping[str, int] = field(default_factory=dict)
    signature_name: str | None = None
    kept: int = 0


@dataclass(slots=True)
class _Piece:
    """A block to be. `under` means that it stands directly under the piece before it."""

    kind: BlockKind
    text: str
    under: bool = False
    label: str | None = None
    value: str | None = None


def clean(body: str, body_format: BodyFormat = "plain") -> CleanText:
    """Clean the body of a message or document.

    Parameters
    ----------
    body : the text with its soft breaks; any line endings.
    body_format : ``plain``, ``flowed`` or ``delsp`` (RFC 3676), or ``markdown``.

    Notes
    -----
    Never raises. Prose that is already clean, paragraphs of one line each parted by blank lines, comes
    back unchanged; of other text the words of a paragraph do when its text is cleaned again.
    """
    removed: Counter[str] = Counter()
    lines = _normal(body).split("\n")
    if body_format in ("flowed", "delsp"):
        lines = _unflow(lines, delsp=body_format == "delsp")
    lines = _without_armour(lines, removed)
    head, hidden, lines = _front_matter(lines)
    # The Markdown parser takes quadratic time over some texts, so what no candidate writes is read as plain.
    markdown = body_format == "markdown" and len(body) <= _LONG_MARKDOWN
    lines, signed = _own_lines(lines, removed, markdown=markdown)
    kept = sum(1 for line in lines if line.strip())
    pieces = head + (_markdown(lines) if markdown else _plain(lines))
    pieces = [piece for piece in pieces if piece.text]
    _mark_greeting(pieces)
    sign_off = _mark_signature(pieces)
    if signed:
        for line in signed:
            match = _field(line, known_only=True)
            if match:
                hidden.append(LabelledField(match[0], match[1], None, None))
        # "Ann Bee, Acme" or "Ann Bee | Acme" under the delimiter.
        name = _strip_nick(re.split(r"\s*[,|]\s|\s[-–—]\s", _squeeze(signed[0]), maxsplit=1)[0])
        if name_like(name) and len(name.split()) > len((sign_off or "").split()):
            pieces.append(_Piece("signature", name))
            sign_off = name
    return _assemble(pieces, hidden, removed, sign_off, kept)


_LONG_MARKDOWN = 150_000

# --- characters ---------------------------------------------------------------------------------------

_BREAKS = dict.fromkeys(map(ord, "\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"), "\n")
_DROPPED = dict.fromkeys(
    [c for c in range(0xA0) if (c < 32 or c >= 127) and c not in (9, 10, 11, 12, 13, 28, 29, 30, 0x85)]
    + [0xAD, 0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF]
)
_CHARACTERS = _DROPPED | _BREAKS
_SURROGATE = re.compile("[\ud800-\udfff]")


def _normal(body: str) -> str:
    """One kind of line break, no control or invisible characters, nothing that UTF-8 cannot write."""
    return _SURROGATE.sub("\ufffd", body.replace("\r\n", "\n").translate(_CHARACTERS))


def _squeeze(text: str) -> str:
    return " ".join(text.split())


# --- lines that are not the candidate's ---------------------------------------------------------------

_QUOTE = re.compile(r"^ {0,3}(?:> ?)+")


def _unflow(lines: Sequence[str], *, delsp: bool) -> list[str]:
    """Undo the soft breaks of RFC 3676, section 4: a line ending in a space flows into the next one."""
    out: list[str] = []
    open_depth = -1
    for line in lines:
        depth = len(line) - len(line.lstrip(">"))
        text = line[depth:].removeprefix(" ")
        signature = text == "-- "
        if open_depth == depth and not signature:
            out[-1] += text
        else:
            out.append(">" * depth + " " * bool(depth) + text)
        flows = text.endswith(" ") and not signature
        if flows and delsp:
            out[-1] = out[-1][:-1]
        open_depth = depth if flows else -1
    return out


def _without_armour(lines: Sequence[str], removed: Counter[str]) -> list[str]:
    """Undo a clear-signed text (RFC 9580, section 7): header, dash-escaping and signature go."""
    out: list[str] = []
    state = "text"
    signed = False
    for line in lines:
        bare = line.strip()
        if bare == "-----BEGIN PGP SIGNED MESSAGE-----":
            state, signed = "header", True
        elif state == "header":
            state = "header" if bare else "text"
        elif bare.startswith("-----BEGIN PGP ") and bare.endswith("-----"):
            state, signed = "block", False
        elif state == "block":
            if bare.startswith("-----END PGP "):
                removed["armour"] += 1
                state = "text"
                continue
        else:
            out.append(line[2:] if signed and line.startswith("- ") else line)
            continue
        removed["armour"] += 1
    if state == "block" and not any(line.strip() for line in out):
        return list(lines)
    return out


_WROTE = (
    r"wrote|writes|said|écrit|schrieb|schreef|escribió|escribio|ha scritto|scrisse|escreveu|skrev|napisał\(?a?\)?|"
    r"kirjoitti|yazdı|írta|napsala?|a scris|пишет|писал\(?а?\)?|написала?|写道|寫道|さんは書きました|のメール|님이 작성"
)
_ATTRIBUTION = re.compile(rf"(?:\b(?:{_WROTE})|写道|寫道|書きました|작성)\s*[:：]*\s*$", re.IGNORECASE)
# "Am 3. März schrieb Ole Berg:"
_WROTE_BEFORE = re.compile(r"\b(?:schrieb|schreef|skrev|a écrit|ha scritto|escribió|пишет)\s+\S", re.IGNORECASE)
_ATTRIBUTION_START = re.compile(
    r"^\s*(?:On|At|Le|Am|El|Il|Em|Op|Den|Dnia|W dniu|Dne|Quoting|Excerpts from|Em|No dia|Pada|Vào|В|"
    r"\d{4}[-/年.]|\d{1,2}[ ./-])"
)
_ORIGINAL = re.compile(
    r"^\s*-{2,}\s*(?:original message|original appointment|forwarded message|forwarded by .{0,80}|"
    r"ursprüngliche nachricht|weitergeleitete nachricht|message d'origine|message transféré|message original|"
    r"mensaje original|mensaje reenviado|mensagem original|mensagem encaminhada|messaggio originale|"
    r"messaggio inoltrato|oorspronkelijk bericht|doorgestuurd bericht|ursprungligt meddelande|oryginalna wiadomość|"
    r"исходное сообщение|пересылаемое сообщение|原始邮件|转发邮件|邮件原件|元のメッセージ)\s*-{2,}\s*$",
    re.IGNORECASE,
)
_BEGIN_FORWARD = re.compile(
    r"^\s*(?:begin forwarded message|anfang der weitergeleiteten (?:e-mail|nachricht)|début du message réexpédié|"
    r"inicio del mensaje reenviado|inizio messaggio inoltrato|início da mensagem encaminhada)\s*:\s*$",
    re.IGNORECASE,
)
_FORWARD_HEADER = re.compile(
    r"^[>\s*]*(from|von|de|da|van|från|fra|od|от|发件人|差出人|sent|gesendet|envoyé|enviado(?: el| em)?|inviato|"
    r"verzonden|"
    r"skickat|wysłano|date|datum|fecha|data|отправлено|дата|发送时间|日期|日付|to|an|à|para|a|aan|till|til|do|кому|收件人|宛先|"
    r"cc|kopie|copie|reply-to|subject|betreff|objet|asunto|assunto|oggetto|onderwerp|ämne|emne|temat|тема|主题|件名)"
    r"\s?\*{0,2}[:：]\*{0,2}(?:\s|$)",
    re.IGNORECASE,
)
_FOOTER = re.compile(
    r"^\s*(?:more information about the \S{1,80} mailing list"
    r"|you received this message because you are subscribed to"
    r"|you're receiving this because you"
    r"|you are receiving this (?:e-?mail|message) because"
    r"|you(?:'ve| have) received this (?:e-?mail|message) because you"
    r"|to unsubscribe from this (?:group|list|topic|community)"
    r"|to unsubscribe(?:,| send| e-?mail)"
    r"|groups\.io links:"
    r"|the .{1,60} mailing list archives? (?:is|are) at"
    r"|sent from my (?:iphone|ipad|android|phone|mobile|blackberry|samsung|galaxy)"
    r"|get outlook for "
    r"|von meinem (?:iphone|ipad|handy) gesendet|envoyé de mon (?:iphone|ipad)|enviado desde mi (?:iphone|ipad)"
    r"|do you yahoo!\?)",
    re.IGNORECASE,
)
_FOOTER_HINT = re.compile(r"mailing list|unsubscribe|listinfo|groups\.google|groups\.io|lists\.|\S@\S", re.IGNORECASE)
_RULE = re.compile(r"^\s*(?:_{20,}|-{40,}|-=-=.{0,80}|={40,})\s*$")
_ATTACHMENT = re.compile(
    r"^-{8,}\s*(?:next part|nächster teil|section suivante|próxima parte|parte successiva)\s*-{8,}$", re.I
)
_SCRUBBED = re.compile(
    r"^(?:a non-text attachment was scrubbed|an? (?:html|embedded|embedded and charset-unspecified).{0,40}scrubbed|"
    r"(?:name|type|size|desc|url|url\s|skipped content of type)\s*[:\s])",
    re.IGNORECASE,
)
_IMAGE = re.compile(r"^\s*\[(?:image|cid|inline image)\b[^\]]{0,200}\]\s*$", re.IGNORECASE)
_FROM_STUFFED = re.compile(r"^>+From ")


def _own_lines(lines: list[str], removed: Counter[str], *, markdown: bool) -> tuple[list[str], list[str]]:
    """Drop quotes, forwards, signature and footers; return what is left and the signature's lines.

    A quoted question that is answered stays, marked by `_QUESTION` at the start of its line.
    """
    lines = _without_footer(lines, removed)
    lines = _without_forward(lines, removed)
    lines, signed = _without_signature(lines, removed, markdown=markdown)
    return _without_quotes(lines, removed, markdown=markdown), signed


def _without_footer(lines: Sequence[str], removed: Counter[str]) -> list[str]:
    out: list[str] = []
    scrubbed = False
    for at, line in enumerate(lines):
        head = line[:300]
        if _ATTACHMENT.match(head.strip()):
            scrubbed = True
            removed["attachment"] += 1
            continue
        if scrubbed and (not head.strip() or _SCRUBBED.match(head.strip()) or head.strip().startswith("<http")):
            removed["attachment"] += 1
            continue
        scrubbed = False
        if _IMAGE.match(head):
            removed["attachment"] += 1
            continue
        # Only the end of a message is footer: what follows must be short.
        rest = lines[at + 1 : at + 20]
        if _FOOTER.match(head) or (_RULE.match(head) and _FOOTER_HINT.search("\n".join(r[:200] for r in rest[:3]))):
            tail = [r for r in lines[at + 1 : at + 60] if r.strip()]
            if _footer_goes_on(tail):
                while out and (not out[-1].strip() or out[-1].strip() in ("--", "---") or _RULE.match(out[-1][:300])):
                    out.pop()
                removed["footer"] += 1 + len(tail)
                break
        out.append(line)
    return out


def _footer_goes_on(tail: Sequence[str]) -> bool:
    """Whether the lines after a footer's first one are footer too; a digest's or reply's text is not."""
    return len(tail) <= 12


def _without_forward(lines: Sequence[str], removed: Counter[str]) -> list[str]:
    """Cut the message that is quoted as a whole; if there is nothing before it, drop only its header."""
    at = 0
    out: list[str] = []
    own = 0
    while at < len(lines):
        head = lines[at][:300]
        marked = bool(_ORIGINAL.match(head) or _BEGIN_FORWARD.match(head))
        start = at + 1 if marked else at
        while marked and start < len(lines) and not lines[start].strip():
            start += 1
        end = start
        while end < min(len(lines), start + _LONGEST_HEADER) and _FORWARD_HEADER.match(lines[end][:300]):
            end += 1
        kinds = {_FORWARD_HEADER.match(line[:300]).group(1).lower() for line in lines[start:end]}  # type: ignore[union-attr]
        if (marked or (end - start >= 3 and kinds & _FROM_WORDS)) and (own or end > start):
            removed["forward"] += end - at
            if own >= 5:
                removed.update("quote" for line in lines[end:] if line.strip())
                while out and (_RULE.match(out[-1][:300]) or not out[-1].strip()):
                    out.pop()
                break
            at = max(end, at + 1)
            continue
        if not _QUOTE.match(head):
            own += len(head.split())
        out.append(lines[at])
        at += 1
    return out


_LONGEST_HEADER = 40
_FROM_WORDS = {"from", "von", "de", "da", "van", "från", "fra", "od", "от", "发件人", "差出人"}


def _without_signature(lines: list[str], removed: Counter[str], *, markdown: bool) -> tuple[list[str], list[str]]:
    """Cut at the signature delimiter ``"-- "``, or at ``"--"`` where little follows (RFC 3676, 4.3)."""
    left = sum(1 for line in lines if line.strip())
    written = left
    for at, line in enumerate(lines):
        left -= bool(line.strip())
        exact = line == "-- "
        if line.rstrip() == "--" and left + 1 < written and left <= (12 if exact else 6) and (exact or not markdown):
            tail = [r.strip() for r in lines[at + 1 :] if r.strip()]
            if all(len(r) <= 100 for r in tail):
                removed["signature"] += 1 + len(tail)
                return lines[:at], tail
    return lines, []


_QUESTION = "\x00"


def _is_attribution(head: str) -> bool:
    return bool(_ATTRIBUTION.search(head)) or (
        head.rstrip().endswith(":")
        and bool(_ATTRIBUTION_START.match(head))
        and ("@" in head or "<" in head or bool(_WROTE_BEFORE.search(head)))
    )


def _without_quotes(lines: Sequence[str], removed: Counter[str], *, markdown: bool) -> list[str]:
    quoted = [bool(_QUOTE.match(line[:40])) and not _FROM_STUFFED.match(line[:40]) for line in lines]
    own_size = sum(len(line) for line, is_quote in zip(lines, quoted, strict=True) if not is_quote)
    quote_size = sum(len(line) for line, is_quote in zip(lines, quoted, strict=True) if is_quote)
    out: list[str] = []
    at = 0
    while at < len(lines):
        if not quoted[at]:
            line = lines[at]
            out.append(line.lstrip(">") if _FROM_STUFFED.match(line[:40]) else line)
            at += 1
            continue
        _drop_attribution(out, removed)
        end = at
        while end < len(lines) and (
            quoted[end] or (not lines[end].strip() and end + 1 < len(lines) and quoted[end + 1])
        ):
            end += 1
        removed["quote"] += sum(quoted[at:end])
        follows = next((line for line in lines[end : end + 3] if line.strip()), "")
        question = _quoted_question(lines[at:end]) if own_size >= quote_size and follows else ""
        if question and not _is_attribution(follows[:300]):
            out += ["", _QUESTION + question]
        out.append("")
        at = end
    # An attribution whose quotation a client has folded away, or that stands before a cut.
    if removed["quote"] or removed["footer"] or removed["signature"]:
        _drop_attribution(out, removed, dated=True)
    return out


def _drop_attribution(out: list[str], removed: Counter[str], *, dated: bool = False) -> None:
    """Remove the attribution at the end of `out`: one line, or two or three that a client has wrapped."""
    while out and not out[-1].strip():
        out.pop()
    for count in (1, 2, 3):
        if len(out) < count or not out[-count].strip():
            return
        head = _squeeze(" ".join(line[:300] for line in out[-count:]))
        starts = bool(_ATTRIBUTION_START.match(head))
        if _is_attribution(head) and (starts or (count == 1 and not dated and len(head) < 120)):
            if count == 1 and not starts and len(out) > 1 and _ATTRIBUTION_START.match(out[-2][:300]):
                continue
            del out[-count:]
            removed["attribution"] += 1
            return


def _quoted_question(lines: Sequence[str]) -> str:
    """Return the last paragraph of a quotation if it is a short question put to the candidate."""
    words: list[str] = []
    for line in reversed(lines):
        match = _QUOTE.match(line)
        text = line[match.end() :] if match else ""
        if match and match.group().count(">") > 1:
            text = ""
        if not text.strip():
            if words:
                break
            continue
        words.append(text)
    question = _squeeze(" ".join(reversed(words)))
    return question if question.endswith("?") and len(question.split()) <= 60 else ""


# --- front matter -------------------------------------------------------------------------------------

_TEXT_KEYS = {
    "title", "name", "author", "authors", "company", "affiliation", "affiliations", "employer", "organization",
    "organisation", "organizations", "candidate", "nominee", "position", "role", "job", "jobtitle", "job_title",
}  # fmt: skip
_YAML_END = re.compile(r"(?:---|\.\.\.)\s*$")
_DASHES = re.compile(r"^\s*-{6,}\s*$")
_KEY = re.compile(r"^\s{0,8}(?:[-*]\s+)?([A-Za-z][\w /-]{0,30}?)\s*:\s*(.*?)\s*$")


def _front_matter(lines: list[str]) -> tuple[list[_Piece], list[LabelledField], list[str]]:
    """Read a front matter: YAML between ``---``, or ``key: value`` lines between long dashes."""
    start = next((at for at, line in enumerate(lines) if line.strip()), len(lines))
    if start == len(lines):
        return [], [], lines
    opening = lines[start].strip()
    dashed = bool(_DASHES.match(opening))
    if not dashed and opening != "---":
        return [], [], lines
    closing = _DASHES if dashed else _YAML_END
    end = next((at for at in range(start + 1, min(len(lines), start + 120)) if closing.match(lines[at][:200])), None)
    if end is None:
        return [], [], lines
    inner = lines[start + 1 : end]
    pairs = _dashed_pairs(inner) if dashed else _yaml_pairs(inner)
    if pairs is None:
        return [], [], lines
    pieces: list[_Piece] = []
    hidden: list[LabelledField] = []
    for key, value in pairs:
        value = _squeeze(value)
        if not value:
            continue
        if dashed or key.lower() in _TEXT_KEYS:
            pieces.append(_Piece("field", f"{key}: {value}", bool(pieces), key, value))
        else:
            hidden.append(LabelledField(key, value, None, None))
    return pieces, hidden, lines[end + 1 :]


def _dashed_pairs(lines: Sequence[str]) -> list[tuple[str, str]] | None:
    pairs: list[tuple[str, str]] = []
    for line in lines:
        match = _KEY.match(line[:400])
        if match:
            pairs.append((match.group(1), match.group(2).strip("\"'")))
        elif line.strip():
            return None
    return pairs or None


def _yaml_pairs(lines: Sequence[str]) -> list[tuple[str, str]] | None:
    try:
        loaded = yaml.load("\n".join(lines)[:20_000], Loader=_StringLoader)
    except (yaml.YAMLError, ValueError, RecursionError):
        return _dashed_pairs([line for line in lines if _KEY.match(line[:400])])
    if not isinstance(loaded, dict):
        return None
    pairs: list[tuple[str, str]] = []
    for key, value in loaded.items():
        values = value if isinstance(value, list) else [value]
        words = [str(v) for v in values[:50] if isinstance(v, str)]
        if isinstance(key, str) and words:
            pairs.append((key, ", ".join(words)))
    return pairs


class _StringLoader(yaml.SafeLoader):
    """A safe loader that leaves every scalar as it is written: no dates, numbers, truth values."""


_StringLoader.yaml_implicit_resolvers = {}


# --- plain text ---------------------------------------------------------------------------------------

_ITEM = re.compile(
    r"^(\s*)(?:([-+•◦▪●○■‣∙·⁃➢✓✔]|\*{1,3}|[–—])\s+|(\(?\d{1,2}[.)]|\(?[a-zA-Z]\)|\(?[ivx]{1,4}\))\s+"
    r"|(\d{1,2}[.)])(?=[^\W\d_])|([•◦▪●‣➢])(?=\S))(?=\S)"
)
_REFERENCE = re.compile(r"^\s*(?:\[[\w*]{1,12}\][:.]?\s*(?=\S)|\d{1,2}\s?[-–:]?\s(?=https?://))")
# reStructuredText, which some communities' files are written in though nothing says so.
_RST_TARGET = re.compile(r"^\s*\.\. _(?=[^:\s][^:]{0,80}: )")
_RST_LINK = re.compile(r"`([^`<>]{1,120}?)\s*(?:<[^`<>\s]{1,400}>)?`__?(?!\w)|``([^`]{1,120})``")
_STARRED = re.compile(r"^\s*(\*{1,3}|={1,6}|~{2,6}|_{1,3}|-{2,6}|#{1,6})\s?(\w.{0,90}?[\w:?!.])\s?\1\s*$")
_UNDERLINE = re.compile(r"^\s*([=~^\"#*+-])\1{2,}\s*$")
_ATX = re.compile(r"^ {0,3}(#{1,6})\s*(?=\S)(?!#)")
_LINE_RULE = re.compile(r"^\s*(?:[-=_*~#+]\s?){3,}$")
_URL = re.compile(r"<?https?://\S+")


def _plain(lines: Sequence[str]) -> list[_Piece]:
    """Read plain text: chunks parted by blank lines, inside them headings, lists, fields, tables, prose."""
    width = _width(lines)
    pieces: list[_Piece] = []
    for chunk in _chunks(lines):
        pieces += _chunk(chunk, width, pieces)
    for piece in pieces:
        piece.text = _RST_LINK.sub(r"\1\2", piece.text)
        if piece.value:
            piece.value = _RST_LINK.sub(r"\1\2", piece.value)
    _mark_headings(pieces)
    return pieces


def _chunks(lines: Iterable[str]) -> Iterator[list[str]]:
    chunk: list[str] = []
    for line in lines:
        if line.strip():
            chunk.append(line.expandtabs(4))
        elif chunk:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _width(lines: Sequence[str]) -> int:
    """Estimate the column at which the text was wrapped: what nearly all followed lines stay within."""
    sizes = sorted(
        len(line.rstrip())
        for line, after in pairwise(lines)
        if after.strip() and 40 <= len(line.rstrip()) <= 110 and " " in line.strip()
    )
    return sizes[int(len(sizes) * 0.9)] if sizes else 76


def _chunk(chunk: Sequence[str], width: int, before: Sequence[_Piece]) -> list[_Piece]:
    pieces: list[_Piece] = []
    run: list[str] = []
    kind: BlockKind = "paragraph"
    indent = 0
    under = False

    def flush() -> None:
        nonlocal run, kind, under
        if run:
            pieces.extend(_paragraph(run, width, kind=kind, under=under or bool(pieces)))
        run, kind, under = [], "paragraph", False

    table = _table_rows(chunk)
    if table is not None:
        return table
    previous = before[-1] if before else None
    at = 0
    while at < len(chunk):
        line = chunk[at]
        after = chunk[at + 1] if at + 1 < len(chunk) else ""
        item = _ITEM.match(line[:200])
        if line.startswith(_QUESTION):
            flush()
            pieces.append(_Piece("question", _squeeze(line[1:])))
        elif _UNDERLINE.match(after) and _is_underlined(line, after):
            flush()
            pieces.append(_Piece("heading", _squeeze(_ATX.sub("", line))))
            at += 1
        elif _LINE_RULE.match(line[:300]) or _is_drawn(line):
            flush()
        elif (starred := _STARRED.match(line[:200])) and not run:
            pieces.append(_Piece("heading", _squeeze(starred.group(2))))
        elif (atx := _ATX.match(line)) and _is_atx(line, atx):
            flush()
            pieces.append(_Piece("heading", _squeeze(line[atx.end() :].rstrip(" #"))))
        elif item and _starts_item(item, line, run, kind, chunk, at, width):
            flush()
            kind, indent = "item", len(item.group(1))
            under = bool(pieces) or (previous is not None and previous.kind == "item")
            run = [line[item.end() :]]
        elif len(line) < 300 and (not run or "://" in line) and (_REFERENCE.match(line) or _RST_TARGET.match(line)):
            flush()
            kind, indent = "item", len(line) - len(line.lstrip())
            under = bool(pieces) or (previous is not None and previous.kind == "item")
            run = [_RST_TARGET.sub("", line)]
        elif (
            kind == "item"
            and run
            and len(line) - len(line.lstrip()) <= indent
            and not _soft(run[-1], line, width, lazy=True)
        ):
            flush()
            run = [line]
        else:
            run.append(line)
        at += 1
    flush()
    return pieces


def _is_drawn(line: str) -> bool:
    """Whether a line is a piece of a picture made of characters: it holds no letter or digit."""
    return len(line.strip()) > 4 and not re.search(r"[^\W_]", line)


def _is_underlined(line: str, under: str) -> bool:
    size, bar = len(line.strip()), len(under.strip())
    return 2 <= size <= 100 and bar >= size - 3 and bar <= 2 * size + 8 and bool(re.search(r"\w", line))


def _is_atx(line: str, match: re.Match[str]) -> bool:
    """``# Title`` and, as novices write it, ``#Title``; not ``#1 priority`` nor a channel's name."""
    spaced = match.end() > match.end(1)
    rest = line[match.end() :].strip()
    if spaced:
        return len(rest) <= 200
    return len(rest) <= 100 and (len(match.group(1)) > 1 or (rest[:1].isupper() and " " in rest))


def _starts_item(
    item: re.Match[str], line: str, run: Sequence[str], kind: str, chunk: Sequence[str], at: int, width: int
) -> bool:
    """Whether a line that looks like an item is one, and not prose that was wrapped before a dash or number."""
    if (not run or kind == "item") and not item.group(4):
        return True
    mark = line[len(item.group(1)) : item.end()].strip()
    last = run[-1].rstrip() if run else ""
    if last.endswith((":", ";", ".", "!", "?")) and mark not in "–—":
        return True
    if item.group(4):
        return (kind == "item" or line[item.end()].isupper()) and any(
            other is not line and (m := _ITEM.match(other[:20])) and m.group(4) for other in chunk
        )
    if item.group(3):
        return mark.strip("().").lower() in ("1", "0", "a", "i")
    more = sum(1 for other in chunk[at + 1 :] if other.lstrip().startswith(mark + " "))
    full = len(last) + 1 + len(line.lstrip().split(" ", 2)[-1].split(" ")[0]) > width - 6
    return bool(more) or not full


_LABEL = re.compile(r"^([^\W\d_][\w .'/()&#+-]{0,40}?)\s?[:：]\s+(\S.*)$")
KNOWN_LABELS = {
    "name", "full name", "candidate", "candidate name", "nominee", "nomination", "nominee name", "email", "e-mail",
    "mail", "email address", "e-mail address", "contact", "company", "company affiliation", "affiliation",
    "other affiliations", "other affiliation", "where i work", "works for", "present employer", "current company",
    "affiliations", "current affiliation", "employer", "current employer", "organization", "organisation",
    "organization affiliation", "work", "works at", "company name", "job", "job title", "title", "position", "role",
    "roles", "office", "running for", "seat", "project", "team", "irc", "irc nick", "irc handle", "irc nickname",
    "irc name", "nick", "nickname", "handle", "github", "github id", "github handle", "github username",
    "github user", "gitlab", "launchpad", "launchpad id", "slack", "slack handle", "slack id", "discord", "twitter",
    "x", "mastodon", "bluesky", "matrix", "telegram", "linkedin", "website", "web", "blog", "homepage", "home page",
    "url", "location", "country", "region", "city", "timezone", "time zone", "pronouns", "languages", "id",
    "username", "user name", "openstackid", "foundation profile", "profile", "wechat", "phone", "date", "cycle",
    "term", "term length", "constituency", "gender", "based in", "freenode", "oftc", "wikipedia", "stackalytics",
    "reviews", "review history", "commit history", "commits", "bio", "facebook", "instagram", "skype", "keybase",
    "nominated by", "endorsed by", "outcome", "result", "community", "election",
}  # fmt: skip


def _field(line: str, *, known_only: bool) -> tuple[str, str] | None:
    match = _LABEL.match(_squeeze(line[:400])) if len(line) < 400 else None
    if not match or match.group(2).startswith("//"):
        return None
    label = match.group(1).strip()
    known = label.lower() in KNOWN_LABELS
    if known and (
        len(match.group(2)) <= 200 and not (label.lower() in _PROSE_LABELS and len(match.group(2).split()) > 12)
    ):
        return label, match.group(2)
    if known_only or not label[0].isupper() or len(label.split()) > 4 or len(match.group(2).split()) > 10:
        return None
    return label, match.group(2)


# Labels that prose likes, too: their values are short.
_PROSE_LABELS = {
    "work", "title", "role", "roles", "position", "project", "team", "bio", "contact", "job", "term", "web",
    "commits", "reviews", "community", "election", "result", "outcome", "office", "nomination", "x", "cycle",
}  # fmt: skip


def _paragraph(
    lines: Sequence[str], width: int, *, kind: BlockKind = "paragraph", under: bool = False, markdown: bool = False
) -> list[_Piece]:
    """Join wrapped lines; break where a break was meant, and tell fields, greeting and prose apart."""
    lines = [line for line in (raw.strip() for raw in lines) if line]
    found = [_field(line, known_only=True) for line in lines]
    if kind == "paragraph":
        loose = [f or _field(line, known_only=False) for f, line in zip(found, lines, strict=True)]
        # Labels that nobody knows are fields where several stand under each other.
        for at, match in enumerate(loose):
            near = [loose[n] for n in (at - 1, at + 1) if 0 <= n < len(lines)]
            if match and any(near):
                found[at] = match
    pieces: list[_Piece] = []
    parts: list[list[str]] = []
    join = False
    for at, line in enumerate(lines):
        match = found[at]
        if match and not (join and at and line[:1].islower() and not _CONTACT_LABEL.match(line)):
            pieces.append(_Piece("field", line, under or bool(pieces), *match))
            parts.append([line])
            # A long value may go on in the next line.
            join = (
                at + 1 < len(lines)
                and not found[at + 1]
                and len(line) > width - 12
                and _soft(line, lines[at + 1], width)
            )
            continue
        if join:
            parts[-1] += [_gap(lines[at - 1], line), line]
        else:
            pieces.append(_Piece("paragraph" if pieces else kind, line, under or bool(pieces)))
            parts.append([line])
        if at + 1 < len(lines):
            opens = len(pieces) == 1 and kind == "paragraph" and at < 3 and is_greeting("".join(parts[0]))
            signs = name_like(lines[at + 1]) and (
                (len(parts[-1]) == 1 and _is_closing(line))
                or (at + 2 == len(lines) and line[-1] in ".!?" and " " in lines[at + 1])
            )
            join = not opens and not signs and _soft(line, lines[at + 1], width, markdown=markdown, item=kind == "item")
    for piece, part in zip(pieces, parts, strict=True):
        piece.text = _squeeze("".join(part))
        if piece.value is not None:
            piece.value = _squeeze("".join([piece.value, *part[1:]]))
    return pieces


_CONTACT_LABEL = re.compile(r"(?:e-?mail|irc|github|twitter|slack|launchpad)\s?:\s+\S{1,60}$", re.IGNORECASE)
_FUNCTION_WORDS = {
    "a", "an", "and", "as", "at", "be", "but", "by", "for", "from", "i", "if", "in", "into", "is", "it", "its", "of",
    "on", "or", "our", "that", "the", "their", "these", "this", "those", "to", "was", "we", "were", "which", "while",
    "who", "with", "am", "are", "my", "your", "will", "would", "can", "not", "have", "has", "had", "than", "i'm",
    "i've", "i'd", "i'll", "also", "some", "more",
}  # fmt: skip


def _soft(a: str, b: str, width: int, *, lazy: bool = False, markdown: bool = False, item: bool = False) -> bool:
    """Whether the break between two lines was made by a wrapping editor and not by the writer.

    A break is soft where the next word would not have fitted. People also edit wrapped text without
    wrapping it again, so a line that ends in the middle of a sentence flows on too.
    """
    a, b = a.strip(), b.strip()
    words = a.split()
    last = words[-1].lower() if words else ""
    if (_REFERENCE.match(b) and "://" in b) or (
        len(a) < 0.6 * width and _URL.fullmatch(b) and (a[-1:].isalpha() or name_like(a) or _URL.fullmatch(a))
    ):
        return False
    full = len(a) + 1 + len(b.split(" ", 1)[0]) > width - 10
    if b[:1].islower() or last.rstrip(",") in _FUNCTION_WORDS or (a.endswith(",") and len(words) > 4):
        return len(a) > 20 or not is_greeting(a)
    if markdown:
        # CommonMark: a line break in a paragraph is a space; only lines that read as verse are kept apart.
        return full or len(words) > 6 or (len(b.split()) > 6 and not a.endswith((":", ",")))
    if a.endswith(":"):
        return full and not lazy
    if len(a) > 130 and a[-1:] in ".!?":
        return False
    if full:
        return True
    if lazy:
        return False
    if a[-1:] in ".!?":
        return len(words) > 5 and len(a) > 0.4 * width
    return len(a) > 0.6 * width or (item and len(a) > 0.45 * width)


def _gap(a: str, b: str) -> str:
    """What stands between two joined lines: nothing after a hyphen, which only the writer knows to be there anyway."""
    if len(a) > 2 and a.endswith("-") and a[-2].isalpha() and b[:1].isalnum():
        return " " if b.split(" ", 1)[0].lower() in ("and", "or", "to", "und", "oder", "et", "y", "as") else ""
    return " "


def _table_rows(chunk: Sequence[str]) -> list[_Piece] | None:
    """Read a drawn table: rows of cells between bars, or the grid that reStructuredText draws."""
    rows = [line.strip() for line in chunk]
    if len(rows) < 2 or not all(row[:1] in "|+" and row[-1:] in "|+" for row in rows):
        return None
    cells = [
        [_squeeze(cell) for cell in row.strip("|").split("|")]
        for row in rows
        if row[0] == "|" and re.search(r"\w", row)
    ]
    return _rows(cells)


def _rows(rows: Iterable[Sequence[str]]) -> list[_Piece]:
    pieces: list[_Piece] = []
    for cells in rows:
        if len(cells) == 2 and cells[0] and cells[1]:
            label = cells[0].rstrip(":")
            pieces.append(_Piece("field", f"{label}: {cells[1]}", bool(pieces), label, cells[1]))
        else:
            pieces.append(_Piece("item", " | ".join(cell for cell in cells if cell), bool(pieces)))
    return pieces


# --- greeting, headings, signature --------------------------------------------------------------------

_GREETING = re.compile(
    r"^(?:hi|hello|hey|heya|hiya|dear|greetings|howdy|welcome|ahoy|aloha|hola|bonjour|salut|hallo|ciao|olá|ola|hej|"
    r"namaste|"
    r"good (?:morning|afternoon|evening|day)|g'day|liebe[rs]?|chers?|estimad[oa]s|to whom it may concern|"
    r"你好|大家好|您好|こんにちは|안녕하세요|здравствуйте|привет)(?:\b|(?<=\W)|$)",
    re.IGNORECASE,
)
_ADDRESSEES = {
    "all", "everyone", "everybody", "folks", "team", "friends", "community", "members", "developers", "contributors",
    "fellows", "colleagues", "guys", "y'all", "stackers", "voters", "people", "there", "list", "devs", "fellow",
}  # fmt: skip


def is_greeting(line: str) -> bool:
    """Whether a line is nothing but a greeting, such as ``Hi all,``."""
    line = line.strip()
    words = line.split()
    if not words or len(words) > 8 or len(line) > 80:
        return False
    inner = line.rstrip(" ,.!:;)-–—…~").lower()
    if re.search(r"[.!?:;] ", inner):
        return len(words) <= 4 and all(_bare(w) in _ADDRESSEES or _GREETING.match(w) for w in words)
    if _GREETING.match(inner):
        return not re.search(r"\b(?:i|i'm|i’m|i'd|i’d|my|me|we|is|am|are|this|to my|name)\b", inner.removeprefix("to "))
    return line[-1:] in ",:!" and words[-1].strip(",:!-").lower() in _ADDRESSEES and len(words) <= 5


def _bare(word: str) -> str:
    return re.sub(r"^[,.!:;]+|[,.!:;]+$", "", word).lower()


def _mark_greeting(pieces: Sequence[_Piece]) -> None:
    prose = [piece for piece in pieces if piece.kind in ("paragraph", "heading")][:4]
    for piece in prose:
        if is_greeting(piece.text):
            piece.kind = "greeting"
            return


_NOT_HEADING = {
    "i'd",
    "i'll",
    "i",
    "are",
    "is",
    "include",
    "includes",
    "including",
    "follows",
    "following",
    "would",
    "was",
    "we",
    "you",
}


def _mark_headings(pieces: list[_Piece]) -> None:
    """A short line of its own above a paragraph or list is a heading, and so is a line in capitals."""
    for at, piece in enumerate(pieces):
        if piece.kind != "paragraph" or piece.text.startswith("http"):
            continue
        text = piece.text
        words = text.split()
        follows = pieces[at + 1] if at + 1 < len(pieces) else None
        alone = not piece.under and (follows is None or not (follows.under and follows.kind == "paragraph"))
        if not alone or follows is None or follows.kind in ("heading", "signature") or len(words) > 9 or len(text) > 80:
            continue
        letters = [c for c in text if c.isalpha()]
        capital = len(letters) >= 4 and all(c.isupper() for c in letters)
        bare = text.rstrip(":").rstrip()
        lower = {word.lower().replace("’", "'") for word in bare.split()}
        if is_greeting(text) or _is_closing(text):
            continue
        if capital and text[-1] not in ".,;":
            piece.kind = "heading"
        elif text.endswith(":"):
            asks = text.lower().startswith(("what ", "why ", "how "))
            if len(words) <= 6 and not lower & (_NOT_HEADING - {"i", "i'd", "i'll"} if asks else _NOT_HEADING):
                piece.kind = "heading"
        elif text[-1] not in ".,;!…)]>\"'" and text[0].isupper() and at and not name_like(text):
            first = follows.text.split(" ", 1)[0]
            titled = (
                text[-1] == "?"
                or not (lower & {"i", "we", "i'm", "i've"})
                or text.lower().startswith(("what ", "why ", "how "))
            )
            if titled and len(words) <= 8 and not first[:1].islower():
                piece.kind = "heading"


_CLOSING = re.compile(
    r"^(?:(?:many |kind |kindest |best |warm |warmest |with |very |my |all |yours |respectfully|in |and |with kind |"
    r"lots of )*"
    r"(?:regards|wishes|thanks|thank you|thx|cheers|sincerely|faithfully|truly|respectfully|best|love|greetings|yours|"
    r"gracias|saludos|merci|cordialement|gruß|grüße|grüßen|viele grüße|obrigado|abraços|danke|peace|warmly|"
    r"looking forward|respect|ciao|bye|signed|vy 73|73|br|rgds|atb|namaste))\b",
    re.IGNORECASE,
)


def _is_closing(line: str) -> bool:
    words = line.split()
    return 0 < len(words) <= 12 and bool(_CLOSING.match(line)) and not re.search(r"\bI\b|[.!?]\s+\w", line)


_NAME_WORD = re.compile(r"^[^\W\d_][\w.'’\-]*$")
_NOT_NAME = {
    "thanks", "thank", "regards", "cheers", "sincerely", "best", "the", "i", "my", "our", "your", "hello", "hi",
    "dear", "hey", "team", "community", "project", "candidacy", "election", "statement", "about", "background",
    "summary", "goals", "vision", "experience", "platform", "introduction", "biography", "contact", "why", "what",
    "how", "who", "and", "for", "of", "in", "to", "please", "vote", "nomination", "conclusion", "priorities",
    "contributions", "foundation", "committee", "developer", "engineer", "open", "source", "software", "bio",
    "index.html", "home", "index", "campaign", "candidate", "board", "sigs", "all", "me",
}  # fmt: skip
_PARTICLES = {
    "de",
    "da",
    "di",
    "van",
    "von",
    "der",
    "den",
    "del",
    "la",
    "le",
    "el",
    "bin",
    "ibn",
    "al",
    "dos",
    "du",
    "ter",
    "y",
    "e",
}


def name_like(text: str) -> bool:
    """Whether a line could be a person's name, with a nickname or address in brackets allowed after it."""
    text = _strip_nick(text)
    words = text.split()
    if not 1 <= len(words) <= 5 or len(text) > 50:
        return False
    for word in words:
        bare = word.strip("\"'“”‘’(),")
        if bare.lower() in _PARTICLES:
            continue
        if not bare or bare.lower().rstrip(".") in _NOT_NAME or not _NAME_WORD.match(bare):
            return False
        if bare[0].islower() and bare[0].isascii() and word[0] not in "\"'“‘":
            return False
    return any(len(word.strip(".")) > 1 for word in words)


_NICK = re.compile(
    r"\s*(?:[(\[<{|/].{0,60}|\S{1,60}@\S{1,60}|@\S{1,40}|\b(?:irc|aka|a\.k\.a\.)\b.{0,40})$", re.IGNORECASE
)


def _strip_nick(text: str) -> str:
    text = re.sub(r"^[\s~*_–—-]+", "", text[:120]).strip()
    return _NICK.sub("", text, count=1).strip(" ,.;-–—~")


def _mark_signature(pieces: list[_Piece]) -> str | None:
    """Mark the closing and the lines under it, at most eight, at the end; return the name they hold."""
    end = len(pieces)
    while end and _under_signature(pieces[end - 1]):
        end -= 1
    start = None
    for at in range(end - 1, max(-1, end - 8), -1):
        piece = pieces[at]
        if piece.kind in ("paragraph", "heading", "item") and _is_closing(piece.text):
            start = at
            continue
        short = len(piece.text) <= 70 and len(piece.text.split()) <= 8
        if not (short and (piece.kind == "field" or (piece.text[-1] not in "?!:" and not _sentence(piece.text)))):
            break
    lone = False
    if start is None:
        last = pieces[end - 1] if end else None
        # A name alone in the last line, often after a dash, is a signature without a closing.
        if last is None or end < 2 or last.kind not in ("paragraph", "item") or not name_like(last.text):
            return None
        if last.kind == "item" and pieces[end - 2].kind == "item":
            return None
        start, lone = end - 1, True
    name: str | None = None
    for at in range(start, end):
        piece = pieces[at]
        if piece.kind == "field":
            continue
        piece.kind = "signature"
        if name is None:
            # "Best regards, Ann Bee" in one line.
            closing = not lone and _is_closing(piece.text)
            candidate = _strip_nick(piece.text.partition(",")[2] if closing else piece.text)
            if name_like(candidate):
                name = candidate
    return name


def _under_signature(piece: _Piece) -> bool:
    """Whether a piece is what people put under their names: references, accounts, links, an address."""
    if piece.kind == "field":
        return piece.label is not None and piece.label.casefold() not in ("name", "full name", "candidate")
    if piece.kind == "item":
        return bool(_REFERENCE.match(piece.text)) or "://" in piece.text or bool(_ACCOUNT.match(piece.text))
    return piece.kind in ("paragraph", "signature") and bool(_ALONE.fullmatch(piece.text))


# A link or address with nothing else, and an account of which the site is named.
_ALONE = re.compile(r"(?:<?https?://\S+|\S+@\S+\.\S+)(?:\s+<?https?://\S+)*")
_ACCOUNT = re.compile(
    r"(?:irc|github|twitter|slack|launchpad|freenode|oftc|mastodon|matrix)\b.{0,20}:\s*\S+$", re.IGNORECASE
)


def _sentence(text: str) -> bool:
    return text.endswith(".") and len(text.split()) > 4


# --- Markdown -----------------------------------------------------------------------------------------


def _markdown(lines: Sequence[str]) -> list[_Piece]:
    from markdown_it import MarkdownIt

    source: list[str] = []
    for line in lines:
        if line.startswith(_QUESTION):
            # A fence keeps the question whole whatever it holds; the info string tells it from code.
            source += ["", "~~~~~~ question", line[1:], "~~~~~~", ""]
        elif (atx := _ATX.match(line)) and atx.end() == atx.end(1) and _is_atx(line, atx):
            source += ["", line[: atx.end()] + " " + line[atx.end() :]]
        else:
            source.append(line)
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"]).disable("text_join")
    tokens = parser.parse("\n".join(source))
    width = _width(lines)
    pieces: list[_Piece] = []
    lists = 0
    fresh = False  # at the start of an item, whose first line carries the bullet
    heading = ""
    row: list[str] | None = None
    rows: list[list[str]] = []
    for token in tokens:
        if token.type in ("bullet_list_open", "ordered_list_open"):
            lists += 1
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            lists -= 1
        elif token.type == "list_item_open":
            fresh = True
        elif token.type == "heading_open":
            heading = token.markup
        elif token.type == "heading_close":
            heading = ""
        elif token.type == "tr_open":
            row = []
        elif token.type == "tr_close" and row is not None:
            rows.append(row)
            row = None
        elif token.type == "table_close":
            pieces += _rows(rows)
            rows = []
        elif token.type == "fence" and token.info.strip() == "question":
            pieces.append(_Piece("question", _squeeze(token.content)))
        elif token.type in ("fence", "code_block"):
            pieces += _plain(token.content.split("\n"))
        elif token.type == "html_block":
            pieces += _plain(_html_text(token.content).split("\n"))
        elif token.type == "inline":
            text, strong = _inline(token.children or [])
            if row is not None:
                row.append(_squeeze(text))
                continue
            inner = [line for line in text.split("\n") if line.strip()]
            if not inner:
                continue
            if heading and (heading.startswith("#") or (len(inner) == 1 and len(inner[0].split()) <= 14)):
                pieces.append(_Piece("heading", _squeeze(text)))
            elif lists and fresh:
                fresh = False
                under = bool(pieces) and pieces[-1].kind == "item"
                pieces += _paragraph(inner, width, kind="item", under=under, markdown=True)
            elif strong and len(inner) == 1 and len(text.split()) <= 12 and not _field(text, known_only=True):
                pieces.append(_Piece("heading", _squeeze(text)))
            else:
                pieces += _markdown_lines(inner, width, pieces)
    _mark_headings(pieces)
    return pieces


def _markdown_lines(lines: Sequence[str], width: int, before: Sequence[_Piece]) -> list[_Piece]:
    """Read the lines of a Markdown paragraph; typed bullets that Markdown does not know make it a list."""
    if any((m := _ITEM.match(line[:200])) and (m.group(5) or (m.group(2) or "") in "•◦▪●○■‣∙·⁃➢✓✔") for line in lines):
        return _chunk(lines, width, before)
    return _paragraph(lines, width, markdown=True)


# Signs that make another word of the one they touch. Where markup parts them in the source ("C\+\+", "**20**+") they
# stay apart, so that the words of the text are those of the source.
_OF_A_WORD = ("+", "#")


def _inline(children: Sequence[object]) -> tuple[str, bool]:
    """Return the text of inline tokens, and whether all of it is strong."""
    out: list[str] = []
    strong = 0
    plain = False
    for child in children:
        kind, content = child.type, child.content  # type: ignore[attr-defined]
        if kind in ("text", "code_inline", "text_special"):
            if content[:1] in _OF_A_WORD and out and out[-1][-1:].isalnum():
                out.append(" ")
            out.append(content)
            plain = plain or (not strong and bool(content.strip(" :")))
        elif kind in ("softbreak", "hardbreak"):
            out.append("\n")
        elif kind == "strong_open":
            strong += 1
        elif kind == "strong_close":
            strong -= 1
        elif kind == "html_inline" and re.match(r"<br\b", content, re.IGNORECASE):
            out.append("\n")
        elif kind == "link_open" and out and out[-1][-1:].isalnum():
            out.append(" ")  # which "an[ambassador](…)" lacks, and without which it names nothing
    text = "".join(out)
    return text, not plain and bool(text.strip())


# Not a parser's work: Python's own takes quadratic time over broken tags, and refuses some of them.
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)(?:[\s/][^<>]*)?>", re.IGNORECASE)
_BREAK_AT = dict.fromkeys(("p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol"), "\n\n")
_BREAK_BEFORE = _BREAK_AT | {"br": "\n", "tr": "\n", "li": "\n- "}
_BREAK_AFTER = _BREAK_AT | {"td": " ", "th": " "}


def _html_text(source: str) -> str:
    """Return the text of an HTML block: a line for each block element, comments and pictures gone."""
    for opening, closing in (("<!--", "-->"), ("<script", "</script>"), ("<style", "</style>")):
        source = _without(source, opening, closing)
    return html.unescape(
        _TAG.sub(lambda tag: (_BREAK_AFTER if tag[1] else _BREAK_BEFORE).get(tag[2].lower(), ""), source)
    )


def _without(source: str, opening: str, closing: str) -> str:
    out: list[str] = []
    at = 0
    while (start := source.find(opening, at)) >= 0:
        out.append(source[at:start])
        end = source.find(closing, start)
        at = end + len(closing) if end >= 0 else len(source)
    return "".join([*out, source[at:]])


# --- writing out --------------------------------------------------------------------------------------


def _assemble(
    pieces: Sequence[_Piece], hidden: Sequence[LabelledField], removed: Counter[str], name: str | None, kept: int
) -> CleanText:
    parts: list[str] = []
    blocks: list[Block] = []
    fields: list[LabelledField] = []
    size = 0
    previous: _Piece | None = None
    for piece in pieces:
        text = _squeeze(piece.text.replace(_QUESTION, ""))
        if not text:
            continue
        if previous is not None:
            directly = piece.under and piece.kind == previous.kind and piece.kind != "heading"
            gap = "\n" if directly or (piece.kind == previous.kind == "signature") else "\n\n"
            parts.append(gap)
            size += len(gap)
        blocks.append(Block(kind=piece.kind, start=size, end=size + len(text)))
        if piece.label is not None and piece.value is not None:
            value = _squeeze(piece.value)
            start = size + len(text) - len(value)
            fields.append(LabelledField(piece.label, value, start, start + len(value)))
        elif (
            piece.kind == "paragraph"
            and previous is not None
            and previous.kind == "heading"
            and previous.text.rstrip(":? ").lower() in KNOWN_LABELS
            and len(text.split()) <= 8
        ):
            fields.append(LabelledField(previous.text.rstrip(":? "), text, size, size + len(text)))
        parts.append(text)
        size += len(text)
        previous = piece
    return CleanText("".join(parts), tuple(blocks), (*fields, *hidden), dict(removed), name, kept)
