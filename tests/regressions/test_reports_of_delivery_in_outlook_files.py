"""Of a report of non-delivery without a body of its own nothing was read."""

from __future__ import annotations

from pathlib import Path

from msg_building import Message, write_msg
from source_building import items, put

from riskscan.mail.parse import parse_message

CLASS, SUBJECT, BODY, REPORT = 0x001A001F, 0x0037001F, 0x1000001F, 0x1001001F


def body(tmp_path: Path, properties: dict[int, str]) -> str:
    made = Message({CLASS: "REPORT.IPM.Note.NDR", SUBJECT: "Undeliverable"} | properties)
    (item,) = items(put(tmp_path / "one.msg", write_msg(made)))
    return parse_message(item.data).body.strip()


def test_the_text_of_the_report_is_the_body(tmp_path: Path) -> None:
    assert body(tmp_path, {REPORT: "The mailbox of Bo is full."}) == "The mailbox of Bo is full."
    assert body(tmp_path, {REPORT: "The mailbox is full.", BODY: "Not sent."}) == "Not sent."
