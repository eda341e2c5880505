"""Outlook .msg files: what is read of them, what is not, and that nothing else happens."""

from __future__ import annotations

import gzip
import hashlib
import struct
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msg_building import (
    SENT,
    Attachment,
    Message,
    Tree,
    attached,
    compressed_rtf,
    message,
    msg,
    msg_tree,
    person,
    write_compound,
)
from source_building import items, not_read, put, read, zipped

from riskscan.mail.message import Message as Mail
from riskscan.mail.parse import parse_message
from riskscan.sources import Item, Limits, NotRead, discover
from riskscan.stages.ingest import parse_batch


def mail(folder: Path, data: bytes, name: str = "a.msg") -> Mail:
    """The message of a .msg file, read through the sources and parsed."""
    (item,) = items(put(folder / name, data))
    return parse_message(item.data)


def people(addresses: list) -> list[tuple[str, str]]:
    return [(a.name, a.address) for a in addresses]


HEADERS = (
    "Received: from a.ferry.example\r\n\tby b.ferry.example; Thu, 4 Mar 2021 05:06:08 +0000\r\n"
    "From: =?utf-8?q?Ad=C3=A4?= <ada@ferry.example>\r\nTo: bo@ferry.example\r\n"
    "Subject: As it\r\n travelled\r\nX-Mailer: Quay 1\r\nMIME-Version: 1.0\r\n"
    'Content-Type: multipart/mixed;\r\n\tboundary="x"\r\nContent-Transfer-Encoding: 7bit\r\n'
    "Content-Disposition: attachment; filename=x\r\n\r\n"
    "--x\r\nContent-Type: text/html\r\nX-Part: y\r\n"
)


def test_a_message_without_headers_has_all_from_its_properties(tmp_path: Path) -> None:
    found = mail(
        tmp_path,
        msg(
            subject="Fähre",
            body="The tables are wrong.\r\nAll of them.\r\n",
            message_id="<1@ferry.example>",
            in_reply_to="<0@ferry.example>",
            references="<r@ferry.example> <0@ferry.example>",
            recipients=[
                person("Bo Ek", "bo@ferry.example"),
                person("Cy, Dr.", "cy@ferry.example", 2),
                person("", "di@ferry.example", 3),
            ],
        ),
    )
    assert found.subject == "Fähre"
    assert found.sender is not None
    assert people([found.sender]) == [("Ada Lind", "ada@ferry.example")]
    assert people(found.to) == [("Bo Ek", "bo@ferry.example")]
    assert people(found.cc) == [("Cy, Dr.", "cy@ferry.example")]
    assert people(found.bcc) == [("", "di@ferry.example")]
    assert found.date == SENT
    assert found.message_id == "<1@ferry.example>"
    assert found.in_reply_to == ["<0@ferry.example>"]
    assert found.references == ["<r@ferry.example>", "<0@ferry.example>"]
    assert found.body == "The tables are wrong.\nAll of them.\n"
    assert found.defects == []


def test_transport_headers_come_first_without_what_is_about_mime(tmp_path: Path) -> None:
    data = msg(
        headers=HEADERS,
        subject="As it travelled",
        body="text",
        message_id="<1@ferry.example>",
        recipients=[person("Bo", "bo@ferry.example"), person("", "di@ferry.example", 3)],
    )
    (item,) = items(put(tmp_path / "a.msg", data))
    names = [line.split(b":")[0] for line in item.data.split(b"\r\n\r\n")[0].split(b"\r\n")]
    assert names[:5] == [b"Received", b"From", b"To", b"Subject", b"X-Mailer"]
    assert b"X-Part" not in names
    assert names.count(b"Content-Type") == 1
    assert b"Content-Disposition" not in names
    found = parse_message(item.data)
    assert found.subject == "As it travelled"
    assert found.sender is not None and found.sender.name == "Adä"
    assert found.body.strip() == "text"
    # What they lack is filled in.
    assert found.message_id == "<1@ferry.example>"
    assert people(found.bcc) == [("", "di@ferry.example")]
    assert found.date == SENT


def test_the_subject_is_the_one_that_outlook_shows(tmp_path: Path) -> None:
    headers = "From: a@b.example\r\nSubject: =?utf-8?q?F=C3=A4hre?=\r\n"
    for subject, shown in (("Changed", "Changed"), ("F?hre", "Fähre"), ("", "Fähre")):
        found = mail(tmp_path, msg(headers=headers, subject=subject, body="x"), f"{shown}.msg")
        assert found.subject == shown


