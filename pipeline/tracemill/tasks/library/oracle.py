"""What is true of a call to an installed function, by plain execution, and by stopping a debugger where a step speaks.

The answer is what the call really gives. For steps, the standard library's debugger (`bdb`) steps through the function
and keeps what it sees at every stop; each fact is then looked up among the stops. A debugger stops several times in a
statement of several lines, and from Python 3.12 on at each item of a comprehension: of stops in a row within one
statement only the first counts.
"""

from __future__ import annotations

import ast
import bdb
import collections.abc
import copy
import inspect
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from types import CodeType, FrameType, FunctionType
from typing import Any, ClassVar

from tracemill.claims.execution.calls import Function, FunctionCall
from tracemill.claims.execution.listed_calls import find
from tracemill.claims.execution.made_calls import made_call
from tracemill.claims.execution.properties import PROPERTIES
from tracemill.claims.execution.variants import changed
from tracemill.records import Problem, Step, premise
from tracemill.sandbox.limited import LimitedProcess

SECONDS = 30.0
MEMORY_BYTES = 4 * 2**30


class LibraryOracle:
    """Executes; a claim that cannot be looked up in the execution counts as wrong."""

    method: ClassVar[str] = "plain execution, and a debugger's stops for the steps"

    def answers(self, problem: Problem, answer: str) -> bool:
        request = {"call": _call_of(problem), "check": problem.check.kind, "spec": dict(problem.check.spec)}
        return bool(_process().call({**request, "answer": answer.strip()})["right"])

    def first_wrong(self, problem: Problem, steps: Sequence[Step]) -> int | None:
        """Each call's debugged execution is asked of the steps that rest on its premise alone."""
        wrong: list[int] = []
        by_call: dict[int, list[int]] = {}
        for index, step in enumerate(steps):
            if step.claim:
                places = [place for place in range(len(problem.premises)) if premise(place) in step.uses]
                by_call.setdefault(places[0] if len(places) == 1 else -1, []).append(index)
        wrong += by_call.pop(-1, [])
        for place, indices in by_call.items():
            claims = [steps[index].claim for index in indices]
            facts = [[dict(fact) for fact in claim.payload.get("facts", ())] for claim in claims if claim]
            call = dict(problem.premises[place].payload)
            verdicts = _process().call({"call": call, "facts": facts})["true"]
            wrong += [index for index, right in zip(indices, verdicts, strict=True) if not right]
        return min(wrong, default=None)


@cache
def _process() -> LimitedProcess:
    """One child for all oracles of this process; it ends with it."""
    return LimitedProcess(f"{__name__}:look", seconds=SECONDS, memory_bytes=MEMORY_BYTES)


def _call_of(problem: Problem) -> dict[str, Any]:
    return dict(problem.premises[0].payload)


# What follows runs in the child.


def look(request: dict[str, Any]) -> dict[str, Any]:
    """Target: {"call", "check", "spec", "answer"} → {"right": bool}; {"call", "facts": [[fact, …], …]} → {"true":
    [bool, …]}, for each list whether all of it is so."""
    call = find(request["call"])
    if "answer" in request:
        return {"right": _ANSWERS[request["check"]](call, request["spec"], request["answer"])}
    stops = _Stops(call)
    with _changed(call) as code:
        stops.play(code)
    return {"true": [bool(facts) and all(map(stops.confirms, facts)) for facts in request["facts"]]}


def _exact(call: FunctionCall, _spec: Mapping[str, Any], answer: str) -> bool:
    return _agrees(answer, _result(call, _space(call)))


def _argument(call: FunctionCall, spec: Mapping[str, Any], answer: str) -> bool:
    try:
        return _alike(spec["wanted"], repr(_with_first(call, answer)))
    except Exception:  # noqa: BLE001  no literal, or an argument that the function does not take
        return False


def _counterexamples(call: FunctionCall, spec: Mapping[str, Any], answer: str) -> bool:
    failing = [argument for argument in spec["domain"] if not _property(call, spec["key"], argument)]
    return answer == (", ".join(failing) or "holds")


