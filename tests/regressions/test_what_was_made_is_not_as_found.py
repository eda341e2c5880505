"""Mail out of PSTs, of rows and inside .msg files was produced as bytes found in the export."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from scan_building import mail

from riskscan.case.read import Case
from riskscan.case.selection import Selection
from riskscan.case.selection import families as all_of
from riskscan.case.store import open_case
from riskscan.engine import Engine
from riskscan.export.family import Document, families
from riskscan.export.mailbox import write_mbox
from riskscan.sources import Limits
from riskscan.stages.ingest import ingest
from riskscan.stages.progress import Silent

sys.path.append(str(Path(__file__).parents[1] / "sources"))

from msg_building import attached, message, msg

SAMPLE = Path(__file__).parents[2] / "corpus_samples/stolk.h.pst"
ROWS = "From,To,Subject,Sent,Body\nada@quay.example,bo@quay.example,Crates,2024-03-05,Come.\n"


def produced(folder: Path, export: Path) -> list[Document]:
    with open_case(folder / "case") as store, Engine(0) as engine:
        ingest(store, engine, [export], None, Silent(), Limits())
    with Case(folder / "case") as case, case.connect() as connection:
        found = families(case, all_of(connection, Selection()))
        return [document for family in found for document in family]


def test_messages_of_a_pst_are_composed(tmp_path: Path) -> None:
    mails = [one for one in produced(tmp_path, SAMPLE) if one.is_mail]
    assert mails and {one.native for one in mails} == {"composed"}
    with Case(tmp_path / "case") as case:
        told = write_mbox(case, tmp_path / "x.mbox", Selection())
    assert told.converted == told.messages > 0


def test_a_row_without_a_file_is_composed(tmp_path: Path) -> None:
    file = tmp_path / "mails.csv"
    file.write_text(ROWS)
    assert [one.native for one in produced(tmp_path, file)] == ["composed"]


def test_a_message_inside_a_msg_is_composed_and_the_msg_is_not(tmp_path: Path) -> None:
    file = tmp_path / "outer.msg"
    inner = message(subject="inner", body="The inner one.")
    file.write_bytes(msg(subject="outer", body="Look.", attachments=[attached("inner", inner)]))
    assert [one.native for one in produced(tmp_path, file)] == ["as found", "composed"]


@pytest.mark.parametrize("name", ["a.eml", "b.mbox"])
def test_mail_is_as_found(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    lead = b"From ada@quay.example Mon Jan  6 09:15:00 2020\n" if name == "b.mbox" else b""
    file.write_bytes(lead + mail(1))
    assert [one.native for one in produced(tmp_path, file)] == ["as found"]
