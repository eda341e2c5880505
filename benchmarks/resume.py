"""A scan of one large mbox, killed after the half and resumed: what it costs and that it adds up.

    python benchmarks/resume.py GIGABYTES [--workers 2] [--at 0.6] [--folder DIR]

The mbox is written into DIR (a temporary folder by default) and removed afterwards: messages of 1
to 4 MB, no two alike, with attachments out of a pool. Linux: positions and memory are read from
/proc.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from scan import memory, tree

POOL = 24
HEAD = """From nora@quayside.example Tue Mar  5 08:00:00 2024
From: Nora Quill <nora@quayside.example>
To: Ben Tarn <ben@quayside.example>
Subject: lot {number}
Date: Tue, 5 Mar 2024 08:00:00 +0000
Message-ID: <{number}@quayside.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=edge{number}

--edge{number}
Content-Type: text/plain

Ben, the crates of lot {number} are on their way.

--edge{number}
Content-Type: application/octet-stream; name=lot{number}.bin
Content-Disposition: attachment; filename=lot{number}.bin
Content-Transfer-Encoding: base64

"""


def write(path: Path, size: int) -> list[int]:
    """Write an mbox of about ``size`` bytes; where each of its messages ends."""
    chance = random.Random(1)
    pool = [
        base64.encodebytes(chance.randbytes(chance.randint(750_000, 3_000_000)))
        for _ in range(POOL)
    ]
    ends: list[int] = []
    with path.open("wb") as file:
        while file.tell() < size:
            number = len(ends)
            file.write(HEAD.format(number=number).encode())
            file.write(chance.choice(pool))
            file.write(f"--edge{number}--\n\n".encode())
            ends.append(file.tell())
    return ends


class Scan:
    """One run of the command, watched: how far it is, and what memory its processes take."""

    def __init__(self, export: Path, case: Path, workers: str) -> None:
        self.began = time.monotonic()
        self.peak = 0
        self.first = 0.0  # seconds until it had committed more than was there at the start
        self.store = case / "case.sqlite"
        self.before = self.done()
        self.process = subprocess.Popen(
            [
                sys.executable, "-m", "riskscan.cli", "scan", str(export), "--case", str(case),
                "--entities", "none", "--workers", workers, "--json",
            ],
            stdout=subprocess.PIPE,
            start_new_session=True,
        )  # fmt: skip
        self._over = threading.Event()
        self._watcher = threading.Thread(target=self._watch)
        self._watcher.start()

    def _watch(self) -> None:
        while not self._over.wait(0.2):
            self.peak = max(self.peak, memory(tree(self.process.pid))[0])
            if not self.first and self.done() > self.before:
                self.first = time.monotonic() - self.began

    def done(self) -> int:
        """Messages that the case has committed."""
        if not self.store.exists():
            return 0
        try:
            with sqlite3.connect(f"file:{self.store}?mode=ro", uri=True, timeout=30) as case:
                return int(
                    case.execute("SELECT coalesce(sum(events_done), 0) FROM units").fetchone()[0]
                )
        except sqlite3.OperationalError:
            return 0  # its tables are being made

    def position(self, export: Path) -> int:
        """How far the export was read."""
        folder = Path(f"/proc/{self.process.pid}/fd")
        open_at = [fd for fd in folder.iterdir() if fd.exists() and fd.resolve() == export]
        lines = [(folder.parent / "fdinfo" / fd.name).read_text() for fd in open_at]
        return max((int(text.split()[1]) for text in lines), default=0)

    def kill(self) -> float:
        """Kill all its processes; how long it had run."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.finish()
        return time.monotonic() - self.began

    def finish(self) -> dict[str, Any]:
        """Wait for its end; its summary, {} if it was killed."""
        out = self.process.communicate()[0]
        self._over.set()
        self._watcher.join()
        return json.loads(out) if out else {}


def main() -> None:
    """Write, scan, kill, resume, and print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gigabytes", type=float)
    parser.add_argument("--workers", default="2")
    parser.add_argument("--at", type=float, default=0.6, help="share of the messages")
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as place:
        export, case = Path(place).resolve() / "large.mbox", Path(place) / "case"
        ends = write(export, int(options.gigabytes * 10**9))
        size = export.stat().st_size
        print(f"{size:,} bytes, {len(ends):,} messages", flush=True)
        scan = Scan(export, case, options.workers)
        while scan.done() < options.at * len(ends) and scan.process.poll() is None:
            time.sleep(0.2)
        os.kill(scan.process.pid, signal.SIGSTOP)
        read = scan.position(export)
        ran = scan.kill()
        kept = scan.done()
        print(f"killed after {ran:,.0f} s, peak memory {scan.peak / 2**20:,.0f} MiB")
        print(f"committed    {kept:,} messages, {ends[kept - 1]:,} bytes")
        print(
            f"lost         {read - ends[kept - 1]:,} bytes were read and not committed", flush=True
        )
        again = Scan(export, case, options.workers)
        summary = again.finish()
        print(f"resumed, {time.monotonic() - again.began:,.0f} s, {again.peak / 2**20:,.0f} MiB")
        print(
            f"first commit after {again.first:,.1f} s: the file hashed, {kept:,} messages skipped"
        )
        print(f"read again   {summary['read'] - (len(ends) - kept):,} messages")
        print(json.dumps(summary, indent=2))
        whole = summary["found"] == summary["stored"] == len(ends) and summary["adds_up"]
        print("adds up" if whole else "DOES NOT ADD UP")
        sys.exit(not whole)


if __name__ == "__main__":
    main()
