"""The stages of a scan in order: ingest, score, entities, merging, grouping. Known only here.

Each stage takes what is pending in the case, in batches, and commits a batch with its bookkeeping
in one transaction. A killed scan therefore goes on where it stopped, and ends with the same case.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskscan.case.claims import compare
from riskscan.case.location import Location, Place, locate
from riskscan.case.people import add_corrections
from riskscan.case.settings import limits_for
from riskscan.case.store import CaseError, open_case
from riskscan.detect.description import Detector
from riskscan.engine import Engine
from riskscan.engine.start import EngineKind, start_engine
from riskscan.paths import is_remote, shipped_model
from riskscan.stages.entities import Which, check_pipeline, find_entities
from riskscan.stages.groups import group
from riskscan.stages.ingest import ingest
from riskscan.stages.merging import merge
from riskscan.stages.privilege import read_counsel_list
from riskscan.stages.progress import Progress, Silent
from riskscan.stages.score import score

if TYPE_CHECKING:
    import pandas as pd

COPIES_BYTES = 16 * 2**30
"""Disk that copies of remote exports may take, unless the user says otherwise."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a scan did: counts over the whole case, and this run's time and memory.

    ``read`` is the number of messages read by this run, ``rate`` that number a second; ``failed``
    counts messages of this run that killed the process that scored them or looked for entities;
    ``missing`` counts messages and files that an export's own lists name and that were not found,
    ``claims_differing`` counts, sizes and hashes in them that do not hold;
    ``peak_memory`` is in bytes, all processes together.
    """

    case: str
    found: int
    stored: int
    duplicates: int
    quarantined: int
    embedded: int
    not_read: int
    companions: int
    attachments_unread: int
    differing_duplicates: int
    changed_exports: int
    unfinished: int
    missing: int
    claims_differing: int
    scored: int
    flagged: int
    failed: int
    read: int
    seconds: float
    rate: float
    peak_memory: int

    @property
    def adds_up(self) -> bool:
        """Promise 1: every message found is stored, a duplicate, or quarantined."""
        return self.found == self.stored + self.duplicates + self.quarantined

    @property
    def complete(self) -> bool:
        """Nothing quarantined, unread, unfinished, failed, changed, or other than claimed."""
        faults = self.quarantined, self.not_read, self.changed_exports, self.unfinished, self.failed
        return not any((*faults, self.missing, self.claims_differing))

    def as_dict(self) -> dict[str, Any]:
        """The figures for machines."""
        return {**asdict(self), "adds_up": self.adds_up, "complete": self.complete}


def scan(
    exports: str | Path | Sequence[str | Path],
    case: Place,
    *,
    custodian: str | None = None,
    model: str | Path | None = None,
    encoder: bool = True,
    threshold: float | None = None,
    workers: int = 0,
    entities: Which = "all",
    entity_model: str | Path | None = None,
    engine: EngineKind = "local",
    scheduler: str | None = None,
) -> pd.DataFrame:
    """Scan exports into a case and return its messages, worst first (see ``Case.messages``).

    ``case`` is a folder, or the address of a PostgreSQL database (docs/team.md).
    ``model`` and ``entity_model`` are folders; by default those that riskscan brings. Without
    ``encoder`` the detector's linear models work alone: faster, and less well (docs/detector.md).
    ``threshold``: the score, 0 to 1, from which on a message is flagged; by default
    the model's own.
    ``workers`` 0 works in this process; more start that many processes, which needs the usual
    ``if __name__ == "__main__"`` guard in a script. ``engine`` "dask" works on the cluster at
    ``scheduler``, or on one of ``workers`` processes of this machine (docs/cluster.md).
    ``frame.attrs["summary"]`` holds the counts.
    Raises CaseError, ModelError and ClusterError with a sentence for the user, ValueError for
    what is no threshold.
    """
    from riskscan.case.read import Case

    several = [exports] if isinstance(exports, str | Path) else list(exports)
    summary = run_scan(
        several,
        case,
        custodian=custodian,
        model=Path(model) if model else None,
        encoder=encoder,
        threshold=threshold,
        workers=workers,
        entities=entities,
        entity_model=Path(entity_model) if entity_model else None,
        engine=engine,
        scheduler=scheduler,
    )
    with Case(case) as opened:
        frame = opened.messages()
    frame.attrs["summary"] = summary.as_dict()
    return frame


def run_scan(
    exports: Sequence[str | Path],
    case: Place,
    *,
    custodian: str | None = None,
    model: Path | None = None,
    encoder: bool = True,
    threshold: float | None = None,
    workers: int = 0,
    entities: Which = "all",
    entity_model: Path | None = None,
    counsel: Path | None = None,
    columns: Mapping[str, str] | None = None,
    deleted_items: bool = False,
    engine: EngineKind = "local",
    scheduler: str | None = None,
    shards: str | None = None,
    space: int = COPIES_BYTES,
    progress: Progress | None = None,
) -> Summary:
    """Run the stages over ``exports`` into the case; see ``scan`` for the options.

    ``counsel``: a list of addresses, domains, names and firms that are counsel (docs/entities.md).
    ``columns``: which column of a table of mail holds which field (docs/load-files.md).
    ``deleted_items``: read also what no folder of an Outlook data file holds any more.
    ``shards``: with the engine "dask", the place where workers write what they parse, when they
    read the exports themselves (docs/cluster.md).
    ``space``: bytes of disk for copies of remote exports. A remote case is written back after each
    stage.
    """
    from riskscan.case.read import Case

    progress = progress or Silent()
    began = time.monotonic()
    location = locate(case)
    detector = Detector(model or shipped_model("detector"), encoder, threshold)
    detector.key()
    if entity_model is not None:
        check_pipeline(entity_model)
    listed = read_counsel_list(counsel) if counsel else []
    with (
        _places(exports, location, space) as places,
        open_case(location) as store,
        start_engine(engine, workers, scheduler) as pool,
    ):
        settings = {
            "exports": [str(e) for e in exports],
            "custodian": custodian,
            "model": str(detector.folder),
            "entities": entities,
            "entity_model": str(entity_model) if entity_model else None,
            **({"columns": dict(columns)} if columns else {}),
            **({"deleted_items": True} if deleted_items else {}),
            **_departures(encoder, threshold),
        }
        run = store.start_run("scan", settings)
        limits = limits_for(columns or {}, deleted=deleted_items)
        read = ingest(store, pool, places, custodian, progress, limits, shards, detector=detector)
        pool.release()
        location.committed()
        failed = score(store, pool, detector, progress)
        pool.release()
        location.committed()
        if entities != "none":
            failed += find_entities(store, pool, entities, progress, entity_model)
            pool.release()
            location.committed()
        add_corrections(store.engine, listed)
        merge(store, progress)
        with pool.beside() as here:
            group(store, progress, here)
        with store.engine.connect() as connection:
            wrong = compare(connection).differing
        missing = sum(one.absent for one in wrong)
        seconds = time.monotonic() - began
        with Case(location) as opened:
            counts = opened.counts()
        summary = Summary(
            case=str(location),
            **counts,
            missing=missing,
            claims_differing=len(wrong) - missing,
            failed=failed,
            read=read,
            seconds=round(seconds, 3),
            rate=round(read / seconds, 1),
            peak_memory=pool.peak_memory,
        )
        store.finish_run(run, summary.as_dict())
    return summary


@contextmanager
def _places(exports: Sequence[str | Path], case: Location, space: int) -> Iterator[list[Path]]:
    """The paths of the exports; for a remote one, what stands for it until the end.

    Raises CaseError for an export that is not there, or one that would be altered, PlaceError.
    """
    from riskscan.sources.remote import mount

    with ExitStack() as mounts:
        found: list[Path] = []
        for export in exports:
            if is_remote(str(export)):
                path = None
                inside = f"{case}/".startswith(f"{str(export).rstrip('/')}/")
            else:
                path = Path(export)
                if not path.exists():
                    raise CaseError(f"There is no file or folder '{export}'.")
                own = case.folder
                inside = own is not None and own.resolve().is_relative_to(path.resolve())
            if inside:
                raise CaseError(
                    f"The case '{case}' would lie inside the export '{export}', which is never "
                    "altered: name a folder outside of it."
                )
            if path is None:
                away = mount(str(export), space)
                mounts.callback(away.close)
                path = away.top
            found.append(path)
        yield found


def rescore(
    case: Place,
    model: Path | None = None,
    *,
    encoder: bool = True,
    threshold: float | None = None,
    workers: int = 0,
    progress: Progress | None = None,
) -> dict[str, int]:
    """Score every message of a case again with another model, without the export.

    ``model``, ``encoder`` and ``threshold`` as for ``scan``.
    """
    from riskscan.case.read import Case

    folder = model or shipped_model("detector")
    detector = Detector(folder, encoder, threshold)
    detector.key()
    with Case(case) as opened, open_case(case) as store, Engine(workers) as engine:
        run = store.start_run("score", {"model": str(folder), **_departures(encoder, threshold)})
        score(store, engine, detector, progress or Silent())
        counts = opened.counts()
        store.finish_run(run, counts)
    return counts


def _departures(encoder: bool, threshold: float | None) -> dict[str, Any]:
    """What of a run is otherwise than the model has it."""
    told: dict[str, Any] = {} if encoder else {"encoder": False}
    return told if threshold is None else {**told, "threshold": threshold}
