"""Test files, read without running them: asserts that are a call and a literal become tests of mode `call`.

So their expected values stay outside of every cage. A file in which one statement is anything else is not read here,
and runs in a cage of its own (`modes/unit.py`). Python's own tree is read, nothing is evaluated but literals.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from tracemill.sandbox.transfer import encode
from tracemill.software.python_source import parsed
from tracemill.verifiers.code.spec import CallTest, ValueComparison

_AS_PYTHON = ValueComparison(numbers="python")
_IDENTICAL = ValueComparison()


class _NotPlain(Exception):
    """A statement that is no call and a literal."""


@lru_cache(maxsize=256)
def plain_tests(test_file: str, function: str | None) -> tuple[CallTest, ...] | None:
    """The tests of a file that has nothing but asserts of calls, at its top or in `check(candidate)`; else None.
    `function`: what `candidate` stands for.

    >>> plain_tests("assert add(1, 2) == 3", None)[0].arguments
    (1, 2)
    """
    tree = parsed(test_file)
    if tree is None:
        return None
    try:
        found = tuple(_tests_of(tree.body, {}, function))
    except (_NotPlain, ValueError):  # such as a literal that is nested too deep
        return None
    return found or None


def _tests_of(body: list[ast.stmt], names: dict[str, str], function: str | None) -> Iterator[CallTest]:
    for statement in body:
        match statement:
            case ast.Assert(test=test):
                yield _test(test, names)
            case ast.Expr(value=ast.Constant()) | ast.Pass():
                pass
            case ast.Assign(targets=[ast.Name(id="METADATA")]):
                pass
            case ast.FunctionDef(name="check", args=ast.arguments(args=[argument])) if function and not names:
                yield from _tests_of(statement.body, {argument.arg: function}, function)
            case ast.Expr(value=ast.Call(func=ast.Name(id="check"), args=[ast.Name()])) if function and not names:
                pass
            case ast.FunctionDef(name=name) if name.startswith("test") and not names and _takes_nothing(statement):
                yield from _tests_of(statement.body, {"": ""}, function)
            case ast.ImportFrom(module="solution", names=imported) if not any(one.asname for one in imported):
                pass
            case ast.Import(names=[ast.alias(name="pytest", asname=None)]):
                pass
            case ast.With(items=[ast.withitem(context_expr=context)], body=[ast.Expr(value=call)]):
                yield CallTest(**_call(call, names), raises=_raised(context))
            case _:
                raise _NotPlain


def _raised(context: ast.expr) -> str:
    """The built-in exception of a `pytest.raises` that asks for nothing but its type."""
    match context:
        case ast.Call(
            func=ast.Attribute(value=ast.Name(id="pytest"), attr="raises"), args=[ast.Name(id=name)], keywords=[]
        ):
            kind = getattr(builtins, name, None)
            if isinstance(kind, type) and issubclass(kind, Exception):
                return name
    raise _NotPlain


def _takes_nothing(function: ast.FunctionDef) -> bool:
    every = function.args
    given = [*every.posonlyargs, *every.args, *every.kwonlyargs, every.vararg, every.kwarg]
    return not any(given) and not function.decorator_list


def _test(test: ast.expr, names: dict[str, str]) -> CallTest:
    match test:
        case ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]):
            call, value = (left, right) if _is_call(left) else (right, left)
            return _equal(call, _literal(value), _AS_PYTHON, names)
        case ast.Compare(left=left, ops=[ast.Is()], comparators=[ast.Constant(value=None | True | False as value)]):
            return _equal(left, value, _IDENTICAL, names)
        case ast.Compare(
            left=ast.Call(func=ast.Name(id="abs"), args=[ast.BinOp(left=call, op=ast.Sub(), right=value)], keywords=[]),
            ops=[ast.Lt() | ast.LtE()],
            comparators=[bound],
        ):
            return _near(call, _literal(value), _literal(bound), names)
        case ast.UnaryOp(op=ast.Not(), operand=call):
            return _of_truth(call, False, names)
        case ast.Call():
            return _of_truth(test, True, names)
    raise _NotPlain


def _is_call(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and not _is_special(node)


def _is_special(node: ast.expr) -> bool:
    """A call that makes a literal."""
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("set", "float", "frozenset")
    )


def _equal(call: ast.expr, value: Any, how: ValueComparison, names: dict[str, str]) -> CallTest:
    return CallTest(**_call(call, names), expected=encode(value), compare=how)


def _near(call: ast.expr, value: Any, bound: Any, names: dict[str, str]) -> CallTest:
    """A comparison's tolerance is a share of an expected number above 1; the bound of a test is not."""
    expected, most = _real(value), _real(bound)
    if most <= 0:
        raise _NotPlain
    how = ValueComparison(numbers="python", tolerance=most / max(1.0, abs(expected)))
    return CallTest(**_call(call, names), expected=encode(value), compare=how)


def _real(value: Any) -> float:
    if type(value) not in (int, float) or not abs(value) < 1e300:
        raise _NotPlain
    return float(value)


def _of_truth(call: ast.expr, truth: bool, names: dict[str, str]) -> CallTest:
    return CallTest(**_call(call, names), truth=truth)


def _call(node: ast.expr, names: dict[str, str]) -> dict[str, Any]:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or _is_builtin(node.func.id):
        raise _NotPlain
    if any(one.arg is None for one in node.keywords) or any(isinstance(one, ast.Starred) for one in node.args):
        raise _NotPlain
    return {
        "function": names.get(node.func.id, node.func.id),
        "arguments": [encode(_literal(one)) for one in node.args],
        "keywords": {one.arg: encode(_literal(one.value)) for one in node.keywords},
    }


def _is_builtin(name: str) -> bool:
    """Whether a name is Python's own, and so not the candidate's function."""
    return hasattr(builtins, name)


def _literal(node: ast.expr) -> Any:
    match node:
        case ast.Call(func=ast.Name(id="set"), args=[], keywords=[]):
            return set()
        case ast.Call(func=ast.Name(id="frozenset"), args=[], keywords=[]):
            return frozenset()
        case ast.Call(func=ast.Name(id="set" | "frozenset" as kind), args=[items], keywords=[]):
            try:
                return set(_literal(items)) if kind == "set" else frozenset(_literal(items))
            except TypeError as exc:
                raise _NotPlain from exc
        case ast.Call(func=ast.Name(id="float"), args=[ast.Constant(value=str() as text)], keywords=[]):
            try:
                return float(text)
            except ValueError as exc:
                raise _NotPlain from exc
        case ast.UnaryOp(op=ast.USub(), operand=ast.Call() as inner):
            value = _literal(inner)
            if isinstance(value, float):
                return -value
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, RecursionError, MemoryError) as exc:
        raise _NotPlain from exc
