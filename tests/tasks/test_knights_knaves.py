from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from random import Random
from statistics import correlation, mean
from typing import Any

import pytest
from corrections import taken_back
from posing import Entailment, posed
from tracemill.records import Claim, Problem, Step, premise
from tracemill.tasks.kit.formulas import evaluate, read
from tracemill.tasks.knights_knaves.grouping import canonical
from tracemill.tasks.knights_knaves.oracle import KnightsKnavesOracle
from tracemill.tasks.knights_knaves.statements import formula, table
from tracemill.tasks.knights_knaves.task import KnightsKnaves
from tracemill.tasks.task import DETAILS, Draft, Line, Request, Solution, as_trace
from tracemill.verifiers.answer.verifier import AnswerVerifier
from tracemill.verifiers.leakage import LIMIT, leakage
from tracemill.verifiers.steps import StepsVerifier

DOMAIN = KnightsKnaves()
ORACLE = KnightsKnavesOracle()
LEVELS = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)


def draft(index: int, theme: str, level: float) -> Draft:
    return DOMAIN.make(Request(index, theme, level, (0.0, 1.0), Random(f"{theme}/{level}/{index}")))


def problems(count: int, levels: tuple[float, ...] = LEVELS) -> Iterator[Problem]:
    """`count` problems for each theme and level."""
    for theme in DOMAIN.themes:
        for level in levels:
            for index in range(count):
                yield posed(DOMAIN, draft(index, theme, level), theme)


def answered(solution: Solution) -> str:
    before, _, answer = solution.closing.partition("Answer: ")
    assert before == "" or before.endswith("\n\n")
    return answer


def wrong_solutions(count: int, levels: tuple[float, ...] = LEVELS) -> Iterator[tuple[Problem, str, Solution]]:
    for number, problem in enumerate(problems(count, levels)):
        for misconception in DOMAIN.misconceptions:
            solution = DOMAIN.err(problem, [misconception.name], Random(number), DETAILS[number % 3])
            if solution is not None:
                yield problem, misconception.name, solution


def flawed_line(solution: Solution) -> Line:
    assert solution.flaw is not None
    return solution.lines[solution.flaw.index]


def assumed(line: Line) -> list[str]:
    return list(line.claim.payload.get("assume", [])) if line.claim else []


def holds(formula: str, problem: Problem) -> bool:
    """Whether a formula is true of what everybody really is."""
    truthful = {"knight", "honest", "loyal"}
    model = {name: kind in truthful for name, kind in json.loads(problem.answer).items()}
    return evaluate(read(formula), model) is True


@pytest.fixture(scope="module")
def steps() -> Iterator[StepsVerifier]:
    made = StepsVerifier()
    yield made
    made.close()


@pytest.fixture(scope="module")
def answer() -> Iterator[AnswerVerifier]:
    made = AnswerVerifier()
    yield made
    made.close()


# Right solutions


def test_right_solutions_are_verified_step_by_step_and_the_oracle_agrees(
    steps: StepsVerifier, answer: AnswerVerifier
) -> None:
    for number, problem in enumerate(problems(3)):
        solution = DOMAIN.solve(problem, Random(number), DETAILS[number % 3])
        assert solution.flaw is None
        assert ORACLE.first_wrong(problem, solution.steps()) is None
        assert ORACLE.answers(problem, answered(solution))
        trace = as_trace(problem, solution, "test")
        ruling = steps.rule(problem, trace)
        assert (ruling.outcome, ruling.coverage_steps) == ("verified", 1.0)
        assert ruling.evidence["entailed_prefix"] == len(solution.lines)
        assert answer.rule(problem, trace).outcome == "verified"


def test_every_claim_follows_from_what_it_uses() -> None:
    for number, problem in enumerate(problems(3, (0.1, 0.5, 0.9))):
        solution = DOMAIN.solve(problem, Random(number), DETAILS[number % 3])
        logic = Entailment(problem, solution.steps())
        for at, line in enumerate(solution.lines):
            assert all(use < at for use in line.uses)
            assert logic.satisfiable(logic.used(line.uses))
            assert logic.follows(at, line.uses)


