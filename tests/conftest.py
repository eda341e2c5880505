"""Fixtures that all tests share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from postgresql_server import Places, Server, binaries, running

from riskscan.case.location import Location, locate

# A busy machine must not fail an example for being slow.
settings.register_profile("riskscan", deadline=None)
settings.load_profile("riskscan")

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


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A PostgreSQL server; tests that take it are skipped where none is installed."""
    programs = binaries()
    if programs is None:
        pytest.skip("no PostgreSQL server is installed (Debian: apt-get install postgresql)")
    with running(programs) as server:
        yield server


@pytest.fixture(params=["folder", "postgresql"])
def new_place(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Places:
    """Places for cases, of each kind that a case can be in."""
    if request.param == "postgresql":
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        server: Server = request.getfixturevalue("postgresql")
        return lambda: locate(server.place())
    made = iter(range(1, 1000))
    return lambda: locate(tmp_path / f"case{next(made)}")


@pytest.fixture
def case_place(new_place: Places) -> Location:
    """The place of a new case, in a folder and in PostgreSQL."""
    place: Location = new_place()
    return place
