"""What plugins raise: a bug ends the run and names the plugin, trouble is tried again, the rest is data."""

from __future__ import annotations

import pickle
import re
import sys

import pytest
from plugin_package import write_package
from tracemill.cli.command_line import main
from tracemill.running.executors.in_process import LocalConfig, LocalExecutor
from tracemill.settings import plugins
from tracemill.settings.errors import NoJudgeError, PluginError, TracemillError, TroubleError
from tracemill.settings.failures import classified, kind_of
from tracemill.store.store import Store
from tracemill.verifiers.boundary import ruled
from tracemill.verifiers.verifier import Verifier
from workplace import Workplace

CODE = """
import asyncio
import json
from pydantic import BaseModel
from tracemill.asking.strategies.single import Single, SingleConfig
from tracemill.asking.teachers.symbolic import SymbolicConfig, SymbolicTeacher
from tracemill.asking.teachers.teacher import Reply
from tracemill.records import Claim, Step, Turn
from tracemill.sources.domains import DomainsConfig, DomainsSource
from tracemill.tasks.blocks_world.task import BlocksWorld
from tracemill.verifiers.answer.verifier import AnswerConfig, AnswerVerifier

class Panic(BaseException):
    pass  # as Rust libraries raise it

class Mute(ValueError):
    def __str__(self):
        raise RuntimeError("no text")

def trip():
    raise ERROR

class Teacher(SymbolicTeacher):
    class Config(SymbolicConfig):
        kind: str = "faulty"

    async def answer(self, call):
        trip()

TURN = Turn("assistant", "42")

class Replying(Teacher):
    async def answer(self, call):
        return GIVEN

class Strategy(Single):
    class Config(SingleConfig):
        kind: str = "faulty"

    async def run(self, problem, ask, judge):
        trip()

class Verifier(AnswerVerifier):
    class Config(AnswerConfig):
        kind: str = "faulty"

    name = "faulty"

    def rule(self, problem, trace):
        trip()

class Source(DomainsSource):
    class Config(DomainsConfig):
        kind: str = "faulty"

    def produce(self, item):
        trip()

class Demanding(BlocksWorld):
    def __init__(self, size):
        super().__init__()

class Picky(BlocksWorld):
    def __init__(self):
        {}["size"]

class Task(BlocksWorld):
    name = "faulty.field.task"

    def solve(self, problem, *more):
        trip()
"""

PLACES = {
    "teacher": ("teachers/faulty", "Teacher", ["teacher={kind: faulty}"]),
    "strategy": ("strategies/faulty", "Strategy", ["strategy={kind: faulty}"]),
    "verifier": ("verifiers/faulty", "Verifier", ["verify.also=[faulty]"]),
    "source": ("sources/faulty", "Source", ["sources=[{kind: faulty, select: ['planning.*'], per_task: 3}]"]),
    "task": ("tasks/faulty.field.task", "Task", ["sources.0.select=['faulty.*']"]),
}


def built(folder, place: str, attribute: str, code: str, overrides: list[str]) -> tuple[int, Workplace]:
    """A build with a plugin of a package with this code."""
    write_package(folder, "faulty-tracemill", "faulty_plugins", code, {place: attribute})
    plugins.installed.cache_clear()
    workplace = Workplace(folder)
    return workplace.build(*overrides, flags=("--until", "verdicts")), workplace


@pytest.fixture
def replying(tmp_path, monkeypatch):
    """Builds with a teacher that gives what it is told to."""
    monkeypatch.syspath_prepend(str(tmp_path))
    overrides = ["sources.0.per_task=3", "teacher={kind: faulty}"]
    yield lambda given: built(tmp_path, "teachers/faulty", "Replying", CODE.replace("GIVEN", given), overrides)
    plugins.installed.cache_clear()
    sys.modules.pop("faulty_plugins", None)


