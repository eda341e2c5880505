"""Header fields that were signed with a message: its outer ones may say less (RFC 9788)."""

from __future__ import annotations

from riskscan.mail.mime import Part

PLACEHOLDERS = frozenset({"", "[...]", "...", "…"})
"""What stands outside for a subject that is not told there (RFC 9788, Thunderbird)."""
_LAYERS = 10  # signatures around one another


def signed_subject(root: Part) -> str:
    """The subject that was signed with the message that ``root`` is of; "" where none was.

    What was signed says so itself (``hp``, and ``protected-headers`` of programs before RFC 9788),
    so that a message which is only forwarded within a signature does not lend its subject.
    """
    part = root
    for _ in range(_LAYERS):
        opened = len(part.children) == 2 and part.children[1].opened
        if not part.children or not (opened or part.content_type == "multipart/signed"):
            break
        part = part.children[0]
    if part is root or not {"hp", "protected-headers"} & part.params.keys():
        return ""
    return part.headers.text("subject").strip()
