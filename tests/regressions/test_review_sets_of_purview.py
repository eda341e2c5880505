"""Review sets of Microsoft 365: rows of their load file were skipped, and what they told with them.

Files that are no mail were neither claimed nor read (X11, X12), the custodian was the number of a
folder (X12), and what was not exported was told as nothing (X13).
"""

from __future__ import annotations

import csv
import hashlib
import io
from pathlib import Path

import pytest
from test_reconciling import mismatches, read_into

from riskscan.case.read import Case

HEADER = (
    "File_ID,Custodian,Location_name,Compound_path,File_class,Item_class,Native_file_name,"
    "Native_size,Native_SHA_256,Email_message_ID,Email_subject,Family_ID,Export_native_path,"
    "Extracted_text_path,Error_code,Deduped_custodians"
)
MAIL = (
    b"From: Ada <ada@ferry.example>\nTo: bo@ferry.example\nSubject: berths\n"
    b"Date: Fri, 05 Jul 2024 09:00:00 +0000\nMessage-ID: <m1@ferry.example>\n"
    b"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nthe berths\n"
    b"--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename=tide.txt\n\n"
    b"tide table\n--b--\n"
)
PAGE = (
    b"<html><body><div class='c'>"
    b"<div class='m'><b class='who'>Ada Quay</b> <i class='at'>7/15/2024 9:05:11 AM</i>"
    b"<div class='said'>Shred the ledger</div></div>"
    b"<div class='m'><b class='who'>Bo Ek</b> <i class='at'>7/15/2024 9:06:11 AM</i>"
    b"<div class='said'>done</div></div></div></body></html>"
)
FILES = {
    "NativeFiles/0001/1.eml": MAIL,
    "NativeFiles/0001/2.txt": b"tide table",
    "NativeFiles/0001/3.bin": b"\0\1\2",
    "Conversations/x.html": PAGE,
}
ROWS = [
    {
        "File_ID": "F1", "Custodian": "ada@ferry.example", "File_class": "Email",
        "Item_class": "IPM.Note", "Email_message_ID": "<m1@ferry.example>", "Family_ID": "A",
        "Compound_path": "ada@ferry.example\\Top of Information Store\\Inbox\\berths",
        "Export_native_path": "NativeFiles\\0001\\1.eml", "Deduped_custodians": "zoe@ferry.example",
    },
    {
        "File_ID": "F2", "File_class": "Attachment", "Family_ID": "A",
        "Native_file_name": "tide.txt", "Export_native_path": "NativeFiles\\0001\\2.txt",
    },
    {
        "File_ID": "F3", "Location_name": "bo@ferry.example", "File_class": "Document",
        "Native_file_name": "plan.bin", "Export_native_path": "NativeFiles\\0001\\3.bin",
        "Extracted_text_path": "Extracted_text_files\\3.txt",
    },
    {
        "File_ID": "F4", "Custodian": "ada@ferry.example", "File_class": "Conversation",
        "Export_native_path": "Conversations\\x.html",
    },
    {
        "File_ID": "F5", "File_class": "Email", "Item_class": "IPM.Note",
        "Email_message_ID": "<lost@ferry.example>", "Email_subject": "sealed",
        "Error_code": "Encrypted",
    },
]  # fmt: skip


def exported(folder: Path, without: tuple[str, ...] = ()) -> Path:
    """A review set as Microsoft 365 writes it, but for some of its files."""
    table = io.StringIO()
    rows = csv.DictWriter(table, HEADER.split(","))
    rows.writeheader()
    for row in ROWS:
        data = FILES.get(row.get("Export_native_path", "").replace("\\", "/"))
        sha256 = hashlib.sha256(data).hexdigest() if data else ""
        rows.writerow(row | {"Native_size": str(len(data or b"")), "Native_SHA_256": sha256})
    files = FILES | {
        "Export_load_file.csv": table.getvalue().encode("utf-8-sig"),
        "Extracted_text_files/3.txt": b"the plan: it is illegal",
        "Summary.csv": b"Name,Value\nItem count,5\n",
        "Export_summary.txt": b"Items: 5\n",
        "Skipped Items.csv": b"Item Identity,Original Path,Error Type\nAA,Inbox,Encrypted\n",
    }
    for name, data in files.items():
        if name not in without:
            place = folder / "set" / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
    return folder / "set"


def test_the_load_file_says_whose_and_what_each_file_is(tmp_path: Path) -> None:
    document = read_into(tmp_path / "case", exported(tmp_path))
    with Case(tmp_path / "case") as case:
        records = sorted(case.records(), key=lambda r: r["id"])
        lost = {(u["place"], u["reason"]) for u in case.unread() if u["kind"] == "not read"}
    mail, plan, *chat = records
    assert (mail["custodians"], mail["folder"]) == (["ada@ferry.example"], "Inbox")
    assert (mail["source"], mail["place"]) == ("set/NativeFiles/0001", "1.eml")
    assert [a["name"] for a in mail["attachments"]] == ["tide.txt"]
    assert mail["defects"] == ["custodians that the load file tells: zoe@ferry.example"]
    assert plan["custodians"] == ["bo@ferry.example"]
    assert [a["text"] for a in plan["attachments"]] == ["the plan: it is illegal"]
    assert [(c["sender_name"], c["body"].strip()) for c in chat] == [
        ("Ada Quay", "Shred the ledger"),
        ("Bo Ek", "done"),
    ]
    assert {c["custodians"][0] for c in chat} == {"ada@ferry.example"}
    assert lost == {
        ("row 5", "Microsoft 365 did not export it (Encrypted): sealed; F5; <lost@ferry.example>"),
        (
            "row 1",
            "Microsoft 365 did not export it whole: itemidentity AA; originalpath Inbox; "
            "errortype Encrypted",
        ),
    }
    assert mismatches(document) == {("missing", "message id", "set")}
    assert document["claims"]["matched"] == {"bytes": 4, "message id": 1, "sha256": 4}


@pytest.mark.parametrize("gone", ["NativeFiles/0001/3.bin", "Conversations/x.html"])
def test_a_listed_file_that_is_no_mail_is_missed(tmp_path: Path, gone: str) -> None:
    document = read_into(tmp_path / "case", exported(tmp_path, without=(gone,)))
    assert {m for m in mismatches(document) if m[0] == "not there"} == {
        ("not there", "bytes", f"set/{gone}"),
        ("not there", "sha256", f"set/{gone}"),
    }


def test_a_list_without_hashes_names_files_all_the_same(tmp_path: Path) -> None:
    table = (
        "Item Identity,Duplicate to Item,Location Name,Target Path,Item Class\n"
        "1,,ada@ferry.example,Exchange\\ada@ferry.example\\Inbox\\a.eml,IPM.Note\n"
        "2,1,zoe@ferry.example,,IPM.Note\n"
        "3,,https://ferry.example,SharePoint\\x\\plan.docx,\n"
    )
    (tmp_path / "m" / "Exchange" / "ada@ferry.example" / "Inbox").mkdir(parents=True)
    (tmp_path / "m" / "Exchange" / "ada@ferry.example" / "Inbox" / "a.eml").write_bytes(MAIL)
    (tmp_path / "m" / "Results.csv").write_text(table)
    document = read_into(tmp_path / "case", tmp_path / "m")
    assert mismatches(document) == {("not there", "file", "m/SharePoint/x/plan.docx")}
    told = [u["reason"] for u in document["unread"] if u["kind"] == "companion"]
    assert "a duplicate of item 1, not exported again: zoe@ferry.example; 2" in told
