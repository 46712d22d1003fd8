"""Golds are verified and wrong versions of them refuted: over 239 functions of ours with their tests."""

from __future__ import annotations

import json
from typing import Any

import pytest
from replies import VERIFIER
from tracemill.records import Check
from tracemill.verifiers.code.program_mutants import mutants_of
from tracemill.verifiers.code.spec import SuiteScore, read_spec
from tracemill.verifiers.code.suite import measured
from workplace import ROOT

LINES = (ROOT / "tests/data/code/gold_functions.jsonl").read_text(encoding="utf-8").splitlines()
GOLDS: list[dict[str, Any]] = [json.loads(line) for line in LINES]
PARTS = 8


def check_of(gold: dict[str, Any], most: int | None = None) -> Check:
    tests, limits = gold["tests"][:most], {"cpu_seconds": 0.4}
    return Check("code", {"mode": "call", "function": gold["function"], "tests": tests, "limits": limits})


def refuted(gold: dict[str, Any], program: str) -> bool:
    """By the first test, or else by all: what never ends costs one deadline."""
    return any(VERIFIER.run_program(check_of(gold, most), program).failures for most in (1, None))


def test_there_are_enough_golds() -> None:
    assert len({gold["function"] for gold in GOLDS}) == len(GOLDS) >= 200


@pytest.mark.parametrize("part", range(PARTS))
def test_each_gold_is_verified_and_a_mutant_of_it_refuted(part: int) -> None:
    """Over all: a mutant is some wrong version; a few are not wrong, so the first of three that is refuted counts."""
    for gold in GOLDS[part::PARTS]:
        assert VERIFIER.run_program(check_of(gold), gold["program"]).passed, gold["function"]
        mutants = mutants_of(gold["program"], 3)
        assert any(refuted(gold, mutant.text) for mutant in mutants), gold["function"]


def test_mutants_are_all_different_and_always_the_same() -> None:
    program = "def f(a, b):\n    '''Docs.'''\n    if a < b and a > 0:\n        return max(a, b) - 1\n    return -a\n"
    mutants = mutants_of(program)
    assert mutants == mutants_of(program)
    assert len({mutant.text for mutant in mutants}) == len(mutants)
    kinds = {mutant.kind for mutant in mutants}
    assert kinds == {"operator", "comparison", "condition", "off_by_one", "arguments", "return"}
    assert all("Docs." in mutant.text for mutant in mutants)
    few = mutants_of(program, 6)
    assert len(few) == 6 and {mutant.kind for mutant in few} == kinds
    assert mutants_of("def f(:") == []


@pytest.mark.parametrize(
    ("tests", "kills_all"),
    [([(1, 2), (2, 1), (3, 3), (0, 5), (-4, -9)], True), ([(2, 2)], False)],
)
def test_a_weak_suite_leaves_mutants_alive_that_differ(tests: list[tuple[int, int]], kills_all: bool) -> None:
    gold = "def larger(a, b):\n    if a > b:\n        return a\n    return b\n"
    cases = [{"arguments": list(pair), "expected": max(pair)} for pair in tests]
    spec: Any = read_spec(Check("code", {"mode": "call", "function": "larger", "tests": cases}))
    score = measured(spec, gold, VERIFIER.cage, 20)
    assert score.differing > 3
    assert (score.killed == score.differing) is kills_all


def test_a_mutant_that_never_differs_is_left_out() -> None:
    gold = "def f(n):\n    if n >= 10**6:\n        return n\n    return n\n"
    spec: Any = read_spec(
        Check("code", {"mode": "call", "function": "f", "tests": [{"arguments": [3], "expected": 3}]})
    )
    score = measured(spec, gold, VERIFIER.cage, 40)
    assert score == SuiteScore(differing=score.killed, killed=score.killed)
    assert score.differing < len(mutants_of(gold))


def test_tests_of_programs_that_read_and_print_are_measured_too() -> None:
    gold = "n = int(input())\nprint(n * 2 if n > 3 else n)\n"
    weak: Any = read_spec(Check("code", {"mode": "stdin", "tests": [{"stdin": "9", "stdout": "18"}]}))
    found = measured(weak, gold, VERIFIER.cage, 20)
    assert 0 < found.killed < found.differing
