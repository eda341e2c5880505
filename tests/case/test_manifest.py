"""The manifest: every message of every source is accounted for, and claims are compared."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from scan_building import PLAIN, embedded, mail, multipart, text_part, write_mbox, write_tree
from typer.testing import CliRunner

from riskscan.case.read import Case
from riskscan.case.store import Claimed, Outcome, open_case
from riskscan.cli import app
from riskscan.mail import parse
from riskscan.scanning import Summary, run_scan

BINARY = b"\0\1\2\0" * 40
Documented = dict[str, Any]


@pytest.fixture(autouse=True)
def unscored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scores and people are of no matter here, and take time."""
    for stage in ("score", "merge"):
        monkeypatch.setattr(sys.modules[run_scan.__module__], stage, lambda *_: 0)


def document(case: Path) -> Documented:
    with Case(case) as opened:
        return opened.full_manifest()


def run(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(a) for a in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output


@pytest.fixture
def export(tmp_path: Path) -> Path:
    folder = tmp_path / "out" / "export"
    box = [mail(i, f"{PLAIN} {i}") for i in range(1, 8)]
    box += [box[0], box[1], mail(50, "", subject="bare")]
    box.append(multipart(60, [text_part("See."), embedded(mail(61, "Inside."))]))
    box.append(mail(70, "poison"))
    write_mbox(folder / "ada.mbox", box)
    write_tree(folder / "tree", [mail(i, f"Tree {i}") for i in range(3, 12)])
    (folder / "tree" / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 90)
    (folder / "empty").touch()
    return folder


@pytest.fixture
def scanned(export: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Summary]:
    whole = parse.parse_message

    def poisoned(data: bytes, *more: Any) -> Any:
        if b"poison" in data:
            raise parse.MailError("poison")
        return whole(data, *more)

    monkeypatch.setattr(parse, "parse_message", poisoned)
    case = tmp_path / "case"
    return case, run_scan([export], case, entities="none")


@pytest.fixture
def claim(scanned: tuple[Path, Summary]) -> Iterator[Callable[..., None]]:
    """Enter a claim in the name of the unit at a source."""

    def enter(kind: str, expected: str, about: str, unit: str = "export/ada.mbox") -> None:
        with open_case(scanned[0]) as store, store.engine.connect() as connection:
            key = connection.exec_driver_sql(
                "SELECT id FROM units WHERE source = ?", (unit,)
            ).scalar_one()
            connection.rollback()
            store.add_batch(
                key, [Outcome("", "", "", Claimed("export/list.csv", about, kind, expected))]
            )

    yield enter


def test_every_message_and_every_file_is_accounted_for(
    export: Path, scanned: tuple[Path, Summary]
) -> None:
    case, summary = scanned
    told = document(case)
    assert told["adds_up"]
    assert told["totals"] == {
        "found": summary.found,
        "stored": summary.stored,
        "duplicates": summary.duplicates,
        "quarantined": summary.quarantined,
        "embedded": summary.embedded,
        "empty": 1,
        "not_read": summary.not_read,
        "companions": summary.companions,
    }
    rows = {row["source"]: row for row in told["sources"]}
    box = rows["export/ada.mbox"]
    assert {k: box[k] for k in ("found", "stored", "duplicates", "quarantined", "embedded")} == {
        "found": 12, "stored": 9, "duplicates": 2, "quarantined": 1, "embedded": 1,
    }  # fmt: skip
    data = (export / "ada.mbox").read_bytes()
    assert (box["bytes"], box["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
    assert rows["export/tree"]["found"] == 9
    assert sorted((row["kind"], row["source"]) for row in told["unread"]) == [
        ("companion", "export/empty"),
        ("not read", "export/tree/picture.png"),
        ("quarantined", "export/ada.mbox"),
    ]
    assert all(row["reason"] for row in told["unread"])


def test_a_source_that_does_not_add_up_is_an_error(scanned: tuple[Path, Summary]) -> None:
    case, _ = scanned
    assert run("manifest", case)[0] == 3
    with sqlite3.connect(case / "case.sqlite") as connection:
        connection.execute("UPDATE sources SET found = found + 1 WHERE name = 'export/tree'")
    connection.close()
    code, text = run("manifest", case, "--json")
    assert code == 4
    told = json.loads(text)
    assert not told["adds_up"]
    assert [row["source"] for row in told["sources"] if not row["adds_up"]] == ["export/tree"]
    code, text = run("manifest", case)
    assert code == 4
    assert "1 source do not add up" in text


@pytest.mark.parametrize("kind", ["messages", "quarantined"])
def test_what_is_of_no_source_is_an_error(scanned: tuple[Path, Summary], kind: str) -> None:
    case, _ = scanned
    change = {
        "messages": "DELETE FROM sources WHERE name = 'export/tree'",
        "quarantined": "UPDATE unread SET source_id = NULL WHERE kind = 'quarantined'",
    }
    with sqlite3.connect(case / "case.sqlite") as connection:
        connection.execute(change[kind])
    connection.close()
    code, text = run("manifest", case, "--json")
    assert code == 4
    told = json.loads(text)
    assert told["astray"] > 0
    assert not told["adds_up"]


def test_sources_that_are_wrong_by_as_much_in_both_directions_are_an_error(
    scanned: tuple[Path, Summary],
) -> None:
    case, _ = scanned
    with sqlite3.connect(case / "case.sqlite") as connection:
        connection.execute("UPDATE sources SET found = found + 1 WHERE name = 'export/tree'")
        connection.execute("UPDATE sources SET found = found - 1 WHERE name = 'export/ada.mbox'")
    connection.close()
    assert run("manifest", case)[0] == 4


def test_all_read_gives_0(tmp_path: Path) -> None:
    box = write_mbox(tmp_path / "ada.mbox", [mail(1)])
    run_scan([box], tmp_path / "case", entities="none")
    code, text = run("manifest", tmp_path / "case")
    assert code == 0
    assert hashlib.sha256(box.read_bytes()).hexdigest() in text


@pytest.mark.parametrize(
    ("kind", "expected", "about"),
    [
        ("messages", "12", ""),
        ("messages", "12", "export/ada.mbox"),
        ("messages", "9", "export/tree"),
        ("messages", "21", "export"),
        ("messages", "21", "export/"),
        ("messages", "0", "export/nothing.mbox"),
        ("message id", "<3@quayside.example>", "export/ada.mbox"),
        ("message id", "3@quayside.example", "export/tree"),  # there it is a duplicate
        ("message id", "<11@quayside.example>", ""),
        ("bytes", "0", "export/empty"),
        ("sha256", hashlib.sha256(b"").hexdigest(), "export/empty"),
        ("sha256", hashlib.sha256(mail(9, "Tree 9")).hexdigest(), "export/tree/0007.eml"),
        ("sha256", hashlib.sha256(mail(3, "Tree 3")).hexdigest(), "export/tree/0001.eml"),
    ],
)
def test_claims_that_hold(
    scanned: tuple[Path, Summary],
    claim: Callable[..., None],
    kind: str,
    expected: str,
    about: str,
) -> None:
    unit = "export/tree" if "11@" in expected else "export/ada.mbox"
    claim(kind, expected, about, unit)
    assert document(scanned[0])["claims"] == {
        "matched": {kind: 1}, "unchecked": {}, "mismatches": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "expected", "about", "result"),
    [
        ("messages", "13", "", "count differs"),
        ("messages", "21", "export/ada", "count differs"),
        ("messages", "a dozen", "", "unreadable"),
        ("messages", "5", "export/lost.mbox", "count differs"),
        ("message id", "<999@quayside.example>", "", "missing"),
        ("message id", "<11@quayside.example>", "export/ada.mbox", "missing"),
        ("bytes", "1", "", "size differs"),
        ("sha256", "0" * 64, "export/ada.mbox", "hash differs"),
        ("sha256", "0" * 64, "export/tree/0002.eml", "hash differs"),
        ("sha256", "0" * 64, "export/tree/0999.eml", "not there"),
        ("md5", "0" * 32, "export/lost.pst", "not there"),
    ],
)
def test_claims_that_do_not_hold_are_listed_with_the_reason(
    scanned: tuple[Path, Summary],
    claim: Callable[..., None],
    kind: str,
    expected: str,
    about: str,
    result: str,
) -> None:
    claim(kind, expected, about)
    told = document(scanned[0])
    (one,) = told["claims"]["mismatches"]
    assert (one["result"], one["kind"], one["expected"]) == (result, kind, expected)
    assert one["source"] == "export/list.csv"
    assert one["reason"]
    assert not told["complete"]
    code, text = run("manifest", scanned[0])
    assert code == 3
    assert one["reason"] in text


def test_claims_of_a_file_that_was_read_anew_after_a_change_do_not_count_twice(
    export: Path, scanned: tuple[Path, Summary], claim: Callable[..., None]
) -> None:
    claim("messages", "99", "")
    write_mbox(export / "ada.mbox", [mail(i) for i in range(200, 205)])
    run_scan([export], scanned[0], entities="none")
    claim("messages", "9", "export/tree", "export/tree")
    assert document(scanned[0])["claims"]["mismatches"] == []
    assert document(scanned[0])["claims"]["matched"] == {"messages": 1}


def test_claimed_hashes_are_checked_by_reading_the_files_again(tmp_path: Path) -> None:
    import zipfile

    folder = tmp_path / "out" / "export"
    folder.mkdir(parents=True)
    inner = b"".join(
        b"From x@y.example Tue Mar  5 08:00:00 2024\n" + mail(i) + b"\n" for i in range(3)
    )
    with zipfile.ZipFile(folder / "all.zip", "w") as archive:
        archive.writestr("box/in.mbox", inner)
        archive.writestr("notes.bin", BINARY)
    outer = (folder / "all.zip").read_bytes()
    case = tmp_path / "case"
    run_scan([folder], case, entities="none")
    wanted = {
        ("md5", "export/all.zip"): outer,
        ("sha1", "export/all.zip!/box/in.mbox"): inner,
        ("md5", "export/all.zip!/notes.bin"): BINARY,
    }
    with open_case(case) as store:
        for (kind, about), data in wanted.items():
            digest = hashlib.new(kind, data).hexdigest()
            store.add_batch(1, [Outcome("", "", "", Claimed("c", about, kind, digest))])
        wrong = Claimed("c", "export/all.zip!/box/in.mbox", "md5", "0" * 32)
        outside = Claimed("c", "export/../secret", "md5", "0" * 32)
        store.add_batch(1, [Outcome("", "", "", wrong), Outcome("", "", "", outside)])
    (tmp_path / "out" / "secret").write_bytes(b"secret")
    assert document(case)["claims"]["unchecked"] == {"md5": 3, "sha1": 1}
    code, text = run("manifest", case, "--verify", "--json")
    told = json.loads(text)
    assert code == 3
    assert told["claims"]["matched"] == {"md5": 2, "sha1": 1}
    assert [(m["result"], m["about"]) for m in told["claims"]["mismatches"]] == [
        ("hash differs", "export/all.zip!/box/in.mbox"),
        ("not there", "export/../secret"),
    ]
    assert hashlib.md5(b"secret").hexdigest() not in text


def test_verify_tells_what_has_changed_since(export: Path, scanned: tuple[Path, Summary]) -> None:
    case, _ = scanned
    assert json.loads(run("manifest", case, "--verify", "--json")[1])["verified"] == []
    (export / "ada.mbox").unlink()
    (export / "tree" / "0001.eml").write_bytes(b"Subject: other\n\nother\n")
    told = json.loads(run("manifest", case, "--verify", "--json")[1])
    assert sorted((Path(o["path"]).name, o["reason"].split()[1]) for o in told["verified"]) == [
        ("ada.mbox", "is"),
        ("tree", "bytes"),
    ]


def test_hostile_names_and_reasons_do_not_reach_the_terminal(
    scanned: tuple[Path, Summary], claim: Callable[..., None]
) -> None:
    claim("messages", "\x1b[31m9\u202e", "export/\x1b]0;x\x07[bold]")
    _, text = run("manifest", scanned[0])
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[bold]" in text


def test_queries_use_indexes_not_the_texts_of_messages(scanned: tuple[Path, Summary]) -> None:
    from sqlalchemy import event

    from riskscan.case.manifest import manifest

    with Case(scanned[0]) as opened:
        seen: list[tuple[str, Any]] = []
        event.listen(opened._engine, "before_cursor_execute", lambda *a: seen.append((a[2], a[3])))
        manifest(opened._engine)
        with opened._engine.connect() as connection:
            plans = [
                str(row[3])
                for statement, values in seen
                if statement.lstrip().startswith("SELECT")
                for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            ]
    scans = [plan for plan in plans if plan.startswith("SCAN")]
    assert any("texts_empty" in plan for plan in scans)
    for table in ("messages", "texts", "duplicates"):
        assert not [p for p in scans if p.split()[1] == table and "INDEX" not in p]
