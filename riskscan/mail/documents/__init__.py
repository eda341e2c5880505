"""The text of attached documents, one file a format family; every document may be hostile.

``document_text`` reads in this process; ``process.read`` does the same in a process of its own
that has limits of time and memory and may crash: that is how mail is read.
"""

from __future__ import annotations

from riskscan.mail.documents.document import Document, Member

__all__ = ["Document", "Member", "document_text"]


def document_text(name: str, content_type: str, data: bytes, charset: str = "") -> Document:
    """The text of a document, and the files in it with theirs, depth first.

    Never raises for what is in ``data``: ``unread`` says what could not be read and why. Kinds
    that are no documents (pictures, programs) give no text and no reason; nor does mail, whose
    bytes a ``Member`` holds.
    """
    # Nothing of this is needed for mail without documents.
    from riskscan.mail.documents.formats import read_document

    return read_document(name, content_type, data, charset)
