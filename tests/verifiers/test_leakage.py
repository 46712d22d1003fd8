from __future__ import annotations

import pickle
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from planted import Planted, Tampered, changed_line, claim, sentence
from tracemill.cli.command_line import main
from tracemill.records import Claim, Flaw, Problem, premise
from tracemill.settings.plugins import TABLE, installed
from tracemill.tasks.library.task import Library
from tracemill.tasks.linear_system.task import LinearSystem
from tracemill.tasks.task import DETAILS, Detail, Line, Solution
from tracemill.verifiers.bag_of_words import features
from tracemill.verifiers.leakage import (
    ENOUGH,
    PROBLEMS,
    Leak,
    ShownPair,
    auc,
    leakage,
    leakage_pieces,
    leaks_of,
    match,
    measured,
    pairs_of,
    problems_measured,
    step_type,
)
from tracemill.verifiers.shown_parts import PARTS, ShownPart


def pairs(count: int, tell: str = "", share: float = 1.0, seed: int = 0) -> list[ShownPair]:
    """Pairs of random sentences, with a tell in a share of the wrong ones."""
    rng = random.Random(seed)
    return [
        ShownPair(
            f"g{at}",
            "m",
            features(sentence(rng) + (tell if rng.random() < share else "")),
            features(sentence(rng)),
        )
        for at in range(count)
    ]


def fact(event: str) -> Claim:
    return Claim("execution", {"facts": [{"event": event}]})


def whole(found: list[ShownPair]) -> Leak:
    return measured("a.b.c", found)[0]


def test_a_phrase_that_stands_only_in_wrong_steps_is_found_and_named() -> None:
    leak = whole(pairs(200, " oddly enough"))
    assert leak.auc > 0.99
    assert leak.above(0.65)
    assert {tell.words for tell in leak.tells[:3]} == {"oddly", "enough", "oddly enough"}
    assert (leak.tells[0].wrong, leak.tells[0].right) == (1.0, 0.0)


def test_a_phrase_in_some_wrong_steps_gives_the_area_that_a_reader_of_it_has() -> None:
    # Found in 40% of the wrong steps, guessed in the others: 0.4 + 0.6 / 2.
    assert whole(pairs(400, " oddly enough", share=0.4)).auc == pytest.approx(0.7, abs=0.05)


def test_wording_that_says_nothing_gives_one_half() -> None:
    leak = whole(pairs(400))
    assert leak.low < 0.5 < leak.high
    assert not leak.above(0.65)


def test_shuffled_labels_give_one_half_although_the_steps_differ() -> None:
    rng = random.Random(1)
    told = pairs(400, " oddly enough")
    shuffled = [replace(p, wrong=p.right, right=p.wrong) if rng.random() < 0.5 else p for p in told]
    leak = whole(shuffled)
    assert leak.low < 0.5 < leak.high


def test_length_alone_is_a_tell() -> None:
    rng = random.Random(2)
    long, short = ([" ".join(rng.choices("xyz", k=size)) for _ in range(60)] for size in (40, 9))
    found = [
        ShownPair(f"g{at}", "m", features(wrong), features(right))
        for at, (wrong, right) in enumerate(zip(long, short, strict=True))
    ]
    leak = whole(found)
    assert leak.auc > 0.99
    assert any("words or more" in tell.words for tell in leak.tells)


def test_words_of_one_problem_are_not_learnt_from_that_problem() -> None:
    """Each problem has a word of its own in its wrong steps, and one in its right ones: no help elsewhere."""
    rng = random.Random(3)
    found = [
        ShownPair(f"g{at}", "m", features(f"{sentence(rng)} odd{at}"), features(f"{sentence(rng)} eve{at}"))
        for at in range(60)
        for _ in range(4)
    ]
    leak = whole(found)
    assert leak.low < 0.5 < leak.high


