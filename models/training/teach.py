"""Teaches the encoder: MiniLM, which riskscan does not bring, to the committed texts and mail.

Used by build.py. First all written texts, then mail among some of them, without what is measured
(the mailboxes of a fold): an encoder for each fold. Mail teaches the upper layers alone: so what
the lower ones say of a window is reckoned once, and a fold takes half the time (Lee, Tang and Lin
2019 lose little by more). Their mean is the one of everything: encoders taught from one start lie
so near to each other that the mean of their weights reads better than any of them, at the price of
one (Wortsman et al. 2022). As mail makes an encoder forget what it knew of short texts, what it
taught is an adapter: an encoder reads mail with it, and all else as the written texts left it.
Training runs in bfloat16 where the processor multiplies that; the same machine, number of threads
and versions give the same weights.
"""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional
from transformers import BertConfig, BertModel

from riskscan.detect.assessment import SIGNALS
from riskscan.detect.classifier import RiskClassifier
from riskscan.detect.encoder import Encoder
from riskscan.detect.evidence import evidence_sentences
from riskscan.detect.experts import PICKED, was_picked
from riskscan.detect.network import packed
from riskscan.detect.windows import Window
from riskscan.detect.wordpieces import END, PADDING, START, UNKNOWN, WordPieces
from riskscan.language.sentences import sentence_spans
from riskscan.learn.encoders import Encoders
from riskscan.learn.merge import Learning
from riskscan.learn.seen import hashes_of
from riskscan.mail.folding import folded

_MARKS = (PADDING, UNKNOWN, START, END)
# The commonest, and all single characters: what else there is, these spell out.
_PIECES = 15_000
_TEXT_EPOCHS, _MAIL_EPOCHS = 3, 1
_TEXT_RATE, _MAIL_RATE = 1e-4, 1e-4
_LAYER_DECAY = 0.9
# Of the layers: mail leaves so many as the written texts taught them.
_LOWER = 0.5
_BATCH = 32
# Of each epoch over mail: how often a flagged window, and at most how many others of each kind.
_REPEATED, _PLAIN, _FURTHER, _WRITTEN, _UNJUDGED, _CHANGED = 6, 3500, 600, 1500, 4000, 1500
# A message that so many of the readers would flag counts among the flagged: it is repeated.
_DOUBTFUL = 0.3
# One that so many would is heard in each epoch.
_NEAR = 0.1
# Mail that is not flagged and scores less says nothing that the linear models do not know.
_LEAST = 0.001
# Unjudged mail: so much of what the linear model ranks highest; a few of it would be flagged.
_CANDIDATES = 6_000
# Of MiniLM's 512 places.
_PLACES = 256
_DENSE = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "mix": "attention.output.dense",
    "up": "intermediate.dense",
    "down": "output.dense",
}
_NORMS = {"attended": "attention.output.LayerNorm", "done": "output.LayerNorm"}
_MARKED, _NEXT, _TEXT, _OTHER, _MISSED, _UNKNOWN, _ALTERED = range(7)

# Added to what a piece attends to: nothing is left of it.
_UNSEEN = -1e4

# As PyTorch calls what a processor multiplies bfloat16 with. Without, it takes 25 times as long as
# the 32 bits do that this then runs in.
_SHORT_PRODUCTS = ("amx_bf16", "avx512_bf16", "bf16", "sve_bf16")

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Item:
    window: Window
    flag: float | None  # None where it teaches what else there is to learn, and no flag
    weight: float
    evidence: NDArray[np.float32] | None  # of each piece; None where nobody knows
    signals: NDArray[np.float32] | None
    kind: int
    group: int


