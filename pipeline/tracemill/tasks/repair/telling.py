"""How a repository is repaired: the conversation with its tools, each call really carried out.

What is said of results, values and lines is claimed (`claims/repository/`). Who tells knows the fault, and finds it as
somebody does who does not: from the report to the function that was called, on the way to a place that might be to
blame and is not, to the line, to the edit, to the tests.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, NamedTuple

from tracemill.claims.repository.checker import result_hash
from tracemill.records import Claim, Payload, Problem, ToolCall, premise
from tracemill.software.evaluating import CodeQuestion, answered
from tracemill.software.line_changes import with_repair
from tracemill.software.repository_tools import call_tool
from tracemill.software.working_copy import WorkingCopy, files_of
from tracemill.tasks.kit.words import Voice
from tracemill.tasks.task import Detail, Line

REPOSITORY = (premise(0),)
_LOCALS: dict[Detail, int] = {"terse": 1, "normal": 2, "thorough": 4}
"""Lines whose values are shown, at most."""
_ELSEWHERE: dict[Detail, float] = {"terse": 0.3, "normal": 0.6, "thorough": 0.9}
"""The chance of a look at another function first, where there is one to suspect."""
_FAILED = re.compile(r"^FAILED (\S+::\w+)", re.MULTILINE)
_PASSED = re.compile(r"(\d+) passed$")
_SHOWN_VALUE = 160


class InnerCall(NamedTuple):
    """A call of one of the repository's functions, as an expression in its module, and what it gives."""

    module: str
    function: str
    expression: str
    gives: str


class FoundInner(NamedTuple):
    """The call in which the fault shows, with what is right; and a call within it that is right, if there is one."""

    call: InnerCall
    right: str
    helper: InnerCall | None


@dataclass(frozen=True, slots=True)
class RepairEdit:
    """A piece of a file and what takes its place. `number`: its line; `old_line`, `new_line`: what is said of it."""

    path: str
    old: str
    new: str
    number: int
    old_line: str
    new_line: str


