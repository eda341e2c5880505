"""S/MIME in a file of its own (``.p7m`` in DER, PEM or base64): the message that was signed.

Signatures are not verified, as in mail/smime.py.
"""

from __future__ import annotations

from riskscan.mail.smime import MAX_SIGNATURES, cms_kind, innermost, is_cut

_WORDS = {
    "signed": "a signed file (S/MIME) in which there is no mail",
    "encrypted": "an encrypted message or file (S/MIME)",
    "compressed": "a compressed message or file (S/MIME)",
}


def secured(head: bytes) -> str:
    """What a CMS is, in words, by the first bytes of its file; "" for all else."""
    return _WORDS.get(cms_kind(head), "")


def signed_too_often(content: bytes) -> str:
    """Why the ``innermost`` content of a signed file is not read; "" where it may be."""
    if cms_kind(content) != "signed":
        return ""
    return f"a file that is signed (S/MIME) more than {MAX_SIGNATURES} times"


def unwrapped(data: bytes) -> tuple[bytes, str, str]:
    """The message in a signed file, the defect that says so, and what of it is lost.

    Other bytes as they are.
    """
    if cms_kind(data) != "signed" or not (content := innermost(data)):
        return data, "", ""
    lost = (
        "the signed file (S/MIME) is cut off: the message in it may go on" if is_cut(data) else ""
    )
    return content, "opened from a signed file (S/MIME): the signature is not verified", lost
