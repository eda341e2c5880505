"""``--no-encoder``: the linear models alone, for whoever has more mail than time."""

from __future__ import annotations

from pathlib import Path

import pytest
from labelled_building import fitted
from scan_building import WORRY, mail, write_mbox
from typer.testing import CliRunner

from riskscan.case.read import Case
from riskscan.cli import app
from riskscan.detect.model import load_model, save_model
from riskscan.paths import shipped_model
from riskscan.scanning import run_scan

RUN = CliRunner()
SHIPPED = shipped_model("detector")


@pytest.fixture
def box(tmp_path: Path) -> Path:
    """A mailbox of one worried and one dull message."""
    return write_mbox(tmp_path / "a.mbox", [mail(1, WORRY), mail(2, "Lunch at one?")])


def _run(*arguments: str | Path) -> None:
    ran = RUN.invoke(app, [*map(str, arguments), "--workers", "0", "--quiet"])
    assert ran.exit_code == 0, ran.output


def _scores(case: Path) -> list[float]:
    with Case(case) as opened:
        frame = opened.messages().sort_values("message_id")
        return [float(score) for score in frame["score"]]


def _expected(case: Path) -> tuple[list[float], list[float]]:
    """The first scores of the case's messages, and those with the encoder."""
    model = load_model(SHIPPED)
    with Case(case) as opened:
        rows = opened.messages().sort_values("message_id")
        texts = [f"{row.subject}\n\n{row.authored}" for row in rows.itertuples()]
    first = model.predict_proba(texts)[:, 1].tolist()
    return first, [one.score for one in model.assess(texts)]


def test_a_scan_with_the_linear_models_alone(box: Path, tmp_path: Path) -> None:
    case = tmp_path / "case"
    _run("scan", box, "--case", case, "--no-encoder", "--entities", "none")
    first, both = _expected(case)
    assert abs(first[0] - both[0]) > 0.01
    assert _scores(case) == pytest.approx(first, abs=1e-8)
    # The next scan says nothing of it: every message is read with the encoder now.
    _run("scan", box, "--case", case, "--entities", "none")
    assert _scores(case) == pytest.approx(both, abs=1e-8)
    _run("score", case, "--model", SHIPPED, "--no-encoder")
    assert _scores(case) == pytest.approx(first, abs=1e-8)
    with Case(case) as opened:
        assert len(opened.models()) == 2


def test_a_model_without_encoder_is_the_same_either_way(box: Path, tmp_path: Path) -> None:
    save_model(fitted(), tmp_path / "linear", {})
    for encoder in (True, False):
        run_scan(
            [box], tmp_path / "case", model=tmp_path / "linear", encoder=encoder, entities="none"
        )
    with Case(tmp_path / "case") as opened:
        assert len(opened.models()) == 1
