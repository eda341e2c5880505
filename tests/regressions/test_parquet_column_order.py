"""The columns of a .parquet export stood in another order than those of .csv and .xlsx."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq

from riskscan.export import tables


def test_the_same_order_as_in_the_other_tables(tmp_path: Path) -> None:
    tables.write_parquet(iter(()), tmp_path / "out.parquet")
    assert pq.read_schema(tmp_path / "out.parquet").names == list(tables.COLUMNS)
