"""Microsoft 365 (Purview eDiscovery) papers: load files, item reports and the manifest, as claims.

Read are ``Export_load_file*.csv`` of review set exports (fields after Microsoft's "Document
metadata fields in eDiscovery": Export_native_path, Native_size, Native_MD5, Native_SHA_256,
Email_message_ID; reviewset.py reads the documents that they name), ``Results.csv`` of searches and
``Items_*.csv`` of today's portal, whose Target path begins with the name of the archive, and
``manifest.xml`` (EDRM XML). What a list says was not exported is told as not read, as are the
entries of reports of errors and skipped items; other reports are companions.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from riskscan.sources.chat import storable
from riskscan.sources.digests import KINDS
from riskscan.sources.edrm_xml import Document, documents
from riskscan.sources.item import Claim, Event, NotRead
from riskscan.sources.names import Container, Origin
from riskscan.sources.paper import Paper, counted, message_id, read_paper
from riskscan.sources.reading import Blob, Reading
from riskscan.sources.stream import Stream
from riskscan.sources.table import fold, rows

_PLACES_MAX = 10_000
_ZIP = re.compile(r"([^/]{1,255}\.zip)/", re.I)
_STORE = re.compile(r"\A(.{1,1000}?\.pst)(?:/|\Z)", re.I)
# Some lists name an attachment below the file of its message.
_INSIDE = re.compile(r"\A(.{1,1000}?\.(?:eml|msg))/", re.I)
_REPORTS = re.compile(r"reports?\Z|reports?[-_. ].*", re.I)
MESSAGE_IDS = ("emailmessageid", "internetmessageid", "emailinternetmessageid", "messageid")
# Items of a mailbox that are no messages.
_NO_MAIL = re.compile(r"IPM\.(contact|distlist|configuration|microsoft)\b", re.I)
NATIVE_PATH = "exportnativepath"
_PATHS = (NATIVE_PATH, "targetpath")
_ERRORS = ("errorcode", "errormessage", "errortype", "errortags", "errors", "failurereason")
_NO_ERROR = frozenset({"", "0", "none", "success", "noerror", "no"})
_TOLD = (
    "subject", "subjecttitle", "subjectortitle", "emailsubject", "nativefilename", "emailsender",
    "senderorcreatedby", "sender", "emaildatesent", "sent", "locationname", "originalpath",
    "compoundpath", "itemidentity", "immutableid", "fileid",
)  # fmt: skip
# Reports of what was not exported; a Target path says that it was, all the same.
_LOSSES = re.compile(r"skipped|unindexed|partially[ _]indexed|errors?(?![a-z])", re.I)
_WARNING = re.compile(r"warning|info", re.I)


@dataclass(slots=True, frozen=True)
class _Listed:
    """One item that an export lists: its path in the export, and what is said of it.

    ``mail``: it may be a message. ``item``: it is one of a mailbox, and not an attachment or file
    listed for itself. ``lost`` says why it is not in the export, ``twice`` of which it is a copy.
    """

    path: str
    mail: bool = True
    item: bool = True
    message_id: str = ""
    size: str = ""
    hashes: tuple[str, ...] = ()
    lost: str = ""
    twice: str = ""


class _List(Paper):
    """A list of exported items, whatever it is written in."""

    what = ""

    def claims(self, stream: Stream) -> Iterator[Claim | NotRead]:
        count = 0
        places: dict[str, int] = {}
        root, here = export_root(self.origin)
        for item in self._items(stream):
            count += 1
            if item.twice or item.lost:
                reason = item.twice or item.lost
                lost = not item.twice
                yield NotRead(self.origin.source, f"row {count}", reason, 0, "", lost)
                if not lost:
                    continue
            if item.mail and item.message_id:
                yield from self.claim(root, "", "message id", item.message_id)
            if item.lost or not item.path:
                continue
            archive = _ZIP.match(item.path)
            path = f"{archive[1]}!/{item.path[archive.end() :]}" if archive else item.path
            if not here and not archive:
                continue
            if store := _STORE.match(path):
                place = store[1]
                if item.item and (place in places or len(places) < _PLACES_MAX):
                    places[place] = places.get(place, 0) + 1
            else:
                yield from self._file(root, path, item)
        for place, items in places.items():
            yield from self.claim(root, place, "items", str(items))
        self.words = f"{self.what} of {counted(count, 'item')}"

    def _file(self, root: Origin, path: str, item: _Listed) -> Iterator[Claim]:
        """What is claimed of a file: size and hashes where they are told, or that it is there."""
        if outer := _INSIDE.match(path):
            yield from self.claim(root, outer[1], "file", "")
            return
        told = False
        if item.size.isascii() and item.size.isdigit() and len(item.size) < 19:
            told = True
            yield from self.claim(root, path, "bytes", str(int(item.size)))
        for value in item.hashes:
            digest = value.strip().lower()
            if (kind := KINDS.get(len(digest))) and set(digest) <= set("0123456789abcdef"):
                told = True
                yield from self.claim(root, path, kind, digest)
        if not told:
            yield from self.claim(root, path, "file", "")

    @abstractmethod
    def _items(self, stream: Stream) -> Iterator[_Listed]:
        """What the list names, in its order."""


class _Table(_List):
    what = "Microsoft 365's list"

    def _items(self, stream: Stream) -> Iterator[_Listed]:
        for row in rows(stream):
            native = NATIVE_PATH in row
            # Where there are no natives, an attachment has its message's path.
            attached = not native and row.get("type", "").casefold() == "attachment"
            path = "" if attached else path_of(row)
            twice = lost = ""
            if of := row.get("duplicatetoitem"):
                # A duplicate is listed, and not exported again.
                twice = f"a duplicate of item {storable(of)}, not exported again{_told_of(row)}"
            elif not path and (_is_mail(row) or error_of(row)):
                lost = not_exported(row)
            yield _Listed(
                path,
                _is_mail(row),
                _is_item(row),
                message_id(next((row[i] for i in MESSAGE_IDS if row.get(i)), "")),
                # Elsewhere "Size" is the mailbox's figure, not that of the exported file.
                row.get("nativesize", "") if native else "",
                (row.get("nativemd5", ""), row.get("nativesha256", "")) if native else (),
                lost,
                twice,
            )


def path_of(row: Mapping[str, str]) -> str:
    """The path of a row's file in the export, with slashes; "" for none."""
    return next((row[p] for p in _PATHS if row.get(p)), "").replace("\\", "/").strip("/")


