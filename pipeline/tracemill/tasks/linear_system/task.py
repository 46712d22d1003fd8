"""Systems of two to five linear equations, in stories of a market, a theatre or a workshop.

The answer is exact; at high difficulty it may have fractions, where the unit can be divided. What makes a problem
harder: more unknowns, larger coefficients, sums over more of the unknowns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from random import Random
from typing import Any, ClassVar

from tracemill.records import Check, Claim, Problem, canonical_json
from tracemill.tasks.kit.narrated_task import NarratedTask
from tracemill.tasks.kit.teller import Teller, entailment
from tracemill.tasks.kit.words import Voice, words_beside
from tracemill.tasks.linear_system.outlook import Outlook, Values
from tracemill.tasks.linear_system.rows import Rational, Relation, Style, exact, joined, numeral, sum_formula
from tracemill.tasks.linear_system.telling import Working
from tracemill.tasks.oracle import Oracle
from tracemill.tasks.task import Draft, Request

Terms = list[list[int]]
"""Pairs of an unknown's index and its count."""
Equation = tuple[Terms, Terms, Fraction]
"""`left = right + constant`."""

_ATTEMPTS = 200
_PLAIN_DENOMINATOR = 12
_TIMES = {2: "twice", 3: "three times"}


class LinearSystem(NarratedTask):
    """See the module. `instance`: theme, unit, names, values, equations (left, right, constant), what is asked, and
    what the story says of the amounts."""

    name: ClassVar[str] = "math.algebra.linear_system"
    version: ClassVar[str] = "6"
    summary: ClassVar[str] = "word problems that come to 2-5 linear equations with exact rational solutions"
    words = words_beside(__file__)

    @property
    def oracle(self) -> type[Oracle]:
        from tracemill.tasks.linear_system.oracle import LinearSystemOracle

        return LinearSystemOracle

    def make(self, request: Request) -> Draft:
        rng, level = request.rng, request.difficulty
        story = Story(request.theme, rng)
        count = 2 + _rounded(3 * level, rng)
        names = rng.sample(list(story.items), count)
        values = _values(count, level, story.parts, rng)
        equations = _independent(values, level, rng)
        ask = _asked(count, rng)
        says = _said_of_amounts(values, rng)
        premises = [Claim("symbols", dict.fromkeys(names, "Real"))]
        premises += [entailment(_story_formula(names, *equation)) for equation in equations]
        return Draft(
            prompt=story.prompt(names, equations, ask, says),
            answer=_answer(names, values, ask),
            check=Check("numeric", {"tolerance": "0"})
            if ask
            else Check("structured", {"fields": dict.fromkeys(names, "numeric")}),
            premises=tuple(premises),
            group=group_of(values, equations),
            instance={
                "theme": request.theme,
                "unit": story.unit,
                "names": names,
                "values": [str(value) for value in values],
                "equations": [[left, right, str(constant)] for left, right, constant in equations],
                "ask": ask,
                "says": says,
            },
        )

    def tell(self, problem: Problem, teller: Teller) -> None:
        instance, rng = problem.metadata["instance"], teller.rng
        story = Story(instance["theme"], rng, instance["unit"])
        names: list[str] = instance["names"]
        asked = {names[index]: count for index, count in instance["ask"]}
        wanted = list(asked) or names
        style = Style.drawn(names, rng)
        if style.letters or rng.random() < 0.6:
            meanings = joined([f"{style.name(name)} for {story.amount(name)}" for name in names])
            key = "letters" if style.letters else "names"
            teller.lead(key, meanings=meanings, worth=story.words["worth"], unit=story.unit)
        relations = [
            Relation(
                {names[index]: count for index, count in left},
                {names[index]: count for index, count in right},
                exact(constant),
                number,
            )
            for number, (left, right, constant) in enumerate(instance["equations"], start=1)
        ]
        values = {name: exact(value) for name, value in zip(names, instance["values"], strict=True)}
        working = Working(relations, style, teller, Outlook(values, lambda found: _stated(found, wanted, asked)))
        working.solve(names, wanted)
        found = {name: working.known[name][0] for name in wanted}
        total = None if not asked or list(asked.values()) == [1] else working.total(asked)
        working.check()
        what = [story.bundle(names, instance["ask"])] if asked else [story.one(name) for name in wanted]
        amounts = list(found.values()) if total is None else [total]
        said = [f"{story.measured(value)} for {each}" for value, each in zip(amounts, what, strict=True)]
        answer = str(amounts[0]) if asked else _stated(found, wanted, {})
        teller.close("closing", answer, said=joined(said))

    def natural(self, problem: Problem, answer: str) -> bool:
        """No negative price, no third of a coin, of what can be divided no odd fraction, and none at all where the
        story says so."""
        instance = problem.metadata["instance"]
        parts = self.words.themes[instance["theme"]]["units"][instance["unit"]][1] if instance["says"] != "whole" else 1
        values = [Fraction(field.rpartition("=")[2].strip()) for field in answer.split(",")]
        return all(value > 0 and value.denominator <= min(parts, _PLAIN_DENOMINATOR) for value in values)


