"""A lawyer's heading, or words of a list footer, made a disclaimer of somebody's own words."""

from __future__ import annotations

import pytest

from riskscan.mail.message import Role
from riskscan.mail.parse import parse_message

NOTICE = (
    "This e-mail may contain confidential and privileged material for the sole use of the\n"
    "intended recipient. If you have received it in error, please notify the sender."
)


def authored(body: str) -> str:
    """What of a message is taken for its author's own words."""
    mail = parse_message(b"From: nora@quay.example\nSubject: lots\n\n" + body.encode())
    parts = [s for s in mail.segments if s.role is Role.AUTHORED]
    return "".join(mail.body[s.start : s.end] for s in parts)


@pytest.mark.parametrize(
    "body",
    [
        "Privileged and confidential. Ben, keep the second set of lots off the books until June.",
        "Attorney-client privileged, attorney work product, private and confidential: the tests\n"
        "of lot 9 failed, and nobody outside this room may hear of it.",
        "Please note: we let the harbour office see the confidential information of the other\n"
        "bidder, and I do not think that we were allowed to.",
        "Ben,\nthe crates are to be removed from the yard before the inspectors come.",
        "See the list. If you want to be removed from this round, tell me before they ask.",
    ],
)
def test_the_first_paragraph_is_somebodys_own_words(body: str) -> None:
    assert authored(body).strip() == body


def test_a_heading_further_down_hides_nothing() -> None:
    body = (
        "Ben,\n\nPrivileged and confidential, so keep it that way: the permit was never asked for,"
        " and we have shipped since May.\n\nNora"
    )
    assert "the permit was never asked for" in authored(body)


def test_an_advertisement_below_the_first_paragraph_takes_its_own_line_only() -> None:
    own = "Great pictures.\nNobody may see them before the audit.\n"
    assert authored(own + "Do You Yahoo!? Get mail on your phone.").strip() == own.strip()


@pytest.mark.parametrize("above", ["", "Ben, the lots are in.\n\n", "Ben, see below.\n" + "\n" * 3])
def test_a_notice_is_one_wherever_it_stands(above: str) -> None:
    assert authored(above + NOTICE).strip() == above.strip()
