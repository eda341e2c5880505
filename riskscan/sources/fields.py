"""What the columns of load files and tables mean: names and people as vendors write them."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from string import hexdigits
from typing import NamedTuple

from riskscan.sources.compose import mailbox
from riskscan.sources.table import fold

# Field to the folded names (letters and digits, lower case) of columns that hold it, best first.
_NAMES: dict[str, str] = {
    "id": "docid begdoc begbates controlnumber begcontrol prodbegbates prodbeg begprod begno "
    "begdocno begdocument beginbates begindoc firstbates documentid docno docidbeg controlid "
    "controlno bates batesbeg begcontrolnumber "
    "batesnumber batesno begindocid itemid begbatesnumber batesbegin batesstart startbates "
    "startdoc startingbates beginningbates batescontrol controlnumberbegin dockey fileid "
    "internalfileid tvfileid",
    "parent": "parentid parentdocid parentdoc parent parentbates parentcontrolnumber "
    "parentdocumentid attparentid parentfileid parentdocument tvparentid",
    "range": "attachrange attrange attachmentrange attachrng familyrange attachbatesrange "
    "groupidentifierrange prodattachrange attachmentbatesrange batesrangeoffamily",
    "family": "begattach begattachment attachbeg attbeg begattachbates begattachno begfamily "
    "firstattach beginattachment begattdocno prodbegattach groupidentifier familyid groupid "
    "beginfamily begatt prodbegatt beginattach firstattachment familybeg begattachid begingroup "
    "beggroup familygroup batesbegattach startattach begdocattach startingbatesoffamily "
    "beginningbatesoffamily tvfamilyid",
    "children": "attachids attachmentids attachdocids childids attchids attachdocid "
    "attachmentdocumentids childdocumentids childdocuments childfileids fileidchildlist childbates "
    "attachbates attachmentbates",
    "custodian": "custodian custodianname primarycustodian custodians sourcecustodian "
    "custodianperson",
    "custodians": "allcustodians allcustodian allcustodiannames custodianall dupcustodians "
    "dupcustodian duplicatecustodians duplicatecustodian dedupedcustodians dedupedcustodian "
    "othercustodians custodianlist",
    "from": "from emailfrom sender fromaddress emailsender senderaddress sentby author "
    "emailauthor authors senderorcreatedby "
    "authorsender fromauthor mailfrom docauthors docauthor senderauthor displayfrom "
    "fromsmtpaddress emailsenderfrom fileauthor eauthor vonadresse deadresse dedirección "
    "dedireccion",
    "sender name": "sendername fromname vonname denom denombre",
    "to": "to emailto recipients recipient toaddress torecipients recipientto recipientsto "
    "recipientsintoline displayto mailto emailrecipients tos toaddresses tosmtpaddress receiver "
    "receivers allreceivers anadresse àadresse aadresse paradirección paradireccion",
    "to names": "toname tonames recipientnameto anname ànom anom paranombre",
    "cc": "cc emailcc copyee ccrecipients ccaddress carboncopy recipientsincclines copiedto "
    "recipientsinccline displaycc mailcc ccaddresses ccsmtpaddress recipientcc recipientscc "
    "ccadresse ccdirección ccdireccion",
    "cc names": "ccname ccnames recipientnamecc ccnom ccnombre",
    "bcc": "bcc emailbcc blindcopyee bccrecipients bccaddress blindcarboncopy blindcopiedto "
    "recipientsinbccline displaybcc mailbcc bccaddresses bccsmtpaddress recipientbcc recipientsbcc "
    "bccadresse cciadresse ccodirección ccodireccion",
    "bcc names": "bccname bccnames recipientnamebcc ccinom cconombre",
    "subject": "subject emailsubject subjectline subjectortitle "
    "subjecttitle titlesubject mailsubject emailsubjectline subjectdoctitle documentsubject "
    "filesubject esubject betreff objet asunto",
    "title": "title doctitle documenttitle unifiedtitle filetitle",
    "date": "datesent sentdate senton emaildatesent datetimesent sentdatetime emailsentdate "
    "sentdateandtime maildate emaildate date dateutc timestamp docdate documentdate "
    "masterdate sortdate "
    "sent sortdatetime primarydate familydate emailsentdatetime sentdateutc emaildatetime "
    "sentondate communicationdate itemdate primarydatetime",
    "time": "timesent senttime emailtimesent emailsenttime mailtime time sentontime familytime",
    "received": "datereceived receiveddate receiveddatetime datetimereceived emailreceiveddate "
    "daterecvd datercvd receivedon emaildatereceived received receivedondate",
    "received time": "timereceived receivedtime timerecvd timercvd emailtimereceived "
    "emailreceivedtime receivedontime",
    "modified": "datelastmodified lastmodifieddate lastmodifieddatetime datetimelastmodified "
    "datelastmod lastmodified datemodified modifieddate filemodified filemodifieddate "
    "filedatemodified datecreated createddate",
    "modified time": "timelastmodified lastmodifiedtime timelastmod timemodified modifiedtime "
    "filemodifiedtime filetimemodified",
    "zone": "timezone tz timezoneprocessed processingtimezone timezoneused timezonefield "
    "timezoneproc",
    "message id": "messageid internetmessageid emailmessageid msgid internetmsgid "
    "emailinternetmessageid mid intmsgid",
    "in reply to": "inreplyto emailinreplyto inreplytoid emailinreplytoid",
    "references": "references emailreferences",
    "thread": "threadid conversationid emailthreadid threadgroup emailthreadgroup "
    "emailthreadgroupid threadgroupid "
    "emailconversationid",
    "conversation index": "conversationindex emailconversationindex threadindex "
    "emailprconversationindex conversationfamily",
    "conversation": "conversation thread emailconversation",
    "medium": "medium",
    "state": "state messagestate",
    "role": "attachrole attachmentrole",
    "folder": "folder emailfolder mailfolder folderpath emailfolderpath originalpath "
    "originalfolderpath sourcepath mailstorepath foldername originalfilepath "
    "compoundpath emailcompoundpath folderlabel edfolder mailboxpath pathname virtualpath",
    # The native's in one vendor's load files, its old place in another's.
    "file path": "filepath path",
    "text path": "textpath textlink extractedtextpath textfile textfilepath ocrpath "
    "extractedtextlink linktotext txtpath fulltextpath textfilelink ocrtextpath fulltextfilepath",
    "text": "text body emailbody messagebody bodytext extractedtext ocrtext ocr fulltext content "
    "message plaintext textbody emailtext messagetext textkörper nachrichtentext corps cuerpo",
    "html": "html htmlbody bodyhtml messagehtml",
    "native path": "nativepath nativelink nativefile nativefilepath native nativefilelink "
    "doclink filelink linktonative nativelocation nativefiles exportnativepath docpath itempath",
    "file name": "filename docname originalfilename nativefilename attachmentname documentname "
    "name",
    "attachment names": "attachnames attachmentnames attachmentlist attachments "
    "attachmentfilenames attachname",
    "attachment hashes": "attachmentsha256",
    "attachments": "attachmentpaths attachmentfiles attachmentpath",
    "md5": "md5hash md5 hash hashvalue filehash md5hashvalue hashmd5 documenthash nativemd5 "
    "md5digest",
    "sha1": "sha1hash sha1 hashsha1 sha1hashvalue hashsha shahash sha1digest",
    "text hash": "texthash",
    "sha256": "sha256hash sha256 hashsha256 sha256hashvalue nativesha256 sha256digest",
}
DATES = ("date", "received", "modified")
"""The fields of dates, the one that counts first."""
FIELDS = tuple(_NAMES)
"""All fields; a mapping of a table names some of them."""
_JOINED = frozenset({"to", "cc", "bcc", "attachments", "custodians", "references"})
# Any of these tells of a mail; a native may.
_TELLING = frozenset(
    {"from", "sender name", "to", "date", "received", "subject", "title", "native path"}
)
# Ends of ranges whose beginnings are read, figures, kinds of addresses: nobody misses them.
_COUNT_NAMES = (
    "endbates endbatesno enddoc enddocno endno endcontrol endcontrolnumber enddocid endattach "
    "endattachment endattachno endfamily attend prodendbates prodendattach prodend lastbates "
    "endgroup batesend batesendattach endingbates endingbatesoffamily controlnumberend "
    "fromtype totype cctype bcctype vontyp antyp cctyp bcctyp detype àtype atype ccitype detipo "
    "paratipo cctipo ccotipo "
    "pages pagecount pgcount numpages filesize nativesize docext fileext fileextension extension "
    "attachcount attachmentcount numattach numberofattachments volume prodvolume"
)
_COUNTS = frozenset(_COUNT_NAMES.split())
_SINGLE = frozenset({"id", "parent", "range", "family", "children", "thread"})

_BY_NAME = {
    name: (field, rank)
    for field, names in _NAMES.items()
    for rank, name in enumerate(names.split())
}


_BASE64 = re.compile(r"[A-Za-z0-9+/]{28,400}={0,2}")
_STATES = ("deleted", "edited", "an earlier version")
_STATE_MAX = 300  # characters
_NO_THREAD = frozenset({"", "0", "-1", "-", "n/a", "na", "none", "null", "nan"})
_AN_ID = re.compile(r"(?=[^\s]{0,300}\d)[^\s]{12,300}")


@dataclass(slots=True, frozen=True)
class Named:
    """A file that a row tells of without a path to it: its name, its text, a hash in hex."""

    name: str
    text: str = ""
    sha256: str = ""


class Dated(NamedTuple):
    """What one column of dates holds: the field that it is of, its name, the value."""

    field: str
    column: str
    value: str


@dataclass(slots=True, frozen=True)
class Row:
    """One document of a load file: ``values`` by field ("" or absent: none), ``number`` from 1.

    ``lists`` has those fields whose values the format itself keeps apart, with these; ``native``
    is the native where the load file holds it itself, ``files`` what it tells of attachments.
    ``dated`` has all that its columns of dates hold, those of a field in the order of the columns.
    ``note`` among the values is for the user, ``numbers`` has those of further columns of ``id``.
    """

    number: int
    values: dict[str, str]
    lists: dict[str, tuple[str, ...]] = field(default_factory=dict)
    native: bytes | None = None
    files: tuple[Named, ...] = ()
    dated: tuple[Dated, ...] = ()

    def get(self, field: str) -> str:
        """The value of a field without blanks around it."""
        return self.values.get(field, "").strip()

    def listed(self, field: str) -> list[str]:
        """The values of a list, parted by ``;`` where the format does not keep them apart."""
        if known := self.lists.get(field):
            return list(known)
        return [v.strip() for v in self.get(field).split(";") if v.strip()]

    @property
    def numbers(self) -> frozenset[str]:
        """All numbers that a row is called by; families are told by any of them."""
        told = (self.get("id"), *self.values.get("numbers", "").split("\n"))
        return frozenset(number.strip() for number in told) - {""}

    def column(self, field: str) -> str:
        """The column that a date is from; the field itself where that is not known."""
        return next((one.column for one in self.dated if one.field == field), field)

    def all_custodians(self) -> list[str]:
        """Who held a document, its own custodian among them; [] where that is not told.

        Vendors keep one copy and name in a column who had it.
        """
        others = self.get("custodians")
        # "Quay, Ada, Roe, Bo" are two or four.
        listed = self.listed("custodians") if ";" in others else []
        return listed if self.get("custodian") in listed else []

    @property
    def state(self) -> str:
        """What became of a message, as ``Item.state``; "" where the column tells something else."""
        told = " ".join(self.get("state").split())
        return told[:_STATE_MAX] if told.casefold().startswith(_STATES) else ""

    @property
    def medium(self) -> str:
        """``mail`` or ``chat``, as ``Item.medium``; "" where no column tells it."""
        told = self.get("medium").casefold()
        return told if told in ("mail", "chat") else ""

    @property
    def conversation(self) -> str:
        """What rows of one thread have in common, "" where the columns tell none.

        A "conversation" is often the subject, which is no thread. A Conversation Index has 22
        bytes that a thread has in common, and 5 more for each answer ([MS-OXOMSG] 2.2.1.3).
        """
        if (thread := self.get("thread")).casefold() not in _NO_THREAD:
            return thread
        index = "".join(self.get("conversation index").split())
        if len(index) >= 44 and all(c in hexdigits for c in index):
            return index[:44].upper()
        if len(index) >= 30 and _BASE64.fullmatch(index):
            head = base64.b64decode(index[: len(index) // 4 * 4])[:22]
            return head.hex().upper()
        told = self.get("conversation")
        return told if _AN_ID.fullmatch(told) else index

    def people(self, field: str) -> str:
        """The people of a field as the value of an address field, as ``people`` reads them."""
        if known := self.lists.get(field):
            return ", ".join(shown for p in known[:PEOPLE_MAX] if (shown := _person(p, "")))
        return people(self.get(field))

    def people_left_out(self, field: str) -> int:
        """How many people of a field ``people`` leaves out."""
        if known := self.lists.get(field):
            return max(len(known) - PEOPLE_MAX, 0)
        return sum(1 for _ in _beyond(self.get(field)))

    def sender(self) -> str:
        """Who sent it: one person where one address is told, whatever the name holds."""
        told, name = self.get("from"), self.get("sender name")
        if len(told) <= _PERSON_MAX and told.count("@") == 1 and _ANGLE.fullmatch(told):
            return _person(told, name)
        return people(told, names=[name]) or people(name)


class BadRow(NamedTuple):
    """A row that cannot be read; ``number`` 0 speaks of the file as a whole.

    ``last``: of a run of such rows (unreadable.py), the number of the last one.
    """

    number: int
    reason: str
    size: int = 0
    sha256: str = ""
    last: int = 0

    @property
    def place(self) -> str:
        """Where it stands, ``row 4`` or ``rows 4-9``; "" for the file as a whole."""
        if self.last > self.number:
            return f"rows {self.number}-{self.last}"
        return f"row {self.number}" if self.number else ""


@dataclass(slots=True, frozen=True)
class Note:
    """What is to be said of a load file as a whole; ``lost``: something of it is not read."""

    reason: str
    lost: bool = False


def headers_again(times: int) -> Iterator[Note]:
    """What is to be said of rows that are the header once more, as files put together have it."""
    if times:
        yield Note(f"rows that repeat the header, and are no documents: {times:,}")


class Columns:
    """Which columns of a load file hold which field, by their names or as a mapping says.

    ``alone``: only the columns of the mapping are read.

    Of several columns of a field a row has the first that is not empty, in the order of how well
    their names tell it; but what tells documents from each other is in one column. Columns of one
    name are joined where they list people or files.
    """

    def __init__(
        self,
        header: Sequence[str],
        mapping: Mapping[str, str] | None = None,
        *,
        alone: bool = True,
    ) -> None:
        wanted = {fold(column): (field, -1) for field, column in (mapping or {}).items()}
        # Relativity writes a production's name before those of its own columns.
        names = [fold(name.rpartition("::")[2]) for name in header]
        whole = [fold(name) for name in header]
        known: list[tuple[int, int, str]] = []
        self.unknown: list[str] = []
        for number, (name, full) in enumerate(zip(names, whole, strict=True)):
            found = wanted.get(full) or wanted.get(name)
            if found is None and not (wanted and alone):
                found = _BY_NAME.get(full) or _BY_NAME.get(name)
            if found is not None:
                known.append((found[1], number, found[0]))
            elif name and name not in _COUNTS:
                self.unknown.append(header[number].strip()[:60])
        self._columns: dict[str, list[int]] = {}
        self._numbers: list[int] = []
        for _, number, name in sorted(known):
            if name not in _SINGLE or name not in self._columns:
                self._columns.setdefault(name, []).append(number)
            elif name == "id":
                self._numbers.append(number)
        self._names = names
        self.count = len(names)
        self._dates = [(f, header[n], n) for f in DATES for n in self._columns.get(f, ())]
        self.fields = frozenset(self._columns)

    def note(self) -> Note | None:
        """What is to be said of columns whose names do not tell what they hold."""
        if not self.unknown:
            return None
        more = f" and {len(self.unknown) - 40} more" if len(self.unknown) > 40 else ""
        shown = ", ".join(self.unknown[:40]) + more
        if self.fields & _TELLING:
            return Note(f"columns that are not read: {shown}")
        return Note(
            "no column is known to say who wrote, to whom, when or about what: say which does, as "
            f"in --map from=COLUMN,to=COLUMN,date=COLUMN,subject=COLUMN; not read are {shown}",
            lost=True,
        )

    def values(self, row: Sequence[str]) -> dict[str, str]:
        """The values of a row by field."""
        found = {name: "; ".join(self._filled(name, n, row)) for name, n in self._columns.items()}
        for name in _TOLD_TWICE:
            if names := found.pop(f"{name} names", ""):
                found[name] = _with_names(found.get(name, ""), names)
        if numbers := [row[n] for n in self._numbers if row[n].strip()]:
            found["numbers"] = "\n".join(numbers)
        other = [(name, row[n]) for name in _TOLD_TWICE for n in self._others(name, row)]
        if not other:
            return found
        told = _Told((name, p) for name in _TOLD_TWICE for p in _several(found.get(name, "")))
        beyond = {name: [*_beyond(found[name])] for name in _TOLD_TWICE if name in found}
        for name, value in other:
            for one in _several(value):
                told.add(name, one)
            beyond[name] += _beyond(value)
        return {**found, **{n: "; ".join([told.value(n), *more]) for n, more in beyond.items()}}

    def dated(self, row: Sequence[str]) -> tuple[Dated, ...]:
        """What the columns of dates hold in a row."""
        return tuple(Dated(f, name, row[n]) for f, name, n in self._dates if row[n].strip())

    def lists(
        self, row: Sequence[str], lists: Mapping[int, tuple[str, ...]]
    ) -> dict[str, tuple[str, ...]]:
        """Those of ``lists`` (by column) that are in a row's values, by field."""
        found: dict[str, tuple[str, ...]] = {}
        for name, numbers in self._columns.items():
            first = next((n for n in numbers if row[n].strip()), -1)
            if first in lists:
                found[name] = lists[first]
        return found

    def _others(self, name: str, row: Sequence[str]) -> list[int]:
        """The columns of a field that are not empty, beside those that ``_filled`` takes."""
        filled = [n for n in self._columns.get(name, ()) if row[n].strip()]
        return [n for n in filled if self._names[n] != self._names[filled[0]]]

    def _filled(self, name: str, numbers: list[int], row: Sequence[str]) -> list[str]:
        first = next((n for n in numbers if row[n].strip()), -1)
        if first < 0:
            return [row[numbers[0]]]
        if name not in _JOINED:
            return [row[first]]
        return [row[n] for n in numbers if self._names[n] == self._names[first] and row[n].strip()]


