"""Labelled messages: read from .jsonl, .csv, .parquet, exports and cases, and fingerprinted.

Columns: ``text``, or ``subject`` and ``authored``; ``flag`` (0 or 1; a row without it is not
labelled); and as far as there are any ``signals``, ``evidence`` (verbatim spans), ``group``
(thread; never split between training and test), ``weight`` (messages that this one stands for),
``unsure``, ``domain`` (one expert of the model learns from each; "mail" by default) and ``quoted``
(what the message quotes or forwards).
docs/detector.md explains them to users.
"""

from __future__ import annotations

import csv
import hashlib
import json
import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riskscan.case.decisions import Entry, current
from riskscan.case.location import Location, Place, locate
from riskscan.case.open import DATABASE
from riskscan.case.read import Case
from riskscan.detect.assessment import SIGNALS
from riskscan.detect.evidence import holds
from riskscan.learn.errors import DataError
from riskscan.mail.message import Role, quoted_head

if TYPE_CHECKING:
    import pandas as pd
    from pyarrow import RecordBatch

MAIL = "mail"
ENDINGS = (".jsonl", ".csv", ".parquet")
_JOINT = "\n\n"
_YES = {"1", "1.0", "true", "yes"}
_NO = {"0", "0.0", "false", "no"}
_SEPARATORS = re.compile(r"[;,|\s]+")
_SURROGATES = dict.fromkeys(range(0xD800, 0xE000), "\N{REPLACEMENT CHARACTER}")
# A mail body is one field.
_LONGEST_FIELD = 2**30
# More than there are mails; sums of it stay exact enough.
_HEAVIEST = 1e12
_LIGHTEST = 1e-12
# All that is read of a row.
_COLUMNS = frozenset(
    (
        "text", "subject", "authored", "body", "segments", "quoted", "flag", "flagged", "signals",
        "flag_signals", "evidence", "group", "thread_id", "weight", "unsure", "domain",
    )
)  # fmt: skip

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled text: "subject, blank line, authored text"; ``quoted`` is what it quotes.

    ``chance`` is how likely a reader flags it (0 to 1, where some were asked). Of a near miss,
    ``near_signals`` and ``near_evidence`` say what for it would be flagged, and where. ``altered``
    is a real message of which somebody changed what it says: encoders learn it, and which signal it
    is, but no flag is learnt from it. ``custodian`` is whose mailbox it is from: where there are
    some, messages are told apart by it as well as by ``group`` (``merge``).
    """

    text: str
    flag: int
    signals: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    group: str = ""
    weight: float = 1.0
    unsure: bool = False
    domain: str = MAIL
    quoted: str = ""
    chance: float | None = None
    altered: bool = False
    near_signals: tuple[str, ...] = ()
    near_evidence: tuple[str, ...] = ()
    custodian: str = ""


@dataclass(frozen=True, slots=True)
class DataSet:
    """The messages of one file or case; ``unlabelled`` ones had no flag (theirs here is 0)."""

    name: str
    examples: tuple[Example, ...]
    unlabelled: tuple[Example, ...] = ()

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the labelled messages, whatever the format and the order of the rows."""
        return _fingerprint(self.examples)

    @property
    def evidence_not_found(self) -> int:
        """How many messages are marked by words that are not in them."""
        marked = [one for one in self.examples if one.evidence]
        return sum(not holds(one.text, one.evidence) for one in marked)

    def describe(self) -> dict[str, Any]:
        """Name, fingerprint and counts, for model.json."""
        return {
            "name": self.name,
            "fingerprint": self.fingerprint,
            "messages": len(self.examples),
            "flagged": sum(e.flag for e in self.examples),
            "unsure": sum(e.unsure for e in self.examples),
            "unlabelled": len(self.unlabelled),
            "unlabelled_fingerprint": _fingerprint(self.unlabelled) if self.unlabelled else "",
        }


