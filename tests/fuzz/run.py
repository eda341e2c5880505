"""Fuzz all targets for a while: ``run.py [--seconds 20] [--jobs 1] [--out DIR] [TARGET ...]``.

Prints executions, coverage and findings of each. Exit code 1: something was found; its input lies
in the folder that is named. Does nothing, and says so, where atheris is not installed.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import sys
import tempfile
from pathlib import Path

from targets import TARGETS

_DONE = re.compile(r"stat::number_of_executed_units: +(\d+)")
_COVERED = re.compile(r"cov: (\d+) ft: (\d+)")


def start(target: str, seconds: int, folder: Path) -> int:
    """Fuzz a target in a process of its own; its id.

    It is a fork of this one: to instrument riskscan takes seconds, and is done once.
    """
    from fuzz import fuzz  # instruments riskscan, so before the seeds import it
    from seeds import seeds

    corpus, found = folder / target / "corpus", folder / target / "found"
    for made in (corpus, found):
        made.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(seeds(target)):
        (corpus / f"seed-{number:03}").write_bytes(data)
    options = [
        *(str(corpus), f"-max_total_time={seconds}", "-max_len=20000", "-timeout=10"),
        *("-rss_limit_mb=3000", "-print_final_stats=1", "-seed=1"),
    ]
    sys.stdout.flush()
    child = os.fork()
    if child:
        return child
    log = os.open(folder / target / "log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    os.dup2(log, 1)  # atheris writes what was raised to the one, libFuzzer to the other
    os.dup2(log, 2)
    fuzz(target, options, found)


def report(target: str, status: int, folder: Path) -> bool:
    """Print how the fuzzing of a target went; whether nothing was found."""
    log = (folder / target / "log").read_text(errors="replace")
    executed = _DONE.search(log)
    covered = _COVERED.findall(log)
    edges, features = covered[-1] if covered else ("0", "0")
    findings = sorted((folder / target / "found").iterdir())
    print(
        f"{target:16} {int(executed[1]) if executed else 0:>10,} executions"
        f" {int(edges):>6,} edges {int(features):>7,} features {len(findings)} findings",
        flush=True,
    )
    for finding in findings:
        print(f"  {finding}")
    if status:
        print(log[-2000:])
    return not findings and not status


def run(targets: list[str], seconds: int, jobs: int, folder: Path) -> bool:
    """Fuzz the targets, ``jobs`` at once, for so many seconds each; whether nothing was found."""
    waiting, running, clean = list(targets), dict[int, str](), True
    while waiting or running:
        while waiting and len(running) < jobs:
            target = waiting.pop(0)
            running[start(target, seconds, folder)] = target
        child, status = os.wait()
        clean = report(running.pop(child), status, folder) and clean
    return clean


def main() -> int:
    """Parse options and fuzz."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("targets", nargs="*", default=list(TARGETS), metavar="TARGET")
    options.add_argument("--seconds", type=int, default=20, help="of all processors together")
    options.add_argument("--jobs", type=int, default=1, help="targets at once")
    options.add_argument("--out", type=Path, help="keep corpus, findings and logs here")
    given = options.parse_args()
    if importlib.util.find_spec("atheris") is None:
        print("atheris is not installed (pip install 'riskscan[fuzz]'): nothing was fuzzed")
        return 0
    folder = given.out or Path(tempfile.mkdtemp(prefix="riskscan-fuzz-"))
    each = max(1, given.seconds // len(given.targets))
    return 0 if run(given.targets, each, given.jobs, folder) else 1


if __name__ == "__main__":
    sys.exit(main())
