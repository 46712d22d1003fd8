"""One suite over both executors: the same rows, wherever the work is done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from time import sleep

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from plugin_package import write_package
from tracemill.asking import rollouts
from tracemill.asking.asking_config import AskingConfig, JudgingConfig
from tracemill.asking.rollouts import Order, RolloutPlan
from tracemill.asking.rollouts_here import roll_here
from tracemill.asking.strategies.single import SingleConfig
from tracemill.asking.teachers.symbolic import SymbolicConfig
from tracemill.records.codec import decode
from tracemill.running.executors.in_process import LocalConfig, LocalExecutor
from tracemill.running.executors.on_ray import RayConfig, RayExecutor
from tracemill.running.executors.rollouts_on_ray import BATCH, RolloutPool
from tracemill.running.judging import JudgeStage
from tracemill.running.producing import Produce
from tracemill.running.stage import JudgeOrder, batches, pack, unpack
from tracemill.settings import plugins
from tracemill.settings.errors import PluginError, TracemillError
from tracemill.sources.domains import DomainsConfig, DomainsSource
from tracemill.sources.source import Context, WorkItem

SOURCE = DomainsConfig(kind="domains", select=("math.algebra.*", "planning.*"), per_task=100)
CONTEXT = Context(5, 0.1)


PLUGINS = '''
import os
from pathlib import Path
from pydantic import BaseModel
from tracemill.asking.teachers.teacher import Reply
from tracemill.claims.claim_checker import Ruling
from tracemill.records import Turn
from tracemill.verifiers.verifier import Verifier

class ProcessConfig(BaseModel):
    kind: str

class Process(Verifier):
    """Says which process judged."""
    Config, name, version, scope, judge = ProcessConfig, "process", "1", "trace", {}

    def __init__(self, config): ...

    def canaries(self, kinds=None):
        return ()

    def rule(self, problem, trace):
        if problem.answer == "bug":
            raise TypeError("a mistake of the verifier")
        return Ruling("verified", str(os.getpid()), strength="exact")

KEPT = Path(__file__).with_name("kept")

class Config(BaseModel):
    kind: str = "distant"

class Distant:
    """A teacher that is no part of the worker. Its reply says which process asked, the how many-th call it was, and how
    many rows were kept when it began, as the file beside this one says."""
    Config, embedded, unkeyed, name, fingerprint = Config, False, frozenset(), "distant", "distant"

    begun = 0

    def __init__(self, config): ...

    def samples(self, problem, wanted):
        return wanted

    async def answer(self, call):
        Distant.begun += 1
        kept = int(KEPT.read_text()) if KEPT.exists() else 0
        return Reply(Turn("assistant", str(os.getpid())), metadata={"number": Distant.begun, "kept": kept})

    async def close(self): ...
'''


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A package with a teacher and a verifier, installed before any worker starts."""
    folder = tmp_path_factory.mktemp("distant")
    names = {"teachers/distant": "Distant", "verifiers/process": "Process"}
    write_package(folder, "distant", "distant_plugins", PLUGINS, names)
    with pytest.MonkeyPatch.context() as patched:
        patched.syspath_prepend(str(folder))
        patched.setenv("PYTHONPATH", str(folder))
        plugins.installed.cache_clear()
        yield
    plugins.installed.cache_clear()


@pytest.fixture(scope="module")
def distant(installed):
    """Rollouts with a teacher that is no part of the worker, judged by two processes."""
    asking, judging = AskingConfig(in_flight=4, cpus=0.2), JudgingConfig(workers=2, cpus=0.2)
    teacher = plugins.load("teacher", "distant").Config()
    return RolloutPlan(teacher, SingleConfig(kind="single"), (("process", {}),), asking, judging)


@pytest.fixture(scope="module", params=["local", pytest.param("ray", marks=pytest.mark.ray)])
def executor(request, installed):
    made = LocalExecutor(LocalConfig(kind="local")) if request.param == "local" else RayExecutor(RayConfig(kind="ray"))
    made.start()
    yield made
    made.close()


def gathered(chunks):
    done: list[str] = []
    records: dict[str, list] = {}
    for chunk in chunks:
        done += chunk.done
        for table, batch in chunk.tables.items():
            records.setdefault(table, []).extend(decode(table, batch))
    return sorted(done), {table: sorted(rows, key=lambda row: row.id) for table, rows in records.items()}


def items():
    source = DomainsSource(SOURCE, CONTEXT)
    return [type(item)(f"0/{item.id}", item.payload) for item in source.items({})]


@pytest.fixture(scope="module")
def problems():
    return gathered(LocalExecutor(LocalConfig(kind="local")).run(Produce([SOURCE], CONTEXT), items()))[1]["problems"]


