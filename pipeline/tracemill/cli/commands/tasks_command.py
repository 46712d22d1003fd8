"""`tracemill tasks`: lists the tasks, each with a sample."""

from __future__ import annotations

import random
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from typing import Any

from tracemill.cli.command import Command, add_json
from tracemill.cli.output import note, show, show_json


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "patterns", nargs="*", metavar="PATTERN", default=["*"], help="such as 'logic.*' (default: all)"
    )
    add_json(parser, "tasks with version, themes, mistakes and a sample")


def _run(arguments: Namespace) -> int:
    from tracemill.settings.failures import made, naming_plugins
    from tracemill.tasks.available import available

    found, usable = [], available(arguments.patterns)
    for name in usable.names:
        with naming_plugins():
            domain = made("task", name)
            found.append(_described(domain, _sample(domain)))
        if not arguments.json:
            show("\n".join(_lines(found.pop())))
    for line in usable.notes:
        note(line)
    if arguments.json:
        show_json(found)
    return 0


def _sample(domain: Any) -> dict[str, Any] | None:
    """An easy problem of the first theme with its solution; None where the task makes none of it (see `Task.make`)."""
    from tracemill.sources.domains import problem_from
    from tracemill.tasks.task import Request

    request = Request(0, domain.themes[0], 0.2, (0.0, 1.0), random.Random(7))
    try:
        draft = domain.make(request)
    except RuntimeError:
        return None
    if draft is None:
        return None
    problem = problem_from(draft, domain, request, 7, 0.0)
    solution = domain.solve(problem, random.Random(7))
    return {"prompt": problem.prompt, "steps": [line.text for line in solution.lines], "closing": solution.closing}


def _described(domain: Any, sample: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "name": domain.name,
        "version": domain.version,
        "summary": domain.summary,
        "themes": list(domain.themes),
        "mistakes": [{"name": one.name, "kind": one.kind} for one in domain.misconceptions],
        "sample": sample,
    }


def _lines(task: dict[str, Any]) -> Iterator[str]:
    yield f"{task['name']} {task['version']}: {task['summary']}"
    yield f"  themes: {', '.join(task['themes'])}"
    yield "  seeded mistakes: " + ", ".join(f"{one['name']} ({one['kind']})" for one in task["mistakes"])
    if (sample := task["sample"]) is not None:
        yield from ("    " + line for line in sample["prompt"].splitlines())
        yield "    ---"
        for step in sample["steps"]:
            yield from ("    " + line for line in step.splitlines())
        yield from ("    → " + line for line in sample["closing"].splitlines())
        yield ""


COMMAND = Command(
    "list the tasks, each with a sample",
    "tracemill tasks 'math.*'",
    _add_arguments,
    _run,
)
