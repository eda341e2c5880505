"""Reading in a child process: a library that crashes or loops takes one item with it, no more.

The reader runs in a child and sends its events over a pipe. It says what it begins before it does,
so that the parent knows the culprit when the child dies or takes too long; the next child starts
past what was sent, and tells the reader to leave the culprit alone.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import selectors
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import IO, TYPE_CHECKING, BinaryIO

from riskscan.sources.item import MIB, Event, Item, NotRead, SourceError, failed
from riskscan.sources.names import Origin

if TYPE_CHECKING:
    # With it come the formats told apart by their words: much for a child to load.
    from riskscan.sources.reading import Reading

# CPU seconds for one step (an item, or opening a folder or the file).
SECONDS = 60
# Bytes of a file for which opening it may take a second more.
_BYTES_A_SECOND = 2 * MIB
_WALL = 20  # a step may take this many times its CPU seconds by the clock
_DEATHS_MAX = 50
_STALLS_MAX = 10
_MEMORY = 2048 * MIB
_HEAD = struct.Struct("<cII")
_JSON_MAX = 16 * MIB

Settings = dict[str, object]


class Job:
    """What the child's reader is given, and what it says of its progress."""

    def __init__(self, file: BinaryIO, settings: Settings, request: Settings, pipe: int) -> None:
        self.file = file
        self.settings = settings
        self._skip = int(str(request["skip"]))
        self._culprits: dict[str, str] = dict(request["culprits"])  # type: ignore[call-overload]
        self._seconds = int(str(request["seconds"]))
        self._pipe = pipe
        self.count = 0

    def begin(self, place: str, size: int = 0) -> str:
        """Say what is read next; gives the reason why it must be left alone, else "".

        ``size`` bytes add to the time that it may take.
        """
        reason = self._culprits.get(place, "")
        seconds = self._seconds + size // _BYTES_A_SECOND
        _send(self._pipe, b"b", {"place": place, "seconds": seconds})
        limit_cpu(seconds)
        return reason

    def passes(self) -> bool:
        """Whether the event at hand was done before; to be asked once for every event."""
        self.count += 1
        return self.count <= self._skip


Reader = Callable[[Job], Iterator[Event]]


