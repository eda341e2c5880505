"""Mail out as mail: an mbox (mboxrd) or a tree of .eml files, the bytes as they were found."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from riskscan.case.read import Case, Record
from riskscan.case.selection import Selection, chosen
from riskscan.export.family import composed, families
from riskscan.export.files import replacing
from riskscan.export.natives import natives
from riskscan.export.production import new_folder
from riskscan.export.pseudonymise import PROMISES, Pseudonymiser
from riskscan.sources.mozilla import is_deleted

_RECORDS = 200
# What sources/splitter.py takes for the end of the headers, and for a quoted line.
_BLANK = re.compile(rb"\r\n\r\n|\n\r?\n|\r\r")
_FROM = re.compile(rb"(\A|[\r\n])(>*From )")
_FIELD = re.compile(rb"[!-9;-~]{1,100}[ \t]{0,8}:")
# The field as RFC 822 allowed it, which few programs tell from a From_ line.
_OLD_FROM = re.compile(rb"(\A|[\r\n])From[ \t]{1,1000}:")
# Thunderbird takes a From_ line for text unless two fields follow it, folded lines not counted.
_FIELDS = re.compile(rb"[!-9;-~]{1,100}:[^\n]*\n(?:[ \t][^\n]*\n)*[!-9;-~]{1,100}:")
_ADDED = b"X-Exported-By: riskscan\nStatus: O\n"
_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"/\\|?*\u200e\u200f\u202a-\u202e\u2066-\u2069]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|\Z)", re.I)


@dataclass(frozen=True, slots=True)
class Written:
    """How many messages were written; of these, ``converted`` ones from what holds no mail as
    RFC 5322 text (.msg, .pst, chat), ``composed`` ones whose bytes are gone, ``altered`` ones
    that an mbox cannot keep to the byte: fewer than two headers, a From_ line among them, no line
    end at their end, or no line feed, and ``hidden`` ones that Thunderbird does not show."""

    messages: int = 0
    converted: int = 0
    composed: int = 0
    altered: int = 0
    hidden: int = 0

    def notes(self) -> tuple[str, ...]:
        """What a person should know of it."""
        told = []
        if self.converted:
            told.append(f"{self.converted:,} were made of formats that hold no mail as text")
        if self.composed:
            told.append(
                f"{self.composed:,} were made of what the case holds: there are no bytes as found"
            )
        if self.altered:
            told.append(
                f"{self.altered:,} had fewer than two headers, a From_ line among them, no line "
                "end at their end, or line ends without line feeds: an mbox adds or changes those"
            )
        if self.hidden:
            told.append(
                f"{self.hidden:,} carry Thunderbird's mark of a deleted message: it hides them in "
                "an mbox, and removes them when it compacts the folder; --format eml shows them"
            )
        return tuple(told)


def write_mbox(
    case: Case, file: Path, selection: Selection, pseudonyms: Pseudonymiser | None = None
) -> Written:
    """Write the selected messages that stand alone into an mbox, quoted as mboxrd does it.

    A message that is read again has the bytes that it had, but for a missing last line end.
    """
    messages = converted = gone = altered = hidden = 0
    with replacing(file) as draft, draft.open("wb") as stream:
        for record, data, state in _mails(case, selection, pseudonyms):
            date = record["date"]
            stream.write(
                mbox_entry(data, record["sender"], datetime.fromisoformat(date) if date else None)
            )
            messages += 1
            converted += state == "converted"
            gone += state == "composed"
            altered += not _kept(data)
            hidden += is_deleted(data)
    return Written(messages, converted, gone, altered, hidden)


def _kept(data: bytes) -> bool:
    """Whether an mbox keeps a message to the byte; without line feeds it has no two fields."""
    head, _ = _cut(data)
    return data.endswith(b"\n") and not _FROM.search(head) and _FIELDS.match(data) is not None


def _cut(data: bytes) -> tuple[bytes, bytes]:
    """Headers with the first line end of the blank line, and the rest, which is quoted."""
    blank = _BLANK.search(data)
    if data[:1] in (b"\r", b"\n"):
        return b"", data
    if blank is None:
        return data, b""
    return data[: blank.end() - 1], data[blank.end() - 1 :]


def _lines(data: bytes) -> bytes:
    """With line feeds, where all its lines end in carriage returns alone, as on an old Mac.

    Other programs would take all of such a message for the From_ line before it.
    """
    return data if b"\n" in data else data.replace(b"\r", b"\n")


def mbox_entry(data: bytes, sender: str, date: datetime | None) -> bytes:
    """A message as it stands in an mbox: From_ line, the message quoted, a blank line."""
    data = _lines(data)
    if not sender or not sender.isascii() or not sender.isprintable() or " " in sender:
        sender = "MAILER-DAEMON"
    when = date.astimezone(UTC) if date else datetime(1970, 1, 1, tzinfo=UTC)
    head, body = _cut(data)
    # The blank line before the next From_ line is the mbox's own.
    end = b"\n" if data.endswith(b"\n") else b"\n\n"
    if not _FIELD.match(data):
        # Without a header line after it, a From_ line is none.
        head, body = b"\n", data
    # Among headers too such a line would begin a message of its own, with a sender of its choice.
    head = _FROM.sub(rb"\1>\2", _OLD_FROM.sub(rb"\1From:", head))
    if not _FIELDS.match(data):
        head = _ADDED + head
    line = f"From {sender[:200]} {when.ctime()}\n".encode()
    return line + head + _FROM.sub(rb"\1>\2", body) + end


def write_tree(
    case: Case, folder: Path, selection: Selection, pseudonyms: Pseudonymiser | None = None
) -> Written:
    """Write the selected messages that stand alone as ``CUSTODIAN/FOLDER/mNUMBER.eml``.

    The number is the message's in the case. Raises ProductionError when ``folder`` holds
    something.
    """
    messages = converted = gone = 0
    with new_folder(folder) as draft:
        for record, data, state in _mails(case, selection, pseudonyms):
            parts = [safe_name(record["custodians"][0]) or "unknown"]
            parts += [s for p in record["folder"].split("/")[:20] if (s := safe_name(p))]
            place = draft.joinpath(*parts)
            place.mkdir(parents=True, exist_ok=True)
            with (place / f"m{record['id']:08}.eml").open("xb") as stream:
                stream.write(data)
            messages += 1
            converted += state == "converted"
            gone += state == "composed"
        if pseudonyms is not None:
            (draft / PROMISES).write_text(pseudonyms.promises(), encoding="utf-8", newline="\n")
    return Written(messages, converted, gone)


def safe_name(name: str) -> str:
    """A name that every file system takes, and that leads nowhere; may be ""."""
    name = _UNSAFE.sub("_", name.encode("utf-8", "replace").decode()).strip(" .")
    while len(name.encode()) > 100:
        name = name[:-1]
    return f"_{name}" if _RESERVED.match(name) else name.strip(" .")


def _mails(
    case: Case, selection: Selection, pseudonyms: Pseudonymiser | None
) -> Iterator[tuple[Record, bytes, str]]:
    """Records and bytes of the messages: "as found", "converted", "composed" or "pseudonymised"."""
    with case.connect() as connection:
        ids, _ = chosen(connection, selection)
    if pseudonyms is not None:
        for first, *_ in families(case, ids, pseudonyms):
            assert first.data is not None
            yield first.record, first.data, first.native
        return
    found = natives(case, ids)
    for start in range(0, len(ids), _RECORDS):
        for record in case.records_of(ids[start : start + _RECORDS]):
            native = next(found)
            if native.mail is None:
                yield record, composed(record), "composed"
            else:
                same = native.file is not None and native.mail in native.file
                yield record, native.mail, "as found" if same else "converted"
