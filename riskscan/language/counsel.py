"""Who is counsel, and which words claim privilege: rules that give a reason, never a decision.

The firms in law_firms.txt are public organisations, listed from common knowledge (name, domain).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from riskscan.language.people import fold

# Sites about law, not of lawyers.
_PUBLISHERS_TEXT = """
law.com law360.com westlaw.com findlaw.com lawyers.com martindale.com lexisnexis.com
legalzoom.com lawjobs.com legalseminars.com lawcommerce.com lawnewsnetwork.com
"""
_PUBLISHERS = frozenset(_PUBLISHERS_TEXT.split())
_LEGAL_ENDINGS = frozenset(("law", "legal", "lawyer", "attorney", "abogado", "esq"))
_NO_LAW = re.compile(
    r"(?:out|by|in|mother|f|cla|sla|cole|west|find)law$|^claw$|^lawn|^lawson|^lawrence"
)
_LAW_WORD = re.compile(
    r"(?:^|[-.])(?:law|laws|lawyers?|lawfirm|lawoffices?|lawgroup|legal|attorneys?|solicitors?"
    r"|barristers?|avocats?|abogados|rechtsanwaelte|kanzlei)(?:$|[-.])|.{3}(?:llp|law|lawfirm|lawyers?)$"
)
_LOCAL = re.compile(
    r"^(?:legal|counsel|general[._-]?counsel|legal[._-]?(?:dept|department|team|affairs|notices?)"
    r"|inhouse[._-]?counsel|attorneys?|lawyers?)$"
)
_TITLE = re.compile(
    r"\b(?:(?:(?:assistant|associate|deputy|senior|vice|chief|corporate|acting|regional|managing)"
    r"[ ,&-]{1,3}){0,3}(?:general|legal|in-house|corporate|litigation|senior|staff|managing"
    r"|regulatory|employment|deputy|associate|assistant|chief|trial|division|special|outside"
    r"|commercial|compliance) counsel|attorneys?[- ]at[- ]law|attorney|esq(?:uire)?\b\.?"
    r"|(?:chief )?legal officer|(?:legal|law) (?:department|dept)|solicitor|barrister"
    r"|counsell?or at law|rechtsanw[aä]lt(?:in)?|avocate?|of counsel)\b",
    re.IGNORECASE,
)
_NOT_TITLE = re.compile(
    r"\b(?:assistants?|secretary|paralegal|aide|reports?|admin\w*) (?:to|of|for)\b"
    r"|power of attorney|attorney general|district attorney|attorney[- ]client|prosecutor",
    re.IGNORECASE,
)
_FIRM_NAME = re.compile(
    r"\bL\.?L\.?P\.?(?![\w.])"
    r"|\b(?:law (?:firm|offices?|group)|attorneys at law|solicitors|P\.?L\.?L\.?C)\b",
    re.IGNORECASE,
)
_BARE_LEGAL = re.compile(
    r"\((?:[\w&]{2,12} )?legal\)|- (?:[\w&]{2,12} )?legal\b|\w-(?:[\w&]{2,12} )?legal$",
    re.IGNORECASE,
)
_LONGEST_LINE = 200
_BELOW_NAME = 6  # lines of a signature from the name to the title
_CAPITALS = re.compile(r"[A-Z][a-z]+ (?:[A-Z][\w.]* ){0,2}[A-Z][a-z]+,")


@cache
def law_firms() -> tuple[dict[str, str], dict[str, str]]:
    """The shipped list: firm by domain, and firm by folded name."""
    text = files("riskscan.language").joinpath("law_firms.txt").read_text(encoding="utf-8")
    domains, names = {}, {}
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            firm, _, some = (part.strip() for part in line.partition("\t"))
            names[fold(firm)] = firm
            domains.update(dict.fromkeys(some.split(), firm))
    return domains, names


def counsel_by_address(address: str) -> tuple[str, str] | None:
    """(rule, reason) when an address is a law firm's or a legal department's."""
    local, _, domain = fold(address).rpartition("@")
    if not local or "." not in domain or len(address) > 320:
        return None
    labels = domain.split(".")
    firms, _ = law_firms()
    for start in range(len(labels) - 1):
        firm = firms.get(".".join(labels[start:]))
        if firm:
            return "known firm", f"{domain} is the domain of the law firm {firm}"
    if ".".join(labels[-2:]) in _PUBLISHERS or labels[-1] in ("edu", "gov"):
        return None
    if labels[-1] in _LEGAL_ENDINGS:
        return "domain", f"the domain {domain} ends in .{labels[-1]}"
    own = ".".join(labels[:-1])
    word = _LAW_WORD.search(own)
    if word and not _NO_LAW.search(labels[-2]):
        return "domain", f"the domain {domain} reads as lawyers'"
    if _LOCAL.match(local):
        return "address", f"the address {local}@ reads as a legal department's"
    return None


def counsel_by_name(display: str) -> tuple[str, str] | None:
    """(rule, reason) when a display name says that it is counsel's."""
    text = " ".join(display[:_LONGEST_LINE].split())
    if _FIRM_NAME.search(text):
        return "display name", f"the name reads “{text}”"
    if _BARE_LEGAL.search(text) or (title_of(text) and not _NOT_TITLE.search(text)):
        return "display name", f"the name reads “{text}”"
    _, names = law_firms()
    firm = names.get(fold(text))
    return ("known firm", f"{firm} is a law firm") if firm else None


