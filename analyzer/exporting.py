"""The export: one document of everything, as JSON, JSON lines, CSV or Parquet; and the JSON Schemas."""

from __future__ import annotations

import contextlib
import json
import secrets
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from types import GenericAlias
from typing import Any, BinaryIO

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue

from analyzer import __version__, tables
from analyzer.directory import Directory
from analyzer.errors import UserError
from analyzer.records import Export, Generator, Model, Record, Skipped, StatementRecord, Topic, writable
from analyzer.redaction import redacted

__all__ = [
    "FORMATS", "VIEWS", "as_json", "document", "redacted", "schema",
    "write", "write_csv", "write_json", "write_jsonl", "write_parquet",
]  # fmt: skip

NAME = "candidacy-analyzer"
#: The formats of `write`; those of several files need a folder.
FORMATS = ("json", "jsonl", "csv", "parquet")
# What says that a folder is an export, and may be replaced by one: the document without its lists.
MARK = "document.json"

#: What each verb's ``--format json`` is, as module and class of its items, and whether it is a list of them.
VIEWS = {
    "extract": ("analyzer.records", "Export", False),
    "export": ("analyzer.records", "Export", False),
    "analyze": ("analyzer.workflow", "Account", False),
    "list": ("analyzer.directory", "Listing", False),
    "summarize": ("analyzer.summaries", "CandidateSummary", True),
    "cluster": ("analyzer.topics.clusters", "Clustering", True),
    "compare": ("analyzer.topics.comparison", "Comparison", True),
    "diff": ("analyzer.topics.platforms", "PlatformDiff", True),
    "match": ("analyzer.topics.matching", "MatchResult", False),
    "search": ("analyzer.topics.searching", "SearchResult", False),
    "topics": ("analyzer.topics.grouping", "TopicListing", False),
    "trends": ("analyzer.topics.trends", "CommunityTrends", True),
    "people": ("analyzer.people", "PersonEntry", True),
    "correct": ("analyzer.corrections", "CorrectionEntry", True),
    "fetch": ("analyzer.fetching", "Fetched", False),
    "evaluate": ("analyzer.evaluation", "Evaluation", True),
}


def document(
    records: Iterable[StatementRecord],
    *,
    models: Sequence[Model],
    skipped: Iterable[Skipped] = (),
    topics: Sequence[Topic] = (),
    same: Iterable[tuple[str, str]] = (),
    different: Iterable[tuple[str, str]] = (),
) -> Export:
    """Return the export of some records, in their order.

    Elections and people are made of the records, `candidate.id` is filled, and a statement whose text an
    earlier one has (by date and id) says so. `same` and `different` are what a user says of people, as in `Directory`.
    """
    statements = [writable(record) for record in records]
    directory = Directory(statements, same, different)
    named = {person.id for person in directory.people}
    first: dict[str, str] = {}
    for record in directory.records:
        first.setdefault(record.text, record.id)
    filled = []
    for record in statements:
        person = directory.person(record).id
        candidate = record.candidate.model_copy(update={"id": person if person in named else None})
        earlier = first[record.text] if record.text else record.id
        copied = None if earlier == record.id else earlier
        filled.append(record.model_copy(update={"candidate": candidate, "same_text_as": copied}))
    return Export(
        generator=Generator(name=NAME, version=__version__, models=list(models)),
        statements=filled,
        elections=directory.elections,
        people=directory.people,
        topics=[writable(topic) for topic in topics],
        skipped=[writable(item) for item in skipped],
    )


def as_json(value: Record | Sequence[Record]) -> bytes:
    """Return a record or a list of records as indented JSON in UTF-8, with a line break at the end."""
    if isinstance(value, Record):
        return writable(value).model_dump_json(indent=1).encode() + b"\n"
    items = [writable(item).model_dump(mode="json") for item in value]
    return json.dumps(items, indent=1, ensure_ascii=False).encode() + b"\n"


def write(export: Export, format: str, target: Path | None, stdout: Any = None) -> None:
    """Write an export whole or not at all.

    Parameters
    ----------
    format : one of `FORMATS`.
    target : a file, or for CSV and Parquet a folder; None for standard output.
    stdout : a binary stream, or a text stream over one; `sys.stdout` by default. Always UTF-8.

    Raises
    ------
    UserError
        If the target cannot be written, or is a folder with something else in it.
    BrokenPipeError
        If whoever reads standard output stopped.
    """
    if format not in FORMATS:
        raise UserError(f"{format}: no such format: give one of {', '.join(FORMATS)}")
    to_stream = {"json": write_json, "jsonl": write_jsonl}.get(format)
    if to_stream is None:
        if target is None:
            raise UserError(f"{format}: makes one file for each kind of thing: give a folder for them with -o")
        to_folder = {"csv": write_csv, "parquet": write_parquet}[format]
        _write_folder(Path(target), format, lambda folder: to_folder(export, folder))
    elif target is None:
        stream: Any = sys.stdout if stdout is None else stdout
        with _reported("standard output", also=BrokenPipeError):
            to_stream(export, getattr(stream, "buffer", stream))
            stream.flush()
    else:
        _write_file(Path(target), lambda stream: to_stream(export, stream))


