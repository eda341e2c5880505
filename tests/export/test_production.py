"""Productions: numbers, families, natives as found, fields, what comes back, what is refused."""

from __future__ import annotations

import hashlib
import json
import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from production_building import BOX, INNER, contents, dat_of, make_case, reread
from scan_building import embedded, mail, multipart, text_part, write_mbox
from typer.testing import CliRunner, Result

from riskscan.case.decisions import Decision, Decisions
from riskscan.case.read import Case
from riskscan.case.selection import Selection
from riskscan.cli import app
from riskscan.export.concordance import write_concordance
from riskscan.export.edrm import write_edrm
from riskscan.export.load_fields import FieldsError
from riskscan.export.production import Numbering, ProductionError


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    make_case(folder)
    return folder


@pytest.fixture(scope="module")
def production(made: Path) -> Path:
    produce(made / "case", made / "prod", numbering=Numbering("ABC-", 11, 5))
    return made / "prod"


def produce(
    case: Path, to: Path, selection: Selection | None = None, **more: Any
) -> dict[str, Any]:
    with Case(case) as opened:
        return write_concordance(opened, to, selection or Selection(), **more)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments])


def test_the_file_is_as_concordance_wants_it(production: Path) -> None:
    data = (production / "DATA/production.dat").read_bytes()
    assert data.startswith("\ufeffþDOCIDþ\x14þBEGDOCþ".encode())
    lines = data.decode("utf-8-sig").split("\r\n")
    assert lines[-1] == "" and len(lines) == 10  # header, 4 messages, 4 in families, the end
    assert all(line.startswith("þ") and line.endswith("þ") for line in lines[:-1])
    assert "\n" not in "".join(lines)


def test_families_stay_together_in_order_with_their_range(production: Path) -> None:
    rows = dat_of(production)
    assert [r["DOCID"] for r in rows] == [f"ABC-{n:05}" for n in range(11, 19)]
    family = rows[1:6]
    assert {(r["BEGATTACH"], r["ENDATTACH"]) for r in family} == {("ABC-00012", "ABC-00016")}
    assert [(r["FILENAME"], r["PARENTID"]) for r in family] == [
        ("", ""), ("plan; one.txt", "ABC-00012"), ("b.txt", "ABC-00012"), ("", "ABC-00012"),
        ("deep.txt", "ABC-00015"),
    ]  # fmt: skip
    assert family[0]["ATTACHIDS"] == "ABC-00013; ABC-00014; ABC-00015"
    assert (family[0]["HASATTACH"], family[1]["HASATTACH"], rows[0]["BEGATTACH"]) == ("Y", "N", "")


def test_natives_are_the_bytes_as_found(production: Path) -> None:
    rows = dat_of(production)
    for row, data in (
        (rows[0], BOX[0]), (rows[1], BOX[1]), (rows[2], b"the plan"), (rows[4], INNER),
        (rows[5], b"deep"),
    ):  # fmt: skip
        native = (production / row["NATIVEPATH"].replace("\\", "/")).read_bytes()
        assert native.rstrip(b"\n") == data.rstrip(b"\n")
        assert row["SHA256HASH"] == hashlib.sha256(native).hexdigest()
        assert row["NATIVETYPE"] == "as found"
    assert rows[0]["NATIVEPATH"] == "NATIVES\\0001\\ABC-00011.eml"
    text = (production / rows[1]["TEXTPATH"].replace("\\", "/")).read_text("utf-8")
    assert "Subject: Report® þ one" in text and "illegal" in text


def test_fields_tell_of_the_message(production: Path) -> None:
    first, second = dat_of(production)[:2]
    assert (first["CUSTODIAN"], first["ALLCUSTODIANS"]) == ("ada", "ada; bo")
    assert first["FROM"] == "Nora Quill <nora@quayside.example>"
    assert second["SUBJECT"] == "Report® þ one"
    assert second["CC"] == "Lee Moss <lee@quayside.example>"
    assert (second["DATESENT"], second["DATERECEIVED"]) == (
        "2024-03-05 08:02:00", "2024-03-05 08:00:00",
    )  # fmt: skip
    assert (second["TIMEZONE"], second["REFERENCES"]) == ("UTC", "<1@quayside.example>")
    assert second["MESSAGEID"] == "<2@quayside.example>"
    assert second["EDRM_MIH"] == hashlib.md5(b"<2@quayside.example>").hexdigest()
    assert "illegal" in second["FINDINGS"] and "legal_doubt" in second["SIGNALS"]
    assert 0.5 < float(second["RISKSCORE"]) <= 1
    assert first["FINDINGS"] == first["SIGNALS"] == ""


