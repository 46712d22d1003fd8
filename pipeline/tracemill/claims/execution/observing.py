"""One instrumented execution of a call, and whether facts hold in it. Runs in the sandbox, from an archive: it imports
nothing but the standard library, its neighbours here, and the package whose function is called."""

from __future__ import annotations

import ast
import builtins
import inspect
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import CodeType, FrameType
from typing import Any

from tracemill.claims.execution.calls import FunctionCall, NotFoundError
from tracemill.claims.execution.chance import rewind
from tracemill.claims.execution.holes import given
from tracemill.claims.execution.named_calls import named
from tracemill.claims.execution.properties import PROPERTIES
from tracemill.claims.execution.values import MAX_SHOWN, Seen, look, same

MAX_PROBES = 5_000

_PROBE = "__probe__"


@dataclass(slots=True)
class _Probes:
    """What the probes saw. A moment is (line, visit); states are {name: what was seen of its value}."""

    arguments: dict[str, Seen] = field(default_factory=dict)
    states: dict[tuple[int, int], dict[str, Seen]] = field(default_factory=dict)
    decisions: dict[tuple[int, int], bool] = field(default_factory=dict)
    rounds: Counter[tuple[int, int]] = field(default_factory=Counter)
    yields: list[Seen] = field(default_factory=list)
    inner: list[Seen] = field(default_factory=list)
    followed: FrameType | None = None
    """The run that facts are of: the first one of the function."""
    returns: set[tuple[int, int]] = field(default_factory=set)
    returned: Seen | None = None
    result: Seen | None = None
    visits: Counter[tuple[str, int]] = field(default_factory=Counter)
    fired: int = 0
    looking: bool = False

    def __call__(self, what: str, line: int, *values: Any) -> Any:
        if self.looking:
            # The repr of a value calls the very function: that is ours, not the execution's.
            return values[0] if what in ("test", "yield", "return") else None
        self.fired += 1
        if self.fired > MAX_PROBES:
            raise RuntimeError("the execution takes too many steps")
        frame = sys._getframe(1)
        if self.followed not in (None, frame):
            return self._within(what, frame, *values)
        self.followed = frame
        self.visits[what, line] += 1
        moment = (line, self.visits[what, line])
        self.looking = True
        try:
            return getattr(self, f"_{what}")(moment, *values)
        finally:
            self.looking = False

    def _within(self, what: str, frame: FrameType, *values: Any) -> Any:
        """Of a run within the followed one, nothing counts but what it gives, and that where it is called directly."""
        between, at = 0, frame.f_back
        while at is not None and at is not self.followed:
            between += at.f_code is frame.f_code
            at = at.f_back
        if at is None or frame.f_code.co_flags & inspect.CO_GENERATOR:
            raise RuntimeError("the function runs more than once, and not within itself")
        if what == "return" and between == 0:
            self.looking = True
            try:
                self.inner.append(look(values[0]))
            finally:
                self.looking = False
        return values[0] if what in ("test", "yield", "return") else None

    def _begin(self, moment: tuple[int, int], state: dict[str, Any]) -> None:
        self.arguments = _seen(state)

    def _done(self, moment: tuple[int, int], state: dict[str, Any]) -> None:
        self.states[moment] = _seen(state)

    def _test(self, moment: tuple[int, int], value: bool) -> bool:
        self.decisions[moment] = value
        return value

    def _loop(self, moment: tuple[int, int]) -> None:
        self.rounds[moment] = 0

    def _round(self, moment: tuple[int, int]) -> None:
        self.rounds[moment[0], self.visits["loop", moment[0]]] += 1

    def _yield(self, _moment: tuple[int, int], value: Any) -> Any:
        self.yields.append(look(value))
        return value

    def _return(self, moment: tuple[int, int], value: Any) -> Any:
        self.returns.add(moment)
        self.returned = look(value)
        return value

    def answer(self, fact: Mapping[str, Any]) -> dict[str, Any]:
        """Whether a fact holds, and what is so instead; an empty text where the moment never came."""
        event, at = fact["event"], (fact.get("line", 0), fact.get("visit", 0))
        if event == "run":
            return {"holds": at in self.states or at in self.decisions or at in self.returns, "real": ""}
        if event == "branch":
            taken = self.decisions.get(at)
            return {"holds": taken is fact["taken"], "real": "" if taken is None else str(taken).lower()}
        if event == "loop":
            count = self.rounds.get(at)
            return {"holds": count == fact["count"], "real": "" if count is None else f"{count} rounds"}
        real = self._value(event, at, fact)
        if real is None:
            return {"holds": False, "real": ""}
        return _compared(fact, real)

    def _value(self, event: str, at: tuple[int, int], fact: Mapping[str, Any]) -> Seen | None:
        if event in ("yield", "inner"):
            handed = self.yields if event == "yield" else self.inner
            return handed[at[1] - 1] if 0 < at[1] <= len(handed) else None
        if event in ("return", "result"):
            return self.returned if event == "return" else self.result
        return (self.arguments if event == "argument" else self.states.get(at, {})).get(fact["name"])


def _compared(fact: Mapping[str, Any], real: Seen) -> dict[str, Any]:
    real = {**real, "holds": real["holds"] or real["value"]}
    pairs = [(fact[key], real[key]) for key in ("value", "type", "holds") if key in fact]
    wrong = [found for said, found in pairs if not same(said, found)]
    return {"holds": not wrong, "real": (wrong or [pairs[0][1]])[0][:MAX_SHOWN]}


