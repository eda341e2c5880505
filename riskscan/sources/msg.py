"""Outlook .msg files (MS-OXMSG): one message a file, with what is attached to it.

The property streams are read here and not by a library, so that code pages and the kinds of
recipients are kept, and what is left of a stream that is cut off.
"""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass

from riskscan.sources.appointment import numbered
from riskscan.sources.cfb import CompoundFile, Node
from riskscan.sources.cfb_checks import faults
from riskscan.sources.item import Event, Item, LimitError, NotRead, SourceError
from riskscan.sources.mapi import MapiMessage, conversation, medium, no_mail, to_mail
from riskscan.sources.mapi_damage import DAMAGED, damaged_parts, list_damage, lost_parts
from riskscan.sources.mapi_message import message_of
from riskscan.sources.mapi_values import MULTIPLE_BINARY, STRINGS, packed_binaries
from riskscan.sources.names import Origin, tree_names
from riskscan.sources.ole_object import ole_files
from riskscan.sources.reading import Blob, Reading
from riskscan.sources.stream import CHUNK

_MAX_DEFECTS = 100
_FILES = {"msg": ".msg", "tnef": "TNEF"}
_LIST = "__properties_version1.0"
# What stands before the list of properties (MS-OXMSG section 2.4), in bytes.
_MESSAGE_HEADER, _EMBEDDED_HEADER, _ROW_HEADER = 32, 24, 8
_INTERNET_HEADERS = bytes.fromhex("8603020000000000c000000000000046")  # PS_INTERNET_HEADERS
_MAX_NAME = 400  # bytes of a header field's name
_MULTIPLE, _NAMED, _HTML = 0x1000, 0x8000, 0x1013
_KINDS = frozenset({1, 2, 3, 4, 5, 6, 7, 0x0A, 0x0B, 0x0D, 0x14, 0x1E, 0x1F, 0x40, 0x48, 0x102})
_ENDS = {0x1E: 1, 0x1F: 2, 0x102: 0}  # bytes of the end of a string, by its type
_VALUE = re.compile(r"__substg1\.0_[0-9a-f]{8}\Z")
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff", b"<\0")


def read_msg(reading: Reading, blob: Blob) -> Iterator[Event]:
    """Yield the one message of a .msg blob, or why there is none."""
    yield from read_one(reading, blob, "msg", read_msg_bytes)


def read_one(
    reading: Reading, blob: Blob, form: str, read: Callable[[bytes], MapiMessage]
) -> Iterator[Event]:
    """Yield the one message of a file in the format ``form``, or why there is none.

    ``read`` makes it of the file's bytes, and raises SourceError when it cannot.
    """
    parts: list[bytes] = []
    digest = hashlib.sha256()
    size = 0
    broken: SourceError | None = None
    try:
        while data := blob.stream.read(CHUNK):
            size += len(data)
            digest.update(data)
            if size <= reading.limits.message:
                parts.append(data)
            else:
                parts.clear()
    except SourceError as error:
        broken = error
    if not reading.passes():
        origin = blob.origin
        reason = ""
        if broken is not None:
            reason = f"the message is not whole: {broken}"
        elif size > reading.limits.message:
            reason = f"the message is larger than {reading.limits.message:,} bytes"
        if reason:
            source = origin.folder_source or origin.name
            yield NotRead(source, origin.name, reason, size, digest.hexdigest(), lost=True)
        else:
            yield _event(origin, form, read, b"".join(parts), digest.hexdigest())
    if isinstance(broken, LimitError):
        raise broken


def _event(
    origin: Origin, form: str, read: Callable[[bytes], MapiMessage], data: bytes, sha256: str
) -> Event:
    source = origin.folder_source or origin.name
    try:
        message = read(data)
    except SourceError as error:
        reason = f"the {_FILES[form]} file is damaged: {error}"
        return NotRead(source, origin.name, reason, len(data), sha256, lost=True)
    if what := no_mail(message):
        return NotRead(source, origin.name, what, len(data), sha256, lost=False)
    custodian, folder = tree_names(origin)
    mail = to_mail(message)
    return Item(
        source=source,
        format=form,
        place=origin.name,
        custodian=custodian,
        folder=folder,
        data=mail,
        medium=medium(message),
        conversation=conversation(message),
        native_sha256=sha256,
        native_size=len(data),
        defects=tuple(dict.fromkeys(message.repaired))[:_MAX_DEFECTS],
        # After a body of RTF is among the attachments: nothing but its checksum tells of damage.
        lost=lost_parts(message, damaged_parts(message)),
    )


