"""Trained entity networks read with NumPy alone: what spaCy's code says of them, in half the time.

Networks of different makes err in different places, so the scores of all that a pipeline has are
averaged, move by move; but sentences in which the first is sure that nothing begins are not put to
the others. A pipeline of one network has the marks that spaCy's own code gives.

spaCy's code makes new arrays for every step, and takes Python's lock for every token. Here a batch
goes through each layer in blocks that stay in the processor's cache, and all tokens that stand in
no entity are decided at once. `tests/language/test_inference.py` compares the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from spacy.language import Language
from spacy.tokens import Doc, Span
from thinc.api import NumpyOps

from riskscan.language.network import Forms, raw_vectors
from riskscan.language.weights import Floats, Weights, read, weights_of, write
from riskscan.language.wrapping import COLUMNS, at_places, places_read

Flags = NDArray[np.bool_]
Places = NDArray[np.int64]
Match = tuple[int, int, str]

# By so much "no entity" must lead everywhere in a sentence for one network to decide alone: of
# 7,667 names in mail that cost 3, and it saved the others three tokens in ten.
_SURE = 3.0
_BLOCK = 512  # tokens: the arrays of a block stay in the cache of a core
_OPS = NumpyOps(use_blis=False)


@dataclass(frozen=True, slots=True)
class Layer:
    """A window of tokens, maxout and layer normalisation; `read` adds the input: a convolution."""

    window: int
    weights: Floats  # (window * width, pieces * width), a piece after the other
    bias: Floats
    pieces: int
    gain: Floats
    shift: Floats

    @classmethod
    def of(cls, window: int, given: dict[str, Floats], prefix: str) -> Layer:
        """Build the layer out of the arrays of a network whose names begin with ``prefix``."""
        outputs, pieces, inputs = given[f"{prefix}W"].shape
        return cls(
            window,
            np.ascontiguousarray(
                given[f"{prefix}W"].transpose(2, 1, 0).reshape(inputs, pieces * outputs)
            ),
            np.ascontiguousarray(given[f"{prefix}b"].T).reshape(pieces * outputs),
            pieces,
            given[f"{prefix}gain"],
            given[f"{prefix}shift"],
        )

    def mixed(self, rows: Floats) -> Floats:
        """Return maxout and layer normalisation of ``rows``, as of another width."""
        raw = rows @ self.weights
        raw += self.bias
        best: Floats = raw.reshape(len(rows), self.pieces, -1).max(axis=1)
        self._normalise(best)
        return best

    def _normalise(self, best: Floats) -> None:
        best -= best.mean(axis=1, keepdims=True)
        spread = np.multiply(best, best).mean(axis=1, keepdims=True)
        spread += 1e-8
        best *= spread ** (-0.5)
        best *= self.gain
        best += self.shift

    def read(self, rows: Floats, result: Floats) -> None:
        """Write what comes of ``rows`` to ``result``; a window before and after them stay zero."""
        width, reach = rows.shape[1], self.window
        windows = np.empty((_BLOCK, width * (2 * reach + 1)), np.float32)
        raw = np.empty((_BLOCK, width * self.pieces), np.float32)
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
            self._normalise(best)
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
    """One network: the embedding, the convolutions and the scores of moves."""

    def __init__(self, weights: Weights) -> None:
        given = weights.arrays
        self._attrs, self._seeds = weights.attrs, weights.seeds
        self._tables = [given[f"table{place}"] for place in range(len(weights.attrs))]
        self._vectors = np.ascontiguousarray(given["features"].T)
        self._mix = Layer.of(0, given, "mix.")
        self._layers = [
            Layer.of(window, given, f"convolution{place}.")
            for place, window in enumerate(weights.windows)
        ]
        self.reach = sum(weights.windows)
        self.hidden_width = len(given["linear.b"])
        self.features, self.width = len(self._vectors), len(given["mix.gain"])
        self._linear = np.ascontiguousarray(given["linear.W"].T)
        self._linear_bias = given["linear.b"]
        # The three tokens of a state: the next one, the first of the entity, the one before.
        self._weights = np.ascontiguousarray(given["lower.W"].transpose(0, 2, 1, 3))
        self._pad = given["lower.pad"][0].transpose(0, 2, 1)
        self._bias = given["lower.b"].T

    def embed(self, words: Doc, raw: Floats) -> Floats:
        """One row for each of ``words``, of which ``raw`` are the fixed features."""
        hashes = words.to_array(cast(list[Any], self._attrs)).reshape(len(words), -1)
        parts: list[Floats] = []
        for column, (table, seed) in enumerate(zip(self._tables, self._seeds, strict=True)):
            ids = np.ascontiguousarray(hashes[:, column], np.uint64)
            parts.append(table[_OPS.hash(ids, seed) % len(table)].sum(axis=1))
        parts.append(raw[:, : self.features] @ self._vectors)
        return self._mix.mixed(np.hstack(parts))

    def hidden(self, rows: Floats, places: Places) -> Floats:
        """What the decisions are made from at ``places`` of ``rows``: texts with zeros between."""
        before, after = rows, np.zeros_like(rows)
        for layer in self._layers:
            layer.read(before, after)
            before, after = after, before
        hidden: Floats = before[places] @ self._linear
        hidden += self._linear_bias
        return hidden

    def closed(self, hidden: Floats) -> Floats:
        """Scores of all moves, a row each, at every token if no entity were open there."""
        pieces = []
        for piece in range(self._bias.shape[0]):
            scores = self._weights[0, piece] @ hidden.T
            for given in (self._pad[1, piece], self._pad[2, piece], self._bias[piece]):
                scores += given[:, None]
            pieces.append(scores)
        return cast(Floats, np.maximum.reduce(pieces))

    def open(self, hidden: Floats, places: Places, starts: Places) -> Floats:
        """Scores of all moves, a row each, at ``places`` in entities that begin at ``starts``."""
        pieces = []
        for piece in range(self._bias.shape[0]):
            scores = self._weights[0, piece] @ hidden[places].T
            scores += self._weights[1, piece] @ hidden[starts].T
            scores += self._weights[2, piece] @ hidden[places - 1].T
            scores += self._bias[piece][:, None]
            pieces.append(scores)
        return cast(Floats, np.maximum.reduce(pieces))


class Networks:
    """The networks of a pipeline, which decide together."""

    def __init__(self, weights: Sequence[Weights], sure: float = _SURE) -> None:
        """Raises ValueError where the networks do not know the same moves, or there is none."""
        if not weights or any(each.moves != weights[0].moves for each in weights):
            raise ValueError("The networks of an entity pipeline must know the same labels.")
        self.weights = weights
        self._sure = sure
        try:
            self._networks = [Network(each) for each in weights]
        except (LookupError, ValueError, AttributeError) as error:
            raise ValueError(f"The networks do not fit together: {error}.") from error
        self._moves = Moves(weights[0].moves)
        widths = [network.width for network in self._networks]
        self._columns = np.cumsum([0, *widths]).tolist()
        self._features = max(network.features for network in self._networks)
        self._forms = Forms(sum(widths))

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
        text_of = np.repeat(np.arange(len(lengths)), lengths)
        embedded = self._forms.look_up(table[:, 0], docs[0].vocab, self._embed)
        hidden, sure = self._encode(embedded, text_of, stops)
        starts = (ends - lengths).tolist()
        text = 0
        for start, end, label in self._decide(hidden, sure, stops, table[:, 2] != 0):
            while start >= ends[text]:
                text += 1
            first = starts[text]
            found[text].append((start - first, end - first, label))
        return [at_places(f, r) if r is not None else f for f, r in zip(found, read, strict=True)]

    def _embed(self, words: Doc) -> Floats:
        """One row for each of ``words``, the numbers of all networks after each other."""
        raw = raw_vectors(words.vocab, [word.text for word in words], self._features)
        return np.hstack([network.embed(words, raw) for network in self._networks])

    def _encode(
        self, embedded: Floats, text_of: Places, stops: Flags
    ) -> tuple[list[Floats], Flags]:
        """For each network a row a token; and whether the first decided alone that nothing begins.

        The others have no more than zeros there.
        """
        first, *others = self._networks
        hidden = [self._read(0, embedded, np.arange(len(embedded)), text_of)]
        sure = np.zeros(len(embedded), np.bool_)
        if not others:
            return hidden, sure
        scores = first.closed(hidden[0])
        lead = scores[self._moves.out] - scores[self._moves.openers].max(axis=0)
        sentence: Places = np.cumsum(stops) - stops
        doubtful = np.zeros(sentence[-1] + 1, np.bool_)
        doubtful[sentence[lead <= self._sure]] = True
        sure = ~doubtful[sentence]
        for place, network in enumerate(others, 1):
            near = _widened(~sure, network.reach)
            rows = np.zeros((len(embedded), network.hidden_width), np.float32)
            rows[near] = self._read(place, embedded, np.flatnonzero(near), text_of)
            hidden.append(rows)
        return hidden, sure

    def _read(self, which: int, embedded: Floats, chosen: Places, text_of: Places) -> Floats:
        """Rows of the ``chosen`` tokens; where some are left out, or a text ends, stand zeros."""
        network = self._networks[which]
        if not len(chosen):
            return np.zeros((0, network.hidden_width), np.float32)
        breaks = (np.diff(chosen) > 1) | (np.diff(text_of[chosen]) > 0)
        run = np.concatenate([[0], np.cumsum(breaks)])
        places = np.arange(len(chosen)) + network.reach * (1 + run)
        rows = np.zeros((int(places[-1]) + network.reach + 1, network.width), np.float32)
        rows[places] = embedded[chosen, self._columns[which] : self._columns[which + 1]]
        return network.hidden(rows, places)

    def _decide(
        self, hidden: list[Floats], sure: Flags, stops: Flags, space: Flags
    ) -> Iterator[Match]:
        """Yield the entities as spaCy's transition system finds them, greedily, left to right."""
        moves = self._moves
        # A row a move, so that all tokens are compared at once.
        scores = self._closed(hidden)
        best = scores[moves.out]
        best[sure] = np.inf
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

    def _closed(self, hidden: list[Floats]) -> Floats:
        given = [n.closed(rows) for n, rows in zip(self._networks, hidden, strict=True)]
        return _mean(given)

    def _ends(self, hidden: list[Floats], starts: Places, labels: Places, stops: Flags) -> Places:
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

    def _open(self, hidden: list[Floats], places: Places, starts: Places) -> Floats:
        pairs = zip(self._networks, hidden, strict=True)
        return _mean([network.open(rows, places, starts) for network, rows in pairs])


