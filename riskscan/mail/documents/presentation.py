"""Presentations (.pptx, .pptm, .ppsx): slides in their order, each with its notes; comments."""

from __future__ import annotations

import re

from riskscan.mail.documents.flow import Flow
from riskscan.mail.documents.hanging import Hanging
from riskscan.mail.documents.markup import Markup
from riskscan.mail.documents.package import Events, Package, local, values
from riskscan.mail.documents.relations import related

_MAIN = "ppt/presentation.xml"
_SLIDE = re.compile(r"ppt/slides/slide(\d{1,6})\.xml")


class _Order(Events):
    """The ids of the slides as the presentation shows them."""

    def __init__(self) -> None:
        self.ids: list[str] = []

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        if local(tag) == "sldId":
            # Two attributes are called id: the relationship's is the one with a namespace.
            self.ids += [v for k, v in attrs.items() if k.startswith("{") and local(k) == "id"]


class _Slide(Markup):
    """A slide, which says itself whether the show leaves it out."""

    def __init__(self, flow: Flow, number: int) -> None:
        super().__init__(flow)
        self._number = number

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        if local(tag) == "sld":
            hidden = " (hidden)" * (attrs.get("show") in ("0", "false"))
            self._flow.section(f"Slide {self._number}{hidden}:")
        super().start(tag, attrs)


class _Layout(Markup):
    """What a layout or a master shows on its slides: not the prompts of its placeholders."""

    _placeholder = False

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        name = local(tag)
        if name in ("sp", "graphicFrame"):
            self._placeholder = False
        elif name == "ph":
            self._placeholder = True
        if name == "txBody" and self._placeholder and not self._skip:
            self._skip = 1
        else:
            super().start(tag, attrs)


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
    hanging = Hanging(package, flow)
    layouts: dict[str, None] = {}
    for number, slide in enumerate(_slides(package), 1):
        package.parse(slide, _Slide(flow, number))
        for _, kind, part in related(package, slide):
            if kind == "notesSlide":
                flow.section("Notes:")
                package.parse(part, Markup(flow))
                hanging.of(part)
            elif kind == "comments":
                flow.section("Comments:")
                package.parse(part, _Comments(flow))
            elif kind == "slideLayout":
                layouts[part] = None
        hanging.of(slide)
    masters = [
        part for one in layouts for _, kind, part in related(package, one) if kind == "slideMaster"
    ]
    for part in dict.fromkeys([*layouts, *masters]):
        flow.section("On the slides:")
        package.parse(part, _Layout(flow))
        hanging.of(part)
    hanging.rest()


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
