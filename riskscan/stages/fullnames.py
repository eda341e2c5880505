"""The full names in the texts of a case, by surname, in a temporary database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

from riskscan.language.people import PersonName
from riskscan.stages.mailboxes import Names

_AT_ONCE = 10_000
_SCRATCH = (
    "PRAGMA journal_mode=OFF",
    "PRAGMA synchronous=OFF",
    "PRAGMA cache_size=-8192",
    "CREATE TABLE full (surname BLOB, name INTEGER, message INTEGER)",
)


class FullNames:
    """Full names, each with the message that was entered with it first; ``names`` numbers them."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._waiting: list[tuple[bytes, int, int]] = []
        self._scratch = sqlite3.connect("", isolation_level=None)
        for statement in _SCRATCH:
            self._scratch.execute(statement)

    def add(self, name: PersonName, message: int) -> None:
        """Enter a name and a message that has it."""
        surname = name.surname.encode("utf-8", "surrogatepass")
        self._waiting.append((surname, self._names.number(name), message))
        if len(self._waiting) >= _AT_ONCE:
            self._write()

    def _write(self) -> None:
        self._scratch.execute("BEGIN")
        self._scratch.executemany("INSERT INTO full VALUES (?, ?, ?)", self._waiting)
        self._scratch.execute("COMMIT")
        self._waiting.clear()

    def by_surname(self) -> Iterator[tuple[str, dict[PersonName, int]]]:
        """Each surname, in order, with its full names, once all have been entered."""
        self._write()
        rows = self._scratch.execute(
            "SELECT surname, name, message FROM full ORDER BY surname, rowid"
        )
        for surname, some in groupby(rows, itemgetter(0)):
            names: dict[PersonName, int] = {}
            for _, number, message in some:
                names.setdefault(self._names[number], message)
            yield surname.decode("utf-8", "surrogatepass"), names
        self._scratch.close()
