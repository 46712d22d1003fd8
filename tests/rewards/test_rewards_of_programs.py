"""Programs get their reward from the verifier `code`, through every way in."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import asdict
from typing import Any

import pytest
from reward_service import RewardService
from tracemill.records import canonical_json
from tracemill.rewards import judge_row, remote, reward
from tracemill.sandbox.jobs import SandboxTrouble
from tracemill.verifiers.code.verifier import CodeVerifier

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

    monkeypatch.setattr(CodeVerifier, "rule", broken)
    verdict = judge_row(replies()[1], SUMS)
    assert (verdict.reward, verdict.outcome) == (None, "error")
    assert "the broker is gone" in verdict.reason


def test_a_check_of_programs_that_makes_no_sense_is_not_judged() -> None:
    truth = canonical_json({"answer": "", "check": {"kind": "code", "spec": {"mode": "guess"}}})
    verdict = judge_row(replies()[0], truth)
    assert verdict.reward is None
    assert verdict.reason.startswith("ground_truth: ")


def test_nothing_more_is_imported_when_a_program_is_judged() -> None:
    """A fork beside a thread that imports would leave the lock of that import behind."""
    script = (
        "import sys, tracemill.rewards as rewards; before = set(sys.modules)\n"
        f"assert rewards.judge_row({replies()[0]!r}, {SUMS!r}).reward == 1.0\n"
        "print([name for name in set(sys.modules) - before if name.startswith('tracemill')])"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
