"""Telling load files and tables by their first bytes: Concordance, EDRM XML, CSV, JSON lines."""

from __future__ import annotations

import csv
import re

from riskscan.sources.table import encoding_of

QUOTE, SEPARATOR = "\u00fe", "\x14"
_HEADER = re.compile(rf"{QUOTE}[^{QUOTE}{SEPARATOR}\r\n]{{1,500}}{QUOTE}(?:{SEPARATOR}|[\r\n]|\Z)")
_EDRM = re.compile(
    r"<(?:\w{1,40}:)?Root\s[^>]{0,2000}?DataInterchangeType|<(?:\w{1,40}:)?Root[\s>]"
)
_BATCH = re.compile(r"<(?:\w{1,40}:)?(?:Batch|Fields|Documents)[\s>/]")
_DELIMITERS = (",", "\t", ";", "|")
_LINE = 64 * 1024
# FE in Windows-1252, C3 BE in UTF-8, FE 00 or 00 FE in UTF-16, each after its byte order mark.
_DAT_LEADS = (
    (b"\xef\xbb\xbf\xc3\xbe", "utf-8-sig"),
    (b"\xff\xfe\xfe\x00", "utf-16"),
    (b"\xfe\xff\x00\xfe", "utf-16"),
    (b"\xc3\xbe", "utf-8"),
    (b"\xfe\x00", "utf-16-le"),
    (b"\x00\xfe", "utf-16-be"),
    (b"\xfe", "cp1252"),
)


def load_kind(head: bytes, name: str) -> str:
    """``concordance``, ``edrm``, ``csv``, ``jsonl`` or "", by content; the last two by name too."""
    if encoding_of_dat(head):
        return "concordance"
    folded = name.casefold()
    start = head.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")
    if start[:1] == b"<":
        return "edrm" if _is_edrm(head) else ""
    if folded.endswith((".jsonl", ".ndjson")) and start[:1] == b"{":
        return "jsonl"
    if folded.endswith((".csv", ".tsv")) and len(header_of(head)) > 1:
        return "csv"
    return ""


def encoding_of_dat(head: bytes) -> str:
    """The encoding of a Concordance .dat by its first bytes, "" when it is none."""
    for lead, encoding in _DAT_LEADS:
        if head.startswith(lead):
            text = head[:8192].decode(encoding, "ignore")
            return encoding if _HEADER.match(text) else ""
    return ""


def _is_edrm(head: bytes) -> bool:
    encoding, skip = encoding_of(head)
    text = head[skip:].decode(encoding, "replace")
    return bool(_EDRM.search(text) and ("DataInterchangeType" in text or _BATCH.search(text)))


def delimiter_of(text: str) -> str:
    """The delimiter that parts the first line into most pieces, those in quotes left out."""
    line = text[:_LINE].lstrip("\ufeff").split("\n", 1)[0]
    bare = "".join(line.split('"')[::2])
    return max(_DELIMITERS, key=bare.count)


def header_of(head: bytes) -> list[str]:
    """The first row of a table that starts with ``head``; [] when it is none."""
    encoding, skip = encoding_of(head)
    text = head[skip:].decode(encoding, "replace")
    line = text.split("\n", 1)[0].rstrip("\r")
    if "\0" in line or not line.strip():
        return []
    try:
        return next(csv.reader([line], delimiter=delimiter_of(text)), [])
    except csv.Error:
        return []
