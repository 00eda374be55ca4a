"""From messages to statements: one at a time, each once, what is left out with the reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.records import Skipped
from analyzer.sources import read
from analyzer.sources.message import Message
from analyzer.statements import Statement, from_messages
from analyzer.statements.duplicates import Kept, Known, noted
from analyzer.statements.language import language

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
TEXT = (
    "I would like to announce my candidacy for the council of Orrery. I have kept the build farm\n"
    "running since 2019, and I would like its reports to be read by those who break things.\n\nLine Aas\n"
)


def mail(number: int = 1, body: str = TEXT, **parts: Any) -> Message:
    settings: dict[str, Any] = {
        "subject": "council candidacy",
        "sender_name": "Line Aas",
        "sender_address": "line@example.org",
        "message_id": f"<{number}@example.org>",
        "date": datetime(2025, 3, 1, tzinfo=UTC) + timedelta(days=number),
        "list_name": "orrery-dev",
    }
    return Message(path="a.mbox", format="mbox", index=number, body=body, sha256="0" * 64, **(settings | parts))


def file(path: str, body: str = TEXT, **parts: Any) -> Message:
    return Message(path=path, format="text", body=body, sha256="0" * 64, **({"folder": "orrery-election"} | parts))


def both(messages: list[Message | Skipped], **options: Any) -> tuple[list[Statement], list[Skipped]]:
    items = list(from_messages(messages, **options))
    kept = [item for item in items if isinstance(item, Statement)]
    return kept, [item for item in items if isinstance(item, Skipped)]


class TestStatement:
    def test_holds_what_the_message_says(self) -> None:
        (statement,), skipped = both([mail()])
        assert skipped == []
        assert statement.text.startswith("I would like to announce my candidacy")
        assert (statement.source.path, statement.source.index, statement.source.list) == ("a.mbox", 1, "orrery-dev")
        assert statement.submitted == "2025-03-02T00:00:00Z"
        assert statement.language == "en"
        assert statement.decision.label == "candidacy"
        assert statement.name is not None and statement.name.value == "Line Aas"
        assert statement.warnings == ()

    @pytest.mark.parametrize(
        ("date", "submitted"),
        [
            (datetime(2022, 3, 11, 15, 41, 53, tzinfo=timezone(timedelta(hours=8))), "2022-03-11T07:41:53Z"),
            (datetime(2022, 3, 11, 15, 41, 53, 999), "2022-03-11T15:41:53Z"),
            (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=8))), None),
            (None, None),
        ],
    )
    def test_the_date_is_in_utc(self, date: datetime | None, submitted: str | None) -> None:
        (statement,), _ = both([mail(date=date)])
        assert statement.submitted == submitted

    def test_a_field_tells_the_date_of_a_file(self) -> None:
        (statement,), _ = both([file("ole.txt", f"Name: Line Aas\nDate: 2025-10-06\n\n{TEXT}")])
        assert statement.submitted == "2025-10-06"

    @pytest.mark.parametrize("said", ["2025-02-31", "2025-13-01", "in October"])
    def test_a_day_that_no_calendar_has_is_none(self, said: str) -> None:
        (statement,), _ = both([file("ole.txt", f"Name: Line Aas\nDate: {said}\n\n{TEXT}")])
        assert statement.submitted is None

    def test_what_had_to_be_mended_is_a_warning(self) -> None:
        (statement,), _ = both([mail(defects=("wrong-charset", "odd-thing"))])
        assert [warning.code for warning in statement.warnings] == ["wrong-charset", "odd-thing"]
        assert all(warning.message for warning in statement.warnings)

    def test_another_language_is_kept_and_warned_about(self) -> None:
        body = (
            "Hallo zusammen, ich kandidiere für den Vorstand des Vereins, weil ich die Technik erneuern und "
            "neue Mitglieder gewinnen möchte. Seit vier Jahren betreue ich unsere Server."
        )
        (statement,), _ = both([mail(body=body, subject="Kandidatur")])
        assert statement.language == "de"
        assert [warning.code for warning in statement.warnings] == ["not-english"]

    def test_the_user_says_which_election(self) -> None:
        (statement,), _ = both([mail()], community="Orrery", office="Council", cycle="2025")
        hints = (statement.community, statement.office, statement.cycle)
        assert [(h.value, h.source) for h in hints if h] == [("Orrery", "user"), ("Council", "user"), ("2025", "user")]


class TestId:
    def test_comes_from_message_id_and_text_not_from_where_the_archive_lies(self) -> None:
        (one,), _ = both([mail()])
        (other,), _ = both([replace(mail(), path="b/c.mbox", index=7, sha256="1" * 64)])
        assert one.id == other.id
        assert len(one.id) == 16 and one.id.isalnum() and one.id.islower()

    def test_is_known_once_and_for_all(self) -> None:
        # Changing this changes the id of every statement in every workspace.
        (statement,), _ = both([mail(body="I am running for the council.")])
        assert statement.id == "j4npdfgqyfn4bbjx"

    @pytest.mark.parametrize("change", [{"message_id": "<x@example.org>"}, {"body": TEXT + "\n\nAnd more."}])
    def test_another_message_or_text_has_another(self, change: dict[str, Any]) -> None:
        (one,), _ = both([mail()])
        (other,), _ = both([replace(mail(), **change)])
        assert one.id != other.id

    def test_of_a_file_comes_from_its_path_and_member(self) -> None:
        ids = {
            both([message])[0][0].id
            for message in (file("a.txt"), file("b.txt"), file("a.txt", member="x"), file("a.txt", folder="elsewhere"))
        }
        assert len(ids) == 3


class TestLeftOut:
    def test_what_was_skipped_before_passes(self) -> None:
        skip = Skipped(path="x", code="binary", message="a picture")
        assert both([skip]) == ([], [skip])

    def test_what_is_no_candidacy_names_what_it_is_and_why(self) -> None:
        _, (skip,) = both([mail(body="+1, good luck", subject="Re: council candidacy", in_reply_to="<0@example.org>")])
        assert (skip.path, skip.index, skip.code) == ("a.mbox", 1, "reply")
        assert "supports or thanks somebody else" in skip.message

    def test_mail_without_a_word_of_its_own(self) -> None:
        _, (skip,) = both([mail(body="> " + TEXT.replace("\n", "\n> "))])
        assert skip.code == "no-text"

    def test_everything_is_kept_on_demand_and_the_decision_recorded(self) -> None:
        messages = [mail(1), mail(2, "The farm is down.", subject="farm"), mail(3, "+1", subject="Re: x")]
        kept, skipped = both(list(messages), keep_all=True)
        assert [s.decision.label for s in kept] == ["candidacy", "traffic", "traffic"]
        assert skipped == []

    @pytest.mark.parametrize(("by_mail", "ahead"), [(False, 1), (True, 16)])
    def test_messages_are_taken_one_at_a_time(self, by_mail: bool, ahead: int) -> None:
        # A mail waits for the corrections of two weeks; here one comes every day.
        taken = []

        def source() -> Iterator[Message]:
            for number in range(100):
                taken.append(number)
                body = f"I am running for council number {number}."
                yield mail(number, body) if by_mail else file(f"candidates/2025/{number}.txt", body)

        next(from_messages(source()))
        assert len(taken) == ahead


class TestCopies:
    @pytest.mark.parametrize(
        "copy",
        [
            mail(2),
            mail(1, list_name="orrery-users"),
            mail(2, body=TEXT.replace("\n", " \n").replace("council", "COUNCIL")),
            mail(2, sender_name=None, message_id=None),
            mail(2, sender_address="aas@example.com"),
        ],
    )
    def test_resent_or_posted_to_two_lists_is_one_statement(self, copy: Message) -> None:
        kept, (skip,) = both([mail(1), copy])
        assert len(kept) == 1
        assert skip.code == "duplicate"
        assert "a.mbox, message 1" in skip.message

    @pytest.mark.parametrize(
        "other",
        [
            mail(2, sender_name="Ole Berg", sender_address="ole@example.org", body=TEXT.replace("Line Aas", "")),
            mail(2, date=datetime(2026, 3, 1, tzinfo=UTC)),
            mail(2, subject="Treasurer candidacy"),
        ],
    )
    def test_of_another_person_year_or_office_are_two(self, other: Message) -> None:
        first = mail(1, body=TEXT.replace("Line Aas", ""), subject="Council candidacy")
        kept, _ = both([first, replace(other, body=first.body)])
        assert len(kept) == 2

    def test_the_same_text_in_two_folders_is_two_statements(self) -> None:
        paths = ["candidates/comet/Farm/laas.txt", "candidates/comet/TC/laas.txt", "candidates/dawn/Farm/laas.txt"]
        kept, skipped = both([file(path) for path in paths])
        assert (len(kept), skipped) == (3, [])

    def test_two_files_of_one_person_in_one_contest_are_one(self) -> None:
        kept, (skip,) = both([file("candidates/comet/Farm/laas.txt"), file("candidates/comet/Farm/line@example.org")])
        assert (len(kept), skip.code) == (1, "duplicate")

    def test_two_files_of_a_folder_that_tells_no_contest_may_stand_for_two(self) -> None:
        kept, _ = both([file("texts/1.txt", folder="x"), file("texts/2.txt", folder="x")])
        assert len(kept) == 2

    def test_a_mail_that_names_no_cycle_is_a_copy_in_one_cycle_only(self) -> None:
        body = TEXT + "\nEmail: line@example.org"
        files = [file(f"candidates/{cycle}/Farm/laas.txt", body) for cycle in ("comet", "dawn")]
        kept, skipped = both([mail(1, body, subject="Farm PTL candidacy"), *files])
        assert [s.source.path for s in kept] == ["a.mbox", "candidates/dawn/Farm/laas.txt"]
        assert [s.path for s in skipped] == ["candidates/comet/Farm/laas.txt"]

    def test_on_demand_copies_are_kept_with_a_note_but_never_one_id_twice(self) -> None:
        kept, skipped = both([mail(1), mail(2), mail(1)], keep_all=True)
        assert [[w.code for w in s.warnings] for s in kept] == [[], ["duplicate"]]
        assert [s.code for s in skipped] == ["duplicate"]


WANTED = ("the build", "the handbook", "the test suite", "our site", "the review", "the budget", "mentoring")
LONG = TEXT + "".join(
    f"\nI want {what} to be better than it was, and I will report on it every month of the year.\n" for what in WANTED
)
MENDED = LONG.replace("mentoring", "teaching")


class TestCorrections:
    @pytest.mark.parametrize(
        "again",
        [
            mail(2, MENDED),
            mail(2, MENDED, date=mail(1).date),
            mail(9, MENDED, subject="[corrected] council candidacy"),
            mail(2, MENDED.replace("the budget", "money") + "\nAnd translations!\n", subject="council candidacy (v2)"),
            mail(2, MENDED, sender_address="aas@example.com"),
        ],
    )  # fmt: skip
    def test_a_mail_sent_again_with_changes_takes_the_place_of_the_first(self, again: Message) -> None:
        (kept,), (skip,) = both([mail(1, LONG), again])
        assert kept.text.count("teaching") == 1
        assert [warning.code for warning in kept.warnings] == ["correction"]
        assert (skip.index, skip.code) == (1, "corrected")
        assert f"message {again.index}" in skip.message

    def test_a_correction_may_be_corrected(self) -> None:
        kept, skipped = both([mail(1, LONG), mail(2, MENDED), mail(3, MENDED.replace("our site", "the site"))])
        assert [s.source.index for s in kept] == [3]
        assert [(s.index, s.code) for s in skipped] == [(1, "corrected"), (2, "corrected")]

    @pytest.mark.parametrize(
        "other",
        [
            mail(2, MENDED, subject="Treasurer candidacy"),
            mail(40, MENDED),
            mail(2, MENDED.replace("Line Aas", "Ole Berg"), sender_name="Ole Berg", sender_address="ole@example.org"),
            mail(2, MENDED.replace("month of the year", "month of the Dawn cycle")),
            mail(2, "I am running for the council, and will write more when I have the time to do so."),
        ],
    )
    def test_another_office_time_person_cycle_or_text_is_no_correction(self, other: Message) -> None:
        first = LONG.replace("month of the year", "month of the Comet cycle")
        kept, _ = both([mail(1, first), other])
        assert [w.code for s in kept for w in s.warnings] == [] and len(kept) == 2

    def test_two_files_of_one_folder_do_not_correct_each_other(self) -> None:
        kept, skipped = both([file("candidates/comet/Farm/a.txt", LONG), file("candidates/comet/Farm/b.txt", MENDED)])
        assert (len(kept), skipped) == (2, [])

    def test_on_demand_both_are_kept_and_the_later_says_so(self) -> None:
        kept, _ = both([mail(1, LONG), mail(2, MENDED)], keep_all=True)
        assert [[w.code for w in s.warnings] for s in kept] == [[], ["correction"]]


class Runs:
    """What a workspace holds after runs over some messages: statements and what was left out, by Message-ID."""

    def __init__(self) -> None:
        self.held: dict[str, str] = {}
        self.statements: dict[str, Statement] = {}
        self.skipped: dict[int | None, tuple[str, str]] = {}

    def run(self, messages: list[Message]) -> Runs:
        known = Known(Kept.model_validate_json(record) for record in self.held.values())
        for item in from_messages(messages, known=known):
            if isinstance(item, Statement):
                self.statements[item.id] = item
                self.skipped.pop(item.source.index, None)
            else:
                self.skipped[item.index] = item.code, item.message
        for change in known.changes(self.statements):
            self.held[change.kept.id] = change.kept.model_dump_json()
            if change.kept.by is not None:
                self.statements.pop(change.kept.id, None)
            elif (one := self.statements.get(change.kept.id)) is not None:
                self.statements[one.id] = replace(one, warnings=tuple(noted(one.warnings, change.note)))
            if change.skipped is not None:
                self.skipped[change.skipped.index] = change.skipped.code, change.skipped.message
            if change.kept.by is not None and change.kept.code != "corrected":
                del self.held[change.kept.id]
        return self

    def ends(self) -> tuple[object, ...]:
        return self.statements, self.skipped, self.held


class TestRuns:
    """One run over all is as good as several, in whatever order; a correction may come before what it corrects."""

    @pytest.mark.parametrize("again", [mail(2, MENDED), mail(2, LONG)])
    def test_in_a_later_run_and_in_an_earlier_one(self, again: Message) -> None:
        first = mail(1, LONG)
        whole = Runs().run([first, again]).ends()
        assert len(whole[0]) == 1 and len(whole[1]) == 1  # type: ignore[arg-type]
        assert Runs().run([first]).run([again]).ends() == whole
        assert Runs().run([again]).run([first]).ends() == whole
        assert Runs().run([again, first]).ends() == whole
        assert Runs().run([first]).run([first, again]).run([again]).ends() == whole

    def test_what_has_left_the_window_is_replaced_all_the_same(self) -> None:
        far = mail(30, "I am running for the council.", sender_name="Ole Berg", sender_address="ole@example.org")
        found = Runs().run([mail(1, LONG), far, mail(2, MENDED)])
        assert sorted(one.source.index or 0 for one in found.statements.values()) == [2, 30]
        assert found.skipped[1][0] == "corrected"

    def test_another_version_may_make_another_text_of_the_same_mail(self) -> None:
        # Its text is cleaned otherwise, its place and bytes are the same.
        found = Runs().run([mail(1, LONG)]).run([mail(1, LONG + "A line more.")])
        assert len(found.statements) == len(found.held) == 1 and found.skipped == {}
        assert "A line more" in next(iter(found.statements.values())).text

    def test_a_file_of_a_repository_is_not_left_out_for_the_mail_of_an_earlier_run(self) -> None:
        # It may tell who won.
        found = Runs().run([mail(1, LONG)]).run([file("candidates/2025/laas.txt", LONG)])
        assert len(found.statements) == 2

    @settings(deadline=None)
    @given(st.data())
    def test_in_any_order_and_however_they_are_parted(self, data: st.DataObject) -> None:
        messages: list[Message] = []
        for name, address in (("Line Aas", "line@example.org"), ("Ole Berg", "ole@example.org")):
            text = LONG.replace("Line Aas", name)
            for changed in ["", *data.draw(st.lists(st.sampled_from(WANTED), unique=True, max_size=3))]:
                text = text.replace(changed, "the whole of it") if changed else text
                for _ in range(data.draw(st.integers(1, 2))):
                    number = len(messages)
                    messages.append(mail(number, text, sender_name=name, sender_address=address))
        whole = Runs().run(messages)
        assert len(whole.statements) == 2
        shuffled = data.draw(st.permutations(messages))
        runs = Runs()
        while shuffled:
            size = data.draw(st.integers(1, len(shuffled)))
            runs.run(shuffled[:size])
            shuffled = shuffled[size:]
        assert runs.statements == whole.statements and runs.held == whole.held
        assert {at: code for at, (code, _) in runs.skipped.items()} == {
            at: code for at, (code, _) in whole.skipped.items()
        }


class TestLanguage:
    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("We have kept the build farm running for many years, and nobody noticed when it was renewed.", "en"),
            (
                "Quiero que los informes lleguen a quienes pueden arreglar las cosas y no solo a mí.",
                "es",
            ),
            ("我希望让更多的人参与到社区中来，并且改进我们的测试流程和文档，让新的贡献者更容易开始工作。", "zh"),
            ("I'm in!", None),
            ("https://example.org/a/very/long/path/which/says/nothing/of/a/language/at/all/and/goes/on", None),
            ("", None),
        ],
    )
    def test_of_a_text(self, text: str, code: str | None) -> None:
        assert language(text) == code


PARTS = st.fixed_dictionaries(
    {
        "body": st.one_of(st.just(TEXT), st.text(max_size=200)),
        "subject": st.one_of(st.none(), st.just("council candidacy"), st.text(max_size=40)),
        "sender_name": st.one_of(st.none(), st.text(max_size=20)),
        "message_id": st.one_of(st.none(), st.just("<1@example.org>"), st.text(max_size=20)),
    }
)


class TestLaws:
    @settings(deadline=None)
    @given(st.lists(PARTS, max_size=6), st.booleans())
    def test_every_message_is_accounted_for_and_no_id_is_used_twice(
        self, parts: list[dict[str, Any]], keep_all: bool
    ) -> None:
        messages = [mail(number, **one) for number, one in enumerate(parts)]
        items = list(from_messages(messages, keep_all=keep_all))
        assert [item.index if isinstance(item, Skipped) else item.source.index for item in items] == list(
            range(len(parts))
        )
        ids = [item.id for item in items if isinstance(item, Statement)]
        assert len(ids) == len(set(ids))
        assert list(from_messages(messages, keep_all=keep_all)) == items


@pytest.mark.skipif(not CORPUS.is_dir(), reason="needs ../shared/corpus")
def test_a_repository_of_elections() -> None:
    kept, skipped = both(list(read([CORPUS / "kata-community"])))
    assert len(kept) == 29
    assert {s.office.value for s in kept if s.office} == {"Architecture Committee"}
    assert {s.community.value for s in kept if s.community} == {"kata"}
    assert all(s.cycle and s.cycle.value in s.source.path for s in kept)
    assert all(s.name and s.name.source == "field" for s in kept)
    assert {s.code for s in skipped} == {"document"}
