"""Tables of mail: CSV and its cousins, and JSON lines, with a mapping of columns to fields.

The mapping is told by the columns' names where they are clear, or given by the user. CSV is that of
RFC 4180, with another delimiter or encoding where the file has one.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from riskscan.mail.charset import clean
from riskscan.mail.dates import parse_date
from riskscan.sources.columnnames import FIELDS
from riskscan.sources.document import documents
from riskscan.sources.fields import BadRow, Columns, Named, Note, Row, headers_again
from riskscan.sources.item import MIB
from riskscan.sources.lines import Line, codec_of, head_text, lines
from riskscan.sources.peoplelists import listed_person
from riskscan.sources.reading import Blob, Reading
from riskscan.sources.stream import peek
from riskscan.sources.table import delimiter_of, fold, is_blank, says_delimiter
from riskscan.sources.unclosed import BEHIND, NEVER_CLOSED, parted

ROW_MAX = 16 * MIB
"""Characters of one row."""
COLUMNS_MAX = 5_000
_HEAD = 64 * 1024
_NAMES_SHOWN = 30
_LIST_MAX = 100_000  # characters
_FILES_MAX = 10_000
_DEPTH_MAX = 100


class MappingError(ValueError):
    """A mapping that cannot be used; the text is a sentence for the user."""


# ---- the mapping


def read_mapping(file: Path) -> dict[str, str]:
    """A mapping file (TOML): field to column, at its top or in a table ``columns``.

    Raises MappingError.
    """
    try:
        told = tomllib.loads(file.read_text("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MappingError(f"The mapping '{file}' is no TOML: {error}.") from error
    return checked_mapping(told.get("columns", told))


def parse_mapping(pairs: Iterable[str]) -> dict[str, str]:
    """Mappings as given on the command line: ``text=Body,from=Sender``. Raises MappingError."""
    told: dict[str, str] = {}
    for pair in (p for text in pairs for p in text.split(",")):
        name, equals, column = pair.partition("=")
        if not equals:
            raise MappingError(f"'{pair}' is not of the form FIELD=COLUMN.")
        told[name] = column
    return checked_mapping(told) if told else {}


def checked_mapping(told: Any) -> dict[str, str]:
    """The mapping with its fields' names as in ``FIELDS``; raises MappingError."""
    if not isinstance(told, Mapping) or not told:
        raise MappingError("The mapping names no column.")
    known = {fold(name): name for name in FIELDS}
    mapping: dict[str, str] = {}
    for name, column in told.items():
        if fold(str(name)) not in known:
            fields = ", ".join(FIELDS)
            raise MappingError(f"'{name}' is no field of a mapping; the fields are {fields}.")
        if not isinstance(column, str) or not fold(column):
            raise MappingError(f"The mapping of '{name}' names no column.")
        mapping[known[fold(str(name))]] = column
    return mapping


def mapped(header: Sequence[str], mapping: Mapping[str, str] | None) -> tuple[Columns, str]:
    """Which columns hold which field, and what is wrong with that ("" when it can be read)."""
    fields = Columns(header, mapping)
    told = fields.fields
    shown = ", ".join(h.strip()[:60] for h in header[:_NAMES_SHOWN])
    if mapping and (absent := [c for f, c in mapping.items() if f not in told]):
        return fields, f"the mapping names columns that are not in this table: {', '.join(absent)}"
    enough = told & {"text", "html", "text path", "native path", "attachments"}
    if not enough or not (mapping or told & {"from", "sender name", "subject", "to"}):
        return fields, (
            "a table whose columns for mail are not told by their names: say which holds what, as "
            f"in --map text=COLUMN,from=COLUMN,to=COLUMN,date=COLUMN,subject=COLUMN; it has {shown}"
        )
    return fields, ""


# ---- csv


