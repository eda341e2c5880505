"""Chat exports in a case: posts add up, and conversations are its threads."""

from __future__ import annotations

from pathlib import Path

from chat_building import ANA, BO, said, slack_files, unpacked
from source_building import zipped

from riskscan.case.manifest import manifest
from riskscan.case.read import Case
from riskscan.case.store import open_case
from riskscan.engine import Engine
from riskscan.sources import Limits
from riskscan.stages.ingest import ingest
from riskscan.stages.progress import Silent

ROOT = "1709370000.000100"
FILES = slack_files(
    {
        "general/2024-03-02": [
            said("<@U01ANAANA> has joined", ROOT, subtype="channel_join"),
            said("are we allowed to do this?", "1709370001.000100", thread_ts="1709370001.000100"),
            said("> are we\nask legal", "1709370300.000100", BO, thread_ts="1709370001.000100"),
            said("lunch", "1709370400.000100"),
            7,
        ],
        "D01ANABOX/2024-03-02": [said("not in the channel please", "1709370500.000100", ANA)],
    }
)


def ingested(case: Path, *exports: Path) -> Path:
    with open_case(case) as store, Engine(0) as engine:
        for export in exports:
            ingest(store, engine, [export], None, Silent(), Limits())
    return case


def test_posts_add_up_and_conversations_are_threads(tmp_path: Path) -> None:
    (tmp_path / "ferry.zip").write_bytes(zipped(FILES))
    case = ingested(tmp_path / "case", tmp_path / "ferry.zip")
    with Case(case) as opened:
        records = {r["body"]: r for r in opened.records()}
        summary = opened.counts()
        assert all(row["adds_up"] for row in opened.manifest())
    assert (summary["found"], summary["stored"], summary["quarantined"]) == (4, 4, 0)
    asked = records["are we allowed to do this?"]
    answer = records["> are we\nask legal"]
    assert asked["thread_id"] == answer["thread_id"] != records["lunch"]["thread_id"]
    assert answer["authored"].strip() == "ask legal"
    assert records["not in the channel please"]["folder"] == "DM Ana Lima, Bo Ek"
    assert next(r["address"] for r in answer["recipients"]) == "ana@ferry.example"


def test_the_same_posts_zipped_and_unpacked_are_stored_once(tmp_path: Path) -> None:
    (tmp_path / "ferry.zip").write_bytes(zipped(FILES))
    folder = unpacked(tmp_path / "ferry-unpacked", FILES)
    case = ingested(tmp_path / "case", tmp_path / "ferry.zip", folder)
    with Case(case) as opened:
        summary = opened.counts()
    assert (summary["found"], summary["stored"], summary["duplicates"]) == (8, 4, 4)
    assert summary["differing_duplicates"] == 0


def test_what_is_no_post_is_in_the_manifest(tmp_path: Path) -> None:
    folder = unpacked(tmp_path / "ferry", FILES)
    case = ingested(tmp_path / "case", folder)
    with open_case(case) as store:
        document = manifest(store.engine)
    assert not document["complete"]
    with Case(case) as opened:
        lost = [row for row in opened.unread() if row["kind"] == "not read"]
    assert [(row["source"], row["place"]) for row in lost] == [
        ("ferry/general", "2024-03-02.json#5")
    ]
