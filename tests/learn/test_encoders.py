"""How much an encoder counts: learnt where there is enough to learn from, for all models alike."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from labelled_building import data_set, one_thread, write_jsonl
from typer.testing import CliRunner

from riskscan.cli import app
from riskscan.detect.assessment import SIGNALS
from riskscan.detect.classifier import RiskClassifier
from riskscan.detect.encoder import NETWORK, TAUGHT, Encoder
from riskscan.detect.errors import ModelError
from riskscan.detect.model import load_model
from riskscan.detect.network import packed
from riskscan.learn import train as training
from riskscan.learn.data import DataSet, Example, read_data
from riskscan.learn.encoders import kept_encoder, shipped_encoder
from riskscan.learn.errors import DataError
from riskscan.learn.evaluate import evaluate
from riskscan.learn.merge import merge
from riskscan.learn.seen import hashes_of
from riskscan.learn.train import train
from riskscan.paths import shipped_model

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
# Words that occur once each: nothing about them can be learnt by counting.
ENDS = ("mp", "nd", "rk", "st", "lt", "sk", "ng")
WORDS = [a + b + c for a in "bdgklmnprs" for b in "aeiou" for c in ENDS]
TELLING, HARMLESS = WORDS[::2], WORDS[1::2]


def words(flagged: int, others: int) -> DataSet:
    """Messages of which a single word says whether they are flagged."""
    some = [(word, 1) for word in TELLING[:flagged]] + [(word, 0) for word in HARMLESS[:others]]
    return DataSet(
        "words",
        tuple(
            Example(
                f"Note {n % 7}\n\nThe {word} of it came today.",
                flag,
                ("admission",) if flag else (),
                (f"The {word} of it came today.",) if flag else (),
                group=f"g{n}",
            )
            for n, (word, flag) in enumerate(some)
        ),
    )


MANY = words(80, 80)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(training, "write_plots", lambda *_: {})
    with one_thread():
        yield


def encoder(sign: float = 1.0, taught: bytes = b"", naming: float = 0.0) -> Encoder:
    """One that knows the telling words: ``sign`` -1 has it the other way round.

    ``naming``: how sure it is that every other of them is concealment and the rest admission.
    """
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *LETTERS, *("##" + c for c in LETTERS)]
    pieces += [*WORDS, "note", "the", "of", "it", "came", "today", "."]
    loud, calm = np.tile([1.0, -1.0], 16), np.tile([1.0, 1.0, -1.0, -1.0], 8)
    other = np.repeat([1.0, -1.0], 16)
    kinds = {TELLING[i]: loud * 0.8 + other * (0.6 if i % 2 else -0.6) for i in range(len(TELLING))}
    words = np.array([kinds.get(piece, calm) for piece in pieces])
    names = np.zeros((64, 8))
    names[32:, SIGNALS.index("concealment")] = naming * other / 20
    names[32:, SIGNALS.index("admission")] = -naming * other / 20
    weights = {
        "word": words,
        "position": np.zeros((256, 32)),
        "kind": np.zeros((2, 32)),
        "first.gain": np.ones(32),
        "first.shift": np.zeros(32),
        "flag.weight": sign * np.concatenate([np.zeros(32), loud / 8])[:, None],
        "flag.bias": np.array([-2.0 * sign]),
        "evidence.weight": loud[:, None] / 2,
        "evidence.bias": np.array([-8.0]),
        "signals.weight": names,
        "signals.bias": np.zeros(8),
    }
    return Encoder(
        packed({name: value.astype(np.float32) for name, value in weights.items()}),
        "\n".join(pieces),
        taught,
    )


def _train(out: Path, data: DataSet = MANY, **options: Any) -> dict[str, Any]:
    quick: dict[str, Any] = {
        "folds": 2, "samples": 20, "classifier": RiskClassifier(folds=2, encode_from=0.0)
    }  # fmt: skip
    return train([data], out=out, **(quick | options))


def _figure(told: dict[str, Any], name: str) -> float:
    return float(told["metrics"]["overall"][name]["value"])


def test_it_is_learnt_from_and_kept(tmp_path: Path) -> None:
    alone = _train(tmp_path / "alone")
    told = _train(tmp_path / "both", encoders=encoder())
    assert _figure(alone, "average_precision") < 0.8
    assert _figure(told, "average_precision") == 1.0
    assert told["encoder"] == encoder().sha256
    assert alone["encoder"] is None
    back = load_model(tmp_path / "both")
    assert back.is_joined
    assert back.encoder is not None
    assert back.encoder.sha256 == encoder().sha256
    assert "encoder" in (tmp_path / "both" / "README.md").read_text("utf-8")
    assert "encoder" not in (tmp_path / "alone" / "README.md").read_text("utf-8")


KINDS = {word: "concealment" if n % 2 else "admission" for n, word in enumerate(TELLING)}


def _named(first: int, last: int) -> DataSet:
    """Of the flagged ones every other is concealment."""
    some = words(last, last).examples
    some = (*some[first:last], *some[last + first :])
    return DataSet(
        "named",
        tuple(replace(e, signals=(KINDS[e.text.split()[3]],)) if e.flag else e for e in some),
    )


def _right(folder: Path, data: DataSet) -> float:
    """How often the signal of the first finding is right."""
    flagged = [e for e in data.examples if e.flag]
    told = load_model(folder).assess([e.text for e in flagged])
    hits = [a.findings[0].signal in e.signals for a, e in zip(told, flagged, strict=True)]
    return float(np.mean(hits))


@pytest.mark.parametrize("naming", [pytest.param(0.05, id="faint"), pytest.param(8.0, id="sure")])
def test_what_it_says_of_the_signal_counts_as_much_as_it_knows(
    tmp_path: Path, naming: float
) -> None:
    taught, asked = _named(0, 100), _named(100, 170)
    _train(tmp_path / "alone", taught, encoders=encoder())
    _train(tmp_path / "mine", taught, encoders=encoder(naming=naming))
    assert _right(tmp_path / "alone", asked) < 0.8
    assert _right(tmp_path / "mine", asked) == 1.0


def test_one_that_takes_one_signal_for_the_other_is_not_heard(tmp_path: Path) -> None:
    data = _named(0, 100)
    _train(tmp_path / "mine", data, encoders=encoder(naming=-8.0))
    _train(tmp_path / "alone", data, encoders=encoder())
    assert _right(tmp_path / "mine", data) >= _right(tmp_path / "alone", data) > 0.8


def test_of_few_it_is_not_learnt_which_signal(tmp_path: Path) -> None:
    _train(tmp_path / "mine", _named(0, 40), encoders=encoder(naming=8.0))
    model = load_model(tmp_path / "mine")
    assert model.is_joined
    weights = model.joint_signals_
    np.testing.assert_array_equal(weights, [[1.0] * 5 + [0.0] * 8])


def test_one_that_stays_is_not_measured(tmp_path: Path) -> None:
    alone = _train(tmp_path / "alone")
    first = _train(tmp_path / "first", encoders=encoder())
    told = _train(tmp_path / "again", encoders=kept_encoder(tmp_path / "first"))
    assert told["metrics"] == alone["metrics"]
    assert (first["figures_with_encoder"], told["figures_with_encoder"]) == (True, False)
    assert told["encoder"] == encoder().sha256
    before, now = load_model(tmp_path / "first"), load_model(tmp_path / "again")
    np.testing.assert_array_equal(now.joint_scores_, before.joint_scores_)
    np.testing.assert_array_equal(now.joint_ranks_, before.joint_ranks_)
    np.testing.assert_array_equal(now.joint_signals_, before.joint_signals_)
    texts = [e.text for e in MANY.examples]
    assert [a.score for a in now.assess(texts)] != now.predict_proba(texts)[:, 1].tolist()
    card = (tmp_path / "again" / "README.md").read_text("utf-8")
    assert "figures below are of the first score" in card
    assert "are of the first score" not in (tmp_path / "first" / "README.md").read_text("utf-8")


def test_only_a_joined_one_can_stay(tmp_path: Path) -> None:
    _train(tmp_path / "alone")
    with pytest.raises(ModelError, match="has no encoder"):
        kept_encoder(tmp_path / "alone")
    with pytest.raises(DataError, match="joined with domains"):
        _train(tmp_path / "mine", encoders=kept_encoder(shipped_model("detector")))
    assert not (tmp_path / "mine").exists()


def test_the_workers_do_not_show(tmp_path: Path) -> None:
    one, two = (_train(tmp_path / str(n), encoders=encoder(), workers=n) for n in (1, 2))
    assert one["fingerprint"] == two["fingerprint"]
    assert one["metrics"] == two["metrics"]


@pytest.mark.parametrize(
    ("data", "sign"),
    [
        pytest.param(words(18, 60), 1.0, id="too few flagged messages"),
        pytest.param(words(30, 60), 1.0, id="enough in all and too few for a fold"),
        pytest.param(MANY, -1.0, id="the surer, the less is flagged"),
    ],
)
def test_what_cannot_be_learnt_does_not_count(tmp_path: Path, data: DataSet, sign: float) -> None:
    told = _train(tmp_path / "mine", data, encoders=encoder(sign))
    alone = _train(tmp_path / "alone", data)
    assert told["encoder"] is None
    assert told["metrics"] == alone["metrics"]
    assert not load_model(tmp_path / "mine").is_joined
    assert not (tmp_path / "mine" / NETWORK).exists()


def test_what_stands_for_nothing_is_learnt_from_and_not_measured(tmp_path: Path) -> None:
    some = [replace(e, weight=0.0) if i % 3 else e for i, e in enumerate(MANY.examples)]
    told = _train(tmp_path / "mine", DataSet("some", tuple(some)), target_recall=0.5)
    assert told["examples"]["trained_on"] == sum(not e.unsure for e in some)
    measured = [e for e in some if e.weight and not e.unsure]
    assert told["metrics"]["messages"] == len(measured)
    assert told["metrics"]["flagged"] == sum(e.flag for e in measured)


def test_an_eighth_of_the_base_is_kept_from_encoders() -> None:
    some = [Example(f"text {i} " * 3, i % 2, group=f"g{i // 4}") for i in range(2000)]
    base = [DataSet("b", tuple(some))]
    alone = merge([], base)
    held = {t for t, h in zip(alone.texts, alone.held, strict=True) if h}
    assert 150 < len(held) < 350
    groups = {e.group for e in some if e.text in held}
    assert all((e.text in held) == (e.group in groups) for e in some)
    beside = merge([MANY], base)
    assert {t for t, h in zip(beside.texts, beside.held, strict=True) if h} == held
    assert not beside.held[beside.own].any()


def test_the_shipped_one_is_not_measured_on_what_it_was_taught() -> None:
    said: list[str] = []
    texts = read_data(shipped_model("training") / "texts" / "stance.jsonl")
    assert shipped_encoder([texts], said.append) is None
    assert "taught" in said[0]
    said.clear()
    short = DataSet("mine", (*MANY.examples, Example("Thanks", 0), Example("Re: ok\n\nThanks", 0)))
    assert shipped_encoder([short], said.append) is not None
    assert not said


def test_evaluating_leaves_out_what_the_encoder_was_taught(tmp_path: Path) -> None:
    fresh = data_set(120, seed=9)
    taught = hashes_of([e.text for e in fresh.examples[:60]])
    _train(tmp_path / "mine", encoders=encoder(taught=taught))
    assert (tmp_path / "mine" / TAUGHT).read_bytes() == taught
    assert evaluate(tmp_path / "mine", [fresh], samples=10)["seen"] == 60


def test_the_command_can_do_without(tmp_path: Path) -> None:
    rows = [{"text": e.text, "flag": e.flag} for e in MANY.examples]
    file = write_jsonl(tmp_path / "mine.jsonl", rows)
    out = ["--out", str(tmp_path / "m"), "--no-encoder", "--json"]
    done = CliRunner().invoke(app, ["train", str(file), *out])
    assert json.loads(done.stdout)["encoder"] is None


def test_signals_to_join_are_those_of_the_codebook() -> None:
    texts = [f"Note\n\nThe {word} came." for word in WORDS[:60]]
    flags = [int(i % 3 == 0) for i in range(60)]
    model = RiskClassifier(folds=2, encode_from=0.0).fit(texts, flags, groups=WORDS[:60])
    examined = model.attach(encoder()).examine(texts)
    for signals, told in (([["guilt"]] * 60, "'guilt'"), ([["threat"]] * 9, "signals has 9")):
        with pytest.raises(ValueError, match=told):
            model.join(examined, flags, ["text"] * 60, signals=signals)
