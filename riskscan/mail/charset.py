"""Bytes to text: every charset name that mail carries, right, wrong or missing.

The result can always be encoded as UTF-8: no NUL and no lone surrogate is left in it.
"""

from __future__ import annotations

import codecs
import functools
import re
import unicodedata
from collections import Counter

from charset_normalizer import from_bytes

from riskscan.mail.eastasian import JAPANESE_SHIFT, KOREAN_SHIFT, read_damaged

# Names seen in mail that Python does not know, or reads more narrowly than mail means them:
# the WHATWG Encoding Standard's supersets (GBK inside "gb2312", cp1252 inside "latin-1", …).
_MEANT = {
    "ansi": "cp1252",
    "ansi_x3.4-1968": "ascii",
    "big5": "big5hkscs",
    "big5-eten": "big5hkscs",
    "cn-big5": "big5hkscs",
    "cn-gb": "gb18030",
    "cp50220": "iso2022_jp_ext",
    "cp50221": "iso2022_jp_ext",
    "cp50222": "iso2022_jp_ext",
    "cp51932": "euc_jp",
    "eucjp-ms": "euc_jp",
    "euc-kr": "cp949",
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gbk": "gb18030",
    "iso-8859-1": "cp1252",
    "iso-8859-11": "cp874",
    "iso-8859-8-e": "iso-8859-8",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-9": "cp1254",
    "iso-2022-jp": "iso2022_jp_ext",
    "iso-2022-jp-ms": "iso2022_jp_ext",
    "iso8859-1": "cp1252",
    "iso_8859-1": "cp1252",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601-1989": "cp949",
    "ksc5601": "cp949",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "shift-jis": "cp932",
    "shift_jis": "cp932",
    "sjis": "cp932",
    "tis-620": "cp874",
    "unicode-1-1-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
    "utf8mb4": "utf-8",
    "windows-31j": "cp932",
    "windows-874": "cp874",
    "windows-949": "cp949",
    "x-euc-jp": "euc_jp",
    "x-gbk": "gb18030",
    "x-mac-roman": "mac_roman",
    "x-sjis": "cp932",
    "x-windows-949": "cp949",
}
# Python codecs that are text codecs but never the charset of a mail; some are slow or unsafe.
_REFUSED = {"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape", "mbcs", "oem"}
_SEVEN_BIT = ("iso2022", "hz", "utf-7", "utf-16", "utf-32")  # where ASCII bytes are not ASCII text
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDE = ("utf-16", "utf-32")
_WIDE_LOOK = 4096  # bytes
_WIDE_LEAST = 8
_CHARACTERS = bytes(range(32, 127)) + b"\t\n\r"
_GUESS_BYTES = 4096  # charset-normalizer is slow: it sees the first 8-bit bytes only
_SURE_BYTES = 60  # 8-bit ones
_EIGHT_BIT = re.compile(rb"[\x80-\xff]")
_NAME = re.compile(r"[a-z0-9][a-z0-9._:-]*")


@functools.lru_cache(maxsize=512)
def codec_name(charset: str) -> str:
    """The Python codec for a charset name as found in mail, or "" when there is none."""
    match = _NAME.search(charset.strip().lower()[:80])
    if not match:
        return ""
    name = match.group()
    for candidate in (name, name.replace("_", "-"), name.removeprefix("x-")):
        meant = _MEANT.get(candidate, candidate)
        try:
            found = codecs.lookup(meant)
        except (LookupError, ValueError):
            continue
        # The flag is private, but the public way to ask is to decode and fail.
        if getattr(found, "_is_text_encoding", True) and found.name not in _REFUSED:
            return _MEANT.get(found.name, found.name)
    cp = re.fullmatch(r"(?:cp|windows|win|ibm|dos)[-_]?(\d{3,4})", name)
    if cp and f"cp{cp.group(1)}" != name:
        return codec_name(f"cp{cp.group(1)}")
    return ""


