"""Who had scored a case with a model of their own had to know where riskscan keeps its own."""

from __future__ import annotations

from pathlib import Path

from labelled_building import fitted
from scan_building import WORRY, mail
from sqlalchemy import select
from typer.testing import CliRunner

from riskscan.case import schema
from riskscan.case.open import connect
from riskscan.case.read import Case
from riskscan.cli import app
from riskscan.detect.model import save_model
from riskscan.scanning import run_scan

RUN = CliRunner()


def test_score_without_a_model(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(mail(1, WORRY))
    run_scan([tmp_path / "a.eml"], tmp_path / "case", entities="none")
    with Case(tmp_path / "case") as opened:
        before = opened.messages()["score"].tolist()
    save_model(fitted(), tmp_path / "mine", {})
    for options in (["--model", str(tmp_path / "mine")], []):
        ran = RUN.invoke(app, ["score", str(tmp_path / "case"), *options, "--workers", "0"])
        assert ran.exit_code == 0, ran.output
    with Case(tmp_path / "case") as opened:
        assert opened.messages()["score"].tolist() == before
        assert [model["name"] for model in opened.models()] == ["detector", "mine"]
    engine = connect(tmp_path / "case")
    with engine.connect() as connection:
        runs = connection.execute(select(schema.runs.c.command)).scalars().all()
    engine.dispose()
    assert runs == ["scan", "score", "score"]
