"""Rollouts over a teacher that answers late, fails, or was killed in the middle."""

from __future__ import annotations

import asyncio
from typing import ClassVar

import pytest
from pydantic import BaseModel
from tracemill.asking import rollouts
from tracemill.asking.asking_config import AskingConfig, JudgingConfig
from tracemill.asking.rollouts import Order, RolloutPlan
from tracemill.asking.rollouts_here import roll_here
from tracemill.asking.strategies.prompting import prompt_messages
from tracemill.asking.strategies.single import Single, SingleConfig
from tracemill.asking.strategies.strategy import trace_of
from tracemill.asking.teachers.teacher import Reply
from tracemill.records import Check, Problem, Source, Turn, problem_id
from tracemill.records.codec import decode
from tracemill.settings import plugins
from tracemill.settings.errors import PluginError


class SlowConfig(BaseModel):
    kind: str = "slow"
    fails: tuple[str, ...] = ()
    waits: str = ""


class SlowTeacher:
    """Answers the last call first; fails where it is told to. Counts what was asked."""

    Config = SlowConfig
    embedded = False
    unkeyed = frozenset()
    name = "slow"
    fingerprint = "slow"
    asked: ClassVar[list[str]] = []
    under_way = 0
    most = 0
    go_on = False

    def __init__(self, config):
        self.config = config

    def samples(self, problem, wanted):
        return 0 if problem.prompt == "unanswerable" else wanted

    async def answer(self, call):
        cls = type(self)
        cls.asked.append(f"{call.problem.prompt}/{call.sample_index}")
        cls.under_way += 1
        cls.most = max(cls.most, cls.under_way)
        for _ in range(30):
            if self.config.waits != f"{call.problem.prompt}/{call.sample_index}" or cls.go_on:
                break
            await asyncio.sleep(0.1)
        for _ in range(10 - int(call.problem.prompt[-1])):
            await asyncio.sleep(0)
        cls.under_way -= 1
        if f"{call.problem.prompt}/{call.sample_index}" in self.config.fails:
            raise ConnectionError("503")
        return Reply(Turn("assistant", f"\\boxed{{{call.problem.prompt} {call.sample_index}}}"))

    async def close(self):
        return None


@pytest.fixture(autouse=True)
def slow_teacher(monkeypatch):
    monkeypatch.setitem(plugins.TABLE["teacher"], "slow", f"{__name__}:SlowTeacher")
    plugins.installed.cache_clear()
    SlowTeacher.asked, SlowTeacher.most, SlowTeacher.go_on = [], 0, False
    yield
    plugins.installed.cache_clear()


def problem(number: int, prompt: str = "") -> Problem:
    source = Source("test", "1", "MIT", number, 0)
    text = prompt or f"problem {number}"
    return Problem(problem_id(source, "a.b.c.d", "", text, ()), "g", "a.b.c.d", text, "x", Check("exact"), source)


class Reading:
    """A strategy that looks at what the verifiers say of its one trace before it gives it away."""

    Config = SingleConfig
    name = "reading"
    grows = frozenset()
    read: ClassVar[list[list[str]]] = []

    def __init__(self, config):
        self.config = config

    async def run(self, problem, ask, judge):
        completion = await ask("0", prompt_messages(problem), {})
        trace = trace_of(problem, ask, self.name, completion, 0)
        self.read.append([verdict.outcome for verdict in await judge(trace)])
        return [trace]


class ReadingConfig(SingleConfig):
    kind: str = "reading"


def planned(teacher, strategy, verifiers=(), in_flight=4, judges=1):
    return RolloutPlan(teacher, strategy, verifiers, AskingConfig(in_flight=in_flight), JudgingConfig(workers=judges))


def rolled(orders, fails=(), in_flight=4, samples=2):
    plan = planned(SlowConfig(fails=fails), SingleConfig(kind="single", samples=samples), (), in_flight)
    records: dict[str, list] = {"completions": [], "traces": [], "decisions": []}
    done: list[str] = []
    for chunk in roll_here(plan, orders):
        done += chunk.done
        for table, batch in chunk.tables.items():
            records[table] += decode(table, batch)
    return done, records


