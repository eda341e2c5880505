"""Outlook's own addresses (X.500, Notes) lost their blanks, or gave way to names in headers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msg_building import msg, person
from source_building import items, put

from riskscan.mail.message import Address
from riskscan.mail.parse import parse_message

X500 = "/O=FERRY WORKS/OU=FIRST GROUP/CN=RECIPIENTS/CN=ADA"
AT = "/O=FERRY WORKS/OU=FIRST GROUP/CN=RECIPIENTS/CN=ADA@QUAY"
NOTES = "Ada Lind/NA/Ferry@Ferry"


def people(tmp_path: Path, **properties: Any) -> tuple[Address | None, list[Address]]:
    (item,) = items(put(tmp_path / "one.msg", msg(**properties)))
    parsed = parse_message(item.data)
    return parsed.sender, parsed.to


@pytest.mark.parametrize("address", [X500, AT, NOTES])
@pytest.mark.parametrize("headers", ["", 'From: "Ada Lind"\n', "From: Lind, Ada\n"])
def test_the_senders_address_is_that_of_the_properties(
    tmp_path: Path, address: str, headers: str
) -> None:
    sender, _ = people(tmp_path, headers=headers, sender_address=address)
    assert sender == Address("Ada Lind", address)


def test_what_notes_writes_into_headers_is_no_address(tmp_path: Path) -> None:
    name = "Ferry Notices@FERRY"
    sender, to = people(
        tmp_path, headers=f"from: {name}\nto: {NOTES}, All Hands@FERRY\n", sender=name,
        sender_address=name,
        recipients=[person("Ada Lind", NOTES), person("All Hands@FERRY", "All Hands@FERRY")],
    )  # fmt: skip
    assert sender == Address("", name)
    assert {a.name or a.address for a in to} == {"Ada Lind", "All Hands@FERRY"}
    assert NOTES in {a.address for a in to}


@pytest.mark.parametrize(
    "own", ['"Ada" <ada@quay.example>', "ada@localhost", "Ada <root@quay>", "Ada ada@quay.example"]
)
def test_an_address_in_the_headers_stays(tmp_path: Path, own: str) -> None:
    sender, _ = people(tmp_path, headers=f"From: {own}\n", sender_address=X500)
    assert sender and "@" in sender.address


def test_a_name_in_the_place_of_an_address_is_a_name(tmp_path: Path) -> None:
    _, to = people(tmp_path, recipients=[person("Lind", "Lind"), person("Ada", X500)])
    assert {(a.name, a.address) for a in to} == {("Lind", ""), ("Ada", X500)}
