"""What kind of document bytes are: by content first, then by content type, then by name."""

from __future__ import annotations

import re

from riskscan.mail.mailfile import is_mail, is_mailbox
from riskscan.mail.savedpage import is_saved_page
from riskscan.mail.smime import cms_kind, signed_content

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
TNEF = b"\x78\x9f\x3e\x22"

# (magic, kind); a kind with a blank in it is what a person reads as the reason.
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"{\\rtf", "rtf"),
    (TNEF, "a TNEF file (winmail.dat): not read"),
    (b"BEGIN:VCALENDAR", "calendar"),
    (b"BEGIN:VCARD", "calendar"),
    (b"-----BEGIN PGP MESSAGE", "encrypted"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive: not read"),
    (b"Rar!\x1a\x07", "a RAR archive: not read"),
    (b"\x1f\x8b\x08", "a gzip file: not read"),
    (b"BZh", "a bzip2 file: not read"),
    (b"\xfd7zXZ\x00", "an xz file: not read"),
    (b"MSCF", "a cabinet archive: not read"),
    (b"!BDN", "an Outlook data file (PST or OST): not read where it is attached"),
    (b"%!", "PostScript: not read"),
    (b"II*\0", "a TIFF picture, without text layer"),
    (b"MM\0*", "a TIFF picture, without text layer"),
    (b"(This file must be converted with BinHex", "a BinHex file: not read"),
    (b"-----BEGIN PGP SIGNATURE-----", ""),
    (b"\x1a\x00\x00\x04\x00\x00", "a Lotus Notes database: not read"),
)
# Names of streams in an OLE file's directory, in UTF-16; the first that occurs decides.
_STREAMS: tuple[tuple[str, str], ...] = (
    ("__properties_version1.0", "msg"),
    ("EncryptedPackage", "encrypted"),
    ("WordDocument", "old Office format (Word .doc): not read"),
    ("PowerPoint Document", "old Office format (PowerPoint .ppt): not read"),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("VisioDocument", "a Visio drawing: not read"),
)
_PDF_START = re.compile(rb"[\s\0]{0,1000}%PDF-")
_MAIL_TYPES = frozenset({"message/rfc822", "message/global", "application/eml"})
_MIME_CMS = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_CALENDAR_TYPES = frozenset({"text/calendar", "text/vcard", "text/x-vcard", "text/directory"})
# Reports and parts that a mail program shows in another way hold headers alone.
_PIECES = frozenset({"text/rfc822-headers", "message/rfc822-headers", "message/global-headers",
                     "message/delivery-status", "text/html", "message/partial"})  # fmt: skip
_FIELD = re.compile(rb"[!-9;-~]{1,100}[ \t]{0,8}:")
_KNOWN = re.compile(rb"(?:from|to|date|subject|received|message-id|return-path):", re.I)


def kind_of(name: str, content_type: str, data: bytes) -> str:
    """``pdf``, ``zip``, ``rtf``, ``xls``, ``calendar``, ``text``, ``html``, ``msg``, ``mail``,
    ``mailbox`` (an mbox), ``page`` (MHTML) or ``signed`` (a CMS around a file); or a reason, as
    "encrypted", why there is no text where a person would expect some; or "" for all else, as
    pictures. The type and the name decide only where the content allows it.
    """
    head = data[:64].lstrip(b"\r\n")  # as before what is written in letters
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            if magic.startswith(_ARMOR) and _words_behind_armor(data):
                break
            return kind
    if head.startswith(OLE):
        return _ole(data)
    # Readers of PDF take it from up to a kilobyte on, and mail gateways put text before it.
    if b"%PDF-" in data[:1024] and (_PDF_START.match(data) or _says(name, content_type, "pdf")):
        return "pdf"
    if secured := cms_kind(data):
        told = _cms(secured, name, content_type, data)
        if told or not _says(name, content_type, "pdf"):
            return told
    if content_type in _CALENDAR_TYPES:
        return "calendar"
    ending = name.lower().rpartition(".")[2] if "." in name else ""
    if content_type not in _PIECES and (mail := _mail_kind(name, data)):
        return mail
    if ending in ("ics", "vcf"):
        return "calendar"
    if (ending == "eml" or content_type in _MAIL_TYPES) and (
        starts_as_mail(data) or _STARTS_AS_MIME.match(data)
    ):
        return "mail"
    if _says(name, content_type, "pdf"):
        return "damaged: no PDF in it"
    return _text_kind(ending, content_type, data)


_ARMOR = b"-----BEGIN PGP "
_ARMOR_END = re.compile(rb"^-----END PGP [^\n]{0,80}(?:\n\s*|\Z)", re.M)


