"""riskscan beside libratom 0.7.1: entities of the same mailbox.

    python benchmarks/peers.py MBOX [--jobs 2] [--venv DIR] [--pipelines own usual]

MBOX is a plain mbox (libratom opens no packed one). Both run as their users run them, each with
``--jobs`` processes: ``ratom entities`` and ``riskscan scan --entities all``, which also scores,
threads, merges and groups the mail and writes a report. riskscan uses its own entity pipeline,
libratom one after the other

- ``own``: the same pipeline, so that what they find can be compared;
- ``usual``: one of the size of spaCy's en_core_web_sm, which is libratom's default and cannot be
  fetched here; it is made as usual_pipeline.py says, and only messages and rates mean something.

libratom gets a virtual environment (``--venv``: kept there and used again). Its release pins spaCy
3.4 and some fifty other exact versions. Those install on Python 3.11, but cannot load a pipeline
of spaCy 3.8: so it is installed without its pins, beside riskscan and its spaCy; nothing of its
code is changed. It takes only names of spaCy's published pipelines, and finds ours under such a
name in the folder where it runs.

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

from usual_pipeline import usual_pipeline

_CLONE = Path(__file__).resolve().parent.parent
_PINNED = "libratom==0.7.1"
_NAME = "en_core_web_sm"
_PIPELINES = ["own", "usual"]
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
        # Editable, so that a kept environment has the pipeline's code as it is now.
        wanted = [f"spacy=={version('spacy')}", *_NEEDED, "--editable", str(_CLONE)]
        subprocess.run([*pip, *wanted], check=True)
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
    """What ``ratom entities`` makes of the mailbox, run in the empty folder ``place``."""
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
    parser.add_argument("--pipelines", nargs="+", choices=_PIPELINES, default=_PIPELINES)
    options = parser.parse_args()
    pipelines: list[str] = options.pipelines
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        python = environment(options.venv or place / "venv")
        models = {"own": options.model, "usual": place / "usual"}
        if "usual" in pipelines:
            usual_pipeline(models["usual"])
        ours = riskscan(options.mbox, options.jobs, place)
        print("riskscan:", ours, file=sys.stderr)
        theirs = {}
        for pipeline in pipelines:
            (place / pipeline / "run").mkdir(parents=True, exist_ok=True)
            theirs[pipeline] = libratom(
                python, options.mbox, models[pipeline], options.jobs, place / pipeline / "run"
            )
            print(f"libratom, {pipeline}:", theirs[pipeline], file=sys.stderr)
    with closing(mailbox.mbox(options.mbox, create=False)) as box:
        split = len(box)
    found = ours["found"]
    figures: dict[str, Any] = {
        "mbox": options.mbox.name,
        "messages": {"riskscan": found, "mailbox module": split},
        "riskscan": told(ours, found),
    }
    for pipeline, their in theirs.items():
        figures[f"libratom, {pipeline} pipeline"] = told(their, found) | {
            "riskscan_times_as_fast": round(their["seconds"] / ours["seconds"], 1),
            "by_processor": round(their["processor"] / ours["processor"], 1),
        }
    print(json.dumps(figures, indent=2))


def told(run: dict[str, Any], found: int) -> dict[str, Any]:
    """The figures of a run, with what it dropped of the messages found, and its rates."""
    return run | {
        "dropped": found - run["messages"],
        "rate": round(found / run["seconds"], 1),
        "rate_of_processor": round(found / run["processor"], 1),
        "seconds": round(run["seconds"], 1),
        "processor": round(run["processor"], 1),
    }


if __name__ == "__main__":
    main()
