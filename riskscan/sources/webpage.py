"""An HTML page as flat lists, to look for what repeats in it.

The tokenizer is libxml2's through an lxml parser target, as in mail/html.py: no recursion, linear
in the page, nothing fetched. The number of elements is bounded.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Mapping

from lxml import etree

from riskscan.sources.item import SourceError
from riskscan.sources.teamsclock import TEXT_MAX, Clock, clock

ELEMENTS_MAX = 2_000_000
_ATTRIBUTE_MAX = 300
_SKIPPED = frozenset({"script", "style", "template", "noscript"})
_NAMING = ("class", "data-tid", "id", "itemprop")
_TIMES = ("datetime", "data-timestamp", "data-time", "data-datetime", "title", "aria-label")
_IDS = ("data-msg-id", "data-mid", "data-message-id")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|\d+")
_KEPT = frozenset(
    "p div br blockquote ul ol li pre table tbody tr td th h1 h2 h3 h4 h5 h6 hr".split()  # noqa: SIM905
)
_QUOTING = frozenset({"quote", "quoted", "reference", "preview", "forwarded"})


class Page:
    """The elements of a page by number, in their order.

    ``pieces`` is the page: text, the number of an element where it starts, and less than zero
    (``~number``) where it ends. ``clocks`` are the elements that show a date and time.
    """

    def __init__(self) -> None:
        self.tags: list[str] = []
        self.parents: list[int] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.marks: list[str] = []  # what tells an element's kind: tag and first class
        self.pieces: list[str | int] = []
        self.words: dict[int, frozenset[str]] = {}
        self.clocks: dict[int, Clock] = {}
        self.ids: dict[int, str] = {}  # the platform's id of a post
        self.title = ""
        self._open: list[int] = []
        self._skip = 0
        self._known: dict[str, frozenset[str]] = {}

    def start(self, tag: str, attrs: Mapping[str, str]) -> None:
        """An element starts (called by lxml)."""
        number = len(self.tags)
        if number >= ELEMENTS_MAX:
            raise SourceError(f"a page of more than {ELEMENTS_MAX:,} elements")
        self.tags.append(tag)
        self.parents.append(self._open[-1] if self._open else -1)
        self.starts.append(len(self.pieces))
        self.ends.append(0)
        self.pieces.append(number)
        self._open.append(number)
        self._skip += tag in _SKIPPED
        own = tag
        if attrs:
            own = f"{tag}.{(attrs.get('class') or '')[:_ATTRIBUTE_MAX].split(' ')[0]}"
            names = " ".join(attrs.get(n, "")[:_ATTRIBUTE_MAX] for n in _NAMING).strip()
            if names:
                self.words[number] = self._split(names)
            for name in _IDS:
                if value := attrs.get(name, "")[:_ATTRIBUTE_MAX]:
                    self.ids[number] = value
                    own += f"[{name}]"
            if (told := _clock_of(attrs)) is not None:
                self.clocks[number] = told
        self.marks.append(own)
        if tag == "img" and not self._skip and (shown := attrs.get("alt", "")):
            self.pieces.append(shown if not shown.isascii() else f"[{shown[:200]}]")

    def end(self, tag: str) -> None:
        """An element ends (called by lxml)."""
        if not self._open:
            return
        number = self._open.pop()
        self._skip -= self.tags[number] in _SKIPPED
        self.ends[number] = len(self.pieces)
        self.pieces.append(~number)
        text = ""
        if self.ends[number] - self.starts[number] <= 8:
            text = self.text(number)
        if tag == "title" and not self.title:
            self.title = " ".join(text.split())
        # An element around one that shows a time shows no other.
        shows = number in self.clocks or next(reversed(self.clocks), -1) > number
        if not shows and (told := clock(text)) is not None:
            self.clocks[number] = told

    def data(self, text: str) -> None:
        """Text of the page (called by lxml)."""
        if not self._skip and text:
            self.pieces.append(text)

    def close(self) -> Page:
        """The page ended (called by lxml)."""
        while self._open:
            self.end(self.tags[self._open[-1]])
        return self

    def text(self, number: int, without: Collection[int] = ()) -> str:
        """The text inside an element, as it stands there."""
        return "".join(p for p in self.inside(number, without) if isinstance(p, str))

    def inside(self, number: int, without: Collection[int] = ()) -> list[str | int]:
        """The pieces of an element, without those of some inside it."""
        found: list[str | int] = []
        at, end = self.starts[number], self.ends[number] + 1
        while at < end:
            piece = self.pieces[at]
            if isinstance(piece, int) and piece >= 0 and piece in without:
                at = self.ends[piece] + 1
                continue
            found.append(piece)
            at += 1
        return found

    def html(self, number: int, without: Collection[int] = ()) -> str:
        """What is inside an element as HTML of text and blocks; what is quoted, in blockquotes."""
        made: list[str] = []
        for piece in self.inside(number, without):
            if isinstance(piece, str):
                made.append(html.escape(piece, quote=False))
                continue
            one = piece if piece >= 0 else ~piece
            tag = self.tags[one]
            if self.quotes(one):
                tag = "blockquote"
            if tag in _KEPT and not (piece < 0 and tag in ("br", "hr")):
                made.append(f"<{tag}>" if piece >= 0 else f"</{tag}>")
        return "".join(made)

    def quotes(self, number: int) -> bool:
        """Whether an element holds the words of another post."""
        return self.tags[number] == "blockquote" or bool(
            self.words.get(number, frozenset()) & _QUOTING
        )

    def _split(self, names: str) -> frozenset[str]:
        known = self._known.get(names)
        if known is None:
            if len(self._known) > 10_000:
                self._known.clear()
            known = frozenset(word.casefold() for word in _WORD.findall(names))
            self._known[names] = known
        return known


def _clock_of(attrs: Mapping[str, str]) -> Clock | None:
    for name in _TIMES:
        value = attrs.get(name, "")
        told = clock(value, unix=name.startswith("data-")) if len(value) <= TEXT_MAX else None
        if told is not None:
            return told
    return None


def page_of(text: str) -> Page | None:
    """The page of an HTML text; None where libxml2 takes it for no document. Raises SourceError."""
    parser = etree.HTMLParser(target=Page(), huge_tree=True)
    try:
        parser.feed(text)
        made = parser.close()
    except etree.LxmlError:
        return None
    return made if isinstance(made, Page) else None
