from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from functools import cache
from random import Random
from statistics import mean

import pytest
from corrections import taken_back
from posing import Entailment, posed
from tracemill.records import Claim, Problem, Step, canonical_json, premise
from tracemill.tasks.kit.words import filled, slots_of
from tracemill.tasks.task import DETAILS, Detail, Request, Solution
from tracemill.tasks.word_problem.moves import COMPARISONS, SLOTS, Move, premises_of, reckonings_of, values_of
from tracemill.tasks.word_problem.oracle import WordProblemOracle, acted_out
from tracemill.tasks.word_problem.story import Story, asides_at, cast, share_of
from tracemill.tasks.word_problem.task import WordProblem, group_of
from tracemill.verifiers.cases import stated_answer
from tracemill.verifiers.leakage import LIMIT, leakage

TASK = WordProblem()
ORACLE = WordProblemOracle()
LEVELS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}
NUMBERS |= {"eleven": 11, "twelve": 12, "twice": 2}


def problem(index: int, theme: str, level: float) -> Problem:
    made = TASK.make(Request(index, theme, level, (0.0, 1.0), Random(f"{theme}/{level}/{index}")))
    return posed(TASK, made, theme)


@cache
def problems(count: int, levels: tuple[float, ...] = LEVELS) -> tuple[Problem, ...]:
    """`count` problems for each theme and level."""
    return tuple(problem(k, theme, level) for theme in TASK.themes for level in levels for k in range(count))


def moves_of(one: Problem) -> list[Move]:
    return [Move.of(move) for move in one.metadata["instance"]["moves"]]


def mistaken(one: Problem, mistake: str, seed: int, detail: Detail = "normal") -> Solution | None:
    return TASK.err(one, [mistake], Random(seed), detail)


@cache
def flawed() -> list[tuple[Problem, str, Solution]]:
    """The mistakes that can be made in four problems of each theme and level, one solution of each."""
    made = [
        (one, mistake.name, mistaken(one, mistake.name, number, DETAILS[number % 3]))
        for number, one in enumerate(problems(4))
        for mistake in TASK.misconceptions
    ]
    return [(one, name, solution) for one, name, solution in made if solution is not None]


def test_right_solutions_agree_with_the_oracle_and_with_the_answer() -> None:
    for number, one in enumerate(problems(8)):
        solution = TASK.solve(one, Random(number), DETAILS[number % 3])
        assert solution.flaw is None
        assert ORACLE.first_wrong(one, solution.steps()) is None
        assert ORACLE.answers(one, one.answer) and stated_answer(solution.closing) == one.answer


def test_every_claim_follows_from_exactly_what_it_uses_at_every_level_of_detail() -> None:
    for number, one in enumerate(problems(3)):
        steps = TASK.solve(one, Random(number), DETAILS[number % 3]).steps()
        logic = Entailment(one, steps)
        for at, step in enumerate(steps):
            assert all(use < at for use in step.uses)
            assert logic.follows(at, step.uses), step.claim
            for use in step.uses:
                assert not logic.follows(at, tuple(other for other in step.uses if other != use)), step.claim


def test_a_mistake_is_where_the_flaw_says_and_spoils_the_answer() -> None:
    for one, name, solution in flawed():
        flaw = solution.flaw
        assert flaw is not None and flaw.kind == name
        assert ORACLE.first_wrong(one, solution.steps()) == flaw.index
        answer = stated_answer(solution.closing)
        assert not ORACLE.answers(one, answer)
        assert re.fullmatch(r"[1-9]\d*", answer) and int(answer) > 1  # as every right answer


def test_what_comes_after_a_mistake_follows_from_it() -> None:
    for number, (one, _, solution) in enumerate(flawed()):
        if number % 12 == 0 and solution.flaw is not None:
            logic = Entailment(one, solution.steps())
            follows = [logic.follows(at, line.uses) for at, line in enumerate(solution.lines)]
            assert follows == [at != solution.flaw.index for at in range(len(follows))]


def test_every_mistake_is_made_in_every_theme() -> None:
    seen = Counter((one.domain, name) for one, name, _ in flawed())
    assert len(seen) == len(TASK.themes) * len(TASK.misconceptions)
    assert {mistake.kind for mistake in TASK.misconceptions} == {"wrong_rule", "slip", "dropped_case"}


def test_a_wrong_step_has_the_words_of_the_right_one() -> None:
    """But for a few that were told with another seed, to be as long as a right one, and begin alike by chance."""
    same = []
    for number, one in enumerate(problems(3)):
        for mistake in TASK.misconceptions:
            wrong, right = mistaken(one, mistake.name, number), TASK.solve(one, Random(number))
            if wrong is None or wrong.flaw is None or mistake.name == "step_forgotten":
                continue
            at = wrong.flaw.index
            if not at or wrong.lines[:at] != right.lines[:at]:
                continue
            words = [re.findall(r"[A-Za-z%]{2,}", told.lines[at].text) for told in (wrong, right)]
            same.append(words[0] == words[1])
    assert len(same) > 60 and mean(same) > 0.97