# ---- people

# Beside a column for each kind, vendors have one of all recipients.
_TOLD_TWICE = ("to", "cc", "bcc")


def _with_names(addresses: str, names: str) -> str:
    """A list of people out of a column of their addresses and one of their names.

    Outlook has two columns for each kind. Where one lists more people than the other, nobody knows
    whose name is whose: addresses stay as they are, behind them names that are more than these.
    """
    told, called = _listed(addresses), _listed(names)
    if len(told) == len(called):
        pairs = zip(told, called, strict=True)
        return "; ".join(_paired(address.strip(), name.strip()) for address, name in pairs)
    return "; ".join([*told, *called]) if len(called) > len(told) else addresses


def _paired(address: str, name: str) -> str:
    own, found = _named(address, "")
    return listed_person(own or name, found) if found else address


class _Told:
    """Whom the columns of a row tell, each once where the columns beside them tell them again.

    Somebody is known by the whole address; who has none, by the whole name. What a second telling
    adds to an address or a name alone is taken in its place.
    """

    def __init__(self, own: Iterable[tuple[str, str]]) -> None:
        self._people: list[tuple[str, str]] = []  # field and person
        self._addresses: dict[str, int] = {}
        self._names: dict[str, int] = {}
        self._bare: dict[str, int] = {}  # addresses without a name, names without an address
        for name, person in own:
            self._append(name, person, *_who(person))

    def add(self, name: str, person: str) -> None:
        """Somebody whom another column tells."""
        called, address = _who(person)
        if not called and not address:
            return
        at = self._addresses.get(address) if address else self._names.get(called)
        if at is not None and not (address and called and address in self._bare):
            return
        at = self._bare.get(address or called, self._bare.get(called))
        if at is None or not (address and called):
            self._append(name, person, called, address)
            return
        self._people[at] = self._people[at][0], person
        self._bare.pop(address, None)
        self._bare.pop(called, None)
        self._addresses[address] = at
        self._names.setdefault(called, at)

    def value(self, name: str) -> str:
        """The people of a field."""
        return "; ".join(person for field, person in self._people if field == name)

    def _append(self, name: str, person: str, called: str, address: str) -> None:
        at = len(self._people)
        self._people.append((name, person))
        if address:
            self._addresses.setdefault(address, at)
        if called:
            self._names.setdefault(called, at)
        if not (address and called):
            self._bare.setdefault(address or called, at)


