"""What runs on a worker of the cluster.

A batch runs in a child process of the worker, under the same bounds and with the same search for
the culprit as on one machine, so a hostile message costs that child, says the same reason
everywhere, and the worker lives on. A worker that dies all the same (the machine, the system's
want of memory) costs a retry elsewhere.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import riskscan
from riskscan.engine.bounds import Bounds, peak_rss
from riskscan.engine.engine import Engine
from riskscan.engine.models import SENT

if TYPE_CHECKING:
    from distributed import Worker

_LOCK = threading.Lock()
_IDLE: list[Engine] = []
_MODELS = "riskscan-models"


class OtherVersion(RuntimeError):
    """The worker has another riskscan than the scan."""


def check_version(version: str) -> None:
    """Raises OtherVersion: two versions would not make the same case."""
    if version != riskscan.__version__:
        raise OtherVersion(f"riskscan {riskscan.__version__}, not {version}")


@dataclass(frozen=True, slots=True)
class Closed:
    """What a task is about: dask would look through a bare list for names of its own tasks."""

    content: Any


def run_batch(
    work: Callable[[list[Any]], list[Any]], closed: Closed, bounds: Bounds, version: str
) -> tuple[list[Any], dict[str, int]]:
    """Results of a batch, with a Culprit for an item that killed its process, and memory peaks."""
    check_version(version)
    with _own_engine() as (engine, peaks):
        ((_, results),) = engine.map(work, [(None, closed.content)], bounds=bounds)
    return results, peaks


def run_part(
    work: Callable[[Any, Engine], Any], closed: Closed, version: str
) -> tuple[list[Any], dict[str, int]]:
    """What ``work`` makes of one part, with an engine to run batches in, and peaks of memory."""
    check_version(version)
    with _own_engine() as (engine, peaks):
        result = work(closed.content, engine)
    return [result], peaks


@contextmanager
def _own_engine() -> Iterator[tuple[Engine, dict[str, int]]]:
    """An engine of one child process, one a thread of the worker at work; kept for the next.

    With it goes the model that its child has loaded. Peaks are entered at the end.
    """
    from distributed import get_worker

    with _LOCK:
        engine = _IDLE.pop() if _IDLE else None
    if engine is None:
        _adult()
        engine = Engine(1, Path(get_worker().local_directory))
    peaks: dict[str, int] = {}
    try:
        yield engine, peaks
    except BaseException:
        engine.release()
        raise
    own = get_worker().address
    peaks |= {own: peak_rss()} | {f"{own} {pid}": size for pid, size in engine.peaks.items()}
    with _LOCK:
        _IDLE.append(engine)


def release_engines() -> None:
    """End the idle child processes of this worker."""
    with _LOCK:
        idle, _IDLE[:] = _IDLE[:], []
    for engine in idle:
        engine.release()


def _adult() -> None:
    """Let this process have children: dask's nanny marks its worker as a daemon, which may not.

    They end with it all the same (bounds.begin).
    """
    from distributed import get_worker

    process = multiprocessing.current_process()
    if process.daemon:
        process.daemon = False
    os.environ[SENT] = str(models_of(get_worker()))


def models_of(worker: Worker) -> Path:
    """Where a worker keeps the models that it was sent."""
    return Path(worker.local_directory) / _MODELS