@pytest.fixture(scope="module")
def plan():
    verifiers = (("answer", {}), ("steps", {"coverage": 1.0}))
    return RolloutPlan(
        SymbolicConfig(kind="symbolic", mistakes=0.5),
        SingleConfig(kind="single", samples=2),
        verifiers,
        AskingConfig(in_flight=8),
    )


@pytest.fixture(scope="module")
def rolled(problems, plan):
    return gathered(LocalExecutor(LocalConfig(kind="local")).roll(plan, [Order(one) for one in problems]))


def without_times(records):
    return [replace(record, seconds=None) for record in records]


def test_a_stage_gives_the_same_rows(executor, problems):
    done, records = gathered(executor.run(Produce([SOURCE], CONTEXT), iter(items())))
    assert done == sorted(item.id for item in items())
    assert records["problems"] == problems and len(problems) == 200


def test_rollouts_give_the_same_rows(executor, problems, plan, rolled):
    done, records = gathered(executor.roll(plan, (Order(one) for one in problems)))
    assert done == sorted(one.id for one in problems)
    assert records["traces"] == rolled[1]["traces"]
    assert records["completions"] == rolled[1]["completions"]
    assert without_times(records["verdicts"]) == without_times(rolled[1]["verdicts"])


def test_a_call_begins_only_when_the_row_of_one_before_it_is_kept(executor, problems, distant):
    """So a kill at any moment costs at most the 4 calls of `asking.in_flight`: under way, or not yet kept."""
    plan = replace(distant, strategy=SingleConfig(kind="single", samples=40))
    kept = sys.modules[plugins.load("teacher", "distant").__module__].KEPT
    calls = []
    for chunk in executor.roll(plan, [Order(problems[0])]):
        calls += decode("completions", chunk.tables["completions"]) if "completions" in chunk.tables else []
        written = kept.with_suffix(".new")
        written.write_text(str(len(calls)))
        written.replace(kept)
    kept.unlink()
    before = min(one.metadata["number"] for one in calls) - 1
    assert len(calls) == 40
    assert [one for one in calls if one.metadata["number"] - before > one.metadata["kept"] + 4] == []


def test_judging_gives_the_same_rows(executor, problems, rolled):
    by_id = {one.id: one for one in problems}
    traces = rolled[1]["traces"][:40]
    orders = [JudgeOrder(by_id[trace.problem_id], trace, {"answer": 2}) for trace in traces]
    done, records = gathered(executor.run(JudgeStage((("answer", {}),)), orders))
    assert done == [trace.id for trace in traces]
    assert {verdict.attempt for verdict in records["verdicts"]} == {2}


def test_a_function_is_mapped_in_order_and_inputs_are_taken_as_they_are_needed(executor):
    taken = []

    def lengths_of(batch):
        # The first batches take longest, so that later ones are done before them.
        sleep(max(0.0, 0.2 - 0.05 * batch.num_rows))
        return pc.utf8_length(batch.column("id")).to_pylist()

    def batches():
        for rows in range(1, 31):
            taken.append(rows)
            yield pa.record_batch({"id": ["x" * rows] * rows})

    results = executor.map(lengths_of, batches())
    first = next(results)
    assert len(taken) < 20
    assert [first, *results] == [[rows] * rows for rows in range(1, 31)]


@pytest.mark.ray
def test_workers_go_on_while_the_first_result_takes_long(executor, tmp_path):
    if isinstance(executor, LocalExecutor):
        pytest.skip("one process does one input after the other")
    last = 3 * executor.workers

    def waits_for_the_last(one):
        if one == last:
            (tmp_path / "last").touch()
        for _ in range(600 if one == 0 else 0):
            if (tmp_path / "last").exists():
                return "the last one was done before"
            sleep(0.1)
        return one

    found = list(executor.map(waits_for_the_last, range(last + 1)))
    assert found == ["the last one was done before", *range(1, last + 1)]


def test_what_a_mapped_function_raises_arrives(executor):
    def refused(batch):
        raise ValueError("no such row")

    with pytest.raises(ValueError, match="no such row"):
        list(executor.map(refused, [1, 2, 3]))
    with pytest.raises(ValueError, match="no such row"):
        list(executor.map(refused, [1]))
    assert list(executor.map(refused, [])) == []


@pytest.mark.ray
def test_workers_that_die_over_a_mapped_input_end_the_run_with_the_fix(executor):
    if isinstance(executor, LocalExecutor):
        pytest.skip("the function would end this process")
    with pytest.raises(TracemillError, match=r"a worker died several times .* finished phases are kept"):
        list(executor.map(os._exit, [1, 1]))


def test_inputs_survive_the_journey(problems, rolled):
    by_id = {one.id: one for one in problems}
    orders = [JudgeOrder(by_id[trace.problem_id], trace, {"steps": 1}) for trace in rolled[1]["traces"][:3]]
    assert unpack(pack(orders)) == orders
    assert unpack(pack(items())) == items()


