"""Fuzz targets of riskscan.mail: messages and what is in them."""

from __future__ import annotations

from collections.abc import Callable

Target = Callable[[bytes], None]


def storable(text: str) -> None:
    """Whether a text can be stored: raises when not."""
    text.encode("utf-8")


def message(data: bytes) -> None:
    """A mail message, with all that is in it."""
    from riskscan.mail.message import Message
    from riskscan.mail.parse import MailError, parse_message

    try:
        waiting: list[Message] = [parse_message(data)]
    except MailError as error:
        assert error.reason
        return
    while waiting:
        one = waiting.pop()
        for text in (one.subject, one.body, one.message_id, one.date_header, one.folder):
            storable(text)
        for person in (*one.to, *one.cc, *one.bcc):
            storable(person.name + person.address)
        for file in one.attachments:
            storable(file.name + file.content_type + file.text)
        covered = [0, *(s.end for s in one.segments)]
        assert [s.start for s in one.segments] == covered[:-1]
        assert covered[-1] == len(one.body)
        waiting += one.embedded


def html(data: bytes) -> None:
    """HTML as text."""
    from riskscan.mail.html import html_to_text

    storable(html_to_text(data.decode("utf-8", "replace")))


def segments(data: bytes) -> None:
    """Who wrote what of a body."""
    from riskscan.mail.segment import segment

    text = data.decode("utf-8", "replace")
    found = segment(text)
    covered = [0, *(s.end for s in found)]
    assert [s.start for s in found] == covered[:-1]
    assert covered[-1] == len(text)


def addresses(data: bytes) -> None:
    """An address header."""
    from riskscan.mail.addresses import addresses as read

    found, defects = read([data.decode("utf-8", "surrogateescape")])
    for one in found:
        assert one.name or one.address
    assert all(defects)


def dates(data: bytes) -> None:
    """A date header."""
    from riskscan.mail.dates import parse_date

    date, _ = parse_date(data.decode("utf-8", "replace"))
    if date is not None:
        assert date.utcoffset() is not None
        assert 1 <= date.year <= 9999


def charsets(data: bytes) -> None:
    """Bytes of a charset that is named before the first line end."""
    from riskscan.mail.charset import to_text

    name, _, raw = data.partition(b"\n")
    storable(to_text(raw, name.decode("utf-8", "replace"))[0])


_ROOM = 1 << 20  # bytes that a uuencoded file may have before its own size bounds it


def transfer(data: bytes) -> None:
    """A part in the transfer encoding that is named before the first line end; uuencoded files."""
    from riskscan.mail.mime import decode_transfer, uuencoded

    name, _, raw = data.partition(b"\n")
    encoding = name.decode("latin-1")
    for text in (False, True):
        content, defect = decode_transfer(raw, encoding, text)
        assert len(content) <= _ROOM + 4 * len(raw)
        storable(defect)
    at = 0
    for start, end, content, file in uuencoded(raw):
        assert at <= start < end <= len(raw)
        assert len(content) <= _ROOM + 4 * (end - start)
        storable(file)
        at = end


def rtf(data: bytes) -> None:
    """An RTF body, plain and as Outlook packs it."""
    from riskscan.mail.rtf import rtf_to_text
    from riskscan.mail.rtf_compression import decompress_rtf

    storable(rtf_to_text(data))
    try:
        decompress_rtf(data)
    except ValueError as error:
        assert str(error)


def smime(data: bytes) -> None:
    """A signed message: what was signed is in it."""
    from riskscan.mail.smime import signed_content

    assert len(signed_content(data)) <= len(data)


def post(data: bytes) -> None:
    """A chat post."""
    from riskscan.mail.parse import MailError
    from riskscan.mail.post import parse_post

    try:
        storable(parse_post(data).body)
    except MailError as error:
        assert error.reason


MAIL_TARGETS: dict[str, Target] = {
    "message": message,
    "html": html,
    "segments": segments,
    "addresses": addresses,
    "dates": dates,
    "charsets": charsets,
    "transfer": transfer,
    "rtf": rtf,
    "smime": smime,
    "post": post,
}
