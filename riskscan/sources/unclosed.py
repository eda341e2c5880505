"""The last row of a table whose quote is never closed, and the rows that the quote took in.

Behind such a quote no other stands alone, or it would close it: each line there is a whole row, or
words of the cell.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence

NEVER_CLOSED = "a quote of this row is never closed"
BEHIND = "a quote of a row before is never closed: read from the line alone"


def parted(
    lines: Sequence[str], delimiter: str, is_row: Callable[[list[str]], bool]
) -> tuple[list[str], list[list[str]]]:
    """The row of the quote, and the rows behind it: from the first line on that ``is_row``."""
    behind: list[list[str]] = []
    end = len(lines)
    for number, line in enumerate(lines[1:], 1):
        values = next(csv.reader([line], delimiter=delimiter), [])
        if behind or is_row(values):
            end = min(end, number)
            if any(values):
                behind.append(values)
    return next(csv.reader(lines[:end], delimiter=delimiter)), behind
