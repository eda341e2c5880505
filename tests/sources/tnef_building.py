"""Builders for TNEF streams (MS-OXTNEF), the winmail.dat of Outlook."""

from __future__ import annotations

import struct

from msg_building import compressed_rtf

MESSAGE_IID = bytes.fromhex("0703020000000000c000000000000046")
STORAGE_IID = bytes.fromhex("0b00000000000000c000000000000046")


def attribute(level: int, tag: int, value: bytes) -> bytes:
    checksum = struct.pack("<H", sum(value) & 0xFFFF)
    return struct.pack("<BII", level, tag, len(value)) + value + checksum


def properties(values: dict[int, bytes | int]) -> bytes:
    """A list of properties; ids from 0x8000 on are named (MS-OXTNEF section 2.1.3.4)."""
    out = [struct.pack("<I", len(values))]
    for tag, value in values.items():
        out.append(struct.pack("<I", tag))
        if tag >> 16 >= 0x8000:
            out.append(bytes(16) + struct.pack("<III", 1, 6, 0x610062) + b"c\0\0\0")
        if isinstance(value, int):
            out.append(struct.pack("<I", value))
        else:
            out.append(struct.pack("<II", 1, len(value)) + value + bytes(-len(value) % 4))
    return b"".join(out)


def tnef(*attributes: bytes) -> bytes:
    codepage = attribute(1, 0x00069007, struct.pack("<II", 1252, 0))
    return b"\x78\x9f\x3e\x22\x01\x00" + codepage + b"".join(attributes)


def utf16(text: str) -> bytes:
    return text.encode("utf-16-le") + b"\0\0"


RTF = compressed_rtf(rb"{\rtf1\ansi\fromtext{\fonttbl{\f0 Courier;}}\f0 From the RTF.\par}")
START = attribute(2, 0x00069002, bytes(14))
BODY = attribute(
    1, 0x00069003, properties({0x10090102: RTF, 0x8001001F: utf16("n"), 0x00170003: 1})
)


def file(name: str, data: bytes) -> bytes:
    more = properties({0x3707001F: utf16(name), 0x37050003: 1})
    return (
        START
        + attribute(2, 0x00018010, b"SHORT~1.TXT\0")
        + attribute(2, 0x0006800F, data)
        + attribute(2, 0x00069005, more)
    )
