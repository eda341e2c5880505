"""Microsoft Teams chats as HTML pages, in the shapes that public exporters write."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import pytest
from chat_building import items, posts, texts
from hypothesis import given, settings
from hypothesis import strategies as st
from source_building import not_read, put, read, tarred, zipped

from riskscan.sources import Event, Item, NotRead, discover

Said = tuple[str, str, str]  # author, ISO time, text as HTML
CHAT: list[Said] = [
    ("Ana Lima", "2024-03-02T09:00:00Z", "<p>Keep the tide log out of it.</p>"),
    ("Bo Ek", "2024-03-02T09:01:30Z", "Why would we?<br>It is the law."),
    ("Ana Lima", "2024-03-02T09:05:00Z", "<div>Ask counsel &amp; wait</div>"),
]
WORDS = ["Keep the tide log out of it.", "Why would we?\nIt is the law.", "Ask counsel & wait"]


def shown(at: str, style: str) -> str:
    """A time as programs show it: without seconds, and without a zone."""
    year, month, day, hour, minute = at[:4], at[5:7], at[8:10], at[11:13], at[14:16]
    return style.format(y=year, m=int(month), d=int(day), mm=month, dd=day, h=hour, n=minute)


def unix(at: str) -> str:
    """The same in milliseconds."""
    return f"{datetime.fromisoformat(at).timestamp() * 1000:.0f}"


def flat(chat: Sequence[Said]) -> str:
    """Time, sender and body as three elements of a message."""
    made = "".join(
        f'<div class="message {"message-right" if who.startswith("Ana") else "message-left"}">\n'
        f'  <div class="message-timestamp">{at}</div>\n  <div class="message-sender">{who}</div>\n'
        f'<div class="message-body">{text}</div>\n</div>'
        for who, at, text in chat
    )
    link = '<meta name="generator" content="Microsoft Teams"><link href="../messages.css">'
    return f"<html>\n  <head>\n {link}</head>\n  <body>\n{made}</body></html>"


def headed(chat: Sequence[Said]) -> str:
    """A header with sender and time, then the content; days first."""
    made = "".join(
        f'<div class="msg"><div class="header"><span class="sender">{who}</span><span class="time">'
        f"{shown(at, '{dd}/{mm}/{y} {h}:{n}')}</span></div>"
        f'<div class="content">{text}</div></div>'
        for who, at, text in chat
    )
    top = "<h1>Ferry</h1><p>Exported: 3/5/2024, 10:00:00 AM | 3 messages</p>"
    return f"<!DOCTYPE html><html><head><title>Teams Chat Export</title></head><body>{top}{made}"


def unnamed(chat: Sequence[Said]) -> str:
    """No class says what is what: a name in bold, a time beside it."""
    made = "".join(
        '<div class="message-container"><div class="message"><div style="display:flex">'
        '<div style="flex:none"><img height="42" src="data:image/png;base64,AAAA"></div>'
        f'<div class="them"><div><span style="font-weight:700;">{who}</span>'
        f"<span>{shown(at, '{d} March {y}, {h}:{n} AM')}</span></div><div>{text}</div>"
        "</div></div></div></div>"
        for who, at, text in chat
    )
    foot = '<footer><a href="https://x.example/teams-export">teams-export</a></footer>'
    return (
        f"<!DOCTYPE html><html><title>Exported chat: Ferry</title><body><main>{made}</main>{foot}"
    )


def beside(chat: Sequence[Said]) -> str:
    """Head and content are siblings; the chat's id stands above."""
    made = "".join(
        f'<div data-msg-id="{n}"><span class="from">{who}</span>'
        f'<span class="timestamp" data-timestamp="{unix(at)}">{at}</span></div>'
        f'<div class="message-content">{text}</div>'
        for n, (who, at, text) in enumerate(chat, 100)
    )
    top = '<section class="metadata"><div class="chat-id">ID: 19:ferry@thread.v2</div></section>'
    return f"<html><head><title>Ferry</title></head><body><h1>Ferry</h1>{top}{made}</body></html>"


