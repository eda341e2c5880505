"""Text of hostile mail for a terminal: what it would obey is shown instead, character by character.

One character stays one character, so that offsets into the text stay right.
"""

from __future__ import annotations

_REORDERING = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
# Controls (C0 but for tab and line end, DEL, C1), what reorders text (Unicode UAX #9), the
# separators that some terminals take for line ends, lone surrogates.
_HOSTILE = (
    *(c for c in range(32) if c not in (9, 10)),
    *range(127, 160),
    *_REORDERING,
    0x2028,
    0x2029,
    *range(0xD800, 0xE000),
)
_SHOWN = dict.fromkeys(_HOSTILE, "\N{REPLACEMENT CHARACTER}")
# JSON has escaped the C0 controls already, and may hold line ends of its own.
_ESCAPED = {c: f"\\u{c:04x}" for c in _HOSTILE if c >= 127}


def plain(text: str) -> str:
    """``text`` with a replacement character for each that a terminal would obey."""
    return text.translate(_SHOWN)


def line(text: str) -> str:
    """``text`` on one line."""
    return plain(" ".join(text.split()))


def escape(document: str) -> str:
    """A JSON document with those characters written as escapes: its content is the same."""
    return document.translate(_ESCAPED)
