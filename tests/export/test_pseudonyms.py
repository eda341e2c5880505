"""Pseudonyms: nobody's name, address, phone or account stays; the key is kept apart and holds."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from privilege_building import all_text
from production_building import dat_of, reread
from scan_building import attached, mail, multipart, text_part, write_tree
from typer.testing import CliRunner, Result

from riskscan.case.read import Case
from riskscan.case.store import open_case
from riskscan.cli import app
from riskscan.export.pseudonym_changes import Change, changed
from riskscan.stages.merging import merge
from riskscan.stages.progress import Silent

JANE = "Jennifer Quillfeather <jennifer.quillfeather@quayside.example>"
BEN = "Benjamin Tarnhold <btarnhold@halden.example>"
BODY = """Dear Ben,

Quillfeather, Jennifer (that is me, J. Quillfeather, "Jenny" to you) can be reached at
+44 20 7946 0955, by mail to Jennifer.Quillfeather@Quayside.example, or through JQUILLFEATHER.
Pay into account no. 1234567890. Mr Tarnhold's driver and Halvard Oskarsson know it, and so does
jennifer
quillfeather's lawyer. See www.quayside.example/people/jquillfeather.

From: "Solveig Anker" <s.anker@halden.example>
"""


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments])


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("people")
    box = [
        multipart(
            1, [text_part(BODY), attached("Quillfeather_notes.txt", "By Ben Tarnhold for Jenny.")],
            subject="Jennifer's visit", sender=JANE, to=BEN,
        ),
        mail(2, "Understood, Jennifer. Will you come? Ben", subject="Re: Jennifer's visit",
             sender=BEN, to=f"{JANE}, Will Ardley <will@quayside.example>",
             headers="In-Reply-To: <1@quayside.example>"),
        mail(3, "Will the crates come?", sender="Ana Lind <ana@quayside.example>",
             to="Post <post@halden.example>"),
    ]  # fmt: skip
    write_tree(folder / "in/jennifer.quillfeather/Letters of Tarnhold", box)
    made = reread(folder / "in", folder / "case")
    with open_case(made) as store:
        merge(store, Silent())
    return made


def export(case: Path, to: Path, key: Path, form: str = "concordance") -> Result:
    return run("export", case, "--to", to, "--format", form, "--pseudonymise", "--key", key)


@pytest.mark.parametrize("form", ["concordance", "edrm", "eml", "mbox", "jsonl", "csv"])
def test_no_form_of_a_name_an_address_or_a_number_is_left(
    case: Path, tmp_path: Path, form: str
) -> None:
    result = export(case, tmp_path / "out" / f"x.{form}", tmp_path / "key", form)
    assert result.exit_code == 0, result.output
    text = all_text(tmp_path / "out").lower()
    for word in (
        "quillfeather", "jenn", "tarnhold", "benjamin", "ardley", "quayside", "halden.example",
        "7946 0955", "1234567890", "oskarsson", "solveig", "anker", "1@q",
    ):  # fmt: skip
        assert word not in text, word
    assert not re.search(r"\bben\b", text)
    assert "Not promised" in result.output


def test_one_person_is_one_pseudonym_and_one_company_one_domain(case: Path, tmp_path: Path) -> None:
    export(case, tmp_path / "p", tmp_path / "key")
    rows = dat_of(tmp_path / "p")
    first = next(r for r in rows if r["SUBJECT"].endswith("visit") and not r["INREPLYTO"])
    reply = next(r for r in rows if r["INREPLYTO"])
    jane, ben = first["FROM"], first["TO"]
    assert re.fullmatch(r"Person \d{4} <person\d{4}@org\d{4}\.example>", jane)
    assert (reply["FROM"], reply["TO"].split(";")[0]) == (ben, jane)
    assert jane.split("@")[1] == reply["TO"].split("@")[2] != ben.split("@")[1]
    assert reply["INREPLYTO"] == first["MESSAGEID"]
    assert reply["SUBJECT"] == f"Re: {jane.split(' <')[0]}'s visit"
    assert first["CUSTODIAN"] == jane.split(" <")[0]
    body = (tmp_path / "p" / first["TEXTPATH"].replace("\\", "/")).read_text("utf-8")
    person = jane.split(" <")[0]
    assert f"{person} (that is me, {person}, " in body and f"or through {person}" in body
    assert f"Dear {ben.split(' <')[0]}," in body
    assert re.search(r"See www\.|See org\d{4}\.example/people/Person", body)
    attachment = next(r for r in rows if r["DOCTYPE"] == "attachment")
    assert attachment["FILENAME"] == f"{person}_notes.txt" and attachment["NATIVEPATH"] == ""
    assert {r["NATIVETYPE"] for r in rows} == {"pseudonymised", "not available"}
    assert all(r["EDRM_MIH"] == "" for r in rows)


def test_a_word_that_is_a_name_too_is_one_where_somebody_of_that_name_takes_part(
    case: Path, tmp_path: Path
) -> None:
    export(case, tmp_path / "x.jsonl", tmp_path / "key", "jsonl")
    bodies = [json.loads(line)["body"] for line in (tmp_path / "x.jsonl").read_text().splitlines()]
    assert any(b.startswith("Will the crates") for b in bodies)
    assert any(re.match(r"Understood, Person \d{4}\. Person \d{4} you come\?", b) for b in bodies)


def test_records_keep_their_offsets(case: Path, tmp_path: Path) -> None:
    export(case, tmp_path / "x.jsonl", tmp_path / "key", "jsonl")
    for line in (tmp_path / "x.jsonl").read_text().splitlines():
        record = json.loads(line)
        places = [(s["start"], s["end"]) for s in record["segments"]]
        assert [start for start, _ in places[1:]] == [end for _, end in places[:-1]]
        assert places[-1][1] == len(record["body"])


def test_a_second_export_with_the_key_uses_the_same_names(case: Path, tmp_path: Path) -> None:
    export(case, tmp_path / "one", tmp_path / "key")
    before = (tmp_path / "key").read_text()
    export(case, tmp_path / "two", tmp_path / "key")
    assert (tmp_path / "key").read_text() == before
    assert dat_of(tmp_path / "one") == dat_of(tmp_path / "two")
    export(case, tmp_path / "three", tmp_path / "other")
    assert dat_of(tmp_path / "three")[0]["MESSAGEID"] != dat_of(tmp_path / "one")[0]["MESSAGEID"]


@pytest.mark.skipif(os.name != "posix", reason="rights of POSIX")
def test_the_key_is_for_its_owner_alone(case: Path, tmp_path: Path) -> None:
    assert export(case, tmp_path / "p", tmp_path / "key").exit_code == 0
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    (tmp_path / "key").chmod(0o644)
    refused = export(case, tmp_path / "q", tmp_path / "key")
    assert refused.exit_code == 1 and "Others may read the key" in refused.output


def test_the_key_never_lies_in_what_is_exported(case: Path, tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    for key in (tmp_path / "p/key", tmp_path / "p", tmp_path / "p/../p/key"):
        refused = export(case, tmp_path / "p", key)
        assert refused.exit_code != 0
        assert not (tmp_path / "p/key").exists()
    (tmp_path / "bad").write_text("{}")
    (tmp_path / "bad").chmod(0o600)
    refused = export(case, tmp_path / "q", tmp_path / "bad")
    assert refused.exit_code == 1 and "no key of pseudonyms" in refused.output
    assert run("export", case, "--to", tmp_path / "q.csv", "--pseudonymise").exit_code == 2
    assert run("export", case, "--to", tmp_path / "q.csv", "--key", tmp_path / "k").exit_code == 2


def test_a_production_says_what_it_cannot_promise_and_verifies(case: Path, tmp_path: Path) -> None:
    export(case, tmp_path / "p", tmp_path / "key")
    assert "cannot promise" in (tmp_path / "p/PSEUDONYMS.txt").read_text()
    assert "PSEUDONYMS.txt" in (tmp_path / "p/manifest.sha256").read_text()
    assert run("verify", tmp_path / "p").exit_code == 0
    export(case, tmp_path / "tree", tmp_path / "key", "eml")
    assert (tmp_path / "tree/PSEUDONYMS.txt").exists()
    with Case(reread(tmp_path / "p", tmp_path / "again")) as opened:
        assert opened.counts()["quarantined"] == 0


CHANGES = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 8), st.text("XYZ", max_size=6), st.integers(0, 6))
)


@given(st.text("abc ", min_size=40, max_size=40), CHANGES)
def test_places_follow_the_text_through_any_changes(
    text: str, raw: list[tuple[int, int, str, int]]
) -> None:
    changes = [Change(s, min(40, s + n), instead, r) for s, n, instead, r in raw if n and s < 40]
    made = changed(text, changes)
    inside = {i for c in changes for i in range(c.start, c.end)}
    assert "".join(c for c in made.text if c not in "XYZ") == "".join(
        c for i, c in enumerate(text) if i not in inside
    )
    places = [made.place(i) for i in range(41)]
    assert places == sorted(places) and places[-1] == len(made.text)
    for i in range(40):
        start, end = made.span(i, i + 1)
        assert start <= end
        if i not in inside:
            assert made.text[start:end] == text[i]
