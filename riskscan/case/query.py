"""What a reviewer types into the search box, read into an expression of SQLite's FTS5.

Words are joined by AND; "a phrase"; AND, OR, NOT in capitals, brackets; ``word*``; ``a w/5 b`` (at
most 5 words between); ``subject:``, ``body:``, ``people:``, ``files:`` before a word or bracket.
Every word reaches FTS5 as a quoted string, so nothing typed is ever read as its syntax.
https://www.sqlite.org/fts5.html#full_text_query_syntax
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

from riskscan.case.unspaced import apart
from riskscan.mail.folding import folded

FIELDS = ("subject", "body", "people", "files")

_LONGEST = 1_000
_MOST_WORDS = 64
_MOST_NEAR = 64
_DEEPEST = 16
_FARTHEST = 255
_TOKEN = re.compile(r'\s*(?:(?P<phrase>"[^"]*"?)|(?P<sign>[()])|(?P<word>[^\s()"]+))')
_CONTROLS = dict.fromkeys(range(4), " ")
_NEAR = re.compile(r"(?:w|near)/(\d{1,4})\Z", re.IGNORECASE)


class QueryError(ValueError):
    """What was typed cannot be searched for; the text is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class Query:
    """``match``: for the whole search. ``marks``: matches any word sought, to mark the hits."""

    match: str
    marks: str


@dataclass(frozen=True, slots=True)
class _Words:
    """A word or phrase; ``prefix``: any word that begins like its last one."""

    text: str
    prefix: bool = False
    field: str = ""

    def __str__(self) -> str:
        quoted = '"' + apart(folded(self.text).replace('"', " ")) + '"'
        return quoted + (" *" if self.prefix else "")


@dataclass(frozen=True, slots=True)
class _Near:
    """Words near each other; of each operand one is enough."""

    operands: tuple[tuple[_Words, ...], ...]
    distance: int
    field: str = ""


@dataclass(frozen=True, slots=True)
class _Join:
    """Parts joined by "AND" or "OR", less what is in ``without``."""

    operator: str
    parts: tuple[_Node, ...]
    without: tuple[_Node, ...] = ()


_Node = _Words | _Near | _Join


