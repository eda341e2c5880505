"""Rows of load files and tables, by what their columns mean."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from string import hexdigits
from typing import NamedTuple

from riskscan.sources import peoplelists
from riskscan.sources.columnnames import BY_NAME, COUNTS, DATES, JOINED, SINGLE, TELLING
from riskscan.sources.peoplelists import PEOPLE_MAX, RECIPIENTS, told_again, unpaired, with_names
from riskscan.sources.table import fold

_BASE64 = re.compile(r"[A-Za-z0-9+/]{28,400}={0,2}")
_STATES = ("deleted", "edited", "an earlier version")
_STATE_MAX = 300  # characters
_NO_THREAD = frozenset({"", "0", "-1", "-", "n/a", "na", "none", "null", "nan"})
_AN_ID = re.compile(r"(?=[^\s]{0,300}\d)[^\s]{12,300}")


@dataclass(slots=True, frozen=True)
class Named:
    """A file that a row tells of without a path to it: its name, its text, a hash in hex."""

    name: str
    text: str = ""
    sha256: str = ""


class Dated(NamedTuple):
    """What one column of dates holds: the field that it is of, its name, the value."""

    field: str
    column: str
    value: str


@dataclass(slots=True, frozen=True)
class Row:
    """One document of a load file: ``values`` by field ("" or absent: none), ``number`` from 1.

    ``lists`` has those fields whose values the format itself keeps apart, with these; ``native``
    is the native where the load file holds it itself, ``files`` what it tells of attachments.
    ``dated`` has all that its columns of dates hold, those of a field in the order of the columns.
    ``note`` among the values is for the user, ``numbers`` has those of further columns of ``id``.
    """

    number: int
    values: dict[str, str]
    lists: dict[str, tuple[str, ...]] = field(default_factory=dict)
    native: bytes | None = None
    files: tuple[Named, ...] = ()
    dated: tuple[Dated, ...] = ()

    def get(self, field: str) -> str:
        """The value of a field without blanks around it."""
        return self.values.get(field, "").strip()

    def listed(self, field: str) -> list[str]:
        """The values of a list, parted by ``;`` where the format does not keep them apart."""
        if known := self.lists.get(field):
            return list(known)
        return [v.strip() for v in self.get(field).split(";") if v.strip()]

    @property
    def numbers(self) -> frozenset[str]:
        """All numbers that a row is called by; families are told by any of them."""
        told = (self.get("id"), *self.values.get("numbers", "").split("\n"))
        return frozenset(number.strip() for number in told) - {""}

    def column(self, field: str) -> str:
        """The column that a date is from; the field itself where that is not known."""
        return next((one.column for one in self.dated if one.field == field), field)

    def all_custodians(self) -> list[str]:
        """Who held a document, its own custodian among them; [] where that is not told.

        Vendors keep one copy and name in a column who had it.
        """
        others = self.get("custodians")
        # "Quay, Ada, Roe, Bo" are two or four.
        listed = self.listed("custodians") if ";" in others else []
        return listed if self.get("custodian") in listed else []

    @property
    def state(self) -> str:
        """What became of a message, as ``Item.state``; "" where the column tells something else."""
        told = " ".join(self.get("state").split())
        return told[:_STATE_MAX] if told.casefold().startswith(_STATES) else ""

    @property
    def medium(self) -> str:
        """``mail`` or ``chat``, as ``Item.medium``; "" where no column tells it."""
        told = self.get("medium").casefold()
        return told if told in ("mail", "chat") else ""

    @property
    def conversation(self) -> str:
        """What rows of one thread have in common, "" where the columns tell none.

        A "conversation" is often the subject, which is no thread. A Conversation Index has 22
        bytes that a thread has in common, and 5 more for each answer ([MS-OXOMSG] 2.2.1.3).
        """
        if (thread := self.get("thread")).casefold() not in _NO_THREAD:
            return thread
        index = "".join(self.get("conversation index").split())
        if len(index) >= 44 and all(c in hexdigits for c in index):
            return index[:44].upper()
        if len(index) >= 30 and _BASE64.fullmatch(index):
            head = base64.b64decode(index[: len(index) // 4 * 4])[:22]
            return head.hex().upper()
        told = self.get("conversation")
        return told if _AN_ID.fullmatch(told) else index

    def people(self, field: str) -> str:
        """The people of a field as the value of an address field, as ``people`` reads them."""
        if known := self.lists.get(field):
            return peoplelists.people_listed(known)
        return peoplelists.people(self.get(field))

    def people_left_out(self, field: str) -> int:
        """How many people of a field ``people`` leaves out."""
        if known := self.lists.get(field):
            return max(len(known) - PEOPLE_MAX, 0)
        return peoplelists.left_out(self.get(field))

    def sender(self) -> str:
        """Who sent it: one person where one address is told, whatever the name holds."""
        return peoplelists.sender(self.get("from"), self.get("sender name"))


class BadRow(NamedTuple):
    """A row that cannot be read; ``number`` 0 speaks of the file as a whole.

    ``last``: of a run of such rows (unreadable.py), the number of the last one.
    """

    number: int
    reason: str
    size: int = 0
    sha256: str = ""
    last: int = 0

    @property
    def place(self) -> str:
        """Where it stands, ``row 4`` or ``rows 4-9``; "" for the file as a whole."""
        if self.last > self.number:
            return f"rows {self.number}-{self.last}"
        return f"row {self.number}" if self.number else ""


@dataclass(slots=True, frozen=True)
class Note:
    """What is to be said of a load file as a whole; ``lost``: something of it is not read."""

    reason: str
    lost: bool = False


def headers_again(times: int) -> Iterator[Note]:
    """What is to be said of rows that are the header once more, as files put together have it."""
    if times:
        yield Note(f"rows that repeat the header, and are no documents: {times:,}")


class Columns:
    """Which columns of a load file hold which field, by their names or as a mapping says.

    ``alone``: only the columns of the mapping are read.

    Of several columns of a field a row has the first that is not empty, in the order of how well
    their names tell it; but what tells documents from each other is in one column. Columns of one
    name are joined where they list people or files.
    """

    def __init__(
        self,
        header: Sequence[str],
        mapping: Mapping[str, str] | None = None,
        *,
        alone: bool = True,
    ) -> None:
        wanted = {fold(column): (field, -1) for field, column in (mapping or {}).items()}
        # Relativity writes a production's name before those of its own columns.
        names = [fold(name.rpartition("::")[2]) for name in header]
        whole = [fold(name) for name in header]
        known: list[tuple[int, int, str]] = []
        self.unknown: list[str] = []
        for number, (name, full) in enumerate(zip(names, whole, strict=True)):
            found = wanted.get(full) or wanted.get(name)
            if found is None and not (wanted and alone):
                found = BY_NAME.get(full) or BY_NAME.get(name)
            if found is not None:
                known.append((found[1], number, found[0]))
            elif name and name not in COUNTS:
                self.unknown.append(header[number].strip()[:60])
        self._columns: dict[str, list[int]] = {}
        self._numbers: list[int] = []
        for _, number, name in sorted(known):
            if name not in SINGLE or name not in self._columns:
                self._columns.setdefault(name, []).append(number)
            elif name == "id":
                self._numbers.append(number)
        self._names = names
        self.count = len(names)
        self._dates = [(f, header[n], n) for f in DATES for n in self._columns.get(f, ())]
        self.fields = frozenset(self._columns)

    def note(self) -> Note | None:
        """What is to be said of columns whose names do not tell what they hold."""
        if not self.unknown:
            return None
        more = f" and {len(self.unknown) - 40} more" if len(self.unknown) > 40 else ""
        shown = ", ".join(self.unknown[:40]) + more
        if self.fields & TELLING:
            return Note(f"columns that are not read: {shown}")
        return Note(
            "no column is known to say who wrote, to whom, when or about what: say which does, as "
            f"in --map from=COLUMN,to=COLUMN,date=COLUMN,subject=COLUMN; not read are {shown}",
            lost=True,
        )

    def values(self, row: Sequence[str]) -> dict[str, str]:
        """The values of a row by field."""
        found = {name: "; ".join(self._filled(name, n, row)) for name, n in self._columns.items()}
        unknown: list[str] = []
        for name in RECIPIENTS:
            if names := found.pop(f"{name} names", ""):
                if left := unpaired(found.get(name, ""), names):
                    unknown.append(f"names of whom nobody knows the address ({name}): {left}")
                found[name] = with_names(found.get(name, ""), names)
        if unknown:
            found["note"] = "; ".join(unknown)
        if numbers := [row[n] for n in self._numbers if row[n].strip()]:
            found["numbers"] = "\n".join(numbers)
        others = [(name, row[n]) for name in RECIPIENTS for n in self._others(name, row)]
        return {**found, **told_again(found, others)} if others else found

    def dated(self, row: Sequence[str]) -> tuple[Dated, ...]:
        """What the columns of dates hold in a row."""
        return tuple(Dated(f, name, row[n]) for f, name, n in self._dates if row[n].strip())

    def lists(
        self, row: Sequence[str], lists: Mapping[int, tuple[str, ...]]
    ) -> dict[str, tuple[str, ...]]:
        """Those of ``lists`` (by column) that are in a row's values, by field."""
        found: dict[str, tuple[str, ...]] = {}
        for name, numbers in self._columns.items():
            first = next((n for n in numbers if row[n].strip()), -1)
            if first in lists:
                found[name] = lists[first]
        return found

    def _others(self, name: str, row: Sequence[str]) -> list[int]:
        """The columns of a field that are not empty, beside those that ``_filled`` takes."""
        filled = [n for n in self._columns.get(name, ()) if row[n].strip()]
        return [n for n in filled if self._names[n] != self._names[filled[0]]]

    def _filled(self, name: str, numbers: list[int], row: Sequence[str]) -> list[str]:
        first = next((n for n in numbers if row[n].strip()), -1)
        if first < 0:
            return [row[numbers[0]]]
        if name not in JOINED:
            return [row[first]]
        return [row[n] for n in numbers if self._names[n] == self._names[first] and row[n].strip()]
