"""Progress on standard error: a bar for each phase on a terminal; elsewhere a line every 30 seconds and at its end."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import TextIO

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from tracemill.settings.encoders import terminal_text

INTERVAL = 30.0
"""Seconds between two lines of a log."""


class Rate(ProgressColumn):
    """Rows a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s" if speed else "", style="dim")


class Kept(ProgressColumn):
    """Rows that were kept: they grow also while one problem of many samples is under way."""

    def render(self, task: Task) -> Text:
        rows = task.fields["kept"]
        return Text(f"{rows:,} rows kept" if rows else "", style="dim")


class Bars:
    """Shows each phase as it runs; a context manager. Writes to standard error, so that output can be piped."""

    def __init__(
        self,
        file: TextIO | None = None,
        terminal: bool | None = None,
        quiet: bool = False,
        interval: float = INTERVAL,
    ) -> None:
        """`terminal`: whether `file` is one; None finds out. `quiet`: shows nothing. `interval`: of a log's lines."""
        self.console = Console(stderr=file is None, file=file, highlight=False, force_terminal=terminal, quiet=quiet)
        self.progress = Progress(
            TextColumn("{task.description:<10}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[unit]}"),
            Kept(),
            Rate(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=self.console,
            disable=quiet or not self.console.is_terminal,
        )
        self.task: TaskID | None = None
        self._log = None if quiet or self.console.is_terminal else _Log(self.console, interval)

    def __enter__(self) -> Bars:
        self.progress.start()
        if self._log:
            self._log.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._finish(whole=kind is None)
        if self._log:
            self._log.stop()
        self.progress.stop()

    def phase(self, name: str, total: int | None, unit: str = "rows") -> None:
        """A phase begins; the one before is done. `total`: of how many, None where nobody knows, of what `unit`."""
        self._finish(whole=True)
        self.task = self.progress.add_task(name, total=total, unit=unit, kept=0)
        if self._log:
            self._log.begin(name, total, unit)

    def step(self, count: int, rows: int = 0) -> None:
        """So many units are done, and so many `rows` kept, some of them of units that are still under way."""
        assert self.task is not None
        kept = self.progress.tasks[self.task].fields["kept"] + rows
        self.progress.update(self.task, advance=count, kept=kept)
        if self._log:
            self._log.count += count
            self._log.kept = kept

    def say(self, text: str) -> None:
        self.console.print(terminal_text(text), markup=False, soft_wrap=not self.console.is_terminal)

    def _finish(self, whole: bool) -> None:
        if self.task is not None and whole:
            # A total is an upper bound where a source gives fewer rows than it has places for.
            self.progress.update(self.task, total=self.progress.tasks[self.task].completed)
        if self._log:
            self._log.end()


class _Log:
    """Lines for a log. A thread of its own writes those in between: a phase may take long over one step."""

    def __init__(self, console: Console, interval: float) -> None:
        self.console = console
        self.interval = interval
        self.name = self.unit = ""
        self.total: int | None = None
        self.count = self.kept = 0
        self.began = 0.0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._tell, name="progress", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def begin(self, name: str, total: int | None, unit: str) -> None:
        self.name, self.total, self.unit = name, total, unit
        self.count, self.kept, self.began = 0, 0, time.perf_counter()

    def end(self) -> None:
        if self.name:
            seconds = self._seconds()
            rate = f"{self.count / seconds:,.0f}/s"
            self._print(f"{self.name:<10} {self.count:>9,} {self.unit} in {seconds:6.1f} s ({rate})")
            self.name = ""

    def _tell(self) -> None:
        while not self._stopped.wait(self.interval):
            if self.name:
                self._print(self._line())

    def _print(self, line: str) -> None:
        """Whole, for a log has no width at which it would be broken."""
        self.console.print(line, soft_wrap=True)

    def _line(self) -> str:
        seconds, count, total = self._seconds(), self.count, self.total
        line = f"{self.name:<10} {count:>9,}"
        if total:
            line += f" of {total:,} {self.unit}, {count / total:.0%}"
        else:
            line += f" {self.unit}"
        line += f", {self.kept:,} rows kept" if self.kept else ""
        line += f", {seconds:,.0f} s, {count / seconds:,.1f}/s"
        return f"{line}, about {seconds * (total - count) / count:,.0f} s left" if total and count else line

    def _seconds(self) -> float:
        return max(time.perf_counter() - self.began, 1e-9)
