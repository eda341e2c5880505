"""Decisions: appended, never changed; the chain tells when somebody did."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
from postgresql_server import Server
from scan_building import contents
from sqlalchemy.exc import DBAPIError
from typer.testing import CliRunner

from riskscan.case.chain import START, Verified, verify
from riskscan.case.decisions import (
    Decision,
    Decisions,
    Entry,
    conflicts,
    current,
    current_of,
    entries,
    history,
)
from riskscan.case.location import CaseError, Location, locate
from riskscan.case.open import connect, open_case, writing
from riskscan.case.read import Case
from riskscan.case.schema import refusals
from riskscan.case.store import Outcome, Parsed
from riskscan.cli import app
from riskscan.mail.message import Address, Message

RUN = CliRunner()


def letter(number: int) -> Message:
    return Message(
        message_id=f"<{number}@quay.example>", mih=f"mih{number}", content_hash=f"hash{number}",
        sender=Address("Nora Quill", "nora@quay.example"), subject=f"crate {number}",
    )  # fmt: skip


def add_messages(case: Location, first: int, last: int) -> None:
    with open_case(case) as store:
        unit, done, _ = store.unit("/x.mbox", "/x.mbox", "mbox", 1, "a" * 64)
        outcomes = [
            Outcome("x.mbox", "mboxrd", "nora", Parsed(f"offset {i}", "", "b" * 64, 9, letter(i)))
            for i in range(first, last + 1)
        ]
        assert done == first - 1
        store.add_batch(unit, outcomes)


@pytest.fixture
def case(case_place: Location) -> Location:
    add_messages(case_place, 1, 9)
    return case_place


@pytest.fixture
def ledger(case: Location) -> Iterator[Decisions]:
    made = Decisions(case)
    yield made
    made.close()


def standing(case: Location) -> dict[tuple[int, str], str]:
    with Case(case) as opened, opened.connect() as connection:
        return {(one.message, one.reviewer): one.verdict for one in current(connection)}


def rows(case: Location) -> list[Entry]:
    with Case(case) as opened, opened.connect() as connection:
        return list(entries(connection))


def verified(case: Location, head: str = "") -> Verified:
    with Case(case) as opened, opened.connect() as connection:
        return verify(connection, head=head)


def run(case: Location, *statements: str) -> None:
    """SQL of somebody who may write to the database."""
    engine = connect(case)
    with writing(engine) as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def tamper(case: Location, *statements: str) -> None:
    """What somebody with the rights and no scruples does."""
    if case.folder is None:
        off, on = (f"ALTER TABLE decisions {word} TRIGGER USER" for word in ("DISABLE", "ENABLE"))
        loose = "DROP INDEX IF EXISTS decisions_follow"
        run(case, off, loose, *statements, on)
        return
    run(
        case,
        "DROP TRIGGER decisions_stay",
        "DROP TRIGGER decisions_are_kept",
        *statements,
        *refusals("sqlite").values(),
    )


# writing


def test_a_decision_keeps_all_that_was_said(case: Location, ledger: Decisions) -> None:
    said = Decision(3, "flag", ("threat", "pressure"), True, True, "Übel – ask Ben\n", 0.75, "f00d")
    assert ledger.decide("  Ann\tBell ", [said]) == [1]
    (row,) = rows(case)
    assert (row.message, row.content_hash, row.reviewer) == (3, "hash3", "Ann Bell")
    assert (row.verdict, row.signals, row.privileged, row.hot) == (
        "flag", ("threat", "pressure"), True, True,
    )  # fmt: skip
    assert (row.note, row.score, row.model) == ("Übel – ask Ben\n", 0.75, "f00d")
    assert row.previous == START
    assert row.made.endswith("+00:00")


def test_each_row_holds_the_hash_of_the_one_before(case: Location, ledger: Decisions) -> None:
    for number in (1, 2, 3):
        ledger.decide("Ann", [Decision(number, "not")])
    made = rows(case)
    assert [row.previous for row in made] == [START, made[0].sha256, made[1].sha256]
    assert verified(case).faults == ()
    assert verified(case).head == made[-1].sha256


def test_what_holds_is_the_last_word_of_each_reviewer(case: Location, ledger: Decisions) -> None:
    ledger.decide("Ann", [Decision(1, "flag")])
    ledger.decide("Ben", [Decision(1, "not")])
    ledger.decide("Ann", [Decision(1, "unsure")])
    assert standing(case) == {(1, "Ann"): "unsure", (1, "Ben"): "not"}
    with Case(case) as opened, opened.connect() as connection:
        assert set(conflicts(current(connection))) == {1}
        assert [one.seq for one in history(connection, 1)] == [1, 2, 3]
        assert current_of(connection, [1]) == current(connection)


def test_undo_restores_what_held_before(case: Location, ledger: Decisions) -> None:
    ledger.decide("Ann", [Decision(1, "flag")])
    ledger.decide("Ben", [Decision(2, "flag")])
    ledger.decide("Ann", [Decision(1, "not")])
    assert ledger.undo("Ann") == [1]
    assert standing(case) == {(1, "Ann"): "flag", (2, "Ben"): "flag"}
    assert ledger.undo("Ann") == [1]
    assert ledger.undo("Ann") == []
    assert standing(case) == {(2, "Ben"): "flag"}
    assert verified(case).faults == ()


def test_a_batch_is_undone_at_once(case: Location, ledger: Decisions) -> None:
    ledger.decide("Ann", [Decision(9, "flag")])
    ledger.decide("Ann", [Decision(n, "not") for n in (1, 2, 3)], batch=True)
    assert ledger.undo("Ann") == [1, 2, 3]
    assert standing(case) == {(9, "Ann"): "flag"}


def test_all_of_a_batch_or_nothing(case: Location, ledger: Decisions) -> None:
    with pytest.raises(CaseError, match="No message '77'"):
        ledger.decide("Ann", [Decision(1, "not"), Decision(77, "not")], batch=True)
    assert rows(case) == []


@pytest.mark.parametrize(
    "wrong", [Decision(1, "perhaps"), Decision(1, "flag", ("gossip",)), Decision(1, "")]
)
def test_what_is_no_decision_is_refused(case: Location, ledger: Decisions, wrong: Decision) -> None:
    with pytest.raises(ValueError, match="is no"):
        ledger.decide("Ann", [wrong])
    assert rows(case) == []


def test_a_reviewer_needs_a_name(ledger: Decisions) -> None:
    with pytest.raises(ValueError, match="needs a name"):
        ledger.decide(" \u200b\n", [Decision(1, "not")])


def test_no_character_breaks_the_chain(case: Location, ledger: Decisions) -> None:
    ledger.decide("A\ud800nn\x00", [Decision(1, "not", note="a\ud800\x00b\x1b[31m 𝄞 é")])
    assert verified(case).faults == ()
    assert rows(case)[0].note == "ab[31m 𝄞 é"


@pytest.mark.parametrize("change", ["UPDATE decisions SET note = 'x'", "DELETE FROM decisions"])
def test_the_database_refuses_to_change_a_decision(
    case: Location, ledger: Decisions, change: str
) -> None:
    ledger.decide("Ann", [Decision(1, "not")])
    with pytest.raises(DBAPIError, match="never"):
        run(case, change)
    assert len(rows(case)) == 1


# beside others


def test_reviewers_who_decide_at_once_make_one_chain(case: Location) -> None:
    def decide(name: str) -> None:
        ledger = Decisions(case)
        for number in range(1, 10):
            ledger.decide(name, [Decision(number, "not")])
        ledger.close()

    threads = [threading.Thread(target=decide, args=(name,)) for name in ("Ann", "Ben", "Cy")]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(standing(case)) == 27
    assert verified(case).faults == ()


def test_decisions_are_made_while_a_scan_holds_the_case(case: Location, ledger: Decisions) -> None:
    with open_case(case) as store:
        for number in range(10, 30):
            ledger.decide("Ann", [Decision(number - 9, "not")])
            unit, _, _ = store.unit("/x.mbox", "/x.mbox", "mbox", 1, "a" * 64)
            parsed = Parsed(f"offset {number}", "", "b" * 64, 9, letter(number))
            store.add_batch(unit, [Outcome("x.mbox", "mboxrd", "nora", parsed)])
    assert len(standing(case)) == 20
    assert verified(case).faults == ()


def test_a_scan_survives_a_decision_in_the_middle_of_its_batch(
    case: Location, ledger: Decisions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch reads before it writes; a decision that came in between made it fail."""
    from riskscan.case.batch import Batch

    deciding: list[threading.Thread] = []
    add = Batch.add

    def slow(self: Batch, *given: object, **more: object) -> None:
        thread = threading.Thread(target=ledger.decide, args=("Ann", [Decision(1, "flag")]))
        deciding.append(thread)
        thread.start()
        thread.join(0.3)
        add(self, *given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Batch, "add", slow)
    add_messages(case, 10, 12)
    deciding[0].join()
    assert standing(case) == {(1, "Ann"): "flag"}
    with Case(case) as opened:
        assert opened.counts()["stored"] == 12


