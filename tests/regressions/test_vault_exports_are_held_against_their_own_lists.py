"""Of Vault exports only sums and Message-IDs were compared: nothing an account, no Drive, no Chat.

An export of Drive was held against messages that it has not; the counts of an account, its state
and the hashes of files in the XML were not looked at, and nothing said so.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from export_building import ADA, BO, gmail_mbox, vault
from source_building import mail, put, zipped
from typer.testing import CliRunner

from riskscan.case.manifest import manifest
from riskscan.case.store import open_case
from riskscan.cli import app
from riskscan.engine import Engine
from riskscan.sources import Limits
from riskscan.stages.ingest import ingest
from riskscan.stages.progress import Silent


def read_into(case: Path, export: Path) -> dict[str, Any]:
    with open_case(case) as store, Engine(0) as engine:
        ingest(store, engine, [export], None, Silent(), Limits())
        return manifest(store.engine)


def wrong(document: dict[str, Any]) -> set[tuple[str, str, str, str]]:
    return {
        (m["result"], m["kind"], m["about"], m["reason"]) for m in document["claims"]["mismatches"]
    }


def xml(*documents: str) -> bytes:
    inside = "".join(documents)
    return (
        f"<?xml version='1.0'?><Root><Batch><Documents>{inside}</Documents></Batch></Root>".encode()
    )


def document(tags: dict[str, str], file: str = "") -> str:
    told = "".join(f"<Tag TagName='{n}' TagValue='{v}'/>" for n, v in tags.items())
    files = f"<Files><File FileType='Native'><ExternalFile {file}/></File></Files>" if file else ""
    return f"<Document DocID='d'><Tags>{told}</Tags>{files}</Document>"


# ---- accounts


def counts(ada: str, bo: str, status: str = "Success") -> bytes:
    total = int(ada) + int(bo)
    return (
        "Account,AccountStatus,SuccessCount,MessageErrorCount\r\n"
        f"Total,,{total},0\r\n{ADA},{status},{ada},0\r\n{BO},Success,{bo},0\r\n"
    ).encode()


def test_a_message_in_the_wrong_account_is_told(tmp_path: Path) -> None:
    vault(tmp_path / "matter")
    (tmp_path / "matter" / "quay-7.md5").unlink()
    put(tmp_path / "matter" / "quay-7-result-counts.csv", counts("1", "2"))
    document = read_into(tmp_path / "case", tmp_path / "matter")
    assert wrong(document) == {
        ("count differs", "account messages", f"matter/quay-7-*//quay-7-{box}*",
         f"{told} messages of this account are claimed, {found} were found")
        for box, told, found in ((ADA, 1, 2), (BO, 2, 1))
    }  # fmt: skip
    assert not document["complete"]


def test_an_account_without_its_mailbox_is_told(tmp_path: Path) -> None:
    files = vault(tmp_path / "matter")
    (tmp_path / "matter" / "quay-7.md5").unlink()
    box = gmail_mbox([(5, "Inbox", mail("one")), (5, "Sent", mail("two"))], b"\n")
    put(tmp_path / "matter" / "quay-7-1.zip", zipped({f"quay-7-{ADA}-Xk29ab.mbox": box}))
    assert "quay-7-metadata.csv" in files
    found = wrong(read_into(tmp_path / "case", tmp_path / "matter"))
    reason = "1 messages of this account are claimed, it has no mailbox"
    about = f"matter/quay-7-*//quay-7-{BO}*"
    assert ("count differs", "account messages", about, reason) in found


def test_mailboxes_by_other_names_are_unchecked(tmp_path: Path) -> None:
    box = gmail_mbox([(5, "Inbox", mail("one")), (5, "Sent", mail("two"))], b"\n")
    put(tmp_path / "m" / "quay-7-1.zip", zipped({"a.mbox": box}))
    put(tmp_path / "m" / "quay-7-result-counts.csv", counts("1", "1"))
    document = read_into(tmp_path / "case", tmp_path / "m")
    assert wrong(document) == set()
    assert document["claims"]["unchecked"] == {"account messages": 2}
    assert document["complete"]


def test_older_counts_of_accounts_and_rooms_are_summed(tmp_path: Path) -> None:
    boxes = {f"q-{a}-abcd.mbox": gmail_mbox([(5, "", mail(a[:3]))], b"\n") for a in (ADA, BO)}
    put(tmp_path / "m" / "q-1.zip", zipped(boxes))
    table = f"Account,Count\r\n{ADA},1\r\n{BO},1\r\nHarbour room,0\r\n".encode()
    put(tmp_path / "m" / "q-results-count.csv", table)
    document = read_into(tmp_path / "case", tmp_path / "m")
    assert wrong(document) == set()
    assert document["claims"]["matched"] == {"account messages": 2, "messages": 1}


def test_an_account_that_vault_did_not_export_to_its_end_is_not_read(tmp_path: Path) -> None:
    vault(tmp_path / "matter")
    (tmp_path / "matter" / "quay-7.md5").unlink()
    put(tmp_path / "matter" / "quay-7-result-counts.csv", counts("2", "1", "PartialAccountError"))
    document = read_into(tmp_path / "case", tmp_path / "matter")
    assert [u["reason"] for u in document["unread"] if u["kind"] == "not read"] == [
        f"Google Vault's counts say PartialAccountError of the account {ADA}"
    ]


def test_two_exports_in_one_zip_are_each_held_against_their_own(tmp_path: Path) -> None:
    one, two = vault(tmp_path / "x"), vault(tmp_path / "y", "pier")
    put(tmp_path / "m" / "matter.zip", zipped(one | two))
    document = read_into(tmp_path / "case", tmp_path / "m")
    assert wrong(document) == set()
    assert document["claims"]["matched"] == {"account messages": 4, "message id": 4, "messages": 6}
    assert document["claims"]["unchecked"] == {"md5": 10}  # members, until --verify
    assert document["complete"]


# ---- hashes of messages


def test_hashes_and_sizes_of_single_messages_are_said_to_be_unchecked(tmp_path: Path) -> None:
    vault(tmp_path / "matter")
    (tmp_path / "matter" / "quay-7.md5").unlink()
    told = [
        document(
            {"#From": "x", "Labels": "^INBOX"}, f"FileName='17-{n}' FileSize='9' Hash='{n:032}'"
        )
        for n in range(3)
    ]
    put(tmp_path / "matter" / "quay-7-metadata.xml", xml(*told))
    found = read_into(tmp_path / "case", tmp_path / "matter")
    assert found["claims"]["unchecked"] == {"message hashes": 3, "message sizes": 3}
    assert wrong(found) == set()
    assert found["complete"]


# ---- Drive

PLAN, NOTE = b"%PDF-1.4 the plan\n", mail("note")


def drive(folder: Path, plan: bytes = PLAN, *, packed: bool = True, left_out: str = "") -> None:
    """An export of two files, one of them a message, and its XML."""
    files = {"Plan_1AbC.pdf": plan, "Nöte_2DeF.eml": NOTE}
    claimed = {"Plan_1AbC.pdf": PLAN, "Nöte_2DeF.eml": NOTE}
    files.pop(left_out, None)
    if packed:
        put(folder / "pier_0.zip", zipped(files))
    else:
        for name, data in files.items():
            put(folder / "pier_0" / name, data)
    tags = {"#Title": "Plan", "DocumentType": "FILE", "Collaborators": ADA}
    told = []
    for name, data in claimed.items():
        digest = hashlib.md5(data).hexdigest()
        file = f"FileName='{name}' FileSize='{len(data)}' Hash='{digest}'"
        told.append(document(tags, file))
    put(folder / "pier-metadata.xml", xml(*told, document(tags)))
    put(folder / "pier-custodian-docid.csv", f"Custodian,DocID\n{ADA},d\n".encode())


@pytest.mark.parametrize("packed", [True, False])
def test_files_of_drive_are_held_against_the_xml(tmp_path: Path, packed: bool) -> None:
    drive(tmp_path / "m", packed=packed)
    vault(tmp_path / "m", "pier-mail")
    found = read_into(tmp_path / "case", tmp_path / "m")
    assert wrong(found) == set()
    assert found["claims"]["matched"]["bytes"] == 2
    left = [u["reason"] for u in found["unread"] if u["source"] == "m/pier-metadata.xml"]
    assert left == ["Google Vault's metadata of 3 files (1 of the files without a name)"]


def test_a_lost_and_a_changed_file_of_drive_are_told(tmp_path: Path) -> None:
    drive(tmp_path / "m", b"%PDF-1.4 the PLAN\n", left_out="Nöte_2DeF.eml")
    case = tmp_path / "case"
    found = read_into(case, tmp_path / "m")
    assert {f[:3] for f in wrong(found)} == {
        ("not there", "bytes", "m/pier*//Nöte_2DeF.eml"),
        ("not there", "md5", "m/pier*//Nöte_2DeF.eml"),
    }
    result = CliRunner().invoke(app, ["manifest", str(case), "--verify"])
    assert result.exit_code == 3
    digest = hashlib.md5(b"%PDF-1.4 the PLAN\n").hexdigest()
    assert f"the md5 of what was read is {digest}" in " ".join(result.stdout.split())


def test_verify_finds_the_hashes_of_drive_files(tmp_path: Path) -> None:
    drive(tmp_path / "m")
    found = read_into(tmp_path / "case", tmp_path / "m")
    assert found["claims"]["unchecked"] == {"md5": 2}
    CliRunner().invoke(app, ["manifest", str(tmp_path / "case"), "--verify"])
    with open_case(tmp_path / "case") as store:
        claims = manifest(store.engine)["claims"]
    assert claims["matched"] == {"bytes": 2, "md5": 2}
    assert claims["unchecked"] == {}


# ---- Chat

ROOM = "AAAAq1-MBI-FLAT:2024-03-0{}T09:15:00.5"


def chat(folder: Path, held: int, claimed: int) -> None:
    """A Chat export: a message a conversation, counted as posts."""
    talks = b"".join(
        f"From {ROOM.format(n)}@xxx Sat Mar 02 09:15:00 2024\nMessage-ID: <{ROOM.format(n)}>\n"
        f"From: {ADA}\nSubject: room\n\nTalk {n}\n\n".encode()
        for n in range(held)
    )
    put(folder / "talk-1.zip", zipped({f"talk-{ADA}-abcd.mbox": talks}))
    tags = {"RoomID": "AAAAq1", "Participants": f"{ADA},{BO}"}
    told = (document(tags, f"FileName='{ROOM.format(n)}' FileSize='9'") for n in range(claimed))
    put(folder / "talk-metadata.xml", xml(*told))
    put(folder / "talk-results-count.csv", f"Account,Count\n{ADA},40\n{BO},2\n".encode())


def test_conversations_of_chat_are_held_against_the_xml_and_posts_are_not(tmp_path: Path) -> None:
    chat(tmp_path / "m", 2, 2)
    found = read_into(tmp_path / "case", tmp_path / "m")
    assert wrong(found) == set()
    assert found["claims"]["matched"] == {"conversations": 1, "message name": 2}
    told = {"account messages": 2, "message sizes": 2, "messages": 1}
    assert found["claims"]["unchecked"] == told
    assert found["complete"]


def test_a_conversation_of_chat_that_is_missing_is_told(tmp_path: Path) -> None:
    chat(tmp_path / "m", 1, 2)
    found = read_into(tmp_path / "case", tmp_path / "m")
    assert {f[:2] for f in wrong(found)} == {
        ("missing", "message name"),
        ("count differs", "conversations"),
    }
    assert not found["complete"]


# ---- exit codes


def test_a_good_export_ends_with_0_and_a_spoiled_one_with_3(tmp_path: Path) -> None:
    for name, spoiled in (("good", False), ("bad", True)):
        vault(tmp_path / name)
        if spoiled:
            (tmp_path / name / "quay-7.md5").unlink()
            put(tmp_path / name / "quay-7-result-counts.csv", counts("1", "2"))
        case = str(tmp_path / f"{name}.case")
        command = [
            "scan",
            "--workers",
            "0",
            str(tmp_path / name),
            "--case",
            case,
            "--entities",
            "none",
        ]
        scanned = CliRunner().invoke(app, [*command, "--workers", "0"])
        shown = CliRunner().invoke(app, ["manifest", case])
        assert (scanned.exit_code, shown.exit_code) == ((3, 3) if spoiled else (0, 0))
        said = "1 messages of this account are claimed, 2 were found"
        assert (said in " ".join(shown.stdout.split())) is spoiled
