"""What a command is: a module of `cli/commands/` has one as `COMMAND`. Also arguments that several commands take."""

from __future__ import annotations

import argparse
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules

from tracemill.cli import commands

_SUFFIX = "_command"


@dataclass(frozen=True, slots=True)
class Command:
    """`what` it does, for `--help`: `check a build's files and say what is done`; `example`: a whole line.

    `add_arguments` adds its own arguments to its parser. `run` gets them parsed and returns the exit status: 0 done, 1
    the run failed; a wrong command or config raises UsageError. Results go to standard output, progress and errors to
    standard error. The module imports what it needs within `run`, so that `--help` is quick.
    """

    what: str
    example: str
    add_arguments: Callable[[ArgumentParser], None]
    run: Callable[[Namespace], int]


def all_commands() -> dict[str, Command]:
    """Every command by its name, sorted: the modules of `cli/commands/` whose names end in `_command`."""
    modules = sorted(module.name for module in iter_modules(commands.__path__) if module.name.endswith(_SUFFIX))
    return {
        name.removesuffix(_SUFFIX).replace("_", "-"): import_module(f"{commands.__name__}.{name}").COMMAND
        for name in modules
    }


def add_dir(parser: ArgumentParser) -> None:
    parser.add_argument("dir", metavar="DIR", help="the build's folder or s3://, gs://, az:// address")


def add_config(parser: ArgumentParser) -> None:
    """A config, and what is changed in it."""
    parser.add_argument("config", metavar="CONFIG", help="a YAML file, or a shipped config's name such as quickstart")
    add_set(parser)


def add_out(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--out",
        metavar="DIR",
        help="a folder, or s3://, gs://, az://… (default: builds/<config name>); "
        "hf://OWNER/NAME resumes what is published there",
    )


def add_json(parser: ArgumentParser, what: str) -> None:
    parser.add_argument("--json", action="store_true", help=f"for programs, on standard output: {what}")


def add_set(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--set", action="append", default=[], metavar="K=V", dest="overrides", help="override a key of the config"
    )


def positive(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is too few; give 1 or more")
    return count
