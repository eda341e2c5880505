"""What Google's and Microsoft's exports say of themselves, held against what was read of them."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from export_building import ADA, BO, MAILS, gmail_mbox, load_file, vault
from source_building import mail, put, zipped

from riskscan.case.manifest import manifest
from riskscan.case.read import Case
from riskscan.case.store import open_case
from riskscan.engine import Engine
from riskscan.sources import Limits
from riskscan.stages.ingest import ingest
from riskscan.stages.progress import Silent


def read_into(case: Path, export: Path) -> dict[str, Any]:
    """The manifest of a case into which the export was read."""
    with open_case(case) as store, Engine(0) as engine:
        ingest(store, engine, [export], None, Silent(), Limits())
        return manifest(store.engine)


def mismatches(document: dict[str, Any]) -> set[tuple[str, str, str]]:
    return {(m["result"], m["kind"], m["about"]) for m in document["claims"]["mismatches"]}


def test_a_whole_vault_export_reconciles(tmp_path: Path) -> None:
    vault(tmp_path / "matter")
    document = read_into(tmp_path / "case", tmp_path / "matter")
    assert mismatches(document) == set()
    assert document["claims"]["matched"] == {
        "account messages": 2, "md5": 5, "message id": 2, "messages": 3,
    }  # fmt: skip
    assert document["complete"]


def test_a_vault_export_that_lost_a_message_does_not(tmp_path: Path) -> None:
    vault(tmp_path / "matter")
    box = gmail_mbox([(5, "Inbox", mail("one"))], b"\n")
    put(tmp_path / "matter" / "quay-7-1.zip", zipped({f"quay-7-{ADA}-Xk29ab.mbox": box}))
    document = read_into(tmp_path / "case", tmp_path / "matter")
    assert mismatches(document) == {
        ("hash differs", "md5", "matter/quay-7-1.zip"),
        ("missing", "message id", "matter/quay-7-*"),
        ("count differs", "messages", "matter/quay-7-*"),
        ("count differs", "account messages", f"matter/quay-7-*//quay-7-{ADA}*"),
        ("count differs", "account messages", f"matter/quay-7-*//quay-7-{BO}*"),
    }
    assert not document["complete"]


def test_two_vault_exports_in_one_folder_are_each_held_against_their_own(tmp_path: Path) -> None:
    vault(tmp_path / "matter")
    vault(tmp_path / "matter", "quay")  # its files' names start as those of the other do
    document = read_into(tmp_path / "case", tmp_path / "matter")
    assert mismatches(document) == set()
    assert document["claims"]["matched"] == {
        "account messages": 4, "md5": 10, "message id": 4, "messages": 6,
    }  # fmt: skip


def test_of_two_vault_exports_the_one_that_is_not_whole_is_told(tmp_path: Path) -> None:
    vault(tmp_path / "matter")
    vault(tmp_path / "matter", "quay")
    (tmp_path / "matter" / "quay-1.zip").unlink()
    document = read_into(tmp_path / "case", tmp_path / "matter")
    assert mismatches(document) == {
        ("not there", "md5", "matter/quay-1.zip"),
        ("missing", "message id", "matter/quay-*"),
        ("count differs", "messages", "matter/quay-*"),
    }


def test_a_vault_export_that_was_unpacked_in_its_place_reconciles(tmp_path: Path) -> None:
    packed = zipfile.ZipFile(io.BytesIO(vault(tmp_path / "matter")["quay-7-1.zip"]))
    packed.extractall(tmp_path / "matter" / "quay-7-1")
    (tmp_path / "matter" / "quay-7-1.zip").unlink()
    document = read_into(tmp_path / "case", tmp_path / "matter")
    assert mismatches(document) == {("not there", "md5", "matter/quay-7-1.zip")}


def test_gmail_threads_are_threads_of_the_case(tmp_path: Path) -> None:
    messages = [
        (5, "Inbox", mail("berths")),
        (5, "Sent", mail("tides")),
        (6, "Inbox", mail("rope")),
    ]
    put(tmp_path / "ada" / "inbox.mbox", gmail_mbox(messages))
    read_into(tmp_path / "case", tmp_path / "ada")
    with Case(tmp_path / "case") as case:
        threads = {row["subject"]: row["thread_id"] for row in case.records()}
    assert threads["berths"] == threads["tides"] != threads["rope"]


@pytest.mark.parametrize("packed", [False, True])
def test_a_whole_load_file_reconciles(tmp_path: Path, packed: bool) -> None:
    files = {**MAILS, "Export_load_file_1.csv": load_file()}
    if packed:
        put(tmp_path / "m" / "export.zip", zipped(files))
    else:
        for path, data in files.items():
            put(tmp_path / "m" / path, data)
    document = read_into(tmp_path / "case", tmp_path / "m")
    assert mismatches(document) == set()
    matched = document["claims"]["matched"]
    assert {k: matched[k] for k in ("bytes", "sha256", "message id")} == {
        "bytes": 3, "sha256": 3, "message id": 3,
    }  # fmt: skip
    assert document["complete"]


def test_a_load_file_of_other_messages_does_not(tmp_path: Path) -> None:
    one, two, three = MAILS
    put(tmp_path / "m" / one, MAILS[one])
    put(tmp_path / "m" / two, mail("other", "Longer than it was, by some words.\n"))
    put(tmp_path / "m" / "Export_load_file_1.csv", load_file())
    found = mismatches(read_into(tmp_path / "case", tmp_path / "m"))
    assert {f for f in found if f[1] != "md5"} == {
        ("size differs", "bytes", f"m/{two}"),
        ("hash differs", "sha256", f"m/{two}"),
        ("not there", "bytes", f"m/{three}"),
        ("not there", "sha256", f"m/{three}"),
        ("missing", "message id", "m"),
    }
