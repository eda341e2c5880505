"""What takes long goes on in the background: the page says so, and no page waits for it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
from loop_building import build_case, decide
from review_building import Reviewer, quay_case, reviewing
from sqlalchemy import func, select

from riskscan.case import schema
from riskscan.case.chain import verify
from riskscan.case.location import locate
from riskscan.case.read import Case
from riskscan.case.search import Search
from riskscan.review.learner_process import LearnerProcess, UpdateFailed


@pytest.fixture
def ann(tmp_path: Path) -> Iterator[Reviewer]:
    with reviewing(quay_case(tmp_path)) as reviewer:
        yield reviewer


def test_a_search_that_takes_long_is_told_and_found_later(
    ann: Reviewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = Event()
    find = Search.find

    def slow(search: Search, query: object) -> object:
        assert go_on.wait(60)
        return find(search, query)  # type: ignore[arg-type]

    monkeypatch.setattr(Search, "find", slow)
    for address in ("/?q=crates", "/timeline?q=crates"):
        page = ann.text(address)
        assert "Look again" in page and "data-again" in page
        assert "Nothing here" not in page and "No message here" not in page
    assert "searching" in ann.text("/m/1?q=crates")
    assert ann.order() == [3, 5, 1, 2, 4, 6], "other pages do not wait"
    go_on.set()
    for _ in range(200):
        if "Look again" not in ann.text("/?q=crates"):
            break
    assert ann.order("/?q=crates") == [3, 1, 2]


def test_a_long_record_is_verified_behind_the_page(
    ann: Reviewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = Event()

    def slow(connection: object) -> object:
        assert go_on.wait(60)
        return verify(connection)  # type: ignore[arg-type]

    ann.decide(1, "not")
    monkeypatch.setattr("riskscan.review.verifying.verify", slow)
    assert "Verifying" in ann.text("/chain")
    go_on.set()
    for _ in range(200):
        if "Verifying" not in ann.text("/chain"):
            break
    assert "The record holds" in ann.text("/chain")


def test_another_process_learns_and_its_end_is_told(tmp_path: Path) -> None:
    case = tmp_path / "case"
    truth = build_case(case, 120)
    decide(case, list(truth)[:40], truth)
    learner = LearnerProcess(locate(case))
    try:
        learner.update()
        with Case(case) as opened, opened.connect() as connection:
            assert connection.execute(select(func.count()).select_from(schema.learnings)).scalar()
        assert learner._process is not None and learner._process.pid != os.getpid()
        learner._process.kill()
        learner._process.join()
        with pytest.raises(UpdateFailed, match="has ended"):
            learner.update()
    finally:
        learner.close()
    with pytest.raises(UpdateFailed, match="closed"):
        learner.update()
