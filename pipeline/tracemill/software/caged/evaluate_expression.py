"""Beside a repository's files: what an expression gives in one of its modules, and what happens on the way."""

import sys

# The standard library's modules are its own, whatever the repository calls its files.
_here = sys.path.pop(0)
import importlib
import inspect
import os

sys.path.insert(0, _here)

_SHOWN = 400
_MOST_STEPS = 400


def written(value):
    try:
        return repr(value)[:_SHOWN]
    except Exception:
        return f"a {type(value).__name__}"


def evaluated(module, expression):
    return eval(compile(expression, "<expression>", "eval", dont_inherit=True), vars(importlib.import_module(module)))


def value_of(module, expression):
    """["value", its repr], or ["raised", the exception's type]."""
    try:
        return ["value", written(evaluated(module, expression))]
    except BaseException as exc:
        return ["raised", type(exc).__name__]


def lines_of(module, function, expression):
    """What each line of the first run of a function changes: [line, name, repr after it], and last what it returns,
    under the name `return`."""
    path = importlib.import_module(module).__file__
    steps, state, last, raised, followed = [], {}, [0], [False], []

    def finish(frame):
        now = {name: written(value) for name, value in frame.f_locals.items()}
        changed = [name for name in now if now[name] != state.get(name)]
        if last[0] and len(steps) < _MOST_STEPS:
            steps.extend([last[0], name, now[name]] for name in changed)
        state.update(now)

    def follow(frame, event, argument):
        raised[0] = event == "exception" or (raised[0] and event == "return")
        if event in ("line", "return"):
            finish(frame)
            last[0] = frame.f_lineno
        if event == "return" and not raised[0]:
            steps.append([last[0], "return", written(argument)])
        return follow

    def begin(frame, event, argument):
        if not followed and frame.f_code.co_name == function and frame.f_code.co_filename == path:
            followed.append(frame)
            return follow
        return None

    sys.settrace(begin)
    try:
        evaluated(module, expression)
    except BaseException:
        pass
    finally:
        sys.settrace(None)
    return steps


def calls_in(module, expression):
    """The calls of the repository's own functions while the expression is evaluated, in the order in which they end:
    [module, function, [repr of each argument], repr of what it returns, how deep]."""
    found, depth = [], [0]
    here = os.getcwd() + os.sep

    def begin(frame, event, argument):
        code = frame.f_code
        if not code.co_filename.startswith(here) or code.co_name.startswith("<"):
            return None
        values = inspect.getargvalues(frame)
        names = [*values.args, *([values.varargs] if values.varargs else [])]
        given = [frame.f_globals.get("__name__"), code.co_name, [written(values.locals[name]) for name in names]]
        depth[0] += 1
        raised = [False]

        def local(frame, event, argument):
            raised[0] = event == "exception" or (raised[0] and event == "return")
            if event == "return":
                depth[0] -= 1
                if not raised[0] and len(found) < _MOST_STEPS:
                    found.append([*given, written(argument), depth[0]])
            return local

        return local

    sys.settrace(begin)
    try:
        evaluated(module, expression)
    except BaseException:
        pass
    finally:
        sys.settrace(None)
    return found
