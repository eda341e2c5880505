"""Signatures: the contact block at the end of a run of authored lines.

Rule, chosen after reading how people would mark real mail: a block of two lines or more that
names the writer and tells where to reach or what to call them (title, company, address,
telephone) is a signature from the name on. So is a last paragraph that repeats in full the name
just signed with ("Ida", then "Ida Dunmore, Harbour Office"), and a last line of several parts
with bars between ("Ida Dunmore | Harbour Office | x4471"). A closing ("Regards,"), a bare name
or initials stay authored, also right above the block. What stands below a ``-- `` line and
device lines ("Sent from my …") are signature.
"""

from __future__ import annotations

import re
from typing import Final

from riskscan.mail.markers import LINE_LIMIT

_LONGEST: Final = 22
_DEVICE = re.compile(
    r"(?:sent|envoyée?|gesendet|gesandt|enviado|enviada|inviat[oa]|verzonden|verstuurd|skickat|sendt"
    r"|lähetetty|отправлено|wysł?an[eoy]|odesláno|elküldve|trimis)\s+(?:from|via|with|using|on|wirelessly"
    r"|by|à\s+partir\s+de|de(?:puis)?|du|do|von|vom|mit|aus|desde|da|dal|dall['’]|a\s+través\s+de|através"
    r"|van|vanaf|via|uit|onderweg|unterwegs|från|fra|met|с|из|z|ze)(?![^\W_]).{0,120}$"
    r"|(?:get|obtenir|obtenez|obtener|obtén|scarica|obter)\s+outlook\s+.{1,60}$"
    r"|outlook\s+(?:für|voor|für|per|para|pour)\s+.{1,40}$"
    r"|(?:diese\s+(?:nachricht|e-?mail|mail)\s+wurde\s+)?(?:von\s+(?:meinem|meiner|unterwegs|mein)"
    r"|vom|mit\s+(?:meinem|meiner)|unterwegs|mobil)\b.{0,50}(?:gesendet|gesandt|geschrieben|verschickt).{0,20}$"
    r"|(?:vanaf|via)\s+mijn\s+\S{1,30}\s+(?:verzonden|verstuurd).{0,20}$"
    r"|(?:sent|typed)\s+.{0,20}blackberry.{0,80}$|download\s+.{0,20}outlook.{0,40}$",
    re.IGNORECASE,
)
_DEVICE_NAME = re.compile(
    r"iphone|ipad|blackberry|handheld|mobile|android|samsung|galaxy|outlook|phone|yahoo|proton"
    r"|wireless|treo|nokia|windows|mail\b|tablet|device|htc|verizon|t-mobile|handy|móvil|mobiel"
    r"|smartphone|huawei|pixel|palm|telefo|téléphone|portable|movil|celular|cellulare|tablet|puhelin"
    r"|телефон|mobil|unterwegs|onderweg|xiaomi|oneplus|fairphone|motorola|bike|train|road",
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
    r"|solutions|school|head|chair(?:man|woman|person)?|representative|executive|scheduler|broker|developer|plc"
    r"|principal|controller|investigator|advis[eo]r|physician|nurse|treasurer|registrar|dean|lecturer"
    r"|researcher|scientist|architect|designer|technician|superintendent|planner|recruiter|founder"
    r"|partners|dispatcher|bookkeeper|librarian|laborator(?:y|ies)|labs|team|office|helpdesk"
    r"|leiter(?:in)?|geschäftsführer(?:in)?|abteilung|institut|universität|ag|directeur|directrice"
    r"|responsable|juriste|hoofd|medewerker|afdeling|adviseur|beheerder|director[ae]?|gerente|s\.a\.|b\.v"
    r"|bv|s\.r\.l|sarl|s\.r\.o|s\.à\s+r\.l|ab|oy"
    r"|editor|publisher|accountant|auditor|sales|marketing|trading|resources|esq|ph\.?d|america)\b",
    re.IGNORECASE,
)
_URL = re.compile(r"\b(?:https?://|www\.)\S|[\w.+-]{1,60}@[\w-]{1,60}\.\w", re.IGNORECASE)
_CAP: Final = "[A-ZÀ-ÖØ-ÞĀ-ſА-ЯΑ-Ω]"
_NAME = re.compile(
    rf"[\"']?{_CAP}[\w'\u2019.?\-]*(?:[ ]{{1,3}}(?:\(?\"?{_CAP}[\w'\u2019.?\-]*\"?\)?"
    r"|de|van|von|der|den|du|da|dos|la|le|bin|al|y|ter|ten|and|&)){0,4}"
    rf"(?:,\s?{_CAP}[\w.\-]{{0,10}}){{0,3}}[\"']?$"
)
_PRONOUNS = re.compile(
    r"\s{1,3}[(\[](?:she|he|they|sie|er|elle|il|ella|él|any)\b[^()\[\]]{0,20}[)\]]$", re.IGNORECASE
)
_CREDENTIALS = re.compile(r"[ ,]\s?[A-Z][A-Z\-.]{1,9}(?:,?\s[A-Z][A-Z\-.]{1,9}){0,4}$")
_BARS = re.compile(r"\s?[|·•‖¦]\s?")
_PARTS = re.compile(r"\s?[|·•‖¦]\s?|\s(?:--?|[–—/@~])\s|,\s|\s\(")
_WORD = re.compile(r"[^\W\d_]+")
_HONORIFICS: Final = frozenset(
    {"dr", "prof", "mr", "mrs", "ms", "ing", "dipl", "capt", "sir", "mme"}
)
_POSTSCRIPT = re.compile(r"p\.?\s?s\b", re.IGNORECASE)
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
    r"\b.{0,30}$"
    r"|(?:mit\s+(?:freundlichen|besten|lieben|herzlichen)|(?:viele|liebe|beste|schöne|herzliche)\s+grüße"
    r"|met\s+(?:vriendelijke|hartelijke)|med\s+(?:vennlig|vänlig|venlig)|bien\s+à|с\s+уважением|με\s+εκτίμηση"
    r"|祝好|謝謝|谢谢|此致|敬具|よろしく|pozdrawiam|z\s+poważaniem|s\s+pozdravem|atenciosamente|abraços?\b"
    r"|um\s+abraço|atentamente|un\s+saludo|distinti\s|mvh\b|(?:b\.?\s?)?rgds\b|mfg\b|warmly\b)"
    r".{0,20}$",
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
    words = len(text.split())
    mine = text.lower().startswith(("sent from my", "sent from the", "sent from a "))
    return words <= 8 and ("<http" in text or (mine and words <= 6 and text[-1] not in ".!?,:"))


