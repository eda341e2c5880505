"""A ";" in a name parted it when a production was read without its natives; "a.txt.txt"."""

from __future__ import annotations

from pathlib import Path

import pytest

from riskscan.export.concordance import dat_row
from riskscan.mail.message import Message
from riskscan.mail.parse import parse_message
from riskscan.sources import Item, NotRead, discover

HEADER = ["BEGDOC", "PARENTID", "FROM", "TO", "CC", "REFERENCES", "FILENAME", "TEXT", "CUSTODIAN"]


def read(folder: Path, *rows: list[str | list[str]]) -> tuple[Item, Message]:
    path = folder / "x.dat"
    path.write_bytes(b"\xef\xbb\xbf" + b"".join(map(dat_row, [HEADER, *rows])))
    events = [e for u in discover([path]) if not isinstance(u, NotRead) for e in u.events()]
    (item,) = [e for e in events if isinstance(e, Item)]
    return item, parse_message(item.data)


def test_an_escaped_semicolon_parts_nothing(tmp_path: Path) -> None:
    to = ["T;Roe <x@y.example>", "Lee; Moss, B <l@y.example>", "nora@y.example", "a;b@y.example"]
    parent: list[str | list[str]] = [
        "A1", "", "S;Tarn <s@y.example>", to, ["solo;man <c@y.example>"],
        ["<1;2@y.example>", "<3@y.example>"], "", "hello", "Quill; Nora",
    ]  # fmt: skip
    child: list[str | list[str]] = ["A2", "A1", "", [], [], [], "plan;one.TXT", "plan", ""]
    item, mail = read(tmp_path, parent, child)
    assert [(r.name, r.address) for r in (*mail.to, *mail.cc)] == [
        ("T;Roe", "x@y.example"), ("Lee; Moss, B", "l@y.example"), ("", "nora@y.example"),
        ("", "a;b@y.example"), ("solo;man", "c@y.example"),
    ]  # fmt: skip
    assert (mail.sender.name, mail.sender.address) == ("S;Tarn", "s@y.example")
    assert mail.references == ["<1;2@y.example>", "<3@y.example>"]
    assert item.custodian == "Quill; Nora"
    assert [a.name for a in mail.attachments] == ["plan;one.TXT"]


@pytest.mark.parametrize(
    "parted", ["Ana <a@y.example>; Bo <b@y.example>", "Ana <a@y.example>;b@y.example"]
)
def test_lists_without_an_escape_are_parted_as_ever(tmp_path: Path, parted: str) -> None:
    _, mail = read(tmp_path, ["A1", "", "s@y.example", parted, "", "", "", "hello", ""])
    assert [r.address for r in mail.to] == ["a@y.example", "b@y.example"]
