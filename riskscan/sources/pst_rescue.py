"""What libpff cannot read of an Outlook data file, or crashes on: read by pst_nodes, or searched.

libpff opens no file whose trees, or whose map of named properties, are damaged; most of what is in
such a file can be read all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import BinaryIO

from riskscan.sources.item import LimitError, SourceError
from riskscan.sources.mapi import MapiMessage
from riskscan.sources.mapi_damage import DAMAGED
from riskscan.sources.mapi_message import Allowance, message_of
from riskscan.sources.names import shown
from riskscan.sources.pst_checks import Checks
from riskscan.sources.pst_mend import mended
from riskscan.sources.pst_nodes import FOLDERS, HIDDEN, MESSAGE, ROOT, Node, Nodes
from riskscan.sources.pst_parts import NodePart
from riskscan.sources.pst_search import SearchedNodes
from riskscan.sources.pst_tables import Properties

_DEPTH_MAX = 100
_DEEP = "Folders nested too deep"
_PAGE = "a page of the trees that lead to its blocks"


@dataclass(slots=True, frozen=True)
class Found:
    """An item: its node's id, and the folders above it; None where one of them is gone."""

    nid: int
    folder: str | None


class Rescue:
    """An open file without libpff. ``searched`` says that its trees were of no use."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.searched = False
        self.nodes: Nodes | None = None
        with suppress(SourceError):  # without a header there is nothing to go by
            self.nodes = Nodes(file)
        self._leaves: SearchedNodes | None = None
        self._checked: dict[Nodes, Checks] = {}
        self._known: dict[int, Node] = {}
        self.folders: dict[int, str] = {}  # their names, by their ids

    def message(self, nid: int, limit: int, reason: str) -> MapiMessage | None:
        """The item of a node by the file's trees, else by their leaves; raises LimitError.

        ``reason`` is why libpff did not read it. Blocks that are lost are left out and told.
        """
        best: MapiMessage | None = None
        for nodes in self._ways():
            found, sound = self._by(nodes, nid, limit)
            if best is None or sound:
                best = found or best
            if sound:
                break
        if best is not None:
            best.repaired.append(f"read without libpff: {reason}")
        return best

    def checked(self, message: MapiMessage, nid: int, limit: int) -> MapiMessage:
        """A message that libpff read, with what of its blocks is damaged; raises LimitError."""
        if self.nodes is None:
            return message
        doubts = self.nodes.doubts
        try:
            found, sound = mended(self.nodes, self._checks(self.nodes), nid, message, limit)
        except LimitError:
            raise
        except SourceError as error:
            message.repaired.append(f"its blocks cannot be checked: {error}")
            return message
        message = found or message
        if sound and self.nodes.doubts == doubts:
            return message
        # libpff may have followed a damaged page elsewhere; blocks that bear their ids are right.
        ways = [self.nodes] if sound else [] if self.blocks_whole else [self._search()]
        for nodes in ways:
            other, sound = self._by(nodes, nid, limit) if nodes is not None else (None, False)
            if other is not None and sound:
                other.repaired.append(f"read without libpff: {_PAGE} is damaged")
                message = other
        if self.nodes.doubts > doubts and not self._certain(nid):
            message.repaired.insert(0, f"{DAMAGED}: {_PAGE} (its checksum is wrong)")
        return message

    def _certain(self, nid: int) -> bool:
        """Whether a sound leaf says the same of a node as the tree does."""
        leaves = self._search()
        try:
            return (
                leaves is not None
                and self.nodes is not None
                and leaves.node(nid) == self.nodes.node(nid)
            )
        except SourceError:
            return False

    def _by(self, nodes: Nodes, nid: int, limit: int) -> tuple[MapiMessage | None, bool]:
        """The item of a node, and whether all its blocks are sound."""
        message = None
        try:
            part = NodePart(nodes, nodes.node(nid))
            message = message_of(part, allowance=Allowance(limit))
        except LimitError:
            raise
        except SourceError:
            pass  # what is damaged is found below, and told
        try:
            return mended(nodes, self._checks(nodes), nid, message, limit)
        except LimitError:
            raise
        except SourceError:
            return None, False

    @cached_property
    def blocks_whole(self) -> bool:
        """Whether every page of the tree of blocks is as it was written."""
        try:
            return self.nodes is not None and all(bid >= 0 for bid in self.nodes.block_ids())
        except SourceError:
            return False

    @property
    def blind(self) -> bool:
        """Whether damage was looked for in a file whose blocks have no checksums."""
        return any(checks.blind for checks in self._checked.values())

    def damage_of(self, nid: int) -> str:
        """Why the blocks of a node are damaged, or ""; "" too where there is no such node."""
        if self.nodes is None:
            return ""
        try:
            node = self.nodes.node(nid)
        except SourceError:
            return ""
        faults = self._checks(self.nodes).node(node)
        return faults[0].why if faults else ""

    def unseen(self, seen: Set[int]) -> list[int] | None:
        """The items of the tree of nodes that were not seen; None where a page of it is damaged."""
        if self.nodes is None:
            return None
        try:
            return [
                nid
                for nid, _ in self.nodes.listed()
                if nid & 0x1F in (MESSAGE, HIDDEN) and nid not in seen
            ]
        except SourceError:
            return None

    def _checks(self, nodes: Nodes) -> Checks:
        if nodes not in self._checked:
            self._checked[nodes] = Checks(nodes)
        return self._checked[nodes]

    def items(self, top: int, seen: Set[int] = frozenset()) -> Iterator[Found]:
        """All items but those seen, by their ids; the names of the folders start below ``top``."""
        try:
            if self.nodes is None:
                raise SourceError("there are no trees")
            self._known = dict(self.nodes.listed())
        except SourceError:
            self.searched = True
            leaves = self._search()
            self._known = dict(leaves.listed()) if leaves is not None else {}
        for nid in sorted(self._known):
            if nid & 0x1F in (MESSAGE, HIDDEN) and nid not in seen:
                yield Found(nid, self._path(self._known[nid].parent, top))

    def _ways(self) -> Iterator[Nodes]:
        if self.nodes is not None and not self.searched:
            yield self.nodes
        if self.nodes is not None and (leaves := self._search()) is not None:
            yield leaves

    def _search(self) -> SearchedNodes | None:
        if self._leaves is None:
            try:
                self._leaves = SearchedNodes(self._file)
            except SourceError:
                return None
        return self._leaves

    def _path(self, nid: int, top: int) -> str | None:
        names: list[str] = []
        while nid not in (top, ROOT):
            if nid not in self._known or nid & 0x1F not in FOLDERS:
                return None
            if len(names) > _DEPTH_MAX:
                return _DEEP
            names.append(self._name(nid))
            nid = self._known[nid].parent
        return "/".join(reversed(names))

    def _name(self, nid: int) -> str:
        if nid not in self.folders:
            name = f"folder {nid}"
            for nodes in self._ways():
                try:
                    found = Properties(nodes, self._known[nid]).get(0x3001)
                except SourceError:
                    continue
                if found is not None:
                    codec = "utf-16-le" if found[0] == 0x1F else "cp1252"
                    name = found[1].decode(codec, "replace")
                break
            self.folders[nid] = shown(name.replace("/", "_"))
        return self.folders[nid]
