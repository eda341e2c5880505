"""Whether a long scan keeps its memory flat and its rate constant, from one run.

    python benchmarks/multiply.py DIR MADE --messages 2000000
    python benchmarks/long_run.py MADE --case CASE --out FIGURES [--workers 2]

Runs ``riskscan.run_scan`` (shipped model, no entities) in a process of its own. Every two seconds
the proportional and the resident set size and the processor time of all its processes are read from
/proc (Linux), beside what the stages say of how far they are. Printed are rate, processor time a
message and memory by eighths of each stage, and whether the rate of no eighth is under four fifths
of the median, no eighth takes a quarter more processor time a message than the median, and the
memory of the last is not more than a tenth over that of the second. On a machine that does other
work the processor time tells, not the rate. FIGURES gets all samples (long_run.jsonl,
progress.jsonl), the figures (long_run.json) and a plot (long_run.svg).
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from scan import memory, tree

_EVERY = 2.0
_PARTS = 8
_SLOWEST, _MOST_WORK, _MORE = 0.8, 1.25, 1.1
_TICK = os.sysconf("SC_CLK_TCK")
_COUNTED = ("reading", "scoring")
_MIB = 2**20


class Told:
    """Progress of a scan as lines of a file: seconds, stage, messages done in it."""

    def __init__(self, file: Path) -> None:
        self._file = file.open("a")
        self._stage, self._done, self._last = "", 0, 0.0

    def start(self, stage: str, total: int, unit: str) -> None:
        self._stage, self._done = stage, 0
        self._say()

    def advance(self, amount: int, messages: int) -> None:
        self._done += messages
        if time.monotonic() - self._last > 0.5:
            self._say()

    def finish(self) -> None:
        self._say()

    def _say(self) -> None:
        self._last = time.monotonic()
        self._file.write(json.dumps([self._last, self._stage, self._done]) + "\n")
        self._file.flush()


def run(export: Path, case: Path, workers: int, told: Path) -> None:
    """The scan itself, in the process that is watched."""
    from riskscan.scanning import run_scan

    summary = run_scan([export], case, workers=workers, entities="none", progress=Told(told))
    print(json.dumps(summary.as_dict()))


def processor(pids: list[int]) -> float:
    """Seconds of the processor that the processes took, with those that they have ended."""
    ticks = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(map(int, fields[11:15]))
    return ticks / _TICK


def watch(options: argparse.Namespace, samples: Path, told: Path) -> tuple[dict[str, Any], float]:
    """Run the scan and sample its memory; returns its summary and its processor seconds."""
    command = [
        sys.executable, __file__, str(options.export), "--case", str(options.case), "--out",
        str(options.out), "--workers", str(options.workers), "--told", str(told),
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    with samples.open("w") as file:
        while process.poll() is None:
            pids = tree(process.pid)
            pss, rss = memory(pids)
            sample = [time.monotonic(), pss, rss, os.getloadavg()[0], processor(pids)]
            file.write(json.dumps(sample) + "\n")
            file.flush()
            time.sleep(_EVERY)
    assert process.stdout is not None
    output = process.stdout.read()
    if process.returncode:
        raise SystemExit(f"the scan ended with status {process.returncode}")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return json.loads(output), used.ru_utime + used.ru_stime


def by_stage(samples: list[Any], told: list[Any]) -> dict[str, dict[str, Any]]:
    """Of each stage: seconds, messages, peaks, and the same by eighths where messages are told."""
    stages: dict[str, dict[str, Any]] = {}
    names = list(dict.fromkeys(stage for _, stage, _ in told))
    for name, following in zip(names, [*names[1:], None], strict=True):
        own = [(at, done) for at, stage, done in told if stage == name]
        start, end, total = own[0][0], own[-1][0], own[-1][1]
        stages[name] = {"messages": total, **_held(samples, start, end)}
        if name in _COUNTED and total:
            stages[name]["parts"] = _eighths(own, samples, total)
        if name == "reading" and following:
            # No stage by the name that the scan tells, but it has to hold as well.
            begins = next(at for at, stage, _ in told if stage == following)
            stages["threads"] = {"messages": total, **_held(samples, end, begins)}
    return stages


def _held(samples: list[Any], start: float, end: float) -> dict[str, float]:
    """Seconds, processor seconds and peaks from one time to another."""
    inside = [sample for sample in samples if start <= sample[0] <= end]
    used = [sample[4] for sample in inside]
    return {
        "seconds": round(end - start, 1),
        "processor": round(used[-1] - used[0], 1) if used else 0.0,
        "peak_pss": max((sample[1] for sample in inside), default=0),
        "peak_rss": max((sample[2] for sample in inside), default=0),
    }


def _eighths(own: list[Any], samples: list[Any], total: int) -> list[dict[str, float]]:
    parts = []
    start, before = own[0]
    for part in range(1, _PARTS + 1):
        end, done = next((at, done) for at, done in own if done >= total * part / _PARTS)
        held = _held(samples, start, end)
        number = max(done - before, 1)
        parts.append(
            {
                "messages": done,
                "rate": round(number / (end - start), 1) if end > start else 0.0,
                "processor_ms": round(held["processor"] / number * 1000, 3),
                "pss": held["peak_pss"],
            }
        )
        start, before = end, done
    return parts


def verdict(parts: list[dict[str, float]]) -> dict[str, Any]:
    """Whether rate and memory stay what they are; the first eighth starts processes."""
    rates = [part["rate"] for part in parts[1:]]
    slowest = min(rates) / (statistics.median(rates) or 1)
    work = [part["processor_ms"] for part in parts[1:]]
    most = max(work) / (statistics.median(work) or 1)
    more = parts[-1]["pss"] / parts[1]["pss"] if parts[1]["pss"] else 0.0
    return {
        "slowest_to_median": round(slowest, 3),
        "most_work_to_median": round(most, 3),
        "last_to_second_memory": round(more, 3),
        "rate_constant": slowest >= _SLOWEST,
        "work_constant": most <= _MOST_WORK,
        "memory_flat": 0 < more <= _MORE,
    }


def plot(samples: list[Any], told: list[Any], stages: dict[str, Any], file: Path) -> None:
    """Memory over the whole run, and the rate of each counted stage, against messages done."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.2, 5.4), layout="constrained")
    FigureCanvasSVG(figure)
    rate, held = figure.subplots(2, 1)
    for stage, colour in zip(_COUNTED, ("#20639b", "#c9782a"), strict=True):
        parts = stages.get(stage, {}).get("parts", [])
        done = [part["messages"] / 1e6 for part in parts]
        rate.plot(done, [p["rate"] for p in parts], color=colour, marker="o", label=stage)
    rate.set(ylim=(0, None), xlabel="million messages done", ylabel="messages a second")
    rate.legend(frameon=False)
    begun = samples[0][0]
    held.plot([(s[0] - begun) / 60 for s in samples], [s[1] / _MIB for s in samples], lw=0.9)
    for stage in dict.fromkeys(name for _, name, _ in told):
        at = next(t for t, name, _ in told if name == stage)
        held.axvline((at - begun) / 60, color="#d6d8dc", lw=0.8)
        held.text((at - begun) / 60, 20, stage, rotation=90, fontsize=7)
    held.set(ylim=(0, None), xlabel="minutes", ylabel="MiB, all processes (PSS)")
    figure.savefig(file, format="svg")


