"""``riskscan entities``: ranking, the evidence of a merge, and corrections that stay."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from people_building import Mail, again, build, rows
from test_cli_scan import run

from riskscan.case.location import Location, Place
from riskscan.case.read import Case
from riskscan.mail.message import Address

NORA = Address("Nora Quill", "nora.quill@halden.example")
JEFF = Address("Jeffrey Marlow", "jeff.marlow@halden.example")
HOME = Address("Jeff Marlow", "jm1960@home.example")
FIRM = Address("Ada Reed", "ada@reed-law.example")
WORRY = "Jeff hid the invoices of Calloway Freight Ltd."


@pytest.fixture
def case(case_place: Location) -> Location:
    marks = [("Jeff", "PERSON"), ("Calloway Freight Ltd", "ORG")]
    build(
        case_place,
        [
            Mail(WORRY, NORA, [JEFF], finding=WORRY, entities=marks),
            Mail("Calloway Freight Ltd on Monday.", NORA, [FIRM],
                 entities=[("Calloway Freight Ltd", "ORG"), ("Monday", "DATE")]),
            Mail("Fine.", HOME, [NORA]),
        ],
    )  # fmt: skip
    return case_place


def ranked(case: Place, *more: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run("entities", case, "--json", *more).stdout)
    return found


def people(case: Place) -> dict[str, int]:
    """Messages of each person."""
    return {row["name"]: row["messages"] for row in ranked(case, "--label", "PERSON")}


def test_the_ranking_counts_messages_and_flagged_ones(case: Location) -> None:
    found = {row["name"]: row for row in ranked(case)}
    assert found["Nora Quill"]["messages"] == 3
    assert found["Calloway Freight Ltd"]["flagged"] == 1
    assert found["Calloway Freight Ltd"]["first"][:10] == "2024-03-02"
    assert found["Calloway Freight Ltd"]["last"][:10] == "2024-03-03"
    assert "Monday" not in found
    assert [row["name"] for row in ranked(case, "--label", "date")] == ["Monday"]
    assert [row["name"] for row in ranked(case, "--near-findings", "--label", "org")] == [
        "Calloway Freight Ltd"
    ]
    shown = run("entities", case, "--top", "2").stdout
    assert "Nora Quill" in shown
    assert "more are not listed" in shown


def test_the_ranking_is_a_pandas_frame_too(case: Location, tmp_path: Path) -> None:
    with Case(case) as opened:
        frame = opened.merged("ORG")
        assert frame["name"].tolist() == ["Calloway Freight Ltd"]
        assert frame["messages"].tolist() == [2]
        assert frame["first"].dt.year.tolist() == [2024]
    with Case(build(tmp_path / "empty", [])) as opened:
        assert opened.merged().empty


def test_counsel_is_marked(case: Location) -> None:
    assert "Ada Reed counsel" in run("entities", case).stdout
    (found,) = ranked(case, "--counsel-only")
    assert found["name"] == "Ada Reed"
    assert "reed-law.example" in found["counsel"]


def test_a_merge_shows_its_evidence(case: Location) -> None:
    shown = run("entities", case, "--show", "jeffrey marlow").stdout
    assert "jeff.marlow@halden.example" in shown
    assert "Jeff  ×1  takes part in the message  #1" in shown
    told = json.loads(run("entities", case, "--show", JEFF.address, "--json").stdout)
    assert told[0]["name"] == "Jeffrey Marlow"


def test_a_join_stays_until_it_is_undone(case: Location) -> None:
    assert people(case)["Jeff Marlow"] == 1
    assert run("entities", case, "--join", JEFF.address, HOME.address).exit_code == 0
    again(case)
    assert people(case)["Jeffrey Marlow"] == 2
    assert "joined by a reviewer" in run("entities", case, "--show", HOME.address).stdout
    assert run("entities", case, "--undo").exit_code == 0
    assert people(case) == {"Nora Quill": 3, "Ada Reed": 1, "Jeffrey Marlow": 1, "Jeff Marlow": 1}


def test_a_split_stays_until_it_is_joined_again(case: Location) -> None:
    assert run("entities", case, "--split", "Jeffrey Marlow", "Jeff").exit_code == 0
    again(case)
    names = "SELECT m.name FROM merged_mentions l JOIN merged m ON m.id = l.merged_id LIMIT 1"
    assert rows(case, names) == [("Jeff",)]
    assert run("entities", case, "--join", "Jeffrey Marlow", "Jeff").exit_code == 0
    assert rows(case, names) == [("Jeffrey Marlow",)]
    assert rows(case, "SELECT count(*) FROM corrections")[0][0] >= 2


def test_an_address_can_be_split_off(tmp_path: Path) -> None:
    other = Address("Marlow, Jeffrey", "jeff_marlow@halden.example")
    case = build(tmp_path / "case", [Mail(sender=JEFF), Mail(sender=other)])
    assert people(case)["Jeffrey Marlow"] == 2
    assert run("entities", case, "--split", JEFF.address, other.address).exit_code == 0
    assert "same name, same domain" not in run("entities", case, "--show", JEFF.address).stdout
    assert [row["messages"] for row in ranked(case) if row["name"] == "Jeffrey Marlow"] == [1, 1]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--show", "Nobody"], "Nobody and nothing"),
        (["--join", "Nobody", "Nora Quill"], "Nobody and nothing"),
        (["--join", "Nora Quill", "nora.quill@halden.example"], "one already"),
        (["--split", "Nora Quill", "Ada"], "no form of"),
        (["--split", "Calloway Freight Ltd", "Calloway Freight Ltd"], "all that there is"),
    ],
)
def test_what_cannot_be_corrected_is_said(case: Location, options: list[str], says: str) -> None:
    result = run("entities", case, *options)
    assert result.exit_code == 1
    assert says in result.stderr
    assert rows(case, "SELECT count(*) FROM corrections") == [(0,)]


def test_without_a_case_none_is_made(tmp_path: Path) -> None:
    result = run("entities", tmp_path / "none", "--join", "a", "b")
    assert result.exit_code == 1
    assert not (tmp_path / "none").exists()


def test_nothing_hostile_reaches_the_terminal(tmp_path: Path) -> None:
    odd = Address("\x1b[31mEve\u202e Roe", "eve@halden.example")
    case = build(tmp_path / "case", [Mail(sender=odd)])
    for more in ([], ["--show", odd.address], ["--json"]):
        shown = run("entities", case, *more).stdout
        assert "Eve" in shown
        assert "\x1b" not in shown
        assert "\u202e" not in shown
