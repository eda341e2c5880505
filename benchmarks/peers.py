"""riskscan beside libratom 0.7.1: entities of the same mailbox, found by the same pipeline.

    python benchmarks/peers.py MBOX [--jobs 2] [--venv DIR] [--model PIPELINE]

MBOX is a plain mbox (libratom opens no packed one). Both run as their users run them, each with
``--jobs`` processes: ``ratom entities`` and ``riskscan scan --entities all``, which also scores,
threads, merges and groups the mail and writes a report. Both load riskscan's own entity pipeline.

libratom gets a virtual environment (``--venv``: kept there and used again). Its release pins spaCy
3.4 and some fifty other exact versions. Those install on Python 3.11, but cannot load a pipeline
of spaCy 3.8: so it is installed without its pins, beside riskscan and its spaCy; nothing of its
code is changed. It takes only names of spaCy's published pipelines, and finds riskscan's under
such a name in the folder where it runs.

Printed are, of each: messages in the mailbox (as riskscan splits it, and as Python's mailbox
module does, which libratom uses), messages that came out with their entities, those that did not,
entities, seconds by the clock and of the processor, and messages a second.
"""

from __future__ import annotations

import argparse
import json
import mailbox
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import Any

_CLONE = Path(__file__).resolve().parent.parent
_PINNED = "libratom==0.7.1"
_NAME = "en_core_web_sm"
# What libratom 0.7.1 imports and riskscan does not bring.
_NEEDED = (
    "attrs", "beautifulsoup4", "click", "click-log", "enlighten", "jsonschema", "packaging", "pbr",
    "psutil", "requests", "setuptools<81", "striprtf", "tabulate", "treelib",
)  # fmt: skip


def environment(place: Path) -> Path:
    """The Python of a virtual environment with libratom, made when absent."""
    python = place.resolve() / "bin" / "python"
    if not (place / "bin" / "ratom").exists():
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
        pip = [str(python), "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, f"spacy=={version('spacy')}", *_NEEDED, str(_CLONE)], check=True)
        subprocess.run([*pip, "--no-deps", _PINNED], check=True)
    return python


def timed(command: list[str], place: Path) -> tuple[subprocess.CompletedProcess[str], float, float]:
    """Run a command; its result, seconds by the clock and of the processor."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    result = subprocess.run(
        command,
        cwd=place,
        capture_output=True,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    seconds = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return result, seconds, used


def libratom(python: Path, mbox: Path, model: Path, jobs: int, place: Path) -> dict[str, Any]:
    """What ``ratom entities`` makes of the mailbox."""
    out = place / "ratom.sqlite3"
    (place / _NAME).symlink_to(model.resolve())
    command = [
        str(python.parent / "ratom"), "entities", "--spacy-model", _NAME,
        "--jobs", str(jobs), "--out", str(out), "-v", str(mbox.resolve()),
    ]  # fmt: skip
    result, seconds, used = timed(command, place)
    if result.returncode or not out.exists():
        raise SystemExit(f"libratom failed:\n{result.stdout}{result.stderr}")
    with sqlite3.connect(out) as case:
        messages, entities = (
            int(case.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
            for table in ("message", "entity")
        )
    skipped = [line for line in (result.stdout + result.stderr).splitlines() if "Skipping" in line]
    return {
        "messages": messages, "entities": entities, "seconds": seconds, "processor": used,
        "skipped_in_its_log": len(skipped),
    }  # fmt: skip


def riskscan(mbox: Path, jobs: int, place: Path) -> dict[str, Any]:
    """What ``riskscan scan`` makes of it; a duplicate has the entities of what it repeats."""
    command = [
        sys.executable, "-m", "riskscan.cli", "scan", str(mbox.resolve()),
        "--case", str(place / "case"), "--entities", "all", "--workers", str(jobs), "--json",
    ]  # fmt: skip
    result, seconds, used = timed(command, place)
    if result.returncode not in (0, 3):
        raise SystemExit(f"riskscan failed:\n{result.stdout}{result.stderr}")
    summary = json.loads(result.stdout)
    with sqlite3.connect(place / "case" / "case.sqlite") as case:
        entities = int(case.execute("SELECT count(*) FROM entities").fetchone()[0])
        looked = "SELECT count(*) FROM messages WHERE entity_model_id IS NULL"
        without = int(case.execute(looked).fetchone()[0])
    return {
        "found": summary["found"],
        "messages": summary["stored"] + summary["duplicates"] - without,
        "duplicates": summary["duplicates"],
        "quarantined": summary["quarantined"],
        "entities": entities, "seconds": seconds, "processor": used,
    }  # fmt: skip


def main() -> None:
    """Run both and print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("mbox", type=Path)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--venv", type=Path, help="by default a temporary one")
    parser.add_argument("--model", type=Path, default=_CLONE / "models" / "entities")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        python = environment(options.venv or place / "venv")
        ours = riskscan(options.mbox, options.jobs, place)
        theirs = libratom(python, options.mbox, options.model, options.jobs, place)
    with closing(mailbox.mbox(options.mbox, create=False)) as box:
        split = len(box)
    for told in (ours, theirs):
        told["dropped"] = ours["found"] - told["messages"]
        told["rate"] = round(ours["found"] / told["seconds"], 1)
        told["rate_of_processor"] = round(ours["found"] / told["processor"], 1)
        told |= {key: round(told[key], 1) for key in ("seconds", "processor")}
    figures = {
        "mbox": options.mbox.name,
        "messages": {"riskscan": ours["found"], "mailbox module": split},
        "riskscan": ours,
        "libratom": theirs,
        "times_as_fast": round(theirs["seconds"] / ours["seconds"], 1),
        "times_as_fast_by_processor": round(theirs["processor"] / ours["processor"], 1),
    }
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
