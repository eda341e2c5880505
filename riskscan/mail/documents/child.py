"""The process that reads documents: one request on standard input, one answer on standard output.

Lengths come first, then JSON, then bytes: nothing is pickled. It ends with its input, with its
limit of time for one document, or with a crash of a library; the parent tells which (process.py).
"""

from __future__ import annotations

import json
import os
import signal
import struct
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

LENGTH = struct.Struct(">Q")
GRACE = 0.7
"""CPU time beyond its limit after which a document that does not end of itself is ended."""
MEMORY = 768 << 20
"""Address space, in bytes, of the process while it reads a document ..."""
_COPIES = 3
"""... and so many times the size of the document more ..."""
_MOST = 2 << 30
"""... but no more than this, which also bounds what it is sent."""
_KEPT = 128 << 20
"""Growth of its address space after which the process is replaced: readers keep memory."""


def main() -> None:
    """Answer requests until the input ends."""
    requests = sys.stdin.buffer
    answers = os.fdopen(os.dup(1), "wb")
    # What a library prints must not get among the answers.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    _limit_memory(_MOST)
    if sys.platform != "win32":
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
    # openpyxl would load it, for cells that it writes: as much memory as a process may keep.
    sys.modules["numpy"] = None  # type: ignore[assignment]
    from riskscan.mail.documents.formats import read_document

    send(answers, {"ready": True})
    fresh = _address_space()
    while request := receive(requests):
        (data,) = request["blobs"]
        _limit_memory(memory_for(len(data)))
        _limit_time(request["seconds"] + GRACE)
        document = read_document(
            request["name"],
            request["content_type"],
            data,
            request["charset"],
            request["seconds"],
        )
        _limit_time(0)
        _limit_memory(_MOST)
        told = asdict(document)
        del request, data, document
        told["grown"] = _address_space() - fresh > _KEPT
        mails = [member.pop("mail") for member in told["members"]]
        send(answers, told, *mails)


def send(stream: BinaryIO, told: dict[str, Any], *blobs: bytes) -> None:
    """Write a dictionary and blobs as one message."""
    text = json.dumps(told).encode()
    stream.write(LENGTH.pack(len(text)) + text + LENGTH.pack(len(blobs)))
    for blob in blobs:
        stream.write(LENGTH.pack(len(blob)))
        stream.write(blob)
    stream.flush()


def receive(stream: BinaryIO) -> dict[str, Any]:
    """Read what ``send`` wrote, its blobs as ``blobs``; {} when the stream ends before it."""
    try:
        told: dict[str, Any] = json.loads(_exactly(stream, _length(stream)))
        told["blobs"] = [_exactly(stream, _length(stream)) for _ in range(_length(stream))]
    except EOFError:
        return {}
    return told


def _length(stream: BinaryIO) -> int:
    return int(LENGTH.unpack(_exactly(stream, LENGTH.size))[0])


def _exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size) if size else b""
    if len(data) < size:
        raise EOFError
    return data


def memory_for(size: int) -> int:
    """Address space, in bytes, in which a document of ``size`` bytes is read."""
    return min(_MOST, MEMORY + _COPIES * size)


def _address_space() -> int:
    """That of this process, in bytes; 0 where the system does not tell, nor bound it."""
    told = Path("/proc/self/statm")  # in pages
    return int(told.read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE") if told.exists() else 0


def _limit_memory(most: int) -> None:
    if sys.platform == "win32":
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))


def _limit_time(seconds: float) -> None:
    """Let the system end this process after so much CPU time from now on; 0: no more."""
    if sys.platform != "win32":  # there the parent's clock alone
        signal.setitimer(signal.ITIMER_PROF, seconds)
