"""Pages of list archives, saved as text and as HTML: the message, without what stands around it."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest

from analyzer.errors import SourceError
from analyzer.sources import read
from analyzer.sources.message import Message

BODY = "Hello,\n\nI stand for the steering group of Quill.\n\nFrom now on, docs first.\n\nPriya\n-- \nQuill is ink"


def page(text: str | bytes) -> Message:
    data = text.encode() if isinstance(text, str) else text
    [one] = read(["-"], stdin=io.BytesIO(data))
    assert isinstance(one, Message)
    return one


def check(message: Message) -> None:
    assert (message.format, message.body_format, message.named) == ("archive-page", "plain", False)
    assert message.subject == "[quill-dev] Candidacy for the steering group"
    assert (message.sender_name, message.sender_address) == ("Priya Raman", "priya@quill.example")
    assert message.date == datetime(2023, 9, 1, 12, 30, 5, tzinfo=UTC)
    assert message.list_name == "quill-dev"
    assert message.body == BODY


def test_a_page_copied_as_text() -> None:
    check(
        page(
            "[quill-dev] Candidacy for the steering group\n\nPriya Raman priya at quill.example\n"
            f"Fri Sep  1 12:30:05 UTC 2023\n\n\n{BODY}\n\n\n\nMore information about the quill-dev mailing list\n"
        )
    )


def test_a_page_saved_by_a_text_browser_with_its_links() -> None:
    links = (
        "     * Previous message: [1][quill-dev] Release\n     * Next message: [2][quill-dev] Vote\n"
        "     * Messages sorted by: [3][ date ] [4][ thread ] [5][ subject ] [6][ author ]\n"
        "     __________________________________________________________________\n"
    )
    check(
        page(
            "                  [quill-dev] Candidacy for the steering group\n\n"
            f"   Priya Raman [7]priya at quill.example\n   Fri Sep 1 14:30:05 CEST 2023\n{links}\n{BODY}\n\n"
            f"     __________________________________________________________________\n{links}\n"
            "   [8]More information about the Quill-dev mailing list\n"
        )
    )


def test_a_long_title_may_take_two_lines_and_the_footer_may_be_missing() -> None:
    check(
        page(
            "[quill-dev] Candidacy for the\n steering group\n\nPriya Raman <priya@quill.example>\n"
            f"Fri Sep  1 12:30:05 2023\n\n{BODY}\n"
        )
    )


@pytest.mark.parametrize(
    "text",
    [
        "My candidacy\n\nPriya Raman priya at quill.example\n\nI stand since Fri Sep 1 2023.\n",
        "My candidacy\nFri Sep  1 12:30:05 2023\n\nI stand.\n",
        "Meeting\nPriya and all at quill.example house\nFri Sep  1 99:30:05 2023\n\nI stand.\n",
    ],
)
def test_a_statement_that_begins_somewhat_alike_is_text(text: str) -> None:
    assert page(text).format == "text"


PIPERMAIL = """<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 3.2//EN">
<HTML>
 <HEAD>
   <TITLE> [Quill-dev] Candidacy
   </TITLE>
   <LINK REL="made" HREF="mailto:quill-dev%40lists.quill.example?Subject={subject}&In-Reply-To={reply}">
   <META http-equiv="Content-Type" content="text/html; charset=us-ascii">
 </HEAD>
 <BODY BGCOLOR="#ffffff">
   <H1>[Quill-dev] Candidacy</H1>
    <B>&#1055;&#1088;&#1080;&#1103; Raman</B>
    <A HREF="mailto:quill-dev%40lists.quill.example?Subject={subject}&In-Reply-To={reply}"
       TITLE="[Quill-dev] Candidacy">priya at quill.example
       </A><BR>
    <I>Fri Sep  1 08:30:05 EDT 2023</I>
    <P><UL>
        <LI>Previous message: <A HREF="000001.html">[Quill-dev] Release
</A></li>
    </UL>
    <HR>
<!--beginarticle-->
<PRE>I stand for the <A HREF="https://quill.example">https://quill.example</A> group, x &lt; y.

On Thu, Bo &lt;<A HREF="https://lists.quill.example/x">bo at quill.example</A>&gt; wrote:
&gt;<i> Who stands?
</I>&gt;<i>
</I>Me.
</PRE>

<!--endarticle-->
    <HR>
    <P><UL>
        <!--threads-->
	<LI>Next message: <A HREF="000003.html">[Quill-dev] Vote
</A></li>
       </UL>
