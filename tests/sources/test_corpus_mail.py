"""Real archives: as many messages as they hold, and the one page whose every part is known."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from analyzer.records import Skipped
from analyzer.sources import read
from analyzer.sources.message import Message

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
MAIL = CORPUS / "mail"
pytestmark = pytest.mark.skipif(not MAIL.is_dir(), reason="needs ../shared/corpus")


@pytest.mark.parametrize(
    ("name", "kind", "count"),
    [
        ("twisted-python/2009-January.txt", "pipermail", 353),
        ("twisted-python/2009-February.txt", "pipermail", 268),
        ("twisted-python/2009-March.txt", "pipermail", 327),
        ("twisted-python/2009-April.txt", "pipermail", 284),
        ("twisted-python/2009-April.txt.gz", "pipermail", 284),
        ("numpy-discussion-2001-November.txt", "pipermail", 164),
        ("imagej-devel/2013-January.txt", "pipermail", 56),
        ("imagej-devel/2014-August.txt", "pipermail", 54),
        ("mbox_complex.mbox", "mbox", 2),
        ("mbox_multipart.mbox", "mbox", 2),
        ("mbox_no_fields.mbox", "pipermail", 6),
        ("mbox_unixfrom_encoding.mbox", "pipermail", 1),
        ("mbox_unknown_encoding.mbox", "mbox", 1),
    ],
)
def test_every_message_of_an_archive_is_accounted_for(name: str, kind: str, count: int) -> None:
    items = list(read([MAIL / name]))
    assert [item.index for item in items] == list(range(count))
    assert {item.format for item in items if isinstance(item, Message)} == {kind}
    assert {item.code for item in items if isinstance(item, Skipped)} <= {"no-text"}


def test_packed_and_unpacked_a_month_is_the_same() -> None:
    plain, packed = (
        [item.sha256 for item in read([MAIL / "twisted-python" / name]) if isinstance(item, Message)]
        for name in ("2009-April.txt", "2009-April.txt.gz")
    )
    assert plain == packed


def test_the_page_saved_as_text() -> None:
    [message] = read([MAIL / "000_803f5371319a3cdb.txt"])
    assert isinstance(message, Message)
    assert (message.format, message.list_name, message.named) == ("archive-page", "kata-dev", False)
    assert (message.sender_name, message.sender_address) == ("Peng Tao", "bergwolf@hyper.sh")
    assert message.date == datetime(2022, 3, 11, 15, 41, 53, tzinfo=UTC)
    assert message.body.startswith("Name: Tao Peng\n")
    assert "More information" not in message.body


def test_pages_of_an_archive_are_messages_and_its_indexes_are_skipped() -> None:
    items = list(read([MAIL / "twisted-web"]))
    pages = [item for item in items if isinstance(item, Message)]
    assert len(pages) == 13
    assert {page.list_name for page in pages} == {"twisted-web"}
    assert all(page.date and page.sender_address and page.subject for page in pages)
    assert not any("Messages sorted by" in page.body for page in pages)
    assert Counter(item.code for item in items if isinstance(item, Skipped)) == {
        "index-page": 9,
        "data-file": 2,
    }


def test_every_file_of_the_corpus_is_read_or_skipped() -> None:
    items = list(read([CORPUS]))
    files = {str(file.relative_to(CORPUS)) for file in CORPUS.rglob("*") if file.is_file()}
    assert {item.path for item in items} == files
    codes = Counter(item.code for item in items if isinstance(item, Skipped))
    assert set(codes) == {"data-file", "empty", "index-page", "no-text"}
    assert codes["empty"] == 2
    data = [item.path for item in items if isinstance(item, Skipped) and item.code == "data-file"]
    assert all(path.endswith((".yaml", ".json", "/index.html")) for path in data)
