"""Serving the page: on loopback alone, until Ctrl-C."""

from __future__ import annotations

import getpass
import socket
from collections.abc import Callable
from contextlib import suppress

from riskscan.case.decisions import reviewer_name
from riskscan.case.location import CaseError, Place

Say = Callable[[str], object]


def serve(place: Place, reviewer: str, *, port: int, browser: bool, say: Say) -> None:
    """Serve the page of the case at ``place`` until it is interrupted.

    Raises CaseError when the case cannot be opened or the port is taken.
    """
    import uvicorn

    from riskscan.review.app import open_page
    from riskscan.review.connection import BACKLOG, Connection

    try:
        name = reviewer_name(reviewer or _user())
    except ValueError as error:
        raise CaseError(f"{error} Give one with --reviewer.") from error
    with _listen(port) as listener:
        bound = listener.getsockname()[1]
        desk, gate, app = open_page(place, bound, name, say, apart=True)
        try:
            desk.warm()
            say(f"Review of '{desk.location}' by {name}. Open this link, it works once:")
            say(gate.link)
            say("Ctrl-C ends it; what was saved is in the case.")
            if browser:
                _open(gate.link)
            config = uvicorn.Config(
                app, log_level="warning", access_log=False, lifespan="off", ws="none",
                http=Connection, backlog=BACKLOG, loop="asyncio", server_header=False,
                proxy_headers=False, timeout_graceful_shutdown=5,
            )  # fmt: skip
            with suppress(KeyboardInterrupt):
                uvicorn.Server(config).run(sockets=[listener])
        finally:
            desk.close()


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        # From here on a browser that is quick waits instead of being refused.
        listener.listen(64)
    except OSError as error:
        listener.close()
        raise CaseError(f"Port {port} cannot be used: {error.strerror or error}.") from error
    return listener


def _user() -> str:
    """The name of this machine's user; "" when it has none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""


def _open(link: str) -> None:
    import webbrowser

    with suppress(webbrowser.Error):
        webbrowser.open(link)
