"""Microsoft Teams as JSON: Graph's chat messages and the export of one's own data."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from chat_building import graph, items, posts, texts, threads
from hypothesis import given, settings
from hypothesis import strategies as st
from msg_building import msg
from source_building import not_read, read, tarred

from riskscan.sources import NotRead, discover

BO: dict[str, Any] = {
    "user": {"id": "bb-2", "displayName": "Bo Ek", "userPrincipalName": "bo@ferry.example"}
}
CHANNEL: dict[str, Any] = {
    "chatId": None,
    "channelIdentity": {"teamId": "t1", "channelId": "19:quay@thread.tacv2"},
}


def page(tmp_path: Path, *found: Any, name: str = "ferry teams.json") -> Path:
    path = tmp_path / name
    path.write_text(json.dumps({"@odata.context": "x", "value": list(found)}))
    return path


def test_a_chat_message_is_a_post_to_those_who_posted_in_the_chat(tmp_path: Path) -> None:
    path = page(tmp_path, graph("<p>one &amp; two</p>", id="1"), graph("x", id="2", sender=BO))
    events = list(read(path))
    item, (post, _) = items(events)[0], posts(events)
    assert (item.source, item.place, item.format) == ("ferry teams.json", "#1", "teams")
    assert (item.medium, item.custodian, item.folder) == (
        "chat",
        "ferry teams",
        "DM Ana Lima, Bo Ek",
    )
    assert post.body.strip() == "one & two"
    assert post.sender and (post.sender.name, post.sender.address) == (
        "Ana Lima", "aa-1@teams.invalid",
    )  # fmt: skip
    assert [(a.name, a.address) for a in post.to] == [("Bo Ek", "bo@ferry.example")]
    assert post.date and post.date.isoformat() == "2024-03-02T09:00:00+00:00"


def test_the_hash_is_that_of_the_posts_bytes(tmp_path: Path) -> None:
    raw = json.dumps(graph("x"), indent=2)
    path = tmp_path / "list.json"
    path.write_text(f"[\n {raw} ]")
    (item,) = items(read(path))
    assert item.native_sha256 == hashlib.sha256(raw.encode()).hexdigest()


def test_the_other_of_two_is_known_by_the_chats_id(tmp_path: Path) -> None:
    one, two = (f"{n:08}-0000-4000-8000-000000000000" for n in (1, 2))
    chat: dict[str, Any] = {"chatId": f"19:{one}_{two}@unq.gbl.spaces"}
    sender = {"user": {"id": one, "displayName": "Ana Lima"}}
    (post,) = posts(read(page(tmp_path, graph("x", sender=sender, **chat))))
    assert [a.address for a in post.to] == [f"{two}@teams.invalid"]


def test_replies_in_a_channel_are_a_thread(tmp_path: Path) -> None:
    reply = graph("reply", "2024-03-02T15:00:00Z", id="7", replyToId="5", **CHANNEL)
    inside = graph("inside", "2024-03-02T15:30:00Z", id="8", replyToId="6", **CHANNEL)
    events = list(read(page(
        tmp_path,
        graph("root", id="5", subject="Berth", **CHANNEL),
        graph("other", id="6", replies=[inside], **CHANNEL),
        reply,
    )))  # fmt: skip
    found, parsed = items(events), posts(events)
    assert [i.place for i in found] == ["#1", "#2", "#2/replies/1", "#3"]
    keys = [i.conversation for i in found]
    assert keys[0] == keys[3] != keys[1] == keys[2]
    assert parsed[3].in_reply_to == [parsed[0].message_id]
    assert parsed[0].subject == "Berth"


def test_chats_are_grouped_by_silence(tmp_path: Path) -> None:
    times = ("2024-03-02T09:00:00Z", "2024-03-02T09:59:00Z", "2024-03-02T11:00:00Z")
    said = (graph("x", at, id=str(n)) for n, at in enumerate(times))
    keys = threads(read(page(tmp_path, *said)))
    assert keys[0] == keys[1] != keys[2]


def test_emoji_mentions_files_and_quotes_are_read(tmp_path: Path) -> None:
    quoted = {"messagePreview": "<p>we made it up</p>",
              "messageSender": {"user": {"id": "bb-2", "displayName": "Bo Ek"}}}  # fmt: skip
    (post,) = posts(read(page(tmp_path, graph(
        '<p><at id="0">Bo Ek</at> ok <emoji id="x" alt="🙂"></emoji></p>',
        attachments=[{"contentType": "messageReference", "content": json.dumps(quoted)},
                     {"contentType": "reference", "name": "log.csv"}],
    ))))  # fmt: skip
    assert [x for x in post.body.splitlines() if x] == [
        "Bo Ek ok 🙂", "> Bo Ek: we made it up", "[file: log.csv]",
    ]  # fmt: skip
    assert "quoted" in {s.role.value for s in post.segments}


def test_plain_text_stays_as_it_is(tmp_path: Path) -> None:
    body = {"contentType": "text", "content": "a <b> & c\nsecond"}
    assert texts(read(page(tmp_path, graph("", body=body)))) == ["a <b> & c\nsecond"]


def test_system_messages_are_counted_and_deletions_told(tmp_path: Path) -> None:
    events = list(read(page(
        tmp_path,
        graph("<systemEventMessage/>", messageType="systemEventMessage", sender=None),
        graph("", id="9", deletedDateTime="2024-03-02T10:00:00Z"),
        graph("kept", id="10", deletedDateTime="2024-03-02T10:00:00Z"),
    )))  # fmt: skip
    assert texts(events) == ["kept"]
    reasons = [(e.place, e.lost, e.reason) for e in events if isinstance(e, NotRead)]
    assert [(place, lost) for place, lost, _ in reasons] == [("#2", False), ("", False)]
    assert "deleted post of Ana Lima" in reasons[0][2]
    assert reasons[1][2].startswith("1 post ")


def test_another_version_is_another_message(tmp_path: Path) -> None:
    path = page(tmp_path, graph("backdate it"),
                graph("date it", lastEditedDateTime="2024-03-02T10:00:00Z"))  # fmt: skip
    ids = [p.message_id for p in posts(read(path))]
    assert len(set(ids)) == 2


def own_data(*found: Any) -> bytes:
    talk = {"id": "19:ferry@thread.v2", "displayName": None, "properties": {"x": [1, {}]},
            "threadProperties": {"topic": "Berth 4"}, "MessageList": list(found)}  # fmt: skip
    first = {"id": "48:notes", "MessageList": []}
    whole = {"userId": "8:live:ana", "exportDate": "2024-04-01", "conversations": [first, talk]}
    return json.dumps(whole).encode()


def own(content: str, kind: str = "RichText", **more: Any) -> dict[str, Any]:
    return {"id": "1709370000500", "displayName": "Bo Ek", "messagetype": kind,
            "originalarrivaltime": "2024-03-02T09:00:00.1234567Z", "content": content,
            "conversationid": "19:ferry@thread.v2", "from": "8:orgid:bb-2",
            "properties": None} | more  # fmt: skip


def test_the_export_of_ones_own_data_is_read_inside_its_tar(tmp_path: Path) -> None:
    path = tmp_path / "8_live_ana_export.tar"
    path.write_bytes(tarred({"messages.json": own_data(
        own("a &amp; <b>b</b>"), own("1 < 2", "Text", id="2"),
        own("<addmember/>", "ThreadActivity/AddMember", id="3"),
        own("", id="4", properties={"deletetime": "1709370100000"}),
    )}))  # fmt: skip
    events = list(read(path))
    item = items(events)[0]
    assert texts(events) == ["a & b", "1 < 2"]
    assert (item.source, item.place) == ("8_live_ana_export.tar!/", "messages.json#2/1")
    assert (item.folder, item.custodian) == ("Berth 4", "8_live_ana_export")
    assert posts(events)[0].sender.address == "bb-2@teams.invalid"  # type: ignore[union-attr]
    told = [e.reason for e in events if isinstance(e, NotRead)]
    assert "2024-03-02T09:01:40Z" in told[0] and told[1].startswith("1 post ")


def test_going_on_in_the_middle_gives_the_same_events(tmp_path: Path) -> None:
    path = page(tmp_path, *(graph(str(n), f"2024-03-02T{n:02}:00:00Z") for n in range(9)), 7)
    (unit,) = discover([path])
    assert not isinstance(unit, NotRead)
    whole = list(unit.events())
    assert len(whole) == 10
    assert all(list(unit.events(n)) == whole[n:] for n in range(11))


def test_a_file_that_is_cut_off_gives_the_posts_before_the_cut(tmp_path: Path) -> None:
    path = page(tmp_path, graph("first"), graph("second", id="2"))
    path.write_bytes(path.read_bytes()[:-20])
    events = list(read(path))
    assert texts(events) == ["first"]
    (lost,) = [e for e in events if isinstance(e, NotRead)]
    assert lost.lost and "cut off" in lost.reason and len(lost.sha256) == 64


@pytest.mark.parametrize(
    "other", [{"value": [{"id": 1, "body": "x"}]}, {"createdDateTime": "2024"}, [1, 2], {}]
)
def test_other_json_is_not_taken_for_teams(tmp_path: Path, other: Any) -> None:
    path = tmp_path / "data.json"
    path.write_text(json.dumps(other))
    (found,) = not_read(path)
    assert "JSON" in found.reason


NAMES = """
    id body from user content contentType createdDateTime messagetype displayName
    originalarrivaltime properties deletetime edittime chatId channelIdentity channelId
    replyToId replies value messages MessageList attachments name lastEditedDateTime
    deletedDateTime subject messageType conversationid
""".split()  # noqa: SIM905
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(NAMES),
            inner,
            max_size=8,
        )
    ),
    max_leaves=20,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(JSON, max_size=4))
def test_any_values_anywhere_are_posts_or_told(
    tmp_path_factory: pytest.TempPathFactory, found: list[Any]
) -> None:
    path = page(tmp_path_factory.mktemp("hostile"), graph("start"), *found)
    events = list(read(path))
    assert "start" in texts(events)
    for item in items(events):
        for text in (item.source, item.place, item.folder, item.conversation, item.custodian):
            assert text.encode() is not None


def test_a_teams_item_saved_from_outlook_is_a_post(tmp_path: Path) -> None:
    (tmp_path / "a.msg").write_bytes(msg(message_class="IPM.SkypeTeams.Message", body="> a\nb"))
    (tmp_path / "b.msg").write_bytes(msg(message_class="IPM.Note", body="b"))
    assert [i.medium for i in items(read(tmp_path))] == ["chat", "mail"]
