"""Of equal sentences the first is shown, whatever else is in the batch, on any processor."""

from __future__ import annotations

from labelled_building import CONCERN, examples, fitted, one_thread

SAID = CONCERN["concealment"][0]


def test_the_first_of_equal_sentences_is_the_finding() -> None:
    text = " ".join(["The minutes are attached.", SAID] * 9 + ["The minutes are attached."])
    others = [e.text for e in examples(40, seed=7)]
    with one_thread():
        for count in range(0, 40, 3):
            *_, found = fitted().assess([*others[:count], text])
            assert found.findings[0].start == text.index(SAID)
