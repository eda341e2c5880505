"""Review set exports of Microsoft 365 (Purview eDiscovery), read by their own load file.

``Export_load_file*.csv`` has a row for each item: whose it is and where it lay (Custodian,
Location_name, Compound_path), its file (Export_native_path) and that file's text
(Extracted_text_path). The files lie in numbered folders that tell nothing. Field names are the
"exported field names" of Microsoft's "Document metadata fields in eDiscovery"
(learn.microsoft.com/purview/edisc-ref-document-metadata-fields); its dates are in UTC.

Unlike other load files this one tells hashes of the files themselves, so that a message's source
and place are the file's, and claims find it there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from riskscan.sources.document import Rows, documents
from riskscan.sources.fields import BadRow, Note, Row
from riskscan.sources.item import Event, Item, LimitError, NotRead, SourceError
from riskscan.sources.names import Origin, tree_names
from riskscan.sources.purview import (
    MESSAGE_IDS,
    NATIVE_PATH,
    error_of,
    export_root,
    path_of,
    read_purview_csv,
)
from riskscan.sources.reading import Blob, Reading
from riskscan.sources.stream import Hashing
from riskscan.sources.table import rows

_FIELDS: dict[str, tuple[str, ...]] = {
    "id": ("fileid", "immutableid"),
    "custodians": ("dedupedcustodians", "allcustodians"),
    "from": ("emailsender", "sender", "docauthors", "author", "o365createdby"),
    "to": ("emailto", "to"),
    "cc": ("emailcc", "cc"),
    "bcc": ("emailbcc", "bcc"),
    "subject": ("emailsubject", "subjecttitle", "subject", "subjectortitle"),
    "title": ("doctitle", "title"),
    "date": ("emaildatesent", "sent", "date"),
    "received": ("emaildatereceived", "received"),
    "modified": ("docdatemodified", "o365datemodified", "lastmodifieddate", "docdatecreated"),
    "message id": MESSAGE_IDS,
    "in reply to": ("emailinreplytoid", "inreplytoid"),
    "thread": ("emailconversationid",),
    "file name": ("nativefilename", "filename"),
    "text path": ("extractedtextpath",),
    "md5": ("nativemd5",),
    "sha256": ("nativesha256",),
}
_PLACE = re.compile(r"rows? (\d{1,12})(?:-(\d{1,12}))?(?: \([^\s()]*\))?(?: (.+))?", re.S)
_PAGE = re.compile(r"\.html?\Z", re.I)
_ADDRESS = re.compile(r"[^\s@/]{1,200}@[^\s@/]{1,255}")
_STORES = frozenset({"top of information store", "recoverable items"})
_PROBED = 1_000  # rows


def reviewset_rows(_reading: Reading, blob: Blob) -> Iterator[Row | BadRow | Note]:
    """The documents that a load file names; raises SourceError where the stream breaks.

    Without those whose files are not there, and without pages of conversations, where the files
    beside it are known: they are told and read apart.
    """
    made = _Rows(blob)
    for row in made.all():
        if blob.volume is None or made.is_document(row):
            yield made.row(row)


@dataclass(slots=True, frozen=True)
class _Line:
    """A row of the load file: its number and its values by folded column name."""

    number: int
    values: Mapping[str, str]

    @property
    def path(self) -> str:
        return path_of(self.values)

    @property
    def is_conversation(self) -> bool:
        """Whether its file is the page of a conversation of Teams."""
        kinds = (self.values.get(name, "").casefold() for name in ("fileclass", "itemclass"))
        told = any(k == "conversation" or k.startswith("ipm.skypeteams") for k in kinds)
        return told and _PAGE.search(self.path) is not None


class _Rows:
    """The rows of one load file as the documents of ``document.py``."""

    def __init__(self, blob: Blob) -> None:
        self._blob = blob
        self._root = export_root(blob.origin)[0]
        self._lead: Row | None = None
        self._family = ""

    def all(self) -> Iterator[_Line]:
        """The rows in their order; raises SourceError."""
        for number, values in enumerate(rows(self._blob.stream), 1):
            yield _Line(number, values)

    def is_document(self, line: _Line) -> bool:
        """Whether a row is read as a document: its file or its text is there."""
        if line.path and self._there(line.path):
            return not line.is_conversation
        return self._there(line.values.get("extractedtextpath", ""))

    def _there(self, path: str) -> bool:
        return bool(_found(self._blob, path))

    def row(self, line: _Line) -> Row:
        """The row with its fields, its custodian and folder, and its parent."""
        told = line.values
        values = {
            name: next((told[n] for n in names if told.get(n)), "")
            for name, names in _FIELDS.items()
        }
        if told.get("fileclass", "email").casefold() not in ("email", ""):
            values["message id"] = ""  # its message's
        values["native path"] = line.path
        values["zone"] = "UTC"
        values["custodian"], values["folder"] = self._whose(line)
        if error := error_of(told):
            values["note"] = f"Microsoft 365 tells an error of it: {error}"
        values["id"] = values["id"] or f"row {line.number}"
        family = told.get("familyid", "")
        above = told.get("containerid", "")
        if self._lead is not None and told.get("fileclass", "").casefold() == "attachment":
            lead = self._lead.get("id")
            if (family and family == self._family) or (above and above == lead):
                values["parent"] = lead
        row = Row(line.number, values)
        if "parent" not in values:
            self._lead, self._family = row, family
        return row

    def _whose(self, line: _Line) -> tuple[str, str]:
        """Custodian and folder: as told, else as the folders of the export tell them."""
        *folders, _ = (*self._root.folders, *line.path.split("/"))
        inner = replace(self._root.containers[-1], folders=tuple(folders))
        containers = (*self._root.containers[:-1], inner)
        whose, folder = tree_names(replace(self._root, containers=containers, name="x.eml"))
        told = line.values
        location = told.get("locationname", "") or told.get("location", "")
        if own := told.get("custodian") or (location if _ADDRESS.fullmatch(location) else ""):
            whose = own
        elif whose.isdecimal():
            outside = replace(inner, folders=self._root.folders)
            containers = (*self._root.containers[:-1], outside)
            whose, folder = tree_names(replace(self._root, containers=containers, name="x.eml"))
        return whose, _folder(told.get("compoundpath", "")) or (
            folder if not folder.isdecimal() else ""
        )


def _folder(compound: str) -> str:
    """The mail folder (or that of a site) in a Compound_path, which ends with the item's name."""
    *folders, _ = compound.replace("\\", "/").split("/")
    for number, name in enumerate(folders):
        if name.strip().casefold() in _STORES:
            start = number + (name.strip().casefold() == "top of information store")
            return "/".join(folders[start:])
    if folders and _ADDRESS.fullmatch(folders[0]):
        return "/".join(folders[1:])
    return "/".join(folders)


