"""Half-sent requests stayed open for ever, a descriptor each; answers to junk had no headers."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic, sleep

import pytest
import uvicorn
from review_building import quay_case

from riskscan.review import connection
from riskscan.review.app import open_page
from riskscan.review.safety import HEADERS


@contextmanager
def served(folder: Path) -> Iterator[tuple[int, uvicorn.Server, threading.Thread, str]]:
    """The page of a case, served by a thread: port, server, thread and the session's cookie."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        desk, gate, app = open_page(quay_case(folder), port, "Ann", lambda _: None)
        config = uvicorn.Config(
            app, http=connection.Connection, backlog=connection.BACKLOG, lifespan="off",
            ws="none", log_level="warning",
        )  # fmt: skip
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            entered = asked(port, gate.link.partition(str(port))[2])
            cookie = entered.partition("set-cookie: ")[2].partition(";")[0]
            yield port, server, thread, cookie
        finally:
            server.should_exit = True
            thread.join()
            desk.close()


def asked(port: int, path: str) -> str:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as one:
        head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"
        one.sendall(head.encode())
        return everything(one)


def everything(one: socket.socket) -> str:
    got = b""
    try:
        while some := one.recv(65536):
            got += some
    except ConnectionResetError:
        pass
    return got.decode()


def begun(port: int, cookie: str) -> bytes:
    """A form that never ends."""
    return (
        f"POST /undo HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 2000\r\n\r\na="
    ).encode()


def test_what_is_not_sent_whole_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "SECONDS", 0.3)
    with served(tmp_path) as (port, _, _, cookie), ExitStack() as stack:
        for sent in (b"", b"GET / HTTP/1.1\r\nX-a: ", begun(port, cookie)):
            one = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
            one.sendall(sent)
            assert everything(one) == ""


def test_many_half_open_ones_keep_nobody_out(tmp_path: Path) -> None:
    with served(tmp_path) as (port, server, _, _), ExitStack() as stack:
        for _ in range(connection.MOST + 40):
            one = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
            one.sendall(b"GET / HTTP/1.1\r\nX-a: ")
        assert asked(port, "/").startswith("HTTP/1.1 403")
        assert len(server.server_state.connections) <= connection.MOST


def test_the_answer_to_junk_has_all_headers(tmp_path: Path) -> None:
    with (
        served(tmp_path) as (port, _, _, _),
        socket.create_connection(("127.0.0.1", port), timeout=10) as one,
    ):
        one.sendall(b"\x16\x03\x01\r\n\r\n")
        head = everything(one).lower()
    assert head.startswith("http/1.1 400")
    for name, value in HEADERS.items():
        assert f"{name}: {value}".lower() in head


def test_the_end_waits_for_no_half_sent_form(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        served(tmp_path) as (port, server, thread, cookie),
        socket.create_connection(("127.0.0.1", port), timeout=10) as one,
    ):
        one.sendall(begun(port, cookie))
        since = monotonic()
        while not server.server_state.tasks and monotonic() - since < 10:
            sleep(0.01)
        server.should_exit = True
        thread.join(10)
        assert not thread.is_alive()
    assert [r for r in caplog.records if r.levelno >= logging.ERROR] == []
