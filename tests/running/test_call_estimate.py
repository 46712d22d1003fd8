"""A dry run says what a model teacher would be asked and cost, and asks it nothing."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from servers.chat_server import ChatServer, Said
from students import asked
from tracemill.running.build import prepare
from tracemill.running.build_config import read_config
from tracemill.running.estimate import estimate
from workplace import CONFIG, Workplace

PRICES = {"input": 2.0, "output": 10.0, "currency": "EUR"}


def asking(place: Workplace, url: str = "http://127.0.0.1:9/v1", **teacher) -> Workplace:
    block = {"kind": "openai", "urls": [url], "model": "tiny", "prices": PRICES, **teacher}
    place.config({**CONFIG, "teacher": block, "verify": {**CONFIG["verify"], "require": ["answer"]}, "views": ["sft"]})
    return place


def calls_of(place: Workplace, *overrides: str):
    prepared = prepare(read_config(str(place.folder / "config.yaml"), overrides), place.out)
    found = estimate(prepared)
    assert found.seconds is None and found.calls is not None
    return found.calls


def test_without_anything_to_go_by_nothing_is_said_of_tokens_or_money(workplace: Workplace) -> None:
    calls = calls_of(asking(workplace))
    assert calls.requests == 2 * 12 * 2
    assert calls.completion_tokens is None and calls.money is None and calls.gpu_hours is None
    assert calls.prompt_tokens is not None and calls.prompt_tokens > 48 * 20
    assert "set teacher.sampling.max_tokens" in calls.replies_from


def test_what_the_config_allows_is_an_upper_bound(workplace: Workplace) -> None:
    prices = {**PRICES, "gpu_tokens_per_second": 100.0, "gpu_hour": 3.6}
    calls = calls_of(asking(workplace, sampling={"max_tokens": 1000}, prices=prices))
    assert (calls.completion_tokens, calls.at_most) == (48_000, True)
    assert calls.gpu_hours == pytest.approx(480 / 3600)
    assert calls.prompt_tokens is not None
    assert calls.money == pytest.approx(calls.prompt_tokens * 2e-6 + 48_000 * 1e-5 + 480 / 1000)
    assert calls.currency == "EUR"


def test_earlier_calls_of_the_build_say_more_than_what_is_allowed(workplace: Workplace) -> None:
    usage = {"prompt_tokens": 90, "completion_tokens": 250}
    with ChatServer(Said("Answer: 7", usage=usage)) as server:
        place = asking(workplace, server.url, sampling={"max_tokens": 1000})
        assert place.build("sources.0.per_task=3", "allow_empty=true", flags=("--until", "traces")) == 0
        calls = calls_of(place, "allow_empty=true")
        assert len(asked(server)) == 12
    assert (calls.prompt_tokens, calls.completion_tokens, calls.at_most) == (48 * 90, 48 * 250, False)
    assert calls.replies_from == "the 12 calls that this build has"
    assert calls.money == pytest.approx(48 * (90 * 2 + 250 * 10) / 1e6)


def test_other_prices_are_other_money_on_the_card_and_no_call(workplace: Workplace) -> None:
    usage = {"prompt_tokens": 100, "completion_tokens": 200}
    with ChatServer(Said("Answer: 7", usage=usage)) as server:
        place = asking(workplace, server.url)
        assert place.build("sources.0.per_task=3", "allow_empty=true") == 0
        before = len(asked(server))
        assert money_of(place) == pytest.approx(12 * (100 * 2 + 200 * 10) / 1e6)
        assert place.build("sources.0.per_task=3", "allow_empty=true", "teacher.prices.output=20.0") == 0
        assert money_of(place) == pytest.approx(12 * (100 * 2 + 200 * 20) / 1e6)
        assert place.build("sources.0.per_task=3", "allow_empty=true", "teacher.prices=null") == 0
        assert money_of(place) is None and len(asked(server)) == before == 12


def money_of(place: Workplace) -> float | None:
    """What the manifest says that the calls cost; the card says it too."""
    amounts = json.loads((Path(place.out) / "manifest.json").read_text())["costs"]["amounts"]
    assert ("money, EUR" in (Path(place.out) / "dataset" / "README.md").read_text()) == ("money" in amounts)
    return amounts["money"]["total"] if "money" in amounts else None


def test_the_command_says_it_in_lines_and_as_json(workplace: Workplace, capsys) -> None:
    place = asking(workplace, sampling={"max_tokens": 1000})
    assert place.build(flags=("--dry-run",)) == 0
    said = capsys.readouterr().out
    assert "  requests: 48, for 24 problems, of which screening may reject some\n" in said
    assert "  completion tokens: up to about 48,000, by teacher.sampling.max_tokens, 1,000 for each reply\n" in said
    assert re.search(r"^  money: up to about 0\.(4\d|5)\d* EUR$", said, re.MULTILINE) and "hours of GPUs" not in said
    assert place.build(flags=("--dry-run", "--json")) == 0
    assert json.loads(capsys.readouterr().out)["estimate"]["calls"]["requests"] == 48


def test_an_embedded_teacher_is_asked_nothing_that_costs(workplace: Workplace) -> None:
    prepared = prepare(read_config(str(workplace.folder / "config.yaml")), workplace.out)
    assert estimate(prepared).calls is None
