"""Outlook data files (.pst, .ost): folders and their items, through libpff in a child process.

An item that libpff cannot read, or that makes it crash, is read by pst_rescue instead.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from riskscan.sources.isolated import Job, read_isolated
from riskscan.sources.item import Event, Item, LimitError, NotRead, SourceError
from riskscan.sources.mapi import MapiMessage, conversation, medium, no_mail, to_mail
from riskscan.sources.mapi_damage import DAMAGED, list_damage, lost_parts
from riskscan.sources.mapi_message import Allowance, message_of
from riskscan.sources.names import Origin, pst_custodian, shown
from riskscan.sources.pst_nodes import FOLDERS, HIDDEN
from riskscan.sources.pst_parts import PFF_ERRORS, PffPart, PffRecord, short
from riskscan.sources.pst_rescue import Rescue
from riskscan.sources.stream import FileStream, Hashing

if TYPE_CHECKING:
    from riskscan.sources.reading import Blob, Reading

_TOP = 0x8022  # the folder whose folders a person sees, as a rule; MS-PST 2.4.3
_DEPTH_MAX = 100
_STORE = 0x21  # the node of the message store, 2.4.1
_BLOCK_TREE = "a page of its tree of blocks is damaged: items that it held blocks of are told alone"
_BLIND = "its blocks have no checksums: damage inside them would not be noticed"
_ORPHANS = "Orphaned items"
_NOT_ASKED = "an item that no folder holds any more: read with --deleted-items only"
# Message classes of what Outlook keeps for itself, and of what a person wrote.
_OWN = ("ipm.configuration", "ipm.microsoft", "ipm.rule", "ipm.extendedrule", "ipc")
_WRITTEN = ("ipm.note", "ipm.schedule", "ipm.post", "ipm.appointment", "ipm.task", "ipm.activity",
            "ipm.stickynote", "ipm.outlook", "ipm.sharing", "ipm.document", "report")  # fmt: skip
# An object whose item is of another kind than it should be has no such attribute.
_FAULTS = (*PFF_ERRORS, AttributeError, TypeError)


def read_pst(reading: Reading, blob: Blob) -> Iterator[Event]:
    """Yield the items of an Outlook data file, folder by folder."""
    if blob.file is not None:
        yield from _isolated(reading, blob.origin, blob.file)
        return
    with tempfile.TemporaryFile() as spool:
        if (yield from reading.spooled(blob, spool, "a PST")):
            yield from _isolated(reading, blob.origin, spool)


def _isolated(reading: Reading, origin: Origin, file: IO[bytes]) -> Iterator[Event]:
    settings: dict[str, object] = {
        "source": origin.source,
        "custodian": pst_custodian(origin),
        "message": reading.limits.message,
        "deleted": reading.limits.deleted,
    }
    yield from read_isolated(reading, origin, file, f"{__name__}:events", settings)


def events(job: Job) -> Iterator[Event]:
    """The events of the file at hand: runs in the child process."""
    yield from _Walk(job).events()


@dataclass(slots=True)
class _Folder:
    item: Any
    names: tuple[str, ...]
    depth: int


class _Walk:
    """One pass over the folders of a file. Every item, read or not, is one event."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._source = str(job.settings["source"])
        self._custodian = str(job.settings["custodian"])
        self._limit = int(str(job.settings["message"]))
        self._deleted = bool(job.settings["deleted"])
        self._rescue = Rescue(job.file)
        self._seen: set[int] = set()
        self._damaged: set[int] = set()
        self._why = "libpff does not list it"
        self._top = _TOP

    def events(self) -> Iterator[Event]:
        """All items: those of the folders, then those that no folder holds."""
        size = self._job.file.seek(0, 2)
        self._job.file.seek(0)
        reason = self._job.begin("", size)
        file = root = None
        if not reason:
            try:
                import pypff

                file = pypff.file()
                file.open_file_object(self._job.file)
                root = file.get_root_folder()
                reason = "" if root is not None else "it has no root folder"
            except ImportError:
                reason = "libpff-python is not installed"
            except PFF_ERRORS as error:
                reason = short(error)
        if reason:
            yield from self._without_libpff(reason, size)
            yield from self._doubts(size)
            return
        self._top = _top(file)
        yield from self._damage(_STORE, "the store's own properties: where its folders begin")
        waiting = [_Folder(root, (), 0)]
        while waiting:
            below: list[_Folder] = []
            yield from self._folder(waiting.pop(), below)
            waiting.extend(reversed(below))
        yield from self._rest(file, size)

    def _rest(self, file: Any, size: int) -> Iterator[Event]:
        """What the folders did not give: orphans, and what only the tree of nodes has."""
        self._job.begin("the tree of nodes", size)
        unseen = self._rescue.unseen(self._seen)
        if unseen is None:
            yield from self._without_libpff("a page of its tree of nodes is damaged", size)
        yield from self._orphans(file, whole=unseen is not None)
        if unseen is not None and any(nid not in self._seen for nid in unseen):
            yield from self._without_libpff(self._why, size)
        yield from self._doubts(size)

    def _doubts(self, size: int) -> Iterator[NotRead]:
        """The words on the file as a whole."""
        self._job.begin("the tree of blocks", size)
        told = self._rescue.nodes.told_size if self._rescue.nodes is not None else 0
        if told > size:
            yield from self._not_read("", f"cut off: {size:,} of {told:,} bytes are there")
        if self._rescue.nodes is not None and not self._rescue.blocks_whole:
            yield from self._not_read("", _BLOCK_TREE)
        if self._rescue.blind:
            yield from self._not_read("", _BLIND, lost=False)

    def _folder(self, folder: _Folder, below: list[_Folder]) -> Iterator[Event]:
        """The items of a folder; its folders are added to ``below``."""
        place = f"node {folder.item.identifier}"
        name = "/".join(folder.names)
        for nid, what in _folder_nodes(folder.item.identifier):
            yield from self._damage(nid, f"{what} of folder {name!r}")
        for item, kind in self._children(place, folder.item, "sub_items", "sub_item"):
            if kind in FOLDERS:
                yield from self._below(item, folder, below)
            else:
                yield from self._item(item, kind, name)

    def _below(self, item: Any, folder: _Folder, below: list[_Folder]) -> Iterator[Event]:
        place = f"node {item.identifier}"
        if folder.depth >= _DEPTH_MAX:
            reason = (
                f"folders are nested more than {_DEPTH_MAX} deep: the items are read without them"
            )
            yield from self._not_read(place, reason, lost=False)
            return
        try:
            name = item.get_name() or ""
        except _FAULTS:
            name = f"folder {item.identifier}"
        names = (*folder.names, shown(name.replace("/", "_")))
        below.append(_Folder(item, () if item.identifier == self._top else names, folder.depth + 1))

    def _orphans(self, file: Any, whole: bool) -> Iterator[Event]:
        """What libpff finds no folder for: in a file whose tree is not whole that may be wrong."""
        for item, kind in self._children("orphaned items", file, "orphan_items", "orphan_item"):
            if item.identifier in self._seen:
                continue
            if self._deleted or not whole:
                yield from self._item(item, kind, _ORPHANS)
            else:
                self._seen.add(item.identifier)
                yield from self._not_read(f"node {item.identifier}", _NOT_ASKED, lost=False)

    def _damage(self, nid: int, what: str) -> Iterator[NotRead]:
        """The word that a node is damaged that is no item: all items are read without it."""
        if nid in self._damaged:
            return
        why = self._job.begin(f"the blocks of node {nid}") or self._rescue.damage_of(nid)
        if why:
            self._damaged.add(nid)
            reason = f"{DAMAGED}: {what} ({why}); the items are read all the same"
            yield from self._not_read(f"node {nid}", reason)

    def _children(self, place: str, owner: Any, items: str, item: str) -> Iterator[tuple[Any, int]]:
        """What an object of libpff holds, each with the kind of its node.

        What libpff cannot give is left to ``_rest``, which finds it in the tree of nodes.
        """
        if reason := self._job.begin(f"what is in {place}"):
            self._why = reason
            return
        try:
            count = getattr(owner, f"get_number_of_{items}")() or 0
            get: Callable[[int], Any] = getattr(owner, f"get_{item}")
        except _FAULTS as error:
            self._why = f"what is in {place} cannot be read: {short(error)}"
            return
        for at in range(count):
            if reason := self._job.begin(f"{place}, item {at + 1}"):
                self._why = reason
                continue
            try:
                found = get(at)
                kind = found.identifier & 0x1F
            except _FAULTS as error:
                self._why = f"the item cannot be read: {short(error)}"
                continue
            yield found, kind

    def _item(self, item: Any, kind: int, folder: str) -> Iterator[Event]:
        place = f"node {item.identifier}"
        self._seen.add(item.identifier)
        reason = self._job.begin(place)
        if self._job.passes():
            return
        try:
            message = None
            if not reason:
                try:
                    part = PffPart(item, self._rescue.nodes)
                    message = message_of(part, allowance=Allowance(self._limit))
                    message = self._rescue.checked(message, item.identifier, self._limit)
                except LimitError:
                    raise
                except SourceError as error:
                    reason = f"the item cannot be read: {error}"
            if message is None:
                message = self._rescue.message(item.identifier, self._limit, reason)
        except LimitError as error:
            message, reason = None, str(error)
        yield self._told(message, kind, folder, place, reason)

    def _without_libpff(self, reason: str, size: int) -> Iterator[Event]:
        """The items of a file that libpff cannot open, or crashes on; all that were not seen."""
        self._job.begin("the file without libpff", size)
        told = bool(self._seen)
        items = list(self._rescue.items(self._top, self._seen))
        if self._rescue.searched and (items or told):
            what = "the file is damaged: its items were searched for, and some may be missing"
            yield from self._not_read("", f"{what} ({reason})")
        for nid, name in self._rescue.folders.items():
            yield from self._damage(nid, f"the name and properties of folder {name!r}")
        for found in items:
            told = True
            self._seen.add(found.nid)
            place = f"node {found.nid}"
            if found.folder is None and not self._deleted and not self._rescue.searched:
                yield from self._not_read(place, _NOT_ASKED, lost=False)
                continue
            self._job.begin(place)
            if self._job.passes():
                continue
            why = "its blocks are damaged"
            try:
                message = self._rescue.message(found.nid, self._limit, reason)
            except LimitError as error:
                message, why = None, str(error)
            folder = _ORPHANS if found.folder is None else found.folder
            yield self._told(message, found.nid & 0x1F, folder, place, why)
        if not told and not self._job.passes():
            self._job.file.seek(0)
            hashing = Hashing(FileStream(self._job.file))
            hashing.drain()
            reason = f"an Outlook data file (PST or OST) that cannot be read: {reason}"
            yield NotRead(self._source, "", reason, hashing.size, hashing.sha256, lost=True)

    def _told(
        self, message: MapiMessage | None, kind: int, folder: str, place: str, reason: str
    ) -> Event:
        if message is None:
            return NotRead(self._source, place, reason, 0, "", lost=True)
        what = _no_message(message, kind)
        lost = list_damage(message)
        if what:
            # What damage changed may have been a message.
            reason = "; ".join([what, *lost])
            return NotRead(self._source, place, reason, 0, "", lost=bool(lost))
        told = lost_parts(message, lost)  # before a body of RTF is among the attachments
        return Item(
            source=self._source,
            format="pst",
            place=place,
            custodian=self._custodian,
            folder=folder,
            data=to_mail(message),
            medium=medium(message),
            conversation=conversation(message),
            defects=tuple(message.repaired),
            lost=told,
            state="deleted: no folder holds it any more" if folder == _ORPHANS else "",
        )

    def _not_read(self, place: str, reason: str, lost: bool = True) -> Iterator[NotRead]:
        if not self._job.passes():
            yield NotRead(self._source, place, reason, 0, "", lost)


