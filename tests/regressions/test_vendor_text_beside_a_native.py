"""Texts of a load file were thrown away wherever there was a native, and heads hid the others."""

from __future__ import annotations

from pathlib import Path

from load_building import dat
from source_building import mail, put, read

from riskscan.mail.message import Message, Role
from riskscan.mail.parse import parse_message
from riskscan.mail.told import add_told
from riskscan.sources import Item, NotRead

HEADER = ["DOCID", "PARENTID", "FROM", "TO", "SUBJECT", "FILENAME", "TEXTPATH", "NATIVEPATH",
          "TEXT", "BCC", "DATESENT"]  # fmt: skip
WORDS = "The crates at the north pier hold what the harbour office must never see or weigh."
SCAN = b"II*\0\x08\0\0\0\0\0\0\0"
HELD = (
    b"From: ada@ferry.example\nTo: bo@ferry.example\nSubject: scan\nMIME-Version: 1.0\n"
    b"Content-Type: multipart/mixed; boundary=e\n\n--e\n\nsee scan\n--e\n"
    b'Content-Type: audio/wav\nContent-Disposition: attachment; filename="call.wav"\n\n'
    b"RIFF\0\0WAVE\n--e--\n"
)
SEALED = (
    b"From: ada@ferry.example\nTo: bo@ferry.example\nSubject: sealed\n"
    b"Date: Fri, 5 Jul 2024 09:05:00 +0000\nMIME-Version: 1.0\n"
    b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\n"
    b"Content-Transfer-Encoding: base64\n\nMIAGCSqGSIb3DQEHA6CAMIACAQAxgg==\n"
)


def row(**values: str) -> list[str]:
    return [values.get(name, "") for name in HEADER]


def messages(folder: Path, *rows: list[str]) -> list[Message]:
    found = []
    put(folder / "v.dat", dat([HEADER, *rows]).encode())
    for event in read(folder):
        assert isinstance(event, Item), event
        message = parse_message(event.data)
        if event.told is not None:
            add_told(message, event.told)
        message.defects = [*event.defects, *message.defects]
        found.append(message)
    return found


