"""Ingest on a cluster without the bytes passing the coordinator.

A worker reads a whole unit itself, from a place that it sees, parses and scores it, and writes what
came of it as shards (shardfile.py) to a place that all see; the coordinator merges the shards of
one unit after the other, each in one transaction with how far the unit has come. A shard's name
says what it was made of, so one that is there already is not made again, and one that is merged
again changes nothing.
"""

from __future__ import annotations

import gc
import hashlib
import json
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

import riskscan
from riskscan.case import schema
from riskscan.case.prepared import Prepared
from riskscan.case.store import Outcome, Store
from riskscan.detect.description import Detector
from riskscan.engine import Engine
from riskscan.engine.errors import ClusterError
from riskscan.engine.models import ModelPlace
from riskscan.paths import PlaceError, is_remote
from riskscan.stages.score import place_of, rate, rates_all
from riskscan.stages.shardfile import FORMAT, read_shard, write_shard

if TYPE_CHECKING:
    from riskscan.sources import Unit
    from riskscan.sources.fetched import Remote

_SHARD_MESSAGES = 4096
_SHARD_BYTES = 32 * 2**20


@dataclass(frozen=True, slots=True)
class UnitTask:
    """A unit for a worker to read. ``export`` is the address of a remote one, ``top`` its folder
    on the coordinator, ``listing`` how it was listed (sources/remote.py), and ``space`` the bytes
    that copies of it may take on a worker's disk.

    ``model``: what scores the messages, None where they are scored later.
    ``done`` tells for hashes of the unit's bytes that the case knows how far it was read: events,
    and whether that was all.
    """

    unit: Any
    export: str
    top: str
    listing: str
    space: int
    custodian: str | None
    place: str
    model: ModelPlace | None
    done: dict[str, tuple[int, bool]]


@dataclass(frozen=True, slots=True)
class Shard:
    """A shard: events ``start`` to ``start + count`` of its unit; ``messages`` of them are such."""

    name: str
    start: int
    count: int
    messages: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class UnitDone:
    """What a worker made of a unit: the hash of its bytes before, how many, and the hash after."""

    before: str
    bytes: int
    after: str
    shards: tuple[Shard, ...]


# on the coordinator


class Rating:
    """Whether the workers that parse messages score them too: the model's id and where it is.

    Both are None when they do not. Findings are numbered in the order of messages, as if all were
    scored after ingest: once one message waits for the score stage, all after it do.
    """

    def __init__(self, store: Store, engine: Engine, detector: Detector | None) -> None:
        self.key: int | None = None
        self.place: ModelPlace | None = None
        if detector is not None:
            key = store.model("detector", *detector.key())
            if rates_all(store, key):
                self.key, self.place = key, place_of(engine, detector)

    def end(self) -> None:
        """From here on messages wait for the score stage."""
        self.key = self.place = None


def task_of(
    store: Store, unit: Unit, custodian: str | None, place: str, model: ModelPlace | None = None
) -> UnitTask:
    """The task to read what the case has not of a unit."""
    from riskscan.sources.fetch import path_text
    from riskscan.sources.remote import mounted

    table = schema.units
    with store.engine.connect() as connection:
        rows = connection.execute(
            select(table.c.sha256, table.c.events_done, table.c.done).where(
                table.c.path == path_text(unit.path)
            )
        )
        done = {row.sha256: (row.events_done, bool(row.done)) for row in rows}
    away = mounted(unit.path)
    where = (away.address, str(away.top), away.listing, away.bound) if away else ("", "", "", 0)
    return UnitTask(unit, *where, custodian, place, model, done)


def merge_shard(store: Store, key: int, place: str, shard: Shard, model: int | None = None) -> int:
    """Bring a shard's outcomes into the case, once; returns the messages.

    ``model``: the id of the model whose scores come with them; None leaves these out.
    Raises ClusterError when it is not there, or not what the worker wrote.
    """
    from riskscan.sources.item import SourceError

    remote, folder = _at(place)
    try:
        data: bytes = remote.ask(remote.system.cat_file, f"{folder}/{shard.name}")
    except SourceError as error:
        raise ClusterError(
            f"The shard '{shard.name}' is not in '{place}': workers and this machine must see the "
            "same folder by that name, or give an address such as s3://BUCKET/SHARDS."
        ) from error
    if hashlib.sha256(data).hexdigest() != shard.sha256:
        raise ClusterError(f"The shard '{shard.name}' in '{place}' is not as it was written.")
    looked_up: dict[str, tuple[int, str] | None] = {}

    def known(hashes: set[str]) -> list[str]:
        looked_up.update(store.known(hashes))
        return [key for key, has in looked_up.items() if has is not None]

    with _uncollected():
        outcomes = read_shard(data, known)
        merged = store.add_batch(key, outcomes, shard.start, looked_up, model)
    return shard.messages if merged else 0


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without Python's search for cycles: among a shard's tuples it finds none, and takes long."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def drop_shards(place: str, shards: Sequence[Shard]) -> None:
    """Remove the shards of a unit, which are merged; one that stays only takes room."""
    from riskscan.sources.item import SourceError

    remote, folder = _at(place)
    with suppress(PlaceError, SourceError):
        for shard in shards:
            remote.ask(remote.system.rm_file, f"{folder}/{shard.name}")
        if shards and remote.has_folders:
            remote.ask(remote.system.rmdir, f"{folder}/{shards[0].name.partition('/')[0]}")


# on a worker


