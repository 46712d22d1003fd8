"""Conversations with tools: a scripted model over HTTP, the symbolic teacher, and what goes wrong."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from servers.chat_server import ChatServer, Said
from tracemill.asking.asking_config import AskingConfig
from tracemill.asking.rollouts import Order, RolloutPlan
from tracemill.asking.rollouts_here import roll_here
from tracemill.asking.strategies.agent import AgentConfig
from tracemill.asking.strategies.single import SingleConfig
from tracemill.asking.teachers.openai.openai_teacher import OpenAIConfig
from tracemill.asking.teachers.symbolic import SymbolicConfig
from tracemill.records import Check, Claim, Problem, Source, problem_id
from tracemill.records.codec import decode
from tracemill.software.repository_tools import ERROR, TOOLS
from tracemill.verifiers.cases import draw

FILES = {
    "till/__init__.py": "",
    "till/change.py": "def change(paid, price):\n    return paid + price\n",
    "tests/test_change.py": "from till.change import change\n\n\ndef test_change():\n    assert change(5, 3) == 2\n",
}
HIDDEN = "from till.change import change\n\n\ndef test_change():\n    assert change(9, 3) == 6\n"
MEND = {"path": "till/change.py", "old": "paid + price", "new": "paid - price"}


def problem(**changes):
    source = Source("test", "1", "MIT", 7, 0)
    check = Check("code", {"mode": "repository", "tests": {"tests/test_change.py": HIDDEN}})
    name = problem_id(source, "code.repository.test.till", "", "Mend it.", TOOLS)
    premises = (Claim("repository", {"commits": [{"message": "Begin", "files": FILES}]}),)
    one = Problem(name, "g", "code.repository.test.till", "Mend it.", "", check, source, tools=TOOLS, premises=premises)
    return replace(one, **changes)


def calls(*made, content="", reasoning="", finish="tool_calls"):
    """A reply that makes these calls: (id, name, arguments as an object or as text)."""
    texts = [given if isinstance(given, str) else json.dumps(given) for _, _, given in made]
    functions = [
        {"index": at, "id": one[0], "type": "function", "function": {"name": one[1], "arguments": text}}
        for at, (one, text) in enumerate(zip(made, texts, strict=True))
    ]
    message = {"role": "assistant", "content": content or None, "tool_calls": functions}
    return Said(message={**message, **({"reasoning_content": reasoning} if reasoning else {})}, finish=finish)


DONE = Said("Answer: done")


class Rolled:
    def __init__(self, script, one=None, strategy=None, known=(), **config):
        self.tables = {"completions": [], "traces": [], "verdicts": [], "decisions": []}
        self.done = []
        with ChatServer(script) as server:
            teacher = OpenAIConfig(kind="openai", urls=(server.url,), model="tiny", retries=0)
            chosen = strategy or AgentConfig(kind="agent", **config)
            plan = RolloutPlan(teacher, chosen, (("code", {}),), AskingConfig(in_flight=4))
            for chunk in roll_here(plan, [Order(one or problem(), {row.id: row for row in known})]):
                self.done += chunk.done
                for table, batch in chunk.tables.items():
                    self.tables[table] += decode(table, batch)
        self.seen = [one.body for one in server.seen]

    @property
    def trace(self):
        [found] = self.tables["traces"]
        return found

    @property
    def outcome(self):
        [found] = self.tables["verdicts"]
        return found.outcome


REPAIR = [
    calls(("a1", "run_tests", {}), content="First the tests.", reasoning="Let me see."),
    calls(("a2", "read_file", {"path": "till/change.py"}), ("a3", "edit_file", MEND)),
    calls(("a4", "run_tests", {"path": None})),
    DONE,
]


def test_a_model_repairs_a_repository_in_a_conversation_that_is_verified():
    found = Rolled(REPAIR)
    trace = found.trace
    assert [turn.role for turn in trace.turns] == [
        "assistant", "tool", "assistant", "tool", "tool", "assistant", "tool", "assistant",
    ]  # fmt: skip
    assert [turn.tool_call_id for turn in trace.turns if turn.role == "tool"] == ["a1", "a2", "a3", "a4"]
    assert trace.turns[1].content.endswith("1 failed") and trace.turns[6].content == "1 passed"
    assert (trace.finish_reason, trace.strategy, trace.path, trace.steps) == ("stop", "agent", "0", ())
    assert found.outcome == "verified" and found.done == [problem().id]
    assert (trace.metadata["calls"], trace.metadata["failed_calls"], trace.metadata["cut_results"]) == (4, 0, 0)
    assert trace.completion_tokens == sum(
        row.completion_tokens for row in found.tables["completions"] if row.author == "tiny"
    )
    assert set(trace.call_ids) == {row.id for row in found.tables["completions"]}


def test_the_server_gets_tools_calls_results_and_earlier_thoughts():
    bodies = Rolled(REPAIR).seen
    assert [len(body["messages"]) for body in bodies] == [1, 3, 6, 8]
    assert all(body["tools"] == json.loads(json.dumps(TOOLS)) for body in bodies)
    said, result = bodies[1]["messages"][1:]
    assert said["reasoning_content"] == "Let me see." and said["content"] == "First the tests."
    assert said["tool_calls"] == [
        {"id": "a1", "type": "function", "function": {"name": "run_tests", "arguments": "{}"}}
    ]
    assert result["role"] == "tool" and result["tool_call_id"] == "a1" and result["content"].endswith("1 failed")
    dropped = Rolled(REPAIR, thoughts="dropped").seen
    assert not any("reasoning_content" in message for body in dropped for message in body["messages"])


def test_mistakes_in_calls_are_answered_and_the_conversation_goes_on():
    script = [
        calls(("call00002", "delete_file", {})),
        calls(("call00002", "read_file", '{"path": ')),
        calls(("", "read_file", {"file": "till/change.py"})),
        calls(("y", "edit_file", MEND), ("y", "run_tests", "[]")),
        calls(("z", "run_tests", {}), finish="stop"),
        DONE,
    ]
    found = Rolled(script)
    results = [turn.content for turn in found.trace.turns if turn.role == "tool"]
    assert [text.startswith(ERROR) for text in results] == [True, True, True, False, True, False]
    assert "there is no tool 'delete_file'" in results[0] and "are no JSON object" in results[1]
    ids = [turn.tool_call_id for turn in found.trace.turns if turn.role == "tool"]
    assert len(set(ids)) == 6 and ids[:4] == ["call00002", "call00001", "call00003", "y"]
    assert found.trace.metadata["failed_calls"] == 4 and found.outcome == "verified"
    again = json.loads(found.seen[2]["messages"][3]["tool_calls"][0]["function"]["arguments"])
    assert again == {"unread_arguments": '{"path": '}


def test_a_conversation_ends_at_its_bounds():
    script = lambda body, count: calls((f"c{count}", "list_files", {"folder": "till" if count % 2 else ""}))  # noqa: E731
    bound = Rolled(script, turns=3).trace
    assert (bound.finish_reason, bound.metadata["stopped"], len(bound.turns)) == ("budget", "bound", 6)
    found = Rolled(lambda body, count: replace(script(body, count), usage={"completion_tokens": 40}), tokens=100)
    assert (found.trace.finish_reason, found.trace.metadata["stopped"], len(found.trace.turns)) == (
        "budget",
        "budget",
        6,
    )
    assert found.outcome == "refuted"


def test_a_conversation_that_repeats_itself_ends():
    found = Rolled(lambda body, count: calls((f"c{count}", "search", {"text": "total"})))
    assert (found.trace.finish_reason, found.trace.metadata["stopped"], len(found.trace.turns)) == ("loop", "bound", 8)


def test_a_reply_that_is_cut_off_ends_it():
    found = Rolled([REPAIR[0], replace(calls(("b", "edit_file", MEND)), finish="length")])
    assert found.trace.finish_reason == "length" and len(found.trace.turns) == 3 and found.outcome == "refuted"


def test_long_results_are_cut_and_counted():
    files = {**FILES, "long.txt": "".join(f"{number} {'x' * 90}\n" for number in range(150))}
    one = problem(premises=(Claim("repository", {"commits": [{"message": "Begin", "files": files}]}),))
    found = Rolled([calls(("a", "read_file", {"path": "long.txt"})), DONE], one)
    assert found.trace.metadata["cut_results"] == 1 and len(found.trace.turns[1].content) < 9_000


def test_a_call_that_fails_is_an_error_and_the_next_run_goes_on_from_there():
    failed = Rolled([*REPAIR[:2], Said(status=400, raw=b'{"error": {"message": "no"}}')])
    assert failed.trace.finish_reason == "error" and not failed.done
    again = Rolled(REPAIR[2:], known=failed.tables["completions"])
    assert len(again.seen) == 2 and again.outcome == "verified"
    assert again.trace.id != failed.trace.id
    whole = Rolled(REPAIR)
    assert again.trace.digest == whole.trace.digest


def test_runs_of_tests_are_journaled_beside_the_teachers_calls():
    rows = Rolled(REPAIR).tables["completions"]
    ran = [row for row in rows if row.author == "repository"]
    assert [row.turn.content for row in sorted(ran, key=lambda row: row.call)] == [
        "FAILED tests/test_change.py::test_change, line 5\n"
        "    assert change(5, 3) == 2\n    8 == 2 does not hold\n1 failed",
        "1 passed",
    ]


def test_a_problem_with_tools_is_not_asked_by_a_strategy_that_calls_none():
    found = Rolled([DONE], strategy=SingleConfig(kind="single"))
    [decision] = found.tables["decisions"]
    assert "it is solved with tools, and the strategy single calls none; take agent" in decision.reason
    assert not found.seen and found.done == [problem().id]


def test_a_problem_without_tools_is_asked_once():
    found = Rolled([Said("42")], problem(tools=(), premises=()))
    assert len(found.seen) == 1 and "tools" not in found.seen[0] and found.trace.turns[0].content == "42"


def test_tools_that_belong_to_no_repository_are_a_problem_that_is_not_asked():
    found = Rolled([DONE], problem(premises=()))
    [decision] = found.tables["decisions"]
    assert "no repository that they belong to" in decision.reason and not found.seen


@pytest.mark.parametrize("sample", [0, 1])
def test_the_symbolic_teacher_plays_the_same_strategy(sample):
    from tracemill.settings.failures import made

    task = made("task", "code.repository.repair")
    one, _ = draw(task, 3, 5, "agent")
    teacher = SymbolicConfig(kind="symbolic", mistakes=1.0)
    plan = RolloutPlan(teacher, AgentConfig(kind="agent", samples=2), (("code", {}), ("steps", {})), AskingConfig())
    tables = {"completions": [], "traces": [], "verdicts": []}
    for chunk in roll_here(plan, [Order(one)]):
        for table, batch in chunk.tables.items():
            tables[table] += decode(table, batch)
    [trace] = [row for row in tables["traces"] if row.sample_index == sample]
    outcomes = {row.verifier: row.outcome for row in tables["verdicts"] if row.trace_id == trace.id}
    assert trace.finish_reason == "stop" and trace.metadata["calls"] > 3
    wanted = "refuted" if trace.flaw else "verified"
    assert outcomes == {"code": wanted, "steps": wanted}
    assert all(
        trace.step_text(step) == trace.turns[step.turn].content
        for step in trace.steps
        if trace.turns[step.turn].role == "tool"
    )
