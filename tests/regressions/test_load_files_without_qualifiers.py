"""A .dat whose header or values have no þ around them was not known as a load file."""

from __future__ import annotations

from pathlib import Path

import pytest
from load_building import Q, S
from source_building import items, put

from riskscan.mail.parse import parse_message


@pytest.mark.parametrize("quoted", [False, True])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "cp1252"])
def test_it_is_read(tmp_path: Path, quoted: bool, encoding: str) -> None:
    row = ["A1", "zoë@quay.example", "crates", "one®two"]
    if quoted:
        row = [f"{Q}{value}{Q}" for value in row]
    data = S.join(["BEGDOC", "FROM", "SUBJECT", "TEXT"]) + "\r\n" + S.join(row) + "\r\n"
    (item,) = items(put(tmp_path / "v.dat", data.encode(encoding)))
    message = parse_message(item.data)
    assert message.sender is not None and message.sender.address == "zoë@quay.example"
    assert message.body.split() == ["one", "two"]
