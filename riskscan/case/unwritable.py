"""Reading a case in a folder that may not be written: an archive, a share, another user's case.

SQLite reads a database in WAL mode by two files beside it (-wal, -shm), and makes them when they
are not there. Nobody writes then, and the database file is all there is: it is read as one that
cannot change (SQLite's ``immutable``: https://www.sqlite.org/uri.html). As that takes no lock, the
file is compared at the beginning and the end of each transaction.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from riskscan.case.location import CaseError

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection


def may_write(database: Path) -> bool:
    """Whether this user may write the folder and, where there is one, the file of the database."""
    folder = os.access(database.parent, os.W_OK)
    return folder and (os.access(database, os.W_OK) or not database.exists())


@dataclass(frozen=True, slots=True)
class Still:
    """A database file that nobody writes, as it was when it was opened."""

    database: Path
    seen: tuple[int, ...]

    @property
    def url(self) -> URL:
        """The address of it for SQLAlchemy: reading needs no file beside it, and no lock."""
        from sqlalchemy import URL

        options = {"uri": "true", "immutable": "1"}
        return URL.create("sqlite", database=self.database.absolute().as_uri(), query=options)

    def check(self, _connection: Connection) -> None:
        """Raises CaseError when somebody who may has written to the file since."""
        if _state(self.database) != self.seen:
            raise CaseError(
                f"Another user has written to the case database '{self.database}' meanwhile: run "
                "the same command again."
            )


def still(database: Path) -> Still | None:
    """The database as a file that nobody writes; None where SQLite can open it as usual.

    Raises CaseError for one that needs to be written before it can be read.
    """
    if may_write(database) or not database.exists():
        return None
    log, index, journal = (Path(f"{database}{e}") for e in ("-wal", "-shm", "-journal"))
    if log.exists() and index.exists():
        return None  # a scan is at work, or was killed: SQLite reads both as they are
    if any(one.exists() and one.stat().st_size for one in (log, journal)):
        raise CaseError(
            f"The case in '{database.parent}' cannot be read where it is: a scan that was killed "
            "left changes beside its database, and the folder cannot be written to. Copy all of "
            "the folder to where it can."
        )
    return Still(database, _state(database))


def _state(file: Path) -> tuple[int, ...]:
    told = file.stat()
    return told.st_dev, told.st_ino, told.st_size, told.st_mtime_ns
