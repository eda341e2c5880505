"""The documents of a load file to events: native mail as it is, families, the rest composed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from riskscan.sources.compose import File, compose
from riskscan.sources.fields import BadRow, Row
from riskscan.sources.item import Event, Item, LimitError, NotRead, SourceError
from riskscan.sources.names import tree_names
from riskscan.sources.reading import Blob, Reader, Reading
from riskscan.sources.rows import (
    PATH_MAX,
    Held,
    base_name,
    decoded,
    file_of,
    folder_of,
    hash_differs,
    headers_of,
    held_by,
    is_mail_row,
    is_picture,
    type_of,
)
from riskscan.sources.sniff import sniff
from riskscan.sources.stream import CHUNK, Stream

Rows = Callable[[Reading, Blob], Iterator[Row | BadRow]]

_MAIL = frozenset({"message", "emlx", "msg", "tnef"})
# What holds many messages is read as what it is, when a row names it.
_CONTAINERS = frozenset({"mbox", "pst", "zip", "tar", "gz", "bz2", "xz"})
_FAMILY_MAX = 5_000  # rows


def documents(kind: str, rows: Rows) -> Reader:
    """The reader of a load file whose rows ``rows`` tells; ``kind`` is the items' format."""

    def read(reading: Reading, blob: Blob) -> Iterator[Event]:
        try:
            yield from _Documents(reading, blob, kind).events(rows(reading, blob))
        except SourceError as error:
            yield from reading.stopped(blob.origin, error, before="not read on: ")

    return read


@dataclass(slots=True)
class _Native:
    """What a row's files gave: ``data`` of the native, ``mail`` events when it is mail.

    ``many``: it is an mbox, a PST or an archive, to be read as such.
    """

    key: str = ""
    path: str = ""
    data: bytes | None = None
    mail: list[Event] | None = None
    many: bool = False
    text: str = ""
    missing: list[NotRead] = field(default_factory=list)
    defects: tuple[str, ...] = ()


