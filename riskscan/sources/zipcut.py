"""A zip without its directory (cut off, most often): its members by their local headers.

The layout is that of PKWARE's APPNOTE.TXT, sections 4.3.7 (local header) and 4.3.9 (descriptor).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from riskscan.sources.item import Event, SourceError
from riskscan.sources.reading import Blob, Reading
from riskscan.sources.stream import CHUNK, Budget, Stream

_LOCAL = struct.Struct("<4s5H3L2H")
_MAGIC = b"PK\x03\x04"
_STORED, _DEFLATED = 0, 8


@dataclass(slots=True)
class _Header:
    name: str
    flags: int
    method: int
    size: int  # packed; -1 when it stands only in the descriptor after the data


class _Pushback:
    """A stream that bytes read too far can be given back to."""

    def __init__(self, inner: Stream) -> None:
        self._inner = inner
        self._back = b""
        self.at = 0

    def read(self, size: int, /) -> bytes:
        """Up to ``size`` bytes."""
        if self._back:
            data, self._back = self._back[:size], self._back[size:]
        else:
            data = self._inner.read(size)
        self.at += len(data)
        return data

    def give_back(self, data: bytes) -> None:
        """Take back the last bytes read."""
        self._back = data + self._back
        self.at -= len(data)

    def exactly(self, size: int) -> bytes:
        """``size`` bytes; raises SourceError when it ends before."""
        parts: list[bytes] = []
        while size:
            data = self.read(size)
            if not data:
                raise SourceError(f"the zip is cut off at byte {self.at:,}")
            parts.append(data)
            size -= len(data)
        return b"".join(parts)


class _Member:
    """The unpacked bytes of a member, stored or deflated."""

    def __init__(self, stream: _Pushback, header: _Header, budget: Budget) -> None:
        self._stream = stream
        self._left = header.size
        self._inflate = zlib.decompressobj(-15) if header.method == _DEFLATED else None
        self._budget = budget
        self._done = header.size == 0 and header.method == _STORED

    def read(self, size: int, /) -> bytes:
        """Up to ``size`` bytes; raises SourceError where it is cut off or damaged."""
        if self._done:
            return b""
        try:
            data = self._stored(size) if self._inflate is None else self._inflated(size)
        except zlib.error as error:
            self._done = True
            raise SourceError(f"the zip member is damaged ({error})") from error
        self._budget.spend(len(data))
        return data

    def _more(self, size: int) -> bytes:
        data = self._stream.read(size)
        if not data:
            raise SourceError(f"the zip is cut off at byte {self._stream.at:,}")
        return data

    def _stored(self, size: int) -> bytes:
        data = self._more(min(size, self._left))
        self._left -= len(data)
        self._done = not self._left
        return data

    def _inflated(self, size: int) -> bytes:
        inflate = self._inflate
        assert inflate is not None
        while not inflate.eof:
            fed = inflate.unconsumed_tail or self._more(CHUNK // 16)
            data = inflate.decompress(fed, size)
            if inflate.eof:
                self._stream.give_back(inflate.unused_data)
                self._done = True
            if data:
                return data
        return b""


def read_cut_zip(reading: Reading, blob: Blob, stream: Stream) -> Iterator[Event]:
    """Yield what the members hold as far as the zip goes, in its order, and where it ends.

    Raises LimitError.
    """
    source = _Pushback(stream)
    try:
        while header := _next_header(source):
            reading.budget.member()
            inner = blob.origin.member(header.name)
            if header.flags & 0x1 or header.method not in (_STORED, _DEFLATED):
                raise SourceError(f"{header.name}: encrypted, or packed in a way that is not read")
            if header.size < 0 and header.method == _STORED:
                raise SourceError(f"{header.name}: stored without its size")
            member = _Member(source, header, reading.budget)
            if not header.name.endswith("/"):
                yield from reading.read(Blob(inner, member, blob.depth + 1))
            while member.read(CHUNK):
                pass
            if header.size < 0:
                _skip_descriptor(source)
        raise SourceError(f"the zip is cut off at byte {source.at:,}")
    except SourceError as error:
        reason = f"the zip has no directory, its members were read one by one: {error}"
        yield from reading.stopped(blob.origin, type(error)(reason))


def _next_header(source: _Pushback) -> _Header | None:
    magic = source.read(4)
    if not magic:
        return None
    source.give_back(magic)
    if magic != _MAGIC[: len(magic)]:
        raise SourceError(f"no member at byte {source.at:,}")
    fixed = _LOCAL.unpack(source.exactly(_LOCAL.size))
    _, _, flags, method, _, _, _, packed, _, name_size, extra_size = fixed
    name = source.exactly(name_size).decode("utf-8" if flags & 0x800 else "cp437", "replace")
    extra = source.exactly(extra_size)
    size = packed
    if packed == 0xFFFFFFFF:
        size = _wide_size(extra)
    if flags & 0x8:
        size = -1
    return _Header(name, flags, method, size)


def _wide_size(extra: bytes) -> int:
    """The packed size in a zip64 extra field, after the unpacked one."""
    at = 0
    while at + 4 <= len(extra):
        tag, size = struct.unpack_from("<2H", extra, at)
        if tag == 1 and size >= 16 and at + 20 <= len(extra):
            wide: int = struct.unpack_from("<Q", extra, at + 12)[0]
            return wide
        at += 4 + size
    raise SourceError("a member's size is missing")


def _skip_descriptor(source: _Pushback) -> None:
    """Pass over a data descriptor: with or without its magic, sizes of 4 or 8 bytes."""
    parts = []
    have = 0
    while have < 28 and (data := source.read(28 - have)):
        parts.append(data)
        have += len(data)
    seen = b"".join(parts)
    # The shapes by length; what follows must be a header, the directory or the end.
    for size in (16, 24, 12, 20):
        if size <= len(seen) and (size == len(seen) or seen[size : size + 2] == b"PK"):
            source.give_back(seen[size:])
            return
    raise SourceError(f"the zip is damaged or cut off at byte {source.at:,}")
