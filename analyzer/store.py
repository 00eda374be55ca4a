"""The workspace: one DuckDB file with everything that was analysed, so that a view answers at once.

Records are stored whole, as JSON that `StatementRecord` has validated, beside the columns worth a query of
one's own (``duckdb candidacy.duckdb "SELECT candidate, community FROM statements"``). Vectors are stored by
the hash of their text, so a text is never embedded twice.

An analysis stores what it reads as it reads it, and what needs all of it (elections, vectors) in the end. Until then
its statements are pending, so that a run which was killed is taken up where it ended.
"""

from __future__ import annotations

import gc
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from analyzer.corrections import Correction
from analyzer.errors import CandidacyError, WorkspaceError
from analyzer.records import Election, Model, Skipped, Source, StatementRecord, writable

if TYPE_CHECKING:
    from analyzer.statements.duplicates import Change, Kept
    from analyzer.topics.filing import Filing

T = TypeVar("T")

VERSION = 1

# `pipeline` is the SHA-256 and the precision of the pipeline that made the record, `digest` the hash of the record.
# `place` is the JSON of path, member and index: where a record was found, and the natural key of what was skipped.
_TABLES = """
CREATE TABLE meta (key VARCHAR PRIMARY KEY, value VARCHAR NOT NULL);
CREATE TABLE models (
    role VARCHAR PRIMARY KEY, name VARCHAR NOT NULL, sha256 VARCHAR NOT NULL, precision VARCHAR NOT NULL);
CREATE TABLE statements (
    id VARCHAR PRIMARY KEY, submitted VARCHAR, election_id VARCHAR, contest_id VARCHAR, community VARCHAR,
    candidate VARCHAR, decision VARCHAR NOT NULL, place VARCHAR NOT NULL, section VARCHAR,
    sha256 VARCHAR NOT NULL, pipeline VARCHAR, digest VARCHAR NOT NULL, record JSON NOT NULL);
CREATE TABLE skipped (place VARCHAR NOT NULL, code VARCHAR NOT NULL, record JSON NOT NULL);
CREATE TABLE vectors (key VARCHAR PRIMARY KEY, vector BLOB NOT NULL);
"""
# What is filed under which topic. Made when it is first written to: a workspace that is older has none.
_FILING = """
CREATE TABLE IF NOT EXISTS topics (
    id VARCHAR PRIMARY KEY, label VARCHAR NOT NULL, area VARCHAR NOT NULL, given BOOLEAN NOT NULL);
CREATE TABLE IF NOT EXISTS topic_phrases (
    key VARCHAR PRIMARY KEY, topic VARCHAR NOT NULL, confidence DOUBLE NOT NULL, pinned BOOLEAN NOT NULL);
"""
# What users correct, by number; and of whom they want to see nothing, as keys that only a guess can be tested by.
# Made when they are first written to: a workspace that is older has neither.
_CORRECTIONS = """
CREATE TABLE IF NOT EXISTS corrections (number INTEGER PRIMARY KEY, record JSON NOT NULL);
CREATE TABLE IF NOT EXISTS forgotten (key VARCHAR PRIMARY KEY, number INTEGER NOT NULL);
"""
# Statements that wait for their election and then, `settled`, for vectors. A workspace gets it when it is written to.
_PENDING = "CREATE TABLE IF NOT EXISTS pending (id VARCHAR PRIMARY KEY, settled BOOLEAN NOT NULL)"
# What tells a copy or a correction of a mail (`duplicates.Kept`): of those that are stored, and of those in whose place
# one is. A workspace gets it when it is written to.
_MAILS = "CREATE TABLE IF NOT EXISTS mails (id VARCHAR PRIMARY KEY, record JSON NOT NULL)"
_COLUMNS = (
    "id", "submitted", "election_id", "contest_id", "community", "candidate", "decision", "place", "section",
    "sha256", "pipeline", "digest", "record",
)  # fmt: skip
_SETTLED = ("election_id", "contest_id", "community", "digest", "record")

# What elections are not settled by: nearly all of a record.
_EMPTY = json.dumps(
    {"text": "", "blocks": [], "roles": [], "affiliations": [], "focus_areas": [], "summary": None, "warnings": []}
)

