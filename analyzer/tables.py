"""An export as tables: one for each kind of thing, each row with the id of what it belongs to.

The tables hold everything the JSON document does. Ids join them: ``statement`` is the id of a statement,
``election`` that of an election, and so on; ``position`` counts where the order matters.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analyzer.records import Export

Json = Mapping[str, Any]
Row = tuple[Any, ...]

# Rows per INSERT: each column travels as one list, which DuckDB unnests.
BATCH = 2000


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its columns with their DuckDB types, and how its rows are made of an export's JSON."""

    columns: Mapping[str, str]
    rows: Callable[[Json], Iterable[Row]]


def _columns(names: str) -> dict[str, str]:
    types = (("BIGINT", _INTEGERS), ("DOUBLE", _DOUBLES), ("BOOLEAN", _TRUTHS))
    return {name: next((type_ for type_, of in types if name in of), "VARCHAR") for name in names.split()}


def _statements(export: Json) -> Iterator[Row]:
    for record in export["statements"]:
        source, candidate, election = record["source"], record["candidate"], record["election"]
        yield (
            *(record["id"], record["submitted"], record["language"]),
            *(record["decision"]["label"], record["decision"]["score"]),
            *(candidate[key] for key in ("id", "name", "source", "confidence")),
            *(election[key] for key in _ELECTION),
            *(source[key] for key in _SOURCE),
            *(record["same_text_as"], record["summary"]["text"] or None, record["text"]),
        )


def _parts(part: str, *keys: str) -> Callable[[Json], Iterator[Row]]:
    """Return what makes rows of a list of each statement: its id, and what each item has under some keys."""

    def rows(export: Json) -> Iterator[Row]:
        for record in export["statements"]:
            for item in _at(record, part):
                yield (record["id"], *(_at(item, key) for key in keys))

    return rows


def _listed(part: str, *keys: str) -> Callable[[Json], Iterator[Row]]:
    """Return what makes rows of a list of the document."""
    return lambda export: (tuple(_at(item, key) for key in keys) for item in export[part])


def _nested(outer: str, inner: str, *keys: str) -> Callable[[Json], Iterator[Row]]:
    """Return what makes rows of lists in a list: outer id, position, and the item or some keys of it."""

    def rows(export: Json) -> Iterator[Row]:
        for thing in export[outer]:
            for position, item in enumerate(thing[inner]):
                yield (thing["id"], position, *([_at(item, key) for key in keys] or [item]))

    return rows


def _reasons(export: Json) -> Iterator[Row]:
    for record in export["statements"]:
        for position, reason in enumerate(record["decision"]["reasons"]):
            yield record["id"], position, reason


def _handles(export: Json) -> Iterator[Row]:
    for record in export["statements"]:
        for service, handle in record["candidate"]["handles"].items():
            yield record["id"], service, handle


def _provenance(export: Json) -> Iterator[Row]:
    for record in export["statements"]:
        entries = dict(record["election"]["provenance"])
        # Where the candidate's name was read stands with the candidate in JSON.
        if record["candidate"]["evidence"]:
            entries = {"candidate": record["candidate"], **entries}
        for field, entry in entries.items():
            yield record["id"], field, entry["source"], *(_at(entry, f"evidence.{key}") for key in _SPAN)


def _links(export: Json) -> Iterator[Row]:
    for person in export["people"]:
        for position, link in enumerate(person["evidence"]):
            yield person["id"], position, *link["statements"], link["weight"]


def _agreements(export: Json) -> Iterator[Row]:
    for person in export["people"]:
        for position, link in enumerate(person["evidence"]):
            for item in link["because"]:
                yield person["id"], position, item["kind"], *item["values"], item["weight"]


def _at(value: Any, path: str) -> Any:
    """Return what stands under a path of keys, or None where one of them is missing or null."""
    for key in path.split("."):
        if value is None:
            return None
        value = value[key]
    return value


_SPAN = ("start", "end", "text")
_SOURCE = ("path", "member", "section", "index", "format", "message_id", "list", "subject", "sha256")
_ELECTION = (
    "id", "contest_id", "community", "community_canonical", "unit", "office", "office_canonical", "cycle",
    "begins", "ends", "outcome",
)  # fmt: skip
_INTEGERS = frozenset(f"{part}{key}" for part in ("", "organization_", "sentence_") for key in ("start", "end")) | {
    "index",
    "link",
    "position",
    "rank",
    "candidates",
    "statements",
}
_DOUBLES = frozenset(["confidence", "candidate_confidence", "decision_score", "weight"])
_TRUTHS = frozenset(["corrected"])


def _spans(*parts: str) -> list[str]:
    return [f"{part}.{key}" for part in parts for key in _SPAN]