def _widened(flags: Flags, by: int) -> Flags:
    """Return ``flags`` with ``by`` more on each side of those that are set."""
    wider = flags.copy()
    for step in range(1, min(by, len(flags) - 1) + 1):
        wider[step:] |= flags[:-step]
        wider[:-step] |= flags[step:]
    return wider


def _mean(scores: list[Floats]) -> Floats:
    for each in scores[1:]:
        scores[0] += each
    scores[0] /= len(scores)
    return scores[0]


class FastEntities:
    """The component that stands in place of "tok2vec" and "ner" in a pipeline that only reads."""

    def __init__(self, networks: Networks | None) -> None:
        self._networks = networks

    @property
    def networks(self) -> Networks:
        """The networks; ValueError before any were read from disk."""
        if self._networks is None:
            raise ValueError("The entity component has no networks: load the pipeline from disk.")
        return self._networks

    def use(self, networks: Networks) -> None:
        """Read with ``networks`` from now on."""
        self._networks = networks

    def __call__(self, doc: Doc) -> Doc:
        return next(self.pipe([doc]))

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 128) -> Iterator[Doc]:
        """Set ``ents`` of each Doc, in batches."""
        waiting = iter(stream)
        while docs := list(islice(waiting, batch_size)):
            for doc, spans in zip(docs, self.networks.spans(docs), strict=True):
                doc.set_ents([Span(doc, start, end, label) for start, end, label in spans])
                yield doc

    def to_disk(self, path: Path, *, exclude: Iterable[str] = ()) -> None:
        """Write the networks to the folder ``path``, in half precision."""
        write(Path(path), self.networks.weights)

    def from_disk(self, path: Path, *, exclude: Iterable[str] = ()) -> FastEntities:
        """Read the networks from ``path``; OSError or ValueError where that is not possible."""
        self.use(Networks(read(Path(path))))
        return self


@Language.factory("riskscan_entities", assigns=["doc.ents", "token.ent_iob", "token.ent_type"])
def make_entities(nlp: Language, name: str) -> FastEntities:
    """Build the component out of "tok2vec" and "ner" of ``nlp``; without them it waits for a disk.

    Raises ValueError when they are no network of the kind that is known here.
    """
    if "ner" not in nlp.pipe_names:
        return FastEntities(None)
    weights = weights_of(nlp)
    if weights is None:
        raise ValueError("The pipeline has no network that can be read with NumPy alone.")
    return FastEntities(Networks([weights]))
