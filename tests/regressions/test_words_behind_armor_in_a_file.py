"""Of a text file that begins with a block of OpenPGP nothing was read, whatever came behind it."""

from __future__ import annotations

import pytest

from riskscan.mail.parse import parse_message
from riskscan.sources.compose import File, compose


def block(kind: str) -> str:
    return f"-----BEGIN PGP {kind}-----\n\niQEzBAEBCAAdFiEE0mock\n=aB3d\n-----END PGP {kind}-----\n"


def attached(text: str) -> tuple[str, str]:
    files = [File("note.txt", text.encode(), "text/plain")]
    (made,) = parse_message(
        compose([("From", "ada@ferry.example")], text="x", files=files)
    ).attachments
    return made.text, made.unread


@pytest.mark.parametrize("kind", ["SIGNATURE", "MESSAGE"])
def test_the_words_behind_it_are_read(kind: str) -> None:
    for before in (block(kind), block(kind) + "\r\n" + block(kind)):
        assert "Shred the tables." in attached(f"{before}\nShred the tables.\n")[0]


def test_armor_alone_is_no_text() -> None:
    assert attached(block("SIGNATURE")) == ("", "")
    assert attached(block("MESSAGE") + "\n" + block("MESSAGE") + "\n\n") == ("", "encrypted")