def read_msg_bytes(data: bytes) -> MapiMessage:
    """The message of a .msg file; raises SourceError when nothing can be read of it.

    What is damaged is in ``repaired``, and listed with the attachments that cannot be read.
    """
    file = CompoundFile(data)
    repaired: list[str] = []
    message = _Message(file, file.root, _MESSAGE_HEADER, repaired, _names(file))
    if not message.found:
        raise SourceError("there is no property of a message in it")
    found = message_of(message, repaired)
    repaired += [f"{DAMAGED}: {fault}" for fault in faults(file)]
    repaired[:] = dict.fromkeys(repaired)
    list_damage(found)
    return found


class _Storage:
    """The properties of one storage: those of fixed size in a list, the others as streams."""

    def __init__(
        self, file: CompoundFile, node: Node, header: int, repaired: list[str], names: _Names
    ) -> None:
        self._file = file
        self._node = node
        self._repaired = repaired
        self.names = names
        self._values: dict[int, tuple[int, bytes]] = {}
        stream = node.children.get(_LIST)
        data = self._stream(stream, "the list of properties") if stream else b""
        if not data:
            self._damaged("a list of properties is missing")
        self._check(data[header:])
        self.said = struct.unpack_from("<II", data, 16) if len(data) >= _EMBEDDED_HEADER else None

    def _check(self, listed: bytes) -> None:
        """Take what the list of properties holds, and compare it with the streams there are."""
        children = self._node.children
        streams = {
            name[12:] for name, node in children.items() if node.is_stream and _VALUE.match(name)
        }
        missing: list[int] = []
        other: list[int] = []
        for at in range(0, len(listed) - 15, 16):
            tag, _, size = struct.unpack_from("<III", listed, at)
            key, kind = tag >> 16, tag & 0xFFFF
            streams.discard(f"{tag:08x}")
            node = children.get(f"__substg1.0_{tag:08x}")
            # A list that repeats itself names nothing new.
            if kind not in STRINGS:
                self._values.setdefault(key, (kind, listed[at + 8 : at + 16]))
            if kind & ~_MULTIPLE not in _KINDS:
                other.append(key)
            elif node is None and (kind in STRINGS or kind & _MULTIPLE):
                missing.append(key)
            # The size counts the end of a string, which stands in the stream of some writers only.
            elif node is not None and kind in _ENDS and size - node.size not in (0, _ENDS[kind]):
                other.append(key)
        self._told("properties without their value", missing)
        self._told("properties of another type or size than they should have", other)
        self._told("properties that the list lacks", [int(one[:4], 16) for one in streams])

    def _told(self, what: str, keys: list[int]) -> None:
        """Tell of properties: damage, but for named ones of which nothing is read."""
        read = self.names.read if keys else ()
        for lead, some in (
            (f"{DAMAGED}: ", [key for key in keys if key < _NAMED or key in read]),
            ("", [key for key in keys if key >= _NAMED and key not in read]),
        ):
            if unique := sorted(set(some)):
                named = ", ".join(f"{key:04X}" for key in unique[:10])
                self._repaired.append(f"{lead}{what}: {named}{', …' if len(unique) > 10 else ''}")

    def _damaged(self, what: str) -> None:
        self._repaired.append(f"{DAMAGED}: {what}")

    @property
    def found(self) -> bool:
        """Whether there is any property at all."""
        return bool(self._values) or any(n.startswith("__substg1.0_") for n in self._node.children)

    def get(self, key: int, /) -> tuple[int, bytes] | None:
        """Type and bytes of a property; raises LimitError."""
        for kind in (0x1F, 0x1E, 0x102):
            node = self._node.children.get(f"__substg1.0_{key:04x}{kind:04x}")
            if node is not None and node.is_stream:
                data = self._stream(node, f"property {key:04X}")
                if _blank(kind, key, data):
                    self._damaged(f"zeros in property {key:04X}")
                return kind, data
        if (known := self._values.get(key)) is not None and known[0] == MULTIPLE_BINARY:
            return MULTIPLE_BINARY, packed_binaries(list(self._binaries(key)))
        return known

    def _binaries(self, key: int) -> Iterator[bytes]:
        """The values of a property that has many (MS-OXMSG section 2.1.4.2)."""
        name = f"__substg1.0_{key:04x}{MULTIPLE_BINARY:04x}"
        sizes = self._node.children.get(name)
        for number in range(sizes.size // 8 if sizes is not None else 0):
            node = self._node.children.get(f"{name}-{number:08x}")
            if node is None:
                self._damaged(f"value {number + 1} of property {key:04X} is missing")
                return
            yield self._stream(node, f"property {key:04X}")

    def _stream(self, node: Node, what: str) -> bytes:
        data, whole = self._file.read(node)
        if not whole:
            self._damaged(f"{what} is cut off: {len(data):,} of {node.size:,} bytes")
        return data


def _blank(kind: int, key: int, data: bytes) -> bool:
    """Whether there are zeros in a text before its end, as where a sector was lost."""
    if kind == 0x1F:
        return "\0" in data.decode("utf-16-le", "ignore")[:-1]
    text = kind == 0x1E or (key == _HTML and data[:2] not in _UTF16_MARKS)
    return text and b"\0" in data[:-1]


class _Message(_Storage):
    """A message, which is a storage with a storage for each recipient and attachment.

    ``names`` are those of named properties.
    """

    def __init__(
        self,
        file: CompoundFile,
        node: Node,
        header: int,
        repaired: list[str],
        names: _Names,
    ) -> None:
        super().__init__(file, node, header, repaired, names)
        self._recipients = node.storages("__recip_version1.0_")
        self._attachments = node.storages("__attach_version1.0_")
        there = (len(self._recipients), len(self._attachments))
        for said, found, what in zip(
            self.said or there, there, ("recipients", "attachments"), strict=True
        ):
            if said != found:
                self._damaged(f"the message says {said} {what}: {found} are there")

    def recipients(self) -> Iterator[_Storage]:
        """The rows of the recipient table."""
        for node in self._recipients:
            yield _Storage(self._file, node, _ROW_HEADER, self._repaired, self.names)

    def attachments(self) -> Iterator[_Attachment]:
        """The attachments."""
        for node in self._attachments:
            yield _Attachment(self._file, node, self._repaired, self.names)

    def named(self) -> Iterator[tuple[str, int]]:
        """The header fields that are properties of their own: name and property id."""
        for key, name in self.names.headers.items():
            if self.get(key) is not None:
                yield name, key

    def appointment(self) -> dict[int, int]:
        """The ids of an appointment's named properties."""
        return self.names.appointment


@dataclass(slots=True, frozen=True)
class _Names:
    """What the file maps by name (MS-OXMSG section 2.2.3).

    ``headers``: header fields by property ids; ``appointment``: as of ``numbered``.
    """

    headers: dict[int, str]
    appointment: dict[int, int]

    @property
    def read(self) -> Set[int]:
        """The ids of what is read of them."""
        return self.headers.keys() | set(self.appointment.values())


def _names(file: CompoundFile) -> _Names:
    place = file.root.children.get("__nameid_version1.0")
    streams = [
        place.children.get(f"__substg1.0_000{number}0102") if place else None
        for number in (2, 3, 4)
    ]
    guids, entries, strings = (file.read(s)[0] if s and s.is_stream else b"" for s in streams)
    return _Names(_header_names(guids, entries, strings), numbered(guids, entries))


def _header_names(guids: bytes, entries: bytes, strings: bytes) -> dict[int, str]:
    found: dict[int, str] = {}
    for at in range(0, len(entries) - 7, 8):
        offset, kind, index = struct.unpack_from("<IHH", entries, at)
        # Of the sets of names two have a number of their own, the others stand in a list.
        set_at = 16 * ((kind >> 1) - 3)
        guid = guids[set_at : set_at + 16] if set_at >= 0 else b""
        if not kind & 1 or guid != _INTERNET_HEADERS or offset + 4 > len(strings):
            continue
        (size,) = struct.unpack_from("<I", strings, offset)
        name = strings[offset + 4 : offset + 4 + min(size, _MAX_NAME)].decode(
            "utf-16-le", "replace"
        )
        found.setdefault(0x8000 + index, name)
    return found


class _Attachment(_Storage):
    """An attachment; what is in it is a storage where it is a message or an OLE object."""

    def __init__(self, file: CompoundFile, node: Node, repaired: list[str], names: _Names) -> None:
        super().__init__(file, node, _ROW_HEADER, repaired, names)

    def _inner(self) -> Node | None:
        node = self._node.children.get("__substg1.0_3701000d")
        return node if node is not None and not node.is_stream else None

    def message(self) -> _Message | None:
        """The message that it is, if it is one."""
        inner = self._inner()
        if inner is None or _LIST not in inner.children:
            return None
        return _Message(self._file, inner, _EMBEDDED_HEADER, self._repaired, self.names)

    def files(self, name: str, repaired: list[str], _most: int) -> list[tuple[str, bytes]] | None:
        """The files of an OLE object."""
        inner = self._inner()
        return None if inner is None else ole_files(self._file, inner, name, repaired)

    def content(self, _most: int) -> bytes | None:
        """Its bytes: the file, which is held whole, bounds them."""
        kind, data = self.get(0x3701) or (0, b"")
        return data if kind == 0x102 else None
