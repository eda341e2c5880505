"""Damages every block and page of small Outlook data files in turn and looks whether it is told.

Run in a process of its own, as libpff reads in it: prints one line for every silent difference.
"""

from __future__ import annotations

import os
import struct
import tempfile
from collections.abc import Iterator
from typing import BinaryIO, cast

from pst_building import (
    CLASS,
    HTML,
    RTF,
    Attachment,
    Folder,
    Message,
    attached,
    letter,
    rtf,
    write_pst,
)

from riskscan.sources import Item, NotRead, pst
from riskscan.sources.isolated import Job
from riskscan.sources.item import MIB, Event
from riskscan.sources.pst_nodes import Nodes

FORMS = {
    "Unicode": {"encoded": True},
    "ANSI": {"ansi": True},
    "4-KiB pages": {"wide": True},
}


def small(form: str) -> bytes:
    """A data file with everything that is read of one, and a body of several blocks."""
    inner = letter(3, {HTML: b"<p>inner</p>"}, [attached("deep.txt", b"deep")])
    held = [attached("tides.txt", b"high low " * 900), Attachment({0x3001001F: "m"}, inner)]
    long = "".join(f"The tide of day {day} came late. " for day in range(300))
    letters = [letter(1, {RTF: rtf("The tide")}, held), letter(2, {0x1000001F: long})]
    contact = Message({CLASS: "IPM.Contact", 0x0037001F: "Bo"})
    folders = [Folder("Inbox", letters, [Folder("A/B", [letter(4)])]), Folder("C", [contact])]
    return write_pst(folders, orphans=[letter(9)], **FORMS[form])


def places(file: BinaryIO) -> Iterator[tuple[str, int, int]]:
    """Name, offset and size in the file of every page of the two trees, and of every block."""
    nodes = Nodes(file)
    layout = nodes.layout
    roots = struct.unpack_from(f"<4{layout.word}", nodes.at(layout.roots_at, 32))
    waiting = [roots[1], roots[3]]
    while waiting:
        at = waiting.pop()
        yield f"page at {at}", at, layout.page
        level, size, entries = nodes.entries(nodes.at(at, layout.page))
        cut = (entries[n : n + size] for n in range(0, len(entries), size))
        if level:
            waiting += [struct.unpack_from(f"<3{layout.word}", entry)[2] for entry in cut]
    for bid in nodes.block_ids():
        at, size = nodes.place(bid)
        size += layout.trailer
        yield f"block {bid:#x}", at, size + -size % layout.unit


def read(file: BinaryIO, pipe: int) -> list[Event]:
    """The events of a file, read in this process."""
    settings: dict[str, object] = {
        "source": "ada.pst", "custodian": "ada", "message": 16 * MIB, "deleted": False,
    }  # fmt: skip
    file.seek(0)
    return list(pst.events(Job(file, settings, {"skip": 0, "culprits": {}, "seconds": 60}, pipe)))


def silent(good: list[Event], found: list[Event]) -> Iterator[str]:
    """What of the undamaged file's events is missing or other, without a word."""
    told = {e.place: e for e in found if isinstance(e, NotRead)}
    kept = {e.place: e for e in found if isinstance(e, Item)}
    words = [e for e in told.values() if e not in good]
    whole = "" in told and told[""].lost
    for event in good:
        place = event.place if isinstance(event, Item | NotRead) else ""
        if place in kept and isinstance(event, Item):
            same = kept[place]
            if same.data != event.data and not same.defects:
                yield f"{place} differs"
            if same.folder != event.folder and not words:
                yield f"{place} is in another folder"
        elif place in told and event != told[place] and not told[place].lost:
            yield f"{place} is no loss"
        elif place not in told and place not in kept and not whole:
            yield f"{place} is gone"
    if len(kept) != sum(isinstance(e, Item) for e in found):
        yield "an item comes twice"


def sweep(form: str, pipe: int) -> Iterator[str]:
    """Every damage that is not told."""
    data = small(form)
    with tempfile.TemporaryFile(buffering=0) as temporary:
        file = cast(BinaryIO, temporary)
        file.write(data)
        good = read(file, pipe)
        if sum(isinstance(e, Item) for e in good) != 3 or any(
            isinstance(e, NotRead) and (e.lost or "damage" in e.reason) for e in good
        ):
            yield f"{form}: the undamaged file is not read well"
        for name, at, size in list(places(file)):
            middle = at + size // 3
            for damage, offset, put in (
                ("zeroed", at, bytes(size)),
                ("flipped", middle, bytes([data[middle] ^ 0x10])),
            ):
                os.pwrite(file.fileno(), put, offset)
                for what in silent(good, read(file, pipe)):
                    yield f"{form}, {name} {damage}: {what}"
                os.pwrite(file.fileno(), data[offset : offset + len(put)], offset)


def main() -> None:
    """Sweep all forms."""
    pipe = os.open(os.devnull, os.O_WRONLY)
    for form in FORMS:
        for problem in sweep(form, pipe):
            print(problem)
    print("swept")


if __name__ == "__main__":
    main()
