"""A sentence whose words stood apart by tabs, breaks or unbreakable blanks was never a finding."""

from __future__ import annotations

import pytest

from riskscan.detect.model import load_model
from riskscan.paths import shipped_model

DULL = (
    "The quarterly picnic will take place in the park near the office and everybody is welcome. "
    "Please bring salad, and blankets for the little ones. "
)
CONCERN = "Please hide this from the auditors and shred the memo."


@pytest.mark.parametrize("apart", ["\u00a0", "\t", "\u2009"])
def test_the_same_finding(apart: str) -> None:
    model = load_model(shipped_model("detector"))
    plain, other = model.assess(
        [f"{DULL}\n\n{body}\n\n{DULL}" for body in (CONCERN, CONCERN.replace(" ", apart))]
    )
    assert plain.findings[0].text.endswith(CONCERN)
    assert other.findings[0].text.endswith(CONCERN.replace(" ", apart))
    assert other.signals == plain.signals


def test_blanks_are_no_words() -> None:
    model = load_model(shipped_model("detector"))
    (answer,) = model.assess([f"Hide    it!!\n\n{CONCERN}"])
    assert answer.findings[0].text == CONCERN
