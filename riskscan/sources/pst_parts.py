"""What a message of an Outlook data file is made of: properties, recipients, attachments.

They come through libpff (pypff), or through pst_tables where libpff has no way in (embedded
messages) or fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from weakref import WeakKeyDictionary

from riskscan.sources.appointment import numbered
from riskscan.sources.item import LimitError, SourceError
from riskscan.sources.mapi_message import Attached, Part
from riskscan.sources.mapi_values import Getter
from riskscan.sources.ole_object import files_in_object
from riskscan.sources.pst_checks import Checks, Lenient
from riskscan.sources.pst_nodes import Node, Nodes
from riskscan.sources.pst_tables import Properties, Values, table

Value = tuple[int, bytes]
# What pypff raises on damage; SystemError where it forgot to say why.
PFF_ERRORS = (OSError, MemoryError, ValueError, OverflowError, RuntimeError, SystemError)

RECIPIENTS, ATTACHMENTS = 0x692, 0x671  # the subnodes of a message that hold tables
ATTACHMENT = 0x05  # the last five bits of an attachment's id, 2.2.2.1
_RECIPIENT_IDS = frozenset({0x0C15, 0x0FFF, 0x3001, 0x3003, 0x39FE, 0x3A20, 0x403E, 0x5FF6, 0x5FF7})
_PARTS_MAX = 10_000
_PIECE = 1024 * 1024
_OLE = 6  # PR_ATTACH_METHOD
_NAMES = 0x61  # the node of the map of named properties, 2.4.7
_appointments: WeakKeyDictionary[Nodes, dict[int, int]] = WeakKeyDictionary()


def _appointment(nodes: Nodes | None) -> dict[int, int]:
    """What ids an appointment's properties have in a file; none where its map is damaged."""
    if nodes is None:
        return {}
    if nodes not in _appointments:
        try:
            names = Properties(nodes, nodes.node(_NAMES))
            guids, entries = ((names.get(key) or (0, b""))[1] for key in (2, 3))
        except SourceError:
            guids = entries = b""
        _appointments[nodes] = numbered(guids, entries)
    return _appointments[nodes]


class PffRecord:
    """A record set of libpff."""

    def __init__(self, record: Any) -> None:
        self._entries: dict[int, Any] = {}
        try:
            for at in range(record.number_of_entries):
                entry = record.get_entry(at)
                if entry.entry_type is not None:
                    self._entries.setdefault(entry.entry_type, entry)
        except PFF_ERRORS as error:
            raise SourceError(short(error)) from error

    def get(self, key: int, /) -> Value | None:
        """Type and bytes of a property."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        try:
            return entry.value_type or 0, entry.data or b""
        except PFF_ERRORS as error:
            raise SourceError(short(error)) from error


class _Unnamed:
    """A part of which no header fields are looked up among its named properties."""

    def named(self) -> tuple[tuple[str, int], ...]:
        """No header fields."""
        return ()


class PffPart(PffRecord, _Unnamed):
    """A message item of libpff."""

    def __init__(self, item: Any, nodes: Nodes | None) -> None:
        self._item = item
        self._nodes = nodes
        try:
            record = item.get_record_set(0)
        except PFF_ERRORS as error:
            raise SourceError(short(error)) from error
        super().__init__(record)

    def appointment(self) -> dict[int, int]:
        """The ids of an appointment's named properties."""
        return _appointment(self._nodes)

    def recipients(self) -> Iterator[Getter]:
        """The rows of the recipient table."""
        if not hasattr(type(self._item), "recipients"):
            yield from self._tables().recipients()
            return
        try:
            rows: Any = self._item.recipients
            count = rows.number_of_record_sets if rows is not None else 0
            for at in range(min(count, _PARTS_MAX)):
                yield PffRecord(rows.get_record_set(at))
        except PFF_ERRORS as error:
            raise SourceError(short(error)) from error

    def attachments(self) -> Iterator[Attached | SourceError]:
        """The attachments."""
        if not hasattr(type(self._item), "number_of_attachments"):
            yield from self._tables().attachments()
            return
        try:
            count = self._item.number_of_attachments or 0
        except PFF_ERRORS as error:
            raise SourceError(short(error)) from error
        for at in range(min(count, _PARTS_MAX)):
            try:
                yield PffAttachment(self._item, self._item.get_attachment(at), self._nodes)
            except (SourceError, *PFF_ERRORS) as error:
                yield SourceError(short(error))

    def _tables(self) -> _Tables:
        """The tables of an item of a message class that libpff does not know: it gives none."""
        if self._nodes is None:
            raise SourceError("the file's trees are damaged")
        below = self._nodes.subnodes(self._nodes.node(self._item.identifier).subnodes)
        found = _Tables()
        found.over(self._nodes, below)
        return found


