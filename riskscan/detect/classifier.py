"""RiskClassifier: does a message voice legal concern, in which sentence, in which way.

A message is split into sentences. A sentence model learns from marked evidence, a message model
from the whole; an aggregator over out-of-fold scores of both turns them into one calibrated
probability. Texts of mail are "subject, blank line, authored text".
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.utils.validation import check_is_fitted

from riskscan.detect.evidence import evidence_sentences
from riskscan.detect.features import SentenceHasher
from riskscan.language.sentences import sentence_spans

SIGNALS = (
    "legal_doubt", "ethical_unease", "concealment", "spoliation",
    "admission", "escalation", "pressure", "threat",
)  # fmt: skip
# More sentences than this are read in order of appearance; the rest of a message is not scored.
MAX_SENTENCES = 20_000
_BATCH = 512

Floats = NDArray[np.float64]
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

    ``parts`` are the log-odds that each part of the model added to ``score``; ``words`` are the
    words and word patterns of the best sentence with the weight that each carried in it.
    """

    assessment: Assessment
    parts: dict[str, float]
    words: tuple[tuple[str, float], ...]


class RiskClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A scikit-learn classifier over texts; class 1 is "a reviewer would flag this message".

    Parameters
    ----------
    c_sentence, c_message : inverse regularisation of the two linear models.
    finding_threshold : sentences scoring at least this are findings of a flagged message.
    threshold : messages scoring at least this are flagged by ``predict``.
    folds : folds, grouped, for the out-of-fold scores that the aggregator learns from.
    random_state : seed of the fold draw. Same data and seed, same model.
    """

    def __init__(
        self,
        *,
        c_sentence: float = 20.0,
        c_message: float = 10.0,
        finding_threshold: float = 0.5,
        threshold: float = 0.5,
        folds: int = 5,
        random_state: int = 0,
    ) -> None:
        self.c_sentence = c_sentence
        self.c_message = c_message
        self.finding_threshold = finding_threshold
        self.threshold = threshold
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
    ) -> RiskClassifier:
        """Learn from texts and flags (0/1).

        ``sample_weight``: messages that each text stands for (sets the rate that scores are
        calibrated to); ``groups``: threads, never split between folds; ``evidence``: verbatim
        spans a text; without it a flagged text's best sentences are found in two rounds.
        """
        texts, flags = _texts(X), np.asarray(y).astype(int)
        if len(texts) != len(flags):
            raise ValueError(f"X has {len(texts)} texts and y has {len(flags)} flags")
        self.classes_ = np.unique(flags)
        if self.classes_.tolist() != [0, 1]:
            raise ValueError("y must hold both classes, 0 and 1")
        weight = np.ones(len(texts)) if sample_weight is None else np.asarray(sample_weight, float)
        group = np.arange(len(texts)) if groups is None else np.asarray(groups)
        read = _Read(texts, SentenceHasher())
        marked = self._marked(read, flags, evidence)
        sentence, message = np.full(len(read.own), np.nan), np.full(len(texts), np.nan)
        folds = StratifiedGroupKFold(
            self._fold_count(flags), shuffle=True, random_state=self.random_state
        )
        for train, test in folds.split(texts, flags, group):
            self._fit_parts(read, flags, marked, train)
            inside = np.isin(read.own, test)
            sentence[inside] = self._sentence_logits(read.matrix[inside])
            message[test] = self._message_logits(read.messages[test])
        inputs = _aggregate(sentence, message, read)
        self.aggregator_ = LogisticRegression(C=1.0, max_iter=1000).fit(
            inputs, flags, sample_weight=weight
        )
        self._fit_parts(read, flags, marked, np.arange(len(texts)))
        self._fit_signals(read, flags, marked, signals)
        self.n_features_in_ = 1
        return self

    def _fold_count(self, flags: NDArray[np.int_]) -> int:
        return int(max(2, min(self.folds, flags.sum(), (1 - flags).sum())))

    def _marked(
        self,
        read: _Read,
        flags: NDArray[np.int_],
        evidence: Sequence[Sequence[str]] | None,
    ) -> NDArray[np.bool_]:
        marked = np.zeros(len(read.own), bool)
        if evidence is not None:
            for i in np.flatnonzero(flags):
                hit = evidence_sentences(read.texts[i], read.spans[i], evidence[i])
                marked[read.first[i] : read.first[i + 1]] = hit
        unmarked = [
            i for i in np.flatnonzero(flags) if not marked[read.first[i] : read.first[i + 1]].any()
        ]
        # Multiple-instance start: take all sentences, then keep each message's best.
        for i in unmarked:
            marked[read.first[i] : read.first[i + 1]] = True
        for _ in range(2 if unmarked else 0):
            self._fit_parts(read, flags, marked, np.arange(len(flags)))
            logits = self._sentence_logits(read.matrix)
            for i in unmarked:
                own = slice(read.first[i], read.first[i + 1])
                marked[own] = logits[own] >= logits[own].max() - 1e-9
        return marked

    def _fit_parts(
        self,
        read: _Read,
        flags: NDArray[np.int_],
        marked: NDArray[np.bool_],
        train: NDArray[np.int_],
    ) -> None:
        inside = np.isin(read.own, train)
        used = inside & (marked | (flags[read.own] == 0))
        self.sentence_tfidf_ = TfidfTransformer().fit(read.matrix[used])
        rate = max(marked[used].mean(), 1e-6)
        self.sentence_model_ = LogisticRegression(
            C=self.c_sentence, class_weight={0: 1.0, 1: min(20.0, 0.2 / rate)}, max_iter=400
        ).fit(self.sentence_tfidf_.transform(read.matrix[used]), marked[used])
        self.message_tfidf_ = TfidfTransformer(sublinear_tf=True).fit(read.messages[train])
        self.message_model_ = LogisticRegression(
            C=self.c_message, class_weight="balanced", max_iter=400
        ).fit(self.message_tfidf_.transform(read.messages[train]), flags[train])

    def _fit_signals(
        self,
        read: _Read,
        flags: NDArray[np.int_],
        marked: NDArray[np.bool_],
        signals: Sequence[Sequence[str]] | None,
    ) -> None:
        coefficients = np.zeros((read.matrix.shape[1], len(SIGNALS)), np.float32)
        intercepts = np.full(len(SIGNALS), -10.0)
        intercepts[0] = 0.0
        if signals is not None:
            rows = np.flatnonzero(marked)
            matrix = self.sentence_tfidf_.transform(read.matrix[rows])
            for number, signal in enumerate(SIGNALS):
                has = np.array([signal in signals[i] for i in read.own[rows]])
                if 0 < has.sum() < len(has):
                    model = LogisticRegression(C=10.0, class_weight="balanced", max_iter=400)
                    model.fit(matrix, has)
                    coefficients[:, number] = model.coef_[0]
                    intercepts[number] = model.intercept_[0]
        self.signal_coef_ = coefficients
        self.signal_intercept_ = intercepts

    # scoring

    @property
    def fingerprint(self) -> str:
        """SHA-256 of what was learnt: equal models have equal fingerprints."""
        check_is_fitted(self, "aggregator_")
        digest = hashlib.sha256()
        for part in (
            self.sentence_model_.coef_,
            self.message_model_.coef_,
            self.aggregator_.coef_,
            self.signal_coef_,
        ):
            digest.update(np.ascontiguousarray(part).tobytes())
        return digest.hexdigest()

    def settings(self) -> dict[str, Any]:
        """The parameters that change what a case holds, beside the model itself."""
        return {"threshold": self.threshold, "finding_threshold": self.finding_threshold}

    def predict_proba(self, X: Sequence[str]) -> Floats:
        """Probabilities, shape (texts, 2): not flagged, flagged."""
        check_is_fitted(self, "aggregator_")
        texts = _texts(X)
        scores = np.zeros(len(texts))
        for start in range(0, len(texts), _BATCH):
            read = _Read(texts[start : start + _BATCH], self._hasher())
            scores[start : start + _BATCH] = self._scores(read, self._sentence_logits(read.matrix))
        return np.column_stack([1 - scores, scores])

    def decision_function(self, X: Sequence[str]) -> Floats:
        """Log-odds of the flagged class."""
        scores = np.clip(self.predict_proba(X)[:, 1], 1e-12, 1 - 1e-12)
        return np.asarray(np.log(scores / (1 - scores)))

    def predict(self, X: Sequence[str]) -> NDArray[np.int_]:
        """1 for the texts that score at least ``threshold``."""
        return (self.predict_proba(X)[:, 1] >= self.threshold).astype(int)

    def assess(self, X: Sequence[str]) -> list[Assessment]:
        """Score, signals and findings of each text.

        The best sentence is always a finding, so that a reviewer can also see why a text was not
        flagged; further sentences are findings when they reach ``finding_threshold``.
        """
        check_is_fitted(self, "aggregator_")
        texts = _texts(X)
        found: list[Assessment] = []
        for start in range(0, len(texts), _BATCH):
            read = _Read(texts[start : start + _BATCH], self._hasher())
            logits = self._sentence_logits(read.matrix)
            found += self._assessments(read, self._scores(read, logits), _sigmoid(logits))
        return found

    def explain(self, text: str) -> Explanation:
        """What in the words of ``text`` made its score."""
        assessment = self.assess([text])[0]
        read = _Read([text], self._hasher())
        logits = self._sentence_logits(read.matrix)
        inputs = _aggregate(logits, self._message_logits(read.messages), read)[0]
        parts = dict(zip(_AGGREGATED, (inputs * self.aggregator_.coef_[0]).tolist(), strict=True))
        parts["base rate"] = float(self.aggregator_.intercept_[0])
        words: dict[str, float] = {}
        if assessment.findings:
            best = assessment.findings[0].text
            named = read.hasher.named(best)
            row = self.sentence_tfidf_.transform(read.hasher.transform([best]))
            for column, value in zip(row.indices, row.data, strict=True):
                weight = float(value * self.sentence_model_.coef_[0, column])
                words[" / ".join(named.get(int(column), ["?"]))] = weight
        ranked = sorted(words.items(), key=lambda item: -abs(item[1]))
        return Explanation(assessment, parts, tuple(ranked))

    def _hasher(self) -> SentenceHasher:
        hasher: SentenceHasher | None = getattr(self, "_shared_hasher", None)
        if hasher is None:
            hasher = self._shared_hasher = SentenceHasher()
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

    def _sentence_logits(self, matrix: csr_matrix) -> Floats:
        weighted = self.sentence_tfidf_.transform(matrix)
        return np.asarray(
            weighted @ self.sentence_model_.coef_[0] + self.sentence_model_.intercept_[0]
        )

    def _message_logits(self, matrix: csr_matrix) -> Floats:
        weighted = self.message_tfidf_.transform(matrix)
        return np.asarray(
            weighted @ self.message_model_.coef_[0] + self.message_model_.intercept_[0]
        )

    def _scores(self, read: _Read, logits: Floats) -> Floats:
        inputs = _aggregate(logits, self._message_logits(read.messages), read)
        scores = self.aggregator_.predict_proba(inputs)[:, 1]
        # A text without a sentence says nothing.
        return np.where(np.diff(read.first) > 0, scores, 0.0)

    def _assessments(self, read: _Read, scores: Floats, chances: Floats) -> list[Assessment]:
        chosen: list[list[int]] = []
        for i in range(len(read.texts)):
            own = range(read.first[i], read.first[i + 1])
            best = max(own, key=lambda k: chances[k], default=None)
            over = [k for k in own if chances[k] >= self.finding_threshold and k != best]
            ranked = sorted(over, key=lambda k: (-chances[k], k))
            chosen.append([] if best is None else [best, *ranked])
        rows = [k for some in chosen for k in some]
        weighted = self.sentence_tfidf_.transform(read.matrix[rows])
        numbers = iter(np.argmax(weighted @ self.signal_coef_ + self.signal_intercept_, axis=1))
        answers = []
        for i, some in enumerate(chosen):
            findings = []
            for k in some:
                start, end = read.spans[i][k - read.first[i]]
                signal = SIGNALS[int(next(numbers))]
                text = read.texts[i][start:end]
                findings.append(Sentence(start, end, text, signal, float(chances[k])))
            flagged = scores[i] >= self.threshold
            signals = tuple(dict.fromkeys(f.signal for f in findings)) if flagged else ()
            answers.append(Assessment(float(scores[i]), signals, tuple(findings)))
        return answers


_AGGREGATED = ("best sentence", "second sentence", "best three", "whole message", "length")


def _texts(X: Any) -> list[str]:
    if isinstance(X, str):
        raise ValueError("X must be a sequence of texts, not one text")
    texts = [x[0] if isinstance(x, np.ndarray) and x.shape == (1,) else x for x in X]
    for text in texts:
        if not isinstance(text, str):
            raise ValueError(f"X must hold strings, not {type(text).__name__}")
    return texts


class _Read:
    """Texts with their sentences and feature matrices."""

    def __init__(self, texts: list[str], hasher: SentenceHasher) -> None:
        self.texts = texts
        self.hasher = hasher
        self.spans: list[list[Span]] = [sentence_spans(text)[:MAX_SENTENCES] for text in texts]
        lengths = [len(spans) for spans in self.spans]
        self.first = np.concatenate([[0], np.cumsum(lengths)]).astype(int)
        self.own = np.repeat(np.arange(len(texts)), lengths)
        self.matrix = hasher.transform(
            [text[a:b] for text, spans in zip(texts, self.spans, strict=True) for a, b in spans]
        )
        gather = csr_matrix(
            (np.ones(len(self.own), np.float32), (self.own, np.arange(len(self.own)))),
            shape=(len(texts), len(self.own)),
        )
        self.messages = gather @ self.matrix


def _aggregate(sentence: Floats, message: Floats, read: _Read) -> Floats:
    """Inputs of the aggregator, one row a text: see ``_AGGREGATED``."""
    rows = np.full((len(read.texts), len(_AGGREGATED)), -8.0)
    for i in range(len(read.texts)):
        own = np.sort(sentence[read.first[i] : read.first[i + 1]])[::-1]
        if len(own):
            rows[i, 0] = own[0]
            rows[i, 1] = own[1] if len(own) > 1 else own[0] - 2.0
            rows[i, 2] = np.log(_sigmoid(own[:3]).sum())
    rows[:, 3] = message
    rows[:, 4] = np.log1p(np.diff(read.first))
    return rows


def _sigmoid(x: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(x, -50, 50))))