def tailwind(chat: Sequence[Said]) -> str:
    """Sender only known by standing before the time; initials; weekday and AM."""
    made = "".join(
        '<div class="chat-message p-4 flex"><div class="avatar bg-red-500">AL</div><div>'
        f'<div class="header text-blue-500">{who}</div><div class="timestamp text-sm">'
        f"{shown(at, 'Saturday, March {dd}, {y} {h}:{n} AM')}</div>"
        f'<div class="content mt-2">{text}</div></div></div>'
        for who, at, text in chat
    )
    return f"<!DOCTYPE html><html><head><title>Teams Conversation</title></head><body>{made}</body>"


def table(chat: Sequence[Said]) -> str:
    """PowerShell's ConvertTo-Html: a row a message, tags as text."""
    made = "".join(
        f"<tr><td>{shown(at, '{y}/{mm}/{dd} {h}:{n}')}</td><td>{who}</td><td>"
        f"{text.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;')}</td><td></td></tr>"
        for who, at, text in chat
    )
    head = "<tr><th>dateTime</th><th>from</th><th>body</th><th>re</th></tr>"
    return (
        "<!DOCTYPE html><html><head><title>HTML TABLE</title></head><body><table><colgroup><col/>"
        f"</colgroup>{head}{made}</table><p>Microsoft Teams</p></body></html>"
    )


def days(chat: Sequence[Said]) -> str:
    """Sections for days, times as attributes, lines by Teams itself in between."""
    made = "".join(
        f'<section class="day"><h2>2 March</h2><div class="system-event">Bo Ek joined</div>'
        f'<article class="item"><b class="author">{who}</b><time datetime="{at}">9 AM</time>'
        f"<section>{text}</section></article></section>"
        for who, at, text in chat
    )
    return (
        f'<html><head><meta name="generator" content="Microsoft Teams"></head><body>{made}</body>'
    )


SHAPES = [flat, headed, unnamed, beside, tailwind, table, days]


def page(tmp_path: Path, text: str | bytes, name: str = "ferry/Chat 1.html") -> list[Event]:
    put(tmp_path / name, text if isinstance(text, bytes) else text.encode())
    return list(read(tmp_path / name.split("/")[0]))


@pytest.mark.parametrize("shape", SHAPES)
def test_each_block_is_a_post(tmp_path: Path, shape: Callable[[Sequence[Said]], str]) -> None:
    events = page(tmp_path, shape(CHAT))
    found = posts(events)
    assert [p.sender.name for p in found if p.sender] == ["Ana Lima", "Bo Ek", "Ana Lima"]
    assert texts(events) == WORDS
    assert [p.date.isoformat()[:16] for p in found if p.date] == [at[:16] for _, at, _ in CHAT]
    assert [(a.name, a.address) for a in found[0].to] == [("Bo Ek", "Bo.Ek@teams.invalid")]
    first = items(events)[0]
    assert (first.source, first.place, first.format) == ("ferry", "Chat 1.html#1", "teams")
    assert (first.medium, first.custodian) == ("chat", "Chat 1")
    assert len({i.conversation for i in items(events)}) == 1
    assert not [e for e in events if isinstance(e, NotRead) and e.lost]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_block_without_author_or_time_is_told(
    tmp_path: Path, shape: Callable[[Sequence[Said]], str]
) -> None:
    text = shape([*CHAT, ("Cy Moor", "2024-03-02T09:07:00Z", "never mind"), CHAT[0]])
    start = text.index("Cy Moor")
    at = re.search(r"(09:07(:00Z)?( AM)?)", text)
    assert at
    for broken in (text.replace("Cy Moor", ""), text[: at.start(1)] + "noon" + text[at.end(1) :]):
        events = page(tmp_path, re.sub(r"data-timestamp=\S{15}", "", broken))
        lost = [e for e in events if isinstance(e, NotRead) and e.lost]
        assert len(items(events)) == 4 and len(lost) == 1, start
        assert lost[0].place == "Chat 1.html#4" and "cannot be read" in lost[0].reason


