"""A case in a schema of a PostgreSQL database, for several people at once (docs/team.md).

``postgresql://user@host/database?schema=acme``: several cases of one database are schemas. The one
that writes (a scan) holds an advisory lock for as long as it runs; each writing transaction,
of a scan or of a reviewer, waits for another one at its start, so that no two are under way.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, Column, MetaData, Table, insert, select, text

from riskscan.case.escape import INTEGER, escape
from riskscan.case.location import WRITES, CaseError, Location, Lost

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine, ExceptionContext

SCHEMA = "riskscan"
"""The schema of a case unless the address names one."""
_SCHEMA = re.compile(r"[a-z_][a-z0-9_]{0,39}\Z")
# As long as SQLite waits in a folder: longer than a batch of a scan takes.
_BUSY_SECONDS = 30
# What the driver is told unless the address says otherwise: a machine that went away is noticed.
_PATIENCE = {
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "application_name": "riskscan",
}

# One row: that the schema is a case, of which version, and the last number of the chain of
# decisions that was ever given, which tells of rows that were taken from its end.
mark = Table(
    "riskscan_case",
    MetaData(),
    Column("id", INTEGER, CheckConstraint("id = 1"), primary_key=True, autoincrement=False),
    Column("version", INTEGER, nullable=False),
    Column("decided", INTEGER, nullable=False),
)


@dataclass(frozen=True, slots=True, repr=False)
class Database(Location):
    """The case in ``schema`` of the database at ``url``."""

    url: URL
    schema: str = SCHEMA

    @staticmethod
    def at(address: str) -> Database:
        """The case that an address names. Raises CaseError, which does not tell a password."""
        from sqlalchemy.engine import make_url
        from sqlalchemy.exc import ArgumentError

        try:
            url = make_url(address).set(drivername="postgresql+psycopg")
        except (ArgumentError, ValueError) as error:
            raise CaseError(
                "The address of the case cannot be read: it is postgresql://user@host/database, "
                "with %40 for @ and %2F for / in a password."
            ) from error
        query: dict[str, Any] = dict(url.query)
        schema = query.pop("schema", SCHEMA)
        if not (isinstance(schema, str) and _SCHEMA.match(schema)):
            raise CaseError(
                "The schema of a case has a name of up to 40 small letters, digits and '_'."
            )
        if "search_path" in str(query.get("options", "")):
            raise CaseError("Name the schema of the case by ?schema=NAME, not by its search_path.")
        if not (url.database or {"dbname", "service"} & query.keys()):
            raise CaseError("The address names no database: postgresql://user@host/database.")
        if isinstance(secret := query.pop("password", None), str):
            url = url.set(password=secret)
        return Database(url.set(query=query), schema)

    def __str__(self) -> str:
        query = {k: v for k, v in self.url.query.items() if k in ("host", "port", "service")}
        if self.schema != SCHEMA:
            query["schema"] = self.schema
        shown = self.url.set(drivername="postgresql", query=query)._replace(password=None)
        return shown.render_as_string(hide_password=True)

    def __repr__(self) -> str:
        return f"Database({self})"

    @property
    def name(self) -> str:
        base = self.url.database or str(self.url.query.get("dbname", SCHEMA))
        return base if self.schema == SCHEMA else f"{base}-{self.schema}"

    @property
    def folder(self) -> None:
        return None

    def product(self, name: str) -> Path:
        safe = re.sub(r"[^\w.-]", "_", self.name)
        return Path(f"{safe}-{name}")

    def cache(self) -> Path:
        told = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
        root = Path(told) if told else Path.home() / ".cache"
        own = root / "riskscan" / hashlib.sha256(str(self).encode()).hexdigest()[:24]
        try:
            own.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise CaseError(
                f"The folder '{own}' for the search index cannot be made: "
                f"{error.strerror or error}."
            ) from error
        return own

    # connections

    def connect(self, *, create: bool = False, durable: bool = False) -> Engine:
        engine = self.engine(durable=durable)
        try:
            with engine.execution_options(isolation_level="READ COMMITTED").begin() as connection:
                self._claim(connection, create)
        except BaseException:
            engine.dispose()
            raise
        return engine

    def engine(self, *, durable: bool = False) -> Engine:
        """An engine of the database whose names are those of the schema, whatever is in it."""
        from sqlalchemy import create_engine, event

        try:
            import psycopg
        except ImportError as error:
            raise CaseError(
                "A case in PostgreSQL needs psycopg: pip install 'riskscan[postgresql]'."
            ) from error
        query = dict(self.url.query)
        own = f"-c search_path={self.schema} -c lock_timeout={_BUSY_SECONDS}s"
        options = f"{query.pop('options', '')} {own}".strip()
        told = {key: value for key, value in _PATIENCE.items() if key not in query}
        engine = create_engine(
            self.url.set(query=query),
            connect_args={**told, "options": options},
            # What is read in one transaction is of one moment, as it is in SQLite.
            isolation_level="REPEATABLE READ",
            pool_size=3,
            max_overflow=20,
            pool_pre_ping=True,
        )
        faults = (
            psycopg.OperationalError,
            psycopg.InterfaceError,
            psycopg.errors.InsufficientPrivilege,
            psycopg.errors.InvalidCatalogName,
            psycopg.errors.ReadOnlySqlTransaction,
        )

        @event.listens_for(engine, "handle_error")
        def _sentence(context: ExceptionContext) -> None:
            if context.is_pre_ping:
                return  # a connection that ended meanwhile is made anew
            error = context.original_exception
            unknown = isinstance(error, psycopg.ProgrammingError) and context.connection is None
            if isinstance(error, faults) or unknown:
                reason = " ".join(str(error).split())
                gone = context.is_disconnect or context.connection is None
                raise (Lost if gone else CaseError)(
                    f"The case database '{self}' cannot be used: {reason.rstrip('.')}."
                ) from error

        @event.listens_for(engine, "connect")
        def _settings(connection: Any, _record: Any) -> None:
            if durable:
                connection.execute(
                    "SELECT set_config('synchronous_commit', 'on', false) "
                    "WHERE current_setting('synchronous_commit') = 'off'"
                )
                connection.commit()

        key = self._key("transaction")

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            if connection.get_execution_options().get(WRITES):
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({key})")

        return engine

    def _key(self, purpose: str) -> int:
        """The number of an advisory lock of this case; 64 bits, so that no two meet."""
        digest = hashlib.sha256(f"riskscan {self.schema} {purpose}".encode()).digest()
        return int.from_bytes(digest[:8], signed=True)

    def _claim(self, connection: Connection, create: bool) -> None:
        from riskscan.case import schema

        version = self.version(connection)
        if version is not None:
            self.check_version(version)
            if create:
                # Tables that came after the case was made, and that its schema does without.
                schema.metadata.create_all(connection)
            return
        if not create:
            raise CaseError(f"There is no riskscan case in '{self}'.")
        if (encoding := connection.exec_driver_sql("SHOW server_encoding").scalar()) != "UTF8":
            raise CaseError(
                f"The database of '{self}' has the encoding {encoding}: make one with UTF8."
            )
        there = connection.execute(
            text("SELECT oid FROM pg_namespace WHERE nspname = :name"), {"name": self.schema}
        ).scalar()
        if there is None:
            connection.exec_driver_sql(f'CREATE SCHEMA "{self.schema}"')
        elif connection.execute(
            text("SELECT count(*) FROM pg_class WHERE relnamespace = :key"), {"key": there}
        ).scalar():
            raise CaseError(
                f"The schema '{self.schema}' of '{self}' holds other tables and no riskscan case: "
                "name another one by ?schema=NAME."
            )
        schema.metadata.create_all(connection)
        mark.create(connection)
        connection.execute(insert(mark).values(id=1, version=schema.SCHEMA_VERSION, decided=0))

    def version(self, connection: Connection) -> int | None:
        """The schema version of the case; None when there is none."""
        there = text("SELECT to_regclass(:name)").bindparams(name=f"{self.schema}.{mark.name}")
        if connection.execute(there).scalar() is None:
            return None
        return int(connection.execute(select(mark.c.version)).scalar_one())

    @contextmanager
    def writer(self) -> Iterator[Callable[[], None]]:
        engine = self.engine()
        try:
            # Its own connection: the lock is let go when that ends, however it ends.
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                lock = text("SELECT pg_try_advisory_lock(:key)").bindparams(key=self._key("writer"))
                if not connection.execute(lock).scalar():
                    raise CaseError(f"Another riskscan is writing to the case in '{self}'.")

                def check() -> None:
                    if connection.invalidated:
                        raise CaseError(f"The connection to '{self}' was lost: run it again.")
                    connection.exec_driver_sql("SELECT 1")

                yield check
        finally:
            engine.dispose()


def copy_rows(
    connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Insert rows by COPY, which takes a third of the time that INSERT takes."""
    names = ", ".join(f'"{name}"' for name in columns)
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row([escape(v) if isinstance(v, str) else v for v in row])
