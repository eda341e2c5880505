"""Whatever is done to a document, reading it gives text or a listed reason, within its bounds.

Documents go through the process that reads them for a scan: a crash or a hang would be its death,
which is no listed reason here.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Callable

import pytest
from document_building import pdf
from document_damage import (
    CONTACT,
    HOSTILE,
    INVITATION,
    MADE,
    check,
    commented_slides,
    old_workbook,
    package,
    parts_of,
    portable,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from riskscan.mail.documents import Document, process

_PACKAGES = {**MADE, "presentation": commented_slides}
_FILES: dict[str, Callable[[], bytes]] = {
    **_PACKAGES,
    "pdf": portable,
    "pdf with a password": lambda: pdf("x", password=""),
    "xls": old_workbook,
    "ics": lambda: INVITATION,
    "vcf": lambda: CONTACT,
}
_ENDINGS = {"word": "docx", "spreadsheet": "xlsx", "presentation": "pptx", "opendocument": "odt"}


def read(data: bytes, name: str) -> Document:
    """The document as a scan reads it; checked."""
    digest = hashlib.sha256(data).hexdigest()
    document = process.read(name, "application/octet-stream", data, "", digest)
    check(document)
    return document


def name_of(kind: str) -> str:
    return f"a.{_ENDINGS.get(kind, kind[:3])}"


@pytest.mark.parametrize("kind", _FILES)
def test_the_undamaged_document_is_text(kind: str) -> None:
    document = read(_FILES[kind](), name_of(kind))
    assert document.text
    assert document.unread in ("", "1 of 2 pages are scans without text layer")


@pytest.mark.parametrize("kind", _FILES)
def test_bytes_changed_anywhere(kind: str) -> None:
    whole = _FILES[kind]()

    @settings(max_examples=40, deadline=None)
    @given(st.data())
    def run(data: st.DataObject) -> None:
        broken = bytearray(whole)
        for _ in range(data.draw(st.integers(0, 6))):
            at = data.draw(st.integers(0, len(broken) - 1))
            more = data.draw(st.sampled_from([b"\0", b"\xff\xff\xff\xff", b"\x80", b"1"]))
            broken[at : at + len(more)] = more
        start = data.draw(st.integers(0, len(broken)))
        gone = data.draw(st.sampled_from([0, 0, 1, 7, 512, len(broken)]))
        del broken[start : start + gone]
        read(bytes(broken), name_of(kind))

    run()


_TOKEN = re.compile(rb"<[^<>]*>|[^<>]+")


@pytest.mark.parametrize("kind", _PACKAGES)
def test_tags_of_the_parts_moved_and_others_put_in(kind: str) -> None:
    whole = parts_of(_PACKAGES[kind]())
    names = list(whole)

    @settings(max_examples=40, deadline=None)
    @given(st.data())
    def run(data: st.DataObject) -> None:
        parts = dict(whole)
        for _ in range(data.draw(st.integers(1, 3))):
            name = data.draw(st.sampled_from(names))
            tokens = _TOKEN.findall(parts[name]) or [b""]
            for _ in range(data.draw(st.integers(1, 4))):
                at = data.draw(st.integers(0, len(tokens) - 1))
                tokens[at : at + data.draw(st.integers(0, 2))] = data.draw(
                    st.sampled_from(HOSTILE).map(lambda text: [text.encode("utf-8", "replace")])
                    | st.sampled_from(tokens).map(lambda token: [token])
                )
            parts[name] = b"".join(tokens)
        read(package(list(parts.items())), name_of(kind))

    run()


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("kind", _PACKAGES)
def test_parts_left_out_exchanged_twice_or_of_another_document(kind: str) -> None:
    whole = parts_of(_PACKAGES[kind]())
    contents = [*whole.values(), b"", b"<a/>", *parts_of(MADE["word"]()).values()]

    @settings(max_examples=40, deadline=None)
    @given(
        st.lists(st.tuples(st.sampled_from(list(whole)), st.sampled_from(contents)), max_size=12),
        st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2]),
    )
    def run(parts: list[tuple[str, bytes]], method: int) -> None:
        read(package(parts, method), name_of(kind))

    run()


_OBJECT = re.compile(rb"\d+ 0 R|/[A-Z]\w*|\d+|<<|>>|\[|\]")


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_names_numbers_and_references_of_a_pdf_exchanged(data: st.DataObject) -> None:
    whole = portable()
    found = list(_OBJECT.finditer(whole))
    tokens = [*sorted({match.group() for match in found}), b"99999999999 0 R", b"-1", b"0 0 R"]
    out, at = [], 0
    chosen = data.draw(st.sets(st.integers(0, len(found) - 1), max_size=6))
    for number in sorted(chosen):
        match = found[number]
        out += [whole[at : match.start()], data.draw(st.sampled_from(tokens))]
        at = match.end()
    read(b"".join([*out, whole[at:]]), "a.pdf")


_LINES = [
    *INVITATION.splitlines(), *CONTACT.splitlines(), b" folded", b"X-A;B=\"c:d\":e\\", b":", b";:",
    b"DTSTART:99999999T999999Z", b"N:;;;;;;", b"NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=idna:=C3=",
    b"SUMMARY;CHARSET=utf-7:+2D", b"A" * 3000, b"\xff\xfe\0", b"ATTENDEE;CN=\"", b"ADR:;;\\;;\\n",
]  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(_LINES), max_size=30), st.sampled_from([b"\r\n", b"\n", b"\r"]))
def test_lines_of_invitations_and_contacts_in_any_order(lines: list[bytes], end: bytes) -> None:
    read(b"BEGIN:VCARD" + end + end.join(lines), "a.vcf")
