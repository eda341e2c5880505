"""The last message was given up where other bytes follow compressed data, which was whole."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest

from riskscan.sources import Item, NotRead, discover

MBOX = b"".join(
    b"From ada@ferry.example Mon Jan  6 09:15:00 2020\nSubject: %s\n\nThe tides.\n\n" % word
    for word in (b"one", b"two")
)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_every_message_is_read_and_the_bytes_behind_are_listed(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "export.mbox.gz"
    path.write_bytes(pack(MBOX) + b"behind " * 1000)
    units = [u for u in discover([path]) if not isinstance(u, NotRead)]
    events = [e for u in units for e in u.events()]
    assert len([e for e in events if isinstance(e, Item)]) == 2
    (told,) = [e for e in events if isinstance(e, NotRead)]
    assert (told.size, told.sha256) == (7000, hashlib.sha256(b"behind " * 1000).hexdigest())
    assert "other bytes follow" in told.reason
    assert [e for u in units for e in u.events(1)] == events[1:]