def _fingerprint(examples: Iterable[Example]) -> str:
    lines = sorted(json.dumps(_told(e), sort_keys=True) for e in examples)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _told(example: Example) -> dict[str, Any]:
    """As it was told before there were grades, near misses or custodians, where there are none."""
    row = asdict(example)
    if example.chance is None:
        del row["chance"]
    if not example.altered:
        del row["altered"]
    for name in ("near_signals", "near_evidence", "custodian"):
        if not row[name]:
            del row[name]
    return row


def read_data(place: Place, *, weights: Mapping[int, float] | None = None) -> DataSet:
    """Read one file, or a case; ``weights`` of its messages by number, where they are not 1.

    Raises DataError, with the line, for what is not as the module says; CaseError for a case that
    cannot be opened.
    """
    location = locate(place)
    path = location.folder
    if path is None or path.is_dir():
        return _case(location, weights or {})
    if not path.is_file():
        raise DataError(f"There is no file or folder '{path}'.")
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise DataError(f"'{path}' is not one of {', '.join(ENDINGS)}, nor the folder of a case.")
    return _data_set(path.name, reader(path))


def from_frame(frame: pd.DataFrame, name: str = "frame") -> DataSet:
    """Labelled messages from a pandas frame with the columns that the module names."""
    rows = frame.to_dict("records")
    return _data_set(
        name,
        ((f"{name}, row {i}", {str(k): v for k, v in r.items()}) for i, r in enumerate(rows)),
    )


def _data_set(name: str, rows: Iterable[tuple[str, Row]]) -> DataSet:
    examples: list[Example] = []
    unlabelled: list[Example] = []
    verdicts = False
    headings: set[tuple[str, ...]] = set()
    for where, row in rows:
        if (heading := tuple(row)) not in headings:
            _check_names(heading, where)
            headings.add(heading)
        verdicts |= "flagged" in row
        flag = _flag(row.get("flag"), where, "flag")
        if flag is None:
            told = dict.fromkeys(("signals", "flag_signals", "evidence"))
            unlabelled.append(_example({**row, **told}, 0, where))
        else:
            examples.append(_example(row, flag, where))
    if not examples:
        hint = " Its column 'flagged' is what a model said, and no label." if verdicts else ""
        raise DataError(
            f"'{name}' holds no labelled message: give each a 'flag' of 0 or 1.{hint}"
            if unlabelled
            else f"'{name}' is empty."
        )
    return DataSet(name, tuple(examples), tuple(unlabelled))


def _check_names(columns: Sequence[str], where: str) -> None:
    """A column of a known name that was written otherwise would be passed over."""
    for column in columns:
        meant = column.strip().casefold()
        if columns.count(column) > 1 and column in _COLUMNS:
            raise DataError(f"{where}: the column '{column}' is there twice.")
        if meant in _COLUMNS and meant not in columns:
            raise DataError(f"{where}: name the column '{column[:40]}' '{meant}'.")


# formats: each yields where the row is, for faults, and the row


def _jsonl(path: Path) -> Iterator[tuple[str, Row]]:
    with path.open(encoding="utf-8-sig") as stream:
        try:
            for number, line in enumerate(stream, 1):
                where = f"'{path}', line {number}"
                if not line.strip():
                    continue
                try:
                    row = json.loads(line)
                except (ValueError, RecursionError) as error:
                    raise DataError(f"{where}: this is not JSON ({_short(error)}).") from error
                if not isinstance(row, dict):
                    raise DataError(f"{where}: each line must be one JSON object.")
                yield where, row
        except UnicodeDecodeError as error:
            raise DataError(f"'{path}' is not UTF-8 text ({_short(error)}).") from error


def labelled_rows(path: Path) -> Iterator[Row]:
    """The rows of a .jsonl file that have a flag, as they stand there. Raises DataError."""
    return (row for _, row in _jsonl(path) if not _missing(row.get("flag")))


def _csv(path: Path) -> Iterator[tuple[str, Row]]:
    csv.field_size_limit(_LONGEST_FIELD)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream, strict=True)
        try:
            _check_names(reader.fieldnames or (), f"'{path}'")
            for row in reader:
                where = f"'{path}', line {reader.line_num}"
                if None in row or None in row.values():
                    wanted = len(reader.fieldnames or ())
                    raise DataError(f"{where}: the row ending here has not {wanted} fields.")
                yield where, row
        except UnicodeDecodeError as error:
            raise DataError(f"'{path}' is not UTF-8 text ({_short(error)}).") from error
        except csv.Error as error:
            raise DataError(f"'{path}', line {reader.line_num + 1}: {_short(error)}.") from error


