"""A post in Google Chat that quotes one of another day made both days one conversation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from chat_building import threads
from source_building import put, read


def post(number: int, day: int, **more: Any) -> dict[str, Any]:
    return {
        "creator": {"name": "Ada", "email": "ada@ferry.example"},
        "created_date": f"Friday, March {day}, 2024 at 9:0{number}:00 AM UTC",
        "topic_id": f"t{number}",
        "message_id": f"AAAA/t{number}/t{number}",
        "text": f"post {number}",
    } | more


def test_a_quotation_is_no_thread_and_a_topic_is(tmp_path: Path) -> None:
    quoted = {"message_id": "AAAA/t1/t1", "text": "post 1"}
    posts = [
        post(1, 1),
        post(2, 8),
        post(3, 8, quoted_message_metadata=quoted),
        post(4, 15, topic_id="t1", message_id="AAAA/t1/x4"),
    ]
    path = tmp_path / "Takeout" / "Google Chat" / "Groups" / "DM abcdef" / "messages.json"
    put(path, json.dumps({"messages": posts}).encode())
    first, second, quoting, reply = threads(read(tmp_path))
    assert first == reply != second == quoting
