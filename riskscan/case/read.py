"""Reading a case: pandas frames, records for exports and the report, counts and the manifest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, func, or_, select

from riskscan.case import schema
from riskscan.case.custodians import further_of
from riskscan.case.groups import groups_of
from riskscan.case.loadfile import all_custodians, control_number
from riskscan.case.location import Place, locate
from riskscan.case.merged import RANKED, known_of, ranking
from riskscan.case.store import CaseError, connect, pieces

if TYPE_CHECKING:
    import pandas as pd
    from sqlalchemy import Connection

Record = dict[str, Any]
_CHUNK = 500
UNKNOWN_SOURCE = "(unknown source: the case was altered)"
"""What stands for the source of a message whose row somebody took out of the case."""


class Case:
    """A case opened for reading; ``place`` is what ``riskscan scan --case`` named.

    Raises CaseError when there is no case there. A scan may go on writing meanwhile.
    """

    def __init__(self, place: Place) -> None:
        self.location = locate(place)
        self._engine = connect(self.location)

    def close(self) -> None:
        """Let go of the database file."""
        self._engine.dispose()

    def connect(self) -> Connection:
        """A connection for queries of one's own; to be closed."""
        return self._engine.connect()

    def __enter__(self) -> Case:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # frames

    def messages(self) -> pd.DataFrame:
        """One row a unique message, worst first.

        ``date`` is a UTC timestamp (NaT where unknown), ``flagged`` a nullable boolean,
        ``duplicates`` a number; ``custodians``, ``recipients``, ``signals`` and
        ``defects`` are lists.
        """
        import pandas as pd

        columns = [
            "id", "message_id", "mih", "custodians", "source", "place", "folder", "date", "sender",
            "sender_name", "recipients", "subject", "state",
            "score", "flagged", "signals", "thread_id",
            "parent_id", "duplicates", "near_group", "near_similarity", "inclusive", "included_in",
            "authored", "body", "defects",
        ]  # fmt: skip
        rows = (
            {
                **r,
                "duplicates": len(r["duplicates"]),
                "recipients": [p["address"] for p in r["recipients"]],
            }
            for r in self.records()
        )
        frame = pd.DataFrame.from_records(
            [[row[c] for c in columns] for row in rows], columns=columns
        )
        frame["date"] = pd.to_datetime(frame["date"], utc=True, errors="coerce", format="ISO8601")
        types = {"id": "int64", "score": "float64", "flagged": "boolean", "parent_id": "Int64"}
        types |= {"near_group": "Int64", "near_similarity": "float64", "included_in": "Int64"}
        return frame.astype({**types, "inclusive": "boolean", "duplicates": "int64"})

    def findings(self) -> pd.DataFrame:
        """One row a finding, with its message's id and Message-ID; best score first."""
        table, mail = schema.findings, schema.messages
        return self._frame(
            select(
                table.c.message_id.label("id"), mail.c.message_id, table.c.segment,
                table.c.attachment, table.c.start, table.c.end, table.c.text, table.c.signal,
                table.c.score, mail.c.flagged,
            )
            .join_from(table, mail)
            .order_by(table.c.score.desc(), table.c.id)
        )  # fmt: skip

    def entities(self) -> pd.DataFrame:
        """One row an entity mention, with its message's id and Message-ID."""
        table, mail = schema.entities, schema.messages
        return self._frame(
            select(
                table.c.message_id.label("id"), mail.c.message_id, table.c.segment, table.c.start,
                table.c.end, table.c.text, table.c.label, mail.c.flagged,
            )
            .join_from(table, mail)
            .order_by(table.c.id)
        )  # fmt: skip

    def merged(self, label: str | None = None, *, near_findings: bool = False) -> pd.DataFrame:
        """One row a merged person, organisation or thing: see ``riskscan.case.merged.ranking``."""
        import pandas as pd

        rows = ranking(self._engine, label=label, near_findings=near_findings)
        frame = pd.DataFrame.from_records(rows, columns=list(RANKED))
        for column in ("first", "last"):
            frame[column] = pd.to_datetime(frame[column], utc=True, format="ISO8601")
        return frame

    def _frame(self, statement: Select[Any]) -> pd.DataFrame:
        import pandas as pd

        with self._engine.connect() as connection:
            result = connection.execute(statement)
            frame = pd.DataFrame.from_records(list(map(tuple, result)), columns=list(result.keys()))
        types = {"id": "int64", "start": "int64", "end": "int64", "flagged": "boolean"}
        types |= {"attachment": "Int64", "score": "float64"}
        return frame.astype({name: kind for name, kind in types.items() if name in frame})

    # records

    def records(self, *, flagged: bool = False, limit: int | None = None) -> Iterator[Record]:
        """Every unique message as a dictionary (the contract of docs/export.md), worst first.

        ``flagged``: only flagged messages. Streams: memory does not grow with the case.
        """
        mail = schema.messages
        wanted = select(mail.c.id).order_by(mail.c.score.desc().nulls_last(), mail.c.id)
        if flagged:
            wanted = wanted.where(mail.c.flagged)
        if limit is not None:
            wanted = wanted.limit(limit)
        with self._engine.connect() as connection:
            ids = list(connection.execute(wanted).scalars())
        yield from self.records_of(ids)

    def records_of(self, ids: Sequence[int]) -> Iterator[Record]:
        """The records of these messages, in this order."""
        for start in range(0, len(ids), _CHUNK):
            chunk = ids[start : start + _CHUNK]
            found = {record["id"]: record for record in self._records(chunk)}
            yield from (found[key] for key in chunk if key in found)

    def record(self, message: str) -> Record:
        """The message with this Message-ID (angle brackets optional) or number.

        A duplicate's Message-ID finds the stored message. Raises CaseError when there is none.
        """
        mail, copies = schema.messages, schema.duplicates
        bare = message.strip().strip("<>")
        ways = []
        if bare:
            forms = (bare, f"<{bare}>")
            ways = [
                select(mail.c.id).where(mail.c.message_id.in_(forms)),
                select(copies.c.message_id).where(copies.c.own_message_id.in_(forms)),
            ]
        if bare.isdecimal() and len(bare) < 19:
            ways.append(select(mail.c.id).where(mail.c.id == int(bare)))
        with self._engine.connect() as connection:
            keys = (connection.execute(way.limit(1)).scalar() for way in ways)
            key = next((key for key in keys if key is not None), None)
        if key is None:
            raise CaseError(f"No message '{message}' in the case '{self.location}'.")
        return next(self.records_of([int(key)]))

    def thread(self, thread_id: str) -> list[Record]:
        """The messages of a thread by date, without their bodies."""
        mail = schema.messages
        with self._engine.connect() as connection:
            rows = connection.execute(
                select(
                    mail.c.id, mail.c.message_id, mail.c.date, mail.c.sender_name,
                    mail.c.sender_address, mail.c.subject, mail.c.score, mail.c.flagged,
                    mail.c.state,
                )
                .where(mail.c.thread_id == thread_id)
                .order_by(mail.c.date.is_(None), mail.c.date, mail.c.id)
            ).mappings()  # fmt: skip
            return [dict(row) for row in rows]

    def family(self, message: int) -> list[Record]:
        """The messages embedded in a message, and the one it is embedded in, in order."""
        mail = schema.messages
        parent = select(mail.c.parent_id).where(mail.c.id == message).scalar_subquery()
        with self._engine.connect() as connection:
            rows = connection.execute(
                select(mail.c.id, mail.c.message_id, mail.c.subject, mail.c.parent_id)
                .where(or_(mail.c.parent_id == message, mail.c.id == parent))
                .order_by(mail.c.id)
            ).mappings()
            return [dict(row) for row in rows]

    def _records(self, ids: Sequence[int]) -> Iterator[Record]:
        mail, bodies = schema.messages, schema.texts
        with self._engine.connect() as connection:

            def several(table: Any, *order: Any) -> dict[int, list[Any]]:
                grouped: dict[int, list[Any]] = defaultdict(list)
                for some in pieces(ids):
                    rows = connection.execute(
                        select(table).where(table.c.message_id.in_(some)).order_by(*order)
                    )
                    for row in rows:
                        grouped[row.message_id].append(row)
                return grouped

            people = several(schema.recipients, schema.recipients.c.position)
            files = several(schema.attachments, schema.attachments.c.position)
            # As they were found: the detector puts what shows best why a message scored first.
            sentences = several(schema.findings, schema.findings.c.id)
            names = several(schema.entities, schema.entities.c.id)
            copies = several(schema.duplicates, schema.duplicates.c.id)
            places = self._source_names(connection, ids, copies)
            further = further_of(connection, ids)
            known = known_of(connection, ids)
            groups = groups_of(connection, ids)
            for some in pieces(ids):
                for row in connection.execute(
                    select(mail, bodies.c.body, bodies.c.segments)
                    .join_from(mail, bodies)
                    .where(mail.c.id.in_(some))
                ):
                    record = _record(
                        row, people[row.id], files[row.id], sentences[row.id], names[row.id],
                        copies[row.id], places, further.get(row.id, ()),
                    )  # fmt: skip
                    record |= groups[row.id]
                    yield known.told(record, [name.id for name in names[row.id]])

    def _source_names(
        self, connection: Any, ids: Sequence[int], copies: dict[int, list[Any]]
    ) -> dict[int, str]:
        mail, table = schema.messages, schema.sources
        wanted = {copy.source_id for some in copies.values() for copy in some}
        for some in pieces(ids):
            wanted.update(
                connection.execute(select(mail.c.source_id).where(mail.c.id.in_(some))).scalars()
            )
        names: dict[int, str] = {}
        for some in pieces(sorted(wanted)):
            rows = connection.execute(select(table.c.id, table.c.name).where(table.c.id.in_(some)))
            names.update((row.id, row.name) for row in rows)
        return names

    # figures

    def counts(self) -> dict[str, int]:
        """The figures of promise 1 over the whole case; see ``manifest`` for each source.

        ``found`` counts the messages of all sources; it equals stored + duplicates + quarantined.
        Messages embedded in others are counted apart, as are files that were not read.
        """
        mail, copies, lost = schema.messages, schema.duplicates, schema.unread
        with self._engine.connect() as connection:

            def count(table: Any, *tests: Any) -> int:
                return int(
                    connection.execute(
                        select(func.count()).select_from(table).where(*tests)
                    ).scalar_one()
                )

            found = connection.execute(
                select(func.coalesce(func.sum(schema.sources.c.found), 0))
            ).scalar_one()
            return {
                "found": int(found),
                "stored": count(mail, mail.c.parent_id.is_(None)),
                "duplicates": count(copies, copies.c.embedded.is_(False)),
                "quarantined": count(lost, lost.c.kind == "quarantined"),
                "embedded": count(mail, mail.c.parent_id.is_not(None))
                + count(copies, copies.c.embedded),
                "not_read": count(lost, lost.c.kind == "not read"),
                "companions": count(lost, lost.c.kind == "companion"),
                "attachments_unread": count(schema.attachments, schema.attachments.c.unread != ""),
                "differing_duplicates": count(copies, copies.c.same_content.is_(False)),
                "changed_exports": count(
                    schema.units,
                    schema.units.c.sha256_after.is_not(None),
                    schema.units.c.sha256_after != schema.units.c.sha256,
                ),
                "unfinished": count(schema.units, schema.units.c.done.is_(False)),
                "scored": count(mail, mail.c.score.is_not(None)),
                "flagged": count(mail, mail.c.flagged),
            }

    def unscored(self) -> int:
        """How many messages, embedded ones included, have no score."""
        mail = schema.messages
        with self._engine.connect() as connection:
            without = select(func.count()).select_from(mail).where(mail.c.score.is_(None))
            return int(connection.execute(without).scalar_one())

    def manifest(self) -> list[Record]:
        """One dictionary a source: unit, bytes, hashes, and how many were found and became what."""
        from riskscan.case.manifest import source_rows

        with self._engine.connect() as connection:
            return source_rows(connection)

    def full_manifest(self) -> Record:
        """Sources, units, what was not read, what exports claim: see docs/manifest.md."""
        from riskscan.case.manifest import manifest

        return manifest(self._engine)

    def unread(self, kind: str | None = None, limit: int | None = None) -> list[Record]:
        """What did not become a message: quarantined, not read, companion files, with reasons.

        ``kind``: one of the three alone.
        """
        table = schema.unread
        columns = (
            table.c.kind,
            table.c.source,
            table.c.place,
            table.c.reason,
            table.c.bytes,
            table.c.sha256,
        )
        with self._engine.connect() as connection:
            statement = select(*columns).order_by(table.c.source, table.c.id).limit(limit)
            if kind is not None:
                statement = statement.where(table.c.kind == kind)
            return [dict(row) for row in connection.execute(statement).mappings()]

    def models(self) -> list[Record]:
        """The models that scored this case, newest last."""
        table = schema.models
        with self._engine.connect() as connection:
            return [
                dict(row)
                for row in connection.execute(select(table).order_by(table.c.id)).mappings()
            ]

    def runs(self) -> list[Record]:
        """The commands that worked on this case, oldest first."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(schema.runs).order_by(schema.runs.c.id))
            return [dict(row) for row in rows.mappings()]


def _record(
    row: Any,
    people: Iterable[Any],
    files: Iterable[Any],
    sentences: Iterable[Any],
    names: Iterable[Any],
    copies: Sequence[Any],
    places: dict[int, str],
    further: Sequence[str],
) -> Record:
    authored = [row.body[s:e].strip("\n") for role, s, e in row.segments if role == "authored"]
    return {
        "id": row.id,
        "message_id": row.message_id,
        "mih": row.mih,
        "content_hash": row.content_hash,
        "custodians": list(
            dict.fromkeys(
                [
                    row.custodian,
                    *(c.custodian for c in copies),
                    *further,
                    *all_custodians(row.defects),
                ]
            )
        ),
        "source": places.get(row.source_id, UNKNOWN_SOURCE),
        "place": row.place,
        "control_number": control_number(row.place),
        "folder": row.folder,
        "medium": row.medium,
        "state": row.state,
        "parent_id": row.parent_id,
        "date": row.date,
        "date_header": row.date_header,
        "sender": row.sender_address,
        "sender_name": row.sender_name,
        "recipients": [{"kind": p.kind, "name": p.name, "address": p.address} for p in people],
        "subject": row.subject,
        "score": row.score,
        "flagged": row.flagged,
        "signals": row.signals or [],
        "findings": [
            {
                "text": f.text, "start": f.start, "end": f.end, "segment": f.segment,
                "attachment": f.attachment, "signal": f.signal, "score": f.score,
            }
            for f in sentences
        ],
        "entities": [
            {"text": n.text, "label": n.label, "segment": n.segment, "start": n.start, "end": n.end}
            for n in names
        ],
        "thread_id": row.thread_id,
        "duplicates": [
            {
                "message_id": c.own_message_id, "custodian": c.custodian,
                "source": places.get(c.source_id, UNKNOWN_SOURCE), "place": c.place,
                "same_content": c.same_content, "state": c.state,
            }
            for c in copies
        ],
        "attachments": [
            {
                "name": a.name, "content_type": a.content_type, "bytes": a.bytes,
                "sha256": a.sha256, "text": a.text, "unread": a.unread, "role": a.role,
            }
            for a in files
        ],
        "authored": "\n".join(authored),
        "body": row.body,
        "body_format": row.body_format,
        "segments": [{"role": role, "start": s, "end": e} for role, s, e in row.segments],
        "defects": row.defects,
    }  # fmt: skip
