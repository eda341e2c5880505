"""zip and tar: members read as a stream, in bounded memory, never written to disk by name."""

from __future__ import annotations

import lzma
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import IO

from riskscan.mail.documents.zipgaps import UNNAMED, unnamed
from riskscan.sources.item import MIB, Event, LimitError, SourceError
from riskscan.sources.reading import Blob, Reading
from riskscan.sources.slackspace import is_list, learn_lists, learn_uploads, uploads_of
from riskscan.sources.slackuploads import identity_of
from riskscan.sources.stream import CHUNK, Budget, FileStream, Hashing, Stream
from riskscan.sources.volume import Volume
from riskscan.sources.whatsapp import learn_media
from riskscan.sources.whatsappmedia import MEDIA_MAX, is_chat
from riskscan.sources.zipcut import read_cut_zip

_BLOCK = 512
# Names and extended headers longer than this are an attack.
_NAME_MAX = MIB
_DIRECTORY_ENTRY = 46
# What zipfile raises on bytes that are not as they should be.
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    IndexError,
)


def _too_deep(reading: Reading, blob: Blob) -> str:
    if blob.depth < reading.limits.depth:
        return ""
    return f"archives are nested more than {reading.limits.depth} deep"


# ---- zip


class _ZipMember:
    """The unpacked bytes of a zip member."""

    def __init__(self, file: IO[bytes], packed: int, budget: Budget) -> None:
        self._file = file
        self._budget = budget
        self._most = budget.most(packed)
        self._at = 0

    def read(self, size: int, /) -> bytes:
        """Up to ``size`` bytes; raises SourceError where it is cut off, damaged or a bomb."""
        try:
            data = self._file.read(min(size, self._most - self._at + 1))
        except (*_DAMAGED, MemoryError) as error:
            raise SourceError(
                f"the zip member is cut off or damaged after {self._at:,} bytes ({error})"
            ) from error
        self._at += len(data)
        self._budget.spend(len(data))
        if self._at > self._most:
            raise SourceError(self._budget.bomb)
        return data


def read_zip(reading: Reading, blob: Blob) -> Iterator[Event]:
    """Yield what a zip's members hold, in the order of their names; raises LimitError."""
    if deep := _too_deep(reading, blob):
        yield from reading.not_read(blob.origin, deep)
        return
    if blob.file is not None:
        yield from _zip_members(reading, blob, blob.file)
        return
    with tempfile.SpooledTemporaryFile(max_size=16 * MIB) as spool:
        if (yield from reading.spooled(blob, spool, "a zip")):
            yield from _zip_members(reading, blob, spool)


def _directory_size(file: IO[bytes]) -> int:
    """The size that a zip's end record gives for its directory, -1 when there is none."""
    size = file.seek(0, 2)
    file.seek(max(0, size - 65536 - 22))
    tail = file.read(65536 + 22)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < 22:
        return -1
    told: int = struct.unpack_from("<L", tail, at + 12)[0]
    if told == 0xFFFFFFFF and (wide := tail.rfind(b"PK\x06\x06", 0, at)) >= 0 and (at - wide >= 56):
        told = struct.unpack_from("<Q", tail, wide + 40)[0]
    return told


