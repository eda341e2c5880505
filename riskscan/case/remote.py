"""A case in a remote place (s3:// and whatever fsspec writes): fetched, used here, written back.

SQLite needs a disk, so the place holds whole databases, each under a number that is given away
once: who would write number N + 1 when it is there already has worked on what is not the last
state, and is refused. Whatever happens, the place holds the last database that was written back.

    versions/000000007.json    which database is number 7, its hash and size
    databases/000000007-…      the database
    writer.json                who writes now, and until when unless it says so again
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import socket
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskscan.case.folder import Folder
from riskscan.case.location import CaseError, Location
from riskscan.paths import PlaceError
from riskscan.sources.fetched import Remote
from riskscan.sources.item import SourceError
from riskscan.sources.remote import remote_at

if TYPE_CHECKING:
    from sqlalchemy import Engine

SAVE_SECONDS = 300.0
"""A scan writes its case back this often, and after each stage."""
LEASE_SECONDS = 900.0
"""A writer that has not been heard of for so long has died."""
# A decision of a reviewer writes the whole database back.
MOST_FOR_DECISIONS = 64 * 2**20
_KEPT = 2
_VERSION = re.compile(r"(\d{9})\.json")
_DATABASE = re.compile(r"databases/\d{9}-[0-9a-f]{32}\.sqlite")


def keeps_cases(scheme: str) -> bool:
    """Whether fsspec may know a file system by this name (s3 it does, when it is installed)."""
    try:
        from fsspec import available_protocols
    except ImportError:
        return scheme == "s3"
    return scheme in available_protocols()


class RemoteCase(Location):
    """The case at ``address``. Raises CaseError, as all of its methods do."""

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/")
        with _told():
            self._remote, key = remote_at(self.address)
        self._key = key.rstrip("/")
        # Removed with this object, or when the process ends.
        self._scratch = tempfile.TemporaryDirectory(prefix="riskscan-case-")
        self._copy = Folder(Path(self._scratch.name) / "new")
        self._number = -1
        self._saved = ""
        self._saving = threading.Lock()
        self._fault: Exception | None = None
        self._writing = False
        # Decisions are made in the copy at hand: no later state takes its place.
        self._pinned = False

    def __str__(self) -> str:
        return self.address

    @property
    def name(self) -> str:
        return self.address.rpartition("/")[2]

    @property
    def folder(self) -> None:
        return None

    def product(self, name: str) -> Path:
        safe = re.sub(r"[^\w.-]", "_", self.name)
        return Path(f"{safe}-{name}")

    def cache(self) -> Path:
        return self._copy.path

    def connect(self, *, create: bool = False, durable: bool = False) -> Engine:
        if not self._writing:
            self._fetch()
            if durable and self._copy.database.stat().st_size > MOST_FOR_DECISIONS:
                raise CaseError(
                    f"The case at '{self}' is larger than {MOST_FOR_DECISIONS // 2**20} MiB, and "
                    "each decision would write it back whole: decide in a case in a folder or in "
                    "PostgreSQL."
                )
            self._pinned |= durable
        return self._copy.connect(create=create, durable=durable)

    @contextmanager
    def writer(self) -> Iterator[Callable[[], None]]:
        with _told():
            self._probe()
            lease = _Lease(self._remote, f"{self._key}/writer.json", self.address)
            lease.take()
        ended = threading.Event()
        saver = threading.Thread(target=self._save_often, args=(ended,), daemon=True)
        try:
            self._fetch(absent=True)
            self._writing = True
            self._fault = None

            def check() -> None:
                if self._fault is not None:
                    raise CaseError(str(self._fault)) from self._fault
                with _told():
                    lease.renew()

            with self._copy.writer():
                saver.start()
                yield check
        finally:
            ended.set()
            if saver.ident is not None:
                saver.join()
            self._writing = False
            with suppress(PlaceError, SourceError):
                lease.end()

    def local(self) -> Folder:
        return self._copy

    def committed(self) -> None:
        if self._fault is not None:
            raise CaseError(str(self._fault)) from self._fault
        with _told():
            self._save()

    # states

    def _fetch(self, *, absent: bool = False) -> None:
        """Make the copy the last state; ``absent``: there need be none."""
        with _told():
            for _ in range(3):
                number = self._last()
                if number == self._number or (self._pinned and not absent):
                    return
                if self._pinned:
                    raise CaseError(f"The case at '{self}' has changed meanwhile: start again.")
                if not number:
                    break
                try:
                    self._download(number)
                    return
                except SourceError:
                    continue  # it was followed by another while we looked
        if not absent:
            raise CaseError(f"There is no riskscan case at '{self}'.")
        self._number = 0

    def _last(self) -> int:
        system = self._remote.system
        system.invalidate_cache()
        try:
            names = self._remote.ask(system.ls, f"{self._key}/versions", detail=False)
        except SourceError:
            return 0
        found = (_VERSION.fullmatch(str(name).rpartition("/")[2]) for name in names)
        return max((int(one[1]) for one in found if one), default=0)

    def _download(self, number: int) -> None:
        told = json.loads(self._remote.ask(self._remote.system.cat_file, self._version(number)))
        if not (isinstance(told, dict) and _DATABASE.fullmatch(str(told.get("database")))):
            raise CaseError(f"'{self}' holds what is no riskscan case.")
        # A new folder: what this process has open of an earlier state it may read on.
        copy = Folder(Path(self._scratch.name) / f"{number:09}")
        copy.path.mkdir(exist_ok=True)
        self._remote.ask(
            self._remote.system.get_file, f"{self._key}/{told['database']}", str(copy.database)
        )
        digest = _sha256(copy.database)
        if digest != told.get("sha256"):
            raise CaseError(f"The database of the case at '{self}' is damaged: its hash differs.")
        self._copy, self._number, self._saved = copy, number, digest

    def _save(self) -> None:
        """Write the copy back as the next state. Raises CaseError when somebody else has."""
        with self._saving, tempfile.TemporaryDirectory(dir=self._scratch.name) as made:
            snapshot = Path(made) / "snapshot"
            with (
                closing(sqlite3.connect(self._copy.database)) as source,
                closing(sqlite3.connect(snapshot)) as target,
            ):
                source.backup(target)
            digest = _sha256(snapshot)
            if digest == self._saved:
                return
            number = self._number + 1
            database = f"databases/{number:09}-{secrets.token_hex(16)}.sqlite"
            there = f"{self._key}/{database}"
            told = {"database": database, "sha256": digest, "bytes": snapshot.stat().st_size}
            self._remote.make_folder_of(there)
            self._remote.ask(self._remote.system.put_file, str(snapshot), there)
            if not _create(self._remote, self._version(number), json.dumps(told).encode()):
                with suppress(PlaceError, SourceError):
                    self._remote.ask(self._remote.system.rm_file, there)
                raise CaseError(
                    f"Another riskscan has written to the case at '{self}' meanwhile: what this "
                    "one did since it last wrote is not in it. Run the same command again."
                )
            self._number, self._saved = number, digest
        self._forget()

    def _save_often(self, ended: threading.Event) -> None:
        while not ended.wait(SAVE_SECONDS):
            try:
                with _told():
                    self._save()
            except CaseError as error:
                self._fault = error  # raised by the next transaction
                return

    def _forget(self) -> None:
        """Remove states before the last ones; what cannot be removed only takes room."""
        old = self._number - _KEPT
        if old < 1:
            return
        with suppress(PlaceError, SourceError, ValueError, KeyError):
            told = json.loads(self._remote.ask(self._remote.system.cat_file, self._version(old)))
            self._remote.ask(self._remote.system.rm_file, self._version(old))
            if _DATABASE.fullmatch(told["database"]):
                self._remote.ask(self._remote.system.rm_file, f"{self._key}/{told['database']}")

    def _version(self, number: int) -> str:
        return f"{self._key}/versions/{number:09}.json"

    def _probe(self) -> None:
        """Raises CaseError when the place would let one writer overwrite what another wrote."""
        key = f"{self._key}/probe-{secrets.token_hex(8)}"
        refuses = _create(self._remote, key, b"1") and not _create(self._remote, key, b"2")
        self._remote.ask(self._remote.system.rm_file, key)
        if not refuses:
            raise CaseError(
                f"'{self}' lets one writer overwrite another (it has no conditional writes): a "
                "case cannot be kept there."
            )


class _Lease:
    """The right to be the one writer; who died loses it after a while.

    It spares work that would be refused. That states are not overwritten does not hang on it.
    """

    def __init__(self, remote: Remote, key: str, address: str) -> None:
        self._remote = remote
        self._key = key
        self._address = address
        self._token = secrets.token_hex(16)
        self._renewed = 0.0

    def take(self) -> None:
        """Raises CaseError when another process has it."""
        for _ in range(2):
            if _create(self._remote, self._key, self._content()):
                self._renewed = time.monotonic()
                return
            holder = self._holder()
            if holder and not _dead(holder):
                break
            with suppress(SourceError):
                self._remote.ask(self._remote.system.rm_file, self._key)
        raise CaseError(f"Another riskscan is writing to the case at '{self._address}'.")

    def renew(self) -> None:
        """To be called often. Raises CaseError when another process has taken it over."""
        if time.monotonic() - self._renewed < LEASE_SECONDS / 10:
            return
        if self._holder().get("token") != self._token:
            raise CaseError(f"Another riskscan has taken over the case at '{self._address}'.")
        self._remote.ask(self._remote.system.pipe_file, self._key, self._content())
        self._renewed = time.monotonic()

    def end(self) -> None:
        """Give it back."""
        if self._holder().get("token") == self._token:
            self._remote.ask(self._remote.system.rm_file, self._key)

    def _content(self) -> bytes:
        until = time.time() + LEASE_SECONDS
        told = {"token": self._token, "host": socket.gethostname(), "pid": os.getpid()}
        return json.dumps(told | {"until": until}).encode()

    def _holder(self) -> dict[str, Any]:
        try:
            told = json.loads(self._remote.ask(self._remote.system.cat_file, self._key))
        except (SourceError, ValueError):
            return {}
        return told if isinstance(told, dict) else {}


def _dead(holder: dict[str, Any]) -> bool:
    until, pid = holder.get("until"), holder.get("pid")
    if not isinstance(until, int | float) or until < time.time():
        return True
    if holder.get("host") != socket.gethostname() or not isinstance(pid, int) or pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _create(remote: Remote, key: str, content: bytes) -> bool:
    """Write an object that must not be there; False when it is. Raises PlaceError.

    Each file system refuses in its own words, so what is there afterwards decides.
    """
    fault: PlaceError | None = None
    try:
        remote.make_folder_of(key)
        remote.ask(remote.system.pipe_file, key, content, mode="create")
    except PlaceError as error:
        fault = error
    try:
        found: bytes = remote.ask(remote.system.cat_file, key)
        return found == content
    except SourceError:
        raise fault or PlaceError(f"'{remote.address}' does not keep what is written.") from fault


@contextmanager
def _told() -> Iterator[None]:
    """Faults of the place as CaseError."""
    try:
        yield
    except (PlaceError, SourceError) as error:
        raise CaseError(str(error)) from error


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
