"""Custodian and mail folder out of the names on the way to a message."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from source_building import items, mail, mbox, put, tarred, zipped

ALL_MAIL = "All mail Including Spam and Trash"
BOX = mbox([mail("one"), mail("two")])


@pytest.mark.parametrize(
    ("export", "file", "custodian", "folder"),
    [
        ("x/okafor-n.mbox", "", "okafor-n", ""),
        ("x/okafor-n.mbox.gz", "", "okafor-n", ""),
        ("x/john.smith.mbox", "", "john.smith", ""),
        ("ada/Inbox.mbox", "", "ada", "Inbox"),
        ("ada/Mail/Sent Items", "", "ada", "Sent Items"),
        ("ada", f"Mail/{ALL_MAIL}.mbox", "ada", ALL_MAIL),
        ("export", "ada/Takeout/Mail/Inbox.mbox", "ada", "Inbox"),
        ("export", "ada/Sent Messages.mbox/mbox", "ada", "Sent Messages"),
        ("export", "ada/Inbox.sbd/Tides", "ada", "Inbox/Tides"),
        ("export", "ada.mbox", "ada", ""),
        ("ferry", "inbox.mbox", "ferry", "inbox"),
        ("deep/ferry/exports", "inbox.mbox", "ferry", "inbox"),
    ],
)  # fmt: skip
def test_mbox(tmp_path: Path, export: str, file: str, custodian: str, folder: str) -> None:
    data = gzip.compress(BOX) if export.endswith(".gz") else BOX
    put(tmp_path / export / file if file else tmp_path / export, data)
    found = items(tmp_path / export)
    assert {(f.custodian, f.folder) for f in found} == {(custodian, folder)}


@pytest.mark.parametrize(
    ("export", "file", "custodian", "folder"),
    [
        ("maildir", "okafor-n/inbox/1.", "okafor-n", "inbox"),
        ("maildir", "okafor-n/all_documents/old/1.", "okafor-n", "all_documents/old"),
        ("okafor-n", "inbox/1.", "okafor-n", "inbox"),
        ("okafor-n", "1.eml", "okafor-n", ""),
        ("enron", "maildir/okafor-n/sent/1.", "okafor-n", "sent"),
        ("export", "users/ada/mail/1.eml", "ada", "mail"),
        ("bo/export", "inbox/1.eml", "bo", "inbox"),
        ("bo/inbox/1.eml", "", "bo", ""),
        ("bo", "Sent Items/Tides/1.eml", "bo", "Sent Items/Tides"),
    ],
)
def test_tree(tmp_path: Path, export: str, file: str, custodian: str, folder: str) -> None:
    put(tmp_path / export / file if file else tmp_path / export, mail("one"))
    (found,) = items(tmp_path / export)
    assert (found.custodian, found.folder) == (custodian, folder)


@pytest.mark.parametrize(
    ("export", "member", "custodian", "folder"),
    [
        ("x/ada.zip", "inbox/1.eml", "ada", "inbox"),
        ("x/ada.zip", "bo/inbox/1.eml", "bo", "inbox"),
        ("x/ada.zip", "Inbox/Private/1.eml", "ada", "Inbox/Private"),
        ("ada/mail.zip", "1.eml", "ada", ""),
        ("ada/mail.zip", "Takeout/Mail/Inbox.mbox", "ada", "Inbox"),
        ("x/ada.tar.gz", "messages/2.", "ada", "messages"),
        ("x/ada.tgz", "Inbox.mbox", "ada", "Inbox"),
        ("x/mail.zip", "bo/Maildir/cur/1580000001.M1P1.host_2,S", "bo", "inbox"),
        ("x/bo.zip", "Maildir/.Work.Tides/cur/1580000001.M1P1.host:2,S", "bo", "Work/Tides"),
    ],
)
def test_archive(tmp_path: Path, export: str, member: str, custodian: str, folder: str) -> None:
    data = {member: BOX if member.endswith(".mbox") else mail("one")}
    gz = export.endswith("gz")
    path = put(tmp_path / export, tarred(data, "w:gz") if gz else zipped(data))
    found = items(path)
    assert {(f.custodian, f.folder) for f in found} == {(custodian, folder)}


def test_archive_in_a_folder(tmp_path: Path) -> None:
    put(tmp_path / "export" / "ada" / "mail.zip", zipped({"inbox/1.eml": mail("one")}))
    put(tmp_path / "export" / "bo.zip", zipped({"Maildir/new/1580000001.x": mail("two")}))
    found = items(tmp_path / "export")
    assert [(f.custodian, f.folder, f.format) for f in found] == [
        ("bo", "inbox", "maildir"),
        ("ada", "inbox", "eml"),
    ]
