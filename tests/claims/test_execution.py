"""What the `execution` checker says of single facts, and what it refuses to judge."""

from __future__ import annotations

import pytest
from tracemill.claims.claim_checker import ClaimCase
from tracemill.claims.execution import checker as checking
from tracemill.claims.execution.calls import call_of, function_of
from tracemill.claims.execution.checker import ExecutionChecker
from tracemill.records import Check, Claim, Problem, Source, Step, premise
from tracemill.sandbox.jobs import MAX_RUNS, Ended, Job, Report


def problem_of(module, qualname, expression, package="python", changed=()):
    """A problem whose call is the docstring's example with that text; `changed` forges its names."""
    function = function_of(module, qualname)
    found = [call_of(package, function, index) for index in range(len(function.examples))]
    names = next(dict(call.names) for call in found if call and call.expression == expression)
    return Problem(
        id="0" * 20,
        group_id="g",
        domain="code.execution.library.lesson",
        prompt="",
        answer="",
        check=Check("exact"),
        source=Source("domains", "1", "PSF-2.0", 0, 0),
        premises=(Claim("call", names | dict(changed)),),
    )


# `a` is 3, 7, 15; the loop is `while True`, left in its third round by the `break`; of the two `return`s at the end the
# first one gives 22/7.
FRACTION = ("fractions", "Fraction.limit_denominator", "Fraction('3.141592653589793').limit_denominator(10)")
CALL = (premise(0),)
STREAM = ("pickletools", "read_uint1", r"read_uint1(io.BytesIO(b'\xff'))")
GRAPH = ("networkx.algorithms.shortest_paths.unweighted", "predecessor", "nx.predecessor(G, 0)")
COUNTER = ("toolz.itertoolz", "frequencies", "frequencies(['cat', 'cat', 'ox', 'pig', 'pig', 'cat'])")
GENERATOR = ("sympy.utilities.iterables", "generate_involutions", "list(generate_involutions(3))")


@pytest.fixture(scope="module")
def checker():
    checker = ExecutionChecker()
    yield checker
    checker.close()


def ruling(checker, problem, *facts, uses=CALL, payload=None):
    step = Step(0, 0, 1, Claim("execution", {"facts": list(facts)} if payload is None else payload), uses)
    return checker.rule(problem, [step], [0])[0]


def lines_of(names, code):
    rows = function_of(*names[:2]).source.splitlines()
    return [number for number, row in enumerate(rows, 1) if row.strip().startswith(code)]


def line_of(names, code):
    return lines_of(names, code)[0]


