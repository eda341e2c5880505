"""Addresses, phones, accounts and hosts in a text, and the names shown before addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from riskscan.language.contact import contact_matches

_HOST = re.compile(r"(?<![\w@.-])(?:[\w-]{1,63}\.){1,6}[A-Za-z]{2,18}(?![\w-])")
# Addresses of Exchange: /O=ACME/OU=NA/CN=RECIPIENTS/CN=JROE, and what gateways make of them.
_EXCHANGE = re.compile(
    r"/o=[^/<>\n;,\"]{1,64}(?:/(?:ou|cn)=[^/<>\n;,\"]{1,64}){1,8}|IMCEA[A-Z]{2,12}-[^\s<>\"\]]{1,300}",
    re.I,
)
# A display name before an address: "Jane Roe" <, Jane Roe [mailto:
_SHOWN = re.compile(
    r"(?:\"([^\"<>\n]{2,60})\"|(?:^|[:;,\n][ \t]?)([^\W\d_][^<>\[\]\"\n:;]{1,60}?))"
    r"\s{0,4}[<\[](?:mailto:)?$"
)
_BEFORE = 100
# An extension as people write it, "5-1234", not a month and a year; national numbers with their 0.
_PHONE = re.compile(
    r"(?<![\w./-])\d-(?!19|20)\d{4}(?![\w/-]|\.\d)"
    r"|(?<![\w.,-])\(?[2-9]\d\d\)?[-. ]{1,2}\d{3}[-. ]\d{4}(?![\w-])"
    r"|(?<![\w.,/+-])\(?0\d{1,4}\)?[ ./-]{1,2}\d{2,4}(?:[ .-]?\d{2,4}){1,3}(?![\w/-]|[.,]\d)"
)
# Headers of transport, pasted into a text: hosts and users as no address shows them.
_TRACE = re.compile(
    r"^[>| \t]{0,20}(?:Received|Message-ID|In-Reply-To|References|Return-Path|X-Apparently-To"
    r"|X-Sender|X-Originating-IP):[ \t]*([^\n]{1,1000}(?:\n[>| ]{0,20}[ \t][^\n]{1,400}){0,8})",
    re.M | re.I,
)
# A number of any kind after a word that says what it is.
_TOLD = re.compile(
    r"\b(?:tel|telephone|phone|fax|facsimile|mobile|cell|cellular|pager|beeper|voicemail|tél|telefon"
    r"|telefax|handy|mobil|móvil|teléfono)\b[ \w]{0,12}[.:#=]{0,2}\s{0,3}"
    r"([+(]?\d[\d ().-]{5,20}\d)(?![\w-])"
    r"|\bcall (?:me|us|him|her) (?:at|on) (\d[\d-]{3,5}\d)(?![\w.-])",
    re.I,
)
# The account of a wire transfer, as banks confirm it.
_WIRE = re.compile(
    r"\b(?:benef(?:iciary)?|(?:cr|dr|credit|debit) (?:bk|bank)(?: id)?|aba|routing|swift|customer"
    r" (?:no|number|id))\b[.:#]{0,2}[ \t]{0,8}(\d{6,20})\b",
    re.I,
)
_KINDS = {"EMAIL": "address", "PHONE": "phone", "ACCOUNT": "account"}


def contacts(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and kind: address, phone, account, host, or trace (headers of transport)."""
    if ":" in text:
        for match in _TRACE.finditer(text):
            yield match.start(1), match.end(1), "trace"
    for start, end, label in contact_matches(text):
        if label in _KINDS:
            yield start, end, _KINDS[label]
    if "=" in text or "IMCEA" in text:
        for match in _EXCHANGE.finditer(text):
            yield match.start(), match.end(), "address"
    for match in _PHONE.finditer(text):
        yield match.start(), match.end(), "phone"
    for match in _TOLD.finditer(text):
        yield *match.span(1 if match[1] else 2), "phone"
    for match in _WIRE.finditer(text):
        yield match.start(1), match.end(1), "account"
    if "." in text:
        for match in _HOST.finditer(text):
            yield match.start(), match.end(), "host"


def shown(text: str, start: int) -> tuple[int, int] | None:
    """The name that stands before an address at ``start`` in a quoted header."""
    begin = max(0, start - _BEFORE)
    match = _SHOWN.search(text[begin:start])
    if match is None:
        return None
    first, last = match.span(1 if match[1] is not None else 2)
    return begin + first, begin + last
