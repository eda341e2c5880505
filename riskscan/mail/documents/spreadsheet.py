"""Workbooks (.xlsx, .xlsm): every sheet, hidden ones too, row by row; comments; shapes, charts."""

from __future__ import annotations

import re

from riskscan.mail.documents.document import MIB, Unreadable
from riskscan.mail.documents.flow import Flow
from riskscan.mail.documents.hanging import Hanging
from riskscan.mail.documents.markup import Markup
from riskscan.mail.documents.package import Events, Package, local, values
from riskscan.mail.documents.relations import related

_MAIN = "xl/workbook.xml"
_SHARED = 64 * MIB  # characters of strings that cells share
_BEHIND = {"comments": "Comments:", "threadedComment": ""}
_MARGINS = frozenset(
    {"oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter"}
)
# ECMA-376 part 1 section 18.3.1.46: where it stands, font, size, colour, page, date ...
_CODE = re.compile(r'&(?:"[^"]{0,200}"|[0-9]{1,3}|K[0-9A-Fa-f+-]{2,6}|([LCR])|(&)|[A-Za-z])')
_ASKED = ("promptTitle", "prompt", "errorTitle", "error")


class _Book(Events):
    def __init__(self) -> None:
        self.sheets: list[tuple[str, str, bool]] = []
        self.from_1904 = False

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        if local(tag) == "sheet":
            own = values(attrs)
            key = next((v for k, v in attrs.items() if k.startswith("{") and local(k) == "id"), "")
            hidden = own.get("state", "visible") != "visible"
            self.sheets.append((own.get("name", ""), key, hidden))
        elif local(tag) == "workbookPr":
            self.from_1904 = attrs.get("date1904", "") in ("1", "true")


class _Shared(Events):
    """The strings that cells refer to by number; phonetic readings (rPh) are left out."""

    def __init__(self) -> None:
        self.strings: list[str] = []
        self._pieces: list[str] = []
        self._length = 0
        self._text = False
        self._phonetic = False

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        name = local(tag)
        if name == "rPh":
            self._phonetic = True
        elif name == "t":
            self._text = not self._phonetic

    def end(self, tag: str) -> None:
        name = local(tag)
        if name == "t":
            self._text = False
        elif name == "rPh":
            self._phonetic = False
        elif name == "si":
            self.strings.append("".join(self._pieces))
            self._pieces.clear()

    def data(self, text: str) -> None:
        if self._text:
            self._length += len(text)
            if self._length > _SHARED:
                raise Unreadable(f"more than {_SHARED // MIB} MiB of text in its cells")
            self._pieces.append(text)


class _Styles(Events):
    """Which cell styles show their number as a date."""

    def __init__(self) -> None:
        self.dates: set[int] = set()
        self._own: set[int] = set()
        self._cells = False
        self._number = 0

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        name = local(tag)
        if name == "numFmt":
            from openpyxl.styles.numbers import is_date_format

            if is_date_format(attrs.get("formatCode", "")[:255]):
                self._own.add(_int(attrs.get("numFmtId")))
        elif name == "cellXfs":
            self._cells = True
        elif name == "xf" and self._cells:
            key = _int(attrs.get("numFmtId"))
            # ECMA-376 part 1 section 18.8.30: the built-in formats of dates.
            if 14 <= key <= 17 or key == 22 or key in self._own:
                self.dates.add(self._number)
            self._number += 1

    def end(self, tag: str) -> None:
        if local(tag) == "cellXfs":
            self._cells = False


class _Sheet(Events):
    def __init__(self, flow: Flow, strings: list[str], dates: set[int], from_1904: bool) -> None:
        self._flow, self._strings, self._dates, self._from_1904 = flow, strings, dates, from_1904
        self._type = ""
        self._style = 0
        self._pieces: list[str] = []
        self._value = self._phonetic = False
        self._started = False

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        name = local(tag)
        if name == "c":
            self._type, self._style = attrs.get("t", "n"), _int(attrs.get("s"))
            self._pieces.clear()
        elif name == "rPh":
            self._phonetic = True
        elif name in ("v", "t"):
            self._value = not self._phonetic
        elif name == "row":
            self._started = False
        elif name in _MARGINS:
            self._pieces.clear()
            self._value = True
        elif name == "dataValidation":
            for said in filter(None, map(attrs.get, _ASKED)):
                self._flow.row()
                self._flow.add(said)
            self._flow.row()

    def end(self, tag: str) -> None:
        name = local(tag)
        if name in ("v", "t"):
            self._value = False
        elif name == "rPh":
            self._phonetic = False
        elif name == "c":
            text = self._shown("".join(self._pieces))
            if text:
                if self._started:
                    self._flow.cell()
                self._flow.add(text)
                self._started = True
        elif name == "row":
            self._flow.row()
        elif name in _MARGINS:
            self._value = False
            self._flow.row()
            self._flow.add(_CODE.sub(_meant, "".join(self._pieces)).strip())
            self._flow.row()

    def data(self, text: str) -> None:
        if self._value:
            self._pieces.append(text)

    def _shown(self, value: str) -> str:
        if self._type == "s":
            number = _int(value, -1)
            return self._strings[number] if 0 <= number < len(self._strings) else ""
        if self._type == "b":
            return {"0": "FALSE", "1": "TRUE"}.get(value, value)
        if self._type == "n" and value and self._style in self._dates:
            return _date(value, self._from_1904)
        return value


def _meant(code: re.Match[str]) -> str:
    """What a code in a margin of the page stands for: the next part of it, or an ampersand."""
    return "\t" if code[1] else code[2] or ""


def read_spreadsheet(package: Package, flow: Flow) -> None:
    """Send the cells of all sheets to ``flow``, formulas as the values last computed."""
    if "xl/workbook.bin" in package:
        raise Unreadable("a binary workbook (.xlsb): not read")
    book = _Book()
    package.parse(_MAIN, book)
    known = {key: (kind, part) for key, kind, part in related(package, _MAIN)}
    parts = dict(known.values())
    shared, styles = _Shared(), _Styles()
    if "sharedStrings" in parts:
        package.parse(parts["sharedStrings"], shared)
    if "styles" in parts:
        package.parse(parts["styles"], styles)
    hanging = Hanging(package, flow)
    for name, key, hidden in book.sheets:
        flow.section()
        flow.add(f"Sheet {name} (hidden):" if hidden else f"Sheet {name}:")
        flow.row()
        if key not in known:
            continue
        part = known[key][1]
        package.parse(part, _Sheet(flow, shared.strings, styles.dates, book.from_1904))
        for _, kind, other in related(package, part):
            if kind in _BEHIND:
                flow.section(_BEHIND[kind])
                package.parse(other, _Remarks(flow))
        hanging.of(part)
    hanging.rest()


class _Remarks(Markup):
    """Comments and shapes: their text is in t, the text of threaded comments in text."""

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        super().start("t" if local(tag) == "text" else tag, {})

    def end(self, tag: str) -> None:
        super().end("t" if local(tag) == "text" else tag)
        if local(tag) in ("comment", "text"):
            self._flow.paragraph()

    def _note(self, what: str, attrs: dict[str, str]) -> None:
        return None


_INTEGER = re.compile(r"\d{1,9}")


def _int(text: str | None, otherwise: int = 0) -> int:
    return int(text) if text and _INTEGER.fullmatch(text) else otherwise


def _date(value: str, from_1904: bool) -> str:
    from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel

    try:
        when = from_excel(float(value[:30]), MAC_EPOCH if from_1904 else WINDOWS_EPOCH)
    except (ValueError, OverflowError):
        return value
    return str(when).removesuffix(" 00:00:00")
