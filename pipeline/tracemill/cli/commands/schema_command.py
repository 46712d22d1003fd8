"""`tracemill schema`: prints the JSON schema of configs or curricula, for editors."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from tracemill.cli.command import Command
from tracemill.cli.output import show_json


def _add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "of", nargs="?", choices=("config", "curriculum"), default="config", help="of which file (default: config)"
    )


def _run(arguments: Namespace) -> int:
    from tracemill.running.config_schema import config_schema, curriculum_schema

    show_json(config_schema() if arguments.of == "config" else curriculum_schema())
    return 0


COMMAND = Command(
    "print the JSON schema of configs or curricula, for editors",
    "tracemill schema > config.schema.json",
    _add_arguments,
    _run,
)
