"""Texts of a load file were compared with every message and file of a family: quadratic time."""

from __future__ import annotations

import hashlib
import time

from riskscan.mail.message import Attachment, Message
from riskscan.mail.parse import parse_message
from riskscan.mail.told import Told, ToldText, add_told

_OUTER = (
    "From: Ada Quay <ada@quay.example>\r\nMIME-Version: 1.0\r\n"
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
)


def _forwarder(count: int) -> Message:
    parts = [
        f"--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: Bob{i} <bob{i}@tern.example>\r\n"
        f"Subject: Kite\r\nDate: Mon, 2 Mar 2026 10:00:00 +0000\r\n\r\nbody\r\n"
        for i in range(count)
    ]
    return parse_message((_OUTER + "".join(parts) + "--b--\r\n").encode())


def _text(number: int) -> str:
    own = " ".join(f"{word}{number}" for word in ("alpha", "beta", "gamma", "delta", "epsilon"))
    return f"From: Bob{number}\nSent: Monday\nTo: Cy\nSubject: Kite\n\n{own}"


def _seconds(message: Message, texts: list[ToldText]) -> float:
    start = time.process_time()
    add_told(message, Told("the load file", tuple(texts)))
    return time.process_time() - start


def test_texts_of_embedded_mail() -> None:
    seconds = []
    for count in (150, 600):
        message = _forwarder(count)
        texts = [ToldText(f"DOC{i}", _text(i)) for i in range(count)]
        seconds.append(_seconds(message, texts))
        assert len(message.attachments) == count
    assert seconds[1] < 9 * seconds[0] + 0.1


def test_texts_of_files_that_are_not_there() -> None:
    seconds = []
    for count in (1_000, 4_000):
        message = parse_message(b"From: Ada Quay <ada@quay.example>\r\n\r\nKite\r\n")
        message.attachments = [
            Attachment(f"f{i}", "text/plain", 1, hashlib.sha256(b"%d" % i).hexdigest())
            for i in range(count)
        ]
        digest = hashlib.sha256(b"none").hexdigest()
        texts = [ToldText(f"DOC{i}", _text(i), digest) for i in range(count)]
        seconds.append(_seconds(message, texts))
        assert len(message.attachments) == 2 * count
    assert seconds[1] < 9 * seconds[0] + 0.1


def test_a_printed_head_is_found_among_many() -> None:
    message = _forwarder(3)
    head = "From: Bob1\nDate: Monday\nTo: Bob1\nSubject: Kite\n\nbody"
    add_told(message, Told("the load file", (ToldText("DOC1", head),)))
    assert not message.attachments
