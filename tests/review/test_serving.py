"""The server as people start it: its link, its address, and what a kill leaves."""

from __future__ import annotations

import http.client
import socket
import threading
from pathlib import Path

import pytest
from review_building import quay_case
from serving_building import Browser, server
from typer.testing import CliRunner

from riskscan.case.chain import verify
from riskscan.case.decisions import entries
from riskscan.case.read import Case
from riskscan.cli import app


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
