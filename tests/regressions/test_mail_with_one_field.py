"""Mail with one header field in a file named .msg or .mbox was no mail, unlike in an .eml."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskscan.sources import Item, NotRead, discover

MAIL = b"Content-Type: text/plain\n\nThe tables are wrong.\n"


@pytest.mark.parametrize("name", ["a.eml", "a.msg", "a.mbox"])
def test_it_is_read_where_the_name_says_so(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(MAIL)
    (unit,) = discover([tmp_path])
    assert not isinstance(unit, NotRead)
    (item,) = unit.events()
    assert isinstance(item, Item)
    assert item.data == MAIL


def test_it_is_text_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(MAIL)
    (found,) = discover([tmp_path])
    assert isinstance(found, NotRead)
