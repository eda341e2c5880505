"""What a scan costs the coordinator and the workers, and what follows for a large cluster.

    python benchmarks/cluster.py [FEW MANY] [--messages 8000]

Scans two exports, FEW and MANY, which have few messages and many (by default made of the samples,
re-dated; their sentences repeat, so their score is cheap), on the local engine, on dask, and on
dask with shards, with one worker and with two, one run after the other, each in a process of its
own. The difference of the two exports is what messages cost, the rest what a start costs. Processor
time is that of the coordinator's process (with dask also the scheduler's, which lives in it here)
and of all processes below it, by stage, from /proc (Linux). Then the model of docs/cluster.md: does
what one worker's run cost predict the time of the run with two, and what does it say of 100 million
messages on 64 machines of 16 cores?
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TICKS = os.sysconf("SC_CLK_TCK")
_SAMPLES = Path(__file__).resolve().parent.parent / "corpus_samples"
STAGES = ("ingest", "score", "merge", "group")
SPREAD = ("ingest", "score")
"""The stages that workers take part in."""
KINDS = ("local", "dask", "shards")


def processes() -> dict[int, tuple[int, float, float]]:
    """Of each process: its parent, its own processor seconds, those of its children that ended."""
    found: dict[int, tuple[int, float, float]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            user, system, user_below, system_below = map(int, fields[11:15])
            own, below = (user + system) / _TICKS, (user_below + system_below) / _TICKS
            found[int(entry.name)] = int(fields[1]), own, below
    return found


def spent(root: int) -> tuple[float, float]:
    """Processor seconds of the process ``root``, and of all that it started so far."""
    known = processes()
    children: dict[int, list[int]] = {}
    for pid, (parent, _, _) in known.items():
        children.setdefault(parent, []).append(pid)
    _, own, others = known[root]
    waiting = list(children.get(root, []))
    while waiting:
        pid = waiting.pop()
        others += known[pid][1] + known[pid][2]
        waiting += children.get(pid, [])
    return own, others


def one_run(export: str, case: str, kind: str, workers: int, place: str) -> dict[str, Any]:
    """Scan, and tell what each stage took: seconds, coordinator and workers in seconds of CPU."""
    # (``riskscan.scan`` is the function; this is the module.)
    module = importlib.import_module("riskscan.scan")
    told: dict[str, Any] = {}

    def timed(stage: str) -> None:
        work = getattr(module, stage)

        def measured(*arguments: Any, **named: Any) -> Any:
            began, before = time.monotonic(), spent(os.getpid())
            result = work(*arguments, **named)
            after = spent(os.getpid())
            told[stage] = {
                "seconds": time.monotonic() - began,
                "coordinator": after[0] - before[0],
                "workers": after[1] - before[1],
            }
            return result

        setattr(module, stage, measured)

    for stage in STAGES:
        timed(stage)
    more: dict[str, Any] = {} if kind == "local" else {"engine": "dask"}
    if kind == "shards":
        more["shards"] = place
    summary = module.run_scan([Path(export)], case, workers=workers, entities="none", **more)
    return {"messages": summary.found, "unique": summary.stored, "stages": told}


def messages_of(folder: Path) -> Iterator[bytes]:
    """The mail of an export, as raw messages."""
    from riskscan.sources import Item, NotRead, discover

    for unit in discover([folder]):
        if not isinstance(unit, NotRead):
            for event in unit.events():
                if isinstance(event, Item) and event.medium == "mail" and len(event.data) < 20_000:
                    yield event.data


def make_export(folder: Path, number: int) -> None:
    """Mailboxes of ``number`` messages: the samples', with identities of their own."""
    import email.policy
    from email import message_from_bytes

    originals = [m for m in messages_of(_SAMPLES) if b"multipart" not in m[:4000].lower()]
    boxes = [(folder / f"box-{i}.mbox").open("wb") for i in range(16)]
    for i in range(number):
        message = message_from_bytes(originals[i % len(originals)], policy=email.policy.compat32)
        for name in ("Message-ID", "Date", "In-Reply-To", "References"):
            del message[name]
        message["Message-ID"] = f"<{i}@made.example>"
        day, rest = i // 1440 % 28 + 1, i % 1440
        message["Date"] = f"{day} Feb 2024 {rest // 60:02}:{rest % 60:02}:00 +0000"
        text = message.as_bytes().replace(b"\nFrom ", b"\n>From ")
        boxes[i % len(boxes)].write(
            b"From a@made.example Thu Feb  1 00:00:00 2024\n" + text + f"\nLot {i}.\n\n".encode()
        )
    for box in boxes:
        box.close()


