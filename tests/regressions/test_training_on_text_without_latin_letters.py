"""Text without Latin letters has no pieces of words: ``fit`` ended in a fault of scikit-learn."""

from __future__ import annotations

import numpy as np
from labelled_building import one_thread

from riskscan.detect.classifier import RiskClassifier

CONCERN = "Спрячь это от аудита, {}. Никому не говори!"
ROUTINE = "Обед в полдень, {}. Хорошо?"


def test_it_is_learnt_from() -> None:
    words = ["ааа", "ббб", "ввв", "ггг", "ддд", "еее"]
    texts = [line.format(word) for word in words for line in (CONCERN, ROUTINE)]
    with one_thread():
        model = RiskClassifier(folds=2).fit(texts, [1, 0] * len(words))
    scores = model.predict_proba(texts)[:, 1]
    # "!" and "?" are all that it can read.
    assert np.isfinite(scores).all()
    assert scores[::2].min() > scores[1::2].max()
