"""Reading bytes: streams that say in words why they broke, decompression, bounds, hashes."""

from __future__ import annotations

import bz2
import hashlib
import lzma
import os
import stat
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, BinaryIO, Protocol

from riskscan.sources import remote
from riskscan.sources.item import MIB, LimitError, Limits, SourceError

CHUNK = MIB
_PIECE = 64 * 1024


class Stream(Protocol):
    """Bytes read front to back; ``read`` gives b"" at the end and raises SourceError."""

    def read(self, size: int, /) -> bytes:
        """Up to ``size`` bytes, fewer only when fewer are there for now."""


def why(error: OSError) -> str:
    """An operating system's error in words, without a path."""
    return (error.strerror or str(error) or type(error).__name__).lower()


def open_file(path: Path) -> BinaryIO:
    """Open a regular file read-only, following no link at any part; raises SourceError.

    The file may stand for an object of a remote place (remote.py), which is opened then.
    """
    if (object_there := remote.opened(path)) is not None:
        return object_there

    def opener(name: str, flags: int) -> int:
        more = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        return os.open(name, flags | more)

    try:
        file = open(path, "rb", buffering=0, opener=opener)  # noqa: SIM115
    except OSError as error:
        raise SourceError(f"cannot be opened: {why(error)}") from error
    try:
        _check(path, os.fstat(file.fileno()))
    except (SourceError, OSError) as error:
        file.close()
        if isinstance(error, SourceError):
            raise
        raise SourceError(f"cannot be opened: {why(error)}") from error
    return file


def _check(path: Path, opened: os.stat_result) -> None:
    """Raise SourceError unless what was opened is a regular file that lies at this very path.

    Between walking and opening, a folder above may have become a link that leads elsewhere.
    """
    if not stat.S_ISREG(opened.st_mode):
        raise SourceError("not a regular file")
    folder = os.path.dirname(path)  # noqa: PTH120 (of every file: pathlib takes longer)
    if folder and _known.get(folder) != _identity(folder):
        _refuse_links(folder)
        if len(_known) >= _KNOWN_MAX:
            _known.clear()
        _known[folder] = _identity(folder)
    if not os.path.samestat(os.lstat(path), opened):
        raise SourceError("the file has changed since it was opened")


# Folders with no link on their way, by their place: what is the same folder still needs no second
# look at all those above it.
_known: dict[str, tuple[int, int]] = {}
_KNOWN_MAX = 1_000


def _identity(folder: str) -> tuple[int, int]:
    found = os.lstat(folder)
    return found.st_dev, found.st_ino


def _refuse_links(folder: str) -> None:
    """Raise SourceError where a folder or one above it is a link."""
    place, below = folder, ""
    while place not in ("", below):
        if stat.S_ISLNK(os.lstat(place).st_mode):
            raise SourceError("a symbolic link on its way, not followed")
        place, below = os.path.dirname(place), place  # noqa: PTH120


@contextmanager
def opened_file(path: Path) -> Iterator[Stream]:
    """The bytes of a regular file, closed at the end; raises SourceError."""
    with open_file(path) as file:
        yield FileStream(file)


class FileStream:
    """A file on disk as a stream."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._at = 0

    def read(self, size: int, /) -> bytes:
        """Up to ``size`` bytes; raises SourceError when the disk fails."""
        try:
            data = self._file.read(size)
        except OSError as error:
            raise SourceError(f"reading failed at byte {self._at}: {why(error)}") from error
        self._at += len(data)
        return data


class Budget:
    """Counts what a unit unpacks to and stops at the limits (all layers added up)."""

    def __init__(self, limits: Limits, size: int) -> None:
        self._limits = limits
        self._size = max(size, 1)
        self._spent = 0
        self._members = 0
        self.bomb = f"unpacks to more than {limits.ratio} times its size: a bomb, it seems"

    def spend(self, size: int) -> None:
        """Count ``size`` unpacked bytes; raises LimitError."""
        self._spent += size
        if self._spent > self._limits.total:
            raise LimitError(f"unpacks to more than {self._limits.total:,} bytes")
        # Twice what one stream may, so that the other members are read behind a bomb.
        if self._spent > 2 * self.most(self._size):
            raise LimitError(self.bomb)

    def stream(self, size: int) -> None:
        """Check what one stream unpacked to so far; raises LimitError."""
        if size > self.most(self._size):
            raise LimitError(self.bomb)

    def most(self, size: int) -> int:
        """Bytes that one member of ``size`` packed bytes may unpack to."""
        return max(self._limits.ratio_from, self._limits.ratio * size)

    def member(self) -> None:
        """Count one archive member; raises LimitError."""
        self._members += 1
        if self._members > self._limits.members:
            raise LimitError(f"holds more than {self._limits.members:,} members")


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class _Zlib:
    """zlib's decompressor with the shape of bz2's and lzma's: it keeps what it did not use."""

    def __init__(self, wbits: int) -> None:
        self._inner = zlib.decompressobj(wbits)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        tail = self._inner.unconsumed_tail
        return self._inner.decompress(tail + data if tail else data, max_length)


