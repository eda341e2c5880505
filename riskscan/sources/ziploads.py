"""Load files inside a zip, with the members that they name, so that these are read once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from itertools import islice

from riskscan.sources.edrm_xml import parents_in
from riskscan.sources.fields import Row
from riskscan.sources.item import LimitError, SourceError
from riskscan.sources.loads import ROWS, TABLES
from riskscan.sources.located import located
from riskscan.sources.moments import DayOrder
from riskscan.sources.names import Origin
from riskscan.sources.reading import Blob, Reading
from riskscan.sources.rows import paths_of
from riskscan.sources.sniff import sniff
from riskscan.sources.stream import Stream
from riskscan.sources.volume import FILES_MAX, Look, NameIndex, parts_of

Opener = Callable[[], AbstractContextManager[Stream]]
_ENDINGS = (".dat", ".xml", ".csv", ".tsv", ".jsonl", ".ndjson")


class MemberVolume:
    """The members of an archive beside a load file in it; found as in ``FolderVolume``."""

    def __init__(
        self, origin: Origin, member: str, openers: Mapping[str, Opener], folded: Mapping[str, str]
    ) -> None:
        self.look = Look()
        self._origin = origin
        self._openers = openers
        self._folded = folded
        self._all: NameIndex | None = None
        folders = member.replace("\\", "/").split("/")[:-1]
        self._bases = [folders[:n] for n in range(len(folders), -1, -1)]

    def find(self, path: str) -> str:
        """The member's name, "" when it is not there; raises SourceError."""
        parts = parts_of(path)
        for drop in range(min(len(parts), 3)):
            for base in self._bases:
                name = "/".join([*base, *parts[drop:]])
                if name in self._openers:
                    return name
                if other := self._folded.get(name.casefold()):
                    return other
        return ""

    def named(self, name: str) -> list[str]:
        """The members of this name."""
        if self._all is None:
            self._all = NameIndex(islice(self._openers, FILES_MAX))
        return self._all.of(name)

    @contextmanager
    def open(self, key: str) -> Iterator[tuple[Origin, Stream]]:
        """The origin and bytes of a member; raises SourceError."""
        with self._openers[key]() as stream:
            yield self._origin.member(key), stream


def member_loads(
    reading: Reading, blob: Blob, openers: Mapping[str, Opener]
) -> tuple[dict[str, MemberVolume], set[str]]:
    """The load files among an archive's members, each with its volume, and what they name.

    ``openers`` opens members by name. Raises LimitError.
    """
    folded: dict[str, str] = {}
    for name in openers:
        folded.setdefault(name.replace("\\", "/").casefold(), name)
    found: list[tuple[str, str]] = []
    for name, opener in openers.items():
        if name.casefold().endswith(_ENDINGS) and (kind := _kind(blob, name, opener)):
            found.append((name, kind))
    volumes: dict[str, MemberVolume] = {}
    named: set[str] = set()
    for name, kind in sorted(found, key=lambda f: f[1] in TABLES):
        if name not in named:
            volume = MemberVolume(blob.origin, name, openers, folded)
            volumes[name] = volume
            named.update(_named(reading, blob, name, kind, volume))
    return volumes, named - volumes.keys()


def _kind(blob: Blob, name: str, opener: Opener) -> str:
    try:
        with opener() as stream:
            told, _ = sniff(stream, blob.origin.member(name))
    except LimitError:
        raise
    except SourceError:
        return ""
    return told.kind if told.kind in ROWS else ""


def _named(
    reading: Reading, blob: Blob, name: str, kind: str, volume: MemberVolume
) -> Iterator[str]:
    days = DayOrder()
    try:
        if kind == "edrm":
            with volume.open(name) as (_, stream):
                volume.look.parents = parents_in(stream)
        with volume.open(name) as (origin, stream):
            for row in ROWS[kind](reading, Blob(origin, stream)):
                if not isinstance(row, Row):
                    continue
                days.see(row)
                for kind_of_path, path in paths_of(row):
                    try:
                        if found := located(volume, path, kind_of_path):
                            yield found
                    except SourceError:
                        continue  # a path that leads out: its row tells it
        volume.look.days = days.told
    except LimitError:
        raise
    except SourceError:
        return  # the reader meets it again, and tells it