def csv_rows(reading: Reading, blob: Blob) -> Iterator[Row | BadRow | Note]:
    """The messages of a table, one a row; raises SourceError where the stream breaks."""
    head, stream = peek(blob.stream, _HEAD)
    delimiter = delimiter_of(head_text(head))
    csv.field_size_limit(max(csv.field_size_limit(), ROW_MAX))
    table = _Table(lines(stream, *codec_of(head), ROW_MAX), delimiter)
    fields = Columns(())
    header: list[str] = []
    columns = again = 0
    own = False
    for number, (values, defect) in enumerate(_behind_quotes(table, delimiter)):
        if defect == NEVER_CLOSED:
            yield Note(
                f"row {number:,}: {defect}" if number else f"the header: {defect}", not number
            )
        if number == 0:
            header = [] if isinstance(values, BadRow) else values
            columns = len(header)
            if columns > COLUMNS_MAX:
                yield BadRow(0, f"more than {COLUMNS_MAX:,} columns")
                return
            fields, wrong = mapped(header, dict(reading.limits.columns))
            own = {fold(name) for name in header} >= _OWN_TABLE
            table.is_row = partial(_is_mail, fields)
            if wrong:
                yield BadRow(0, wrong)
                return
            if note := fields.note():
                yield note
        elif isinstance(values, BadRow):
            yield BadRow(number, values.reason, values.size, values.sha256)
        elif values == header:
            again += 1
        elif len(values) != columns:
            data = delimiter.join(values).encode("utf-8", "replace")
            reason = f"{len(values):,} columns, and the header has {columns:,}"
            reason = f"{defect}: {reason}" if defect else reason
            yield BadRow(number, reason, len(data), hashlib.sha256(data).hexdigest())
        else:
            if own:
                values = [v[1:] if _GUARDED.match(v) else v for v in values]
            told_by = fields.values(values)
            given = {n: v if n in _WRITTEN else _given(v) for n, v in told_by.items()}
            if own:
                _own_custodians(given.get("custodian", "").split("; "), given)
                _own_sender(given)
            if defect:
                given["note"] = "; ".join(one for one in (given.get("note"), defect) if one)
            yield Row(number, given, dated=fields.dated(values))
    yield from headers_again(again)


def _behind_quotes(table: _Table, delimiter: str) -> Iterator[tuple[list[str] | BadRow, str]]:
    """The rows of a table, those that an open quote took in too, and what is to be said of each."""
    for values in table.rows():
        if not table.unclosed or isinstance(values, BadRow):
            yield values, ""
            continue
        first, behind = parted(table.unclosed, delimiter, table.is_row)
        yield first, NEVER_CLOSED
        yield from ((row, BEHIND) for row in behind)


def _is_mail(fields: Columns, values: list[str]) -> bool:
    """Whether a line is a row beyond doubt: of the header's columns, with a date.

    Where no column is of dates, with addresses and nothing else in a column of people.
    """
    if len(values) != fields.count:
        return False
    told = fields.values(values)
    if "date" in fields.fields:
        return parse_date(told.get("date", "").strip())[0] is not None
    people = [told.get(name, "").strip() for name in ("from", "to", "cc", "bcc")]
    return any(map(_ADDRESSES.fullmatch, people))


_ADDRESSES = re.compile(
    r"(?:(?:[^<>@\n;,]{0,100}<)?[^\s<>@;,]{1,100}@[^\s<>@;,]{1,100}>?(?:[;,]\s{0,3}|\Z)){1,50}"
)


# riskscan's own table, whose cells have an apostrophe before what a spreadsheet would run, and one
# more where that begins with some.
_OWN_TABLE = frozenset({"nearsimilarity", "privilegehint", "includedin", "threadid"})
_GUARDED = re.compile(r"'++(?:[\t\r\n]|\s*[=+\-@\uff1d\uff0b\uff0d\uff20])")
_WRITTEN = frozenset({"text", "html", "subject", "title"})
_NOTHING = frozenset({"nan", "NaN", "NaT", "None", "NULL", "null", "<NA>"})
_LISTED = re.compile(r"'([^']{0,500})'|\"([^\"]{0,500})\"")