# Rows per INSERT: each column travels as one list, which DuckDB unnests; larger lists gain nothing.
BATCH = 500
# Nothing is ever fetched: JSON and Parquet are linked into DuckDB itself.
OFFLINE = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}


class Workspace:
    """An open workspace; a context manager. Also an `embeddings.VectorCache`, once `set_model` was called.

    Open one with `Workspace.open`. A workspace opened for reading only refuses `add` and `set_pipeline`;
    new vectors and a first embedding model are then kept in memory until it is closed.
    """

    def __init__(self, path: Path, connection: Any, *, read_only: bool) -> None:
        self.path = path
        self.read_only = read_only
        self._connection = connection
        self._unsaved: dict[str, bytes] = {}
        self._salt: bytes | None = None
        # The model whose vectors this session reads and writes: none before set_model.
        self._embedding: Model | None = None

    @classmethod
    def open(cls, path: Path, *, create: bool = False, read_only: bool = False) -> Workspace:
        """Open a workspace.

        Parameters
        ----------
        create : make it where there is none.
        read_only : for verbs that only read; several processes may do so at once.

        Raises
        ------
        WorkspaceError
            If there is none, the file is not a workspace or one of another version, another process holds
            it, or it may not be opened.
        """
        path = Path(path)
        try:
            if path.is_dir():
                raise WorkspaceError(f"{path}: is a folder: --db takes the file of a workspace")
            if not path.exists():
                if read_only or not create:
                    raise WorkspaceError(
                        f"{path}: no workspace here: make it with 'candidacy analyze SOURCE… --db {path}', "
                        "or name another with --db"
                    )
                if not path.parent.is_dir():
                    raise WorkspaceError(
                        f"{path}: there is no folder {path.parent}: make it first, or give another --db"
                    )
                _make(path)
        except OSError as error:
            raise WorkspaceError(f"{path}: cannot be opened: {error.strerror}: give another --db") from error
        connection = _connected(path, read_only=read_only)
        try:
            with _reported(path):
                _check(path, connection, create=create and not read_only)
                if not read_only:
                    connection.execute(_PENDING)
                    connection.execute(_MAILS)
        except BaseException:
            connection.close()
            raise
        return cls(path, connection, read_only=read_only)

    def close(self) -> None:
        """Close the file; what was added is in it already."""
        self._connection.close()

    def __enter__(self) -> Workspace:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def model(self) -> Model | None:
        """The embedding model whose vectors are stored."""
        return self._stored("embeddings") or self._embedding

    def set_model(self, model: Model) -> None:
        """Say which embedding model this session uses; the first one is stored.

        Raises
        ------
        WorkspaceError
            If the workspace holds the vectors of another model (told by the hash of its weights).
        """
        stored = self._stored("embeddings")
        if stored and (stored.sha256, stored.precision) != (model.sha256, model.precision):
            raise WorkspaceError(
                f"{self.path}: holds vectors of the model {stored.name} ({stored.sha256[:12]}), "
                f"not of {model.name} ({model.sha256[:12]}): give '--model {stored.name}', "
                "or another --db for the other model"
            )
        if not stored and not self.read_only:
            self._store("embeddings", model)
        self._embedding = model

    @property
    def pipeline(self) -> Model | None:
        """The extraction model that `known` and `add` go by: the last one that was set."""
        return self._stored("pipeline")

    def set_pipeline(self, model: Model) -> None:
        """Say which extraction model makes the records that are added from now on."""
        if self.pipeline != model.model_copy(update={"role": "pipeline"}):
            self._writing()
            self._store("pipeline", model)

    def known(self, ids: Iterable[str]) -> dict[str, Election]:
        """Return the elections of those ids whose records are here and made by the present pipeline.

        They need no analysis.
        """
        rows = self._rows(
            """SELECT id, record->'$.election' FROM statements
            WHERE id IN (SELECT unnest(?::VARCHAR[])) AND pipeline IS NOT DISTINCT FROM ?""",
            [_encodable(ids), _maker(self.pipeline)],
        )
        with self._readable():
            return {id_: Election.model_validate_json(election) for id_, election in rows}

    def add(
        self,
        records: Iterable[StatementRecord],
        skipped: Iterable[Skipped] = (),
        *,
        again: Iterable[Source] = (),
        changes: Iterable[Change] = (),
        vectors: Iterable[str] = (),
        pending: bool = False,
    ) -> int:
        """Store records and what was skipped, all or nothing, and return by how many statements that is more.

        A record that is here already is replaced if it differs. So is one from the same message that an
        earlier pipeline made from it under another id, which happens when the cleaning has changed. A place
        has one reason to be skipped, the last one given, and none once it has become a statement.

        Parameters
        ----------
        again : where statements were found that are here already: these places are skipped no more, either.
        changes : what has become of mails: one that gives way to another is removed, and the other gets a note of it.
        vectors : the keys of vectors that nothing is left for then.
        pending : the records are not finished before `settle` and `finish`.
        """
        self._writing()
        made_by = _maker(self.pipeline)
        rows = {record.id: _row(record, made_by) for record in map(writable, records)}
        taken = [row[_COLUMNS.index("place")] for row in rows.values() if row[_COLUMNS.index("section")] is None]
        taken += [_at(source) for source in map(writable, again) if source.section is None]
        changes = list(changes)
        told = [writable(change.skipped) for change in changes if change.skipped]
        changed = {_at(item) for item in told}
        left_out = {
            (_at(item), item.code, item.model_dump_json())
            for item in [*told, *(one for one in map(writable, skipped) if _at(one) not in changed)]
        }
        with _reported(self.path), self._transaction() as connection:
            before = _count(connection)
            for batch in _batches(list(rows.values())):
                self._add_statements(connection, batch, list(rows))
            if pending:
                connection.execute(
                    """INSERT INTO pending SELECT unnest(?::VARCHAR[]), false
                    ON CONFLICT (id) DO UPDATE SET settled = false""",
                    [list(rows)],
                )
            self._change(connection, changes)
            connection.execute("DELETE FROM vectors WHERE key IN (SELECT unnest(?::VARCHAR[]))", [list(vectors)])
            connection.execute("DELETE FROM skipped WHERE place IN (SELECT unnest(?::VARCHAR[]))", [taken])
            self._add_skipped(connection, sorted(left_out))
            return _count(connection) - before

    def mails(self) -> list[Kept]:
        """Return what tells whether a mail is a copy or a correction of one that is stored, or gave way to one."""
        from analyzer.statements.duplicates import Kept

        if not self._has("mails"):
            return []
        last = self.successors()
        stored = {id_ for (id_,) in self._rows("SELECT id FROM statements")}
        rows = self._rows("FROM mails ORDER BY id")
        with self._readable():
            return [Kept.model_validate_json(record) for id_, record in rows if last.get(id_, id_) in stored]

    def successors(self) -> dict[str, str]:
        """Return, of statements that gave way to corrected ones, the ids of those that are kept in the end."""
        if not self._has("mails"):
            return {}
        after = dict(self._rows("SELECT id, record->>'by' FROM mails WHERE (record->>'by') IS NOT NULL"))
        found = {}
        for id_ in after:
            last = id_
            while last in after:
                last = after[last]
            found[id_] = last
        return found

    def pending(self, *, settled: bool) -> list[str]:
        """Return the ids of the statements that wait for their election, or, `settled`, for nothing but vectors."""
        query = "SELECT id FROM pending SEMI JOIN statements USING (id) WHERE settled = ? ORDER BY id"
        return [id_ for (id_,) in self._rows(query, [settled])]

    def outlines(self, *, finished: bool = False) -> list[StatementRecord]:
        """Return all records (or those that wait for nothing) without texts and what was found in these.

        That is all that elections go by.
        """
        which = "ANTI JOIN pending USING (id)" if finished else ""
        query = f"SELECT json_merge_patch(record, ?) FROM statements {which} ORDER BY submitted NULLS FIRST, id"
        return self._read(query, [_EMPTY])

    def settle(self, elections: Mapping[str, Election]) -> None:
        """Give pending statements their elections, all or nothing, so that only their vectors are missing."""
        self._writing()
        with _reported(self.path), self._transaction() as connection:
            for batch in _batches(sorted(elections)):
                rows = [
                    (row[0], *(row[_COLUMNS.index(name)] for name in _SETTLED))
                    for record in self.records(batch)
                    for row in [_row(writable(record.model_copy(update={"election": elections[record.id]})), None)]
                ]
                lists = ", ".join(f"unnest(?::VARCHAR[]) AS {name}" for name in ("id", *_SETTLED))
                updates = ", ".join(f"{name} = new.{name}" for name in _SETTLED)
                connection.execute(
                    f"UPDATE statements SET {updates} FROM (SELECT {lists}) AS new WHERE statements.id = new.id",
                    _columns(rows),
                )
            connection.execute("UPDATE pending SET settled = true WHERE NOT settled")

    def finish(self, filing: Filing) -> None:
        """Say that nothing is missing of any statement, and store what is filed under which topic."""
        self._writing()
        with _reported(self.path), self._transaction() as connection:
            if filing != self.filing():
                _store_filing(connection, filing)
            connection.execute("DELETE FROM pending")

    def count(self) -> int:
        """Return how many statements there are."""
        with _reported(self.path):
            return _count(self._connection)

    def records(self, ids: Sequence[str] | None = None) -> list[StatementRecord]:
        """Return all records, or those of some ids, by date and id; those without a date come first."""
        if ids is None:
            found = self._read("SELECT record FROM statements")
        else:
            query = "SELECT record FROM statements WHERE id IN (SELECT unnest(?::VARCHAR[]))"
            found = self._read(query, [list(ids)])
        return sorted(found, key=lambda record: (record.submitted or "", record.id))

    def corrections(self) -> list[Correction]:
        """Return what users have corrected, in the order of the numbers."""
        if not self._has("corrections"):
            return []
        rows = self._rows("SELECT record FROM corrections ORDER BY number")
        return [Correction.model_validate_json(record) for (record,) in rows]

    def save_correction(self, correction: Correction) -> Correction:
        """Store what a user corrects under the next number, and return it with that."""
        self._writing()
        with _reported(self.path), self._transaction() as connection:
            return _number(connection, correction)

    def drop_correction(self, number: int) -> None:
        """Take one correction back, and with that of a person who was removed, the keys of theirs."""
        self._writing()
        with _reported(self.path), self._transaction() as connection:
            connection.execute(_CORRECTIONS)
            connection.execute("DELETE FROM corrections WHERE number = ?", [number])
            connection.execute("DELETE FROM forgotten WHERE number = ?", [number])

    def forget(
        self,
        ids: Iterable[str],
        keys: Iterable[str],
        *,
        skipped: Sequence[Skipped],
        vectors: Iterable[str],
        corrections: Iterable[Correction],
    ) -> Correction:
        """Remove statements for good, and remember keys by which they are known if they are met again.

        The file is written anew, so that nothing of them is left in it.

        Parameters
        ----------
        ids : of the statements to remove.
        keys : what tells the person; only salted hashes are stored.
        skipped : what was left out and goes, too.
        vectors : the keys of the vectors that go, too.
        corrections : those that stay, with the numbers they have.
        """
        self._writing()
        gone = _encodable(ids)
        traces = [*gone, *(id_ for id_, last in self.successors().items() if last in gone)]
        hashed = sorted({self._hashed(key, create=True) for key in keys})
        kept = [(item.number, item.model_dump_json()) for item in corrections]
        place = self.path.resolve()
        # DuckDB leaves what was deleted in its blocks. A copy loses it, and the copy of that has never had it.
        first, second = (place.with_name(f".{place.name}-{secrets.token_hex(6)}") for _ in range(2))
        try:
            with _reported(self.path):
                _copy(self._connection, first)
                with _connected(first, read_only=False) as connection:
                    connection.begin()
                    connection.execute(_CORRECTIONS)
                    for table in ("statements", "pending"):
                        connection.execute(f"DELETE FROM {table} WHERE id IN (SELECT unnest(?::VARCHAR[]))", [gone])
                    connection.execute("DELETE FROM mails WHERE id IN (SELECT unnest(?::VARCHAR[]))", [traces])
                    connection.execute(
                        "DELETE FROM vectors WHERE key IN (SELECT unnest(?::VARCHAR[]))", [list(vectors)]
                    )
                    connection.execute(
                        "DELETE FROM skipped WHERE record::VARCHAR IN (SELECT unnest(?::VARCHAR[]))",
                        [[item.model_dump_json() for item in skipped]],
                    )
                    connection.execute("DELETE FROM corrections")
                    for row in kept:
                        connection.execute("INSERT INTO corrections VALUES (?, ?)", row)
                    made = _number(connection, Correction(number=0, verb="forget", statements=len(gone)))
                    connection.execute(
                        "INSERT INTO forgotten SELECT unnest(?::VARCHAR[]), ? ON CONFLICT DO NOTHING",
                        [hashed, made.number],
                    )
                    connection.commit()
                    _copy(connection, second)
            second.chmod(place.stat().st_mode)
            self._connection.close()
            try:
                second.replace(place)
            finally:
                self._connection = _connected(self.path, read_only=False)
        except OSError as error:
            reason = f"cannot be written anew: {error.strerror}: nothing was removed"
            raise WorkspaceError(f"{self.path}: {reason}") from error
        finally:
            for copy in (first, second):
                for path in (copy, copy.with_name(f"{copy.name}.wal")):
                    path.unlink(missing_ok=True)
        return made

    def forgotten(self, keys: Iterable[str]) -> set[str]:
        """Return those of some keys that tell a person who was removed."""
        if not self._has("forgotten"):
            return set()
        rows = self._rows("SELECT key FROM forgotten")
        known = {key for (key,) in rows}
        return {key for key in keys if self._hashed(key) in known} if known else set()

    def skipped(self) -> list[Skipped]:
        """Return what was left out and why, by place."""
        rows = self._rows("SELECT record FROM skipped")
        return sorted((Skipped.model_validate_json(record) for (record,) in rows), key=_order)

    def filing(self) -> Filing:
        """Return what is filed under which topic; nothing in a workspace that has no topics yet."""
        from analyzer.topics.filing import Filing, Heading, Place

        if not self._has("topic_phrases"):
            return Filing()
        headings = self._rows("SELECT id, label, area, given FROM topics")
        places = self._rows("SELECT key, topic, confidence, pinned FROM topic_phrases")
        state = dict(self._rows("SELECT key, value FROM meta WHERE key LIKE 'topics-%'"))
        return Filing(
            {id_: Heading(*rest) for id_, *rest in sorted(headings)},
            {key: Place(*rest) for key, *rest in sorted(places)},
            int(state.get("topics-fitted", 0)),
            state.get("topics-listed") == "yes",
        )

    def save_filing(self, filing: Filing) -> None:
        """Store what is filed under which topic, in place of what was."""
        self._writing()
        with _reported(self.path), self._transaction() as connection:
            _store_filing(connection, filing)

    def count_skipped(self) -> int:
        """Return how many things were left out."""
        return int(self._rows("SELECT count(*) FROM skipped")[0][0])

    def load_vectors(self, keys: Sequence[str]) -> Mapping[str, bytes]:
        """Return the vectors that are here, under their keys."""
        self._vectors_wanted()
        query = "SELECT key, vector FROM vectors WHERE key IN (SELECT unnest(?::VARCHAR[]))"
        rows = self._rows(query, [list(keys)])
        return dict(rows) | {key: self._unsaved[key] for key in keys if key in self._unsaved}

    def save_vectors(self, vectors: Mapping[str, bytes]) -> None:
        """Store vectors; in memory where the workspace was opened for reading only."""
        self._vectors_wanted()
        if self.read_only:
            self._unsaved.update(vectors)
            return
        query = "INSERT INTO vectors SELECT unnest(?::VARCHAR[]), unnest(?::BLOB[]) ON CONFLICT DO NOTHING"
        with _reported(self.path), self._transaction() as connection:
            for batch in _batches(sorted(vectors.items())):
                connection.execute(query, _columns(batch))

    def _add_statements(self, connection: Any, batch: Sequence[tuple[Any, ...]], ids: Sequence[str]) -> None:
        names = ", ".join(_COLUMNS)
        lists = ", ".join(f"unnest(?::VARCHAR[]) AS {name}" for name in _COLUMNS)
        connection.execute(f"CREATE OR REPLACE TEMP TABLE new AS SELECT {lists}", _columns(batch))
        connection.execute(
            """DELETE FROM statements AS old USING new
            WHERE old.place = new.place AND old.section IS NOT DISTINCT FROM new.section
              AND old.sha256 = new.sha256 AND old.pipeline IS DISTINCT FROM new.pipeline
              AND old.id NOT IN (SELECT unnest(?::VARCHAR[]))""",
            [ids],
        )
        updates = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS[1:])
        connection.execute(
            f"""INSERT INTO statements ({names})
            SELECT {names} FROM new
            WHERE NOT EXISTS (SELECT 1 FROM statements AS s WHERE s.id = new.id
                              AND s.digest = new.digest AND s.pipeline IS NOT DISTINCT FROM new.pipeline)
            ON CONFLICT (id) DO UPDATE SET {updates}"""
        )

    def _change(self, connection: Any, changes: Iterable[Change]) -> None:
        """Store what tells copies and corrections; remove what gives way, and note of the others what they correct."""
        from analyzer.statements.duplicates import noted

        for change in changes:
            kept = writable(change.kept)
            if kept.by is not None:
                for table in ("statements", "pending"):
                    connection.execute(f"DELETE FROM {table} WHERE id = ?", [kept.id])
            if kept.by is not None and kept.code != "corrected":
                connection.execute("DELETE FROM mails WHERE id = ?", [kept.id])
                continue
            connection.execute("INSERT OR REPLACE INTO mails VALUES (?, ?)", [kept.id, kept.model_dump_json()])
            for record in self._read("SELECT record FROM statements WHERE id = ?", [kept.id]):
                warnings = noted(record.warnings, change.note)
                if warnings != record.warnings:
                    row = _row(writable(record.model_copy(update={"warnings": warnings})), None)
                    connection.execute(
                        "UPDATE statements SET digest = ?, record = ? WHERE id = ?",
                        [row[_COLUMNS.index("digest")], row[_COLUMNS.index("record")], kept.id],
                    )

    def _add_skipped(self, connection: Any, left_out: Sequence[tuple[str, str, str]]) -> None:
        """Store why places were skipped; what is there already is not written again."""
        connection.execute("CREATE OR REPLACE TEMP TABLE new (place VARCHAR, code VARCHAR, record VARCHAR)")
        for batch in _batches(left_out):
            connection.execute(
                "INSERT INTO new SELECT unnest(?::VARCHAR[]), unnest(?::VARCHAR[]), unnest(?::VARCHAR[])",
                _columns(batch),
            )
        # With --all a reply is a statement, labelled so; without, it is skipped: never list it twice.
        said = "(SELECT (place, decision) FROM statements WHERE section IS NULL)"
        here = "SELECT record::VARCHAR FROM skipped WHERE place IN (SELECT place FROM new)"
        connection.execute(
            f"""DELETE FROM skipped WHERE place IN (SELECT place FROM new)
            AND record::VARCHAR NOT IN (SELECT record FROM new WHERE (place, code) NOT IN {said})"""
        )
        connection.execute(
            f"""INSERT INTO skipped SELECT * FROM new
            WHERE (place, code) NOT IN {said} AND record NOT IN ({here})"""
        )

    def _read(self, query: str, values: Sequence[Any] = ()) -> list[StatementRecord]:
        rows = self._rows(query, values)
        with self._readable(), _uncollected():
            return [StatementRecord.model_validate_json(record) for (record,) in rows]

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except ValidationError as error:
            raise WorkspaceError(
                f"{self.path}: holds a record that this version cannot read ({error.errors()[0]['msg']}): "
                "analyze the sources again into another --db"
            ) from error

    def _hashed(self, key: str, *, create: bool = False) -> str:
        """Return a key as it is stored: an HMAC with a salt of this workspace's own."""
        if self._salt is None:
            rows = self._rows("SELECT value FROM meta WHERE key = 'salt'")
            self._salt = bytes.fromhex(rows[0][0]) if rows else None
        if self._salt is None:
            self._salt = secrets.token_bytes(32)
            if create:
                with _reported(self.path):
                    self._connection.execute("INSERT INTO meta VALUES ('salt', ?)", [self._salt.hex()])
        return hmac.new(self._salt, key.encode("utf-8", "replace"), "sha256").hexdigest()

    def _has(self, table: str) -> bool:
        return bool(self._rows("SELECT 1 FROM duckdb_tables() WHERE table_name = ?", [table]))

    def _stored(self, role: str) -> Model | None:
        rows = self._rows("SELECT name, sha256, precision FROM models WHERE role = ?", [role])
        if not rows:
            return None
        name, sha256, precision = rows[0]
        return Model(role=role, name=name, sha256=sha256, precision=precision)

    def _store(self, role: str, model: Model) -> None:
        values = [role, model.name, model.sha256, model.precision]
        with _reported(self.path):
            self._connection.execute("INSERT OR REPLACE INTO models VALUES (?, ?, ?, ?)", values)

    def _rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with _reported(self.path):
            return list(self._connection.execute(query, list(values)).fetchall())

    @contextmanager
    def _transaction(self) -> Iterator[Any]:
        self._connection.begin()
        try:
            yield self._connection
        except BaseException:
            self._connection.rollback()
            raise
        self._connection.commit()

    def _writing(self) -> None:
        if self.read_only:
            raise WorkspaceError(f"{self.path}: is open for reading only")

    def _vectors_wanted(self) -> None:
        if self._embedding is None:
            raise RuntimeError("vectors are of a model: call set_model first")


