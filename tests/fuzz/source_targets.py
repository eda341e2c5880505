"""Fuzz targets of riskscan.sources: exports, and the containers in them."""

from __future__ import annotations

import io
import sys
import zipfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from mail_targets import Target, message, post, storable

sys.path.append(str(Path(__file__).resolve().parents[1] / "sources"))

if TYPE_CHECKING:
    from pst_damage import Damaged

# Names that a reader looks at.
NAMES = {
    "slack": "2024-03-02.json",
    "whatsapp": "_chat.txt",
    "concordance": "load.dat",
    "teams-html": "Chat 1.html",
    "jsonl": "a.jsonl",
    "emlx": "1.emlx",
}
# Readers that start a process of their own.
_APART = ("pst",)
BETWEEN = b"\x1e\x1e"
"""What parts the files of an export in a fuzzer's input."""
_ROOM = "Takeout/Google Chat/Groups/Space AAAA"
EXPORTS = {
    "slack export": [
        "general/2024-03-02.json", "users.json", "channels.json", "dms.json",
        "D01ANABOX/2024-03-02.json", "integration_logs.json",
    ],
    "google export": [
        f"{_ROOM}/messages.json", f"{_ROOM}/group_info.json",
        "Takeout/Mail/All mail Including Spam and Trash.mbox",
        "Takeout/Google Chat/Users/User 1/user_info.json",
    ],
    "vault export": [
        "q-metadata.csv", "q-metadata.xml", "q-result-counts.csv", "q.md5", "q-errors.xml",
        "q-ada@ferry.example-Xk29ab.mbox",
    ],
    "purview export": [
        "Export_load_file_1.csv", "manifest.xml", "Results.csv", "Export Summary 1.csv",
        "Reports/Items_0.csv", "TeamsMessagesData/1.eml", "TeamsMessagesData/2.html",
    ],
    "volume": ["load.dat", "NATIVES/1.eml", "TEXT/1.txt", "load.xml", "mail.csv"],
    "whatsapp export": ["_chat.txt", "IMG-1.jpg", "1.vcf"],
}  # fmt: skip


def mbox(data: bytes) -> None:
    """An mbox: its extents cover it, each passed over alike."""
    from riskscan.sources.item import MIB
    from riskscan.sources.splitter import open_mbox
    from riskscan.sources.stream import FileStream

    splitter = open_mbox(FileStream(io.BytesIO(data)), MIB)
    at = len(splitter.lead)
    places = []
    for extent in splitter.extents(0):
        assert extent.start == at
        assert extent.length > 0
        assert extent.data is not None or extent.reason
        at += extent.length
        places.append((extent.start, extent.length))
    assert at == len(data)
    again = open_mbox(FileStream(io.BytesIO(data)), MIB)
    half = len(places) // 2
    assert [(e.start, e.length) for e in again.extents(half)] == places


def as_format(kind: str) -> Target:
    """A file as what ``sniff`` would call ``kind``; "" leaves it to sniff."""

    def read(data: bytes) -> None:
        from riskscan.sources.item import MIB, Claim, Item, LimitError, Limits, NotRead
        from riskscan.sources.names import Container, Origin
        from riskscan.sources.reading import Blob, Reading
        from riskscan.sources.registry import READERS
        from riskscan.sources.stream import FileStream

        origin = Origin((Container("export", ("room",)),), NAMES.get(kind, "a"))
        limits = Limits(message=MIB, total=4 * MIB, ratio_from=MIB, members=1000, spool=4 * MIB)
        readers = {name: reader for name, reader in READERS.items() if name not in _APART}

        def events(skip: int) -> list[object]:
            file = io.BytesIO(data)
            reading = Reading(readers, limits, len(data), skip)
            blob = Blob(origin, FileStream(file), file=file)
            found: list[object] = []
            try:
                for event in reading.read_as(kind, blob) if kind else reading.read(blob):
                    if isinstance(event, Item):
                        storable(event.source + event.place + event.folder + event.custodian)
                        storable(event.conversation + "".join(event.defects))
                    elif isinstance(event, NotRead):
                        assert event.reason
                        storable(event.source + event.place + event.reason)
                    elif isinstance(event, Claim):
                        assert event.kind
                        storable(event.source + event.about + event.expected)
                    found.append(event)
            except LimitError as error:
                found.append(str(error))
            return found

        whole = events(0)
        half = sum(not isinstance(one, str) for one in whole) // 2
        assert events(half) == whole[half:]
        for event in whole[:3]:
            if isinstance(event, Item) and event.medium == "chat":
                post(event.data)

    return read


def export(files: list[str]) -> Target:
    """A zip file with these files, whose contents ``BETWEEN`` parts."""
    as_zip = as_format("zip")

    def read(data: bytes) -> None:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for name, content in zip(files, data.split(BETWEEN), strict=False):
                archive.writestr(zipfile.ZipInfo(name), content)
        as_zip(out.getvalue())

    return read


def msg(data: bytes) -> None:
    """An Outlook message file, and the mail that is made of it."""
    from riskscan.sources.item import SourceError
    from riskscan.sources.mapi import to_mail
    from riskscan.sources.msg import read_msg_bytes

    try:
        read = read_msg_bytes(data)
    except (SourceError, ValueError) as error:
        assert str(error)
        return
    message(to_mail(read))


def tnef(data: bytes) -> None:
    """A winmail.dat, and the mail that is made of it."""
    from riskscan.sources.mapi import to_mail
    from riskscan.sources.tnef import TnefError, read_tnef_bytes

    try:
        read = read_tnef_bytes(data)
    except TnefError as error:
        assert str(error)
        return
    message(to_mail(read))


def ole(data: bytes) -> None:
    """An OLE object that is attached to a message."""
    from riskscan.sources.item import MIB
    from riskscan.sources.ole_object import files_in_object

    repaired: list[str] = []
    found = files_in_object(data, "a", repaired)
    # Streams may share their bytes, up to a bound (cfb.py).
    assert sum(len(content) for _, content in found) <= 2 * len(data) + MIB
    storable("".join([*repaired, *(name for name, _ in found)]))


_LENGTHS = (1, 2, 4, 8)


@cache
def _damaged(form: int) -> Damaged:
    from pst_damage import Damaged

    return Damaged(form)


def pst(data: bytes) -> None:
    """An Outlook data file without libpff: a small one, patched as ``data`` says.

    The first byte tells the form of the file and whether checksums are made right; each patch
    is two bytes for the place, one for the offset in it and the length, then what is put there.
    """
    from pst_damage import FORMS, used, walk

    if not data:
        return
    form = data[0] % len(FORMS)
    places = used(form)
    patches = []
    at = 1
    while at + 3 < len(data) and len(patches) < 40:
        place = places[int.from_bytes(data[at : at + 2], "little") % len(places)]
        length = _LENGTHS[data[at + 2] >> 6]
        patches.append((place + (data[at + 2] & 63), data[at + 3 : at + 3 + length]))
        at += 3 + length
    with _damaged(form).patched(patches, mend=not data[0] & 0x80) as file:
        walk(file)


_FORMATS = (
    "zip", "tar", "slack", "teams", "teams-html", "whatsapp", "concordance", "csv", "jsonl",
    "edrm", "emlx",
)  # fmt: skip
SOURCE_TARGETS: dict[str, Target] = {
    "mbox": mbox,
    "any file": as_format(""),
    "packed": as_format(""),
    **{kind: as_format(kind) for kind in _FORMATS},
    **{name: export(files) for name, files in EXPORTS.items()},
    "msg": msg,
    "tnef": tnef,
    "ole object": ole,
    "pst": pst,
}
