"""``train --out`` on a folder with any model.json deleted all that was in it, the data included."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from labelled_building import data_set, examples, one_thread, write_jsonl
from typer.testing import CliRunner

from riskscan.cli import app
from riskscan.detect.classifier import RiskClassifier
from riskscan.detect.model import load_model
from riskscan.learn import train as training
from riskscan.learn.errors import DataError
from riskscan.learn.folder import DETECTOR, PIPELINE, check_target, replacing_folder
from riskscan.paths import shipped_model

RUN = CliRunner()


@pytest.fixture(autouse=True)
def _quick() -> Iterator[None]:
    with one_thread():
        yield


def _train(out: Path) -> None:
    quick = RiskClassifier(folds=2)
    training.train([data_set()], out=out, folds=2, samples=20, classifier=quick)


def test_a_model_of_another_program_stays(tmp_path: Path) -> None:
    labels = write_jsonl(tmp_path / "labels.jsonl", examples())
    (tmp_path / "model.json").write_text('{"name": "another program\'s"}')
    ran = RUN.invoke(app, ["train", str(labels), "--no-encoder", "--out", str(tmp_path)])
    assert ran.exit_code == 1
    assert "holds other files and no model" in ran.stderr
    assert {one.name for one in tmp_path.iterdir()} == {"labels.jsonl", "model.json"}


def test_what_lies_beside_a_model_stays(tmp_path: Path) -> None:
    out = tmp_path / "mine"
    _train(out)
    _train(out)
    (out / "notes.txt").write_text("my own")
    with pytest.raises(DataError, match=r"'notes\.txt' beside a model"):
        _train(out)
    assert (out / "notes.txt").read_text() == "my own"
    assert load_model(out).threshold > 0


def test_what_comes_into_the_folder_meanwhile_stays(tmp_path: Path) -> None:
    out = tmp_path / "mine"
    _train(out)
    with pytest.raises(DataError, match="beside a model"), replacing_folder(out) as draft:
        (draft / "model.json").write_text("{}")
        (out / "notes.txt").write_text("my own")
    assert (out / "notes.txt").read_text() == "my own"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["mine"]


def test_the_shipped_models_may_be_made_anew() -> None:
    check_target(shipped_model("detector"), DETECTOR)
    check_target(shipped_model("entities"), PIPELINE)


def test_no_training_for_a_place_where_nothing_can_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(training, "learn", lambda *_, **__: pytest.fail("it was trained"))
    for out in (tmp_path / "file" / "mine", Path("/proc/mine")):
        with pytest.raises(DataError, match=f"The folder '{out}' cannot be made"):
            _train(out)


def test_a_training_that_fails_leaves_no_folder(tmp_path: Path) -> None:
    out = tmp_path / "some" / "where" / "mine"
    with pytest.raises(DataError, match="at least 5 threads"):
        training.train([data_set(12)], out=out)
    assert not [*tmp_path.iterdir()]


def test_learn_looks_at_the_folder_first(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "notes.txt").write_text(json.dumps("my own"))
    ran = RUN.invoke(app, ["learn", str(tmp_path / "no-case"), "--out", str(tmp_path / "other")])
    assert ran.exit_code == 1
    assert "holds other files and no model" in ran.stderr
