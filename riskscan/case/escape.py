"""Text that PostgreSQL can hold: what it cannot is written otherwise, and read back as it was.

PostgreSQL has no U+0000 in a text, and UTF-8 has no surrogates. In its place stands one character
that nobody uses: U+FDD0 for U+0000, and U+10F800 on, in their order, for U+D800 to U+DFFF. Where
one of these characters stood itself, U+FDD1 stands before it, and before U+FDD1 too. So all text
comes back as it was, and all text but that of this last kind keeps its length.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import BigInteger, Boolean, ColumnElement, Dialect, Integer, String, Text, func
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

_NUL, _QUOTE = "\ufdd0", "\ufdd1"
_SURROGATE, _FIRST, _LAST = 0xD800, 0x10F800, 0x10FFFF
_TAKEN = f"{_NUL}{_QUOTE}{chr(_FIRST)}-{chr(_LAST)}"
_UNHEARD = re.compile(f"[\0\ud800-\udfff{_TAKEN}]")
_WRITTEN = re.compile(f"{_QUOTE}?[{_TAKEN}]")


def escape(text: str) -> str:
    """``text`` as PostgreSQL can hold it."""
    if text.isascii():
        return text.replace("\0", _NUL)
    return _UNHEARD.sub(_written, text)


def _written(found: re.Match[str]) -> str:
    one = found[0]
    if one == "\0":
        return _NUL
    if "\ud800" <= one <= "\udfff":
        return chr(ord(one) - _SURROGATE + _FIRST)
    return _QUOTE + one


def unescape(text: str) -> str:
    """What was given to ``escape``."""
    return text if text.isascii() else _WRITTEN.sub(_read, text)


def _read(found: re.Match[str]) -> str:
    one = found[0]
    if len(one) > 1:
        return one[1]
    if one == _NUL:
        return "\0"
    return chr(ord(one) - _FIRST + _SURROGATE) if ord(one) >= _FIRST else one


class _Escaped(TypeDecorator[str]):
    """Any text in a column of PostgreSQL; compared by code points, as SQLite does."""

    impl = Text
    cache_ok = True

    def __init__(self) -> None:
        super().__init__(collation="C")

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else escape(str(value))

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else unescape(value)


TEXT = Text().with_variant(_Escaped(), "postgresql")
"""What others wrote: names, paths, mail."""
CODE = String().with_variant(String(collation="C"), "postgresql")
"""What riskscan writes itself: words of a fixed list, hashes, dates."""
NAME = String().with_variant(_Escaped(), "postgresql")
"""As ``TEXT``; columns that were made VARCHAR in SQLite."""
INTEGER = Integer().with_variant(BigInteger(), "postgresql")
"""64 bits everywhere: a number of bytes, and of rows, can be more than two thousand millions."""


class like(FunctionElement[bool]):
    """Whether a text is like a pattern, whatever the case of its ASCII letters."""

    inherit_cache = True
    type = Boolean()


@compiles(like)
def _like(element: like, compiler: Any, **how: Any) -> str:
    return " LIKE ".join(compiler.process(one, **how) for one in element.clauses)


@compiles(like, "postgresql")
def _ilike(element: like, compiler: Any, **how: Any) -> str:
    return " ILIKE ".join(compiler.process(one, **how) for one in element.clauses)


def lower(column: ColumnElement[str]) -> ColumnElement[str]:
    """A text with its ASCII letters in lower case, read back as its column is."""
    return func.lower(column, type_=column.type)


def part(column: ColumnElement[str], start: Any, length: Any) -> ColumnElement[str]:
    """So many characters of a text from ``start`` (1 is the first), read back as its column is."""
    return func.substr(column, start, length, type_=column.type)
