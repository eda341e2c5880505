"""Names that stayed, and words that did not, when pseudonymised mail was read by hand."""

from __future__ import annotations

import json

import pytest
from scan_building import mail, write_tree
from typer.testing import CliRunner

from riskscan.cli import app
from riskscan.scanning import run_scan

WORDS = "We don't love the new tariff, and all rights are reserved. I would love to go."
BODY = f"""Zebo,

{WORDS}
See IMCEANOTES-+22Wrobelska+2C+20Ilka+22+20+3Cilka+40halden+2Eexample+3E+40Q@quay.example.
Call 713-555-0140/713-555-0141, or 0800.555.0142. BENEF:    323009980 HALDEN
And Ralf Thaeteroff agrees. Files: CC_Olga_Wrem.doc. The folder is DQUILLF.

 -----Original Message-----
From: Daphne Quillfeather
Sent: Tuesday, March 27, 2001 2:24 PM
To: Quux Wimbledorf; Jixi; Lil Bobolink
Subject: tariff

Forwarded by Wanjiku Mbeleki/HOU/ECT on 03/27/2001
DQ
"""
GONE = (
    "Zebo", "Wrobelska", "ilka", "5550140", "555-0140", "555-0141", "555.0142", "323009980", "Ralf",
    "Thaeteroff", "Olga", "Wrem", "DQUILLF", "Quux", "Wimbledorf", "Jixi", "Bobolink", "Wanjiku",
    "Mbeleki", "\nDQ\n",
)  # fmt: skip


@pytest.fixture(scope="module")
def body(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("stayed")
    daphne = "Daphne Quillfeather <daphne.quillfeather@quay.example>"
    box = [
        mail(1, BODY, sender=daphne, to="Don Tesk <don@quay.example>"),
        mail(2, WORDS, sender="Phil Love <phil.love@quay.example>", to=daphne),
        *(mail(n, WORDS, sender=daphne, to="Den K Reserve <x@y.example>") for n in (3, 4, 5)),
    ]
    write_tree(folder / "in", box)
    run_scan([folder / "in"], folder / "case", entities="none")
    arguments = ["export", folder / "case", "--to", folder / "x.jsonl", "--pseudonymise", "--key"]
    result = CliRunner().invoke(app, [str(a) for a in (*arguments, folder / "key")])
    assert result.exit_code == 0, result.output
    texts = [json.loads(line)["body"] for line in (folder / "x.jsonl").read_text().splitlines()]
    return next(text for text in texts if "Original" in text)


@pytest.mark.parametrize("name", GONE)
def test_it_is_gone(body: str, name: str) -> None:
    assert name not in body


def test_words_that_are_names_of_others_stay(body: str) -> None:
    assert WORDS in body
    assert "/HOU/ECT" in body
