"""Rules for DATE (calendar dates, weekdays, quarters, relative days) and MONEY.

Times of day and bare durations ("two weeks") are not dates. Patterns are bounded in every
repetition, so that hostile text costs linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

Match = tuple[int, int, str]

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_WEEKDAY_ANY = rf"(?:{_WEEKDAY}|mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun)\b\.?"
_YEAR = r"(?:19[4-9]\d|20[0-4]\d)"
_GAP = r"[ \n]{1,3}"
_DASH = r" ?(?:-|\u2013|to|through|thru|&|and) ?"
_UNIT = (
    rf"(?:week(?:end)?|month|quarter|year|spring|summer|fall|autumn|winter|{_WEEKDAY}|"
    r"january|february|march|april|may|june|july|august|september|october|november|december)"
)
_COUNT = (
    r"(?:\d{1,3}|a|an|one|two|three|four|five|six|seven|eight|nine|ten|a few|several|few|couple of)"
)
_ORDINAL = r"(?:first|second|third|fourth|1st|2nd|3rd|4th|last)"

# Every date begins with a digit or with a word that begins like this.
_BEGINNINGS_TEXT = (
    "jan feb mar apr may jun jul aug sep oct nov dec mon tue wed thu fri sat sun the nex las pas "
    "com fol pre thi ear lat mid fir sec fou tod tom yes yea wee fis fy fy0 cal q1 q2 q3 q4 one "
    "two thr fiv six sev eig nin ten few cou"
)
_BEGINNINGS = frozenset(_BEGINNINGS_TEXT.split())
_WORD = re.compile(r"[A-Za-z0-9]+")
_FULL = re.compile(
    r"(?:"
    # Monday, May 7th, 2001 / May 7-9 / May 2001 / 7 May 2001 / 1-Jan-01
    rf"(?:{_WEEKDAY_ANY},?{_GAP}(?:the{_GAP})?)?{_MONTH}{_GAP}{_DAY}\b(?!:\d)"
    rf"(?:{_DASH}(?:{_MONTH}{_GAP})?{_DAY}\b(?![:/]))?(?:,?{_GAP}(?:{_YEAR}|'\d\d)\b)?"
    rf"|"
    rf"(?:{_WEEKDAY_ANY},?{_GAP}(?:the{_GAP})?)?{_DAY}(?:{_GAP}of)?[ -]{_MONTH}"
    rf"(?:,?[ \n-]{{1,2}}(?:{_YEAR}|'?\d\d)\b(?!:))?"
    rf"|(?:(?:early|late|mid)[ -])?{_MONTH}(?:,?{_GAP}(?:of{_GAP})?{_YEAR}|[ -]?'\d\d|-\d\d)\b"
    rf"|{_WEEKDAY_ANY},?{_GAP}(?:the{_GAP})?\d{{1,2}}(?:st|nd|rd|th)\b"
    rf"|the{_GAP}\d{{1,2}}(?:st|nd|rd|th)(?:{_GAP}of{_GAP}{_MONTH})?(?!{_GAP}(?:floor|circuit|"
    rf"amend|street|ave|century|edition|place|annual|anniv|draft|version|time|one|party|hole))"
    # 5/7/01, 05-07-2001, 2001-05-07
    r"|(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01])/(?:\d{4}|\d\d)(?![\d/])"
    r"|(?:0?[1-9]|[12]\d|3[01])/(?:0?[1-9]|1[0-2])/(?:\d{4})(?![\d/])"
    r"|(?:0?[1-9]|1[0-2])[-.](?:0?[1-9]|[12]\d|3[01])[-.](?:(?:19|20)\d\d|\d\d)(?![\d.-])"
    rf"|{_YEAR}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?!\d)"
    # Q1 2001, 1Q01, third quarter of 2001, second half
    rf"|Q[1-4](?:[ ,']{{0,2}}(?:of )?(?:{_YEAR}|\d\d))?\b|[1-4]Q(?: ?(?:{_YEAR}|'?\d\d))?\b"
    rf"|(?:the{_GAP})?{_ORDINAL}{_GAP}(?:quarter|half)(?:,?{_GAP}(?:of{_GAP})?{_YEAR})?\b"
    rf"|(?:FY|fiscal(?:{_GAP}year)?|calendar(?:{_GAP}year)?) ?'?(?:{_YEAR}|\d\d)\b"
    rf"|(?:the{_GAP})?(?:early |late |mid-?)?(?:19|20)\d0'?s\b"
    # relative
    rf"|(?:(?:early|late|earlier|later){_GAP})?(?:(?:the{_GAP})?(?:next|last|past|coming|"
    rf"following|previous)|this|this{_GAP}(?:past|coming)){_GAP}{_UNIT}\b"
    rf"|(?:the{_GAP})?(?:next|last|past|coming|previous){_GAP}{_COUNT}{_GAP}(?:days|weeks|"
    rf"months|quarters|years)\b"
    rf"|{_COUNT}{_GAP}(?:days?|weeks?|months?|years?){_GAP}ago\b"
    rf"|(?:the{_GAP})?week{_GAP}of{_GAP}(?:the{_GAP})?(?:{_MONTH}{_GAP}{_DAY}\b|"
    rf"\d{{1,2}}/\d{{1,2}}(?:/\d\d(?:\d\d)?)?|\d{{1,2}}(?:st|nd|rd|th))"
    rf"|(?:the{_GAP}day{_GAP}(?:before{_GAP}yesterday|after{_GAP}tomorrow)|today|tomorrow|"
    rf"yesterday|year-end)\b"
    r")",
    re.IGNORECASE,
)
# A weekday or month by itself must be written with a capital.
_GLUE = frozenset("/.$-&_@")
_HALF = frozenset(("ear", "lat", "mid"))
_NAMED = re.compile(
    r"(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?"
    r"|(?:(?:[Ee]arly|[Ll]ate|[Mm]id)[ -])?(?:January|February|April|June|July|August|"
    r"September|October|November|December)"
    r"|(?<=\b[Ii]n )(?:May|March)|(?<=\b[Bb]y )(?:May|March)|(?<=\bof )(?:May|March)|"
    r"(?<=\b[Ff]or )March"
    r"|(?<=\bsince )(?:May|March)|(?<=\buntil )(?:May|March)|(?<=\b[Ee]arly )(?:May|March)|"
    r"(?<=\b[Ll]ate )(?:May|March)"
    r"|(?<=\b[Ii]n )(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)"
    r")\b(?!['\u2019]?s? (?:Street|Ave|Road|Morning News))"
)
# 5/7 is a date after a word that asks for one, and 2001 is a year likewise.
_SHORT = re.compile(
    r"[0-9](?<![\w/.$-].)(?<=(?=(?:0?[1-9]|1[0-2])/).)\d?/(?:0?[1-9]|[12]\d|3[01])"
    r"(?: ?- ?(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01]))?"
    r"(?![\d/\"%]|\.\d|-\d|-inch| (?:inch|mile|of an?|cup|price|of the))"
)
_BEFORE_SHORT = re.compile(
    rf"(?:\b(?:on|by|of|for|from|to|thru|through|until|since|starting|effective|before|after|dated|"
    rf"between|and|week|ending|beginning|due|date|till|sent|{_WEEKDAY_ANY})[ ,:(]{{1,3}}|^|[(\n])$",
    re.IGNORECASE,
)
_BARE_YEAR = re.compile(
    rf"[12](?<![\w/.$].)(?<=(?={_YEAR})[12])\d{{3}}(?:{_DASH}(?:{_YEAR}|\d\d))?"
    r"(?![\w$%/]|[.,-]\d| (?:mw|mwh|mmbtu|kw|smith|main|st|street))",
    re.IGNORECASE,
)
_BEFORE_YEAR = re.compile(
    r"\b(?:in|since|during|by|of|until|till|year|for|from|to|through|thru|before|after|early|late|"
    r"mid|spring|summer|fall|winter|and|beyond|than|end|or|vs\.?|versus|the|between|january|"
    r"december)[ \n-]{1,2}$",
    re.IGNORECASE,
)

_SCALE = (
    r"(?:[ \n-]{0,3}(?:thousand|million|billion|trillion|mill|mil|bn|mln|mm|b|m|k|tn)\b(?:illion)?)"
)
_NUMBER = r"\d{1,15}(?:,\d{3}){0,6}(?:\.\d{1,6})?"
_MONEY_START = re.compile(
    r"[$\u00a3\u20ac\u00a5\d.]|[A-Za-z](?<![A-Za-z0-9].)(?=[A-Za-z.]{0,8}[ $\u00a3\u20ac\u00a5\d])"
)
_MONEY = re.compile(
    r"(?:(?<![A-Za-z0-9])(?-i:(?:USD?|U\.S\.|C[Dd][Nn]|CAD|AUD)[ ]?|C|A|HK|NZ|R|S))?"
    rf"[$\u00a3\u20ac\u00a5][ ]{{0,2}}(?:{_NUMBER}|\.\d{{1,6}}){_SCALE}?"
    rf"(?: ?(?:-|\u2013|to) ?[$\u00a3\u20ac\u00a5]?(?:{_NUMBER}|"
    rf"\.\d{{1,6}}){_SCALE}?(?!\w))?(?:[ ](?:dollars|USD|US|CAD|CDN)\b)?"
    rf"|(?<![\w$.,-])(?:USD|EUR|GBP|CAD|CHF|JPY|AUD|Rs\.?|INR|DM|Euro)[ ]?{_NUMBER}{_SCALE}?(?!\w)"
    rf"|(?<![\w$.,])(?:{_NUMBER}|\.\d{{1,6}}){_SCALE}?[ -]{{0,2}}(?:U\.?S\.? |Canadian |"
    rf"Australian )?(?:dollars?|cents|USD|euros?|EUR|GBP|pounds sterling|"
    r"bucks|yen|rupees|pesos|francs|CAD|\u20ac)\b"
    r"|\b(?:(?:a|one|two|three|four|five|six|seven|eight|nine|ten|twenty|fifty|several|half a) )?"
    r"(?:hundred|thousand|million|billion|trillion)(?: (?:thousand|million|"
    r"billion))? (?:U\.?S\.? )?(?:dollars|euros|pounds|bucks)\b"
    r"|\b(?:five|ten|fifteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety) (?:dollars|"
    r"euros|cents|bucks)\b",
    re.IGNORECASE,
)
_MONEY_HINTS = (
    *("$", "\u00a3", "\u20ac", "\u00a5", "dollar", "usd", "euro", "eur ", "cents", "gbp", "cad"),
    *(
        "bucks",
        "chf",
        "jpy",
        "aud",
        "rs.",
        "rs ",
        "inr",
        "pounds",
        "yen",
        "rupee",
        "francs",
        "pesos",
    ),
)


def date_matches(text: str) -> Iterator[Match]:
    """Yield ``(start, end, "DATE")`` for the dates in ``text``; spans may overlap."""
    done = 0
    for word in _WORD.finditer(text):
        start = word.start()
        begins = word.group()[:3]
        if start < done or not (begins[0].isdigit() or begins.lower() in _BEGINNINGS):
            continue
        if start and text[start - 1] in _GLUE:
            continue
        match = _FULL.match(text, start)
        if match:
            done = match.end()
            yield start, done, "DATE"
        elif begins[0].isupper() or begins in _HALF:
            match = _NAMED.match(text, start)
            if match:
                done = match.end()
                yield start, done, "DATE"
    if "/" in text:
        yield from _after(_SHORT, _BEFORE_SHORT, text)
    if "19" in text or "20" in text:
        yield from _after(_BARE_YEAR, _BEFORE_YEAR, text)


def _after(what: re.Pattern[str], before: re.Pattern[str], text: str) -> Iterator[Match]:
    """Yield what stands directly after a match of ``before``."""
    for match in what.finditer(text):
        if before.search(text, max(0, match.start() - 14), match.start()):
            yield match.start(), match.end(), "DATE"


def money_matches(text: str) -> Iterator[Match]:
    """Yield ``(start, end, "MONEY")`` for the sums of money in ``text``."""
    lowered = text.lower()
    if any(hint in lowered for hint in _MONEY_HINTS):
        done = 0
        for begin in _MONEY_START.finditer(text):
            match = _MONEY.match(text, begin.start()) if begin.start() >= done else None
            if match:
                done = match.end()
                yield match.start(), done, "MONEY"
