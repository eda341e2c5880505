"""Senders without "@", in doubled brackets or with "mailto:", and names with bare commas."""

from __future__ import annotations

import pytest

from riskscan.mail.parse import parse_message


def people(value: str, field: str = "To") -> list[tuple[str, str]]:
    message = parse_message(f"{field}: {value}\nSubject: x\n\nx\n".encode())
    found = message.to if field == "To" else [message.sender] if message.sender else []
    return [(one.name, one.address) for one in found]


@pytest.mark.parametrize(
    ("value", "name", "address"),
    [
        ("Mail Delivery Subsystem <MAILER-DAEMON>", "Mail Delivery Subsystem", "MAILER-DAEMON"),
        ('"Group Ware" <$$$.$$$.$$$>', "Group Ware", "$$$.$$$.$$$"),
        ("root (Cron Daemon)", "Cron Daemon", "root"),
        ("MAILER-DAEMON (Mail Delivery System)", "Mail Delivery System", "MAILER-DAEMON"),
        ("<<ann@rivers.example>>", "", "ann@rivers.example"),
        ("Ann <<ann@rivers.example>>", "Ann", "ann@rivers.example"),
        ("Ann <mailto:ann@rivers.example>", "Ann", "ann@rivers.example"),
        ("mailto:ann@rivers.example", "", "ann@rivers.example"),
        ("[mailto:ann@rivers.example]", "", "ann@rivers.example"),
        ("Ann [MAILTO:ann@rivers.example]", "Ann", "ann@rivers.example"),
        ("ann@[192.0.2.1]", "", "ann@[192.0.2.1]"),
        ("Ann (Legal)", "Ann (Legal)", ""),
        ("Ann", "Ann", ""),
        ("Ann (Legal", "Ann (Legal", ""),
        ("Ann Quay <Ann Quay/NA/Rivers@Rivers>", "Ann Quay", "Ann Quay/NA/Rivers@Rivers"),
        ("Ann <ann @ rivers.example>", "Ann", "ann@rivers.example"),
    ],
)
def test_a_mailbox_is_read_as_others_read_it(value: str, name: str, address: str) -> None:
    assert people(value, "From") == [(name, address)]


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("=?utf-8?Q?Qu=C3=A4y,_Ann?= <ann@rivers.example>", "Quäy, Ann"),
        ("=?utf-8?q?Qu=C3=A4y;_Ann_(Legal)?= <ann@rivers.example>", "Quäy; Ann (Legal)"),
        ('"=?utf-8?Q?Qu=C3=A4y,_Ann?=" <ann@rivers.example>', "Quäy, Ann"),
        ("=?utf-8?Q?Qu=C3=A4y, Ann?= <ann@rivers.example>", "Quäy, Ann"),
    ],
)
def test_a_comma_in_an_encoded_word_parts_nobody(value: str, name: str) -> None:
    bob = ("Bob", "bob@rivers.example")
    assert people(f"{value}, Bob <bob@rivers.example>") == [(name, "ann@rivers.example"), bob]


def test_mailboxes_without_domain_in_a_list() -> None:
    assert people("Ops <ops>, Bob <bob@rivers.example>, Log <log>") == [
        ("Ops", "ops"), ("Bob", "bob@rivers.example"), ("Log", "log"),
    ]  # fmt: skip
