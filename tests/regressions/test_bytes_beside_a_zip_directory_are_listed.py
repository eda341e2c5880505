"""Members that a zip's directory does not name, and what is joined to a zip, were not told of."""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
from pathlib import Path

import pytest

from riskscan.sources import Item, NotRead, discover


def _mail(subject: str) -> bytes:
    return f"From: Ada <ada@ferry.example>\nSubject: {subject}\n\nThe tide tables.\n".encode()


def _zip(*names: str, streamed: bool = False) -> bytes:
    class OneWay(io.BytesIO):
        def seekable(self) -> bool:
            return not streamed

    file = OneWay()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, _mail(name))
    return file.getvalue()


def _without_first(data: bytes) -> tuple[bytes, int, int]:
    """A zip whose directory has lost its first entry, and where that member lies."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        first, second = archive.infolist()
    at = data.find(b"PK\x01\x02")
    size = 46 + len(first.filename)
    out = bytearray(data[:at] + data[at + size :])
    end = out.rfind(b"PK\x05\x06")
    told = struct.unpack_from("<L", out, end + 12)[0]
    struct.pack_into("<2HL", out, end + 8, 1, 1, told - size)
    return bytes(out), 0, second.header_offset


_TWO = _zip("a.eml", "b.eml")
_HIDDEN = _without_first(_TWO)
_OTHER = _zip("c.eml")


@pytest.mark.parametrize(
    ("data", "subjects", "gaps"),
    [
        (_TWO, ["a.eml", "b.eml"], []),
        (_zip("a.eml", "b.eml", streamed=True), ["a.eml", "b.eml"], []),
        (_HIDDEN[0], ["b.eml"], [_HIDDEN[1:]]),
        (_TWO + _OTHER, ["c.eml"], [(0, len(_TWO))]),
        (_OTHER + b"joined " * 10, ["c.eml"], [(len(_OTHER), 70)]),
        (_OTHER + b"\0" * 512, ["c.eml"], []),
    ],
    ids=["whole", "streamed", "removed", "joined", "followed", "padded"],
)
def test_every_byte_of_a_zip_is_in_a_member_or_listed(
    tmp_path: Path, data: bytes, subjects: list[str], gaps: list[tuple[int, int]]
) -> None:
    path = tmp_path / "export.zip"
    path.write_bytes(data)
    events = [e for u in discover([path]) if not isinstance(u, NotRead) for e in u.events()]
    assert [e.place for e in events if isinstance(e, Item)] == subjects
    told = [e for e in events if isinstance(e, NotRead)]
    assert [(e.place, e.size, e.sha256, e.lost) for e in told] == [
        (f"offset {at}+{size}", size, hashlib.sha256(data[at : at + size]).hexdigest(), True)
        for at, size in gaps
    ]
    again = [e for u in discover([path]) if not isinstance(u, NotRead) for e in u.events(1)]
    assert again == events[1:]
