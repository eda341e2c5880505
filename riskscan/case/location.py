"""Where a case is: the one type that names it, read from what a user typed.

A case lies in a folder (``case/folder.py``) or in a schema of a PostgreSQL database
(``case/database.py``). Everything else asks the location for what differs.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Engine

WRITES = "riskscan_writes"
"""The execution option of a connection whose transactions write: see ``open.writing``."""

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):/", re.IGNORECASE)


class CaseError(Exception):
    """A case cannot be opened or used; the text is a sentence for the user."""


class Lost(CaseError):
    """The connection to the database is gone, and with it the answer to what was asked last."""


class Location(ABC):
    """Where one case is. ``str`` of it is for people: it never tells a password."""

    @property
    @abstractmethod
    def name(self) -> str:
        """A short name of the case, for titles."""

    @property
    @abstractmethod
    def folder(self) -> Path | None:
        """The folder of this machine that the case fills, None when it is elsewhere."""

    @abstractmethod
    def connect(self, *, create: bool = False, durable: bool = False) -> Engine:
        """An engine of the case; see ``riskscan.case.open.connect``."""

    @abstractmethod
    def writer(self) -> AbstractContextManager[Callable[[], None]]:
        """Hold the right to be the one scan (or the like) that writes, until the end.

        Gives a function to be called before each transaction, which raises CaseError when the
        right has been lost. Raises CaseError when another process holds it.
        """

    @abstractmethod
    def product(self, name: str) -> Path:
        """Where a report of this name is written unless the user says otherwise."""

    @abstractmethod
    def cache(self) -> Path:
        """A folder of this machine, made when absent, for what can be made again from the case."""

    def check_version(self, version: int) -> None:
        """Raises CaseError unless this riskscan reads a case of this schema version."""
        from riskscan.case.schema import SCHEMA_VERSION

        if 0 < version < SCHEMA_VERSION:
            raise CaseError(
                f"The case in '{self}' was made by an earlier riskscan (schema version {version}): "
                f"run riskscan upgrade '{self}', which keeps a copy of it."
            )
        if version != SCHEMA_VERSION:
            raise CaseError(
                f"The case in '{self}' has schema version {version}; this riskscan reads "
                f"version {SCHEMA_VERSION}."
            )

    def local(self) -> Location:
        """The case as other processes of this machine open it to read while this one writes it."""
        return self

    def committed(self) -> None:
        """Told after each transaction outside of ``writer`` (a decision) is in the database.

        And once at the end of ``writer``. Nothing to do where the database is the case itself.
        """
        return None


Place = str | Path | Location
"""What names a case in the Python API: a folder, an address, or a location."""


def locate(place: Place) -> Location:
    """The location that a user named: a folder, postgresql://user@host/database, s3://bucket/case.

    Raises CaseError for an address that cannot be one.
    """
    if isinstance(place, Location):
        return place
    found = _SCHEME.match(str(place))
    # One letter before the colon is a drive of Windows.
    scheme = found[1].lower() if found and len(found[1]) > 1 else ""
    if isinstance(place, str) and scheme in ("postgresql", "postgres", "postgresql+psycopg"):
        from riskscan.case.database import Database

        return Database.at(place)
    if isinstance(place, str) and f"{scheme}://" == place[: len(scheme) + 3].lower() != "://":
        from riskscan.case.remote import RemoteCase, keeps_cases

        if keeps_cases(scheme):
            return RemoteCase(place)
    if scheme:
        # A Path has made one slash of two: what was meant cannot be told any more.
        raise CaseError(
            f"'{scheme}:' names no place that a case can be in: give a folder, or, as text and "
            "not as a Path, postgresql://user@host/database or s3://bucket/case."
        )
    from riskscan.case.folder import Folder

    return Folder(Path(place))
