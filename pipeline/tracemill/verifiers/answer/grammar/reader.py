r"""Reads an answer as a whole: what kind of value it is, with every token of its text accounted for.

    or, \quad   several answers       x=2 \text{ or } x=3
    , ;         a list                1, 2, 3
    = < > \in   relations             y=2x+1, -1<x\le 3, x=3\cdot4=12
    \cup        a union               (-\infty,-1)\cup(2,\infty)
    brackets    tuples, sets, intervals (also ]a,b[), matrices

What has no reading raises `UnreadableAnswer` and decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from tracemill.verifiers.answer.comparing.polynomials import NoFormError, same_form
from tracemill.verifiers.answer.grammar.expression_tree import Expression, names_in, parse_expression
from tracemill.verifiers.answer.grammar.kinds_of_reading import (
    Bound,
    Difference,
    Inequality,
    Infinity,
    Items,
    Matrix,
    NamedValue,
    Reading,
    RealInterval,
    Residue,
    Scalar,
    StatedEquation,
    Union,
)
from tracemill.verifiers.answer.grammar.scalars import read_scalar
from tracemill.verifiers.answer.grammar.set_difference import without
from tracemill.verifiers.answer.grammar.special_notations import read_notation, read_words
from tracemill.verifiers.answer.grammar.spelling import spelled
from tracemill.verifiers.answer.grammar.splitting import halves, is_enclosed, split_top
from tracemill.verifiers.answer.grammar.tokenizer import (
    MAX_CHARACTERS,
    UnreadableAnswer,
    refuse_leading_zero,
    tokens_of,
)
from tracemill.verifiers.answer.grammar.units import changes_value

MAX_ITEMS = 60
_OR = re.compile(
    r"\\text\s*\{\s*,?\s*(?:or|and)\s*\}|(?<![\w\\])(?:or|and)(?!\w)|\\quad|\\qquad|\\l(?:and|or)(?![A-Za-z])"
)
_LOGIC = re.compile(r"\\l(?:and|or)(?![A-Za-z])")
_AND = re.compile(r"\\text\s*\{\s*,?\s*and\s*\}|(?<![\w\\])and(?!\w)|\\land(?![A-Za-z])")
_INFINITY = re.compile(r"(?P<sign>[-+]?)\s*(?:\\infty|infinity|oo)")
_NAME = r"(?:\\?[A-Za-z]+(?:_\{?\w{1,8}\}?)?)"
_LABEL = re.compile(
    rf"{_NAME}|{_NAME}\s*(?:\^\s*\{{?-1\}}?)?\s*\(\s*{_NAME}(?:\s*,\s*{_NAME})*\s*\)|\(\s*{_NAME}(?:\s*,\s*{_NAME})*\s*\)|{_NAME}(?:\s*:\s*{_NAME})+"
    r"|\\text\s*\{[^{}]*\}|\\(?:angle|triangle)\s*[A-Z]+|[A-Za-z]+(?: [A-Za-z]+){1,4}|[A-Z]{2,3}"
)
_ENVIRONMENT = re.compile(
    r"\\begin\s*\{(?P<name>[pbBvV]?matrix|smallmatrix|array)\}(?:\s*\{[clr|]*\})?(?P<body>.*)\\end\s*\{(?P=name)\}",
    re.DOTALL,
)
_CUP = re.compile(r"\\cup(?![A-Za-z])")
_MOD = re.compile(
    r"(?:(?P<name>[A-Za-z])\s*\\equiv\s*)?(?P<value>[^=<>\\]+?)\s*"
    r"(?:\\pmod|\(?\s*\\(?:b?mod)|\(?\s*(?:\\text\s*\{\s*)?\(?mod\s*\}?)\s*\{?(?P<modulus>\d+|[A-Za-z])\}?\s*\)?\}?"
)
_BUILDER = re.compile(r"\\\{\s*(?P<name>[A-Za-z])\s*(?:\\in\s*\\mathbb\s*\{?R\}?)?\s*(?:\||:)(?P<rest>.*)\\\}")


@dataclass(frozen=True, slots=True)
class Reader:
    """`of_question`: the words of the question, in lower case, which name things that are counted."""

    of_question: Collection[str] = frozenset()

    def read(self, text: str) -> Reading:
        r"""What `text` says.

        >>> Reader().read(r"\frac{1}{2}") == Reader().read("1/2")
        True

        Raises:
            UnreadableAnswer
        """
        if len(text) > 2 * MAX_CHARACTERS:
            raise UnreadableAnswer(f"{len(text)} characters; at most {MAX_CHARACTERS} are read")
        text = spelled(text)
        refuse_leading_zero(text)
        words = re.fullmatch(r"\\text\s*\{([^{}]*)\}", text)
        return self._any(words[1].strip().removesuffix(".") if words else text, 0)

    def _any(self, text: str, depth: int) -> Reading:
        text = text.strip()
        if not text or depth > 6:
            raise UnreadableAnswer("nothing there" if not text else "nested too deep")
        whole = self._whole(text, depth)
        if whole is not None:
            return whole
        several = [part.strip(" ,") for part in split_top(text, _OR)]
        if len(several) > 1:
            read = self._several([part for part in several if part], depth)
            if isinstance(read, Union) and _AND.search(text):
                raise UnreadableAnswer("ranges joined by 'and' are a union to some, an intersection to others")
            if _LOGIC.search(text) and any(isinstance(one, Scalar) and names_in(one.term) for one in _items_of(read)):
                raise UnreadableAnswer("a formula of logic")
            return read
        items = split_top(text, re.compile("[,;]"))
        if len(items) > 1:
            return Items("", _flat(self._each(items, depth)))
        if re.search(r"\\(?:pm|mp)(?![A-Za-z])", text):
            plus, minus = (re.sub(r"\\(pm|mp)(?![A-Za-z])", signs, text) for signs in (_UPPER, _LOWER))
            return Items("", (self._any(plus, depth + 1), self._any(minus, depth + 1)))
        relation = self._relation(text, depth)
        if relation is not None:
            return relation
        if "\\setminus" in text:
            return self._without(split_top(text, re.compile(r"\\setminus(?![A-Za-z])")), depth)
        if "\\cup" in text:
            return self._union(split_top(text, _CUP), depth)
        return self._one(text, depth)

    def _whole(self, text: str, depth: int) -> Reading | None:
        infinite = _INFINITY.fullmatch(text)
        if infinite:
            return Infinity(infinite["sign"] == "-")
        notation = read_notation(text)
        if notation is not None:
            return notation
        modulo = _MOD.fullmatch(text) if "mod" in text else None
        if modulo:
            return Residue(_term(modulo["value"]), _term(modulo["modulus"]))
        if text.startswith("\\begin"):
            return _matrix(text)
        builder = _BUILDER.fullmatch(text)
        return self._any(builder["rest"], depth + 1) if builder else None

    def _several(self, parts: list[str], depth: int) -> Reading:
        """`x < -1 or x > 2` is a union, everything else a list."""
        read = self._each(parts, depth)
        sets = [as_interval(one) for one in read]
        if len(read) > 1 and all(sets) and all(isinstance(one, Inequality | RealInterval) for one in read):
            return Union(tuple(one for one in sets if one))
        flat = _flat(read)
        return Items("", flat) if len(flat) > 1 else flat[0]

    def _each(self, parts: list[str], depth: int) -> tuple[Reading, ...]:
        if len(parts) > MAX_ITEMS:
            raise UnreadableAnswer(f"more than {MAX_ITEMS} items")
        return tuple(self._any(part, depth + 1) for part in parts)

    def _relation(self, text: str, depth: int) -> Reading | None:
        member = split_top(text, re.compile(r"\\in(?![A-Za-z])"))
        if len(member) == 2 and _LABEL.fullmatch(member[0].strip()):
            return NamedValue(member[0].strip(), self._any(member[1], depth + 1))
        parts = split_top(text, re.compile("(?<![<>!=])=(?!=)"))
        if len(parts) > 1:
            return self._equalities([part.strip() for part in parts], depth)
        marks = re.findall(r"<=|>=|!=|<|>", text)
        if not marks:
            return None
        sides = split_top(text, re.compile("<=|>=|<|>"))
        if "!=" in marks or len(sides) != len(marks) + 1:
            raise UnreadableAnswer("a relation that is not known")
        return _ordered([side.strip() for side in sides], marks)

    def _equalities(self, parts: list[str], depth: int) -> Reading:
        """`x = 5`, `3 * 4 = 12`, `x = 2 + 3 = 5`, `x + y = 4`."""
        label = parts[0] if _LABEL.fullmatch(parts[0]) and not parts[0].startswith("\\frac") else None
        if label and any(changes_value(word) for word in re.findall("[A-Za-z]+", label) if len(word) > 1):
            raise UnreadableAnswer("a name that changes what it names")
        values = parts[1:] if label else parts
        last = self._any(values[-1], depth + 1)
        if isinstance(last, NamedValue):
            raise UnreadableAnswer("a name of a name")
        if not label and len(parts) == 2 and isinstance(last, Scalar):
            left = self._any(parts[0], depth + 1)
            if (
                isinstance(left, Scalar)
                and not (left.unit or left.percent or last.unit or last.percent)
                and (names_in(left.term) or names_in(last.term))
            ):
                return StatedEquation(left.term, last.term)
        for value in values[:-1]:
            if not same_value(self._any(value, depth + 1), last):
                raise UnreadableAnswer("an equality that does not hold")
        if label and isinstance(last, Scalar) and label in names_in(last.term):
            return StatedEquation(Expression("name", name=label), last.term)
        return NamedValue(label, last) if label else last

    def _union(self, parts: list[str], depth: int) -> Union:
        found: list[RealInterval] = []
        for one in self._each(parts, depth):
            if isinstance(one, Items) and one.brackets == "{}":
                found += [RealInterval(point, point, True, True) for point in map(_bound_of, one.items)]
                continue
            interval = as_interval(one)
            if interval is None:
                raise UnreadableAnswer("a union of what is no interval")
            found.append(interval)
        return Union(tuple(found))

    def _without(self, parts: list[str], depth: int) -> Reading:
        if len(parts) != 2 or any(len(split_top(part, _CUP)) > 1 for part in parts):
            raise UnreadableAnswer("a difference of sets without brackets")
        left, right = self._each(parts, depth)
        # Of which something is left out, `[0, 2]` is no pair.
        return without(as_interval(left) or left, right) or Difference(left, right)

    def _one(self, text: str, depth: int) -> Reading:
        if is_enclosed(text):
            left, inner, right = halves(text)
            # `(1,200)` is a point, `{1,200}` a number in braces of LaTeX.
            items = split_top(inner, re.compile("[,;]"), thousands=left == "{")
            if len(items) == 1 and left in ("(", "[", "{") and right in (")", "]", "}"):
                try:
                    return self._any(inner, depth + 1)
                except UnreadableAnswer:
                    return self._scalar(text)
            return self._collected(left, self._each(items, depth), right)
        return self._scalar(text)

    def _scalar(self, text: str) -> Reading:
        words = read_words(text)
        try:
            scalar = read_scalar(text, self.of_question)
        except UnreadableAnswer:
            if words:
                return words
            raise
        return (
            words
            if words and len(text) > 1 and scalar.unit is None and text not in ("pi",) and text.isalpha()
            else scalar
        )

    def _collected(self, left: str, items: tuple[Reading, ...], right: str) -> Reading:
        if left in ("\\{", "{"):
            return Items("{}", items)
        mixed = left == "]" or right == "[" or (left, right) in (("(", "]"), ("[", ")"))
        if len(items) == 2 and (mixed or any(isinstance(item, Infinity) for item in items)):
            low, high = _bound_of(items[0]), _bound_of(items[1])
            return RealInterval(low, high, left == "[", right == "]")
        if mixed:
            raise UnreadableAnswer("brackets that do not match")
        return Items("()" if left == "(" else "[]", items)


def _items_of(reading: Reading) -> tuple[Reading, ...]:
    return reading.items if isinstance(reading, Items) else (reading,)


def _flat(readings: tuple[Reading, ...]) -> tuple[Reading, ...]:
    r"""`\pm 1, \pm 2` is a list of four."""
    return tuple(
        item for one in readings for item in (one.items if isinstance(one, Items) and not one.brackets else (one,))
    )


def _UPPER(match: re.Match[str]) -> str:
    return "+" if match[1] == "pm" else "-"


def _LOWER(match: re.Match[str]) -> str:
    return "-" if match[1] == "pm" else "+"


def same_value(one: Reading, other: Reading) -> bool:
    """Whether two readings are shown to be the same number or quantity, units aside where one has none."""
    if not isinstance(one, Scalar) or not isinstance(other, Scalar):
        return one == other
    left, right = one.term, other.term
    if one.percent != other.percent:
        return False
    if one.unit and other.unit and one.unit != other.unit:
        if one.unit.dimension != other.unit.dimension:
            return False
        left = Expression("*", (left, Expression("number", value=one.unit.factor)))
        right = Expression("*", (right, Expression("number", value=other.unit.factor)))
    try:
        return left == right or same_form(left, right)
    except NoFormError:
        return False


def as_interval(reading: Reading) -> RealInterval | None:
    """The interval that a reading is, or may be: `[1, 2]`, `x > 3`."""
    match reading:
        case RealInterval():
            return reading
        case NamedValue(value=value):
            return as_interval(value)
        case Items(brackets=("()" | "[]") as brackets, items=(first, second)):
            try:
                closed = brackets == "[]"
                return RealInterval(_bound_of(first), _bound_of(second), closed, closed, sure=False)
            except UnreadableAnswer:
                return None
        case Inequality(left=left, right=right, strict=strict):
            if left.op == "name" and not names_in(right):
                return RealInterval(Infinity(True), right, False, not strict, letter=left.name)
            if right.op == "name" and not names_in(left):
                return RealInterval(left, Infinity(), not strict, False, letter=right.name)
    return None


def _bound_of(reading: Reading) -> Bound:
    if isinstance(reading, Infinity):
        return reading
    if not isinstance(reading, Scalar) or reading.percent:
        raise UnreadableAnswer("no bound of an interval")
    return reading.term


def _ordered(sides: list[str], marks: list[str]) -> Reading:
    """One inequality, or an interval where a letter stands between two bounds."""
    if len(sides) > 3 or len({mark[0] for mark in marks}) > 1:
        raise UnreadableAnswer("a chain of inequalities")
    if marks[0][0] == ">":
        sides, marks = sides[::-1], marks[::-1]
    if len(sides) == 2 and "\\infty" not in sides[0] + sides[1]:
        return Inequality(_term(sides[0]), _term(sides[1]), len(marks[0]) == 1)
    middle = _term(sides[1]) if len(sides) == 3 else None
    if middle is None or middle.op != "name":
        raise UnreadableAnswer("a chain of inequalities")
    low, high = (_bound(side) for side in (sides[0], sides[2]))
    return RealInterval(low, high, len(marks[0]) > 1, len(marks[1]) > 1, letter=middle.name)


def _bound(text: str) -> Bound:
    infinite = _INFINITY.fullmatch(text)
    return Infinity(infinite["sign"] == "-") if infinite else _term(text)


def _matrix(text: str) -> Matrix:
    match = _ENVIRONMENT.fullmatch(text)
    if not match:
        raise UnreadableAnswer("an environment that is no matrix")
    if match["name"] in ("vmatrix", "Vmatrix"):
        raise UnreadableAnswer("a determinant or a norm left to do")
    lines = [line for line in re.split(r"\\\\", match["body"]) if line.strip()]
    rows = tuple(tuple(_term(cell) for cell in line.split("&")) for line in lines)
    if not rows or len({len(row) for row in rows}) > 1 or len(rows) * len(rows[0]) > 100:
        raise UnreadableAnswer("a matrix with rows of several lengths")
    return Matrix(rows)


def _term(text: str) -> Expression:
    return parse_expression(tokens_of(text.strip()))
