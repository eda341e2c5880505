"""Opening a case: whose folder it is, one writer at a time, and database errors as sentences."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event

from riskscan.case import schema

if TYPE_CHECKING:
    from riskscan.case.store import Store

DATABASE = "case.sqlite"
LOCK = "writer.lock"
# What a scan killed in its first moments leaves behind.
_OWN = {LOCK, *(DATABASE + ending for ending in ("", "-journal", "-wal", "-shm"))}

_WRITES = "riskscan_writes"
_SETTINGS = ("PRAGMA synchronous=NORMAL", "PRAGMA cache_size=-65536")


class CaseError(Exception):
    """A case cannot be opened or used; the text is a sentence for the user."""


def connect(folder: Path, *, create: bool = False) -> Engine:
    """SQLAlchemy engine of the case in ``folder``; ``create`` makes the tables when absent.

    Raises CaseError when there is none, when the database belongs to another program, or was
    written by another version of the schema; so does every later use of the engine when the
    database cannot be read or written.
    """
    database = folder / DATABASE
    if not (create or database.is_file()):
        raise CaseError(f"There is no riskscan case in '{folder}'.")
    engine = create_engine(f"sqlite:///{database}", connect_args={"timeout": 30})

    @event.listens_for(engine, "handle_error")
    def _sentence(context: ExceptionContext) -> None:
        error = context.original_exception
        # Its subclasses but for OperationalError are faults of this program.
        if isinstance(error, sqlite3.OperationalError) or type(error) is sqlite3.DatabaseError:
            raise CaseError(f"The case database '{database}' cannot be used: {error}.") from error

    @event.listens_for(engine, "connect")
    def _settings(connection: Any, _record: Any) -> None:
        # The driver's own transactions leave CREATE TABLE out: a kill would leave half a schema.
        connection.isolation_level = None
        for setting in _SETTINGS:
            connection.execute(setting)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    try:
        with engine.begin() as connection:
            _claim(connection, folder, create)
        if create:
            # Readers (show, report) go on while a scan writes. Set only now: it alters the file.
            with closing(engine.raw_connection()) as raw:
                raw.cursor().execute("PRAGMA journal_mode=WAL")
    except BaseException:
        engine.dispose()
        raise
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes, and waits for its turn at its start.

    One that read first would fail as soon as another process (a reviewer's decision) has written
    since: what it had read is not what is there.
    """
    with engine.execution_options(**{_WRITES: True}).begin() as connection:
        yield connection


def _claim(connection: Connection, folder: Path, create: bool) -> None:
    found = connection.exec_driver_sql("PRAGMA application_id").scalar()
    version = int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
    tables = connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar()
    if not tables and not found:
        if not create:
            raise CaseError(f"There is no riskscan case in '{folder}'.")
        schema.metadata.create_all(connection)
        connection.exec_driver_sql(f"PRAGMA application_id={schema.APPLICATION_ID}")
        connection.exec_driver_sql(f"PRAGMA user_version={schema.SCHEMA_VERSION}")
    elif found != schema.APPLICATION_ID:
        raise CaseError(f"'{folder / DATABASE}' is a database of another program.")
    elif 0 < version < schema.SCHEMA_VERSION:
        raise CaseError(
            f"The case in '{folder}' was made by an earlier riskscan (schema version {version}): "
            f"run riskscan upgrade '{folder}', which keeps a copy of it."
        )
    elif version != schema.SCHEMA_VERSION:
        raise CaseError(
            f"The case in '{folder}' has schema version {version}; this riskscan reads "
            f"version {schema.SCHEMA_VERSION}."
        )
    elif create:
        # Tables that came after the case was made, and that its schema does without.
        schema.metadata.create_all(connection)


@contextmanager
def open_case(folder: Path) -> Iterator[Store]:
    """The case in ``folder`` for writing, made when absent; one writer at a time.

    Raises CaseError (see ``connect``), also when the folder holds something else and while
    another process writes to the case.
    """
    from riskscan.case.store import Store

    lock = FileLock(folder / LOCK)
    try:
        _prepare(folder)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise CaseError(f"Another riskscan is writing to the case in '{folder}'.") from error
    except OSError as error:
        raise CaseError(
            f"The case folder '{folder}' cannot be written to: {error.strerror or error}."
        ) from error
    try:
        engine = connect(folder, create=True)
        try:
            yield Store(engine, folder)
        finally:
            engine.dispose()
    finally:
        lock.release()


def _prepare(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise CaseError(f"'{folder}' is a file: name a folder for the case.")
    folder.mkdir(parents=True, exist_ok=True)
    names = {file.name for file in folder.iterdir()}
    if DATABASE not in names and names - _OWN:
        raise CaseError(
            f"The folder '{folder}' holds other files and no riskscan case: name a new folder."
        )
