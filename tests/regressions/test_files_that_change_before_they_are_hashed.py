"""A file that grew or shrank after it was listed kept its old size, and nobody was told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from scan_building import mail, write_mbox, write_tree

import riskscan.sources
from riskscan.case.manifest import manifest
from riskscan.case.store import open_case
from riskscan.engine import Engine
from riskscan.sources import Limits, NotRead, Unit, discover
from riskscan.stages.ingest import ingest
from riskscan.stages.progress import Silent

ONE, TWO = mail(1), mail(2)


@pytest.mark.parametrize(
    ("tree", "more"), [(True, True), (False, False)], ids=["folder grown", "mbox shrunk"]
)
def test_the_bytes_that_were_hashed_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tree: bool, more: bool
) -> None:
    export = tmp_path / "in"
    box = write_tree(export, [ONE]) / "0001.eml" if tree else write_mbox(export / "a.mbox", [ONE])
    data = box.read_bytes() + b"And more.\n" if more else box.read_bytes()[:-12]

    def late(exports: Sequence[Path], limits: Limits) -> Iterator[Unit | NotRead]:
        found = list(discover(exports, limits))
        box.write_bytes(data)
        yield from found

    monkeypatch.setattr(riskscan.sources, "discover", late)
    (unit,) = _units(tmp_path / "case", export)
    assert unit["bytes"] == len(data)
    assert unit["changed"] is True
    assert unit["found"] == unit["stored"] == 1
    # Read again, it is as it was listed.
    monkeypatch.undo()
    assert _units(tmp_path / "again", export)[0]["changed"] is False


def _units(case: Path, export: Path) -> list[dict[str, object]]:
    with open_case(case) as store, Engine(0) as engine:
        ingest(store, engine, [export], None, Silent(), Limits())
        return list(manifest(store.engine)["units"])
