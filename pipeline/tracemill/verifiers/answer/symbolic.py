"""Equality of mathematical expressions, for a child process: parsing and simplifying may take for ever.

Expressions are LaTeX or Python's notation. The text comes from a model, so nothing is ever evaluated as Python: its
notation is rewritten as LaTeX, from a syntax tree of known nodes only. Numbers and functions are compared here, sets,
relations, tuples and matrices by math-verify. Its parser with its own settings is not used: it drops letters that may
be units (`2ab` becomes 2), reads `9%` as 9, takes the last of `3 or 4`, and ignores case.

Only a child imports this module, so it loads what it needs at once: a call's deadline is for the expressions alone.
"""

from __future__ import annotations

import ast
import logging
import re
from typing import Any

from latex2sympy2_extended.latex2sympy2 import ConversionConfig, NormalizationConfig, latex2sympy
from math_verify import verify
from sympy import (
    Dummy,
    Eq,
    Expr,
    FiniteSet,
    I,
    MatrixBase,
    MatrixExpr,
    Rational,
    Symbol,
    expand,
    minimal_polynomial,
    simplify,
)
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational

# math-verify warns that its timeouts are off: the process has one.
logging.disable(logging.WARNING)

_FUNCTIONS = frozenset(
    {"sin", "cos", "tan", "cot", "sec", "csc", "asin", "acos", "atan", "arcsin", "arccos", "arctan", "sinh", "cosh"}
    | {"tanh", "exp", "log", "ln", "sqrt", "abs", "Abs"}
)
_LATEX_FUNCTIONS = {"asin": "arcsin", "acos": "arccos", "atan": "arctan"}
_GREEK = frozenset(
    {"alpha", "beta", "gamma", "delta", "epsilon", "theta", "lambda", "mu", "nu", "rho", "sigma", "tau", "phi", "omega"}
)
_CONSTANTS = {"pi": r"\pi", "E": "e", "I": "i", "oo": r"\infty"}
_OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "({}) + ({})",
    ast.Sub: "({}) - ({})",
    ast.Mult: r"({}) \cdot ({})",
    ast.Div: r"\frac{{{}}}{{{}}}",
    ast.Pow: "({})^{{{}}}",
}
_CALL = re.compile(rf"\b(?:{'|'.join(sorted(_FUNCTIONS))})\s*\(")
_PYTHON = re.compile(rf"\*|\^\s*\(|{_CALL.pattern}")
_SHORT_FRACTION = re.compile(r"\\[dtc]?frac\s*(?:\{([^{}]*)\}|(\d))\s*(?:\{([^{}]*)\}|(\d))")
_SHORT_ROOT = re.compile(r"\\sqrt(?:\s*(\d)|\s+([A-Za-z])(?![A-Za-z]))")
_GROUPED = re.compile(r"(?<![\d.,])\d{1,3}(?:(?:,|\{,\})\d{3})+(?![\d,])")
_BARE_LOG = re.compile(r"\\log(?![A-Za-z]|\s*_)|(?<![\\A-Za-z])log(?=\s*\()")
# The parser passes these over: a derivative would be its function, a transpose its matrix, a series its first terms.
_PASSED_OVER = re.compile(r"['’′\"]|\\prime|\\[lcdv]?dots|…|\^\s*\{?\s*(?:T(?![A-Za-z])|\\top|\\intercal)")
_DECIMAL = re.compile(r"(\d*)\.(\d+)")
_NORMAL = NormalizationConfig(basic_latex=True, units=False, malformed_operators=False, nits=False, boxed="none")
_CONVERSION = ConversionConfig(lowercase_symbols=False)
_TWO_READINGS = re.compile(
    rf"/\s*(?:\d[\d.]*|(?!(?:{'|'.join(sorted(_FUNCTIONS))})\b)[A-Za-z](?:_\w|_\{{\w+\}})?)\s*"
    r"(?:[A-Za-z(]|\\(?:left|pi|sqrt|frac|sin|cos|tan|ln|log|exp|alpha|beta|gamma|theta|lambda)(?![A-Za-z]))"
)
"""`1/2x`: a half of x, or one over 2x."""
_POINTS = ("3/7", "11/5", "13/11", "17/3")
_APART, _TOGETHER = Rational(1, 10**12), Rational(1, 10**50)


