"""The head that document processors print above the text of a message: it is no history."""

from __future__ import annotations

from riskscan.mail.markers import Block, field_of, header_block, is_history
from riskscan.mail.said import tokens

_BLANKS = 20  # lines


class PrintedHead:
    """The header block at the start of a text, parsed once for all messages it may be of."""

    def __init__(self, lines: list[str], block: Block) -> None:
        self._fields = _fields(lines[block.start : block.end])
        self._rest = lines[block.end :]
        values = {field: value for field, value, _ in reversed(self._fields)}
        self.subject = tuple(tokens(values.get("subject", "")))
        self.sender = frozenset(tokens(values["from"]))

    def is_of(self, sender: str, subject: str) -> bool:
        """Whether it names this sender and has this subject, where they are told."""
        if subject.strip() and self.subject != tuple(tokens(subject)):
            return False
        if sender.strip():
            return not self.sender.isdisjoint(tokens(sender))
        return bool(self.subject)

    def text_without(self, known: str, dated: bool) -> str:
        """The text without it; see ``without_own_head`` for what of it stays."""
        words = set(tokens(known))
        rest = self._rest
        kept = [
            own
            for field, value, own in self._fields
            if not (dated if field == "date" else words.issuperset(tokens(value)))
        ]
        if kept and rest and rest[0].strip():
            kept.append([""])
        # Lines that are far apart are no head.
        told = ["\n".join(own) for own in kept]
        again = header_block([line for own in kept for line in own], 0) if kept else None
        above = ("\n\n\n" if again is not None and is_history(again) else "\n").join(told)
        return "\n".join([*([above] if kept else []), *rest]).lstrip("\n")


def printed_head(text: str) -> PrintedHead | None:
    """The header block that a text, of lines ended by LF, begins with; None where it has none."""
    lines = text.split("\n")
    at = next((i for i, line in enumerate(lines[:_BLANKS]) if line.strip()), -1)
    block = header_block(lines, at) if at >= 0 else None
    return None if block is None or not is_history(block) else PrintedHead(lines, block)


def without_own_head(text: str, sender: str, subject: str, known: str, dated: bool) -> str:
    """``text`` without a header block at its start that is the message's own.

    That is one which names its ``sender`` and has its ``subject``, where these are told; else the
    text would seem to be forwarded. Fields whose words are not all among those of ``known`` (what
    the message's own header fields say) stay, and a date where it is not ``dated``.
    """
    head = printed_head(text)
    if head is None or not head.is_of(sender, subject):
        return text
    return head.text_without(known, dated)


def _fields(lines: list[str]) -> list[tuple[str, str, list[str]]]:
    """The fields of a block: which, its value, its lines (those it is wrapped in, too)."""
    found: list[tuple[str, str, list[str]]] = []
    for line in lines:
        if field := field_of(line):
            found.append((field, line.partition(":")[2], [line]))
        elif found:
            name, value, own = found[-1]
            found[-1] = name, f"{value} {line}", [*own, line]
    return found
