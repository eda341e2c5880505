"""Progress for people: a bar a stage on standard error, with rate and time left."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from riskscan.cli.console import err


class Bars:
    """What a scan tells of its progress, as bars."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task: TaskID | None = None
        self._messages = 0

    def start(self, stage: str, total: int, unit: str) -> None:
        self._messages = 0
        self._task = self._progress.add_task(stage, total=max(total, 1), rate="")

    def advance(self, amount: int, messages: int) -> None:
        assert self._task is not None
        self._messages += messages
        task = self._progress.tasks[self._task]
        rate = f"{self._messages / task.elapsed:,.0f} messages/s" if task.elapsed else ""
        self._progress.update(self._task, advance=amount, rate=rate)

    def finish(self) -> None:
        assert self._task is not None
        self._progress.update(self._task, completed=self._progress.tasks[self._task].total)


@contextmanager
def progress_bars(*, hidden: bool) -> Iterator[Bars]:
    """Bars while the block runs; none when ``hidden`` or where output is no terminal."""
    console = err()
    with Progress(
        TextColumn("{task.description:<9}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TextColumn("{task.fields[rate]:>18}"),
        TimeRemainingColumn(),
        console=console,
        disable=hidden or not console.is_terminal,
    ) as progress:
        yield Bars(progress)
