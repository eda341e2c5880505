"""The pages that are read: queue, message, timeline, people, progress, protocol, help."""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from riskscan.case.decisions import history
from riskscan.learn.queue import reasons
from riskscan.review import protocol
from riskscan.review.collapse import COLLAPSE
from riskscan.review.desk import PATIENCE, SCOPES, Desk
from riskscan.review.filters import Filters, in_words, read_filters
from riskscan.review.leasing import shared
from riskscan.review.marks import Mark, pieces_of
from riskscan.review.message import SHOWN, message_page
from riskscan.review.overview import MOST
from riskscan.review.rows import queue_rows
from riskscan.review.safety import Session
from riskscan.review.templates import Templates
from riskscan.review.timeline import BASE, HEIGHT, WIDTH, timeline
from riskscan.review.validation import blinded

_PAGE = 40
_CUSTODIANS = 500
_PEOPLE = 40


class Pages:
    """One method a page; each gives the whole answer."""

    def __init__(self, desk: Desk, templates: Templates) -> None:
        self._desk = desk
        self._templates = templates

    def queue(self, request: Request) -> Response:
        """The messages that the filters leave, worst first, undecided ones before decided ones."""
        desk, filters, session = self._desk, read_filters(request.query_params), _session(request)
        after = request.query_params.get("after", "")
        if after and not (after[0] in "ud" and after[1:].isdecimal() and len(after) < 19):
            raise HTTPException(400, "This page of the queue does not exist.")
        with desk.case.connect() as connection:
            desk.refresh(connection)
            blind, sample = desk.blind(session.reviewer, connection), desk.validation(connection)
            found = desk.find(filters, session.reviewer, connection)
            ids, mark = found.page(after, _PAGE)
            rows = queue_rows(connection, ids, filters, found.columns, sample.blind)
            why = reasons(connection, ids) if found.order == "learnt" else {}
            told = desk.learning.told(connection)
            names = desk.names(filters, connection)
            saved = desk.saved(connection)
            held = desk.leasing.others(connection, session.reviewer) if shared(filters) else {}
        return self._show(
            request, "queue.html", filters, rows=rows, held=held,
            found=found, after=after, mark=mark,
            badges=desk.badges(ids, session.reviewer, blind, sample),
            words=in_words(filters, names), saved=saved,
            custodians=list(desk.queue.columns.custodians)[:_CUSTODIANS],
            unsearched=desk.queue.unsearched() if filters.q or filters.people else 0,
            sample=sample, told=told, updating=desk.learning.updating, why=why,
            collapses=COLLAPSE if found.columns.grouped else {},
        )  # fmt: skip

    def message(self, request: Request) -> Response:
        """One message, to read and decide on."""
        desk, session = self._desk, _session(request)
        filters = read_filters(request.query_params)
        record = self.record(request)
        key = record["id"]
        with desk.case.connect() as connection:
            desk.refresh(connection)
            blind, sample = desk.blind(session.reviewer, connection), desk.validation(connection)
            sampled = key in sample.blind
            if sampled:
                # Its place among others would tell of its score.
                filters, record = Filters(q=filters.q, decided="sample"), blinded(record)
            found = desk.find(filters, session.reviewer, connection)
            same = 0 if sampled else desk.same(key, connection)
            alike = {} if sampled else desk.queue.columns.alike([key])
            why = {} if sampled else reasons(connection, [key])
            lease = desk.leasing.others(connection, session.reviewer).get(key)
        if lease is None:
            desk.leasing.reading(found, key, session.reviewer, filters)
        held = {
            e.reviewer: e for e in sample.visible(key, list(desk.queue.verdicts.of(key).values()))
        }
        own = held.get(session.reviewer)
        hidden = key in blind and own is None
        page = message_page(desk.case, record, filters)
        for one in page["thread"]["messages"]:
            one["flagged"] = one["flagged"] and one["id"] not in sample.blind
        return self._show(
            request, "message.html", filters, **page, sampled=sampled,
            shown=desk.seal.shown(key, record["score"], page["model"]["fingerprint"], sampled),
            lease=lease if shared(filters) and own is None else None,
            own=own, others=[] if hidden else [e for n, e in sorted(held.items()) if e is not own],
            hidden=hidden, conflict=not hidden and len({e.verdict for e in held.values()}) > 1,
            before=found.beside(key, -1), after=found.beside(key, 1), found=found,
            same=same, alike=alike.get(key, 0), why=why.get(key), protocol=protocol,
        )  # fmt: skip

    def next(self, request: Request) -> Response:
        """The first undecided message that nobody else has before them."""
        desk, session = self._desk, _session(request)
        filters = read_filters(request.query_params)
        with desk.case.connect() as connection:
            desk.refresh(connection)
            found = desk.find(filters, session.reviewer, connection, wait=True)
        following = desk.leasing.following(found, 0, session.reviewer, filters)
        if following is None:
            session.notice = "Others are at what is left here, or nothing is."
            return RedirectResponse(f"/{filters.address()}", status_code=303)
        return RedirectResponse(f"/m/{following}{filters.address()}", status_code=303)

    def text(self, request: Request) -> Response:
        """The rest of a long text, a page at a time: of the body or of an attachment."""
        desk, record = self._desk, self.record(request)
        filters = read_filters(request.query_params)
        with desk.case.connect() as connection:
            desk.refresh(connection)
            if record["id"] in desk.validation(connection).blind:
                record = blinded(record)
        at = _number(request.query_params.get("at", "0"))
        file = request.query_params.get("file", "")
        number = _number(file) if file else None
        if number is None:
            whole = record["body"]
        elif number < len(record["attachments"]):
            whole = record["attachments"][number]["text"]
        else:
            raise HTTPException(404, "There is no such attachment.")
        at = min(at, len(whole))
        end = min(len(whole), at + SHOWN)
        marks = [
            Mark(f["start"], f["end"], "finding" if record["flagged"] else "weak")
            for f in record["findings"]
            if f["attachment"] == number and f["segment"] != "subject"
        ]
        return self._show(
            request, "text.html", filters, record=record, pieces=pieces_of(whole, at, end, marks),
            at=at, end=end, whole=len(whole), file=file, size=SHOWN,
        )  # fmt: skip

    def history(self, request: Request) -> Response:
        """All that was ever decided on a message."""
        desk, session, record = self._desk, _session(request), self.record(request)
        with desk.case.connect() as connection:
            desk.refresh(connection)
            blind = desk.blind(session.reviewer, connection)
            rows = desk.validation(connection).visible(
                record["id"], history(connection, record["id"])
            )
        if record["id"] in blind and session.reviewer not in desk.queue.verdicts.of(record["id"]):
            rows = [row for row in rows if row.reviewer == session.reviewer]
        filters = read_filters(request.query_params)
        return self._show(request, "history.html", filters, record=record, entries=rows)

    def batch(self, request: Request) -> Response:
        """What a decision on a thread or the like would do, before it is done."""
        desk, session, record = self._desk, _session(request), self.record(request)
        filters = read_filters(request.query_params)
        scope = request.query_params.get("scope", "thread")
        if scope not in SCOPES:
            raise HTTPException(400, "A batch is of a thread, a family, equal or alike texts.")
        with desk.case.connect() as connection:
            desk.refresh(connection)
            blind, sample = desk.blind(session.reviewer, connection), desk.validation(connection)
            ids = desk.members(record["id"], scope, connection)
            rows = queue_rows(connection, ids[:500], Filters(), desk.queue.columns)
        mine = {key: e for key in ids if (e := desk.queue.verdicts.of(key).get(session.reviewer))}
        return self._show(
            request, "batch.html", filters, record=record, scope=SCOPES[scope], rows=rows, ids=ids,
            kind=scope,
            badges=desk.badges(ids[:500], session.reviewer, blind, sample),
            mine=mine, protocol=protocol,
        )  # fmt: skip

    def saved(self, request: Request) -> Response:
        """The queue as a saved search finds it now."""
        filters = self._desk.recall(int(request.path_params["key"]))
        if filters is None:
            raise HTTPException(404, "This search is not saved any more.")
        return RedirectResponse(f"/{filters.address()}", status_code=303)

    def timeline(self, request: Request) -> Response:
        """Messages over time."""
        desk, filters, session = self._desk, read_filters(request.query_params), _session(request)
        with desk.case.connect() as connection:
            desk.refresh(connection)
            names = desk.names(filters, connection)
            found = desk.find(filters, session.reviewer, connection)
        return self._show(
            request, "timeline.html", filters, line=timeline(found), found=found,
            words=in_words(filters, names), width=WIDTH, height=HEIGHT, base=BASE,
        )  # fmt: skip

    def people(self, request: Request) -> Response:
        """Who wrote to whom, and whom and what the messages name."""
        figures = self._desk.overview.figures(self._desk.queue.columns.serial)
        most = MOST if request.query_params.get("all") else _PEOPLE
        return self._show(request, "people.html", Filters(), figures=figures, most=most)

    def progress(self, request: Request) -> Response:
        """What is decided, by whom, what is left, and how far reviewers agree."""
        desk, session = self._desk, _session(request)
        with desk.case.connect() as connection:
            desk.refresh(connection)
            blind, sample = desk.blind(session.reviewer, connection), desk.validation(connection)
            advice, told = desk.advice(connection), desk.learning.told(connection)
        verdicts, columns = desk.queue.verdicts, desk.queue.columns
        done = verdicts.mask(columns, "any", "")
        apart = columns.mask(sorted(sample.blind)) & ~done
        others = done & ~verdicts.mask(columns, "mine", session.reviewer)
        others &= ~columns.mask(sorted(blind))
        return self._show(
            request, "progress.html", Filters(), counts=verdicts.counts(),
            agreements=verdicts.agreements(),
            conflicts=int(verdicts.mask(columns, "conflict", "").sum()),
            total=len(columns), done=int(done.sum()), flagged=int(columns.flagged.sum()),
            flagged_done=int((done & columns.flagged).sum()), blind=len(blind),
            blind_left=len([k for k in blind if session.reviewer not in verdicts.of(k)]),
            second=int(others.sum()), rows=verdicts.version, sample=sample,
            apart=int(apart.sum()), advice=advice, told=told,
            updating=desk.learning.updating, failure=desk.learning.failure,
        )  # fmt: skip

    def chain(self, request: Request) -> Response:
        """Whether the chain of decisions holds."""
        found = self._desk.verifying.result(PATIENCE)
        rows = self._desk.queue.verdicts.version
        return self._show(request, "chain.html", Filters(), found=found, rows=rows)

    def protocol(self, request: Request) -> Response:
        """What to flag."""
        return self._show(request, "protocol.html", Filters(), protocol=protocol)

    def help(self, request: Request) -> Response:
        """Keys and searching."""
        return self._show(request, "help.html", Filters())

    def record(self, request: Request) -> dict[str, Any]:
        """The message that an address names. Raises HTTPException 404."""
        found = next(self._desk.case.records_of([int(request.path_params["message"])]), None)
        if found is None:
            raise HTTPException(404, "There is no such message.")
        return found

    def _show(self, request: Request, name: str, filters: Filters, **told: Any) -> Response:
        session, learning = _session(request), self._desk.queue.learning
        updated = 0 <= session.learning < learning
        session.learning = learning
        return self._templates.show(request, name, filters=filters, updated=updated, **told)


def _session(request: Request) -> Session:
    session: Session = request.state.session
    return session


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 12):
        raise HTTPException(400, "This is no number.")
    return int(text)
