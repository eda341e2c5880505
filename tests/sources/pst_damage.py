"""Damage to an Outlook data file for property tests and fuzzing, in a copy that is mended again.

A data file is large and its trees bear checksums: damage is told as patches, and the checksum of
a page that was hit can be made right, as one who means harm would.
"""

from __future__ import annotations

import os
import struct
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import BinaryIO, cast

from pst_building import HTML, RTF, Attachment, Folder, attached, crc, letter, rtf, write_pst

from riskscan.sources.item import MIB, LimitError
from riskscan.sources.mapi import to_mail
from riskscan.sources.pst_rescue import Rescue

Patch = tuple[int, bytes]
FORMS = [{"encoded": False}, {"encoded": True}, {"encoded": False, "ansi": True}]
_TOP = 0x8022
_PAGE = 512


@cache
def base(form: int) -> bytes:
    """A small data file in one of its forms, with everything that is read of one."""
    inner = letter(3, {HTML: b"<p>inner</p>"}, [attached("deep.txt", b"deep")])
    held = [attached("tides.txt", b"high low " * 900), Attachment({0x3001001F: "m"}, inner)]
    letters = [letter(1, {RTF: rtf("The tide")}, held), letter(2, {HTML: b"<p>x</p>"})]
    return write_pst([Folder("Inbox", letters, [Folder("A/B")])], **FORMS[form])


@cache
def used(form: int) -> list[int]:
    """The offsets of the parts of 64 bytes of a base that are not all zero: most are."""
    data = base(form)
    return [at for at in range(0, len(data), 64) if any(data[at : at + 64])]


class Damaged:
    """A file on disk that is patched for a while."""

    def __init__(self, form: int) -> None:
        self._whole = base(form)
        self._ansi = bool(FORMS[form].get("ansi"))
        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 (open as long as this)
        self._put(0, self._whole)

    @contextmanager
    def patched(self, patches: Iterable[Patch], mend: bool) -> Iterator[BinaryIO]:
        """The file with these bytes in it; ``mend`` makes checksums of pages right again."""
        hit: set[int] = set()
        try:
            for at, data in patches:
                data = data[: max(0, len(self._whole) - at)]
                if data:
                    self._put(at, data)
                    hit.update(range(at // _PAGE, (at + len(data) - 1) // _PAGE + 1))
            for page in sorted(hit) if mend else ():
                self._mend(page * _PAGE)
            yield cast(BinaryIO, self._file)
        finally:
            for page in hit:
                self._put(page * _PAGE, self._whole[page * _PAGE : (page + 1) * _PAGE])

    def _put(self, at: int, data: bytes) -> None:
        os.pwrite(self._file.fileno(), data, at)

    def _mend(self, at: int) -> None:
        page = os.pread(self._file.fileno(), _PAGE, at)
        end = 500 if self._ansi else 496
        if len(page) == _PAGE and page[end] == page[end + 1] and 0x80 <= page[end] <= 0x86:
            place = end + (8 if self._ansi else 4)
            self._put(at + place, struct.pack("<L", crc(page[:end])))


def walk(file: BinaryIO) -> int:
    """Read all items without libpff, by the file's trees or by searching it; how many were read."""
    rescue = Rescue(file)
    rescue.unseen(set())
    read = 0
    for found in rescue.items(_TOP):
        try:
            message = rescue.message(found.nid, MIB, "damaged")
        except LimitError as error:
            assert str(error)
            continue
        if message is not None:
            (found.folder or "").encode()
            to_mail(message)
            read += 1
    return read
