"""The .jsonl export keeps the contract of docs/export.md, and replaces files whole."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from scan_building import WORRY, attached, capitals, mail, multipart, text_part, write_mbox
from typer.testing import CliRunner

from riskscan.case.read import Case
from riskscan.cli import app
from riskscan.export.targets import ENDINGS, export_case
from riskscan.scanning import run_scan

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "export.md"
# "FIRST" asks for these; others measure with them.
ASKED = {
    "message_id", "mih", "custodians", "source", "date", "sender", "recipients", "subject",
    "score", "flagged", "signals", "findings", "entities", "thread_id", "duplicates", "authored",
    "segments",
}  # fmt: skip


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("riskscan.stages.entities._pipeline", lambda folder: None)
    monkeypatch.setattr("riskscan.language.pipeline.entities", capitals)
    quoting = f"{WORRY}\n\nOn Mon, Mar 4, 2024, Ben Tarn wrote:\n> old\n"
    twice = mail(2, quoting, to="Ben <ben@quayside.example>, cy@quayside.example")
    box = [
        mail(1, "Grüße an Nora \U0001f980\u2028\x0b."),
        twice,
        multipart(3, [text_part("See."), attached("a.txt", WORRY)]),
        mail(4, "No id, no date.", message_id="").replace(b"Date: Tue, 05 Mar 2024", b"Date: soon"),
    ]
    write_mbox(tmp_path / "in" / "ada.mbox", box)
    later = twice.replace(b"Date: Tue, 05 Mar 2024", b"Date: Wed, 06 Mar 2024")
    write_mbox(tmp_path / "in" / "bo.mbox", [twice, later])
    run_scan([tmp_path / "in"], tmp_path / "case")
    return tmp_path / "case"


def lines(case: Path, file: Path, **more: Any) -> list[dict[str, Any]]:
    with Case(case) as opened:
        written = export_case(opened, file, **more)
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n")[:-1]]
    assert len(rows) == written
    return rows


def schema() -> dict[str, Any]:
    (block,) = re.findall(r"```json\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.S)
    found: dict[str, Any] = json.loads(block)
    return found


def check(value: Any, rule: dict[str, Any], place: str = "record") -> None:
    """The part of JSON Schema that docs/export.md uses; unknown and missing names are faults."""
    kinds = {
        "object": dict, "array": list, "string": str, "integer": int, "number": (int, float),
        "boolean": bool, "null": type(None),
    }  # fmt: skip
    allowed = [rule["type"]] if isinstance(rule["type"], str) else rule["type"]
    fits = [
        k for k in allowed
        if isinstance(value, kinds[k]) and (k == "boolean" or not isinstance(value, bool))
    ]  # fmt: skip
    assert fits, f"{place}: {value!r} is not {allowed}"
    if "enum" in rule:
        assert value in rule["enum"], f"{place}: {value!r}"
    if isinstance(value, dict):
        assert set(value) == set(rule["properties"]), place
        for name, inner in value.items():
            check(inner, rule["properties"][name], f"{place}.{name}")
    if isinstance(value, list):
        for inner in value:
            check(inner, rule["items"], f"{place}[]")


def test_every_line_is_what_the_document_says(case: Path, tmp_path: Path) -> None:
    rows = lines(case, tmp_path / "out.jsonl")
    assert len(rows) == 4
    assert set(rows[0]) >= ASKED
    for row in rows:
        check(row, schema())


def test_a_line_says_what_is_in_the_mail(case: Path, tmp_path: Path) -> None:
    by_id = {row["message_id"]: row for row in lines(case, tmp_path / "out.jsonl")}
    row = by_id["<2@quayside.example>"]
    assert row["custodians"] == ["ada", "bo"]
    assert row["source"] == "in/ada.mbox"
    assert row["date"] == "2024-03-05T08:02:00+00:00"
    assert row["sender"] == "nora@quayside.example"
    recipient = row["recipients"][0]
    assert (recipient["kind"], recipient["name"]) == ("to", "Ben")
    assert recipient["address"] == "ben@quayside.example"
    assert recipient["merged_id"] != row["sender_merged_id"]
    assert row["sender_merged_name"] == "Nora Quill"
    assert row["privilege_hints"] == []
    assert row["flagged"] is True
    assert row["signals"]
    assert row["authored"].strip() == WORRY
    assert row["segments"][0]["role"] == "authored"
    assert "quoted" in [s["role"] for s in row["segments"]]
    assert row["segments"][-1]["end"] == len(row["body"])
    for finding in row["findings"]:
        assert finding["segment"] in ("authored", "subject")
    for entity in row["entities"]:
        text = row["subject"] if entity["segment"] == "subject" else row["body"]
        assert text[entity["start"] : entity["end"]] == entity["text"]
    assert [(d["message_id"], d["custodian"], d["source"], d["same_content"])
            for d in row["duplicates"]] == [
        ("<2@quayside.example>", "bo", "in/bo.mbox", True),
        ("<2@quayside.example>", "bo", "in/bo.mbox", False),
    ]  # fmt: skip
    assert by_id[""]["mih"] == ""
    assert by_id[""]["date"] == "2024-03-05T08:00:00+00:00"  # of its From_ line
    assert "\U0001f980\u2028\x0b" in by_id["<1@quayside.example>"]["body"]


def test_only_flagged(case: Path, tmp_path: Path) -> None:
    rows = lines(case, tmp_path / "out.jsonl", flagged=True)
    assert 1 <= len(rows) < 4
    assert all(row["flagged"] for row in rows)


def test_equal_cases_give_equal_files(case: Path, tmp_path: Path) -> None:
    run_scan([tmp_path / "in"], tmp_path / "again")
    lines(case, tmp_path / "a.jsonl")
    lines(tmp_path / "again", tmp_path / "b.jsonl")
    assert (tmp_path / "a.jsonl").read_bytes() == (tmp_path / "b.jsonl").read_bytes()


def test_a_line_a_message_whatever_is_in_it(case: Path, tmp_path: Path) -> None:
    lines(case, tmp_path / "out.jsonl")
    assert (tmp_path / "out.jsonl").read_bytes().count(b"\n") == 4


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_fault_leaves_the_earlier_file(
    case: Path, tmp_path: Path, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "out" / f"messages{ending}"
    with Case(case) as opened:
        export_case(opened, file)
        before = file.read_bytes()
        whole = opened.records

        def broken(**more: Any) -> Any:
            yield next(whole(**more))
            raise KeyboardInterrupt

        monkeypatch.setattr(opened, "records", broken)
        with pytest.raises(KeyboardInterrupt):
            export_case(opened, file)
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("name", ["out.txt", "out", "out.json", "out.jsonl.gz", ".csv"])
def test_unknown_endings_are_refused(case: Path, tmp_path: Path, name: str) -> None:
    result = CliRunner().invoke(app, ["export", str(case), "--to", str(tmp_path / name)])
    assert result.exit_code == 2
    assert not (tmp_path / name).exists()
    with Case(case) as opened, pytest.raises(ValueError, match="is not one of"):
        export_case(opened, tmp_path / name)


@pytest.mark.parametrize("ending", [*ENDINGS, ".CSV"])
def test_the_command(case: Path, tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"out{ending}"
    result = CliRunner().invoke(app, ["export", str(case), "--to", str(file), "--flagged"])
    assert result.exit_code == 0
    assert result.stdout.endswith(f"messages: {file}\n")
    assert file.stat().st_size


def test_no_case_and_a_place_that_cannot_be_written(case: Path, tmp_path: Path) -> None:
    runner = CliRunner()
    result = runner.invoke(app, ["export", str(tmp_path / "no"), "--to", str(tmp_path / "a.csv")])
    assert result.exit_code == 1
    assert "no riskscan case" in result.stderr
    (tmp_path / "a.csv").mkdir()
    result = runner.invoke(app, ["export", str(case), "--to", str(tmp_path / "a.csv")])
    assert result.exit_code == 1
    assert result.stderr.startswith("riskscan: Is a directory")
    assert not list(tmp_path.glob(".*"))
