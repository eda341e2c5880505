"""Reading a case: one message, threads, figures, SQL that stays fast."""

from __future__ import annotations

import pytest
from scan_building import PLAIN, WORRY, embedded, mail, multipart, text_part, write_mbox
from sqlalchemy import event

from riskscan.case.location import Location, locate
from riskscan.case.read import Case
from riskscan.case.store import CaseError
from riskscan.scanning import run_scan


@pytest.fixture(scope="module", params=["folder", "postgresql"])
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Location:
    place = tmp_path_factory.mktemp("reading")
    made = locate(place / "case")
    if request.param == "postgresql":
        made = locate(request.getfixturevalue("postgresql").place())
    box = [mail(i, f"{WORRY if i in (3, 7) else PLAIN} {i}") for i in range(1, 40)]
    box[9] = mail(10, "Agreed.", headers="In-Reply-To: <3@quayside.example>", subject="Re: else")
    box[11] = multipart(12, [text_part("See."), embedded(mail(60, "Inside."))])
    box.append(mail(3, f"{WORRY} 3", message_id="<copy@quayside.example>"))
    box.append(mail(5, "No number.", message_id="1234567"))
    box.append(mail(6, "No id.", message_id=""))
    run_scan([write_mbox(place / "ada.mbox", box)], made, entities="none")
    return made


@pytest.mark.parametrize(
    "name",
    [
        "<3@quayside.example>",
        "3@quayside.example",
        " <3@quayside.example> ",
        "copy@quayside.example",
    ],
)
def test_a_message_by_its_id_with_and_without_brackets(case: Location, name: str) -> None:
    with Case(case) as opened:
        assert opened.record(name)["message_id"] == "<3@quayside.example>"


def test_a_message_by_number_or_an_id_that_looks_like_one(case: Location) -> None:
    with Case(case) as opened:
        assert opened.record("3")["id"] == 3
        assert opened.record("1234567")["message_id"] == "1234567"


@pytest.mark.parametrize("name", ["", "<>", "  ", "x@nowhere", "0", "-1", "9" * 40, "99999", "%"])
def test_no_such_message(case: Location, name: str) -> None:
    with Case(case) as opened, pytest.raises(CaseError, match="No message"):
        opened.record(name)


def test_worst_first(case: Location) -> None:
    with Case(case) as opened:
        scores = [r["score"] for r in opened.records()]
        flagged = list(opened.records(flagged=True))
        assert scores == sorted(scores, reverse=True)
        assert {r["message_id"] for r in flagged} == {
            "<3@quayside.example>", "<7@quayside.example>"
        }  # fmt: skip
        assert [r["score"] for r in opened.records(limit=5)] == scores[:5]
        assert next(opened.records())["flagged"]


def test_a_thread_by_date(case: Location) -> None:
    with Case(case) as opened:
        thread = opened.record("10@quayside.example")["thread_id"]
        assert opened.record("3@quayside.example")["thread_id"] == thread
        dates = [m["date"] for m in opened.thread(thread)]
    assert dates == sorted(dates)
    assert len(dates) >= 2


def test_models_and_runs(case: Location) -> None:
    with Case(case) as opened:
        (model,) = opened.models()
        (run,) = opened.runs()
    assert (model["kind"], model["name"]) == ("detector", "detector")
    assert "threshold" in model["settings"]
    assert run["command"] == "scan"
    assert run["summary"]["found"] == 42
    assert run["started"] <= run["finished"]


def test_queries_do_not_grow_with_the_messages(case: Location) -> None:
    with Case(case) as opened:
        asked = 0

        @event.listens_for(opened._engine, "before_cursor_execute")
        def _count(*_: object) -> None:
            nonlocal asked
            asked += 1

        few = list(opened.records(limit=2))
        for_few, asked = asked, 0
        many = list(opened.records())
        assert len(many) > 10 * len(few)
        assert asked == for_few


@pytest.mark.parametrize(
    "query",
    [
        "SELECT message_id FROM identities WHERE hash IN ('a','b')",
        "SELECT text_hash, min(id) FROM messages WHERE text_hash IN ('a') GROUP BY text_hash",
        "SELECT id FROM messages WHERE message_id IN ('a','b')",
        "SELECT id FROM messages WHERE thread_id='a' ORDER BY date",
        "SELECT id FROM messages WHERE thread_id IS NULL LIMIT 1",
        "SELECT * FROM findings WHERE message_id IN (1,2)",
        "SELECT * FROM entities WHERE message_id IN (1,2)",
        "SELECT * FROM duplicates WHERE message_id IN (1,2)",
        "SELECT * FROM texts WHERE message_id IN (1,2)",
        "SELECT * FROM recipients WHERE message_id IN (1,2) ORDER BY position",
        "SELECT id FROM messages ORDER BY score DESC NULLS LAST LIMIT 20",
    ],
)
def test_what_is_asked_often_is_found_by_an_index(case: Location, query: str) -> None:
    with Case(case) as opened, opened.connect() as connection:
        if case.folder is None:
            # Of a few rows all are looked through; forbid that to see what there is besides.
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            connection.exec_driver_sql("SET LOCAL enable_sort = off")
            told = connection.exec_driver_sql(f"EXPLAIN {query}").scalars().all()
            assert any("Index" in step for step in told), told
            assert not any("Seq Scan" in step for step in told), told
            return
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}")]
    assert "USING" in plan[0], plan
    assert not any(step.startswith("SCAN") and "USING" not in step for step in plan), plan
