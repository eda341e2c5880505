"""A folder that became a link between walking and reading was followed out of the export."""

from __future__ import annotations

from pathlib import Path

import pytest
from source_building import mail, mbox, zipped

from riskscan.sources import Item, NotRead, discover
from riskscan.sources.item import SourceError
from riskscan.sources.stream import digest_of, open_file

FILES = {
    "a.eml": mail("{}"),
    "b.mbox": mbox([mail("{}")]),
    "c.zip": zipped({"d.eml": mail("{}")}),
}


def filled(folder: Path, subject: bytes) -> Path:
    folder.mkdir(parents=True)
    for name, data in FILES.items():
        (folder / name).write_bytes(data.replace(b"{}", subject))
    return folder


@pytest.mark.parametrize("swapped", ["x", "x/deep"])
def test_nothing_outside_is_read(tmp_path: Path, swapped: str) -> None:
    filled(tmp_path / "export" / "x" / "deep", b"inside")
    filled(tmp_path / "outside", b"OUTSIDE")
    filled(tmp_path / "outside" / "deep", b"OUTSIDE")
    found = [u for u in discover([tmp_path / "export"]) if not isinstance(u, NotRead)]
    assert sum(isinstance(e, Item) for u in found for e in u.events()) == 3
    (tmp_path / "export" / swapped).rename(tmp_path / "gone")
    (tmp_path / "export" / swapped).symlink_to(tmp_path / "outside")
    events = [e for u in found for e in u.events()]
    assert not any(isinstance(e, Item) for e in events)
    told = [e.reason for e in events if isinstance(e, NotRead) and e.lost]
    assert told == ["a symbolic link on its way, not followed"] * 3
    assert digest_of(tmp_path / "export" / "x" / "deep" / "a.eml") == ("", 0)


def test_an_export_that_is_given_as_a_link_is_read(tmp_path: Path) -> None:
    filled(tmp_path / "real" / "export", b"inside")
    (tmp_path / "way").symlink_to(tmp_path / "real")
    (tmp_path / "export").symlink_to(tmp_path / "way" / "export")
    for export in (tmp_path / "export", tmp_path / "way" / "export", tmp_path / "way"):
        units = [u for u in discover([export]) if not isinstance(u, NotRead)]
        assert sum(isinstance(e, Item) for u in units for e in u.events()) == 3


def test_a_link_on_the_way_is_refused(tmp_path: Path) -> None:
    filled(tmp_path / "real", b"x")
    (tmp_path / "way").symlink_to(tmp_path / "real")
    with open_file(tmp_path / "real" / "a.eml") as file:
        assert file.read(5) == b"From:"
    with pytest.raises(SourceError, match="symbolic link"):
        open_file(tmp_path / "way" / "a.eml")
