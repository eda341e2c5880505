"""The loop on the page: it learns in the background, says so, and keeps the sample blind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
from loop_building import build_case, decide
from review_building import Reviewer, quay_case, reviewing

from riskscan.case.decisions import current
from riskscan.learn.queue import Loop, Updated
from riskscan.learn.validate import draw, last_sample
from riskscan.review import learning

WAIT = 60.0


@pytest.fixture
def truth(tmp_path: Path) -> dict[int, int]:
    return build_case(tmp_path / "case", 240)


@pytest.fixture
def ann(tmp_path: Path, truth: dict[int, int]) -> Iterator[Reviewer]:
    with reviewing(tmp_path / "case") as reviewer:
        yield reviewer


def enough(truth: dict[int, int]) -> list[int]:
    """Six messages to flag and six others."""
    flagged = [m for m, flag in truth.items() if flag]
    return flagged[:6] + [m for m, flag in truth.items() if not flag][:6]


def decide_on_page(ann: Reviewer, messages: list[int], truth: dict[int, int]) -> None:
    for message in messages:
        answer = ann.decide(message, "flag" if truth[message] else "not")
        assert answer.status_code == 200
    assert ann.desk.learning.wait(WAIT)


def test_the_queue_is_learnt_anew_after_enough_decisions(
    ann: Reviewer, truth: dict[int, int]
) -> None:
    messages = enough(truth)
    decide_on_page(ann, messages[:9], truth)
    assert "Updated" not in ann.text("/")
    decide_on_page(ann, messages[9:], truth)
    page = ann.text("/")
    assert re.search(r"Updated <time [^>]+>[^<]*\d\d:\d\d</time> from 1[0-2] decisions", page)
    assert "Moves messages up" in page
    assert "As learnt from decisions" in page
    learnt, worst = ann.order(), ann.order("/?order=worst")
    assert learnt != worst, "the order is another one by default"
    assert learnt == ann.order("/?order=learnt")


def test_the_queue_learnt_puts_more_to_flag_first(ann: Reviewer, truth: dict[int, int]) -> None:
    decide_on_page(ann, enough(truth), truth)
    by_score = sum(truth[m] for m in ann.order("/?order=worst&decided=no"))
    assert sum(truth[m] for m in ann.order("/?decided=no")) > by_score


def test_what_was_learnt_holds_after_opening_the_page_again(
    tmp_path: Path, ann: Reviewer, truth: dict[int, int]
) -> None:
    decide_on_page(ann, enough(truth), truth)
    order = ann.order()
    with reviewing(tmp_path / "case", "Ben Orr") as ben:
        assert ben.order() == order
        assert "Updated" in ben.text("/")


def test_what_another_process_has_learnt_is_taken_in(
    tmp_path: Path, ann: Reviewer, truth: dict[int, int]
) -> None:
    decide(tmp_path / "case", enough(truth), truth)
    loop = Loop(tmp_path / "case")
    loop.update()
    loop.close()
    ann.text("/")
    assert ann.desk.learning.wait(WAIT)
    assert "As learnt from decisions" in ann.text("/")


def test_the_learnt_order_stays_when_the_case_is_read_again(
    ann: Reviewer, truth: dict[int, int]
) -> None:
    decide_on_page(ann, enough(truth), truth)
    order = ann.order()
    ann.desk.queue._reload(ann.desk.queue._state())
    assert ann.order() == order


def test_decisions_are_saved_while_an_update_runs_and_two_never_run_at_once(
    ann: Reviewer, truth: dict[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on, running = Event(), Event(), list[int]()
    update = Loop.update

    def slow(loop: Loop) -> Updated:
        running.append(1)
        begun.set()
        assert go_on.wait(WAIT)
        return update(loop)

    monkeypatch.setattr(Loop, "update", slow)
    messages = [*enough(truth), *[m for m, flag in truth.items() if not flag][6:9]]
    for message in messages[:10]:
        ann.decide(message, "flag" if truth[message] else "not")
    assert begun.wait(WAIT)
    for message in messages[10:]:
        assert "Saved" in ann.decide(message, "not").text
    assert "Learning from your decisions" in ann.text("/")
    assert len(running) == 1
    go_on.set()
    assert ann.desk.learning.wait(WAIT)
    assert "Updated" in ann.text("/")


def test_an_update_that_fails_is_shown_and_decisions_go_on(
    ann: Reviewer, truth: dict[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(loop: Loop) -> Updated:
        raise MemoryError("the <b>texts</b> do not fit")

    messages = enough(truth)
    with monkeypatch.context() as patched:
        patched.setattr(Loop, "update", failing)
        decide_on_page(ann, messages[:11], truth)
    page = ann.text("/progress")
    assert "The last update failed: MemoryError: the &lt;b&gt;texts&lt;/b&gt; do not fit." in page
    with ann.desk.case.connect() as connection:
        assert len(current(connection)) == 11
    monkeypatch.setattr(ann.desk.learning, "_retry_at", 0.0)
    decide_on_page(ann, messages[11:], truth)
    assert "failed" not in ann.text("/progress")
    assert "Updated" in ann.text("/progress")


def test_a_failing_update_is_not_tried_at_each_decision(
    ann: Reviewer, truth: dict[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []

    def failing(loop: Loop) -> Updated:
        tried.append(1)
        raise OSError("disk full")

    monkeypatch.setattr(Loop, "update", failing)
    monkeypatch.setattr(learning, "RETRY_SECONDS", 3_600.0)
    decide_on_page(ann, enough(truth), truth)
    assert len(tried) == 1


def test_a_validation_sample_is_decided_blind(tmp_path: Path) -> None:
    case = quay_case(tmp_path)
    draw(case, size=6)
    with reviewing(case) as ann:
        with ann.desk.case.connect() as connection:
            sample = last_sample(connection)
        assert sample is not None
        drawn = [message for message, _, _ in sample.messages]
        assert ann.order("/?decided=sample") == drawn
        for order in ("worst", "oldest"):
            assert ann.order(f"/?decided=sample&order={order}&low=0.5&signal=concealment") == drawn
        assert "What is left: no messages</a>, and 6 more" in ann.text("/progress")
        queue = ann.text("/?decided=sample")
        assert 'name="low"' not in queue and 'name="order"' not in queue
        assert "0.90" not in queue and "Concealment</span>" not in queue
        assert "<mark" not in queue
        page = ann.text("/m/3")
        for told in ("0.9", "Why it is here", "<mark", "by the model", "/batch?", 'flagged"'):
            assert told not in page, told
        assert "<mark" not in ann.text("/m/3/text")
        for message in drawn[:-1]:
            answer = ann.decide(message, "flag", view="decided=sample")
            assert "decided=sample" in str(answer.url)
            assert "Score <strong>" not in answer.text
        assert "Score <strong>" not in ann.text(f"/m/{drawn[0]}"), "until the last is decided"
        answer = ann.decide(drawn[-1], "not", view="decided=sample")
        assert "The whole sample is decided" in answer.text
        with ann.desk.case.connect() as connection:
            made = current(connection)
        assert [(one.score, one.model) for one in made] == [(None, "")] * 6
        assert "Score <strong>0.90" in ann.text("/m/3")


def test_an_undecided_sample_is_nowhere_but_in_its_own_queue(tmp_path: Path) -> None:
    case = quay_case(tmp_path)
    with reviewing(case) as ann:
        ann.decide(3, "flag", note="from before")
    draw(case, size=1, check=2)
    with reviewing(case) as ann:
        drawn = ann.order("/?decided=sample")
        assert 3 in drawn and len(drawn) == 2
        assert not set(ann.order()) & set(drawn)
        assert not set(ann.order("/?q=crates+OR+ledger+OR+picnic")) & set(drawn)
        assert "2 messages of the" in ann.text("/")
        for address in ("/m/3", "/m/3/history", "/?decided=sample"):
            assert "from before" not in ann.text(address), "it is decided anew"
            assert 'class="badge' not in ann.text(address)
        thread = ann.text("/m/2/batch?scope=thread")
        assert "/m/3" not in thread
        assert "flagged" not in re.findall(r'class="score[^"]*"', ann.text("/m/2"))


def test_the_queue_notes_what_it_reaches_of_the_sample(
    tmp_path: Path, truth: dict[int, int]
) -> None:
    case = tmp_path / "case"
    drawn = [message for message, _, _ in draw(case, size=60).messages]

    def look(ann: Reviewer) -> tuple[set[int], list[int]]:
        """What is reached of the sample, and what is left to read, in order."""
        columns = ann.desk.queue.columns
        learnt = columns.ids[columns.orders["learnt"]].tolist()
        with ann.desk.case.connect() as connection:
            sample = last_sample(connection)
            done = {one.message for one in current(connection)}
        assert sample is not None
        reached = {message for message, _, come in sample.messages if come}
        left = [message for message in learnt if message not in done]
        assert reached <= set(drawn) & set(learnt[: learnt.index(left[0])])
        return reached, left

    with reviewing(case) as ann:
        decide(case, drawn, truth)
        assert "learnt" not in ann.desk.queue.columns.orders, "nothing is learnt of the sample"
        decide_on_page(ann, [m for m in truth if m not in drawn][:10], truth)
        first, left = look(ann)
        assert first == set(), "nobody has read on in this queue"
        # One update, at the tenth decision; the next is due after eleven.
        decide_on_page(ann, left[:9], truth)
        columns = ann.desk.queue.columns
        learnt = columns.ids[columns.orders["learnt"]].tolist()
        assert look(ann)[0] == set(drawn) & set(learnt[: learnt.index(left[8])]) != set()


def test_progress_says_when_to_stop(ann: Reviewer, truth: dict[int, int]) -> None:
    page = ann.text("/progress")
    assert "The control sample has 0 flagged messages so far; the method wants 10." in page
    assert "Nothing was flagged yet." in page
    assert "The model expects" not in page, "there is none yet"
    decide_on_page(ann, enough(truth), truth)
    page = ann.text("/progress")
    assert "The model expects a recall of" in page
    assert "6 messages read since the last flagged one (wanted: 50 in a row that are not)." in page
