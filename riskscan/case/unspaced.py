"""Scripts that put no spaces between words: for the search each of their letters is a word.

So a word is found inside a sentence, as the phrase of its letters. FTS5's own tokenizer takes a
whole run of letters for one word; its "trigram" would find no word of two letters, and most Chinese
ones have two. (Korean puts spaces: its words are whole, and ``word*`` finds them with particles.)
"""

from __future__ import annotations

import re

APART = "\x01"

_LETTERS = (
    "\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
    "\u0e01-\u0e30\u0e32\u0e33\u0e40-\u0e46\u0e81-\u0eb0\u0eb2\u0eb3\u0ebd-\u0ec6"
    "\u1000-\u102a\u103f\u1780-\u17b3"
)
_MARKS = (
    "\u3099\u309a\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece"
    "\u102b-\u103e\u17b4-\u17d3"
)
_LETTER = re.compile(f"[{_LETTERS}][{_MARKS}]*")


def apart(text: str) -> str:
    """``text`` with ``APART`` after each letter of such a script and before the first of a run.

    Nothing else changes: without every ``APART`` it is ``text`` again, if that held none.
    """
    if text.isascii():
        return text
    return _LETTER.sub(rf"{APART}\g<0>{APART}", text)
