"""Seeds of the targets for containers: Outlook's files, and compressed ones."""

from __future__ import annotations

import bz2
import gzip
import lzma
import struct

from msg_building import attached, compressed_rtf, message, msg, msg_tree, write_compound
from source_building import mail, mbox, tarred
from tnef_building import (
    BODY,
    MESSAGE_IID,
    START,
    STORAGE_IID,
    attribute,
    file,
    properties,
    tnef,
    utf16,
)


def _stored() -> dict[str, bytes]:
    """The streams of an object as OLE packs a file (Ole10Native)."""
    content = b"\x02\0" + b"a.txt\0" + b"C:\\a.txt\0" + bytes(4) + b"\x03\0\0\0"
    content += struct.pack("<I", 4) + b"C:\\\0" + struct.pack("<I", 3) + b"abc"
    return {"\x01Ole10Native": struct.pack("<I", len(content)) + content, "\x01CompObj": b"x"}


_ROW = {0x3001001F: utf16("Bo Ek"), 0x3003001F: utf16("bo@ferry.example"), 0x0C150003: 2}
_INNER = tnef(attribute(1, 0x00018004, b"Inner\0"), BODY)
_OBJECT = {0x3701000D: STORAGE_IID + write_compound({"CONTENTS": b"12"}), 0x3707001F: utf16("o")}
_OLD = tnef(
    attribute(1, 0x00018004, b"Ferry\0"),
    attribute(1, 0x00078008, b"IPM.Microsoft Mail.Note\0"),
    attribute(1, 0x00038005, struct.pack("<7H", 2001, 2, 3, 4, 5, 6, 0)),
    attribute(1, 0x0002800C, b"old text\0"),
)
_RICH = message(
    body="b",
    rtf=compressed_rtf(rb"{\rtf1\ansi\fromhtml1{\*\htmltag64 <p>}a\par}"),
    html=b"<p>h",
    codepage=932,
    attachments=[attached("m", message(body="in"))],
)
# As source_targets.pst takes them; the first makes the file an OST of 2013.
_PATCHES = [
    b"\0\0\x0a\x24",
    b"\0\0\0\x01",
    b"\x10\0\x41\xff\xff\x20\0\x80\0\0\0\0",
    b"\x30\0\xc8" + b"\xff" * 8,
]

CONTAINERS: dict[str, list[bytes]] = {
    "msg": [
        msg(body="The crates."),
        msg(attachments=[attached("a.txt", b"x"), attached("m", message())]),
        write_compound(msg_tree(_RICH)),
    ],
    "tnef": [
        tnef(BODY, file("a.txt", b"one"), file("b.bin", b"\0\1" * 20)),
        tnef(attribute(1, 0x00069004, struct.pack("<I", 1) + properties(_ROW)), BODY),
        tnef(START + attribute(2, 0x00069005, properties({0x3701000D: MESSAGE_IID + _INNER}))),
        tnef(START + attribute(2, 0x00069005, properties(_OBJECT))),
        _OLD,
    ],
    "ole object": [write_compound({"CONTENTS": b"12"}), write_compound(_stored())],
    "pst": [bytes([form]) + patch for form in (0, 1, 2, 128) for patch in (b"", *_PATCHES)],
    "packed": [
        pack(inner)
        for inner in (mbox([mail("one"), mail("two")]), mail("one"), tarred({"a.eml": mail("a")}))
        for pack in (gzip.compress, bz2.compress, lzma.compress)
    ],
}
