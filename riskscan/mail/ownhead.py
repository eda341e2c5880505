"""The head that document processors print above the text of a message: it is no history."""

from __future__ import annotations

from riskscan.mail.markers import field_of, header_block, is_history
from riskscan.mail.said import tokens

_BLANKS = 20  # lines


def without_own_head(text: str, sender: str, subject: str, known: str, dated: bool) -> str:
    """``text`` without a header block at its start that is the message's own.

    That is one which names its ``sender`` and has its ``subject``, where these are told; else the
    text would seem to be forwarded. Fields whose words are not all among those of ``known`` (what
    the message's own header fields say) stay, and a date where it is not ``dated``.
    """
    lines = text.split("\n")
    at = next((i for i, line in enumerate(lines[:_BLANKS]) if line.strip()), -1)
    block = header_block(lines, at) if at >= 0 else None
    if block is None or not is_history(block):
        return text
    fields = _fields(lines[block.start : block.end])
    values = {field: value for field, value, _ in reversed(fields)}
    if not _is_own(values, sender, subject):
        return text
    words = set(tokens(known))
    kept = [
        own
        for field, value, own in fields
        if not (dated if field == "date" else words.issuperset(tokens(value)))
    ]
    rest = lines[block.end :]
    if kept and rest and rest[0].strip():
        kept.append([""])
    # Lines that are far apart are no head.
    told = ["\n".join(own) for own in kept]
    again = header_block([line for own in kept for line in own], 0) if kept else None
    above = ("\n\n\n" if again is not None and is_history(again) else "\n").join(told)
    return "\n".join([*([above] if kept else []), *rest]).lstrip("\n")


def _is_own(values: dict[str, str], sender: str, subject: str) -> bool:
    told = tokens(values.get("subject", ""))
    if subject.strip() and told != tokens(subject):
        return False
    theirs = set(tokens(values["from"]))
    return bool(theirs & set(tokens(sender))) if sender.strip() else bool(told)


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
