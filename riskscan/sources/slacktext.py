"""What a Slack post says: its marks decoded (mrkdwn), its blocks and shared posts as text.

https://docs.slack.dev/messaging/formatting-message-text and
https://docs.slack.dev/reference/block-kit/blocks. Where a post has blocks, Slack shows them, and
its ``text`` only in notifications: they need not say the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from riskscan.mail.said import tokens
from riskscan.sources.chat import bounded, tell_beyond, words_of
from riskscan.sources.slackfiles import files_text, quoted

_MARK = re.compile(r"<([^<>\n]{1,4000})>")
_ESCAPES = {"&amp;": "&", "&lt;": "<", "&gt;": ">"}
_ESCAPED = re.compile("|".join(_ESCAPES))
# Slack keeps to 50 blocks and 100 attachments.
_NODES_MAX = 200_000  # of the blocks of one post or attachment
_ATTACHMENTS_MAX = 1_000
_FIELDS_MAX = 1_000  # of one attachment
_SEARCHED_MAX = 100_000_000  # characters, to find the lines of blocks in the text beside them
_GROUP = re.compile(r"<!subteam\^(\w{1,50})\|@?([^<>\n]{1,200})>")
# What of a block is shown, in this order; https://docs.slack.dev/reference/block-kit/blocks.
_SHOWN = (
    "author_name", "title", "label", "text", "description", "fields", "elements", "element",
    "accessory", "placeholder", "options", "option_groups", "initial_value", "hint", "alt_text",
    "rows", "message", "blocks", "confirm",
)  # fmt: skip


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


def post_text(
    raw: Mapping[str, Any], names: Mapping[str, str], defects: list[str] | None = None
) -> str:
    """All that a post says: its text, what its blocks say beside it, what it shares, its files.

    Shared posts, link previews and forwarded mail are other people's words: their lines start with
    ``>``, unless there is nothing else (apps put their whole message there). ``defects`` is told
    what is beyond the bounds and so not read.
    """
    defects = [] if defects is None else defects
    said = words_of(raw.get("text"))
    own = decoded(said, names).strip()
    if not own and not isinstance(other := raw.get("message"), dict):
        said = words_of(other)
        own = decoded(said, names).strip()
    groups = {group: label for group, label in _GROUP.findall(said)}
    named = {**groups, **names} if groups else names
    own = _with_blocks(own, raw.get("blocks"), named, defects)
    shared = list(_attachments(raw.get("attachments"), names, defects))
    parts = [own, *(map(quoted, shared) if own else shared), *files_text(raw, own, defects)]
    return "\n".join(part for part in parts if part)


def _with_blocks(text: str, blocks: object, names: Mapping[str, str], defects: list[str]) -> str:
    """Text, decoded, and those lines of the blocks beside it that say what it does not."""
    shown = decoded(blocks_text(blocks, names, defects), names).strip() if blocks else ""
    if not text or not shown:
        return text or shown
    known = f" {' '.join(tokens(text))} "
    new: list[str] = []
    searched = 0
    for line in shown.splitlines():
        said = " ".join(tokens(line))
        # A line of links and marks alone has no words.
        searched += len(known if said else text)
        there = searched < _SEARCHED_MAX and (
            f" {said} " in known if said else line.strip() in text
        )
        if not there:
            new.append(line)
    return "\n".join([text, *new])


_DEEPEST = 10  # quotations in quotations that are told apart
_QUOTED, _UNQUOTED = object(), object()  # a quotation begins, ends


def blocks_text(blocks: object, names: Mapping[str, str], defects: list[str]) -> str:
    """The text of Block Kit blocks, in order: rich text, sections, headers, contexts, lists.

    In one pass, however deep: quotations, which Slack does not nest, are marked at the end.
    """
    runs: list[tuple[int, list[str]]] = [(0, [])]  # texts and how deep they are quoted
    depth = 0
    waiting: list[Any] = [blocks]
    for _ in range(_NODES_MAX):
        if not waiting:
            break
        node = waiting.pop()
        if isinstance(node, str):
            runs[-1][1].append(node)
        elif isinstance(node, list):
            waiting.extend(reversed(node))
        elif isinstance(node, (int, float)) and not isinstance(node, bool):
            runs[-1][1].append(str(node))
        elif node is _QUOTED or node is _UNQUOTED:
            depth += 1 if node is _QUOTED else -1
            runs.append((depth, []))
        elif isinstance(node, dict):
            waiting.extend(reversed(list(_node(node, names))))
    if waiting:
        tell_beyond(_NODES_MAX, "parts of blocks", defects)
    return re.sub(r"\n{3,}", "\n\n", "".join(_run(*run) for run in runs))


def _run(depth: int, pieces: list[str]) -> str:
    text = "".join(pieces)
    if not depth:
        return text
    mark = "> " * min(depth, _DEEPEST)
    lines = re.sub(r"\n{3,}", "\n\n", text).splitlines()
    return "\n" + "\n".join(mark + line for line in lines) + "\n" if text.strip() else ""


def _node(node: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[Any]:
    """What a block or element is made of: text, or more of them."""
    kind = node.get("type")
    text = node.get("text")
    if kind == "text":
        yield _escape(words_of(text))
    elif kind in ("mrkdwn", "plain_text"):
        yield words_of(text) + "\n"
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
        group = _string(node.get("usergroup_id"))
        yield "@" + names.get(group, group)
    elif kind == "emoji":
        tone = node.get("skin_tone")
        yield f":{_string(node.get('name'))}:" + (f":skin-tone-{tone}:" if tone else "")
    elif kind == "date":
        yield _escape(node.get("fallback"))
    elif kind == "call":
        call = node.get("call")
        shown = call.get("v1") if isinstance(call, dict) else None
        yield f"{words_of(shown.get('name'))}\n" if isinstance(shown, dict) else ""
    elif kind == "color":
        yield _escape(node.get("value"))
    elif kind == "rich_text_quote":
        yield from ("\n", _QUOTED, node.get("elements"), _UNQUOTED, "\n")
    else:
        yield "\n"
        for name in _SHOWN:
            if isinstance(part := node.get(name), (str, list, dict)):
                yield part
                if isinstance(part, str):
                    yield "\n"
        yield "\n"


def _escape(text: object) -> str:
    return _string(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _attachments(value: object, names: Mapping[str, str], defects: list[str]) -> Iterator[str]:
    """The text of Slack's "attachments": shared posts, link previews, what apps post."""
    several = value if isinstance(value, list) else [value]
    for one in bounded(several, _ATTACHMENTS_MAX, "attachments", defects):
        if not isinstance(one, dict):
            if text := words_of(one):
                yield text
            continue
        lines = [words_of(one.get(k)) for k in ("pretext", "author_name", "title", "text")]
        for field in bounded(one.get("fields"), _FIELDS_MAX, "fields of an attachment", defects):
            if isinstance(field, dict):
                lines.append(f"{words_of(field.get('title'))}: {words_of(field.get('value'))}")
        text = decoded("\n".join(line for line in lines if line), names)
        text = _with_blocks(text, one.get("message_blocks") or one.get("blocks"), names, defects)
        text = text or decoded(words_of(one.get("fallback")), names)
        footer = decoded(words_of(one.get("footer")), names).strip()
        more = [
            *([footer] if footer and footer not in text else []),
            *files_text(one, text, defects),
        ]
        if text := "\n".join(part for part in (text, *more) if part):
            yield text
