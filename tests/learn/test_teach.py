"""What the encoder is taught, and what of it one that is measured may not hear."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from labelled_building import data_set, one_thread

from riskscan.detect.classifier import RiskClassifier
from riskscan.detect.encoder import Encoder
from riskscan.learn import train as training
from riskscan.learn.data import DataSet
from riskscan.learn.encoders import Encoders
from riskscan.learn.merge import Learning, merge

torch = pytest.importorskip("torch", reason="teaching an encoder needs riskscan[encoder]")
pytest.importorskip("transformers", reason="teaching an encoder needs riskscan[encoder]")
sys.path.insert(0, str(Path(__file__).parents[2] / "models" / "training"))
import teach  # noqa: E402

WIDTH = 32
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789.,'\"!?:;-"
MAIL = data_set()
DOUBTED = replace(
    next(one for one in MAIL.examples if not one.flag),
    text="Doubt\n\nWe might ask somebody whether that was quite in order.",
    group="doubted",
    chance=0.4,
)
ALTERED = DataSet(
    "altered",
    tuple(
        replace(
            one,
            text=f"{one.text} It will be shredded.",
            flag=1,
            signals=("spoliation",),
            evidence=("It will be shredded.",),
            altered=True,
            weight=0.0,
        )
        for one in MAIL.examples[::4]
    ),
)
TEXTS = DataSet(
    "texts",
    tuple(
        replace(one, text=f"{one.text} So it is written.", domain="post", group=f"w{n}")
        for n, one in enumerate(data_set(seed=5).examples)
    ),
)


@pytest.fixture(scope="module")
def pretrained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A transformer of two layers that has learnt nothing."""
    from safetensors.torch import save_file
    from transformers import BertConfig, BertModel

    folder = tmp_path_factory.mktemp("minilm")
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *LETTERS, *("##" + c for c in LETTERS)]
    config = BertConfig(
        vocab_size=len(pieces), hidden_size=WIDTH, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=WIDTH, max_position_embeddings=256,
    )  # fmt: skip
    torch.manual_seed(0)
    save_file(BertModel(config).state_dict(), folder / "model.safetensors")
    (folder / "config.json").write_text(config.to_json_string())
    vocabulary = {"model": {"vocab": {piece: n for n, piece in enumerate(pieces)}}}
    (folder / "tokenizer.json").write_text(json.dumps(vocabulary))
    return folder


@pytest.fixture(scope="module")
def learnt() -> tuple[RiskClassifier, Learning, Any]:
    data = DataSet("mail", (*MAIL.examples, DOUBTED))
    learning = merge([data], [TEXTS, ALTERED])
    with one_thread():
        tested = training._folds(learning, 2, 0)
        model = training._fit(
            RiskClassifier(folds=2), learning.rows(training._told(learning)), learning.named()
        )
    return model, learning, tested


@pytest.fixture
def teaching(
    learnt: tuple[RiskClassifier, Learning, Any], pretrained: Path, tmp_path: Path
) -> Callable[..., Encoders]:
    """Teaches what was learnt, or other data, and keeps its work in one folder."""
    model, learning, tested = learnt
    teacher = teach.teacher(pretrained, tmp_path, 1)
    return lambda data=learning, folds=tested: teacher(model, data, folds, lambda _: None)


def test_targets(learnt: tuple[RiskClassifier, Learning, Any], pretrained: Path) -> None:
    model, learning, _ = learnt
    pieces = teach.WordPieces([piece for piece, _ in teach._vocabulary(pretrained, learning)])
    items = list(teach._items(model, learning, pieces))
    flags = {kind: {item.flag for item in items if item.kind == kind} for kind in range(7)}
    assert flags[teach._MARKED] == {0.4, 1.0}
    assert flags[teach._ALTERED] == {1.0}
    assert flags[teach._TEXT] == {0.0, 1.0}
    doubted = next(item for item in items if item.flag == 0.4)
    assert doubted.evidence is None
    shredded = next(item for item in items if item.kind == teach._ALTERED)
    assert shredded.evidence is not None
    assert 0 < shredded.evidence.sum() < len(shredded.evidence)
    held = set(learning.groups[learning.held].tolist())
    assert held.isdisjoint(item.group for item in items)


def test_no_fold_hears_of_a_thread_that_it_is_asked_about(
    learnt: tuple[RiskClassifier, Learning, Any],
    teaching: Callable[..., Encoders],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, learning, tested = learnt
    heard: list[set[int]] = []

    def listening(_: Any, items: Any, epoch: Any, *__: Any) -> None:
        places = {int(i) for n in range(5) for i in epoch(np.random.default_rng(n))}
        heard.append({items[i].group for i in places})

    monkeypatch.setattr(teach, "_train", listening)
    made = teaching()
    written, *folds = heard
    assert len(folds) == len(made.folds) == 2
    own = set(learning.groups[learning.own].tolist())
    assert written.isdisjoint(own)
    altered = set(learning.groups[learning.altered].tolist())
    assert altered <= own
    for number, groups in enumerate(folds):
        asked = set(learning.groups[tested == number].tolist())
        assert groups.isdisjoint(asked)
        assert groups & altered
    assert isinstance(made.final, Encoder)


def test_what_was_broken_off_goes_on(
    teaching: Callable[..., Encoders], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teach, "_TEXT_EPOCHS", 1)
    monkeypatch.setattr(teach, "_MAIL_EPOCHS", 1)
    first = teaching()
    kept = next(tmp_path.iterdir())
    (kept / "encoder1.pt").unlink()
    again = teaching()
    assert again.final.sha256 == first.final.sha256
    assert [one.sha256 for one in again.folds] == [one.sha256 for one in first.folds]
    assert again.folds[0].sha256 != again.folds[1].sha256
    other = merge([DataSet("mail", MAIL.examples)], [TEXTS, ALTERED])
    teaching(other, training._folds(other, 2, 0))
    assert len(list(tmp_path.iterdir())) == 2
