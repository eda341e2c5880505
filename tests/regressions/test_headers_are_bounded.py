"""24 MB of headers took 8 seconds and a gigabyte."""

from __future__ import annotations

import pytest

from riskscan.mail import headers
from riskscan.mail.parse import parse_message


def test_headers_beyond_the_bound_are_left_out_and_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(headers, "_MAX_HEAD", 2000)
    lines = "".join(f"X-{i}: v\n" for i in range(1000))
    message = parse_message(f"Subject: crates\n{lines}To: ben@quayside.example\n\nText.\n".encode())
    assert (message.subject, message.body.strip(), message.to) == ("crates", "Text.", [])
    assert any("bytes of headers" in defect for defect in message.defects)


def test_one_header_beyond_the_bound_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(headers, "_MAX_HEAD", 2000)
    message = parse_message(f"Subject: {'x' * 5000}\n\nText.\n".encode())
    assert message.subject.startswith("xxx")
    assert message.body.strip() == "Text."
