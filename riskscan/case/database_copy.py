"""A copy of a case within its PostgreSQL database: all of its schema under another name.

It needs no rights but those that made the case. Renamed, the copy is a case again.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, text

from riskscan.case import schema
from riskscan.case.location import CaseError


def copy_schema(
    connection: Connection,
    source: str,
    target: str,
    progress: Callable[[int, int], object] | None = None,
) -> None:
    """Copy all tables of the schema ``source``, with what guards them, into a new one.

    ``progress`` is told tables copied and tables in all. Raises CaseError when there is a schema
    of that name already.
    """
    there = text("SELECT count(*) FROM pg_namespace WHERE nspname = :name")
    if connection.execute(there, {"name": target}).scalar():
        raise CaseError(
            f"There is a copy of an earlier upgrade, the schema '{target}': rename or drop it, and "
            "try again."
        )
    tables = list(
        connection.execute(
            text("SELECT tablename FROM pg_tables WHERE schemaname = :name ORDER BY tablename"),
            {"name": source},
        ).scalars()
    )
    connection.exec_driver_sql(f'CREATE SCHEMA "{target}"')
    for number, table in enumerate(tables, 1):
        old, new = (f'"{one}"."{table}"' for one in (source, target))
        connection.exec_driver_sql(f"CREATE TABLE {new} (LIKE {old} INCLUDING ALL)")
        connection.exec_driver_sql(f"INSERT INTO {new} SELECT * FROM {old}")
        if progress is not None:
            progress(number, len(tables))
    if schema.decisions.name in tables:
        connection.exec_driver_sql(f'SET LOCAL search_path TO "{target}"')
        for guard in schema.guards("postgresql"):
            connection.execute(guard)
        connection.exec_driver_sql(f'SET LOCAL search_path TO "{source}"')
