"""Microsoft 365 (Purview eDiscovery) papers: load files, item reports and the manifest, as claims.

Read are ``Export_load_file*.csv`` of review set exports (fields after Microsoft's "Document
metadata fields in eDiscovery": Export_native_path, Native_size, Native_MD5, Native_SHA_256,
Email_message_ID), ``Results.csv`` of searches and ``Items_*.csv`` of today's portal, whose Target
path begins with the name of the archive, and ``manifest.xml`` (EDRM XML). Reports that list no
exported mail are companions.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace

from riskscan.sources.digests import KINDS
from riskscan.sources.edrm_xml import Document, documents
from riskscan.sources.item import Claim, Event
from riskscan.sources.names import Container, Origin
from riskscan.sources.paper import Paper, counted, message_id, read_paper
from riskscan.sources.reading import Blob, Reading
from riskscan.sources.stream import Stream
from riskscan.sources.table import fold, rows

_PLACES_MAX = 10_000
_MAIL_FILE = re.compile(r"\.(eml|msg)\Z", re.I)
_ZIP = re.compile(r"([^/]{1,255}\.zip)/", re.I)
_STORE = re.compile(r"\A(.{1,1000}?\.pst)(?:/|\Z)", re.I)
_REPORTS = re.compile(r"reports?\Z|reports?[-_. ].*", re.I)
_IDS = ("emailmessageid", "internetmessageid", "emailinternetmessageid", "messageid")
# Items of a mailbox that are no messages.
_NO_MAIL = re.compile(r"IPM\.(contact|distlist|configuration|microsoft)\b", re.I)
_PATHS = ("exportnativepath", "targetpath")


@dataclass(slots=True, frozen=True)
class _Listed:
    """One item that an export lists: its path in the export, and what is said of it.

    ``mail`` is False for what is known to be no message, as an attachment listed for itself.
    """

    path: str
    mail: bool = True
    message_id: str = ""
    size: str = ""
    hashes: tuple[str, ...] = ()


class _List(Paper):
    """A list of exported items, whatever it is written in."""

    what = ""

    def claims(self, stream: Stream) -> Iterator[Claim]:
        count = 0
        places: dict[str, int] = {}
        root, here = _root(self.origin)
        for item in self._items(stream):
            count += 1
            archive = _ZIP.match(item.path)
            path = f"{archive[1]}!/{item.path[archive.end() :]}" if archive else item.path
            store = _STORE.match(path)
            if not item.mail or (store is None and not _MAIL_FILE.search(path)):
                continue
            if item.message_id:
                yield from self.claim(root, "", "message id", item.message_id)
            if not here and not archive:
                continue
            place = store[1] if store else ""
            if store is None:
                place = archive[1] if archive else path.rpartition("/")[0].partition("/")[0]
                yield from self._file(root, path, item)
            if place and (place in places or len(places) < _PLACES_MAX):
                places[place] = places.get(place, 0) + 1
        for place, messages in places.items():
            yield from self.claim(root, place, "messages", str(messages))
        self.words = f"{self.what} of {counted(count, 'item')}"

    def _file(self, root: Origin, path: str, item: _Listed) -> Iterator[Claim]:
        if item.size.isascii() and item.size.isdigit() and len(item.size) < 19:
            yield from self.claim(root, path, "bytes", str(int(item.size)))
        for value in item.hashes:
            digest = value.strip().lower()
            if (kind := KINDS.get(len(digest))) and set(digest) <= set("0123456789abcdef"):
                yield from self.claim(root, path, kind, digest)

    @abstractmethod
    def _items(self, stream: Stream) -> Iterator[_Listed]:
        """What the list names, in its order."""


class _Table(_List):
    what = "Microsoft 365's list"

    def _items(self, stream: Stream) -> Iterator[_Listed]:
        for row in rows(stream):
            # A duplicate is listed, and not exported again.
            if row.get("duplicatetoitem"):
                continue
            path = next((row[p] for p in _PATHS if row.get(p)), "").replace("\\", "/").strip("/")
            native = "exportnativepath" in row
            yield _Listed(
                path,
                _is_mail(row),
                message_id(next((row[i] for i in _IDS if row.get(i)), "")),
                # Elsewhere "Size" is the mailbox's figure, not that of the exported file.
                row.get("nativesize", "") if native else "",
                (row.get("nativemd5", ""), row.get("nativesha256", "")) if native else (),
            )


def _is_mail(row: dict[str, str]) -> bool:
    """Whether a row may be a message, by its classes where the table has such columns."""
    if row.get("fileclass", "email").casefold() not in ("email", ""):
        return False
    item_class = row.get("itemclass", "IPM.Note")
    return bool(item_class) and not _NO_MAIL.match(item_class)


class _Manifest(_List):
    what = "Microsoft 365's manifest"

    def _items(self, stream: Stream) -> Iterator[_Listed]:
        for document in documents(stream):
            yield from _natives(document)


def _natives(document: Document) -> Iterator[_Listed]:
    tags = document.by_name()
    own = message_id(next((tags[i] for i in _IDS if tags.get(i)), ""))
    for kind, attributes in document.files:
        file = {fold(name): value for name, value in attributes.items()}
        if fold(file.get("filetype") or kind or "native") != "native":
            continue
        parts = (file.get("filepath", ""), file.get("filename", ""))
        path = "/".join(p.replace("\\", "/").strip("/") for p in parts if p)
        yield _Listed(path, True, own, file.get("filesize", ""), (file.get("hash", ""),))


class _Report(Paper):
    """A report without exported mail: only how long it is."""

    def claims(self, stream: Stream) -> Iterator[Claim]:
        count = sum(1 for _ in rows(stream))
        self.words = f"a report of Microsoft 365, {counted(count, 'row')}"
        yield from ()


def _root(origin: Origin) -> tuple[Origin, bool]:
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
    """Yield that a report is a companion."""
    yield from read_paper(_Report(blob.origin), reading, blob)
