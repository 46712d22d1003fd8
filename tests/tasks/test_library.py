"""Calls of real functions: prompts, right solutions, flawed and corrected ones, and what is refused."""

from __future__ import annotations

import ast
import itertools
import os
import random
import re
import subprocess
import sys
from dataclasses import replace
from functools import cache
from statistics import correlation, mean

import pytest
from library_problems import ALL, MODULES, TASK, own_cache, pool, problem, request, spread
from tracemill.claims.execution.checker import ExecutionChecker
from tracemill.claims.execution.listed_calls import find
from tracemill.records import Claim, fingerprint
from tracemill.sandbox.limited import LimitedProcess
from tracemill.settings.errors import TracemillError
from tracemill.tasks.kit.narrated_task import without_retracted
from tracemill.tasks.kit.teller import Teller
from tracemill.tasks.library.misreadings import REWRITES
from tracemill.tasks.library.oracle import LibraryOracle
from tracemill.tasks.library.pool import slots
from tracemill.tasks.task import DETAILS

__all__ = ["own_cache"]
pytestmark = pytest.mark.usefixtures("own_cache")
ORACLE = LibraryOracle()


@pytest.fixture(scope="module")
def checker():
    checker = ExecutionChecker()
    yield checker
    checker.close()


def outcomes(checker, one, steps):
    """The checker's outcome of each step, by its index; of steps without a claim none."""
    wanted = [index for index, step in enumerate(steps) if step.claim is not None]
    return {index: ruling.outcome for index, ruling in checker.rule(one, steps, wanted).items()}


@cache
def flawed():
    """(problem, mistake, solution) of each mistake that can be made in some problems, once for all tests."""
    made = []
    for number, one in enumerate(spread(108)):
        for misconception in TASK.misconceptions:
            solution = TASK.err(one, [misconception.name], random.Random(4), DETAILS[number % 3])
            if solution is not None:
                made.append((one, misconception, solution))
    return made


def facts_of(line):
    return line.claim.payload["facts"]


def test_every_problem_names_a_call_and_none_shows_a_docstring_or_its_answers():
    for index, entry in enumerate(pool()):
        prompt = TASK.make(request(index)).prompt
        definition = ast.parse(entry.source).body[0]
        assert ast.get_docstring(definition) is None
        assert ">>>" not in prompt
        assert f"```python\n{entry.expression}\n```" in prompt


def test_the_shown_source_is_the_installed_function_without_its_docstring():
    for one in spread(30):
        call = find(one.premises[0].payload)
        docstring = call.function.object().__doc__ or ""
        assert len(docstring) < 20 or docstring.strip()[:60] not in one.prompt
        assert call.function.source in one.prompt


def test_capacity_counts_the_problems_of_a_band_and_make_ends_there():
    for band in (ALL, (0.3, 0.5), (0.9, 1.0), (0.5, 0.5)):
        count = TASK.capacity(band)
        drafts = [TASK.make(request(index, band)) for index in range(count)]
        assert all(draft is not None and band[0] <= draft.difficulty <= band[1] for draft in drafts)
        assert len({fingerprint(draft.instance) for draft in drafts}) == count
        assert TASK.make(request(count, band)) is None
    halves = [TASK.capacity(band) for band in ((0.0, 0.5), (0.5, 1.0), (0.5, 0.5))]
    assert halves[0] + halves[1] - halves[2] == len(slots())


def test_a_problem_keeps_its_instance_in_every_theme():
    drafts = [TASK.make(replace(request(5), theme=theme)) for theme in TASK.themes]
    assert len({draft.prompt for draft in drafts}) == 3
    assert len({(draft.group, fingerprint(draft.instance), draft.answer) for draft in drafts}) == 1


