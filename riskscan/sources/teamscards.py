"""The words of a card in a Teams post: Adaptive, hero, list, receipt and Microsoft 365 cards.

https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-reference
names the kinds; an Adaptive Card's elements are those of https://adaptivecards.io/explorer.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from riskscan.mail.html import html_to_text
from riskscan.sources.chat import tell_beyond, words_of

_NODES_MAX = 200_000  # of one card
# What is shown, wherever it stands in a card.
_WORDS = frozenset(
    {
        "title", "subtitle", "text", "label", "summary", "heading", "altText", "placeholder",
        "activityTitle", "activitySubtitle", "activityText", "price", "quantity", "tax", "vat",
        "total", "description", "subject", "body",
    }
)  # fmt: skip
# An alternative that is not shown beside the card, ways to answer it, and where things lie.
_HIDDEN = frozenset({"fallback", "fallbackText", "data", "msteams", "metadata", "refresh"})
_NAMES = ("title", "name", "key", "label")


def is_card(content_type: str) -> bool:
    """Whether an attachment of this type is a card."""
    return ".card." in content_type.lower()


def card_text(content: object, content_type: str, defects: list[str]) -> str:
    """What a card says, a line each, in its order; ``content`` is JSON or the text of it.

    Text that is no JSON is given as it is. The texts of all but Adaptive Cards may be HTML.
    ``defects`` is told what is beyond the bounds and so not read.
    """
    if isinstance(content, str):
        try:
            content = json.loads(content)
        except (ValueError, RecursionError):
            return words_of(content).strip()
    markup = not content_type.lower().endswith(".card.adaptive")
    lines = [_plain(line) if markup else line.strip() for line in _lines(content, defects)]
    lines = [line for line in lines if line]
    if not lines and isinstance(content, dict):
        lines = [words_of(content.get("fallbackText") or content.get("speak"))]
    return "\n".join(lines).strip()


def _lines(card: object, defects: list[str]) -> Iterator[str]:
    waiting = [card]
    for _ in range(_NODES_MAX):
        if not waiting:
            return
        node = waiting.pop()
        if isinstance(node, str):
            yield node
        elif isinstance(node, list):
            waiting.extend(reversed(node))
        elif isinstance(node, dict):
            waiting.extend(reversed(list(_shown(node))))
    if waiting:
        tell_beyond(_NODES_MAX, "parts of a card", defects)


def _shown(node: Mapping[str, Any]) -> Iterator[Any]:
    """What of an object is shown: texts, and objects and lists to look into."""
    kind = words_of(node.get("type") or node.get("@type")).lower()
    name = next((n for n in _NAMES if isinstance(node.get(n), str)), "")
    if name and "value" in node and (not kind or kind == "fact"):
        yield f"{node[name]}: {words_of(node['value'])}"
        return
    for key, value in node.items():
        if key == "choices" and isinstance(value, list):
            yield [one.get("title") for one in value if isinstance(one, dict)]
        elif key == "inlines" and isinstance(value, list):
            yield "".join(one if isinstance(one, str) else _run(one) for one in value)
        elif isinstance(value, (dict, list)) and key not in _HIDDEN:
            yield _objects(value)
        elif key in _WORDS or (key == "value" and kind.startswith("input.")):
            yield words_of(value)
        elif key == "name" and kind and not kind.startswith("input."):
            yield words_of(value)  # of a Microsoft 365 card's button


def _run(inline: object) -> str:
    return words_of(inline.get("text")) if isinstance(inline, dict) else ""


def _objects(value: object) -> object:
    """A list without its bare texts: they are settings, as the names of required features."""
    if isinstance(value, list):
        return [one for one in value if isinstance(one, (dict, list))]
    return value


def _plain(text: str) -> str:
    return (html_to_text(text) if "<" in text or "&" in text else text).strip()