@pytest.mark.parametrize("write", [write_concordance, write_edrm])
def test_read_back_nothing_has_changed(made: Path, tmp_path: Path, write: Any) -> None:
    with Case(made / "case") as opened:
        write(opened, tmp_path / "prod", Selection())
        told = {(r["content_hash"], r["custodians"][0], r["folder"]) for r in opened.records()}
    reread(tmp_path / "prod", tmp_path / "again")
    assert contents(tmp_path / "again") == contents(made / "case")
    with Case(tmp_path / "again") as again:
        counts = again.counts()
        assert {
            (r["content_hash"], r["custodians"][0], r["folder"]) for r in again.records()
        } == told
    assert (counts["found"], counts["duplicates"], counts["not_read"]) == (4, 0, 0)


def test_same_case_same_production(made: Path, production: Path, tmp_path: Path) -> None:
    told = produce(made / "case", tmp_path / "prod", numbering=Numbering("ABC-", 11, 5))
    assert (
        told["manifest_sha256"]
        == hashlib.sha256((production / "manifest.sha256").read_bytes()).hexdigest()
    )


@pytest.mark.parametrize(
    ("selection", "documents"),
    [
        (Selection(flagged=True), 5),
        (Selection(min_score=0.5), 5),
        (Selection(signals=("legal_doubt", "threat")), 5),
        (Selection(signals=("threat",)), 0),
        (Selection(custodians=("bo",)), 2),
        (Selection(since="2024-03-05T08:03:00"), 7),
        (Selection(since="2024-03-05T08:03:00", until="2024-03-05T08:04:00"), 1),
        (Selection(until="2000-01-01"), 0),
    ],
)
def test_a_selection_takes_whole_families(
    made: Path, tmp_path: Path, selection: Selection, documents: int
) -> None:
    # The embedded message is of 08:31: it brings the family of 08:02 with it.
    assert produce(made / "case", tmp_path / "prod", selection)["documents"] == documents


def test_decisions_choose_and_privileged_families_are_withheld(tmp_path: Path) -> None:
    case = make_case(tmp_path)
    with closing(Decisions(case)) as decisions:
        # The message inside the second one, and the third.
        with Case(case) as opened:
            inner = next(r["id"] for r in opened.records() if r["subject"] == "inner")
        decisions.decide("Kim", [Decision(inner, "flag", privileged=True), Decision(4, "not")])
        decisions.decide("Kim", [Decision(4, "unsure", hot=True)])
    told = produce(case, tmp_path / "p", Selection(privileged=False))
    assert (told["documents"], told["withheld"]) == (3, 1)
    for number, (decided, documents) in enumerate(
        {"flag": 5, "not": 0, "unsure": 1, "hot": 1}.items()
    ):
        told = produce(case, tmp_path / str(number), Selection(decisions=(decided,)))
        assert told["documents"] == documents, decided
    result = run("export", case, "--to", tmp_path / "q", "--format", "edrm")
    assert "3 documents" in result.output and "1 family withheld" in result.output
    result = run(
        "export", case, "--to", tmp_path / "r", "--format", "eml", "--privileged", "include"
    )
    assert "4 messages" in result.output


def test_a_copy_of_a_privileged_message_inside_another_is_withheld_too(tmp_path: Path) -> None:
    around = multipart(7, [text_part("see below"), embedded(mail(1, "secret"))])
    write_mbox(tmp_path / "in/ada.mbox", [mail(1, "secret"), around])
    case = reread(tmp_path / "in", tmp_path / "case")
    with closing(Decisions(case)) as decisions:
        decisions.decide("Kim", [Decision(1, "not", privileged=True)])
    told = produce(case, tmp_path / "p", Selection(privileged=False))
    assert (told["documents"], told["withheld"]) == (0, 2)


def test_fields_are_selected_and_renamed_by_a_file(made: Path, tmp_path: Path) -> None:
    profile = tmp_path / "fields.toml"
    profile.write_text(
        'date_format = "%m/%d/%Y"\n[fields]\nDOCID = "Control Number"\nDATESENT = "Sent"\n'
    )
    produce(made / "case", tmp_path / "prod", fields=profile)
    assert dat_of(tmp_path / "prod")[0] == {"Control Number": "DOC0000001", "Sent": "03/05/2024"}
    for text in ('fields = ["COLOUR"]', "fields = []", "x", '[fields]\nDOCID="a"\nTO="a"\n', "a=1",
                 'dateformat = "%d"\nfields = ["DOCID"]'):  # fmt: skip
        profile.write_text(text)
        with pytest.raises(FieldsError):
            produce(made / "case", tmp_path / "other", fields=profile)
    assert not (tmp_path / "other").exists()


