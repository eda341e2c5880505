"""A PDF of some kilobytes took a gigabyte of memory, and the process for documents kept it; and
slow files by the thousand in one message have no more time than one message has.
"""

from __future__ import annotations

import sys
import zlib
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "mail"))
from document_building import docx

from riskscan.mail import attachments
from riskscan.mail.documents import process
from riskscan.mail.documents.document import Document
from riskscan.mail.parse import parse_message

if sys.platform != "linux":
    pytest.skip("the system does not bound an address space", allow_module_level=True)

_MIB = 1 << 20


def _pdf(content: bytes) -> bytes:
    """A PDF of one page whose content stream is deflated already."""
    page = b"<</Type/Page/Parent 2 0 R/Resources<</Font<</F 5 0 R>>>>/Contents 4 0 R>>"
    stream = b"<</Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(content), content)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>", page, stream,
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]  # fmt: skip
    out = b"%PDF-1.7\n"
    for number, made in enumerate(objects, 1):
        out += b"%d 0 obj\n%s\nendobj\n" % (number, made)
    return out + b"trailer<</Size 6/Root 1 0 R>>\n%%EOF"


def _blanks(size: int) -> bytes:
    """So many MiB of blanks, deflated, made in no time: the same block again and again."""
    made = zlib.compressobj(9)
    first, again = (made.compress(b" " * _MIB) + made.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
    return first + again * (size - 1)


def _read(data: bytes) -> Document:
    return process.read("a.pdf", "application/pdf", data, "", f"{len(data)} {data[-200:]!r}")


def test_a_document_that_takes_too_much_memory_says_so() -> None:
    document = _read(_pdf(_blanks(600)))
    assert document.unread == "not read: it takes too much memory (more than 769 MiB)"
    assert process.read("a.docx", "", docx("Next one"), "", "next").text == "Next one"


def test_a_process_that_keeps_the_memory_of_a_document_is_replaced() -> None:
    words = zlib.compress(b"BT /F 1 Tf " + b"(crate) Tj 1 0 0 1 5 5 Tm " * 400_000 + b"ET", 1)
    assert _read(_pdf(words)).unread == ""
    assert process.read("a.docx", "", docx("Another"), "", "another").text == "Another"
    child = process._process._child
    assert child is not None
    pages = int(Path(f"/proc/{child.pid}/statm").read_text().split()[0])
    assert pages * 4096 < 100 * _MIB


def test_slow_files_of_one_message_share_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[float] = []

    def slow(name: str, kind: str, data: bytes, charset: str, sha256: str, left: float) -> Document:
        given.append(left)
        return Document("", "cut: it takes too long to read", seconds=left)

    monkeypatch.setattr(process, "read", slow)
    part = b"--b\nContent-Type: application/pdf; name=a.pdf\n\n%%PDF-1.7 %d\n"
    head = b"From: nora@quayside.example\nContent-Type: multipart/mixed; boundary=b\n\n"
    message = parse_message(head + b"".join(part % number for number in range(1_000)) + b"--b--\n")
    assert sum(given) <= 3.5
    told = [made.unread for made in message.attachments]
    assert told.count(attachments._LATE) == 1_000 - len(given)
    assert all(told)
