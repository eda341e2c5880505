"""Batches in this process, or in local worker processes.

A worker that takes more processor time or memory than it may, or stands still, ends. A batch
whose worker dies is run again item by item, alone, so that one culprit does not take its
neighbours with it. In this process (no workers) nothing is bounded: an item that hangs or crashes
takes the process.
"""

from __future__ import annotations

import collections
import os
import signal
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.context import SpawnContext, SpawnProcess
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, TypeVar

from riskscan.engine.bounds import (
    UNHURRIED,
    Bounds,
    Culprit,
    able,
    begin,
    cause,
    deaf,
    measured,
    passed_bounds,
    peak_rss,
)
from riskscan.engine.errors import WorkersError
from riskscan.engine.models import ModelPlace

Context = TypeVar("Context")
Part = TypeVar("Part")
Result = TypeVar("Result")

_IN_FLIGHT_PER_WORKER = 3
# Seconds after which it is looked whether a worker has died.
_PATIENCE = 2.0
IN_FLIGHT = 64 * 2**20


# Libraries of linear algebra read these once, when they are loaded.
_ONE_THREAD = (
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
_STARTING = threading.Lock()


class _Worker(SpawnProcess):
    """A process whose linear algebra has one thread, unless the user's environment says otherwise.

    There are as many workers as cores; with threads of their own they would wait for each other.
    """

    def start(self) -> None:
        with _STARTING:
            added = [name for name in _ONE_THREAD if name not in os.environ]
            os.environ.update(dict.fromkeys(added, "1"))
            try:
                super().start()
            finally:
                for name in added:
                    del os.environ[name]


class _Spawning(SpawnContext):
    """Starts processes anew, so that no state of this one (locks, open databases) leaks into them.

    It knows them: a process may have several engines, and the pool does not tell how one ended.
    """

    def __init__(self) -> None:
        super().__init__()
        self.started: list[BaseProcess] = []

    def Process(self, *arguments: Any, **named: Any) -> SpawnProcess:  # type: ignore[override]
        made = _Worker(*arguments, **named)
        self.started.append(made)
        return made


def _one(_part: object) -> int:
    return 1


@dataclass(slots=True)
class Flight(Generic[Context, Part]):
    """A batch under way."""

    context: Context
    parts: list[Part]
    size: int
    future: Future[Any]


class Engine:
    """Runs a function over batches, in order, in ``workers`` processes (0: in this one).

    ``peak_memory`` is the sum of the peaks of the processes that ran at the same time, in bytes: an
    upper bound of what they took together. ``peaks`` are those of the workers so far. ``scratch``
    is the folder for files of the work's own, None for where temporary files lie.
    """

    def __init__(self, workers: int, scratch: Path | None = None) -> None:
        self.workers = max(0, workers)
        self.scratch = scratch
        self._pool: ProcessPoolExecutor | None = None
        self._children: list[BaseProcess] = []
        self.peaks: dict[Any, int] = {}
        self._past = 0

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
        return peak_rss() + max(self._past, sum(self.peaks.values()))

    @property
    def in_flight(self) -> int:
        """How many batches are under way at the same time, at most; 0 without workers."""
        return self.workers * _IN_FLIGHT_PER_WORKER

    def share(self, model: Path) -> ModelPlace:
        """Where workers find the model in this folder."""
        return ModelPlace(str(model))

    def release(self) -> None:
        """End the workers: what a stage loaded and remembered is not the next one's burden."""
        self._close()
        self._past = max(self._past, sum(self.peaks.values()))
        self.peaks.clear()

    @contextmanager
    def beside(self) -> Iterator[Engine]:
        """An engine of processes of this machine, for work on files that only it has."""
        try:
            yield self
        finally:
            self.release()

    def map(
        self,
        work: Callable[[list[Part]], list[Result]],
        batches: Iterable[tuple[Context, Sequence[Part]]],
        size: Callable[[Part], int] = _one,
        bounds: Bounds = UNHURRIED,
        most: int | None = None,
    ) -> Iterator[tuple[Context, list[Result | Culprit]]]:
        """Yield each batch's context with one result an item, in the order of ``batches``.

        At most three batches a worker are in flight, and no more than ``most`` (``IN_FLIGHT``) of
        ``size`` (bytes or characters) beyond one batch: memory is bounded by the batches'. An item
        whose worker died, or passed ``bounds``, has a Culprit for its result. Any other exception
        that ``work`` raises is raised here.
        """
        if self.workers == 0:
            for context, parts in batches:
                yield context, list(work(list(parts)))
            return
        waiting: collections.deque[Flight[Context, Part]] = collections.deque()
        most = self._most() if most is None else most
        for context, parts in batches:
            held = list(parts)
            weight = sum(map(size, held))
            while waiting and (
                len(waiting) >= self.in_flight
                or weight + sum(flight.size for flight in waiting) > most
            ):
                yield self._finish(work, waiting, bounds)
            waiting.append(Flight(context, held, weight, self._submit(work, held, bounds)))
        while waiting:
            yield self._finish(work, waiting, bounds)

    def _most(self) -> int:
        return IN_FLIGHT

    def _submit(
        self, work: Callable[[list[Part]], list[Result]], parts: list[Part], bounds: Bounds
    ) -> Future[Any]:
        return self._give(measured, work, parts, bounds)

    def _give(self, task: Callable[..., Any], *arguments: Any) -> Future[Any]:
        for _ in range(2):
            if self._pool is None:
                context = _Spawning()
                self._children = context.started
                self._pool = ProcessPoolExecutor(
                    self.workers, mp_context=context, initializer=begin
                )
            try:
                with deaf():
                    return self._pool.submit(task, *arguments)
            except BrokenProcessPool:
                self._close(broken=True)
        raise WorkersError("Worker processes cannot be started on this machine.")

    def _finish(
        self,
        work: Callable[[list[Part]], list[Result]],
        waiting: collections.deque[Flight[Context, Part]],
        bounds: Bounds,
    ) -> tuple[Context, list[Result | Culprit]]:
        flight = waiting.popleft()
        try:
            return flight.context, self._note(flight.future)
        except BrokenProcessPool:
            self._close(broken=True)
        found: list[Result | Culprit] = []
        for part in flight.parts:
            found += self._alone(work, part, bounds)
        # The other batches in flight died with the pool: give them to the new one.
        for other in waiting:
            dead = other.future
            if not dead.done() or dead.cancelled() or dead.exception() is not None:
                other.future = self._submit(work, other.parts, bounds)
        return flight.context, found

    def _alone(
        self, work: Callable[[list[Part]], list[Any]], part: Part, bounds: Bounds
    ) -> list[Any]:
        """One item, with nothing else under way: it is the culprit if its worker dies twice.

        Once will do where the item passed its bounds: else somebody may have ended the worker
        from outside.
        """
        code = None
        for _ in range(2):
            future = self._submit(work, [part], bounds)
            workers = self._children
            try:
                return self._note(future)
            except BrokenProcessPool:
                self._close(broken=True)
            # The pool ends those that are left with SIGTERM.
            codes = [worker.exitcode for worker in workers]
            code = next((c for c in codes if c not in (None, 0, -signal.SIGTERM)), None)
            self._try_to_start(work)
            if passed_bounds(code):
                break
        return [Culprit(f"the worker process died while reading this item: {cause(code, bounds)}")]

    def _try_to_start(self, work: Callable[[list[Part]], list[Any]]) -> None:
        """Raises WorkersError when workers end before they do anything: no item is to blame."""
        try:
            self._told(self._give(able, work))
        except BrokenProcessPool as error:
            self._close(broken=True)
            raise WorkersError("Worker processes end as soon as they are started here.") from error

    def _note(self, future: Future[Any]) -> list[Any]:
        results, pid, peak = self._told(future)
        self.peaks[pid] = max(peak, self.peaks.get(pid, 0))
        return list(results)

    def _told(self, future: Future[Any]) -> Any:
        """What a worker answers. Raises BrokenProcessPool when one has died.

        A pool that breaks while it is given something may never say so.
        """
        while True:
            try:
                return future.result(_PATIENCE)
            except TimeoutError:
                if future.done():
                    raise
                if any(child.exitcode not in (None, 0) for child in self._children):
                    raise BrokenProcessPool("a worker died") from None

    def _close(self, *, broken: bool = False) -> None:
        if self._pool is not None:
            # A pool that breaks does not end the worker that it is just starting, and waits for it.
            for child in self._children if broken else ():
                if child.pid is not None and child.exitcode is None:
                    child.terminate()
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None


class Spreading(Engine, ABC):
    """An engine whose workers can do larger pieces of work, each with an engine of its own."""

    @abstractmethod
    def spread(
        self, work: Callable[[Part, Engine], Result], parts: Iterable[Part]
    ) -> Iterator[Result | None]:
        """Yield what ``work`` gives for each part, in order; None for one that ended workers.

        At most two parts a worker are under way. An exception that ``work`` raises is raised here.
        """
