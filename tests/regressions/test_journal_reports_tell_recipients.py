"""Whom a journal report alone names, as blind copies, was known of no message."""

from __future__ import annotations

from riskscan.mail.parse import parse_message

BODY = (
    "Sender: ada@ferry.example\nSubject: Tide tables\nMessage-Id: <1@ferry.example>\n"
    "To: bo@ferry.example\nTo: cleo@ferry.example, Expanded: all@ferry.example\n"
    "Cc: dan@ferry.example, Forwarded: dora@ferry.example\nBcc: al@ferry.example\n"
    "Recipient: gus@ferry.example\n"
)
ORIGINAL = (
    "From: Ada <ada@ferry.example>\nTo: Bo <Bo@ferry.example>, val@ferry.example\n"
    "Subject: Tide tables\nMessage-ID: <1@ferry.example>\n"
    "Date: Mon, 2 Nov 2026 09:59:00 +0000\n{more}\nShred them.\n"
)


def report(head: str = "X-MS-Journal-Report:\n", body: str = BODY, more: str = "") -> bytes:
    original = ORIGINAL.format(more=more)
    return (
        f"From: mse@ferry.example\nTo: journal@archive.example\n{head}Subject: Tide tables\n"
        "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
        f"--b\nContent-Type: text/plain\n\n{body}--b\nContent-Type: message/rfc822\n\n"
        f"{original}--b--\n"
    ).encode()


def test_recipients_are_those_of_the_message() -> None:
    made = parse_message(report())
    (found,) = made.embedded
    assert [a.address for a in found.to] == [
        "Bo@ferry.example", "val@ferry.example", "cleo@ferry.example"
    ]  # fmt: skip
    assert [a.address for a in found.cc] == ["dan@ferry.example"]
    assert [a.address for a in found.bcc] == ["al@ferry.example", "gus@ferry.example"]
    assert found.defects == [
        "recipients that the journal report alone names: cleo@ferry.example, dan@ferry.example, "
        "al@ferry.example, gus@ferry.example"
    ]
    assert [a.address for a in made.to] == ["journal@archive.example"]
    assert made.body.strip() == BODY.strip()


def test_reports_on_parts_of_its_recipients_are_no_duplicates() -> None:
    other = BODY.replace("al@", "eve@")
    hashes = {parse_message(report(body=b)).embedded[0].content_hash for b in (BODY, other)}
    assert len(hashes) == 2
    # The sender's own copy says the same as the report.
    copy = "Cc: dan@ferry.example, cleo@ferry.example\nBcc: al@ferry.example, gus@ferry.example\n"
    assert parse_message(ORIGINAL.format(more=copy).encode()).content_hash in hashes


def test_other_mail_that_forwards_one_adds_nobody() -> None:
    for made in (report(head=""), report(body=f"See below.\n{BODY}")):
        (found,) = parse_message(made).embedded
        assert (found.cc, found.bcc) == ([], [])