class PffAttachment(PffRecord):
    """An attachment of libpff."""

    def __init__(self, owner: Any, attachment: Any, nodes: Nodes | None) -> None:
        self._owner = owner
        self._attachment = attachment
        self._nodes = nodes
        super().__init__(attachment.get_record_set(0))

    def content(self, most: int) -> bytes | None:
        """Its bytes, piece by piece."""
        if self.get(0x3701) is None:
            return None
        try:
            size = self._attachment.get_size() or 0
            if size > most:
                raise LimitError("an attachment is larger than a message may be")
            if not size and self._nodes is not None:
                # libpff also says 0 where the first of its compressed blocks is damaged.
                return NodeAttachment(self._nodes, self._node(self._nodes)).content(most)
            parts = []
            self._attachment.seek_offset(0)
            while size > 0:
                data = self._attachment.read_buffer(min(size, _PIECE))
                if not data:
                    raise SourceError(f"{size:,} bytes are missing at its end")
                parts.append(data)
                size -= len(data)
            return b"".join(parts)
        except PFF_ERRORS as error:
            raise SourceError(short(error)) from error

    def message(self) -> Part | None:
        """The embedded message, read through pst_tables."""
        place = None if _is_ole(self) else _object(self)
        if place is None:
            return None
        if self._nodes is None:
            raise SourceError("the file's trees are damaged")
        inner = self._nodes.subnodes(self._node(self._nodes).subnodes).get(place)
        return _embedded(self._nodes, inner) if inner is not None else None

    def _node(self, nodes: Nodes) -> Node:
        owner = nodes.node(self._owner.identifier)
        mine = nodes.subnodes(owner.subnodes).get(self._attachment.identifier)
        if mine is None:
            raise SourceError("its node is missing")
        return mine

    def files(self, name: str, repaired: list[str], most: int) -> list[tuple[str, bytes]] | None:
        """The files of an OLE object."""
        data = self.content(most) if _is_ole(self) else None
        return files_in_object(data, name, repaired) if data else None


class Row:
    """A row of a table."""

    def __init__(self, values: Values) -> None:
        self._values = values

    def get(self, key: int, /) -> Value | None:
        """Type and bytes of a property."""
        return self._values.get(key)


class _Tables(_Unnamed):
    """The tables among the subnodes of a message."""

    def over(self, nodes: Nodes | Lenient, below: dict[int, Node]) -> None:
        """Take the tables among ``below``, which are the subnodes."""
        self._nodes = nodes
        self._below = below

    def appointment(self) -> dict[int, int]:
        """The ids of an appointment's named properties."""
        return _appointment(_strict(self._nodes))

    def recipients(self) -> Iterator[Getter]:
        """The rows of the recipient table."""
        node = self._below.get(RECIPIENTS)
        if node is not None:
            yield from map(Row, table(self._nodes, node, _RECIPIENT_IDS))

    def attachments(self) -> Iterator[Attached | SourceError]:
        """The attachments: those of their table, and without it those whose nodes are there."""
        lenient = isinstance(self._nodes, Lenient)
        strict = _strict(self._nodes)
        ids: list[int] = []
        lost: SourceError | None = None
        if ATTACHMENTS in self._below:
            try:
                for row in table(self._nodes, self._below[ATTACHMENTS], frozenset()):
                    ids.append(int.from_bytes(row[0x67F2][1], "little"))
            except SourceError as error:
                lost = error
        if lenient or lost is not None:
            known = set(ids)
            ids += sorted(n for n in self._below if n & 0x1F == ATTACHMENT and n not in known)
        if lost is not None and not ids:
            raise lost
        for nid in ids:
            node = self._below.get(nid)
            if node is None:
                yield SourceError("its node is missing")
                continue
            try:
                yield NodeAttachment(strict, node)
            except SourceError as error:
                yield error