def _who(person: str) -> tuple[str, str]:
    """Name and address of a person for comparison; "Quill, Nora" is "Nora Quill"."""
    name, address = _named(person, "")
    words = [" ".join(part.split()) for part in name.replace('"', "").split(",")]
    return " ".join(reversed(words) if len(words) == 2 else words).casefold(), address.casefold()


_BETWEEN = re.compile(r"[ |,/&+]*")
# Nothing in angle brackets is given back: each character there is looked at once.
_ANGLE = re.compile(
    r"\s*+(|\S(?:.{0,498}?\S)?)\s*+"
    r"(?:[<\[(]\s*+(@?[^\s<>\[\]()@]{1,320}+@[^\s<>\[\]()]{1,255}+)\s*+[>\])]"
    r"|<\s*+(/[oO]=[^<>;]{1,500}+)>)"
)
_BARE = re.compile(
    r"\s*+<?\s*+([^\s<>@,]{1,320}+@[^\s<>@,;]{1,255}+|/[oO]=[^<>;]{1,500}+)\s*+>?\s*+\Z"
)
_KIND = re.compile(r"(?<![^\s<\[(])(?:SMTP|mailto|EX|NOTES)[:=]\s*", re.I)
# A name of Notes: "Ada Quay/HQ/Rivers@Rivers", "CN=Ada Quay/OU=HQ/O=Rivers@Rivers".
_NOTES = re.compile(
    r"\s*+(?:CN=)?([^/@<>;,\"]{1,100})(?:/[^/@<>;\"]{1,100}){1,8}@[^@.<>;,\"]{1,100}\Z"
)
PEOPLE_MAX = 10_000
"""People of a field that are read: as many as of a header of mail."""
_PERSON_MAX = 1_000  # characters that are searched for an address
# A name in quotes and an address behind it, of which nothing parts people (RFC 5322 section 3.4).
_QUOTED = re.compile(
    r"[ \t]*+\"((?:[^\"\\\r\n]|\\[^\r\n]){0,1000}+)\"[ \t]*+<([^<>\r\n]{0,600}+)>[ \t]*+"
)
_UNQUOTED = re.compile(r"\\(.)")
_PARTS = re.compile(r"[;\r\n]")


