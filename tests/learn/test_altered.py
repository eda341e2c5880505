"""Real messages with changed words, how likely a reader flags one: no flag is learnt of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from labelled_building import data_set, one_thread
from numpy.typing import NDArray
from test_encoders import MANY, encoder

from riskscan.detect.classifier import RiskClassifier
from riskscan.learn import train as training
from riskscan.learn.data import DataSet
from riskscan.learn.encoders import Encoders
from riskscan.learn.merge import Learning, merge
from riskscan.learn.train import train

ALTERED = DataSet(
    "altered",
    tuple(
        replace(one, text=f"{one.text} Nobody must see this.", altered=True, weight=0.0)
        for one in MANY.examples[::3]
    ),
)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(training, "write_plots", lambda *_: {})
    with one_thread():
        yield


class Watching:
    """A teacher that keeps what it was given, and teaches nothing."""

    def __call__(
        self, classifier: RiskClassifier, learning: Learning, tested: NDArray[np.int64], say: Any
    ) -> Encoders:
        self.learning, self.tested = learning, tested
        return Encoders(encoder(), [encoder()] * (int(tested.max()) + 1))


def _train(out: Path, *base: DataSet, watching: Watching | None = None) -> dict[str, Any]:
    classifier = RiskClassifier(folds=2, encode_from=0.0)
    return train(
        [MANY], out=out, base=base, folds=2, samples=20, classifier=classifier, encoders=watching
    )


def test_no_score_is_learnt_of_it(tmp_path: Path) -> None:
    alone, beside = _train(tmp_path / "alone"), _train(tmp_path / "beside", ALTERED)
    # All are of one signal, so that which it is is not learnt of it either.
    assert beside["fingerprint"] == alone["fingerprint"]
    assert beside["metrics"] == alone["metrics"]
    assert beside["examples"]["altered"] == len(ALTERED.examples)
    cards = [(tmp_path / name / "README.md").read_text("utf-8") for name in ("alone", "beside")]
    flagged = sum(one.flag for one in ALTERED.examples)
    told = [f"signal it is was learnt from {flagged} more" in card for card in cards]
    assert told == [False, True]
    assert beside["examples"]["trained_on"] == alone["examples"]["trained_on"]


def test_an_encoder_of_a_fold_can_leave_the_thread_out(tmp_path: Path) -> None:
    watching = Watching()
    _train(tmp_path / "model", ALTERED, watching=watching)
    learning, tested = watching.learning, watching.tested
    places = np.flatnonzero(learning.altered)
    assert sorted(learning.texts[i] for i in places) == sorted(e.text for e in ALTERED.examples)
    assert (tested[places] == -1).all()
    assert not learning.held[places].any()
    whole = {text: group for text, group in zip(learning.texts, learning.groups, strict=True)}
    for i in places:
        assert (
            whole[learning.texts[i].removesuffix(" Nobody must see this.")]
            == whole[learning.texts[i]]
        )


def test_it_yields_to_what_is_real() -> None:
    one, other, third = MANY.examples[:3]
    base = DataSet("base", (replace(one, text="Note\n\nAs it was written."),))
    mail = DataSet("mail", (other,), (replace(third, flag=0, group=""),))
    same = [base.examples[0].text, other.text, third.text]
    twice = [replace(one, text="Note\n\nTwice.", group=name) for name in ("a", "b")]
    some = [*(replace(one, text=text) for text in same), *twice, replace(one, text="Note\n\nNew.")]
    altered = DataSet("altered", tuple(replace(e, flag=1 - e.flag, altered=True) for e in some))
    plain = merge([mail], [base], unlabelled=True)
    learning = merge([mail], [base, altered], unlabelled=True)
    left = ~learning.altered
    assert [t for t, kept in zip(learning.texts, left, strict=True) if kept] == plain.texts
    assert learning.flags[left].tolist() == plain.flags.tolist()
    assert learning.groups[left].tolist() == plain.groups.tolist()
    assert learning.held[left].tolist() == plain.held.tolist()
    assert learning.unlabelled == plain.unlabelled == [third.text]
    assert (learning.repeated, learning.contradictory) == (0, 0)
    assert [t for t, kept in zip(learning.texts, left, strict=True) if not kept] == ["Note\n\nNew."]


def test_beside_labels_it_is_no_label() -> None:
    altered = replace(MANY.examples[0], text="Note\n\nChanged.", altered=True)
    learning = merge([DataSet("mixed", (*MANY.examples, altered))])
    assert learning.own.sum() == len(MANY.examples)
    assert learning.texts[-1] == altered.text
    assert learning.altered.sum() == 1


def test_how_likely_a_reader_flags_a_message() -> None:
    rows = list(data_set().examples)
    rows[0] = replace(rows[0], chance=0.25)
    again = replace(rows[0], chance=0.75)
    learning = merge([DataSet("some", tuple(rows)), DataSet("again", (again,))])
    told = dict(zip(learning.texts, learning.chances.tolist(), strict=True))
    flags = dict(zip(learning.texts, learning.flags.tolist(), strict=True))
    assert told.pop(rows[0].text) == 0.5
    assert all(flags[text] == chance for text, chance in told.items())


def test_grades_and_alterations_tell_in_fingerprints() -> None:
    plain = data_set().examples[0]
    told = [replace(plain, chance=chance) for chance in (None, 0.0, 1.0)]
    told += [replace(plain, altered=True)]
    prints = [DataSet("x", (one,)).fingerprint for one in told]
    assert len(set(prints)) == 4
    assert prints[0] == DataSet("y", (plain,)).fingerprint
