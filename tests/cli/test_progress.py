"""Progress: bars with rate and time left on a terminal; elsewhere a line every now and then, and one per phase."""

from __future__ import annotations

import io
import threading
from types import SimpleNamespace

from tracemill.cli.progress import Bars, Rate


class Noticing(io.StringIO):
    """A file that says when a line with some text has been written to it."""

    def __init__(self, awaited: str) -> None:
        super().__init__()
        self.awaited = awaited
        self.written = threading.Event()

    def write(self, text: str) -> int:
        count = super().write(text)
        if self.awaited in self.getvalue():
            self.written.set()
        return count


def shown(terminal: bool, quiet: bool = False) -> str:
    file = io.StringIO()
    with Bars(file, terminal=terminal, quiet=quiet) as bars:
        bars.phase("traces", 200, "problems")
        bars.step(50)
        bars.say("a word [bold]in[/] between\x1b[2J")
        if terminal:
            bars.progress.refresh()
        bars.phase("dataset", 10)
        bars.step(10)
    return file.getvalue()


def test_a_log_gets_one_line_per_phase():
    lines = shown(terminal=False).splitlines()
    assert [line.split()[0] for line in lines] == ["a", "traces", "dataset"]
    assert "50 problems in" in lines[1] and "/s)" in lines[1]
    assert "10 rows in" in lines[2]


def test_what_is_said_in_between_is_text_and_nothing_else():
    assert shown(terminal=False).splitlines()[0] == r"a word [bold]in[/] between\x1b[2J"


def test_a_log_gets_a_line_while_a_phase_takes_its_time():
    file = Noticing("% ")
    file.awaited = "traces            50 of 200 problems, 25%, "
    with Bars(file, terminal=False, interval=0.01) as bars:
        bars.phase("traces", 200, "problems")
        bars.step(50)
        assert file.written.wait(timeout=60)
        file.awaited, file.written = "verdicts           0 rows, ", threading.Event()
        bars.phase("verdicts", None)
        assert file.written.wait(timeout=60)
    assert " s left" in file.getvalue()


def test_a_line_of_a_log_is_not_broken_however_long_it_is():
    log = Noticing(" s left\n")
    with Bars(log, terminal=False, interval=0.01) as bars:
        bars.phase("traces", 1_000_000, "problems")
        bars.step(260_000, rows=2_211_000)
        bars.say("a place: " + "/long" * 30)
        assert log.written.wait(timeout=60)
    place, line, *_ = log.getvalue().splitlines()
    assert place.endswith("/long" * 30)
    assert "260,000 of 1,000,000 problems, 26%, 2,211,000 rows kept, " in line and line.endswith(" s left")


def test_rows_are_counted_while_one_problem_is_under_way():
    log, terminal = Noticing("0 of 1 problems, 0%, 1,200 rows kept, "), io.StringIO()
    with Bars(log, terminal=False, interval=0.01) as bars:
        bars.phase("traces", 1, "problems")
        bars.step(0, rows=1000)
        bars.step(0, rows=200)
        assert log.written.wait(timeout=60)
    with Bars(terminal, terminal=True) as bars:
        bars.phase("traces", 1, "problems")
        bars.step(0, rows=1200)
        bars.progress.refresh()
    assert "0/1" in terminal.getvalue() and "1,200 rows kept" in terminal.getvalue()


def test_a_terminal_gets_bars_with_counts_unit_rate_and_time_left():
    text = shown(terminal=True)
    assert "traces" in text and "50/200" in text and "10/10" in text
    assert "problems" in text and "rows" in text
    assert "0:00:0" in text


def test_a_bar_is_full_when_its_phase_is_done_though_there_were_fewer_rows():
    assert "50/50" in shown(terminal=True)


def test_quiet_shows_nothing():
    assert shown(terminal=True, quiet=True) == shown(terminal=False, quiet=True) == ""


def test_the_rate_is_in_rows_a_second():
    assert Rate().render(SimpleNamespace(finished_speed=None, speed=1234.5)).plain == "1,234/s"  # type: ignore[arg-type]
