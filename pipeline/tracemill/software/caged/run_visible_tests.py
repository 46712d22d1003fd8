"""Beside a repository's files: runs the test functions of the files that are asked for, and prints which fail."""

import sys

# The standard library's modules are its own, whatever the repository calls its files.
_here = sys.path.pop(0)
import ast
import json
import os
import re
import traceback
import types

sys.path.insert(0, ".tracemill")
import pytest_stand_in

del sys.path[0]
sys.path.insert(0, _here)

_SHOWN = 200
_MOST = 20
_ADDRESS = re.compile(r"\b0x[0-9a-f]{6,16}\b")
_SIGNS = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Is: "is",
    ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip


def shown(text):
    text = _ADDRESS.sub("0x…", " ".join(str(text).split()))
    return text if len(text) <= _SHOWN else text[:_SHOWN] + " …"


def written(value):
    try:
        return shown(repr(value))
    except Exception:
        return f"a {type(value).__name__}"


def tracemill_values(left, sign, right):
    return f"{written(left)} {sign} {written(right)} does not hold"


class Explained(ast.NodeTransformer):
    """Asserts of one comparison say what both sides are where they fail."""

    def visit_Assert(self, node):
        test = node.test
        if node.msg is None and isinstance(test, ast.Compare) and len(test.ops) == 1:
            left, right = "tracemill_left", "tracemill_right"
            sides = [ast.NamedExpr(ast.Name(left, ast.Store()), test.left)]
            sides.append(ast.NamedExpr(ast.Name(right, ast.Store()), test.comparators[0]))
            sign = ast.Constant(_SIGNS[type(test.ops[0])])
            told = [ast.Name(left, ast.Load()), sign, ast.Name(right, ast.Load())]
            node.msg = ast.Call(ast.Name("tracemill_values", ast.Load()), told, [])
            node.test = ast.Compare(sides[0], test.ops, [sides[1]])
        return node


def tests_in(path):
    """(name, what runs it) in the order of the file, and its lines."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    module = types.ModuleType(path.removesuffix(".py").replace("/", "."))
    module.__file__ = path
    module.tracemill_values = tracemill_values
    tree = ast.fix_missing_locations(Explained().visit(ast.parse(text, path)))
    exec(compile(tree, path, "exec", dont_inherit=True), vars(module))
    found = []
    for name, value in list(vars(module).items()):
        if isinstance(value, types.FunctionType) and name.startswith("test"):
            cases = getattr(value, "tracemill_cases", [{}])
            found += [(name, lambda value=value, case=case: value(**case)) for case in cases]
    return found, text.split("\n")


def place_of(exc, path):
    """Where in the repository something was raised: the last line of the test, and the last one of all."""
    frames = [frame for frame in traceback.extract_tb(exc.__traceback__) if ".tracemill" not in frame.filename]
    frames = [frame for frame in frames if not frame.filename.startswith("<")]
    frames = [(os.path.relpath(frame.filename), frame.lineno, frame.name) for frame in frames]
    inner = [frame for frame in frames if not frame[0].startswith("..")]
    own = [frame for frame in inner if frame[0] == path]
    return (own[-1] if own else None), (inner[-1] if inner else None)


def failure(path, name, exc, lines):
    own, last = place_of(exc, path)
    said = [f"FAILED {path}::{name}" + (f", line {own[1]}" if own else "")]
    if own and own[1] <= len(lines):
        said.append("    " + shown(lines[own[1] - 1]))
    if isinstance(exc, AssertionError) and last == own:
        said += ["    " + shown(exc)] if str(exc) else []
    else:
        where = f"{last[0]}, line {last[1]}, in {last[2]}: " if last and last != own else ""
        said.append(f"    {where}{type(exc).__name__}: {shown(exc)}")
    return "\n".join(said)


def unloaded(path, exc):
    """Why a file of tests could not be executed."""
    if isinstance(exc, SyntaxError) and exc.filename:
        where = f"{os.path.relpath(exc.filename)}, line {exc.lineno}: "
        return f"ERROR {path}\n    {where}{type(exc).__name__}: {shown(exc.msg)}"
    _, last = place_of(exc, path)
    where = f"{last[0]}, line {last[1]}: " if last else ""
    return f"ERROR {path}\n    {where}{type(exc).__name__}: {shown(exc)}"


def main():
    report = os.dup(1)
    os.dup2(2, 1)
    sys.modules["pytest"] = pytest_stand_in
    with open(".tracemill/asked.json", encoding="utf-8") as file:
        paths = json.load(file)
    failed, passed, errors = [], 0, []
    for path in paths:
        try:
            tests, lines = tests_in(path)
        except BaseException as exc:
            errors.append(unloaded(path, exc))
            continue
        for name, run in tests:
            try:
                run()
                passed += 1
            except BaseException as exc:
                failed.append(failure(path, name, exc, lines))
    said = [*errors, *failed][:_MOST]
    if len(errors) + len(failed) > _MOST:
        said.append(f"… and {len(errors) + len(failed) - _MOST} more")
    counts = [(len(errors), "files could not be run"), (len(failed), "failed"), (passed, "passed")]
    said.append(", ".join(f"{count} {what}" for count, what in counts if count) or "no tests")
    view = memoryview("\n".join(said).encode("utf-8", "backslashreplace"))
    while view:
        view = view[os.write(report, view) :]


if __name__ == "__main__":
    main()
