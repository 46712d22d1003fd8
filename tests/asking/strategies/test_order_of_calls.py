"""No strategy looks at the order in which calls end: it would decide otherwise after a kill."""

from __future__ import annotations

import pytest
from retelling import solved_problems
from scripted import Rolled, problem
from tracemill.settings.plugins import TABLE, load

SETTINGS = {
    "single": {"samples": 6},
    "agent": {"samples": 6},
    "best_of_n": {"samples": 6},
    "majority": {"samples": 7},
    "adaptive": {"samples": 20, "verified": 3},
    "refine": {"samples": 4},
    "retell": {"samples": 4, "tries": 2},
    "search": {"beam": None, "branch": 3, "rollouts": 3, "solutions": 4, "expansions": 10},
}


@pytest.mark.parametrize("kind", sorted(TABLE["strategy"]))
def test_the_traces_are_the_same_whichever_call_ends_first(kind):
    config = load("strategy", kind).Config(kind=kind, **SETTINGS[kind])
    # Only problems of tasks have a solution to be given again.
    of_tasks = [one for one, _ in solved_problems(1)]
    problems = of_tasks if kind == "retell" else [problem(number) for number in range(1, 7)]
    first, *others = (Rolled(config, problems, rate=0.4, shuffle=number) for number in range(3))
    for other in others:
        assert other.traces == first.traces
        assert [one.call for one in other.completions] != [one.call for one in first.completions]