def test_what_teams_itself_writes_is_counted(tmp_path: Path) -> None:
    told = [e for e in page(tmp_path, days(CHAT)) if isinstance(e, NotRead)]
    assert [(t.lost, t.reason) for t in told] == [
        (False, "6 lines of the page that are no posts (joins, days, headings)")
    ]


def test_text_between_posts_is_not_dropped(tmp_path: Path) -> None:
    text = flat(CHAT).replace(
        '</div><div class="message', '</div>loose words<div class="message', 1
    )
    lost = [e for e in page(tmp_path, text) if isinstance(e, NotRead) and e.lost]
    assert [e.reason for e in lost] == ["text between posts that belongs to none of them"]


def test_a_time_without_zone_is_said_and_utc_is_taken_where_stated(tmp_path: Path) -> None:
    unstated = posts(page(tmp_path, unnamed(CHAT)))[0]
    assert any("zone" in d for d in unstated.defects)
    stated = unnamed(CHAT).replace("<main>", "<p>All times are in UTC</p><main>")
    assert not any("zone" in d for d in posts(page(tmp_path, stated))[0].defects)


def test_days_and_months_are_told_by_the_whole_page(tmp_path: Path) -> None:
    unsure = items(page(tmp_path, headed(CHAT)))
    assert all("other way round" in i.defects[0] for i in unsure)
    later = [*CHAT, ("Bo Ek", "2024-03-20T10:00:00Z", "done")]
    sure = page(tmp_path, headed(later))
    assert not any(i.defects for i in items(sure))
    assert [p.date.day for p in posts(sure) if p.date] == [2, 2, 2, 20]


def test_the_chats_id_makes_the_ids_of_its_json(tmp_path: Path) -> None:
    events = page(tmp_path, beside(CHAT))
    assert b"Message-ID: <19.ferry.thread.v2.100" in items(events)[0].data
    assert items(events)[0].conversation == "room:teams:19:ferry@thread.v2"


def test_replies_are_posts_and_quotations_are_not(tmp_path: Path) -> None:
    reply = (
        '<div class="replies"><div class="reply"><span class="author">Cy Moor</span>'
        '<time datetime="2024-03-02T09:30:00Z"></time><p>no</p></div></div>'
    )
    quote = (
        '<blockquote><div class="author">Bo Ek</div><time datetime="2024-03-01T09:30:00Z">'
        "then</time><p>old</p></blockquote>new"
    )
    told = [*CHAT[:2], ("Ana Lima", CHAT[2][1], "top" + reply), ("Bo Ek", CHAT[2][1], quote)]
    events = page(tmp_path, flat(told))
    found = posts(events)
    assert [p.sender.name for p in found if p.sender] == [
        "Ana Lima", "Bo Ek", "Ana Lima", "Cy Moor", "Bo Ek",
    ]  # fmt: skip
    assert texts(events)[2:4] == ["top", "no"]
    assert "> old" in texts(events)[4] and "new" in texts(events)[4].splitlines()[-1]


