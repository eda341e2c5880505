"""What PST and MSG have in common: a MAPI message (MS-OXPROPS, MS-OXCMSG) to RFC 5322 bytes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from html import escape

from riskscan.mail.charset import to_text
from riskscan.mail.codepages import codec_of_codepage
from riskscan.mail.html import html_to_text
from riskscan.mail.rtf import read_rtf
from riskscan.mail.rtf_compression import RtfError, decompress_rtf
from riskscan.mail.said import Said, sequence
from riskscan.sources.compose import File, compose, compose_around, date_field, mailbox
from riskscan.sources.teamsroom import teams_room


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
    """One attachment: its bytes, or the message that it is; ``unread``: why there are none.

    ``alternative``: the body in another form.
    """

    name: str
    content_type: str
    content_id: str
    content: bytes | MapiMessage
    unread: str = ""
    alternative: bool = False


@dataclass(slots=True)
class MapiMessage:
    """The properties of a MAPI message that make up a mail; strings decoded, "" where absent.

    ``headers`` is PR_TRANSPORT_MESSAGE_HEADERS. ``sent_by`` is who sent it for ``sender``. ``rtf``
    is PR_RTF_COMPRESSED as found (compressed, MS-OXRTFCP); ``codepage`` is PR_INTERNET_CPID (0:
    unknown). ``about`` tells what an item holds beside its text: a contact its phones, a list its
    members. ``references`` holds the raw header value. ``repaired`` says what was wrong, in words
    for a person; ``to_mail`` adds to it. A reader bounds how deep messages are nested.
    """

    message_class: str = "IPM.Note"
    headers: str = ""
    subject: str = ""
    sender: MapiRecipient | None = None
    sent_by: MapiRecipient | None = None
    reply_to: list[MapiRecipient] = field(default_factory=list)
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
    about: str = ""
    attachments: list[MapiAttachment] = field(default_factory=list)
    repaired: list[str] = field(default_factory=list)


_FIELD = re.compile(r"([!-9;-~]{1,200})[ \t]*:(.*)", re.S)
# A mailbox of compose.mailbox with the address of SMTP, Exchange (X.500) or Notes.
_REACHED = re.compile(r"<[^<>]*[@/]")
# An address of RFC 5322; "Harbour Works Notices@RIVERS", as Notes writes people, is none.
_ADDRESS = re.compile(
    r"@[\w-]+\.\w|<[^\s<>/]+@"
    r"|(?:\A|[,;])\s{0,20}[^\s<>,;/]{1,320}@[^\s<>,;]{1,255}\s{0,20}(?:\Z|[,;])"
)
# MIME structure: the body and the attachments are no longer what these speak of.
_STRUCTURE = frozenset(
    {
        "mime-version", "content-type", "content-transfer-encoding", "content-disposition",
        "content-id", "content-description", "content-length", "content-location", "content-base",
        "content-md5",
    }
)  # fmt: skip


# Message classes (MS-OXCMSG section 2.2.1.3) that hold no text for anybody to read.
_NO_MAIL = {"ipm.contact": "a contact", "ipm.distlist": "a distribution list"}


def no_mail(message: MapiMessage) -> str:
    """What an item is that is no message, for a NotRead that is no loss; else "".

    A contact or distribution list is a message all the same when somebody wrote notes in it.
    """
    kind = ".".join(message.message_class.lower().split(".")[:2])
    if kind not in _NO_MAIL or message.attachments:
        return ""
    text, html = _bodies(message)
    return "" if (text or "").strip() or html else _NO_MAIL[kind]


def medium(message: MapiMessage) -> str:
    """``chat`` for a post that Microsoft Teams keeps in a mailbox, else ``mail``.

    Teams' compliance records are mail items of class IPM.SkypeTeams.Message
    (https://learn.microsoft.com/purview/ediscovery-teams-workflow), as are those of Copilot.
    """
    return "chat" if message.message_class.lower().startswith("ipm.skypeteams.message") else "mail"


def conversation(message: MapiMessage) -> str:
    """The conversation of a Teams post in a mailbox, by its room; "" for mail."""
    if medium(message) != "chat":
        return ""
    return teams_room(message.headers, (one.address or one.name for one in _everybody(message)))


def _everybody(message: MapiMessage) -> list[MapiRecipient]:
    return [*([message.sender] if message.sender else []), *message.recipients]


def to_mail(message: MapiMessage) -> bytes:
    """The message as RFC 5322 bytes; the same message gives the same bytes.

    The transport headers, where there are any, come first and in their order, without those
    of the MIME structure; what they lack is filled from the properties, and the subject is the
    one that Outlook shows. The body is given as
    text and as HTML where both are there; RTF that holds HTML or text gives that back, other
    RTF is read as text where the message has no text of its own, and attached where it says
    something else. A clear-signed S/MIME message
    (MS-OXOSMIME section 2.1.2) keeps the entity that was signed.
    """
    headers = _headers(message)
    if signed := _clear_signed(message):
        return compose_around(headers, signed)
    text, html = _with_about(message.about, *_bodies(message))
    return compose(headers, text=text, html=html, files=_files(message))


def _headers(message: MapiMessage) -> list[tuple[str, str]]:
    headers = [h for h in transport_headers(message.headers) if h[0].lower() not in _STRUCTURE]
    moment = message.sent or message.received
    subject = message.subject
    if subject[:1] == "\x01":
        subject = subject[2:]  # the length of "RE: " as a PST keeps it
    cut: dict[str, str] = {}
    people = {
        "From": _mailboxes([message.sender] if message.sender else []),
        "Sender": _mailboxes([message.sent_by] if message.sent_by else []),
        "Reply-To": _mailboxes(message.reply_to),
        "To": _listed(message, "To", cut),
        "Cc": _listed(message, "Cc", cut),
        "Bcc": _listed(message, "Bcc", cut),
    }
    # Exchange and Notes write mere names into headers that never left them: the table knows more.
    better = {name.lower() for name, value in people.items() if _REACHED.search(value)}
    headers = [(n, v) for n, v in headers if n.lower() not in better or _ADDRESS.search(v)]
    headers = [
        (n, subject if n.lower() == "subject" and _renamed(v, subject) else v) for n, v in headers
    ]
    present = {name.lower() for name, value in headers if value}
    filled = people | {
        "Date": date_field(moment) if moment else "",
        "Subject": subject,
        "Message-ID": message.message_id,
        "In-Reply-To": message.in_reply_to,
        "References": message.references,
    }
    missing = [(n, v) for n, v in filled.items() if v.strip() and n.lower() not in present]
    message.repaired += [cut[name] for name, _ in missing if name in cut]
    return headers + missing


def _renamed(header: str, subject: str) -> bool:
    """Whether Outlook shows another subject than the one that the message travelled with.

    It does where somebody changed it. A subject that lost characters on its way into the
    properties is no other one.
    """
    from riskscan.mail.headers import decode_words

    travelled = decode_words(header)
    if not subject.strip() or travelled.split() == subject.split():
        return False
    return "\ufffd" not in subject and subject.count("?") <= travelled.count("?")


def transport_headers(block: str) -> list[tuple[str, str]]:
    """The fields of PR_TRANSPORT_MESSAGE_HEADERS in order: name, value (unfolded, not decoded).

    What follows an empty line are the headers of MIME parts, as Exchange adds them; they and
    lines that are no field are left out.
    """
    found: list[tuple[str, list[str]]] = []
    for line in block.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").split("\n"):
        if not line.strip():
            if found:
                break
        elif line[0] in " \t":
            if found:
                found[-1][1].append(line.strip())
        elif match := _FIELD.match(line):
            found.append((match[1], [match[2].strip()]))
    return [(name, " ".join(v for v in values if v)) for name, values in found]


def _mailboxes(recipients: Iterable[MapiRecipient]) -> str:
    return ", ".join(_made(recipients))


def _made(recipients: Iterable[MapiRecipient]) -> list[str]:
    made = []
    for one in recipients:
        name = one.name.strip().strip("'")
        # A name of Exchange's that nothing is known of stands in both places.
        bare = one.address == name and not {"@", "/"} & set(name)
        made.append(mailbox(name, "" if bare else one.address))
    return [m for m in made if m]


def _listed(message: MapiMessage, field: str, cut: dict[str, str]) -> str:
    """The recipients of one kind, as many as a parser keeps; ``cut`` says if these are not all."""
    from riskscan.mail.addresses import MAX_ADDRESSES, left_out_of
    from riskscan.mail.headers import MAX_VALUE

    made = _made(r for r in message.recipients if r.kind == field.lower())
    kept = size = 0
    for one in made[:MAX_ADDRESSES]:
        size += len(one) + 2
        if size > MAX_VALUE:
            break
        kept += 1
    if kept < len(made):
        cut[field] = f"{field}: {left_out_of(kept, len(made) - kept)}"
    return ", ".join(made[:kept])


def _bodies(message: MapiMessage) -> tuple[str | None, str | None]:
    text = message.text
    html = message.html
    if isinstance(html, bytes):
        codec = codec_of_codepage(message.codepage)
        html = to_text(html, codec)[0]
    if html is not None and not html.strip("\0 \t\r\n"):
        html = None
    if message.rtf:
        html, text = _with_rtf(message, message.rtf, html, text)
    return text, html


def _with_about(about: str, text: str | None, html: str | None) -> tuple[str | None, str | None]:
    if not about:
        return text, html
    if html is not None:
        html = f"{html}<pre>{escape(about)}</pre>"
    if html is None or (text or "").strip():
        text = f"{text}\n\n{about}" if (text or "").strip() else about
    return text, html


def _with_rtf(
    message: MapiMessage, packed: bytes, html: str | None, text: str | None
) -> tuple[str | None, str | None]:
    """HTML and text of the body, made of its RTF where they are not there beside it.

    Outlook may show any of the three: RTF that says something else than the others is attached.
    """
    try:
        rtf = decompress_rtf(packed)
        content = read_rtf(rtf.data)
        if rtf.repaired and not content.text.strip():
            raise RtfError(rtf.repaired)
    except RtfError as error:
        message.repaired.append(f"RTF body not read: {error}")
        message.attachments.append(_rtf_body(packed, f"damaged: {error}"))
        return html, text
    if rtf.repaired:
        message.repaired.append(f"RTF body: {rtf.repaired}")
    if content.cut:
        message.repaired.append("RTF body too long: the rest is not read")
    if content.kind == "html" and html is None:
        return content.text, text
    if html is None and not (text or "").strip():
        return None, content.text
    said = html_to_text(content.text) if content.kind == "html" else content.text
    shown = html_to_text(html) if html is not None else text or ""
    if sequence(said) == sequence(shown):  # the same, set in another way
        return html, text
    if Said(shown).lacks(said) and Said(text or "").lacks(said):
        message.repaired.append("the RTF body says something else: it is an attachment")
        message.attachments.append(_rtf_body(rtf.data))
    elif html is None:  # an alternative, that of a copy without it may be told apart
        html = f"<pre>{escape(said)}</pre>"
    return html, text


def _rtf_body(data: bytes, unread: str = "") -> MapiAttachment:
    return MapiAttachment("body.rtf", "application/rtf", "", data, unread, alternative=True)


def _files(message: MapiMessage) -> list[File]:
    found: list[File] = []
    for one in message.attachments:
        data, content_type = one.content, one.content_type
        if isinstance(data, MapiMessage):
            known = len(data.repaired)
            inner, data, content_type = data, to_mail(data), "message/rfc822"
            message.repaired += [
                f"in the attached message {one.name[:80]!r}: {what}"
                for what in inner.repaired[known:]
            ]
        found.append(
            File(one.name, data, content_type, one.content_id, one.unread, one.alternative)
        )
    return found


_ENTITY_HEAD = 64 * 1024
_SIGNED_ENTITY = re.compile(rb"^content-type:\s{0,20}multipart/signed", re.I | re.M)
_ENTITY = re.compile(rb"(?:[!-9;-~]{1,200}:[^\n]{0,2000}\n(?:[ \t][^\n]{0,2000}\n)*)*\r?\n")


def _clear_signed(message: MapiMessage) -> bytes:
    """The MIME entity of a clear-signed message, or b"": its only attachment, with its header.

    Told by its bytes: other classes than that of MS-OXOSMIME hold such messages too. A message of
    another class that has a text of its own has only a signed one attached.
    """
    files = [one for one in message.attachments if not one.alternative]
    if len(files) != 1:
        return b""
    content = files[0].content
    if not isinstance(content, bytes) or b"multipart/signed" not in content[:_ENTITY_HEAD].lower():
        return b""
    head = _ENTITY.match(content[:_ENTITY_HEAD])
    if not head or not _SIGNED_ENTITY.search(head[0]):
        return b""
    named = "smime.multipartsigned" in message.message_class.lower()
    own = (message.text or "").strip() or message.html or message.rtf
    return content if named or not own else b""
