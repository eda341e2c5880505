"""Zip files as containers of documents, within bounds, and the XML in them as a stream of events.

Nothing is extracted to disk and no name in a package is ever taken for a path of this machine.
"""

from __future__ import annotations

import io
import lzma
import math
import time
import zipfile
import zlib
from typing import IO, Any, Protocol

from lxml import etree

from riskscan.mail.documents.document import MAX_PARTS, MAX_UNPACKED, MIB, Late, Unreadable
from riskscan.mail.documents.zipgaps import UNNAMED, unnamed

_CHUNK = 1 << 16
BROKEN = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, NotImplementedError,
    RuntimeError, ValueError,
)  # fmt: skip


class Damaged(Unreadable):
    """The rest of one part cannot be read."""


class Target(Protocol):
    """Takes the events of an XML part."""

    def start(self, tag: str, attrs: dict[str, str]) -> None: ...

    def end(self, tag: str) -> None: ...

    def data(self, text: str) -> None: ...

    def close(self) -> None: ...


class Events:
    """A target that passes over all events; its heirs take those that they are after."""

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        return None

    def end(self, tag: str) -> None:
        return None

    def data(self, text: str) -> None:
        return None

    def close(self) -> None:
        return None


class Package:
    """A zip file in memory; raises Unreadable when it is none, or holds too many entries.

    ``until`` as in ``Flow``: nothing is read after it.
    """

    def __init__(self, data: bytes, until: float = math.inf) -> None:
        try:
            self._file = io.BytesIO(data)
            self._zip = zipfile.ZipFile(self._file)
        except BROKEN as error:
            raise Unreadable(f"damaged: {_said(error)}") from None
        self.entries = [e for e in self._zip.infolist() if not e.filename.endswith("/")]
        if len(self.entries) > MAX_PARTS:
            raise Unreadable(f"more than {MAX_PARTS:,} files in it")
        self._by_name = {entry.filename.lstrip("/"): entry for entry in self.entries}
        self._left = MAX_UNPACKED
        self._until = until
        self.faults: list[str] = []

    @property
    def names(self) -> list[str]:
        """The names of the parts, in the order of the zip's directory."""
        return list(self._by_name)

    @property
    def unnamed(self) -> str:
        """Why there is more in the file than its entries, or ""."""
        for start, end in unnamed(self._file, self._zip):
            return f"{UNNAMED} ({end - start:,} bytes at {start:,})"
        return ""

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def read(self, part: str | zipfile.ZipInfo, most: int = MAX_UNPACKED) -> bytes:
        """The bytes of a part, which must not be more than ``most``.

        Raises Unreadable, also when the package has unpacked to more than MAX_UNPACKED by now.
        """
        out = bytearray()
        for chunk in self._chunks(part):
            out += chunk
            if len(out) > most:
                raise Unreadable(f"larger than {most // MIB:,} MiB unpacked")
        return bytes(out)

    def parse(self, part: str, target: Target, *, mend: bool = False) -> None:
        """Send the events of an XML part to ``target``; raises Unreadable at a limit.

        Nothing is loaded, no tree is built, no entity can be declared. Damage ends the part and
        is added to ``faults``; what was sent before it stays sent. ``mend``: tags that are not
        closed are no damage.
        """
        parser: Any = etree.XMLParser(
            target=_NoDoctype(target),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            recover=mend,
        )
        try:
            for chunk in self._chunks(part):
                parser.feed(chunk)
            parser.close()
        except etree.LxmlError as error:
            self.faults.append(f"damaged: {part[:100]}: {str(error)[:150]}")
        except Damaged as error:
            self.faults.append(str(error))

    def _chunks(self, part: str | zipfile.ZipInfo) -> Any:
        entry = self._by_name.get(part) if isinstance(part, str) else part
        if entry is None:
            raise Damaged(f"damaged: no {part} in it")
        if entry.flag_bits & 1:
            raise Unreadable("encrypted")
        try:
            stream: IO[bytes] = self._zip.open(entry)
        except BROKEN as error:
            raise Damaged(f"damaged: {_said(error)}") from None
        with stream:
            while True:
                try:
                    chunk = stream.read(_CHUNK)
                except BROKEN as error:
                    raise Damaged(f"damaged: {_said(error)}") from None
                if not chunk:
                    return
                self._left -= len(chunk)
                if self._left < 0:
                    raise Unreadable(f"larger than {MAX_UNPACKED // MIB:,} MiB unpacked")
                if time.process_time() > self._until:
                    raise Late
                yield chunk


class _NoDoctype:
    """Passes events on, and refuses a document type: ECMA-376 part 2 forbids it, and entities
    that it declares would be expanded (lxml 6 does so for a target, whatever it is told).
    """

    def __init__(self, target: Target) -> None:
        self.start, self.end, self.data = target.start, target.end, target.data
        self.close = target.close

    def doctype(self, *_: object) -> None:
        raise Damaged("damaged: it declares a document type")


def local(tag: str) -> str:
    """A tag or attribute name without its namespace: strict and transitional files differ."""
    return tag.rpartition("}")[2]


def values(attrs: dict[str, str]) -> dict[str, str]:
    """Attributes by their names without namespaces."""
    return {local(name): value for name, value in attrs.items()}


def _said(error: BaseException) -> str:
    return (str(error) or type(error).__name__)[:150]
