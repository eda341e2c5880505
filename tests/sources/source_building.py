"""Builders for invented mail in every format that riskscan.sources reads."""

from __future__ import annotations

import io
import re
import tarfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from riskscan.sources import Event, Item, Limits, NotRead, discover

FROM_LINE = b"From ada@ferry.example Mon Jan  6 09:15:00 2020"


def mail(subject: str, body: str = "The tide tables are wrong.\n") -> bytes:
    """One small message with ``\\n`` line ends."""
    return (
        f"From: Ada <ada@ferry.example>\nTo: Bo <bo@ferry.example>\n"
        f"Subject: {subject}\nMessage-ID: <{subject.replace(' ', '.')}@ferry.example>\n\n{body}"
    ).encode()


def mbox(messages: Iterable[bytes], variant: str = "mboxrd", eol: bytes = b"\n") -> bytes:
    """An mbox of messages (headers, blank line, body; lines ending in ``eol``)."""
    out = []
    for message in messages:
        headers, _, body = message.partition(eol + eol)
        lines = body.split(eol)
        if variant == "mboxrd":
            lines = [b">" + x if re.match(rb">*From ", x) else x for x in lines]
        elif variant in ("mboxo", "mboxcl"):
            lines = [b">" + x if x.startswith(b"From ") else x for x in lines]
        body = eol.join(lines)
        if variant in ("mboxcl", "mboxcl2"):
            headers += eol + b"Content-Length: " + str(len(body)).encode()
        out.append(FROM_LINE + eol + headers + eol + eol + body + eol)
    return b"".join(out)


def zipped(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def tarred(members: Mapping[str, bytes], mode: str = "w", fmt: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar archive."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode, format=fmt) as archive:  # type: ignore[call-overload]
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return file.getvalue()


def put(path: Path, data: bytes) -> Path:
    """Write a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def read(*exports: Path, limits: Limits | None = None) -> list[Event]:
    """All that discover and the units' events yield, in order."""
    out: list[Event] = []
    for found in discover(exports, limits):
        if isinstance(found, NotRead):
            out.append(found)
        else:
            out.extend(found.events())
    return out


def items(*exports: Path, limits: Limits | None = None) -> list[Item]:
    """The items alone; anything not read fails the test."""
    out = []
    for event in read(*exports, limits=limits):
        assert isinstance(event, Item), event
        out.append(event)
    return out


def not_read(*exports: Path, limits: Limits | None = None) -> list[NotRead]:
    """What was not read."""
    return [e for e in read(*exports, limits=limits) if isinstance(e, NotRead)]


def subjects(events: Iterable[Event]) -> list[str]:
    """The subjects of the items."""
    found = [re.search(rb"(?m)^Subject: (.*?)\r?$", e.data) for e in events if isinstance(e, Item)]
    return [m[1].decode() if m else "" for m in found]
