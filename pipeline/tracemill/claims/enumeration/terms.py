"""The grammar of `enumeration`: terms over variables that have finitely many values each.

    (= "natilku" (str.++ fish plural dative))        (or (= child "Aa") (= child "aa"))        (< (str.len fish) 6)

Names and meanings are those of SMT-LIB 2.6 (Core, Ints, and Strings of the theory of Unicode strings). An allow-list:
what is not in `_OPERATORS` is refused with a reason. A text is written in double quotes, a quote within it twice.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise, product
from typing import Any, Literal, NamedTuple, TypeAlias

SearchSort = Literal["Bool", "Int", "String"]
SearchValue: TypeAlias = bool | int | str

MAX_CHARACTERS = 8_000
MAX_DEPTH = 64
MAX_VARIABLES = 128
MAX_VALUES = 1_000
MAX_WHOLE = 10**18 - 1
"""The largest whole number of a variable; numerals have as many digits."""
MAX_TEXT = 200
"""Characters of a text, also of one that is calculated."""

_TOKEN = re.compile(r'"(?:[^"]|"")*"|[()]|[^\s()"]+|"')
_NUMERAL = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]{0,63}", re.ASCII)


class RefusedTerm(ValueError):
    """A formula or a declaration outside the grammar; the text says why."""


@dataclass(frozen=True, slots=True)
class Listed:
    """The values of a variable, all named."""

    values: tuple[SearchValue, ...]

    @property
    def sort(self) -> SearchSort:
        return sort_of(self.values[0])

    @property
    def size(self) -> int:
        return len(self.values)

    def __contains__(self, value: SearchValue) -> bool:
        return value in self.values

    def __iter__(self) -> Iterator[SearchValue]:
        return iter(self.values)


@dataclass(frozen=True, slots=True)
class Texts:
    """All texts of some letters with `shortest` to `longest` of them: many, but finitely many."""

    letters: str
    shortest: int
    longest: int
    sort: SearchSort = "String"

    @property
    def size(self) -> int:
        return sum(len(self.letters) ** length for length in range(self.shortest, self.longest + 1))

    def __contains__(self, value: SearchValue) -> bool:
        return (
            isinstance(value, str)
            and self.shortest <= len(value) <= self.longest
            and all(letter in self.letters for letter in value)
        )

    def __iter__(self) -> Iterator[SearchValue]:
        for length in range(self.shortest, self.longest + 1):
            for letters in product(self.letters, repeat=length):
                yield "".join(letters)


Domain: TypeAlias = Listed | Texts


class SearchTerm(NamedTuple):
    """A well-sorted term. `op` is an operator, `value` or `variable`; `names` are the variables in it, `size` counts
    its operators and operands.

    `guided`: a search can go from the value that the term is to have to those of its variables without trying all.
    """

    op: str
    sort: SearchSort
    args: tuple[SearchTerm, ...] = ()
    value: SearchValue = False
    name: str = ""
    names: frozenset[str] = frozenset()
    size: int = 1
    guided: bool = True


def sort_of(value: SearchValue) -> SearchSort:
    return "Bool" if isinstance(value, bool) else "Int" if isinstance(value, int) else "String"


def declared(payload: Mapping[str, Any]) -> dict[str, Domain]:
    """The variables that a claim of kind `variables` declares: each has a list of values, all of one sort, or
    `{"letters": "aklnu", "length": [1, 3]}` for all texts of those letters with one to three of them.

    Raises:
        RefusedTerm: anything else, or too much of it.
    """
    if len(payload) > MAX_VARIABLES:
        raise RefusedTerm(f"{len(payload)} variables; at most {MAX_VARIABLES} are read")
    for name in payload:
        if not _NAME.fullmatch(name) or name in _OPERATORS or name in ("true", "false"):
            raise RefusedTerm(f"variable {name[:80]!r} is not a plain name (letters, digits, _ . -) or is reserved")
    return {name: _domain(name, values) for name, values in payload.items()}


def _domain(name: str, values: Any) -> Domain:
    if isinstance(values, Mapping):
        return _texts(name, values)
    if not isinstance(values, list | tuple) or not 0 < len(values) <= MAX_VALUES:
        raise RefusedTerm(f"variable {name!r} has no list of 1 to {MAX_VALUES} values")
    if not all(isinstance(value, bool | int | str) for value in values) or len({*map(sort_of, values)}) > 1:
        raise RefusedTerm(f"the values of {name!r} are not all true or false, all whole numbers, or all texts")
    if len(set(values)) < len(values) or any(isinstance(value, str) and len(value) > MAX_TEXT for value in values):
        raise RefusedTerm(f"a value of {name!r} stands there twice, or is longer than {MAX_TEXT} characters")
    if any(isinstance(value, int) and abs(value) > MAX_WHOLE for value in values):
        raise RefusedTerm(f"a value of {name!r} has more than 18 digits")
    return Listed(tuple(values))


def _texts(name: str, values: Mapping[str, Any]) -> Texts:
    letters, length = values.get("letters"), values.get("length")
    if values.keys() != {"letters", "length"} or not isinstance(letters, str) or not letters:
        raise RefusedTerm(f"variable {name!r} needs a list of values, or letters and length")
    if len(set(letters)) < len(letters) or len(letters) > MAX_TEXT:
        raise RefusedTerm(f"a letter of {name!r} stands there twice, or there are more than {MAX_TEXT}")
    if not isinstance(length, list | tuple) or len(length) != 2 or not all(type(bound) is int for bound in length):
        raise RefusedTerm(f"the length of {name!r} is not [shortest, longest]")
    if not 0 <= length[0] <= length[1] <= MAX_TEXT:
        raise RefusedTerm(f"the length of {name!r} is not within 0 and {MAX_TEXT}")
    return Texts(letters, *length)


def read(text: str, domains: Mapping[str, Domain]) -> SearchTerm:
    """The one Bool term that `text` is.

    Raises:
        RefusedTerm: anything else.
    """
    if len(text) > MAX_CHARACTERS:
        raise RefusedTerm(f"{len(text)} characters; at most {MAX_CHARACTERS} are read")
    tokens = iter(_TOKEN.findall(text))
    term = _term(next(tokens, ""), tokens, domains, 0)
    if (rest := next(tokens, None)) is not None:
        raise RefusedTerm(f"one term is wanted, but {rest[:80]!r} follows it")
    if term.sort != "Bool":
        raise RefusedTerm(f"a formula is wanted, but this is a term of sort {term.sort}")
    return term


def evaluate(term: SearchTerm, env: Mapping[str, SearchValue]) -> SearchValue:
    """The term's value where its variables have those of `env`.

    Raises:
        RefusedTerm: a text becomes longer than `MAX_TEXT`.
    """
    if term.op == "value":
        return term.value
    if term.op == "variable":
        return env[term.name]
    if term.op == "ite":
        return evaluate(term.args[1 if evaluate(term.args[0], env) else 2], env)
    found: SearchValue = _OPERATORS[term.op].meaning([evaluate(arg, env) for arg in term.args])
    return found


def constant(value: SearchValue) -> SearchTerm:
    return SearchTerm("value", sort_of(value), value=value)


def _term(token: str, tokens: Iterator[str], domains: Mapping[str, Domain], depth: int) -> SearchTerm:
    if token == "(":
        return _application(tokens, domains, depth + 1)
    if token in domains:
        return SearchTerm("variable", domains[token].sort, name=token, names=frozenset([token]))
    if token in ("true", "false"):
        return constant(token == "true")
    if len(token) > 1 and token.startswith('"'):
        value = token[1:-1].replace('""', '"')
        if len(value) > MAX_TEXT:
            raise RefusedTerm(f"a text of {len(value)} characters; at most {MAX_TEXT} are read")
        return constant(value)
    if _NUMERAL.fullmatch(token):
        return constant(int(token))
    raise RefusedTerm(
        f"{token[:80]!r} is neither a variable nor a value" if token else "the text ends before the term does"
    )


def _application(tokens: Iterator[str], domains: Mapping[str, Domain], depth: int) -> SearchTerm:
    if depth > MAX_DEPTH:
        raise RefusedTerm(f"nested deeper than {MAX_DEPTH}")
    op = next(tokens, "")
    if op not in _OPERATORS:
        raise RefusedTerm(f"no operator {op[:80]!r}; there are {', '.join(_OPERATORS)}")
    args = []
    while (token := next(tokens, "")) != ")":
        args.append(_term(token, tokens, domains, depth))
    return _applied(op, args)


def _applied(op: str, args: Sequence[SearchTerm]) -> SearchTerm:
    wanted, found = _OPERATORS[op], [arg.sort for arg in args]
    if len(args) < wanted.least or wanted.terms not in (None, len(args)):
        raise RefusedTerm(f"{op!r} of {len(args)} terms")
    if op == "ite":
        if found[0] != "Bool" or found[1] != found[2]:
            raise RefusedTerm(f"'ite' of the sorts {', '.join(found)}")
        return _node(op, found[1], args)
    if len(set(found)) > 1 or (wanted.takes and found[0] != wanted.takes):
        raise RefusedTerm(f"{op!r} of the sorts {', '.join(found)}")
    if (op in ("=", "distinct") and len(args) > 2) or op == "distinct":
        pairs = pairwise(args) if op == "=" else combinations(args, 2)
        equal = [_node("=", "Bool", pair) for pair in pairs]
        return _node("and", "Bool", equal if op == "=" else [_node("not", "Bool", [one]) for one in equal])
    if op == "=>":
        return _node("or", "Bool", [*(_node("not", "Bool", [arg]) for arg in args[:-1]), args[-1]])
    return _node(op, wanted.gives, args)


def _node(op: str, sort: SearchSort, args: Sequence[SearchTerm]) -> SearchTerm:
    names = frozenset[str]().union(*(arg.names for arg in args))
    guided = op in _GUIDED and all(arg.guided for arg in (args[1:] if op == "ite" else args))
    return SearchTerm(op, sort, tuple(args), names=names, size=1 + sum(arg.size for arg in args), guided=guided)


class _Operator(NamedTuple):
    """`takes`: the sort of its operands, empty for any that all have; `terms`: how many of them, and at `least` so
    many where that is None."""

    takes: str
    gives: SearchSort
    meaning: Callable[[list[Any]], Any]
    terms: int | None = None
    least: int = 1


def _joined(values: list[str]) -> str:
    return _short("".join(values))


def _replaced(values: list[str]) -> str:
    """All of them, as SMT-LIB's `str.replace_all`: an empty pattern changes nothing."""
    text, pattern, by = values
    if not pattern:
        return text
    if len(text) * max(1, len(by)) > MAX_TEXT**2:
        raise RefusedTerm(f"a text longer than {MAX_TEXT} characters comes out")
    return _short(text.replace(pattern, by))


