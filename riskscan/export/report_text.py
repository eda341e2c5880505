"""Mail text made fit for the report: harmless characters, cut around what matters, marked.

Offsets are those of the stored text. A text is first cut into runs by offset, and each run made
harmless when it is written, so that no replacement can shift a mark.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_AROUND = 500
_LONGEST_MARK = 2_000
_SNAP = 24
_SEARCHED = 200_000
_DISTINCT = 24


def _harmless() -> dict[int, str]:
    controls = (c for c in (*range(32), *range(0x7F, 0xA0)) if c not in (9, 10))
    # What reorders text: Unicode UAX #9, "Trojan Source".
    reorder = (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C)
    table = {c: f"[U+{c:04X}]" for c in (*controls, *reorder)}
    table |= dict.fromkeys(range(0xD800, 0xE000), "\N{REPLACEMENT CHARACTER}")
    return table


_HARMLESS = _harmless()


def plain(text: str) -> str:
    """``text`` with control and text-reordering characters made visible, and no lone surrogate."""
    return text.translate(_HARMLESS)


def short(text: str, limit: int) -> str:
    """``text`` on one line, at most ``limit`` characters and an ellipsis."""
    head = " ".join(text[: 4 * limit].split())
    return head if len(head) <= limit and len(text) <= 4 * limit else f"{head[:limit].rstrip()}…"


@dataclass(frozen=True, slots=True)
class Span:
    """Characters to mark: ``kind`` "finding", or "quoted" for another message's finding."""

    start: int
    end: int
    kind: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of shown text: ``kind`` "text", "finding", "quoted", or "gap" (``left_out`` > 0)."""

    kind: str
    text: str = ""
    anchor: str = ""
    left_out: int = 0


def runs(text: str, start: int, end: int, spans: Iterable[Span], limit: int) -> list[Run]:
    """Characters ``start`` to ``end`` of ``text`` as runs, about ``limit`` characters of them.

    ``spans`` come in order of importance: where text must be left out, it is kept around the
    first. Overlapping spans become one mark under the anchor of the one that begins first.
    """
    inside = [
        Span(max(s.start, start), min(s.end, end, s.start + _LONGEST_MARK), s.kind, s.anchor)
        for s in spans
        if s.start < end and s.end > start
    ]
    made: list[Run] = []
    at = start
    marks = _merged(inside)
    for first, last in _windows(text, start, end, inside, limit):
        if first > at:
            made.append(Run("gap", left_out=first - at))
        at = first
        for span in marks:
            begin, stop = max(span.start, at), min(span.end, last)
            if begin >= stop:
                continue
            if begin > at:
                made.append(Run("text", calm(text[at:begin])))
            # A mark that a window cuts in two keeps its anchor on the first half only.
            made.append(
                Run(span.kind, text[begin:stop], span.anchor if begin == span.start else "")
            )
            at = stop
        if at < last:
            made.append(Run("text", calm(text[at:last])))
        at = last
    if at < end:
        made.append(Run("gap", left_out=end - at))
    return _trimmed(made)


def _merged(spans: Sequence[Span]) -> list[Span]:
    merged: list[Span] = []
    for span in sorted(spans, key=lambda s: (s.start, s.end)):
        if merged and span.start < merged[-1].end:
            last = merged[-1]
            if span.end > last.end:
                merged[-1] = Span(last.start, span.end, last.kind, last.anchor)
        else:
            merged.append(span)
    return merged


def anchor_of(spans: Sequence[Span], wanted: Span) -> str:
    """The anchor under which ``wanted`` is marked once overlapping spans are one."""
    for span in _merged(spans):
        if span.start <= wanted.start < span.end:
            return span.anchor
    return wanted.anchor


def _windows(
    text: str, start: int, end: int, spans: Sequence[Span], limit: int
) -> list[tuple[int, int]]:
    if end - start <= limit:
        return [(start, end)] if end > start else []
    wanted = [(start, start + limit // 4)]
    used = limit // 4
    for span in spans:
        if used >= limit:
            break
        wanted.append((max(start, span.start - _AROUND), min(end, span.end + _AROUND)))
        used += wanted[-1][1] - wanted[-1][0]
    if not spans:
        wanted = [(start, start + limit)]
    joined: list[tuple[int, int]] = []
    for first, last in sorted(wanted):
        first, last = _snapped(text, first, start, -1), _snapped(text, last, end, 1)
        if joined and first <= joined[-1][1] + _SNAP:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined


def _snapped(text: str, at: int, edge: int, step: int) -> int:
    for i in range(at, at + step * _SNAP, step):
        if i == edge:
            return i
        if text[i].isspace():
            return i + (1 if step < 0 else 0)
    return at


def calm(text: str) -> str:
    """``text`` with more than two blank lines in a row made one, as old mail is full of them."""
    kept: list[str] = []
    blank = 0
    for line in text.split("\n"):
        blank = 0 if line.strip() else blank + 1
        if blank <= 1:
            kept.append(line)
    return "\n".join(kept)


def _trimmed(made: list[Run]) -> list[Run]:
    if made and made[0].kind == "text":
        made[0] = Run("text", made[0].text.lstrip("\n"))
    if made and made[-1].kind == "text":
        made[-1] = Run("text", made[-1].text.rstrip())
    return [run for run in made if run.text or run.left_out]


class Quotation:
    """A quoted text in which sentences of other messages are looked for.

    Only letters and digits count, so quote marks, line breaks and case do not hide a sentence.
    Bounded: the first 200,000 characters are searched.
    """

    def __init__(self, text: str, start: int, end: int) -> None:
        letters: list[str] = []
        self._places: list[int] = []
        for i in range(start, min(end, start + _SEARCHED)):
            if text[i].isalnum():
                letters.append(text[i].lower()[0])
                self._places.append(i)
        self._letters = "".join(letters)

    def find(self, sentence: str) -> tuple[int, int] | None:
        """Where ``sentence`` is, as offsets; None when absent or too short to be sure."""
        wanted = squeezed(sentence)
        at = self._letters.find(wanted) if len(wanted) >= _DISTINCT else -1
        if at < 0:
            return None
        return self._places[at], self._places[at + len(wanted) - 1] + 1


def squeezed(text: str) -> str:
    """Letters and digits of ``text``, in lower case, one for one."""
    return "".join(c.lower()[0] for c in text[:_SEARCHED] if c.isalnum())
