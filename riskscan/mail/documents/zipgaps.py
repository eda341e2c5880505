"""Bytes of a zip that its directory does not speak of: removed members, files joined to it.

The layout is that of PKWARE's APPNOTE.TXT, sections 4.3.6 (the whole) and 4.3.7 (local header).
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator
from typing import IO

UNNAMED = "bytes that the zip's directory does not name: a removed member, or joined files"
_CHUNK = 1 << 20
_LOCAL = 30
"""Bytes of a local header: fewer, as a data descriptor has, hold no member."""
_END = 22
_COMMENT_MAX = 65535


def unnamed(file: IO[bytes], archive: zipfile.ZipFile) -> Iterator[tuple[int, int]]:
    """Start and end of each stretch that is in no member, directory or end record.

    Stretches of zeros, which align members, are passed over. Raises OSError.
    """
    at = 0
    for start, end in _members(file, archive):
        yield from _stretch(file, at, start)
        at = max(at, end)
    yield from _stretch(file, at, archive.start_dir)
    size = file.seek(0, 2)
    file.seek(max(0, size - _END - _COMMENT_MAX))
    tail = file.read(_END + _COMMENT_MAX)
    if (found := tail.rfind(b"PK\x05\x06")) >= 0:
        yield from _stretch(file, size - len(tail) + found + _END + len(archive.comment), size)


def _members(file: IO[bytes], archive: zipfile.ZipFile) -> Iterator[tuple[int, int]]:
    """Where each member starts and ends, by its place in the file."""
    for info in sorted(archive.infolist(), key=lambda i: i.header_offset):
        start = info.header_offset
        if not 0 <= start < archive.start_dir:
            continue
        file.seek(start)
        header = file.read(_LOCAL)
        if len(header) < _LOCAL or not header.startswith(b"PK\x03\x04"):
            continue
        name, extra = struct.unpack_from("<2H", header, 26)
        yield start, min(start + _LOCAL + name + extra + info.compress_size, archive.start_dir)


def _stretch(file: IO[bytes], start: int, end: int) -> Iterator[tuple[int, int]]:
    if end - start < _LOCAL:
        return
    file.seek(start)
    at = start
    while at < end and (data := file.read(min(_CHUNK, end - at))):
        if data.strip(b"\0"):
            yield start, end
            return
        at += len(data)