def _stated(values: Values, wanted: Sequence[str], asked: Mapping[str, int]) -> str:
    """The answer, where these are the values: what all that is asked comes to, or each value that is wanted."""
    if asked:
        return str(sum((count * values[name] for name, count in asked.items())))
    return ", ".join(f"{name} = {values[name]}" for name in wanted)


class Story:
    """The words of one problem: its theme and unit (drawn if not given), and people, none of them twice."""

    def __init__(self, theme: str, rng: Random, unit: str = "") -> None:
        words: Mapping[str, Any] = LinearSystem.words.themes[theme]
        self.words, self.rng = words, rng
        self.items = dict(_item(entry, words["suffix"]) for entry in words["items"])
        self.unit = unit or rng.choice(list(words["units"]))
        self.singular, self.parts = words["units"][self.unit]
        self._voice = Voice(LinearSystem.words.theme(theme), rng)
        self._people: Iterator[str] = iter(rng.sample(words["people"], len(words["people"])))

    def one(self, name: str) -> str:
        """`an apple`"""
        return _an(self.items[name][0])

    def amount(self, name: str) -> str:
        """`the price of an apple`"""
        return str(self.words["amount"].format(one=self.one(name)))

    def measured(self, value: Rational) -> str:
        """`1 coin`, `3 coins`, `1/2 hours`."""
        return f"{value} {self.singular if value == 1 else self.unit}"

    def bundle(self, names: Sequence[str], terms: Terms) -> str:
        """`3 apples, 2 pears and a plum`."""
        return joined(
            [self.one(names[i]) if count == 1 else f"{count} {self.items[names[i]][1]}" for i, count in terms]
        )

    def prompt(self, names: Sequence[str], equations: Sequence[Equation], ask: Terms, says: str) -> str:
        opening = self._say("intros", place=self.rng.choice(self.words["places"]), unit=self.unit)
        stated = [self._equation(names, *equation) for equation in equations]
        asked = self._question(names, ask, says)
        if self.rng.random() < 0.4:
            return f"{opening}\n\n{chr(10).join(f'- {sentence}' for sentence in stated)}\n\n{asked}"
        return f"{opening} {' '.join(stated)} {asked}"

    def _say(self, key: str, **slots: object) -> str:
        return self._voice(key, who=next(self._people), **slots)

    def _equation(self, names: Sequence[str], left: Terms, right: Terms, c: Fraction) -> str:
        """The sentence for `left = right + c`: a total where `right` is empty, else a comparison."""
        slots = {"left": self.bundle(names, left), "c": self.measured(abs(c))}
        if not right:
            return self._say("totals", **slots)
        alone = len(left) == 1 and left[0][1] == 1
        slots |= {
            "cost": self.words["verbs"][0 if alone else 1],
            "more": "more" if c > 0 else "less",
            "right": self.bundle(names, right),
        }
        if len(right) == 1 and right[0][1] > 1:
            name = names[right[0][0]]
            slots |= {"k": _TIMES[right[0][1]], "one": self.one(name), "amount": self.amount(name)}
            return self._say("times_more" if c else "times", **slots)
        return self._say("more" if c else "same", **slots)

    def _question(self, names: Sequence[str], ask: Terms, says: str) -> str:
        """What is asked and in what form the answer is wanted. An empty `ask` asks for every unknown."""
        parts = [self._say(says, unit=self.unit)] if says else []
        if ask:
            form = "single" if len(ask) == 1 and ask[0][1] == 1 else "bundle"
            parts += [self._say(form, left=self.bundle(names, ask)), self._say("number")]
        else:
            parts += [self._say("questions"), self._say("fields", fields=", ".join(f"{name} = ..." for name in names))]
        return " ".join(parts)


