"""Starting the engine that the user asked for."""

from __future__ import annotations

from typing import Literal

from riskscan.engine.engine import Engine

EngineKind = Literal["local", "dask"]


def start_engine(kind: EngineKind, workers: int, scheduler: str | None) -> Engine:
    """An engine of ``workers``; see ``engine.Engine`` and ``cluster.ClusterEngine``.

    Raises ClusterError when there is no such cluster, or dask is not installed.
    """
    if kind == "local":
        return Engine(workers)
    from riskscan.engine.cluster import ClusterEngine

    return ClusterEngine(scheduler, workers)
