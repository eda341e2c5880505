"""Google Takeout and Vault: labels, threads, whose mail it is, and what Vault tells of itself."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from collections.abc import Iterable
from pathlib import Path

import pytest
from chat_building import threads
from export_building import ADA, BO, gmail_mbox, metadata_csv, papers, told, vault
from hypothesis import given, settings
from hypothesis import strategies as st
from source_building import items, mail, put, read, tarred, zipped

from riskscan.mail.post import parse_post
from riskscan.sources import Claim, Item, Limits, NotRead, discover
from riskscan.sources.google import gmail, labels
from riskscan.sources.google_chat import chat_moment
from riskscan.sources.item import MIB
from riskscan.sources.stream import FileStream
from riskscan.sources.table import ROW_MAX, rows

ALL_MAIL = "All mail Including Spam and Trash.mbox"


BOX = gmail_mbox(
    [
        (1700000000000000001, "Inbox,Important,Work", mail("one")),
        (1700000000000000001, "Sent,Opened", mail("two")),
        (1700000000000000009, '=?UTF-8?Q?Spam,"B=C3=BCro,_Bonn"?=', mail("three")),
    ]
)


# Takeout


@pytest.mark.parametrize("pack", ["zip", "tgz", "folder"])
def test_takeout_labels_are_folders_and_threads_conversations(tmp_path: Path, pack: str) -> None:
    members = {
        f"Takeout/Mail/{ALL_MAIL}": BOX,
        "Takeout/Mail/User Settings/Filters.json": b'{"filters": []}',
        "Takeout/archive_browser.html": b"<!DOCTYPE html><html></html>",
    }
    ada = tmp_path / "ada"
    name = "takeout-20240131T101112Z-001"
    if pack == "zip":
        put(ada / f"{name}.zip", zipped(members))
    elif pack == "tgz":
        put(ada / f"{name}.tgz", gzip.compress(tarred(members)))
    else:
        for path, data in members.items():
            put(ada / path, data)
    events = read(ada)
    found = [e for e in events if isinstance(e, Item)]
    assert [(f.custodian, f.folder, f.conversation) for f in found] == [
        ("ada", "Inbox; Work", "gmail:1700000000000000001"),
        ("ada", "Sent", "gmail:1700000000000000001"),
        ("ada", "Spam; Büro, Bonn", "gmail:1700000000000000009"),
    ]
    assert sorted(p.reason.partition(": ")[2] for p in papers(events)) == [
        "settings of a Gmail account",
        "the page that Google Takeout puts into its archives",
    ]
    assert not any(p.lost for p in papers(events))


def test_a_takeout_of_one_label_is_a_folder_of_the_same_custodian(tmp_path: Path) -> None:
    put(tmp_path / "ada" / "Takeout" / "Mail" / "Tides.mbox", gmail_mbox([(5, "", mail("one"))]))
    (found,) = items(tmp_path / "ada")
    assert (found.custodian, found.folder) == ("ada", "Tides")


def test_a_group_in_a_takeout_is_a_folder(tmp_path: Path) -> None:
    path = tmp_path / "ada" / "Takeout" / "Groups" / "crew@ferry.example" / "topics.mbox"
    put(path, gmail_mbox([(5, "", mail("one"))]))
    (found,) = items(tmp_path / "ada")
    assert (found.custodian, found.folder) == ("ada", "Groups/crew@ferry.example/topics")


def test_single_messages_with_gmail_headers(tmp_path: Path) -> None:
    put(tmp_path / "ada" / "1.eml", b"X-GM-THRID: 77\nX-Gmail-Labels: Work\n" + mail("one"))
    (found,) = items(tmp_path / "ada")
    assert (found.folder, found.conversation) == ("Work", "gmail:77")


def test_other_mail_has_no_conversation(tmp_path: Path) -> None:
    body = "I was told:\n\nX-GM-THRID: 5\nX-Gmail-Labels: Work\n"
    put(tmp_path / "ada" / "1.eml", mail("one", body))
    (found,) = items(tmp_path / "ada")
    assert (found.folder, found.conversation) == ("", "")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Inbox,Parent/Child", ["Inbox", "Parent/Child"]),
        ('"Project, A",Inbox', ["Project, A", "Inbox"]),
        ("Inbox,=?UTF-8?Q?Kunden/=C3=9Cbung?=,Opened", ["Inbox", "Kunden/Übung", "Opened"]),
        ("=?UTF-8?Q?Archiv=C3=A9s,Envoy?=\r\n =?UTF-8?Q?=C3=A9?=", ["Archivés", "Envoyé"]),
        ("=?UTF-8?Q?Wichtig,Kategorie:_=22Neues=22?=", ["Wichtig", 'Kategorie: "Neues"']),
        ("=?utf-8?Q?Sent=2C?= =?utf-8?B?5Lit5paH?=", ["Sent", "中文"]),
        ("Inbox,Inbox", ["Inbox"]),
        ("=?nonsense?Q?Inbox?=", ["Inbox"]),
        ("=?UTF-8?B?w5xiZXIg", ["=?UTF-8?B?w5xiZXIg"]),
        ('"never closed, Inbox', ["never closed, Inbox"]),
        ("=?UTF-8?Q?A=1B[2J?=", ["A[2J"]),
        ("", []),
    ],
)
def test_labels(value: str, expected: list[str]) -> None:
    assert labels(value.encode()) == expected


def test_states_are_left_out_only_beside_places() -> None:
    assert gmail(b"X-Gmail-Labels: Unread,Category Updates\n\n")[0] == "Unread; Category Updates"
    assert gmail(b"X-Gmail-Labels: Unread,Category Updates,Inbox\n\n")[0] == "Inbox"


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_may_be_labels(value: bytes) -> None:
    folder, conversation = gmail(b"X-Gmail-Labels: " + value + b"\n\n")
    assert len(folder) <= 1000
    assert folder.isprintable()
    assert conversation == "" or conversation.startswith("gmail:")
    folder.encode()


# Vault


def test_a_vault_export_says_whose_mail_it_is(tmp_path: Path) -> None:
    vault(tmp_path / "matter")
    found = [e for e in read(tmp_path / "matter") if isinstance(e, Item)]
    assert [(f.custodian, f.folder) for f in found] == [
        (ADA, "Inbox"),
        (ADA, "Sent"),
        (BO, "Inbox"),
    ]


def test_a_vault_export_unpacked_says_it_too(tmp_path: Path) -> None:
    put(tmp_path / "quay-7-1" / f"quay-7-{ADA}-Xk29ab.mbox", gmail_mbox([(5, "", mail("one"))]))
    (found,) = items(tmp_path / "quay-7-1")
    assert found.custodian == ADA


def test_a_vault_export_makes_claims(tmp_path: Path) -> None:
    files = vault(tmp_path / "matter")
    claims = told(read(tmp_path / "matter"))
    assert [c for c in claims if c[0] == "md5"] == [
        ("md5", f"matter/{name}", hashlib.md5(data).hexdigest())
        for name, data in files.items()
        if not name.endswith(".md5")
    ]
    assert [c for c in claims if c[0] == "message id"] == [
        ("message id", "matter/quay-7-*", "<one@ferry.example>"),
        ("message id", "matter/quay-7-*", "<two@ferry.example>"),
    ]
    assert [c for c in claims if c[0] == "messages"] == [("messages", "matter/quay-7-*", "3")] * 3


def test_the_papers_of_a_vault_export_are_companions(tmp_path: Path) -> None:
    vault(tmp_path / "matter")
    found = papers(read(tmp_path / "matter"))
    assert not any(p.lost for p in found)
    assert all(p.size and p.sha256 for p in found)
    assert {p.reason for p in found} == {
        "checksums of 5 files",
        "Google Vault's metadata of 3 messages (1 without Message-ID)",
        "Google Vault's metadata of 3 messages",
        "Google Vault's counts of 2 accounts",
        "a companion file, no mail: Google Vault's report of errors",
    }


def test_papers_inside_an_archive_speak_of_it(tmp_path: Path) -> None:
    inner = vault(tmp_path / "x")
    put(tmp_path / "m" / "all.zip", zipped({f"in/{n}": d for n, d in inner.items()}))
    claims = told(read(tmp_path / "m"))
    assert ("messages", "m/all.zip!/in/quay-7-*", "3") in claims
    assert (
        "md5",
        "m/all.zip!/in/quay-7-1.zip",
        hashlib.md5(inner["quay-7-1.zip"]).hexdigest(),
    ) in (claims)


def test_a_paper_without_its_folder_claims_nothing_of_messages(tmp_path: Path) -> None:
    vault(tmp_path)
    events = read(tmp_path / "quay-7-metadata.csv")
    assert told(events) == []
    assert [p.lost for p in papers(events)] == [False]


def test_reading_goes_on_at_any_event(tmp_path: Path) -> None:
    vault(tmp_path / "matter")
    for unit in discover([tmp_path / "matter"]):
        assert not isinstance(unit, NotRead) or not unit.lost
        if isinstance(unit, NotRead):
            continue
        whole = list(unit.events())
        for skip in range(len(whole) + 1):
            assert list(unit.events(skip)) == whole[skip:]


def test_counts_of_groups_and_chat(tmp_path: Path) -> None:
    put(tmp_path / "m" / "q-results-count.csv", f"Account,Count\n{ADA},4\n{BO},1\n".encode())
    assert told(read(tmp_path / "m")) == [
        ("account messages", f"m/q-*//q-{ADA}*", "4"),
        ("account messages", f"m/q-*//q-{BO}*", "1"),
        ("messages", "m/q-*", "5"),
    ]


def test_the_total_is_taken_as_vault_gives_it(tmp_path: Path) -> None:
    table = f"Account,AccountStatus,SuccessCount,MessageErrorCount\n,,7,0\n{ADA},Success,4,0\n"
    put(tmp_path / "m" / "q-result-counts.csv", table.encode())
    assert told(read(tmp_path / "m")) == [
        ("account messages", f"m/q-*//q-{ADA}*", "4"),
        ("messages", "m/q-*", "7"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_tables_in_any_clothes(tmp_path: Path, encoding: str, delimiter: str) -> None:
    lines = [
        "Rfc822MessageId,Account,Subject",
        "<a@x.example>,é@ferry.example,ü",
        "<b@x.example>,,",
    ]
    text = "\r\n".join(lines).replace(",", delimiter)
    put(tmp_path / "m" / "q-metadata.csv", text.encode(encoding))
    found = [c[2] for c in told(read(tmp_path / "m")) if c[0] == "message id"]
    assert found == ["<a@x.example>", "<b@x.example>"]
    values = list(rows(FileStream(io.BytesIO(text.encode(encoding)))))
    assert values[0] == {
        "rfc822messageid": "<a@x.example>", "account": "é@ferry.example", "subject": "ü",
    }  # fmt: skip


@pytest.mark.parametrize(
    "lines",
    [
        "{hash}  {name}\n",
        "{hash} *{name}\r\n",
        "MD5 ({name}) = {hash}\n",
        "name,md5\n{name},{hash}\n",
        "{name}: {hash}\n",
        "{hash},{name}\n",
    ],
)
def test_checksum_lines(tmp_path: Path, lines: str) -> None:
    text = lines.format(hash="0123456789ABCDEF" * 2, name="part 1.zip")
    put(tmp_path / "m" / "q.md5", text.encode())
    assert told(read(tmp_path / "m")) == [("md5", "m/part 1.zip", "0123456789abcdef" * 2)]


def test_what_is_no_list_of_checksums_is_not_taken_for_one(tmp_path: Path) -> None:
    put(tmp_path / "m" / "q.md5", b"These are our thoughts\non checksums, in prose.\n")
    (found,) = read(tmp_path / "m")
    assert isinstance(found, NotRead)
    assert found.lost


def test_a_message_may_be_called_anything(tmp_path: Path) -> None:
    for name in ("q-metadata.csv", "q.md5", "q-metadata.xml", "q-errors.csv", "manifest.xml"):
        put(tmp_path / "m" / name, mail(name))
    assert len(items(tmp_path / "m")) == 5


# hostile papers


def the_fault(path: Path, limits: Limits | None = None) -> NotRead:
    events = read(path, limits=limits)
    fault = events[-1]
    assert isinstance(fault, NotRead)
    assert fault.lost
    assert "read in part" in fault.reason
    return fault


BOMB = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha"}">' for n in range(12))


@pytest.mark.parametrize(
    ("xml", "word"),
    [
        (f"<!DOCTYPE Root [{BOMB}]><Root><Documents>&e11;</Documents></Root>", "document type"),
        (
            '<!DOCTYPE Root [<!ENTITY x SYSTEM "file:///etc/passwd">]><Root>'
            '<Document DocID="&x;"/></Root>',
            "document type",
        ),
        ("<Root><Documents>" + "<Document>" * 50_000, "read on"),
        ("<Root><Documents><Document DocID='1'/><Document", "read on"),
        (f"<Root><Document DocID='{'a' * 11_000_000}'/></Root>", "read on"),
        ("<Root>" + "".join(f"<a{n}/>" for n in range(10_100)), "names of elements"),
        ("<Root><Document " + " ".join(f"a{n}=''" for n in range(10_100)) + "/>", "names of"),
        ("<Root><!--" + "x" * (33 * MIB), "a tag or comment of more than"),
    ],
    ids=[
        "laughs", "outside entity", "depth", "cut off", "long attribute", "elements", "attributes",
        "comment",
    ],
)  # fmt: skip
def test_hostile_xml_ends_in_a_reason(tmp_path: Path, xml: str, word: str) -> None:
    data = f"<?xml version='1.0'?>{xml}".encode()
    path = put(tmp_path / "m" / "q-metadata.xml", data)
    fault = the_fault(path.parent)
    assert word in fault.reason
    assert (fault.size, fault.sha256) == (len(data), hashlib.sha256(data).hexdigest())


def test_an_endless_row_ends_in_a_reason(tmp_path: Path) -> None:
    head = metadata_csv([("<a@x.example>", ADA)])
    path = put(tmp_path / "m" / "q-metadata.csv", head + b"x" * (ROW_MAX + 100_000))
    assert "a row of more than" in the_fault(path.parent).reason
    quoted = head + b'"' + b"x\n" * (ROW_MAX // 2 + 100)
    path = put(tmp_path / "m" / "q-metadata.csv", quoted)
    assert "a row of more than" in the_fault(path.parent).reason
    # What was read before the fault is told.
    assert told(read(path.parent))[0] == ("message id", "m/q-*", "<a@x.example>")


def test_very_many_columns_end_in_a_reason(tmp_path: Path) -> None:
    head = b"Rfc822MessageId,Account" + b",c" * 3000 + b"\n"
    path = put(tmp_path / "m" / "q-metadata.csv", head)
    assert "columns" in the_fault(path.parent).reason


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_may_follow_a_header(
    tmp_path_factory: pytest.TempPathFactory, tail: bytes
) -> None:
    folder = tmp_path_factory.mktemp("m")
    put(folder / "q-metadata.csv", b"Rfc822MessageId,Account,Labels\n" + tail)
    put(folder / "q-metadata.xml", b"<Root><Documents><Document>" + tail)
    put(folder / "q.md5", b"0" * 32 + b"  a.zip\n" + tail)
    for event in read(folder):
        assert isinstance(event, Claim | NotRead)


# Google Chat


def post(number: int, text: str, topic: str = "", who: str = "Ada", **more: object) -> str:
    own = f"m{number}"
    return json.dumps(
        {
            "creator": {"name": who, "email": f"{who.lower()}@ferry.example", "user_type": "Human"},
            "created_date": f"Friday, March 17, 2023 at 9:{number:02}:00\u202fPM UTC",
            **({"text": text} if text else {}),
            "topic_id": topic or own,
            "message_id": f"AAAA/{topic or own}/{own}",
            **more,
        }
    )


POSTS = [
    post(1, "The berth is free"),
    post(2, "Is that legal?", who="Bo"),
    post(3, "It is", topic="m1", who="Cy"),
    post(4, "", attached_files=[{"original_name": "berth.pdf", "export_name": "File-berth.pdf"}]),
    post(5, ""),
]
GROUP = json.dumps(
    {
        "name": "Berths",
        "members": [
            {"name": n, "email": f"{n.lower()}@ferry.example"} for n in ("Ada", "Bo", "Cy")
        ],
    }
)
ROOM = "Takeout/Google Chat/Groups/Space AAAA"


def chat(posts: Iterable[str] = POSTS) -> dict[str, bytes]:
    return {
        f"{ROOM}/group_info.json": GROUP.encode(),
        f"{ROOM}/messages.json": ('{"messages": [' + ", ".join(posts) + "]}").encode(),
        "Takeout/Google Chat/Users/User 1/user_info.json": b'{"user": {"name": "Ada"}}',
    }


def test_chat_posts_are_items_of_their_own(tmp_path: Path) -> None:
    put(tmp_path / "ada" / "takeout-20240131T101112Z-001.zip", zipped(chat()))
    events = read(tmp_path / "ada")
    found = [e for e in events if isinstance(e, Item)]
    assert [parse_post(f.data).body.strip() for f in found] == [
        "The berth is free", "Is that legal?", "It is", "[file: berth.pdf]",
    ]  # fmt: skip
    assert {(f.medium, f.custodian, f.folder, f.format) for f in found} == {
        ("chat", "ada", "Berths", "google-chat")
    }
    assert len(set(threads(events))) == 1
    message = parse_post(found[2].data)
    assert str(message.date) == "2023-03-17 21:03:00+00:00"
    assert message.sender is not None
    assert (message.sender.name, message.sender.address) == ("Cy", "cy@ferry.example")
    assert [a.address for a in message.to] == ["ada@ferry.example", "bo@ferry.example"]
    assert message.in_reply_to == [parse_post(found[0].data).message_id]
    assert [found[0].native_size] == [len(POSTS[0])]
    assert not any(p.lost for p in papers(events))
    assert any("1 posts without" in p.reason for p in papers(events))


def test_chat_on_disk_has_the_room_as_recipient(tmp_path: Path) -> None:
    for path, data in chat().items():
        put(tmp_path / "ada" / path, data)
    found = [e for e in read(tmp_path / "ada") if isinstance(e, Item)]
    assert [(f.custodian, f.folder) for f in found] == [("ada", "Space AAAA")] * 4


def test_a_damaged_post_is_lost_alone(tmp_path: Path) -> None:
    damaged = [POSTS[0], '{"text": nothing}', "7", POSTS[1]]
    put(tmp_path / "a.zip", zipped(chat(damaged)))
    events = read(tmp_path / "a.zip")
    assert len([e for e in events if isinstance(e, Item)]) == 2
    lost = [p for p in papers(events) if p.lost]
    assert [p.place for p in lost] == ["posts 2-3"]
    assert all(p.size and p.sha256 for p in lost)


def test_chat_goes_on_at_any_event(tmp_path: Path) -> None:
    put(tmp_path / "a.zip", zipped(chat()))
    (unit,) = discover([tmp_path / "a.zip"])
    assert not isinstance(unit, NotRead)
    whole = list(unit.events())
    for skip in range(len(whole) + 1):
        assert list(unit.events(skip)) == whole[skip:]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Friday, March 17, 2023 at 12:00:00 AM UTC", "2023-03-17 00:00:00+00:00"),
        ("Friday, March 17, 2023 at 12:05:09 PM UTC", "2023-03-17 12:05:09+00:00"),
        ("Friday, March 99, 2023 at 12:05:09 PM UTC", "None"),
        ("Freitag, 17. März 2023", "None"),
        (7, "None"),
    ],
)
def test_chat_moments(text: object, expected: str) -> None:
    assert str(chat_moment(text)) == expected