class _Documents:
    """One pass over the documents of one load file."""

    def __init__(self, reading: Reading, blob: Blob, kind: str) -> None:
        self._reading = reading
        self._volume = blob.volume
        self._depth = blob.depth
        self._kind = kind
        self._source = blob.origin.source
        self._custodian = tree_names(blob.origin)[0]

    def events(self, rows: Iterable[Row | BadRow]) -> Iterator[Event]:
        """Yield the events of all rows; raises LimitError."""
        family: list[Row] = []
        whole = iter(rows)
        while True:
            try:
                row = next(whole, None)
            except Exception:
                # The file ends badly: what was read of it before is none the worse for that.
                yield from self._family(family)
                raise
            if row is None:
                break
            if isinstance(row, BadRow):
                yield from self._family(family)
                family = []
                place = f"row {row.number}" if row.number else ""
                lost = NotRead(self._source, place, row.reason, row.size, row.sha256, lost=True)
                yield from self._passed([lost])
            elif family and len(family) < _FAMILY_MAX and _belongs(row, family):
                family.append(row)
            else:
                yield from self._family(family)
                family = [row]
        yield from self._family(family)

    def _passed(self, events: Iterable[Event]) -> Iterator[Event]:
        for event in events:
            if not self._reading.passes():
                yield event

    def _family(self, family: list[Row]) -> Iterator[Event]:
        if not family:
            return
        parent, *children = family
        native = self._files(parent)
        if native.many:
            yield from self._container(parent, native)
            for child in children:
                yield from self._family([_alone(child)])
        elif native.mail is not None:
            mail = [e for e in native.mail if isinstance(e, Item)]
            held = held_by(mail[0].data) if children and len(mail) == 1 else None
            inside: list[Row] = []
            apart: list[Row] = []
            for child in children:
                (inside if held and self._is_held(child, held) else apart).append(child)
            last = inside[-1].number if inside else parent.number
            yield from self._passed(self._own(parent, native, last))
            for child in apart:
                yield from self._family([_alone(child)])
        else:
            yield from self._passed(self._composed(parent, native, children))

    def _container(self, row: Row, native: _Native) -> Iterator[Event]:
        """The messages of a mailbox or archive that is the native of a row; raises LimitError."""
        assert self._volume is not None
        try:
            with self._volume.open(native.key) as (origin, stream):
                for event in self._reading.read(Blob(origin, stream, self._depth + 1)):
                    if isinstance(event, Item) and row.get("custodian"):
                        event = replace(event, custodian=row.get("custodian"))
                    yield event
        except LimitError:
            raise
        except SourceError as error:
            native.missing.append(self._lost(row, native.path, f"the native of this row: {error}"))
        yield from self._passed(native.missing)

    # files of a row

    def _files(self, row: Row) -> _Native:
        """Read what a row names; what is not there or not to be read is in ``missing``."""
        found = _Native()
        path = row.get("native path")
        try:
            if path:
                self._native(row, path, found)
            elif row.get("file path") and self._volume and self._is_there(row.get("file path")):
                self._native(row, row.get("file path"), found)
        except LimitError:
            raise
        except SourceError as error:
            found.missing.append(self._lost(row, path, f"the native of this row: {error}"))
        self._text(row, found)
        return found

    def _is_there(self, path: str) -> bool:
        assert self._volume is not None
        try:
            return len(path) <= PATH_MAX and bool(self._volume.find(path))
        except SourceError:
            return False

    def _native(self, row: Row, path: str, found: _Native) -> None:
        found.path = path
        key = self._find(path)
        if not key:
            raise SourceError("not there")
        assert self._volume is not None
        found.key = key
        with self._volume.open(key) as (origin, stream):
            told, stream = sniff(stream, origin)
            if told.kind in _CONTAINERS and not row.get("parent"):
                found.many = True
                return
            found.data = self._whole(stream)
            kind = told.kind
            if not kind and key.lower().endswith(".eml"):
                kind = "message"  # one without headers, told by its name alone
            if kind in _MAIL:
                blob = Blob(origin, _Bytes(found.data), self._depth + 1)
                found.mail = list(self._reading.apart().read_as(kind, blob))
        found.defects = hash_differs(row, found.data)

    def _find(self, path: str) -> str:
        if self._volume is None:
            raise SourceError(
                "files beside a load file inside this kind of archive are not reached"
            )
        return self._volume.find(path)

    def _text(self, row: Row, found: _Native) -> None:
        path, inline = row.get("text path"), row.values.get("text", "")
        found.text = inline
        maybe = not path and 0 < len(inline) <= PATH_MAX and "\n" not in inline.strip()
        try:
            key = ""
            if path:
                key = self._find(path)
                if not key:
                    raise SourceError("not there")
            elif maybe and self._volume is not None and self._is_there(inline.strip()):
                key = self._volume.find(inline.strip())
            if key and self._volume is not None:
                with self._volume.open(key) as (_, stream):
                    found.text = decoded(self._whole(stream))
        except LimitError:
            raise
        except SourceError as error:
            found.missing.append(self._lost(row, path, f"the text of this row: {error}"))

    def _whole(self, stream: Stream) -> bytes:
        limit = self._reading.limits.message
        parts: list[bytes] = []
        size = 0
        while data := stream.read(CHUNK):
            parts.append(data)
            size += len(data)
            if size > limit:
                raise SourceError(f"larger than {limit:,} bytes")
        return b"".join(parts)

    def _lost(self, row: Row, path: str, reason: str) -> NotRead:
        place = f"row {row.number} {path}".rstrip()
        return NotRead(self._source, place, reason, 0, "", lost=True)

    # families

    def _is_held(self, child: Row, held: Held) -> bool:
        """Whether the parent's own mail holds a child: by hash, or by name."""
        if child.get("sha256").lower() in held.hashes or child.get("md5").lower() in held.hashes:
            return True
        if child.get("file name").casefold() in held.names:
            return True
        path = child.get("native path")
        try:
            key = self._volume.find(path) if path and self._volume else ""
            if not key or self._volume is None:
                return False
            with self._volume.open(key) as (_, stream):
                return hashlib.sha256(self._whole(stream)).hexdigest() in held.hashes
        except LimitError:
            raise
        except SourceError:
            return False

    def _own(self, row: Row, native: _Native, last: int) -> list[Event]:
        """The events of a row whose native is mail."""
        place = _place(row.number, last)
        custodian = row.get("custodian") or self._custodian
        where = f"{place} {native.path}"
        events: list[Event] = []
        for event in native.mail or ():
            if isinstance(event, Item):
                event = replace(
                    event,
                    source=self._source,
                    format=self._kind,
                    place=where,
                    custodian=custodian,
                    folder=folder_of(row, native.path),
                    defects=(*event.defects, *native.defects),
                )
            elif isinstance(event, NotRead):
                event = replace(event, source=self._source, place=where)
            events.append(event)
        return events + list(native.missing)

    def _composed(self, row: Row, native: _Native, children: list[Row]) -> list[Event]:
        """The events of a document without native mail: a message of its fields and files."""
        lost = list(native.missing)
        files: list[File] = []
        if native.data is not None:
            files.append(file_of(row, native.path, native.data, mail=False))
        for path in row.listed("attachments"):
            files += self._attachment(row, path, lost)
        for child in children:
            inner = self._files(child)
            lost += inner.missing
            if inner.data is not None:
                files.append(file_of(child, inner.path, inner.data, mail=inner.mail is not None))
            if inner.text and (inner.data is None or is_picture(inner.path)):
                files.append(_text_file(child, inner))
        headers = headers_of(row)
        text: str | None = native.text
        if native.data is not None and not is_picture(native.path):
            text = None if not is_mail_row(row) else text
        html = row.values.get("html") or None
        if not headers and not text and not html and not files:
            if not lost:
                lost = [self._lost(row, "", "the row tells nothing: no native, text or field")]
            return list(lost)
        files += map(_unread, lost)
        data = compose(headers, text=text, html=html, files=files)
        place = _place(row.number, children[-1].number if children else row.number)
        if native.data is not None:
            place = f"{place} {native.path}"
        thread = row.get("thread")
        item = Item(
            source=self._source,
            format=self._kind,
            place=place,
            custodian=row.get("custodian") or self._custodian,
            folder=folder_of(row, native.path),
            data=data,
            conversation=f"{self._kind}:{thread}" if thread else "",
            native_sha256=hashlib.sha256(native.data).hexdigest() if native.data else "",
            native_size=len(native.data or b""),
            defects=native.defects,
        )
        return [item, *lost]

    def _attachment(self, row: Row, path: str, lost: list[NotRead]) -> list[File]:
        try:
            key = self._find(path)
            if not key or self._volume is None:
                raise SourceError("not there")
            with self._volume.open(key) as (_, stream):
                data = self._whole(stream)
        except LimitError:
            raise
        except SourceError as error:
            lost.append(self._lost(row, path, f"an attachment of this row: {error}"))
            return []
        return [File(base_name(path), data, type_of(path))]