def _short(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise RefusedTerm(f"a text longer than {MAX_TEXT} characters comes out")
    return text


def _minus(values: list[int]) -> int:
    return values[0] - sum(values[1:]) if len(values) > 1 else -values[0]


def _product(values: list[int]) -> int:
    total = 1
    for value in values:
        total *= value
    return total


_OPERATORS = {
    "not": _Operator("Bool", "Bool", lambda v: not v[0], 1),
    "and": _Operator("Bool", "Bool", all),
    "or": _Operator("Bool", "Bool", any),
    "=>": _Operator("Bool", "Bool", lambda v: v[-1] or not all(v[:-1]), None, 2),
    "=": _Operator("", "Bool", lambda v: v[0] == v[1], None, 2),
    "distinct": _Operator("", "Bool", lambda v: len(set(v)) == len(v), None, 2),
    "ite": _Operator("", "Bool", lambda v: v[1] if v[0] else v[2], 3),
    "+": _Operator("Int", "Int", sum),
    "-": _Operator("Int", "Int", _minus),
    "*": _Operator("Int", "Int", _product),
    "<": _Operator("Int", "Bool", lambda v: operator.lt(*v), 2),
    "<=": _Operator("Int", "Bool", lambda v: operator.le(*v), 2),
    ">": _Operator("Int", "Bool", lambda v: operator.gt(*v), 2),
    ">=": _Operator("Int", "Bool", lambda v: operator.ge(*v), 2),
    "str.++": _Operator("String", "String", _joined),
    "str.len": _Operator("String", "Int", lambda v: len(v[0]), 1),
    "str.prefixof": _Operator("String", "Bool", lambda v: v[1].startswith(v[0]), 2),
    "str.suffixof": _Operator("String", "Bool", lambda v: v[1].endswith(v[0]), 2),
    "str.contains": _Operator("String", "Bool", lambda v: v[1] in v[0], 2),
    "str.replace_all": _Operator("String", "String", _replaced, 3),
}
_GUIDED = frozenset({"not", "and", "or", "=", "ite", "str.++", "str.replace_all"})
