"""Fuzz all targets for a while: ``run.py [--seconds 20] [--out DIR] [TARGET ...]``.

Prints executions, coverage and findings of each. Exit code 1: something was found; its input lies
in the folder that is named. Does nothing, and says so, where atheris is not installed.
"""

from __future__ import annotations

import argparse
import importlib.util
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from seeds import seeds
from targets import TARGETS

HERE = Path(__file__).resolve().parent
_DONE = re.compile(r"stat::number_of_executed_units: +(\d+)")
_COVERED = re.compile(r"cov: (\d+) ft: (\d+)")


def run(target: str, seconds: int, folder: Path) -> bool:
    """Fuzz one target and print how it went; whether nothing was found."""
    corpus, found = folder / target / "corpus", folder / target / "found"
    for made in (corpus, found):
        made.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(seeds(target)):
        (corpus / f"seed-{number:03}").write_bytes(data)
    command = [
        *(sys.executable, str(HERE / "fuzz.py"), target, str(corpus)),
        *(f"-max_total_time={seconds}", "-max_len=20000", "-timeout=10", "-rss_limit_mb=3000"),
        *(f"-artifact_prefix={found}/", "-print_final_stats=1", "-close_fd_mask=1", "-seed=1"),
    ]
    told = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    (folder / target / "log").write_text(told.stderr)
    executed = _DONE.search(told.stderr)
    covered = _COVERED.findall(told.stderr)
    edges, features = covered[-1] if covered else ("0", "0")
    findings = sorted(found.iterdir())
    print(
        f"{target:12} {int(executed[1]) if executed else 0:>10,} executions"
        f" {int(edges):>6,} edges {int(features):>7,} features {len(findings)} findings",
        flush=True,
    )
    for finding in findings:
        print(f"  {finding}")
    if told.returncode and not findings:
        print(told.stderr[-2000:])
    return not findings and not told.returncode


def main() -> int:
    """Parse options and fuzz."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("targets", nargs="*", default=list(TARGETS), metavar="TARGET")
    options.add_argument("--seconds", type=int, default=20, help="for all targets together")
    options.add_argument("--out", type=Path, help="keep corpus, findings and logs here")
    given = options.parse_args()
    if importlib.util.find_spec("atheris") is None:
        print("atheris is not installed (pip install 'riskscan[fuzz]'): nothing was fuzzed")
        return 0
    folder = given.out or Path(tempfile.mkdtemp(prefix="riskscan-fuzz-"))
    each = max(1, given.seconds // len(given.targets))
    clean = [run(target, each, folder) for target in given.targets]
    return 0 if all(clean) else 1


if __name__ == "__main__":
    sys.exit(main())
