"""What expressions give in the modules of a repository, found by running them in the sandbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from tracemill.sandbox.jobs import Ended, Job, JobCall, JobRun, Limits
from tracemill.sandbox.shared import shared
from tracemill.sandbox.transfer import decode
from tracemill.software.visible_tests import caged

LIMITS = Limits(cpu_seconds=3.0, memory_bytes=512 << 20)
_PROGRAM = ".tracemill/evaluate_expression.py"


class CodeQuestion(NamedTuple):
    """`value_of` (module, expression): what it gives. `lines_of` (module, function, expression): what each line of the
    first run of the function changes. `calls_in` (module, expression): the calls of the repository's own functions.
    `caged/evaluate_expression.py` has the forms of the answers."""

    what: Literal["value_of", "lines_of", "calls_in"]
    arguments: tuple[str, ...]


class Answers(NamedTuple):
    """For each question what was found, None where its run came to no end; and how the code was held."""

    found: tuple[Any, ...]
    isolation: str


def answered(files: Mapping[str, str], questions: Sequence[CodeQuestion]) -> Answers:
    """
    Raises:
        SandboxTrouble: the sandbox failed, not the program.
    """
    return _answered(tuple(sorted(files.items())), tuple(questions))


@lru_cache(maxsize=512)
def _answered(files: tuple[tuple[str, str], ...], questions: tuple[CodeQuestion, ...]) -> Answers:
    placed = {path: text.encode() for path, text in files}
    placed[_PROGRAM] = caged("evaluate_expression.py")
    runs = tuple(JobRun(call=JobCall(one.what, one.arguments)) for one in questions)
    report = shared().run(Job(placed, ("python", _PROGRAM), runs, limits=LIMITS))
    return Answers(tuple(map(_found, report.runs)), report.isolation)


def _found(ended: Ended) -> Any:
    return None if ended.value is None else decode(ended.value)