def pairs():
    """A true fact of each kind, one that is false, and what is so instead."""
    loop, a, test = (line_of(FRACTION, code) for code in ("while True", "a = n//d", "if q2 > max_denominator"))
    outer = line_of(("sympy.utilities.iterables", "generate_involutions"), "for p in")
    yield (
        FRACTION,
        {"event": "argument", "name": "max_denominator", "value": "10"},
        {"event": "argument", "name": "max_denominator", "value": "11"},
        "10",
    )
    second = {"event": "assign", "line": a, "visit": 2, "name": "a"}
    yield FRACTION, second | {"value": "7"}, second | {"value": "7.0"}, "7"
    yield FRACTION, second | {"type": "int"}, second | {"type": "float"}, "int"
    yield FRACTION, second | {"value": "7"}, second | {"value": "7", "name": "aa"}, ""
    yield FRACTION, second | {"value": "7"}, second | {"value": "7", "visit": 4}, ""
    yield FRACTION, second | {"value": "7"}, second | {"value": "7", "visit": 0}, ""
    yield FRACTION, {"event": "run", "line": a, "visit": 3}, {"event": "run", "line": a, "visit": 4}, ""
    yield FRACTION, {"event": "run", "line": test, "visit": 3}, {"event": "run", "line": test, "visit": 4}, ""
    *_, first, last = lines_of(FRACTION, "return")
    yield FRACTION, {"event": "run", "line": first, "visit": 1}, {"event": "run", "line": last, "visit": 1}, ""
    third = {"event": "branch", "line": test, "visit": 3}
    yield FRACTION, third | {"taken": True}, third | {"taken": False}, "true"
    turns = {"event": "loop", "line": loop, "visit": 1}
    yield FRACTION, turns | {"count": 3}, turns | {"count": 4}, "3 rounds"
    back = {"event": "return"}
    yield FRACTION, back | {"value": "Fraction(22, 7)"}, back | {"value": "Fraction(25, 8)"}, "Fraction(22, 7)"
    whole = {"event": "result"}
    yield FRACTION, whole | {"value": "Fraction(22, 7)"}, whole | {"value": "22/7"}, "Fraction(22, 7)"
    given = {"event": "yield", "visit": 2}
    held = given | {"type": "tuple"}
    yield GENERATOR, held | {"holds": "(0, 2, 1)"}, held | {"holds": "()"}, "(0, 2, 1)"
    yield GENERATOR, given | {"value": "(0, 2, 1)"}, given | {"value": "[0, 2, 1]"}, "(0, 2, 1)"
    yield GENERATOR, given | {"value": "(0, 2, 1)"}, given | {"value": "(0, 2, 1)", "visit": 5}, ""
    item = {"event": "assign", "line": outer, "visit": 4, "name": "p"}
    yield GENERATOR, item | {"value": "(1, 2, 0)"}, item | {"value": "(2, 0, 1)"}, "(1, 2, 0)"
    inner = {"event": "loop", "line": outer + 1, "visit": 4}
    yield GENERATOR, inner | {"count": 1}, inner | {"count": 3}, "1 rounds"

    stream = {"event": "argument", "name": "f", "type": "BytesIO"}
    yield STREAM, stream | {"holds": r"b'\xff'"}, stream | {"holds": "b''"}, r"b'\xff'"
    read = {"event": "assign", "line": line_of(STREAM, "data = "), "visit": 1, "name": "f"}
    yield STREAM, read | {"type": "BytesIO", "holds": "b''"}, read | {"type": "BytesIO", "holds": r"b'\xff'"}, "b''"
    yield STREAM, stream | {"holds": r"b'\xff'"}, stream | {"type": "StringIO", "holds": r"b'\xff'"}, "BytesIO"
    graph = {"event": "argument", "name": "G", "type": "Graph"}
    path = "{0: [1], 1: [0, 2], 2: [1, 3], 3: [2]}"
    yield GRAPH, graph | {"holds": path}, graph | {"holds": path.replace("[1, 3]", "[3, 1]")}, path
    adds = {"event": "assign", "line": line_of(COUNTER, "d[item]"), "visit": 3, "name": "d", "type": "defaultdict"}
    held = "{'cat': 2, 'ox': 1}"
    yield COUNTER, adds | {"holds": held}, adds | {"holds": held.replace("2", "2.0")}, held


PACKAGE_OF = {GENERATOR: "sympy", GRAPH: "networkx", COUNTER: "toolz"}


def problem_at(names):
    return problem_of(*names, package=PACKAGE_OF.get(names, "python"))


@pytest.mark.parametrize(("names", "true", "false", "real"), list(pairs()))
def test_a_true_fact_is_verified_and_its_twin_refuted_with_the_real_value(checker, names, true, false, real):
    problem = problem_at(names)
    right, wrong = ruling(checker, problem, true), ruling(checker, problem, true, false)
    assert (right.outcome, right.strength) == ("verified", "exact"), right
    assert (wrong.outcome, wrong.strength, wrong.evidence["real"]) == ("refuted", "exact", real)
    assert right.isolation == wrong.isolation == f"sandbox {checker._sandbox.level}"
    assert wrong.evidence["fact"] == false


def test_the_order_within_a_set_does_not_matter_but_types_and_the_order_of_keys_do():
    from tracemill.claims.execution.values import same

    assert same("[{1, 2}, {'b', 'a'}]", "[{2, 1}, {'a', 'b'}]")
    assert same("frozenset({'b', 'a'})", "frozenset({'a', 'b'})")
    assert same("({1, 2}, Fraction(1, 2))", "({2, 1}, Fraction(1, 2))")
    assert not same("{'a': 2, 'a': 1}", "{'a': 1}")
    assert not same("{1, 1, 2}", "{1, 2}")
    assert not same("{1, 2}", "{1, 3}")
    assert not same("{1, 2}", "[1, 2]")
    assert not same("{1: 2, 3: 4}", "{3: 4, 1: 2}")
    assert not same("{1: True}", "{1: 1}")
    assert not same("{'a': 1}", "{'a': 1.0}")


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"facts": []},
        {"facts": "result"},
        {"facts": [{"event": "result"}]},
        {"facts": [{"event": "result", "value": 5}]},
        {"facts": [{"event": "result", "value": "1", "type": "int"}]},
        {"facts": [{"event": "result", "holds": "1"}]},
        {"facts": [{"event": "yield", "visit": 2, "type": "tuple", "holds": ""}]},
        {"facts": [{"event": "result", "value": "1", "holds": "1"}]},
        {"facts": [{"event": "result", "type": "list", "holds": 1}]},
        {"facts": [{"event": "result", "value": "1", "line": 3}]},
        {"facts": [{"event": "branch", "line": 1, "visit": 1, "taken": 1}]},
        {"facts": [{"event": "run", "line": True, "visit": 1}]},
        {"facts": [{"event": "believe", "value": "1"}]},
        {"facts": [["event", "result"]]},
        {"facts": [{"event": "result", "value": "Fraction(22, 7)"}], "sure": True},
        {"facts": [{"event": "result", "value": "Fraction(22, 7)"}] * 201},
    ],
)
def test_a_payload_of_another_form_is_unknown(checker, payload):
    assert ruling(checker, problem_of(*FRACTION), payload=payload).outcome == "unknown"


