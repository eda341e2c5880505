"""The templates of the page: everything that comes of a mail is escaped, nothing runs inline."""

from __future__ import annotations

from datetime import datetime
from secrets import token_urlsafe
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from riskscan.export import report_words as words
from riskscan.export.report_text import plain, short
from riskscan.review.changes import digest
from riskscan.review.filters import DECIDED, ORDER_WORDS, Filters
from riskscan.review.safety import Session


class Templates:
    """The environment, and what every page is told; ``shared``: the case is elsewhere."""

    def __init__(self, case_name: str, version: str, *, shared: bool) -> None:
        self._environment = Environment(
            loader=PackageLoader("riskscan.review", "html"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters.update(
            plain=plain, short=short, signal=words.signal_name, score=words.score, day=words.day,
            minute=words.minute, size=words.size, amount=words.amount, several=words.several,
            percent=words.percent, moment=_moment, person=_person, digest=digest, titled=_titled,
            attached_as=words.attachment_role, state_mark=words.state_mark,
        )  # fmt: skip
        self._environment.globals.update(
            case_name=case_name,
            version=version,
            shared=shared,
            signals=words.SIGNALS,
            decided_words=DECIDED,
            order_words=ORDER_WORDS,
            new_key=lambda: token_urlsafe(16),
        )

    def show(
        self,
        request: Request,
        name: str,
        *,
        filters: Filters,
        status: int = 200,
        updated: bool = False,
        **told: Any,
    ) -> Response:
        """A page as an answer; it tells the session's notice once, and that the queue is new."""
        session: Session = request.state.session
        notice, session.notice = session.notice, ""
        page = self._environment.get_template(name).render(
            told,
            filters=filters,
            session=session,
            notice=notice,
            updated=updated,
            here=request.url.path,
            view=filters.address().lstrip("?"),
        )
        return HTMLResponse(page.encode("utf-8", "replace"), status_code=status)


def _moment(text: str) -> str:
    """Day and time, or what was found where it is no timestamp."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return text
    return words.minute(text)


def _titled(record: dict[str, Any]) -> str:
    """The subject; for a post without one, where it was posted."""
    posted = record["sender"].endswith(".invalid")
    return record["subject"] or (record["folder"] if posted else "") or "(no subject)"


def _person(name: str, address: str) -> str:
    told = f"{name} <{address}>" if name and address and name != address else name or address
    return plain(" ".join(told.split())) or "(unknown)"