<hr>
<a href="https://lists.quill.example/listinfo/quill-dev">{about}</a><br>
</body></html>
"""
ABOUT = "More information about the Quill-dev\nmailing list"


def pipermail(**values: str) -> Message:
    filled = {
        "subject": "Re%3A%20%5BQuill-dev%5D%20Candidacy",
        "reply": "%3C42%40quill.example%3E",
        "about": ABOUT,
    } | values
    return page(PIPERMAIL.format(**filled))


def test_pipermail_s_page_is_its_message() -> None:
    message = pipermail()
    assert (message.format, message.body_format, message.named) == ("archive-html", "plain", False)
    assert message.subject == "[Quill-dev] Candidacy"
    assert (message.sender_name, message.sender_address) == ("Прия Raman", "priya@quill.example")
    assert message.date == datetime(2023, 9, 1, 12, 30, 5, tzinfo=UTC)
    assert message.list_name == "quill-dev"
    assert message.body.split("\n") == [
        "I stand for the https://quill.example group, x < y.",
        "",
        "On Thu, Bo <bo at quill.example> wrote:",
        "> Who stands?",
        ">",
        "Me.",
    ]


def test_pipermail_s_reply_link_tells_the_id_or_in_old_archives_the_parent() -> None:
    new = pipermail()
    assert (new.message_id, new.in_reply_to) == ("42@quill.example", None)
    old = pipermail(subject="%5BQuill-dev%5D%20Candidacy", reply="41%40quill.example")
    assert (old.message_id, old.in_reply_to) == (None, "41@quill.example")


def test_in_other_languages_the_list_is_known_by_the_page_s_links() -> None:
    assert pipermail(about="Mehr Informationen über die Mailingliste").list_name == "quill-dev"


def test_a_torn_page_is_read_as_far_as_it_goes() -> None:
    torn = PIPERMAIL.format(subject="x", reply="y", about="").partition("Me.")[0]
    assert page(torn).body.startswith("I stand for")


KITTY = """<!DOCTYPE HTML>
<html><head><title>Candidacy - Quill-dev - lists.quill.example</title>
<link rel="stylesheet" href="/static/hyperkitty/css/x.css"></head><body>
<a href="/archives/list/quill-dev@lists.quill.example/">quill-dev</a>
<h3>Candidacy</h3>
{mails}
</body></html>"""
KITTY_MAIL = """<div class="email email-first">
 <div id="X" class="email-header"><div class="email-author">
  <span class="name"><a href="/u/1">Priya Raman</a></span></div>
  <div class="email-date right"><span class="date">Friday, 1 September 2023</span>
   <div class="time"><span title="Sender's time: {local}">{clock}</span></div></div></div>
 <div class="email-body">{body}</div>
 <div class="email-info"><a class="reply reply-mailto"
  href="mailto:quill-dev@lists.quill.example?Subject=Re%3A%20Candidacy&amp;In-Reply-To=&lt;{id}&gt;">Reply</a></div>
</div>"""


def kitty(
    body: str,
    id: str = "42%40quill.example",
    local: str = "Sept. 1, 2023, 2:30 p.m.",
    clock: str = "12:30 p.m.",
) -> str:
    return KITTY_MAIL.format(body=body, id=id, local=local, clock=clock)


def test_hyperkitty_s_page_is_its_message() -> None:
    message = page(KITTY.format(mails=kitty("\nI stand.\n\nFor all.\n")))
    assert (message.format, message.subject, message.sender_name) == (
        "archive-html",
        "Candidacy",
        "Priya Raman",
    )
    assert (message.message_id, message.list_name) == ("42@quill.example", "quill-dev")
    assert (message.body, message.body_format, message.index) == ("I stand.\n\nFor all.", "plain", None)


@pytest.mark.parametrize(
    ("local", "clock", "expected"),
    [
        ("Sept. 1, 2023, 2:30 p.m.", "12:30 p.m.", datetime(2023, 9, 1, 12, 30, tzinfo=UTC)),
        ("Sept. 1, 2023, 9 p.m.", "4 a.m.", datetime(2023, 9, 2, 4, 0, tzinfo=UTC)),
        ("Sept. 2, 2023, midnight", "10:00 p.m.", datetime(2023, 9, 1, 22, 0, tzinfo=UTC)),
        ("Sept. 1, 2023, noon", "12:00", datetime(2023, 9, 1, 12, 0, tzinfo=UTC)),
    ],
)
def test_hyperkitty_s_date_is_the_server_s_clock_on_the_sender_s_day(
    local: str, clock: str, expected: datetime
) -> None:
    assert page(KITTY.format(mails=kitty("I stand.", local=local, clock=clock))).date == expected


def test_hyperkitty_s_quotes_stay_quotes() -> None:
    switch = '<div class="quoted-switch"><a href="#">...</a></div>'
    quoted = f'{switch}<div class="quoted-text">Who stands?\n&gt; Anybody?</div>'
    message = page(KITTY.format(mails=kitty(f"{quoted}I do.")))
    assert message.body == "> Who stands?\n> Anybody?\nI do."
    rendered = page(KITTY.format(mails=kitty("<p>I stand.</p><blockquote><p>Who stands?</p></blockquote>")))
    assert (rendered.body, rendered.body_format) == ("I stand.\n\n> Who stands?", "markdown")


def test_a_thread_s_page_is_all_its_messages() -> None:
    text = KITTY.format(mails=kitty("I stand.") + kitty("Good luck!", id="43%40quill.example"))
    found = [item for item in read(["-"], stdin=io.BytesIO(text.encode())) if isinstance(item, Message)]
    assert [(m.index, m.message_id, m.body) for m in found] == [
        (0, "42@quill.example", "I stand."),
        (1, "43@quill.example", "Good luck!"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "<html><head><title>The Quill-dev September 2023 Archive by thread</title></head><body>...</body></html>",
        "<html><head><title>The Quill-dev Archives</title></head><body>...</body></html>",
        "<html><head><title>Quill-dev Info Page</title></head><body>...</body></html>",
        "<html><head><title>Index of /pipermail/quill-dev</title></head><body>...</body></html>",
        KITTY.format(mails="<a href='/archives/thread/X'>Candidacy</a>"),
    ],
)
def test_an_index_is_no_message(text: str) -> None:
    with pytest.raises(SourceError, match="index of an archive"):
        read(["-"], stdin=io.BytesIO(text.encode()))


def test_a_page_that_only_mentions_archives_is_an_ordinary_page() -> None:
    text = "<html><title>On hyperkitty</title><body><p>The Quill-dev Archives use hyperkitty.</p></body></html>"
    assert page(text).format == "html"
