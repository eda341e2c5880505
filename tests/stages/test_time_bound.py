"""Without workers too, a message that takes too long is quarantined and the scan goes on."""

from __future__ import annotations

import signal

import pytest

from riskscan.engine import Bounds
from riskscan.mail import parse
from riskscan.sources import Item
from riskscan.stages import ingest
from riskscan.stages.ingest import parse_batch

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs POSIX")


def item(number: int) -> Item:
    data = b"From: nora@quayside.example\nSubject: lot %d\n\nThe crates.\n" % number
    return Item("a.mbox", "mboxrd", f"offset {number}+1", "ada", "", data)


def test_the_culprit_alone_is_quarantined(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = parse.parse_message

    def slow(data: bytes, *more: object) -> object:
        while b"lot 2" in data:
            try:
                pass
            except Exception:  # what mends faults must not keep the time from running out
                continue
        return whole(data, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(parse, "parse_message", slow)
    monkeypatch.setattr(ingest, "PARSE_BOUNDS", Bounds(seconds=0.2))
    before = signal.getsignal(signal.SIGPROF)
    first, second, third = parse_batch([item(1), item(2), item(3)])
    assert second == "it took more than 0.2 seconds of processor time"
    assert [type(x).__name__ for x in (first, third)] == ["Parsed", "Parsed"]
    assert signal.getitimer(signal.ITIMER_PROF)[0] == 0
    assert signal.getsignal(signal.SIGPROF) == before
