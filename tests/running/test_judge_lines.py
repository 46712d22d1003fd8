from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from plugin_package import write_package
from tracemill.cli.command_line import main
from tracemill.records import Problem, Trace
from tracemill.running import judge_lines as module
from tracemill.running.judge_lines import AT_ONCE, JudgedLine, judge_lines
from tracemill.settings.errors import PluginError, UsageError
from tracemill.settings.plugins import installed
from tracemill.verifiers.answer.verifier import AnswerVerifier
from tracemill.verifiers.verifier import make_verifier

VERIFIERS = ", ".join(sorted(installed("verifier")))
RIGHT = {
    "id": "a",
    "kind": "numeric",
    "gold": "42",
    "prompt": "6*7?",
    "response": "<think>6*7</think>It is \\boxed{42}.",
}


def numbered(*lines: Any) -> Iterator[tuple[int, str, str]]:
    for number, line in enumerate(lines, 1):
        yield number, line if isinstance(line, str) else json.dumps(line), ""


def judged(*lines: Any, processes: int = 1, verifier: str = "answer") -> list[dict[str, Any]]:
    found: list[JudgedLine] = []
    asyncio.run(judge_lines(numbered(*lines), verifier, processes, found.append))
    return [one.as_json() for one in found]


def test_a_line_gets_the_verdict_of_its_verifier() -> None:
    claims = [
        {"text": "48/2 = 24.", "claim": {"kind": "equation", "payload": {"lhs": "48/2", "rhs": "24"}}},
        {"text": "A word between."},
        {"text": "24+1 = 26.", "claim": {"kind": "equation", "payload": {"lhs": "24+1", "rhs": "26"}}, "uses": [0]},
    ]
    right, wrong, steps = judged(
        RIGHT, RIGHT | {"id": 2, "gold": 41}, {"id": None, "verifier": "steps", "steps": claims}
    )
    assert right == {
        "id": "a",
        "verifier": "answer",
        "version": AnswerVerifier.version,
        "outcome": "verified",
        "strength": "exact",
        "reason": "the expected answer",
        "steps": [],
    }
    assert (wrong["id"], wrong["outcome"]) == (2, "refuted")
    assert (steps["verifier"], steps["outcome"]) == ("steps", "refuted")
    assert [(one["step"], one["text"], one["outcome"]) for one in steps["steps"]] == [
        (0, "48/2 = 24.", "verified"),
        (2, "24+1 = 26.", "refuted"),
    ]


UNREAD: tuple[tuple[Any, Any, str], ...] = (
    ("{not json", None, "not JSON"),
    ("[1]", None, "not an object"),
    ({"id": 1, "kind": "numeric", "gold": "1"}, 1, "no field 'response'"),
    ({"id": 1, "kind": "numeric", "response": "1"}, 1, "no field 'gold'; the line has: id, kind, response"),
    ({"id": 1, "gold": "1", "response": "1"}, 1, "no field 'kind'"),
    (RIGHT | {"gold": "many"}, "a", "not a number"),
    (RIGHT | {"gold": [42]}, "a", "the field 'gold' is not text but list"),
    (RIGHT | {"kind": "numerical"}, "a", "no answer check 'numerical'"),
    (RIGHT | {"spec": "none"}, "a", "the field 'spec' is not an object"),
    (RIGHT | {"response": [1]}, "a", "no reply"),
    (RIGHT | {"finish_reason": "end"}, "a", "no finish_reason 'end'; there are: stop, length"),
    (RIGHT | {"kind": "structured", "spec": {"fields": {"x": ["numeric"]}}}, "a", "'numeric' or 'exact'"),
    (RIGHT | {"verifier": "anwser"}, "a", f"no verifier 'anwser'; installed: {VERIFIERS}; did you mean 'answer'"),
    (RIGHT | {"verifier": ["answer"]}, "a", "the field 'verifier' is not text"),
    ({"id": 3, "verifier": "steps", "response": "1"}, 3, "the field 'steps' is not there"),
    ({"id": 3, "verifier": "steps", "steps": [{"text": "x", "claim": "y"}]}, 3, "a claim is an object"),
    ({"id": 3, "verifier": "steps", "steps": [{"text": "x", "uses": ["0"]}]}, 3, "uses is a list of numbers"),
    ({"id": 3, "verifier": "steps", "steps": [], "premises": [1]}, 3, "a claim is an object"),
)


@pytest.mark.parametrize(("line", "id_", "said"), UNREAD)
def test_a_line_that_cannot_be_read_is_a_line_out_with_its_error(line: Any, id_: Any, said: str) -> None:
    before, bad, after = judged(RIGHT, line, RIGHT)
    assert before["outcome"] == after["outcome"] == "verified"
    assert (bad["id"], bad["line"], set(bad)) == (id_, 2, {"id", "verifier", "line", "error"})
    assert said in bad["error"]


def test_a_thought_that_never_ends_is_cut_off_also_where_the_prompt_began_it() -> None:
    open_prompt = RIGHT | {"prompt": "6*7? <think>\n", "response": "It is \\boxed{42}."}
    found = judged(RIGHT | {"response": "<think>\\boxed{42}"}, open_prompt, RIGHT | {"finish_reason": "length"})
    assert [one["reason"] for one in found] == ["cut off (length)"] * 3


