"""JSON read front to back: the elements of its lists one at a time, byte for byte.

A chat export is one JSON text of any size, a post in it is small. Only the post at hand is
parsed, so memory stays flat, a broken post is lost alone, and its bytes are those of the export.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from riskscan.sources.item import MIB, SourceError
from riskscan.sources.stream import CHUNK, Stream

POST_MAX = 8 * MIB
_KEY_MAX = 1024
_SCALAR_MAX = 4096
_AROUND_MAX = 500
_DEPTH_MAX = 8

_SPACE = re.compile(rb"[ \t\r\n]*+")
# Atomic within possessive: before 3.11.5 the body would be entered again (CPython issue 106052).
_INSIDE = re.compile(rb"[^\"\\]*+(?>\\.[^\"\\]*+)*+", re.S)  # of a string, as far as it is there
# All up to the next bracket, or to a string whose end is not at hand.
_FLAT = re.compile(rb"(?>[^\"{}\[\]]++|\"[^\"\\]*+(?>\\.[^\"\\]*+)*+\")*+", re.S)
_LITERAL = re.compile(rb"[^ \t\r\n,:\"{}\[\]]*+")
_QUOTE, _OPEN_LIST, _CLOSE_LIST, _OPEN, _CLOSE = b'"[]{}'
_COMMA, _COLON = b",:"


@dataclass(slots=True, frozen=True)
class Cut:
    """One element of a list.

    ``path`` is its number in the list, from 1, after those of the lists around (``2/17``);
    ``data`` its bytes as found, b"" when there are more than may be kept; ``around`` the short
    plain values that the objects around it gave before it, by dotted name (to be read before
    the next element is asked for).
    """

    path: str
    data: bytes
    size: int
    sha256: str
    around: Mapping[str, str]


def parsed(data: bytes) -> object:
    """The value of a JSON text; raises ValueError with a reason for whatever is none.

    Bytes that are no UTF-8 become replacement characters: one bad byte is no lost post.
    """
    try:
        return json.loads(data.decode("utf-8", "replace"))
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def cut(stream: Stream, lists: frozenset[str], keep: int = POST_MAX) -> Iterator[Cut]:
    """Yield the elements of the lists of these names, at any level; "" names the outermost list.

    Elements of more than ``keep`` bytes are hashed, not kept. Raises SourceError where the text
    is no JSON, or is cut off, after what came before it.
    """
    text = _Text(stream)
    if text.peek() not in (_OPEN, _OPEN_LIST):
        raise SourceError("the JSON holds no list and no object")
    yield from _inside(text, lists, keep, "", (), {}, "", 0)
    if text.peek() != -1:
        raise text.broken("other bytes follow the JSON's end")


class _Text:
    """JSON bytes with a position; what was passed is dropped."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._bytes = b""
        self._at = 0
        self._before = 0
        self._fill()
        if self._bytes.startswith(b"\xef\xbb\xbf"):
            self._at = 3

    def broken(self, what: str) -> SourceError:
        return SourceError(f"{what} (byte {self._before + self._at:,})")

    def _fill(self) -> bool:
        data = self._stream.read(CHUNK)
        self._before += self._at
        self._bytes = self._bytes[self._at :] + data
        self._at = 0
        return bool(data)

    def peek(self) -> int:
        """The next byte that is no blank, -1 at the end."""
        while True:
            match = _SPACE.match(self._bytes, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._bytes):
                return self._bytes[self._at]
            if not self._fill():
                return -1

    def take(self, wanted: int) -> bool:
        """Pass the next byte if it is this one."""
        if self.peek() != wanted:
            return False
        self._at += 1
        return True

    def value(self, keep: int) -> tuple[bytes, int, str]:
        """Pass one value: its bytes (b"" if more than ``keep``), size and SHA-256."""
        self.peek()
        parts: list[bytes] = []
        size = 0
        digest = hashlib.sha256()
        depth, quoted, whole = 0, False, False
        while not whole:
            start = self._at
            depth, quoted, whole = self._scan(depth, quoted, size == 0)
            piece = self._bytes[start : self._at]
            size += len(piece)
            digest.update(piece)
            if size <= keep:
                parts.append(piece)
            else:
                parts.clear()
            if not whole and not self._fill():
                if size and not depth and not quoted:
                    break  # a number that ends with the text
                raise self.broken("the JSON is cut off")
        if not size:
            raise self.broken("the JSON is damaged: a value is missing")
        return b"".join(parts), size, digest.hexdigest()

    def _scan(self, depth: int, quoted: bool, first: bool) -> tuple[int, bool, bool]:
        """Go on to the end of the value or of the bytes at hand."""
        data, at = self._bytes, self._at
        if first and data[at : at + 1] == b'"':
            quoted = True
            at += 1
        elif not depth and not quoted and (not first or data[at : at + 1] not in (b"{", b"[")):
            match = _LITERAL.match(data, at)
            self._at = match.end() if match else at
            return 0, False, self._at < len(data)
        while at < len(data):
            if quoted:
                match = _INSIDE.match(data, at)
                at = match.end() if match else at
                if at == len(data) or data[at] != _QUOTE:
                    break  # at a backslash whose second byte is still to come, if at any
                quoted = False
                at += 1
            else:
                match = _FLAT.match(data, at)
                at = match.end() if match else at
                if at == len(data):
                    break
                mark = data[at]
                at += 1
                if mark == _QUOTE:
                    quoted = True
                    continue
                depth += 1 if mark in (_OPEN, _OPEN_LIST) else -1
            if depth <= 0 and not quoted:
                self._at = at
                return 0, False, True
        self._at = at
        return depth, quoted, False


