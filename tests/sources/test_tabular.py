"""Tables of mail: guessed and given mappings, encodings, delimiters, hostile rows."""

from __future__ import annotations

import csv
import io
import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from source_building import items, mail, not_read, put, read, subjects

from riskscan.mail.message import Message
from riskscan.mail.parse import parse_message
from riskscan.sources import Item, Limits, NotRead
from riskscan.sources.tabular import MappingError, parse_mapping, read_mapping

HEADER = ["From", "To", "Subject", "Date", "Body"]
ROW = ["ben@quay.example", "nora@quay.example; lee@quay.example", "crates", "2024-03-05T08:01:00Z",
       "Fähre\nzwei"]  # fmt: skip


def table(*rows: list[str], delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue()


def first(path: Path, **columns: str) -> Message:
    limits = Limits(columns=tuple((k.replace("_", " "), v) for k, v in columns.items()))
    return parse_message(items(path, limits=limits)[0].data)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_clear_columns_need_no_mapping(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = put(tmp_path / "x.csv", table(HEADER, ROW, delimiter=delimiter).encode(encoding))
    message = first(path)
    assert message.sender is not None and message.sender.address == "ben@quay.example"
    assert [a.address for a in message.to] == ["nora@quay.example", "lee@quay.example"]
    assert message.body.strip() == "Fähre\nzwei"
    assert message.date is not None and message.date.isoformat() == "2024-03-05T08:01:00+00:00"
    assert items(path)[0].place == "row 1"


@pytest.mark.parametrize(
    "told", ["1709625660", "1709625660.25", "1709625660000", 1709625660, 1.70962566e9]
)
def test_unix_times_are_dates(tmp_path: Path, told: object) -> None:
    row = {"from": "ben@quay.example", "to": "nora@quay.example", "date": told, "text": "crates"}
    message = first(put(tmp_path / "x.jsonl", json.dumps(row).encode()))
    assert message.date is not None
    assert message.date.isoformat(timespec="seconds") == "2024-03-05T08:01:00+00:00"


def test_a_mapping_names_what_the_columns_do_not(tmp_path: Path) -> None:
    rows = [["w", "x", "y", "z"], ["ben@quay.example", "the text", "3 of 7", "Box/Old"]]
    path = put(tmp_path / "x.csv", table(*rows).encode())
    (lost,) = not_read(path)
    assert "--map" in lost.reason and "w, x, y, z" in lost.reason and lost.lost
    limits = Limits(columns=(("from", "W"), ("text", "x"), ("thread", "y"), ("folder", "z")))
    (item,) = items(path, limits=limits)
    assert (item.folder, item.conversation) == ("Box/Old", "csv:x.csv/3 of 7")
    assert parse_message(item.data).body.strip() == "the text"
    (lost,) = not_read(path, limits=Limits(columns=(("text", "q"),)))
    assert "q" in lost.reason


def test_html_and_attachments_beside_the_table(tmp_path: Path) -> None:
    rows = [
        ["From", "HTML", "Attachment Paths"],
        ["a@quay.example", "<p>so <b>be</b> it</p>", "f/a.txt; f/no.txt"],
    ]
    put(tmp_path / "f/a.txt", b"beside")
    put(tmp_path / "x.csv", table(*rows).encode())
    item, lost = read(tmp_path)
    assert isinstance(item, Item) and isinstance(lost, NotRead)
    message = parse_message(item.data)
    assert message.body.strip() == "so be it"
    assert [a.text for a in message.attachments] == ["beside", ""]
    assert message.attachments[1].unread.startswith(lost.reason)
    assert lost.place == "row 1 f/no.txt"


def test_any_other_table_is_listed_with_what_to_give(tmp_path: Path) -> None:
    put(tmp_path / "budget.csv", b"item,sum\nrope,12\n")
    put(tmp_path / "a.eml", mail("one"))
    events = read(tmp_path)
    assert subjects(e for e in events if isinstance(e, Item)) == ["one"]
    assert ["item, sum" in e.reason for e in events if isinstance(e, NotRead)] == [True]


def test_json_lines_with_people_as_objects(tmp_path: Path) -> None:
    lines = [
        {"from": {"name": "Ben Tarn", "address": "ben@quay.example"}, "body": "x", "subject": "one",
         "to": [{"emailAddress": {"name": "Nora", "address": "nora@quay.example"}},
                "lee@quay.example"]},
        {"subject": "two", "body": None, "extra": 1},
    ]  # fmt: skip
    text = "\n".join(json.dumps(line) for line in lines)
    path = put(tmp_path / "x.jsonl", text.encode())
    found = items(path)
    assert subjects(found) == ["one", "two"]
    assert [(a.name, a.address) for a in parse_message(found[0].data).to] == [
        ("Nora", "nora@quay.example"), ("", "lee@quay.example"),
    ]  # fmt: skip


def test_rows_that_are_none_are_told_with_their_number(tmp_path: Path) -> None:
    text = table(HEADER, ROW, ["too", "few"], ROW)
    events = read(put(tmp_path / "x.csv", text.encode()))
    assert subjects(e for e in events if isinstance(e, Item)) == ["crates", "crates"]
    assert [(e.place, e.reason) for e in events if isinstance(e, NotRead)] == [
        ("row 2", "2 columns, and the header has 5")
    ]
    lines = '{"subject": "a", "body": "b"}\n{"subject":\n[1]\n{"subject": "c", "body": "d"}\n'
    events = read(put(tmp_path / "x.jsonl", lines.encode()))
    assert subjects(e for e in events if isinstance(e, Item)) == ["a", "c"]
    assert [e.place for e in events if isinstance(e, NotRead)] == ["rows 2-3"]


def test_an_open_quote_costs_bounded_memory_and_time(tmp_path: Path) -> None:
    text = table(HEADER, ROW) + '"' + "x" * 40_000_000 + "\n" + table(ROW)
    events = read(put(tmp_path / "x.csv", text.encode()))
    assert any(isinstance(e, NotRead) and "16,777,216" in e.reason for e in events)
    assert subjects(events[-1:]) == ["crates"]


def test_many_columns_and_deep_json_are_refused_quickly(tmp_path: Path) -> None:
    start = time.process_time()
    (lost,) = not_read(put(tmp_path / "w.csv", ("from,body," + "a," * 1_000_000 + "\n").encode()))
    assert "columns" in lost.reason
    deep = '{"subject":"a","body":' + "[" * 100_000 + "]" * 100_000 + "}\n"
    assert not_read(put(tmp_path / "d.jsonl", deep.encode()))
    assert time.process_time() - start < 20


@pytest.mark.parametrize(
    ("given", "why"),
    [("text", "FIELD=COLUMN"), ("colour=x", "no field"), ("text=", "names no column")],
)
def test_a_mapping_that_makes_no_sense_is_refused(given: str, why: str) -> None:
    with pytest.raises(MappingError, match=why):
        parse_mapping([given])


def test_mapping_files(tmp_path: Path) -> None:
    path = put(tmp_path / "m.toml", b'[columns]\ntext = "Body"\n"Message-ID" = "Id"\n')
    assert (
        read_mapping(path)
        == {"text": "Body", "message id": "Id"}
        == parse_mapping(["text=Body,message id=Id"])
    )
    with pytest.raises(MappingError, match="TOML"):
        read_mapping(put(tmp_path / "n.toml", b"text ="))


@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\0\r")), min_size=1, max_size=5
    )
)
@settings(max_examples=100, deadline=None)
def test_texts_come_through_csv_unchanged(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str]
) -> None:
    path = tmp_path_factory.mktemp("t") / "x.csv"
    rows = [[f"<{i}@quay.example>", "s", t] for i, t in enumerate(texts)]
    path.write_bytes(table(["Message-ID", "Subject", "Body"], *rows).encode())
    found = items(path)
    import email

    for item, text in zip(found, texts, strict=True):
        assert email.message_from_bytes(item.data).get_payload(decode=True) == text.encode()
