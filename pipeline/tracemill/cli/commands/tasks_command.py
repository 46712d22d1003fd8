"""`tracemill tasks`: lists the tasks, each with a sample."""

from __future__ import annotations

import random
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from typing import Any

from tracemill.cli.command import Command
from tracemill.cli.output import show


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "patterns", nargs="*", metavar="PATTERN", default=["*"], help="such as 'logic.*' (default: all)"
    )


def _run(arguments: Namespace) -> int:
    from tracemill.settings.plugins import load, matching
    from tracemill.sources.domains import problem_from
    from tracemill.tasks.task import Request

    for name in matching("task", arguments.patterns):
        domain = load("task", name)()
        show(f"{name} {domain.version}: {domain.summary}")
        show(f"  themes: {', '.join(domain.themes)}")
        show(f"  seeded mistakes: {', '.join(f'{m.name} ({m.kind})' for m in domain.misconceptions)}")
        request = Request(0, domain.themes[0], 0.2, (0.0, 1.0), random.Random(7))
        draft = domain.make(request)
        if draft is not None:
            problem = problem_from(draft, domain, request, 7, 0.0)
            solution = domain.solve(problem, random.Random(7))
            show("\n".join([*_sample_lines(problem.prompt, solution), ""]))
    return 0


def _sample_lines(prompt: str, solution: Any) -> Iterator[str]:
    yield from ("    " + line for line in prompt.splitlines())
    yield "    ---"
    for line in solution.lines:
        yield from ("    " + text for text in line.text.splitlines())
    yield from ("    → " + text for text in solution.closing.splitlines())


COMMAND = Command(
    "list the tasks, each with a sample",
    "tracemill tasks 'math.*'",
    _add_arguments,
    _run,
)
