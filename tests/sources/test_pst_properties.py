"""Whatever is patched in an Outlook data file, what is read without libpff ends in its errors.

Checksums of pages are made right again, so that damage is met where it lies and not refused
before. libpff reads in a process of its own (test_pst.py, test_isolated.py).
"""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pst_damage import FORMS, Damaged, Patch, base, used, walk

_VALUES = [0, 1, 2, 0x1F, 0x7F, 0x8000, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF]
_SIGNED = (b"\xec\xbc", b"\xec\x7c", b"\x01\x01", b"\x02\x00", b"\xb5")


def _targets(form: int) -> list[int]:
    """Where structures begin: heaps, trees on them, trees of blocks and subnodes, leaves."""
    data = base(form)
    found = [at for at in used(form) if any(data.startswith(s, at) for s in _SIGNED)]
    leaves = [at for at in range(0, len(data), 512) if data[at + 496] in (0x80, 0x81)]
    found += [at + 480 for at in leaves]
    return [*found, *(at + 2 for at in found), 180]


@pytest.mark.parametrize("form", range(len(FORMS)))
def test_whole_files_are_read(form: int) -> None:
    with Damaged(form).patched([], mend=True) as file:
        assert walk(file) == 2


@pytest.mark.parametrize("form", range(len(FORMS)))
def test_patched_files_end_in_their_errors(form: int) -> None:
    damaged = Damaged(form)
    places = st.sampled_from(used(form)) | st.sampled_from(_targets(form))
    words = st.sampled_from(_VALUES).flatmap(
        lambda value: st.sampled_from([struct.pack("<Q", value)[:n] for n in (1, 2, 4, 8)])
    )
    copied = st.sampled_from(used(form)).map(lambda at: base(form)[at : at + 16])

    @settings(max_examples=80, deadline=None)
    @given(
        st.lists(st.tuples(places, st.integers(0, 63), words | copied), min_size=1, max_size=8),
        st.booleans(),
    )
    def run(found: list[tuple[int, int, bytes]], mend: bool) -> None:
        patches: list[Patch] = [(at + offset, data) for at, offset, data in found]
        with damaged.patched(patches, mend) as file:
            assert walk(file) <= 40

    run()
    with damaged.patched([], mend=False) as file:
        assert walk(file) == 2  # every patch was taken back
