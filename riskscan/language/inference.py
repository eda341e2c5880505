"""The trained entity network read with NumPy alone: what spaCy's code says of it, in half the time.

spaCy's code makes new arrays for every step, and takes Python's lock for every token. Here a batch
goes through each layer in blocks that stay in the processor's cache, and all tokens that stand in
no entity are decided at once. `tests/language/test_inference.py` compares the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from spacy.language import Language
from spacy.tokens import Doc, Span
from thinc.api import Model

from riskscan.language.network import Forms
from riskscan.language.wrapping import COLUMNS, at_places, places_read

Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]
Places = NDArray[np.int64]
Match = tuple[int, int, str]

_BLOCK = 512  # tokens: the arrays of a block stay in the cache of a core
_LEAVES = frozenset(("expand_window", "maxout", "layernorm", "dropout"))


@dataclass(frozen=True, slots=True)
class Layer:
    """One convolution: a window of tokens, maxout, layer normalisation, and the input added."""

    window: int
    weights: Floats  # (window * width, pieces * width), a piece after the other
    bias: Floats
    pieces: int
    gain: Floats
    shift: Floats

    def read(self, rows: Floats, result: Floats) -> None:
        """Write what comes of ``rows`` to ``result``; a window before and after them stay zero."""
        width, reach = rows.shape[1], self.window
        windows = np.empty((_BLOCK, width * (2 * reach + 1)), np.float32)
        raw = np.empty((_BLOCK, width * self.pieces), np.float32)
        square = np.empty((_BLOCK, width), np.float32)
        for start in range(reach, len(rows) - reach, _BLOCK):
            end = min(start + _BLOCK, len(rows) - reach)
            number = end - start
            for place in range(2 * reach + 1):
                shifted = rows[start + place - reach : end + place - reach]
                windows[:number, place * width : (place + 1) * width] = shifted
            some = raw[:number]
            np.matmul(windows[:number], self.weights, out=some)
            some += self.bias
            best = result[start:end]
            np.maximum(some[:, :width], some[:, width : 2 * width], out=best)
            for piece in range(2, self.pieces):
                np.maximum(best, some[:, piece * width : (piece + 1) * width], out=best)
            best -= best.mean(axis=1, keepdims=True)
            np.multiply(best, best, out=square[:number])
            spread = square[:number].mean(axis=1, keepdims=True)
            spread += 1e-8
            best *= spread ** (-0.5)
            best *= self.gain
            best += self.shift
            best += rows[start:end]


class Moves:
    """Places of the scores of moves: B, I, L and U, one a label of ``labels``, and O."""

    def __init__(self, names: list[str]) -> None:
        self.labels = [name[2:] for name in names if name.startswith("B-")]
        self.begin, self.inside, self.last, self.unit = (
            np.array([names.index(f"{kind}-{label}") for label in self.labels], np.int64)
            for kind in "BILU"
        )
        self.out = names.index("O")
        self.openers = np.sort(np.concatenate([self.begin, self.unit]))
        self.possible = np.sort(np.append(self.openers, self.out))
        self.label_of = np.full(len(names), -1, np.int64)
        self.label_of[self.begin] = self.label_of[self.unit] = np.arange(len(self.labels))


class Network:
    """The embedding, the convolutions and the decisions of a pipeline that `network_of` knows."""

    def __init__(
        self, embedding: Model[Any, Any], layers: list[Layer], ner: Model[Any, Any], moves: Moves
    ) -> None:
        self._embedding, self._layers, self._moves = embedding.layers[0], layers, moves
        self._forms = Forms(embedding.get_dim("nO"))
        self._pad_rows = sum(layer.window for layer in layers)
        linear: Any = ner.get_ref("tok2vec").layers[-1]
        lower: Any = ner.get_ref("lower")
        self._linear: Floats = np.ascontiguousarray(linear.get_param("W").T)
        self._linear_bias: Floats = linear.get_param("b")
        # The three tokens of a state: the next one, the first of the entity, the one before.
        self._weights: Floats = np.ascontiguousarray(lower.get_param("W").transpose(0, 2, 1, 3))
        self._pad: Floats = lower.get_param("pad")[0].transpose(0, 2, 1)
        self._bias: Floats = lower.get_param("b").T

    def spans(self, docs: Sequence[Doc]) -> list[list[Match]]:
        """The entities of each of ``docs``, in tokens, as ``(start, end, label)``, end exclusive.

        Sentence starts must be set: no entity goes over one.
        """
        found: list[list[Match]] = [[] for _ in docs]
        tables = [cast(NDArray[np.uint64], doc.to_array([*COLUMNS])) for doc in docs]
        read = [places_read(t, doc.vocab.strings) for t, doc in zip(tables, docs, strict=True)]
        tables = [t if r is None else t[r] for t, r in zip(tables, read, strict=True)]
        lengths = [len(table) for table in tables]
        if not any(lengths):
            return found
        table = np.concatenate(tables)
        ends = np.cumsum(lengths)
        final = np.zeros(len(table), np.bool_)
        final[ends[ends > 0] - 1] = True
        stops = final.copy()  # the next token begins a text or a sentence
        stops[:-1] |= table[1:, 1] == 1
        vectors = self._encode(docs[0].vocab, table[:, 0], lengths)
        starts = (ends - lengths).tolist()
        text = 0
        for start, end, label in self._decide(vectors, stops, table[:, 2] != 0):
            while start >= ends[text]:
                text += 1
            first = starts[text]
            found[text].append((start - first, end - first, label))
        return [at_places(f, r) if r is not None else f for f, r in zip(found, read, strict=True)]

    def _encode(self, vocab: Any, forms: NDArray[np.uint64], lengths: list[int]) -> Floats:
        """One row a token, after all layers; between two texts stand rows of zeros."""
        gap = self._pad_rows
        places = np.arange(len(forms)) + gap * (1 + np.repeat(np.arange(len(lengths)), lengths))
        size = len(forms) + gap * (1 + len(lengths))
        rows = self._forms.look_up(forms, vocab, self._embedding)
        before, after = (np.zeros((size, rows.shape[1]), np.float32) for _ in range(2))
        before[places] = rows
        for layer in self._layers:
            layer.read(before, after)
            before, after = after, before
        return cast(Floats, before[places])

    def _decide(self, vectors: Floats, stops: Flags, space: Flags) -> Iterator[Match]:
        """Yield the entities as spaCy's transition system finds them, greedily, left to right."""
        moves = self._moves
        hidden = vectors @ self._linear
        hidden += self._linear_bias
        # A row a move, so that all tokens are compared at once.
        scores = self._closed(hidden)
        best = scores[moves.out]
        starts = np.flatnonzero((scores[moves.openers] >= best).any(axis=0))
        some = scores[:, starts]
        some[moves.unit[:, None], space[starts]] = -np.inf
        some[moves.begin[:, None], (space | stops)[starts]] = -np.inf
        chosen = moves.possible[some[moves.possible].argmax(axis=0)]
        opens = chosen != moves.out
        starts, chosen = starts[opens], chosen[opens]
        labels = moves.label_of[chosen]
        longer = np.isin(chosen, moves.begin)
        ends = starts + 1
        ends[longer] = self._ends(hidden, starts[longer], labels[longer], stops)
        done = 0
        for start, end, label in zip(starts.tolist(), ends.tolist(), labels.tolist(), strict=True):
            if start >= done:
                done = end
                yield start, end, moves.labels[label]

    def _closed(self, hidden: Floats) -> Floats:
        """Scores of all moves, a row each, at every token if no entity were open there."""
        pieces = []
        for piece in range(self._bias.shape[0]):
            scores = self._weights[0, piece] @ hidden.T
            for given in (self._pad[1, piece], self._pad[2, piece], self._bias[piece]):
                scores += given[:, None]
            pieces.append(scores)
        return cast(Floats, np.maximum.reduce(pieces))

    def _ends(self, hidden: Floats, starts: Places, labels: Places, stops: Flags) -> Places:
        """Where the entities that begin at ``starts`` end, each as if none were open before."""
        inside, last = self._moves.inside[labels], self._moves.last[labels]
        ends = starts + 2
        active = np.arange(len(starts))
        while len(active):
            active = active[~stops[ends[active] - 1]]
            scores = self._open(hidden, ends[active] - 1, starts[active])
            row = np.arange(len(active))
            goes, closes = scores[inside[active], row], scores[last[active], row]
            # Of equals spaCy takes the move that comes first.
            on = (goes > closes) | ((goes == closes) & (inside[active] < last[active]))
            active = active[on]
            ends[active] += 1
        return ends

    def _open(self, hidden: Floats, places: Places, starts: Places) -> Floats:
        """Scores of all moves, a row each, at ``places`` in entities that begin at ``starts``."""
        pieces = []
        for piece in range(self._bias.shape[0]):
            scores = self._weights[0, piece] @ hidden[places].T
            scores += self._weights[1, piece] @ hidden[starts].T
            scores += self._weights[2, piece] @ hidden[places - 1].T
            scores += self._bias[piece][:, None]
            pieces.append(scores)
        return cast(Floats, np.maximum.reduce(pieces))