class _Network(nn.Module):
    def __init__(self, bert: BertModel) -> None:
        super().__init__()
        self.bert = bert
        layers = bert.encoder.layer
        cut = int(len(layers) * _LOWER)
        # Layers of ``bert``, under another name.
        self.below, self.above = list(layers[:cut]), list(layers[cut:])
        width = bert.config.hidden_size
        self.drop = nn.Dropout(0.1)
        self.flag = nn.Linear(2 * width, 1)
        self.evidence = nn.Linear(width, 1)
        self.signals = nn.Linear(2 * width, len(SIGNALS))

    def forward(self, pieces: Tensor, mask: Tensor, kinds: Tensor) -> tuple[Tensor, ...]:
        """Log-odds of windows, of their pieces to be evidence, of their signals."""
        return self.upper(self.lower(pieces, mask, kinds), mask)

    def lower(self, pieces: Tensor, mask: Tensor, kinds: Tensor) -> Tensor:
        """What the layers that mail leaves alone make of each piece."""
        found = self.bert.embeddings(input_ids=pieces, token_type_ids=kinds)
        return self._through(self.below, found, mask)

    def upper(self, found: Tensor, mask: Tensor) -> tuple[Tensor, ...]:
        """What :meth:`forward` tells, of what :meth:`lower` found."""
        found = self._through(self.above, found, mask)
        evidence = self.evidence(self.drop(found)).squeeze(-1).float()
        attention = torch.softmax(evidence.masked_fill(mask == 0, -30.0), -1)
        told = (found * attention.unsqueeze(-1).to(found.dtype)).sum(1)
        pooled = self.drop(torch.cat([found[:, 0], told], -1))
        return self.flag(pooled).squeeze(-1).float(), evidence, self.signals(pooled).float()

    @staticmethod
    def _through(layers: Sequence[nn.Module], found: Tensor, mask: Tensor) -> Tensor:
        unseen = (1.0 - mask[:, None, None, :].to(found.dtype)) * _UNSEEN
        for layer in layers:
            found = layer(found, attention_mask=unseen)
        return found


def teacher(pretrained: Path, work: Path, threads: int) -> Callable[..., Encoders]:
    """What ``train`` calls for its encoders: ``pretrained`` is MiniLM's folder.

    What is taught is kept in the folder ``work``, under a name that stands for all that it came of,
    so that work that was broken off goes on where it was.
    """

    def teach(
        classifier: RiskClassifier, learning: Learning, tested: NDArray[np.int64], say: Say
    ) -> Encoders:
        torch.set_num_threads(threads)
        weights = load_file(pretrained / "model.safetensors")
        vocabulary = _vocabulary(pretrained, learning)
        rows = [number for _, number in vocabulary]
        weights["embeddings.word_embeddings.weight"] = weights["embeddings.word_embeddings.weight"][
            rows
        ]
        pieces = WordPieces([piece for piece, _ in vocabulary])
        items = list(_items(classifier, learning, pieces))
        names = "\n".join(pieces.vocabulary)
        first = work / f"texts-{_written_name(learning, names, pretrained)}.pt"
        own = work / _name(items, names, pretrained, tested)
        own.mkdir(parents=True, exist_ok=True)
        say(f"{len(items)} windows, {len(pieces.vocabulary)} pieces; kept in {own.name}")
        if not first.exists():
            network = _pretrained(pretrained, weights)
            texts = np.array([i for i, item in enumerate(items) if item.kind == _TEXT])
            plan = _plan(items, lambda _: texts.copy(), _TEXT_EPOCHS, 0)
            _train(network, items, plan, _TEXT_RATE, 0, say)
            torch.save(network.state_dict(), own / "unfinished")
            (own / "unfinished").replace(first)
        plain = torch.load(first, weights_only=True)
        apart = learning.held | learning.altered
        heard = [t for t, left in zip(learning.texts, apart, strict=True) if not left]
        taught = hashes_of([*heard, *learning.unlabelled])
        domains = sorted({learning.domains[i] for i in np.flatnonzero(learning.own)})
        plans = []
        for fold in range(int(tested.max()) + 1):
            asked = set(learning.groups[tested == fold].tolist())
            kept = [i for i, item in enumerate(items) if item.group not in asked]
            plans.append(_plan(items, _mixed(items, kept), _MAIL_EPOCHS, fold + 1))
        every = []
        read: dict[int, Tensor] = {}
        for fold, plan in enumerate(plans):
            file = own / f"encoder{fold}.pt"
            if not file.exists():
                say(f"encoder of fold {fold}")
                network = _pretrained(pretrained, weights)
                network.load_state_dict(plain)
                # All at once: the last digits depend on what is read together.
                read = read or _read(network, items, {i for one in plans for b in one for i in b})
                _train(network, items, plan, _MAIL_RATE, fold + 1, say, read)
                torch.save(network.state_dict(), own / "unfinished")
                (own / "unfinished").replace(file)
            every.append(torch.load(file, weights_only=True))
        encoders = [
            Encoder(packed(_exported(plain), dict.fromkeys(domains, _exported(one))), names, taught)
            for one in (_mean(every, plain), *every)
        ]
        return Encoders(encoders[0], encoders[1:])

    return teach


