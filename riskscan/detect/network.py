"""A transformer encoder read with NumPy alone (BERT: Devlin et al. 2019), and its file.

An ``encoder.npz`` holds arrays and nothing else: no code, no graph, no pickle. Weights are numbers
of eight bits with a scale for each output, so that the file is a quarter as large.

A domain of text may have an adapter: of the matrices of layers that differ there, the difference at
a low rank (as Hu et al. 2022 learn it; here it is cut to that), of all else the values themselves.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats32 = NDArray[np.float32]
Ints = NDArray[np.int_]

_HEAD = 32
_LAYER = re.compile(r"layer(\d{1,2})\.query\.weight")
# Of the difference that an adapter makes to a matrix.
_RANK = 32
# Bytes of all arrays; they are four times as large in memory.
_LARGEST = 2**26
_EPSILON = np.float32(1e-12)
_DAMAGE = (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile, zlib.error)


@dataclass(frozen=True, slots=True)
class _Layer:
    attention: tuple[Floats32, Floats32]  # query, key and value beside each other
    mix: tuple[Floats32, Floats32]
    up: tuple[Floats32, Floats32]
    down: tuple[Floats32, Floats32]
    attended: tuple[Floats32, Floats32]  # gain and shift of a normalisation
    done: tuple[Floats32, Floats32]


@dataclass(frozen=True, slots=True)
class _Reader:
    """What reads the embedded pieces: the layers, and what is asked of the last one."""

    layers: list[_Layer]
    flag: tuple[Floats32, Floats32]
    evidence: tuple[Floats32, Floats32]
    signals: tuple[Floats32, Floats32]


@dataclass(frozen=True, slots=True)
class Said:
    """Log-odds of one window: to be flagged, of each piece to be evidence, of each signal."""

    flag: float
    evidence: Floats32
    signals: Floats32


class Network:
    """Reads windows of word pieces."""

    def __init__(self, content: bytes) -> None:
        """``content``: the bytes of an ``encoder.npz``.

        Raises ValueError when it is damaged, or does not fit together.
        """
        try:
            given = _unpacked(content)
            self.words = _quantised(given, "word", axis=0)
            self.width = self.words[0].shape[1]
            self.positions = _floats(given, "position", (None, self.width))
            self.kinds = _floats(given, "kind", (2, self.width))
            self.first = _norm(given, "first", self.width)
            plain = self._reader(_Given(given))
            self.signals = len(plain.signals[1])
            domains = sorted({name.rpartition("/")[0] for name in given if "/" in name})
            self._readers = {d: self._reader(_Given(given, f"{d}/"), plain) for d in domains}
            self._readers[""] = plain
        except _DAMAGE as error:
            told = " ".join(str(error).split())
            raise ValueError(f"its network cannot be read: {told}") from error
        if self.width % _HEAD:
            raise ValueError(f"its network is not a multiple of {_HEAD} wide")

    @property
    def domains(self) -> list[str]:
        """The domains with an adapter."""
        return sorted(name for name in self._readers if name)

    def _reader(self, given: _Given, plain: _Reader | None = None) -> _Reader:
        count = sum(_LAYER.fullmatch(name) is not None for name in given.arrays)
        layers = [
            plain.layers[k]
            if plain is not None and not given.changes(f"layer{k}.")
            else _layer(given, f"layer{k}.", self.width)
            for k in range(count)
        ]
        return _Reader(
            layers,
            _dense(given, "flag", (2 * self.width, 1)),
            _dense(given, "evidence", (self.width, 1)),
            _dense(given, "signals", (2 * self.width, None if plain is None else self.signals)),
        )

    def read(self, pieces: Ints, kinds: Ints, domain: str = "") -> Said:
        """What is said of one window, ``pieces`` by number; at most as many as there are places.

        ``domain``: that of the text; one without an adapter is read as any.
        """
        reader = self._readers.get(domain, self._readers[""])
        codes, scales = self.words
        x = codes[pieces] * scales[pieces, None]
        x += self.positions[: len(pieces)]
        x += self.kinds[kinds]
        x = _normalised(x, *self.first)
        for layer in reader.layers:
            x = _normalised(x + self._attention(x, layer), *layer.attended)
            inner = _gelu(x @ layer.up[0] + layer.up[1])
            x = _normalised(x + inner @ layer.down[0] + layer.down[1], *layer.done)
        evidence = (x @ reader.evidence[0] + reader.evidence[1])[:, 0]
        # What the likeliest pieces say, beside what stands at the start for the whole.
        told = np.concatenate([x[0], _softmax(evidence) @ x])
        flag = told @ reader.flag[0] + reader.flag[1]
        return Said(float(flag[0]), evidence, told @ reader.signals[0] + reader.signals[1])

    def _attention(self, x: Floats32, layer: _Layer) -> Floats32:
        heads = self.width // _HEAD
        matrix, bias = layer.attention
        mixed = (x @ matrix + bias).reshape(len(x), 3, heads, _HEAD).transpose(1, 2, 0, 3)
        query, key, value = mixed
        shares = _softmax(query @ key.transpose(0, 2, 1) * np.float32(_HEAD**-0.5))
        told = (shares @ value).transpose(1, 0, 2).reshape(len(x), self.width)
        return np.asarray(told @ layer.mix[0] + layer.mix[1])


def _softmax(values: Floats32) -> Floats32:
    values = values - values.max(axis=-1, keepdims=True)
    np.exp(values, out=values)
    values /= values.sum(axis=-1, keepdims=True)
    return values


def _normalised(x: Floats32, gain: Floats32, shift: Floats32) -> Floats32:
    x = x - x.mean(axis=1, keepdims=True)
    x *= (np.square(x).mean(axis=1, keepdims=True) + _EPSILON) ** np.float32(-0.5)
    x *= gain
    x += shift
    return x


def _gelu(x: Floats32) -> Floats32:
    """Hendrycks and Gimpel 2016, by tanh: off by less than 0.001."""
    inner = x * x
    inner *= np.float32(0.044715)
    inner += np.float32(1.0)
    inner *= x
    inner *= np.float32((2 / np.pi) ** 0.5)
    np.tanh(inner, out=inner)
    inner += np.float32(1.0)
    inner *= x
    inner *= np.float32(0.5)
    return inner


# the file


def packed(
    weights: Mapping[str, Floats32], adapted: Mapping[str, Mapping[str, Floats32]] | None = None
) -> bytes:
    """An ``encoder.npz`` of ``weights`` by the names that ``Network`` reads; the same, bit for bit.

    The matrices of layers, (inputs, outputs), and "word", (pieces, width), are cut to eight bits.
    ``adapted``: of some domains, all weights as they are there. "word", "position", "kind" and
    "first" are the same everywhere.
    """
    arrays: dict[str, Any] = {}
    for name, values in weights.items():
        values = np.asarray(values, np.float32)
        if name == "word" or _is_matrix(name, values):
            _quantise(arrays, name, values, axis=1 if name == "word" else 0)
        else:
            arrays[name] = values
    for domain, those in (adapted or {}).items():
        for name, values in those.items():
            difference = np.asarray(values, np.float32) - weights[name]
            if not difference.any():
                continue
            if name.split(".")[0] in ("word", "position", "kind", "first"):
                raise ValueError(f"{name} is not a domain's own")
            if _is_matrix(name, difference):
                left, size, right = np.linalg.svd(difference, full_matrices=False)
                _quantise(arrays, f"{domain}/{name}.left", left[:, :_RANK], axis=0)
                scaled = size[:_RANK, None] * right[:_RANK]
                _quantise(arrays, f"{domain}/{name}.right", scaled, axis=1)
            else:
                arrays[f"{domain}/{name}"] = np.asarray(values, np.float32)
    target = io.BytesIO()
    np.savez_compressed(target, **arrays)
    return target.getvalue()


def _is_matrix(name: str, values: Floats32) -> bool:
    return name.startswith("layer") and values.ndim == 2


def _quantise(arrays: dict[str, Any], name: str, values: Floats32, *, axis: int) -> None:
    """Eight bits of each number, and a scale for each row or column that ``axis`` leaves."""
    scale = np.abs(values).max(axis=axis) / np.float32(127)
    scale = np.where(scale > 0, scale, np.float32(1)).astype(np.float32)
    arrays[name] = np.rint(values / np.expand_dims(scale, axis)).astype(np.int8)
    arrays[f"{name}.scale"] = scale


@dataclass(frozen=True, slots=True)
class _Given:
    """The arrays of a file as a domain has them: those under ``prefix`` before the others."""

    arrays: Mapping[str, Any]
    prefix: str = ""

    def changes(self, start: str) -> bool:
        """Whether the domain has anything of its own that begins so."""
        return any(name.startswith(self.prefix + start) for name in self.arrays)

    def __getitem__(self, name: str) -> Any:
        own = self.prefix + name
        return self.arrays[own if own in self.arrays else name]

    def difference(self, name: str, shape: tuple[int, ...]) -> Floats32 | None:
        """What the domain adds to a matrix."""
        own = self.prefix + name
        if not self.prefix or not self.changes(f"{name}."):
            return None
        left, by_column = _quantised(self.arrays, f"{own}.left", axis=1)
        right, by_row = _quantised(self.arrays, f"{own}.right", axis=0)
        if (len(left), right.shape[1]) != shape or left.shape[1] != len(right):
            raise ValueError(f"{own} is not as it must be")
        return np.asarray((left * by_column) @ (right * by_row[:, None]))


def _unpacked(content: bytes) -> dict[str, NDArray[Any]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(member.file_size for member in archive.infolist()) > _LARGEST:
            raise ValueError(f"it unpacks to more than {_LARGEST // 2**20} MiB")
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def _floats(
    given: Mapping[str, Any] | _Given, name: str, shape: tuple[int | None, ...]
) -> Floats32:
    values = given[name]
    fits = values.dtype == np.float32 and values.ndim == len(shape)
    if not fits or any(
        want not in (None, has) for has, want in zip(values.shape, shape, strict=True)
    ):
        raise ValueError(f"{name} is not as it must be")
    if not np.isfinite(values).all():
        raise ValueError(f"{name} is not finite")
    return np.asarray(values)


def _quantised(given: Mapping[str, Any], name: str, *, axis: int) -> tuple[Any, Floats32]:
    codes = given[name]
    if codes.dtype != np.int8 or codes.ndim != 2:
        raise ValueError(f"{name} is not as it must be")
    return codes, _floats(given, f"{name}.scale", (codes.shape[axis],))


def _matrix(given: _Given, name: str, inputs: int) -> tuple[Floats32, Floats32]:
    codes, scales = _quantised(given.arrays, f"{name}.weight", axis=1)
    if len(codes) != inputs:
        raise ValueError(f"{name} is not as it must be")
    matrix = codes * scales
    if (more := given.difference(f"{name}.weight", matrix.shape)) is not None:
        matrix += more
    return matrix, _floats(given, f"{name}.bias", (codes.shape[1],))


def _dense(given: _Given, name: str, shape: tuple[int, int | None]) -> tuple[Floats32, Floats32]:
    matrix = _floats(given, f"{name}.weight", shape)
    return matrix, _floats(given, f"{name}.bias", (matrix.shape[1],))


def _norm(given: Mapping[str, Any] | _Given, name: str, width: int) -> tuple[Floats32, Floats32]:
    return _floats(given, f"{name}.gain", (width,)), _floats(given, f"{name}.shift", (width,))


def _layer(given: _Given, prefix: str, width: int) -> _Layer:
    three = [_matrix(given, f"{prefix}{name}", width) for name in ("query", "key", "value")]
    if any(matrix.shape != (width, width) for matrix, _ in three):
        raise ValueError(f"{prefix}query, key or value is not as it must be")
    up = _matrix(given, f"{prefix}up", width)
    mix, down = _matrix(given, f"{prefix}mix", width), _matrix(given, f"{prefix}down", len(up[1]))
    if len(mix[1]) != width or len(down[1]) != width:
        raise ValueError(f"{prefix}mix or down is not as it must be")
    return _Layer(
        (np.concatenate([m for m, _ in three], axis=1), np.concatenate([b for _, b in three])),
        mix,
        up,
        down,
        _norm(given, f"{prefix}attended", width),
        _norm(given, f"{prefix}done", width),
    )
