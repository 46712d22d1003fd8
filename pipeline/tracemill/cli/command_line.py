"""The command line. Every command imports what it needs when it runs, so that `--help` is quick."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TypeAlias

from tracemill import __version__
from tracemill.cli.command import Command, all_commands
from tracemill.cli.completion import SHELLS, PrintCompletion
from tracemill.cli.exit_status import exit_status
from tracemill.cli.output import logging_to_standard_error

_Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def parser() -> argparse.ArgumentParser:
    root = argparse.ArgumentParser(
        prog="tracemill",
        description="Build verified reasoning datasets: every row says what was checked, and how strongly.",
        epilog="example: tracemill build quickstart",
    )
    root.add_argument("--version", action="version", version=f"tracemill {__version__}")
    root.add_argument(
        "--print-completion", action=PrintCompletion, choices=SHELLS, help="print a script by which the shell completes"
    )
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in all_commands().items():
        _add(commands, name, command)
    return root


def _add(commands: _Commands, name: str, command: Command) -> None:
    description = f"{command.what[0].upper()}{command.what[1:]}."
    parser = commands.add_parser(name, help=command.what, description=description, epilog=f"example: {command.example}")
    command.add_arguments(parser)
    loudness = parser.add_mutually_exclusive_group()
    loudness.add_argument("-q", "--quiet", action="store_true", help="show results and errors, no progress")
    loudness.add_argument("-v", "--verbose", action="store_true", help="show more, and tracebacks of errors")
    parser.set_defaults(run=command.run)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command. Returns 0 (done), 1 (the run failed) or 2 (the command or config was wrong)."""
    arguments = parser().parse_args(argv)
    with logging_to_standard_error(arguments.quiet, arguments.verbose):
        return exit_status(lambda: arguments.run(arguments), arguments.verbose)
