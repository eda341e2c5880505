"""What earlier scans of a case were told that decides how its exports are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from riskscan.case import schema

if TYPE_CHECKING:
    from riskscan.sources import Limits

# Parsing takes a multiple of a message's size, in every worker; larger ones are listed, not read.
# Exchange Online lets 150 MB pass.
LARGEST_MESSAGE = 192 * 2**20


def limits_for(columns: Mapping[str, str], *, deleted: bool = False) -> Limits:
    """How a scan that was told this reads; see ``sources.Limits``."""
    from riskscan.sources import Limits

    return Limits(message=LARGEST_MESSAGE, columns=tuple(columns.items()), deleted=deleted)


def limits_of(connection: Connection) -> Limits:
    """How the scans of a case read its exports, so that every item is found again.

    Where two were told otherwise which column of a table holds what, the later one counts;
    deleted items are read when any of them was asked to.
    """
    table = schema.runs
    columns: dict[str, str] = {}
    deleted = False
    rows = connection.execute(
        select(table.c.settings).where(table.c.command == "scan").order_by(table.c.id)
    )
    for settings in rows.scalars():
        columns |= settings.get("columns") or {}
        deleted |= bool(settings.get("deleted_items"))
    return limits_for(columns, deleted=deleted)
