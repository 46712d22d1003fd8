"""Beside the test files: puts proxies in the place of the candidate's module, runs the tests, and writes the results.

What comes from the candidate is a value of a built-in type, a proxy, or an exception; a proxy never equals a value that
is the tests' own. That two objects of the candidate equal each other, or that one is below or above another value, is
its own word, and is counted (`Link.own_words`).
"""

import ast
import builtins
import importlib.abc
import importlib.machinery
import inspect
import json
import os
import sys
import traceback
import types
import unittest

import pytest_stand_in
from remote_link import DESCRIPTOR, Link, PartnerGone

_SHOWN = 300
_OWN = "test_file"
_ALLOWED = frozenset(
    (
        *("__iter__", "__next__", "__len__", "__getitem__", "__contains__", "__eq__", "__ne__", "__lt__", "__le__"),
        *("__gt__", "__ge__", "__bool__", "__str__", "__int__", "__float__", "__add__", "__sub__", "__mul__"),
        "__hash__",
    )
)


def make_remote(link, number, name):
    return CandidateObject(link, number, name)


class CandidateObject:
    """An object of the candidate's."""

    tracemill_proxy = True

    def __init__(self, link, number, name):
        object.__setattr__(self, "_tracemill_link", link)
        object.__setattr__(self, "_tracemill_number", number)
        object.__setattr__(self, "_tracemill_type", name)

    def __call__(self, *arguments, **keywords):
        return ask(self, "call", arguments, keywords)

    def __getattr__(self, name):
        return ask(self, "get", (name,))

    def __setattr__(self, name, value):
        ask(self, "set", (name, value))

    def __delattr__(self, name):
        ask(self, "delete", (name,))

    def __eq__(self, other):
        if type(other) is not CandidateObject:
            return False
        same = ask(self, "special", ("__eq__", other)) is True
        link_of(self).own_words += same
        return same

    def __ne__(self, other):
        return not self == other

    def __hash__(self):
        return int(ask(self, "special", ("__hash__",)))

    def __bool__(self):
        return ask(self, "special", ("__bool__",)) is True

    def __instancecheck__(self, value):
        return type(value) is CandidateObject and ask(self, "isinstance", (value,)) is True

    def __enter__(self):
        return ask(self, "special", ("__enter__",))

    def __exit__(self, *_raised):
        return ask(self, "special", ("__exit__", None, None, None)) is True


def _special(name):
    def method(self, *arguments):
        return ask(self, "special", (name, *arguments))

    return method


def _ordering(name):
    def method(self, other):
        link_of(self).own_words += type(other) is not CandidateObject
        return ask(self, "special", (name, other))

    return method


for _name in (
    *("__iter__", "__next__", "__len__", "__getitem__", "__setitem__", "__delitem__", "__contains__", "__str__"),
    *("__repr__", "__int__", "__float__", "__abs__", "__neg__", "__invert__", "__add__", "__sub__", "__mul__"),
    *("__truediv__", "__floordiv__", "__mod__", "__pow__", "__and__", "__or__", "__xor__", "__matmul__"),
):
    setattr(CandidateObject, _name, _special(_name))
for _name in ("__lt__", "__le__", "__gt__", "__ge__"):
    setattr(CandidateObject, _name, _ordering(_name))


def link_of(remote):
    return object.__getattribute__(remote, "_tracemill_link")


def ask(remote, what, arguments=(), keywords=None):
    link = link_of(remote)
    reply = link.ask(
        {
            "do": what,
            "of": object.__getattribute__(remote, "_tracemill_number"),
            "arguments": [link.encode(one) for one in arguments],
            "keywords": {name: link.encode(one) for name, one in (keywords or {}).items()},
        }
    )
    if "after" in reply:
        copy_back(link, arguments, reply["after"])
    return link.decode(reply.get("value"))


def copy_back(link, arguments, after):
    """What the call made of its arguments, put into the tests' own lists, sets and dictionaries."""
    for argument, encoded in zip(arguments, after, strict=False):
        value = link.decode(encoded)
        if type(argument) is not type(value) or type(argument) not in (list, dict, set, bytearray):
            continue
        if type(argument) in (list, bytearray):
            argument[:] = value
        else:
            argument.clear()
            argument.update(value)


