"""S/MIME in a file of its own (``.p7m`` in DER, PEM or base64): the message that was signed.

Signatures are not verified, as in mail/smime.py.
"""

from __future__ import annotations

from riskscan.mail.smime import cms_kind, innermost

_WORDS = {
    "signed": "a signed file (S/MIME) in which there is no mail",
    "encrypted": "an encrypted message or file (S/MIME)",
    "compressed": "a compressed message or file (S/MIME)",
}


def secured(head: bytes) -> str:
    """What a CMS is, in words, by the first bytes of its file; "" for all else."""
    return _WORDS.get(cms_kind(head), "")


def unwrapped(data: bytes) -> tuple[bytes, str]:
    """The message in a signed file, and the defect that says so; other bytes as they are."""
    if cms_kind(data) != "signed" or not (content := innermost(data)):
        return data, ""
    return content, "opened from a signed file (S/MIME): the signature is not verified"
