"""Retraining from marked texts, with a label of one's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from riskscan.language.pipeline import entities, load
from riskscan.language.train import CorpusError, train_entities

SHIPS = ["Aurora Borealis", "Nordic Tern", "Silver Petrel", "Morning Gannet"]


def corpus(path: Path) -> Path:
    lines = []
    for number in range(80):
        ship = SHIPS[number % len(SHIPS)]
        text = f"The vessel {ship} left on May {1 + number % 28} with cargo {number}."
        start = text.index(ship)
        day = text.index("May")
        marks = [[start, start + len(ship), "SHIP"], [day, text.index(" with"), "DATE"]]
        lines.append(json.dumps({"text": text, "entities": marks}))
    path.write_text("\n".join(lines))
    return path


def test_a_new_label_is_learnt_and_the_rules_stay(tmp_path: Path) -> None:
    scores = train_entities([corpus(tmp_path / "ships.jsonl")], tmp_path / "model", steps=40)
    assert scores["SHIP"] > 0.9
    assert "Petrel" not in (tmp_path / "model" / "vocab" / "strings.json").read_text()
    nlp = load(tmp_path / "model")
    (found,) = entities(nlp, ["The vessel Nordic Tern left on May 9 with cargo 7. Ask FERC."])
    assert [(e.text, e.label) for e in found] == [
        ("Nordic Tern", "SHIP"),
        ("May 9", "DATE"),
        ("FERC", "REGULATOR"),
    ]


@pytest.mark.parametrize(
    "line",
    ["{", "[]", '{"text": "Ann"}', '{"text": "Ann", "entities": [[0, 900, "PERSON"]]}'],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"text": "Ann", "entities": [[0, 3, "PERSON"]]}\n' + line)
    with pytest.raises(CorpusError, match="line 2"):
        train_entities([path], tmp_path / "model", steps=1)


def test_too_few_texts_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    path.write_text('{"text": "Ann", "entities": [[0, 3, "PERSON"]]}\n')
    with pytest.raises(CorpusError):
        train_entities([path], tmp_path / "model", steps=1)