def test_the_words_do_not_betray_the_wrong_step() -> None:
    leaks = leakage(TASK, 200, seed=0)
    assert leaks[0].pairs > 190
    assert all(leak.auc < LIMIT for leak in leaks if not leak.mistake)
    assert not [leak for leak in leaks if leak.above(LIMIT)]


def test_a_forgotten_step_does_not_shorten_a_solution() -> None:
    beside = []
    for number, one in enumerate(problems(6, (0.6, 0.8, 1.0))):
        wrong = mistaken(one, "step_forgotten", number)
        if wrong is not None:
            right = mean(_words(TASK.solve(one, Random(seed))) for seed in range(5))
            beside.append(_words(wrong) / right)
    assert len(beside) > 40
    assert mean(beside) == pytest.approx(1, abs=0.08)


def _words(solution: Solution) -> int:
    return sum(len(line.text.split()) for line in solution.lines)


def test_a_correction_takes_back_the_mistake_and_ends_right() -> None:
    found: Counter[str] = Counter()
    for number, one in enumerate(problems(3)):
        for mistake in TASK.misconceptions:
            told = TASK.correct(one, [mistake.name], Random(number), DETAILS[number % 3])
            if told is None or told.flaw is None:
                continue
            assert told.flaw.kind == mistake.name
            taken_back(one, told, ORACLE)
            found[mistake.name] += 1
    assert len(found) == len(TASK.misconceptions)


def test_the_easiest_are_one_product_or_sum_of_small_numbers_and_the_hardest_four_steps() -> None:
    easy, hard = ([reckonings_of(moves_of(one)) for one in problems(30, (level,))] for level in (0.0, 1.0))
    reckoned = [[step for step in steps if step.op != "given"] for steps in easy]
    assert all(len(steps) == 1 and steps[0].op in "+×" for steps in reckoned)
    assert all(max(step.a, step.b) <= 12 for steps in reckoned for step in steps if isinstance(step.a, int))
    assert all(sum(step.op != "given" for step in steps) == 4 for steps in hard)


def test_difficulty_brings_shares_and_sentences_beside_the_point() -> None:
    def counts(level: float) -> tuple[float, float]:
        some = problems(20, (level,))
        return (
            mean(any(move.numbers[1:] and "share" in move.kind for move in moves_of(one)) for one in some),
            mean(len(one.metadata["instance"]["asides"]) for one in some),
        )

    assert counts(0.2) == (0, 0)
    assert counts(1.0)[0] > 0.4 and counts(1.0)[1] > 0.7


def test_more_detail_is_more_steps() -> None:
    for level in (0.4, 0.8):
        some = problems(6, (level,))
        lines = [
            [len(TASK.solve(one, Random(seed), detail).lines) for detail in DETAILS] for seed, one in enumerate(some)
        ]
        steps = [mean(counts) for counts in zip(*lines, strict=True)]
        assert steps[0] + 0.2 < steps[1] and steps[1] + 0.3 < steps[2]


def test_every_amount_is_a_whole_number_of_things_and_none_is_too_small_for_a_plural() -> None:
    for one in problems(10):
        values = values_of(moves_of(one))
        assert all(value.denominator == 1 and value >= 2 for value in values)
        assert one.answer == str(values[-1])


def test_the_prompt_states_the_numbers_of_the_story_and_of_its_asides_and_no_others() -> None:
    for one in problems(6):
        prompt = one.prompt
        stated = [int(number) for number in re.findall(r"\d+", prompt)]
        stated += [NUMBERS[word] for word in re.findall(r"[a-z]+", prompt.lower()) if word in NUMBERS]
        wanted = list(one.metadata["instance"]["asides"])
        for kind, numbers in moves_of(one):
            if kind == "together":
                continue
            shown = numbers if SLOTS[kind] != ("parts", "whole") else (numbers[0],) if numbers[1] == 100 else ()
            wanted += shown
        fractions = [share_of(*move.numbers) for move in moves_of(one) if SLOTS[move.kind] == ("parts", "whole")]
        wanted += [NUMBERS[word] for text in fractions for word in text.split() if word in NUMBERS]
        assert Counter(stated) == Counter(wanted), prompt


