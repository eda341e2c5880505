"""Addresses written as "ada at ferry.example", or without the comma between two, were lost."""

from __future__ import annotations

import pytest

from riskscan.mail.addresses import addresses
from riskscan.mail.parse import parse_message


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("ada at ferry.example (Ada Quay)", [("Ada Quay", "ada@ferry.example")]),
        ("ada at ferry.example", [("", "ada@ferry.example")]),
        ("ada at mail.ferry.example (=?utf-8?q?J=C3=B6?=)", [("Jö", "ada@mail.ferry.example")]),
        ("Harbour office at quay", [("Harbour office at quay", "")]),
        ("Ada <a@x.example> Bo Y <b@x.example>", [("Ada", "a@x.example"), ("Bo Y", "b@x.example")]),
        ("Ada <a@x.example> (home)", [("Ada", "a@x.example")]),
    ],
)
def test_each_is_found(value: str, wanted: list[tuple[str, str]]) -> None:
    assert [(a.name, a.address) for a in addresses([value])[0]] == wanted


def test_an_encoded_word_without_charset_is_read() -> None:
    raw = b"From: a@x.example\nSubject: =??Q?Tides_at_n=EFne?=\nContent-Type: text/plain\n\nx\n"
    assert parse_message(raw).subject == "Tides at nïne"