@dataclass(frozen=True)
class Cost:
    """Of one stage: seconds of processor time a message, and of the clock before the first."""

    coordinator: float
    workers: float
    start: float


Run = Mapping[str, Any]


def cost(few: Run, many: Run, stage: str) -> Cost:
    """What a stage costs, from a run with few messages and one with many."""
    less, more = few["stages"][stage], many["stages"][stage]
    number = many["messages"] - few["messages"]
    each = {part: (more[part] - less[part]) / number for part in ("coordinator", "workers")}
    seconds = (more["seconds"] - less["seconds"]) / number
    return Cost(**each, start=max(0.0, less["seconds"] - seconds * few["messages"]))


def predict(each: Cost, messages: float, workers: float, cores: float) -> float:
    """Seconds for a stage, its start left out: the slowest of coordinator, workers and cores.

    ``cores``: of all machines together; the coordinator takes one of them.
    """
    together = (each.coordinator + each.workers) / cores
    return messages * max(each.coordinator, each.workers / workers, together)


def report(runs: Mapping[tuple[str, int], tuple[Run, Run]]) -> None:
    """Print the figures and what the model makes of them."""
    print(f"{'':10}{'stage':8}{'start, s':>10}{'seconds':>10}{'coordinator':>13}{'workers':>10}")
    costs = {key: {s: cost(*pair, s) for s in STAGES} for key, pair in runs.items()}
    for (kind, workers), by_stage in costs.items():
        for stage, each in by_stage.items():
            few, many = (run["stages"][stage]["seconds"] for run in runs[kind, workers])
            print(
                f"{kind + ' ' + str(workers):10}{stage:8}{each.start:10.1f}{many - few:10.1f}"
                f"{each.coordinator * 1000:13.3f}{each.workers * 1000:10.3f}"
            )
    print("(seconds: of the further messages; the last two: milliseconds of CPU a message)\n")
    cores = os.cpu_count() or 1
    for kind in KINDS:
        taken, said = [], []
        for workers in (1, 2):
            few, many = runs[kind, workers]
            number = many["messages"] - few["messages"]
            seconds = [sum(run["stages"][s]["seconds"] for s in SPREAD) for run in (few, many)]
            taken.append(seconds[1] - seconds[0])
            said.append(sum(predict(costs[kind, 1][s], number, workers, cores) for s in SPREAD))
        print(
            f"{kind:8}ingest and score: 1 worker {taken[0]:6.1f} s, model {said[0]:6.1f}; "
            f"2 workers {taken[1]:6.1f} s, model {said[1]:6.1f}; "
            f"efficiency {taken[0] / taken[1] / 2:.0%}, model {said[0] / said[1] / 2:.0%}"
        )
    print("\n100 million messages, 64 machines of 16 cores, hours:")
    for kind in ("dask", "shards"):
        for stage, each in costs[kind, 1].items():
            hours = predict(each, 1e8, 1024, 1024) / 3600
            alone = each.workers * 1e8 / 1024 / 3600
            print(f"{kind:8}{stage:8}{hours:8.2f} (workers alone {alone:.2f})")


def main() -> None:
    """Run all, or, started by itself, one of the runs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("exports", nargs="*", metavar="FEW MANY")
    parser.add_argument("--messages", type=int, default=8000)
    parser.add_argument("--one", nargs=5, metavar=("EXPORT", "CASE", "KIND", "WORKERS", "PLACE"))
    options = parser.parse_args()
    if options.one:
        export, case, kind, workers, place = options.one
        print(json.dumps(one_run(export, case, kind, int(workers), place)))
        return
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        exports = options.exports
        if not exports:
            for size in (options.messages // 4, options.messages):
                exports.append(str(folder / str(size)))
                Path(exports[-1]).mkdir()
                make_export(Path(exports[-1]), size)
        runs: dict[tuple[str, int], tuple[Run, Run]] = {}
        for kind in KINDS:
            for workers in (1, 2):
                few, many = (started(folder, export, kind, workers) for export in exports)
                runs[kind, workers] = few, many
    print(f"{many['messages']:,} messages, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    report(runs)


def started(folder: Path, export: str, kind: str, workers: int) -> Run:
    """One run, in a process of its own."""
    case = folder / f"{kind}{workers}-{Path(export).name}"
    own = [export, str(case), kind, str(workers)]
    command = [sys.executable, __file__, "--one", *own, str(folder / "shards")]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    return dict(json.loads(done.stdout))


if __name__ == "__main__":
    main()
