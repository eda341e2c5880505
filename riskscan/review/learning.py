"""The loop on the page: learns in the background from what is decided, and orders the queue by it.

One update at a time, in a process of its own when the page is served. It also notes which messages
of a blind sample the queue has come to, and takes in what another process (``riskscan learn``,
another reviewer's page) has learnt.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock, Thread
from time import monotonic

import numpy as np
from sqlalchemy import Connection, Engine, func, select

from riskscan.case import schema
from riskscan.case.location import Location
from riskscan.case.open import writing
from riskscan.learn.queue import Loop, held_out, ranking_arrays
from riskscan.learn.reached import note_reached
from riskscan.review.learner_process import LearnerProcess, UpdateFailed, in_words
from riskscan.review.queue import Queue

RETRY_SECONDS = 60.0
"""After an update that failed, the next is tried so much later at the earliest."""
_CLOSING_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Told:
    """The last update in words: when ("14:02"), and the words that it moved up and down."""

    made: str
    when: str
    decided: int
    flagged: int
    up: tuple[str, ...]
    down: tuple[str, ...]


class Learning:
    """The loop of an open case; ``apart``: learn in another process, so that no page waits for it.

    Raises CaseError when the case cannot be written to.
    """

    def __init__(
        self, location: Location, engine: Engine, queue: Queue, *, apart: bool = False
    ) -> None:
        self._loop = Loop(location)
        self._process = LearnerProcess(location) if apart else None
        self._update: Callable[[], object] = (
            self._process.update if self._process else lambda: self._loop.update()
        )
        self._engine = engine
        self._queue = queue
        self._lock = Lock()
        self._thread: Thread | None = None
        self._wanted = False
        self._closing = False
        self._retry_at = 0.0
        self.updating = False
        self.failure = ""
        with engine.connect() as connection:
            self._take(connection)

    def close(self) -> None:
        """Wait a little for an update under way, and let go of the case; begin no other.

        One in another process is ended.
        """
        with self._lock:
            self._closing = True
            thread = self._thread
        if self._process is not None:
            self._process.close()
        if thread is not None:
            thread.join(_CLOSING_SECONDS)
        self._loop.close()

    def wake(self) -> None:
        """Something was decided: look in the background whether an update is due."""
        with self._lock:
            self._wanted = True
            if self._thread is None and not self._closing:
                self._thread = Thread(target=self._run, daemon=True)
                self._thread.start()

    def refresh(self, connection: Connection) -> None:
        """Take in, in the background, what another process has learnt."""
        if self._last(connection) != self._queue.learning:
            self.wake()

    def wait(self, seconds: float) -> bool:
        """Wait for what goes on in the background; whether it has ended."""
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join(seconds)
        return thread is None or not thread.is_alive()

    def told(self, connection: Connection) -> Told | None:
        """The last update; None before the first."""
        table = schema.learnings
        row = connection.execute(
            select(table.c.made, table.c.decided, table.c.flagged, table.c.learnt)
            .order_by(table.c.id.desc())
            .limit(1)
        ).one_or_none()
        if row is None:
            return None
        up, down = (
            tuple(word for word, weight in row.learnt if sign * weight > 0) for sign in (1, -1)
        )
        return Told(row.made, _clock(row.made), row.decided, row.flagged, up, down)

    # in the background

    def _run(self) -> None:
        while self._next():
            try:
                self._turn()
            except Exception as error:
                # Whatever it is, it must reach the reviewer, and no decision waits for it.
                if not isinstance(error, UpdateFailed):
                    logging.getLogger(__name__).exception("The update of the queue failed.")
                self._retry_at = monotonic() + RETRY_SECONDS
                self.failure = in_words(error)
            finally:
                self.updating = False

    def _next(self) -> bool:
        with self._lock:
            if self._wanted and not self._closing:
                self._wanted = False
                return True
            self._thread = None
            return False

    def _turn(self) -> None:
        with self._engine.connect() as connection:
            self._take(connection)
        self._reach()
        if monotonic() < self._retry_at or not self._loop.due():
            return
        self.updating = True
        self._update()
        with self._engine.connect() as connection:
            self._take(connection)
        self._reach()
        self.failure = ""

    def _last(self, connection: Connection) -> int:
        last = select(func.coalesce(func.max(schema.learnings.c.id), 0))
        return int(connection.execute(last).scalar_one())

    def _take(self, connection: Connection) -> None:
        """Order the queue by the last update: its batches first, then all others."""
        last = self._last(connection)
        if last == self._queue.learning:
            return
        arrays = ranking_arrays(connection)
        assert arrays is not None
        table = schema.queued
        queued = connection.execute(select(table.c.message_id).order_by(table.c.position))
        first = np.array(list(queued.scalars()), dtype=np.int64)
        messages = np.concatenate([first, arrays[0][~np.isin(arrays[0], first)]])
        self._queue.set_learnt(last, messages)

    def _reach(self) -> None:
        """Note which messages of the blind sample the reviewers have read past."""
        with self._engine.connect() as connection:
            if not held_out(connection):
                return
        with writing(self._engine) as connection:
            note_reached(connection)


def _clock(made: str) -> str:
    """The time of day here; with the day, when that is not today."""
    here = datetime.fromisoformat(made).astimezone()
    today = here.date() == datetime.now().astimezone().date()
    return f"{here:%H:%M}" if today else f"{here.day} {here:%b %Y}, {here:%H:%M}"
