"""Upgrade: a case of an earlier schema brought to this one, step by step, after a copy of it.

One step a version; each must leave a case as riskscan of its version would have made it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePath

from sqlalchemy import Connection, inspect, text, update
from sqlalchemy.schema import CreateColumn

from riskscan.case import schema
from riskscan.case.database import Database, mark
from riskscan.case.database_copy import copy_schema
from riskscan.case.folder import Folder
from riskscan.case.location import CaseError, Place, locate
from riskscan.case.open import writing

Progress = Callable[[int, int], object]


@dataclass(frozen=True, slots=True)
class Upgraded:
    """From which schema version to which, and the copy of the case as it was (None: no need)."""

    before: int
    after: int
    backup: Path | str | None


def upgrade(place: Place, progress: Progress | None = None) -> Upgraded:
    """Bring the case at ``place`` to this riskscan's schema, keeping a copy beside it.

    The copy is the file ``case.sqlite.vN`` in the folder, or the schema ``NAME_vN`` in the
    database (N: its version). All steps are one transaction: an upgrade that is cut off leaves the
    case as it was. ``progress`` is told how much was copied of how much, in pages or tables.
    Raises CaseError when there is no case, it is newer than this riskscan, or in use.
    """
    location = locate(place)
    if isinstance(location, Database):
        return _in_database(location, progress)
    if isinstance(location, Folder):
        return _in_folder(location, progress)
    raise CaseError(f"The case in '{location}' cannot be upgraded where it is: copy it first.")


def _check(version: int, named: str) -> None:
    if version > schema.SCHEMA_VERSION or version not in (*_STEPS, schema.SCHEMA_VERSION):
        raise CaseError(
            f"{named} has schema version {version}; this riskscan makes version "
            f"{schema.SCHEMA_VERSION} of versions {min(_STEPS)} and later."
        )


def _in_folder(place: Folder, progress: Progress | None) -> Upgraded:
    database = place.database
    if not database.is_file():
        raise CaseError(f"There is no riskscan case in '{place}'.")
    with place.writer():
        try:
            before = _version(database)
            of_today = before == schema.SCHEMA_VERSION
            backup = None if of_today else _copy(database, before, progress)
        except sqlite3.Error as error:
            raise CaseError(
                f"The case database '{database}' cannot be upgraded: {error}."
            ) from error
        engine = place.engine()
        try:
            with writing(engine) as connection:
                _run(connection, before)
                if not of_today:
                    connection.exec_driver_sql(f"PRAGMA user_version={schema.SCHEMA_VERSION}")
        finally:
            engine.dispose()
    return Upgraded(before, schema.SCHEMA_VERSION, backup)


def _in_database(place: Database, progress: Progress | None) -> Upgraded:
    engine = place.engine()
    try:
        with engine.connect() as connection:
            before = place.version(connection)
        if before is None:
            raise CaseError(f"There is no riskscan case in '{place}'.")
        _check(before, f"The case in '{place}'")
        backup = None
        with place.writer():
            if before < schema.SCHEMA_VERSION:
                copy = f"{place.schema}_v{before}"
                # A transaction of its own: it stays when a step fails.
                with writing(engine) as connection:
                    copy_schema(connection, place.schema, copy, progress)
                backup = f"schema {copy} of the same database"
            with writing(engine) as connection:
                _run(connection, before)
                connection.execute(update(mark).values(version=schema.SCHEMA_VERSION))
    finally:
        engine.dispose()
    return Upgraded(before, schema.SCHEMA_VERSION, backup)


def _version(database: Path) -> int:
    with closing(sqlite3.connect(database)) as connection:
        (found,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
    if found != schema.APPLICATION_ID:
        raise CaseError(f"'{database}' is a database of another program.")
    _check(version, f"'{database}'")
    return int(version)


def _copy(database: Path, version: int, progress: Progress | None) -> Path:
    """A whole copy, what is in the write-ahead log included, made complete or not at all."""
    target = database.with_name(f"{database.name}.v{version}")
    if target.exists():
        raise CaseError(
            f"There is a copy '{target}' of an earlier upgrade: move it away, and try again."
        )
    partial = target.with_name(target.name + ".part")
    partial.unlink(missing_ok=True)

    def tell(_status: int, remaining: int, total: int) -> None:
        if progress is not None:
            progress(total - remaining, total)

    try:
        with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(partial)) as to:
            source.backup(to, pages=4096, progress=tell)
            (verdict,) = to.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise CaseError(f"The case database '{database}' is damaged: {verdict}.")
        partial.rename(target)
    finally:
        partial.unlink(missing_ok=True)
    return target


def _run(connection: Connection, before: int) -> None:
    # A version may get tables: they stand empty in a case that was made before.
    schema.metadata.create_all(connection)
    for version in range(before, schema.SCHEMA_VERSION):
        _STEPS[version](connection)


def add_missing(connection: Connection) -> None:
    """Make the tables, columns and indexes that the schema has and the case has not.

    A column can be added only when it may be NULL or has a default that the server knows.
    """
    schema.metadata.create_all(connection)
    for table in schema.metadata.sorted_tables:
        there = {column["name"] for column in inspect(connection).get_columns(table.name)}
        for column in table.columns:
            if column.name not in there:
                made = CreateColumn(column).compile(dialect=connection.dialect)
                connection.exec_driver_sql(f'ALTER TABLE "{table.name}" ADD COLUMN {made}')
        for index in table.indexes:
            index.create(connection, checkfirst=True)


def _from_1(connection: Connection) -> None:
    """Version 2: other media than mail, claims of exports, a unit's name, indexes of counts."""
    add_missing(connection)
    rows = connection.execute(text("SELECT id, export, path FROM units")).all()
    for key, export, path in rows:
        connection.execute(
            text("UPDATE units SET source = :source WHERE id = :key"),
            {"source": _source(export, path), "key": key},
        )
    # In its place there is one that knows of places too.
    connection.exec_driver_sql("DROP INDEX IF EXISTS ix_duplicates_source_id")


def _from_2(connection: Connection) -> None:
    """Version 3: the roles of attachments, what became of messages. Only exports tell: "" is not
    known.
    """
    add_missing(connection)


def _source(export: str, path: str) -> str:
    """A unit's path relative to its export's parent.

    For an export that was given as a link the two have nothing in common, but for the name of a
    file: then that is all there is to say.
    """
    root, own = PurePath(export), PurePath(path)
    if own.is_relative_to(root):
        return (PurePath(root.name) / own.relative_to(root)).as_posix()
    return own.name


_STEPS: dict[int, Callable[[Connection], None]] = {1: _from_1, 2: _from_2}
"""What leads from each version to the next."""
