"""Batches on a dask cluster: one that is there, or workers of this machine.

Same answers in the same order as on one machine. Batches carry their bytes, so workers need not see
the exports. dask's members trust each other and talk in pickle: see docs/cluster.md.
"""

# mypy: allow-untyped-calls
# (dask.distributed says that it is typed, and in part it is.)

from __future__ import annotations

import collections
import logging
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import riskscan
from riskscan.engine.bounds import Bounds, Culprit, deaf
from riskscan.engine.engine import IN_FLIGHT, Engine, Flight, Spreading
from riskscan.engine.errors import ClusterError
from riskscan.engine.models import ModelMissing, ModelPlace, shipped_as
from riskscan.engine.worker import Closed, OtherVersion, release_engines, run_batch, run_part

if TYPE_CHECKING:
    from distributed import Client

Context = TypeVar("Context")
Part = TypeVar("Part")
Result = TypeVar("Result")

PATIENCE = 300.0
"""Seconds that a scan waits for a worker when there is none."""
CONNECT_SECONDS = 30
_LOOK_SECONDS = 2.0
_PARTS_PER_WORKER = 2
_IN_FLIGHT_PER_WORKER = 2**23
_LOST = "The connection to the cluster was lost. Run the same command again to go on from here."
KILLS = "the worker process died while reading this item: it ended several workers of the cluster"
_EXTRA = "it needs what python -m pip install 'riskscan[cluster]' installs"


