"""Single messages: .eml, .emlx, files of a Maildir, files without extension in a tree."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from riskscan.sources.google import gmail
from riskscan.sources.item import Event, Item, LimitError, NotRead, SourceError
from riskscan.sources.mozilla import folder_with_mark, state_of
from riskscan.sources.names import Origin, maildir_names, tree_names
from riskscan.sources.reading import Blob, Reading
from riskscan.sources.signedfile import unwrapped
from riskscan.sources.sniff import emlx_extent, message_start
from riskscan.sources.stream import CHUNK
from riskscan.sources.teamsroom import teams_room_of
from riskscan.sources.utf16 import narrowed


def read_message(reading: Reading, blob: Blob) -> Iterator[Event]:
    """Yield the one message of a blob; its From_ line, blank lines and BOM in front left out."""
    yield from _read(reading, blob, apple=False)


def read_emlx(reading: Reading, blob: Blob) -> Iterator[Event]:
    """Yield the one message of an Apple Mail .emlx blob (byte count, message, property list)."""
    yield from _read(reading, blob, apple=True)


def _read(reading: Reading, blob: Blob, *, apple: bool) -> Iterator[Event]:
    origin = blob.origin
    limit = reading.limits.message
    parts: list[bytes] = []
    size = 0
    digest = None
    broken: SourceError | None = None
    try:
        while data := blob.stream.read(CHUNK):
            size += len(data)
            if digest is None and size > limit:
                digest = hashlib.sha256(b"".join(parts))
                parts.clear()
            if digest is None:
                parts.append(data)
            else:
                digest.update(data)
    except SourceError as error:
        broken = error
    if not reading.passes():
        yield _event(reading, origin, parts, size, digest, broken, apple)
    if isinstance(broken, LimitError):
        raise broken


def _event(
    reading: Reading,
    origin: Origin,
    parts: list[bytes],
    size: int,
    digest: hashlib._Hash | None,
    broken: SourceError | None,
    apple: bool,
) -> Event:
    reason = lost = ""
    defects: tuple[str, ...] = ()
    data = b"".join(parts)
    raw, lead = data, b""
    if broken is not None:
        reason = f"the message is not whole: {broken}"
    elif digest is not None:
        reason = f"the message is larger than {reading.limits.message:,} bytes"
    elif apple:
        extent = emlx_extent(data)
        if extent is None:
            reason = "the message is not whole: the .emlx file is shorter than it says"
        else:
            start, end, right = extent
            data = data[start:end]
            defects = () if right else ("the byte count of the .emlx file is wrong",)
    else:
        data, wide = narrowed(data)
        data, signed, lost = unwrapped(data)
        defects = tuple(one for one in (wide, signed, lost) if one)
        start = message_start(data)
        lead, data = data[:start].lstrip(b"\xef\xbb\xbf \t\r\n"), data[start:]
    if reason:
        digest = digest or hashlib.sha256(data)
        return NotRead(_source(origin), origin.name, reason, size, digest.hexdigest(), lost=True)
    if origin.in_maildir:
        form, (custodian, folder) = "maildir", maildir_names(origin)
    else:
        named = origin.name.casefold().split(".")[1:]
        form = "eml" if apple or "eml" in named else "tree"
        custodian, folder = tree_names(origin)
    native, found = "", 0
    if data != raw:
        native, found = hashlib.sha256(raw).hexdigest(), len(raw)
    labels, conversation = gmail(data)
    if origin.in_teams:
        conversation = conversation or teams_room_of(data)
    inside = folder_with_mark(labels or folder, data)
    return Item(
        source=_source(origin),
        format=form,
        place=origin.name,
        custodian=custodian,
        folder=inside,
        data=data,
        medium="chat" if origin.in_teams else "mail",
        conversation=conversation,
        native_sha256=native,
        native_size=found,
        defects=defects,
        lost=lost,
        state=state_of(inside),
        from_line=lead.decode("latin-1"),
    )


def _source(origin: Origin) -> str:
    """The folder that holds the message; the file itself when it is the export."""
    return origin.folder_source or origin.name