def _repair(call: FunctionCall, spec: Mapping[str, Any], answer: str) -> bool:
    """Whether the changed function with that line does what the function does, on each input."""
    line, _, code = answer.removeprefix("line ").partition(": ")
    rows = find({**call.names, **_names_of(call, [spec["change"]])}).function.source.split("\n")
    rows[int(line) - 1] = " " * (len(rows[int(line) - 1]) - len(rows[int(line) - 1].lstrip())) + code
    original = call.function.object()
    try:
        mended = _defined("\n".join(rows), original)
    except SyntaxError:
        return False
    for number in spec["tests"]:
        test = made_call(call.package, call.function, number)
        assert test is not None
        space = _space(test)
        wanted = _outcome(test, space)
        with _code(original, mended):
            if _outcome(test, _space(test)) != wanted:
                return False
    return True


_ANSWERS: dict[str, Callable[[FunctionCall, Mapping[str, Any], str], bool]] = {
    "exact": _exact,
    "argument": _argument,
    "counterexamples": _counterexamples,
    "repair": _repair,
}


def _names_of(call: FunctionCall, change: list[int]) -> dict[str, Any]:
    return dict(changed(call, change).names)


def _outcome(call: FunctionCall, space: dict[str, Any]) -> str:
    try:
        return repr(_result(call, space))
    except Exception as exc:  # noqa: BLE001  a changed function may raise anything
        return type(exc).__name__


def _with_first(call: FunctionCall, argument: str) -> Any:
    """The call, with the function's first argument exchanged as it arrives."""
    space, value = _space(call), ast.literal_eval(argument)
    name = call.function.qualname
    function = space[name]
    space[name] = lambda *args, **named: function(copy.deepcopy(value), *args[1:], **named)
    return _result(call, space)


def _property(call: FunctionCall, key: str, argument: str) -> bool:
    value = _with_first(call, argument)
    return bool(eval(PROPERTIES[key].text, {"x": ast.literal_eval(argument), "result": value}))


def _of_other_argument(call: FunctionCall, fact: Mapping[str, Any]) -> bool:
    if fact["event"] == "property":
        return _property(call, fact["key"], fact["argument"]) is fact["holds"]
    return _written(_with_first(call, fact["argument"])).confirms(fact)


def _defined(source: str, original: FunctionType) -> CodeType:
    """The code of the function that a source defines, with defaults and decorators left out."""
    tree = ast.parse(source)
    definition = tree.body[0]
    assert isinstance(definition, ast.FunctionDef)
    definition.decorator_list = []
    space: dict[str, Any] = {}
    exec(compile(tree, original.__code__.co_filename, "exec"), dict(vars(inspect.getmodule(original))), space)
    code: CodeType = space[definition.name].__code__
    return code


@contextmanager
def _code(function: FunctionType, code: CodeType) -> Iterator[None]:
    kept, function.__code__ = function.__code__, code
    try:
        yield
    finally:
        function.__code__ = kept


@contextmanager
def _changed(call: FunctionCall) -> Iterator[CodeType]:
    """The code of the function as the call's changes leave it, in its place while the call is made."""
    function = call.function.object()
    code = _defined(call.function.source, function) if call.function.variant else function.__code__
    with _code(function, code):
        yield code


def _space(call: FunctionCall) -> dict[str, Any]:
    space: dict[str, Any] = {"__name__": "example"}
    exec(compile(call.setup, "<setup>", "exec"), space)
    return space


def _result(call: FunctionCall, space: dict[str, Any]) -> Any:
    return eval(compile(call.expression, "<call>", "eval"), space)


def _agrees(text: str, value: Any) -> bool:
    """Whether `text` is how `value` is written, or is the same literal."""
    if text == repr(value):
        return True
    try:
        parsed = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return False
    return bool(_shape(parsed) == _shape(value))


def _shape(value: Any) -> Any:
    """A literal with the types of all its parts; sets sorted, everything else in order."""
    name = type(value).__name__
    if isinstance(value, set | frozenset):
        return name, sorted((_shape(item) for item in value), key=repr)
    if isinstance(value, dict):
        return name, [(_shape(key), _shape(item)) for key, item in value.items()]
    if isinstance(value, list | tuple):
        return name, [_shape(item) for item in value]
    return name, repr(value)


