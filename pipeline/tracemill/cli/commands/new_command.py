"""`tracemill new task NAME`: writes the skeleton of a task, which works at once."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from tracemill.cli.command import Command
from tracemill.cli.output import show


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("thing", metavar="task", choices=("task",), help="what to write: task")
    parser.add_argument("name", metavar="AREA.FIELD.NAME", help="the task's full name")


def _run(arguments: Namespace) -> int:
    from pathlib import Path

    from tracemill.cli.new_task import new_task

    written = new_task(arguments.name, Path.cwd())
    show("\n".join(f"wrote {path}" for path in written))
    if any(path.name == "pyproject.toml" for path in written):
        folder = written[0].parent.name
        show(f"next: pip install -e '{folder}[test]', then pytest {folder}")
    else:
        test = next(path for path in written if path.name.startswith("test_"))
        show(f"next: pip install -c constraints.txt -e '.[dev]' in the checkout, then pytest {test}")
    show(f"then: tracemill tasks {arguments.name}, and docs/add_a_task.md")
    return 0


COMMAND = Command(
    "write the skeleton of a task, which works at once",
    "tracemill new task physics.mechanics.collisions",
    _add_arguments,
    _run,
)