def main() -> None:
    """Run, print the figures, and write them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("export", type=Path)
    parser.add_argument("--case", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--told", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.told:
        run(options.export, options.case, options.workers, options.told)
        return
    options.out.mkdir(parents=True, exist_ok=True)
    held, told = options.out / "long_run.jsonl", options.out / "progress.jsonl"
    told.unlink(missing_ok=True)
    summary, processor = watch(options, held, told)
    samples, progress = (
        [json.loads(line) for line in file.read_text().splitlines()] for file in (held, told)
    )
    stages = by_stage(samples, progress)
    for stage in stages.values():
        if "parts" in stage:
            stage["verdict"] = verdict(stage["parts"])
    size = sum(f.stat().st_size for f in options.case.rglob("*") if f.is_file())
    figures = {
        "summary": summary,
        "processor_seconds": round(processor, 1),
        "case_bytes": size,
        "case_bytes_a_message": round(size / summary["found"]),
        "load": round(statistics.median(s[3] for s in samples), 2),
        "peak_pss": max(s[1] for s in samples),
        "peak_rss": max(s[2] for s in samples),
        "stages": stages,
    }
    (options.out / "long_run.json").write_text(json.dumps(figures, indent=2) + "\n")
    plot(samples, progress, stages, options.out / "long_run.svg")
    tell(figures)


def tell(figures: dict[str, Any]) -> None:
    """Print the figures for people."""
    summary = figures["summary"]
    print(f"{summary['found']:,} messages in {summary['seconds']:,.0f} s: {summary['rate']:,.0f}/s")
    print(
        f"{figures['processor_seconds']:,.0f} s of processor, median load {figures['load']}, "
        f"peak {figures['peak_pss'] / _MIB:,.0f} MiB PSS, {figures['peak_rss'] / _MIB:,.0f} MiB RSS"
    )
    print(f"case {figures['case_bytes']:,} bytes, {figures['case_bytes_a_message']:,} a message")
    for name, stage in figures["stages"].items():
        peak = stage["peak_pss"] / _MIB
        print(
            f"{name:10} {stage['seconds']:>9,.1f} s, {stage['processor']:>9,.1f} s of processor, "
            f"peak {peak:>7,.0f} MiB PSS"
        )
        for part in stage.get("parts", ()):
            print(
                f"    {part['messages']:>11,} messages {part['rate']:>8,.0f}/s "
                f"{part['processor_ms']:>8.3f} ms of processor each "
                f"{part['pss'] / _MIB:>7,.0f} MiB"
            )
        if "verdict" in stage:
            told = stage["verdict"]
            print(
                f"    rate {'constant' if told['rate_constant'] else 'NOT CONSTANT'} "
                f"(slowest eighth {told['slowest_to_median']:.2f} of the median), "
                f"work {'constant' if told['work_constant'] else 'NOT CONSTANT'} "
                f"(most {told['most_work_to_median']:.2f} of the median), "
                f"memory {'flat' if told['memory_flat'] else 'NOT FLAT'} "
                f"(last eighth {told['last_to_second_memory']:.2f} of the second)"
            )


if __name__ == "__main__":
    main()
