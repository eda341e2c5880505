"""A message that a Windows program saved as UTF-16 text was listed as not read."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from riskscan.mail.parse import parse_message
from riskscan.sources import Item, NotRead, discover

MAIL = (
    "From: Ada <ada@ferry.example>\r\nTo: ben@ferry.example\r\nSubject: tides\r\n"
    "Content-Type: text/plain; charset=%s\r\nContent-Transfer-Encoding: 8bit\r\n\r\n%s\r\n"
)


def _read(path: Path) -> list[Item | NotRead]:
    events = []
    for unit in discover([path]):
        events += [unit] if isinstance(unit, NotRead) else list(unit.events())
    return events  # type: ignore[return-value]


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("us-ascii", "The tables are wrong."),
        ("iso-8859-1", "Die Tide läuft um neun – für 5 €."),
        ("utf-8", "Прилив в девять."),
        ("shift_jis", "潮は九時。"),
        ("utf-16", "Прилив в девять."),
        ("koi8-r", "Прилив в 九時."),
    ],
)
def test_it_is_read_and_its_hash_is_of_the_file(
    tmp_path: Path, codec: str, charset: str, text: str
) -> None:
    data = (MAIL % (charset, text)).encode(codec)
    path = tmp_path / "in" / "1.eml"
    path.parent.mkdir()
    path.write_bytes(data)
    (item,) = _read(path.parent)
    assert isinstance(item, Item)
    message = parse_message(item.data)
    assert (message.subject, message.body.strip()) == ("tides", text)
    assert (item.native_sha256, item.native_size) == (hashlib.sha256(data).hexdigest(), len(data))
    assert any("UTF-16" in defect for defect in item.defects)


@pytest.mark.parametrize(
    "text", ["tides\r\nare\r\nwrong\r\n", "From ada Mon Jan  6 09:15:00 2020\r\n" + MAIL]
)
def test_other_text_in_utf16_is_no_message(tmp_path: Path, text: str) -> None:
    path = tmp_path / "1.eml"
    path.write_bytes(text.encode("utf-16"))
    (found,) = _read(path)
    assert isinstance(found, NotRead)
    assert found.lost
