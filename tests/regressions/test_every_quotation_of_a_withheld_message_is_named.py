"""Each produced message that holds the text of a withheld one is named; of a thread one was."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

from typer.testing import CliRunner

from riskscan.case.decisions import Decision, Decisions
from riskscan.case.read import Case
from riskscan.cli import app
from riskscan.scanning import run_scan

ADVICE = """\
My advice about the heron contract: you are in breach of clause nine and should settle before May.

The indemnity does not cover it, so the exposure is about eleven million in the worst of cases.
"""
ORIGINAL = """\
-----Original Message-----
From: Cora Legal
Sent: Saturday, March 9, 2024 8:00 AM
To: Ada
Subject: Tariff question

"""
MARKED = "On Sat, 9 Mar 2024 at 08:00, Cora Legal wrote:\n" + "".join(
    f"> {line}\n" for line in ADVICE.splitlines()
)
LETTERS = {
    "p1": ("Tariff question", ADVICE),
    "f1": ("FW: Tariff question", f"See below.\n\n{ORIGINAL}{ADVICE}"),
    "f2": ("For your eyes", f"Look at this.\n\n{ORIGINAL}{ADVICE}"),
    "r1": ("Re: Tariff question", f"Thanks.\n\n{MARKED}"),
    "h1": ("Half", f"Cora says: {ADVICE.splitlines()[0]} What do you think of that?"),
    "z1": (
        "Lunch",
        "Lunch at noon on Thursday with everybody from the terminal?",
    ),
}


def test_all_are_named_and_the_innocent_are_not(tmp_path: Path) -> None:
    for number, (key, (subject, text)) in enumerate(LETTERS.items()):
        (tmp_path / f"{number}.eml").write_text(
            f"From: ada@quay.example\nTo: bob@quay.example\nSubject: {subject}\n"
            f"Date: Sat, 9 Mar 2024 08:0{number}:00 +0000\nMessage-ID: <{key}@quay.example>\n\n"
            f"{text}"
        )
    case = tmp_path / "case"
    run_scan(sorted(tmp_path.glob("*.eml")), case, entities="none")
    with Case(case) as opened, closing(Decisions(case)) as decisions:
        (own,) = [r["id"] for r in opened.records() if r["message_id"] == "<p1@quay.example>"]
        decisions.decide("Kim", [Decision(own, "not", privileged=True)])
    out = tmp_path / "out"
    told = CliRunner().invoke(
        app, ["export", str(case), "--to", str(out), "--format", "concordance"]
    )
    assert told.exit_code == 0, told.output
    (named,) = re.findall(r"withheld document, or much of it: ([^\n]*\n?[^\n]*)", told.output)
    numbers = set(re.findall(r"DOC\d{7}", named))
    texts = {path.stem: path.read_text("utf-8") for path in (out / "TEXT").rglob("*.txt")}
    holding = {number for number, text in texts.items() if "heron contract" in text}
    assert len(holding) == 4
    assert numbers == holding
