"""Counsel among the people of a case, and why a message may be privileged."""

from __future__ import annotations

from pathlib import Path

import pytest
from people_building import Mail, build, rows

from riskscan.case.open import CaseError
from riskscan.case.people import Correction, add_corrections
from riskscan.case.store import open_case
from riskscan.mail.message import Address, Role
from riskscan.stages.merging import merge
from riskscan.stages.privilege import read_counsel_list
from riskscan.stages.progress import Silent

NORA = Address("Nora Quill", "nora.quill@halden.example")
BEN = Address("Ben Tarn", "ben@quayside.example")
ADA = Address("Ada Holt", "ada.holt@halden.example")
FIRM = Address("Ada Reed", "ada@reed-law.example")


def hints(case: Path) -> list[tuple[int, str, str]]:
    return rows(
        case, "SELECT message_id, rule, reason FROM privilege_hints ORDER BY message_id, id"
    )


def test_counsel_who_takes_part_is_a_hint_with_its_reason(tmp_path: Path) -> None:
    case = build(
        tmp_path / "case",
        [Mail(sender=NORA, to=[BEN]), Mail(sender=NORA, to=[BEN], cc=[FIRM]), Mail(sender=FIRM)],
    )
    assert [(m, rule) for m, rule, _ in hints(case)] == [(2, "domain"), (3, "domain")]
    assert hints(case)[0][2] == (
        "Ada Reed is counsel: the domain reed-law.example reads as lawyers'"
    )
    assert rows(case, "SELECT role FROM privilege_hints ORDER BY message_id") == [
        ("cc",),
        ("from",),
    ]


def test_a_signature_makes_its_sender_counsel_in_all_messages(tmp_path: Path) -> None:
    block = "\nNora Quill\nAssistant General Counsel\nHalden Tide\n555-0101\n"
    case = build(
        tmp_path / "case",
        [
            Mail("See you.", NORA, [ADA], roles=[(Role.SIGNATURE, block)]),
            Mail("Fine.", ADA, [NORA]),
            Mail("Fine.", BEN, [Address("", "x@quayside.example")], roles=[(Role.QUOTED, block)]),
        ],
    )
    assert [(m, rule) for m, rule, _ in hints(case)] == [(1, "signature"), (2, "signature")]
    assert "Assistant General Counsel" in hints(case)[0][2]


def test_counsel_who_writes_to_outsiders_alone_or_to_many_is_a_weaker_hint(tmp_path: Path) -> None:
    block = "\nNora Quill\nAssistant General Counsel\nHalden Tide\n"
    colleague = Address("", "x@halden.example")
    crowd = [Address("", f"x{number}@halden.example") for number in range(30)]
    case = build(
        tmp_path / "case",
        [
            Mail("See you.", NORA, [colleague], roles=[(Role.SIGNATURE, block)]),
            Mail("Fine.", NORA, [BEN]),
            Mail("Fine.", BEN, [NORA], cc=[colleague]),
            Mail("Fine.", BEN, [FIRM]),
            Mail("Fine.", NORA, crowd),
        ],
    )
    assert [(message, rule) for message, rule, _ in hints(case)] == [
        (1, "signature"), (2, "outsiders only"), (3, "signature"), (4, "domain"),
        (5, "many recipients"),
    ]  # fmt: skip
    assert "all others are outsiders" in hints(case)[1][2]


def test_a_title_that_a_text_gives_somebody_makes_them_counsel(tmp_path: Path) -> None:
    case = build(
        tmp_path / "case",
        [
            Mail(
                "Ada Holt, currently General Counsel, will leave.", NORA, [BEN],
                entities=[("Ada Holt", "PERSON")],
            ),
            Mail("Fine.", NORA, [ADA]),
        ],
    )  # fmt: skip
    assert hints(case) == [
        (2, "title", "Ada Holt is counsel: a text names them as “General Counsel”")
    ]


def test_words_count_in_what_was_written_and_in_no_footer(tmp_path: Path) -> None:
    footer = "\nThis message may contain privileged information for the intended recipient.\n"
    case = build(
        tmp_path / "case",
        [
            Mail("Attorney-client privileged: the permit lapsed.", NORA, [BEN]),
            Mail(
                "Lunch?", NORA, [BEN], roles=[(Role.DISCLAIMER, "\nprivileged and confidential\n")]
            ),
            Mail(f"Lunch?\n{footer}", NORA, [BEN]),
            Mail("From quill_1 (Non-Privileged).pst", NORA, [BEN]),
            Mail("See below.", NORA, [BEN], subject="Privileged & Confidential: permit"),
        ],
    )
    assert [(m, rule) for m, rule, _ in hints(case)] == [(1, "words"), (5, "words")]
    assert hints(case)[1][2] == "its subject says “Privileged & Confidential”"


def test_a_users_list_adds_and_takes_away(tmp_path: Path) -> None:
    case = build(tmp_path / "case", [Mail(sender=NORA, to=[BEN]), Mail(sender=FIRM, to=[BEN])])
    file = tmp_path / "counsel.txt"
    file.write_text("# ours\nNora Quill\n@quayside.example\n- ada@reed-law.example  # a client\n")
    with open_case(case) as store:
        assert add_corrections(store.engine, read_counsel_list(file)) == 3
        assert add_corrections(store.engine, read_counsel_list(file)) == 0
        merge(store, Silent())
        merge(store, Silent())
    told = rows(case, "SELECT m.name, c.rule FROM counsel c JOIN merged m ON m.id = c.merged_id")
    assert sorted(told) == [("Ben Tarn", "your list"), ("Nora Quill", "your list")]
    with open_case(case) as store:
        add_corrections(store.engine, [Correction("not counsel", "Nora Quill", "")])
        merge(store, Silent())
    assert rows(case, "SELECT count(*) FROM counsel") == [(1,)]


def test_a_list_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "counsel.txt"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CaseError, match="no text"):
        read_counsel_list(file)
