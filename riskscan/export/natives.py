"""The bytes of a case's messages as they lie in the exports, each unit read once."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from sqlalchemy import select

from riskscan.case import schema
from riskscan.case.selection import Origin, origins
from riskscan.case.settings import limits_of

if TYPE_CHECKING:
    from riskscan.case.read import Case
    from riskscan.sources import FolderUnit, Item, Unit

# How far a message may be from the place in the order where it was met before.
_WINDOW = 5_000


@dataclass(slots=True, frozen=True)
class Native:
    """What is left of a message in its export.

    ``mail`` is the message as RFC 5322 bytes, None when the export is gone or has changed;
    ``file`` its bytes as found (``mail``, or with it inside, where the export holds mail), None
    where there is no file of its own, as in a PST. ``ending`` is that of ``file``.
    """

    origin: Origin
    mail: bytes | None = None
    file: bytes | None = None
    ending: str = ".eml"


def natives(case: Case, ids: Sequence[int]) -> Iterator[Native]:
    """The natives of messages that stand alone, for each id in order; ``ids`` must ascend.

    Every one given is checked against the hash that the case holds.
    """
    units = _Units(case)
    with case.connect() as connection:
        for (_, export, path, kind), rows in groupby(
            origins(connection, ids), lambda o: (o.unit_id, o.export, o.path, o.kind)
        ):
            unit = units.at(export, path, kind)
            if unit is None:
                yield from map(Native, rows)
            else:
                yield from _of_unit(unit, rows)


class _Units:
    """The units of a case found again, each export walked once."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._found: dict[str, dict[str, list[Unit]]] = {}

    def at(self, export: str, path: str, kind: str) -> Unit | None:
        """The unit at ``path`` of an export, None when it is not there any more.

        A folder of mail and Slack days is two units of one path, told apart by their kinds.
        """
        if export not in self._found:
            self._found[export] = self._discover(export)
        several = self._found[export].get(path, [])
        return next((u for u in several if u.kind == kind), several[0] if several else None)

    def _discover(self, export: str) -> dict[str, list[Unit]]:
        from riskscan.sources.fetch import path_of, path_text, units_at

        units = schema.units
        with self._case.connect() as connection:
            paths = set(
                connection.execute(select(units.c.path).where(units.c.export == export)).scalars()
            )
            limits = limits_of(connection)
        found: dict[str, list[Unit]] = {}
        for unit in units_at(path_of(export), paths, limits):
            found.setdefault(path_text(unit.path), []).append(unit)
        return found


def _of_unit(unit: Unit, rows: Iterator[Origin]) -> Iterator[Native]:
    from riskscan.sources import FolderUnit
    from riskscan.sources.originals import originals

    if isinstance(unit, FolderUnit):
        yield from _of_folder(unit, rows)
        return
    # Both are in the order of reading: join them with a window for what is missing in between.
    window: OrderedDict[tuple[str, str, str], Origin] = OrderedDict()

    def fill() -> None:
        while len(window) < _WINDOW and (row := next(rows, None)) is not None:
            window[row.source, row.place, row.raw_sha256] = row

    fill()
    for item, file, ending in originals(unit):
        key = (item.source, item.place, _sha256(item))
        if key not in window:
            continue
        while True:
            met, row = window.popitem(last=False)
            if met == key:
                yield Native(row, item.data, file, ending)
                break
            yield Native(row)
        fill()
        if not window:
            return
    while window:
        yield Native(window.popitem(last=False)[1])
        fill()


def _sha256(item: Item) -> str:
    return item.native_sha256 or hashlib.sha256(item.data).hexdigest()


def _of_folder(unit: FolderUnit, rows: Iterator[Origin]) -> Iterator[Native]:
    """The messages of a folder; only files that are wanted are opened."""
    from riskscan.sources.names import shown
    from riskscan.sources.originals import originals

    names = {shown(name): name for name in unit.names}
    for row in rows:
        name = names.get(row.place)
        found = next(originals(replace(unit, names=(name,))), None) if name is not None else None
        if found is None or _sha256(found[0]) != row.raw_sha256:
            yield Native(row)
        else:
            yield Native(row, found[0].data, *found[1:])