def read_query(text: str) -> Query | None:
    """The expressions for what was typed; None when it is blank. Raises QueryError."""
    if not text.strip():
        return None
    if len(text) > _LONGEST:
        raise QueryError(f"A search has at most {_LONGEST:,} characters.")
    tree = _Parser(text).parse()
    marks = list(dict.fromkeys(_written(leaf) for leaf in _leaves(tree)))
    return Query(_written(tree), " OR ".join(marks))


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens = [(m.lastgroup or "", m[m.lastgroup or 0]) for m in _TOKEN.finditer(text)]
        self.at = 0
        self.words = 0

    def parse(self) -> _Node:
        tree = self.either(0)
        if self.at < len(self.tokens):
            raise QueryError("There is a closing bracket too many.")
        return tree

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("", "")

    def operator(self, *names: str) -> bool:
        kind, text = self.peek()
        if kind == "word" and text in names:
            self.at += 1
            return True
        return False

    def either(self, depth: int) -> _Node:
        if depth > _DEEPEST:
            raise QueryError(f"Brackets can be at most {_DEEPEST} deep.")
        parts = [self.every(depth)]
        while self.operator("OR", "||"):
            parts.append(self.every(depth))
        return parts[0] if len(parts) == 1 else _Join("OR", tuple(parts))

    def every(self, depth: int) -> _Node:
        wanted: list[_Node] = []
        without: list[_Node] = []
        while True:
            joined = self.operator("AND", "&&")
            kind, text = self.peek()
            ends = not kind or text == ")" or (kind == "word" and text in ("OR", "||"))
            if ends and not joined:
                break
            if ends:
                raise QueryError("There is nothing after AND.")
            if joined and not wanted:
                raise QueryError("There is nothing before AND.")
            unwanted = self.operator("NOT")
            (without if unwanted else wanted).append(self.near(depth, unwanted))
        if not wanted and not without:
            raise QueryError("Something is missing: a word beside OR, or in brackets.")
        if not wanted:
            raise QueryError("NOT takes away from a search: say first what to search for.")
        if len(wanted) == 1 and not without:
            return wanted[0]
        return _Join("AND", tuple(wanted), tuple(without))

    def near(self, depth: int, unwanted: bool) -> _Node:
        if unwanted and not self.peek()[0]:
            raise QueryError("There is nothing after NOT.")
        first = self.part(depth)
        operands, distance = [first], 0
        while (found := _NEAR.match(self.peek()[1])) and self.peek()[0] == "word":
            self.at += 1
            distance = max(distance, int(found[1]))
            if self.peek()[0] == "" or self.peek()[1] == ")":
                raise QueryError(f"There is nothing after {found[0]}.")
            operands.append(self.part(depth))
        if len(operands) == 1:
            return first
        if distance > _FARTHEST:
            raise QueryError(f"Words are near each other up to w/{_FARTHEST}.")
        some = tuple(_choices(one) for one in operands)
        fields = {word.field for choice in some for word in choice}
        if len(fields) > 1:
            raise QueryError("Words that are near each other are in the same field.")
        plain = tuple(tuple(replace(word, field="") for word in choice) for choice in some)
        return _Near(plain, distance, fields.pop())

    def part(self, depth: int) -> _Node:
        kind, text = self.peek()
        self.at += 1
        if text == "(":
            inner = self.either(depth + 1)
            if self.peek()[1] != ")":
                raise QueryError("A bracket is not closed.")
            self.at += 1
            return inner
        if kind == "phrase":
            if len(text) < 2 or not text.endswith('"'):
                raise QueryError("A quotation mark is not closed.")
            return self.leaf(text[1:-1])
        if kind != "word" or text in ("OR", "AND", "NOT") or _NEAR.match(text):
            raise QueryError(f"Something is missing before '{text}'." if text else "It ends early.")
        name, colon, rest = text.partition(":")
        if colon and name.lower() in FIELDS:
            field = name.lower()
            inner = self.leaf(rest) if rest else self.part(depth + 1)
            return _in_field(inner, field)
        if colon and name.isalpha() and (rest[:1].isalnum() or (not rest and self.sticks())):
            raise QueryError(
                f"There is no field '{name}': write {', '.join(FIELDS[:-1])} or {FIELDS[-1]}, or "
                f"put '{name}:' and what follows into quotation marks."
            )
        if text.startswith("-") and len(text) > 1:
            raise QueryError(f"To leave out a word, write NOT {text[1:]}.")
        return self.leaf(text)

    def sticks(self) -> bool:
        """Whether the next token is a phrase or bracket: what a field would be before."""
        kind, text = self.peek()
        return kind == "phrase" or text == "("

    def leaf(self, text: str) -> _Words:
        self.words += 1
        if self.words > _MOST_WORDS:
            raise QueryError(f"A search has at most {_MOST_WORDS} words and phrases.")
        prefix = text.endswith(("*", "!"))
        bare = text.rstrip("*!")
        if "*" in bare:
            raise QueryError(f"'*' stands at the end of a word (govern*), not as in '{text}'.")
        if not any(c.isalnum() for c in bare):
            raise QueryError(f"'{text}' has no letter or digit to search for.")
        return _Words(bare.translate(_CONTROLS), prefix)


def _choices(node: _Node) -> tuple[_Words, ...]:
    if isinstance(node, _Words):
        return (node,)
    if isinstance(node, _Join) and node.operator == "OR" and not node.without:
        return tuple(word for part in node.parts for word in _choices(part))
    raise QueryError("Beside w/ there can be words, phrases, and these joined by OR in brackets.")


def _in_field(node: _Node, field: str) -> _Node:
    if isinstance(node, _Join):
        parts = tuple(_in_field(part, field) for part in node.parts)
        return _Join(node.operator, parts, tuple(_in_field(part, field) for part in node.without))
    return replace(node, field=field)


def _leaves(node: _Node) -> Iterator[_Words | _Near]:
    if isinstance(node, _Join):
        for part in node.parts:
            yield from _leaves(part)
    else:
        yield node


def _written(node: _Node) -> str:
    if isinstance(node, _Words):
        return f"{{{node.field}}} : {node}" if node.field else str(node)
    if isinstance(node, _Near):
        ways = list(product(*node.operands))
        if len(ways) > _MOST_NEAR:
            raise QueryError("There are too many alternatives beside w/.")
        groups = (f"NEAR({' '.join(map(str, way))}, {node.distance})" for way in ways)
        column = f"{{{node.field}}} : " if node.field else ""
        return "(" + " OR ".join(column + group for group in groups) + ")"
    told = f" {node.operator} ".join(_written(part) for part in node.parts)
    if node.without:
        return f"(({told}) NOT ({' OR '.join(_written(part) for part in node.without)}))"
    return f"({told})"
