"""The report lists one message for others: near-duplicates, and what it includes of a thread."""

from __future__ import annotations

from pathlib import Path

import pytest
from people_building import Mail, build
from report_page import Page
from typer.testing import CliRunner

from riskscan.case.store import open_case
from riskscan.cli import app
from riskscan.mail.message import Role
from riskscan.stages.groups import group
from riskscan.stages.progress import Silent

WORRY = "I think what we are doing with the invoices is illegal and we should stop it at once."
QUOTED = f"\n\n-----Original Message-----\nFrom: Nora Quill\nTo: Ben Tarn\n\n{WORRY}\n"
MAILS = [
    Mail(WORRY, thread="a", finding=WORRY),
    Mail(WORRY.replace("at once", "at last"), finding=WORRY.replace("at once", "at last")),
    Mail("Let us talk about that on the phone, please.", thread="a",
         roles=[(Role.QUOTED, QUOTED)], finding="Let us talk about that on the phone"),
]  # fmt: skip


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = build(tmp_path_factory.mktemp("case") / "case", MAILS)
    with open_case(made) as store:
        group(store, Silent())
    return made


@pytest.mark.parametrize(
    ("collapse", "sections", "told"),
    [
        ([], 2, ["Stands for 1 near-duplicate"]),
        (["duplicates"], 3, []),
        (["threads"], 2, ["Holds 1 message of its thread"]),
        (["near-duplicates", "threads"], 1, ["Holds 2 messages of its thread"]),
    ],
)
def test_the_report_lists_one_message_for_others(
    case: Path, tmp_path: Path, collapse: list[str], sections: int, told: list[str]
) -> None:
    options = [word for one in collapse for word in ("--collapse", one)]
    to = tmp_path / "report.html"
    result = CliRunner().invoke(app, ["report", str(case), "--to", str(to), *options])
    assert result.exit_code == 0, result.output
    Page(to).check()
    text = to.read_text("utf-8")
    assert text.count('class="num score"') == sections
    assert text.count("Stands for ") + text.count("Holds ") == len(told)
    for sentence in told:
        assert sentence in text