def test_headers_with_mere_names_give_way_to_the_recipient_table(tmp_path: Path) -> None:
    headers = "From: Ada Lind\r\nTo: Bo Ek\r\nSubject: s\r\n"
    found = mail(tmp_path, msg(headers=headers, body="x"))
    assert found.sender is not None and found.sender.address == "ada@ferry.example"
    assert people(found.to) == [("Bo Ek", "bo@ferry.example")]


EXCHANGE = "/O=FERRY WORKS/OU=FIRST GROUP/CN=RECIPIENTS/CN=ADA"


def test_an_exchange_name_is_kept_when_there_is_no_other(tmp_path: Path) -> None:
    found = mail(tmp_path, msg(sender_address=EXCHANGE, sender_type="EX", body="x"))
    assert found.sender is not None
    assert people([found.sender]) == [("Ada Lind", EXCHANGE)]


def test_an_exchange_name_becomes_the_address_that_the_message_knows(tmp_path: Path) -> None:
    row = person("Ada Lind", EXCHANGE.lower(), 2, smtp="ada@ferry.example")
    found = mail(tmp_path, msg(sender_address=EXCHANGE, recipients=[row], body="x"))
    assert found.sender is not None and found.sender.address == "ada@ferry.example"
    assert people(found.cc) == [("Ada Lind", "ada@ferry.example")]
    smtp = msg(sender_address=EXCHANGE, sender_smtp="ada.l@ferry.example", body="x")
    sender = mail(tmp_path, smtp, "b.msg").sender
    assert sender is not None and sender.address == "ada.l@ferry.example"


def test_a_recipient_with_an_entry_id_alone_has_its_address(tmp_path: Path) -> None:
    one_off = bytes.fromhex("00000000812b1fa4bea310199d6e00dd010f540200000190")
    one_off += "Bo\0SMTP\0bo@ferry.example\0".encode("utf-16-le")
    row = {0x0C150003: 1, 0x3001001F: "Bo Ek", 0x0FFF0102: one_off}
    assert people(mail(tmp_path, msg(recipients=[row], body="x")).to) == [
        ("Bo Ek", "bo@ferry.example")
    ]


@pytest.mark.parametrize(
    ("codec", "said"),
    [
        ("cp1251", {"codepage": 1251}),
        ("cp932", {"codepage": 932}),
        ("cp950", {"language": 0x0404}),
        ("cp1250", {"language": 0x0405}),
        ("utf-8", {"codepage": 65001}),
    ],
)
def test_8_bit_strings_are_read_by_code_page_or_language(
    tmp_path: Path, codec: str, said: dict[str, int]
) -> None:
    text = {"cp1251": "Паром", "cp932": "渡し船の時刻", "cp950": "渡輪時刻表", "cp1250": "Přívoz"}
    words = text.get(codec, "Fähre 渡")
    made = message(body8=words.encode(codec), subject8=words.encode(codec), **said)
    del made.properties[0x0037001F]
    found = mail(tmp_path, write_compound(msg_tree(made)))
    assert (found.subject, found.body) == (words, words)


def test_header_fields_that_are_named_properties_are_read(tmp_path: Path) -> None:
    names = ["X-Quay", "In-Reply-To", "bad name: x\r\nBcc"]
    tree = msg_tree(message(body="x"))
    strings, entries = b"", b""
    for index, name in enumerate(names):
        entries += struct.pack("<IHH", len(strings), 3 << 1 | 1, index)
        text = name.encode("utf-16-le")
        strings += struct.pack("<I", len(text)) + text + bytes(-len(text) % 4)
        tree[f"__substg1.0_{0x8000 + index:04X}001F"] = f"<{index}@q.example>".encode("utf-16-le")
    tree["__nameid_version1.0"] = {
        "__substg1.0_00020102": bytes.fromhex("8603020000000000c000000000000046"),
        "__substg1.0_00030102": entries,
        "__substg1.0_00040102": strings,
    }
    (item,) = items(put(tmp_path / "a.msg", write_compound(tree)))
    assert item.data.startswith(b"X-Quay: <0@q.example>\r\nIn-Reply-To: <1@q.example>\r\n")
    assert parse_message(item.data).bcc == []


