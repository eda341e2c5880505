"""Presentations (.pptx, .pptm, .ppsx): slides in their order, each with its notes; comments."""

from __future__ import annotations

import re

from riskscan.mail.documents.flow import Flow
from riskscan.mail.documents.markup import Markup
from riskscan.mail.documents.package import Events, Package, local, values
from riskscan.mail.documents.relations import related

_MAIN = "ppt/presentation.xml"
_SLIDE = re.compile(r"ppt/slides/slide(\d{1,6})\.xml")
_MORE = {"comments": "Comments:", "diagramData": "", "chart": ""}


class _Order(Events):
    """The ids of the slides as the presentation shows them."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        if local(tag) == "sldId":
            # Two attributes are called id: the relationship's is the one with a namespace.
            self.ids += [v for k, v in attrs.items() if k.startswith("{") and local(k) == "id"]


class _Comments(Markup):
    """Comments of PowerPoint before 2021, whose text is in p:text; later ones use DrawingML."""

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        super().start("t" if local(tag) == "text" else tag, values(attrs))

    def end(self, tag: str) -> None:
        super().end("t" if local(tag) == "text" else tag)
        if local(tag) in ("text", "cm"):
            self._flow.paragraph()

    def _note(self, what: str, attrs: dict[str, str]) -> None:
        return None


def read_presentation(package: Package, flow: Flow) -> None:
    """Send all text of the slides to ``flow``; raises Unreadable."""
    for number, slide in enumerate(_slides(package), 1):
        flow.section(f"Slide {number}:")
        package.parse(slide, Markup(flow))
        for _, kind, part in related(package, slide):
            if kind == "notesSlide":
                flow.section("Notes:")
                package.parse(part, Markup(flow))
            elif kind in _MORE:
                flow.section(_MORE[kind])
                package.parse(part, (_Comments if kind == "comments" else Markup)(flow))


def _slides(package: Package) -> list[str]:
    """The slides in the order of the show, then those that it leaves out."""
    shown: list[str] = []
    if _MAIN in package:
        order = _Order()
        package.parse(_MAIN, order)
        known = {key: part for key, kind, part in related(package, _MAIN) if kind == "slide"}
        shown = [known[key] for key in order.ids if key in known]
    by_number = {n: int(m[1]) for n in package.names if (m := _SLIDE.fullmatch(n))}
    rest = sorted(by_number.keys() - set(shown), key=lambda n: by_number[n])
    return [*dict.fromkeys(shown), *rest]