@dataclass
class Conversation:
    """What was said and called so far, on a working copy of its own."""

    problem: Problem
    voice: Voice
    detail: Detail
    rng: Random
    lines: list[Line] = field(default_factory=list)
    calls: list[tuple[int, ToolCall]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.instance: Payload = self.problem.metadata["instance"]
        self.begun = dict(files_of(self.problem) or {})
        self.copy = WorkingCopy(self.begun)

    def say(self, key: str, claim: Payload | None, uses: Sequence[int] = REPOSITORY, **slots: object) -> int:
        """Adds a line, and gives its number."""
        claimed = None if claim is None else Claim("repository", claim)
        self.lines.append(Line(self.voice(key, **slots), claimed, tuple(uses)))
        return len(self.lines) - 1

    def call(self, name: str, **arguments: object) -> int:
        """Carries out a call, and gives the number of the line that is its result."""
        call = ToolCall(f"call{len(self.calls):05d}", name, arguments)
        text = call_tool(self.copy, call)
        payload = {"call": {"name": name, "arguments": arguments}, "result": result_hash(text)}
        self.lines.append(Line(text, Claim("repository", payload), REPOSITORY))
        self.calls.append((len(self.lines) - 1, call))
        return len(self.lines) - 1

    def result(self, at: int) -> str:
        return self.lines[at].text

    def failing(self, at: int) -> list[str]:
        return _FAILED.findall(self.result(at))

    def got(self, value: str, key: str = "got") -> str:
        """A value or an exception in words: `gives `60``, `should be `60``."""
        name = value.removeprefix("raises ")
        return self.voice(key if name == value else f"{key}_raise", value=name)


def value_claim(module: str, expression: str, value: str) -> Payload:
    if value.startswith("raises "):
        return {"module": module, "expression": expression, "raises": value.removeprefix("raises ")}
    return {"module": module, "expression": expression, "value": value}


def tell(talk: Conversation, edits: Sequence[RepairEdit], believed: Believed) -> str:
    """The whole conversation with these edits, one after the other; the closing. What its author believes of the last
    one is `believed`, which may be wrong; the edits before it do not help, and are put back when the tests show it."""
    begin(talk)
    inner = look(talk)
    for edit in edits:
        at = carry_out(talk, edit, inner)
        claimed = believe(talk, at, believed)
        if talk.detail == "thorough":
            talk.say("again", None, ())
        tests = talk.call("run_tests")
        if edit is not edits[-1]:
            put_back(talk, edit, tests, claimed)
    count = believed.passed or _passed(talk.result(tests))
    talk.say("passed", {"shows": [f"{count} passed"], "lacks": ["failed"]}, (tests,), count=count)
    return closing(talk, edits[-1])


@dataclass(frozen=True, slots=True)
class Believed:
    """What somebody believes after an edit: what the reported call gives, what another one gives (module, call and
    value), and how many tests pass; None where the run is read as it is."""

    now: str
    also: tuple[str, str, str] | None = None
    passed: int | None = None


def begin(talk: Conversation) -> None:
    """The report, the tests, and where the function is that was called."""
    report = talk.instance["report"]
    claim = value_claim(report["module"], report["call"], report["got"])
    talk.say(
        "reproduce", claim, call=report["call"], got=talk.got(report["got"]), want=talk.got(report["want"], "want")
    )
    tests = talk.call("run_tests")
    failing = talk.failing(tests)
    named = failing[: 1 if talk.detail == "terse" else 2]
    shows = [f"FAILED {name}" for name in named]
    function = report["call"].partition("(")[0]
    said = " and ".join(f"`{name}`" for name in named)
    talk.say("failing", {"shows": shows}, (tests,), tests=said, function=function)
    read_function(talk, function)


def read_function(talk: Conversation, function: str) -> int:
    """Searches for a function and reads it; the number of the line with its text."""
    found = talk.call("search", text=f"def {function}(")
    [hit] = [line for line in talk.result(found).split("\n") if f"def {function}(" in line][:1]
    path, number = hit.split(":")[:2]
    talk.say("found", {"shows": [hit]}, (found,), path=path, line=number)
    first, last = span_of(talk.copy.files[path], function)
    if talk.detail == "terse":
        return talk.call("read_file", path=path, first=first, last=last)
    return talk.call("read_file", path=path)


def span_of(source: str, function: str) -> tuple[int, int]:
    """First and last line of a function."""
    nodes = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef) and node.name == function]
    return nodes[0].lineno, nodes[0].end_lineno or nodes[0].lineno


def look(talk: Conversation) -> FoundInner:
    """From the function that was called to the call in which the fault shows."""
    inner = inner_call(talk.problem)
    report, faulty = talk.instance["report"], talk.instance["function"]
    called = report["call"].partition("(")[0]
    if called != faulty and inner.call.function == called:
        talk.say("look_helper", None, (), function=called, helper=faulty)
        read_function(talk, faulty)
    elif called != faulty:
        claim = value_claim(inner.call.module, inner.call.expression, inner.call.gives)
        got, want = talk.got(inner.call.gives), talk.got(inner.right, "want")
        talk.say("suspect", claim, function=called, inner=inner.call.expression, got=got, want=want)
        read_function(talk, faulty)
    elif inner.helper is not None and talk.rng.random() < _ELSEWHERE[talk.detail]:
        helper = inner.helper
        if talk.detail != "terse":
            talk.say("look_helper", None, (), function=called, helper=helper.function)
            read_function(talk, helper.function)
        claim = value_claim(helper.module, helper.expression, helper.gives)
        words = {"function": called, "helper": helper.function, "inner": helper.expression}
        talk.say("cleared", claim, **words, got=talk.got(helper.gives))
    for fact in _facts(talk, inner.call):
        talk.say(*fact[:2], **fact[2])
    return inner


