"""Walking exports: every file and folder becomes a unit, or is listed as not read."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from riskscan.sources import remote
from riskscan.sources.item import Event, Limits, NotRead, SourceError, Unit
from riskscan.sources.loads import ROWS, Loads, load_file, load_files
from riskscan.sources.names import Container, Origin, shown
from riskscan.sources.reading import Blob, Reading, read_file, reason_for
from riskscan.sources.registry import READERS
from riskscan.sources.slackspace import (
    LISTS,
    folder_origin,
    is_list,
    learn_lists,
    workspace_at,
)
from riskscan.sources.slackuploads import FOLDER, Uploads
from riskscan.sources.sniff import sniff
from riskscan.sources.stream import (
    FileStream,
    Hashing,
    Stream,
    digest_of,
    open_file,
    opened_file,
    why,
)
from riskscan.sources.whatsapp import learn_folder
from riskscan.sources.whatsappmedia import Opened

SINGLE = ("message", "emlx", "msg", "tnef")
"""The kinds of files that hold one message."""
_WITH_MEDIA = ("whatsapp", "google-chat")


@dataclass(slots=True, frozen=True)
class FileUnit:
    """One file on disk: an mbox, an archive, or a message given alone. See ``item.Unit``."""

    path: Path
    export: Path
    kind: str
    size: int
    origin: Origin
    limits: Limits = field(default_factory=Limits)

    @property
    def source(self) -> str:
        """The path relative to the export's parent."""
        return self.origin.source

    def events(self, skip: int = 0) -> Iterator[Event]:
        """Yield what is inside without the first ``skip`` events; never raises for the data."""
        reading = Reading(READERS, self.limits, self.size, skip)
        if self.kind in _WITH_MEDIA and self.path != self.export:
            learn_folder(reading, self.path.parent, self.origin, _names(self.path.parent))
        yield from read_file(reading, self.path, self.origin)

    def digest(self) -> tuple[str, int]:
        """Hash and count the file's bytes; ``""`` and 0 when it cannot be read.

        With files beside a chat that its posts name, the hash is that of the sorted lines ``sha256
        name`` of them and the chat.
        """
        own, size = digest_of(self.path)
        media = self._media() if own else []
        if not media:
            return own, size
        lines = [f"{own}  {self.origin.name}\n"]
        lines += [f"{digest_of(self.path.parent / name)[0]}  {shown(name)}\n" for name in media]
        return hashlib.sha256("".join(sorted(lines)).encode()).hexdigest(), size

    def _media(self) -> list[str]:
        """The files beside a chat that its posts name."""
        if self.kind not in _WITH_MEDIA or self.path == self.export:
            return []
        listed = _names(self.path.parent)
        reading = Reading(READERS, self.limits, self.size)
        learn_folder(reading, self.path.parent, self.origin, listed)
        known = reading.media.get(self.origin.folder_source)
        return [name for name in listed if known and shown(name) in known.files]


@dataclass(slots=True, frozen=True)
class FolderUnit:
    """The message files of one folder, by name. See ``item.Unit``."""

    path: Path
    export: Path
    kind: str
    size: int
    origin: Origin
    names: tuple[str, ...]
    limits: Limits = field(default_factory=Limits)

    @property
    def source(self) -> str:
        """The folder's path relative to the export's parent."""
        return self.origin.folder_source

    def events(self, skip: int = 0) -> Iterator[Event]:
        """Yield one event a file without the first ``skip``; never raises for the data."""
        for name in self.names[skip:]:
            yield self._event(name)

    def _event(self, name: str) -> Event:
        path = self.path / name
        origin = replace(self.origin, name=shown(name))
        source, place = origin.folder_source, origin.name
        try:
            with open_file(path) as file:
                found, stream = sniff(FileStream(file), origin)
                if found.kind in SINGLE:
                    reading = Reading(READERS, self.limits, 0)
                    return next(reading.read_as(found.kind, Blob(origin, stream)))
        except SourceError as error:
            return NotRead(source, place, str(error), 0, "", lost=True)
        # It was one message when it was found.
        digest, size = digest_of(path)
        return NotRead(source, place, "the file has changed since it was found", size, digest, True)

    def digest(self) -> tuple[str, int]:
        """Hash the sorted lines ``sha256  name`` of the files (no hash where unreadable)."""
        return _digest_of_all(self.path, self.names)