def test_more_difficult_means_more_steps():
    steps = [slot.steps for slot in sorted(slots(), key=lambda slot: slot.difficulty)]
    assert steps == sorted(steps)
    assert steps[-1] > 10 * steps[0]
    some = sorted((problem(index) for index in range(0, len(pool()), 3)), key=lambda one: one.difficulty)
    counts = [len(TASK.solve(one, random.Random(0), "thorough").lines) for one in some]
    ranks = [sorted(counts).index(count) for count in counts]
    assert correlation(range(len(ranks)), ranks) > 0.6  # work that the function leaves to others is not told


def test_more_detail_is_more_steps_and_no_less_is_claimed():
    some = spread(60)
    counts = [mean(len(TASK.solve(one, random.Random(1), detail).lines) for one in some) for detail in DETAILS]
    assert counts[0] * 1.1 < counts[1] < counts[2] / 1.5


def test_right_solutions_are_verified_step_by_step_and_the_oracle_agrees(checker):
    for number, one in enumerate(spread(90)):
        solution = TASK.solve(one, random.Random(number), DETAILS[number % 3])
        steps = solution.steps()
        rulings = checker.rule(one, steps, range(len(steps)))
        name = dict(one.premises[0].payload)
        assert {(r.outcome, r.strength) for r in rulings.values()} == {("verified", "exact")}, (name, rulings)
        assert ORACLE.first_wrong(one, steps) is None, name
        assert solution.closing == f"Answer: {one.answer}"
        assert ORACLE.answers(one, one.answer)
        assert not ORACLE.answers(one, f"{one.answer}1")


def test_every_step_rests_on_the_call_and_on_the_step_before_it():
    for one in spread(12):
        steps = TASK.solve(one, random.Random(2)).steps()
        doubts = {index for index, step in enumerate(steps) if step.uses == (-1,) and index}
        chain = [index for index in range(len(steps)) if index not in doubts]
        assert [steps[index].uses for index in chain] == [(-1,), *((before, -1) for before in chain[:-1])]


def test_flaws_sit_where_checker_and_oracle_find_the_first_wrong_step_and_end_in_a_wrong_answer(checker):
    seen = set()
    for one, misconception, solution in flawed():
        steps, at = solution.steps(), solution.flaw.index
        found = outcomes(checker, one, steps)
        assert [found[index] for index in range(at + 1)] == ["verified"] * at + ["refuted"], one.premises
        assert ORACLE.first_wrong(one, steps) == at, (misconception.name, one.premises)
        assert re.fullmatch(r"[A-Z].*\. It is not true that .*\.", solution.flaw.explanation), solution.flaw
        stated = solution.closing.removeprefix("Answer: ")
        assert stated != one.answer and not ORACLE.answers(one, stated)
        assert any({"event": "result", "value": stated} in facts_of(line) for line in solution.lines[at:])
        seen.add(misconception.kind)
    assert seen == {"wrong_rule", "slip", "dropped_case"}


def test_every_mistake_occurs():
    wanted, names = {m.name for m in TASK.misconceptions}, set()
    for index in range(len(pool())):
        names |= {
            name
            for name in wanted - names
            if TASK.err(problem(index), [name], random.Random(index), "terse") is not None
        }
        if names == wanted:
            break
    assert wanted - names <= {"true_division"}  # which a few modules alone hardly show: mostly it raises


def recursive():
    return [problem(index) for index, entry in enumerate(pool()) if '"inner"' in entry.trace]


def test_what_a_function_gives_itself_is_claimed_and_a_false_value_of_it_is_refuted(checker):
    found = 0
    assert len(recursive()) > 10
    for one in recursive()[::4]:
        steps = TASK.solve(one, random.Random(3), "thorough").steps()
        for at, step in enumerate(steps):
            facts = [fact for fact in step.claim.payload["facts"] if fact["event"] == "inner"]
            if facts:
                found += 1
                assert checker.rule(one, steps, [at])[at].outcome == "verified"
                wrong = {**facts[0], "visit": facts[0]["visit"] + 1000}
                false = replace(step, claim=Claim("execution", {"facts": [wrong]}))
                assert checker.rule(one, [false], [0])[0].outcome == "refuted"
                assert ORACLE.first_wrong(one, [step]) is None and ORACLE.first_wrong(one, [false]) == 0
    assert found > 2


