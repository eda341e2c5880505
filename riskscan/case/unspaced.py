"""Scripts that put no spaces between words: for the search each of their letters is a word.

So a word is found inside a sentence, as the phrase of its letters. FTS5's own tokenizer takes a
whole run of letters for one word; its "trigram" would find no word of two letters, and most Chinese
ones have two. (Korean puts spaces: its words are whole, and ``word*`` finds them with particles.)
"""

from __future__ import annotations

import re

from riskscan.mail.unspaced import LETTERS, MARKS

APART = "\x01"

_LETTER = re.compile(f"[{LETTERS}][{MARKS}]*")


def apart(text: str) -> str:
    """``text`` with ``APART`` after each letter of such a script and before the first of a run.

    Nothing else changes: without every ``APART`` it is ``text`` again, if that held none.
    """
    if text.isascii():
        return text
    return _LETTER.sub(rf"{APART}\g<0>{APART}", text)