def listed_person(name: str, address: str) -> str:
    """A person as one of a list that ";" parts, so that ``people`` reads the same person there.

    ``Name <address>``; the name is in quotes where it would be read as something else.
    """
    name, address = (" ".join(part.split()) for part in (name, address))
    if name == address:
        name = ""
    shown = f"{name} <{address}>" if name and address else name or address
    if not shown:
        return ""
    if list(_several(shown)) == [shown] and (not name or _named(shown, "") == (name, address)):
        return shown
    told = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{told}" <{address}>'


def people(value: str, *, names: Iterable[str] = ()) -> str:
    """A list of people as the value of an address field (RFC 5322 section 3.4).

    ``;`` or a line end parts them, or a comma where each piece then holds an address; a name
    may be "Quill, Nora".
    """
    given = iter(names)
    return ", ".join(shown for p in _several(value) if (shown := _person(p, next(given, ""))))


def _parted(value: str) -> list[str]:
    """The pieces of a list of people between ";" and line ends, those in a quoted name left out."""
    if '"' not in value:
        return [p for p in re.split(r"[;\r\n]+", value) if p.strip()]
    pieces: list[str] = []
    at = 0
    while at < len(value):
        end = at
        # Commas part people, too.
        while quoted := _QUOTED.match(value, end):
            end = quoted.end()
            if value[end : end + 1] != ",":
                break
            end += 1
        parts = _PARTS.search(value, end)
        end = parts.start() if parts else len(value)
        pieces.append(value[at:end])
        at = end + 1
    return [p for p in pieces if p.strip()]


