"""A text of 25 MB held a million uuencoded files, each a row of the case."""

from __future__ import annotations

import pytest

from riskscan.mail import body
from riskscan.mail.parse import parse_message

FILE = "begin 644 a\n#86)C\n`\nend\n"


def test_what_is_beyond_the_bound_stays_in_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "MAX_PARTS", 5)
    message = parse_message(f"Subject: files\n\n{FILE * 8}".encode())
    assert len(message.attachments) == 5
    assert message.body.count("begin 644 a") == 3
    assert any("more than 5 files" in defect for defect in message.defects)
