"""OLE objects in messages: the files that are packed in them (MS-OLEDS)."""

from __future__ import annotations

import struct

from riskscan.mail.charset import to_text
from riskscan.sources.cfb import CompoundFile, Node
from riskscan.sources.item import SourceError

# Streams that say how an object looks and what made it, not what it holds.
_ABOUT = ("\x01compobj", "\x01ole", "\x03", "\x02olepres")
_MAX_STREAMS = 1000


def ole_files(
    file: CompoundFile, storage: Node, name: str, repaired: list[str]
) -> list[tuple[str, bytes]]:
    """The files of an OLE object, each with a name.

    That is the file of a packaged one, else every stream there is, named by its path.
    """
    package = storage.children.get("\x01ole10native")
    if package is not None and package.is_stream:
        data, whole = file.read(package)
        if not whole:
            repaired.append(f"the OLE object {name[:80]!r} is cut off")
        return [_packaged(data, name)]
    found: list[tuple[str, bytes]] = []
    waiting = [(node, name) for node in storage.children.values()]
    while waiting and len(found) < _MAX_STREAMS:
        node, path = waiting.pop()
        if not node.is_stream:
            waiting += [(child, f"{path} {node.name}") for child in node.children.values()]
        elif not node.name.lower().startswith(_ABOUT):
            data, whole = file.read(node)
            if not whole:
                repaired.append(f"the OLE object {name[:80]!r} is cut off")
            found.append((f"{path} {node.name}".strip(), data))
    if waiting:
        repaired.append(f"the OLE object {name[:80]!r} has more than {_MAX_STREAMS} streams")
    return sorted(found)


def files_in_object(data: bytes, name: str, repaired: list[str]) -> list[tuple[str, bytes]]:
    """The same of an object that is a compound file; the object itself where it is none."""
    try:
        file = CompoundFile(data)
        return ole_files(file, file.root, name, repaired)
    except SourceError as error:
        repaired.append(f"the OLE object {name[:80]!r} cannot be read: {error}")
        return [(name, data)]


def _packaged(data: bytes, name: str) -> tuple[str, bytes]:
    """Name and bytes out of an Ole10Native stream; the stream itself where it is not a package.

    Four bytes size, two of kind (2), label and path (each ended by NUL), eight of marks, the
    temporary path with its length, the length of the file, the file.
    """
    try:
        label_end = data.index(b"\0", 6)
        path_end = data.index(b"\0", label_end + 1)
        (length,) = struct.unpack_from("<I", data, path_end + 5)
        at = path_end + 9 + length
        (size,) = struct.unpack_from("<I", data, at)
    except (ValueError, struct.error):
        return name, data[4:]
    if data[4:6] != b"\x02\0" or not 0 < size <= len(data) - at - 4:
        return name, data[4:]
    label = to_text(data[6:label_end])[0].replace("\\", "/").rsplit("/", 1)[-1]
    return label or name, data[at + 4 : at + 4 + size]
