"""The subject of a signed message with protected header fields was lost: "[...]" stood for it."""

from __future__ import annotations

import pytest

from riskscan.mail.parse import parse_message


def _signed(outside: str, inside: str, parameter: str) -> bytes:
    return (
        f"From: Ada Quay <ada@quay.example>\r\nSubject: {outside}\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/signed; boundary=s; protocol="application/pgp-signature"\r\n\r\n'
        f"--s\r\nContent-Type: text/plain{parameter}\r\nSubject: {inside}\r\n\r\nSee you there.\r\n"
        "--s\r\nContent-Type: application/pgp-signature; name=signature.asc\r\n\r\nx\r\n--s--\r\n"
    ).encode()


@pytest.mark.parametrize("parameter", ['; hp="clear"', '; protected-headers="v1"'])
def test_it_is_the_subject(parameter: str) -> None:
    message = parse_message(_signed("[...]", "Kite ledger", parameter))
    assert message.subject == "Kite ledger"
    assert any("outside stands: [...]" in defect for defect in message.defects)


def test_what_stands_outside_is_not_hidden_by_it() -> None:
    message = parse_message(_signed("Shred it", "Lunch", '; hp="clear"'))
    assert message.subject == "Lunch [outside: Shred it]"


def test_equal_ones_are_no_defect() -> None:
    message = parse_message(_signed("Lunch", "Lunch", '; hp="clear"'))
    assert (message.subject, message.defects) == ("Lunch", ["no date header"])


def test_what_does_not_say_so_is_left() -> None:
    assert parse_message(_signed("[...]", "Kite ledger", "")).subject == "[...]"