def _belongs(row: Row, family: list[Row]) -> bool:
    """Whether a row is an attachment in the family of the rows before it."""
    parent = family[0]
    own, above = row.get("id"), row.get("parent")
    if above:
        return above != own and any(above == r.get("id") for r in family)
    if own and own in parent.listed("children"):
        return True
    first = row.get("family")
    return bool(first) and first == parent.get("id") and first != own


def _alone(row: Row) -> Row:
    """An attachment's row as a document by itself; a Message-ID there is its parent's."""
    told = {"parent": "", "family": "", "message id": ""}
    return Row(row.number, row.values | told, row.lists)


def _unread(lost: NotRead) -> File:
    """What a row names and the export lacks, as an empty attachment that says so."""
    _, _, path = lost.place.split(" ", 2) if lost.place.count(" ") > 1 else ("", "", "file")
    return File(base_name(path), b"", unread=lost.reason)


def _text_file(row: Row, native: _Native) -> File:
    """The text of a row's file that is not there, or is a picture, as an attachment."""
    name = row.get("file name") or native.path or row.get("id") or "attachment"
    if native.data is not None or not name.lower().endswith(".txt"):
        name += ".txt"
    return File(name, native.text.encode("utf-8", "replace"), "text/plain")


def _place(first: int, last: int) -> str:
    return f"row {first}" if first == last else f"rows {first}-{last}"


class _Bytes:
    """Bytes as a stream."""

    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data)

    def read(self, size: int, /) -> bytes:
        """Up to ``size`` bytes."""
        data, self._data = bytes(self._data[:size]), self._data[size:]
        return data
