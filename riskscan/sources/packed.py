"""gz, bz2 and xz around any other format; no room of their own in a source's name."""

from __future__ import annotations

from collections.abc import Iterator

from riskscan.sources.item import Event, SourceError
from riskscan.sources.names import Origin
from riskscan.sources.reading import Blob, Reader, Reading
from riskscan.sources.stream import Decompressed, Hashing, Stream

# gz in gz in gz: more is a trick, not an export.
_WRAPS_MAX = 3


def reader_of(kind: str) -> Reader:
    """The reader for ``gz``, ``bz2`` or ``xz``."""

    def read(reading: Reading, blob: Blob) -> Iterator[Event]:
        if blob.wraps >= _WRAPS_MAX:
            yield from reading.not_read(
                blob.origin, f"compressed more than {_WRAPS_MAX} times over"
            )
            return
        inner = Decompressed(blob.stream, kind, reading.budget)
        yield from reading.read(Blob(blob.origin, inner, blob.depth, blob.wraps + 1))
        if inner.follows is not None:
            yield from _behind(reading, blob.origin, kind, inner.follows)

    return read


def _behind(reading: Reading, origin: Origin, kind: str, stream: Stream) -> Iterator[Event]:
    hashing = Hashing(stream)
    reason = f"the {kind} data ends, but other bytes follow it"
    try:
        hashing.drain()
    except SourceError as error:
        yield from reading.stopped(
            origin, error, before=f"{reason}; ", size=hashing.size, sha256=hashing.sha256
        )
        return
    yield from reading.not_read(
        origin, reason, place="behind its end", size=hashing.size, sha256=hashing.sha256
    )
