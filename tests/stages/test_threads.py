"""Threads of a case that grows, and of one whose scan was stopped between two commits."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from people_building import Mail, build, rows

from riskscan.case.store import Store, open_case
from riskscan.mail.message import Address
from riskscan.stages import ingest

NORA = Address("Nora Quill", "nora.quill@halden.example")
BEN = Address("Ben Tarn", "ben@quayside.example")
# Two conversations of one subject a day apart, and a stranger.
MAILS = [
    Mail(subject="berth plan", sender=NORA, to=[BEN]),
    Mail(subject="Re: berth plan", sender=BEN, to=[NORA]),
    Mail(subject="Re: berth plan", sender=NORA, to=[BEN]),
    Mail(subject="crane hours", sender=BEN, to=[NORA]),
]


def threads(case: Path) -> list[str]:
    return [thread for (thread,) in rows(case, "SELECT thread_id FROM messages ORDER BY id")]


def forget(store: Store, which: str) -> None:
    with store.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE messages SET thread_id = NULL WHERE {which}")


@pytest.fixture
def case(tmp_path: Path) -> Path:
    return Path(build(tmp_path / "case", MAILS))


def test_new_mail_changes_the_threads_that_it_joins(case: Path) -> None:
    with open_case(case) as store:
        store.set_threads([(1, "one"), (2, "two"), (3, "three")])
        forget(store, "id = 4")
        ingest.assign_threads(store)
    first, second, third, other = threads(case)
    assert first == second == third != other
    assert len(other) == 32


def test_a_scan_stopped_while_it_sets_threads_goes_on(
    case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "_THREADS_AT_ONCE", 1)
    with open_case(case) as store:
        forget(store, "id > 0")
        ingest.assign_threads(store)
    wanted = threads(case)
    real = Store.set_threads
    left = 0

    def stopping(self: Store, changed: Iterable[tuple[int, str]]) -> Any:
        nonlocal left
        if not left:
            raise KeyboardInterrupt
        left -= 1
        return real(self, changed)

    for commits in range(4):
        left = commits
        with open_case(case) as store:
            store.set_threads([(1, "one"), (2, "two")])
            forget(store, "id > 2")
            monkeypatch.setattr(Store, "set_threads", stopping)
            with pytest.raises(KeyboardInterrupt):
                ingest.assign_threads(store)
            monkeypatch.setattr(Store, "set_threads", real)
        assert threads(case) != wanted
        with open_case(case) as store:
            ingest.assign_threads(store)
        assert threads(case) == wanted
