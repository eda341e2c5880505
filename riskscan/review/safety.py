"""What keeps the page to its reviewer: loopback's names only, a session, tokens, strict headers.

The link holds a token that works once and is exchanged for a cookie; the cookie is HttpOnly and
SameSite=Strict. The Host header must be ours, so that a name of the web that was pointed at
127.0.0.1 (DNS rebinding) gets nothing. Each change needs the session's own token and, where the
browser sends one, our Origin.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from urllib.parse import parse_qs

from starlette.convertors import Convertor, register_url_convertor
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LONGEST_FORM = 256 * 1024
_MOST_FIELDS = 5_000
_MOST_SESSIONS = 64

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # "no-referrer" would make browsers hide our own Origin from us on each change.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
    "X-Robots-Tag": "noindex",
}


@dataclass(slots=True)
class Session:
    """One browser: who reviews in it, its token for changes, what to tell on the next page.

    ``learning``: the update of the queue that its last page was of; -1 before the first page.
    """

    reviewer: str
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    notice: str = ""
    keys: bool = True
    learning: int = -1


class Gate:
    """Links that work once, and the sessions that came of them."""

    def __init__(self, port: int, reviewer: str, say: Callable[[str], object]) -> None:
        names = ("127.0.0.1", "localhost", "[::1]")
        self.hosts = frozenset(f"{name}:{port}" for name in names)
        self.cookie = f"riskscan_{port}"
        self._address = f"http://127.0.0.1:{port}"
        self._reviewer = reviewer
        self._say = say
        self._lock = Lock()
        self._link = secrets.token_urlsafe(24)
        self._sessions: dict[str, Session] = {}

    @property
    def link(self) -> str:
        """The address to open; it works once."""
        return f"{self._address}/enter?token={self._link}"

    def enter(self, request: Request) -> Response:
        """Exchange the token of the link for a session, and make the next link."""
        given = request.query_params.get("token", "")
        with self._lock:
            if not secrets.compare_digest(given.encode(), self._link.encode()):
                return _refused(403, "This link is not valid any more. The terminal has a new one.")
            self._link = secrets.token_urlsafe(24)
            key = secrets.token_urlsafe(32)
            self._sessions[key] = Session(self._reviewer)
            while len(self._sessions) > _MOST_SESSIONS:
                self._sessions.pop(next(iter(self._sessions)))
        self._say(f"Opened. For another browser: {self.link}")
        response = RedirectResponse("/", status_code=303)
        response.set_cookie(self.cookie, key, httponly=True, samesite="strict", path="/")
        return response

    def session(self, request: Request) -> Session | None:
        """The session of a request's cookie."""
        with self._lock:
            return self._sessions.get(request.cookies.get(self.cookie, ""))


class Guard:
    """The outermost layer: what does not belong here is refused before any page sees it."""

    def __init__(self, app: ASGIApp, gate: Gate) -> None:
        self._app = app
        self._gate = gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, with the headers that each answer has."""
        if scope["type"] != "http":
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
            await send(message)

        answer = self._answer(scope)
        await (answer or self._app)(scope, receive, guarded)

    def _answer(self, scope: Scope) -> Response | None:
        """What to say instead of the page; None to let it through."""
        if Headers(scope=scope).get("host", "") not in self._gate.hosts:
            return _refused(421, "This page is served to this machine only, under 127.0.0.1.")
        request = Request(scope)
        if scope["path"] == "/enter":
            return self._gate.enter(request)
        session = self._gate.session(request)
        if session is None:
            return _refused(403, "Open the link that the terminal shows; it works once.")
        scope.setdefault("state", {})["session"] = session
        return None


def _refused(status: int, reason: str) -> Response:
    return PlainTextResponse(f"{reason}\n", status_code=status)


class _Key(Convertor[int]):
    """A number in the path of an address, such as can be a key; any other leads nowhere (404)."""

    regex = "[0-9]{1,18}"

    def convert(self, value: str) -> int:
        return int(value)

    def to_string(self, value: int) -> str:
        return str(value)


register_url_convertor("key", _Key())


async def read_form(request: Request) -> dict[str, list[str]]:
    """The fields of a form that was sent from our own page, each with its values.

    Raises HTTPException: 403 without the session's token or from another origin, 413 and 415.
    """
    session: Session = request.state.session
    origin = request.headers.get("origin")
    if origin is not None and origin != f"http://{request.headers['host']}":
        raise HTTPException(403, "This change does not come from this page.")
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        raise HTTPException(403, "This change does not come from this page.")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise HTTPException(415, "A form is expected.")
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > _LONGEST_FORM:
                raise HTTPException(413, "This is more than a form can hold.")
    except ClientDisconnect as error:
        raise HTTPException(400, "The form ended early.") from error
    try:
        fields = parse_qs(
            body.decode("ascii", "strict"), keep_blank_values=True, max_num_fields=_MOST_FIELDS
        )
    except ValueError as error:
        raise HTTPException(400, "The form cannot be read.") from error
    given = fields.pop("token", [""])[0]
    if not secrets.compare_digest(given.encode(), session.token.encode()):
        raise HTTPException(403, "The page is out of date: reload it, and decide again.")
    return fields
