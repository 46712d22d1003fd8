"""The command line. Every command imports what it needs when it runs, so that `--help` is quick."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import TypeAlias

from tracemill import __version__
from tracemill.settings.errors import TracemillError, UsageError

_PHASES = ("problems", "screen", "traces", "verdicts", "audit", "selection", "dataset")


_Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def parser() -> argparse.ArgumentParser:
    root = argparse.ArgumentParser(
        prog="tracemill",
        description="Build verified reasoning datasets: every row says what was checked, and how strongly.",
        epilog="example: tracemill build quickstart",
    )
    root.add_argument("--version", action="version", version=f"tracemill {__version__}")
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_build(commands)
    _add_on_build(commands, "status", "check a build's files and say what is done", "tracemill status builds/mine")
    inspect = _add_on_build(
        commands, "inspect", "show a trace with its step ledger", "tracemill inspect builds/mine 0a1b2c3d"
    )
    inspect.add_argument("trace_id", metavar="TRACE_ID", help="a trace's id, or enough of its beginning")
    reverify = _add_on_build(
        commands, "reverify", "judge the traces again where a verifier is new", "tracemill reverify builds/mine"
    )
    _add_set(reverify)
    audit = _command(commands, "audit", "measure the verifiers' error rates", "tracemill audit --cases 100")
    audit.add_argument("--verifiers", nargs="+", metavar="NAME", default=[], help="only these (default: all)")
    audit.add_argument("--domains", nargs="+", metavar="PATTERN", default=["*"], help="only these (default: all)")
    audit.add_argument("--cases", type=positive, metavar="N", help="problems per task (default: 50, or a build's)")
    audit.add_argument("--processes", type=positive, metavar="N", help="to work in (default: one for each CPU)")
    audit.add_argument(
        "--leakage",
        action="store_true",
        help="measure instead how well a step's wording alone tells that it is wrong, and by which words",
    )
    audit.add_argument("--seed", type=int, default=0, metavar="N", help="of the cases (default: 0)")
    tasks = _command(commands, "tasks", "list the tasks, each with a sample", "tracemill tasks 'math.*'")
    tasks.add_argument("patterns", nargs="*", metavar="PATTERN", default=["*"], help="such as 'logic.*' (default: all)")
    new = _command(
        commands,
        "new",
        "write the skeleton of a task, which works at once",
        "tracemill new task physics.mechanics.collisions",
    )
    new.add_argument("thing", metavar="task", choices=("task",), help="what to write: task")
    new.add_argument("name", metavar="AREA.FIELD.NAME", help="the task's full name")
    return root


def positive(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is too few; give 1 or more")
    return count


def _command(commands: _Commands, name: str, what: str, example: str) -> argparse.ArgumentParser:
    description = f"{what[0].upper()}{what[1:]}."
    return commands.add_parser(name, help=what, description=description, epilog=f"example: {example}")


def _add_on_build(commands: _Commands, name: str, what: str, example: str) -> argparse.ArgumentParser:
    command = _command(commands, name, what, example)
    command.add_argument("dir", metavar="DIR", help="the build's folder or s3://, gs://, az:// address")
    return command


def _add_build(commands: _Commands) -> None:
    build = _command(
        commands,
        "build",
        "build a dataset, or finish one that was interrupted",
        "tracemill build quickstart --set sources.0.per_task=500 --out builds/mine",
    )
    build.add_argument("config", metavar="CONFIG", help="a YAML file, or a shipped config's name such as quickstart")
    build.add_argument("--out", metavar="DIR", help="a folder, or s3://, gs://, az://… (default: builds/<config name>)")
    build.add_argument("--until", metavar="PHASE", choices=_PHASES, help=f"stop after one of: {', '.join(_PHASES)}")
    build.add_argument("--dry-run", action="store_true", help="say what would be done, and write nothing")
    build.add_argument("--repair", action="store_true", help="ask and judge again what was damaged, at its full cost")
    _add_set(build)


def _add_set(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--set", action="append", default=[], metavar="K=V", dest="overrides", help="override a key of the config"
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command. Returns 0 (done), 1 (the run failed) or 2 (the command or config was wrong)."""
    arguments = parser().parse_args(argv)
    from tracemill.cli import commands

    try:
        return int(getattr(commands, arguments.command)(arguments))
    except UsageError as exc:
        print(f"tracemill: {exc}", file=sys.stderr)
        return 2
    except TracemillError as exc:
        print(f"tracemill: {exc}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read the output has seen enough; without this Python complains again when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("tracemill: interrupted; the same command goes on from here", file=sys.stderr)
        return 1


def entry() -> None:
    sys.exit(main())
