"""Members that an attached zip's directory does not name, and joined files, were not told of."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest

from riskscan.mail.documents import document_text

_WORD = b'<w:document xmlns:w="w"><w:body><w:p><w:r><w:t>Invoice</w:t></w:r></w:p></w:body>'


def _zip(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def _without_first(data: bytes) -> bytes:
    """A zip whose directory has lost its first entry."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        size = 46 + len(archive.infolist()[0].filename)
    at = data.find(b"PK\x01\x02")
    out = bytearray(data[:at] + data[at + size :])
    end = out.rfind(b"PK\x05\x06")
    told = struct.unpack_from("<L", out, end + 12)[0]
    struct.pack_into("<2HL", out, end + 8, 1, 1, told - size)
    return bytes(out)


_TWO = _zip(**{"a.txt": b"We hid the leak.", "b.txt": b"Lunch?"})
_OTHER = _zip(**{"b.txt": b"Lunch?"})
_DOCX = _zip(**{"[Content_Types].xml": b"<Types/>", "word/document.xml": _WORD + b"</w:document>"})


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (_TWO, ""),
        (_OTHER + b"\0" * 512, ""),
        (_without_first(_TWO), "at 0)"),
        (_TWO + _OTHER, f"({len(_TWO)} bytes at 0)"),
        (_OTHER + b"joined " * 10, f"(70 bytes at {len(_OTHER)})"),
    ],
    ids=["whole", "padded", "removed", "joined", "followed"],
)
def test_an_attached_zip_says_what_its_directory_does_not_name(data: bytes, told: str) -> None:
    document = document_text("files.zip", "application/zip", data)
    assert [m.text for m in document.members][-1] == "Lunch?"
    assert document.unread.endswith(told)
    assert document.unread.startswith("bytes that the zip's directory does not name") == bool(told)


def test_a_zip_in_a_zip_and_a_word_file_say_so_too() -> None:
    nested = _zip(**{"inner.zip": _OTHER + b"joined " * 10, "a.docx": _DOCX + _OTHER})
    members = {m.name: m for m in document_text("o.zip", "application/zip", nested).members}
    assert "does not name (70 bytes" in members["o.zip!/inner.zip"].unread.replace(
        ": a removed member, or joined files", ""
    )
    plain = document_text("a.docx", "", _DOCX)
    assert (plain.text.strip(), plain.unread) == ("Invoice", "")
    followed = document_text("a.docx", "", _DOCX + b"joined " * 10)
    assert followed.text.strip() == "Invoice"
    assert "does not name" in followed.unread