def test_bytes_that_are_gone_are_composed_and_said_so(tmp_path: Path) -> None:
    case = make_case(tmp_path)
    write_mbox(tmp_path / "in/ada.mbox", [mail(1), mail(9, "other"), BOX[2]])
    shutil.rmtree(tmp_path / "in/bo")
    told = produce(case, tmp_path / "prod")
    rows = dat_of(tmp_path / "prod")
    assert [r["NATIVETYPE"] for r in rows] == [
        "as found", "composed", "not available", "not available", "composed", "not available",
        "composed", "composed",
    ]  # fmt: skip
    assert (told["natives_composed"], told["without_native"]) == (4, 3)
    assert rows[2]["NATIVEPATH"] == ""
    plan = tmp_path / "prod" / rows[2]["TEXTPATH"].replace("\\", "/")
    assert plan.read_text("utf-8").strip() == "the plan"


def test_a_message_moved_by_one_place_is_not_taken_for_another(tmp_path: Path) -> None:
    write_mbox(tmp_path / "in/ada.mbox", [mail(n, "a" * 10) for n in range(1, 5)])
    reread(tmp_path / "in", tmp_path / "case")
    write_mbox(
        tmp_path / "in/ada.mbox", [mail(n, "b" * 10) for n in range(1, 3)] + [mail(3, "a" * 10)]
    )
    produce(tmp_path / "case", tmp_path / "prod")
    assert [r["NATIVETYPE"] for r in dat_of(tmp_path / "prod")] == [
        "composed", "composed", "as found", "composed",
    ]  # fmt: skip


def test_what_was_delivered_is_never_replaced_or_left_half(made: Path, tmp_path: Path) -> None:
    (tmp_path / "prod").mkdir()
    (tmp_path / "prod/note").write_text("x")
    with pytest.raises(ProductionError, match="name a new folder"):
        produce(made / "case", tmp_path / "prod")
    with pytest.raises(ProductionError, match="more documents than"):
        produce(made / "case", tmp_path / "other", numbering=Numbering("A", 5, 1))
    assert [p.name for p in tmp_path.iterdir()] == ["prod"]
    assert [p.name for p in (tmp_path / "prod").iterdir()] == ["note"]


@pytest.mark.parametrize("prefix", ["../", "A/B", ".x", "a b", "þ", "x" * 99])
def test_prefixes_that_are_no_file_names_are_refused(prefix: str) -> None:
    with pytest.raises(ProductionError):
        Numbering(prefix)


def test_the_command_tells_what_it_made(made: Path, tmp_path: Path) -> None:
    result = run(
        "export", made / "case", "--to", tmp_path / "p", "--format", "concordance",
        "--prefix", "ABC", "--start", 7, "--digits", 4, "--flagged",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "5 documents" in result.output and "ABC0007 to ABC0011, 1 family" in result.output
    assert json.loads((tmp_path / "p/production.json").read_text())["first"] == "ABC0007"
    again = run("export", made / "case", "--to", tmp_path / "p", "--format", "concordance")
    assert again.exit_code == 1 and "name a new folder" in again.output
    assert run("export", made / "case", "--to", tmp_path / "q").exit_code == 2


def test_selections_work_for_tables_too(made: Path, tmp_path: Path) -> None:
    file = tmp_path / "x.jsonl"
    result = run(
        "export", made / "case", "--to", file, "--custodian", "bo", "--since", "2024-03-05T08:02:00"
    )
    assert result.exit_code == 0
    assert [json.loads(line)["subject"] for line in file.read_text().splitlines()] == ["own"]


def test_verify_finds_what_is_not_as_delivered(production: Path, tmp_path: Path) -> None:
    good = run("verify", production)
    assert good.exit_code == 0 and "18 files checked: all as delivered" in good.output
    copy = tmp_path / "copy"
    shutil.copytree(production, copy)
    native = copy / "NATIVES/0001/ABC-00011.eml"
    native.write_bytes(native.read_bytes() + b" ")
    (copy / "TEXT/0001/ABC-00012.txt").unlink()
    (copy / "extra.txt").write_text("x")
    (copy / "NATIVES/0001/ABC-00012.eml").unlink()
    (copy / "NATIVES/0001/ABC-00012.eml").symlink_to(production / "NATIVES/0001/ABC-00012.eml")
    with (copy / "manifest.sha256").open("a") as manifest:
        manifest.write("0" * 64 + "  ../../secret\nnonsense\n")
    bad = run("verify", copy, "--json")
    assert bad.exit_code == 1
    faults = {f["path"]: f["fault"] for f in json.loads(bad.output)["faults"]}
    assert faults == {
        "NATIVES/0001/ABC-00011.eml": "has changed",
        "TEXT/0001/ABC-00012.txt": "is missing",
        "NATIVES/0001/ABC-00012.eml": "is a link, or lies behind one",
        "extra.txt": "is not in the manifest",
        "manifest.sha256:19": "is no line of a manifest",
        "manifest.sha256:20": "is no line of a manifest",
    }
    none = run("verify", tmp_path)
    assert none.exit_code == 1 and "no production" in none.output
