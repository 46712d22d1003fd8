"""What else is asked of real functions: an input, a fault and its repair, a property. Every answer is run."""

from __future__ import annotations

import ast
import json
import random
from dataclasses import replace
from functools import cache
from statistics import mean

import pytest
from library_problems import ALL, own_cache, pool, problem
from tracemill.claims.execution.checker import ExecutionChecker
from tracemill.claims.execution.holes import with_hole
from tracemill.claims.execution.listed_calls import find
from tracemill.claims.execution.properties import OPPOSITE
from tracemill.claims.execution.variants import changed, changes
from tracemill.records import Check, canonical_json
from tracemill.sandbox.jobs import Limits
from tracemill.tasks.kit.teller import MAX_LINES
from tracemill.tasks.library.asks import MAX_TOLD
from tracemill.tasks.library.fault_task import LibraryFault
from tracemill.tasks.library.input_task import LibraryInput
from tracemill.tasks.library.pool import entry_of
from tracemill.tasks.library.property_task import LibraryProperty
from tracemill.tasks.task import DETAILS, Solution, as_trace
from tracemill.verifiers.answer.check import check_gold
from tracemill.verifiers.answer.forms import execution_forms
from tracemill.verifiers.verifier import judged, make_verifier

__all__ = ["own_cache"]
pytestmark = pytest.mark.usefixtures("own_cache")
TASKS = [LibraryInput(), LibraryFault(), LibraryProperty()]
EACH = pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
COUNTS = pytest.mark.parametrize("count", [12, pytest.param(24, marks=pytest.mark.soak)])


@pytest.fixture(scope="module")
def checker():
    checker = ExecutionChecker()
    yield checker
    checker.close()


@pytest.fixture(scope="module")
def answers():
    verifier = make_verifier("answer", {})
    yield verifier
    verifier.close()


@cache
def some(task, count=12):
    return [problem(index, task=task) for index in range(min(count, task.capacity(ALL)))]


def ruled(answers, one, text):
    closing = Solution((), f"Answer: {text}")
    return judged(answers, one, as_trace(one, closing, text))


def outcome(answers, one, text):
    return ruled(answers, one, text).outcome


@EACH
@COUNTS
def test_right_solutions_are_verified_step_by_step_and_so_is_their_answer(task, checker, answers, count):
    for number, one in enumerate(some(task, count)):
        solution = task.solve(one, random.Random(number), DETAILS[number % 3])
        steps = solution.steps()
        rulings = checker.rule(one, steps, range(len(steps)))
        assert {ruling.outcome for ruling in rulings.values()} == {"verified"}, (one.premises[0], rulings)
        assert task.oracle().first_wrong(one, steps) is None, one.premises[0]
        assert task.oracle().answers(one, solution.closing.removeprefix("Answer: ")), one.premises[0]
        assert judged(answers, one, as_trace(one, solution, "right")).outcome == "verified", one.premises[0]


@EACH
def test_flaws_are_refuted_where_they_are_and_end_in_an_answer_that_is_refuted(task, checker, answers):
    made = []
    for number, one in enumerate(some(task)):
        for misconception in task.misconceptions:
            solution = task.err(one, [misconception.name], random.Random(number), DETAILS[number % 3])
            if solution is not None:
                steps, at = solution.steps(), solution.flaw.index
                found = checker.rule(one, steps, range(at + 1))
                assert [found[k].outcome for k in range(at + 1)] == ["verified"] * at + ["refuted"], one.premises[0]
                assert judged(answers, one, as_trace(one, solution, "wrong")).outcome == "refuted"
        made.append(solution is not None)
    assert mean(made) > 0.3


@EACH
def test_a_correction_takes_back_the_wrong_step_and_ends_right(task, answers):
    made = [task.correct(one, [m.name for m in task.misconceptions], random.Random(3)) for one in some(task)]
    assert sum(solution is not None for solution in made) > 2
    for one, solution in zip(some(task), made, strict=True):
        if solution is not None:
            assert judged(answers, one, as_trace(one, solution, "mended")).outcome == "verified"


