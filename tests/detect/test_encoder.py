"""The encoder: what it reads of a text, that it says the same in any company, and its files."""

from __future__ import annotations

import copy
import io
import json
import pickle
import shutil
import time
import zipfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import erf, expit, softmax

from riskscan.detect import network
from riskscan.detect.classifier import RiskClassifier
from riskscan.detect.encoder import NETWORK, VOCABULARY, Encoder, Look, load_encoder
from riskscan.detect.errors import ModelError
from riskscan.detect.features import Hasher
from riskscan.detect.model import load_model
from riskscan.detect.network import Network, packed
from riskscan.detect.reading import Read
from riskscan.detect.windows import Window, windows_of
from riskscan.detect.wordpieces import WordPieces
from riskscan.learn.encoders import _Remembering
from riskscan.paths import shipped_model

LETTERS = [chr(n) for n in range(ord("a"), ord("z") + 1)]
SMALL = WordPieces(
    [
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", *LETTERS, *("##" + c for c in LETTERS),
        "shred", "##ded", "the", "draft", "don", "'", ".", "_",
    ]
)  # fmt: skip
CONCERN = "We should shred the drafts before the auditors come on Monday."
DULL = "The canteen opens at noon and closes at two."


@cache
def shipped() -> RiskClassifier:
    return load_model(shipped_model("detector"))


def encoder() -> Encoder:
    found = shipped().encoder
    assert found is not None
    return found


def pieces(text: str) -> list[str]:
    return [SMALL.vocabulary[number] for number in SMALL(text)]


# word pieces


def test_a_word_is_its_longest_pieces() -> None:
    assert pieces("shredded the drafts.") == ["shred", "##ded", "the", "draft", "##s", "."]


def test_marks_stand_alone_and_case_and_accents_fall() -> None:
    assert pieces("Don't_SHRED") == ["don", "'", "t", "_", "shred"]
    assert pieces("thé") == ["the"]


def test_what_the_vocabulary_cannot_spell_is_unknown() -> None:
    assert pieces("naïve 漢字 π") == [*"n", "##a", "##i", "##v", "##e", *["[UNK]"] * 3]
    assert pieces("x" * 101) == ["[UNK]"]


@pytest.mark.parametrize("vocabulary", [["a"], ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "a"]])
def test_a_vocabulary_without_marks_or_with_doubles_is_refused(vocabulary: list[str]) -> None:
    with pytest.raises(ValueError, match="vocabulary"):
        WordPieces(vocabulary)


@given(st.text(max_size=400))
def test_any_text_has_pieces(text: str) -> None:
    assert all(0 <= number < len(SMALL.vocabulary) for number in SMALL(text))
    assert SMALL(text) == SMALL(text)


# windows


def windows(text: str, best: int = 0, quoted: str = "", most: int = 2) -> list[Window]:
    read = Read([text], Hasher())
    ranks = np.zeros(len(read.spans[0]))
    if len(ranks):
        ranks[best] = 1.0
    return windows_of(read, 0, ranks, SMALL, quoted, most)


def said(window: Window) -> str:
    return " ".join(SMALL.vocabulary[number] for number in window.pieces).replace(" ##", "")


def test_a_window_holds_the_subject_and_the_best_sentence_with_its_neighbours() -> None:
    lines = [f"{'the draft ' * 20}{letter * 3}." for letter in "abcdefghi"]
    text = "Shred\n\n" + "\n".join(lines)
    first, second = windows(text, best=5)
    assert said(first).startswith("[CLS] shred [SEP]")
    assert "eee ." in said(first)
    assert 5 in first.sentences
    assert not set(first.sentences[first.sentences > 0]) & set(second.sentences)
    assert all(len(window.pieces) <= 156 for window in (first, second))


def test_what_a_short_mail_answers_to_stands_behind_it() -> None:
    (window,) = windows("Re\n\nI agree.", quoted="shred the drafts")
    assert said(window).endswith("[SEP] shred the drafts [SEP]")
    told = window.kinds == 1
    assert told.sum() == 5
    assert (window.sentences[told] == -1).all()


