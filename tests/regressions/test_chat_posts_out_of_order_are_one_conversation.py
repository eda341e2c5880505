"""Posts out of order in a file, or in several files of a room, were parted where no silence is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from chat_building import graph, said, slack_files, threads
from source_building import put, read, zipped

from riskscan.sources import Event

CLOCKS = ("12:15", "10:00", "12:00", "10:30", "23:59", "10:59")
WANTED = [0, 1, 0, 1, 2, 1]  # which conversation


def groups(events: list[Event]) -> list[int]:
    found = threads(events)
    return [list(dict.fromkeys(found)).index(one) for one in found]


def pages(tmp_path: Path, *counts: int, **more: str) -> list[Path]:
    """Files of the same chat, of so many posts each."""
    left = [graph(at, f"2024-03-02T{at}:00Z", id=at, **more) for at in CLOCKS]
    paths = []
    for n, count in enumerate(counts):
        path = tmp_path / f"page{n}.json"
        paths.append(put(path, json.dumps({"value": left[:count]}).encode()))
        del left[:count]
    return paths


@pytest.mark.parametrize("counts", [(6,), (3, 3), (1, 1, 4)])
def test_teams_posts_in_any_order_and_in_pages(tmp_path: Path, counts: tuple[int, ...]) -> None:
    assert groups(read(*pages(tmp_path, *counts))) == WANTED


def test_files_without_the_id_of_a_chat_are_of_different_ones(tmp_path: Path) -> None:
    assert groups(read(*pages(tmp_path, 2, 4, chatId=""))) == [0, 1, 2, 3, 4, 3]


def test_own_data_of_teams(tmp_path: Path) -> None:
    posts = [
        {"id": at, "originalarrivaltime": f"2024-03-02T{at}:00Z", "messagetype": "Text",
         "content": at, "conversationid": "19:ferry@thread.v2", "from": "8:orgid:bb-2"}
        for at in CLOCKS
    ]  # fmt: skip
    whole = {"conversations": [{"id": "19:ferry@thread.v2", "MessageList": posts}]}
    path = put(tmp_path / "messages.json", json.dumps(whole).encode())
    assert groups(read(path)) == WANTED


def test_teams_as_a_page(tmp_path: Path) -> None:
    made = "".join(
        f'<div class="m"><b>Ana Lima</b><i>2024-03-02 {at}</i><p>Text of {at}</p></div>'
        for at in CLOCKS
    )
    page = f"<html><body><p>Microsoft Teams</p>{made}</body></html>"
    assert groups(read(put(tmp_path / "Ferry.html", page.encode()))) == WANTED


def slack(at: str, day: str = "2") -> str:
    hour, minute = map(int, at.split(":"))
    return f"{1709337600 + hour * 3600 + minute * 60 + (int(day) - 2) * 86400}.000100"


def test_slack(tmp_path: Path) -> None:
    days = {"general/2024-03-02": [said(at, slack(at)) for at in CLOCKS]}
    assert groups(read(put(tmp_path / "ferry.zip", zipped(slack_files(days))))) == WANTED


def test_a_day_of_slack_in_two_files(tmp_path: Path) -> None:
    """Slack begins a file with the workspace's day, which may be in the middle of that of UTC."""
    days = {
        "general/2024-03-02": [said("a", slack("21:59"))],
        "general/2024-03-03": [said("b", slack("22:10")), said("c", slack("0:05", "3"))],
    }
    assert groups(read(put(tmp_path / "ferry.zip", zipped(slack_files(days))))) == [0, 0, 1]


def test_channels_of_one_name_in_two_workspaces_are_two(tmp_path: Path) -> None:
    for n, name in enumerate(["east", "west"]):
        days = {"general/2024-03-02": [said(name, slack(f"9:0{n}"))]}
        put(tmp_path / f"{name}.zip", zipped(slack_files(days, {"channels.json": []})))
    assert groups(read(tmp_path / "east.zip", tmp_path / "west.zip")) == [0, 1]


def test_google_chat(tmp_path: Path) -> None:
    posts = [
        {"creator": {"name": "Ada"}, "created_date": f"Friday, March 1, 2024 at {at}:00 UTC",
         "topic_id": at, "message_id": f"AAAA/{at}/{at}", "text": at}
        for at in CLOCKS
    ]  # fmt: skip
    path = tmp_path / "Takeout" / "Google Chat" / "Groups" / "Space AAAA" / "messages.json"
    put(path, json.dumps({"messages": posts}).encode())
    assert groups(read(tmp_path)) == WANTED


def test_whatsapp(tmp_path: Path) -> None:
    text = "".join(f"13/03/2024, {at} - {'Ana' if n % 2 else 'Bo'}: {at}\n"
                   for n, at in enumerate(CLOCKS))  # fmt: skip
    assert groups(read(put(tmp_path / "WhatsApp Chat with Ana.txt", text.encode()))) == WANTED


def test_private_chats_of_one_name_are_two(tmp_path: Path) -> None:
    for whose in ("Cy", "Bo"):
        text = f"13/03/2024, 09:00 - Ana: hi {whose}\n13/03/2024, 09:01 - {whose}: hi\n"
        put(tmp_path / whose / "WhatsApp Chat with Ana.txt", text.encode())
    paths = [tmp_path / w / "WhatsApp Chat with Ana.txt" for w in ("Bo", "Cy")]
    assert groups(read(*paths)) == [0, 0, 1, 1]


def test_posts_of_one_title_are_no_answers_to_each_other(tmp_path: Path) -> None:
    """In a case; by their platform's threads they are two."""
    from test_silences_part_teams_posts_of_mailboxes import conversations, scanned, told

    channel = {"chatId": None, "channelIdentity": {"channelId": "19:quay@thread.tacv2"}}
    bo = {"user": {"id": "bb-2", "displayName": "Bo Ek"}}
    posts = [
        graph("one", id="1", subject="Berth numbers", **channel),
        graph("aye", id="2", replyToId="1", sender=bo, **channel),
        graph("two", "2024-03-02T09:10:00Z", id="3", subject="Berth numbers", **channel),
    ]
    path = put(tmp_path / "page.json", json.dumps({"value": posts}).encode())
    assert conversations(scanned(tmp_path / "case", path)) == told("one, aye", "two")
