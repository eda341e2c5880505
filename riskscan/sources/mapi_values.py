"""The values of MAPI properties, by their ids, wherever they lie.

Types are those of MS-OXCDATA section 2.11.1.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate, pairwise
from typing import Protocol

from riskscan.mail.charset import to_text
from riskscan.mail.codepages import codec_of_codepage
from riskscan.sources.item import LimitError, SourceError

_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
MULTIPLE_BINARY = 0x1102
_MANY = 10_000  # values of one property
_NEVER = 0x0CB34557A3DD4000  # the year 4501: Outlook's "no date"
# Language to ANSI code page, where it is not Western: PR_MESSAGE_LOCALE_ID's lower ten bits.
_LANGUAGES = {
    0x01: 1256, 0x02: 1251, 0x04: 936, 0x05: 1250, 0x08: 1253, 0x0D: 1255, 0x0E: 1250, 0x11: 932,
    0x12: 949, 0x15: 1250, 0x18: 1250, 0x19: 1251, 0x1A: 1250, 0x1B: 1250, 0x1C: 1250, 0x1E: 874,
    0x1F: 1254, 0x22: 1251, 0x23: 1251, 0x24: 1250, 0x25: 1257, 0x26: 1257, 0x27: 1257,
    0x29: 1256, 0x2A: 1258, 0x2F: 1251,
}  # fmt: skip
_TRADITIONAL = {0x0404: 950, 0x0C04: 950, 0x1404: 950}  # Chinese of Taiwan, Hong Kong and Macao
STRINGS = frozenset({0x1E, 0x1F, 0x0102, 0x0D})  # types whose values have no fixed size


class Getter(Protocol):
    """Properties by their id."""

    def get(self, key: int, /) -> tuple[int, bytes] | None:
        """Type and bytes of a property, None where it is absent; raises SourceError."""


class Values:
    """Values by their property ids; what cannot be read goes into ``repaired``."""

    def __init__(self, get: Getter, repaired: list[str], codec: str = "") -> None:
        self._get = get
        self._repaired = repaired
        self.codec = self._own_codec() or codec

    def _own_codec(self) -> str:
        """The codec of 8-bit strings: by PR_MESSAGE_CODEPAGE, or by the message's language."""
        if page := self.integer(0x3FFD):
            return codec_of_codepage(page)
        locale = self.integer(0x3FF1)
        if not locale:
            return ""
        return codec_of_codepage(_TRADITIONAL.get(locale) or _LANGUAGES.get(locale & 0x3FF, 1252))

    def _raw(self, key: int) -> tuple[int, bytes]:
        try:
            return self._get.get(key) or (0, b"")
        except LimitError:
            raise
        except SourceError as error:
            self._repaired.append(f"property {key:04X} cannot be read: {error}")
            return 0, b""

    def integer(self, key: int) -> int:
        """An integer or boolean; 0 where it is absent."""
        kind, raw = self._raw(key)
        size = {0x03: 4, 0x02: 2, 0x0B: 2}.get(kind, 0)
        return int.from_bytes(raw[:size], "little")

    def time(self, key: int) -> datetime | None:
        """PtypTime (100 ns since 1601); None where it is absent, or no time there can be."""
        kind, raw = self._raw(key)
        if kind != 0x40 or len(raw) < 8:
            return None
        (ticks,) = struct.unpack_from("<Q", raw)
        return _EPOCH + timedelta(microseconds=ticks // 10) if 0 < ticks < _NEVER else None

    def body(self, key: int) -> str | None:
        """A string; None where there is none."""
        kind, raw = self._raw(key)
        if kind == 0x1F:
            return raw[: len(raw) // 2 * 2].decode("utf-16-le", "replace").rstrip("\0")
        if kind == 0x1E:
            return to_text(raw.rstrip(b"\0"), self.codec)[0]
        return None

    def text(self, *keys: int) -> str:
        """The first of the strings that is not blank, else ""."""
        for key in keys:
            value = self.body(key)
            if value is not None and value.strip():
                return value.strip("\0")
        return ""

    def binary(self, key: int) -> bytes | None:
        """PtypBinary; None where there is none."""
        kind, raw = self._raw(key)
        return raw if kind == 0x102 else None

    def binaries(self, key: int) -> list[bytes]:
        """PtypMultipleBinary as MS-PST section 2.3.3.4.2 packs it: number, offsets, values.

        Offsets that go to and fro give no more bytes than the property has.
        """
        kind, raw = self._raw(key)
        if kind != MULTIPLE_BINARY or len(raw) < 4:
            return []
        count = min(int.from_bytes(raw[:4], "little"), (len(raw) - 4) // 4, _MANY)
        starts = struct.unpack_from(f"<{count}I", raw, 4)
        values: list[bytes] = []
        left = len(raw)
        for start, end in pairwise([*starts, len(raw)]):
            values.append(raw[start : min(end, start + left)])
            left -= len(values[-1])
        return values


def packed_binaries(values: Sequence[bytes]) -> bytes:
    """The values as ``Values.binaries`` reads them."""
    at = 4 + 4 * len(values)
    starts = accumulate((len(one) for one in values[:-1]), initial=at) if values else []
    return struct.pack(f"<{1 + len(values)}I", len(values), *starts) + b"".join(values)
