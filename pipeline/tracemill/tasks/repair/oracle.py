"""The oracle of repairs: runs tests as whole files beside the code, and follows code with the standard library's
debugger. It shares no code with tools, tests' runner, verifier or checker."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, ClassVar

from tracemill.records import Payload, Problem, Step
from tracemill.sandbox.jobs import Job, JobRun, Limits
from tracemill.sandbox.shared import shared

_LIMITS = Limits(cpu_seconds=10.0, memory_bytes=512 << 20)
_TESTS = r"""
import json, sys, types

class raises:
    def __init__(self, kind):
        self.kind = kind
    def __enter__(self):
        return self
    def __exit__(self, kind, value, trace):
        if kind is None:
            raise AssertionError("nothing was raised")
        return issubclass(kind, self.kind)

sys.modules["pytest"] = types.SimpleNamespace(raises=raises)
passed = {}
for path, text in json.load(sys.stdin).items():
    space = {"__name__": "oracle"}
    try:
        exec(text, space)
    except BaseException:
        passed[path] = False
        continue
    for name in [name for name in space if name.startswith("test_")]:
        try:
            space[name]()
            passed[path + "::" + name] = True
        except BaseException:
            passed[path + "::" + name] = False
print(json.dumps(passed))
"""
_DEBUGGER = r"""
import bdb, importlib, json, sys

asked = json.load(sys.stdin)
module = importlib.import_module(asked["module"])

class Watch(bdb.Bdb):
    frame, stops = None, []

    def user_line(self, frame):
        code = frame.f_code
        if code.co_filename == module.__file__ and code.co_name == asked.get("function"):
            self.frame = self.frame or frame
            if frame is self.frame:
                self.stops.append((frame.f_lineno, {name: repr(value) for name, value in frame.f_locals.items()}))

    def user_return(self, frame, value):
        if frame is self.frame and self.stops and "return" not in self.stops[-1][1]:
            last = {name: repr(value) for name, value in frame.f_locals.items()}
            self.stops.append((0, {**last, "return": repr(value)}))

watch = Watch()
try:
    evaluate = watch.runeval if "function" in asked else eval
    said = repr(evaluate(asked["expression"], vars(module)))
except BaseException as exc:
    said = "raises " + type(exc).__name__
if "function" in asked:
    said = ""
    for (line, before), (_, after) in zip(watch.stops, watch.stops[1:]):
        if line == asked["line"] and asked["name"] in after and after[asked["name"]] != before.get(asked["name"]):
            said = after[asked["name"]]
            break
print(json.dumps(said))
"""


class RepairOracle:
    method: ClassVar[str] = "hidden tests run as whole files, and Python's debugger"

    def answers(self, problem: Problem, answer: str) -> bool:
        """Whether the repository with that line in its place passes all hidden tests."""
        found = re.match(r"([\w/]+\.py):(\d+): ?(.*)", answer)
        files = _begun(problem)
        if found is None or found[1] not in files:
            return False
        lines = files[found[1]].split("\n")
        at = int(found[2]) - 1
        if not 0 <= at < len(lines):
            return False
        # A last line loses the blanks at its head where it is cut out of a reply; those of the old line stand for them.
        indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
        lines[at] = indent + found[3].strip()
        passed = _passed({**files, found[1]: "\n".join(lines)}, problem.check.spec["tests"])
        return bool(passed) and all(passed.values())

    def first_wrong(self, problem: Problem, steps: Sequence[Step]) -> int | None:
        files = _begun(problem)
        made: dict[int, tuple[Payload, dict[str, str]]] = {}
        for index, step in enumerate(steps):
            if step.claim is None or step.claim.kind != "repository":
                continue
            payload = step.claim.payload
            if "call" in payload:
                made[index] = (payload["call"], dict(files))
                _edit(files, payload["call"])
            elif "expression" in payload:
                if _said(files, payload) != (
                    f"raises {payload['raises']}" if "raises" in payload else payload["value"]
                ):
                    return index
            elif not _shows(payload, *made[step.uses[0]]):
                return index
        return None


def _begun(problem: Problem) -> dict[str, str]:
    files: dict[str, str] = {}
    for commit in problem.premises[0].payload["commits"]:
        files.update(commit["files"])
    return files


def _edit(files: dict[str, str], call: Payload) -> None:
    if call["name"] == "edit_file":
        given = call["arguments"]
        files[given["path"]] = files[given["path"]].replace(given["old"], given["new"], 1)


def _shows(payload: Payload, call: Payload, files: dict[str, str]) -> bool:
    """Whether a result that was really given shows these texts, as far as tasks write them."""
    passed: Mapping[str, bool] = {}
    if call["name"] == "run_tests":
        passed = _passed(files, {path: text for path, text in files.items() if path.startswith("tests/")})
    failed = sorted(name for name, fine in passed.items() if not fine)
    for text in payload["shows"]:
        if match := re.fullmatch(r"FAILED (\S+)", text):
            fine = match[1] in failed
        elif match := re.fullmatch(r"(\d+) passed", text):
            fine = len(passed) - len(failed) == int(match[1])
        elif match := re.fullmatch(r"(?:([\w/]+\.\w+):)?(\d+): (.*)", text):
            fine = files[match[1] or call["arguments"]["path"]].split("\n")[int(match[2]) - 1] == match[3]
        else:
            fine = False
        if not fine:
            return False
    return not (failed and "failed" in payload.get("lacks", ()))


def _passed(files: Mapping[str, str], tests: Mapping[str, str]) -> dict[str, bool]:
    own = {path: text for path, text in files.items() if not path.startswith("tests/")}
    return dict(_ran(_TESTS, tuple(sorted(own.items())), json.dumps(dict(tests))) or {})


def _said(files: Mapping[str, str], payload: Payload) -> str:
    return str(_ran(_DEBUGGER, tuple(sorted(files.items())), json.dumps(dict(payload))))


@lru_cache(maxsize=256)
def _ran(program: str, files: tuple[tuple[str, str], ...], stdin: str) -> Any:
    """What a program of ours prints beside these files, as JSON; None where it prints none."""
    placed = {path: text.encode() for path, text in files}
    placed["oracle_program.py"] = program.encode()
    job = Job(placed, ("python", "oracle_program.py"), (JobRun(stdin.encode()),), limits=_LIMITS)
    [ended] = shared().run(job).runs
    try:
        return json.loads(ended.stdout)
    except ValueError:
        return None
