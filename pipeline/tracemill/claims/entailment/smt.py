"""The grammar of formulas: one SMT-LIB 2 term over declared symbols, read into a typed tree.

An allow-list, not a filter: numerals, decimals, declared symbols and the operators of `_OPERATORS` are read, and all
else is refused with a reason: commands (`echo`, `exit`, `set-option`), strings, quoted symbols, binders, undeclared
names, ill-sorted terms. No solver sees the text, so nothing in it can reach a solver's commands or its output.

Sorts are Bool, Int and Real; an Int beside a Real is promoted. `/` divides by constants other than zero only: SMT-LIB
lets division by zero be any value, so `(/ x y)` would let a false step pass. Products of symbols up to `MAX_DEGREE`.
Grammar: The SMT-LIB Standard, version 2.6, section 3.6; theories Core and Reals_Ints.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations, pairwise
from typing import Any, Literal, NamedTuple, TypeAlias, cast

Sort = Literal["Bool", "Int", "Real"]
Value: TypeAlias = Fraction | bool

MAX_CHARACTERS = 8_000
MAX_DEPTH = 64
MAX_DIGITS = 100
MAX_DEGREE = 4
MAX_SYMBOLS = 256

_TOKEN = re.compile(r"[()]|[^\s()]+")
_NUMERAL = re.compile(r"(?:0|[1-9][0-9]*)(\.[0-9]+)?", re.ASCII)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]{0,63}", re.ASCII)
_SORTS = ("Bool", "Int", "Real")
_RESERVED_WORDS = """
    ! _ as BINARY DECIMAL exists forall HEXADECIMAL let match NUMERAL par STRING
    assert check-sat check-sat-assuming declare-const declare-datatype declare-datatypes declare-fun declare-sort
    define-fun define-fun-rec define-funs-rec define-sort echo exit get-assertions get-assignment get-info get-model
    get-option get-proof get-unsat-assumptions get-unsat-core get-value pop push reset reset-assertions set-info
    set-logic set-option Bool Int Real true false not and or xor ite distinct to_real
