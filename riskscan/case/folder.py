"""A case in a folder: SQLite 3 in WAL mode, a lock file for the one writer."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskscan.case.location import WRITES, CaseError, Location
from riskscan.case.unwritable import may_write, still

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, ExceptionContext

DATABASE = "case.sqlite"
LOCK = "writer.lock"
# What a scan killed in its first moments leaves behind.
_OWN = {LOCK, *(DATABASE + ending for ending in ("", "-journal", "-wal", "-shm"))}
_SETTINGS = ("PRAGMA cache_size=-65536",)
# Longer than a batch of a scan takes.
_BUSY_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Folder(Location):
    """The case in the folder ``path``."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)

    @property
    def name(self) -> str:
        return self.path.resolve().name

    @property
    def folder(self) -> Path:
        return self.path

    @property
    def database(self) -> Path:
        """The file of the database."""
        return self.path / DATABASE

    def product(self, name: str) -> Path:
        return self.path / name

    def cache(self) -> Path:
        return self.path

    def connect(self, *, create: bool = False, durable: bool = False) -> Engine:
        if not (create or self.database.is_file()):
            raise CaseError(f"There is no riskscan case in '{self.path}'.")
        if durable and not may_write(self.database):
            raise CaseError(self._refusal())
        engine = self.engine("FULL" if durable else "NORMAL")
        try:
            with engine.begin() as connection:
                self._claim(connection, create)
            if create:
                # Readers (show, report) go on while a scan writes. Set only now: it alters the
                # file.
                with closing(engine.raw_connection()) as raw:
                    raw.cursor().execute("PRAGMA journal_mode=WAL")
        except BaseException:
            engine.dispose()
            raise
        return engine

    def engine(self, synchronous: str = "NORMAL") -> Engine:
        """An engine of the file, whatever is in it; to read only, where it may not be written."""
        from sqlalchemy import URL, create_engine, event

        unmoved = still(self.database)
        url = unmoved.url if unmoved else URL.create("sqlite", database=str(self.database))
        engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS})
        if unmoved:
            for moment in ("begin", "commit", "rollback"):
                event.listen(engine, moment, unmoved.check)

        @event.listens_for(engine, "handle_error")
        def _sentence(context: ExceptionContext) -> None:
            error = context.original_exception
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the rest tells more precisely
            if code == sqlite3.SQLITE_READONLY:
                raise CaseError(self._refusal()) from error
            # Its subclasses but for OperationalError are faults of this program.
            if isinstance(error, sqlite3.OperationalError) or type(error) is sqlite3.DatabaseError:
                raise CaseError(
                    f"The case database '{self.database}' cannot be used: {error}."
                ) from error

        @event.listens_for(engine, "connect")
        def _settings(connection: Any, _record: Any) -> None:
            # The driver's own transactions leave CREATE TABLE out: a kill would leave half a
            # schema.
            connection.isolation_level = None
            connection.execute(f"PRAGMA synchronous={synchronous}")
            for setting in _SETTINGS:
                connection.execute(setting)

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            writes = connection.get_execution_options().get(WRITES)
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

        return engine

    def _refusal(self) -> str:
        return f"The case in '{self.path}' can be read, and cannot be written to by this user."

    def _claim(self, connection: Connection, create: bool) -> None:
        from riskscan.case import schema

        found = connection.exec_driver_sql("PRAGMA application_id").scalar()
        version = int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
        tables = connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar()
        if not tables and not found:
            if not create:
                raise CaseError(f"There is no riskscan case in '{self.path}'.")
            schema.metadata.create_all(connection)
            connection.exec_driver_sql(f"PRAGMA application_id={schema.APPLICATION_ID}")
            connection.exec_driver_sql(f"PRAGMA user_version={schema.SCHEMA_VERSION}")
        elif found != schema.APPLICATION_ID:
            raise CaseError(f"'{self.database}' is a database of another program.")
        else:
            self.check_version(version)
            if create:
                # Tables that came after the case was made, and that its schema does without.
                schema.metadata.create_all(connection)

    @contextmanager
    def writer(self) -> Iterator[Callable[[], None]]:
        from filelock import FileLock, Timeout

        lock = FileLock(self.path / LOCK)
        try:
            self._prepare()
            lock.acquire(timeout=0)
        except Timeout as error:
            raise CaseError(f"Another riskscan is writing to the case in '{self.path}'.") from error
        except OSError as error:
            raise CaseError(
                f"The case folder '{self.path}' cannot be written to: {error.strerror or error}."
            ) from error
        try:
            yield lambda: None
        finally:
            lock.release()

    def _prepare(self) -> None:
        if self.path.exists() and not self.path.is_dir():
            raise CaseError(f"'{self.path}' is a file: name a folder for the case.")
        self.path.mkdir(parents=True, exist_ok=True)
        names = {file.name for file in self.path.iterdir()}
        if DATABASE not in names and names - _OWN:
            raise CaseError(
                f"The folder '{self.path}' holds other files and no riskscan case: name a new "
                "folder."
            )
