"""Conditional comments of HTML: text that Outlook shows, whatever other readers make of it.

``<!--[if mso]>...<![endif]-->`` ("About conditional comments", Microsoft). Nearly all of them set
tables and buttons for what the page says anyway; such ones are left out. Linear in the text.
"""

from __future__ import annotations

import re
from html import unescape
from itertools import pairwise

from riskscan.mail.said import tokens

_START = re.compile(r"<!--\s{0,5}\[if\b([^\]<>]{0,200})\]\s{0,5}>", re.I)
_NOT_OUTLOOK = re.compile(r"\s*\(?\s*!\s*\(?\s*mso\s*\)?\s*\)?\s*", re.I)
_END = re.compile(r"<!\[endif\]\s{0,5}$", re.I)
_TAG = re.compile(r"<[^<>]*>")
_SHOWN = re.compile(
    r"\b(?:alt|value)\s{0,5}=\s{0,5}(?:\"([^\"<>]{0,2000})|'([^'<>]{0,2000}))", re.I
)
_NO_TEXT = ("xml", "style", "script")


def told_to_some(html: str, text: str) -> str:
    """``html`` with what its conditional comments say as part of the page, where the page's
    ``text`` does not say it; "" if they say nothing more.
    """
    found = _comments(html)
    if not found:
        return ""
    known = _runs(tokens(text))
    out: list[str] = []
    at = 0
    for start, end, content in found:
        if _runs(_words(content)) <= known:
            continue
        out += html[at:start], content
        at = end
    return "".join((*out, html[at:])) if out else ""


def _comments(html: str) -> list[tuple[int, int, str]]:
    """Start, end and content of the comments that hold text which Outlook shows."""
    found: list[tuple[int, int, str]] = []
    at = 0
    while match := _START.search(html, at):
        end = html.find("-->", match.end())
        if end < 0:
            break
        at = end + 3
        if _NOT_OUTLOOK.fullmatch(match[1]):
            continue
        content = _END.sub("", html[match.end() : end])
        for name in _NO_TEXT:
            content = _without(content, name)
        if content.strip():
            found.append((match.start(), at, content))
    return found


def _without(content: str, name: str) -> str:
    lowered = content.lower()
    if f"<{name}" not in lowered or len(lowered) != len(content):
        return content
    out: list[str] = []
    at = 0
    while (start := lowered.find(f"<{name}", at)) >= 0:
        end = lowered.find(f"</{name}", start)
        stop = lowered.find(">", end) if end >= 0 else -1
        if stop < 0:
            break
        out.append(content[at:start])
        at = stop + 1
    out.append(content[at:])
    return "".join(out)


def _words(content: str) -> list[str]:
    shown = [a or b for a, b in _SHOWN.findall(content)]
    return tokens(unescape(" ".join([_TAG.sub(" ", content), *shown])))


def _runs(words: list[str]) -> set[tuple[str, ...]]:
    """Runs of one, two and three words."""
    pairs = pairwise(words)
    triples = zip(words, words[1:], words[2:], strict=False)
    return {*((word,) for word in words), *pairs, *triples}
