"""Slack exports, zipped and unpacked: what becomes a post, whose it is and where it stands."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from chat_building import (
    ANA,
    BO,
    CY,
    GENERAL,
    items,
    posts,
    said,
    slack_files,
    texts,
    threads,
    unpacked,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from source_building import not_read, read, tarred, zipped

from riskscan.sources import Event, Limits, NotRead, discover

DAY = "general/2024-03-02"


def export(tmp_path: Path, days: dict[str, Any], lists: dict[str, Any] | None = None) -> Path:
    path = tmp_path / "ferry-slack.zip"
    path.write_bytes(zipped(slack_files(days, lists)))
    return path


def one_day(tmp_path: Path, *found: Any) -> list[Event]:
    return list(read(export(tmp_path, {DAY: list(found)})))


def left(events: list[Event]) -> list[NotRead]:
    """What is in the channel and was not read."""
    return [e for e in events if isinstance(e, NotRead) and e.source.endswith("!/general")]


# ---- a post


def test_a_post_is_a_message_of_its_author_to_the_other_members(tmp_path: Path) -> None:
    events = one_day(tmp_path, said("the tide tables are wrong"))
    (item,) = items(events)
    (post,) = posts(events)
    assert (item.source, item.place) == ("ferry-slack.zip!/general", "2024-03-02.json#1")
    assert (item.format, item.medium) == ("slack", "chat")
    assert (item.custodian, item.folder) == ("ferry-slack", "#general")
    assert post.sender and (post.sender.name, post.sender.address) == (
        "Ana Lima", "ana@ferry.example",
    )  # fmt: skip
    assert [(a.name, a.address) for a in post.to] == [
        ("Bo Ek", f"{BO}@slack.invalid"), ("Cy Moor", f"{CY}@slack.invalid"),
    ]  # fmt: skip
    assert post.date and post.date.isoformat() == "2024-03-02T09:00:00+00:00"
    assert post.message_id == "<C01GENERAL.1709370000.000100@slack.invalid>"
    assert (post.subject, post.body) == ("", "the tide tables are wrong")


def test_the_hash_is_that_of_the_posts_bytes_in_the_file(tmp_path: Path) -> None:
    day = b'[ {"type":"message","ts":"1709370000.000100", "text" : "a"},\n\t{"x":1}]'
    (item,) = items(read(export(tmp_path, {DAY: day})))
    raw = b'{"type":"message","ts":"1709370000.000100", "text" : "a"}'
    assert (item.native_sha256, item.native_size) == (hashlib.sha256(raw).hexdigest(), len(raw))


def test_an_unpacked_export_reads_the_same(tmp_path: Path) -> None:
    files = slack_files({DAY: [said("hello"), said("there", "1709370001.000100", BO)]})
    folder = unpacked(tmp_path / "ferry-slack", files)
    (tmp_path / "ferry-slack.zip").write_bytes(zipped(files))
    zipped_items = items(read(tmp_path / "ferry-slack.zip"))
    folder_items = items(read(folder))
    assert [i.data for i in folder_items] == [i.data for i in zipped_items]
    assert {i.source for i in folder_items} == {"ferry-slack/general"}
    assert {i.custodian for i in folder_items} == {"ferry-slack"}
    assert [u.kind for u in discover([folder]) if not isinstance(u, NotRead)].count("slack") == 1


def test_an_export_in_a_folder_of_the_zip_is_named_after_that_folder(tmp_path: Path) -> None:
    inner = {f"Ferry Slack export/{n}": d for n, d in slack_files({DAY: [said("x")]}).items()}
    path = tmp_path / "exports.zip"
    path.write_bytes(zipped(inner))
    (item,) = items(read(path))
    assert (item.custodian, item.folder) == ("Ferry Slack export", "#general")


def test_a_tar_is_read_with_the_names_that_posts_give(tmp_path: Path) -> None:
    path = tmp_path / "ferry.tar"
    profile = {"real_name": "Ana Lima"}
    path.write_bytes(
        tarred(slack_files({DAY: [said("x", user_profile=profile)]}, {"users.json": []}))
    )
    (post,) = posts(read(path))
    assert post.sender and post.sender.name == "Ana Lima"


def test_channels_groups_and_direct_messages_are_told_apart(tmp_path: Path) -> None:
    lists = {
        "groups.json": [{"id": "G01SECRET", "name": "board", "members": [ANA, CY]}],
        "mpims.json": [{"id": "G02MPIM", "name": "mpdm-ana--bo--cy-1", "members": [ANA, BO, CY]}],
    }
    days = {
        name: [said(name)]
        for name in (DAY, "board/2024-03-02", "D01ANABOX/2024-03-02",
                     "mpdm-ana--bo--cy-1/2024-03-02")
    }  # fmt: skip
    found = items(read(export(tmp_path, days, lists)))
    assert sorted(i.folder for i in found) == [
        "#board", "#general", "DM Ana Lima, Bo Ek", "DM Ana Lima, Bo Ek, Cy Moor",
    ]  # fmt: skip


def test_a_room_of_many_is_addressed_as_a_room(tmp_path: Path) -> None:
    crowd = GENERAL | {"members": [f"U{n:09}" for n in range(300)]}
    (post,) = posts(read(export(tmp_path, {DAY: [said("x")]}, {"channels.json": [crowd]})))
    assert [(a.name, a.address) for a in post.to] == [("#general", "C01GENERAL@slack.invalid")]


def test_folders_named_by_channel_id_are_found_in_the_lists(tmp_path: Path) -> None:
    (item,) = items(read(export(tmp_path, {"C01GENERAL/2024-03-02": [said("x")]})))
    assert item.folder == "#general"


def test_an_organisations_members_stand_above_its_workspaces(tmp_path: Path) -> None:
    files = slack_files({DAY: [said("x")]})
    users = files.pop("users.json")
    path = tmp_path / "grid.zip"
    path.write_bytes(
        zipped({"org_users.json": users} | {f"teams/ferry/{n}": d for n, d in files.items()})
    )
    events = list(read(path))
    assert posts(events)[0].sender and posts(events)[0].sender.name == "Ana Lima"  # type: ignore[union-attr]
    assert items(events)[0].custodian == "ferry"


# ---- conversations


def test_threads_and_silences_make_conversations(tmp_path: Path) -> None:
    root = "1709370000.000100"
    events = one_day(
        tmp_path,
        said("root", root, thread_ts=root),
        said("aside", "1709370060.000100"),
        said("reply", "1709370120.000100", BO, thread_ts=root),
        said("soon after", "1709370180.000100"),
        said("after lunch", "1709377200.000100"),
    )
    keys = threads(events)
    assert keys[0] == keys[2] != keys[1] == keys[3] != keys[4]
    assert posts(events)[2].in_reply_to == [posts(events)[0].message_id]
    assert {i.conversation for i in items(events)} == {
        "room:slack:C01GENERAL", f"slack:C01GENERAL/{root}"
    }  # fmt: skip


def test_a_new_day_is_a_new_conversation(tmp_path: Path) -> None:
    days = {
        DAY: [said("late", "1709423990.000100")],
        "general/2024-03-03": [said("early", "1709424010.000100"), said("x", "1709424020.000100")],
    }
    late, early, more = threads(read(export(tmp_path, days)))
    assert late != early == more


def test_going_on_in_the_middle_gives_the_same_events(tmp_path: Path) -> None:
    days: dict[str, Any] = {
        DAY: [said(str(n), f"{1709370000 + n * 1500}.000100") for n in range(12)],
        "general/2024-03-03": [said("next", "1709456400.000100"), 7, said("", "1709456401.0001")],
    }
    (unit,) = discover([export(tmp_path, days)])
    assert not isinstance(unit, NotRead)
    whole = list(unit.events())
    for skip in range(len(whole) + 1):
        assert list(unit.events(skip)) == whole[skip:]
    folder = unpacked(tmp_path / "ferry", slack_files(days))
    for one in discover([folder]):
        assert not isinstance(one, NotRead)
        whole = list(one.events())
        assert all(list(one.events(n)) == whole[n:] for n in range(len(whole) + 1))


# ---- what is said


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"ask <@{BO}> or <@{BO}|bo>", "ask @Bo Ek or @Bo Ek"),
        ("in <#C01GENERAL|old-name> and <#C09|gone>", "in #general and #gone"),
        ("<!channel> <!subteam^S01|@crew> <!date^1709370000^{date}|2 March>",
         "@channel @crew 2 March"),
        ("<https://ferry.example/a?b=1&amp;c=2|the log> <https://ferry.example>",
         "the log (https://ferry.example/a?b=1&c=2) https://ferry.example"),
        ("<mailto:ana@ferry.example|ana@ferry.example>", "ana@ferry.example"),
        ("1 &lt; 2 &amp;amp; <b", "1 < 2 &amp; <b"),
    ],
)  # fmt: skip
def test_marks_are_shown_as_slack_shows_them(tmp_path: Path, text: str, shown: str) -> None:
    assert texts(one_day(tmp_path, said(text))) == [shown]


def test_a_post_without_text_is_read_from_its_blocks(tmp_path: Path) -> None:
    blocks = [
        {"type": "rich_text", "elements": [
            {"type": "rich_text_section", "elements": [
                {"type": "text", "text": "is <this> & that allowed, "},
                {"type": "user", "user_id": BO}, {"type": "emoji", "name": "eyes"},
                {"type": "link", "url": "https://ferry.example", "text": "see"}]},
            {"type": "rich_text_quote", "elements": [{"type": "text", "text": "a\nb"}]},
            {"type": "rich_text_list", "elements": [
                {"type": "rich_text_section", "elements": [{"type": "text", "text": "one"}]}]}]}
    ]  # fmt: skip
    (post,) = posts(one_day(tmp_path, said("", blocks=blocks)))
    lines = [line for line in post.body.splitlines() if line.strip()]
    assert lines == [
        "is <this> & that allowed, @Bo Ek:eyes:see (https://ferry.example)", "> a", "> b", "one",
    ]  # fmt: skip
    assert [s.role.value for s in post.segments] == ["authored", "quoted", "authored"]


def test_shared_posts_are_quoted_and_files_are_named(tmp_path: Path) -> None:
    shared = [{"author_name": "Bo Ek", "text": "we backdated it\nall of it"}]
    files = [{"name": "log.csv", "mimetype": "text/csv"}, {"mode": "tombstone", "id": "F1"}]
    (post,) = posts(one_day(tmp_path, said("look", attachments=shared, files=files)))
    assert post.body.splitlines() == [
        "look", "> Bo Ek", "> we backdated it", "> all of it", "[file: log.csv]", "[deleted file]",
    ]  # fmt: skip
    assert post.attachments == []


def test_an_apps_post_is_its_attachments(tmp_path: Path) -> None:
    alarm = {"type": "message", "subtype": "bot_message", "username": "Tidewatch", "bot_id": "B01",
             "ts": "1709370000.000100", "text": "",
             "attachments": [{"title": "High water",
                              "fields": [{"title": "cm", "value": "412"}]}]}  # fmt: skip
    (post,) = posts(one_day(tmp_path, alarm))
    assert post.body == "High water\ncm: 412"
    assert post.sender and (post.sender.name, post.sender.address) == (
        "Tidewatch", "B01@slack.invalid",
    )  # fmt: skip


def test_joins_are_counted_and_a_topic_that_somebody_wrote_is_a_post(tmp_path: Path) -> None:
    events = one_day(
        tmp_path,
        said("<@U1> has joined", subtype="channel_join"),
        said("<@U1> has left", subtype="channel_leave"),
        said("set the topic: stealth", subtype="channel_topic", topic="stealth mode until May"),
    )
    assert texts(events) == ["stealth mode until May"]
    (told,) = left(events)
    assert told.reason.startswith("2 posts") and not told.lost


def test_deletions_are_told(tmp_path: Path) -> None:
    gone = said("This message was deleted.", subtype="tombstone", user="USLACKBOT")
    kept = {"type": "message", "subtype": "message_deleted", "ts": "1709370100.000100",
            "deleted_ts": "1709370050.000100", "previous_message": said("burn it")}  # fmt: skip
    root = {"type": "message", "subtype": "message_changed", "ts": "1709370200.000100",
            "message": gone, "previous_message": said("and the drafts")}  # fmt: skip
    events = one_day(tmp_path, gone, kept, root)
    assert texts(events) == ["burn it", "and the drafts"]
    (told,) = left(events)
    assert (told.place, told.lost) == ("2024-03-02.json#1", False)
    assert "its text is not in the export" in told.reason


def test_every_version_of_an_edited_post_is_kept(tmp_path: Path) -> None:
    edited = {"user": ANA, "ts": "1709370090.000000"}
    change = {"type": "message", "subtype": "message_changed", "ts": "1709370090.000200",
              "original": said("backdate it"),
              "message": said("date it", edited=edited)}  # fmt: skip
    events = one_day(tmp_path, said("backdate it"), change, said("date it", edited=edited))
    found = posts(events)
    assert [p.body for p in found] == ["backdate it", "backdate it", "date it", "date it"]
    by_text = {text: {p.message_id for p in found if p.body == text} for text in ("date it",)}
    assert len(by_text["date it"]) == 1
    assert not {p.message_id for p in found if p.body == "backdate it"} & by_text["date it"]


# ---- what is none


def test_the_lists_are_companions_and_no_day_is_lost(tmp_path: Path) -> None:
    lists = {"integration_logs.json": [], "canvases.json": [{"id": "F01CANVAS", "title": "x"}]}
    found = not_read(export(tmp_path, {DAY: [said("x")], "general/2024-03-03": []}, lists))
    assert all(not e.lost for e in found)
    assert len(found) == 6
    assert all(len(e.sha256) == 64 for e in found)


def test_a_damaged_list_costs_names_not_posts(tmp_path: Path) -> None:
    path = export(tmp_path, {DAY: [said("x")]}, {"users.json": b'[{"id":"U01ANAANA"},{"id'})
    events = list(read(path))
    assert texts(events) == ["x"]
    (lost,) = [e for e in events if isinstance(e, NotRead) and e.lost]
    assert lost.source.endswith("users.json") and "cut off" in lost.reason


@pytest.mark.parametrize(
    "bad",
    [
        "7", '"text"', "null", "[[]]", '{"ts": 1e999, "text": ', "[" * 100_000 + "]" * 100_000,
        '{"ts": ' + "9" * 5000 + "}",
    ],
)  # fmt: skip
def test_what_is_no_post_is_lost_alone(tmp_path: Path, bad: str) -> None:
    first, last = json.dumps(said("first")), json.dumps(said("last", "1709370009.000100"))
    day = f"[{first}, {bad}, {last}]".encode()
    events = list(read(export(tmp_path, {DAY: day})))
    assert "first" in texts(events)
    lost = [e for e in events if isinstance(e, NotRead) and e.lost]
    assert lost and lost[0].reason


def test_a_day_that_is_cut_off_gives_the_posts_before_the_cut(tmp_path: Path) -> None:
    day = json.dumps([said("first"), said("second")]).encode()[:-30]
    events = list(read(export(tmp_path, {DAY: day})))
    assert texts(events) == ["first"]
    (lost,) = [e for e in events if isinstance(e, NotRead) and e.lost]
    assert "cut off" in lost.reason
    assert lost.sha256 == hashlib.sha256(day).hexdigest()


def test_a_huge_post_is_told_with_its_hash(tmp_path: Path) -> None:
    huge = json.dumps(said("x" * (9 << 20)))
    small = json.dumps(said("small"))
    path = tmp_path / "ferry"
    unpacked(path, slack_files({DAY: f"[{small},{huge}]".encode()}))
    events = list(read(path))
    assert texts(events) == ["small"]
    (lost,) = [e for e in events if isinstance(e, NotRead) and e.lost]
    assert (lost.size, lost.sha256) == (len(huge), hashlib.sha256(huge.encode()).hexdigest())


def test_a_bomb_of_a_day_stops_at_the_limits(tmp_path: Path) -> None:
    path = export(tmp_path, {DAY: [said(" " * 1000)] * 3000})
    found = not_read(path, limits=Limits(ratio=10, ratio_from=100_000))
    assert any("bomb" in e.reason for e in found)


def test_climbing_names_open_nothing(tmp_path: Path) -> None:
    path = tmp_path / "evil.zip"
    path.write_bytes(zipped({"../../users.json": b"[]", "../../x/2024-03-02.json":
                             json.dumps([said("x")]).encode()}))  # fmt: skip
    (item,) = items(read(path))
    assert item.source == "evil.zip!/../../x"


NAMES = """
    type subtype ts thread_ts user text blocks elements files attachments edited message
    original previous_message user_profile bot_profile topic replies fields name id members
    profile
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
@given(st.lists(JSON, max_size=4), st.lists(JSON, max_size=3))
def test_any_values_anywhere_are_posts_or_told(
    tmp_path_factory: pytest.TempPathFactory, day: list[Any], users: list[Any]
) -> None:
    path = tmp_path_factory.mktemp("hostile") / "ferry.zip"
    start = said("start")
    files = slack_files({DAY: [start, *day]}, {"users.json": users, "channels.json": users})
    path.write_bytes(zipped(files))
    events = list(read(path))
    assert texts(events)[0] == "start"
    for item in items(events):
        for text in (item.source, item.place, item.folder, item.conversation, item.custodian):
            assert text.encode() is not None


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 400))
def test_any_bytes_in_a_day_are_survived(
    tmp_path_factory: pytest.TempPathFactory, junk: bytes, at: int
) -> None:
    path = tmp_path_factory.mktemp("junk")
    whole = json.dumps([said("first"), said("second", thread_ts="1709370000.000100")]).encode()
    unpacked(path, slack_files({DAY: whole[:at] + junk + whole[at:]}))
    events = list(read(path))
    assert len(events) >= 4
