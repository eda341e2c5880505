"""The words of the report: signals, roles, entity labels, dates, amounts and sizes for a lawyer."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

# The name of each signal, and what a text with it does (shared codebook, in short).
SIGNALS = {
    "legal_doubt": (
        "Legal doubt",
        "doubts that conduct is lawful, licensed or within policy, or warns of legal exposure",
    ),
    "ethical_unease": (
        "Ethical unease",
        "voices discomfort or moral doubt about conduct, without naming law",
    ),
    "concealment": (
        "Concealment",
        "proposes or describes hiding conduct, or avoiding a trace, a record or notice",
    ),
    "spoliation": (
        "Spoliation",
        "destroys, alters or withholds evidence or records outside of routine housekeeping",
    ),
    "admission": (
        "Admission",
        "states that something wrong, false or non-compliant was done or is known",
    ),
    "escalation": (
        "Escalation",
        "raises an alleged wrong to legal, compliance, audit, HR, a regulator or an executive",
    ),
    "pressure": (
        "Pressure",
        "somebody is pushed to do, sign or keep quiet about improper conduct",
    ),
    "threat": (
        "Threat",
        "reacts to a claim, complaint, subpoena or investigation over the organisation's conduct",
    ),
}

ROLES = {
    "authored": "Written in this message",
    "quoted": "Quoted from an earlier message",
    "forwarded": "Forwarded from another message",
    "signature": "Signature",
    "disclaimer": "Disclaimer",
}

SHOWN_ROLE = "inline"
"""The role of attachments that a reviewer need not open: logos and other pictures in the text."""

# What an attachment is that no mail program lists as one; of others there is nothing to say.
ATTACHMENT_ROLES = {
    "inline": "shown in the text",
    "alternative": "the text in another form",
    "outside": "outside the parts of the message",
    "report": "a report on delivery",
    "security": "part of a signature or encryption",
    "member": "inside another attachment",
    "missing": "its bytes are not there",
}

# How a state begins (docs/case.md), the one that says most first, and its mark.
STATES = {"deleted": "deleted", "an earlier version": "earlier version", "edited": "edited"}

# In the order in which a lawyer looks for them; other labels follow under their own name.
LABELS = {
    "PERSON": "People",
    "ORG": "Organisations",
    "REGULATOR": "Regulators",
    "COURT": "Courts",
    "LAW": "Laws and rules",
    "CASE": "Cases",
    "CITATION": "Citations",
    "MONEY": "Sums of money",
    "PERCENT": "Percentages",
    "DATE": "Dates",
    "GPE": "Countries and cities",
    "LOC": "Places",
    "FAC": "Buildings and sites",
    "NORP": "Groups",
    "PRODUCT": "Products",
    "EVENT": "Events",
    "ACCOUNT": "Account numbers",
    "PHONE": "Telephone numbers",
    "EMAIL": "Mail addresses",
    "URL": "Web addresses",
    "IP": "Network addresses",
}

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def signal_name(signal: str) -> str:
    """The name of a signal in words."""
    return SIGNALS[signal][0] if signal in SIGNALS else signal.replace("_", " ").capitalize()


def attachment_role(role: str) -> str:
    """What an attachment is in its message, in words; "" for a file like any other."""
    return ATTACHMENT_ROLES.get(role, "")


def attached(files: Sequence[Mapping[str, Any]]) -> str:
    """How many attachments there are to open, and how many more the text shows anyway."""
    inside = sum(one["role"] == SHOWN_ROLE for one in files)
    shown = f"{several(inside, 'picture')} in the text"
    if inside == len(files):
        return shown
    return several(len(files) - inside, "attachment") + (f", and {shown}" if inside else "")


def state_mark(state: str) -> str:
    """What became of a message in a word or two, for lists; "" for one as it was sent."""
    told = [one.strip() for one in state.split(";")]
    for word, shown in STATES.items():
        if any(one.startswith(word) for one in told):
            return shown
    return "changed" if state else ""


def label_name(label: str) -> str:
    """The name of an entity label in words."""
    return LABELS.get(label) or label.replace("_", " ").capitalize()


def label_order(label: str) -> tuple[int, str]:
    """Sorts labels as in ``LABELS``, unknown ones last."""
    order = list(LABELS)
    return (order.index(label) if label in LABELS else len(order), label)


def amount(number: float) -> str:
    """A whole number with thousands separated: 77,392."""
    return f"{number:,.0f}"


def several(number: int, one: str, many: str = "") -> str:
    """A number with its noun: "1 message", "2 messages", "no messages"."""
    noun = one if number == 1 else many or f"{one}s"
    return f"{amount(number) if number else 'no'} {noun}"


def size(number: int) -> str:
    """Bytes in the unit that fits (powers of 1,000): 2.6 MB."""
    value = float(number)
    for unit in ("bytes", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:,.0f} {unit}" if unit == "bytes" else f"{value:,.1f} {unit}"
        value /= 1000
    return f"{value:,.1f} TB"


def percent(part: int, whole: int) -> str:
    """A share in per cent with one decimal; "under 0.1%" rather than a false zero."""
    if not whole:
        return "0%"
    share = 100 * part / whole
    if part and share < 0.05:
        return "under 0.1%"
    return f"{share:.1f}%"


def score(value: float | None) -> str:
    """A score with two decimals, rounded down: never to certainty, never across a threshold."""
    return "not scored" if value is None else f"{math.floor(value * 100 + 1e-6) / 100:.2f}"


def day(text: str | None) -> str:
    """The day of an ISO 8601 timestamp: 30 Oct 2001."""
    if not text:
        return "no date"
    moment = datetime.fromisoformat(text)
    return f"{moment.day} {MONTHS[moment.month - 1]} {moment.year}"


def minute(text: str | None) -> str:
    """Day and time of an ISO 8601 timestamp in UTC: 30 Oct 2001, 20:33 UTC."""
    if not text:
        return "no readable date"
    return f"{day(text)}, {text[11:16]} UTC"
