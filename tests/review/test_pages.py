"""What the pages show."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from review_building import WORRY, Reviewer, build_case, quay_case, reviewing
from scan_building import attached, embedded, mail, multipart, text_part, write_mbox

from riskscan.case.location import Location
from riskscan.case.store import Finding, FoundEntity, Scored, open_case
from riskscan.engine import Engine
from riskscan.sources import Limits
from riskscan.stages.ingest import ingest
from riskscan.stages.progress import Silent


@pytest.fixture
def ann(tmp_path: Path) -> Iterator[Reviewer]:
    with reviewing(quay_case(tmp_path)) as reviewer:
        yield reviewer


@pytest.fixture
def anywhere(tmp_path: Path, case_place: Location) -> Iterator[Reviewer]:
    """The same in a folder and in PostgreSQL, for pages with SQL of their own."""
    with reviewing(quay_case(tmp_path, case_place)) as reviewer:
        yield reviewer


def test_the_queue_has_the_worst_first(ann: Reviewer) -> None:
    assert ann.order()[:2] == [3, 5]
    assert len(ann.order()) == 6


def test_decided_messages_come_after_undecided_ones(ann: Reviewer) -> None:
    ann.decide(3, "flag")
    assert ann.order()[0] == 5
    assert ann.order()[-1] == 3


def test_a_row_shows_the_finding(ann: Reviewer) -> None:
    assert f'<mark class="finding">{WORRY}</mark>' in ann.text("/")


def test_pages_of_the_queue_hold_each_message_once(tmp_path: Path) -> None:
    mails = [mail(i, f"Note number {i}.", subject=f"note {i}") for i in range(1, 96)]
    with reviewing(build_case(tmp_path, mails)) as ann:
        seen = ann.order()
        address = "/"
        while 'rel="next"' in (page := ann.text(address)):
            address = page.partition('<a rel="next" href="')[2].partition('"')[0]
            # A decision on the way shifts nothing.
            ann.decide(seen[len(seen) - 3], "not")
            seen += ann.order(address.replace("&amp;", "&"))
        assert sorted(set(seen)) == list(range(1, 96))
        undecided = [key for key in seen if key not in {seen[37], seen[77]}]
        assert len(undecided) == len(set(undecided))


def test_a_message_shows_what_there_is_of_it(ann: Reviewer) -> None:
    page = ann.text("/m/3")
    assert f'<mark class="finding" id="finding-0" title="Concealment">{WORRY}</mark>' in page
    assert "Nora Quill &lt;nora@quayside.example&gt;" in page
    assert "Thread of 3" in page
    assert "Quoted from an earlier message" in page
    assert "Shall we order the crates?" in page, "the thread's other texts"
    assert "0.90" in page


def test_a_decision_that_counts_for_copies_says_so(tmp_path: Path) -> None:
    twice = mail(1, "The same bytes.")
    with reviewing(build_case(tmp_path, [twice, twice])) as ann:
        assert "A decision counts for this copy too" in ann.text("/m/1")


def test_family_and_attachments_are_shown(tmp_path: Path) -> None:
    inner = mail(9, "I am inside.", subject="inner one")
    parts = [text_part("See below."), attached("plan.txt", "Ship it quietly."), embedded(inner)]
    with reviewing(build_case(tmp_path, [multipart(1, parts, subject="outer one")])) as ann:
        outer = ann.text("/m/1")
        assert "plan.txt" in outer
        assert "Ship it quietly." in outer
        assert "inner one" in outer
        assert "Embedded in" in ann.text("/m/2")


def test_entities_are_marked_and_lead_to_their_messages(tmp_path: Path) -> None:
    body = "We met Halden Freight in Bergen."
    entities = {1: [FoundEntity("authored", 7, 21, "Halden Freight", "ORG")]}
    case = build_case(tmp_path, [mail(1, body), mail(2, "Nothing.")], entities=entities)
    with reviewing(case) as ann:
        page = ann.text("/m/1")
        assert 'title="Organisations">Halden Freight</a>' in page
        link = page.partition('<a class="entity" href="')[2].partition('"')[0]
        assert ann.order(link) == [1]


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("/?custodian=nora", {1, 2, 3, 4, 5, 6}),
        ("/?custodian=nobody", set()),
        ("/?signal=concealment", {3, 5}),
        ("/?low=0.5", {3, 5}),
        ("/?high=0.5", {1, 2, 4, 6}),
        ("/?people=ida", {4, 5, 6}),
        ("/?since=2024-03-05&until=2024-03-05", {1, 2, 3, 4, 5, 6}),
        ("/?since=2024-03-06", set()),
        ("/?q=picnic", {4, 6}),
        ("/?q=%22off+the+books%22+NOT+crates", {5}),
        ("/?q=subject:crates+AND+order", {1}),
        ("/?q=call+w/3+books", {3}),
    ],
)
def test_filters_narrow_the_queue(ann: Reviewer, address: str, wanted: set[int]) -> None:
    assert set(ann.order(address)) == wanted


def test_filters_by_decision(anywhere: Reviewer) -> None:
    anywhere.decide(3, "flag", hot="1")
    anywhere.decide(5, "not", privileged="1")
    anywhere.post("/reviewer", name="Ben Oak")
    anywhere.decide(5, "flag")
    assert set(anywhere.order("/?decided=flag")) == {3, 5}
    assert set(anywhere.order("/?decided=not")) == {5}
    assert set(anywhere.order("/?decided=no")) == {1, 2, 4, 6}
    assert set(anywhere.order("/?decided=mine-no")) == {1, 2, 3, 4, 6}
    assert set(anywhere.order("/?decided=mine")) == {5}
    assert set(anywhere.order("/?decided=conflict")) == {5}
    assert set(anywhere.order("/?decided=hot")) == {3}
    assert set(anywhere.order("/?decided=privileged")) == {5}


def test_orders(anywhere: Reviewer) -> None:
    assert anywhere.order("/?order=oldest") == [1, 2, 3, 4, 5, 6]
    assert anywhere.order("/?order=newest") == [6, 5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    "address",
    [
        "/?low=2", "/?since=yesterday", "/?signal=gossip", "/?who=x", "/?q=%22open", "/?q=NOT+x",
        "/?decided=perhaps", "/?order=random", "/?after=x1", "/m/1/text?at=x",
        "/m/1/batch?scope=all",
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_told(ann: Reviewer, address: str) -> None:
    answer = ann.get(address)
    assert answer.status_code == 400
    assert "This did not work" in answer.text


@pytest.mark.parametrize(
    "address", ["/m/999", "/m/99999999999999999999", "/nowhere", "/m/1/file/9"]
)
def test_what_is_not_there_is_told(ann: Reviewer, address: str) -> None:
    answer = ann.get(address)
    assert answer.status_code == 404
    assert "There is no " in answer.text


def test_hits_are_marked(ann: Reviewer) -> None:
    assert '<mark class="hit">picnic</mark>' in ann.text("/?q=picnic")
    assert '<mark class="hit">picnic</mark>' in ann.text("/m/4?q=picnic")
    assert "finding hit" in ann.text("/m/3?q=books"), "a hit inside a finding is both"


def test_next_and_previous_stay_in_the_search(ann: Reviewer) -> None:
    page = ann.text("/m/3?signal=concealment")
    assert '<a rel="next" href="/m/5?signal=concealment">' in page
    assert 'rel="prev"' not in page


def test_the_timeline_counts_and_leads_to_the_queue(ann: Reviewer) -> None:
    page = ann.text("/timeline")
    assert "week of 4 Mar 2024: 6 messages, 2 flagged" in page
    link = page.partition('<th scope="row"><a href="')[2].partition('"')[0].replace("&amp;", "&")
    assert len(ann.order(link)) == 6


def test_people_and_who_wrote_to_whom(anywhere: Reviewer) -> None:
    while "being counted" in (page := anywhere.text("/people")):
        pass
    row = page.partition(">Ida Holm</a>")[2].partition("</tr>")[0]
    assert ">3</a>" in row, "she wrote three"
    pair = page.partition("<td>Ida Holm</td><td>Ben Tarn</td>")[2]
    link = pair.partition('<a href="')[2].partition('"')[0].replace("&amp;", "&")
    assert set(anywhere.order(link)) == {4, 5, 6}


def test_a_long_text_goes_on_elsewhere(tmp_path: Path) -> None:
    body = "\n".join(f"Line {i} of the minutes." for i in range(4000))
    with reviewing(build_case(tmp_path, [mail(1, body)])) as ann:
        page = ann.text("/m/1")
        assert "Line 3999 of" not in page
        address = page.partition('<p class="more"><a href="')[2].partition('"')[0]
        rest = ""
        while address:
            rest = ann.text(address)
            address = rest.partition('<a rel="next" href="')[2].partition('"')[0]
            address = address.replace("&amp;", "&")
        assert "Line 3999 of" in rest


def test_the_protocol_stands_beside_the_message(ann: Reviewer) -> None:
    assert "What to flag" in ann.text("/m/3")
    assert "Spoliation" in ann.text("/protocol")


def test_pages_need_no_script(ann: Reviewer) -> None:
    page = ann.text("/m/3")
    assert page.count("<script") == 1
    assert '<button type="submit" name="verdict" value="flag"' in page


def test_what_a_scan_adds_appears_in_an_open_page(tmp_path: Path) -> None:
    case = build_case(tmp_path, [mail(1, "First.")])
    with reviewing(case) as ann:
        assert ann.order() == [1]
        export = write_mbox(tmp_path / "more.mbox", [mail(2, "Second."), mail(3, "Third one.")])
        with open_case(case) as store, Engine(0) as engine:
            ingest(store, engine, [export], "nora", Silent(), Limits())
            store.finish_run(store.start_run("scan", {}), {})
        ann.desk.queue._loaded = -1e9
        ann.order()
        while ann.desk.queue._busy:
            pass
        assert set(ann.order()) == {1, 2, 3}
        assert ann.order("/?q=third") == [3]


def test_the_weak_sentence_of_a_message_that_is_not_flagged_is_no_finding(tmp_path: Path) -> None:
    case = build_case(tmp_path, [mail(1, f"Well. {WORRY}")])
    with open_case(case) as store:
        model = store.model("detector", "invented", "f", {})
        found = (Finding("authored", None, 6, 6 + len(WORRY), WORRY, "concealment", 0.01),)
        store.add_scores(model, [Scored(1, 0.01, False, (), found)])
    with reviewing(case) as ann:
        assert 'class="weak"' in ann.text("/m/1")
        assert 'class="finding"' not in ann.text("/m/1")
        assert 'class="finding"' not in ann.text("/")


def test_a_few_wrong_dates_do_not_stretch_the_timeline(tmp_path: Path) -> None:
    mails = [mail(i, "Note.", subject=f"note {i}") for i in range(1, 700)]
    mails[3] = mails[3].replace(b"05 Mar 2024", b"05 Mar 1980")
    with reviewing(build_case(tmp_path, mails)) as ann:
        page = ann.text("/timeline")
        assert "by week" in page
        before = page.partition("1 message long before")[0]
        link = before.rpartition('<a href="')[2].partition('"')[0]
        assert ann.order(link) == [4]