def _strict(nodes: Nodes | Lenient) -> Nodes:
    return nodes.strict if isinstance(nodes, Lenient) else nodes


class NodePart(Properties, _Tables):
    """A message by its node."""

    def __init__(self, nodes: Nodes | Lenient, node: Node) -> None:
        super().__init__(nodes, node)
        self.over(nodes, self.subnodes())


class BarePart(_Tables):
    """A message by its node, without its properties: they are lost."""

    def __init__(self, nodes: Lenient, node: Node) -> None:
        self.over(nodes, nodes.subnodes(node.subnodes))

    def get(self, _key: int, /) -> Value | None:
        """Nothing."""
        return None


def lenient_part(nodes: Nodes, node: Node) -> NodePart | BarePart:
    """A message as far as its blocks are not lost."""
    lenient = Lenient(nodes, Checks(nodes))
    try:
        return NodePart(lenient, node)
    except SourceError:
        return BarePart(lenient, node)


def _embedded(nodes: Nodes, node: Node) -> NodePart | BarePart:
    try:
        return NodePart(nodes, node)
    except SourceError:
        part = lenient_part(nodes, node)
        if isinstance(part, BarePart) and not any(True for _ in part.attachments()):
            raise
        return part


class NodeAttachment(Properties):
    """An attachment by its node."""

    def __init__(self, nodes: Nodes, node: Node) -> None:
        super().__init__(nodes, node)
        self._nodes = nodes

    def content(self, most: int) -> bytes | None:
        """Its bytes."""
        found = self.get(0x3701)
        if found is None:
            return None
        data = found[1]
        if (place := _object(self)) is not None:
            node = self.subnodes().get(place)
            if node is None:
                raise SourceError("its node is missing")
            data = b"".join(self._nodes.blocks(node.data))
        if len(data) > most:
            raise LimitError("an attachment is larger than a message may be")
        return data

    def message(self) -> Part | None:
        """The embedded message."""
        place = None if _is_ole(self) else _object(self)
        node = self.subnodes().get(place) if place is not None else None
        return _embedded(self._nodes, node) if node is not None else None

    def files(self, name: str, repaired: list[str], most: int) -> list[tuple[str, bytes]] | None:
        """The files of an OLE object."""
        data = self.content(most) if _is_ole(self) else None
        return files_in_object(data, name, repaired) if data else None


def _is_ole(get: Getter) -> bool:
    """Whether an attachment is an OLE object, by PR_ATTACH_METHOD."""
    try:
        found = get.get(0x3705)
    except SourceError:
        return False  # it is read as a file then
    return found is not None and int.from_bytes(found[1][:4], "little") == _OLE


def _object(get: Getter) -> int | None:
    """The node id of what a PtypObject value holds."""
    found = get.get(0x3701)
    if found is None or found[0] != 0x0D or len(found[1]) < 4:
        return None
    return int.from_bytes(found[1][:4], "little")


def short(error: BaseException) -> str:
    """An error of libpff in a few words: it tells the whole chain of its functions."""
    text = str(error) or type(error).__name__
    # The outermost function comes first, then all from the innermost on.
    steps = text.split(". ")
    return steps[min(1, len(steps) - 1)].split(": ", 1)[-1].rstrip(".")[:200]