def test_a_terse_step_that_gives_reasons_gives_all_that_it_needs() -> None:
    """ "Given that Watt is honest, what Hertz says means that Hertz is faulty" needs what Argon is, too."""
    said = re.compile(r"\b(?:as|given that) ([^,].*), (?:it follows from \w+'s words|what \w+ says means) that ", re.I)
    kind = re.compile(
        r"(.+?) (?:is|are) (?:an? )?(?:(knights?|honest|loyal)|(?:knaves?|faulty|spy|spies))(?: and |, |$)"
    )
    several = 0
    for problem in problems(6):
        solution = DOMAIN.solve(problem, Random(3), "terse")
        entailment = Entailment(problem, solution.steps())
        for number, line in enumerate(solution.lines):
            if (reasons := said.search(line.text)) is None:
                continue
            z3, given = entailment.z3, []
            for people, truthful in kind.findall(reasons[1]):
                named = [name for name in problem.premises[0].payload if re.search(rf"\b{name}\b", people)]
                assert named
                given += [z3.Bool(name) == bool(truthful) for name in named]
            rules = entailment.used(tuple(use for use in line.uses if use < 0))
            conclusion = z3.parse_smt2_string(
                "".join(f"(declare-const {name} Bool)" for name in problem.premises[0].payload)
                + f"(assert {line.claim.payload['formula']})"
            )[0]
            assert not entailment.satisfiable([*given, *rules, z3.Not(conclusion)]), (number, line.text)
            several += len(given) > 1
    assert several > 10


def test_no_case_is_followed_further_than_it_is_needed() -> None:
    """Every step of a case that fails is used; of one that holds, each is used, or told with what was found."""
    for number, problem in enumerate(problems(5, (0.5, 0.9))):
        lines = DOMAIN.solve(problem, Random(number), "normal").lines
        used = {use for line in lines for use in line.uses}
        assert all(at in used or is_recheck(line) for at, line in enumerate(lines) if assumed(line))


def test_more_detail_is_more_steps() -> None:
    counts = [
        mean(len(DOMAIN.solve(problem, Random(number), detail).lines) for number, problem in enumerate(problems(3)))
        for detail in DETAILS
    ]
    assert counts[0] + 1 < counts[1]
    assert counts[1] + 1 < counts[2]


def test_right_solutions_suppose_true_things_too() -> None:
    """What is supposed betrays nothing: somebody who makes no mistake also tries a case that turns out to be true."""
    supposed: Counter[bool] = Counter()
    for number, problem in enumerate(problems(12)):
        lines = DOMAIN.solve(problem, Random(number), DETAILS[number % 3]).lines
        supposed.update(
            holds(given[0], problem) for given in {tuple(assumed(line)) for line in lines} if len(given) == 1
        )
    assert supposed[True] > 100
    assert 0.25 < supposed[True] / supposed.total() < 0.6


def test_what_follows_from_either_kind_of_speaker_is_told_case_by_case() -> None:
    cases = 0
    for number, problem in enumerate(problems(12, (0.3, 0.7))):
        lines = DOMAIN.solve(problem, Random(number), "normal").lines
        for line in lines:
            if re.match(r"So whatever|Either way|In both cases", line.text):
                truthful, liar = (lines[use] for use in line.uses)
                assert f"(not {assumed(truthful)[-1]})" == assumed(liar)[-1]
                assert "it is true that" in truthful.text and "it is false that" in liar.text
                cases += 1
    assert cases > 5


# Wrong solutions


def test_a_mistake_is_refuted_where_the_flaw_says_and_nowhere_before(steps: StepsVerifier) -> None:
    for problem, name, solution in wrong_solutions(1):
        flaw = solution.flaw
        assert flaw is not None and flaw.kind == name and flaw.explanation
        assert ORACLE.first_wrong(problem, solution.steps()) == flaw.index
        outcomes = [step.outcome for step in steps.rule(problem, as_trace(problem, solution, "test")).steps]
        assert outcomes[: flaw.index] == ["verified"] * flaw.index
        assert outcomes[flaw.index] == "refuted"


def test_no_step_before_a_mistake_says_what_nobody_said() -> None:
    """Who says that somebody said something claims it: a misread statement is wrong where it is told first."""
    words = r"(\w+)(?: says that |'s claim that |'s words, that | is saying something (?:true|false), namely that )"
    told = 0
    for number, problem in enumerate(problems(2)):
        solution = DOMAIN.err(problem, ["misread"], Random(number), DETAILS[number % 3])
        right = DOMAIN.solve(problem, Random(number), DETAILS[number % 3])
        for one in (solution, right):
            for line in one.lines if one else ():
                if re.search(words, line.text) and not is_recheck(line):
                    assert any(use < 0 for use in line.uses), line
                    told += 1
    assert told > 200


