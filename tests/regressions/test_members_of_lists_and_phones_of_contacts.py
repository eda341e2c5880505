"""Distribution lists lost their members, and contacts that are messages all but their notes."""

from __future__ import annotations

import struct

from msg_building import Message, Tree, attached, message, msg_tree, write_compound, write_msg

from riskscan.mail.parse import parse_message
from riskscan.sources.appointment import ADDRESS
from riskscan.sources.mapi import no_mail, to_mail
from riskscan.sources.msg import read_msg_bytes

ONE_OFF = bytes(4) + bytes.fromhex("812b1fa4bea310199d6e00dd010f5402") + b"\0\0\1\x90"
LIST = Message({0x001A001F: "IPM.DistList", 0x0037001F: "Pilots", 0x1000001F: "The inner ring."})


def member(name: str, address: str) -> bytes:
    return ONE_OFF + f"{name}\0SMTP\0{address}\0".encode("utf-16-le")


def with_members(tree: dict[str, bytes | Tree]) -> dict[str, bytes | Tree]:
    """A list's storage with two members, of the named property 8000."""
    members = [member("Bo Ek", "bo@ferry.example"), member("Cy Holm", "cy@ferry.example")]
    listed = tree["__properties_version1.0"]
    assert isinstance(listed, bytes)
    tree["__properties_version1.0"] = listed + struct.pack("<IIII", 0x80001102, 6, 16, 0)
    tree["__substg1.0_80001102"] = b"".join(struct.pack("<Q", len(one)) for one in members)
    return tree | {f"__substg1.0_80001102-{n:08X}": one for n, one in enumerate(members)}


NAMES: Tree = {
    "__substg1.0_00020102": ADDRESS,
    "__substg1.0_00030102": struct.pack("<IHH", 0x8054, 3 << 1, 0),
    "__substg1.0_00040102": b"",
}
MEMBERS = ['Member: "Bo Ek" <bo@ferry.example>', 'Member: "Cy Holm" <cy@ferry.example>']


def test_a_list_tells_its_members() -> None:
    tree = with_members(msg_tree(LIST)) | {"__nameid_version1.0": NAMES}
    found = read_msg_bytes(write_compound(tree))
    assert found.repaired == []
    lines = parse_message(to_mail(found)).body.split("\n")
    assert [line for line in lines if line] == ["The inner ring.", *MEMBERS]


def test_so_does_an_attached_list() -> None:
    tree = msg_tree(message(body="see the list", attachments=[attached("Pilots", LIST)]))
    place = tree["__attach_version1.0_#00000000"]
    assert not isinstance(place, bytes)
    inner = with_members(msg_tree(LIST, embedded=True))
    tree |= {
        "__attach_version1.0_#00000000": {**place, "__substg1.0_3701000D": inner},
        "__nameid_version1.0": NAMES,
    }
    (embedded,) = parse_message(to_mail(read_msg_bytes(write_compound(tree)))).embedded
    assert all(one in embedded.body for one in MEMBERS)


def test_a_contact_with_notes_keeps_its_phone() -> None:
    card = {0x001A001F: "IPM.Contact", 0x3001001F: "Bo Ek", 0x3A1C001F: "+47 555 0100"}
    found = read_msg_bytes(write_msg(Message({**card, 0x1000001F: "Met at the pier."})))
    body = parse_message(to_mail(found)).body
    assert [line for line in body.split("\n") if line] == [
        "Met at the pier.", "Name: Bo Ek", "Mobile: +47 555 0100"
    ]  # fmt: skip
    assert no_mail(read_msg_bytes(write_msg(Message({**card})))) == "a contact"
