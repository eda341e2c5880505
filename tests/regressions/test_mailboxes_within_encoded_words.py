"""Of a mailbox within an encoded word, or a name with "@", nothing was kept, without a word."""

from __future__ import annotations

import base64

import pytest

from riskscan.mail.parse import parse_message


def b64(text: str) -> str:
    return f"=?utf-8?B?{base64.b64encode(text.encode()).decode()}?="


def people(value: str) -> list[tuple[str, str]]:
    message = parse_message(f"From: {value}\nTo: {value}\nSubject: x\n\nx\n".encode())
    first = message.to[0]
    assert message.sender == first
    return [(one.name, one.address) for one in message.to]


@pytest.mark.parametrize(
    "value",
    [
        b64("Zoë Quay <zoe@ferry.example>"),
        f'"{b64("Zoë Quay <zoe@ferry.example>")}"',
        f"{b64('Zoë Quay')} {b64(' <zoe@ferry.example>')}",
        f"{b64('Zoë Quay')} <{b64('zoe@ferry.example')}>",
        b64("Zoë Quay (zoe@ferry.example)"),
        "=?utf-8?Q?Zo=C3=AB_Quay_=3Czoe=40ferry=2Eexample=3E?=",
        "=?utf-8?q?Zo=C3=AB_Quay_<zoe@ferry.example>?=",
    ],
)
def test_one_mailbox(value: str) -> None:
    assert people(value) == [("Zoë Quay", "zoe@ferry.example")]


def test_the_surname_may_stand_first() -> None:
    assert people(b64("Smith, Bo <bo@ferry.example>")) == [("Smith, Bo", "bo@ferry.example")]


def test_several_mailboxes_in_their_order() -> None:
    inner = b64('"Roe, Bo" <bo@ferry.example>, cy@ferry.example')
    assert people(f"ada@ferry.example, {inner}, di@ferry.example") == [
        ("", "ada@ferry.example"),
        ("Roe, Bo", "bo@ferry.example"),
        ("", "cy@ferry.example"),
        ("", "di@ferry.example"),
    ]


@pytest.mark.parametrize(
    ("value", "name", "address"),
    [
        (r'"Foo \"@\" Bar"', 'Foo "@" Bar', ""),
        ("Bo (Roe @ Work)", "Bo (Roe @ Work)", ""),
        (b64("Bo at @ home, now"), "Bo at @ home", ""),
        ("<<bo@@ferry.example", "", "bo@@ferry.example"),
        ("Bo <bo at ferry.example>", "Bo", "bo@ferry.example"),
        ("<bo at ferry.example>", "", "bo@ferry.example"),
        ("Bo <on his way>", "Bo <on his way>", ""),
        ("Bo <bo@ferry.example> Roe", "Bo Roe", "bo@ferry.example"),
        ("=?utf-8?Q?bo?=@ferry.example", "", "bo@ferry.example"),
    ],
)
def test_what_is_no_mailbox_is_kept(value: str, name: str, address: str) -> None:
    assert people(value)[0] == (name, address)


def test_the_first_is_the_first_however_it_is_written() -> None:
    assert people("Bo <bo@ferry.example>; Eve <eve@ferry.example>")[0][0] == "Bo"
    assert people("bo@ferry.example cy@ferry.example") == [
        ("", "bo@ferry.example"),
        ("", "cy@ferry.example"),
    ]


def test_an_item_of_any_length_is_kept() -> None:
    found = people(f"{'word ' * 1000}<bo@ferry.example> {'x' * 500}")
    assert [address for _, address in found] == ["bo@ferry.example"]


@pytest.mark.parametrize("name", ["Smith, Bo", "Acme, Inc.", "Dr. Ann Lee, PhD"])
def test_a_senders_name_may_hold_a_comma_without_marks(name: str) -> None:
    sender = parse_message(f"From: {name} <x@ferry.example>\nSubject: x\n\nx\n".encode()).sender
    assert sender is not None
    assert (sender.name, sender.address) == (name, "x@ferry.example")
