"""Systems of two to five linear equations, told as stories of a market, a theatre or a workshop.

The answer is exact; at high difficulty it may have fractions. What makes a problem harder: more unknowns, larger
coefficients, sums over more of the unknowns.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from random import Random
from typing import ClassVar

from tracemill.records import Check, Claim, Flaw, Problem, canonical_json
from tracemill.tasks.linear_system.phrases import CLOSINGS, PREAMBLES
from tracemill.tasks.linear_system.rows import DeadEnd, Relation, Style, numeral, sum_formula
from tracemill.tasks.linear_system.solving import Slip, Working
from tracemill.tasks.linear_system.words import (
    THEMES,
    Theme,
    an,
    bundle,
    cast,
    equation_sentence,
    intro,
    joined,
    measured,
    question,
)
from tracemill.tasks.task import Draft, Line, Misconception, Request, Solution

Terms = list[list[int]]
"""Pairs of an unknown's index and its count."""

_ATTEMPTS = 200
_CHECKS = 0.3
"""The share of full solutions that end by checking one of the story's equations."""
_CHECKS_OF_FLAWED = 0.33
"""The same of those flawed ones of which some equation holds, so that as many of all end in this way."""
_STRIKES = 6
"""Sites tried before a mistake counts as impossible in a problem, or its answer as good as any."""
_PLAIN_DENOMINATOR = 6


class LinearSystem:
    """See the module. `instance`: theme, unit, names, values, equations (left, right, constant) and what is asked."""

    name: ClassVar[str] = "math.algebra.linear_system"
    version: ClassVar[str] = "2"
    summary: ClassVar[str] = "word problems that come to 2-5 linear equations with exact rational solutions"
    licence: ClassVar[str] = "Apache-2.0"
    themes: ClassVar[tuple[str, ...]] = tuple(THEMES)
    misconceptions: ClassVar[tuple[Misconception, ...]] = (
        Misconception(
            "sign_kept",
            "wrong_rule",
            "A term that is moved to the other side of an equation changes its sign; here it keeps it.",
        ),
        Misconception(
            "one_side_scaled",
            "wrong_rule",
            "An equation stays true only if both of its sides are multiplied; here one of them is.",
        ),
        Misconception(
            "coefficient_subtracted",
            "wrong_rule",
            "A coefficient is undone by dividing by it; here it is subtracted from the other side.",
        ),
        Misconception(
            "partial_distribution",
            "wrong_rule",
            "A factor or minus sign before a bracket applies to every term in it; here it reaches only some of them.",
        ),
        Misconception("arithmetic_slip", "slip", "The right operation is carried out with a wrong result."),
        Misconception("term_dropped", "dropped_case", "One of the terms is forgotten on the way."),
    )

    def capacity(self, band: tuple[float, float]) -> int | None:
        return None

    def make(self, request: Request) -> Draft | None:
        rng, level = request.rng, request.difficulty
        theme = THEMES[request.theme]
        count = 2 + _rounded(3 * level, rng)
        names = rng.sample(list(theme.items), count)
        values = _values(count, level, rng)
        equations = _independent(values, level, rng)
        ask = _asked(count, rng)
        unit = rng.choice(theme.units)
        premises = [Claim("symbols", dict.fromkeys(names, "Real"))]
        premises += [Claim("entailment", {"formula": _story_formula(names, *equation)}) for equation in equations]
        people = cast(theme, rng)
        opening = intro(theme, unit, people, rng)
        told = [equation_sentence(theme, unit, names, *equation, people, rng) for equation in equations]
        whole = all(value.denominator == 1 for value in values)
        texts = [[left, right, str(constant)] for left, right, constant in equations]
        return Draft(
            prompt=_laid_out(opening, told, question(theme, unit, names, ask, whole, people, rng), rng.random() < 0.4),
            answer=_answer(names, values, ask),
            check=Check("numeric", {"tolerance": "0"})
            if ask
            else Check("structured", {"fields": dict.fromkeys(names, "numeric")}),
            premises=tuple(premises),
            group=group_of(values, equations),
            instance={
                "theme": request.theme,
                "unit": unit,
                "names": names,
                "values": [str(value) for value in values],
                "equations": texts,
                "ask": ask,
            },
        )

    def solve(self, problem: Problem, rng: Random) -> Solution:
        return _Telling(problem).told(rng, None)[0]

    def err(self, problem: Problem, misconception: str, rng: Random) -> Solution | None:
        """A mistake with an answer that nobody would wonder at, where one is found: a negative price says by itself
        that something is wrong."""
        telling = _Telling(problem)
        seed = rng.getrandbits(64)
        count = Slip(misconception, target=0)
        telling.told(Random(seed), count)
        targets = list(range(1, count.sites + 1))
        rng.shuffle(targets)
        first: Solution | None = None
        for target in targets[:_STRIKES]:
            try:
                solution, found = telling.told(Random(seed), Slip(misconception, target))
            except DeadEnd:
                continue
            if solution.flaw is None:
                continue
            if all(value > 0 and value.denominator <= _PLAIN_DENOMINATOR for value in found):
                return solution
            first = first or solution
        return first


