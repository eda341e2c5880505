"""A transformer encoder read with NumPy alone (BERT: Devlin et al. 2019), and its file.

An ``encoder.npz`` holds arrays and nothing else: no code, no graph, no pickle. Weights are numbers
of eight bits with a scale for each output, so that the file is a quarter as large.

A domain of text may have an adapter: of the matrices of layers that differ there, the difference at
a low rank (as Hu et al. 2022 learn it; here it is cut to that), of all else the values themselves.
"""

from __future__ import annotations

import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from tokenize import TokenError
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats32 = NDArray[np.float32]
Ints = NDArray[np.int_]
Arrays = Mapping[str, Any]

_HEAD = 32
_LAYER = re.compile(r"layer(\d{1,2})\.query\.weight")
# Of the difference that an adapter makes to a matrix.
_RANK = 32
_FACTORS = (".left", ".left.scale", ".right", ".right.scale")
# What is the same in all domains, by the first part of its name.
_SHARED = ("word", "position", "kind", "first")
_MOST_DOMAINS = 8
# Bytes of all arrays.
_LARGEST = 2**26
# Of all matrices that are made of them.
_MOST_NUMBERS = 2**26
# Of a scale: what it scales is finite.
_MOST = np.float32(1e36)
_EPSILON = np.float32(1e-12)
# RuntimeError: an encrypted member, or an unknown compression.
_DAMAGE = (
    OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, MemoryError, RuntimeError,
    OverflowError, TokenError, zipfile.BadZipFile, zlib.error, lzma.LZMAError,
)  # fmt: skip


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
            given, adapters = _split(_unpacked(content))
            self.words = _quantised(given, "word", axis=0)
            if np.abs(self.words[1]).max(initial=0) > _MOST:
                raise ValueError("word is not finite")
            self.width = self.words[0].shape[1]
            self.positions = _floats(given, "position", (None, self.width))
            self.kinds = _floats(given, "kind", (2, self.width))
            self.first = _norm(given, "first", self.width)
            maker = _Maker(given, self.width)
            plain = maker.reader({}, None)
            self.signals = len(plain.signals[1])
            self._readers = {d: maker.reader(own, plain) for d, own in adapters.items()}
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
    """An ``encoder.npz`` of ``weights`` by the names that ``Network`` reads.

    The same weights give the same bytes (adapters: on the same machine). The matrices of layers,
    (inputs, outputs), and "word", (pieces, width), are cut to eight bits. ``adapted``: of some
    domains, all weights as they are there; "word", "position", "kind" and "first" are the same
    everywhere. Raises ValueError where they are not, or a name is no domain's.
    """
    arrays: dict[str, Any] = {}
    for name, values in weights.items():
        values = np.asarray(values, np.float32)
        if name == "word" or _is_matrix(name, values):
            _quantise(arrays, name, values, axis=1 if name == "word" else 0)
        else:
            arrays[name] = values
    for domain, those in (adapted or {}).items():
        if not domain or "/" in domain:
            raise ValueError(f"'{domain}' cannot be the name of a domain")
        for name, values in those.items():
            difference = np.asarray(values, np.float32) - weights[name]
            if not difference.any():
                continue
            if name.split(".")[0] in _SHARED:
                raise ValueError(f"{name} is not a domain's own")
            if _is_matrix(name, difference):
                left, size, right = np.linalg.svd(difference, full_matrices=False)
                # What is beyond the rank of a small difference is noise.
                rank = min(_RANK, int((size > size[0] * 1e-6).sum()))
                _quantise(arrays, f"{domain}/{name}.left", left[:, :rank], axis=0)
                scaled = size[:rank, None] * right[:rank]
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


def _unpacked(content: bytes) -> dict[str, NDArray[Any]]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(member.file_size for member in archive.infolist()) > _LARGEST:
            raise ValueError(f"it unpacks to more than {_LARGEST // 2**20} MiB")
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def _split(arrays: Arrays) -> tuple[Arrays, Mapping[str, Arrays]]:
    """What any text is read with, and what each domain has of its own."""
    plain: dict[str, Any] = {}
    adapters: dict[str, dict[str, Any]] = {}
    for name, values in arrays.items():
        domain, slash, rest = name.partition("/")
        if slash:
            adapters.setdefault(domain, {})[rest] = values
        elif name.endswith(_FACTORS):
            raise ValueError(f"{name} is of no domain")
        else:
            plain[name] = values
    if len(adapters) > _MOST_DOMAINS:
        raise ValueError(f"it has adapters for more than {_MOST_DOMAINS} domains")
    for domain, own in adapters.items():
        for name in own:
            if not domain or not _may_differ(name, plain):
                raise ValueError(f"{domain}/{name} is nothing that an adapter has")
    return plain, adapters


def _may_differ(name: str, plain: Arrays) -> bool:
    for ending in _FACTORS:
        if name.endswith(ending):
            name = name.removesuffix(ending)
            return f"{name}.scale" in plain and name.split(".")[0] not in _SHARED
    cut = name.endswith(".scale") or f"{name}.scale" in plain
    return name in plain and not cut and name.split(".")[0] not in _SHARED