@contextmanager
def _uncollected() -> Iterator[None]:
    """Make many objects at once without the garbage collector walking them all, again and again."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _make(path: Path) -> None:
    """Make an empty workspace, whole or not at all: DuckDB refuses a file of which a killed run wrote the half."""
    made = path.with_name(f".candidacy-{secrets.token_hex(6)}")
    try:
        connection = _connected(path, read_only=False, file=made)
        try:
            with _reported(path):
                _check(path, connection, create=True)
        finally:
            connection.close()
        try:
            path.hardlink_to(made)
        except FileExistsError:
            pass  # another run made it meanwhile, and it is not to lose it, as it would if this one were moved there
        except OSError:  # a file system without links
            made.rename(path)
    finally:
        for file in (made, made.with_name(f"{made.name}.wal")):
            file.unlink(missing_ok=True)


def _connected(path: Path, *, read_only: bool, file: Path | None = None) -> Any:
    """Open a file of DuckDB's; `file` is where it stands while it is not yet at its path."""
    import duckdb

    try:
        # Absolute, for DuckDB takes names such as ":memory:" for something else than files.
        return duckdb.connect(str((file or path).absolute()), read_only=read_only, config=dict(OFFLINE))
    except duckdb.Error as error:
        raise WorkspaceError(_refusal(path, str(error))) from error


