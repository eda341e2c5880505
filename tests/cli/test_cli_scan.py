"""``riskscan scan`` as a command: what it prints, its exit codes, and bad input."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from scan_building import WORRY, contents, mail, write_mbox
from typer.testing import CliRunner, Result

from riskscan.case.read import Case
from riskscan.cli import app

FAST = ["--entities", "none", "--workers", "0"]


def run(*arguments: object, stdin: str | None = None) -> Result:
    result = CliRunner().invoke(app, [str(a) for a in arguments], input=stdin)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def scan(export: Path, case: Path, *more: object) -> Result:
    return run("scan", export, "--case", case, *FAST, *more)


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "riskscan.cli", *map(str, arguments)]


@pytest.fixture
def box(tmp_path: Path) -> Path:
    return write_mbox(tmp_path / "ada.mbox", [mail(1), mail(2, WORRY), mail(1)])


@pytest.fixture
def case(tmp_path: Path) -> Path:
    return tmp_path / "case"


def test_a_scan_tells_what_it_did_and_names_the_report(box: Path, case: Path) -> None:
    result = scan(box, case)
    assert result.exit_code == 0
    told = " ".join(result.stdout.split())
    assert "Found 3 messages = 2 stored + 1 duplicates + 0 quarantined" in told
    assert "Flagged 1 messages" in told
    assert "peak memory" in told
    assert "a second" in told
    assert result.stdout.rstrip().endswith(f"Report: {case / 'report.html'}")
    assert (case / "report.html").is_file()
    assert result.stderr == ""


def test_no_progress_bar_and_no_escapes_without_a_terminal(box: Path, case: Path) -> None:
    ran = subprocess.run(
        command("scan", box, "--case", case, *FAST), capture_output=True, check=False
    )
    assert ran.returncode == 0
    assert ran.stderr == b""
    assert b"\x1b" not in ran.stdout
    assert b"\r" not in ran.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo terminal")
def test_a_progress_bar_on_a_terminal(box: Path, case: Path) -> None:
    import pty

    master, slave = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    scanning = subprocess.Popen(
        command("scan", box, "--case", case, *FAST),
        stdout=subprocess.DEVNULL,
        stderr=slave,
        env=environment,
    )
    os.close(slave)
    seen = b""
    try:
        while data := os.read(master, 65536):
            seen += data
    except OSError:
        pass  # Linux says EIO once the other side is closed.
    os.close(master)
    assert scanning.wait() == 0
    assert b"reading" in seen
    assert b"scoring" in seen
    assert b"100%" in seen
    assert b"messages/s" in seen


def test_quiet(box: Path, case: Path) -> None:
    result = scan(box, case, "--quiet")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")


def test_json_summary(box: Path, case: Path) -> None:
    result = scan(box, case, "--json")
    figures = json.loads(result.stdout)
    assert result.stderr == ""
    assert (figures["found"], figures["stored"], figures["duplicates"]) == (3, 2, 1)
    assert figures["adds_up"] is True
    assert figures["report"] == str(case / "report.html")
    assert set(figures) >= {"quarantined", "flagged", "rate", "seconds", "peak_memory", "complete"}


def test_scanning_again_reads_nothing(box: Path, case: Path) -> None:
    scan(box, case)
    before = contents(case)
    assert json.loads(scan(box, case, "--json").stdout)["read"] == 0
    assert contents(case) == before


def test_custodian(box: Path, case: Path) -> None:
    scan(box, case, "--custodian", "Nora Quill")
    with Case(case) as opened:
        assert {row["custodian"] for row in opened.manifest()} == {"Nora Quill"}


# exit codes


@pytest.mark.parametrize(
    "arguments",
    [
        ["scan"],
        ["scan", "{box}"],
        ["scan", "{box}", "--case"],
        ["scan", "{box}.missing", "--case", "{case}"],
        ["scan", "{box}", "--case", "{case}", "--workers", "-1"],
        ["scan", "{box}", "--case", "{case}", "--entities", "some"],
        ["scan", "{box}", "--case", "{case}", "--no-such-option"],
        ["scna"],
    ],
)
def test_bad_usage_is_2(box: Path, case: Path, arguments: list[str]) -> None:
    result = run(*(a.format(box=box, case=case) for a in arguments))
    assert result.exit_code == 2
    assert not case.exists()


def test_something_not_read_is_3(tmp_path: Path, case: Path) -> None:
    (tmp_path / "in").mkdir()
    write_mbox(tmp_path / "in" / "a.mbox", [mail(1)])
    (tmp_path / "in" / "b.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 50)
    result = scan(tmp_path / "in", case)
    assert result.exit_code == 3
    assert "Not read" in result.stdout
    assert scan(tmp_path / "in", case, "--quiet").exit_code == 3


def failed(result: Result) -> str:
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    assert result.stdout == ""
    assert result.stderr.startswith("riskscan: ")
    assert result.stderr.count("\n") == 1
    return result.stderr


def test_a_fault_is_1_and_a_sentence(box: Path, case: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert "is a file" in failed(scan(box, tmp_path / "file"))
    assert "no riskscan model" in failed(scan(box, case, "--model", tmp_path / "none"))
    assert "inside the export" in failed(scan(tmp_path, case))
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.doc").write_text("x")
    assert "holds other files" in failed(scan(box, tmp_path / "other"))
    for name in ("show", "report"):
        assert "no riskscan case" in failed(run(name, tmp_path / "none"))
    assert not (tmp_path / "none").exists()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_to(box: Path, tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    assert "cannot be written to" in failed(scan(box, tmp_path / "locked" / "case"))


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc")
def test_a_folder_that_cannot_be_made(box: Path) -> None:
    assert "cannot be written to" in failed(scan(box, Path("/proc/self/case")))


def test_a_disk_that_is_full(tmp_path: Path, case: Path) -> None:
    """A limit on the size of files stands for the full disk."""
    box = write_mbox(tmp_path / "a.mbox", [mail(i, f"Lot {i}. " * 2000) for i in range(60)])
    limited = (
        "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (900_000, 900_000));"
        "from riskscan.stages import ingest; ingest._BATCH_MESSAGES = 8;"
        "from riskscan.cli import main; main()"
    )
    ran = subprocess.run(
        [sys.executable, "-c", limited, "scan", str(box), "--case", str(case), *FAST],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 1
    assert "Traceback" not in ran.stderr
    assert "cannot be used: " in ran.stderr
    with Case(case) as opened:
        assert 0 < opened.counts()["stored"] < 60
    assert scan(box, case).exit_code == 0
    scan(box, tmp_path / "whole")
    assert contents(case) == contents(tmp_path / "whole")


HEARING = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])
"""


