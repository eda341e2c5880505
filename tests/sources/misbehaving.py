"""Readers that do what a library in C may do; test_isolated runs them in a child process."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

from riskscan.sources import Event, Item, NotRead
from riskscan.sources.isolated import Job

COUNT = 6


def events(job: Job) -> Iterator[Event]:
    """Six items; ``settings`` say which of them are trouble, and of what sort."""
    settings = job.settings
    troubles = settings["troubles"]
    assert isinstance(troubles, list)
    for number in range(COUNT):
        place = f"item {number}"
        reason = job.begin(place)
        if not reason and number in troubles:
            _trouble(job, str(settings["sort"]), str(settings.get("mark", "")))
        if job.passes():
            continue
        if reason:
            yield NotRead("x", place, reason, 0, "", lost=True)
        else:
            yield Item(
                "x", "pst", place, "ada", "Inbox", f"Subject: {number}\n\n".encode() * 50_000
            )


def _trouble(job: Job, sort: str, mark: str) -> None:
    if sort == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif sort == "crash once" and not Path(mark).exists():
        Path(mark).touch()
        os.kill(os.getpid(), signal.SIGSEGV)
    elif sort == "loop":
        while True:
            pass
    elif sort == "exit":
        os._exit(3)
    elif sort == "raise":
        raise KeyError("no such tide")
    elif sort == "babble":
        os.write(job._pipe, b"\xff" * 4000)
    elif sort == "hoard":
        held = []
        while True:
            held.append(bytes(100_000_000))
