"""What the columns of load files and tables mean: names, dates and people as vendors write them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from riskscan.mail.dates import parse_date
from riskscan.sources.compose import mailbox
from riskscan.sources.table import fold

# Field to the folded names (letters and digits, lower case) of columns that hold it, best first.
_NAMES: dict[str, str] = {
    "id": "docid begdoc begbates controlnumber begcontrol prodbegbates prodbeg begprod begno "
    "begdocno begdocument beginbates begindoc firstbates documentid docno docidbeg controlid "
    "controlno bates batesbeg begcontrolnumber",
    "parent": "parentid parentdocid parentdoc parent parentbates parentcontrolnumber "
    "parentdocumentid attparentid",
    "family": "begattach begattachment attachbeg attbeg begattachbates begattachno begfamily "
    "firstattach beginattachment begattdocno prodbegattach groupidentifier familyid groupid",
    "children": "attachids attachmentids attachdocids childids attchids attachdocid",
    "custodian": "custodian custodianname primarycustodian custodians sourcecustodian",
    "from": "from emailfrom sender fromaddress emailsender senderaddress sentby author "
    "emailauthor authors senderorcreatedby",
    "sender name": "sendername fromname",
    "to": "to emailto recipients recipient toaddress torecipients recipientto recipientsto",
    "cc": "cc emailcc copyee ccrecipients ccaddress carboncopy recipientsincclines copiedto",
    "bcc": "bcc emailbcc blindcopyee bccrecipients bccaddress blindcarboncopy blindcopiedto",
    "subject": "subject emailsubject subjectline subjectortitle",
    "title": "title doctitle documenttitle",
    "date": "datesent sentdate senton emaildatesent datetimesent sentdatetime emailsentdate "
    "sentdateandtime maildate emaildate date dateutc timestamp docdate documentdate "
    "masterdate sortdate datelastmod datelastmodified lastmodified datemodified",
    "time": "timesent senttime emailtimesent emailsenttime mailtime time",
    "received": "datereceived receiveddate daterecvd datercvd receivedon emaildatereceived "
    "received",
    "zone": "timezone tz timezoneprocessed processingtimezone timezoneused timezonefield",
    "message id": "messageid internetmessageid emailmessageid msgid internetmsgid "
    "emailinternetmessageid mid",
    "in reply to": "inreplyto emailinreplyto inreplytoid",
    "references": "references emailreferences",
    "thread": "threadid conversationid emailthreadid threadgroup emailthreadgroup conversation "
    "conversationindex thread",
    "folder": "folder emailfolder mailfolder folderpath emailfolderpath originalpath "
    "originalfolderpath sourcepath mailstorepath foldername originalfilepath",
    # The native's in one vendor's load files, its old place in another's.
    "file path": "filepath path",
    "text path": "textpath textlink extractedtextpath textfile textfilepath ocrpath "
    "extractedtextlink linktotext txtpath fulltextpath textfilelink ocrtextpath",
    "text": "text body emailbody messagebody bodytext extractedtext ocrtext ocr fulltext content "
    "message plaintext textbody emailtext messagetext",
    "html": "html htmlbody bodyhtml messagehtml",
    "native path": "nativepath nativelink nativefile nativefilepath native nativefilelink "
    "doclink filelink linktonative nativelocation nativefiles exportnativepath docpath",
    "file name": "filename docname originalfilename nativefilename attachmentname documentname "
    "name",
    "attachments": "attachmentpaths attachmentfiles attachmentpath",
    "md5": "md5hash md5 hash hashvalue filehash md5hashvalue hashmd5 documenthash",
    "sha1": "sha1hash sha1 hashsha1 sha1hashvalue",
    "sha256": "sha256hash sha256 hashsha256 sha256hashvalue",
}
FIELDS = tuple(_NAMES)
"""All fields; a mapping of a table names some of them."""

_BY_NAME = {
    name: (field, rank)
    for field, names in _NAMES.items()
    for rank, name in enumerate(names.split())
}


@dataclass(slots=True, frozen=True)
class Row:
    """One document of a load file: ``values`` by field ("" or absent: none), ``number`` from 1.

    ``lists`` has those fields whose values the format itself keeps apart, with these.
    """

    number: int
    values: dict[str, str]
    lists: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def get(self, field: str) -> str:
        """The value of a field without blanks around it."""
        return self.values.get(field, "").strip()

    def listed(self, field: str) -> list[str]:
        """The values of a list, parted by ``;`` where the format does not keep them apart."""
        if known := self.lists.get(field):
            return list(known)
        return [v.strip() for v in self.get(field).split(";") if v.strip()]

    def people(self, field: str) -> str:
        """The people of a field as the value of an address field, as ``people`` reads them."""
        if known := self.lists.get(field):
            return ", ".join(shown for p in known[:_PEOPLE_MAX] if (shown := _person(p, "")))
        return people(self.get(field))

    def sender(self) -> str:
        """Who sent it: one person where one address is told, whatever the name holds."""
        told, name = self.get("from"), self.get("sender name")
        if len(told) <= _PERSON_MAX and told.count("@") == 1 and _ANGLE.fullmatch(told):
            return _person(told, name)
        return people(told, names=[name]) or people(name)


@dataclass(slots=True, frozen=True)
class BadRow:
    """A row that cannot be read; ``number`` 0 speaks of the file as a whole."""

    number: int
    reason: str
    size: int = 0
    sha256: str = ""


def fields_of(header: Sequence[str], mapping: Mapping[str, str] | None = None) -> dict[int, str]:
    """Which column (its number) holds which field, by the names or as ``mapping`` (field to
    column name) says; a field is in one column, the one whose name tells it best.
    """
    if mapping:
        wanted = {fold(column): field for field, column in mapping.items()}
        return {i: wanted[fold(n)] for i, n in enumerate(header) if fold(n) in wanted}
    best: dict[str, tuple[int, int]] = {}
    for number, name in enumerate(header):
        if known := _BY_NAME.get(fold(name)):
            field, rank = known
            best[field] = min(best.get(field, (rank, number)), (rank, number))
    return {number: field for field, (_, number) in best.items()}


# ---- people

_ANGLE = re.compile(
    r"\s*(.{0,500}?)\s*[<\[(]\s*([^\s<>\[\]()]{1,320}@[^\s<>\[\]()]{1,255})\s*[>\])]"
)
_BARE = re.compile(r"\s*<?\s*([^\s<>@,]{1,320}@[^\s<>@,;]{1,255}|/[oO]=[^<>;]{1,500})\s*>?\s*\Z")
_PEOPLE_MAX = 10_000
_PERSON_MAX = 1_000  # characters that are searched for an address


def people(value: str, *, names: Iterable[str] = ()) -> str:
    """A list of people as the value of an address field (RFC 5322 section 3.4).

    ``;`` or a line end parts them, or a comma where each piece then holds an address; a name
    may be "Quill, Nora".
    """
    several = [p for p in re.split(r"[;\r\n]+", value) if p.strip()][:_PEOPLE_MAX]
    if len(several) == 1 and value.count("@") > 1:
        several = _commas(value)
    given = iter(names)
    return ", ".join(shown for p in several if (shown := _person(p, next(given, ""))))


def _commas(value: str) -> list[str]:
    """Pieces between commas; those without an address belong to the next ("Quill, Nora <n@x>")."""
    pieces: list[str] = []
    waiting = ""
    for piece in value.split(",")[:_PEOPLE_MAX]:
        waiting = f"{waiting},{piece}" if waiting else piece
        if "@" in piece:
            pieces.append(waiting)
            waiting = ""
    return [*pieces, waiting] if waiting.strip() else pieces


def _person(text: str, name: str) -> str:
    if match := _BARE.match(text[:_PERSON_MAX]):
        return mailbox(name, match[1])
    if match := _ANGLE.match(text[:_PERSON_MAX]):
        return mailbox(match[1].strip("\"' ") or name, match[2])
    return mailbox(text.strip().strip("\"'"), "")


# ---- dates

_YMD = re.compile(r"(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})(?=\D|\Z)")
_PARTS = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})(?=\D|\Z)")
_UNIX = re.compile(r"(\d{9,10}|\d{12,13})(?:\.\d{1,9})?\Z")
_CLOCK = re.compile(r"(\d{1,2}):?(\d{2})(?::?(\d{2}))?(?:[.,]\d{1,9})?\s*([AaPp])?\.?[Mm]?\.?")
_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-])(\d{1,2}):?(\d{2})?")


def moment(date: str, time: str, zone: str) -> datetime | None:
    """The instant that the columns for date, time and time zone tell; None when they tell none.

    A date of two small numbers has the month first, as US vendors write it, unless the first is
    above 12 or dots part it. A number of nine digits or more is Unix time in seconds, from twelve
    digits on in milliseconds. Without a zone it is UTC, which is what load files are made in.
    """
    date, time, zone = date.strip()[:100], time.strip()[:100], zone.strip()[:100]
    if unix := _UNIX.match(date):
        return datetime.fromtimestamp(int(unix[1]) / (1 if len(unix[1]) < 12 else 1000), UTC)
    day = _day(date)
    if day is None:
        found, _ = parse_date(f"{date} {time} {zone}".strip())
        return found
    (year, month, number), rest = day
    rest = rest.lstrip("T, ") or time
    clock = _CLOCK.match(rest)
    hour, minute, second = (int(clock[i] or 0) for i in (1, 2, 3)) if clock else (0, 0, 0)
    if clock and clock[4]:
        hour = hour % 12 + (12 if clock[4] in "pP" else 0)
    after = rest[clock.end() :].strip() if clock else ""
    try:
        local = datetime(year, month, number, hour, minute, second)
        return _in_zone(local, after or zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _day(text: str) -> tuple[tuple[int, int, int], str] | None:
    if match := _YMD.match(text):
        return (int(match[1]), int(match[2]), int(match[3])), text[match.end() :]
    if match := _PARTS.match(text):
        first, second, year = int(match[1]), int(match[2]), int(match[3])
        if year < 100:
            year += 2000 if year < 50 else 1900  # RFC 5322 section 4.3
        if first > 12 or "." in match[0]:
            first, second = second, first
        return (year, first, second), text[match.end() :]
    return None


def _in_zone(local: datetime, zone: str) -> datetime:
    if match := _OFFSET.search(zone):
        ahead = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
        return local.replace(tzinfo=timezone(ahead if match[1] == "+" else -ahead))
    if zone and zone.upper() not in ("UTC", "GMT", "Z"):
        if "/" in zone:
            try:
                return local.replace(tzinfo=ZoneInfo(zone))
            except (KeyError, ValueError, OSError):
                return local.replace(tzinfo=UTC)
        found, _ = parse_date(f"{local:%Y-%m-%d %H:%M:%S} {zone}")
        if found is not None:
            return found
    return local.replace(tzinfo=UTC)
