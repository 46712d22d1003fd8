"""`tracemill --print-completion bash`: a script by which the shell completes commands, options, files and folders."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from tracemill.cli.output import show

SHELLS = ("bash", "zsh", "tcsh", "fish")


class PrintCompletion(argparse.Action):
    """Prints the script of its parser, and ends the program as `--help` does."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        import shtab

        offered: dict[Any, Any] = {"CONFIG": shtab.FILE, "FILE": shtab.FILE, "DIR": shtab.DIRECTORY}
        for one in _all_of(parser):
            if one.metavar in offered:
                vars(one)["complete"] = offered[one.metavar]
        show(shtab.complete(parser, shell=str(values)))
        parser.exit()


def _all_of(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """The arguments of a parser and of its commands."""
    found = list(parser._actions)
    for one in parser._actions:
        if isinstance(one, argparse._SubParsersAction):
            found += [inner for command in one.choices.values() for inner in _all_of(command)]
    return found
