"""Signatures: the contact block at the end of a run of authored lines.

Rule, chosen after reading how people would mark real mail: a block of two lines or more that
names the writer and tells where to reach or what to call them (title, company, address,
telephone) is a signature from the name on. A closing ("Regards,"), a bare name or initials stay
authored. What stands below a ``-- `` line and device lines ("Sent from my …") are signature.
"""

from __future__ import annotations

import re
from typing import Final

from riskscan.mail.markers import LINE_LIMIT

_LONGEST: Final = 22
_DEVICE = re.compile(
    r"(?:sent|envoyé|gesendet|enviado|enviada|inviato|verzonden|verstuurd|skickat|sendt|lähetetty"
    r"|отправлено|wysłane)\s+(?:from|via|with|using|on|wirelessly|by|à\s+partir\s+de|de(?:puis)?|von|mit|desde|da"
    r"|dal|van|vanaf|från|fra|met|с|z)\b.{0,120}$"
    r"|get\s+outlook\s+for\s+.{0,60}$|von\s+meinem\s+\S+\s+gesendet.{0,20}$"
    r"|(?:sent|typed)\s+.{0,20}blackberry.{0,80}$|download\s+.{0,20}outlook.{0,40}$",
    re.IGNORECASE,
)
_DEVICE_NAME = re.compile(
    r"iphone|ipad|blackberry|handheld|mobile|android|samsung|galaxy|outlook|phone|yahoo|proton"
    r"|wireless|treo|nokia|windows|mail\b|tablet|device|htc|verizon|t-mobile|handy|móvil|mobiel"
    r"|smartphone|huawei|pixel|palm",
    re.IGNORECASE,
)
_PHONE = re.compile(
    r"(?:\+?\d{1,3}[\s.\-]?)?\(?\d{2,5}\)?[\s.\-/]{1,3}\d{2,4}[\s.\-]\d{3,5}\b"
    r"|\b\d{3}[\-.]\d{4}\b|\+\d[\d\s().\-]{7,20}|\(\d{3}\)\s{0,3}\d{3}|^[xX]\s?\d{4,5}$|^\d-\d{4}$"
    r"|\bx\d-?\d{4}\b"
)
_LABEL = re.compile(
    r"(?:(?<![a-z])\(?(?:(?:office|cell|home)\s{1,3}(?:phone|fax)"
    r"|tel(?:e(?:phone|fax|fon|copier))?|ph(?:one)?|fax|facsimile|cell(?:ular)?|mobile?|pager?"
    r"|office|direct|work|home|voice|e-?mail|ext|fon|main|desk|www|web|internet|mob)"
    r"\)?\s{0,3}(?:no|number|line)?[.:#)\s-]{0,6}[+(]?\d)|^[tfmpocwe]\s?[.:]\s{0,3}[+(]?\d|\bfax\b|\bphone\b|\bpager\b|^(?:e-?mail|web)\s*:",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"\b[A-Z]{2}\.?,?\s{1,3}\d{5}(?:-\d{4})?\b|\b(?:texas|california|oregon)\s{1,3}\d{5}"
    r"|\bp\.?\s?o\.?\s?box\b|\b(?:street|avenue|suite|floor|plaza|blvd|boulevard|drive|road|parkway"
    r"|st\.|ave\.|ste\.|rd\.|dr\.|pkwy|strasse|straße)(?:\W|$)|\beb\s?-?\d{3,4}|\b[A-Z]\d[A-Z]\s?\d[A-Z]\d\b"
    r"|\b[A-Z]{1,2}\d{1,2}[A-Z]?\s\d[A-Z]{2}\b",
    re.IGNORECASE,
)
_OFFICE = re.compile(
    r"\b(?:president|vice\s+president|v\.?p\.?|director|manager|counsel|attorney|associate|analyst"
    r"|officer|ceo|cfo|coo|cto|assistant|administrator|coordinator|engineer|professor|partner"
    r"|secretary|specialist|consultant|supervisor|paralegal|trader|department|dept|corporation|corp"
    r"|inc|incorporated|llc|l\.l\.c|llp|l\.l\.p|ltd|limited|gmbh|company|co\.|group|university"
    r"|services|division|bank|institute|associates|capital|energy|global|markets|technologies|lead"
    r"|solutions|school|head|chair(?:man)?|representative|executive|scheduler|broker|developer|plc"
    r"|editor|publisher|accountant|auditor|sales|marketing|trading|resources|esq|ph\.?d|america)\b",
    re.IGNORECASE,
)
_URL = re.compile(r"\b(?:https?://|www\.)\S|[\w.+-]{1,60}@[\w-]{1,60}\.\w", re.IGNORECASE)
_NAME = re.compile(
    r"[\"']?(?:[A-Z][\w'\u2019.?\-]*|[A-Z]\.)(?:[ ]{1,3}(?:\(?\"?[A-Z][\w'\u2019.?\-]*\"?\)?"
    r"|[A-Z]\.|de|van|von|der|la|bin|al|y|St\.?|and|&)){0,4}"
    r"(?:,\s?(?:[A-Z][\w.]{0,8}\.?|Esq\.?|Ph\.?D\.?)){0,3}[\"']?$"
)
_FILE = re.compile(r"\.\w{2,5}\s*$")
_DIGITS: Final = "0123456789"
_LEGAL_FORMS: Final = (
    "Inc.",
    "Corp.",
    "Co.",
    "L.P.",
    "Ltd.",
    "P.C.",
    "N.A.",
    "L.L.P.",
    "L.L.C.",
    "Jr.",
    "Sr.",
    "Esq.",
    "Ph.D.",
    "Dept.",
    "Div.",
)
_DASHES: Final = ("-", "—")
_CLOSING = re.compile(
    r"(?:\w+\s+)?(?:thanks?|thank\s+you|thx|regards?|best|cheers|sincerely|yours|respectfully|cordially"
    r"|love|gruß|grüße|grüßen|cordialement|saludos|saluti|groet(?:en)?|hilsen|hälsningar|salutations)"
    r"\b.{0,30}$",
    re.IGNORECASE,
)


