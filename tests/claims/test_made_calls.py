"""Calls with inputs that are made: of functions that only compute, the same each time, bounded."""

from __future__ import annotations

import ast
import importlib
from itertools import pairwise

import pytest
from tracemill.claims.execution.calls import NotFoundError, function_of
from tracemill.claims.execution.checker import ExecutionChecker
from tracemill.claims.execution.holes import first_argument, given, other_arguments, with_hole
from tracemill.claims.execution.listed_calls import find
from tracemill.claims.execution.made_calls import ALIKE, TRIES, made_call
from tracemill.claims.execution.purity import is_pure
from tracemill.claims.execution.variants import changed, changes, with_changes
from tracemill.records import Check, Claim, Problem, Source, Step, premise
from tracemill.tasks.library.tracing import LongError, soon_over

MODULE = """
import math, os, re, sys, random
KEPT = []
TABLE = {"a": 1}

def adds(x, y):
    return helper(x) + math.floor(y)

def helper(x):
    return x if x < 2 else helper(x - 1) + TABLE.get("a")

def makes(x):
    return Box(x).value

class Box:
    def __init__(self, value):
        self.value = value

def removes(path):
    return os.remove(path)

def reads(path):
    return open(path).read()

def runs(text):
    return eval(text)

def keeps(x):
    KEPT.append(x)
    return KEPT

def stores(x):
    TABLE[x] = x

def through(x):
    return removes_too(x)

def removes_too(x):
    return sys.modules["os"].remove(x)

def reaches(x):
    return x.__class__.__subclasses__()

def draws(x):
    return random.random() * x

def by_module(x):
    return re.enum.sys.exit(x)

class Bad:
    def __init__(self, path):
        os.remove(path)

def makes_bad(x):
    return Bad(x)
"""


@pytest.fixture
def module(tmp_path, monkeypatch):
    tmp_path.joinpath("module_of_functions.py").write_text(MODULE)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield importlib.import_module("module_of_functions")


def test_only_functions_that_compute_are_called_with_made_inputs(module):
    pure = {name for name, value in vars(module).items() if type(value) is type(test_names) and is_pure(value)}
    assert pure == {"adds", "helper", "makes"}


def test_names():
    """Of a call with a made input: found again by its number, and only as it was meant."""
    call = made_call("python", function_of("email.base64mime", "header_length"), 3)
    assert find(call.names).expression == call.expression
    for forged in ({"input": 4}, {"input": TRIES}, {"input": -1}, {"source": "0"}, {"variant": [0]}, {"module": "os"}):
        with pytest.raises(NotFoundError):
            find({**call.names, **forged})


def test_inputs_are_the_same_each_time_and_six_in_a_row_differ_in_the_first_argument():
    function = function_of("toolz.itertoolz", "topk")
    made = [made_call("toolz", function, number) for number in range(TRIES)]
    assert [call.expression for call in made] == [made_call("toolz", function, n).expression for n in range(TRIES)]
    assert made_call("toolz", function, TRIES) is None and made_call("toolz", function, -1) is None
    for first in range(0, TRIES, ALIKE):
        row = made[first : first + ALIKE - 1]  # the last may be a call of the module's own
        assert all(other_arguments(one) == other_arguments(other) for one, other in pairwise(row))
        assert len({first_argument(call) for call in row}) > 1


def test_a_call_takes_another_first_argument_only_as_a_literal():
    call = made_call("python", function_of("email.base64mime", "header_length"), 0)
    assert with_hole(call, "x") == "header_length(x)"
    assert given(call, "[1, 2, 3, 4]") == 8
    for text in ("[1] * 3", "open('/etc/passwd')", "x", "", "(" * 500, "1" * 3_000):
        with pytest.raises(NotFoundError):
            given(call, text)


def test_each_change_is_in_one_line_and_leaves_a_function_that_can_be_read():
    source = function_of("email.base64mime", "header_length").source
    assert len(changes(source)) > 5
    for number in range(len(changes(source))):
        rows = zip(source.split("\n"), with_changes(source, [number]).split("\n"), strict=True)
        assert sum(before != after for before, after in rows) == 1
        ast.parse(with_changes(source, [number]))
    first, second = changes(source)[:2]
    if first.line == second.line:
        assert with_changes(source, [0, 1]) is None
    call = made_call("python", function_of("email.base64mime", "header_length"), 0)
    for wrong in ([], [999], [-1], ["0"], "0", [True], None):
        with pytest.raises(NotFoundError):
            changed(call, wrong)


def test_what_runs_for_ever_or_fills_memory_is_ended():
    with pytest.raises(LongError), soon_over():
        while True:
            pass
    with pytest.raises(LongError), soon_over():
        list(range(10**9))
    with soon_over():
        assert sum(range(1000)) == 499_500


def header_length(number):
    return made_call("python", function_of("email.base64mime", "header_length"), number)


@pytest.fixture(scope="module")
def checker():
    checker = ExecutionChecker()
    yield checker
    checker.close()


def test_facts_about_another_argument_and_about_a_changed_function_are_decided_by_running(checker):
    call = next(call for call in map(header_length, range(TRIES)) if first_argument(call).startswith(("[", "'")))
    zero = next(n for n, change in enumerate(changes(call.function.source)) if change.after == "5")
    variant = changed(call, [zero])
    premises = (Claim("call", call.names), Claim("call", variant.names))
    one = Problem(
        "0" * 20, "g", "d", "", "", Check("exact"), Source("domains", "1", "PSF-2.0", 0, 0), premises=premises
    )

    def outcome(place, **fact):
        step = Step(0, 0, 1, Claim("execution", {"facts": [fact]}), (premise(place),))
        return checker.rule(one, [step], [0])[0].outcome

    assert outcome(0, event="gives", argument="[1, 2, 3]", value="4") == "verified"
    assert outcome(0, event="gives", argument="[1, 2, 3]", value="5") == "refuted"
    assert outcome(1, event="gives", argument="[1, 2, 3]", value="4") != outcome(
        1, event="gives", argument="[1, 2, 3]", value="5"
    )
    assert outcome(0, event="gives", argument="3", value="4") == "refuted"  # it raises
    assert outcome(0, event="gives", argument="len", value="4") == "unknown"
    assert outcome(0, event="property", argument="[1]", key="even", holds=True) == "verified"
    assert outcome(0, event="property", argument="[1]", key="even", holds=False) == "refuted"
    assert outcome(0, event="property", argument="[1]", key="exec", holds=False) == "unknown"
    both = Step(0, 0, 1, Claim("execution", {"facts": [{"event": "run", "line": 1, "visit": 1}]}), (-1, -2))
    assert checker.rule(one, [both], [0])[0].outcome == "unknown"