def _mean(networks: Sequence[dict[str, Tensor]], start: dict[str, Tensor]) -> dict[str, Tensor]:
    """The mean of weights; what all have as at the ``start`` stays so to the last bit."""
    return {
        name: values + sum(one[name] - values for one in networks) / len(networks)
        for name, values in start.items()
    }


def _written_name(learning: Learning, names: str, pretrained: Path) -> str:
    """Of what is taught to written texts: of the texts, not of their windows.

    Mail may change which window of a long one the linear model picks: with 1,262 more labels four
    of 29,443. That does not stand for an hour.
    """
    digest = _digest(names, pretrained, ())
    for i in np.flatnonzero(~learning.own & ~learning.altered & ~learning.held).tolist():
        row = (
            learning.texts[i], learning.quoted[i], int(learning.flags[i]),
            float(learning.chances[i]), bool(learning.unsure[i]), learning.signals[i],
            learning.evidence[i], learning.near_signals[i], learning.near_evidence[i],
        )  # fmt: skip
        digest.update(f"{row!r}\n".encode())
    return digest.hexdigest()[:16]


def _name(items: Sequence[_Item], names: str, pretrained: Path, tested: NDArray[np.int64]) -> str:
    """Of what is taught to mail: all that it comes of."""
    settings = (
        _MAIL_EPOCHS, _MAIL_RATE, _LOWER, _REPEATED, _PLAIN, _FURTHER, _WRITTEN, _UNJUDGED,
        _CHANGED, _CANDIDATES, _DOUBTFUL, _NEAR,
    )  # fmt: skip
    digest = _digest(names, pretrained, settings)
    digest.update(tested.tobytes())
    for item in items:
        parts = (item.window.pieces, item.window.kinds, item.evidence, item.signals)
        for part in parts:
            digest.update(b"" if part is None else part.tobytes())
        digest.update(f"{item.flag} {item.weight} {item.kind} {item.group}\n".encode())
    return digest.hexdigest()[:16]


def _digest(names: str, pretrained: Path, settings: tuple[object, ...]) -> hashlib._Hash:
    taught = (_TEXT_EPOCHS, _TEXT_RATE, _LAYER_DECAY, _BATCH, _shortened(), *settings)
    digest = hashlib.sha256(names.encode() + repr(taught).encode())
    digest.update((pretrained / "model.safetensors").read_bytes())
    return digest


