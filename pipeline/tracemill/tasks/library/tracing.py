"""A real execution of a call, recorded with `sys.settrace`: which lines ran, and what the variables were.

Runs in a child process (`tracemill.sandbox.limited`). Only the called function's own frame is followed; what it calls
in turn, itself included, is a step of the statement that calls it. An execution counts only if the function runs
exactly once, but for runs within that one, and to its end, without an exception passing through its frame.

What is recorded are arrivals at statements, not the interpreter's line events, which differ between versions of Python:
a statement of several lines has an event whenever the interpreter goes on in another of them, and from 3.12 on
(PEP 709) a comprehension runs in the frame around it, with an event for each of its items. No statement follows
itself without another one in between (`calls` leaves functions out in which one could), so all events in a row on the
lines of one statement are one arrival. Only there are the variables looked at: within a comprehension they include
the comprehension's own, and Python 3.13.0 to 3.13.2 crash when `f_locals` is read (python/cpython#128396).
"""

from __future__ import annotations

import ast
import dis
import resource
import signal
import sys
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from inspect import CO_GENERATOR
from io import BytesIO, StringIO
from pathlib import Path
from types import BuiltinFunctionType, CodeType, FrameType, FunctionType, ModuleType
from typing import Any, TypeAlias

from tracemill.claims.execution.calls import Function, FunctionCall
from tracemill.claims.execution.chance import SEEDS, rewind
from tracemill.tasks.library.events import Recording, events_of, statements

MAX_EVENTS = 400
"""Arrivals at statements of the function; a count, so that every machine stops at the same place."""
MAX_CALLS = 2_000_000
"""Python calls within the execution, callees and their imports included. The harvest allows far fewer: a cache of a
package may be cold here that was warm there."""
MAX_SECONDS = 0.5
"""Of CPU time, for one made input. Of those that end, hardly any takes a hundredth of it."""
MAX_MORE = 64 * 2**20
MAX_TEXT = 160
MAX_HELD = 320
"""Of the text of what an object holds."""

_YIELDS = (dis.opmap["YIELD_VALUE"], dis.opmap["RESUME"])
"""Where a frame stands that hands out a value: at the yield itself, from Python 3.13 on at where it will go on."""
_NAMED = (FunctionType, BuiltinFunctionType, ModuleType, type)
_VIEWS: tuple[Any, ...] = (type({}.keys()), type({}.values()), type({}.items()), deque)
_STREAMS = (BytesIO, StringIO)
_PLAIN = (int, bool, float, complex, str, bytes, type(None))


Site: TypeAlias = tuple[str, str]
"""A module and the qualified name of a piece of its code: `("heapq", "merge")`."""


class UntraceableError(Exception):
    """The execution is too long, or not one run of the function from its start to its end."""


class LongError(UntraceableError):
    """It did not end within MAX_SECONDS."""


@dataclass(frozen=True, slots=True)
class Looks:
    """`look` makes the snapshot of a frame, `see` that of a value; `calls` bounds the Python calls."""

    look: Callable[[FrameType], Any]
    see: Callable[[Any], Any]
    calls: int


class _Recorder:
    """The trace function for the run of `code`, whose lines are those of `function`."""

    def __init__(self, function: Function, code: CodeType, looks: Looks) -> None:
        self.code = code
        owner = statements(function.tree)
        self.statements = {number: owner.get(line) for line, number in enumerate(function.lines, 1)}
        self._at: ast.stmt | None = None
        """The statement that runs now."""
        self.look = looks.look
        self.see = looks.see
        self.limit = looks.calls
        self.recording = Recording()
        self.calls: Counter[tuple[Site, Site]] = Counter()
        """Who called whom how often, from the first line of the function on."""
        self._frame: FrameType | None = None
        self._calls = 0

    def enter(self, frame: FrameType, event: str, arg: Any) -> Any:
        self._calls += 1
        if self._calls > self.limit:
            raise UntraceableError("too many calls")
        if self._frame is not None and frame.f_back is not None:
            self.calls[_site(frame.f_back), _site(frame)] += 1
        if frame.f_code is not self.code:
            return None
        if self._frame is None or frame is self._frame:
            self._frame = frame
            return self.step
        between = _runs_between(frame, self._frame)
        if between is None or self.code.co_flags & CO_GENERATOR:
            raise UntraceableError("the function runs more than once, and not within itself")
        return self.inner if between == 0 else None

    def inner(self, frame: FrameType, event: str, arg: Any) -> Any:
        """Of a run that the followed one calls, just what it gives back."""
        if event == "return":
            self.recording.inner.append((len(self.recording.visits) - 1, self.see(arg)))
        elif event == "exception" and not issubclass(arg[0], StopIteration):
            raise UntraceableError("an exception passes through a run within the function")
        return self.inner

    def step(self, frame: FrameType, event: str, arg: Any) -> Any:
        recording = self.recording
        if event == "line":
            before, self._at = self._at, self.statements.get(frame.f_lineno)
            if self._at is None or self._at is not before:
                if len(recording.visits) >= MAX_EVENTS:
                    raise UntraceableError("too many steps")
                recording.visits.append((frame.f_lineno, self.look(frame)))
        elif event == "return":
            if frame.f_code.co_code[frame.f_lasti] in _YIELDS:
                recording.yields.append((len(recording.visits) - 1, self.see(arg)))
            else:
                recording.end = (len(recording.visits) - 1, self.see(arg))
                recording.last = self.look(frame)
        elif event == "exception" and not issubclass(arg[0], StopIteration):
            raise UntraceableError("an exception passes through the function")
        return self.step


