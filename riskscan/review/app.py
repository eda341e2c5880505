"""The application: which address gives which page; errors as sentences."""

from __future__ import annotations

from collections.abc import Callable
from importlib import resources

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from riskscan.case.location import CaseError, Place
from riskscan.case.query import QueryError
from riskscan.review.changes import Changes
from riskscan.review.desk import Desk
from riskscan.review.files import attachment_bytes, disposition
from riskscan.review.filters import FilterError, Filters, in_words, readable
from riskscan.review.pages import Pages
from riskscan.review.safety import Gate, Guard
from riskscan.review.templates import Templates

_STATIC = {
    "page.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}

_SENTENCES = {
    "Not Found": "There is no page at this address.",
    "Method Not Allowed": "This address is no page to open: the pages themselves send to it.",
}


def make_app(desk: Desk, gate: Gate) -> Guard:
    """The page of an open case, behind its guard."""
    templates = Templates(desk.name, desk.version, shared=desk.location.folder is None)
    pages, changes = Pages(desk, templates), Changes(desk)
    static = {
        name: (resources.files("riskscan.review") / "static" / name).read_bytes()
        for name in _STATIC
    }

    def serve_static(request: Request) -> Response:
        name = request.path_params["name"]
        if name not in static:
            raise HTTPException(404, "There is no such file.")
        return Response(static[name], media_type=_STATIC[name])

    def download(request: Request) -> Response:
        record = pages.record(request)
        number = int(request.path_params["number"])
        if number >= len(record["attachments"]):
            raise HTTPException(404, "There is no such attachment.")
        data = attachment_bytes(desk.case, record, number)
        if data is None:
            raise HTTPException(
                410, "The export is not where it was, or has changed: its bytes cannot be read."
            )
        headers = {"Content-Disposition": disposition(record["attachments"][number]["name"])}
        return Response(data, media_type="application/octet-stream", headers=headers)

    def sentence(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 400
        reason = str(error.detail if isinstance(error, HTTPException) else error)
        reason = _SENTENCES.get(reason, reason)
        if isinstance(error, CaseError):
            status = 503
        return templates.show(
            request, "error.html", filters=Filters(), status=status, reason=reason
        )

    def mistyped(request: Request, error: Exception) -> Response:
        """What was typed stays, and so do the other filters."""
        filters = readable(request.query_params)
        with desk.case.connect() as connection:
            words = in_words(filters, desk.names(filters, connection))
        typed = request.query_params.get("q", "").replace("\0", "")
        return templates.show(
            request, "error.html", filters=filters, status=400, reason=str(error), words=words,
            typed=typed,
        )  # fmt: skip

    app = Starlette(
        routes=[
            Route("/", pages.queue),
            Route("/next", pages.next),
            Route("/m/{message:key}", pages.message),
            Route("/m/{message:key}/text", pages.text),
            Route("/m/{message:key}/history", pages.history),
            Route("/m/{message:key}/batch", pages.batch),
            Route("/m/{message:key}/file/{number:key}", download),
            Route("/saved/{key:key}", pages.saved),
            Route("/timeline", pages.timeline),
            Route("/people", pages.people),
            Route("/progress", pages.progress),
            Route("/chain", pages.chain),
            Route("/protocol", pages.protocol),
            Route("/help", pages.help),
            Route("/static/{name}", serve_static),
            Route("/m/{message:key}/decide", changes.decide, methods=["POST"]),
            Route("/m/{message:key}/batch", changes.batch, methods=["POST"]),
            Route("/undo", changes.undo, methods=["POST"]),
            Route("/saved", changes.save_search, methods=["POST"]),
            Route("/saved/{key:key}/remove", changes.forget_search, methods=["POST"]),
            Route("/second", changes.draw, methods=["POST"]),
            Route("/reviewer", changes.reviewer, methods=["POST"]),
            Route("/keys", changes.keys, methods=["POST"]),
        ],
        exception_handlers={
            HTTPException: sentence,
            FilterError: mistyped,
            QueryError: mistyped,
            CaseError: sentence,
        },
    )
    app.router.redirect_slashes = False
    return Guard(app, gate)


def open_page(
    place: Place, port: int, reviewer: str, say: Callable[[str], object], *, apart: bool = False
) -> tuple[Desk, Gate, Guard]:
    """The page of the case at ``place`` as served on ``port``. Raises CaseError.

    ``apart``: learn in a process of its own.
    """
    desk = Desk(place, apart=apart)
    gate = Gate(port, reviewer, say)
    return desk, gate, make_app(desk, gate)
