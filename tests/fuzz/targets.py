"""What is fuzzed: each target takes bytes and must come back, with what it promises being true.

A target raises for a fault; what a parser may refuse with is caught here and is none.
"""

from __future__ import annotations

import io
from collections.abc import Callable

Target = Callable[[bytes], None]

# Names that a reader looks at.
NAMES = {"slack": "2024-03-02.json", "whatsapp": "_chat.txt", "concordance": "load.dat"}
# Readers that start a process of their own.
_APART = ("pst",)


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


def mbox(data: bytes) -> None:
    """An mbox: its extents cover it, each passed over alike."""
    from riskscan.sources.item import MIB
    from riskscan.sources.splitter import open_mbox
    from riskscan.sources.stream import FileStream

    splitter = open_mbox(FileStream(io.BytesIO(data)), MIB)
    at = len(splitter.lead)
    places = []
    for extent in splitter.extents(0):
        assert extent.start == at
        assert extent.length > 0
        assert extent.data is not None or extent.reason
        at += extent.length
        places.append((extent.start, extent.length))
    assert at == len(data)
    again = open_mbox(FileStream(io.BytesIO(data)), MIB)
    half = len(places) // 2
    assert [(e.start, e.length) for e in again.extents(half)] == places


def as_format(kind: str) -> Target:
    """A file as what ``sniff`` would call ``kind``; "" leaves it to sniff."""

    def read(data: bytes) -> None:
        from riskscan.sources.item import MIB, Item, LimitError, Limits, NotRead
        from riskscan.sources.names import Container, Origin
        from riskscan.sources.reading import Blob, Reading
        from riskscan.sources.registry import READERS
        from riskscan.sources.stream import FileStream

        origin = Origin((Container("export", ("room",)),), NAMES.get(kind, "a"))
        limits = Limits(message=MIB, total=4 * MIB, ratio_from=MIB, members=1000, spool=4 * MIB)
        readers = {name: reader for name, reader in READERS.items() if name not in _APART}

        def events(skip: int) -> list[object]:
            file = io.BytesIO(data)
            reading = Reading(readers, limits, len(data), skip)
            blob = Blob(origin, FileStream(file), file=file)
            found: list[object] = []
            try:
                for event in reading.read_as(kind, blob) if kind else reading.read(blob):
                    if isinstance(event, Item):
                        storable(event.source + event.place + event.folder + event.custodian)
                    elif isinstance(event, NotRead):
                        assert event.reason
                        storable(event.source + event.place + event.reason)
                    found.append(event)
            except LimitError as error:
                found.append(str(error))
            return found

        whole = events(0)
        half = sum(not isinstance(one, str) for one in whole) // 2
        assert events(half) == whole[half:]

    return read


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


def rtf(data: bytes) -> None:
    """An RTF body, plain and as Outlook packs it."""
    from riskscan.mail.rtf import rtf_to_text
    from riskscan.mail.rtf_compression import decompress_rtf

    storable(rtf_to_text(data))
    try:
        decompress_rtf(data)
    except ValueError as error:
        assert str(error)


def msg(data: bytes) -> None:
    """An Outlook message file."""
    from riskscan.sources.item import SourceError
    from riskscan.sources.msg import read_msg_bytes

    try:
        read_msg_bytes(data)
    except (SourceError, ValueError) as error:
        assert str(error)


def post(data: bytes) -> None:
    """A chat post."""
    from riskscan.mail.parse import MailError
    from riskscan.mail.post import parse_post

    try:
        storable(parse_post(data).body)
    except MailError as error:
        assert error.reason


TARGETS: dict[str, Target] = {
    "message": message,
    "mbox": mbox,
    "any file": as_format(""),
    "zip": as_format("zip"),
    "tar": as_format("tar"),
    "slack": as_format("slack"),
    "teams": as_format("teams"),
    "whatsapp": as_format("whatsapp"),
    "concordance": as_format("concordance"),
    "csv": as_format("csv"),
    "edrm": as_format("edrm"),
    "html": html,
    "segments": segments,
    "addresses": addresses,
    "dates": dates,
    "charsets": charsets,
    "rtf": rtf,
    "msg": msg,
    "post": post,
}