def _facts(talk: Conversation, call: InnerCall) -> list[tuple[str, Payload, dict[str, Any]]]:
    """What some lines of the faulty function compute, the faulty line among them where it gives a value."""
    question = CodeQuestion("lines_of", (call.module, call.function, call.expression))
    steps = (answered(talk.begun, [question]).found[0]) or []
    times = Counter((line, name) for line, name, _ in steps)
    found: list[tuple[str, Payload, dict[str, Any]]] = []
    for line, name, value in steps:
        # What a line does again and again has no one value.
        if times[line, name] > 1 or len(value) > _SHOWN_VALUE:
            continue
        claim = {"module": call.module, "expression": call.expression, "function": call.function}
        slots = {"call": call.expression, "line": line, "value": value}
        key = "returned" if name == "return" else "local"
        found.append((key, {**claim, "line": line, "name": name, "value": value}, {**slots, "name": name}))
    at_fault = [one for one in found if one[1]["line"] == talk.instance["number"]]
    others = [one for one in found if one not in at_fault]
    wanted = _LOCALS[talk.detail] - bool(at_fault)
    kept = [*others[len(others) - min(wanted, len(others)) :], *at_fault[:1]]
    return sorted(kept, key=found.index)


def carry_out(talk: Conversation, edit: RepairEdit, inner: FoundInner) -> int:
    """Says what is changed, and changes it; the number of the line with the edit's result."""
    reads = [at for at, call in talk.calls if call.name == "read_file" and call.arguments["path"] == edit.path]
    shown = [at for at in reads if f"{edit.number}: {edit.old_line}" in talk.result(at).split("\n")]
    if not shown:
        shown = [talk.call("read_file", path=edit.path)]
    claim = {"shows": [f"{edit.number}: {edit.old_line}"]}
    words = {"line": edit.number, "right": edit.new_line.strip()}
    if edit.new.count("\n") > edit.old.count("\n"):
        talk.say("guard", claim, (shown[-1],), **words, function=inner.call.function)
    else:
        talk.say("cause", claim, (shown[-1],), **words, code=edit.old_line.strip())
    return talk.call("edit_file", path=edit.path, old=edit.old, new=edit.new)


def believe(talk: Conversation, at: int, believed: Believed) -> int:
    """What its author says of the edit at line `at`; the number of the first of these lines."""
    report = talk.instance["report"]
    uses = (*REPOSITORY, at)
    claim = value_claim(report["module"], report["call"], believed.now)
    first = talk.say("now", claim, uses, call=report["call"], got=talk.got(believed.now))
    if believed.also is not None:
        module, call, value = believed.also
        talk.say("also", value_claim(module, call, value), uses, call=call, got=talk.got(value))
    return first


def put_back(talk: Conversation, edit: RepairEdit, tests: int, claimed: int) -> None:
    """After a run that shows that an edit did not help."""
    named = talk.failing(tests)[:1]
    talk.say("still", {"shows": [f"FAILED {name}" for name in named]}, (tests,), tests=f"`{named[0]}`")
    gone = [at for at in range(claimed, len(talk.lines)) if _is_about_value(talk.lines[at])]
    report = talk.instance["report"]
    text = talk.voice("retract", call=report["call"])
    talk.lines.append(Line(text, Claim("retraction", {"steps": gone}), tuple(gone)))
    back = line_edit(talk.copy.files, edit.path, edit.number, edit.old_line)
    talk.call("edit_file", path=back.path, old=back.old, new=back.new)


def _is_about_value(line: Line) -> bool:
    return line.claim is not None and "expression" in line.claim.payload


def closing(talk: Conversation, edit: RepairEdit) -> str:
    function = function_at(talk.begun[edit.path], edit.number)
    words = {"function": function, "path": edit.path, "line": edit.number}
    said = talk.voice("closing", **words, code=edit.old_line.strip(), right=edit.new_line.strip())
    return f"{said}\n\nAnswer: {edit.path}:{edit.number}: {edit.new_line}"


def function_at(source: str, number: int) -> str:
    nodes = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    return next(node.name for node in nodes if node.lineno <= number <= (node.end_lineno or 0))


