"""``riskscan audit`` printed neither the model nor the version that a reviewer was shown."""

from __future__ import annotations

from pathlib import Path

from review_building import quay_case
from typer.testing import CliRunner

import riskscan
from riskscan.case.decisions import Decision, Decisions
from riskscan.cli import app


def test_audit_prints_model_and_version(tmp_path: Path) -> None:
    case = quay_case(tmp_path)
    ledger = Decisions(case)
    ledger.decide("Ann", [Decision(3, "flag", score=0.9, model="abcdef0123456789")])
    ledger.decide("Ann", [Decision(4, "not")])
    ledger.close()
    told = CliRunner(env={"COLUMNS": "300"}).invoke(app, ["audit", str(case)])
    assert told.exit_code == 0
    shown, blind = told.stdout.splitlines()[:2]
    assert "score 0.9 by model abcdef012345" in shown
    assert "no score shown" in blind
    assert f"riskscan {riskscan.__version__}" in shown
