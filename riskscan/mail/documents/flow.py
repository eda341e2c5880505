"""Text put together in reading order: paragraphs on lines, cells parted by tabs."""

from __future__ import annotations

import math
import time

from riskscan.mail.charset import clean
from riskscan.mail.documents.document import MAX_TEXT, Full, Late

_LOOK = 64  # pieces of text between two looks at the clock


class Flow:
    """Collects text up to MAX_TEXT characters; raises Full when there is more, Late when it is.

    ``until`` is the CPU time of this process (``time.process_time``) at which it is.

    Ends of paragraphs, cells and rows only count once text follows, so that empty ones leave at
    most one blank line.
    """

    def __init__(self, until: float = math.inf) -> None:
        self.until = until
        self._pieces: list[str] = []
        self._length = 0
        self._pending = ""

    def add(self, text: str) -> None:
        """Text of the current paragraph."""
        if not text:
            return
        if self._pending:
            text = (self._pending if self._pieces else self._pending.lstrip("\n")) + text
            self._pending = ""
        room = MAX_TEXT - self._length
        self._length += len(text)
        self._pieces.append(text[: max(0, room)])
        if len(text) > room:
            raise Full
        if len(self._pieces) % _LOOK == 0:
            self.hurry()

    @property
    def late(self) -> bool:
        """Whether no more may be read."""
        return time.process_time() > self.until

    def hurry(self) -> None:
        """Raise Late when no more may be read."""
        if self.late:
            raise Late

    def paragraph(self) -> None:
        """End the line; a second end makes a blank line."""
        if not self._pending:
            self._pending = "\n"
        elif self._pending in ("\n", "\t"):
            self._pending = "\n\n"

    def cell(self) -> None:
        """End a table cell."""
        self._pending = "\t"

    def row(self) -> None:
        """End a table row: the end of its last cell was no tab."""
        self._pending = "\n"

    def join(self) -> None:
        """Go on in the line that was just ended."""
        self._pending = ""

    def section(self, title: str = "") -> None:
        """A blank line, and a line that says what follows, if anything does."""
        self._pending = f"\n\n{title}\n" if title else "\n\n"

    def __bool__(self) -> bool:
        return bool(self._pieces)

    def text(self) -> str:
        """All text so far, fit to be stored."""
        return clean("".join(self._pieces)).strip("\n")