def serve(link, message):
    """What the candidate asks of what the tests gave it."""
    target = link.objects[message["of"]]
    arguments = [link.decode(one) for one in message.get("arguments", ())]
    keywords = {str(name): link.decode(one) for name, one in message.get("keywords", {}).items()}
    what = message["do"]
    if what == "call" and callable(target):
        return {"value": link.encode(target(*arguments, **keywords))}
    if what == "special" and arguments and arguments[0] in _ALLOWED:
        return {"value": link.encode(getattr(type(target), arguments[0])(target, *arguments[1:]))}
    if what == "get" and arguments and readable(target, arguments[0]):
        return {"value": link.encode(getattr(target, arguments[0]))}
    raise PermissionError(f"{what} is not done to what belongs to the tests")


def readable(target, name):
    """Attributes of instances of the tests' own classes, and no way from there to their code."""
    own = type(target).__module__ == _OWN and not isinstance(target, type)
    return own and type(name) is str and not name.startswith("_")


def candidate_module(link):
    module = types.ModuleType("solution")
    fill(link, module, {"do": "names"})
    return module


def fill(link, module, asked):
    """Puts stand-ins for the public names of a module of the candidate's into one of ours."""
    reply = link.ask(asked)
    for name, base in reply.get("exceptions", ()):
        kind = getattr(builtins, str(base), None)
        if isinstance(kind, type) and issubclass(kind, Exception):
            link.exceptions[str(name)] = type(str(name), (kind,), {})
    vars(module).update({name: value for name, value in link.decode(reply["value"]).items() if type(name) is str})
    vars(module).update(link.exceptions)
    vars(module)["__all__"] = [name for name in vars(module) if is_free(name)]


