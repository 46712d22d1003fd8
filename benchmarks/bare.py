"""The bare loop: generate, solve and verify the same problems, and keep nothing. Prints the seconds it took."""

from __future__ import annotations

import sys
import time
from typing import Any

from tracemill.asking.judge_work import make_verifiers
from tracemill.asking.rollouts import completion_of
from tracemill.asking.strategies.prompting import prompt_messages
from tracemill.asking.strategies.strategy import trace_of
from tracemill.asking.teachers.symbolic import SymbolicTeacher
from tracemill.asking.teachers.teacher import Call
from tracemill.records import completion_id, fingerprint
from tracemill.running.build_config import read_config
from tracemill.running.phases.phase import verifiers_of
from tracemill.running.producing import make_sources
from tracemill.settings.memory import tune_process
from tracemill.sources.source import Context

from benchmarks.measure import CONFIG, per_task


def main(rows: int) -> tuple[int, float]:
    """How many traces, in how many seconds."""
    config = read_config(CONFIG, [f"sources.0.per_task={per_task(rows)}"])
    source = make_sources(config.sources, Context(config.seed, config.split.bench))[0]
    teacher = SymbolicTeacher(config.teacher)
    verifiers = make_verifiers(verifiers_of(config))
    tune_process()  # as the pipeline does
    done = 0
    began = time.perf_counter()
    for item in source.items({}):
        for problem in source.produce(item):
            for sample in range(config.strategy.samples):
                trace = _traced(teacher, problem, sample)
                for verifier in verifiers:
                    verifier.rule(problem, trace)
                done += 1
    return done, time.perf_counter() - began


class _Asked:
    def __init__(self, teacher: SymbolicTeacher) -> None:
        self.fingerprint = teacher.fingerprint


def _traced(teacher: SymbolicTeacher, problem: Any, sample: int) -> Any:
    messages = prompt_messages(problem)
    key = completion_id(problem.id, teacher.fingerprint, messages, {}, str(sample))
    call = Call(problem, messages, {}, sample, int(fingerprint(key, digits=12), 16))
    answering = teacher.answer(call)
    try:
        answering.send(None)
    except StopIteration as answered:
        completion = completion_of(key, str(sample), 0, problem.id, teacher.name, answered.value)
        return trace_of(problem, _Asked(teacher), "single", completion, sample)  # type: ignore[arg-type]
    raise AssertionError("the symbolic teacher never waits")


if __name__ == "__main__":
    count, seconds = main(int(sys.argv[1]))
    print(count, seconds)
