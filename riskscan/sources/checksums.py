"""Checksum files beside an export, as claims to compare."""

from __future__ import annotations

from collections.abc import Iterator

from riskscan.sources.digests import KINDS, entry
from riskscan.sources.item import Claim, Event
from riskscan.sources.paper import Paper, counted, read_paper
from riskscan.sources.reading import Blob, Reading
from riskscan.sources.stream import Stream
from riskscan.sources.table import text_lines


class _Checksums(Paper):
    def claims(self, stream: Stream) -> Iterator[Claim]:
        count = 0
        for line in text_lines(stream):
            if (found := entry(line)) is None:
                continue
            count += 1
            digest, name = found
            about = self.origin.beside(name)
            yield Claim(self.origin.source, about, KINDS[len(digest)], digest)
        self.words = f"checksums of {counted(count, 'file')}"


def read_checksums(reading: Reading, blob: Blob) -> Iterator[Event]:
    """Yield what a checksum file claims, and that it is a companion."""
    yield from read_paper(_Checksums(blob.origin), reading, blob)