@contextmanager
def soon_over() -> Iterator[None]:
    """Ends what runs for MAX_SECONDS of CPU time in Python, or fills MAX_MORE bytes: a made input may keep a function
    busy for ever beneath the lines that are counted, or have it list an endless iterator, which no signal ends. Only in
    a child process, in its main thread.

    Raises:
        LongError: from wherever it is then.
    """

    def end(_number: int, _frame: object) -> None:
        raise LongError("it takes too long")

    before, (space, most) = signal.signal(signal.SIGVTALRM, end), resource.getrlimit(resource.RLIMIT_AS)
    with suppress(OSError):  # a system that does not say what is in use
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + MAX_MORE, most))
    signal.setitimer(signal.ITIMER_VIRTUAL, MAX_SECONDS)
    try:
        yield
    except MemoryError as exc:
        raise LongError("it takes too much memory") from exc
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
        resource.setrlimit(resource.RLIMIT_AS, (space, most))


def _runs_between(frame: FrameType, outer: FrameType) -> int | None:
    """How many runs of the same code lie between the two frames; None if `frame` does not run within `outer`."""
    count, at = 0, frame.f_back
    while at is not None and at is not outer:
        count += at.f_code is frame.f_code
        at = at.f_back
    return None if at is None else count


def record(call: FunctionCall, code: CodeType, looks: Looks, seed: int = SEEDS[0]) -> Recording:
    """One execution of `call`, followed in the frame that runs `code`, whose lines are those of `call.function`; chance
    begins at `seed`.

    Raises:
        UntraceableError: see there. Whatever the setup or the call raises comes through as well.
    """
    rewind(seed)
    space: dict[str, Any] = {"__name__": "example"}
    exec(compile(call.setup, "<setup>", "exec"), space)  # from the installed package, found by name
    expression = compile(call.expression, "<call>", "eval")
    recorder = _Recorder(call.function, code, looks)
    before = sys.gettrace()
    sys.settrace(recorder.enter)
    try:
        result = eval(expression, space)
    finally:
        sys.settrace(before)
    if recorder.recording.end is None:
        raise UntraceableError("the function does not run to its end")
    recorder.recording.result = result
    recorder.recording.calls = recorder.calls
    return recorder.recording


def told(call: FunctionCall, code: CodeType) -> dict[str, Any]:
    """The `events` of the execution of `code`, whose lines are those of `call.function`, and the call's `result`."""
    recording = record(call, code, Looks(local_values, shown, MAX_CALLS))
    return {"events": events_of(call.function, recording), "result": shown(recording.result)}


def _site(frame: FrameType) -> Site:
    # Not `__name__`: _pydecimal says that it is decimal.
    spec = frame.f_globals.get("__spec__")
    return spec.name if spec else "", frame.f_code.co_qualname


def local_values(frame: FrameType) -> dict[str, dict[str, str]]:
    """The snapshot of a frame that `events` reads."""
    return {name: shown(value) for name, value in frame.f_locals.items()}


def shown(value: Any) -> dict[str, str]:
    """A value as claims state it: {"value": its repr}, or {"type": the name of its class} where that says more, with
    {"holds": what it contains} where that can be said.

    A set's elements are sorted, so that the text is the same in every process. A text with an address, one longer
    than MAX_TEXT, and one that depends on the order of a set's elements are no values to state.
    """
    text = _text(value, 0)
    if text is not None and len(text) <= MAX_TEXT and "\n" not in text:
        return {"value": text}
    named = {"type": type(value).__name__}
    held = _held(value)
    return {**named, "holds": held} if held is not None and len(held) <= MAX_HELD else named


def _held(value: Any) -> str | None:
    """What an object contains, as text; see `holds` in `claims/execution/checker.py`."""
    if isinstance(value, _NAMED) and value.__name__.isidentifier():
        return str(value.__name__)
    if isinstance(value, dict) and type(value) is not dict:
        return _text(dict(value), 0)
    if isinstance(value, _VIEWS):
        return _text(list(value), 0)
    if isinstance(value, _STREAMS):
        return repr(value.getvalue()[value.tell() :])
    if type(value).__module__.startswith("networkx.classes.") and hasattr(value, "_adj"):
        return None if value.is_multigraph() else _text(_neighbours(value._adj), 0)
    return None


def _neighbours(adjacency: Any) -> dict[Any, Any]:
    edges = {node: dict(beside) for node, beside in adjacency.items()}
    bare = not any(data for beside in edges.values() for data in beside.values())
    return {node: list(beside) for node, beside in edges.items()} if bare else edges


def _text(value: Any, depth: int) -> str | None:
    kind = type(value)
    if kind in _PLAIN:
        return repr(value)
    if kind in (list, tuple, set, dict) and depth < 4 and len(value) <= MAX_TEXT:
        return _container(value, depth + 1)
    text = repr(value)
    return None if any(sign in text for sign in ("<", "set(", "dict_", "{")) else text


def _is_plain(value: Any) -> bool:
    return type(value) in _PLAIN or (type(value) is tuple and all(map(_is_plain, value)))


def _container(value: Any, depth: int) -> str | None:
    if isinstance(value, dict):
        pairs = [(_text(key, depth), _text(item, depth)) for key, item in value.items()]
        texts = [None if key is None or item is None else f"{key}: {item}" for key, item in pairs]
    else:
        texts = [_text(item, depth) for item in value]
    known = [text for text in texts if text is not None]
    if len(known) < len(texts):
        return None
    if isinstance(value, set):
        if not all(_is_plain(item) for item in value):
            return None
        return "{" + ", ".join(sorted(known)) + "}" if known else "set()"
    if isinstance(value, dict):
        return "{" + ", ".join(known) + "}"
    if isinstance(value, tuple):
        return f"({known[0]},)" if len(known) == 1 else f"({', '.join(known)})"
    return f"[{', '.join(known)}]"
