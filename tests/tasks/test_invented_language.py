from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from statistics import mean

import pytest
from posing import posed
from tracemill.records import Claim, Problem, Step, canonical_json
from tracemill.tasks.invented_language.language import Language
from tracemill.tasks.invented_language.oracle import InventedLanguageOracle, words_for
from tracemill.tasks.invented_language.task import InventedLanguage, group_of
from tracemill.tasks.kit.narrated_task import without_retracted
from tracemill.tasks.task import DETAILS, Draft, Request, Solution, as_trace
from tracemill.verifiers.leakage import LIMIT, leakage
from tracemill.verifiers.verifier import judged, make_verifier

TASK, ORACLE = InventedLanguage(), InventedLanguageOracle()
STEPS, ANSWER = make_verifier("steps", {}), make_verifier("answer", {})
LEVELS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def draft(index: int, theme: str, level: float) -> Draft:
    return TASK.make(Request(index, theme, level, (0.0, 1.0), Random(f"{theme}/{level}/{index}")))


def problems(count: int, levels: tuple[float, ...] = LEVELS) -> Iterator[Problem]:
    """`count` problems for each theme and level."""
    for theme in TASK.themes:
        for level in levels:
            for index in range(count):
                yield posed(TASK, draft(index, theme, level), theme)


def language_of(problem: Problem) -> Language:
    return Language.of(problem.metadata["instance"])


def boxed(solution: Solution) -> str:
    (found,) = re.findall(r"\\boxed\{([^{}]*)\}", solution.closing)
    return str(found)


def wrong_solutions(count: int) -> Iterator[tuple[Problem, str, Solution]]:
    for number, problem in enumerate(problems(count)):
        for misconception in TASK.misconceptions:
            solution = TASK.err(problem, [misconception.name], Random(number), DETAILS[number % 3])
            if solution is not None:
                yield problem, misconception.name, solution


@pytest.mark.parametrize("detail", DETAILS)
def test_every_step_of_a_right_solution_follows_and_its_answer_is_right(detail) -> None:
    for number, problem in enumerate(problems(2)):
        solution = TASK.solve(problem, Random(number), detail)
        trace = as_trace(problem, solution, "right")
        verdict = judged(STEPS, problem, trace)
        assert (verdict.outcome, verdict.coverage_steps) == ("verified", 1.0), verdict.reason
        assert verdict.evidence["entailed_prefix"] == len(solution.lines)
        assert judged(ANSWER, problem, trace).outcome == "verified"
        assert ORACLE.first_wrong(problem, solution.steps()) is None
        assert ORACLE.answers(problem, boxed(solution))


def test_a_mistake_is_refuted_where_the_flaw_says_and_so_is_its_answer() -> None:
    for problem, name, solution in wrong_solutions(1):
        trace, flaw = as_trace(problem, solution, "wrong"), solution.flaw
        assert flaw is not None and flaw.kind == name
        verdict = judged(STEPS, problem, trace)
        assert (verdict.outcome, verdict.evidence["first_refuted"]) == ("refuted", flaw.index), verdict.reason
        assert ORACLE.first_wrong(problem, solution.steps()) == flaw.index
        assert judged(ANSWER, problem, trace).outcome == "refuted"
        assert not ORACLE.answers(problem, boxed(solution))


def test_every_misconception_happens_in_every_theme() -> None:
    seen = {(problem.domain, name) for problem, name, _ in wrong_solutions(3)}
    assert len(seen) == len(TASK.themes) * len(TASK.misconceptions) and len(TASK.misconceptions) > 3
    assert {item.kind for item in TASK.misconceptions} == {"wrong_rule", "slip", "dropped_case"}


def test_a_correction_takes_the_wrong_step_back_and_comes_to_the_right_answer() -> None:
    corrected = 0
    for number, problem in enumerate(problems(1, (0.1, 0.5, 0.9))):
        for misconception in TASK.misconceptions:
            told = TASK.correct(problem, [misconception.name], Random(number), DETAILS[number % 3])
            if told is None:
                continue
            trace, flaw = as_trace(problem, told, "corrected"), told.flaw
            assert told.relation == "self_correction" and flaw is not None and flaw.kind == misconception.name
            verdict = judged(STEPS, problem, trace)
            assert verdict.outcome == "verified" and flaw.index in verdict.evidence["retracted"], verdict.reason
            assert judged(ANSWER, problem, trace).outcome == "verified"
            assert ORACLE.first_wrong(problem, without_retracted(told.steps())) is None
            corrected += 1
    assert corrected > 35


def test_a_wrong_step_is_told_as_the_right_one_is_but_for_what_is_wrong() -> None:
    compared = 0
    for number, problem in enumerate(problems(2)):
        for misconception in TASK.misconceptions:
            wrong, right = TASK.err(problem, [misconception.name], Random(number)), TASK.solve(problem, Random(number))
            if wrong is None or wrong.flaw is None:
                continue
            at = wrong.flaw.index
            if not at or wrong.lines[:at] != right.lines[:at]:
                continue  # Perhaps told with another seed, to be as long as a right one.
            bare = [re.sub("“[^”]*”", "“”", told.lines[at].text) for told in (wrong, right)]
            compared += bare[0] == bare[1]
            assert bare[0] == bare[1], bare
    assert compared > 60


def test_wording_does_not_betray_a_wrong_step() -> None:
    leaks = leakage(TASK, 150, 0)
    assert leaks[0].auc < 0.62
    assert not any(leak.above(LIMIT) for leak in leaks)


