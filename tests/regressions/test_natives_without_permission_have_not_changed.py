"""A native that may not be opened made its load file one that changed while it was read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from load_building import dat
from scan_building import mail

import riskscan.sources
from riskscan.case.manifest import manifest
from riskscan.case.store import open_case
from riskscan.engine import Engine
from riskscan.sources import Limits
from riskscan.stages.ingest import ingest
from riskscan.stages.progress import Silent


def _volume(folder: Path) -> Path:
    (folder / "natives").mkdir(parents=True)
    for number in (1, 2):
        (folder / "natives" / f"{number}.eml").write_bytes(mail(number))
    rows = [[f"Q{number}", f"natives\\{number}.eml"] for number in (1, 2)]
    (folder / "load.dat").write_bytes(dat([["BEGDOC", "NATIVEPATH"], *rows]).encode())
    return folder


def _unit(case: Path, export: Path) -> dict[str, Any]:
    with open_case(case) as store, Engine(0) as engine:
        ingest(store, engine, [export], None, Silent(), Limits())
        (unit,) = manifest(store.engine)["units"]
    return dict(unit)


def test_it_is_told_as_not_read_and_not_as_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = _volume(tmp_path / "volume")
    size = sum(file.stat().st_size for file in export.rglob("*.*"))
    opened = os.open

    def forbid(path: Any, *more: Any, **named: Any) -> int:
        if str(path).endswith("2.eml"):
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *more, **named)

    with monkeypatch.context() as patched:
        patched.setattr(os, "open", forbid)
        unit = _unit(tmp_path / "case", export)
    assert unit["not_read"] == 1
    assert (unit["changed"], unit["done"], unit["bytes"]) == (False, True, size)


def test_one_that_was_taken_away_meanwhile_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = _volume(tmp_path / "volume")
    native = export / "natives" / "2.eml"
    listed = riskscan.sources.discover

    def late(*arguments: Any) -> Any:
        found = list(listed(*arguments))
        native.unlink()
        return iter(found)

    monkeypatch.setattr(riskscan.sources, "discover", late)
    assert _unit(tmp_path / "case", export)["changed"] is True
