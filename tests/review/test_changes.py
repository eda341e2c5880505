"""Deciding, undoing, batches, second review, saved searches."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from review_building import Reviewer, quay_case, reviewing

from riskscan.case.chain import verify
from riskscan.case.decisions import Entry, current, entries
from riskscan.case.location import Location
from riskscan.case.open import writing
from riskscan.case.read import Case


@pytest.fixture
def ann(tmp_path: Path, case_place: Location) -> Iterator[Reviewer]:
    with reviewing(quay_case(tmp_path, case_place)) as reviewer:
        yield reviewer


def standing(ann: Reviewer) -> dict[int, Entry]:
    with ann.desk.case.connect() as connection:
        return {one.message: one for one in current(connection)}


def test_a_decision_is_saved_with_what_was_shown(ann: Reviewer) -> None:
    page = ann.text("/m/3")
    shown = dict(re.findall(r'name="(score|model|seal)" value="([^"]*)"', page))
    ann.decide(3, "flag", signal=["concealment", "pressure"], hot="1", note="Ask Ben.", **shown)
    made = standing(ann)[3]
    assert made.verdict == "flag"
    assert made.signals == ("concealment", "pressure")
    assert (made.hot, made.privileged, made.note) == (True, False, "Ask Ben.")
    assert (made.reviewer, made.score, made.model) == ("Ann Bell", 0.9, shown["model"])


@pytest.mark.parametrize("forged", [{"score": "0.11"}, {"model": "abc"}, {"blind": "1"}])
def test_what_the_page_did_not_show_is_not_recorded(ann: Reviewer, forged: dict[str, str]) -> None:
    shown = dict(re.findall(r'name="(score|model|seal)" value="([^"]*)"', ann.text("/m/3")))
    other = dict(re.findall(r'name="(score|model|seal)" value="([^"]*)"', ann.text("/m/4")))
    for fields in ({**shown, **forged}, forged, {**shown, "seal": other["seal"]}):
        answer = ann.decide(3, "flag", **fields)
        assert answer.status_code == 400
        assert "open the message again" in answer.text
    assert not standing(ann)
    assert ann.decide(3, "flag", **shown).status_code == 200


def test_the_next_undecided_message_follows(ann: Reviewer) -> None:
    answer = ann.decide(3, "flag")
    assert answer.url.path == "/m/5"
    assert "Saved: message 3 is flagged (row 1 of the record)." in answer.text
    assert "Saved" not in ann.text("/m/5"), "it is said once"


def test_the_filters_stay(ann: Reviewer) -> None:
    answer = ann.decide(4, "not", view="q=picnic")
    assert answer.url.path == "/m/6"
    assert str(answer.url.query.decode()) == "q=picnic"
    answer = ann.decide(6, "not", view="q=picnic")
    assert answer.url.path == "/"
    assert "Nothing is left here" in answer.text


def test_a_later_decision_follows_an_earlier_one(ann: Reviewer) -> None:
    ann.decide(3, "flag", note="first")
    ann.decide(3, "not")
    assert standing(ann)[3].verdict == "not"
    assert "first" in ann.text("/m/3/history")


def test_undo_brings_back_what_held_before(ann: Reviewer) -> None:
    ann.decide(3, "flag")
    ann.decide(3, "not")
    answer = ann.post("/undo")
    assert answer.url.path == "/m/3"
    assert standing(ann)[3].verdict == "flag"
    ann.post("/undo")
    assert standing(ann) == {}
    assert "There is nothing to undo" in ann.post("/undo").text
    with ann.desk.case.connect() as connection:
        assert [one.kind for one in entries(connection)] == ["decision", "decision", "undo", "undo"]
        assert verify(connection).faults == ()


def test_undo_is_of_ones_own_decisions(ann: Reviewer) -> None:
    ann.decide(3, "flag")
    ann.post("/reviewer", name="Ben Oak")
    assert "There is nothing to undo" in ann.post("/undo").text
    assert standing(ann)[3].reviewer == "Ann Bell"


def batch(ann: Reviewer, message: int, scope: str, **fields: str) -> str:
    page = ann.text(f"/m/{message}/batch?scope={scope}")
    members = page.partition('name="members" value="')[2].partition('"')[0]
    answer = ann.post(f"/m/{message}/batch", scope=scope, members=members, **fields)
    return str(answer.text)


def test_a_batch_says_what_happens_and_does_it(ann: Reviewer) -> None:
    page = ann.text("/m/3/batch?scope=thread")
    assert "One decision for 3 messages" in page
    assert "<strong>3 times</strong>" in page
    assert "Saved: 3 messages are not flagged (rows 1 to 3" in batch(
        ann, 3, "thread", verdict="not"
    )
    assert {key: one.verdict for key, one in standing(ann).items()} == dict.fromkeys(
        (1, 2, 3), "not"
    )
    assert "3 decisions are taken back" in ann.post("/undo").text
    assert standing(ann) == {}


def test_a_batch_leaves_what_was_decided_unless_told_so(ann: Reviewer) -> None:
    ann.decide(3, "flag")
    page = ann.text("/m/3/batch?scope=thread")
    assert "You have decided on 1 of these. It stays as it is" in page
    batch(ann, 3, "thread", verdict="not")
    assert standing(ann)[3].verdict == "flag"
    batch(ann, 3, "thread", verdict="unsure", again="1")
    assert {one.verdict for one in standing(ann).values()} == {"unsure"}


def test_a_batch_on_equal_texts(ann: Reviewer) -> None:
    batch(ann, 4, "same", verdict="not")
    assert set(standing(ann)) == {4, 6}


def test_a_batch_is_not_done_when_its_messages_have_changed(ann: Reviewer) -> None:
    answer = ann.post("/m/3/batch", scope="thread", members="0" * 64, verdict="not")
    assert "Nothing was saved" in answer.text
    assert standing(ann) == {}


def test_reviewers_who_differ_are_shown(ann: Reviewer) -> None:
    ann.decide(3, "flag")
    ann.post("/reviewer", name="Ben Oak")
    ann.decide(3, "not")
    assert "Reviewers differ" in ann.text("/m/3")
    progress = ann.text("/progress")
    assert "1 message on which reviewers differ" in progress


def test_agreement_is_told(ann: Reviewer) -> None:
    for message, verdict in ((1, "not"), (2, "not"), (3, "flag"), (5, "flag")):
        ann.decide(message, verdict)
    ann.post("/reviewer", name="Ben Oak")
    for message, verdict in ((1, "not"), (2, "not"), (3, "flag"), (5, "not")):
        ann.decide(message, verdict)
    # Observed 3/4; by chance (1/2)(3/4) + (1/2)(1/4) = 1/2.
    row = ann.text("/progress").partition("Ann Bell and Ben Oak")[2].partition("</tr>")[0]
    assert "75.0%" in row
    assert "0.50" in row


def test_a_second_review_is_blind(ann: Reviewer) -> None:
    ann.decide(3, "flag", note="a very telling note")
    ann.decide(5, "not")
    ann.post("/reviewer", name="Ben Oak")
    answer = ann.post("/second", size="10")
    assert "2 messages are drawn" in answer.text
    assert set(ann.order("/?decided=second")) == {3, 5}
    for address in ("/m/3", "/?decided=second", "/m/3/history", "/m/3/batch?scope=thread", "/"):
        page = ann.text(address)
        assert "telling" not in page
        assert 'class="badge flag' not in page
    for verdict in ("flag", "not", "unsure", "conflict", "hot"):
        assert ann.order(f"/?decided={verdict}") == [], "a filter must not tell it either"
    ann.decide(3, "not", view="decided=second")
    assert ann.order("/?decided=flag") == [3]
    assert "a very telling note" in ann.text("/m/3"), "once decided, all is shown"
    assert ann.order("/?decided=second") == [5, 3]


def test_a_second_review_needs_decisions_of_others(ann: Reviewer) -> None:
    ann.decide(3, "flag")
    assert "Others have decided nothing yet" in ann.post("/second", size="10").text


def test_searches_are_saved_and_removed(ann: Reviewer) -> None:
    answer = ann.post("/saved", name="Picnics", view="q=picnic&order=newest")
    found = re.search(r'<a href="(/saved/\d+)">Picnics</a>', answer.text)
    assert found is not None
    assert ann.order(found[1]) == [6, 4]
    assert "Picnics" not in ann.post(f"{found[1]}/remove").text
    assert ann.get(found[1]).status_code == 404


def test_a_saved_search_finds_its_people_after_they_got_other_numbers(
    ann: Reviewer,
) -> None:
    page = ann.text("/m/4")
    who = re.search(r"/\?(who=\d+)\" title=\"All messages with Ida", page)
    assert who is not None
    answer = ann.post("/saved", name="Ida's", view=who[1])
    found = re.search(r'<a href="(/saved/\d+)">', answer.text)
    assert found is not None
    with writing(ann.desk.engine) as connection:
        connection.exec_driver_sql("UPDATE merged SET id = id + 1000")
        connection.exec_driver_sql("UPDATE appearances SET merged_id = merged_id + 1000")
    assert set(ann.order(found[1])) == {4, 5, 6}


@pytest.mark.parametrize(
    ("address", "fields"),
    [
        ("/m/3/decide", {"verdict": "perhaps"}),
        ("/m/3/decide", {"verdict": "flag", "signal": "gossip"}),
        ("/m/3/decide", {"verdict": "flag", "view": "low=7"}),
        ("/reviewer", {"name": " \n "}),
        ("/saved", {"name": " "}),
        ("/second", {"size": "many"}),
    ],
)
def test_a_change_that_makes_no_sense_changes_nothing(
    ann: Reviewer, address: str, fields: dict[str, str]
) -> None:
    assert ann.post(address, **fields).status_code == 400
    assert standing(ann) == {}


def test_a_decision_on_nothing_is_refused(ann: Reviewer) -> None:
    assert ann.decide(999, "flag").status_code == 404


def test_decisions_of_another_process_appear(ann: Reviewer) -> None:
    with reviewing(ann.desk.location, "Ben Oak") as ben:
        ben.decide(3, "flag")
    assert ann.order()[-1] == 3


def test_training_learns_from_decisions(ann: Reviewer) -> None:
    from riskscan.learn.data import read_data

    ann.decide(3, "flag", signal="concealment")
    ann.decide(4, "not")
    ann.decide(5, "unsure")
    found = read_data(ann.desk.location)
    by_flag = {(one.flag, one.unsure): one for one in found.examples}
    assert len(found.examples) == 3
    assert by_flag[1, False].signals == ("concealment",)
    assert by_flag[1, False].text.startswith("Re: crates\n\nHello Ben.")
    assert "twelve" not in by_flag[1, False].text, "quoted text is not what the sender wrote"
    assert by_flag[0, True].text.startswith("ledger")
    with Case(ann.desk.location) as case:
        thread = {record["id"]: record["thread_id"] for record in case.records()}
    assert by_flag[1, False].group == thread[3]


def test_where_reviewers_differ_training_is_unsure(ann: Reviewer) -> None:
    from riskscan.learn.data import read_data

    ann.decide(3, "flag")
    ann.post("/reviewer", name="Ben Oak")
    ann.decide(3, "not")
    (example,) = read_data(ann.desk.location).examples
    assert (example.flag, example.unsure) == (0, True)
