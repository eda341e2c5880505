"""Text as it reads: without what nobody sees, and with letters that only look Latin as Latin ones.

A word is hidden from the detector and from search, and from no eye, by invisible characters between
its letters, by letters of another script among them, and by full-width or mathematical ones; and a
line ends with a line feed alone. What scores and searches reads the folded text; what is kept and
shown is the text as found.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Unicode's property Default_Ignorable_Code_Point (UAX 44), and the marks of ruby text.
# And controls but white space: no program shows them.
_INVISIBLE = (
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)
# Joiners and variation selectors say something behind these: letters that join, and emoji.
_CHOOSING = "\u180b-\u180d\u180f\u200c\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef"
_CHOOSERS = "\u0590-\u10ff\u1200-\u1cff\u2190-\u2bff\u3000-\ua4cf\ua8e0-\uabff\U00010a00-\U00011fff"
_CHOOSERS += "\U0001f000-\U0001faff\U00020000-\U0003ffff"
# Their NFKC is the plain letter or digit: of mathematics, in circles and squares, full-width, "ﬁ".
_DRESSED = (
    "\u2102\u210a-\u2113\u2115\u2119-\u211d\u2124\u2128\u212a-\u212d\u212f-\u2131\u2133\u2134"
    "\u213c-\u213f\u2145-\u2149\u24b6-\u24e9\ufb00-\ufb06\uff10-\uff19\uff21-\uff3a\uff41-\uff5a"
    "\U0001d400-\U0001d7ff\U0001f130-\U0001f149\U0001fbf0-\U0001fbf9"
)
# Cyrillic, then Greek letters that look like a Latin one (Unicode's UTS 39, confusables; "к" too).
_LOOKALIKE = str.maketrans(
    "асԁеһіјкӏорԛѕѵԝхуАВЕЅІЈКМНОРСТХҮԚԜ" + "αγικνορυϲϳΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "acdehijklopqsvwxyABESIJKMHOPCTXYQW" + "ayikvopucjABEZHIKMNOPTYX",
)
_LATIN = "A-Za-z\xc0-\xd6\xd8-\xf6\xf8-\u024f\u1e00-\u1eff"
_OTHER = "\u0370-\u037d\u037f-\u0386\u0388-\u03f5\u03f7-\u0481\u048a-\u052f\u1f00-\u1fff"

_PLAIN = bytes([*range(9, 13), *range(28, 32), *range(32, 127)])
_RETURN, _FEED = 0x0D, 0x0A
_SOME = re.compile(f"[{_INVISIBLE}{_DRESSED}{_OTHER}]|\r\n")
_HIDDEN = re.compile(f"[{_INVISIBLE}]|\r\n")
_DRESS = re.compile(f"[{_DRESSED}]")
# Possessive, and only from where a word begins: each letter is looked at a few times at most.
_MIXED = re.compile(
    f"(?<![{_LATIN}{_OTHER}])(?:[{_LATIN}]++[{_OTHER}]|[{_OTHER}]++[{_LATIN}])[{_LATIN}{_OTHER}]*+"
)
_STRANGE = re.compile(f"[{_OTHER}]")


class Folded:
    """A folded ``text``, and where its characters stand in the text as found."""

    def __init__(self, text: str, places: NDArray[np.int32] | None = None) -> None:
        """``places``: of each character; None where all stand where they stood."""
        self.text = text
        self._places = places

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where ``text[start:end]`` (not empty) stands as found, with what was left out inside."""
        if self._places is None:
            return start, end
        return int(self._places[start]), int(self._places[end - 1]) + 1


def fold(text: str) -> Folded | None:
    """``text`` folded; None where there is nothing to fold."""
    if not (text.encode().translate(None, _PLAIN) if text.isascii() else _SOME.search(text)):
        return None
    if not _HIDDEN.search(text) and not _DRESS.search(text):
        latin = latin_words(text)
        return None if latin == text else Folded(latin)
    kept, places = _seen(text)
    plain = kept
    if _DRESS.search(kept):
        plain = kept.translate(_plain_letters())
        places = _stretched(kept, plain, places)
    plain = latin_words(plain)
    return None if plain == text else Folded(plain, places)