def test_text_stands_where_the_native_gives_none(tmp_path: Path) -> None:
    put(tmp_path / "T/1.txt", WORDS.encode())
    put(tmp_path / "N/1.wav", b"RIFF\0\0WAVE")
    put(tmp_path / "N/2.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504))
    told, loose = messages(
        tmp_path,
        row(DOCID="A1", FROM="a@quay.example", TO="b@quay.example", TEXT="see there"),
        row(DOCID="A2", PARENTID="A1", TEXTPATH=r"T\1.txt", NATIVEPATH=r"N\1.wav"),
        row(DOCID="A3", FILENAME="plan.doc", TEXTPATH=r"T\1.txt", NATIVEPATH=r"N\2.doc"),
    )
    assert [a.text for a in told.attachments] == [WORDS]
    assert [(a.name, a.text, a.unread) for a in loose.attachments] == [("plan.doc", WORDS, "")]
    assert any("plan.doc" in d and "its own: an OLE file" in d for d in loose.defects)


def test_text_of_a_notice_leaves_the_reason_why_it_is_not_read(tmp_path: Path) -> None:
    put(tmp_path / "N/2.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504))
    (loose,) = messages(
        tmp_path, row(DOCID="A", NATIVEPATH=r"N\2.doc", TEXT="Produced in native format")
    )
    assert loose.attachments[0].text and loose.attachments[0].unread


def test_native_mail_keeps_its_own_and_gets_what_it_lacks(tmp_path: Path) -> None:
    put(tmp_path / "N/1.eml", HELD)
    put(tmp_path / "N/2.eml", SEALED)
    put(tmp_path / "N/3.eml", mail("plain", body=WORDS))
    head = "From: ada@ferry.example\nSent: Friday, July 5, 2024 9:05 AM\nSubject: sealed\n\n"
    held, sealed, plain, bare = messages(
        tmp_path,
        row(DOCID="A1", NATIVEPATH=r"N\1.eml", TEXT="see scan"),
        row(DOCID="A2", PARENTID="A1", FILENAME="call.wav", TEXT=WORDS),
        row(DOCID="A3", NATIVEPATH=r"N\2.eml", TEXT=(head + WORDS).replace("\n", "®")),
        row(DOCID="A4", NATIVEPATH=r"N\3.eml", TEXT=WORDS),
        row(DOCID="A5", NATIVEPATH=r"N\2.eml", TEXT=head.replace("\n", "®")),
    )
    assert (held.body.strip(), held.attachments[0].text) == ("see scan", WORDS)
    assert sealed.authored.strip() == WORDS
    assert bare.body == "" and bare.defects == parse_message(SEALED).defects
    alone = parse_message(mail("plain", body=WORDS))
    assert (plain.body, plain.defects, plain.content_hash) == (
        alone.body, alone.defects, alone.content_hash,
    )  # fmt: skip


def test_the_text_of_a_message_in_a_native_mail_has_a_head_of_its_own(tmp_path: Path) -> None:
    inner = "From: Kim <k@quay.example>\nSubject: inner\nDate: Fri, 5 Jul 2024 09:05:00 +0000\n"
    outer = (
        "From: ada@ferry.example\nSubject: outer\nMIME-Version: 1.0\n"
        "Content-Type: multipart/mixed; boundary=e\n\n--e\n\nsee there\n--e\n"
        f"Content-Type: message/rfc822\n\n{inner}\nshort\n--e--\n"
    )
    put(tmp_path / "N/1.eml", outer.encode())
    put(tmp_path / "N/2.eml", f"{inner}\nshort\n".encode())
    put(tmp_path / "T/2.txt", inner.replace("Date", "Sent").encode() + b"Importance: High\n\nshort")
    (found,) = messages(
        tmp_path,
        row(DOCID="A1", NATIVEPATH=r"N\1.eml"),
        row(DOCID="A2", PARENTID="A1", NATIVEPATH=r"N\2.eml", TEXTPATH=r"T\2.txt"),
    )
    assert found.attachments == [] and len(found.embedded) == 1


def test_another_text_of_a_native_mail_is_attached(tmp_path: Path) -> None:
    put(tmp_path / "N/1.eml", mail("plain", body="nothing of the kind"))
    (found,) = messages(tmp_path, row(DOCID="A1", NATIVEPATH=r"N\1.eml", TEXT=WORDS))
    assert [(a.name, a.text, a.role) for a in found.attachments] == [
        ("1.eml.txt", WORDS, "alternative")
    ]
    assert (
        found.content_hash != parse_message(mail("plain", body="nothing of the kind")).content_hash
    )


def test_the_head_of_a_text_does_not_make_it_forwarded(tmp_path: Path) -> None:
    head = "From: Ada <a@quay.example>®Sent: Friday, July 5, 2024 9:05 AM®To: Bo®Cc: Cy Roe®"
    own, other = messages(
        tmp_path,
        row(DOCID="A1", FROM="Ada <a@quay.example>", TO="Bo", SUBJECT="crates",
            DATESENT="2024-07-05Z", TEXT=f"{head}Subject: crates®®{WORDS}"),
        row(DOCID="A2", FROM="b@quay.example", SUBJECT="FW: crates",
            TEXT=f"{head}Subject: crates®®{WORDS}"),
    )  # fmt: skip
    assert own.authored.strip() == f"Cc: Cy Roe\n\n{WORDS}"
    assert [s.role for s in other.segments] == [Role.FORWARDED]


def test_a_head_of_which_much_is_new_stays_and_is_no_history(tmp_path: Path) -> None:
    head = "From: Ada <a@quay.example>®Sent: Friday, July 5, 2024 9:05 AM®To: Bo®Subject: crates®®"
    (own,) = messages(tmp_path, row(DOCID="A1", FROM="Ada", SUBJECT="crates", TEXT=head + WORDS))
    assert all(word in own.authored for word in ("a@quay.example", "July 5, 2024", "To: Bo", WORDS))


def test_text_that_is_the_path_of_a_missing_file_is_told(tmp_path: Path) -> None:
    sent = row(DOCID="A1", FROM="a@quay.example", SUBJECT="crates", TEXT=r"VOL1\TEXT\A1.txt")
    events = read(put(tmp_path / "v.dat", dat([HEADER, sent]).encode()))
    item, lost = events
    assert isinstance(item, Item) and isinstance(lost, NotRead)
    assert lost.place == r"row 1 VOL1\TEXT\A1.txt" and "not there" in lost.reason
    assert parse_message(item.data).body.strip() == ""


def test_people_that_the_native_lacks_are_added(tmp_path: Path) -> None:
    put(tmp_path / "N/1.eml", b"From: Ada <a@quay.example>\nTo: b@quay.example\nSubject: x\n\ny\n")
    (found,) = messages(
        tmp_path,
        row(DOCID="1", NATIVEPATH=r"N\1.eml", FROM="Quay, Ada", TO="B <B@quay.example>",
            BCC="kim@rival.example", DATESENT="2024-07-05 09:05:00Z"),
    )  # fmt: skip
    assert [a.address for a in (*found.to, *found.cc, *found.bcc)] == [
        "b@quay.example", "kim@rival.example",
    ]  # fmt: skip
    assert found.date is not None and found.date.hour == 9
    assert any("alone tells: kim@rival.example" in d for d in found.defects)


def test_a_saved_page_is_the_rendering_of_its_row(tmp_path: Path) -> None:
    page = (
        b"From: <Saved by Blink>\nSnapshot-Content-Location: x\nSubject: saved\nMIME-Version: 1.0\n"
        b"Date: Mon, 1 Jan 2001 00:00:00 -0000\nContent-Type: multipart/related; boundary=b\n\n"
        b"--b\nContent-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n"
        b"<p>the p=\nage</p>\n--b--\n"
    )
    put(tmp_path / "N/1.mht", page)
    (found,) = messages(
        tmp_path,
        row(DOCID="1", NATIVEPATH=r"N\1.mht", FROM="a@quay.example", TO="b@quay.example",
            SUBJECT="crates", DATESENT="2024-07-05 09:05:00Z"),
    )  # fmt: skip
    assert found.sender is not None and found.sender.address == "a@quay.example"
    assert found.date is not None and found.date.year == 2024
    assert [a.text.strip() for a in found.attachments] == ["saved\n\nthe page"]
    assert found.embedded == []


def test_few_words_more_are_kept_where_they_stand_together(tmp_path: Path) -> None:
    put(tmp_path / "N/1.txt", f"{WORDS}\nREDACTED".encode())
    put(tmp_path / "N/2.txt", b"REDACTED")
    put(tmp_path / "T/1.txt", f"{WORDS}\nREDACTED\nshred the ledger tonight".encode())
    put(tmp_path / "T/2.txt", b"Bribe")
    (told,) = messages(
        tmp_path,
        row(DOCID="A1", FROM="a@quay.example", TO="b@quay.example", TEXT="see there"),
        row(DOCID="A2", PARENTID="A1", TEXTPATH=r"T\1.txt", NATIVEPATH=r"N\1.txt"),
        row(DOCID="A3", PARENTID="A1", TEXTPATH=r"T\2.txt", NATIVEPATH=r"N\2.txt"),
    )
    assert "shred the ledger tonight" in told.attachments[0].text
    assert "Bribe" in told.attachments[1].text
