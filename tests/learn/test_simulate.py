"""Replayed reviews: deterministic, counted in messages, and better than chance."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from labelled_building import as_row, examples, write_jsonl

from riskscan.learn.effort_plot import write_effort_plot
from riskscan.learn.errors import DataError
from riskscan.learn.simulate import (
    effort_curve,
    effort_for,
    read_labelled,
    simulate,
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    rows = [
        as_row(one) | {"score": 0.3 if one.flag and n % 12 == 0 else 0.01 + n % 7 / 100}
        for n, one in enumerate(examples(180))
    ]
    return write_jsonl(tmp_path / "labels.jsonl", rows)


def silent(_: str) -> None:
    pass


def test_the_loop_needs_less_than_score_and_chance_and_is_the_same_again(data: Path) -> None:
    labelled = read_labelled(data)
    made = simulate(labelled, runs=2, say=silent)
    again = simulate(labelled, runs=2, say=silent)
    assert json.dumps(made) == json.dumps(again)
    need = {name: made["effort"][name]["0.8"]["median"] for name in made["effort"]}
    assert need["riskscan"] < need["score"]
    assert need["riskscan"] < need["random"] / 2
    assert made["unsure_left_out"] == 9
    assert made["scores_flatter"] == 0
    assert all(row["held"] >= 0.93 for row in made["coverage"].values())
    assert set(made["stopping"]) == {"target", "quantci", "knee", "consecutive"}


def test_effort_counts_the_messages_that_labels_stand_for(tmp_path: Path) -> None:
    rows = [
        {"text": f"note {n}", "flag": int(n < 5), "weight": 10 if n == 0 else 1, "score": 0.5}
        for n in range(20)
    ]
    labelled = read_labelled(write_jsonl(tmp_path / "w.jsonl", rows))
    heavy = int(np.argmax(labelled.weights))
    order = np.concatenate([[heavy], np.delete(np.arange(20), heavy)])
    effort, found = effort_curve(labelled, order)
    assert effort[0] == pytest.approx(10 / 29)
    assert found[0] == pytest.approx(10 / 14)
    assert effort_for(labelled, order, 0.7) == pytest.approx(10 / 29)
    assert effort_for(labelled, order[:1], 0.9) == 1.0


def test_a_text_that_occurs_twice_is_read_once(tmp_path: Path) -> None:
    rows = [{"text": f"note {n % 12}", "flag": int(n % 12 < 5), "score": 0.1} for n in range(24)]
    labelled = read_labelled(write_jsonl(tmp_path / "d.jsonl", rows))
    assert len(labelled.texts) == 12
    assert set(labelled.weights.tolist()) == {2.0}


def test_the_plot_is_the_same_for_the_same_figures(data: Path, tmp_path: Path) -> None:
    made = simulate(read_labelled(data), runs=1, say=silent)
    for name in ("a.svg", "b.svg"):
        write_effort_plot(made, tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_faults_are_sentences(tmp_path: Path) -> None:
    few = [{"text": f"note {n}", "flag": int(n < 2), "score": 0.1} for n in range(20)]
    with pytest.raises(DataError, match="needs 5 flagged messages and 5 others"):
        read_labelled(write_jsonl(tmp_path / "few.jsonl", few))
    odd = [{"text": f"note {n}", "flag": int(n < 6), "score": 7} for n in range(20)]
    with pytest.raises(DataError, match="must be a probability"):
        read_labelled(write_jsonl(tmp_path / "odd.jsonl", odd))