TABLES: dict[str, Table] = {
    "statements": Table(
        _columns(
            "id submitted language decision decision_score candidate_id candidate candidate_source "
            "candidate_confidence election_id contest_id community community_canonical unit office "
            "office_canonical cycle begins ends outcome path member section index format message_id list subject "
            "sha256 same_text_as summary text",
        ),
        _statements,
    ),
    "blocks": Table(_columns("statement kind start end"), _parts("blocks", "kind", "start", "end")),
    "emails": Table(_columns("statement address source"), _parts("candidate.emails", "address", "source")),
    "handles": Table(_columns("statement service handle"), _handles),
    "provenance": Table(_columns("statement field source start end text"), _provenance),
    "decision_reasons": Table(_columns("statement position reason"), _reasons),
    "roles": Table(
        _columns(
            "statement title organization organization_canonical status source confidence corrected start end text "
            "organization_start organization_end organization_text",
        ),
        _parts(
            "roles", "title", "organization", "organization_canonical", "status", "source", "confidence", "corrected",
            *_spans("evidence", "organization_evidence"),
        ),
    ),
    "affiliations": Table(
        _columns(
            "statement organization canonical relation status source confidence corrected start end text"
        ),
        _parts(
            "affiliations", "organization", "canonical", "relation", "status", "source", "confidence", "corrected",
            *_spans("evidence"),
        ),
    ),
    "focus_areas": Table(
        _columns(
            "statement phrase kind source confidence corrected topic start end text "
            "sentence_start sentence_end sentence_text",
        ),
        _parts(
            "focus_areas", "phrase", "kind", "source", "confidence", "corrected", "topic",
            *_spans("evidence", "sentence"),
        ),
    ),
    "summary_sentences": Table(
        _columns("statement rank start end text"),
        _parts("summary.sentences", "rank", *_SPAN),
    ),
    "warnings": Table(_columns("statement code message"), _parts("warnings", "code", "message")),
    "elections": Table(
        _columns("id community cycle begins ends first_submitted last_submitted statements"),
        _listed(
            "elections", "id", "community", "cycle", "begins", "ends", "first_submitted", "last_submitted",
            "statements",
        ),
    ),
    "contests": Table(
        _columns("election position id unit office candidates"),
        _nested("elections", "contests", "id", "unit", "office", "candidates"),
    ),
    "people": Table(_columns("id name"), _listed("people", "id", "name")),
    "person_names": Table(_columns("person position name"), _nested("people", "names")),
    "person_statements": Table(
        _columns("person position statement"), _nested("people", "statements")
    ),
    "person_links": Table(_columns("person position statement other weight"), _links),
    "person_agreements": Table(_columns("person link kind value other weight"), _agreements),
    "topics": Table(
        _columns("id label statements"), _listed("topics", "id", "label", "statements")
    ),
    "topic_phrases": Table(_columns("topic position phrase"), _nested("topics", "phrases")),
    "skipped": Table(
        _columns("path member index code message"),
        _listed("skipped", "path", "member", "index", "code", "message"),
    ),
}  # fmt: skip


def write_csv(export: Export, folder: Path) -> None:
    """Write ``TABLE.csv`` for each table into a folder: UTF-8, RFC 4180; null is an empty cell."""
    data = export.model_dump(mode="json")
    for name, table in TABLES.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(table.columns)
            writer.writerows(table.rows(data))


def write_parquet(export: Export, folder: Path) -> None:
    """Write ``TABLE.parquet`` for each table into a folder.

    Raises
    ------
    OSError
        If DuckDB cannot write a file.
    """
    import duckdb

    try:
        _write_parquet(export.model_dump(mode="json"), folder)
    except duckdb.Error as error:
        raise OSError(str(error).strip().partition("\n")[0]) from error


def _write_parquet(data: Json, folder: Path) -> None:
    import duckdb

    # One thread: several would cut the rows into groups as chance has it.
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        for name, table in TABLES.items():
            declared = ", ".join(f'"{column}" {type_}' for column, type_ in table.columns.items())
            connection.execute(f'CREATE TABLE "{name}" ({declared})')
            unnested = ", ".join(f"unnest(?::{type_}[])" for type_ in table.columns.values())
            rows = list(table.rows(data))
            for at in range(0, len(rows), BATCH):
                values = [list(column) for column in zip(*rows[at : at + BATCH], strict=True)]
                connection.execute(f'INSERT INTO "{name}" SELECT {unnested}', values)
            target = str(folder / f"{name}.parquet").replace("'", "''")
            connection.execute(f"COPY \"{name}\" TO '{target}' (FORMAT parquet, COMPRESSION zstd)")