def test_stopped_with_ctrl_c(tmp_path: Path, case: Path) -> None:
    box = write_mbox(tmp_path / "a.mbox", [mail(i, f"Lot {i}. " * 900) for i in range(8000)])
    scanning = subprocess.Popen(
        # Tests that a shell started in its background would pass on that SIGINT is ignored.
        [sys.executable, "-c", HEARING, *command(
            "scan", box, "--case", case, "--entities", "none", "--workers", "1"
        )],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    while scanning.poll() is None and not (case / "case.sqlite-wal").exists():
        time.sleep(0.02)
    time.sleep(0.3)
    # To the whole group, workers too, as a terminal does it; again, as a person would, when the
    # first came where Python cannot stop.
    for _ in range(5):
        os.killpg(scanning.pid, signal.SIGINT)
        try:
            out, err = scanning.communicate(timeout=3)
            break
        except subprocess.TimeoutExpired:
            continue
    told = "riskscan: Stopped. Run the same command again to go on from here.\n"
    assert (out, err) == ("", told)
    # What a shell calls 130 both times: Python ends by the signal itself where it came while text
    # was being compiled (a class of data being made), whoever caught it since.
    assert scanning.returncode in (130, -signal.SIGINT)


# bad input


@pytest.mark.parametrize(
    ("name", "data", "code", "told"),
    [
        ("empty.mbox", b"", 0, "No message was found"),
        ("binary.mbox", b"\x7fELF" + bytes(range(256)) * 40, 3, "Not read"),
        ("text.mbox", b"just a note\n" * 30, 3, "Not read"),
        ("cut.mbox.gz", None, 3, "Not read"),
        ("no.mbox.gz", b"\x1f\x8b\x08\0garbage", 3, "Not read"),
        ("no.zip", b"PK\x03\x04" + b"\0" * 50, 3, "Not read"),
    ],
)
def test_bad_input(
    tmp_path: Path, case: Path, name: str, data: bytes | None, code: int, told: str
) -> None:
    if data is None:
        whole = write_mbox(tmp_path / "w", [mail(i, os.urandom(300).hex()) for i in range(20)])
        data = gzip.compress(whole.read_bytes())[:-2000]
    (tmp_path / name).write_bytes(data)
    result = scan(tmp_path / name, case)
    assert (result.exit_code, result.stderr) == (code, "")
    assert told in result.stdout
    with Case(case) as opened:
        assert all(row["adds_up"] for row in opened.manifest())
        assert [row["reason"] for row in opened.unread() if row["kind"] != "companion"] or not code
        if name.startswith("cut"):
            assert opened.counts()["stored"] >= 5


def test_no_message_at_all(tmp_path: Path, case: Path) -> None:
    (tmp_path / "in").mkdir()
    result = scan(tmp_path / "in", case)
    assert result.exit_code == 0
    assert "No message was found" in result.stdout
    assert (case / "report.html").is_file()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read anything")
def test_an_unreadable_file(box: Path, case: Path) -> None:
    box.chmod(0)
    assert scan(box, case).exit_code == 3


def test_one_line_of_a_gigabyte(tmp_path: Path, case: Path) -> None:
    """Memory stays far below the line; the messages around it are read."""
    box = write_mbox(tmp_path / "line.mbox", [mail(1)])
    with box.open("r+b") as stream:
        stream.seek(0, os.SEEK_END)
        stream.write(b"From a@b.example Tue Mar  5 08:00:00 2024\n" + mail(2)[:-1])
        stream.seek(2**30, os.SEEK_CUR)
        stream.write(b"\n\nFrom a@b.example Tue Mar  5 08:00:00 2024\n" + mail(3) + b"\n")
    ran = subprocess.run(
        command("scan", box, "--case", case, *FAST, "--json"), capture_output=True, check=False
    )
    assert ran.returncode == 3
    figures = json.loads(ran.stdout)
    assert figures["stored"] == 2
    assert figures["not_read"] == 1
    with Case(case) as opened:
        (lost,) = opened.unread()
        ids = {r["message_id"] for r in opened.records()}
    assert lost["bytes"] > 2**30
    assert ids == {"<1@quayside.example>", "<3@quayside.example>"}
    assert figures["peak_memory"] < 600 * 2**20


def test_version_and_help() -> None:
    assert run("--version").stdout.startswith("riskscan ")
    assert "Exit codes" in run("--help").stdout
    assert run("scan", "--help").exit_code == 0
