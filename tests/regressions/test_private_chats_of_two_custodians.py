"""Chats of two custodians, each with somebody called "Boss", were one; posts of one were copies."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from riskscan.mail.parse import parse_message
from riskscan.sources import Item, discover

LINES = {
    "Boss": ["Boss: sign it today", "Boss: and say nothing"],
    "Quay crew": ["Ada: sign it today", "Ben: no", "Cy: me neither"],
}


def ids(top: Path) -> list[tuple[str, str, str]]:
    """Message-ID, conversation and recipients of what is read."""
    found = []
    for unit in discover([top]):
        for event in unit.events(0):
            if isinstance(event, Item):
                message = parse_message(event.data)
                people = ", ".join(sorted(one.address for one in message.to))
                found.append((message.message_id, str(message.references), people))
    return found


def write(folder: Path, title: str, *, packed: bool) -> None:
    folder.mkdir(parents=True)
    text = "".join(
        f"05/07/2024, 09:0{n} - {line}\n" for n, line in enumerate(["x joined", *LINES[title]])
    )
    if packed:
        with zipfile.ZipFile(folder / f"WhatsApp Chat - {title}.zip", "w") as archive:
            archive.writestr("_chat.txt", text)
    else:
        (folder / f"WhatsApp Chat with {title}.txt").write_text(text, "utf-8")


@pytest.mark.parametrize("packed", [False, True])
def test_a_private_chat_is_its_custodians(tmp_path: Path, packed: bool) -> None:
    for name in ("ann", "bo"):
        write(tmp_path / "all" / name, "Boss", packed=packed)
    found = ids(tmp_path / "all")
    assert len(found) == 4
    assert len({one for one, _, _ in found}) == 4
    assert len({people for _, _, people in found}) == 2


def test_a_groups_chat_is_one_for_all(tmp_path: Path) -> None:
    for name in ("ann", "bo"):
        write(tmp_path / "all" / name, "Quay crew", packed=False)
    found = ids(tmp_path / "all")
    assert len(found) == 6
    assert len({one for one, _, _ in found}) == 3


def test_the_same_chat_exported_again_is_the_same(tmp_path: Path) -> None:
    write(tmp_path / "old" / "ann", "Boss", packed=True)
    write(tmp_path / "new" / "ann", "Boss", packed=True)
    assert ids(tmp_path / "old") == ids(tmp_path / "new") != []