def is_device_line(line: str) -> bool:
    """Whether a line is a phone's or a mail program's own ("Sent from my iPhone")."""
    text = line[:LINE_LIMIT].strip(" \t*_-\xa0")
    if len(text) > 130 or len(text) < 8 or (text[-1] == "." and "," in text):
        return False
    if _DEVICE.match(text) is None:
        return False
    if _DEVICE_NAME.search(text) is not None:
        return True
    return len(text.split()) <= 8 and ("<http" in text or text.lower().startswith("sent from my"))


def signature_start(lines: list[str], start: int, end: int) -> int:
    """The line at which the signature of the authored lines begins; ``end`` when there is none."""
    while end > start and not lines[end - 1].strip():
        end -= 1
    stop = end
    for i in range(max(start, stop - _LONGEST), stop - 1):
        if lines[i][:1] in _DASHES:
            text = lines[i].rstrip()
            if text in {"--", "—"} or (
                text == "---" and any(_kind_of(x) == "contact" for x in lines[i + 1 : stop])
            ):
                return i
    for i in range(stop - 1, max(start, stop - 6) - 1, -1):
        if 8 < len(lines[i]) < 140 and is_device_line(lines[i]):
            return _above_rule(lines, start, i)
    return _contact_block(lines, start, stop) if stop - start > 1 else stop


def _kind_of(line: str) -> str:
    text = line[:LINE_LIMIT].strip(" \t*|\xa0")
    return _kind(text) if text else "other"


def _above_rule(lines: list[str], start: int, at: int) -> int:
    above = at - 1
    while above >= start and not lines[above].strip():
        above -= 1
    text = lines[above].strip() if above >= start else ""
    return above if len(text) >= 2 and not text.strip("-_*=~") else at


def is_attachment(line: str) -> bool:
    """Whether a line only names an attachment (`` - plan.doc``, ``<<plan.doc>>``)."""
    text = line[:LINE_LIMIT].strip()
    if text.startswith("<<"):
        return text.endswith(">>")
    if text.startswith("(See attached file:"):
        return text.endswith(")")
    return text.startswith("- ") and _FILE.search(text) is not None