@pytest.mark.ray
def test_a_dead_rollout_worker_is_replaced_once_and_nothing_is_lost(problems, plan, rolled, monkeypatch):
    """The worker dies while it has problems left: when the orders beyond its first two batches are drawn."""
    started, victims = [], []
    start = RolloutPool._start
    monkeypatch.setattr(RolloutPool, "_start", lambda pool: started.append(start(pool)) or started[-1])

    def orders():
        for number, one in enumerate(problems):
            if number == 2 * BATCH:
                victims.extend(worker_processes())
                for process in victims:
                    os.kill(process, signal.SIGKILL)
            yield Order(one)

    executor = RayExecutor(RayConfig(kind="ray", workers=1))
    executor.start()
    try:
        chunks = list(executor.roll(plan, orders()))
    finally:
        executor.close()
    done, records = gathered(chunks)
    assert len(victims) == 1
    assert len(started) == 2
    assert len(done) == len(set(done)) == len(problems)
    assert {trace.id: trace for trace in records["traces"]} == {trace.id: trace for trace in rolled[1]["traces"]}


def worker_processes() -> list[int]:
    """The rollout actors of the cluster that this process started."""
    parents, found = {}, []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if b"_RolloutActor" in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue

    def ours(process: int) -> bool:
        return process == os.getpid() or (process in parents and ours(parents[process]))

    return [process for process in found if ours(process)]


def test_the_local_executor_never_imports_ray(workplace):
    script = (
        "import sys; from tracemill.cli.command_line import main; "
        f"code = main(['build', {str(workplace.folder / 'config.yaml')!r}, '--out', {workplace.out!r}]); "
        "sys.exit(code or ('ray' in sys.modules) * 9)"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, check=False).returncode == 0


def test_other_processes_judge_than_ask_where_the_teacher_is_elsewhere(executor, distant, problems):
    executor.check(distant)
    done, records = gathered(executor.roll(distant, (Order(one) for one in problems[:40])))
    assert len(done) == len(records["verdicts"]) == 40
    asked = {trace.turns[0].content for trace in records["traces"]}
    judged = {verdict.reason for verdict in records["verdicts"]}
    assert len(asked) == 1 and 1 <= len(judged) <= 2 and not asked & judged


def test_a_bug_of_a_verifier_ends_the_rollouts_with_its_name(executor, distant, problems):
    odd = replace(problems[5], answer="bug")
    with pytest.raises(PluginError, match=r"^verifier 'process' \(package distant 1.0\) raised TypeError: a mistake"):
        gathered(executor.roll(distant, (Order(one) for one in [*problems[:5], odd])))


def test_a_bug_of_a_source_ends_a_stage_with_its_name(executor, monkeypatch):
    class Broken(Produce):
        def process(self, batch):
            raise PluginError("source 'x' raised TypeError")

    with pytest.raises(PluginError, match=r"^source 'x' raised TypeError$"):
        gathered(executor.run(Broken([SOURCE], CONTEXT), iter(items())))


def test_a_stream_that_is_abandoned_beyond_its_runtime_starts_no_other(problems, plan):
    import ray

    executor = RayExecutor(RayConfig(kind="ray", workers=1))
    executor.start()
    try:
        chunks = executor.roll(plan, (Order(one) for one in problems))
        next(chunks)
    finally:
        ray.shutdown()
    chunks.close()
    assert not ray.is_initialized()


def test_a_batch_of_long_inputs_is_small() -> None:
    item = WorkItem("i", {"lines": [[1, "x" * (3 << 20), ""]]})
    assert [len(batch) for batch in batches([item] * 7)] == [3, 3, 1]
    assert [len(batch) for batch in batches([WorkItem("i", {})] * 70)] == [32, 32, 6]


@pytest.mark.parametrize("bound", [1, 1 << 30])
def test_long_rollouts_are_begun_one_after_the_other(monkeypatch: pytest.MonkeyPatch, bound: int) -> None:
    """And give what they give together."""
    monkeypatch.setattr(rollouts, "HELD_BYTES", bound)
    together: list[int] = []
    begin = rollouts.Worker.begin

    def counted(worker: rollouts.Worker, orders: object, under_way: int) -> list[object]:
        begun = list(begin(worker, orders, under_way))  # type: ignore[arg-type]
        together.append(under_way + len(begun))
        return begun

    monkeypatch.setattr(rollouts.Worker, "begin", counted)
    source = DomainsSource(SOURCE.model_copy(update={"per_task": 4}), CONTEXT)
    problems = [one for item in source.items({}) for one in source.produce(item)]
    plan = RolloutPlan(SymbolicConfig(kind="symbolic"), SingleConfig(kind="single"), ())
    chunks = roll_here(plan, [Order(problem) for problem in problems])
    assert sorted(id for chunk in chunks for id in chunk.done) == sorted(problem.id for problem in problems)
    assert (max(together) == 1) == (bound == 1)
