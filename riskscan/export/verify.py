"""Whether a production is what was delivered: every file against the hash in its manifest."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from riskscan.export.production import ABOUT, MANIFEST, ProductionError, about_of
from riskscan.export.remote import RemoteProduction
from riskscan.sources.item import SourceError

_LINE = re.compile(r"([0-9a-f]{64}) [ *](.+)")
_LINE_MAX = 10_000
_CHUNK = 1 << 20


@dataclass(slots=True)
class Verified:
    """What came of it: ``files`` were checked; each fault is (path, what is wrong with it)."""

    manifest_sha256: str
    files: int = 0
    faults: list[tuple[str, str]] = field(default_factory=list)


def verify_production(place: Path | str) -> Verified:
    """Check every file of a production; raises ProductionError when there is no manifest.

    ``place`` is a folder or the address of a remote place (PlaceError where it does not answer).
    A fault is a file that is missing or changed, one that the manifest does not list, a link,
    a line of the manifest that is none, and another number of files than production.json tells.
    """
    production = RemoteProduction(place) if isinstance(place, str) else _Folder(place)
    try:
        found = Verified(_sha256(production.chunks(MANIFEST)))
    except SourceError as error:
        told = f"There is no production in '{place}': it has no {MANIFEST}."
        raise ProductionError(told) from error
    listed: set[str] = set()
    for number, line in enumerate(_lines(production.chunks(MANIFEST)), 1):
        match = _LINE.fullmatch(line)
        path = match[2] if match else ""
        if not match or _leads_out(path):
            found.faults.append((f"{MANIFEST}:{number}", "is no line of a manifest"))
            continue
        listed.add(path)
        found.files += 1
        if wrong := _wrong(production, path, match[1]):
            found.faults.append((path, wrong))
    more = (path for path in production.files() if path != MANIFEST and path not in listed)
    found.faults += [(path, "is not in the manifest") for path in more]
    files = _told(production)
    if files is not None and files != found.files:
        found.faults.append((MANIFEST, f"lists {found.files:,} files, {ABOUT} tells of {files:,}"))
    return found


class _Files(Protocol):
    def files(self) -> Iterable[str]: ...

    def chunks(self, path: str) -> Iterator[bytes]:
        """The bytes of a file; raises SourceError that says what is wrong with it."""
        ...


class _Folder:
    """The files of a production in a folder here; links are not followed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def chunks(self, path: str) -> Iterator[bytes]:
        place = self._folder
        for part in path.split("/"):
            place = place / part
            if place.is_symlink():
                raise SourceError("is a link, or lies behind one")
        if not place.is_file():
            raise SourceError("is missing")
        try:
            with place.open("rb") as stream:
                while data := stream.read(_CHUNK):
                    yield data
        except OSError as error:
            raise SourceError(f"cannot be read: {error.strerror or error}") from error

    def files(self) -> Iterator[str]:
        # A stack of its own: os.walk calls itself for each folder.
        waiting = [self._folder]
        while waiting:
            with os.scandir(waiting.pop()) as entries:
                listed = sorted(entries, key=lambda e: e.name)
            waiting.extend(Path(e.path) for e in listed if e.is_dir(follow_symlinks=False))
            for entry in listed:
                if not entry.is_dir(follow_symlinks=False):
                    yield Path(entry.path).relative_to(self._folder).as_posix()


def _told(production: _Files) -> int | None:
    """How many files there must be; None where the production does not tell."""
    try:
        about = about_of(b"".join(production.chunks(ABOUT)), ABOUT)
    except (SourceError, ProductionError):
        return None
    told = about.get("files")
    return told if isinstance(told, int) else None


def _lines(chunks: Iterator[bytes]) -> Iterator[str]:
    rest = b""
    for data in chunks:
        *whole, rest = (rest + data).split(b"\n")
        # What is too long is cut into what are no lines of a manifest.
        while len(rest) > _LINE_MAX:
            whole.append(rest[:_LINE_MAX])
            rest = rest[_LINE_MAX:]
        yield from (line.decode("utf-8", "surrogateescape") for line in whole)
    if rest:
        yield rest.decode("utf-8", "surrogateescape")


def _leads_out(path: str) -> bool:
    parts = path.split("/")
    return path.startswith(("/", "\\")) or ".." in parts or "\0" in path or ":" in parts[0]


def _wrong(production: _Files, path: str, told: str) -> str:
    try:
        return "" if _sha256(production.chunks(path)) == told else "has changed"
    except SourceError as error:
        return str(error)


def _sha256(chunks: Iterator[bytes]) -> str:
    digest = hashlib.sha256()
    for data in chunks:
        digest.update(data)
    return digest.hexdigest()
