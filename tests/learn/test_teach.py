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

from riskscan.detect.assessment import SIGNALS
from riskscan.detect.classifier import RiskClassifier
from riskscan.detect.encoder import Encoder
from riskscan.learn import train as training
from riskscan.learn.data import DataSet, Example
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
NEAR = [
    replace(
        DOUBTED,
        text="Near\n\n"
        + " ".join(f"The {n} rates of the {place} came in on Monday." for place in "abcdefgh")
        + f" Perhaps we need not write number {n} down at all.",
        group=f"near {n}",
        chance=chance,
        near_signals=("concealment",),
        near_evidence=(f"Perhaps we need not write number {n} down at all.",),
    )
    for n, chance in enumerate([0.2, 0.45])
]
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
    """A transformer of three layers that has learnt nothing."""
    from safetensors.torch import save_file
    from transformers import BertConfig, BertModel

    folder = tmp_path_factory.mktemp("minilm")
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *LETTERS, *("##" + c for c in LETTERS)]
    config = BertConfig(
        vocab_size=len(pieces), hidden_size=WIDTH, num_hidden_layers=3, num_attention_heads=2,
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
    data = DataSet("mail", (*MAIL.examples, DOUBTED, *NEAR))
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


def _weights(pretrained: Path, vocabulary: list[tuple[str, int]]) -> dict[str, torch.Tensor]:
    weights: dict[str, torch.Tensor] = teach.load_file(pretrained / "model.safetensors")
    words = "embeddings.word_embeddings.weight"
    weights[words] = weights[words][[number for _, number in vocabulary]]
    return weights


def test_targets(learnt: tuple[RiskClassifier, Learning, Any], pretrained: Path) -> None:
    model, learning, _ = learnt
    pieces = teach.WordPieces([piece for piece, _ in teach._vocabulary(pretrained, learning)])
    items = list(teach._items(model, learning, pieces))
    flags = {kind: {item.flag for item in items if item.kind == kind} for kind in range(7)}
    assert flags[teach._MARKED] == {0.4**0.5, 0.45**0.5, 1.0}
    # They teach which signal it is and where it lies.
    assert flags[teach._ALTERED] == {None}
    assert flags[teach._TEXT] == {0.0, 1.0}
    doubted = next(item for item in items if item.flag == 0.4**0.5)
    assert doubted.evidence is None
    assert doubted.signals is None
    # What a near miss says elsewhere is no concern at all.
    for chance, kind in ((0.2, teach._MISSED), (0.45, teach._MARKED)):
        (near,) = [item for item in items if item.flag == chance**0.5]
        assert near.kind == kind
        assert near.evidence is not None
        assert near.signals is not None
        assert set(near.evidence.tolist()) == {0.0, np.float32(chance)}
        assert [s for s, on in zip(SIGNALS, near.signals, strict=True) if on] == ["concealment"]
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

    def listening(_: Any, items: Any, plan: list[list[int]], *__: Any) -> None:
        heard.append({items[i].group for batch in plan for i in batch})

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


def test_mail_is_read_with_what_it_taught_and_all_else_as_before(
    teaching: Callable[..., Encoders], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teach, "_TEXT_EPOCHS", 1)
    monkeypatch.setattr(teach, "_MAIL_EPOCHS", 1)
    made = teaching()
    pieces, kinds = np.arange(5, 25), np.zeros(20, int)
    every = [made.final.network, *(one.network for one in made.folds)]
    assert all(network.domains == ["mail"] for network in every)
    posts = {network.read(pieces, kinds, "post").flag for network in every}
    mails = {network.read(pieces, kinds, "mail").flag for network in every}
    assert len(posts) == 1
    assert len(posts | mails) == 4
    written = torch.load(next(tmp_path.glob("texts-*.pt")), weights_only=True)
    plain = Encoder(teach.packed(teach._exported(written)), _vocabulary_of(made.final))
    assert plain.network.read(pieces, kinds).flag in posts


def test_mail_teaches_the_upper_layers_alone(
    teaching: Callable[..., Encoders], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teach, "_TEXT_EPOCHS", 1)
    monkeypatch.setattr(teach, "_MAIL_EPOCHS", 1)
    teaching()
    kept = next(folder for folder in tmp_path.iterdir() if folder.is_dir())
    written = torch.load(next(tmp_path.glob("texts-*.pt")), weights_only=True)
    mail = torch.load(kept / "encoder0.pt", weights_only=True)
    left = {name for name in written if torch.equal(written[name], mail[name])}
    lower = {name for name in written if "embeddings" in name or ".layer.0." in name}
    assert left & lower == lower
    moved = {"bert.encoder.layer.1.output.dense.weight", "flag.weight", "evidence.weight"}
    assert left.isdisjoint(moved)


def test_what_the_lower_layers_say_is_what_the_upper_ones_hear(
    learnt: tuple[RiskClassifier, Learning, Any], pretrained: Path
) -> None:
    """A fold that is taught from what was reckoned once hears what it would of the pieces."""
    model, learning, _ = learnt
    vocabulary = teach._vocabulary(pretrained, learning)
    items = list(teach._items(model, learning, teach.WordPieces([p for p, _ in vocabulary])))
    network = teach._pretrained(pretrained, _weights(pretrained, vocabulary))
    read = teach._read(network, items, range(len(items)))
    assert [len(read[i]) for i in range(len(items))] == [len(item.window.pieces) for item in items]
    some = sorted(range(len(items)), key=lambda i: len(items[i].window.pieces))[:: len(items) // 8]
    chosen = [items[i] for i in some]
    with torch.no_grad():
        told, mask, kinds = teach._pieces(chosen)
        whole = network.bert(input_ids=told, attention_mask=mask, token_type_ids=kinds)
        through = network._through(network.above, network.lower(told, mask, kinds), mask)
        alone = network(*teach._pieces(chosen[:1]))
        beside = network(*teach._pieces(chosen))
        of_pieces = teach._loss(network, chosen, [])
        of_read = teach._loss(network, chosen, [read[i] for i in some])
    assert float(of_read) == pytest.approx(float(of_pieces), abs=1e-3)
    there = mask.bool()
    assert torch.allclose(through[there], whole.last_hidden_state[there], atol=1e-5)
    # What fills up a batch is not heard.
    assert len(chosen[0].window.pieces) < len(chosen[-1].window.pieces)
    assert float(alone[0][0]) == pytest.approx(float(beside[0][0]), abs=1e-5)


def test_what_is_altered_teaches_where_and_what_and_no_flag(
    learnt: tuple[RiskClassifier, Learning, Any], pretrained: Path
) -> None:
    model, learning, _ = learnt
    vocabulary = teach._vocabulary(pretrained, learning)
    pieces = teach.WordPieces([piece for piece, _ in vocabulary])
    items = list(teach._items(model, learning, pieces))
    network = teach._pretrained(pretrained, _weights(pretrained, vocabulary))
    for kind, hears in ((teach._ALTERED, False), (teach._MARKED, True)):
        network.zero_grad()
        chosen = [item for item in items if item.kind == kind and item.signals is not None][:8]
        teach._loss(network, chosen, []).backward()
        assert bool(network.flag.weight.grad.any()) is hears
        assert network.evidence.weight.grad.any()
        assert network.signals.weight.grad.any()


def test_what_was_broken_off_goes_on(
    teaching: Callable[..., Encoders], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teach, "_TEXT_EPOCHS", 1)
    monkeypatch.setattr(teach, "_MAIL_EPOCHS", 1)
    first = teaching()
    kept = next(folder for folder in tmp_path.iterdir() if folder.is_dir())
    (kept / "encoder1.pt").unlink()
    again = teaching()
    assert again.final.sha256 == first.final.sha256
    assert [one.sha256 for one in again.folds] == [one.sha256 for one in first.folds]
    assert again.folds[0].sha256 != again.folds[1].sha256
    other = merge([DataSet("mail", MAIL.examples)], [TEXTS, ALTERED])
    teaching(other, training._folds(other, 2, 0))
    # Other mail, the same texts.
    assert len([*tmp_path.glob("texts-*.pt")]) == 1
    assert len([*tmp_path.glob("*/encoder1.pt")]) == 2


def test_written_texts_are_taught_anew_when_one_of_them_changed(pretrained: Path) -> None:
    def name(texts: DataSet, mail: tuple[Example, ...] = MAIL.examples, pieces: str = "a") -> str:
        learning = merge([DataSet("mail", mail)], [texts, ALTERED])
        return str(teach._written_name(learning, pieces, pretrained))

    def changed(**values: Any) -> DataSet:
        at = next(i for i, one in enumerate(TEXTS.examples) if one.flag and one.text in heard)
        examples = [*TEXTS.examples]
        examples[at] = replace(examples[at], **values)
        return DataSet("texts", tuple(examples))

    learning = merge([MAIL], [TEXTS])
    rows = zip(learning.texts, learning.own | learning.held, strict=True)
    heard = {text for text, left in rows if not left}
    same = name(TEXTS)
    assert name(TEXTS, MAIL.examples[3:]) == same
    others = {
        name(changed(signals=("threat",))),
        name(changed(evidence=("nothing",))),
        name(changed(flag=0, signals=(), evidence=())),
        name(changed(quoted="What did they say?")),
        name(TEXTS, pieces="b"),
    }
    assert len(others | {same}) == 6


def test_what_no_encoder_changed_is_the_same_in_their_mean() -> None:
    rng = torch.Generator().manual_seed(1)
    start = {"left": torch.randn(10_000, generator=rng), "moved": torch.zeros(2)}
    every = [{**start, "moved": torch.tensor([float(n), 1.0])} for n in range(5)]
    mean = teach._mean(every, start)
    assert torch.equal(mean["left"], start["left"])
    assert mean["moved"].tolist() == [2.0, 1.0]


def _vocabulary_of(encoder: Encoder) -> str:
    return "\n".join(encoder.pieces.vocabulary)
