"""HTML that does not end a comment, a tag or a title: what that swallows is read as text.

A browser shows nothing of it (WHATWG HTML, section 13.2.5: end of file in a comment, in a tag, in
RCDATA or in raw text). But a sender's program loses text there by a slip, and a hider would write
there. All is linear in the length of the text.
"""

from __future__ import annotations

import re

SWALLOWING = ("script", "style", "title")
"""Elements whose content is no text of the page. That of a template is, to mail programs that do
not know it."""

_OPENED = re.compile(r"<!--(?:[^\s<>]{0,60}>)?")  # with the word of "<!--word>", which is a slip
_ENDS = {name: re.compile(f"</{name}", re.I) for name in SWALLOWING}
_STARTS = {name: re.compile(rf"<{name}\b[^<>]*+>?", re.I) for name in SWALLOWING}
_ANY = re.compile(r"</?([A-Za-z][A-Za-z0-9]{0,20})[^<>]*+>?")


def closed(html: str) -> str:
    """``html`` without the marks that begin what does not end: after its last end, each one.

    But for quotes in tags, which only a parser can tell, and scripts in scripts.
    """
    if not _suspect(html):
        return html
    end = max(html.rfind("-->") + 3, html.rfind("--!>") + 4)
    html = html[:end] + _OPENED.sub(" ", html[end:]) if end > 3 else _OPENED.sub(" ", html)
    for name in SWALLOWING:
        end = max((found.end() for found in _ENDS[name].finditer(html)), default=0)
        html = html[:end] + _STARTS[name].sub(" ", html[end:])
    return _tailed(html)


def _tailed(html: str) -> str:
    """Behind the last ">" there is no tag any more."""
    end = html.rfind(">") + 1
    return html[:end] + html[end:].replace("<", "&lt;")


def _suspect(html: str) -> bool:
    if html.rfind("<!--") > html.rfind("-->") or html.rfind("<") > html.rfind(">"):
        return True
    lowered = html.lower()
    return any(lowered.rfind(f"<{name}") > lowered.rfind(f"</{name}") for name in SWALLOWING)


def opened(html: str) -> str:
    """``html`` in which nothing can swallow text: no comments, no quotes in tags, no scripts."""
    return _tailed(_ANY.sub(_bare, _OPENED.sub(" ", html)))


def _bare(tag: re.Match[str]) -> str:
    if tag[0][-1] != ">":
        return "&lt;" + tag[0][1:]
    if tag[1].lower() in SWALLOWING:
        return " "
    return tag[0].replace('"', " ").replace("'", " ")
