"""Grouping: what it puts in the case, and what records, exports and the report make of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from people_building import Mail, build, rows

from riskscan.case.read import Case
from riskscan.case.selection import Selection
from riskscan.case.store import CaseError, Outcome, Parsed, open_case
from riskscan.engine import Culprit, Engine
from riskscan.export.report import write_report
from riskscan.export.targets import export_case, write
from riskscan.mail.message import Attachment, Message, Role
from riskscan.stages.groups import group
from riskscan.stages.progress import Silent

WORRY = "I think what we are doing with the invoices is illegal and we should stop it at once."
OTHER = "The crates arrive on Thursday morning and the lorry leaves again before it gets dark."
QUOTED = f"\n\n-----Original Message-----\nFrom: Nora Quill\nTo: Ben Tarn\n\n{WORRY}\n"
TABLES = ("near_duplicates", "inclusiveness", "groupings")

MAILS = [
    Mail(WORRY, thread="a", finding=WORRY),
    Mail(WORRY.replace("at once", "at last"), finding=WORRY.replace("at once", "at last")),
    Mail(OTHER, thread="b"),
    Mail(
        "Let us talk about that on the phone, please.",
        thread="a", roles=[(Role.QUOTED, QUOTED)], finding="Let us talk about that on the phone",
    ),
    Mail(f"{OTHER} More of it follows on Friday.", thread="c"),
]  # fmt: skip


class Told(Silent):
    """Counts how often a stage begins."""

    begun = 0

    def start(self, stage: str, total: int, unit: str) -> None:
        self.begun += 1


def grouped(case: Path, mails: Sequence[Mail]) -> Path:
    return again(build(case, mails))[0]


def again(case: Path) -> tuple[Path, int]:
    told = Told()
    with open_case(case) as store:
        group(store, told)
    return case, told.begun


class Dying(Engine):
    """Every process ends."""

    def map(self, work: Any, batches: Any, *_: Any, **__: Any) -> Iterator[Any]:
        yield from ((context, [Culprit("it ended")]) for context, _ in batches)


@pytest.mark.parametrize("engine", [Engine, Dying])
def test_processes_that_read_the_case_find_what_one_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: type[Engine]
) -> None:
    here = contents(grouped(tmp_path / "here", MAILS))
    monkeypatch.setattr("riskscan.stages.groups.MANY", 1)
    monkeypatch.setattr("riskscan.stages.groups._ALONE", 1)
    monkeypatch.setattr("riskscan.case.groups._PORTION", 2)
    case = build(tmp_path / "there", MAILS)
    with open_case(case) as store, engine(1) as readers:
        group(store, Silent(), readers)
    assert contents(case) == here
    assert here["near_duplicates"] and here["inclusiveness"]


def contents(case: Path) -> dict[str, list[tuple[object, ...]]]:
    return {name: rows(case, f"SELECT * FROM {name} ORDER BY 1") for name in TABLES}


def near(case: Path) -> list[tuple[int, int]]:
    found = rows(case, "SELECT message_id, near_group FROM near_duplicates ORDER BY 1")
    return [(message, group) for message, group in found]


def test_near_duplicates_and_included_messages_are_in_the_case(tmp_path: Path) -> None:
    case = grouped(tmp_path / "case", MAILS)
    assert near(case) == [(1, 1), (2, 1), (3, 5), (5, 5)]
    assert rows(case, "SELECT message_id, included_in FROM inclusiveness ORDER BY 1") == [
        (1, 4), (2, None), (3, None), (4, None), (5, None),
    ]  # fmt: skip


def test_nothing_is_done_again_until_something_has_changed(tmp_path: Path) -> None:
    case = grouped(tmp_path / "case", MAILS)
    before = contents(case)
    assert again(case)[1] == 0
    with open_case(case) as store:
        store.set_threads([(1, "elsewhere")])
    assert again(case)[1] == 1
    assert contents(case)["inclusiveness"] != before["inclusiveness"]


def test_a_case_that_grew_is_as_one_made_at_once(tmp_path: Path) -> None:
    case = grouped(tmp_path / "grown", MAILS[:3])
    with open_case(case) as store:
        unit, _, _ = store.unit("/x/more.mbox", "/x/more.mbox", "mbox", 1, "b" * 64)
        store.add_batch(
            unit,
            [
                Outcome("more.mbox", "mboxrd", "nora", Parsed(str(i), "", "b" * 64, 9, m))
                for i, m in enumerate((m.message(n) for n, m in enumerate(MAILS, 1)), 1)
            ],
        )
        store.set_threads((i, m.thread or f"t{i}") for i, m in enumerate(MAILS, 1))
    assert contents(again(case)[0]) == contents(grouped(tmp_path / "once", MAILS))


def test_grouping_that_was_killed_is_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = build(tmp_path / "case", MAILS)
    with monkeypatch.context() as patch:
        patch.setattr("riskscan.stages.groups.inclusions", lambda _: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            again(case)
    with Case(case) as opened:
        assert all(record["near_group"] is None for record in opened.records())
    assert again(case)[1] == 1
    assert contents(case) == contents(grouped(tmp_path / "whole", MAILS))


def test_an_attachment_keeps_a_message_whose_text_is_quoted(tmp_path: Path) -> None:
    case = tmp_path / "case"
    mails = [Mail(WORRY, thread="a"), MAILS[3]]
    messages = [m.message(i) for i, m in enumerate(mails, 1)]
    messages[0].attachments.append(Attachment("permit.pdf", "application/pdf", 9, "c" * 64))
    store_messages(case, messages)
    again(case)
    reasons = rows(case, "SELECT message_id, reason FROM inclusiveness ORDER BY 1")
    assert reasons == [(1, "attachments"), (2, "last")]


def test_posts_of_a_chat_are_all_inclusive(tmp_path: Path) -> None:
    case = build(tmp_path / "case", [Mail(WORRY, thread="a"), Mail(WORRY, thread="a")])
    with open_case(case) as store, store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE messages SET medium = 'chat'")
    again(case)
    assert rows(case, "SELECT reason FROM inclusiveness") == [("alone",), ("alone",)]
    assert near(case) == [(1, 1), (2, 1)]


def store_messages(case: Path, messages: Sequence[Message]) -> None:
    with open_case(case) as store:
        unit, _, _ = store.unit("/x/box.mbox", "/x/box.mbox", "mbox", 1, "a" * 64)
        store.add_batch(
            unit,
            [
                Outcome("box.mbox", "mboxrd", "nora", Parsed(str(i), "", "b" * 64, 9, m))
                for i, m in enumerate(messages, 1)
            ],
        )
        store.set_threads((i, "a") for i in range(1, len(messages) + 1))


def test_records_say_what_a_message_is_like_and_what_it_adds(tmp_path: Path) -> None:
    cut = Mail("Fine.", thread="a", roles=[(Role.QUOTED, QUOTED.replace("doing with the ", ""))])
    case = grouped(tmp_path / "case", [MAILS[0], MAILS[1], cut])
    with Case(case) as opened:
        found = {record["id"]: record for record in opened.records()}
        frame = opened.messages().set_index("id")
    one = found[1]
    assert (one["near_group"], found[2]["near_group"], found[3]["near_group"]) == (1, 1, None)
    assert 0.7 <= found[2]["near_similarity"] < one["near_similarity"] == 1
    assert (one["inclusive"], one["inclusive_reason"], one["adds_to"]) == (True, "text", 3)
    added = [one["body"][s["start"] : s["end"]] for s in one["added"]]
    assert added == ["doing with the"]
    assert one["added_words"] == 3
    assert frame.near_group.tolist()[:2] == [1, 1]
    assert bool(frame.inclusive[1]) is True


def test_a_case_that_was_not_grouped_says_nothing_and_collapses_nothing(tmp_path: Path) -> None:
    case = build(tmp_path / "case", MAILS)
    with Case(case) as opened:
        assert {record["inclusive"] for record in opened.records()} == {None}
        with pytest.raises(CaseError, match="scan it again"):
            write(opened, tmp_path / "a.csv", "csv", Selection(collapse=("threads",)))


def test_an_export_can_leave_out_what_others_in_it_stand_for(tmp_path: Path) -> None:
    case = grouped(tmp_path / "case", MAILS)

    def exported(*collapse: str, flagged: bool = False) -> list[int]:
        selection = Selection(flagged=flagged, collapse=collapse)
        with Case(case) as opened:
            write(opened, tmp_path / "out.jsonl", "jsonl", selection)
        lines = (tmp_path / "out.jsonl").read_text("utf-8").splitlines()
        return [json.loads(line)["id"] for line in lines]

    assert exported() == [1, 2, 4, 3, 5]
    assert exported("near-duplicates") == [1, 4, 3]
    assert exported("threads") == [2, 4, 3, 5]
    assert exported("near-duplicates", "threads") == [4, 3]
    assert exported("threads", flagged=True) == [2, 4]


def test_what_includes_a_message_must_be_in_the_export_itself(tmp_path: Path) -> None:
    mails = [Mail(OTHER), MAILS[0], Mail(OTHER, thread="a", roles=[(Role.QUOTED, QUOTED)])]
    case = grouped(tmp_path / "case", mails)
    both = Selection(collapse=("near-duplicates", "threads"))
    with Case(case) as opened:
        write(opened, tmp_path / "threads.jsonl", "jsonl", Selection(collapse=("threads",)))
        write(opened, tmp_path / "both.jsonl", "jsonl", both)
    found = [
        [json.loads(line)["id"] for line in (tmp_path / name).read_text("utf-8").splitlines()]
        for name in ("threads.jsonl", "both.jsonl")
    ]
    assert found == [[1, 3], [2, 1]]


def test_what_only_an_unselected_message_includes_is_exported(tmp_path: Path) -> None:
    mails = [MAILS[0], Mail("Fine.", thread="a", roles=[(Role.QUOTED, QUOTED)])]
    case = grouped(tmp_path / "case", mails)
    assert rows(case, "SELECT included_in FROM inclusiveness WHERE message_id = 1") == [(2,)]
    selection = Selection(flagged=True, collapse=("threads",))
    with Case(case) as opened:
        assert write(opened, tmp_path / "out.jsonl", "jsonl", selection).number == 1


def test_tables_have_the_groups(tmp_path: Path) -> None:
    import pandas as pd

    case = grouped(tmp_path / "case", MAILS)
    with Case(case) as opened:
        export_case(opened, tmp_path / "out.parquet")
    frame = pd.read_parquet(tmp_path / "out.parquet").set_index("id")
    assert frame.near_group.dropna().to_dict() == {1: 1, 2: 1, 3: 5, 5: 5}
    assert frame.inclusive.to_dict() == {1: False, 2: True, 4: True, 3: True, 5: True}
    assert frame.included_in.dropna().to_dict() == {1: 4}


def test_the_report_shows_one_flagged_message_for_its_near_duplicates(tmp_path: Path) -> None:
    case = grouped(tmp_path / "case", MAILS)
    page = write_report(case, tmp_path / "report.html").read_text("utf-8")
    assert page.count("<article") == 2
    assert "and 1 near-duplicate" in page
    assert "Stands for 1 near-duplicate" in page
    assert "(message 2, score" in page
    assert "similarity 0." in page
    assert "more are in the case" not in page
