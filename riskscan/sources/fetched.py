"""Files of a remote place, read as if they lay here: heads by range, the rest from local copies.

Copies take a bounded part of the disk, the one that was not used for longest goes first, and a
file larger than that part is read by ranges each time. A file that is not as it was listed is an
error of that file; a place that does not answer ends what is being done.
"""

from __future__ import annotations

import io
import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar, cast

from riskscan.paths import PlaceError
from riskscan.sources.item import MIB, SourceError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from fsspec import AbstractFileSystem

Answer = TypeVar("Answer")

_HEAD = MIB
_RANGE = 8 * MIB
# What tells one version of an object from another, best first; by the file systems of fsspec.
_VERSION_KEYS = ("ETag", "etag", "generation", "md5Hash", "content_md5", "mtime", "created")
_HEADS_KEPT = 8
# Places without folders: making one would make a bucket.
_BUCKETS = {"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss"}


@dataclass(frozen=True, slots=True)
class Listed:
    """An object as it was when its place was listed; ``version`` is "" where none is told."""

    key: str
    size: int
    version: str


def version_of(info: dict[str, Any]) -> str:
    """What the file system tells of an object's version, as text."""
    return next((f"{k}={info[k]}" for k in _VERSION_KEYS if info.get(k)), "")


class Remote:
    """One file system of fsspec; faults of the connection become PlaceError."""

    def __init__(self, system: AbstractFileSystem, address: str) -> None:
        self.system = system
        self.address = address

    def ask(self, call: Callable[..., Answer], *arguments: Any, **named: Any) -> Answer:
        """Call a method of the file system.

        Raises SourceError when the object is gone or may not be read, else PlaceError.
        """
        try:
            return call(*arguments, **named)
        except FileNotFoundError as error:
            raise SourceError("is not there any more") from error
        except PermissionError as error:
            raise SourceError("may not be read: access is denied") from error
        except Exception as error:
            # Each file system has its own; whatever it is ends the command with this sentence.
            told = " ".join(str(error).split()) or type(error).__name__
            raise PlaceError(f"'{self.address}' cannot be used: {told}") from error

    @property
    def has_folders(self) -> bool:
        """Whether it is made of folders, and a file in it may be seen half written."""
        told = self.system.protocol
        return not _BUCKETS.intersection([told] if isinstance(told, str) else told)

    def make_folder_of(self, key: str) -> None:
        """Make the folder of an object that will be written, where the place has folders."""
        if self.has_folders:
            self.ask(self.system.makedirs, key.rpartition("/")[0], exist_ok=True)

    def look(self, key: str) -> Listed:
        """An object as it is now."""
        info: dict[str, Any] = self.ask(self.system.info, key)
        return Listed(key, int(info.get("size") or 0), version_of(info))


class Copies:
    """Local copies of objects in a folder, of no more than ``bound`` bytes in all."""

    def __init__(self, remote: Remote, folder: Path, bound: int) -> None:
        self.remote = remote
        self.bound = bound
        self._folder = folder
        self._kept: OrderedDict[str, tuple[Path, int]] = OrderedDict()
        self._heads: OrderedDict[str, bytes] = OrderedDict()
        self._made = 0
        self._lock = threading.Lock()

    def head(self, listed: Listed) -> bytes:
        """The object's first bytes."""
        with self._lock:
            if listed.key not in self._heads:
                end = min(_HEAD, listed.size)
                cat = self.remote.system.cat_file
                data = self.remote.ask(cat, listed.key, start=0, end=end) if end else b""
                if len(data) != end:
                    raise SourceError(_CHANGED)
                self._heads[listed.key] = data
                if len(self._heads) > _HEADS_KEPT:
                    self._heads.popitem(last=False)
            return self._heads[listed.key]

    def open(self, listed: Listed) -> BinaryIO:
        """The copy of an object, made when there is none; raises SourceError, PlaceError."""
        with self._lock:
            if listed.key not in self._kept:
                self._fetch(listed)
            self._kept.move_to_end(listed.key)
            return self._kept[listed.key][0].open("rb", buffering=0)

    def _fetch(self, listed: Listed) -> None:
        held = sum(size for _, size in self._kept.values())
        while self._kept and held + listed.size > self.bound:
            _, (path, size) = self._kept.popitem(last=False)
            path.unlink()  # who has it open reads on
            held -= size
        self._made += 1
        path = self._folder / f"{self._made:08}"
        try:
            self.remote.ask(self.remote.system.get_file, listed.key, str(path))
            if path.stat().st_size != listed.size:
                raise SourceError(_CHANGED)
            check(self.remote, listed)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        self._kept[listed.key] = path, listed.size


_CHANGED = "has changed since it was listed"


def check(remote: Remote, listed: Listed) -> None:
    """Raises SourceError when an object is not what it was when it was listed."""
    if remote.look(listed.key) != listed:
        raise SourceError(_CHANGED)


class FetchedFile(io.RawIOBase):
    """An object as an open file; nothing is fetched before it is read."""

    def __init__(self, copies: Copies, listed: Listed) -> None:
        super().__init__()
        check(copies.remote, listed)
        self.size = listed.size
        self._copies = copies
        self._listed = listed
        self._at = 0
        self._file: BinaryIO | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence]
        if base + offset < 0:
            raise OSError("the position lies before the start of the file")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        data = self._some(len(view))
        view[: len(data)] = data
        self._at += len(data)
        return len(data)

    def _some(self, size: int) -> bytes:
        if self._file is None:
            if self._at < min(_HEAD, self.size):
                return self._copies.head(self._listed)[self._at : self._at + size]
            if self._at >= self.size:
                return b""
            self._file = self._whole()
        self._file.seek(self._at)
        return self._copies.remote.ask(self._file.read, size)

    def _whole(self) -> BinaryIO:
        if self.size <= self._copies.bound:
            return self._copies.open(self._listed)
        remote = self._copies.remote
        ranges = remote.ask(
            remote.system.open,
            self._listed.key,
            "rb",
            block_size=_RANGE,
            cache_type="readahead",
        )
        return cast(BinaryIO, ranges)

    def fileno(self) -> int:
        """That of the local copy, for readers in a process of their own; raises SourceError."""
        if self.size > self._copies.bound:
            raise SourceError(
                f"larger than the {self._copies.bound:,} bytes that copies of a remote export may "
                "take here, and it cannot be read without a copy"
            )
        if self._file is None:
            self._file = self._copies.open(self._listed)
        return self._file.fileno()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
        super().close()
