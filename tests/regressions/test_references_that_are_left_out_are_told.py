"""Of a References header with tens of thousands of ids most were left out without a word."""

from __future__ import annotations

import pytest

from riskscan.mail.parse import parse_message


def mail(name: str, count: int) -> bytes:
    ids = "\n ".join(f"<tide.{n}@ferry.example>" for n in range(count))
    return f"From: Ada <ada@ferry.example>\nSubject: x\n{name}: {ids}\n\nSee above.\n".encode()


@pytest.mark.parametrize("count", [2_500, 50_000])  # 50,000 have more than 1 MiB
def test_the_first_and_the_last_are_kept_and_the_rest_is_told(count: int) -> None:
    message = parse_message(mail("References", count))
    assert len(message.references) == 2_000
    assert message.references[0] == "<tide.0@ferry.example>"
    assert message.references[-1] == f"<tide.{count - 1}@ferry.example>"
    assert f"references of {count:,} ids: the first and the last 1,999 are kept" in message.defects


def test_of_in_reply_to_too() -> None:
    told = parse_message(mail("In-Reply-To", 2_001)).defects
    assert "in-reply-to of 2,001 ids: the first and the last 1,999 are kept" in told


def test_nothing_is_told_where_all_are_kept() -> None:
    message = parse_message(mail("References", 2_000))
    assert len(message.references) == 2_000
    assert not any("ids" in defect for defect in message.defects)