def test_a_long_mail_stands_alone() -> None:
    assert all("drafts" not in said(w) for w in windows("the draft. " * 60, quoted="drafts"))


@given(st.text(max_size=2_000), st.text(max_size=300), st.data())
def test_any_text_has_bounded_windows(text: str, quoted: str, data: st.DataObject) -> None:
    count = len(Read([text], Hasher()).spans[0])
    best = data.draw(st.integers(0, max(0, count - 1)))
    found = windows(text, best, quoted)
    assert bool(found) == bool(count)
    for window in found:
        assert len(window.pieces) == len(window.kinds) == len(window.sentences) <= 216
        assert window.pieces[0] == SMALL.start
        assert window.pieces[-1] == SMALL.end
        assert window.sentences.min() >= -1
        assert window.sentences.max() < count


def test_a_sentence_without_end_takes_no_longer() -> None:
    began = time.process_time()
    assert all(len(window.pieces) <= 132 for window in windows("shred" * 400_000))
    assert time.process_time() - began < 60


# what the shipped one says


def test_it_tells_concern_from_dull_words() -> None:
    bad, dull = (r.score for r in shipped().assess([CONCERN, DULL]))
    assert bad > shipped().threshold > dull


def test_a_score_does_not_depend_on_its_company() -> None:
    texts = [CONCERN, DULL, "Please do not put this in an email, call me.", "Is this even legal?"]
    together = shipped().assess(texts)
    for others in (
        [shipped().assess([text])[0] for text in texts],
        shipped().assess(texts[::-1])[::-1],
    ):
        for one, other in zip(together, others, strict=True):
            # The linear models' last digits may differ.
            assert one.score == pytest.approx(other.score, rel=1e-12)
            assert [f.text for f in one.findings] == [f.text for f in other.findings]
            assert one.signals == other.signals


def test_what_scores_low_is_not_read_by_it() -> None:
    alone = RiskClassifier(**shipped().get_params())
    alone.__dict__.update(
        {k: v for k, v in shipped().__dict__.items() if k not in ("_encoder", "encode_from")}
    )
    first = shipped().predict_proba([CONCERN, DULL])[:, 1]
    assert first[1] < shipped().encode_from < first[0]
    with_it = [r.score for r in shipped().assess([CONCERN, DULL])]
    assert with_it[1] == first[1]
    assert with_it[0] != first[0]
    assert [r.score for r in alone.assess([CONCERN, DULL])] == first.tolist()


def test_what_is_predicted_is_what_is_assessed() -> None:
    # A threshold between the first score and the one with the encoder: only one of them reaches it.
    model = RiskClassifier(**shipped().get_params())
    model.__dict__.update({k: v for k, v in shipped().__dict__.items() if k != "threshold"})
    first = float(shipped().predict_proba([CONCERN])[0, 1])
    both = shipped().assess([CONCERN])[0].score
    model.threshold = (first + both) / 2
    assert model.predict([CONCERN, DULL]).tolist() == [int(both > first), 0]
    assert bool(model.assess([CONCERN])[0].signals) == (both > first)


def test_its_share_of_a_score_is_told() -> None:
    told = shipped().explain(CONCERN)
    assert told.parts["encoder"] > 0
    assert "encoder" not in shipped().explain(DULL).parts
    lead = max(told.domains.values(), key=lambda one: one[0] * one[1])
    assert float(expit(sum(told.parts.values()))) == pytest.approx(lead[1], rel=1e-6)
    assert told.assessment.score == pytest.approx(sum(a * b for a, b in told.domains.values()))


def test_it_travels_to_a_worker_and_into_copies() -> None:
    expected = shipped().assess([CONCERN])
    for other in (pickle.loads(pickle.dumps(shipped())), copy.deepcopy(shipped())):
        assert other.assess([CONCERN]) == expected
        assert other.fingerprint == shipped().fingerprint


def test_learning_again_takes_it_away() -> None:
    again = copy.copy(shipped()).fit([CONCERN, DULL] * 5, [1, 0] * 5)
    assert again.encoder is None
    assert shipped().encoder is not None


# the network


