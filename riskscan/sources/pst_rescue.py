"""What libpff cannot read of an Outlook data file, or crashes on: read by pst_nodes, or searched.

libpff opens no file whose trees, or whose map of named properties, are damaged; most of what is in
such a file can be read all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO

from riskscan.sources.item import LimitError, SourceError
from riskscan.sources.mapi import MapiMessage
from riskscan.sources.mapi_message import Allowance, message_of
from riskscan.sources.names import shown
from riskscan.sources.pst_nodes import FOLDERS, HIDDEN, MESSAGE, ROOT, Node, Nodes
from riskscan.sources.pst_parts import NodePart
from riskscan.sources.pst_search import SearchedNodes
from riskscan.sources.pst_tables import Properties

_DEPTH_MAX = 100


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
        self._known: dict[int, Node] = {}
        self._names: dict[int, str] = {}

    def message(self, nid: int, limit: int, reason: str) -> MapiMessage | None:
        """The item of a node by the file's trees, else by their leaves; raises LimitError.

        ``reason`` is why libpff did not read it.
        """
        for nodes in self._ways():
            try:
                part = NodePart(nodes, nodes.node(nid))
                message = message_of(part, allowance=Allowance(limit))
            except LimitError:
                raise
            except SourceError:
                continue
            message.repaired.append(f"read without libpff: {reason}")
            return message
        return None

    def whole(self) -> bool:
        """Whether every page of the tree of nodes is as it was written."""
        try:
            return self.nodes is not None and all(nid >= 0 for nid, _ in self.nodes.listed())
        except SourceError:
            return False

    def items(self, top: int, seen: Set[int] = frozenset()) -> Iterator[Found]:
        """All items but those seen, by their ids; the names of the folders start below ``top``."""
        try:
            self._known = dict(self.nodes.listed()) if self.nodes is not None else {}
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
            if nid not in self._known or len(names) > _DEPTH_MAX or nid & 0x1F not in FOLDERS:
                return None
            names.append(self._name(nid))
            nid = self._known[nid].parent
        return "/".join(reversed(names))

    def _name(self, nid: int) -> str:
        if nid not in self._names:
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
            self._names[nid] = shown(name.replace("/", "_"))
        return self._names[nid]
