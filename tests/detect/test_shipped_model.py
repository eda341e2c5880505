"""The shipped detector: what it must not unlearn when it is trained again."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from riskscan.detect.classifier import RiskClassifier
from riskscan.detect.evidence import evidence_sentences
from riskscan.detect.model import describe_model, load_model
from riskscan.learn.data import read_data
from riskscan.learn.metrics import at_threshold, summary
from riskscan.paths import shipped_model

TRAINING = Path(__file__).parents[2] / "models" / "training"
ALTERED = "enron altered"
HELD_OUT = Path(__file__).parents[2] / "benchmarks" / "data" / "short"


@cache
def shipped() -> RiskClassifier:
    return load_model(shipped_model("detector"))


# Some of these, or their like, are among the training texts: a guard, no measurement.
@pytest.mark.parametrize(
    "text",
    [
        "using torrents would entail seeding the files, i.e. sharing the content outside, "
        "this could be legally not OK",
        "let's do it in stealth mode so that nobody can trace it back",
        "torrenting from a corporate laptop doesn't feel right",
        "I raised it with compliance twice and nothing happened.",
        "He told me to sign the certificate or find another job.",
        "please delete this after reading, the auditors come on Monday",
        "The meeting is at ten in the small room.\nI think what we are doing with the invoices is "
        "unlawful and we have to stop it.\nPlease bring the printed agenda.",
    ],
)
def test_flags_plain_concern(text: str) -> None:
    assert shipped().predict([text]).tolist() == [1]


@pytest.mark.parametrize(
    "text",
    [
        "see you at lunch",
        "Please find attached the executed NDA; Legal will mark up section 4.",
        "The quarterly compliance training is due on Friday, it takes 20 minutes.",
        "I deleted the old build artefacts, the nightly job is green again.",
        "Could you send me the slides for the Tuesday meeting?",
    ],
)
def test_leaves_routine_alone(text: str) -> None:
    assert shipped().predict([text]).tolist() == [0]


# The floors lie below what the model card says, so that a retrained model may differ a little.
@pytest.mark.parametrize(
    ("name", "floor", "least", "found"),
    [
        ("first", 0.93, 0.83, 0.83),
        ("second", 0.98, 0.93, 0.9),
        ("third", 0.94, 0.83, 0.9),
        ("fourth", 0.92, 0.81, 0.88),
        ("fifth", 0.96, 0.88, 0.86),
        ("sixth", 0.95, 0.88, 0.83),
        ("seventh", 0.85, 0.78, 0.67),
        ("eighth", 0.95, 0.88, 0.86),
        ("ninth", 0.97, 0.93, 0.89),
    ],
)
def test_short_messages_that_it_has_not_seen(
    name: str, floor: float, least: float, found: float
) -> None:
    rows = [json.loads(line) for line in (HELD_OUT / f"{name}.jsonl").open(encoding="utf-8")]
    flags = np.array([row["flag"] for row in rows], dtype=float)
    answers = shipped().assess([row["text"] for row in rows])
    scores = np.array([answer.score for answer in answers])
    assert summary(flags, scores)["roc_auc"] >= floor
    figures = at_threshold(flags, scores, np.ones(len(flags)), shipped().threshold)
    assert figures["precision"] >= least
    assert figures["recall"] >= found
    hits = [
        evidence_sentences(row["text"], [(a.findings[0].start, a.findings[0].end)], row["evidence"])
        for row, a in zip(rows, answers, strict=True)
        if row["flag"]
    ]
    signals = [
        a.findings[0].signal in row["signals"]
        for row, a in zip(rows, answers, strict=True)
        if row["flag"]
    ]
    assert np.mean(hits) >= 0.85
    assert np.mean(signals) >= 0.7


def test_what_its_card_says_of_real_mail() -> None:
    # Measured where the mail is, when it is trained: one that ranks it worse must not ship.
    description = describe_model(shipped_model("detector"))
    assert description["grouped_by"] == "custodian"
    told = description["metrics"]
    figures = {name: one["value"] for name, one in told["overall"].items()}
    assert figures["average_precision"] >= 0.32
    assert figures["recall_at_1%"] >= 0.40
    assert figures["recall_at_2%"] >= 0.55
    assert figures["recall_at_5%"] >= 0.78
    assert figures["calibration_error"] <= 0.02
    assert told["evidence"]["top_finding_overlaps"]["value"] >= 0.8
    assert told["evidence"]["signal_right"]["value"] >= 0.65


def test_folder() -> None:
    folder = shipped_model("detector")
    assert sum(f.stat().st_size for f in folder.iterdir()) <= 30_000_000
    told = describe_model(folder)
    assert told["fingerprint"] == shipped().fingerprint
    texts = sorted(p for p in (TRAINING / "texts").glob("*.jsonl"))
    # What is altered stands in mail that is not here.
    made = {one["name"]: one["fingerprint"] for one in told["base"] if one["name"] != ALTERED}
    assert ALTERED in {one["name"] for one in told["base"]}
    assert made == {file.name: read_data(file).fingerprint for file in texts}
    assert "Apache License" in (folder / "minilm_licence.txt").read_text(encoding="utf-8")
    assert "language model" in (folder / "README.md").read_text(encoding="utf-8")