@dataclass(slots=True, frozen=True)
class ChannelUnit:
    """The day files of one channel of an unpacked Slack export. See ``item.Unit``.

    The lists of people and channels lie in the folders above, down to the export.
    """

    path: Path
    export: Path
    kind: str
    size: int
    origin: Origin
    names: tuple[str, ...]
    limits: Limits = field(default_factory=Limits)

    @property
    def source(self) -> str:
        """The folder's path relative to the export's parent."""
        return self.origin.folder_source

    def events(self, skip: int = 0) -> Iterator[Event]:
        """Yield the posts, day by day, without the first ``skip``; never raises for the data."""
        yield from self.read(Reading(READERS, self.limits, self.size, skip))

    def read(self, reading: Reading) -> Iterator[Event]:
        """Yield the posts that a reading does not pass over, day by day."""
        learn_lists(reading, self._lists())
        above = workspace_at(reading, folder_origin(self.origin, self.origin.folders[:-1]))
        if self.origin.folders and not above.uploads.files:
            above.uploads.add_folder(self.path.parent / FOLDER)
        for name in self.names:
            yield from read_file(reading, self.path / name, replace(self.origin, name=shown(name)))

    def _lists(self) -> dict[Origin, Callable[[], AbstractContextManager[Stream]]]:
        found: dict[Origin, Callable[[], AbstractContextManager[Stream]]] = {}
        folders = self.origin.folders
        for place in list(self.path.parents)[: len(folders)]:
            folders = folders[:-1]
            above = folder_origin(self.origin, folders)
            for name in LISTS:
                if is_list(name):
                    found[replace(above, name=name)] = partial(opened_file, place / name)
        return found

    def digest(self) -> tuple[str, int]:
        """Hash the sorted lines ``sha256  name`` of the files (no hash where unreadable).

        So are the files that slackdump saved beside the channels and that are named in them. The
        bytes are those of the days alone.
        """
        uploads = Uploads()
        if self.origin.folders:
            uploads.add_folder(self.path.parent / FOLDER)
        if not uploads.files:
            return _digest_of_all(self.path, self.names)
        lines: list[str] = []
        total = 0
        saved: dict[tuple[str, str], Opened] = {}
        for name in self.names:
            digest, size = digest_of(self.path / name)
            lines.append(f"{digest}  {shown(name)}\n")
            total += size
            saved |= {(i, n): opened for i, n, opened in uploads.named_in(self._day(name))}
        lines += [f"{_digest(o)}  {FOLDER}/{i}/{n}\n" for (i, n), o in saved.items()]
        return hashlib.sha256("".join(sorted(lines)).encode()).hexdigest(), total

    def _day(self, name: str) -> bytes:
        try:
            with open_file(self.path / name) as file:
                return file.read(self.limits.message)
        except (SourceError, OSError):
            return b""


def _digest(opened: Opened) -> str:
    """The hash of a stream, "" where it cannot be read."""
    try:
        with opened() as stream:
            hashing = Hashing(stream)
            hashing.drain()
    except SourceError:
        return ""
    return hashing.sha256


def _digest_of_all(folder: Path, names: Iterable[str]) -> tuple[str, int]:
    lines: list[str] = []
    total = 0
    for name in names:
        digest, size = digest_of(folder / name)
        lines.append(f"{digest}  {shown(name)}\n")
        total += size
    return hashlib.sha256("".join(sorted(lines)).encode()).hexdigest(), total


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 (names, not paths)
    except OSError:
        return []


def discover(exports: Sequence[Path], limits: Limits | None = None) -> Iterator[Unit | NotRead]:
    """Yield the units of exports in sorted order, and every file that is in none.

    Links inside an export are listed, not followed. An export that lies in another one is
    walked once, as part of that one.
    """
    limits = limits or Limits()
    given = sorted({Path(os.path.abspath(e)) for e in exports})  # noqa: PTH100 (no links resolved)
    for export in given:
        if not any(other in export.parents for other in given):
            yield from _export(export, limits)