def _check(path: Path, connection: Any, *, create: bool) -> None:
    """Make the tables of a new workspace; refuse a file that is not one, without touching it."""
    tables = {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    views = connection.execute("SELECT count(*) FROM duckdb_views() WHERE NOT internal").fetchone()[0]
    # A run that was killed before it could make the tables leaves an empty database.
    if not tables and not views:
        if not create:
            raise WorkspaceError(f"{path}: holds nothing yet: fill it with 'candidacy analyze SOURCE… --db {path}'")
        connection.begin()
        connection.execute(_TABLES)
        connection.execute("INSERT INTO meta VALUES ('candidacy-workspace', ?)", [str(VERSION)])
        connection.commit()
        return
    query = "SELECT column_name FROM duckdb_columns() WHERE table_name = 'meta'"
    found = None
    if {("key",), ("value",)} <= set(connection.execute(query).fetchall()):
        found = connection.execute("SELECT value FROM meta WHERE key = 'candidacy-workspace'").fetchone()
    if found is None:
        raise WorkspaceError(f"{path}: a DuckDB database, but not a workspace of this program: give another --db")
    if found[0] != str(VERSION):
        raise WorkspaceError(
            f"{path}: a workspace of version {found[0]}, and this program reads version {VERSION}: "
            "analyze the sources again into another --db"
        )


def _store_filing(connection: Any, filing: Filing) -> None:
    headings = [(id_, h.label, h.area, h.given) for id_, h in sorted(filing.topics.items())]
    places = [(key, p.topic, p.confidence, p.pinned) for key, p in sorted(filing.phrases.items())]
    state = [("topics-fitted", str(filing.fitted)), ("topics-listed", "yes" if filing.listed else "no")]
    connection.execute(_FILING)
    connection.execute("DELETE FROM topics")
    connection.execute("DELETE FROM topic_phrases")
    kinds = "unnest(?::VARCHAR[]), unnest(?::VARCHAR[]), unnest(?::{}[]), unnest(?::BOOLEAN[])"
    for some in _batches(headings):
        connection.execute(f"INSERT INTO topics SELECT {kinds.format('VARCHAR')}", _columns(some))
    for batch in _batches(places):
        connection.execute(f"INSERT INTO topic_phrases SELECT {kinds.format('DOUBLE')}", _columns(batch))
    connection.execute(
        "INSERT OR REPLACE INTO meta SELECT unnest(?::VARCHAR[]), unnest(?::VARCHAR[])", _columns(state)
    )


def _number(connection: Any, correction: Correction) -> Correction:
    """Store a correction under the next number."""
    connection.execute(_CORRECTIONS)
    last = connection.execute("SELECT coalesce(max(number), 0) FROM corrections").fetchone()[0]
    made = writable(correction.model_copy(update={"number": last + 1}))
    connection.execute("INSERT INTO corrections VALUES (?, ?)", [made.number, made.model_dump_json()])
    return made


def _copy(connection: Any, target: Path) -> None:
    """Copy what a database holds, and nothing that was deleted, into a new file."""
    (name,) = connection.execute("SELECT current_database()").fetchone()
    quoted, path = name.replace('"', '""'), str(target).replace("'", "''")
    connection.execute(f"ATTACH '{path}' AS candidacy_copy")
    connection.execute(f'COPY FROM DATABASE "{quoted}" TO candidacy_copy')
    connection.execute("DETACH candidacy_copy")


def _refusal(path: Path, message: str) -> str:
    """Turn DuckDB's reason for not opening a file into one line with a remedy."""
    if "Could not set lock" in message or "different configuration" in message:
        holder = re.search(r"\(PID (\d+)\)", message)
        who = f"another process ({holder[1]})" if holder else "this or another process"
        return f"{path}: locked, for {who} has it open: wait until it is done, or give another --db"
    if "not a valid DuckDB" in message:
        return f"{path}: not a workspace (not even a DuckDB file): give another --db, or move the file away"
    if "version number" in message or "storage version" in message:
        return f"{path}: written by another version of DuckDB: analyze the sources again into another --db"
    if "Permission denied" in message:
        return f"{path}: no permission to open it: change that, or give another --db"
    return f"{path}: cannot be opened as a workspace: {_first_line(message)}"


@contextmanager
def _reported(path: Path) -> Iterator[None]:
    """Turn DuckDB's later errors (a full disk, a damaged file) into one line."""
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        raise CandidacyError(f"{path}: the workspace failed: {_first_line(str(error))}") from error


def _first_line(message: str) -> str:
    return message.strip().partition("\n")[0]


def _maker(pipeline: Model | None) -> str | None:
    """Return what tells the records of one pipeline from those of another, which 8 bits make of the same weights."""
    return f"{pipeline.sha256} {pipeline.precision}" if pipeline else None


def _row(record: StatementRecord, pipeline: str | None) -> tuple[Any, ...]:
    """Return a record as a row of `_COLUMNS`."""
    source, election, text = record.source, record.election, record.model_dump_json()
    return (
        record.id,
        record.submitted,
        election.id,
        election.contest_id,
        election.community_canonical or election.community,
        record.candidate.name,
        record.decision.label,
        _place(source.path, source.member, source.index),
        source.section,
        source.sha256,
        pipeline,
        hashlib.sha256(text.encode()).hexdigest(),
        text,
    )


def _place(path: str, member: str | None, index: int | None) -> str:
    return json.dumps([path, member, index])


def _at(item: Source | Skipped) -> str:
    return _place(item.path, item.member, item.index)


def _order(item: Skipped) -> tuple[str, str, int, str, str]:
    return item.path, item.member or "", -1 if item.index is None else item.index, item.code, item.message


def _count(connection: Any) -> int:
    return int(connection.execute("SELECT count(*) FROM statements").fetchone()[0])


def _batches(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    return (rows[at : at + BATCH] for at in range(0, len(rows), BATCH))


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _encodable(texts: Iterable[str]) -> list[str]:
    return [text.encode("utf-8", "replace").decode() for text in texts]