def test_case_67_many_rollouts_are_in_flight_and_each_reply_keeps_its_problem():
    problems = [problem(number) for number in range(10)]
    done, records = rolled([Order(one) for one in problems], fails=("problem 3/1",))
    assert SlowTeacher.most == 4
    prompts = {one.id: one.prompt for one in problems}
    for trace in records["traces"]:
        if trace.finish_reason != "error":
            assert trace.turns[0].content == f"\\boxed{{{prompts[trace.problem_id]} {trace.sample_index}}}"
    assert len(records["traces"]) == 20 and len(done) == 9


def test_a_resumed_rollout_asks_only_for_what_is_missing():
    one = problem(1)
    _, records = rolled([Order(one)], samples=1)
    known = {completion.id: completion for completion in records["completions"]}
    SlowTeacher.asked = []
    done, again = rolled([Order(one, known)], samples=3)
    assert SlowTeacher.asked == ["problem 1/1", "problem 1/2"]
    assert done == [one.id] and len(again["traces"]) == 3
    assert again["traces"][0] == records["traces"][0]


def test_a_strategy_that_is_run_again_reads_the_same_verdicts(monkeypatch):
    monkeypatch.setitem(plugins.TABLE["strategy"], "reading", f"{__name__}:Reading")
    plugins.installed.cache_clear()
    one = problem(1)
    plan = planned(SlowConfig(), ReadingConfig(), (("answer", {}),))
    # On a loaded machine a chunk may come that holds completions only.
    chunks = [chunk.tables for chunk in roll_here(plan, [Order(one)])]
    made = [record for tables in chunks if "traces" in tables for record in decode("traces", tables["traces"])]
    list(roll_here(plan, [Order(one, {}, frozenset(trace.id for trace in made))]))
    assert Reading.read == [["refuted"], ["refuted"]]


def test_a_reply_is_handed_on_while_its_rollout_waits_for_another():
    """A kill costs the calls in flight, not those that were answered before."""
    one = problem(1)
    chunks = roll_here(planned(SlowConfig(waits="problem 1/1"), SingleConfig(kind="single", samples=2)), [Order(one)])
    first = next(chunks)
    assert [completion.call for completion in decode("completions", first.tables["completions"])] == ["0"]
    assert first.done == ()
    SlowTeacher.go_on = True
    assert [done for chunk in chunks for done in chunk.done] == [one.id]


def test_a_call_begins_only_when_the_row_of_one_before_it_is_kept(monkeypatch):
    """So a kill at any moment costs at most `asking.in_flight` calls: those under way and those not yet kept."""
    kept = 0
    for rows, asked in rows_as_they_leave(monkeypatch, 40):
        assert asked - kept <= 4
        kept += rows.get("completions", 0)
    assert kept == 40


def test_rows_leave_when_many_places_wait_for_it_and_not_only_when_the_clock_says(monkeypatch):
    """Else calls would begin by the clock: here never, since no rollout ends before the others begin."""
    monkeypatch.setattr(rollouts, "TAKE_SECONDS", 10**6)
    done, records = rolled([Order(problem(1))], samples=40)
    assert len(done) == 1 and len(records["completions"]) == 40


class Embedded(SlowTeacher):
    """Computes in the worker: answers without ever waiting."""

    embedded = True
    name = fingerprint = "embedded"

    async def answer(self, call):
        self.asked.append(str(call.sample_index))
        return Reply(Turn("assistant", "\\boxed{x}"))


def rows_as_they_leave(monkeypatch, samples, verifiers=()):
    """The tables' rows of each chunk of one problem with many samples; the clock that rows wait for is always due."""
    monkeypatch.setitem(plugins.TABLE["teacher"], "embedded", f"{__name__}:Embedded")
    monkeypatch.setattr(rollouts, "TAKE_SECONDS", 0)
    plugins.installed.cache_clear()
    plan = planned(SlowConfig(kind="embedded"), SingleConfig(kind="single", samples=samples), verifiers)
    for chunk in roll_here(plan, [Order(problem(1))]):
        yield {table: batch.num_rows for table, batch in chunk.tables.items()}, len(SlowTeacher.asked)