HTML_RTF = (
    rb"{\rtf1\ansi\ansicpg1252\fromhtml1 \deff0{\fonttbl{\f0\fswiss Arial;}{\f1\fcharset204 X;}}"
    rb"{\*\generator Invented;}{\*\htmltag64 <html>}{\*\htmltag64 <p style='\{x\}'>}\htmlrtf {\b"
    rb"\htmlrtf0 Gr\'fc\'dfe {\*\htmltag84 &amp;}\htmlrtf &\htmlrtf0  \f1\'cf\f0"
    rb"\htmlrtf hidden from HTML\htmlrtf0 {\*\htmltag72 </p>}\par}}"
)


def test_html_in_rtf_is_the_html_of_the_message(tmp_path: Path) -> None:
    found = mail(tmp_path, msg(rtf=compressed_rtf(HTML_RTF)))
    assert found.body.strip() == "Grüße & П"
    assert found.body_format == "html"


def test_text_in_rtf_and_plain_rtf_are_the_text_where_there_is_no_other(tmp_path: Path) -> None:
    text = rb"{\rtf1\ansi\fromtext{\fonttbl{\f0 Courier;}}\f0 one\par two\par }"
    assert mail(tmp_path, msg(rtf=compressed_rtf(text))).body == "one\ntwo\n"
    rich = rb"{\rtf1\ansi{\fonttbl{\f0 Arial;}}\b one\b0 \u8364 ?\par}"
    assert mail(tmp_path, msg(rtf=compressed_rtf(rich)), "b.msg").body == "one€\n"
    both = msg(rtf=compressed_rtf(rich), body="what Outlook shows")
    assert mail(tmp_path, both, "c.msg").body == "what Outlook shows"


def test_html_bytes_are_read_by_their_code_page(tmp_path: Path) -> None:
    html = "<html><body>Паром</body></html>".encode("cp1251")
    found = mail(tmp_path, msg(html=html, html_codepage=1251))
    assert found.body.strip() == "Паром"


def test_damaged_rtf_is_said_and_the_message_is_read(tmp_path: Path) -> None:
    (item,) = items(put(tmp_path / "a.msg", msg(rtf=b"no rtf at all, whatever", body="text")))
    assert parse_message(item.data).body == "text"
    assert "RTF body not read" in item.defects[0]


def test_attachments_keep_names_types_and_bytes(tmp_path: Path) -> None:
    files = {"Größe.pdf": bytes(range(256)) * 40, 'a"b.bin': b"\r\n\0\n", "empty.txt": b""}
    found = mail(tmp_path, msg(body="x", attachments=[attached(n, d) for n, d in files.items()]))
    assert [(a.name, a.sha256) for a in found.attachments] == [
        (name, hashlib.sha256(data).hexdigest()) for name, data in files.items()
    ]


def test_an_attached_message_is_a_message_with_its_own_attachments(tmp_path: Path) -> None:
    inner = message(subject="Inner", body="inside", attachments=[attached("i.bin", b"123")])
    found = mail(tmp_path, msg(body="out", attachments=[attached("Inner", inner)]))
    (embedded,) = found.embedded
    assert (embedded.subject, embedded.body) == ("Inner", "inside")
    assert [a.size for a in embedded.attachments] == [3]
    assert found.attachments == []


def test_messages_nested_too_deep_end_with_a_word_on_it(tmp_path: Path) -> None:
    made = message(subject="level 0", body="x")
    for level in range(1, 40):
        made = message(subject=f"level {level}", body="x", attachments=[attached("m", made)])
    (item,) = items(put(tmp_path / "a.msg", write_compound(msg_tree(made))))
    assert "nested too deep" in item.defects[0]
    assert parse_message(item.data).subject == "level 39"


def _with_object(storage: Tree) -> bytes:
    tree = msg_tree(message(body="x", attachments=[attached("object", b"")]))
    place = dict(tree["__attach_version1.0_#00000000"])  # type: ignore[arg-type]
    del place["__substg1.0_37010102"]
    place["__substg1.0_3701000D"] = storage
    named, listed = "__properties_version1.0", place["__properties_version1.0"]
    place[named] = listed.replace(b"\x02\x01\x01\x37", b"\x0d\0\x01\x37")  # type: ignore[union-attr]
    return write_compound({**tree, "__attach_version1.0_#00000000": place})