class _Maker:
    """Makes what reads of the arrays of a file, within bounds."""

    def __init__(self, plain: Arrays, width: int) -> None:
        self._plain, self._width = plain, width
        self._layers = sum(_LAYER.fullmatch(name) is not None for name in plain)
        self._numbers = 0

    def reader(self, own: Arrays, plain: _Reader | None) -> _Reader:
        """With what a domain has of its own; of all else it shares what is ``plain``."""
        given, width = {**self._plain, **own}, self._width
        return _Reader(
            [
                self._layer(given, own, f"layer{k}.", None if plain is None else plain.layers[k])
                for k in range(self._layers)
            ],
            _dense(given, "flag", (2 * width, 1)),
            _dense(given, "evidence", (width, 1)),
            _dense(given, "signals", (2 * width, None if plain is None else len(plain.signals[1]))),
        )

    def _layer(self, given: Arrays, own: Arrays, at: str, plain: _Layer | None) -> _Layer:
        width = self._width

        def own_of(*names: str) -> bool:
            starts = tuple(f"{at}{name}." for name in names)
            return plain is None or any(name.startswith(starts) for name in own)

        new: dict[str, tuple[Floats32, Floats32]] = {}
        if own_of("query", "key", "value"):
            three = [
                self._matrix(given, f"{at}{name}", width, width)
                for name in ("query", "key", "value")
            ]
            new["attention"] = (
                np.concatenate([matrix for matrix, _ in three], axis=1),
                np.concatenate([bias for _, bias in three]),
            )
        for name, inputs, outputs in (
            ("mix", width, width), ("up", width, None), ("down", None, width),
        ):  # fmt: skip
            if own_of(name):
                new[name] = self._matrix(given, f"{at}{name}", inputs, outputs)
        for name in ("attended", "done"):
            if own_of(name):
                new[name] = _norm(given, f"{at}{name}", width)
        layer = _Layer(**new) if plain is None else replace(plain, **new)
        if len(layer.down[0]) != len(layer.up[1]):
            raise ValueError(f"{at}down is not as it must be")
        return layer

    def _matrix(
        self, given: Arrays, name: str, inputs: int | None, outputs: int | None
    ) -> tuple[Floats32, Floats32]:
        codes, scales = _quantised(given, f"{name}.weight", axis=1)
        if inputs not in (None, len(codes)) or outputs not in (None, codes.shape[1]):
            raise ValueError(f"{name} is not as it must be")
        self._numbers += codes.size
        if self._numbers > _MOST_NUMBERS:
            raise ValueError(f"its matrices hold more than {_MOST_NUMBERS:,} numbers")
        with np.errstate(over="ignore", invalid="ignore"):
            matrix = codes * scales
            if any(f"{name}.weight{ending}" in given for ending in _FACTORS):
                matrix += _difference(given, f"{name}.weight", codes.shape)
        if not np.isfinite(matrix).all():
            raise ValueError(f"{name} is not finite")
        return matrix, _floats(given, f"{name}.bias", (codes.shape[1],))


def _difference(given: Arrays, name: str, shape: tuple[int, ...]) -> Floats32:
    """What a domain adds to a matrix."""
    left, by_column = _quantised(given, f"{name}.left", axis=1)
    right, by_row = _quantised(given, f"{name}.right", axis=0)
    fits = (len(left), right.shape[1]) == shape and left.shape[1] == len(right) <= _RANK
    if not fits:
        raise ValueError(f"{name}.left and right are not as they must be")
    return np.asarray((left * by_column) @ (right * by_row[:, None]))


def _floats(given: Arrays, name: str, shape: tuple[int | None, ...]) -> Floats32:
    values = given[name]
    fits = values.dtype == np.float32 and values.ndim == len(shape)
    if not fits or any(
        want not in (None, has) for has, want in zip(values.shape, shape, strict=True)
    ):
        raise ValueError(f"{name} is not as it must be")
    if not np.isfinite(values).all():
        raise ValueError(f"{name} is not finite")
    return np.asarray(values)


def _quantised(given: Arrays, name: str, *, axis: int) -> tuple[Any, Floats32]:
    codes = given[name]
    if codes.dtype != np.int8 or codes.ndim != 2:
        raise ValueError(f"{name} is not as it must be")
    return codes, _floats(given, f"{name}.scale", (codes.shape[axis],))


def _dense(given: Arrays, name: str, shape: tuple[int, int | None]) -> tuple[Floats32, Floats32]:
    matrix = _floats(given, f"{name}.weight", shape)
    return matrix, _floats(given, f"{name}.bias", (matrix.shape[1],))


def _norm(given: Arrays, name: str, width: int) -> tuple[Floats32, Floats32]:
    return _floats(given, f"{name}.gain", (width,)), _floats(given, f"{name}.shift", (width,))
