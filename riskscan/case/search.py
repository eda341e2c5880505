"""Full-text search of a case: an FTS5 index in a file of its own, ``search.sqlite``.

The index can be made again from the case at any time, so it is no part of it: the case stays what
is handed on, and indexing never keeps a scan or a reviewer waiting. It holds words and where they
stand, not the texts, and the words as they read (``mail.folding``). A case in PostgreSQL has it on
each reviewer's machine: its own search (tsvector) cuts words otherwise, knows no place after the
16,383rd word, and takes no message of more than a mebibyte of words, so that the same search would
find other messages there.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import closing
from threading import Lock
from typing import Any

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray
from sqlalchemy import Column, Connection, Engine, Table, select

from riskscan.case import schema
from riskscan.case.location import CaseError, Location
from riskscan.case.query import FIELDS, Query, QueryError
from riskscan.case.unspaced import APART, apart
from riskscan.mail.folding import Folded, fold, folded

INDEX = "search.sqlite"
_VERSION = 3
_BATCH = 1_000
_START, _END = "\x02", "\x03"
_BREAKS = {1: " ", 2: " ", 3: " "}
# "remove_diacritics 2": "Müller" is found by "muller", also where it is written in two code points.
# Marks (Mn, Mc) are part of a word: without them a word in Hindi falls apart at each vowel.
_TABLE = (
    f"CREATE VIRTUAL TABLE {{name}} USING fts5({', '.join(FIELDS)}, {{more}}"
    "tokenize = \"unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'\")"
)
Progress = Callable[[int], object]


class Search:
    """The index of the case at ``location``; made, or made anew, as far as that is needed."""

    def __init__(self, location: Location, engine: Engine) -> None:
        self._file = location.cache() / INDEX
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
                    rows = _texts(case, upto)
                    case.rollback()
                    writer.executemany(
                        f"INSERT INTO words (rowid, {', '.join(FIELDS)}) VALUES (?, ?, ?, ?, ?)",
                        [(row[0], *(apart(folded(text)) for text in row[2:])) for row in rows],
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
        # A connection of its own: other pages need not wait for a search that takes long.
        with closing(self._connected()) as connection:
            try:
                # One text: half a million rows would take five times as long to come over.
                (found,) = connection.execute(
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
    mail = schema.messages
    found = case.execute(select(mail.c.content_hash).where(mail.c.id == upto)).scalar()
    return bool(upto == 0 or found == known)


def _texts(case: Connection, after: int) -> list[tuple[Any, ...]]:
    """Number, content hash and fields of the next messages after one."""
    mail, bodies = schema.messages, schema.texts
    rows = case.execute(
        select(
            mail.c.id, mail.c.content_hash, mail.c.subject, bodies.c.body, mail.c.sender_name,
            mail.c.sender_address,
        )
        .join_from(mail, bodies)
        .where(mail.c.id > after)
        .order_by(mail.c.id)
        .limit(_BATCH)
    ).all()  # fmt: skip
    if not rows:
        return []
    last = rows[-1].id
    to, files = schema.recipients, schema.attachments
    people = _joined(case, to, to.c.name, to.c.address, after, last)
    texts = _joined(case, files, files.c.name, files.c.text, after, last)
    return [
        (
            row.id, row.content_hash, row.subject, row.body,
            f"{row.sender_name} {row.sender_address} {people.get(row.id, '')}",
            texts.get(row.id, ""),
        )
        for row in rows
    ]  # fmt: skip


def _joined(
    case: Connection, table: Table, one: Column[str], other: Column[str], after: int, last: int
) -> dict[int, str]:
    """Two columns of all rows of each message, one after the other."""
    key = table.c.message_id
    found: dict[int, list[str]] = defaultdict(list)
    for message, *both in case.execute(
        select(key, one, other).where(key > after, key <= last).order_by(key, table.c.position)
    ):
        found[message] += both
    return {message: " ".join(words) for message, words in found.items()}


Span = tuple[int, int]


def hits(query: Query, texts: Sequence[dict[str, str]]) -> list[dict[str, list[Span]]]:
    """Where the words sought stand in texts by field (``FIELDS``): offsets, by field, of each."""
    made: list[dict[str, list[Span]]] = []
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute(_TABLE.format(name="words", more=""))
        changed: dict[tuple[int, str], Folded] = {}
        for number, one in enumerate(texts, 1):
            calm = []
            for field in FIELDS:
                text = one.get(field, "")
                if read := fold(text):
                    changed[number, field] = read
                calm.append(apart((read.text if read else text).translate(_BREAKS)))
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
        spans = dict(zip(FIELDS, map(_spans, rows[number]), strict=True)) if number in rows else {}
        for field in spans:
            if read := changed.get((number, field)):
                spans[field] = [read.span(*span) for span in spans[field]]
        made.append(spans)
    return made


def _spans(marked: str) -> list[Span]:
    """What stands between the marks, as offsets in the text without marks and ``APART``."""
    spans: list[Span] = []
    at = gone = 0
    while (start := marked.find(_START, at)) >= 0:
        end = marked.find(_END, start)
        gone += marked.count(APART, at, start)
        inside = marked.count(APART, start, end)
        spans.append((start - gone, end - gone - inside - 1))
        gone += inside + 2
        at = end + 1
    return spans
