"""What no mail program lists as an attachment stood among the others without a word."""

from __future__ import annotations

import base64
import hashlib
import json
import sqlite3
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from review_building import WORRY, build_case, reviewing
from scan_building import attached, mail, multipart, text_part
from typer.testing import CliRunner

from riskscan.cli import app
from riskscan.mail.parse import parse_message
from riskscan.sources.mapi import MapiAttachment, MapiMessage, to_mail

sys.path.append(str(Path(__file__).parents[1] / "mail"))
sys.path.append(str(Path(__file__).parents[1] / "export"))
from production_building import dat_of
from smime_building import ENTITY, signed

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(40)).decode()
PAGE = '<p>See <img src="cid:logo%40q&amp;1"><img src="plan.gif"></p>'
OTHER = "<p>Wholly other words stand here, which nobody who reads plain text has ever seen.</p>"
FOOTER = "This list is archived; to leave it write to its owner."


def picture(*fields: str, name: str = "a.png") -> str:
    head = ("Content-Type: image/png", "Content-Transfer-Encoding: base64", *fields)
    named = (f'Content-Disposition: inline; filename="{name}"',) if name else ()
    return "\n".join((*head, *named)) + f"\n\n{PNG}"


def part(kind: str, text: str = "text", name: str = "") -> str:
    return f"Content-Type: {kind}" + (f'; name="{name}"' if name else "") + f"\n\n{text}"


def html(text: str) -> str:
    return part("text/html", text)


def tree(kind: str, parts: Sequence[str], edge: str = "in", behind: str = "") -> str:
    body = "".join(f"--{edge}\n{one}\n" for one in parts) + f"--{edge}--\n{behind}"
    return f"Content-Type: multipart/{kind}; boundary={edge}\n\n{body}"


def roles(*parts: str) -> dict[str, str]:
    return {a.name: str(a.role) for a in parse_message(multipart(1, parts)).attachments}


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([text_part("Hello."), attached("a.txt", "a file")], {"a.txt": "file"}),
        ([text_part("Hello.\n\nbegin 644 u.txt\n#0V%T\n`\nend\n")], {"u.txt": "file"}),
        (
            [tree("related", [html(PAGE), picture("Content-ID: <logo@q&1>")])],
            {"a.png": "inline"},
        ),
        ([html(PAGE), picture("Content-Location: plan.gif")], {"a.png": "inline"}),
        (
            [
                tree("alternative", [text_part("Hello."), html("<p>Hello.</p><img src=cid:x>")]),
                picture("Content-ID: <x>"),
            ],
            {"a.png": "inline"},
        ),
        # Shown in the text it may be, but nothing in the text is about it.
        (
            [tree("related", [html(PAGE), picture("Content-ID: <other@q>")])],
            {"a.png": "file"},
        ),
        ([tree("alternative", [text_part("Hello."), html(OTHER * 2)])], {"": "alternative"}),
        (
            [tree("alternative", [text_part("Hello."), part("text/calendar", "BEGIN:VCALENDAR")])],
            {"": "alternative"},
        ),
        (
            [tree("alternative", [text_part("Hello."), part("application/pdf", "%PDF", "a.pdf")])],
            {"a.pdf": "file"},
        ),
        (
            [tree("mixed", [text_part("Hello.")], behind=FOOTER)],
            {"epilogue.txt": "outside"},
        ),
        (
            [
                text_part("It was not delivered."),
                part("message/delivery-status", "Reporting-MTA: dns;q.example\n\nAction: failed"),
                part("text/rfc822-headers", "Subject: lost"),
            ],
            {"": "report"},
        ),
        (
            [
                tree(
                    "signed",
                    [text_part("Hello."), part("application/pgp-signature", "abc", "s.sig")],
                )
            ],
            {"s.sig": "security"},
        ),
        (
            [text_part("Hello."), part("application/pgp-signature", "abc", "tool.tar.gz.sig")],
            {"tool.tar.gz.sig": "file"},
        ),
        (
            [
                tree(
                    "encrypted",
                    [
                        part("application/pgp-encrypted", "Version: 1"),
                        part("application/octet-stream", "-----BEGIN PGP", "encrypted.asc"),
                    ],
                )
            ],
            {"": "security", "encrypted.asc": "security"},
        ),
    ],
)  # fmt: skip
def test_each_part_that_is_not_the_body_has_its_role(
    parts: list[str], expected: dict[str, str]
) -> None:
    assert roles(*parts) == expected


