"""Where batches run: in this process, or in local worker processes.

A batch is a list of picklable items and the work is a module-level function of one batch, so the
answer does not depend on where or in which order batches ran. A batch whose worker dies is run
again item by item, alone, so that one culprit does not take its neighbours with it.
"""

from __future__ import annotations

import collections
import multiprocessing
import os
import resource
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from types import TracebackType
from typing import Any, TypeVar

Context = TypeVar("Context")
Part = TypeVar("Part")
Result = TypeVar("Result")

_IN_FLIGHT_PER_WORKER = 3


@dataclass(frozen=True, slots=True)
class Culprit:
    """Stands for the result of an item that killed its worker process."""

    reason: str


def peak_rss() -> int:
    """Peak resident memory of this process, in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _measured(work: Callable[[list[Part]], list[Result]], parts: list[Part]) -> tuple[Any, ...]:
    return work(parts), os.getpid(), peak_rss()


class Engine:
    """Runs a function over batches, in order, in ``workers`` processes (0: in this one).

    ``peak_memory`` is the sum of the peaks of all processes used so far, in bytes: an upper bound
    of what they took together.
    """

    def __init__(self, workers: int) -> None:
        self.workers = max(0, workers)
        self._pool: ProcessPoolExecutor | None = None
        self._peaks: dict[int, int] = {}

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    @property
    def peak_memory(self) -> int:
        return peak_rss() + sum(self._peaks.values())

    def map(
        self,
        work: Callable[[list[Part]], list[Result]],
        batches: Iterable[tuple[Context, Sequence[Part]]],
    ) -> Iterator[tuple[Context, list[Result | Culprit]]]:
        """Yield each batch's context with one result an item, in the order of ``batches``.

        At most three batches a worker are in flight, so memory is bounded by the batch size.
        """
        if self.workers == 0:
            for context, parts in batches:
                yield context, list(work(list(parts)))
            return
        waiting: collections.deque[tuple[Context, list[Part], Future[Any]]] = collections.deque()
        for context, parts in batches:
            held = list(parts)
            waiting.append((context, held, self._submit(work, held)))
            if len(waiting) >= self.workers * _IN_FLIGHT_PER_WORKER:
                yield self._finish(work, waiting)
        while waiting:
            yield self._finish(work, waiting)

    def _submit(self, work: Callable[[list[Part]], list[Result]], parts: list[Part]) -> Future[Any]:
        for _ in range(2):
            if self._pool is None:
                # spawn: no state of this process (locks, open databases) leaks into a worker.
                # A killed scan must not leave workers behind that hold memory and files.
                self._pool = ProcessPoolExecutor(
                    self.workers,
                    mp_context=multiprocessing.get_context("spawn"),
                    initializer=_die_with_parent,
                )
            try:
                return self._pool.submit(_measured, work, parts)
            except BrokenProcessPool:
                self._close()
        raise RuntimeError("worker processes cannot be started on this machine")

    def _finish(
        self,
        work: Callable[[list[Part]], list[Result]],
        waiting: collections.deque[tuple[Context, list[Part], Future[Any]]],
    ) -> tuple[Context, list[Result | Culprit]]:
        context, parts, future = waiting.popleft()
        try:
            return context, self._note(future)
        except BrokenProcessPool:
            self._close()
        found: list[Result | Culprit] = []
        for part in parts:
            try:
                found.extend(self._note(self._submit(work, [part])))
            except BrokenProcessPool:
                self._close()
                found.append(Culprit("the worker process died while reading this item"))
        # The other batches in flight died with the pool: give them to the new one.
        for _ in range(len(waiting)):
            later, held, dead = waiting.popleft()
            alive = dead.done() and not dead.cancelled() and dead.exception() is None
            waiting.append((later, held, dead if alive else self._submit(work, held)))
        return context, found

    def _note(self, future: Future[Any]) -> list[Any]:
        results, pid, peak = future.result()
        self._peaks[pid] = max(peak, self._peaks.get(pid, 0))
        return list(results)

    def _close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None
