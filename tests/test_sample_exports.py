"""The exports in tests/data, scanned as a user would: nothing lost, the same two worst messages."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import riskscan
from riskscan.cli import app

DATA = Path(__file__).parent / "data"
WORST = {
    "I think removing pages from a discharge record is against the law",
    "We pumped inside the limit and nobody should be able to see that",
}


@pytest.mark.parametrize(
    ("export", "number"), [("purview", 6), ("edrm", 3), ("teams", 6), ("google", 6)]
)
def test_an_export_is_read_whole(tmp_path: Path, export: str, number: int) -> None:
    frame = riskscan.scan(DATA / "exports" / export, tmp_path / "case", entities="none")
    told = frame.attrs["summary"]
    assert (told["found"], told["stored"], told["not_read"]) == (number, number, 0)
    assert told["adds_up"] and told["complete"]
    flagged = frame[frame["flagged"]]
    assert len(flagged) == 2
    with riskscan.Case(tmp_path / "case") as case:
        bodies = " ".join(m["body"] for m in case.records_of([int(i) for i in flagged["id"]]))
    assert all(text in " ".join(bodies.split()) for text in WORST)


def test_what_purview_claims_is_there(tmp_path: Path) -> None:
    case = str(tmp_path / "case")
    purview = str(DATA / "exports" / "purview")
    run = CliRunner().invoke
    assert (
        run(
            app, ["scan", purview, "--case", case, "--entities", "none", "--workers", "0", "-q"]
        ).exit_code
        == 0
    )
    told = run(app, ["manifest", case])
    assert told.exit_code == 0
    assert "hold: 6 of bytes, 6 of md5, 6 of message id, 6 of sha256" in told.output


@pytest.mark.parametrize(
    "options", [["mail.csv"], ["mail.jsonl", "--mapping", "columns.toml"]], ids=["csv", "jsonl"]
)
def test_a_table_is_read_whole(tmp_path: Path, options: list[str]) -> None:
    place = DATA / "exports" / "tables"
    given = [o if o.startswith("--") else str(place / o) for o in options]
    case = str(tmp_path / "case")
    result = CliRunner().invoke(
        app, ["scan", *given, "--case", case, "--entities", "none", "--workers", "0"]
    )
    assert result.exit_code == 0, result.output
    assert "6 messages = 6 stored" in result.output
    with riskscan.Case(case) as opened:
        assert opened.messages()["subject"].str.contains("Ballast").sum() == 2


def test_the_files_are_those_of_the_builder() -> None:
    spec = importlib.util.spec_from_file_location("sample_exports", DATA / "build.py")
    assert spec is not None and spec.loader is not None
    build = importlib.util.module_from_spec(spec)
    sys.modules["sample_exports"] = build
    spec.loader.exec_module(build)
    made = {
        "purview": build.purview(), "edrm": build.edrm(), "tables": build.tables(),
        "teams": build.teams(), "google": build.google_chat(),
    }  # fmt: skip
    there = {
        export: {
            p.relative_to(build.EXPORTS / export).as_posix(): p.read_bytes()
            for p in (build.EXPORTS / export).rglob("*")
            if p.is_file()
        }
        for export in made
    }
    assert there == made
