"""Full-text search of a case: an FTS5 index in a file of its own, ``search.sqlite``.

The index can be made again from the case at any time, so it is no part of it: the case stays what
is handed on, and indexing never keeps a scan or a reviewer waiting. It holds words and where they
stand, not the texts.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, text

from riskscan.case.open import CaseError
from riskscan.case.query import FIELDS, Query, QueryError

INDEX = "search.sqlite"
_VERSION = 1
_BATCH = 1_000
_START, _END = "\x02", "\x03"
_BREAKS = {2: " ", 3: " "}
# "remove_diacritics 2": "Müller" is found by "muller", also where it is written in two code points.
_TABLE = (
    f"CREATE VIRTUAL TABLE {{name}} USING fts5({', '.join(FIELDS)}, {{more}}"
    "tokenize = 'unicode61 remove_diacritics 2')"
)
_TEXTS = text(
    "SELECT m.id, m.content_hash, m.subject, t.body, m.sender_name || ' ' || m.sender_address "
    "|| ' ' || coalesce((SELECT group_concat(r.name || ' ' || r.address, ' ') FROM recipients r "
    "WHERE r.message_id = m.id), ''), coalesce((SELECT group_concat(a.name || ' ' || a.text, ' ') "
    "FROM attachments a WHERE a.message_id = m.id), '') "
    "FROM messages m JOIN texts t ON t.message_id = m.id WHERE m.id > :after "
    "ORDER BY m.id LIMIT :most"
)

Progress = Callable[[int], object]


class Search:
    """The index of the case in ``folder``; made, or made anew, as far as that is needed."""

    def __init__(self, folder: Path, engine: Engine) -> None:
        self._file = folder / INDEX
        self._engine = engine
        self._lock = Lock()
        try:
            self._connection = self._open()
        except sqlite3.Error as error:
            raise CaseError(f"The search index '{self._file}' cannot be made: {error}.") from error

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _open(self) -> sqlite3.Connection:
        # Two reviewers who open a case at once must not both make the file.
        with self._engine.connect() as case, FileLock(f"{self._file}.lock"):
            try:
                connection = self._connected()
                if _fits(connection, case):
                    return connection
                connection.close()
            except sqlite3.DatabaseError as error:
                if error.sqlite_errorcode not in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
                    raise
            for ending in ("", "-wal", "-shm", "-journal"):
                self._file.with_name(INDEX + ending).unlink(missing_ok=True)
            connection = self._connected()
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(_TABLE.format(name="words", more="content = '', "))
            connection.execute("CREATE TABLE done (upto INTEGER, hash TEXT)")
            connection.execute("INSERT INTO done VALUES (0, '')")
            connection.execute(f"PRAGMA user_version = {_VERSION}")
            connection.execute("COMMIT")
            return connection

    def _connected(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._file, timeout=30, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA journal_mode=WAL")
        return connection

    @property
    def upto(self) -> int:
        """The number of the last message that the index knows."""
        with self._lock:
            return int(self._connection.execute("SELECT upto FROM done").fetchone()[0])

    def extend(self, progress: Progress = lambda _: None) -> None:
        """Take in the messages that the case has and the index has not, in short transactions."""
        with self._connected() as writer, self._engine.connect() as case:
            while True:
                writer.execute("BEGIN IMMEDIATE")
                try:
                    (upto,) = writer.execute("SELECT upto FROM done").fetchone()
                    rows = case.execute(_TEXTS, {"after": upto, "most": _BATCH}).all()
                    case.rollback()
                    writer.executemany(
                        f"INSERT INTO words (rowid, {', '.join(FIELDS)}) VALUES (?, ?, ?, ?, ?)",
                        [(row[0], *row[2:]) for row in rows],
                    )
                    if rows:
                        writer.execute("UPDATE done SET upto = ?, hash = ?", tuple(rows[-1][:2]))
                    writer.execute("COMMIT")
                except BaseException:
                    if writer.in_transaction:
                        writer.execute("ROLLBACK")
                    raise
                if not rows:
                    break
                progress(rows[-1][0])
        writer.close()

    def find(self, query: Query) -> NDArray[np.int64]:
        """The numbers of the messages that match, ascending. Raises QueryError."""
        with self._lock:
            try:
                # One text: half a million rows would take five times as long to come over.
                (found,) = self._connection.execute(
                    "SELECT group_concat(rowid) FROM words WHERE words MATCH ?", (query.match,)
                ).fetchone()
            except sqlite3.OperationalError as error:
                raise QueryError(f"This cannot be searched for ({error}).") from error
            except sqlite3.DatabaseError as error:
                raise CaseError(
                    f"The search index is damaged ({error}): delete '{self._file}', and open the "
                    "case again."
                ) from error
        return np.sort(np.fromstring(found or "", dtype=np.int64, sep=","))


def _fits(connection: sqlite3.Connection, case: Connection) -> bool:
    """Whether the index is of this case: the last message it knows is still the same."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version != _VERSION:
        return False
    upto, known = connection.execute("SELECT upto, hash FROM done").fetchone()
    found = case.execute(
        text("SELECT content_hash FROM messages WHERE id = :upto"), {"upto": upto}
    ).scalar()
    return bool(upto == 0 or found == known)


Span = tuple[int, int]


def hits(query: Query, texts: Sequence[dict[str, str]]) -> list[dict[str, list[Span]]]:
    """Where the words sought stand in texts by field (``FIELDS``): offsets, by field, of each."""
    made: list[dict[str, list[Span]]] = []
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute(_TABLE.format(name="words", more=""))
        for number, one in enumerate(texts, 1):
            calm = [one.get(field, "").translate(_BREAKS) for field in FIELDS]
            connection.execute(
                f"INSERT INTO words (rowid, {', '.join(FIELDS)}) VALUES (?, ?, ?, ?, ?)",
                (number, *calm),
            )
        marked = ", ".join(f"highlight(words, {i}, ?2, ?3)" for i in range(len(FIELDS)))
        rows: dict[int, Any] = {
            row[0]: row[1:]
            for row in connection.execute(
                f"SELECT rowid, {marked} FROM words WHERE words MATCH ?1",
                (query.marks, _START, _END),
            )
        }
    finally:
        connection.close()
    for number in range(1, len(texts) + 1):
        row = rows.get(number)
        made.append({} if row is None else dict(zip(FIELDS, map(_spans, row), strict=True)))
    return made


def _spans(marked: str) -> list[Span]:
    spans: list[Span] = []
    at = gone = 0
    while (start := marked.find(_START, at)) >= 0:
        end = marked.find(_END, start)
        spans.append((start - gone, end - gone - 1))
        gone += 2
        at = end + 1
    return spans
