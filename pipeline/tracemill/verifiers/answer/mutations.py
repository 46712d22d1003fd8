r"""Pairs of answers that are equal, and pairs that differ, made by rule from a seed: what the verifier is measured on.

Each class of answers has a maker: it draws a value, writes it in two ways, and writes a neighbour that differs. Nothing
here reads or compares what it writes.

>>> [pair.gold for pair in pairs("clock", 1, 7)]
['2:17 \\text{ p.m.}', '2:17 \\text{ p.m.}']
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from random import Random
from typing import NamedTuple


class AnswerPair(NamedTuple):
    """An expected answer and a stated one, as it stands in a box; `equal`: whether they are the same."""

    kind: str
    gold: str
    answer: str
    equal: bool


class _Made(NamedTuple):
    gold: str
    same: str
    other: str


def pairs(kind: str, count: int, seed: int) -> Iterator[AnswerPair]:
    """`count` equal and as many different pairs of a class, the same ones for the same seed."""
    rng = Random(f"{kind} {seed}")
    for _ in range(count):
        made = MAKERS[kind](rng)
        yield AnswerPair(kind, made.gold, made.same, True)
        yield AnswerPair(kind, made.gold, made.other, False)


def _number(rng: Random) -> _Made:
    value = rng.randint(1, 10 ** rng.randint(1, 7))
    same = rng.choice(
        [f"{value:,}", f"{value}.0", f"+{value}", f"\\left({value}\\right)", f"{value} \\text{{ apples}}"]
    )
    other = rng.choice(
        [value + 1, -value, value * 10, f"{value} thousand", f"{value} {value}", f"0{value},000", f"1{value}"]
    )
    return _Made(str(value), same, str(other))


def _fraction(rng: Random) -> _Made:
    value = Fraction(rng.randint(1, 60), rng.choice([3, 4, 7, 8, 9, 11, 16]))
    over, under = value.numerator, value.denominator
    scale = rng.randint(2, 9)
    same = [f"{over}/{under}", f"\\dfrac{{{over * scale}}}{{{under * scale}}}", f"{{{over} \\over {under}}}"]
    if value > 1 and under > 1:
        same.append(f"{over // under}\\frac{{{over % under}}}{{{under}}}")
    other = [f"\\frac{{{over + 1}}}{{{under}}}", f"{under}/{over}0", f"-\\frac{{{over}}}{{{under}}}", f"{over}/0"]
    return _Made(f"\\frac{{{over}}}{{{under}}}", rng.choice(same), rng.choice(other))


def _recurring(rng: Random) -> _Made:
    fixed, again = rng.randint(0, 9), rng.randint(1, 98)
    if again % 11 == 0:
        again += 1
    value = Fraction(fixed, 10) + Fraction(again, 990)
    other = value + rng.choice([Fraction(1, 990), Fraction(-1, 10_000), Fraction(1)])
    return _Made(f"0.{fixed}\\overline{{{again:02}}}", str(value), str(other))


def _percent(rng: Random) -> _Made:
    value = rng.randint(1, 99)
    same = rng.choice([f"{value} percent", f"{value}.0\\%", f"{value}\\text{{ percent}}"])
    return _Made(f"{value}\\%", same, rng.choice([f"{value + 1}\\%", f"{value}.5\\%", f"{value}\\text{{ permille}}"]))


def _clock(rng: Random) -> _Made:
    hour, minute = rng.randint(1, 12), rng.randint(0, 59)
    gold = f"{hour}:{minute:02}"
    other = rng.choice([f"{hour % 12 + 1}:{minute:02}", f"{hour}:{(minute + 7) % 60:02}"])
    half = rng.choice(["a.m.", "p.m.", ""])
    if not half:
        return _Made(gold, f"\\text{{{gold}}}", other)
    return _Made(f"{gold} \\text{{ {half}}}", f"{gold} {half.replace('.', '').upper()}", f"{other} {half}")


def _ratio(rng: Random) -> _Made:
    parts = rng.sample(range(1, 10), rng.choice([2, 3]))
    scale = rng.randint(1, 1 if len(parts) == 2 else 3)
    swapped = [parts[1], parts[0], *parts[2:]]
    return _Made(*(":".join(map(str, one)) for one in (parts, [scale * part for part in parts], swapped)))


def _based(rng: Random) -> _Made:
    base = rng.randint(2, 9)
    digits = "".join(
        [str(rng.randint(1, base - 1)), *(str(rng.randint(0, base - 1)) for _ in range(rng.randint(2, 5)))]
    )
    changed = digits[:-1] + str((int(digits[-1]) + 1) % base)
    other = rng.choice([f"{digits}_{base + 1}", f"{changed}_{base}", f"{digits}0_{{{base}}}"])
    return _Made(f"{digits}_{base}", rng.choice([f"{digits}_{{{base}}}", f"({digits})_{base}"]), other)


_UNITS = (
    ("m", "meters", "cm", 100),
    ("km", "kilometers", "m", 1000),
    ("kg", "kilograms", "g", 1000),
    ("h", "hours", "min", 60),
)


def _unit(rng: Random) -> _Made:
    value = rng.randint(1, 90)
    short, long, sub, factor = rng.choice(
        [
            ("m", "meters", "cm", 100),
            ("km", "kilometers", "m", 1000),
            ("kg", "kilograms", "g", 1000),
            ("h", "hours", "min", 60),
        ]
    )
    same = rng.choice([f"{value} {long}", f"{value * factor} \\text{{ {sub}}}", f"{value}\\,\\mathrm{{{short}}}"])
    other = rng.choice([f"{value} \\text{{ {sub}}}", f"{value + 1} {long}", f"{value * factor} \\text{{ {short}}}"])
    return _Made(f"{value} \\text{{ {short}}}", same, other)


def _set(rng: Random) -> _Made:
    items = rng.sample(range(-20, 40), rng.randint(2, 5))
    shuffled = rng.sample(items, len(items))
    other = rng.choice([[*items, 50], items[:-1], [*items[:-1], items[-1] + 100]])
    return _Made(*("\\{" + ", ".join(map(str, one)) + "\\}" for one in (items, shuffled, other)))


def _tuple(rng: Random) -> _Made:
    items = rng.sample(range(-20, 40), rng.randint(2, 4))
    names = ", ".join("xyzw"[: len(items)])
    inner = ",".join(map(str, items))
    other = rng.choice([items[::-1], [*items, 1], [items[0] + 1, *items[1:]]])
    same = rng.choice(
        [f"\\left({inner}\\right)", f"({names}) = ({inner})", f"({', '.join(f'{item}.0' for item in items)})"]
    )
    return _Made(f"({', '.join(map(str, items))})", same, f"({', '.join(map(str, other))})")


def _interval(rng: Random) -> _Made:
    low = rng.randint(-20, 20)
    high = low + rng.randint(1, 20)
    same = rng.choice([f"{low} \\le x < {high}", f"[{low}, {high}[", f"x \\in \\left[{low}, {high}\\right)"])
    other = rng.choice(
        [f"({low}, {high}]", f"[{low}, {high}]", f"[{low}, {high + 1})", f"[{low}, \\infty)", f"{low} < x < {high}"]
    )
    return _Made(f"[{low},{high})", same, other)


def _union(rng: Random) -> _Made:
    low = rng.randint(-20, 5)
    high = low + rng.randint(1, 20)
    same = rng.choice([f"x < {low} \\text{{ or }} x > {high}", f"({high}, ∞) ∪ (-∞, {low})"])
    other = rng.choice(
        [f"({low}, {high})", f"(-\\infty, {low}] \\cup ({high}, \\infty)", f"x < {low} \\text{{ or }} x > {high + 1}"]
    )
    return _Made(f"(-\\infty,{low})\\cup({high},\\infty)", same, other)


def _matrix(rng: Random) -> _Made:
    cells = [[rng.randint(-9, 9) for _ in range(2)] for _ in range(rng.choice([2, 3]))]
    changed = [row[:] for row in cells]
    changed[-1][0] += 1
    made = [
        f"\\begin{{{name}}}" + " \\\\ ".join(" & ".join(map(str, row)) for row in rows) + f"\\end{{{name}}}"
        for name, rows in (("pmatrix", cells), ("bmatrix", cells), ("pmatrix", changed))
    ]
    return _Made(*made)


def _polynomial(rng: Random) -> _Made:
    a, b = rng.randint(1, 9), rng.randint(1, 9)
    gold = f"x^2+{a + b}x+{a * b}"
    same = rng.choice([f"(x+{a})(x+{b})", f"{a * b} + {a + b}x + x^{{2}}", f"x**2 + {a + b}*x + {a * b}"])
    return _Made(
        gold,
        same,
        rng.choice([f"x^2+{a + b}x-{a * b}", f"(x+{a})(x-{b})", f"x^2+{a + b}y+{a * b}", f"x^3+{a + b}x+{a * b}"]),
    )


def _root(rng: Random) -> _Made:
    a, b = rng.randint(2, 9), rng.choice([2, 3, 5, 7])
    same = rng.choice(
        [
            f"\\sqrt{{{a * a * b}}}",
            f"{a} \\sqrt {b}",
            f"{a}*sqrt({b})",
            f"\\frac{{{a * b}}}{{\\sqrt{{{b}}}}}",
            f"{a}√{b}",
        ]
    )
    return _Made(
        f"{a}\\sqrt{{{b}}}",
        same,
        rng.choice([f"{b}\\sqrt{{{a * a}}}", f"\\sqrt{{{a * b}}}", f"{(a * a * b) ** 0.5:.4f}"]),
    )


def _function(rng: Random) -> _Made:
    a = rng.randint(2, 9)
    return rng.choice(
        [
            _Made(f"\\sin({a}x)", f"\\sin {a}x", f"\\cos({a}x)"),
            _Made("\\tan x", "\\frac{\\sin x}{\\cos x}", "\\frac{\\cos x}{\\sin x}"),
            _Made(f"e^{{{a}x}}", f"\\exp({a}x)", f"e^{{{a + 1}x}}"),
            _Made(f"\\ln {a}+x", f"x + \\ln({a})", f"x\\ln {a}"),
            _Made(f"\\frac{{\\pi}}{{{a}}}", f"\\pi/{a}", f"\\frac{{{a}}}{{\\pi}}"),
        ]
    )


def _equation(rng: Random) -> _Made:
    a, b = rng.randint(2, 9), rng.randint(1, 9)
    same = rng.choice([f"{a}x - y + {b} = 0", f"y - {b} = {a}x", f"2y = {2 * a}x + {2 * b}"])
    return _Made(f"y = {a}x + {b}", same, rng.choice([f"y = {b}x - {a}", f"{a}x + y + {b} = 0", f"y = {a}x^2 + {b}"]))


def _inequality(rng: Random) -> _Made:
    a, b = rng.randint(2, 9), rng.randint(1, 9)
    same = rng.choice([f"{b} > {a}x + y", f"{a}x + y - {b} < 0", f"{2 * a}x + 2y < {2 * b}"])
    return _Made(f"{a}x + y < {b}", same, rng.choice([f"{a}x + y > {b}", f"{a}x + y \\le {b}", f"{a}x - y < {b}"]))


def _words(rng: Random) -> _Made:
    one, other = rng.sample(["odd", "even", "yes", "no", "true", "false", "Monday", "Friday", "circle", "neither"], 2)
    return _Made(
        f"\\text{{{one}}}", rng.choice([one.upper(), one.capitalize(), f"\\mathrm{{{one}}}"]), f"\\text{{{other}}}"
    )


MAKERS: dict[str, Callable[[Random], _Made]] = {
    "number": _number,
    "fraction": _fraction,
    "recurring": _recurring,
    "percent": _percent,
    "clock": _clock,
    "ratio": _ratio,
    "based": _based,
    "unit": _unit,
    "set": _set,
    "tuple": _tuple,
    "interval": _interval,
    "union": _union,
    "matrix": _matrix,
    "polynomial": _polynomial,
    "root": _root,
    "function": _function,
    "equation": _equation,
    "inequality": _inequality,
    "words": _words,
}
