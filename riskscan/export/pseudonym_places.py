"""Where a name stands, whoever it is of: quoted headers, addresses of Notes, greetings, closings.

A model of names overlooks rare ones in lists and on lines of their own; there the place tells it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from riskscan.language.people import parse_name
from riskscan.mail.markers import LINE_LIMIT, field_of, header_block, notes_start, traces_end

_LETTER = r"[^\W\d_]"
_ONE = rf"{_LETTER}[\w'’-]{{1,30}}"
# "Jane Roe/HOU/ACME@ACME": names in front of an address of Lotus Notes.
_NOTES = re.compile(
    rf"(?<![\w/])(?:{_LETTER}[\w.'’-]{{0,30}} ){{0,4}}{_ONE}"
    r"(?=/[A-Za-z][\w&]{1,24}/[A-Za-z][\w&]{1,24}(?:@|\s+on\b|[,;\n]))"
)
_GREETING = re.compile(
    r"(?:^|[.!?] )[>| \t]{0,20}(?i:hi|hello|hey|dear|good (?:morning|afternoon|evening)|thanks|thx"
    r"|thank you|hallo|lieber?|bonjour|salut|cher|chère|hola|estimad[oa]|querid[oa]|ciao|beste|hei"
    rf"|hej|kære)(?: again)?,? (?P<name>{_ONE}(?: {_ONE})?)(?=[ \t]?(?:[,:!.;–—-]|$))",
    re.M,
)
_CALLED = re.compile(rf"^[>| \t]{{0,20}}(?P<name>{_ONE}(?: {_ONE})?) ?,[ \t]*$", re.M)
_CLOSING = re.compile(
    r"^[>| \t]{0,20}(?i:(?:\w{1,12} ){0,2}(?:regards|thanks|best|cheers|sincerely|yours|truly|love"
    r"|wishes|grüße|gruß|cordialement|saludos|saluti|groet|groeten|hilsen|hälsningar)"
    r"(?: \w{1,12}){0,2})[,.! \t]{0,20}\n(?:[>| \t]{0,20}\n){0,3}[>| \t]{0,20}[-–—~*]{0,2} ?"
    rf"(?P<name>{_ONE}(?: (?:{_LETTER}\. )?{_ONE}){{0,2}})[ \t]*$",
    re.M,
)
_TILDE = re.compile(rf"(?:^|[\s.!?])[~–—] ?(?P<name>{_ONE})[ \t]*$", re.M)
_INITIALS = re.compile(rf"^[>| \t]{{0,20}}(?P<name>{_LETTER}{{2,3}})[ \t]*$", re.M)
# What ends the name in an entry of a header: an address, a unit, a remark, a date, a next field.
_REST = re.compile(
    r"[<\[(/@\t]|\s(?:on|at)\s+\d|\s(?:Sent|To|Date|cc)\s?:|\s\d{1,4}[/.-]\d|\s(?:AM|PM)\b"
)
_EDGES = " \t\r\n>|*\"'“”‘’.,:-"
_LONGEST = 60
_GREETED = re.compile(r"(?i:hi|hello|hey|dear|thanks|thx)[ ,]{1,2}(?=\w)")
_OWNED = re.compile(r"['’](?:s|S)?\Z")


@dataclass(frozen=True, slots=True)
class Place:
    """A run of a text that is a name by its place.

    ``sure``: a place that holds nothing else, as a quoted header; else the word has to be no
    everyday word. ``initials``: two or three letters alone on a line.
    """

    start: int
    end: int
    sure: bool = False
    initials: bool = False


def places(text: str) -> Iterator[Place]:
    """The places of ``text`` where a name stands, in no order; some may overlap."""
    if "/" in text:
        for match in _NOTES.finditer(text):
            start = text.rfind(" by ", match.start(), match.end())
            yield Place(match.start() if start < 0 else start + 4, match.end(), sure=True)
    for pattern in (_GREETING, _CALLED, _CLOSING, _TILDE):
        for match in pattern.finditer(text):
            if _raised(match["name"]):
                yield Place(*trimmed(text, *match.span("name")))
    for match in _INITIALS.finditer(text):
        yield Place(match.start("name"), match.end("name"), initials=True)
    if ":" in text:
        yield from _headers(text)


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """A name as a model found it, without the greeting before it and the ending of "Roe's"."""
    greeted = _GREETED.match(text, start, end)
    start = greeted.end() if greeted else start
    owned = _OWNED.search(text[max(start, end - 2) : end])
    return start, end - len(owned[0]) if owned and owned[0] != text[start:end] else end


def _raised(name: str) -> bool:
    return all(word[:1].isupper() for word in name.split())


def _headers(text: str) -> Iterator[Place]:
    """The entries of From, To and Cc in quoted headers, and the senders that Notes puts above."""
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    at = floor = traces = 0
    while at < len(lines):
        field = field_of(lines[at])
        if field == "trace":
            if at < traces:
                at += 1
                continue
            traces = traces_end(lines, at)
        block = header_block(lines, at) if field else None
        if block is None or len({*block.fields} & {"from", "to", "cc", "date", "subject"}) < 2:
            at += 1
            continue
        above = notes_start(lines, at, floor) if block.fields[0] == "to" else -1
        if above >= 0:
            for i in range(above, at):
                yield from _entry(lines[i][:LINE_LIMIT], starts[i])
        yield from _block(lines, starts, at, block.end)
        at = floor = max(block.end, at + 1)


def _block(lines: Sequence[str], starts: Sequence[int], at: int, end: int) -> Iterator[Place]:
    field, begin = "", 0
    for i in range(at, end + 1):
        told = field_of(lines[i]) if i < end else "end"
        if i == end or told:
            if field in ("from", "to", "cc"):
                yield from _entries("\n".join(lines[begin:i]), starts[begin])
            field, begin = told, i


def _entries(value: str, start: int) -> Iterator[Place]:
    """The names of one field, which may go over several lines."""
    colon = value.find(":") + 1
    mark = ";" if ";" in value else ","
    for part in value[colon:].split(mark):
        yield from _entry(part, start + colon)
        colon += len(part) + 1


def _entry(part: str, start: int) -> Iterator[Place]:
    for key in ("Sent by:", "Please respond to"):
        if part.strip().startswith(key):
            start += part.index(key) + len(key)
            part = part[part.index(key) + len(key) :]
    begin = len(part) - len(part.lstrip(_EDGES))
    rest = _REST.search(part, begin)
    name = part[begin : rest.start() if rest else len(part)].rstrip(_EDGES)
    shown = name.replace("\n", " ").replace(">", " ")
    if 1 < len(name) <= _LONGEST and any(c.isalpha() for c in name) and parse_name(shown):
        yield Place(start + begin, start + begin + len(name), sure=True)
