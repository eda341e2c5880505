"""A shard: some hundred outcomes of a unit as a Parquet file, written by a worker of a cluster.

What tells whether a message is a duplicate stands in columns of its own, so that whoever merges
shards need not look into a message that the case has already.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from io import BytesIO
from typing import Any

from riskscan.case.rows import Claimed, Outcome, Parsed, Unread
from riskscan.mail.message import Address, Attachment, Message, Role, Segment

FORMAT = 1
"""Part of a shard's name: another one is not read."""

_EVENT = ("source", "format", "custodian")
_PARSED = ("place", "folder", "raw_sha256", "raw_bytes", "medium", "conversation")
# What a case keeps of a duplicate (case/batch.py), beside its embedded messages.
_IDENTITY = ("message_id", "mih", "content_hash")


def write_shard(outcomes: Sequence[Outcome]) -> bytes:
    """The outcomes as a Parquet file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [_row(outcome) for outcome in outcomes]
    schema = pa.schema(
        [
            *((name, pa.string()) for name in ("kind", *_EVENT)),
            *((name, pa.int64() if name == "raw_bytes" else pa.string()) for name in _PARSED),
            *((name, pa.string()) for name in (*_IDENTITY, "own_folder")),
            ("embedded", pa.int64()),
            ("body", pa.large_string()),
            ("rest", pa.large_string()),
        ]
    )
    target = BytesIO()
    pq.write_table(
        pa.Table.from_pylist(rows, schema=schema), target, compression="zstd", compression_level=1
    )
    return target.getvalue()


def _row(outcome: Outcome) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(outcome, name) for name in _EVENT}
    result = outcome.result
    if not isinstance(result, Parsed):
        kind = "claim" if isinstance(result, Claimed) else "unread"
        return row | {"kind": kind, "rest": json.dumps(asdict(result))}
    message = result.message
    row |= {name: getattr(result, name) for name in _PARSED}
    row |= {name: getattr(message, name) for name in _IDENTITY}
    return row | {
        "kind": "message",
        "own_folder": message.folder,
        "embedded": len(message.embedded),
        "body": message.body,
        "rest": json.dumps(_told(message, {*_IDENTITY, "folder", "body"})),
    }


def _told(message: Message, without: Collection[str] = ()) -> dict[str, Any]:
    told = {
        "message_id": message.message_id,
        "mih": message.mih,
        "content_hash": message.content_hash,
        "subject": message.subject,
        "date": message.date.isoformat() if message.date else None,
        "date_header": message.date_header,
        "sender": message.sender and [message.sender.name, message.sender.address],
        **{kind: [[a.name, a.address] for a in getattr(message, kind)] for kind in _PEOPLE},
        "in_reply_to": message.in_reply_to,
        "references": message.references,
        "folder": message.folder,
        "body": message.body,
        "body_format": message.body_format,
        "segments": [[s.role, s.start, s.end] for s in message.segments],
        "attachments": [asdict(a) for a in message.attachments],
        "embedded": [_told(inner) for inner in message.embedded],
        "defects": message.defects,
    }
    return {name: value for name, value in told.items() if name not in without}


_PEOPLE = ("to", "cc", "bcc")


def _message(told: dict[str, Any]) -> Message:
    sender = told["sender"]
    return Message(
        **{
            **told,
            "date": datetime.fromisoformat(told["date"]) if told["date"] else None,
            "sender": Address(*sender) if sender else None,
            **{kind: [Address(*a) for a in told[kind]] for kind in _PEOPLE},
            "segments": [Segment(Role(role), start, end) for role, start, end in told["segments"]],
            "attachments": [Attachment(**a) for a in told["attachments"]],
            "embedded": [_message(inner) for inner in told["embedded"]],
        }
    )


def read_shard(data: bytes, known: Callable[[set[str]], set[str]]) -> list[Outcome]:
    """The outcomes of a shard.

    ``known`` tells which of some hashes the case has. A message that will be a duplicate, by them
    or by one before it here, is given without what a case does not keep of one.
    """
    import pyarrow.parquet as pq

    table = pq.read_table(BytesIO(data))
    small = [name for name in table.column_names if name not in ("body", "rest")]
    rows = table.select(small).to_pylist()
    bodies, rests = table.column("body"), table.column("rest")
    seen = known({h for row in rows for h in (row["mih"], row["content_hash"]) if h})
    outcomes: list[Outcome] = []
    for number, row in enumerate(rows):
        event = {name: row[name] for name in _EVENT}
        if row["kind"] != "message":
            made = Claimed if row["kind"] == "claim" else Unread
            told = json.loads(rests[number].as_py())
            outcomes.append(Outcome(**event, result=made(**told)))
            continue
        hashes = {h for h in (row["mih"], row["content_hash"]) if h}
        own = {name: row[name] for name in _IDENTITY} | {"folder": row["own_folder"]}
        if hashes & seen and not row["embedded"]:
            message = Message(**own)
        else:
            body = bodies[number].as_py()
            message = _message({**json.loads(rests[number].as_py()), **own, "body": body})
        seen |= hashes
        outcomes.append(
            Outcome(**event, result=Parsed(message=message, **{n: row[n] for n in _PARSED}))
        )
    return outcomes
