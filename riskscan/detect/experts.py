"""Learning: what the experts and the gate of a classifier are fitted on.

Unlabelled texts take part as texts that are not flagged, each counting a little: among thousands of
ordinary messages a handful of unknown flagged ones does little harm, and what is ordinary is learnt
from all of them (learning from positive and unlabelled examples; Elkan and Noto 2008).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold

from riskscan.detect.evidence import evidence_sentences
from riskscan.detect.features import inverse_frequency, weighted
from riskscan.detect.linear import Bools, Floats, Floats32, Ints, fit_linear
from riskscan.detect.reading import SHORT, Read
from riskscan.mail.folding import folded

# An expert of short texts hears so much of another domain's long ones: thousands of them would tell
# it what mail is like, and drown what tells two short texts apart.
_HEARD = 0.1
PICKED = 0.3
"""What ``was_picked`` counts so much: in full it teaches that concerned words are innocent."""
# The gate is learnt as if so much were of a domain of long texts, as mail is: of what is posted to
# voice or to deny concern half is flagged, of mail next to nothing, so that a casual mail that is
# taken for a post outranks all that a mailbox holds.
_LONG = 0.9
# Of so many unlabelled texts, one teaches the sentence models; a message holds a dozen sentences.
_SENTENCES_OF = 4


@dataclass(frozen=True, slots=True)
class Costs:
    """Parameters of the linear models; see ``RiskClassifier``."""

    words: float
    subwords: float
    sentences: float
    positive_weight: float
    background: float
    unlabelled_weight: float


def was_picked(weights: Floats, flags: Ints, chances: Floats) -> Bools:
    """Which texts were read for sounding concerned, and nobody would flag: hard without exception.

    They stand for no messages; ``weights``, ``flags`` and ``chances`` as ``RiskClassifier.fit`` has
    them.
    """
    return np.asarray((weights == 0) & (flags == 0) & (chances == 0))


class Material:
    """Texts with flags, as matrices; ``known`` is False for unlabelled ones (flag 0).

    ``chances``: how likely a reader flags each text; ``picked``: as of ``was_picked``.
    """

    def __init__(
        self,
        read: Read,
        flags: Ints,
        chances: Floats,
        known: Bools,
        picked: Bools,
        kind: NDArray[Any],
        group: NDArray[Any],
    ) -> None:
        self.read = read
        self.flags = flags
        self.chances = chances
        self.known = known
        self.picked = picked
        self.kind = kind
        self.group = group
        self.word_idf = inverse_frequency(read.words)
        self.subword_idf = inverse_frequency(read.subwords)
        self.sentence_idf = inverse_frequency(read.sentences)
        self.words = weighted(read.words, self.word_idf)
        self.subwords = weighted(read.subwords, self.subword_idf)
        self.sentences = weighted(read.sentences, self.sentence_idf)
        self.marked: Bools = np.zeros(len(read.own), bool)
        self.domains: list[str] = np.unique(kind).tolist()
        lengths = np.diff(read.first)
        homes = {domain: known & (kind == domain) for domain in self.domains}
        self.short = {d: bool(np.median(lengths[home]) <= SHORT) for d, home in homes.items()}

    def sentences_of(self, text: int) -> slice:
        """The rows of a text's sentences."""
        return slice(int(self.read.first[text]), int(self.read.first[text + 1]))

    def mark(self, evidence: Sequence[Sequence[str]] | None, costs: Costs) -> None:
        """Mark the sentences of flagged texts that evidence lies in.

        Where a flagged text came without, multiple-instance learning finds it: it starts with all
        sentences and keeps the best in two rounds.
        """
        flagged = np.flatnonzero(self.flags).tolist()
        for i in flagged if evidence is not None else ():
            assert evidence is not None
            self.marked[self.sentences_of(i)] = evidence_sentences(
                self.read.texts[i], self.read.spans[i], [*map(folded, evidence[i])]
            )
        lacking = [i for i in flagged if not self.marked[self.sentences_of(i)].any()]
        for i in lacking:
            self.marked[self.sentences_of(i)] = True
        everything = np.arange(len(self.flags))
        for _ in range(2 if lacking else 0):
            for domain in self.domains:
                coefficients, intercept = self.sentence_model(everything, domain, costs)
                logits = self.sentences @ coefficients + intercept
                for i in lacking:
                    own = self.sentences_of(i)
                    if self.kind[i] == domain and own.stop > own.start:
                        self.marked[own] = logits[own] >= logits[own].max() - 1e-9

    def folds(self, count: int, seed: int) -> Iterator[tuple[Ints, Ints]]:
        """Training and test rows; each domain's flagged texts are shared out, no group is split.

        Unlabelled texts are never tested on, and train where none of their group is tested on.
        """
        known = np.flatnonzero(self.known)
        both = np.unique(self.kind, return_inverse=True)[1] * 2 + self.flags
        fewest = int(np.bincount(both[known], minlength=2 * len(self.domains)).min())
        if fewest < 2:
            raise ValueError("each domain must hold at least two texts of both classes")
        split = StratifiedGroupKFold(max(2, min(count, fewest)), shuffle=True, random_state=seed)
        for _, test in split.split(known, both[known], self.group[known]):
            tested = known[test]
            train = np.flatnonzero(~np.isin(self.group, self.group[tested]))
            yield train, tested

    def _rows(self, train: Ints, domain: str, costs: Costs) -> tuple[Ints, Floats]:
        """The texts that an expert learns from, and how much each counts."""
        own = self.kind[train] == domain
        rows = train[own | ((self.flags[train] == 0) & self.known[train])]
        home = self.kind[rows] == domain
        flags, known = self.flags[rows], self.known[rows]
        counts = np.where(home, 1.0, costs.background)
        counts[~known] = costs.unlabelled_weight
        counts[home & self.picked[rows]] = PICKED
        counts[~home] *= _HEARD if self.short[domain] else 1.0
        ratio = counts[home & (flags == 0)].sum() / max(1, flags.sum())
        counts[flags == 1] = np.clip(ratio, 1.0, costs.positive_weight)
        return rows, counts

    def _shared_out(self, train: Ints, domain: str, costs: Costs) -> tuple[Ints, Ints, Floats]:
        """The same, with a flag of each: what some readers would flag stands there as both.

        Its two rows count as the square root of how likely readers flag it, and the rest of one:
        what three of a hundred would flag sounds much like what all would. Another domain's texts
        are what is not flagged.
        """
        rows, counts = self._rows(train, domain, costs)
        flagged = self.flags[rows] == 1
        most = float(counts[flagged].max(initial=1.0))
        chances = np.where(self.kind[rows] == domain, np.sqrt(self.chances[rows]), 0.0)
        yes, no = np.flatnonzero(chances > 0), np.flatnonzero(chances < 1)
        against = np.where(flagged, 1.0, counts)
        return (
            np.concatenate([rows[yes], rows[no]]),
            np.repeat([1, 0], [len(yes), len(no)]),
            np.concatenate([chances[yes] * most, (1 - chances[no]) * against[no]]),
        )

    def word_model(self, train: Ints, domain: str, costs: Costs) -> tuple[Floats32, float]:
        """Coefficients over words, and intercept."""
        rows, flags, counts = self._shared_out(train, domain, costs)
        return fit_linear(self.words[rows], flags, counts, costs.words)

    def subword_model(self, train: Ints, domain: str, costs: Costs) -> tuple[Floats32, float]:
        """Coefficients over subwords, and intercept."""
        rows, flags, counts = self._shared_out(train, domain, costs)
        return fit_linear(self.subwords[rows], flags, counts, costs.subwords)

    def sentence_model(self, train: Ints, domain: str, costs: Costs) -> tuple[Floats32, float]:
        """Coefficients over a sentence's words, and intercept; marked sentences against others."""
        rows, counts = self._rows(train, domain, costs)
        count = np.zeros(len(self.flags))
        count[rows] = counts
        skipped = np.flatnonzero(~self.known)
        count[np.delete(skipped, slice(None, None, _SENTENCES_OF))] = 0.0
        count = count[self.read.own]
        # The other sentences of a flagged text teach which one it was: they count as any other.
        count[~self.marked] = np.minimum(count[~self.marked], 1.0)
        used = count > 0
        return fit_linear(
            self.sentences[used], self.marked[used].astype(int), count[used], costs.sentences
        )

    def gate_model(self, domain: str) -> tuple[Floats32, float]:
        """Coefficients over words that tell one domain's texts from the others'.

        Of what domain a text is, is known of unlabelled ones too.
        """
        home = self.kind == domain
        # Where all are long, or all short, the shares come out as of equal ones.
        likely = 1 - _LONG if self.short[domain] else _LONG
        counts = np.where(home, likely / home.sum(), (1 - likely) / (~home).sum()) * len(home)
        return fit_linear(self.words, home.astype(int), counts, 3.0)
