"""RTF to text, and the HTML or text that Outlook hides in RTF bodies.

By the RTF 1.9.1 specification and MS-OXRTFEX (HTML in RTF). Own code: the HTML needs a reader of
its own (RTFDE 0.1.2 builds a tree and took 0.9 s for a body that this reads in 2 ms), which then
reads plain RTF as well; striprtf 0.0.35, for that alone, drops comments and text boxes, and raises
where the two bytes of a character are in two groups. One pass, no recursion, memory bounded by
what comes out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from riskscan.mail.charset import clean
from riskscan.mail.codepages import codec_of_codepage

MAX_TEXT = 16 << 20  # characters that are made of one RTF text
_MAX_TOKENS = 2_000_000  # words, braces and runs of text that are looked at: a second or two


@dataclass(slots=True, frozen=True)
class RtfContent:
    """What RTF holds: ``kind`` "html" or "text" where it was made of such, else "rtf".

    ``cut``: there is more of it than is read.
    """

    kind: str
    text: str
    cut: bool = False


def read_rtf(data: bytes) -> RtfContent:
    """The HTML or the text that RTF was made of (MS-OXRTFEX section 3.1.4), else its own text.

    \\fromhtml1 or \\fromtext is then among the first words.
    """
    head = data[:1024].split(b"\\fonttbl", 1)[0]
    if b"\\fromhtml1" in head:
        return _read("html", data)
    return _read("text" if b"\\fromtext" in head else "rtf", data)


def rtf_to_text(data: bytes) -> str:
    """The text of an RTF file, with ``\\n`` line ends; "" for what is no RTF.

    Table cells are parted by tabs. Pictures, embedded objects and the document's properties are
    left out; hidden and deleted text is kept: they are where a hider would write.
    """
    return rtf_content(data).text


def rtf_content(data: bytes, most: int = MAX_TEXT) -> RtfContent:
    """The text of an RTF file, as ``rtf_to_text``, up to about ``most`` characters of it."""
    start = data[:1024].find(b"{\\rtf")
    return _read("rtf", data[start:], most) if start >= 0 else RtfContent("rtf", "")


def _read(kind: str, data: bytes, most: int = MAX_TEXT) -> RtfContent:
    reader = _Reader(html=kind == "html", most=most)
    text = reader.read(data)
    return RtfContent(kind, text, reader.cut)


# A control word, \'hh, a control symbol, a brace, line ends, text. All classes are disjoint.
_TOKEN = re.compile(
    rb"\\([A-Za-z]{1,32})(-?[0-9]{1,10})? ?|\\'([0-9A-Fa-f]{2})|\\([^A-Za-z])|([{}])|[\r\n]+"
    rb"|([^\\{}\r\n]+)|\\",
    re.S,
)
_WORD, _NUMBER, _CODE, _SYMBOL, _BRACE, _TEXT = range(1, 7)  # the groups of it
# The same in what is skipped: only braces and \bin matter.
_SKIPPED = re.compile(rb"[^\\{}]+|\\bin([0-9]{1,10}) ?|\\.|([{}])|\\", re.S)
# Destinations that hold no text of the document.
_NO_TEXT = frozenset(
    b"""aftncn aftnsep aftnsepc atnauthor atndate atnicn atnid atnparent atnref atntime atrfend
    atrfstart author background bkmkend bkmkstart blipuid buptim category colorschememapping
    colortbl comment company creatim datafield datastore docvar factoidname falt file filetbl
    fldinst fontemb fontfile formfield ftncn ftnsep ftnsepc generator gridtbl hlinkbase info
    keywords latentstyles listlevel listoverridetable listpicture listtable mhtmltag mmathpr
    nextfile nonshppict objalias objclass objdata objname objsect objtime oldcprops oldpprops
    oldsprops oldtprops operator panose password passwordhash pgptbl picprop pict pn pnseclvl
    printim private propname protusertbl revtbl revtim rsidtbl rxe shppict sp staticval
    stylesheet tc template themedata title txe userprops wgrffmtfilter windowcaption
    writereservation writereservhash xe xmlattrname xmlattrvalue xmlnstbl""".split()
)
# Destinations that readers may pass over ({\*\...}), with text of the document all the same.
_STARRED_TEXT = frozenset({b"shpinst", b"shptxt", b"do", b"annotation", b"pntext", b"htmlrtf"})
_BREAKS = dict.fromkeys(
    b"""par line sect page column row nestrow softline footnote annotation header headerl headerr
    headerf footer footerl footerr footerf""".split(),
    "\n",
) | {
    b"cell": "\t", b"nestcell": "\t", b"tab": "\t", b"emdash": "—", b"endash": "–",
    b"emspace": " ", b"enspace": " ", b"qmspace": " ", b"bullet": "•", b"lquote": "‘",
    b"rquote": "’", b"ldblquote": "“", b"rdblquote": "”",
}  # fmt: skip
_CHARACTERS = {b"~": "\u00a0", b"_": "\u2011", b"\n": "\n", b"\r": "\n", b"\t": "\t"}
_HTML_CHARACTERS = _CHARACTERS | {b"_": "\u00ad"}  # MS-OXRTFEX section 3.1.4.2
# \fcharset of a font to its code page (RTF 1.9.1, "Font Table").
_CHARSETS = {
    0: 1252, 77: 10000, 78: 10001, 128: 932, 129: 949, 130: 1361, 134: 936, 136: 950, 161: 1253,
    162: 1254, 163: 1258, 177: 1255, 178: 1256, 186: 1257, 204: 1251, 222: 874, 238: 1250,
    254: 437, 255: 850,
}  # fmt: skip
_SYMBOL_CHARSET, _SYMBOL_FONT = 2, "symbol"
_CHARACTER_SETS = {b"ansi": "cp1252", b"mac": "mac_roman", b"pc": "cp437", b"pca": "cp850"}
_SETTINGS = frozenset(
    {b"uc", b"htmlrtf", b"f", b"deff", b"plain", b"fcharset", b"cpg", b"ansicpg", *_CHARACTER_SETS}
)
_MAX_DEPTH = 10_000  # groups in groups whose settings are kept
_MAX_FONTS = 10_000
_JOIN = 8192  # pieces of text that are kept apart


class _Reader:
    """One pass over an RTF text. Of the groups only the settings are kept, on a stack."""

    def __init__(self, html: bool = False, most: int = MAX_TEXT) -> None:
        self._html = html
        self._most = most
        self._left = _MAX_TOKENS
        self._symbols = _HTML_CHARACTERS if html else _CHARACTERS
        self._out: list[str] = []
        self._size = 0
        self._pending = bytearray()
        self._pending_codec = "cp1252"
        self._default = "cp1252"
        self._default_font = 0
        self._fonts: dict[int, str] = {}
        self._listed = 0  # the font whose entry in the font table is read
        self._skip = 0  # characters to come that a \u stands for
        self._star = False
        self.cut = False
        self._stack: list[tuple[int, int, bool, bool, bool]] = []
        self._deeper = 0
        # What a group inherits: font (-1 the default one), \ucN, \htmlrtf, \htmltag, \fonttbl.
        self._font = -1
        self._fallback = 1
        self._hidden = False
        self._tag = False
        self._table = False

    def read(self, data: bytes) -> str:
        """The text; ``cut`` says afterwards whether that is all."""
        at: int | None = 0
        while at is not None:
            start, at = at, None
            for match in _TOKEN.finditer(data, start):
                self._left -= 1
                if self._left < 0 or self._size > self._most:
                    self.cut = True
                    break
                at = self._token(match, data)
                if at is not None:
                    break
        self._flush()
        return clean("".join(self._out))

    def _token(self, match: re.Match[bytes], data: bytes) -> int | None:
        """Do what a token says; where to go on when that is not behind it."""
        index = match.lastindex
        if index is None:  # line ends, a backslash at the end
            return None
        if index == _TEXT:
            self._text(match[_TEXT])
        elif index <= _NUMBER:
            word, number = match[_WORD], match[_NUMBER]
            if word == b"bin":
                return match.end() + max(0, int(number or 0))
            if self._word(word, number):
                return self._past_group(data, match.end())
        elif index == _CODE:
            self._text(bytes((int(match[_CODE], 16),)))
        elif index == _SYMBOL:
            self._symbol(match[_SYMBOL])
        elif not self._brace(match[_BRACE]):
            return len(data)
        return None

    def _brace(self, brace: bytes) -> bool:
        """Open or close a group; False at the end of the outermost."""
        self._skip = 0
        self._star = False
        if brace == b"{":
            if len(self._stack) >= _MAX_DEPTH:
                self._deeper += 1
            else:
                self._stack.append(
                    (self._font, self._fallback, self._hidden, self._tag, self._table)
                )
            return True
        if self._deeper:
            self._deeper -= 1
        elif self._stack:
            self._font, self._fallback, self._hidden, self._tag, self._table = self._stack.pop()
        return bool(self._stack)

    def _past_group(self, data: bytes, at: int) -> int:
        """Where the group at hand ends: at its closing brace, or where the data does."""
        depth = 0
        while match := _SKIPPED.match(data, at):
            self._left -= 1
            if self._left < 0:
                self.cut = True
                return len(data)
            size, brace = match.groups()
            if brace == b"}":
                if not depth:
                    return at
                depth -= 1
            elif brace:
                depth += 1
            at = match.end() + (int(size) if size else 0)
        return len(data)

    @property
    def _mute(self) -> bool:
        return self._hidden or self._table

    def _text(self, text: bytes) -> None:
        self._star = False
        if self._skip:
            dropped = min(self._skip, len(text))
            self._skip -= dropped
            text = text[dropped:]
        if not text or self._mute:
            return
        codec = self._default
        if not self._tag:
            font = self._default_font if self._font < 0 else self._font
            codec = self._fonts.get(font, codec)
        if codec != self._pending_codec:
            self._flush()
            self._pending_codec = codec
        self._pending += text
        self._size += len(text)

    def _put(self, text: str) -> None:
        self._flush()
        self._out.append(text)
        self._size += len(text)
        if len(self._out) > _JOIN:
            self._out = ["".join(self._out)]

    def _flush(self) -> None:
        """Decode what is pending: the bytes of one character may come in several tokens."""
        if not self._pending:
            return
        if self._pending_codec == _SYMBOL_FONT:
            text = self._pending.decode("cp1252", "replace").replace("·", "•")
        else:
            text = self._pending.decode(self._pending_codec, "replace")
        self._pending.clear()
        self._out.append(text)

    def _symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self._star = True
        elif symbol in b"{}\\":
            self._text(symbol)
        elif self._skip:
            self._skip -= 1
        elif (made := self._symbols.get(symbol)) and not self._mute:
            self._put(made)

    def _word(self, word: bytes, number: bytes | None) -> bool:
        """Do what a control word says; True when its group is to be skipped."""
        star, self._star = self._star, False
        if word == b"fonttbl":
            self._table = True
            return False
        if star and word == b"htmltag" and self._html:
            self._tag, self._hidden = True, False
            return False
        if word in _NO_TEXT or (star and word not in _STARRED_TEXT):
            return True
        if self._html and word == b"pntext":
            return True
        if word == b"u":
            if not self._mute:
                self._put(chr(int(number or 0) & 0xFFFF))
            self._skip = self._fallback
        elif word in _SETTINGS:
            self._set(word, int(number) if number is not None else None)
        elif (made := _BREAKS.get(word)) is not None:
            if self._skip:
                self._skip -= 1
            elif not self._mute:
                self._put(made)
        return False

    def _set(self, word: bytes, value: int | None) -> None:
        if word == b"htmlrtf":
            self._hidden = self._html and value != 0
        elif word == b"f":
            if self._table:
                self._listed = value or 0
            else:
                self._font = value or 0
        elif word == b"plain":
            self._font = -1
        elif word == b"uc":
            self._fallback = min(max(value or 0, 0), 1000)
        elif word == b"deff":
            self._default_font = value or 0
        elif word in (b"fcharset", b"cpg"):
            self._font_codec(word, value or 0)
        elif word == b"ansicpg":
            codec = codec_of_codepage(value or 0)
            if codec.startswith(("cp", "mac", "utf-8", "gb", "big5", "euc", "iso8859", "koi8")):
                self._default = codec
        else:
            self._default = _CHARACTER_SETS[word]

    def _font_codec(self, word: bytes, value: int) -> None:
        if not self._table or len(self._fonts) > _MAX_FONTS:
            return
        if word == b"fcharset" and value == _SYMBOL_CHARSET:
            self._fonts[self._listed] = _SYMBOL_FONT
            return
        codec = codec_of_codepage(value if word == b"cpg" else _CHARSETS.get(value, 0))
        if codec.startswith(("cp", "mac", "gb", "big5", "shift")):
            self._fonts[self._listed] = codec