def test_no_step_before_a_mistake_calls_anybody_what_that_one_is_known_not_to_be() -> None:
    """ "Since Zeller is a spy, that is true", of a Zeller who was found to be loyal, is wrong though the claim that
    goes with it, that the sentence is true, follows from what is known."""
    reason = r"(?:[Ss]ince|for|^) ?(?:\w+, )*(?:\w+ and )?([A-Z]\w+) (?:is|are) (?:an? )?(\w+)"
    said = re.compile(reason + r"[,.]? ?(?:and so|that|$)")
    seen = 0
    for number, problem in enumerate(problems(6, (0.5, 0.7, 0.9, 1.0))):
        solution = DOMAIN.err(problem, ["speaker_mixed_up"], Random(number), "thorough")
        known: set[str] = set()
        for line in solution.lines[: solution.flaw.index] if solution and solution.flaw else ():
            for name, kind in said.findall(line.text):
                truthful = kind.rstrip("s") in {"knight", "honest", "loyal"}
                assert (f"(not {name})" if truthful else name) not in known, line.text
                seen += 1
            known |= {line.claim.payload["formula"]} if line.claim and not assumed(line) else set()
    assert seen > 100


def test_every_answer_that_a_mistake_changes_is_refuted(answer: AnswerVerifier) -> None:
    changed = 0
    for problem, _, solution in wrong_solutions(2, (0.1, 0.5, 0.9)):
        right = ORACLE.answers(problem, answered(solution))
        outcome = answer.rule(problem, as_trace(problem, solution, "test")).outcome
        assert outcome == ("verified" if right else "refuted")
        changed += not right
    assert changed > 12


def test_lines_after_a_mistake_follow_from_it() -> None:
    """But for the second of two cases about one speaker, where somebody goes on to misread the same words."""
    for problem, _, solution in wrong_solutions(1, (0.3, 0.9)):
        logic = Entailment(problem, solution.steps())
        assert solution.flaw is not None
        for at, line in enumerate(solution.lines[solution.flaw.index + 1 :], start=solution.flaw.index + 1):
            assert logic.follows(at, line.uses) or len(assumed(line)) > len(assumed(solution.lines[at + 1]))


def is_recheck(line: Line) -> bool:
    """Whether it doubts a step or checks the result."""
    words = r"Wait|once more|second look|sure of|really right|go over|check|agree|test it|look back|Try it"
    return bool(re.search(words, line.text))


def test_wrong_inferences_are_made_under_false_assumptions_too_and_under_true_ones() -> None:
    made: Counter[tuple[bool, ...]] = Counter()
    contradictions = 0
    for problem, _, solution in wrong_solutions(5):
        line = flawed_line(solution)
        made[tuple(holds(given, problem) for given in assumed(line)[:1])] += 1
        contradictions += bool(line.claim and line.claim.payload["formula"] == "false")
    assert min(made[()], made[True,], made[False,]) > 20
    assert contradictions > 20


def test_every_misconception_happens_in_every_theme_but_for_the_rarest() -> None:
    """A dropped case makes a solution shorter, and few tellings are then as long as a right one; few sentences have a
    number that can be narrowed."""
    seen = {(problem.domain, name) for problem, name, _ in wrong_solutions(12, (0.6, 0.9))}
    rarest = {"case_dropped", "number_narrowed"}
    common = {(domain, name) for domain, name in seen if name not in rarest}
    assert len(common) == len(DOMAIN.themes) * (len(DOMAIN.misconceptions) - len(rarest))
    assert {name for _, name in seen} >= rarest
    assert {item.kind for item in DOMAIN.misconceptions} == {"wrong_rule", "slip", "dropped_case"}


def test_a_mistake_without_an_occasion_is_none() -> None:
    without_or = next(
        problem
        for problem in problems(20, (0.1,))
        if all(statement[0] != "or" for _, statement in problem.metadata["instance"]["statements"])
    )
    assert all(DOMAIN.err(without_or, ["or_exclusive"], Random(seed)) is None for seed in range(20))


