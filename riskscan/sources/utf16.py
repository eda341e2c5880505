"""Single messages saved as UTF-16 text, as Windows programs do: told, and made mail again.

RFC 5322 mail is bytes, so such a file is a text of it. The bytes that the mail had are those of
the text in the charset that it declares.
"""

from __future__ import annotations

import re

from riskscan.mail.charset import codec_name
from riskscan.sources.lines import encoding_of, head_text

_CHARSET = re.compile(r"charset\s{0,4}=\s{0,4}[\"']?([A-Za-z0-9._:-]{2,40})", re.I)
_SEARCHED = 1 << 20  # characters in which a charset is looked for
_MAX_NAMES = 100
_HEAD = 4096  # bytes that tell the encoding


def narrow_head(head: bytes) -> bytes:
    """The first bytes of a UTF-16 file as UTF-8; b"" where it is another file, or an mbox."""
    if not encoding_of(head)[0].startswith("utf-16"):
        return b""
    text = head_text(head[: len(head) & ~1]).lstrip("\ufeff\r\n")
    return b"" if text.startswith("From ") else text.encode("utf-8", "replace")


def narrowed(data: bytes) -> tuple[bytes, str]:
    """The mail of a file that is UTF-16, and a defect; of any other file, ``data`` and "".

    Text that is not ASCII is encoded as the mail says, where it names one charset and that has
    all its characters; else as UTF-8, of which the defect tells.
    """
    encoding, skip = encoding_of(data[:_HEAD])
    if not encoding.startswith("utf-16"):
        return data, ""
    text = data[skip:].decode(encoding, "replace")
    defect = "a file in UTF-16"
    if not text.isascii():
        names = {codec_name(name) for name in _CHARSET.findall(text[:_SEARCHED])[:_MAX_NAMES]}
        codec = "".join(names - {"", "ascii"}) if len(names - {"", "ascii"}) == 1 else "utf-8"
        if not codec.startswith("utf-16"):
            try:
                return text.encode(codec), defect
            except (UnicodeError, LookupError):
                pass
        defect = "a file in UTF-16 that is not in the charset that it names: read as UTF-8"
        text = _CHARSET.sub("charset=utf-8", text[:_SEARCHED]) + text[_SEARCHED:]
    return text.encode("utf-8", "replace"), defect
