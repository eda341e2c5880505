"""RiskClassifier: does a message voice legal concern, in which sentence, in which way.

A mixture of experts, one for each domain of text that it learnt from ("mail": whole corporate
emails; "post": short modern messages). An expert has three linear models, over a message's words,
over its subwords, and over its sentences. For each domain a small logistic regression, fitted on
out-of-fold scores of all experts, gives a calibrated probability; a gate tells how much a text is
of which domain. Texts of mail are "subject, blank line, authored text".
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.special import expit, softmax
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.utils.validation import check_is_fitted

from riskscan.detect.evidence import evidence_sentences
from riskscan.detect.features import (
    N_FEATURES,
    N_SUBWORDS,
    Hasher,
    inverse_frequency,
    weighted,
    words,
)
from riskscan.detect.linear import fit_aggregator, fit_linear
from riskscan.detect.reading import INPUTS, Read, inputs_of

SIGNALS = (
    "legal_doubt", "ethical_unease", "concealment", "spoliation",
    "admission", "escalation", "pressure", "threat",
)  # fmt: skip
_BATCH = 512
_FEWEST_WORDS = 3

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int_]
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that made a message score: offsets into the text, signal, and 0 to 1 score."""

    start: int
    end: int
    text: str
    signal: str
    score: float


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the classifier says of a text: score, signals, and its findings, best first."""

    score: float
    signals: tuple[str, ...]
    findings: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """An assessment taken apart.

    ``parts`` are the log-odds that each part of the leading expert added up from, ``domains`` the
    share and the score of each expert (``score`` is the sum of their products); ``words`` are the
    words and word patterns of the best sentence with the weight that each carried in it.
    """

    assessment: Assessment
    domains: dict[str, tuple[float, float]]
    parts: dict[str, float]
    words: tuple[tuple[str, float], ...]


class RiskClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A scikit-learn classifier over texts; class 1 is "a reviewer would flag this message".

    Parameters
    ----------
    c_words, c_subwords, c_sentences : inverse regularisation of the three linear models.
    positive_weight : at most how many times a flagged text counts in them.
    background : weight of other domains' unflagged texts when an expert learns.
    threshold : messages scoring at least this are flagged by ``predict``.
    finding_threshold : sentences scoring at least this are findings.
    folds : folds, grouped, for the out-of-fold scores that calibrate an expert.
    random_state : seed of the fold draw. Same data and seed, same model.
    """

    def __init__(
        self,
        *,
        c_words: float = 20.0,
        c_subwords: float = 10.0,
        c_sentences: float = 10.0,
        positive_weight: float = 8.0,
        background: float = 0.3,
        threshold: float = 0.5,
        finding_threshold: float = 0.5,
        folds: int = 5,
        random_state: int = 0,
    ) -> None:
        self.c_words = c_words
        self.c_subwords = c_subwords
        self.c_sentences = c_sentences
        self.positive_weight = positive_weight
        self.background = background
        self.threshold = threshold
        self.finding_threshold = finding_threshold
        self.folds = folds
        self.random_state = random_state

    # learning

    def fit(
        self,
        X: Sequence[str],
        y: Any,
        *,
        sample_weight: Any | None = None,
        groups: Any | None = None,
        evidence: Sequence[Sequence[str]] | None = None,
        signals: Sequence[Sequence[str]] | None = None,
        domains: Sequence[str] | None = None,
    ) -> RiskClassifier:
        """Learn from texts and flags (0/1).

        ``sample_weight``: messages that each text stands for (sets the rate that scores are
        calibrated to); ``groups``: threads, never split between folds; ``evidence``: verbatim
        spans a text; without it a flagged text's best sentences are found in two rounds;
        ``domains``: the kind of each text, one expert a kind (default: one kind).
        """
        texts, flags = _texts(X), _flags(y)
        if len(texts) != len(flags):
            raise ValueError(f"X has {len(texts)} texts and y has {len(flags)} flags")
        self.classes_ = np.unique(flags)
        if self.classes_.tolist() != [0, 1]:
            raise ValueError("y must hold both classes, 0 and 1")
        for name, column in (
            ("sample_weight", sample_weight), ("groups", groups), ("evidence", evidence),
            ("signals", signals), ("domains", domains),
        ):  # fmt: skip
            if column is not None and len(column) != len(texts):
                raise ValueError(f"X has {len(texts)} texts and {name} has {len(column)} rows")
        weight = _weights(sample_weight, len(texts))
        group = np.arange(len(texts)) if groups is None else np.asarray(groups)
        kind = np.asarray(["text"] * len(texts) if domains is None else list(domains))
        self.domains_ = np.unique(kind).tolist()
        read = Read(texts, Hasher())
        self.word_idf_ = inverse_frequency(read.words)
        self.subword_idf_ = inverse_frequency(read.subwords)
        self.sentence_idf_ = inverse_frequency(read.sentences)
        data = _Data(
            read,
            flags,
            kind,
            weighted(read.words, self.word_idf_),
            weighted(read.subwords, self.subword_idf_),
            weighted(read.sentences, self.sentence_idf_),
            self._marked(read, flags, evidence),
        )
        self._settle_marks(data, evidence)
        self._fit_experts(data, group, weight)
        self._fit_gate(data)
        self._fit_signals(data, signals)
        self.n_features_in_ = 1
        return self

    def _marked(self, read: Read, flags: Ints, evidence: Sequence[Sequence[str]] | None) -> Bools:
        marked = np.zeros(len(read.own), bool)
        for i in np.flatnonzero(flags).tolist() if evidence is not None else ():
            assert evidence is not None
            own = slice(read.first[i], read.first[i + 1])
            marked[own] = evidence_sentences(read.texts[i], read.spans[i], evidence[i])
        return marked

    def _settle_marks(self, data: _Data, evidence: Sequence[Sequence[str]] | None) -> None:
        """Find the evidence of flagged texts that came without: multiple-instance learning.

        It starts with all sentences of such a text and keeps the best in two rounds.
        """
        read = data.read
        lacking = [
            i
            for i in np.flatnonzero(data.flags)
            if not data.marked[read.first[i] : read.first[i + 1]].any()
        ]
        for i in lacking:
            data.marked[read.first[i] : read.first[i + 1]] = True
        everything = np.arange(len(data.flags))
        for _ in range(2 if lacking else 0):
            for domain in self.domains_:
                coefficients, intercept = self._sentence_model(data, everything, domain)
                logits = data.sentences @ coefficients + intercept
                for i in lacking:
                    own = slice(read.first[i], read.first[i + 1])
                    if data.kind[i] == domain and own.stop > own.start:
                        data.marked[own] = logits[own] >= logits[own].max() - 1e-9

    def _fit_experts(self, data: _Data, group: NDArray[Any], weight: Floats) -> None:
        count = len(self.domains_)
        read = data.read
        self.word_coef_ = np.zeros((N_FEATURES, count), np.float32)
        self.subword_coef_ = np.zeros((N_SUBWORDS, count), np.float32)
        self.sentence_coef_ = np.zeros((N_FEATURES, count), np.float32)
        self.word_intercept_ = np.zeros(count)
        self.subword_intercept_ = np.zeros(count)
        self.sentence_intercept_ = np.zeros(count)
        words_, subwords = np.zeros((len(group), count)), np.zeros((len(group), count))
        sentences = np.zeros((len(read.own), count))
        for train, test in self._split(data, group):
            inside = np.isin(read.own, test)
            for d, domain in enumerate(self.domains_):
                coefficients, intercept = self._word_model(data, train, domain)
                words_[test, d] = data.words[test] @ coefficients + intercept
                coefficients, intercept = self._subword_model(data, train, domain)
                subwords[test, d] = data.subwords[test] @ coefficients + intercept
                coefficients, intercept = self._sentence_model(data, train, domain)
                sentences[inside, d] = data.sentences[inside] @ coefficients + intercept
        inputs = inputs_of(words_, subwords, sentences, read)
        self.aggregators_: list[LogisticRegression] = []
        everything = np.arange(len(group))
        for d, domain in enumerate(self.domains_):
            home = data.kind == domain
            self.aggregators_.append(fit_aggregator(inputs[home], data.flags[home], weight[home]))
            self.word_coef_[:, d], self.word_intercept_[d] = self._word_model(
                data, everything, domain
            )
            self.subword_coef_[:, d], self.subword_intercept_[d] = self._subword_model(
                data, everything, domain
            )
            self.sentence_coef_[:, d], self.sentence_intercept_[d] = self._sentence_model(
                data, everything, domain
            )

    def _split(self, data: _Data, group: NDArray[Any]) -> list[tuple[Ints, Ints]]:
        """Folds that share out each domain's flagged texts and never split a group."""
        both = np.unique(data.kind, return_inverse=True)[1] * 2 + data.flags
        fewest = int(np.bincount(both, minlength=2 * len(self.domains_)).min())
        if fewest < 2:
            raise ValueError("each domain must hold at least two texts of both classes")
        split = StratifiedGroupKFold(
            max(2, min(self.folds, fewest)), shuffle=True, random_state=self.random_state
        )
        return list(split.split(both, both, group))

    def _rows(self, data: _Data, train: Ints, domain: str) -> tuple[Ints, Floats]:
        """The texts that an expert learns from, and how much each counts."""
        own = data.kind[train] == domain
        rows = train[own | (data.flags[train] == 0)]
        home = data.kind[rows] == domain
        flags = data.flags[rows]
        ratio = (home & (flags == 0)).sum() / max(1, flags.sum())
        counts = np.where(home, 1.0, self.background)
        counts[flags == 1] = np.clip(ratio, 1.0, self.positive_weight)
        return rows, counts

    def _word_model(self, data: _Data, train: Ints, domain: str) -> tuple[Floats32, float]:
        rows, counts = self._rows(data, train, domain)
        return fit_linear(data.words[rows], data.flags[rows], counts, self.c_words)

    def _subword_model(self, data: _Data, train: Ints, domain: str) -> tuple[Floats32, float]:
        rows, counts = self._rows(data, train, domain)
        return fit_linear(data.subwords[rows], data.flags[rows], counts, self.c_subwords)

    def _sentence_model(self, data: _Data, train: Ints, domain: str) -> tuple[Floats32, float]:
        rows, counts = self._rows(data, train, domain)
        count = np.zeros(len(data.flags))
        count[rows] = counts
        count = count[data.read.own]
        # The other sentences of a flagged text teach which one it was: they count as any other.
        count[~data.marked] = np.minimum(count[~data.marked], 1.0)
        used = count > 0
        return fit_linear(
            data.sentences[used], data.marked[used].astype(int), count[used], self.c_sentences
        )

    def _fit_gate(self, data: _Data) -> None:
        self.gate_coef_ = np.zeros((N_FEATURES, len(self.domains_)), np.float32)
        self.gate_intercept_ = np.zeros(len(self.domains_))
        if len(self.domains_) == 1:
            return
        for d, domain in enumerate(self.domains_):
            home = data.kind == domain
            counts = np.where(home, 0.5 / home.sum(), 0.5 / (~home).sum()) * len(home)
            self.gate_coef_[:, d], self.gate_intercept_[d] = fit_linear(
                data.words, home.astype(int), counts, 3.0
            )

    def _fit_signals(self, data: _Data, signals: Sequence[Sequence[str]] | None) -> None:
        """Which signal it is shows in the whole message, its subwords, and the sentence."""
        count = len(SIGNALS)
        self.signal_word_coef_ = np.zeros((N_FEATURES, count), np.float32)
        self.signal_subword_coef_ = np.zeros((N_SUBWORDS, count), np.float32)
        self.signal_sentence_coef_ = np.zeros((N_FEATURES, count), np.float32)
        self.signal_intercept_ = np.full(count, -10.0)
        self.signal_intercept_[0] = 0.0
        if signals is None:
            return
        flagged = np.flatnonzero(data.flags)
        marked = np.flatnonzero(data.marked)
        views = (
            (self.signal_word_coef_, data.words, flagged, flagged, 1.0),
            (self.signal_subword_coef_, data.subwords, flagged, flagged, 1.0),
            (self.signal_sentence_coef_, data.sentences, marked, data.read.own[marked], 0.5),
        )
        for number, signal in enumerate(SIGNALS):
            has = np.array([signal in several for several in signals]).astype(int)
            if not 0 < has[flagged].sum() < len(flagged):
                continue
            self.signal_intercept_[number] = 0.0
            for coefficients, matrix, rows, owners, share in views:
                mine = has[owners]
                counts = np.where(mine, 0.5 / mine.sum(), 0.5 / (1 - mine).sum()) * len(mine)
                learnt, intercept = fit_linear(matrix[rows], mine, counts, 10.0)
                coefficients[:, number] = share * learnt
                self.signal_intercept_[number] += share * intercept

    # scoring

    @property
    def fingerprint(self) -> str:
        """SHA-256 of what was learnt: equal models have equal fingerprints."""
        check_is_fitted(self, "aggregators_")
        digest = hashlib.sha256()
        for part in (
            self.word_coef_, self.subword_coef_, self.sentence_coef_, self.gate_coef_,
            self.signal_word_coef_, *(a.coef_ for a in self.aggregators_),
            *(a.intercept_ for a in self.aggregators_),
        ):  # fmt: skip
            digest.update(np.ascontiguousarray(part).tobytes())
        return digest.hexdigest()

    def settings(self) -> dict[str, Any]:
        """The parameters that change what a case holds, beside the model itself."""
        return {"threshold": self.threshold, "finding_threshold": self.finding_threshold}

    def predict_proba(self, X: Sequence[str]) -> Floats:
        """Probabilities, shape (texts, 2): not flagged, flagged."""
        check_is_fitted(self, "aggregators_")
        texts = _texts(X)
        scores = np.zeros(len(texts))
        for start in range(0, len(texts), _BATCH):
            judged = self._judge(texts[start : start + _BATCH])
            scores[start : start + _BATCH] = judged.scores
        return np.column_stack([1 - scores, scores])

    def decision_function(self, X: Sequence[str]) -> Floats:
        """Log-odds of the flagged class."""
        scores = np.clip(self.predict_proba(X)[:, 1], 1e-12, 1 - 1e-12)
        return np.asarray(np.log(scores / (1 - scores)))

    def predict(self, X: Sequence[str]) -> Ints:
        """1 for the texts that score at least ``threshold``."""
        return (self.predict_proba(X)[:, 1] >= self.threshold).astype(int)

    def assess(self, X: Sequence[str]) -> list[Assessment]:
        """Score, signals and findings of each text.

        The best sentence is always a finding, so that a reviewer can also see why a text was not
        flagged; further sentences are findings when they reach ``finding_threshold``.
        """
        check_is_fitted(self, "aggregators_")
        texts = _texts(X)
        found: list[Assessment] = []
        for start in range(0, len(texts), _BATCH):
            found += self._assessments(self._judge(texts[start : start + _BATCH]))
        return found

    def explain(self, text: str) -> Explanation:
        """What in the words of ``text`` made its score."""
        judged = self._judge(_texts([text]))
        assessment = self._assessments(judged)[0]
        lead = int(np.argmax(judged.shares[0] * judged.chances[0]))
        aggregator = self.aggregators_[lead]
        values = judged.inputs[0] * aggregator.coef_[0]
        parts = dict(zip(self._input_names(), values.tolist(), strict=True))
        parts["base rate"] = float(aggregator.intercept_[0])
        domains = {
            name: (float(judged.shares[0, d]), float(judged.chances[0, d]))
            for d, name in enumerate(self.domains_)
        }
        named_words: dict[str, float] = {}
        if assessment.findings:
            tokens = words(assessment.findings[0].text)
            named = judged.read.hasher.named(tokens)
            row = weighted(judged.read.hasher.sentences([tokens]), self.sentence_idf_)
            for column, value in zip(row.indices.tolist(), row.data.tolist(), strict=True):
                name = " / ".join(named[column])
                weight = value * float(self.sentence_coef_[column, lead])
                named_words[name] = named_words.get(name, 0.0) + weight
        ranked = sorted(named_words.items(), key=lambda item: -abs(item[1]))
        return Explanation(assessment, domains, parts, tuple(ranked))

    def _input_names(self) -> list[str]:
        return [*(f"{part} ({d})" for d in self.domains_ for part in INPUTS), "length"]

    def _judge(self, texts: list[str]) -> _Judged:
        check_is_fitted(self, "aggregators_")
        read = Read(texts, self._hasher())
        word_matrix = weighted(read.words, self.word_idf_)
        word_logits = word_matrix @ self.word_coef_ + self.word_intercept_
        gate_logits = word_matrix @ self.gate_coef_ + self.gate_intercept_
        subword_matrix = weighted(read.subwords, self.subword_idf_)
        subword_logits = subword_matrix @ self.subword_coef_ + self.subword_intercept_
        sentence_matrix = weighted(read.sentences, self.sentence_idf_)
        sentence_logits = sentence_matrix @ self.sentence_coef_ + self.sentence_intercept_
        shares = softmax(gate_logits, axis=1)
        inputs = inputs_of(word_logits, subword_logits, sentence_logits, read)
        chances = np.zeros_like(shares)
        for d, aggregator in enumerate(self.aggregators_):
            chances[:, d] = aggregator.predict_proba(inputs)[:, 1]
        # A text without a word says nothing.
        empty = np.diff(read.first) == 0
        scores = np.where(empty, 0.0, (shares * chances).sum(axis=1))
        strengths = (shares[read.own] * expit(sentence_logits)).sum(axis=1)
        return _Judged(
            read, scores, shares, chances, inputs, strengths,
            word_matrix, subword_matrix, sentence_matrix,
        )  # fmt: skip

    def _assessments(self, judged: _Judged) -> list[Assessment]:
        read, strengths = judged.read, judged.strengths
        chosen: list[list[int]] = []
        for i in range(len(read.texts)):
            own = range(int(read.first[i]), int(read.first[i + 1]))
            spans = dict(zip(own, read.spans[i], strict=True))
            # "x" or "Today," shows a reviewer nothing, whatever its words weigh.
            telling = [
                k
                for k, (a, b) in spans.items()
                if read.texts[i].count(" ", a, b) >= _FEWEST_WORDS - 1
            ]
            best = max(telling or own, key=lambda k: strengths[k], default=None)
            over = [k for k in telling if strengths[k] >= self.finding_threshold and k != best]
            ranked = sorted(over, key=lambda k: (-strengths[k], k))
            chosen.append([] if best is None else [best, *ranked])
        rows = [k for some in chosen for k in some]
        owners = read.own[rows]
        logits = (
            judged.words[owners] @ self.signal_word_coef_
            + judged.subwords[owners] @ self.signal_subword_coef_
            + judged.sentences[rows] @ self.signal_sentence_coef_
            + self.signal_intercept_
        )
        numbers = iter(np.argmax(logits, axis=1).tolist())
        answers = []
        for i, some in enumerate(chosen):
            findings = []
            for k in some:
                start, end = read.spans[i][k - int(read.first[i])]
                text = read.texts[i][start:end]
                signal = SIGNALS[next(numbers)]
                findings.append(Sentence(start, end, text, signal, float(strengths[k])))
            flagged = judged.scores[i] >= self.threshold
            signals = tuple(dict.fromkeys(f.signal for f in findings)) if flagged else ()
            answers.append(Assessment(float(judged.scores[i]), signals, tuple(findings)))
        return answers

    def _hasher(self) -> Hasher:
        hasher: Hasher | None = getattr(self, "_shared_hasher", None)
        if hasher is None:
            hasher = self._shared_hasher = Hasher()
        return hasher

    def __getstate__(self) -> dict[str, Any]:
        state = dict(super().__getstate__())
        state.pop("_shared_hasher", None)
        return state

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.classifier_tags.multi_class = False
        return tags


