"""Pages saved as MHTML (RFC 2557): they have mail headers, and are no mail that was sent."""

from __future__ import annotations

import re
from dataclasses import dataclass

from riskscan.mail.body import choose_body, part_text
from riskscan.mail.headers import Headers, split_head
from riskscan.mail.mime import Budget, decode_transfer, read_part

_HEAD = 16_384  # bytes
_SAVED = re.compile(
    rb"^(?:Snapshot-Content-Location:|From:[^\r\n]{0,20}<?\"?Saved by )", re.M | re.I
)
_SENDER = re.compile(rb"^(?:From|Sender|Received|Return-Path):", re.M | re.I)
# A page is one part, or one with its pictures; an attached file is no part of a page.
_PAGE = re.compile(rb"^Content-Type:\s*(?:multipart/related|text/html)", re.M | re.I)
_RECIPIENTS = re.compile(rb"^(?:To|Cc|Bcc):", re.M | re.I)
_MADE_OF = re.compile(
    r"(?:image|font|audio|video)/|text/css|(?:text|application)/(?:x-)?javascript"
)
_MIME = re.compile(rb"^(?:MIME-Version|Content-Type):", re.M | re.I)


def is_saved_page(name: str, data: bytes) -> bool:
    """Whether a file that has header fields is a page that was saved.

    Browsers write a sender of their own; a .mht without recipients is no mail either, nor is
    what Word or a wiki saves as one file, which names nobody. A draft names nobody too: what is
    called a mail is one.
    """
    head = re.split(rb"\r?\n\r?\n", data[:_HEAD], maxsplit=1)[0]
    ending = name.lower().rpartition(".")[2]
    if not _MIME.search(head) or _RECIPIENTS.search(head) or ending in ("eml", "emlx"):
        return False
    if ending in ("mht", "mhtml") or _SAVED.search(head):
        return True
    # What programs save so has no sender, or is called so.
    return not _SENDER.search(head) and bool(_PAGE.search(head))


@dataclass(frozen=True, slots=True)
class SavedPage:
    """The text of a saved page, its subject first, and files in it: (name, type, bytes).

    Pictures, fonts, styles and scripts are left out: they make the page and hold no words.
    """

    text: str
    files: tuple[tuple[str, str, bytes], ...] = ()


def read_page(data: bytes, budget: Budget) -> SavedPage:
    """Read a saved page, or a draft that names nobody; the text is "" where it has none."""
    head, body, _ = split_head(data.lstrip(b"\r\n"))
    headers = Headers(head)
    chosen = choose_body(read_part(headers, body, budget), budget=budget)
    texts, files = [chosen.text], list[tuple[str, str, bytes]]()
    for number, part in enumerate(chosen.attached, 1):
        is_text = part.content_type.startswith("text/")
        if _MADE_OF.match(part.content_type):
            continue
        raw, _ = decode_transfer(part.raw, part.encoding, text=is_text)
        if is_text:
            texts.append(part_text(part, raw, "")[0])
        elif raw:
            files.append((part.name or f"part-{number}", part.content_type, raw))
    subject = headers.text("subject").strip()
    if subject and any(texts) and subject not in " ".join(texts[0].split()):
        texts.insert(0, subject)
    return SavedPage("\n\n".join(text for text in texts if text.strip()), tuple(files))
