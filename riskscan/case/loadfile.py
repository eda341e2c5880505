"""What a case holds of the load file that a message is out of: its number, who else had it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from riskscan.mail.message import ALL_CUSTODIANS

# What sources/document.py writes: "row 4 (REL004) N\4.eml", "rows 12-15 (REL012)".
_ROW = re.compile(r"rows? \d{1,12}(?:-\d{1,12})? \(([^()]{1,100})\)")


def control_number(place: str) -> str:
    """The number of the document that a message was, of a family the first; "" for none.

    A message inside another one has that of the document that it is in.
    """
    found = _ROW.match(place)
    return found[1] if found else ""


def all_custodians(defects: Sequence[str]) -> Iterator[str]:
    """Who held a message by the word of a vendor who kept it once."""
    for one in defects:
        if one.startswith(ALL_CUSTODIANS):
            yield from one.removeprefix(ALL_CUSTODIANS).split("; ")
