"""Teams posts in a PST or as .msg files: each was a conversation of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from chat_building import threads
from msg_building import SENT, TAGS, Message, message, person, write_msg
from pst_building import Folder, write_pst
from source_building import items, put

_ROOM = "X-Thread: 19:0a1b2c@thread.tacv2\r\n\r\n"


def _post(who: str, to: list[str], day: int = 4, hour: int = 9, headers: str = "") -> Message:
    made = message(
        message_class="IPM.SkypeTeams.Message",
        sender=who,
        sender_address=f"{who.lower()}@ferry.example",
        sent=datetime(2021, 3, day, hour, tzinfo=UTC),
        recipients=[person(name, f"{name.lower()}@ferry.example") for name in to],
        body="Shred it.",
    )
    return Message(made.properties | ({TAGS["headers"]: headers} if headers else {}),
                   made.recipients)  # fmt: skip


def test_posts_of_the_same_people_and_day_are_one_conversation(tmp_path: Path) -> None:
    posts = [_post("Ada", ["Bo"]), _post("Bo", ["Ada"], hour=10), _post("Ada", ["Cleo"]),
             _post("Ada", ["Bo"], day=5)]  # fmt: skip
    put(tmp_path / "ada.pst", write_pst([Folder("Team Chat", posts)]))
    first, second, other, later = threads(items(tmp_path / "ada.pst"))
    assert first == second
    assert len({first, other, later}) == 3
    (alone,) = items(put(tmp_path / "b.msg", write_msg(posts[1])))
    (same, *_) = items(tmp_path / "ada.pst")
    assert alone.conversation == same.conversation  # the same chat in another mailbox


def test_posts_of_a_channel_are_one_conversation_whoever_writes(tmp_path: Path) -> None:
    posts = [_post(who, ["Pier"], headers=_ROOM) for who in ("Ada", "Bo")]
    put(tmp_path / "team.pst", write_pst([Folder("Team Chat", posts)]))
    first, second = threads(items(tmp_path / "team.pst"))
    assert first == second


def test_mail_is_in_no_conversation(tmp_path: Path) -> None:
    (mail,) = items(put(tmp_path / "a.msg", write_msg(message(sent=SENT, body="Shred it."))))
    assert mail.conversation == ""
