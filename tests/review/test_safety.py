"""Who gets the page, and what each answer forbids the browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from review_building import PORT, Reviewer, quay_case, reviewing
from starlette.testclient import TestClient

from riskscan.case.decisions import entries
from riskscan.review.app import open_page
from riskscan.review.safety import POLICY


@pytest.fixture
def ann(tmp_path: Path) -> Iterator[Reviewer]:
    with reviewing(quay_case(tmp_path)) as reviewer:
        yield reviewer


def rows(ann: Reviewer) -> int:
    with ann.desk.case.connect() as connection:
        return len(list(entries(connection)))


def test_without_the_link_there_is_nothing(tmp_path: Path) -> None:
    desk, _, app = open_page(quay_case(tmp_path), PORT, "Ann", lambda _: None)
    client = TestClient(app, base_url=f"http://127.0.0.1:{PORT}")
    for address in ("/", "/m/3", "/timeline", "/enter", "/enter?token=guess"):
        answer = client.get(address)
        assert answer.status_code == 403
        assert "crates" not in answer.text
    desk.close()


def test_the_link_works_once_and_a_new_one_is_told(tmp_path: Path) -> None:
    said: list[str] = []
    desk, gate, app = open_page(quay_case(tmp_path), PORT, "Ann", said.append)
    first = gate.link
    client = TestClient(app, base_url=f"http://127.0.0.1:{PORT}")
    assert client.get(first).status_code == 200
    assert TestClient(app, base_url=f"http://127.0.0.1:{PORT}").get(first).status_code == 403
    assert gate.link != first
    assert gate.link in said[-1]
    desk.close()


def test_the_cookie_is_for_this_site_and_no_script(tmp_path: Path) -> None:
    desk, gate, app = open_page(quay_case(tmp_path), PORT, "Ann", lambda _: None)
    client = TestClient(app, base_url=f"http://127.0.0.1:{PORT}")
    cookie = client.get(gate.link, follow_redirects=False).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    desk.close()


@pytest.mark.parametrize(
    "host", ["evil.example", f"evil.example:{PORT}", "127.0.0.1", "", "127.0.0.1:80"]
)
def test_a_name_of_the_web_for_this_machine_gets_nothing(ann: Reviewer, host: str) -> None:
    answer = ann.get("/", headers={"host": host})
    assert answer.status_code == 421
    assert "crates" not in answer.text


@pytest.mark.parametrize(
    "address",
    ["/", "/m/3", "/timeline", "/static/page.js", "/enter?token=x", "/nowhere", "/?low=x"],
)
def test_every_answer_has_the_headers(ann: Reviewer, address: str) -> None:
    headers = ann.get(address).headers
    assert headers["content-security-policy"] == POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
    assert headers["x-frame-options"] == "DENY"


def test_the_policy_lets_nothing_in_from_elsewhere() -> None:
    told = dict(part.split(" ", 1) for part in POLICY.split("; "))
    assert told.pop("default-src") == "'none'"
    assert told.pop("frame-ancestors") == told.pop("base-uri") == "'none'"
    assert set(told.values()) == {"'self'"}


def changes(ann: Reviewer) -> list[str]:
    """Every address that changes something, with its numbers filled in."""
    app = ann.desk, ann.client.app
    routes = app[1]._app.routes  # type: ignore[attr-defined]
    found = [r.path for r in routes if "POST" in (r.methods or ())]
    return [p.replace("{message:key}", "3").replace("{key:key}", "1") for p in found]


def test_a_change_needs_the_token_of_the_session(ann: Reviewer) -> None:
    addresses = changes(ann)
    assert len(addresses) >= 8
    for address in addresses:
        for token in ({}, {"token": ""}, {"token": "x" * 32}):
            fields = {"verdict": "flag", "name": "x", "size": "1", **token}
            assert ann.client.post(address, data=fields).status_code == 403
    assert rows(ann) == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"}, {"origin": f"http://127.0.0.1:{PORT + 1}"},
    ],
)  # fmt: skip
def test_a_change_from_another_site_is_refused(ann: Reviewer, headers: dict[str, str]) -> None:
    fields = {"token": ann.token, "verdict": "flag"}
    assert ann.client.post("/m/3/decide", data=fields, headers=headers).status_code == 403
    assert rows(ann) == 0


def test_reading_changes_nothing(ann: Reviewer) -> None:
    assert ann.get("/m/3/decide").status_code == 405
    assert ann.get("/undo").status_code == 405
    assert rows(ann) == 0


def test_a_form_is_bounded(ann: Reviewer) -> None:
    assert ann.decide(3, "flag", note="x" * 300_000).status_code == 413
    json = ann.client.post("/m/3/decide", json={"token": ann.token, "verdict": "flag"})
    assert json.status_code == 415
    assert rows(ann) == 0


@pytest.mark.parametrize(
    "address",
    [
        "/static/../app.py", "/static/..%2fapp.py", "/static/%2e%2e/app.py", "/static//etc/passwd",
        "/static/page.css/../../app.py", "/..%2f..%2fetc/passwd", "/static/app.py",
    ],
)  # fmt: skip
def test_no_address_reaches_the_files(ann: Reviewer, address: str) -> None:
    answer = ann.get(address)
    assert answer.status_code in (403, 404)
    assert "import" not in answer.text
    assert "root:" not in answer.text


def test_a_fault_of_the_program_has_the_headers_too(
    ann: Reviewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fault(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(ann.desk.queue, "find", fault)
    client = TestClient(
        ann.client.app, base_url=f"http://127.0.0.1:{PORT}", raise_server_exceptions=False,
        cookies=ann.client.cookies,
    )  # fmt: skip
    answer = client.get("/")
    assert answer.status_code == 500
    assert answer.headers["content-security-policy"] == POLICY
    assert "Traceback" not in answer.text
