"""Opening a case, wherever it is: one writer at a time, any number of readers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, event

from riskscan.case.folder import DATABASE, LOCK
from riskscan.case.location import WRITES, CaseError, Place, locate

if TYPE_CHECKING:
    from riskscan.case.store import Store

__all__ = ["DATABASE", "LOCK", "CaseError", "connect", "open_case", "sorting", "writing"]

_SORTED_IN_MEMORY = 16 * 2**10  # KiB


def connect(place: Place, *, create: bool = False, durable: bool = False) -> Engine:
    """SQLAlchemy engine of the case at ``place``; ``create`` makes the tables when absent.

    ``durable``: what is committed is on the disk, also when the machine loses power.
    Raises CaseError when there is none, when the database belongs to another program, or was
    written by another version of the schema; so does every later use of the engine when the
    database cannot be read or written.
    """
    return locate(place).connect(create=create, durable=durable)


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes, and waits for its turn at its start.

    One that read first would fail as soon as another process (a reviewer's decision) has written
    since: what it had read is not what is there.
    """
    options: dict[str, object] = {WRITES: True}
    if engine.dialect.name == "postgresql":
        # Each statement sees what was committed before its turn came: nobody else writes then.
        options["isolation_level"] = "READ COMMITTED"
    with engine.execution_options(**options).begin() as connection:
        yield connection


@contextmanager
def sorting(engine: Engine) -> Iterator[Connection]:
    """A connection for going through all of a case in some order.

    SQLite sorts in as much memory as it may keep pages in, for each query: here less than usual.
    """
    with engine.connect() as connection:
        if engine.dialect.name != "sqlite":
            yield connection
            return
        usual = connection.exec_driver_sql("PRAGMA cache_size").scalar_one()
        connection.exec_driver_sql(f"PRAGMA cache_size=-{_SORTED_IN_MEMORY}")
        try:
            yield connection
        finally:
            connection.exec_driver_sql(f"PRAGMA cache_size={usual}")


@contextmanager
def open_case(place: Place) -> Iterator[Store]:
    """The case at ``place`` for writing, made when absent; one writer at a time.

    Raises CaseError (see ``connect``), also when a folder holds something else and while
    another process writes to the case.
    """
    from riskscan.case.store import Store

    location = locate(place)
    with location.writer() as check:
        engine = location.connect(create=True)

        @event.listens_for(engine, "begin")
        def _still(connection: Connection) -> None:
            if connection.get_execution_options().get(WRITES):
                check()

        try:
            yield Store(engine, location)
        finally:
            engine.dispose()
            location.committed()
