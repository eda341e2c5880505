"""The message identification hash and the content hash."""

from __future__ import annotations

import copy
import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskscan.mail.identity import content_hash, mih
from riskscan.mail.message import Address, Attachment, Message
from riskscan.mail.parse import parse_message


@pytest.mark.parametrize(
    "value",
    [
        "<CALckR-a8UDkRjO4xJyjd_s0GPxQWw@mail.gmail.com>",
        " <CALckR-a8UDkRjO4xJyjd_s0GP\r\n\txQWw@mail.gmail.com> ",
    ],
)
def test_mih_of_the_specification(value: str) -> None:
    assert mih(value) == "1de319c276884bd0c9e2f1621ada26cc"


@pytest.mark.parametrize("value", ["", "<>", " \r\n "])
def test_no_message_id_has_no_mih(value: str) -> None:
    assert mih(value) == ""


def _message() -> Message:
    return Message(
        message_id="<1@x>",
        subject="berth plan",
        date=datetime(2018, 3, 6, 13, 30, 5, tzinfo=UTC),
        date_header="Tue, 6 Mar 2018 13:30:05 +0000",
        sender=Address("Ana", "ana@yard.example"),
        to=[Address("Bo", "bo@yard.example"), Address("", "cy@yard.example")],
        cc=[Address("", "di@yard.example")],
        body="Keep it quiet.\nThanks\n",
        attachments=[Attachment("a.txt", "text/plain", 1, "aa"), Attachment("b", "x/y", 1, "bb")],
    )


def _with(**changes: object) -> Message:
    message = _message()
    for name, value in changes.items():
        setattr(message, name, value)
    return message


@pytest.mark.parametrize(
    "same",
    [
        {"message_id": "<2@y>"},
        {"subject": "  berth \t plan "},
        {"body": "Keep  it quiet.\r\n\r\nThanks  \n\n\n"},
        {"sender": Address("Ana Lind", "ANA@yard.example")},
        {"to": [Address("", "cy@yard.example"), Address("", "bo@Yard.example")]},
        {"to": [Address("", "cy@yard.example")], "bcc": [Address("", "bo@yard.example")]},
        {"date_header": "Tue, 6 Mar 2018 08:30:05 -0500", "folder": "Sent", "defects": ["x"]},
        {"attachments": list(reversed(_message().attachments))},
    ],
)
def test_what_does_not_change_the_content_hash(same: dict[str, object]) -> None:
    assert content_hash(_with(**same)) == content_hash(_message())


@pytest.mark.parametrize(
    "other",
    [
        {"subject": "berth plan 2"},
        {"body": "Keep it quiet."},
        {"body": "keep it quiet.\nThanks\n"},
        {"sender": None},
        {"sender": Address("Ana", "ana2@yard.example")},
        {"cc": []},
        {"date": _message().date + timedelta(seconds=1)},  # type: ignore[operator]
        {"date": None},
        {"attachments": []},
        {"embedded": [Message(content_hash="cc")]},
    ],
)
def test_what_changes_the_content_hash(other: dict[str, object]) -> None:
    assert content_hash(_with(**other)) != content_hash(_message())


def test_date_that_cannot_be_read_is_compared_as_text() -> None:
    one = content_hash(_with(date=None, date_header="sometime  in May"))
    assert one == content_hash(_with(date=None, date_header="sometime in May"))
    assert one != content_hash(_with(date=None, date_header="sometime in June"))


@given(st.permutations(["a@x", "b@x", "c@x", "d@x"]), st.integers(0, 4), st.integers(0, 4))
def test_recipients_are_a_set(people: list[str], first: int, second: int) -> None:
    low, high = sorted((first, second))
    parts = people[:low], people[low:high], people[high:]
    to, cc, bcc = ([Address("", a) for a in part] for part in parts)
    reference = _with(to=[Address("", a) for a in ("a@x", "b@x", "c@x", "d@x")], cc=[])
    assert content_hash(_with(to=to, cc=cc, bcc=bcc)) == content_hash(reference)


_WORD = st.text(alphabet="ab:1 0,", max_size=6)


@given(_WORD, _WORD, _WORD, _WORD)
def test_no_two_fields_run_together(a: str, b: str, c: str, d: str) -> None:
    first, second = _with(subject=a, body=b), _with(subject=c, body=d)
    same = (a.split(), b.split()) == (c.split(), d.split())
    assert (content_hash(first) == content_hash(second)) is same


def test_a_field_cannot_imitate_the_next_one() -> None:
    one, two = _with(subject="x1:y", body="z"), _with(subject="x", body="y1:z")
    assert content_hash(one) != content_hash(two)


def test_an_embedded_message_counts_by_its_content_not_its_id() -> None:
    def outer(message_id: str, text: str) -> Message:
        inner = f"Message-ID: <{message_id}>\nFrom: cy@x.example\n\n{text}\n"
        return parse_message(f"From: a@x.example\nContent-Type: message/rfc822\n\n{inner}".encode())

    assert outer("1@x", "words").content_hash == outer("2@x", "words").content_hash
    assert outer("1@x", "words").content_hash != outer("1@x", "other").content_hash


def test_parsed_message_carries_both_hashes() -> None:
    message = parse_message(b"Message-ID: <1@x>\nFrom: a@x.example\n\nHi\n")
    assert message.mih == hashlib.md5(b"<1@x>").hexdigest()
    assert message.content_hash == content_hash(copy.deepcopy(message))
