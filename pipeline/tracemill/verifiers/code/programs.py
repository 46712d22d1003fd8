"""A program as a job of the sandbox, in batches of runs, and what all modes share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol, TypeVar

from tracemill.sandbox.jobs import Ended, Job, JobRun, Limits, Report
from tracemill.verifiers.code.languages import ProgrammingLanguage, require_installed
from tracemill.verifiers.code.results import Judged, TestResult, broken, trouble_said

Test = TypeVar("Test")

_FUTURE = re.compile(r"^from __future__ import [^\n]+\n?", re.MULTILINE)
_BATCHES = (4, 28)
_COMPILED_BATCHES = (16,)
"""Where the program has to be compiled for each batch."""


class Cage(Protocol):
    """What runs jobs: `tracemill.sandbox.client.Sandbox`."""

    def run(self, job: Job) -> Report: ...

    def pair(self, first: Job, second: Job) -> tuple[Report, Report]: ...


def joined(header: str, program: str) -> str:
    """The header and then the program, whose imports from `__future__` must come first."""
    program = program.removeprefix("\ufeff")
    if not header:
        return program
    future = "".join(_FUTURE.findall(program))
    return f"{future}{header.rstrip()}\n\n{_FUTURE.sub('', program)}"


def as_bytes(text: str) -> bytes:
    """Half a character stays one, which no compiler takes."""
    return text.encode("utf-8", "surrogatepass")


def placed(beside: Mapping[str, str], language: ProgrammingLanguage, source: str) -> dict[str, bytes]:
    """The files of a job: the program, and what the check puts beside it."""
    return {**{path: as_bytes(text) for path, text in beside.items()}, language.file: as_bytes(source)}


def run_tests(
    cage: Cage,
    language: ProgrammingLanguage,
    files: Mapping[str, bytes],
    tests: Sequence[Test],
    limits: Limits,
    run_of: Callable[[Test], JobRun],
    result_of: Callable[[int, Test, Ended], TestResult],
) -> Judged:
    """The results of the tests in order, up to the batch that holds the first failure, or to the first that breaks a
    limit: a program that never ends costs one deadline. `files`: the program, see `placed`."""
    require_installed(language)
    results: list[TestResult] = []
    isolation = ""
    for batch in _batches(tests, _COMPILED_BATCHES if language.prepare else _BATCHES):
        runs = tuple(run_of(test) for test in batch)
        report = cage.run(Job(files, language.command, runs, language.prepare, limits, until_broken=True))
        isolation = report.isolation
        if report.prepared is not None and not report.prepared.fine:
            return Judged(len(tests), [_not_compiled(report.prepared)], isolation)
        for test, ended in zip(batch, report.runs, strict=False):
            results.append(result_of(len(results), test, ended))
        if any(result.reason for result in results):
            break
    return Judged(len(tests), results, isolation)


def _batches(tests: Sequence[Test], sizes: Sequence[int]) -> Iterator[Sequence[Test]]:
    start = 0
    for size in (*sizes, len(tests)):
        if batch := tests[start : start + size]:
            yield batch
        start += size


def _not_compiled(ended: Ended) -> TestResult:
    """A compiler that runs out of time or memory says as much of the program as one that finds an error."""
    said = ended.stderr.decode("utf-8", "replace").strip().splitlines()
    error = next((line for line in said if "error" in line.lower()), trouble_said(ended))
    return TestResult(0, "compile_error", got=error[:300] if broken(ended) else "")
