"""An export's own lists: the frame in which vault.py and purview.py read them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator

from riskscan.sources.item import Claim, Event, LimitError, NotRead, SourceError
from riskscan.sources.names import Origin
from riskscan.sources.reading import Blob, Reading
from riskscan.sources.stream import Hashing, Stream

_ID_MAX = 998  # characters of a line, RFC 5322 section 2.1.1


class Paper(ABC):
    """One list of an export, read once, front to back; ``words`` then say what it is."""

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self.words = ""

    @abstractmethod
    def claims(self, stream: Stream) -> Iterator[Claim | NotRead]:
        """Yield the claims, and what the export lacks by its own word.

        Raises SourceError where the list cannot be read on.
        """

    def claim(self, root: Origin, path: str, kind: str, expected: str) -> Iterator[Claim]:
        """The claim about ``path`` in the folder of ``root``; "" is all in that folder.

        None for a list that was given without its folder: nothing lies beside it.
        """
        if root.folder_source:
            yield Claim(self.origin.source, root.beside(path), kind, expected)


def read_paper(paper: Paper, reading: Reading, blob: Blob) -> Iterator[Event]:
    """Yield the claims of a list, and that it is a companion."""
    origin = blob.origin
    hashing = Hashing(blob.stream)
    try:
        for claim in paper.claims(hashing):
            if not reading.passes():
                yield claim
        hashing.drain()
    except SourceError as error:
        fault = _to_the_end(hashing, error)
        before = "an export's own list, read in part: "
        yield from reading.stopped(
            origin, fault, before=before, size=hashing.size, sha256=hashing.sha256
        )
        return
    yield from reading.not_read(
        origin, paper.words, size=hashing.size, sha256=hashing.sha256, lost=False
    )


def _to_the_end(hashing: Hashing, error: SourceError) -> SourceError:
    """Hash what follows the fault too; the fault that reading ended at."""
    if isinstance(error, LimitError):
        return error
    try:
        hashing.drain()
    except LimitError as limit:
        return limit
    except SourceError:
        pass  # the first fault is told
    return error


def counted(count: int, noun: str) -> str:
    """``3 messages``, ``1 message``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def message_id(value: str) -> str:
    """A Message-ID with its angle brackets, as it stands in the message; "" for none."""
    bare = "".join(value.split()).strip("<>")
    return f"<{bare}>" if bare and len(bare) <= _ID_MAX else ""