def test_difficulty_is_a_number_of_steps() -> None:
    levels = [(index + 0.5) / 200 for index in range(200)]
    told = [posed(TASK, draft(at, TASK.themes[at % 3], level), TASK.themes[at % 3]) for at, level in enumerate(levels)]
    counts = [len(TASK.solve(problem, Random(7)).lines) for problem in told]
    assert _rank_correlation(levels, counts) > 0.6


def _rank_correlation(one: list[float], other: list[int]) -> float:
    def ranks(values: list) -> list[float]:
        return [mean(at for at, value in enumerate(sorted(values)) if value == wanted) for wanted in values]

    a, b = ranks(one), ranks(other)
    a, b = [x - mean(a) for x in a], [y - mean(b) for y in b]
    return sum(x * y for x, y in zip(a, b, strict=True)) / (sum(x * x for x in a) * sum(y * y for y in b)) ** 0.5


def test_more_detail_is_more_steps() -> None:
    for problem in problems(2, (0.4, 0.9)):
        counts = [mean(len(TASK.solve(problem, Random(s), detail).lines) for s in range(5)) for detail in DETAILS]
        assert counts[0] < counts[1] < counts[2]


def test_the_words_shown_leave_one_answer_and_fewer_words_may_leave_more() -> None:
    open_without = 0
    for problem in problems(4, (0.5, 1.0)):
        instance, language = problem.metadata["instance"], language_of(problem)
        assert words_for(instance) == {problem.answer}
        if language.rule and language.rule.kind == "meeting":
            telling = [
                one for one in language.words if language.spelt(one) != "".join(language.pieces(one, language.texts))
            ]
            assert len(telling) == 1
            others = [word for word in language.words if word not in telling]
            open_without += len(words_for({**instance, "words": others})) == len(language.rule.choices)
    assert open_without


def test_the_prompt_shows_the_words_with_their_meanings_and_not_the_answer() -> None:
    for problem in problems(3):
        language = language_of(problem)
        lines = re.findall(r"^([a-z]+): (.+)$", problem.prompt, re.M)
        assert sorted(word for word, _ in lines) == sorted(language.spelt(word) for word in language.words)
        assert len({meaning for _, meaning in lines}) == len(lines)
        assert problem.answer not in problem.prompt


def test_rules_and_open_orders_come_with_difficulty() -> None:
    easy, hard = ([language_of(problem) for problem in problems(10, (level,))] for level in (0.0, 1.0))
    assert not any(one.rule for one in easy) and {one.rule.kind for one in hard if one.rule} == {"shift", "meeting"}
    assert mean(len(one.features) for one in easy) < 2 < mean(len(one.features) for one in hard)
    assert any(len(one.orders) > 1 for one in hard)


def test_parts_can_be_pronounced_and_are_not_english() -> None:
    english = set(TASK.words.themes["river"]["english"])
    for problem in problems(4):
        language = language_of(problem)
        assert not english & set(language.texts.values())
        assert len(set(language.texts.values())) == len(language.texts)
        for word in language.words:
            assert not re.search(r"[^aeiou]{4}|[aeiou]{4}|(.)\1\1", language.spelt(word)), language.spelt(word)


def test_the_same_language_with_other_meanings_is_of_the_same_group() -> None:
    for index in range(30):
        language = Language.of(posed(TASK, draft(index, "river", 0.7), "river").metadata["instance"])
        names = {name: f"{name}2" for name in [*language.texts, *language.features]} | {"root": "root"}
        renamed = replace(
            language,
            features={names[k]: [names[v] for v in values] for k, values in language.features.items()},
            texts={names[k]: text for k, text in language.texts.items()},
            roots=[names[root] for root in language.roots],
            order=tuple(names[slot] for slot in language.order),
            words=[tuple(names[part] for part in word) for word in reversed(language.words)],
            asked=tuple(names[part] for part in language.asked),
        )
        assert group_of(renamed) == group_of(language)
        other = next(part for part, text in language.texts.items() if part in language.asked)
        assert group_of(replace(language, texts={**language.texts, other: "zzz"})) != group_of(language)


def test_the_same_request_makes_the_same_problem() -> None:
    assert [draft(i, "mountain", 0.8) for i in range(10)] == [draft(i, "mountain", 0.8) for i in range(10)]
    assert len({draft(i, "mountain", 0.1).group for i in range(100)}) == 100


def test_a_language_is_stored_and_read_again() -> None:
    for index in range(20):
        language = Language.of(draft(index, "island", 0.9).instance)
        again = Language.of(json.loads(canonical_json(language.plain())))
        assert list(again.features) == list(language.features) and again.slots == language.slots
        assert [again.spelt(word) for word in again.words] == [language.spelt(word) for word in language.words]


def test_the_oracle_refuses_claims_that_it_cannot_read() -> None:
    problem = posed(TASK, draft(0, "river", 0.5), "river")
    for claim in (Claim("entailment", {"formula": "true"}), Claim("enumeration", {"formula": '(= "a'})):
        with pytest.raises(ValueError):
            ORACLE.first_wrong(problem, [Step(0, 0, 1, claim)])


def test_no_line_is_told_twice_and_quotes_are_single() -> None:
    told = [TASK.solve(problem, Random(number), DETAILS[number % 3]) for number, problem in enumerate(problems(4))]
    for solution in [*told, *(solution for _, _, solution in wrong_solutions(1))]:
        texts = [line.text for line in solution.lines]
        assert len(set(texts)) == len(texts)
        assert not any("““" in text or "the part for the" in text for text in (*texts, solution.closing))
