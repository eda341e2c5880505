"""Several reviewers on one case: each is led to other messages, and nothing is saved twice."""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from postgresql_server import Server
from review_building import Reviewer, build_case, quay_case, reviewing
from scan_building import mail
from serving_building import Browser, server
from typer.testing import CliRunner

from riskscan.case.chain import verify
from riskscan.case.decisions import Entry, current, entries
from riskscan.case.location import Location
from riskscan.case.read import Case
from riskscan.cli import app
from riskscan.review.leasing import BATCH


@pytest.fixture
def many(tmp_path: Path, case_place: Location) -> Location:
    mails = [mail(n, f"Crate {n}.", subject=f"crate {n}") for n in range(1, 41)]
    build_case(tmp_path, mails, worries=(7,), place=case_place)
    return case_place


@pytest.fixture
def ann(many: Location) -> Iterator[Reviewer]:
    with reviewing(many, "Ann") as reviewer:
        yield reviewer


@pytest.fixture
def ben(many: Location) -> Iterator[Reviewer]:
    with reviewing(many, "Ben") as reviewer:
        yield reviewer


def rows(case: Location) -> list[Entry]:
    with Case(case) as opened, opened.connect() as connection:
        assert verify(connection).faults == ()
        return list(entries(connection))


def standing(case: Location) -> dict[tuple[int, str], str]:
    with Case(case) as opened, opened.connect() as connection:
        return {(one.message, one.reviewer): one.verdict for one in current(connection)}


def shown(answer: object) -> int:
    """The number of the message that a page is of."""
    found = re.search(r"/m/(\d+)", str(answer.url))  # type: ignore[attr-defined]
    assert found is not None
    return int(found[1])


def test_two_reviewers_read_other_messages(many: Location, ann: Reviewer, ben: Reviewer) -> None:
    now = {"Ann": shown(ann.get("/next")), "Ben": shown(ben.get("/next"))}
    assert now["Ann"] == 7, "the worst first"
    seen: Counter[int] = Counter()
    for _ in range(12):
        for name, one in (("Ann", ann), ("Ben", ben)):
            seen[now[name]] += 1
            now[name] = shown(one.decide(now[name], "not"))
    assert set(seen.values()) == {1}
    assert len(standing(many)) == 24


def test_what_another_reads_is_told(ann: Reviewer, ben: Reviewer) -> None:
    first = ann.order()[0]
    ann.text(f"/m/{first}")
    ann.desk.leasing.wait()
    assert ben.text("/").count("Ann</bdi> is reading it") == BATCH
    assert "Ann has this message before them now" in ben.text(f"/m/{first}")
    assert "reading it" not in ann.text("/")
    assert shown(ben.get("/next")) == ben.order()[BATCH]
    # What each decides for themselves is not shared out.
    assert shown(ben.get("/next?decided=mine-no")) == first


def test_what_a_reviewer_left_is_free_again(many: Location, ben: Reviewer) -> None:
    with reviewing(many, "Ann") as ann:
        first = shown(ann.get("/next"))
        assert shown(ben.get("/next")) != first
    assert shown(ben.get("/next")) == first


def test_the_last_messages_are_with_others(tmp_path: Path, case_place: Location) -> None:
    case = quay_case(tmp_path, case_place)
    with reviewing(case, "Ann") as ann, reviewing(case, "Ben") as ben:
        ann.get("/next")
        assert "Others are at what is left here" in ben.text("/next")
        # A lease is an offer: it keeps nobody from deciding.
        assert "Others are at what is left here" in ben.decide(3, "flag").text
    assert standing(case) == {(3, "Ben"): "flag"}


def test_what_is_sent_again_is_saved_once(many: Location, ann: Reviewer) -> None:
    for _ in range(3):
        assert "Saved" in ann.decide(2, "flag", key="k1", note="twice").text
    assert len(rows(many)) == 1
    ann.decide(2, "not", key="k1")
    ann.decide(2, "flag", key="k1", note="twice")
    assert [row.verdict for row in rows(many)] == ["flag", "not", "flag"]


def test_a_page_that_was_gone_back_to_decides_again_after_an_undo(
    many: Location, ann: Reviewer
) -> None:
    ann.decide(2, "flag", key="k1")
    ann.post("/undo", key="k2")
    ann.decide(2, "flag", key="k1")
    assert standing(many) == {(2, "Ann"): "flag"}


def test_an_undo_that_is_sent_again_takes_back_one(many: Location, ann: Reviewer) -> None:
    ann.decide(2, "flag")
    ann.decide(3, "flag")
    for _ in range(2):
        assert "message 3 is taken back" in ann.post("/undo", key="k1").text
    assert standing(many) == {(2, "Ann"): "flag"}


def test_every_page_has_a_key_of_its_own(ann: Reviewer) -> None:
    keys = [
        k for _ in range(2) for k in re.findall(r'name="key" value="([^"]+)"', ann.text("/m/2"))
    ]
    assert len(keys) == len(set(keys)) > 2


# processes that die


class Client(threading.Thread):
    """A reviewer at a browser, who decides on what comes and sends again what failed."""

    def __init__(self, name: str, number: int) -> None:
        super().__init__()
        self.reviewer, self.number = name, number
        self.saved: list[int] = []
        self.link = ""
        self.renewed = threading.Event()
        self.halfway = threading.Event()

    def run(self) -> None:
        self.renewed.wait(60)
        browser = Browser(self.link)
        at = ""
        for step in range(self.number):
            at = at or browser.ask("GET", "/next")[1]["location"]
            message = int(at.split("/")[2].partition("?")[0])
            fields = {"verdict": "not", "view": "", "key": f"{self.reviewer} {step}"}
            if step == self.number // 2:
                self.renewed.clear()
                self.halfway.set()
            while True:
                try:
                    status, headers, _ = browser.ask("POST", f"/m/{message}/decide", fields)
                except OSError:
                    # The server died, perhaps after it had saved this: the next one is asked.
                    assert self.renewed.wait(60)
                    browser = Browser(self.link)
                    continue
                if status == 303:
                    break
                assert status == 503
            self.saved.append(message)
            at = headers["location"] if headers["location"].startswith("/m/") else ""


def test_no_decision_is_lost_or_doubled_when_servers_and_database_die(
    tmp_path: Path, postgresql: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    place = postgresql.place()
    mails = [mail(n, f"Crate {n}.") for n in range(1, 41)]
    build_case(tmp_path, mails, place=place)
    ann, ben = Client("Ann", 10), Client("Ben", 10)
    with (
        server(place, "--reviewer", "Ann") as (first, link),
        server(place, "--reviewer", "Ben") as (_, other),
    ):
        ann.link, ben.link = link, other
        for one in (ann, ben):
            one.renewed.set()
            one.start()
        assert ann.halfway.wait(60)
        first.kill()
        with server(place, "--reviewer", "Ann") as (_, link):
            ann.link = link
            ann.renewed.set()
            assert ben.halfway.wait(60)
            postgresql.kill()
            postgresql.start()
            ben.renewed.set()
            for one in (ann, ben):
                one.join(120)
                assert not one.is_alive()
    wanted = Counter((message, "Ann") for message in ann.saved)
    wanted += Counter((message, "Ben") for message in ben.saved)
    with Case(place) as opened, opened.connect() as connection:
        assert Counter((row.message, row.reviewer) for row in entries(connection)) == wanted
    assert max(wanted.values()) == 1
    told = json.loads(CliRunner().invoke(app, ["audit", place, "--json"]).stdout)
    assert told["holds"] is True
    assert told["rows"] == 20
