"""RiskClassifier keeps scikit-learn's promises, as far as texts go, and its own."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest
import sklearn
from labelled_building import CONCERN, examples, fitted, one_thread
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.metrics import get_scorer
from sklearn.model_selection import GridSearchCV, GroupKFold, cross_val_score
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import parametrize_with_checks

from riskscan.detect.assessment import SIGNALS
from riskscan.detect.classifier import RiskClassifier

SOME = examples()
TEXTS = [e.text for e in SOME]
FLAGS = np.array([e.flag for e in SOME])
GROUPS = np.array([e.group for e in SOME])
EVIDENCE = [e.evidence for e in SOME]
OTHERS = [e.text for e in examples(24, seed=5)]


@pytest.fixture(autouse=True)
def _quick() -> Iterator[None]:
    with one_thread():
        yield


@pytest.fixture
def routing() -> Iterator[None]:
    with sklearn.config_context(enable_metadata_routing=True):
        yield


def _new(**parameters: Any) -> RiskClassifier:
    return RiskClassifier(folds=2, **parameters)


# scikit-learn's own checks


class AsIfNumbers(RiskClassifier):
    """Told to be for numeric tables, so that scikit-learn runs every check and not one alone."""

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = True
        tags.input_tags.string = False
        return tags


_NUMBERS = "fits a table of numbers; here: "
# Each with the test below that does the same with texts.
NEED_NUMBERS = {
    "check_fit_score_takes_y": _NUMBERS + "test_cross_validation",
    "check_estimators_overwrite_params": _NUMBERS + "test_fit_leaves_its_parameters_alone",
    "check_dont_overwrite_parameters": _NUMBERS + "test_fit_leaves_its_parameters_alone",
    "check_estimators_fit_returns_self": _NUMBERS + "test_fit_returns_itself",
    "check_readonly_memmap_input": _NUMBERS + "test_containers_of_texts",
    "check_n_features_in_after_fitting": "texts have no number of features",
    "check_positive_only_tag_during_fit": "texts have no sign",
    "check_estimators_dtypes": _NUMBERS + "test_containers_of_texts",
    "check_sample_weights_pandas_series": _NUMBERS + "test_containers_of_weights",
    "check_sample_weights_not_an_array": _NUMBERS + "test_containers_of_weights",
    "check_sample_weights_list": _NUMBERS + "test_containers_of_weights",
    "check_all_zero_sample_weights_error": _NUMBERS + "test_bad_columns",
    "check_sample_weights_shape": _NUMBERS + "test_bad_columns",
    "check_sample_weights_not_overwritten": _NUMBERS + "test_fit_leaves_its_input_alone",
    "check_sample_weight_equivalence_on_dense_data": "a weight sets the rate, it is no repetition",
    "check_complex_data": "the sentence is about strings; here: test_not_texts",
    "check_dtype_object": "the sentence is about strings; here: test_not_texts",
    "check_estimators_empty_data_messages": "no features; here: test_no_text_and_one_class",
    "check_pipeline_consistency": _NUMBERS + "test_in_a_pipeline",
    "check_estimators_nan_inf": "texts hold no NaN; here: test_not_texts",
    "check_estimator_sparse_tag": "texts are not sparse",
    "check_estimator_sparse_array": "texts are not sparse",
    "check_estimator_sparse_matrix": "texts are not sparse",
    "check_estimators_pickle": "models are saved without pickle; here: test_model_file.py",
    "check_f_contiguous_array_estimator": "texts have no memory order",
    "check_classifier_data_not_an_array": _NUMBERS + "test_containers_of_texts",
    "check_classifiers_one_label": "two classes are needed; here: test_no_text_and_one_class",
    "check_classifiers_one_label_sample_weights": _NUMBERS + "test_no_text_and_one_class",
    "check_classifiers_classes": "the classes are 0 and 1; here: test_bad_columns",
    "check_classifiers_train": _NUMBERS + "test_it_learns",
    "check_classifiers_regression_target": _NUMBERS + "test_bad_columns",
    "check_supervised_y_2d": _NUMBERS + "test_bad_columns",
    "check_decision_proba_consistency": _NUMBERS + "test_probabilities",
    "check_classifier_not_supporting_multiclass": _NUMBERS + "test_bad_columns",
    "check_methods_sample_order_invariance": _NUMBERS + "test_order_and_batches_do_not_matter",
    "check_methods_subset_invariance": _NUMBERS + "test_order_and_batches_do_not_matter",
    "check_fit2d_1sample": _NUMBERS + "test_no_text_and_one_class",
    "check_fit2d_1feature": "texts have no number of features",
    "check_dict_unchanged": _NUMBERS + "test_scoring_changes_nothing",
    "check_fit_idempotent": _NUMBERS + "test_same_data_same_model",
    "check_fit_check_is_fitted": _NUMBERS + "test_not_fitted",
    "check_n_features_in": "texts have no number of features",
    "check_fit2d_predict1d": "texts are one-dimensional",
    "check_requires_y_none": "the sentence is another; here: test_bad_columns",
    "check_array_api_input": "texts are no array",
}


@parametrize_with_checks(
    [RiskClassifier(), AsIfNumbers()], expected_failed_checks=lambda _: NEED_NUMBERS
)
def test_scikit_learn_checks(estimator: Any, check: Any) -> None:
    check(estimator)


# the same with texts


def test_fit_returns_itself() -> None:
    model = _new()
    assert model.fit(TEXTS, FLAGS, evidence=EVIDENCE) is model


def test_it_learns() -> None:
    model = fitted()
    held = examples(30, seed=9)
    scores = model.predict_proba([e.text for e in held])[:, 1]
    flags = np.array([e.flag for e in held])
    assert scores[flags == 1].min() > scores[flags == 0].max()
    assert model.classes_.tolist() == [0, 1]
    assert model.score([e.text for e in held], flags) >= 0.8


def test_probabilities() -> None:
    model = fitted()
    both = model.predict_proba(OTHERS)
    assert both.shape == (len(OTHERS), 2)
    assert ((both >= 0) & (both <= 1)).all()
    np.testing.assert_allclose(both.sum(axis=1), 1)
    flagged = np.clip(both[:, 1], 1e-12, 1 - 1e-12)
    odds = np.log(flagged / (1 - flagged))
    np.testing.assert_allclose(model.decision_function(OTHERS), odds, rtol=1e-6)
    assert (model.predict(OTHERS) == (both[:, 1] >= model.threshold)).all()


def test_the_threshold_decides() -> None:
    model = clone(fitted())
    model.__dict__.update(vars(fitted()))
    scores = fitted().predict_proba(OTHERS)[:, 1]
    between = float(np.sort(scores)[-3:-1].mean())
    assert model.set_params(threshold=between).predict(OTHERS).sum() == 2
    flagged = [bool(answer.signals) for answer in model.assess(OTHERS)]
    assert flagged == [s >= between for s in scores]


def test_not_fitted() -> None:
    for name in ("predict", "predict_proba", "decision_function", "assess"):
        with pytest.raises(NotFittedError):
            getattr(RiskClassifier(), name)(TEXTS)
    with pytest.raises(NotFittedError):
        RiskClassifier().explain("a text")


def test_fit_leaves_its_parameters_alone() -> None:
    model = _new(threshold=0.3, random_state=4)
    before = model.get_params()
    model.fit(TEXTS, FLAGS, evidence=EVIDENCE)
    assert model.get_params() == before
    learnt = set(vars(model)) - set(before)
    assert all(name.endswith("_") or name.startswith("_") for name in learnt)


def test_fit_leaves_its_input_alone() -> None:
    texts, flags, weights = list(TEXTS), FLAGS.copy(), np.linspace(1, 2, len(FLAGS))
    before = weights.copy()
    _new().fit(texts, flags, sample_weight=weights, evidence=EVIDENCE)
    assert texts == TEXTS
    assert (flags == FLAGS).all()
    assert (weights == before).all()


def test_scoring_changes_nothing() -> None:
    model = fitted()
    before = {k: v for k, v in vars(model).items() if not k.startswith("_")}
    mark = model.fingerprint
    model.predict(OTHERS)
    model.assess(OTHERS)
    model.explain(OTHERS[0])
    after = {k: v for k, v in vars(model).items() if not k.startswith("_")}
    assert before.keys() == after.keys()
    assert all(before[k] is after[k] for k in before)
    assert model.fingerprint == mark


def test_same_data_same_model() -> None:
    first, second = (_new().fit(TEXTS, FLAGS, groups=GROUPS, evidence=EVIDENCE) for _ in range(2))
    assert first.fingerprint == second.fingerprint
    assert (first.predict_proba(OTHERS) == second.predict_proba(OTHERS)).all()
    # Fitted again on other data, nothing of the first is left.
    flipped = second.fit(OTHERS, [e.flag for e in examples(24, seed=5)])
    fresh = _new().fit(OTHERS, [e.flag for e in examples(24, seed=5)])
    assert flipped.fingerprint == fresh.fingerprint != first.fingerprint


def test_containers_of_texts() -> None:
    import pandas as pd

    model = fitted()
    expected = model.predict_proba(OTHERS)
    for kind in (tuple, np.array, pd.Series, lambda x: np.array(x, dtype=object)):
        assert (model.predict_proba(kind(OTHERS)) == expected).all()
    mark = _new().fit(TEXTS, FLAGS, evidence=EVIDENCE).fingerprint
    series = pd.Series(TEXTS, index=range(500, 500 + len(TEXTS)))
    flags = pd.Series(FLAGS, index=series.index)
    assert _new().fit(series, flags, evidence=EVIDENCE).fingerprint == mark
    assert _new().fit(np.array(TEXTS), FLAGS.astype(bool), evidence=EVIDENCE).fingerprint == mark


def test_containers_of_weights() -> None:
    import pandas as pd

    weights = np.where(FLAGS == 1, 1.0, 4.0)
    marks = {
        _new().fit(TEXTS, FLAGS, sample_weight=kind(weights), evidence=EVIDENCE).fingerprint
        for kind in (np.array, list, lambda w: pd.Series(w, index=range(7, 7 + len(w))))
    }
    assert len(marks) == 1


def test_weights_set_the_rate() -> None:
    # Some labels are wrong on purpose: where nothing is in doubt, no rate matters.
    flags = np.where(np.arange(len(FLAGS)) % 7 == 0, 1 - FLAGS, FLAGS)
    common = _new().fit(TEXTS, flags)
    rare = _new().fit(TEXTS, flags, sample_weight=np.where(flags == 1, 1.0, 30.0))
    assert rare.predict_proba(OTHERS)[:, 1].mean() < common.predict_proba(OTHERS)[:, 1].mean()


def test_what_some_readers_would_flag_scores_higher() -> None:
    said = CONCERN["concealment"][1]
    doubted = [f"Note {n}\n\n{said}" for n in range(8)]
    texts, flags = TEXTS + doubted, np.append(FLAGS, np.zeros(8, int))
    never, sometimes = (
        _new().fit(texts, flags, chances=np.append(FLAGS, np.full(8, chance)))
        for chance in (0.0, 0.4)
    )
    asked = [f"Note 9\n\n{said}"]
    assert sometimes.predict_proba(asked)[0, 1] > 2 * never.predict_proba(asked)[0, 1]


def test_what_one_reader_of_a_hundred_would_flag_is_heard() -> None:
    said = CONCERN["concealment"][1]
    doubted = [f"Note {n}\n\n{said}" for n in range(8)]
    texts, flags = TEXTS + doubted, np.append(FLAGS, np.zeros(8, int))
    never, rarely = (
        _new()
        .fit(texts, flags, chances=np.append(FLAGS, np.full(8, chance)))
        .decision_function([f"Note 9\n\n{said}"])[0]
        for chance in (0.0, 0.01)
    )
    assert rarely > never + np.log(3)


def test_what_was_picked_and_is_not_flagged_is_heard_little() -> None:
    said = CONCERN["concealment"][1]
    hard = [f"Note {n}\n\n{said}" for n in range(8)]
    texts, flags = TEXTS + hard, np.append(FLAGS, np.zeros(8, int))
    asked = [f"Note 9\n\n{said}"]
    sampled, picked = (
        _new()
        .fit(texts, flags, sample_weight=np.append(np.ones(len(FLAGS)), np.full(8, weight)))
        .decision_function(asked)[0]
        for weight in (1e-9, 0.0)
    )
    assert picked > sampled + 0.3


def test_flags_are_the_chances_where_nobody_tells_them() -> None:
    told = _new().fit(TEXTS, FLAGS, chances=FLAGS.astype(float), evidence=EVIDENCE)
    assert told.fingerprint == _new().fit(TEXTS, FLAGS, evidence=EVIDENCE).fingerprint


def test_order_and_batches_do_not_matter() -> None:
    model = fitted()
    # More than any batch inside, of very different lengths.
    many = [text * (1 + i % 7) for i, text in enumerate(OTHERS * 25)]
    together = model.predict_proba(many)
    shuffled = np.random.default_rng(0).permutation(len(many))
    np.testing.assert_allclose(
        model.predict_proba([many[i] for i in shuffled]), together[shuffled], rtol=1e-12
    )
    alone = np.vstack([model.predict_proba([text]) for text in many[:20]])
    np.testing.assert_allclose(alone, together[:20], rtol=1e-12)
    in_one, one_by_one = model.assess(many[:20]), [model.assess([t])[0] for t in many[:20]]
    for a, b in zip(in_one, one_by_one, strict=True):
        assert a.signals == b.signals
        assert [(f.start, f.end, f.signal) for f in a.findings] == [
            (f.start, f.end, f.signal) for f in b.findings
        ]


def test_clone_and_parameters() -> None:
    model = _new(threshold=0.25, c_words=3.0)
    copy = clone(model)
    assert copy is not model
    assert copy.get_params() == model.get_params()
    assert copy.set_params(c_words=1.5).c_words == 1.5
    assert not hasattr(clone(fitted()), "classes_")
    with pytest.raises(ValueError, match="no_such"):
        model.set_params(no_such=1)


def test_in_a_pipeline() -> None:
    line = Pipeline([("same", FunctionTransformer()), ("risk", _new())])
    line.fit(TEXTS, FLAGS, risk__groups=GROUPS, risk__evidence=EVIDENCE)
    alone = _new().fit(TEXTS, FLAGS, groups=GROUPS, evidence=EVIDENCE)
    assert (line.predict_proba(OTHERS) == alone.predict_proba(OTHERS)).all()
    assert clone(line).get_params()["risk__folds"] == 2


def test_cross_validation() -> None:
    scores = cross_val_score(
        _new(), TEXTS, FLAGS, groups=GROUPS, cv=GroupKFold(2), scoring="average_precision"
    )
    assert scores.min() > 0.5


def test_cross_validation_with_metadata(routing: None) -> None:
    asked = _new().set_fit_request(sample_weight=True, groups=True, evidence=True, signals=True)
    scorer = get_scorer("roc_auc").set_score_request(sample_weight=True)
    scores = cross_val_score(
        asked,
        TEXTS,
        FLAGS,
        cv=GroupKFold(2),
        scoring=scorer,
        params={
            "sample_weight": np.where(FLAGS == 1, 1.0, 3.0),
            "groups": GROUPS,
            "evidence": EVIDENCE,
            "signals": [e.signals for e in SOME],
        },
    )
    assert len(scores) == 2
    assert scores.min() > 0.7


def test_grid_search() -> None:
    search = GridSearchCV(
        _new(), {"c_words": [0.1, 10.0]}, cv=GroupKFold(2), scoring="neg_log_loss"
    )
    search.fit(TEXTS, FLAGS, groups=GROUPS)
    tried = search.cv_results_["mean_test_score"].tolist()
    assert search.best_score_ == max(tried) > min(tried)
    assert search.best_estimator_.c_words == search.best_params_["c_words"]
    assert search.predict_proba(OTHERS).shape == (len(OTHERS), 2)


# faults


@pytest.mark.parametrize("texts", ["one text", [1.5, 2.5], [None, "a"], [b"bytes", "a"]])
def test_not_texts(texts: Any) -> None:
    with pytest.raises(ValueError, match="X must"):
        _new().fit(texts, [0, 1])
    with pytest.raises(ValueError, match="X must"):
        fitted().predict(texts)


@pytest.mark.parametrize(
    "column",
    [
        {"y": FLAGS[:-1]},
        {"y": np.where(FLAGS == 1, 0.7, 0.2)},
        {"y": np.arange(len(FLAGS)) % 3},
        {"y": np.where(FLAGS == 1, 1, -1)},
        {"y": np.where(FLAGS == 1, 1, np.nan)},
        {"y": np.column_stack([FLAGS, FLAGS])},
        {"y": None},
        {"sample_weight": np.ones(3)},
        {"sample_weight": np.zeros(len(FLAGS))},
        {"sample_weight": np.where(FLAGS == 1, -1.0, 1.0)},
        {"sample_weight": np.where(FLAGS == 1, np.nan, 1.0)},
        {"groups": GROUPS[:-1]},
        {"evidence": EVIDENCE[:-1]},
        {"signals": [()] * (len(FLAGS) - 1)},
        {"chances": FLAGS[:-1]},
        {"chances": FLAGS * 1.5},
        {"chances": np.where(FLAGS == 1, np.nan, 0.0)},
        {"chances": np.zeros(len(FLAGS))},
        {"chances": np.column_stack([FLAGS, FLAGS])},
    ],
    ids=lambda c: f"{next(iter(c))}-{str(next(iter(c.values())))[:12]}",
)
def test_bad_columns(column: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"^[\w ]+") as caught:
        _new().fit(TEXTS, **{"y": FLAGS, "evidence": EVIDENCE, **column})
    assert next(iter(column)) in str(caught.value)


@pytest.mark.parametrize("texts", [[], TEXTS[:1], TEXTS[1:5]])
def test_no_text_and_one_class(texts: list[str]) -> None:
    with pytest.raises(ValueError, match="both classes"):
        _new().fit(texts, FLAGS[1 : 1 + len(texts)] * 0)


@pytest.mark.parametrize(
    "text",
    ["", "   \n\t", "\x00", "\ud800 lone", "¿", "a" * 50_000, "x\n" * 5_000, "\U0001f40d" * 9],
)
def test_odd_texts_get_a_score(text: str) -> None:
    model = fitted()
    scores = model.predict_proba([text])
    assert scores.shape == (1, 2)
    assert np.isfinite(scores).all()
    answer = model.assess([text])[0]
    assert all(text[f.start : f.end] == f.text for f in answer.findings)
    model.explain(text)
    # Beside others it is the same.
    np.testing.assert_allclose(model.predict_proba([OTHERS[0], text])[1], scores[0], rtol=1e-12)


def test_no_texts_to_score() -> None:
    model = fitted()
    assert model.predict_proba([]).shape == (0, 2)
    assert model.predict([]).shape == (0,)
    assert model.assess([]) == []


# its own promises


def test_findings_are_the_sentences_that_say_it() -> None:
    for example, answer in zip(SOME, fitted().assess(TEXTS), strict=True):
        assert all(example.text[f.start : f.end] == f.text for f in answer.findings)
        scores = [f.score for f in answer.findings]
        assert scores == sorted(scores, reverse=True)
        assert set(answer.signals) <= set(SIGNALS)
        if example.flag and answer.signals:
            assert example.evidence[0] in answer.findings[0].text
    assert any(answer.signals for answer in fitted().assess(TEXTS))


def test_assess_scores_as_predict_proba_does() -> None:
    model = fitted()
    assert [a.score for a in model.assess(OTHERS)] == pytest.approx(
        model.predict_proba(OTHERS)[:, 1].tolist()
    )


@pytest.mark.parametrize("text", [OTHERS[0], OTHERS[1], CONCERN["concealment"][0]])
def test_the_explanation_adds_up(text: str) -> None:
    model = fitted()
    told = model.explain(text)
    odds = np.log(told.assessment.score / (1 - told.assessment.score))
    # Odds of 1 to a million million are all that a score near 1 can tell apart.
    assert sum(told.parts.values()) == pytest.approx(odds, abs=1e-3)
    assert told.assessment.score == pytest.approx(model.predict_proba([text])[0, 1])
    weights = [abs(weight) for _, weight in told.words]
    assert weights == sorted(weights, reverse=True)


def test_the_explanation_names_the_words() -> None:
    words = [
        name for name, weight in fitted().explain(CONCERN["concealment"][0]).words if weight > 0
    ]
    said = " ".join(words[:10])
    assert any(word in said for word in ("trace", "books", "nobody", "hide"))


def test_without_evidence_it_still_finds_the_sentence() -> None:
    model = _new().fit(TEXTS, FLAGS, groups=GROUPS)
    hits = [
        example.evidence[0] in answer.findings[0].text
        for example, answer in zip(SOME, model.assess(TEXTS), strict=True)
        if example.flag
    ]
    assert sum(hits) >= 0.7 * len(hits)


def test_words_and_base_rates_add_up_to_the_log_odds() -> None:
    # Less sure than the default, whose log-odds end at what a probability can say.
    model = _new(c_words=1.0, c_subwords=1.0).fit(TEXTS, FLAGS, groups=GROUPS, evidence=EVIDENCE)
    for text in (OTHERS[0], CONCERN["spoliation"][0]):
        told = model.explain(text)
        aggregator = model.aggregators_[0]
        levels = aggregator.coef_[0] @ np.array(
            [model.word_intercept_[0], model.subword_intercept_[0], model.sentence_intercept_[0]]
        )
        total = sum(weight for _, weight in told.words) + levels + aggregator.intercept_[0]
        assert total == pytest.approx(model.decision_function([text])[0], abs=1e-4)


def test_the_best_sentence_counts_where_texts_are_short() -> None:
    told = fitted().explain(CONCERN["spoliation"][0])
    assert "best sentence (text)" in told.parts
    rest = " ".join(f"We met on day {i} and talked about the weather." for i in range(8))
    long = [f"{text} {rest}" for text in TEXTS]
    model = _new().fit(long, FLAGS, groups=GROUPS)
    assert not [part for part in model.explain(long[0]).parts if part.startswith("best sentence")]


REST = " ".join(f"We met on day {i} and talked about the weather." for i in range(8))
LONG = [f"{text} {REST}" for text in TEXTS]
BAD = [concern for several in CONCERN.values() for concern in several]


@cache
def _quoting() -> RiskClassifier:
    """Learnt from long texts of which the flagged ones answer to a concern, most others do not."""
    quoted = [
        BAD[i % len(BAD)] if flag or i % 10 == 1 else "" if i % 3 else OTHERS[i % len(OTHERS)]
        for i, flag in enumerate(FLAGS.tolist())
    ]
    with one_thread():
        return _new().fit(LONG, FLAGS, groups=GROUPS, evidence=EVIDENCE, quoted=quoted)


def test_what_a_long_text_quotes_counts_and_is_not_shown() -> None:
    model, text = _quoting(), f"I concur. {REST}"
    plain, fine, bad = model.predict_proba([text] * 3, ["", "Lunch is at noon.", BAD[0]])[:, 1]
    assert bad > max(plain, fine)
    assert model.predict_proba([text])[0, 1] == plain == model.predict_proba([text], [" "])[0, 1]
    (answer,) = model.assess([text], [BAD[0]])
    assert answer.score == bad
    assert all(found.text in text for found in answer.findings)
    with pytest.raises(ValueError, match="quoted has 1"):
        model.predict([text, text], [""])


def test_what_is_quoted_is_explained_too() -> None:
    model, text = _quoting(), f"I concur. {REST}"
    told = model.explain(text, BAD[0])
    assert sum(told.parts.values()) == pytest.approx(
        model.decision_function([text], [BAD[0]])[0], abs=1e-3
    )
    assert told.parts["quoted text (text)"] != 0
    assert "licence" in {name for name, _ in told.words}
    assert model.explain(text).parts["quoted text (text)"] == 0
    assert "boosted trees (text)" in told.parts


def test_quotations_of_one_class_alone_teach_nothing() -> None:
    model = _new().fit(LONG, FLAGS, groups=GROUPS, quoted=[BAD[0] * flag for flag in FLAGS])
    assert (
        model.predict_proba(LONG[:1], [BAD[0]]).tolist() == model.predict_proba(LONG[:1]).tolist()
    )
