"""A running build says of itself what Prometheus can read, where its config wants it."""

from __future__ import annotations

import socket
from contextlib import closing
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families
from tracemill.asking.teachers.symbolic import SymbolicTeacher
from tracemill.running import build as builds
from tracemill.running.build_config import read_config
from tracemill.running.metrics import BuildMetrics, MetricsConfig
from workplace import Workplace


class Scraping:
    """A watch that reads the metrics when each phase begins and with each step."""

    def __init__(self) -> None:
        self.address = ""
        self.seen: list[dict[tuple[str, ...], float]] = []

    def phase(self, name: str, total: int | None, unit: str = "rows") -> None:
        self.read()

    def step(self, count: int, rows: int = 0) -> None:
        self.read()

    def say(self, text: str) -> None:
        self.address = text.removeprefix("metrics for Prometheus: ")

    def read(self) -> None:
        with urlopen(self.address) as page:
            text = page.read().decode()
        self.seen.append(
            {
                (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
                for family in text_string_to_metric_families(text)
                for sample in family.samples
            }
        )


@pytest.fixture
def scraped(workplace: Workplace, monkeypatch: pytest.MonkeyPatch) -> list[dict[tuple[str, ...], float]]:
    overrides = ("metrics.port=0", "sources.0.per_task=4")
    build = builds.prepare(read_config(str(workplace.folder / "config.yaml"), overrides), workplace.out)
    watch = Scraping()
    answer = SymbolicTeacher.answer

    async def answer_and_read(self, call):
        watch.read()
        return await answer(self, call)

    monkeypatch.setattr(SymbolicTeacher, "answer", answer_and_read)
    builds.run(build, watch)
    assert watch.address.startswith("http://127.0.0.1:")
    with pytest.raises(URLError):
        urlopen(watch.address)
    return watch.seen


def test_a_scrape_says_what_came_back_and_which_phase_runs(scraped: list[dict[tuple[str, ...], float]]) -> None:
    last = scraped[-1]
    assert last["tracemill_rows_total", "problems"] == 8
    assert last["tracemill_rows_total", "traces"] == last["tracemill_calls_total", "stop"] == 16
    judged = {name[1]: value for name, value in last.items() if name[::2] == ("tracemill_verdicts_total", "answer")}
    assert sum(judged.values()) == 16 and judged["verified"] >= 8
    assert last["tracemill_tokens_total", "completion"] > last["tracemill_tokens_total", "reasoning"] > 0
    phases = [name[1] for seen in scraped for name in seen if name[0] == "tracemill_phase"]
    assert list(dict.fromkeys(phases)) == ["problems", "screen", "traces", "verdicts", "audit", "selection", "dataset"]


def test_problems_are_in_flight_while_the_teacher_is_asked_and_never_after(
    scraped: list[dict[tuple[str, ...], float]],
) -> None:
    in_flight = [(seen.get(("tracemill_phase", "traces")), seen["tracemill_problems_in_flight",]) for seen in scraped]
    assert max(count for asking, count in in_flight if asking) > 0
    assert {count for asking, count in in_flight if not asking} == {0}
    assert all(count >= 0 for _, count in in_flight)


def test_no_port_is_opened_unless_the_config_names_one() -> None:
    assert BuildMetrics().serve(MetricsConfig()) is None


def test_a_port_that_is_taken_ends_the_command_before_anything_is_written(workplace: Workplace, capsys) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        assert workplace.build(f"metrics.port={port}") == 2
    assert f"127.0.0.1:{port}" in (said := capsys.readouterr().err) and "set metrics.port to a free port" in said
    assert not (workplace.folder / "out").exists()


def test_a_build_goes_on_whatever_port_it_is_watched_at(finished: Workplace, capsys) -> None:
    assert finished.build("metrics.port=0") == 0
    assert "nothing to do" in capsys.readouterr().out
