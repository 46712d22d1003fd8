"""How many planted benchmark items the decontamination misses.

The planting shares no code with the search: it works on the text itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from random import Random

from tracemill.selection.benchmarks import read_benchmarks
from tracemill.selection.decontaminate import Index
from tracemill.selection.select_config import Decontaminate
from tracemill.selection.tokens import tokenise

_MOST_ITEMS = 2000
_NAMES = ("Oskar", "Lina", "Tarek", "Bea", "Ngozi", "Pavel", "Yuki", "Carmen", "Idris", "Freya")
_CAPITALISED_INSIDE = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]+\b")


@dataclass(frozen=True, slots=True)
class MissRates:
    """The share of `items` benchmark items that was missed, by the way in which they were planted:
    `verbatim`; `embedded` (between sentences of a prompt); `respaced` (and re-cased); `renamed` (other numbers and
    names)."""

    items: int
    missed: Mapping[str, float]


def miss_rate(config: Decontaminate, index: Index, seed: int) -> MissRates:
    """The measured miss rates of `index`, made from the benchmarks of `config`, on up to 2000 of their items.

    Raises:
        UsageError: a benchmark file that cannot be read or lacks its field.
    """
    rng = Random(seed)
    items = _sampled(config, rng)
    missed = {name: _missed(index, [plant(item, rng) for item in items]) for name, plant in PLANTS.items()}
    return MissRates(len(items), missed)


def _sampled(config: Decontaminate, rng: Random) -> list[str]:
    """The files are read twice, so that they need not be held."""
    total = sum(1 for _ in _items(config))
    chosen = rng.sample(range(total), min(_MOST_ITEMS, total))
    place = {number: at for at, number in enumerate(chosen)}
    found = [""] * len(chosen)
    for number, item in enumerate(_items(config)):
        if number in place:
            found[place[number]] = item
    return found


def _items(config: Decontaminate) -> Iterator[str]:
    return chain.from_iterable(read_benchmarks(config.benchmarks).values())


def _missed(index: Index, planted: Sequence[str]) -> float:
    return 1 - len(index.contaminated(tokenise(planted))) / len(planted)


def _verbatim(item: str, _: Random) -> str:
    return item


def _embedded(item: str, _: Random) -> str:
    return f"Work through this problem and explain each step.\n\n{item}\n\nGive the result in a box."


def _respaced(item: str, rng: Random) -> str:
    spaced = "".join(rng.choice((" ", "  ", "\n", "\t")) if char == " " else char for char in item)
    return rng.choice((spaced.upper(), spaced.lower(), spaced.title()))


def _renamed(item: str, rng: Random) -> str:
    """Every number becomes another; every word that is capitalised within a sentence becomes a name, also where it
    begins one."""
    names = {old: rng.choice(_NAMES) for old in sorted(set(_CAPITALISED_INSIDE.findall(item)))}
    for old, new in names.items():
        item = re.sub(rf"\b{old}\b", new, item)
    return re.sub(r"\d+", lambda found: str(int(found[0]) + rng.randint(1, 99)), item)


PLANTS: dict[str, Callable[[str, Random], str]] = {
    "verbatim": _verbatim,
    "embedded": _embedded,
    "respaced": _respaced,
    "renamed": _renamed,
}
