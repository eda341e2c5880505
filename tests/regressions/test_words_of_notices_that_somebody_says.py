"""A sentence of somebody's own below a notice was part of it where it has words of notices."""

from __future__ import annotations

import pytest

from riskscan.mail.message import Role
from riskscan.mail.parse import parse_message

NOTICE = (
    "This e-mail is confidential and intended only for the addressee. If you are not the intended\n"
    "recipient, notify the sender and delete this message."
)
REST = "Any dissemination is strictly prohibited."
FIRM = "Quay Works Ltd is registered in England, company number 0123456. VAT no GB 123 4567 89."
SAID = [
    "Delete this email after reading it, Ben.",
    "Delete all files of the pier project and notify me when it is done.",
    "The views expressed by the board are a lie.",
    "Do not print this.",
    "We should not have this in writing.",
    "(this does not go into the file)",
    "If anyone asks, you did not receive this email.",
]


def of(text: str, html: bool, role: Role = Role.AUTHORED) -> str:
    kind = "plain"
    if html:
        kind = "html"
        text = "".join(f"<p>{one}</p>" for one in text.replace("\n\n", "\0").split("\0"))
    head = f"From: ada@quay.example\nContent-Type: text/{kind}\n\n"
    mail = parse_message(f"{head}{text}".encode())
    parts = [mail.body[s.start : s.end] for s in mail.segments if s.role is role]
    return " ".join("\n".join(parts).split())


@pytest.mark.parametrize("said", SAID)
@pytest.mark.parametrize("html", [False, True])
def test_below_a_notice_and_between_two(said: str, html: bool) -> None:
    assert of(f"At noon.\n\n{NOTICE}\n\n{said}\n", html) == f"At noon. {said}"
    assert of(f"At noon.\n\n{NOTICE}\n\n{said}\n\n{FIRM}\n", html) == f"At noon. {said}"


@pytest.mark.parametrize("said", ["PS: delete this after reading", "P.S. destroy all copies."])
def test_a_postscript_among_the_lines_of_a_notice(said: str) -> None:
    assert of(f"At noon.\n\n{NOTICE}\n{said}\n{REST}\n", False) == f"At noon. {said}"
    assert of(f"At noon.\n\n{NOTICE}\n{said}\n", False) == f"At noon. {said}"


@pytest.mark.parametrize(
    "notice",
    [
        f"{NOTICE}\n\n{REST}\n\n{FIRM}",
        f"{NOTICE}\n\nRegistered in England.\n\nAll rights reserved.",
        f"{NOTICE}\n\nFor more see http://www.quay.example/notice",
    ],
)
def test_notices_stay_notices(notice: str) -> None:
    assert of(f"At noon.\n\n{notice}\n", False) == "At noon."
