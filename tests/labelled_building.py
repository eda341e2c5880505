"""Invented labelled messages, and detectors trained on them, for the tests of learning."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from riskscan.detect.classifier import RiskClassifier
from riskscan.learn.data import DataSet, Example

CONCERN = {
    "legal_doubt": [
        "I doubt that shipping the pumps without a licence is legal.",
        "Are we even allowed to sell these records to a third party?",
        "This could be a breach of the export rules and we know it.",
    ],
    "concealment": [
        "Keep it off the books so that nobody can trace it back.",
        "Let us hide the second invoice from the auditors.",
        "Call me about the valve, I will not put that in writing.",
    ],
    "spoliation": [
        "Delete the thread before the inspectors come on Monday.",
        "Please shred the drafts, the regulator must not see them.",
    ],
}
ROUTINE = [
    "Please review the attached schedule before Friday.",
    "The legal team will mark up section four of the agreement.",
    "Lunch is at noon in the small meeting room.",
    "The auditors arrive on Monday, coffee is in the lobby.",
    "The pumps were shipped from the harbour yesterday.",
    "Minutes of the call are attached for your records.",
    "Can you send me the phone number of the printer shop?",
    "The licence fee for the text editor is due in March.",
]
PLACES = ["Oslo", "Lima", "Perth", "Quito", "Turin", "Hanoi", "Ghent", "Cork"]


def examples(count: int = 60, seed: int = 0, *, marked: bool = True) -> list[Example]:
    """Messages of two a thread; in every third thread one of them voices a concern."""
    draw = random.Random(seed)
    made = []
    for number in range(count):
        lines = [f"{draw.choice(PLACES)} desk, note {seed}-{number}.", *draw.sample(ROUTINE, 3)]
        flag = int(number % 6 == 0)
        signal = draw.choice(sorted(CONCERN))
        if flag:
            lines[draw.randrange(1, 4)] = bad = draw.choice(CONCERN[signal])
        made.append(
            Example(
                text=f"Note {number}\n\n{' '.join(lines)}\n",
                flag=flag,
                signals=(signal,) if flag and marked else (),
                evidence=(bad,) if flag and marked else (),
                group=f"{seed}-{number // 2}",
                weight=1.0 if flag else 3.0,
                unsure=number % 20 == 7,
            )
        )
    return made


def data_set(count: int = 60, seed: int = 0, name: str = "labels.jsonl") -> DataSet:
    """``examples`` as a data set."""
    return DataSet(name, tuple(examples(count, seed)))


def write_jsonl(file: Path, rows: Sequence[Example | dict[str, Any]]) -> Path:
    """A .jsonl file of examples or rows."""
    lines = [json.dumps(row if isinstance(row, dict) else as_row(row)) for row in rows]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def as_row(example: Example) -> dict[str, Any]:
    """The columns of one example, subject and authored text apart."""
    subject, authored = example.text.split("\n\n", 1)
    return {
        "subject": subject,
        "authored": authored,
        "flag": example.flag,
        "signals": list(example.signals),
        "evidence": list(example.evidence),
        "group": example.group,
        "weight": example.weight,
        "unsure": int(example.unsure),
    }


@contextmanager
def one_thread() -> Iterator[None]:
    """On few texts and many tests at once, linear algebra on several threads only costs time."""
    with threadpool_limits(limits=1):
        yield


@cache
def fitted() -> RiskClassifier:
    """A classifier fitted on 60 examples, the same for all tests: do not change it."""
    some = examples()
    with one_thread():
        return RiskClassifier(folds=2).fit(
            [e.text for e in some],
            [e.flag for e in some],
            groups=[e.group for e in some],
            evidence=[e.evidence for e in some],
            signals=[e.signals for e in some],
        )
