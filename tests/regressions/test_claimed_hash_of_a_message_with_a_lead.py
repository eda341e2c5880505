"""The claimed hash of a file differed where the message is only a part of it (.emlx, From_)."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from scan_building import mail

from riskscan.case.manifest import manifest
from riskscan.case.store import open_case
from riskscan.engine import Engine
from riskscan.sources import Limits
from riskscan.stages.ingest import ingest
from riskscan.stages.progress import Silent


@pytest.mark.parametrize(
    ("name", "front", "behind"),
    [
        ("1.eml", b"From ada@quayside.example Mon Jan  6 09:15:00 2020\n", b""),
        ("1.eml", b"\xef\xbb\xbf", b""),
        ("1.emlx", b"%d\n" % len(mail(1)), b"<?xml version='1.0'?><plist></plist>\n"),
    ],
)
def test_the_hash_of_the_file_as_found_is_compared(
    tmp_path: Path, name: str, front: bytes, behind: bytes
) -> None:
    data = front + mail(1) + behind
    export = tmp_path / "in"
    export.mkdir()
    (export / name).write_bytes(data)
    (export / "sums.sha256").write_text(f"{hashlib.sha256(data).hexdigest()}  {name}\n")
    with open_case(tmp_path / "case") as store, Engine(0) as engine:
        ingest(store, engine, [export], None, Silent(), Limits())
        claims = manifest(store.engine)["claims"]
    assert claims["mismatches"] == []
    assert claims["matched"] == {"sha256": 1}