def _found(blob: Blob, path: str) -> str:
    """The key of the file at a path, "" where there is none."""
    if not path or blob.volume is None:
        return ""
    try:
        return blob.volume.find(path)
    except SourceError:
        return ""


def read_reviewset(reading: Reading, blob: Blob) -> Iterator[Event]:
    """Yield the documents of a review set, and what its load file claims of them.

    Where the files that it names are not beside it (in other archives) it is only a list.
    """
    here = export_root(blob.origin)[1]
    again = _again(blob)
    if not here or again is None or not any(_found(blob, line.path) for line in again(_PROBED)):
        yield from read_purview_csv(reading, blob)
        return
    yield from _ReviewSet(reading, blob).events(again)
    assert blob.volume is not None
    try:
        with blob.volume.open(_found(blob, blob.origin.name)) as (_, stream):
            yield from read_purview_csv(reading, replace(blob, stream=stream))
    except LimitError:
        raise
    except SourceError as error:
        yield from reading.stopped(blob.origin, error)


def _again(blob: Blob) -> Callable[[int | None], Iterator[_Line]] | None:
    """What gives the rows once more, as many as wanted; None where the file is not found again."""
    volume, key = blob.volume, _found(blob, blob.origin.name)
    if volume is None or not key:
        return None

    def lines(most: int | None) -> Iterator[_Line]:
        try:
            with volume.open(key) as (_, stream):
                yield from islice(_Rows(replace(blob, stream=stream)).all(), most)
        except LimitError:
            raise
        except SourceError:
            return  # the reader of its claims meets it again, and tells it

    return lines


class _ReviewSet:
    """One pass over the documents of a review set."""

    def __init__(self, reading: Reading, blob: Blob) -> None:
        self._reading = reading
        self._blob = blob
        self._root = export_root(blob.origin)[0]
        self._source = blob.origin.source
        self._told = bytearray()  # 1 by number for each row that an event speaks of

    def events(self, again: Callable[[int | None], Iterator[_Line]]) -> Iterator[Event]:
        """Yield the documents, then what is left; raises LimitError."""
        rows_of: Rows = reviewset_rows
        # What is passed over must be read all the same, to know which files are left.
        for event in documents("purview", rows_of)(self._reading.apart(), self._blob):
            moved = self._moved(event)
            if not self._reading.passes():
                yield moved
        for line in again(None):
            if line.path and (key := _found(self._blob, line.path)):
                yield from self._rest(line, key)

    def _moved(self, event: Event) -> Event:
        """A message of a file gets that file's place; what is told of a row keeps its own."""
        if not isinstance(event, Item | NotRead) or event.source != self._source:
            return event
        found = _PLACE.fullmatch(event.place)
        if found is None:
            return event
        self._tell(int(found[1]))
        if isinstance(event, NotRead) or not found[3]:
            return event
        folder, _, name = self._root.beside(path_of({NATIVE_PATH: found[3]})).rpartition("/")
        if folder.endswith("!"):
            folder += "/"
        kind = event.format if event.native_sha256 else "eml"
        return replace(event, source=folder, place=name, format=kind)

    def _tell(self, number: int) -> None:
        if number >= len(self._told):
            self._told.extend(bytes(number + 1024 - len(self._told)))
        self._told[number] = 1

    def _rest(self, line: _Line, key: str) -> Iterator[Event]:
        """A file that is no document of its own: a chat's page, or a part of a message."""
        assert self._blob.volume is not None
        if line.number < len(self._told) and self._told[line.number]:
            return
        origin: Origin | None = None
        reason = "a part of a message, listed by the load file for itself"
        try:
            with self._blob.volume.open(key) as (found, stream):
                origin = found
                hashing = Hashing(stream)
                if line.is_conversation:
                    reason = "a conversation's page, as the load file says"
                    inside = Blob(origin, hashing, self._blob.depth + 1)
                    yield from self._page(line, inside)
                hashing.drain()
        except LimitError:
            raise
        except SourceError as error:
            yield from self._reading.not_read(origin or self._blob.origin, str(error))
            return
        if not self._reading.passes():
            source = self._root.beside(line.path)
            yield NotRead(source, "", reason, hashing.size, hashing.sha256, lost=False)

    def _page(self, line: _Line, blob: Blob) -> Iterator[Event]:
        whose = _Rows(self._blob).row(line).get("custodian")
        for event in self._reading.read_as("teams-conversation", blob):
            yield replace(event, custodian=whose) if isinstance(event, Item) else event