def test_the_wording_of_a_step_does_not_betray_that_it_is_wrong() -> None:
    leaks = leakage(DOMAIN, 180, 5)
    assert not any(leak.above(LIMIT) for leak in leaks), [(leak.mistake, leak.auc, leak.tells[:3]) for leak in leaks]


def test_flawed_solutions_are_as_long_as_right_ones() -> None:
    for level in (0.3, 0.8):
        right = mean(len(DOMAIN.solve(problem, Random(1)).lines) for problem in problems(5, (level,)))
        wrong = [
            solution
            for number, problem in enumerate(problems(5, (level,)))
            for misconception in DOMAIN.misconceptions
            if (solution := DOMAIN.err(problem, [misconception.name], Random(number))) is not None
        ]
        assert 0.75 < mean(len(solution.lines) for solution in wrong) / right < 1.33


def test_a_correction_is_wrong_where_it_says_and_right_in_all_that_it_leaves_standing(
    steps: StepsVerifier, answer: AnswerVerifier
) -> None:
    seen: Counter[str] = Counter()
    for number, problem in enumerate(problems(1)):
        for misconception in DOMAIN.misconceptions:
            told = DOMAIN.correct(problem, [misconception.name], Random(number), DETAILS[number % 3])
            if told is None:
                continue
            assert told.detail == DETAILS[number % 3]
            flaw = told.flaw
            assert flaw is not None and flaw.kind == misconception.name
            taken_back(problem, told, ORACLE)
            trace = as_trace(problem, told, "test")
            ruling = steps.rule(problem, trace)
            assert (ruling.outcome, ruling.steps[flaw.index].outcome) == ("verified", "refuted")
            assert answer.rule(problem, trace).outcome == "verified"
            seen[misconception.name] += 1
    assert len(seen) == len(DOMAIN.misconceptions)


# Problems


def test_a_puzzle_has_one_solution_and_the_answer_is_it() -> None:
    for problem in problems(4):
        answer = json.loads(problem.answer)
        assert ORACLE.answers(problem, ", ".join(f"{name} = {kind}" for name, kind in answer.items()))
        assert set(answer) == set(problem.check.spec["fields"]) == set(problem.premises[0].payload)
        assert 3 <= len(answer) <= 8


def test_difficulty_is_a_number_of_steps() -> None:
    levels = [number / 200 for number in range(200)]
    counts = [
        len(DOMAIN.solve(posed(DOMAIN, draft(number, "robots", level), "robots"), Random(3)).lines)
        for number, level in enumerate(levels)
    ]
    assert correlation(levels, ranks(counts)) > 0.6


def ranks(values: list[int]) -> list[float]:
    """The place of each in order; equal ones share the middle of their places."""
    return [sum(other < value for other in values) + sum(other == value for other in values) / 2 for value in values]


def test_the_same_seed_gives_the_same_problem_and_solution_and_another_gives_others() -> None:
    assert [draft(i, "robots", 0.6) for i in range(20)] == [draft(i, "robots", 0.6) for i in range(20)]
    assert len({draft(i, "robots", 0.3).group for i in range(200)}) > 190
    for problem in problems(3):
        first, again, other = (DOMAIN.solve(problem, Random(seed)) for seed in (1, 1, 2))
        assert first == again
        assert first != other


def renamed(statements: list[Any], to: list[int]) -> list[Any]:
    """The puzzle with person i called to[i], and what has no order turned round."""
    table: list[Any] = [None] * len(statements)
    for speaker, (form, *rest) in enumerate(statements):
        if form == "count":
            said = [form, [to[person] for person in reversed(rest[0])], *rest[1:]]
        else:
            people = [[to[part[0]], part[1]] if isinstance(part, list) else part for part in rest]
            people = [to[part] if type(part) is int else part for part in people]
            said = [form, *(people[::-1] if form in ("same", "differ", "and", "or") else people)]
        table[to[speaker]] = said
    return table


def test_the_group_knows_the_statements_and_not_who_is_who() -> None:
    groups = set()
    for index, level in product(range(40), LEVELS):
        made = draft(index, "island", level)
        statements = [said for _, said in sorted(made.instance["statements"], key=lambda pair: pair[0])]
        people = len(statements)
        assert canonical(statements) == made.group
        assert canonical(renamed(statements, Random(index).sample(range(people), people))) == made.group
        groups.add(made.group)
        other = [["is", (statements[0][1] if statements[0][0] == "is" else 0) or 1, True], *statements[1:]]
        assert (canonical(other) == made.group) == (other == statements)
    assert len(groups) > 250


