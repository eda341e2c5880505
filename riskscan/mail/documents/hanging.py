"""What hangs on a part of an Office file: drawings, and the charts and diagrams on those.

A chart of a sheet is named by the sheet's drawing, and a text box inside it by the chart.
"""

from __future__ import annotations

import re
from collections import deque

from riskscan.mail.documents.flow import Flow
from riskscan.mail.documents.markup import SKIPPED, Markup
from riskscan.mail.documents.package import Events, Package, local
from riskscan.mail.documents.relations import related


class _Chart(Markup):
    """Titles and labels, and the names of series and categories that it keeps, each once.

    ``c:chartSpace`` of ECMA-376 part 1 section 21.2, ``cx:chartSpace`` of MS-ODRAWXML. Its numbers
    are left out, and so is the name of its pivot table.
    """

    skipped = SKIPPED | {"numCache", "numLit", "numDim", "pivotSource"}

    def __init__(self, flow: Flow) -> None:
        super().__init__(flow)
        self._name: list[str] | None = None
        self._told: set[str] = set()

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        super().start(tag, attrs)
        if local(tag) in _NAMES and not self._skip:
            self._name = []

    def end(self, tag: str) -> None:
        name = self._name
        if name is not None and local(tag) in _NAMES and (text := "".join(name).strip()):
            if text not in self._told:
                self._told.add(text)
                self._flow.add(text)
                self._flow.row()
            self._name = None
        super().end(tag)

    def data(self, text: str) -> None:
        if self._name is not None:
            self._name.append(text)
        else:
            super().data(text)


# c:v and cx:v; cx:pt, which in c: holds a c:v; c:name of a trend line.
_NAMES = frozenset({"v", "pt", "name"})


class _Vml(Events):
    """Captions of buttons and text boxes, as HTML in VML (ECMA-376 part 4 section 19)."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._boxes = 0

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        if local(tag) == "textbox":
            self._boxes += 1
        elif local(tag) == "br":
            self._flow.paragraph()
        elif local(tag) == "textpath":
            self._flow.paragraph()
            self._flow.add(attrs.get("string", ""))

    def end(self, tag: str) -> None:
        if local(tag) == "textbox":
            self._boxes = max(0, self._boxes - 1)
        if local(tag) in ("textbox", "div"):
            self._flow.paragraph()

    def data(self, text: str) -> None:
        if self._boxes and (said := " ".join(text.split())):
            self._flow.add(f"{' ' * text[:1].isspace()}{said}{' ' * text[-1:].isspace()}")


_KINDS: dict[str, type[Markup] | type[_Vml]] = {
    "drawing": Markup,
    "chart": _Chart,
    "chartEx": _Chart,
    "chartUserShapes": Markup,
    "diagramData": Markup,
    "vmlDrawing": _Vml,
}
# Where Office puts them.
_NAMED = {
    "charts/chart": "chart",
    "charts/chartEx": "chartEx",
    "diagrams/data": "diagramData",
    "drawings/drawing": "drawing",
    "drawings/vmlDrawing": "vmlDrawing",
}
_PLACE = re.compile(rf"/({'|'.join(_NAMED)})[0-9]{{0,6}}\.(?:xml|vml)$")


class Hanging:
    """Sends the text of what hangs on the parts of one package to a flow, each part once."""

    def __init__(self, package: Package, flow: Flow) -> None:
        self._package, self._flow = package, flow
        self._read: set[str] = set()

    def of(self, part: str) -> None:
        """Read what ``part`` refers to, then what that refers to, and so on."""
        self._all([(kind, other) for _, kind, other in related(self._package, part)])

    def rest(self) -> None:
        """Read what nothing read refers to, by its name."""
        found = [(name, _PLACE.search(name)) for name in self._package.names]
        self._all([(_NAMED[place[1]], name) for name, place in found if place])

    def _all(self, found: list[tuple[str, str]]) -> None:
        queue = deque(found)
        while queue:
            kind, other = queue.popleft()
            if kind in _KINDS and other not in self._read:
                self._read.add(other)
                self._flow.section()
                # Excel writes the HTML in VML as browsers bear it: <br> is not closed.
                mend = kind == "vmlDrawing"
                self._package.parse(other, _KINDS[kind](self._flow), mend=mend)
                queue += [(kind, more) for _, kind, more in related(self._package, other)]
