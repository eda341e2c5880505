"""``riskscan score``: another model for a case, without the export."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from labelled_building import CONCERN, ROUTINE, examples, fitted, one_thread
from scan_building import mail
from sklearn.base import clone
from typer.testing import CliRunner

import riskscan
from riskscan.case.read import Case
from riskscan.cli import app
from riskscan.detect.model import save_model
from riskscan.scanning import run_scan

RUN = CliRunner()


@pytest.fixture(autouse=True)
def _quick() -> Iterator[None]:
    with one_thread():
        yield


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A case whose export is gone."""
    export = tmp_path / "export"
    export.mkdir()
    bodies = [CONCERN["concealment"][0], *ROUTINE]
    for number, body in enumerate(bodies, 1):
        (export / f"{number}.eml").write_bytes(mail(number, body))
    former = _model(tmp_path / "former", 0.5, c_words=1.0)
    run_scan([export], tmp_path / "case", model=former, entities="none")
    shutil.rmtree(export)
    return tmp_path / "case"


def _model(folder: Path, threshold: float, **parameters: float) -> Path:
    model = clone(fitted()).set_params(threshold=threshold, **parameters)
    if parameters:
        some = examples()
        model.fit([e.text for e in some], [e.flag for e in some])
    else:
        vars(model).update({k: v for k, v in vars(fitted()).items() if k.endswith("_")})
    save_model(model, folder, {})
    return folder


def test_every_message_has_the_new_score(case: Path, tmp_path: Path) -> None:
    mine = _model(tmp_path / "mine", 0.3)
    ran = RUN.invoke(app, ["score", str(case), "--model", str(mine), "--workers", "0"])
    assert ran.exit_code == 0, ran.output
    assert "Scored  9 of 9 messages" in ran.stdout
    with Case(case) as opened:
        frame = opened.messages()
        assert [model["name"] for model in opened.models()] == ["former", "mine"]
        assert [run["command"] for run in opened.runs()] == ["scan", "score"]
    texts = [f"{s}\n\n{a}" for s, a in zip(frame["subject"], frame["authored"], strict=True)]
    expected = fitted().predict_proba(texts)[:, 1]
    assert frame["score"].tolist() == pytest.approx(expected.tolist(), abs=1e-5)
    assert CONCERN["concealment"][0] in frame["authored"][0]


def test_the_threshold_is_the_models(case: Path, tmp_path: Path) -> None:
    for threshold, flagged in ((0.0, 9), (1.0, 0)):
        mine = _model(tmp_path / f"m{flagged}", threshold)
        command = ["score", str(case), "--model", str(mine), "--workers", "0", "--json"]
        ran = RUN.invoke(app, command)
        assert ran.exit_code == 0, ran.output
        assert json.loads(ran.stdout)["flagged"] == flagged
    assert riskscan.Case(case).counts()["flagged"] == 0


def test_faults_are_sentences(case: Path, tmp_path: Path) -> None:
    with Case(case) as opened:
        before = opened.messages()["score"].tolist()
    for where, model, told in (
        (case, tmp_path, "There is no riskscan model"),
        (tmp_path / "none", _model(tmp_path / "mine", 0.3), "There is no riskscan case"),
    ):
        ran = RUN.invoke(app, ["score", str(where), "--model", str(model), "--workers", "0"])
        assert ran.exit_code == 1
        assert told in ran.stderr
    assert not (tmp_path / "none").exists()
    with Case(case) as opened:
        assert opened.messages()["score"].tolist() == before