def _given(value: str) -> str:
    """A cell without what programs write for nothing; a list as they print it as one with ";"."""
    if value in _NOTHING:
        return ""
    if value[:1] == "[" and value[-1:] == "]" and len(value) < _LIST_MAX and "@" in value:
        try:
            listed = json.loads(value)
        except (ValueError, RecursionError):
            listed = [one or other for one, other in _LISTED.findall(value)]
        return value if _is_deep(value, listed) else plain(listed) or value
    return value


class _Table:
    """The rows of a table by the csv module, which forgets a row that it cannot read."""

    def __init__(self, source: Iterator[Line], delimiter: str) -> None:
        self._source = source
        self._delimiter = delimiter
        self._size = 0
        self._over: Line | None = None
        self._before_header = True
        self._row: list[str] = []
        self.is_row: Callable[[list[str]], bool] = lambda _: False
        self.unclosed: list[str] = []  # the lines of the last row, where its quote is never closed

    def _lines(self) -> Iterator[str]:
        for line in self._source:
            if self._before_header and line.text:
                if is_blank(line.text) or says_delimiter(line.text):
                    continue
                self._before_header = False
            self._size += len(line.text)
            if not line.text or self._size > ROW_MAX:
                self._over = line
                # Ends the row under way, whatever quote is open: the reader takes it for an end.
                return
            self._row.append(line.text)
            yield line.text
        # The reader asks for more lines than the last one in a row whose quote is open alone.
        self.unclosed = self._row

    def rows(self) -> Iterator[list[str] | BadRow]:
        """Rows in order, blank ones left out; a BadRow (number 0) for one that is none."""
        while True:
            self._over = None
            reader = csv.reader(self._lines(), delimiter=self._delimiter)
            while True:
                self._size = 0
                self._row = []
                try:
                    values = next(reader, None)
                except csv.Error as error:
                    yield BadRow(0, f"no row of a table ({error})", self._size)
                    continue
                if self._over is not None or values is None:
                    break
                if any(values):
                    yield values
            if self._over is None:
                return
            reason = f"a row of more than {ROW_MAX:,} characters"
            yield BadRow(0, reason, self._over.size or self._size, self._over.sha256)


# ---- JSON lines


def jsonl_rows(reading: Reading, blob: Blob) -> Iterator[Row | BadRow]:
    """The messages of a file with a JSON object a line; raises SourceError where it breaks.

    Lists are joined by "; ", and a person may be an object with name and address.
    """
    head, stream = peek(blob.stream, _HEAD)
    mapping = dict(reading.limits.columns)
    told = False
    number = 0
    for line in lines(stream, *codec_of(head), ROW_MAX):
        if line.text and not line.text.strip():
            continue
        number += 1
        made = _object(number, line)
        if isinstance(made, BadRow):
            yield made
            continue
        names = list(made)
        if len(names) > COLUMNS_MAX:
            yield BadRow(number, f"more than {COLUMNS_MAX:,} columns")
            continue
        if not told:
            _, wrong = mapped(names, mapping)
            if wrong:
                yield BadRow(0, wrong)
                return
            told = True
        columns, cells = Columns(names, mapping), [plain(value) for value in made.values()]
        values = columns.values(cells)
        if made.keys() >= _OWN_RECORD:
            _own(made, values)
        given = _bodies(made, _people(made, values))
        yield Row(number, given, files=_files(made), dated=columns.dated(cells))


# What every record of riskscan's own export has.
_OWN_RECORD = frozenset({"content_hash", "segments", "parent_id", "custodians"})


def _own_custodians(custodians: Sequence[str], values: dict[str, str]) -> None:
    """The first custodian, and all of them."""
    values["custodian"] = custodians[0] if custodians else ""
    values["custodians"] = "; ".join(custodians) if len(custodians) > 1 else ""


def _own_sender(values: dict[str, str]) -> None:
    """The sender is one person, whatever the name holds."""
    name, address = values.pop("sender name", ""), values.get("from", "")
    values["from"] = listed_person(name, address)


def _own(made: Mapping[str, Any], values: dict[str, str]) -> None:
    """The worst message stands first there: one that is inside another may stand before it."""
    custodians = made["custodians"] if isinstance(made["custodians"], list) else []
    _own_custodians([one for one in custodians if isinstance(one, str)], values)
    _own_sender(values)
    if values.pop("parent", ""):
        values["note"] = f"it was inside another message: number {made['parent_id']} of the table"