def _seen(state: Mapping[str, Any]) -> dict[str, Seen]:
    return {name: look(value) for name, value in state.items()}


class _Instrument(ast.NodeTransformer):
    """Puts the probes in: behind statements, around tests, returned and yielded values, at the head of each round."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.Lambda:
        return node

    def block(self, body: list[ast.stmt]) -> list[ast.stmt]:
        return [new for node in body for new in self.statement(node)]

    def statement(self, node: ast.stmt) -> list[ast.stmt]:
        line = node.lineno
        if isinstance(node, ast.If | ast.While):
            node.test = _probe("test", line, _truth(self.visit(node.test)))
            loops = isinstance(node, ast.While)
            node.body = [*([_do("round", line)] if loops else []), *self.block(node.body)]
            node.orelse = self.block(node.orelse)
            return [_do("loop", line), node] if loops else [node]
        if isinstance(node, ast.For):
            node.iter = self.visit(node.iter)
            node.body = [_do("done", line, _state()), _do("round", line), *self.block(node.body)]
            node.orelse = self.block(node.orelse)
            return [_do("loop", line), node]
        if isinstance(node, ast.Try):
            node.body, node.orelse = self.block(node.body), self.block(node.orelse)
            node.finalbody = self.block(node.finalbody)
            for handler in node.handlers:
                handler.body = self.block(handler.body)
            return [node]
        if isinstance(node, ast.Return):
            value = self.visit(node.value) if node.value else ast.Constant(None)
            node.value = _probe("return", line, value)
            return [node]
        done = _do("done", line, _state())
        new: ast.stmt = self.generic_visit(node)  # type: ignore[assignment]
        return [done, new] if isinstance(node, ast.Break | ast.Continue | ast.Raise) else [new, done]

    def visit_Yield(self, node: ast.Yield) -> ast.Yield:
        self.generic_visit(node)
        node.value = _probe("yield", 0, node.value or ast.Constant(None))
        return node


def _probe(what: str, line: int, *values: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(_PROBE, ast.Load()), [ast.Constant(what), ast.Constant(line), *values], [])


def _do(what: str, line: int, *values: ast.expr) -> ast.Expr:
    return ast.Expr(_probe(what, line, *values))


def _state() -> ast.expr:
    return ast.Call(ast.Name("locals", ast.Load()), [], [])


def _truth(test: ast.expr) -> ast.expr:
    """The truth of a test, taken once, whatever the value itself is."""
    return ast.IfExp(test, ast.Constant(True), ast.Constant(False))


def _instrumented(call: FunctionCall, original: CodeType) -> CodeType:
    definition = ast.parse(call.function.source).body[0]
    assert isinstance(definition, ast.FunctionDef)
    end = ast.Return(_probe("return", 0, ast.Constant(None)))
    definition.body = [_do("begin", 0, _state()), *_Instrument().block(definition.body), end]
    definition.decorator_list, definition.returns = [], None
    for node in ast.walk(definition.args):
        if isinstance(node, ast.arg):
            node.annotation = None
    # The function keeps its own default values: here they only mark which arguments have one.
    definition.args.defaults = [ast.Constant(None) for _ in definition.args.defaults]
    definition.args.kw_defaults = [None for _ in definition.args.kw_defaults]
    module = ast.fix_missing_locations(ast.Module([definition], []))
    compiled = compile(module, original.co_filename, "exec", dont_inherit=True)
    return next(constant for constant in compiled.co_consts if isinstance(constant, CodeType))


def observe(request: dict[str, Any]) -> dict[str, Any]:
    """{"call": names, "facts": [[fact, …], …]} → {"real": [[{"holds", "real"}, …], …]}."""
    call = named(request["call"])
    function = call.function.object()
    if function.__code__.co_freevars:
        raise NotFoundError("the function is a closure")
    original, probes = function.__code__, _Probes()
    code = _instrumented(call, original)
    space: dict[str, Any] = {"__name__": "example"}
    rewind()  # where other calls of this process left off
    exec(compile(call.setup, "<setup>", "exec"), space)
    _with_probes(probes, lambda: _evaluate(probes, call, space), function, code)
    return {"real": [[_answer(probes, call, fact) for fact in facts] for facts in request["facts"]]}


def _answer(probes: _Probes, call: FunctionCall, fact: Mapping[str, Any]) -> dict[str, Any]:
    """Whether a fact holds, and what is so instead."""
    if fact["event"] not in ("gives", "property"):
        return probes.answer(fact)
    try:
        value = given(call, fact["argument"])
        if fact["event"] == "gives":
            return _compared(fact, look(value))
        held = PROPERTIES[fact["key"]].holds(ast.literal_eval(fact["argument"]), value)
    except NotFoundError:
        raise
    except Exception as exc:  # noqa: BLE001  what a function raises on a strange argument is what it does
        return {"holds": False, "real": f"an exception, {type(exc).__name__}"}
    return {"holds": held is fact["holds"], "real": str(held).lower()}


def _evaluate(probes: _Probes, call: FunctionCall, space: dict[str, Any]) -> None:
    value = eval(compile(call.expression, "<call>", "eval"), space)
    probes.looking = True
    probes.result = look(value)


def _with_probes(probes: _Probes, run: Callable[[], None], function: Any, code: CodeType) -> None:
    """Runs with the probed code in the function's place, and puts everything back."""
    original = function.__code__
    function.__code__ = code
    setattr(builtins, _PROBE, probes)
    try:
        run()
    finally:
        function.__code__ = original
        delattr(builtins, _PROBE)
