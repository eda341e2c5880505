"""The cutting of JSON lists: the same elements as a JSON parser gives, byte for byte."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riskscan.sources import SourceError
from riskscan.sources.jsoncut import Cut, cut, parsed


class Dribble:
    """Bytes that come a few at a time."""

    def __init__(self, data: bytes, step: int) -> None:
        self._data = data
        self._step = step

    def read(self, size: int, /) -> bytes:
        step = min(size, self._step)
        piece, self._data = self._data[:step], self._data[step:]
        return piece


def cuts(data: bytes, *lists: str, step: int = 1 << 20, keep: int = 1 << 20) -> list[Cut]:
    return list(cut(Dribble(data, step), frozenset(lists), keep))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=30,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(JSON), st.integers(1, 50), st.sampled_from([None, 1]), st.booleans())
def test_elements_are_those_of_a_parser(
    value: list[Any], step: int, indent: int | None, plain: bool
) -> None:
    data = json.dumps(value, indent=indent, ensure_ascii=plain).encode("utf-8", "surrogatepass")
    found = cuts(data, "", step=step)
    assert [parsed(c.data) for c in found] == json.loads(data.decode("utf-8", "replace"))
    at = 0
    for one in found:
        at = data.index(one.data, at) + one.size
        assert one.sha256 == hashlib.sha256(one.data).hexdigest()
    assert [c.path for c in found] == [str(n) for n in range(1, len(value) + 1)]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.integers(1, 20))
def test_any_bytes_end_or_are_told(data: bytes, step: int) -> None:
    try:
        cuts(data, "", "x", step=step)
    except SourceError as error:
        assert str(error)


@settings(max_examples=120, deadline=None)
@given(st.lists(JSON, min_size=1), st.data())
def test_what_is_cut_off_is_told_after_whole_elements(
    value: list[Any], data: st.DataObject
) -> None:
    whole = json.dumps(value).encode()
    short = whole[: data.draw(st.integers(0, len(whole) - 1))]
    found: list[Cut] = []
    with pytest.raises(SourceError):
        for one in cut(Dribble(short, 7), frozenset([""])):
            found.append(one)
    # A number may be cut in the middle and be a number still.
    for one, wanted in zip(found[:-1], value, strict=False):
        assert parsed(one.data) == wanted


def test_named_lists_are_found_inside_with_what_stands_before_them() -> None:
    data = json.dumps(
        {"n": 1, "talks": [{"id": "a", "about": {"topic": 'T"'}, "posts": [1, {"posts": [2]}]},
                           {"id": "b", "posts": []}, 7, {"id": "c", "posts": ["x"], "z": []}]}
    ).encode()  # fmt: skip
    found = [(c.path, c.data, dict(c.around)) for c in cut(Dribble(data, 5), frozenset(["posts"]))]
    first = {"n": "1", "talks.id": "a", "talks.about.topic": 'T"'}
    assert found == [
        ("1/1", b"1", first), ("1/2", b'{"posts": [2]}', first),
        ("4/1", b'"x"', {"n": "1", "talks.id": "c"}),
    ]  # fmt: skip


def test_large_elements_are_hashed_not_kept() -> None:
    large = json.dumps('\\"x' * 5000).encode()
    small, one = cuts(b"[1," + large + b"]", "", step=11, keep=100)
    assert small.data == b"1"
    assert (one.data, one.size) == (b"", len(large))
    assert one.sha256 == hashlib.sha256(large).hexdigest()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no list and no object"), (b"7", "no list and no object"), (b"[1", "cut off"),
        (b"[1 2]", "a comma is missing"), (b"[1],", "other bytes follow"),
        (b'{"a" 1}', "a name without value"), (b"{1: 2}", "a name is missing"),
        (b"[,]", "a value is missing"),
    ],
)  # fmt: skip
def test_damage_is_told_with_its_place(data: bytes, reason: str) -> None:
    with pytest.raises(SourceError, match=reason):
        cuts(data, "")


def test_depth_costs_no_recursion() -> None:
    deep = b"[" * 200_000 + b"]" * 200_000
    (one,) = cuts(b"[" + deep + b"]", "")
    assert one.size == len(deep)
    assert cuts(b'{"a":' * 50_000 + b"1" + b"}" * 50_000, "posts") == []