def _item(entry: str, suffix: str) -> tuple[str, tuple[str, str]]:
    """`shelf/shelves` as a symbol with its singular and plural; a suffix takes the plural upon itself."""
    name, _, plural = entry.partition("/")
    return name, (f"{name} {suffix}", f"{name} {suffix}s") if suffix else (name, plural or f"{name}s")


def _an(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeio" else f"a {noun}"


def _rounded(value: float, rng: Random) -> int:
    """An integer next to `value` whose expectation is `value`."""
    return int(value) + (rng.random() < value % 1)


def _values(count: int, level: float, parts: int, rng: Random) -> list[Fraction]:
    """One unit can be divided into `parts`: nobody pays a third of a coin."""
    denominator = rng.choice((2, 2, 3, 4)) if rng.random() < level - 0.4 else 1
    denominator = denominator if parts % denominator == 0 else 1
    top = 12 + round(20 * level)
    return [Fraction(rng.randint(1, top * denominator), denominator) for _ in range(count)]


def _said_of_amounts(values: Sequence[Fraction], rng: Random) -> str:
    """What the story says of the amounts: that they are `whole`, that they have `parts`, or nothing."""
    if any(value.denominator > 1 for value in values):
        return "parts"
    return rng.choice(("", "whole"))


def _asked(count: int, rng: Random) -> Terms:
    """What is asked: nothing for every unknown, else one unknown or an order of some of them."""
    draw = rng.random()
    if draw < 0.65:
        return []
    if draw < 0.8:
        return [[rng.randrange(count), 1]]
    chosen = sorted(rng.sample(range(count), rng.randint(2, min(3, count))))
    return [[index, rng.randint(1, 6)] for index in chosen]


def _independent(values: Sequence[Fraction], level: float, rng: Random) -> list[Equation]:
    """As many equations as unknowns, with one solution.

    Raises:
        RuntimeError: no such system was found, which has never been seen.
    """
    for _ in range(_ATTEMPTS):
        equations = [_equation(values, level, rng) for _ in values]
        if _determinant(equations):
            return equations
    raise RuntimeError(f"no independent system of {len(values)} equations after {_ATTEMPTS} attempts")


def _equation(values: Sequence[Fraction], level: float, rng: Random) -> Equation:
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


def _determinant(equations: Sequence[Equation]) -> int:
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


def group_of(values: Sequence[Fraction], equations: Sequence[Equation]) -> str:
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
    compared = {names[index]: count for index, count in right}
    other = sum_formula(compared, constant) if compared else numeral(constant)
    return f"(= {sum_formula({names[index]: count for index, count in left})} {other})"


def _answer(names: Sequence[str], values: Sequence[Fraction], ask: Terms) -> str:
    if ask:
        return str(_worth(ask, values))
    return canonical_json({name: str(value) for name, value in zip(names, values, strict=True)})
