"""A zeroed or flipped block of an Outlook data file emptied a body or recipients without a word."""

from __future__ import annotations

from pathlib import Path

from pst_building import Folder, letter, write_pst
from source_building import items, put

from riskscan.mail.parse import parse_message


def test_damaged_blocks_are_told(tmp_path: Path) -> None:
    data = bytearray(write_pst([Folder("Inbox", [letter(n) for n in range(3)])]))
    text = data.index("of pier 0 are".encode("utf-16-le"))
    data[text] ^= 1
    name = data.index("bo@ferry.example".encode("utf-16-le"), text)
    table = data.rindex(b"\xec\x7c", 0, name) - 2  # the recipients of the second letter
    data[table : table + 12] = bytes(12)
    found = items(put(tmp_path / "ada.pst", bytes(data)))
    assert [item.defects[0].partition(" (")[0] for item in found if item.defects] == [
        "damaged in the data file: its properties, the subject and the text among them",
        "damaged in the data file: its recipients",
    ]
    told = [[a.unread for a in parse_message(item.data).attachments] for item in found]
    assert [len(one) for one in told] == [1, 1, 0]
    assert parse_message(found[0].data).message_id == "<0@ferry.example>"