def title_of(line: str) -> str:
    """The title of a lawyer in a line of a signature; "" when there is none."""
    line = " ".join(line[:_LONGEST_LINE].split())
    if len(line) > 100 or _NOT_TITLE.search(line):
        return ""
    match = _TITLE.search(line)
    return match[0] if match else ""


def signed_title(signature: str, names: Iterator[str] | list[str]) -> str:
    """The line with a lawyer's title in a signature that bears one of the folded ``names``."""
    lines = [line for line in signature[:2000].splitlines()[:20] if line.strip()]
    for at, line in enumerate(lines):
        title = title_of(line)
        above = fold("\n".join(lines[max(0, at - _BELOW_NAME) : at]))
        own = fold(line)
        if not title or not any(len(name) > 1 and name in above + own for name in names):
            continue
        # "Jane Roe, General Counsel" below another's name tells of Jane Roe.
        before = _CAPITALS.search(line[: line.find(title)])
        if before is None or any(name in own for name in names) or title_of(before[0]):
            return " ".join(line.split())[:100]
    return ""


# "Jane Roe, Managing Director and General Counsel", "Jane Roe, currently general counsel"
_TITLED = re.compile(
    r"(?:,|\s*[(\u2013-]|[ \t]*\n)\s{0,3}(?:(?:currently|now|as|our)\s)?"
    r"(?:(?:[A-Z][A-Za-z]{1,20}\s{1,2}){1,3}(?:and|&)\s{1,2})?"
    r"((?i:(?:(?:deputy|assistant|associate|senior|chief)\s{1,2})?general\s{1,2}counsel))\b"
)


def title_after(after: str) -> str:
    """The title of counsel that a text gives a person whose name stands before ``after``."""
    match = _TITLED.match(after)
    return " ".join(match[1].split()) if match else ""


# --- words ------------------------------------------------------------------------------------

_WORDS = re.compile(
    r"\battorney[ /-]{1,2}client\b(?:[ -](?:privileged?|communications?|work product))?"
    r"|\battorneys?'? work[ -]product\b|\blegal(?:ly)? (?:professional )?privileged?\b"
    r"|\bsolicitor[ -]client privileged?\b"
    r"|\bprivileged (?:and|&|/) ?confidential\b|\bconfidential(?: and| &|,|/| -)? ?privileged\b"
    r"|\bprivileged (?:communications?|documents?|memo(?:randum)?|materials?|information"
    r"|e-?mails?)\b"
    r"|\bsubject to (?:the )?(?:legal|attorney|litigation)[\w -]{0,20}privilege\b"
    r"|\b(?:at the (?:request|direction) of|prepared (?:by|for)) (?:outside |legal )?counsel\b"
    r"|\bin anticipation of litigation\b|^[ *#_-]{0,6}privileged\b",
    re.IGNORECASE | re.MULTILINE,
)
_FOOTER = re.compile(
    r"intended (?:only )?(?:recipient|for)|received (?:this|it)[\w ,-]{0,40} in error|in error"
    r"|addressee"
    r"|unauthori[sz]ed|this (?:e-?mail|message|transmission|communication)[\w ,()-]{0,60}"
    r"(?:may contain|contains|is intended|and any)|disclosure, copying",
    re.IGNORECASE,
)
_DENIED = re.compile(r"(?:\bnon[- ]?|\bnot (?:\w+ )?|\bno (?:\w+ )?|\bun)$", re.IGNORECASE)
_AROUND = 350


def privilege_words(text: str) -> str:
    """The words in ``text`` that claim privilege and are no footer's; "" when there are none."""
    for match in _WORDS.finditer(text):
        if _DENIED.search(text[max(0, match.start() - 16) : match.start()]):
            continue
        if not _FOOTER.search(text, max(0, match.start() - _AROUND), match.end() + _AROUND):
            return " ".join(match[0].split()).strip(" *#_-")
    return ""
