"""``evaluate`` measured on a text of the training when a line had been added to its paragraph."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskscan.learn.seen import load_hashes, save_hashes, seen

WRITTEN = "We moved the second invoice to the other ledger. " * 5
MORE = f"{WRITTEN} Sent from a telephone."
MAIL = f"Ledger\n\n{WRITTEN}"


@pytest.mark.parametrize(
    ("learnt", "asked"),
    [(WRITTEN, MORE), (MAIL, MORE), (WRITTEN, f"Another\n\n{MORE}"), (MORE, WRITTEN)],
)
def test_it_is_known_by_its_beginning(tmp_path: Path, learnt: str, asked: str) -> None:
    save_hashes([learnt], tmp_path)
    hashes = load_hashes(tmp_path)
    assert hashes is not None
    assert seen([asked, "Another text altogether."], hashes).tolist() == [True, False]