def _parquet(path: Path) -> Iterator[tuple[str, Row]]:
    import pyarrow as pa
    from pyarrow import parquet

    number = 0
    try:
        with parquet.ParquetFile(path) as file:
            _check_names(file.schema_arrow.names, f"'{path}'")
            columns = [name for name in file.schema_arrow.names if name in _COLUMNS]
            for batch in file.iter_batches(batch_size=1000, columns=columns):
                for row in _rows(batch, f"'{path}', rows from {number + 1:,} on"):
                    number += 1
                    yield f"'{path}', row {number}", row
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"'{path}' cannot be read as Parquet ({_short(error)}).") from error


def _rows(batch: RecordBatch, where: str) -> list[dict[str, Any]]:
    try:
        rows: list[dict[str, Any]] = batch.to_pylist()
    except (OverflowError, UnicodeDecodeError) as error:
        raise DataError(f"{where}: a value cannot be read ({_short(error)}).") from error
    return rows


_READERS: dict[str, Callable[[Path], Iterator[tuple[str, Row]]]] = {
    ".jsonl": _jsonl,
    ".csv": _csv,
    ".parquet": _parquet,
}


def _case(place: Location, weights: Mapping[int, float]) -> DataSet:
    if place.folder is not None and not (place.folder / DATABASE).is_file():
        raise DataError(f"The folder '{place}' is no riskscan case.")
    with Case(place) as case:
        with case.connect() as connection:
            decided: dict[int, list[Entry]] = defaultdict(list)
            for one in current(connection):
                decided[one.message].append(one)
        if not decided:
            raise DataError(
                f"The case '{place}' holds no decisions to learn from: make some with "
                f"riskscan review '{place}', or export it as .jsonl or .csv, add a column 'flag' "
                "(0 or 1), and name that file."
            )
        records = case.records_of(sorted(decided))
        return _data_set(
            place.name,
            (
                (
                    f"'{place}', message {r['id']}",
                    {**_decided(r, decided[r["id"]]), "weight": weights.get(r["id"])},
                )
                for r in records
            ),
        )


def _decided(record: Row, said: Sequence[Entry]) -> Row:
    """A decided message as a row; where reviewers differ, or are not sure, it is unsure."""
    verdicts = {one.verdict for one in said}
    flag = int(sum(one.verdict == "flag" for one in said) * 2 > len(said))
    return {
        "subject": record["subject"],
        "authored": record["authored"],
        "body": record["body"],
        "segments": record["segments"],
        "flag": flag,
        "signals": [s for one in said for s in one.signals] if flag else [],
        "group": record["thread_id"],
        "unsure": int(len(verdicts) > 1 or "unsure" in verdicts),
    }


# fields


def _example(row: Row, flag: int, where: str) -> Example:
    # Beside a model's verdict, ``signals`` are the model's too.
    signals = _signals(row.get("flag_signals" if "flagged" in row else "signals"), where)
    if signals and not flag:
        raise DataError(f"{where}: there are signals although the flag is 0.")
    evidence = tuple(_spans(row.get("evidence"), where))
    if evidence and not flag:
        raise DataError(f"{where}: there is evidence although the flag is 0.")
    group = next((row[c] for c in ("group", "thread_id") if not _missing(row.get(c))), "")
    return Example(
        text=_text(row, where),
        flag=flag,
        signals=signals,
        evidence=evidence,
        group=_clean(str(group)),
        weight=_weight(row.get("weight"), where),
        unsure=bool(_flag(row.get("unsure"), where, "unsure")),
        domain=_string(row, "domain", where) or MAIL,
        quoted=_quoted(row, where),
    )