def write_json(export: Export, stream: BinaryIO) -> None:
    """Write one JSON document."""
    stream.write(as_json(export))


def write_jsonl(export: Export, stream: BinaryIO) -> None:
    """Write the document without lists as the first line, then one statement a line."""
    stream.write(_line(_head(export)))
    for record in export.statements:
        stream.write(_line(record.model_dump_json()))


def write_csv(export: Export, folder: Path) -> None:
    """Write one CSV file for each kind of thing, and the document without lists, into a folder."""
    (folder / MARK).write_bytes(_line(_head(export)))
    tables.write_csv(export, folder)


def write_parquet(export: Export, folder: Path) -> None:
    """Write one Parquet file for each kind of thing, and the document without lists, into a folder."""
    (folder / MARK).write_bytes(_line(_head(export)))
    tables.write_parquet(export, folder)


def schema(view: str | None = None) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the export, or of a verb's ``--format json``.

    It asks for every field this version writes, and allows more, for readers ignore what they do not know.

    Raises
    ------
    UserError
        If no verb of this name writes JSON.
    """
    if view is not None and view not in VIEWS:
        raise UserError(f"{view}: no such view: give one of {', '.join(VIEWS)}")
    module, name, many = VIEWS[view or "export"]
    class_ = getattr(import_module(module), name)
    type_: Any = GenericAlias(list, (class_,)) if many else class_
    adapter: TypeAdapter[Any] = TypeAdapter(type_)
    made = adapter.json_schema(mode="serialization", schema_generator=_Schema)
    return {"$schema": _Schema.schema_dialect, "title": view or "export"} | made


class _Schema(GenerateJsonSchema):
    def field_is_required(self, field: Any, total: bool) -> bool:
        """Whether a field is always there: when writing, every one is, null if need be."""
        return True

    def generate(self, schema: Any, mode: JsonSchemaMode = "serialization") -> JsonSchemaValue:
        made = super().generate(schema, mode)
        for part in (made, *made.get("$defs", {}).values()):
            # Records refuse misspelt fields when they are made; readers must not.
            if part.get("additionalProperties") is False:
                del part["additionalProperties"]
        return made


def _head(export: Export) -> str:
    """Return the document without its lists."""
    lists = {name for name in type(export).model_fields if isinstance(getattr(export, name), list)}
    return export.model_dump_json(exclude=lists)


def _line(text: str) -> bytes:
    # Some readers break lines at these, which JSON allows within a string.
    for char in "\x85\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text.encode() + b"\n"


def _write_file(target: Path, fill: Callable[[BinaryIO], None]) -> None:
    """Fill a new file beside the target, then put it in its place."""
    with _reported(target):
        if target.is_dir():
            raise UserError(f"{target}: is a folder: -o takes the name of a file here")
        if target.exists() and not target.is_file():  # a pipe or device is written to, not replaced
            with target.open("wb") as stream:
                fill(stream)
            return
        # A link stays a link to what is written.
        place = target.resolve()
        fresh = _beside(target, place)
        try:
            with fresh.open("xb") as stream:
                fill(stream)
            if place.exists():
                shutil.copymode(place, fresh)
            fresh.replace(place)
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise


def _write_folder(target: Path, format: str, fill: Callable[[Path], None]) -> None:
    """Fill a new folder beside the target, then put it in its place."""
    with _reported(target):
        place = target.resolve()
        if place.exists() and not place.is_dir():
            raise UserError(f"{target}: is a file: -o takes the name of a folder for --format {format}")
        if place.exists() and not _replaceable(place):
            raise UserError(
                f"{target}: holds other things than an export: -o takes a folder that is new, empty, "
                "or an earlier export"
            )
        fresh, old = _beside(target, place), _beside(target, place)
        try:
            fresh.mkdir()
            fill(fresh)
            if place.exists():
                place.rename(old)
            try:
                fresh.rename(place)
            except BaseException:
                if old.exists():
                    old.rename(place)
                raise
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
            if place.exists():
                shutil.rmtree(old, ignore_errors=True)


def _replaceable(folder: Path) -> bool:
    """Whether a folder is empty or an export of this program, with nothing else in it."""
    found = {path.name for path in folder.iterdir()}
    ours = {f"{name}.{kind}" for name in tables.TABLES for kind in ("csv", "parquet")} | {MARK}
    if not found:
        return True
    try:
        head = json.loads((folder / MARK).read_bytes())
        return found <= ours and bool(head["generator"]["name"] == NAME)
    except (OSError, ValueError, LookupError, TypeError):
        return False


def _beside(target: Path, place: Path) -> Path:
    """Return a name that nobody uses, in the same folder."""
    if not place.parent.is_dir():
        raise UserError(f"{target}: there is no folder {place.parent}: make it first")
    return place.parent / f".candidacy-{secrets.token_hex(6)}"


@contextlib.contextmanager
def _reported(target: object, also: type[BaseException] | tuple[()] = ()) -> Iterator[None]:
    """Turn the errors of writing into one line; `also` names those to leave alone."""
    try:
        yield
    except also:
        raise
    except OSError as error:
        raise UserError(f"{target}: cannot be written: {error.strerror or error}") from error
