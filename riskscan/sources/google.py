"""What Gmail writes into the header of exported mail: labels (as folders) and the thread.

Google Takeout and Vault start each message of their mboxes with ``X-GM-THRID`` and
``X-Gmail-Labels``: labels with commas between, in quotes where a label has a comma, encoded by
RFC 2047 where one is not ASCII.
"""

from __future__ import annotations

import csv
import re
from email.errors import HeaderParseError
from email.header import decode_header

_FIRST = 1024  # of a message, in which the first of the fields begins
_NEAR = 64 * 1024  # of a message, in which its header block is looked for
_LABELS_MAX = 16 * 1024
_FOLDER_MAX = 1000
_BLANK = re.compile(rb"\n\r?\n")
_FIELD = re.compile(
    rb"(?:\A|\n)(?:(x-gm-thrid)|(x-gmail-labels))[ \t]{0,8}:"
    rb"((?:[^\n]|\n[ \t]){0,16384})",
    re.I,
)
_THREAD = re.compile(rb"\s{0,8}(\d{1,25})\s{0,8}\Z")
# States of a message, not places. Other languages have words of their own for them.
_STATES = frozenset({"opened", "unread", "important", "starred"})
_CATEGORY = re.compile(r"category [a-z]{1,40}\Z", re.I)


def gmail(data: bytes) -> tuple[str, str]:
    """Folder (``Inbox; Work``) and conversation (``gmail:1234``) of a message; "" where not said.

    Labels that are states, as Unread, Important and the categories, are left out where others
    are there.
    """
    # Other mail pays for this search alone.
    if data.find(b"X-G", 0, _FIRST) < 0:
        return "", ""
    end = _BLANK.search(data, 0, _NEAR)
    folder = conversation = ""
    for field in _FIELD.finditer(data, 0, end.start() + 1 if end else min(len(data), _NEAR)):
        if field[1] and not conversation and (thread := _THREAD.match(field[3])):
            conversation = f"gmail:{thread[1].decode()}"
        elif field[2] and not folder:
            folder = "; ".join(_places(labels(field[3])))[:_FOLDER_MAX]
    return folder, conversation


def labels(value: bytes) -> list[str]:
    """The labels in the value of an ``X-Gmail-Labels`` field, each once."""
    text = _decoded(value[:_LABELS_MAX])
    try:
        found = next(csv.reader([text], skipinitialspace=True), [])
    except csv.Error:
        found = text.split(",")
    names = ("".join(c for c in " ".join(f.split()) if c.isprintable()) for f in found)
    return list(dict.fromkeys(n for n in names if n))


def _places(found: list[str]) -> list[str]:
    places = [n for n in found if n.casefold() not in _STATES and not _CATEGORY.match(n)]
    return places or found


def _decoded(value: bytes) -> str:
    """A header value unfolded and decoded (RFC 2047); what cannot be decoded stays as it is."""
    raw = re.sub(rb"\r?\n", b"", value).decode("utf-8", "replace").strip()
    if "=?" not in raw:
        return raw
    try:
        parts = decode_header(raw)
    except (HeaderParseError, ValueError):
        return raw
    text = ""
    for part, charset in parts:
        if isinstance(part, str):
            text += part
            continue
        try:
            text += part.decode(charset or "utf-8", "replace")
        except (LookupError, ValueError):  # unknown, or no name at all
            text += part.decode("utf-8", "replace")
    return text
