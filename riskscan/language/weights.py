"""What entity networks have learnt, in arrays: taken out of spaCy's models, kept in a folder.

In the folder they are a file of arrays in half precision; no pickle.
"""

from __future__ import annotations

import json
import lzma
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tokenize import TokenError
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from spacy.language import Language
from thinc.api import Model

Floats = NDArray[np.float32]

_SETTINGS, _ARRAYS = "networks.json", "networks.npz"
# Bytes of all arrays.
_LARGEST = 2**28
# RuntimeError: an encrypted member, or an unknown compression.
_DAMAGE = (
    EOFError, ValueError, LookupError, TypeError, AttributeError, RuntimeError, OverflowError,
    MemoryError, TokenError, zipfile.BadZipFile, zlib.error, lzma.LZMAError,
)  # fmt: skip
_LEAVES = frozenset(("expand_window", "maxout", "layernorm", "dropout"))
_MIXED = frozenset(("hashembed", "form_vectors", "maxout", "layernorm"))


@dataclass(frozen=True, slots=True)
class Weights:
    """The settings and arrays of one network; `riskscan.language.inference` reads with them."""

    attrs: list[str]  # attributes of a word that are hashed, each with a table
    seeds: list[int]
    windows: list[int]  # one a convolution: tokens on each side
    moves: list[str]
    arrays: dict[str, Floats]


def raised(weights: Weights, by: dict[str, float]) -> Weights:
    """Return ``weights`` with more score for beginning an entity of some labels."""
    arrays = dict(weights.arrays)
    bias = arrays["lower.b"] = arrays["lower.b"].copy()
    for place, move in enumerate(weights.moves):
        if move[:2] in ("B-", "U-"):
            bias[place] += by.get(move[2:], 0.0)
    return Weights(weights.attrs, weights.seeds, weights.windows, weights.moves, arrays)


