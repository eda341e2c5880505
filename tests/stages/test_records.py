"""What merging keeps in temporary files comes back whole and in order, in parts of any size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from riskscan.stages import records, sightings
from riskscan.stages.records import Records
from riskscan.stages.sightings import Appearances

RNG = np.random.default_rng(1)
SEEN = [(int(n), int(m), int(r)) for n, m, r in RNG.integers(0, [9, 40, 5], (500, 3))]
# Whom each form means.
MERGED = np.array([3, 1, 2, 2, 5, 4, 1, 3, 6])


def entered(place: Path) -> Records:
    seen = Records("iqb", place)
    for node, message, role in SEEN:
        seen.add(node, message + 10**10, role)
    return seen


@pytest.mark.parametrize("at_once", [1, 7, 500, 1000])
def test_records_come_back_as_often_as_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(records, "_AT_ONCE", at_once)
    monkeypatch.setattr(records, "_IN_MEMORY", 100)
    seen = entered(tmp_path)
    for _ in range(2):
        columns = [np.concatenate(some) for some in zip(*seen.parts(), strict=True)]
        found = list(zip(*(column.tolist() for column in columns), strict=True))
        assert found == [(n, m + 10**10, r) for n, m, r in SEEN]
    assert list(tmp_path.iterdir()) == []


def test_no_records_are_no_parts() -> None:
    assert list(Records("qq").parts()) == []
    assert list(Appearances(Records("iqb"), np.empty(0, np.int64))) == []


@pytest.mark.parametrize("at_once", [1, 60, 10_000])
def test_appearances_are_sorted_and_each_stands_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(sightings, "AT_ONCE", at_once)
    monkeypatch.setattr(sightings, "_READ", 3)
    appearances = Appearances(entered(tmp_path), MERGED)
    wanted = sorted({(int(MERGED[n]), m + 10**10, r) for n, m, r in SEEN})

    def told(rows: object) -> list[tuple[int, int, int]]:
        return [
            (row["merged_id"], row["message_id"], sightings.ROLES.index(row["role"]))
            for row in rows  # type: ignore[attr-defined]
        ]

    assert told(appearances) == wanted
    assert told(appearances.of([2, 6])) == [row for row in wanted if row[0] in (2, 6)]
