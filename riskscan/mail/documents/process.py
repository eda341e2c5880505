"""Documents read in a process of their own, one for each process that reads mail.

PDFium and libxml2 are native code and documents are hostile: a crash, an endless loop or a bomb
costs that process, which is replaced, and the document, which says so. The process is started at
the first document, so mail without attachments costs nothing.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import OrderedDict
from typing import Any, BinaryIO, cast

from riskscan.mail.documents.child import memory_for, receive, send
from riskscan.mail.documents.document import MIB, SECONDS, Document, Member

WALL_SECONDS = 40
"""Time on the clock after which the process is given up, however little of the CPU it got."""
_RESTART = 0.5  # CPU time that a new process takes
_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from riskscan.mail.documents.child import main; main()"
)
_CACHE_CHARACTERS = 8 << 20


class _Process:
    """The process at hand; restarted when it has died, and after a fork of this process."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._owner = 0
        self._lock = threading.Lock()

    def read(
        self, name: str, content_type: str, data: bytes, charset: str, seconds: float
    ) -> Document:
        asked = {
            "name": name,
            "content_type": content_type,
            "charset": charset,
            "seconds": seconds,
        }
        with self._lock:
            child = self._running()
            timer = threading.Timer(WALL_SECONDS, child.kill)
            timer.start()
            began = time.monotonic()
            try:
                answer = self._ask(child, asked, data)
            except BaseException:
                # Whoever asks next must not get the answer that is under way.
                child.kill()
                self._end(child)
                raise
            finally:
                timer.cancel()
            if not answer:
                took = min(time.monotonic() - began, seconds) + _RESTART
                return Document("", self._cause(child, seconds, len(data)), seconds=took)
            if answer["grown"]:
                self._end(child)
                answer["seconds"] += _RESTART
        blobs = answer.pop("blobs")
        members = [
            Member(**told, mail=mail)
            for told, mail in zip(answer.pop("members"), blobs, strict=True)
        ]
        return Document(answer["text"], answer["unread"], members, answer["seconds"])

    def _ask(
        self, child: subprocess.Popen[bytes], asked: dict[str, Any], data: bytes
    ) -> dict[str, Any]:
        requests, answers = cast(BinaryIO, child.stdin), cast(BinaryIO, child.stdout)
        # A child that dies meanwhile breaks the pipe; its answer is missing then, too.
        with contextlib.suppress(BrokenPipeError, ConnectionError):
            send(requests, asked, data)
            return receive(answers)
        return {}

    def _running(self) -> subprocess.Popen[bytes]:
        child = self._child
        if child is None or self._owner != os.getpid() or child.poll() is not None:
            path = json.dumps([place for place in sys.path if place])
            child = subprocess.Popen(
                [sys.executable, "-P", "-c", _START, path],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                # Ctrl-C is for the scan, which then closes our input.
                start_new_session=True,
            )
            self._child, self._owner = child, os.getpid()
            if not receive(cast(BinaryIO, child.stdout)):
                raise OSError(f"it ended with exit status {self._end(child)}")
        return child

    def _cause(self, child: subprocess.Popen[bytes], seconds: float, size: int) -> str:
        """Why there was no answer; the process is gone after it."""
        code = self._end(child)
        if code == -getattr(signal, "SIGPROF", 0):
            return f"not read: it took too long ({seconds:.1f} seconds of processor time)"
        if code == -getattr(signal, "SIGKILL", 0):
            return f"not read: it took too long ({WALL_SECONDS} seconds)"
        if code == -getattr(signal, "SIGABRT", 0):
            most = memory_for(size) // MIB
            return f"not read: it takes too much memory (more than {most:,} MiB)"
        return f"damaged: the process that read it ended (exit status {code})"

    def _end(self, child: subprocess.Popen[bytes]) -> int:
        self._child = None
        for stream in (child.stdin, child.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        try:
            return child.wait(2)
        except subprocess.TimeoutExpired:
            child.kill()
            return child.wait()

    def close(self) -> None:
        """End the process."""
        if self._child is not None and self._owner == os.getpid():
            self._end(self._child)


_process = _Process()
atexit.register(_process.close)
_read: OrderedDict[tuple[str, str, str, str], Document] = OrderedDict()


def read(
    name: str,
    content_type: str,
    data: bytes,
    charset: str,
    sha256: str,
    seconds: float = SECONDS,
) -> Document:
    """``document_text`` in a process of its own; ``sha256`` is that of ``data``.

    ``seconds`` is the CPU time that it may take. What the last documents said is remembered: the
    same file is attached to many messages. Raises OSError when no process can be started.
    """
    key = (sha256, name, content_type, charset)
    if key in _read:
        _read.move_to_end(key)
        return _read[key]
    document = _process.read(name, content_type, data, charset, seconds)
    if seconds < SECONDS and document.unread:
        return document  # with more time there may be more of it
    _read[key] = document
    while sum(map(_weight, _read.values())) > _CACHE_CHARACTERS or len(_read) > 64:
        _read.popitem(last=False)
    return document


def _weight(document: Document) -> int:
    return len(document.text) + sum(len(m.text) + len(m.mail) for m in document.members)
