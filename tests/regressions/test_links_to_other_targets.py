"""Two HTML mails that differed in nothing but the target of a link were told as duplicates."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskscan.mail.identity import copy_hash
from riskscan.mail.parse import parse_message
from riskscan.scanning import run_scan

HEAD = (
    "From: Ada <ada@ferry.example>\nTo: ben@ferry.example\nSubject: tides\n"
    "Date: Tue, 05 Mar 2024 08:00:00 +0000\nMIME-Version: 1.0\n"
)


def html(page: str, number: str = "") -> bytes:
    named = f"Message-ID: <{number}@ferry.example>\n" if number else ""
    return f"{HEAD}{named}Content-Type: text/html\n\n<p>{page}</p>\n".encode()


def link(target: str, shown: str = "the tables") -> str:
    return f'See <a href="{target}">{shown}</a>.'


def content(data: bytes) -> str:
    return parse_message(data).content_hash


def test_another_target_is_another_message() -> None:
    one, other = html(link("https://share.example/1")), html(link("https://share.example/2"))
    assert content(one) != content(other)
    assert content(one) == content(html(link("https://share.example/1/")))


def test_a_target_that_the_text_shows_adds_nothing() -> None:
    shown = link("https://share.example/1", "https://share.example/1")
    assert content(html(shown)) == content(html("See https://share.example/1."))


def test_alternatives_are_looked_at_too() -> None:
    def both(target: str) -> bytes:
        return (
            f"{HEAD}Content-Type: multipart/alternative; boundary=b\n\n--b\n\nSee the tables.\n"
            f"--b\nContent-Type: text/html\n\n{link(target)}\n--b--\n"
        ).encode()

    assert content(both("https://share.example/1")) != content(both("https://share.example/2"))


def test_of_one_message_id_it_is_a_copy_still() -> None:
    ways = [html(link(f"https://gateway.example/{n}"), number="1") for n in range(2)]
    assert len({copy_hash(parse_message(data)) for data in ways}) == 1


@pytest.mark.parametrize(("numbers", "stored"), [(("", ""), 2), (("1", "2"), 2), (("1", "1"), 1)])
def test_both_are_stored(tmp_path: Path, numbers: tuple[str, str], stored: int) -> None:
    for n, number in enumerate(numbers):
        folder = tmp_path / "in" / str(n)
        folder.mkdir(parents=True)
        (folder / "1.eml").write_bytes(html(link(f"https://share.example/{n}"), number))
    summary = run_scan([tmp_path / "in"], tmp_path / "case", entities="none")
    assert summary.adds_up
    assert (summary.stored, summary.duplicates) == (stored, 2 - stored)