def _folder_nodes(nid: int) -> list[tuple[int, str]]:
    """The nodes of a folder: its own, and those of its tables (MS-PST 2.4.4)."""
    own = nid & ~0x1F
    tables = (
        (0x0D, "the list of folders"),
        (0x0E, "the list of messages"),
        (0x0F, "the list of hidden items"),
    )
    return [(nid, "the name and properties"), *((own | kind, what) for kind, what in tables)]


def _top(file: Any) -> int:
    """The folder whose folders a person sees: PR_IPM_SUBTREE_ENTRYID of the store."""
    try:
        entry = PffRecord(file.get_message_store().get_record_set(0)).get(0x35E0)
    except (SourceError, *_FAULTS):
        return _TOP
    # An entry id ends in the node's id, MS-PST 2.4.3.2.
    return int.from_bytes(entry[1][20:24], "little") if entry and len(entry[1]) == 24 else _TOP


def _no_message(message: MapiMessage, kind: int) -> str:
    """What an item is that is no message, or ""."""
    name = message.message_class.lower()
    about = message.message_class[:100]
    if name.startswith(_OWN):
        return f"a setting of Outlook's own ({about})"
    if name.startswith(_WRITTEN) and not (kind == HIDDEN and not _has_text(message)):
        return ""
    if what := no_mail(message):
        return what
    return "" if _has_text(message) or message.attachments else f"an item without text ({about})"


def _has_text(message: MapiMessage) -> bool:
    return bool((message.text or "").strip() or message.html or message.rtf)
