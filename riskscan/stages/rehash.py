"""Rehash: the exports of a case read again for their hashes, nothing parsed.

Whether they are still what was scanned, and the hashes that exports claim for files whose bytes
the case does not hold (MD5, SHA-1, members of archives).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import ColumnElement, and_, func, or_, select

from riskscan.case import schema
from riskscan.case.claims import HASHES
from riskscan.case.location import Place
from riskscan.case.places import File, Places, is_named, named_files
from riskscan.case.settings import limits_of
from riskscan.case.store import Store, open_case

_INSIDE = "!/"


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A claim of a hash or size, and the export of the file that it is about."""

    claim: int
    export: Path
    about: str
    kind: str


def rehash_case(place: Place) -> list[dict[str, str]]:
    """Read the exports again; returns which files or folders are not as they were, and why.

    What claimed files hash to is kept in the case for the manifest. Raises CaseError.
    """
    from riskscan.case.read import Case

    Case(place).close()  # there must be one: open_case would make it
    with open_case(place) as store:
        run = store.start_run("manifest --verify", {})
        changed = list(_changed(store))
        hashed = hash_claimed(store, inside=True)
        store.finish_run(run, {"changed": len(changed), "hashed": hashed})
    return changed


def _changed(store: Store) -> Iterator[dict[str, str]]:
    from riskscan.sources.fetch import path_of, path_text, units_at

    table = schema.units
    last = select(func.max(table.c.id)).group_by(table.c.path).scalar_subquery()
    exports: dict[str, dict[str, str]] = defaultdict(dict)
    with store.engine.connect() as connection:
        for row in connection.execute(
            select(table.c.export, table.c.path, table.c.sha256)
            .where(table.c.id.in_(last))
            .order_by(table.c.id)
        ):
            exports[row.export][row.path] = row.sha256
    with store.engine.connect() as connection:
        limits = limits_of(connection)
    for export, known in exports.items():
        left = dict(known)
        for unit in units_at(path_of(export), known, limits):
            path = path_text(unit.path)
            if unit.digest()[0] != left.pop(path, None):
                yield {"path": path, "reason": "its bytes are not those that were scanned"}
        for path in left:
            yield {"path": path, "reason": "it is not there any more, or cannot be read"}


def hash_claimed(store: Store, *, inside: bool) -> int:
    """Compute the claimed hashes that the case does not hold; returns how many claims got theirs.

    ``inside``: also of the members of archives, which takes a pass over each.
    """
    by_file: dict[Path, list[_Wanted]] = defaultdict(list)
    by_archive: dict[tuple[Path, str], list[_Wanted]] = defaultdict(list)
    for wanted in _wanted(store, HASHES[:2] if not inside else (*HASHES, "bytes")):
        outer, within, _ = wanted.about.partition(_INSIDE)
        path = _on_disk(wanted.export, outer)
        if path is None:
            continue
        if not within:
            by_file[path].append(wanted)
        elif inside:
            by_archive[wanted.export, outer].append(wanted)
    found: list[tuple[int, str]] = []
    for path, several in by_file.items():
        found += _of_file(path, several)
    for (export, outer), several in by_archive.items():
        found += _of_members(export, outer, several)
    store.set_claimed(found)
    return len(found)


def _wanted(store: Store, kinds: Iterable[str]) -> list[_Wanted]:
    from riskscan.sources.fetch import path_of

    claim, unit = schema.claims, schema.units
    statement = (
        select(claim.c.id, claim.c.about, claim.c.kind, unit.c.export, unit.c.source)
        .join_from(claim, unit)
        .where(or_(claim.c.kind.in_(list(kinds)), _named_by_load_file()), claim.c.actual.is_(None))
        .order_by(claim.c.id)
    )
    with store.engine.connect() as connection:
        rows = connection.execute(statement).all()
        named: dict[str, tuple[str, File | None]] = {}
        if several := {row.about for row in rows if is_named(row.about)}:
            abouts = connection.execute(select(claim.c.about).distinct()).scalars().all()
            named = named_files(connection, Places(connection, abouts), several)
    return [
        _Wanted(row.id, path_of(row.export), about, row.kind)
        for row in rows
        if (about := named.get(row.about, (row.about or row.source, None))[0])
    ]


def _named_by_load_file() -> ColumnElement[bool]:
    """Claims of a SHA-256 of load files and what they name: the case has one hash for all of it."""
    from riskscan.sources.loads import ROWS

    claim, unit = schema.claims, schema.units
    loads, files = unit.alias(), unit.alias()
    kinds = list(ROWS)
    return and_(
        claim.c.kind == "sha256",
        select(1).where(loads.c.export == unit.c.export, loads.c.kind.in_(kinds)).exists(),
        ~select(1).where(files.c.source == claim.c.about, files.c.kind.not_in(kinds)).exists(),
    )


def _on_disk(export: Path, name: str) -> Path | None:
    """The file of an export that a name speaks of; None when it is none, or lies outside of it."""
    try:
        root = export.resolve(strict=True)
        first, _, rest = name.partition("/")
        path = root / rest if rest else root
        # The claim is as hostile as the export: it must not make us read what lies elsewhere.
        inside = first == export.name and path.resolve(strict=True) == path
        return path if inside and path.is_relative_to(root) and path.is_file() else None
    except (OSError, RuntimeError, ValueError):
        return None


def _of_file(path: Path, several: list[_Wanted]) -> list[tuple[int, str]]:
    from riskscan.sources import SourceError
    from riskscan.sources.fetch import hash_file

    try:
        told = hash_file(path, {one.kind for one in several} - {"bytes"})
    except SourceError:
        return []  # the scan lists it as not read
    return [(one.claim, told[one.kind]) for one in several]


def _of_members(export: Path, outer: str, several: list[_Wanted]) -> list[tuple[int, str]]:
    from riskscan.sources import FileUnit
    from riskscan.sources.fetch import hash_members, path_text, units_at

    path = _on_disk(export, outer)
    found: list[tuple[int, str]] = []
    for unit in units_at(export, {path_text(path)} if path else ()):
        if isinstance(unit, FileUnit):
            kinds = {one.kind for one in several} - {"bytes"}
            told = hash_members(unit, {one.about for one in several}, kinds)
            found += [
                (one.claim, told[one.about][one.kind]) for one in several if one.about in told
            ]
    return found