@dataclass(frozen=True, slots=True)
class _Written:
    """A value as it was at a stop: its text, its class, and the text of what it contains."""

    text: str
    kind: str
    inside: str

    def confirms(self, fact: Mapping[str, Any]) -> bool:
        if "type" in fact:
            return bool(fact["type"] == self.kind) and ("holds" not in fact or _alike(fact["holds"], self.inside))
        return _alike(fact["value"], self.text)


def _alike(said: str, text: str) -> bool:
    """Whether two texts are the same, or literals of the same shape."""
    if said == text:
        return True
    try:
        return bool(_shape(ast.literal_eval(said)) == _shape(ast.literal_eval(text)))
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return False


def _written(value: Any) -> _Written:
    return _Written(repr(value), type(value).__name__, _inside(value))


def _inside(value: Any) -> str:
    """A callable's, class's or module's name; what is unread of a stream; a graph's edges by node; items in order."""
    if inspect.isroutine(value) or inspect.isclass(value) or inspect.ismodule(value):
        return str(getattr(value, "__name__", ""))
    if isinstance(value, io.BytesIO | io.StringIO):
        return repr(copy.copy(value).read())
    if hasattr(value, "nodes") and hasattr(value, "edges"):
        rows = {node: {beside: value.get_edge_data(node, beside) for beside in value[node]} for node in value.nodes}
        plain = all(data == {} for row in rows.values() for data in row.values())
        return repr({node: [*row] for node, row in rows.items()} if plain else rows)
    if isinstance(value, collections.abc.Mapping):
        return repr({key: value[key] for key in value})
    sequence = isinstance(value, collections.abc.MappingView | collections.deque)
    return repr(list(value)) if sequence else ""


@dataclass(slots=True)
class _Stop:
    line: int
    names: dict[str, _Written]


class _Debugger(bdb.Bdb):
    """Stops at every statement of one function, and notes what it hands out and returns."""

    def __init__(self, function: Function, code: CodeType) -> None:
        super().__init__()
        self.code = code
        self.numbers = {number: shown for shown, number in enumerate(function.lines, 1)}
        self.lines = {line: lines for lines in map(_own_lines, _statements(function.tree)) for line in lines}
        self.stops: list[_Stop] = []
        self.yields: list[_Written] = []
        self.inner: list[_Written] = []
        self.returned: _Written | None = None
        self._standing: range | None = None
        """The lines of the statement at which it stopped last."""
        self._stack: list[FrameType] = []
        """The runs of the function that are not over, each called within the one before; the first is looked at."""

    def dispatch_call(self, frame: FrameType, arg: None) -> Any:
        if frame.f_code is not self.code:
            return None
        if not self._stack or frame is self._stack[0]:
            self._stack = [frame]
            return self.trace_dispatch
        self._stack.append(frame)
        return self._dispatch_inner

    def _dispatch_inner(self, frame: FrameType, event: str, arg: Any) -> Any:
        if event == "return":
            if self._stack.index(frame) == 1:
                self.inner.append(_written(arg))
            del self._stack[self._stack.index(frame) :]
        return self._dispatch_inner

    def dispatch_line(self, frame: FrameType) -> Any:
        line = self.numbers[frame.f_lineno]
        last, self._standing = self._standing, self.lines.get(line)
        if self._standing is None or self._standing != last:
            names = {name: _written(value) for name, value in frame.f_locals.items()}
            self.stops.append(_Stop(line, names))
        return self.trace_dispatch

    def dispatch_return(self, frame: FrameType, arg: Any) -> Any:
        # A generator returns once more for each value; only its last return leaves it finished.
        if self.returned is not None:
            self.yields.append(self.returned)
        self.returned = _written(arg)
        self.stops.append(_Stop(0, {name: _written(value) for name, value in frame.f_locals.items()}))
        return self.trace_dispatch

    def dispatch_exception(self, frame: FrameType, arg: Any) -> Any:
        return self.trace_dispatch


