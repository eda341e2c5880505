"""A message of an Outlook data file some of whose blocks are damaged: the rest, and what it lacks.

``damage`` says in words for a person which parts of a message the damage concerns, ``mended`` puts
together what libpff gave and what can be read around the lost blocks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

from riskscan.sources.item import LimitError, SourceError
from riskscan.sources.mapi import MapiAttachment, MapiMessage
from riskscan.sources.mapi_damage import DAMAGED, NAMED
from riskscan.sources.mapi_message import Allowance, message_of
from riskscan.sources.mapi_values import Values
from riskscan.sources.pst_checks import Checks, Fault, Lenient
from riskscan.sources.pst_nodes import MESSAGE, Node, Nodes
from riskscan.sources.pst_parts import (
    ATTACHMENT,
    ATTACHMENTS,
    RECIPIENTS,
    BarePart,
    NodePart,
    lenient_part,
)
from riskscan.sources.pst_tables import Properties

_TOLD_MAX = 20
_TEXTS = {0x1000: "its text", 0x1013: "its HTML text", 0x1009: "its RTF text",
          0x007D: "its transport headers"}  # fmt: skip
_FILLED = ("headers", "subject", "sender", "sent", "received", "message_id", "in_reply_to",
           "references", "text", "html", "rtf", "codepage")  # fmt: skip


def mended(
    nodes: Nodes, checks: Checks, nid: int, message: MapiMessage | None, limit: int
) -> tuple[MapiMessage | None, bool]:
    """The message, and whether all its blocks are sound; what is damaged is in ``repaired``.

    ``message`` is what was read of it already; None where nothing can be had. Raises LimitError.
    """
    node = nodes.node(nid)
    faults = checks.node(node)
    if not faults:
        return message, message is not None
    if message is None or any(not _of_attachment(fault) for fault in faults):
        message = _filled(lenient_part(nodes, node), message, limit)
    if message is not None:
        _tell(message, damage(nodes, checks, node, faults))
    return message, False


def _of_attachment(fault: Fault) -> bool:
    return bool(fault.path) and fault.path[0] & 0x1F == ATTACHMENT


def _tell(message: MapiMessage, told: Sequence[tuple[str, str]]) -> None:
    """Put what is damaged first, but for attachments that are told to be unreadable already."""
    known = message.repaired
    message.repaired[:0] = [
        f"{DAMAGED}: {what} ({why})"
        for what, why in told
        if not any(one.startswith(f"{what} cannot be read") for one in known)
    ]


def _filled(part: BarePart | NodePart, known: MapiMessage | None, limit: int) -> MapiMessage | None:
    """What is read around the damage, and what of the rest was read before."""
    try:
        message = message_of(part, allowance=Allowance(limit))
    except LimitError:
        raise
    except SourceError:
        return known
    if known is None:
        text = message.text or message.html or message.rtf or message.headers
        return message if text or message.attachments else None
    if isinstance(part, BarePart):
        message.message_class = known.message_class
    for name in _FILLED:
        if not getattr(message, name):
            setattr(message, name, getattr(known, name))
    if len(known.recipients) >= len(message.recipients):
        message.recipients = known.recipients
    if _read(known.attachments) >= _read(message.attachments):
        message.attachments = known.attachments
    told = {one.partition(": ")[0] for one in known.repaired}
    new = [one for one in message.repaired if one.partition(": ")[0] not in told]
    message.repaired[:] = [*known.repaired, *new]
    return message


def _read(attachments: Sequence[MapiAttachment]) -> tuple[int, int]:
    return sum(not one.unread for one in attachments), len(attachments)


def damage(
    nodes: Nodes, checks: Checks, node: Node, faults: Sequence[Fault]
) -> list[tuple[str, str]]:
    """What of a message is damaged, part by part, and why."""
    found: dict[str, str] = {}
    for what, why in _parts(Lenient(nodes, checks), node, faults):
        found.setdefault(what, why)
    told = list(found.items())
    if len(told) > _TOLD_MAX:
        told[_TOLD_MAX:] = [(f"{len(told) - _TOLD_MAX} more of its parts", told[-1][1])]
    return told


def _parts(nodes: Lenient, node: Node, faults: Sequence[Fault]) -> Iterator[tuple[str, str]]:
    below: dict[int, list[Fault]] = {}
    for fault in faults:
        if fault.path:
            below.setdefault(fault.path[0], []).append(fault)
        elif fault.tree:
            yield "the list of its recipients, attachments and long texts", fault.why
        else:
            yield "its properties, the subject and the text among them", fault.why
    subnodes = nodes.subnodes(node.subnodes)
    attached = sorted(nid for nid in subnodes if nid & 0x1F == ATTACHMENT)
    for nid, own in below.items():
        if nid in attached:
            yield from _attachment(nodes, subnodes[nid], attached.index(nid) + 1, own)
        else:
            yield _part(nodes, node, nid), own[0].why


def _part(nodes: Lenient, node: Node, nid: int) -> str:
    if nid == RECIPIENTS:
        return "its recipients"
    if nid == ATTACHMENTS:
        return "the list of its attachments"
    key = None
    with suppress(SourceError):
        key = Properties(nodes, node).kept_in(nid)
    if key is None:
        return f"part {nid:X}"
    return f"{NAMED} ({key:04X})" if key >= 0x8000 else _TEXTS.get(key, f"property {key:04X}")


def _attachment(
    nodes: Lenient, node: Node, number: int, faults: Sequence[Fault]
) -> Iterator[tuple[str, str]]:
    name = _text(nodes, node, 0x3707, 0x3704, 0x3001)
    inside = nodes.subnodes(node.subnodes)
    inner: dict[int, list[Fault]] = {}
    for fault in faults:
        below = fault.path[1:2]
        if below and below[0] & 0x1F == MESSAGE and below[0] in inside:
            rest = Fault(fault.path[2:], fault.tree, fault.why)
            inner.setdefault(below[0], []).append(rest)
        else:
            yield f"attachment {repr(name[:80]) if name else number}", fault.why
    for nid, own in inner.items():
        title = name or _text(nodes, inside[nid], 0x0037).lstrip("\x01")
        for what, why in _parts(nodes, inside[nid], own):
            yield f"in the attached message {title[:80]!r}: {what}", why


def _text(nodes: Lenient, node: Node, *keys: int) -> str:
    try:
        return Values(Properties(nodes, node), []).text(*keys)
    except SourceError:
        return ""
