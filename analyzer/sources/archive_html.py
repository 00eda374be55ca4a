"""Pages of list archives in HTML: pipermail's and HyperKitty's, the message without what stands around it."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import unquote

from analyzer.sources import charsets, headers, markup
from analyzer.sources.addresses import mailbox
from analyzer.sources.dates import parse_date
from analyzer.sources.message import BodyFormat, Message
from analyzer.sources.opening import Item, Opened, Place, index_page
from analyzer.sources.webpage import declared_charset, is_html

if TYPE_CHECKING:
    from bs4 import Tag

_BEGIN = re.compile(r"<!--\s*beginarticle\s*-->", re.IGNORECASE)
_END = re.compile(r"<!--\s*endarticle\s*-->|<!--\s*threads\s*-->", re.IGNORECASE)
_HYPERKITTY = re.compile(r"(?:href|src)=[\"'][^\"'<>]{0,300}\bhyperkitty\b", re.IGNORECASE)
_KITTY_MESSAGE = re.compile(r"class=[\"'][^\"']{0,100}\bemail-body\b")
_INDEX = re.compile(
    rb"<title>\s*(?:the\s[^<]{1,200}?\sarchives?(?:\s+by\s+(?:thread|subject|author|date))?|[^<]{1,200}\sinfo page|"
    rb"index of /[^<]{0,300})\s*</title>",
    re.IGNORECASE,
)
# Pipermail's own marks on an index by thread, whatever its language, and on one by date, author or subject.
_INDEX_MARK = re.compile(
    rb'<!--\d{1,3} [\d.]+[-/][^<>\n]{0,300}- -->|<LI><A HREF="\d{6,}\.html">[^<]{0,500}</A><A NAME="\d+">'
)
_ABOUT = re.compile(r"more information about the\s+(\S{1,80})\s+mailing\s+list", re.IGNORECASE)
_MAILTO = re.compile(r"^mailto:", re.IGNORECASE)
_REPLY = re.compile(r"[?&]In-Reply-To=([^&]{1,500})", re.IGNORECASE)
_KITTY_LIST = re.compile(r"/list/([\w.+=-]{1,100})(?:@|%40)")
_PLAIN: BodyFormat = "plain"
_MARKDOWN: BodyFormat = "markdown"
_CLOCK = re.compile(r"\b(\d{1,2})(?::(\d\d))?\s*([ap])\.?m\b|\b(\d{1,2}):(\d\d)\b|\b(noon|midnight)\b", re.IGNORECASE)


def recognise(opened: Opened) -> bool:
    """Return whether a file is a page of a list archive, a message's or an index."""
    if not is_html(opened.head):
        return False
    if _INDEX.search(opened.head) or _INDEX_MARK.search(opened.head):
        return True
    text = opened.head.decode("latin-1")
    return bool(_BEGIN.search(text) or _HYPERKITTY.search(text))


def messages(opened: Opened) -> list[Item]:
    """Read the message of a page, or all messages of a thread's page.

    Raises
    ------
    Refusal : ``index-page``, it only lists messages.
    """
    data = opened.whole()
    html, _ = charsets.decode(data, declared_charset(data))
    if _BEGIN.search(html):
        return [_pipermail(html, data, opened.place)]
    if _KITTY_MESSAGE.search(html):
        return _hyperkitty(html, data, opened.place)
    raise index_page()


def refuse_index(opened: Opened) -> None:
    """Raise the `Refusal` of an index page as soon as its head is known."""
    if opened.complete:
        html = opened.head.decode("latin-1")
        if not _BEGIN.search(html) and not _KITTY_MESSAGE.search(html):
            raise index_page()


def _pipermail(html: str, data: bytes, place: Place) -> Item:
    begin = _BEGIN.search(html)
    assert begin is not None
    end = _END.search(html, begin.end())
    page = markup.parse(html[: begin.start()])
    article = markup.parse(html[begin.end() : end.start() if end else len(html)])
    link = page.find("a", href=_MAILTO)
    name, sender = mailbox(f"{markup.line(page.find('b')) or ''} <{markup.line(link) or ''}>")
    # The link to answer by refers to this message, in brackets; in old archives, without them, to the one that
    # this message answers.
    replied = _replied(link)
    own = replied is not None and replied.startswith("<")
    about = _ABOUT.search(markup.line(markup.parse(html[end.end() :])) or "") if end else None
    subject = markup.line(page.find("h1"))
    if article.find("pre"):
        text, kind = article.get_text(), _PLAIN
    else:
        text, kind = markup.to_markdown(article), _MARKDOWN
    return _message(
        place,
        data,
        text,
        kind,
        subject=subject,
        sender=(name, sender),
        date=parse_date(markup.line(page.find("i")) or ""),
        message_id=headers.message_id(replied) if replied and own else None,
        in_reply_to=headers.message_id(replied) if replied and not own else None,
        list_name=about[1].lower() if about else _list_of(link) or headers.list_name(subject=subject),
    )


