"""The shipped config over real data, where that lies beside the checkout."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from tracemill.asking.teachers.replay import read_solution
from tracemill.claims.claim_checker import Ruling
from tracemill.claims.equation.checker import EquationChecker
from tracemill.records import Check, Problem, Source, Trace
from tracemill.running.build_config import read_config
from tracemill.sources.jsonl import JsonlSource
from tracemill.sources.source import Context
from tracemill.verifiers.answer.verifier import AnswerVerifier

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data" / "gsm8k"
MODELS = ("6b_finetuning", "6b_verification", "175b_finetuning", "175b_verification")

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the data of GSM8K is not beside the checkout")


def trace_of(problem: Problem, text: str) -> Trace:
    turn, steps = read_solution(text, marked=True)
    return Trace("t", "d", problem.id, "skills", "replay", "single", 0, "0", (turn,), "stop", steps)


def test_every_marked_calculation_of_the_training_solutions_is_decided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    source = JsonlSource(read_config("replay").sources[0], Context(seed=0, bench_share=0.0))
    source.check()
    checker, answers = EquationChecker(), AnswerVerifier()
    claims = decided = problems = 0
    for item in source.items({}):
        for problem in source.produce(item):
            assert isinstance(problem, Problem)
            trace = trace_of(problem, problem.references[0].text)
            wanted = [index for index, step in enumerate(trace.steps) if step.claim]
            rulings = checker.rule(problem, trace.steps, wanted)
            claims += len(wanted)
            decided += sum(ruling.outcome in ("verified", "refuted") for ruling in rulings.values())
            assert answers.rule(problem, trace).outcome == "verified"
            assert "<<" not in trace.turns[0].text
            problems += 1
    checker.close()
    assert (problems, claims, decided) == (7473, 23716, 23716)


def test_answers_agree_with_every_label_of_the_model_solutions() -> None:
    verifier = AnswerVerifier()
    disagreements = []
    labels = 0
    with (DATA / "model_solutions_dev.jsonl").open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            row = json.loads(line)
            gold = row["ground_truth"].rpartition("A:")[2].strip()
            source = Source("gsm8k", "1", "MIT", number, 0)
            problem = Problem("p", "g", "a.b.c.d", row["question"], gold, Check("numeric"), source)
            for model in MODELS:
                labels += 1
                outcome = verifier.rule(problem, trace_of(problem, row[model]["solution"])).outcome
                if outcome != ("verified" if row[model]["is_correct"] else "refuted"):
                    disagreements.append((number, model, outcome))
    assert disagreements == []
    assert labels == 2640


def test_marks_of_model_solutions_are_wrong_only_where_they_are_no_roundings() -> None:
    checker = EquationChecker()
    found: Counter[str] = Counter()
    for line in (DATA / "model_solutions_dev.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        problem = Problem("p", "g", "a.b.c.d", "", "", Check("numeric"), Source("gsm8k", "1", "MIT", 0, 0))
        for model in MODELS:
            steps = trace_of(problem, row[model]["solution"]).steps
            rulings = checker.rule(problem, steps, [index for index, step in enumerate(steps) if step.claim])
            found.update(outcome_of(ruling) for ruling in rulings.values())
    checker.close()
    assert found == {"verified": 8152, "rounded": 134, "refuted": 26, "unknown": 14}


def outcome_of(ruling: Ruling) -> str:
    return "rounded" if ruling.evidence.get("rounded") else ruling.outcome
