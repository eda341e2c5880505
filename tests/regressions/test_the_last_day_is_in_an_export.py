"""``--until 2001-05-31`` left out what was sent on that day, which the review page shows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from riskscan.cli import app

_MAIL = """\
From mara@quillon.example Thu May 31 00:00:00 2001
From: Mara Voss <mara@quillon.example>
To: Ilan Brandt <ilan@quillon.example>
Subject: {name}
Message-ID: <{name}@quillon.example>
Date: {date}

This one is called {name} and it stands alone.

"""
_SENT = {
    "before": "Wed, 30 May 2001 23:59:59 +0000",
    "first": "Thu, 31 May 2001 00:00:00 +0000",
    "last": "Thu, 31 May 2001 23:59:59 +0000",
    "west": "Thu, 31 May 2001 20:00:00 -0500",  # the first of June in UTC
    "after": "Fri, 01 Jun 2001 00:00:00 +0000",
}


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("days")
    mail = folder / "days.mbox"
    mail.write_text("".join(_MAIL.format(name=n, date=d) for n, d in _SENT.items()), "utf-8")
    told = CliRunner().invoke(
        app, ["scan", "--workers", "0", str(mail), "--case", str(folder / "case")]
    )
    assert told.exit_code == 0, told.output
    return folder / "case"


def exported(case: Path, *options: str) -> set[str]:
    to = case.parent / "out.jsonl"
    to.unlink(missing_ok=True)
    told = CliRunner().invoke(app, ["export", str(case), "--to", str(to), *options])
    assert told.exit_code == 0, told.output
    return {json.loads(line)["subject"] for line in to.read_text("utf-8").splitlines()}


@pytest.mark.parametrize(
    ("options", "subjects"),
    [
        (["--until", "2001-05-31"], {"before", "first", "last"}),
        (["--since", "2001-05-31", "--until", "2001-05-31"], {"first", "last"}),
        (["--until", "2001-05-31T23:59:59"], {"before", "first"}),
        (["--until", "2001-05-31 00:00:00"], {"before"}),
        (["--since", "2001-06-01"], {"west", "after"}),
        (["--until", "9999-12-31"], set(_SENT)),
    ],
)
def test_a_day_is_in_and_a_moment_is_out(
    case: Path, options: list[str], subjects: set[str]
) -> None:
    assert exported(case, *options) == subjects


def test_what_is_no_day_is_told(case: Path) -> None:
    told = CliRunner().invoke(
        app, ["export", str(case), "--to", str(case.parent / "x.csv"), "--until", "May 31"]
    )
    assert told.exit_code == 2
    assert "neither a day" in told.output