def test_a_mistake_can_be_made_in_most_problems():
    """Without that, what the audit says of their wording would be of a few problems."""
    some = spread(60)
    made = [any(TASK.err(one, [m.name], random.Random(1)) for m in TASK.misconceptions) for one in some]
    assert mean(made) > 0.75


def test_a_correction_takes_back_the_wrong_step_and_all_after_it_and_ends_right(checker):
    corrected = 0
    for one, misconception, _ in flawed()[::3]:
        told = TASK.correct(one, [misconception.name], random.Random(4), "normal")
        if told is None:
            continue
        corrected += 1
        steps, at = told.steps(), told.flaw.index
        (back,) = [k for k, line in enumerate(told.lines) if line.claim and line.claim.kind == "retraction"]
        gone = told.lines[back].claim.payload["steps"]
        assert gone[0] == at and all(set(steps[k].uses) & set(gone) for k in gone[1:])
        assert outcomes(checker, one, steps[: at + 1])[at] == "refuted"
        assert set(outcomes(checker, one, without_retracted(steps)).values()) == {"verified"}
        assert not any(set(step.uses) & set(gone) for step in steps[back + 1 :])
        assert told.relation == "self_correction" and told.closing == f"Answer: {one.answer}"
    assert corrected > 20


def test_a_loop_is_not_given_away_by_when_its_rounds_are_counted():
    """Where the rounds depend on what happens in them, their number is said after them, right or wrong."""
    own = {"last_item_forgotten", *REWRITES}
    counted = 0
    for _, misconception, solution in flawed():
        if misconception.name not in own:
            counted += 1
            early = re.search(r"has \d+ round", solution.flaw.explanation)
            assert not early or "after" in solution.lines[solution.flaw.index].text
    assert counted > 50


def test_the_words_of_a_wrong_verdict_are_as_often_true_as_false():
    said = [
        fact["taken"]
        for one, misconception, solution in flawed()
        if misconception.name == "wrong_branch"
        for fact in [next(f for f in facts_of(solution.lines[solution.flaw.index]) if f["event"] == "branch")]
    ]
    assert len(said) > 25
    assert 0.2 < mean(said) < 0.65


def test_each_value_that_a_step_names_is_a_fact_that_it_claims():
    named = re.compile(
        r"`(\w+)` (?:is|as|becomes|is now|is set to|starts as|begins as) `([^`]*)`(?! each time)(?!, then)"
    )
    found = 0
    for number, one in enumerate(spread(120)):
        for line in TASK.solve(one, random.Random(number), DETAILS[number % 3]).lines:
            stated = {(fact.get("name"), fact.get("value", fact.get("holds"))) for fact in facts_of(line)}
            variables = {name for name, _ in stated}
            for name, value in named.findall(line.text):
                if name in variables or name in one.prompt.split("def ")[1].split("\n")[0]:
                    found += 1
                    assert (name, value) in stated, line
    assert found > 300


def test_things_are_told_with_what_they_hold_and_in_readable_sentences():
    lines = [line for one in spread(150) for line in TASK.solve(one, random.Random(5)).lines]
    texts = [line.text for line in lines]
    told = " ".join(texts)
    assert re.search(r"an? `\w+` with the (?:neighbours|successors) `\{", told)
    assert "left to read" in told and "the function `" in told
    opaque = set(re.findall(r"an? `(\w+)` object", told))
    iterators = {"generator", "map", "zip", "filter", "_tee", *(name for name in dir(itertools) if name[0] != "_")}
    assert {name for name in opaque if not name.endswith("iterator")} <= {*iterators, "function", "method"}
    assert not re.search(r"`(\w+)` is `\1`, so|the value an? `|therefore returns", told)
    assert not re.search(r", (?:so|then|and then) [A-Z]\w+ ", told)
    for line in lines:
        assert any(fact["event"] not in ("run",) for fact in facts_of(line)), line.text


