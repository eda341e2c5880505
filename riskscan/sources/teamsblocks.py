"""The posts of a Teams chat in an HTML page: siblings alike, each with an author, a time and text.

No two programs that write such pages agree on their classes, so a post is told by what it holds.
Times come first (webpage.py finds them); a post is the largest element around one that stands
among others of its kind. What stands between posts and is none is told too.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from riskscan.sources.webpage import Page

_CLIMB = 16  # levels from a time up to its post
_TRIES = 12
_ROUNDS = 4
_NESTED_MAX = 8  # posts in posts
_HEADINGS_MAX = 400  # pieces
_NAME_MAX = 120  # characters
_AUTHOR = frozenset({"sender", "author", "from", "username", "displayname"})
_NO_AUTHOR = frozenset({"avatar", "initials", "picture", "photo", "icon", "reply", "date", "time"})
_AUTHOR_TAGS = frozenset({"span", "b", "strong", "div", "td", "th", "dt", "h3", "h4", "h5", "a"})
_SYSTEM = frozenset(
    {
        "system", "event", "date", "day", "divider", "separator", "control", "notice", "activity",
        "call", "header", "heading", "title", "nav", "info",
    }
)  # fmt: skip
_DAYS = frozenset({"day", "date", "group", "section"})
_SYSTEM_TAGS = frozenset({"h1", "h2", "h3", "h4", "header", "footer", "nav", "button", "th", "a"})
_STATES = frozenset({"urgent", "important", "edited", "message deleted"})
_COLUMNS = {"from": "author", "sender": "author", "author": "author", "user": "author"}


@dataclass(slots=True)
class Block:
    """A post: its elements (the first, and what follows it where its text does), what is what.

    ``author`` and ``time`` are -1 where there is none; ``apart`` is what is not its text.
    """

    nodes: list[int]
    author: int = -1
    name: str = ""
    time: int = -1
    outer: int = -1
    apart: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Blocks:
    """The posts of a page in its order, and what lies between them: system lines, other texts."""

    posts: list[Block] = field(default_factory=list)
    system: int = 0
    between: list[str] = field(default_factory=list)


@dataclass(slots=True, frozen=True)
class _Kind:
    """Elements that may be the posts: ``whole`` are those of ``made`` that are posts for sure."""

    made: dict[int, Block]
    whole: set[int]
    split: bool  # do texts stand beside them?
    days: bool  # are they called days, or the like?


class _Finder:
    def __init__(self, page: Page) -> None:
        self.page = page
        self.found: dict[int, Block] = {}
        self.split = False  # do texts stand after the heads of posts, beside them?
        self.columns: dict[int, dict[int, str]] = {}
        self.times = sorted(page.clocks)

    def blocks(self) -> Blocks:
        for turn in range(_ROUNDS):
            if not self._round(first=turn == 0):
                break
        return self._arranged() if self.found else Blocks()

    def _round(self, first: bool) -> bool:
        """Take the elements of the best kind for posts; False where there is none."""
        page = self.page
        covered = self._covered()
        groups: dict[tuple[str, str], dict[int, int]] = {}
        levels: Counter[tuple[str, str]] = Counter()
        for time in self.times:
            if time in covered:
                continue
            child = time
            for level in range(_CLIMB):
                parent = page.parents[child]
                if parent < 0 or child in self.found:
                    break
                key = (page.marks[parent], page.tags[child])
                groups.setdefault(key, {}).setdefault(child, time)
                levels[key] = max(levels[key], level)
                child = parent
        # The largest elements at first, lest text is left out; inside posts, and for what is left,
        # the smallest, lest words go to the wrong author.
        way = -1 if first else 1
        ranked = sorted(
            groups,
            key=lambda k: (
                -len(groups[k]),
                len({page.parents[c] for c in groups[k]}) if first else 0,
                way * levels[k],
            ),
        )
        tried = [t for k in ranked[:_TRIES] if (t := self._tried(groups[k], first)) is not None]
        if not tried:
            return False
        # max() takes the first of equals.
        self._take(max(tried, key=lambda t: (len(t.whole), not t.days)))
        return True

    def _tried(self, group: dict[int, int], first: bool) -> _Kind | None:
        """What becomes of a group if its elements are taken for posts; None where they are none."""
        page = self.page
        kept = self._shallow(group)
        made = {c: self._block(c, t) for c, t in group.items() if c in kept}
        if not first:
            made = {c: b for c, b in made.items() if self._named(c)}
        for split in (False, True):
            holds = self._followed if split else self._says
            whole = {c for c, b in made.items() if b.author >= 0 and holds(b)}
            parents = Counter(page.parents[c] for c in whole)
            # Where there is one in each section (a day, a reply), the sections are siblings.
            sections = Counter(page.parents[p] for p in parents)
            most = max([0, *parents.values(), *sections.values()])
            if most >= 2 or (not first and whole and not split):
                days = any(page.words.get(c, frozenset()) & _DAYS for c in whole)
                return _Kind(made, whole, split, days)
        return None

    def _take(self, kind: _Kind) -> None:
        """Take elements, and those like them, for posts."""
        page = self.page
        marks = {page.marks[c] for c in kind.whole}
        parents = {page.parents[c] for c in kind.whole}
        self.split |= kind.split
        alike = (
            []
            if self.found
            else [
                n
                for n, mark in enumerate(page.marks)
                if mark in marks
                and ("." in mark or page.parents[n] in parents)
                and n not in self.found
            ]
        )
        for number in sorted(self._shallow([*alike, *kind.whole])):
            if number in kind.whole or self._filled(number):
                known = kind.made.get(number)
                self.found[number] = known or self._block(number, self._time(number))

    def _filled(self, number: int) -> bool:
        """Whether an element has text, and is no heading row of a table."""
        page = self.page
        tags = {page.tags[p] for p in page.inside(number) if isinstance(p, int) and p >= 0}
        return not ("th" in tags and "td" not in tags) and bool(page.text(number).strip())

    def _time(self, number: int) -> int:
        """The first time inside an element; -1 for none."""
        at = bisect_left(self.times, number)
        if at == len(self.times):
            return -1
        return self.times[at] if self.page.starts[self.times[at]] <= self.page.ends[number] else -1

    def _covered(self) -> set[int]:
        """The times that are known as those of posts, or stand in quotations or deep in posts."""
        page = self.page
        covered = {block.time for block in self.found.values()}
        for time in self.times if self.found else ():
            child = time
            for _ in range(_CLIMB):
                if child < 0 or child in self.found:
                    break
                if page.quotes(child):
                    covered.add(time)
                    break
                child = page.parents[child]
            else:
                covered.add(time)
        return covered

    def _shallow(self, numbers: Iterable[int]) -> set[int]:
        """Those that do not lie in too many others of them or of the posts found."""
        page, wanted, kept = self.page, set(numbers), set()
        depths = [0] * len(page.tags)
        for number, parent in enumerate(page.parents):
            depth = depths[parent] if parent >= 0 else 0
            if number in wanted or number in self.found:
                if depth < _NESTED_MAX:
                    kept.add(number)
                depth += 1
            depths[number] = depth
        return kept & wanted

    def _block(self, number: int, time: int) -> Block:
        block = Block([number], time=time)
        author = (
            self._named(number) if time < 0 else self._named(number) or self._beside(time, number)
        )
        if author:
            block.author, block.name = author
        page = self.page
        if block.author >= 0:
            block.apart.add(block.author)
        if 0 <= time != number and len(page.text(time)) <= _NAME_MAX:
            block.apart.add(time)
        for piece in page.inside(number):
            if isinstance(piece, int) and piece >= 0 and self._is_ornament(piece):
                block.apart.add(piece)
        return block

    def _is_ornament(self, number: int) -> bool:
        """Initials for a picture, and words that a page shows of some posts only."""
        words = self.page.words.get(number, frozenset())
        if self.page.ends[number] - self.page.starts[number] > 40:
            return False
        if words & {"avatar", "initials"}:
            return len(self.page.text(number)) <= 10
        return "hidden" in words and self.page.text(number).strip().casefold() in _STATES

    def _named(self, number: int) -> tuple[int, str] | None:
        """The element that a page's own words call the author, not in a quotation."""
        page = self.page
        quoted = -1
        roles = self._roles(page.parents[number]) if page.tags[number] == "tr" else {}
        column = -1
        for piece in page.inside(number):
            if not isinstance(piece, int):
                continue
            if piece < 0:
                quoted = -1 if ~piece == quoted else quoted
                continue
            if quoted < 0 and page.quotes(piece):
                quoted = piece
            if page.tags[piece] in ("td", "th") and page.parents[piece] == number:
                column += 1
                if roles.get(column) == "author" and (name := self._name(piece)):
                    return piece, name
            words = page.words.get(piece, frozenset())
            named = words & _AUTHOR or ("name" in words and words & {"user", "display"})
            if quoted >= 0 or piece == number or not named or words & _NO_AUTHOR:
                continue
            if name := self._name(piece):
                return piece, name
        return None

    def _roles(self, inside: int) -> dict[int, str]:
        """What a table's headings call its columns."""
        page = self.page
        while inside >= 0 and page.tags[inside] in ("tbody", "thead"):
            inside = page.parents[inside]
        if inside < 0:
            return {}
        if inside not in self.columns:
            roles = self.columns[inside] = {}
            for piece in page.pieces[page.starts[inside] : page.starts[inside] + _HEADINGS_MAX]:
                if isinstance(piece, int) and piece >= 0:
                    if page.tags[piece] == "td":
                        break
                    if page.tags[piece] == "th":
                        name = self._name(piece).casefold()
                        roles[len(roles)] = _COLUMNS.get(name, "")
        return self.columns[inside]

    def _beside(self, time: int, number: int) -> tuple[int, str] | None:
        """The short text right before a time, in an element of its own inside ``number``."""
        page, here = self.page, time
        for at in range(page.starts[time] - 1, page.starts[number], -1):
            piece = page.pieces[at]
            if isinstance(piece, str):
                if piece.strip():
                    return None
            elif piece >= 0:
                here = piece  # the time is the first in it
            else:
                before = ~piece
                words = page.words.get(before, frozenset())
                if page.parents[before] != page.parents[here] or words & _NO_AUTHOR:
                    return None
                name = self._name(before) if page.tags[before] in _AUTHOR_TAGS else ""
                return (before, name) if name else None
        return None

    def _name(self, number: int) -> str:
        page = self.page
        if page.ends[number] - page.starts[number] > 40 or number in page.clocks:
            return ""
        name = " ".join(page.text(number).split()).strip(" :")
        return name if 0 < len(name) <= _NAME_MAX and any(c.isalpha() for c in name) else ""

    def _says(self, block: Block) -> bool:
        """Whether there is more in an element than author and time."""
        inner = block.apart | {n for n in self.found if n not in block.nodes}
        return any(self.page.text(n, inner).strip() for n in block.nodes)

    def _followed(self, block: Block) -> bool:
        """Whether only author and time are in an element, and another stands after it."""
        if self._says(block):
            return False
        page, number = self.page, block.nodes[0]
        for piece in page.pieces[page.ends[number] + 1 : page.ends[number] + 8]:
            if isinstance(piece, int):
                return piece >= 0 and page.marks[piece] != page.marks[number]
        return False

    def _arranged(self) -> Blocks:
        page, made = self.page, Blocks()
        order = sorted(self.found)
        made.posts = [self.found[n] for n in order]
        holders: set[int] = set()
        for number in order:
            up = page.parents[number]
            while up >= 0 and up not in holders:
                holders.add(up)
                up = page.parents[up]
        self._outers(order, holders)
        for last, unit, inside, text in self._units(order, holders):
            words = page.words.get(unit, frozenset())
            if last is None:
                made.system += 1
            elif self.split and unit >= 0 and inside == page.parents[last.nodes[0]]:
                last.nodes.append(unit)
            elif unit >= 0 and (words & _SYSTEM or page.tags[unit] in _SYSTEM_TAGS):
                made.system += 1
            else:
                made.between.append(text)
        return made

    def _outers(self, order: list[int], holders: set[int]) -> None:
        for number in order:
            if number not in holders:
                continue
            for piece in self.page.inside(number):
                if isinstance(piece, int) and piece > number and piece in self.found:
                    self.found[number].apart.add(piece)
                    if self.found[piece].outer < number:
                        self.found[piece].outer = number

    def _units(
        self, order: list[int], holders: set[int]
    ) -> Iterator[tuple[Block | None, int, int, str]]:
        """What is no post where posts are: the post before it (None: before the first or behind the
        last), the element (-1: bare text), what it is in, its text.
        """
        page = self.page
        last: Block | None = None
        inside = max(0, page.parents[order[0]])
        at, end = page.starts[inside] + 1, page.ends[max(0, page.parents[order[-1]])]
        behind = end if self.split else page.ends[order[-1]]
        while at < end:
            last = last if at <= behind else None
            piece = page.pieces[at]
            if isinstance(piece, str):
                if piece.strip():
                    yield last, -1, inside, piece
            elif piece < 0:
                inside = page.parents[~piece]
            elif piece in self.found:
                last = self.found[piece]
                at = page.ends[piece]
            elif piece in holders:
                inside = piece
            else:
                if (text := page.text(piece)).strip():
                    yield last, piece, inside, text
                at = page.ends[piece]
            at += 1


def blocks_of(page: Page) -> Blocks:
    """The posts of a page; none where nothing in it is alike and whole at least twice."""
    return _Finder(page).blocks()
