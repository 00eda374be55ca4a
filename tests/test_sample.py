"""The sample: an invented project's elections, every message of which `sample_truth.json` knows.

Each mailbox entry of the truth says what a message is (`labels`: the decisions that are right for it, or
``duplicate``); a candidacy's entry also says who stands, for what and when, and has an annotation: spans of
the clean text, copied verbatim.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

import analyzer
from analyzer.directory import Directory, name_key
from analyzer.organizations import canonical
from analyzer.records import Export, Skipped, StatementRecord
from analyzer.sources.message import Message
from analyzer.statements.statement import Statement

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "data" / "sample"
TRUTH: dict[str, list[dict[str, Any]]] = json.loads(
    (ROOT / "tests" / "sample_truth.json").read_text(encoding="utf-8")
)
MAILBOXES = ("tarnfold-dev-2024-09.mbox", "tarnfold-dev-2025-09.mbox")

#: The least F1 of each kind of extraction over the whole sample.
FLOORS = {"roles": 0.7, "affiliations": 0.75, "focus_areas": 0.55}
#: Words that a phrase may have more or fewer.
EMPTY = set(
    re.findall(
        r"\S+",
        "a an the of in on for to and or with by at from our my we i is are be that this it its new more",
    )
)

# Pieces of what is around the statements: footers, signatures, armour, markup, other people's words.
FOREIGN = [
    "mailing list\n",
    "listinfo",
    "____",
    "-----",
    "PGP SIGNED MESSAGE",
    "Hash: SHA512",
    "a letter to somebody you will never meet",
    "Minutes are the memory",
    "on call until Thursday",
    "Nominations are open until",
    "wrote:",
    "track.example.com",
    "font-family",
    "multi-part message",
    "<",
    ">",
    "=\n",
    "&#",
    "**",
    "�",
]

Key = tuple[str, int | str | None]


def truths() -> Iterator[tuple[Key, dict[str, Any]]]:
    for path, entries in TRUTH.items():
        for entry in entries:
            yield (
                ((path, entry["index"]) if path in MAILBOXES else (f"statements/{entry['path']}", None)),
                entry,
            )


EXPECTED = dict(truths())
CANDIDACIES = {key: entry for key, entry in EXPECTED.items() if entry["labels"] == ["candidacy"]}


def parameters(keys: Sequence[Key]) -> Any:
    return pytest.mark.parametrize("key", keys, ids=[f"{path}-{index}" for path, index in keys])


def key_of(item: Message | Statement | Skipped | StatementRecord) -> Key:
    source = item.source if isinstance(item, Statement | StatementRecord) else item
    return (source.path, source.index)


def squeezed(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture(scope="module")
def messages() -> list[Message | Skipped]:
    return list(analyzer.read([SAMPLE]))


@pytest.fixture(scope="module")
def decided(messages: list[Message | Skipped]) -> list[Statement | Skipped]:
    return list(analyzer.from_messages(messages))


@pytest.fixture(scope="module")
def statements(decided: list[Statement | Skipped]) -> dict[Key, Statement]:
    return {key_of(item): item for item in decided if isinstance(item, Statement)}


@pytest.fixture(scope="module")
def skipped(decided: list[Statement | Skipped]) -> dict[Key, Skipped]:
    return {key_of(item): item for item in decided if isinstance(item, Skipped)}


def run(folder: Path, *arguments: str, seed: str) -> bytes:
    """Run the program in a process of its own, with an empty home, and return what it wrote to OUT."""
    folder.mkdir()
    environment = {**os.environ, "HOME": str(folder), "PYTHONHASHSEED": seed}
    result = subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), *arguments, "-o", str(folder / "out")],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return (folder / "out").read_bytes()


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What ``candidacy extract data/sample`` writes."""
    return run(tmp_path_factory.mktemp("extract") / "first", "extract", str(SAMPLE), seed="1")


@pytest.fixture(scope="module")
def export(written: bytes) -> Export:
    return Export.model_validate_json(written)


@pytest.fixture(scope="module")
def records(export: Export) -> dict[Key, StatementRecord]:
    return {key_of(record): record for record in export.statements}


