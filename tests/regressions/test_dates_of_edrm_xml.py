"""Tags of the type DateTime held dates that are none of XML: no T, no zone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from scan_building import mail, write_mbox

from riskscan.case.read import Case
from riskscan.case.selection import Selection
from riskscan.case.store import open_case
from riskscan.engine import Engine
from riskscan.export.edrm import write_edrm
from riskscan.sources import Limits
from riskscan.stages.ingest import ingest
from riskscan.stages.progress import Silent

_DATED = re.compile(r'TagName="#DateSent" TagDataType="(\w+)" TagValue="([^"]*)"')


def case_of(case: Path, export: Path) -> Path:
    with open_case(case) as store, Engine(0) as engine:
        ingest(store, engine, [export], None, Silent(), Limits())
    return case


def dates(case: Path) -> list[str]:
    with Case(case) as opened:
        return [record["date"] for record in opened.records()]


@pytest.mark.parametrize(
    ("fields", "kind", "form"),
    [
        ("", "DateTime", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
        ('date_format = "%d.%m.%Y"\nfields = ["DATESENT"]', "Text", r"\d\d\.\d\d\.\d{4}"),
    ],
)
def test_they_are_iso_8601_with_a_zone(tmp_path: Path, fields: str, kind: str, form: str) -> None:
    case = case_of(tmp_path / "case", write_mbox(tmp_path / "in.mbox", [mail(1), mail(2)]))
    profile = tmp_path / "fields.toml"
    profile.write_text(fields)
    with Case(case) as opened:
        write_edrm(opened, tmp_path / "p", Selection(), fields=profile if fields else None)
    told = _DATED.findall((tmp_path / "p/DATA/production.xml").read_text())
    assert len(told) == 2
    assert all(k == kind and re.fullmatch(form, value) for k, value in told)


def test_they_are_read_back_unchanged_without_the_natives(tmp_path: Path) -> None:
    case = case_of(tmp_path / "case", write_mbox(tmp_path / "in.mbox", [mail(1), mail(2)]))
    with Case(case) as opened:
        write_edrm(opened, tmp_path / "p", Selection())
    xml = tmp_path / "p/DATA/production.xml"
    xml.write_text(re.sub(r'<File FileType="Native">.*?</File>', "", xml.read_text()))
    for native in (tmp_path / "p/NATIVES").rglob("*.eml"):
        native.unlink()
    assert dates(case_of(tmp_path / "again", tmp_path / "p")) == dates(case)
