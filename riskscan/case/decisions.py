"""Decisions: what reviewers said of messages; appended to a hash chain, never changed.

Each row carries the SHA-256 of the one before it, and its own over all its columns, so that a row
changed, taken out or moved later is found (``verify``). A decision is committed durably before
``decide`` returns: what a reviewer was told is saved is on the disk. When the connection to the
database is lost and nobody knows whether it was committed, it is sent again with the key that it
had, which never appends it twice. Decisions take none of the scan's writer lock: each is one short
transaction, and waits for a scan's batch, or another reviewer's decision, if one is under way.
"""

from __future__ import annotations

import hashlib
import json
import threading
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import sleep
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Row, Select, insert, inspect, select, text

import riskscan
from riskscan.case import schema
from riskscan.case.batch import pieces
from riskscan.case.chain import START, last_number, row_hash, set_last_number
from riskscan.case.location import CaseError, Lost, Place, locate
from riskscan.case.open import connect, writing
from riskscan.case.samples import WITNESS

VERDICTS = ("flag", "not", "unsure")
_TABLES = (
    schema.decisions,
    schema.submissions,
    schema.leases,
    schema.saved_searches,
    schema.second_reviews,
)
_LONGEST_NOTE = 10_000
_LONGEST_NAME = 80
# When the connection was lost: as long as a database takes to start again.
_AGAIN_SECONDS = (0.1, 0.3, 1.0, 2.0, 4.0, 8.0)


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
    """A row of the chain; of an undo, ``verdict`` is "" and ``undoes`` the row taken back.

    ``undoes`` is None where it takes nothing back: then ``note`` says what was done (``witness``).
    """

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
    """The writing side of the decisions of the case at ``place``; safe from several threads.

    Raises CaseError when there is no case, it cannot be written to, or a scan keeps it busy.
    """

    def __init__(self, place: Place) -> None:
        self._location = locate(place)
        prepare(self._location)
        self._lock = threading.Lock()
        self._engine = connect(self._location, durable=True)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def decide(
        self, reviewer: str, made: Sequence[Decision], *, batch: bool = False, key: str = ""
    ) -> list[int]:
        """Append decisions, all or none; returns the numbers of their rows, once on the disk.

        ``batch``: they were made at once, and are undone at once. ``key``: what is sent again with
        the same key, as no answer came, is not appended again while it still stands. Raises
        CaseError for a message that is not in the case, ValueError for a verdict or signal that
        is none.
        """
        reviewer = reviewer_name(reviewer)
        key = key or uuid4().hex
        group = uuid4().hex if batch else ""
        for one in made:
            _check(one)
        said = _digest(reviewer, made)

        def append(connection: Connection) -> list[int]:
            if known := _standing_rows(connection, key, said, reviewer):
                return known
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
                        "privileged": bool(one.privileged),
                        "hot": bool(one.hot),
                        "note": _clean(one.note)[:_LONGEST_NOTE],
                        "undoes": None,
                        "score": None if one.score is None else float(one.score),
                        "model": one.model,
                    }
                )
            return _append(connection, rows, key, said)

        return self._sure(append)

    def undo(self, reviewer: str, *, key: str = "") -> list[int]:
        """Take back the reviewer's last decision, or last batch; returns its messages.

        What held before holds again. Empty when there is nothing left to take back. What is sent
        again with the same ``key`` takes nothing more back.
        """
        reviewer = reviewer_name(reviewer)
        key = key or uuid4().hex

        def take_back(connection: Connection) -> list[int]:
            if known := _submitted(connection, key, "undo"):
                return [row.message_id for row in known]
            table = schema.decisions
            stands = _stands(reviewer)
            last = connection.execute(stands.order_by(table.c.seq.desc()).limit(1)).one_or_none()
            if last is None:
                return []
            undone = [last]
            if last.batch:
                several = stands.where(table.c.batch == last.batch).order_by(table.c.seq)
                undone = list(connection.execute(several))
            group = uuid4().hex if len(undone) > 1 else ""
            rows = [
                {
                    "kind": "undo", "batch": group, "message_id": row.message_id,
                    "content_hash": row.content_hash, "reviewer": reviewer, "verdict": "",
                    "signals": "[]", "privileged": False, "hot": False, "note": "",
                    "undoes": row.seq, "score": None, "model": "",
                }
                for row in undone
            ]  # fmt: skip
            _append(connection, rows, key, "undo")
            return [row.message_id for row in undone]

        return self._sure(take_back)

    def _sure(self, work: Callable[[Connection], list[int]]) -> list[int]:
        """Do ``work`` in a transaction; again, when the answer to that was lost.

        It must be such that done twice it has the effect of once. Raises CaseError.
        """
        waits = iter(_AGAIN_SECONDS)
        while True:
            try:
                # A write transaction from its start: what is read in it is there when it writes.
                with self._lock, writing(self._engine) as connection:
                    made = work(connection)
                self._location.committed()
                return made
            except Lost as error:
                wait = next(waits, None)
                if wait is None:
                    raise CaseError(
                        f"It is not known whether this was saved: {error} Save it again: what is "
                        "saved already is not saved twice."
                    ) from error
                sleep(wait)
            except CaseError as error:
                raise CaseError(f"Not saved: {error}") from error