@dataclass(slots=True)
class _Stops:
    """One debugged execution."""

    call: FunctionCall
    stops: list[_Stop] = field(default_factory=list)
    yields: list[_Written] = field(default_factory=list)
    inner: list[_Written] = field(default_factory=list)
    returned: _Written | None = None
    result: _Written | None = None

    def play(self, code: CodeType) -> None:
        space = _space(self.call)
        debugger = _Debugger(self.call.function, code)
        value = debugger.runeval(self.call.expression, space, space)
        self.result = _written(value)
        self.yields, self.inner, self.returned = debugger.yields, debugger.inner, debugger.returned
        last = len(debugger.stops) - 1
        # Between a yield and the statement after it nothing of the function runs.
        self.stops = [stop for index, stop in enumerate(debugger.stops) if stop.line or index == last]

    def confirms(self, fact: Mapping[str, Any]) -> bool:
        event = fact["event"]
        if event == "argument":
            return self._is(self.stops[0].names.get(fact["name"]), fact)
        if event in ("yield", "inner"):
            handed = self.yields if event == "yield" else self.inner
            return bool(0 < fact["visit"] <= len(handed)) and handed[fact["visit"] - 1].confirms(fact)
        if event in ("gives", "property"):
            return _of_other_argument(self.call, fact)
        if event in ("return", "result"):
            return self._is(self.returned if event == "return" else self.result, fact)
        node = _statement(self.call.function.tree, fact["line"])
        if node is None:
            return False
        return self._confirms_at(node, event, fact)

    def _confirms_at(self, node: ast.stmt, event: str, fact: Mapping[str, Any]) -> bool:
        visit = fact["visit"]
        if event == "loop" and isinstance(node, ast.For | ast.While):
            runs = self._runs(node)
            return bool(0 < visit <= len(runs) and runs[visit - 1] == fact["count"])
        arrivals = self._arrivals(node)
        if isinstance(node, ast.For):
            arrivals = [at for at in arrivals if self._goes_in(node, at)]
        if not 0 < visit <= len(arrivals):
            return False
        at = arrivals[visit - 1]
        if event == "branch":
            return isinstance(node, ast.If | ast.While) and self._goes_in(node, at) is fact["taken"]
        if event == "assign":
            return self._is(self.stops[at + 1].names.get(fact["name"]), fact)
        return bool(event == "run")

    def _is(self, found: _Written | None, fact: Mapping[str, Any]) -> bool:
        return found is not None and found.confirms(fact)

    def _arrivals(self, node: ast.stmt) -> list[int]:
        own = _own_lines(node)
        return [index for index, stop in enumerate(self.stops) if stop.line in own]

    def _goes_in(self, node: ast.If | ast.While | ast.For, at: int) -> bool:
        return self.stops[at + 1].line in _lines_of(node.body)

    def _runs(self, node: ast.For | ast.While) -> list[int]:
        """The number of rounds of each run of a loop: a run ends where a stop lies outside the loop."""
        own, inside = _own_lines(node), _lines_of(node.body)
        endless = isinstance(node, ast.While) and isinstance(node.test, ast.Constant)
        runs: list[int] = []
        within = False
        for index, stop in enumerate(self.stops):
            if stop.line not in own and stop.line not in inside:
                within = False
                continue
            if not within:
                runs.append(0)
                within = True
            if endless:
                runs[-1] += stop.line in _own_lines(node.body[0])
            elif stop.line in inside and self.stops[index - 1].line in own:
                runs[-1] += 1
        return runs


def _statements(definition: ast.FunctionDef) -> list[ast.stmt]:
    return [node for node in ast.walk(definition) if isinstance(node, ast.stmt) and node is not definition]


def _statement(definition: ast.FunctionDef, line: int) -> ast.stmt | None:
    return next((node for node in _statements(definition) if node.lineno == line), None)


def _own_lines(node: ast.stmt) -> range:
    body = getattr(node, "body", None)
    end = body[0].lineno - 1 if body else node.end_lineno or node.lineno
    if isinstance(node, ast.If | ast.While):
        end = node.test.end_lineno or end
    elif isinstance(node, ast.For):
        end = node.iter.end_lineno or end
    return range(node.lineno, end + 1)


def _lines_of(body: list[ast.stmt]) -> range:
    return range(body[0].lineno, (body[-1].end_lineno or body[-1].lineno) + 1)