def made(seed: int = 0, *, width: int = 32, layers: int = 2) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)

    def some(*shape: int) -> np.ndarray:
        return rng.normal(0, 0.5, shape).astype(np.float32)

    weights = {
        "word": some(len(SMALL.vocabulary), width),
        "position": some(256, width),
        "kind": some(2, width),
        "first.gain": 1 + some(width),
        "first.shift": some(width),
        "flag.weight": some(2 * width, 1),
        "flag.bias": some(1),
        "evidence.weight": some(width, 1),
        "evidence.bias": some(1),
        "signals.weight": some(2 * width, 8),
        "signals.bias": some(8),
    }
    for k in range(layers):
        for name, shape in (
            ("query", (width, width)), ("key", (width, width)), ("value", (width, width)),
            ("mix", (width, width)), ("up", (width, 64)), ("down", (64, width)),
        ):  # fmt: skip
            weights[f"layer{k}.{name}.weight"] = some(*shape) / 4
            weights[f"layer{k}.{name}.bias"] = some(shape[1])
        for name in ("attended", "done"):
            weights[f"layer{k}.{name}.gain"] = 1 + some(width) / 4
            weights[f"layer{k}.{name}.shift"] = some(width)
    return weights


def plainly(w: dict[str, np.ndarray], pieces: list[int], kinds: list[int]) -> tuple[float, list]:
    """BERT as the paper has it, a piece at a time."""

    def norm(x: np.ndarray, name: str) -> np.ndarray:
        x = x - x.mean(1, keepdims=True)
        return x / x.std(1, keepdims=True) * w[f"{name}.gain"] + w[f"{name}.shift"]

    x = norm(w["word"][pieces] + w["position"][: len(pieces)] + w["kind"][kinds], "first")
    k = 0
    while f"layer{k}.query.weight" in w:
        at = f"layer{k}."
        q, y, v = (x @ w[f"{at}{n}.weight"] + w[f"{at}{n}.bias"] for n in ("query", "key", "value"))
        told = np.stack([softmax([a @ b / 32**0.5 for b in y]) @ v for a in q])
        x = norm(x + told @ w[f"{at}mix.weight"] + w[f"{at}mix.bias"], f"{at}attended")
        inner = x @ w[f"{at}up.weight"] + w[f"{at}up.bias"]
        inner = inner * (1 + erf(inner / 2**0.5)) / 2
        x = norm(x + inner @ w[f"{at}down.weight"] + w[f"{at}down.bias"], f"{at}done")
        k += 1
    evidence = (x @ w["evidence.weight"] + w["evidence.bias"])[:, 0]
    pooled = np.concatenate([x[0], softmax(evidence) @ x])
    return float((pooled @ w["flag.weight"] + w["flag.bias"])[0]), evidence.tolist()


@pytest.mark.parametrize("size", [1, 2, 40, 216])
def test_the_network_is_a_transformer(size: int) -> None:
    rng = np.random.default_rng(size)
    pieces = rng.integers(0, len(SMALL.vocabulary), size)
    kinds = rng.integers(0, 2, size)
    weights = made()
    flag, evidence = plainly(weights, pieces.tolist(), kinds.tolist())
    said = Network(packed(weights)).read(pieces, kinds)
    # Eight bits are a part in 127.
    assert said.flag == pytest.approx(flag, abs=0.15)
    np.testing.assert_allclose(said.evidence, evidence, atol=0.15)
    assert size < 3 or np.corrcoef(said.evidence, evidence)[0, 1] > 0.999


def test_the_same_weights_are_the_same_file() -> None:
    assert packed(made()) == packed(made()) != packed(made(1))
    adapted = {"mail": moved(made())}
    assert packed(made(), adapted) == packed(made(), adapted) != packed(made())


# adapters


def moved(weights: dict[str, np.ndarray], *, rank: int = 4) -> dict[str, np.ndarray]:
    """The same with the last layer and what is asked of it changed, matrices at a low rank."""
    rng = np.random.default_rng(7)
    changed = dict(weights)
    for name, values in weights.items():
        if name.startswith("layer1.") and values.ndim == 2:
            left, right = (
                rng.normal(0, 0.2, s) for s in ((len(values), rank), (rank, len(values.T)))
            )
            changed[name] = (values + left @ right).astype(np.float32)
        elif name.startswith(("layer1.", "flag.", "evidence.", "signals.")):
            changed[name] = values + rng.normal(0, 0.2, values.shape).astype(np.float32)
    return changed


