"""Hostile exports: a scan of all of them ends, and everything in them is accounted for."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest
from hostile_exports import EXPORTS, mbox, message

from riskscan.case.read import Case
from riskscan.scanning import Summary, run_scan
from riskscan.sources import Item, NotRead, discover


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All hostile exports in one folder, with links, a pipe and strange names beside them."""
    place = tmp_path_factory.mktemp("hostile") / "export"
    for name, (file, make) in EXPORTS.items():
        (place / name).mkdir(parents=True)
        (place / name / file).write_bytes(make())
    (place / "links").mkdir()
    (place / "links" / "loop").symlink_to("loop")
    (place / "links" / "up").symlink_to("..")
    (place / "links" / "out").symlink_to("/etc")
    os.mkfifo(place / "links" / "pipe")
    deep = place / "deep"
    for _ in range(60):
        deep = deep / "d"
    deep.mkdir(parents=True)
    (deep / "a.eml").write_bytes(message(900))
    for raw in (b"\xff\xfe.mbox", b"new\nline.mbox", b"\x1b[31m.mbox", "\u202e.mbox".encode()):
        Path(os.fsdecode(os.fsencode(place) + b"/" + raw)).write_bytes(mbox(message(901)))
    return place


@pytest.fixture(scope="module")
def scanned(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Summary, dict[str, Any]]:
    case = tmp_path_factory.mktemp("case") / "case"
    with pytest.MonkeyPatch.context() as patch:
        for stage in ("score", "merge"):
            patch.setattr(sys.modules[run_scan.__module__], stage, lambda *_: 0)
        summary = run_scan([folder], case, entities="none")
    with Case(case) as opened:
        return summary, opened.full_manifest()


def test_the_figures_add_up(scanned: tuple[Summary, dict[str, Any]]) -> None:
    summary, manifest = scanned
    assert summary.adds_up
    assert manifest["adds_up"]
    assert not summary.unfinished
    assert not summary.changed_exports


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_ends_in_messages_or_in_reasons(
    scanned: tuple[Summary, dict[str, Any]], name: str
) -> None:
    _, manifest = scanned
    own = f"export/{name}/"
    found = [row for row in manifest["sources"] if f"{row['source']}/".startswith(own)]
    unread = [row for row in manifest["unread"] if row["source"].startswith(own)]
    assert found or unread or name == "empty zip"
    assert all(row["reason"] for row in unread)


@pytest.mark.parametrize("name", [name for name in EXPORTS if "bomb" in name])
def test_a_bomb_gives_what_came_before_it(folder: Path, name: str) -> None:
    events = [e for unit in discover([folder / name]) for e in getattr(unit, "events", list)()]
    assert sum(len(e.data) for e in events if isinstance(e, Item)) < 2**20
    assert any(isinstance(e, NotRead) and e.lost for e in events)


def test_nothing_is_written_or_read_outside_of_the_export(
    folder: Path, scanned: tuple[Summary, dict[str, Any]]
) -> None:
    assert [p.name for p in folder.parent.iterdir()] == ["export"]
    _, manifest = scanned
    links = [row for row in manifest["unread"] if row["source"].startswith("export/links/")]
    assert len(links) == 4
    assert not any("root:" in str(row) for row in manifest["unread"])
