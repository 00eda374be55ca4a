"""MHonArc's pages: a message as HTML, its fields in comments above, for the program's own use.

References
----------
MHonArc's resource PRINTXCOMMENTS (the comments), and its way of hiding addresses (ROT13 with two letters more).
"""

from __future__ import annotations

import hashlib
import html as entities
import re

from analyzer.sources import charsets, headers, markup
from analyzer.sources.addresses import addresses, mailbox
from analyzer.sources.dates import parse_date
from analyzer.sources.message import BodyFormat, Message
from analyzer.sources.opening import Item, Opened, index_page
from analyzer.sources.webpage import declared_charset

_PROGRAM = re.compile(rb"<!--\s*MHonArc v\d|<!--X-Subject: |<!--X-Body-of-Message-->|<!--X-TopPNI-->")
_FIELD = re.compile(r"<!--X-(Subject|From-R13|From|Date|Message-Id|Reference): (.{0,2000}?) ?-->", re.IGNORECASE)
_BODY = re.compile(r"<!--X-Body-of-Message-->")
_BODY_END = re.compile(r"<!--X-(?:Body-of-Message-End|MsgBody-End|Follow-Ups|References|BotPNI|User-Footer)-->")
_SHOWN = re.compile(r"<!--X-Head-of-Message-->(.{0,20000}?)<!--X-Head-of-Message-End-->", re.DOTALL)
_LABEL = re.compile(
    r"^[ \t]*(From|Date|Subject|To|Cc|Message-id|In-reply-to)[ \t]*:[ \t]*(.{1,2000})$", re.IGNORECASE | re.MULTILINE
)
# Its own inverse: "@" and "[" are two more capitals.
_ROT13 = str.maketrans(
    "@ABCDEFGHIJKLMNOPQRSTUVWXYZ[abcdefghijklmnopqrstuvwxyz", "NOPQRSTUVWXYZ[@ABCDEFGHIJKLMnopqrstuvwxyzabcdefghijklm"
)


def recognise(opened: Opened) -> bool:
    """Return whether a file is a page that MHonArc made, a message's or an index."""
    return _PROGRAM.search(opened.head) is not None and b"<" in opened.head[:200]


def refuse_index(opened: Opened) -> None:
    """Raise the `Refusal` of an index page as soon as its head is known."""
    if opened.complete and b"<!--X-Body-of-Message-->" not in opened.head:
        raise index_page()


def messages(opened: Opened) -> list[Item]:
    """Read the message of a page.

    Raises
    ------
    Refusal : ``index-page``, it only lists messages.
    """
    data, place = opened.whole(), opened.place
    html, defect = charsets.decode(data, declared_charset(data))
    begin = _BODY.search(html)
    if begin is None:
        raise index_page()
    end = _BODY_END.search(html, begin.end())
    body = markup.parse(html[begin.end() : end.start() if end else len(html)])
    for rule in body.find_all("hr"):
        rule.extract()
    kind: BodyFormat = "markdown"
    pre = body.find("pre")
    if pre is not None and len(pre.get_text()) > 0.9 * len(body.get_text().strip()):
        text, kind = body.get_text(), "plain"
    else:
        text = markup.to_markdown(body)
    if not text.strip():
        return [place.skip("no-text", "archive page without a message")]
    fields, references = _fields(html[: begin.start()])
    name, sender = mailbox(fields.get("from", ""))
    date = parse_date(fields.get("date", ""))
    replied = fields.get("in-reply-to")
    to = addresses(", ".join(fields[key] for key in ("to", "cc") if key in fields))
    subject = headers.text_of(fields.get("subject", ""))[0] or None
    defects = [code for code in (defect, None if date else "missing-date") if code]
    return [
        Message(
            path=place.path,
            folder=place.folder,
            member=place.member,
            format="archive-html",
            body=text.strip("\n"),
            body_format=kind,
            sha256=hashlib.sha256(data).hexdigest(),
            subject=subject,
            sender_name=headers.text_of(name or "")[0] or None,
            sender_address=sender,
            date=date,
            message_id=headers.message_id(fields.get("message-id", "")),
            in_reply_to=headers.message_id(replied) if replied else (references[-1] if references else None),
            references=references,
            list_name=headers.list_name(subject=subject, recipients=to),
            to=to,
            defects=tuple(defects),
        )
    ]


def _fields(head: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the fields of a message by their names in lower case, and the ids it refers to, oldest first.

    Comments win over what the page shows, where addresses may be hidden in another way.
    """
    fields: dict[str, str] = {}
    references: dict[str, None] = {}
    if shown := _SHOWN.search(head):
        text = markup.parse(shown[1].replace("</li", "\n</li").replace("</LI", "\n</LI")).get_text()
        for match in _LABEL.finditer(text):
            fields.setdefault(match[1].lower(), match[2].strip())
    for match in _FIELD.finditer(head):
        label, value = match[1].lower(), entities.unescape(match[2]).strip()
        if label == "reference":
            references.setdefault(value.strip("<>"))
        elif label == "from-r13":
            fields["from"] = value.translate(_ROT13)
        elif value:
            fields[label] = value
    return fields, tuple(references)
