"""Windows code page numbers (RTF, MAPI) to Python codecs."""

from __future__ import annotations

from riskscan.mail.charset import codec_name

# Those whose Python name is not "cp" and the number; by the table "Code Page Identifiers" of the
# Windows documentation.
_NAMED = {
    708: "iso-8859-6",
    1200: "utf-16-le",
    1201: "utf-16-be",
    10000: "mac_roman",
    10001: "shift_jis",
    10006: "mac_greek",
    10007: "mac_cyrillic",
    10029: "mac_latin2",
    10079: "mac_iceland",
    10081: "mac_turkish",
    12000: "utf-32-le",
    12001: "utf-32-be",
    20127: "cp1252",  # ASCII: what says so and is not, is Western
    20866: "koi8_r",
    20932: "euc_jp",
    20936: "gb18030",
    20949: "cp949",
    21866: "koi8_u",
    28603: "iso-8859-13",
    28605: "iso-8859-15",
    38598: "iso-8859-8",
    50220: "iso2022_jp",
    50221: "iso2022_jp_ext",
    50222: "iso2022_jp_ext",
    50225: "iso2022_kr",
    51932: "euc_jp",
    51936: "gb18030",
    51949: "cp949",
    52936: "hz",
    54936: "gb18030",
    65000: "utf-7",
    65001: "utf-8",
} | {28590 + part: f"iso-8859-{part}" for part in range(1, 10)}


def codec_of_codepage(number: int) -> str:
    """The Python codec of a code page, or "" when there is none."""
    name = _NAMED.get(number) or (f"cp{number}" if 0 < number < 65536 else "")
    return codec_name(name) if name else ""
