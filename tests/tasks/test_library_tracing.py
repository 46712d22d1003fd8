"""Executions as every Python records them: comprehensions, statements of several lines, generators."""

from __future__ import annotations

import json
from itertools import count

import pytest
from tracemill.claims.execution.calls import call_of, function_of
from tracemill.tasks.library.events import Truths, truths
from tracemill.tasks.library.oracle import _Stops
from tracemill.tasks.library.tracing import UntraceableError, told

_numbers = count()


@pytest.fixture
def recorded(tmp_path, monkeypatch):
    """(source of a module with `f` in it) → the call of its first example, and what is recorded of it."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def record(source):
        name = f"recorded_module_{next(_numbers)}"
        tmp_path.joinpath(f"{name}.py").write_text(source)
        function = function_of(name, "f")
        assert function is not None
        call = call_of("python", function, 0)
        assert call is not None
        return call, told(call, function.object().__code__)

    return record


def briefly(events):
    """Kind and line of each event, and what it changes or decides."""
    return [
        (event["kind"], event.get("line", 0), *(json.dumps(event[key]) for key in ("changes", "taken") if key in event))
        for event in events
    ]


IN_ONE_LINE = '''
def f(xs):
    """
    >>> f([1, 2])
    6
    """
    total = 0
    for x in [y + 1 for y in xs]:
        total += sum([z for z in range(x)])
        if any([z > total for z in xs]):
            total += 1
    return {total for _ in xs}.pop()
'''


def test_a_comprehension_is_a_part_of_its_statement_and_its_variables_are_its_own(recorded):
    _, found = recorded(IN_ONE_LINE)
    assert briefly(found["events"]) == [
        ("arguments", 0),
        ("run", 2, '{"total": {"value": "0"}}'),
        ("enter", 3),
        ("round", 3, '{"x": {"value": "2"}}'),
        ("run", 4, '{"total": {"value": "1"}}'),
        ("test", 5, "{}", "true"),
        ("run", 6, '{"total": {"value": "2"}}'),
        ("round", 3, '{"x": {"value": "3"}}'),
        ("run", 4, '{"total": {"value": "5"}}'),
        ("test", 5, "{}", "false"),
        ("leave", 3),
        ("return", 7),
    ]
    assert [event["count"] for event in found["events"] if event["kind"] == "leave"] == [2]
    assert found["result"] == {"value": "5"}


IN_SEVERAL_LINES = '''
def f(nodes):
    """
    >>> f([1, 2])
    {1: 2, 2: 4}
    """
    first = sum(v for v in nodes if v in nodes)
    found = {
        v: (v
            + v)
        for v in nodes
    }
    while first > len(
        [v for v in nodes]
    ):
        first -= 1
    if [v
        for v in nodes if v > first]:
        return None
    return found
'''


def test_a_comprehension_of_several_lines_is_reached_once(recorded):
    _, found = recorded(IN_SEVERAL_LINES)
    assert briefly(found["events"]) == [
        ("arguments", 0),
        ("run", 2, '{"first": {"value": "3"}}'),
        ("run", 3, '{"found": {"value": "{1: 2, 2: 4}"}}'),
        ("enter", 8),
        ("test", 8, "{}", "true"),
        ("run", 11, '{"first": {"value": "2"}}'),
        ("test", 8, "{}", "false"),
        ("leave", 8),
        ("test", 12, "{}", "false"),
        ("return", 15),
    ]


SHADOWED = '''
def f(nodes, v=None):
    """
    >>> f([1, 2])
    [1, 2]
    """
    ask = lambda: v
    found = [v for v in nodes]
    v = found
    return ask()
'''


def test_a_comprehension_whose_variable_is_one_of_a_closure_is_followed(recorded):
    """Whoever reads the variables within it ends Python 3.13.0 by a segmentation fault (python/cpython#128396), as
    happened in `number_of_cliques` of networkx."""
    _, found = recorded(SHADOWED)
    assert briefly(found["events"])[2:] == [
        ("run", 3, '{"found": {"value": "[1, 2]"}}'),
        ("run", 4, '{"v": {"value": "[1, 2]"}}'),
        ("return", 5),
    ]


GENERATOR = '''
def f(xs):
    """
    >>> list(f([1, 2]))
    [[0], [0, 1], 3]
    """
    total = 0
    for x in xs:
        total += x
        yield [y for y in range(x)]
    while True:
        total += 0
        yield total
        break
'''


def test_what_a_generator_hands_out_is_no_return(recorded):
    _, found = recorded(GENERATOR)
    handed = [event["value"] for event in found["events"] if event["kind"] == "yield"]
    assert handed == ["[0]", "[0, 1]", "3"]
    assert [event for event in found["events"] if event["kind"] == "return"] == [
        {"kind": "return", "line": 9, "value": "None"}
    ]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_generator_that_is_given_up_is_not_followed(recorded):
    with pytest.raises(UntraceableError):
        recorded(GENERATOR.replace("list(f([1, 2]))", "next(f([1, 2]))"))


ENDLESS = '''
def f(xs):
    """
    >>> f([1, 2])
    [3, 2]
    """
    while True:
        xs = [
            x + 1
            for x in xs if x < 3
        ] + [2]
        if xs[0] == 3:
            return xs
'''


@pytest.mark.parametrize("source", [IN_ONE_LINE, IN_SEVERAL_LINES, SHADOWED, GENERATOR, ENDLESS])
def test_the_debugger_of_the_oracle_sees_the_same(recorded, source):
    call, found = recorded(source)
    stops = _Stops(call)
    stops.play(call.function.object().__code__)
    facts = list(_facts(truths(found["events"], found["result"])))
    assert len(facts) > 3
    assert [fact for fact in facts if not stops.confirms(fact)] == []
    false = [{**fact, "visit": fact["visit"] + 9} for fact in facts if "visit" in fact]
    assert not any(map(stops.confirms, false))


def _facts(true: Truths):
    yield from true.arguments.values()
    for (line, visit), state in true.after.items():
        yield from ({**fact, "line": line, "visit": visit} for fact in state.values() if fact["event"] == "assign")
    for (line, visit), taken in true.taken.items():
        yield {"event": "branch", "line": line, "visit": visit, "taken": taken}
    for (line, visit), rounds in true.counts.items():
        yield {"event": "loop", "line": line, "visit": visit, "count": rounds}
    yield from ({"event": "yield", "visit": number, **value} for number, value in enumerate(true.yields, 1))
    yield {"event": "return", **true.returned}
    yield {"event": "result", **true.result}
