"""Filters of the queue: read from the address of a page, written back, told in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from urllib.parse import urlencode

from riskscan.case.query import QueryError, read_query
from riskscan.export.report_words import SIGNALS, day, signal_name
from riskscan.review.collapse import COLLAPSE
from riskscan.review.columns import ORDERS

DECIDED = {
    "": "all",
    "no": "not decided",
    "mine-no": "not decided by me",
    "any": "decided",
    "mine": "decided by me",
    "flag": "flagged",
    "not": "not flagged",
    "unsure": "unsure",
    "conflict": "in conflict",
    "privileged": "privileged",
    "hot": "hot",
    "second": "my second review",
    "sample": "validation sample",
}
ORDER_WORDS = {
    "learnt": "as learnt from decisions",
    "worst": "worst first",
    "newest": "newest first",
    "oldest": "oldest first",
}
_LONGEST = 1_000


class FilterError(ValueError):
    """A filter that makes no sense; the text is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What the queue is narrowed to; empty fields do not narrow it.

    ``order`` "": as learnt, once the model has been updated, else the worst first.
    """

    q: str = ""
    custodian: str = ""
    people: str = ""
    who: int | None = None
    writer: int | None = None
    reader: int | None = None
    since: str = ""
    until: str = ""
    signal: str = ""
    low: float | None = None
    high: float | None = None
    decided: str = ""
    order: str = ""
    collapse: str = ""

    def __bool__(self) -> bool:
        return bool(self.parameters())

    def parameters(self) -> dict[str, str]:
        """The fields that narrow, as text."""
        made = {}
        for one in fields(self):
            value = getattr(self, one.name)
            if value != one.default:
                made[one.name] = f"{value:g}" if isinstance(value, float) else str(value)
        return made

    def address(self, **more: object) -> str:
        """The query string of a page with these filters; "" or "?..."."""
        told = {**self.parameters(), **{name: str(value) for name, value in more.items()}}
        return f"?{urlencode(told)}" if told else ""

    def without(self, name: str) -> Filters:
        """The same without one of them."""
        default = {one.name: one.default for one in fields(self)}[name]
        return replace(self, **{name: default})  # type: ignore[arg-type]


def read_filters(given: Mapping[str, str]) -> Filters:
    """The filters in the address of a page; unknown names are ignored. Raises FilterError."""
    told = {name: given.get(name, "").strip() for name in Filters.__dataclass_fields__}
    for value in told.values():
        if len(value) > _LONGEST or "\0" in value:
            raise FilterError("A filter is longer than anything that can be searched for.")
    for name in ("q", "people"):
        try:
            read_query(told[name])
        except QueryError as error:
            raise FilterError(str(error)) from error
    if told["signal"] and told["signal"] not in SIGNALS:
        raise FilterError(f"'{told['signal'][:40]}' is no signal.")
    if told["decided"] not in DECIDED:
        raise FilterError(f"'{told['decided'][:40]}' says nothing about decisions.")
    if told["order"] not in ("", *ORDERS):
        raise FilterError(f"'{told['order'][:40]}' is no order.")
    if told["collapse"] not in COLLAPSE:
        raise FilterError(f"'{told['collapse'][:40]}' is nothing to show once.")
    if told["decided"] == "sample":
        # It is decided blind: nothing may tell what the detector thinks of its messages.
        told |= dict.fromkeys(("signal", "low", "high", "order", "collapse"), "")
    return Filters(
        q=told["q"], custodian=told["custodian"], people=told["people"],
        who=_number(told["who"]), writer=_number(told["writer"]), reader=_number(told["reader"]),
        since=_date(told["since"]), until=_date(told["until"]), signal=told["signal"],
        low=_share(told["low"]), high=_share(told["high"]), decided=told["decided"],
        order=told["order"], collapse=told["collapse"],
    )  # fmt: skip


def readable(given: Mapping[str, str]) -> Filters:
    """The filters in the address of a page, without those that ``read_filters`` refuses."""
    kept = {}
    for name in Filters.__dataclass_fields__:
        try:
            read_filters({name: given.get(name, "")})
        except FilterError:
            continue
        kept[name] = given.get(name, "")
    return read_filters(kept)


def _number(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 18):
        raise FilterError(f"'{text[:40]}' is no number.")
    return int(text)


def _share(text: str) -> float | None:
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise FilterError(f"A score is a number from 0 to 1, not '{text[:40]}'.")
    return value


def _date(text: str) -> str:
    if not text:
        return ""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise FilterError(f"A date is written as 2024-03-31, not '{text[:40]}'.") from error


def in_words(filters: Filters, names: Mapping[int, str]) -> list[tuple[str, str]]:
    """(field, words) of each filter that narrows; ``names`` are those of people and entities."""

    def named(key: int) -> str:
        return names.get(key, f"number {key}")

    told: list[tuple[str, str]] = []
    for field, value in filters.parameters().items():
        words = {
            # Quoted once: what was typed may have its own quotation marks.
            "q": value if '"' in value else f"“{value}”",
            "custodian": f"mailbox of {value}",
            "people": f"people “{value}”",
            "since": f"from {day(value)}" if field == "since" else "",
            "until": f"to {day(value)}" if field == "until" else "",
            "signal": signal_name(value).lower(),
            "low": f"score from {value}",
            "high": f"score to {value}",
            "decided": DECIDED.get(value, value),
            "order": ORDER_WORDS.get(value, value),
            "collapse": {
                "both": "near-duplicates once, only inclusive messages",
                "threads": "only inclusive messages",
            }.get(value, COLLAPSE.get(value, value)),
        }.get(field)
        if words is None:
            preposition = {"who": "with", "writer": "from", "reader": "to"}[field]
            words = f"{preposition} {named(int(value))}"
        told.append((field, words))
    return told
