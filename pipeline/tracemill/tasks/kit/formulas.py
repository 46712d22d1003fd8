"""What oracles read: SMT-LIB 2 terms, and answers of the form `name = value`. Independent of every checker's reader."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import TypeAlias, cast

FormulaNode: TypeAlias = "str | tuple[FormulaNode, ...]"
OracleValue: TypeAlias = bool | Fraction

_TOKEN = re.compile(r"\s*([()]|[^\s()]+)")
_NUMERAL = re.compile(r"\d+(\.\d+)?")
_DEPTH = 200


@lru_cache(maxsize=4096)
def read(text: str) -> FormulaNode:
    """One term as nested tuples of atoms.

    Raises:
        ValueError: not exactly one balanced term, or one nested deeper than 200.
    """
    open_lists: list[list[FormulaNode]] = [[]]
    for token in _TOKEN.findall(text):
        if token == "(":
            open_lists.append([])
            if len(open_lists) > _DEPTH:
                raise ValueError("the term is nested too deeply")
        elif token == ")":
            if len(open_lists) == 1:
                raise ValueError(f"unbalanced parenthesis in {text!r}")
            done = tuple(open_lists.pop())
            open_lists[-1].append(done)
        else:
            open_lists[-1].append(token)
    if len(open_lists) != 1 or len(open_lists[0]) != 1:
        raise ValueError(f"not one term: {text!r}")
    return open_lists[0][0]


def evaluate(node: FormulaNode, model: Mapping[str, OracleValue]) -> OracleValue:
    """The value of a term in a model.

    Raises:
        ValueError: an unknown symbol or operator, operands of the wrong sort or number, division by zero.
    """
    if isinstance(node, str):
        return model[node] if node in model else _constant(node)
    if len(node) < 2 or not isinstance(node[0], str):
        raise ValueError(f"not an application: {node!r}")
    head, operands = node[0], [evaluate(part, model) for part in node[1:]]
    truths = sum([value is True or value is False for value in operands])
    if head in ("=", "distinct"):
        if truths not in (0, len(operands)) or len(operands) < 2:
            raise ValueError(f"{head!r} compares {operands!r}")
        return _comparison(head, operands)
    if head == "ite" and len(operands) == 3 and isinstance(operands[0], bool):
        return operands[1] if operands[0] else operands[2]
    if truths == len(operands):
        return _logic(head, cast(list[bool], operands))
    if truths:
        raise ValueError(f"{head!r} mixes truth values and numbers: {operands!r}")
    return _arithmetic(head, cast(list[Fraction], operands))


@lru_cache(maxsize=1024)
def _constant(text: str) -> OracleValue:
    if text in ("true", "false"):
        return text == "true"
    if _NUMERAL.fullmatch(text):
        return Fraction(text)
    raise ValueError(f"unknown symbol {text!r}" + ("; a negative number is written (- 1)" if text[0] == "-" else ""))


def _comparison(head: str, operands: list[OracleValue]) -> bool:
    if head == "=":
        return all(a == b for a, b in pairwise(operands))
    return len(set(operands)) == len(operands)


def _logic(head: str, operands: list[bool]) -> bool:
    if head == "not" and len(operands) == 1:
        return not operands[0]
    if head == "and":
        return all(operands)
    if head == "or":
        return any(operands)
    if head == "xor":
        return sum(operands) % 2 == 1
    if head == "=>" and len(operands) > 1:
        return operands[-1] or not all(operands[:-1])
    raise ValueError(f"no operator {head!r} of {len(operands)} truth values")


def _arithmetic(head: str, operands: list[Fraction]) -> OracleValue:
    first, rest = operands[0], operands[1:]
    if head == "-":
        return first - sum(rest) if rest else -first
    if head == "+":
        return sum(rest, first)
    if head in ("*", "/"):
        first = Fraction(first)  # where a model has integers, their quotient must not be a float
        for value in rest:
            if head == "/" and not value:
                raise ValueError("division by zero")
            first = first * value if head == "*" else first / value
        return first
    if head in ("<", "<=", ">", ">="):
        pairs = list(pairwise(operands))
        strict = all(a < b for a, b in pairs) if "<" in head else all(a > b for a, b in pairs)
        loose = all(a <= b for a, b in pairs) if "<" in head else all(a >= b for a, b in pairs)
        return loose if "=" in head else strict
    raise ValueError(f"no operator {head!r} of {len(operands)} numbers")


def answer_fields(answer: str) -> dict[str, str] | None:
    """`a = 1, b = 2` (or one per line, or with semicolons) as a table; None where it reads otherwise or repeats a
    name."""
    fields: dict[str, str] = {}
    for part in re.split(r"[,;\n]", answer.strip()):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or not name or not value or name in fields:
            return None
        fields[name] = value
    return fields


def rational(text: str) -> Fraction | None:
    """`3`, `-5/2` or `2.5` exactly; None where it reads otherwise."""
    return Fraction(text) if re.fullmatch(r"-?\d{1,40}(\.\d{1,40}|/0*[1-9]\d{0,39})?", text) else None
