"""Word documents (.docx, .docm, .dotx): body, notes, comments, margins; charts, diagrams."""

from __future__ import annotations

import re

from riskscan.mail.documents.flow import Flow
from riskscan.mail.documents.hanging import Hanging
from riskscan.mail.documents.markup import Markup
from riskscan.mail.documents.package import Package

_BEHIND = (
    re.compile(r"word/footnotes\d{0,3}\.xml"),
    re.compile(r"word/endnotes\d{0,3}\.xml"),
    re.compile(r"word/comments\d{0,3}\.xml"),
    re.compile(r"word/header\d{0,3}\.xml"),
    re.compile(r"word/footer\d{0,3}\.xml"),
)


def read_word(package: Package, flow: Flow) -> None:
    """Send all text of the document to ``flow``; raises Unreadable."""
    body = re.compile(r"word/document\d{0,3}\.xml")
    hanging = Hanging(package, flow)
    texts: list[str] = []
    for shape in (body, *_BEHIND):
        for name in filter(shape.fullmatch, sorted(package.names)):
            flow.section()
            package.parse(name, Markup(flow))
            texts.append(name)
    for name in texts:
        hanging.of(name)
    hanging.rest()