class CandidateModules(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Stands in for the modules of a repository that the tests may import; their names are given by who asks."""

    def __init__(self, link, names):
        self.link = link
        self.names = names

    def find_spec(self, name, path=None, target=None):
        return importlib.machinery.ModuleSpec(name, self, is_package=True) if name in self.names else None

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        fill(self.link, module, {"do": "names", "module": module.__name__})


def tests_in(namespace, candidate):
    """(name, what runs it) in the order of the file; empty where the file itself is the test."""
    if candidate is not None and isinstance(namespace.get("check"), types.FunctionType):
        yield "check", lambda: namespace["check"](candidate)
        return
    for name, value in list(namespace.items()):
        if isinstance(value, types.FunctionType) and name.startswith("test"):
            yield from cases_of(name, value)
        elif isinstance(value, type) and issubclass(value, unittest.TestCase):
            for method in unittest.TestLoader().getTestCaseNames(value):
                yield f"{name}.{method}", lambda value=value, method=method: run_case(value(method))
        elif isinstance(value, type) and name.startswith("Test") and value.__module__ == _OWN:
            for method in [one for one in dir(value) if one.startswith("test")]:
                yield from method_cases(name, value, method)


def cases_of(name, function):
    for case in getattr(function, "tracemill_cases", [{}]):
        yield name, lambda case=case: called(function, case)


def method_cases(name, owner, method):
    def run(case):
        instance = owner()
        getattr(instance, "setup_method", getattr(instance, "setUp", lambda *_: None))(*())
        called(getattr(instance, method), case)

    for case in getattr(getattr(owner, method), "tracemill_cases", [{}]):
        yield f"{name}.{method}", lambda case=case: run(case)


def called(function, case):
    try:
        inspect.signature(function, follow_wrapped=False).bind(**case)
    except TypeError as exc:
        raise pytest_stand_in.CannotTest(f"{function.__name__}: {exc}; fixtures are not supported here") from None
    return function(**case)


def run_case(case):
    """A test of unittest, whose own runner would swallow what is raised."""
    result = unittest.TestResult()
    raised = []
    result.addError = lambda _test, error: raised.append(error[1])
    result.addFailure = lambda _test, error: raised.append(error[1])
    result.addSubTest = lambda _case, _sub, error: raised.append(error[1]) if error else None
    result.addSkip = lambda _test, reason: raised.append(pytest_stand_in.CannotTest(f"skipped: {reason}"))
    case.run(result)
    if raised:
        raise raised[0]


def outcome(run):
    """ "" where it passes, else the kind of failure and what is shown of it; `unable`: it says nothing."""
    try:
        found = run()
        if inspect.iscoroutine(found):
            importlib.import_module("asyncio").run(found)
    except PartnerGone as exc:
        return ["gone", str(exc)]
    except BaseException as exc:  # noqa: BLE001  of the candidate or of the test, it did not pass
        return [kind_of(exc), place_of(exc) if kind_of(exc) == "assert" else f"{type(exc).__name__}: {exc}"]
    return ["", ""]


def kind_of(exc):
    if getattr(exc, "tracemill_partner", False):
        return "raised"
    if isinstance(exc, pytest_stand_in.CannotTest) or lacks_a_module(exc):
        return "unable"
    if isinstance(exc, AssertionError):
        return "assert"
    return "missing" if isinstance(exc, (NameError, ImportError)) else "raised"


def lacks_a_module(exc):
    """Whether an import failed that has nothing to do with the candidate."""
    return isinstance(exc, ImportError) and bool(exc.name) and exc.name.partition(".")[0] not in OF_CANDIDATE


OF_CANDIDATE = {"solution"}
"""Packages and modules that stand for the candidate's."""


def place_of(exc):
    """The line of the test that failed, and what it says."""
    lines = [frame for frame in traceback.extract_tb(exc.__traceback__) if frame.filename == _OWN]
    place = FILE_LINES[lines[-1].lineno - 1].strip() if lines and lines[-1].lineno <= len(FILE_LINES) else ""
    return f"{place} {exc}".strip()


FILE_LINES = []


def run_file(path, prelude, candidate_name, module):
    """What became of each test of a file: [name, kind of failure or nothing, what is shown of it]."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    FILE_LINES[:] = text.split("\n")
    own = types.ModuleType(_OWN)
    sys.modules[_OWN] = own
    namespace = vars(own)
    tree = ast.parse(text)
    given = names_given(tree, module)
    namespace.update(given)
    exec(compile(prelude, "prelude", "exec"), namespace)
    failed = outcome(lambda: exec(compile(text, _OWN, "exec"), namespace))
    if failed[0]:
        return [[path, *failed]]
    # By identity: a candidate that defines `test_a` as well takes no test away, and its `check` checks nothing.
    defined = {name: value for name, value in namespace.items() if value is not given.get(name, FILE_LINES)}
    candidate = vars(module).get(candidate_name) if candidate_name else None
    if isinstance(defined.get("check"), types.FunctionType) and candidate_name and candidate is None:
        return [[path, "missing", f"no function {candidate_name}"]]
    found = [[name, *outcome(run)] for name, run in tests_in(defined, candidate)]
    if not found and not asserts_at_its_top(tree):
        return [[path, "empty", "the file has no tests"]]
    return found or [[path, "", ""]]


def names_given(tree, module):
    """What a file uses without importing it, as if it stood below the candidate's program; but never a built-in name or
    a module of the standard library, which are the file's own: a candidate may have defined `sorted` or `math`."""
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    real = {name: importlib.import_module(name) for name in used & sys.stdlib_module_names - _NOT_MODULES}
    return {**{name: value for name, value in vars(module).items() if name in used and is_free(name)}, **real}


_NOT_MODULES = frozenset({"this", "antigravity", "test", "idlelib", "turtle", "code"})


def is_free(name):
    return (
        not name.startswith("__") and not hasattr(builtins, name) and name not in sys.stdlib_module_names - _NOT_MODULES
    )


def asserts_at_its_top(tree):
    """Whether anything is asserted while the file is executed."""
    inner = [node for node in tree.body if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))]
    return any(isinstance(node, (ast.Assert, ast.Raise)) for one in inner for node in ast.walk(one))


def main():
    results = os.dup(1)
    os.dup2(2, 1)
    with open("asked.json", encoding="utf-8") as file:
        asked = json.load(file)
    os.remove("asked.json")
    sys.modules["pytest"] = pytest_stand_in
    link = Link(serve, make_remote, asked["in_place"])
    sys.meta_path.insert(0, CandidateModules(link, asked["modules"]))
    OF_CANDIDATE.update(name.partition(".")[0] for name in asked["modules"])
    tests, loads = [], ["", ""]
    try:
        module = candidate_module(link)
        sys.modules["solution"] = module
    except PartnerGone as exc:
        loads = ["gone", str(exc)]
    except BaseException as exc:  # noqa: BLE001  what its program raised when it was loaded
        loads = ["raised", f"{type(exc).__name__}: {exc}"]
    else:
        for path in asked["files"]:
            tests += run_file(path, asked["prelude"], asked["function"], module)
    tests = [[name, kind, text[:_SHOWN]] for name, kind, text in tests]
    said = {"nonce": asked["nonce"], "loads": loads, "tests": tests, "own_words": link.own_words}
    view = memoryview(json.dumps(said).encode("ascii"))
    while view:
        view = view[os.write(results, view) :]
    os.close(DESCRIPTOR)


if __name__ == "__main__":
    main()