def test_a_domain_is_read_with_its_adapter() -> None:
    weights = made()
    both = Network(packed(weights, {"mail": moved(weights)}))
    assert both.domains == ["mail"]
    pieces, kinds = np.arange(20) % 7, np.zeros(20, int)
    plain = both.read(pieces, kinds)
    told = both.read(pieces, kinds, "mail")
    flag, evidence = plainly(moved(weights), pieces.tolist(), kinds.tolist())
    assert abs(flag - plain.flag) > 0.5
    assert told.flag == pytest.approx(flag, abs=0.2)
    np.testing.assert_allclose(told.evidence, evidence, atol=0.2)
    assert not np.allclose(told.signals, plain.signals, atol=0.2)
    alone = Network(packed(weights)).read(pieces, kinds)
    for other in (plain, both.read(pieces, kinds, "post")):
        assert other.flag == alone.flag
        assert other.signals.tolist() == alone.signals.tolist()


def test_a_large_change_is_kept_at_a_low_rank() -> None:
    weights = made(width=64)
    large = dict(weights)
    change = np.random.default_rng(3).normal(0, 0.05, (64, 64))
    large["layer1.mix.weight"] = weights["layer1.mix.weight"] + change.astype(np.float32)
    with np.load(io.BytesIO(packed(weights, {"mail": large}))) as file:
        own = {name: file[name] for name in file.files if name.startswith("mail/")}
    assert {name.rpartition(".")[0] for name in own} == {
        "mail/layer1.mix.weight", "mail/layer1.mix.weight.left", "mail/layer1.mix.weight.right",
    }  # fmt: skip
    left, right = (
        own[f"mail/layer1.mix.weight.{side}"].astype(float) for side in ("left", "right")
    )
    left = left * own["mail/layer1.mix.weight.left.scale"]
    right = right * own["mail/layer1.mix.weight.right.scale"][:, None]
    assert left.shape == (64, 32)
    size = np.linalg.svd(change, compute_uv=False)
    lost = np.linalg.norm(change - left @ right)
    assert lost == pytest.approx(np.linalg.norm(size[32:]), rel=0.05)


def test_what_pieces_are_is_no_domains_own() -> None:
    changed = dict(made())
    changed["position"] = changed["position"] + 1
    with pytest.raises(ValueError, match="position"):
        packed(made(), {"mail": changed})


def test_an_encoder_looks_with_the_adapter_and_remembers_by_domain() -> None:
    own = Encoder(packed(made(), {"mail": moved(made())}), "\n".join(SMALL.vocabulary))
    (window,) = windows(CONCERN, most=1)
    read = {d: own.network.read(window.pieces, window.kinds, d).flag for d in ("mail", "post")}
    assert read["mail"] != read["post"]
    for encoder in (own, _Remembering(own, {})):
        for domain in ("mail", "post", "mail", "post"):
            assert encoder.look([window], domain).flag == read[domain]
        assert encoder.look([window]).flag == read["post"]


def test_what_is_remembered_is_what_the_encoder_itself_says() -> None:
    class ReadAsMail(Encoder):
        def look(self, windows: Sequence[Window], domain: str = "") -> Look:
            return super().look(windows, "mail")

    own = ReadAsMail(packed(made(), {"mail": moved(made())}), "\n".join(SMALL.vocabulary))
    (window,) = windows(CONCERN, most=1)
    assert _Remembering(own, {}).look([window], "post").flag == own.look([window], "mail").flag