def test_decisions_change_nothing_else_in_the_case(case: Location, ledger: Decisions) -> None:
    before = contents(case)
    ledger.decide("Ann", [Decision(1, "flag")])
    after = contents(case)
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed == {"decisions", "submissions"}


def test_a_case_without_decisions_gets_the_tables(case: Location) -> None:
    run(
        case, "DROP VIEW standing_decisions", "DROP TABLE decisions", "DROP TABLE saved_searches",
        "DROP TABLE second_reviews", "DROP TABLE submissions", "DROP TABLE leases",
    )  # fmt: skip
    assert rows(case) == []
    assert verified(case).faults == ()
    ledger = Decisions(case)
    ledger.decide("Ann", [Decision(1, "flag")])
    ledger.close()
    assert standing(case) == {(1, "Ann"): "flag"}


_CHILD = """
import sys
from riskscan.case.decisions import Decision, Decisions
ledger = Decisions(sys.argv[1])
for number in range(10_000):
    (seq,) = ledger.decide("Ann", [Decision(number % 9 + 1, "not")])
    print(seq, flush=True)
"""


def test_what_was_answered_is_there_after_a_kill(case: Location) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(case)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    told = [int(child.stdout.readline()) for _ in range(40)]
    child.kill()
    told += [int(line) for line in child.stdout if line.endswith("\n")]
    child.wait()
    child.stdout.close()
    there = [row.seq for row in rows(case)]
    assert there[: len(told)] == told
    assert len(there) <= len(told) + 1, "at most one that was not answered any more"
    assert verified(case).faults == ()


