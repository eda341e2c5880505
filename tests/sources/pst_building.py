"""Builders for invented Outlook data files, over the writer in benchmarks."""

from __future__ import annotations

import struct
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

from pst_blocks import crc
from pst_writer import (
    Attachment,
    Folder,
    Message,
    Value,
    compressed_rtf,
    write_pst,
)

__all__ = ["Attachment", "Folder", "Message", "attached", "letter", "mailbox", "write_pst"]

CLASS, SUBJECT, BODY, HTML, RTF = 0x001A001F, 0x0037001F, 0x1000001F, 0x10130102, 0x10090102
HEADERS, SENT, MESSAGE_ID = 0x007D001F, 0x00390040, 0x1035001F
_MORNING = datetime(2020, 1, 6, 9, 15, tzinfo=UTC)


def letter(
    number: int,
    more: dict[int, Value] | None = None,
    attachments: list[Attachment] | None = None,
    without: tuple[int, ...] = (),
) -> Message:
    """A message without transport headers; ``more`` adds properties, ``without`` drops some."""
    found: dict[int, Value] = {
        CLASS: "IPM.Note",
        SUBJECT: f"\x01\x05RE: Tide tables {number} für Bø",
        BODY: f"The tide tables of pier {number} are wrong.\r\n",
        0x0C1A001F: "Ada Löve",
        0x0C1E001F: "EX",
        0x0C1F001F: "/O=FERRY/OU=EXCHANGE/CN=RECIPIENTS/CN=ADA",
        0x5D01001F: "ada@ferry.example",
        SENT: _MORNING + timedelta(minutes=number),
        MESSAGE_ID: f"<{number}@ferry.example>",
    }
    found.update(more or {})
    recipients: list[dict[int, Value]] = [
        _recipient(1, "Bo", "bo@ferry.example"),
        _recipient(2, "Cleo", "cleo@ferry.example"),
    ]
    kept = {tag: value for tag, value in found.items() if tag not in without}
    return Message(kept, recipients, attachments or [])


def _recipient(kind: int, name: str, address: str) -> dict[int, Value]:
    return {0x0C150003: kind, 0x3001001F: name, 0x3002001F: "SMTP", 0x39FE001F: address}


def attached(name: str, data: bytes) -> Attachment:
    """A file attached by value."""
    return Attachment({0x3707001F: name, 0x37010102: data, 0x37050003: 1, 0x370E001F: "text/plain"})


def rtf(text: str) -> bytes:
    """A compressed RTF body of ASCII text."""
    return compressed_rtf(b"{\\rtf1\\ansi " + text.encode() + b"\\par}")


def mailbox(
    count: int = 4,
    *,
    encoded: bool = True,
    ansi: bool = False,
    wide: bool = False,
    orphans: int = 0,
) -> bytes:
    """A PST with ``count`` letters in the inbox, and one item of every other sort."""
    files = [attached("tides.txt", b"high low " * 5000), attached("empty.txt", b"")]
    inner = letter(91, {HTML: b"<p>" + b"inner " * 2000 + b"</p>"}, [attached("deep.txt", b"deep")])
    outer = Attachment({0x3001001F: "the letter of Ada"}, letter(90, None, [Attachment({}, inner)]))
    return write_pst(
        [
            Folder(
                "Inbox",
                [letter(number) for number in range(count)],
                [Folder("Project X/Y", [letter(60, None, files), letter(61, None, [outer])])],
                [letter(70, {CLASS: "IPM.Configuration.Views"})],
            ),
            Folder("Calendar", [letter(80, {CLASS: "IPM.Appointment"})]),
            Folder(
                "Contacts",
                [
                    Message({CLASS: "IPM.Contact", SUBJECT: "Bo"}),
                    Message({CLASS: "IPM.Contact", SUBJECT: "Cleo", BODY: "Met her on the ferry."}),
                ],
            ),
        ],
        encoded=encoded,
        ansi=ansi,
        wide=wide,
        orphans=[letter(200 + number) for number in range(orphans)],
    )


def without_page(data: bytes, root: int) -> bytes:
    """The file with a tree's root page zeroed; ``root`` is where the header names the page."""
    (at,) = struct.unpack_from("<L", data, root)
    return data[:at] + bytes(512) + data[at + 512 :]


def with_leaf(data: bytes, kind: int, number: int, entries: list[bytes]) -> bytes:
    """The file with one more leaf of a tree behind it, that no tree holds."""
    body = b"".join(entries).ljust(488, b"\0")
    body += struct.pack("<BBBB4x", len(entries), 488 // len(entries[0]), len(entries[0]), 0)
    return data + body + struct.pack("<BBHLQ", kind, kind, 0, crc(body), number)


def leaf_entries(data: bytes, kind: int, size: int) -> list[bytes]:
    """The entries of all leaves of a tree, in the order of the file."""
    found = []
    for at in range(0, len(data), 512):
        page = data[at : at + 512]
        if page[496] == page[497] == kind and page[491] == 0:
            found += [page[n * size : n * size + size] for n in range(page[488])]
    return found


NODE_TREE, BLOCK_TREE, ANSI_NODE_TREE = 224, 240, 188
NODE_LEAF, BLOCK_LEAF = 0x81, 0x80