def test_a_file_packed_in_an_ole_object_is_an_attachment(tmp_path: Path) -> None:
    native = (
        b"\x02\0" + b"sheet.csv\0" + b"C:\\d\\sheet.csv\0" + b"\0\0\x03\0" + struct.pack("<I", 4)
        + b"C:\\\0" + struct.pack("<I", 5) + b"a;b;c" + b"rest"
    )  # fmt: skip
    package = {"\x01Ole10Native": struct.pack("<I", len(native)) + native, "\x01CompObj": b"x"}
    found = mail(tmp_path, _with_object(package))
    assert [(a.name, a.sha256) for a in found.attachments] == [
        ("sheet.csv", hashlib.sha256(b"a;b;c").hexdigest())
    ]


def test_the_streams_of_any_other_ole_object_are_attachments(tmp_path: Path) -> None:
    found = mail(
        tmp_path,
        _with_object({"CONTENTS": b"12", "\x01Ole": b"x", "Inner": {"Data": b"345"}}),
    )
    assert sorted((a.name, a.size) for a in found.attachments) == [
        ("object CONTENTS", 2),
        ("object Inner Data", 3),
    ]


def test_an_attachment_that_is_a_link_is_listed_and_said(tmp_path: Path) -> None:
    link = Attachment({0x37050003: 4, 0x3707001F: "plan.xlsx", 0x370D001F: "\\\\srv\\plan.xlsx"})
    (item,) = items(put(tmp_path / "a.msg", msg(body="x", attachments=[link])))
    assert [(a.name, a.size) for a in parse_message(item.data).attachments] == [("plan.xlsx", 0)]
    assert "only a link" in item.defects[0]


SIGNED = (
    b'Content-Type: multipart/signed; protocol="application/pkcs7-signature";\r\n'
    b' boundary="s"\r\n\r\n--s\r\nContent-Type: text/plain\r\n\r\nsigned words\r\n--s\r\n'
    b"Content-Type: application/pkcs7-signature; name=smime.p7s\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--s--\r\n"
)


def test_a_clear_signed_message_is_read(tmp_path: Path) -> None:
    data = msg(
        message_class="IPM.Note.SMIME.MultipartSigned",
        attachments=[attached("smime.p7m", SIGNED, "multipart/signed")],
    )
    found = mail(tmp_path, data)
    assert found.body.strip() == "signed words"
    assert [a.name for a in found.attachments] == ["smime.p7s"]
    assert found.subject == "Tide tables"


def test_an_encrypted_message_is_kept_with_its_one_attachment(tmp_path: Path) -> None:
    part = attached("smime.p7m", b"0\x82secret", "application/pkcs7-mime")
    found = mail(tmp_path, msg(message_class="IPM.Note.SMIME", attachments=[part]))
    assert found.body == ""
    assert [(a.name, a.content_type) for a in found.attachments] == [
        ("smime.p7m", "application/pkcs7-mime")
    ]


