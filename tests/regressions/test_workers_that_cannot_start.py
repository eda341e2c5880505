"""A worker that ended before it did anything was laid at the door of each message in turn."""

import sys
from pathlib import Path

import pytest

from riskscan.engine import Engine
from riskscan.engine.errors import WorkersError

# What a broken installation looks like from a worker: the import ends the process.
_MODULE = """
import multiprocessing, os
if multiprocessing.parent_process() is not None:
    os._exit(3)
def work(parts):
    return parts
"""


def test_no_item_is_the_culprit_when_workers_cannot_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ends_at_import.py").write_text(_MODULE)
    monkeypatch.syspath_prepend(str(tmp_path))
    work = __import__("ends_at_import").work
    try:
        with Engine(1) as engine, pytest.raises(WorkersError, match="as soon as"):
            list(engine.map(work, [(None, ["a", "b"])]))
    finally:
        del sys.modules["ends_at_import"]
