"""Mode `repository`: the files that a conversation with tools leaves, judged by tests that its author never sees.

The conversation is carried out again, from the problem's own files on. Then what lies in the place of tests is taken
out, with what an interpreter or a test runner would read on its own (`conftest.py`, `sitecustomize.py`): nothing that
the conversation wrote there counts. Hidden test files that are asserts of calls and literals become calls, whose
expected values stay outside; all others run in a cage of their own, with stand-ins for the repository's modules.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from tracemill.records import Problem, Turn
from tracemill.software.line_changes import with_repair
from tracemill.software.python_source import parsed
from tracemill.software.repository_tools import call_tool
from tracemill.software.visible_tests import is_test_file
from tracemill.software.working_copy import WorkingCopy, files_of
from tracemill.verifiers.code.modes.call import judge_call
from tracemill.verifiers.code.modes.unit import judge_unit
from tracemill.verifiers.code.programs import Cage
from tracemill.verifiers.code.results import Judged
from tracemill.verifiers.code.spec import CallSpec, RepositorySpec, UnitSpec
from tracemill.verifiers.code.unit_tests import plain_tests

_READ_UNASKED = frozenset({"conftest.py", "sitecustomize.py", "usercustomize.py"})
"""Files that an interpreter or a test runner reads without being told to."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a conversation leaves: its `files` without tests, the paths that it `edited`, those of them that were
    `ignored`, and why a result in it is not what the tool gives, or nothing."""

    files: Mapping[str, str]
    edited: Sequence[str] = ()
    ignored: Sequence[str] = ()
    untrue: str = ""


@dataclass(slots=True)
class _Conversation:
    copy: WorkingCopy
    given: dict[str, str] = field(default_factory=dict)
    untrue: str = ""

    def take(self, number: int, turn: Turn) -> None:
        for call in turn.tool_calls:
            self.given[call.id] = call_tool(self.copy, call)
        if turn.role == "tool" and self.given.pop(turn.tool_call_id or "", None) != turn.content:
            self.untrue = self.untrue or f"turn {number} is not what the tool gives"


def replayed(problem: Problem, turns: Sequence[Turn]) -> Replayed:
    """
    Raises:
        ValueError: the problem has no repository.
        SandboxTrouble: its tests could not be run, by trouble of ours.
    """
    begun = files_of(problem)
    if begun is None:
        raise ValueError("a check of mode 'repository' needs a problem with a premise of kind 'repository'")
    talk = _Conversation(WorkingCopy(begun))
    for number, turn in enumerate(turns):
        talk.take(number, turn)
    edited = sorted(path for path, text in talk.copy.files.items() if begun.get(path) != text)
    ignored = [path for path in edited if _is_ignored(path)]
    return Replayed(_without_tests(talk.copy.files), edited, ignored, talk.untrue)


def _is_ignored(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return is_test_file(path) or parts[0] == "tests" or parts[-1] in _READ_UNASKED or path.endswith(".pth")


def _without_tests(files: Mapping[str, str]) -> dict[str, str]:
    return {path: text for path, text in files.items() if not _is_ignored(path)}


def judge_repository(spec: RepositorySpec, problem: Problem, files: Mapping[str, str], cage: Cage) -> Judged:
    """What the hidden tests say of these files, test file by test file, up to the first that fails."""
    whole = Judged(0, (), "")
    modules = tuple(sorted(_modules(_without_tests(files_of(problem) or {}))))
    judges = [_judged_by(text, spec, files, modules) for _, text in sorted(spec.tests.items())]
    for one in judges:
        found = judge_call(*one, cage) if isinstance(one[0], CallSpec) else judge_unit(*one, cage)  # type: ignore[arg-type]
        results = [replace(result, index=whole.total + result.index) for result in found.results]
        whole = Judged(
            whole.total + found.total,
            [*whole.results, *results],
            found.isolation,
            {**whole.evidence, **found.evidence},
            whole.undecided or found.undecided,
        )
        if whole.failures or not found.passed:
            break
    return whole


def _judged_by(
    text: str, spec: RepositorySpec, files: Mapping[str, str], modules: tuple[str, ...]
) -> tuple[CallSpec | UnitSpec, str]:
    """A hidden test file as a check of programs, and the program: no more than the file's imports."""
    imports, rest = _parted(text, modules)
    calls = plain_tests(rest, None)
    if calls:
        first = str(calls[0].function)
        return CallSpec(mode="call", function=first, tests=calls, files=dict(files), limits=spec.limits), imports
    return UnitSpec(mode="unit", tests=(text,), files=dict(files), modules=modules, limits=spec.limits), ""


def _parted(text: str, modules: Sequence[str]) -> tuple[str, str]:
    """The lines that import from the repository, and all others."""
    tree = parsed(text)
    if tree is None:
        raise ValueError("a hidden test file of the check is no Python")
    own = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module in modules]
    others = [node for node in tree.body if node not in own]
    return "\n".join(map(ast.unparse, own)), "\n\n".join(map(ast.unparse, others))


def _modules(files: Mapping[str, str]) -> Iterator[str]:
    """The names under which the files of a repository are imported, and their packages'."""
    for path in files:
        parts = PurePosixPath(path).parts
        if path.endswith(".py"):
            names = parts[:-1] if parts[-1] == "__init__.py" else (*parts[:-1], parts[-1].removesuffix(".py"))
            yield from (".".join(names[:depth]) for depth in range(1, len(names) + 1))


def module_under_test(spec: RepositorySpec, problem: Problem) -> tuple[CallSpec, str] | None:
    """The repaired module of a problem as one program, with the hidden tests that call its own functions; None where
    there are none. The problem's answer is the repair, as `line_changes` reads it."""
    files = _without_tests(with_repair(files_of(problem) or {}, problem.answer))
    path = problem.answer.partition(":")[0]
    tree = parsed(files.get(path, ""))
    if tree is None:
        return None
    own = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    modules = tuple(sorted(_modules(files)))
    module = path.removesuffix(".py").replace("/", ".")
    calls = tuple(
        test
        for _, text in sorted(spec.tests.items())
        if f"from {module} import" in text
        for test in plain_tests(_parted(text, modules)[1], None) or ()
        if test.function in own
    )
    if not calls:
        return None
    check = CallSpec(mode="call", function=str(calls[0].function), tests=calls, files=files, limits=spec.limits)
    return check, files[path]