def write(folder: Path, networks: Sequence[Weights]) -> None:
    """Write ``networks`` to ``folder``, in half precision."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = [
        {"attrs": n.attrs, "seeds": n.seeds, "windows": n.windows, "moves": n.moves}
        for n in networks
    ]
    (folder / _SETTINGS).write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")
    arrays = {
        f"{place}.{name}": values.astype(np.float16)
        for place, network in enumerate(networks)
        for name, values in network.arrays.items()
    }
    np.savez(folder / _ARRAYS, **cast(Any, arrays))


def read(folder: Path) -> list[Weights]:
    """Return the networks that `write` put in ``folder``.

    Raises OSError when a file is missing, ValueError when one is damaged.
    """
    try:
        settings = json.loads((folder / _SETTINGS).read_text(encoding="utf-8"))
        arrays: list[dict[str, Floats]] = [{} for _ in settings]
        with zipfile.ZipFile(folder / _ARRAYS) as archive:
            if sum(member.file_size for member in archive.infolist()) > _LARGEST:
                raise ValueError(f"they unpack to more than {_LARGEST // 2**20} MiB")
        with np.load(folder / _ARRAYS, allow_pickle=False) as file:
            for key in file.files:
                place, _, name = key.partition(".")
                values = arrays[int(place)][name] = file[key].astype(np.float32)
                if not np.isfinite(values).all():
                    raise ValueError(f"{name} is not finite")
        return [Weights(**each, arrays=own) for each, own in zip(settings, arrays, strict=True)]
    except _DAMAGE as error:
        told = " ".join(str(error).split())
        raise ValueError(f"The networks in '{folder}' cannot be read: {told}.") from error


def weights_of(nlp: Language) -> Weights | None:
    """The network of "tok2vec" and "ner"; None where it has other layers than are known here."""
    if not {"tok2vec", "ner"} <= set(nlp.pipe_names):
        return None
    ner: Any = nlp.get_pipe("ner")
    encoder: Any = nlp.get_pipe("tok2vec")
    parts = encoder.model.layers
    if len(parts) != 2 or parts[0].name != "word_forms" or not _plain(ner):
        return None
    mixed, convolutions = _embedding(parts[0]), _convolutions(parts[1])
    moves = [ner.moves.get_class_name(place) for place in range(ner.moves.n_moves)]
    if not mixed or not convolutions or not any(move.startswith("B-") for move in moves):
        return None
    attrs, seeds, arrays = mixed
    for place, (_, own) in enumerate(convolutions):
        arrays.update({f"convolution{place}.{name}": values for name, values in own.items()})
    linear, lower = ner.model.get_ref("tok2vec").layers[-1], ner.model.get_ref("lower")
    arrays.update({f"linear.{name}": linear.get_param(name) for name in ("W", "b")})
    arrays.update({f"lower.{name}": lower.get_param(name) for name in ("W", "b", "pad")})
    return Weights(attrs, seeds, [window for window, _ in convolutions], moves, arrays)


def _plain(ner: Any) -> bool:
    """Whether decisions are greedy, by three tokens, without an upper layer, on these vectors."""
    model = ner.model
    return (
        not model.attrs["has_upper"]
        and not model.attrs["unseen_classes"]
        and ner.cfg["beam_width"] == 1
        and model.get_ref("lower").get_dim("nF") == 3
        and model.get_ref("lower").get_dim("nP") > 1
        and [node.name for node in model.get_ref("tok2vec").walk()][1:]
        == ["tok2vec-listener", "list2array", "linear"]
    )


def _embedding(
    word_forms: Model[Any, Any],
) -> tuple[list[str], list[int], dict[str, Floats]] | None:
    """The attributes, the seeds and the arrays of a "riskscan.WordFormEmbed"."""
    nodes: list[Any] = list(word_forms.walk())
    tables = [node for node in nodes if node.name == "hashembed"]
    features = next((n for n in nodes if n.name == "extract_features"), None)
    learnt = {node.name: node for node in nodes if node.name in _MIXED}
    if features is None or set(learnt) != _MIXED:
        return None
    attrs = [str(name) for name in features.attrs["columns"]]
    arrays = {f"table{place}": table.get_param("E") for place, table in enumerate(tables)}
    arrays["features"] = learnt["form_vectors"].get_param("W")
    arrays.update(_maxout(learnt, "mix."))
    return attrs, [int(table.attrs["seed"]) for table in tables], arrays


def _maxout(nodes: dict[str, Any], prefix: str = "") -> dict[str, Floats]:
    return {
        f"{prefix}W": nodes["maxout"].get_param("W"),
        f"{prefix}b": nodes["maxout"].get_param("b"),
        f"{prefix}gain": nodes["layernorm"].get_param("G"),
        f"{prefix}shift": nodes["layernorm"].get_param("b"),
    }


def _convolutions(encoder: Model[Any, Any]) -> list[tuple[int, dict[str, Floats]]]:
    """The windows and arrays of a MaxoutWindowEncoder; none when it is another encoder."""
    if not encoder.name.startswith("with_array(residual("):
        return []
    stack = encoder.layers[0]
    blocks = (
        [stack] if stack.name.startswith("residual(") and len(stack.layers) == 1 else stack.layers
    )
    layers = [_convolution(block) for block in blocks]
    return [layer for layer in layers if layer] if all(layers) else []


def _convolution(block: Model[Any, Any]) -> tuple[int, dict[str, Floats]] | None:
    nodes: dict[str, Any] = {node.name: node for node in block.walk() if not node.layers}
    number = sum(not node.layers for node in block.walk())
    if not block.name.startswith("residual(") or set(nodes) | {"dropout"} != _LEAVES:
        return None
    window = int(nodes["expand_window"].attrs["window_size"])
    outputs, pieces, inputs = nodes["maxout"].get_param("W").shape
    if number != len(nodes) or pieces < 2 or inputs != outputs * (2 * window + 1):
        return None
    return window, _maxout(nodes)
