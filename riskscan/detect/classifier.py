"""RiskClassifier: does a message voice legal concern, in which sentence, in which way.

A mixture of experts, one for each domain of text that it learnt from ("mail": whole corporate
emails; "post": short modern messages). An expert has three linear models, over a message's words,
over its subwords, and over its sentences. For each domain a small logistic regression, fitted on
out-of-fold scores of all experts, gives a calibrated probability; where texts are short it sees the
best sentence too. A gate tells how much a text is of which domain. Texts of mail are "subject,
blank line, authored text".
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.special import expit, softmax
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.linear_model import LogisticRegression
from sklearn.utils.validation import check_is_fitted

from riskscan.detect.arguments import signals_of, texts_of, weights_of
from riskscan.detect.assessment import SIGNALS, Assessment, Explanation, Sentence
from riskscan.detect.encoder import Encoder, Look
from riskscan.detect.evidence import evidence_sentences
from riskscan.detect.experts import Costs, Material
from riskscan.detect.explanation import word_weights
from riskscan.detect.features import N_FEATURES, N_SUBWORDS, Hasher, weighted, words
from riskscan.detect.given import Given, given_of
from riskscan.detect.joint import (
    Examined,
    evidence_of,
    fit_joint,
    joint_logits,
    joint_signals,
    no_joint,
    within,
)
from riskscan.detect.linear import fit_aggregator
from riskscan.detect.reading import (
    INPUTS,
    QUOTED,
    Linear,
    Quotes,
    Read,
    Seen,
    best_sentences,
    inputs_of,
    quoted_inputs,
    tree_inputs,
)
from riskscan.detect.selection import (
    SELECTED_BY,
    Passage,
    fit_selector,
    ranked_passages,
    selection_inputs,
    shares_of,
)
from riskscan.detect.signals import fit_signals
from riskscan.detect.trees import fit_with_trees, log_odds
from riskscan.detect.windows import Window, windows_of
from riskscan.detect.wordpieces import WordPieces
from riskscan.mail.folding import folded

_BATCH = 512
# A million take 70 MB on the way.
_CHARACTERS = 2_000_000
_FEWEST_WORDS = 3
# Of a text that the encoder reads: as many places.
_WINDOWS = 2

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int_]
Span = tuple[int, int]


class RiskClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A scikit-learn classifier over texts; class 1 is "a reviewer would flag this message".

    Parameters
    ----------
    c_words, c_subwords, c_sentences : inverse regularisation of the three linear models.
    positive_weight : at most how many times a flagged text counts in them.
    background : weight of other domains' unflagged texts when an expert learns.
    unlabelled_weight : how much an unlabelled text counts, as one that is not flagged.
    threshold : messages scoring at least this are flagged by ``predict`` and ``assess``.
    finding_threshold : sentences scoring at least this are findings.
    encode_from : texts whose first score is at least this are read by the encoder as well, where
        the model has one (``attach``); ``predict_proba`` gives the first score.
    folds : folds, grouped, for the out-of-fold scores that calibrate an expert.
    random_state : seed of the fold draw. Same data and seed, same model.
    """

    def __init__(
        self,
        *,
        c_words: float = 16.0,
        c_subwords: float = 12.0,
        c_sentences: float = 10.0,
        positive_weight: float = 8.0,
        background: float = 0.3,
        unlabelled_weight: float = 1.0,
        threshold: float = 0.5,
        finding_threshold: float = 0.5,
        encode_from: float = 0.01,
        folds: int = 5,
        random_state: int = 0,
    ) -> None:
        self.c_words = c_words
        self.c_subwords = c_subwords
        self.c_sentences = c_sentences
        self.positive_weight = positive_weight
        self.background = background
        self.unlabelled_weight = unlabelled_weight
        self.threshold = threshold
        self.finding_threshold = finding_threshold
        self.encode_from = encode_from
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
        unlabelled: Sequence[str] | None = None,
        unlabelled_groups: Any | None = None,
        unlabelled_domains: Sequence[str] | None = None,
        quoted: Sequence[str] | None = None,
        chances: Any | None = None,
        named: Sequence[str] | None = None,
        named_signals: Sequence[Sequence[str]] | None = None,
        named_evidence: Sequence[Sequence[str]] | None = None,
    ) -> RiskClassifier:
        """Learn from texts and flags (0/1).

        ``sample_weight``: messages that each text stands for (sets the rate that scores are
        calibrated to; less than one message on average counts as one; what is not flagged and has
        none was read for sounding concerned, and counts 0.3 in the linear models); ``groups``:
        threads, never split between folds; ``evidence``: verbatim spans a text; without it a
        flagged text's best sentences are found in two rounds; ``domains``: the kind of each text,
        one expert a kind (default: one kind). Raises ValueError for what does not fit together or
        cannot be learnt from; what was fitted before then stays.

        ``unlabelled``: further texts of the same mailboxes that nobody judged; they teach what
        ordinary text is, and nothing is calibrated or measured on them. ``unlabelled_groups`` and
        ``unlabelled_domains`` are theirs (default: none is in a thread; the first domain).

        ``quoted``: what each text quotes or forwards, "" for nothing; a domain of long texts that
        has any learns how much it tells.

        ``chances``: how likely a reader flags each text, 0 to 1, where several were asked (default:
        the flag). The models over words learn their square root, which tells faint concern from
        none; calibration is to the flags.

        ``named``: further texts whose signals are known (``named_signals``), near misses for one;
        which signal it is is learnt from them too, and nothing else. ``named_evidence`` is theirs
        (without any, all sentences teach it). Without ``signals`` they alone teach it.
        """
        given = given_of(
            X,
            y,
            sample_weight=sample_weight,
            groups=groups,
            evidence=evidence,
            signals=signals,
            domains=domains,
            unlabelled=unlabelled,
            unlabelled_groups=unlabelled_groups,
            unlabelled_domains=unlabelled_domains,
            quoted=quoted,
            chances=chances,
            named=named,
            named_signals=named_signals,
            named_evidence=named_evidence,
        )
        # Another one learns, so that a fault in the midst of it leaves this one as it was.
        learner: RiskClassifier = clone(self)
        learner._learn(given)
        self.attach(None)
        self.__dict__.update(learner.__dict__)
        return self

    def _learn(self, given: Given) -> None:
        data = given.material()
        if not data.words.nnz:
            raise ValueError("X holds no word to learn from")
        self.classes_, self.domains_ = np.unique(given.flags), given.domains
        costs = Costs(
            self.c_words, self.c_subwords, self.c_sentences,
            self.positive_weight, self.background, self.unlabelled_weight,
        )  # fmt: skip
        data.mark(given.evidence, costs)
        self.word_idf_ = data.word_idf
        self.subword_idf_ = data.subword_idf
        self.sentence_idf_ = data.sentence_idf
        self._fit_experts(data, costs, given.weights, given.quotes(data.read.hasher))
        self._fit_gate(data)
        learnt = fit_signals(data, given.signals, given.named)
        self.signal_word_coef_, self.signal_subword_coef_ = learnt.words, learnt.subwords
        self.signal_sentence_coef_, self.signal_intercept_ = learnt.sentences, learnt.intercept
        self._set_joint(no_joint(len(self.domains_)))
        self.n_features_in_ = 1

    def _fit_experts(self, data: Material, costs: Costs, weight: Floats, quotes: Quotes) -> None:
        count, read = len(self.domains_), data.read
        self.word_coef_ = np.zeros((N_FEATURES, count), np.float32)
        self.subword_coef_ = np.zeros((N_SUBWORDS, count), np.float32)
        self.sentence_coef_ = np.zeros((N_FEATURES, count), np.float32)
        self.word_intercept_ = np.zeros(count)
        self.subword_intercept_ = np.zeros(count)
        self.sentence_intercept_ = np.zeros(count)
        words_, subwords = np.zeros((2, len(data.flags), count))
        sentences, shares = np.zeros((2, len(read.own), count))
        seen = Seen(count, len(data.flags))
        homes = [data.known & (data.kind == domain) for domain in self.domains_]
        self.short_: Bools = np.array([data.short[domain] for domain in self.domains_])
        # Both classes must quote, or it would be told apart by that alone.
        self.quotes_: Bools = np.array(
            [
                not short and len(np.unique(data.flags[quotes.texts[home[quotes.texts]]])) == 2
                for short, home in zip(self.short_, homes, strict=True)
            ]
        )
        for train, test in data.folds(self.folds, self.random_state):
            inside = np.isin(read.own, test)
            for d, domain in enumerate(self.domains_):
                by_word = (self.word_idf_, *data.word_model(train, domain, costs))
                words_[test, d] = data.words[test] @ by_word[1] + by_word[2]
                carried = shares_of(read, self.word_idf_, by_word[1][:, None])
                shares[inside, d] = carried[inside, 0]
                by_subword = (self.subword_idf_, *data.subword_model(train, domain, costs))
                subwords[test, d] = data.subwords[test] @ by_subword[1] + by_subword[2]
                coefficients, intercept = data.sentence_model(train, domain, costs)
                sentences[inside, d] = data.sentences[inside] @ coefficients + intercept
                if self.quotes_[d]:
                    told = quoted_inputs(len(data.flags), quotes, by_word, by_subword)
                    seen.quoted[d, test] = told[test]
        seen.inputs, seen.best = inputs_of(words_, subwords), best_sentences(read, sentences)
        seen.lengths = read.lengths
        self.trees_: list[Floats] = [np.zeros((0, 6))] * count
        self.tree_slopes_ = np.zeros(count)
        self.aggregators_: list[LogisticRegression] = []
        self.selector_coef_ = np.zeros((count, len(SELECTED_BY) + count - 1))
        everything = np.arange(len(data.flags))
        for d, domain in enumerate(self.domains_):
            home = homes[d]
            mine = home[: len(weight)]
            inputs, flags = self._seen(d, seen)[home], data.flags[home]
            if self.short_[d]:
                self.aggregators_.append(fit_aggregator(inputs, flags, weight[mine]))
            else:
                more, rising = self._seen_by_trees(d, seen)
                joined = fit_with_trees(
                    inputs, more[home], rising, flags, weight[mine], data.group[home]
                )
                self.aggregators_.append(joined[0])
                self.trees_[d], self.tree_slopes_[d] = joined[1:]
            flagged = np.isin(read.own, np.flatnonzero(home & (data.flags == 1)))
            ranked = selection_inputs(read, d, sentences, shares)[flagged]
            self.selector_coef_[d] = fit_selector(
                ranked, data.marked[flagged].astype(int), read.own[flagged]
            )
            self.word_coef_[:, d], self.word_intercept_[d] = data.word_model(
                everything, domain, costs
            )
            self.subword_coef_[:, d], self.subword_intercept_[d] = data.subword_model(
                everything, domain, costs
            )
            self.sentence_coef_[:, d], self.sentence_intercept_[d] = data.sentence_model(
                everything, domain, costs
            )

    def _seen(self, d: int, seen: Seen) -> Floats:
        """What the aggregator of domain number ``d`` sees of each text."""
        parts = [seen.inputs]
        if self.short_[d]:
            parts.append(seen.best[:, d])
        if self.quotes_[d]:
            parts.append(seen.quoted[d])
        return np.column_stack(parts)

    def _seen_by_trees(self, d: int, seen: Seen) -> tuple[Floats, list[int]]:
        """What the trees of domain number ``d`` see, and in which columns they never fall."""
        quoted = seen.quoted[d] if self.quotes_[d] else None
        more = tree_inputs(seen.inputs, seen.lengths, quoted)
        rising = [1] * more.shape[1]
        rising[seen.inputs.shape[1]] = 0  # the length
        return more, rising

    def _tree_logits(self, d: int, seen: Seen) -> Floats:
        """What the trees of domain number ``d`` add to the log-odds of each text."""
        more, _ = self._seen_by_trees(d, seen)
        return float(self.tree_slopes_[d]) * log_odds(self.trees_[d], more)

    def _fit_gate(self, data: Material) -> None:
        self.gate_coef_ = np.zeros((N_FEATURES, len(self.domains_)), np.float32)
        self.gate_intercept_ = np.zeros(len(self.domains_))
        if len(self.domains_) > 1:
            for d, domain in enumerate(self.domains_):
                self.gate_coef_[:, d], self.gate_intercept_[d] = data.gate_model(domain)

    # the encoder

    def attach(self, encoder: Encoder | None) -> RiskClassifier:
        """Give the fitted classifier an encoder to read what ranks high with; None takes it away.

        It tells nothing before ``join``, or loading a model, has said how much it counts.
        """
        if encoder is None:
            self.__dict__.pop("_encoder", None)
        else:
            self._encoder = encoder
        return self

    @property
    def encoder(self) -> Encoder | None:
        """The encoder that was attached."""
        return getattr(self, "_encoder", None)

    @property
    def is_joined(self) -> bool:
        """Whether the encoder counts in any domain."""
        check_is_fitted(self, "joint_scores_")
        return bool(self.joint_scores_[:, 1].any())

    def windows(
        self, X: Sequence[str], quoted: Sequence[str] | None, *, pieces: WordPieces, most: int
    ) -> Iterator[tuple[float, list[Window]]]:
        """The first score of each text, and at most ``most`` windows that an encoder would read."""
        for judged in self._batches(X, quoted):
            ranks = self._ranks(judged, judged.sentence_logits)
            for i, score in enumerate(judged.scores.tolist()):
                yield score, self._windows(judged, i, ranks, pieces, most)

    def examine(
        self,
        X: Sequence[str],
        quoted: Sequence[str] | None = None,
        evidence: Sequence[Sequence[str]] | None = None,
    ) -> list[Examined]:
        """What ``join`` learns from, of texts that neither classifier nor encoder has seen."""
        found: list[Examined] = []
        for judged in self._batches(X, quoted):
            ranks = self._ranks(judged, judged.sentence_logits)
            looks = self._looks(judged, ranks, untold=True)
            read = judged.read
            further = np.zeros(len(ranks), bool)
            for i, body in enumerate(read.texts):
                spans = [folded(one) for one in evidence[len(found)]] if evidence else []
                own = slice(int(read.first[i]), int(read.first[i + 1]))
                marked = np.array(evidence_sentences(body, read.spans[i], spans), bool)
                said = np.zeros((4, len(SIGNALS)))
                if i in looks:
                    shown = ranked_passages(read, i, ranks, further, fewest_words=_FEWEST_WORDS)
                    said = self._told_signals(judged, [shown[0].best])[0]
                found.append(Examined(judged.chances[i], looks.get(i), ranks[own], marked, said))
        return found

    def join(
        self,
        examined: Sequence[Examined],
        y: Any,
        domains: Sequence[str],
        sample_weight: Any | None = None,
        signals: Sequence[Sequence[str]] | None = None,
    ) -> RiskClassifier:
        """Learn how much the encoder counts beside the linear models, of each domain.

        ``signals`` are of each text (default: nobody knows them). Raises ValueError for unknown
        ones.
        """
        flags = np.asarray(y, int)
        weight = weights_of(sample_weight, len(flags))
        named = [[]] * len(flags) if signals is None else signals_of("signals", signals)
        if len(named) != len(flags):
            raise ValueError(f"y has {len(flags)} rows and signals has {len(named)}")
        self._set_joint(fit_joint(self.domains_, examined, flags, weight, domains, named))
        return self

    def _set_joint(self, learnt: tuple[Floats, Floats, Floats]) -> None:
        self.joint_scores_, self.joint_ranks_, self.joint_signals_ = learnt

    def _windows(
        self, judged: _Judged, i: int, ranks: Floats, pieces: WordPieces, most: int
    ) -> list[Window]:
        read, quotes = judged.read, judged.quotes
        place = int(np.searchsorted(quotes.texts, i))
        told = ""
        if place < len(quotes.texts) and quotes.texts[place] == i:
            told = quotes.read.texts[place]
        own = slice(int(read.first[i]), int(read.first[i + 1]))
        return windows_of(read, i, ranks[own], pieces, told, most)

    def _looks(self, judged: _Judged, ranks: Floats, *, untold: bool = False) -> dict[int, Look]:
        """What the encoder says of those texts of a batch whose first score is high enough.

        Nothing before it counts, unless ``untold``.
        """
        encoder, found = self.encoder, dict[int, Look]()
        if encoder is None or not (untold or self.is_joined):
            return found
        for i in np.flatnonzero(judged.scores >= self.encode_from).tolist():
            if windows := self._windows(judged, i, ranks, encoder.pieces, _WINDOWS):
                lead = self.domains_[int(np.argmax(judged.shares[i]))]
                found[i] = encoder.look(windows, lead)
        return found

    # scoring

    @property
    def fingerprint(self) -> str:
        """SHA-256 of what was learnt: equal models have equal fingerprints."""
        check_is_fitted(self, "aggregators_")
        digest = hashlib.sha256("\n".join(self.domains_).encode(errors="replace"))
        for part in (
            self.word_idf_, self.subword_idf_, self.sentence_idf_,
            self.word_coef_, self.subword_coef_, self.sentence_coef_, self.gate_coef_,
            self.word_intercept_, self.subword_intercept_, self.sentence_intercept_,
            self.gate_intercept_, self.signal_word_coef_, self.signal_subword_coef_,
            self.signal_sentence_coef_, self.signal_intercept_,
            self.selector_coef_, self.short_, self.quotes_,
            *(a.coef_ for a in self.aggregators_),
            *(a.intercept_ for a in self.aggregators_),
            self.tree_slopes_, *self.trees_, self.joint_scores_, self.joint_ranks_,
            self.joint_signals_,
        ):  # fmt: skip
            digest.update(np.ascontiguousarray(part).tobytes())
        if self.encoder is not None:
            digest.update(self.encoder.sha256.encode())
        return digest.hexdigest()

    def settings(self) -> dict[str, Any]:
        """The parameters that change what a case holds, beside the model itself."""
        names = ("threshold", "finding_threshold", "encode_from")
        return {name: getattr(self, name) for name in names}

    def predict_proba(self, X: Sequence[str], quoted: Sequence[str] | None = None) -> Floats:
        """Probabilities, shape (texts, 2): not flagged, flagged; the first score.

        ``quoted``: what each text quotes or forwards, "" for nothing. ``assess`` also asks the
        encoder, where there is one.
        """
        scores = [judged.scores for judged in self._batches(X, quoted)]
        flagged = np.concatenate([*scores, np.zeros(0)])
        return np.column_stack([1 - flagged, flagged])

    def decision_function(self, X: Sequence[str], quoted: Sequence[str] | None = None) -> Floats:
        """Log-odds of the flagged class; of the first score, as ``predict_proba``."""
        scores = np.clip(self.predict_proba(X, quoted)[:, 1], 1e-12, 1 - 1e-12)
        return np.asarray(np.log(scores / (1 - scores)))

    def predict(self, X: Sequence[str], quoted: Sequence[str] | None = None) -> Ints:
        """1 for the texts that score at least ``threshold``, as ``assess`` does."""
        found = [np.zeros(0)]
        for judged in self._batches(X, quoted):
            ranks = self._ranks(judged, judged.sentence_logits)
            found.append(self._joint_scores(judged, self._looks(judged, ranks)))
        return (np.concatenate(found) >= self.threshold).astype(int)

    def assess(self, X: Sequence[str], quoted: Sequence[str] | None = None) -> list[Assessment]:
        """Score, signals and findings of each text; ``quoted`` as in ``predict_proba``.

        The best passage is always a finding, so that a reviewer can also see why a text was not
        flagged; further ones are findings when their sentence reaches ``finding_threshold``. What
        is quoted is never a finding.
        """
        found: list[Assessment] = []
        for judged in self._batches(X, quoted):
            found += self._assessments(judged)
        return found

    def _batches(self, X: Sequence[str], quoted: Sequence[str] | None) -> Iterator[_Judged]:
        check_is_fitted(self, "aggregators_")
        texts = texts_of(X)
        answered = [""] * len(texts) if quoted is None else texts_of(quoted)
        if len(answered) != len(texts):
            raise ValueError(f"X has {len(texts)} texts and quoted has {len(answered)} rows")
        start = 0
        while start < len(texts):
            end = start + 1
            size = len(texts[start])
            while end < min(len(texts), start + _BATCH) and size + len(texts[end]) <= _CHARACTERS:
                size += len(texts[end])
                end += 1
            yield self._judge(texts[start:end], answered[start:end])
            start = end

    def explain(self, text: str, quoted: str = "") -> Explanation:
        """What in the words of ``text``, and of what it quotes, made its score."""
        (judged,) = self._batches([text], [quoted])
        assessment = self._assessments(judged)[0]
        look = self._looks(judged, self._ranks(judged, judged.sentence_logits)).get(0)
        joint = self.joint_scores_ if look else no_joint(len(self.domains_))[0]
        chances = judged.chances[0]
        if look:
            chances = expit(joint_logits(joint, chances, look))
        lead = int(np.argmax(judged.shares[0] * chances))
        # What the first score adds up from counts as much less as the encoder is heard.
        heard = float(joint[lead, 0])
        aggregator = self.aggregators_[lead]
        weights = heard * aggregator.coef_[0]
        slopes = dict(zip(self._input_names(lead), weights.tolist(), strict=True))
        values = self._seen(lead, judged.seen)[0] * weights
        parts = dict(zip(slopes, values.tolist(), strict=True))
        if len(self.trees_[lead]):
            grown = heard * float(self._tree_logits(lead, judged.seen)[0])
            parts[f"boosted trees ({self.domains_[lead]})"] = grown
        if look:
            parts["encoder"] = float(joint[lead, 1]) * within(look.flag)
        parts["base rate"] = heard * float(aggregator.intercept_[0]) + float(joint[lead, 2])
        domains = {
            name: (float(judged.shares[0, d]), float(chances[d]))
            for d, name in enumerate(self.domains_)
        }
        read = (
            tuple(
                (judged.read.found(0, *judged.read.spans[0][number])[2], value)
                for number, value in sorted(look.sentences.items())
            )
            if look
            else ()
        )
        return Explanation(
            assessment, domains, parts, self._words(judged, lead, [*slopes.values()]), read
        )

    def _words(
        self, judged: _Judged, lead: int, slopes: list[float]
    ) -> tuple[tuple[str, float], ...]:
        """What each word added to the log-odds of domain number ``lead``."""
        read, size = judged.read, len(INPUTS)
        own = slopes[: size * len(self.domains_)]
        (body,), (spans,) = read.texts, read.spans
        told = [words(body[a:b]) for a, b in spans]
        patterns = [(judged.words, self.word_coef_ @ own[0::size])]
        pieces = [(judged.subwords, self.subword_coef_ @ own[1::size], told)]
        sentences = list(told)
        if self.short_[lead] and told:
            best = judged.sentences[int(np.argmax(judged.sentence_logits[:, lead]))]
            patterns.append((best, self.sentence_coef_[:, lead] * slopes[-1]))
        if self.quotes_[lead] and len(judged.quotes.texts):
            quoted = judged.quotes.read
            (body,), (spans,) = quoted.texts, quoted.spans
            tokens = [words(body[a:b]) for a, b in spans]
            sentences += tokens
            row = weighted(quoted.words, self.word_idf_)
            patterns.append((row, self.word_coef_[:, lead] * slopes[-2]))
            row = weighted(quoted.subwords, self.subword_idf_)
            pieces.append((row, self.subword_coef_[:, lead] * slopes[-1], tokens))
        return word_weights(read, sentences, patterns, pieces)

    def parts(self) -> list[str]:
        """The names of all that ``explain`` may find in a score, of every domain."""
        check_is_fitted(self, "aggregators_")
        names = [name for d in range(len(self.domains_)) for name in self._input_names(d)]
        for d, domain in enumerate(self.domains_):
            names += [f"boosted trees ({domain})"] if len(self.trees_[d]) else []
        names += ["encoder"] if self.is_joined and self.encoder is not None else []
        return [*dict.fromkeys(names), "base rate"]

    def _input_names(self, d: int) -> list[str]:
        names = [f"{part} ({domain})" for domain in self.domains_ for part in INPUTS]
        more = ["best sentence"] * int(self.short_[d])
        more += QUOTED if self.quotes_[d] else ()
        return names + [f"{part} ({self.domains_[d]})" for part in more]

    def _linear(self, d: int) -> tuple[Linear, Linear]:
        """The word and the subword model of domain number ``d``."""
        return (
            (self.word_idf_, self.word_coef_[:, d], float(self.word_intercept_[d])),
            (self.subword_idf_, self.subword_coef_[:, d], float(self.subword_intercept_[d])),
        )

    def _judge(self, texts: list[str], quoted: list[str]) -> _Judged:
        count, hasher = len(texts), self._hasher()
        read, quotes = Read(texts, hasher), Quotes(quoted, hasher)
        word_matrix = weighted(read.words, self.word_idf_)
        word_logits = word_matrix @ self.word_coef_ + self.word_intercept_
        gate_logits = word_matrix @ self.gate_coef_ + self.gate_intercept_
        subword_matrix = weighted(read.subwords, self.subword_idf_)
        subword_logits = subword_matrix @ self.subword_coef_ + self.subword_intercept_
        sentence_matrix = weighted(read.sentences, self.sentence_idf_)
        sentence_logits = sentence_matrix @ self.sentence_coef_ + self.sentence_intercept_
        shares = softmax(gate_logits, axis=1)
        seen = Seen(len(self.domains_), count)
        seen.inputs = inputs_of(word_logits, subword_logits)
        seen.best, seen.lengths = best_sentences(read, sentence_logits), read.lengths
        chances = np.zeros_like(shares)
        for d, aggregator in enumerate(self.aggregators_):
            if self.quotes_[d]:
                seen.quoted[d] = quoted_inputs(count, quotes, *self._linear(d))
            # Summed row by row, for the reason that ``_ranks`` gives.
            logits = (self._seen(d, seen) * aggregator.coef_[0]).sum(axis=1)
            logits = logits + aggregator.intercept_[0]
            if len(self.trees_[d]):
                logits = logits + self._tree_logits(d, seen)
            chances[:, d] = expit(logits)
        # A text without a word says nothing.
        empty = np.diff(read.first) == 0
        scores = np.where(empty, 0.0, (shares * chances).sum(axis=1))
        return _Judged(
            read, quotes, scores, shares, chances, seen,
            word_matrix, subword_matrix, sentence_matrix, sentence_logits,
        )  # fmt: skip

    def _assessments(self, judged: _Judged) -> list[Assessment]:
        read = judged.read
        sentence_logits = judged.sentence_logits
        strengths = (judged.shares[read.own] * expit(sentence_logits)).sum(axis=1)
        ranks = self._ranks(judged, sentence_logits)
        looks = self._looks(judged, ranks)
        scores = self._joint_scores(judged, looks)
        for i, look in looks.items():
            own = slice(int(read.first[i]), int(read.first[i + 1]))
            ranks[own] = self._joint_ranks(judged.shares[i], ranks[own], look)
        further = strengths >= self.finding_threshold
        chosen: list[list[Passage]] = []
        for i in range(len(read.texts)):
            # "x" or "Today," shows a reviewer nothing, whatever its words weigh.
            chosen.append(ranked_passages(read, i, ranks, further, fewest_words=_FEWEST_WORDS))
        rows = [passage.best for some in chosen for passage in some]
        said = self._told_signals(judged, rows)
        logits = said.sum(axis=1)
        for k, i in enumerate(read.own[rows].tolist()):
            if i in looks:
                weights = judged.shares[i] @ self.joint_signals_
                logits[k] = joint_signals(weights, said[k], looks[i])
        numbers = iter(np.argmax(logits, axis=1).tolist())
        answers = []
        for i, some in enumerate(chosen):
            findings = []
            for one in some:
                start, end, text = read.found(i, one.start, one.end)
                signal = SIGNALS[next(numbers)]
                score = float(strengths[one.best])
                findings.append(Sentence(start, end, text, signal, score))
            flagged = scores[i] >= self.threshold
            signals = tuple(dict.fromkeys(f.signal for f in findings)) if flagged else ()
            answers.append(Assessment(float(scores[i]), signals, tuple(findings)))
        return answers

    def _told_signals(self, judged: _Judged, rows: Sequence[int]) -> Floats:
        """What the linear models say of the signals of sentences: ``Examined.said`` of each."""
        owners = judged.read.own[rows]
        parts = (
            judged.words[owners] @ self.signal_word_coef_,
            judged.subwords[owners] @ self.signal_subword_coef_,
            judged.sentences[rows] @ self.signal_sentence_coef_,
            np.tile(self.signal_intercept_, (len(rows), 1)),
        )
        return np.stack(parts, axis=1)

    def _joint_scores(self, judged: _Judged, looks: dict[int, Look]) -> Floats:
        scores = judged.scores.copy()
        for i, look in looks.items():
            chances = expit(joint_logits(self.joint_scores_, judged.chances[i], look))
            scores[i] = float((judged.shares[i] * chances).sum())
        return scores

    def _joint_ranks(self, shares: Floats, ranks: Floats, look: Look) -> Floats:
        first, second = shares @ self.joint_ranks_
        return np.asarray(first * ranks + second * evidence_of(look, len(ranks)))

    def _ranks(self, judged: _Judged, sentence_logits: Floats) -> Floats:
        """How well each sentence shows why its message scored, comparable within a message."""
        read = judged.read
        carried = shares_of(read, self.word_idf_, self.word_coef_)
        ranks = np.zeros(len(read.own))
        for d in range(len(self.domains_)):
            inputs = selection_inputs(read, d, sentence_logits, carried)
            # Row by row: the last digits of a matrix product depend on its other rows, and equal
            # sentences would change places by what else is in the batch.
            # A model of before the others' sentences were seen has no weights for them.
            weights = self.selector_coef_[d]
            ranks += judged.shares[read.own, d] * (inputs[:, : len(weights)] * weights).sum(axis=1)
        return ranks

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


@dataclass(slots=True)
class _Judged:
    """What the model says of a batch, before it is put in words."""

    read: Read
    quotes: Quotes
    scores: Floats
    shares: Floats
    chances: Floats
    seen: Seen
    words: csr_matrix
    subwords: csr_matrix
    sentences: csr_matrix
    sentence_logits: Floats
