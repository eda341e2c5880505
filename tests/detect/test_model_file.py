"""A model folder: what is saved comes back the same, and nothing that it brings is ever run."""

from __future__ import annotations

import io
import json
import pickle
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io
from labelled_building import examples, fitted, one_thread
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import FunctionTransformer

from riskscan.detect.classifier import RiskClassifier
from riskscan.detect.errors import ModelError
from riskscan.detect.model import describe_model, load_model, save_model
from riskscan.learn.archive import make_canonical

TEXTS = [e.text for e in examples(12, seed=5)]


@pytest.fixture(autouse=True)
def _quick() -> Iterator[None]:
    with one_thread():
        yield


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "saved"
    with one_thread():
        save_model(fitted(), folder, {"name": "saved"})
    return folder


@pytest.fixture
def model(saved: Path, tmp_path: Path) -> Path:
    """A copy to do harm to."""
    return Path(shutil.copytree(saved, tmp_path / "model"))


def _refused(folder: Path) -> str:
    with pytest.raises(ModelError) as caught:
        load_model(folder)
    told = str(caught.value)
    assert str(folder) in told
    assert told.endswith(".")
    assert "\n" not in told
    return told


def _members(folder: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    with zipfile.ZipFile(folder / "model.skops") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(folder / "model.skops", "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def test_it_comes_back_the_same(saved: Path) -> None:
    back = load_model(saved)
    assert back.fingerprint == fitted().fingerprint == describe_model(saved)["fingerprint"]
    assert back.get_params() == fitted().get_params()
    assert (back.predict_proba(TEXTS) == fitted().predict_proba(TEXTS)).all()
    assert back.assess(TEXTS) == fitted().assess(TEXTS)
    assert back.explain(TEXTS[0]) == fitted().explain(TEXTS[0])


def test_it_comes_back_the_same_in_another_process(saved: Path) -> None:
    program = (
        "import sys, json; from pathlib import Path; from riskscan.detect.model import load_model;"
        "print(json.dumps(load_model(Path(sys.argv[1])).predict_proba(json.load(sys.stdin))[:, 1]"
        ".tolist()))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, str(saved)],
        input=json.dumps(TEXTS),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(ran.stdout) == fitted().predict_proba(TEXTS)[:, 1].tolist()


def test_the_canonical_form_is_the_same_model(model: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    save_model(fitted(), other, {"name": "saved"})
    for folder in (model, other):
        make_canonical(folder / "model.skops")
    assert (model / "model.skops").read_bytes() == (other / "model.skops").read_bytes()
    assert load_model(model).assess(TEXTS) == fitted().assess(TEXTS)
    before = (model / "model.skops").read_bytes()
    make_canonical(model / "model.skops")
    assert (model / "model.skops").read_bytes() == before


def test_equal_parameters_are_equal_files(tmp_path: Path) -> None:
    """Whether two equal numbers are one object must not show."""
    half = 0.5
    for name, other in (("one", half), ("two", float("0.5"))):
        model = clone(fitted()).set_params(threshold=half, finding_threshold=other)
        vars(model).update({k: v for k, v in vars(fitted()).items() if k.endswith("_")})
        save_model(model, tmp_path / name, {})
        make_canonical(tmp_path / name / "model.skops")
    files = [(tmp_path / name / "model.skops").read_bytes() for name in ("one", "two")]
    assert files[0] == files[1]


def test_it_holds_no_pickle(saved: Path) -> None:
    assert skops.io.get_untrusted_types(file=saved / "model.skops") == [
        "riskscan.detect.classifier.RiskClassifier"
    ]
    with zipfile.ZipFile(saved / "model.skops") as archive:
        for name in archive.namelist():
            content = archive.read(name)
            assert name.endswith((".npy", ".npz", ".json"))
            if name.endswith(".npy"):
                np.load(io.BytesIO(content), allow_pickle=False)
            assert not content.startswith(b"\x80")


class Burglar:
    """Unpickled, it leaves a file."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return Path.touch, (self.mark,)


@pytest.mark.parametrize("where", ["whole file", "an array", "the schema", "another member"])
def test_a_pickle_is_refused(model: Path, tmp_path: Path, where: str) -> None:
    mark = tmp_path / "was here"
    load = pickle.dumps(Burglar(mark))
    if where == "whole file":
        (model / "model.skops").write_bytes(load)
        _refused(model)
    elif where == "another member":
        # It is not even looked at.
        _members(model, lambda members: members.update({"extra.pkl": load}))
        load_model(model)
    else:
        array = io.BytesIO()
        np.save(array, np.array([Burglar(mark)], dtype=object), allow_pickle=True)

        def put(members: dict[str, bytes]) -> None:
            if where == "the schema":
                members["schema.json"] = load
            else:
                members[next(n for n in members if n.endswith(".npy"))] = array.getvalue()

        _members(model, put)
        _refused(model)
    assert not mark.exists()


def test_a_foreign_type_is_refused(model: Path) -> None:
    skops.io.dump(FunctionTransformer(func=shutil.rmtree), model / "model.skops")
    told = _refused(model)
    assert "shutil.rmtree" in told
    assert "not trusted" in told


def test_a_foreign_type_inside_is_refused(model: Path) -> None:
    def put(members: dict[str, bytes]) -> None:
        schema = json.loads(members["schema.json"])
        # The first parameter becomes a call of os.system.
        inner = schema["content"]["content"]
        inner[next(iter(inner))] = {
            "__class__": "system",
            "__module__": "os",
            "__loader__": "FunctionNode",
            "content": {"module_path": "os", "function": "system"},
        }
        members["schema.json"] = json.dumps(schema).encode()

    _members(model, put)
    assert "not trusted" in _refused(model)


def test_another_estimator_is_refused(model: Path) -> None:
    skops.io.dump(LogisticRegression(), model / "model.skops")
    assert "is no riskscan classifier" in _refused(model)


def test_an_unfitted_classifier_is_refused(model: Path) -> None:
    skops.io.dump(RiskClassifier(), model / "model.skops")
    _refused(model)


@pytest.mark.parametrize("part", [0, 1, 100, 0.5, 0.99])
def test_a_cut_off_file_is_refused(model: Path, part: float) -> None:
    content = (model / "model.skops").read_bytes()
    (model / "model.skops").write_bytes(content[: int(part * len(content)) if part < 1 else 100])
    assert "cannot be read" in _refused(model)


def test_a_damaged_file_is_refused(model: Path) -> None:
    content = bytearray((model / "model.skops").read_bytes())
    for place in range(2000, len(content) - 2000, 997):
        content[place] ^= 0xFF
    (model / "model.skops").write_bytes(bytes(content))
    assert "cannot be read" in _refused(model)


def test_missing_members_are_refused(model: Path) -> None:
    _members(model, lambda members: members.pop(next(n for n in members if n.endswith(".npy"))))
    _refused(model)


@pytest.mark.parametrize(
    "schema",
    [
        b"",
        b"[]",
        b"{}",
        b'{"__class__": "x"}',
        b'"text"',
        b"[" * 100_000,
        b'{"__class__": "A", "__module__": "b", "__loader__": "NoSuchNode", "protocol": 2}',
    ],
)
def test_a_broken_schema_is_refused(model: Path, schema: bytes) -> None:
    _members(model, lambda members: members.update({"schema.json": schema}))
    _refused(model)


def test_a_skops_file_of_the_future_is_refused(model: Path) -> None:
    def put(members: dict[str, bytes]) -> None:
        schema = json.loads(members["schema.json"])
        schema["protocol"] = 999
        schema["__loader__"] = "NodeOfTheFuture"
        members["schema.json"] = json.dumps(schema).encode()

    _members(model, put)
    _refused(model)


@pytest.mark.parametrize("number", [0, 1, 99, "2", None])
def test_another_format_is_refused(model: Path, number: object) -> None:
    told = describe_model(model) | {"format": number}
    (model / "model.json").write_text(json.dumps(told))
    assert f"has format {number}" in _refused(model)


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff", b"[" * 100_000])
def test_a_broken_description_is_refused(model: Path, content: bytes) -> None:
    (model / "model.json").write_bytes(content)
    _refused(model)


def test_no_model(tmp_path: Path, model: Path) -> None:
    assert "There is no riskscan model" in _refused(tmp_path / "none")
    (model / "model.skops").unlink()
    _refused(model)


def test_another_model_than_described_is_refused(model: Path) -> None:
    """Figures and card are of the model in the folder, not of one that took its place."""
    told = describe_model(model) | {"fingerprint": "0" * 64}
    (model / "model.json").write_text(json.dumps(told))
    assert "model.json describes" in _refused(model)
