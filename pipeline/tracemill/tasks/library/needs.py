"""All that a prompt must show beside a function's source, so that a reader can follow one call of it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tracemill.claims.execution.calls import FunctionCall
from tracemill.tasks.library.events import Recording, own_parts, statements
from tracemill.tasks.library.helpers import helpers_of
from tracemill.tasks.library.surroundings import Surroundings, UnknownNameError, variables


@dataclass(frozen=True, slots=True)
class Needs:
    """`context`: lines of the function's module; `helpers`: sources, each under its module and what that imports;
    `notes`: sentences on what is known. `runs`: how often helpers, lambdas, generator expressions and
    the function within itself run."""

    context: list[str]
    helpers: list[str]
    notes: list[str]
    runs: int


def needs_of(call: FunctionCall, run: Recording) -> Needs | None:
    """What a reader of this execution needs; None if it cannot all be shown or known."""
    function = call.function
    helpers = helpers_of(function, run.calls)
    if helpers is None:
        return None
    short = function.qualname.rpartition(".")[2]
    around = Surroundings(helpers.names | {short})
    try:
        around.prepared(function.module, f"{call.setup}\n{call.expression}", _prepared(call), short)
        around.read(function.module, _executed(call, run), variables(function.tree))
        beside = [_shown_helper(module, source, around) for (module, _), source in sorted(helpers.sources.items())]
    except UnknownNameError:
        return None
    notes = dict.fromkeys([*helpers.notes, *around.notes])
    within = f"{function.qualname}.<locals>"
    runs = sum(
        count
        for (_, callee), count in run.calls.items()
        if callee in helpers.sources
        or callee == (function.module, function.qualname)
        or (callee[0] == function.module and callee[1].startswith(within))
    )
    context = [line for line in around.lines.get(function.module, ()) if line not in call.setup.splitlines()]
    return Needs(sorted(context, key=_is_constant), beside, list(notes), runs)


def _is_constant(line: str) -> bool:
    return not line.startswith(("import ", "from "))


def _prepared(call: FunctionCall) -> dict[str, Any]:
    space: dict[str, Any] = {"__name__": "example"}
    exec(compile(call.setup, "<setup>", "exec"), space)  # from the installed package, found by name
    return space


def _executed(call: FunctionCall, run: Recording) -> Iterable[ast.AST]:
    """The parts of the statements that ran, and the decorators of none: the shown source has none."""
    owner = statements(call.function.tree)
    shown = {number: line for line, number in enumerate(call.function.lines, 1)}
    ran = {id(owner[shown[number]]): owner[shown[number]] for number, _ in run.visits}
    for node in ran.values():
        yield node
        yield from own_parts(node)


def _shown_helper(module: str, source: str, around: Surroundings) -> str:
    definition = next(node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef))
    inside = Surroundings(around.shown)
    inside.read(module, _inside(definition), variables(definition))
    around.notes.update(inside.notes)
    return "\n".join([f"# {module}", *sorted(inside.lines.get(module, ()), key=_is_constant), source])


def _inside(definition: ast.FunctionDef) -> Iterator[ast.AST]:
    """Without annotations and decorators, which nobody runs."""
    for node in definition.body:
        yield from ast.walk(node)
    yield from (part for default in definition.args.defaults for part in ast.walk(default))