def limit_cpu(seconds: int) -> None:
    """Let the system end this process after so many more seconds of CPU time."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = int(time.process_time()) + 1 + seconds
    if hard != resource.RLIM_INFINITY:
        soft = min(soft, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def read_isolated(
    reading: Reading, origin: Origin, file: IO[bytes], reader: str, settings: Settings
) -> Iterator[Event]:
    """Yield the events of ``reader`` ("module:function", a ``Reader``) over an open file.

    ``settings`` is what JSON can hold. A step that kills the child is tried once more in a new
    one, alone; what kills it again, or takes too long, is left to the reader's answer to
    ``Job.begin``. After 50 deaths or 10 steps too long the rest of the file is given up.
    """
    passing = reading.to_pass
    culprits: dict[str, str] = {}
    again: set[str] = set()
    sent = deaths = stalls = 0
    while True:
        request: Settings = {
            "reader": reader,
            "settings": settings,
            "seconds": SECONDS,
            "skip": passing + sent,
            "culprits": culprits,
        }
        child = _Child(file, request)
        try:
            for event in child.events():
                if not sent:
                    _pass(reading, passing)
                sent += 1
                yield event
        finally:
            child.close()
        if child.ended:
            if not sent:
                _pass(reading, min(passing, child.count))
            return
        place, reason = child.place, child.reason
        deaths += 1
        stalls += child.stalled
        if place in culprits or deaths > _DEATHS_MAX or stalls > _STALLS_MAX:
            if not sent:
                _pass(reading, passing)
            reason = f"{reason}; after {deaths} such ends nothing more of the file is read"
            yield NotRead(origin.source, place, reason, 0, "", lost=True)
            return
        if child.stalled or place in again:
            culprits[place] = reason
        again.add(place)


def _pass(reading: Reading, count: int) -> None:
    for _ in range(count):
        reading.passes()


class _Child:
    """One child process and what came from it."""

    def __init__(self, file: IO[bytes], request: Settings) -> None:
        self.ended = False
        self.count = 0
        self.place = ""
        self.reason = ""
        self.stalled = False
        self._seconds = SECONDS
        fd = file.fileno()
        # -P: nothing of the folder that we happen to be in is imported. A session of its own:
        # Ctrl-C is for the parent, which ends the child.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", __name__, str(fd)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=(fd,),
            start_new_session=True,
        )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._out = self._process.stdout
        self._waiting = selectors.DefaultSelector()
        self._waiting.register(self._out, selectors.EVENT_READ)
        try:
            self._process.stdin.write(json.dumps(request).encode())
            self._process.stdin.close()
        except BrokenPipeError:
            pass  # it died at once: the end of its output tells

    def events(self) -> Iterator[Event]:
        """The events until the child ends, however it does."""
        try:
            while True:
                kind, length, size = _HEAD.unpack(self._exactly(_HEAD.size))
                if length > _JSON_MAX:
                    raise EOFError
                fields = json.loads(self._exactly(length))
                if kind == b"b":
                    self.place, self._seconds = fields["place"], fields["seconds"]
                elif kind == b"i":
                    fields["defects"] = tuple(fields["defects"])
                    yield Item(**fields, data=self._exactly(size))
                elif kind == b"n":
                    yield NotRead(**fields)
                elif kind == b"x":
                    self.reason = fields["reason"]
                    return
                else:
                    self.count = fields["count"]
                    self.ended = True
                    return
        except (EOFError, ValueError, TypeError, KeyError):
            self._died()
        except TimeoutError:
            self._stall()

    def _stall(self) -> None:
        self.stalled = True
        self.reason = f"reading this took longer than {self._seconds} seconds"

    def _died(self) -> None:
        """Say how the child ended."""
        try:
            code = self._process.wait(1)
        except subprocess.TimeoutExpired:
            # It lives on, but what it sends makes no sense.
            self._process.kill()
            code = self._process.wait()
        if code == -signal.SIGXCPU:
            self._stall()
            return
        how = f"exit code {code}"
        if code < 0:
            try:
                how = signal.Signals(-code).name
            except ValueError:
                how = f"signal {-code}"
        self.reason = f"reading this crashed ({how})"

    def _exactly(self, size: int) -> bytes:
        parts = []
        while size > 0:
            if not self._waiting.select(self._seconds * _WALL):
                raise TimeoutError
            data = os.read(self._out.fileno(), min(size, MIB))
            if not data:
                raise EOFError
            parts.append(data)
            size -= len(data)
        return b"".join(parts)

    def close(self) -> None:
        """End the child, if it has not ended by itself."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._waiting.close()
        self._out.close()


# ---- the child's side


def _send(pipe: int, kind: bytes, fields: Settings, data: bytes = b"") -> None:
    told = json.dumps(fields).encode()
    for part in (_HEAD.pack(kind, len(told), len(data)) + told, data):
        view = memoryview(part)
        while view:
            view = view[os.write(pipe, view) :]


def _event(pipe: int, event: Event) -> None:
    if isinstance(event, Item):
        fields = asdict(event)
        data = fields.pop("data")
        _send(pipe, b"i", fields, data)
    elif isinstance(event, NotRead):
        _send(pipe, b"n", asdict(event))
    else:
        raise TypeError("a claim is not for an isolated reader")


def main() -> None:
    """Read as the request on standard input says, and send what comes to standard output."""
    pipe = os.dup(sys.stdout.fileno())
    sys.stdout = sys.stderr
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    request = json.load(sys.stdin)
    limit = _MEMORY + 4 * int(request["settings"].get("message", 0))
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    module, _, name = request["reader"].partition(":")
    reader: Reader = getattr(importlib.import_module(module), name)
    with open(int(sys.argv[1]), "rb", buffering=0, closefd=False) as file:
        job = Job(file, request["settings"], request, pipe)
        try:
            for event in reader(job):
                _event(pipe, event)
        except BrokenPipeError:
            return
        except SourceError as error:
            _send(pipe, b"x", {"reason": str(error)})
            return
        except Exception as error:
            # Promise 1: a fault of ours is told as the reason, and loses one item.
            _send(pipe, b"x", {"reason": failed(error)})
            return
    _send(pipe, b"z", {"count": job.count})


if __name__ == "__main__":
    main()