def folded(text: str) -> str:
    """``text`` folded, where no places are asked for."""
    one = fold(text)
    return text if one is None else one.text


def latin_words(text: str) -> str:
    """``text`` with look-alike letters as Latin ones in words that mix Latin and other letters.

    A word with a letter that looks like no Latin one stays: it may be a Russian or Greek word with
    a Latin letter in it. The length is the same.
    """
    return _MIXED.sub(_latin, text)


def _latin(word: re.Match[str]) -> str:
    made = word[0].translate(_LOOKALIKE)
    return word[0] if _STRANGE.search(made) else made


def _seen(text: str) -> tuple[str, NDArray[np.int32]]:
    """What is seen of ``text``, and where it stands. On arrays: one may hide at every letter."""
    import numpy as np

    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    kinds = _kinds()[codes]
    hidden = kinds & _IS_INVISIBLE != 0
    choosing = kinds & _IS_CHOOSING != 0
    # The last character before each that is not such a one itself.
    own = np.arange(len(codes), dtype=np.int32)
    own[choosing] = -1
    before = np.maximum.accumulate(own)
    told = choosing & (before >= 0) & (kinds[before] & _IS_CHOOSER != 0)
    places = np.flatnonzero(~hidden | told).astype(np.int32)
    places = places[~_before_feeds(codes[places])]
    return codes[places].tobytes().decode("utf-32-le", "surrogatepass"), places


def _before_feeds(codes: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Where carriage returns stand before a line feed."""
    import numpy as np

    returns = codes == _RETURN
    others = np.where(returns, len(codes), np.arange(len(codes)))
    after = np.minimum.accumulate(others[::-1])[::-1]
    return np.asarray(returns & (np.append(codes, 0)[after] == _FEED))


def _stretched(kept: str, plain: str, places: NDArray[np.int32]) -> NDArray[np.int32]:
    """``places`` for ``plain``, in which ligatures of ``kept`` are two or three letters."""
    import numpy as np

    if len(kept) == len(plain):
        return places
    codes = np.frombuffer(kept.encode("utf-32-le", "surrogatepass"), "<u4")
    lengths = np.ones(len(codes), np.int32)
    for code, letters in _plain_letters().items():
        if len(letters) > 1:
            lengths[codes == code] = len(letters)
    return np.repeat(places, lengths)


_IS_INVISIBLE, _IS_CHOOSING, _IS_CHOOSER = 1, 2, 4


@cache
def _kinds() -> NDArray[np.uint8]:
    """What each code point is, as bits."""
    import numpy as np

    kinds = np.zeros(0x110000, np.uint8)
    for ranges, bit in (
        (_INVISIBLE, _IS_INVISIBLE), (_CHOOSING, _IS_CHOOSING), (_CHOOSERS, _IS_CHOOSER),
    ):  # fmt: skip
        for first, last in _pairs(ranges):
            kinds[first : last + 1] |= bit
    for first, last in _pairs(_INVISIBLE + _DRESSED):
        kinds[first : last + 1] &= ~np.uint8(_IS_CHOOSER)
    return kinds


@cache
def _plain_letters() -> dict[int, str]:
    """The letters that each of ``_DRESSED`` stands for."""
    return {
        code: plain
        for first, last in _pairs(_DRESSED)
        for code in range(first, last + 1)
        if (plain := unicodedata.normalize("NFKC", chr(code))) != chr(code)
    }


def _pairs(ranges: str) -> list[tuple[int, int]]:
    """The first and last code points of what stands inside a class of a pattern."""
    found = re.findall("(.)(?:-(.))?", ranges, re.DOTALL)
    return [(ord(first), ord(last or first)) for first, last in found]