def _flags(y: Any) -> Ints:
    flags = np.asarray(y)
    if flags.ndim != 1:
        raise ValueError("y must hold one flag, 0 or 1, for each text")
    if not np.isin(flags, (0, 1)).all():
        raise ValueError("y must hold both classes, 0 and 1, and nothing else")
    return flags.astype(int)


def _weights(sample_weight: Any | None, count: int) -> Floats:
    if sample_weight is None:
        return np.ones(count)
    weight = np.asarray(sample_weight, float)
    if weight.ndim != 1 or not np.isfinite(weight).all() or (weight < 0).any() or not weight.any():
        raise ValueError("sample_weight must hold numbers of 0 and more, not all of them zero")
    return weight


@dataclass(slots=True)
class _Data:
    """What ``fit`` learns from: weighted matrices and marks."""

    read: Read
    flags: Ints
    kind: NDArray[Any]
    words: csr_matrix
    subwords: csr_matrix
    sentences: csr_matrix
    marked: Bools


@dataclass(slots=True)
class _Judged:
    """What the model says of a batch, before it is put in words."""

    read: Read
    scores: Floats
    shares: Floats
    chances: Floats
    inputs: Floats
    strengths: Floats
    words: csr_matrix
    subwords: csr_matrix
    sentences: csr_matrix


def _texts(X: Any) -> list[str]:
    if isinstance(X, str):
        raise ValueError("X must be a sequence of texts, not one text")
    texts = [x[0] if isinstance(x, np.ndarray) and x.shape == (1,) else x for x in X]
    for text in texts:
        if not isinstance(text, str):
            raise ValueError(f"X must hold strings, not {type(text).__name__}")
    return texts