class TestTruth:
    """The truth itself: it knows every message, and quotes no word that is not there."""

    def test_knows_every_message_and_file(self, messages: list[Message | Skipped]) -> None:
        assert {key_of(message) for message in messages} == set(EXPECTED)

    def test_calls_messages_by_their_ids(self, messages: list[Message | Skipped]) -> None:
        ids = {key_of(message): message.message_id for message in messages if isinstance(message, Message)}
        assert {key: entry["message_id"] for key, entry in EXPECTED.items() if "message_id" in entry} == {
            key: ids[key] for key, entry in EXPECTED.items() if "message_id" in entry
        }

    @parameters(list(CANDIDACIES))
    def test_spans_stand_in_the_clean_text(self, statements: dict[Key, Statement], key: Key) -> None:
        annotation = CANDIDACIES[key]["annotation"]
        spans = [
            annotation["candidate"]["span"],
            *annotation["sought"].values(),
            *(role["title"] for role in annotation["roles"]),
            *(role["organization"] for role in annotation["roles"] if role["organization"]),
            *(affiliation["organization"] for affiliation in annotation["affiliations"]),
            *(area["span"] for area in annotation["focus_areas"]),
            *annotation["key_sentences"],
        ]
        text = squeezed(statements[key].text)
        assert [span for span in spans if squeezed(span) not in text] == []

    def test_the_elections_are_of_a_size_to_compare(self) -> None:
        people = [
            {entry["person"] for entry in TRUTH[path] if entry["labels"] == ["candidacy"]}
            for path in MAILBOXES
        ]
        assert all(len(standing) >= 6 for standing in people)
        assert len(people[0] & people[1]) == 3


class TestDecisions:
    def test_all_candidacies_are_found_and_nothing_else(self, statements: dict[Key, Statement]) -> None:
        assert sorted(statements, key=str) == sorted(CANDIDACIES, key=str)

    @parameters([key for key, entry in EXPECTED.items() if entry["labels"] != ["candidacy"]])
    def test_what_is_left_out_is_called_what_it_is(self, skipped: dict[Key, Skipped], key: Key) -> None:
        assert skipped[key].code in EXPECTED[key]["labels"]

    def test_only_resent_candidacies_are_duplicates(self, skipped: dict[Key, Skipped]) -> None:
        resent = {key for key, entry in EXPECTED.items() if "duplicate_of" in entry}
        assert len(resent) == 2
        assert {key for key, item in skipped.items() if item.code == "duplicate"} == resent

    def test_everything_is_kept_on_demand(self, messages: list[Message | Skipped]) -> None:
        kept = [
            item for item in analyzer.from_messages(messages, keep_all=True) if isinstance(item, Statement)
        ]
        labels = {key_of(item): item.decision.label for item in kept}
        # A resent candidacy may be kept as one; the same message delivered twice has one id, and is one.
        resent = {key for key, entry in EXPECTED.items() if "duplicate_of" in entry}
        assert set(labels) - resent == set(EXPECTED) - resent
        assert {key for key, label in labels.items() if label == "candidacy"} - resent == set(CANDIDACIES)
        assert len({item.id for item in kept}) == len(kept)

    def test_a_folder_of_statements_has_its_readme_left_out(self) -> None:
        found = list(analyzer.from_messages(analyzer.read([SAMPLE / "statements"])))
        assert [(key_of(item)[0], isinstance(item, Statement)) for item in found] == [
            ("README.md", False),
            ("waclaw-pietron.md", True),
            ("yusra-belhadj.txt", True),
        ]


class TestText:
    @parameters(list(CANDIDACIES))
    def test_holds_only_the_candidates_own_words(self, statements: dict[Key, Statement], key: Key) -> None:
        text = statements[key].text + "\n"
        assert [piece for piece in FOREIGN if piece in text] == []

    @parameters(list(CANDIDACIES))
    def test_blocks_are_its_lines(self, statements: dict[Key, Statement], key: Key) -> None:
        statement = statements[key]
        lines = [line for line in statement.text.split("\n") if line]
        assert [statement.text[block.start : block.end] for block in statement.blocks] == lines

    @pytest.mark.parametrize(
        ("key", "words"),
        [
            ((MAILBOXES[0], 4), "from 3.4 to 4.2 last winter and it took eleven weekends."),  # format=flowed
            ((MAILBOXES[0], 7), "Voilà pourquoi je me présente, as my grandmother"),  # latin-1, 8bit
            ((MAILBOXES[0], 9), "My name is Ren Watase (渡瀬 蓮), and I would like"),  # base64
            ((MAILBOXES[0], 13), "French, Portuguese & Swahili."),  # HTML only
            ((MAILBOXES[0], 14), "Two topics, no more."),  # multipart/alternative
            (
                (MAILBOXES[1], 3),
                "again — because 5.0 has made half of it wrong. I don’t want",
            ),  # quoted-printable
            ((MAILBOXES[1], 5), "Rolling upgrades. 5.0 has been tested"),  # dash-escaped by PGP
            ((MAILBOXES[1], 7), "I won’t promise it again."),  # windows-1252
            ((MAILBOXES[1], 10), "found three crashes 🙂"),
            ((MAILBOXES[1], 12), "¡Gracias por leer hasta aquí!"),
        ],
    )
    def test_is_decoded_and_joined(self, statements: dict[Key, Statement], key: Key, words: str) -> None:
        assert words in statements[key].text

    def test_lists_and_fields_keep_their_shape(self, statements: dict[Key, Statement]) -> None:
        kinds = {key: [block.kind for block in statement.blocks] for key, statement in statements.items()}
        assert kinds[MAILBOXES[0], 4].count("item") == 7
        assert kinds[MAILBOXES[0], 13].count("item") == 4
        assert kinds[MAILBOXES[0], 13].count("heading") == 3
        assert kinds[MAILBOXES[0], 10].count("field") == 5
        assert kinds[MAILBOXES[0], 2][0] == "greeting"


