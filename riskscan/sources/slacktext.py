"""What a Slack post says: its marks decoded (mrkdwn), rich text blocks and shared posts as text.

https://docs.slack.dev/messaging/formatting-message-text and
https://docs.slack.dev/reference/block-kit/blocks/rich-text-block.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from riskscan.sources.chat import storable, words_of

_MARK = re.compile(r"<([^<>\n]{1,4000})>")
_ESCAPES = {"&amp;": "&", "&lt;": "<", "&gt;": ">"}
_ESCAPED = re.compile("|".join(_ESCAPES))
_NODES_MAX = 20_000  # of the blocks of one post
_ATTACHMENTS_MAX = 100
_FILES_MAX = 100


def decoded(text: str, names: Mapping[str, str]) -> str:
    """Text with ``<@U012>``, ``<#C012|general>``, ``<https://…|label>`` and ``&amp;`` as read.

    ``names`` gives users' and channels' names by id. Marks of emphasis and code stay.
    """

    def unescape(some: str) -> str:
        return _ESCAPED.sub(lambda m: _ESCAPES[m[0]], some)

    parts: list[str] = []
    at = 0
    for mark in _MARK.finditer(text):
        parts += [unescape(text[at : mark.start()]), unescape(_mark(mark[1], names))]
        at = mark.end()
    parts.append(unescape(text[at:]))
    return "".join(parts)


def _mark(inside: str, names: Mapping[str, str]) -> str:
    target, _, label = inside.partition("|")
    if target[:1] in ("@", "#"):
        return target[:1] + (names.get(target[1:]) or label.lstrip("@#") or target[1:])
    if target.startswith("!"):
        return label or "@" + target[1:].partition("^")[0]
    if target.startswith("mailto:"):
        return label or target[7:]
    if not label or label == target:
        return target
    return f"{label} ({target})"


def post_text(raw: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """All that a post says: its text (or its blocks'), what it shares, the names of its files.

    Shared posts and link previews are other people's words: their lines start with ``>``, unless
    there is nothing else (apps put their whole message there).
    """
    own = decoded(words_of(raw.get("text")), names).strip()
    if not own and not isinstance(other := raw.get("message"), dict):
        own = decoded(words_of(other), names).strip()
    if not own:
        own = decoded(blocks_text(raw.get("blocks"), names), names).strip()
    shared = [decoded(s, names) for s in _attachments(raw.get("attachments"), names)]
    if own:
        shared = ["\n".join("> " + line for line in s.splitlines()) for s in shared]
    parts = [own, *shared, *_files(raw, own)]
    return "\n".join(part for part in parts if part)


def blocks_text(blocks: object, names: Mapping[str, str]) -> str:
    """The text of Block Kit blocks, in order: rich text, sections, headers, contexts, lists."""
    pieces: list[str] = []
    waiting: list[Any] = [blocks]
    for _ in range(_NODES_MAX):
        if not waiting:
            break
        node = waiting.pop()
        if isinstance(node, str):
            pieces.append(node)
        elif isinstance(node, list):
            waiting.extend(reversed(node))
        elif isinstance(node, (int, float)) and not isinstance(node, bool):
            pieces.append(str(node))
        elif isinstance(node, dict):
            waiting.extend(reversed(list(_node(node, names))))
    return re.sub(r"\n{3,}", "\n\n", "".join(pieces))


def _node(node: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[Any]:
    """What a block or element is made of: text, or more of them."""
    kind = node.get("type")
    text = node.get("text")
    if kind == "text" or kind in ("mrkdwn", "plain_text"):
        yield _escape(words_of(text)) if kind == "text" else words_of(text)
    elif kind == "link":
        url = _string(node.get("url"))
        yield f"<{url}|{words_of(text)}>" if words_of(text) else f"<{url}>"
    elif kind == "user":
        yield f"<@{_string(node.get('user_id'))}>"
    elif kind == "channel":
        yield f"<#{_string(node.get('channel_id'))}>"
    elif kind == "broadcast":
        yield "@" + _string(node.get("range"))
    elif kind == "usergroup":
        yield "@" + _string(node.get("usergroup_id"))
    elif kind == "emoji":
        yield f":{_string(node.get('name'))}:"
    elif kind == "rich_text_quote":
        inner = decoded(blocks_text(node.get("elements"), names), names)
        yield "\n" + "\n".join("> " + line for line in _escape(inner).splitlines()) + "\n"
    else:
        yield "\n"
        yield [text, node.get("elements"), node.get("fields")]
        yield "\n"


def _escape(text: object) -> str:
    return _string(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _attachments(value: object, names: Mapping[str, str]) -> Iterator[str]:
    """The text of Slack's "attachments": shared posts, link previews, what apps post."""
    several = value if isinstance(value, list) else [value]
    for one in several[:_ATTACHMENTS_MAX]:
        if not isinstance(one, dict):
            if text := words_of(one):
                yield text
            continue
        lines = [words_of(one.get(k)) for k in ("pretext", "author_name", "title", "text")]
        if not any(lines):
            lines = [blocks_text(one.get("message_blocks") or one.get("blocks"), names).strip()]
        fields = one.get("fields")
        for field in fields[:_FILES_MAX] if isinstance(fields, list) else ():
            if isinstance(field, dict):
                lines.append(f"{words_of(field.get('title'))}: {words_of(field.get('value'))}")
        if not any(lines):
            lines = [words_of(one.get("fallback"))]
        if text := "\n".join(line for line in lines if line):
            yield text


def _files(raw: Mapping[str, Any], own: str) -> Iterator[str]:
    """A line for each file: an export holds links to files, not their content."""
    found = raw.get("files")
    several = found if isinstance(found, list) else [raw.get("file")]
    for one in several[:_FILES_MAX]:
        if not isinstance(one, dict):
            continue
        name = storable(_string(one.get("name")) or _string(one.get("title")) or "no name")
        yield "[deleted file]" if one.get("mode") == "tombstone" else f"[file: {name}]"
        comment = one.get("initial_comment")
        said = words_of(comment.get("comment") if isinstance(comment, dict) else comment)
        if said and said not in own:
            yield said
