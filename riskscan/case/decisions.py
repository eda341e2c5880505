"""Decisions: what reviewers said of messages; appended to a hash chain, never changed.

Each row carries the SHA-256 of the one before it, and its own over all its columns, so that a row
changed, taken out or moved later is found (``verify``). A decision is committed with
``synchronous=FULL`` before ``decide`` returns: what a reviewer was told is saved is on the disk.
Decisions take none of the scan's writer lock: each is one short transaction, and waits for a
scan's batch if there is one under way.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Row, inspect, select, text

import riskscan
from riskscan.case import schema
from riskscan.case.chain import START, row_hash
from riskscan.case.open import DATABASE, CaseError, connect

VERDICTS = ("flag", "not", "unsure")
_TABLES = (schema.decisions, schema.saved_searches, schema.second_reviews)
_LONGEST_NOTE = 10_000
_LONGEST_NAME = 80
# Longer than a batch of a scan takes.
_BUSY_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Decision:
    """What a reviewer says of a message: ``verdict`` is "flag", "not" or "unsure".

    ``score`` and ``model`` (its fingerprint) are what the reviewer was shown.
    """

    message: int
    verdict: str
    signals: tuple[str, ...] = ()
    privileged: bool = False
    hot: bool = False
    note: str = ""
    score: float | None = None
    model: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the chain; of an undo, ``verdict`` is "" and ``undoes`` the row taken back."""

    seq: int
    kind: str
    batch: str
    message: int
    content_hash: str
    reviewer: str
    made: str
    verdict: str
    signals: tuple[str, ...]
    privileged: bool
    hot: bool
    note: str
    undoes: int | None
    score: float | None
    model: str
    version: str
    previous: str
    sha256: str


