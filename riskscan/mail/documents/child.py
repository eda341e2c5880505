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
from typing import Any, BinaryIO

LENGTH = struct.Struct(">Q")
GRACE = 0.7
"""CPU time beyond its limit after which a document that does not end of itself is ended."""
MEMORY = 2 << 30
"""Address space, in bytes, of the whole process."""


def main() -> None:
    """Answer requests until the input ends."""
    requests = sys.stdin.buffer
    answers = os.fdopen(os.dup(1), "wb")
    # What a library prints must not get among the answers.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    _limit_memory()
    if sys.platform != "win32":
        signal.signal(signal.SIGPROF, signal.SIG_DFL)
    from riskscan.mail.documents.formats import read_document

    send(answers, {"ready": True})
    while request := receive(requests):
        _limit_time(request["seconds"] + GRACE)
        document = read_document(
            request["name"],
            request["content_type"],
            request["blobs"][0],
            request["charset"],
            request["seconds"],
        )
        _limit_time(0)
        told = asdict(document)
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


def _limit_memory() -> None:
    if sys.platform == "win32":
        return
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))


def _limit_time(seconds: float) -> None:
    """Let the system end this process after so much CPU time from now on; 0: no more."""
    if sys.platform != "win32":  # there the parent's clock alone
        signal.setitimer(signal.ITIMER_PROF, seconds)