def test_rows_of_one_problem_leave_while_an_embedded_teacher_makes_its_other_samples(monkeypatch):
    asked = [asked for rows, asked in rows_as_they_leave(monkeypatch, 40) if "completions" in rows]
    assert len(asked) > 3 and asked[0] < 10


def test_rows_of_one_problem_leave_while_its_other_traces_are_judged_here(monkeypatch):
    traces = [rows["traces"] for rows, _ in rows_as_they_leave(monkeypatch, 40, (("answer", {}),)) if "traces" in rows]
    assert sum(traces) == 40 and max(traces) < 10


def test_a_bug_in_a_verifier_ends_the_judging_of_the_other_traces(monkeypatch, caplog):
    judged = []

    def breaks(self, problem, trace):
        judged.append(trace)
        raise TypeError("a mistake of the verifier")

    monkeypatch.setattr("tracemill.verifiers.answer.verifier.AnswerVerifier.rule", breaks)
    with pytest.raises(PluginError, match="a mistake of the verifier"):
        list(rows_as_they_leave(monkeypatch, 40, (("answer", {}),)))
    assert 1 <= len(judged) < 5 and not caplog.records


def test_what_was_paid_for_is_kept_when_the_strategy_breaks(monkeypatch):
    """The calls under way when one rollout breaks come to their end, and no other begins."""

    async def breaks(self, problem, ask, judge):
        completion = await ask("0", prompt_messages(problem), {})
        if problem.prompt == "problem 2":
            raise TypeError("a mistake in the strategy")
        return [trace_of(problem, ask, "single", completion, 0)]

    monkeypatch.setattr(Single, "run", breaks)
    plan = planned(SlowConfig(), SingleConfig(kind="single"), in_flight=3)
    kept = []
    with pytest.raises(PluginError, match=r"raised TypeError: a mistake in the strategy in .*test_rollouts.py:"):
        for chunk in roll_here(plan, [Order(problem(number % 10)) for number in range(50)]):
            kept += decode("completions", chunk.tables["completions"]) if "completions" in chunk.tables else []
    assert 3 <= len(kept) == len(SlowTeacher.asked) < 20


def test_a_failed_call_is_data_and_the_next_run_asks_again_under_another_id():
    one = problem(1)
    done, records = rolled([Order(one)], fails=("problem 1/0",))
    failed = next(trace for trace in records["traces"] if trace.finish_reason == "error")
    assert done == [] and "503" in failed.error
    known = {completion.id: completion for completion in records["completions"]}
    SlowTeacher.asked = []
    done, again = rolled([Order(one, known)])
    assert SlowTeacher.asked == ["problem 1/0"] and done == [one.id]
    assert all(trace.finish_reason == "stop" for trace in again["traces"])
    assert failed.id not in {trace.id for trace in again["traces"]}


def test_a_problem_that_the_teacher_cannot_answer_is_kept_with_the_reason():
    done, records = rolled([Order(problem(1, "unanswerable"))])
    assert len(done) == 1 and records["traces"] == []
    assert [decision.reason for decision in records["decisions"]] == ["the teacher slow has no solution of it"]


def test_seeds_come_from_ids_and_not_from_the_order_of_work():
    problems = [problem(number) for number in range(6)]
    _, forwards = rolled([Order(one) for one in problems])
    _, backwards = rolled([Order(one) for one in reversed(problems)], in_flight=1)
    key = lambda trace: trace.id  # noqa: E731
    assert sorted(forwards["traces"], key=key) == sorted(backwards["traces"], key=key)


def test_rows_of_several_problems_leave_together_while_the_clock_does_not_say_otherwise(monkeypatch):
    """Each chunk is encoded, written and made durable on its own, which costs as much as half a trace."""
    monkeypatch.setitem(plugins.TABLE["teacher"], "embedded", f"{__name__}:Embedded")
    plugins.installed.cache_clear()
    monkeypatch.setattr(rollouts, "TAKE_SECONDS", 10**6)
    plan = planned(SlowConfig(kind="embedded"), SingleConfig(kind="single", samples=1), in_flight=8)
    chunks = list(roll_here(plan, [Order(problem(number)) for number in range(40)]))
    assert sum(len(chunk.done) for chunk in chunks) == 40 and len(chunks) <= 40 // 8 + 1
