"""East Asian charsets as mail programs write them: with the characters of vendors, or damaged.

Python's codecs end at the first character that their standard lacks. Here what can be read is
read, and U+FFFD stands for the rest. All is linear in the bytes.
"""

from __future__ import annotations

import codecs
import re

JAPANESE_SHIFT = re.compile(rb"\x1b\$(?:[@B]|\([DOPQ])(?:[\x21-\x7e]{2})+\x1b\([BJ]")
KOREAN_SHIFT = re.compile(rb"\x0e(?:[\x21-\x7e]{2})+\x0f")
_ESCAPE = re.compile(rb"\x1b(\$\([A-Z]|\$[@AB]|\([A-Z]|[.N].)")
_RUN = re.compile(rb"([\x21-\x7e]+)")
_ROWS_OF_VENDORS = b"\xad\xf9\xfa\xfb\xfc"  # of EUC-JP: NEC's row 13, IBM's 89 to 92
# Each costs what some hundred characters cost.
_SHIFTS_MOST, _DAMAGES_MOST = 200_000, 100_000
_PAIRED = {
    "big5hkscs": ("cp950",),
    "cp950": ("big5hkscs",),
    "euc_jp": (),
}


def read_damaged(raw: bytes, codec: str) -> str:
    """``raw`` in an East Asian ``codec`` that cannot decode all of it.

    ISO-2022-JP and EUC-JP are read with the rows of NEC and IBM (as code pages 50221 and 51932 of
    Windows do), Big5 with those of Hong Kong and of code page 950. Where very much is damaged,
    only what the codec itself can read is.
    """
    if codec.startswith("iso2022_jp") and raw.count(b"\x1b") <= _SHIFTS_MOST:
        return _iso2022_jp(raw)
    text = raw.decode(codec, "replace")
    if codec in _PAIRED and text.count("\ufffd") <= _DAMAGES_MOST:
        return raw.decode(codec, _HANDLER[codec])
    return text


def _iso2022_jp(raw: bytes) -> str:
    out: list[str] = []
    first, *rest = _ESCAPE.split(raw)
    out.append(_plain(first))
    for escape, run in zip(rest[::2], rest[1::2], strict=True):
        if escape in (b"$B", b"$@", b"$(Q", b"$(O"):  # of JIS X 0213 what it shares with 0208
            out += _rows(run, "cp932")
        elif escape in (b"$(D", b"$(P"):
            out += _rows(run, "euc_jp")
        elif escape == b"(I":
            kana = bytes(b | 0x80 if 0x21 <= b < 0x60 else b for b in run)
            out.append(kana.decode("cp932", "replace"))
        elif escape[:1] == b"(":
            out.append(_plain(run))
        else:
            out.append((b"\x1b" + escape + run).decode("iso2022_jp_2", "replace"))
    return "".join(out)


def _plain(run: bytes) -> str:
    """What is between the shifts: ASCII, or what a program left there against the standard."""
    try:
        return run.decode("utf-8")
    except UnicodeDecodeError:
        return run.decode("cp932", "replace")


def _rows(run: bytes, codec: str) -> list[str]:
    """Pairs of a 94 x 94 set; blanks and line ends stand between them as they are."""
    out: list[str] = []
    for i, piece in enumerate(_RUN.split(run)):
        if i % 2 == 0:
            out.append(_plain(piece))
            continue
        for at in range(0, len(piece), 2):
            pair = piece[at : at + 2]
            out.append(_pair(pair, codec) if len(pair) == 2 else "\ufffd")
    return out


def _pair(pair: bytes, codec: str) -> str:
    if codec == "euc_jp":
        return bytes((0x8F, pair[0] | 0x80, pair[1] | 0x80)).decode("euc_jp", "replace")[:1]
    try:
        return shift_jis(pair[0], pair[1]).decode("cp932")
    except UnicodeDecodeError:
        return "\ufffd"


def shift_jis(row: int, cell: int) -> bytes:
    """The Shift_JIS bytes of a character of JIS X 0208 (its annex 1), from its seven-bit ones."""
    high = (row + 1) // 2 + (0x70 if row < 0x5F else 0xB0)
    low = cell + (0x7E if row % 2 == 0 else 0x1F if cell < 0x60 else 0x20)
    return bytes((high, low))


def _handler(codec: str) -> str:
    """The name of an error handler that asks the vendors' sets for a character."""

    def replace(error: UnicodeError) -> tuple[str, int]:
        assert isinstance(error, UnicodeDecodeError)
        at = error.start
        pair = error.object[at : at + 2]
        if len(pair) == 2 and pair[0] >= 0x80:
            try:
                if codec == "euc_jp":
                    if pair[0] not in _ROWS_OF_VENDORS or pair[1] < 0xA1:
                        return "\ufffd", at + 1
                    return shift_jis(pair[0] & 0x7F, pair[1] & 0x7F).decode("cp932"), at + 2
                return pair.decode(_PAIRED[codec][0]), at + 2
            except ValueError:
                pass
        return "\ufffd", at + 1

    name = f"riskscan-{codec}"
    codecs.register_error(name, replace)
    return name


_HANDLER = {codec: _handler(codec) for codec in _PAIRED}
