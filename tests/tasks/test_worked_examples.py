"""The worked examples for small models are right, short, and none of the problems that the task makes."""

from __future__ import annotations

import json
import re

import pytest
from tracemill.records import Check, Problem, Source
from tracemill.tasks.task import Line, Solution, as_trace
from tracemill.tasks.word_problem.task import WordProblem
from tracemill.verifiers.verifier import judged, make_verifier
from workplace import ROOT

EXAMPLES = [
    json.loads(line) for line in (ROOT / "configs/examples/word_problems.jsonl").read_text("utf-8").splitlines()
]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: str(one["answer"]))
def test_an_example_calculates_rightly_and_states_what_comes_out(example: dict[str, str]) -> None:
    calculations = re.findall(r"(\d+) ([+×÷-]) (\d+) = (\d+)", example["reasoning"])
    done = {"+": int.__add__, "-": int.__sub__, "×": int.__mul__, "÷": int.__floordiv__}
    assert calculations
    assert all(done[op](int(a), int(b)) == int(result) for a, op, b, result in calculations)
    assert example["answer"] == f"The answer is {calculations[-1][3]}."


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: str(one["answer"]))
def test_the_answer_verifier_reads_an_answer_in_the_form_of_the_examples(example: dict[str, str]) -> None:
    expected = re.findall(r"\d+", example["answer"])[0]
    check, source = Check("numeric", {"tolerance": "0"}), Source("test", "1", "Apache-2.0", 0, 0)
    domain = "math.arithmetic.word_problem.market"
    problem = Problem("p", "g", domain, prompt=example["question"], answer=expected, check=check, source=source)
    solution = Solution((Line(example["reasoning"]),), example["answer"])
    assert judged(make_verifier("answer", {}), problem, as_trace(problem, solution, "test")).outcome == "verified"


def test_there_are_four_about_people_that_no_problem_of_the_task_is_about() -> None:
    assert len(EXAMPLES) == 4
    people = {*WordProblem.words.themes["market"]["girls"], *WordProblem.words.themes["market"]["boys"]}
    assert not any(name in example["question"] for example in EXAMPLES for name in people)
