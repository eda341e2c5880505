"""The fuzz targets over their seeds and over what hypothesis makes of them; needs no fuzzer."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seeds import seeds
from targets import TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_no_seed_is_a_finding(name: str) -> None:
    given_seeds = seeds(name)
    assert given_seeds
    for data in given_seeds:
        TARGETS[name](data)


@pytest.mark.parametrize("name", TARGETS)
def test_no_damaged_seed_is_a_finding(name: str) -> None:
    @settings(max_examples=30, deadline=None)
    @given(st.sampled_from(seeds(name)), st.data())
    def check(seed: bytes, data: st.DataObject) -> None:
        start = data.draw(st.integers(0, len(seed)))
        end = data.draw(st.integers(start, min(len(seed), start + 40)))
        TARGETS[name](seed[:start] + data.draw(st.binary(max_size=40)) + seed[end:])

    check()


@pytest.mark.parametrize("name", TARGETS)
def test_no_bytes_are_a_finding(name: str) -> None:
    for data in (b"", b"\0", b"\xff" * 100, bytes(range(256))):
        TARGETS[name](data)