def test_few_pairs_prove_nothing_however_well_they_are_told_apart() -> None:
    scores, wrong = np.array([3.0, 0.0] * 4), np.array([1.0, 0.0] * 4)
    area, low, _ = auc(scores, wrong, np.repeat(np.arange(4), 2))
    assert area == 1.0
    assert low < 0.65
    assert not Leak("a.b.c", "", 4, area, low, 1.0, ()).above(0.65)


def test_a_leak_is_above_the_limit_only_with_all_of_its_interval_and_with_enough_pairs() -> None:
    assert not Leak("a.b.c", "", 400, 0.69, 0.64, 0.73, ()).above(0.65)
    assert Leak("a.b.c", "", 400, 0.71, 0.66, 0.75, ()).above(0.65)
    assert Leak("a.b.c", "", ENOUGH, 0.9, 0.66, 1.0, ()).above(0.65)
    assert not Leak("a.b.c", "", ENOUGH - 1, 0.95, 0.7, 1.0, ()).above(0.65)


def test_the_area_counts_ties_as_half() -> None:
    assert auc(np.array([2.0, 1.0, 1.0, 0.0]), np.array([1.0, 1.0, 0.0, 0.0]), np.arange(4))[0] == 0.875


def test_steps_repeated_within_a_problem_make_an_area_no_surer() -> None:
    rng = np.random.default_rng(0)
    wrong, groups = np.tile([1.0, 0.0], 50), np.repeat(np.arange(50), 2)
    scores = rng.normal(size=100) + wrong
    assert auc(np.tile(scores, 5), np.tile(wrong, 5), np.tile(groups, 5)) == auc(scores, wrong, groups)


def test_the_interval_is_delongs_where_no_steps_share_a_problem() -> None:
    rng = np.random.default_rng(0)
    wrong = np.tile([1.0, 0.0], 150)
    scores = rng.normal(size=300) + wrong
    area, low, high = auc(scores, wrong, np.arange(300))
    ahead = scores[wrong == 1][:, None] > scores[wrong == 0]
    variance = ahead.mean(axis=1).var(ddof=1) / 150 + ahead.mean(axis=0).var(ddof=1) / 150
    assert high - low == pytest.approx(2 * 1.96 * variance**0.5, rel=0.03)
    assert low < area < high


def test_each_mistake_has_a_figure_of_its_own() -> None:
    leaks = {leak.mistake: leak for leak in leakage(Planted(), 120, 0) if leak.part == "step"}
    assert list(leaks) == ["", "silent", "told"]
    assert leaks[""].pairs == leaks["silent"].pairs + leaks["told"].pairs == 120
    assert leaks["told"].auc > 0.98
    assert leaks["silent"].low < 0.5 < leaks["silent"].high
    assert leaks["silent"].auc < leaks[""].auc < leaks["told"].auc


def test_a_word_that_marks_one_mistake_and_is_lacking_in_another_betrays_neither() -> None:
    first = [replace(pair, mistake="one") for pair in pairs(200, " returns", seed=5)]
    second = [
        replace(pair, group=f"h{at}", mistake="other", wrong=pair.right, right=pair.wrong)
        for at, pair in enumerate(pairs(200, " returns", seed=6))
    ]
    assert not any(leak.above(0.65) for leak in measured("a.b.c", first + second))
    assert whole(first).above(0.65)


def test_the_same_seed_gives_the_same_pairs_and_figures() -> None:
    task = LinearSystem()
    assert pairs_of(task, range(20), 3) == pairs_of(LinearSystem(), range(20), 3) != pairs_of(task, range(20), 4)
    assert leakage(task, 20, 3) == leakage(task, 20, 3)


def solved(*claims: Claim) -> Solution:
    return Solution(tuple(Line(str(at), made) for at, made in enumerate(claims)), "")


