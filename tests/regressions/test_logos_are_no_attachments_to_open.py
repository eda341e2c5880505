"""A logo that the text shows was counted as an attachment, and stood before what is to be read."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from review_building import WORRY, build_case, reviewing
from scan_building import attached, multipart
from selectolax.lexbor import LexborHTMLParser
from typer.testing import CliRunner

from riskscan.cli import app
from riskscan.export.report_words import attached as attached_words

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(40)).decode()
PAGE = f"Content-Type: text/html\n\n<p>{WORRY} <img src='cid:logo'></p>"
LOGO = (
    "Content-Type: image/png\nContent-Transfer-Encoding: base64\nContent-ID: <logo>\n"
    f'Content-Disposition: inline; filename="logo.png"\n\n{PNG}'
)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    mails = [multipart(1, [PAGE, LOGO, attached("plan.txt", "the plan")])]
    made: Path = build_case(tmp_path_factory.mktemp("logo"), mails, worries=[1])
    return made


def test_the_words() -> None:
    file, logo = {"role": "file"}, {"role": "inline"}
    assert attached_words([file, logo, logo]) == "1 attachment, and 2 pictures in the text"
    assert attached_words([logo]) == "1 picture in the text"
    assert attached_words([file, {"role": ""}]) == "2 attachments"


def test_pages_count_what_is_to_be_opened_and_list_all(case: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["report", str(case), "--to", str(tmp_path / "r.html")])
    assert result.exit_code == 0, result.output
    with reviewing(case) as ann:
        page = LexborHTMLParser(ann.text("/m/1"))
    files = page.css_first("section.files")
    assert files is not None
    title = files.css_first("h2")
    assert title is not None
    assert title.text() == "1 attachment, and 1 picture in the text"
    assert [n.text() for n in files.css("bdi.name")] == ["plan.txt", "logo.png"]
    report = (tmp_path / "r.html").read_text("utf-8")
    assert "<h4>1 attachment, and 1 picture in the text</h4>" in report
    assert report.index("plan.txt") < report.index("logo.png")
    assert "1 picture that texts show (a logo and the like) is recorded" in report


def test_the_privilege_log_counts_them_not(case: Path, tmp_path: Path) -> None:
    with reviewing(case) as ann:
        ann.decide(1, "unsure", privileged="1")
    log = tmp_path / "log.csv"
    words = ["export", str(case), "--to", str(log), "--format", "privilege-log"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    told = log.read_text("utf-8")
    assert "with 1 attachment" in told
    assert told.count("PRIV0000") >= 3