def to_text(raw: bytes, charset: str = "", hint: str = "") -> tuple[str, str]:
    """Decode ``raw``; returns the text and, when it had to be guessed or repaired, a defect.

    ``charset`` is what the part declares, ``hint`` what the message declares elsewhere.
    """
    codec = codec_name(charset) if charset else ""
    if codec.startswith(_WIDE) and is_narrow(raw):
        text, _ = to_text(raw, "", hint)
        return text, f"charset {charset[:40]!r}: the text has one byte a character"
    if raw.isascii() and not codec.startswith(_SEVEN_BIT):
        if 0 in raw:
            return _wide_or_clean(raw)
        if b"\x1b$" in raw and (shifted := _shifts(raw)):
            named = f"charset {charset[:40]!r}" if charset else "text without charset"
            return clean(shifted[0]), f"{named}: read as {shifted[1]}"
        return raw.decode("ascii"), ""
    for bom, name in _BOMS:
        if raw.startswith(bom):
            if name in _WIDE and is_narrow(raw[len(bom) :][:_WIDE_LOOK]):
                text, _ = to_text(raw[len(bom) :], "" if codec.startswith(_WIDE) else charset, hint)
                return text, f"a byte order mark of {name}: the text has one byte a character"
            return clean(raw.decode(name, "replace").lstrip("\ufeff")), ""
    if codec and codec != "ascii":
        try:
            return clean(raw.decode(codec)), ""
        except (UnicodeError, ValueError):
            if codec == "utf-7" and raw.isascii():
                text = _SHIFTED.sub(_unshifted, raw.decode("ascii"))
                return clean(text), f"charset {charset[:40]!r}: some of it is read as plain text"
            if codec.startswith(_SHIFTING) and _SHIFT.search(raw):
                text = clean(read_damaged(raw, codec))
                return text, _told(text, charset)
            if codec in _EAST_ASIAN and not _reads(raw, "utf-8"):
                text = clean(read_damaged(raw, codec))
                if _plausible(text):
                    return text, _told(text, charset)
            # Else a wrong name: find a better one below.
    elif 0 in raw:
        return _wide_or_clean(raw)
    named = f"charset {charset[:40]!r}" if charset else "text without charset"
    for name in ("utf-8", codec_name(hint) if hint else ""):
        if name and name != "ascii":
            try:
                return clean(raw.decode(name)), f"{named}: read as {name}"
            except (UnicodeError, ValueError):
                continue
    if raw.count(b"\xed") <= _HALVES_MOST:
        try:
            # Characters beyond the first plane as two halves, each in bytes of its own (CESU-8).
            return clean(raw.decode("utf-8", "surrogatepass")), f"{named}: read as utf-8"
        except UnicodeError:
            pass
    text = raw.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    if len(text) < len(raw) and (
        8 * bad <= _not_ascii(text) or (codec == "utf-8" and _plausible(text))
    ):
        return clean(text), f"{named}: read as utf-8, some bytes could not be read"
    if codec and codec != "ascii":
        text = clean(raw.decode(codec, "replace"))
        # A byte or two gone wrong in a long text does not make the name wrong.
        likely = codec not in _EAST_ASIAN or _plausible(text)
        if text.count("\ufffd") * 20 <= len(text) and likely:
            return text, f"{named}: some bytes could not be read"
    name = guess(raw)
    return clean(_decode_western(raw) if name == "cp1252" else raw.decode(name, "replace")), (
        f"{named}: read as {name}"
    )


def is_narrow(raw: bytes) -> bool:
    """Whether bytes behind a mark or a name of UTF-16 or UTF-32 are ASCII, or nearly so.

    Latin text in these has NULs. A Chinese or Japanese character may well be two bytes of ASCII;
    but two letters of ASCII are seldom a character that is in use, and a script that is a block of
    Unicode has one byte in every other place.
    """
    sample = raw[:_WIDE_LOOK]
    if len(sample) < _WIDE_LEAST or 0 in sample:
        return False
    if 10 * len(sample.translate(None, _CHARACTERS)) > len(sample):
        return False
    halves = sample[::2], sample[1::2]
    often = [Counter(half).most_common(1)[0] for half in halves]
    if often[0][0] != often[1][0] and any(
        2 * count > len(half) for (_, count), half in zip(often, halves, strict=True)
    ):
        return False
    return not any(_in_use(sample, codec) for codec in ("utf-16-le", "utf-16-be"))