def tells_who(line: str) -> bool:
    """Whether a line is a name, a title, a house, an address or a way to reach somebody."""
    return _kind_of(line) in {"name", "office", "place", "contact"}


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
    if stop - start < 2:
        return stop
    first = _contact_block(lines, start, stop)
    return first if first < stop else _signed_block(lines, start, stop)


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
    words = len(text.split()) - text.count(" - ") - text.count(" / ")
    if len(text) < 160 and _BARS.search(text):
        kinds = [_kind(part) for part in _bars(text)]
        if len(kinds) > 1 and "prose" not in kinds:
            # as strong as its strongest part
            return next((kind for kind in ("contact", "place", "office") if kind in kinds), "other")
    digits = any(c in _DIGITS for c in text)
    many = digits and words > 10 and len(text) <= 90 and sum([c.isalpha() for c in text]) <= 16
    if many and _PHONE.search(text):
        return "contact"
    if len(text) > 90 or words > 12:
        return "prose"
    if len(text) < 40 and _CLOSING.match(text):
        return "closing"
    if text[-1] in "?!:;" or (text[-1] == "." and words > 2 and not text.endswith(_LEGAL_FORMS)):
        return "prose"
    if digits and words <= 10 and (_PHONE.search(text) or _LABEL.search(text)):
        return "contact"
    if ("@" in text or "www." in text or "://" in text) and len(
        _URL.sub("", text).strip(" <>()[]:\t")
    ) < 25:
        return "contact"
    if words > 10:
        return "prose"
    bare = _PRONOUNS.sub("", text) if text[-1] in ")]" else text
    if not digits and words <= 6 and _NAME.match(bare) and not _OFFICE.search(text):
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
    first = _block_start(groups, lines, stop)
    if whole and groups and groups[-1][0] == (first, "contact"):
        # nothing but contacts: they are what the message says
        return stop
    return first


