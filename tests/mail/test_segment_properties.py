"""Properties of segmentation that hold for any body."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskscan.mail.message import Role
from riskscan.mail.segment import segment

SENTINEL = "quokka"
WORDS = st.sampled_from(
    ["the", "crane", "berth", "was", "moved", "again", "yesterday", "nobody", "told", "clerk"]
)
SENTENCE = st.lists(WORDS, min_size=3, max_size=14).map(lambda w: " ".join(w).capitalize() + ".")
PARAGRAPH = st.lists(SENTENCE, min_size=1, max_size=4).map("\n".join)
TEXT = st.lists(PARAGRAPH, min_size=1, max_size=4).map("\n\n".join)
HISTORY = TEXT.map(lambda text: f"{SENTINEL} first.\n{text}\nThe last {SENTINEL}.")
PIECES = st.sampled_from(
    [
        "> quoted", ">", "", " ", "\t", "From: a", "To: b", "cc: c", "Subject: d", "Sent: e",
        "-----Original Message-----", "---- Forwarded by X on", "On 1/1/2001, Ida wrote:", "wrote:",
        "Ida Dunmore@BRW", "01/02/2001 03:04 PM", "-- ", "--", "****", "Do You Yahoo!?",
        "This message is confidential and for the intended recipient", "713-555-0142", "Regards,",
        ">>> Ida 03/12/01 02:05PM >>>", "Sent from my iPhone", " - log.xls", "plain text here.",
        "                    Ida      To:     x", "\u2028", "\x0c", "\x85", "x" * 500,
    ]
)  # fmt: skip


def check_cover(body: str) -> None:
    at = 0
    last = None
    for part in segment(body):
        assert part.start == at
        assert part.end > at
        assert part.end == len(body) or body[part.end - 1] == "\n"
        assert part.role is not last
        at, last = part.end, part.role
    assert at == len(body)


@given(st.text())
def test_cover_any_text(body: str) -> None:
    check_cover(body)


@settings(max_examples=120)
@given(st.lists(PIECES, max_size=30))
def test_cover_marker_soup(lines: list[str]) -> None:
    check_cover("\n".join(lines))


@given(TEXT)
def test_authored_only_is_idempotent(text: str) -> None:
    assert [part.role for part in segment(text)] == [Role.AUTHORED]


def authored(body: str) -> str:
    return "\n".join(
        body[p.start : p.end].strip("\n") for p in segment(body) if p.role is Role.AUTHORED
    )


@settings(max_examples=120)
@given(st.lists(PIECES, max_size=20))
def test_authored_of_authored_gives_no_line_that_was_not_there(lines: list[str]) -> None:
    body = "\n".join(lines)
    assert set(authored(authored(body)).split("\n")) <= {*body.split("\n"), ""}


def marked(history: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in history.split("\n"))


STYLES = {
    "outlook": (
        "{r}\n\n-----Original Message-----\nFrom: Dunmore, Ida \n"
        "Sent: Monday, March 12, 2001 2:05 PM\nTo: Falk, Otto\n"
        "Cc: Quint, Mara; Voss, Jan\nSubject: RE: Berth\n\n\n{q}\n"
    ),
    "outlook rule": (
        "{r}\n\n________________________________\nFrom: Ida <i@b.example>\n"
        "Sent: 12 March 2019 14:05\nTo: Otto <o@b.example>\nSubject: Re: Berth\n\n"
        "{q}\n"
    ),
    "outlook german": (
        "{r}\n\nVon: Ida Dunmore <i@b.example>\n"
        "Gesendet: Dienstag, 12. März 2019 14:05\nAn: Otto Falk\n"
        "Betreff: AW: Liegeplatz\n\n{q}\n"
    ),
    "notes": (
        "{r}\n\n\n\n\nIda Dunmore@BRW\n03/12/2001 02:05 PM\n"
        "To: Otto Falk/LIS/BRW@BRW, Mara \nQuint/LIS/BRW@BRW\ncc:  \n\n"
        "Subject: Re: Berth  \n\n{q}\n"
    ),
    "notes tabs": (
        "{r}\n\n\n\n\tIda Dunmore\n\t03/12/2001 02:05 PM\n\t\t\n\t\t To: Otto Falk/LIS\n"
        "\t\t cc: \n\t\t Subject: Re: Berth\n\n{q}\n"
    ),
    "notes forward": (
        "{r}\n---------------------- Forwarded by Otto Falk/LIS on 03/12/2001 \n"
        "02:05 PM ---------------------------\n\n\nIda Dunmore\n"
        "03/12/2001 01:05 PM\nTo: Otto Falk/LIS\ncc:  \nSubject: Berth\n\n{q}\n"
    ),
    "gmail": ("{r}\n\nOn Tue, Mar 12, 2019 at 2:05 PM Ida Dunmore <i@b.example> wrote:\n\n{m}\n"),
    "gmail wrapped": (
        "{r}\n\nOn Tue, Mar 12, 2019 at 2:05 PM Ida Dunmore <\n"
        "ida.dunmore@b.example> wrote:\n\n{m}\n"
    ),
    "gmail forward": (
        "{r}\n\n---------- Forwarded message ---------\nFrom: Ida <i@b.example>\n"
        "Date: Tue\nSubject: Berth\nTo: <o@b.example>\n\n\n{q}\n"
    ),
    "apple": ("{r}\n\n> On 12 Mar 2019, at 14:05, Ida Dunmore <i@b.example> wrote:\n> \n{m}\n"),
    "apple forward": (
        "{r}\n\nBegin forwarded message:\n\n> From: Ida <i@b.example>\n"
        "> Date: 12 March\n> To: o@b.example\n>\n{m}\n"
    ),
    "iphone": (
        "{r}\n\nSent from my iPhone\n\n"
        "On Mar 12, 2019, at 2:05 PM, Ida <i@b.example> wrote:\n\n{m}\n"
    ),
    "yahoo": (
        "{r}\n--- Ida Dunmore <i@b.example> wrote:\n{m}\n\n\n"
        "__________________________________________________\nDo You Yahoo!?\n"
        "http://mail.yahoo.example\n"
    ),
    "hotmail": (
        "{r}\n\n>From: Ida\n>To: o@b.example\n>Subject: Berth\n>Date: Mon, 12 Mar 2001\n>\n{m}\n"
    ),
    "express": (
        '{r}\n----- Original Message -----\nFrom: "Ida" <i@b.example>\n'
        "To: <o@b.example>\nSent: Monday, March 12, 2001 2:05 PM\nSubject: Berth\n"
        "\n\n{m}\n"
    ),
    "groupwise": ("{r}\n\n>>> Ida Dunmore 03/12/01 02:05PM >>>\n{q}\n"),
    "aol": (
        "{r}\n\n"
        "In a message dated 3/12/2001 2:05:10 PM Central Standard Time, i@b.example writes:\n"
        "\n{m}\n"
    ),
    "plain": ("{r}\n\n{m}\n"),
}


@pytest.mark.parametrize("style", STYLES)
@settings(max_examples=40)
@given(reply=TEXT, history=HISTORY)
def test_reply_never_contains_history(style: str, reply: str, history: str) -> None:
    body = STYLES[style].format(r=reply, q=history, m=marked(history))
    found = authored(body)
    assert SENTINEL not in found
    assert found.split() == reply.split()


@pytest.mark.parametrize("outer", STYLES)
@pytest.mark.parametrize("inner", STYLES)
def test_nested_history_stays_out(outer: str, inner: str) -> None:
    history = STYLES[inner].format(
        r=f"{SENTINEL} middle.", q=f"{SENTINEL} old.", m=f"> {SENTINEL} old."
    )
    body = STYLES[outer].format(r="The reply itself.", q=history, m=marked(history))
    assert authored(body).strip() == "The reply itself."


HOSTILE = [
    "a", ">", "> x\n", "To: x\n", "From: x\nTo: y\n", "To: x\ncc: y\nSubject: z\n\n", "hi\n> x\n",
    "On 1/1/2000 x\n", "x wrote:\n", "-" * 399 + "\n", "A B\n1/1/2000 10:10\nTo: x\n",
    " " * 380 + "To: x\n", " " * 380 + "xTo:\n", "confidential intended recipient\n\n", "****\n",
    "555 555 5555 x\n", "A. " * 130 + "\n", " " * 399 + "x\n", "do you yahoo!?\n\n",
    "a@" * 190 + "\n", ">>> " + "1:11" * 90 + ">>>\n", "Sent: x\nfrom: y\n" + "z\n" * 300,
    "\t\n", "-- \nx y\nhe said that the z was at it\n", "on 1:11 " * 40 + ":\n",
]  # fmt: skip


@pytest.mark.parametrize("unit", HOSTILE)
def test_time_grows_no_faster_than_size(unit: str) -> None:
    def cost(size: int) -> float:
        body = "confidential yahoo\n" + unit * (size // len(unit))
        best = 1e9
        for _ in range(3):
            start = time.process_time()
            segment(body)
            best = min(best, time.process_time() - start)
        return best

    small, large = cost(40_000), cost(320_000)
    # eight times the size: quadratic would be sixty-four times the time
    assert large < 30 * small + 0.05