def test_a_deleted_post_is_told(tmp_path: Path) -> None:
    events = page(tmp_path, flat([*CHAT, ("Bo Ek", CHAT[0][1], "<em>(MESSAGE DELETED)</em>")]))
    assert [e.reason for e in events if isinstance(e, NotRead)] == [
        "a deleted post of Bo Ek: its text is not in the export"
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_encodings_of_powershell(tmp_path: Path, encoding: str) -> None:
    text = unnamed([("Åsa Öst", CHAT[0][1], "Grüße"), *CHAT])
    assert texts(page(tmp_path, text.encode(encoding)))[0] == "Grüße"


def test_a_page_in_an_archive_and_resumed(tmp_path: Path) -> None:
    put(tmp_path / "x" / "a.zip", zipped({"TeamsMessagesData/1.html": flat(CHAT).encode()}))
    put(tmp_path / "x" / "b.tar", tarred({"1.html": days(CHAT).encode()}))
    for unit in discover([tmp_path / "x"]):
        assert not isinstance(unit, NotRead)
        whole = list(unit.events())
        assert sum(isinstance(e, Item) for e in whole) == 3
        for skip in range(len(whole) + 1):
            assert list(unit.events(skip)) == whole[skip:]


def forum(head: str, foot: str = "") -> str:
    """A page of the web whose comments are alike, with authors and times, and speak of Teams."""
    about = [(who, at, f"{text} Microsoft Teams: 19:x@thread.v2") for who, at, text in CHAT]
    return (
        flat(about)
        .replace('<meta name="generator" content="Microsoft Teams">', head)
        .replace("</body>", f"{foot}</body>")
    )


NEWS = "".join(
    f"<div class='article'><h3>Tips {n}</h3><p>March {n}, 2024</p>"
    "<p>Microsoft Teams is new.</p></div>"
    for n in range(1, 9)
)
ROWS = "".join(f"<tr><td>{n}</td><td>2024-03-0{n} 10:00</td><td>5.0</td></tr>" for n in range(1, 9))


@pytest.mark.parametrize(
    "text",
    [
        f"<html><head><title>Microsoft Teams news</title></head><body>{NEWS}</body></html>",
        f"<html><body><p>Microsoft Teams call log</p><table>{ROWS}</table></body></html>",
        "<html><body>Microsoft Teams: 19:meeting_x@thread.v2 2024-03-02 10:00</body></html>",
        flat(CHAT).replace("Microsoft Teams", ""),
        flat(CHAT[:1]),
        forum(""),
        forum('<title>Microsoft Teams fails</title><link rel="canonical" href="/x">'),
        forum("<title>Microsoft Teams news</title>", "<p>Unsubscribe</p>"),
        "<html><title>Teams</title>" + "<div>" * 50,
        "<html><!-- teams",
    ],
)
def test_other_pages_stay_html_that_is_not_read(tmp_path: Path, text: str) -> None:
    (told,) = page(tmp_path, text, "ferry/page.html")
    assert isinstance(told, NotRead) and told.lost
    assert told.reason == "not a mail format that riskscan reads: looks like HTML"
    assert told.size == len(text.encode()) and len(told.sha256) == 64


@pytest.mark.parametrize(
    "hostile",
    [
        "<div class='message'>" * 5_000,
        "<div class='message'><time datetime='2024-03-02T09:00:00Z'></time>" * 5_000,
        "<b class='sender'>x</b><i>2024-03-02 09:00</i>" * 5_000,
        "<blockquote><time datetime='2024-03-02T09:00:00Z'>" * 5_000,
        "<table><tr><td>2024-03-02 09:00<td class=from>x<td>y" * 1_500,
        "<div class='message avatar hidden'><b class='sender'>x</b>" * 5_000,
    ],
)
def test_hostile_pages_end(tmp_path: Path, hostile: str) -> None:
    body = CHAT[0][2] + hostile
    events = page(tmp_path, flat([*CHAT, ("Cy", CHAT[0][1], body)]))
    assert len(items(events)) >= 3 or any(isinstance(e, NotRead) and e.lost for e in events)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(
    ["<div class='message'>", "<p>", "</p>", "</div>", "<table>", "<tr>", "<td>", "x y", "Ana",
     "<b class='sender'>Ana</b>", "<time datetime='2024-03-02T09:00:00Z'>", "</time>", "</b>",
     "2024-03-02 09:00", "<blockquote>", "19:a@thread.v2", "<title>Teams</title>", "</html>"]
), max_size=60))  # fmt: skip
def test_any_page_gives_events_that_can_be_resumed(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("p")
    events = page(folder, "<html>Microsoft Teams" + "".join(pieces), "f/p.html")
    assert events and events == list(read(folder / "f"))
    assert not_read(folder / "f") or items(events)
