"""Exports in a remote place (s3:// and whatever else fsspec reads), seen as a folder.

The place is listed once. Each of its files stands in a folder as an empty file of the right size,
which tells the walk all it asks for; what opens one (stream.open_file) reads the object. Nothing
here is used, and no connection made, unless the user names a remote place.
"""

from __future__ import annotations

import atexit
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

from riskscan.paths import PlaceError
from riskscan.sources.fetched import (
    Copies,
    FetchedFile,
    Listed,
    Remote,
    version_of,
)
from riskscan.sources.item import GIB, NotRead, SourceError

ALLOW = "RISKSCAN_REMOTE"
"""Environment variable: 1 lets a command read again what a case says lies in a remote place."""

COPIES_BYTES = 16 * GIB
"""Disk that copies of one export may take, unless the user says otherwise."""

_NAME_MAX = 255
_mounts: list[Mount] = []


def remote_at(address: str) -> tuple[Remote, str]:
    """The file system of an address and the key of what it names. Raises PlaceError."""
    if "::" in address:
        raise PlaceError(f"'{address}': chains of file systems are not read.")
    scheme = address.partition(":")[0].lower()
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise PlaceError(_missing(address, "s3" if scheme == "s3" else "remote")) from error
    try:
        # What an object is now must be told, not what it was when its folder was listed.
        system, key = url_to_fs(address, use_listings_cache=False, skip_instance_cache=True)
    except ImportError as error:
        raise PlaceError(_missing(address, "s3" if scheme == "s3" else "")) from error
    except (ValueError, OSError) as error:
        raise PlaceError(f"'{address}' is no place that can be read: {error}") from error
    return Remote(system, address), str(key)


def _missing(address: str, extra: str) -> str:
    how = f"'riskscan[{extra}]'" if extra else "the package of fsspec for such places"
    return f"'{address}': to read it, install {how}."


class Mount:
    """An export of a remote place and the folder that stands for it."""

    def __init__(
        self,
        address: str,
        bound: int = COPIES_BYTES,
        scratch: Path | None = None,
        listing: str = "",
    ) -> None:
        self.address = address.rstrip("/")
        self.listing = listing or secrets.token_hex(8)
        remote, key = remote_at(self.address)
        self.folder = Path(tempfile.mkdtemp(prefix="riskscan-export-", dir=scratch)).resolve()
        atexit.register(self.close)
        scheme, _, rest = self.address.partition("://")
        names = [part for part in rest.split("/") if part] or [scheme]
        if any(_no_name(name) for name in names):
            raise PlaceError(f"'{address}' has a part that cannot be a name here.")
        self._stand = self.folder / "files"
        self.top = self._stand.joinpath(*names)
        self.above = tuple(reversed(names[:-1]))
        copies = self.folder / "copies"
        copies.mkdir()
        self.bound = bound
        self._copies = Copies(remote, copies, bound)
        self._listed: dict[str, Listed] = {}
        self.refused: list[NotRead] = []
        self._list(remote, key)

    def _list(self, remote: Remote, key: str) -> None:
        key = key.rstrip("/")
        try:
            found: dict[str, Any] = remote.ask(remote.system.find, key, detail=True)
        except SourceError:
            found = {}
        if not found:
            raise PlaceError(f"There is nothing at '{self.address}'.")
        for name, info in sorted(found.items()):
            listed = Listed(name, int(info.get("size") or 0), version_of(info))
            inside = name[len(key) :].removeprefix("/")
            if name != key and inside.endswith("/"):
                continue  # what stands for a folder
            if not self._place(inside, listed):
                source = f"{self.top.name}/{inside}".encode("utf-8", "backslashreplace").decode()
                reason = "the object's name cannot be the name of a file"
                self.refused.append(NotRead(source, "", reason, listed.size, "", lost=True))

    def _place(self, inside: str, listed: Listed) -> bool:
        parts = inside.split("/") if inside else []
        if any(_no_name(part) for part in parts):
            return False
        path = self.top.joinpath(*parts)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                file.truncate(listed.size)
        except (FileExistsError, NotADirectoryError):
            return False
        self._listed[str(path)] = listed
        return True

    def open(self, path: Path) -> BinaryIO:
        """The object that the file at ``path`` stands for; raises SourceError, PlaceError."""
        return cast(BinaryIO, FetchedFile(self._copies, self._listed[str(path)]))

    def holds(self, path: str) -> bool:
        """Whether the file at ``path`` stands for an object."""
        return path in self._listed

    def address_of(self, path: Path) -> str:
        """The address of what stands at ``path``, the export itself or something in it."""
        inside = path.relative_to(self.top).as_posix()
        return self.address if inside == "." else f"{self.address}/{inside}"

    def close(self) -> None:
        """Remove the folder with all copies."""
        shutil.rmtree(self.folder, ignore_errors=True)
        if self in _mounts:
            _mounts.remove(self)


def _no_name(part: str) -> bool:
    return part in ("", ".", "..") or "\0" in part or len(os.fsencode(part)) > _NAME_MAX


def mount(
    address: str, bound: int = COPIES_BYTES, scratch: Path | None = None, listing: str = ""
) -> Mount:
    """The export at ``address``, listed unless it is mounted already. Raises PlaceError.

    ``bound``: bytes of disk for copies, which lie in ``scratch`` (by default where temporary files
    do). ``listing`` names one listing of the export: another process that mounts it for the same
    work gives the same, and is not given an older one.
    """
    address = address.rstrip("/")
    for one in reversed(_mounts):
        if one.address == address and listing in ("", one.listing):
            return one
    made = Mount(address, bound, scratch, listing)
    _mounts.append(made)
    return made


def mounted(path: Path) -> Mount | None:
    """The mount that ``path`` is of, if of any."""
    return next((one for one in _mounts if path.is_relative_to(one.top)), None)


def opened(path: Path) -> BinaryIO | None:
    """The object that ``path`` stands for, open; None for a file of this machine."""
    return next((one.open(path) for one in _mounts if one.holds(str(path))), None)


def refused(export: Path) -> Iterator[NotRead]:
    """The objects of a mounted export that could not be given a name."""
    one = mounted(export)
    if one is not None and one.top == export:
        yield from one.refused


def again(address: str) -> Path:
    """The path of the export at an address that stands in a case: the user must allow it."""
    known = any(one.address == address.rstrip("/") for one in _mounts)
    if not known and os.environ.get(ALLOW) != "1":
        raise PlaceError(
            f"The export lies at '{address}': set {ALLOW}=1 to let riskscan read it there again."
        )
    return mount(address).top