class FastEntities:
    """The component that stands in place of "tok2vec" and "ner" in a pipeline that only reads."""

    def __init__(self, network: Network) -> None:
        self.network = network

    def __call__(self, doc: Doc) -> Doc:
        return next(self.pipe([doc]))

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 128) -> Iterator[Doc]:
        """Set ``ents`` of each Doc, in batches."""
        waiting = iter(stream)
        while docs := list(islice(waiting, batch_size)):
            for doc, spans in zip(docs, self.network.spans(docs), strict=True):
                doc.set_ents([Span(doc, start, end, label) for start, end, label in spans])
                yield doc


@Language.factory("riskscan_entities", assigns=["doc.ents", "token.ent_iob", "token.ent_type"])
def make_entities(nlp: Language, name: str) -> FastEntities:
    """Build the component out of "tok2vec" and "ner" of ``nlp``.

    Raises ValueError when they are no network of the kind that is known here.
    """
    network = network_of(nlp)
    if network is None:
        raise ValueError("The pipeline has no network that can be read with NumPy alone.")
    return FastEntities(network)


def network_of(nlp: Language) -> Network | None:
    """The network of "tok2vec" and "ner"; None where it has other layers than are known here."""
    if not {"tok2vec", "ner"} <= set(nlp.pipe_names):
        return None
    ner: Any = nlp.get_pipe("ner")
    encoder: Any = nlp.get_pipe("tok2vec")
    parts = encoder.model.layers
    if len(parts) != 2 or parts[0].name != "word_forms" or not _plain(ner):
        return None
    layers = _layers(parts[1])
    moves = Moves([ner.moves.get_class_name(place) for place in range(ner.moves.n_moves)])
    return Network(parts[0], layers, ner.model, moves) if layers and moves.labels else None


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