@EACH
def test_no_prompt_shows_what_it_asks_for(task):
    for one in some(task):
        if task.name.endswith("input"):
            arguments = one.metadata["instance"]["arguments"]
            hole = one.prompt.rpartition("```python\n")[2]
            assert "(…" in hole and f"({arguments[0]}" not in hole
        elif task.name.endswith("fault"):
            line = int(one.answer.partition(":")[0].removeprefix("line "))
            shown = one.prompt.split("```python\n")[1].split("\n```")[0].split("\n")
            assert shown[line - 1].strip() != one.answer.partition(": ")[2]


def test_any_argument_that_gives_the_value_is_right_and_what_is_no_literal_is_not_run(answers):
    names = dict(call_named("email.base64mime", "header_length"))
    one = replace(some(TASKS[0])[0], check=Check("argument", {"call": names, "wanted": "4"}), answer="[0]")
    for right in ("[0]", "'abc'", "b'ab'", "{1: 2}", "`(7, 8, 9)`"):
        assert outcome(answers, one, right) == "verified", right
    for wrong in ("[]", "'abcd'", "4", "__import__('os').system('true')", "[0] * 3"):
        assert outcome(answers, one, wrong) == "refuted", wrong


def test_a_property_that_makes_no_sense_of_what_the_call_gives_decides_nothing(answers):
    spec = {"call": dict(call_named("email.base64mime", "header_length")), "domain": ["''", "'abc'"]}
    one = some(TASKS[2])[0]
    for key, outcomes in {"never_negative": ("verified", "refuted"), "sorted": ("unknown", "unknown")}.items():
        asked = replace(one, check=Check("counterexamples", {**spec, "key": key}), answer="holds")
        assert (outcome(answers, asked, "holds"), outcome(answers, asked, "''")) == outcomes


@pytest.mark.parametrize(
    ("kind", "lacking"), [("argument", "wanted"), ("counterexamples", "domain"), ("repair", "tests")]
)
def test_a_check_that_lacks_a_part_is_no_check(kind, lacking):
    found = next(check for task in TASKS if (check := some(task)[0].check).kind == kind)
    with pytest.raises(ValueError, match=f"lacks '{lacking}'"):
        check_gold(Check(kind, {key: value for key, value in found.spec.items() if key != lacking}), "1", "")


def call_named(module, qualname):
    from tracemill.claims.execution.calls import function_of
    from tracemill.claims.execution.made_calls import made_call

    return made_call("python", function_of(module, qualname), 0).names


@COUNTS
def test_a_repair_that_does_the_same_is_right_and_one_that_only_helps_this_call_is_not(answers, count):
    accepted = []
    for one in some(TASKS[1], count):
        line, _, code = one.answer.partition(": ")
        names = one.check.spec["call"]
        assert outcome(answers, one, one.answer) == "verified"
        assert outcome(answers, one, f"{line}: pass") == "refuted"
        assert outcome(answers, one, f"line 1: {code}") == "refuted"
        assert outcome(answers, one, f"line 999: {code}") == "refuted"
        if code.startswith("return "):
            assert outcome(answers, one, f"{line}: return ({code.removeprefix('return ')})") == "verified"
            # The value that this call is to give, for every call.
            constant = f"{line}: return {entry_of(canonical_json(names)).answer}"
            accepted.append(outcome(answers, one, constant) == "verified")
    assert len(accepted) > 3 and not any(accepted)


def test_a_repair_is_held_in_the_sandbox_and_refuted_where_it_breaks_a_limit(answers, monkeypatch):
    monkeypatch.setattr(execution_forms, "_LIMITS", Limits(cpu_seconds=1.0, memory_bytes=1 << 30))
    one = next(one for one in some(TASKS[1], 24) if ": return " in one.answer)
    line, _, code = one.answer.partition(": ")
    right = code.removeprefix("return ")
    for repair in (f"return [sum(range(10**12)), {right}][1]", f"return [0] * 10**10 and {right}"):
        ruling = ruled(answers, one, f"{line}: {repair}")
        assert (ruling.outcome, ruling.isolation[:9]) == ("refuted", "sandbox L"), ruling


def test_a_repair_that_does_more_than_to_compute_is_not_run(answers, tmp_path):
    one = next(one for one in some(TASKS[1], 24) if ": return " in one.answer)
    line, _, code = one.answer.partition(": ")
    mark = tmp_path / "mark"
    attacks = (
        *(f"open({str(mark)!r}, 'w')", f"__import__('os').system('touch {mark}')", "().__class__.__base__"),
        # A name that is bound within a comprehension is still the builtin outside of it.
        *("[eval for eval in ()] or eval('1')", "{open: 0 for open in ()} or open", "(lambda: exec)()"),
    )
    for attack in attacks:
        assert outcome(answers, one, f"{line}: return [{attack}, {code.removeprefix('return ')}][1]") == "unknown"
    assert not mark.exists()