def prepare(place: Place) -> None:
    """Make the tables of decisions in a case that has none yet. Raises CaseError."""
    engine = connect(place)
    try:
        with engine.connect() as connection:
            there = set(inspect(connection).get_table_names())
        if not there >= {table.name for table in _TABLES}:
            # Two that prepare at once must not both find nothing: they wait for each other.
            with writing(engine) as connection:
                schema.metadata.create_all(connection, tables=list(_TABLES))
    finally:
        engine.dispose()


def _stands(reviewer: str) -> Select[Any]:
    """The decisions of a reviewer that were not undone."""
    table, later = schema.decisions, schema.decisions.alias()
    return select(table.c.seq, table.c.batch, table.c.message_id, table.c.content_hash).where(
        table.c.reviewer == reviewer,
        table.c.kind != "undo",
        ~select(1).where(later.c.undoes == table.c.seq).exists(),
    )


def _digest(reviewer: str, made: Sequence[Decision]) -> str:
    """The hash of what a reviewer says, whatever the score that they were shown."""
    told = [
        reviewer,
        [(m.message, m.verdict, m.signals, m.privileged, m.hot, m.note) for m in made],
    ]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _submitted(connection: Connection, key: str, said: str) -> list[Row[Any]]:
    """The rows of the chain that came of what was sent with this key and said the same."""
    sent, table = schema.submissions, schema.decisions
    return list(
        connection.execute(
            select(table.c.seq, table.c.message_id)
            .join_from(sent, table, table.c.seq.between(sent.c.first, sent.c.last))
            .where(sent.c.key == key, sent.c.sha256 == said)
            .order_by(table.c.seq)
        )
    )


def _standing_rows(connection: Connection, key: str, said: str, reviewer: str) -> list[int]:
    """The rows that came of this key, if they are what the reviewer holds to; else none.

    The page that sent them may be gone back to, to decide the same again after another decision.
    """
    rows = _submitted(connection, key, said)
    if not rows:
        return []
    table = schema.decisions
    messages = [row.message_id for row in rows]
    last: dict[int, int] = {}
    for some in pieces(messages):
        for row in connection.execute(
            _stands(reviewer).where(table.c.message_id.in_(some)).order_by(table.c.seq)
        ):
            last[row.message_id] = row.seq
    made = [row.seq for row in rows]
    return made if [last.get(message) for message in messages] == made else []


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
    from riskscan.detect.assessment import SIGNALS

    if one.verdict not in VERDICTS:
        raise ValueError(f"'{one.verdict}' is no verdict; they are {', '.join(VERDICTS)}.")
    unknown = set(one.signals) - set(SIGNALS)
    if unknown:
        raise ValueError(f"'{min(unknown)}' is no signal; they are {', '.join(SIGNALS)}.")


def _content_hash(connection: Connection, message: int) -> str:
    mail = schema.messages
    found = connection.execute(select(mail.c.content_hash).where(mail.c.id == message)).scalar()
    if found is None:
        raise CaseError(f"No message '{message}' in the case.")
    return str(found)


def _append(
    connection: Connection, rows: Sequence[dict[str, Any]], key: str, said: str
) -> list[int]:
    """Append rows to the chain, and note that they came of ``key``; returns their numbers."""
    table, sent = schema.decisions, schema.submissions
    last = connection.execute(
        select(table.c.seq, table.c.sha256).order_by(table.c.seq.desc()).limit(1)
    ).one_or_none()
    seq, previous = (last.seq, last.sha256) if last is not None else (0, START)
    # The database's own count tells of rows taken from the end; their numbers are not used again.
    seq = max(seq, last_number(connection))
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    made = []
    for row in rows:
        seq += 1
        row |= {"seq": seq, "made": now, "version": riskscan.__version__, "previous": previous}
        previous = row["sha256"] = row_hash(row)
        made.append(seq)
    if made:
        connection.execute(insert(table), rows)
        set_last_number(connection, seq)
        connection.execute(sent.delete().where(sent.c.key == key))
        connection.execute(insert(sent).values(key=key, sha256=said, first=made[0], last=made[-1]))
    return made


def witness(connection: Connection, message: int, said: str) -> int:
    """Append a row that decides nothing, and says in the chain what was done, as drawing a sample.

    It is an undo that takes nothing back: whoever reads decisions passes over it, also in earlier
    versions. It needs a message, as every row. Returns its number. Raises CaseError.
    """
    row = {
        "kind": "undo", "batch": "", "message_id": message,
        "content_hash": _content_hash(connection, message), "reviewer": WITNESS, "verdict": "",
        "signals": "[]", "privileged": False, "hot": False, "note": said, "undoes": None,
        "score": None, "model": "",
    }  # fmt: skip
    (seq,) = _append(connection, [row], uuid4().hex, "witness")
    return seq


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
