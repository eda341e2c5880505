"""WhatsApp's text exports: the stamps of all countries, posts of many lines, who and when."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest
from chat_building import items, posts, texts, threads, unpacked
from hypothesis import given, settings
from hypothesis import strategies as st
from source_building import not_read, read, zipped

from riskscan.sources import Item, Limits, NotRead, discover

NOTICE = "12/03/2024, 09:00 - Messages and calls are end-to-end encrypted. Tap to learn more."


def chat(tmp_path: Path, *lines: str, name: str = "WhatsApp Chat with Ana.txt") -> Path:
    path = tmp_path / name
    path.write_bytes("\n".join([*lines, ""]).encode())
    return path


def dates(path: Path) -> list[str]:
    return [p.date.isoformat()[:16] if p.date else "" for p in posts(read(path))]


def test_a_post_is_a_message_to_the_others_of_the_chat(tmp_path: Path) -> None:
    path = chat(
        tmp_path, NOTICE, "12/03/2024, 09:01 - Ana Lima: is this: allowed?", "second line", "",
        "12/03/2024, 09:02 - +49 151 2345678: no",
    )  # fmt: skip
    events = list(read(path))
    first, (post, other) = items(events)[0], posts(events)
    assert post.body == "is this: allowed?\nsecond line"
    assert post.sender and (post.sender.name, post.sender.address) == (
        "Ana Lima", "Ana.Lima@whatsapp.invalid",
    )  # fmt: skip
    assert [(a.name, a.address) for a in post.to] == [
        ("+49 151 2345678", "+491512345678@whatsapp.invalid")
    ]
    assert other.sender and other.sender.name == "+49 151 2345678"
    assert (first.medium, first.format, first.folder) == (
        "chat", "whatsapp", "WhatsApp Chat with Ana",
    )  # fmt: skip
    assert first.custodian == "WhatsApp Chat with Ana"


def test_the_place_and_hash_are_those_of_the_posts_bytes(tmp_path: Path) -> None:
    path = chat(tmp_path, NOTICE, "12/03/2024, 09:01 - Zoë: höher", "ja",
                "12/03/2024, 09:02 - Bo: x")  # fmt: skip
    first = items(read(path))[0]
    start, _, length = first.place.removeprefix("offset ").partition("+")
    raw = path.read_bytes()[int(start) : int(start) + int(length)]
    assert raw.decode() == "12/03/2024, 09:01 - Zoë: höher\nja\n"
    assert first.native_sha256 == hashlib.sha256(raw).hexdigest()


def test_a_time_without_zone_is_read_as_utc_and_said_so(tmp_path: Path) -> None:
    (post,) = posts(read(chat(tmp_path, "13/03/2024, 09:01 - Ana: hello")))
    assert post.date and post.date.isoformat() == "2024-03-13T09:01:00+00:00"
    assert post.defects == ["date without time zone: read as UTC"]


@pytest.mark.parametrize(
    "line",
    [
        "[31.12.23, 23:59:01] Ana: x",
        "31/12/2023, 23:59 - Ana: x",
        "12/31/23, 11:59\u202fPM - Ana: x",
        "31/12/2023 à 23:59 - Ana: x",
        "31/12/2023, 11:59 p.\u00a0m. - Ana: x",
        "2023/12/31 下午11:59 - Ana: x",
        "[2023-12-31, 23:59:01] Ana: x",
        "[31.12.2023 klo 23.59.01] Ana: x",
        "31-12-2023 23:59 - Ana: x",
        "٣١/١٢/٢٠٢٣، ١١:٥٩ م - Ana: x",
        "2023. 12. 31. 오후 11:59 - Ana: x",
        "31/12/23 23:59 - Ana: x",
        "[31/12/23, 11:59:01 pm] Ana: x",
        "\u200e[12/31/23, 11:59:01\u202fPM] \u202aAna\u202c: x",
    ],
)
def test_stamps_of_all_countries(tmp_path: Path, line: str) -> None:
    path = chat(tmp_path, line)
    (post,) = posts(read(path))
    assert dates(path) == ["2023-12-31T23:59"]
    assert post.sender and (post.sender.name, post.body) == ("Ana", "x")


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        # A number above 12, anywhere in the file.
        (["3/4/24, 10:00 - Ana: a", "3/13/24, 10:00 - Ana: b"], "2024-03-04"),
        (["3/4/24, 10:00 - Ana: a", "13/4/24, 10:00 - Ana: b"], "2024-04-03"),
        # Time does not run backwards: 4 January, 3 February against 1 April, 2 March.
        (["4/1/24, 10:00 - Ana: a", "3/2/24, 10:00 - Ana: b"], "2024-01-04"),
        (["1/4/24, 10:00 - Ana: a", "2/3/24, 10:00 - Ana: b"], "2024-01-04"),
        # Nothing tells: what is usual.
        (["3/4/24, 10:00 PM - Ana: a"], "2024-03-04"),
        (["3/4/24, 10:00 - Ana: a"], "2024-04-03"),
        (["[3.4.24, 10:00:00] Ana: a"], "2024-04-03"),
    ],
)
def test_the_whole_file_tells_day_from_month(tmp_path: Path, lines: list[str], wanted: str) -> None:
    path = chat(tmp_path, *lines)
    assert dates(path)[0].startswith(wanted)
    unsure = all("other way round" in d for i in items(read(path)) for d in i.defects or ("",))
    assert unsure == (len(lines) == 1)


def test_whatsapps_own_lines_are_counted(tmp_path: Path) -> None:
    path = chat(
        tmp_path,
        "[13/03/2024, 09:00:00] Ferry crew: \u200eMessages and calls are end-to-end encrypted.",
        "[13/03/2024, 09:00:01] Ferry crew: \u200eAna created this group",
        "[13/03/2024, 09:01:00] Ana: hello",
        "\u200e[13/03/2024, 09:02:00] Bo: \u200eimage omitted",
        '[13/03/2024, 09:03:00] Ana changed the subject to "a: b"',
    )
    assert texts(read(path)) == ["hello", "image omitted"]
    (told,) = not_read(path)
    assert told.reason.startswith("3 lines by WhatsApp itself") and not told.lost


def test_deletions_are_told_and_edits_marked(tmp_path: Path) -> None:
    path = chat(tmp_path, "13/03/2024, 09:01 - Ana: This message was deleted",
                "13/03/2024, 09:02 - Bo: ok \u200e<This message was edited>")  # fmt: skip
    events = list(read(path))
    assert texts(events) == ["ok"]
    assert b"Comments: edited" in items(events)[0].data
    (told,) = [e for e in events if isinstance(e, NotRead)]
    assert told.place.startswith("offset 0+") and "deleted post of Ana" in told.reason


def test_a_zip_names_the_chat(tmp_path: Path) -> None:
    path = tmp_path / "WhatsApp Chat - Ferry crew.zip"
    lines = b"[13/03/2024, 09:01:00] Ana: hello\r\n"
    path.write_bytes(zipped({"_chat.txt": lines, "00000002-PHOTO.jpg": b"\xff\xd8\xff\xe0"}))
    events = list(read(path))
    (item,) = items(events)
    assert item.folder == item.custodian == "WhatsApp Chat - Ferry crew"
    assert item.place == "_chat.txt offset 0+35"
    assert [e.reason for e in events if isinstance(e, NotRead) and e.lost] == [
        "not a mail format that riskscan reads: looks like JPEG"
    ]


def test_conversations_end_with_the_day_and_with_silence(tmp_path: Path) -> None:
    path = chat(tmp_path, *(f"{stamp} - Ana: x" for stamp in (
        "13/03/2024, 09:00", "13/03/2024, 10:00", "13/03/2024, 11:01", "14/03/2024, 00:01",
    )))  # fmt: skip
    keys = threads(read(path))
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3


def test_going_on_in_the_middle_gives_the_same_events(tmp_path: Path) -> None:
    path = chat(tmp_path, NOTICE, *(f"13/03/2024, {n:02}:00 - Ana: {n}" for n in range(9)))
    (unit,) = discover([path])
    assert not isinstance(unit, NotRead)
    whole = list(unit.events())
    assert len(whole) == 10
    assert all(list(unit.events(n)) == whole[n:] for n in range(11))


@pytest.mark.parametrize(
    "lines",
    [
        ["[12/31/23, 11:59:01] INFO: started", "[12/31/23, 11:59:02] ERROR: bad"] * 3,
        ["2024-01-02, 10:00 - worker-1: done", "2024-01-02, 10:01 - worker-2: done"] * 3,
        ["2024-01-02 10:00:00 ferry: left", "2024-01-02 10:01:00 ferry: back"] * 3,
        ["Minutes of the meeting", "31/12/2023, 23:59 - Ana: x"],
        ["12:30 Ana: hello", "12:31 Bo: hello"],
    ],
)
def test_logs_and_notes_are_not_taken_for_chats(tmp_path: Path, lines: list[str]) -> None:
    path = chat(tmp_path, *lines, name="notes.txt")
    assert not items(read(path))


def test_a_chat_under_another_name_is_known_by_its_marks(tmp_path: Path) -> None:
    lines = ["[13/03/2024, 09:0{}:00\u202fAM] {}: hi".format(n, "AB"[n % 2]) for n in range(6)]
    assert len(items(read(chat(tmp_path, *lines, name="crew.txt")))) == 6


def test_a_chat_beyond_the_limit_is_told(tmp_path: Path) -> None:
    path = chat(tmp_path, *(f"13/03/2024, 09:01 - Ana: {n}" for n in range(2000)))
    (found,) = not_read(path, limits=Limits(message=10_000))
    assert found.lost and "larger than" in found.reason
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


LINES = st.lists(
    st.text(max_size=40)
    | st.sampled_from(
        ["[31/12/23, 10:00:00] Ana: x", "99/99/9999, 99:99 - Ana: y", "1/1/1, 1:11 - : ", "[", "",
         "\u200e", "31/12/23, 10:00 - a", "31/02/2024, 10:00 - Bo: no such day", "\ud800"]
    ),
    max_size=8,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(LINES)
def test_all_bytes_after_the_first_stamp_are_in_some_event(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    path = tmp_path_factory.mktemp("hostile") / "_chat.txt"
    data = "\n".join(["[31/12/23, 09:00:00] Ana: start", *lines]).encode("utf-8", "surrogatepass")
    path.write_bytes(data)
    events = list(read(path))
    places = [e.place for e in events if isinstance(e, (Item, NotRead)) and e.place]
    spans = [tuple(map(int, p.removeprefix("offset ").split("+"))) for p in places]
    assert spans[0][0] == 0
    assert all(start + length <= len(data) for start, length in spans)
    counted = any("WhatsApp itself" in e.reason for e in events if isinstance(e, NotRead))
    assert counted or sum(length for _, length in spans) == len(data)


# ---- media


CREW = {
    "00000002-log.txt": b"we backdated the log",
    "_chat.txt": (
        "[13/03/2024, 09:01:00] Ana: hello\r\n"
        "\u200e[13/03/2024, 09:02:00] Ana: \u200e<attached: 00000002-log.txt>\r\n"
        "[13/03/2024, 09:03:00] Bo: plan.pdf (file attached)\r\nread it\r\n"
        "[13/03/2024, 09:04:00] Bo: <attached: gone.pdf>\r\n"
    ).encode(),
    "other.pdf": b"%PDF-1.4",
    "plan.pdf": b"%PDF-1.5",
}


@pytest.mark.parametrize("as_zip", [True, False])
def test_the_files_that_posts_name_are_their_attachments(tmp_path: Path, as_zip: bool) -> None:
    path = tmp_path / "WhatsApp Chat - Crew"
    if as_zip:
        path = tmp_path / "WhatsApp Chat - Crew.zip"
        path.write_bytes(zipped(CREW))
    else:
        unpacked(path, CREW)
    events = list(read(path))
    found = [[(a.name, a.size) for a in p.attachments] for p in posts(events)]
    assert found == [[], [("00000002-log.txt", 20)], [("plan.pdf", 8)], []]
    told = {e.source.rpartition("/")[2]: e for e in events if isinstance(e, NotRead)}
    assert {name: e.lost for name, e in told.items()} == {
        "00000002-log.txt": False, "plan.pdf": False, "other.pdf": True,
    }  # fmt: skip
    assert told["plan.pdf"].sha256 == hashlib.sha256(CREW["plan.pdf"]).hexdigest()


def test_of_two_files_of_one_name_none_is_attached(tmp_path: Path) -> None:
    path = tmp_path / "WhatsApp Chat - Crew.zip"
    path.write_bytes(zipped(CREW | {"./plan.pdf": b"%PDF-1.7"}))
    events = list(read(path))
    files = [a for p in posts(events) for a in p.attachments]
    assert sorted(bool(a.size) for a in files) == [False, True]
    lost = [e.source for e in events if isinstance(e, NotRead) and e.lost]
    assert len([source for source in lost if source.endswith("plan.pdf")]) == 2


def test_a_chat_given_alone_takes_no_files_from_around_it(tmp_path: Path) -> None:
    unpacked(tmp_path, CREW)
    files = [a for p in posts(read(tmp_path / "_chat.txt")) for a in p.attachments]
    assert {(a.size, a.unread) for a in files} == {(0, "it is not in the export")}


def test_media_that_cannot_be_read_are_told_with_the_post(tmp_path: Path) -> None:
    path = tmp_path / "WhatsApp Chat - Crew.zip"
    data = zipped(CREW, zipfile.ZIP_STORED)
    path.write_bytes(data.replace(b"%PDF-1.5", b"%PDF-1.6"))  # no longer what its CRC says
    events = list(read(path))
    (broken,) = [i for i in items(events) if i.defects]
    assert "cannot be read" in broken.defects[0]
    lost = [e.source for e in events if isinstance(e, NotRead) and e.lost]
    assert any(source.endswith("plan.pdf") for source in lost)


def test_going_on_in_the_middle_of_a_chat_with_media(tmp_path: Path) -> None:
    path = tmp_path / "WhatsApp Chat - Crew.zip"
    path.write_bytes(zipped(CREW))
    (unit,) = discover([path])
    assert not isinstance(unit, NotRead)
    whole = list(unit.events())
    assert all(list(unit.events(n)) == whole[n:] for n in range(len(whole) + 1))
