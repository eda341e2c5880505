"""The server as people start it: its link, its address, and what a kill leaves."""

from __future__ import annotations

import http.client
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest
from review_building import quay_case
from typer.testing import CliRunner

from riskscan.case.chain import verify
from riskscan.case.decisions import entries
from riskscan.case.read import Case
from riskscan.cli import app


@contextmanager
def server(case: Path, *more: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """``riskscan review`` in a process of its own, and the link that it tells."""
    command = [sys.executable, "-u", "-m", "riskscan.cli", "review", str(case), "--no-browser"]
    process = subprocess.Popen([*command, *more], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        link = ""
        while not link:
            line = process.stdout.readline()
            assert line, "the server ended"
            found = re.search(r"http://\S+", line)
            link = found[0] if found else ""
        yield process, link
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


class Browser:
    """A session by hand, over a real connection."""

    def __init__(self, link: str) -> None:
        self.port = int(link.partition("127.0.0.1:")[2].partition("/")[0])
        self.cookie = ""
        status, headers, _ = self.ask("GET", link.partition(str(self.port))[2])
        assert status == 303
        self.cookie = headers["set-cookie"].partition(";")[0]
        page = self.ask("GET", "/help")[2]
        self.token = page.partition('name="token" value="')[2].partition('"')[0]

    def ask(
        self, method: str, path: str, fields: dict[str, str] | None = None
    ) -> tuple[int, http.client.HTTPMessage, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Cookie": self.cookie}
        body = None
        if fields is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode({"token": self.token, **fields})
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            connection.close()


def test_what_was_answered_saved_is_there_after_a_kill(tmp_path: Path) -> None:
    case = quay_case(tmp_path)
    saved: list[int] = []
    with server(case, "--reviewer", "Ann") as (process, link):
        browser = Browser(link)

        def decide() -> None:
            for number in range(100_000):
                try:
                    fields = {"verdict": "flag", "view": "", "note": str(number)}
                    status, _, _ = browser.ask("POST", f"/m/{number % 6 + 1}/decide", fields)
                except (OSError, http.client.HTTPException):
                    return
                assert status == 303
                saved.append(number)

        thread = threading.Thread(target=decide)
        thread.start()
        while len(saved) < 15 and thread.is_alive():
            pass
        process.kill()
        thread.join()
    with Case(case) as opened, opened.connect() as connection:
        there = [int(row.note) for row in entries(connection)]
        assert verify(connection).faults == ()
    assert len(saved) >= 15
    assert there[: len(saved)] == saved
    assert len(there) <= len(saved) + 1


def test_it_listens_to_this_machine_only(tmp_path: Path) -> None:
    with server(quay_case(tmp_path)) as (_, link):
        browser = Browser(link)
        assert browser.ask("GET", "/")[0] == 200
        others = {
            address[4][0]
            for address in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)
        }
        for address in others - {"127.0.0.1"}:
            with pytest.raises(OSError, match=r"."):
                socket.create_connection((address, browser.port), timeout=2)


def test_two_servers_on_one_case(tmp_path: Path) -> None:
    case = quay_case(tmp_path)
    with (
        server(case, "--reviewer", "Ann") as (_, one),
        server(case, "--reviewer", "Ben") as (_, two),
    ):
        ann, ben = Browser(one), Browser(two)
        assert ann.ask("POST", "/m/3/decide", {"verdict": "flag", "view": ""})[0] == 303
        assert ben.ask("POST", "/m/3/decide", {"verdict": "not", "view": ""})[0] == 303
        assert "Reviewers differ" in ann.ask("GET", "/m/3")[2]


def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    case = quay_case(tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        made = CliRunner().invoke(app, ["review", str(case), "--no-browser", "--port", port])
    assert made.exit_code == 1
    assert f"Port {port} cannot be used" in made.output


def test_no_case_is_told(tmp_path: Path) -> None:
    made = CliRunner().invoke(app, ["review", str(tmp_path), "--no-browser"])
    assert made.exit_code == 1
    assert "There is no riskscan case" in made.output
