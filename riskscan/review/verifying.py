"""Verifying the record for the page: long chains in the background, so that no page waits."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock

from riskscan.case.chain import Verified, verify
from riskscan.case.read import Case


class Verifying:
    """Verifies the chain of decisions of a case, anew each time that somebody asks for it."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._lock = Lock()
        self._behind = ThreadPoolExecutor(1, "verify")
        self._running: Future[Verified] | None = None

    def close(self) -> None:
        """Wait for what goes on."""
        self._behind.shutdown(cancel_futures=True)

    def result(self, patience: float) -> Verified | None:
        """What verifying came to; None while it takes longer than so many seconds: ask again."""
        with self._lock:
            if self._running is None:
                self._running = self._behind.submit(self._verify)
            running = self._running
        try:
            return running.result(patience)
        except TimeoutError:
            return None
        finally:
            if running.done():
                with self._lock:
                    self._running = None

    def _verify(self) -> Verified:
        with self._case.connect() as connection:
            return verify(connection)