class Decisions:
    """The writing side of the decisions of the case in ``folder``; safe from several threads.

    Raises CaseError when there is no case, it cannot be written to, or a scan keeps it busy.
    """

    def __init__(self, folder: Path) -> None:
        prepare(folder)
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(
            folder / DATABASE,
            timeout=_BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
        self._connection.execute("PRAGMA synchronous=FULL")

    def close(self) -> None:
        """Let go of the database file."""
        self._connection.close()

    def decide(self, reviewer: str, made: Sequence[Decision], *, batch: bool = False) -> list[int]:
        """Append decisions, all or none; returns the numbers of their rows, once on the disk.

        ``batch``: they were made at once, and are undone at once. Raises CaseError for a message
        that is not in the case, ValueError for a verdict or signal that is none.
        """
        reviewer = reviewer_name(reviewer)
        group = uuid4().hex if batch else ""
        for one in made:
            _check(one)
        with self._transaction() as connection:
            rows = []
            for one in made:
                rows.append(
                    {
                        "kind": "batch" if batch else "decision",
                        "batch": group,
                        "message_id": one.message,
                        "content_hash": _content_hash(connection, one.message),
                        "reviewer": reviewer,
                        "verdict": one.verdict,
                        "signals": json.dumps(list(one.signals)),
                        "privileged": int(one.privileged),
                        "hot": int(one.hot),
                        "note": _clean(one.note)[:_LONGEST_NOTE],
                        "undoes": None,
                        "score": None if one.score is None else float(one.score),
                        "model": one.model,
                    }
                )
            return _append(connection, rows)

    def undo(self, reviewer: str) -> list[int]:
        """Take back the reviewer's last decision, or last batch; returns its messages.

        What held before holds again. Empty when there is nothing left to take back.
        """
        reviewer = reviewer_name(reviewer)
        with self._transaction() as connection:
            last = connection.execute(f"{_STANDING} ORDER BY seq DESC LIMIT 1", (reviewer,))
            row = last.fetchone()
            if row is None:
                return []
            undone = [row]
            if row[1]:
                several = connection.execute(
                    f"{_STANDING} AND batch = ? ORDER BY seq", (reviewer, row[1])
                )
                undone = several.fetchall()
            group = uuid4().hex if len(undone) > 1 else ""
            rows = [
                {
                    "kind": "undo", "batch": group, "message_id": message,
                    "content_hash": content_hash, "reviewer": reviewer, "verdict": "",
                    "signals": "[]", "privileged": 0, "hot": 0, "note": "", "undoes": seq,
                    "score": None, "model": "",
                }
                for seq, _, message, content_hash in undone
            ]  # fmt: skip
            _append(connection, rows)
            return [message for _, _, message, _ in undone]

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """A write transaction from its start on: what is read in it is what is written after."""
        with self._lock:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                try:
                    yield self._connection
                    self._connection.execute("COMMIT")
                except BaseException:
                    if self._connection.in_transaction:
                        self._connection.execute("ROLLBACK")
                    raise
            except sqlite3.Error as error:
                raise CaseError(f"Not saved: the case cannot be written to ({error}).") from error


_STANDING = (
    "SELECT seq, batch, message_id, content_hash FROM decisions d WHERE reviewer = ? "
    "AND kind <> 'undo' AND NOT EXISTS (SELECT 1 FROM decisions u WHERE u.undoes = d.seq)"
)


def prepare(folder: Path) -> None:
    """Make the tables of decisions in a case that has none yet. Raises CaseError."""
    engine = connect(folder)

    try:
        with engine.connect() as connection:
            there = set(inspect(connection).get_table_names())
        if not there >= {table.name for table in _TABLES}:
            with engine.begin() as connection:
                # Begun anew as a writer: two that prepare at once must not both find nothing.
                connection.exec_driver_sql("COMMIT")
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                schema.metadata.create_all(connection, tables=list(_TABLES))
    finally:
        engine.dispose()


def reviewer_name(text: str) -> str:
    """A reviewer's name on one line. Raises ValueError when nothing is left of it."""
    name = " ".join(_clean(text).split())[:_LONGEST_NAME].strip()
    if not name:
        raise ValueError("A reviewer needs a name.")
    return name


def _clean(text: str) -> str:
    """``text`` that any database and screen can hold: no controls, no lone surrogates."""
    return "".join(
        c for c in text.replace("\r\n", "\n") if c in "\n\t" or unicodedata.category(c)[0] != "C"
    )


def _check(one: Decision) -> None:
    from riskscan.detect.classifier import SIGNALS

    if one.verdict not in VERDICTS:
        raise ValueError(f"'{one.verdict}' is no verdict; they are {', '.join(VERDICTS)}.")
    unknown = set(one.signals) - set(SIGNALS)
    if unknown:
        raise ValueError(f"'{min(unknown)}' is no signal; they are {', '.join(SIGNALS)}.")


def _content_hash(connection: sqlite3.Connection, message: int) -> str:
    found = connection.execute("SELECT content_hash FROM messages WHERE id = ?", (message,))
    row = found.fetchone()
    if row is None:
        raise CaseError(f"No message '{message}' in the case.")
    return str(row[0])


def _append(connection: sqlite3.Connection, rows: Iterable[dict[str, Any]]) -> list[int]:
    seq, previous = connection.execute(
        "SELECT seq, sha256 FROM decisions ORDER BY seq DESC LIMIT 1"
    ).fetchone() or (0, START)
    # The table's own count tells of rows taken from the end; their numbers are not used again.
    (used,) = connection.execute(
        "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'decisions'"
    ).fetchone()
    seq = max(seq, used)
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    made = []
    for row in rows:
        seq += 1
        row |= {"seq": seq, "made": now, "version": riskscan.__version__, "previous": previous}
        previous = row["sha256"] = row_hash(row)
        columns = ", ".join(row)
        marks = ", ".join("?" * len(row))
        connection.execute(
            f"INSERT INTO decisions ({columns}) VALUES ({marks})", tuple(row.values())
        )
        made.append(seq)
    return made


# reading


def entries(connection: Connection) -> Iterator[Entry]:
    """All rows of the chain, in order."""
    if _present(connection):
        rows = connection.execute(select(schema.decisions).order_by(schema.decisions.c.seq))
        yield from (_entry(row) for row in rows)


def current(connection: Connection) -> list[Entry]:
    """What holds: the last decision of each reviewer on each message, undone ones left out."""
    if not _present(connection):
        return []
    rows = connection.execute(text("SELECT * FROM standing_decisions ORDER BY message_id, seq"))
    return [_entry(row) for row in rows]


def current_of(connection: Connection, messages: Sequence[int]) -> list[Entry]:
    """The same of a few messages."""
    if not _present(connection):
        return []
    table = schema.decisions
    undone = select(table.c.undoes).where(
        table.c.message_id.in_(messages), table.c.undoes.is_not(None)
    )
    rows = connection.execute(
        select(table)
        .where(table.c.message_id.in_(messages), table.c.kind != "undo", table.c.seq.not_in(undone))
        .order_by(table.c.seq)
    )
    last = {(row.message_id, row.reviewer): row for row in rows}
    return sorted((_entry(row) for row in last.values()), key=lambda e: (e.message, e.seq))


def history(connection: Connection, message: int) -> list[Entry]:
    """All rows of the chain about one message, in order."""
    if not _present(connection):
        return []
    table = schema.decisions
    rows = connection.execute(
        select(table).where(table.c.message_id == message).order_by(table.c.seq)
    )
    return [_entry(row) for row in rows]


def conflicts(standing: Iterable[Entry]) -> dict[int, list[Entry]]:
    """The messages on which reviewers' verdicts differ, with what each of them said."""
    by_message: dict[int, list[Entry]] = defaultdict(list)
    for one in standing:
        by_message[one.message].append(one)
    return {
        message: several
        for message, several in by_message.items()
        if len({one.verdict for one in several}) > 1
    }


def _present(connection: Connection) -> bool:
    return bool(inspect(connection).has_table(schema.decisions.name))


def _entry(row: Row[Any]) -> Entry:
    values = dict(row._mapping)
    values["message"] = values.pop("message_id")
    values["signals"] = _signals(values["signals"])
    values["privileged"] = bool(values["privileged"])
    values["hot"] = bool(values["hot"])
    return Entry(**values)


def _signals(stored: str) -> tuple[str, ...]:
    """The signals of a row; what is no list, because it was tampered with, is one of them."""
    try:
        named = json.loads(stored)
    except (TypeError, ValueError):
        named = None
    return tuple(map(str, named)) if isinstance(named, list) else (str(stored),)