def _runs_on(line: str, below: str) -> bool:
    """Whether the line below, of the kind given, is the rest of a wrapped sentence."""
    return len(line) > 60 and line.rstrip()[-1:] not in ".!?:" and below != "name"


def _block_start(groups: list[list[tuple[int, str]]], lines: list[str], stop: int) -> int:
    """First line of the signature among paragraphs of short lines, given from the last up."""
    first = stop
    size = 0
    for group in groups:
        kinds = [kind for _, kind in group]
        reach = any(kind in {"contact", "place"} for kind in kinds)
        titled = "office" in kinds and "name" in kinds and len(kinds) <= 5
        heads = first < stop and kinds[0] in {"name", "office"} and len(kinds) <= 3
        if heads and not (reach or titled):
            heads = not _signs_off(lines[group[-1][0]], lines[first])
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
        if (
            lead + 1 < len(kinds)
            and kinds[lead] == "name"
            and len(lines[group[lead][0]].split()) == 1
            and _repeats(lines[group[lead + 1][0]], lines[group[lead][0]])
        ):
            lead += 1
        first = group[lead][0]
        size += len(group) - lead
    return first if size >= 2 else stop


def _bars(text: str) -> list[str]:
    """The parts of a line between bars or bullets."""
    return [part for part in (p.strip(" \t*\xa0") for p in _BARS.split(text)) if part]


def _head(line: str) -> str:
    """The first part of a line, without title, pronouns and degrees: where a name would stand."""
    text = _PARTS.split(line[:LINE_LIMIT].strip(" \t*|-—–_\xa0"), maxsplit=1)[0]
    return _CREDENTIALS.sub("", text) if not text.isupper() else text


def _is_sign_off(line: str) -> bool:
    """Whether a line could be what somebody signs with: a name or initials and no more."""
    text = line[:LINE_LIMIT].strip(" \t*-—–_,\xa0")
    words = text.split()
    if not 0 < len(words) <= 3 or len(text) > 30 or text[-1] in ":?!;":
        return False
    return all(_WORD.match(word) is not None for word in words) and words[-1][:1].isupper()


def _repeats(line: str, signed: str) -> bool:
    """Whether a line begins with the name, in full, that ``signed`` gives in short."""
    if not _is_sign_off(signed):
        return False
    head = _WORD.findall(_PARTS.split(line[:LINE_LIMIT].strip(), maxsplit=1)[0])
    whole = line[:LINE_LIMIT].split(",", 1)[0]
    if not 0 < len(head) <= 6 or not head[0][:1].isupper():
        return False
    names = {word.lower() for word in _WORD.findall(whole)[:6]} | {w.lower() for w in head}
    called = [word for word in head if word.lower() not in _HONORIFICS] or head
    initials = "".join(word[0] for word in called).lower()
    short = _WORD.findall(signed)
    for word in {short[0].lower(), short[-1].lower()}:
        if len(word) > 1 and (word in names or any([w.lower().startswith(word) for w in head])):
            return True
        if len(word) <= 3 and len(short) < 3 and initials.startswith(word):
            return True
    return False