def test_a_changed_function_differs_in_one_line_and_its_changes_are_numbered_alike_each_time():
    for one in some(TASKS[1], 24):
        call = find(one.check.spec["call"])
        broken = changed(call, [one.check.spec["change"]])
        rows = zip(call.function.source.split("\n"), broken.function.source.split("\n"), strict=True)
        assert sum(right != wrong for right, wrong in rows) == 1
        assert changes(call.function.source) == changes(call.function.source)
        assert find(broken.names).function.source == broken.function.source
        assert ast.dump(broken.function.tree) != ast.dump(call.function.tree)


@COUNTS
def test_a_property_fails_for_about_half_of_the_domain_and_all_of_these_arguments_are_the_answer(answers, count):
    shares = []
    for one in some(TASKS[2], count):
        entry = entry_of(canonical_json(one.check.spec["call"]))
        asked = entry.asks["property"]
        domain, broken = asked["domain"], [asked["domain"][at] for at in asked["broken"]]
        shares.append(len(broken) / len(domain))
        assert min(len(broken), len(domain) - len(broken)) >= 2
        for right in (broken, broken[::-1]):
            assert outcome(answers, one, ", ".join(right)) == "verified", right
        assert outcome(answers, one, f"`[{', '.join(broken)}]`") == "verified"
        for wrong in (broken[1:], domain, [*broken, "'not in the domain'"], ["holds"], ["len"]):
            assert outcome(answers, one, ", ".join(wrong)) == "refuted", wrong
    assert 0.4 < mean(shares) < 0.6


def test_no_two_properties_of_a_function_are_one_question():
    """Two inputs may differ in the first argument only, which the question leaves open."""
    asked = [
        (entry.names["qualname"], with_hole(find(entry.names), "x"), entry.asks["property"]["key"])
        for entry in pool()
        if "property" in entry.asks
    ]
    assert len(asked) == len(set(asked)) and len({key for _, _, key in asked}) > 5
    assert not any((name, hole, OPPOSITE.get(key)) in asked for name, hole, key in asked)
    assert len({(name, hole) for name, hole, _ in asked}) < len(asked)


def test_a_right_solution_of_several_executions_is_not_too_long():
    """A teller gives up at 150 steps, which only a mistake may lead to."""
    longest = []
    for task in TASKS[:2]:
        one = max(
            some(task, 200), key=lambda one: _most_told(entry_of(canonical_json(one.metadata["instance"]["call"])))
        )
        longest.append(len(task.solve(one, random.Random(1), "thorough").steps()))
    assert max(longest) < MAX_LINES
    assert max(map(_most_told, pool())) <= MAX_TOLD


def _most_told(entry):
    """Events of all executions but the shortest that a solution need not tell, of whichever is asked."""
    found = [0]
    for kind, others in (("input", "tried"), ("fault", "repairs")):
        if asked := entry.asks.get(kind):
            lengths = [len(json.loads(one["trace"])["events"]) for one in asked[others]]
            own = [len(json.loads(trace)["events"]) for trace in (entry.trace, asked.get("trace")) if trace]
            found.append(sum(own) + sum(lengths) - min(lengths) if len(lengths) > 1 else 0)
    return max(found)


def test_a_mistake_about_a_property_leaves_as_many_arguments_as_a_right_answer_may_have():
    task, more = TASKS[2], set()
    for number, one in enumerate(some(task, 24)):
        size = len(one.check.spec["domain"])
        assert abs(2 * len(ast.literal_eval(f"[{one.answer}]")) - size) == 1
        solution = task.err(one, ["misread_value"], random.Random(number))
        if solution is not None:
            facts = [fact for step in solution.steps() for fact in step.claim.payload["facts"]]
            failing = {fact["argument"] for fact in facts if fact["event"] == "property" and not fact["holds"]}
            assert abs(2 * len(failing) - size) == 1
            more.add(2 * len(failing) > size)
    assert more == {True, False}