def test_a_wrong_step_is_matched_with_the_nearest_right_one_of_its_type() -> None:
    above, value, row, other = claim("(> x 0)"), claim("(= x 3)"), claim("(= y (+ x 1))"), claim("(or x y)")
    right = solved(above, value, row, value, above)
    assert match(solved(above, above, above, value, above), 3, right) == 3
    assert match(solved(row, above, above, above, above), 0, right) == 2
    assert match(solved(above, other, above, above, above), 1, right) == 1


def test_a_place_is_a_share_of_the_solution_and_a_type_far_from_it_is_left() -> None:
    above, value, row = claim("(> x 0)"), claim("(= x 3)"), claim("(= y (+ x 1))")
    right = solved(*[above] * 4, row, *[above] * 4)
    assert match(solved(*[above] * 4, value), 4, right) == 8
    assert match(solved(*[above] * 4, row), 4, right) == 8
    assert match(solved(*[above] * 3, row, above), 3, right) == 4


def test_of_two_right_steps_that_are_as_near_neither_side_is_always_taken() -> None:
    above, value = claim("(> x 0)"), claim("(= x 3)")
    assert [
        match(
            solved(*[value if at == flaw else above for at in range(9)]),
            flaw,
            solved(*[value if abs(at - flaw) == 1 else above for at in range(9)]),
        )
        for flaw in (4, 5)
    ] == [3, 6]


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (claim("(= x 3)"), claim("(= (- 4) y)"), True),
        (claim("(= x 3)"), claim("(= x (/ 1 2))"), True),
        (claim("(= x 3)"), claim("(= x (+ y 2))"), False),
        (claim("Ana"), claim("(not Bo)"), True),
        (claim("(=> Ana Bo)"), claim("(=> Ana false)"), False),
        (claim("Ana"), Claim("entailment", {"formula": "Ana", "assume": ["Bo"]}), False),
        (claim("(=> Ana"), claim("(=> Bo"), True),
        (Claim("state", {"move": ["a", None]}), Claim("state", {"move": ["b", "c"]}), True),
        (Claim("state", {"move": ["a", None]}), Claim("state", {"wanted": []}), False),
        (fact("branch"), fact("return"), False),
        (None, claim("Ana"), False),
    ],
)
def test_steps_are_of_one_type_if_they_claim_one_sort_of_thing(one: Claim, other: Claim, alike: bool) -> None:
    assert (step_type(one) == step_type(other)) is alike


def line_of(solution: Solution, at: int) -> str:
    return solution.lines[at].text


def in_line(at: int, change: Callable[[str], str]) -> Callable[[Solution], Solution]:
    return lambda solution: changed_line(solution, at, text=change(line_of(solution, at)))


TELLS: dict[str, tuple[ShownPart, Callable[[Solution], Solution]]] = {
    "a phrase in the step before": ("around", in_line(2, lambda text: f"Oddly, {text}")),
    "a phrase in the step after": ("around", in_line(4, lambda text: f"Oddly, {text}")),
    "a phrase in the first step": ("until", in_line(0, lambda text: f"Oddly, {text}")),
    "a phrase in the last step": ("whole", in_line(5, lambda text: f"Oddly, {text}")),
    "a word in capitals": ("step", in_line(3, lambda text: text.replace(text.split()[2], text.split()[2].upper()))),
    "a second blank": ("step", in_line(3, lambda text: text.replace(" ", "  ", 1))),
    "a blank at the end": ("step", in_line(3, lambda text: f"{text} ")),
    "a comma": ("step", in_line(3, lambda text: text.replace(" ", ", ", 1))),
    "a full stop that is missing": ("step", in_line(3, lambda text: text.removesuffix("."))),
    "a long step": ("step", in_line(3, lambda text: f"{text} {text}")),
    "another order of what is cited": ("uses", lambda s: changed_line(s, 3, uses=(2, 1, premise(1)))),
    "more that is cited": ("uses", lambda s: changed_line(s, 3, uses=(0, 1, 2, premise(1)))),
    "less that is cited": ("uses", lambda s: changed_line(s, 3, uses=(1, 2))),
    "an early end": ("length", lambda s: replace(s, lines=s.lines[:5])),
    "a step too many before": (
        "length",
        lambda s: replace(s, lines=(s.lines[0], *s.lines), flaw=Flaw(4, "mistake", "one too many")),
    ),
    "long steps": (
        "length",
        lambda s: replace(s, lines=tuple(replace(one, text=f"{one.text} {one.text}") for one in s.lines)),
    ),
    "a phrase at the end": ("closing", lambda s: replace(s, closing=f"{s.closing}, sorry")),
}