class ClusterEngine(Spreading):
    """Runs batches on a dask cluster.

    ``scheduler`` is its address; without one, ``workers`` processes of this machine are started as
    a cluster that only this process can talk to. Raises ClusterError.
    """

    def __init__(self, scheduler: str | None = None, workers: int = 1) -> None:
        super().__init__(max(1, workers))
        # Workers of this machine leave it their cores; else all are free.
        self._beside = self.workers if scheduler is None else os.cpu_count() or 1
        self._open = ExitStack()
        try:
            self.client = self._connect(scheduler)
            self._count()
        except BaseException:
            self._open.close()
            raise

    def _connect(self, scheduler: str | None) -> Client:
        try:
            import dask
            from distributed import Client, LocalCluster
        except ImportError as error:
            raise ClusterError(f"--engine dask: {_EXTRA} ({error}).") from error
        # What a user must know of is told in sentences; dask's own log would go over the bars.
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        self._open.enter_context(
            dask.config.set(
                {
                    "distributed.admin.large-graph-warning-threshold": "1GB",
                    # Nobody is told about a cluster of our own.
                    "distributed.scheduler.http.routes": [],
                    "distributed.worker.http.routes": [],
                }
            )
        )
        try:
            if scheduler is None:
                scratch = self._open.enter_context(
                    tempfile.TemporaryDirectory(prefix="riskscan-", ignore_cleanup_errors=True)
                )
                with deaf():
                    cluster = LocalCluster(
                        n_workers=self.workers,
                        threads_per_worker=1,
                        processes=True,
                        memory_limit=0,
                        host="127.0.0.1",
                        protocol="tls",
                        # Of its own, made now: nobody else on this machine can talk to it.
                        security=True,
                        dashboard_address=None,
                        scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
                        worker_dashboard_address=None,
                        silence_logs=logging.CRITICAL,
                        local_directory=scratch,
                    )
                self._open.callback(cluster.close)
                client: Client = Client(cluster, set_as_default=False)
            else:
                client = Client(scheduler, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            raise ClusterError(f"No cluster at '{scheduler}': {error}.") from error
        except ImportError as error:
            raise ClusterError(f"--engine dask: {_EXTRA} ({error}).") from error
        self._open.callback(client.close)
        return client

    def _count(self) -> None:
        """Count the threads of the workers, as they are now; wait for the first."""
        end = time.monotonic() + PATIENCE
        while not (threads := sum(self.client.nthreads().values())):
            if time.monotonic() > end:
                raise ClusterError(f"The cluster has had no worker for {PATIENCE:g} seconds.")
            time.sleep(_LOOK_SECONDS)
        self.workers = threads

    def _most(self) -> int:
        return max(IN_FLIGHT, self.workers * _IN_FLIGHT_PER_WORKER)

    def share(self, model: Path) -> ModelPlace:
        """Where workers find the model: theirs when riskscan brings it, else it is sent once."""
        from riskscan.engine.models import fingerprint
        from riskscan.engine.sent import SentModel

        if name := shipped_as(model):
            return ModelPlace(sha256=fingerprint(model), shipped=name)
        sent = SentModel(model)
        self.client.register_plugin(sent)
        return ModelPlace(sha256=sent.sha256)

    def release(self) -> None:
        """End the child processes of the workers, which stay."""
        with suppress(OSError):
            self.client.run(release_engines, on_error="ignore")
        super().release()
        self._count()

    @contextmanager
    def beside(self) -> Iterator[Engine]:
        with Engine(self._beside) as here:
            yield here
        self._past = max(self._past, sum(here.peaks.values()))

    def _submit(
        self, work: Callable[[list[Part]], list[Result]], parts: list[Part], bounds: Bounds
    ) -> Any:
        closed = Closed(parts)
        return self.client.submit(run_batch, work, closed, bounds, riskscan.__version__, pure=False)

    def _finish(
        self,
        work: Callable[[list[Part]], list[Result]],
        waiting: collections.deque[Flight[Context, Part]],
        bounds: Bounds,
    ) -> tuple[Context, list[Result | Culprit]]:
        flight = waiting.popleft()
        results = self._answer(flight.future)
        if results is not None:
            return flight.context, results
        # Workers died, not only their children; whatever else is under way may be to blame.
        for other in waiting:
            self._wait(other.future)
        found: list[Result | Culprit] = []
        for part in flight.parts:
            results = self._answer(self._submit(work, [part], bounds))
            found += results if results is not None else [Culprit(KILLS)]
        return flight.context, found

    def spread(
        self, work: Callable[[Part, Engine], Result], parts: Iterable[Part]
    ) -> Iterator[Result | None]:
        waiting: collections.deque[Any] = collections.deque()
        for part in parts:
            while len(waiting) >= self.workers * _PARTS_PER_WORKER:
                yield self._spread(waiting)
            closed = Closed(part)
            waiting.append(
                self.client.submit(run_part, work, closed, riskscan.__version__, pure=False)
            )
        while waiting:
            yield self._spread(waiting)

    def _spread(self, waiting: collections.deque[Any]) -> Any:
        results = self._answer(waiting.popleft())
        return results[0] if results is not None else None

    def _answer(self, future: Any) -> list[Any] | None:
        """A batch's results; None when it was given up, as workers kept dying over it."""
        from distributed import KilledWorker

        self._wait(future)
        try:
            results, peak = future.result()
        except KilledWorker:
            return None
        except CancelledError as error:
            raise ClusterError(_LOST) from error
        except OtherVersion as error:
            raise ClusterError(
                f"A worker of the cluster has {error}: install the same everywhere."
            ) from error
        except ModelMissing as error:
            raise ClusterError(str(error)) from error
        for worker, size in peak.items():
            self.peaks[worker] = max(size, self.peaks.get(worker, 0))
        return list(results)

    def _wait(self, future: Any) -> None:
        from distributed import wait

        idle_since: float | None = None
        while not future.done():
            try:
                with self.client.as_current():
                    wait([future], timeout=_LOOK_SECONDS)
            except TimeoutError:
                idle_since = self._idle_since(idle_since)
            except CancelledError as error:
                raise ClusterError(_LOST) from error

    def _idle_since(self, before: float | None) -> float | None:
        """Since when the cluster has had no worker; raises ClusterError when that is too long."""
        try:
            if self.client.nthreads():
                return None
        except (OSError, CancelledError) as error:
            raise ClusterError(_LOST) from error
        now = time.monotonic()
        if before is not None and now - before > PATIENCE:
            raise ClusterError(f"The cluster has had no worker for {PATIENCE:g} seconds.")
        return before or now

    def __exit__(self, *raised: Any) -> None:
        with suppress(OSError, CancelledError, TimeoutError):
            self._open.close()
