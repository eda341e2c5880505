"""Time and memory of a scan as its user runs it: the whole command, all its processes together.

    python benchmarks/scan.py EXPORT [--entities flagged] [--workers 2]

Memory is sampled ten times a second from /proc (Linux): the sum over the process tree of the
proportional set size, and of the resident set size, which counts shared pages once a process.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def tree(root: int) -> list[int]:
    """Process numbers of ``root`` and all that it started."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            parents.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(entry.name))
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting += parents.get(pid, [])
    return found


def memory(pids: list[int]) -> tuple[int, int]:
    """Proportional and resident set size of the processes, in bytes."""
    pss = rss = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        for line in lines:
            if line.startswith(("Pss:", "Rss:")):
                size = int(line.split()[1]) * 1024
                pss, rss = (pss + size, rss) if line[0] == "P" else (pss, rss + size)
    return pss, rss


def main() -> None:
    """Run the scan and print its summary with what was measured from outside."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("export")
    parser.add_argument("--entities", default="flagged")
    parser.add_argument("--workers", default="2")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        began = time.monotonic()
        process = subprocess.Popen(
            [
                sys.executable, "-m", "riskscan.cli", "scan", options.export,
                "--case", f"{place}/case", "--entities", options.entities,
                "--workers", options.workers, "--json",
            ],
            stdout=subprocess.PIPE,
        )  # fmt: skip
        peak_pss = peak_rss = 0
        while process.poll() is None:
            pss, rss = memory(tree(process.pid))
            peak_pss, peak_rss = max(peak_pss, pss), max(peak_rss, rss)
            time.sleep(0.1)
        seconds = time.monotonic() - began
        assert process.stdout is not None
        summary = json.load(process.stdout)
        size = sum(f.stat().st_size for f in Path(place, "case").rglob("*") if f.is_file())
    print(json.dumps(summary, indent=2))
    print(f"exit code            {process.returncode}")
    print(f"whole command        {seconds:,.1f} s, {summary['found'] / seconds:,.0f} messages/s")
    print(f"peak memory, PSS     {peak_pss / 2**20:,.0f} MiB")
    print(f"peak memory, RSS sum {peak_rss / 2**20:,.0f} MiB")
    print(f"case folder          {size / 2**20:,.0f} MiB")


if __name__ == "__main__":
    main()