def test_texts_of_a_domain_are_read_with_its_adapter() -> None:
    """The domain is the one that the gate leads with."""
    vocabulary = "\n".join(SMALL.vocabulary)
    model = copy.copy(shipped()).set_params(encode_from=0.0)
    mail = "Re: draft\n\n" + "Please find the draft of the gas contract attached. " * 12 + CONCERN
    asked: list[str] = []

    class Asked(Encoder):
        def look(self, windows: Sequence[Window], domain: str = "") -> Look:
            asked.append(domain)
            return super().look(windows, domain)

    model.attach(Asked(packed(made(), {"mail": moved(made())}), vocabulary))
    for text in (CONCERN, mail):
        model.assess([text])
    told = [
        max(model.explain(text).domains.items(), key=lambda d: d[1][0])[0]
        for text in (CONCERN, mail)
    ]
    assert told == ["post", "mail"]
    assert asked[:2] == told


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("word", None),
        ("word.scale", np.ones(3, np.float32)),
        ("layer0.query.weight", np.zeros((32, 31), np.int8)),
        ("layer1.down.bias", None),
        ("layer0.up.weight", np.zeros((32, 64), np.float64)),
        ("kind", np.zeros((2, 32), np.float64)),
        ("flag.weight", np.full((64, 1), np.nan, np.float32)),
        ("first.gain", np.ones((32, 1), np.float32)),
        ("evidence.bias", np.array([object()])),
        ("mail/layer1.up.weight.left", None),
        ("mail/layer1.up.weight.right.scale", np.ones(3, np.float32)),
        ("mail/layer1.done.gain", np.ones(31, np.float32)),
        ("mail/signals.weight", np.ones((64, 7), np.float32)),
        ("mail/flag.bias", np.array([np.inf], np.float32)),
    ],
)
def test_weights_that_do_not_fit_are_refused(name: str, value: np.ndarray | None) -> None:
    with np.load(io.BytesIO(packed(made(), {"mail": moved(made())}))) as file:
        arrays = {key: file[key] for key in file.files}
    arrays.pop(name)
    if value is not None:
        arrays[name] = value
    target = io.BytesIO()
    np.savez(target, **arrays)
    with pytest.raises(ValueError, match="network"):
        Network(target.getvalue())


def _file(change: Callable[[dict[str, np.ndarray]], None]) -> bytes:
    """A network with an adapter for mail whose arrays were changed."""
    with np.load(io.BytesIO(packed(made(), {"mail": moved(made())}))) as file:
        arrays = {key: file[key] for key in file.files}
    change(arrays)
    target = io.BytesIO()
    np.savez(target, **arrays)
    return target.getvalue()


def _factors(rows: int, inner: int, other: int, columns: int) -> dict[str, np.ndarray]:
    name = "mail/layer1.mix.weight"
    return {
        f"{name}.left": np.ones((rows, inner), np.int8),
        f"{name}.left.scale": np.ones(inner, np.float32),
        f"{name}.right": np.ones((other, columns), np.int8),
        f"{name}.right.scale": np.ones(other, np.float32),
    }


@pytest.mark.parametrize(
    "sizes", [(1, 4, 4, 32), (32, 4, 4, 1), (32, 4, 5, 32), (32, 33, 33, 32), (31, 4, 4, 32)]
)
def test_an_adapter_that_fits_no_matrix_is_refused(sizes: tuple[int, int, int, int]) -> None:
    Network(_file(lambda arrays: arrays.update(_factors(32, 4, 4, 32))))
    with pytest.raises(ValueError, match=r"mix\.weight\.left and right"):
        Network(_file(lambda arrays: arrays.update(_factors(*sizes))))


@pytest.mark.parametrize(
    "name",
    [
        "mail/layer0.pu.weight.left", "mail/layer7.up.bias", "mail/position", "mail/word.left",
        "/flag.bias", "mail/layer0.up.weight", "mail/layer0.up.weight.scale",
        "mail/layer0.up.bias.left", "layer0.up.weight.left", "a/mail/flag.bias",
    ],
)  # fmt: skip
def test_what_no_adapter_has_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"adapter|domain"):
        Network(_file(lambda arrays: arrays.update({name: np.ones((1, 1), np.float32)})))