class _Telling:
    """A problem's instance, ready to be solved: the relations of the story, the words, what is asked."""

    def __init__(self, problem: Problem) -> None:
        instance = problem.metadata["instance"]
        self.theme: Theme = THEMES[instance["theme"]]
        self.unit: str = instance["unit"]
        self.names: list[str] = instance["names"]
        self.ask: Terms = instance["ask"]
        self.values = dict(zip(self.names, map(Fraction, instance["values"]), strict=True))
        self.relations = [
            Relation(self._named(left), self._named(right), Fraction(constant), number)
            for number, (left, right, constant) in enumerate(instance["equations"], start=1)
        ]

    def _named(self, terms: Terms) -> dict[str, int]:
        return {self.names[index]: count for index, count in terms}

    def told(self, rng: Random, slip: Slip | None) -> tuple[Solution, list[Fraction]]:
        """The told solution, and the values in its answer. With a slip it has a flaw only if the struck line and the
        final answer are both wrong.

        Raises:
            DeadEnd: the slip left nothing that could be solved.
        """
        asked = self._named(self.ask)
        style = Style.drawn(self.names, rng)
        preamble = self._preamble(style, rng)
        working = Working(self.relations, style, rng, slip)
        wanted = list(asked) or self.names
        working.solve(self.names, wanted)
        found = {name: working.known[name][0] for name in wanted}
        right = {name: self.values[name] for name in wanted}
        if self.ask and list(asked.values()) != [1]:
            found = {"": working.total(asked)}
            right = {"": sum((count * self.values[name] for name, count in asked.items()), Fraction(0))}
        # Who has made a mistake checks as well, and tells it where the check does not give the mistake away.
        fitting = [] if self.ask else [relation for relation in self.relations if working.fits(relation)]
        if fitting and rng.random() < (_CHECKS if slip is None else _CHECKS_OF_FLAWED):
            working.check(rng.choice(fitting))
        lines = _opened(preamble, working.lines)
        flaw = None
        if slip is not None and slip.line is not None and found != right and self._false(working, slip.line):
            flaw = Flaw(slip.line, slip.name, slip.explanation)
        return Solution(lines, self._closing(found, rng), flaw), list(found.values())

    def _false(self, working: Working, line: int) -> bool:
        coefs, constant = working.stated[line]
        return sum((coef * self.values[name] for name, coef in coefs.items()), Fraction(0)) != constant

    def _preamble(self, style: Style, rng: Random) -> str:
        if not style.letters and rng.random() < 0.4:
            return ""
        meanings = [
            f"{name[0] if style.letters else name} for {self.theme.amount.format(one=an(self.theme.items[name][0]))}"
            for name in self.names
        ]
        return rng.choice(PREAMBLES).format(meanings=joined(meanings), unit=self.unit)

    def _closing(self, found: dict[str, Fraction], rng: Random) -> str:
        if self.ask:
            ((_, value),) = found.items()
            what = bundle(self.theme, self.names, self.ask)
            boxed = f"\\boxed{{{value}}}"
            said = f"{measured(value, self.unit)} for {what}"
        else:
            boxed = f"\\boxed{{{', '.join(f'{name} = {value}' for name, value in found.items())}}}"
            said = joined(
                [f"{measured(value, self.unit)} for {an(self.theme.items[name][0])}" for name, value in found.items()]
            )
        return rng.choice(CLOSINGS).format(said=said, boxed=boxed)


def _opened(preamble: str, lines: Sequence[Line]) -> tuple[Line, ...]:
    if not preamble:
        return tuple(lines)
    first = lines[0]
    return (Line(f"{preamble} {first.text}", first.claim, first.uses), *lines[1:])


def _rounded(value: float, rng: Random) -> int:
    """An integer next to `value` whose expectation is `value`."""
    return int(value) + (rng.random() < value % 1)


def _values(count: int, level: float, rng: Random) -> list[Fraction]:
    denominator = rng.choice((2, 2, 3, 4)) if rng.random() < level - 0.4 else 1
    top = 12 + round(20 * level)
    return [Fraction(rng.randint(1, top * denominator), denominator) for _ in range(count)]