def test_contacts_are_listed_and_no_loss_unless_somebody_wrote_in_them(tmp_path: Path) -> None:
    data = msg(message_class="IPM.Contact", subject="Ada Lind")
    (event,) = not_read(put(tmp_path / "a.msg", data))
    assert (event.reason, event.lost) == ("a contact", False)
    assert (event.size, event.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    noted = msg(message_class="IPM.Contact", body="Do not put this in writing.")
    assert mail(tmp_path, noted, "b.msg").body == "Do not put this in writing."


@pytest.mark.parametrize("kind", ["IPM.StickyNote", "IPM.Task", "IPM.Appointment", "IPM.Post"])
def test_notes_tasks_appointments_and_posts_are_messages(tmp_path: Path, kind: str) -> None:
    made = message(message_class=kind, body="Call the lawyer.", changed=SENT, recipients=[])
    del made.properties[0x00390040]
    found = mail(tmp_path, write_compound(msg_tree(made)))
    assert found.body == "Call the lawyer."
    assert found.date == SENT


def test_the_item_names_the_file_as_it_was_found(tmp_path: Path) -> None:
    data = msg(body="x")
    (item,) = items(put(tmp_path / "export" / "ada" / "Inbox" / "a.msg", data).parents[2])
    assert (item.format, item.place, item.medium) == ("msg", "a.msg", "mail")
    assert (item.source, item.custodian, item.folder) == ("export/ada/Inbox", "ada", "Inbox")
    assert (item.native_size, item.native_sha256) == (len(data), hashlib.sha256(data).hexdigest())


def test_the_files_of_a_folder_are_one_unit(tmp_path: Path) -> None:
    for number in range(5):
        put(tmp_path / "box" / f"{number}.msg", msg(body="x", subject=f"no {number}"))
    put(tmp_path / "box" / "6.eml", b"From: a@b.example\nSubject: no 6\n\nx\n")
    (unit,) = list(discover([tmp_path / "box"]))
    assert not isinstance(unit, NotRead)
    assert unit.kind == "tree"
    formats = [e.format for e in unit.events() if isinstance(e, Item)]
    assert formats == ["msg"] * 5 + ["eml"]
    assert [e.place for e in unit.events(4)] == ["4.msg", "6.eml"]


def test_a_file_is_told_by_its_content_packed_or_not(tmp_path: Path) -> None:
    data = msg(body="x")
    assert items(put(tmp_path / "noname", data))[0].format == "msg"
    assert items(put(tmp_path / "a.msg.gz", gzip.compress(data)))[0].format == "msg"
    (item,) = items(put(tmp_path / "b.zip", zipped({"in/c.msg": data})))
    assert (item.source, item.place) == ("b.zip!/in", "c.msg")


def test_other_compound_files_are_not_taken_for_messages(tmp_path: Path) -> None:
    data = write_compound({"WordDocument": b"x" * 5000, "1Table": b"y"})
    (event,) = not_read(put(tmp_path / "letter.doc", data))
    assert "OLE file" in event.reason
    assert event.lost


def test_a_file_larger_than_the_limit_is_listed_with_its_hash(tmp_path: Path) -> None:
    data = msg(body="x", attachments=[attached("a", bytes(100_000))])
    (event,) = not_read(put(tmp_path / "a.msg", data), limits=Limits(message=50_000))
    assert "larger than 50,000" in event.reason
    assert (event.size, event.sha256) == (len(data), hashlib.sha256(data).hexdigest())


def test_what_a_message_says_it_has_and_has_not_is_told(tmp_path: Path) -> None:
    tree = msg_tree(message(body="x", attachments=[attached("a", b"1"), attached("b", b"2")]))
    del tree["__attach_version1.0_#00000000"], tree["__recip_version1.0_#00000000"]
    del tree["__substg1.0_1000001F"]
    (item,) = items(put(tmp_path / "a.msg", write_compound(tree)))
    assert item.defects == (
        "damaged in the data file: properties without their value: 1000",
        "damaged in the data file: the message says 1 recipients: 0 are there",
        "damaged in the data file: the message says 2 attachments: 1 are there",
    )


def test_entries_that_fell_out_of_the_directory_are_told(tmp_path: Path) -> None:
    data = bytearray(msg(body="x"))
    at = data.index("__recip_version1.0_#00000000".encode("utf-16-le"))
    struct.pack_into("<I", data, at + 76, 0xFFFFFFFF)  # what is inside it
    (item,) = items(put(tmp_path / "a.msg", bytes(data)))
    assert any("entries of the file's directory belong to nothing" in d for d in item.defects)


def test_storages_whose_entries_are_a_list_are_read(tmp_path: Path) -> None:
    rows = [person(f"P{n}", f"p{n}@ferry.example") for n in range(1500)]
    tree = msg_tree(message(body="x", recipients=rows))
    found = mail(tmp_path, write_compound(tree, listed=True))
    assert [a.address for a in found.to] == [f"p{n}@ferry.example" for n in range(1500)]


def test_a_directory_that_runs_in_circles_is_read_once(tmp_path: Path) -> None:
    data = bytearray(msg(body="x"))
    at = data.index("__recip_version1.0_#00000000".encode("utf-16-le"))
    (left, right, child) = struct.unpack_from("<III", data, at + 68)
    (directory,) = struct.unpack_from("<I", data, 48)
    own = (at - (directory + 1) * 512) // 128
    for circle in ((own, right, child), (left, own, child), (left, right, own), (own, own, own)):
        struct.pack_into("<III", data, at + 68, *circle)
        (event,) = read(put(tmp_path / "a.msg", bytes(data)))
        assert isinstance(event, Item)


def test_a_file_whose_tables_need_tables_is_read(tmp_path: Path) -> None:
    data = bytes(range(256)) * 40_000
    found = mail(tmp_path, msg(body="x", attachments=[attached("a", data)]))
    assert found.attachments[0].sha256 == hashlib.sha256(data).hexdigest()


def test_a_cut_file_gives_what_is_there_and_says_so(tmp_path: Path) -> None:
    tree = msg_tree(message(body="kept", attachments=[attached("a.bin", b"z" * 9000)]))
    data = write_compound(tree)
    at = data.index(b"z" * 512) + 4096
    # The directory lies behind: only the allocation table says that the stream ends early.
    (item,) = items(put(tmp_path / "a.msg", _cut_chain(data, (at >> 9) - 1)))
    found = parse_message(item.data)
    assert found.body == "kept"
    assert 0 < found.attachments[0].size < 9000
    assert "cut off" in item.defects[0]
    (parsed,) = parse_batch([item])
    assert not isinstance(parsed, str)
    assert parsed.message.defects[0] == item.defects[0]


def _cut_chain(data: bytes, sector: int) -> bytes:
    (table,) = struct.unpack_from("<I", data, 76)
    at = (table + 1) * 512 + 4 * sector
    return data[:at] + struct.pack("<I", 0xFFFFFFFE) + data[at + 4 :]


def test_streams_that_all_claim_the_same_bytes_are_refused(tmp_path: Path) -> None:
    made = message(body="x", attachments=[attached(f"{n}", b"y" * 5000) for n in range(200)])
    data = bytearray(write_compound(msg_tree(made)))
    name = "__substg1.0_37010102".encode("utf-16-le")
    first = data.index(b"y" * 512) // 512 - 1
    at = data.find(name)
    while at >= 0:
        data[at + 116 : at + 128] = struct.pack("<IQ", first, len(data))
        at = data.find(name, at + 1)
    # One chain through the whole file, which ends nowhere.
    (table,) = struct.unpack_from("<I", data, 76)
    for sector in range(first, first + 100):
        struct.pack_into("<I", data, (table + 1) * 512 + 4 * sector, first)
    (event,) = not_read(put(tmp_path / "a.msg", bytes(data)))
    assert "more than the file" in event.reason


def test_a_cut_file_without_its_directory_is_listed(tmp_path: Path) -> None:
    data = msg(body="x", attachments=[attached("a", bytes(9000))])[:4096]
    (event,) = not_read(put(tmp_path / "a.msg", data))
    assert "damaged" in event.reason
    assert (event.size, event.lost) == (4096, True)


def test_times_that_cannot_be_are_no_date(tmp_path: Path) -> None:
    made = message(body="x", recipients=[])
    tree: Mapping[str, object] = msg_tree(made)
    stream = tree["__properties_version1.0"]
    assert isinstance(stream, bytes)
    for ticks in (0, 2**63, 2**64 - 1, 0x0CB34557A3DD4000):
        moment = struct.pack("<II", 0x00390040, 6)
        at = stream.index(moment) + 8
        broken = stream[:at] + struct.pack("<Q", ticks) + stream[at + 8 :]
        data = write_compound({**tree, "__properties_version1.0": broken})  # type: ignore[dict-item]
        assert mail(tmp_path, data, f"{ticks}.msg").date is None


RICH = write_compound(
    msg_tree(
        Message(
            message(
                headers=HEADERS, body="b", rtf=compressed_rtf(HTML_RTF), html=b"<p>h", codepage=932
            ).properties,
            [person("Bo", EXCHANGE), person("Cy", "cy@ferry.example", 2)],
            [attached("f.bin", b"f" * 5000), attached("m", message(body="in"))],
        )
    )
)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_damage_raises_or_loses_the_file(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    broken = bytearray(RICH)
    for _ in range(data.draw(st.integers(0, 12))):
        at = data.draw(st.integers(0, len(broken) - 1))
        broken[at] = data.draw(st.sampled_from([0, 1, 0x7F, 0xFE, 0xFF]))
    cut = data.draw(st.integers(512, len(broken)) | st.just(len(broken)))
    path = put(tmp_path_factory.getbasetemp() / "broken.msg", bytes(broken[:cut]))
    (event,) = read(path)
    if isinstance(event, Item):
        parse_message(event.data)
        assert len(event.data) < 20 * len(RICH)
    else:
        assert isinstance(event, NotRead)
        assert event.reason


def test_the_same_file_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = (items(put(tmp_path / f"{n}.msg", RICH))[0].data for n in "ab")
    assert first == second


def test_dates_before_the_epoch_of_unix_are_read(tmp_path: Path) -> None:
    moment = datetime(1965, 7, 8, 9, 10, 11, tzinfo=UTC)
    assert mail(tmp_path, msg(body="x", sent=moment)).date == moment
