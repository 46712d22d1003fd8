"""Progress on the terminal: a bar per phase with rate and time left, or plain lines where there is no terminal."""

from __future__ import annotations

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


class Rate(ProgressColumn):
    """Inputs a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s" if speed else "", style="dim")


class Bars:
    """Shows each phase as it runs; a context manager. Writes to standard error, so that output can be piped."""

    def __init__(self, file: TextIO | None = None, terminal: bool | None = None) -> None:
        """`terminal`: whether `file` is one; none lets it be found out."""
        self.console = Console(stderr=file is None, file=file, highlight=False, force_terminal=terminal)
        self.progress = Progress(
            TextColumn("{task.description:<10}"),
            BarColumn(),
            MofNCompleteColumn(),
            Rate(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=self.console,
            disable=not self.console.is_terminal,
        )
        self.task: TaskID | None = None
        self._plain = _Plain(self.console) if not self.console.is_terminal else None

    def __enter__(self) -> Bars:
        self.progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._finish()
        self.progress.stop()

    def phase(self, name: str, total: int | None) -> None:
        self._finish()
        self.task = self.progress.add_task(name, total=total)
        if self._plain:
            self._plain.begin(name)

    def step(self, count: int) -> None:
        assert self.task is not None
        self.progress.advance(self.task, count)
        if self._plain:
            self._plain.count += count

    def say(self, text: str) -> None:
        self.console.print(terminal_text(text), markup=False)

    def _finish(self) -> None:
        if self._plain:
            self._plain.end()


class _Plain:
    """One line per finished phase, for logs."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.name = ""
        self.count = 0
        self.began = 0.0

    def begin(self, name: str) -> None:
        self.name, self.count, self.began = name, 0, time.perf_counter()

    def end(self) -> None:
        if self.name:
            seconds = max(time.perf_counter() - self.began, 1e-9)
            self.console.print(f"{self.name:<10} {self.count:>9,} in {seconds:6.1f} s ({self.count / seconds:,.0f}/s)")
            self.name = ""
