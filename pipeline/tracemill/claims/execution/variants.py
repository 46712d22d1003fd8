"""A function with one of its expressions changed, as a slip of its author might have left it.

The changes of a function are numbered in the order of its source; each replaces one expression within a line by another
text, so that line numbers stay. They can be made together where they are in different lines.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from types import CodeType

from tracemill.claims.execution.calls import Function, FunctionCall, NotFoundError

_COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    **{ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt},
    **{ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In},
}
_COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    **{ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.FloorDiv: ast.Mod, ast.Mod: ast.FloorDiv},
    **{ast.LShift: ast.RShift, ast.RShift: ast.LShift, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd},
}
_CALLED = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True, slots=True)
class CodeChange:
    """In line `line` of the shown source, `before` from byte `start` to `end` becomes `after`."""

    line: int
    start: int
    end: int
    after: str


@lru_cache(maxsize=256)
def changes(source: str) -> tuple[CodeChange, ...]:
    """All changes of a function."""
    definition = ast.parse(source).body[0]
    assert isinstance(definition, ast.FunctionDef)
    rows = source.split("\n")
    found = (change for node in definition.body for part in ast.walk(node) for change in _changes(part))
    unique = dict.fromkeys(sorted(found, key=lambda one: (one.line, one.start, one.end, one.after)))
    return tuple(change for change in unique if _stands_alone(change, rows))


def _changes(node: ast.AST) -> Iterator[CodeChange]:
    if not isinstance(node, ast.expr) or node.lineno != node.end_lineno or not node.end_col_offset:
        return
    for other in _others(node):
        after = ast.unparse(other)
        yield CodeChange(node.lineno, node.col_offset, node.end_col_offset, after)


def _others(node: ast.expr) -> Iterator[ast.expr]:
    other = copy.deepcopy(node)
    match other:
        case ast.Compare(ops=[op]) if type(op) in _COMPARED:
            other.ops = [_COMPARED[type(op)]()]
            yield other
        case ast.BinOp(op=op) if type(op) in _COMPUTED:
            other.op = _COMPUTED[type(op)]()
            yield other
        case ast.BoolOp(op=op):
            other.op = ast.Or() if isinstance(op, ast.And) else ast.And()
            yield other
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield operand
        case ast.Constant(value=int(value)) if type(value) is int and 0 <= value < 100:
            yield ast.Constant(value + 1)
            if value:
                yield ast.Constant(value - 1)
        case ast.Call(func=ast.Name(id=name)) if name in _CALLED:
            other.func = ast.Name(_CALLED[name], ast.Load())
            yield other


def _stands_alone(change: CodeChange, rows: Sequence[str]) -> bool:
    """Whether the changed line still can be read, and is still another one."""
    row = _row(rows[change.line - 1], change)
    return row != rows[change.line - 1] and len(row) <= 120


def _row(row: str, change: CodeChange) -> str:
    data = row.encode()
    return (data[: change.start] + change.after.encode() + data[change.end :]).decode()


def with_changes(source: str, numbers: Sequence[int]) -> str | None:
    """The source with these changes made; None where two are in one line, or it can no longer be read."""
    all_changes = changes(source)
    if not all(0 <= number < len(all_changes) for number in numbers):
        return None
    made = [all_changes[number] for number in numbers]
    if len({change.line for change in made}) < len(made):
        return None
    rows = source.split("\n")
    for change in made:
        rows[change.line - 1] = _row(rows[change.line - 1], change)
    text = "\n".join(rows)
    try:
        return text if len(ast.parse(text).body) == 1 else None
    except SyntaxError:
        return None


def changed(call: FunctionCall, numbers: object) -> FunctionCall:
    """The call made to the function as these changes leave it.

    Raises:
        NotFoundError: they cannot be made.
    """
    sound = isinstance(numbers, list | tuple) and numbers and all(type(number) is int for number in numbers)
    source = with_changes(call.function.source, tuple(numbers)) if sound else None  # type: ignore[arg-type]
    if source is None:
        raise NotFoundError(f"{call.function.qualname} cannot be changed so")
    changed_call = with_source(call, source)
    return replace(changed_call, function=replace(changed_call.function, variant=tuple(numbers)))  # type: ignore[arg-type]


def with_source(call: FunctionCall, source: str) -> FunctionCall:
    """The call made to the function as another source defines it."""
    lines = tuple(range(1, len(source.split("\n")) + 1))
    return replace(call, function=replace(call.function, source=source, lines=lines, variant=(-1,)))


@contextmanager
def code_in_place(call: FunctionCall) -> Iterator[CodeType]:
    """The code that runs when the call is made; of a changed function it is put in the place of the original's."""
    function = call.function.object()
    original = function.__code__
    if not call.function.variant:
        yield original
        return
    definition = ast.parse(call.function.source).body[0]
    assert isinstance(definition, ast.FunctionDef)
    function.__code__ = code = body_code(definition, original)
    try:
        yield code
    finally:
        function.__code__ = original


def body_code(definition: ast.FunctionDef, original: CodeType) -> CodeType:
    """Decorators, defaults and annotations are the function's own already; only the body is compiled anew."""
    definition.decorator_list = []
    definition.returns = None
    every = definition.args
    for argument in [*every.posonlyargs, *every.args, *every.kwonlyargs, every.vararg, every.kwarg]:
        if argument is not None:
            argument.annotation = None
    every.defaults, every.kw_defaults = [ast.Constant(None) for _ in every.defaults], [None for _ in every.kwonlyargs]
    module = ast.fix_missing_locations(ast.Module([definition], []))
    compiled = compile(module, original.co_filename, "exec", dont_inherit=True)
    return next(constant for constant in compiled.co_consts if isinstance(constant, CodeType))


def shown_line(function: Function, number: int) -> str:
    """A line of the shown source without its indentation."""
    return function.source.split("\n")[number - 1].strip()
