"""80 KB of blank lines below a field of a journal report took 14 seconds."""

from __future__ import annotations

import time

from riskscan.mail.parse import parse_message

HEAD = (
    b"From: journal@quayside.example\nSubject: report\nX-MS-Journal-Report:\nMIME-Version: 1.0\n"
    b"Content-Type: multipart/mixed; boundary=e\n\n--e\nContent-Type: text/plain\n\n"
    b"Sender: nora@quayside.example\nTo:\n"
)
TAIL = (
    b"\n--e\nContent-Type: message/rfc822\n\nFrom: nora@quayside.example\nSubject: lots\n\nHello.\n"
    b"--e--\n"
)


def test_they_cost_linear_time_and_no_recipient() -> None:
    times = []
    for lines in (10_000, 80_000):
        began = time.process_time()
        report = parse_message(
            HEAD + b" \n" * lines + b" ben@quayside.example, ida@quayside.example\n" + TAIL
        )
        times.append(time.process_time() - began)
        (message,) = report.embedded
        told = [one.address for one in (*message.to, *message.cc, *message.bcc)]
        assert told == ["ben@quayside.example", "ida@quayside.example"]
    # Quadratic: 64 times as long.
    assert times[1] < 24 * times[0] + 1
