"""A sender in Hebrew tore the date beside it apart: "6 NAME Apr 2022"."""

from __future__ import annotations

from pathlib import Path

from review_building import build_case, reviewing
from scan_building import mail

_NAME = "\u05d9\u05d5\u05e1\u05d9"


def test_a_name_does_not_touch_what_stands_beside_it(tmp_path: Path) -> None:
    sender = f"{_NAME} <yossi@quayside.example>"
    with reviewing(build_case(tmp_path, [mail(1, "Shalom.", sender=sender)])) as ann:
        assert f'<bdi class="who">{_NAME}</bdi>' in ann.text("/")
        assert f"<bdi>{_NAME} &lt;yossi@quayside.example&gt;</bdi>" in ann.text("/m/1")
        style = ann.text("/static/page.css")
    rules = [line for line in style.splitlines() if "unicode-bidi: plaintext" in line]
    assert any(".text" in line and "h1" in line and ".subject" in line for line in rules)
