"""A connection of the server: in bounded time, of a bounded number, with our headers on each error.

Any program on this machine can open the port. What sends half a request and waits is ended after
``SECONDS``, and sooner when others need its place, so that it cannot keep the page from anybody.
"""

from __future__ import annotations

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from riskscan.review.safety import HEADERS

SECONDS = 15.0
"""How long a request, its body included, may take to arrive."""
MOST = 64
"""Connections that are held at once; far under the 256 descriptors that some systems allow."""
BACKLOG = 64
"""Connections that are taken at a time, before any of them can be ended."""


class Connection(H11Protocol):
    """uvicorn's HTTP/1.1 connection, which waits for a request only so long."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request; when there are too many, in place of one that waits."""
        super().connection_made(transport)
        self._await_request()
        others = [one for one in self.connections if isinstance(one, Connection)]
        if len(others) > MOST:
            min((one for one in others if one.waiting), key=Connection.when_due).end()

    def data_received(self, data: bytes) -> None:
        """Read on; the time runs until a request is whole."""
        super().data_received(data)
        if not self.waiting:
            self._rest()
        elif self._deadline is None:
            self._await_request()

    def connection_lost(self, exc: Exception | None) -> None:
        """It has ended."""
        self._rest()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """The server ends: answers are finished, what waits for the rest of a request is not."""
        if self.waiting:
            self.end()
        else:
            super().shutdown()

    @property
    def waiting(self) -> bool:
        """Whether a request, or the rest of one, is still to come."""
        return self.conn.their_state in (h11.IDLE, h11.SEND_BODY)

    def when_due(self) -> float:
        """When it is ended, on the loop's clock; a quiet one between two requests comes first."""
        return 0.0 if self._deadline is None else self._deadline.when()

    def end(self) -> None:
        """Close it, whatever was still to come."""
        if not self.transport.is_closing():
            self.transport.abort()
        # Its place is free from now on, not only when the loop has told so.
        self.connections.discard(self)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP, with the headers of all other answers."""
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.close()
            return
        headers = {**HEADERS, "Content-Type": "text/plain; charset=utf-8", "Connection": "close"}
        told = [(name.encode(), value.encode()) for name, value in headers.items()]
        for event in (
            h11.Response(status_code=400, headers=told, reason=b"Bad Request"),
            h11.Data(data=f"{msg}\n".encode()),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _await_request(self) -> None:
        self._deadline = self.loop.call_later(SECONDS, self.end)

    def _rest(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
