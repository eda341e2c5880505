"""Reading one unit: bounds, position and the dispatch from a format to what reads it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

from riskscan.sources.item import Event, LimitError, Limits, NotRead, SourceError, failed
from riskscan.sources.names import Origin
from riskscan.sources.sniff import Sniffed, sniff
from riskscan.sources.stream import CHUNK, Budget, FileStream, Hashing, Stream, open_file
from riskscan.sources.volume import Volume
from riskscan.sources.whatsappmedia import Media


@dataclass(slots=True)
class Blob:
    """Bytes to be read, and where they come from.

    ``depth`` counts the archives around them, ``wraps`` the compressions since the last one.
    ``file`` is the open file, when the bytes are those of a file that can be sought in;
    ``volume`` the files beside it, where a load file may name some.
    """

    origin: Origin
    stream: Stream
    depth: int = 0
    wraps: int = 0
    file: BinaryIO | None = None
    volume: Volume | None = None


Reader = Callable[["Reading", Blob], Iterator[Event]]


class Reading:
    """One pass over a unit: its limits, how much was unpacked, how many events to pass over."""

    def __init__(
        self, readers: dict[str, Reader], limits: Limits, size: int, skip: int = 0
    ) -> None:
        self._readers = readers
        self._skip = skip
        # What a chat export's own lists say, by the source of the folder that holds them.
        self.around: dict[str, object] = {}
        # The files beside a WhatsApp chat that its posts name, likewise.
        self.media: dict[str, Media] = {}
        self.limits = limits
        self.budget = Budget(limits, size)

    def passes(self) -> bool:
        """Whether the event at hand was done before; to be asked once for every event."""
        if self._skip > 0:
            self._skip -= 1
            return True
        return False

    def apart(self) -> Reading:
        """A reading of its own inside this one, in the same bounds, that passes over nothing."""
        inner = Reading(self._readers, self.limits, 0)
        inner.budget = self.budget
        return inner

    def read_as(self, kind: str, blob: Blob) -> Iterator[Event]:
        """Yield what is inside a blob of a known format; raises LimitError."""
        try:
            yield from self._readers[kind](self, blob)
        except (SourceError, OSError):
            raise
        except Exception as error:
            # Promise 1: a fault of ours is told as the reason, and loses what it was reading.
            yield from self.not_read(blob.origin, failed(error))

    @property
    def to_pass(self) -> int:
        """How many events are still to be passed over."""
        return self._skip

    def not_read(
        self,
        origin: Origin,
        reason: str,
        *,
        place: str = "",
        size: int = 0,
        sha256: str = "",
        lost: bool = True,
    ) -> Iterator[NotRead]:
        """The event that something was not read (nothing when it is passed over)."""
        if not self.passes():
            yield NotRead(origin.source, place, reason, size, sha256, lost)

    def stopped(
        self,
        origin: Origin,
        error: SourceError,
        *,
        before: str = "",
        size: int = 0,
        sha256: str = "",
    ) -> Iterator[NotRead]:
        """The event that reading stopped at an error; raises it on when it is a LimitError."""
        yield from self.not_read(origin, f"{before}{error}", size=size, sha256=sha256)
        if isinstance(error, LimitError):
            raise error

    def spooled(self, blob: Blob, spool: IO[bytes], what: str) -> Generator[NotRead, None, bool]:
        """Write a blob to a file that can be sought in; gives False, and says why, where not."""
        size = 0
        try:
            while data := blob.stream.read(CHUNK):
                size += len(data)
                if size > self.limits.spool:
                    raise SourceError(
                        f"{what} inside another file is larger than {self.limits.spool:,} bytes"
                    )
                spool.write(data)
            spool.flush()
        except SourceError as error:
            yield from self.stopped(blob.origin, error, size=size)
            return False
        return True

    def attached(self, blob: Blob) -> Iterator[NotRead]:
        """The event for a file that a chat's posts name: it is read with them, as attachment."""
        hashing = Hashing(blob.stream)
        try:
            hashing.drain()
        except SourceError as error:
            yield from self.stopped(blob.origin, error, size=hashing.size, sha256=hashing.sha256)
            return
        reason = "attached to a post of the chat beside it"
        yield from self.not_read(
            blob.origin, reason, size=hashing.size, sha256=hashing.sha256, lost=False
        )

    def read(self, blob: Blob) -> Iterator[Event]:
        """Tell what a blob is and yield what is inside; raises LimitError only.

        ``size`` and ``sha256`` of a NotRead are of what could be read.
        """
        try:
            found, blob.stream = sniff(blob.stream, blob.origin)
        except SourceError as error:
            yield from self.stopped(blob.origin, error)
            return
        if found.kind in self._readers:
            yield from self.read_as(found.kind, blob)
        else:
            yield from self.unknown(blob, found)

    def unknown(self, blob: Blob, found: Sniffed) -> Iterator[NotRead]:
        """The event for bytes of no format that is read, hashed to their end."""
        hashing = Hashing(blob.stream)
        reason, lost = reason_for(found)
        try:
            hashing.drain()
        except SourceError as error:
            yield from self.stopped(
                blob.origin, error, before=f"{reason}; ", size=hashing.size, sha256=hashing.sha256
            )
            return
        yield from self.not_read(
            blob.origin, reason, size=hashing.size, sha256=hashing.sha256, lost=lost
        )


def read_file(
    reading: Reading, path: Path, origin: Origin, volume: Volume | None = None
) -> Iterator[Event]:
    """Yield what a file on disk holds; never raises for the data."""
    try:
        with open_file(path) as file:
            try:
                yield from reading.read(Blob(origin, FileStream(file), file=file, volume=volume))
            except LimitError as error:
                yield from reading.not_read(origin, f"not read on: {error}")
    except SourceError as error:
        yield from reading.not_read(origin, str(error))


def reason_for(found: Sniffed) -> tuple[str, bool]:
    """Why a file of no format that is read was not read, and whether that is a loss."""
    if found.kind == "empty":
        return "empty file", False
    if found.kind == "companion":
        return f"a companion file, no mail: {found.looks_like}", False
    return f"not a mail format that riskscan reads: looks like {found.looks_like}", True