def test_lines_come_out_in_their_order_from_several_processes() -> None:
    easy = [RIGHT | {"id": k, "gold": str(k), "response": f"\\boxed{{{k}}}"} for k in range(3 * AT_ONCE)]
    hard = RIGHT | {"id": -1, "kind": "symbolic", "gold": "(x+1)^{20}", "response": "\\boxed{(1+x)^{19}(x+1)}"}
    found = judged(hard, *easy[:5], hard, *easy[5:], processes=2)
    assert [one["id"] for one in found] == [-1, 0, 1, 2, 3, 4, -1, *range(5, 3 * AT_ONCE)]
    assert {one["outcome"] for one in found} == {"verified"}


def test_no_more_lines_are_read_ahead_than_are_judged_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    class Never:
        def __init__(self, named: object) -> None: ...
        def open(self) -> None: ...
        async def close(self) -> None: ...
        async def judge(self, problem: Problem, trace: Trace) -> Any:
            await asyncio.Event().wait()

    monkeypatch.setattr(module, "JudgeHere", Never)
    read = 0

    def endless() -> Iterator[tuple[int, str, str]]:
        nonlocal read
        while True:
            read += 1
            yield read, json.dumps(RIGHT), ""

    async def until_it_stands_still() -> None:
        task = asyncio.create_task(judge_lines(endless(), "answer", 1, lambda _: None))
        before = -1
        while before < read or read < 2 * AT_ONCE:
            before = read
            await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(asyncio.wait_for(until_it_stands_still(), 60))
    assert 2 * AT_ONCE <= read <= 2 * AT_ONCE + 3


def test_lines_that_cannot_be_read_any_further_end_it_after_those_before() -> None:
    def broken() -> Iterator[tuple[int, str, str]]:
        yield from numbered(RIGHT)
        raise UsageError("the rest is damaged")

    found: list[JudgedLine] = []
    with pytest.raises(UsageError, match="the rest is damaged"):
        asyncio.run(judge_lines(broken(), "answer", 1, found.append))


PLUGIN = """
from tracemill.claims.claim_checker import Ruling
from tracemill.records import Check
from tracemill.verifiers.line_fields import problem_of, text_field, trace_of_response
from tracemill.verifiers.verifier import Verifier

class Contains(Verifier):
    name, version, scope = "contains", "1", "answer"
    judge = {}
    def case(self, line):
        problem = problem_of(line, Check("contains"), text_field(line, "needle"))
        return problem, trace_of_response(line, problem)
    def rule(self, problem, trace):
        if problem.answer == "bug":
            raise TypeError("a bug")
        if problem.answer == "odd":
            raise ValueError("an odd line")
        found = problem.answer in trace.turns[-1].content
        return Ruling("verified" if found else "refuted", "looked", strength="exact")
    def canaries(self, kinds=None):
        return ()
"""


def test_a_verifier_of_another_package_reads_lines_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tracemill.settings import plugins

    write_package(tmp_path, "contains-tracemill", "contains_verifier", PLUGIN, {"verifiers/contains": "Contains"})
    monkeypatch.syspath_prepend(str(tmp_path))
    plugins.installed.cache_clear()
    try:
        lines = [{"needle": word, "response": "a hay stack"} for word in ("hay", "pin", "odd")]
        for processes in (1, 2):
            found = judged(*lines, processes=processes, verifier="contains")
            assert [one["outcome"] for one in found] == ["verified", "refuted", "error"]
            assert found[2]["reason"] == "ValueError: an odd line"
            with pytest.raises(PluginError, match=r"contains-tracemill 1\.0\) raised TypeError: a bug"):
                judged({"needle": "bug", "response": "x"}, processes=processes, verifier="contains")
    finally:
        plugins.installed.cache_clear()


def test_the_command_reads_files_and_pipes_and_fails_where_nothing_was_read(tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "lines"
    path.write_text(json.dumps(RIGHT) + "\n\n{\n")
    assert main(["judge", str(path), "--processes", "1"]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[0] == "✓ a: verified (exact): the expected answer"
    assert out.splitlines()[1].startswith("! line 3: not read: not JSON")
    assert err == "2 lines: 1 not read, 1 verified\n"
    for text in ("", "{,\n", '{"id": "\\u001b[31m"}\n'):
        path.write_text(text)
        assert main(["judge", str(path), "--processes", "1"]) == 1
        assert "\x1b" not in capsys.readouterr().out
    assert main(["judge", str(tmp_path / "absent")]) == 2
    assert main(["judge", str(path), "--verifier", "anwser"]) == 2


def test_a_verdict_comes_out_while_the_next_line_is_waited_for() -> None:
    command = [sys.executable, "-m", "tracemill", "judge", "-", "--json", "--processes", "1"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        assert child.stdin and child.stdout
        for k in range(3):
            os.write(child.stdin.fileno(), (json.dumps(RIGHT | {"id": k}) + "\n").encode())
            assert json.loads(child.stdout.readline())["id"] == k
        child.stdin.close()
        assert child.stdout.read() == b""
        assert child.wait() == 0


def test_truth_values_are_no_numbers_of_steps() -> None:
    claim = {"kind": "equation", "payload": {"lhs": "1", "rhs": "1"}}
    with pytest.raises(ValueError, match="uses is a list of numbers"):
        make_verifier("steps", {}).case({"steps": [{"text": "a"}, {"text": "b", "claim": claim, "uses": [True]}]})
