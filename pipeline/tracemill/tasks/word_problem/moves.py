"""What happens in a story, move by move, and the calculations that this comes to.

A move has a kind and its numbers: `Move("lose_groups", (3, 4))` where three neighbours take four tulips each. Most come
to one calculation, some to two: the tulips that go, and the tulips that are left.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from tracemill.records import Claim
from tracemill.tasks.kit.teller import entailment

SLOTS: Mapping[str, tuple[str, ...]] = {
    "start": ("n",),
    "groups": ("n", "m"),
    "two": ("a", "b"),
    "more": ("a", "b"),
    "fewer": ("a", "b"),
    "times": ("a", "b"),
    "gain": ("k",),
    "lose": ("k",),
    "gain_groups": ("n", "m"),
    "lose_groups": ("n", "m"),
    "gain_share": ("parts", "whole"),
    "lose_share": ("parts", "whole"),
    "split": ("k",),
    "price": ("p",),
    "missing": ("k",),
    "together": ("k",),
    "kind": ("parts", "whole"),
}
"""The kinds of moves: how their sentences call their numbers. A share of `whole` 100 is a percentage in the prompt."""
OPENINGS = ("start", "groups", "two", "more", "fewer", "times")
MIDDLES = ("gain", "lose", "gain_groups", "lose_groups", "gain_share", "lose_share")
ENDINGS = ("split", "price", "missing", "together", "kind")
SHARES = ("gain_share", "lose_share", "kind")
LOSSES = ("lose", "lose_groups", "lose_share")
COMPARISONS = ("more", "fewer", "times")
STEPS: Mapping[str, int] = {
    kind: 0 if kind == "start" else 2 if kind in MIDDLES and kind not in ("gain", "lose") else 1 for kind in SLOTS
}


class Move(NamedTuple):
    kind: str
    numbers: tuple[int, ...]

    @classmethod
    def of(cls, stored: Mapping[str, object]) -> Move:
        return cls(str(stored["kind"]), tuple(stored["numbers"]))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Sum:
    """A calculation with numbers, as it is written: `a + b`, `a - b`, `a × b`, `a ÷ b`; with `of`, a share:
    `a × b ÷ whole`, or where it is a fraction `a ÷ whole × b`; with `given`, only `a`."""

    op: str
    a: int
    b: int
    whole: int = 1

    @property
    def text(self) -> str:
        if self.op == "given":
            return str(self.a)
        if self.op != "of":
            return f"{self.a} {self.op} {self.b}"
        if self.whole == 100:
            return f"{self.a} × {self.b} ÷ 100"
        return f"{self.a} ÷ {self.whole}" + (f" × {self.b}" if self.b > 1 else "")

    @property
    def value(self) -> Fraction:
        if self.op == "÷":
            return Fraction(self.a, self.b)
        values = {"+": self.a + self.b, "-": self.a - self.b, "×": self.a * self.b, "given": self.a}
        return Fraction(values[self.op]) if self.op in values else Fraction(self.a * self.b, self.whole)

    @property
    def term(self) -> str:
        """In SMT-LIB."""
        return _term(self.op, self.a, self.b, self.whole)


@dataclass(frozen=True, slots=True)
class Reckoning:
    """One calculation of a story: `symbol` is `op` of `a` and `b`, each a number or the symbol of an earlier step.

    `key` names its phrases; `move` is the index of its move; `counts` says which of `a` and `b` is a number of equal
    parts, as in `groups`; `begins`, whether a move begins with it.
    """

    symbol: str
    key: str
    move: int
    op: str
    a: int | str
    b: int | str
    whole: int = 1
    counts: str = ""
    begins: bool = True

    @property
    def formula(self) -> str:
        return f"(= {self.symbol} {_term(self.op, self.a, self.b, self.whole)})"


def _term(op: str, a: int | str, b: int | str, whole: int) -> str:
    if op == "given":
        return str(a)
    if op == "of":
        return f"(/ (* {b} {a}) {whole})"
    return f"({_OPERATORS[op]} {a} {b})"


_OPERATORS = {"+": "+", "-": "-", "×": "*", "÷": "/"}


_ONE_STEP: Mapping[str, tuple[str, str]] = {
    "groups": ("×", "a"),
    "two": ("+", ""),
    "more": ("+", ""),
    "fewer": ("-", ""),
    "times": ("×", ""),
    "gain": ("+", ""),
    "lose": ("-", ""),
    "split": ("÷", "b"),
    "price": ("×", ""),
    "together": ("+", ""),
}
"""The operation of a move that is one calculation, and which of its operands is a number of equal parts."""


def reckonings_of(moves: Sequence[Move]) -> list[Reckoning]:
    """The calculations, in order; a `start` is one too, whose result is given. Each goes on from the last."""
    return list(_reckonings(moves))


def _reckonings(moves: Sequence[Move]) -> Iterator[Reckoning]:
    amount: int | str = 0
    for at, (kind, numbers) in enumerate(moves):
        symbol = f"amount{at + 1}"
        if kind == "start":
            yield Reckoning(symbol, kind, at, "given", numbers[0], 0)
        elif STEPS[kind] == 2:
            part, gains = f"part{at + 1}", kind.startswith("gain")
            if kind in SHARES:
                yield Reckoning(part, "part", at, "of", amount, numbers[0], numbers[1])
            else:
                yield Reckoning(part, "several", at, "×", numbers[0], numbers[1], counts="a")
            yield Reckoning(
                symbol, "added" if gains else "removed", at, "+" if gains else "-", amount, part, begins=False
            )
        elif kind == "kind":
            yield Reckoning(symbol, "part", at, "of", amount, numbers[0], numbers[1])
        elif kind == "missing":
            yield Reckoning(symbol, "missing", at, "-", numbers[0], amount)
        else:
            a, b = numbers if kind in OPENINGS else (amount, numbers[0])
            op, counts = _ONE_STEP[kind]
            yield Reckoning(symbol, kind, at, op, a, b, counts=counts)
        amount = symbol


def stated_in(moves: Sequence[Move]) -> set[int]:
    """The numbers that the prompt states, without the fractions in it."""
    shares = {move.numbers[0] for move in moves if move.kind in SHARES and move.numbers[1] == 100}
    return shares | {number for move in moves if move.kind not in SHARES for number in move.numbers}


def premises_of(moves: Sequence[Move]) -> tuple[Claim, ...]:
    """Each calculation of the story, as what the prompt says of its result; premise 0 names the results."""
    steps = reckonings_of(moves)
    symbols = Claim("symbols", {step.symbol: "Real" for step in steps})
    return (symbols, *(entailment(step.formula) for step in steps))


def values_of(moves: Sequence[Move]) -> list[Fraction]:
    """The result of each calculation; up to the first that is no whole number."""
    found: dict[int | str, int] = {}
    for step in reckonings_of(moves):
        a, b = (found[one] if isinstance(one, str) else one for one in (step.a, step.b))
        value = Sum(step.op, a, b, step.whole).value
        if value.denominator > 1:
            return [*map(Fraction, found.values()), value]
        found[step.symbol] = int(value)
    return list(map(Fraction, found.values()))