def compare(request: dict[str, Any]) -> dict[str, Any]:
    """Whether `request["answer"]` equals `request["gold"]`.

    The reply: `outcome`, `strength` and `reason`. Verified is `exact` where both are the same expression or their
    difference expands to 0, `tested` where simplification, 50 digits or math-verify say so. A number or function is
    refuted only by a point with positive coordinates where the two differ. An answer that cannot be parsed, or shown
    equal or different, is unknown, and so is what hangs on whether `log` is the natural logarithm or that to base 10;
    an expected answer that cannot be parsed is an error.
    """
    gold, answer = _ungrouped(request["gold"], request["answer"])
    reply = _compare(gold, answer)
    if _BARE_LOG.search(gold) or _BARE_LOG.search(answer):
        natural = _compare(_BARE_LOG.sub(r"\\ln ", gold), _BARE_LOG.sub(r"\\ln ", answer))
        if natural["outcome"] != reply["outcome"]:
            return _reply("unknown", "equal for one base of the logarithm only")
    return reply


def _ungrouped(gold: str, answer: str) -> tuple[str, str]:
    """Both texts without thousands separators, unless a comma of theirs separates something else."""
    plain = _GROUPED.sub(_digits, gold), _GROUPED.sub(_digits, answer)
    enclosed = any(re.match(r"\s*(?:\\left)?\s*(?:[(\[]|\\\{)", text) for text in (gold, answer))
    return (gold, answer) if enclosed or "," in "".join(plain) else plain


def _digits(number: re.Match[str]) -> str:
    return re.sub(r"\D", "", number[0])


def _compare(gold_text: str, answer_text: str) -> dict[str, Any]:
    gold, answer = _parse(gold_text), _parse(answer_text)
    if gold is None:
        return _reply("error", "the expected answer cannot be parsed as an expression")
    if answer is None:
        return _reply("unknown", "the answer cannot be parsed as an expression")
    if _repeats(gold_text, gold) or _repeats(answer_text, answer):
        return _reply("unknown", "a list that names a value twice")
    return _compare_values(gold, answer)


def _compare_values(gold: Any, answer: Any) -> dict[str, Any]:
    if gold == answer:
        return _reply("verified", "the same expression", "exact")
    if isinstance(gold, Eq) != isinstance(answer, Eq):
        gold, answer = _assigned(gold), _assigned(answer)
        if isinstance(gold, Eq) != isinstance(answer, Eq):
            return _reply("unknown", "an equation beside what is none")
    if _is_scalar(gold) and _is_scalar(answer):
        return _compare_scalars(gold, answer)
    return _compare_others(gold, answer)


def _compare_scalars(gold: Any, answer: Any) -> dict[str, Any]:
    difference = expand(gold - answer)
    if difference == 0:
        return _reply("verified", "the difference expands to 0", "exact")
    if difference.is_zero is False or _differ_somewhere(gold, answer):
        return _reply("refuted", "the two differ in value", "tested")
    difference = simplify(difference)
    if difference == 0:
        return _reply("verified", "the difference simplifies to 0", "tested")
    return _compare_to_zero(difference)


def _compare_to_zero(difference: Any) -> dict[str, Any]:
    """Of two values that agree in their first digits: algebraic numbers by their minimal polynomial, others by more."""
    if difference.is_number and difference.is_algebraic:
        letter = Dummy()
        if minimal_polynomial(difference, letter) == letter:
            return _reply("verified", "the minimal polynomial of the difference is that of 0", "exact")
        return _reply("refuted", "the minimal polynomial of the difference is not that of 0", "exact")
    if difference.is_number and abs(difference.evalf(60)) < _TOGETHER:
        return _reply("verified", "equal to 50 digits", "tested")
    return _reply("unknown", "shown neither equal nor different")


def _compare_others(gold: Any, answer: Any) -> dict[str, Any]:
    if verify(gold, answer, float_rounding=15, allow_set_relation_comp=True, timeout_seconds=None, raise_on_error=True):
        if isinstance(gold, FiniteSet) != isinstance(answer, FiniteSet) and not _is_scalar(gold):
            return _reply("unknown", "a set beside a tuple or an interval")
        return _reply("verified", "equal as sets, relations, tuples or matrices", "tested")
    if not _is_scalar(gold) and not _is_scalar(answer) and (gold.has(Relational) or answer.has(Relational)):
        return _reply("unknown", "relations that could not be shown equal")
    return _reply("refuted", "not equal as sets, relations, tuples or matrices", "tested")


def _differ_somewhere(gold: Any, answer: Any) -> bool:
    """Whether the two have clearly different values at one of a few fixed points.

    All letters are positive there, for `ln(x^2)` and `2 ln(x)` are the same to those who write them. Of the points,
    those where both values are real decide; where there is none, all do.
    """
    symbols = sorted(gold.free_symbols | answer.free_symbols, key=str)
    real: list[bool] = []
    others: list[bool] = []
    for shift in range(len(_POINTS) if symbols else 1):
        at = {symbol: Rational(_POINTS[(k + shift) % len(_POINTS)]) + k for k, symbol in enumerate(symbols)}
        left, right = gold.subs(at).evalf(30), answer.subs(at).evalf(30)
        both_real = bool(left.is_extended_real and right.is_extended_real)
        (real if both_real else others).append(_differ(left, right, both_real))
    return any(real or others)


