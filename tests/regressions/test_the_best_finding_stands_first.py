"""A case told the findings of a message by the score of their sentence, not as the detector ranked
them: what shows best why a message scored could stand second."""

from __future__ import annotations

from pathlib import Path

from riskscan.case.read import Case
from riskscan.detect.model import load_model
from riskscan.paths import shipped_model
from riskscan.scanning import scan

BETWEEN = (
    " The canteen opens at noon on weekdays and closes at two. The new printer on the third floor "
    "works again, please report any trouble with it to the service desk by mail. Parking is free "
    "on Friday. "
) * 2
FIRST = "please delete this mail after you have read it, the inspectors are here on Tuesday"
TEXTS = [
    f"{FIRST}{BETWEEN}{second}"
    for second in (
        "throw the sample sheets away before the inspector sees them",
        "remove my name from the minutes before you hand them to the regulator",
        "take the complaint out of the file before the surveyor reads it",
    )
]


def test_findings_come_as_the_detector_ranks_them(tmp_path: Path) -> None:
    export = tmp_path / "posts.mbox"
    with export.open("w") as file:
        for number, text in enumerate(TEXTS):
            file.write(f"From a@b.example Mon Mar  4 09:0{number}:00 2024\nFrom: a@b.example\n")
            file.write(f"Message-ID: <{number}@b.example>\nSubject: Note\n\n{text}\n\n")
    scan([export], tmp_path / "case", entities="none", workers=0)
    expected = {}
    asked = [f"Note\n\n{text}" for text in TEXTS]
    for text, told in zip(TEXTS, load_model(shipped_model("detector")).assess(asked), strict=True):
        expected[text] = [finding.text for finding in told.findings]
    assert all(len(several) > 1 for several in expected.values())
    found = {}
    for record in Case(tmp_path / "case").records():
        found[record["body"].strip()] = [finding["text"] for finding in record["findings"]]
    assert found == expected
