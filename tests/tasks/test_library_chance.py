"""Calls beneath which something is drawn by chance."""

from __future__ import annotations

from itertools import count

import pytest
from tracemill.claims.execution import chance
from tracemill.claims.execution.calls import FunctionCall, call_of, function_of
from tracemill.claims.execution.observing import observe
from tracemill.tasks.library.events import events_of
from tracemill.tasks.library.harvest import MAX_CALLS, _follows_chance
from tracemill.tasks.library.tracing import Looks, local_values, record, shown

_numbers = count()

HELPED = '''
from random import Random, randrange

_own = Random()


def drawn(most):
    return {draw}


def f(n):
    """
    >>> f(4)
    10
    """
    total = 0
    for k in range(n + 1):
        extra = drawn(9)
        {forget}
        total += k
    return total
'''
SHOWN = HELPED.replace("{forget}", "")
FORGOTTEN = HELPED.replace("extra = drawn(9)", "drawn(9)").replace("{forget}", "pass")


@pytest.fixture
def module(tmp_path, monkeypatch):
    """(source of a module, what its helper gives) → its name."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def written(source: str, draw: str) -> str:
        name = f"chancy_module_{next(_numbers)}"
        tmp_path.joinpath(f"{name}.py").write_text(source.replace("{draw}", draw))
        return name

    return written


def call(name: str) -> FunctionCall:
    function = function_of(name, "f")
    assert function is not None
    found = call_of("python", function, 0)
    assert found is not None
    return found


@pytest.mark.parametrize("draw", ["randrange(most)", "_own.randrange(most)"])
def test_a_value_that_hangs_on_chance_is_seen_and_one_that_nobody_keeps_is_not(module, draw):
    """Before what a reader needs is looked for: what that takes as known may draw."""
    looks = Looks(local_values, shown, MAX_CALLS)
    for source, follows in ((SHOWN, True), (FORGOTTEN, False)):
        made = call(module(source, draw))
        events = events_of(made.function, record(made, made.function.object().__code__, looks))
        assert _follows_chance(made, looks, events) is follows


def test_what_was_drawn_is_noticed_of_random_and_of_a_modules_own_generator(module):
    for draw, noticed in (("randrange(most)", True), ("_own.randrange(most)", True), ("most", False)):
        made = call(module(FORGOTTEN, draw))
        chance.rewind()
        assert not chance.is_drawn()
        assert made.function.object()(4) == 10
        assert chance.is_drawn() is noticed


def test_an_execution_does_not_hang_on_those_before_it_in_its_process(module):
    made = call(module(SHOWN, "randrange(10**9)"))
    fact = {"event": "assign", "line": 4, "visit": 3, "name": "extra", "value": "?"}
    assert made.function.source.splitlines()[3].strip() == "extra = drawn(9)"
    first, second = (observe({"call": dict(made.names), "facts": [[fact]]})["real"][0][0]["real"] for _ in range(2))
    assert first == second and first.isdigit()
