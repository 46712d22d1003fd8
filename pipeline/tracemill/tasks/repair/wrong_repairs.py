"""Edits that repair nothing, as people make them: elsewhere, fitted to the examples, or with a failing run unread.

Each comes with what its author believes of it; what is really so is found by running, so that exactly that is wrong of
which it is said.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from random import Random
from typing import NamedTuple

from tracemill.records import Payload, Problem
from tracemill.software.evaluating import CodeQuestion, answered
from tracemill.software.line_changes import line_change
from tracemill.software.program_mutants import mutants_of
from tracemill.software.visible_tests import run_visible_tests
from tracemill.software.working_copy import WorkingCopy, files_of
from tracemill.tasks.repair.telling import Believed, RepairEdit, line_edit, span_of, wrong_calls

_TRIED = 16
_GUARDS = 6


class WrongRepair(NamedTuple):
    """`false`: what of it is the first thing that is not so: `now`, `also` or `passed`."""

    edit: RepairEdit
    believed: Believed
    false: str


def wrong_repairs(problem: Problem, misconception: str, rng: Random) -> Iterator[WrongRepair]:
    """Those of a misconception, in an order drawn by `rng`."""
    files = dict(files_of(problem) or {})
    yield from {"edited_elsewhere": _elsewhere, "fitted_to_examples": _fitted, "failure_unread": _unread}[
        misconception
    ](problem, files, rng)


def after(files: Mapping[str, str], edit: RepairEdit) -> dict[str, str]:
    copy = WorkingCopy(files)
    copy.replace(edit.path, edit.old, edit.new)
    return copy.files


def values_of(files: Mapping[str, str], calls: list[tuple[str, str]]) -> list[str]:
    """What calls (module, expression) give, as reports write it; empty where they come to no end."""
    found = answered(files, [CodeQuestion("value_of", call) for call in calls]).found
    return ["" if one is None else f"raises {one[1]}" if one[0] == "raised" else str(one[1]) for one in found]


def outcome(files: Mapping[str, str]) -> tuple[bool, int]:
    """Whether the visible tests pass, and how many there are."""
    report = run_visible_tests(files)
    last = report.rpartition("\n")[2]
    counts = [int(word) for word in last.replace(",", "").split() if word.isdigit()]
    return last.endswith(" passed") and len(counts) == 1, sum(counts)


def _line_edits(files: Mapping[str, str], path: str, lines: range, rng: Random) -> Iterator[RepairEdit]:
    """Changes of single lines within these, as mutants make them."""
    mutants = mutants_of(files[path], lines=lines)
    changes = {change for mutant in mutants if (change := line_change(files[path], mutant))}
    fitting = sorted(change for change in changes if change.number in lines and "False" not in change.line)
    for change in rng.sample(fitting, min(len(fitting), _TRIED)):
        yield line_edit(files, path, change.number, change.line)


def _elsewhere(problem: Problem, files: Mapping[str, str], rng: Random) -> Iterator[WrongRepair]:
    """Another line of the function that was called, or of the faulty one: the reported call stays wrong."""
    instance, report = problem.metadata["instance"], problem.metadata["instance"]["report"]
    _, total = outcome(files)
    called = report["call"].partition("(")[0]
    path = report["module"].replace(".", "/") + ".py"
    first, last = span_of(files[path], called)
    for edit in _line_edits(files, path, range(first + 1, last + 1), rng):
        if (edit.path, edit.number) == (instance["path"], instance["number"]):
            continue
        [now] = values_of(after(files, edit), [(report["module"], report["call"])])
        if now not in ("", report["want"]) and not outcome(after(files, edit))[0]:
            yield WrongRepair(edit, Believed(report["want"], None, total), "now")


def _fitted(problem: Problem, files: Mapping[str, str], rng: Random) -> Iterator[WrongRepair]:
    """The reported call, and what visible tests ask for, answered one by one at the head of the faulty function."""
    instance, report = problem.metadata["instance"], problem.metadata["instance"]["report"]
    guards = _guards(problem, files)
    if not guards:
        return
    path = instance["path"]
    number, indent = _first_statement(files[path], instance["function"])
    lines = files[path].split("\n")
    whole = line_edit(files, path, number, lines[number - 1])
    added = "\n".join(f"{indent}if {test}:\n{indent}    return {value}" for test, value in guards)
    new = whole.new.replace(lines[number - 1], f"{added}\n{lines[number - 1]}", 1)
    edit = RepairEdit(
        path, whole.old, new, number, lines[number - 1], f"{indent}if {guards[0][0]}: return {guards[0][1]}"
    )
    fitted = after(files, edit)
    passes, total = outcome(fitted)
    others: list[Payload] = list(instance["others"])
    calls = [(report["module"], report["call"]), *((one["module"], one["call"]) for one in others)]
    now, *also = values_of(fitted, calls)
    wrong = [one for one, came in zip(others, also, strict=True) if came not in ("", one["want"])]
    if passes and now == report["want"] and wrong:
        one = rng.choice(wrong)
        yield WrongRepair(edit, Believed(now, (one["module"], one["call"], one["want"]), total), "also")


def _guards(problem: Problem, files: Mapping[str, str]) -> list[tuple[str, str]]:
    """Tests of the faulty function's arguments, and what it must give there: for what goes wrong in it while the
    reported call runs, or a visible test that fails. Empty where there are too many."""
    instance = problem.metadata["instance"]
    tree = ast.parse(files[instance["path"]])
    function = next(one for one in tree.body if isinstance(one, ast.FunctionDef) and one.name == instance["function"])
    names = [one.arg for one in function.args.args]
    found: dict[str, str] = {}
    for case in (instance["report"], *instance["visible"]):
        wrong = wrong_calls(problem, case["module"], case["call"])
        if not wrong:
            return []
        for arguments, right in wrong:
            found[" and ".join(f"{name} == {value}" for name, value in zip(names, arguments, strict=False))] = right
    return list(found.items()) if len(found) <= _GUARDS and "" not in found else []


def _first_statement(source: str, function: str) -> tuple[int, str]:
    """The line of a function's first statement after its docstring, and its indentation."""
    node = next(one for one in ast.parse(source).body if isinstance(one, ast.FunctionDef) and one.name == function)
    start = 1 if ast.get_docstring(node) and len(node.body) > 1 else 0
    return node.body[start].lineno, " " * node.body[start].col_offset


def _unread(problem: Problem, files: Mapping[str, str], rng: Random) -> Iterator[WrongRepair]:
    """A change of the faulty function after which the reported call is right, and a visible test still fails."""
    instance, report = problem.metadata["instance"], problem.metadata["instance"]["report"]
    _, total = outcome(files)
    first, last = span_of(files[instance["path"]], instance["function"])
    for edit in _line_edits(files, instance["path"], range(first + 1, last + 1), rng):
        if edit.new_line == instance["right"]:
            continue
        [now] = values_of(after(files, edit), [(report["module"], report["call"])])
        if now == report["want"] and not outcome(after(files, edit))[0]:
            yield WrongRepair(edit, Believed(now, None, total), "passed")
