"""Judging beside asking: what overlaps, what a dying process costs, and that every process ends."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from plugin_package import write_package
from tracemill.asking.asking_config import AskingConfig, JudgingConfig
from tracemill.asking.judge_pool import JudgePool
from tracemill.asking.judge_process import LocalJudge
from tracemill.asking.rollouts import Order, RolloutPlan
from tracemill.asking.rollouts_here import roll_here
from tracemill.asking.strategies.single import SingleConfig
from tracemill.records import Check, Problem, Source, Trace, Turn, problem_id
from tracemill.records.codec import decode
from tracemill.settings import plugins
from tracemill.settings.errors import NoJudgeError, PluginError
from workplace import ROOT

CODE = '''
import asyncio, os, sys, time
from pathlib import Path
from pydantic import BaseModel
from tracemill.asking.teachers.teacher import Reply
from tracemill.claims.claim_checker import Ruling
from tracemill.records import Turn
from tracemill.verifiers.verifier import Verifier

def until(path):
    """Whether the file is there, after a while at most."""
    for _ in range(1000):
        if path.exists():
            return True
        time.sleep(0.02)
    return False

class WatchingConfig(BaseModel):
    kind: str
    folder: str = ""

class Watching(Verifier):
    """Says `verified` where it saw what its folder asks for."""
    Config, name, version, scope, judge = WatchingConfig, "watching", "1", "trace", {}

    def __init__(self, config):
        self.folder = Path(config.folder)

    def canaries(self, kinds=None):
        return ()

    def rule(self, problem, trace):
        wish = problem.answer
        (self.folder / f"judging-{problem.prompt}").write_text(str(os.getpid()))
        if wish.startswith("wait for "):
            seen = until(self.folder / wish.removeprefix("wait for "))
            return Ruling("verified" if seen else "refuted", wish, strength="exact")
        if wish == "die":
            os._exit(7)
        if wish == "die once" and not (self.folder / "died").exists():
            (self.folder / "died").touch()
            os.kill(os.getpid(), 9)
        if wish == "bug":
            raise TypeError("a mistake of the verifier")
        if wish == "spin":
            while True:
                pass
        return Ruling("verified", "", strength="exact")

class UnmadeVerifier(Watching):
    def __init__(self, config):
        raise ValueError("no such model")

class Config(BaseModel):
    kind: str = "noting"
    folder: str

class Noting:
    """A teacher that is no part of the worker; leaves a file for each call."""
    Config, embedded, unkeyed, name, fingerprint = Config, False, frozenset(), "noting", "noting"

    def __init__(self, config):
        self.folder = Path(config.folder)

    def samples(self, problem, wanted):
        return wanted

    async def answer(self, call):
        (self.folder / f"asked-{call.problem.prompt}").touch()
        # A call that is under way until something else happens.
        _, _, awaited = call.problem.prompt.partition(" after ")
        while awaited and not (self.folder / awaited).exists():
            await asyncio.sleep(0.02)
        (self.folder / f"answered-{call.problem.prompt}").touch()
        return Reply(Turn("assistant", call.problem.prompt))

    async def close(self): ...
'''


@pytest.fixture
def folder(tmp_path, monkeypatch):
    packages = {"verifiers/watching": "Watching", "verifiers/unmade": "UnmadeVerifier", "teachers/noting": "Noting"}
    write_package(tmp_path, "watching-tracemill", "watching_plugins", CODE, packages)
    monkeypatch.syspath_prepend(str(tmp_path))
    plugins.installed.cache_clear()
    yield tmp_path
    plugins.installed.cache_clear()
    sys.modules.pop("watching_plugins", None)


def problem(prompt: str, wish: str) -> Problem:
    source = Source("test", "1", "MIT", 0, 0)
    return Problem(problem_id(source, "a.b.c.d", "", prompt, ()), "g", "a.b.c.d", prompt, wish, Check("exact"), source)


def trace_for(one: Problem) -> Trace:
    return Trace(f"{one.id}-t", "d", one.id, "skills", "noting", "single", 0, "0", (Turn("assistant", "x"),), "stop")


def judged_together(folder: Path, wishes: list[str], size: int) -> list:
    """The verdicts of traces that wait at the same time."""
    named = (("watching", {"folder": str(folder)}),)

    async def judge_all():
        pool = JudgePool(partial(LocalJudge.start, named), size, named, JudgingConfig().stuck_seconds)
        pool.open()
        try:
            work = [problem(f"p{number}", wish) for number, wish in enumerate(wishes)]
            found = await asyncio.gather(*(pool.judge(one, trace_for(one)) for one in work), return_exceptions=True)
        finally:
            await pool.close()
        return found

    return asyncio.run(judge_all())


def rolled(folder: Path, problems: list[Problem], in_flight: int = 1, judges: int = 1) -> dict[str, list]:
    teacher = plugins.load("teacher", "noting").Config(folder=str(folder))
    asking, judging = AskingConfig(in_flight=in_flight), JudgingConfig(workers=judges)
    verifiers = (("watching", {"folder": str(folder)}),)
    plan = RolloutPlan(teacher, SingleConfig(kind="single"), verifiers, asking, judging)
    records: dict[str, list] = {}
    for chunk in roll_here(plan, [Order(one) for one in problems]):
        for table, batch in chunk.tables.items():
            records.setdefault(table, []).extend(decode(table, batch))
    return records


def gone(process: int) -> bool:
    for _ in range(500):
        try:
            if Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] in "ZX":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.02)
    return False


def test_the_teacher_answers_while_a_trace_is_judged(folder):
    """A call ends when the judging of another trace has begun, and that ends when the call has."""
    later = "two after judging-one"
    records = rolled(folder, [problem("one", f"wait for answered-{later}"), problem(later, "")], in_flight=2)
    assert [verdict.outcome for verdict in records["verdicts"]] == ["verified", "verified"]


def test_a_trace_that_is_judged_takes_no_place_of_a_call(folder):
    """With one call in flight, the second problem is asked before the first trace has its verdict."""
    records = rolled(folder, [problem("one", "wait for asked-two"), problem("two", "")], in_flight=1)
    assert [verdict.outcome for verdict in records["verdicts"]] == ["verified", "verified"]


def test_as_many_traces_are_judged_at_the_same_time_as_there_are_workers(folder):
    """Each is verified only where the other is being judged too."""
    problems = [problem("one", "wait for judging-two"), problem("two", "wait for judging-one")]
    records = rolled(folder, problems, in_flight=2, judges=2)
    assert [verdict.outcome for verdict in records["verdicts"]] == ["verified", "verified"]
    assert len({(folder / f"judging-{one}").read_text() for one in ("one", "two")}) == 2


def test_a_trace_that_kills_its_process_twice_is_an_error_and_the_others_are_judged(folder):
    verdicts = judged_together(folder, ["", "die", ""], size=1)
    assert [one[0].outcome for one in verdicts] == ["verified", "error", "verified"]
    assert verdicts[1][0].reason == ("TroubleError: the process that judged died (exit status 7)")


def test_a_process_that_is_killed_once_costs_nothing(folder):
    verdicts = judged_together(folder, ["", "die once", ""], size=1)
    assert [one[0].outcome for one in verdicts] == ["verified"] * 3


def test_a_bug_of_a_verifier_arrives_with_its_name_and_package(folder):
    found = judged_together(folder, ["bug"], size=1)[0]
    assert isinstance(found, PluginError)
    assert str(found).startswith(
        "verifier 'watching' (package watching-tracemill 1.0) raised TypeError: a mistake of the verifier in "
    )
    assert "watching_plugins.py:" in str(found)


@pytest.mark.parametrize("name", ["unmade", "absent"])
def test_a_verifier_that_cannot_be_made_ends_the_run_and_nobody_waits_for_ever(folder, name):
    teacher = plugins.load("teacher", "noting").Config(folder=str(folder))
    plan = RolloutPlan(teacher, SingleConfig(kind="single"), ((name, {}),), judging=JudgingConfig(workers=2))
    with pytest.raises(NoJudgeError, match=f"the verifier '{name}' cannot be made"):
        list(roll_here(plan, [Order(problem(str(number), "")) for number in range(9)]))


class Stuck:
    """In place of a process that judges: gives no reply to a batch with a trace whose answer is among `silent`, and to
    one with an answer in `once` only the first time."""

    def __init__(self, silent: set[str], once: set[str]) -> None:
        self.silent, self.once = silent, once
        self.batches: list[list[str]] = []
        self.closed = 0

    async def start(self):
        return self

    async def judge(self, work):
        wishes = [one.answer for one, _ in work]
        self.batches.append(wishes)
        if set(wishes) & (self.silent | self.once):
            self.once -= set(wishes)
            await asyncio.Event().wait()
        return [(wish,) for wish in wishes]

    async def close(self):
        self.closed += 1


def judged_by(process: Stuck, wishes: list[str]) -> list:
    async def judge_all():
        pool = JudgePool(process.start, 1, (("answer", {}),), stuck_seconds=0.01)
        pool.open()
        work = [problem(f"p{number}", wish) for number, wish in enumerate(wishes)]
        found = await asyncio.gather(*(pool.judge(one, trace_for(one)) for one in work))
        await pool.close()
        return found

    return asyncio.run(judge_all())


def test_a_process_that_gives_no_reply_is_replaced_and_its_traces_are_judged_alone():
    process = Stuck(set(), {"b"})
    assert judged_by(process, ["a", "b", "c"]) == [("a",), ("b",), ("c",)]
    assert process.batches == [["a", "b", "c"], ["a"], ["b"], ["c"]]
    assert process.closed == 2  # the stuck one, and its successor at the end


def test_a_trace_over_which_two_processes_give_no_reply_is_an_error_that_is_tried_again():
    process = Stuck({"b"}, set())
    first, second, third = judged_by(process, ["a", "b", "c"])
    assert (first, third) == (("a",), ("c",))
    assert [verdict.outcome for verdict in second] == ["error"]
    assert second[0].reason == "TroubleError: the process that judged gave no reply within 0.01 s, and was ended"


def test_a_process_that_does_not_start_in_time_ends_the_run_and_nobody_waits_for_ever():
    async def start():
        await asyncio.Event().wait()

    async def judge_one():
        pool = JudgePool(start, 1, (), stuck_seconds=0.01)
        pool.open()
        with pytest.raises(NoJudgeError, match=r"gave no reply within 0\.01 s"):
            await pool.judge(problem("p", ""), trace_for(problem("p", "")))
        await pool.close()

    asyncio.run(judge_one())


def test_a_process_that_is_stopped_can_be_ended(folder):
    async def stop_and_close():
        process = await LocalJudge.start((("watching", {"folder": str(folder)}),))
        number = process._process.pid
        os.kill(number, signal.SIGSTOP)
        await process.close()
        return number

    assert gone(asyncio.run(stop_and_close()))


@pytest.mark.parametrize("ending", ["exception", "interrupt", "kill"])
def test_every_process_that_judges_ends_with_the_run(folder, ending):
    """In the middle of judging: after an exception in the driver, Ctrl-C, and a kill that lets nothing be tidied up."""
    script = f"""
import sys
from tracemill.asking.asking_config import AskingConfig, JudgingConfig
sys.path[:0] = [{str(folder)!r}, {str(ROOT / "tests")!r}, {str(ROOT / "tests" / "asking")!r}]
from test_judge_pool import problem, rolled
from tracemill.asking import rollouts
from pathlib import Path
if {ending!r} == "exception":
    rollouts.Worker.take = lambda worker, more: 1 / 0 if Path({str(folder / "judging-two")!r}).exists() else None
rolled(Path({str(folder)!r}), [problem("one", "spin"), problem("two", "spin")], 2, 2)
"""
    run = subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.PIPE)
    places = [folder / "judging-one", folder / "judging-two"]
    for _ in range(1000):
        if all(place.exists() and place.read_text() for place in places):
            break
        time.sleep(0.02)
    processes = [int(place.read_text()) for place in places]
    if ending != "exception":
        run.send_signal(signal.SIGINT if ending == "interrupt" else signal.SIGKILL)
    _, errors = run.communicate()
    expected = {"exception": b"ZeroDivisionError", "interrupt": b"KeyboardInterrupt", "kill": b""}[ending]
    assert run.returncode != 0 and expected in errors
    assert os.getpid() not in processes and all(gone(process) for process in processes)
