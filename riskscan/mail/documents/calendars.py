"""Invitations (iCalendar, RFC 5545) and contacts (vCard, RFC 6350) as lines that a person reads.

Both are content lines of one grammar. icalendar 7 was tried: it refuses the vCard 2.1 that phones
and Outlook write ("TEL;WORK:"), and what is wanted is the text alone, not dates and recurrences.
"""

from __future__ import annotations

import binascii
import re

from riskscan.mail.charset import to_text
from riskscan.mail.documents.flow import Flow

# Properties that say something, as a person would call them. All else is kept out: it is for
# programs, and a line that says nothing would be scored as if somebody had written it.
_TOLD = {
    "SUMMARY": "Subject", "LOCATION": "Where", "ORGANIZER": "Organizer", "ATTENDEE": "Attendee",
    "DTSTART": "Start", "DTEND": "End", "DUE": "Due", "DESCRIPTION": "", "COMMENT": "",
    "CONTACT": "Contact", "CATEGORIES": "Categories", "FN": "Name", "N": "Name",
    "NICKNAME": "Nickname", "ORG": "Organization", "TITLE": "Title", "ROLE": "Role",
    "EMAIL": "E-mail", "TEL": "Telephone", "ADR": "Address", "NOTE": "", "URL": "URL",
}  # fmt: skip
_PARTED = frozenset({"N", "ORG", "ADR"})  # of several fields, parted by ";"
_TIMES = frozenset({"DTSTART", "DTEND", "DUE"})
_ZONE = re.compile(r'(?:^|;)TZID="?([^";]{1,100})', re.I)
_FOLD = re.compile(r"\n[ \t]")
_SOFT_BREAK = re.compile(rb"=\r?\n")
_LOOK = 1000  # lines between two looks at the clock
_MARK = re.compile(r'[":]')
_ESCAPED = re.compile(r"\\(.)")
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d\d(Z?))?")


def read_calendar(data: bytes, charset: str, flow: Flow) -> None:
    """Send what invitations or contacts say to ``flow``; raises Full.

    A line that is not of the grammar is kept as it is. Times are those of the place that stands
    behind them, "UTC" for Z (RFC 5545 section 3.3.5).
    """
    if b"QUOTED-PRINTABLE" in data:  # vCard 2.1
        data = _SOFT_BREAK.sub(b"", data)
    text, _ = to_text(data, charset)
    text = _FOLD.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    named = False
    zones = 0  # what a time zone says is for programs
    for number, line in enumerate(text.split("\n")):
        if number % _LOOK == 0:
            flow.hurry()
        name, params, value = _parts(line)
        if zones or (name == "BEGIN" and value.strip().upper() == "VTIMEZONE"):
            zones += (name == "BEGIN") - (name == "END")
        elif name == "BEGIN":
            flow.section()
            named = False
        elif not name and line.strip():
            flow.add(line)
            flow.paragraph()
        if name not in _TOLD or (name == "N" and named) or (zones and name in _TIMES):
            continue
        named = named or name == "FN"
        if shown := _shown(name, params, value):
            title = _TOLD[name]
            flow.add(f"{title}: {shown}" if title else shown)
            flow.paragraph()


def calendar_text(data: bytes, charset: str) -> str:
    """What an invitation of at most a quarter of MAX_TEXT bytes says, in lines."""
    flow = Flow()
    read_calendar(data, charset, flow)
    return flow.text()


def _parts(line: str) -> tuple[str, str, str]:
    """Name in capitals, parameters, value; the value starts at the first colon outside quotes."""
    quoted = False
    for mark in _MARK.finditer(line):
        if mark.group() == '"':
            quoted = not quoted
        elif not quoted:
            name, _, params = line[: mark.start()].partition(";")
            return name.rpartition(".")[2].strip().upper(), params, line[mark.end() :]
    return "", "", ""


def _shown(name: str, params: str, value: str) -> str:
    upper = params.upper()
    if "QUOTED-PRINTABLE" in upper:
        charset = re.search(r"CHARSET=([\w.:-]{1,40})", upper)
        value, _ = to_text(binascii.a2b_qp(value.encode()), charset[1] if charset else "")
    if name in ("ORGANIZER", "ATTENDEE"):
        person = re.search(r'(?:^|;)CN=(?:"([^"]*)"|([^;]*))', params, re.I)
        address = re.sub(r"(?i)^mailto:", "", value)
        called = (person[1] or person[2] or "").strip() if person else ""
        return f"{called} <{address}>" if called and called != address else address
    if name in _TIMES:
        zone = _ZONE.search(params)
        return _TIME.sub(_time, value) + (f" ({zone[1]})" if zone else "")
    if name in _PARTED:
        value = ", ".join(part for part in re.split(r"(?<!\\);", value) if part.strip())
    return _ESCAPED.sub(lambda m: "\n" if m[1] in "nN" else m[1], value).strip()


def _time(found: re.Match[str]) -> str:
    year, month, day, hour, minute, utc = found.groups()
    time = f" {hour}:{minute}{' UTC' if utc else ''}" if hour else ""
    return f"{year}-{month}-{day}{time}"
