"""Fields of an empty selection, a custodian in bytes, files gone with their line, cut subjects."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result
from scan_building import mail, write_mbox
from typer.testing import CliRunner

from riskscan.case.store import open_case
from riskscan.cli import app
from riskscan.engine import Engine
from riskscan.mail.parse import parse_message
from riskscan.sources import Limits
from riskscan.stages.ingest import ingest
from riskscan.stages.progress import Silent


@pytest.fixture
def case(tmp_path: Path) -> Path:
    with open_case(tmp_path / "case") as store, Engine(0) as engine:
        box = write_mbox(tmp_path / "in.mbox", [mail(1), mail(2)])
        ingest(store, engine, [box], None, Silent(), Limits())
    return tmp_path / "case"


def export(case: Path, *more: object) -> Result:
    told = ["export", case, "--to", case.parent / "p", "--format", "concordance", *more]
    return CliRunner().invoke(app, [str(one) for one in told])


def test_all_fields_may_be_named_where_nothing_is_selected(case: Path, tmp_path: Path) -> None:
    (tmp_path / "f.toml").write_text('fields = ["DOCID", "INCLUSIVE", "NEARDUP"]')
    told = export(case, "--fields", tmp_path / "f.toml", "--custodian", "nobody")
    assert told.exit_code == 0, told.output


def test_a_custodian_in_another_charset_is_one_that_is_not_there(case: Path) -> None:
    told = export(case, "--custodian", "caf\udce9")
    assert told.exit_code == 0, told.output
    assert "codec" not in told.output


def test_a_file_that_is_gone_with_its_line_is_missed(case: Path, tmp_path: Path) -> None:
    assert export(case).exit_code == 0
    (native,) = (tmp_path / "p").rglob("DOC0000002.eml")
    native.unlink()
    manifest = tmp_path / "p/manifest.sha256"
    lines = manifest.read_text().splitlines(keepends=True)
    manifest.write_text("".join(line for line in lines if native.name not in line))
    told = CliRunner().invoke(app, ["verify", str(tmp_path / "p")])
    assert told.exit_code == 1 and "lists 5 files, production.json tells of 6" in told.output


def test_a_cut_subject_is_told() -> None:
    long = parse_message(b"From: a@quay.example\nSubject: " + b"word " * 3000 + b"\n\nText\n")
    assert len(long.subject) == 10_000
    assert any("cut to 10,000" in one for one in long.defects)
