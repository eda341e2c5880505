"""What a batch may take of its worker process, and why one died that took more."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

Part = TypeVar("Part")
Result = TypeVar("Result")

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
def deaf() -> Iterator[None]:
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


def begin() -> None:
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


def measured(
    work: Callable[[list[Part]], list[Result]], parts: list[Part], bounds: Bounds
) -> tuple[Any, ...]:
    try:
        with _bounded(bounds):
            results = work(parts)
    except MemoryError:
        os._exit(_OUT_OF_MEMORY)
    return results, os.getpid(), peak_rss()


def able(_work: object) -> bool:
    """In a worker: it has started, and what ``_work`` is of could be imported."""
    return True


def passed_bounds(code: int | None) -> bool:
    """Whether a worker with this exit code ended for what its batch took, not for another reason.

    Where there is no memory left the system may have killed it, which this does not tell.
    """
    return code in (-signal.SIGPROF, _STOOD_STILL, _OUT_OF_MEMORY)


def cause(code: int | None, bounds: Bounds) -> str:
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