def _files(made: Mapping[str, Any]) -> tuple[Named, ...]:
    """The attachments that an object tells of as objects with a name."""
    found = []
    for name, value in made.items():
        if fold(name) != "attachments" or not isinstance(value, list):
            continue
        for one in value[:_FILES_MAX]:
            named = {fold(str(k)): v for k, v in one.items()} if isinstance(one, dict) else {}
            texts = [named.get(key) for key in ("name", "text", "sha256")]
            called, text, digest = (t if isinstance(t, str) else "" for t in texts)
            if called or text or digest:
                found.append(Named(called, text, digest))
    return tuple(found)


def _object(number: int, line: Line) -> dict[str, Any] | BadRow:
    if not line.text:
        reason = f"a row of more than {ROW_MAX:,} characters"
        return BadRow(number, reason, line.size, line.sha256)
    try:
        made = json.loads(line.text)
        if "\\ud" in line.text or "\\uD" in line.text:
            # Halves of characters, which JSON may write alone: nothing else here can hold them.
            made = json.loads(clean(json.dumps(made, ensure_ascii=False)))
        if not isinstance(made, dict):
            reason = "no JSON object"
        elif _is_deep(line.text, made):
            reason = f"JSON nested more than {_DEPTH_MAX} deep"
        else:
            return made
    except (ValueError, RecursionError) as error:
        reason = f"no JSON ({str(error)[:200]})"
    data = line.text.encode("utf-8", "replace")
    return BadRow(number, reason, len(data), hashlib.sha256(data).hexdigest())


def _is_deep(text: str, made: Any) -> bool:
    """Whether a row is nested deeper than it may be: no row is, and reading it takes recursion."""
    if text.count("[") + text.count("{") <= _DEPTH_MAX:
        return False
    level: list[Any] = [made]
    for _ in range(_DEPTH_MAX):
        level = [
            inner
            for one in level
            for inner in (one.values() if isinstance(one, dict) else one)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return False
    return True


def plain(value: Any) -> str:
    """A JSON value as the text of a field."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "; ".join(p for v in value if (p := plain(v)))
    if isinstance(value, dict):
        named = {fold(str(k)): v for k, v in value.items()}
        address = named.get("address") or named.get("email") or named.get("emailaddress")
        if isinstance(address, (str, dict)) and address:
            name = named.get("name")
            inner = plain(address)
            return listed_person(name if isinstance(name, str) else "", inner)
        name = named.get("name")
        if isinstance(name, str) and "address" in named:
            return listed_person(name, "")
        return name if isinstance(name, str) else json.dumps(value, ensure_ascii=False)
    return json.dumps(value)


def _bodies(made: dict[str, Any], values: dict[str, str]) -> dict[str, str]:
    """Microsoft Graph has the body as an object with its type and content."""
    for body in made.values():
        named = {fold(str(k)): v for k, v in body.items()} if isinstance(body, dict) else {}
        content = named.get("content")
        if isinstance(content, str) and plain(body) == values.get("text"):
            kind = str(named.get("contenttype", "")).casefold()
            return values | ({"text": "", "html": content} if kind == "html" else {"text": content})
    return values


def _people(made: dict[str, Any], values: dict[str, str]) -> dict[str, str]:
    """riskscan's own export has all recipients in one list, each with its kind."""
    recipients = made.get("recipients")
    if not isinstance(recipients, list):
        return values
    kinds: dict[str, list[str]] = {"to": [], "cc": [], "bcc": []}
    for person in recipients:
        if (
            isinstance(person, dict)
            and isinstance(kind := person.get("kind"), str)
            and kind in kinds
        ):
            kinds[kind].append(plain(person))
    if any(kinds.values()):
        return values | {kind: "; ".join(some) for kind, some in kinds.items()}
    return values


read_csv = documents("csv", csv_rows)
read_jsonl = documents("jsonl", jsonl_rows)