def _export(export: Path, limits: Limits) -> Iterator[Unit | NotRead]:
    away = remote.mounted(export)
    above = away.above if away else tuple(shown(p.name) for p in export.parents if p.name)
    yield from remote.refused(export)
    name = shown(export.name)
    alone = Origin((Container(""),), name, above)
    try:
        # What the user points at may be a link: that one is followed.
        path = export.resolve(strict=True)
        mode = path.stat().st_mode
    except (OSError, RuntimeError) as error:
        words = why(error) if isinstance(error, OSError) else str(error)
        yield NotRead(alone.source, "", f"cannot be opened: {words}", 0, "", lost=True)
        return
    if stat.S_ISDIR(mode):
        origin = Origin((Container(name),), "", above)
        loads = load_files(path, export, origin, limits)
        yield from _Walk(export, limits, loads).folder(path, origin)
    else:
        yield from _Walk(export, limits).file(path, alone)


class _Walk:
    def __init__(self, export: Path, limits: Limits, loads: Loads | None = None) -> None:
        self._export = export
        self._limits = limits
        self._loads = loads or Loads()
        self._uploads: dict[Path, Collection[str]] = {}

    def file(self, path: Path, origin: Origin) -> Iterator[Unit | NotRead]:
        """The unit of a file that is an export by itself."""
        kind, found = self._tell(path, origin)
        if isinstance(found, NotRead):
            yield found
        elif kind in ROWS:
            yield load_file(path, self._export, kind, origin, self._limits)
        else:
            yield self._unit(path, "eml" if kind in ("message", "emlx") else kind, found, origin)

    def folder(self, path: Path, origin: Origin) -> Iterator[Unit | NotRead]:
        """The units of a folder and, below it, of its folders; files before folders."""
        # A stack of its own: folders may be nested deeper than Python calls.
        waiting = [(path, origin)]
        while waiting:
            path, origin = waiting.pop()
            folders: list[str] = []
            yield from self._files(path, origin, folders)
            waiting.extend((path / n, self._below(origin, n, folders)) for n in reversed(folders))

    def _files(self, path: Path, origin: Origin, folders: list[str]) -> Iterator[Unit | NotRead]:
        """The units of a folder's files; the names of its folders are added to ``folders``."""
        try:
            # By the bytes of the name, so that the order is the same on every system.
            listed = sorted(os.listdir(path), key=os.fsencode)  # noqa: PTH208 (names, not paths)
        except OSError as error:
            source = origin.folder_source
            yield NotRead(source, "", f"folder cannot be read: {why(error)}", 0, "", lost=True)
            return
        single: list[str] = []
        days: list[str] = []
        size = days_size = 0
        others: list[Unit | NotRead] = []
        attached = self._attached(path, origin, listed)
        for name in listed:
            inner = replace(origin, name=shown(name))
            try:
                mode = (path / name).lstat().st_mode
            except OSError as error:
                others.append(NotRead(inner.source, "", why(error), 0, "", lost=True))
                continue
            if stat.S_ISLNK(mode):
                others.append(self._link(path / name, inner))
            elif stat.S_ISDIR(mode):
                folders.append(name)
            elif not stat.S_ISREG(mode):
                reason = "not a regular file (a device, socket or FIFO)"
                others.append(NotRead(inner.source, "", reason, 0, "", lost=True))
            elif load := self._loads.units.get(str(path / name)):
                others.append(load)
            elif str(path / name) in self._loads.named:
                continue  # read with the load file that names it
            elif shown(name) in attached:
                digest, length = digest_of(path / name)
                reason = "attached to a post of the chat beside it"
                others.append(NotRead(inner.source, "", reason, length, digest, lost=False))
            else:
                kind, found = self._tell(path / name, inner)
                if isinstance(found, NotRead):
                    others.append(found)
                elif kind in SINGLE:
                    single.append(name)
                    size += found
                elif kind == "slack":
                    days.append(name)
                    days_size += found
                else:
                    others.append(self._unit(path / name, kind, found, inner))
        if single:
            maildir = origin.maildir or any(replace(origin, name=n).in_maildir for n in single)
            kind = "maildir" if maildir else "tree"
            names = tuple(single)
            yield FolderUnit(path, self._export, kind, size, origin, names, self._limits)
        if days:
            yield ChannelUnit(
                path, self._export, "slack", days_size, origin, tuple(days), self._limits
            )
        yield from others

    def _attached(self, path: Path, origin: Origin, listed: Sequence[str]) -> Collection[str]:
        """The files of a folder that posts name: they are read with these.

        Of WhatsApp the chat lies beside them, of slackdump in the folders beside ``__uploads``.
        """
        if origin.folders[-2:-1] == (FOLDER,):
            named = self._named_uploads(path.parent.parent, origin)
            return [shown(n) for n in listed] if origin.folders[-1] in named else ()
        reading = Reading(READERS, self._limits, 0)
        learn_folder(reading, path, origin, listed)
        media = reading.media.get(origin.folder_source)
        return media.files if media else ()

    def _named_uploads(self, top: Path, origin: Origin) -> Collection[str]:
        """The ids of the files in ``top/__uploads`` that posts in the folders beside it name."""
        if top not in self._uploads:
            # Passes over all posts: none is made, no file is read.
            reading = Reading(READERS, self._limits, 0, sys.maxsize)
            above = folder_origin(origin, origin.folders[:-2])
            for name in _names(top):
                inner = self._below(above, name, ())
                days: list[str] = []
                for day in sorted(_names(top / name)) if name != FOLDER else ():
                    one = replace(inner, name=shown(day))
                    if day.endswith(".json") and self._tell(top / name / day, one)[0] == "slack":
                        days.append(day)
                if days:
                    unit = ChannelUnit(
                        top / name, self._export, "slack", 0, inner, tuple(days), self._limits
                    )
                    for _ in unit.read(reading):
                        pass
            self._uploads[top] = workspace_at(reading, above).uploads.used.keys()
        return self._uploads[top]

    def _below(self, origin: Origin, name: str, beside: Iterable[str]) -> Origin:
        outer = origin.containers[0]
        maildir = name in ("cur", "new") and {"cur", "new"} <= set(beside)
        inner = Container(outer.name, (*outer.folders, shown(name)))
        return replace(origin, containers=(inner,), maildir=maildir)

    def _tell(self, path: Path, origin: Origin) -> tuple[str, int | NotRead]:
        """The kind and size of a file, or why it is not read."""
        try:
            with open_file(path) as file:
                # Not of the open file, which may be one of a remote place.
                size = path.lstat().st_size
                if origin.in_maildir_tmp:
                    reason, lost = "in a Maildir's tmp: a delivery that was not finished", False
                else:
                    found, _ = sniff(FileStream(file), origin)
                    if found.kind in READERS:
                        return found.kind, size
                    reason, lost = reason_for(found)
                file.seek(0)
                hashing = Hashing(FileStream(file))
                hashing.drain()
        except SourceError as error:
            return "", NotRead(origin.source, "", str(error), 0, "", lost=True)
        except OSError as error:
            return "", NotRead(origin.source, "", why(error), 0, "", lost=True)
        return "", NotRead(origin.source, "", reason, hashing.size, hashing.sha256, lost)

    def _unit(self, path: Path, kind: str, size: int, origin: Origin) -> FileUnit:
        return FileUnit(path, self._export, kind, size, origin, self._limits)

    def _link(self, path: Path, origin: Origin) -> NotRead:
        """A link's event; no loss when it points at what is walked anyway."""
        try:
            target = shown(os.readlink(path))  # noqa: PTH115 (the raw text)
            inside = path.resolve(strict=True).is_relative_to(self._export.resolve())
        except (OSError, RuntimeError):
            target, inside = "nowhere", False
        where = "inside the export" if inside else "out of the export, or broken"
        reason = f"a symbolic link ({where}), not followed: {target}"
        return NotRead(origin.source, "", reason, 0, "", lost=not inside)