def test_what_was_answered_is_on_the_disk_of_the_server(postgresql: Server) -> None:
    """Also of one that is set to commit first and write later."""
    place = locate(postgresql.place())
    add_messages(place, 1, 3)
    ledger = Decisions(place)
    ledger.decide("Ann", [Decision(1, "not"), Decision(2, "flag")])
    postgresql.kill()
    postgresql.start()
    assert standing(place) == {(1, "Ann"): "not", (2, "Ann"): "flag"}
    assert ledger.decide("Ann", [Decision(3, "not")]) == [3]
    ledger.close()
    assert verified(place).faults == ()


# the chain


@pytest.fixture
def chain(case: Location, ledger: Decisions) -> Location:
    for number in range(1, 7):
        ledger.decide("Ann", [Decision(number, "flag", score=0.5, note=f"note {number}")])
    return case


CHANGES = (
    "verdict = 'not'", "note = 'x'", "reviewer = 'Ben'", "made = '2020-01-01'",
    "signals = '[\"threat\"]'", "privileged = true", "hot = true", "score = 0.4", "score = NULL",
    "model = 'other'", "version = '9'", "kind = 'batch'", "undoes = 1", "content_hash = 'hash4'",
    "signals = 'no list'",
)  # fmt: skip
# What PostgreSQL does not hold in these columns at all.
ONLY_IN_SQLITE = ("privileged = 2", "note = x'ff00'")


def test_a_changed_row_is_named(chain: Location) -> None:
    if chain.folder is not None:
        run(chain, "DROP TRIGGER decisions_stay")
    engine = connect(chain)
    for change in CHANGES + (() if chain.folder is None else ONLY_IN_SQLITE):
        with engine.connect() as connection:
            off = "ALTER TABLE decisions DISABLE TRIGGER USER"
            connection.exec_driver_sql(off if chain.folder is None else "SELECT 1")
            connection.exec_driver_sql(f"UPDATE decisions SET {change} WHERE seq = 3")
            told = [f for f in verify(connection).faults if f.kind != "unguarded"]
            connection.rollback()
        assert (told[0].seq, told[0].kind) == (3, "changed"), change
        assert "Row 3 was changed" in told[0].reason
    engine.dispose()
    if chain.folder is not None:
        run(chain, refusals("sqlite")["decisions_stay"])
    assert verified(chain).faults == ()


