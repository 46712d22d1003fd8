r"""Units of measurement and the names of counted things that may stand beside a number: a closed list (`units.yaml`).

A word that is not in it leaves a number unread: `42 pairs`, `42 Millionen` and `42 bps` are not 42. Words of the
question count too (`How many zlotys …?`), unless they change a value.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml

SCALES = {"hundred": 10**2, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}


class Unit(NamedTuple):
    """`dimension`: base units and their powers, `(("m", 2),)` for an area; empty for things that are only counted.
    `factor`: how many of the base units it is."""

    dimension: tuple[tuple[str, int], ...]
    factor: Fraction = Fraction(1)


CENT = Unit((("USD", 1),), Fraction(1, 100))
UNNAMED_CENTS = "cents beside a number without a unit, where the question does not ask for cents"
CURRENCIES = {
    "$": Unit((("USD", 1),)),
    "US$": Unit((("USD", 1),)),
    "¢": CENT,
    "€": Unit((("EUR", 1),)),
    "£": Unit((("GBP", 1),)),
    "₹": Unit((("INR", 1),)),
}


class _Known(NamedTuple):
    units: dict[str, tuple[str, Fraction]]
    derived: dict[str, Unit]
    same_quantity: dict[str, str]
    things: frozenset[str]
    values: frozenset[str]


MOST_WORDS = 8
_PART = re.compile(r"([^\W\d_][^\W\d_'’-]*)(?:\^?\{?(-?[1-4])\}?)?")
_SHORTENED = {"mph": "mile / hour", "kph": "km / hour", "kmh": "km / hour", "kmph": "km / hour"}
_SHORT = re.compile(rf"\b(?:{'|'.join(_SHORTENED)})\b")
_POWERS = {"square": 2, "sq": 2, "cubic": 3, "cu": 3}
_FILLERS = frozenset(["of", "the", "in", "a", "an", "each", "total", "per", "old"])


def read_unit(text: str, of_question: Collection[str] = ()) -> Unit | None:
    r"""The unit that `text` is, or none: `cm^2`, `miles per hour`, `km/h`, `square feet`, `red apples`, `units^2`.

    `of_question`: words of the question, in lower case, which name things too.

    >>> read_unit("km") == read_unit("kilometers")
    True
    """
    words = _SHORT.sub(lambda m: _SHORTENED[m[0]], text).replace("/", " / ").replace(".", " ").replace("*", " ").split()
    if not words or len(words) > MOST_WORDS:
        return None
    powers: dict[str, int] = {}
    factor, sign, next_power, counted = Fraction(1), 1, 1, False
    for word in words:
        if word in ("/", "per"):
            sign = -1
            continue
        match = _PART.fullmatch(word)
        if not match:
            return None
        name, power = match[1], int(match[2] or 1)
        if name.lower() in _POWERS and not match[2]:
            next_power = _POWERS[name.lower()]
            continue
        base = _found(name, known().units)
        if base and not (len(name) == 1 and counted):
            power *= sign * next_power
            parts = known().derived.get(base[0], Unit(((base[0], 1),)))
            for part, exponent in parts.dimension:
                powers[part] = powers.get(part, 0) + exponent * power
            factor *= (base[1] * parts.factor) ** power
            sign = 1 if sign < 0 else sign
        elif is_thing(name, of_question) or (name.lower() in _FILLERS and words[0] != word):
            counted = True
        else:
            return None
        next_power = 1
    if counted:
        return Unit(())
    return Unit(tuple(sorted((name, power) for name, power in powers.items() if power)), factor) if powers else None


def quantity(unit: Unit) -> tuple[tuple[str, int], ...]:
    """What the unit measures: the same for months and seconds, degrees and radians, dollars and euros."""
    powers: dict[str, int] = {}
    for base, power in unit.dimension:
        name, times = known().same_quantity.get(base, base), 1
        if name == "l":
            name, times = "m", 3
        powers[name] = powers.get(name, 0) + power * times
    return tuple(sorted(powers.items()))


def is_thing(word: str, of_question: Collection[str]) -> bool:
    """Whether a word names something that is counted, by the list or by the question."""
    word = word.lower()
    if changes_value(word) or len(word) < 2:
        return False
    return word in of_question or any(form in known().things for form in _singular(word))


def changes_value(word: str) -> bool:
    """Whether a word beside a number may change or deny it: `pairs`, `not`, `half`."""
    return word.lower() in known().values


def _found(word: str, units: dict[str, tuple[str, Fraction]]) -> tuple[str, Fraction] | None:
    if word in units:
        return units[word]
    if len(word) < 3:
        return None
    return next((units[form] for form in _singular(word.lower()) if form in units), None)


def _singular(word: str) -> tuple[str, ...]:
    forms = [word]
    if word.endswith("s"):
        forms.append(word[:-1])
    if word.endswith("es"):
        forms.append(word[:-2])
    if word.endswith("ies"):
        forms.append(f"{word[:-3]}y")
    return tuple(forms)


@cache
def known() -> _Known:
    """The shipped lists."""
    data = yaml.safe_load(Path(__file__).with_name("units.yaml").read_text(encoding="utf-8"))
    units = {
        str(name): (base, Fraction(str(size))) for base, names in data["units"].items() for name, size in names.items()
    }
    derived = {
        base: Unit(tuple(sorted(parts["of"].items())), Fraction(str(parts.get("size", 1))))
        for base, parts in data["derived"].items()
    }
    return _Known(
        units, derived, data["same_quantity"], frozenset(data["things"].split()), frozenset(data["values"].split())
    )