def shard_unit(task: UnitTask, engine: Engine) -> UnitDone:
    """Read a unit, parse it in the engine's process, and write its shards.

    Raises ClusterError when the worker does not see the unit.
    """
    unit = _moved(task, engine.scratch)
    before, size = unit.digest()
    if not (before or unit.path.exists()):
        raise ClusterError(
            f"A worker of the cluster does not see '{unit.path}': leave out --shards, or name "
            "exports by a path or address that is the same everywhere."
        )
    start, complete = task.done.get(before, (0, False))
    shards: list[Shard] = []
    remote, folder = _at(task.place)
    key = _key(task, before)
    there = _there(remote, f"{folder}/{key}")
    if complete:
        # An earlier scan was killed before it could remove them.
        drop_shards(task.place, [replace(s, name=f"{key}/{s.name}") for s in there.values()])
    else:
        while (found := there.get(start)) is not None and _whole(remote, folder, key, found):
            shards.append(replace(found, name=f"{key}/{found.name}"))
            start += found.count
        for outcomes, messages in _in_shards(engine, unit, start, task.custodian):
            if task.model is not None:
                outcomes = _rated(engine, task.model, outcomes)
            shard = _written(remote, folder, key, start, outcomes, messages)
            shards.append(shard)
            start += shard.count
    return UnitDone(before, size, unit.digest()[0], tuple(shards))


def _in_shards(
    engine: Engine, unit: Unit, start: int, custodian: str | None
) -> Iterator[tuple[list[Outcome], int]]:
    from riskscan.stages.ingest import parsed

    gathered: list[Outcome] = []
    messages = size = 0
    for outcomes, number, length in parsed(engine, unit, start, custodian):
        gathered += outcomes
        messages += number
        size += length
        if len(gathered) >= _SHARD_MESSAGES or size >= _SHARD_BYTES:
            yield gathered, messages
            gathered, messages, size = [], 0, 0
    if gathered:
        yield gathered, messages


def _rated(engine: Engine, model: ModelPlace, outcomes: Sequence[Outcome]) -> list[Outcome]:
    messages = [one.result for one in outcomes if isinstance(one.result, Prepared)]
    rated = iter(rate(engine, model, messages))
    return [
        replace(one, result=next(rated)) if isinstance(one.result, Prepared) else one
        for one in outcomes
    ]


def _key(task: UnitTask, sha256: str) -> str:
    """Names all that a unit's outcomes hang on: a shard under it is the one that would be made."""
    told = {
        "format": FORMAT,
        "riskscan": riskscan.__version__,
        "bytes": sha256,
        "source": task.unit.source,
        "kind": task.unit.kind,
        "custodian": task.custodian,
        "model": task.model and asdict(task.model),
        "limits": asdict(task.unit.limits),
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:40]


def _written(
    remote: Remote, folder: str, key: str, start: int, outcomes: Sequence[Outcome], messages: int
) -> Shard:
    data = write_shard(outcomes)
    digest = hashlib.sha256(data).hexdigest()
    count = len(outcomes)
    name = f"{key}/{start:012}-{count}-{messages}-{digest}.parquet"
    target = f"{folder}/{name}"
    remote.make_folder_of(target)
    if remote.has_folders:
        # Half a file under its name would be taken for a shard.
        half = f"{folder}/{key}/{secrets.token_hex(8)}.half"
        remote.ask(remote.system.pipe_file, half, data)
        remote.ask(remote.system.mv, half, target)
    else:
        remote.ask(remote.system.pipe_file, target, data)
    return Shard(name, start, count, messages, len(data), digest)


def _there(remote: Remote, folder: str) -> dict[int, Shard]:
    """The shards of a unit that an earlier scan left, by their start."""
    from riskscan.sources.item import SourceError

    try:
        listed = remote.ask(remote.system.ls, folder, detail=True)
    except SourceError:
        return {}
    found: dict[int, Shard] = {}
    for info in listed:
        name = str(info["name"]).rpartition("/")[2]
        parts = name.removesuffix(".parquet").split("-")
        if name.endswith(".parquet") and len(parts) == 4:
            start, count, messages = map(int, parts[:3])
            found[start] = Shard(name, start, count, messages, int(info["size"]), parts[3])
    return found


def _whole(remote: Remote, folder: str, key: str, shard: Shard) -> bool:
    """Whether a shard is as it was written; one that is not (a full disk) is made anew."""
    from riskscan.sources.item import SourceError

    place = f"{folder}/{key}/{shard.name}"
    try:
        data: bytes = remote.ask(remote.system.cat_file, place)
        if hashlib.sha256(data).hexdigest() == shard.sha256:
            return True
        remote.ask(remote.system.rm_file, place)
    except SourceError:
        pass
    return False


def _moved(task: UnitTask, scratch: Path | None) -> Unit:
    """The unit as this machine sees it: a remote export stands in another folder on each."""
    unit: Unit = task.unit
    if not task.export:
        return unit
    from riskscan.sources.remote import mount

    top, own = task.top, str(mount(task.export, task.space, scratch, task.listing).top)

    def moved(value: Any) -> Any:
        if isinstance(value, Path) and (str(value) + "/").startswith(top + "/"):
            return Path(own + str(value)[len(top) :])
        if isinstance(value, tuple):
            return tuple(moved(Path(v)).as_posix() if _inside(v, top) else v for v in value)
        return value

    changed = {f.name: moved(getattr(unit, f.name)) for f in fields(task.unit)}
    return replace(task.unit, **changed)  # type: ignore[no-any-return]


def _inside(value: Any, top: str) -> bool:
    return isinstance(value, str) and value.startswith(top + "/")


def _at(place: str) -> tuple[Remote, str]:
    from riskscan.sources.remote import remote_at

    address = place if is_remote(place) else f"file://{Path(place).absolute()}"
    remote, key = remote_at(address)
    return remote, key.rstrip("/")