def _listed(value: str) -> list[str]:
    """The pieces of a list of people, each of one or few: between commas where no ";" is."""
    several = _parted(value)
    if len(several) == 1 and value.count("@") > 1 and not _QUOTED.fullmatch(several[0]):
        return _commas(value)
    return several


def _several(value: str) -> Iterator[str]:
    """The people of a list that are read, as they are written."""
    return islice(_everybody(value), PEOPLE_MAX)


def _beyond(value: str) -> Iterator[str]:
    """The people of a list behind those that are read."""
    # So short a list, or one so seldom parted, has no more; most are.
    if len(value) <= PEOPLE_MAX or sum(map(value.count, ";\r\n,@<")) < PEOPLE_MAX:
        return iter(())
    return islice(_everybody(value), PEOPLE_MAX, None)


def _everybody(value: str) -> Iterator[str]:
    for one in _listed(value):
        yield from _pieces(one.strip())


def _pieces(text: str) -> Iterator[str]:
    """Whom one piece of a list names: several where "|" or the like parts addresses."""
    if _QUOTED.fullmatch(text):
        yield text
        return
    at, last = 0, text.rfind("@")
    while (match := _ANGLE.match(text, at, at + _PERSON_MAX)) and last >= match.end():
        yield match[0]
        between = _BETWEEN.match(text, match.end())
        at = between.end() if between else match.end()
    yield text[at:]