def test_the_prompt_names_both_kinds_and_gives_none_away() -> None:
    for problem in problems(5):
        answer = json.loads(problem.answer)
        assert all(word in problem.prompt for word in set(answer.values()))
        assert all(f"{name} = ..." in problem.prompt for name in answer)
        assert not any(f"{name} = {kind}" in problem.prompt for name, kind in answer.items())


def test_the_prompt_says_how_or_and_if_are_meant() -> None:
    for problem in problems(5):
        forms = {statement[0] for _, statement in problem.metadata["instance"]["statements"]}
        assert ("or" in forms) == ('"or"' in problem.prompt.lower())
        assert ("if" in forms) == any(word in problem.prompt for word in ("onsequence", "condition is not met"))


def test_what_is_said_is_grammatical() -> None:
    wrong = re.compile(r"\bof (\w+|this unit) and I\b|\bI is\b|\bI and \w+ (are|belong)\b|\bis spies\b")
    for problem in problems(25):
        assert not wrong.search(problem.prompt), problem.prompt
        if problem.domain.endswith((".island", ".company")):
            assert not re.search(r'(?:: |, |^)"[a-z]', problem.prompt, re.MULTILINE), problem.prompt


def test_a_statements_table_and_its_formula_agree() -> None:
    names = ["Ana", "Bo", "Cyril", "Dora"]
    statements: list[list[Any]] = [["is", 2, False], ["same", 0, 3], ["differ", 1, 2]]
    statements += [[form, [0, True], [3, False]] for form in ("and", "or", "if")]
    statements += [["count", [0, 1, 3], how, 2, kind] for how in ("exactly", "least", "most") for kind in (True, False)]
    for statement in statements:
        for world in range(16):
            model = {name: bool(world >> at & 1) for at, name in enumerate(names)}
            assert evaluate(read(formula(statement, names)), model) == bool(table(statement, 4) >> world & 1)


def test_the_oracle_takes_a_true_claim_that_cites_nothing_for_no_mistake_and_its_denial_for_one() -> None:
    problem = posed(DOMAIN, draft(3, "island", 0.3), "island")
    steps = list(DOMAIN.solve(problem, Random(1)).steps())
    last = len(steps) - 1
    claim = steps[last].claim
    assert claim is not None and "assume" not in claim.payload
    steps[last] = replace(steps[last], uses=())
    assert ORACLE.first_wrong(problem, steps) is None
    steps[last] = replace(steps[last], claim=Claim(claim.kind, {"formula": f"(not {claim.payload['formula']})"}))
    assert ORACLE.first_wrong(problem, steps) == last


def test_the_oracle_refuses_what_it_cannot_read() -> None:
    problem = posed(DOMAIN, draft(1, "company", 0.2), "company")
    name = next(iter(problem.premises[0].payload))
    for text in ("(= Nobody true)", "(and", "(+ 1 2)", f"(+ {name} 1)"):
        with pytest.raises(ValueError):
            ORACLE.first_wrong(problem, [Step(0, 0, 1, Claim("entailment", {"formula": text}), (premise(1),))])
    with pytest.raises(ValueError):
        ORACLE.first_wrong(problem, [Step(0, 0, 1, Claim("entailment", {"formula": "true"}), (1,))])


def test_the_oracle_accepts_no_partial_or_double_answer() -> None:
    problem = posed(DOMAIN, draft(2, "island", 0.5), "island")
    pairs = [f"{name} = {kind}" for name, kind in json.loads(problem.answer).items()]
    assert ORACLE.answers(problem, "\n".join(pairs)) and ORACLE.answers(problem, "; ".join(reversed(pairs)))
    assert not ORACLE.answers(problem, ", ".join(pairs[1:]))
    assert not ORACLE.answers(problem, ", ".join([*pairs, pairs[0]]))
    flipped = pairs[0].replace("knight", "?").replace("knave", "knight").replace("?", "knave")
    assert not ORACLE.answers(problem, ", ".join([flipped, *pairs[1:]]))
