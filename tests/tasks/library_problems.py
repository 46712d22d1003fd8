"""Problems about calls of real functions, for the tests of that task."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from tracemill.records import Problem
from tracemill.sources.domains import problem_from
from tracemill.tasks.library.pool import pool
from tracemill.tasks.library.task import Library
from tracemill.tasks.task import Request

TASK = Library()
ALL = (0.0, 1.0)


@pytest.fixture(scope="module")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The pool, kept in a folder of the tests' own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        pool()
        yield


def request(index: int, band: tuple[float, float] = ALL) -> Request:
    return Request(index, TASK.themes[index % 3], 0.5, band, random.Random(index))


def problem(index: int, band: tuple[float, float] = ALL) -> Problem:
    asked = request(index, band)
    draft = TASK.make(asked)
    assert draft is not None
    return problem_from(draft, TASK, asked, index, 0.1)


def spread(count: int) -> list[Problem]:
    """Problems from all packages, evenly."""
    by_package: dict[str, list[int]] = {}
    for index, entry in enumerate(pool()):
        by_package.setdefault(entry.names["package"], []).append(index)
    return [problem(index) for indices in by_package.values() for index in indices[: count // len(by_package)]]
