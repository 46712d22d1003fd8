"""Names to classes: a table of strings, so that only what a config names is imported.

Every kind can also come from other distributions, through an entry-point group such as `tracemill.tasks`.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from tracemill.settings.errors import UsageError, unknown

TABLE: dict[str, dict[str, str]] = {
    "task": {
        "math.algebra.linear_system": "tracemill.tasks.linear_system.task:LinearSystem",
        "logic.puzzle.knights_knaves": "tracemill.tasks.knights_knaves.task:KnightsKnaves",
        "code.execution.library": "tracemill.tasks.library.task:Library",
        "planning.classical.blocks_world": "tracemill.tasks.blocks_world.task:BlocksWorld",
    },
    "source": {
        "domains": "tracemill.sources.domains:DomainsSource",
        "jsonl": "tracemill.sources.jsonl:JsonlSource",
    },
    "teacher": {
        "symbolic": "tracemill.asking.teachers.symbolic:SymbolicTeacher",
        "replay": "tracemill.asking.teachers.replay:ReplayTeacher",
    },
    "strategy": {"single": "tracemill.asking.strategies.single:Single"},
    "verifier": {
        "answer": "tracemill.verifiers.answer.verifier:AnswerVerifier",
        "steps": "tracemill.verifiers.steps:StepsVerifier",
    },
    "claim": {
        "equation": "tracemill.claims.equation.checker:EquationChecker",
        "entailment": "tracemill.claims.entailment.checker:EntailmentChecker",
        "execution": "tracemill.claims.execution.checker:ExecutionChecker",
        "state": "tracemill.claims.state.checker:StateChecker",
    },
    "executor": {
        "local": "tracemill.running.executors.in_process:LocalExecutor",
        "ray": "tracemill.running.executors.on_ray:RayExecutor",
    },
    "view": {
        "sft": "tracemill.views.sft:VIEW",
        "process": "tracemill.views.process:VIEW",
        "rlvr": "tracemill.views.rlvr:VIEW",
    },
}

ENTRY_POINTS = {
    thing: f"tracemill.{plural}"
    for thing, plural in (
        ("task", "tasks"),
        ("claim", "claims"),
        ("verifier", "verifiers"),
        ("teacher", "teachers"),
        ("strategy", "strategies"),
        ("source", "sources"),
        ("view", "views"),
    )
}
"""The entry-point group in which another distribution names plugins of each kind."""


@cache
def installed(thing: str) -> dict[str, str]:
    """Every name of a kind of plugin with the `module:attribute` it stands for."""
    group = ENTRY_POINTS.get(thing)
    found = {point.name: point.value for point in entry_points(group=group)} if group else {}
    return found | TABLE[thing]


def load(thing: str, name: str) -> Any:
    """The class or function behind a name.

    Raises:
        UsageError: no such name, or what it needs is not installed.
    """
    table = installed(thing)
    if name not in table:
        raise unknown(thing, name, table)
    module, _, attribute = table[name].partition(":")
    try:
        loaded = import_module(module)
    except ImportError as exc:
        raise UsageError(f"{thing} {name!r} needs the module {exc.name!r}; install it, or leave {name!r} out") from exc
    if not hasattr(loaded, attribute):
        raise UsageError(f"{thing} {name!r} is not at {table[name]!r}; correct the entry point that says so")
    return getattr(loaded, attribute)


def matching(thing: str, patterns: Iterable[str]) -> list[str]:
    """The names that match any of the shell patterns, sorted; `math.*` matches every task of mathematics.

    Raises:
        UsageError: a pattern that matches nothing.
    """
    table = installed(thing)
    names: set[str] = set()
    for pattern in patterns:
        hits = fnmatch.filter(table, pattern)
        if not hits:
            raise unknown(thing, pattern, table, "a pattern such as 'math.*' also works")
        names.update(hits)
    return sorted(names)
