"""A shard: some thousand outcomes of a unit as a Parquet file, written by a worker of a cluster.

Its columns are those of the case's tables, so whoever merges shards has no message to take apart.
What tells whether a message is a duplicate is read first: of one that the case has already, no text
is decoded.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict
from io import BytesIO
from typing import TYPE_CHECKING, Any

from riskscan.case.prepared import COLUMNS, Prepared, Rated
from riskscan.case.rows import Claimed, Outcome, Parsed, Unread

if TYPE_CHECKING:
    import pyarrow as pa

FORMAT = 5
"""Part of a shard's name: another one is not read."""

_EVENT = ("kind", "source", "format", "custodian", "lost")
# What a case keeps of a duplicate (case/batch.py), beside its embedded messages.
_OF_DUPLICATE = (
    "place", "folder", "message_id", "copy_hash", "content_hash", "raw_sha256", "raw_bytes",
    "state",
)  # fmt: skip
_NESTED = ("recipients", "files", "embedded")
_NUMBERS = ("raw_bytes", "text_length")
_OTHER = "rest"
"""What is no message, as JSON."""


def write_shard(outcomes: Sequence[Outcome]) -> bytes:
    """The outcomes, their messages prepared, as a Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema(
        [
            *((name, pa.string()) for name in _EVENT),
            *((name, pa.int64() if name in _NUMBERS else pa.string()) for name in COLUMNS),
            *((name, pa.large_string()) for name in ("body", "segments", "copy_hash", *_NESTED)),
            ("score", pa.float64()),
            ("flagged", pa.bool_()),
            *((name, pa.large_string()) for name in ("signals", "findings", _OTHER)),
        ]
    )
    columns = zip(*map(_row, outcomes), strict=True)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    target = BytesIO()
    table = pa.Table.from_arrays(arrays, schema=schema)
    pq.write_table(table, target, compression="zstd", compression_level=1)
    return target.getvalue()


def _row(outcome: Outcome) -> tuple[Any, ...]:
    event = outcome.source, outcome.format, outcome.custodian, outcome.lost
    result = outcome.result
    if isinstance(result, Parsed):
        raise TypeError("a message that is not prepared")
    if not isinstance(result, Prepared):
        kind = "claim" if isinstance(result, Claimed) else "unread"
        nothing = (None,) * (len(Prepared._fields) - 1 + len(Rated._fields))
        return kind, *event, *nothing, json.dumps(asdict(result))
    nested = (json.dumps(one) if one else "" for one in result[-4:-1])
    rated: tuple[Any, ...] = (None,) * len(Rated._fields)
    if result.rated:
        rated = (*result.rated[:3], json.dumps(result.rated.findings))
    return "message", *event, *result[:-4], *nested, *rated, None


def read_shard(data: bytes, known: Callable[[set[str]], Collection[str]]) -> list[Outcome]:
    """The outcomes of a shard.

    ``known`` tells which of some hashes the case has. A message with a hash of one there, or of one
    before it here, will be a duplicate: it is given without what a case keeps of no copy.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.ParquetFile(pa.BufferReader(data)).read(use_threads=False)
    kinds, copies, contents, embedded = _columns(
        table, "kind", "copy_hash", "content_hash", "embedded"
    )
    hashes = [{h for h in pair if h} for pair in zip(copies, contents, strict=True)]
    seen = set(known(set().union(*hashes)))
    whole, duplicates, others = list[int](), list[int](), list[int]()
    for number, kind in enumerate(kinds):
        if kind != "message":
            others.append(number)
        elif embedded[number] or seen.isdisjoint(hashes[number]):
            whole.append(number)
        else:
            duplicates.append(number)
        seen |= hashes[number]
    results: dict[int, Any] = dict(zip(whole, _whole(_taken(table, whole)), strict=True))
    some = _columns(_taken(table, duplicates), *_OF_DUPLICATE)
    results |= zip(duplicates, map(_duplicate, *some), strict=True)
    (rests,) = _columns(_taken(table, others), _OTHER)
    for number, rest in zip(others, rests, strict=True):
        made = Claimed if kinds[number] == "claim" else Unread
        results[number] = made(**json.loads(rest))
    events = zip(*_columns(table, *_EVENT[1:]), strict=True)
    return [
        Outcome(source, kind, custodian, results[number], lost)
        for number, (source, kind, custodian, lost) in enumerate(events)
    ]


def _columns(table: pa.Table, *names: str) -> list[list[Any]]:
    return [table.column(name).to_pylist() for name in names]


def _taken(table: pa.Table, rows: list[int]) -> pa.Table:
    import numpy as np
    import pyarrow as pa

    if len(rows) == table.num_rows:
        return table
    return table.take(pa.array(np.array(rows, np.int64)))


def _whole(table: pa.Table) -> list[Prepared]:
    """All that is known of messages."""
    plain = _columns(table, *COLUMNS, "body", "segments", "copy_hash")
    nested = _columns(table, *_NESTED)
    rated = _columns(table, *Rated._fields)
    return [
        _message((*row, *map(_loaded, texts), None if rating[0] is None else rating))
        for row, texts, rating in zip(
            zip(*plain, strict=True), zip(*nested, strict=True), zip(*rated, strict=True),
            strict=True,
        )
    ]  # fmt: skip


def _loaded(text: str) -> Any:
    return json.loads(text) if text else ()


def _message(row: Sequence[Any]) -> Prepared:
    """A message with what is in it, from lists as JSON has them."""
    *plain, recipients, files, embedded, rated = row
    if rated is not None:
        *told, findings = rated
        findings = json.loads(findings) if isinstance(findings, str) else findings
        rated = Rated._make((*told, tuple(map(tuple, findings))))
    nested = tuple(map(tuple, recipients)), tuple(map(tuple, files)), tuple(map(_message, embedded))
    return Prepared._make((*plain, *nested, rated))


_BLANK = dict.fromkeys(Prepared._fields, "") | {"recipients": (), "files": (), "embedded": ()}


def _duplicate(*kept: Any) -> Prepared:
    return Prepared(
        **(_BLANK | dict(zip(_OF_DUPLICATE, kept, strict=True)) | {"text_length": 0, "rated": None})
    )
