"""A field written amiss above the headers ("X Mailer: foo") made all of the headers text."""

from __future__ import annotations

import pytest

from riskscan.mail.parse import parse_message

FIELDS = b"From: nora@quayside.example\nTo: ben@quayside.example\nSubject: lots\n"
TEXT = b"\nThe crates are here.\n"
AMISS = [
    b"X Mailer: crates 2\n",
    b"Return Path: <nora@quayside.example>\n",
    b"Delivered To: ben\n",
    b"Status RO\n",
    b"X-Status RO\n",
]
TECHNICAL = [
    b"Received: from a by b; Tue, 5 Mar 2024 08:00:00 +0000\n",
    b"Message-ID: <1@quayside.example>\n",
    b"MIME-Version: 1.0\n",
]


@pytest.mark.parametrize("line", AMISS)
def test_the_line_alone_is_no_header(line: bytes) -> None:
    found = parse_message(line + FIELDS + TEXT)
    assert found.subject == "lots"
    assert found.body.strip() == "The crates are here."
    assert found.defects[0].startswith("1 line in the headers is no header: ")


@pytest.mark.parametrize("line", [b"garbage\n", b"Crates of ours\n", b"Subject of mail; lots\n"])
@pytest.mark.parametrize("field", TECHNICAL)
def test_above_what_nobody_copies_any_line_is(line: bytes, field: bytes) -> None:
    found = parse_message(line + FIELDS + field + TEXT)
    assert found.subject == "lots"
    assert found.body.strip() == "The crates are here."
    assert line.strip().decode() in found.defects[0]


@pytest.mark.parametrize("line", [b"Ben, look at this mail:\n", b"Status report of Tuesday\n"])
def test_what_somebody_wrote_above_a_copied_head_stays(line: bytes) -> None:
    found = parse_message(line + FIELDS + TEXT)
    assert found.subject == ""
    assert line.strip().decode() in found.body
    assert "Subject: lots" in found.body
