"""Cases 29 to 38: programs that try to pass without solving anything, against the verifier, and those of `LEAKS`
against a judge that lacks its defences, which they deceive."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from leaky import accepted, accepted_by_pytest
from replies import block, problem, ruled, trace, verifier
from tracemill.verifiers.code.program_attacks import BESIDE_TESTS, CALLED, RIGHT, SORTER_MUTATES, TEST_FILE, TWIN
from tracemill.verifiers.verifier import judged

SOLVE: dict[str, Any] = {
    "mode": "call",
    "function": "solve",
    "tests": [{"arguments": [n], "expected": n * n + 1} for n in (2, 3, 10)],
    "limits": {"cpu_seconds": 2.0},
}
ORDER: dict[str, Any] = {
    "mode": "call",
    "function": "order",
    "tests": [{"arguments": [[3, 1, 2]], "expected": [1, 2, 3]}],
}
FILE: dict[str, Any] = {"mode": "unit", "function": "solve", "tests": [TEST_FILE], "limits": {"cpu_seconds": 2.0}}
TESTS: list[list[object]] = [[n, n * n + 1] for n in (2, 3, 10)]

LEAKS: dict[str, dict[str, Any]] = {
    "29 exits with 0 when it is loaded": {},
    "29 raises SystemExit in the call": {},
    "29 ends the process in the call": {},
    "29 becomes another program": {},
    "30 equals everything": {},
    "30 a number that equals everything": {},
    "30 a text that is a number": {},
    "31 looks for the expected value in frames and in memory": {},
    "32 patches what compares": {"compare": "all"},
    "33 says that it passed": {"by": "output"},
    "34 overwrites the tests": {"reread": True},
    "36 a value that is built by running code": {"compare": "pickle"},
}
"""By attack, the leaks of the judge that it deceives."""


@pytest.mark.parametrize("attack", CALLED)
def test_an_attack_on_called_functions_is_refuted(attack: str) -> None:
    ruling = ruled(SOLVE, CALLED[attack])
    assert (ruling.outcome, ruling.strength) == ("refuted", "tested")


@pytest.mark.parametrize("attack", [*CALLED, *BESIDE_TESTS])
def test_an_attack_beside_a_test_file_is_refuted(attack: str) -> None:
    assert ruled(FILE, {**CALLED, **BESIDE_TESTS}[attack]).outcome == "refuted"


@pytest.mark.parametrize("attack", LEAKS)
def test_without_its_defence_the_attack_passes(attack: str, tmp_path: Path) -> None:
    assert accepted(tmp_path, CALLED[attack], TESTS, **LEAKS[attack])
    assert not accepted(tmp_path, TWIN, TESTS, **{**LEAKS[attack], "compare": "assert"})


def test_35_a_changed_argument_changes_no_expected_value(tmp_path: Path) -> None:
    assert ruled(ORDER, SORTER_MUTATES).outcome == "refuted"
    assert ruled(ORDER, "def order(items):\n    return sorted(items)").outcome == "verified"
    assert accepted(tmp_path, SORTER_MUTATES, [[[3, 1, 2], [1, 2, 3]]], compare="expected in place")


def test_35_each_call_has_arguments_of_its_own() -> None:
    twice = {**ORDER, "tests": ORDER["tests"] * 3}
    assert (
        ruled(twice, "def order(items):\n    kept = sorted(items)\n    items.clear()\n    return kept").outcome
        == "verified"
    )


def test_37_planted_files_are_in_no_other_run(tmp_path: Path) -> None:
    planter = (
        CALLED["37 plants files that are imported later"]
        .replace(", 'json.py'", "")
        .replace("builtins.all", "builtins.odd")
    )
    assert accepted_by_pytest(tmp_path, planter, "import solution\ndef test_it():\n    assert solution.solve(2) == 5\n")
    stdin = {"mode": "stdin", "tests": [{"stdin": "1", "stdout": "fresh"}, {"stdin": "2", "stdout": "fresh"}]}
    program = (
        "import os\nprint('found' if os.path.exists('sitecustomize.py') else 'fresh')\n"
        "open('sitecustomize.py', 'w').write('print(1)')\n"
    )
    assert ruled(stdin, program).outcome == "verified"


@pytest.mark.parametrize("spec", [SOLVE, FILE])
def test_38_gold_passes_and_its_twin_fails(spec: dict[str, Any]) -> None:
    assert ruled(spec, RIGHT).outcome == "verified"
    assert ruled(spec, TWIN).outcome == "refuted"


def test_case_50_for_programs() -> None:
    several = f"{block(TWIN)}\nor\n{block(RIGHT)}"
    for reply in (several, "It squares n, or maybe cubes it.", "Write solve(n) so that it gives n * n + 1.", "n*n+1"):
        ruling = verifier().rule(problem(SOLVE), trace(reply))
        assert (ruling.outcome, ruling.evidence["category"]) == ("refuted", "no_code"), reply


def test_every_canary_has_the_outcome_that_it_must_have() -> None:
    judge = verifier()
    missed = {}
    for canary in judge.canaries():
        verdict = judged(judge, canary.problem, canary.trace)
        if verdict.outcome != canary.expected:
            missed[canary.attack] = verdict.outcome, verdict.reason
    assert missed == {}


def test_the_reply_of_a_candidate_to_what_the_tests_gave_it_reaches_no_code_of_theirs() -> None:
    spec = {**FILE, "tests": [_CALLBACK]}
    assert ruled(spec, "def use(function):\n    return function(4)").outcome == "verified"
    for way in ("function.__globals__", "function.__code__", "function.__closure__", "function.__self__"):
        ruling = ruled(spec, f"def use(function):\n    return {way}")
        assert ruling.outcome == "refuted" and "PermissionError" in str(ruling.evidence["failures"]), way


_CALLBACK = """
from solution import use

def test_it():
    for step in (1, 1):
        assert use(lambda n: n + step) == 5
"""
