r"""What an answer can be, once it is read: a term with its unit, a time, a ratio, words, a collection, a relation.

Each is a value of its own kind, so that `7:00` is never a quotient and `1011_2` never a thousand and eleven.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, TypeAlias

from tracemill.verifiers.answer.grammar.expression_tree import Expression
from tracemill.verifiers.answer.grammar.units import Unit


@dataclass(frozen=True, slots=True)
class Scalar:
    """A term, with its unit where one stands beside it; `percent`: with a percent sign, which `term` leaves out."""

    term: Expression
    unit: Unit | None = None
    percent: bool = False


@dataclass(frozen=True, slots=True)
class Infinity:
    negative: bool = False


@dataclass(frozen=True, slots=True)
class Clock:
    """Seconds since midnight, by a clock of twelve hours where `half` is `am` or `pm`."""

    seconds: int
    half: Literal["", "am", "pm"] = ""
    parts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Ratio:
    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Based:
    """`1011_2`: a number by its digits and their base."""

    digits: str
    base: int

    @property
    def value(self) -> Fraction:
        return Fraction(int(self.digits, self.base))


@dataclass(frozen=True, slots=True)
class PlainWords:
    """Plain words in lower case; `product`: what the letters are where they are a product (`ab`);
    `written`: with their capitals."""

    text: str
    product: Expression | None = field(default=None, compare=False)
    written: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Residue:
    """`2 (mod 5)`."""

    value: Expression
    modulus: Expression


@dataclass(frozen=True, slots=True)
class Items:
    """Several readings: `()` a tuple, `[]` the same in brackets, `{}` a set, and without brackets a list."""

    brackets: Literal["()", "[]", "{}", ""]
    items: tuple[Reading, ...]


Bound: TypeAlias = "Expression | Infinity"


@dataclass(frozen=True, slots=True)
class RealInterval:
    """`left`, `right`: whether the bound belongs to it. `sure`: it can be nothing else (`(1, 2)` may be a point).
    `letter`: the one that lies in it, where it is written as `1 < x < 2`."""

    low: Bound
    high: Bound
    left: bool
    right: bool
    sure: bool = field(default=True, compare=False)
    letter: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Union:
    """Intervals and single points (as closed intervals of no length), in the order of the text."""

    parts: tuple[RealInterval, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    r"""`A \setminus B` where it is not worked out."""

    left: Reading
    right: Reading


@dataclass(frozen=True, slots=True)
class Matrix:
    rows: tuple[tuple[Expression, ...], ...]


@dataclass(frozen=True, slots=True)
class StatedEquation:
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Inequality:
    """`left < right`, or `left <= right`."""

    left: Expression
    right: Expression
    strict: bool


@dataclass(frozen=True, slots=True)
class NamedValue:
    """`x = 5`, `f(x) = 2x`, `(x, y) = (1, 2)`: a name and what it is."""

    name: str
    value: Reading


Reading: TypeAlias = (
    "Scalar | Infinity | Clock | Ratio | Based | PlainWords | Residue | Items | RealInterval | Union | Difference |"
    " Matrix | StatedEquation | Inequality | NamedValue"
)
