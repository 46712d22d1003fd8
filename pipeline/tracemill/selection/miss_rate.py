"""How many planted benchmark items the decontamination misses.

The planting shares no code with the search: it works on the text itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from tracemill.selection.benchmarks import read_benchmarks
from tracemill.selection.decontaminate import Index, build_index
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


def miss_rate(config: Decontaminate, seed: int) -> MissRates | None:
    """The measured miss rates of `config` on up to 2000 items of its own benchmarks; None where it names none.

    Raises:
        UsageError: a benchmark file that cannot be read or lacks its field.
    """
    benchmarks = read_benchmarks(config.benchmarks)
    if not benchmarks:
        return None
    index = build_index(benchmarks, config.ngram)
    rng = Random(seed)
    items = [item for items in benchmarks.values() for item in items]
    items = rng.sample(items, min(_MOST_ITEMS, len(items)))
    missed = {name: _missed(index, [plant(item, rng) for item in items]) for name, plant in PLANTS.items()}
    return MissRates(len(items), missed)


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