def _differ(left: Any, right: Any, both_real: bool) -> bool:
    if left.is_infinite or right.is_infinite:
        return both_real and bool(left != right)
    return bool(left.is_number and right.is_number and abs(left - right) > _APART * (1 + abs(left)))


def _repeats(text: str, value: Any) -> bool:
    """Whether a list has more items than its set."""
    return isinstance(value, FiniteSet) and _items(text) > len(value)


def _items(text: str) -> int:
    """The number of items that the outermost commas separate."""
    inner = re.sub(r"\\left|\\right", "", text).strip()
    if inner.startswith("\\{") and inner.endswith("\\}"):
        inner = inner[2:-2]
    depth, items = 0, 1
    for mark in re.findall(r"[()\[\]{},;]", inner):
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(mark, 0)
        items += depth == 0 and mark in ",;"
    return items


def _assigned(value: Any) -> Any:
    """The value in `x = value` and in `f(x) = value`; what has the name on both sides is an equation."""
    if not isinstance(value, Eq) or not isinstance(value.lhs, Symbol | AppliedUndef) or value.rhs.has(value.lhs):
        return value
    return value.rhs


def _is_scalar(value: Any) -> bool:
    return isinstance(value, Expr) and not isinstance(value, MatrixBase | MatrixExpr)


def _parse(text: str) -> Any:
    if _PASSED_OVER.search(text) or _TWO_READINGS.search(text):
        return None
    text = text.replace("\\varnothing", "\\emptyset")
    if "\\" not in text and _PYTHON.search(text):
        rewritten = _latex_of(text)
        if rewritten is None and _CALL.search(text):
            return None
        text = rewritten or text
    text = _SHORT_FRACTION.sub(lambda m: rf"\frac{{{m[1] or m[2]}}}{{{m[3] or m[4]}}}", text)
    text = _SHORT_ROOT.sub(lambda m: rf"\sqrt{{{m[1] or m[2]}}}", text)
    # Decimals are exact: as floats, 0.1 + 0.2 would differ from 0.3.
    text = _DECIMAL.sub(lambda m: rf"\frac{{{m[1]}{m[2]}}}{{{10 ** len(m[2])}}}", text)
    try:
        value = latex2sympy(text, is_real=True, normalization_config=_NORMAL, conversion_config=_CONVERSION)
    except Exception:  # noqa: BLE001  the parser raises plain Exception for what it does not know
        return None
    return value.subs(Symbol("i", real=True), I) if _is_scalar(value) else value


def _latex_of(text: str) -> str | None:
    """LaTeX for an expression in Python's notation (`^` is a power too); none for anything but plain arithmetic."""
    try:
        text = _DECIMAL.sub(lambda m: f"({(m[1] + m[2]).lstrip('0') or 0}/{10 ** len(m[2])})", text.replace("^", "**"))
        return _latex(ast.parse(text, mode="eval").body)
    except (SyntaxError, ValueError, MemoryError, RecursionError, KeyError):
        return None


def _latex(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=int() as value) if not isinstance(value, bool):
            return str(value)
        case ast.Name(id=name):
            return _latex_name(name)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return f"(-({_latex(operand)}))"
        case ast.BinOp(left=left, op=operator, right=right):
            return _OPERATORS[type(operator)].format(_latex(left), _latex(right))
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in _FUNCTIONS:
            return _latex_call(name, _latex(argument))
    raise ValueError("not plain arithmetic")


def _latex_name(name: str) -> str:
    if name in _CONSTANTS:
        return _CONSTANTS[name]
    if name in _GREEK:
        return "\\" + name
    letter, _, index = name.partition("_") if "_" in name else (name[:1], "", name[1:])
    if len(letter) != 1 or (index and not index.isdigit()):
        raise ValueError("a name of several letters may be a product")
    return f"{letter}_{{{index}}}" if index else letter


def _latex_call(name: str, argument: str) -> str:
    if name == "sqrt":
        return rf"\sqrt{{{argument}}}"
    if name == "exp":
        return f"e^{{{argument}}}"
    if name in ("abs", "Abs"):
        return f"|{argument}|"
    return rf"\{_LATEX_FUNCTIONS.get(name, name)}({argument})"


def _reply(outcome: str, reason: str, strength: str | None = None) -> dict[str, Any]:
    return {"outcome": outcome, "reason": reason, "strength": strength}
