"""A training text was not known again where the labels have no subject: its figures flattered."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from riskscan.learn.seen import FILE, load_hashes, save_hashes, seen, text_hash

WRITTEN = "Please keep the tally sheets of berth nine out of the ledger until spring."


def test_a_text_is_known_again_without_its_subject_and_with_another(tmp_path: Path) -> None:
    save_hashes([f"Tally\n\n{WRITTEN}", "Lunch\n\nFine with me."], tmp_path)
    hashes = load_hashes(tmp_path)
    assert hashes is not None
    asked = [
        f"\n\n{WRITTEN}",
        f"Re: Tally\n\n{WRITTEN}",
        f"Other\n\n{WRITTEN}",
        f"Tally\n\n{WRITTEN} Thanks.",
        "Dinner\n\nFine with me.",
        "",
    ]
    assert seen(asked, hashes).tolist() == [True, True, True, False, False, False]


def test_a_long_text_is_known_again_with_another_end(tmp_path: Path) -> None:
    save_hashes([f"Tally\n\n{WRITTEN * 4}\n\nNora Quay\nBerth office"], tmp_path)
    hashes = load_hashes(tmp_path)
    assert hashes is not None
    assert seen([f"\n\n{WRITTEN * 4}", f"\n\n{WRITTEN}"], hashes).tolist() == [True, False]


def test_labels_without_subject_train_a_model_that_knows_the_mail(tmp_path: Path) -> None:
    save_hashes([f"\n\n{WRITTEN}"], tmp_path)
    hashes = load_hashes(tmp_path)
    assert hashes is not None
    assert seen([f"Tally\n\n{WRITTEN}"], hashes).tolist() == [True]


def test_folders_with_whole_texts_only_still_load(tmp_path: Path) -> None:
    old = np.array([text_hash(f"Tally\n\n{WRITTEN}")], "<u8")
    np.save(tmp_path / FILE, old, allow_pickle=False)
    hashes = load_hashes(tmp_path)
    assert hashes is not None
    assert seen([f"Tally\n\n{WRITTEN}", f"\n\n{WRITTEN}"], hashes).tolist() == [True, False]
