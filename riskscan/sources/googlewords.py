"""What a Google Chat post says: its text, what it quotes, its cards, links and files.

The fields are those that Takeout writes: ``quoted_message_metadata`` and the previews of links are
other people's words, whose lines start with ``>``; cards are the words of the app that posted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from riskscan.sources.chat import bounded, storable, tell_beyond, words_of

_MAX = 1_000  # files, cards, links of one post
_NODES_MAX = 200_000  # of one card
_SHOWN = frozenset(
    {
        "text", "title", "subtitle", "header", "content", "description", "label", "caption",
        "top_label", "bottom_label", "toplabel", "bottomlabel", "start_text", "button_text",
        "formatted_text", "html",
    }
)  # fmt: skip


def files_of(raw: Mapping[str, Any], defects: list[str]) -> Iterator[tuple[str, str]]:
    """The names of a post's files: as they were called, and as they are called beside the post.

    ``defects`` is told what is beyond the bounds.
    """
    for file in _listed(raw.get("attached_files"), "files", defects):
        export = _text(file.get("export_name"))
        if name := storable(_text(file.get("original_name")) or export):
            yield name, export


def post_words(raw: Mapping[str, Any], attached: frozenset[str], defects: list[str]) -> str:
    """All that a post says; files are named but for those that are ``attached`` (export names).

    ``defects`` is told what is beyond the bounds and so not read.
    """
    own = words_of(raw.get("text")).strip()
    parts = [*_quoted(raw.get("quoted_message_metadata"), own), own]
    for cards in ("cards", "cards_v2"):
        for card in _listed(raw.get(cards), "cards", defects):
            parts += [line for line in _shown(card, defects) if line not in own]
    for note in _listed(raw.get("annotations"), "links", defects):
        parts += _annotated(note, own)
    files = files_of(raw, defects)
    parts += [f"[file: {name}]" for name, export in files if export not in attached]
    return "\n".join(part for part in parts if part)


def _annotated(note: Mapping[str, Any], own: str) -> Iterator[str]:
    link, drive = note.get("url_metadata"), note.get("drive_metadata")
    if isinstance(link, dict):
        for name in ("title", "snippet"):
            if (said := _text(link.get(name)).strip()) and said not in own:
                yield _as_quote(said)
    if isinstance(drive, dict) and (name := storable(_text(drive.get("title")))):
        yield f"[file: {name}]"


def _quoted(told: object, own: str) -> Iterator[str]:
    said = words_of(told.get("text")).strip() if isinstance(told, dict) else ""
    if said and not own.startswith(">"):
        yield _as_quote(said)


def _as_quote(text: str) -> str:
    return "\n".join("> " + line for line in text.splitlines())


def _shown(card: Mapping[str, Any], defects: list[str]) -> Iterator[str]:
    """The words of a card, in order: what stands in fields that are shown."""
    waiting: list[tuple[str, object]] = [("", card)]
    for _ in range(_NODES_MAX):
        if not waiting:
            return
        name, node = waiting.pop()
        if isinstance(node, str):
            if name in _SHOWN and node.strip():
                yield node.strip()
        elif isinstance(node, dict):
            waiting.extend((str(k).casefold(), v) for k, v in reversed(node.items()))
        elif isinstance(node, list):
            waiting.extend((name, v) for v in reversed(node))
    if waiting:
        tell_beyond(_NODES_MAX, "parts of a card", defects)


def _listed(value: object, what: str, defects: list[str]) -> list[dict[str, Any]]:
    return [one for one in bounded(value, _MAX, what, defects) if isinstance(one, dict)]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
