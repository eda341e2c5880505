"""Rules for what a regular expression knows for certain: addresses, numbers, links, accounts.

Each pattern is bounded in every repetition, so that hostile text costs linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address

Match = tuple[int, int, str]

_EMAIL = re.compile(
    r"(?<![\w.+-])[A-Za-z0-9][\w.+'-]{0,63}@(?:[A-Za-z0-9][A-Za-z0-9-]{0,62}\.){1,6}[A-Za-z]{2,18}\b"
)
_URL = re.compile(
    r"(?:https?://|ftp://|(?<![\w@.])www\.)[^\s<>\"'\]\[(){}|]{2,400}"
    r"|(?<![\w@./-])(?:[A-Za-z0-9][A-Za-z0-9-]{0,40}\.){1,3}"
    r"(?:com|org|net|gov|edu|mil|info|biz|io|co\.uk|eu|ai)(?![\w@-])(?:/[^\s<>\"'\])]{0,200})?",
    re.IGNORECASE,
)
_PHONE_START = re.compile(r"[+(\d](?<![\w.$/-].)|[xX](?<!\w.)(?=\d)|[eE](?<!\w.)xt")
_PHONE = re.compile(
    r"(?:"
    r"(?:\+?1[-. ]{1,2})?(?:\(\d{3}\)[-. ]{0,2}|\d{3}[-./ ]{1,2})\d{3}[-. ]{1,2}\d{4}"
    r"|\+\d{1,3}[ .-]?(?:\(?\d{1,4}\)?[ .-]?){2,5}\d{2,4}"
    r"|(?:011|00)[ -]\d{2,3}[ -]\d{1,4}[ -]\d{3,4}[ -]?\d{3,4}"
    r"|[2-9]\d{2}-\d{4}"
    r")(?:,? {0,2}(?:x|ext\.?|extension) ?\d{1,6})?(?![\w-]|[./]\d)"
    r"|x[2-9]-\d{4}\b|(?:ext\.?|extension|x) ?\d{4,5}\b",
    re.IGNORECASE,
)
_IPV4 = re.compile(r"\d(?<![\w.-]\d)\d{0,2}(?:\.\d{1,3}){3}(?![\w-]|\.\d)")
_IPV6 = re.compile(r"[0-9A-Fa-f:](?<![\w:.].)[0-9A-Fa-f]{0,3}(?::[0-9A-Fa-f]{0,4}){2,7}(?![\w:.])")
_ACCOUNT = re.compile(
    r"\b(?:account|acct|a/c|aba|routing|policy|iban)(?:\.| is)?[ ]{0,2}(?:no\b|nos\b|number|"
    r"num|nbr|#)?"
    r"[.:]?[ ]{0,3}#?[ ]{0,2}((?=[\w*-]{0,12}\d{3})[\dX*][\dX* -]{4,22}[\d*])(?![\w-])",
    re.IGNORECASE,
)
_IBAN = re.compile(r"[A-Z](?<!\w.)[A-Z]\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?!\w)")
_CARD = re.compile(r"\d(?<![\w.-]\d)\d{3}([ -]?)\d{4}\1\d{4}\1\d{4}(?![\w-])")
_URL_HINTS = (
    *("://", "www.", ".com", ".org", ".net", ".gov", ".edu", ".mil", ".info", ".biz", ".io"),
    *(".co.uk", ".eu", ".ai"),
)
_ACCOUNT_HINTS = ("account", "acct", "a/c", "aba", "routing", "policy", "iban")
_THREE_DIGITS = re.compile(r"\d\d\d")


def contact_matches(text: str) -> Iterator[Match]:
    """Yield ``(start, end, label)`` of EMAIL, URL, PHONE, IP and ACCOUNT in ``text``.

    An account number counts only with a word before it that says so, or with a check digit
    that fits (IBAN: ISO 13616, cards: Luhn).
    """
    if "@" in text:
        for match in _EMAIL.finditer(text):
            yield match.start(), match.end(), "EMAIL"
    lowered = text.lower()
    if any(hint in lowered for hint in _URL_HINTS):
        for match in _URL.finditer(text):
            end = match.end()
            while text[end - 1] in ".,;:!?-_*":
                end -= 1
            yield match.start(), end, "URL"
    if text.count(".") >= 3:
        for match in _IPV4.finditer(text):
            if _is_address(match.group()):
                yield match.start(), match.end(), "IP"
    if "::" in text or text.count(":") >= 7:
        for match in _IPV6.finditer(text):
            if _is_address(match.group()):
                yield match.start(), match.end(), "IP"
    if _THREE_DIGITS.search(text):
        yield from _phones(text)
        yield from _accounts(text, lowered)


def _phones(text: str) -> Iterator[Match]:
    """Yield telephone numbers: matched only where a first character allows one, for speed."""
    done = 0
    for begin in _PHONE_START.finditer(text):
        if begin.start() >= done:
            match = _PHONE.match(text, begin.start())
            if match:
                done = match.end()
                yield begin.start(), done, "PHONE"


def _accounts(text: str, lowered: str) -> Iterator[Match]:
    """Yield account numbers that are certain."""
    if any(hint in lowered for hint in _ACCOUNT_HINTS):
        for match in _ACCOUNT.finditer(text):
            yield match.start(1), match.end(1), "ACCOUNT"
    for match in _IBAN.finditer(text):
        if _iban_fits(match.group().replace(" ", "")):
            yield match.start(), match.end(), "ACCOUNT"
    for match in _CARD.finditer(text):
        if _luhn_fits(re.sub(r"[ -]", "", match.group())):
            yield match.start(), match.end(), "ACCOUNT"


def _is_address(text: str) -> bool:
    """Say whether ``text`` is an IPv4 or IPv6 address."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _iban_fits(number: str) -> bool:
    """Check the ISO 13616 check digits."""
    turned = number[4:] + number[:4]
    return 15 <= len(number) <= 34 and int("".join(str(int(c, 36)) for c in turned)) % 97 == 1


def _luhn_fits(number: str) -> bool:
    """Check the Luhn digit of a payment card."""
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
