"""Of "Harbour Works Notices@RIVERS" the blanks were lost, or its last word was the address."""

from __future__ import annotations

import pytest

from riskscan.mail.parse import parse_message
from riskscan.sources.mapi import MapiMessage, MapiRecipient, to_mail

GROUP = "Harbour Works Notices@RIVERS"


@pytest.mark.parametrize(
    ("written", "name", "address"),
    [
        (GROUP, "", GROUP),
        (f"Notices <{GROUP}>", "Notices", GROUP),
        (f'"{GROUP}" <>', GROUP, ""),
        ("Ada Quay/NA/Rivers@Rivers", "", "Ada Quay/NA/Rivers@Rivers"),
        ("Ada <ada @ quayside.example>", "Ada", "ada@quayside.example"),
        ("Ada Quay ada@host", "Ada Quay", "ada@host"),
        ('"ada@quayside.example" <>', "", "ada@quayside.example"),
    ],
)
def test_in_a_header(written: str, name: str, address: str) -> None:
    message = parse_message(f"To: bo@ferry.example, {written}\n\nHello.\n".encode())
    assert [(one.name, one.address) for one in message.to] == [
        ("", "bo@ferry.example"),
        (name, address),
    ]


@pytest.mark.parametrize("address", ["", GROUP, "notices@rivers.example"])
def test_of_a_recipient_in_an_outlook_file(address: str) -> None:
    made = MapiMessage(text="Hello.", recipients=[MapiRecipient("to", GROUP, address)])
    (one,) = parse_message(to_mail(made)).to
    assert GROUP in (one.name, one.address)
    assert not address or one.address == address
