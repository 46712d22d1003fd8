"""Programs get their reward from the verifier `code`, through every way in."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest
from reward_service import RewardService
from tracemill.records import canonical_json
from tracemill.rewards import judge_row, remote, reward, scoring
from tracemill.sandbox.jobs import SandboxTrouble
from tracemill.settings.plugins import installed

pytestmark = pytest.mark.skipif("code" not in installed("verifier"), reason="there is no verifier of programs")

TESTS = [{"stdin": "3 4\n", "stdout": "7\n"}, {"stdin": "1 1\n", "stdout": "2\n"}]
SUMS = canonical_json(
    {"answer": "", "check": {"kind": "code", "spec": {"language": "python", "mode": "stdin", "tests": TESTS}}}
)
REPLIES = {
    "print(sum(map(int, input().split())))": 1.0,
    "print(7)": 0.0,
    "import os; os._exit(0)": 0.0,
    "print('2 passed'); raise SystemExit(0)": 0.0,
    "while True: print('7' * 10**6)": 0.0,
    "print(": 0.0,
}


def replies() -> list[str]:
    return [f"```python\n{program}\n```" for program in REPLIES]


def test_programs_are_run_by_every_way_in() -> None:
    expected = list(REPLIES.values())
    assert reward(replies(), [SUMS] * len(expected)) == expected
    with RewardService() as service:
        assert remote(service.url).reward(replies(), [SUMS] * len(expected)) == expected
        [found] = service.results({"completion": replies()[0], "ground_truth": SUMS})
    here = asdict(judge_row(replies()[0], SUMS))
    assert found == here
    assert (here["verifier"], here["strength"]) == ("code", "tested") and here["isolation"].startswith("sandbox L")


def test_trouble_of_the_sandbox_is_no_wrong_program(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: Any) -> Any:
        raise SandboxTrouble("the broker is gone")

    monkeypatch.setattr(type(scoring._other("code")), "rule", broken)
    verdict = judge_row(replies()[1], SUMS)
    assert (verdict.reward, verdict.outcome) == (None, "error")
    assert "the broker is gone" in verdict.reason


def test_a_check_of_programs_that_makes_no_sense_is_not_judged() -> None:
    truth = canonical_json({"answer": "", "check": {"kind": "code", "spec": {"mode": "guess"}}})
    assert judge_row(replies()[0], truth).reward is None
