"""Fixtures that all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

CLONE = Path(__file__).resolve().parent.parent


def _shared_data() -> Path | None:
    named = os.environ.get("RISKSCAN_SHARED_DATA")
    place = Path(named) if named else CLONE.parent / "shared" / "data"
    return place if (place / "enron").is_dir() else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if _shared_data() is None:
        skip = pytest.mark.skip(reason="no shared data beside the clone (RISKSCAN_SHARED_DATA)")
        for item in items:
            if "shared" in item.keywords:
                item.add_marker(skip)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the real mail; tests that take it are marked ``shared``."""
    place = _shared_data()
    if place is None:
        pytest.skip("no shared data beside the clone (RISKSCAN_SHARED_DATA)")
    return place


@pytest.fixture(scope="session")
def samples() -> Path:
    """The sample mailboxes of this repository."""
    return CLONE / "corpus_samples"