def _inside(
    text: _Text,
    lists: frozenset[str],
    keep: int,
    name: str | None,
    path: tuple[int, ...],
    around: dict[str, str],
    prefix: str,
    depth: int,
) -> Iterator[Cut]:
    """The elements in the list or object that is next; ``name`` is that of the list."""
    if text.take(_OPEN):
        yield from _object(text, lists, keep, path, around, prefix, depth)
        return
    text.take(_OPEN_LIST)
    number = 0
    while not text.take(_CLOSE_LIST):
        number += 1
        here = (*path, number)
        if name in lists:
            data, size, digest = text.value(keep)
            yield Cut("/".join(map(str, here)), data, size, digest, around)
        elif text.peek() in (_OPEN, _OPEN_LIST) and depth < _DEPTH_MAX:
            yield from _inside(text, lists, keep, None, here, dict(around), prefix, depth + 1)
        else:
            text.value(0)
        _comma(text, _CLOSE_LIST)


def _object(
    text: _Text,
    lists: frozenset[str],
    keep: int,
    path: tuple[int, ...],
    around: dict[str, str],
    prefix: str,
    depth: int,
) -> Iterator[Cut]:
    while not text.take(_CLOSE):
        if text.peek() != _QUOTE:
            raise text.broken("the JSON is damaged: a name is missing")
        name = _plain(text.value(_KEY_MAX)[0])
        if not text.take(_COLON):
            raise text.broken("the JSON is damaged: a name without value")
        if text.peek() in (_OPEN, _OPEN_LIST) and depth < _DEPTH_MAX:
            inner = f"{prefix}{name}."
            yield from _inside(text, lists, keep, name, path, around, inner, depth + 1)
        else:
            value = _plain(text.value(_SCALAR_MAX)[0])
            if value and (len(around) < _AROUND_MAX or prefix + name in around):
                around[prefix + name] = value
        _comma(text, _CLOSE)


def _comma(text: _Text, end: int) -> None:
    if not text.take(_COMMA) and text.peek() != end:
        if text.peek() == -1:
            raise text.broken("the JSON is cut off")
        raise text.broken("the JSON is damaged: a comma is missing")


def _plain(data: bytes) -> str:
    """A string or number as text; "" for what is neither."""
    try:
        value = parsed(data)
    except ValueError:
        return ""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else ""
