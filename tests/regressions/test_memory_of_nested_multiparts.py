"""60 levels of nesting each held two copies of all that was in them: 3 GB for a mail of 24 MB."""

from __future__ import annotations

import tracemalloc

from riskscan.mail.headers import Headers, split_head
from riskscan.mail.mime import Budget, read_part

LEVEL = b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n"


def nested(levels: int, filling: int) -> bytes:
    inner = b"Content-Type: text/plain\n\n" + (b"y" * 70 + b"\n") * (filling // 71)
    return b"".join(LEVEL % (i, i) for i in range(levels)) + inner


def test_memory_is_bounded_whatever_the_nesting() -> None:
    head, body, _ = split_head(nested(50, 1_000_000))
    tracemalloc.start()
    root = read_part(Headers(head), body, Budget(nested=8_000_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 15_000_000
    deepest = list(root.walk())[-1]
    assert "nested too deep" in deepest.defects
    assert len(deepest.raw) > 900_000


def test_what_is_nested_less_is_read_to_its_end() -> None:
    head, body, _ = split_head(nested(50, 100_000))
    root = read_part(Headers(head), body, Budget(nested=8_000_000))
    assert not any("nested too deep" in part.defects for part in root.walk())
