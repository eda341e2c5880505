"""Arrays in temporary files: rows come back in parts by value, whatever their number."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from riskscan import mapped
from riskscan.mapped import Columns, Grown, Mapped, parts_of, slices, splits_of

RNG = np.random.default_rng(2)
VALUES = {
    "even": RNG.integers(0, 2**64, 5000, dtype=np.uint64),
    "few": RNG.integers(0, 3, 5000, dtype=np.uint64),
    "one": np.full(5000, 2**64 - 1, np.uint64),
    "most of them one": np.where(
        RNG.random(5000) < 0.7, np.uint64(77), RNG.integers(0, 999, 5000, dtype=np.uint64)
    ),
    "none": np.empty(0, np.uint64),
}


@pytest.mark.parametrize("kind", VALUES)
def test_parts_have_all_rows_by_value_and_each_value_in_one_part(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mapped, "PART", 300)
    monkeypatch.setattr(mapped, "_AT_ONCE", 700)
    monkeypatch.setattr(mapped, "_NO_FILE", 100)
    values = VALUES[kind]

    def rows() -> Iterator[Columns]:
        for at in slices(len(values)):
            yield values[at], np.arange(at.start, at.stop, dtype=np.int32)

    splits = splits_of((some[0] for some in rows()), len(values))
    found: list[tuple[int, int]] = []
    high = -1
    for own, places in parts_of(rows, splits, tmp_path):
        assert int(own.min()) > high
        high = int(own.max())
        # Larger only where one value is that frequent.
        assert len(own) <= 1200 or len(set(own.tolist())) == 1
        assert (np.diff(places) > 0).all()
        found += zip(own.tolist(), places.tolist(), strict=True)
    assert sorted(found) == sorted(zip(values.tolist(), range(len(values)), strict=True))
    assert list(tmp_path.iterdir()) == []


def test_an_array_that_grew_is_whole(tmp_path: Path) -> None:
    grown = Grown(np.int32, 2, tmp_path)
    for start in range(0, 30, 10):
        grown.add(np.arange(start, start + 10).reshape(-1, 2))
    made = grown.mapped()
    made.release()
    assert made.array.tolist() == np.arange(30).reshape(-1, 2).tolist()
    assert Grown(np.int64).mapped().array.tolist() == []


def test_what_is_given_back_to_the_system_is_still_there() -> None:
    held = Mapped(np.int64, (1000,))
    held.array[:] = np.arange(1000)
    held.release()
    assert held.array.tolist() == list(range(1000))
