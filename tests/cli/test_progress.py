"""Progress: bars with rate and time left on a terminal, one line per phase elsewhere."""

from __future__ import annotations

import io
from types import SimpleNamespace

from tracemill.cli.progress import Bars, Rate


def shown(terminal: bool) -> str:
    file = io.StringIO()
    with Bars(file, terminal=terminal) as bars:
        bars.phase("traces", 200)
        bars.step(50)
        bars.say("a word in between")
        if terminal:
            bars.progress.refresh()
        bars.phase("dataset", 10)
        bars.step(10)
    return file.getvalue()


def test_a_log_gets_one_line_per_phase():
    lines = shown(terminal=False).splitlines()
    assert [line.split()[0] for line in lines] == ["a", "traces", "dataset"]
    assert "50 in" in lines[1] and "/s)" in lines[1]


def test_a_terminal_gets_bars_with_counts_rate_and_time_left():
    text = shown(terminal=True)
    assert "traces" in text and "50/200" in text and "10/10" in text
    assert "0:00:0" in text


def test_the_rate_is_in_inputs_a_second():
    assert Rate().render(SimpleNamespace(finished_speed=None, speed=1234.5)).plain == "1,234/s"  # type: ignore[arg-type]
