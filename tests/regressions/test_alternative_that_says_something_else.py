"""An alternative of the text that says something else is kept and scored; it vanished.

Mail programs show the HTML, riskscan read the plain text, and of two messages that differed in the
HTML alone the second was a duplicate.
"""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from riskscan.mail.parse import parse_message
from riskscan.scanning import run_scan
from riskscan.sources.mapi import MapiMessage, to_mail

LUNCH = "Lunch at one? I am free from then on."
SECRET = "What we do with the emissions data is illegal. Destroy the files before the audit."


def letter(*alternatives: tuple[str, str]) -> bytes:
    """A message with alternatives of its text: subtype and text."""
    parts = "".join(
        f"--b\r\nContent-Type: text/{kind}; charset=utf-8\r\n\r\n{text}\r\n"
        for kind, text in alternatives
    )
    return (
        "From: ann@quay.example\r\nTo: ben@quay.example\r\nSubject: Lunch\r\n"
        "Date: Tue, 5 Mar 2024 08:00:00 +0000\r\nMessage-ID: <1@quay.example>\r\n"
        "MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n"
        f"{parts}--b--\r\n"
    ).encode()


def test_other_html_is_an_attachment_with_text() -> None:
    message = parse_message(letter(("plain", LUNCH), ("html", f"<p>{SECRET}</p>")))
    assert message.body.strip() == LUNCH
    assert [a.text.strip() for a in message.attachments] == [SECRET]
    assert "an alternative says something else: it is an attachment" in message.defects


def test_same_words_in_html_are_no_attachment() -> None:
    message = parse_message(letter(("plain", LUNCH), ("html", f"<p><b>{LUNCH}</b> Reply</p>")))
    assert not message.attachments
    assert not message.defects


def test_plain_text_under_longer_html_is_kept() -> None:
    html = "<p>" + "The canteen serves soup and fish with rice. " * 16 + "</p>"
    message = parse_message(letter(("plain", SECRET), ("html", html)))
    assert message.body.startswith("The canteen")
    assert [a.text.strip() for a in message.attachments] == [SECRET]


def test_second_plain_text_is_kept() -> None:
    message = parse_message(letter(("plain", LUNCH), ("plain", SECRET)))
    assert [a.text.strip() for a in message.attachments] == [SECRET]


@pytest.mark.parametrize("html", [True, False])
def test_other_body_of_an_outlook_message_is_an_attachment(html: bool) -> None:
    rich = b"{\\rtf1\\ansi " + SECRET.encode() + b"}"
    kept = struct.pack("<II4sI", len(rich) + 12, len(rich), b"MELA", 0) + rich
    other = {"html": f"<p>{SECRET}</p>"} if html else {"rtf": kept}
    message = parse_message(to_mail(MapiMessage(text=LUNCH, **other)))
    assert message.body.strip() == LUNCH
    assert [a.text.strip() for a in message.attachments] == [SECRET]


def test_same_words_in_rtf_are_no_attachment() -> None:
    rich = b"{\\rtf1\\ansi " + LUNCH.encode() + b"}"
    kept = struct.pack("<II4sI", len(rich) + 12, len(rich), b"MELA", 0) + rich
    assert not parse_message(to_mail(MapiMessage(text=LUNCH, rtf=kept))).attachments


def test_it_is_no_duplicate_and_flags(tmp_path: Path) -> None:
    innocent = letter(("plain", LUNCH), ("html", f"<p>{LUNCH}</p>"))
    (tmp_path / "1.eml").write_bytes(innocent)
    (tmp_path / "2.eml").write_bytes(letter(("plain", LUNCH), ("html", f"<p>{SECRET}</p>")))
    summary = run_scan([tmp_path / "1.eml", tmp_path / "2.eml"], tmp_path / "case", entities="none")
    assert (summary.stored, summary.duplicates) == (2, 0)
    assert summary.flagged == 1
