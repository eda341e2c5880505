"""What a Slack export holds of files: names, comments, and the words that it shows of some.

https://docs.slack.dev/reference/objects/file-object. The content is behind links; of snippets an
export has the first lines, of e-mail sent to a channel the text, of voice clips what was said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from riskscan.mail.html import html_to_text
from riskscan.sources.chat import bounded, storable, words_of

_FILES_MAX = 1_000
_PEOPLE_MAX = 1_000
_CUT = "[cut: the rest is not in the export]"
_PAGES = frozenset({"post", "space", "quip", "canvas", "list"})  # their previews are HTML


def files_text(raw: Mapping[str, Any], own: str, defects: list[str]) -> Iterator[str]:
    """A line for each file of a post, and the words of it; ``own`` is what the post says itself.

    ``defects`` is told what is beyond the bounds.
    """
    found = raw.get("files")
    several = found if isinstance(found, list) else [raw.get("file")]
    for one in bounded(several, _FILES_MAX, "files", defects):
        if not isinstance(one, dict):
            continue
        name = storable(words_of(one.get("name")) or words_of(one.get("title")) or "no name")
        yield "[deleted file]" if one.get("mode") == "tombstone" else f"[file: {name}]"
        comment = one.get("initial_comment")
        comment = words_of(comment.get("comment") if isinstance(comment, dict) else comment)
        for said in (comment, words_of(one.get("alt_txt"))):
            if said and said not in own:
                yield said
        if one.get("mode") == "email":
            mail = _mail(one, defects)
            yield quoted(mail) if own else mail
        else:
            yield _preview(one)
        yield _spoken(one.get("transcription"))


def quoted(text: str) -> str:
    """Text as other people's words."""
    return "\n".join("> " + line for line in text.splitlines())


def _mail(one: Mapping[str, Any], defects: list[str]) -> str:
    """An e-mail that was sent to a channel: its people, subject and text."""
    lines = []
    for field in ("from", "to", "cc"):
        people = bounded(one.get(field), _PEOPLE_MAX, "people of a mail", defects)
        named = [_mailbox(p) for p in people]
        if shown := ", ".join(p for p in named if p):
            lines.append(f"{field.title()}: {shown}")
    if subject := words_of(one.get("subject")):
        lines.append(f"Subject: {subject}")
    whole = words_of(one.get("plain_text")) or words_of(one.get("preview_plain_text"))
    if not whole:
        whole = html_to_text(words_of(one.get("simplified_html") or one.get("preview")))
    return "\n".join(part for part in (*lines, whole.strip()) if part)


def _mailbox(who: object) -> str:
    if not isinstance(who, dict):
        return words_of(who)
    told = (words_of(who.get(key)) for key in ("original", "name", "address"))
    return next((text for text in told if text), "")


def _preview(one: Mapping[str, Any]) -> str:
    """The first lines of a snippet or post, as far as the export has them."""
    text = words_of(one.get("preview"))
    if not text:
        text = html_to_text(words_of(one.get("preview_highlight")))
    elif one.get("mode") in _PAGES:
        text = html_to_text(text)
    text = text.strip()
    return f"{text}\n{_CUT}" if text and one.get("preview_is_truncated") is True else text


def _spoken(told: object) -> str:
    """What somebody said in a voice or video clip, as Slack wrote it down."""
    preview = told.get("preview") if isinstance(told, dict) else None
    if not isinstance(preview, dict):
        return ""
    said = words_of(preview.get("content")).strip()
    return f"{said}\n{_CUT}" if said and preview.get("has_more") is True else said
