"""Quarantine: listed, saved byte for byte, and let out when a message can be parsed."""

from __future__ import annotations

import hashlib
import json
import sys
import zipfile
from pathlib import Path

import pytest
from scan_building import PLAIN, mail, write_mbox, write_tree
from typer.testing import CliRunner

from riskscan.case.read import Case
from riskscan.cli import app
from riskscan.scanning import run_scan
from riskscan.stages import reread
from riskscan.stages.reread import quarantined, retry_quarantined, save_quarantined

STRANGE = [mail(i, f"Strange {i}.") for i in (901, 902, 903)]


@pytest.fixture(autouse=True)
def unscored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scores and people are of no matter here, and take time."""
    for stage in ("score", "merge"):
        monkeypatch.setattr(sys.modules[run_scan.__module__], stage, lambda *_: 0)


@pytest.fixture
def export(tmp_path: Path) -> Path:
    folder = tmp_path / "out" / "export"
    write_mbox(folder / "ada.mbox", [mail(1), STRANGE[0], mail(2), STRANGE[0]])
    write_tree(folder / "tree", [mail(3), STRANGE[1]])
    write_mbox(tmp_path / "in.mbox", [STRANGE[2], mail(4)])
    with zipfile.ZipFile(folder / "all.zip", "w") as archive:
        archive.write(tmp_path / "in.mbox", "../../in.mbox")
    return folder


@pytest.fixture
def case(export: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A case that a riskscan made that could not parse the strange messages."""
    from riskscan.mail import parse

    whole = parse.parse_message

    def older(data: bytes, *more: object) -> object:
        if b"Strange" in data:
            raise parse.MailError("too strange")
        return whole(data, *more)

    with monkeypatch.context() as patch:
        patch.setattr(parse, "parse_message", older)
        summary = run_scan([export], tmp_path / "case", entities="none")
    assert (summary.found, summary.quarantined) == (8, 4)
    return tmp_path / "case"


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker processes: quicker."""
    from riskscan.engine import Engine

    monkeypatch.setattr(reread, "Engine", lambda workers: Engine(0))


def run(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(a) for a in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output


def test_it_lists_place_reason_bytes_and_hash(case: Path) -> None:
    code, text = run("quarantine", case)
    assert code == 3
    assert "4 messages in quarantine" in text
    assert text.count("too strange") == 4
    assert text.count(hashlib.sha256(STRANGE[0]).hexdigest()) == 2
    assert "export/tree (0002.eml)" in text
    code, text = run("quarantine", case, "--json")
    rows = json.loads(text)["quarantined"]
    assert [row["bytes"] for row in rows] == [
        len(data) for data in (STRANGE[2], *STRANGE[:1] * 2, STRANGE[1])
    ]


def test_nothing_in_quarantine(tmp_path: Path) -> None:
    run_scan([write_mbox(tmp_path / "a.mbox", [mail(1)])], tmp_path / "case", entities="none")
    code, text = run("quarantine", tmp_path / "case")
    assert (code, text) == (0, "0 messages in quarantine\n")
    assert retry_quarantined(tmp_path / "case").parsed == 0


def test_it_saves_the_bytes_as_they_are_in_the_export(case: Path, tmp_path: Path) -> None:
    target = tmp_path / "saved"
    code, _ = run("quarantine", case, "--save", target)
    assert code == 3
    lines = [json.loads(x) for x in (target / "quarantine.jsonl").read_text().splitlines()]
    assert sorted((target / row["file"]).read_bytes() for row in lines) == sorted(
        [*STRANGE, STRANGE[0]]
    )
    for row in lines:
        assert hashlib.sha256((target / row["file"]).read_bytes()).hexdigest() == row["sha256"]
        assert "/" not in row["file"]
    assert {f.name for f in target.iterdir()} == {*(r["file"] for r in lines), "quarantine.jsonl"}
    assert not (tmp_path / "in.mbox.eml").exists()
    code, text = run("quarantine", case, "--save", target)
    assert code == 1
    assert "is there already" in text


def test_a_file_of_one_message_is_saved_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = {
        "a.eml": b"\xef\xbb\xbf" + STRANGE[0],
        "b.eml": b"From nora@quayside.example Tue Mar  5 08:00:00 2024\n" + STRANGE[1],
        "c.emlx": b"%d\n" % len(STRANGE[2]) + STRANGE[2] + b"<?xml version='1.0'?>\n<plist/>\n",
    }
    folder = tmp_path / "export"
    folder.mkdir()
    with zipfile.ZipFile(folder / "all.zip", "w") as archive:
        for name, data in whole.items():
            (folder / name).write_bytes(data)
            archive.writestr(name, data)
    with monkeypatch.context() as patch:
        patch.setattr("riskscan.mail.parse.parse_message", lambda *_: 1 / 0)
        assert run_scan([folder], tmp_path / "case", entities="none").quarantined == 6
    lines = save_quarantined(tmp_path / "case", tmp_path / "saved")
    assert all(row["hash_matches"] for row in lines)
    for row in lines:
        saved = tmp_path / "saved" / row["file"]
        assert saved.read_bytes() == whole[row["place"]]
        assert saved.suffix == Path(row["place"]).suffix
    assert retry_quarantined(tmp_path / "case").parsed == 6


def test_bytes_that_are_gone_or_changed_are_not_passed_off_for_the_message(
    case: Path, export: Path, tmp_path: Path, in_process: None
) -> None:
    box = export / "ada.mbox"
    box.write_bytes(box.read_bytes().replace(b"Strange 901", b"Mended! 901"))
    (export / "tree" / "0002.eml").unlink()
    (export / "all.zip").unlink()
    lines = save_quarantined(case, tmp_path / "saved")
    assert [line["file"] for line in lines] == [None] * 4
    told = retry_quarantined(case)
    assert (told.parsed, told.still, told.gone) == (0, 0, 4)
    assert all("not in the export any more" in one.reason for one in quarantined(case))
    retry_quarantined(case)
    assert all(one.reason.count("not in the export any more") == 1 for one in quarantined(case))


def test_what_now_parses_becomes_a_message_and_the_figures_add_up(
    case: Path, export: Path, in_process: None
) -> None:
    code, text = run("quarantine", case, "--retry")
    assert code == 0
    assert "4 parsed, 0 still" in text
    with Case(case) as opened:
        counts = opened.counts()
        rows = opened.manifest()
        record = opened.record("<903@quayside.example>")
        runs = opened.runs()
    assert {k: counts[k] for k in ("found", "stored", "duplicates", "quarantined")} == {
        "found": 8, "stored": 7, "duplicates": 1, "quarantined": 0,
    }  # fmt: skip
    assert all(row["adds_up"] for row in rows)
    assert {row["source"]: row["found"] for row in rows} == {
        "export/ada.mbox": 4, "export/tree": 2, "export/all.zip!/../../in.mbox": 2,
    }  # fmt: skip
    assert record["source"] == "export/all.zip!/../../in.mbox"
    assert record["thread_id"]
    assert record["score"] is None
    assert runs[-1]["summary"] == {"parsed": 4, "still": 0, "gone": 0}
    assert run_scan([export], case, entities="none").read == 0


def test_what_still_does_not_parse_stays_with_the_new_reason(
    case: Path, monkeypatch: pytest.MonkeyPatch, in_process: None
) -> None:
    from riskscan.mail import parse

    whole = parse.parse_message

    def newer(data: bytes, *more: object) -> object:
        if b"Strange 901" in data:
            raise parse.MailError("stranger than thought")
        return whole(data, *more)

    monkeypatch.setattr(parse, "parse_message", newer)
    code, text = run("quarantine", case, "--retry", "--json")
    assert code == 3
    told = json.loads(text)
    assert told["retried"] == {"parsed": 2, "still": 2, "gone": 0}
    assert [row["reason"] for row in told["quarantined"]] == ["stranger than thought"] * 2
    with Case(case) as opened:
        assert all(row["adds_up"] for row in opened.manifest())
        assert opened.counts()["quarantined"] == 2


def test_a_retry_runs_where_a_crash_loses_only_the_item(case: Path) -> None:
    assert retry_quarantined(case, workers=0).parsed == 4  # a worker has the parser as it is


def test_a_killed_retry_loses_nothing(
    case: Path, monkeypatch: pytest.MonkeyPatch, in_process: None
) -> None:
    from riskscan.case.batch import Batch

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Batch, "add", stop)
        with pytest.raises(KeyboardInterrupt):
            retry_quarantined(case)
    assert len(quarantined(case)) == 4
    assert retry_quarantined(case).parsed == 4
    with Case(case) as opened:
        assert opened.counts()["stored"] == 7
        assert {r["subject"] for r in opened.records()} == {"crates"}
        assert any(PLAIN in r["body"] for r in opened.records())
