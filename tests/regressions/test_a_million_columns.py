"""A table of a million columns was refused after seconds: each name was looked up first."""

from __future__ import annotations

import time
from pathlib import Path

from source_building import put, read

from riskscan.sources import NotRead


def test_it_is_refused_at_once(tmp_path: Path) -> None:
    names = b"From,To,Subject,Body" + b",column" * 1_000_000
    path = put(tmp_path / "x.csv", names + b"\na@quay.example\n")
    started = time.process_time()
    (told,) = read(path)
    assert time.process_time() - started < 3
    assert isinstance(told, NotRead)
    assert told.reason == "more than 5,000 columns"