def error_of(row: Mapping[str, str]) -> str:
    """What a row says went wrong with its item, "" for nothing."""
    told = (row.get(name, "") for name in _ERRORS)
    return storable("; ".join(t for t in told if t.casefold() not in _NO_ERROR))


def not_exported(row: Mapping[str, str]) -> str:
    """Why the item of a row is not in the export, and which it is."""
    error = error_of(row)
    return f"Microsoft 365 did not export it{f' ({error})' if error else ''}{_told_of(row)}"


def _told_of(row: Mapping[str, str]) -> str:
    told = [row[name] for name in _TOLD if row.get(name)]
    told += [v for name in MESSAGE_IDS if (v := row.get(name, ""))]
    return storable(f": {'; '.join(told)}") if told else ""


def _is_mail(row: Mapping[str, str]) -> bool:
    """Whether a row may be a message, by its classes where the table has such columns."""
    if row.get("fileclass", "email").casefold() not in ("email", ""):
        return False
    item_class = row.get("itemclass", "IPM.Note")
    return bool(item_class) and not _NO_MAIL.match(item_class)


def _is_item(row: Mapping[str, str]) -> bool:
    """Whether a row may be an item of a mailbox, and not an attachment listed for itself."""
    return bool(row.get("itemclass", "IPM.Note")) and row.get("type", "").casefold() != "attachment"


class _Manifest(_List):
    what = "Microsoft 365's manifest"

    def _items(self, stream: Stream) -> Iterator[_Listed]:
        for document in documents(stream):
            yield from _natives(document)


def _natives(document: Document) -> Iterator[_Listed]:
    tags = document.by_name()
    own = message_id(next((tags[i] for i in MESSAGE_IDS if tags.get(i)), ""))
    for kind, attributes in document.files:
        file = {fold(name): value for name, value in attributes.items()}
        if fold(file.get("filetype") or kind or "native") != "native":
            continue
        parts = (file.get("filepath", ""), file.get("filename", ""))
        path = "/".join(p.replace("\\", "/").strip("/") for p in parts if p)
        yield _Listed(path, True, True, own, file.get("filesize", ""), (file.get("hash", ""),))


class _Report(Paper):
    """A report without exported mail: what it says was lost, or only how long it is."""

    def claims(self, stream: Stream) -> Iterator[NotRead]:
        losses = _LOSSES.search(self.origin.name) is not None
        count = 0
        for row in rows(stream):
            count += 1
            if losses and not path_of(row) and not _WARNING.search(row.get("severity", "")):
                yield NotRead(self.origin.source, f"row {count}", _entry(row), 0, "", True)
        self.words = f"a report of Microsoft 365, {counted(count, 'row')}"


def _entry(row: Mapping[str, str]) -> str:
    told = "; ".join(f"{name} {value}" for name, value in row.items() if name and value)
    return storable(f"Microsoft 365 did not export it whole: {told}")


def export_root(origin: Origin) -> tuple[Origin, bool]:
    """The export's root as seen from one of its lists, and whether its paths start there.

    Today's portal packs the lists into a ``Reports`` archive of their own beside the archives
    with the items: which of these holds an item, only a path that begins with its name says.
    """
    *outer, inner = origin.containers
    if outer and not inner.folders and _REPORTS.match(inner.name):
        return replace(origin, containers=tuple(outer)), False
    if inner.folders and _REPORTS.match(inner.folders[-1]):
        above = Container(inner.name, inner.folders[:-1])
        return replace(origin, containers=(*outer, above)), True
    return origin, True


def read_purview_csv(reading: Reading, blob: Blob) -> Iterator[Event]:
    """Yield what a load file or item report claims: Message-IDs, counts, sizes and hashes."""
    yield from read_paper(_Table(blob.origin), reading, blob)


def read_purview_xml(reading: Reading, blob: Blob) -> Iterator[Event]:
    """Yield what a ``manifest.xml`` claims."""
    yield from read_paper(_Manifest(blob.origin), reading, blob)


def read_purview_report(reading: Reading, blob: Blob) -> Iterator[Event]:
    """Yield what a report says was not exported, and that it is a companion."""
    yield from read_paper(_Report(blob.origin), reading, blob)
