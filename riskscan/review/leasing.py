"""Who has which messages before them: each reviewer is led to messages that no other has."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Lock
from time import monotonic

from sqlalchemy import Connection, Engine

from riskscan.case.leases import SECONDS, Lease, give_back, leased, take
from riskscan.case.location import CaseError
from riskscan.review.filters import Filters
from riskscan.review.queue import Found

_LOG = logging.getLogger(__name__)

BATCH = 10
"""Messages that are kept for a reviewer."""
_LOOKED_AT = 500
"""Undecided messages that are looked through for those that nobody has."""


class Leasing:
    """The leases that this page's reviewers have, and those of others."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = Lock()
        # By reviewer: the messages that are kept for them, and when that was asked for.
        self._mine: dict[str, tuple[frozenset[int], float]] = {}
        self._behind = ThreadPoolExecutor(1, "leases")

    def close(self) -> None:
        """Free what the reviewers of this page have."""
        self._behind.shutdown(cancel_futures=True)
        for reviewer in list(self._mine):
            with suppress(CaseError):
                give_back(self._engine, reviewer)

    def following(self, found: Found, message: int, reviewer: str, filters: Filters) -> int | None:
        """The next undecided message after one that nobody else has, kept for the reviewer.

        With as many more as ``BATCH``. None when there is none. What each reviewer decides for
        themselves (a second review) is not shared out.
        """
        if not shared(filters):
            return found.next_open(message)
        try:
            free = self._take(reviewer, found.upcoming(message, _LOOKED_AT))
        except CaseError as error:
            # The decision before it is saved, and that is what must be told.
            _LOG.warning("Nothing is kept for %s: %s", reviewer, error)
            return found.next_open(message)
        return free[0] if free else None

    def reading(self, found: Found, message: int, reviewer: str, filters: Filters) -> None:
        """A message is opened: keep it, and those after it, without waiting for that."""
        if not shared(filters) or message not in (wanted := found.upcoming(message, 1, own=True)):
            return
        kept, since = self._mine.get(reviewer, (frozenset[int](), 0.0))
        if message in kept and monotonic() - since < SECONDS / 2:
            return
        wanted = found.upcoming(message, _LOOKED_AT, own=True)
        self._behind.submit(self._quietly, reviewer, wanted)

    def others(self, connection: Connection, reviewer: str) -> dict[int, Lease]:
        """What others have before them now, by message."""
        return {k: one for k, one in leased(connection).items() if one.reviewer != reviewer}

    def wait(self) -> None:
        """Wait for what goes on in the background."""
        self._behind.submit(lambda: None).result()

    def _take(self, reviewer: str, wanted: Sequence[int]) -> list[int]:
        free = take(self._engine, reviewer, wanted, BATCH)
        with self._lock:
            self._mine[reviewer] = (frozenset(free), monotonic())
        return free

    def _quietly(self, reviewer: str, wanted: Sequence[int]) -> None:
        try:
            self._take(reviewer, wanted)
        except CaseError as error:
            # Another reviewer may be shown the same message: nothing is lost by that.
            _LOG.warning("Nothing is kept for %s: %s", reviewer, error)


def shared(filters: Filters) -> bool:
    """Whether what these filters leave is shared out among reviewers."""
    return filters.decided not in ("mine-no", "second")
