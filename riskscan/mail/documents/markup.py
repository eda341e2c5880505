"""The text of one XML part of an Office Open XML file (ECMA-376): WordprocessingML, DrawingML."""

from __future__ import annotations

from riskscan.mail.documents.flow import Flow
from riskscan.mail.documents.package import local, values

# What stands for no text of its own: definitions, codes of fields, the second form of a shape.
SKIPPED = frozenset({"pPr", "tabLst", "sectPr", "Fallback", "instrText", "delInstrText"})
_REMOVED = frozenset({"del", "moveFrom"})
_NOTES = {"footnote": "Footnote", "endnote": "Endnote", "comment": "Comment"}


class Markup:
    """Sends the text of paragraphs and tables to a flow; what is deleted, in brackets.

    Hidden text is text. A comment is preceded by a line that names its writer.
    """

    skipped = SKIPPED

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._text = False
        self._skip = 0
        self._removed = 0
        self._bracket = False

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        name = local(tag)
        if self._skip or name in self.skipped:
            self._skip += 1
        elif name in ("t", "delText"):
            self._text = True
        elif name in _REMOVED:
            self._removed += 1
        elif name in ("tab", "ptab"):
            self._flow.add("\t")
        elif name in ("br", "cr"):
            self._flow.add("\n")
        elif name == "noBreakHyphen":
            self._flow.add("-")
        elif name == "txbxContent":  # inside a paragraph, of which it is no word
            self._flow.paragraph()
        elif name == "textpath":  # a watermark
            self._flow.paragraph()
            self._flow.add(values(attrs).get("string", ""))
            self._flow.paragraph()
        elif name in _NOTES:
            self._note(_NOTES[name], values(attrs))

    def end(self, tag: str) -> None:
        if self._skip:
            self._skip -= 1
            return
        name = local(tag)
        if name in ("t", "delText"):
            self._text = False
        elif name in _REMOVED:
            self._removed = max(0, self._removed - 1)
            if self._bracket and not self._removed:
                self._bracket = False
                self._flow.add("]")
        elif name == "p":
            self._flow.paragraph()
        elif name == "tc":
            self._flow.cell()
        elif name in ("tr", "tbl"):
            self._flow.row()

    def data(self, text: str) -> None:
        if self._text and not self._skip:
            if self._removed and not self._bracket:
                self._bracket = True
                self._flow.add("[deleted: ")
            self._flow.add(text)

    def close(self) -> None:
        return None

    def _note(self, what: str, attrs: dict[str, str]) -> None:
        # Separators between text and notes are notes too, of a type of their own.
        if "type" not in attrs:
            who = attrs.get("author", "")
            self._flow.section(f"{what} by {who}:" if who else f"{what}:")
