"""What says the same: shown once in the queue, decided at once, said plainly before."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from review_building import Reviewer, build_case, reviewing
from scan_building import mail

from riskscan.case.store import open_case
from riskscan.stages.groups import group
from riskscan.stages.progress import Silent

PLAN = "We ship the crates on Thursday by the northern road and nobody needs to know about it"


@pytest.fixture
def ann(tmp_path: Path) -> Iterator[Reviewer]:
    """Messages 1, 2 and 4 are near-duplicates; 5 answers 3 and quotes it whole."""
    asked = "Could you send me the list of the crates that are still on the pier, please?"
    answer = f"Here it is, all twelve of them, and the invoice too.\n\nBen wrote:\n> {asked}\n"
    mails = [
        mail(1, f"{PLAN}.", subject="north"),
        mail(2, f"{PLAN}, Ben.", subject="road"),
        mail(3, asked, subject="pier"),
        mail(4, f"{PLAN} today.", subject="crates"),
        mail(5, answer, subject="Re: pier", headers="In-Reply-To: <3@quayside.example>"),
    ]
    case = build_case(tmp_path, mails, worries=(4,))
    with open_case(case) as store:
        group(store, Silent())
    with reviewing(case) as reviewer:
        yield reviewer


def test_near_duplicates_are_shown_once_the_worst_of_them(ann: Reviewer) -> None:
    assert ann.order() == [4, 1, 2, 3, 5]
    assert ann.order("/?collapse=near") == [4, 3, 5]
    assert "2 more are not shown: others here stand for them" in ann.text("/?collapse=near")
    assert "2 near-duplicates" in ann.text("/?collapse=near")


def test_only_inclusive_messages_of_a_thread_are_shown(ann: Reviewer) -> None:
    assert ann.order("/?collapse=threads") == [4, 1, 2, 5]
    assert ann.order("/?collapse=both") == [4, 5]
    assert "message 5</a> too, which is later" in ann.text("/m/3")


def test_what_is_decided_stands_for_its_near_duplicates(ann: Reviewer) -> None:
    ann.decide(2, "not")
    assert ann.order("/?collapse=near&decided=no") == [3, 5], "1 and 4 do not come up next"
    assert ann.order("/?collapse=near") == [3, 5, 2]
    assert ann.order("/?decided=no") == [4, 1, 3, 5], "nothing is lost"


def test_near_duplicates_are_decided_at_once_and_that_is_said_before(ann: Reviewer) -> None:
    page = ann.text("/m/4/batch?scope=near")
    assert "One decision for 3 messages" in page
    assert "3 times" in page and "Nearly the same is not the same" in page
    assert ann.order("/m/4/batch?scope=near") == [1, 2, 4]
    members = re.search(r'name="members" value="(\w+)"', page)
    assert members is not None
    told = ann.post("/m/4/batch", scope="near", members=members[1], verdict="flag")
    assert "Saved: 3 messages are flagged" in told.text
    assert ann.order("/?decided=flag") == [4, 1, 2]
    ann.post("/undo")
    assert ann.order("/?decided=flag") == []


def test_a_message_like_no_other_is_a_batch_of_one(ann: Reviewer) -> None:
    assert ann.order("/m/5/batch?scope=near") == [5]
    assert "Near-duplicates" not in ann.text("/m/5")