def test_a_message_signed_as_a_whole_is_no_file() -> None:
    smime = "application/pkcs7-mime; name=smime.p7m"
    message = parse_message(
        mail(1, base64.encodebytes(signed(ENTITY)).decode(), content=smime,
             headers="Content-Transfer-Encoding: base64")
    )  # fmt: skip
    assert [(a.name, a.role) for a in message.attachments] == [
        ("a.csv", "file"),
        ("smime.p7m", "security"),
    ]


def test_the_rtf_body_of_an_outlook_message_is_an_alternative_and_what_is_lost_missing() -> None:
    made = MapiMessage(
        text="Lunch at noon?",
        rtf=b"{\\rtf1\\ansi What we do with the crates is illegal, destroy the files.\\par}",
        attachments=[
            MapiAttachment("plan.txt", "text/plain", "", b"the plan"),
            MapiAttachment("gone.txt", "text/plain", "", b"", "damaged: lost"),
        ],
    )
    message = parse_message(to_mail(made))
    assert message.body.strip() == "Lunch at noon?"
    assert {a.name: a.role for a in message.attachments} == {
        "body.rtf": "alternative", "plan.txt": "file", "gone.txt": "missing",
    }  # fmt: skip


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    page = tree("related", [html(f"<p>{WORRY}</p>{PAGE}"), picture("Content-ID: <logo@q&1>")])
    whole = multipart(1, [page, attached("plan.txt", "the plan")]) + FOOTER.encode()
    made: Path = build_case(tmp_path_factory.mktemp("roles"), [whole], worries=[1])
    return made


def run(*words: object) -> str:
    result = CliRunner().invoke(app, list(map(str, words)))
    assert result.exit_code == 0, result.output
    return " ".join(result.output.split())


def test_the_documented_query_has_the_hashes_of_what_mail_programs_list(case: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "attachments.md").read_text("utf-8")
    query = next(line for line in page.splitlines() if line.startswith("    SELECT message_id"))
    with closing(sqlite3.connect(case / "case.sqlite")) as connection:
        rows = connection.execute(query).fetchall()
        every = connection.execute("SELECT role FROM attachments ORDER BY position").fetchall()
    assert [row[1:] for row in rows] == [("plan.txt", 8, hashlib.sha256(b"the plan").hexdigest())]
    assert every == [("inline",), ("file",), ("outside",)]


def test_pages_tell_it_in_words(case: Path, tmp_path: Path) -> None:
    run("report", case, "--to", tmp_path / "report.html")
    with reviewing(case) as ann:
        pages = ann.text("/m/1"), (tmp_path / "report.html").read_text("utf-8")
    for page in (*pages, run("show", case, 1)):
        assert page.count("shown in the text") == 1
        assert page.count("outside the parts of the message") == 1


def test_exports_tell_it(case: Path, tmp_path: Path) -> None:
    for number, more in enumerate(([], ["--pseudonymise", "--key", tmp_path / "key"])):
        run("export", case, "--to", tmp_path / f"{number}.jsonl", *more)
        (record,) = map(json.loads, (tmp_path / f"{number}.jsonl").open(encoding="utf-8"))
        assert [a["role"] for a in record["attachments"]] == ["inline", "file", "outside"]
    run("export", case, "--to", tmp_path / "dat", "--format", "concordance")
    assert [r["ATTACHROLE"] for r in dat_of(tmp_path / "dat")] == ["", "inline", "file", "outside"]
    run("export", case, "--to", tmp_path / "a.csv")
    assert "inline; file; outside" in (tmp_path / "a.csv").read_text("utf-8")
    run("export", case, "--to", tmp_path / "edrm", "--format", "edrm")
    xml = (tmp_path / "edrm" / "DATA" / "production.xml").read_text("utf-8")
    assert xml.count('<Tag TagName="ATTACHROLE" TagDataType="Text" TagValue="outside"/>') == 1