def _zip_members(reading: Reading, blob: Blob, file: IO[bytes]) -> Iterator[Event]:
    # It reads through READERS, which this module is part of.
    from riskscan.sources.ziploads import member_loads

    origin = blob.origin
    try:
        # zipfile holds the whole directory: bound it before.
        if _directory_size(file) > reading.limits.members * 2 * _DIRECTORY_ENTRY:
            raise LimitError(f"holds more than {reading.limits.members:,} members")
        archive = zipfile.ZipFile(file)
    except (*_DAMAGED, NotImplementedError) as error:
        if not isinstance(error, zipfile.BadZipFile):
            yield from reading.not_read(origin, f"the zip cannot be read ({error})")
            return
        file.seek(0)
        yield from read_cut_zip(reading, blob, FileStream(file))
        return
    with archive:
        infos = sorted(archive.infolist(), key=lambda i: (i.filename, i.header_offset))
        files = [i for i in infos if not i.filename.endswith("/")]
        # Which of them posts name is known behind the posts.
        files.sort(key=lambda i: bool(identity_of(i.filename)))
        openers = {i.filename: _opener(reading, archive, i) for i in files}
        lists = {n: o for n, o in openers.items() if is_list(n.rpartition("/")[2])}
        # A Slack export's lists must be known before its posts, and the files that a WhatsApp
        # chat's posts name before these files: names sort in any order.
        learn_lists(reading, {blob.origin.member(n): opener for n, opener in lists.items()})
        several = Counter(origin.member(i.filename) for i in files)
        named_once = {o: op for n, op in openers.items() if several[o := origin.member(n)] == 1}
        uploaded = {o: op for o, op in named_once.items() if uploads_of(reading, o)}
        learn_uploads(reading, uploaded)
        if len(files) <= MEDIA_MAX and any(is_chat(n.rpartition("/")[2]) for n in openers):
            learn_media(reading, named_once)
        volumes, named = member_loads(reading, blob, openers)
        read: set[str] = set()
        for info in files:
            reading.budget.member()
            if info.filename in named and info.filename not in read:
                read.add(info.filename)  # with the load file that names it
                continue
            yield from _zip_member(reading, blob, archive, info, volumes.get(info.filename))
        try:
            for start, size, digest in _gaps(file, archive):
                place = f"offset {start}+{size}"
                yield from reading.not_read(origin, UNNAMED, place=place, size=size, sha256=digest)
        except (OSError, SourceError) as error:
            yield from reading.not_read(origin, f"the zip cannot be read to its end ({error})")


def _gaps(file: IO[bytes], archive: zipfile.ZipFile) -> Iterator[tuple[int, int, str]]:
    """Start, size and SHA-256 of what the directory does not name; raises OSError, SourceError."""
    for start, end in unnamed(file, archive):
        file.seek(start)
        hashing = Hashing(FileStream(file))
        while (left := end - start - hashing.size) and hashing.read(min(CHUNK, left)):
            pass
        yield start, hashing.size, hashing.sha256


def _opener(
    reading: Reading, archive: zipfile.ZipFile, info: zipfile.ZipInfo
) -> Callable[[], AbstractContextManager[Stream]]:
    @contextmanager
    def opened() -> Iterator[Stream]:
        if (info.external_attr >> 16) & 0o170000 == 0o120000:
            raise SourceError("a symbolic link")
        if info.flag_bits & 0x1:
            raise SourceError("encrypted: needs a password")
        try:
            member = archive.open(info)
        except (*_DAMAGED, NotImplementedError, RuntimeError) as error:
            raise SourceError(str(error)) from error
        with member:
            yield _ZipMember(member, info.compress_size, reading.budget)

    return opened


def _zip_member(
    reading: Reading,
    blob: Blob,
    archive: zipfile.ZipFile,
    info: zipfile.ZipInfo,
    volume: Volume | None = None,
) -> Iterator[Event]:
    inner = blob.origin.member(info.filename)
    if (info.external_attr >> 16) & 0o170000 == 0o120000:
        yield from reading.not_read(inner, "a symbolic link", size=info.file_size)
        return
    if info.flag_bits & 0x1:
        yield from reading.not_read(inner, "encrypted: needs a password", size=info.file_size)
        return
    try:
        member = archive.open(info)
    except (*_DAMAGED, NotImplementedError, RuntimeError) as error:
        yield from reading.not_read(
            inner, f"the zip member cannot be unpacked ({error})", size=info.file_size
        )
        return
    with member:
        stream = _ZipMember(member, info.compress_size, reading.budget)
        media = reading.media.get(inner.folder_source)
        uploads = uploads_of(reading, inner)
        if (media is not None and inner.name in media.files) or (
            uploads is not None and uploads.is_read(inner.folders[-1], inner.name)
        ):
            yield from reading.attached(Blob(inner, stream, blob.depth + 1))
            return
        yield from reading.read(Blob(inner, stream, blob.depth + 1, volume=volume))


# ---- tar


class _TarMember:
    """The bytes of a tar member, read from the tar's own stream."""

    def __init__(self, stream: Stream, size: int) -> None:
        self._stream = stream
        self.left = size

    def read(self, size: int, /) -> bytes:
        """Up to ``size`` bytes; raises SourceError where the tar is cut off."""
        if not self.left:
            return b""
        data = self._stream.read(min(size, self.left))
        if not data:
            raise SourceError(f"the tar is cut off: {self.left:,} bytes of this member are missing")
        self.left -= len(data)
        return data


