"""Telling load files and tables by their first bytes: Concordance, EDRM XML, CSV, JSON lines."""

from __future__ import annotations

import re

from riskscan.sources.lines import codec_of, head_text
from riskscan.sources.table import header_of

QUOTE, SEPARATOR = "\u00fe", "\x14"
_HEADER = re.compile(rf"{QUOTE}[^{QUOTE}{SEPARATOR}\r\n]{{1,500}}{QUOTE}(?:{SEPARATOR}|[\r\n]|\Z)")
# Some vendors leave the þ out of the header, or out of the whole file.
_NAME = rf"[^\x00-\x1f{QUOTE}]"
_BARE = re.compile(rf"(?:{_NAME}{{1,200}}{SEPARATOR}){{2,5000}}{_NAME}{{0,200}}(?:[\r\n]|\Z)")
_EDRM = re.compile(
    r"<(?:\w{1,40}:)?Root\s[^>]{0,2000}?DataInterchangeType|<(?:\w{1,40}:)?Root[\s>]"
)
_BATCH = re.compile(r"<(?:\w{1,40}:)?(?:Batch|Fields|Documents)[\s>/]")


def load_kind(head: bytes, name: str) -> str:
    """``concordance``, ``edrm``, ``csv``, ``jsonl`` or "", by content; the last two by name too."""
    if codec_of_dat(head):
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


def codec_of_dat(head: bytes) -> tuple[str, str] | None:
    """Codec and error handler of a Concordance .dat by its first bytes, None when it is none."""
    codec, errors = codec_of(head)
    if codec == "utf-8" and head.startswith(b"\xfe"):
        codec, errors = "cp1252", "replace"  # þ in Windows-1252
    start = head[:8192].decode(codec, "ignore")
    return (codec, errors) if _HEADER.match(start) or _BARE.match(start) else None


def _is_edrm(head: bytes) -> bool:
    text = head_text(head)
    return bool(_EDRM.search(text) and ("DataInterchangeType" in text or _BATCH.search(text)))
