"""What is privileged is withheld: no way leads it into a production; slip sheets, and warnings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from privilege_building import SECRET, all_text, make_case
from production_building import dat_of, reread
from typer.testing import CliRunner, Result

from riskscan.case.read import Case
from riskscan.case.selection import Selection
from riskscan.cli import app


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments])


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_case(tmp_path_factory.mktemp("privileged"))


@pytest.mark.parametrize("form", ["concordance", "edrm", "eml", "mbox"])
def test_no_word_of_a_privileged_message_leaves_but_where_another_quotes_it(
    case: Path, tmp_path: Path, form: str
) -> None:
    # Alone, in its attachment, inside its parent, inside another message.
    result = run("export", case, "--to", tmp_path / "out" / "x", "--format", form)
    assert result.exit_code == 0, result.output
    text = all_text(tmp_path / "out")
    assert "Second letter" not in text and "Third:" not in text
    assert "tidewater-exposure" not in text
    assert "3 families withheld" in result.output
    # The quotation in message 7 stays: it cannot be promised, and is named to the user.
    if form in ("concordance", "edrm"):
        assert (
            "Look at 1 produced family, quoting or holding the text of a withheld" in result.output
        )
        assert text.count(SECRET) == 3  # its native, raw and decoded, and its text


def test_slip_sheets_keep_numbers_and_families_and_tell_nothing(case: Path, tmp_path: Path) -> None:
    result = run(
        "export", case, "--to", tmp_path / "p", "--format", "concordance", "--prefix", "ABC",
        "--privileged", "placeholder",
    )  # fmt: skip
    assert "7 slip sheets keep their numbers" in result.output
    rows = dat_of(tmp_path / "p")
    assert [r["DOCID"] for r in rows] == [f"ABC{n:07}" for n in range(1, len(rows) + 1)]
    sheets = [r for r in rows if r["NATIVETYPE"] == "withheld"]
    assert len(sheets) == 7
    first = sheets[0]
    assert (first["BEGATTACH"], first["ENDATTACH"]) == ("ABC0000002", "ABC0000004")
    assert first["ATTACHIDS"] == "ABC0000003; ABC0000004"
    structure = {
        "DOCID", "BEGDOC", "ENDDOC", "BEGATTACH", "ENDATTACH", "PARENTID", "ATTACHIDS", "DOCTYPE",
        "CUSTODIAN", "ALLCUSTODIANS", "HASATTACH", "ATTACHNAMES", "NATIVETYPE", "TEXTPATH",
        "TIMEZONE",
    }  # fmt: skip
    assert {name for row in sheets for name, value in row.items() if value} <= structure
    texts = [(tmp_path / "p" / r["TEXTPATH"].replace("\\", "/")).read_text() for r in sheets]
    assert texts[0] == "ABC0000002\n\nWithheld as privileged\n"
    assert "Withheld with its family" in texts[3] and "as privileged" in texts[4]
    told = json.loads((tmp_path / "p/production.json").read_text())
    assert [w["number"] for w in told["withheld_documents"]] == [r["DOCID"] for r in sheets]
    assert run("verify", tmp_path / "p").exit_code == 0
    # The other side reads it: an empty message each, under its number.
    reread(tmp_path / "p", tmp_path / "again")


def test_edrm_has_slip_sheets_without_natives(case: Path, tmp_path: Path) -> None:
    run("export", case, "--to", tmp_path / "p", "--format", "edrm", "--privileged", "placeholder")
    text = (tmp_path / "p/DATA/production.xml").read_text("utf-8")
    assert text.count("<Document ") == 12 and text.count('FileType="Native"') == 5
    assert "Second letter" not in all_text(tmp_path / "p")


def test_include_produces_all_and_tables_have_all_unless_asked(case: Path, tmp_path: Path) -> None:
    run("export", case, "--to", tmp_path / "p", "--format", "eml", "--privileged", "include")
    assert "Second letter" in all_text(tmp_path / "p")
    run("export", case, "--to", tmp_path / "all.jsonl")
    assert "Second letter" in (tmp_path / "all.jsonl").read_text()
    run("export", case, "--to", tmp_path / "some.jsonl", "--privileged", "withhold")
    kept = [json.loads(line) for line in (tmp_path / "some.jsonl").read_text().splitlines()]
    assert {r["subject"] for r in kept} == {"lunch", "Re: =HYPERLINK(1)", "annex", "lease"}
    refused = run("export", case, "--to", tmp_path / "x.csv", "--privileged", "placeholder")
    assert refused.exit_code == 1 and "placeholders in productions only" in refused.output


def test_what_is_near_a_withheld_message_is_named(case: Path, tmp_path: Path) -> None:
    output = run("export", case, "--to", tmp_path / "p", "--format", "concordance").output
    assert "Look at 1 produced family, with an attachment that a withheld family has" in output
    assert "hinted as privileged, and nobody has decided" in output


def test_what_is_withheld_stands_for_nothing_that_is_produced(tmp_path: Path) -> None:
    # Of two near-duplicates the first is privileged: collapsing must leave the second one.
    case = make_case(tmp_path, {"third": ""})
    with Case(case) as opened, opened.connect() as connection:
        from riskscan.case.selection import families

        every = families(connection, Selection(privileged=False, collapse=("near-duplicates",)))
        second = next(r["id"] for r in opened.records() if r["subject"] == "=HYPERLINK(1)")
    assert second in every


def test_numbers_go_on_after_earlier_productions(case: Path, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    run("export", case, "--to", one, "--format", "edrm", "--prefix", "ABC-", "--start", 7,
        "--digits", 4)  # fmt: skip
    result = run("export", case, "--to", two, "--format", "concordance", "--start-after", one)
    assert "ABC-0012 to ABC-0016" in result.output
    result = run("export", case, "--to", tmp_path / "three", "--format", "concordance",
                 "--start-after", two, "--start-after", one)  # fmt: skip
    assert "ABC-0017 to ABC-0021" in result.output
    both = ("export", case, "--to", tmp_path / "four", "--format", "edrm", "--start-after", two)
    assert run(*both, "--start", 5).exit_code == 2
    (two / "production.json").write_text("{}")
    refused = run(*both)
    assert refused.exit_code == 1 and "no production of riskscan" in refused.output