def read_tar(reading: Reading, blob: Blob) -> Iterator[Event]:
    """Yield what a tar's members hold, in the tar's order; raises LimitError."""
    if deep := _too_deep(reading, blob):
        yield from reading.not_read(blob.origin, deep)
        return
    try:
        yield from _tar_members(reading, blob)
    except SourceError as error:
        yield from reading.stopped(blob.origin, error)


def _tar_members(reading: Reading, blob: Blob) -> Iterator[Event]:
    name = ""  # what an extended header before the member says
    size = -1
    ended = False
    while block := _exactly(blob.stream, _BLOCK):
        if not block.strip(b"\0"):
            ended = True
            continue
        try:
            info = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        except tarfile.HeaderError as error:
            what = "bytes after the tar's end" if ended else "the tar is damaged"
            raise SourceError(f"{what}: a header that cannot be read ({error})") from error
        if info.size < 0:
            raise SourceError("the tar is damaged: a member of negative size")
        if info.type in (b"L", b"K", b"x", b"X", b"g"):
            name, size = _extended(blob.stream, info, name, size)
            continue
        reading.budget.member()
        inner = blob.origin.member(name or info.name)
        if info.type == tarfile.GNUTYPE_SPARSE:
            # Old sparse files keep their map in more header blocks: none is ever mail.
            raise SourceError(f"the tar holds a sparse file ({inner.name}): not read on from there")
        regular = info.type in (b"0", b"\0", b"7")
        if size >= 0 and regular:
            info.size = size
        name, size = "", -1
        member = _TarMember(blob.stream, info.size if regular else 0)
        if regular:
            yield from reading.read(Blob(inner, member, blob.depth + 1))
        elif info.type != tarfile.DIRTYPE:
            yield from reading.not_read(inner, _tar_kind(info))
        while member.read(CHUNK):
            pass
        _exactly(blob.stream, -(info.size if regular else 0) % _BLOCK)
    if not ended:
        raise SourceError("the tar has no end mark: it may be cut off")


def _tar_kind(info: tarfile.TarInfo) -> str:
    kinds = {
        b"1": "a hard link to another member",
        b"2": "a symbolic link",
        b"3": "a device",
        b"4": "a device",
        b"6": "a FIFO",
    }
    return kinds.get(info.type, f"a tar member of unknown type {info.type!r}")


def _extended(stream: Stream, info: tarfile.TarInfo, name: str, size: int) -> tuple[str, int]:
    """Read a GNU long name or a pax header: name and size of the next member."""
    if info.size > _NAME_MAX:
        raise SourceError("the tar is damaged: a name of more than 1 MiB")
    data = _exactly(stream, info.size)
    _exactly(stream, -info.size % _BLOCK)
    if info.type == b"L":
        return data.rstrip(b"\0").decode("utf-8", "surrogateescape"), size
    if info.type in (b"x", b"X"):
        return _pax(data, name, size)
    return name, size


def _pax(data: bytes, name: str, size: int) -> tuple[str, int]:
    """Path and size out of the records ``LENGTH KEY=VALUE\\n`` of POSIX.1-2001 pax."""
    at = 0
    while at < len(data):
        count, _, _ = data[at : at + 20].partition(b" ")
        if not count.isdigit() or int(count) <= len(count) + 1:
            break
        record = data[at + len(count) + 1 : at + int(count) - 1]
        key, _, value = record.partition(b"=")
        if key == b"path":
            name = value.decode("utf-8", "surrogateescape")
        elif key == b"size" and value.isdigit() and len(value) < 19:
            size = int(value)
        at += int(count)
    return name, size


def _exactly(stream: Stream, size: int) -> bytes:
    """``size`` bytes, or b"" at the end; raises SourceError when it ends in between."""
    parts: list[bytes] = []
    have = 0
    while have < size:
        data = stream.read(size - have)
        if not data:
            if have:
                raise SourceError("the tar is cut off")
            return b""
        parts.append(data)
        have += len(data)
    return b"".join(parts)
