"""What PST and MSG have in common: a MAPI message (MS-OXPROPS, MS-OXCMSG) to RFC 5322 bytes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class MapiRecipient:
    """One row of a recipient table; ``kind`` is ``to``, ``cc`` or ``bcc``.

    ``address`` is the SMTP address where one is known, else what stands there (an X.500 name).
    """

    kind: str
    name: str
    address: str


@dataclass(slots=True)
class MapiAttachment:
    """One attachment: its bytes, or the message that it is."""

    name: str
    content_type: str
    content_id: str
    content: bytes | MapiMessage


@dataclass(slots=True)
class MapiMessage:
    """The properties of a MAPI message that make up a mail; strings decoded, "" where absent.

    ``headers`` is PR_TRANSPORT_MESSAGE_HEADERS. ``rtf`` is PR_RTF_COMPRESSED as found
    (compressed, MS-OXRTFCP); ``codepage`` is PR_INTERNET_CPID (0: unknown). ``references`` holds the raw header
    value. ``repaired`` says what was wrong, in words for a person.
    """

    message_class: str = "IPM.Note"
    headers: str = ""
    subject: str = ""
    sender: MapiRecipient | None = None
    recipients: list[MapiRecipient] = field(default_factory=list)
    sent: datetime | None = None
    received: datetime | None = None
    message_id: str = ""
    in_reply_to: str = ""
    references: str = ""
    text: str | None = None
    html: bytes | str | None = None
    rtf: bytes | None = None
    codepage: int = 0
    attachments: list[MapiAttachment] = field(default_factory=list)
    repaired: list[str] = field(default_factory=list)