def _words_behind_armor(data: bytes) -> bool:
    """Whether words follow a block of OpenPGP (RFC 9580 section 6.2): the file is a text then."""
    for end in _ARMOR_END.finditer(data):
        if not data.startswith(_ARMOR, end.end()):
            return bool(data[end.end() : end.end() + 200].strip(b"\0\x1a \t\r\n"))
    return False


_HTML_START = re.compile(rb"(?:\xef\xbb\xbf)?\s{0,200}(?:<!doctype html|<html[\s>])", re.I)
_HTML_TYPES = frozenset(
    {"text/html", "application/xhtml+xml", "text/x-amp-html", "text/watch-html"}
)
_HTML_ENDINGS = frozenset({"htm", "html", "xhtml"})
_TEXT_ENDINGS = frozenset({"csv", "txt", "log", "md", "tsv"})
_NO_TEXT = ("application/pgp-", "application/pkcs", "application/x-pkcs")
_NO_LETTERS = ("image/", "audio/", "video/", "font/")


def _text_kind(ending: str, content_type: str, data: bytes) -> str:
    if content_type in _HTML_TYPES or ending in _HTML_ENDINGS:
        return "html"
    if content_type.startswith(("text/", "message/")) or content_type == "application/csv":
        return "text"
    if content_type.startswith(_NO_TEXT):
        return ""
    if content_type.startswith(_NO_LETTERS):
        return _not_what_it_says(data)
    if ending in _TEXT_ENDINGS:
        return "text"
    # What the sender's program has no type for may still be text, as a .json or .sql file.
    if _HTML_START.match(data):
        return "html"
    if _looks_like_text(data[:4096]):
        return "text"
    from riskscan.mail.documents.unread import why_unread  # most mail has no such file

    return why_unread(ending, data)


_DRAWN = re.compile(rb"\s{0,200}(?:\xef\xbb\xbf)?\s{0,200}<(?:\?xml|svg|!doctype svg|!--)", re.I)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def _not_what_it_says(data: bytes) -> str:
    """The kind of a file that says it is a picture, a sound or a font, and may be text."""
    head = data[:4096]
    if head.startswith(_UTF16):  # as some sounds do
        text = head[: len(head) // 2 * 2].decode("utf-16", "replace")
        return "text" if "".join(text.split()).isprintable() and len(head) > 3 else ""
    if not _looks_like_text(head) or (_DRAWN.match(head) and b"<svg" in head.lower()):
        return ""
    return "html" if _HTML_START.match(data) else "text"


_CONTROLS = bytes(b for b in range(32) if b not in b"\t\n\f\r\x1b")


def _looks_like_text(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return len(head) > 3
    if not head.strip() or head.translate(None, _CONTROLS) != head:
        return False
    if len(head) > 500 and not any(blank in head for blank in b" \t"):
        return False  # as base64
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start > len(head) - 4  # cut inside a character
    return True


def _mail_kind(name: str, data: bytes) -> str:
    """``mail``, ``mailbox`` or ``page`` where bytes that nothing declares so are that."""
    if is_mailbox(data):
        return "mailbox"
    if starts_as_mail(data) or data[:1].isdigit() or _STARTS_AS_MIME.match(data):
        if is_saved_page(name, data):
            return "page"
        return "mail" if is_mail(data) else ""
    return ""


_STARTS_AS_MIME = re.compile(
    rb"\s{0,20}(?:MIME-Version|Content-Type|Date|Message-ID|Subject):", re.I
)


def starts_as_mail(data: bytes) -> bool:
    """Whether header fields start the bytes: two, one of them well known."""
    lines = data[:4000].lstrip(b"\xef\xbb\xbf\r\n").splitlines()[:12]
    fields = [line for line in lines if _FIELD.match(line)]
    return len(fields) > 1 and lines[0] == fields[0] and any(_KNOWN.match(f) for f in fields)


def _says(name: str, content_type: str, format: str) -> bool:
    return content_type == f"application/{format}" or name.lower().endswith(f".{format}")


def _ole(data: bytes) -> str:
    for stream, kind in _STREAMS:
        if stream.encode("utf-16-le") + b"\0\0" in data:
            return kind
    return "an OLE file: not read"


def _cms(secured: str, name: str, content_type: str, data: bytes) -> str:
    """``signed``, or the reason why a CMS is not read; "" for mere signatures and certificates."""
    if secured == "encrypted":
        return secured
    if secured == "compressed":
        return "a compressed message (S/MIME): not read"
    if signed_content(data):
        return secured
    whole = content_type in _MIME_CMS or name.lower().endswith(".p7m")
    return "a signed message (S/MIME) that is not read" if whole else ""
