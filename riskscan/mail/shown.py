"""Text that a page shows without having it as text: what its styles write, files inside it.

Strings of CSS (``::before { content: "..." }``, CSS Generated Content Level 3; list marks and
quotation marks of words) and the text of pages and drawings in ``data:`` addresses (RFC 2397).
Linear in the text.
"""

from __future__ import annotations

import binascii
import re
from urllib.parse import unquote_to_bytes

MAX_FILES = 100  # files inside a page that are read
_LETTER = re.compile(r"[^\W\d_]")
# Each branch takes what it began, to the end of the text if need be, so nothing is read twice.
# Atomic within possessive: before 3.11.5 the body would be entered again (CPython issue 106052).
_TOKEN = re.compile(
    r"/\*(?>[^*]|\*(?!/))*+(?:\*/)?"
    r"|\"((?>[^\"\\\n]|\\[\s\S])*+)[\"\n]?"
    r"|'((?>[^'\\\n]|\\[\s\S])*+)['\n]?"
    r"|\burl\([ \t]*+([^)\"'\s]*+)"
    r"|\battr\([ \t]*+([\w-]++)"
    r"|([{};:])"
    r"|((?>[\w-]|\\[0-9A-Fa-f]{1,6}[ \t\n]?|\\[^0-9A-Fa-f\n])++)",
    re.I,
)
# Nothing else can write; most styles have none of it, and need not be taken apart.
_WRITING = (
    "content", "list-style", "quotes", "symbols", "overflow", "hyphenate", "emphasis", "prefix",
    "suffix", "negative", "pad:", "pad :", "string-set", "data:",
)  # fmt: skip
_OWN_OR_ESCAPED = re.compile(r"--[a-z]|[\w;{\s-]\\")
_SHOWING = re.compile(
    r"content|list-style(?:-type)?|quotes|text-overflow|hyphenate-character|text-emphasis.*"
    r"|symbols|additive-symbols|prefix|suffix|negative|pad|string-set|--(?!.*font).*",
    re.I,
)
_ESCAPED = re.compile(r"\\(?:([0-9A-Fa-f]{1,6})[ \t\n\r\f]?|([\s\S]))")


def written_by_style(css: str) -> tuple[list[str], set[str], list[str]]:
    """What a style sheet writes into its page, each once: strings with a letter in them, the
    names of the attributes whose values it writes, and the ``data:`` addresses that it shows.
    """
    strings: dict[str, None] = {}
    attributes: set[str] = set()
    files: list[str] = []
    showing = named = address = False
    name = ""
    lowered = css.lower()
    if not (any(name in lowered for name in _WRITING) or _OWN_OR_ESCAPED.search(lowered)):
        return [], attributes, files
    for match in _TOKEN.finditer(css):
        double, single, url, attribute, mark, word = match.groups()
        if mark == ":":
            if not named:
                named, showing = True, bool(_SHOWING.fullmatch(_ESCAPED.sub(_unescaped, name)))
        elif mark:
            # A name stands for what follows it alone, and is looked at once.
            showing, named, address, name = False, False, False, ""
        elif word:
            name = word
        elif attribute and showing:
            attributes.add(attribute.lower())
        else:
            text = url or double or single or ""
            if text[:5].lower() == "data:":
                files.append(text)
            elif showing and text and not (url or address):
                text = _ESCAPED.sub(_unescaped, text)
                if _LETTER.search(text):
                    strings[text] = None
            address = url == ""
    return list(strings), attributes, files


def _unescaped(escape: re.Match[str]) -> str:
    """CSS Syntax Level 3, section 4.3.7; a line end behind a backslash is none."""
    if not escape[1]:
        return "" if escape[2] == "\n" else escape[2]
    number = int(escape[1], 16)
    wrong = number == 0 or number > 0x10FFFF or 0xD800 <= number < 0xE000
    # What the private use area holds is a picture of a font.
    return "\ufffd" if wrong else "" if 0xE000 <= number < 0xF900 else chr(number)


_FILE = re.compile(
    r"data:(text/html|application/xhtml\+xml|image/svg\+xml|text/plain)((?:;[^;,]{1,80}){0,5}),",
    re.I,
)


def page_in(address: str) -> str:
    """The HTML, or what can be read as such, in a ``data:`` address; "" if there is none."""
    head = _FILE.match(address.lstrip()[:600])
    if not head:
        return ""
    raw = unquote_to_bytes(address.lstrip()[head.end() :])
    if head[2].lower().replace(" ", "").endswith(";base64"):
        compact = re.sub(rb"[^A-Za-z0-9+/]", b"", raw)
        compact = compact[: len(compact) - (len(compact) % 4 == 1)]
        raw = binascii.a2b_base64(compact + b"=" * (-len(compact) % 4))
    text = raw.decode("utf-8", "replace").replace("\0", "")
    return text.replace("<", "&lt;") if head[1].lower() == "text/plain" else text