def _text(row: Row, where: str) -> str:
    if not _missing(row.get("text")):
        return _string(row, "text", where)
    if "authored" not in row and isinstance(row.get("text"), str):
        return ""
    if "authored" not in row:
        raise DataError(f"{where}: there is no 'text', nor 'subject' and 'authored'.")
    text = f"{_string(row, 'subject', where)}{_JOINT}{_authored(row, where)}"
    if not text.strip():
        return ""
    return text


def _authored(row: Row, where: str) -> str:
    """The authored segments as the score stage reads them, when the row tells where they are."""
    told = _segments(row, where)
    if told is None:
        return _string(row, "authored", where)
    body, segments = told
    return _clean(_JOINT.join(body[a:b] for role, a, b in segments if role == Role.AUTHORED))


def _quoted(row: Row, where: str) -> str:
    told = _segments(row, where)
    return _string(row, "quoted", where) if told is None else _clean(quoted_head(*told))


def _segments(row: Row, where: str) -> tuple[str, list[tuple[str, int, int]]] | None:
    """The body and its segments as role, start and end; None when the row does not tell."""
    body, segments = row.get("body"), row.get("segments")
    if not (isinstance(body, str) and isinstance(segments, list)):
        return None
    try:
        return body, [(s["role"], int(s["start"]), int(s["end"])) for s in segments]
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise DataError(f"{where}: 'segments' need role, start and end.") from error


def _string(row: Row, column: str, where: str) -> str:
    value = row.get(column)
    if _missing(value):
        return ""
    if not isinstance(value, str):
        raise DataError(f"{where}: '{column}' must be text, not {type(value).__name__}.")
    return _clean(value)


def _clean(text: str) -> str:
    """Lone surrogates, which JSON can hold, have no bytes to hash."""
    return text.translate(_SURROGATES)


def _flag(value: Any, where: str, column: str) -> int | None:
    if _missing(value):
        return None
    word = str(value).strip().lower()
    if word in _YES:
        return 1
    if word in _NO:
        return 0
    raise DataError(f"{where}: '{column}' must be 0 or 1, not '{word[:40]}'.")


def _weight(value: Any, where: str) -> float:
    if _missing(value):
        return 1.0
    try:
        weight = float(value)
    except (TypeError, ValueError, OverflowError):
        weight = math.nan
    if not _LIGHTEST <= weight <= _HEAVIEST:
        raise DataError(
            f"{where}: 'weight' must be a number from {_LIGHTEST:g} to {_HEAVIEST:g}, "
            f"not '{str(value)[:40]}'."
        )
    return weight


def _signals(value: Any, where: str) -> tuple[str, ...]:
    if isinstance(value, str) and not _bracketed(value):
        value = [part for part in _SEPARATORS.split(value) if part]
    named = _spans(value, where, "signals")
    for signal in named:
        if signal not in SIGNALS:
            raise DataError(
                f"{where}: '{signal[:40]}' is no signal; they are {', '.join(SIGNALS)}."
            )
    return tuple(s for s in SIGNALS if s in named)


def _spans(value: Any, where: str, column: str = "evidence") -> list[str]:
    """A list, a JSON list in text, or text with one span a line."""
    if _missing(value):
        return []
    if isinstance(value, str):
        if _bracketed(value):
            try:
                value = json.loads(value)
            except (ValueError, RecursionError) as error:
                raise DataError(
                    f"{where}: '{column}' is no JSON list, which has double quotes around texts: "
                    '["...", "..."].'
                ) from error
        else:
            value = value.splitlines()
    elif hasattr(value, "tolist"):
        value = value.tolist()
    if not isinstance(value, list | tuple) or not all(isinstance(part, str) for part in value):
        raise DataError(f"{where}: '{column}' must be a list of texts.")
    return [_clean(part) for part in value if part.strip()]


def _bracketed(text: str) -> bool:
    return text.strip().startswith("[") and text.strip().endswith("]")


def _missing(value: Any) -> bool:
    """None, blank text, and pandas' NaN, NaT and NA."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    if isinstance(value, float):
        return math.isnan(value)
    return isinstance(value, str) and not value.strip()


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200].rstrip(".")


def names(sets: Sequence[DataSet]) -> str:
    """The names of data sets in a sentence."""
    return ", ".join(f"'{one.name}'" for one in sets)
