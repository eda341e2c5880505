"""``riskscan show`` and ``riskscan check``: what people see, and nothing that mail smuggles in."""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path

import pytest
from scan_building import PLAIN, WORRY, attached, mail, multipart, text_part, write_mbox
from test_cli_scan import run, scan

from riskscan.cli.harmless import escape, plain

# ESC, C1 CSI, BEL, a carriage return that overwrites, bidi overrides, a title-setting sequence.
HOSTILE = "\x1b[31m\x9b2J\x07\u202eevil\u202c\u2066x\u2069 \x1b]0;title\x07 over\rwrite\u200f\u061c"


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("show")
    hostile = f"{HOSTILE}\nHello\n{WORRY} {HOSTILE}\n"
    encoded = "=?utf-8?q?" + "".join(f"={b:02X}" for b in f"a{HOSTILE}b".encode()) + "?="
    messages = [
        mail(1, subject="another matter"),
        mail(2, WORRY + "\n\nOn Mon, Mar 4, 2024, Ben Tarn wrote:\n> old\n"),
        mail(3, hostile, subject=encoded, sender=f"{encoded} <nora@quayside.example>"),
        multipart(4, [text_part(PLAIN), attached("note.txt", WORRY)], subject="papers"),
        mail(5, "Fine.", headers="In-Reply-To: <2@quayside.example>", subject="Re: crates"),
    ]
    scan(write_mbox(place / "ada.mbox", messages), place / "case")
    return place / "case"


def smuggled(text: str) -> list[str]:
    """Characters that a terminal would obey."""
    return [
        c
        for c in text
        if (unicodedata.category(c) in ("Cc", "Cs") and c not in "\t\n")
        or unicodedata.bidirectional(c) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI",
                                            "PDI")
        or c in "\u200e\u200f\u061c\u2028\u2029"
    ]  # fmt: skip


def test_the_list_is_worst_first_with_the_sentence(case: Path) -> None:
    result = run("show", case)
    assert result.exit_code == 0
    assert "messages flagged" in result.stdout.splitlines()[0]
    scores = [float(m) for m in re.findall(r"^(\d\.\d{3}) ", result.stdout, re.M)]
    assert len(scores) == 5
    assert scores == sorted(scores, reverse=True)
    assert f"“{WORRY}”" in result.stdout
    assert len(re.findall(r"^\d\.\d{3} ", run("show", case, "--top", "2").stdout, re.M)) == 2


@pytest.mark.parametrize("name", ["<2@quayside.example>", "2@quayside.example"])
def test_one_message_with_its_finding_marked(case: Path, name: str) -> None:
    result = run("show", case, name)
    assert result.exit_code == 0
    assert f">>>{WORRY}<<<" in result.stdout
    assert "Message-ID  <2@quayside.example>" in result.stdout
    assert "> old" in result.stdout
    assert "Thread of 2 messages" in result.stdout


def test_the_finding_is_highlighted_on_a_terminal(
    case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    shown = run("show", case, "3@quayside.example").stdout
    marked = re.findall(r"\x1b\[1;30;43m(.*?)\x1b\[0m", shown, re.S)
    assert any(WORRY in part for part in marked)
    assert ">>>" not in shown
    # What is left without rich's own colours holds nothing to obey.
    assert not smuggled(re.sub(r"\x1b\[[\d;]*m", "", shown))


def test_a_finding_in_an_attachment_is_shown(case: Path) -> None:
    shown = run("show", case, "4@quayside.example").stdout
    assert "[note.txt, " in shown
    assert f">>>{WORRY}<<<" in shown


@pytest.mark.parametrize("more", [[], ["3@quayside.example"], ["--json"]])
def test_nothing_hostile_reaches_the_terminal(case: Path, more: list[str]) -> None:
    result = run("show", case, *more)
    assert result.exit_code == 0
    assert "evil" in result.stdout
    assert not smuggled(result.stdout)


def test_json_holds_what_the_mail_says(case: Path) -> None:
    record = json.loads(run("show", case, "3@quayside.example", "--json").stdout)
    assert "\u202eevil" in record["body"]
    assert "\x1b[31m\x9b2J" in record["body"]
    listed = json.loads(run("show", case, "--json", "--top", "3").stdout)
    assert len(listed) == 3


@pytest.mark.parametrize("name", ["<nobody@quayside.example>", "nobody", "77", "", "<>", "9" * 30])
def test_an_unknown_message(case: Path, name: str) -> None:
    result = run("show", case, name)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith("riskscan: No message")


def test_an_unknown_message_of_hostile_name(case: Path) -> None:
    assert not smuggled(run("show", case, HOSTILE).stderr)


def test_a_case_of_nothing(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    scan(tmp_path / "in", tmp_path / "case")
    assert run("show", tmp_path / "case").stdout.startswith("0 of 0 messages flagged")
    assert json.loads(run("show", tmp_path / "case", "--json").stdout) == []


def test_plain_keeps_every_other_character_and_the_length() -> None:
    text = "Grüße, 你好, مرحبا, 👩‍💻\tx\ny"
    assert plain(text) == text
    assert len(plain(HOSTILE)) == len(HOSTILE)
    assert not smuggled(plain(HOSTILE + "".join(map(chr, range(160)))))
    assert json.loads(escape(json.dumps([HOSTILE, text], ensure_ascii=False))) == [HOSTILE, text]


# check


def test_check_shows_why() -> None:
    shown = run("check", WORRY).stdout
    assert "flagged" in shown
    assert WORRY in shown
    assert "What made the score" in shown
    assert "not flagged" in run("check", PLAIN).stdout


def test_check_reads_standard_input_and_prints_json() -> None:
    answer = json.loads(run("check", "--json", stdin=f"Hello.\n{WORRY}\n").stdout)
    assert answer["flagged"] is True
    assert answer["score"] >= answer["threshold"]
    best = answer["findings"][0]
    assert f"Hello.\n{WORRY}\n"[best["start"] : best["end"]] == best["text"]
    assert set(answer) == {
        "score", "threshold", "flagged", "signals", "findings", "domains", "parts", "words",
        "encoder_read",
    }  # fmt: skip


def test_check_without_text_is_bad_usage() -> None:
    assert run("check", stdin="  \n").exit_code == 2
    assert run("check", "").exit_code == 2


def test_check_prints_nothing_hostile() -> None:
    assert not smuggled(run("check", f"{WORRY} {HOSTILE}").stdout)
    assert not smuggled(run("check", "--json", f"{WORRY} {HOSTILE}").stdout)
