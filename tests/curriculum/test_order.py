"""The order within a stage: by difficulty, the rows of one problem apart."""

from __future__ import annotations

from itertools import pairwise, permutations
from random import Random

import polars as pl
import pytest
from tracemill.curriculum.order import GAP, apart, in_order


def stage(samples: list[int], seed: int = 1) -> pl.DataFrame:
    """Problems with so many rows each, in a random order."""
    rng = Random(seed)
    problems = [(f"{rng.getrandbits(80):020x}", rng.random()) for _ in samples]
    rows = [
        {"id": f"{problem}-{n:012x}", "difficulty": difficulty, "turn": n}
        for (problem, difficulty), count in zip(problems, samples, strict=True)
        for n in range(count)
    ]
    rng.shuffle(rows)
    return pl.DataFrame(rows, schema_overrides={"difficulty": pl.Float64})


def ordered(rows: pl.DataFrame) -> tuple[list[str], list[float]]:
    found = in_order(rows)
    assert sorted(found["id"]) == sorted(rows["id"])
    return [id_.split("-")[0] for id_ in found["id"]], found["difficulty"].to_list()


def equal_neighbours(problems: list) -> int:
    return sum(one == other for one, other in pairwise(problems))


def test_one_row_a_problem_stands_by_difficulty() -> None:
    _, difficulties = ordered(stage([1] * 300))
    assert difficulties == sorted(difficulties)


@pytest.mark.parametrize("seed", range(5))
def test_rows_of_one_problem_have_the_gap_between_them_but_for_the_last_of_a_stage(seed: int) -> None:
    problems, _ = ordered(stage([2] * 1000, seed))
    assert equal_neighbours(problems) == 0
    last = {}
    for at, problem in enumerate(problems[: -2 * GAP]):
        assert at - last.setdefault(problem, at - GAP - 1) > GAP
        last[problem] = at


def test_a_later_row_stands_among_problems_a_gap_harder() -> None:
    rows = stage([3] * 1000)
    ranks = {d: rank for rank, d in enumerate(sorted(set(rows["difficulty"])))}
    _, difficulties = ordered(rows)
    found = [ranks[difficulty] for difficulty in difficulties]
    highest = 0
    for rank in found:
        highest = max(highest, rank)
        assert highest - 2 * GAP <= rank


def test_a_small_stage_is_in_order_within_a_tenth_of_its_problems() -> None:
    problems, difficulties = ordered(stage([2] * 20))
    assert equal_neighbours(problems) == 0
    firsts = [d for at, d in enumerate(difficulties) if d not in difficulties[:at]]
    assert firsts == sorted(firsts)


def test_rows_without_a_difficulty_stand_in_the_middle() -> None:
    known = pl.DataFrame([{"id": f"{n}-0", "difficulty": n / 10, "turn": 0} for n in (1, 9)])
    rows = pl.concat([known, pl.DataFrame({"id": ["x-0"], "difficulty": [None], "turn": [0]}, schema=known.schema)])
    assert in_order(rows)["id"].to_list() == ["1-0", "x-0", "9-0"]


def test_the_order_does_not_depend_on_the_order_of_the_rows() -> None:
    rows = stage([1, 2, 3] * 50)
    assert in_order(rows).equals(in_order(rows.reverse()))


def fewest(problems: list[int]) -> int:
    return min(equal_neighbours(list(order)) for order in set(permutations(problems)))


def test_no_order_has_fewer_equal_neighbours() -> None:
    """All arrangements of up to seven rows are tried."""
    rng = Random(3)
    for _ in range(60):
        problems = [rng.randrange(3) for _ in range(rng.randint(1, 7))]
        found = [problems[at] for at in apart(problems)]
        assert sorted(found) == sorted(problems)
        assert equal_neighbours(found) == fewest(problems), problems


@pytest.mark.parametrize("seed", range(20))
def test_no_two_neighbours_are_of_one_problem_unless_it_has_more_than_half_of_the_rows(seed: int) -> None:
    rng = Random(seed)
    samples = [rng.choice([1, 1, 2, 5, 30]) for _ in range(rng.randint(2, 40))]
    problems, _ = ordered(stage(samples, seed))
    total, most = sum(samples), max(samples)
    assert equal_neighbours(problems) == max(0, most - (total - most) - 1)


def test_what_needs_no_move_keeps_its_order() -> None:
    assert apart([1, 2, 1, 3, 2]) == [0, 1, 2, 3, 4]


class Counted(list):
    """A list that counts how often it is looked into."""

    looks = 0

    def __getitem__(self, at):
        self.looks += 1
        return super().__getitem__(at)


@pytest.mark.parametrize("heavy_first", [True, False])
def test_a_problem_with_half_of_the_rows_is_spread_without_searching_all_rows_for_each(heavy_first: bool) -> None:
    others, heavy = list(range(1, 2001)), [0] * 2000
    problems = Counted(heavy + others if heavy_first else others + heavy)
    found = apart(problems)
    assert problems.looks < 30 * len(problems)
    assert equal_neighbours([problems[at] for at in found]) == 0
