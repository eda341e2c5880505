"""An .emlx file whose byte count is too small lost the end of its message, and nothing said so."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskscan.sources import Item, NotRead, discover

MAIL = b"From: ada@ferry.example\r\nSubject: tides\r\n\r\nThe tables\r\nare wrong.\r\n"
PLIST = b'<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0"></plist>\n'


@pytest.mark.parametrize("plist", [PLIST, b""], ids=["with list", "without list"])
@pytest.mark.parametrize("short", [0, 5, 40])
def test_the_message_goes_to_the_property_list(tmp_path: Path, short: int, plist: bytes) -> None:
    path = tmp_path / "7.emlx"
    path.write_bytes(b"%d\n" % (len(MAIL) - short) + MAIL + plist)
    (item,) = [e for u in discover([path]) if not isinstance(u, NotRead) for e in u.events()]
    assert isinstance(item, Item)
    assert item.data == MAIL
    assert bool(item.defects) == bool(short)
