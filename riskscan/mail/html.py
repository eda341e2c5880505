"""HTML to text for reading and segmenting, in one pass without a tree.

The tokenizer is libxml2's, through an lxml parser target: linear in the input, no limit to the
nesting and no recursion. The libraries measured against it: inscriptis 2.7 loses all text below
some 250 levels of nesting (a place to hide things), selectolax 1.0 takes time quadratic in the
nesting (100,000 ``<div>``, 500 kB: 16 s).

Hidden elements (display:none, zero size) are kept as text: they are where a hider would write.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from lxml import etree

from riskscan.mail.conditional import told_to_some
from riskscan.mail.invisible import INVISIBLE, without_joiners
from riskscan.mail.said import sequence
from riskscan.mail.shown import MAX_FILES, page_in, written_by_style
from riskscan.mail.unclosed import SWALLOWING, closed, opened

MAX_HTML = 4 << 20  # characters of one part that are read

_SKIPPED = frozenset(SWALLOWING)
_END = "riskscan-end-of-text"  # an element put after the text: is it seen, so was all before it
_BLOCKS = frozenset(
    """address article aside body caption center dd details dir div dl dt fieldset figcaption figure
    footer form frame header html iframe legend li main menu nav ol option pre section summary
    table tbody tfoot thead tr ul""".split()  # noqa: SIM905
)
_PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6"})
# Of the types of an input (WHATWG HTML, section 4.10.5), those that do not show their value.
_WITHOUT_VALUE = frozenset(
    {"hidden", "checkbox", "radio", "file", "image", "password", "color", "range"}
)
_BUTTONS = frozenset({"submit", "button", "reset"})
_QUOTING = frozenset({"blockquote", "div"})
_KINDS = (
    dict.fromkeys(_BLOCKS, "block")
    | dict.fromkeys(_PARAGRAPHS, "paragraph")
    | dict.fromkeys(_QUOTING, "quoting")
    | dict.fromkeys(("td", "th"), "cell")
    | dict.fromkeys(("br", "hr", "img", "input", _END), "alone")
    | dict.fromkeys(("a", "area"), "link")
    | dict.fromkeys(_SKIPPED, "skipped")
)
# Shown by some programs, to some readers: as a tooltip, or read aloud (WAI-ARIA 1.2).
_ASIDES = frozenset(
    {"title", "summary", "abbr", "aria-label", "aria-description", "aria-valuetext"}
    | {"aria-placeholder", "aria-roledescription"}
)
_WATCHED = _ASIDES | {"placeholder", "label", "srcdoc"}
_LOOKED_FOR = {
    begin: re.compile(rf"(?<![\w-]){begin}[\w-]*+\s*+=")
    for begin in ("title", "aria-", "label", "summary", "abbr", "placeholder", "srcdoc")
}
_MAX_QUOTE_DEPTH = 10
_SPACE = re.compile(r"[ \t\n\r\f]+")
_INDENT = re.compile(
    r"border\s{0,5}:\s{0,5}(?:none|0|medium none)|0\s{1,5}0\s{1,5}0\s{1,5}40px", re.I
)
_LEFT_RULE = re.compile(r"border-left\s{0,5}:[^;]{0,60}solid|border-left\s{0,5}:\s{0,5}[\d#]", re.I)
_TOP_RULE = re.compile(r"border-top\s{0,5}:\s{0,5}[^;]{0,60}solid", re.I)
_TIGHT = re.compile(r"margin(?:-bottom)?\s{0,5}:\s{0,5}0(?:px|pt|in|cm)?\s{0,5}(?:;|$)", re.I)
# No-break space is a space to a reader.
_FOR_READING = {0xA0: " ", 0: None} | dict.fromkeys(map(ord, INVISIBLE))
RULE = "_" * 32  # a horizontal rule, as Outlook writes it in plain text


class _Reader:
    """An lxml parser target that collects lines."""

    def __init__(self, look: str = "", files: int = 0) -> None:
        """``look`` for text in "some" or "all" attributes; read up to ``files`` of the files that
        are in it."""
        self.lines: list[str] = []
        self.asides: list[str] = []
        self.targets: set[str] = set()
        self.css: list[str] = []
        self._look = look != ""
        self._look_at_all = look == "all"
        self._files = files
        self._data_list = False
        self._line: list[str] = []
        self._skip = 0
        self._pre = 0
        self._quotes: list[bool] = []  # of the open div and blockquote elements: do they quote?
        self._depth = 0
        self._lists: list[int] = []  # of the open lists: next number, or -1 for bullets
        self._want_blank = False
        self._bullet = False  # is there nothing but a list mark on this line?
        self._titles: list[str] = []
        self._inside = ""  # the last element that is skipped
        self.whole = False  # was the end of the text seen, and not as what is skipped?

    def start(self, tag: str, attrs: Mapping[str, str]) -> None:
        if self._look and (self._look_at_all or not _WATCHED.isdisjoint(attrs)):
            self._read_attributes(tag, attrs)
        kind = _KINDS.get(tag)
        if kind is None:
            return
        if kind == "block":
            self._open_block(tag)
        elif kind == "quoting":
            self._open_quoting(tag, attrs)
        elif kind == "paragraph":
            self._end_line()
            self._want_blank |= not (attrs and _is_tight(attrs))
        elif kind == "cell":
            if self._line:
                self._line.append("\t")
        elif kind == "skipped":
            self._skip += 1
            self._inside = tag
        elif kind == "link":
            target = (attrs.get("href") or "").strip() if attrs else ""
            if target and target[:5].lower() != "data:":  # which programs do not follow
                self.targets.add(target.rstrip("/"))
        else:
            self._open_alone(tag, attrs)

    def _open_alone(self, tag: str, attrs: Mapping[str, str]) -> None:
        """An element that has no text in it."""
        if tag == "br":
            self._end_line(keep_blank=True)
        elif tag == "hr":
            self._bullet = False
            self._end_line()
            self._line.append(RULE)
            self._end_line()
        elif tag == "img":
            self.data(attrs.get("alt") or "")
        elif tag == "input":
            kind, value = (attrs.get("type") or "").strip().lower(), attrs.get("value") or ""
            label = kind in _BUTTONS and len(value.split(None, 2)) < 3  # "Go!" is no text
            if kind not in _WITHOUT_VALUE and not label:
                self.data(f" {value} ")
        else:
            self.whole = not self._skip

    def _read_attributes(self, tag: str, attrs: Mapping[str, str]) -> None:
        if tag == "input" or tag == "textarea":
            kind = (attrs.get("type") or "").strip().lower()
            empty = kind == "password" or not (kind in _WITHOUT_VALUE or attrs.get("value"))
            self.data(f" {attrs.get('placeholder') or ''} " if empty else "")
        elif tag == "optgroup" or tag == "option":
            self.data(f" {attrs.get('label') or ''} ")
            if self._data_list:
                self.asides.append(attrs.get("value") or "")
        elif tag == "datalist":
            self._data_list = True
        if "srcdoc" in attrs:
            self.data(f" {self._read_file(attrs['srcdoc'])} ")
        for name, value in attrs.items():
            if name in _ASIDES:
                self.asides.append(value)
            elif value[:5].lower() == "data:" and not (tag == "a" and name == "href"):
                self.data(f" {self._read_file(page_in(value)) or ''} ")
            elif name == "style" and ("data:" in value or "list-style" in value):
                self.css.append(f"{{{value}}}")

    def _read_file(self, html: str) -> str:
        """The text of a page or drawing that is in the page, where it still may be read."""
        if not html.strip() or self._files <= 0:
            self.asides.append(html)
            return ""
        self._files -= 1
        text, _, inner = _read(closed(html))
        self.asides += inner.asides
        self.targets |= inner.targets
        return text.strip()

    def _open_block(self, tag: str) -> None:
        if self._line:
            self._end_line()
        if tag == "pre":
            self._pre += 1
        elif tag == "ul" or tag == "ol":
            self._lists.append(1 if tag == "ol" else -1)
        elif tag == "li":
            self._line.clear()  # an item without text
            number = self._lists[-1] if self._lists else -1
            if number > 0:
                self._lists[-1] += 1
            self._line.append(f"{number}. " if number > 0 else "- ")
            self._bullet = True

    def _open_quoting(self, tag: str, attrs: Mapping[str, str]) -> None:
        if self._line:
            self._end_line()
        quotes = _quotes(tag, attrs) if attrs else tag == "blockquote"
        self._quotes.append(quotes)
        if quotes:
            self._depth += 1
        elif attrs and tag == "div" and _TOP_RULE.search(attrs.get("style", "")[:2000]):
            self._bullet = False
            self._line.append(RULE)  # above the From/Sent/To/Subject block of Outlook
            self._end_line()

    def end(self, tag: str) -> None:
        kind = _KINDS.get(tag)
        if kind is None:
            self._data_list = self._data_list and tag != "datalist"
            return
        if kind == "skipped":
            self._skip = max(0, self._skip - 1)
            return
        if kind == "paragraph":
            self._end_line()
            self._want_blank |= tag != "p"
        elif kind == "quoting":
            if self._line:
                self._end_line()
            if self._quotes and self._quotes.pop():
                self._depth -= 1
        elif kind == "block":
            if self._line:
                self._end_line()
            if tag == "pre":
                self._pre = max(0, self._pre - 1)
            elif (tag == "ul" or tag == "ol") and self._lists:
                self._lists.pop()
            if self._bullet and tag in ("li", "ul", "ol"):
                self._line.clear()
                self._bullet = False

    def data(self, text: str) -> None:
        if self._skip and self._inside != "script":
            (self._titles if self._inside == "title" else self.css).append(text)
        if self._skip or not text:
            return
        if self._pre:
            first, *more = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
            self._line.append(first)
            self._bullet = self._bullet and not first
            for line in more:
                self._bullet = False
                self._end_line(keep_blank=True)
                self._line.append(line)
            return
        text = _SPACE.sub(" ", text)
        if text[0] == " " and (not self._line or self._line[-1][-1:] in (" ", "\t")):
            text = text[1:]
        if text:
            self._line.append(text)
            self._bullet = self._bullet and text == " "

    def close(self) -> str:
        self._bullet = False
        self._end_line()
        if not any(line.strip("> ") for line in self.lines):
            self.lines = [" ".join("".join(self._titles).translate(_FOR_READING).split())]
        else:
            self.asides.append("".join(self._titles))
        while self.lines and not self.lines[-1].strip("> "):
            self.lines.pop()
        return "\n".join(self.lines) + "\n" if self.lines else ""

    def _end_line(self, keep_blank: bool = False) -> None:
        if not self._line and not keep_blank:
            return
        if self._bullet:
            return  # the text of the item is in a block of its own
        text = "".join(self._line)
        if not text.isascii():
            text = without_joiners(text.translate(_FOR_READING))
        self._line.clear()
        text = "-- " if text.rstrip() == "--" and text != "--" else text.rstrip()
        marks = ">" * min(self._depth, _MAX_QUOTE_DEPTH)
        lines = self.lines
        if not text:
            if lines and lines[-1].strip("> "):
                lines.append(marks)
            return
        if self._want_blank:
            if lines and lines[-1].strip("> "):
                lines.append(marks)
            self._want_blank = False
        lines.append(f"{marks} {text}" if marks else text)


def _is_tight(attrs: Mapping[str, str]) -> bool:
    """Is this a paragraph that its style sets without a blank line above it?"""
    return "Mso" in attrs.get("class", "") or bool(_TIGHT.search(attrs.get("style", "")[:2000]))


def _quotes(tag: str, attrs: Mapping[str, str]) -> bool:
    style = attrs.get("style", "")[:2000]
    if tag == "div":
        return bool(_LEFT_RULE.search(style)) and "padding" in style.lower()
    if attrs.get("type", "").lower() == "cite" or "quote" in attrs.get("class", "").lower():
        return True
    if _LEFT_RULE.search(style):
        return True
    return not (_INDENT.search(style) or "indent" in attrs.get("class", "").lower())


_LARGE = 1 << 17
_PICTURE = re.compile(
    r"\bdata:(?!image/svg|text/|application/xhtml)"
    r"[\w.+-]{1,40}/[\w.+-]{1,80};base64,[A-Za-z0-9+/=\s%]*",
    re.ASCII | re.I,
)


def without_pictures(html: str) -> str:
    """``html`` without the files that it holds in itself as base64 (RFC 2397), but for those
    that are text."""
    return _PICTURE.sub("data:", html)


class Page(NamedTuple):
    """The ``text`` of a page, and what the text does not say: ``asides``, what it has for some of
    its readers only, and the ``targets`` of its links."""

    text: str
    asides: list[str]
    targets: list[str]


def html_to_text(html: str) -> str:
    """The text of an HTML mail (``read_page``)."""
    return read_page(html).text


def read_page(html: str) -> Page:
    """The text of an HTML mail, with ``\\n`` line ends.

    Block elements and ``<br>`` end lines, table cells are parted by tabs, list items begin with
    "- " or their number, quotations (blockquote, Apple's and Thunderbird's cite, Outlook's left
    rule) get "> " for each level, so that segmenting works as on plain text. Text behind what is
    never closed, as a comment or a title, is kept (unclosed.py), and so is text that only Outlook
    shows (conditional.py). What styles write into the page (shown.py) stands above its text. A
    title is read only where there is no other text. Linear in time.
    """
    if not html.strip():
        return Page("", [], [])
    if len(html) > _LARGE:
        html = without_pictures(html)
    html = html[:MAX_HTML]
    if _END in html.lower():
        html = re.sub(_END, "x", html, flags=re.I)
    page = _read_whole(html)
    told = told_to_some(html, page.text)
    return _read_whole(told) if told else page


def _read_whole(html: str) -> Page:
    html = _without_sections(closed(html))
    text, whole, reader = _read(html, MAX_FILES)
    if not whole:
        text, _, reader = _read(opened(html), MAX_FILES)
    if reader.css or any(reader.asides):
        return _with_styles(html, text, reader)
    return Page(text, [], _not_in(text, sorted(reader.targets)))


_SECTION = "<![CDATA["


def _without_sections(html: str) -> str:
    """``html`` with the text of its CDATA sections, which drawings show, as text."""
    if _SECTION not in html:
        return html
    first, *others = html.split(_SECTION)
    out = [first]
    for piece in others:
        section, end, rest = piece.partition("]]>")
        out += (section.replace("<", "&lt;") if end else _SECTION + section, rest)
    return "".join(out)


MAX_WRITTEN = 20_000  # characters of what styles write that are read


def _with_styles(html: str, text: str, reader: _Reader) -> Page:
    written, names, files = written_by_style("".join(reader.css))
    if names:
        written += _values(html, names)
    written += [_read(closed(page_in(address)))[0] for address in files[:MAX_FILES]]
    asides = [*reader.asides, *files[MAX_FILES:]]
    if lacking := _not_in(text, written):
        line = " ".join(" ".join(lacking).translate(_FOR_READING).split())
        text = line[:MAX_WRITTEN] + "\n" + text
        asides.append(line[MAX_WRITTEN:])
    return Page(text, _not_in(text, asides), _not_in(text, sorted(reader.targets)))


_MOST_COMPARED = 50_000_000  # characters


def _not_in(text: str, said: list[str]) -> list[str]:
    """Those that say something, and nothing that stands in the ``text``, blanks aside.

    All of them where it would take long to tell.
    """
    said = [one for one in said if sequence(one)]
    if not said or len(said) * len(text) > _MOST_COMPARED:
        return said
    text = _squeezed(text)
    return [one for one in said if _squeezed(one) not in text]


def _squeezed(text: str) -> str:
    return "".join(text.casefold().split())


def _values(html: str, names: set[str]) -> list[str]:
    """The values of all attributes of some ``names``, each once."""

    class Values:
        def __init__(self) -> None:
            self.found: dict[str, None] = {}

        def start(self, tag: str, attrs: Mapping[str, str]) -> None:
            self.found.update((attrs[name], None) for name in attrs if name in names)

        def close(self) -> None:
            pass

    values = Values()
    parser = etree.HTMLParser(target=values, huge_tree=True)
    try:
        parser.feed(html)
        parser.close()
    except etree.LxmlError:
        pass  # as far as libxml2 went
    return list(values.found)


def _attributes_of(lowered: str) -> str:
    """The attributes of a page in which there may be text: "all", "some" or none."""
    if "data:" in lowered or "<datalist" in lowered or "list-style" in lowered:
        return "all"
    for begin, named in _LOOKED_FOR.items():
        if begin in lowered and named.search(lowered):
            return "some"
    return ""


def _read(html: str, files: int = 0) -> tuple[str, bool, _Reader]:
    """The text of a page, whether it was read to its end, and the reader."""
    lowered = html.lower()
    reader = _Reader(_attributes_of(lowered), files)
    parser = etree.HTMLParser(target=reader, huge_tree=True)
    try:
        parser.feed(f"{html}<{_END}>")
        text = str(parser.close())
    except etree.LxmlError:
        text = reader.close()  # as far as libxml2 went
    # In a text area or a listing without end tag the mark is text like all else.
    if text.endswith(f"<{_END}>\n"):
        return text[: -len(_END) - 3] + "\n", True, reader
    return text, reader.whole, reader
