"""Where batches run: in this process, or in local worker processes.

A batch is a list of picklable items and the work is a module-level function of one batch, so the
answer does not depend on where or in which order batches ran. A worker that takes more processor
time or memory than it may, or stands still, ends. A batch whose worker dies is run again item by
item, alone, so that one culprit does not take its neighbours with it.

In this process (no workers) nothing is bounded: an item that hangs or crashes takes the process.
"""

from __future__ import annotations

import collections
import multiprocessing
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, TypeVar

Context = TypeVar("Context")
Part = TypeVar("Part")
Result = TypeVar("Result")

_IN_FLIGHT_PER_WORKER = 3
IN_FLIGHT = 64 * 2**20
# Exit statuses of a worker that ended itself.
_OUT_OF_MEMORY = 81
_STOOD_STILL = 82
_WATCH_SECONDS = 1.0
# A worker that does not get on (a lock, a device) takes no processor time either.
_STILL_FACTOR = 10


@dataclass(frozen=True, slots=True)
class Culprit:
    """Stands for the result of an item that killed its worker process."""

    reason: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one batch, and so each item, may take of a worker before the worker ends.

    ``seconds`` of processor time, ten times as many by the clock; ``memory`` in bytes of all that
    the process holds (0: no bound). Both need POSIX, and ``memory`` holds where the system keeps
    RLIMIT_DATA (Linux) or RLIMIT_AS.
    """

    seconds: float = 300
    memory: int = 0


UNHURRIED = Bounds()


def peak_rss() -> int:
    """Peak resident memory of this process, in bytes."""
    status = Path("/proc/self/status")
    if status.exists():
        # Linux: getrusage would also tell the peak of the parent as it was when we were started.
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


@contextmanager
def _deaf() -> Iterator[None]:
    """Processes started here do not hear Ctrl-C, from their first moment on: it is for us."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Clock:
    """When the batch at hand must be done, by the clock; a worker has one."""

    deadline: float | None = None


def _begin() -> None:
    """Set up a worker: it ends with its parent, and when it stands still."""
    parent = multiprocessing.parent_process()

    def watch() -> None:
        while parent is not None:
            parent.join(_WATCH_SECONDS)
            if not parent.is_alive():
                os._exit(1)
            deadline = _Clock.deadline
            if deadline is not None and time.monotonic() > deadline:
                os._exit(_STOOD_STILL)

    threading.Thread(target=watch, daemon=True).start()


@contextmanager
def _bounded(bounds: Bounds) -> Iterator[None]:
    """In a worker: the process ends when the block passes its bounds.

    By the system, not by a Python signal handler: that would wait for a call into C to return.
    """
    kind = resource.RLIMIT_DATA if sys.platform == "linux" else resource.RLIMIT_AS
    soft, hard = resource.getrlimit(kind)
    if bounds.memory and (hard == resource.RLIM_INFINITY or bounds.memory < hard):
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (bounds.memory, hard))
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_PROF, bounds.seconds)
    _Clock.deadline = time.monotonic() + bounds.seconds * _STILL_FACTOR
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        _Clock.deadline = None
        resource.setrlimit(kind, (soft, hard))


def _measured(
    work: Callable[[list[Part]], list[Result]], parts: list[Part], bounds: Bounds
) -> tuple[Any, ...]:
    try:
        with _bounded(bounds):
            results = work(parts)
    except MemoryError:
        os._exit(_OUT_OF_MEMORY)
    return results, os.getpid(), peak_rss()


def _cause(code: int | None, bounds: Bounds) -> str:
    """Why a worker with this exit code died."""
    if code == -signal.SIGPROF:
        return f"it took more than {bounds.seconds:g} seconds of processor time"
    if code == _STOOD_STILL:
        return f"it stood still for {bounds.seconds * _STILL_FACTOR:g} seconds"
    if code == _OUT_OF_MEMORY:
        most = f"the {bounds.memory:,} bytes that it may take" if bounds.memory else "there is"
        return f"it needs more memory than {most}"
    if code == -signal.SIGKILL:
        return "it was killed, perhaps for want of memory"
    if code is not None and code < 0:
        return f"it crashed with {signal.Signals(-code).name}"
    return f"it ended with status {code}" if code is not None else "it ended"


