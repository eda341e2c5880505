"""A message under the Message-ID of another one is stored; it was hidden as a duplicate.

So are people that the copy read first does not name: a sender, who got a blind copy, counsel.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from riskscan.scanning import run_scan

LETTER = """\
From a@quay.example Tue Mar  5 08:00:00 2024
From: {sender}
To: {to}
Date: {date}
Message-ID: <same@quay.example>
Subject: {subject}

{text}

"""
LUNCH = {
    "sender": "a@quay.example", "to": "b@quay.example", "subject": "Lunch", "text": "At noon?",
    "date": "Tue, 5 Mar 2024 08:00:00 +0000",
}  # fmt: skip
LATER = {"date": "Wed, 6 Mar 2024 09:30:00 +0000"}
BOOKS = LUNCH | {"sender": "c@quay.example", "text": "Shred the ledger before they come."}


def scanned(folder: Path, letters: list[dict[str, str]], together: bool) -> tuple[int, int, int]:
    """Stored messages, duplicates, and those with other dates."""
    boxes = [letters] if together else [[one] for one in letters]
    for number, box in enumerate(boxes):
        text = "".join(LETTER.format(**one) for one in box)
        (folder / f"{number}.mbox").write_text(text)
    summary = run_scan(sorted(folder.glob("*.mbox")), folder / "case", entities="none")
    assert summary.adds_up
    return summary.stored, summary.duplicates, summary.differing_duplicates


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize(
    "other",
    [{"text": "Shred the ledger."}, {"subject": "Books"}, BOOKS],
    ids=["text", "subject", "all"],
)
def test_another_message_is_stored(tmp_path: Path, other: dict[str, str], together: bool) -> None:
    letters = [LUNCH, LUNCH | other, LUNCH | other, LUNCH]
    assert scanned(tmp_path, letters, together) == (2, 2, 0)


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize(
    "other",
    [
        {"to": "b@quay.example, d@quay.example"},
        {"to": "b@quay.example\nBcc: reporter@news.example"},
        {"to": "b@quay.example\nCc: counsel@law.example"},
        {"sender": "eve@evil.example"},
    ],
    ids=["to", "bcc", "cc", "from"],
)
def test_a_message_with_other_people_is_stored(
    tmp_path: Path, other: dict[str, str], together: bool
) -> None:
    assert scanned(tmp_path, [LUNCH, LUNCH | other, LUNCH | other], together) == (2, 1, 0)


@pytest.mark.parametrize("together", [True, False])
def test_a_copy_with_another_date_is_a_copy(tmp_path: Path, together: bool) -> None:
    assert scanned(tmp_path, [LUNCH, LUNCH | LATER], together) == (1, 1, 1)


@pytest.mark.parametrize("together", [True, False])
def test_a_copy_of_the_second_of_an_id_is_a_copy_of_the_second(
    tmp_path: Path, together: bool
) -> None:
    again = BOOKS | LATER
    assert scanned(tmp_path, [LUNCH, BOOKS, again, LUNCH], together) == (2, 2, 1)