def test_wording_varies_but_what_is_found_does_not():
    one = problem(11, (0.6, 1.0))
    first, second = (TASK.solve(one, random.Random(seed), "thorough") for seed in (1, 2))
    assert first.turn().text != second.turn().text
    result = {"event": "result", "value": one.answer}
    assert all([fact for line in told.lines for fact in facts_of(line)].count(result) == 1 for told in (first, second))
    assert first == TASK.solve(one, random.Random(1), "thorough")


SCRIPT = """
import random, sys, warnings
from types import SimpleNamespace
warnings.simplefilter("ignore")
sys.stdout, out = sys.stderr, sys.stdout
from tracemill.records import fingerprint
from tracemill.tasks.kit.teller import Teller
from tracemill.tasks.library import pool as pools, task
from tracemill.tasks.library.harvest import harvest
modules = {module: package for package, found in MODULES.items() for module in found}
found = {
    module: [
        entry
        for function in harvest({"module": module})["functions"]
        for entry in harvest({"package": package, "module": module, "function": function})["entries"]
    ]
    for module, package in modules.items()
}
pools._read = lambda file: found[file.name.split("-")[1]]
rows = [row for rows in found.values() for row in rows]
told = []
for row in rows:
    teller = Teller(task.Library.words, "normal", 7)
    task.Library().tell(SimpleNamespace(metadata={"instance": {"call": row["names"]}}, answer=row["answer"]), teller)
    told.append([line.text for line in teller.lines])
print(len(rows), fingerprint(rows, told), file=out)
"""
SOME = {"python": MODULES["python"], "networkx": [name for name in MODULES["networkx"] if "misc" not in name]}


def test_pool_and_solutions_do_not_depend_on_the_hash_seed():
    children = [
        subprocess.Popen(
            [sys.executable, "-c", f"MODULES = {SOME!r}\n{SCRIPT}"],
            env={**os.environ, "PYTHONHASHSEED": seed, "OPENBLAS_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for seed in ("1", "77")
    ]
    first, second = (child.communicate() for child in children)
    assert first[0] == second[0], first[1] + second[1]
    assert first[0], first[1]
    assert int(first[0].split()[0]) > 100


@pytest.mark.parametrize("key", ["source", "call"])
def test_a_record_that_is_not_about_the_installed_text_is_refused(checker, key):
    one = problem(0)
    steps = TASK.solve(one, random.Random(0)).steps()
    names = dict(one.premises[0].payload) | {key: "0" * 20}
    forged = replace(one, premises=(Claim("call", names),), metadata={"instance": {"call": names}})
    with pytest.raises(TracemillError, match="is none of the installed packages'"):
        TASK.solve(forged, random.Random(0))
    assert {r.outcome for r in checker.rule(forged, steps, range(len(steps))).values()} == {"unknown"}
    with pytest.raises(LimitedProcess.Failed, match="NotFoundError"):
        ORACLE.first_wrong(forged, steps)


def test_an_answer_that_the_call_does_not_give_is_refused():
    with pytest.raises(TracemillError, match="but the problem's answer is 12345"):
        TASK.solve(replace(problem(0), answer="12345"), random.Random(0))


def test_a_telling_that_lists_the_places_is_a_whole_one_so_that_wrong_ones_can_be_as_long() -> None:
    listed = Teller(TASK.words, "normal", 1, places={each.name: [] for each in TASK.misconceptions})
    TASK.tell(problem(0), listed)
    assert listed.lines == list(TASK._told(problem(0), "normal", 1).lines)
    made = [
        TASK.err(problem(index), [each.name], random.Random(1)) for index in range(4) for each in TASK.misconceptions
    ]
    assert any(made)