def _one(_part: object) -> int:
    return 1


@dataclass(slots=True)
class _Flight(Generic[Context, Part]):
    """A batch given to the pool."""

    context: Context
    parts: list[Part]
    size: int
    future: Future[Any]


class Engine:
    """Runs a function over batches, in order, in ``workers`` processes (0: in this one).

    ``peak_memory`` is the sum of the peaks of the processes that ran at the same time, in bytes: an
    upper bound of what they took together.
    """

    def __init__(self, workers: int) -> None:
        self.workers = max(0, workers)
        self._pool: ProcessPoolExecutor | None = None
        self._peaks: dict[int, int] = {}
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
        return peak_rss() + max(self._past, sum(self._peaks.values()))

    def release(self) -> None:
        """End the workers: what a stage loaded and remembered is not the next one's burden."""
        self._close()
        self._past = max(self._past, sum(self._peaks.values()))
        self._peaks.clear()

    def map(
        self,
        work: Callable[[list[Part]], list[Result]],
        batches: Iterable[tuple[Context, Sequence[Part]]],
        size: Callable[[Part], int] = _one,
        bounds: Bounds = UNHURRIED,
    ) -> Iterator[tuple[Context, list[Result | Culprit]]]:
        """Yield each batch's context with one result an item, in the order of ``batches``.

        At most three batches a worker are in flight, and no more than ``IN_FLIGHT`` of ``size``
        (bytes or characters) beyond one batch: memory is bounded by the batches'. An item whose
        worker died, or passed ``bounds``, has a Culprit for its result. Any other exception that
        ``work`` raises is raised here.
        """
        if self.workers == 0:
            for context, parts in batches:
                yield context, list(work(list(parts)))
            return
        waiting: collections.deque[_Flight[Context, Part]] = collections.deque()
        for context, parts in batches:
            held = list(parts)
            weight = sum(map(size, held))
            while waiting and (
                len(waiting) >= self.workers * _IN_FLIGHT_PER_WORKER
                or weight + sum(flight.size for flight in waiting) > IN_FLIGHT
            ):
                yield self._finish(work, waiting, bounds)
            waiting.append(_Flight(context, held, weight, self._submit(work, held, bounds)))
        while waiting:
            yield self._finish(work, waiting, bounds)

    def _submit(
        self, work: Callable[[list[Part]], list[Result]], parts: list[Part], bounds: Bounds
    ) -> Future[Any]:
        for _ in range(2):
            if self._pool is None:
                # spawn: no state of this process (locks, open databases) leaks into a worker.
                self._pool = ProcessPoolExecutor(
                    self.workers,
                    mp_context=multiprocessing.get_context("spawn"),
                    initializer=_begin,
                )
            try:
                with _deaf():
                    return self._pool.submit(_measured, work, parts, bounds)
            except BrokenProcessPool:
                self._close()
        raise RuntimeError("worker processes cannot be started on this machine")

    def _finish(
        self,
        work: Callable[[list[Part]], list[Result]],
        waiting: collections.deque[_Flight[Context, Part]],
        bounds: Bounds,
    ) -> tuple[Context, list[Result | Culprit]]:
        flight = waiting.popleft()
        try:
            return flight.context, self._note(flight.future)
        except BrokenProcessPool:
            self._close()
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
        """One item, with nothing else under way: if a worker dies now, this is the culprit."""
        future = self._submit(work, [part], bounds)
        workers = multiprocessing.active_children()
        try:
            return self._note(future)
        except BrokenProcessPool:
            self._close()
        # The pool ends those that are left with SIGTERM.
        codes = [worker.exitcode for worker in workers]
        code = next((c for c in codes if c not in (None, 0, -signal.SIGTERM)), None)
        return [Culprit(f"the worker process died while reading this item: {_cause(code, bounds)}")]

    def _note(self, future: Future[Any]) -> list[Any]:
        results, pid, peak = future.result()
        self._peaks[pid] = max(peak, self._peaks.get(pid, 0))
        return list(results)

    def _close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None
