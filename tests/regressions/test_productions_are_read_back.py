"""A chat post that was exported was read back as mail, without its state, thread or custodians."""

from __future__ import annotations

from pathlib import Path

import pytest
from chat_building import said, slack_files
from load_building import dat
from source_building import items, put, read, zipped
from test_chat_cases import ingested

from riskscan.case.read import Case, Record
from riskscan.case.selection import Selection
from riskscan.export.targets import write
from riskscan.mail.parse import parse_message
from riskscan.sources import NotRead

T = "1709370000.0001"
DAY = [
    said("as it was", f"{T}01"),
    said("-5% is what we =say=", f"{T}02", edited={"user": "U01ANAANA", "ts": f"{T}03"}),
    said("in the thread", f"{T}06", thread_ts=f"{T}01"),
]
MAIL = b"""Message-ID: <1@quay.example>
From: Ada Quay <ada@quay.example>
To: Bo Ek <bo@quay.example>
Cc: cy@quay.example
Date: Tue, 05 Mar 2024 08:00:00 +0000
Subject: crates
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=e

--e

see there
> quoted before
--e
Content-Type: text/plain; name="plan.txt"
Content-Disposition: attachment; filename="plan.txt"

the plan of the harbour as it was agreed on the day before
--e--
"""
KEPT = ("message_id", "sender", "sender_name", "recipients", "date", "subject", "body", "state",
        "medium", "custodians", "folder")  # fmt: skip


def told(case: Path) -> tuple[dict[str, Record], set[frozenset[str]]]:
    """The records by Message-ID, and which of them are one thread."""
    with Case(case) as opened:
        records = {r["message_id"]: r for r in opened.records()}
    threads: dict[str, set[str]] = {}
    for record in records.values():
        threads.setdefault(record["thread_id"], set()).add(record["message_id"])
    return records, {frozenset(one) for one in threads.values()}


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("back")
    (folder / "in").mkdir()
    files = zipped(slack_files({"general/2024-03-02": DAY}))
    put(folder / "in/ferry.zip", files)
    for name in ("ada", "bo"):
        put(folder / f"in/{name}.quay/1.eml", MAIL)
    return ingested(folder / "case", folder / "in")


@pytest.mark.parametrize("form", ["concordance", "edrm", "jsonl", "csv"])
def test_what_was_exported_is_read_as_it_was(tmp_path: Path, case: Path, form: str) -> None:
    to = tmp_path / ("out" if form in ("concordance", "edrm") else f"out.{form}")
    with Case(case) as opened:
        write(opened, to, form, Selection())
    before, threads = told(case)
    after, same_threads = told(ingested(tmp_path / "again", to))
    for key, record in before.items():
        assert {k: after[key][k] for k in KEPT} == {k: record[k] for k in KEPT}
    assert (same_threads, len(after)) == (threads, 4)
    own, found = (one["<1@quay.example>"]["attachments"][0] for one in (before, after))
    if form in ("concordance", "edrm"):
        assert found == own
    else:
        assert found["name"] == "plan.txt"
        assert own["sha256"] in found["unread"] or form == "jsonl"
        assert form == "csv" or found["text"] == own["text"]


def test_the_body_in_another_form_stays_with_its_message(tmp_path: Path) -> None:
    header = ["DOCID", "PARENTID", "FROM", "SUBJECT", "ATTACHROLE", "TEXT", "NATIVEPATH"]
    rows = [
        header,
        ["A1", "", "ada@quay.example", "crates", "", "", "1.eml"],
        ["A2", "A1", "", "", "alternative", "what a vendor read in it instead of that", ""],
    ]
    put(tmp_path / "1.eml", MAIL)
    (item,) = items(put(tmp_path / "v.dat", dat(rows).encode()).parent)
    assert item.told is not None
    assert "instead" in item.told.texts[-1].text and not item.told.texts[-1].body


def test_columns_that_are_only_called_so_are_told_once(tmp_path: Path) -> None:
    header = ["DOCID", "FROM", "SUBJECT", "STATE", "MEDIUM"]
    rows = [header, *([f"A{n}", "ada@quay.example", "s", "TX", "paper"] for n in range(3))]
    events = read(put(tmp_path / "v.dat", dat(rows).encode()))
    notes = [e for e in events if isinstance(e, NotRead)]
    assert [(e.lost, e.reason[-4:].strip()) for e in notes] == [(False, ": TX"), (False, "aper")]


def test_names_of_attachments_without_files_are_told(tmp_path: Path) -> None:
    table = "From,Subject,Body,Attachments\nada@q.example,s,x,plan.docx; b.pdf\nb@q.example,s,x,2\n"
    named, counted = items(put(tmp_path / "x.csv", table.encode()))
    files = parse_message(named.data).attachments
    assert [(f.name, f.size, str(f.role)) for f in files] == [
        ("plan.docx", 0, "missing"), ("b.pdf", 0, "missing"),
    ]  # fmt: skip
    assert all("without its bytes" in f.unread for f in files)
    assert parse_message(counted.data).attachments == []
