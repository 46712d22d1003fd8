from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cache
from random import Random
from statistics import mean

import pytest
from corrections import taken_back
from posing import Entailment, posed
from tracemill.records import Claim, Problem, Step, premise
from tracemill.tasks.crosses.family import Family
from tracemill.tasks.crosses.oracle import CrossesOracle, worlds
from tracemill.tasks.crosses.task import Crosses, group_of
from tracemill.tasks.task import DETAILS, Request, Solution
from tracemill.verifiers.leakage import LIMIT, leakage

TASK = Crosses()
ORACLE = CrossesOracle()
LEVELS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def problem(index: int, theme: str, level: float) -> Problem:
    made = TASK.make(Request(index, theme, level, (0.0, 1.0), Random(f"{theme}/{level}/{index}")))
    return posed(TASK, made, theme)


@cache
def problems(count: int, levels: tuple[float, ...] = LEVELS) -> tuple[Problem, ...]:
    """`count` problems for each theme and level."""
    return tuple(problem(k, theme, level) for theme in TASK.themes for level in levels for k in range(count))


def boxed(solution: Solution) -> str:
    (found,) = re.findall(r"\\boxed\{([^{}]*)\}", solution.closing)
    return str(found)


def flawed(count: int) -> Iterator[tuple[Problem, str, Solution]]:
    for number, one in enumerate(problems(count)):
        for mistake in TASK.misconceptions:
            solution = TASK.err(one, [mistake.name], Random(number), DETAILS[number % 3])
            if solution is not None:
                yield one, mistake.name, solution


def test_right_solutions_agree_with_the_oracle_and_with_the_answer() -> None:
    for number, one in enumerate(problems(6)):
        solution = TASK.solve(one, Random(number), DETAILS[number % 3])
        assert solution.flaw is None
        assert ORACLE.first_wrong(one, solution.steps()) is None
        assert ORACLE.answers(one, boxed(solution)) and boxed(solution) == one.answer


def test_every_claim_of_a_right_solution_follows_from_what_it_uses() -> None:
    for number, one in enumerate(problems(1)):
        for detail in DETAILS:
            steps = TASK.solve(one, Random(number), detail).steps()
            logic = Entailment(one, steps)
            for at, step in enumerate(steps):
                assert all(use < at for use in step.uses)
                assert logic.follows(at, step.uses), (step.claim, detail)


def test_a_mistake_is_where_the_flaw_says_and_nothing_before_it_is_wrong() -> None:
    """To z3, which knows the premises and not the family, as to the oracle, which knows the family alone."""
    for number, (one, name, solution) in enumerate(flawed(2)):
        flaw, steps = solution.flaw, solution.steps()
        assert flaw is not None and flaw.kind == name
        assert ORACLE.first_wrong(one, steps) == flaw.index
        assert not ORACLE.answers(one, boxed(solution))
        assert 0 < Fraction(boxed(solution)) < 1  # as every right answer
        if number % 5 == 0:
            logic, every = Entailment(one, steps), tuple(premise(k) for k in range(1, len(one.premises)))
            assert all(logic.follows(at, steps[at].uses) for at in range(flaw.index))
            assert not logic.follows(flaw.index, every)


def test_every_mistake_is_made_in_every_theme() -> None:
    seen = Counter((one.domain, name) for one, name, _ in flawed(4))
    assert len(seen) == len(TASK.themes) * len(TASK.misconceptions)
    assert {mistake.kind for mistake in TASK.misconceptions} == {"wrong_rule", "slip", "dropped_case"}


def test_a_wrong_step_has_the_words_of_the_right_one() -> None:
    compared = 0
    for number, one in enumerate(problems(2)):
        for mistake in TASK.misconceptions:
            wrong, right = TASK.err(one, [mistake.name], Random(number)), TASK.solve(one, Random(number))
            if wrong is None or wrong.flaw is None:
                continue
            at = wrong.flaw.index
            if not at or wrong.lines[:at] != right.lines[:at]:
                continue  # Perhaps told with another seed, to be as long as a right one.
            words = [re.sub(r"\d+(/\d+)?|\b\w/\w\b", "#", told.lines[at].text) for told in (wrong, right)]
            assert words[0] == words[1]
            compared += 1
    assert compared > 60


def test_the_words_do_not_betray_the_wrong_step() -> None:
    leaks = leakage(TASK, 150, seed=3)
    assert leaks[0].pairs > 130
    assert leaks[0].auc < 0.62
    assert not [leak for leak in leaks if leak.above(LIMIT)]


def test_a_correction_takes_back_the_mistake_and_ends_right() -> None:
    found: Counter[str] = Counter()
    for number, one in enumerate(problems(2)):
        for mistake in TASK.misconceptions:
            told = TASK.correct(one, [mistake.name], Random(number), DETAILS[number % 3])
            if told is None or told.flaw is None:
                continue
            assert told.flaw.kind == mistake.name
            taken_back(one, told, ORACLE)
            found[mistake.name] += 1
    assert len(found) == len(TASK.misconceptions)


def test_difficulty_is_a_number_of_steps_and_so_is_detail() -> None:
    hundred = [(k * 0.618 % 1, problem(k, TASK.themes[k % len(TASK.themes)], k * 0.618 % 1)) for k in range(200)]
    counts = [len(TASK.solve(one, Random(3)).lines) for _, one in hundred]
    assert _rank_correlation([level for level, _ in hundred], counts) > 0.6
    by_detail = [mean(len(TASK.solve(one, Random(3), detail).lines) for _, one in hundred) for detail in DETAILS]
    assert by_detail[0] + 3 < by_detail[1] and by_detail[1] + 3 < by_detail[2]


