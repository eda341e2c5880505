"""A day of Slack whose first post was longer than what is looked at counted as unknown JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from chat_building import ANA, items, said, slack_files, texts, unpacked
from source_building import read, zipped

LONG = "secret plan " + 'w "}]\\ ' * 12_000
TIMED = {"ts": "1709370000.000100"}


def first(**parts: Any) -> bytes:
    return json.dumps([parts, said("second", "1709370001.000100")]).encode()


@pytest.mark.parametrize(
    "day",
    [
        first(type="message", user=ANA, text=LONG, **TIMED),
        first(text=LONG, type="message", user=ANA, **TIMED),
        first(attachments=[{"text": LONG}], type="message", user=ANA, text="plan", **TIMED),
        b"\xef\xbb\xbf \n" + first(client_msg_id="1", text=LONG, type="message", **TIMED),
    ],
)
def test_it_is_read_in_a_folder_and_in_a_zip(tmp_path: Path, day: bytes) -> None:
    files = slack_files({"general/2024-03-02": day})
    (tmp_path / "w.zip").write_bytes(zipped(files))
    for place in (unpacked(tmp_path / "w", files), tmp_path / "w.zip"):
        found = texts(read(place))
        assert [LONG[:11] in found[0] or found[0] == "plan", found[1]] == [True, "second"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("2024-03-02.json", [{"reading": "1 " * 40_000, "unit": "m"}]),
        ("2024-03-02.json", [{"text": "high water"}, {"reading": "1 " * 40_000}]),
        ("2024-03-02.json", [[{"text": "1 " * 40_000}]]),
        ("2024-03-02.json", [{"reading": {"text": "1 " * 40_000}}]),
        ("tides.json", [{"text": "1 " * 40_000}]),
    ],
)
def test_other_long_json_is_none(tmp_path: Path, name: str, data: list[Any]) -> None:
    place = unpacked(tmp_path / "w", {f"general/{name}": json.dumps(data).encode()})
    assert items(read(place)) == []
