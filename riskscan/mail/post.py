"""A chat post: no signature, no history, no disclaimer; all is authored but quoted lines."""

from __future__ import annotations

import re

from riskscan.mail.message import Message, Role, Segment
from riskscan.mail.parse import Outlook, parse_message

_QUOTED = re.compile(r"(?:^[ \t]{0,10}>.*(?:\n|\Z))+", re.M)


def parse_post(data: bytes, outlook: Outlook | None = None) -> Message:
    """Parse one post given as RFC 5322 text, as sources make it; raises MailError.

    ``outlook`` as in ``parse_message``.
    """
    message = parse_message(data, outlook)
    message.segments = post_segments(message.body)
    return message


def post_segments(body: str) -> list[Segment]:
    """The segments of a post: runs of lines that start with ``>`` are quoted, the rest authored."""
    segments: list[Segment] = []
    at = 0
    for run in _QUOTED.finditer(body):
        if run.start() > at:
            segments.append(Segment(Role.AUTHORED, at, run.start()))
        segments.append(Segment(Role.QUOTED, run.start(), run.end()))
        at = run.end()
    if at < len(body):
        segments.append(Segment(Role.AUTHORED, at, len(body)))
    return segments
