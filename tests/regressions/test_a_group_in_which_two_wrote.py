"""A WhatsApp group was a private chat of each custodian where in a copy only two had written."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskscan.mail.parse import parse_message
from riskscan.sources import Item, NotRead, discover

TWO = ["Ada: hello team", "Bob: hi group"]


def ids(top: Path, title: str, *copies: list[str]) -> list[str]:
    """The Message-IDs of what several custodians' exports of one title hold."""
    for number, lines in enumerate(copies):
        folder = top / f"custodian{number}"
        folder.mkdir(parents=True)
        text = "".join(f"13/03/2026, 10:0{n} - {line}\n" for n, line in enumerate(lines))
        (folder / f"{title}.txt").write_text(text, "utf-8")
    units = [u for u in discover([top]) if not isinstance(u, NotRead)]
    events = [event for unit in units for event in unit.events(0)]
    return [parse_message(e.data).message_id for e in events if isinstance(e, Item)]


@pytest.mark.parametrize(
    "title", ["WhatsApp Chat with Project Kite", "Chat de WhatsApp con Equipo Ñandú"]
)
def test_a_title_that_names_neither_is_a_groups(tmp_path: Path, title: str) -> None:
    found = ids(tmp_path, title, TWO, [*TWO, "Cy: late joiner"])
    assert (len(found), len(set(found))) == (5, 3)


def test_whatsapp_writes_the_groups_name(tmp_path: Path) -> None:
    made = 'Ada created group "Ada & Bob"'
    found = ids(tmp_path, "WhatsApp Chat with Ada & Bob", [made, *TWO], [made, *TWO, "Cy: me too"])
    assert (len(found), len(set(found))) == (5, 3)


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("WhatsApp Chat with Bob", TWO),
        ("Bob ile WhatsApp Sohbeti", TWO),
        ("WhatsApp Chat with Boss", ["Ada: hello", "Ada: nobody there?"]),
        ("WhatsApp Chat", TWO),
        ("WhatsApp Chat with +49 171 2345678", ["Ada: hello", "+49 171 2345678: hi"]),
    ],
)
def test_what_may_be_private_is_each_custodians(
    tmp_path: Path, title: str, lines: list[str]
) -> None:
    found = ids(tmp_path, title, lines, lines)
    assert (len(found), len(set(found))) == (4, 4)
