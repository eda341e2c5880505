"""``riskscan train-entities``: a label of one's own, from marked texts to a scan that finds it."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from scan_building import mail, write_mbox
from test_cli_scan import run

SHIPS = ["Aurora Borealis", "Nordic Tern", "Silver Petrel", "Morning Gannet"]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("corpus") / "ships.jsonl"
    lines = []
    for number in range(80):
        ship = SHIPS[number % len(SHIPS)]
        text = f"The vessel {ship} left on May {1 + number % 28} with cargo {number}."
        start = text.index(ship)
        lines.append(json.dumps({"text": text, "entities": [[start, start + len(ship), "SHIP"]]}))
    file.write_text("\n".join(lines))
    return file


@pytest.fixture(scope="module")
def pipeline(corpus: Path) -> Path:
    place = corpus.parent / "pipeline"
    result = run("train-entities", corpus, "--out", place, "--steps", "40")
    assert result.exit_code == 0
    assert "SHIP" in result.stdout
    return place


def test_a_scan_finds_the_new_label(pipeline: Path, tmp_path: Path) -> None:
    box = write_mbox(tmp_path / "a.mbox", [mail(1, "The vessel Nordic Tern left on May 9.")])
    options = ["--case", tmp_path / "case", "--workers", "0", "-q", "--entity-model", pipeline]
    assert run("scan", box, *options).exit_code == 0
    ranked = json.loads(run("entities", tmp_path / "case", "--label", "SHIP", "--json").stdout)
    assert [(row["name"], row["messages"]) for row in ranked] == [("Nordic Tern", 1)]
    with sqlite3.connect(tmp_path / "case" / "case.sqlite") as connection:
        found = connection.execute("SELECT name FROM models WHERE kind = 'entities'").fetchall()
    assert found == [("pipeline",)]


def test_figures_for_machines_and_the_place_is_written_again(corpus: Path, pipeline: Path) -> None:
    result = run("train-entities", corpus, "--out", pipeline, "--steps", "1", "--json")
    assert {"ents_p", "ents_r", "ents_f"} <= set(json.loads(result.stdout))


def test_no_other_folder_is_overwritten(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "a.txt").write_text("dear")
    result = run("train-entities", corpus, "--out", tmp_path / "letters", "--steps", "1")
    assert result.exit_code == 1
    assert "holds other files" in result.stderr
    assert [file.name for file in (tmp_path / "letters").iterdir()] == ["a.txt"]


def test_a_bad_corpus_is_named_and_leaves_nothing(tmp_path: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"text": "Ann"}')
    result = run("train-entities", bad, "--out", tmp_path / "out", "--steps", "1")
    assert result.exit_code == 1
    assert "bad.jsonl, line 1" in result.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["bad.jsonl"]


def test_a_scan_refuses_a_folder_that_is_no_pipeline(tmp_path: Path) -> None:
    box = write_mbox(tmp_path / "a.mbox", [mail(1)])
    (tmp_path / "empty").mkdir()
    options = ["--case", tmp_path / "case", "--entity-model", tmp_path / "empty"]
    result = run("scan", box, *options)
    assert result.exit_code == 1
    assert "train-entities" in result.stderr
    assert not (tmp_path / "case").exists()


def test_a_scan_takes_a_list_of_counsel(tmp_path: Path) -> None:
    box = write_mbox(tmp_path / "a.mbox", [mail(1)])
    (tmp_path / "counsel.txt").write_text("ben@quayside.example\n")
    options = ["--case", tmp_path / "case", "--workers", "0", "-q", "--entities", "none"]
    assert run("scan", box, *options, "--counsel", tmp_path / "counsel.txt").exit_code == 0
    assert run("scan", box, *options).exit_code == 0
    (found,) = json.loads(run("entities", tmp_path / "case", "--counsel-only", "--json").stdout)
    assert (found["name"], found["counsel"]) == ("Ben Tarn", "your list names ben@quayside.example")
