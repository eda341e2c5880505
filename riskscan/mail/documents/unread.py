"""Why a file of a format that is not read has no text: what it is, by its bytes, else by its name.

Pictures, sound, video, fonts and programs have no text to read, and no reason.
"""

from __future__ import annotations

import re

_OTHER = "not a format that riskscan reads"
# Magics of formats that hold words, or hide them (their specifications; PRONOM).
_KNOWN: tuple[tuple[bytes, str], ...] = (
    (bytes.fromhex("76e80460c411e386"), "encrypted"),  # MS-OXORMMS, a rights-managed message
    (b".pfile", "encrypted"),  # Microsoft Purview Information Protection
    (bytes.fromhex("03d9a29a"), "encrypted"),  # KeePass
    (b"AES\x02\0", "encrypted"),  # AES Crypt
    (b"Salted__", "encrypted"),  # OpenSSL
    (bytes.fromhex("e4525c7b8cd8a74daeb15378d02996d3"), "a OneNote section: not read"),
    (bytes.fromhex("a12fff43d9ef764c9ee210ea5722765f"), "a OneNote table of contents: not read"),
    (b"\0\x01\0\0Standard Jet DB", "an Access database: not read"),
    (b"\0\x01\0\0Standard ACE DB", "an Access database: not read"),
    (b"\xffWPC", "a WordPerfect document: not read"),
    (b"AC10", "an AutoCAD drawing: not read"),
    (b"SQLite format 3\0", "an SQLite database: not read"),
    (b"conectix", "a disk image: not read"),
    (b"vhdxfile", "a disk image: not read"),
    (b"KDMV", "a disk image: not read"),
)
# What starts an encrypted OpenPGP message: a session key, by RFC 9580 sections 4.2, 5.1 and 5.3.
_PGP = re.compile(
    rb"\x85..[\x03\x06]|\x84.[\x03\x06]|\xc1[\0-\xbf][\x03\x06]|\xc1[\xc0-\xdf].[\x03\x06]"
    rb"|\x8c.[\x04-\x06]|\xc3.[\x04-\x06]",
    re.S,
)
_PGP_ENDINGS = frozenset({"gpg", "pgp"})
_DISC = 32769  # where an ISO 9660 image says so
_KOLY = 512  # bytes of the end of a disk image of Apple's

# What has no words: its first bytes.
_WORDLESS = re.compile(
    rb"\x89PNG|\xff\xd8\xff|GIF8|RIFF|\0\0[\x01\x02]\0|\xd7\xcd\xc6\x9a|8BPS"
    rb"|\0\0\0.jP  |\x01\0\0\0.{36} EMF"
    rb"|.{4}ftyp|OggS|ID3|\xff[\xe2-\xfb]|fLaC|#!AMR|MThd|\x1aE\xdf\xa3|0&\xb2u|FLV\x01|[CFZ]WS"
    rb"|\0\0\x01[\xb3\xba]|FORM|\.snd|.{4}(?:moov|mdat|wide)"
    rb"|OTTO|wOF[F2]|true\0|\0\x01\0\0\0|LP\0\0"
    rb"|MZ|\x7fELF|[\xce\xcf]\xfa\xed\xfe|\xfe\xed\xfa|\xca\xfe\xba\xbe|dex\n|\0asm"
    rb"|\0\x05\x16[\0\x07]|\0\0\0\x01Bud1",  # what macOS writes beside files
    re.S,
)
_WORDLESS_ENDINGS = frozenset(
    {
        "png", "jpg", "jpeg", "gif", "bmp", "webp", "ico", "heic", "heif", "emf", "wmf",
        "psd", "jp2", "mp3", "wav", "m4a", "amr", "ogg", "opus", "wma", "aac", "flac",
        "mid", "aif", "aiff", "mp4", "mov", "avi", "mkv", "wmv", "mpg", "mpeg", "webm",
        "3gp", "m4v", "swf", "ttf", "otf", "woff", "woff2", "eot", "exe", "dll", "com",
        "sys", "scr", "so", "class", "pyc", "cur", "tga", "pcx", "p7s", "p7b", "p7c",
        "cer", "crt", "der", "p12", "pfx", "sig",
    }
)  # fmt: skip


def why_unread(ending: str, data: bytes) -> str:
    """What a file is that is no text and that no reader reads; "" where there are no words in it.

    ``ending``: of its name, in lower case.
    """
    if not data.strip(b"\0 \t\r\n"):
        return ""
    head = data[:64]
    for magic, reason in _KNOWN:
        if head.startswith(magic):
            return reason
    if ending in _PGP_ENDINGS or (ending not in _WORDLESS_ENDINGS and _PGP.match(head)):
        return "encrypted" if _PGP.match(head) else "an OpenPGP file: not read"
    if data[_DISC : _DISC + 5] == b"CD001" or data[-_KOLY : -_KOLY + 4] == b"koly":
        return "a disk image: not read"
    return "" if ending in _WORDLESS_ENDINGS or _WORDLESS.match(head) else _OTHER