def _kind(text: str) -> str:
    """How a line bears on a signature: contact, place, office, name, other, closing or prose."""
    if len(text) > 60 and "<mailto:" in text:
        text = text.partition("<mailto:")[0].rstrip() or text
    words = len(text.split())
    if len(text) > 90 or words > 12:
        return "prose"
    if len(text) < 40 and _CLOSING.match(text):
        return "closing"
    if text[-1] in "?!:;" or (text[-1] == "." and words > 2 and not text.endswith(_LEGAL_FORMS)):
        return "prose"
    digits = any(c in _DIGITS for c in text)
    if digits and words <= 10 and (_PHONE.search(text) or _LABEL.search(text)):
        return "contact"
    if ("@" in text or "www." in text or "://" in text) and len(
        _URL.sub("", text).strip(" <>()[]:\t")
    ) < 25:
        return "contact"
    if words > 10:
        return "prose"
    if not digits and words <= 6 and _NAME.match(text) and not _OFFICE.search(text):
        return "name"
    if (digits or words > 1) and _PLACE.search(text):
        return "place"
    if text[:1].islower() and words > 3:
        return "prose"
    if words <= 9 and _OFFICE.search(text) and not text.endswith(","):
        return "office"
    return "other" if words <= 6 and len(text) < 50 else "prose"


def is_contact_block(block: list[str]) -> bool:
    """Whether all lines are short and at least two of them tell where to reach somebody."""
    kinds = [_kind_of(line) for line in block if line.strip()]
    reach = sum(kind in {"contact", "place", "office"} for kind in kinds)
    return reach >= 2 and "prose" not in kinds and "contact" in kinds


def _contact_block(lines: list[str], start: int, stop: int) -> int:
    """Walks up from the end over short lines, in paragraphs; the block must name a way to reach."""
    groups: list[list[tuple[int, str]]] = []
    gap = 1
    above = ""
    whole = False
    for i in range(stop - 1, max(start, stop - _LONGEST) - 1, -1):
        line = lines[i][:LINE_LIMIT]
        text = line.strip(" \t*|\xa0")
        if not text:
            gap += 1
            if groups and gap > 2:
                break
            continue
        if is_attachment(line):
            if groups:
                break
            continue
        kind = _kind(text)
        if kind in {"prose", "closing"}:
            if gap == 0 and kind == "prose" and groups and _runs_on(line, groups[-1][-1][1]):
                groups[-1].pop()
            above = text
            break
        if gap:
            groups.append([])
        groups[-1].append((i, kind))
        gap = 0
    else:
        if stop - start > _LONGEST:
            # short lines without end: a list
            return stop
        whole = True
    groups = [group[::-1] for group in groups if group]
    if groups and above.endswith(":"):
        # what a colon announces is content
        groups.pop()
    first = _block_start(groups, stop)
    if whole and groups and groups[-1][0] == (first, "contact"):
        # nothing but contacts: they are what the message says
        return stop
    return first


def _runs_on(line: str, below: str) -> bool:
    """Whether the line below, of the kind given, is the rest of a wrapped sentence."""
    return len(line) > 60 and line.rstrip()[-1:] not in ".!?:" and below != "name"


def _block_start(groups: list[list[tuple[int, str]]], stop: int) -> int:
    """First line of the signature among paragraphs of short lines, given from the last up."""
    first = stop
    size = 0
    for group in groups:
        kinds = [kind for _, kind in group]
        reach = any(kind in {"contact", "place"} for kind in kinds)
        titled = "office" in kinds and "name" in kinds and len(kinds) <= 5
        heads = first < stop and kinds[0] in {"name", "office"} and len(kinds) <= 3
        trails = first == stop and len(kinds) <= 2
        if not (reach or titled or heads):
            if trails:
                continue
            break
        lead = next(
            (k for k, kind in enumerate(kinds) if kind in {"name", "office"}),
            next((k for k, kind in enumerate(kinds) if kind != "other"), 0),
        )
        if reach and lead and any(kind in {"contact", "place"} for kind in kinds[:lead]):
            lead = 0
        first = group[lead][0]
        size += len(group) - lead
    return first if size >= 2 else stop
