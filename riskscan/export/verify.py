"""Whether a production is what was delivered: every file against the hash in its manifest."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from riskscan.export.production import ABOUT, MANIFEST, ProductionError, read_about

_LINE = re.compile(r"([0-9a-f]{64}) [ *](.+)")
_LINE_MAX = 10_000
_CHUNK = 1 << 20


@dataclass(slots=True)
class Verified:
    """What came of it: ``files`` were checked; each fault is (path, what is wrong with it)."""

    manifest_sha256: str
    files: int = 0
    faults: list[tuple[str, str]] = field(default_factory=list)


def verify_production(folder: Path) -> Verified:
    """Check every file of a production; raises ProductionError when there is no manifest.

    A fault is a file that is missing or changed, one that the manifest does not list, a link,
    a line of the manifest that is none, and another number of files than production.json tells.
    """
    manifest = folder / MANIFEST
    if not manifest.is_file():
        raise ProductionError(f"There is no production in '{folder}': it has no {MANIFEST}.")
    found = Verified(_sha256(manifest))
    listed: set[str] = set()
    for number, line in enumerate(_lines(manifest), 1):
        match = _LINE.fullmatch(line)
        path = match[2] if match else ""
        if not match or _leads_out(path):
            found.faults.append((f"{MANIFEST}:{number}", "is no line of a manifest"))
            continue
        listed.add(path)
        found.files += 1
        if wrong := _wrong(folder, path, match[1]):
            found.faults.append((path, wrong))
    found.faults += [(p, "is not in the manifest") for p in _files(folder) if p not in listed]
    told = _told(folder)
    if told is not None and told != found.files:
        found.faults.append((MANIFEST, f"lists {found.files:,} files, {ABOUT} tells of {told:,}"))
    return found


def _told(folder: Path) -> int | None:
    """How many files there must be; None where the production does not tell."""
    try:
        told = read_about(folder).get("files")
    except ProductionError:
        return None
    return told if isinstance(told, int) else None


def _lines(manifest: Path) -> Iterator[str]:
    with manifest.open(encoding="utf-8", errors="surrogateescape", newline="\n") as stream:
        while line := stream.readline(_LINE_MAX):
            yield line.rstrip("\n")


def _leads_out(path: str) -> bool:
    parts = path.split("/")
    return path.startswith(("/", "\\")) or ".." in parts or "\0" in path or ":" in parts[0]


def _wrong(folder: Path, path: str, told: str) -> str:
    place = folder
    for part in path.split("/"):
        place = place / part
        if place.is_symlink():
            return "is a link, or lies behind one"
    if not place.is_file():
        return "is missing"
    try:
        return "" if _sha256(place) == told else "has changed"
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"


def _sha256(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while data := stream.read(_CHUNK):
            digest.update(data)
    return digest.hexdigest()


def _files(folder: Path) -> Iterator[str]:
    # A stack of its own: os.walk calls itself for each folder.
    waiting = [folder]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            listed = sorted(entries, key=lambda e: e.name)
        waiting.extend(Path(e.path) for e in listed if e.is_dir(follow_symlinks=False))
        for entry in listed:
            path = Path(entry.path).relative_to(folder).as_posix()
            if not entry.is_dir(follow_symlinks=False) and path != MANIFEST:
                yield path
