"""What a scan costs the coordinator and the workers, and what follows for a large cluster.

    python benchmarks/cluster.py [FEW MANY] [--messages 8000] [--kinds local dask shards]

Scans two exports, FEW and MANY, which have few messages and many (by default made of the samples,
re-dated; their sentences repeat, so their score is cheap), on the local engine, on dask, and on
dask with shards, with one worker and with two, one run after the other, each in a process of its
own. The difference of the two exports is what messages cost, the rest what a start costs. Processor
time is that of the coordinator's process (with dask also the scheduler's, which lives in it here;
what that takes when nothing happens is measured, and left out of the cost of a message) and of all
processes below it, by stage, from /proc (Linux). Then the model of docs/cluster.md: does what one
worker's run cost predict the time of the run with two, on the cores that other processes of the
machine left, and what does it say of 100 million messages on 64 machines of 16 cores? ``--runs``
keeps the runs as JSON. FEW must be some batches (of 400 messages) a worker, or the start of the
second worker counts as a cost of messages.
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
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TICKS = os.sysconf("SC_CLK_TCK")
_SAMPLES = Path(__file__).resolve().parent.parent / "corpus_samples"
STAGES = ("ingest", "threads", "score", "merge", "group")
SPREAD = ("ingest", "score")
"""The stages that the workers of a cluster take part in."""
BESIDE = 16
"""Processes of the coordinator's machine, which take part in the stage "group" of a large case."""
WHOLE = "whole scan"
_IDLE_SECONDS = 4.0
_LEAST = 0.1
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


def busy() -> float:
    """Processor seconds that all of this machine has spent since it was started."""
    fields = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]
    user, nice, system, _, _, irq, softirq, *_ = map(int, fields)
    return (user + nice + system + irq + softirq) / _TICKS


def one_run(export: str, case: str, kind: str, workers: int, place: str) -> dict[str, Any]:
    """Scan, and tell what each stage took: seconds, coordinator and workers in seconds of CPU."""
    # (``riskscan.scan`` is the function that begins one.)
    module: Any = importlib.import_module("riskscan.scanning")
    told: dict[str, Any] = {}
    idle = 0.0
    started = module.start_engine

    @contextmanager
    def idling(*given: Any) -> Iterator[Any]:
        nonlocal idle
        with started(*given) as engine:
            if kind != "local":
                before = spent(os.getpid())[0]
                time.sleep(_IDLE_SECONDS)
                idle = (spent(os.getpid())[0] - before) / _IDLE_SECONDS
            yield engine

    def timed(stage: str, room: Any, name: str) -> None:
        work = getattr(room, name)

        def measured(*arguments: Any, **named: Any) -> Any:
            began, everybody, before = time.monotonic(), busy(), spent(os.getpid())
            result = work(*arguments, **named)
            after = spent(os.getpid())
            own, below = (now - then for now, then in zip(after, before, strict=True))
            told[stage] = {
                "seconds": time.monotonic() - began,
                "coordinator": own,
                "workers": below,
                "others": max(0.0, busy() - everybody - own - below),
            }
            return result

        setattr(room, name, measured)

    module.start_engine = idling
    ingest: Any = importlib.import_module("riskscan.stages.ingest")
    timed("threads", ingest, "assign_threads")
    # Processes in both runs, or their difference would be no cost of a message.
    importlib.import_module("riskscan.stages.groups").MANY = 0  # type: ignore[attr-defined]
    for stage in ("ingest", "score", "merge", "group"):
        timed(stage, module, stage)
    more: dict[str, Any] = {} if kind == "local" else {"engine": "dask"}
    if kind == "shards":
        more["shards"] = place
    summary = module.run_scan([Path(export)], case, workers=workers, entities="none", **more)
    for part, used in told["threads"].items():
        told["ingest"][part] -= used
    for one in told.values():
        one["coordinator"] -= idle * one["seconds"]
    return {
        "messages": summary.found, "unique": summary.stored, "stages": told, "idle": idle,
    }  # fmt: skip


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
    costs = {key: {s: cost(*pair, s) for s in STAGES} for key, pair in runs.items()}
    print(f"{'':10}{'stage':8}{'start, s':>10}{'seconds':>10}{'coordinator':>13}{'workers':>10}")
    for (kind, workers), by_stage in costs.items():
        for stage, each in by_stage.items():
            few, many = (run["stages"][stage]["seconds"] for run in runs[kind, workers])
            print(
                f"{kind + ' ' + str(workers):10}{stage:8}{each.start:10.1f}{many - few:10.1f}"
                f"{each.coordinator * 1000:13.3f}{each.workers * 1000:10.3f}"
            )
    print("(seconds: of the further messages; the last two: milliseconds of CPU a message)\n")
    print(
        "Time of the further messages, measured, and by the model from the costs with one worker:"
    )
    for kind in dict.fromkeys(kind for kind, _ in runs):
        for part, stages in (("ingest", STAGES[:2]), ("score", STAGES[2:3]), (WHOLE, STAGES)):
            check(kind, part, stages, costs[kind, 1], runs)
    idle = [run["idle"] for (kind, _), pair in runs.items() if kind != "local" for run in pair]
    if idle:
        print(f"(dask when nothing happens, here: {max(idle):.3f} s of CPU a second)")
    print("\n100 million messages, 64 machines of 16 cores, hours:")
    for kind in sorted({kind for kind, _ in runs} - {"local"}):
        total = 0.0
        for stage, each in costs[kind, 1].items():
            helpers, cores = (1024, 1024) if stage in SPREAD else (BESIDE, BESIDE)
            hours = predict(each, 1e8, helpers, cores) / 3600
            alone = each.workers * 1e8 / helpers / 3600
            total += hours
            own = each.coordinator * 1e8 / 3600
            print(f"{kind:8}{stage:8}{hours:8.2f} (coordinator {own:.2f}, workers {alone:.2f})")
        print(f"{kind:8}{'all':8}{total:8.2f}")