def _rank_correlation(a: list[float], b: list[int]) -> float:
    def ranks(values: list[float] | list[int]) -> list[float]:
        return [mean([sum(v < x for v in values), sum(v <= x for v in values) - 1]) for x in values]

    x, y = ranks(a), ranks(b)
    top = sum((p - mean(x)) * (q - mean(y)) for p, q in zip(x, y, strict=True))
    return float(top / (sum((p - mean(x)) ** 2 for p in x) * sum((q - mean(y)) ** 2 for q in y)) ** 0.5)


def test_the_same_request_is_the_same_problem_and_two_solvers_say_it_differently() -> None:
    for one, again in zip(
        problems(1), (problem(0, theme, level) for theme in TASK.themes for level in LEVELS), strict=True
    ):
        assert one == again
        first, same, other = (TASK.solve(one, Random(seed)) for seed in (1, 1, 2))
        assert first == same != other


def test_twins_share_a_group_and_other_families_do_not() -> None:
    def group(theme: str, seed: int) -> str:
        return TASK.make(Request(0, theme, 0.7, (0.0, 1.0), Random(seed))).group

    assert all(len({group(theme, seed) for theme in TASK.themes}) == 1 for seed in range(20))
    assert len({group("mice", seed) for seed in range(100)}) > 85


def test_the_group_knows_neither_the_order_of_genes_nor_on_the_whole_which_parent_is_which() -> None:
    swapped = 0
    for one in problems(4, (0.6, 1.0)):
        instance = one.metadata["instance"]
        group = group_of(Family(instance))
        assert group_of(Family(instance | {"genes": instance["genes"][::-1]})) == group
        other = Family(instance)
        other.cross = other.cross[::-1]
        if instance["young"] == "young":
            assert group_of(other) == group
            swapped += len(instance["genes"]) > 1
        asked = [
            gene | {"asked": "dominant" if gene["asked"] != "dominant" else "recessive"} for gene in instance["genes"]
        ]
        assert group_of(Family(instance | {"genes": asked})) != group
    assert swapped > 5


def test_the_prompt_tells_all_that_the_premises_say_of_somebody() -> None:
    for one in problems(3):
        traits = TASK.words.themes[one.metadata["instance"]["theme"]]["traits"]
        for member in one.metadata["instance"]["members"]:
            for letter, form in member["forms"].items():
                said = [
                    text for text in re.split(r"(?<=[.])\s", one.prompt) if re.search(rf"\b{member['name']}\b", text)
                ]
                assert any(traits[letter.upper()][form] in text for text in said)


def test_an_answer_does_not_hang_on_how_common_an_allele_is() -> None:
    """Whatever those carry of whose parents nothing is said: for the parents of the cross the chances are the same."""
    unsure = 0
    for one in problems(3):
        instance = one.metadata["instance"]
        founders = [member["name"] for member in instance["members"] if not any(member["parents"])]
        for gene in instance["genes"]:
            for parent in instance["cross"]:
                found: dict[tuple[int, ...], Counter[int]] = {}
                for world in worlds(instance, gene, parent):
                    carried = tuple(sum(world[name]) for name in founders if name in world)
                    found.setdefault(carried, Counter())[sum(world[parent])] += 1
                shares = [{count: Fraction(n, each.total()) for count, n in each.items()} for each in found.values()]
                assert all(share == shares[0] for share in shares)
                unsure += len(shares[0]) > 1
    assert unsure > 10


def test_the_oracle_refuses_what_it_cannot_read() -> None:
    one = problem(1, "mice", 0.2)
    for formula in ("(= nobody 1)", "(= ", "(frob 1 2)"):
        with pytest.raises(ValueError):
            ORACLE.first_wrong(one, [Step(0, 0, 1, Claim("entailment", {"formula": formula}), (premise(1),))])
    with pytest.raises(ValueError):
        ORACLE.first_wrong(one, [Step(0, 0, 1, Claim("equation", {"lhs": "1", "rhs": "1"}))])


def test_the_oracle_knows_the_classical_crosses() -> None:
    """3 : 1 of two hybrids, and 9 : 3 : 3 : 1 of two that are hybrid in two genes."""
    hybrids = replace(problem(0, "mice", 0.0), metadata={"instance": _hybrids("b")})
    assert ORACLE.answers(hybrids, "3/4") and not ORACLE.answers(hybrids, "1/4")
    twice = replace(hybrids, metadata={"instance": _hybrids("be")})
    assert ORACLE.answers(twice, "9/16")


def _hybrids(letters: str) -> dict[str, object]:
    shown = dict.fromkeys(letters, "recessive")
    seen = dict.fromkeys(letters, "dominant")

    def member(name: str, sex: str, father: str | None, forms: dict[str, str]) -> dict[str, object]:
        return {"name": name, "sex": sex, "parents": [father, None], "forms": forms, "pure": []}

    members = [member("Sire", "male", None, shown), member("Dam", "female", "Sire", seen)]
    members.append(member("Buck", "male", "Sire", seen))
    genes = [{"letter": letter, "mode": "complete", "asked": "dominant"} for letter in letters]
    return {"genes": genes, "members": members, "cross": ["Buck", "Dam"], "young": "young", "known": {}}


def test_everybody_in_a_sentence_is_named_and_every_name_stands_for_one() -> None:
    for one in problems(3):
        names = [member["name"] for member in one.metadata["instance"]["members"]]
        assert len(set(names)) == len(names)
        assert all(name in one.prompt for name in names)
        assert not re.search(r"[{}]|\b(a|an) (a|an|the)\b| {2}", one.prompt)
