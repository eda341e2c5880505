"""OpenDocument files (.odt, .ods, .odp and their templates; ISO/IEC 26300)."""

from __future__ import annotations

import re

from riskscan.mail.documents.document import Unreadable
from riskscan.mail.documents.flow import Flow
from riskscan.mail.documents.package import Events, Package, local, values

_PARAGRAPHS = frozenset({"p", "h"})
_OBJECT = re.compile(r"[^/]{1,100}/content\.xml")  # a chart or a sheet inside
_WRITER = frozenset({"creator", "date", "creator-initials", "date-string"})


class _Content(Events):
    def __init__(self, flow: Flow, only_margins: bool = False) -> None:
        self._flow = flow
        self._inside: list[str] = []
        self._paragraphs = 0
        self._margins = 0 if only_margins else 1
        self._deleted = False
        self._writer: list[str] = []

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        name = local(tag)
        self._inside.append(name)
        if name in ("header", "footer", "header-left", "footer-left"):
            self._margins += 1
        elif name in _PARAGRAPHS:
            self._paragraphs += 1
        elif name == "s":
            number = values(attrs).get("c", "1")
            self._flow.add(" " * (int(number) if re.fullmatch(r"\d{1,3}", number) else 1))
        elif name == "tab":
            self._flow.add("\t")
        elif name == "line-break":
            self._flow.add("\n")
        elif name == "annotation":
            self._flow.add(" [comment: ")
        elif name == "deletion":
            self._flow.section("Deleted:")
        elif name == "table" and (title := values(attrs).get("name")):
            self._flow.section(f"Table {title}:")
        elif name == "page":
            self._flow.section()
        elif name == "notes":
            self._flow.section("Notes:")

    def end(self, tag: str) -> None:
        name = local(tag)
        if self._inside:
            self._inside.pop()
        if name in ("header", "footer", "header-left", "footer-left"):
            self._margins -= 1
        elif name in _PARAGRAPHS:
            self._paragraphs = max(0, self._paragraphs - 1)
            self._flow.paragraph()
        elif name == "annotation":
            self._flow.join()
            self._flow.add("] ")
        elif name in ("table-cell", "covered-table-cell"):
            self._flow.cell()
        elif name in ("table-row", "table"):
            self._flow.row()
        elif name == "deletion":
            self._flow.section()

    def data(self, text: str) -> None:
        if not self._margins:
            return
        if self._inside and self._inside[-1] in _WRITER:
            if self._inside[-1] == "creator":
                self._flow.add(f"{text}: ")
        elif self._paragraphs:
            self._flow.add(text)


class _Manifest(Events):
    encrypted = False

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        if local(tag) == "encryption-data":
            self.encrypted = True


def read_opendocument(package: Package, flow: Flow) -> None:
    """Send the text of content, then of headers and footers, to ``flow``; raises Unreadable.

    Tracked deletions come first, as they do in the file; comments stand in brackets.
    """
    if "META-INF/manifest.xml" in package:
        manifest = _Manifest()
        package.parse("META-INF/manifest.xml", manifest)
        if manifest.encrypted:
            raise Unreadable("encrypted")
    package.parse("content.xml", _Content(flow))
    for name in filter(_OBJECT.fullmatch, package.names):
        flow.section()
        package.parse(name, _Content(flow))
    if "styles.xml" in package:
        flow.section()
        package.parse("styles.xml", _Content(flow, only_margins=True))