def check(
    kind: str,
    part: str,
    stages: Sequence[str],
    costs: Mapping[str, Cost],
    runs: Mapping[tuple[str, int], tuple[Run, Run]],
) -> None:
    """Print whether the model tells how long some stages took."""
    cores = os.cpu_count() or 1
    taken, said, left = [], [], []
    for workers in (1, 2):
        few, many = runs[kind, workers]
        seconds = [sum(run["stages"][s]["seconds"] for s in stages) for run in (few, many)]
        number = many["messages"] - few["messages"]
        taken.append(seconds[1] - seconds[0])
        took = [sum(many["stages"][s][part] for s in stages) for part in ("others", "seconds")]
        left.append(cores - took[0] / max(took[1], _LEAST))
        said.append(sum(predict(costs[s], number, workers, left[-1]) for s in stages))
    if said[1] < _LEAST:
        return
    off = [f"{measured / told - 1:+.0%}" for measured, told in zip(taken, said, strict=True)]
    print(
        f"{kind:8}{part:12}1 worker {taken[0]:6.1f} s, model {said[0]:6.1f} ({off[0]}); "
        f"2 workers {taken[1]:6.1f} s, model {said[1]:6.1f} ({off[1]}); "
        f"efficiency {taken[0] / taken[1] / 2:.0%}, model {said[0] / said[1] / 2:.0%}; "
        f"cores that others left {left[0]:.1f}, {left[1]:.1f}"
    )


def main() -> None:
    """Run all, or, started by itself, one of the runs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("exports", nargs="*", metavar="FEW MANY")
    parser.add_argument("--messages", type=int, default=8000)
    parser.add_argument("--runs", type=Path)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
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
        for kind in options.kinds:
            for workers in (1, 2):
                few, many = (started(folder, export, kind, workers) for export in exports)
                runs[kind, workers] = few, many
    if options.runs:
        told = [[kind, workers, *pair] for (kind, workers), pair in runs.items()]
        options.runs.write_text(json.dumps(told))
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