def _href(link: Tag | None) -> str:
    return str(link.get("href") or "") if link is not None else ""


def _replied(link: Tag | None) -> str | None:
    """Return the id that a link for answering refers to, in brackets if it has any."""
    match = _REPLY.search(_href(link))
    return unquote(match[1]).strip() if match else None


def _list_of(link: Tag | None) -> str | None:
    """Return the name before the @ of the address that a link for answering writes to."""
    target = unquote(_MAILTO.sub("", _href(link)).partition("?")[0])
    return target.partition("@")[0].lower() or None if "@" in target else None


def _hyperkitty(html: str, data: bytes, place: Place) -> list[Item]:
    page = markup.parse(html)
    title = markup.line(page.find("h1")) or markup.line(page.find("h3")) or markup.line(page.find("title"))
    match = _KITTY_LIST.search(html)
    list_name = match[1].lower() if match else None
    mails = page.find_all(class_="email")
    items: list[Item] = []
    for index, mail in enumerate(mails):
        body = mail.find(class_="email-body")
        if body is None:
            continue
        raw = str(mail).encode() if len(mails) > 1 else data
        changed = markup.line(mail.find(class_="subject"))
        replied = _replied(mail.find("a", href=_REPLY))
        text, kind = _kitty_text(body)
        items.append(
            _message(
                place,
                raw,
                text,
                kind,
                index=index if len(mails) > 1 else None,
                subject=changed.removeprefix("New subject: ") if changed else title,
                sender=mailbox(markup.line(mail.find(class_="name")) or ""),
                date=_kitty_date(mail),
                message_id=headers.message_id(replied) if replied else None,
                list_name=list_name,
            )
        )
    return items


def _kitty_text(body: Tag) -> tuple[str, BodyFormat]:
    """Return the text: older versions show it as it was sent, newer ones as HTML."""
    for switch in body.find_all(class_="quoted-switch"):
        switch.extract()
    if body.find(["p", "blockquote", "li", "br"]):
        return markup.to_markdown(body), _MARKDOWN
    for quote in body.find_all(class_="quoted-text"):
        lines = quote.get_text().strip("\n").split("\n")
        quote.replace_with("\n".join(line if line.lstrip().startswith(">") else f"> {line}" for line in lines) + "\n")
    return body.get_text(), _PLAIN


def _kitty_date(mail: Tag) -> datetime | None:
    """Return the date. The page tells the sender's own date and clock without the zone, and the server's clock
    (UTC as a rule): the moment is where the server's clock is nearest to the sender's date."""
    span = mail.find(title=re.compile("time:", re.IGNORECASE))
    if span is None:
        return None
    title = str(span["title"]).partition(":")[2].replace("noon", "12:00").replace("midnight", "00:00")
    local = parse_date(title.replace(".m.", "m"))
    clock = _CLOCK.search(markup.line(span) or "")
    if local is None or clock is None:
        return local
    hour, minute = _hour(clock)
    if hour > 23 or minute > 59:
        return local
    days = (local.replace(hour=hour, minute=minute, second=0) + timedelta(days=shift) for shift in (-1, 0, 1))
    return min(days, key=lambda moment: abs(moment - local))


def _hour(clock: re.Match[str]) -> tuple[int, int]:
    if clock[6]:
        return (12 if clock[6].lower() == "noon" else 0), 0
    if clock[4]:
        return int(clock[4]), int(clock[5])
    return int(clock[1]) % 12 + (12 if clock[3].lower() == "p" else 0), int(clock[2] or 0)


def _message(
    place: Place,
    data: bytes,
    text: str,
    kind: BodyFormat,
    *,
    subject: str | None,
    sender: tuple[str | None, str | None],
    date: datetime | None,
    message_id: str | None,
    list_name: str | None,
    in_reply_to: str | None = None,
    index: int | None = None,
) -> Item:
    if not text.strip():
        return place.skip("no-text", "archive page without a message", index)
    return Message(
        path=place.path,
        folder=place.folder,
        member=place.member,
        index=index,
        format="archive-html",
        body=text.strip("\n"),
        body_format=kind,
        sha256=hashlib.sha256(data).hexdigest(),
        subject=subject,
        sender_name=sender[0],
        sender_address=sender[1],
        date=date,
        message_id=message_id,
        in_reply_to=in_reply_to,
        list_name=list_name,
        defects=() if date else ("missing-date",),
    )