def _layers(encoder: Model[Any, Any]) -> list[Layer]:
    """The convolutions of a MaxoutWindowEncoder; none when it is another encoder."""
    if not encoder.name.startswith("with_array(residual("):
        return []
    stack = encoder.layers[0]
    blocks = (
        [stack] if stack.name.startswith("residual(") and len(stack.layers) == 1 else stack.layers
    )
    layers = [_layer(block) for block in blocks]
    return [layer for layer in layers if layer] if all(layers) else []


def _layer(block: Model[Any, Any]) -> Layer | None:
    nodes: dict[str, Any] = {node.name: node for node in block.walk() if not node.layers}
    number = sum(not node.layers for node in block.walk())
    if not block.name.startswith("residual(") or set(nodes) | {"dropout"} != _LEAVES:
        return None
    window = int(nodes["expand_window"].attrs["window_size"])
    weights = nodes["maxout"].get_param("W")
    outputs, pieces, inputs = weights.shape
    if number != len(nodes) or pieces < 2 or inputs != outputs * (2 * window + 1):
        return None
    return Layer(
        window,
        np.ascontiguousarray(weights.transpose(2, 1, 0).reshape(inputs, pieces * outputs)),
        np.ascontiguousarray(nodes["maxout"].get_param("b").T).reshape(pieces * outputs),
        pieces,
        nodes["layernorm"].get_param("G"),
        nodes["layernorm"].get_param("b"),
    )
