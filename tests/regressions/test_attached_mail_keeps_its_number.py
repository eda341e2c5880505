"""With pseudonyms, and without the export, an attached .eml was two documents."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest
from typer.testing import CliRunner

from riskscan.case.read import Case
from riskscan.case.selection import Selection
from riskscan.case.selection import families as all_of
from riskscan.case.store import open_case
from riskscan.cli import app
from riskscan.engine import Engine
from riskscan.export.family import families
from riskscan.sources import Limits
from riskscan.stages.ingest import ingest
from riskscan.stages.merging import merge
from riskscan.stages.progress import Silent


def letter(subject: str) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"] = "Ada Lovell <ada@quay.example>", "bo@quay.example"
    made["Date"], made["Subject"] = "Thu, 7 Mar 2024 08:00:00 +0000", subject
    made["Message-ID"] = f"<{subject}@quay.example>"
    made.set_content(f"The text of {subject}.")
    return made


@pytest.fixture
def export(tmp_path: Path) -> Path:
    outer = letter("outer")
    octets = {"maintype": "application", "subtype": "octet-stream"}
    outer.add_attachment(letter("one").as_bytes(), **octets, filename="one.eml")
    outer.add_attachment("a note", filename="note.txt")
    outer.add_attachment(letter("rfc"))
    outer.add_attachment(letter("two").as_bytes(), **octets, filename="two.eml")
    file = tmp_path / "in/outer.eml"
    file.parent.mkdir()
    file.write_bytes(outer.as_bytes())
    with open_case(tmp_path / "case") as store, Engine(0) as engine:
        ingest(store, engine, [file], None, Silent(), Limits())
        merge(store, Silent())
    return file


def shape(case: Path) -> list[tuple[str, str]]:
    with Case(case) as opened, opened.connect() as connection:
        (family,) = families(opened, all_of(connection, Selection()))
        return [(one.name, one.record["subject"] if one.is_mail else "") for one in family]


def test_without_the_export_the_family_is_the_same(export: Path, tmp_path: Path) -> None:
    before = shape(tmp_path / "case")
    assert before == [
        ("", "outer"), ("one.eml", "one"), ("note.txt", ""), ("two.eml", "two"), ("", "rfc"),
    ]  # fmt: skip
    export.unlink()
    assert shape(tmp_path / "case") == before


def test_with_pseudonyms_the_numbers_are_the_same(export: Path, tmp_path: Path) -> None:
    kinds = []
    for name, more in (("a", []), ("b", ["--pseudonymise", "--key", str(tmp_path / "k")])):
        told = CliRunner().invoke(
            app,
            ["export", str(tmp_path / "case"), "--to", str(tmp_path / name), "--format",
             "concordance", *more],
        )  # fmt: skip
        assert told.exit_code == 0, told.output
        data = (tmp_path / name / "DATA/production.dat").read_text("utf-8-sig")
        rows = [row.split("\x14") for row in data.splitlines()]
        at = rows[0].index("þDOCTYPEþ")
        kinds.append([(row[0], row[at]) for row in rows[1:]])
    assert kinds[0] == kinds[1] and len(kinds[0]) == 5
