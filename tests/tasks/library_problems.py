"""Problems about calls of real functions, for the tests of those tasks: from some modules of the catalogue."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from functools import cache

import pytest
from tracemill.claims.execution.packages import CATALOGUE
from tracemill.records import Problem
from tracemill.sources.domains import problem_from
from tracemill.tasks.library import pool as library_pool
from tracemill.tasks.library.pool import Entry, entry_at, slots
from tracemill.tasks.library.task import Library
from tracemill.tasks.task import Request, Task

TASK = Library()
ALL = (0.0, 1.0)
MODULES = {
    "python": ["collections", "colorsys", "difflib", "fractions", "pickletools", "statistics", "urllib.parse"],
    "networkx": [
        f"networkx.{name}"
        for name in (
            *("algorithms.bipartite.basic", "algorithms.components.connected", "algorithms.core", "algorithms.dag"),
            *("algorithms.shortest_paths.unweighted", "algorithms.clique", "classes.function", "utils.misc"),
        )
    ],
    "sympy": [
        f"sympy.{name}"
        for name in (
            *("combinatorics.partitions", "combinatorics.subsets", "logic.boolalg", "ntheory.continued_fraction"),
            *("ntheory.modular", "polys.densebasic", "utilities.iterables"),
        )
    ],
    "toolz": ["toolz.itertoolz", "toolz.dicttoolz"],
    "algorithms": [
        f"algorithms.{name}"
        for name in ("bit_manipulation.count_ones", "math.base_conversion", "math.nth_digit", "searching.search_insert")
    ],
}


def only_some(patch: pytest.MonkeyPatch) -> None:
    """Lets the pool know these modules alone."""
    some = {
        package: {module: CATALOGUE[package][module] for module in modules if module in CATALOGUE.get(package, {})}
        for package, modules in MODULES.items()
    }
    patch.setattr(library_pool, "CATALOGUE", some)
    patch.setattr(library_pool, "PACKAGES", {package: tuple(modules) for package, modules in some.items()})
    forget()


def forget() -> None:
    """What the pool keeps in this process."""
    for kept in (library_pool.slots, library_pool.members, library_pool.entries_of, library_pool._by_names, pool):
        kept.cache_clear()


@pytest.fixture(scope="module")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The pool of these modules, kept in a folder that is the tests' own."""
    with pytest.MonkeyPatch.context() as patch:
        # Of all test modules in this run, in whichever process: what they harvest is the same.
        folder = tmp_path_factory.getbasetemp()
        folder = folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder
        patch.setenv("XDG_CACHE_HOME", str(folder / "library-cache"))
        only_some(patch)
        pool()
        yield
    forget()


@cache
def pool() -> tuple[Entry, ...]:
    """All calls of these modules, in the order in which they become problems."""
    found = [entry_at(slot) for slot in slots()]
    assert all(entry is not None for entry in found)
    return tuple(entry for entry in found if entry is not None)


def request(index: int, band: tuple[float, float] = ALL) -> Request:
    return Request(index, TASK.themes[index % 3], 0.5, band, random.Random(index))


def problem(index: int, band: tuple[float, float] = ALL, task: Task = TASK) -> Problem:
    asked = request(index, band)
    draft = task.make(asked)
    assert draft is not None
    return problem_from(draft, task, asked, index, 0.1)


def spread(count: int) -> list[Problem]:
    """Problems from all packages, evenly."""
    by_package: dict[str, list[int]] = {}
    for index, entry in enumerate(pool()):
        by_package.setdefault(entry.names["package"], []).append(index)
    wanted = count // len(by_package)
    drawn = [indices[:: max(1, len(indices) // wanted)][:wanted] for indices in by_package.values()]
    return [problem(index) for indices in drawn for index in indices]
