"""A bound of processor time for work in the scan's own process, where no worker can be ended."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_AGAIN = 1.0  # seconds after which it is said once more, if something kept silent about it


class OutOfTime(BaseException):
    """The block has had its time. No Exception: what mends faults must not take it for one."""


@contextmanager
def time_bound(seconds: float) -> Iterator[None]:
    """Raise OutOfTime in the block after so many seconds of this process's processor time.

    Holds in the main thread on POSIX, unless the process's timer runs already: a worker's does,
    and ends the worker. A call into a library that looks for no signals is not cut short.
    """
    main = threading.current_thread() is threading.main_thread()
    if not main or not hasattr(signal, "setitimer") or signal.getitimer(signal.ITIMER_PROF)[0]:
        yield
        return
    armed = True

    def late(_number: int, _frame: FrameType | None) -> None:
        if armed:
            raise OutOfTime

    before = signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, seconds, _AGAIN)
    try:
        try:
            yield
        finally:
            armed = False
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, signal.SIG_DFL if before is None else before)
