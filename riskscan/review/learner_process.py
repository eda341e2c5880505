"""Updates of the loop in a process of its own: pages keep this one's interpreter for themselves.

The process keeps the features of the messages from one update to the next. It ends with this one,
however this one ends.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from threading import Lock, Thread

from riskscan.case.location import CaseError, Location

_POLITE = 5
"""How far the process stands back for others (nice), where the system knows that."""


class UpdateFailed(Exception):
    """An update failed; the text is a sentence for the reviewer."""


class LearnerProcess:
    """Updates of the case at ``location``, one at a time."""

    def __init__(self, location: Location) -> None:
        self._location = location
        self._lock = Lock()
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._closed = False

    def update(self) -> None:
        """Learn from what is decided now, and store it. Raises UpdateFailed."""
        pipe = self._started()
        try:
            pipe.send("update")
            failed = pipe.recv()
        except (EOFError, OSError) as error:
            self._end()
            raise UpdateFailed(
                "The process that learns has ended, perhaps for want of memory."
            ) from error
        if failed:
            raise UpdateFailed(failed)

    def close(self) -> None:
        """End the process; an update under way is lost, and nothing else."""
        with self._lock:
            self._closed = True
        self._end()

    def _started(self) -> Connection:
        with self._lock:
            if self._closed:
                raise UpdateFailed("The page is being closed.")
            if self._pipe is None:
                # spawn: no lock or open database of this process gets into the other.
                context = multiprocessing.get_context("spawn")
                self._pipe, other = context.Pipe()
                self._process = context.Process(
                    target=_serve, args=(other, self._location), daemon=True
                )
                self._process.start()
                # Ours alone keeps the other end open: when it ends, we are told.
                other.close()
            return self._pipe

    def _end(self) -> None:
        with self._lock:
            process, pipe = self._process, self._pipe
            self._process = self._pipe = None
        if process is not None:
            process.kill()
            process.join()
        if pipe is not None:
            pipe.close()


def _serve(pipe: Connection, location: Location) -> None:
    """The process: an update whenever one is asked for, until the other end is closed."""
    # Ctrl-C in the terminal is for the server, which ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(AttributeError, OSError):
        os.nice(_POLITE)
    Thread(target=_end_with_parent, daemon=True).start()
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    from riskscan.learn.queue import Loop

    loop: Loop | None = None
    with threadpool_limits(limits=1), suppress(EOFError, BrokenPipeError):
        while pipe.recv():
            failed = ""
            try:
                loop = loop or Loop(location)
                loop.update()
            except Exception as error:
                # Whatever it is, the reviewer must be told, and the next update may do.
                logging.getLogger(__name__).exception("The update of the queue failed.")
                failed = in_words(error)
            pipe.send(failed)
    if loop is not None:
        loop.close()


def _end_with_parent() -> None:
    """End at once when the server is gone, in the middle of an update too: it is stored whole."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(0)


def in_words(error: Exception) -> str:
    """What went wrong, as a sentence for the reviewer."""
    told = isinstance(error, (CaseError, UpdateFailed))
    kind = "" if told else f"{type(error).__name__}: "
    return f"{kind}{str(error).rstrip('.')}."
