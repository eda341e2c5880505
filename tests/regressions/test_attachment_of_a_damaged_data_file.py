"""An attachment lost in a damaged Outlook data file is counted and told; it was empty, no more."""

from __future__ import annotations

from riskscan.mail.message import Attachment
from riskscan.mail.parse import parse_message
from riskscan.sources.compose import File, compose


def test_the_reason_reaches_the_attachment() -> None:
    lost = File("plan.doc", b"", unread="damaged: a page of a tree is damaged")
    (found,) = parse_message(compose([("Subject", "Plan")], text="Plan.", files=[lost])).attachments
    assert (found.name, found.size) == ("plan.doc", 0)
    assert found.unread == "damaged: a page of a tree is damaged"


def test_a_file_that_is_there_is_read_whatever_its_header_says() -> None:
    file = File("plan.txt", b"Shred the ledger.", "text/plain", unread="encrypted")
    found: list[Attachment] = parse_message(compose([], text="", files=[file])).attachments
    assert [(a.text, a.unread) for a in found] == [("Shred the ledger.", "")]