def _commas(value: str) -> list[str]:
    """Pieces between commas; those without an address belong to the next ("Quill, Nora <n@x>")."""
    pieces: list[str] = []
    waiting: list[str] = []
    for piece in value.split(","):
        waiting.append(piece)
        if "@" in piece:
            pieces.append(",".join(waiting).strip())
            waiting = []
    rest = ",".join(waiting).strip()
    return [*pieces, rest] if rest else pieces


def _person(text: str, name: str) -> str:
    return mailbox(*_named(text, name))


def _named(text: str, name: str) -> tuple[str, str]:
    """Name and address of a person; ``name`` where the text has none."""
    if quoted := _QUOTED.fullmatch(text):
        return _UNQUOTED.sub(r"\1", quoted[1]).strip(), _KIND.sub("", quoted[2]).strip()
    text = _KIND.sub("", text[:_PERSON_MAX]) + text[_PERSON_MAX:]
    if match := _NOTES.match(text[:_PERSON_MAX]):
        return match[1].strip(), text.strip()
    if match := _BARE.match(text[:_PERSON_MAX]):
        return name, match[1]
    if match := _ANGLE.match(text[:_PERSON_MAX]):
        return match[1].strip("\"' ") or name, match[2] or match[3]
    return text.strip().strip("\"'"), ""
