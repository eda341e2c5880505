"""The bytes of a case's messages are found again in the exports."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from scan_building import mail

from riskscan.case.read import Case
from riskscan.case.settings import limits_for
from riskscan.case.store import open_case
from riskscan.engine import Engine
from riskscan.export.natives import Native, natives
from riskscan.stages.ingest import ingest
from riskscan.stages.progress import Silent

FROM_LINE = b"From ada@quayside.example Mon Jan  6 09:15:00 2020\n"


def scanned(case: Path, export: Path, columns: Mapping[str, str] | None = None) -> Path:
    """A case into which an export was read."""
    told = dict(columns or {})
    with open_case(case) as store, Engine(0) as engine:
        run = store.start_run("scan", {"columns": told})
        ingest(store, engine, [export], None, Silent(), limits_for(told))
        store.finish_run(run, {})
    return case


def found(case: Path) -> list[Native]:
    with Case(case) as opened:
        return list(natives(opened, [record["id"] for record in opened.records()]))


def apple(message: bytes) -> bytes:
    return b"%d\n" % len(message) + message + b"<?xml version='1.0'?><plist></plist>\n"


@pytest.mark.parametrize(
    ("name", "data", "ending"),
    [
        ("1.eml", FROM_LINE + mail(1), ".eml"),
        ("1.eml", b"\xef\xbb\xbf" + mail(1), ".eml"),
        ("1.emlx", apple(mail(1)), ".emlx"),
    ],
)
@pytest.mark.parametrize("alone", [True, False])
def test_a_message_cut_out_of_a_file_has_the_file_as_native(
    tmp_path: Path, name: str, data: bytes, ending: str, alone: bool
) -> None:
    file = tmp_path / "in" / name
    file.parent.mkdir()
    file.write_bytes(data)
    (native,) = found(scanned(tmp_path / "case", file if alone else file.parent))
    assert (native.mail, native.file, native.ending) == (mail(1), data, ending)


def test_mail_and_slack_days_in_one_folder_are_both_found(tmp_path: Path) -> None:
    folder = tmp_path / "in/general"
    folder.mkdir(parents=True)
    post = {"type": "message", "user": "U1", "text": "lunch", "ts": "1709370400.000100"}
    (folder / "2024-03-02.json").write_text(json.dumps([post]))
    (folder / "1.eml").write_bytes(mail(1))
    case = scanned(tmp_path / "case", tmp_path / "in")
    mails = [native.mail or b"" for native in found(case)]
    assert len(mails) == 2
    assert mail(1) in mails
    assert all(mails)


def test_a_later_scan_does_not_hide_what_an_earlier_one_was_told(tmp_path: Path) -> None:
    for name in ("in/t.csv", "later/t.csv"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("A,B,subject\nthe words,ben@quay.example,crates\n")
    case = scanned(tmp_path / "case", tmp_path / "in", {"text": "A", "from": "B"})
    scanned(case, tmp_path / "later", {"from": "B"})
    native = found(case)[0]
    assert native.mail is not None and b"ben@quay.example" in native.mail
