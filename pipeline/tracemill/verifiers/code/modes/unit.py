"""Mode `unit`: test files as people write them.

Files that are asserts of calls and literals become tests of mode `call`, all in one job. All else runs beside the
candidate, in a cage of its own: what the tests expect never stands where the candidate runs. The tests have proxies in
the place of the candidate's module (`caged/`); what they found comes back from their cage, which the candidate cannot
reach.
"""

from __future__ import annotations

import ast
import json
import secrets
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from tracemill.sandbox.jobs import Ended, Job, JobRun, Limits
from tracemill.software.python_source import parsed
from tracemill.software.visible_tests import caged
from tracemill.verifiers.code.modes.call import judge_python_calls
from tracemill.verifiers.code.programs import Cage, as_bytes, joined
from tracemill.verifiers.code.results import Judged, Reason, TestResult, broken, shown, text_of, trouble_said
from tracemill.verifiers.code.spec import CallSpec, UnitSpec, limits_of
from tracemill.verifiers.code.unit_tests import plain_tests

OWN_WORD = (
    "tests pass only by the word of the candidate's own classes: what their instances equal, or are below or above"
)
_CAGED = Path(__file__).resolve().parents[1] / "caged"
_REASONS: dict[str, Reason] = {"assert": "wrong_output", "missing": "not_found", "raised": "crash", "gone": "crash"}
_SYNTAX = ("SyntaxError", "IndentationError", "TabError")


def judge_unit(spec: UnitSpec, program: str, cage: Cage) -> Judged:
    as_calls = call_spec(spec)
    if as_calls is None:
        return _beside(spec, program, cage)
    return judge_python_calls(as_calls, joined(spec.header, program), as_calls.tests, cage)


def call_spec(spec: UnitSpec) -> CallSpec | None:
    """The same tests as calls, where they are nothing else."""
    plain = [plain_tests(one, spec.function) for one in spec.tests]
    calls = tuple(test for tests in plain for test in tests or ())
    taken = _defined(spec.prelude)
    if None in plain or spec.in_place or any(test.function in taken for test in calls):
        return None
    name = spec.function or str(calls[0].function)
    return CallSpec(mode="call", function=name, tests=calls, header=spec.header, files=spec.files, limits=spec.limits)


def _defined(prelude: str) -> set[str]:
    tree = parsed(prelude)
    return {one.name for one in tree.body if isinstance(one, ast.FunctionDef | ast.ClassDef)} if tree else set()


def _beside(spec: UnitSpec, program: str, cage: Cage) -> Judged:
    nonce = secrets.token_hex(16)
    tests, candidate = _jobs(spec, program, nonce)
    ran, hosted = cage.pair(tests, candidate)
    isolation = ran.isolation
    said = _said(ran.runs[0], nonce)
    if said is None:
        return _without_results(ran.runs[0], hosted.runs[0], isolation)
    kind, text = said["loads"]
    if kind:
        return Judged(1, [_not_loaded(kind, text, hosted.runs[0])], isolation)
    if empty := [name for name, how, _ in said["tests"] if how == "empty"]:
        return Judged(1, [], isolation, undecided=f"{empty[0]} has no tests")
    able = [(index, one) for index, one in enumerate(said["tests"]) if one[1] != "unable"]
    results = [_result(index, one, hosted.runs[0]) for index, one in able]
    judged = Judged(len(said["tests"]), results, isolation)
    if unable := [text for _, how, text in said["tests"] if how == "unable"]:
        return replace(judged, undecided=f"the tests cannot be run here: {unable[0]}")
    if said["own_words"]:
        judged = replace(judged, evidence={"own_words": said["own_words"]}, undecided=OWN_WORD)
    return judged


def _jobs(spec: UnitSpec, program: str, nonce: str) -> tuple[Job, Job]:
    """The tests' job and the candidate's. Where neither goes on, the one with the lower limit of CPU time is ended, and
    that is the candidate's; tests that sleep for so long pass no reference solution."""
    files = {f"tests{index}.py": as_bytes(text) for index, text in enumerate(spec.tests)}
    asked = {
        "nonce": nonce,
        "files": list(files),
        "prelude": spec.prelude,
        "function": spec.function,
        "in_place": spec.in_place,
        "modules": list(spec.modules),
    }
    limits = limits_of(spec.limits)
    files["asked.json"] = as_bytes(json.dumps(asked))
    files |= {name: _caged(name) for name in ("remote_link.py", "test_runner.py")}
    files["pytest_stand_in.py"] = caged("pytest_stand_in.py")
    more = replace(limits, cpu_seconds=limits.cpu_seconds + _MORE_SECONDS, output_bytes=_RESULTS)
    tests = Job(files, ("python", "test_runner.py"), (JobRun(),), limits=more)
    hosted = {path: as_bytes(text) for path, text in spec.files.items()}
    hosted |= {name: _caged(name) for name in ("remote_link.py", "candidate_host.py")}
    hosted["candidate.py"] = as_bytes(joined(spec.header, program))
    arguments = ("in_place",) if spec.in_place else ()
    return tests, Job(hosted, ("python", "candidate_host.py"), (JobRun(arguments=arguments),), limits=limits)


_RESULTS = Limits().output_bytes * 4
_MORE_SECONDS = 5.0


@cache
def _caged(name: str) -> bytes:
    return (_CAGED / name).read_bytes()


def _said(ended: Ended, nonce: str) -> dict[str, Any] | None:
    """What the test runner wrote, if it came to that."""
    try:
        said = json.loads(ended.stdout)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) and said.get("nonce") == nonce else None


def _without_results(tests: Ended, candidate: Ended, isolation: str) -> Judged:
    """The tests did not come to their end: by what the candidate did, where it broke a limit; else nobody knows."""
    if reason := _limit(candidate):
        return Judged(1, [TestResult(0, reason, got=shown(trouble_said(candidate)))], isolation)
    why = broken(tests) or "output"
    said = shown(trouble_said(tests))
    return Judged(1, [], isolation, {"tests_ended": said}, f"the tests did not come to their end ({why})")


def _limit(candidate: Ended) -> Reason | None:
    reason = broken(candidate)
    return reason if reason and candidate.how != "exit" else None


def _not_loaded(kind: str, text: str, candidate: Ended) -> TestResult:
    if kind == "gone":
        return TestResult(0, _limit(candidate) or "crash", got=shown(trouble_said(candidate)))
    return TestResult(0, "compile_error" if text.startswith(_SYNTAX) else "crash", got=shown(text))


def _result(index: int, one: list[str], candidate: Ended) -> TestResult:
    name, kind, text = one
    if not kind:
        return TestResult(index)
    if kind == "gone":
        said = trouble_said(candidate)
        return TestResult(index, _limit(candidate) or "crash", shown(name), shown(said or text_of(candidate.stderr)))
    return TestResult(index, _REASONS[kind], shown(name), shown(text))