@pytest.mark.parametrize("name", TELLS)
def test_a_planted_tell_is_found_where_it_stands(name: str) -> None:
    part, change = TELLS[name]
    leaks = {leak.part: leak for leak in leakage(Tampered(change), 120, 0) if not leak.mistake}
    assert leaks[part].above(0.65), (leaks[part], leaks)


def test_solutions_that_differ_in_nothing_but_the_mistake_have_no_part_that_tells() -> None:
    leaks = leakage(Tampered(), 200, 0)
    assert {leak.part for leak in leaks} == set(PARTS)
    assert not [leak for leak in leaks if leak.above(0.5) or leak.auc > 0.62]


def test_right_and_wrong_solutions_are_shown_in_all_details_and_in_one_at_a_time() -> None:
    asked: list[tuple[str, str]] = []

    class Asked(Tampered):
        def solve(self, problem: Problem, rng: random.Random, detail: Detail = "normal") -> Solution:
            asked.append(("right", detail))
            return super().solve(problem, rng, detail)

        def err(
            self, problem: Problem, misconceptions: Sequence[str], rng: random.Random, detail: Detail = "normal"
        ) -> Any:
            asked.append(("wrong", detail))
            return super().err(problem, misconceptions, rng, detail)

    pairs_of(Asked(), range(6), 0)
    assert {detail for _, detail in asked} == set(DETAILS)
    assert [detail for kind, detail in asked if kind == "right"] == [
        detail for kind, detail in asked if kind == "wrong"
    ]


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The task is installed, whatever was looked up before, and no longer when the test is over."""
    monkeypatch.setitem(TABLE["task"], Planted.name, "planted:Planted")
    installed.cache_clear()
    yield
    installed.cache_clear()


def test_pieces_give_what_the_whole_gives(planted: None) -> None:
    pieces = leakage_pieces({Planted.name: 100}, 3)
    assert [(piece.start, piece.stop) for piece in pieces] == [(0, 50), (50, 100)]
    found = [pickle.loads(pickle.dumps(piece)).result() for piece in pieces]
    assert leaks_of(pieces, found, map) == measured(Planted.name, pairs_of(Planted(), range(100), 3))


def test_a_task_whose_problems_take_long_is_measured_by_fewer(monkeypatch) -> None:
    assert problems_measured(LinearSystem.name) == PROBLEMS
    monkeypatch.setattr(Library, "leakage_problems", 70)
    assert problems_measured(Library.name) == 70


def test_the_command_says_the_same_from_several_processes(capsys) -> None:
    order = ["audit", "--leakage", "--domains", LinearSystem.name, "--cases", "100"]
    main([*order, "--processes", "1"])
    alone = capsys.readouterr().out
    main([*order, "--processes", "2"])
    assert capsys.readouterr().out == alone
    assert f"{LinearSystem.name}, lengths: AUC" in alone


def test_the_command_names_task_mistake_and_words_and_fails(planted, capsys) -> None:
    assert main(["audit", "--leakage", "--domains", Planted.name, "--cases", "80", "--processes", "1"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("math.test.planted, a step: AUC 0.")
    told = next(at for at, line in enumerate(lines) if line.startswith("    told: AUC") and line.endswith("ABOVE 0.65"))
    assert "oddly" in "".join(lines[told + 1 : told + 11])
    assert any(line.startswith("    silent: AUC") and not line.endswith("ABOVE 0.65") for line in lines)
