"""RTF beside HTML was not looked at, and of RTF that could not be read nothing was kept."""

from __future__ import annotations

import pytest

from riskscan.mail.message import Message
from riskscan.mail.parse import parse_message
from riskscan.sources.mapi import MapiMessage, to_mail

LUNCH = "Lunch at noon? I am free from then on."
OTHER = "What we do with the crates is illegal, destroy the files."


def mail(rtf: bytes, text: str = "", html: str = "") -> tuple[Message, list[str]]:
    made = MapiMessage(text=text, html=html or None, rtf=rtf)
    read = parse_message(to_mail(made))
    return read, made.repaired


def rtf(text: str) -> bytes:
    return b"{\\rtf1\\ansi " + text.encode() + b"\\par}"


def from_html(html: str) -> bytes:
    return b"{\\rtf1\\ansi\\fromhtml1 {\\*\\htmltag64 " + html.encode() + b"}}"


@pytest.mark.parametrize("body", [rtf(OTHER), from_html(f"<p>{OTHER}</p>")])
def test_rtf_that_says_something_else_than_html_and_text_is_attached(body: bytes) -> None:
    read, repaired = mail(body, LUNCH, f"<p>{LUNCH}</p>")
    assert read.body.strip() == LUNCH
    (attached,) = read.attachments
    assert attached.name == "body.rtf"
    assert any("RTF body says something else" in told for told in repaired)


@pytest.mark.parametrize("body", [rtf(LUNCH), from_html(f"<p>{LUNCH}</p>")])
def test_rtf_that_says_the_same_is_not(body: bytes) -> None:
    read, _ = mail(body, LUNCH, f"<p>{LUNCH}</p>")
    assert (read.body.strip(), read.attachments) == (LUNCH, [])


@pytest.mark.parametrize("text", ["", LUNCH])
@pytest.mark.parametrize(
    "body", [bytes(80), b"\x03\x01\x02\xff\x80", b"no rtf, but words: destroy the files" * 3]
)
def test_rtf_that_cannot_be_read_is_kept_and_told(body: bytes, text: str) -> None:
    read, repaired = mail(body, text)
    assert read.body.strip() == text
    (attached,) = read.attachments
    assert (attached.name, attached.size) == ("body.rtf", len(body))
    assert attached.unread.startswith("damaged: ") or "destroy the files" in attached.text
    assert any("RTF body not read" in told for told in repaired)
