"""Text in more than 60 multiparts, which other readers show, was an attachment and no body."""

from __future__ import annotations

from riskscan.mail.parse import parse_message


def test_it_is_the_body() -> None:
    raw = b"Content-Type: text/plain\n\nThe tables are wrong.\n"
    for level in range(100):
        mark = b"quay%d." % level
        head = b"Content-Type: multipart/mixed; boundary=" + mark
        raw = b"%b\n\n--%b\n%b\n--%b--\n" % (head, mark, raw, mark)
    message = parse_message(b"From: ada@ferry.example\nSubject: tides\n" + raw)
    assert message.body.strip() == "The tables are wrong."
    assert not message.attachments
