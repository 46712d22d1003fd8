r"""What an answer can be, once it is read: a term with its unit, a time, a ratio, words, a collection, a relation.

Each is a value of its own kind, so that `7:00` is never a quotient and `1011_2` never a thousand and eleven.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, TypeAlias

from tracemill.verifiers.answer.term import Term
from tracemill.verifiers.answer.units import Unit


@dataclass(frozen=True, slots=True)
class Scalar:
    """A term, with its unit where one stands beside it; `percent`: with a percent sign, which `term` leaves out."""

    term: Term
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
    parts: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Based:
    """`1011_2`: a number by its digits and their base."""

    digits: str
    base: int

    @property
    def value(self) -> Fraction:
        return Fraction(int(self.digits, self.base))


@dataclass(frozen=True, slots=True)
class Words:
    """Plain words in lower case; `product`: what the letters are where they are a product (`ab`)."""

    text: str
    product: Term | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Residue:
    """`2 (mod 5)`."""

    value: Term
    modulus: Term


@dataclass(frozen=True, slots=True)
class Items:
    """Several readings: `()` a tuple, `[]` the same in brackets, `{}` a set, and without brackets a list."""

    brackets: Literal["()", "[]", "{}", ""]
    items: tuple[Reading, ...]


Bound: TypeAlias = "Term | Infinity"


@dataclass(frozen=True, slots=True)
class Interval:
    """`left`, `right`: whether the bound belongs to it. `sure`: it can be nothing else (`(1, 2)` may be a point)."""

    low: Bound
    high: Bound
    left: bool
    right: bool
    sure: bool = field(default=True, compare=False)


@dataclass(frozen=True, slots=True)
class Union:
    """Intervals and single points (as closed intervals of no length), in the order of the text."""

    parts: tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    rows: tuple[tuple[Term, ...], ...]


@dataclass(frozen=True, slots=True)
class Equation:
    left: Term
    right: Term


@dataclass(frozen=True, slots=True)
class Inequality:
    """`left < right`, or `left <= right`."""

    left: Term
    right: Term
    strict: bool


@dataclass(frozen=True, slots=True)
class Named:
    """`x = 5`, `f(x) = 2x`, `(x, y) = (1, 2)`: a name and what it is."""

    name: str
    value: Reading


Reading: TypeAlias = (
    "Scalar | Infinity | Clock | Ratio | Based | Words | Residue | Items | Interval | Union | Matrix | Equation"
    " | Inequality | Named"
)
