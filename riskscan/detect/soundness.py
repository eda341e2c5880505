"""Whether what a model folder holds fits together: shapes, kinds and finite numbers.

A model whose arrays are cut or hold NaN would fail in the midst of a mailbox, or flag nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from riskscan.detect.assessment import SIGNALS
from riskscan.detect.features import N_FEATURES, N_SUBWORDS
from riskscan.detect.joint import RANK, SCORE, SIGNAL
from riskscan.detect.reading import INPUTS, QUOTED
from riskscan.detect.selection import SELECTED_BY
from riskscan.detect.trees import check_nodes

if TYPE_CHECKING:
    from riskscan.detect.classifier import RiskClassifier

_MOST_DOMAINS = 64


def lacking(classifier: RiskClassifier) -> str:
    """The name of something that a fitted classifier has and this one has not; "" for none."""
    names = [*_shapes(1), "classes_", "domains_", "aggregators_", "trees_"]
    return next((name for name in names if not hasattr(classifier, name)), "")


def check_learnt(classifier: RiskClassifier) -> None:
    """Raises ValueError, TypeError or AttributeError where what was learnt does not fit."""
    domains: Any = classifier.domains_
    if (
        not isinstance(domains, list)
        or not 0 < len(domains) <= _MOST_DOMAINS
        or not all(isinstance(name, str) for name in domains)
    ):
        raise ValueError("its domains are no list of names")
    for name, shape in _shapes(len(domains)).items():
        _check(name, getattr(classifier, name), shape)
    _check_selectors(classifier.selector_coef_, len(domains))
    aggregators: Any = classifier.aggregators_
    trees: Any = classifier.trees_
    if not (isinstance(aggregators, list) and isinstance(trees, list)):
        raise ValueError("its domains have no aggregators")
    if not len(aggregators) == len(trees) == len(domains):
        raise ValueError("it has not one aggregator for each domain")
    for d, aggregator in enumerate(aggregators):
        quotes = bool(classifier.quotes_[d])
        inputs = len(INPUTS) * len(domains)
        seen = inputs + bool(classifier.short_[d]) + len(QUOTED) * quotes
        _check("aggregators_", aggregator.coef_, (1, seen))
        _check("aggregators_", aggregator.intercept_, (1,))
        check_nodes(trees[d], inputs + 1 + (len(QUOTED) - 1) * quotes)


def _shapes(domains: int) -> dict[str, tuple[int, ...]]:
    """What is learnt, by name."""
    return {
        "word_idf_": (N_FEATURES,),
        "sentence_idf_": (N_FEATURES,),
        "subword_idf_": (N_SUBWORDS,),
        "word_coef_": (N_FEATURES, domains),
        "sentence_coef_": (N_FEATURES, domains),
        "gate_coef_": (N_FEATURES, domains),
        "subword_coef_": (N_SUBWORDS, domains),
        "word_intercept_": (domains,),
        "sentence_intercept_": (domains,),
        "subword_intercept_": (domains,),
        "gate_intercept_": (domains,),
        "short_": (domains,),
        "quotes_": (domains,),
        "tree_slopes_": (domains,),
        "joint_scores_": (domains, SCORE),
        "joint_ranks_": (domains, RANK),
        "joint_signals_": (domains, SIGNAL),
        "signal_word_coef_": (N_FEATURES, len(SIGNALS)),
        "signal_sentence_coef_": (N_FEATURES, len(SIGNALS)),
        "signal_subword_coef_": (N_SUBWORDS, len(SIGNALS)),
        "signal_intercept_": (len(SIGNALS),),
    }


def _check(name: str, values: Any, shape: tuple[int, ...]) -> None:
    if not isinstance(values, np.ndarray) or values.shape != shape or values.dtype.kind not in "fb":
        raise ValueError(f"{name} is no array of numbers of shape {shape}")
    if not np.isfinite(values).all():
        raise ValueError(f"{name} is not finite")


def _check_selectors(values: Any, domains: int) -> None:
    """Those of before the others' sentences were seen have no weights for them."""
    wide = len(SELECTED_BY)
    if getattr(values, "shape", None) != (domains, wide):
        wide += domains - 1
    _check("selector_coef_", values, (domains, wide))
