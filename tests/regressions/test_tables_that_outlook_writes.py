"""Outlook's own CSV has a column of names and one of addresses for each kind of recipient."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from source_building import put, read

from riskscan.mail.message import Message
from riskscan.mail.parse import parse_message
from riskscan.sources import Item

HEADERS = {
    "English": "Subject|Body|From: (Name)|From: (Address)|From: (Type)|To: (Name)|To: (Address)|"
    "To: (Type)|CC: (Name)|CC: (Address)|CC: (Type)|BCC: (Name)|BCC: (Address)|BCC: (Type)",
    "German": "Betreff|Textkörper|Von: (Name)|Von: (Adresse)|Von: (Typ)|An: (Name)|An: (Adresse)|"
    "An: (Typ)|CC: (Name)|CC: (Adresse)|CC: (Typ)|BCC: (Name)|BCC: (Adresse)|BCC: (Typ)",
    "French": "Objet|Corps|De: (nom)|De: (adresse)|De: (type)|À: (nom)|À: (adresse)|À: (type)|"
    "Cc: (nom)|Cc: (adresse)|Cc: (type)|Cci: (nom)|Cci: (adresse)|Cci: (type)",
    "Spanish": "Asunto|Cuerpo|De: (nombre)|De: (dirección)|De: (tipo)|Para: (nombre)|"
    "Para: (dirección)|Para: (tipo)|CC: (nombre)|CC: (dirección)|CC: (tipo)|CCO: (nombre)|"
    "CCO: (dirección)|CCO: (tipo)",
}
ROW = ["crates", "see the list", "Quay, Ada", "ada@quay.example", "SMTP",
       "Roe, Bo;Cy Tern", "/o=Quay/cn=bo;cy@quay.example", "EX;SMTP",
       "Di Fen", "di@quay.example", "SMTP", "Ed Low", "ed@quay.example", "SMTP"]  # fmt: skip


def message_of(path: Path, header: str, row: list[str]) -> Message:
    text = io.StringIO()
    csv.writer(text).writerows([header.split("|"), row])
    found = read(put(path, text.getvalue().encode("cp1252")))
    assert [type(one) for one in found] == [Item]
    return parse_message(found[0].data)


@pytest.mark.parametrize("language", HEADERS)
def test_people_have_names_and_addresses(tmp_path: Path, language: str) -> None:
    message = message_of(tmp_path / "x.csv", HEADERS[language], ROW)
    assert message.sender is not None
    assert (message.subject, message.body.strip()) == ("crates", "see the list")
    assert (message.sender.name, message.sender.address) == ("Quay, Ada", "ada@quay.example")
    people = [[(a.name, a.address) for a in kind] for kind in (message.to, message.cc, message.bcc)]
    assert people == [
        [("Roe, Bo", "/o=Quay/cn=bo"), ("Cy Tern", "cy@quay.example")],
        [("Di Fen", "di@quay.example")], [("Ed Low", "ed@quay.example")],
    ]  # fmt: skip


def test_names_without_addresses_and_in_other_numbers_lose_nobody(tmp_path: Path) -> None:
    row = [*ROW[:6], "bo@quay.example", "SMTP", "Di Fen", "", "", *ROW[11:]]
    message = message_of(tmp_path / "x.csv", HEADERS["English"], row)
    assert [a.name or a.address for a in message.to] == ["bo@quay.example", "Roe, Bo", "Cy Tern"]
    assert [a.name for a in message.cc] == ["Di Fen"]
