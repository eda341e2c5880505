"""mbox: what separates messages, the four variants, line ends, limits and cuts."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import lzma
import tempfile
import tracemalloc
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from source_building import FROM_LINE, items, mail, mbox, not_read, put, read, subjects

from riskscan.sources import Item, Limits, NotRead, discover, splitter

LINES = st.sampled_from(
    [
        b"",
        b"From ",
        b"From the desk of the harbour master",
        b"From ada@ferry.example Mon Jan  6 09:15:00 2020",
        b"From MAILER-DAEMON Thu Jan  1 00:00:00 1970",
        b">From here on, no tide tables.",
        b">>From >From ada Mon Jan  6 09:15:00 2020",
        b">",
        b"> From time to time",
        b"Subject: not a header",
        b"X-Note: also none",
        b" From  indented",
        b"plain words",
        b"\xff\x00\xe9",
    ]
)
BODIES = st.lists(st.lists(LINES, max_size=12), min_size=1, max_size=6)
EOLS = st.sampled_from([b"\n", b"\r\n", b"\r"])


def _messages(bodies: list[list[bytes]], eol: bytes) -> list[bytes]:
    return [
        eol.join([b"From: ada@ferry.example", b"Subject: %d" % i, b"", *lines]) + eol
        for i, lines in enumerate(bodies)
    ]


def _round_trip(messages: list[bytes], variant: str, eol: bytes, lead: bytes = b"") -> list[Item]:
    data = lead + mbox(messages, variant, eol)
    with tempfile.TemporaryDirectory() as folder:
        found = items(put(Path(folder) / "ada.mbox", data))
    extents = [tuple(map(int, f.place.removeprefix("offset ").split("+"))) for f in found]
    at = len(lead)
    for start, length in extents:
        assert start == at
        assert data.startswith(b"From ", start)
        at += length
    assert at == len(data)
    return found


@given(bodies=BODIES, eol=EOLS, lead=st.integers(0, 3))
@settings(max_examples=150, deadline=None)
def test_mboxrd_gives_back_what_was_written(
    bodies: list[list[bytes]], eol: bytes, lead: int
) -> None:
    messages = _messages(bodies, eol)
    found = _round_trip(messages, "mboxrd", eol, eol * lead)
    assert [f.data for f in found] == messages


@given(bodies=BODIES, eol=EOLS)
@settings(max_examples=120, deadline=None)
def test_mboxo_gives_back_what_it_can(bodies: list[list[bytes]], eol: bytes) -> None:
    # mboxo cannot tell ">From " in a body from a quoted "From ": such bodies are left out.
    bodies = [[x for x in lines if not x.startswith(b">")] for lines in bodies]
    messages = _messages(bodies, eol)
    found = _round_trip(messages, "mboxo", eol)
    assert [f.data for f in found] == messages
    if any(x.startswith(b"From ") for lines in bodies for x in lines):
        assert {f.format for f in found} == {"mboxo"}


def _without_length(data: bytes, eol: bytes) -> bytes:
    headers, _, body = data.partition(eol + eol)
    head, _, length = headers.rpartition(eol + b"Content-Length: ")
    assert int(length) == len(body)
    return head + eol + eol + body


@given(bodies=BODIES, eol=EOLS)
@settings(max_examples=120, deadline=None)
def test_mboxcl2_gives_back_what_was_written(bodies: list[list[bytes]], eol: bytes) -> None:
    lines = [x for body in bodies for x in body]
    # A file with quoted lines only cannot be told from mboxcl.
    assume(
        any(x.startswith(b"From ") for x in lines)
        or not any(x.startswith(b">From ") for x in lines)
    )
    messages = _messages(bodies, eol)
    found = _round_trip(messages, "mboxcl2", eol)
    assert [_without_length(f.data, eol) for f in found] == messages


@given(bodies=BODIES, eol=EOLS)
@settings(max_examples=120, deadline=None)
def test_mboxcl_gives_back_what_it_can(bodies: list[list[bytes]], eol: bytes) -> None:
    bodies = [[x for x in lines if not x.startswith(b">From ")] for lines in bodies]
    messages = _messages(bodies, eol)
    found = _round_trip(messages, "mboxcl", eol)
    assert {f.format for f in found} == {"mboxcl"}
    got = [f.data.split(eol + eol, 1)[1] for f in found]
    assert got == [m.split(eol + eol, 1)[1] for m in messages]


def test_variant_is_told_from_the_content(tmp_path: Path) -> None:
    once = mail("one", "So:\n\nFrom here on it is wrong.\n")
    twice = mail("two", "He wrote:\n>From here on it is wrong.\n")
    for variant, message in [
        ("mboxo", once),
        ("mboxrd", twice),
        ("mboxcl", once),
        ("mboxcl2", once),
    ]:
        (found,) = items(put(tmp_path / "any", mbox([message, mail("x")], variant)))[:1]
        assert found.format == variant
        assert found.data.endswith(message.partition(b"\n\n")[2])


@pytest.mark.parametrize(
    "line",
    [
        "From 1234567890@xxx Mon Jan 01 00:00:00 +0000 2020",
        "From MAILER-DAEMON Thu Jan  1 00:00:00 1970",
        "From - Tue Apr 04 08:00:00 2006",
        "From Mon Jan 6 09:15:00 2020",
        "From bo Mon Jan  6 09:15 GMT 2020",
        "From bo@ferry.example Mon Jan  6 09:15:00 2020 remote from harbour",
        'From "bo quay"@ferry.example Mon, 6 Jan 2020 09:15:00 +0100',
        "From bo@ferry.example  Mon Jan  6 09:15:00 CET 2020",
        "From ",
    ],
)
def test_from_lines_of_many_programs_separate(tmp_path: Path, line: str) -> None:
    data = b"".join(line.encode() + b"\n" + mail(str(i)) + b"\n" for i in range(3))
    assert [i.data for i in items(put(tmp_path / "a.mbox", data))] == [
        mail("0"),
        mail("1"),
        mail("2"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        "Hello\n\nFrom the desk of Ada\nSubject: tides\n",
        "Hello\n\nFrom Monday on we sail at 9:15.\nNote: bring oars\n",
        "Hello\nFrom ada Mon Jan  6 09:15:00 2020\nSubject: no blank line before\n",
        "Hello\n\nFrom ada Mon Jan  6 09:15:00 2020\nno header follows\n",
        "Hello\n\n From ada Mon Jan  6 09:15:00 2020\nSubject: indented\n",
    ],
)
def test_from_in_a_body_does_not_separate(tmp_path: Path, body: str) -> None:
    data = b"".join(FROM_LINE + b"\n" + mail(s, body) + b"\n" for s in ("one", "two"))
    assert subjects(items(put(tmp_path / "a.mbox", data))) == ["one", "two"]


def test_lying_lengths_are_not_believed(tmp_path: Path) -> None:
    def lied(subject: str, length: int) -> bytes:
        return mail(subject).replace(b"\n\n", b"\nContent-Length: %d\n\n" % length, 1)

    messages = [lied("a", 3), lied("b", 10**9), lied("c", 0), mail("d")]
    found = items(put(tmp_path / "a.mbox", mbox(messages)))
    assert [f.data for f in found] == messages


def test_a_length_that_swallows_messages_is_not_believed_in_a_file_without(tmp_path: Path) -> None:
    rest = mbox([mail("hidden"), mail("shown")], "mboxrd")
    body = len(b"The tide tables are wrong.\n\n") + len(mbox([mail("hidden")]))
    hider = mail("hider").replace(b"\n\n", b"\nContent-Length: %d\n\n" % (body - 1), 1)
    data = mbox([hider]) + rest + mbox([mail("x"), mail("y")])
    found = items(put(tmp_path / "a.mbox", data))
    assert subjects(found) == ["hider", "hidden", "shown", "x", "y"]


def test_last_message_without_line_end(tmp_path: Path) -> None:
    data = mbox([mail("one"), mail("two")]).rstrip(b"\n")
    assert [i.data for i in items(put(tmp_path / "a", data))] == [
        mail("one"),
        mail("two").rstrip(b"\n"),
    ]


def test_messages_without_headers(tmp_path: Path) -> None:
    data = FROM_LINE + b"\n\nfirst\n\n" + FROM_LINE + b"\n\nsecond\n"
    assert [i.data for i in items(put(tmp_path / "a.mbox", data))] == [
        b"\nfirst\n",
        b"\nsecond\n",
    ]


def test_envelope_lines_written_twice_are_left_out(tmp_path: Path) -> None:
    data = FROM_LINE + b"\n>From bo Mon Jan  6 09:15:00 2020 remote from quay\n" + mail("one")
    assert items(put(tmp_path / "a.mbox", data + b"\n"))[0].data == mail("one")


def test_bytes_before_the_first_message_are_told(tmp_path: Path) -> None:
    junk = b"the end of a message that was cut off in front\n\n"
    path = put(tmp_path / "a.mbox", junk + mbox([mail("one"), mail("two")]))
    first, *rest = read(path)
    assert isinstance(first, NotRead)
    assert (first.place, first.size, first.lost) == (f"offset 0+{len(junk)}", len(junk), True)
    assert first.sha256 == hashlib.sha256(junk).hexdigest()
    assert subjects(rest) == ["one", "two"]


def test_first_message_without_its_from_line(tmp_path: Path) -> None:
    path = put(tmp_path / "a.mbox", mail("bare") + b"\n" + mbox([mail("one")]))
    assert subjects(items(path)) == ["bare", "one"]


def test_large_messages_are_told_not_held(tmp_path: Path) -> None:
    huge = mail("huge", "x" * 30_000_000 + "\n")
    data = mbox([mail("one"), huge, mail("two")])
    path = put(tmp_path / "a.mbox", data)
    limits = Limits(message=1_000_000)
    tracemalloc.start()
    events = [e for u in discover([path], limits) if not isinstance(u, NotRead) for e in u.events()]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert subjects(events) == ["one", "two"]
    told = events[1]
    assert isinstance(told, NotRead)
    start, length = map(int, told.place.removeprefix("offset ").split("+"))
    assert (told.size, told.lost) == (length, True)
    assert told.sha256 == hashlib.sha256(data[start : start + length]).hexdigest()
    assert "larger than 1,000,000 bytes" in told.reason
    # The window that tells the variant (16 MiB, twice for a moment), not the 30 MB line more.
    assert peak < 60_000_000


@pytest.mark.parametrize(
    ("ending", "pack"), [("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress)]
)
def test_a_cut_gives_what_lies_before_it(tmp_path: Path, ending: str, pack: object) -> None:
    assert callable(pack)
    noise = [hashlib.sha256(b"%d" % i).hexdigest() for i in range(20_000)]
    data = mbox([mail(str(i), "\n".join(noise[i::3]) + "\n") for i in range(3)])
    packed = pack(data)
    *before, last = read(put(tmp_path / f"a.mbox.{ending}", packed[: len(packed) * 3 // 4]))
    assert subjects(before) == ["0", "1"]
    assert all(isinstance(b, Item) for b in before)
    assert isinstance(last, NotRead)
    assert last.lost
    assert f"{ending} data is cut off after" in last.reason
    start, length = map(int, last.place.removeprefix("offset ").split("+"))
    assert last.sha256 == hashlib.sha256(data[start : start + length]).hexdigest()


def test_a_cut_within_the_first_bytes(tmp_path: Path) -> None:
    (told,) = read(put(tmp_path / "a.mbox.gz", gzip.compress(mbox([mail("one")]))[:14]))
    assert isinstance(told, NotRead)
    assert told.lost
    assert "cut off" in told.reason


def test_damage_is_told(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(mbox([mail(str(i)) for i in range(50)])))
    packed[-5] ^= 0xFF
    last = read(put(tmp_path / "a.mbox.gz", bytes(packed)))[-1]
    assert isinstance(last, NotRead)
    assert last.lost
    assert "damaged" in last.reason


def test_bytes_after_the_compressed_data_are_told(tmp_path: Path) -> None:
    packed = gzip.compress(mbox([mail("one"), mail("two")]))
    assert subjects(items(put(tmp_path / "pad.gz", packed + bytes(600)))) == ["one", "two"]
    more = gzip.compress(mbox([mail("three")]))
    assert subjects(items(put(tmp_path / "two.gz", packed + more))) == ["one", "two", "three"]
    (told,) = not_read(put(tmp_path / "junk.gz", packed + b"junk"))
    assert "other bytes follow" in told.reason


@pytest.mark.parametrize("skip", range(6))
def test_resuming_by_skip(tmp_path: Path, skip: int) -> None:
    huge = mail("huge", "x" * 200_000 + "\n")
    data = b"junk\n\n" + mbox([mail("one"), huge, mail("two"), mail("three")])
    path = put(tmp_path / "a.mbox.gz", gzip.compress(data)[:-3])
    (unit,) = discover([path], Limits(message=100_000))
    assert not isinstance(unit, NotRead)
    whole = list(unit.events())
    assert len(whole) == 5
    assert list(unit.events(skip)) == whole[skip:]
    assert list(unit.events()) == whole


@given(
    bodies=BODIES,
    eol=EOLS,
    variant=st.sampled_from(["mboxrd", "mboxcl2"]),
    chunk=st.integers(1, 400),
    limit=st.integers(100, 3000),
)
@settings(max_examples=150, deadline=None)
def test_where_chunks_end_changes_nothing(
    bodies: list[list[bytes]], eol: bytes, variant: str, chunk: int, limit: int
) -> None:
    # Some bodies must be longer than what is looked ahead.
    bodies = [lines * (1 + 40 * (i % 2)) for i, lines in enumerate(bodies)]
    data = mbox(_messages(bodies, eol), variant, eol)
    with tempfile.TemporaryDirectory() as folder:
        path = put(Path(folder) / "ada.mbox", data)
        whole = read(path, limits=Limits(message=limit))
        with mock.patch.object(splitter, "CHUNK", chunk):
            assert read(path, limits=Limits(message=limit)) == whole
    for event in whole:
        if isinstance(event, NotRead):
            start, length = map(int, event.place.removeprefix("offset ").split("+"))
            assert event.sha256 == hashlib.sha256(data[start : start + length]).hexdigest()


@pytest.mark.shared
def test_enron_train_is_split_whole(shared_data: Path) -> None:
    found = [u for u in discover([shared_data / "enron" / "train"]) if not isinstance(u, NotRead)]
    counted = 0
    custodians = set()
    for unit in found:
        for event in unit.events():
            assert isinstance(event, Item)
            counted += 1
            custodians.add(event.custodian)
    assert (len(found), len(custodians), counted) == (116, 116, 77_392)