def _in_use(sample: bytes, codec: str) -> bool:
    """Are nearly all characters of ``sample`` such as Chinese or Japanese texts are written in?"""
    text = sample[: len(sample) // 2 * 2].decode(codec, "replace")
    in_use = _characters_in_use()
    known = sum(character in in_use for character in text)
    words = any(blank in sample for blank in b" \t\n")
    return known >= (0.95 if words else 0.85) * len(text)


@functools.cache
def _characters_in_use() -> frozenset[str]:
    """Kana, and the ideographs of the first levels of GB 2312, Big5 and JIS X 0208."""
    tails = (*range(0x40, 0x7F), *range(0x80, 0xFF))
    levels = (
        ("gb2312", range(0xB0, 0xD8)),
        ("big5", range(0xA4, 0xC7)),
        ("cp932", range(0x88, 0x99)),
    )
    ideographs = (
        bytes((lead, tail)).decode(codec, "ignore")
        for codec, leads in levels
        for lead in leads
        for tail in tails
    )
    kana = map(chr, (*range(0x3001, 0x3012), *range(0x3041, 0x30FF), *range(0xFF01, 0xFF5F)))
    return frozenset("".join((*ideographs, *kana)))


# Each half that Python lets pass costs it as much as a hundred other characters.
_HALVES_MOST = 200_000
_SHIFTING = ("iso2022", "hz")
_SHIFT = re.compile(rb"\x1b\$|~\{")
_EAST_ASIAN = frozenset({"big5hkscs", "cp950", "gb18030", "cp949", "cp932", "euc_jp", "euc_kr"})


def _shifts(raw: bytes) -> tuple[str, str] | None:
    """Seven-bit text that shifts to another character set without having said so; its name."""
    if JAPANESE_SHIFT.search(raw):
        codec, name = "iso2022_jp_ext", "iso-2022-jp"
    elif b"\x1b$)C" in raw and KOREAN_SHIFT.search(raw):
        codec, name = "iso2022_kr", "iso-2022-kr"
    else:
        return None
    try:
        return raw.decode(codec), name
    except UnicodeError:
        return read_damaged(raw, codec), name


def _told(text: str, charset: str) -> str:
    some = "\ufffd" in text
    return f"charset {charset[:40]!r}: some bytes could not be read" if some else ""


_TOGETHER = re.compile("[^\x00-\x7f\ufffd]{2,}")


def _plausible(text: str) -> bool:
    """Is this East Asian text with a few bytes gone wrong, rather than text in another charset?

    Of Western text the letters that are not ASCII become single characters among Latin letters.
    """
    bad = text.count("\ufffd")
    good = _not_ascii(text) - bad
    together = sum(map(len, _TOGETHER.findall(text)))
    return 3 * bad <= good and 2 * together >= good


_SHIFTED = re.compile(r"\+([A-Za-z0-9+/]*)(-?)")


def _unshifted(shift: re.Match[str]) -> str:
    """What "+" and the Base64 after it stand for (RFC 2152); themselves where that is nothing.

    This text is not UTF-7 throughout: "+100" or "+word" without "-" at its end is taken as it is.
    """
    run, end = shift.groups()
    if not end and (run.isdigit() or run.islower()):
        return shift[0]
    try:
        made = f"+{run}-".encode().decode("utf-7") if run or end else shift[0]
    except UnicodeDecodeError:
        return shift[0]
    return shift[0] if any(unicodedata.category(c) in _NO_TEXT for c in made) else made


_NO_TEXT = frozenset({"Cn", "Co", "Cs"})


def _not_ascii(text: str) -> int:
    return len(text) - len(text.encode("ascii", "ignore"))


def clean(text: str) -> str:
    """``text`` without NUL, and with lone surrogates replaced by U+FFFD."""
    if "\0" in text:
        text = text.replace("\0", "")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        # Pairs become the character they stand for; lone ones the replacement character.
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def guess(raw: bytes) -> str:
    """The likeliest codec of 8-bit text that is not UTF-8.

    A text with few 8-bit bytes among its letters is taken for cp1252: statistics tell nothing of
    it. Of the rest charset-normalizer may say which other script it is; it is not asked to tell
    one Latin code page from another, which it cannot.
    """
    first = _EIGHT_BIT.search(raw)
    start = max(0, first.start() - 256) if first else 0
    sample = _TAGS.sub(b"", raw[start : start + 4 * _GUESS_BYTES])[:_GUESS_BYTES]
    high = len(_EIGHT_BIT.findall(sample))
    if high < 8 or high * 4 < high + len(_LETTER.findall(sample)):
        return "cp1252"
    for name in ("cp932", "euc_jp"):  # Japanese is a third kana, and nothing else is
        text = sample.decode(name, "ignore")
        if len(_KANA.findall(text)) * 5 > _not_ascii(text):
            return name
    best = from_bytes(sample, cp_isolation=_SCRIPTS, enable_fallback=False).best()
    return codec_name(best.encoding) or "cp1252" if best else "cp1252"


def sure_guess(raw: bytes) -> str:
    """What ``guess`` says where it is seldom wrong: of much 8-bit text all of which it reads.

    Else "", also for Western and UTF-8. The last character of ``raw`` may be cut.
    """
    if len(_EIGHT_BIT.findall(raw)) < _SURE_BYTES or _reads(raw, "utf-8"):
        return ""
    name = guess(raw)
    return name if name != "cp1252" and _reads(raw, name) else ""


def _reads(raw: bytes, name: str) -> bool:
    try:
        codecs.getincrementaldecoder(name)().decode(raw)
    except UnicodeError:
        return False
    return True


_TAGS = re.compile(rb"<[^<>]{0,2000}>")
_KANA = re.compile(r"[\u3041-\u30ff]")
_LETTER = re.compile(rb"[A-Za-z]")
_SCRIPTS = [
    "cp1252", "cp1251", "koi8_r", "cp1253", "cp1255", "cp1256", "cp874", "gb18030", "big5hkscs",
    "cp949", "cp932", "euc_jp",
]  # fmt: skip


def _decode_western(raw: bytes) -> str:
    """cp1252, its five unassigned bytes as the controls that browsers make of them."""
    return codecs.charmap_decode(raw, "strict", _WESTERN)[0]


_UNASSIGNED = frozenset({0x81, 0x8D, 0x8F, 0x90, 0x9D})
_WESTERN = "".join(chr(b) if b in _UNASSIGNED else bytes((b,)).decode("cp1252") for b in range(256))


def _wide_or_clean(raw: bytes) -> tuple[str, str]:
    """Text with NUL bytes: UTF-16 that does not say so, or text with NULs in it."""
    sample = raw[:4096]
    if len(sample) >= 8:
        half = len(sample) // 2
        for name, nuls in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[0::2])):
            if nuls.count(0) * 10 >= half * 7:
                return clean(raw.decode(name, "replace")), f"text with NUL bytes: read as {name}"
    text, _ = to_text(raw.replace(b"\0", b""))
    return text, "NUL bytes removed from the text"