def test_a_row_changed_with_its_hash_breaks_the_next(chain: Location) -> None:
    from riskscan.case.chain import row_hash

    engine = connect(chain)
    with engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT * FROM decisions WHERE seq = 3").mappings()
        row = dict(found.one())
    engine.dispose()
    row["verdict"] = "not"
    tamper(chain, f"UPDATE decisions SET verdict = 'not', sha256 = '{row_hash(row)}' WHERE seq = 3")
    (fault,) = verified(chain).faults
    assert (fault.seq, fault.kind) == (4, "unlinked")


@pytest.mark.parametrize(
    ("gone", "told"), [("3", "Row 3 is missing."), ("2, 3", "Rows 2 to 3 are missing."),
                       ("1", "Row 1 is missing."), ("5, 6", "Rows 5 to 6 are missing.")]
)  # fmt: skip
def test_missing_rows_are_named(chain: Location, gone: str, told: str) -> None:
    tamper(chain, f"DELETE FROM decisions WHERE seq IN ({gone})")
    faults = verified(chain).faults
    assert [fault.kind for fault in faults] == ["missing"]
    assert faults[0].reason == told


def test_rows_taken_from_the_end_are_missed_after_the_next_decision_too(
    chain: Location, ledger: Decisions
) -> None:
    tamper(chain, "DELETE FROM decisions WHERE seq > 4")
    ledger.decide("Ann", [Decision(1, "not")])
    assert [fault.reason for fault in verified(chain).faults] == ["Rows 5 to 6 are missing."]


def test_moved_rows_are_named(chain: Location) -> None:
    tamper(
        chain,
        "UPDATE decisions SET seq = 99 WHERE seq = 2",
        "UPDATE decisions SET seq = 2 WHERE seq = 4",
        "UPDATE decisions SET seq = 4 WHERE seq = 99",
    )
    found = {(fault.seq, fault.kind) for fault in verified(chain).faults}
    assert {(2, "moved"), (4, "moved")} <= found


def test_a_hash_noted_earlier_finds_a_chain_written_anew(
    chain: Location, ledger: Decisions
) -> None:
    head = verified(chain).head
    ledger.decide("Ann", [Decision(1, "not")])
    assert verified(chain, head).faults == ()
    assert [fault.kind for fault in verified(chain, "0" * 63 + "1").faults] == ["head"]


def test_a_message_that_is_another_now_is_named(chain: Location) -> None:
    tamper(chain, "UPDATE messages SET content_hash = 'forged' WHERE id = 2")
    assert [(f.seq, f.kind) for f in verified(chain).faults] == [(2, "message")]


def test_a_guard_that_is_gone_is_told(chain: Location) -> None:
    server = chain.folder is None
    run(chain, f"DROP TRIGGER decisions_stay{' ON decisions' if server else ''}")
    assert [fault.kind for fault in verified(chain).faults] == ["unguarded"]


# the command


def test_audit_prints_a_chain_that_holds(chain: Location) -> None:
    made = RUN.invoke(app, ["audit", str(chain)])
    assert made.exit_code == 0
    assert "6 rows; the chain holds." in made.output
    assert verified(chain).head in made.output
    assert "“note 3”" in made.output


def test_audit_names_the_faults_and_fails(chain: Location) -> None:
    tamper(chain, "UPDATE decisions SET note = '\x1b[31mred' WHERE seq = 3")
    made = RUN.invoke(app, ["audit", str(chain)])
    assert made.exit_code == 1
    assert "Row 3 was changed" in made.output
    assert "\x1b[31m" not in made.output


def test_audit_for_machines(chain: Location) -> None:
    told = json.loads(RUN.invoke(app, ["audit", str(chain), "--json"]).stdout)
    assert told["holds"] is True
    assert [row["seq"] for row in told["decisions"]] == [1, 2, 3, 4, 5, 6]
    made = RUN.invoke(app, ["audit", str(chain), "--json", "--head", "ab" * 32])
    assert made.exit_code == 1
    assert json.loads(made.stdout)["faults"][0]["kind"] == "head"


def test_audit_of_a_case_without_decisions(case: Location) -> None:
    made = RUN.invoke(app, ["audit", str(case)])
    assert made.exit_code == 0
    assert "0 rows; the chain holds." in made.output


def test_people_who_query_the_file_find_what_holds(chain: Location) -> None:
    engine = connect(chain)
    with engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT count(*) FROM standing_decisions").scalar()
    engine.dispose()
    assert found == 6
