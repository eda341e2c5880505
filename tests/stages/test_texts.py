"""Texts and numbers that merging keeps outside of Python's own dictionaries come back the same."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskscan.stages import packed, texts
from riskscan.stages.packed import Counted, Lists, digest
from riskscan.stages.texts import Stored, Texts

ANY = st.text(st.characters(), max_size=8)  # lone surrogates, too


@settings(deadline=None)
@given(st.lists(ANY, max_size=80))
def test_texts_are_numbered_as_they_are_met(some: list[str]) -> None:
    kept = Texts()
    first = {text: number for number, text in enumerate(dict.fromkeys(some))}
    assert [kept.number(text) for text in some] == [first[text] for text in some]
    assert [kept[number] for number in range(len(kept))] == list(first)
    assert all(kept.known(text) == number for text, number in first.items())
    assert kept.known("not one of nine letters or less") is None


def test_many_texts_of_equal_hashes_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(texts, "_RECENT", 3)
    monkeypatch.setattr(texts, "_WRITTEN_AT_ONCE", 50)
    monkeypatch.setattr(texts, "_READ_AHEAD", 7)
    monkeypatch.setattr(texts, "_SLOTS", 4)
    monkeypatch.setattr(texts, "hash", lambda text: len(text), raising=False)
    kept = Texts(tmp_path)
    some = [f"{number}@halden.example" for number in range(200)]
    assert [kept.number(text) for text in some] == list(range(200))
    assert [kept.known(text) for text in reversed(some)] == list(reversed(range(200)))
    assert list(kept) == some
    assert list(tmp_path.iterdir()) == []


def test_texts_longer_than_what_is_read_ahead_come_back_whole() -> None:
    kept = Stored()
    some = ["x" * 100_000, "", "\u00e9" * 70_000, "z"]
    assert [kept.append(text) for text in some] == [0, 1, 2, 3]
    assert [kept[number] for number in (3, 0, 2, 1, 0)] == [some[n] for n in (3, 0, 2, 1, 0)]


@pytest.mark.parametrize("at_once", [1, 3, 1000])
@settings(deadline=None)
@given(numbers=st.lists(st.integers(-9, 9), max_size=60), most=st.none() | st.integers(0, 12))
def test_numbers_are_counted_and_of_too_many_those_met_first(
    at_once: int, numbers: list[int], most: int | None
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packed, "_AT_ONCE", at_once)
        counted = Counted(most)
        for number in numbers:
            counted.add(number)
        found, times = counted.sorted()
    kept = set(list(dict.fromkeys(numbers))[:most])
    wanted = Counter(number for number in numbers if number in kept)
    assert list(zip(found.tolist(), times.tolist(), strict=True)) == sorted(wanted.items())


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(-3, 3), st.integers(0, 99)), max_size=40))
def test_values_are_listed_by_key_in_the_order_of_entry(pairs: list[tuple[int, int]]) -> None:
    lists = Lists()
    wanted: dict[int, list[int]] = {}
    for key, value in pairs:
        lists.add(key, value)
        wanted.setdefault(key, []).append(value)
    assert list(lists.several()) == [some for some in wanted.values() if len(some) > 1]
    assert {key: lists.of(key) for key in range(-4, 5) if lists.of(key)} == wanted


def test_digests_tell_where_one_text_ends_and_the_next_begins() -> None:
    assert digest("a\0b", "c") != digest("a", "b\0c")
    assert digest("halden.example", "roe") == digest("halden.example", "roe")