class TestIdentity:
    def test_ids_are_unique(self, statements: dict[Key, Statement]) -> None:
        assert len({statement.id for statement in statements.values()}) == len(CANDIDACIES)

    def test_ids_do_not_depend_on_how_a_mailbox_is_given(self, statements: dict[Key, Statement]) -> None:
        for name in MAILBOXES:
            alone = analyzer.from_messages(analyzer.read([SAMPLE / name]))
            assert {item.source.message_id: item.id for item in alone if isinstance(item, Statement)} == {
                statement.source.message_id: statement.id
                for key, statement in statements.items()
                if key[0] == name
            }

    @parameters(list(CANDIDACIES))
    def test_date_list_and_addresses(self, statements: dict[Key, Statement], key: Key) -> None:
        statement, expected = statements[key], CANDIDACIES[key]
        assert statement.submitted == expected["submitted"]
        assert statement.source.list == ("tarnfold-dev" if key[0] in MAILBOXES else None)
        assert {email.address for email in statement.emails} == set(expected["emails"])
        assert statement.language == "en"


class TestRecords:
    def test_are_the_candidacies_in_order(self, export: Export, statements: dict[Key, Statement]) -> None:
        assert [(key_of(record), record.id, record.text) for record in export.statements] == [
            (key, statement.id, statement.text) for key, statement in statements.items()
        ]

    @parameters(list(CANDIDACIES))
    def test_name_office_and_community(self, records: dict[Key, StatementRecord], key: Key) -> None:
        record, expected = records[key], CANDIDACIES[key]
        # A name in two scripts, or with the family name first, is the same name.
        assert set(name_key(expected["name"])) <= set(name_key(record.candidate.name or ""))
        assert record.election.office_canonical == expected["office"]
        assert record.election.community_canonical == expected["community"]
        assert record.election.unit is None

    def test_each_source_is_one_election_of_one_contest(self, records: dict[Key, StatementRecord]) -> None:
        contests = {key[0]: set() for key in records}
        for key, record in records.items():
            contests[key[0]].add((record.election.id, record.election.contest_id))
        assert contests == {
            MAILBOXES[0]: {("tarnfold/2024", "tarnfold/2024/steering-committee")},
            MAILBOXES[1]: {("tarnfold/2025", "tarnfold/2025/steering-committee")},
            **{
                key[0]: {("tarnfold/2025-10", "tarnfold/2025-10/code-of-conduct-committee")}
                for key in CANDIDACIES
                if key[0] not in MAILBOXES
            },
        }

    def test_who_stands_twice_is_one_person(self, records: dict[Key, StatementRecord]) -> None:
        directory = Directory(records.values())
        found: dict[str, set[str]] = {}
        for key, record in records.items():
            found.setdefault(directory.person(record).id, set()).add(CANDIDACIES[key]["person"])
        assert all(len(people) == 1 for people in found.values())
        assert len(found) == len({entry["person"] for entry in CANDIDACIES.values()})

    def test_every_evidence_is_what_stands_there(self, written: bytes) -> None:
        spans = 0
        for statement in json.loads(written)["statements"]:
            for span in evidences({**statement, "text": None, "blocks": None}):
                assert statement["text"][span["start"] : span["end"]] == span["text"] != ""
                spans += 1
        assert spans > 100

    def test_evidence_stands_exactly_where_the_source_is_the_text(
        self, records: dict[Key, StatementRecord]
    ) -> None:
        for record in records.values():
            sourced = [record.candidate, *record.affiliations, *record.election.provenance.values()]
            for item in sourced:
                assert (item.evidence is not None) == (item.source in ("text", "field"))

    @pytest.mark.parametrize("kind", FLOORS)
    def test_extractions_agree_with_the_annotations(
        self, records: dict[Key, StatementRecord], kind: str
    ) -> None:
        agreement = f1(kind, records)
        assert agreement >= FLOORS[kind], f"{kind}: {agreement:.3f}"

    def test_left_out_things_are_listed_with_their_place(self, export: Export) -> None:
        expected = {key for key in EXPECTED if key not in CANDIDACIES}
        assert {(item.path, item.index) for item in export.skipped} == expected


