"""``--threshold`` of scan and score: flag more or less without another model."""

from __future__ import annotations

from pathlib import Path

import pytest
from scan_building import WORRY, mail, write_mbox
from typer.testing import CliRunner

from riskscan.case.read import Case
from riskscan.cli import app
from riskscan.scanning import scan

RUN = CliRunner()


def _run(*arguments: str | Path, exit_code: int = 0) -> str:
    ran = RUN.invoke(app, [*map(str, arguments), "--workers", "0", "--quiet"])
    assert ran.exit_code == exit_code, ran.output
    return ran.output


def _told(case: Path) -> tuple[list[bool], list[float], list[float]]:
    with Case(case) as opened:
        frame = opened.messages().sort_values("message_id")
        settings = [model["settings"]["threshold"] for model in opened.models()]
        return frame["flagged"].tolist(), frame["score"].tolist(), settings


def test_it_flags_from_there_on(tmp_path: Path) -> None:
    box = write_mbox(tmp_path / "a.mbox", [mail(1, WORRY), mail(2, "Lunch at one?")])
    case = tmp_path / "case"
    _run("scan", box, "--case", case, "--entities", "none")
    flagged, scores, settings = _told(case)
    assert flagged == [True, False]
    above = round((1 + scores[0]) / 2, 3)
    _run("score", case, "--threshold", above)
    assert _told(case) == ([False, False], scores, [*settings, above])
    _run("score", case, "--threshold", 0)
    assert _told(case)[:2] == ([True, True], scores)
    # The next scan says nothing of it: the model's own holds again.
    _run("scan", box, "--case", case, "--entities", "none")
    assert _told(case)[:2] == ([True, False], scores)
    _run("scan", box, "--case", case, "--entities", "none", "--threshold", above)
    assert _told(case)[0] == [False, False]


@pytest.mark.parametrize("value", ["-0.1", "1.5", "much"])
def test_it_is_a_probability(tmp_path: Path, value: str) -> None:
    box = write_mbox(tmp_path / "a.mbox", [mail(1, WORRY)])
    assert "--threshold" in _run(
        "scan", box, "--case", tmp_path / "case", "--threshold", value, exit_code=2
    )


def test_python_is_told_too(tmp_path: Path) -> None:
    box = write_mbox(tmp_path / "a.mbox", [mail(1, WORRY)])
    with pytest.raises(ValueError, match="not between 0 and 1"):
        scan(box, tmp_path / "case", threshold=1.5)
    assert not (tmp_path / "case").exists()
