"""Chat files with the posts in one JSON list: each post is read by itself, in their order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from riskscan.sources.item import Event, SourceError
from riskscan.sources.jsoncut import Cut, cut
from riskscan.sources.reading import Blob, Reading
from riskscan.sources.stream import Hashing


class Posts(Protocol):
    """The posts of one file; ``seen`` counts them."""

    seen: int

    def events(self, one: Cut) -> Iterator[Event]:
        """What one element of the list is."""

    def without_words(self) -> Iterator[Event]:
        """One event for all posts in which nobody says anything."""


def read_posts(
    reading: Reading, blob: Blob, lists: frozenset[str], posts: Posts, empty: str
) -> Iterator[Event]:
    """Yield the posts of a file; ``lists`` as ``cut`` takes it, ``empty`` is said where none is."""
    hashing = Hashing(blob.stream)
    try:
        for one in cut(hashing, lists):
            yield from posts.events(one)
        hashing.drain()
    except SourceError as error:
        yield from posts.without_words()
        yield from reading.stopped(
            blob.origin, error, size=hashing.size, sha256=hashing.sha256,
            before="not read to its end, the posts before it were: ",
        )  # fmt: skip
        return
    if not posts.seen:
        yield from reading.not_read(
            blob.origin, empty, size=hashing.size, sha256=hashing.sha256, lost=False
        )
    yield from posts.without_words()
