"""Equations of a linear system: as the story states them, as rows, as SMT-LIB terms and as a person writes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd
from random import Random
from typing import TypeAlias

from tracemill.tasks.kit.teller import DeadEnd, Ref

Rational: TypeAlias = Fraction | int
"""An exact number: mostly an integer, which is reckoned with much faster than a Fraction."""
Coefs = dict[str, int]
RowEquation = tuple[Coefs, Rational]
"""`sum(coefs) = constant`"""


@dataclass(frozen=True, slots=True)
class Relation:
    """An equation of the story, `left = right + constant`, with the premise that states it."""

    left: Coefs
    right: Coefs
    constant: Rational
    premise: int

    @property
    def coefs(self) -> Coefs:
        """With all unknowns on the left."""
        return self.left | {name: -coef for name, coef in self.right.items()}

    def isolates(self, coefs: Coefs) -> bool:
        """Whether the story says what one unknown is, in terms of others, and `coefs` are a row that says the same."""
        return list(self.left.values()) == [1] and bool(self.right) and coefs == self.coefs


@dataclass(frozen=True, slots=True)
class Row:
    """`sum(coefs) = constant`; `ref` is the step that states it, `label` how the text calls it. `stated`: the unknown
    that stood alone on the left in the story; `solved`: the one that the row has been solved for."""

    coefs: Coefs
    constant: Rational
    ref: Ref
    label: str
    stated: str = ""
    solved: str = ""


@dataclass(frozen=True, slots=True)
class Style:
    """How a solution is written. `between`: what stands between a coefficient and its unknown; `letters`: initials in
    the text instead of words; `substitute`: preferred method."""

    between: str
    letters: bool
    substitute: bool

    @staticmethod
    def drawn(names: Sequence[str], rng: Random) -> Style:
        initials = {name[0] for name in names}
        letters = len(initials) == len(names) and not initials & set("lo") and rng.random() < 0.4
        between = rng.choice(("", " ", "·")) if letters else rng.choice((" ", "·", " × "))
        return Style(between, letters, rng.random() < 0.5)

    def name(self, name: str) -> str:
        return name[0] if self.letters else name

    def sum(self, coefs: Coefs, constant: Rational = 0) -> str:
        text = ""
        for name, coef in coefs.items():
            shown = self.name(name) if abs(coef) == 1 else f"{abs(coef)}{self.between}{self.name(name)}"
            if text:
                text += f" {'-' if coef < 0 else '+'} {shown}"
            else:
                text = f"-{shown}" if coef < 0 else shown
        if constant.numerator and text:
            return f"{text} {'-' if constant.numerator < 0 else '+'} {abs(constant)}"
        return text or str(constant)

    def equation(self, coefs: Coefs, constant: Rational) -> str:
        return f"{self.sum(coefs)} = {constant}"

    def expression(self, rest: Coefs, constant: Rational) -> str:
        """`13 - 2 pear`: the constant first unless it is nothing or below zero."""
        if constant.numerator <= 0 or not rest:
            return self.sum(rest, constant)
        text = self.sum(rest)
        return f"{constant} - {text[1:]}" if text.startswith("-") else f"{constant} + {text}"


def exact(text: str) -> Rational:
    """The number that a text like `3` or `5/2` is."""
    return quotient(Fraction(text), 1)


def quotient(one: Rational, other: int) -> Rational:
    found = Fraction(one, other)
    return found.numerator if found.denominator == 1 else found


def numeral(value: Rational) -> str:
    """A rational as an SMT-LIB term: `3`, `(- 3)`, `(/ 5 2)`, `(- (/ 5 2))`."""
    numerator, denominator = abs(value.numerator), value.denominator
    text = str(numerator) if denominator == 1 else f"(/ {numerator} {denominator})"
    return text if value.numerator >= 0 else f"(- {text})"


def bracketed(value: Rational) -> str:
    """`(-3)`, `3`, `5/2`: as it is written after an operator."""
    return f"({value})" if value.numerator < 0 else str(value)


def sum_formula(coefs: Coefs, constant: Rational = 0) -> str:
    """`sum(coefs) + constant` as an SMT-LIB term."""
    parts = []
    for name, coef in coefs.items():
        if coef == 1:
            parts.append(name)
        else:
            parts.append(f"(- {name})" if coef == -1 else f"(* {numeral(coef)} {name})")
    if constant.numerator or not parts:
        parts.append(numeral(constant))
    return parts[0] if len(parts) == 1 else f"(+ {' '.join(parts)})"


def row_formula(coefs: Coefs, constant: Rational) -> str:
    return f"(= {sum_formula(coefs)} {numeral(constant)})"


def added(a: Coefs, b: Coefs, factor: int) -> Coefs:
    """`a + factor * b` without the terms that vanish, in the order of first appearance."""
    total = dict(a)
    for name, coef in b.items():
        total[name] = total.get(name, 0) + factor * coef
    return {name: coef for name, coef in total.items() if coef}


def tidied(coefs: Coefs, constant: Rational) -> tuple[Coefs, Rational]:
    """The row divided by what its coefficients share, the first of them positive.

    Raises:
        DeadEnd: no unknown is left.
    """
    if not coefs:
        raise DeadEnd
    shared = gcd(*coefs.values())
    if constant.numerator % shared:
        shared = 1
    if next(iter(coefs.values())) < 0:
        shared = -shared
    if shared == 1:
        return coefs, constant
    return {name: coef // shared for name, coef in coefs.items()}, quotient(constant, shared)


def joined(parts: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
