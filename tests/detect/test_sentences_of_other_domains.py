"""Which sentence of a mail is shown: the sentence models of the other domains are heard too."""

from __future__ import annotations

import random
from functools import cache

import numpy as np

from riskscan.detect.classifier import RiskClassifier

PLACES = ["Oslo", "Lima", "Perth", "Quito", "Turin", "Hanoi", "Ghent", "Cork"]
# Said in posts by many, of these in mail each by one,
SAID = [
    "we torched the {} ledger", "we buried the {} report", "we faked the {} reading",
    "we forged the {} permit", "we hid the {} spill", "we bribed the {} clerk",
]  # fmt: skip
# and these in posts alone.
NEW = ["we skimmed the {} till", "we doctored the {} chart", "we rigged the {} vote"]
PLAIN = [
    "we filed the {} ledger", "we printed the {} report", "we took the {} reading",
    "we renewed the {} permit", "we marked the {} quay", "we thanked the {} clerk",
]  # fmt: skip


@cache
def learnt() -> RiskClassifier:
    draw = random.Random(3)
    texts: list[str] = []
    flags: list[int] = []
    domains: list[str] = []
    evidence: list[list[str]] = []

    def add(text: str, said: str, domain: str) -> None:
        texts.append(text)
        flags.append(int(bool(said)))
        domains.append(domain)
        evidence.append([said] if said else [])

    for number in range(240):
        said = [*SAID, *NEW][number % 9].format(draw.choice(PLACES))
        add(said, said, "post")
        add(PLAIN[number % 6].format(draw.choice(PLACES)), "", "post")
    for number in range(60):
        lines = [
            f"{draw.choice(PLAIN).format(draw.choice(PLACES)).capitalize()}." for _ in "12345678"
        ]
        add("Quay\n\n" + " ".join(lines), "", "mail")
        if number % 10 == 0:
            said = SAID[number // 10].format(draw.choice(PLACES)).capitalize()
            lines[draw.randrange(8)] = said + "."
            add("Quay\n\n" + " ".join(lines), said, "mail")
    model = RiskClassifier(folds=2)
    return model.fit(texts, flags, domains=domains, evidence=evidence)


def shown(model: RiskClassifier) -> int:
    """Of twelve mails, in how many the finding holds what is said, and little beside it."""
    draw = random.Random(5)
    right = 0
    for number in range(12):
        lines = [
            f"{draw.choice(PLAIN).format(draw.choice(PLACES)).capitalize()}." for _ in "12345678"
        ]
        said = NEW[number % 3].format(draw.choice(PLACES)).capitalize()
        lines[draw.randrange(8)] = said + "."
        (finding, *_) = model.assess(["Quay\n\n" + " ".join(lines)])[0].findings
        right += said in finding.text and len(finding.text) < 3 * len(said)
    return right


def test_what_posts_teach_shows_the_sentence_in_a_mail() -> None:
    assert shown(learnt()) >= 11


def test_a_model_learnt_before_the_other_domains_were_heard_still_ranks() -> None:
    model = learnt()
    text = f"Quay\n\nWe thanked the Cork clerk. {SAID[0].format('Oslo').capitalize()}."
    whole = model.selector_coef_
    try:
        model.selector_coef_ = np.zeros((2, whole.shape[1] - 1))
        model.selector_coef_[:, 0] = 1.0
        assert "torched" in model.assess([text])[0].findings[0].text
    finally:
        model.selector_coef_ = whole