"""
_RESERVED = frozenset(_RESERVED_WORDS.split())


class Refused(ValueError):
    """A formula, or a declaration of symbols, outside the grammar; the text says why."""


class Term(NamedTuple):
    """A node of a well-sorted term.

    `op` is an operator, `numeral`, `symbol`, `to_real`, `true` or `false`; `value` is a numeral's, `name` a symbol's.
    `degree` bounds that of every polynomial in the term: 0 if it is constant, above 1 if it may not be linear.
    """

    op: str
    sort: Sort
    args: tuple[Term, ...] = ()
    value: Fraction | None = None
    name: str = ""
    degree: int = 0


TRUE = Term("true", "Bool")
FALSE = Term("false", "Bool")


def declared(payload: Mapping[str, Any]) -> dict[str, Sort]:
    """The symbols that a claim of kind `symbols` declares, with their sorts.

    Raises:
        Refused: a sort that is not Bool, Int or Real; a name that is reserved, odd, or one symbol too many.
    """
    if len(payload) > MAX_SYMBOLS:
        raise Refused(f"{len(payload)} symbols; at most {MAX_SYMBOLS} are read")
    for name, sort in payload.items():
        if not _NAME.fullmatch(name):
            raise Refused(f"symbol {_shown(name)} is not a plain name (letters, digits, _ . -)")
        if name in _RESERVED:
            raise Refused(f"symbol {name!r} is a reserved word")
        if sort not in _SORTS:
            raise Refused(f"symbol {name!r} has sort {_shown(sort)}; sorts are {', '.join(_SORTS)}")
    return dict(payload)


def read(text: str, symbols: Mapping[str, Sort]) -> Term:
    """The one Bool term that `text` is.

    Raises:
        Refused: anything else.
    """
    if len(text) > MAX_CHARACTERS:
        raise Refused(f"{len(text)} characters; at most {MAX_CHARACTERS} are read")
    tokens = iter(_TOKEN.findall(text))
    term = _term(_next(tokens), tokens, symbols, 0)
    rest = next(tokens, None)
    if rest is not None:
        raise Refused(f"one term is wanted, but {_shown(rest)} follows it")
    if term.sort != "Bool":
        raise Refused(f"a formula is wanted, but this is a term of sort {term.sort}")
    return term


def implication(conditions: Sequence[Term], conclusion: Term) -> Term:
    """`(=> A … F)`: the conclusion wherever all of the conditions hold. `conditions` has at least one."""
    return _logical("=>", [*conditions, conclusion])


def evaluate(term: Term, model: Mapping[str, Value]) -> Value:
    """The term's value where the symbols have those of `model`.

    Raises:
        KeyError: a symbol that `model` lacks.
    """
    if term.op == "symbol":
        return model[term.name]
    if term.value is not None:
        return term.value
    if term.op in ("true", "false"):
        return term.op == "true"
    values: Sequence[Any] = [evaluate(arg, model) for arg in term.args]
    return _EVALUATE[term.op](values)


def names(term: Term) -> Iterator[str]:
    """The symbols in a term, with repeats."""
    if term.op == "symbol":
        yield term.name
    for arg in term.args:
        yield from names(arg)


def _next(tokens: Iterator[str]) -> str:
    token = next(tokens, None)
    if token is None:
        raise Refused("the text ends before the term does")
    return token


def _term(token: str, tokens: Iterator[str], symbols: Mapping[str, Sort], depth: int) -> Term:
    if token == "(":
        return _application(tokens, symbols, depth + 1)
    if token == ")":
        raise Refused("a term is wanted before ')'")
    if token in symbols:
        sort = symbols[token]
        return Term("symbol", sort, name=token, degree=0 if sort == "Bool" else 1)
    if token in ("true", "false"):
        return TRUE if token == "true" else FALSE
    return _numeral(token)


def _numeral(token: str) -> Term:
    match = _NUMERAL.fullmatch(token)
    if not match:
        raise Refused(f"{_shown(token)} is neither a numeral nor a declared symbol")
    if len(token) > MAX_DIGITS:
        raise Refused(f"a numeral of {len(token)} digits; at most {MAX_DIGITS} are read")
    return Term("numeral", "Real" if match[1] else "Int", value=Fraction(token))


def _application(tokens: Iterator[str], symbols: Mapping[str, Sort], depth: int) -> Term:
    if depth > MAX_DEPTH:
        raise Refused(f"nested deeper than {MAX_DEPTH}")
    op = _next(tokens)
    if op not in _OPERATORS:
        raise Refused(f"{_shown(op)} is not an operator; operators are {' '.join(sorted(_OPERATORS))}")
    args = []
    while (token := _next(tokens)) != ")":
        args.append(_term(token, tokens, symbols, depth))
    low, high, make = _OPERATORS[op]
    if not low <= len(args) <= high:
        raise Refused(f"{op!r} has {len(args)} arguments")
    return make(op, args)


def _logical(op: str, args: list[Term]) -> Term:
    for arg in args:
        if arg.sort != "Bool":
            raise Refused(f"{op!r} wants formulas, but an argument has sort {arg.sort}")
    return Term(op, "Bool", tuple(args), degree=_degree(args))


def _compared(op: str, args: list[Term]) -> Term:
    if op in ("=", "distinct") and all(arg.sort == "Bool" for arg in args):
        return Term(op, "Bool", tuple(args), degree=_degree(args))
    return Term(op, "Bool", _numbers(op, args), degree=_degree(args))


def _sum(op: str, args: list[Term]) -> Term:
    terms = _numbers(op, args)
    return Term(op, terms[0].sort, terms, degree=_degree(terms))


def _product(op: str, args: list[Term]) -> Term:
    terms = _numbers(op, args)
    degree = sum(term.degree for term in terms)
    if degree > MAX_DEGREE:
        raise Refused(f"a product of degree {degree}; at most {MAX_DEGREE} is read")
    return Term(op, terms[0].sort, terms, degree=degree)


def _quotient(op: str, args: list[Term]) -> Term:
    terms = tuple(_real(term) for term in _numbers(op, args))
    for term in terms[1:]:
        if any(names(term)):
            raise Refused("division by a term with symbols, which may be zero; multiply it out")
        if evaluate(term, {}) == 0:
            raise Refused("division by zero")
    return Term(op, "Real", terms, degree=terms[0].degree)


def _choice(op: str, args: list[Term]) -> Term:
    condition, *branches = args
    if condition.sort != "Bool":
        raise Refused(f"'ite' wants a formula first, but it has sort {condition.sort}")
    if all(branch.sort == "Bool" for branch in branches):
        return Term(op, "Bool", (condition, *branches), degree=_degree(args))
    terms = _numbers(op, branches)
    return Term(op, terms[0].sort, (condition, *terms), degree=_degree(args))


def _numbers(op: str, args: list[Term]) -> tuple[Term, ...]:
    """The arguments in one sort: all Int, or all Real."""
    sorts = {arg.sort for arg in args}
    if "Bool" in sorts:
        raise Refused(f"{op!r} wants numbers, but an argument is a formula")
    return tuple(args) if len(sorts) == 1 else tuple(_real(arg) for arg in args)


def _degree(terms: Sequence[Term]) -> int:
    return max(term.degree for term in terms)


def _real(term: Term) -> Term:
    if term.sort == "Real":
        return term
    if term.op == "numeral":
        return term._replace(sort="Real")
    return Term("to_real", "Real", (term,), degree=term.degree)


def _shown(token: Any) -> str:
    text = repr(token)
    return text if len(text) <= 40 else text[:36] + "…'"


def _chain(relation: Callable[[Any, Any], bool]) -> Callable[[Sequence[Any]], Value]:
    return lambda values: all(relation(left, right) for left, right in pairwise(values))


def _folded(values: Sequence[Any], step: Callable[[Any, Any], Any]) -> Value:
    result = values[0]
    for value in values[1:]:
        result = step(result, value)
    return cast(Value, result)


_MANY = 10**6

_OPERATORS: dict[str, tuple[int, int, Callable[[str, list[Term]], Term]]] = {
    "not": (1, 1, _logical),
    "and": (1, _MANY, _logical),
    "or": (1, _MANY, _logical),
    "xor": (2, _MANY, _logical),
    "=>": (2, _MANY, _logical),
    "=": (2, _MANY, _compared),
    "distinct": (2, _MANY, _compared),
    "<": (2, _MANY, _compared),
    "<=": (2, _MANY, _compared),
    ">": (2, _MANY, _compared),
    ">=": (2, _MANY, _compared),
    "+": (2, _MANY, _sum),
    "-": (1, _MANY, _sum),
    "*": (2, _MANY, _product),
    "/": (2, _MANY, _quotient),
    "ite": (3, 3, _choice),
}

_EVALUATE: dict[str, Callable[[Sequence[Any]], Value]] = {
    "not": lambda values: not values[0],
    "and": all,
    "or": any,
    "xor": lambda values: _folded(values, operator.ne),
    "=>": lambda values: values[-1] or not all(values[:-1]),
    "=": _chain(operator.eq),
    "distinct": lambda values: all(left != right for left, right in combinations(values, 2)),
    "<": _chain(operator.lt),
    "<=": _chain(operator.le),
    ">": _chain(operator.gt),
    ">=": _chain(operator.ge),
    "+": lambda values: _folded(values, operator.add),
    "-": lambda values: -values[0] if len(values) == 1 else _folded(values, operator.sub),
    "*": lambda values: _folded(values, operator.mul),
    "/": lambda values: _folded(values, operator.truediv),
    "ite": lambda values: values[1] if values[0] else values[2],
    "to_real": lambda values: cast(Value, values[0]),
}
