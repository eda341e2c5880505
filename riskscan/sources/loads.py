"""Load files on disk: the unit of one with the files that it names, so that these are read once."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from riskscan.sources.concordance import concordance_rows
from riskscan.sources.document import Rows
from riskscan.sources.edrm import edrm_rows
from riskscan.sources.fields import BadRow, Row
from riskscan.sources.folders import folders_below
from riskscan.sources.item import Event, Limits, NotRead, SourceError
from riskscan.sources.loadkinds import load_kind
from riskscan.sources.located import located
from riskscan.sources.moments import DayOrder, Orders
from riskscan.sources.names import Container, Origin, shown
from riskscan.sources.pageimages import ENDINGS as PAGE_ENDINGS
from riskscan.sources.pageimages import page_list
from riskscan.sources.reading import Blob, Reading, read_file
from riskscan.sources.registry import READERS
from riskscan.sources.reviewset import reviewset_rows
from riskscan.sources.rows import has_words, paths_of
from riskscan.sources.sniff import HEAD, sniff
from riskscan.sources.stream import FileStream, digest_of, open_file
from riskscan.sources.tabular import csv_rows, jsonl_rows
from riskscan.sources.volume import FolderVolume, Look

ROWS: dict[str, Rows] = {
    "concordance": concordance_rows,
    "edrm": edrm_rows,
    "csv": csv_rows,
    "jsonl": jsonl_rows,
    "purview-load": reviewset_rows,
}
"""The load files by what sniff.sniff tells."""

_PAGES = "pages"  # a list of page images
TABLES = ("csv", "jsonl")
"""The kinds that a file may have that is no load file but a document."""
_ENDINGS = (".dat", ".xml", ".csv", ".tsv", ".txt", ".jsonl", ".ndjson")
# Where vendors put the load files of a volume, beside its folders of natives and text.
_DATA_FOLDERS = frozenset({"data", "load", "loadfile", "loadfiles", "load files", "dat", "xml"})


@dataclass(slots=True, frozen=True)
class LoadUnit:
    """A load file and the files on disk that it names (``named``, paths). See ``item.Unit``.

    ``days``: in what order its columns have day and month.
    """

    path: Path
    export: Path
    kind: str
    size: int
    origin: Origin
    top: Path
    named: tuple[str, ...]
    limits: Limits = field(default_factory=Limits)
    days: Orders | None = None

    @property
    def source(self) -> str:
        """The path relative to the export's parent."""
        return self.origin.source

    def events(self, skip: int = 0) -> Iterator[Event]:
        """Yield the documents without the first ``skip`` events; never raises for the data."""
        reading = Reading(READERS, self.limits, self.size, skip)
        volume = FolderVolume(self.top, self.path.parent, self.origin, Look(self.days))
        yield from read_file(reading, self.path, self.origin, volume)

    def digest(self) -> tuple[str, int]:
        """Hash the load file; with files that it names, the sorted lines ``sha256  path``.

        One that may not be opened has no hash there, and the size that its folder tells: it is as
        it was listed.
        """
        own, total = digest_of(self.path)
        if not self.named:
            return own, total
        top = str(self.top)
        lines = [f"{own}  {shown(os.path.relpath(self.path, top))}\n"]
        for name in self.named:
            digest, size = digest_of(Path(name))
            lines.append(f"{digest}  {shown(os.path.relpath(name, top))}\n")
            total += size if digest else _size(name)
        return hashlib.sha256("".join(sorted(lines)).encode()).hexdigest(), total


def load_file(
    path: Path,
    export: Path,
    kind: str,
    origin: Origin,
    limits: Limits,
    top: Path | None = None,
    read: set[str] | None = None,
) -> LoadUnit | NotRead:
    """The unit of the load file at ``path``; the files that it names lie below ``top``.

    By default that is its own folder, and the one above when it lies in a folder for load files.
    One that cannot be read for the columns that it has is not read. The numbers of documents that
    have words are added to ``read``.
    """
    if top is None:
        folder = path.parent
        top = folder.parent if folder.name.casefold() in _DATA_FOLDERS else folder
    volume = FolderVolume(top, path.parent, origin)
    named: dict[str, None] = {}
    days = DayOrder()
    size = path.stat().st_size
    reading = Reading(READERS, limits, size)
    try:
        with open_file(path) as file:
            for row in ROWS[kind](reading, Blob(origin, FileStream(file), file=file)):
                if isinstance(row, Row):
                    days.see(row)
                    if read is not None and has_words(row):
                        read |= row.numbers
                    for of, text in paths_of(row):
                        if (found := _found(volume, text, of)) and found != str(path):
                            named[found] = None
                elif isinstance(row, BadRow) and row.number == 0:
                    return NotRead(
                        origin.source, "", row.reason, size, digest_of(path)[0], lost=True
                    )
    except OSError:
        raise
    except Exception:
        # Whatever it is, the reader meets it again, and tells it.
        pass
    size += sum(_size(n) for n in named)
    return LoadUnit(path, export, kind, size, origin, top, tuple(named), limits, days.told)


def _found(volume: FolderVolume, text: str, kind: str) -> str:
    try:
        return located(volume, text, kind)
    except SourceError:
        return ""


def _size(path: str) -> int:
    try:
        return os.lstat(path).st_size
    except OSError:
        return 0


@dataclass(slots=True, frozen=True)
class Loads:
    """The load files of an export by path, and the paths of all files that they name."""

    units: dict[str, LoadUnit | NotRead] = field(default_factory=dict)
    named: frozenset[str] = frozenset()


def load_files(root: Path, export: Path, outer: Origin, limits: Limits) -> Loads:
    """Find the load files below ``root``."""
    units: dict[str, LoadUnit | NotRead] = {}
    named: set[str] = set()
    found = list(_candidates(root, outer))
    lists = [f for f in found if f[2] == _PAGES]
    read: set[str] | None = set() if lists else None
    # A table that a load file names is a document of it, not one of its own.
    for path, origin, kind in sorted(found, key=lambda f: f[2] in TABLES):
        if str(path) in named or kind == _PAGES:
            continue
        units[str(path)] = unit = load_file(path, export, kind, origin, limits, root, read)
        if isinstance(unit, LoadUnit):
            named.update(unit.named)
    for path, origin, _ in lists if units else ():
        if told := page_list(path, origin, root, read or set()):
            units[str(path)] = told[0]
            named |= told[1]
    return Loads(units, frozenset(named - units.keys()))


def _candidates(root: Path, outer: Origin) -> Iterator[tuple[Path, Origin, str]]:
    for folder, entries in folders_below(str(root)):
        inside = tuple(shown(p) for p in Path(folder).relative_to(root).parts)
        container = Container(outer.containers[0].name, inside)
        for entry in entries:
            if not entry.name.lower().endswith((*_ENDINGS, *PAGE_ENDINGS)):
                continue
            path = Path(entry.path)
            origin = Origin((container,), shown(entry.name), outer.above)
            if entry.name.lower().endswith(PAGE_ENDINGS):
                yield path, origin, _PAGES
            elif kind := _kind(path, origin):
                yield path, origin, kind


def _kind(path: Path, origin: Origin) -> str:
    try:
        with open_file(path) as file:
            # Most files are none, and this look at them is a cheap one.
            if not load_kind(file.read(HEAD), origin.name):
                return ""
            file.seek(0)
            told, _ = sniff(FileStream(file), origin)
    except (SourceError, OSError):
        return ""
    return told.kind if told.kind in ROWS else ""
