"""Threads by references and by subject."""

from __future__ import annotations

import random
import tracemalloc
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskscan.mail.thread import ThreadHeader, Threads, base_subject, thread_ids

START = datetime(2018, 3, 5, 9, tzinfo=UTC)


def _head(
    key: int,
    subject: str = "",
    people: str = "ana bo",
    hours: float | None = 0,
    refs: str = "",
    replies: str = "",
) -> ThreadHeader:
    date = None if hours is None else START + timedelta(hours=hours)
    return ThreadHeader(
        key, f"<{key}>", refs.split(), replies.split(), subject, date, frozenset(people.split())
    )


def _groups(*headers: ThreadHeader) -> set[frozenset[int]]:
    out: dict[str, set[int]] = {}
    for key, thread in thread_ids(headers).items():
        out.setdefault(thread, set()).add(key)
    return {frozenset(keys) for keys in out.values()}


def test_references_join_whatever_the_subject() -> None:
    assert _groups(
        _head(1, "berth plan"),
        _head(2, "other", "cy", refs="<1>"),
        _head(3, "third", "di", replies="<2>"),
        _head(4, "fourth", "ed"),
    ) == {frozenset({1, 2, 3}), frozenset({4})}


def test_messages_meet_at_one_that_is_missing() -> None:
    assert len(_groups(_head(1, refs="<gone>"), _head(2, refs="<far> <gone>"))) == 1


def test_loops_end() -> None:
    headers = [_head(1, refs="<2>"), _head(2, refs="<3>"), _head(3, refs="<1> <3>", replies="<3>")]
    assert len(_groups(*headers)) == 1


@pytest.mark.parametrize(
    ("subject", "base", "marked"),
    [
        ("Berth  plan", "berth plan", False),
        ("Re: FW: AW: Berth plan", "berth plan", True),
        ("RE[2]: [yard-list] Sv: Berth plan (fwd)", "berth plan", True),
        ("Antw.: x", "antw.: x", False),
        ("WG: TR: Antw: Berth plan", "berth plan", True),
        ("[yard] Berth plan", "berth plan", False),
        ("[yard]", "[yard]", False),
        ("Re:", "", True),
        ("Report: Berth plan", "report: berth plan", False),
    ],
)
def test_base_subject(subject: str, base: str, marked: bool) -> None:
    assert base_subject(subject) == (base, marked)


def test_reply_without_references_is_joined_by_subject() -> None:
    assert len(_groups(_head(1, "Berth plan"), _head(2, "RE: berth plan", "bo cy", 5))) == 1


@pytest.mark.parametrize(
    "other",
    [
        _head(2, "Re: Berth plan", "cy di", 5),  # nobody in common
        _head(2, "Re: Berth plan", "ana bo", 24 * 61),  # too late
        _head(2, "Re: Berth plan B", "ana bo", 5),  # another subject
        _head(2, "Berth plan", "ana bo", 5),  # no reply
        _head(2, "Re: Berth plan", "ana bo", None),  # no date
    ],
)
def test_same_subject_alone_does_not_join(other: ThreadHeader) -> None:
    assert len(_groups(_head(1, "Berth plan"), other)) == 2


@pytest.mark.parametrize("subject", ["", "Hello", "Update", "(no subject)", "FYI", "Weekly report"])
def test_subjects_that_say_nothing_do_not_join(subject: str) -> None:
    assert len(_groups(_head(1, subject), _head(2, "Re: " + subject, hours=1))) == 2


def test_short_subject_needs_two_people_in_common() -> None:
    assert len(_groups(_head(1, "Tide"), _head(2, "Re: Tide", "ana cy", 1))) == 2
    assert len(_groups(_head(1, "Tide"), _head(2, "Re: Tide", "ana bo", 1))) == 1


def test_a_conversation_may_last_longer_than_the_window() -> None:
    heads = [_head(i, "Re: Berth plan", hours=i * 24 * 40) for i in range(6)]
    assert len(_groups(*heads)) == 1


def test_two_conversations_of_one_subject_stay_two() -> None:
    heads = [_head(i, "Re: Berth plan", "ana bo" if i % 2 else "cy di", i) for i in range(10)]
    assert len(_groups(*heads)) == 2


def test_thread_id_is_that_of_the_root_and_of_32_digits() -> None:
    alone = thread_ids([_head(1, "Berth plan")])[1]
    more = thread_ids([_head(7, "Re: Berth plan", hours=2), _head(1, "Berth plan")])
    assert more == {1: alone, 7: alone}
    assert len(alone) == 32 and int(alone, 16) >= 0


def test_messages_without_id() -> None:
    def nameless(key: int, subject: str) -> ThreadHeader:
        return ThreadHeader(key, "", (), (), subject, START, ("ana",))

    assert len(set(thread_ids([nameless(1, "One"), nameless(2, "Two")]).values())) == 2


def test_keys_and_copies() -> None:
    copy_of = ThreadHeader(9, "<1>", (), (), "Berth plan", START, ("ana", "bo"))
    assert len(_groups(_head(1, "Berth plan"), copy_of)) == 1
    assert thread_ids([]) == {}


_HEADERS = st.lists(
    st.builds(
        _head,
        key=st.integers(0, 30),
        subject=st.sampled_from(["Berth plan", "Re: Berth plan", "Re: Tide", "Hi", "Fw: Tide"]),
        people=st.sampled_from(["ana bo", "bo cy", "cy di", "di", "ana bo cy"]),
        hours=st.one_of(st.none(), st.integers(0, 3000)),
        refs=st.lists(st.integers(0, 40).map("<{}>".format), max_size=3).map(" ".join),
    ),
    max_size=25,
    unique_by=lambda head: head.key,
)


@given(_HEADERS, st.randoms(use_true_random=False))
def test_order_does_not_matter(headers: list[ThreadHeader], shuffler: random.Random) -> None:
    wanted = thread_ids(headers)
    shuffled = list(headers)
    shuffler.shuffle(shuffled)
    assert thread_ids(shuffled) == wanted
    assert set(wanted) == {head.key for head in headers}


def test_long_chain_does_not_recurse() -> None:
    heads = [_head(i, f"subject {i}", f"p{i}", 0, f"<{i + 1}>") for i in range(20_000)]
    assert len(set(thread_ids(heads).values())) == 1


def test_threads_can_be_gone_through_again() -> None:
    heads = [_head(1, "Berth plan"), _head(5, "RE: berth plan", "bo cy", 5), _head(3, "Tide")]
    with Threads(iter(heads)) as threads:
        assert [key for key, _ in threads] == [1, 5, 3]
        assert list(threads) == list(threads) == list(thread_ids(heads).items())


def test_memory_is_tens_of_bytes_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("riskscan.mail.thread._AT_ONCE", 100)

    def peak(number: int) -> int:
        heads = (
            _head(i, f"Re: plan {i // 3 % 50}", f"p{i % 7} p{i % 5}", i, f"<{i - 1}> <x{i}>")
            for i in range(number)
        )
        tracemalloc.start()
        try:
            with Threads(heads) as threads:
                assert sum(1 for _ in threads) == number
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert (peak(5_000) - peak(1_000)) / 4_000 < 40