@pytest.mark.parametrize(
    "name", ["layer0.up.weight.scale", "mail/layer1.up.weight.left.scale", "word.scale"]
)
def test_weights_beyond_measure_are_refused(name: str) -> None:
    def grow(arrays: dict[str, np.ndarray]) -> None:
        arrays[name] = np.full_like(arrays[name], 3e38)

    with pytest.raises(ValueError, match="not finite"):
        Network(_file(grow))


def test_adapters_take_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def many(arrays: dict[str, np.ndarray]) -> None:
        arrays.update({f"d{n}/layer0.done.gain": np.ones(32, np.float32) for n in range(8)})

    with pytest.raises(ValueError, match="more than 8 domains"):
        Network(_file(many))
    # A domain shares all matrices that it does not change.
    plain = sum(w.size for name, w in made().items() if name.startswith("layer") and w.ndim == 2)
    own = sum(w.size for name, w in made().items() if name.startswith("layer1") and w.ndim == 2)
    monkeypatch.setattr(network, "_MOST_NUMBERS", plain + own)
    Network(packed(made(), {"mail": moved(made())}))
    monkeypatch.setattr(network, "_MOST_NUMBERS", plain + own - 1)
    with pytest.raises(ValueError, match="numbers"):
        Network(packed(made(), {"mail": moved(made())}))


def test_members_that_are_no_arrays_are_refused() -> None:
    target = io.BytesIO(packed(made()))
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr("mail/flag.bias", b"no array")
    with pytest.raises(ValueError, match="network"):
        Network(target.getvalue())
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive, archive.open("word.npy", "w") as member:
        header = {"descr": "<f4", "fortran_order": False, "shape": (2**52,)}
        np.lib.format.write_array_header_1_0(member, header)
    with pytest.raises(ValueError, match="network"):
        Network(target.getvalue())


def test_a_bomb_is_not_unpacked() -> None:
    target = io.BytesIO()
    np.savez_compressed(target, word=np.zeros((2**13, 2**14), np.int8))
    assert len(target.getvalue()) < 2**20
    with pytest.raises(ValueError, match="MiB"):
        Network(target.getvalue())


def test_a_vocabulary_of_another_size_is_refused() -> None:
    vocabulary = "\n".join(SMALL.vocabulary)
    Encoder(packed(made()), vocabulary)
    with pytest.raises(ValueError, match="fit together"):
        Encoder(packed(made()), vocabulary + "\n##more")


# its files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(shipped_model("detector"), tmp_path / "model"))


def _refused(folder: Path) -> str:
    with pytest.raises(ModelError) as caught:
        load_model(folder)
    assert str(folder) in str(caught.value)
    return str(caught.value)


def test_another_encoder_than_described_is_refused(folder: Path) -> None:
    names = (folder / VOCABULARY).read_text("utf-8").split("\n")
    names[-1], names[-2] = names[-2], names[-1]
    (folder / VOCABULARY).write_text("\n".join(names), encoding="utf-8")
    assert "is not the one" in _refused(folder)


def test_a_missing_encoder_is_told(folder: Path) -> None:
    (folder / NETWORK).unlink()
    assert "is not the one" in _refused(folder)


def test_a_missing_or_foreign_vocabulary_is_told(folder: Path) -> None:
    (folder / VOCABULARY).write_text("one\ntwo", encoding="utf-8")
    assert "vocabulary" in _refused(folder)
    (folder / VOCABULARY).unlink()
    assert "cannot be read" in _refused(folder)


@pytest.mark.parametrize("content", [b"", b"\x80\x04.", b"no network", bytes(1000)])
def test_what_is_no_network_is_refused(folder: Path, content: bytes) -> None:
    (folder / NETWORK).write_bytes(content)
    assert "cannot be read" in _refused(folder)


def test_a_cut_network_is_refused(folder: Path) -> None:
    content = (folder / NETWORK).read_bytes()
    (folder / NETWORK).write_bytes(content[: len(content) // 2])
    assert "cannot be read" in _refused(folder)


def test_a_model_without_encoder_has_none(tmp_path: Path) -> None:
    assert load_encoder(tmp_path) is None


def test_the_description_names_it(folder: Path) -> None:
    described = json.loads((folder / "model.json").read_text("utf-8"))
    assert described["encoder"] == encoder().sha256