def _vocabulary(pretrained: Path, learning: Learning) -> list[tuple[str, int]]:
    """The pieces to keep, and their numbers in MiniLM's vocabulary."""
    known = json.loads((pretrained / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
    every = sorted(known, key=known.__getitem__)
    split = WordPieces(every)
    counts = np.zeros(len(every), np.int64)
    found = zip(learning.texts, learning.altered, strict=True)
    for text in [*(text for text, altered in found if not altered), *learning.unlabelled]:
        some = split(folded(text)[:20_000])
        np.add.at(counts, some, 1)
    common = set(np.argsort(-counts, kind="stable")[:_PIECES].tolist())
    return [
        (piece, number)
        for number, piece in enumerate(every)
        if number in common or piece in _MARKS or len(piece.removeprefix("##")) == 1
    ]


def _items(classifier: RiskClassifier, learning: Learning, pieces: WordPieces) -> Iterator[_Item]:
    """What is learnt from: windows of the labelled texts, and of mail that nobody judged.

    The linear model says what of a text is read, and which of the unjudged mail.
    """
    read = classifier.windows(learning.texts, learning.quoted, pieces=pieces, most=3)
    picked = learning.own & was_picked(learning.weights, learning.flags, learning.chances)
    for i, (score, windows) in enumerate(read):
        flag, chance = int(learning.flags[i]), float(learning.chances[i])
        likely, altered = bool(flag) or chance >= _DOUBTFUL, bool(learning.altered[i])
        # A doubt that nobody put a figure on tells nothing.
        if learning.held[i] or (learning.unsure[i] and chance == flag):
            continue
        if learning.own[i] and chance < _NEAR and score < _LEAST:
            continue
        text = folded(learning.texts[i])
        spans = sentence_spans(text)
        # What a near miss would be flagged for, and where.
        near = learning.near_signals[i]
        shown = learning.near_evidence[i] if near else learning.evidence[i]
        evidence = [folded(span) for span in shown] if likely or altered or near else []
        marked = np.array([*evidence_sentences(text, spans, evidence), False])
        signals = np.array([s in (near or learning.signals[i]) for s in SIGNALS], np.float32)
        for rank, window in enumerate(windows):
            hit = marked[window.sentences]
            # A flagged text or a near miss says of a window without evidence nothing, nor does an
            # altered one of what was left as it was. Where nobody marked what was doubted, it is
            # what ranks first.
            only = rank == 0 and (not flag or len(windows) == 1)
            if (likely or altered or near) and not hit.any() and (marked.any() or not only):
                continue
            kind = _OTHER if rank == 0 else _NEXT
            if altered:
                kind = _ALTERED
            elif not learning.own[i]:
                kind = _TEXT
            elif likely:
                kind = _MARKED
            elif near or (chance >= _NEAR and rank == 0):
                kind = _MISSED
            told: NDArray[np.float32] | None = np.zeros(len(hit), np.float32)
            if hit.any():
                told = hit * np.float32(1.0 if flag else chance)
            elif likely:
                told = None
            yield _Item(
                window,
                _taught(learning, i),
                PICKED if picked[i] else 1.0,
                told,
                signals if flag or (near and hit.any()) else None,
                kind,
                int(learning.groups[i]),
            )
    scores, windows_ = [], []
    unjudged = learning.unlabelled, learning.unlabelled_quoted
    for score, windows in classifier.windows(*unjudged, pieces=pieces, most=1):
        scores.append(score)
        windows_.append(windows)
    for i in np.argsort(-np.array(scores), kind="stable")[:_CANDIDATES].tolist():
        for window in windows_[i]:
            none = np.zeros(len(window.pieces), np.float32)
            group = int(learning.unlabelled_groups[i])
            yield _Item(window, 0.0, 1.0, none, None, _UNKNOWN, group)


def _taught(learning: Learning, i: int) -> float | None:
    """What is learnt as the flag of a text: of mail, as in the linear models, the root of a chance.

    What somebody altered sounds written: thousands of such, next to hundreds of real ones, teach
    that plain words of business are a concern. They teach evidence and signals alone.
    """
    if learning.altered[i]:
        return None
    chance = float(learning.chances[i])
    return math.sqrt(chance) if learning.own[i] else chance


def _mixed(
    items: Sequence[_Item], kept: Sequence[int]
) -> Callable[[np.random.Generator], NDArray[np.int64]]:
    of = [np.array([i for i in kept if items[i].kind == kind], np.int64) for kind in range(7)]

    def some(kind: int, most: int, rng: np.random.Generator) -> NDArray[np.int64]:
        return rng.choice(of[kind], min(most, len(of[kind])), replace=False)

    def epoch(rng: np.random.Generator) -> NDArray[np.int64]:
        return np.concatenate(
            [
                np.tile(of[_MARKED], _REPEATED),
                of[_MISSED],
                some(_ALTERED, _CHANGED, rng),
                some(_OTHER, _PLAIN, rng),
                some(_NEXT, _FURTHER, rng),
                some(_TEXT, _WRITTEN, rng),
                some(_UNKNOWN, _UNJUDGED, rng),
            ]
        )

    return epoch


def _pretrained(folder: Path, weights: dict[str, Tensor]) -> _Network:
    torch.manual_seed(0)
    config = BertConfig.from_json_file(folder / "config.json")
    config.vocab_size = len(weights["embeddings.word_embeddings.weight"])
    # PyTorch has no fast attention with dropout in it: it would take 1.4 times as long.
    config.attention_probs_dropout_prob = 0.0
    bert = BertModel(config, add_pooling_layer=False)
    bert.load_state_dict({k: v for k, v in weights.items() if not k.startswith("pooler")}, False)
    return _Network(bert)


def _plan(
    items: Sequence[_Item],
    epoch: Callable[[np.random.Generator], NDArray[np.int64]],
    epochs: int,
    seed: int,
) -> list[list[int]]:
    """The batches of a training, each of windows of about one size."""
    rng = np.random.default_rng(seed)
    plan: list[list[int]] = []
    for _ in range(epochs):
        order = epoch(rng)
        rng.shuffle(order)
        for start in range(0, len(order), 32 * _BATCH):
            some = order[start : start + 32 * _BATCH].tolist()
            some.sort(key=lambda i: _size(items[i]))
            batches = [some[k : k + _BATCH] for k in range(0, len(some), _BATCH)]
            plan += [batches[k] for k in rng.permutation(len(batches)).tolist()]
    return plan


def _train(
    network: _Network,
    items: Sequence[_Item],
    plan: Sequence[Sequence[int]],
    rate: float,
    seed: int,
    say: Say,
    read: dict[int, Tensor] | None = None,
) -> None:
    """Teach all layers, or where ``read`` has what the lower ones say, the upper ones."""
    torch.manual_seed(seed)
    optimizer = torch.optim.AdamW(_rates(network, rate))
    network.train()
    began, total = time.monotonic(), 0.0
    for step, batch in enumerate(plan):
        part = min(1.0, (step + 1) / (0.06 * len(plan))) * max(0.02, 1 - step / len(plan))
        for group in optimizer.param_groups:
            group["lr"] = group["rate"] * part
        known = [] if read is None else [read[i] for i in batch]
        loss = _loss(network, [items[i] for i in batch], known)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        total += float(loss.detach())
        if step % 100 == 99:
            passed = time.monotonic() - began
            say(f"  {step + 1} of {len(plan)}: {total / 100:.3f} ({passed:.0f} s)")
            total = 0.0


def _shortened() -> bool:
    found = torch.cpu.get_capabilities()
    return any(found.get(name) for name in _SHORT_PRODUCTS)


def _size(item: _Item) -> int:
    return len(item.window.pieces)


def _rates(network: _Network, rate: float) -> list[dict[str, object]]:
    """Lower layers learn slower (Howard and Ruder 2018), and what a piece means not at all."""
    layers = network.bert.config.num_hidden_layers
    groups: list[dict[str, object]] = []
    for name, parameter in network.named_parameters():
        if "word_embeddings" in name:
            parameter.requires_grad = False
            continue
        depth = 0
        if "embeddings" in name:
            depth = layers + 1
        elif ".layer." in name:
            depth = layers - int(name.split(".layer.")[1].split(".")[0])
        own = rate * _LAYER_DECAY**depth
        decay = 0.01 if parameter.ndim > 1 else 0.0
        groups.append({"params": [parameter], "lr": own, "rate": own, "weight_decay": decay})
    return groups


def _read(network: _Network, items: Sequence[_Item], asked: Iterable[int]) -> dict[int, Tensor]:
    """What the lower layers say of each piece of a window, in 16 bits: one takes 100 kB."""
    read: dict[int, Tensor] = {}
    network.eval()
    order = sorted(asked, key=lambda i: (_size(items[i]), i))
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, _shortened()):
        for start in range(0, len(order), _BATCH):
            some = order[start : start + _BATCH]
            for i, one in zip(some, network.lower(*_pieces([items[i] for i in some])), strict=True):
                read[i] = one[: _size(items[i])].half()
    return read


def _pieces(items: Sequence[_Item]) -> tuple[Tensor, Tensor, Tensor]:
    """Numbers of pieces, where there are some, and their kinds, of windows side by side."""
    pieces, mask, kinds = torch.zeros((3, len(items), max(map(_size, items))), dtype=torch.long)
    for k, item in enumerate(items):
        size = _size(item)
        pieces[k, :size] = torch.from_numpy(item.window.pieces)
        kinds[k, :size] = torch.from_numpy(item.window.kinds)
        mask[k, :size] = 1
    return pieces, mask, kinds


def _loss(network: _Network, items: Sequence[_Item], read: Sequence[Tensor]) -> Tensor:
    pieces, mask, kinds = _pieces(items)
    longest = mask.shape[1]
    evidence = torch.full((len(items), longest), -1.0)
    signals = torch.full((len(items), len(SIGNALS)), -1.0)
    for k, item in enumerate(items):
        if item.evidence is not None:
            evidence[k, : _size(item)] = torch.from_numpy(item.evidence)
        if item.signals is not None:
            signals[k] = torch.from_numpy(item.signals)
    flags = torch.tensor([item.flag or 0.0 for item in items])
    weights = torch.tensor([item.weight for item in items])
    judged = weights * torch.tensor([float(item.flag is not None) for item in items])
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=_shortened()):
        if read:
            found = nn.utils.rnn.pad_sequence([one.float() for one in read], batch_first=True)
            flag, told, signal = network.upper(found, mask)
        else:
            flag, told, signal = network(pieces, mask, kinds)
    loss = (_error(flag, flags) * judged).sum() / judged.sum().clamp(min=1)
    known = (evidence >= 0).float()
    each = (_error(told, evidence.clamp(min=0)) * known).sum(1) / known.sum(1).clamp(min=1)
    loss = loss + 0.5 * (each * weights).sum() / weights.sum()
    named = (signals >= 0).float()
    if named.any():
        wrong = _error(signal, signals.clamp(min=0)) * named
        loss = loss + 0.3 * wrong.sum() / named.sum()
    return loss