def _asked(count: int, rng: Random) -> Terms:
    """What is asked: nothing for every unknown, else one unknown or an order of some of them."""
    draw = rng.random()
    if draw < 0.65:
        return []
    if draw < 0.8:
        return [[rng.randrange(count), 1]]
    chosen = sorted(rng.sample(range(count), rng.randint(2, min(3, count))))
    return [[index, rng.randint(1, 6)] for index in chosen]


def _independent(values: Sequence[Fraction], level: float, rng: Random) -> list[tuple[Terms, Terms, Fraction]]:
    """As many equations as unknowns, with one solution.

    Raises:
        RuntimeError: no such system was found, which has never been seen.
    """
    for _ in range(_ATTEMPTS):
        equations = [_equation(values, level, rng) for _ in values]
        if _determinant(equations):
            return equations
    raise RuntimeError(f"no independent system of {len(values)} equations after {_ATTEMPTS} attempts")


def _equation(values: Sequence[Fraction], level: float, rng: Random) -> tuple[Terms, Terms, Fraction]:
    """A true `left = right + constant`: a total, a comparison of two unknowns, or one of two bundles."""
    count, most = len(values), 4 + round(5 * level)
    draw = rng.random()
    if draw < 0.65:
        size = min(count, 2 + _rounded(1.6 * level, rng))
        left, right = [[i, rng.randint(1, most)] for i in rng.sample(range(count), size)], []
    else:
        size = 2 if draw < 0.85 else min(count, rng.randint(2, 3))
        chosen = rng.sample(range(count), size)
        left, right = [[i, 1] for i in chosen[:-1]], [[chosen[-1], rng.randint(1, 3)]]
        if draw >= 0.85:
            left = [[i, rng.randint(1, most)] for i in chosen[:-1]]
    return left, right, _worth(left, values) - _worth(right, values)


def _worth(terms: Terms, values: Sequence[Fraction]) -> Fraction:
    return sum((count * values[index] for index, count in terms), Fraction(0))


def _determinant(equations: Sequence[tuple[Terms, Terms, Fraction]]) -> int:
    """By Bareiss elimination, which stays within the integers."""
    size = len(equations)
    matrix = [[0] * size for _ in equations]
    for row, (left, right, _) in zip(matrix, equations, strict=True):
        for index, count in left:
            row[index] += count
        for index, count in right:
            row[index] -= count
    last = 1
    for k in range(size - 1):
        at = next((i for i in range(k, size) if matrix[i][k]), None)
        if at is None:
            return 0
        matrix[k], matrix[at] = matrix[at], matrix[k]
        top = matrix[k]
        for row in matrix[k + 1 :]:
            row[k + 1 :] = [(row[j] * top[k] - row[k] * top[j]) // last for j in range(k + 1, size)]
        last = top[k]
    return matrix[-1][-1]


def group_of(values: Sequence[Fraction], equations: Sequence[tuple[Terms, Terms, Fraction]]) -> str:
    """One text for all systems that differ only in the order of unknowns and equations. Unknowns are numbered by their
    values; those of equal value by how they occur."""

    def occurrences(index: int) -> list[tuple[int, int, Fraction, int]]:
        sides = [
            (side, terms, constant) for left, right, constant in equations for side, terms in ((1, left), (2, right))
        ]
        return sorted(
            (side, k, constant, len(terms)) for side, terms, constant in sides for i, k in terms if i == index
        )

    order = sorted(range(len(values)), key=lambda index: (values[index], occurrences(index)))
    place = {index: at for at, index in enumerate(order)}

    def renamed(terms: Terms) -> Terms:
        return sorted([place[index], k] for index, k in terms)

    return canonical_json(sorted([renamed(left), renamed(right), str(c)] for left, right, c in equations))


def _story_formula(names: Sequence[str], left: Terms, right: Terms, constant: Fraction) -> str:
    told = {names[index]: count for index, count in right}
    other = sum_formula(told, constant) if told else numeral(constant)
    return f"(= {sum_formula({names[index]: count for index, count in left})} {other})"


def _answer(names: Sequence[str], values: Sequence[Fraction], ask: Terms) -> str:
    if ask:
        return str(_worth(ask, values))
    return canonical_json({name: str(value) for name, value in zip(names, values, strict=True)})


def _laid_out(opening: str, told: Sequence[str], asked: str, listed: bool) -> str:
    if listed:
        return f"{opening}\n\n{chr(10).join(f'- {sentence}' for sentence in told)}\n\n{asked}"
    return f"{opening} {' '.join(told)} {asked}"
