"""A native that could not be opened, or was not there, was told as not read for ever: when it could
be, and the load file was scanned again, the exit code stayed 3.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from load_building import dat
from scan_building import mail

from riskscan.case.manifest import manifest
from riskscan.case.store import open_case
from riskscan.engine import Engine
from riskscan.sources import Limits
from riskscan.stages.ingest import ingest
from riskscan.stages.progress import Silent


def volume(folder: Path) -> Path:
    (folder / "natives").mkdir(parents=True)
    for number in (1, 2):
        (folder / "natives" / f"{number}.eml").write_bytes(mail(number))
    rows = [[f"Q{number}", f"natives\\{number}.eml"] for number in (1, 2)]
    (folder / "load.dat").write_bytes(dat([["BEGDOC", "NATIVEPATH"], *rows]).encode())
    return folder


def state(case: Path, export: Path) -> tuple[bool, int, int, int]:
    """Complete, found, stored and not read, after a scan."""
    with open_case(case) as store, Engine(0) as engine:
        ingest(store, engine, [export], None, Silent(), Limits())
        told: dict[str, Any] = manifest(store.engine)
    assert told["adds_up"]
    figures = told["totals"]
    return told["complete"], figures["found"], figures["stored"], figures["not_read"]


def forbid(patched: pytest.MonkeyPatch) -> None:
    opened = os.open

    def refuse(path: Any, *more: Any, **named: Any) -> int:
        if str(path).endswith("2.eml"):
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *more, **named)

    patched.setattr(os, "open", refuse)


def test_what_was_forbidden_and_is_not_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export, case = volume(tmp_path / "volume"), tmp_path / "case"
    with monkeypatch.context() as patched:
        forbid(patched)
        assert state(case, export) == (False, 1, 1, 1)
    assert state(case, export) == (True, 3, 2, 0)
    assert state(case, export) == (True, 3, 2, 0)


def test_what_is_forbidden_now_is_told_until_it_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export, case = volume(tmp_path / "volume"), tmp_path / "case"
    assert state(case, export) == (True, 2, 2, 0)
    with monkeypatch.context() as patched:
        forbid(patched)
        for _ in range(2):
            assert state(case, export)[0] is False
    assert state(case, export)[0] is True


def test_what_was_not_there_and_is_now(tmp_path: Path) -> None:
    export, case = volume(tmp_path / "volume"), tmp_path / "case"
    (export / "natives/2.eml").rename(tmp_path / "kept.eml")
    assert state(case, export) == (False, 1, 1, 1)
    (tmp_path / "kept.eml").rename(export / "natives/2.eml")
    assert state(case, export) == (True, 3, 2, 0)


def test_other_losses_of_an_earlier_state_stay(tmp_path: Path) -> None:
    export, case = volume(tmp_path / "volume"), tmp_path / "case"
    whole = (export / "load.dat").read_bytes()
    (export / "load.dat").write_bytes(whole + dat([["too", "many", "values"]]).encode())
    assert state(case, export)[0] is False
    (export / "load.dat").write_bytes(whole)
    assert state(case, export)[0] is False