def _xz() -> _Decompressor:
    # memlimit: an .xz header may ask for a dictionary of 4 GiB.
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=128 * MIB)


_MAKERS: dict[str, tuple[bytes, Callable[[], _Decompressor]]] = {
    "gz": (b"\x1f\x8b", lambda: _Zlib(31)),
    "bz2": (b"BZh", bz2.BZ2Decompressor),
    "xz": (b"\xfd7zXZ\x00", _xz),
}


class Decompressed:
    """What a gz, bz2 or xz stream unpacks to (all its members), whatever comes before a cut.

    ``follows``, after the end: bytes behind it that are no further member.
    Raises SourceError where it is cut off or damaged, LimitError at the bounds.
    """

    def __init__(self, inner: Stream, kind: str, budget: Budget) -> None:
        self._inner = inner
        self._kind = kind
        self._magic, self._make = _MAKERS[kind]
        self._budget = budget
        self._decompressor: _Decompressor | None = self._make()
        self._left = b""
        self._at = 0
        self._error: SourceError | None = None
        self.follows: Stream | None = None

    def read(self, size: int, /) -> bytes:
        """Up to ``size`` unpacked bytes."""
        if self._left:
            data, self._left = self._left[:size], self._left[size:]
            return data
        if self._error is not None:
            raise self._error
        try:
            # Small pieces cost as much as large ones.
            data = self._read(max(size, _PIECE))
        except SourceError as error:
            self._error = error
            raise
        except (zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, MemoryError) as error:
            self._error = SourceError(
                f"{self._kind} data is damaged after {self._at:,} unpacked bytes ({error})"
            )
            raise self._error from error
        self._at += len(data)
        self._budget.spend(len(data))
        self._budget.stream(self._at)
        if len(data) > size:
            data, self._left = data[:size], data[size:]
        return data

    def _read(self, size: int) -> bytes:
        fed = b""
        while self._decompressor is not None:
            if self._decompressor.eof:
                fed = self._next_member(self._decompressor.unused_data)
                continue
            data = self._decompressor.decompress(fed, size)
            if data:
                return data
            if self._decompressor.eof:
                continue
            fed = self._inner.read(_PIECE)
            if not fed:
                raise SourceError(f"{self._kind} data is cut off after {self._at:,} unpacked bytes")
        return b""

    def _next_member(self, rest: bytes) -> bytes:
        """Start on the member that follows, or end: padding with zeros is allowed."""
        rest = rest.lstrip(b"\0")
        while len(rest) < len(self._magic):
            more = self._inner.read(_PIECE)
            if not more:
                break
            rest = (rest + more).lstrip(b"\0") if not rest else rest + more
        if not rest:
            self._decompressor = None
            return b""
        if not rest.startswith(self._magic):
            # What was unpacked is whole: its check sum was right.
            self._decompressor = None
            self.follows = Peeked(rest, self._inner)
            return b""
        self._decompressor = self._make()
        return rest


class Peeked:
    """A stream whose first bytes were read ahead."""

    def __init__(self, head: bytes, inner: Stream, error: SourceError | None = None) -> None:
        self._head = head
        self._at = 0
        self._inner = inner
        self._error = error

    def read(self, size: int, /) -> bytes:
        """Up to ``size`` bytes, the head first."""
        if self._at < len(self._head):
            data = self._head[self._at : self._at + size]
            self._at += len(data)
            return data
        self._head, self._at = b"", 0
        if self._error is not None:
            raise self._error
        return self._inner.read(size)


def peek(stream: Stream, size: int) -> tuple[bytes, Stream]:
    """The first ``size`` bytes (fewer at the end, or where it breaks) and the whole stream."""
    parts: list[bytes] = []
    have = 0
    error: SourceError | None = None
    while have < size:
        try:
            data = stream.read(min(size - have, CHUNK))
        except SourceError as caught:
            error = caught
            break
        if not data:
            break
        parts.append(data)
        have += len(data)
    head = b"".join(parts)
    return head, Peeked(head, stream, error)


class Hashing:
    """A stream that hashes and counts what passes through it."""

    def __init__(self, inner: Stream) -> None:
        self._inner = inner
        self._hash = hashlib.sha256()
        self.size = 0

    def read(self, size: int, /) -> bytes:
        """Up to ``size`` bytes of the inner stream."""
        data = self._inner.read(size)
        self._hash.update(data)
        self.size += len(data)
        return data

    def drain(self) -> None:
        """Read on to the end, keeping nothing."""
        while self.read(CHUNK):
            pass

    @property
    def sha256(self) -> str:
        """The hash (hex) of the bytes so far."""
        return self._hash.hexdigest()


def digest_of(path: Path) -> tuple[str, int]:
    """SHA-256 and size of a file on disk; ("", 0) when it cannot be read."""
    try:
        with open_file(path) as file:
            hashing = Hashing(FileStream(file))
            hashing.drain()
            return hashing.sha256, hashing.size
    except SourceError:
        return "", 0
