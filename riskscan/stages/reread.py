"""Reread: quarantined messages read again from their exports, to save their bytes or to parse them.

What is read is compared with the hash of what was quarantined: an export that has changed since
gives nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskscan.case.location import Place
from riskscan.case.quarantine import Held, held, release, set_reasons
from riskscan.case.settings import limits_of
from riskscan.case.store import CaseError, Outcome, Parsed, Store, connect, open_case
from riskscan.engine import Culprit, Engine
from riskscan.stages.ingest import (
    PARSE_BOUNDS,
    as_found,
    assign_threads,
    parse_batch,
)

if TYPE_CHECKING:
    from riskscan.sources import Item, Limits, Unit

INDEX = "quarantine.jsonl"
GONE = "its bytes are not in the export any more, or have changed"
_AT_ONCE = 64
_BYTES_AT_ONCE = 8 * 2**20


@dataclass(frozen=True, slots=True)
class Retried:
    """What a retry did: messages that left quarantine, that stay in it, that are gone."""

    parsed: int
    still: int
    gone: int


def quarantined(place: Place) -> list[Held]:
    """All that is in quarantine in the case at ``place``. Raises CaseError."""
    return _waiting(place)[0]


def _waiting(place: Place) -> tuple[list[Held], Limits]:
    """What is in quarantine, and how the scans read the exports."""
    engine = connect(place)
    try:
        with engine.connect() as connection:
            return held(engine), limits_of(connection)
    finally:
        engine.dispose()


def save_quarantined(place: Place, target: Path) -> list[dict[str, Any]]:
    """Write the bytes of all quarantined messages into the folder ``target``, made when absent.

    Files are named by number and hash, never by what a mail says; ``quarantine.jsonl`` tells of
    each where it comes from (``file``: null for one whose bytes are gone), and whether the file has
    the hash that the case holds (``hash_matches``). Returns these lines.
    Raises CaseError when there is no case, or a file of the target is there already.
    """
    waiting, limits = _waiting(place)
    target.mkdir(parents=True, exist_ok=True)
    index = target / INDEX
    if index.exists():
        raise CaseError(f"'{index}' is there already: name a new folder.")
    saved: dict[int, dict[str, Any]] = {}
    for one, item, found, ending in _found(waiting, limits, _originals):
        data = item.data if found is None else found
        name = f"{one.id:08}-{one.sha256[:16]}{ending}"
        # "x": no file of the user's is ever written over, and no link followed.
        with (target / name).open("xb") as file:
            file.write(data)
        matches = hashlib.sha256(data).hexdigest() == one.sha256
        saved[one.id] = {"file": name, "hash_matches": matches}
    none = {"file": None, "hash_matches": False}
    lines = [saved.get(one.id, none) | asdict(one) for one in waiting]
    with index.open("x", encoding="utf-8") as file:
        file.writelines(json.dumps(line, ensure_ascii=True) + "\n" for line in lines)
    return lines


def retry_quarantined(place: Place, workers: int = 1) -> Retried:
    """Parse all quarantined messages again; those that now parse become messages of the case.

    They wait for their score and entities then: the next scan gives them theirs. ``workers``
    is at least 1: what once ended a process must not end this one. Raises CaseError.
    """
    waiting, limits = _waiting(place)
    parsed, seen = 0, set[int]()
    with open_case(place) as store, Engine(max(1, workers)) as engine:
        run = store.start_run("quarantine --retry", {"quarantined": len(waiting)})
        batches = (
            ([one for one, _ in some], [item for _, item in some])
            for some in _gathered(_items(waiting, limits))
        )
        for several, results in engine.map(parse_batch, batches, bounds=PARSE_BOUNDS):
            seen.update(one.id for one in several)
            parsed += _settle(store, several, results)
        set_reasons(
            store.engine, [(o.id, f"{o.reason}; {GONE}") for o in waiting
                           if o.id not in seen and not o.reason.endswith(GONE)],
        )  # fmt: skip
        if parsed:
            assign_threads(store)
        told = Retried(parsed, len(seen) - parsed, len(waiting) - len(seen))
        store.finish_run(run, asdict(told))
    return told


def _settle(
    store: Store, several: Sequence[Held], results: Sequence[Parsed | str | Culprit]
) -> int:
    """Store what was parsed and note why the rest was not; returns how many were parsed."""
    freed, reasons = [], []
    for one, result in zip(several, results, strict=True):
        if isinstance(result, Parsed):
            freed.append((one, Outcome(one.source, one.format, one.custodian, result)))
        else:
            reasons.append((one.id, result.reason if isinstance(result, Culprit) else result))
    release(store.engine, freed)
    set_reasons(store.engine, reasons)
    return len(freed)


_Read = Callable[["Unit", set[tuple[str, str]]], Iterator[tuple["Item", bytes | None, str]]]


def _items(waiting: Sequence[Held], limits: Limits) -> Iterator[tuple[Held, Item]]:
    """Each quarantined message with what there is to parse; those that are gone left out."""
    return ((one, item) for one, item, _, _ in _found(waiting, limits, _parsable))


def _parsable(unit: Unit, wanted: set[tuple[str, str]]) -> Iterator[tuple[Item, bytes | None, str]]:
    from riskscan.sources.fetch import fetch

    return ((item, None, "") for item in fetch(unit, wanted))


def _originals(
    unit: Unit, wanted: set[tuple[str, str]]
) -> Iterator[tuple[Item, bytes | None, str]]:
    from riskscan.sources.originals import fetch_originals

    return fetch_originals(unit, wanted)


def _found(
    waiting: Sequence[Held], limits: Limits, read: _Read
) -> Iterator[tuple[Held, Item, bytes | None, str]]:
    """Each quarantined message with its bytes, one pass a unit; those that are gone left out."""
    from riskscan.sources.fetch import path_of, path_text, units_at

    exports: dict[str, dict[str, list[Held]]] = defaultdict(lambda: defaultdict(list))
    for one in waiting:
        exports[one.export][one.path].append(one)
    for export, paths in exports.items():
        for unit in units_at(path_of(export), paths, limits):
            wanted: dict[tuple[str, str, str], list[Held]] = defaultdict(list)
            for one in paths[path_text(unit.path)]:
                wanted[one.source, one.place, one.sha256].append(one)
            for item, file, ending in read(unit, {key[:2] for key in wanted}):
                key = (item.source, item.place, as_found(item)[0])
                if several := wanted.get(key):
                    yield several.pop(0), item, file, ending
                    if not several:
                        del wanted[key]
                if not wanted:
                    break


def _gathered(pairs: Iterator[tuple[Held, Item]]) -> Iterator[list[tuple[Held, Item]]]:
    some: list[tuple[Held, Item]] = []
    size = 0
    for one, item in pairs:
        some.append((one, item))
        size += len(item.data)
        if len(some) >= _AT_ONCE or size >= _BYTES_AT_ONCE:
            yield some
            some, size = [], 0
    if some:
        yield some
