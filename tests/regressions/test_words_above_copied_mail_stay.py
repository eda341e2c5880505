"""Words above a copied header block, and words below a lost end of armor, were in no body."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskscan.mail.parse import parse_message
from riskscan.mail.pgp import unarmored
from riskscan.sources import Item, NotRead, discover

_COPIED = "From: Bob Roe <bob@roe.example>\nTo: ann@roe.example\nSubject: plan\n\nlet us do it\n"


def test_above_a_copied_block() -> None:
    message = parse_message(f"I think that this is against the law.\n\n{_COPIED}".encode())
    assert "against the law" in message.authored
    assert message.sender is None


def test_words_are_no_armor() -> None:
    text = "-----BEGIN PGP MESSAGE-----\nwe\nbroke\nthe\nlaw\n\nBob\n"
    assert unarmored(text).text == text


@pytest.mark.parametrize(
    "said",
    [
        "fraud",
        "FYI",
        "Illegal.",
        "*** do not tell anyone ***",
        "--- my view: illegal ---",
        "### guilty",
        "* 3 reasons why this is fraud",
        "200 crates were never declared",
        "+OK let us do it then",
        "X-rated, hide it",
        "HTTP/ is not encrypted",
        "POST /it to nobody",
        "I think that this is against the law.",
        "we hid it\nBen",
        "Straße",
    ],
)
@pytest.mark.parametrize("between", ["\n\n", "\n"])
def test_words_that_look_like_a_programs(said: str, between: str) -> None:
    message = parse_message(f"{said}{between}{_COPIED}".encode())
    assert message.body.startswith(said)
    assert message.sender is None


def test_sentences_that_begin_like_a_from_line() -> None:
    said = "From what I know this is a crime, Bob:"
    assert said in parse_message(f"{said}\n\n{_COPIED}".encode()).body
    (told, *_) = parse_message(f"{said}\n{_COPIED}".encode()).defects
    assert told.endswith(said)


def test_a_file_named_as_mail_is_read_with_them(tmp_path: Path) -> None:
    file = tmp_path / "a.eml"
    file.write_text(f"We hid it, Ben.\n\n{_COPIED}")
    (unit,) = discover([file])
    assert not isinstance(unit, NotRead)
    (item,) = unit.events()
    assert isinstance(item, Item)
    message = parse_message(item.data)
    assert message.authored.strip() == "We hid it, Ben."
    assert "let us do it" in message.body


@pytest.mark.parametrize(
    "line", ["HTTP/1.1 200 OK", "+OK 190 octets", "=== message 12 ===", "a/1.eml", "X-Odd one"]
)
def test_what_is_left_out_is_told(line: str) -> None:
    for between in ("\n\n", "\n"):
        message = parse_message(f"{line}{between}{_COPIED}".encode())
        assert message.sender is not None
        assert any(defect.endswith(f"header: {line}") for defect in message.defects)


_DATA = f"hQEMA1{'a' * 57}1\n" * 3


@pytest.mark.parametrize(
    "armor",
    ["Version: 1\n\n", f"\n{_DATA}=ab1d\n", f"\n{_DATA}", f"Version: 1\n\n{_DATA}abc=\n=ab1d\n"],
)
def test_words_behind_armor_without_an_end(armor: str) -> None:
    text = unarmored(f"Hi\n-----BEGIN PGP MESSAGE-----\n{armor}guilty\nBob\n").text
    assert text.endswith("guilty\nBob\n")
    assert "hQEMA1" not in text
