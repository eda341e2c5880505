"""A long notice below short advice hid the advice, and named everything that had the notice."""

from __future__ import annotations

from pathlib import Path

import pytest
from scan_building import mail, write_mbox

from riskscan.case.read import Case
from riskscan.case.store import open_case
from riskscan.engine import Engine
from riskscan.export.quotations import quoting
from riskscan.sources import Limits
from riskscan.stages.ingest import ingest
from riskscan.stages.progress import Silent

NOTICE = """
Kestrel Terminal keeps a duty desk on the north quay at all hours and callers who need a berth
ticket should ring the desk before noon with their vessel number and the weight of the load, since
late tickets go to the back of the line until the next tide and no refund is made for any berth.
"""
ADVICE = "Settle the heron claim for four million before the hearing or lose everything.\n"
HEAD = """See below.

-----Original Message-----
From: Cora
Sent: Monday, March 4, 2024 8:00 AM
To: Ada
Subject: heron

"""


def of(number: int) -> str:
    return " ".join(f"word{number * 31 + n}" for n in range(12))


@pytest.fixture
def case(tmp_path: Path) -> Path:
    texts = [f"FYI\n{NOTICE}", ADVICE + NOTICE, HEAD + ADVICE]
    texts += [f"{of(n)}\n{NOTICE}" for n in range(15)]
    # One thread that quotes the advice without any mark.
    plain = [mail(n, text, subject=f"own {n}") for n, text in enumerate(texts, 1)]
    replies = [
        mail(50 + n, f"{of(50 + n)}\n{ADVICE}", subject="heron",
             headers="References: <50@quayside.example>")
        for n in range(15)
    ]  # fmt: skip
    with open_case(tmp_path / "case") as store, Engine(0) as engine:
        box = write_mbox(tmp_path / "in.mbox", plain + replies)
        ingest(store, engine, [box], None, Silent(), Limits())
    return tmp_path / "case"


def test_advice_is_found_and_the_notice_is_not(case: Path) -> None:
    with Case(case) as opened, opened.connect() as connection:
        rest = range(3, 34)
        assert quoting(connection, rest, [1]) == set()
        assert quoting(connection, rest, [2]) == {3, *range(19, 34)}
