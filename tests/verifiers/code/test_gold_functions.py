"""Golds are verified and wrong versions of them refuted: over 239 functions of ours with their tests."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from replies import VERIFIER
from tracemill.records import Check
from tracemill.software import program_mutants
from tracemill.software.program_mutants import mutants_of
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


def test_neither_annotations_nor_docstrings_are_mutated_but_calls_that_stand_alone_are() -> None:
    program = "def f(n: int | None = None) -> 'int | str':\n    '''D.'''\n    kept: list['f'] = []\n    return kept\n"
    assert [mutant.kind for mutant in mutants_of(program)] == ["return"]
    assert [mutant.kind for mutant in mutants_of("print(a, b)\n")] == ["arguments"]


def test_no_more_mutants_are_made_than_are_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []

    def copied(tree: Any) -> Any:
        made.append(tree)
        return deepcopy(tree)

    monkeypatch.setattr(program_mutants.copy, "deepcopy", copied)
    long = "".join(f"def f{n}(x):\n    return x + {n}\n" for n in range(100))
    assert len(mutants_of(long, 8)) == 8
    assert len(made) < 20


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


def score_of(spec: dict[str, Any], gold: str, most: int = 40) -> SuiteScore:
    read: Any = read_spec(Check("code", spec))
    return measured(read, gold, VERIFIER.cage, most)


def called(function: str, test: dict[str, Any], **spec: Any) -> dict[str, Any]:
    return {"mode": "call", "function": function, "tests": [test], **spec}


def before_judge(program: str, stdin: str = "") -> dict[str, Any]:
    return {"mode": "stdin", "tests": [{"stdin": stdin, "stdout": ""}], "judge": {"program": program}}


ANY_PAIR = (
    "import sys\nn, out = (list(map(int, open(one).read().split())) for one in sys.argv[1:3])\n"
    "sys.exit(0 if sum(out) == n[0] else 1)\n"
)


@pytest.mark.parametrize(
    ("spec", "gold"),
    [
        (
            called("order", {"arguments": [3], "expected": [3, 4]}, compare={"order": "any"}),
            "def pair(a, b):\n    return [a, b]\n\n\ndef order(n):\n    return pair(n, n + 1)\n",
        ),
        (
            called("half", {"arguments": [3], "expected": 1.5}, compare={"tolerance": 1e-3}),
            "def half(n):\n    return n / 2 + 1e-9\n",
        ),
        (called("found", {"arguments": [3], "truth": True}), "def found(n):\n    return 'yes' * 2\n"),
        (before_judge(ANY_PAIR, "10"), "n = int(input())\nshare = 4\nprint(share, n - share)\n"),
    ],
    ids=["any order", "tolerance", "truth", "special judge"],
)
def test_a_mutant_that_is_as_right_as_the_gold_is_none_that_the_tests_miss(spec: dict[str, Any], gold: str) -> None:
    score = score_of(spec, gold)
    assert score == SuiteScore(differing=score.killed, killed=score.killed)
    assert 0 < score.killed < len(mutants_of(gold))


def test_a_mutant_on_which_the_special_judge_breaks_is_left_out() -> None:
    judge = "import os, sys\nsys.exit(0) if open(sys.argv[2]).read().split()[0] == 'aa' else os.abort()\n"
    assert score_of(before_judge(judge), "print('a' * 2)\n") == SuiteScore(differing=2, killed=2)
    assert score_of(before_judge("import os\nos.abort()\n"), "print('a' * 2)\n") == SuiteScore(differing=0, killed=0)


def test_of_a_test_file_that_mutants_pass_the_score_is_not_known() -> None:
    tests = "from solution import double\n\ndef test_it():\n    for n in (2,):\n        assert double(n) == n + n\n"
    gold = "def double(n):\n    return n * 2\n"
    weak, strong = ({"mode": "unit", "tests": [text]} for text in (tests, tests.replace("2,", "2, 5")))
    assert score_of(weak, gold) == SuiteScore(differing=3, killed=3, unexamined=1)
    assert score_of(weak, gold).score is None
    assert score_of(strong, gold) == SuiteScore(differing=4, killed=4)


def test_where_the_gold_breaks_on_every_neighbour_the_score_is_not_known() -> None:
    gold = "def f(n):\n    if n > 5:\n        return {1000000: 1}[n]\n    return {}[n]\n"
    score = score_of(called("f", {"arguments": [10**6], "expected": 1}), gold)
    assert score.killed == score.differing > 0 and score.unexamined > 0
    assert score.score is None


def test_what_stands_before_the_program_is_not_mutated() -> None:
    header = "def helper(n):\n    return n * 7 + 3\n"
    test = {"arguments": [3], "expected": 3}
    score = score_of(called("f", test, header=header), "def f(n):\n    return n\n", most=2)
    assert score == SuiteScore(differing=1, killed=1)
