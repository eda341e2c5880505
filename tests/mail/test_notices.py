"""Notices of many firms, and what people write above, between and below them: data/*.txt."""

from __future__ import annotations

import html
from pathlib import Path

import pytest

from riskscan.mail.parse import parse_message

_DATA = Path(__file__).parent / "data"
_ABOVE = "Ann,\n\nThe crates come at noon.\n\nBen\n\n"
_OWN = "! "  # before a line that somebody says
_LEFT = "~ "  # before a line of a notice that is taken for somebody's, which is the safe side


def table(name: str) -> list[tuple[str, str]]:
    """Titles and texts of a file in which a line ``%% title`` begins each text."""
    texts = (_DATA / name).read_text(encoding="utf-8").split("%% ")[1:]
    return [(title, text.strip("\n")) for title, _, text in (t.partition("\n") for t in texts)]


def marked(text: str, mark: str) -> tuple[str, list[str]]:
    """A text without the marks before lines, and the lines that had one."""
    lines = text.split("\n")
    return (
        "\n".join(line.removeprefix(mark) for line in lines),
        [line.removeprefix(mark) for line in lines if line.startswith(mark)],
    )


def authored(body: str, kind: str = "plain") -> str:
    """What of a message is its author's, blanks and line ends as one blank."""
    if kind == "html":
        parts = html.escape(body).replace("\n\n", "\0").replace("\n", "<br>\n").split("\0")
        body = "".join(f"<p>{part}</p>" for part in parts)
    head = f"From: ben@quay.example\nContent-Type: text/{kind}; charset=utf-8\n\n"
    return " ".join(parse_message(f"{head}{body}\n".encode()).authored.split())


@pytest.mark.parametrize(("title", "text"), table("said.txt"))
@pytest.mark.parametrize(("above", "kind"), [(_ABOVE, "plain"), ("", "plain"), (_ABOVE, "html")])
def test_what_somebody_says_is_authored(title: str, text: str, above: str, kind: str) -> None:
    plain, said = marked(text, _OWN)
    found = authored(above + plain, kind)
    assert [line for line in said if line not in found] == [], title


@pytest.mark.parametrize(("title", "text"), table("notices.txt"))
def test_notices_are_not_authored(title: str, text: str) -> None:
    plain, left = marked(text, _LEFT)
    found = authored(_ABOVE + plain)
    assert [line for line in plain.split("\n") if line and line in found] == left, title