def line_edit(files: Mapping[str, str], path: str, number: int, new_line: str) -> RepairEdit:
    """The edit that puts another line in the place of one, with as many lines around it as make it unique."""
    lines = files[path].split("\n")
    first, last = number, number
    while files[path].count("\n".join(lines[first - 1 : last])) > 1:
        first, last = max(1, first - 1), min(len(lines), last + (first == 1))
    old = "\n".join(lines[first - 1 : last])
    new = "\n".join([*lines[first - 1 : number - 1], new_line, *lines[number:last]])
    return RepairEdit(path, old, new, number, lines[number - 1], new_line)


def _passed(report: str) -> int:
    found = _PASSED.search(report)
    return int(found[1]) if found else 0


def right_edit(problem: Problem) -> RepairEdit:
    instance = problem.metadata["instance"]
    return line_edit(files_of(problem) or {}, instance["path"], instance["number"], instance["right"])


def inner_call(problem: Problem) -> FoundInner:
    """The first call of the faulty function that gives something else than it should, while the reported call runs; the
    reported call itself where none is seen, as where the fault is that nothing is raised."""
    instance, report = problem.metadata["instance"], problem.metadata["instance"]["report"]
    traced = _traced(problem, report["module"], report["call"])
    for one, right in traced.wrong:
        return FoundInner(_as_call(one), right, _helper(traced, one))
    own = InnerCall(instance["module"], instance["function"], report["call"], report["got"])
    return FoundInner(own, report["want"], None)


def wrong_calls(problem: Problem, module: str, call: str) -> list[tuple[list[str], str]]:
    """The arguments with which the faulty function gives something else than it should, while a call runs, and what it
    should give."""
    return [(one[2], right) for one, right in _traced(problem, module, call).wrong]


class _Traced(NamedTuple):
    """The calls of the repository's functions while one runs, see `caged/evaluate_expression.py`. `gave`: what each
    gives in the right program; `wrong`: those of the faulty function that do not, with what is right."""

    calls: Sequence[Any]
    gave: Mapping[Any, str]
    wrong: Sequence[tuple[Any, str]]


def _traced(problem: Problem, module: str, call: str) -> _Traced:
    files = dict(files_of(problem) or {})
    question, instance = CodeQuestion("calls_in", (module, call)), problem.metadata["instance"]
    calls = answered(files, [question]).found[0] or []
    right = answered(with_repair(files, problem.answer), [question]).found[0] or []
    gave = {_key(one): one[3] for one in reversed(right)}
    faulty = (instance["module"], instance["function"])
    own = [one for one in calls if (one[0], one[1]) == faulty and all(map(_is_literal, one[2]))]
    wrong = [(one, gave[_key(one)]) for one in own if gave.get(_key(one), one[3]) != one[3]]
    return _Traced(calls, gave, [(one, said) for one, said in wrong if len(one[3]) + len(said) < 2 * _SHOWN_VALUE])


def _key(call: Sequence[Any]) -> tuple[str, str, tuple[str, ...]]:
    return call[0], call[1], tuple(call[2])


def _helper(traced: _Traced, inner: Sequence[Any]) -> InnerCall | None:
    """A call within another that ended right: the last before it, one deeper."""
    before = traced.calls[: list(traced.calls).index(inner)]
    for one in reversed(before):
        if one[4] <= inner[4]:
            return None
        fits = all(map(_is_literal, one[2])) and len(one[3]) < _SHOWN_VALUE and one[1] != inner[1]
        if one[4] == inner[4] + 1 and traced.gave.get(_key(one)) == one[3] and fits:
            return _as_call(one)
    return None


def _as_call(one: Sequence[Any]) -> InnerCall:
    module, function, arguments, gives, _ = one
    return InnerCall(module, function, f"{function}({', '.join(arguments)})", gives)


def _is_literal(text: str) -> bool:
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return False
    return len(text) < _SHOWN_VALUE