def _signs_off(line: str, below: str) -> bool:
    """Whether a paragraph that ends with ``line`` signs a message, above a block of its own."""
    text = below[:LINE_LIMIT].strip(" \t*|\xa0")
    if _repeats(below, line) or (text and _kind(text) == "name"):
        return True
    return _is_sign_off(line) and len(line.split()) == 1


def _is_title(text: str) -> bool:
    """Whether a line reads like a title or a house, not like a sentence: its words are capital."""
    if text[-1] in "?!:;" or (text[-1] == "." and not text.endswith(_LEGAL_FORMS)):
        return False
    words = [word for word in _WORD.findall(text) if len(word) > 3]
    return bool(words) and len(text) < 70 and all(word[0].isupper() for word in words)


def _plain_line(text: str) -> bool:
    """Whether a line is short and no sentence."""
    words = len(text.split())
    if len(text) > 110 or words > 14 or text[-1] in "?!:;" or _POSTSCRIPT.match(text):
        return False
    return text[-1] != "." or words <= 2 or text.endswith(_LEGAL_FORMS)


def _signed_block(lines: list[str], start: int, stop: int) -> int:
    """The last paragraph as signature, though it tells no way to reach the writer.

    It repeats the name signed with, is one line of parts with bars between, or is a name with
    titles under it.
    """
    first = stop
    closed = False
    while first > start and stop - first < 8:
        line = lines[first - 1]
        text = line[:LINE_LIMIT].strip(" \t*|\xa0")
        if not text:
            break
        if _kind(text) == "closing":
            closed = True
            break
        if not _plain_line(text) or is_attachment(line):
            return stop
        first -= 1
    else:
        return stop
    above = first - 1
    while above >= start and not lines[above].strip():
        above -= 1
    if above < start or first == stop:
        return stop
    block = [line[:LINE_LIMIT].strip(" \t*|\xa0") for line in lines[first:stop]]
    signed = lines[above]
    if _kind(signed[:LINE_LIMIT].strip(" \t*|\xa0") or "-") == "closing":
        closed = True
    if (
        len(block) > 1
        and " " not in block[0]
        and _repeats(lines[first + 1], lines[first])
        and _is_full(block[1])
    ):
        return first + 1
    if signed.rstrip().endswith(":"):
        return stop
    if not closed and _repeats(lines[first], signed) and _is_full(block[0]):
        return first
    if len(block) == 1:
        return first if _is_one_line(block[0], signed, closed) else stop
    if _NAME.match(_head(block[0])) is None or not all(map(_is_title, block[1:])):
        return stop
    marked = _PRONOUNS.search(block[0]) or _CREDENTIALS.search(block[0])
    if closed or (marked and len(block) <= 5):
        return first
    titles = [text for text in block[1:] if _kind(text) != "name"]
    whole = len(_head(block[0]).split()) > 1
    return first if whole and titles and len(block) <= 5 else stop


def _is_full(text: str) -> bool:
    """Whether a line begins with a name of two words or more."""
    head = _head(text)
    return len(head.split()) > 1 and (_NAME.match(_PRONOUNS.sub("", head)) is not None)


def _is_one_line(text: str, above: str, closed: bool) -> bool:
    """Whether a last line is a signature in itself: name or house, title, telephone."""
    signed = closed or _is_sign_off(above)
    parts = _bars(text)
    if len(parts) > 1:
        kinds = [_kind(part) for part in parts]
        if "prose" in kinds or len(parts) > 6:
            return False
        if signed or "contact" in kinds:
            return True
        named = _is_full(parts[0])
        return named and all(map(_is_title, parts[1:]))
    parts = [part for part in _PARTS.split(text) if part]
    if len(parts) < 2 or " " not in text:
        return False
    dashed = any(mark in text for mark in (" - ", " -- ", " – ", " — ", " / "))
    if not dashed:
        return False
    if signed:
        return _is_title(parts[0])
    kinds = [_kind(part) for part in parts[1:]]
    return _is_full(text) and "prose" not in kinds and "office" in kinds