def _error(logits: Tensor, wanted: Tensor) -> Tensor:
    return functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none")


def _exported(network: dict[str, Tensor]) -> dict[str, NDArray[np.float32]]:
    """The weights by the names and in the order that riskscan reads."""
    state = {name: values.float().numpy() for name, values in network.items()}
    weights = {
        "word": state["bert.embeddings.word_embeddings.weight"],
        "position": state["bert.embeddings.position_embeddings.weight"][:_PLACES],
        "kind": state["bert.embeddings.token_type_embeddings.weight"],
        "first.gain": state["bert.embeddings.LayerNorm.weight"],
        "first.shift": state["bert.embeddings.LayerNorm.bias"],
    }
    layers = sum(name.endswith("intermediate.dense.weight") for name in state)
    for k in range(layers):
        at = f"bert.encoder.layer.{k}."
        for name, place in _DENSE.items():
            weights[f"layer{k}.{name}.weight"] = state[f"{at}{place}.weight"].T
            weights[f"layer{k}.{name}.bias"] = state[f"{at}{place}.bias"]
        for name, place in _NORMS.items():
            weights[f"layer{k}.{name}.gain"] = state[f"{at}{place}.weight"]
            weights[f"layer{k}.{name}.shift"] = state[f"{at}{place}.bias"]
    for name in ("flag", "evidence", "signals"):
        weights[f"{name}.weight"] = state[f"{name}.weight"].T
        weights[f"{name}.bias"] = state[f"{name}.bias"]
    return {name: np.ascontiguousarray(values) for name, values in weights.items()}