class TestRepetition:
    def test_two_runs_write_the_same_bytes(self, written: bytes, tmp_path: Path) -> None:
        assert run(tmp_path / "second", "extract", str(SAMPLE), seed="2") == written

    def test_library_and_program_say_the_same(
        self, export: Export, decided: list[Statement | Skipped]
    ) -> None:
        own = analyzer.settle(analyzer.extract(item for item in decided if isinstance(item, Statement)))

        def data(record: StatementRecord) -> dict[str, Any]:
            # The id of the person is given when all records are together in a document.
            return record.model_dump(mode="json", exclude={"candidate": {"id"}})

        assert [data(record) for record in own] == [data(record) for record in export.statements]


# --- a simple matcher ---------------------------------------------------------------------------------


def evidences(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every {start, end, text} within JSON data."""
    if isinstance(value, dict):
        if {"start", "end", "text"} <= value.keys():
            yield value
        for child in value.values():
            yield from evidences(child)
    elif isinstance(value, list):
        for child in value:
            yield from evidences(child)


def stems(text: str | None) -> set[str]:
    """Return a text's words without endings of plural and case; filler words only where nothing else is."""
    all_ = {
        re.sub(r"(?<=\w{3})(?:ing|ed|e?s)$", "", word) for word in re.findall(r"\w+", (text or "").casefold())
    }
    return all_ - EMPTY or all_


def overlap(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other) if one | other else 1.0


def same_organization(one: str | None, other: str | None) -> bool:
    if not one or not other:
        return not one and not other
    a, b = stems(canonical(one)), stems(canonical(other))
    return a <= b or b <= a


def alike(kind: str, one: dict[str, Any], other: dict[str, Any]) -> float:
    """Return how much a found thing is the annotated one; 0 where it is another."""
    if kind == "affiliations":
        return float(same_organization(one["organization"], other["organization"]))
    if kind == "roles":
        title = overlap(stems(one["title"]), stems(other["title"]))
        same = (
            same_organization(one["organization"], other["organization"]) and one["status"] == other["status"]
        )
        return title if title >= 0.5 and same else 0.0
    a, b = stems(one["phrase"]), stems(other["span"])
    shared = overlap(a, b)
    return shared if shared >= 1 / 3 or (shared >= 1 / 5 and (a <= b or b <= a)) else 0.0


def matched(found: Sequence[Any], annotated: Sequence[Any], similarity: Callable[[Any, Any], float]) -> int:
    """Return how many pairs a one-to-one matching makes, the most alike first."""
    scores = sorted(
        ((-similarity(a, b), i, j) for i, a in enumerate(found) for j, b in enumerate(annotated)),
    )
    left, right = set(range(len(found))), set(range(len(annotated)))
    pairs = 0
    for score, i, j in scores:
        if score < 0 and i in left and j in right:
            left.remove(i)
            right.remove(j)
            pairs += 1
    return pairs


def f1(kind: str, records: dict[Key, StatementRecord]) -> float:
    pairs = found = annotated = 0
    for key, entry in CANDIDACIES.items():
        items = [item for item in records[key].model_dump()[kind] if item.get("source") != "email-domain"]
        gold = entry["annotation"][kind]
        pairs += matched(items, gold, lambda a, b: alike(kind, a, b))
        found += len(items)
        annotated += len(gold)
    return 2 * pairs / (found + annotated)


class TestMatcher:
    """The matcher counts what it should, so that the floors mean something."""

    def test_a_phrase_matches_once(self) -> None:
        spans = [{"span": "rolling upgrades"}, {"span": "upgrade testing"}]
        found = [{"phrase": "rolling upgrades"}, {"phrase": "Rolling upgrades without downtime"}]
        assert matched(found[:1], spans, lambda a, b: alike("focus_areas", a, b)) == 1
        assert matched(found, spans[:1], lambda a, b: alike("focus_areas", a, b)) == 1

    def test_a_role_with_another_status_is_another_role(self) -> None:
        role = {"title": "member", "organization": "Technical Committee", "status": "past"}
        assert alike("roles", role, role) == 1
        assert alike("roles", role, {**role, "status": "current"}) == 0
        assert alike("roles", role, {**role, "organization": None}) == 0
        assert alike("roles", role, {**role, "title": "chair"}) == 0

    def test_legal_forms_do_not_part_organizations(self) -> None:
        assert alike("affiliations", {"organization": "Grubeneck"}, {"organization": "Grubeneck GmbH"})
        assert not alike("affiliations", {"organization": "Grubeneck"}, {"organization": "Hestrum Data"})
