"""WhatsApp's own words with a colon and no blank behind it became somebody's post."""

from __future__ import annotations

from pathlib import Path

from riskscan.sources import Item, NotRead, discover

CHAT = """[13/02/2024, 09:00:00] Nora Quill: on Thursday
[13/02/2024, 09:01:00] Ana changed their phone number to a new number. Tap:here
[13/02/2024, 09:01:30] Bo changed the description:see here
[13/02/2024, 09:02:00] Ben:tight words
[13/02/2024, 09:03:00] Nora Quill: thanks
"""


def test_they_stay_whatsapps(tmp_path: Path) -> None:
    (tmp_path / "_chat.txt").write_text(CHAT)
    (unit,) = discover([tmp_path / "_chat.txt"])
    assert not isinstance(unit, NotRead)
    posts = [e for e in unit.events() if isinstance(e, Item)]
    senders = [one.data.split(b"\r\n")[0].split(b"<")[0].strip() for one in posts]
    assert senders == [b'From: "Nora Quill"', b'From: "Ben"', b'From: "Nora Quill"']