def test_the_sentences_of_a_comparison_say_whose_things_they_speak_of() -> None:
    seen = 0
    for one in problems(20):
        if moves_of(one)[0].kind not in COMPARISONS:
            continue
        named = one.metadata["instance"]["named"]
        said = [text for text in re.split(r"(?<=[.?]) ", one.prompt) if text]
        last = max(at for at, text in enumerate(said) if text.endswith("?"))
        assert re.search(rf"\b({named['who']}|{named['she']}|{named['her']})\b", f"{said[last - 1]} {said[last]}", re.I)
        seen += 1
    assert seen > 80


def test_every_phrase_can_be_filled_and_reads_as_a_sentence() -> None:
    words = TASK.words
    for theme in TASK.themes:
        rng = Random(theme)
        named = cast(words.themes[theme], rng)
        slots = {**named, **dict.fromkeys("nmabkpd", "7"), "times": "twice", "share": "a third", "the": "the remaining"}
        for key, forms in words.theme(theme).entries.items():
            for form in forms if key not in ("things", "girls", "boys") else ():
                text = filled(form, slots)
                assert re.fullmatch(r"[A-Z\d].*[.?]", text) and "  " not in text, (key, text)
                assert slots_of(form) <= slots.keys()


def test_the_same_request_makes_the_same_problem_and_two_solvers_say_it_differently() -> None:
    for one, again in zip(
        problems(1), (problem(0, theme, level) for theme in TASK.themes for level in LEVELS), strict=True
    ):
        assert one == again
        assert TASK.solve(one, Random(1)) == TASK.solve(one, Random(1))
    told = [[TASK.solve(one, Random(seed)) for seed in (1, 2)] for one in problems(2, (0.4, 0.8))]
    assert mean(first != second for first, second in told) > 0.95


def test_prompts_hardly_ever_come_twice_though_the_same_happens_in_many() -> None:
    easiest = [problem(k, TASK.themes[k % len(TASK.themes)], 0.0) for k in range(1000)]
    assert len({one.prompt for one in easiest}) > 995
    assert len({group_of(moves_of(one)) for one in easiest}) < 600


def test_the_same_happening_in_another_theme_is_in_the_same_group() -> None:
    def group(theme: str) -> str:
        return TASK.make(Request(0, theme, 0.0, (0.0, 1.0), Random(4))).group

    assert {group(theme) for theme in TASK.themes} == {group("market")}


def test_the_oracle_acts_a_story_out() -> None:
    """Four boxes of six; a quarter goes; three friends bring two each; two tables take the same number."""
    moves = [Move("groups", (4, 6)), Move("lose_share", (1, 4)), Move("gain_groups", (3, 2)), Move("split", (2,))]
    stored = canonical_json([{"kind": move.kind, "numbers": list(move.numbers)} for move in moves])
    assert acted_out(stored) == 12 == values_of(moves)[-1]
    with pytest.raises(ValueError, match="7 things cannot be dealt out to 2"):
        acted_out('[{"kind": "start", "numbers": [7]}, {"kind": "split", "numbers": [2]}]')
    with pytest.raises(ValueError, match="9 things are taken of 7"):
        acted_out('[{"kind": "start", "numbers": [7]}, {"kind": "lose", "numbers": [9]}]')


def test_the_oracle_finds_premises_that_say_something_else_than_the_story() -> None:
    one = problem(1, "market", 0.4)
    moves = moves_of(one)
    other = [moves[0]._replace(numbers=(moves[0].numbers[0] + 1, *moves[0].numbers[1:])), *moves[1:]]
    changed = replace(one, premises=premises_of(other))
    with pytest.raises(ValueError, match="the story comes to"):
        ORACLE.answers(changed, one.answer)
    with pytest.raises(ValueError, match="the story comes to"):
        ORACLE.first_wrong(changed, [])


def test_the_oracle_takes_no_near_miss_and_refuses_what_it_cannot_read() -> None:
    one = problem(1, "garden", 0.6)
    right = Fraction(one.answer)
    assert not any(ORACLE.answers(one, str(right + by)) for by in (1, -1, Fraction(1, 2), 10))
    assert not ORACLE.answers(one, f"{one.answer} things")
    for formula in ("(= nobody 1)", "(= ", "(frob 1 2)"):
        with pytest.raises(ValueError):
            ORACLE.first_wrong(one, [Step(0, 0, 1, Claim("entailment", {"formula": formula}), (premise(1),))])


def test_after_a_loss_the_rest_is_called_so() -> None:
    named = cast(TASK.words.themes["market"], Random(2))
    moves = [Move("start", (30,)), Move("lose", (6,)), Move("lose_share", (1, 4)), Move("split", (3,))]
    prompt = Story(TASK.words, "market", named, 0.0, Random(1)).prompt(moves, asides_at(0.0, set(), Random(1)), "")
    assert prompt.count("the remaining") + prompt.count("The remaining") == 2