def test_a_step_that_does_not_use_the_call_is_unknown(checker):
    fact = {"event": "result", "value": "Fraction(22, 7)"}
    assert ruling(checker, problem_of(*FRACTION), fact, uses=()).outcome == "unknown"
    assert ruling(checker, problem_of(*FRACTION), fact, uses=(0,)).outcome == "unknown"


@pytest.mark.parametrize(
    "forged",
    [
        {"source": "0" * 20},
        {"call": "0" * 20},
        {"module": "os"},
        {"module": "antigravity"},
        {"package": "networkx"},
        {"qualname": "Fraction.__reduce__"},
        {"qualname": "__import__('os').abort()"},
        {"example": 10**6},
        {"example": -1},
        {"example": "0"},
        {"more": "1"},
    ],
)
def test_a_call_that_the_installed_package_does_not_have_is_unknown(checker, forged):
    fact = {"event": "result", "value": "Fraction(22, 7)"}
    found = ruling(checker, problem_of(*FRACTION, changed=forged), fact)
    assert (found.outcome, "NotFoundError" in found.reason) == ("unknown", True)


class _Ends:
    """A sandbox in which every run ends so."""

    def __init__(self, ended: Ended) -> None:
        self._ended = ended

    def run(self, job: Job) -> Report:
        return Report((self._ended,) * len(job.runs), None, "L3")


class _Counts(_Ends):
    def __init__(self) -> None:
        super().__init__(Ended("cpu", 0))
        self.jobs: list[int] = []

    def run(self, job: Job) -> Report:
        self.jobs.append(len(job.runs))
        return super().run(job)


def test_more_executions_than_a_job_can_have_are_judged_by_several(monkeypatch):
    """A job of more than MAX_RUNS runs is refused."""
    assert checking._AT_ONCE <= MAX_RUNS
    monkeypatch.setattr(checking, "_AT_ONCE", 3)
    sandbox = _Counts()
    claim = Claim("execution", {"facts": [{"event": "result", "value": "Fraction(22, 7)"}]})
    case = ClaimCase(problem_of(*FRACTION), [Step(0, 0, 1, claim, CALL)], [0])
    found = ExecutionChecker(sandbox=sandbox).rule_many([case] * 7)
    assert [set(rulings) for rulings in found] == [{0}] * 7
    assert sandbox.jobs == [3, 3, 1]


@pytest.mark.parametrize(
    ("ended", "reason"),
    [
        (Ended("cpu", 0), "the execution did not end in time"),
        (Ended("wall", 0), "the execution did not end in time"),
        (Ended("memory", 0), "the execution ended its process (memory 0)"),
        (Ended("exit", 0), "the execution ended its process (exit 0)"),
        (Ended("exit", 0, raised="ValueError: no"), "the call cannot be executed: ValueError: no"),
    ],
)
def test_an_execution_that_gives_nothing_is_unknown_and_says_why(ended, reason):
    checker = ExecutionChecker(sandbox=_Ends(ended))
    found = ruling(checker, problem_of(*FRACTION), {"event": "result", "value": "Fraction(22, 7)"})
    assert (found.outcome, found.reason, found.strength) == ("unknown", reason, None)
    assert found.isolation == "sandbox L3"


def test_only_what_is_wanted_is_judged(checker):
    claim = Claim("execution", {"facts": [{"event": "result", "value": "Fraction(22, 7)"}]})
    steps = [Step(0, 0, 1, Claim("equation", {"lhs": "1", "rhs": "2"})), Step(0, 1, 2, claim, (premise(0),))]
    found = checker.rule(problem_of(*FRACTION), steps, [1])
    assert {index: one.outcome for index, one in found.items()} == {1: "verified"}