@pytest.fixture
def faulty(tmp_path, monkeypatch):
    """Builds with a plugin of one kind that raises."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def build(thing: str, error: str) -> tuple[int, Workplace]:
        place, attribute, overrides = PLACES[thing]
        small = ["sources.0.per_task=3"] if thing != "source" else []
        return built(tmp_path, place, attribute, CODE.replace("ERROR", error), [*small, *overrides])

    yield build
    plugins.installed.cache_clear()
    sys.modules.pop("faulty_plugins", None)


def rows(workplace: Workplace, table: str, columns: list[str]) -> list[dict]:
    store = Store(workplace.out)
    return [row for batch in store.scan(store.latest(), table, columns) for row in batch.to_pylist()]


@pytest.mark.parametrize("thing", PLACES)
def test_a_bug_ends_the_run_and_names_plugin_package_and_place(faulty, capsys, thing):
    code, _ = faulty(thing, "TypeError('unsupported')")
    message = capsys.readouterr().err
    name = "faulty.field.task" if thing == "task" else "faulty"
    assert code == 1
    assert f"{thing} '{name}' (package faulty-tracemill 1.0) raised TypeError: unsupported in " in message
    assert "faulty_plugins.py:" in message and "Traceback" not in message


@pytest.mark.parametrize("thing", PLACES)
@pytest.mark.parametrize("error", ["SystemExit(0)", "Panic('x')", "asyncio.CancelledError()"])
def test_what_is_no_exception_does_not_end_the_run_as_if_it_were_done(faulty, capsys, thing, error):
    code, _ = faulty(thing, error)
    message = capsys.readouterr().err
    assert code == 1
    assert f" (package faulty-tracemill 1.0) raised {error.partition('(')[0].removeprefix('asyncio.')}: " in message


@pytest.mark.parametrize(
    ("attribute", "raised"),
    [("Demanding", r"TypeError: .*missing 1 required positional argument: 'size'"), ("Picky", "KeyError: 'size'")],
)
@pytest.mark.parametrize("command", [["tasks"], ["build"]])
def test_a_task_that_cannot_be_made_is_named_and_not_who_makes_it(
    tmp_path, monkeypatch, capsys, command, attribute, raised
):
    monkeypatch.syspath_prepend(str(tmp_path))
    write_package(tmp_path, "faulty-tracemill", "faulty_plugins", CODE, {"tasks/faulty.field.task": attribute})
    plugins.installed.cache_clear()
    build = lambda: Workplace(tmp_path).build("sources.0.select=[faulty.*]")  # noqa: E731
    assert (build() if command == ["build"] else main(command)) == 1
    named = rf"tracemill: task 'faulty\.field\.task' \(package faulty-tracemill 1\.0\) raised {raised}"
    assert re.match(named, capsys.readouterr().err)
    plugins.installed.cache_clear()
    sys.modules.pop("faulty_plugins", None)


def test_an_interrupt_is_no_bug_of_the_plugin(faulty, capsys):
    code, _ = faulty("verifier", "KeyboardInterrupt()")
    assert code == 1
    assert "interrupted; the same command goes on from here" in capsys.readouterr().err


def test_of_several_plugins_in_one_module_the_one_that_was_called_is_named(tmp_path, monkeypatch):
    code = "def one():\n    raise TypeError('odd')\n"
    write_package(tmp_path, "shared-tracemill", "shared_plugins", code, {"claims/one": "one", "tasks/a.b.c": "one"})
    monkeypatch.syspath_prepend(str(tmp_path))
    plugins.installed.cache_clear()
    named = r"^claim 'one' \(package shared-tracemill 1.0\) raised .*shared_plugins.py:2$"
    with pytest.raises(PluginError, match=named):
        ruled("claim checker", "one", [0], lambda _: _through_ours(plugins.load("claim", "one")), lambda _: [])
    plugins.installed.cache_clear()


def _through_ours(function):
    """Calls it from a module of one of our own plugins, as the verifier `steps` calls a checker."""
    space = {"__name__": "tracemill.verifiers.steps", "function": function}
    exec("def call(): return function()", space)
    return space["call"]()


def test_an_exception_whose_text_cannot_be_made_is_data_like_another(faulty):
    code, workplace = faulty("teacher", "Mute()")
    assert code == 0
    reasons = {row["error"] for row in rows(workplace, "completions", ["error"])}
    assert reasons == {"Mute: (its text cannot be made: RuntimeError)"}


def test_a_bug_of_a_view_names_it(tmp_path, monkeypatch):
    """Rows of views are made by a mapped function; what one raises has no row to stand in."""
    code = "def row(problem):\n    return problem['absent']\n"
    write_package(tmp_path, "faulty-tracemill", "faulty_view", code, {"views/faulty": "row"})
    monkeypatch.syspath_prepend(str(tmp_path))
    plugins.installed.cache_clear()
    row = plugins.load("view", "faulty")
    with pytest.raises(PluginError, match=r"view 'faulty' \(package faulty-tracemill 1.0\) raised KeyError: .*:2$"):
        list(LocalExecutor(LocalConfig(kind="local")).map(lambda problem: [row(problem)], [{}]))
    plugins.installed.cache_clear()


FAILED = [("ConnectionError('503')", "ConnectionError: 503"), ("ValueError('odd')", "ValueError: odd")]


@pytest.mark.parametrize(("error", "reason"), FAILED)
def test_a_call_that_fails_is_a_row_with_the_reason(faulty, error, reason):
    code, workplace = faulty("teacher", error)
    assert code == 0
    found = rows(workplace, "completions", ["finish_reason", "error"])
    assert {(row["finish_reason"], row["error"]) for row in found} == {("error", reason)}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("'The answer is 42.'", "gave str where Reply is wanted"),
        ("Reply('The answer is 42.')", "gave Reply with turn='The answer is 42.': Input should be an instance of Turn"),
        ("Reply(Turn('assistant', None))", "gave Reply with turn.content=None: Input should be a valid string"),
        ("Reply(TURN, finish_reason='banana')", "gave Reply with finish_reason='banana': Input should be 'stop', "),
        ("Reply(TURN, steps=('a step',))", "gave Reply with steps.0='a step': Input should be an instance of Step"),
        ("Reply(TURN, prompt_tokens='7')", "gave Reply with prompt_tokens='7': Input should be a valid integer"),
        (
            "Reply(TURN, prompt_tokens=-7)",
            "gave Reply with prompt_tokens=-7: Input should be greater than or",
        ),
        ("Reply(TURN, prompt_tokens=2**63)", "Input should be less than 9223372036854775808"),
        ("Reply(TURN, seconds=float('nan'))", "gave Reply with seconds=nan: Input should be a finite number"),
        ("Reply(TURN, logprobs=(0.0, float('-inf')))", "gave Reply with logprobs.1=-inf: Input should be a finite"),
        ("Reply(TURN, metadata={'at': {1}})", "raised TypeError: Object of type set is not JSON"),
        ("Reply(TURN, metadata={'relation': 'mine'})", "metadata.relation='mine': Input should be 'revision', "),
        ("Reply(TURN, metadata={'relation': 5})", "gave Reply with metadata.relation=5: Input should be 'revision', "),
        ("Reply(TURN, metadata={'effort': 3})", "gave Reply with metadata.effort=3: Input should be a valid string"),
        ("Reply(TURN, metadata={'budget_tokens': -1})", "metadata.budget_tokens=-1: Input should be greater than or"),
        ("Reply(TURN, metadata={'budget_tokens': '7'})", "metadata.budget_tokens='7': Input should be a valid integer"),
        ("Reply(TURN, metadata={'licence': ' '})", "metadata.licence=' ': String should match pattern"),
    ],
)
def test_a_teacher_whose_reply_is_none_is_named(replying, capsys, given, said):
    code, _ = replying(given)
    message = capsys.readouterr().err
    assert code == 1
    assert "teacher 'faulty' (package faulty-tracemill 1.0) " in message and said in message
    assert "Traceback" not in message


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("Reply(TURN, metadata={'score': float('nan')})", "Out of range float values"),
        ("Reply(TURN, steps=(Step(0, 0, 2, Claim('x', {'y': float('inf')})),))", "Out of range float values"),
        (r"Reply(Turn('assistant', '4\ud8002'))", "surrogates not allowed"),
        (r"Reply(TURN, author='\ud800')", "surrogates not allowed"),
    ],
)
def test_a_reply_that_cannot_be_stored_is_a_row_with_the_reason(replying, given, reason):
    code, workplace = replying(given)
    assert code == 0
    found = rows(workplace, "completions", ["finish_reason", "error"])
    assert {row["finish_reason"] for row in found} == {"error"}
    assert all(
        row["error"].startswith("ValueError: a Reply cannot be stored: ") and reason in row["error"] for row in found
    )


@pytest.mark.parametrize(("error", "reason"), FAILED)
def test_a_verifier_that_cannot_judge_says_error(faulty, error, reason):
    code, workplace = faulty("verifier", error)
    assert code == 0
    found = rows(workplace, "verdicts", ["verifier", "outcome", "reason"])
    outcomes = {(row["outcome"], row["reason"]) for row in found if row["verifier"] == "faulty"}
    assert outcomes == {("error", reason)}


def test_a_problem_over_which_the_strategy_gives_up_is_kept_with_the_reason(faulty):
    code, workplace = faulty("strategy", "ValueError('odd')")
    assert code == 0
    assert {row["reason"] for row in rows(workplace, "unasked", ["reason"])} == {
        "the strategy single gave up: ValueError: odd"
    }


def test_trouble_of_a_strategy_leaves_its_problems_to_the_next_run(faulty):
    code, workplace = faulty("strategy", "ConnectionError('503')")
    assert code == 0
    commit = Store(workplace.out).latest()
    assert "unasked" not in commit.tables or commit.tables["unasked"].rows == 0
    assert commit.keys["traces"]["_errors"] == len(rows(workplace, "problems", ["id"]))


def test_items_that_a_source_cannot_make_are_rejected_with_the_reason(faulty):
    code, workplace = faulty("source", "ValueError('odd')")
    assert code == 0
    assert {row["detail"] for row in rows(workplace, "lines", ["detail"])} == {"ValueError: odd"}


def test_trouble_of_a_source_ends_the_run_before_anything_is_missing(faulty, capsys):
    code, _ = faulty("source", "OSError('disk')")
    assert code == 1
    assert "source 'faulty' could not make" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("exc", "kind"),
    [
        (TypeError(), "bug"),
        (ModuleNotFoundError(), "bug"),
        (UnboundLocalError(), "bug"),
        (TimeoutError(), "trouble"),
        (TroubleError(), "trouble"),
        (MemoryError(), "trouble"),
        (TracemillError(), "trouble"),
        (ValueError(), "data"),
        (KeyError(), "data"),
        (RecursionError(), "data"),
    ],
)
def test_each_class_has_its_kind(exc, kind):
    assert kind_of(exc) == kind


@pytest.mark.parametrize("exc", [PluginError("verifier 'x' raised"), NoJudgeError("no such model")])
def test_what_was_classified_already_passes(exc):
    with pytest.raises(type(exc), match=str(exc)):
        classified("strategy", "single", exc)
    assert str(pickle.loads(pickle.dumps(exc))) == str(exc)


def test_a_verifier_that_lacks_a_method_cannot_be_made() -> None:
    class Lacking(Verifier):
        name = version = "lacking"

    with pytest.raises(TypeError, match=r"abstract methods '?canaries'?, '?judge'?, '?rule"):
        Lacking()  # type: ignore[abstract]
